#!/usr/bin/python3
"""A desktop for a page that speaks SAMP: a hub with the Web Profile, a client that listens, TOPCAT if asked
for. Reads a command a line (a JSON list) and answers each with a line of JSON. Ends with its input."""
import json
import socket
import sys
import time

import samp


def port_is_free():
    with socket.socket() as s:
        return s.connect_ex(("127.0.0.1", 21012)) != 0


class Desk:
    def __init__(self, hub):
        self.hub = hub
        self.client = hub.client("Desk", "table.load.votable", "image.load.fits", "spectrum.load.ssa-generic",
                                 "coord.pointAt.sky", "table.highlight.row")
        self.tool = None

    def wait(self, mtype):
        found = self.client.wait(mtype)
        self.client.got = [x for x in self.client.got if x[0] != mtype]
        return found

    def notify(self, mtype, params):
        self.client.samp.notify_all({"samp.mtype": mtype, "samp.params": params})
        return True

    def call(self, name, mtype, params):
        to = self.client.names()[name]
        return self.client.samp.call_and_wait(to, {"samp.mtype": mtype, "samp.params": params}, "20")

    def answer(self, response):
        self.client.answer = response
        return True

    def forget(self):
        """Messages that came so far."""
        self.client.got = []
        return True

    def names(self):
        return sorted(name for name, _ in self.client.registered())

    def topcat(self):
        why = samp.missing("topcat", "Xvfb", "import")
        if why:
            return why
        self.tool = self.hub.topcat()
        return None if self.tool.joined(self.client) else "TOPCAT did not join"

    def picture(self, path):
        time.sleep(3)  # it draws
        self.tool.picture(path)
        return True

    def kill(self):
        self.hub.kill()
        return True


def main():
    why = samp.missing() or (None if port_is_free() else "another hub has port 21012")
    if why:
        print(json.dumps({"skip": why}), flush=True)
        return
    with samp.Hub(web=True) as hub:
        desk = Desk(hub)
        print(json.dumps({"ready": True}), flush=True)
        for line in sys.stdin:
            name, *args = json.loads(line)
            try:
                answer = {"is": getattr(desk, name)(*args)}
            except Exception as error:  # noqa: BLE001: the test reports it
                answer = {"error": f"{type(error).__name__}: {error}"}
            print(json.dumps(answer), flush=True)


main()
