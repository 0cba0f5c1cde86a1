/* test_gather.c -- queries over two stores: rows of one come to the engine, without their
 * index, and the answer is the same. */
#include "tests/unit/core-query/world.h"

static const char *const QUERIES[] = {
    "SELECT c.id FROM s.cones AS c, tap_schema.schemas AS x WHERE x.schema_name = 's' AND "
    "1 = "
    "CONTAINS(POINT(c.ra, c.dec), CIRCLE(10, 20, 30))",
    "SELECT c.id, p.id AS p FROM tap_schema.schemas AS x, s.cones AS c JOIN s.points AS p "
    "ON "
    "DISTANCE(c.ra, c.dec, p.ra, p.dec) < 2 WHERE x.schema_name = 's'",
    "SELECT c.id, p.id AS p FROM tap_schema.schemas AS x, s.cones AS c LEFT JOIN s.points "
    "AS "
    "p ON DISTANCE(c.ra, c.dec, p.ra, p.dec) < 2 WHERE x.schema_name = 's'"};

TEST(positions_of_another_store)
{
    static struct answer whole, divided;
    for (size_t i = 0; i < sizeof QUERIES / sizeof *QUERIES; i++) {
        struct world w;
        char why[400];
        world_open(&w);
        world_load_tap_schema(&w);
        ask(&w, QUERIES[i], true, &whole);
        world_divide(&w);
        ask(&w, QUERIES[i], false, &divided);
        compare_answers(&whole, &divided, why);
        free(whole.row);
        free(divided.row);
        world_close(&w);
        if (why[0] || divided.err.message[0] || divided.n == 0)
            TEST_FAIL("%.300s: %s %.300s", QUERIES[i], why, divided.err.message);
        CHECK(strstr(divided.statement, "_hpx") == NULL);
    }
}

/* --- filters go along ------------------------------------------------------------------
 */

/* The other store, and how many rows it gave. */
static struct store_plugin counting;
static const struct store_plugin *counted;
static uint64_t rows_given;

static enum store_status count_next(struct store_scan *s, struct store_batch *b,
                                    struct store_error *e)
{
    enum store_status status = counted->next(s, b, e);
    if (status == STORE_OK)
        rows_given += b->nrow;
    return status;
}

static void count_rows(struct world *w)
{
    counted = w->store[1].plugin;
    counting = *counted;
    counting.next = count_next;
    w->store[1].plugin = &counting;
    rows_given = 0;
}

/* Asked of one store, and of two: the same rows. Returns how many the other store gave. */
static uint64_t given_for(const char *query)
{
    static struct answer whole, divided;
    struct world w;
    char why[400];
    world_open(&w);
    world_load_tap_schema(&w);
    ask(&w, query, true, &whole);
    world_divide(&w);
    count_rows(&w);
    ask(&w, query, false, &divided);
    compare_answers(&whole, &divided, why);
    free(whole.row);
    free(divided.row);
    world_close(&w);
    if (why[0] || divided.err.message[0])
        TEST_FAIL("%.300s: %s %.300s", query, why, divided.err.message);
    return rows_given;
}

enum { CONES = 260 };

#define ALONE(condition)                                                                   \
    "SELECT c.id FROM s.cones AS c, tap_schema.schemas AS x WHERE x.schema_name = 's' "    \
    "AND " condition

TEST(conditions_of_a_table_alone_go_along)
{
    static const char *const QUERY[] = {
        ALONE("c.grp = 3"),
        ALONE("3 < c.grp"),
        ALONE("c.id < 0.5e2"),
        ALONE("c.t > -1 AND c.id + 0 < 300"),
        ALONE("c.id BETWEEN 10 AND 20"),
        ALONE("c.grp IN (1, 2)"),
        ALONE("c.id < c.grp"),
        ALONE("c.t IS NULL"),
        ALONE("c.t IS NOT NULL"),
        ALONE("(c.grp = 1 OR c.id < 7)"),
        ALONE("1 = CONTAINS(POINT(c.ra, c.dec), POLYGON(0, 0, 40, 0, 20, 50))"),
        ALONE("1 = CONTAINS(POINT(c.ra, c.dec), BOX(10, 10, 60, 60))"),
        ALONE("DISTANCE(c.ra, c.dec, 0, 90) < 3"),
        ALONE("(DISTANCE(c.ra, c.dec, 0, 90) < 3 OR c.grp = 2)"),
        "SELECT c.id FROM s.cones AS c LEFT JOIN tap_schema.schemas AS x ON 1 = 1 WHERE "
        "c.grp = 2"};
    for (size_t i = 0; i < sizeof QUERY / sizeof *QUERY; i++)
        if (given_for(QUERY[i]) >= CONES)
            TEST_FAIL("all rows came for %.300s", QUERY[i]);
}

TEST(other_conditions_stay_in_the_engine)
{
    static const char *const QUERY[] = {
        ALONE("NOT c.grp = 3"),
        ALONE("c.grp NOT BETWEEN 1 AND 3"),
        ALONE("c.grp NOT IN (1, 2)"),
        ALONE("c.id + 1 < 5"),
        ALONE("(c.grp = 1 OR x.schema_index IS NULL)"),
        ALONE("0 = CONTAINS(POINT(c.ra, c.dec), CIRCLE(10, 20, 30))"),
        "SELECT c.id FROM tap_schema.schemas AS x LEFT JOIN s.cones AS c ON c.grp = 1 "
        "WHERE c.id IS NULL OR c.id > 3",
        "SELECT c.id, d.id AS d FROM s.cones AS c JOIN s.cones AS d ON c.id = d.id + 1, "
        "tap_schema.schemas AS x WHERE c.grp = 1 AND x.schema_name = 's'"};
    for (size_t i = 0; i < sizeof QUERY / sizeof *QUERY; i++)
        if (given_for(QUERY[i]) != CONES)
            TEST_FAIL("%llu rows came for %.300s", (unsigned long long)rows_given,
                      QUERY[i]);
}

RUN_TESTS(T(positions_of_another_store), T(conditions_of_a_table_alone_go_along),
          T(other_conditions_stay_in_the_engine))
