/* private.h -- what the files of core/sky share: vectors, a region's prepared form,
 * boundary arcs, HEALPix cells as seen by a descent. */
#ifndef CORE_SKY_PRIVATE_H
#define CORE_SKY_PRIVATE_H

#include <math.h>

#include "core/sky/sky.h"

#define SKY_PI 3.14159265358979323846
#define SKY_RAD_PER_DEG (SKY_PI / 180)
#define SKY_DEG_PER_RAD (180 / SKY_PI)
#define SKY_SPHERE_DEG2 41252.961249419271
/* Nearer than this (radians) to a boundary is on it: a few roundings of a coordinate. */
#define SKY_TOUCH_RAD 2e-14

static inline double vec_dot(struct sky_vec a, struct sky_vec b)
{
    return a.x * b.x + a.y * b.y + a.z * b.z;
}

static inline struct sky_vec vec_cross(struct sky_vec a, struct sky_vec b)
{
    return (struct sky_vec){a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z,
                            a.x * b.y - a.y * b.x};
}

static inline struct sky_vec vec_add(struct sky_vec a, struct sky_vec b)
{
    return (struct sky_vec){a.x + b.x, a.y + b.y, a.z + b.z};
}

static inline struct sky_vec vec_sub(struct sky_vec a, struct sky_vec b)
{
    return (struct sky_vec){a.x - b.x, a.y - b.y, a.z - b.z};
}

static inline struct sky_vec vec_scale(struct sky_vec a, double factor)
{
    return (struct sky_vec){a.x * factor, a.y * factor, a.z * factor};
}

/* Turned by a matrix: nine numbers, row by row. */
static inline struct sky_vec vec_turn(const double *m, struct sky_vec v)
{
    return (struct sky_vec){m[0] * v.x + m[1] * v.y + m[2] * v.z,
                            m[3] * v.x + m[4] * v.y + m[5] * v.z,
                            m[6] * v.x + m[7] * v.y + m[8] * v.z};
}

/* And back. */
static inline struct sky_vec vec_turn_back(const double *m, struct sky_vec v)
{
    return (struct sky_vec){m[0] * v.x + m[3] * v.y + m[6] * v.z,
                            m[1] * v.x + m[4] * v.y + m[7] * v.z,
                            m[2] * v.x + m[5] * v.y + m[8] * v.z};
}

static inline double vec_norm(struct sky_vec a)
{
    return sqrt(vec_dot(a, a));
}

/* The zero vector stays zero. */
static inline struct sky_vec vec_unit(struct sky_vec a)
{
    double norm = vec_norm(a);
    return norm > 0 ? vec_scale(a, 1 / norm) : a;
}

static inline double vec_chord2(struct sky_vec a, struct sky_vec b)
{
    struct sky_vec d = vec_sub(a, b);
    return vec_dot(d, d);
}

/* a x b without loss for neighbours. */
static inline struct sky_vec vec_cross_near(struct sky_vec a, struct sky_vec b)
{
    return vec_scale(vec_cross(vec_add(a, b), vec_sub(b, a)), 0.5);
}

/* Radians in [0, pi]. */
double vec_angle(struct sky_vec, struct sky_vec);
/* Some unit vector at right angles. */
struct sky_vec vec_across(struct sky_vec);
/* Signed area of a spherical triangle in steradians, counter-clockwise (from outside)
 * positive, in (-2 pi, 2 pi]; sharp for tiny triangles. */
double vec_triangle(struct sky_vec, struct sky_vec, struct sky_vec);
/* Exact at multiples of 90 degrees. */
void sky_sincos_deg(double degrees, double *sine, double *cosine);

/* --- regions ---------------------------------------------------------------------------
 */

struct edge {
    struct sky_vec at;     /* first vertex */
    struct sky_vec normal; /* unit, to the left of the edge as seen from outside */
    double reference[2];   /* normal . polygon.reference */
};

struct polygon {
    size_t n;
    struct edge *edge;
    struct sky_vec reference[2]; /* points off all edges' great circles ... */
    bool reference_is_in[2];     /* ... and whether they are inside */
    double area_sr;
    bool is_left; /* the interior lies to the left of the edges, seen from outside */
};

struct sky_prepared {
    struct sky_vec center; /* of CIRCLE, ELLIPSE, POINT, and of the bounding circle */
    double bound_rad, bound_chord; /* bounding circle; pi, 2 if there is none */
    struct sky_cone cone;          /* CIRCLE, POINT */
    double radius_rad, chord;      /* CIRCLE, POINT; ELLIPSE: major */
    bool is_large;                 /* CIRCLE over 90 degrees: chord is of the complement */
    struct polygon polygon;        /* POLYGON */
    double matrix[3][3];           /* RANGE: ICRS to its own frame */
    const struct sky_region *as_polygon; /* ELLIPSE */
    bool has_moc;                        /* somewhere inside */
    int depth;                           /* of combinations below */
};

/* Whether the direction lies in the region grown by `guard` radians (negative: shrunk; then
 * the border itself is out). Ellipses count as their polygons if as_polygon. */
bool sky_region_holds(const struct sky_region *, struct sky_vec, double guard,
                      bool as_polygon);

/* Fills a CIRCLE, POINT (radius 0) or an ellipse's circle; the numbers have been checked.
 */
void sky_circle_prepare(struct sky_region *, struct sky_prepared *, double lon_deg,
                        double lat_deg, double radius_deg);

bool sky_polygon_prepare(struct arena *, struct polygon *, const struct sky_vec *vertex,
                         size_t n, struct err *e);
bool sky_polygon_holds(const struct polygon *, struct sky_vec, double guard);
static inline struct sky_vec sky_polygon_vertex(const struct polygon *p, size_t i)
{
    return p->edge[i < p->n ? i : 0].at;
}
/* The nearest distance to the boundary is at most `radius` (its sine and squared chord). */
bool sky_polygon_edge_is_near(const struct polygon *, struct sky_vec, double sine,
                              double chord2);
/* Radians from a direction to the nearest edge. */
double sky_polygon_edge_distance(const struct polygon *, struct sky_vec);

/* The region's numbers read as of another frame, turned to ICRS. */
const struct sky_region *sky_region_to_icrs(struct arena *, enum sky_frame,
                                            const struct sky_region *, struct err *e);
/* Rotation from ICRS to the frame; of FK4 without its E-terms (0.3 arcseconds). */
void sky_frame_matrix(enum sky_frame, double matrix[3][3]);
/* A RANGE of another frame, with its matrix; of ICRS with NULL. (A parameter, so that who
 * only needs ICRS does not need ERFA.) */
const struct sky_region *sky_region_range_in(struct arena *, enum sky_frame,
                                             double (*matrix)[3], double lon_min,
                                             double lon_max, double lat_min, double lat_max,
                                             struct err *e);

/* --- boundary arcs ---------------------------------------------------------------------
 */

/* Area (steradians) and integral of position over a region without MOCs. False: too many
 * arcs, or no memory (then e is set). */
bool sky_arcs_measure(const struct sky_region *, double *area_sr, struct sky_vec *integral,
                      bool *too_many, struct err *e);
enum sky_relation { SKY_IS_WITHIN, SKY_TOUCHES };
bool sky_arcs_relate(enum sky_relation, const struct sky_region *,
                     const struct sky_region *, bool *yes, bool *too_many, struct err *e);

/* --- HEALPix cells in a descent ----------------------------------------------------------
 */

struct level { /* what all cells of an order share */
    int order, shift;
    double size;                    /* of a cell, as a part of a face's side */
    double radius_rad, sine, chord; /* of the circle around any cell, with a margin */
};

struct cell {
    struct sky_vec center;
    int64_t lo, hi; /* of order 29 */
};

enum where { WHERE_OUT, WHERE_IN, WHERE_MAYBE };

void sky_level_set(struct level *, int order);
/* lo: the first cell of order 29 inside. */
void sky_cell_set(struct cell *, const struct level *, int64_t lo);
enum where sky_cell_where(const struct sky_region *, const struct cell *,
                          const struct level *);

/* By cells, down to a limit: see sky_region_is_within. */
bool sky_cells_relate(enum sky_relation, const struct sky_region *,
                      const struct sky_region *, bool *yes, struct err *e);
bool sky_cells_measure(const struct sky_region *, double *area_sr, struct sky_vec *integral,
                       struct err *e);

/* --- HEALPix, the face plane
 * ---------------------------------------------------------------- */

struct face_cell {
    int face;
    int64_t x, y; /* x to the north-east, y to the north-west */
};
struct face_cell sky_face_cell(int order, int64_t cell);
int64_t sky_face_cell_index(int order, struct face_cell);
/* z, sine of the polar distance and longitude (in units of 45 degrees) at x, y in [0, 1].
 */
void sky_face_position(int face, double x, double y, double *z, double *s, double *lon45);

/* --- span lists
 * --------------------------------------------------------------------------- */

struct spans { /* a growing list; malloc, bounded */
    struct sky_span *at;
    size_t n, capacity;
    bool failed;
};
enum { SKY_SPANS_MAX = 1 << 22 };
void sky_spans_add(struct spans *, int64_t lo,
                   int64_t hi); /* joins what touches the last */
void sky_spans_free(struct spans *);
/* Sorts, joins, rounds outward to moc_order, copies to the arena. Frees the list. */
const struct sky_moc *sky_moc_finish(struct arena *, struct spans *, int moc_order,
                                     struct err *e);
/* Whether [lo, hi] is inside, outside or both. */
enum where sky_moc_where(const struct sky_moc *, int64_t lo, int64_t hi);

#endif
