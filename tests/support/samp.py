"""A SAMP hub without a screen, clients that listen, and TOPCAT and Aladin under Xvfb, for tests."""
import os
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import xmlrpc.client

JSAMP = "/usr/share/java/jsamp.jar"


def missing(*programs):
    """Why hub or programs cannot be had here; None: they can."""
    if not os.path.exists(JSAMP):
        return "jsamp is not installed"
    for program in ("java",) + programs:
        if not shutil.which(program):
            return program + " is not installed"
    return None


def wait_for(condition, seconds=60):
    deadline = time.time() + seconds
    while time.time() < deadline:
        value = condition()
        if value:
            return value
        time.sleep(0.2)
    return None


class Hub:
    """A hub with its lock file in a home of its own. `web`: the Web Profile too (a fixed port, 21012)."""

    def __init__(self, web=False):
        self.home = tempfile.mkdtemp(prefix="colure-samp-")
        self.lock = os.path.join(self.home, ".samp")
        self.log = open(os.path.join(self.home, "hub.log"), "wb")
        profiles = ["-profiles", "std,web", "-web:auth", "true"] if web else ["-profiles", "std"]
        self.process = subprocess.Popen(
            ["java", "-Duser.home=" + self.home, "-cp", JSAMP, "org.astrogrid.samp.JSamp", "hub", "-mode",
             "no-gui"] + profiles, stdout=self.log, stderr=self.log, stdin=subprocess.DEVNULL)
        self.others = []
        if not wait_for(lambda: os.path.exists(self.lock) and "xmlrpc.url" in open(self.lock).read()):
            raise RuntimeError("the hub did not start: " + open(self.log.name).read()[-500:])

    def client(self, name, *mtypes):
        return Client(self, name, mtypes)

    def topcat(self):
        return self._with(Topcat(self))

    def aladin(self):
        return self._with(Aladin(self))

    def _with(self, tool):
        self.others.append(tool)
        return tool

    def kill(self):
        """As if it crashed: the lock file stays."""
        self.process.kill()
        self.process.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for other in self.others:
            other.stop()
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.kill()
        self.log.close()
        shutil.rmtree(self.home, ignore_errors=True)


class Client:
    """Listens for messages by astropy: `got` is a list of (mtype, params). `answer` is what
    calls get back."""

    def __init__(self, hub, name, mtypes):
        from astropy.samp import SAMPIntegratedClient
        os.environ["HOME"] = hub.home
        os.environ["SAMP_HUB"] = "std-lockurl:file://" + hub.lock
        self.got = []
        self.answer = {"samp.status": "samp.ok", "samp.result": {}}
        self.new = threading.Event()
        self.samp = SAMPIntegratedClient(name=name)
        self.samp.connect()
        for mtype in mtypes:
            self.samp.bind_receive_call(mtype, self._call)
            self.samp.bind_receive_notification(mtype, self._note)
        hub.others.append(self)

    def _call(self, key, sender, message_id, mtype, params, extra):
        self.got.append((mtype, params))
        if self.answer:
            self.samp.reply(message_id, self.answer)

    def _note(self, key, sender, mtype, params, extra):
        self.got.append((mtype, params))

    def wait(self, mtype, seconds=20):
        """Parameters of the first message of that type, or None."""
        return wait_for(lambda: next((p for m, p in self.got if m == mtype), None), seconds)

    def registered(self):
        """(name, id) of each client; one may leave between the two questions."""
        from astropy.samp import SAMPProxyError
        found = []
        for client in self.samp.get_registered_clients():
            try:
                found.append((self.samp.get_metadata(client).get("samp.name", client), client))
            except SAMPProxyError:
                pass
        return found

    def names(self):
        return dict(self.registered())

    def stop(self):
        try:
            self.samp.disconnect()
        except Exception:  # noqa: BLE001: the hub may be gone
            pass


class Tool:
    """A program with windows on a screen of its own, joined to the hub. `command` gets the hub's home."""
    names = ()

    def __init__(self, hub, command):
        self.display = ":%d" % (1000 + (os.getpid() + len(hub.others)) % 50000)
        self.xvfb = subprocess.Popen(["Xvfb", self.display, "-screen", "0", "1280x1024x24", "-nolisten", "tcp"],
                                     stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(1)
        self.log = open(os.path.join(hub.home, self.names[0] + ".log"), "wb")
        self.process = subprocess.Popen(
            command, stdout=self.log, stderr=self.log, stdin=subprocess.PIPE,
            env=dict(os.environ, DISPLAY=self.display, HOME=hub.home), start_new_session=True)

    def joined(self, client, seconds=90):
        return wait_for(lambda: next((client.names()[n] for n in self.names if n in client.names()), None), seconds)

    def picture(self, path):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        subprocess.run(["import", "-window", "root", path], env=dict(os.environ, DISPLAY=self.display), check=False)

    def stop(self):
        try:
            os.killpg(self.process.pid, signal.SIGTERM)
        except OSError:
            pass
        self.process.wait(20)
        self.xvfb.terminate()
        self.xvfb.wait(10)
        self.log.close()


# What is not on this machine is refused at once: a proxy that nobody serves.
OFFLINE = ["-Dhttp.proxyHost=localhost", "-Dhttp.proxyPort=9", "-Dhttps.proxyHost=localhost",
           "-Dhttps.proxyPort=9"]


class Topcat(Tool):
    names = ("topcat", "TOPCAT")

    def __init__(self, hub):
        super().__init__(hub, ["topcat", "-Duser.home=" + hub.home, *OFFLINE, "-nohub"])


class Aladin(Tool):
    names = ("Aladin",)
    JAR = "/usr/share/java/aladin.jar"

    def __init__(self, hub):
        services = os.path.join(hub.home, "services.glu")  # with none at all it does not start
        with open(services, "w") as f:
            f.write("%ActionName None\n%Description None\n%Owner CDS'aladin\n%DistribDomain ALADIN\n"
                    "%Url http://localhost:9/?$1\n%Param.Description $1=Target\n"
                    "%Param.DataType $1=Target(RAd)\n%ResultDataType Mime(text/xml)\n%Aladin.Label None\n")
        super().__init__(hub, ["java", "-Xmx1024m", "-Duser.home=" + hub.home, *OFFLINE, "-jar", self.JAR, "-local",
                               "-nohub", "-noreleasetest", "-nolog", "-glufile=" + services])

    def is_ready(self):
        return "Command>" in open(self.log.name, errors="replace").read()


def hub_call(lock, method, *params):
    """A plain call to the hub, as a program without a SAMP library makes it."""
    keys = dict(line.strip().split("=", 1) for line in open(lock) if "=" in line and line[0] != "#")
    hub = xmlrpc.client.ServerProxy(keys["samp.hub.xmlrpc.url"])
    return getattr(hub, "samp.hub." + method)(*params)
