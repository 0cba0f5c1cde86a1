#!/usr/bin/env python3
"""Makes core/catalog/ucd_table.c and ucd_old.c from core/catalog/ucd_words.txt.

Run from anywhere; with --check it only says whether they are up to date.
"""
import pathlib
import sys

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "core" / "catalog"
HEAD = """/* {name} -- {what}, in order without case. Made by
 * tools/docs/make_ucd_table.py from ucd_words.txt: change that file, not this one. */
#include "core/catalog/ucd_table.h"

/* clang-format off */
"""


def read(path):
    words, old = [], []
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if not line or line.startswith("#"):
            continue
        if " > " in line:
            old.append(tuple(line.split(" > ")))
            continue
        code, word, meaning = line.split(" ", 2)
        if code not in "PSQECV":
            sys.exit(f"{path.name}:{number}: the code is one of P S Q E C V, not {code}")
        words.append((word, code, meaning))
    known = {w[0] for w in words}
    for _, new in old:
        for word in new.split(";"):
            if word not in known:
                sys.exit(f"{path.name}: {word} replaces a word, but is not on the list")
    order = lambda entry: entry[0].lower()
    return sorted(words, key=order), sorted(old, key=order)


def file(name, what, lines):
    return HEAD.format(name=name, what=what) + "".join(lines) + "/* clang-format on */\n"


def tables(words, old):
    return {
        "ucd_table.c": file("ucd_table.c", "the words of UCD1+", [
            "const struct ucd_word UCD_WORD[] = {\n",
            *(f'    {{"{w}", \'{c}\', "{m}"}},\n' for w, c, m in words),
            "};\nconst size_t UCD_NWORD = sizeof UCD_WORD / sizeof *UCD_WORD;\n"]),
        "ucd_old.c": file("ucd_old.c", "deprecated words of UCD1+", [
            "const struct ucd_old UCD_OLD[] = {\n",
            *(f'    {{"{o}", "{n}"}},\n' for o, n in old),
            "};\nconst size_t UCD_NOLD = sizeof UCD_OLD / sizeof *UCD_OLD;\n"]),
    }


def main():
    for name, text in tables(*read(FOLDER / "ucd_words.txt")).items():
        path = FOLDER / name
        if "--check" not in sys.argv[1:]:
            path.write_text(text)
        elif path.read_text() != text:
            sys.exit(f"core/catalog/{name} is out of date: run tools/docs/make_ucd_table.py")


main()
