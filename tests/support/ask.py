"""Asks a node with pyvo or with STILTS, and compares the rows with those wanted: the same keys,
each once, and every value equal (exactly, or to a tolerance the question names)."""
import functools
import math
import os
import shutil
import subprocess
import tempfile

import astropy.io.votable
import numpy as np
import pyvo


def plain(cell):
    """A Python value; None for null, NaN and empty text (which a VOTable read by astropy cannot
    tell from null: ask IS NULL for that); a tuple for an array."""
    if cell is np.ma.masked or cell is None:
        return None
    if isinstance(cell, (bytes, str)):
        return (cell.decode() if isinstance(cell, bytes) else str(cell)) or None
    if isinstance(cell, np.ndarray):
        return tuple(plain(c) for c in np.ma.asarray(cell).ravel())
    value = cell.item() if isinstance(cell, np.generic) else cell
    return None if isinstance(value, float) and math.isnan(value) else value


def rows_of(table):
    columns = [[plain(cell) for cell in table[name]] for name in table.dtype.names]
    return list(zip(*columns))


@functools.lru_cache(None)
def service(url):
    return pyvo.dal.TAPService(url)


def with_pyvo(node, query, uploads=None, maxrec=None):
    result = service(node.tap).search(query, uploads=uploads, maxrec=maxrec)
    assert result.query_status == "OK", result.query_status
    return rows_of(result.resultstable.array)


def with_stilts(node, query, uploads=None, *options):
    """uploads: name -> path of any file that STILTS reads."""
    command = ["stilts", "tapquery", "tapurl=" + node.tap, "adql=" + query, "sync=true",
               "ofmt=votable-binary2", *options]
    if uploads:
        command.append(f"nupload={len(uploads)}")
        for i, (name, file) in enumerate(uploads.items(), 1):
            command += [f"upload{i}={file}", f"upname{i}={name}"]
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, "out.vot")
        run = subprocess.run(command + ["out=" + out], text=True, stdin=subprocess.DEVNULL,
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120)
        assert run.returncode == 0, run.stdout[-800:]
        return rows_of(astropy.io.votable.parse_single_table(out).array)


def same_value(got, want, absolute, relative):
    if isinstance(want, tuple):
        return isinstance(got, tuple) and len(got) == len(want) and all(
            same_value(g, w, absolute, relative) for g, w in zip(got, want))
    if isinstance(got, float) and isinstance(want, (int, float)):
        return got == want or abs(got - want) <= max(absolute, relative * abs(want))
    return got == want and isinstance(got, str) == isinstance(want, str)


def same_rows(got, want, keys=1, absolute=0.0, relative=0.0, ordered=False):
    """The first `keys` columns name a row; floats are equal to within `absolute`, or `relative`
    of the value wanted. Raises AssertionError with what differs."""
    want = [tuple(plain(cell) for cell in row) for row in want]
    assert want, "the question has no rows: it tests nothing"
    if ordered:
        order = [row[:keys] for row in got]
        assert order == [row[:keys] for row in want], f"other order or rows: {order[:6]}"
    have = {row[:keys]: row for row in got}
    wanted = {row[:keys]: row for row in want}
    assert len(wanted) == len(want), "the question's keys are not unique"
    assert len(have) == len(got), f"{len(got) - len(have)} rows twice"
    missing, extra = wanted.keys() - have.keys(), have.keys() - wanted.keys()
    assert not missing and not extra, (f"{len(missing)} rows missing {sorted(missing, key=str)[:4]}, "
                                       f"{len(extra)} too many {sorted(extra, key=str)[:4]}")
    for key, row in wanted.items():
        assert len(have[key]) == len(row), f"{key}: {len(have[key])} columns, {len(row)} wanted"
        for column, (g, w) in enumerate(zip(have[key], row)):
            assert same_value(g, w, absolute, relative), (
                f"{key}, column {column + 1}: {g!r}, wanted {w!r}")


class Asker:
    """Questions to one node, each a line of the report (and a second one where STILTS asks too)."""

    def __init__(self, node, report):
        self.node, self.report = node, report
        self.has_stilts = bool(shutil.which("stilts"))

    def ask(self, name, query, want, keys=1, stilts=False, uploads=None, maxrec=None, **how):
        """want: rows, or a function that makes them; how: see same_rows()."""
        def compare(asked, *more):
            nonlocal want
            want = want() if callable(want) else want
            same_rows(asked(self.node, query, *more), want, keys, **how)
        self.report.run(name, compare, with_pyvo, uploads, maxrec)
        if stilts and self.has_stilts:
            self.report.run(name + " (STILTS)", compare, with_stilts)
        elif stilts:
            self.report.skip(name + " (STILTS)", "stilts is not installed")

    def none(self, name, query):
        """A question that no row answers."""
        def ask():
            rows = with_pyvo(self.node, query)
            assert rows == [], f"{len(rows)} rows: {rows[:3]}"
        self.report.run(name, ask)
