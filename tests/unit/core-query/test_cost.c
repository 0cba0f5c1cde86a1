/* test_cost.c -- what the planner takes for a look-up, and what for a scan. The tables have
 * 260 and 520 rows in the store; the catalog is told that they have many more. */
#include "core/base/clock.h"
#include "tests/unit/core-query/world.h"

static struct query_cost cost_of(struct world *w, const char *text, int64_t max_rows)
{
    struct err e = {0};
    struct query_cost cost = {0};
    struct query_request r = {
        .text = str_of(text), .lang = ADQL_COLURE, .max_rows = max_rows};
    r.deadline_ns = CLOCK_NEVER;
    struct arena *arena = arena_new(64 << 20);
    struct query *q = query_prepare(&w->env, w->catalog, &r, arena, &e);
    if (q) {
        for (uint32_t i = 0; i < q->ntable; i++)
            ((struct catalog_table *)(uintptr_t)q->table[i])->row_estimate = 1000000;
        cost = query_cost(q);
    }
    arena_free(arena);
    if (!q)
        TEST_FAIL("%s: %.500s", text, e.message);
    return cost;
}

static const struct {
    const char *query;
    int64_t max_rows;
    double read_least, read_most, out_least, out_most;
} CASES[] = {
    {"SELECT * FROM s.points", -1, 1e6, 1e6, 1e6, 1e6},
    {"SELECT * FROM s.points", 0, 0, 0, 0, 1},
    {"SELECT * FROM s.points", 100, 1, 101, 1, 101},
    {"SELECT TOP 10 * FROM s.points", -1, 1, 11, 1, 11},
    {"SELECT TOP 10 * FROM s.points WHERE r > 3", -1, 11, 11000, 1, 11},
    /* all rows must be looked at before the first can come */
    {"SELECT TOP 10 * FROM s.points ORDER BY r", -1, 1e6, 1e6, 1, 11},
    {"SELECT COUNT(*) FROM s.points", -1, 1e6, 1e6, 1, 1},
    {"SELECT grp, COUNT(*) FROM s.points GROUP BY grp", -1, 1e6, 1e6, 1, 1000},
    {"SELECT DISTINCT TOP 5 grp FROM s.points", -1, 1e6, 1e6, 1, 6},
    /* a cone of 0.1 degrees is a millionth of the sky; a large one is a part of it */
    {"SELECT * FROM s.points WHERE 1 = CONTAINS(POINT(ra, dec), CIRCLE(10, 20, 0.1))", -1,
     1, 1000, 1, 1000},
    {"SELECT * FROM s.points WHERE 1 = CONTAINS(POINT(ra, dec), CIRCLE(10, 20, 60))", -1,
     2e5, 1e6, 1, 4e5},
    /* no index: what is kept is guessed, what is read is all */
    {"SELECT * FROM s.points WHERE grp = 3", -1, 1e6, 1e6, 1e4, 2e5},
    /* pair by pair */
    {"SELECT COUNT(*) FROM s.points AS a, s.points AS b", -1, 1e12, 1e12, 1, 1},
    {"SELECT COUNT(*) FROM s.points AS a, s.points AS b WHERE a.r < b.r", -1, 1e12, 1e12, 1,
     1},
    {"SELECT COUNT(*) FROM s.points AS a JOIN s.cones AS b ON a.id = b.id", -1, 1e6, 3e6, 1,
     1},
    {"SELECT COUNT(*) FROM s.points WHERE id IN (SELECT id FROM s.cones)", -1, 2e6, 2e6, 1,
     1e6},
};

TEST(look_ups_and_scans_are_told_apart)
{
    struct world w;
    world_open(&w);
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        struct query_cost c = cost_of(&w, CASES[i].query, CASES[i].max_rows);
        if (c.rows_read < CASES[i].read_least || c.rows_read > CASES[i].read_most ||
            c.rows_out < CASES[i].out_least || c.rows_out > CASES[i].out_most)
            TEST_FAIL("%s: reads %g, gives %g", CASES[i].query, c.rows_read, c.rows_out);
    }
    world_close(&w);
}

static const char KEYED[] =
    "CREATE TABLE points (id BIGINT PRIMARY KEY, ra DOUBLE, dec DOUBLE, t DOUBLE, ns "
    "BIGINT,"
    " r REAL, grp INTEGER); INSERT INTO points SELECT i, i, 0, i, i, i, i FROM range(90) "
    "g(i);"
    "CREATE TABLE cones AS SELECT *, 1e0 AS err, 1e0 AS wild FROM points;"
    "CREATE INDEX cones_grp ON cones(grp);"
    "CREATE TABLE bare AS SELECT * FROM points;";

static const struct {
    const char *query;
    double read_most;
} KEYS[] = {
    {"SELECT * FROM s.points WHERE id = 5", 1},
    {"SELECT * FROM s.points WHERE 5 = id", 1},
    {"SELECT * FROM s.points WHERE id IN (5, 6, 7)", 3},
    {"SELECT * FROM s.cones WHERE grp = 5", 1000},
    {"SELECT * FROM s.points AS p JOIN s.cones AS c ON p.id = c.grp WHERE p.id = 5", 101},
};

TEST(keys_and_indexes_make_look_ups)
{
    struct world w;
    world_make(&w, KEYED);
    for (size_t i = 0; i < sizeof KEYS / sizeof *KEYS; i++) {
        struct query_cost c = cost_of(&w, KEYS[i].query, -1);
        if (c.rows_read > KEYS[i].read_most || c.rows_read < 1)
            TEST_FAIL("%s: reads %g", KEYS[i].query, c.rows_read);
    }
    world_close(&w);
}

RUN_TESTS(T(look_ups_and_scans_are_told_apart), T(keys_and_indexes_make_look_ups))
