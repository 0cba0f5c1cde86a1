/* fixture.h -- two small store tables and description files for the tests of the catalog.
 */
#ifndef TESTS_UNIT_CORE_CATALOG_FIXTURE_H
#define TESTS_UNIT_CORE_CATALOG_FIXTURE_H

#include <stdlib.h>
#include <unistd.h>

#include "core/base/bytes.h"
#include "core/catalog/catalog.h"
#include "tests/test.h"

#define COLUMN(column_name, column_type, column_length)                                    \
    &(const struct store_column)                                                           \
    {                                                                                      \
        .size = sizeof(struct store_column), .name = column_name, .type = column_type,     \
        .length = column_length, .flags = STORE_NULLABLE, .minimum = NAN, .maximum = NAN,  \
        .null_fraction = NAN                                                               \
    }

#define TABLE(table_name, columns)                                                         \
    {                                                                                      \
        .size = sizeof(struct store_table), .ncolumn = sizeof columns / sizeof *columns,   \
        .column = columns, .name = table_name, .lon_column = -1, .lat_column = -1,         \
        .hpx_column = -1, .hpx_order = -1, .row_estimate = -1                              \
    }

static struct bytes report;
static struct err fault;

/* The description file of all tests of one program; overwritten by each. */
static const char *description_path(void)
{
    static char path[64];
    if (!*path)
        snprintf(path, sizeof path, "/tmp/colure-catalog-%d.yaml", (int)getpid());
    return path;
}

static void write_description(const char *text)
{
    FILE *f = fopen(description_path(), "w");
    if (!f || fputs(text, f) < 0 || fclose(f) != 0)
        TEST_FAIL("cannot write %s", description_path());
}

static struct catalog *build_tables(const char *text,
                                    const struct store_table *const *table, uint32_t ntable)
{
    write_description(text);
    struct catalog_source source = {.path = description_path(),
                                    .store = 1,
                                    .table = table,
                                    .ntable = ntable,
                                    .quote = '"'};
    if (report.limit == 0)
        bytes_init(&report, 1 << 20);
    bytes_clear(&report);
    report.failed = false;
    fault = (struct err){0};
    struct catalog *catalog = catalog_build(&source, 1, 0, &report, &fault);
    unlink(description_path());
    return catalog;
}

static inline struct catalog_name plain(const char *text)
{
    return (struct catalog_name){str_of(text), false};
}

static inline struct catalog_name quoted(const char *text)
{
    return (struct catalog_name){str_of(text), true};
}

/* The report without the path before each line, for comparing. */
static inline const char *report_text(void)
{
    static char text[1 << 16];
    size_t n = 0, skip = strlen(description_path());
    str rest = bytes_str(&report);
    while (rest.at && rest.len > 0) {
        str line = str_cut(&rest, '\n');
        if (line.len > skip && memcmp(line.at, description_path(), skip) == 0)
            line = (str){line.at + skip + 1, line.len - skip - 1};
        n += (size_t)snprintf(text + n, sizeof text - n, "%.*s\n", STR_FMT(line));
    }
    text[n] = '\0';
    return text;
}

#endif
