/* test_window_join.c -- differences within a limit, and outer joins with conditions that a
 * store cannot look up: the same rows, and plans that do not try all pairs. */
#include "tests/unit/core-query/world.h"

#define LIMITS "e-15)))"

TEST(windows)
{
    CHECK_CASES(
        {IDS "JOIN s.points AS p ON ABS(c.ns - p.ns) <= 500", LIMITS, NULL},
        {IDS "JOIN s.points AS p ON 500 > ABS(p.ns - c.ns)", LIMITS, NULL},
        {IDS "JOIN s.points AS p ON ABS(c.ns - p.ns) < 500.5", LIMITS, NULL},
        {IDS "JOIN s.points AS p ON ABS(c.t - p.t) <= 10", LIMITS, NULL},
        {IDS "JOIN s.points AS p ON ABS(c.t - p.t) * 86400 <= 500", LIMITS, NULL},
        {IDS "JOIN s.points AS p ON ABS(c.t - p.t) / 10.0 <= 0", LIMITS, NULL},
        {IDS ", s.points AS p WHERE ABS(c.t - p.t) <= c.wild", LIMITS, NULL},
        {IDS ", s.points AS p WHERE ABS(c.t - p.t) <= 2 * p.r", LIMITS, NULL},
        {IDS "JOIN s.points AS p ON c.t - p.t BETWEEN -3 AND 4", LIMITS, NULL},
        {IDS "JOIN s.points AS p ON c.t - p.t BETWEEN -3 AND c.wild", LIMITS, NULL},
        {IDS "JOIN s.points AS p ON c.ns - p.ns BETWEEN p.grp AND 300", LIMITS, NULL},
        {IDS "JOIN s.points AS p ON c.ns - p.ns >= 900000", LIMITS, NULL},
        {IDS "JOIN s.points AS p ON c.t - p.t >= 40000", NULL, NULL},
        {IDS "JOIN s.points AS p ON c.t - p.t <= -40000", LIMITS, NULL},
        {IDS "JOIN s.points AS p ON c.t - p.t <= c.wild", LIMITS, NULL},
        {IDS "JOIN s.points AS p ON ABS(c.r - p.r) <= 0.01", "e-6)))", NULL},
        {IDS "JOIN s.points AS p ON ABS(c.r - p.r) <= c.wild / 100", "e-6)))", NULL},
        {IDS "JOIN s.points AS p ON ABS(c.t - p.t) <= 10 AND " NEAR("2"), CELLS, NULL},
        {IDS "JOIN s.points AS p ON c.t BETWEEN p.t - 10 AND p.t + 10", NULL, NULL},
        {IDS "JOIN s.points AS p ON c.grp = p.grp AND ABS(c.t - p.t) <= 10", NULL, NULL},
        {IDS "JOIN s.points AS p ON ABS(c.t - p.t) >= 30000", NULL, NULL},
        {IDS "LEFT JOIN s.points AS p ON ABS(c.t - p.t) <= 10", LOOKUP, NULL},
        {IDS "RIGHT JOIN s.points AS p ON ABS(c.ns - p.ns) < 10", LOOKUP, NULL},
        {IDS "LEFT JOIN s.points AS p ON ABS(c.t - p.t) <= 10 AND " NEAR("2"), CELLS, NULL},
        {"SELECT c.id FROM s.cones AS c WHERE EXISTS (SELECT 1 FROM s.points AS p WHERE "
         "ABS(c.ns - p.ns) <= 5)",
         LIMITS, NULL});
}

/* Conditions beside an equality: looked up, not tried. */
TEST(outer_joins_by_equality)
{
    CHECK_CASES(
        {IDS "LEFT JOIN s.points AS p ON c.grp = p.grp AND " NEAR("1"), LOOKUP, NULL},
        {IDS "RIGHT JOIN s.points AS p ON c.grp = p.grp AND p.id > 7", LOOKUP, NULL},
        {IDS "LEFT JOIN s.points AS p ON c.grp = p.grp AND c.id > 7", LOOKUP, NULL},
        {IDS "LEFT JOIN s.points AS p ON c.grp = p.grp AND p.id > 7", NULL, NULL},
        {IDS "LEFT JOIN s.points AS p ON c.grp = p.grp AND c.id BETWEEN p.id - 3 AND "
             "p.id + 3",
         NULL, NULL},
        {IDS "LEFT JOIN s.points AS p ON c.grp = p.grp AND (c.id > 7 OR p.id > 7)", LOOKUP,
         NULL},
        {IDS "LEFT JOIN s.points AS p ON c.grp + p.grp = 4 AND " NEAR("120"), NULL, NULL});
}

/* The store refuses what the planner makes possible. */
TEST(subqueries_in_outer_joins)
{
    static struct answer a;
    static const struct {
        const char *sql;
        uint32_t nrow;
    } CASES[] = {
        {IDS
         "LEFT JOIN s.points AS p ON c.id = p.id AND c.id IN (SELECT b.id FROM s.bare AS "
         "b)",
         260},
        {IDS
         "RIGHT JOIN s.points AS p ON c.id = p.id AND p.id > (SELECT AVG(b.id) FROM s.bare "
         "AS b WHERE b.grp = c.grp)",
         520},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        struct world w;
        world_open(&w);
        ask(&w, CASES[i].sql, false, &a);
        free(a.row);
        world_close(&w);
        if (a.err.kind != ERR_NONE)
            TEST_FAIL("%.300s: %.500s", CASES[i].sql, a.err.message);
        CHECK_INT(a.n, CASES[i].nrow);
    }
}

RUN_TESTS(T(windows), T(outer_joins_by_equality), T(subqueries_in_outer_joins))
