/* features.c -- what /capabilities declares of the language (ADQL.md section 6). */
#include "adql/adql.h"
#include "adql/functions.h"

#define TYPE "ivo://ivoa.net/std/tapregext#features-"

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
    {ADQL_FEATURE_STRING, "ILIKE", "LIKE that takes no account of case."},
    {ADQL_FEATURE_COMMON_TABLE, "WITH", "Named queries in front of the query."},
    {ADQL_FEATURE_SETS, "UNION", "Rows of either query."},
    {ADQL_FEATURE_SETS, "EXCEPT", "Rows of the first query that the second lacks."},
    {ADQL_FEATURE_SETS, "INTERSECT", "Rows of both queries."},
    {ADQL_FEATURE_TYPE, "CAST", "Values in another type: CAST(x AS type)."},
    {ADQL_FEATURE_OFFSET, "OFFSET", "Leaves out the first rows of the result."},
};
enum { NWORDS = sizeof WORDS / sizeof *WORDS };

static bool is_declared(const struct adql_function *f, const struct adql_function *before)
{
    return adql_feature_type(f->feature) && !(before && strcmp(before->form, f->form) == 0);
}

/* The i-th declared function, or NULL; *n: how many there are up to it. */
static const struct adql_function *declared_function(uint32_t i, uint32_t *n)
{
    const struct adql_function *before = NULL;
    *n = 0;
    for (uint32_t k = 0; k < adql_function_count(); k++) {
        const struct adql_function *f = adql_function_at(k);
        if (is_declared(f, before) && (*n)++ == i)
            return f;
        before = f;
    }
    return NULL;
}

uint32_t adql_declared_count(void)
{
    uint32_t n;
    declared_function(UINT32_MAX, &n);
    return n + NWORDS;
}

bool adql_declared_at(uint32_t i, struct adql_declared *out)
{
    uint32_t n;
    if (i < NWORDS) {
        *out = WORDS[i];
        return true;
    }
    const struct adql_function *f = declared_function(i - NWORDS, &n);
    if (!f)
        return false;
    *out = (struct adql_declared){f->feature, f->form, f->description};
    return true;
}
