/* test_cone_cells.c -- the cells of a cone hold every position of it, and are few. */
#include <stdlib.h>

#include "core/sky/sky.h"
#include "tests/test.h"

enum { CELLS_MAX = 1 << 16 };
static int64_t cells[CELLS_MAX];

static double next(uint64_t *seed)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (double)(*seed >> 11) / 9007199254740992.0;
}

static int compare_cells(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* Centres where the grid is peculiar: poles, meridians and parallels between its faces. */
static struct sky_point center_of(int i, double radius, uint64_t *seed)
{
    struct sky_point p = {360 * next(seed), asin(2 * next(seed) - 1) * 57.29577951308232};
    switch (i % 6) {
    case 0:
        p.lat_deg = 90 - 1e-7 * (i % 5);
        break;
    case 1:
        p.lat_deg = -90 + radius * next(seed);
        break;
    case 2:
        p.lon_deg = 45 * (i % 9) + radius * (next(seed) - 0.5);
        break;
    case 3:
        p.lat_deg = (i & 8 ? 1 : -1) * 41.8103148957786 + radius * (next(seed) - 0.5);
        break;
    default:
        break;
    }
    p.lat_deg = fmax(-90, fmin(90, p.lat_deg));
    return p;
}

static void check_cone(int order, double radius, int i, uint64_t *seed, size_t *total)
{
    struct sky_point c = center_of(i, radius, seed);
    size_t n = sky_cone_cells(c.lon_deg, c.lat_deg, radius, order, cells, CELLS_MAX);
    CHECK(n > 0 && n <= CELLS_MAX);
    *total += n;
    qsort(cells, n, sizeof *cells, compare_cells);
    for (size_t k = 1; k < n; k++)
        CHECK(cells[k - 1] < cells[k]);
    for (int k = 0; k < 40; k++) {
        double distance = radius * (k < 20 ? 1 : sqrt(next(seed)));
        struct sky_point p = sky_offset(c.lon_deg, c.lat_deg, 360 * next(seed), distance);
        int64_t cell = sky_healpix_of(order, p.lon_deg, p.lat_deg);
        bool is_inside =
            sky_distance_deg(c.lon_deg, c.lat_deg, p.lon_deg, p.lat_deg) <= radius;
        if (is_inside && !bsearch(&cell, cells, n, sizeof cell, compare_cells))
            TEST_FAIL("order %d: %.17g %.17g is not in the cells of %.17g %.17g %g", order,
                      p.lon_deg, p.lat_deg, c.lon_deg, c.lat_deg, radius);
    }
}

TEST(positions_of_a_cone_lie_in_its_cells)
{
    static const double RADIUS[] = {0, 1e-6, 0.001, 0.03, 0.4, 3, 12, 40, 75, 120, 179.99};
    uint64_t seed = 1;
    size_t total = 0;
    for (size_t r = 0; r < sizeof RADIUS / sizeof *RADIUS; r++) {
        int best = sky_healpix_order_for(RADIUS[r]);
        for (int order = best > 1 ? best - 1 : 0; order <= best + 2 && order <= 22; order++)
            for (int i = 0; i < 150; i++)
                check_cone(order, RADIUS[r], i, &seed, &total);
    }
}

TEST(small_cones_have_few_cells)
{
    uint64_t seed = 2;
    size_t total = 0;
    for (int i = 0; i < 2000; i++)
        check_cone(8, 0.1, 4, &seed, &total);
    CHECK(total < 2000 * 5);
}

TEST(what_is_no_cone_has_no_cells)
{
    CHECK_INT(sky_cone_cells(NAN, 0, 1, 5, cells, CELLS_MAX), 0);
    CHECK_INT(sky_cone_cells(0, 90.5, 1, 5, cells, CELLS_MAX), 0);
    CHECK_INT(sky_cone_cells(0, 0, NAN, 5, cells, CELLS_MAX), 0);
    CHECK_INT(sky_cone_cells(0, 0, -1, 5, cells, CELLS_MAX), 0);
    CHECK_INT(sky_cone_cells(0, 0, 1, 30, cells, CELLS_MAX), 0);
}

/* More than there is room for: the number only, and all the sky is all cells. */
TEST(too_many_cells_are_counted)
{
    cells[0] = -7;
    CHECK_INT(sky_cone_cells(10, 20, 180, 3, cells, 100), 768);
    CHECK_INT(cells[0], -7);
    CHECK_INT(sky_cone_cells(10, 20, 180, 3, cells, 768), 768);
    size_t n = sky_cone_cells(10, 20, 1, 8, cells, 1);
    CHECK(n > 1);
}

RUN_TESTS(T(positions_of_a_cone_lie_in_its_cells), T(small_cones_have_few_cells),
          T(what_is_no_cone_has_no_cells), T(too_many_cells_are_counted))
