/* demo_lopes.c -- LOPES: radio pulses of KASCADE showers, the table lopes.events. */
#include <math.h>

#include "core/ingest/demo.h"
#include "core/ingest/random.h"

#define DEG (M_PI / 180)

static const struct made_column COLUMNS[] = {
    {"uuid", STORE_TEXT, 1, false},
    {"datetime", STORE_TIME_US, 1, false},
    {"gt", STORE_I32, 1, false},
    {"reconstruction", STORE_I16, 1, false},
    {"lopescompid", STORE_I16, 1, false},
    {"efieldmaxabs", STORE_F32, 1, false},
    {"geomag_angle", STORE_F32, 1, false},
    {"azl_ew", STORE_F64, 1, false},
    {"ell_ew", STORE_F64, 1, false},
    {"ccheight_ew", STORE_F32, 1, false},
    {"xheight_ew", STORE_F32, 1, false},
    {"rms_ccbeam_ew", STORE_F32, 1, false},
    {"coneangle_ew", STORE_F32, 1, false},
    {"eta_ew", STORE_F32, 1, true},
    {"eps_ew", STORE_F32, 1, true},
    {"nccbeamantennas_ew", STORE_I16, 1, false},
    {"azl_ns", STORE_F64, 1, true},
    {"ell_ns", STORE_F64, 1, true},
    {"ccheight_ns", STORE_F32, 1, true},
    {"xheight_ns", STORE_F32, 1, true},
    {"rms_ccbeam_ns", STORE_F32, 1, true},
    {"coneangle_ns", STORE_F32, 1, true},
    {"eta_ns", STORE_F32, 1, true},
    {"eps_ns", STORE_F32, 1, true},
    {"nccbeamantennas_ns", STORE_I16, 1, true},
    {"ra", STORE_F64, 1, false},
    {"dec", STORE_F64, 1, false},
};

static uint32_t count(const struct demo_world *world)
{
    return world->nlopes;
}

/* Between the shower and the field lines, which come down at Karlsruhe from the south with
 * an inclination of 64.8 degrees. */
static double geomagnetic_angle_deg(const struct demo_shower *shower)
{
    double zd = shower->zd_deg * DEG, az = shower->az_deg * DEG, dip = 64.8 * DEG;
    double north = sin(zd) * cos(az), up = cos(zd);
    return acos(fmin(fmax(-north * cos(dip) + up * sin(dip), -1), 1)) / DEG;
}

/* What one polarisation saw: the pulse grows with energy and with the angle to the field.
 */
static void put_polarisation(struct random *r, const struct demo_shower *shower,
                             bool is_seen, double share, struct made_row *row)
{
    double strength = pow(10, 0.9 * (shower->lge - 15)) *
                      (0.25 + sin(geomagnetic_angle_deg(shower) * DEG)) * share;
    double height = fmin(3.6 * pow(strength, 0.45) * exp(0.35 * random_normal(r)), 20);
    double zd = fabs(shower->zd_deg + 0.5 * random_normal(r));
    double az = fmod(shower->az_deg + random_normal(r) + 360, 360);
    double value[9] = {
        random_rounded(az, 3),
        random_rounded(fmin(fmax(90 - zd, 40), 90), 3),
        random_rounded(height, 4),
        random_rounded(fmin(height * random_between(r, 0.85, 1.2), 20), 4),
        random_rounded(fabs(0.6 + 0.15 * random_normal(r)), 4),
        random_rounded(random_between(r, 0.002, 0.04), 5),
        random_rounded(random_normal_in(r, 0.006, 0.004, -0.04, 0.11), 5),
        random_rounded(height * random_between(r, 1.5, 3), 4),
        fmin(18 + random_below(r, 13), 30),
    };
    bool has_fit = is_seen && random_unit(r) < 0.8;
    for (int i = 0; i < 9; i++) {
        bool is_fit = i == 6 || i == 7; /* slope and scale of the lateral distribution */
        made_put(row, (is_fit ? has_fit : is_seen) ? value[i] : NAN);
    }
}

static void fill(const struct demo_world *world, uint32_t i, struct made_row *row)
{
    uint32_t ievent = world->lopes[i];
    int64_t t_ns = world->event[ievent].t_ns;
    struct random r = random_at(DEMO_LOPES, i);
    struct demo_shower shower;
    demo_shower_of(world, ievent, &shower);
    /* Thunderstorms, exactly as many as the documentation counts. */
    uint32_t step = world->nlopes / DEMO_THUNDERSTORM;
    bool has_storm = step > 0 && i % step == step / 2 && i / step < DEMO_THUNDERSTORM;
    double field = has_storm ? random_power(&r, 1.5, 3200, 50000)
                             : fmin(90 + 90 * random_exponential(&r), 2500);
    demo_put_uuid(row, DEMO_KASCADE, ievent);
    demo_put_time(row, t_ns - t_ns % DEMO_SECOND_NS);
    made_put_integer(row, t_ns / DEMO_SECOND_NS);
    made_put_integer(row, random_unit(&r) < 0.5 ? 65 : 71);
    made_put_integer(row, random_below(&r, 2));
    made_put(row, random_rounded(field, 1));
    made_put(row, random_rounded(geomagnetic_angle_deg(&shower), 3));
    put_polarisation(&r, &shower, true, 1, row);
    put_polarisation(&r, &shower, random_unit(&r) < 0.6, 0.6, row);
    demo_put_place(row,
                   demo_place_of(world->karlsruhe, t_ns, shower.zd_deg, shower.az_deg));
}

const struct demo_table DEMO_TABLE_LOPES_EVENTS = {
    "lopes", "events", COLUMNS, sizeof COLUMNS / sizeof *COLUMNS, count, fill,
};
