/* Regions as text: DALI, SIA and SODA's POS, STC-S; errors that say where. */
#include "reference.h"

static struct arena *arena;
static struct err e;
static struct bytes out;

static void begin(void)
{
    arena_free(arena);
    arena = arena_new(64 << 20);
    e = (struct err){0};
    bytes_free(&out);
    bytes_init(&out, 1 << 20);
}

static const struct sky_region *parse(enum sky_xtype xtype, const char *text)
{
    const struct sky_region *r = sky_region_parse(arena, xtype, str_of(text), &e);
    if (!r)
        TEST_FAIL("%s: %.600s", text, e.message);
    return r;
}

static void check_stcs(enum sky_xtype xtype, const char *text, const char *want)
{
    bytes_clear(&out);
    CHECK(sky_region_print_stcs(&out, parse(xtype, text), &e));
    CHECK_TEXT(bytes_text(&out), want);
}

static void check_dali(enum sky_xtype xtype, const char *text, const char *want)
{
    bytes_clear(&out);
    CHECK(sky_region_print_dali(&out, parse(xtype, text), &e));
    CHECK_TEXT(bytes_text(&out), want);
}

static void check_numbers(enum sky_xtype xtype, const char *text, const char *want)
{
    bytes_clear(&out);
    CHECK(sky_region_print_numbers(&out, parse(xtype, text), &e));
    CHECK_TEXT(bytes_text(&out), want);
}

/* DALI.md section 4: point, circle, polygon, range; ADQL-40: casts from such text */
TEST(bare_numbers)
{
    begin();
    check_numbers(SKY_XTYPE_POINT, "12.5 -30", "12.5 -30");
    check_numbers(SKY_XTYPE_POINT, " 12.5,-30 ", "12.5 -30");
    check_numbers(SKY_XTYPE_CIRCLE, "12.3 45.6 1.0", "12.3 45.6 1");
    check_numbers(SKY_XTYPE_CIRCLE, "CIRCLE 12.3 45.6 1.e0", "12.3 45.6 1");
    check_numbers(SKY_XTYPE_POLYGON, "0 10 10 10 10 0", "0 10 10 10 10 0");
    check_numbers(SKY_XTYPE_POLYGON, "0 10 10 0 10 10", "0 10 10 10 10 0");
    check_numbers(SKY_XTYPE_RANGE, "359 1 -1 1", "359 1 -1 1");
    check_numbers(SKY_XTYPE_RANGE, "0 360 -90 90", "0 360 -90 90");
    check_numbers(SKY_XTYPE_RANGE, "-10 370 0 1", "0 360 0 1");
    check_numbers(SKY_XTYPE_MOC, "0/1 0/2", "0/1-2");
    check_numbers(SKY_XTYPE_POINT, "362 2", "2 2"); /* DALI-1.2: reduced */
    check_numbers(SKY_XTYPE_POINT, "-1 2", "359 2");
}

/* DALI.md section 4: shape, multishape; SIA2 and SODA POS in any case */
TEST(shapes)
{
    begin();
    check_dali(SKY_XTYPE_SHAPE, "circle 10 20 0.5", "circle 10 20 0.5");
    check_dali(SKY_XTYPE_SHAPE, "CIRCLE 10 20 0.5", "circle 10 20 0.5");
    check_dali(SKY_XTYPE_SHAPE, "Range 10 20 -5 5", "range 10 20 -5 5");
    check_dali(SKY_XTYPE_SHAPE, "POLYGON 12 34 14 36 14 34", "polygon 12 34 14 36 14 34");
    check_dali(SKY_XTYPE_MULTISHAPE, "circle 1 2 3 range 1 2 3 4",
               "circle 1 2 3 range 1 2 3 4");
    check_dali(SKY_XTYPE_REGION, "union (circle 1 2 3 union (circle 4 5 6))",
               "circle 1 2 3 circle 4 5 6");
}

/* DALI.md pitfall 2: counter-clockwise as seen from inside, where east is to the left */
TEST(polygons_go_round_as_dali_wants)
{
    begin();
    /* North, east, south, west. */
    check_numbers(SKY_XTYPE_POLYGON, "10 1 11 0 10 -1 9 0", "10 1 11 0 10 -1 9 0");
    check_numbers(SKY_XTYPE_POLYGON, "10 1 9 0 10 -1 11 0", "10 1 11 0 10 -1 9 0");
}

/* ADQL.md section 5: the STC-S subset */
TEST(stcs)
{
    begin();
    check_stcs(SKY_XTYPE_REGION, "Circle ICRS 1 2 3", "Circle ICRS 1 2 3");
    check_stcs(SKY_XTYPE_REGION, "CIRCLE icrs GEOCENTER spherical2 1 2 3",
               "Circle ICRS 1 2 3");
    check_stcs(SKY_XTYPE_REGION, "Position UNKNOWNFrame UNKNOWNREFPOS CARTESIAN2 1 2",
               "Position ICRS 1 2");
    check_stcs(SKY_XTYPE_REGION, "Polygon ICRS BARYCENTER 1 2 3 4 5 2",
               "Polygon ICRS 1 2 3 4 5 2");
    check_stcs(SKY_XTYPE_REGION, "ellipse 1 2 3 2 45", "Ellipse ICRS 1 2 3 2 45");
    check_stcs(SKY_XTYPE_REGION, "PositionInterval ICRS 1 2 3 4",
               "PositionInterval ICRS 1 2 3 4");
    check_stcs(SKY_XTYPE_REGION, "range 1 3 2 4", "PositionInterval ICRS 1 2 3 4");
    check_stcs(SKY_XTYPE_REGION, "AllSky ICRS", "AllSky ICRS");
    check_stcs(SKY_XTYPE_REGION, "Circle ICRS 1 2 3 unit deg", "Circle ICRS 1 2 3");
    check_stcs(SKY_XTYPE_REGION, "Union ICRS TOPOCENTER (Circle 1 2 3 Not (Circle 4 5 6))",
               "Union ICRS (Circle 1 2 3 Not (Circle 4 5 6))");
    check_stcs(SKY_XTYPE_REGION, "intersection(circle 1 2 3 not circle 4 5 6)",
               "Intersection ICRS (Circle 1 2 3 Not (Circle 4 5 6))");
    check_stcs(SKY_XTYPE_REGION, "Difference (circle 1 2 3, circle 4 5 6)",
               "Intersection ICRS (Circle 1 2 3 Not (Circle 4 5 6))");
    check_stcs(SKY_XTYPE_REGION, "circle 1 2 3 circle 4 5 6",
               "Union ICRS (Circle 1 2 3 Circle 4 5 6)");
    CHECK_INT(parse(SKY_XTYPE_REGION, "BOX ICRS 1 2 3 4")->shape, SKY_POLYGON);
    CHECK_INT(parse(SKY_XTYPE_REGION, "moc 0/1 2")->shape, SKY_MOC);
    CHECK_INT(parse(SKY_XTYPE_REGION, "s0/1 2")->shape, SKY_MOC);
    CHECK_INT(parse(SKY_XTYPE_REGION, "0/1 2")->shape, SKY_MOC);
}

TEST(stcs_is_read_back)
{
    static const char *const text[] = {
        "Polygon ICRS 1.25 2 3 4 5 2",
        "Union ICRS (Circle 1 2 3 PositionInterval GALACTIC 350 -5 10 5)",
        "Intersection ICRS (Ellipse 1 2 3 1 0 Not (Union (Position 1 2 Circle 4 5 0.1)))",
    };
    begin();
    for (size_t i = 0; i < sizeof text / sizeof *text; i++)
        check_stcs(SKY_XTYPE_REGION, text[i], text[i]);
}

TEST(frames_are_turned_to_icrs)
{
    begin();
    const struct sky_region *r = parse(SKY_XTYPE_REGION, "Circle GALACTIC 0 0 1");
    CHECK_NEAR(r->center.lon_deg, 266.40498829, 1e-7);
    CHECK_NEAR(r->center.lat_deg, -28.93617776, 1e-7);
    r = parse(SKY_XTYPE_REGION, "Union GALACTIC (Circle 0 0 1 Circle ICRS 0 0 1)");
    CHECK_NEAR(r->child[0]->center.lon_deg, 266.40498829, 1e-7);
    CHECK_NEAR(r->child[1]->center.lon_deg, 0, 0);
    r = parse(SKY_XTYPE_REGION, "Position B1950 0 0");
    CHECK_NEAR(r->center.lon_deg, 0.640691, 1e-5);
    CHECK_NEAR(r->center.lat_deg, 0.278409, 1e-5);
    r = parse(SKY_XTYPE_REGION, "PositionInterval GALACTIC 350 -5 10 5");
    CHECK(sky_region_contains_point(r, 266.40498829, -28.93617776));
    CHECK(!sky_region_contains_point(r, 0, 0));
    r = parse(SKY_XTYPE_REGION, "Ellipse GALACTIC 30 20 2 1 0");
    struct sky_point p = sky_frame_transform(SKY_GALACTIC, SKY_ICRS, 30, 21.999);
    CHECK(sky_region_contains_point(r, p.lon_deg, p.lat_deg));
    p = sky_frame_transform(SKY_GALACTIC, SKY_ICRS, 30, 22.001);
    CHECK(!sky_region_contains_point(r, p.lon_deg, p.lat_deg));
}

TEST(errors_say_where)
{
    static const struct {
        enum sky_xtype xtype;
        const char *text;
        int line, column;
        const char *word;
    } bad[] = {
        {SKY_XTYPE_REGION, "", 1, 1, "expected a shape"},
        {SKY_XTYPE_REGION, "Circel 1 2 3", 1, 1, "expected a shape"},
        {SKY_XTYPE_REGION, "circle 1 2", 1, 1, "here are 2 numbers"},
        {SKY_XTYPE_REGION, "circle 1 2 3 4", 1, 1, "here are 4 numbers"},
        {SKY_XTYPE_REGION, "union (circle 1 2 3\n circle 1 2 x)", 2, 2, "here are 2"},
        {SKY_XTYPE_REGION, "circle 1 2 3..4", 1, 12, "number"},
        {SKY_XTYPE_REGION, "circle 1 2 1e999", 1, 12, "number"},
        {SKY_XTYPE_REGION, "union (circle 1 2 3", 1, 20, ")"},
        {SKY_XTYPE_REGION, "union circle 1 2 3", 1, 7, "("},
        {SKY_XTYPE_REGION, "not (circle 1 2 3 circle 1 2 3)", 1, 1, "Not is"},
        {SKY_XTYPE_REGION, "difference (circle 1 2 3)", 1, 1, "Difference is"},
        {SKY_XTYPE_REGION, "circle 1 2 3)", 1, 13, "expected a shape"},
        {SKY_XTYPE_REGION, "circle 1 2 3 unit rad", 1, 18, "unit"},
        {SKY_XTYPE_REGION, "circle 1 91 3", 1, 1, "latitude"},
        {SKY_XTYPE_REGION, "circle 1 2 3 circle 1 2 -3", 1, 14, "radius"},
        {SKY_XTYPE_SHAPE, "circle ICRS 1 2 3", 1, 1, "here are 0"},
        {SKY_XTYPE_SHAPE, "box 1 2 3 4", 1, 1, "circle, polygon or range"},
        {SKY_XTYPE_SHAPE, "circle 1 2 3 circle 1 2 3", 1, 26, "only one"},
        {SKY_XTYPE_POINT, "1", 1, 1, "a point is"},
        {SKY_XTYPE_POINT, "1 2 3", 1, 1, "a point is"},
        {SKY_XTYPE_POINT, "1 NaN", 1, 1, "a point is"},
        {SKY_XTYPE_CIRCLE, "1 2 3 x", 1, 7, "a circle is"},
        {SKY_XTYPE_POLYGON, "1 2 3 4 5", 1, 1, "a polygon is"},
        {SKY_XTYPE_MOC, "1/x", 1, 3, "number"},
    };
    begin();
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        e = (struct err){0};
        CHECK(!sky_region_parse(arena, bad[i].xtype, str_of(bad[i].text), &e));
        if (e.line != bad[i].line || e.column != bad[i].column ||
            !strstr(e.message, bad[i].word))
            TEST_FAIL("%s: %d:%d %.600s", bad[i].text, e.line, e.column, e.message);
    }
}

TEST(limits)
{
    begin();
    struct bytes text;
    bytes_init(&text, 1 << 24);
    for (int i = 0; i < 100000; i++)
        bytes_add_literal(&text, "not (");
    CHECK(!sky_region_parse(arena, SKY_XTYPE_REGION, bytes_str(&text), &e));
    CHECK_INT(e.kind, ERR_LIMIT);
    CHECK(strstr(e.message, "deep") != NULL);
    e = (struct err){0};
    bytes_clear(&text);
    for (int i = 0; i < 5000; i++)
        bytes_add_literal(&text, "circle 1 2 3 ");
    CHECK(!sky_region_parse(arena, SKY_XTYPE_REGION, bytes_str(&text), &e));
    CHECK_INT(e.kind, ERR_LIMIT);
    e = (struct err){0};
    bytes_clear(&text);
    bytes_add_literal(&text, "polygon ");
    for (int i = 0; i < 30000; i++)
        bytes_add_literal(&text, "1 2 ");
    CHECK(!sky_region_parse(arena, SKY_XTYPE_REGION, bytes_str(&text), &e));
    bytes_free(&text);
}

TEST(what_dali_cannot_say)
{
    begin();
    CHECK(!sky_region_print_dali(&out, parse(SKY_XTYPE_REGION, "not circle 1 2 3"), &e));
    CHECK_INT(out.len, 0);
    e = (struct err){0};
    CHECK(
        !sky_region_print_dali(&out, parse(SKY_XTYPE_REGION, "circle 1 2 3 moc 0/1"), &e));
    CHECK_INT(out.len, 0);
    e = (struct err){0};
    CHECK(!sky_region_print_numbers(&out, parse(SKY_XTYPE_REGION, "allsky"), &e));
    e = (struct err){0};
    CHECK(!sky_region_print_stcs(&out, parse(SKY_XTYPE_REGION, "moc 0/1"), &e));
    CHECK_INT(out.len, 0);
}

TEST(numbers_of_a_cell)
{
    const double v[] = {1, 2, 3, 4, 5, 2};
    begin();
    CHECK_INT(sky_region_of_numbers(arena, SKY_XTYPE_POINT, v, 2, &e)->shape, SKY_POINT);
    CHECK_INT(sky_region_of_numbers(arena, SKY_XTYPE_CIRCLE, v, 3, &e)->shape, SKY_CIRCLE);
    CHECK_INT(sky_region_of_numbers(arena, SKY_XTYPE_RANGE, v, 4, &e)->shape, SKY_RANGE);
    CHECK_INT(sky_region_of_numbers(arena, SKY_XTYPE_POLYGON, v, 6, &e)->shape,
              SKY_POLYGON);
    CHECK(!sky_region_of_numbers(arena, SKY_XTYPE_POLYGON, v, 5, &e));
    CHECK_INT(e.kind, ERR_USAGE);
    e = (struct err){0};
    CHECK(!sky_region_of_numbers(arena, SKY_XTYPE_MOC, v, 2, &e));
    e = (struct err){0};
    const double nan[] = {NAN, 2};
    CHECK(!sky_region_of_numbers(arena, SKY_XTYPE_POINT, nan, 2, &e));
}

RUN_TESTS(T(bare_numbers), T(shapes), T(polygons_go_round_as_dali_wants), T(stcs),
          T(stcs_is_read_back), T(frames_are_turned_to_icrs), T(errors_say_where),
          T(limits), T(what_dali_cannot_say), T(numbers_of_a_cell))
