"""What test_pyvo_links runs inside each Python: arguments are the node's URL, a DID of an image
and the position of its centre. Knows nothing of the test's own modules, since it may run in
another root."""
import io
import sys

import astropy.units as u
import pyvo
from astropy.io import fits
from astropy.wcs import WCS
from pyvo.dal.adhoc import DatalinkResults, SodaQuery
from pyvo.utils import vocabularies

URL, DID, RA, DEC = sys.argv[1], sys.argv[2], float(sys.argv[3]), float(sys.argv[4])

# The vocabulary lies on a server of the IVOA; a test asks nobody.
NARROWER = {"proc": ["cutout"], "preview": ["preview-image", "preview-plot", "thumbnail"]}
TERMS = {t: {"narrower": NARROWER.get(t, [])} for t in
         ["this", "proc", "cutout", "preview", "progenitor", "derivation", "documentation"]}
vocabularies.get_vocabulary = lambda name, **_: {"terms": TERMS, "uri": "http://www.ivoa.net/rdf/" + name}


def check(name, function):
    try:
        why = function()
    except Exception as error:  # noqa: BLE001: a test reports whatever went wrong
        why = f"{type(error).__name__}: {error}"
    print(f"not ok {name}: {why}" if why else f"ok {name}", flush=True)


def results():
    return DatalinkResults.from_result_url(URL + "/datalink/links?ID=" + DID.replace("?", "%3F"))


def this():
    rows = list(results().bysemantics("#this"))
    data = rows[0].getdataset().read()
    if len(rows) != 1 or rows[0].content_length != len(data):
        return f"{len(rows)} rows, {len(data)} bytes"


def cut(stream):
    with fits.open(io.BytesIO(stream.read())) as hdus:
        header, shape = hdus[0].header, hdus[0].data.shape
    x, y = WCS(header).celestial.all_world2pix(RA, DEC, 0)
    if not (abs(x - (shape[1] - 1) / 2) < 1 and abs(y - (shape[0] - 1) / 2) < 1 and shape[0] < 40):
        return f"{shape} {x} {y}"


def process():
    return cut(results().get_first_proc().process(circle=(RA, DEC, 0.01)))


def soda_query():
    rows = results()
    service = rows.get_adhocservice_by_ivoid("ivo://ivoa.net/std/SODA#sync-1.0")
    query = SodaQuery.from_resource(rows[0], service, circle=(RA, DEC, 0.01) * u.deg)
    return cut(query.execute_stream())


def narrower():
    if not list(results().bysemantics("#proc")):
        return "#cutout is no #proc"


check(f"pyvo {pyvo.__version__} DatalinkResults and #this", this)
check("DL-11 #cutout is found as #proc", narrower)
check("a service of the links cuts", process)
check("SodaQuery cuts", soda_query)
