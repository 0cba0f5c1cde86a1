/* test_plain.c -- which queries are plain scans, that a store may read in parts: the call
 * says so, and where a condition may be put. */
#include "tests/unit/core-query/world.h"

/* The statement and what is said of it; false: no plain scan. */
static bool prepare(struct world *w, const char *text, int64_t most,
                    struct store_plain *out, char *at, size_t len)
{
    struct query_request r = {.text = str_of(text),
                              .max_rows = most,
                              .deadline_ns = INT64_MAX,
                              .request_id = "test"};
    struct store_plugin plugin = *w->duck.plugin;
    struct store_dialect dialect = *w->duck.plugin->dialect;
    struct arena *arena = arena_new(64 << 20);
    struct err e = {0};
    dialect.wants_parameters = true;
    plugin.dialect = &dialect;
    w->store[0].plugin = &plugin;
    struct query *q = query_prepare(&w->env, w->catalog, &r, arena, &e);
    bool is_plain = q && q->call.plain;
    if (!q)
        printf("# %s: %s\n", text, e.message);
    if (is_plain) {
        *out = *q->call.plain;
        snprintf(at, len, "%s", q->sql.at + out->at);
        out->alias = out->table = NULL; /* they end with the arena */
    }
    w->store[0].plugin = w->duck.plugin;
    arena_free(arena);
    return is_plain;
}

TEST(plain_scans_say_where_a_condition_fits)
{
    static const struct {
        const char *text, *at;
        bool has_where;
        int64_t most, limit;
    } CASES[] = {
        {"SELECT id FROM s.points", "", false, -1, -1},
        {"SELECT id FROM s.points", " LIMIT CAST($1 AS BIGINT)", false, 9, 10},
        {"SELECT TOP 4 * FROM s.points AS p", " LIMIT CAST($1 AS BIGINT)", false, 9, 4},
        {"SELECT id FROM s.points WHERE id = 3 OR grp = 5", "(", true, -1, -1},
        {"SELECT id + 1 AS n FROM s.points AS p WHERE p.t BETWEEN 1 AND 2 AND id > 4",
         "\"p\".", true, -1, -1},
    };
    struct world w;
    char at[4000] = "", why[600] = "";
    world_open(&w);
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES && !why[0]; i++) {
        struct store_plain plain = {0};
        bool ok = prepare(&w, CASES[i].text, CASES[i].most, &plain, at, sizeof at);
        if (!ok || plain.limit != CASES[i].limit || plain.has_where != CASES[i].has_where ||
            strncmp(at, CASES[i].at, strlen(CASES[i].at)) != 0)
            snprintf(why, sizeof why, "%s: %d, limit %lld, at %.200s", CASES[i].text, ok,
                     (long long)plain.limit, at);
    }
    world_close(&w);
    if (why[0])
        TEST_FAIL("%s", why);
}

TEST(others_are_no_plain_scans)
{
    static const char *const CASES[] = {
        "SELECT id FROM s.points ORDER BY id",
        "SELECT DISTINCT id FROM s.points",
        "SELECT COUNT(*) AS n FROM s.points",
        "SELECT grp FROM s.points GROUP BY grp",
        "SELECT id FROM s.points OFFSET 2",
        "SELECT id FROM s.points UNION ALL SELECT id FROM s.cones",
        "SELECT id FROM s.points WHERE id IN (SELECT id FROM s.cones)",
        "SELECT id FROM s.points AS p WHERE EXISTS (SELECT 1 FROM s.cones AS c WHERE c.id "
        "= p.id)",
        "SELECT p.id FROM s.points AS p JOIN s.cones AS c ON p.id = c.id",
        "SELECT p.id FROM s.points AS p, s.cones AS c",
        "SELECT x.id FROM (SELECT id FROM s.points) AS x",
        "WITH x AS (SELECT id FROM s.points) SELECT id FROM x",
        "SELECT id, SUM(grp) OVER () AS n FROM s.points",
        "SELECT id FROM s.points WHERE RAND() < 0.5",
    };
    struct world w;
    struct store_plain plain;
    char at[4000];
    size_t i = 0;
    bool is_plain = false;
    world_open(&w);
    for (; i < sizeof CASES / sizeof *CASES && !is_plain; i++)
        is_plain = prepare(&w, CASES[i], -1, &plain, at, sizeof at);
    world_close(&w);
    if (is_plain)
        TEST_FAIL("%s is taken for a plain scan", CASES[i - 1]);
}

RUN_TESTS(T(plain_scans_say_where_a_condition_fits), T(others_are_no_plain_scans))
