/* demo_kascade.c -- the tables kascade.events, kascade.arrays and kascade.conditions. */
#include <math.h>
#include <string.h>

#include "core/ingest/demo.h"
#include "core/ingest/random.h"

enum { LAST_CALORIMETER_RUN = 5496, NSTATION = 252, NMUON_STATION = 192 };

/* --- events ------------------------------------------------------------------------ */

static const struct made_column EVENT_COLUMNS[] = {
    {"uuid", STORE_TEXT, 1, false},  {"r", STORE_I32, 1, false},
    {"ev", STORE_I32, 1, false},     {"datetime", STORE_TIME_US, 1, false},
    {"gt", STORE_I32, 1, false},     {"mt", STORE_I32, 1, false},
    {"mjd", STORE_F64, 1, false},    {"e", STORE_F64, 1, false},
    {"energy", STORE_F64, 1, false}, {"xc", STORE_F32, 1, false},
    {"yc", STORE_F32, 1, false},     {"ze", STORE_F64, 1, false},
    {"az", STORE_F64, 1, false},     {"ne", STORE_F32, 1, false},
    {"nmu", STORE_F32, 1, false},    {"age", STORE_F32, 1, false},
    {"t", STORE_F32, 1, false},      {"p", STORE_F32, 1, false},
    {"nhad", STORE_I16, 1, true},    {"ehad", STORE_F32, 1, true},
    {"ra", STORE_F64, 1, false},     {"dec", STORE_F64, 1, false},
};

static uint32_t count_events(const struct demo_world *world)
{
    return world->nevent;
}

/* The calorimeter worked in the first runs and saw hadrons in a third of the showers. */
static void put_hadrons(struct random *r, int32_t run, double lge, struct made_row *row)
{
    if (run > LAST_CALORIMETER_RUN) {
        made_put_null(row);
        made_put_null(row);
        return;
    }
    double mean = pow(10, 0.75 * (lge - 15));
    bool has_hadrons = random_unit(r) < 0.3;
    double nhad = has_hadrons ? fmin(1 + floor(mean * random_exponential(r) * 4), 511) : 0;
    made_put(row, nhad);
    made_put(row, has_hadrons
                      ? random_rounded(
                            fmin(10.5 + log10(nhad) + 0.2 * fabs(random_normal(r)), 16), 4)
                      : NAN);
}

static void put_clock(int64_t t_ns, struct made_row *row)
{
    int32_t run, event;
    demo_run_of(t_ns, false, &run, &event);
    int64_t second_ns = t_ns - t_ns % DEMO_SECOND_NS;
    made_put_integer(row, run);
    made_put_integer(row, event);
    demo_put_time(row, second_ns);
    made_put_integer(row, t_ns / DEMO_SECOND_NS);
    made_put_integer(row, t_ns % DEMO_SECOND_NS);
    made_put(row, demo_mjd(t_ns));
}

static void fill_event(const struct demo_world *world, uint32_t i, struct made_row *row)
{
    const struct demo_event *event = &world->event[i];
    struct random r = random_at(DEMO_KASCADE, i);
    struct demo_shower shower;
    demo_shower_of(world, i, &shower);
    uint32_t hour = demo_hour_of(world, event->t_ns);
    int32_t run, number;
    demo_run_of(event->t_ns, false, &run, &number);
    demo_put_uuid(row, DEMO_KASCADE, i);
    put_clock(event->t_ns, row);
    made_put(row, shower.lge);
    made_put(row, pow(10, shower.lge));
    made_put(row, shower.x_m);
    made_put(row, shower.y_m);
    made_put(row, shower.zd_deg);
    made_put(row, shower.az_deg);
    made_put(row, shower.lgne);
    made_put(row, shower.lgnmu);
    made_put(row, shower.age);
    made_put(row, (double)world->temperature_k[hour]);
    made_put(row, (double)world->pressure_hpa[hour]);
    put_hadrons(&r, run, shower.lge, row);
    demo_put_place(
        row, demo_place_of(world->karlsruhe, event->t_ns, shower.zd_deg, shower.az_deg));
}

const struct demo_table DEMO_TABLE_KASCADE_EVENTS = {
    "kascade",    "events",   EVENT_COLUMNS, sizeof EVENT_COLUMNS / sizeof *EVENT_COLUMNS,
    count_events, fill_event,
};

/* --- arrays of the stations -------------------------------------------------------- */

static const struct made_column ARRAY_COLUMNS[] = {
    {"uuid", STORE_TEXT, 1, false},
    {"edeposit", STORE_F32, NSTATION, false},
    {"mdeposit", STORE_F32, NMUON_STATION, false},
    {"arrival", STORE_F32, NSTATION, false},
};

static uint32_t count_arrays(const struct demo_world *world)
{
    return world->nevent < DEMO_ARRAY_EVENTS ? world->nevent : DEMO_ARRAY_EVENTS;
}

/* Stations stand on a 16 x 16 grid of 13 m without its four corners. */
static void station_place(uint32_t i, double *x_m, double *y_m)
{
    static const uint32_t CORNER[] = {0, 15, 240, 255};
    uint32_t cell = i;
    for (size_t k = 0; k < 4; k++)
        cell += cell >= CORNER[k];
    uint32_t icolumn = cell % 16, irow = cell / 16;
    *x_m = (icolumn - 7.5) * 13;
    *y_m = (irow - 7.5) * 13;
}

/* Particles fall off with distance from the core; a station without any reads 0. */
static void station_readings(struct random *r, const struct demo_shower *shower, uint32_t i,
                             double *e_mev, double *mu_mev, double *t_ns)
{
    double x, y;
    station_place(i, &x, &y);
    double dx = x - shower->x_m, dy = y - shower->y_m, d = hypot(dx, dy);
    double electrons = pow(10, shower->lgne - 4.1) * pow(1 + d / 30, -3.2);
    double muons = pow(10, shower->lgnmu - 4.6) * pow(1 + d / 100, -2.2);
    double ne = floor(electrons + sqrt(electrons) * random_normal(r) + random_unit(r));
    double nmu = floor(muons + sqrt(muons) * random_normal(r) + random_unit(r));
    double slope = tan(shower->zd_deg * M_PI / 180) / 0.299792458;
    double az = shower->az_deg * M_PI / 180;
    double front_ns = slope * (dx * sin(az) + dy * cos(az)) + 0.003 * d * d;
    *e_mev = ne < 1 ? 0 : random_rounded(fmin(ne * random_between(r, 6, 14), 30000), 1);
    *mu_mev = nmu < 1 ? 0 : random_rounded(fmin(nmu * random_between(r, 4, 10), 1000), 1);
    *t_ns =
        ne < 1
            ? 0
            : random_rounded(fmax(fmin(front_ns + 3 * random_normal(r), 2550), -1550), 1);
}

static void fill_arrays(const struct demo_world *world, uint32_t i, struct made_row *row)
{
    uint32_t ievent = (uint32_t)((uint64_t)i * world->nevent / count_arrays(world));
    struct random r = random_at(DEMO_ARRAYS, ievent);
    struct demo_shower shower;
    double e_mev[NSTATION], mu_mev[NSTATION], t_ns[NSTATION], muon[NMUON_STATION];
    demo_shower_of(world, ievent, &shower);
    for (uint32_t k = 0; k < NSTATION; k++)
        station_readings(&r, &shower, k, &e_mev[k], &mu_mev[k], &t_ns[k]);
    /* The inner stations have no muon detectors. */
    memcpy(muon, mu_mev, sizeof muon / 2);
    memcpy(muon + NMUON_STATION / 2, mu_mev + NSTATION - NMUON_STATION / 2,
           sizeof muon / 2);
    demo_put_uuid(row, DEMO_KASCADE, ievent);
    made_put_array(row, e_mev);
    made_put_array(row, muon);
    made_put_array(row, t_ns);
}

const struct demo_table DEMO_TABLE_KASCADE_ARRAYS = {
    "kascade",    "arrays",    ARRAY_COLUMNS, sizeof ARRAY_COLUMNS / sizeof *ARRAY_COLUMNS,
    count_arrays, fill_arrays,
};

/* --- weather ----------------------------------------------------------------------- */

static const struct made_column CONDITION_COLUMNS[] = {
    {"ts", STORE_I32, 1, false},
    {"datetime", STORE_TIME_US, 1, false},
    {"t", STORE_F32, 1, false},
    {"p", STORE_F32, 1, false},
};

static uint32_t count_conditions(const struct demo_world *world)
{
    return world->nhour;
}

static void fill_condition(const struct demo_world *world, uint32_t i, struct made_row *row)
{
    int64_t t_ns = DEMO_KASCADE_BEGIN + i * 3600 * DEMO_SECOND_NS;
    made_put_integer(row, t_ns / DEMO_SECOND_NS);
    demo_put_time(row, t_ns);
    made_put(row, (double)world->temperature_k[i]);
    made_put(row, (double)world->pressure_hpa[i]);
}

const struct demo_table DEMO_TABLE_KASCADE_CONDITIONS = {
    "kascade",         "conditions",
    CONDITION_COLUMNS, sizeof CONDITION_COLUMNS / sizeof *CONDITION_COLUMNS,
    count_conditions,  fill_condition,
};
