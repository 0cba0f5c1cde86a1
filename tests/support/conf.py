"""Configurations for tests: the demo's, in a folder of its own, with keys of the test's own."""
import os
import re
import shutil
import tempfile

from node import ROOT, demo_conf

# Products of tables with themselves: as good as for ever, and known to be long.
EVER = "SELECT COUNT(*) FROM kascade.events AS a, kascade.events AS b, kascade.events AS c " \
    "WHERE a.energy < b.energy AND b.energy < c.energy"
QUICK = "SELECT TOP 1 table_name FROM tap_schema.tables"


class Conf:
    """A folder with node.yaml and copies of the demo's descriptions; with `with` it is removed."""

    def __init__(self, node="", limits=""):
        demo = demo_conf()
        self.folder = tempfile.mkdtemp(prefix="colure-conf-")
        self.path = os.path.join(self.folder, "node.yaml")
        text = open(demo).read()
        for name in re.findall(r"file: (\w+\.yaml)", text):
            shutil.copy(os.path.join(os.path.dirname(demo), name), self.folder)
        self.text = text.replace("../build/demo/", os.path.join(ROOT, "build", "demo") + "/")
        self.write(node, limits)

    def write(self, node="", limits="", text=None):
        """`node` and `limits`: inner parts of flow maps, "drain_seconds: 1, log_json: true"."""
        if text is None:
            extra = "".join(f"  {pair.strip()}\n" for pair in node.split(";") if pair.strip())
            text = self.text.replace("limits: {}", "limits: {" + limits + "}")
            text = text.replace("  contact: node operator\n",
                                "  contact: node operator\n" + extra)
        with open(self.path + ".new", "w") as f:
            f.write(text)
        os.replace(self.path + ".new", self.path)
        return text

    def file(self, name):
        return os.path.join(self.folder, name)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.folder, ignore_errors=True)


def metrics(node):
    """{'name{labels}': value} of /metrics."""
    status, _, body = node.request("/metrics")
    assert status == 200, status
    return {line.rsplit(" ", 1)[0]: float(line.rsplit(" ", 1)[1])
            for line in body.decode().splitlines() if line and not line.startswith("#")}
