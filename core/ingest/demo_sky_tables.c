/* demo_sky_tables.c -- the tables sources.catalogue, alerts.neutrino and bursts.grb. */
#include <math.h>
#include <stdio.h>

#include "core/base/clock.h"
#include "core/ingest/demo.h"
#include "core/ingest/random.h"

/* Year, month and day digits of a time: "YYMMDD". */
static void put_day_digits(int64_t t_ns, char out[7])
{
    char text[CLOCK_TEXT_BYTES];
    clock_print_us(t_ns / 1000, text);
    static const int AT[6] = {2, 3, 5, 6, 8, 9};
    for (int i = 0; i < 6; i++)
        out[i] = text[AT[i]];
    out[6] = 0;
}

/* --- sources ----------------------------------------------------------------------- */

static const struct made_column SOURCE_COLUMNS[] = {
    {"source_id", STORE_I32, 1, false},
    {"name", STORE_TEXT, 1, false},
    {"ra", STORE_F64, 1, false},
    {"dec", STORE_F64, 1, false},
    {"conf_95", STORE_F32, 1, false},
    {"significance", STORE_F32, 1, false},
    {"flux", STORE_F32, 1, false},
    {"spectral_index", STORE_F32, 1, false},
    {"spectral_index_error", STORE_F32, 1, false},
    {"class", STORE_TEXT, 1, false},
    {"assoc", STORE_TEXT, 1, true},
    {"redshift", STORE_F32, 1, true},
};

static uint32_t count_sources(const struct demo_world *world)
{
    return world->nsource;
}

static void fill_source(const struct demo_world *world, uint32_t i, struct made_row *row)
{
    const struct demo_source *source = &world->source[i];
    made_put_integer(row, i + 1);
    made_put_text(row, str_of(source->name));
    made_put(row, source->place.ra_deg);
    made_put(row, source->place.dec_deg);
    made_put(row, source->conf_95_deg);
    made_put(row, source->significance);
    made_put(row, source->flux);
    made_put(row, source->index);
    made_put(row, source->index_error);
    made_put_text(row, str_of(source->class_name));
    if (source->assoc[0])
        made_put_text(row, str_of(source->assoc));
    else
        made_put_null(row);
    made_put(row, source->redshift);
}

const struct demo_table DEMO_TABLE_SOURCES_CATALOGUE = {
    "sources",      "catalogue",
    SOURCE_COLUMNS, sizeof SOURCE_COLUMNS / sizeof *SOURCE_COLUMNS,
    count_sources,  fill_source,
};

/* --- alerts ------------------------------------------------------------------------ */

static const struct made_column ALERT_COLUMNS[] = {
    {"name", STORE_TEXT, 1, false},        {"run_id", STORE_I32, 1, false},
    {"event_id", STORE_I64, 1, false},     {"event_time", STORE_TIME_US, 1, false},
    {"mjd", STORE_F64, 1, false},          {"alert_type", STORE_TEXT, 1, false},
    {"ra", STORE_F64, 1, false},           {"dec", STORE_F64, 1, false},
    {"ra_err_plus", STORE_F32, 1, false},  {"ra_err_minus", STORE_F32, 1, false},
    {"dec_err_plus", STORE_F32, 1, false}, {"dec_err_minus", STORE_F32, 1, false},
    {"energy", STORE_F32, 1, false},       {"far", STORE_F32, 1, false},
    {"signalness", STORE_F32, 1, false},
};

static uint32_t count_alerts(const struct demo_world *world)
{
    return world->nalert;
}

static char letter_of_the_day(const struct demo_world *world, uint32_t i)
{
    int64_t day_ns = 86400 * DEMO_SECOND_NS;
    char letter = 'A';
    for (; i > 0 && world->alert[i - 1].t_ns / day_ns == world->alert[i].t_ns / day_ns; i--)
        letter++;
    return letter;
}

static void fill_alert(const struct demo_world *world, uint32_t i, struct made_row *row)
{
    const struct demo_alert *alert = &world->alert[i];
    struct random r = random_at(DEMO_ALERT | 0x80, i);
    char digits[7], name[16];
    put_day_digits(alert->t_ns, digits);
    snprintf(name, sizeof name, "DN%s%c", digits, letter_of_the_day(world, i));
    double energy = random_power(&r, 2.2, 60, 5000);
    double signalness = random_rounded(
        fmin(0.2 + 0.25 * log10(energy / 60) + 0.35 * random_unit(&r), 0.99), 3);
    bool is_gold = signalness > 0.5;
    made_put_text(row, str_of(name));
    made_put_integer(row, 118000 + (alert->t_ns / DEMO_SECOND_NS - 1304208000) / 28800);
    made_put_integer(row, 1000000 + random_below(&r, 79000000));
    demo_put_time(row, alert->t_ns);
    made_put(row, demo_mjd(alert->t_ns));
    made_put_text(row, is_gold ? STR("gold") : STR("bronze"));
    made_put(row, alert->place.ra_deg);
    made_put(row, alert->place.dec_deg);
    double scale = 1 / fmax(cos(alert->place.dec_deg * M_PI / 180), 0.1);
    for (int k = 0; k < 4; k++) {
        double error_deg = exp(0.5 * random_normal(&r)) * (k < 2 ? fmin(scale, 5) : 1);
        made_put(row, random_rounded(fmin(fmax(error_deg, 0.2), 12), 2));
    }
    made_put(row, random_rounded(energy, 1));
    made_put(row, random_rounded(4.5 * pow(energy / 60, -0.9) + 0.005, 4));
    made_put(row, signalness);
}

const struct demo_table DEMO_TABLE_ALERTS_NEUTRINO = {
    "alerts",     "neutrino", ALERT_COLUMNS, sizeof ALERT_COLUMNS / sizeof *ALERT_COLUMNS,
    count_alerts, fill_alert,
};

/* --- bursts ------------------------------------------------------------------------ */

static const struct made_column BURST_COLUMNS[] = {
    {"name", STORE_TEXT, 1, false},        {"trigger_time", STORE_TIME_US, 1, false},
    {"trigger_unix", STORE_F64, 1, false}, {"mjd", STORE_F64, 1, false},
    {"ra", STORE_F64, 1, false},           {"dec", STORE_F64, 1, false},
    {"error_radius", STORE_F32, 1, false}, {"t90", STORE_F32, 1, false},
    {"fluence", STORE_F32, 1, false},      {"redshift", STORE_F32, 1, true},
};

static uint32_t count_bursts(const struct demo_world *world)
{
    return world->nburst;
}

static void fill_burst(const struct demo_world *world, uint32_t i, struct made_row *row)
{
    const struct demo_burst *burst = &world->burst[i];
    struct random r = random_at(DEMO_BURST | 0x80, i);
    char digits[7], name[24];
    put_day_digits(burst->t_ns, digits);
    int64_t day_ns = 86400 * DEMO_SECOND_NS;
    snprintf(name, sizeof name, "GRB%s%03d", digits,
             (int)((burst->t_ns % day_ns) * 1000 / day_ns));
    bool is_short = random_unit(&r) < 0.18;
    double lg_t90 =
        is_short ? -0.3 + 0.45 * random_normal(&r) : 1.45 + 0.5 * random_normal(&r);
    double t90 = pow(10, lg_t90);
    double fluence = pow(10, -6.3 + 0.6 * (log10(t90) - 1) + 0.5 * random_normal(&r));
    made_put_text(row, str_of(name));
    demo_put_time(row, burst->t_ns);
    int64_t trigger_ms = burst->t_ns / 1000000;
    made_put(row, (double)trigger_ms / 1000);
    made_put(row, demo_mjd(burst->t_ns));
    made_put(row, burst->place.ra_deg);
    made_put(row, burst->place.dec_deg);
    made_put(row, random_rounded(fmin(0.1 + 2.5 * random_exponential(&r), 15), 2));
    made_put(row, random_rounded(fmin(t90, 1000), 3));
    made_put(row, fluence);
    made_put(row, random_unit(&r) < 0.15
                      ? random_rounded(1.2 * random_exponential(&r) + 0.02, 3)
                      : NAN);
}

const struct demo_table DEMO_TABLE_BURSTS_GRB = {
    "bursts",     "grb",      BURST_COLUMNS, sizeof BURST_COLUMNS / sizeof *BURST_COLUMNS,
    count_bursts, fill_burst,
};
