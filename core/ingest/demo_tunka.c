/* demo_tunka.c -- when the instruments of the Tunka valley saw what: dark nights, showers
 * of Tunka-133, and those of Tunka-Rex and TAIGA with and without a partner there. */
#include <math.h>
#include <stdlib.h>

#include "core/ingest/demo.h"
#include "core/ingest/random.h"

#define DAY_S 86400LL
#define NEW_MOON_S 947182440LL        /* 2000-01-06T18:14 */
#define NIGHTS_BEGIN_S 1254355200LL   /* 2009-10-01 */
#define TUNKA133_END_S 1493596800LL   /* 2017-05-01 */
#define TUNKAREX_BEGIN_S 1349827200LL /* 2012-10-10 */
#define TUNKAREX_END_S 1555718400LL   /* 2019-04-20 */
#define TAIGA_BEGIN_S 1484006400LL    /* 2017-01-10 */
#define NIGHTS_END_S 1587340800LL     /* 2020-04-20 */

enum {
    NIGHT_FROM_S = 14 * 3600, /* 21 h local time */
    NIGHT_LENGTH_S = 7 * 3600,
    RUN_LENGTH_S = 1790,
    EVENTS_PER_RUN = DEMO_HILLAS / DEMO_RUNS,
    APART_NS = 10000000 /* no chance partners closer than 10 ms */
};

struct nights {
    uint32_t n;
    int64_t begin_s[2048];
};

/* Clear, moonless nights from October to April. */
static void find_nights(struct nights *nights, int64_t begin_s, int64_t end_s)
{
    nights->n = 0;
    for (int64_t day = begin_s / DAY_S; day < end_s / DAY_S && nights->n < 2048; day++) {
        struct random r = random_at(DEMO_NIGHTS, (uint64_t)day);
        double of_year = fmod((double)(day - 10957), 365.2425);
        double moon = fmod((double)(day * DAY_S + 72000 - NEW_MOON_S) / DAY_S, 29.530588);
        bool is_season = of_year < 120 || of_year >= 274;
        bool is_dark = moon < 8.5 || moon > 21;
        if (is_season && is_dark && random_unit(&r) < 0.55)
            nights->begin_s[nights->n++] = day * DAY_S + NIGHT_FROM_S;
    }
}

static int by_time(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* --- Tunka-133 --------------------------------------------------------------------- */

double demo_tunka133_energy(uint32_t ievent)
{
    struct random r = random_at(DEMO_TUNKA133, ievent);
    return random_rounded(15.8 + log10(random_power(&r, 3, 1, 250)), 4);
}

static bool make_tunka133(struct demo_world *world)
{
    struct nights nights;
    find_nights(&nights, NIGHTS_BEGIN_S, TUNKA133_END_S);
    world->ntunka133 = DEMO_TUNKA133_EVENTS;
    world->tunka133 = arena_new_array(world->arena, int64_t, world->ntunka133);
    if (!world->tunka133)
        return false;
    struct random r = random_at(DEMO_TUNKA133 | 0x40, 0);
    for (uint32_t i = 0; i < world->ntunka133; i++) {
        uint32_t night = random_below(&r, nights.n);
        double t_s = random_between(&r, 0, NIGHT_LENGTH_S);
        world->tunka133[i] = nights.begin_s[night] * DEMO_SECOND_NS + (int64_t)(t_s * 1e9);
    }
    qsort(world->tunka133, world->ntunka133, sizeof *world->tunka133, by_time);
    for (uint32_t i = 1; i < world->ntunka133; i++)
        if (world->tunka133[i] < world->tunka133[i - 1] + 5 * APART_NS)
            world->tunka133[i] = world->tunka133[i - 1] + 5 * APART_NS;
    return true;
}

/* The first Tunka-133 event not before t_ns. */
static uint32_t first_from(const struct demo_world *world, int64_t t_ns)
{
    uint32_t low = 0, high = world->ntunka133;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (world->tunka133[middle] < t_ns)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool is_near_tunka133(const struct demo_world *world, int64_t t_ns)
{
    uint32_t i = first_from(world, t_ns - APART_NS);
    return i < world->ntunka133 && world->tunka133[i] <= t_ns + APART_NS;
}

/* --- Tunka-Rex --------------------------------------------------------------------- */

/* Partners: energetic showers since 2012, evenly spread, at most 900 ns apart. */
static uint32_t add_radio_partners(struct demo_world *world)
{
    const double least_lge = 16.4;
    uint32_t first = first_from(world, TUNKAREX_BEGIN_S * DEMO_SECOND_NS), ncandidate = 0;
    for (uint32_t i = first; i < world->ntunka133; i++)
        ncandidate += demo_tunka133_energy(i) >= least_lge;
    struct random r = random_at(DEMO_TUNKAREX | 0x40, 0);
    uint32_t n = 0, icandidate = 0;
    for (uint32_t i = first; i < world->ntunka133 && n < DEMO_TUNKAREX_SHARED; i++) {
        if (demo_tunka133_energy(i) < least_lge)
            continue;
        if ((uint64_t)icandidate++ * DEMO_TUNKAREX_SHARED < (uint64_t)n * ncandidate)
            continue;
        int64_t offset_ns = (int64_t)random_below(&r, 1801) - 900;
        world->tunkarex[n++] = (struct demo_pair){world->tunka133[i] + offset_ns, i};
    }
    return n;
}

static bool make_tunkarex(struct demo_world *world)
{
    world->tunkarex = arena_new_array(world->arena, struct demo_pair, DEMO_TUNKAREX_EVENTS);
    if (!world->tunkarex)
        return false;
    uint32_t n = add_radio_partners(world);
    struct random r = random_at(DEMO_TUNKAREX | 0x41, 0);
    while (n < DEMO_TUNKAREX_EVENTS) {
        double t_s = random_between(&r, (double)TUNKAREX_BEGIN_S, (double)TUNKAREX_END_S);
        int64_t t_ns = (int64_t)(t_s * 1e6) * 1000 + random_below(&r, 1000);
        if (!is_near_tunka133(world, t_ns))
            world->tunkarex[n++] = (struct demo_pair){t_ns, UINT32_MAX};
    }
    world->ntunkarex = n;
    qsort(world->tunkarex, n, sizeof *world->tunkarex, by_time);
    return true;
}

/* --- TAIGA ------------------------------------------------------------------------- */

const struct demo_target DEMO_TARGET[DEMO_TARGETS] = {
    {"Crab nebula", {83.6331, 22.0145}, true},   {"Mrk 421", {166.1138, 38.2088}, true},
    {"Crab off", {101.1331, 22.0145}, false},    {"Mrk 501", {253.4676, 39.7602}, true},
    {"Mrk 421 off", {183.6138, 38.2088}, false},
};

/* The target whose turn it is if it stands high enough, else the highest. */
static uint32_t choose_target(const struct demo_world *world, uint32_t turn, int64_t t_ns)
{
    uint32_t best = 0;
    double least_zd = 180;
    for (uint32_t k = 0; k < DEMO_TARGETS; k++) {
        uint32_t target = (turn + k) % DEMO_TARGETS;
        double zd, az;
        demo_direction_of(world->tunka, t_ns, DEMO_TARGET[target].place, &zd, &az);
        if (zd < 55)
            return target;
        if (zd < least_zd) {
            least_zd = zd;
            best = target;
        }
    }
    return best;
}

/* All gamma rays come from the first target, spread evenly over its runs. */
static void spread_gamma_rays(struct demo_world *world)
{
    uint32_t nrun = 0, irun = 0;
    for (uint32_t i = 0; i < world->nrun; i++)
        nrun += world->run[i].target == 0;
    for (uint32_t i = 0; i < world->nrun; i++)
        if (world->run[i].target == 0) {
            world->run[i].ngamma =
                (irun + 1) * DEMO_HILLAS_GAMMA / nrun - irun * DEMO_HILLAS_GAMMA / nrun;
            irun++;
        }
}

/* Runs stand one and a half hours apart within a night; targets take turns. */
static void make_runs(struct demo_world *world)
{
    struct nights nights;
    find_nights(&nights, TAIGA_BEGIN_S, NIGHTS_END_S);
    uint32_t night_before = UINT32_MAX, slot = 0;
    for (uint32_t i = 0; i < world->nrun; i++) {
        uint32_t night = (uint32_t)((uint64_t)i * nights.n / world->nrun);
        slot = night == night_before ? slot + 1 : 0;
        night_before = night;
        int64_t t_ns = (nights.begin_s[night] + slot * 5400) * DEMO_SECOND_NS;
        world->run[i].t_ns = t_ns;
        world->run[i].target = choose_target(world, i % DEMO_TARGETS, t_ns);
    }
    spread_gamma_rays(world);
}

static void make_run_events(struct demo_world *world, uint32_t irun)
{
    struct random r = random_at(DEMO_TAIGA_RUN | 0x40, irun);
    struct demo_pair *event = &world->hillas[irun * EVENTS_PER_RUN];
    for (uint32_t i = 0; i < EVENTS_PER_RUN; i++) {
        int64_t t_ns = 0;
        do
            t_ns = world->run[irun].t_ns +
                   (int64_t)(random_unit(&r) * RUN_LENGTH_S * 1e8) * 10;
        while (is_near_tunka133(world, t_ns));
        event[i] = (struct demo_pair){t_ns, UINT32_MAX};
    }
    qsort(event, EVENTS_PER_RUN, sizeof *event, by_time);
}

/* Moves the image nearest to a Tunka-133 event to within 0.5 .. 4.5 ms after it. False: no
 * run then, or that image has a partner already. */
static bool add_image_partner(struct demo_world *world, struct random *r, uint32_t itunka)
{
    int64_t t_ns = world->tunka133[itunka];
    for (uint32_t irun = 0; irun < world->nrun; irun++) {
        int64_t in_run_ns = t_ns - world->run[irun].t_ns;
        if (in_run_ns < 0 || in_run_ns > RUN_LENGTH_S * DEMO_SECOND_NS)
            continue;
        struct demo_pair *event = &world->hillas[irun * EVENTS_PER_RUN], *nearest = event;
        for (uint32_t i = 1; i < EVENTS_PER_RUN; i++)
            if (llabs(event[i].t_ns - t_ns) < llabs(nearest->t_ns - t_ns))
                nearest = &event[i];
        if (nearest->partner != UINT32_MAX)
            return false;
        nearest->t_ns = t_ns + 500000 + random_below(r, 400000) * 10;
        nearest->partner = itunka;
        return true;
    }
    return false;
}

static bool make_taiga(struct demo_world *world)
{
    world->nrun = DEMO_RUNS;
    world->nhillas = DEMO_HILLAS;
    world->run = arena_new_array(world->arena, struct demo_run, world->nrun);
    world->hillas = arena_new_array(world->arena, struct demo_pair, world->nhillas);
    if (!world->run || !world->hillas)
        return false;
    make_runs(world);
    for (uint32_t i = 0; i < world->nrun; i++)
        make_run_events(world, i);
    struct random r = random_at(DEMO_TAIGA | 0x40, 0);
    uint32_t n = 0;
    for (uint32_t i = first_from(world, world->run[0].t_ns); i < world->ntunka133; i++)
        if (n < DEMO_HILLAS_SHARED)
            n += add_image_partner(world, &r, i);
    for (uint32_t i = 0; i < world->nrun; i++)
        qsort(&world->hillas[i * EVENTS_PER_RUN], EVENTS_PER_RUN, sizeof *world->hillas,
              by_time);
    return true;
}

bool demo_world_tunka(struct demo_world *world)
{
    return make_tunka133(world) && make_tunkarex(world) && make_taiga(world);
}
