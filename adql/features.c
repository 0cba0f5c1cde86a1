/* features.c -- what /capabilities declares of the language (ADQL.md section 6). */
#include "adql/adql.h"
#include "adql/functions.h"

#include <pthread.h>

#define TYPE "ivo://ivoa.net/std/TAPRegExt#features-"

const char *adql_feature_type(enum adql_feature feature)
{
    static const char *const TYPES[ADQL_NFEATURE] = {
        [ADQL_FEATURE_UDF] = TYPE "udf",
        [ADQL_FEATURE_GEO] = TYPE "adqlgeo",
        [ADQL_FEATURE_STRING] = TYPE "adql-string",
        [ADQL_FEATURE_COMMON_TABLE] = TYPE "adql-common-table",
        [ADQL_FEATURE_SETS] = TYPE "adql-sets",
        [ADQL_FEATURE_TYPE] = TYPE "adql-type",
        [ADQL_FEATURE_CONDITIONAL] = TYPE "adql-conditional",
        [ADQL_FEATURE_UNIT] = TYPE "adql-unit",
        [ADQL_FEATURE_OFFSET] = TYPE "adql-offset",
    };
    return feature < ADQL_NFEATURE ? TYPES[feature] : NULL;
}

/* One entry a form: overloads of a geometry function are one (ADQL-37), those of a user
 * defined function are each its own (ADQL-38). A test compares this with the functions. */
static const struct adql_declared WORDS[] = {
    {ADQL_FEATURE_STRING, "ILIKE", "LIKE that takes no account of case.",
     ADQL_NEEDS_NOTHING},
    {ADQL_FEATURE_COMMON_TABLE, "WITH", "Named queries in front of the query.",
     ADQL_NEEDS_NOTHING},
    {ADQL_FEATURE_SETS, "UNION", "Rows of either query.", ADQL_NEEDS_NOTHING},
    {ADQL_FEATURE_SETS, "EXCEPT", "Rows of the first query that the second lacks.",
     ADQL_NEEDS_NOTHING},
    {ADQL_FEATURE_SETS, "INTERSECT", "Rows of both queries.", ADQL_NEEDS_NOTHING},
    {ADQL_FEATURE_TYPE, "CAST", "Values in another type: CAST(x AS type).",
     ADQL_NEEDS_NOTHING},
    {ADQL_FEATURE_OFFSET, "OFFSET", "Leaves out the first rows of the result.",
     ADQL_NEEDS_NOTHING},
};
enum { NWORDS = sizeof WORDS / sizeof *WORDS };

enum { MAX_DECLARED = 128 };

/* Made once from the function table, then only read. */
static struct adql_declared declared[MAX_DECLARED];
static uint32_t ndeclared;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void add(enum adql_feature feature, const char *form, const char *description,
                uint8_t needs)
{
    bool is_same = ndeclared && strcmp(declared[ndeclared - 1].form, form) == 0;
    if (adql_feature_type(feature) && !is_same && ndeclared < MAX_DECLARED)
        declared[ndeclared++] = (struct adql_declared){feature, form, description, needs};
}

static void list_all(void)
{
    for (uint32_t i = 0; i < NWORDS; i++)
        add(WORDS[i].feature, WORDS[i].form, WORDS[i].description, ADQL_NEEDS_NOTHING);
    for (uint32_t i = 0; i < adql_function_count(); i++) {
        const struct adql_function *f = adql_function_at(i);
        add(f->feature, f->form, f->description, f->needs);
    }
}

uint32_t adql_declared_count(void)
{
    pthread_once(&once, list_all);
    return ndeclared;
}

const struct adql_declared *adql_declared_at(uint32_t i)
{
    pthread_once(&once, list_all);
    return i < ndeclared ? &declared[i] : NULL;
}
