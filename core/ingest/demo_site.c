/* demo_site.c -- directions over a detector as places on the sky, and back, fast.
 *
 * The exact transformation of core/sky is taken along three axes every few days. Its part
 * that turns is a rotation R; what it shifts is aberration, -b. Seen along v and -v it
 * gives R v - b + ... and -R v - b + ..., so the difference of the two is 2 R v, and the
 * sum over three axes is -4 b. Between the frames the sky turns about the Earth's axis,
 * evenly. */
#include <math.h>

#include "core/ingest/demo.h"
#include "core/sky/sky.h"

#define DEG (M_PI / 180)
#define FRAME_NS (8LL * 86400 * DEMO_SECOND_NS)
#define TURN_RAD_PER_S 7.292115146706979e-5 /* Earth Rotation Angle, IAU 2000 */

struct demo_frame {
    struct sky_vec axis[3]; /* north, east, up at the frame's time, on the sky */
    struct sky_vec pole;    /* about which the Earth turns */
    struct sky_vec shift;   /* aberration: the Earth's velocity over that of light */
};

static struct sky_vec sum(struct sky_vec a, double f, struct sky_vec b)
{
    return (struct sky_vec){a.x + f * b.x, a.y + f * b.y, a.z + f * b.z};
}

static double dot(struct sky_vec a, struct sky_vec b)
{
    return a.x * b.x + a.y * b.y + a.z * b.z;
}

static struct sky_vec cross(struct sky_vec a, struct sky_vec b)
{
    return (struct sky_vec){a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z,
                            a.x * b.y - a.y * b.x};
}

/* About a unit axis, right-handed. */
static struct sky_vec turned(struct sky_vec v, struct sky_vec axis, double angle_rad)
{
    double c = cos(angle_rad), s = sin(angle_rad);
    struct sky_vec out = {v.x * c, v.y * c, v.z * c};
    out = sum(out, s, cross(axis, v));
    return sum(out, (1 - c) * dot(axis, v), axis);
}

static struct sky_vec seen(const struct demo_site *site, int64_t t_ns, double zd, double az)
{
    struct sky_point p = sky_horizontal_to_icrs(zd, az, (double)t_ns / 1e9, site->lon_deg,
                                                site->lat_deg, site->height_m);
    return sky_vec_of(p.lon_deg, p.lat_deg);
}

static void make_frame(const struct demo_site *site, int64_t t_ns, struct demo_frame *frame)
{
    static const double ZD[3] = {90, 90, 0}, AZ[3] = {0, 90, 0};
    frame->shift = (struct sky_vec){0, 0, 0};
    for (int i = 0; i < 3; i++) {
        struct sky_vec there = seen(site, t_ns, ZD[i], AZ[i]);
        struct sky_vec back = seen(site, t_ns, 180 - ZD[i], AZ[i] + 180);
        struct sky_vec twice = sum(there, -1, back);
        frame->axis[i] = sum((struct sky_vec){0, 0, 0}, 1 / sqrt(dot(twice, twice)), twice);
        frame->shift = sum(frame->shift, -0.25, sum(there, 1, back));
    }
    double lat = site->lat_deg * DEG;
    frame->pole = sum((struct sky_vec){0, 0, 0}, cos(lat), frame->axis[0]);
    frame->pole = sum(frame->pole, sin(lat), frame->axis[2]);
}

struct demo_site *demo_site_new(struct arena *arena, double lat_deg, double lon_deg,
                                double height_m, int64_t begin_ns, int64_t end_ns)
{
    struct demo_site *site = arena_new_one(arena, struct demo_site);
    if (!site)
        return NULL;
    site->lat_deg = lat_deg;
    site->lon_deg = lon_deg;
    site->height_m = height_m;
    site->first_ns = begin_ns;
    site->nframe = (uint32_t)((end_ns - begin_ns) / FRAME_NS) + 2;
    site->frame = arena_new_array(arena, struct demo_frame, site->nframe);
    for (uint32_t i = 0; site->frame && i < site->nframe; i++)
        make_frame(site, begin_ns + i * FRAME_NS, &site->frame[i]);
    return site->frame ? site : NULL;
}

static const struct demo_frame *frame_at(const struct demo_site *site, int64_t t_ns,
                                         double *turn_rad)
{
    int64_t i = (t_ns - site->first_ns + FRAME_NS / 2) / FRAME_NS;
    i = i < 0 ? 0 : i >= site->nframe ? site->nframe - 1 : i;
    *turn_rad = (double)(t_ns - site->first_ns - i * FRAME_NS) / 1e9 * TURN_RAD_PER_S;
    return &site->frame[i];
}

struct demo_place demo_place_of(const struct demo_site *site, int64_t t_ns, double zd_deg,
                                double az_deg)
{
    double turn_rad, zd = zd_deg * DEG, az = az_deg * DEG;
    const struct demo_frame *frame = frame_at(site, t_ns, &turn_rad);
    struct sky_vec v = {0, 0, 0};
    v = sum(v, sin(zd) * cos(az), frame->axis[0]);
    v = sum(v, sin(zd) * sin(az), frame->axis[1]);
    v = sum(v, cos(zd), frame->axis[2]);
    v = sum(turned(v, frame->pole, turn_rad), -1, frame->shift);
    struct sky_point p = sky_point_of(v);
    return (struct demo_place){p.lon_deg, p.lat_deg};
}

void demo_direction_of(const struct demo_site *site, int64_t t_ns, struct demo_place place,
                       double *zd_deg, double *az_deg)
{
    double turn_rad;
    const struct demo_frame *frame = frame_at(site, t_ns, &turn_rad);
    struct sky_vec v = sum(sky_vec_of(place.ra_deg, place.dec_deg), 1, frame->shift);
    v = turned(v, frame->pole, -turn_rad);
    double north = dot(v, frame->axis[0]), east = dot(v, frame->axis[1]);
    double az = atan2(east, north) / DEG;
    *zd_deg = atan2(hypot(north, east), dot(v, frame->axis[2])) / DEG;
    *az_deg = az < 0 ? az + 360 : az;
}

double demo_separation_deg(struct demo_place a, struct demo_place b)
{
    return sky_distance_deg(a.ra_deg, a.dec_deg, b.ra_deg, b.dec_deg);
}

struct demo_place demo_place_near(struct demo_place place, double distance_deg,
                                  double angle_deg)
{
    struct sky_point p = sky_offset(place.ra_deg, place.dec_deg, angle_deg, distance_deg);
    return (struct demo_place){p.lon_deg, p.lat_deg};
}

#define UNIX_2009_S 1230768000LL
#define UNIX_2021_S 1609459200LL

bool demo_world_sites(struct demo_world *world)
{
    world->karlsruhe = demo_site_new(world->arena, 49.0994, 8.4378, 110, DEMO_KASCADE_BEGIN,
                                     DEMO_KASCADE_END);
    world->tunka =
        demo_site_new(world->arena, 51.81, 103.07, 675, UNIX_2009_S * DEMO_SECOND_NS,
                      UNIX_2021_S * DEMO_SECOND_NS);
    return world->karlsruhe && world->tunka;
}
