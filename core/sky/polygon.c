/* polygon.c -- polygons of great-circle edges. A direction is inside if the way from it to
 * a reference point of known side crosses the edges an even (odd) number of times; which
 * side of a vertex that way passes is decided once for both edges that meet there, so that
 * no vertex is counted twice. */
#include "core/sky/sky.h"

#include <stdlib.h>

#include "core/sky/private.h"

/* The foot of the perpendicular lies on the arc a-b (less than 180 degrees, left normal n).
 */
static bool foot_is_on_arc(struct sky_vec n, struct sky_vec a, struct sky_vec b,
                           struct sky_vec p)
{
    return vec_dot(vec_cross(n, a), p) >= 0 && vec_dot(vec_cross(b, n), p) >= 0;
}

/* Squared chord and sine of a radius: is the nearest point of edge i at most that far? */
static bool edge_is_near(const struct polygon *polygon, size_t i, struct sky_vec p,
                         double sine, double chord2)
{
    const struct edge *edge = &polygon->edge[i];
    if (fabs(vec_dot(edge->normal, p)) > sine)
        return false;
    struct sky_vec b = sky_polygon_vertex(polygon, i + 1);
    return vec_chord2(p, edge->at) <= chord2 || vec_chord2(p, b) <= chord2 ||
           foot_is_on_arc(edge->normal, edge->at, b, p);
}

bool sky_polygon_edge_is_near(const struct polygon *polygon, struct sky_vec p, double sine,
                              double chord2)
{
    for (size_t i = 0; i < polygon->n; i++)
        if (edge_is_near(polygon, i, p, sine, chord2))
            return true;
    return false;
}

double sky_polygon_edge_distance(const struct polygon *polygon, struct sky_vec p)
{
    double least = SKY_PI;
    for (size_t i = 0; i < polygon->n; i++) {
        const struct edge *edge = &polygon->edge[i];
        struct sky_vec b = sky_polygon_vertex(polygon, i + 1);
        double distance = vec_angle(p, edge->at);
        if (foot_is_on_arc(edge->normal, edge->at, b, p))
            distance = fabs(SKY_PI / 2 - vec_angle(edge->normal, p));
        least = fmin(least, distance);
    }
    return least;
}

/* The way from p to a reference parts the ends of an edge; starts_left: the edge's first
 * end is on its left. They cross if p and the reference are on different sides of the edge,
 * and on this half of the sphere. */
static bool crosses(double side_p, double side_reference, bool starts_left)
{
    return (side_p >= 0) != (side_reference >= 0) && (side_p >= 0) != starts_left;
}

static bool is_crossed_oddly(const struct polygon *polygon, struct sky_vec p, int reference,
                             size_t skip)
{
    struct sky_vec way = vec_cross(p, polygon->reference[reference]);
    bool odd = false;
    bool first = vec_dot(way, polygon->edge[0].at) >= 0, left = first;
    for (size_t i = 0; i < polygon->n; i++) {
        const struct edge *edge = &polygon->edge[i];
        bool next = i + 1 < polygon->n ? vec_dot(way, polygon->edge[i + 1].at) >= 0 : first;
        if (left != next && i != skip)
            odd ^= crosses(vec_dot(edge->normal, p), edge->reference[reference], left);
        left = next;
    }
    return odd;
}

static bool is_inside(const struct polygon *polygon, struct sky_vec p)
{
    int farther =
        fabs(vec_dot(p, polygon->reference[0])) > fabs(vec_dot(p, polygon->reference[1]));
    return is_crossed_oddly(polygon, p, farther, SIZE_MAX) !=
           polygon->reference_is_in[farther];
}

bool sky_polygon_holds(const struct polygon *polygon, struct sky_vec p, double guard)
{
    double size = fabs(guard);
    if (sky_polygon_edge_is_near(polygon, p, size, size * size))
        return guard >= 0;
    return is_inside(polygon, p);
}

/* --- preparing
 * ------------------------------------------------------------------------------ */

static bool prepare_edges(struct polygon *polygon, const struct sky_vec *vertex,
                          struct err *e)
{
    for (size_t i = 0; i < polygon->n; i++) {
        struct sky_vec a = vertex[i], b = vertex[i + 1 < polygon->n ? i + 1 : 0];
        struct sky_vec normal = vec_cross_near(a, b);
        if (vec_dot(a, b) < 0 && vec_norm(normal) < 1e-12)
            return err_set(e, ERR_USAGE,
                           "vertices %zu and %zu of the polygon are 180 degrees apart: the "
                           "edge between them is undefined, add a vertex on the way",
                           i + 1, i + 1 < polygon->n ? i + 2 : 1);
        polygon->edge[i].at = a;
        polygon->edge[i].normal = vec_unit(normal);
    }
    return true;
}

/* Steradians to the left of the edges, in [0, 4 pi); the sum of triangles over edges is
 * right up to whole spheres. */
static double left_area(const struct polygon *polygon, double *length)
{
    struct sky_vec apex = polygon->edge[0].at;
    double area = 0;
    *length = 0;
    for (size_t i = 0; i < polygon->n; i++) {
        struct sky_vec a = polygon->edge[i].at, b = sky_polygon_vertex(polygon, i + 1);
        if (i > 0 && i + 1 < polygon->n)
            area += vec_triangle(apex, a, b);
        *length += vec_angle(a, b);
    }
    area = fmod(area, 4 * SKY_PI);
    return area < 0 ? area + 4 * SKY_PI : area;
}

static bool measure(struct polygon *polygon, struct err *e)
{
    double length;
    double left = left_area(polygon, &length);
    polygon->is_left = left <= 2 * SKY_PI * (1 + 1e-15);
    polygon->area_sr = polygon->is_left ? left : 4 * SKY_PI - left;
    if (polygon->area_sr <= 1e-15 * length)
        return err_set(e, ERR_USAGE,
                       "the polygon has no area: its vertices lie on one great circle");
    return true;
}

/* Points spread over the sphere, none on a likely great circle. */
static struct sky_vec candidate(int i)
{
    double z = -0.93 + 1.86 * (i + 0.37) / 24, lon = 2.399963229728653 * i + 0.4142;
    double s = sqrt(1 - z * z);
    return (struct sky_vec){s * cos(lon), s * sin(lon), z};
}

static double least_side(const struct polygon *polygon, struct sky_vec p)
{
    double least = 1;
    for (size_t i = 0; i < polygon->n; i++)
        least = fmin(least, fabs(vec_dot(polygon->edge[i].normal, p)));
    return least;
}

/* The two best candidates, far from each other and each other's antipode. */
static void choose_references(struct polygon *polygon)
{
    for (int r = 0; r < 2; r++) {
        double best = -1;
        for (int i = 0; i < 24; i++) {
            struct sky_vec p = candidate(i);
            if (r == 1 && fabs(vec_dot(p, polygon->reference[0])) > 0.8)
                continue;
            double side = least_side(polygon, p);
            if (side > best) {
                best = side;
                polygon->reference[r] = p;
            }
        }
        for (size_t i = 0; i < polygon->n; i++)
            polygon->edge[i].reference[r] =
                vec_dot(polygon->edge[i].normal, polygon->reference[r]);
    }
}

/* An edge whose middle no other edge touches (a slit runs along another edge). */
static size_t lonely_edge(const struct polygon *polygon, struct sky_vec *middle)
{
    for (size_t i = 0; i < polygon->n; i++) {
        bool is_lonely = true;
        *middle =
            vec_unit(vec_add(polygon->edge[i].at, sky_polygon_vertex(polygon, i + 1)));
        for (size_t j = 0; j < polygon->n && is_lonely; j++)
            is_lonely = j == i || !edge_is_near(polygon, j, *middle, 1e-12, 1e-24);
        if (is_lonely)
            return i;
    }
    return 0;
}

/* Leaving an edge's middle toward a reference begins on a known side. */
static void side_references(struct polygon *polygon)
{
    struct sky_vec middle = {0};
    size_t i = lonely_edge(polygon, &middle);
    for (int r = 0; r < 2; r++) {
        bool starts_left = polygon->edge[i].reference[r] > 0;
        bool odd = is_crossed_oddly(polygon, middle, r, i);
        polygon->reference_is_in[r] = (starts_left == polygon->is_left) != odd;
    }
}

/* --- edges that cross
 * ------------------------------------------------------------------------ */

static bool edges_cross(const struct polygon *polygon, size_t i, size_t j)
{
    const struct edge *first = &polygon->edge[i], *second = &polygon->edge[j];
    double a = vec_dot(first->normal, second->at);
    double b = vec_dot(first->normal, sky_polygon_vertex(polygon, j + 1));
    double c = vec_dot(second->normal, first->at);
    double d = vec_dot(second->normal, sky_polygon_vertex(polygon, i + 1));
    const double touch = 1e-13; /* touching is not crossing */
    if (fabs(a) < touch || fabs(b) < touch || fabs(c) < touch || fabs(d) < touch)
        return false;
    /* a, b: sides of the second's ends. Opposite signs both times, and on one hemisphere.
     */
    return (a > 0) != (b > 0) && (c > 0) != (d > 0) && (a > 0) != (c > 0);
}

struct extent {
    double lo, hi; /* of z along the edge */
    size_t edge;
};

static int extent_compare(const void *a, const void *b)
{
    const struct extent *x = a, *y = b;
    return x->lo < y->lo ? -1 : x->lo > y->lo;
}

static struct extent extent_of(const struct polygon *polygon, size_t i)
{
    struct sky_vec a = polygon->edge[i].at, b = sky_polygon_vertex(polygon, i + 1);
    struct sky_vec n = polygon->edge[i].normal;
    struct extent extent = {fmin(a.z, b.z), fmax(a.z, b.z), i};
    double highest = sqrt(fmax(0, 1 - n.z * n.z));
    struct sky_vec top = {-n.z * n.x, -n.z * n.y, 1 - n.z * n.z};
    if (foot_is_on_arc(n, a, b, top))
        extent.hi = highest;
    if (foot_is_on_arc(n, a, b, vec_scale(top, -1)))
        extent.lo = -highest;
    return extent;
}

/* Edges sorted by their lowest z: only those whose extents overlap are compared. */
static bool check_crossings(struct arena *arena, const struct polygon *polygon,
                            struct err *e)
{
    size_t n = polygon->n;
    struct extent *extent = arena_new_array(arena, struct extent, n);
    if (!extent)
        return err_set(e, ERR_LIMIT, "no memory for a polygon of %zu vertices", n);
    for (size_t i = 0; i < n; i++)
        extent[i] = extent_of(polygon, i);
    qsort(extent, n, sizeof *extent, extent_compare);
    for (size_t i = 0; i < n; i++)
        for (size_t j = i + 1; j < n && extent[j].lo <= extent[i].hi; j++) {
            size_t a = extent[i].edge, b = extent[j].edge;
            if (a > b)
                a = extent[j].edge, b = extent[i].edge;
            if (b - a > 1 && b - a < n - 1 && edges_cross(polygon, a, b))
                return err_set(e, ERR_USAGE,
                               "the polygon crosses itself: edge %zu (from vertex %zu) and "
                               "edge %zu",
                               a + 1, a + 1, b + 1);
        }
    return true;
}

bool sky_polygon_prepare(struct arena *arena, struct polygon *polygon,
                         const struct sky_vec *vertex, size_t n, struct err *e)
{
    polygon->n = n;
    polygon->edge = arena_new_array(arena, struct edge, n);
    if (!polygon->edge)
        return err_set(e, ERR_LIMIT, "no memory for a polygon of %zu vertices", n);
    if (!prepare_edges(polygon, vertex, e) || !check_crossings(arena, polygon, e) ||
        !measure(polygon, e))
        return false;
    choose_references(polygon);
    side_references(polygon);
    return true;
}
