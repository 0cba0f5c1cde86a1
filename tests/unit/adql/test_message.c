/* test_message.c -- errors as people see them (pitfall 6). */
#include "tests/unit/adql/fixture.h"

static const char *explained(const char *query)
{
    struct err e = {0};
    struct adql_query *q = try_parse(query, ADQL_COLURE);
    e = fault;
    if (q && !try_bind(q))
        e = fault;
    written_begin();
    adql_explain_error(str_of(query), &e, &written);
    return written_text();
}

TEST(caret_under_the_place)
{
    CHECK_TEXT(explained("SELECT a\nFROM t\r\nWHERE  rra = 1\n"),
               "3:8: no column `rra` in `cat.t`\n"
               "WHERE  rra = 1\n"
               "       ^\n");
    CHECK_TEXT(explained("SELECT a FROM"),
               "1:14: expected a table name or a parenthesis, but the "
               "query ends\n"
               "SELECT a FROM\n"
               "             ^\n");
}

TEST(caret_counts_characters)
{
    CHECK_TEXT(explained("\xEF\xBB\xBFSELECT '\xC3\xA9\xC3\xA9', zz FROM t"),
               "1:14: no column `zz` in `cat.t`\n"
               "SELECT '\xC3\xA9\xC3\xA9', zz FROM t\n"
               "             ^\n");
    CHECK_TEXT(explained("SELECT\ta,\tzz FROM t"), "1:11: no column `zz` in `cat.t`\n"
                                                   "SELECT a, zz FROM t\n"
                                                   "          ^\n");
}

TEST(long_lines_are_cut)
{
    char query[600];
    memset(query, ' ', sizeof query);
    memcpy(query, "SELECT", 6);
    memcpy(query + 300, "zz FROM t", 10);
    const char *text = explained(query);
    const char *source = strchr(text, '\n') + 1, *caret = strchr(source, '\n') + 1;
    CHECK(strlen(text) < 400);
    CHECK(strncmp(source, "...", 3) == 0);
    size_t at = strcspn(caret, "^");
    CHECK(strncmp(source + at, "zz FROM", 7) == 0);
}

TEST(without_a_place)
{
    struct err e = {.kind = ERR_LIMIT, .message = "no memory"};
    written_begin();
    adql_explain_error(STR("SELECT a"), &e, &written);
    CHECK_TEXT(written_text(), "no memory\n");
    e.line = 99;
    e.column = 99;
    written_begin();
    adql_explain_error(STR("SELECT a"), &e, &written);
    CHECK_TEXT(written_text(), "99:99: no memory\n\n^\n");
}

TEST(messages_are_one_line)
{
    static const char *const BAD[] = {"SELECT 'a\nb' 'c' FROM t", "SELECT a FROM t 'x\ny'",
                                      "SELECT \"a\nb\" FROM t", "SELECT a FROM \"x\ny\""};
    for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++) {
        CHECK(!is_accepted(BAD[i]));
        if (strchr(fault.message, '\n'))
            TEST_FAIL("%s: %.900s", BAD[i], fault.message);
    }
}

TEST(bytes_that_are_no_text) /* ADQL-11 */
{
    CHECK(!is_parsed("SELECT '\xFF' FROM t"));
    CHECK_TEXT(message_of(&fault), "the query is not UTF-8 text: byte 9 is 0xFF");
    struct err e = {0};
    CHECK(
        !adql_parse((str){"SELECT a\0 FROM t", 16}, ADQL_COLURE, NULL, fixture_arena, &e));
    CHECK_TEXT(message_of(&e), "the query is no text: byte 9 is 0");
    e = (struct err){0};
    CHECK(!adql_parse((str){"SELECT 'a\0b' FROM t", 19}, ADQL_COLURE, NULL, fixture_arena,
                      &e));
    CHECK_TEXT(message_of(&e), "the query is no text: byte 10 is 0");
    e = (struct err){0};
    CHECK(!adql_parse((str){NULL, 0}, ADQL_COLURE, NULL, fixture_arena, &e));
    CHECK(strstr(e.message, "empty"));
}

TEST(no_catalog_at_all)
{
    struct err e = {0};
    struct adql_scope nothing = {.catalog = NULL};
    struct adql_query *q = try_parse("SELECT a FROM t", ADQL_COLURE);
    CHECK(q && !adql_bind(q, &nothing, fixture_arena, &e));
    CHECK_TEXT(message_of(&e), "no table `t`; TAP_SCHEMA.tables lists all tables");
    e = (struct err){0};
    q = try_parse("SELECT ivo_simbadpoint('M 1') FROM t", ADQL_COLURE);
    struct adql_scope without = {.catalog = fixture_catalog()};
    CHECK(q && !adql_bind(q, &without, fixture_arena, &e));
    CHECK(strstr(e.message, "no name resolver"));
}

TEST(checked_lines)
{
    struct err e = {0};
    CHECK(adql_check_line(STR("SELECT x FROM nowhere"), NULL, &e));
    CHECK(!adql_check_line(STR("SELECT x FROM"), NULL, &e) && e.line == 1);
    e = (struct err){0};
    CHECK(!adql_check_line(STR("SELECT x FROM nowhere"), fixture_catalog(), &e));
    CHECK(strstr(e.message, "nowhere"));
    e = (struct err){0};
    CHECK(adql_check_line(STR("SELECT a FROM t"), fixture_catalog(), &e));
}

RUN_TESTS(T(caret_under_the_place), T(caret_counts_characters), T(long_lines_are_cut),
          T(without_a_place), T(messages_are_one_line), T(bytes_that_are_no_text),
          T(no_catalog_at_all), T(checked_lines))
