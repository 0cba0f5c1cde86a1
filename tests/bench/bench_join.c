/* bench_join.c -- joins on positions and times with the planners of joins, and by trying
 * all pairs: seconds. */
#include "tests/unit/core-query/world.h"

static const char MAKE_MANY[] =
    "CREATE TABLE points AS SELECT i AS id, random() * 360 AS ra, degrees(asin(2 * "
    "random() "
    "- 1)) AS dec, 50000 + random() * 5000 AS t, (random() * 1e15)::BIGINT AS ns, "
    "random()::REAL AS r, (i % 100)::INTEGER AS grp, 0.1::DOUBLE AS err, 0.1::DOUBLE AS "
    "wild FROM range(1000000) AS g(i);"
    "ALTER TABLE points ADD COLUMN _hpx BIGINT;"
    "UPDATE points SET _hpx = sky_healpix_index(29, ra, dec);"
    "COMMENT ON COLUMN points._hpx IS 'HEALPix index of \"ra\" \"dec\"';"
    "CREATE TABLE cones AS SELECT * EXCLUDE (_hpx) FROM points WHERE id % 100 = 7;"
    "CREATE TABLE bare AS SELECT * FROM cones LIMIT 200;";

static double now_s(void)
{
    return (double)clock_monotonic_ns() / 1e9;
}

/* The best of three, or of one for what takes long. */
static double seconds(struct world *w, const char *sql, bool plain)
{
    static struct answer a;
    double best = INFINITY;
    for (int i = 0; i < (plain ? 1 : 3); i++) {
        double start = now_s();
        ask(w, sql, plain, &a);
        best = fmin(best, now_s() - start);
        free(a.row);
        if (a.err.kind != ERR_NONE)
            TEST_FAIL("%.500s", a.err.message);
    }
    return best;
}

static void measure(struct world *w, const char *name, const char *sql, const char *goal)
{
    double planned = seconds(w, sql, false);
    printf("%s\t%.4f\t%.4f\ts\t%s\n", name, planned, seconds(w, sql, true), goal);
}

#define POINTS_NEAR(radius) "DISTANCE(x.ra, x.dec, p.ra, p.dec) < " radius

static void measure_all(struct world *w)
{
    printf("join: 10 000 x 1 000 000 within 0.1 deg\t%.4f\t\ts\t<=1\n",
           seconds(w,
                   "SELECT COUNT(*) AS n FROM s.cones AS x JOIN s.points AS p "
                   "ON " POINTS_NEAR("0.1"),
                   false));
    measure(w, "join: 200 x 1 000 000 within 3 deg",
            "SELECT COUNT(*) AS n FROM s.bare AS x JOIN s.points AS p ON " POINTS_NEAR("3"),
            "<=0.2");
    measure(w, "join: the same, LEFT",
            "SELECT COUNT(p.id) AS n FROM s.bare AS x LEFT JOIN s.points AS p "
            "ON " POINTS_NEAR("3"),
            "<=0.2");
    measure(
        w, "join: NOT EXISTS within 0.1 deg",
        "SELECT COUNT(*) AS n FROM s.bare AS x WHERE NOT EXISTS (SELECT 1 FROM s.points "
        "AS p WHERE p.id <> x.id AND " POINTS_NEAR("0.1") ")",
        "<=0.2");
    measure(w, "join: 200 x 1 000 000 within 1 minute",
            "SELECT COUNT(*) AS n FROM s.bare AS x JOIN s.points AS p "
            "ON ABS(x.t - p.t) * 1440 <= 1",
            "<=0.2");
    measure(w, "join: LEFT by equality with a condition",
            "SELECT COUNT(p.id) AS n FROM s.bare AS x LEFT JOIN s.points AS p "
            "ON x.id = p.id AND x.grp < 50",
            "<=0.2");
}

int main(void)
{
    struct world w;
    (void)test_run_all;
    if (setjmp(test_exit)) {
        fprintf(stderr, "bench_join: %s\n", test_why);
        return 1;
    }
    world_make(&w, MAKE_MANY);
    measure_all(&w);
    world_close(&w);
    return 0;
}
