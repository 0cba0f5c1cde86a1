/* demo_tunkarex.c -- radio pulses of air showers: the tables tunkarex.events, antennas and
 * traces. */
#include <math.h>
#include <string.h>

#include "core/ingest/demo.h"
#include "core/ingest/random.h"

enum { NSAMPLE = 1024, ANTENNAS_OF_A_TRACE_EVENT = 9, CHANNELS = 2 };

static void antenna_place(uint32_t i, double *x_m, double *y_m, double *z_m)
{
    struct random r = random_at(DEMO_ANTENNA, i);
    double angle = 2.399963 * i,
           radius = i < 57 ? 66 * sqrt(i + 0.5) : 700 + 60.0 * (i - 57);
    *x_m = random_rounded(radius * cos(angle) + 8 * random_normal(&r), 2);
    *y_m = random_rounded(radius * sin(angle) + 8 * random_normal(&r), 2);
    *z_m = random_rounded(675 + 0.01 * *x_m + 2 * random_normal(&r), 2);
}

/* --- events ------------------------------------------------------------------------ */

static const struct made_column EVENT_COLUMNS[] = {
    {"event_id", STORE_I32, 1, false},
    {"uuid", STORE_TEXT, 1, false},
    {"event_time", STORE_TIME_US, 1, false},
    {"time_ns", STORE_I64, 1, false},
    {"trigger_source", STORE_TEXT, 1, false},
    {"n_ant", STORE_I16, 1, false},
    {"n_signal", STORE_I16, 1, false},
    {"theta", STORE_F64, 1, true},
    {"phi", STORE_F64, 1, true},
    {"core_x", STORE_F32, 1, true},
    {"core_y", STORE_F32, 1, true},
    {"e", STORE_F64, 1, true},
    {"xmax", STORE_F32, 1, true},
    {"ra", STORE_F64, 1, true},
    {"dec", STORE_F64, 1, true},
};

static uint32_t count_events(const struct demo_world *world)
{
    return world->ntunkarex;
}

struct radio {
    double lge, theta, phi, x_m, y_m, xmax;
    int n_antenna, n_signal; /* a direction needs 3 signals */
};

static void radio_of(const struct demo_world *world, uint32_t i, struct radio *radio)
{
    struct random r = random_at(DEMO_TUNKAREX, i);
    uint32_t partner = world->tunkarex[i].partner;
    radio->lge = partner != UINT32_MAX ? demo_tunka133_energy(partner)
                                       : 16.4 + log10(random_power(&r, 3, 1, 120));
    radio->lge = random_rounded(radio->lge + 0.06 * random_normal(&r), 4);
    radio->n_antenna = 20 + (int)random_below(&r, 41);
    double signals = 3 + 9 * (radio->lge - 16.8) + 1.5 * random_normal(&r);
    radio->n_signal = (int)fmin(fmax(signals, 0), 20);
    radio->theta = 90;
    while (radio->theta > 60)
        radio->theta = acos(pow(random_unit(&r), 1 / 4.0)) * 180 / M_PI;
    radio->phi = random_between(&r, 0, 360);
    if (partner != UINT32_MAX) { /* the same shower, a degree or so apart */
        demo_tunka133_direction(partner, &radio->theta, &radio->phi);
        radio->theta = fabs(radio->theta + 0.8 * random_normal(&r));
        radio->phi = fmod(radio->phi + 1.2 * random_normal(&r) + 360, 360);
    }
    radio->theta = random_rounded(radio->theta, 3);
    radio->phi = random_rounded(radio->phi, 3);
    double radius = 500 * sqrt(random_unit(&r)), angle = random_between(&r, 0, 2 * M_PI);
    radio->x_m = random_rounded(radius * cos(angle), 1);
    radio->y_m = random_rounded(radius * sin(angle), 1);
    radio->xmax =
        random_rounded(random_normal_in(&r, 600 + 55 * (radio->lge - 17), 50, 500, 750), 1);
}

static void fill_event(const struct demo_world *world, uint32_t i, struct made_row *row)
{
    const struct demo_pair *pair = &world->tunkarex[i];
    struct radio radio;
    radio_of(world, i, &radio);
    bool has_direction = radio.n_signal >= 3,
         has_energy = has_direction && radio.lge >= 16.8;
    made_put_integer(row, i + 1);
    demo_put_uuid(row, DEMO_TUNKAREX, i);
    demo_put_time(row, pair->t_ns);
    made_put_integer(row, pair->t_ns);
    made_put_text(row, pair->partner != UINT32_MAX ? STR("T133") : STR("TGrande"));
    made_put_integer(row, radio.n_antenna);
    made_put_integer(row, radio.n_signal);
    made_put(row, has_direction ? radio.theta : NAN);
    made_put(row, has_direction ? radio.phi : NAN);
    made_put(row, has_direction ? radio.x_m : NAN);
    made_put(row, has_direction ? radio.y_m : NAN);
    made_put(row, has_energy ? radio.lge : NAN);
    made_put(row, has_energy ? radio.xmax : NAN);
    struct demo_place place =
        demo_place_of(world->tunka, pair->t_ns, radio.theta, radio.phi);
    demo_put_place(row, has_direction ? place : (struct demo_place){NAN, NAN});
}

const struct demo_table DEMO_TABLE_TUNKAREX_EVENTS = {
    "tunkarex",   "events",   EVENT_COLUMNS, sizeof EVENT_COLUMNS / sizeof *EVENT_COLUMNS,
    count_events, fill_event,
};

/* --- antennas ---------------------------------------------------------------------- */

static const struct made_column ANTENNA_COLUMNS[] = {
    {"antenna_id", STORE_I16, 1, false},
    {"station_id", STORE_I16, 1, false},
    {"x", STORE_F32, 1, false},
    {"y", STORE_F32, 1, false},
    {"z", STORE_F32, 1, false},
    {"azimuth", STORE_F32, 1, false},
    {"active_from", STORE_TIME_US, 1, false},
    {"active_to", STORE_TIME_US, 1, false},
};

static uint32_t count_antennas(const struct demo_world *world)
{
    (void)world;
    return DEMO_ANTENNAS;
}

static void fill_antenna(const struct demo_world *world, uint32_t i, struct made_row *row)
{
    static const int64_t SINCE_S[] = {1349827200, 1381363200, 1412899200, 1475971200};
    double x, y, z;
    antenna_place(i, &x, &y, &z);
    (void)world;
    made_put_integer(row, i + 1);
    made_put_integer(row, 1 + i / 3);
    made_put(row, x);
    made_put(row, y);
    made_put(row, z);
    made_put(row, 45);
    demo_put_time(row, SINCE_S[i / 16] * DEMO_SECOND_NS);
    demo_put_time(row, 1555718400 * DEMO_SECOND_NS);
}

const struct demo_table DEMO_TABLE_TUNKAREX_ANTENNAS = {
    "tunkarex",      "antennas",
    ANTENNA_COLUMNS, sizeof ANTENNA_COLUMNS / sizeof *ANTENNA_COLUMNS,
    count_antennas,  fill_antenna,
};

/* --- traces ------------------------------------------------------------------------ */

static const struct made_column TRACE_COLUMNS[] = {
    {"trace_id", STORE_I32, 1, false},   {"event_id", STORE_I32, 1, false},
    {"antenna_id", STORE_I16, 1, false}, {"channel", STORE_I16, 1, false},
    {"t0_ns", STORE_I64, 1, false},      {"dt", STORE_F32, 1, false},
    {"snr", STORE_F32, 1, false},        {"adc", STORE_I16, NSAMPLE, false},
};

static uint32_t count_traces(const struct demo_world *world)
{
    (void)world;
    return DEMO_TRACE_EVENTS * ANTENNAS_OF_A_TRACE_EVENT * CHANNELS;
}

/* The k-th event whose traces are kept: the first of more than 10^16.7 eV that Tunka-133
 * saw, too. */
static uint32_t trace_event(const struct demo_world *world, uint32_t k)
{
    uint32_t last = 0;
    for (uint32_t i = 0; i < world->ntunkarex; i++) {
        uint32_t partner = world->tunkarex[i].partner;
        if (partner == UINT32_MAX || demo_tunka133_energy(partner) < 16.7)
            continue;
        last = i;
        if (k-- == 0)
            return i;
    }
    return last;
}

/* White noise through a band-pass of 30 to 80 MHz at 200 MHz sampling, sd 10.5 counts. */
static void add_noise(struct random *r, double adc[NSAMPLE])
{
    double x1 = 0, x2 = 0, y1 = 0, y2 = 0, power = 0;
    double omega = 2 * M_PI * 55 / 200, alpha = sin(omega) * 0.45;
    for (int i = -64; i < NSAMPLE; i++) {
        double x = random_normal(r);
        double y =
            (alpha * x - alpha * x2 + 2 * cos(omega) * y1 - (1 - alpha) * y2) / (1 + alpha);
        x2 = x1;
        x1 = x;
        y2 = y1;
        y1 = y;
        if (i >= 0) {
            adc[i] = y;
            power += y * y;
        }
    }
    double scale = 10.5 / sqrt(power / NSAMPLE);
    for (int i = 0; i < NSAMPLE; i++)
        adc[i] *= scale;
}

static void add_pulse(double adc[NSAMPLE], int at, double height)
{
    for (int i = at - 20; i <= at + 20; i++) {
        double since_ns = (i - at) * 5;
        adc[i] += height * exp(-since_ns * since_ns / (2 * 14 * 14)) *
                  cos(2 * M_PI * 0.055 * since_ns);
    }
}

/* Signal to noise falls with the distance from the core as a Gaussian of 130 m. */
static double ratio_of(const struct radio *radio, uint32_t iantenna, uint32_t channel)
{
    double x, y, z;
    antenna_place(iantenna, &x, &y, &z);
    double d = hypot(x - radio->x_m, y - radio->y_m);
    double at_core = fmin(8 * pow(10, 0.8 * (radio->lge - 16.6)), 30);
    return at_core * exp(-d * d / (2 * 130 * 130)) * (channel == 0 ? 1 : 0.7);
}

/* The antennas of an event: those nearest to its core. */
static uint32_t nearest_antenna(const struct radio *radio, uint32_t rank)
{
    bool is_taken[DEMO_ANTENNAS] = {false};
    uint32_t best = 0;
    for (uint32_t k = 0; k <= rank; k++) {
        double most = -1;
        for (uint32_t i = 0; i < DEMO_ANTENNAS; i++) {
            double x, y, z;
            antenna_place(i, &x, &y, &z);
            double nearness = 1 / (1 + hypot(x - radio->x_m, y - radio->y_m));
            if (!is_taken[i] && nearness > most) {
                most = nearness;
                best = i;
            }
        }
        is_taken[best] = true;
    }
    return best;
}

static void fill_trace(const struct demo_world *world, uint32_t i, struct made_row *row)
{
    uint32_t channel = i % CHANNELS, rank = i / CHANNELS % ANTENNAS_OF_A_TRACE_EVENT;
    uint32_t ievent = trace_event(world, i / CHANNELS / ANTENNAS_OF_A_TRACE_EVENT);
    struct random r = random_at(DEMO_TRACE, i);
    struct radio radio;
    double adc[NSAMPLE];
    radio_of(world, ievent, &radio);
    uint32_t iantenna = nearest_antenna(&radio, rank);
    double snr = ratio_of(&radio, iantenna, channel);
    add_noise(&r, adc);
    add_pulse(adc, 300 + (int)random_below(&r, 201), 10.5 * snr);
    double pedestal = random_between(&r, 2042, 2043.5);
    for (int k = 0; k < NSAMPLE; k++)
        adc[k] = fmin(fmax(nearbyint(adc[k] + pedestal), 0), 4095);
    made_put_integer(row, i + 1);
    made_put_integer(row, ievent + 1);
    made_put_integer(row, iantenna + 1);
    made_put_integer(row, channel);
    made_put_integer(row, world->tunkarex[ievent].t_ns - 2000);
    made_put(row, 5);
    made_put(row, random_rounded(snr, 2));
    made_put_array(row, adc);
}

const struct demo_table DEMO_TABLE_TUNKAREX_TRACES = {
    "tunkarex",   "traces",   TRACE_COLUMNS, sizeof TRACE_COLUMNS / sizeof *TRACE_COLUMNS,
    count_traces, fill_trace,
};
