/* test_sky_condition.c -- all spellings of "this position is in that shape" (ADQL-34). */
#include "tests/unit/adql/fixture.h"

/* The WHERE of a query on events (and stars) as a sky condition: "lon lat shape numbers".
 */
static const char *sky_of(const char *condition, int which)
{
    static char out[300];
    char query[600];
    struct adql_sky sky;
    snprintf(query, sizeof query,
             "SELECT e.run FROM kascade.events AS e, cat.stars AS s WHERE %s", condition);
    struct adql_query *q = try_parse(query, ADQL_COLURE);
    if (!try_bind(q))
        TEST_FAIL("%s: %.600s", condition, fault.message);
    if (!adql_sky_condition(q->body->select->where, which, fixture_arena, &sky))
        return "none";
    static const char *const SHAPES[] = {"circle", "box", "polygon", "other"};
    int n = sky.point ? snprintf(out, sizeof out, "point %s", sky.point->meta->name)
                      : snprintf(out, sizeof out, "%s.%s %s.%s", sky.lon->from->sql_name,
                                 sky.lon->meta->name, sky.lat->from->sql_name,
                                 sky.lat->meta->name);
    n += snprintf(out + n, sizeof out - (size_t)n, " %s", SHAPES[sky.shape]);
    for (uint32_t i = 0; i < sky.narg && sky.is_constant; i++)
        n += snprintf(out + n, sizeof out - (size_t)n, " %g", sky.arg_deg[i]);
    if (!sky.is_constant && sky.narg)
        snprintf(out + n, sizeof out - (size_t)n, " varies %u", sky.narg);
    return out;
}

TEST(cones)
{
    static const char *const SAME[] = {
        "CONTAINS(POINT(e.ra, e.dec), CIRCLE(10, -20, 0.5)) = 1",
        "1 = CONTAINS(POINT('ICRS', e.ra, e.dec), CIRCLE('ICRS', 10, -20, 0.5))",
        "CONTAINS(POINT(e.ra, e.dec), CIRCLE(POINT(10, -20), 1/2.)) = 1",
        "CONTAINS(POINT(e.ra, e.dec), CIRCLE(10, -20, 0.5)) > 0",
        "0 < CONTAINS(POINT(e.ra, e.dec), CIRCLE(10, -20, 0.5))",
        "0 <> CONTAINS(POINT(e.ra, e.dec), CIRCLE(10, -20, 0.5))",
        "INTERSECTS(POINT(e.ra, e.dec), CIRCLE(10, -20, 0.5)) = 1",
        "1 = INTERSECTS(CIRCLE(10, -20, 0.5), POINT(e.ra, e.dec))",
        "DISTANCE(e.ra, e.dec, 10, -20) < 0.5",
        "DISTANCE(e.ra, e.dec, 10, -20) <= 30/60.",
        "0.5 > DISTANCE(e.ra, e.dec, 10, -20)",
        "DISTANCE(POINT(e.ra, e.dec), POINT('', 10, -20)) <= 0.5",
        "0.5 >= DISTANCE(POINT(e.ra, e.dec), POINT(10, -20))",
        "DISTANCE(e.ra, e.dec, 10, -20) BETWEEN 0 AND 0.5",
        "DISTANCE(e.ra, e.dec, 10, -20) * 60 < 30",
        "3600 * DISTANCE(e.ra, e.dec, 10, -20) < 1800",
        "DISTANCE(e.ra, e.dec, 10, -20) / 2 < 0.25"};
    for (size_t i = 0; i < sizeof SAME / sizeof *SAME; i++)
        if (strcmp(sky_of(SAME[i], 0), "e.ra e.dec circle 10 -20 0.5") != 0)
            TEST_FAIL("%s: %s", SAME[i], sky_of(SAME[i], 0));
}

TEST(the_other_point)
{
    CHECK_TEXT(sky_of("DISTANCE(10, -20, e.ra, e.dec) < 0.5", 1),
               "e.ra e.dec circle 10 -20 0.5");
    CHECK_TEXT(sky_of("DISTANCE(POINT(10, -20), POINT(e.ra, e.dec)) < 0.5", 1),
               "e.ra e.dec circle 10 -20 0.5");
    CHECK_TEXT(sky_of("DISTANCE(e.ra, e.dec, s.ra, s.dec) < 0.5", 0),
               "e.ra e.dec circle varies 3");
    CHECK_TEXT(sky_of("DISTANCE(e.ra, e.dec, s.ra, s.dec) < 0.5", 1),
               "s.ra s.dec circle varies 3");
    CHECK_TEXT(sky_of("1 = CONTAINS(POINT(e.ra, e.dec), CIRCLE(s.ra, s.dec, 0.5))", 1),
               "s.ra s.dec circle varies 3");
}

TEST(other_shapes)
{
    CHECK_TEXT(sky_of("1 = CONTAINS(POINT(e.ra, e.dec), BOX('', 1, 2, 3, 4))", 0),
               "e.ra e.dec box 1 2 3 4");
    CHECK_TEXT(sky_of("1 = CONTAINS(POINT(e.ra, e.dec), BOX(POINT(1, 2), 3, 4))", 0),
               "e.ra e.dec box 1 2 3 4");
    CHECK_TEXT(sky_of("1 = CONTAINS(POINT(e.ra, e.dec), POLYGON(1, 2, 3, 4, 5, 6))", 0),
               "e.ra e.dec polygon 1 2 3 4 5 6");
    CHECK_TEXT(sky_of("1 = CONTAINS(POINT(e.ra, e.dec), POLYGON(POINT(1, 2), POINT(3, 4), "
                      "POINT(5, 6)))",
                      0),
               "e.ra e.dec polygon 1 2 3 4 5 6");
    CHECK_TEXT(sky_of("1 = CONTAINS(POINT(e.ra, e.dec), REGION('Circle 1 2 3'))", 0),
               "e.ra e.dec other");
    CHECK_TEXT(sky_of("1 = CONTAINS(POINT(e.ra, e.dec), e.fov)", 0), "e.ra e.dec other");
    CHECK_TEXT(sky_of("1 = CONTAINS(e.pos, CIRCLE(1, 2, 3))", 0), "point pos circle 1 2 3");
    CHECK_TEXT(sky_of("DISTANCE(e.pos, POINT(1, 2)) < 3", 0), "point pos circle 1 2 3");
    CHECK_TEXT(sky_of("DISTANCE(e.pos, s.pos) < 3", 0), "point pos other");
}

TEST(what_is_no_bound)
{
    static const char *const NONE[] = {
        "0 = CONTAINS(POINT(e.ra, e.dec), CIRCLE(10, -20, 0.5))",
        "CONTAINS(POINT(e.ra, e.dec), CIRCLE(10, -20, 0.5)) <= 1",
        "CONTAINS(POINT(e.ra, e.dec), CIRCLE(10, -20, 0.5)) = e.n",
        "NOT CONTAINS(POINT(e.ra, e.dec), CIRCLE(10, -20, 0.5)) = 1",
        "CONTAINS(CIRCLE(e.ra, e.dec, 1), CIRCLE(10, -20, 0.5)) = 1",
        "DISTANCE(e.ra, e.dec, 10, -20) > 0.5",
        "DISTANCE(e.ra, e.dec, 10, -20) NOT BETWEEN 0 AND 0.5",
        "-1 * DISTANCE(e.ra, e.dec, 10, -20) < -0.5",
        "1 / DISTANCE(e.ra, e.dec, 10, -20) < 0.5",
        "DISTANCE(e.ra, e.dec, 10, -20) <> 0.5",
        "e.ra < 10",
        "e.ra BETWEEN 1 AND 2"};
    for (size_t i = 0; i < sizeof NONE / sizeof *NONE; i++)
        if (strcmp(sky_of(NONE[i], 0), "none") != 0)
            TEST_FAIL("%s: %s", NONE[i], sky_of(NONE[i], 0));
}

TEST(constants)
{
    static const struct {
        const char *text;
        double value;
    } SAME[] = {{"5/3600.", 5 / 3600.},
                {"-(1+2)*3", -9},
                {"7/2", 3},
                {"7/2.", 3.5},
                {"DEGREES(PI())", 180},
                {"SQRT(16)", 4},
                {"MOD(-7,3)", -1},
                {"POWER(2,10)", 1024},
                {"ROUND(2.5)", 3},
                {"TRUNCATE(-2.7)", -2},
                {"ABS(-3)", 3},
                {"RADIANS(180)", M_PI},
                {"ATAN2(1,0)", M_PI / 2},
                {"LOG10(1000)", 3}};
    for (size_t i = 0; i < sizeof SAME / sizeof *SAME; i++) {
        char query[200];
        double value;
        snprintf(query, sizeof query, "SELECT %s FROM t", SAME[i].text);
        struct adql_query *q = try_parse(query, ADQL_COLURE);
        CHECK(try_bind(q));
        CHECK(adql_constant_number(q->body->select->item[0].node, &value));
        CHECK_NEAR(value, SAME[i].value, 1e-12);
    }
    struct adql_query *q = try_parse("SELECT a + 1, RAND(), 'x', NULL FROM t", ADQL_COLURE);
    double value;
    CHECK(try_bind(q));
    for (uint32_t i = 0; i < 4; i++)
        CHECK(!adql_constant_number(q->body->select->item[i].node, &value));
}

RUN_TESTS(T(cones), T(the_other_point), T(other_shapes), T(what_is_no_bound), T(constants))
