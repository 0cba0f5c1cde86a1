/* test_meaning.c -- docs/decisions/003-meaning.md, kept by the duckdb dialect: what each
 * operation gives, edge by edge, asked of the real library. */
#include "tests/unit/stores/meaning.h"

/* ADQL-29: integer arithmetic stays integer, truncates toward zero, never wraps. */
TEST(integer_arithmetic)
{
    CHECK_MEANINGS({"div_int", {"7", "2"}, "3"}, {"div_int", {"(-7)", "2"}, "-3"},
                   {"div_int", {"7", "(-2)"}, "-3"}, {"div_int", {"7", "0"}, "NULL"},
                   {"add", {"2147483647", "1"}, "invalid: Overflow"},
                   {"add", {"9223372036854775807", "1::BIGINT"}, "invalid: Overflow"},
                   {"mul", {"9223372036854775807", "2::BIGINT"}, "invalid: Overflow"},
                   {"sub", {"(-9223372036854775807)", "2::BIGINT"}, "invalid: Overflow"},
                   {"neg", {"5"}, "-5"}, {"pos", {"5"}, "5"},
                   {"add", {"NULL", "1"}, "NULL"}, {"bit_and", {"12", "10"}, "8"},
                   {"bit_or", {"12", "10"}, "14"}, {"bit_xor", {"12", "10"}, "6"},
                   {"bit_not", {"5"}, "-6"},
                   {"shift_left", {"1::BIGINT", "40"}, "1099511627776"},
                   {"shift_right", {"1024", "3"}, "128"});
}

TEST(real_arithmetic)
{
    CHECK_MEANINGS({"div_float", {"7e0", "2e0"}, "3.5"},
                   {"div_float", {"7e0", "0e0"}, "NULL"}, {"div_float", {"1", "0"}, "NULL"},
                   {"div_float", {"'nan'::DOUBLE", "2e0"}, "nan"},
                   {"mul", {"1e308", "10e0"}, "inf"}, {"mod", {"7.5e0", "2e0"}, "1.5"},
                   {"mod", {"(-7.5e0)", "2e0"}, "-1.5"},
                   {"mod", {"7.5e0", "(-2e0)"}, "1.5"}, {"mod", {"7.5e0", "0e0"}, "NULL"},
                   {"mod", {"(-7)", "3"}, "-1"}, {"in_unit", {"2e0", "60"}, "120.0"});
}

/* ADQL.md section 4: domain errors of row values are NULL; NaN stays NaN. */
TEST(mathematical_functions)
{
    CHECK_MEANINGS(
        {"sqrt", {"4"}, "2.0"}, {"sqrt", {"-1"}, "NULL"},
        {"sqrt", {"'nan'::DOUBLE"}, "nan"}, {"sqrt", {"NULL::DOUBLE"}, "NULL"},
        {"log", {"1"}, "0.0"}, {"log", {"0"}, "NULL"}, {"log", {"-1"}, "NULL"},
        {"log10", {"1000"}, "3.0"}, {"log10", {"0e0"}, "NULL"}, {"acos", {"2"}, "NULL"},
        {"asin", {"-1.5e0"}, "NULL"}, {"acos", {"1"}, "0.0"}, {"cot", {"0e0"}, "NULL"},
        {"sin", {"'inf'::DOUBLE"}, "NULL"}, {"cos", {"0"}, "1.0"}, {"tan", {"0"}, "0.0"},
        {"atan", {"0"}, "0.0"}, {"atan2", {"0e0", "-1e0"}, "3.141592653589793"},
        {"power", {"2", "10"}, "1024.0"}, {"power", {"-8e0", "0.5e0"}, "NULL"},
        {"power", {"0", "-1"}, "NULL"}, {"power", {"10", "400"}, "inf"},
        {"exp", {"1000"}, "inf"}, {"exp", {"0"}, "1.0"},
        {"pi", {NULL}, "3.141592653589793"}, {"degrees", {"pi()"}, "180.0"},
        {"radians", {"180"}, "3.141592653589793"}, {"abs", {"-2.5e0"}, "2.5"},
        {"ceiling", {"-1.5e0"}, "-1.0"}, {"floor", {"-1.5e0"}, "-2.0"});
}

TEST(rounding)
{
    CHECK_MEANINGS({"round", {"2.5e0"}, "3.0"}, {"round", {"-2.5e0"}, "-3.0"},
                   {"round_n", {"1234.567e0", "2"}, "1234.57"},
                   {"round_n", {"1234.567e0", "-2"}, "1200.0"},
                   {"round_n", {"NULL::DOUBLE", "2"}, "NULL"},
                   {"truncate", {"-2.7e0"}, "-2.0"},
                   {"truncate_n", {"2.779e0", "2"}, "2.77"},
                   {"truncate_n", {"-1299e0", "-2"}, "-1200.0"});
}

/* ADQL-24: LIKE knows no escape; text is compared byte by byte, ordered by code point. */
TEST(text)
{
    CHECK_MEANINGS(
        {"like", {"'a\\b'", "'a\\b'"}, "true"}, {"like", {"'a%b'", "'a\\%b'"}, "false"},
        {"like", {"'abc'", "'a_c'"}, "true"}, {"like", {"'ABC'", "'abc'"}, "false"},
        {"like", {"'a\nb'", "'a%b'"}, "true"}, {"ilike", {"'ABC'", "'a%'"}, "true"},
        {"not_like", {"'abc'", "'a%'"}, "false"}, {"not_ilike", {"'ABC'", "'a%'"}, "false"},
        {"like", {"NULL::VARCHAR", "'a%'"}, "NULL"}, {"concat", {"'a'", "'b'"}, "ab"},
        {"concat", {"'a'", "NULL"}, "NULL"},
        {"lower",
         {"'\xc3\x80"
          "B'"},
         "\xc3\xa0"
         "b"},
        {"upper", {"'abc'"}, "ABC"}, {"coalesce", {"NULL", "'x'", "'y'"}, "x"});
    struct duck_store d;
    duck_open(&d, NULL, 0);
    CHECK_TEXT(duck_text(&d, "SELECT 'a' = 'a '"), "false");
    CHECK_TEXT(duck_text(&d, "SELECT 'a' = 'A'"), "false");
    CHECK_TEXT(duck_text(&d, "SELECT 'B' < 'a' AND 'z' < '\xc3\xa9'"), "true");
    CHECK_TEXT(duck_text(&d, "SELECT '' IS NULL"), "false");
    duck_close(&d);
}

TEST(nan_and_null)
{
    struct duck_store d;
    duck_open(&d, NULL, 0);
    CHECK_TEXT(duck_text(&d, "SELECT 'nan'::DOUBLE = 'nan'::DOUBLE"), "true");
    CHECK_TEXT(duck_text(&d, "SELECT 'nan'::DOUBLE > 'inf'::DOUBLE"), "true");
    CHECK_TEXT(duck_text(&d, "SELECT max(x) FROM (VALUES ('nan'::DOUBLE), (1)) t(x)"),
               "nan");
    CHECK_TEXT(duck_text(&d, "SELECT 3 IN (1, NULL)"), "NULL"); /* ADQL-26 */
    CHECK_TEXT(duck_text(&d, "SELECT 1 IN (1, NULL)"), "true");
    CHECK_TEXT(duck_text(&d, "SELECT NULL = NULL"), "NULL");
    duck_close(&d);
}

/* ADQL-40 */
TEST(casts_to_numbers)
{
    CHECK_MEANINGS(
        {"cast_integer", {"2.5e0"}, "3"}, {"cast_integer", {"-2.5e0"}, "-3"},
        {"cast_integer", {"3.5e0"}, "4"}, {"cast_integer", {"0.5"}, "1"},
        {"cast_integer", {"' 12 '"}, "12"}, {"cast_integer", {"'12.6'"}, "13"},
        {"cast_integer", {"'abc'"}, "invalid: \"abc\" is not a number"},
        {"cast_integer", {"''"}, "invalid: \"\" is not a number"},
        {"cast_integer", {"3000000000"}, "invalid: Type INT64"},
        {"cast_smallint", {"40000"}, "invalid: Type INT64"},
        {"cast_smallint", {"-32768"}, "-32768"},
        {"cast_bigint", {"9223372036854775807"}, "9223372036854775807"},
        {"cast_bigint", {"9223372036854775808::HUGEINT"}, "invalid: an integer"},
        {"cast_bigint", {"(-9223372036854775808)::HUGEINT"}, "-9223372036854775808"},
        {"cast_bigint", {"1e19"}, "invalid: 1e+19"},
        {"cast_bigint", {"'nan'::DOUBLE"}, "invalid: nan"},
        {"cast_bigint", {"NULL::DOUBLE"}, "NULL"}, {"cast_bigint", {"NULL"}, "NULL"},
        {"cast_real", {"'0.1'"}, "0.1"}, {"cast_real", {"1e300"}, "invalid: Type DOUBLE"},
        {"cast_double", {"'1e3'"}, "1000.0"},
        {"cast_double", {"'x'"}, "invalid: Could not convert"});
}

TEST(casts_to_text_and_times)
{
    CHECK_MEANINGS(
        {"cast_varchar", {"12"}, "12"}, {"cast_varchar", {"1.5e0"}, "1.5"},
        {"cast_varchar_n", {"'abc'", "3"}, "abc"},
        {"cast_varchar_n", {"'\xc3\xa9t\xc3\xa9'", "3"}, "\xc3\xa9t\xc3\xa9"},
        {"cast_varchar_n", {"'abcd'", "3"}, "invalid: a text of 4 characters"},
        {"cast_char_n", {"1234", "3"}, "invalid: a text of 4 characters"},
        {"cast_char_n", {"NULL", "3"}, "NULL"},
        {"cast_timestamp", {"'2015-01-01'"}, "2015-01-01 00:00:00"},
        {"cast_timestamp", {"'2015-01-01T12:30:00.5Z'"}, "2015-01-01 12:30:00.5"},
        {"cast_timestamp", {"TIMESTAMP '2000-01-01'"}, "2000-01-01 00:00:00"},
        {"cast_timestamp", {"'2015-02-30'"}, "invalid: \"2015-02-30\" is not a timestamp"},
        {"cast_timestamp_text",
         {"TIMESTAMP '2000-01-01 01:02:03.25'"},
         "2000-01-01T01:02:03.250"},
        {"cast_point", {"'12.5 -3'"}, "[12.5, -3.0]"},
        {"cast_circle", {"'12.3 45.6 1.0'"}, "[12.3, 45.6, 1.0]"},
        {"cast_polygon", {"'1 1 2 1 2 2'"}, "[1.0, 1.0, 2.0, 1.0, 2.0, 2.0]"},
        {"cast_circle", {"'12.3 45.6'"}, "invalid: "});
}

TEST(aggregates)
{
    struct duck_store d;
    duck_open(&d, NULL, 0);
    DUCK_DO(&d, "CREATE TABLE t (g INTEGER, b BIGINT, s SMALLINT, r FLOAT, n VARCHAR)");
    DUCK_DO(&d, "INSERT INTO t VALUES (1, 9223372036854775807, 1, 0.5, 'a'), "
                "(1, 1, 2, 1.5, NULL), (2, 5, 3, NULL, 'c'), (2, 5, NULL, 'nan', 'd')");
    CHECK_TEXT(duck_text(&d, "SELECT CAST(sum(b) AS BIGINT) FROM t WHERE g = 2"), "10");
    const char *over = duck_text(&d, "SELECT CAST(sum(b) AS BIGINT) FROM t WHERE g = 1");
    CHECK(strncmp(over, "invalid:", 8) == 0);
    CHECK_TEXT(duck_text(&d, "SELECT typeof(sum(r)) FROM t"), "DOUBLE");
    CHECK_TEXT(duck_text(&d, "SELECT avg(s) FROM t"), "2.0");
    CHECK_TEXT(duck_text(&d, "SELECT sum(s) FROM t WHERE g = 9"), "NULL");
    CHECK_TEXT(duck_text(&d, "SELECT count(s) FROM t"), "3");
    CHECK_TEXT(duck_text(&d, "SELECT count(DISTINCT b) FROM t"), "3");
    CHECK_TEXT(
        duck_text(&d, "SELECT string_agg(CAST(n AS VARCHAR), '-' ORDER BY n) FROM t"),
        "a-c-d");
    duck_close(&d);
}

/* ivo_histogram: the first cell counts what is below and NULL, the last what is above. */
TEST(histogram)
{
    struct duck_store d;
    duck_open(&d, NULL, 0);
    DUCK_DO(&d, "CREATE TABLE h AS SELECT CASE WHEN i % 10 = 9 THEN NULL ELSE "
                "CAST(i % 10 AS DOUBLE) END AS x FROM range(100000) AS r(i)");
    CHECK_TEXT(duck_text(&d, "SELECT adql_histogram(x, 2, 6, 2) FROM h"),
               "[30000, 20000, 20000, 30000]");
    CHECK_TEXT(duck_text(&d, "SELECT adql_histogram(x, 2, 6, 2) FROM h WHERE x > 1e9"),
               "NULL");
    const char *bad = duck_text(&d, "SELECT adql_histogram(x, 6, 2, 2) FROM h");
    CHECK(strncmp(bad, "invalid: the lower bound", 24) == 0);
    bad = duck_text(&d, "SELECT adql_histogram(x, 2, 6, 0) FROM h");
    CHECK(strncmp(bad, "invalid: the number of bins", 27) == 0);
    duck_close(&d);
}

RUN_TESTS(T(integer_arithmetic), T(real_arithmetic), T(mathematical_functions), T(rounding),
          T(text), T(nan_and_null), T(casts_to_numbers), T(casts_to_text_and_times),
          T(aggregates), T(histogram))
