/* Covers: always a superset, never many more cells than there must be. */
#include <time.h>

#include "reference.h"

static struct arena *arena;
static struct err e;

static void begin(void)
{
    arena_free(arena);
    arena = arena_new(64 << 20);
    e = (struct err){0};
}

static void check_cover(struct reference *r, const struct sky_region *region, int order,
                        int64_t most, const struct sky_moc *least)
{
    const struct sky_moc *moc = sky_moc_of_region(arena, region, order, &e);
    CHECK(moc != NULL);
    CHECK(sky_moc_is_within(least, moc));
    int64_t cells = llrint(sky_moc_fraction(moc) * (double)sky_healpix_count(order));
    /* Near the deepest order a cell cannot be divided to look closer. */
    if (cells > most + most / (order > 26 ? 2 : 10) + 8)
        TEST_FAIL("case %d: %lld cells, %lld would do", r->ncase, (long long)cells,
                  (long long)most);

    struct sky_span span[SKY_SPANS_DEFAULT];
    size_t n = sky_region_cover(region, 29, span, SKY_SPANS_DEFAULT);
    CHECK(n >= 1 && n <= SKY_SPANS_DEFAULT);
    for (size_t i = 0; i < n; i++) {
        CHECK(span[i].lo <= span[i].hi);
        CHECK(i == 0 || span[i].lo > span[i - 1].hi + 1);
    }
}

TEST(cones_cover_what_healpy_finds)
{
    struct reference r = {0};
    begin();
    while (reference_next(&r, "cone")) {
        const struct sky_region *cone =
            sky_region_circle(arena, reference_double(&r, 2), reference_double(&r, 3),
                              reference_double(&r, 4), &e);
        const struct sky_moc *least = sky_moc_parse(arena, r.word[6], &e);
        CHECK(cone && least);
        check_cover(&r, cone, (int)reference_int(&r, 1), reference_int(&r, 5), least);
    }
}

static const struct sky_region *reference_polygon(struct reference *r, int n)
{
    double lonlat[32];
    for (int i = 0; i < 2 * n; i++)
        lonlat[i] = reference_double(r, 3 + i);
    return sky_region_polygon(arena, lonlat, (size_t)n, &e);
}

TEST(polygons_cover_what_mocpy_finds)
{
    struct reference r = {0};
    begin();
    while (reference_next(&r, "polygon")) {
        int n = (int)reference_int(&r, 2);
        const struct sky_region *polygon = reference_polygon(&r, n);
        const struct sky_moc *least = sky_moc_parse(arena, r.word[5 + 2 * n], &e);
        CHECK(polygon && least);
        check_cover(&r, polygon, (int)reference_int(&r, 1), reference_int(&r, 3 + 2 * n),
                    least);
        double area;
        CHECK(sky_region_area_deg2(polygon, &area, &e));
        CHECK(area > 0 && area <= reference_double(&r, 4 + 2 * n));
    }
}

static bool covered(const struct sky_span *span, size_t n, int64_t cell)
{
    for (size_t i = 0; i < n; i++)
        if (cell >= span[i].lo && cell <= span[i].hi)
            return true;
    return false;
}

/* At every order and with few ranges, no position of a cone may fall out. */
TEST(no_position_of_a_cone_is_lost)
{
    struct sky_span span[256];
    for (int i = 0; i < 600; i++) {
        double lat = i % 12 == 0 ? (i % 24 ? 90 : -90) : asin(-1 + i / 300.0) * 57.29577951;
        double lon = i % 5 == 0 ? 0 : i * 77.7, radius = 179 * pow(10, -(i % 100) / 10.0);
        int order = i % 30;
        size_t max = (size_t)(1 + i % 90);
        size_t n = sky_cone_cover(lon, lat, radius, order, span, max);
        CHECK(n >= 1 && n <= max);
        for (int k = 0; k < 200; k++) {
            double part = k % 2 ? 1 : sqrt(k / 200.0);
            struct sky_point p = sky_offset(lon, lat, k * 1.8, radius * part);
            CHECK(covered(span, n, sky_healpix_of(order, p.lon_deg, p.lat_deg)));
        }
    }
}

/* How much more than the cone 75 ranges take. */
TEST(covers_are_tight)
{
    double sum = 0;
    int n = 0;
    clock_t start = clock();
    for (int i = 0; i < 300; i++) {
        struct sky_span span[SKY_SPANS_DEFAULT];
        double lat = asin(-1 + (i + 0.5) / 150.0) * 57.29577951, radius = 1;
        size_t nspan = sky_cone_cover(i * 137.5, lat, radius, 29, span, SKY_SPANS_DEFAULT);
        double cells = 0;
        for (size_t k = 0; k < nspan; k++)
            cells += (double)(span[k].hi - span[k].lo + 1);
        double area = cells / (double)sky_healpix_count(29) * 41252.96124941927;
        double want = 41252.96124941927 * (1 - cos(radius / 57.29577951308232)) / 2;
        CHECK(area >= want);
        sum += area / want;
        n++;
        CHECK(area / want < 1.6);
    }
    double us = (double)(clock() - start) * 1e6 / CLOCKS_PER_SEC / n;
    printf("# a cover of 75 ranges is %.3f of its 1 degree cone, %.0f us\n", sum / n, us);
    CHECK(sum / n < 1.35);
}

TEST(special_covers)
{
    struct sky_span span[256];
    begin();
    const struct sky_region *all = sky_region_all(arena, &e);
    CHECK_INT(sky_region_cover(all, 3, span, 5), 1);
    CHECK_INT(span[0].lo, 0);
    CHECK_INT(span[0].hi, 767);
    const struct sky_region *none = sky_region_combine(arena, SKY_NOT, &all, 1, &e);
    CHECK_INT(sky_region_cover(none, 3, span, 5), 0);
    CHECK_INT(sky_cone_cover(0, 0, -1, 3, span, 5), 0);
    CHECK_INT(sky_cone_cover(0, 0, NAN, 3, span, 5), 0);
    CHECK_INT(sky_cone_cover(0, 0, 1, 30, span, 5), 0);
    size_t n = sky_cone_cover(10, 10, 0, 29, span, 5);
    CHECK(n >= 1 && n <= 5 && covered(span, n, sky_healpix_of(29, 10, 10)));
    for (size_t i = 0; i < n; i++)
        CHECK(span[i].hi - span[i].lo < 8);
    CHECK_INT(sky_cone_cover(10, 10, 180, 29, span, 5), 1);
}

/* Every kind of region, against its own test of positions. */
TEST(no_position_of_any_region_is_lost)
{
    static const char *const text[] = {
        "range 350 20 -10 85",
        "range 0 360 80 90",
        "range 10 11 -90 -30",
        "ellipse ICRS 0 88 5 1 30",
        "ellipse ICRS 120 -30 40 3 70",
        "union ICRS (circle 0 0 5 circle 180 0 5 polygon 10 10 20 10 15 20)",
        "intersection (circle 0 0 5 circle 4 0 5)",
        "difference (circle 0 90 20 circle 0 90 10)",
        "not (circle 0 0 170)",
        "circle GALACTIC 0 0 3",
        "positioninterval GALACTIC 350 -5 10 5",
        "box ICRS 0 0 170 2",
    };
    begin();
    for (size_t i = 0; i < sizeof text / sizeof *text; i++) {
        const struct sky_region *region =
            sky_region_parse(arena, SKY_XTYPE_REGION, str_of(text[i]), &e);
        CHECK(region != NULL);
        struct sky_span span[SKY_SPANS_DEFAULT];
        size_t n = sky_region_cover(region, 29, span, SKY_SPANS_DEFAULT);
        const struct sky_moc *moc = sky_moc_of_region(arena, region, 6, &e);
        CHECK(moc != NULL);
        int inside = 0;
        for (int k = 0; k < 100000; k++) {
            double lat = asin(-1 + (k + 0.5) / 50000) * 57.29577951308232;
            double lon = fmod(k * 137.50776405003785, 360);
            if (!sky_region_contains_point(region, lon, lat))
                continue;
            inside++;
            CHECK(covered(span, n, sky_healpix_of(29, lon, lat)));
            CHECK(sky_moc_contains_point(moc, lon, lat));
        }
        CHECK(inside > 10);
        double area;
        CHECK(sky_region_area_deg2(region, &area, &e));
        CHECK_NEAR(inside * 0.4125296124941927 / area, 1, 3 / sqrt(inside));
    }
}

RUN_TESTS(T(cones_cover_what_healpy_finds), T(polygons_cover_what_mocpy_finds),
          T(no_position_of_a_cone_is_lost), T(covers_are_tight), T(special_covers),
          T(no_position_of_any_region_is_lost))
