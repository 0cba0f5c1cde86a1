/* Distances and cones. */
#include "reference.h"

TEST(distance_as_in_long_double)
{
    struct reference r = {0};
    while (reference_next(&r, "distance")) {
        double a = reference_double(&r, 1), b = reference_double(&r, 2);
        double c = reference_double(&r, 3), d = reference_double(&r, 4);
        double want = reference_double(&r, 5);
        CHECK_NEAR(sky_distance_deg(a, b, c, d), want, 1e-13);
        CHECK_NEAR(sky_vec_distance_deg(sky_vec_of(a, b), sky_vec_of(c, d)), want, 1e-13);
    }
}

/* ADQL.md section 5: DISTANCE */
TEST(distance_of_known_places)
{
    CHECK_NEAR(sky_distance_deg(0, 0, 90, 0), 90, 1e-14);
    CHECK_NEAR(sky_distance_deg(0, 90, 123, -90), 180, 0);
    CHECK_NEAR(sky_distance_deg(10, 20, 10, 20), 0, 0);
    CHECK_NEAR(sky_distance_deg(0, 90, 77, 90), 0, 1e-14);
    CHECK_NEAR(sky_distance_deg(359.5, 0, 0.5, 0), 1, 1e-14);
    CHECK_NEAR(sky_distance_deg(0, 5, 360, 5), 0, 0);
    CHECK_NEAR(sky_distance_deg(0, 0, 180, 0), 180, 0);
    CHECK_NEAR(sky_distance_deg(25, -19.5, 25.4, -20.1) /
                   sky_distance_deg(25.4, -20.1, 25, -19.5),
               1, 1e-15);
    CHECK(isnan(sky_distance_deg(NAN, 0, 0, 0)));
    CHECK(isnan(sky_distance_deg(0, 0, 0, NAN)));
}

TEST(small_distances_keep_their_digits)
{
    double step = 1e-9; /* 3.6 micro-arcseconds */
    CHECK_NEAR(sky_distance_deg(200, 60, 200, 60 + step) / (60 + step - 60), 1, 1e-9);
    CHECK_NEAR(sky_distance_deg(200, 60, 200 + 1e-6, 60) / 0.5e-6, 1, 1e-7);
}

TEST(a_point_is_its_vector)
{
    for (int i = 0; i < 1000; i++) {
        double lon = fmod(i * 137.50776405, 360), lat = -90 + 0.18 * i;
        struct sky_point p = sky_point_of(sky_vec_of(lon, lat));
        CHECK_NEAR(sky_distance_deg(lon, lat, p.lon_deg, p.lat_deg), 0, 3e-14);
        CHECK(p.lon_deg >= 0 && p.lon_deg < 360);
    }
    CHECK_NEAR(sky_vec_of(90, 0).x, 0, 0);
    CHECK_NEAR(sky_vec_of(270, 0).y, -1, 0);
    CHECK_NEAR(sky_vec_of(12, 90).z, 1, 0);
}

/* DALI-1.2: 362 is 2 */
TEST(longitude_in_any_turn)
{
    CHECK_NEAR(sky_lon_reduce(362), 2, 0);
    CHECK_NEAR(sky_lon_reduce(-1), 359, 0);
    CHECK_NEAR(sky_lon_reduce(360), 0, 0);
    CHECK(sky_lon_reduce(-1e-30) < 360);
    CHECK(!signbit(sky_lon_reduce(-0.0)));
}

TEST(offset_and_position_angle_agree)
{
    for (int i = 1; i < 500; i++) {
        double lon = i * 31.7, lat = -89 + 0.35 * i, angle = fmod(i * 77.7, 360);
        struct sky_point p = sky_offset(lon, lat, angle, 0.01 * i);
        CHECK_NEAR(sky_distance_deg(lon, lat, p.lon_deg, p.lat_deg), 0.01 * i, 1e-13);
        double got = sky_position_angle_deg(lon, lat, p.lon_deg, p.lat_deg);
        CHECK_NEAR(remainder(got - angle, 360), 0, 1e-9);
    }
    CHECK_NEAR(sky_position_angle_deg(10, 0, 11, 0), 90, 1e-12);
    CHECK_NEAR(sky_position_angle_deg(10, 0, 10, 1), 0, 1e-12);
}

/* ADQL-34: all spellings of a cone search give the same rows */
TEST(cone_agrees_with_distance)
{
    uint64_t seed = 7;
    int inside = 0, n = 0;
    for (int i = 0; i < 200; i++) {
        struct sky_cone cone;
        double lat = i % 10 == 0 ? 90 : -90 + 180.0 * i / 200, lon = 1.8 * i;
        double radius = i % 7 == 0 ? 0 : 180 * pow(10, -(i % 90) / 10.0);
        sky_cone_prepare(&cone, lon, lat, radius);
        for (int k = 0; k < 500; k++) {
            seed = seed * 6364136223846793005u + 1442695040888963407u;
            double angle = 360 * (double)(seed >> 40) / (1 << 24);
            /* Most at the very border, some near it. */
            double by = k % 3 == 0 ? 1 + (k - 250) * 1e-3 : 1 + (k - 250) * 1e-15;
            struct sky_point p = sky_offset(lon, lat, angle, fmin(180, radius * by));
            bool want = sky_distance_deg(lon, lat, p.lon_deg, p.lat_deg) <= radius;
            CHECK(sky_cone_contains(&cone, p.lon_deg, p.lat_deg) == want);
            inside += want;
            n++;
        }
    }
    CHECK(inside > n / 4 && inside < n);
}

TEST(cone_has_its_boundary_and_nothing_strange)
{
    struct sky_cone cone;
    sky_cone_prepare(&cone, 0, 0, 1);
    CHECK(sky_cone_contains(&cone, 0, 1));
    CHECK(sky_cone_contains(&cone, 360, -1));
    CHECK(sky_cone_contains(&cone, 359.5, 0.5));
    CHECK(!sky_cone_contains(&cone, 0, 1.0000001));
    CHECK(!sky_cone_contains(&cone, NAN, 0));
    CHECK(!sky_cone_contains(&cone, 0, NAN));
    sky_cone_prepare(&cone, 0, 0, 180);
    CHECK(sky_cone_contains(&cone, 180, 0));
    sky_cone_prepare(&cone, 33, 44, 0);
    CHECK(sky_cone_contains(&cone, 33, 44));
    CHECK(!sky_cone_contains(&cone, 33, 44.0000000001));
}

TEST(bad_positions_are_refused)
{
    struct err e = {0};
    CHECK(sky_position_check(400, -90, &e));
    CHECK(!sky_position_check(0, 90.5, &e));
    CHECK_INT(e.kind, ERR_USAGE);
    CHECK(strstr(e.message, "90.5") != NULL);
    CHECK(!sky_position_check(INFINITY, 0, &e));
}

RUN_TESTS(T(distance_as_in_long_double), T(distance_of_known_places),
          T(small_distances_keep_their_digits), T(a_point_is_its_vector),
          T(longitude_in_any_turn), T(offset_and_position_angle_agree),
          T(cone_agrees_with_distance), T(cone_has_its_boundary_and_nothing_strange),
          T(bad_positions_are_refused))
