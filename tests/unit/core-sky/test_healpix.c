/* HEALPix cells against healpy's (reference.txt) and the ADQL catalogue's test values. */
#include "reference.h"

/* ADQL.md section 8: ivo_healpix_index */
TEST(index_of_the_udf_catalogue)
{
    CHECK_INT(sky_healpix_of(0, 1, 1), 4);
    CHECK_INT(sky_healpix_of(17, 1, 1), 81609757711);
    CHECK_INT(sky_healpix_of(17, 359, -1), 73009064944);
}

/* ADQL.md section 8: ivo_healpix_center */
TEST(center_of_the_udf_catalogue)
{
    struct sky_point p;
    CHECK(sky_healpix_center(0, 6, &p));
    CHECK_NEAR(p.lon_deg, 180, 0);
    CHECK_NEAR(p.lat_deg, 0, 0);
    CHECK(sky_healpix_center(17, sky_healpix_of(17, 23.4, 56.7), &p));
    CHECK_NEAR(p.lon_deg, 23.399843462947466, 1e-13);
    CHECK_NEAR(p.lat_deg, 56.70016214363192, 1e-13);
}

/* ADQL.md section 8, gavo_ipix: numbers that q3c_ang2ipix gives. */
TEST(cells_of_q3c)
{
    CHECK_INT(sky_q3c_of(0, 0), 2017612633061982208);
    CHECK_INT(sky_q3c_of(-1, 0), 1825388318008017157);
    CHECK_INT(sky_q3c_of(359, 0), 1825388318008017157);
    CHECK_INT(sky_q3c_of(180, 0), 4323455642275676160);
    CHECK_INT(sky_q3c_of(0, -90), 6629298651489370112);
    CHECK_INT(sky_q3c_of(0, -89.9), 6629299373591235202);
    CHECK_INT(sky_q3c_of(57.3, 88), 480333897118235422);
    CHECK_INT(sky_q3c_of(12.3, 45.6), 294541929365396512);
    CHECK_INT(sky_q3c_of(180, 90), 864691128455135232);
    CHECK_INT(sky_q3c_of(0, 90.1), -1);
    CHECK_INT(sky_q3c_of(NAN, 0), -1);
    CHECK_INT(sky_q3c_of(0, INFINITY), -1);
}

/* The side of the cube is the number above 60 bits. */
TEST(sides_of_q3c)
{
    static const struct {
        double lon, lat;
        int side;
    } CASES[] = {{0, 0, 1},   {45, 0, 2},   {95, 0, 2},  {134.9, 0, 2}, {136, 0, 3},
                 {220, 0, 3}, {275, 0, 4},  {10, 89, 0}, {225, 89, 0},  {0, -45, 1},
                 {0, -46, 5}, {99, -89, 5}, {315, 0, 1}, {314.9, 0, 4}, {360, 0, 1}};
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++)
        CHECK_INT(sky_q3c_of(CASES[i].lon, CASES[i].lat) >> 60, CASES[i].side);
}

TEST(index_as_healpy)
{
    struct reference r = {0};
    while (reference_next(&r, "cell"))
        CHECK_INT(sky_healpix_of((int)reference_int(&r, 1), reference_double(&r, 2),
                                 reference_double(&r, 3)),
                  reference_int(&r, 4));
}

TEST(center_as_healpy)
{
    struct reference r = {0};
    while (reference_next(&r, "center")) {
        struct sky_point p;
        CHECK(sky_healpix_center((int)reference_int(&r, 1), reference_int(&r, 2), &p));
        CHECK_NEAR(sky_distance_deg(p.lon_deg, p.lat_deg, reference_double(&r, 3),
                                    reference_double(&r, 4)),
                   0, 2e-13);
    }
}

TEST(ring_as_healpy_and_back)
{
    struct reference r = {0};
    while (reference_next(&r, "ring")) {
        int order = (int)reference_int(&r, 1);
        CHECK_INT(sky_healpix_nest_to_ring(order, reference_int(&r, 2)),
                  reference_int(&r, 3));
        CHECK_INT(sky_healpix_ring_to_nest(order, reference_int(&r, 3)),
                  reference_int(&r, 2));
    }
}

TEST(neighbours_as_healpy)
{
    struct reference r = {0};
    while (reference_next(&r, "near")) {
        int64_t near[8];
        CHECK(
            sky_healpix_neighbours((int)reference_int(&r, 1), reference_int(&r, 2), near));
        for (int i = 0; i < 8; i++)
            CHECK_INT(near[i], reference_int(&r, 3 + i));
    }
}

TEST(boundary_as_healpy)
{
    struct reference r = {0};
    while (reference_next(&r, "boundary")) {
        struct sky_point p[8];
        CHECK(sky_healpix_boundary((int)reference_int(&r, 1), reference_int(&r, 2), 2, p));
        for (int i = 0; i < 8; i++)
            CHECK_NEAR(sky_distance_deg(p[i].lon_deg, p[i].lat_deg,
                                        reference_double(&r, 3 + 2 * i),
                                        reference_double(&r, 4 + 2 * i)),
                       0,
                       1e-6); /* healpy goes through vectors: half its digits at a pole */
    }
}

TEST(radius_as_healpy)
{
    struct reference r = {0};
    while (reference_next(&r, "radius"))
        CHECK_NEAR(sky_healpix_radius_deg((int)reference_int(&r, 1)),
                   reference_double(&r, 2), 1e-9);
}

TEST(every_order_finds_its_own_centers)
{
    uint64_t seed = 12345;
    for (int order = 0; order <= 29; order++)
        for (int i = 0; i < 300; i++) {
            seed = seed * 6364136223846793005u + 1442695040888963407u;
            int64_t cell = (int64_t)((seed >> 1) % (uint64_t)sky_healpix_count(order));
            struct sky_point p;
            CHECK(sky_healpix_center(order, cell, &p));
            CHECK_INT(sky_healpix_of(order, p.lon_deg, p.lat_deg), cell);
            int64_t ring = sky_healpix_nest_to_ring(order, cell);
            CHECK_INT(sky_healpix_ring_to_nest(order, ring), cell);
        }
}

TEST(poles_and_meridian)
{
    for (int order = 0; order <= 29; order++) {
        int64_t face = (int64_t)1 << (2 * order);
        CHECK_INT(sky_healpix_of(order, 0, 90), face - 1);
        CHECK_INT(sky_healpix_of(order, 359.9, 90), 4 * face - 1);
        CHECK_INT(sky_healpix_of(order, 0, -90), 8 * face);
        CHECK_INT(sky_healpix_of(order, 360, 12.5), sky_healpix_of(order, 0, 12.5));
        CHECK_INT(sky_healpix_of(order, -1e-20, 12.5), sky_healpix_of(order, 0, 12.5));
        CHECK_INT(sky_healpix_of(order, 721, -1), sky_healpix_of(order, 1, -1));
    }
}

TEST(a_child_lies_in_its_parent)
{
    for (int i = 0; i < 2000; i++) {
        double lon = fmod(i * 137.50776405, 360), lat = -90 + 180.0 * i / 2000;
        int64_t deep = sky_healpix_of(29, lon, lat);
        for (int order = 0; order < 29; order++)
            CHECK_INT(sky_healpix_of(order, lon, lat), deep >> (2 * (29 - order)));
    }
}

TEST(out_of_range_is_refused)
{
    struct sky_point p;
    int64_t near[8];
    CHECK_INT(sky_healpix_of(-1, 0, 0), -1);
    CHECK_INT(sky_healpix_of(30, 0, 0), -1);
    CHECK_INT(sky_healpix_of(3, NAN, 0), -1);
    CHECK_INT(sky_healpix_of(3, 0, NAN), -1);
    CHECK_INT(sky_healpix_of(3, INFINITY, 0), -1);
    CHECK_INT(sky_healpix_of(3, 0, 90.0001), -1);
    CHECK(!sky_healpix_center(0, 12, &p));
    CHECK(!sky_healpix_center(0, -1, &p));
    CHECK(!sky_healpix_neighbours(1, 48, near));
    CHECK(!sky_healpix_boundary(1, 0, 0, &p));
    CHECK_INT(sky_healpix_nest_to_ring(2, 192), -1);
    CHECK_INT(sky_healpix_ring_to_nest(2, -1), -1);
}

/* What sky_healpix_order_for promises to cross-matches. */
TEST(neighbours_hold_all_within_the_radius)
{
    for (int i = 0; i < 40000; i++) {
        double lon = fmod(i * 137.50776405, 360);
        double lat = asin(-1 + 2 * (i + 0.5) / 40000) * 57.29577951308232;
        double radius = 40 * pow(10, -(i % 1000) / 200.0);
        int order = sky_healpix_order_for(radius);
        CHECK(order >= 0);
        struct sky_point q = sky_offset(lon, lat, i * 77.7, radius);
        int64_t from = sky_healpix_of(order, lon, lat);
        int64_t to = sky_healpix_of(order, q.lon_deg, q.lat_deg), near[8];
        bool found = from == to;
        CHECK(sky_healpix_neighbours(order, from, near));
        for (int k = 0; k < 8; k++)
            found = found || near[k] == to;
        CHECK(found);
    }
    CHECK_INT(sky_healpix_order_for(41), -1);
    CHECK_INT(sky_healpix_order_for(NAN), -1);
    CHECK_INT(sky_healpix_order_for(0), 29);
}

RUN_TESTS(T(index_of_the_udf_catalogue), T(cells_of_q3c), T(sides_of_q3c),
          T(center_of_the_udf_catalogue), T(index_as_healpy), T(center_as_healpy),
          T(ring_as_healpy_and_back), T(neighbours_as_healpy), T(boundary_as_healpy),
          T(radius_as_healpy), T(every_order_finds_its_own_centers), T(poles_and_meridian),
          T(a_child_lies_in_its_parent), T(out_of_range_is_refused),
          T(neighbours_hold_all_within_the_radius))
