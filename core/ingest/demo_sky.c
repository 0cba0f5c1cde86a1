/* demo_sky.c -- what lies on the sky: sources, neutrino alerts, gamma-ray bursts, and the
 * showers that are planted around some of them. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/ingest/demo.h"
#include "core/ingest/random.h"
#include "core/sky/sky.h"

#define DEG (M_PI / 180)
#define UNIX_2011_05_S 1304208000LL
#define UNIX_2023_10_S 1696118400LL
#define UNIX_1998_06_S 896659200LL
#define UNIX_2018_S 1514764800LL

/* Well known sources stand first; positions as in the catalogues, the rest is made up. */
static const struct demo_source KNOWN[] = {
    {{83.6331, 22.0145}, "", "PWN", "Crab nebula", 0.01, 5.5e-9, 2.60, 0.02, 120, NAN},
    {{166.1138, 38.2088}, "", "BLL", "Mrk 421", 0.01, 3.0e-9, 2.20, 0.03, 90, 0.031},
    {{253.4676, 39.7602}, "", "BLL", "Mrk 501", 0.01, 1.2e-9, 2.30, 0.05, 60, 0.034},
    {{266.4168, -29.0078}, "", "UNK", "Galactic centre", 0.02, 2.0e-9, 2.10, 0.05, 50, NAN},
    {{350.8500, 58.8150}, "", "SNR", "Cassiopeia A", 0.02, 6.0e-10, 2.60, 0.10, 25, NAN},
    {{187.7059, 12.3911}, "", "RDG", "M 87", 0.02, 4.0e-10, 2.20, 0.12, 20, 0.0043},
    {{77.3582, 5.6931}, "", "BLL", "TXS 0506+056", 0.03, 7.0e-10, 2.10, 0.10, 30, 0.3365},
    {{128.8361, -45.1764}, "", "PSR", "Vela pulsar", 0.02, 9.0e-9, 2.00, 0.02, 150, NAN},
};

enum { NKNOWN = sizeof KNOWN / sizeof *KNOWN };

static struct demo_place anywhere(struct random *r)
{
    double ra = random_between(r, 0, 360);
    return (struct demo_place){ra, asin(random_between(r, -1, 1)) / DEG};
}

/* --- sources ----------------------------------------------------------------------- */

static struct demo_place in_the_galaxy(struct random *r)
{
    double lon = 70 * random_normal(r), lat = random_normal_in(r, 0, 2.5, -10, 10);
    struct sky_point p = sky_frame_transform(SKY_GALACTIC, SKY_ICRS, lon, lat);
    return (struct demo_place){p.lon_deg, p.lat_deg};
}

static void name_source(struct demo_source *source)
{
    double ra_h = source->place.ra_deg / 15, dec = source->place.dec_deg;
    int hour = (int)ra_h, tenth = (int)((ra_h - hour) * 600); /* tenths of a minute */
    int arcmin = (int)(fabs(dec) * 60);
    snprintf(source->name, sizeof source->name, "DEMO J%02d%02d.%d%c%02d%02d", hour,
             tenth / 10, tenth % 10, dec < 0 ? '-' : '+', arcmin / 60, arcmin % 60);
}

static void make_source(uint32_t i, struct demo_source *source)
{
    static const char *const FAR[] = {"BLL", "BLL", "FSRQ", "BCU", "UNK"};
    static const char *const NEAR[] = {"PSR", "SNR", "PWN", "UNK"};
    struct random r = random_at(DEMO_SOURCE, i);
    if (i < NKNOWN)
        *source = KNOWN[i];
    else {
        bool is_near = random_unit(&r) < 0.2;
        const char *class_name =
            is_near ? NEAR[random_below(&r, 4)] : FAR[random_below(&r, 5)];
        source->place = is_near ? in_the_galaxy(&r) : anywhere(&r);
        snprintf(source->class_name, sizeof source->class_name, "%s", class_name);
        double flux = random_power(&r, 2.2, 2e-11, 5e-9);
        source->flux = flux;
        source->significance = random_rounded(4 + 20 * sqrt(flux / 1e-9), 2);
        double conf_95_deg =
            (0.4 / source->significance + 0.01) * random_between(&r, 0.6, 2.5);
        source->conf_95_deg = random_rounded(fmin(conf_95_deg, 0.3), 4);
        source->index = random_rounded(random_normal_in(&r, 2.3, 0.3, 1.2, 4), 3);
        source->index_error = random_rounded(0.5 / source->significance, 3);
        bool has_redshift = !is_near && random_unit(&r) < 0.6;
        source->redshift =
            has_redshift ? random_rounded(0.05 + 0.5 * random_exponential(&r), 4) : NAN;
        if (class_name[0] != 'U' && random_unit(&r) < 0.8)
            snprintf(source->assoc, sizeof source->assoc, "DMO %c%05u", class_name[0],
                     (unsigned)(10000 + random_below(&r, 90000)));
    }
    source->place.ra_deg = random_rounded(source->place.ra_deg, 4);
    source->place.dec_deg = random_rounded(source->place.dec_deg, 4);
    name_source(source);
}

/* Nearest source in degrees; *index names it. */
static double nearest_source(const struct demo_world *world, struct demo_place place,
                             uint32_t *index)
{
    double least = 360;
    for (uint32_t i = 0; i < world->nsource; i++) {
        double d = demo_separation_deg(place, world->source[i].place);
        if (d < least) {
            least = d;
            *index = i;
        }
    }
    return least;
}

/* --- showers around a place -------------------------------------------------------- */

static int by_time(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* One shower within `spread_deg` (standard deviation) of a place, at a time within
 * `window_s` of t_ns, not more than 4.5 degrees and 45 degrees of zenith away. */
static void plant_shower(struct demo_world *world, struct random *r,
                         enum demo_plant_kind kind, uint32_t target, int64_t t_ns,
                         struct demo_place place)
{
    const double spread_deg = kind == DEMO_PLANT_BURST ? 1.2 : 0.8, window_s = 400;
    struct demo_plant *plant = &world->plant[world->nplant++];
    plant->kind = kind;
    plant->target = target;
    plant->zd_deg = 90;
    while (plant->zd_deg > 45) {
        plant->t_ns = t_ns + (int64_t)(random_between(r, -window_s, window_s) * 1e9);
        double distance_deg = fabs(random_normal_in(r, 0, spread_deg, -3.5, 3.5));
        struct demo_place near =
            demo_place_near(place, distance_deg, random_between(r, 0, 360));
        demo_direction_of(world->karlsruhe, plant->t_ns, near, &plant->zd_deg,
                          &plant->az_deg);
    }
}

/* Muon-poor showers from the Crab nebula, whenever it stands high over Karlsruhe. */
static void plant_muon_poor(struct demo_world *world, uint32_t i)
{
    struct random r = random_at(DEMO_PLANT, i);
    struct demo_plant *plant = &world->plant[world->nplant++];
    plant->kind = DEMO_PLANT_MUON_POOR;
    plant->zd_deg = 90;
    while (plant->zd_deg > 35) {
        const double span_ns = DEMO_KASCADE_END - DEMO_KASCADE_BEGIN;
        plant->t_ns =
            DEMO_KASCADE_BEGIN + (int64_t)(random_between(&r, 0.001, 0.999) * span_ns);
        struct demo_place near =
            demo_place_near(world->source[0].place, sqrt(random_unit(&r)) * 1.4,
                            random_between(&r, 0, 360));
        demo_direction_of(world->karlsruhe, plant->t_ns, near, &plant->zd_deg,
                          &plant->az_deg);
    }
}

/* --- alerts and bursts ------------------------------------------------------------- */

static void place_alert(const struct demo_world *world, uint32_t i,
                        struct demo_alert *alert)
{
    struct random r = random_at(DEMO_ALERT, i);
    uint32_t nearest = 0;
    alert->source = UINT32_MAX;
    alert->has_showers = i % 10 == 5 && i / 10 < DEMO_ALERTS_WITH_SHOWERS;
    if (i % 10 == 7) {
        double distance_deg = 0.9 * sqrt(random_unit(&r));
        alert->source = random_below(&r, world->nsource);
        alert->place = demo_place_near(world->source[alert->source].place, distance_deg,
                                       random_between(&r, 0, 360));
    } else
        do {
            alert->place = anywhere(&r);
            if (alert->has_showers)
                alert->place =
                    demo_place_of(world->karlsruhe, alert->t_ns, random_between(&r, 5, 30),
                                  random_between(&r, 0, 360));
        } while (nearest_source(world, alert->place, &nearest) < 1.2);
    alert->place.ra_deg = random_rounded(alert->place.ra_deg, 3);
    alert->place.dec_deg = random_rounded(alert->place.dec_deg, 3);
}

static void place_burst(const struct demo_world *world, uint32_t i,
                        struct demo_burst *burst)
{
    struct random r = random_at(DEMO_BURST, i);
    burst->has_showers = i % 250 == 100 && i / 250 < DEMO_BURSTS_WITH_SHOWERS;
    burst->place = anywhere(&r);
    if (burst->has_showers)
        burst->place = demo_place_of(world->karlsruhe, burst->t_ns,
                                     random_between(&r, 5, 30), random_between(&r, 0, 360));
    burst->place.ra_deg = random_rounded(burst->place.ra_deg, 3);
    burst->place.dec_deg = random_rounded(burst->place.dec_deg, 3);
}

/* n ordered times at millisecond steps. The item begins with its time. */
static void draw_times(enum demo_stream stream, void *items, size_t n, size_t size,
                       int64_t begin_s, int64_t end_s)
{
    struct random r = random_at(stream | 0x40, 0);
    char *at = items;
    for (size_t i = 0; i < n; i++, at += size) {
        double t_s = random_between(&r, (double)begin_s, (double)end_s);
        *(int64_t *)(void *)at = (int64_t)(t_s * 1000) * 1000000;
    }
    qsort(items, n, size, by_time);
}

static void plant_all(struct demo_world *world)
{
    struct random r = random_at(DEMO_PLANT | 0x40, 0);
    for (uint32_t i = 0; i < world->nalert; i++)
        for (int k = 0; world->alert[i].has_showers && k < DEMO_SHOWERS_PER_ALERT; k++)
            plant_shower(world, &r, DEMO_PLANT_ALERT, i, world->alert[i].t_ns,
                         world->alert[i].place);
    for (uint32_t i = 0; i < world->nburst; i++)
        for (int k = 0; world->burst[i].has_showers && k < DEMO_SHOWERS_PER_BURST; k++)
            plant_shower(world, &r, DEMO_PLANT_BURST, i, world->burst[i].t_ns,
                         world->burst[i].place);
    for (uint32_t i = 0; i < DEMO_MUON_POOR; i++)
        plant_muon_poor(world, i);
    qsort(world->plant, world->nplant, sizeof *world->plant, by_time);
}

bool demo_world_sky(struct demo_world *world)
{
    enum {
        NPLANT = DEMO_ALERTS_WITH_SHOWERS * DEMO_SHOWERS_PER_ALERT +
                 DEMO_BURSTS_WITH_SHOWERS * DEMO_SHOWERS_PER_BURST + DEMO_MUON_POOR
    };
    world->source = arena_new_array(world->arena, struct demo_source, DEMO_SOURCES);
    world->alert = arena_new_array(world->arena, struct demo_alert, DEMO_ALERTS);
    world->burst = arena_new_array(world->arena, struct demo_burst, DEMO_BURSTS);
    world->plant = arena_new_array(world->arena, struct demo_plant, NPLANT);
    if (!world->source || !world->alert || !world->burst || !world->plant)
        return false;
    world->nsource = DEMO_SOURCES;
    world->nalert = DEMO_ALERTS;
    world->nburst = DEMO_BURSTS;
    for (uint32_t i = 0; i < world->nsource; i++)
        make_source(i, &world->source[i]);
    draw_times(DEMO_ALERT, world->alert, world->nalert, sizeof *world->alert,
               UNIX_2011_05_S, UNIX_2023_10_S);
    for (uint32_t i = 0; i < world->nalert; i++)
        place_alert(world, i, &world->alert[i]);
    draw_times(DEMO_BURST, world->burst, world->nburst, sizeof *world->burst,
               UNIX_1998_06_S, UNIX_2018_S);
    for (uint32_t i = 0; i < world->nburst; i++)
        place_burst(world, i, &world->burst[i]);
    plant_all(world);
    return true;
}
