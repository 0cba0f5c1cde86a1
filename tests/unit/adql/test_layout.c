/* test_layout.c -- queries laid out for people: clauses a line, comments kept, the same
 * meaning, and refusals. */
#include "adql/adql.h"
#include "tests/test.h"

static struct bytes text;
static struct err fault;

static const char *laid_out(const char *query)
{
    struct arena *arena = arena_new(64 << 20);
    bytes_free(&text);
    bytes_init(&text, 1 << 20);
    fault = (struct err){0};
    bool ok = adql_layout(str_of(query), ADQL_COLURE, arena, &text, &fault);
    arena_free(arena);
    return ok ? bytes_text(&text) : fault.message;
}

TEST(clauses_stand_in_lines)
{
    CHECK_TEXT(
        laid_out("select a,b from t where a>1 and b<2 or c=3 order by a desc"),
        "SELECT a, b\nFROM t\nWHERE a > 1\n  AND b < 2\n  OR c = 3\nORDER BY a DESC");
    CHECK_TEXT(laid_out("select a from t left outer join u on t.a=u.a and u.b=2 group by a "
                        "having count(*)>1"),
               "SELECT a\nFROM t\nLEFT OUTER JOIN u ON t.a = u.a\n  AND u.b = 2\nGROUP BY "
               "a\nHAVING COUNT(*) > 1");
    CHECK_TEXT(laid_out("select a from t union all select a from u offset 3"),
               "SELECT a\nFROM t\nUNION ALL\nSELECT a\nFROM u\nOFFSET 3");
}

TEST(subqueries_stand_further_in)
{
    CHECK_TEXT(laid_out("select a from t where a in (select b from u where c=1)"),
               "SELECT a\nFROM t\nWHERE a IN (SELECT b\n  FROM u\n  WHERE c = 1)");
}

TEST(and_of_between_stays)
{
    CHECK_TEXT(laid_out("select a from t where a between 1 and 2 and b between -1 and +1"),
               "SELECT a\nFROM t\nWHERE a BETWEEN 1 AND 2\n  AND b BETWEEN -1 AND +1");
}

TEST(texts_names_and_case_stay)
{
    CHECK_TEXT(laid_out("select 'it''s  --x',T.\"Date\" , sqrt( -x )*2 from S . T"),
               "SELECT 'it''s  --x', T.\"Date\", SQRT(-x) * 2\nFROM S.T");
    CHECK_TEXT(laid_out("select ivo_hasword(a,'x') ,arr [1] from t;"),
               "SELECT ivo_hasword(a, 'x'), arr[1]\nFROM t;");
    CHECK_TEXT(laid_out("select sum(a) over (partition by b order by c) from t"),
               "SELECT SUM(a) over (partition BY b ORDER BY c)\nFROM t");
}

TEST(comments_stay)
{
    CHECK_TEXT(laid_out("-- first\nselect a -- of a\n from t\n-- last"),
               "-- first\nSELECT a -- of a\nFROM t\n-- last");
    CHECK_TEXT(laid_out("select a, -- one\n b -- two\nfrom t where -- cut\n a=1"),
               "SELECT a, -- one\n  b -- two\nFROM t\nWHERE -- cut\n  a = 1");
}

TEST(laying_out_twice_changes_nothing)
{
    static const char *const QUERY[] = {
        "with q as (select a from t) select * from q,u where not exists(select 1 from q)",
        "select case when a<1 then 'x' else 'y' end as z, cast(a as char(3)) from t "
        "natural "
        "join u cross join v",
        "select -- a\n a -- b\n , b from t -- c\n where a=1 -- d\n and b=2"};
    struct bytes once;
    bytes_init(&once, 1 << 16);
    for (size_t i = 0; i < sizeof QUERY / sizeof *QUERY; i++) {
        bytes_clear(&once);
        bytes_add(&once, str_of(laid_out(QUERY[i])));
        CHECK(fault.kind == ERR_NONE);
        CHECK_TEXT(laid_out(bytes_text(&once)), bytes_text(&once));
    }
    bytes_free(&once);
}

TEST(long_lists_are_broken)
{
    struct bytes query;
    bytes_init(&query, 4096);
    bytes_add_literal(&query, "SELECT a");
    for (int i = 0; i < 40; i++)
        bytes_add_format(&query, ", a_long_column_name_%d", i);
    bytes_add_literal(&query, " FROM t");
    size_t longest = 0, n = 0;
    for (const char *p = laid_out(bytes_text(&query)); *p; p++) {
        n = *p == '\n' ? 0 : n + 1;
        longest = n > longest ? n : longest;
    }
    bytes_free(&query);
    CHECK(fault.kind == ERR_NONE && longest < 110);
}

TEST(what_does_not_parse_is_refused)
{
    CHECK_TEXT(laid_out("select from t"), "expected an expression, but found `from`");
    CHECK_INT(text.len, 0);
    CHECK_INT(fault.column, 8);
}

RUN_TESTS(T(clauses_stand_in_lines), T(subqueries_stand_further_in),
          T(and_of_between_stays), T(texts_names_and_case_stay), T(comments_stay),
          T(laying_out_twice_changes_nothing), T(long_lists_are_broken),
          T(what_does_not_parse_is_refused))
