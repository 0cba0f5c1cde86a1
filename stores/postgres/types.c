/* types.c -- what the server's types become. */
#include "stores/postgres/types.h"

#define TO_TEXT "CAST($1 AS text)"
#define POINT_OF_SPHERE                                                                    \
    "(CASE WHEN $1 IS NOT NULL THEN ARRAY[degrees(long($1)), degrees(lat($1))] END)"
#define CIRCLE_OF_SPHERE                                                                   \
    "(CASE WHEN $1 IS NOT NULL THEN ARRAY[degrees(long(center($1))), "                     \
    "degrees(lat(center($1))), degrees(radius($1))] END)"
/* The printed form, in degrees by pg_sphere's rules, would depend on a setting; points one
 * by one do not. */
#define POINT_OF_PLANE "(CASE WHEN $1 IS NOT NULL THEN ARRAY[($1)[0], ($1)[1]] END)"
#define CIRCLE_OF_PLANE                                                                    \
    "(CASE WHEN $1 IS NOT NULL THEN ARRAY[(center($1))[0], (center($1))[1], radius($1)] "  \
    "END)"

/* clang-format off */
static const struct their_type THEIRS[] = {
    {"bool", STORE_BOOL, 1, NULL, NULL},
    {"int2", STORE_I16, 1, NULL, NULL},
    {"int4", STORE_I32, 1, NULL, NULL},
    {"int8", STORE_I64, 1, NULL, NULL},
    {"oid", STORE_I64, 1, NULL, "CAST($1 AS bigint)"},
    {"float4", STORE_F32, 1, NULL, NULL},
    {"float8", STORE_F64, 1, NULL, NULL},
    {"numeric", STORE_F64, 1, NULL, "CAST($1 AS float8)"},
    {"text", STORE_TEXT, -1, NULL, NULL},
    {"varchar", STORE_TEXT, -1, NULL, NULL},
    {"uuid", STORE_TEXT, -1, "uuid", TO_TEXT},
    {"bytea", STORE_U8, -1, NULL, NULL},
    {"date", STORE_TIME_US, 1, "timestamp", NULL},
    {"timestamp", STORE_TIME_US, 1, "timestamp", NULL},
    {"timestamptz", STORE_TIME_US, 1, "timestamp", NULL},
    {"_bool", STORE_BOOL, -1, NULL, NULL},
    {"_int2", STORE_I16, -1, NULL, NULL},
    {"_int4", STORE_I32, -1, NULL, NULL},
    {"_int8", STORE_I64, -1, NULL, NULL},
    {"_float4", STORE_F32, -1, NULL, NULL},
    {"_float8", STORE_F64, -1, NULL, NULL},
    {"_numeric", STORE_F64, -1, NULL, "CAST($1 AS float8[])"},
    {"_date", STORE_TIME_US, -1, "timestamp", "CAST($1 AS timestamp[])"},
    {"_timestamp", STORE_TIME_US, -1, "timestamp", NULL},
    {"_timestamptz", STORE_TIME_US, -1, "timestamp", "CAST($1 AS timestamp[])"},
    {"spoint", STORE_F64, 2, "point", POINT_OF_SPHERE},
    {"scircle", STORE_F64, 3, "circle", CIRCLE_OF_SPHERE},
    {"point", STORE_F64, 2, NULL, POINT_OF_PLANE},
    {"circle", STORE_F64, 3, NULL, CIRCLE_OF_PLANE},
};
/* clang-format on */

/* char(n), enum, json, interval, inet, ranges, composites ... as the server prints them. */
static const struct their_type PRINTED = {"", STORE_TEXT, -1, NULL, TO_TEXT};

const struct their_type *their_type(str name)
{
    for (size_t i = 0; i < sizeof THEIRS / sizeof *THEIRS; i++)
        if (str_eq(name, str_of(THEIRS[i].name)))
            return &THEIRS[i];
    return &PRINTED;
}
