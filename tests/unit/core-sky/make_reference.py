#!/usr/bin/env python3
"""Writes reference.txt: what other programs say about cells, cones, polygons, MOCs, frames.

Needs healpy, mocpy and astropy:  make_reference.py > reference.txt
One case a line, the first word says which (see the tests). Run again only for new cases.
"""
import random
import warnings

import astropy.units as u
import healpy
import numpy
from astropy.coordinates import (FK4, FK5, ICRS, AltAz, BarycentricMeanEcliptic,
                                 EarthLocation, Galactic, Latitude, Longitude, SkyCoord)
from astropy.time import Time
from astropy.utils import iers
from mocpy import MOC

warnings.simplefilter("ignore")
iers.conf.auto_download = False
rng = random.Random(20260101)


def anywhere():
    return rng.uniform(0, 360), numpy.degrees(numpy.arcsin(rng.uniform(-1, 1)))


def say(*words):
    print(" ".join(w if isinstance(w, str) else repr(float(w)) if isinstance(w, float)
                   else str(w) for w in words))


def cells():
    places = [(45, 89.9999), (300, -89.99999), (0.001, 41.81), (359.999, -41.8103),
              (90.0001, 0.001), (12, 66.44), (180.5, 0.1), (1, 1), (359, -1)]
    for order in list(range(30)) * 8:
        lon, lat = places.pop() if places else anywhere()
        cell = healpy.ang2pix(1 << order, lon, lat, nest=True, lonlat=True)
        say("cell", order, float(lon), float(lat), int(cell))
    for order in list(range(30)) * 4:
        nside = 1 << order
        cell = rng.randrange(12 * nside * nside)
        lon, lat = healpy.pix2ang(nside, cell, nest=True, lonlat=True)
        say("center", order, cell, float(lon), float(lat))
        say("ring", order, cell, int(healpy.nest2ring(nside, cell)))
        near = healpy.get_all_neighbours(nside, cell, nest=True)
        say("near", order, cell, *[int(n) for n in near])
    for cell in range(192):
        near = healpy.get_all_neighbours(4, cell, nest=True)
        say("near", 2, cell, *[int(n) for n in near])
        say("ring", 2, cell, int(healpy.nest2ring(4, cell)))
    for order in (0, 1, 3, 7, 11):
        for _ in range(6):
            cell = rng.randrange(12 << (2 * order))
            vec = healpy.boundaries(1 << order, cell, step=2, nest=True)
            lon, lat = healpy.vec2ang(vec.T, lonlat=True)
            say("boundary", order, cell, *[float(x) for p in zip(lon, lat) for x in p])
    for order in range(12):
        say("radius", order, float(numpy.degrees(healpy.max_pixrad(1 << order))))


def ascii_moc(order, pixels):
    ranges = []
    for p in sorted(set(int(p) for p in pixels)):
        if ranges and ranges[-1][1] == p - 1:
            ranges[-1][1] = p
        else:
            ranges.append([p, p])
    return "%d/%s" % (order, ",".join(str(a) if a == b else "%d-%d" % (a, b)
                                      for a, b in ranges))


def on_circle(lon, lat, radius, n):
    center = SkyCoord(lon, lat, unit="deg")
    angles = numpy.arange(n) * 360.0 / n * u.deg
    return center.directional_offset_by(angles, radius * (1 - 1e-9) * u.deg)


def cones():
    """The cells that surely overlap; how many do, from healpy's finest inclusive search."""
    cases = [(0, 90, 3), (10, -90, 0.02), (0, 0, 1), (359.9, 0.3, 2.5), (45, 41.8, 1),
             (0, 85, 10), (180, -88, 1.5), (120, 30, 60), (33, -60, 100), (77, 5, 1e-4),
             (200, 50, 1e-6), (315, -41.81, 0.5)]
    while len(cases) < 60:
        cases.append(anywhere() + (10 ** rng.uniform(-5, 1.3),))
    for lon, lat, radius in cases:
        order = min(28, max(0, int(round(numpy.log2(58.6 / radius))) + rng.choice([0, 1, 2])))
        nside = 1 << order
        vec = healpy.ang2vec(lon, lat, lonlat=True)
        inside = healpy.query_disc(nside, vec, numpy.radians(radius), nest=True)
        most = healpy.query_disc(nside, vec, numpy.radians(radius), nest=True,
                                 inclusive=True, fact=1 << min(6, 28 - order))
        rim = on_circle(lon, lat, radius, 720)
        border = healpy.ang2pix(nside, rim.ra.deg, rim.dec.deg, nest=True, lonlat=True)
        say("cone", order, float(lon), float(lat), float(radius), len(most),
            ascii_moc(order, list(inside) + list(border)))


def polygon_points(lon, lat, radius, n):
    """Corners around a centre, counter-clockwise as seen from inside (north to east)."""
    angles = sorted(rng.uniform(0, 360) for _ in range(n))
    while max((angles[(i + 1) % n] - angles[i]) % 360 for i in range(n)) > 150:
        angles = sorted(rng.uniform(0, 360) for _ in range(n))
    reach = [radius * rng.uniform(0.5, 1) for _ in range(n)]
    center = SkyCoord(lon, lat, unit="deg")
    return center.directional_offset_by(angles * u.deg, reach * u.deg)


def polygons():
    cases = [(0, 89, 4, 5), (0, 0, 3, 4), (359, -89.5, 2, 6), (45, 41, 20, 7), (10, 0, 40, 5)]
    while len(cases) < 40:
        cases.append(anywhere() + (10 ** rng.uniform(-3, 1.3), rng.randint(3, 9)))
    for lon, lat, radius, n in cases:
        corner = polygon_points(lon, lat, radius, n)
        order = min(27, max(1, int(round(numpy.log2(58.6 / radius))) + rng.choice([1, 2])))
        moc = MOC.from_polygon_skycoord(corner, max_depth=order)
        fine = MOC.from_polygon_skycoord(corner, max_depth=min(29, order + 3))
        flat = moc.flatten()
        pairs = [float(x) for c in corner for x in (c.ra.deg, c.dec.deg)]
        area = fine.sky_fraction * 41252.96124941927
        say("polygon", order, n, *pairs, len(flat), area, ascii_moc(order, flat))


def mocs():
    """a, b, union, intersection, difference. (mocpy 0.21's own difference is empty when all of
    b comes after a.)"""
    for _ in range(25):
        order = rng.randint(2, 5)
        made = []
        for _ in range(2):
            lon, lat = anywhere()
            made.append(MOC.from_cone(lon=Longitude(lon, u.deg), lat=Latitude(lat, u.deg),
                                      radius=rng.uniform(20, 90) * u.deg, max_depth=order))
        a, b = made
        text = [m.to_string().replace("\n", " ").strip().replace(" ", ",")
                for m in (a, b, a.union(b), a.intersection(b),
                          a.intersection(b.complement()))]
        say("moc", *text, float(a.sky_fraction))


def distances():
    wide = numpy.longdouble
    for i in range(120):
        lon1, lat1 = anywhere()
        if i % 3 == 0:
            lon2, lat2 = anywhere()
        elif i % 3 == 1:
            step = 10 ** rng.uniform(-10, 0)
            lon2, lat2 = lon1 + step, max(-90.0, min(90.0, lat1 - step * rng.random()))
        else:
            step = 10 ** rng.uniform(-9, 0)
            lon2, lat2 = lon1 + 180 + step, max(-90.0, min(90.0, -lat1 + step))
        lon1, lat1, lon2, lat2 = (float(x) for x in (lon1, lat1, lon2, lat2))
        rad = numpy.arctan(wide(1)) / 45
        a, b, c, d = (wide(x) * rad for x in (lon1, lat1, lon2, lat2))
        x = numpy.cos(d) * numpy.sin(c - a)
        y = numpy.cos(b) * numpy.sin(d) - numpy.sin(b) * numpy.cos(d) * numpy.cos(c - a)
        z = numpy.sin(b) * numpy.sin(d) + numpy.cos(b) * numpy.cos(d) * numpy.cos(c - a)
        say("distance", lon1, lat1, lon2, lat2,
            float(numpy.arctan2(numpy.hypot(x, y), z) / rad))


def frames():
    to = {"FK5": FK5(equinox="J2000"), "FK4": FK4(equinox="B1950", obstime="B1950"),
          "GALACTIC": Galactic(), "ECLIPTIC": BarycentricMeanEcliptic(equinox="J2000")}
    places = [(120, -23), (0, 90), (266.4, -28.9), (10, -89.9), (192.859, 27.128)]
    places += [anywhere() for _ in range(10)]
    for lon, lat in places:
        for name, frame in to.items():
            c = SkyCoord(lon, lat, unit="deg", frame=ICRS()).transform_to(frame)
            say("frame", name, float(lon), float(lat), float(c.spherical.lon.deg),
                float(c.spherical.lat.deg))


def horizons():
    for _ in range(12):
        lon, lat = anywhere()
        height, when = rng.uniform(0, 4000), rng.uniform(8e8, 1.6e9)
        zenith, azimuth = rng.uniform(0, 80), rng.uniform(0, 360)
        site = EarthLocation.from_geodetic(lon, lat, height)
        c = SkyCoord(az=azimuth * u.deg, alt=(90 - zenith) * u.deg,
                     frame=AltAz(obstime=Time(when, format="unix"), location=site,
                                 pressure=0 * u.hPa)).transform_to(ICRS())
        say("horizon", zenith, azimuth, when, float(lon), float(lat), height,
            float(c.ra.deg), float(c.dec.deg))


for part in (cells, cones, polygons, mocs, distances, frames, horizons):
    part()
