/* test_parameters.c -- a store that wants parameters gets one text for queries that differ
 * in their constants, and gives the same rows. */
#include "tests/unit/core-query/world.h"

/* The same store, told apart only by what its dialect wants. */
static void want_parameters(struct world *w, struct store_plugin *plugin,
                            struct store_dialect *dialect)
{
    *dialect = *w->duck.plugin->dialect;
    dialect->wants_parameters = true;
    *plugin = *w->duck.plugin;
    plugin->dialect = dialect;
    w->store[0].plugin = plugin;
}

static const char *const QUERIES[] = {
    "SELECT id FROM s.cones WHERE grp = 3",
    "SELECT TOP 7 id FROM s.points WHERE t BETWEEN 100 AND 50000.5 ORDER BY id",
    "SELECT id, id * 2 + 1 AS b FROM s.points WHERE grp IN (1, 2, 4) OR ns > "
    "1300000000000000",
    "SELECT g FROM (SELECT id / 20 AS g, COUNT(*) AS n FROM s.points GROUP BY id / 20 "
    "HAVING COUNT(*) > 2) AS x WHERE n > 3",
    "SELECT id FROM s.points WHERE 1 = CONTAINS(POINT(ra, dec), CIRCLE(120, 10, 25))",
    "SELECT c.id, p.id AS p FROM s.cones AS c JOIN s.points AS p ON "
    "DISTANCE(c.ra, c.dec, p.ra, p.dec) < 0.5 AND p.grp <> 1",
    "SELECT u.id FROM TAP_UPLOAD.mine AS u WHERE u.dec > -5 AND u.id - 3 < 40",
    "SELECT id FROM s.cones WHERE CAST(id AS VARCHAR) LIKE '1%' AND 'it''s' = 'it''s'"};

TEST(rows_are_the_same_with_parameters)
{
    static struct answer inline_answer, answer;
    struct store_plugin plugin;
    struct store_dialect dialect;
    struct world w;
    char why[400] = "";
    size_t i = 0;
    world_open(&w);
    const struct store_plugin *plain = w.store[0].plugin;
    for (; i < sizeof QUERIES / sizeof *QUERIES && !why[0]; i++) {
        w.store[0].plugin = plain;
        ask(&w, QUERIES[i], false, &inline_answer);
        want_parameters(&w, &plugin, &dialect);
        ask(&w, QUERIES[i], false, &answer);
        compare_answers(&inline_answer, &answer, why);
        if (!why[0] && (answer.n == 0 || !strstr(answer.statement, "CAST($1 AS ")))
            snprintf(why, sizeof why, "%u rows of %.300s%.60s", answer.n, answer.statement,
                     answer.err.message);
        free(inline_answer.row);
        free(answer.row);
    }
    world_close(&w);
    if (why[0])
        TEST_FAIL("%.200s: %.390s", QUERIES[i - 1], why);
}

TEST(constants_do_not_change_the_text)
{
    static struct answer one, other;
    struct store_plugin plugin;
    struct store_dialect dialect;
    struct world w;
    world_open(&w);
    want_parameters(&w, &plugin, &dialect);
    ask(&w, "SELECT TOP 3 id FROM s.points WHERE grp = 2 AND t > 17.5", false, &one);
    ask(&w, "SELECT TOP 90 id FROM s.points WHERE grp = 4 AND t > 0.25", false, &other);
    world_close(&w);
    free(one.row);
    free(other.row);
    CHECK(strcmp(one.statement, other.statement) == 0);
    CHECK(one.n == 3 && other.n > 3);
}

/* A spelling may say an argument again and again: its literal is sent once. */
TEST(repeated_literals_are_one_parameter)
{
    static struct answer answer;
    struct store_plugin plugin;
    struct store_dialect dialect;
    struct store_spelling spelling[200];
    struct world w;
    world_open(&w);
    want_parameters(&w, &plugin, &dialect);
    CHECK(dialect.nspelling <= 200);
    memcpy(spelling, dialect.spelling, dialect.nspelling * sizeof *spelling);
    for (size_t i = 0; i < dialect.nspelling; i++)
        if (strcmp(spelling[i].op, "add") == 0)
            spelling[i].sql = "($1 + $2 + $2 - $2)";
    dialect.spelling = spelling;
    struct adql_dialect *repeats = adql_dialect_new(&dialect, NULL);
    CHECK(repeats != NULL);
    w.store[0].dialect = repeats;
    ask(&w, "SELECT id FROM s.points WHERE t + 17.5 > 100 AND grp = 2", false, &answer);
    world_close(&w);
    adql_dialect_free(repeats);
    free(answer.row);
    CHECK(answer.n > 0);
    const char *first = strstr(answer.statement, "CAST($1 AS");
    CHECK(first && strstr(first + 1, "CAST($1 AS") && strstr(answer.statement, "$3"));
    CHECK(!strstr(answer.statement, "$4")); /* 17.5, 100, 2 */
}

/* An adapter from before parameters has a dialect that ends earlier. */
TEST(an_older_dialect_gets_all_in_the_text)
{
    static struct answer answer;
    struct store_plugin plugin;
    struct store_dialect dialect;
    struct world w;
    world_open(&w);
    want_parameters(&w, &plugin, &dialect);
    dialect.size = offsetof(struct store_dialect, wants_parameters);
    ask(&w, "SELECT id FROM s.points WHERE grp = 2", false, &answer);
    world_close(&w);
    free(answer.row);
    CHECK(answer.n > 0 && !strstr(answer.statement, "$1"));
}

RUN_TESTS(T(rows_are_the_same_with_parameters), T(constants_do_not_change_the_text),
          T(repeated_literals_are_one_parameter), T(an_older_dialect_gets_all_in_the_text))
