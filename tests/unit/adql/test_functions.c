/* test_functions.c -- the function table: order, forms, examples, declared features. */
#include "tests/unit/adql/fixture.h"

static bool is_form_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           c == '_' || c == '[' || c == ']';
}

/* name "(" [arg type {"," arg type}] ")" "->" type (ADQL-38) */
static bool is_udf_form(const char *form)
{
    const char *s = form;
    while (is_form_char(*s))
        s++;
    if (s == form || *s++ != '(')
        return false;
    while (*s != ')') {
        for (int word = 0; word < 2; word++) {
            if (!is_form_char(*s))
                return false;
            while (is_form_char(*s))
                s++;
            if (word == 0 && *s++ != ' ')
                return false;
        }
        if (*s == ',' && s[1] == ' ')
            s += 2;
        else if (*s != ')')
            return false;
    }
    if (strncmp(s, ") -> ", 5) != 0)
        return false;
    s += 5;
    while (is_form_char(*s))
        s++;
    return *s == '\0';
}

static int fold_compare(const char *a, const char *b)
{
    for (; *a && ascii_lower(*a) == ascii_lower(*b); a++)
        b++;
    return ascii_lower(*a) - ascii_lower(*b);
}

TEST(sorted_by_name)
{
    for (uint32_t i = 1; i < adql_function_count(); i++) {
        const char *before = adql_function_at(i - 1)->name,
                   *name = adql_function_at(i)->name;
        if (fold_compare(before, name) > 0)
            TEST_FAIL("%s stands before %s", before, name);
    }
    CHECK(!adql_function_at(adql_function_count()));
}

TEST(forms) /* ADQL-37, 38 */
{
    for (uint32_t i = 0; i < adql_function_count(); i++) {
        const struct adql_function *f = adql_function_at(i);
        bool is_udf = f->feature == ADQL_FEATURE_UDF;
        if (is_udf ? !is_udf_form(f->form) : strcmp(f->form, f->name) != 0)
            TEST_FAIL("%s: form \"%s\"", f->name, f->form);
        if (!strstr(f->signature, " -> ") || !*f->description)
            TEST_FAIL("%s: signature or description", f->name);
        bool is_word_of_sql =
            !strcmp(f->name, "NULLIF"); /* reserved, not in ADQL (ADQL-28) */
        if (!is_udf && catalog_word_is_reserved(str_of(f->name)) !=
                           (f->feature != ADQL_FEATURE_EXTENSION || is_word_of_sql))
            TEST_FAIL("%s: reserved or not", f->name);
    }
}

TEST(examples_are_accepted)
{
    int n = 0;
    for (uint32_t i = 0; i < adql_function_count(); i++) {
        const struct adql_function *f = adql_function_at(i);
        char query[400];
        if (!f->example)
            continue;
        snprintf(query, sizeof query,
                 "SELECT %s FROM (SELECT 1 AS table_index, 'a' AS table_name, 'b' AS "
                 "schema_name FROM t) AS tables",
                 f->example);
        if (!is_accepted(query))
            TEST_FAIL("%s: %.500s", query, fault.message);
        CHECK(!strncmp(sql_of(query), "SELECT CAST(", 12));
        n++;
    }
    CHECK(n > 60);
}

TEST(every_op_of_the_table_can_be_written)
{
    for (uint32_t i = 0; i < adql_function_count(); i++) {
        const struct adql_function *f = adql_function_at(i);
        if (f->op != ADQL_OP_NONE)
            CHECK(adql_dialect_can(fixture_dialect(), (enum adql_op)f->op));
    }
}

static bool is_declared(enum adql_feature feature, const char *form)
{
    int n = 0;
    for (uint32_t i = 0; i < adql_declared_count(); i++) {
        const struct adql_declared *d = adql_declared_at(i);
        n += d->feature == feature && strcmp(d->form, form) == 0;
    }
    if (n > 1)
        TEST_FAIL("%s is declared %d times", form, n);
    return n == 1;
}

TEST(all_optional_features_are_declared) /* ADQL-37: the table of section 6 */
{
    static const char *const GEO[] = {
        "AREA",     "BOX",      "CENTROID",   "CIRCLE", "CONTAINS", "COORD1", "COORD2",
        "COORDSYS", "DISTANCE", "INTERSECTS", "POINT",  "POLYGON",  "REGION"};
    for (size_t i = 0; i < sizeof GEO / sizeof *GEO; i++)
        if (!is_declared(ADQL_FEATURE_GEO, GEO[i]))
            TEST_FAIL("%s", GEO[i]);
    CHECK(is_declared(ADQL_FEATURE_STRING, "LOWER"));
    CHECK(is_declared(ADQL_FEATURE_STRING, "UPPER"));
    CHECK(is_declared(ADQL_FEATURE_STRING, "ILIKE"));
    CHECK(is_declared(ADQL_FEATURE_COMMON_TABLE, "WITH"));
    CHECK(is_declared(ADQL_FEATURE_SETS, "UNION"));
    CHECK(is_declared(ADQL_FEATURE_SETS, "EXCEPT"));
    CHECK(is_declared(ADQL_FEATURE_SETS, "INTERSECT"));
    CHECK(is_declared(ADQL_FEATURE_TYPE, "CAST"));
    CHECK(is_declared(ADQL_FEATURE_CONDITIONAL, "COALESCE"));
    CHECK(is_declared(ADQL_FEATURE_UNIT, "IN_UNIT"));
    CHECK(is_declared(ADQL_FEATURE_OFFSET, "OFFSET"));
    CHECK(
        is_declared(ADQL_FEATURE_UDF,
                    "ivo_healpix_index(hpxOrder INTEGER, long REAL, lat REAL) -> BIGINT"));
    CHECK(is_declared(ADQL_FEATURE_UDF,
                      "ivo_healpix_index(hpxOrder INTEGER, point POINT) -> BIGINT"));
}

TEST(catalogue_of_udfs) /* section 8 */
{
    static const char *const NAMES[] = {
        "ivo_healpix_index",     "ivo_healpix_center", "ivo_epoch_prop_pos",
        "ivo_geom_transform",    "ivo_to_jd",          "ivo_to_mjd",
        "ivo_string_agg",        "ivo_nocasematch",    "ivo_hasword",
        "ivo_hashlist_has",      "ivo_histogram",      "ivo_normal_random",
        "ivo_interval_overlaps", "ivo_simbadpoint",    "ivo_hms_to_degrees",
        "ivo_dms_to_degrees"};
    for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++) {
        bool found = false;
        for (uint32_t k = 0; k < adql_declared_count(); k++) {
            const struct adql_declared *d = adql_declared_at(k);
            found |= d->feature == ADQL_FEATURE_UDF &&
                     strncmp(d->form, NAMES[i], strlen(NAMES[i])) == 0;
        }
        if (!found)
            TEST_FAIL("%s is not declared", NAMES[i]);
    }
}

/* ADQL-39: a prefix; of MOC the name is that of others, and of DALI's xtype. */
TEST(names_of_udfs)
{
    for (uint32_t i = 0; i < adql_function_count(); i++) {
        const struct adql_function *f = adql_function_at(i);
        static const char *const PREFIX[] = {"ivo_", "gavo_", "gaia_", "esdc_", "MOC"};
        size_t k = 0;
        while (k < sizeof PREFIX / sizeof *PREFIX &&
               strncmp(f->name, PREFIX[k], strlen(PREFIX[k])) != 0)
            k++;
        if (f->feature == ADQL_FEATURE_UDF && k == sizeof PREFIX / sizeof *PREFIX)
            TEST_FAIL("%s has no prefix", f->name);
    }
    CHECK(!is_accepted("SELECT ivo_nosuch(a) FROM t"));
}

TEST(every_optional_function_is_declared) /* ADQL-37 */
{
    for (uint32_t i = 0; i < adql_function_count(); i++) {
        const struct adql_function *f = adql_function_at(i);
        if (adql_feature_type(f->feature) && !is_declared(f->feature, f->form))
            TEST_FAIL("%s is not declared", f->form);
    }
}

TEST(core_and_extensions_are_not_declared)
{
    for (uint32_t i = 0; i < adql_declared_count(); i++) {
        const struct adql_declared *d = adql_declared_at(i);
        const char *type = adql_feature_type(d->feature);
        if (!type ||
            !str_starts_fold(str_of(type), STR("ivo://ivoa.net/std/tapregext#features-")))
            TEST_FAIL("%s: type %s", d->form, type ? type : "none");
    }
    CHECK(!adql_declared_at(adql_declared_count()));
    CHECK(!adql_feature_type(ADQL_FEATURE_CORE));
    CHECK(!adql_feature_type(ADQL_FEATURE_EXTENSION));
}

RUN_TESTS(T(sorted_by_name), T(forms), T(examples_are_accepted),
          T(every_op_of_the_table_can_be_written), T(all_optional_features_are_declared),
          T(catalogue_of_udfs), T(names_of_udfs), T(every_optional_function_is_declared),
          T(core_and_extensions_are_not_declared))
