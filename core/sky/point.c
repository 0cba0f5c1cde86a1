/* point.c -- directions and the angles between them, sharp at every distance. */
#include "core/sky/sky.h"

#include "core/sky/private.h"

void sky_sincos_deg(double degrees, double *sine, double *cosine)
{
    int quarter;
    double rest;
    if (fabs(degrees) <= 1e6) {
        double turns = rint(degrees / 90);
        rest = degrees - 90 * turns;
        quarter = (int)turns;
    } else
        rest = remquo(degrees, 90, &quarter);
    double s, c;
    sincos(rest * SKY_RAD_PER_DEG, &s, &c);
    switch (quarter & 3) {
    case 0:
        *sine = s, *cosine = c;
        break;
    case 1:
        *sine = c, *cosine = -s;
        break;
    case 2:
        *sine = -s, *cosine = -c;
        break;
    default:
        *sine = -c, *cosine = s;
    }
}

struct sky_vec sky_vec_of(double lon_deg, double lat_deg)
{
    double sin_lon, cos_lon, sin_lat, cos_lat;
    sky_sincos_deg(lon_deg, &sin_lon, &cos_lon);
    sky_sincos_deg(lat_deg, &sin_lat, &cos_lat);
    return (struct sky_vec){cos_lat * cos_lon, cos_lat * sin_lon, sin_lat};
}

double sky_lon_reduce(double lon_deg)
{
    if (lon_deg >= 0 && lon_deg < 360)
        return lon_deg + 0.0; /* -0 becomes 0 */
    double lon = fmod(lon_deg, 360);
    if (lon < 0)
        lon += 360;
    return lon >= 360 ? 0 : lon + 0.0;
}

struct sky_point sky_point_of(struct sky_vec v)
{
    double lon = atan2(v.y, v.x) * SKY_DEG_PER_RAD;
    double lat = atan2(v.z, hypot(v.x, v.y)) * SKY_DEG_PER_RAD;
    return (struct sky_point){sky_lon_reduce(lon), lat};
}

bool sky_position_check(double lon_deg, double lat_deg, struct err *e)
{
    if (!isfinite(lon_deg) || !isfinite(lat_deg))
        return err_set(e, ERR_USAGE, "a position needs two finite numbers, not (%g, %g)",
                       lon_deg, lat_deg);
    if (fabs(lat_deg) > 90)
        return err_set(e, ERR_USAGE,
                       "latitude %.10g is outside of -90 to 90 degrees (positions are "
                       "longitude, latitude)",
                       lat_deg);
    return true;
}

double vec_angle(struct sky_vec a, struct sky_vec b)
{
    struct sky_vec cross = vec_cross_near(a, b);
    return atan2(vec_norm(cross), vec_dot(a, b));
}

double sky_vec_distance_deg(struct sky_vec a, struct sky_vec b)
{
    return vec_angle(a, b) * SKY_DEG_PER_RAD;
}

/* The components, toward east and north, of the direction from 1 to 2, and the cosine of
 * the distance. North is written with half-angles so that it keeps its digits when small.
 */
static void tangent(double lon1, double lat1, double lon2, double lat2, double *east,
                    double *north, double *along)
{
    double sin1, cos1, sin2, cos2, sin_lon, cos_lon, sin_half, cos_half, sin_lat, cos_lat;
    if (fabs(lon1) > 360 || fabs(lon2) > 360) { /* the difference must not lose digits */
        lon1 = fmod(lon1, 360);
        lon2 = fmod(lon2, 360);
    }
    double dlon = remainder(lon2 - lon1, 360);
    sky_sincos_deg(lat1, &sin1, &cos1);
    sky_sincos_deg(lat2, &sin2, &cos2);
    sky_sincos_deg(dlon, &sin_lon, &cos_lon);
    sky_sincos_deg(dlon / 2, &sin_half, &cos_half);
    sky_sincos_deg(lat2 - lat1, &sin_lat, &cos_lat);
    *east = cos2 * sin_lon;
    *north = sin_lat + 2 * sin1 * cos2 * sin_half * sin_half;
    *along = sin1 * sin2 + cos1 * cos2 * cos_lon;
}

double sky_distance_deg(double lon1_deg, double lat1_deg, double lon2_deg, double lat2_deg)
{
    double east, north, along;
    tangent(lon1_deg, lat1_deg, lon2_deg, lat2_deg, &east, &north, &along);
    return atan2(sqrt(east * east + north * north), along) * SKY_DEG_PER_RAD;
}

double sky_position_angle_deg(double lon1_deg, double lat1_deg, double lon2_deg,
                              double lat2_deg)
{
    double east, north, along;
    tangent(lon1_deg, lat1_deg, lon2_deg, lat2_deg, &east, &north, &along);
    return sky_lon_reduce(atan2(east, north) * SKY_DEG_PER_RAD);
}

struct sky_point sky_offset(double lon_deg, double lat_deg, double angle_deg,
                            double distance_deg)
{
    double sin_lon, cos_lon, sin_lat, cos_lat, sin_pa, cos_pa, sin_d, cos_d;
    sky_sincos_deg(lon_deg, &sin_lon, &cos_lon);
    sky_sincos_deg(lat_deg, &sin_lat, &cos_lat);
    sky_sincos_deg(angle_deg, &sin_pa, &cos_pa);
    sky_sincos_deg(distance_deg, &sin_d, &cos_d);
    struct sky_vec at = {cos_lat * cos_lon, cos_lat * sin_lon, sin_lat};
    struct sky_vec east = {-sin_lon, cos_lon, 0};
    struct sky_vec north = {-sin_lat * cos_lon, -sin_lat * sin_lon, cos_lat};
    struct sky_vec way = vec_add(vec_scale(east, sin_pa), vec_scale(north, cos_pa));
    return sky_point_of(vec_add(vec_scale(at, cos_d), vec_scale(way, sin_d)));
}

struct sky_vec vec_across(struct sky_vec v)
{
    bool is_steep = fabs(v.z) > 0.9;
    struct sky_vec other = {is_steep ? 1 : 0, 0, is_steep ? 0 : 1};
    return vec_unit(vec_cross(other, v));
}

double vec_triangle(struct sky_vec a, struct sky_vec b, struct sky_vec c)
{
    double volume = vec_dot(a, vec_cross(vec_sub(b, a), vec_sub(c, a)));
    return 2 * atan2(volume, 1 + vec_dot(a, b) + vec_dot(b, c) + vec_dot(c, a));
}

void sky_cone_prepare(struct sky_cone *cone, double lon_deg, double lat_deg,
                      double radius_deg)
{
    *cone = (struct sky_cone){.center = sky_vec_of(lon_deg, lat_deg),
                              .lon_deg = lon_deg,
                              .lat_deg = lat_deg,
                              .radius_deg = radius_deg};
    cone->lat_below = lat_deg - radius_deg - 1e-9;
    cone->lat_above = lat_deg + radius_deg + 1e-9;
    double chord = 2 * sin(fmin(fmax(radius_deg, 0), 180) * SKY_RAD_PER_DEG / 2);
    double guard = 1e-14 * chord + 1e-27; /* ten roundings of a squared chord */
    cone->chord2_in = chord * chord - guard;
    cone->chord2_out = chord * chord + guard;
}

bool sky_cone_contains(const struct sky_cone *cone, double lon_deg, double lat_deg)
{
    if (!(lat_deg >= cone->lat_below && lat_deg <= cone->lat_above))
        return false;
    double chord2 = vec_chord2(cone->center, sky_vec_of(lon_deg, lat_deg));
    if (chord2 < cone->chord2_in)
        return true;
    if (chord2 > cone->chord2_out)
        return false;
    return sky_distance_deg(cone->lon_deg, cone->lat_deg, lon_deg, lat_deg) <=
           cone->radius_deg;
}
