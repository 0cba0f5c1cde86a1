/* test_plot.c -- plots: parameters into ADQL, axes and their marks, JSON and drawings. */
#include "web/plot.h"

#include <math.h>
#include <stdlib.h>

#include "tests/test.h"
#include "tests/unit/web/made_catalog.h"
#include "web/plot_draw.h"

static struct arena *arena;
static struct catalog *catalog;
static struct plot_ask ask;
static struct err e;

/* Names and values by turns, ended by NULL. */
static bool read(const char *const *word)
{
    struct http_param param[16];
    size_t n = 0;
    if (!catalog)
        catalog = made_catalog(1, 1, 8);
    arena_free(arena);
    arena = arena_new(64 << 20);
    for (; word[0]; word += 2)
        param[n++] = (struct http_param){.name = str_of(word[0]), .value = str_of(word[1])};
    e = (struct err){0};
    return plot_read_params(param, n, catalog, arena, &ask, &e);
}
#define READ(...) read((const char *const[]){__VA_ARGS__, NULL})
#define TABLE "table", "experiment0.events0"

TEST(conditions_are_written_anew_from_their_tree)
{
    CHECK(READ(TABLE, "x", "energy", "where", "ZE<18   and(az>1 OR az <-1) -- all\n"));
    CHECK_TEXT(ask.condition, "ze < 18 AND (az > 1 OR az < -1)");
    CHECK_TEXT(ask.axis[0].expression, "energy");
    CHECK_TEXT(ask.from, "experiment0.events0");
    CHECK(!READ(TABLE, "x", "energy", "where", "1 = 1) OR (1 = 1"));
    CHECK(strncmp(e.message, "where, line 1, column 6:", 24) == 0);
    CHECK(!READ(TABLE, "x", "energy", "where", "1 = 1; DROP TABLE x"));
    CHECK(!READ(TABLE, "x", "energy", "where", "energy"));
    CHECK(!READ(TABLE, "x", "energy, ze"));
    CHECK(!READ(TABLE, "x", "energy AS e"));
}

TEST(expressions_and_queries)
{
    CHECK(READ(TABLE, "x", "LOG10( energy )/2"));
    CHECK_TEXT(ask.axis[0].expression, "LOG10(energy) / 2");
    CHECK(READ("query", "WITH a AS (SELECT 1 AS b FROM t) SELECT b FROM a;", "x", "b"));
    CHECK_TEXT(ask.with, "a AS (SELECT 1 AS b FROM t), ");
    CHECK_TEXT(ask.from, "(SELECT b FROM a) AS rows_of_query");
    CHECK(!ask.table);
    CHECK(!READ("query", "SELECT 1 AS a FROM t; SELECT 2", "x", "a"));
    CHECK(!READ(TABLE, "query", "SELECT 1 AS a FROM t", "x", "a"));
}

TEST(numbers_words_and_limits)
{
    CHECK(READ(TABLE, "x", "energy", "bins", "", "xmin", " ", "kind", ""));
    CHECK_INT(ask.axis[0].nbin, 0);
    CHECK(isnan(ask.axis[0].lo));
    CHECK_INT(ask.kind, PLOT_histogram);
    CHECK(READ(TABLE, "x", "energy", "y", "ze", "kind", "Histogram2D", "bins", "400"));
    CHECK(!READ(TABLE, "x", "energy", "y", "ze", "kind", "histogram2d", "bins", "401"));
    CHECK(!READ(TABLE, "x", "energy", "bins", "1001"));
    CHECK_INT(e.kind, ERR_USAGE);
    CHECK(!READ(TABLE, "x", "energy", "xmin", "inf"));
    CHECK(!READ(TABLE, "x", "energy", "xmin", "2", "xmax", "2"));
    CHECK(!READ(TABLE, "x", "energy", "xmin", "0", "xlog", "1"));
    CHECK(!READ("table", "experiment0.nothing", "x", "energy"));
    CHECK_INT(e.kind, ERR_NOT_FOUND);
}

TEST(what_differs_has_another_key)
{
    CHECK(READ(TABLE, "x", "energy"));
    char *first = strdup(ask.key);
    CHECK(READ(TABLE, "x", "energy", "kind", "histogram", "xlog", "0"));
    CHECK_TEXT(ask.key, first);
    CHECK(READ(TABLE, "x", "energy", "xlog", "1"));
    CHECK(strcmp(ask.key, first) != 0);
    CHECK(READ(TABLE, "x", "energy", "xmin", "1"));
    CHECK(strcmp(ask.key, first) != 0);
    CHECK(READ(TABLE, "x", "energy", "where", "ze < 1"));
    CHECK(strcmp(ask.key, first) != 0);
    free(first);
}

TEST(the_text_counts_in_bins)
{
    struct plot_data d = {.kind = PLOT_histogram};
    CHECK(READ(TABLE, "x", "energy", "where", "ze < 18"));
    d.arena = arena;
    d.axis[0] = (struct plot_axis){.lo = 0, .hi = 10, .width = 2, .nbin = 5};
    CHECK_TEXT(
        plot_count_text(&ask, &d, &e),
        "SELECT xbin, COUNT(*) AS n FROM (SELECT FLOOR((x - 0.0) / 2.0) AS xbin FROM "
        "(SELECT energy AS x FROM experiment0.events0 WHERE ze < 18) AS plotted WHERE "
        "x >= 0.0 AND x <= 10.0) AS binned GROUP BY xbin ORDER BY xbin");
    d.axis[0] = (struct plot_axis){.lo = -1, .hi = 1, .width = 0.5, .nbin = 4};
    CHECK(strstr(plot_count_text(&ask, &d, &e), "FLOOR((x - (-1.0)) / 0.5)"));
    CHECK(READ(TABLE, "kind", "sky", "x", "ra", "y", "dec", "order", "3"));
    d.arena = arena;
    CHECK(strstr(plot_count_text(&ask, &d, &e), "ivo_healpix_index(3, x, y) AS cell"));
}

TEST(marks_stand_at_round_numbers)
{
    struct plot_marks m;
    struct plot_scaling s = {PLOT_LINEAR, -0.25, 0.25, 0, 100};
    plot_find_marks(&s, 3, &m);
    CHECK_INT(m.n, 3);
    CHECK_TEXT(m.text[0], "-0.2");
    CHECK_TEXT(m.text[1], "0");
    s = (struct plot_scaling){PLOT_LOG, 14, 18, 0, 100};
    plot_find_marks(&s, 6, &m);
    CHECK_INT(m.n, 5);
    CHECK_TEXT(m.text[1], "1e15");
    CHECK_NEAR(plot_place(&s, 1e16), 50, 1e-9);
    s = (struct plot_scaling){PLOT_TIME, 50814, 52640, 0, 100}; /* 1998 to 2003 */
    plot_find_marks(&s, 6, &m);
    CHECK_INT(m.n, 6);
    CHECK_TEXT(m.text[0], "1998");
    CHECK_TEXT(m.text[5], "2003");
    s = (struct plot_scaling){PLOT_TIME, 50814, 50815, 0, 100};
    plot_find_marks(&s, 4, &m);
    CHECK_TEXT(m.text[1], "1998-01-01T06:00");
    s = (struct plot_scaling){PLOT_LINEAR, 1, 1, 0, 100};
    plot_find_marks(&s, 4, &m);
    CHECK_INT(m.n, 0);
    s = (struct plot_scaling){PLOT_LINEAR, -1e308, 1e308, 0, 100};
    plot_find_marks(&s, 4, &m); /* too wide for a difference: none, and no loop */
    CHECK_INT(m.n, 0);
}

TEST(data_as_json_and_drawn)
{
    struct plot_cell cell[] = {{0, 0, 3, {NAN, NAN, NAN}}, {2, 0, 5, {NAN, NAN, NAN}}};
    struct plot_data d = {.kind = PLOT_histogram,
                          .source = "a.b",
                          .condition = "x < \"<&\"",
                          .adql = "SELECT",
                          .nrow = 10,
                          .nnull = 1,
                          .nin = 8,
                          .cell = cell,
                          .ncell = 2};
    struct bytes b;
    d.axis[0] =
        (struct plot_axis){.expression = "<x>", .lo = 0, .hi = 3, .width = 1, .nbin = 3};
    bytes_init(&b, 1u << 20);
    plot_write_json(&b, &d);
    CHECK(strstr(bytes_text(&b), "\"edges\":[0,1,2,3]},\"counts\":[3,0,5]"));
    CHECK(strstr(bytes_text(&b), "\"rows\":10,\"inside\":8,\"nulls\":1,\"outside\":1"));
    CHECK(strstr(bytes_text(&b), "\"where\":\"x < \\\"<&\\\"\""));
    bytes_clear(&b);
    plot_write_svg(&b, &d, false, "a <b>");
    CHECK(strstr(bytes_text(&b), "&lt;x&gt;"));
    CHECK(strstr(bytes_text(&b), "aria-label=\"a &lt;b&gt;\""));
    CHECK(!strstr(bytes_text(&b), "<b>"));
    CHECK(!strstr(bytes_text(&b), "nan"));
    bytes_clear(&b);
    d.ncell = 0; /* nothing at all is drawn too */
    plot_write_svg(&b, &d, true, "empty");
    CHECK(strstr(bytes_text(&b), "</svg>"));
    CHECK(!strstr(bytes_text(&b), "nan"));
    bytes_free(&b);
}

TEST(a_pie_has_a_slice_for_each_value)
{
    struct plot_cell cell[] = {{0, 0, 3, {0}}, {1, 0, 1, {0}}};
    const char *label[] = {"Fe", NULL};
    struct plot_data d = {
        .kind = PLOT_facets, .nin = 4, .cell = cell, .ncell = 2, .label = label};
    struct bytes b;
    bytes_init(&b, 1u << 20);
    plot_write_pie(&b, &d, "pie");
    CHECK(strstr(bytes_text(&b), "slice4\" d="));
    CHECK(strstr(bytes_text(&b), "Fe  75.0 %  (3)"));
    CHECK(strstr(bytes_text(&b), "(NULL)  25.0 %  (1)"));
    bytes_free(&b);
}

TEST(end)
{
    catalog_drop(catalog);
    arena_free(arena);
}

RUN_TESTS(T(conditions_are_written_anew_from_their_tree), T(expressions_and_queries),
          T(numbers_words_and_limits), T(what_differs_has_another_key),
          T(the_text_counts_in_bins), T(marks_stand_at_round_numbers),
          T(data_as_json_and_drawn), T(a_pie_has_a_slice_for_each_value), T(end))
