/* test_write.c -- statements: limits, parameters, names, dialects; canonical text. */
#include "tests/unit/adql/fixture.h"

#include <dirent.h>

static const char *with_limit(const char *text, int64_t limit)
{
    struct adql_query *q = try_parse(text, ADQL_COLURE);
    struct adql_write_options o = {.row_limit = limit};
    written_begin();
    if (!try_bind(q) || !adql_write(q, fixture_dialect(), &o, &written, NULL, &fault))
        return fault_text();
    const char *tail = strstr(written_text(), " LIMIT");
    return tail ? tail : "";
}

TEST(row_limit) /* ADQL-21, MAXREC */
{
    CHECK_TEXT(with_limit("SELECT a FROM t", 101), " LIMIT 101");
    CHECK_TEXT(with_limit("SELECT a FROM t", -1), "");
    CHECK_TEXT(with_limit("SELECT TOP 5 a FROM t", 101), " LIMIT 5");
    CHECK_TEXT(with_limit("SELECT TOP 500 a FROM t OFFSET 7", 101), " LIMIT 101 OFFSET 7");
    CHECK_TEXT(with_limit("SELECT a FROM t UNION SELECT a FROM u", 1), " LIMIT 1");
    CHECK_TEXT(with_limit("SELECT x.a FROM (SELECT a FROM t) AS x", 9), " LIMIT 9");
    CHECK_TEXT(with_limit("SELECT a FROM t", 0), " LIMIT 0");
}

static const char *temporary(void *context, const struct catalog_table *t, bool is_upload)
{
    (void)t;
    return is_upload ? context : "\"gathered\"";
}

TEST(table_names)
{
    struct adql_query *q =
        try_parse("SELECT t.a FROM t, TAP_UPLOAD.mine AS m", ADQL_COLURE);
    char upload[] = "\"tmp7\"";
    struct adql_write_options o = {
        .row_limit = -1, .table_name = temporary, .context = upload};
    written_begin();
    CHECK(try_bind(q));
    CHECK(adql_write(q, fixture_dialect(), &o, &written, NULL, &fault));
    CHECK_TEXT(written_text(),
               "SELECT CAST(\"t\".\"a\" AS INTEGER) AS \"a\" FROM \"gathered\" AS "
               "\"t\", \"tmp7\" AS \"m\"");
}

TEST(parameters)
{
    struct adql_query *q = try_parse(
        "SELECT a + 2 FROM t WHERE b < 2.5 AND c = 'it''s' AND k > 3000000000 AND "
        "c IS NULL AND EXISTS (SELECT COUNT(*) FROM u GROUP BY a + 7 HAVING a + 7 > 8)",
        ADQL_COLURE);
    struct adql_write_options o = {.row_limit = 10, .use_parameters = true};
    struct adql_parameters p;
    written_begin();
    CHECK(try_bind(q));
    CHECK(adql_write(q, fixture_dialect(), &o, &written, &p, &fault));
    CHECK_TEXT(
        written_text(),
        "SELECT CAST((\"t\".\"a\" + CAST($1 AS INTEGER)) AS INTEGER) AS \"col1\" FROM "
        "demo.\"t\" AS \"t\" WHERE \"t\".\"b\" < CAST($2 AS DOUBLE) AND \"t\".\"c\" = "
        "CAST($3 AS VARCHAR) AND \"t\".\"k\" > CAST($4 AS BIGINT) AND \"t\".\"c\" IS NULL "
        "AND EXISTS (SELECT CAST(count(*) AS BIGINT) AS \"count_all\" FROM demo.\"u\" "
        "AS \"u\" GROUP BY (\"u\".\"a\" + 7) HAVING (\"u\".\"a\" + 7) > 8) LIMIT "
        "CAST($5 AS BIGINT)");
    CHECK_INT(p.count, 5);
    CHECK_INT(p.value[0].type, STORE_I32);
    CHECK_INT(*(const int32_t *)p.value[0].value, 2);
    CHECK_INT(p.value[1].type, STORE_F64);
    CHECK_NEAR(*(const double *)p.value[1].value, 2.5, 0);
    CHECK_INT(p.value[2].type, STORE_TEXT);
    CHECK_INT(p.value[2].count, 4);
    CHECK(memcmp(p.value[2].value, "it's", 4) == 0);
    CHECK_INT(*(const int64_t *)p.value[3].value, 3000000000);
    CHECK_INT(p.value[4].type, STORE_I64);
    CHECK_INT(*(const int64_t *)p.value[4].value, 10);
}

TEST(dialect_without_an_op)
{
    static const struct store_spelling SPELLING[] = {{"add", "($1 + $2)"},
                                                     {"sum", "sum($1)"}};
    struct store_dialect store = {
        .size = sizeof store,
        .name = "poor",
        .spelling = SPELLING,
        .nspelling = 2,
        .parameter = "?",
        .type_name = {[STORE_I32] = "INT", [STORE_F64] = "FLOAT8"}};
    struct err e = {0};
    struct adql_dialect *d = adql_dialect_new(&store, &e);
    CHECK(d && adql_dialect_can(d, ADQL_OP_add) && !adql_dialect_can(d, ADQL_OP_sqrt));
    static const struct {
        const char *query, *message;
        int column;
    } CASES[] = {
        {"SELECT SQRT(b) FROM t", "the store poor cannot do SQRT", 8},
        {"SELECT a - 1 FROM t", "the store poor cannot do this operation (sub)", 10},
        {"SELECT c FROM t", "the store poor has no type for a column of the result", 0},
        {"SELECT p FROM t", "the store poor has no type for an array column of the result",
         0}};
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        struct adql_query *q = try_parse(CASES[i].query, ADQL_COLURE);
        written_begin();
        CHECK(try_bind(q));
        CHECK(!adql_write(q, d, NULL, &written, NULL, &fault));
        CHECK_TEXT(message_of(&fault), CASES[i].message);
        CHECK_INT(fault.column, CASES[i].column);
    }
    struct adql_query *q = try_parse("SELECT a + 1 FROM t WHERE b = 3", ADQL_COLURE);
    struct adql_write_options o = {.row_limit = -1, .use_parameters = true};
    struct adql_parameters p;
    written_begin();
    CHECK(try_bind(q) && adql_write(q, d, &o, &written, &p, &fault));
    CHECK_TEXT(written_text(),
               "SELECT CAST((\"t\".\"a\" + CAST(? AS INT)) AS INT) AS \"col1\" FROM "
               "demo.\"t\" AS \"t\" WHERE \"t\".\"b\" = CAST(? AS INT)");
    adql_dialect_free(d);
    adql_dialect_free(NULL);
}

TEST(wrong_dialects)
{
    static const struct store_spelling WRONG[] = {
        {"no_such_op", "x($1)"}, {"add", "($1 + $3)"}, {"add", "($1 + $x)"}, {"add", ""}};
    for (size_t i = 0; i < sizeof WRONG / sizeof *WRONG; i++) {
        struct store_dialect store = {
            .size = sizeof store, .name = "bad", .spelling = &WRONG[i], .nspelling = 1};
        struct err e = {0};
        CHECK(!adql_dialect_new(&store, &e));
        CHECK_INT(e.kind, ERR_INTERNAL);
        CHECK(strstr(e.message, "bad"));
    }
}

TEST(over_within_a_template)
{
    static const struct store_spelling SPELLING[] = {{"sum", "CAST(sum($1)$o AS BIGINT)"}};
    struct store_dialect store = {.size = sizeof store,
                                  .name = "own",
                                  .spelling = SPELLING,
                                  .nspelling = 1,
                                  .type_name = {[STORE_I64] = "BIGINT"}};
    struct err e = {0};
    struct adql_dialect *d = adql_dialect_new(&store, &e);
    struct adql_query *q =
        try_parse("SELECT SUM(a) OVER (ORDER BY a) AS s FROM t", ADQL_COLURE);
    written_begin();
    CHECK(d && try_bind(q) && adql_write(q, d, NULL, &written, NULL, &fault));
    CHECK(strstr(written_text(),
                 "CAST(sum(\"t\".\"a\") OVER (ORDER BY \"t\".\"a\" ASC NULLS LAST) "
                 "AS BIGINT)"));
    adql_dialect_free(d);
}

TEST(one_expression)
{
    struct adql_query *q = try_parse("SELECT a FROM t WHERE a = 1 OR b = 2", ADQL_COLURE);
    written_begin();
    CHECK(try_bind(q));
    CHECK(
        adql_write_node(q->body->select->where, fixture_dialect(), NULL, &written, &fault));
    CHECK_TEXT(written_text(), "(\"t\".\"a\" = 1 OR \"t\".\"b\" = 2)");
}

TEST(literals)
{
    struct adql_node *n;
    static const struct {
        double value;
        const char *sql;
    } CASES[] = {{0, "0e0"},
                 {-1.5, "(-1.5e0)"},
                 {1e300, "1e300"},
                 {0.1, "0.1e0"},
                 {NAN, "CAST('NaN' AS DOUBLE)"},
                 {INFINITY, "CAST('Infinity' AS DOUBLE)"},
                 {-INFINITY, "CAST('-Infinity' AS DOUBLE)"}};
    try_parse("SELECT a FROM t", ADQL_COLURE);
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        n = adql_new_double(fixture_arena, CASES[i].value);
        written_begin();
        CHECK(adql_write_node(n, fixture_dialect(), NULL, &written, &fault));
        CHECK_TEXT(written_text(), CASES[i].sql);
    }
    written_begin();
    n = adql_new_integer(fixture_arena, INT64_MIN);
    CHECK(adql_write_node(n, fixture_dialect(), NULL, &written, &fault));
    CHECK_TEXT(written_text(), "(-9223372036854775808)");
    CHECK(strstr(sql_of("SELECT 'two\nlines' FROM t"), "CAST('two\nlines' AS VARCHAR)"));
}

/* Canonical text is a fixed point, and what a bound query is written as is ADQL again. */
TEST(canonical_of_all_golden_queries)
{
    static char line[16384], query[16384], once[65536];
    static const char *const FILES[] = {"examples", "functions", "geometry",
                                        "grammar",  "groups",    "joins",
                                        "lexical",  "names",     "types"};
    int n = 0;
    for (size_t i = 0; i < sizeof FILES / sizeof *FILES; i++) {
        char path[100];
        snprintf(path, sizeof path, "tests/golden/adql/%s.txt", FILES[i]);
        FILE *f = fopen(path, "r");
        if (!f)
            TEST_FAIL("cannot open %s", path);
        query[0] = '\0';
        while (fgets(line, sizeof line, f)) {
            if (line[0] == '?') {
                size_t used = strlen(query);
                snprintf(query + used, sizeof query - used, "%s", line + 2);
                continue;
            }
            if (!query[0])
                continue;
            snprintf(once, sizeof once, "%s", canonical_of(query));
            if (fault.kind == ERR_NONE) {
                const char *twice = canonical_of(once);
                if (strcmp(once, twice) != 0)
                    TEST_FAIL("\"%.400s\" becomes \"%.400s\"", once, twice);
                n++;
            }
            struct adql_query *q = try_parse(query, ADQL_COLURE);
            written_begin();
            if (q && try_bind(q)) {
                CHECK(adql_write_adql(q, &written, &fault));
                snprintf(once, sizeof once, "%s", written_text());
                if (!strstr(once, " AS OFFSET") && !strstr(query, "x.cat.t") &&
                    !is_accepted(once))
                    TEST_FAIL("\"%.400s\": %.500s", once, fault.message);
            }
            query[0] = '\0';
        }
        fclose(f);
    }
    CHECK(n > 100);
}

RUN_TESTS(T(row_limit), T(table_names), T(parameters), T(dialect_without_an_op),
          T(wrong_dialects), T(over_within_a_template), T(one_expression), T(literals),
          T(canonical_of_all_golden_queries))
