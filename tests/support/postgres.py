#!/usr/bin/env python3
"""A PostgreSQL server of the tests' own: made with initdb in a temporary folder, run as an
unprivileged user on a free port, removed at the end. As a program, it runs a command beside
one: tests/support/postgres.py COMMAND ... with COLURE_TEST_POSTGRES set to its address."""
import glob
import os
import pwd
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from node import free_port  # noqa: E402

BINARIES = sorted(glob.glob("/usr/lib/postgresql/*/bin"))
WHY_NOT = "there is no PostgreSQL server on this machine (package postgresql-15)"
SETTINGS = ["fsync=off", "max_connections=100", "shared_buffers=256MB",
            "log_min_messages=warning", "logging_collector=off", "lc_messages=C",
            "max_wal_size=4GB"]


def _without_partners(operator):
    if "smoc" not in operator[0]:
        return operator[0]
    lines = [line for line in operator[0].splitlines() if not
             re.search("COMMUTATOR|NEGATOR", line)]
    text = "\n".join(lines)
    return re.sub(r",(\s*\);)$", r"\1", text)


def is_there():
    return bool(BINARIES)


class Cluster:
    """A running server; use it in a `with` statement. User `colure` owns everything."""

    def __init__(self, settings=()):
        self._make_folder()
        self.settings = SETTINGS + list(settings)
        self.as_user = []
        if os.geteuid() == 0:  # the server refuses to run as root
            user = pwd.getpwnam("postgres" if self._has("postgres") else "nobody")
            os.chown(self.folder, user.pw_uid, user.pw_gid)
            self.as_user = ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}",
                            "--clear-groups", "--"]
        self._run("initdb", "-D", self.data, "-U", "colure", "-A", "trust", "-E", "UTF8",
                  "--locale=C.UTF-8", "--no-sync")
        self._start_somewhere()

    def _make_folder(self):
        # Sockets have short names only, so the folder has one too.
        self.folder = tempfile.mkdtemp(prefix="pg-", dir="/tmp")
        self.data = os.path.join(self.folder, "data")
        self.log = os.path.join(self.folder, "log")

    @staticmethod
    def _has(user):
        try:
            return bool(pwd.getpwnam(user))
        except KeyError:
            return False

    def _run(self, program, *args):
        done = subprocess.run(self.as_user + [os.path.join(BINARIES[-1], program), *args],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              stdin=subprocess.DEVNULL, cwd=self.folder, timeout=120)
        if done.returncode:
            raise RuntimeError(f"{program} failed: {done.stdout[-2000:]}")
        return done.stdout

    def _start_somewhere(self):
        """On a free port; another one when somebody took it in the meantime."""
        for left in (2, 1, 0):
            self.port = free_port()
            try:
                return self.start()
            except RuntimeError:
                if not left or "Address already in use" not in self.log_text():
                    raise

    def start(self):
        options = " ".join(f"-c {s}" for s in self.settings)
        self._run("pg_ctl", "start", "-w", "-D", self.data, "-l", self.log, "-o",
                  f"-p {self.port} -k {self.folder} -c listen_addresses=127.0.0.1 {options}")

    def stop(self, mode="fast"):
        self._run("pg_ctl", "stop", "-w", "-D", self.data, "-m", mode)

    def restart(self, mode="fast"):
        self.stop(mode)
        self.start()

    def url(self, database="postgres", user="colure", socket=False):
        """The address for libpq: over TCP, or over the socket in the folder."""
        if socket:
            return f"postgresql://{user}@/{database}?host={self.folder}&port={self.port}"
        return f"postgresql://{user}@127.0.0.1:{self.port}/{database}"

    def sql(self, text, database="postgres", user="colure"):
        """Runs SQL; the answer's rows as lists of texts."""
        done = subprocess.run(
            [os.path.join(BINARIES[-1], "psql"), "-X", "-q", "-A", "-t", "-F", "\x1f",
             "-v", "ON_ERROR_STOP=1", "-d", self.url(database, user)],
            input=text, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            timeout=600)
        if done.returncode:
            raise RuntimeError(done.stderr.strip()[:2000])
        return [line.split("\x1f") for line in done.stdout.splitlines() if line]

    def extension(self, name, database="postgres"):
        """CREATE EXTENSION. pg_sphere 1.2.0 is refused by PostgreSQL 15.20, for two obsolete
        operators: then its script runs without their clauses, and the entry is made by hand."""
        try:
            self.sql(f"CREATE EXTENSION IF NOT EXISTS {name}", database)
            return
        except RuntimeError as error:
            if name != "pg_sphere" or "commutator" not in str(error):
                raise
        share = subprocess.run([os.path.join(BINARIES[-1], "pg_config"), "--sharedir"],
                               stdout=subprocess.PIPE, text=True, check=True).stdout.strip() \
            if os.path.exists(os.path.join(BINARIES[-1], "pg_config")) \
            else BINARIES[-1].replace("/lib/", "/share/").removesuffix("/bin")
        control = open(os.path.join(share, "extension", "pg_sphere.control")).read()
        version = re.search(r"default_version\s*=\s*'([^']+)'", control)[1]
        script = open(os.path.join(share, "extension", f"pg_sphere--{version}.sql")).read()
        script = re.sub(r"^\\echo.*$", "", script, flags=re.M)
        script = script.replace("MODULE_PATHNAME", "$libdir/pg_sphere")
        script = re.sub(r"CREATE OPERATOR @ \(.*?\);", _without_partners, script, flags=re.S)
        self.sql("BEGIN;" + script + "INSERT INTO pg_extension SELECT max(oid::int)::oid, "
                 f"'pg_sphere', 10, 'public'::regnamespace, false, '{version}' FROM pg_proc;"
                 "COMMIT;", database)

    def log_text(self):
        with open(self.log, errors="replace") as f:
            return f.read()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        try:
            self.stop("immediate")
        except RuntimeError:
            pass  # a test may have stopped it
        shutil.rmtree(self.folder, ignore_errors=True)


class Replica(Cluster):
    """A hot standby of a cluster: it follows, and it can only be read."""

    def __init__(self, primary, settings=()):
        self._make_folder()
        self.settings = primary.settings + list(settings)
        self.as_user = primary.as_user
        owner = os.stat(primary.folder)
        os.chown(self.folder, owner.st_uid, owner.st_gid)
        self._run("pg_basebackup", "-D", self.data, "-R", "-X", "stream", "-c", "fast", "-d",
                  primary.url("postgres"))
        self._start_somewhere()


def main():
    if not is_there():
        print(WHY_NOT, file=sys.stderr)
        return 77
    with Cluster() as cluster:
        env = dict(os.environ, COLURE_TEST_POSTGRES=cluster.url())
        return subprocess.run(sys.argv[1:], env=env).returncode


if __name__ == "__main__":
    sys.exit(main())
