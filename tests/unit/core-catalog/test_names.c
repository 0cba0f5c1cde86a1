/* test_names.c -- finding tables and columns; reserved words; near names. */
#include "tests/unit/core-catalog/fixture.h"

#include <pthread.h>

static const struct store_column *const STARS[] = {
    COLUMN("id", STORE_I64, 1), COLUMN("ra", STORE_F64, 1), COLUMN("dec", STORE_F64, 1),
    COLUMN("Mag", STORE_F32, 1), COLUMN("size", STORE_I32, 1)};
static const struct store_column *const OTHER[] = {COLUMN("x", STORE_I32, 1)};
static const struct store_table STARS_TABLE = TABLE("stars", STARS);
static const struct store_table OTHER_TABLE = TABLE("Odd Name", OTHER);
static const struct store_table *const TABLES[] = {&STARS_TABLE, &OTHER_TABLE};

static const char DESCRIPTION[] =
    "name: Sky\n"
    "tables:\n"
    "- name: STARS\n"
    "  columns:\n"
    "  - {name: ID}\n"
    "  - {name: ra}\n"
    "  - {name: dec}\n"
    "  - {name: mag}\n"
    "  - {name: '\"Mag\"'}\n"
    "  - {name: '\"size\"', colure:hidden: false}\n"
    "  - {name: secret, colure:native: size, colure:hidden: true}\n"
    "- name: '\"Odd Name\"'\n"
    "  columns: [{name: x}]\n"
    "- name: columns\n"
    "  colure:native: stars\n"
    "  columns: [{name: id}]\n";

static struct catalog *catalog;

static const struct catalog_table *stars(void)
{
    if (!catalog)
        catalog = build_tables(DESCRIPTION, TABLES, 2);
    if (!catalog)
        TEST_FAIL("%.800s", fault.message);
    return catalog_find_table(catalog, plain("sky"), plain("stars"), NULL);
}

/* ADQL-2, ADQL-4: published in lower case, found in any */
TEST(tables_in_any_case)
{
    bool is_ambiguous = true;
    const struct catalog_table *table = stars();
    CHECK(table);
    CHECK_TEXT(table->full_name, "sky.stars");
    CHECK_TEXT(table->native, "\"stars\"");
    CHECK_TEXT(table->store_name, "stars");
    CHECK(catalog_find_table(catalog, plain("SKY"), plain("Stars"), &is_ambiguous) ==
          table);
    CHECK(!is_ambiguous);
    CHECK(catalog_find_table(catalog, quoted("sky"), quoted("stars"), NULL) == table);
    CHECK(!catalog_find_table(catalog, quoted("Sky"), plain("stars"), NULL));
    CHECK(!catalog_find_table(catalog, plain("sky"), quoted("STARS"), NULL));
    CHECK(!catalog_find_table(catalog, plain("other"), plain("stars"), NULL));
}

TEST(tables_without_schema)
{
    struct catalog_name none = {{NULL, 0}, false};
    bool is_ambiguous = true;
    CHECK(catalog_find_table(catalog, none, plain("stars"), &is_ambiguous) == stars());
    CHECK(!is_ambiguous);
    CHECK(!catalog_find_table(catalog, none, plain("columns"), &is_ambiguous));
    CHECK(is_ambiguous); /* sky.columns and tap_schema.columns */
    CHECK(!catalog_find_table(catalog, none, plain("nothing"), &is_ambiguous));
    CHECK(!is_ambiguous);
}

/* ADQL-3: delimited names */
TEST(quoted_tables)
{
    stars();
    const struct catalog_table *odd =
        catalog_find_table(catalog, plain("sky"), quoted("Odd Name"), NULL);
    CHECK(odd);
    CHECK_TEXT(odd->name, "Odd Name");
    CHECK_TEXT(odd->full_name, "sky.\"Odd Name\"");
    CHECK(!catalog_find_table(catalog, plain("sky"), quoted("odd name"), NULL));
}

TEST(columns_and_case)
{
    const struct catalog_table *table = stars();
    CHECK_TEXT(catalog_find_column(table, plain("Id"))->meta.name, "id");
    const struct catalog_column *lower = catalog_find_column(table, plain("MAG"));
    const struct catalog_column *upper = catalog_find_column(table, quoted("Mag"));
    CHECK(lower && upper && lower != upper);
    CHECK_TEXT(lower->adql_name, "mag");
    CHECK_TEXT(upper->adql_name, "\"Mag\"");
    CHECK_TEXT(upper->native, "Mag");
    CHECK(!catalog_find_column(table, quoted("MAG")));
    CHECK_TEXT(catalog_find_column(table, quoted("size"))->adql_name, "\"size\"");
    CHECK(!catalog_find_column(table, plain("nothing")));
}

TEST(hidden_columns_stay_hidden)
{
    const struct catalog_table *table = stars();
    CHECK_INT(table->ncolumn, 7);
    CHECK_TEXT(table->column[6].meta.name, "secret");
    CHECK_INT(table->column[6].index, 6);
    CHECK(table->column[6].meta.flags & STORE_HIDDEN);
    CHECK(!catalog_find_column(table, plain("secret")));
    const char *near = catalog_near_column(table, STR("secrets"));
    CHECK(!near || strcmp(near, "secret") != 0);
}

/* A table made by hand (an upload) keeps the file's case; a query need not. */
TEST(tables_made_by_hand)
{
    static const struct catalog_column MINE[] = {{.meta = {.name = "RA"}},
                                                 {.meta = {.name = "my col"}}};
    struct catalog_table table = {.name = "t", .ncolumn = 2, .column = MINE};
    CHECK(catalog_find_column(&table, plain("ra")) == &MINE[0]);
    CHECK(catalog_find_column(&table, quoted("RA")) == &MINE[0]);
    CHECK(!catalog_find_column(&table, quoted("ra")));
    CHECK(catalog_find_column(&table, quoted("my col")) == &MINE[1]);
    CHECK_TEXT(catalog_near_column(&table, STR("ra_deg")), "RA");
}

TEST(matching)
{
    CHECK(catalog_name_matches("ra", plain("RA")));
    CHECK(catalog_name_matches("RA", quoted("RA")));
    CHECK(!catalog_name_matches("RA", plain("RA")));
    CHECK(!catalog_name_matches("ra", quoted("RA")));
}

/* ADQL-2, "Reserved words" */
TEST(reserved_words)
{
    CHECK(catalog_word_is_reserved(STR("size")));
    CHECK(catalog_word_is_reserved(STR("Date")));
    CHECK(catalog_word_is_reserved(STR("END-EXEC")));
    CHECK(catalog_word_is_reserved(STR("ABS")) && catalog_word_is_reserved(STR("zone")));
    CHECK(!catalog_word_is_reserved(STR("ra")) && !catalog_word_is_reserved(STR("")));
    CHECK(catalog_name_needs_quotes(STR("date")) && catalog_name_needs_quotes(STR("Ra")));
    CHECK(catalog_name_needs_quotes(STR("2x")) && catalog_name_needs_quotes(STR("a b")));
    CHECK(catalog_name_needs_quotes(STR("_a")) && catalog_name_needs_quotes(STR("")));
    CHECK(!catalog_name_needs_quotes(STR("ra_2000")));
}

static void check_near(const char *wanted, const char *want)
{
    const char *near = catalog_near_column(stars(), str_of(wanted));
    if (want ? !near || strcmp(near, want) != 0 : near != NULL)
        TEST_FAIL("near '%s' is %s", wanted, near ? near : "(none)");
}

TEST(near_columns)
{
    check_near("RA", "ra");
    check_near("ra_deg", "ra");
    check_near("raj2000", "ra");
    check_near("declination", "dec");
    check_near("de", "dec");
    check_near("magg", "mag");
    check_near("g_mag", "mag");
    check_near("i_d", "id");
    check_near("Size", "\"size\"");
    check_near("uuid", "id");
    check_near("xx", NULL);
    check_near("temperature", NULL);
    check_near("", NULL);
}

TEST(near_tables)
{
    stars();
    CHECK_TEXT(catalog_near_table(catalog, STR("sky"), STR("star")), "sky.stars");
    CHECK_TEXT(catalog_near_table(catalog, STR(""), STR("Stars")), "sky.stars");
    CHECK_TEXT(catalog_near_table(catalog, STR("sly"), STR("stars")), "sky.stars");
    CHECK_TEXT(catalog_near_table(catalog, STR("tap_schema"), STR("column")),
               "tap_schema.columns");
    CHECK_TEXT(catalog_near_table(catalog, STR("nowhere"), STR("stars")), "sky.stars");
    CHECK(!catalog_near_table(catalog, STR("sky"), STR("quasars")));
}

static void *look_up(void *result)
{
    for (int i = 0; i < 2000; i++) {
        const struct catalog *mine = catalog_keep(catalog);
        const struct catalog_table *t =
            catalog_find_table(mine, plain("sky"), plain("stars"), NULL);
        if (!t || !catalog_find_column(t, plain("dec")))
            *(bool *)result = false;
        catalog_drop(mine);
    }
    return NULL;
}

/* Catalogs are counted and read from any thread. */
TEST(threads)
{
    enum { N = 4 };
    pthread_t thread[N];
    bool is_found[N];
    stars();
    for (int i = 0; i < N; i++) {
        is_found[i] = true;
        CHECK_INT(pthread_create(&thread[i], NULL, look_up, &is_found[i]), 0);
    }
    for (int i = 0; i < N; i++)
        CHECK_INT(pthread_join(thread[i], NULL), 0);
    for (int i = 0; i < N; i++)
        CHECK(is_found[i]);
}

TEST(counting)
{
    stars();
    CHECK(catalog_keep(catalog) == catalog);
    catalog_drop(catalog);
    CHECK_INT(catalog_nschema(catalog), 2);
    CHECK(!catalog_schema_at(catalog, 2));
    CHECK_TEXT(catalog_schema_at(catalog, 0)->name, "sky");
    CHECK(!catalog_example_at(catalog, 0));
    CHECK(!catalog_keep(NULL));
    catalog_drop(NULL);
    catalog_drop(catalog);
    catalog = NULL;
    bytes_free(&report);
}

RUN_TESTS(T(tables_in_any_case), T(tables_without_schema), T(quoted_tables),
          T(columns_and_case), T(hidden_columns_stay_hidden), T(tables_made_by_hand),
          T(matching), T(reserved_words), T(near_columns), T(near_tables), T(threads),
          T(counting))
