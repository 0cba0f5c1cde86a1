/* sky.h -- where things are. Pure functions without global state, safe from any thread.
 * Angles are degrees, positions ICRS, at every boundary; longitudes may be in any turn (361
 * is 1), latitudes lie in [-90, 90]. NaN in gives NaN or false out, never a crash. Edges of
 * polygons are great circles; a shape includes its boundary (ADQL 2.1, "Geometrical
 * functions"). Memory comes from the caller's arena; what is built is immutable and may be
 * shared between threads as long as that arena lives. */
#ifndef CORE_SKY_SKY_H
#define CORE_SKY_SKY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/arena.h"
#include "core/base/bytes.h"
#include "core/base/err.h"
#include "core/base/str.h"

/* --- positions and distances ------------------------------------------------------------
 */

struct sky_point {
    double lon_deg, lat_deg;
};

struct sky_vec { /* a direction: unit vector, z to the north pole, x to (0, 0) */
    double x, y, z;
};

/* Exact at multiples of 90 degrees; lon = 0 and lon = 360 give the same vector. */
struct sky_vec sky_vec_of(double lon_deg, double lat_deg);
/* lon in [0, 360), lat in [-90, 90]; the vector need not have length 1. */
struct sky_point sky_point_of(struct sky_vec);
/* The same longitude in [0, 360). */
double sky_lon_reduce(double lon_deg);
/* False with an error if either is not finite or lat is outside [-90, 90]. */
bool sky_position_check(double lon_deg, double lat_deg, struct err *e);

/* Angular distance in [0, 180] degrees; error below 1e-13 degrees at every distance,
 * relative error below 1e-9 for distances over a micro-arcsecond (haversine-safe atan2
 * form). ADQL 2.1, "DISTANCE". */
double sky_distance_deg(double lon1_deg, double lat1_deg, double lon2_deg, double lat2_deg);
double sky_vec_distance_deg(struct sky_vec, struct sky_vec);

/* Which way from 1 to 2: degrees in [0, 360), north 0, east 90. 0 for equal positions. */
double sky_position_angle_deg(double lon1_deg, double lat1_deg, double lon2_deg,
                              double lat2_deg);
/* The position `distance` degrees from the start in that direction. */
struct sky_point sky_offset(double lon_deg, double lat_deg, double angle_deg,
                            double distance_deg);

/* A cone made ready for a hot loop. The answer is that of
 * sky_distance_deg(center, point) <= radius: chords decide far from the border, that exact
 * form decides near it. Prepare once, test many; a plain value, no memory behind it. */
struct sky_cone {
    struct sky_vec center;
    double lon_deg, lat_deg, radius_deg;
    double lat_below, lat_above;  /* outside of these: surely out */
    double chord2_in, chord2_out; /* squared chord: surely in, surely out */
};
void sky_cone_prepare(struct sky_cone *, double lon_deg, double lat_deg, double radius_deg);
bool sky_cone_contains(const struct sky_cone *, double lon_deg, double lat_deg);

/* --- HEALPix, NESTED ordering, orders 0 to 29
 * --------------------------------------------- */

enum { SKY_HEALPIX_ORDER_MAX = 29, SKY_SPANS_DEFAULT = 75 };

/* Number of cells, 12 * 4^order. */
static inline int64_t sky_healpix_count(int order)
{
    return (int64_t)12 << (2 * order);
}

/* The cell that holds a position; -1 if the order is outside 0..29, a coordinate is not
 * finite or lat is outside [-90, 90]. */
int64_t sky_healpix_of(int order, double lon_deg, double lat_deg);
/* False if order or cell is out of range. */
bool sky_healpix_center(int order, int64_t cell, struct sky_point *center);
/* step (1..1024) points an edge, 4 * step in all into out, counter-clockwise as seen from
 * outside (north corner, west, south, east). False if order, cell or step is out of range.
 */
bool sky_healpix_boundary(int order, int64_t cell, int step, struct sky_point *out);
/* SW W NW N NE E SE S; -1 where there is none (24 cells of each order > 0 have only seven).
 * False if order or cell is out of range. */
bool sky_healpix_neighbours(int order, int64_t cell, int64_t out[8]);
/* -1 if order or cell is out of range. */
int64_t sky_healpix_nest_to_ring(int order, int64_t cell);
int64_t sky_healpix_ring_to_nest(int order, int64_t cell);
/* No cell of this order reaches farther from its centre than this. */
double sky_healpix_radius_deg(int order);
/* The deepest order whose cells are so wide that everything within radius of a position
 * lies in its cell or that cell's neighbours (for cross-matches); -1 if not even order 0's
 * are. */
int sky_healpix_order_for(double radius_deg);

/* The cell of Q3C that holds a position, of 2^30 along each edge of its six squares; -1 if
 * there is no such position. The same numbers as PostgreSQL's q3c_ang2ipix gives. */
int64_t sky_q3c_of(double lon_deg, double lat_deg);

/* Cells lo to hi, both included. */
struct sky_span {
    int64_t lo, hi;
};

/* --- MOC 2.0, the space dimension
 * ---------------------------------------------------------- */

/* Ascending, disjoint, not touching; cells of order 29 whatever the MOC's order is. */
struct sky_moc {
    int order; /* MOC order: no cell is smaller than this */
    size_t nspan;
    const struct sky_span *span;
};

/* ASCII form: "0/3 1/17-18 40 7/"; also commas, an `s` before it, blanks anywhere but
 * inside numbers, cells in any order, twice or inside one another. Errors say where in the
 * text. `t` (time) parts are an error. NULL and an error. */
const struct sky_moc *sky_moc_parse(struct arena *, str text, struct err *e);
/* Canonical ASCII: cells merged, ascending, spaces; ends with "order/" if that is deeper.
 */
void sky_moc_print(struct bytes *, const struct sky_moc *);
/* {"0":[3],"1":[17,18,40],"7":[]} */
void sky_moc_print_json(struct bytes *, const struct sky_moc *);

/* From spans of any order, unsorted and overlapping as they may be. */
const struct sky_moc *sky_moc_of_spans(struct arena *, int moc_order, int span_order,
                                       const struct sky_span *, size_t nspan,
                                       struct err *e);
const struct sky_moc *sky_moc_union(struct arena *, const struct sky_moc *,
                                    const struct sky_moc *, struct err *e);
const struct sky_moc *sky_moc_intersection(struct arena *, const struct sky_moc *,
                                           const struct sky_moc *, struct err *e);
const struct sky_moc *sky_moc_difference(struct arena *, const struct sky_moc *,
                                         const struct sky_moc *, struct err *e);
const struct sky_moc *sky_moc_complement(struct arena *, const struct sky_moc *,
                                         struct err *e);
/* The MOC of a lower order that contains this one. */
const struct sky_moc *sky_moc_degrade(struct arena *, const struct sky_moc *, int order,
                                      struct err *e);
bool sky_moc_contains_point(const struct sky_moc *, double lon_deg, double lat_deg);
bool sky_moc_contains_cell(const struct sky_moc *, int order, int64_t cell);
bool sky_moc_is_within(const struct sky_moc *inner, const struct sky_moc *outer);
bool sky_moc_intersects(const struct sky_moc *, const struct sky_moc *);
/* Of the whole sky, 0 to 1. */
double sky_moc_fraction(const struct sky_moc *);

/* FITS, space MOCs only: NUNIQ (1J, 1K) and RANGE packing, versions 1.1 and 2.0. The bytes
 * are a whole file. Multi-order sky maps are read too: their UNIQ column is taken. */
const struct sky_moc *sky_moc_of_fits(struct arena *, str file_bytes, struct err *e);
enum sky_moc_packing { SKY_MOC_NUNIQ, SKY_MOC_RANGE };
bool sky_moc_print_fits(struct bytes *, const struct sky_moc *, enum sky_moc_packing,
                        struct err *e);

/* --- regions
 * ------------------------------------------------------------------------------ */

/* clang-format off */
enum sky_shape {
    SKY_POINT, SKY_CIRCLE, SKY_POLYGON, SKY_RANGE, SKY_ELLIPSE, SKY_MOC, SKY_ALL,
    SKY_UNION, SKY_INTERSECTION, SKY_NOT
};
/* clang-format on */

/* clang-format off */
enum sky_frame { SKY_ICRS, SKY_FK5, SKY_FK4, SKY_GALACTIC, SKY_ECLIPTIC };
/* clang-format on */

struct sky_prepared; /* what the tests need; private */

/* Built by the functions below; read what you like, change nothing. Fields that a shape
 * does not use are zero. */
struct sky_region {
    enum sky_shape shape;
    struct sky_point center; /* POINT, CIRCLE, ELLIPSE */
    double radius_deg;       /* CIRCLE; ELLIPSE: semi-major axis */
    double minor_deg;        /* ELLIPSE: semi-minor axis */
    double angle_deg;        /* ELLIPSE: of the major axis, north through east */
    double lon_min, lon_max; /* RANGE: lon_min in [0, 360), lon_max in [lon_min, +360] */
    double lat_min, lat_max; /* RANGE */
    enum sky_frame frame;    /* RANGE: of its numbers; all else is ICRS */
    size_t nvertex;          /* POLYGON, as given: not closed */
    const struct sky_point *vertex;
    size_t nchild; /* UNION, INTERSECTION; NOT has one */
    const struct sky_region *const *child;
    const struct sky_moc *moc; /* MOC */
    const struct sky_prepared *prepared;
};

enum { SKY_VERTEX_MAX = 10000, SKY_CHILD_MAX = 4096, SKY_DEPTH_MAX = 16 };

/* All return NULL and an error (ERR_USAGE: the numbers make no shape; ERR_LIMIT: memory).
 */
const struct sky_region *sky_region_point(struct arena *, double lon_deg, double lat_deg,
                                          struct err *e);
/* radius in [0, 180]; 0 is a point that is tested like a circle. */
const struct sky_region *sky_region_circle(struct arena *, double lon_deg, double lat_deg,
                                           double radius_deg, struct err *e);
/* lonlat: nvertex pairs, at least 3 different ones; a repeated last vertex and repeated
 * neighbours are dropped. The interior is the side with the smaller area, whichever way the
 * vertices go round (DALI wants them counter-clockwise as seen from inside the sphere; too
 * much data is not). Errors: edges that cross, an edge of 180 degrees, no area.
 */
const struct sky_region *sky_region_polygon(struct arena *, const double *lonlat,
                                            size_t nvertex, struct err *e);
/* ADQL 2.1, "BOX": a cross at the centre, its arms half of width (along the great circle to
 * the east) and height long; the sides are great circles square to the arms' ends. It is a
 * POLYGON. width and height in (0, 180): for bands of longitude and latitude take a range.
 */
const struct sky_region *sky_region_box(struct arena *, double lon_deg, double lat_deg,
                                        double width_deg, double height_deg, struct err *e);
/* DALI 1.2 range: lon_min > lon_max goes across longitude 0; a span of 360 or more is the
 * full circle; infinite ends are open. Sides are meridians and parallels. */
const struct sky_region *sky_region_range(struct arena *, double lon_min, double lon_max,
                                          double lat_min, double lat_max, struct err *e);
/* Points at distance d and position angle t with d <= a b / hypot(b cos(t-pa), a
 * sin(t-pa)): an ellipse in the zenithal equidistant projection about its centre. 0 < b <=
 * a <= 90. */
const struct sky_region *sky_region_ellipse(struct arena *, double lon_deg, double lat_deg,
                                            double semi_major_deg, double semi_minor_deg,
                                            double angle_deg, struct err *e);
const struct sky_region *sky_region_of_moc(struct arena *, const struct sky_moc *,
                                           struct err *e);
const struct sky_region *sky_region_all(struct arena *, struct err *e);
/* shape: SKY_UNION, SKY_INTERSECTION (1..SKY_CHILD_MAX children) or SKY_NOT (1). */
const struct sky_region *sky_region_combine(struct arena *, enum sky_shape shape,
                                            const struct sky_region *const *child,
                                            size_t nchild, struct err *e);

bool sky_region_contains_point(const struct sky_region *, double lon_deg, double lat_deg);

/* ADQL 2.1 CONTAINS(inner, outer) and INTERSECTS; boundaries belong to both. Exact to about
 * 1e-9 degrees for points, circles, polygons, ranges and anything combined of them;
 * ellipses take part as polygons of 180 vertices on the ellipse (1.6e-4 of the axis inside
 * it). With a MOC of one side and no MOC or point on the other: HEALPix cells down to order
 * 20, at most about 40 000 of them; what is undecided then counts as touching (intersects)
 * and as contained. False with an error only without memory. */
bool sky_region_is_within(const struct sky_region *inner, const struct sky_region *outer,
                          bool *yes, struct err *e);
bool sky_region_intersects(const struct sky_region *, const struct sky_region *, bool *yes,
                           struct err *e);

/* Square degrees; 0 for points. Exact (1e-12 of the sky) for all but shapes combined with a
 * MOC, which are counted in cells: to about 1e-4 of the region. ADQL 2.1, "AREA". */
bool sky_region_area_deg2(const struct sky_region *, double *area, struct err *e);
/* The direction of the mean of all its positions, in the region or not (exact as the area).
 * A region without such a mean (all the sky, a full band) gives an error. */
bool sky_region_centroid(const struct sky_region *, struct sky_point *, struct err *e);
/* A circle around all of it, not always the smallest. False: the region is empty. */
bool sky_region_bounds(const struct sky_region *, struct sky_point *center,
                       double *radius_deg);

/* Cells of `order` (0..29), ascending, disjoint spans, at most `max` (1..256), that
 * together contain the whole region: always a superset, the smallest gaps closed first. Use
 * it for BETWEEN ranges on an index column of that order, then test exactly. Returns how
 * many; 0 for an empty region. No memory is taken (80 kB of stack); 75 ranges of order 29
 * hold about 1.13 times the area of a cone, and take some 35 microseconds. */
size_t sky_region_cover(const struct sky_region *, int order, struct sky_span *out,
                        size_t max);
size_t sky_cone_cover(double lon_deg, double lat_deg, double radius_deg, int order,
                      struct sky_span *out, size_t max);
/* Cells of `order`, none twice, among which every position within radius (0..180) of the
 * centre has its sky_healpix_of(): those that the cone touches and about as many around it
 * (never twice the square around it). For joins on cells: some 50 nanoseconds where the
 * cone is small and lies within one of the twelve faces. Returns how many cells there are,
 * 0 if the arguments are no cone; writes them when they are at most `max`. */
size_t sky_cone_cells(double lon_deg, double lat_deg, double radius_deg, int order,
                      int64_t *out, size_t max);
/* The cells of one order that the region touches, all of them, and few others: those that
 * it misses by less than a sixth of a cell (by less than a cell past order 26). ERR_LIMIT
 * past some 4 million ranges or 30 million cells looked at. */
const struct sky_moc *sky_moc_of_region(struct arena *, const struct sky_region *,
                                        int order, struct err *e);

/* --- text
 * ---------------------------------------------------------------------------------- */

/* DALI 1.2, "Literal values". SKY_XTYPE_REGION: anything, as below. */
/* clang-format off */
enum sky_xtype {
    SKY_XTYPE_POINT, SKY_XTYPE_CIRCLE, SKY_XTYPE_POLYGON, SKY_XTYPE_RANGE, SKY_XTYPE_SHAPE,
    SKY_XTYPE_MULTISHAPE, SKY_XTYPE_MOC, SKY_XTYPE_REGION
};
/* clang-format on */

/* point, circle, polygon, range: bare numbers, blanks or commas between them. shape and
 * multishape: words and numbers (SIA and SODA's POS too, any case). region: any of
 *   DALI    point | circle | polygon | range NUMBERS, several of them are a union
 *   STC-S   Position Circle Ellipse Box Polygon PositionInterval AllSky
 *           Union Intersection Difference Not (...), with frame, reference position, flavor
 *   MOC     "moc" ASCII
 * any case; frames ICRS FK5 FK4 J2000 B1950 GALACTIC ECLIPTIC UNKNOWNFrame are converted to
 * ICRS. Errors have the column in the text and what was expected. */
const struct sky_region *sky_region_parse(struct arena *, enum sky_xtype, str text,
                                          struct err *e);
/* From the numbers of a VOTable or engine cell: point 2, circle 3, polygon 6 or more, range
 * 4; other xtypes are an error. */
const struct sky_region *sky_region_of_numbers(struct arena *, enum sky_xtype,
                                               const double *, size_t n, struct err *e);

/* The bare numbers of one point, circle, polygon or range, or of a MOC its ASCII: what a
 * cell of that xtype holds. Polygons go counter-clockwise as DALI demands, longitudes are
 * in [0, 360]. False with an error for other shapes. */
bool sky_region_print_numbers(struct bytes *, const struct sky_region *, struct err *e);
/* xtype shape or, for unions, multishape: "circle 1 2 3". Ellipses become polygons; false
 * with an error for what DALI cannot say (points, intersections, complements, MOCs). */
bool sky_region_print_dali(struct bytes *, const struct sky_region *, struct err *e);
/* "Circle ICRS 1 2 3"; every region but a MOC. */
bool sky_region_print_stcs(struct bytes *, const struct sky_region *, struct err *e);

/* --- frames, motion, horizon
 * ---------------------------------------------------------------- */

/* Terms of the IVOA refframe vocabulary, as written there or in any case. False: unknown.
 */
bool sky_frame_parse(str name, bool any_case, enum sky_frame *);
const char *sky_frame_name(enum sky_frame);
/* FK5 is of J2000, FK4 of B1950 at epoch B1950 with its E-terms, ECLIPTIC the mean ecliptic
 * and equinox of J2000, GALACTIC the system of 1958 carried over by FK5 (as
 * ivo_geom_transform has it; the Hipparcos convention is 0.02 arcseconds away). Through
 * ERFA. */
struct sky_point sky_frame_transform(enum sky_frame from, enum sky_frame to, double lon_deg,
                                     double lat_deg);
/* ivo_geom_transform: the region's numbers, taken as of `from`, in `to`. Circles keep their
 * radius. Error for a MOC (always ICRS) and for a range, unless it goes to ICRS (it keeps
 * its numbers and their frame then). The region itself if from is to. */
const struct sky_region *sky_region_transform(struct arena *, enum sky_frame from,
                                              enum sky_frame to, const struct sky_region *,
                                              struct err *e);

struct sky_motion {
    double ra_deg, dec_deg;
    double parallax_mas; /* 0, negative or NaN: infinitely remote, radial velocity unused */
    double pm_ra_mas_yr; /* with cos dec; NaN counts as 0 */
    double pm_dec_mas_yr; /* NaN counts as 0 */
    double rv_km_s;       /* NaN counts as 0 */
};
/* Straight uniform motion in space, no light-time terms (The Hipparcos and Tycho
 * Catalogues, vol. 1, "Epoch transformation: rigorous treatment"; ivo_epoch_prop_pos).
 * Julian years. */
struct sky_point sky_epoch_propagate(const struct sky_motion *, double from_epoch,
                                     double to_epoch);

/* Astrometric ICRS position of a direction seen from the ground: zenith distance [0, 180],
 * azimuth from north through east, height above the ellipsoid in metres (longitude east
 * positive). Through ERFA; no refraction, UT1 taken as UTC (at most 14 arcseconds). NaN
 * outside of years 1960 to 2100. */
struct sky_point sky_horizontal_to_icrs(double zenith_deg, double azimuth_deg,
                                        double unix_time_s, double site_lon_deg,
                                        double site_lat_deg, double site_height_m);

/* --- sexagesimal
 * ------------------------------------------------------------------------------ */

/* h:m:s, "h m s", hhmmss[.s], 3h34m45.4s; hours in [0, 24], minutes and seconds in [0, 60).
 * Degrees in [0, 360]. False: not of that form. */
bool sky_hms_parse(str text, double *degrees);
/* d:m:s, "d m s", ddmmss[.s], 42d9m6.768s, optional sign; [-90, 90]. */
bool sky_dms_parse(str text, double *degrees);
/* hh:mm:ss.sss and +dd:mm:ss.ss with 0 to 9 decimals, rounded without ever showing 60. Ends
 * in NUL; the length is returned. "NaN" if not finite. */
enum { SKY_SEXAGESIMAL_BYTES = 32 };
size_t sky_hms_print(double degrees, int decimals, char out[SKY_SEXAGESIMAL_BYTES]);
size_t sky_dms_print(double degrees, int decimals, char out[SKY_SEXAGESIMAL_BYTES]);

#endif
