/* demo_world.c -- what the made-up experiments share: weather and the times of KASCADE. */
#include <math.h>
#include <stdlib.h>

#include "core/ingest/demo.h"
#include "core/ingest/random.h"

enum { HOUR_S = 3600, DEAD_TIME_NS = 40000000, CLOCK_NS = 200 };

#define FIRST_RUN 877
#define LAST_RUN 7417
#define TRIGGER_HZ 28.0

struct demo_world *demo_world_new(uint32_t nevent, struct err *e)
{
    struct arena *arena = arena_new((size_t)1 << 30);
    struct demo_world *world = arena ? arena_new_one(arena, struct demo_world) : NULL;
    if (world) {
        world->arena = arena;
        world->nevent = nevent < 1000 ? 1000 : nevent > 10000000 ? 10000000 : nevent;
    }
    if (!world || !demo_world_sites(world) || !demo_world_weather(world) ||
        !demo_world_sky(world) || !demo_world_events(world) ||
        !demo_world_partners(world) || !demo_world_tunka(world)) {
        arena_free(arena);
        err_set(e, ERR_LIMIT, "demo data: no memory for %u events", (unsigned)nevent);
        return NULL;
    }
    return world;
}

void demo_world_free(struct demo_world *world)
{
    if (world)
        arena_free(world->arena);
}

double demo_mjd(int64_t t_ns)
{
    int64_t t_us = t_ns / 1000;
    return 40587.0 + (double)t_us / 86400e6;
}

/* --- weather ----------------------------------------------------------------------- */

/* Two slow, noisy series around the seasons and the hours of the day. */
bool demo_world_weather(struct demo_world *world)
{
    int64_t span_s = (DEMO_KASCADE_END - DEMO_KASCADE_BEGIN) / DEMO_SECOND_NS;
    world->nhour = (uint32_t)(span_s / HOUR_S) + 1;
    world->temperature_k = arena_new_array(world->arena, float, world->nhour);
    world->pressure_hpa = arena_new_array(world->arena, float, world->nhour);
    if (!world->temperature_k || !world->pressure_hpa)
        return false;
    struct random r = random_at(DEMO_WEATHER, 0);
    double warm = 0, high = 0;
    for (uint32_t i = 0; i < world->nhour; i++) {
        double day = 127.6 + i / 24.0; /* of the year, 1998 */
        warm = 0.985 * warm + 0.6 * random_normal(&r);
        high = 0.990 * high + 1.1 * random_normal(&r);
        double t = 283.6 - 9.5 * cos(2 * M_PI * (day - 20) / 365.25) -
                   3.5 * cos(2 * M_PI * (day - 0.08)) + warm;
        double p = 1003.2 + high;
        world->temperature_k[i] = (float)random_rounded(fmin(fmax(t, 253.2), 323.1), 1);
        world->pressure_hpa[i] = (float)random_rounded(fmin(fmax(p, 960), 1040), 1);
    }
    return true;
}

uint32_t demo_hour_of(const struct demo_world *world, int64_t t_ns)
{
    int64_t hour = (t_ns - DEMO_KASCADE_BEGIN) / (HOUR_S * DEMO_SECOND_NS);
    return hour < 0 ? 0 : hour >= world->nhour ? world->nhour - 1 : (uint32_t)hour;
}

/* --- runs -------------------------------------------------------------------------- */

void demo_run_of(int64_t t_ns, bool is_grande_only, int32_t *run, int32_t *event)
{
    int64_t length_ns =
        (DEMO_KASCADE_END - DEMO_KASCADE_BEGIN) / (LAST_RUN - FIRST_RUN + 1);
    int64_t since_ns = t_ns - DEMO_KASCADE_BEGIN;
    int64_t index = since_ns / length_ns;
    if (index > LAST_RUN - FIRST_RUN)
        index = LAST_RUN - FIRST_RUN;
    double in_run_s = (double)(since_ns - index * length_ns) / 1e9;
    *run = FIRST_RUN + (int32_t)index;
    *event = 1 + is_grande_only + 2 * (int32_t)(in_run_s * TRIGGER_HZ);
}

/* --- times ------------------------------------------------------------------------- */

/* Fewer showers reach the ground under high pressure: -0.7 % per hPa. */
static double rate_of_hour(const struct demo_world *world, uint32_t ihour)
{
    return exp(-0.007 * ((double)world->pressure_hpa[ihour] - 1003.2));
}

/* n ordered times whose density follows the hourly rate: exponential gaps, scaled so that
 * exactly n fall into the span, laid along the rate's running sum. */
static bool draw_times(struct demo_world *world, struct demo_event *event, uint32_t n)
{
    double total_gap = 0, total_rate = 0;
    struct random r = random_at(DEMO_TIMES, 0);
    for (uint32_t i = 0; i <= n; i++)
        total_gap += random_exponential(&r);
    for (uint32_t i = 0; i < world->nhour - 1; i++)
        total_rate += rate_of_hour(world, i);
    r = random_at(DEMO_TIMES, 0);
    double at = 0, before = 0, rate = rate_of_hour(world, 0);
    uint32_t hour = 0;
    for (uint32_t i = 0; i < n; i++) {
        at += random_exponential(&r) * total_rate / total_gap;
        while (at > before + rate && hour < world->nhour - 2) {
            before += rate;
            rate = rate_of_hour(world, ++hour);
        }
        double in_hour_ns = fmin((at - before) / rate, 1) * HOUR_S * 1e9;
        event[i].t_ns =
            DEMO_KASCADE_BEGIN + hour * HOUR_S * DEMO_SECOND_NS + (int64_t)in_hour_ns;
        event[i].plant = -1;
    }
    return true;
}

/* Merges the planted showers in from the end, then keeps triggers a dead time apart. */
static void merge_plants(struct demo_world *world, uint32_t nrandom)
{
    uint32_t i = nrandom, j = world->nplant;
    for (uint32_t k = world->nevent; k-- > 0;) {
        if (j > 0 && (i == 0 || world->plant[j - 1].t_ns > world->event[i - 1].t_ns)) {
            j--;
            world->event[k] =
                (struct demo_event){.t_ns = world->plant[j].t_ns, .plant = (int32_t)j};
        } else
            world->event[k] = world->event[--i];
    }
    int64_t least = 0;
    for (uint32_t k = 0; k < world->nevent; k++) {
        struct demo_event *event = &world->event[k];
        if (event->t_ns < least)
            event->t_ns = least;
        event->t_ns -= event->t_ns % CLOCK_NS;
        least = event->t_ns + DEAD_TIME_NS;
    }
}

bool demo_world_events(struct demo_world *world)
{
    world->event = arena_new_array(world->arena, struct demo_event, world->nevent);
    if (!world->event)
        return false;
    uint32_t nrandom = world->nevent - world->nplant;
    if (!draw_times(world, world->event, nrandom))
        return false;
    merge_plants(world, nrandom);
    for (uint32_t i = 0; i < world->nevent; i++) {
        struct demo_shower shower;
        demo_shower_of(world, i, &shower);
        world->event[i].lge = (float)shower.lge;
    }
    return true;
}
