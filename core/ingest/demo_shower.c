/* demo_shower.c -- one air shower as KASCADE reconstructs it.
 *
 * The distributions follow what the experiment published: spectrum, zenith angles, muon
 * numbers; the electron number is the one that the published energy formula asks for. */
#include <math.h>

#include "core/ingest/demo.h"
#include "core/ingest/random.h"

#define DEG (M_PI / 180)

double demo_energy_of(double a, double b, double zd_deg)
{
    double slant = 1.05 * (1 / cos(zd_deg * DEG) - 1) - 0.015;
    return 9 + 1.93499 + 0.25788 * a + 0.66704 * b + 0.07507 * a * a + 0.09277 * b * b -
           0.16131 * a * b + slant;
}

double demo_electrons_of(double lge, double b, double zd_deg)
{
    double square = 0.07507, linear = 0.25788 - 0.16131 * b;
    double constant = demo_energy_of(0, b, zd_deg) - lge;
    double inside = linear * linear - 4 * square * constant;
    if (inside < 0)
        return NAN;
    double a = (-linear + sqrt(inside)) / (2 * square);
    return a >= 2 && a <= 8.7 ? a : NAN;
}

/* By the inverse of its integral: two power laws that meet at the knee. */
static double draw_energy(struct random *r)
{
    const double low = 13.8, knee = 15.6;
    double at_low = pow(10, -1.7 * low), at_knee = pow(10, -1.7 * knee);
    double below = (at_low - at_knee) / 1.7, above = at_knee / 2.1;
    double u = random_unit(r) * (below + above);
    if (u < below)
        return -log10(at_low - 1.7 * u) / 1.7;
    return knee - log10(fmax((below + above - u) / above, 1e-300)) / 2.1;
}

double demo_spectrum(struct random *r)
{
    for (int i = 0; i < 1000; i++) {
        double lge = draw_energy(r);
        double turn_on = (lge - 13.8) / (14.3 - 13.8);
        if (lge < 18.5 && (turn_on >= 1 || random_unit(r) < turn_on * turn_on))
            return lge;
    }
    return 14.3;
}

/* dN/dzd ~ sin(zd) cos(zd)^8.5 up to 60 degrees. */
static double draw_zenith(struct random *r)
{
    double cos_zd = 0;
    while (cos_zd < 0.5)
        cos_zd = pow(random_unit(r), 1 / 9.5);
    return acos(cos_zd) / DEG;
}

static void draw_core(struct random *r, struct demo_shower *shower)
{
    const double step = 182.0 / 16384;
    double radius = 91 * sqrt(random_unit(r)), angle = random_between(r, 0, 2 * M_PI);
    shower->x_m = nearbyint(radius * cos(angle) / step) * step;
    shower->y_m = nearbyint(radius * sin(angle) / step) * step;
}

/* Muons first, then the electrons that fit; again where none fit. */
static void draw_sizes(struct random *r, bool is_planted, bool is_muon_poor,
                       struct demo_shower *shower)
{
    for (int i = 0; i < 200; i++) {
        double mean = 0.90 * (shower->lge - 15) + 3.95 - (is_muon_poor ? 1.1 : 0);
        double lgnmu = random_normal_in(r, mean, 0.12, 2, 7.7);
        double lge = shower->lge + 0.03 * random_normal(r);
        double lgne = demo_electrons_of(lge, lgnmu, shower->zd_deg);
        if (!isnan(lgne) && lgne > 2.001) {
            shower->lgnmu = random_rounded(lgnmu, 5);
            shower->lgne = random_rounded(lgne, 5);
            return;
        }
        shower->lge += 0.02; /* too inclined for its energy: larger, and steeper */
        shower->zd_deg *= is_planted ? 1 : 0.985;
    }
    shower->lgnmu = 3;
    shower->lgne = 4;
}

void demo_shower_of(const struct demo_world *world, uint32_t ievent,
                    struct demo_shower *shower)
{
    struct random r = random_at(DEMO_SHOWER, ievent);
    const struct demo_event *event = &world->event[ievent];
    const struct demo_plant *plant = event->plant < 0 ? NULL : &world->plant[event->plant];
    bool is_muon_poor = plant && plant->kind == DEMO_PLANT_MUON_POOR;
    shower->lge = demo_spectrum(&r);
    shower->zd_deg = plant ? plant->zd_deg : draw_zenith(&r);
    shower->az_deg = plant ? plant->az_deg : random_between(&r, 0, 360);
    if (is_muon_poor)
        shower->lge = random_between(&r, 14.5, 15.5);
    draw_core(&r, shower);
    shower->age = random_rounded(random_normal_in(&r, 1.09, 0.14, 0.1, 1.48), 5);
    draw_sizes(&r, plant != NULL, is_muon_poor, shower);
    shower->lge = random_rounded(shower->lge, 4);
    shower->zd_deg = random_rounded(shower->zd_deg, 4);
    shower->az_deg = random_rounded(shower->az_deg, 4);
}
