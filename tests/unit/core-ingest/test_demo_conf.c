/* conf/NAME.yaml describe exactly the tables that the generator makes: each column, with a
 * valid UCD and unit, examples on tables that exist. Not a warning is left. */
#include <stdlib.h>

#include "core/catalog/catalog.h"
#include "core/ingest/demo.h"
#include "tests/test.h"

static const char *const SCHEMA[] = {"kascade", "grande", "lopes",  "tunka133", "tunkarex",
                                     "taiga",   "mc",     "alerts", "bursts",   "sources"};

enum { NSCHEMA = sizeof SCHEMA / sizeof *SCHEMA, TABLES_MAX = 32 };

struct held { /* the stores' tables for one catalog */
    struct arena *arena;
    const struct store_table *table[NSCHEMA][TABLES_MAX];
    struct catalog_source source[NSCHEMA];
};

static const struct store_table *table_of(struct arena *arena,
                                          const struct demo_table *from)
{
    struct store_column *column =
        arena_new_array(arena, struct store_column, from->ncolumn);
    const struct store_column **list =
        arena_new_array(arena, const struct store_column *, from->ncolumn);
    struct store_table *table = arena_new_one(arena, struct store_table);
    CHECK(column && list && table);
    for (uint32_t i = 0; i < from->ncolumn; i++) {
        const struct made_column *c = &from->column[i];
        column[i] = (struct store_column){.size = sizeof column[i],
                                          .type = c->type,
                                          .length = c->type == STORE_TEXT ? -1 : c->length,
                                          .flags = c->is_nullable ? STORE_NULLABLE : 0,
                                          .name = c->name,
                                          .minimum = NAN,
                                          .maximum = NAN,
                                          .null_fraction = NAN};
        list[i] = &column[i];
    }
    *table = (struct store_table){.size = sizeof *table,
                                  .ncolumn = from->ncolumn,
                                  .column = list,
                                  .name = from->name,
                                  .lon_column = -1,
                                  .lat_column = -1,
                                  .hpx_column = -1,
                                  .row_estimate = -1};
    return table;
}

static void hold_tables(struct held *held, char path[NSCHEMA][64], char prefix[NSCHEMA][32])
{
    held->arena = arena_new(16 << 20);
    for (size_t s = 0; s < NSCHEMA; s++) {
        uint32_t n = 0;
        for (uint32_t t = 0; demo_table_at(t); t++)
            if (strcmp(demo_table_at(t)->schema, SCHEMA[s]) == 0)
                held->table[s][n++] = table_of(held->arena, demo_table_at(t));
        snprintf(path[s], sizeof path[s], "conf/%s.yaml", SCHEMA[s]);
        snprintf(prefix[s], sizeof prefix[s], "demo.%s.", SCHEMA[s]);
        held->source[s] = (struct catalog_source){.path = path[s],
                                                  .table = held->table[s],
                                                  .ntable = n,
                                                  .native_prefix = prefix[s]};
    }
}

static struct catalog *build(struct held *held, struct bytes *report)
{
    static char path[NSCHEMA][64], prefix[NSCHEMA][32];
    struct err e = {0};
    hold_tables(held, path, prefix);
    struct catalog *catalog = catalog_build(held->source, NSCHEMA, 0, report, &e);
    if (!catalog || report->len > 0)
        TEST_FAIL("%.800s", bytes_text(report));
    return catalog;
}

TEST(descriptions_fit_the_tables)
{
    struct held held;
    struct bytes report;
    bytes_init(&report, 1 << 20);
    struct catalog *catalog = build(&held, &report);
    uint32_t nrow_columns = 0;
    for (uint32_t t = 0; demo_table_at(t); t++) {
        const struct demo_table *table = demo_table_at(t);
        bool is_ambiguous;
        const struct catalog_table *found = catalog_find_table(
            catalog, (struct catalog_name){str_of(table->schema), false},
            (struct catalog_name){str_of(table->name), false}, &is_ambiguous);
        CHECK(found != NULL);
        CHECK_INT(found->ncolumn, table->ncolumn);
        for (uint32_t i = 0; i < found->ncolumn; i++) {
            const struct store_column *meta = &found->column[i].meta;
            char scratch[160];
            CHECK(meta->description && strlen(meta->description) > 3);
            CHECK(meta->ucd && !ucd_problem(str_of(meta->ucd), scratch));
            CHECK(!meta->unit || !unit_problem(str_of(meta->unit), scratch));
            CHECK(!catalog_name_needs_quotes(str_of(meta->name)));
            nrow_columns++;
        }
    }
    CHECK(nrow_columns > 180);
    catalog_drop(catalog);
    bytes_free(&report);
    arena_free(held.arena);
}

/* Two or three examples an experiment, with an origin that says that the data are made up.
 */
TEST(schemas_say_what_they_are)
{
    struct held held;
    struct bytes report;
    bytes_init(&report, 1 << 20);
    struct catalog *catalog = build(&held, &report);
    uint32_t nexample[NSCHEMA] = {0}, described = 0;
    for (uint32_t i = 0; i < catalog_nschema(catalog); i++) {
        const struct catalog_schema *schema = catalog_schema_at(catalog, i);
        if (!schema->origin.what)
            continue; /* TAP_SCHEMA */
        described++;
        CHECK(strstr(schema->origin.what, "no row is a measurement") != NULL);
        CHECK(strstr(schema->description, "Made up by a program") != NULL);
        CHECK(schema->origin.licence && schema->origin.where && schema->origin.when);
    }
    CHECK_INT(described, NSCHEMA);
    for (uint32_t i = 0; i < catalog_nexample(catalog); i++) {
        const struct catalog_example *example = catalog_example_at(catalog, i);
        CHECK(example->ntable >= 1);
        for (size_t s = 0; s < NSCHEMA; s++)
            nexample[s] += strncmp(example->id, SCHEMA[s], strlen(SCHEMA[s])) == 0;
    }
    for (size_t s = 0; s < NSCHEMA; s++)
        CHECK(nexample[s] >= 2 && nexample[s] <= 3);
    catalog_drop(catalog);
    bytes_free(&report);
    arena_free(held.arena);
}

RUN_TESTS(T(descriptions_fit_the_tables), T(schemas_say_what_they_are))
