"""What the measurements in Python share: rows of the report, the C clients, the floor program."""
import os
import re
import subprocess
import sys
import time
import urllib.parse

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from node import ROOT, free_port  # noqa: E402

TOOLS = os.path.join(ROOT, "build", "release", "tests", "bench")
PAIRS = 5


def median(values):
    return sorted(values)[len(values) // 2]


def row(name, ours, other, unit, goal):
    other = "" if other is None else f"{other:.4g}"
    print(f"{name}\t{ours:.4g}\t{other}\t{unit}\t{goal}", flush=True)


def seconds(function, *args):
    begin = time.perf_counter()
    function(*args)
    return time.perf_counter() - begin


def sync(**parameters):
    return "/tap/sync?LANG=ADQL&" + urllib.parse.urlencode(parameters)


def fetch(node, path):
    """Reads a whole answer and throws it away, by the C client: seconds to the first byte and
    to the end."""
    out = subprocess.run([os.path.join(TOOLS, "tool_fetch"), str(node.port), path], text=True,
                         check=True, stdout=subprocess.PIPE).stdout.split()
    return float(out[0]), float(out[1])


def load(port, clients, length, paths, rate=0):
    out = subprocess.run([os.path.join(TOOLS, "tool_load"), str(port), str(clients),
                          str(length), str(rate)], input="\n".join(paths), text=True,
                         check=True, stdout=subprocess.PIPE).stdout.split()
    return dict(zip(("rate", "p50", "p99", "requests", "failures"), map(float, out)))


def resident(node, key):
    text = open(f"/proc/{node.process.pid}/status").read()
    return int(re.search(rf"{key}:\s+(\d+)", text)[1]) / 1024


class Floor:
    def __init__(self, cluster):
        self.port = free_port()
        self.process = subprocess.Popen(
            [os.path.join(TOOLS, "floor_postgres"), cluster.url(socket=True), str(self.port)],
            stdout=subprocess.PIPE)
        self.process.stdout.readline()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
