"""A handful of made FITS files of every kind, a registry of them, and a node that serves it.
Needs astropy, as Debian's python3 has it."""
import os
import shutil
import subprocess
import tempfile

import numpy as np
from astropy.io import fits

from node import COLURE, ROOT

FILL = os.path.join(ROOT, os.environ.get("BUILD", "build/release"), "tests/support/fill_registry")
AUTHORITY = "ivo://test.colure"

CONF = """node: {{title: Products under test, publisher: test, contact: nobody}}
limits: {{{limits}}}
stores:
- {{name: s, adapter: duckdb, options: {{memory_limit: 300MB, attach.s: {folder}/store.duckdb}}}}
schemas:
- {{file: ivoa.yaml, store: s, native_prefix: "s.ivoa."}}
products:
  registry: {folder}/products.sqlite
  roots:
  - {{name: made, path: {folder}/files}}
"""

# A few columns of ObsCore: enough for what is asked here.
OBSCORE = """name: ivoa
description: ObsCore of made products.
tables:
- name: obscore
  description: Made products.
  columns:
  - {name: obs_publisher_did, datatype: text, "ivoa:ucd": meta.ref.ivoid, "votable:utype": "obscore:Curation.PublisherDID", description: Identifier.}
  - {name: dataproduct_type, datatype: text, "ivoa:ucd": meta.code.class, "votable:utype": "obscore:ObsDataset.dataProductType", description: Kind.}
  - {name: s_ra, datatype: double, "ivoa:ucd": pos.eq.ra, "ivoa:unit": deg, description: Centre.}
  - {name: s_dec, datatype: double, "ivoa:ucd": pos.eq.dec, "ivoa:unit": deg, description: Centre.}
"""


def tan(header, ra, dec, size, step):
    header["CTYPE1"], header["CTYPE2"] = "RA---TAN", "DEC--TAN"
    header["CRVAL1"], header["CRVAL2"] = ra, dec
    header["CRPIX1"], header["CRPIX2"] = size / 2 + 0.5, size / 2 + 0.5
    header["CDELT1"], header["CDELT2"] = -step, step
    header["CUNIT1"], header["CUNIT2"], header["RADESYS"] = "deg", "deg", "ICRS"


def image(size=200, ra=10.0, dec=20.0, step=0.001, seed=1):
    h = fits.PrimaryHDU(np.random.default_rng(seed).normal(100, 5, (size, size)).astype("f4"))
    tan(h.header, ra, dec, size, step)
    h.header["OBJECT"], h.header["DATE-OBS"] = "made", "2020-01-02T03:04:05"
    return h


def cube():
    data = np.random.default_rng(2).normal(0, 1, (4, 20, 60, 60)).astype("f4")
    h = fits.PrimaryHDU(data)
    tan(h.header, 30.0, -40.0, 60, 0.002)
    for i, (ctype, value, pixel, step, unit) in enumerate(
            [("WAVE", 5e-7, 1, 1e-9, "m"), ("STOKES", 1, 1, 1, "")], 3):
        h.header[f"CTYPE{i}"], h.header[f"CRVAL{i}"], h.header[f"CRPIX{i}"] = ctype, value, pixel
        h.header[f"CDELT{i}"], h.header[f"CUNIT{i}"] = step, unit
    return h


def spectrum():
    wave = np.linspace(400, 700, 300)
    return fits.BinTableHDU.from_columns(
        [fits.Column("WAVELENGTH", "D", unit="nm", array=wave),
         fits.Column("FLUX", "E", unit="Jy", array=np.sin(wave / 20) + 2)], name="SPECTRUM")


def line():
    """A spectrum as an image of one axis."""
    h = fits.PrimaryHDU((np.arange(500) % 50).astype("f4"))
    h.header["CTYPE1"], h.header["CRVAL1"], h.header["CRPIX1"] = "WAVE", 4e-7, 1.0
    h.header["CDELT1"], h.header["CUNIT1"], h.header["BUNIT"] = 1e-10, "m", "Jy"
    return h


def events():
    rng = np.random.default_rng(3)
    h = fits.BinTableHDU.from_columns(
        [fits.Column("EVENT_ID", "K", array=np.arange(1000)),
         fits.Column("TIME", "D", unit="s", array=np.linspace(0, 1000, 1000)),
         fits.Column("RA", "E", unit="deg", array=rng.uniform(82, 84, 1000)),
         fits.Column("DEC", "E", unit="deg", array=rng.uniform(21, 23, 1000)),
         fits.Column("ENERGY", "E", unit="TeV", array=rng.uniform(0.1, 10, 1000))], name="EVENTS")
    h.header["MJDREFI"], h.header["MJDREFF"], h.header["TIMEUNIT"] = 53000, 0.5, "s"
    return h


def region(ra, dec, half):
    c = half / np.cos(np.radians(dec))
    return f"{ra - c} {dec - half} {ra - c} {dec + half} {ra + c} {dec + half} {ra + c} {dec - half}"


class Products:
    """The folder; with `with` it is removed. `did` gives identifiers by file name."""

    def __init__(self, limits="", extra=()):
        self.folder = tempfile.mkdtemp(prefix="colure-products-")
        self.files = os.path.join(self.folder, "files")
        os.makedirs(os.path.join(self.files, "sub dir"))
        self.registry = os.path.join(self.folder, "products.sqlite")
        self.conf = os.path.join(self.folder, "node.yaml")
        self.base_url = "http://localhost"
        with open(self.conf, "w") as f:
            f.write(CONF.format(folder=self.folder, limits=limits))
        self.make_files()
        self.lines = []
        self.register()
        self.lines += extra
        self.fill()

    def path(self, name):
        return os.path.join(self.files, name)

    def make_files(self):
        image().writeto(self.path("image.fits"))
        image(seed=5, ra=0.0, dec=0.0).writeto(self.path("sub dir/zero + one.fits"))
        fits.HDUList([fits.PrimaryHDU(), fits.CompImageHDU(image(seed=6).data, image().header,
                                                          name="SCI")]).writeto(self.path("tiles.fits.fz"))
        cube().writeto(self.path("cube.fits"))
        fits.HDUList([fits.PrimaryHDU(), spectrum()]).writeto(self.path("spectrum.fits"))
        line().writeto(self.path("line.fits"))
        fits.HDUList([fits.PrimaryHDU(), events()]).writeto(self.path("events.fits"))
        fits.HDUList([fits.PrimaryHDU(),
                      fits.ImageHDU(image(seed=7).data, image().header, name="A"),
                      fits.ImageHDU(image(seed=8).data, image().header, name="B")]).writeto(self.path("mef.fits"))
        with open(self.path("record.h5"), "wb") as f:
            f.write(b"\x89HDF\r\n\x1a\n" + bytes(1000))

    def product(self, path, **words):
        words = {"path": path, "obs_collection": "made", "calib_level": 2, **words}
        self.lines.append("product\t" + "\t".join(f"{k}={v}" for k, v in words.items()))

    def link(self, **words):
        self.lines.append("link\t" + "\t".join(f"{k}={v}" for k, v in words.items()))

    def register(self):
        sky = {"s_ra": 10.0, "s_dec": 20.0, "s_fov": 0.29, "s_region": region(10, 20, 0.1),
               "s_xel1": 200, "s_xel2": 200}
        self.product("image.fits", dataproduct_type="image", obs_title="an <image> & more", **sky)
        self.link(semantics="#documentation", url="http://localhost/doc.html",
                  description="how it was made", content_type="text/html")
        self.product("sub dir/zero + one.fits", dataproduct_type="image", **dict(
            sky, s_ra=0.0, s_dec=0.0, s_region=region(0, 0, 0.1)))
        self.link(semantics="#progenitor", target=self.did("image.fits"))
        self.product("tiles.fits.fz", hdu=1, dataproduct_type="image", **sky)
        self.product("cube.fits", dataproduct_type="cube", s_ra=30, s_dec=-40, s_fov=0.17,
                     s_region=region(30, -40, 0.06), em_min=4.995e-7, em_max=5.195e-7, em_xel=20,
                     pol_states="/I/Q/U/V/", pol_xel=4, s_xel1=60, s_xel2=60)
        self.product("spectrum.fits", hdu=1, dataproduct_type="spectrum", s_ra=10, s_dec=20,
                     em_min=4e-7, em_max=7e-7, em_xel=300)
        self.product("line.fits", dataproduct_type="spectrum", s_ra=10, s_dec=20,
                     em_min=4e-7, em_max=4.5e-7, em_xel=500)
        self.product("events.fits", dataproduct_type="event", s_ra=83, s_dec=22, s_fov=2.9,
                     s_region=region(83, 22, 1), t_min=53000.5, t_max=53000.5116,
                     em_min=1.24e-19, em_max=1.24e-17)
        for hdu, ext in ((1, "A"), (2, "B")):
            self.product("mef.fits", hdu=hdu, ext=ext, dataproduct_type="image", **sky)
        self.product("record.h5", dataproduct_type="measurements")

    def did(self, path, ext=None, collection="made"):
        path = path.replace(" ", "%20")
        return f"{AUTHORITY}/{collection}?{path}" + (f"#{ext}" if ext else "")

    def fill(self):
        for name in (self.registry, self.registry + "-wal", self.registry + "-shm"):
            if os.path.exists(name):
                os.unlink(name)
        subprocess.run([FILL, self.registry, AUTHORITY, self.base_url, "made", self.files],
                       input="\n".join(self.lines) + "\n", text=True, check=True)
        self.load_obscore()

    def load_obscore(self):
        """ivoa.obscore of what is registered, loaded before the node starts."""
        def word(line, key):
            return next((x.split("=", 1)[1] for x in line.split("\t") if x.startswith(key + "=")), "")
        table = os.path.join(self.folder, "obscore.csv")
        with open(table, "w") as f:
            f.write("obs_publisher_did,dataproduct_type,s_ra,s_dec\n")
            for line in self.lines:
                if line.startswith("product"):
                    did = self.did(word(line, "path"), word(line, "ext") or None, word(line, "obs_collection"))
                    f.write(f"{did},{word(line, 'dataproduct_type')},{word(line, 's_ra')},{word(line, 's_dec')}\n")
        with open(os.path.join(self.folder, "ivoa.yaml"), "w") as f:
            f.write(OBSCORE)
        store = os.path.join(self.folder, "store.duckdb")
        if os.path.exists(store):
            os.unlink(store)
        subprocess.run([COLURE, "load", "--into", store, "--schema", "ivoa", table],
                       check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.folder, ignore_errors=True)
