/* fuzz_description.c -- any bytes as a description file over two store tables, as a UCD and
 * as a unit: a catalog whose every name is found again, or an error. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/base/bytes.h"
#include "core/catalog/catalog.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

#define COLUMN(column_name, column_type, column_length)                                    \
    &(const struct store_column)                                                           \
    {                                                                                      \
        .size = sizeof(struct store_column), .type = column_type, .length = column_length, \
        .name = column_name, .minimum = NAN, .maximum = NAN, .null_fraction = 0.5          \
    }

static const struct store_column *const EVENTS[] = {
    COLUMN("uuid", STORE_TEXT, -1), COLUMN("r", STORE_I32, 1),
    COLUMN("t", STORE_TIME_US, 1),  COLUMN("ra", STORE_F64, 1),
    COLUMN("dec", STORE_F64, 1),    COLUMN("dep", STORE_F32, 12),
    COLUMN("hpx", STORE_I64, 1),    COLUMN("blob", STORE_U8, -1)};
static const struct store_table EVENTS_TABLE = {.size = sizeof EVENTS_TABLE,
                                                .ncolumn = 8,
                                                .column = EVENTS,
                                                .name = "events",
                                                .lon_column = 3,
                                                .lat_column = 4,
                                                .hpx_column = 6,
                                                .hpx_order = 12,
                                                .row_estimate = 5};
static const struct store_table RUNS_TABLE = {.size = sizeof RUNS_TABLE,
                                              .ncolumn = 1,
                                              .column = &EVENTS[1],
                                              .name = "db.x.runs",
                                              .lon_column = -1,
                                              .lat_column = -1,
                                              .hpx_column = -1,
                                              .hpx_order = -1,
                                              .row_estimate = -1};
static const struct store_table *const TABLES[] = {&EVENTS_TABLE, &RUNS_TABLE};

static void check_table(const struct catalog *catalog, const struct catalog_table *table)
{
    struct catalog_name schema = {str_of(table->schema), true};
    struct catalog_name name = {str_of(table->name), true};
    if (catalog_find_table(catalog, schema, name, NULL) != table)
        abort();
    for (uint32_t i = 0; i < table->ncolumn; i++) {
        const struct catalog_column *c = &table->column[i];
        struct catalog_name column = {str_of(c->meta.name), true};
        if (c->index != i || !c->meta.datatype || !c->adql_name)
            abort();
        if (!(c->meta.flags & STORE_HIDDEN) && catalog_find_column(table, column) != c)
            abort();
    }
    (void)catalog_near_column(table, STR("ra_deg"));
}

static void check_rows(const struct catalog *catalog, const char *table)
{
    struct err e = {0};
    struct store_batch batch;
    struct rowsource *rows = catalog_tap_schema_rows(catalog, table, &e);
    while (rows->next(rows, &batch, &e) == STEP_ROWS)
        if (batch.nrow == 0)
            abort();
    rows->close(rows);
}

static void check_catalog(const struct catalog *catalog)
{
    for (uint32_t i = 0; i < catalog_nschema(catalog); i++) {
        const struct catalog_schema *schema = catalog_schema_at(catalog, i);
        for (uint32_t k = 0; k < schema->ntable; k++)
            check_table(catalog, &schema->table[k]);
    }
    check_rows(catalog, "schemas");
    check_rows(catalog, "tables");
    check_rows(catalog, "columns");
    check_rows(catalog, "keys");
    check_rows(catalog, "key_columns");
}

static void check_words(str text)
{
    char scratch[160];
    double factor;
    struct arena *arena = arena_new(1 << 16);
    const char *problem = unit_problem(text, scratch);
    if (problem && strlen(problem) >= 200)
        abort();
    problem = ucd_problem(text, scratch);
    if (!problem && !ucd_meaning(text, arena))
        abort();
    (void)unit_factor(text, STR("m/s"), &factor, &(struct err){0});
    arena_free(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static struct bytes report;
    static char path[32];
    static int fd = -1;
    if (fd < 0) {
        bytes_init(&report, 1 << 20);
        fd = memfd_create("description", 0);
        snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    }
    str text = {(const char *)data, len};
    check_words(text);
    if (fd < 0 || ftruncate(fd, 0) != 0 || pwrite(fd, data, len, 0) != (ssize_t)len)
        return 0;
    struct catalog_source source = {
        .path = path, .table = TABLES, .ntable = 2, .quote = '"'};
    struct err e = {0};
    bytes_clear(&report);
    struct catalog *catalog = catalog_build(&source, 1, 0, &report, &e);
    if (catalog)
        check_catalog(catalog);
    else if (e.kind == ERR_NONE || report.len == 0)
        abort();
    catalog_drop(catalog);
    return 0;
}
