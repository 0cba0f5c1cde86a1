"""What test_pyvo_services runs inside each Python: argument 1 is the node's URL. Knows nothing of
the test's own modules, since it may run in another root."""
import sys

import astropy.units as u
import pyvo
import pyvo.dal.sia2
from astropy.coordinates import SkyCoord

BASE = sys.argv[1]
CRAB, MRK = SkyCoord(83.6331, 22.0145, unit="deg"), SkyCoord(166.1138, 38.2088, unit="deg")


def case(function):
    name = function.__name__.replace("_", " ")
    try:
        why = function()
    except Exception as error:  # noqa: BLE001: whatever goes wrong is the result
        why = f"{type(error).__name__}: {' '.join(str(error).split())[:500]}"
    print(f"not ok {name}: {why}" if why else f"ok {name}", flush=True)


def count(condition):
    return len(pyvo.dal.TAPService(BASE + "/tap").search(f"SELECT obs_id FROM ivoa.obscore WHERE {condition}"))


@case
def SCS_cone_search():
    got = pyvo.dal.SCSService(BASE + "/scs/sources.catalogue?").search(CRAB, radius=5 * u.deg)
    assert len(got) > 1 and all(r.pos.separation(CRAB).deg <= 5 for r in got), len(got)
    assert any(r.id == "DEMO J0534.5+2200" for r in got), [r.id for r in got]


@case
def SCS_error_reaches_the_user():
    try:
        pyvo.dal.SCSService(BASE + "/scs/sources.catalogue?").search((1, 5), radius=400)
    except pyvo.dal.DALQueryError as error:
        assert "SR" in str(error), error
    else:
        return "no error"


@case
def SIA1_images_of_a_place():
    got = pyvo.dal.sia.SIAService(BASE + "/sia1?").search(MRK, size=0.1 * u.deg, intersect="overlaps")
    want = count("dataproduct_type IN ('image', 'cube') AND 1 = INTERSECTS(BOX(166.1138, 38.2088, 0.1, 0.1), s_region)")
    assert len(got) == want > 0, (len(got), want)
    r = got[0]
    assert r.pos.separation(MRK).deg < 0.2 and r.format == "image/fits" and r.naxes == 2 and len(r.naxis) == 2, r
    assert "/soda/sync" in r.getdataurl() and r.title and r.bandpass_lolimit.value < r.bandpass_hilimit.value, r


@case
def SIA1_metadata():
    got = pyvo.dal.sia.SIAQuery(BASE + "/sia1?", format="metadata").execute()
    assert len(got) == 0 and got.fieldnames, got


@case
def SIA2_discovered_by_capabilities():
    service = getattr(pyvo.dal.sia2, "SIA2Service", None) or pyvo.dal.sia2.SIAService  # its older name
    got = service(BASE + "/sia2").search(pos=(166.1138 * u.deg, 38.2088 * u.deg, 0.1 * u.deg), calib_level=2)
    want = count("dataproduct_type IN ('image', 'cube') AND calib_level = 2 "
                 "AND 1 = INTERSECTS(CIRCLE(166.1138, 38.2088, 0.1), s_region)")
    assert len(got) == want > 0, (len(got), want)


@case
def SSA_spectra_of_a_place():
    got = pyvo.dal.SSAService(BASE + "/ssa?").search(pos=MRK, diameter=0.1 * u.deg)
    assert len(got) >= 1, len(got)
    r = got[0]
    assert "/soda/sync" in r.acref and r.format == "application/fits" and r.title, r
    place = r.getbyutype("ssa:Char.SpatialAxis.Coverage.Location.Value")
    assert abs(float(place[0]) - 166.1138) < 0.1, place


@case
def SSA_band_and_time():
    service = pyvo.dal.SSAService(BASE + "/ssa?")
    place = {"pos": (10, 10), "diameter": 360}
    assert len(service.search(**place, band=(4e-7, 5e-7) * u.m)) > 0
    assert len(service.search(**place, band=(1, 2) * u.m)) == 0
    assert len(service.create_query(**place, TIME="2012").execute()) > 0
    assert len(service.create_query(**place, TIME="1970/1980").execute()) == 0
