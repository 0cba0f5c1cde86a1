"""The real data as their files have them, read by astropy, numpy and csv alone: what the node
answers is compared with these. Columns are numpy arrays (numbers: NaN where there is none) or
lists of text (None where there is none), under the names the node publishes."""
import csv
import functools
import os
import warnings

import numpy as np
from astropy.coordinates.angle_utilities import angular_separation
from astropy.io import fits
from astropy.table import Table

CLEAR = 1e-9  # degrees: no pair of a question may lie that near to its radius


def path(name):
    return os.path.join(os.environ["COLURE_DATA"], name)


def csv_columns(name, delimiter=","):
    with open(path(name), encoding="utf-8-sig", newline="") as f:
        rows = list(csv.reader(f, delimiter=delimiter))
    return {title: [row[i] for row in rows[1:]] for i, title in enumerate(rows[0])}


def texts(cells, none=("",)):
    return [None if cell in none else cell for cell in cells]


def numbers(cells, none=("",)):
    return np.array([np.nan if cell in none else float(cell) for cell in cells])


def fits_columns(name):
    """Every column of the first table, names in lower case, text stripped of padding."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        data = fits.getdata(path(name), 1)
    columns = {}
    for title in data.names:
        column = data[title]
        if column.dtype.kind in "SU":
            columns[title.lower()] = [str(cell).rstrip() for cell in column]
        else:
            columns[title.lower()] = np.array(column, dtype=column.dtype.newbyteorder("="))
    return columns


@functools.lru_cache(None)
def fgl4():
    columns = fits_columns("gamma/fermi_4fgl_dr3_slim.fits")
    for name, column in columns.items():  # the file's mark of "none"
        if name != "source_name":
            columns[name] = np.where(np.isneginf(column), np.nan, column).astype(column.dtype)
    return columns


@functools.lru_cache(None)
def fhl3():
    return fits_columns("gamma/fermi_3fhl_gll_psch_v13.fit.gz")


@functools.lru_cache(None)
def gammacat():
    return fits_columns("gamma/gammacat.fits.gz")


@functools.lru_cache(None)
def gaia():
    return fits_columns("catalogue/gaia_ngc188_results.fits")


@functools.lru_cache(None)
def twomass():
    return Table.read(path("catalogue/2mass_ngc188_results.ecsv"), format="ascii.ecsv")


@functools.lru_cache(None)
def icecat():
    raw = csv_columns("neutrino/icecat1_gold_bronze_tracks.csv")
    columns = {title.lower(): numbers(raw[title], ("", "None")) for title in (
        "EVENTMJD", "RA", "DEC", "RA_ERR_PLUS", "RA_ERR_MINUS", "DEC_ERR_PLUS", "DEC_ERR_MINUS",
        "ENERGY", "FAR", "SIGNAL")}
    for title in ("NAME", "START", "I3TYPE", "OTHER_I3TYPES"):
        columns[title.lower()] = texts(raw[title], ("", "None"))
    return columns


@functools.lru_cache(None)
def gw():
    raw = csv_columns("gw/gwtc_confident.csv")
    text = ("id", "Name", "catalog.shortName", "reference", "jsonurl")
    return {title.lower(): texts(cells) if title in text else numbers(cells)
            for title, cells in raw.items()}


@functools.lru_cache(None)
def gw_sky():
    raw = csv_columns("gw/gwtc_pe_sky.csv")
    return {title.lower(): texts(cells) if title in ("Event", "Waveform") else numbers(cells)
            for title, cells in raw.items()}


@functools.lru_cache(None)
def gbm():
    raw = csv_columns("grb/fermigbrst.csv")
    return {"name": texts(raw["name"]), "mjd": numbers(raw["time"]), "ra": numbers(raw["ra"]),
            "dec": numbers(raw["dec"]), "fluence": numbers(raw["fluence"])}


@functools.lru_cache(None)
def swift():
    raw = csv_columns("grb/swiftgrb.csv")
    return {"name": texts(raw["name"]), "trigger_time": texts(raw["time_x"]),
            **{k: numbers(raw[k]) for k in ("ra", "dec", "fluence", "redshift")}}


@functools.lru_cache(None)
def uhecr():
    raw = csv_columns("cosmic_ray/uhecr_five_observatories.csv")
    columns = {"id": [int(x) for x in raw["id"]], "observatory": texts(raw["observatory"]),
               "elevation": numbers(raw["elevation"], ("-999",)),
               "epoch_mjd": numbers(raw["epoch_mjd"], ("0",)),
               "epoch_date": texts(raw["epoch_date"], ("1900-01-01",))}
    columns.update({k: numbers(raw[k]) for k in ("energy", "ra", "dec", "lii", "bii")})
    return columns


@functools.lru_cache(None)
def ngc():
    raw = csv_columns("catalogue/openngc_NGC.csv", ";")
    return {title: texts(cells) for title, cells in raw.items()}


@functools.lru_cache(None)
def kascade():
    parts = [csv_columns(f"kascade/kcdc_events_{i}.csv") for i in (1, 2)]
    return {title.lower(): numbers(parts[0][title] + parts[1][title]) for title in parts[0]}


def separation(lon1, lat1, lon2, lat2):
    """Degrees, of degrees; broadcasts."""
    lon1, lat1, lon2, lat2 = (np.radians(np.asarray(x, dtype=float)) for x in (lon1, lat1, lon2, lat2))
    return np.degrees(angular_separation(lon1, lat1, lon2, lat2))


def vectors(lon, lat):
    lon, lat = np.radians(np.asarray(lon, dtype=float)), np.radians(np.asarray(lat, dtype=float))
    return np.stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)], axis=1)


def pairs_within(a, b, radius):
    """[(i, j, degrees)] of positions a = (lon, lat), b = (lon, lat) at most radius apart; refuses
    a radius that rounding could decide."""
    a_lon, a_lat, b_lon, b_lat = (np.asarray(x, dtype=float) for x in (*a, *b))
    to, found = vectors(b_lon, b_lat).T, []
    least = np.cos(np.radians(radius + 1e-3)) - 1e-12  # a coarse cut; the separation decides
    for begin in range(0, len(a_lon), 500):  # parts: the whole matrix would be big
        part = slice(begin, begin + 500)
        i, j = np.nonzero(vectors(a_lon[part], a_lat[part]) @ to >= least)
        i += begin
        apart = separation(a_lon[i], a_lat[i], b_lon[j], b_lat[j])
        assert not np.any(np.abs(apart - radius) < CLEAR), "a pair lies on the radius: choose another"
        near = apart <= radius
        found += zip(i[near].tolist(), j[near].tolist(), apart[near].tolist())
    return found
