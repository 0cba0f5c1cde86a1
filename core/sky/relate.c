/* relate.c -- CONTAINS, INTERSECTS, AREA and CENTROID: the short ways for the common pairs,
 * else boundary arcs, else (MOCs) cells. */
#include "core/sky/sky.h"

#include "core/sky/private.h"

static bool is_disc(const struct sky_region *region)
{
    return region->shape == SKY_CIRCLE || region->shape == SKY_POINT;
}

static double disc_distance_deg(const struct sky_region *a, const struct sky_region *b)
{
    return sky_distance_deg(a->center.lon_deg, a->center.lat_deg, b->center.lon_deg,
                            b->center.lat_deg);
}

static const double touch_deg = SKY_TOUCH_RAD * SKY_DEG_PER_RAD;

/* True if there is a short way; the answer goes to *yes. */
static bool within_shortly(const struct sky_region *inner, const struct sky_region *outer,
                           bool *yes)
{
    const struct sky_prepared *in = inner->prepared, *out = outer->prepared;
    if (outer->shape == SKY_ALL)
        return *yes = true;
    if (inner->shape == SKY_POINT) {
        *yes =
            sky_region_contains_point(outer, inner->center.lon_deg, inner->center.lat_deg);
        return true;
    }
    if (is_disc(inner) && is_disc(outer)) {
        *yes = disc_distance_deg(inner, outer) + inner->radius_deg <=
                   outer->radius_deg + touch_deg ||
               outer->radius_deg >= 180;
        return true;
    }
    if (inner->shape == SKY_CIRCLE && outer->shape == SKY_POLYGON &&
        inner->radius_deg < 90) {
        *yes = sky_polygon_holds(&out->polygon, in->center, SKY_TOUCH_RAD) &&
               sky_polygon_edge_distance(&out->polygon, in->center) >=
                   in->radius_rad - SKY_TOUCH_RAD;
        return true;
    }
    if (inner->shape == SKY_POLYGON && is_disc(outer) && outer->radius_deg <= 90) {
        *yes = true; /* such a circle is convex */
        for (size_t i = 0; i < in->polygon.n && *yes; i++)
            *yes = vec_angle(out->center, in->polygon.edge[i].at) <=
                   out->radius_rad + SKY_TOUCH_RAD;
        return true;
    }
    if (inner->shape == SKY_MOC && outer->shape == SKY_MOC) {
        *yes = sky_moc_is_within(inner->moc, outer->moc);
        return true;
    }
    return false;
}

static bool bounds_are_apart(const struct sky_region *a, const struct sky_region *b)
{
    const struct sky_prepared *x = a->prepared, *y = b->prepared;
    if (x->bound_rad >= SKY_PI || y->bound_rad >= SKY_PI)
        return false;
    double reach = x->bound_chord + y->bound_chord + 1e-12;
    return vec_chord2(x->center, y->center) > reach * reach;
}

static bool intersects_shortly(const struct sky_region *a, const struct sky_region *b,
                               bool *yes)
{
    if (a->shape == SKY_POINT) {
        *yes = sky_region_contains_point(b, a->center.lon_deg, a->center.lat_deg);
        return true;
    }
    if (bounds_are_apart(a, b)) {
        *yes = false;
        return true;
    }
    if (is_disc(a) && is_disc(b)) {
        *yes = disc_distance_deg(a, b) <= a->radius_deg + b->radius_deg + touch_deg;
        return true;
    }
    if (is_disc(a) && b->shape == SKY_POLYGON) {
        const struct polygon *polygon = &b->prepared->polygon;
        *yes = sky_polygon_holds(polygon, a->prepared->center, SKY_TOUCH_RAD) ||
               sky_polygon_edge_distance(polygon, a->prepared->center) <=
                   a->prepared->radius_rad + SKY_TOUCH_RAD;
        return true;
    }
    if (a->shape == SKY_MOC && b->shape == SKY_MOC) {
        *yes = sky_moc_intersects(a->moc, b->moc);
        return true;
    }
    return false;
}

static bool relate(enum sky_relation relation, const struct sky_region *a,
                   const struct sky_region *b, bool *yes, struct err *e)
{
    bool too_many = false;
    if (a->prepared->has_moc || b->prepared->has_moc)
        return sky_cells_relate(relation, a, b, yes, e);
    if (sky_arcs_relate(relation, a, b, yes, &too_many, e))
        return true;
    return too_many && sky_cells_relate(relation, a, b, yes, e);
}

bool sky_region_is_within(const struct sky_region *inner, const struct sky_region *outer,
                          bool *yes, struct err *e)
{
    return within_shortly(inner, outer, yes) || relate(SKY_IS_WITHIN, inner, outer, yes, e);
}

bool sky_region_intersects(const struct sky_region *a, const struct sky_region *b,
                           bool *yes, struct err *e)
{
    return intersects_shortly(a, b, yes) || intersects_shortly(b, a, yes) ||
           relate(SKY_TOUCHES, a, b, yes, e);
}

/* --- measures
 * ------------------------------------------------------------------------------ */

static bool measure(const struct sky_region *region, double *area_sr,
                    struct sky_vec *integral, struct err *e)
{
    bool too_many = false;
    if (region->prepared->has_moc)
        return sky_cells_measure(region, area_sr, integral, e);
    if (sky_arcs_measure(region, area_sr, integral, &too_many, e))
        return true;
    return too_many && sky_cells_measure(region, area_sr, integral, e);
}

bool sky_region_area_deg2(const struct sky_region *region, double *area, struct err *e)
{
    struct sky_vec integral;
    double area_sr, half, s;
    switch (region->shape) {
    case SKY_POINT:
        area_sr = 0;
        break;
    case SKY_CIRCLE:
        half = sin(region->prepared->radius_rad / 2);
        area_sr = 4 * SKY_PI * half * half;
        break;
    case SKY_POLYGON:
        area_sr = region->prepared->polygon.area_sr;
        break;
    case SKY_RANGE: /* sines of latitude, subtracted without loss */
        s = (region->lat_max - region->lat_min) / 2 * SKY_RAD_PER_DEG;
        half = (region->lat_max + region->lat_min) / 2 * SKY_RAD_PER_DEG;
        area_sr =
            (region->lon_max - region->lon_min) * SKY_RAD_PER_DEG * 2 * sin(s) * cos(half);
        break;
    case SKY_MOC:
        area_sr = 4 * SKY_PI * sky_moc_fraction(region->moc);
        break;
    default:
        if (!measure(region, &area_sr, &integral, e))
            return false;
    }
    *area = area_sr * SKY_DEG_PER_RAD * SKY_DEG_PER_RAD;
    return true;
}

/* Small polygons: triangles weighted by area, where integrals would lose their digits. */
static struct sky_vec polygon_mean(const struct polygon *polygon)
{
    struct sky_vec apex = polygon->edge[0].at, sum = {0};
    double area = 0;
    for (size_t i = 1; i + 1 < polygon->n; i++) {
        struct sky_vec a = vec_sub(polygon->edge[i].at, apex);
        struct sky_vec b = vec_sub(polygon->edge[i + 1].at, apex);
        double part = vec_dot(apex, vec_cross(a, b));
        area += part;
        sum = vec_add(sum, vec_scale(vec_add(a, b), part / 3));
    }
    return vec_add(apex, vec_scale(sum, 1 / area));
}

bool sky_region_centroid(const struct sky_region *region, struct sky_point *center,
                         struct err *e)
{
    const struct sky_prepared *prepared = region->prepared;
    struct sky_vec integral = {0};
    double area_sr = 0;
    if (region->shape == SKY_POINT || region->shape == SKY_ELLIPSE ||
        (region->shape == SKY_CIRCLE && region->radius_deg < 180)) {
        *center = region->center;
        return true;
    }
    if (region->shape == SKY_POLYGON && prepared->bound_rad < 1e-4) {
        *center = sky_point_of(polygon_mean(&prepared->polygon));
        return true;
    }
    if (!measure(region, &area_sr, &integral, e))
        return false;
    if (vec_norm(integral) <= 1e-13 || area_sr <= 0)
        return err_set(e, ERR_USAGE, "this region has no centroid: %s",
                       area_sr <= 0 ? "it has no area" : "it lies evenly around the sky");
    *center = sky_point_of(integral);
    return true;
}

bool sky_region_bounds(const struct sky_region *region, struct sky_point *center,
                       double *radius_deg)
{
    const struct sky_prepared *prepared = region->prepared;
    struct sky_span span[64];
    if (is_disc(region)) {
        *center = region->center;
        *radius_deg = region->radius_deg;
        return true;
    }
    if (prepared->bound_rad < SKY_PI) {
        *center = sky_point_of(prepared->center);
        *radius_deg = prepared->bound_rad * SKY_DEG_PER_RAD;
        return true;
    }
    /* Around the cells that cover it. */
    const int order = 6;
    size_t n = sky_region_cover(region, order, span, 64);
    struct sky_vec sum = {0};
    for (size_t i = 0; i < n; i++)
        for (int64_t cell = span[i].lo; cell <= span[i].hi; cell++) {
            struct sky_point p;
            if (sky_healpix_center(order, cell, &p))
                sum = vec_add(sum, sky_vec_of(p.lon_deg, p.lat_deg));
        }
    *center = sky_point_of(sum);
    *radius_deg = 0;
    struct sky_vec middle = sky_vec_of(center->lon_deg, center->lat_deg);
    for (size_t i = 0; i < n; i++)
        for (int64_t cell = span[i].lo; cell <= span[i].hi; cell++) {
            struct sky_point p;
            if (sky_healpix_center(order, cell, &p))
                *radius_deg =
                    fmax(*radius_deg,
                         sky_vec_distance_deg(middle, sky_vec_of(p.lon_deg, p.lat_deg)));
        }
    *radius_deg = fmin(180, *radius_deg + sky_healpix_radius_deg(order));
    return n > 0;
}
