"""bench.stars in PostgreSQL: a million made-up stars with nine columns, indexed for key
look-ups, cones (pg_sphere) and cross-matches (q3c); and a node that serves it."""
import os

ROWS = 1000000

TABLE = """
SELECT setseed(0.42);
CREATE SCHEMA bench;
CREATE TABLE bench.stars AS
SELECT 4000000000000 + i * 17 AS id, random() * 360 AS ra,
       degrees(asin(CASE WHEN i % 10 < 7 THEN random() * 2 - 1
                    ELSE greatest(-1, least(1, (random() + random() + random() - 1.5) / 4)) END))
       AS dec,
       (12 + 9 * sqrt(random()))::real AS gmag, (12.5 + 9 * sqrt(random()))::real AS bpmag,
       (11.4 + 9 * sqrt(random()))::real AS rpmag,
       CASE WHEN i % 50 <> 7 THEN (10.6 + 9 * sqrt(random()))::real END AS jmag,
       'SYN J' || lpad(i::text, 7, '0') AS name,
       timestamp '2014-07-25' + random() * interval '10 years' AS obstime
FROM generate_series(0, {rows} - 1) i ORDER BY hashint4(i);
ALTER TABLE bench.stars ADD PRIMARY KEY (id);
"""
INDEXES = {
    "pg_sphere": "CREATE INDEX stars_sphere ON bench.stars "
                 "USING gist (spoint(radians(ra), radians(dec)));",
    "q3c": "CREATE INDEX stars_q3c ON bench.stars (q3c_ang2ipix(ra, dec));",
}

DESCRIPTION = """name: bench
description: Made-up stars for measurements.
colure:coosys: {system: ICRS}
tables:
- name: stars
  description: A million made-up stars.
  primaryKey: id
  columns:
  - {name: id, datatype: long, nullable: false, "ivoa:ucd": meta.id;meta.main, description: Identifier.}
  - {name: ra, datatype: double, nullable: false, "ivoa:ucd": pos.eq.ra;meta.main, "ivoa:unit": deg, description: Right ascension.}
  - {name: dec, datatype: double, nullable: false, "ivoa:ucd": pos.eq.dec;meta.main, "ivoa:unit": deg, description: Declination.}
  - {name: gmag, datatype: float, "ivoa:ucd": phot.mag;em.opt, "ivoa:unit": mag, description: Magnitude in G.}
  - {name: bpmag, datatype: float, "ivoa:ucd": phot.mag;em.opt.B, "ivoa:unit": mag, description: Magnitude in BP.}
  - {name: rpmag, datatype: float, "ivoa:ucd": phot.mag;em.opt.R, "ivoa:unit": mag, description: Magnitude in RP.}
  - {name: jmag, datatype: float, "ivoa:ucd": phot.mag;em.IR.J, "ivoa:unit": mag, description: Magnitude in J.}
  - {name: name, datatype: text, "ivoa:ucd": meta.id, description: Name.}
  - {name: obstime, datatype: timestamp, "ivoa:ucd": time.epoch;obs, description: Time of observation.}
"""


def fill(cluster, rows=ROWS, indexes=("pg_sphere", "q3c")):
    """Makes the table."""
    for name in indexes:
        cluster.extension(name)
    cluster.sql(TABLE.format(rows=rows) + "".join(INDEXES[name] for name in indexes)
                + "VACUUM ANALYZE bench.stars;")


def configure(cluster, folder, options="", limits=""):
    """Writes a node's configuration for the table; its path."""
    with open(os.path.join(folder, "bench.yaml"), "w") as f:
        f.write(DESCRIPTION)
    conf = os.path.join(folder, "node.yaml")
    with open(conf, "w") as f:
        f.write("node: {title: PostgreSQL under measurement, max_connections: 1200}\n"
                f"limits: {{default_rows: 20000000{limits}}}\n"
                "stores:\n- name: stars\n  adapter: postgres\n  options:\n"
                f"    url: {cluster.url(socket=True)}\n    schemas: bench\n{options}"
                "schemas:\n- {file: bench.yaml, store: stars}\n")
    return conf
