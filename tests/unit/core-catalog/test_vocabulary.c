/* test_vocabulary.c -- vocabularies of the IVOA from files: a term and what is narrower. */
#include <sys/stat.h>

#include <stdlib.h>
#include <unistd.h>

#include "core/catalog/catalog.h"
#include "tests/test.h"

static char folder[64];

static void write_file(const char *name, const char *text)
{
    char path[128];
    snprintf(folder, sizeof folder, "/tmp/colure-vocabulary-%d", (int)getpid());
    mkdir(folder, 0700);
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *f = fopen(path, "w");
    if (!f || fputs(text, f) < 0 || fclose(f) != 0)
        TEST_FAIL("cannot write %s", path);
}

static struct catalog *empty_catalog(void)
{
    struct err e = {0};
    struct catalog *c = catalog_build(NULL, 0, 0, NULL, &e);
    if (!c)
        TEST_FAIL("%s", e.message);
    return c;
}

/* What reading one file with this text says; "" if it is good. */
static const char *reading(const char *text)
{
    static struct err e;
    char path[128];
    struct catalog *c = empty_catalog();
    write_file("v.json", text);
    e = (struct err){0};
    if (catalog_read_vocabularies(c, folder, &e))
        *e.message = '\0';
    catalog_drop(c);
    snprintf(path, sizeof path, "%s/v.json", folder);
    unlink(path);
    rmdir(folder);
    return e.message;
}

static void check_narrower(const char *term, const char *want)
{
    struct catalog *c = empty_catalog();
    struct arena *arena = arena_new(1 << 20);
    const char *const *found = NULL;
    uint32_t n = 0;
    char got[400] = "";
    struct err e = {0};
    CHECK(catalog_read_vocabularies(c, "tests/data/vocabularies", &e));
    if (!catalog_narrower(c, STR("messenger"), str_of(term), arena, &found, &n, &e))
        snprintf(got, sizeof got, "%.300s", e.message);
    for (uint32_t i = 0; i < n; i++)
        snprintf(got + strlen(got), sizeof got - strlen(got), "%s%s", i ? " " : "",
                 found[i]);
    if (strcmp(got, want))
        TEST_FAIL("%s: %s, not %s", term, got, want);
    arena_free(arena);
    catalog_drop(c);
}

TEST(narrower_terms)
{
    check_narrower("uv", "euv uv");
    check_narrower("#uv", "euv uv");
    check_narrower("neutrino", "neutrino");
    check_narrower("photon", "euv gamma-ray infrared millimeter optical photon radio uv "
                             "x-ray");
    check_narrower("radioo", "the vocabulary messenger has no term 'radioo'; did you mean "
                             "'radio'?");
    check_narrower("UV", "the vocabulary messenger has no term 'UV'; did you mean 'uv'?");
}

TEST(vocabularies_by_name)
{
    struct catalog *c = empty_catalog();
    struct arena *arena = arena_new(1 << 20);
    const char *const *found;
    uint32_t n;
    struct err e = {0};
    CHECK(!catalog_narrower(c, STR("uat"), STR("x"), arena, &found, &n, &e));
    CHECK_TEXT(e.message, "this service has no vocabulary 'uat'; it has none");
    e = (struct err){0};
    CHECK(!catalog_read_vocabularies(c, "/nonexistent", &e));
    CHECK(strstr(e.message, "/nonexistent cannot be read") != NULL);
    CHECK(catalog_read_vocabularies(c, "tests/data/vocabularies", &e));
    e = (struct err){0};
    CHECK(!catalog_narrower(c, STR("uat"), STR("x"), arena, &found, &n, &e));
    CHECK_TEXT(e.message, "this service has no vocabulary 'uat'; it has messenger");
    arena_free(arena);
    catalog_drop(c);
}

static void check_reading(const char *text, const char *part)
{
    const char *said = reading(text);
    if (*part ? !strstr(said, part) : *said)
        TEST_FAIL("%s: %.300s, not %s", text, said, part);
}

#define HEAD "{\"uri\": \"http://www.ivoa.net/rdf/x\", "

TEST(files_that_are_wrong)
{
    check_reading(HEAD "\"terms\": {\"a\": {}}}", "");
    check_reading(HEAD "\"terms\": {\"a\": {\"narrower\": [\"unknown\"]}}}", "");
    check_reading(HEAD "\"terms\": {\"a\": {\"narrower\": [\"b\"]}, \"b\": {\"wider\": "
                       "[\"a\"], \"narrower\": [\"a\"]}}}",
                  ""); /* a circle ends */
    check_reading("{", "v.json:");
    check_reading("[]", "v.json:1:1: needs a uri");
    check_reading("{\"uri\": \"http://www.ivoa.net/rdf/\", \"terms\": {\"a\": {}}}",
                  "needs a uri");
    check_reading(HEAD "\"terms\": []}", "v.json:1:47: needs terms");
    check_reading(HEAD "\"terms\": {\"a\": 1}}", "a term must be a name and a map");
    check_reading(HEAD "\"terms\": {\"a\": {\"wider\": \"b\"}}}", "must be lists of terms");
    check_reading(HEAD "\"terms\": {\"a\": {\"wider\": [[]]}}}", "a term must be a text");
    check_reading("", "needs a uri");
}

RUN_TESTS(T(narrower_terms), T(vocabularies_by_name), T(files_that_are_wrong))
