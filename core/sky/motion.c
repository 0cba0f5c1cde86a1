/* motion.c -- where stars will be, and what is above an observatory. */
#include "core/sky/sky.h"

#include <erfa.h>
#include <pthread.h>

#include "core/sky/private.h"

static double or_zero(double value)
{
    return isnan(value) ? 0 : value;
}

struct sky_point sky_epoch_propagate(const struct sky_motion *motion, double from_epoch,
                                     double to_epoch)
{
    const double km_s_in_au_yr = 4.740470446;
    const double mas = SKY_RAD_PER_DEG / 3600e3;
    double sin_ra, cos_ra, sin_dec, cos_dec;
    sky_sincos_deg(motion->ra_deg, &sin_ra, &cos_ra);
    sky_sincos_deg(motion->dec_deg, &sin_dec, &cos_dec);
    struct sky_vec at = {cos_dec * cos_ra, cos_dec * sin_ra, sin_dec};
    struct sky_vec east = {-sin_ra, cos_ra, 0};
    struct sky_vec north = {-sin_dec * cos_ra, -sin_dec * sin_ra, cos_dec};
    double parallax = motion->parallax_mas > 0 ? motion->parallax_mas : 0;
    double years = to_epoch - from_epoch;
    /* Motion along the line of sight, as a part of the distance. */
    double radial = or_zero(motion->rv_km_s) * parallax / km_s_in_au_yr * mas * years;
    struct sky_vec across = vec_add(vec_scale(east, or_zero(motion->pm_ra_mas_yr)),
                                    vec_scale(north, or_zero(motion->pm_dec_mas_yr)));
    return sky_point_of(vec_add(vec_scale(at, 1 + radial), vec_scale(across, mas * years)));
}

/* ERFA sets up its table of leap seconds at the first call: not from two threads at once.
 */
static void load_leap_seconds(void)
{
    double delta;
    (void)eraDat(2000, 1, 1, 0, &delta);
}

struct sky_point sky_horizontal_to_icrs(double zenith_deg, double azimuth_deg,
                                        double unix_time_s, double site_lon_deg,
                                        double site_lat_deg, double site_height_m)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    const double year_1960 = -315619200, year_2100 = 4102444800, unix_epoch_jd = 2440587.5;
    struct sky_point nowhere = {NAN, NAN};
    if (!(unix_time_s >= year_1960 && unix_time_s < year_2100) || !isfinite(azimuth_deg) ||
        !(zenith_deg >= 0 && zenith_deg <= 180) || !isfinite(site_lon_deg) ||
        !(fabs(site_lat_deg) <= 90) || !isfinite(site_height_m))
        return nowhere;
    pthread_once(&once, load_leap_seconds);
    double ra, dec;
    int status = eraAtoc13("A", azimuth_deg * SKY_RAD_PER_DEG, zenith_deg * SKY_RAD_PER_DEG,
                           unix_epoch_jd, unix_time_s / 86400, 0,
                           site_lon_deg * SKY_RAD_PER_DEG, site_lat_deg * SKY_RAD_PER_DEG,
                           site_height_m, 0, 0, 0, 0, 0, 0.5, &ra, &dec);
    if (status < 0)
        return nowhere;
    return (struct sky_point){sky_lon_reduce(ra * SKY_DEG_PER_RAD), dec * SKY_DEG_PER_RAD};
}
