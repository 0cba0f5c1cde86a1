/* demo_mc.c -- two labelled Monte-Carlo samples and what a classifier makes of them under
 * three models of hadronic interactions: mc.mass_groups, mc.showers, mc.predictions. */
#include <math.h>

#include "core/ingest/demo.h"
#include "core/ingest/random.h"

enum { NGROUP = 5, NSAMPLE = 2, NMODEL = 3 };

static const struct {
    const char *label;
    double charge, mass; /* mean of the group */
} GROUP[NGROUP] = {
    {"p", 1, 1}, {"He", 2, 4}, {"C&O", 7, 14}, {"Si", 14, 28}, {"Fe", 26, 56}};

static const uint32_t COUNT[NSAMPLE][NGROUP] = {
    {900, 250, 500, 700, 550},
    {1000, 500, 300, 180, 200},
};

/* How well the classifier does when trained with a model, and which way its errors lean:
 * models that make more muons draw their predictions towards light nuclei. */
static const struct {
    const char *name;
    double sharpness, lean;
} MODEL[NMODEL] = {{"QGSJET", 0.80, 0}, {"EPOS", 0.74, -0.25}, {"SIBYLL", 0.70, 0.30}};

static uint32_t count_groups(const struct demo_world *world)
{
    (void)world;
    return NGROUP;
}

static const struct made_column GROUP_COLUMNS[] = {
    {"group_id", STORE_I16, 1, false},
    {"label", STORE_TEXT, 1, false},
    {"mean_charge", STORE_F32, 1, false},
    {"mean_mass", STORE_F32, 1, false},
};

static void fill_group(const struct demo_world *world, uint32_t i, struct made_row *row)
{
    (void)world;
    made_put_integer(row, i + 1);
    made_put_text(row, str_of(GROUP[i].label));
    made_put(row, GROUP[i].charge);
    made_put(row, GROUP[i].mass);
}

const struct demo_table DEMO_TABLE_MC_MASS_GROUPS = {
    "mc",          "mass_groups",
    GROUP_COLUMNS, sizeof GROUP_COLUMNS / sizeof *GROUP_COLUMNS,
    count_groups,  fill_group,
};

/* --- showers ----------------------------------------------------------------------- */

static uint32_t count_showers(const struct demo_world *world)
{
    (void)world;
    return DEMO_MC_SHOWERS;
}

/* Rows stand by sample, then by group. */
static void label_of(uint32_t i, uint32_t *sample, uint32_t *group)
{
    for (*sample = 0; *sample < NSAMPLE; ++*sample)
        for (*group = 0; *group < NGROUP; ++*group) {
            if (i < COUNT[*sample][*group])
                return;
            i -= COUNT[*sample][*group];
        }
    *sample = NSAMPLE - 1;
    *group = NGROUP - 1;
}

static const struct made_column SHOWER_COLUMNS[] = {
    {"shower_id", STORE_I32, 1, false}, {"sample_id", STORE_I16, 1, false},
    {"uuid", STORE_TEXT, 1, false},     {"true_group", STORE_TEXT, 1, false},
    {"true_e", STORE_F64, 1, false},    {"ze", STORE_F64, 1, false},
    {"az", STORE_F64, 1, false},        {"xc", STORE_F32, 1, false},
    {"yc", STORE_F32, 1, false},        {"ne", STORE_F32, 1, false},
    {"nmu", STORE_F32, 1, false},       {"age", STORE_F32, 1, false},
};

/* Heavy nuclei make more muons and older showers than protons of the same energy. */
static void fill_shower(const struct demo_world *world, uint32_t i, struct made_row *row)
{
    uint32_t sample, group;
    (void)world;
    label_of(i, &sample, &group);
    struct random r = random_at(DEMO_MC, i);
    double lge = 15 + log10(random_power(&r, 2.7, 1, 100));
    double ln_a = log(GROUP[group].mass), lgne = NAN, lgnmu = 0, zd = 90;
    while (zd > 30)
        zd = acos(pow(random_unit(&r), 1 / 9.5)) * 180 / M_PI;
    while (isnan(lgne)) {
        lgnmu = 0.90 * (lge - 15) + 3.78 + 0.062 * ln_a + 0.06 * random_normal(&r);
        lgne = demo_electrons_of(lge + 0.03 * random_normal(&r), lgnmu, zd);
        lge += isnan(lgne) ? 0.01 : 0;
    }
    double radius = 91 * sqrt(random_unit(&r)), angle = random_between(&r, 0, 2 * M_PI);
    made_put_integer(row, i + 1);
    made_put_integer(row, sample + 1);
    demo_put_uuid(row, DEMO_MC, i);
    made_put_text(row, str_of(GROUP[group].label));
    made_put(row, random_rounded(lge, 4));
    made_put(row, random_rounded(zd, 4));
    made_put(row, random_rounded(random_between(&r, 0, 360), 4));
    made_put(row, random_rounded(radius * cos(angle), 3));
    made_put(row, random_rounded(radius * sin(angle), 3));
    made_put(row, random_rounded(lgne, 5));
    made_put(row, random_rounded(lgnmu, 5));
    made_put(row,
             random_rounded(random_normal_in(&r, 1.0 + 0.035 * ln_a, 0.1, 0.1, 1.48), 5));
}

const struct demo_table DEMO_TABLE_MC_SHOWERS = {
    "mc",           "showers",
    SHOWER_COLUMNS, sizeof SHOWER_COLUMNS / sizeof *SHOWER_COLUMNS,
    count_showers,  fill_shower,
};

/* --- predictions ------------------------------------------------------------------- */

static const struct made_column PREDICTION_COLUMNS[] = {
    {"shower_id", STORE_I32, 1, false},        {"model", STORE_TEXT, 1, false},
    {"predicted_group", STORE_TEXT, 1, false}, {"is_right", STORE_I16, 1, false},
    {"prob_p", STORE_F32, 1, false},           {"prob_he", STORE_F32, 1, false},
    {"prob_co", STORE_F32, 1, false},          {"prob_si", STORE_F32, 1, false},
    {"prob_fe", STORE_F32, 1, false},
};

static uint32_t count_predictions(const struct demo_world *world)
{
    return count_showers(world) * NMODEL;
}

/* Probabilities around a blurred position on the scale of the groups; sum 1. */
static void probabilities(struct random *r, uint32_t group, uint32_t model,
                          double p[NGROUP])
{
    double width = 1.1 - MODEL[model].sharpness, total = 0;
    double at = group + MODEL[model].lean + 1.5 * width * random_normal(r);
    for (int k = 0; k < NGROUP; k++) {
        p[k] = exp(-0.5 * (k - at) * (k - at) / (width + 0.25)) + 0.01;
        total += p[k];
    }
    for (int k = 0; k < NGROUP; k++)
        p[k] = random_rounded(p[k] / total, 4);
}

static void fill_prediction(const struct demo_world *world, uint32_t i,
                            struct made_row *row)
{
    uint32_t ishower = i / NMODEL, model = i % NMODEL, sample, group, best = 0;
    (void)world;
    label_of(ishower, &sample, &group);
    struct random r = random_at(DEMO_MC | 0x40, i);
    double p[NGROUP];
    probabilities(&r, group, model, p);
    for (uint32_t k = 1; k < NGROUP; k++)
        best = p[k] > p[best] ? k : best;
    made_put_integer(row, ishower + 1);
    made_put_text(row, str_of(MODEL[model].name));
    made_put_text(row, str_of(GROUP[best].label));
    made_put_integer(row, best == group);
    for (int k = 0; k < NGROUP; k++)
        made_put(row, p[k]);
}

const struct demo_table DEMO_TABLE_MC_PREDICTIONS = {
    "mc",
    "predictions",
    PREDICTION_COLUMNS,
    sizeof PREDICTION_COLUMNS / sizeof *PREDICTION_COLUMNS,
    count_predictions,
    fill_prediction,
};
