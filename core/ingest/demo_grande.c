/* demo_grande.c -- KASCADE-Grande: the table grande.events, and which events of KASCADE it
 * and LOPES share. */
#include <math.h>
#include <stdlib.h>

#include "core/ingest/demo.h"
#include "core/ingest/random.h"

#define GRANDE_BEGIN_S 1078804070LL /* 2004-03-09T03:47:50 */
#define GRANDE_END_S 1349681502LL   /* 2012-10-08T07:31:42 */
#define LOPES_BEGIN_S 1133608193LL  /* 2005-12-03T11:09:53 */
#define LOPES_END_S 1256501882LL    /* 2009-10-25T20:18:02 */
#define GRANDE_ZENITH_MAX_DEG 39.5

enum { DEAD_TIME_NS = 40000000 };

/* --- partners ---------------------------------------------------------------------- */

struct candidate {
    float lge;
    uint32_t ievent;
};

static int by_energy_downwards(const void *a, const void *b)
{
    const struct candidate *x = a, *y = b;
    if (x->lge != y->lge)
        return x->lge < y->lge ? 1 : -1;
    return (x->ievent > y->ievent) - (x->ievent < y->ievent);
}

static int by_index(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static int by_time(const void *a, const void *b)
{
    int64_t x = ((const struct demo_pair *)a)->t_ns,
            y = ((const struct demo_pair *)b)->t_ns;
    return (x > y) - (x < y);
}

/* The n most energetic events of an era below a zenith angle, by time; fewer if there are
 * fewer. NULL: no memory. */
static uint32_t *most_energetic(struct demo_world *world, int64_t begin_s, int64_t end_s,
                                double zd_max_deg, uint32_t *n)
{
    struct candidate *list = malloc(world->nevent * sizeof *list);
    uint32_t nlist = 0;
    for (uint32_t i = 0; list && i < world->nevent; i++) {
        int64_t t_s = world->event[i].t_ns / DEMO_SECOND_NS;
        if (t_s < begin_s || t_s >= end_s || (double)world->event[i].lge < 14.6)
            continue;
        struct demo_shower shower;
        demo_shower_of(world, i, &shower);
        if (shower.zd_deg <= zd_max_deg)
            list[nlist++] = (struct candidate){world->event[i].lge, i};
    }
    if (list)
        qsort(list, nlist, sizeof *list, by_energy_downwards);
    if (nlist < *n)
        *n = nlist;
    uint32_t *out = list ? arena_new_array(world->arena, uint32_t, *n + 1) : NULL;
    for (uint32_t i = 0; out && i < *n; i++)
        out[i] = list[i].ievent;
    free(list);
    if (out)
        qsort(out, *n, sizeof *out, by_index);
    return out;
}

/* Moves Grande's own triggers that are too near to a neighbour behind it. True if any was.
 */
static bool move_apart(struct demo_world *world)
{
    bool is_moved = false;
    qsort(world->grande, world->ngrande, sizeof *world->grande, by_time);
    for (uint32_t i = 1; i < world->ngrande; i++) {
        struct demo_pair *before = &world->grande[i - 1], *pair = &world->grande[i];
        if (pair->t_ns - before->t_ns >= DEAD_TIME_NS)
            continue;
        if (pair->partner == UINT32_MAX)
            pair->t_ns = before->t_ns + DEAD_TIME_NS;
        else
            before->t_ns = pair->t_ns + DEAD_TIME_NS;
        is_moved = true;
    }
    return is_moved;
}

/* Grande's own triggers lie between the shared ones, never closer than the dead time; two
 * shared ones are apart already. */
static void add_own_events(struct demo_world *world, uint32_t nshared)
{
    struct random r = random_at(DEMO_GRANDE | 0x40, 0);
    for (uint32_t i = nshared; i < world->ngrande; i++) {
        double t_s = random_between(&r, GRANDE_BEGIN_S, GRANDE_END_S - 3600);
        int64_t t_ns = (int64_t)(t_s * 1e6) * 1000;
        world->grande[i] = (struct demo_pair){t_ns - t_ns % 200, UINT32_MAX};
    }
    for (int i = 0; i < 20 && move_apart(world); i++)
        continue;
}

bool demo_world_partners(struct demo_world *world)
{
    double part = fmin((double)world->nevent / DEMO_EVENTS, 1);
    uint32_t nshared = (uint32_t)(DEMO_GRANDE_SHARED * part);
    world->nlopes = (uint32_t)(DEMO_LOPES_EVENTS * part);
    uint32_t *shared = most_energetic(world, GRANDE_BEGIN_S, GRANDE_END_S,
                                      GRANDE_ZENITH_MAX_DEG, &nshared);
    world->lopes = most_energetic(world, LOPES_BEGIN_S, LOPES_END_S, 50, &world->nlopes);
    world->ngrande = (uint32_t)(DEMO_GRANDE_EVENTS * part);
    world->grande = arena_new_array(world->arena, struct demo_pair, world->ngrande + 1);
    if (!shared || !world->lopes || !world->grande)
        return false;
    for (uint32_t i = 0; i < nshared; i++)
        world->grande[i] = (struct demo_pair){world->event[shared[i]].t_ns, shared[i]};
    add_own_events(world, nshared);
    return true;
}

/* --- the table --------------------------------------------------------------------- */

static const struct made_column COLUMNS[] = {
    {"uuid", STORE_TEXT, 1, false}, {"r", STORE_I32, 1, false},
    {"ev", STORE_I32, 1, false},    {"datetime", STORE_TIME_US, 1, false},
    {"gt", STORE_I32, 1, false},    {"mt", STORE_I32, 1, false},
    {"xc", STORE_F32, 1, false},    {"yc", STORE_F32, 1, false},
    {"ze", STORE_F64, 1, false},    {"az", STORE_F64, 1, false},
    {"nch", STORE_F32, 1, false},   {"nmu", STORE_F32, 1, false},
    {"age", STORE_F32, 1, false},   {"t", STORE_F32, 1, false},
    {"p", STORE_F32, 1, false},     {"ra", STORE_F64, 1, false},
    {"dec", STORE_F64, 1, false},
};

static uint32_t count(const struct demo_world *world)
{
    return world->ngrande;
}

/* The same shower, measured again with errors of half a degree and five metres. */
static void see_again(struct random *r, struct demo_shower *shower)
{
    double across = 0.35 / fmax(sin(shower->zd_deg * M_PI / 180), 0.05);
    shower->zd_deg = fmin(fabs(shower->zd_deg + 0.35 * random_normal(r)), 40);
    shower->az_deg = fmod(shower->az_deg + across * random_normal(r) + 360, 360);
    shower->x_m = fmin(shower->x_m + 5 * random_normal(r), 100);
    shower->y_m = fmin(shower->y_m + 5 * random_normal(r), 100);
    shower->lgnmu += 0.08 * random_normal(r);
}

static void draw_own(struct random *r, struct demo_shower *shower)
{
    double lgnmu = 0, lgne = NAN;
    shower->zd_deg = 90;
    while (shower->zd_deg > 40)
        shower->zd_deg = acos(pow(random_unit(r), 1 / 9.5)) * 180 / M_PI;
    shower->az_deg = random_between(r, 0, 360);
    shower->x_m = random_between(r, -500, 100);
    shower->y_m = random_between(r, -600, 100);
    shower->lge = 15 + log10(random_power(r, 2.7, 1, 1000));
    while (isnan(lgne)) {
        lgnmu = random_normal_in(r, 0.90 * (shower->lge - 15) + 3.95, 0.12, 3.17, 8);
        lgne = demo_electrons_of(shower->lge, lgnmu, shower->zd_deg);
        shower->lge += isnan(lgne) ? 0.02 : 0;
    }
    shower->lgnmu = lgnmu;
    shower->lgne = lgne;
}

static void put_clock(const struct demo_pair *pair, struct made_row *row)
{
    int32_t run, event;
    demo_run_of(pair->t_ns, pair->partner == UINT32_MAX, &run, &event);
    made_put_integer(row, run);
    made_put_integer(row, event);
    demo_put_time(row, pair->t_ns - pair->t_ns % DEMO_SECOND_NS);
    made_put_integer(row, pair->t_ns / DEMO_SECOND_NS);
    made_put_integer(row, pair->t_ns % DEMO_SECOND_NS);
}

static void fill(const struct demo_world *world, uint32_t i, struct made_row *row)
{
    const struct demo_pair *pair = &world->grande[i];
    bool is_shared = pair->partner != UINT32_MAX;
    struct random r = random_at(DEMO_GRANDE, i);
    struct demo_shower shower;
    if (is_shared) {
        demo_shower_of(world, pair->partner, &shower);
        see_again(&r, &shower);
    } else
        draw_own(&r, &shower);
    demo_put_uuid(row, is_shared ? DEMO_KASCADE : DEMO_GRANDE,
                  is_shared ? pair->partner : i);
    put_clock(pair, row);
    double nch = log10(pow(10, shower.lgne) + pow(10, shower.lgnmu));
    uint32_t hour = demo_hour_of(world, pair->t_ns);
    shower.zd_deg = random_rounded(shower.zd_deg, 4);
    shower.az_deg = random_rounded(shower.az_deg, 4);
    made_put(row, random_rounded(shower.x_m, 3));
    made_put(row, random_rounded(shower.y_m, 3));
    made_put(row, shower.zd_deg);
    made_put(row, shower.az_deg);
    made_put(row, random_rounded(fmin(fmax(nch, 4.05), 9), 5));
    made_put(row, random_rounded(fmin(fmax(shower.lgnmu, 3.17), 8), 5));
    made_put(row, random_rounded(random_normal_in(&r, 0.85, 0.25, -0.385, 1.485), 5));
    made_put(row, (double)world->temperature_k[hour]);
    made_put(row, (double)world->pressure_hpa[hour]);
    demo_put_place(
        row, demo_place_of(world->karlsruhe, pair->t_ns, shower.zd_deg, shower.az_deg));
}

const struct demo_table DEMO_TABLE_GRANDE_EVENTS = {
    "grande", "events", COLUMNS, sizeof COLUMNS / sizeof *COLUMNS, count, fill,
};
