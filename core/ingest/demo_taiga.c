/* demo_taiga.c -- Cherenkov images of showers: the tables taiga.runs and taiga.hillas. */
#include <math.h>

#include "core/ingest/demo.h"
#include "core/ingest/random.h"

enum { EVENTS_PER_RUN = DEMO_HILLAS / DEMO_RUNS, RUN_LENGTH_S = 1790 };

/* --- runs -------------------------------------------------------------------------- */

static const struct made_column RUN_COLUMNS[] = {
    {"run_id", STORE_I32, 1, false},        {"target", STORE_TEXT, 1, false},
    {"is_on", STORE_I16, 1, false},         {"ra", STORE_F64, 1, false},
    {"dec", STORE_F64, 1, false},           {"start_time", STORE_TIME_US, 1, false},
    {"stop_time", STORE_TIME_US, 1, false}, {"n_events", STORE_I32, 1, false},
};

static uint32_t count_runs(const struct demo_world *world)
{
    return world->nrun;
}

static void fill_run(const struct demo_world *world, uint32_t i, struct made_row *row)
{
    const struct demo_run *run = &world->run[i];
    const struct demo_target *target = &DEMO_TARGET[run->target];
    made_put_integer(row, i + 1);
    made_put_text(row, str_of(target->name));
    made_put_integer(row, target->is_on);
    demo_put_place(row, target->place);
    demo_put_time(row, run->t_ns);
    demo_put_time(row, run->t_ns + RUN_LENGTH_S * DEMO_SECOND_NS);
    made_put_integer(row, EVENTS_PER_RUN);
}

const struct demo_table DEMO_TABLE_TAIGA_RUNS = {
    "taiga",    "runs",   RUN_COLUMNS, sizeof RUN_COLUMNS / sizeof *RUN_COLUMNS,
    count_runs, fill_run,
};

/* --- images ------------------------------------------------------------------------ */

static const struct made_column COLUMNS[] = {
    {"event_id", STORE_I32, 1, false},
    {"run_id", STORE_I32, 1, false},
    {"event_time", STORE_TIME_US, 1, false},
    {"time_ns", STORE_I64, 1, false},
    {"alt", STORE_F32, 1, false},
    {"az", STORE_F32, 1, false},
    {"image_size", STORE_F32, 1, false},
    {"n_pixels", STORE_I16, 1, false},
    {"width", STORE_F32, 1, false},
    {"length", STORE_F32, 1, false},
    {"dist", STORE_F32, 1, false},
    {"alpha", STORE_F32, 1, false},
    {"conc", STORE_F32, 1, false},
    {"asym", STORE_F32, 1, false},
    {"energy", STORE_F32, 1, true},
    {"gammaness", STORE_F32, 1, false},
    {"ra", STORE_F64, 1, false},
    {"dec", STORE_F64, 1, false},
};

static uint32_t count(const struct demo_world *world)
{
    return world->nhillas;
}

static bool is_gamma(const struct demo_run *run, uint32_t in_run)
{
    uint32_t since = in_run - DEMO_GAMMA_FIRST;
    return in_run >= DEMO_GAMMA_FIRST && since % DEMO_GAMMA_STEP == 0 &&
           since / DEMO_GAMMA_STEP < run->ngamma;
}

struct image {
    double pe, width, length, dist, alpha, conc, asym, gammaness, energy;
    double offset_deg, offset_angle; /* of the shower's origin from the target */
};

static void draw_image(struct random *r, bool is_gamma_ray, struct image *image)
{
    double pe =
        is_gamma_ray ? random_power(r, 2, 150, 20000) : random_power(r, 2, 60, 100000);
    double lg = log10(pe), n = is_gamma_ray ? 1 : 1.7;
    image->pe = pe;
    image->width = random_normal_in(r, (0.05 + 0.03 * lg) * n, 0.03 * n, 0.05, 0.5);
    image->length = random_normal_in(r, (0.12 + 0.07 * lg) * n, 0.07 * n, 0.1, 1.2);
    image->length = fmax(image->length, 1.05 * image->width);
    image->dist = random_normal_in(r, 1.6, 0.7, 0, 4.5);
    image->alpha =
        is_gamma_ray ? fmin(fabs(3 * random_normal(r)), 7.9) : random_between(r, 0, 90);
    image->conc = random_normal_in(r, 0.75 - 0.12 * lg, 0.08, 0.05, 0.95);
    image->asym = 0.2 * random_normal(r);
    image->gammaness =
        is_gamma_ray ? random_between(r, 0.9, 0.999) : 0.85 * pow(random_unit(r), 2.5);
    image->energy = fmin(fmax(pe / 90 * exp(0.3 * random_normal(r)), 1), 100);
    image->offset_deg =
        is_gamma_ray ? 0.12 * fabs(random_normal(r)) : 4.5 * sqrt(random_unit(r));
    image->offset_angle = random_between(r, 0, 360);
}

static void fill(const struct demo_world *world, uint32_t i, struct made_row *row)
{
    uint32_t irun = i / EVENTS_PER_RUN;
    const struct demo_run *run = &world->run[irun];
    struct random r = random_at(DEMO_TAIGA, i);
    struct image image;
    draw_image(&r, is_gamma(run, i % EVENTS_PER_RUN), &image);
    int64_t t_ns = world->hillas[i].t_ns;
    struct demo_place target = DEMO_TARGET[run->target].place;
    double zd, az;
    demo_direction_of(world->tunka, t_ns, target, &zd, &az);
    made_put_integer(row, i + 1);
    made_put_integer(row, irun + 1);
    demo_put_time(row, t_ns);
    made_put_integer(row, t_ns);
    made_put(row, random_rounded(90 - zd, 3));
    made_put(row, random_rounded(az, 3));
    made_put(row, random_rounded(image.pe, 1));
    made_put(row, fmin(fmax(floor(2.2 * pow(image.pe, 0.42)), 4), 200));
    made_put(row, random_rounded(image.width, 4));
    made_put(row, random_rounded(image.length, 4));
    made_put(row, random_rounded(image.dist, 4));
    made_put(row, random_rounded(image.alpha, 3));
    made_put(row, random_rounded(image.conc, 4));
    made_put(row, random_rounded(image.asym, 4));
    made_put(row, random_unit(&r) < 0.4 ? random_rounded(image.energy, 3) : NAN);
    made_put(row, random_rounded(image.gammaness, 4));
    demo_put_place(row, demo_place_near(target, image.offset_deg, image.offset_angle));
}

const struct demo_table DEMO_TABLE_TAIGA_HILLAS = {
    "taiga", "hillas", COLUMNS, sizeof COLUMNS / sizeof *COLUMNS, count, fill,
};
