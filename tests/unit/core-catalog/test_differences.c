/* test_differences.c -- what a store holds beyond its description is named, nothing else.
 */
#include "tests/unit/core-catalog/fixture.h"

static const struct store_column *const EVENTS[] = {
    COLUMN("id", STORE_I64, 1), COLUMN("e", STORE_F64, 1), COLUMN("late", STORE_F64, 1)};
static const struct store_column *const OTHER[] = {COLUMN("id", STORE_I64, 1)};
static const struct store_table EVENTS_TABLE = TABLE("x.events", EVENTS);
static const struct store_table OTHER_TABLE = TABLE("x.other", OTHER);
static const struct store_table FAR_TABLE = TABLE("y.far", OTHER);
static const struct store_table *const TABLES[] = {&EVENTS_TABLE, &OTHER_TABLE, &FAR_TABLE};

static const char *differences(const char *description)
{
    static char text[2000];
    struct bytes out;
    struct catalog *catalog = build_tables(description, TABLES, 3);
    if (!catalog)
        TEST_FAIL("%.800s", report_text());
    bytes_init(&out, 1 << 16);
    catalog_differences(catalog, 1, TABLES, 3, &out);
    snprintf(text, sizeof text, "%s", bytes_text(&out));
    bytes_free(&out);
    catalog_drop(catalog);
    bytes_free(&report);
    return text;
}

TEST(columns_and_tables_that_nobody_described)
{
    CHECK_TEXT(
        differences("name: x\ntables:\n- name: events\n  columns:\n"
                    "  - {name: id, nullable: false}\n  - {name: e}\n"),
        "note: x.events: not described, so not published: late\n"
        "note: x.events: never NULL by the description, but the store allows it: id\n"
        "note: tables of the store that are not described, so not published: x.other\n");
}

TEST(nothing_to_say)
{
    CHECK_TEXT(differences("name: x\ntables:\n- name: events\n  columns:\n  - {name: id}\n"
                           "  - {name: e}\n  - {name: late}\n- name: other\n  columns:\n"
                           "  - {name: id}\n"),
               "");
}

RUN_TESTS(T(columns_and_tables_that_nobody_described), T(nothing_to_say))
