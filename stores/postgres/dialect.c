/* dialect.c -- how PostgreSQL spells the operations of adql/ops.h in the meaning of
 * docs/decisions/003-meaning.md, with what it has: no function of ours can be made by a
 * role that only reads. What is not spelled runs in the engine (docs/decisions/007). */
#include "stores/postgres/internal.h"

/* Words for people out of an expression: a text that is no number is an error (errors.c).
 * It hangs on a value of the row, so that the planner does not meet it by itself. */
#define RAISE(value, words)                                                                \
    "CAST(left(CAST(" value " AS text), 0) || 'colure: " words "|' AS integer)"

#define REAL(x) "CAST(" x " AS float8)"
#define FINITE(x) "abs(" REAL(x) ") < 'Infinity'"
#define IS_POSITION(lon, lat) FINITE(lon) " AND abs(" REAL(lat) ") <= 90"

/* As sky_distance_deg() has it: half-angles keep the digits of small distances. */
#define DLON(a, b) "(" REAL(b) " - " REAL(a) ")"
#define EAST(lon1, lat1, lon2, lat2) "(cosd(" lat2 ") * sind" DLON(lon1, lon2) ")"
#define NORTH(lon1, lat1, lon2, lat2)                                                      \
    "(sind" DLON(lat1, lat2) " + 2 * sind(" lat1 ") * cosd(" lat2                          \
                             ") * power(sind(" DLON(lon1, lon2) " / 2), 2))"
#define ALONG(lon1, lat1, lon2, lat2)                                                      \
    "(sind(" lat1 ") * sind(" lat2 ") + cosd(" lat1 ") * cosd(" lat2                       \
    ") * cosd" DLON(lon1, lon2) ")"
#define DISTANCE(lon1, lat1, lon2, lat2)                                                   \
    "degrees(atan2(point(" EAST(lon1, lat1, lon2, lat2) ", " NORTH(                        \
        lon1, lat1, lon2, lat2) ") <-> point(0, 0), " ALONG(lon1, lat1, lon2, lat2) "))"

/* Infinities of circular functions, and NULL for what is outside of their domain. */
#define NO_INFINITY(x) "nullif(nullif(" REAL(x) ", 'Infinity'), '-Infinity')"
#define IN_UNIT_DISC(x)                                                                    \
    "CASE WHEN abs(nullif(" REAL(x) ", 'NaN')) > 1 THEN NULL ELSE " REAL(x) " END"
/* LN, LOG10 of what is over 0: GREATEST leaves NaN (the greatest) and takes 0 for NULL. */
#define OVER_ZERO(x) "nullif(greatest(" REAL(x) ", 0), 0)"

/* Halves away from zero, and no other sum is moved by what is just under a half. */
#define ROUND(x) "trunc(" x " + sign(" x ") * 0.49999999999999994)"
#define TENS(n) "power(10::float8, " n ")"
#define BY_DIGITS(of, x, n)                                                                \
    "(CASE WHEN " n                                                                        \
    " >= 0 THEN " of("(" REAL(x) " * " TENS(n) ")") " / " TENS(n) " ELSE " of(             \
        "(" REAL(x) " / " TENS("-(" n ")") ")") " * " TENS("-(" n ")") " END)"
#define TRUNC(x) "trunc(" x ")"

/* Through decimal digits: '12.6' is 13, halves go away from zero, out of range is an
 * error. */
#define TO_INTEGER(x, type) "CAST(CAST(CAST(" x " AS text) AS numeric) AS " type ")"

#define TO_LENGTH(x, n)                                                                    \
    "(CASE WHEN char_length(CAST(" x " AS text)) > " n " THEN CAST(" RAISE(                \
        x, "a text is longer than " n " characters; cast to VARCHAR without a length, "    \
           "or cut it first") " AS text) ELSE CAST(" x " AS text) END)"

#define LOWER(x) "(lower(CAST(" x " AS text) COLLATE \"und-x-icu\") COLLATE \"C\")"
#define UPPER(x) "(upper(CAST(" x " AS text) COLLATE \"und-x-icu\") COLLATE \"C\")"

#define TIME_FORM                                                                          \
    "'^[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]*)?)?)?"         \
    "(Z|[+]00:00)?\\Z'"
/* Digits past the microsecond are cut. */
#define TO_TIME(x)                                                                         \
    "(CASE WHEN CAST(" x " AS text) ~ " TIME_FORM " THEN CAST(regexp_replace(CAST(" x      \
    " AS text), '([.][0-9]{6})[0-9]+', '\\1') AS timestamp) WHEN (" x ") IS NOT NULL "     \
    "THEN to_timestamp(" RAISE(                                                            \
        x, "a text is no time: write YYYY-MM-DDThh:mm:ss.sss") ") AT TIME ZONE 'UTC' END)"
#define TIME_TEXT(x)                                                                       \
    "regexp_replace(to_char(CAST(" x " AS timestamp), 'YYYY-MM-DD\"T\"HH24:MI:SS.US'), "   \
    "'([.]000000|(?<=[.][0-9]{3})000)\\Z', '')"
#define DAYS(x) "(CAST(extract(epoch FROM CAST(" x " AS timestamp)) AS float8) / 86400"
#define JD " + 2440587.5::float8)"
#define MJD " + 40587::float8)"

/* clang-format off */
static const struct store_spelling SPELLING[] = {
    /* arithmetic: integers overflow with an error (so do reals), a zero divisor gives NULL */
    {"add", "($1 + $2)"},
    {"sub", "($1 - $2)"},
    {"mul", "($1 * $2)"},
    {"neg", "(-$1)"},
    {"pos", "(+$1)"},
    {"div_float", "(" REAL("$1") " / nullif(" REAL("$2") ", 0))"},
    {"div_int", "($1 / nullif($2, 0))"},
    {"mod", "($1 % nullif($2, 0))"},
    {"in_unit", "(" REAL("$1") " * " REAL("$2") ")"},

    /* text: byte by byte, LIKE without an escape character */
    {"concat", "($1 || $2)"},
    {"like", "($1 LIKE $2 ESCAPE '')"},
    {"not_like", "($1 NOT LIKE $2 ESCAPE '')"},
    {"ilike", "(" LOWER("$1") " LIKE " LOWER("$2") " ESCAPE '')"},
    {"not_ilike", "(" LOWER("$1") " NOT LIKE " LOWER("$2") " ESCAPE '')"},
    {"lower", LOWER("$1")},
    {"upper", UPPER("$1")},
    {"coalesce", "coalesce($*)"},
    {"nullif", "nullif($1, $2)"},

    /* mathematics: domain errors are NULL */
    {"abs", "abs($1)"},
    {"ceiling", "ceil(" REAL("$1") ")"},
    {"floor", "floor(" REAL("$1") ")"},
    {"degrees", "degrees(" REAL("$1") ")"},
    {"radians", "radians(" REAL("$1") ")"},
    {"exp", "exp(" REAL("$1") ")"},
    {"log", "ln(" OVER_ZERO("$1") ")"},
    {"log10", "log(" OVER_ZERO("$1") ")"},
    {"pi", "pi()"},
    {"power", "(CASE WHEN " REAL("$1") " = 0 AND " REAL("$2") " < 0 THEN NULL WHEN "
              REAL("$1") " < 0 AND " REAL("$2") " <> trunc(" REAL("$2") ") AND " REAL("$2")
              " < 'NaN' THEN NULL ELSE power(" REAL("$1") ", " REAL("$2") ") END)"},
    {"rand", "random()"},
    {"rand_seed", "random()"},
    {"round", ROUND(REAL("$1"))},
    {"round_n", BY_DIGITS(ROUND, "$1", "$2")},
    {"truncate", TRUNC(REAL("$1"))},
    {"truncate_n", BY_DIGITS(TRUNC, "$1", "$2")},
    {"sqrt", "sqrt(CASE WHEN " REAL("$1") " >= 0 THEN " REAL("$1") " END)"},
    {"acos", "acos(" IN_UNIT_DISC("$1") ")"},
    {"asin", "asin(" IN_UNIT_DISC("$1") ")"},
    {"atan", "atan(" REAL("$1") ")"},
    {"atan2", "atan2(" REAL("$1") ", " REAL("$2") ")"},
    {"cos", "cos(" NO_INFINITY("$1") ")"},
    {"cot", "cot(nullif(" NO_INFINITY("$1") ", 0))"},
    {"sin", "sin(" NO_INFINITY("$1") ")"},
    {"tan", "tan(" NO_INFINITY("$1") ")"},
    {"bit_and", "($1 & $2)"},
    {"bit_or", "($1 | $2)"},
    {"bit_xor", "($1 # $2)"},
    {"bit_not", "(~$1)"},
    {"shift_left", "($1 << CAST($2 AS integer))"},
    {"shift_right", "($1 >> CAST($2 AS integer))"},

    /* casts: a text that is no number, or a target that is too small, is an error */
    {"cast_smallint", TO_INTEGER("$1", "smallint")},
    {"cast_integer", TO_INTEGER("$1", "integer")},
    {"cast_bigint", TO_INTEGER("$1", "bigint")},
    {"cast_real", "CAST($1 AS float4)"},
    {"cast_double", REAL("$1")},
    {"cast_varchar", "CAST($1 AS text)"},
    {"cast_varchar_n", TO_LENGTH("$1", "$2")},
    {"cast_char_n", TO_LENGTH("$1", "$2")},
    {"cast_timestamp", TO_TIME("$1")},
    {"cast_timestamp_text", TIME_TEXT("$1")},

    /* geometry: positions and circles; regions and polygons are the engine's */
    {"point", "(CASE WHEN " IS_POSITION("$1", "$2") " THEN ARRAY[" REAL("$1") ", "
              REAL("$2") "] END)"},
    {"circle", "(CASE WHEN " IS_POSITION("$1", "$2") " AND " REAL("$3") " < 'NaN' THEN "
               "CASE WHEN " REAL("$3") " BETWEEN 0 AND 180 THEN ARRAY[" REAL("$1") ", "
               REAL("$2") ", " REAL("$3") "] ELSE ARRAY["
               REAL(RAISE("$3", "the radius of a circle must be 0 to 180 degrees"))
               "] END END)"},
    {"coord1", "(CAST($1 AS float8[]))[1]"},
    {"coord2", "(CAST($1 AS float8[]))[2]"},
    {"coordsys", "(CASE WHEN ($1) IS NOT NULL THEN 'ICRS' END)"},
    {"distance", "(CASE WHEN " IS_POSITION("$1", "$2") " AND " IS_POSITION("$3", "$4")
                 " THEN " DISTANCE("$1", "$2", "$3", "$4") " END)"},
    {"distance_p", DISTANCE("($1)[1]", "($1)[2]", "($2)[1]", "($2)[2]")},
    {"contains_pc",
     "(CASE WHEN " IS_POSITION("$1", "$2") " AND " IS_POSITION("$3", "$4") " AND "
     REAL("$5") " < 'NaN' THEN CASE WHEN " REAL("$5") " NOT BETWEEN 0 AND 180 THEN "
     RAISE("$5", "the radius of a circle must be 0 to 180 degrees")
     " WHEN abs($2 - $4) > $5 + 1e-9 THEN 0 WHEN "
     DISTANCE("$3", "$4", "$1", "$2") " <= $5 THEN 1 ELSE 0 END END)"},

    /* aggregates: the sum of integers is exact (numeric) until it is cast to BIGINT */
    {"count_star", "count(*)"},
    {"count", "count($1)"},
    {"count_distinct", "count(DISTINCT $1)"},
    {"sum", "sum($1)"},
    {"sum_distinct", "sum(DISTINCT $1)"},
    {"avg", "avg(" REAL("$1") ")"},
    {"avg_distinct", "avg(DISTINCT " REAL("$1") ")"},
    {"min", "min($1)"},
    {"max", "max($1)"},
    {"string_agg", "string_agg(CAST($1 AS text), $2)"},

    /* the catalogue of user defined functions */
    {"to_jd", DAYS("$1") JD},
    {"to_mjd", DAYS("$1") MJD},
    {"to_jd_text", DAYS(TO_TIME("$1")) JD},
    {"to_mjd_text", DAYS(TO_TIME("$1")) MJD},
    {"nocasematch", "CAST((" LOWER("$1") " LIKE " LOWER("$2") " ESCAPE '') AS integer)"},
    {"normal_random",
     "(" REAL("$1") " + " REAL("$2")
     " * sqrt(-2 * ln(1 - random())) * cos(2 * pi() * random()))"},

    /* extensions */
    {"element", "($1)[$2]"},
    {"array_length", "cardinality($1)"},
    {"row_number", "row_number()"},
    {"rank", "rank()"},
    {"dense_rank", "dense_rank()"},
    {"lag", "lag($*)"},
    {"lead", "lead($*)"},
    {"first_value", "first_value($1)"},
    {"last_value", "last_value($1)"},
    {"ntile", "ntile(CAST($1 AS integer))"},
    {"lateral", "LATERAL"},
    {"tablesample", "TABLESAMPLE BERNOULLI ($1)"},
};
/* clang-format on */

const struct store_dialect postgres_dialect = {
    .size = sizeof postgres_dialect,
    .name = "postgres",
    .type_name = {[STORE_BOOL] = "boolean",
                  [STORE_U8] = "smallint",
                  [STORE_I16] = "smallint",
                  [STORE_I32] = "integer",
                  [STORE_I64] = "bigint",
                  [STORE_F32] = "float4",
                  [STORE_F64] = "float8",
                  [STORE_TEXT] = "text",
                  [STORE_TIME_US] = "timestamp"},
    .fixed_array = "$1[$2]",
    .variable_array = "$1[]",
    .parameter = "$%u",
    .spelling = SPELLING,
    .nspelling = sizeof SPELLING / sizeof *SPELLING,
    .hpx_ranges = 75, /* an index range each; a bitmap joins them */
    .wants_parameters = true,
    .bytes_type = "bytea",
    .collate = " COLLATE \"C\"",
    .real_literal = "$1::float8",
};
