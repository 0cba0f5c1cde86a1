/* region.c -- building regions and asking whether they hold a position. */
#include "core/sky/sky.h"

#include "core/sky/private.h"

static struct sky_region *new_region(struct arena *arena, enum sky_shape shape,
                                     struct sky_prepared **prepared, struct err *e)
{
    struct sky_region *region = arena_new_one(arena, struct sky_region);
    *prepared = arena_new_one(arena, struct sky_prepared);
    if (!region || !*prepared) {
        err_set(e, ERR_LIMIT, "no memory for a region");
        return NULL;
    }
    region->shape = shape;
    region->prepared = *prepared;
    (*prepared)->bound_rad = SKY_PI;
    (*prepared)->bound_chord = 2;
    return region;
}

static bool check_size(double size_deg, double most, const char *what, struct err *e)
{
    if (size_deg >= 0 && size_deg <= most)
        return true;
    return err_set(e, ERR_USAGE, "%s of %.10g degrees: it must be from 0 to %g", what,
                   size_deg, most);
}

static void set_bound(struct sky_prepared *prepared, double radius_rad)
{
    if (radius_rad > SKY_PI / 2)
        return; /* chords to a bounding circle are used for convex ones only */
    prepared->bound_rad = radius_rad;
    prepared->bound_chord = 2 * sin(radius_rad / 2);
}

void sky_circle_prepare(struct sky_region *region, struct sky_prepared *prepared,
                        double lon_deg, double lat_deg, double radius_deg)
{
    region->center = (struct sky_point){sky_lon_reduce(lon_deg), lat_deg};
    region->radius_deg = radius_deg;
    sky_cone_prepare(&prepared->cone, region->center.lon_deg, lat_deg, radius_deg);
    prepared->center = prepared->cone.center;
    prepared->radius_rad = radius_deg * SKY_RAD_PER_DEG;
    prepared->is_large = radius_deg > 90;
    double small =
        prepared->is_large ? SKY_PI - prepared->radius_rad : prepared->radius_rad;
    prepared->chord = 2 * sin(fmax(small, 0) / 2);
    set_bound(prepared, prepared->radius_rad);
}

const struct sky_region *sky_region_point(struct arena *arena, double lon_deg,
                                          double lat_deg, struct err *e)
{
    struct sky_prepared *prepared;
    struct sky_region *region;
    if (!sky_position_check(lon_deg, lat_deg, e) ||
        !(region = new_region(arena, SKY_POINT, &prepared, e)))
        return NULL;
    sky_circle_prepare(region, prepared, lon_deg, lat_deg, 0);
    return region;
}

const struct sky_region *sky_region_circle(struct arena *arena, double lon_deg,
                                           double lat_deg, double radius_deg, struct err *e)
{
    struct sky_prepared *prepared;
    struct sky_region *region;
    if (!sky_position_check(lon_deg, lat_deg, e) ||
        !check_size(radius_deg, 180, "a radius", e) ||
        !(region = new_region(arena, SKY_CIRCLE, &prepared, e)))
        return NULL;
    sky_circle_prepare(region, prepared, lon_deg, lat_deg, radius_deg);
    return region;
}

/* --- polygons ----------------------------------------------------------------------------
 */

/* Copies the vertices that differ from the one before; a closing one counts as repeated. */
static bool take_vertices(const double *lonlat, size_t n, struct sky_point *point,
                          struct sky_vec *vec, size_t *count, struct err *e)
{
    size_t m = 0;
    for (size_t i = 0; i < n; i++) {
        double lon = lonlat[2 * i], lat = lonlat[2 * i + 1];
        if (!sky_position_check(lon, lat, e))
            return false;
        struct sky_vec v = sky_vec_of(lon, lat);
        if (m && vec_chord2(v, vec[m - 1]) < 1e-30)
            continue;
        point[m] = (struct sky_point){sky_lon_reduce(lon), lat};
        vec[m++] = v;
    }
    while (m > 1 && vec_chord2(vec[0], vec[m - 1]) < 1e-30)
        m--;
    *count = m;
    if (m < 3)
        return err_set(e, ERR_USAGE,
                       "a polygon needs at least 3 different vertices, this has %zu", m);
    return true;
}

static void bound_polygon(struct sky_prepared *prepared, const struct sky_vec *vec,
                          size_t n)
{
    struct sky_vec sum = {0};
    for (size_t i = 0; i < n; i++)
        sum = vec_add(sum, vec[i]);
    prepared->center = vec_unit(sum);
    double farthest = 0;
    for (size_t i = 0; i < n; i++)
        farthest = fmax(farthest, vec_angle(prepared->center, vec[i]));
    if (vec_norm(sum) > 1e-3)
        set_bound(prepared, farthest + 1e-14);
}

const struct sky_region *sky_region_polygon(struct arena *arena, const double *lonlat,
                                            size_t nvertex, struct err *e)
{
    struct sky_prepared *prepared;
    if (nvertex > SKY_VERTEX_MAX) {
        err_set(e, ERR_LIMIT, "a polygon of %zu vertices: at most %d are allowed", nvertex,
                SKY_VERTEX_MAX);
        return NULL;
    }
    struct sky_region *region = new_region(arena, SKY_POLYGON, &prepared, e);
    struct sky_point *point = arena_new_array(arena, struct sky_point, nvertex + 1);
    struct sky_vec *vec = arena_new_array(arena, struct sky_vec, nvertex + 1);
    if (!region || !point || !vec) {
        err_set(e, ERR_LIMIT, "no memory for a polygon of %zu vertices", nvertex);
        return NULL;
    }
    if (!take_vertices(lonlat, nvertex, point, vec, &region->nvertex, e) ||
        !sky_polygon_prepare(arena, &prepared->polygon, vec, region->nvertex, e))
        return NULL;
    region->vertex = point;
    bound_polygon(prepared, vec, region->nvertex);
    return region;
}

const struct sky_region *sky_region_box(struct arena *arena, double lon_deg, double lat_deg,
                                        double width_deg, double height_deg, struct err *e)
{
    if (!sky_position_check(lon_deg, lat_deg, e))
        return NULL;
    if (!(width_deg > 0 && width_deg < 180 && height_deg > 0 && height_deg < 180)) {
        err_set(e, ERR_USAGE,
                "a box of %.10g by %.10g degrees: both must be over 0 and below 180 (for "
                "bands of longitude and latitude compare the coordinates)",
                width_deg, height_deg);
        return NULL;
    }
    /* On the plane that touches the sphere at the centre, great circles are straight. */
    double x = tan(width_deg * SKY_RAD_PER_DEG / 2);
    double y = tan(height_deg * SKY_RAD_PER_DEG / 2);
    double distance = atan(hypot(x, y)) * SKY_DEG_PER_RAD;
    double angle = atan2(x, y) * SKY_DEG_PER_RAD;
    /* North-east, south-east, south-west, north-west: counter-clockwise from inside. */
    const double way[4] = {angle, 180 - angle, 180 + angle, 360 - angle};
    double corner[8];
    for (int i = 0; i < 4; i++) {
        struct sky_point p = sky_offset(lon_deg, lat_deg, way[i], distance);
        corner[2 * i] = p.lon_deg;
        corner[2 * i + 1] = p.lat_deg;
    }
    return sky_region_polygon(arena, corner, 4, e);
}

/* --- ranges and ellipses
 * ------------------------------------------------------------------- */

static void bound_range(struct sky_region *region, struct sky_prepared *prepared)
{
    double half = (region->lon_max - region->lon_min) / 2;
    double lon = region->lon_min + half;
    double lat = (region->lat_min + region->lat_max) / 2;
    double far = 0;
    for (int i = 0; i < 4; i++)
        far = fmax(far, sky_distance_deg(lon, lat, lon + (i & 1 ? half : -half),
                                         i & 2 ? region->lat_max : region->lat_min));
    struct sky_vec own = sky_vec_of(lon, lat);
    prepared->center = own;
    if (region->frame != SKY_ICRS)
        prepared->center = vec_turn_back(prepared->matrix[0], own);
    if (half <= 90 && far < 89) /* else the nearer parallel may bulge out */
        set_bound(prepared,
                  fmax(far, (region->lat_max - region->lat_min) / 2) * SKY_RAD_PER_DEG +
                      1e-14);
}

const struct sky_region *sky_region_range_in(struct arena *arena, enum sky_frame frame,
                                             double (*matrix)[3], double lon_min,
                                             double lon_max, double lat_min, double lat_max,
                                             struct err *e)
{
    lon_min = lon_min == -HUGE_VAL ? 0 : lon_min; /* an open end is the end */
    lon_max = lon_max == HUGE_VAL ? 360 : lon_max;
    lat_min = lat_min == -HUGE_VAL ? -90 : lat_min;
    lat_max = lat_max == HUGE_VAL ? 90 : lat_max;
    if (!sky_position_check(lon_min, lat_min, e) ||
        !sky_position_check(lon_max, lat_max, e))
        return NULL;
    if (lat_min > lat_max) {
        err_set(
            e, ERR_USAGE,
            "a range from latitude %.10g to %.10g: the smaller comes first (the order is "
            "lonmin lonmax latmin latmax)",
            lat_min, lat_max);
        return NULL;
    }
    struct sky_prepared *prepared;
    struct sky_region *region = new_region(arena, SKY_RANGE, &prepared, e);
    if (!region)
        return NULL;
    double span = lon_max - lon_min;
    span = span >= 360 ? 360 : sky_lon_reduce(span);
    region->lon_min = sky_lon_reduce(lon_min);
    region->lon_max = region->lon_min + span;
    if (span < 360 && span > 0 && lon_max >= 0 && lon_max <= 360)
        region->lon_max = lon_max > region->lon_min ? lon_max : lon_max + 360;
    region->lat_min = lat_min;
    region->lat_max = lat_max;
    region->frame = frame;
    for (int i = 0; i < 3; i++)
        for (int k = 0; k < 3; k++)
            prepared->matrix[i][k] = matrix ? matrix[i][k] : i == k;
    bound_range(region, prepared);
    return region;
}

const struct sky_region *sky_region_range(struct arena *arena, double lon_min,
                                          double lon_max, double lat_min, double lat_max,
                                          struct err *e)
{
    return sky_region_range_in(arena, SKY_ICRS, NULL, lon_min, lon_max, lat_min, lat_max,
                               e);
}

enum { ELLIPSE_SIDES = 180 };

/* Distance from the centre to the border in the direction `angle` from the major axis. */
static double ellipse_radius(const struct sky_region *region, double angle_deg)
{
    double s, c;
    sky_sincos_deg(angle_deg, &s, &c);
    double a = region->radius_deg, b = region->minor_deg;
    return a * b / hypot(b * c, a * s);
}

static const struct sky_region *
ellipse_polygon(struct arena *arena, const struct sky_region *region, struct err *e)
{
    double vertex[2 * ELLIPSE_SIDES];
    for (int i = 0; i < ELLIPSE_SIDES; i++) {
        /* Even steps of the eccentric anomaly lie where the border bends. */
        double s, c;
        sky_sincos_deg(360.0 * i / ELLIPSE_SIDES, &s, &c);
        double angle =
            atan2(region->minor_deg * s, region->radius_deg * c) * SKY_DEG_PER_RAD;
        struct sky_point p =
            sky_offset(region->center.lon_deg, region->center.lat_deg,
                       region->angle_deg + angle, ellipse_radius(region, angle));
        vertex[2 * i] = p.lon_deg;
        vertex[2 * i + 1] = p.lat_deg;
    }
    return sky_region_polygon(arena, vertex, ELLIPSE_SIDES, e);
}

const struct sky_region *sky_region_ellipse(struct arena *arena, double lon_deg,
                                            double lat_deg, double semi_major_deg,
                                            double semi_minor_deg, double angle_deg,
                                            struct err *e)
{
    if (!sky_position_check(lon_deg, lat_deg, e) ||
        !check_size(semi_major_deg, 90, "a semi-axis", e) ||
        !check_size(semi_minor_deg, 90, "a semi-axis", e))
        return NULL;
    if (!(semi_minor_deg > 0 && semi_major_deg > 0 && isfinite(angle_deg))) {
        err_set(e, ERR_USAGE, "an ellipse needs two semi-axes over 0 and a position angle");
        return NULL;
    }
    struct sky_prepared *prepared;
    struct sky_region *region = new_region(arena, SKY_ELLIPSE, &prepared, e);
    if (!region)
        return NULL;
    bool is_turned = semi_minor_deg > semi_major_deg; /* then the axes change names */
    sky_circle_prepare(region, prepared, lon_deg, lat_deg,
                       is_turned ? semi_minor_deg : semi_major_deg);
    region->minor_deg = is_turned ? semi_major_deg : semi_minor_deg;
    region->angle_deg = sky_lon_reduce(is_turned ? angle_deg + 90 : angle_deg);
    prepared->as_polygon = ellipse_polygon(arena, region, e);
    return prepared->as_polygon ? region : NULL;
}

/* --- MOCs and combinations
 * -------------------------------------------------------------------- */

const struct sky_region *sky_region_of_moc(struct arena *arena, const struct sky_moc *moc,
                                           struct err *e)
{
    struct sky_prepared *prepared;
    struct sky_region *region = new_region(arena, SKY_MOC, &prepared, e);
    if (!region)
        return NULL;
    region->moc = moc;
    prepared->has_moc = true;
    return region;
}

const struct sky_region *sky_region_all(struct arena *arena, struct err *e)
{
    struct sky_prepared *prepared;
    return new_region(arena, SKY_ALL, &prepared, e);
}

const struct sky_region *sky_region_combine(struct arena *arena, enum sky_shape shape,
                                            const struct sky_region *const *child,
                                            size_t nchild, struct err *e)
{
    size_t most = shape == SKY_NOT ? 1 : SKY_CHILD_MAX;
    if (nchild < 1 || nchild > most) {
        err_set(e, ERR_USAGE, "%zu regions cannot be combined: 1 to %zu are allowed",
                nchild, most);
        return NULL;
    }
    struct sky_prepared *prepared;
    struct sky_region *region = new_region(arena, shape, &prepared, e);
    const struct sky_region **copy =
        arena_new_array(arena, const struct sky_region *, nchild);
    if (!region || !copy) {
        err_set(e, ERR_LIMIT, "no memory for a region");
        return NULL;
    }
    for (size_t i = 0; i < nchild; i++) {
        copy[i] = child[i];
        prepared->has_moc = prepared->has_moc || child[i]->prepared->has_moc;
        if (child[i]->prepared->depth >= prepared->depth)
            prepared->depth = child[i]->prepared->depth + 1;
    }
    if (prepared->depth > SKY_DEPTH_MAX) {
        err_set(e, ERR_LIMIT, "regions are combined more than %d deep", SKY_DEPTH_MAX);
        return NULL;
    }
    region->child = copy;
    region->nchild = nchild;
    return region;
}

/* --- positions inside
 * ----------------------------------------------------------------------------- */

static bool range_holds(const struct sky_region *region, double lon_deg, double lat_deg,
                        double guard_deg)
{
    double lo = region->lat_min > -90 ? region->lat_min - guard_deg : -91;
    double hi = region->lat_max < 90 ? region->lat_max + guard_deg : 91;
    if (!(lat_deg >= lo && lat_deg <= hi))
        return false;
    double span = region->lon_max - region->lon_min;
    double across = cos(lat_deg * SKY_RAD_PER_DEG);
    if (span >= 360 || across <= fmax(guard_deg * SKY_RAD_PER_DEG, 1e-16))
        return span >= 360 || guard_deg >= 0; /* at a pole every longitude is there */
    double from = sky_lon_reduce(lon_deg - region->lon_min);
    double guard_lon = guard_deg / across;
    return from <= span + guard_lon ? from >= -guard_lon : from - 360 >= -guard_lon;
}

static bool rotated_range_holds(const struct sky_region *region, struct sky_vec v,
                                double guard)
{
    if (region->frame != SKY_ICRS)
        v = vec_turn(region->prepared->matrix[0], v);
    struct sky_point p = sky_point_of(v);
    return range_holds(region, p.lon_deg, p.lat_deg, guard * SKY_DEG_PER_RAD);
}

static bool ellipse_holds(const struct sky_region *region, struct sky_vec v, double guard)
{
    struct sky_point p = sky_point_of(v);
    const struct sky_point *c = &region->center;
    double distance = sky_vec_distance_deg(region->prepared->center, v);
    double angle = sky_position_angle_deg(c->lon_deg, c->lat_deg, p.lon_deg, p.lat_deg);
    return distance <=
           ellipse_radius(region, angle - region->angle_deg) + guard * SKY_DEG_PER_RAD;
}

static bool moc_holds(const struct sky_moc *moc, struct sky_vec v)
{
    struct sky_point p = sky_point_of(v);
    return sky_moc_contains_point(moc, p.lon_deg, p.lat_deg);
}

/* Regions are at most SKY_DEPTH_MAX deep: the text parser sees to it, so does who combines.
 */
bool sky_region_holds(const struct sky_region *region, struct sky_vec v, double guard,
                      bool as_polygon)
{
    const struct sky_prepared *prepared = region->prepared;
    double bound = prepared->bound_chord + fabs(guard);
    if (bound < 1.9 && vec_chord2(v, prepared->center) > bound * bound * (1 + 1e-12))
        return false;
    switch (region->shape) {
    case SKY_ELLIPSE:
        return as_polygon ? sky_region_holds(prepared->as_polygon, v, guard, true)
                          : ellipse_holds(region, v, guard);
    case SKY_POINT:
    case SKY_CIRCLE:
        return vec_angle(prepared->center, v) <= prepared->radius_rad + guard;
    case SKY_POLYGON:
        return sky_polygon_holds(&prepared->polygon, v, guard);
    case SKY_RANGE:
        return rotated_range_holds(region, v, guard);
    case SKY_MOC:
        return moc_holds(region->moc, v);
    case SKY_ALL:
        return true;
    case SKY_NOT:
        return !sky_region_holds(region->child[0], v, -guard, as_polygon);
    case SKY_UNION:
        for (size_t i = 0; i < region->nchild; i++)
            if (sky_region_holds(region->child[i], v, guard, as_polygon))
                return true;
        return false;
    case SKY_INTERSECTION:
        for (size_t i = 0; i < region->nchild; i++)
            if (!sky_region_holds(region->child[i], v, guard, as_polygon))
                return false;
        return true;
    }
    return false;
}

bool sky_region_contains_point(const struct sky_region *region, double lon_deg,
                               double lat_deg)
{
    if (!isfinite(lon_deg) || !(fabs(lat_deg) <= 90))
        return false;
    switch (region->shape) {
    case SKY_CIRCLE:
        return sky_cone_contains(&region->prepared->cone, lon_deg, lat_deg);
    case SKY_RANGE:
        if (region->frame == SKY_ICRS)
            return range_holds(region, lon_deg, lat_deg, SKY_TOUCH_RAD * SKY_DEG_PER_RAD);
        break;
    case SKY_MOC:
        return sky_moc_contains_point(region->moc, lon_deg, lat_deg);
    default:
        break;
    }
    return sky_region_holds(region, sky_vec_of(lon_deg, lat_deg), SKY_TOUCH_RAD, false);
}
