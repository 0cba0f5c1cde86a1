/* test_statistics.c -- statistics that are kept in a file: the same when read, none of
 * another description, none out of a damaged file. */
#include "tests/unit/web/made_catalog.h"

#include <sqlite3.h>
#include <unistd.h>

#include "tests/test.h"
#include "web/statistics.h"

static char path[64];
static struct err fault;

static void remove_files(void)
{
    char name[80];
    static const char *const END[] = {"", "-wal", "-shm"};
    for (size_t i = 0; i < 3; i++) {
        snprintf(name, sizeof name, "%s%s", path, END[i]);
        unlink(name);
    }
}

static struct statistics_file *open_new(void)
{
    snprintf(path, sizeof path, "/tmp/colure-statistics-%d.sqlite", (int)getpid());
    remove_files();
    fault = (struct err){0};
    struct statistics_file *f = statistics_file_open(path, &fault);
    if (!f)
        TEST_FAIL("%s", fault.message);
    return f;
}

/* Statistics of a table of three columns, with something of each kind. */
static struct statistics_table *made(const struct catalog_table *t)
{
    static const int64_t BIN[] = {1, 0, 7};
    static const struct statistics_value VALUE[] = {{"odd <b>\n\"text\"", 5}, {"", 2}};
    static char density[STATISTICS_CELLS + 1];
    struct statistics_table *s = statistics_blank(t);
    struct statistics_column *c = (struct statistics_column *)(uintptr_t)s->column;
    const char **sample = arena_new_array(s->arena, const char *, 6);
    memset(density, '0', STATISTICS_CELLS);
    density[17] = 'c';
    s->made_us = 1700000000000000;
    s->nrow = 8;
    s->sampled = 6;
    s->density = density;
    s->nsample = 2;
    sample[0] = "1.5";
    sample[4] = "\xF0\x9F\x94\xAD";
    s->sample = sample;
    c[0] = (struct statistics_column){.filled = 7,
                                      .low = -1.5,
                                      .high = 1e300,
                                      .low_text = "-1.5",
                                      .high_text = "1e+300",
                                      .is_log = true,
                                      .bin_low = 0.1,
                                      .bin_width = 0.2,
                                      .nbin = 3,
                                      .bin = BIN};
    c[1].nvalue = 2;
    c[1].value = VALUE;
    c[1].values_are_all = true;
    return s;
}

static void check_same(const struct statistics_table *a, const struct statistics_table *b)
{
    CHECK_INT(a->made_us, b->made_us);
    CHECK_INT(a->nrow, b->nrow);
    CHECK_INT(a->sampled, b->sampled);
    CHECK_TEXT(a->density, b->density);
    CHECK_INT(a->nsample, b->nsample);
    CHECK_TEXT(a->sample[0], "1.5");
    CHECK_TEXT(a->sample[4], b->sample[4]);
    CHECK(!a->sample[1]);
    const struct statistics_column *x = a->column, *y = b->column;
    CHECK_INT(x[0].filled, 7);
    CHECK(x[0].low == y[0].low && x[0].high == y[0].high);
    CHECK_TEXT(x[0].high_text, y[0].high_text);
    CHECK(x[0].is_log && !x[0].is_time && x[0].bin_width == y[0].bin_width);
    CHECK_INT(x[0].nbin, 3);
    CHECK_INT(x[0].bin[2], 7);
    CHECK_INT(x[1].nvalue, 2);
    CHECK_TEXT(x[1].value[0].text, y[1].value[0].text);
    CHECK_INT(x[1].value[0].n, 5);
    CHECK(x[1].values_are_all && x[1].filled == -1 && isnan(x[1].low));
    CHECK(!x[2].low_text && x[2].nbin == 0 && x[2].nvalue == 0);
}

TEST(what_is_written_is_read)
{
    struct catalog *c = made_catalog(1, 2, 3);
    const struct catalog_table *t = catalog_schema_at(c, 0)->table;
    struct statistics_file *f = open_new();
    CHECK(!statistics_file_read(f, t, &fault) && fault.kind == ERR_NONE);
    struct statistics_table *s = made(t);
    for (int i = 0; i < 2; i++) /* the second time it replaces the first */
        CHECK(statistics_file_write(f, s, &fault));
    statistics_file_close(f);
    f = statistics_file_open(path, &fault);
    struct statistics_table *again = statistics_file_read(f, t, &fault);
    CHECK(again);
    check_same(again, s);
    CHECK(!statistics_file_read(f, t + 1, &fault));
    statistics_drop(again);
    statistics_drop(s);
    statistics_file_close(f);
    remove_files();
    catalog_drop(c);
}

TEST(another_description_has_other_statistics)
{
    struct catalog *c = made_catalog(1, 1, 3), *wider = made_catalog(1, 1, 4);
    const struct catalog_table *t = catalog_schema_at(c, 0)->table,
                               *other = catalog_schema_at(wider, 0)->table;
    struct catalog_table grown = *t;
    grown.row_estimate = 99;
    CHECK(statistics_signature(t) != statistics_signature(other));
    CHECK(statistics_signature(t) != statistics_signature(&grown));
    struct statistics_file *f = open_new();
    struct statistics_table *s = made(t);
    CHECK(statistics_file_write(f, s, &fault));
    CHECK(!statistics_file_read(f, other, &fault) && fault.kind == ERR_NONE);
    statistics_drop(s);
    statistics_file_close(f);
    remove_files();
    catalog_drop(c);
    catalog_drop(wider);
}

TEST(a_file_of_something_else_is_an_error)
{
    snprintf(path, sizeof path, "/tmp/colure-statistics-%d.sqlite", (int)getpid());
    FILE *file = fopen(path, "w");
    CHECK(file);
    for (int i = 0; i < 1000; i++)
        fputs("no database ", file);
    fclose(file);
    fault = (struct err){0};
    CHECK(!statistics_file_open(path, &fault));
    CHECK(strstr(fault.message, "statistics"));
    remove_files();
}

TEST(odd_rows_of_a_file_do_no_harm)
{
    struct catalog *c = made_catalog(1, 1, 3);
    const struct catalog_table *t = catalog_schema_at(c, 0)->table;
    struct statistics_file *f = open_new();
    struct statistics_table *s = made(t);
    CHECK(statistics_file_write(f, s, &fault));
    statistics_file_close(f);
    sqlite3 *db = NULL;
    CHECK(sqlite3_open(path, &db) == SQLITE_OK);
    CHECK(sqlite3_exec(
              db,
              "UPDATE tables SET nsample = 99999999, density = 'abc';"
              "UPDATE columns SET nvalue = -7, bins = 'x y -3 99999999999999999999'"
              " WHERE i = 0; UPDATE columns SET nvalue = 5000000 WHERE i = 1;"
              "INSERT INTO columns SELECT name, 700, filled, low, high, low_text,"
              " high_text, flags, bin_low, bin_width, bins, nvalue FROM columns"
              " WHERE i = 0; INSERT OR REPLACE INTO cells SELECT name, -5, irow, i, text, n"
              " FROM cells; INSERT OR REPLACE INTO cells SELECT name, 1, 77777, i, text, n"
              " FROM cells WHERE irow = 0;",
              NULL, NULL, NULL) == SQLITE_OK);
    sqlite3_close(db);
    f = statistics_file_open(path, &fault);
    struct statistics_table *again = statistics_file_read(f, t, &fault);
    CHECK(again && !again->density && again->nsample == 0);
    CHECK_INT(again->column[0].nbin, 0);
    CHECK_INT(again->column[1].nvalue, 0);
    statistics_drop(again);
    statistics_drop(s);
    statistics_file_close(f);
    remove_files();
    catalog_drop(c);
}

RUN_TESTS(T(what_is_written_is_read), T(another_description_has_other_statistics),
          T(a_file_of_something_else_is_an_error), T(odd_rows_of_a_file_do_no_harm))
