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

RUN_TESTS(T(positions_of_another_store))
