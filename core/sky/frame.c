/* frame.c -- positions and regions in other frames, through ERFA. */
#include "core/sky/sky.h"

#include <erfa.h>
#include <erfam.h>

#include "core/sky/private.h"

/* Terms of the IVOA refframe vocabulary; the first of a frame is its name here. STC-S has
 * equinoxes for names. */
static const struct {
    const char *word;
    enum sky_frame frame;
    bool is_term; /* in the vocabulary */
} frame_word[] = {
    {"ICRS", SKY_ICRS, true},
    {"FK5", SKY_FK5, true},
    {"FK4", SKY_FK4, true},
    {"GALACTIC", SKY_GALACTIC, true},
    {"ECLIPTIC", SKY_ECLIPTIC, true},
    {"J2000", SKY_FK5, false},
    {"B1950", SKY_FK4, false},
    {"GALACTIC_II", SKY_GALACTIC, false},
    {"UNKNOWNFrame", SKY_ICRS, false},
};

bool sky_frame_parse(str name, bool any_case, enum sky_frame *frame)
{
    for (size_t i = 0; i < sizeof frame_word / sizeof *frame_word; i++) {
        str word = str_of(frame_word[i].word);
        bool same = any_case ? str_eq_fold(name, word)
                             : frame_word[i].is_term && str_eq(name, word);
        if (same) {
            *frame = frame_word[i].frame;
            return true;
        }
    }
    return false;
}

const char *sky_frame_name(enum sky_frame frame)
{
    return frame_word[frame].word;
}

static struct sky_point degrees(double lon_rad, double lat_rad)
{
    return (struct sky_point){sky_lon_reduce(lon_rad * SKY_DEG_PER_RAD),
                              lat_rad * SKY_DEG_PER_RAD};
}

/* The elliptic terms of aberration that FK4 positions contain (Standish 1982). */
static struct sky_vec without_e_terms(struct sky_vec v)
{
    const struct sky_vec e = {-1.62557e-6, -0.31919e-6, -0.13843e-6};
    return vec_unit(vec_add(vec_sub(v, e), vec_scale(v, vec_dot(v, e))));
}

static struct sky_point fk5_to_fk4(struct sky_point p)
{
    double lon, lat, dlon, dlat;
    eraFk54z(p.lon_deg * SKY_RAD_PER_DEG, p.lat_deg * SKY_RAD_PER_DEG, 1950.0, &lon, &lat,
             &dlon, &dlat);
    return degrees(lon, lat);
}

static struct sky_point fk4_to_fk5(struct sky_point p)
{
    double lon, lat;
    eraFk45z(p.lon_deg * SKY_RAD_PER_DEG, p.lat_deg * SKY_RAD_PER_DEG, 1950.0, &lon, &lat);
    return degrees(lon, lat);
}

/* Columns are the images of the ICRS axes; those of FK4 are squared up again. */
static void fk4_matrix(double m[3][3])
{
    double fk5[3][3];
    struct sky_vec image[2];
    sky_frame_matrix(SKY_FK5, fk5);
    for (int i = 0; i < 2; i++) {
        struct sky_vec axis = {i == 0, i == 1, 0};
        struct sky_point p = fk5_to_fk4(sky_point_of(vec_turn(fk5[0], axis)));
        image[i] = without_e_terms(sky_vec_of(p.lon_deg, p.lat_deg));
    }
    struct sky_vec z = vec_unit(vec_cross(image[0], image[1]));
    struct sky_vec x = image[0], y = vec_cross(z, x);
    const double rows[3][3] = {{x.x, y.x, z.x}, {x.y, y.y, z.y}, {x.z, y.z, z.z}};
    memcpy(m, rows, sizeof rows);
}

/* By the pole and the node that the definition of 1958 has in FK5 at J2000 (Reid &
 * Brunthaler 2004, ApJ 616, 872), as the IVOA's examples have it. The Hipparcos convention
 * (eraIcrs2g), which takes rounded numbers in ICRS, is 0.02 arcseconds away. */
static void galactic_matrix(double m[3][3])
{
    const double pole_ra = 192.8594812065348, pole_dec = 27.12825118085622;
    const double pole_lon = 122.9319185680026;
    double turn[3][3];
    eraIr(turn);
    eraRz(pole_ra * SKY_RAD_PER_DEG, turn);
    eraRy((90 - pole_dec) * SKY_RAD_PER_DEG, turn);
    eraRz((180 - pole_lon) * SKY_RAD_PER_DEG, turn);
    sky_frame_matrix(SKY_FK5, m);
    eraRxr(turn, m, m);
}

void sky_frame_matrix(enum sky_frame frame, double matrix[3][3])
{
    double to_icrs[3][3], spin[3];
    switch (frame) {
    case SKY_ICRS:
        eraIr(matrix);
        break;
    case SKY_FK5:
        eraFk5hip(to_icrs, spin);
        eraTr(to_icrs, matrix);
        break;
    case SKY_FK4:
        fk4_matrix(matrix);
        break;
    case SKY_GALACTIC:
        galactic_matrix(matrix);
        break;
    case SKY_ECLIPTIC:
        eraEcm06(ERFA_DJ00, 0, matrix);
        break;
    }
}

struct sky_point sky_frame_transform(enum sky_frame from, enum sky_frame to, double lon_deg,
                                     double lat_deg)
{
    struct sky_point p = {lon_deg, lat_deg};
    double matrix[3][3];
    if (from == to)
        return (struct sky_point){sky_lon_reduce(lon_deg), lat_deg};
    if (from == SKY_FK4) {
        p = fk4_to_fk5(p);
        from = SKY_FK5;
    }
    struct sky_vec v = sky_vec_of(p.lon_deg, p.lat_deg);
    if (from != SKY_ICRS) {
        sky_frame_matrix(from, matrix);
        v = vec_turn_back(matrix[0], v);
    }
    enum sky_frame turned = to == SKY_FK4 ? SKY_FK5 : to;
    if (turned != SKY_ICRS) {
        sky_frame_matrix(turned, matrix);
        v = vec_turn(matrix[0], v);
    }
    p = sky_point_of(v);
    return to == SKY_FK4 ? fk5_to_fk4(p) : p;
}

/* --- regions
 * -------------------------------------------------------------------------------- */

struct transform {
    struct arena *arena;
    enum sky_frame from, to;
    struct err *e;
};

static const struct sky_region *transform_region(const struct transform *,
                                                 const struct sky_region *);

static const struct sky_region *transform_polygon(const struct transform *t,
                                                  const struct sky_region *region)
{
    double *lonlat = arena_new_array(t->arena, double, 2 * region->nvertex);
    if (!lonlat) {
        err_set(t->e, ERR_LIMIT, "no memory for a polygon of %zu vertices",
                region->nvertex);
        return NULL;
    }
    for (size_t i = 0; i < region->nvertex; i++) {
        struct sky_point p = sky_frame_transform(t->from, t->to, region->vertex[i].lon_deg,
                                                 region->vertex[i].lat_deg);
        lonlat[2 * i] = p.lon_deg;
        lonlat[2 * i + 1] = p.lat_deg;
    }
    return sky_region_polygon(t->arena, lonlat, region->nvertex, t->e);
}

static const struct sky_region *transform_ellipse(const struct transform *t,
                                                  const struct sky_region *region)
{
    const struct sky_point c = region->center;
    struct sky_point on_axis = sky_offset(c.lon_deg, c.lat_deg, region->angle_deg, 1);
    struct sky_point p = sky_frame_transform(t->from, t->to, c.lon_deg, c.lat_deg);
    struct sky_point q =
        sky_frame_transform(t->from, t->to, on_axis.lon_deg, on_axis.lat_deg);
    double angle = sky_position_angle_deg(p.lon_deg, p.lat_deg, q.lon_deg, q.lat_deg);
    return sky_region_ellipse(t->arena, p.lon_deg, p.lat_deg, region->radius_deg,
                              region->minor_deg, angle, t->e);
}

static const struct sky_region *transform_children(const struct transform *t,
                                                   const struct sky_region *region)
{
    const struct sky_region **child =
        arena_new_array(t->arena, const struct sky_region *, region->nchild);
    if (!child) {
        err_set(t->e, ERR_LIMIT, "no memory for a region");
        return NULL;
    }
    for (size_t i = 0; i < region->nchild; i++)
        if (!(child[i] = transform_region(t, region->child[i])))
            return NULL;
    return sky_region_combine(t->arena, region->shape, child, region->nchild, t->e);
}

static const struct sky_region *transform_range(const struct transform *t,
                                                const struct sky_region *region)
{
    if (t->to == SKY_ICRS && region->frame == SKY_ICRS) {
        double matrix[3][3];
        sky_frame_matrix(t->from, matrix);
        return sky_region_range_in(t->arena, t->from, matrix, region->lon_min,
                                   region->lon_max, region->lat_min, region->lat_max, t->e);
    }
    err_set(
        t->e, ERR_USAGE,
        "a range of longitude and latitude is no range in another frame: give a polygon");
    return NULL;
}

static const struct sky_region *transform_region(const struct transform *t,
                                                 const struct sky_region *region)
{
    struct sky_point p =
        sky_frame_transform(t->from, t->to, region->center.lon_deg, region->center.lat_deg);
    switch (region->shape) {
    case SKY_POINT:
        return sky_region_point(t->arena, p.lon_deg, p.lat_deg, t->e);
    case SKY_CIRCLE:
        return sky_region_circle(t->arena, p.lon_deg, p.lat_deg, region->radius_deg, t->e);
    case SKY_POLYGON:
        return transform_polygon(t, region);
    case SKY_ELLIPSE:
        return transform_ellipse(t, region);
    case SKY_RANGE:
        return transform_range(t, region);
    case SKY_ALL:
        return region;
    case SKY_MOC:
        err_set(t->e, ERR_USAGE, "a MOC is always ICRS and cannot change its frame");
        return NULL;
    default:
        return transform_children(t, region);
    }
}

const struct sky_region *sky_region_transform(struct arena *arena, enum sky_frame from,
                                              enum sky_frame to,
                                              const struct sky_region *region,
                                              struct err *e)
{
    if (from == to)
        return region;
    return transform_region(&(struct transform){arena, from, to, e}, region);
}
