"""VOTables as the simple services answer them: INFOs, fields by UCD or utype, rows; votlint."""
import subprocess
import tempfile
import urllib.parse
import xml.etree.ElementTree as ET

NS = "{http://www.ivoa.net/xml/VOTable/v1.3}"


class Answer:
    """One answer; `rows` are lists of text (None for an empty cell), for TABLEDATA only."""

    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body
        self.type = headers.get("Content-Type", "")
        self.root = ET.fromstring(body)
        self.results = [r for r in self.root.findall(NS + "RESOURCE") if r.get("type") == "results"]
        self.infos = self.results[0].findall(NS + "INFO") if self.results else []
        self.tables = self.root.findall(f".//{NS}TABLE")
        self.fields = self.root.findall(f".//{NS}TABLE/{NS}FIELD")
        self.names = [f.get("name") for f in self.fields]
        self.rows = [[td.text for td in tr] for tr in self.root.iter(NS + "TR")]
        self.params = {p.get("name"): p for p in self.root.iter(NS + "PARAM")}

    def statuses(self):
        return [(i.get("value"), i.text or "") for i in self.infos if i.get("name") == "QUERY_STATUS"]

    def info(self, name):
        return next((i.get("value") for i in self.infos if i.get("name") == name), None)

    def is_error(self):
        return self.statuses() and self.statuses()[-1][0] == "ERROR"

    def message(self):
        return self.statuses()[-1][1] if self.statuses() else ""

    def error_infos(self):
        return [i.get("value") for i in self.root.findall(NS + "INFO") if i.get("name") == "Error"]

    def fields_with(self, attribute, value):
        return [f for f in self.fields if (f.get(attribute) or "").lower() == value.lower()]

    def column(self, value, attribute="name"):
        """The cells of the one column with that name, UCD or utype."""
        at = [i for i, f in enumerate(self.fields) if (f.get(attribute) or "").lower() == value.lower()]
        assert len(at) == 1, f"{len(at)} columns with {attribute} {value}"
        return [row[at[0]] for row in self.rows]


def ask(node, path, *pairs, post=False, method=None, headers=None, **more):
    """GET (or POST) with parameters, pairs for repeated ones."""
    text = urllib.parse.urlencode(list(pairs) + list(more.items()))
    if post:
        return Answer(*node.request(path, data=text.encode(), headers=headers))
    return Answer(*node.request(f"{path}?{text}", method=method, headers=headers))


def votlint(body):
    """What votlint says of a document: a list of lines, none if it is right."""
    with tempfile.NamedTemporaryFile(suffix=".vot") as f:
        f.write(body)
        f.flush()
        run = subprocess.run(["stilts", "votlint", "ucd=false", f.name], text=True, timeout=120,
                             stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return [x for x in run.stdout.splitlines() if x.strip()]


def capabilities(node, path):
    """{standardID: [access URL]} of VOSI capabilities."""
    status, headers, body = node.request(path)
    assert status == 200 and "xml" in headers["Content-Type"], (status, body[:300])
    found = {}
    for c in ET.fromstring(body).findall("capability"):
        for url in c.findall("interface/accessURL"):
            found.setdefault(c.get("standardID"), []).append(url.text)
    return found, ET.fromstring(body)
