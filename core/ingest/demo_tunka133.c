/* demo_tunka133.c -- Cherenkov light of air showers: the table tunka133.events. */
#include <math.h>

#include "core/ingest/demo.h"
#include "core/ingest/random.h"

static const struct made_column COLUMNS[] = {
    {"event_id", STORE_I32, 1, false},
    {"run_date", STORE_I32, 1, false},
    {"event_time", STORE_TIME_US, 1, false},
    {"time_ns", STORE_I64, 1, false},
    {"n_clusters", STORE_I16, 1, false},
    {"n_det", STORE_I16, 1, false},
    {"core_x", STORE_F32, 1, false},
    {"core_y", STORE_F32, 1, false},
    {"theta", STORE_F64, 1, false},
    {"phi", STORE_F64, 1, false},
    {"e", STORE_F64, 1, false},
    {"q200", STORE_F32, 1, false},
    {"xmax", STORE_F32, 1, true},
    {"steepness", STORE_F32, 1, false},
    {"fwhm400", STORE_F32, 1, true},
    {"ra", STORE_F64, 1, false},
    {"dec", STORE_F64, 1, false},
};

static uint32_t count(const struct demo_world *world)
{
    return world->ntunka133;
}

/* Days since 1970 of the evening on which the night began. */
static int64_t night_of(int64_t t_ns)
{
    return t_ns / (86400 * DEMO_SECOND_NS);
}

void demo_tunka133_direction(uint32_t ievent, double *zd_deg, double *az_deg)
{
    struct random r = random_at(DEMO_TUNKA133 | 0x20, ievent);
    double zd = 90;
    while (zd > 50)
        zd = acos(pow(random_unit(&r), 1 / 5.0)) * 180 / M_PI;
    *zd_deg = random_rounded(zd, 3);
    *az_deg = random_rounded(random_between(&r, 0, 360), 3);
}

static void fill(const struct demo_world *world, uint32_t i, struct made_row *row)
{
    int64_t t_ns = world->tunka133[i];
    double lge = demo_tunka133_energy(i);
    struct random r = random_at(DEMO_TUNKA133 | 0x80, i);
    double theta, phi;
    demo_tunka133_direction(i, &theta, &phi);
    double clusters =
        fmin(fmax(floor(2 + 7 * (lge - 15.8) + 1.5 * random_normal(&r)), 1), 25);
    double detectors = fmin(clusters * 7, floor(clusters * random_between(&r, 3.5, 7)));
    double radius = 800 * sqrt(random_unit(&r)), angle = random_between(&r, 0, 2 * M_PI);
    double xmax = random_normal_in(&r, 560 + 55 * (lge - 16.5), 45, 450, 700);
    bool is_large = clusters >= 3;
    made_put_integer(row, i + 1);
    made_put_integer(row, night_of(t_ns));
    demo_put_time(row, t_ns);
    made_put_integer(row, t_ns);
    made_put(row, clusters);
    made_put(row, fmax(detectors, 3));
    made_put(row, random_rounded(radius * cos(angle), 1));
    made_put(row, random_rounded(radius * sin(angle), 1));
    made_put(row, theta);
    made_put(row, phi);
    made_put(row, lge);
    made_put(row, random_rounded(1.07 * (lge - 16) + 1.2 + 0.05 * random_normal(&r), 4));
    made_put(row, is_large ? random_rounded(xmax, 1) : NAN);
    made_put(row, random_rounded(random_normal_in(&r, 4.2 + xmax / 400, 0.5, 3, 9), 3));
    made_put(row, is_large ? random_rounded(random_normal_in(&r, 35, 7, 20, 60), 2) : NAN);
    demo_put_place(row, demo_place_of(world->tunka, t_ns, theta, phi));
}

const struct demo_table DEMO_TABLE_TUNKA133_EVENTS = {
    "tunka133", "events", COLUMNS, sizeof COLUMNS / sizeof *COLUMNS, count, fill,
};
