/* test_svg.c -- pictures: bars, the sky, keys. */
#include "web/svg.h"

#include <stdlib.h>
#include <string.h>

#include "core/sky/sky.h"
#include "tests/test.h"
#include "web/statistics.h"

static struct bytes out;

static const char *text(void)
{
    return bytes_text(&out);
}

static void clear(void)
{
    if (!out.limit)
        bytes_init(&out, 1u << 22);
    bytes_clear(&out);
}

static uint32_t count(const char *what)
{
    uint32_t n = 0;
    for (const char *at = text(); at && (at = strstr(at, what)); at++)
        n++;
    return n;
}

TEST(bars_are_as_many_as_bins_with_rows)
{
    const int64_t bin[] = {1, 0, 10, 5};
    clear();
    svg_bars(&out, bin, 4, 40, 20, "of <x> & \"y\"");
    CHECK_INT(count("M"), 3);
    CHECK(strstr(text(), "M20 20v-20h9V20z"));
    CHECK(strstr(text(), "aria-label=\"of &lt;x&gt; &amp; &quot;y&quot;\""));
    clear();
    svg_bars(&out, bin, 0, 40, 20, NULL);
    CHECK(strstr(text(), "aria-hidden"));
}

TEST(one_row_among_millions_is_seen)
{
    const int64_t bin[] = {1, 100000000};
    clear();
    svg_bars(&out, bin, 2, 40, 20, NULL);
    CHECK(strstr(text(), "M0 20v-1h"));
}

TEST(every_cell_leaves_a_mark)
{
    static uint8_t level[SVG_SKY_CELLS];
    for (uint32_t i = 0; i < SVG_SKY_CELLS; i += 7) {
        memset(level, 0, sizeof level);
        level[i] = 2;
        for (int is_small = 0; is_small < 2; is_small++) {
            clear();
            svg_sky(&out, level, is_small, "one");
            CHECK_INT(count("class=\"s2\""), 1);
            CHECK_INT(count("class=\"s1\""), 0);
        }
    }
}

/* East is to the left, north above: where a cell's line begins. */
static void place_of(double lon, double lat, int *x, int *y)
{
    static uint8_t level[SVG_SKY_CELLS];
    memset(level, 0, sizeof level);
    level[sky_healpix_of(SVG_SKY_ORDER, lon, lat)] = 1;
    clear();
    svg_sky(&out, level, false, "one");
    const char *at = strstr(text(), "class=\"s1\" d=\"M");
    CHECK(at != NULL);
    char *end = NULL;
    *x = at ? (int)strtol(at + strlen("class=\"s1\" d=\"M"), &end, 10) : 0;
    *y = end ? (int)strtol(end, NULL, 10) : 0;
}

TEST(the_sky_is_the_right_way_round)
{
    int x, y;
    place_of(90, 0, &x, &y);
    CHECK(x > 30 && x < 60 && y > 40 && y < 50);
    place_of(270, 0, &x, &y);
    CHECK(x > 120 && x < 150);
    place_of(0, 85, &x, &y);
    CHECK(y < 10);
    place_of(180, -85, &x, &y);
    CHECK(y > 80);
}

TEST(all_the_sky_is_one_piece)
{
    static uint8_t level[SVG_SKY_CELLS];
    memset(level, 1, sizeof level);
    clear();
    svg_sky(&out, level, false, "all");
    CHECK(out.len < 8000);
    CHECK_NEAR(svg_sky_fraction(level), 1, 0);
}

TEST(coverage_of_a_moc)
{
    static uint8_t level[SVG_SKY_CELLS];
    CHECK(svg_sky_of_moc("0/0", level));
    CHECK_NEAR(svg_sky_fraction(level), 1.0 / 12, 1e-12);
    CHECK(svg_sky_of_moc("29/5", level)); /* less than a cell still shows */
    CHECK_NEAR(svg_sky_fraction(level), 1.0 / SVG_SKY_CELLS, 1e-12);
    CHECK(svg_sky_of_moc("0/0-11", level));
    CHECK_NEAR(svg_sky_fraction(level), 1, 0);
    CHECK(!svg_sky_of_moc("no moc", level));
    CHECK(!svg_sky_of_moc("", level));
    CHECK(!svg_sky_of_moc(NULL, level));
    CHECK_NEAR(svg_sky_fraction(level), 0, 0);
}

TEST(levels_of_counts)
{
    static uint8_t level[SVG_SKY_CELLS];
    static char density[STATISTICS_CELLS + 1];
    memset(density, '0', STATISTICS_CELLS);
    CHECK(!svg_sky_of_density(density, level));
    density[4] = 'a';
    CHECK(svg_sky_of_density(density, level));
    CHECK_INT(level[1], SVG_SKY_LEVELS); /* all the same: full */
    density[9] = 'k';
    CHECK(svg_sky_of_density(density, level));
    CHECK_INT(level[1], 1);
    CHECK_INT(level[2], SVG_SKY_LEVELS);
    CHECK_INT(level[3], 0);
}

TEST(keys_are_drawn_on_both_sides)
{
    const struct svg_box left[] = {{"a.b", "/table/a.b", "by id"}};
    const struct svg_box right[] = {{"<c>", NULL, NULL}, {"d.e", "/table/d.e", NULL}};
    clear();
    svg_keys(&out, "own.table", left, 1, right, 2);
    CHECK_INT(count("<rect"), 4);
    CHECK_INT(count("<a href"), 2);
    CHECK_INT(count("marker-end"), 3);
    CHECK(!strstr(text(), "<c>"));
    CHECK_INT(count("class=\"keys\""), 1);
    clear();
    svg_keys(&out, "own.table", left, 1, NULL, 0);
    CHECK_INT(count("class=\"keys narrow\""), 1); /* that fits a phone */
    clear();
    svg_keys(&out, "own.table", NULL, 0, NULL, 0);
    CHECK_INT(count("<rect"), 1);
    bytes_free(&out);
}

RUN_TESTS(T(bars_are_as_many_as_bins_with_rows), T(one_row_among_millions_is_seen),
          T(every_cell_leaves_a_mark), T(the_sky_is_the_right_way_round),
          T(all_the_sky_is_one_piece), T(coverage_of_a_moc), T(levels_of_counts),
          T(keys_are_drawn_on_both_sides))
