/* test_limits.c -- deep, long and large queries (pitfall 8): an answer or a clear error,
 * always within the stack of a server thread. */
#include "tests/unit/adql/fixture.h"

#include <pthread.h>

/* A connection's thread has 256 kB; sanitizers need more for the same frames. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { STACK_BYTES = 8 << 20 };
#else
enum { STACK_BYTES = 192 << 10 };
#endif

static struct bytes text;

static void text_begin(void)
{
    if (text.limit == 0)
        bytes_init(&text, 64u << 20);
    bytes_clear(&text);
}

static void add(const char *s, size_t times)
{
    for (size_t i = 0; i < times; i++)
        bytes_add(&text, str_of(s));
}

static bool was_accepted;

/* All that is done with a query. */
static void *whole_way(void *unused)
{
    (void)unused;
    struct adql_query *q = try_parse(bytes_text(&text), ADQL_COLURE);
    written_begin();
    was_accepted = q && adql_write_adql(q, &written, &fault) && try_bind(q);
    written_begin();
    was_accepted =
        was_accepted && adql_write(q, fixture_dialect(), NULL, &written, NULL, &fault);
    written_begin();
    was_accepted = was_accepted && adql_write_adql(q, &written, &fault);
    written_begin();
    was_accepted = was_accepted && adql_explain_tree(q, &written, &fault);
    return NULL;
}

static bool accepts(void)
{
    pthread_attr_t attributes;
    pthread_t thread;
    fixture_catalog(); /* not on the small stack */
    fixture_dialect();
    pthread_attr_init(&attributes);
    CHECK(pthread_attr_setstacksize(&attributes, STACK_BYTES) == 0);
    CHECK(pthread_create(&thread, &attributes, whole_way, NULL) == 0);
    pthread_join(thread, NULL);
    pthread_attr_destroy(&attributes);
    return was_accepted;
}

static void nest(const char *head, const char *open, const char *middle, const char *close,
                 const char *tail, size_t depth)
{
    text_begin();
    add(head, 1);
    add(open, depth);
    add(middle, 1);
    add(close, depth);
    add(tail, 1);
}

static const struct {
    const char *head, *open, *middle, *close, *tail;
} NESTS[] = {
    {"SELECT a FROM t WHERE ", "(", "a = 1", ")", ""},
    {"SELECT ", "(", "a", ")", " FROM t"},
    {"SELECT ", "ABS(", "a", ")", " FROM t"},
    {"SELECT ", "(1 + ", "a", ")", " FROM t"},
    {"SELECT a FROM t WHERE ", "NOT (", "a = 1", ")", ""},
    {"SELECT a FROM t WHERE ", "(a = 2 OR ", "a = 1", ")", ""},
    {"SELECT ", "CASE WHEN a = 1 THEN ", "a", " END", " FROM t"},
    {"SELECT a FROM t WHERE ", "a IN (SELECT a FROM t WHERE ", "a = 1", ")", ""},
    {"SELECT a FROM t WHERE ", "EXISTS (SELECT a FROM t WHERE ", "a = 1", ")", ""},
    {"SELECT a FROM ", "(SELECT a FROM ", "t", ") AS x", ""},
    {"SELECT x.a FROM ", "(", "t AS x JOIN t AS y ON x.a = y.a", ")", ""},
    {"SELECT a FROM t WHERE a = ", "(SELECT MAX(a) FROM t WHERE a = ", "1", ")", ""},
    {"", "(", "SELECT a FROM t", ")", ""},
    {"", "(SELECT a FROM t UNION ", "SELECT a FROM t", ")", ""},
    {"SELECT ", "CAST(", "a", " AS DOUBLE PRECISION)", " FROM t"},
    {"SELECT a FROM t WHERE a IN ", "(", "1", ")", ""},
    {"SELECT deposit", "[deposit", "[1]", "]", " FROM kascade.events"},
};
enum { NNEST = sizeof NESTS / sizeof *NESTS };

/* Ten levels hold; a thousand and a million are refused in words. */
TEST(nesting)
{
    static const size_t DEPTHS[] = {200, 1000, 50000};
    for (size_t i = 0; i < NNEST; i++) {
        nest(NESTS[i].head, NESTS[i].open, NESTS[i].middle, NESTS[i].close, NESTS[i].tail,
             3);
        if (i + 1 < NNEST && !accepts())
            TEST_FAIL("nest %zu: %.900s", i, fault_text());
        for (size_t k = 0; k < 3; k++) {
            nest(NESTS[i].head, NESTS[i].open, NESTS[i].middle, NESTS[i].close,
                 NESTS[i].tail, DEPTHS[k]);
            if (text.len > 1u << 20)
                continue;
            if (accepts() || fault.line < 1)
                TEST_FAIL("nest %zu at %zu: %.900s", i, DEPTHS[k], fault_text());
            bool is_clear = strstr(fault.message, "too deep") ||
                            strstr(fault.message, "levels") ||
                            strstr(fault.message, "too many tables");
            if (!is_clear)
                TEST_FAIL("nest %zu at %zu: %.900s", i, DEPTHS[k], fault_text());
        }
    }
}

TEST(hundred_parentheses_are_fine)
{
    nest("SELECT a FROM t WHERE ", "(", "a = 1", ")", "", 100);
    CHECK(accepts());
    nest("SELECT ", "ABS(", "a", ")", " FROM t", 100);
    CHECK(accepts());
}

/* As deep as the limits allow, in the way that costs most. */
TEST(deepest_that_is_allowed)
{
    text_begin();
    add("SELECT a FROM t WHERE ", 1);
    add("a IN (SELECT a FROM t WHERE ", 30);
    add("a = 1", 1);
    add(")", 30);
    CHECK(accepts());
    text_begin();
    add("SELECT ", 1);
    add("(1 + ", 120);
    add("a", 1);
    add(" + 1", 250);
    add(")", 120);
    add(" FROM t", 1);
    CHECK(accepts());
}

static void chain(const char *head, const char *first, const char *next, size_t n,
                  const char *tail)
{
    text_begin();
    add(head, 1);
    add(first, 1);
    add(next, n - 1);
    add(tail, 1);
}

TEST(ten_thousand_terms)
{
    chain("SELECT a FROM t WHERE ", "a = 1", " OR a = 2", 10000, "");
    CHECK(accepts());
    chain("SELECT a FROM t WHERE ", "a = 1", " AND a = 2", 10000, "");
    CHECK(accepts());
    chain("SELECT a FROM t WHERE a IN (", "1", ", 2", 100000, ")");
    CHECK(accepts());
    chain("SELECT ", "a", ", b", 10000, " FROM t");
    CHECK(accepts());
    chain("SELECT COALESCE(", "a", ", 2", 10000, ") FROM t");
    CHECK(accepts());
    chain("SELECT CASE ", "WHEN a = 0 THEN 0", " WHEN a = 1 THEN 2", 10000, " END FROM t");
    CHECK(accepts());
    chain("SELECT a FROM t ORDER BY ", "a", ", b", 10000, "");
    CHECK(accepts());
}

TEST(long_sums)
{
    chain("SELECT ", "a", " + b", 300, " FROM t");
    CHECK(accepts());
    chain("SELECT ", "a", " + b", 5000, " FROM t");
    CHECK(!accepts() && strstr(fault.message, "levels"));
    chain("SELECT ", "c", " || c", 5000, " FROM t");
    CHECK(!accepts() && strstr(fault.message, "levels"));
}

TEST(many_tables)
{
    chain("SELECT 1 FROM ", "t", ", t", 1000, "");
    CHECK(!accepts() && strstr(fault.message, "too many tables"));
    chain("SELECT 1 FROM ", "t", " JOIN t ON 1 = 1", 1000, "");
    CHECK(!accepts() && strstr(fault.message, "too many tables"));
    chain("SELECT 1 FROM ", "t", " JOIN t", 1000, "");
    CHECK(!accepts());
    chain("", "SELECT a FROM t", " UNION SELECT a FROM t", 1000, "");
    CHECK(!accepts());
    chain("", "SELECT a FROM t", " UNION SELECT a FROM t", 150, "");
    CHECK(accepts());
}

TEST(hundred_joins)
{
    text_begin();
    add("SELECT x0.a FROM u AS x0", 1);
    for (int i = 1; i < 90; i++)
        bytes_add_format(&text, " NATURAL JOIN u AS x%d", i);
    CHECK(accepts());
}

TEST(one_megabyte)
{
    chain("SELECT a FROM t WHERE ", "a = 1", " OR a = 2", 110000, "");
    CHECK(text.len < 1u << 20);
    CHECK(accepts() || fault.kind == ERR_LIMIT);
    chain("SELECT '", "a", "b", 1000000, "' FROM t");
    CHECK(accepts());
    chain("SELECT ", "1", ",*", 500000, " FROM t");
    CHECK(accepts() || fault.kind == ERR_LIMIT);
    chain("SELECT a FROM t WHERE ", "a = 1", " OR a = 2", 120000, "");
    CHECK(text.len > 1u << 20);
    CHECK(!accepts() && fault.kind == ERR_LIMIT && strstr(fault.message, "1048576"));
}

TEST(small_arena_is_a_clear_error)
{
    struct arena *small = arena_new(64 << 10);
    struct err e = {0};
    chain("SELECT a FROM t WHERE ", "a = 1", " OR a = 2", 10000, "");
    CHECK(!adql_parse(bytes_str(&text), ADQL_COLURE, NULL, small, &e));
    CHECK_INT(e.kind, ERR_LIMIT);
    CHECK(strstr(e.message, "too large"));
    arena_free(small);
}

/* Every arena size fails in order or works: no path forgets to look. */
TEST(memory_ends_anywhere)
{
    const char *query =
        "WITH w AS (SELECT a, c FROM t) SELECT w.a, COUNT(*) AS n, SUM(d) OVER (ORDER BY "
        "w.a) "
        "FROM w FULL JOIN u USING (a, c) WHERE a IN (1, 2) OR EXISTS (SELECT * FROM "
        "kascade.events WHERE CONTAINS(POINT('', ra, dec), CIRCLE('', 1, 2, 3)) = 1 AND "
        "datetime > '2015-01-01' AND IN_UNIT(e, 'TeV') > 1) GROUP BY w.a, a, c, d "
        "UNION SELECT a, 1, 2.5 FROM t ORDER BY n + 1";
    struct adql_scope scope = {.catalog = fixture_catalog()};
    int nfailed = 0;
    for (size_t limit = 256; limit < 200000; limit += 208) {
        struct arena *a = arena_new(limit);
        struct err e = {0};
        struct adql_query *q = adql_parse(str_of(query), ADQL_COLURE, NULL, a, &e);
        bool ok = q && adql_bind(q, &scope, a, &e);
        if (ok) {
            struct bytes sql;
            bytes_init(&sql, limit);
            ok = adql_write(q, fixture_dialect(), NULL, &sql, NULL, &e);
            bytes_free(&sql);
        }
        arena_free(a);
        if (ok != (e.kind == ERR_NONE) || (!ok && e.kind != ERR_LIMIT))
            TEST_FAIL("limit %zu: %.900s", limit, e.message);
        nfailed += !ok;
    }
    CHECK(nfailed > 10 && nfailed < 900);
}

TEST(statement_too_long)
{
    struct err e = {0};
    struct bytes sql;
    struct adql_query *q = try_parse("SELECT a, b, c FROM t", ADQL_COLURE);
    CHECK(try_bind(q));
    bytes_init(&sql, 40);
    CHECK(!adql_write(q, fixture_dialect(), NULL, &sql, NULL, &e));
    CHECK_INT(e.kind, ERR_LIMIT);
    bytes_free(&sql);
}

RUN_TESTS(T(nesting), T(hundred_parentheses_are_fine), T(deepest_that_is_allowed),
          T(ten_thousand_terms), T(long_sums), T(many_tables), T(hundred_joins),
          T(one_megabyte), T(small_arena_is_a_clear_error), T(memory_ends_anywhere),
          T(statement_too_long))
