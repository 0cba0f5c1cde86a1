"""Starts nodes for tests, and reports in the words of tests/run.

A test script makes a Report, calls its check() for each thing, and ends with done()."""
import os
import random
import signal
import socket
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
COLURE = os.environ.get("COLURE", os.path.join(ROOT, "build", "colure"))


class Report:
    def __init__(self):
        self.failed = False

    def ok(self, name):
        print(f"ok {name}", flush=True)

    def fail(self, name, why):
        self.failed = True
        print(f"not ok {name}: {' '.join(str(why).split())[:900]}", flush=True)

    def skip(self, name, why):
        print(f"skip {name}: {why}", flush=True)

    def check(self, name, condition, why=""):
        if condition:
            self.ok(name)
        else:
            self.fail(name, why or "it does not hold")
        return bool(condition)

    def run(self, name, function, *args):
        """function() returns None or raises; AssertionError text is the reason."""
        try:
            function(*args)
        except Exception as error:  # noqa: BLE001: a test reports whatever went wrong
            self.fail(name, f"{type(error).__name__}: {error}")
        else:
            self.ok(name)

    def done(self):
        sys.exit(1 if self.failed else 0)


def free_port():
    """Below the ports that the kernel gives to connections: while a node is away for a moment,
    nobody else gets its port."""
    while True:
        with socket.socket() as s:
            try:
                s.bind(("127.0.0.1", random.randrange(22000, 32000)))
                return s.getsockname()[1]
            except OSError:
                continue


def wait_for(condition, seconds=30, what="it"):
    """Until condition() is true."""
    end = time.time() + seconds
    while not condition():
        if time.time() > end:
            raise AssertionError(f"{what} did not come within {seconds} s")
        time.sleep(0.02)


class Node:
    """A running node; use it in a `with` statement."""

    def __init__(self, conf, state=None, env=None):
        self.port = free_port()
        self.url = f"http://localhost:{self.port}"
        self.tap = self.url + "/tap"
        self.log_path = tempfile.mktemp(prefix="colure-node-", suffix=".log")
        self.log = open(self.log_path, "wb")
        self.conf = conf
        self.own_state = state is None
        self.state = state or tempfile.mkdtemp(prefix="colure-state-")
        self.env = dict(os.environ, **(env or {}))
        self.start()

    def start(self):
        self.process = subprocess.Popen(
            [COLURE, "serve", "--conf", self.conf, "--port", str(self.port),
             "--state", self.state],
            stdout=self.log, stderr=self.log, stdin=subprocess.DEVNULL, env=self.env)
        deadline = time.time() + 60
        while time.time() < deadline:
            if self.process.poll() is not None:
                raise RuntimeError("the node ended at once: " + self.log_tail())
            try:
                with urllib.request.urlopen(self.tap + "/availability", timeout=5) as r:
                    if b"true" in r.read():
                        return
            except OSError:
                time.sleep(0.05)
        raise RuntimeError("the node did not get ready: " + self.log_tail())

    def log_tail(self):
        return open(self.log_path, "rb").read()[-3000:].decode(errors="replace")

    def logged(self, fits, seconds=10):
        """The first line of the log of which fits(line) is true: lines of requests come a moment
        after their answers. None: there is none."""
        deadline = time.time() + seconds
        while True:
            with open(self.log_path, errors="replace") as f:
                found = next((line for line in f if fits(line)), None)
            if found or time.time() > deadline:
                return found
            time.sleep(0.05)

    def alive(self):
        return self.process.poll() is None

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        if self.alive():
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.kill()
                raise RuntimeError("the node did not stop within 30 s of SIGINT")
        return self.process.returncode

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        try:
            code = self.stop()
            if kind is None and code not in (0, -signal.SIGKILL):  # a sanitizer's last word, for one
                raise RuntimeError(f"the node ended with status {code}: " + self.log_tail())
        finally:
            self.log.close()
            os.unlink(self.log_path)
            if self.own_state:
                shutil.rmtree(self.state, ignore_errors=True)

    # --- requests ---

    def request(self, path, data=None, method=None, headers=None, timeout=120):
        """(status, headers, body); redirects are not followed."""
        url = path if path.startswith("http") else self.url + path
        if isinstance(data, dict):
            data = urllib.parse.urlencode(data).encode()
        request = urllib.request.Request(url, data=data, method=method, headers=headers or {})
        opener = urllib.request.build_opener(_NoRedirect)
        try:
            with opener.open(request, timeout=timeout) as r:
                return r.status, r.headers, r.read()
        except urllib.error.HTTPError as error:
            return error.code, error.headers, error.read()

    def sync(self, query, **parameters):
        data = {"LANG": "ADQL", "QUERY": query, **parameters}
        return self.request("/tap/sync", data)

    def with_table(self, query, table, path="/tap/sync", **parameters):
        """Asks with an uploaded table TAP_UPLOAD.u, CSV text; the answer is CSV too."""
        fields = {"LANG": "ADQL", "QUERY": query, "RESPONSEFORMAT": "csv", "UPLOAD": "u,param:u",
                  **parameters}
        body = "".join(f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
                       for name, value in fields.items()) \
            + ('--x\r\nContent-Disposition: form-data; name="u"; filename="u.csv"\r\n'
               f"Content-Type: text/csv\r\n\r\n{table}\r\n--x--\r\n")
        return self.request(path, body.encode(), headers={
            "Content-Type": "multipart/form-data; boundary=x"})

    def csv(self, query, **parameters):
        """Rows as lists of text, without the header; raises on an error document."""
        import csv
        import io
        status, _, body = self.sync(query, RESPONSEFORMAT="csv", **parameters)
        if status != 200:
            raise AssertionError(f"status {status}: {body[:600].decode(errors='replace')}")
        return list(csv.reader(io.StringIO(body.decode())))[1:]


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args, **kwargs):
        return None


def demo_conf():
    """Path of the demo configuration, its data made if they are not there."""
    made = subprocess.run([os.path.join(ROOT, "tools", "setup", "demo-data")],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if made.returncode:
        raise RuntimeError("tools/setup/demo-data failed: " + made.stdout[-2000:])
    return os.path.join(ROOT, "conf", "demo.yaml")


def real_conf():
    """(path of the configuration of the real data, None), or (None, why not)."""
    if not os.environ.get("COLURE_DATA"):
        return None, "the real data (COLURE_DATA) are not here"
    made = subprocess.run([os.path.join(ROOT, "tools", "setup", "real")],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if made.returncode:
        raise RuntimeError("tools/setup/real failed: " + made.stdout[-2000:])
    return os.path.join(ROOT, "conf", "real.yaml"), None
