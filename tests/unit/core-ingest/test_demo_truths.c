/* The made-up data hold what docs/demo-data.md promises: exact counts, planted
 * coincidences, and nothing else that looks like them. */
#include <stdlib.h>

#include "core/ingest/demo.h"
#include "core/sky/sky.h"
#include "tests/test.h"

static struct demo_world *world; /* the whole one, made once */

static const struct demo_world *the_world(void)
{
    struct err e = {0};
    if (!world)
        world = demo_world_new(DEMO_EVENTS, &e);
    if (!world)
        TEST_FAIL("%.500s", e.message);
    return world;
}

/* The first event not before a time. */
static uint32_t event_from(const struct demo_world *w, int64_t t_ns)
{
    uint32_t low = 0, high = w->nevent;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (w->event[middle].t_ns < t_ns)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Showers within window_s and radius_deg, from what the table publishes. */
static uint32_t showers_around(const struct demo_world *w, int64_t t_ns, double window_s,
                               struct demo_place place, double radius_deg)
{
    int64_t window_ns = (int64_t)(window_s * 1e9);
    uint32_t n = 0;
    for (uint32_t i = event_from(w, t_ns - window_ns);
         i < w->nevent && w->event[i].t_ns <= t_ns + window_ns; i++) {
        struct demo_shower s;
        demo_shower_of(w, i, &s);
        struct demo_place at =
            demo_place_of(w->karlsruhe, w->event[i].t_ns, s.zd_deg, s.az_deg);
        n += demo_separation_deg(at, place) <= radius_deg;
    }
    return n;
}

TEST(times_rise_and_number_the_events)
{
    const struct demo_world *w = the_world();
    int32_t run_before = 0, number_before = 0;
    CHECK_INT(w->nevent, 1000000);
    for (uint32_t i = 0; i < w->nevent; i++) {
        int32_t run, number;
        int64_t t = w->event[i].t_ns;
        CHECK(t >= DEMO_KASCADE_BEGIN && t <= DEMO_KASCADE_END);
        CHECK(t % 200 == 0);
        demo_run_of(t, false, &run, &number);
        CHECK(run >= 877 && run <= 7417 && number > 0 && number <= 4100000);
        CHECK(run > run_before || (run == run_before && number > number_before));
        run_before = run;
        number_before = number;
    }
}

TEST(energies_follow_the_formula)
{
    const struct demo_world *w = the_world();
    double square = 0, ne = 0, nmu = 0, ne2 = 0, nmu2 = 0, both = 0;
    uint32_t n = 50000;
    for (uint32_t i = 0; i < n; i++) {
        struct demo_shower s;
        demo_shower_of(w, i * (w->nevent / n), &s);
        double off = demo_energy_of(s.lgne, s.lgnmu, s.zd_deg) - s.lge;
        CHECK(fabs(off) < 0.2);
        CHECK(s.lge > 13 && s.lge < 19 && s.lgne >= 2 && s.lgne < 8.7);
        CHECK(s.lgnmu >= 2 && s.lgnmu < 7.7 && s.zd_deg >= 0 && s.zd_deg <= 60);
        CHECK(hypot(s.x_m, s.y_m) <= 91.02 && s.age >= 0.1 && s.age <= 1.48);
        square += off * off;
        ne += s.lgne / n;
        nmu += s.lgnmu / n;
        ne2 += s.lgne * s.lgne / n;
        nmu2 += s.lgnmu * s.lgnmu / n;
        both += s.lgne * s.lgnmu / n;
    }
    CHECK_NEAR(sqrt(square / n), 0.03, 0.005);
    double correlation = (both - ne * nmu) / sqrt((ne2 - ne * ne) * (nmu2 - nmu * nmu));
    CHECK(correlation > 0.4 && correlation < 0.85);
}

TEST(electrons_and_energy_are_inverse)
{
    double a = demo_electrons_of(15.2, 4.1, 22);
    CHECK_NEAR(demo_energy_of(a, 4.1, 22), 15.2, 1e-9);
    CHECK(isnan(demo_electrons_of(12, 4.1, 22)));
}

static int upwards(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Zenith angles: quantiles 5/25/50/75/95 % of about 6 / 13 / 21 / 30 / 44 degrees. */
TEST(zenith_angles_are_those_of_kascade)
{
    static const double WANT[5] = {6, 13.6, 21.3, 30, 42.5};
    static const uint32_t PART[5] = {5, 25, 50, 75, 95};
    static double zd[20000];
    const struct demo_world *w = the_world();
    for (uint32_t i = 0; i < 20000; i++) {
        struct demo_shower s;
        demo_shower_of(w, i * 50, &s);
        zd[i] = s.zd_deg;
    }
    qsort(zd, 20000, sizeof *zd, upwards);
    for (int k = 0; k < 5; k++)
        CHECK_NEAR(zd[PART[k] * 200], WANT[k], 0.9);
}

TEST(rate_falls_with_pressure)
{
    const struct demo_world *w = the_world();
    double hours[2] = {0}, events[2] = {0};
    for (uint32_t i = 0; i < w->nhour - 1; i++)
        hours[w->pressure_hpa[i] > 1003.2F] += 1;
    for (uint32_t i = 0; i < w->nevent; i++)
        events[w->pressure_hpa[demo_hour_of(w, w->event[i].t_ns)] > 1003.2F] += 1;
    double low = events[0] / hours[0], high = events[1] / hours[1];
    CHECK(high / low > 0.89 && high / low < 0.94); /* -0.7 % per hPa, 12 hPa apart */
}

TEST(directions_agree_with_the_exact_ones)
{
    const struct demo_world *w = the_world();
    for (int i = 0; i < 300; i++) {
        int64_t t_ns = DEMO_KASCADE_BEGIN + i * 1500000LL * DEMO_SECOND_NS;
        double zd = i % 60, az = i * 37 % 360, zd_back, az_back;
        struct demo_place p = demo_place_of(w->karlsruhe, t_ns, zd, az);
        struct sky_point exact =
            sky_horizontal_to_icrs(zd, az, (double)t_ns / 1e9, 8.4378, 49.0994, 110);
        CHECK(sky_distance_deg(p.ra_deg, p.dec_deg, exact.lon_deg, exact.lat_deg) <
              15 / 3600.0);
        demo_direction_of(w->karlsruhe, t_ns, p, &zd_back, &az_back);
        CHECK_NEAR(zd_back, zd, 1e-5);
    }
}

TEST(forty_alerts_lie_near_sources)
{
    const struct demo_world *w = the_world();
    uint32_t near = 0, pairs = 0;
    for (uint32_t i = 0; i < w->nalert; i++) {
        double least = 360;
        for (uint32_t k = 0; k < w->nsource; k++) {
            double d = demo_separation_deg(w->alert[i].place, w->source[k].place);
            least = d < least ? d : least;
            pairs += d <= 1;
        }
        CHECK(least < 0.95 || least > 1.15); /* nothing at the edge of one degree */
        near += least <= 1;
        CHECK_INT(least <= 1, w->alert[i].source != UINT32_MAX);
    }
    CHECK_INT(w->nalert, 400);
    CHECK_INT(near, 40);
    CHECK_INT(pairs, 48);
}

TEST(three_alerts_have_showers)
{
    const struct demo_world *w = the_world();
    uint32_t rich = 0, before_the_end = 0;
    for (uint32_t i = 0; i < w->nalert; i++) {
        if (w->alert[i].t_ns > DEMO_KASCADE_END)
            continue;
        before_the_end++;
        uint32_t n = showers_around(w, w->alert[i].t_ns, 500, w->alert[i].place, 3.6);
        CHECK_INT(n >= DEMO_SHOWERS_PER_ALERT, w->alert[i].has_showers);
        CHECK(n >= DEMO_SHOWERS_PER_ALERT || n <= 1);
        rich += n >= DEMO_SHOWERS_PER_ALERT;
    }
    CHECK_INT(rich, 3);
    CHECK_INT(before_the_end, 46);
}

TEST(five_bursts_have_showers)
{
    const struct demo_world *w = the_world();
    uint32_t rich = 0;
    for (uint32_t i = 0; i < w->nburst; i++) {
        uint32_t n = showers_around(w, w->burst[i].t_ns, 500, w->burst[i].place, 5);
        CHECK_INT(n >= DEMO_SHOWERS_PER_BURST, w->burst[i].has_showers);
        CHECK(n >= DEMO_SHOWERS_PER_BURST || n <= 2);
        rich += n >= DEMO_SHOWERS_PER_BURST;
    }
    CHECK_INT(w->nburst, 2000);
    CHECK_INT(rich, 5);
}

TEST(sixty_showers_lack_muons)
{
    const struct demo_world *w = the_world();
    const struct demo_place crab = w->source[0].place;
    uint32_t poor = 0;
    for (uint32_t i = 0; i < w->nevent; i++) {
        struct demo_shower s;
        demo_shower_of(w, i, &s);
        if (s.lgnmu >= 0.7 * s.lgne - 0.65)
            continue;
        poor++;
        CHECK(demo_separation_deg(
                  demo_place_of(w->karlsruhe, w->event[i].t_ns, s.zd_deg, s.az_deg), crab) <
              1.5);
    }
    CHECK_INT(poor, 60);
}

TEST(partners_of_grande_and_lopes)
{
    const struct demo_world *w = the_world();
    uint32_t shared = 0;
    CHECK_INT(w->ngrande, 100000);
    CHECK_INT(w->nlopes, 3058);
    int32_t run_before = 0, number_before = 0;
    for (uint32_t i = 0; i < w->ngrande; i++) {
        const struct demo_pair *pair = &w->grande[i];
        bool is_shared = pair->partner != UINT32_MAX;
        int32_t run, number;
        shared += is_shared;
        CHECK(!is_shared || w->event[pair->partner].t_ns == pair->t_ns);
        demo_run_of(pair->t_ns, !is_shared, &run, &number);
        CHECK(number % 2 == is_shared);
        CHECK(run > run_before || (run == run_before && number > number_before));
        run_before = run;
        number_before = number;
    }
    CHECK_INT(shared, 22000);
    for (uint32_t i = 1; i < w->nlopes; i++)
        CHECK(w->lopes[i] > w->lopes[i - 1] && w->lopes[i] < w->nevent);
}

/* Is a Tunka-133 event within so many nanoseconds? */
static bool is_near_tunka133(const struct demo_world *w, int64_t t_ns, int64_t window_ns)
{
    uint32_t low = 0, high = w->ntunka133;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (w->tunka133[middle] < t_ns - window_ns)
            low = middle + 1;
        else
            high = middle;
    }
    return low < w->ntunka133 && w->tunka133[low] <= t_ns + window_ns;
}

TEST(radio_events_within_a_microsecond)
{
    const struct demo_world *w = the_world();
    uint32_t close = 0;
    for (uint32_t i = 0; i < w->ntunkarex; i++) {
        bool is_partner = w->tunkarex[i].partner != UINT32_MAX;
        CHECK_INT(is_near_tunka133(w, w->tunkarex[i].t_ns, 1000), is_partner);
        CHECK_INT(is_near_tunka133(w, w->tunkarex[i].t_ns, 10000000), is_partner);
        close += is_partner;
    }
    CHECK_INT(w->ntunka133, 50000);
    CHECK_INT(w->ntunkarex, 8000);
    CHECK_INT(close, 1200);
}

TEST(images_within_five_milliseconds)
{
    const struct demo_world *w = the_world();
    uint32_t close = 0;
    for (uint32_t i = 0; i < w->nhillas; i++) {
        bool is_partner = w->hillas[i].partner != UINT32_MAX;
        CHECK_INT(is_near_tunka133(w, w->hillas[i].t_ns, 5000000), is_partner);
        close += is_partner;
    }
    CHECK_INT(w->nhillas, 200000);
    CHECK_INT(close, 150);
}

TEST(nights_are_winter_nights)
{
    const struct demo_world *w = the_world();
    for (uint32_t i = 0; i < w->ntunka133; i++) {
        int64_t in_day_s = w->tunka133[i] / DEMO_SECOND_NS % 86400;
        CHECK(in_day_s >= 14 * 3600 && in_day_s <= 21 * 3600 + 60);
        CHECK(i == 0 || w->tunka133[i] > w->tunka133[i - 1]);
    }
}

TEST(a_world_is_the_same_each_time)
{
    struct err e = {0};
    struct demo_world *a = demo_world_new(2000, &e), *b = demo_world_new(2000, &e);
    CHECK(a && b);
    bool is_same =
        memcmp(a->event, b->event, a->nevent * sizeof *a->event) == 0 &&
        memcmp(a->tunka133, b->tunka133, a->ntunka133 * sizeof *a->tunka133) == 0;
    demo_world_free(a);
    demo_world_free(b);
    CHECK(is_same);
}

TEST(end)
{
    demo_world_free(world);
    world = NULL;
}

RUN_TESTS(T(times_rise_and_number_the_events), T(energies_follow_the_formula),
          T(electrons_and_energy_are_inverse), T(zenith_angles_are_those_of_kascade),
          T(rate_falls_with_pressure), T(directions_agree_with_the_exact_ones),
          T(forty_alerts_lie_near_sources), T(three_alerts_have_showers),
          T(five_bursts_have_showers), T(sixty_showers_lack_muons),
          T(partners_of_grande_and_lopes), T(radio_events_within_a_microsecond),
          T(images_within_five_milliseconds), T(nights_are_winter_nights),
          T(a_world_is_the_same_each_time), T(end))
