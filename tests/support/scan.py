"""A folder of files, a configuration of products for it, and `colure scan` over it."""
import csv
import io
import os
import shutil
import subprocess
import tempfile

from node import COLURE, ROOT, Node

CONF = """node: {{title: Scanned, publisher: test, contact: nobody, ivoid: "ivo://test.colure/node"}}
stores:
- {{name: s, adapter: duckdb, options: {{attach.products: {folder}/products.duckdb, memory_limit: 300MB}}}}
schemas:
- {{file: {root}/conf/ivoa.yaml, store: s, native_prefix: "products.ivoa."}}
- {{file: {root}/conf/provenance.yaml, store: s, native_prefix: "products.provenance."}}
- {{file: {root}/conf/voevent.yaml, store: s, native_prefix: "products.voevent."}}
products:
  registry: {folder}/products.sqlite
  tables: {folder}/products.duckdb
  instruments: {instruments}
  roots: [{{name: files, path: {files}}}]
"""


class Scan:
    """With `with` the folder is removed. `files`: an existing folder instead of an own one."""

    def __init__(self, files=None, instruments=None):
        self.folder = tempfile.mkdtemp(prefix="colure-scan-")
        self.files = files or os.path.join(self.folder, "files")
        os.makedirs(self.files, exist_ok=True)
        self.instruments = instruments or os.path.join(self.folder, "instruments")
        os.makedirs(self.instruments, exist_ok=True)
        self.conf = os.path.join(self.folder, "node.yaml")
        with open(self.conf, "w") as f:
            f.write(CONF.format(folder=self.folder, root=ROOT, files=self.files,
                                instruments=self.instruments))

    def path(self, name):
        path = os.path.join(self.files, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        return path

    def template(self, name, text):
        with open(os.path.join(self.instruments, name + ".yaml"), "w") as f:
            f.write(text)

    def run(self, *args, timeout=300, **more):
        return subprocess.run([COLURE, "scan", "--conf", self.conf, *args], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, timeout=timeout, **more)

    def scan(self, *args):
        """(counts by word, {file: why it was refused}); raises when it failed."""
        run = self.run(*args)
        out, errors = run.stdout.decode(), run.stderr.decode(errors="replace")
        assert run.returncode == 0, f"status {run.returncode}: {errors[-600:]}"
        words = out.splitlines()[-1].replace(":", " ").replace(",", " ").replace(";", " ").split()
        counts = {word: int(number) for number, word in zip(words, words[1:]) if number.isdigit()}
        refused = dict(line[len("refused: "):].split(": ", 1)
                       for line in errors.splitlines() if line.startswith("refused: "))
        return counts, refused

    def rows(self, query="SELECT * FROM ivoa.obscore"):
        """Rows as maps of texts, asked of a node that serves the tables."""
        with Node(self.conf) as node:
            status, _, body = node.sync(query, RESPONSEFORMAT="csv")
            assert status == 200, body[:500]
            return list(csv.DictReader(io.StringIO(body.decode())))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.folder, ignore_errors=True)
