/* arcs.c -- exact relations and measures of regions without MOCs. Their boundaries are arcs
 * of circles; each arc is cut where others meet it. Between cuts nothing changes, so that
 * the two sides of each piece tell all: every part of the sky that the arcs enclose touches
 * some piece. Areas are integrals along the pieces that part inside from outside. */
#include "core/sky/sky.h"

#include <stdlib.h>

#include "core/sky/private.h"

enum { ARCS_MAX = 8192, LONE_POINTS_MAX = 4096 };

static const double meets_rad = 1e-13; /* circles that miss by so little touch */
static const double side_rad = 1e-11;  /* how far beside a piece its sides are looked at */
static const double least_rad = 1e-12; /* shorter pieces are skipped */

struct arc { /* n cos r + sin r (u cos t + v sin t), t from 0 to span, span <= 2 pi / 3 */
    struct sky_vec n, u, v;
    double r, sin_r, cos_r, span;
    struct sky_vec middle; /* of the arc, and the chord to its ends */
    double reach;
    const struct sky_region *leaf;
};

struct arcs {
    struct arc *arc;
    size_t n, capacity;
    struct sky_vec *point; /* lone points, circles of radius 0 */
    size_t npoint;
    double *cut; /* of the arc at hand */
    size_t ncut, cut_capacity;
    bool too_many, failed;
};

static struct sky_vec arc_at(const struct arc *arc, double t, double r)
{
    struct sky_vec way = vec_add(vec_scale(arc->u, cos(t)), vec_scale(arc->v, sin(t)));
    return vec_add(vec_scale(arc->n, cos(r)), vec_scale(way, sin(r)));
}

/* --- collecting
 * ---------------------------------------------------------------------------- */

static bool arcs_grow(struct arcs *arcs)
{
    if (arcs->n >= ARCS_MAX) {
        arcs->too_many = true;
        return false;
    }
    size_t capacity = arcs->capacity ? 2 * arcs->capacity : 32;
    struct arc *arc = realloc(arcs->arc, capacity * sizeof *arc);
    if (!arc) {
        arcs->failed = true;
        return false;
    }
    arcs->arc = arc;
    arcs->capacity = capacity;
    return true;
}

/* From direction u of the circle of radius r about n, counter-clockwise over span. Long
 * ones are cut in three. */
static void add_arc(struct arcs *arcs, const struct sky_region *leaf, struct sky_vec n,
                    double r, struct sky_vec u, double span)
{
    int parts = span > 2 * SKY_PI / 3 ? 3 : 1;
    struct sky_vec v = vec_cross(n, u);
    for (int i = 0; i < parts; i++) {
        if (arcs->n == arcs->capacity && !arcs_grow(arcs))
            return;
        double from = span / parts * i;
        struct sky_vec way = vec_add(vec_scale(u, cos(from)), vec_scale(v, sin(from)));
        struct arc *arc = &arcs->arc[arcs->n++];
        *arc = (struct arc){.n = n,
                            .u = way,
                            .v = vec_cross(n, way),
                            .r = r,
                            .sin_r = sin(r),
                            .cos_r = cos(r),
                            .span = span / parts,
                            .leaf = leaf};
        arc->middle = arc_at(arc, arc->span / 2, r);
        arc->reach = sqrt(vec_chord2(arc->middle, arc_at(arc, 0, r)));
    }
}

static void add_polygon(struct arcs *arcs, const struct sky_region *leaf)
{
    const struct polygon *polygon = &leaf->prepared->polygon;
    for (size_t i = 0; i < polygon->n; i++) {
        const struct edge *edge = &polygon->edge[i];
        struct sky_vec b = sky_polygon_vertex(polygon, i + 1);
        add_arc(arcs, leaf, edge->normal, SKY_PI / 2, edge->at, vec_angle(edge->at, b));
    }
}

static void add_range(struct arcs *arcs, const struct sky_region *range)
{
    const double *m = range->prepared->matrix[0];
    struct sky_vec pole = vec_turn_back(m, (struct sky_vec){0, 0, 1});
    double span = (range->lon_max - range->lon_min) * SKY_RAD_PER_DEG;
    struct sky_vec west = vec_turn_back(m, sky_vec_of(range->lon_min, 0));
    for (int i = 0; i < 2 && span > 0; i++) {
        double lat = i ? range->lat_max : range->lat_min;
        if (fabs(lat) < 90)
            add_arc(arcs, range, pole, (90 - lat) * SKY_RAD_PER_DEG, west, span);
    }
    double height = (range->lat_max - range->lat_min) * SKY_RAD_PER_DEG;
    if (range->lon_max - range->lon_min >= 360 || height <= 0)
        return;
    for (int i = 0; i < 2; i++) {
        double lon = i ? range->lon_max : range->lon_min;
        struct sky_vec bottom = vec_turn_back(m, sky_vec_of(lon, range->lat_min));
        struct sky_vec normal = vec_turn_back(m, sky_vec_of(lon - 90, 0));
        add_arc(arcs, range, normal, SKY_PI / 2, bottom, height);
    }
}

static void add_point(struct arcs *arcs, struct sky_vec v)
{
    if (arcs->npoint >= LONE_POINTS_MAX) {
        arcs->too_many = true;
        return;
    }
    if (!arcs->point)
        arcs->point = malloc(LONE_POINTS_MAX * sizeof *arcs->point);
    if (!arcs->point)
        arcs->failed = true;
    else
        arcs->point[arcs->npoint++] = v;
}

static void collect(struct arcs *arcs, const struct sky_region *region)
{
    const struct sky_prepared *prepared = region->prepared;
    switch (region->shape) {
    case SKY_POINT:
    case SKY_CIRCLE:
        if (prepared->radius_rad <= 0)
            add_point(arcs, prepared->center);
        else if (region->radius_deg < 180)
            add_arc(arcs, region, prepared->center, prepared->radius_rad,
                    vec_across(prepared->center), 2 * SKY_PI);
        break;
    case SKY_POLYGON:
        add_polygon(arcs, region);
        break;
    case SKY_ELLIPSE:
        add_polygon(arcs, prepared->as_polygon);
        break;
    case SKY_RANGE:
        add_range(arcs, region);
        break;
    default:
        for (size_t i = 0; i < region->nchild && !arcs->too_many && !arcs->failed; i++)
            collect(arcs, region->child[i]);
    }
}

static void arcs_end(struct arcs *arcs)
{
    free(arcs->arc);
    free(arcs->point);
    free(arcs->cut);
}

static bool arcs_begin(struct arcs *arcs, const struct sky_region *a,
                       const struct sky_region *b, bool *too_many, struct err *e)
{
    *arcs = (struct arcs){0};
    collect(arcs, a);
    if (b)
        collect(arcs, b);
    *too_many = arcs->too_many;
    if (arcs->failed)
        err_set(e, ERR_LIMIT, "no memory to compare regions");
    if (!arcs->failed && !arcs->too_many)
        return true;
    arcs_end(arcs);
    return false;
}

/* --- cutting
 * ------------------------------------------------------------------------------- */

static void add_cut(struct arcs *arcs, double t)
{
    if (arcs->ncut == arcs->cut_capacity) {
        size_t capacity = arcs->cut_capacity ? 2 * arcs->cut_capacity : 64;
        double *cut = realloc(arcs->cut, capacity * sizeof *cut);
        if (!cut) {
            arcs->failed = true;
            return;
        }
        arcs->cut = cut;
        arcs->cut_capacity = capacity;
    }
    arcs->cut[arcs->ncut++] = t;
}

/* Cuts the arc at a direction known to lie on its circle, if it lies on the arc. */
static void cut_at(struct arcs *arcs, const struct arc *arc, struct sky_vec p)
{
    double t = atan2(vec_dot(arc->v, p), vec_dot(arc->u, p));
    if (t < 0)
        t += 2 * SKY_PI;
    if (t < arc->span)
        add_cut(arcs, t);
}

/* Where two circles meet: at n1, the angle between the way to n2 and the way to the meeting
 * point comes from the three sides of their triangle. */
static void cut_by_circle(struct arcs *arcs, const struct arc *arc, const struct arc *other)
{
    double d = vec_angle(arc->n, other->n);
    if (d < 1e-12 || d > SKY_PI - 1e-12)
        return; /* one circle, or none in common */
    double s = (d + arc->r + other->r) / 2;
    double by_d = s - d, by_r = s - arc->r, by_other = s - other->r, over = SKY_PI - s;
    if (fmin(fmin(by_d, by_r), fmin(by_other, over)) < -meets_rad)
        return;
    double across = sqrt(fmax(0, sin(by_d)) * fmax(0, sin(by_r)));
    double along = sqrt(fmax(0, sin(over)) * fmax(0, sin(by_other)));
    double angle = 2 * atan2(across, along);
    struct sky_vec way =
        vec_unit(vec_sub(other->n, vec_scale(arc->n, vec_dot(arc->n, other->n))));
    struct sky_vec side = vec_cross(arc->n, way);
    for (int i = 0; i < 2; i++) {
        double part = i ? -sin(angle) : sin(angle);
        cut_at(arcs, arc, vec_add(vec_scale(way, cos(angle)), vec_scale(side, part)));
    }
}

static void cut_by_ends(struct arcs *arcs, const struct arc *arc, const struct arc *other)
{
    for (int i = 0; i < 2; i++) {
        struct sky_vec end = arc_at(other, i ? other->span : 0, other->r);
        if (fabs(vec_angle(arc->n, end) - arc->r) < meets_rad)
            cut_at(arcs, arc, end);
    }
}

static int double_compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

/* Sorted parameters of all cuts of arc i, 0 and its span among them. */
static bool cut_arc(struct arcs *arcs, size_t i)
{
    const struct arc *arc = &arcs->arc[i];
    arcs->ncut = 0;
    add_cut(arcs, 0);
    for (size_t j = 0; j < arcs->n; j++) {
        const struct arc *other = &arcs->arc[j];
        double reach = arc->reach + other->reach + 1e-12;
        if (other->leaf == arc->leaf ||
            vec_chord2(arc->middle, other->middle) > reach * reach)
            continue;
        cut_by_circle(arcs, arc, other);
        cut_by_ends(arcs, arc, other);
    }
    add_cut(arcs, arc->span);
    if (arcs->failed)
        return false;
    qsort(arcs->cut, arcs->ncut, sizeof *arcs->cut, double_compare);
    return true;
}

struct piece {
    const struct arc *arc;
    double from, to;
    struct sky_vec start, middle, left, right; /* left: toward the arc's own centre */
};

static bool piece_set(struct piece *piece, const struct arc *arc, double from, double to)
{
    double length = (to - from) * arc->sin_r;
    if (length < least_rad)
        return false;
    double side = fmin(side_rad, fmin(length, arc->sin_r) / 100);
    double t = (from + to) / 2;
    *piece = (struct piece){arc,
                            from,
                            to,
                            arc_at(arc, from, arc->r),
                            arc_at(arc, t, arc->r),
                            arc_at(arc, t, arc->r - side),
                            arc_at(arc, t, arc->r + side)};
    return true;
}

/* --- relations
 * ------------------------------------------------------------------------------ */

struct question {
    enum sky_relation relation;
    const struct sky_region *a, *b;
};

/* An open spot of the sky: true if it settles the question. */
static bool spot_decides(const struct question *q, struct sky_vec p)
{
    if (!sky_region_holds(q->a, p, 0, true))
        return false;
    bool in_b = sky_region_holds(q->b, p, 0, true);
    return q->relation == SKY_TOUCHES ? in_b : !in_b;
}

/* A lone point or a place on a boundary, where touching is enough to be inside. */
static bool touch_decides(const struct question *q, struct sky_vec p)
{
    double touch = 2 * meets_rad;
    if (!sky_region_holds(q->a, p, touch, true))
        return false;
    bool in_b = sky_region_holds(q->b, p, touch, true);
    return q->relation == SKY_TOUCHES ? in_b : !in_b;
}

static bool piece_decides(const struct question *q, const struct piece *piece)
{
    if (spot_decides(q, piece->left) || spot_decides(q, piece->right))
        return true;
    if (touch_decides(q, piece->middle))
        return true;
    return q->relation == SKY_TOUCHES && touch_decides(q, piece->start);
}

static bool arcs_decide(struct arcs *arcs, const struct question *q)
{
    for (size_t i = 0; i < arcs->npoint; i++)
        if (touch_decides(q, arcs->point[i]))
            return true;
    if (arcs->n == 0) /* everything or nothing: any place tells */
        return spot_decides(q, (struct sky_vec){0.48, -0.6, 0.64});
    for (size_t i = 0; i < arcs->n; i++) {
        if (!cut_arc(arcs, i))
            return false;
        struct piece piece;
        for (size_t k = 1; k < arcs->ncut; k++)
            if (piece_set(&piece, &arcs->arc[i], arcs->cut[k - 1], arcs->cut[k]) &&
                piece_decides(q, &piece))
                return true;
    }
    return false;
}

bool sky_arcs_relate(enum sky_relation relation, const struct sky_region *a,
                     const struct sky_region *b, bool *yes, bool *too_many, struct err *e)
{
    struct arcs arcs;
    if (!arcs_begin(&arcs, a, b, too_many, e))
        return false;
    bool decided = arcs_decide(&arcs, &(struct question){relation, a, b});
    bool ok = !arcs.failed || err_set(e, ERR_LIMIT, "no memory to compare regions");
    *yes = relation == SKY_TOUCHES ? decided : !decided;
    arcs_end(&arcs);
    return ok;
}

/* --- measures
 * ------------------------------------------------------------------------------- */

struct measure {
    double area_sr;
    struct sky_vec integral; /* of position over the region */
    struct sky_vec apex;     /* of the triangles that areas are summed from */
    struct piece *kept;      /* pieces of the boundary, to find doubles */
    size_t nkept, capacity;
};

/* Two regions may share a stretch of boundary: it counts once. */
static bool is_double(const struct measure *m, const struct piece *piece)
{
    for (size_t i = 0; i < m->nkept; i++)
        if (m->kept[i].arc->leaf != piece->arc->leaf &&
            vec_chord2(m->kept[i].middle, piece->middle) < 1e-22)
            return true;
    return false;
}

static bool keep_piece(struct arcs *arcs, struct measure *m, const struct piece *piece)
{
    if (m->nkept == m->capacity) {
        size_t capacity = m->capacity ? 2 * m->capacity : 64;
        struct piece *kept = realloc(m->kept, capacity * sizeof *kept);
        if (!kept) {
            arcs->failed = true;
            return false;
        }
        m->kept = kept;
        m->capacity = capacity;
    }
    m->kept[m->nkept++] = *piece;
    return true;
}

/* Half the integral of x cross dx along the piece (Stokes), and the area between it and the
 * apex: a triangle, and what the arc bulges out from the triangle's side. */
static void add_piece(struct measure *m, const struct piece *piece, double sign)
{
    const struct arc *arc = piece->arc;
    double t = piece->to - piece->from;
    struct sky_vec p = piece->start, q = arc_at(arc, piece->to, arc->r);
    double half = sin(arc->r / 2);
    double bulge = 2 * half * half * t - vec_triangle(arc->n, p, q);
    m->area_sr += sign * (vec_triangle(m->apex, p, q) + bulge);

    struct sky_vec turn = vec_add(vec_scale(arc->u, sin(piece->to) - sin(piece->from)),
                                  vec_scale(arc->v, cos(piece->from) - cos(piece->to)));
    struct sky_vec part = vec_sub(vec_scale(arc->n, arc->sin_r * arc->sin_r * t),
                                  vec_scale(turn, arc->sin_r * arc->cos_r));
    m->integral = vec_add(m->integral, vec_scale(part, sign / 2));
}

static bool measure_piece(struct arcs *arcs, struct measure *m,
                          const struct sky_region *region, const struct piece *piece)
{
    bool left = sky_region_holds(region, piece->left, 0, true);
    bool right = sky_region_holds(region, piece->right, 0, true);
    if (left == right || is_double(m, piece))
        return true;
    if (m->nkept == 0)
        m->apex = arc_at(piece->arc, piece->from + 0.382 * (piece->to - piece->from),
                         piece->arc->r);
    add_piece(m, piece, left ? 1 : -1);
    return keep_piece(arcs, m, piece);
}

static bool measure_arcs(struct arcs *arcs, struct measure *m,
                         const struct sky_region *region)
{
    for (size_t i = 0; i < arcs->n; i++) {
        if (!cut_arc(arcs, i))
            return false;
        struct piece piece;
        for (size_t k = 1; k < arcs->ncut; k++)
            if (piece_set(&piece, &arcs->arc[i], arcs->cut[k - 1], arcs->cut[k]) &&
                !measure_piece(arcs, m, region, &piece))
                return false;
    }
    return true;
}

/* The sum is right up to whole spheres. */
static double whole_area(const struct measure *m, const struct sky_region *region)
{
    const double sphere = 4 * SKY_PI;
    struct sky_vec anywhere = {0.48, -0.6, 0.64};
    if (m->nkept == 0)
        return sky_region_holds(region, anywhere, 0, true) ? sphere : 0;
    double area = fmod(m->area_sr, sphere);
    if (area < 0)
        area += sphere;
    /* A rounding below nothing is not everything. */
    if (area > sphere - 1e-9 &&
        !sky_region_holds(region, vec_scale(m->apex, -1), SKY_TOUCH_RAD, true))
        area = fmax(0, area - sphere);
    return area;
}

bool sky_arcs_measure(const struct sky_region *region, double *area_sr,
                      struct sky_vec *integral, bool *too_many, struct err *e)
{
    struct arcs arcs;
    struct measure m = {0};
    if (!arcs_begin(&arcs, region, NULL, too_many, e))
        return false;
    bool ok = measure_arcs(&arcs, &m, region);
    if (ok) {
        *area_sr = whole_area(&m, region);
        *integral = m.integral;
    } else
        err_set(e, ERR_LIMIT, "no memory to measure a region");
    free(m.kept);
    arcs_end(&arcs);
    return ok;
}
