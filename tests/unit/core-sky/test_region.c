/* Regions: positions inside, regions inside and across one another, areas, centroids. */
#include "reference.h"

static struct arena *arena;
static struct err e;

static void begin(void)
{
    arena_free(arena);
    arena = arena_new(64 << 20);
    e = (struct err){0};
}

static const struct sky_region *region(const char *text)
{
    const struct sky_region *r =
        sky_region_parse(arena, SKY_XTYPE_REGION, str_of(text), &e);
    if (!r)
        TEST_FAIL("%s: %.600s", text, e.message);
    return r;
}

static bool within(const char *inner, const char *outer)
{
    bool yes;
    CHECK(sky_region_is_within(region(inner), region(outer), &yes, &e));
    return yes;
}

static bool intersects(const char *a, const char *b)
{
    bool yes, again;
    CHECK(sky_region_intersects(region(a), region(b), &yes, &e));
    CHECK(sky_region_intersects(region(b), region(a), &again, &e));
    CHECK(yes == again);
    return yes;
}

static double area(const char *text)
{
    double value;
    CHECK(sky_region_area_deg2(region(text), &value, &e));
    return value;
}

static bool holds(const char *text, double lon, double lat)
{
    return sky_region_contains_point(region(text), lon, lat);
}

#define SPHERE 41252.96124941927

/* ADQL.md section 5: CONTAINS, boundary included */
TEST(polygon_has_its_boundary)
{
    const char *square = "polygon 0 0 10 0 10 10 0 10";
    begin();
    CHECK(holds(square, 5, 5));
    CHECK(holds(square, 0, 0));
    CHECK(holds(square, 5, 0));
    CHECK(holds(square, 0, 7));
    CHECK(holds(square, 360, 7));
    CHECK(holds(square, 10, 10));
    CHECK(!holds(square, -1e-9, 5));
    CHECK(!holds(square, 10 + 1e-9, 5));
    CHECK(!holds(square, 5, -1e-9));
    CHECK(!holds(square, 185, -5));
    CHECK(!holds(square, NAN, 5));
    CHECK(!holds(square, 5, 95));
    /* The upper edge is a great circle: it rises above latitude 10 between the corners. */
    CHECK(holds(square, 5, 10.03));
    CHECK(!holds(square, 5, 10.04));
}

TEST(polygon_around_a_pole)
{
    const char *cap = "polygon 0 80 90 80 180 80 270 80";
    begin();
    CHECK(holds(cap, 0, 90));
    CHECK(holds(cap, 123, 90));
    CHECK(holds(cap, 45, 85));
    CHECK(holds(cap, 90, 80));
    CHECK(!holds(cap, 45, 81)); /* edges cut the corners: 82.9 at longitude 45 */
    CHECK(holds(cap, 45, 83));
    CHECK(!holds(cap, 0, -90));
    CHECK(holds("polygon 0 90 10 0 350 0", 0, 90)); /* a vertex at the pole */
    CHECK(holds("polygon 0 90 10 0 350 0", 0, 45));
    CHECK(!holds("polygon 0 90 10 0 350 0", 180, 89));
    CHECK(holds("polygon 0 -80 120 -80 240 -80", 77, -90));
    CHECK(holds("polygon 10 0 350 0 0 89", 0, 0.001)); /* across longitude 0 */
}

TEST(orientation_does_not_matter)
{
    begin();
    CHECK(holds("polygon 0 0 10 0 10 10 0 10", 5, 5));
    CHECK(holds("polygon 0 0 0 10 10 10 10 0", 5, 5));
    CHECK_NEAR(area("polygon 0 0 0 10 10 10 10 0"), area("polygon 0 0 10 0 10 10 0 10"),
               1e-10);
    CHECK(holds("polygon 0 0 10 0 10 10 0 10 0 0", 5, 5)); /* closed: DALI.md pitfall 2 */
    CHECK_INT(region("polygon 0 0 10 0 10 0 10 10 0 10 0 0")->nvertex, 4);
}

TEST(concave_polygon)
{
    const char *arrow = "polygon 0 0 10 10 0 5 -10 10";
    begin();
    CHECK(holds(arrow, 5, 6));
    CHECK(holds(arrow, -5, 6));
    CHECK(!holds(arrow, 0, 8));
    CHECK(holds(arrow, 0, 3));
    const char *keyhole = "polygon 0 0 10 0 10 10 0 10 0 5 3 5 3 7 7 7 7 3 3 3 3 5 0 5";
    CHECK(!holds(keyhole, 5, 5)); /* a hole, reached by a slit along latitude 5 */
    CHECK(holds(keyhole, 5, 1));
    CHECK(holds(keyhole, 1, 6));
    CHECK(holds(keyhole, 1, 4));
}

/* Against a walk around the sky: the sum of angles says inside or not. */
TEST(polygon_as_winding_number)
{
    begin();
    const struct sky_region *r =
        region("polygon 350 -20 355 30 20 40 60 85 200 86 300 70 330 10 320 -30");
    int inside = 0;
    for (int i = 0; i < 20000; i++) {
        double lat = asin(-1 + (i + 0.5) / 10000) * 57.29577951308232;
        double lon = fmod(i * 137.50776405003785, 360);
        double turn = 0;
        for (size_t k = 0; k < r->nvertex; k++) {
            const struct sky_point *a = &r->vertex[k],
                                   *b = &r->vertex[(k + 1) % r->nvertex];
            turn += remainder(sky_position_angle_deg(lon, lat, b->lon_deg, b->lat_deg) -
                                  sky_position_angle_deg(lon, lat, a->lon_deg, a->lat_deg),
                              360);
        }
        /* Seen from the far side the polygon runs around the antipode instead. */
        bool far = sky_distance_deg(lon, lat, 350, 40) > 90;
        bool want = fabs(turn) > 180 && !far;
        inside += want;
        CHECK(sky_region_contains_point(r, lon, lat) == want);
    }
    CHECK(inside > 500);
}

TEST(bad_polygons)
{
    static const char *const bad[][2] = {
        {"polygon 0 0 10 10 10 0 0 10", "crosses itself"},
        {"polygon 0 0 10 0 20 0", "no area"},
        {"polygon 0 0 180 0 90 45", "180 degrees"},
        {"polygon 0 0 0 0 1 1", "3 different"},
        {"polygon 0 0 10 0 10 91", "latitude"},
        {"circle 0 0 181", "0 to 180"},
        {"circle 0 0 -1", "0 to 180"},
        {"box 0 0 180 1", "below 180"},
        {"box 0 0 1 0", "below 180"},
        {"range 0 1 5 4", "latitude"},
        {"range 0 1 NaN 4", "number"},
        {"circle 1 2 +Inf", "radius"},
        {"circle +Inf 2 3", "finite"},
        {"polygon 0 0 -Inf 5 3 4", "finite"},
        {"ellipse 0 0 1 0 0", "semi-axes"},
        {"ellipse 0 0 91 1 0", "0 to 90"},
    };
    begin();
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        e = (struct err){0};
        CHECK(!sky_region_parse(arena, SKY_XTYPE_REGION, str_of(bad[i][0]), &e));
        CHECK_INT(e.kind, ERR_USAGE);
        if (!strstr(e.message, bad[i][1]))
            TEST_FAIL("%s: %.600s", bad[i][0], e.message);
    }
}

TEST(area_of_known_shapes)
{
    begin();
    CHECK_NEAR(area("point 1 2"), 0, 0);
    CHECK_NEAR(area("circle 1 2 90"), SPHERE / 2, 1e-9);
    CHECK_NEAR(area("circle 1 2 180"), SPHERE, 1e-9);
    CHECK_NEAR(area("circle 1 2 0.001") / (M_PI * 1e-6), 1, 1e-9);
    CHECK_NEAR(area("polygon 0 0 90 0 0 90"), SPHERE / 8, 1e-9);
    CHECK_NEAR(area("polygon 0 0 120 0 240 0 0 45") / (SPHERE / 2), 0.5, 0.5);
    CHECK_NEAR(area("polygon 0 0 1e-6 0 1e-6 1e-6 0 1e-6") / 1e-12, 1, 1e-6);
    CHECK_NEAR(area("range 0 360 -90 90"), SPHERE, 1e-9);
    CHECK_NEAR(area("RANGE -Inf +Inf -Inf +Inf"), SPHERE, 1e-9); /* SIA2-5 */
    CHECK_NEAR(area("RANGE 0 180 0 +Inf"), SPHERE / 4, 1e-9);
    CHECK_NEAR(area("range 350 10 0 90"), SPHERE / 2 * 20 / 360, 1e-9);
    CHECK_NEAR(area("allsky"), SPHERE, 1e-9);
    CHECK_NEAR(area("moc 0/0-2"), SPHERE / 4, 1e-9);
    CHECK_NEAR(area("ellipse 10 20 2 1 0") / (M_PI * 2), 1, 1e-3);
    CHECK_NEAR(area("box 0 0 2 2"), 4.0, 2e-3);
}

TEST(area_of_combinations)
{
    begin();
    CHECK_NEAR(area("not circle 0 0 10"), SPHERE - area("circle 0 0 10"), 1e-8);
    CHECK_NEAR(area("union (circle 0 0 10 circle 180 0 10)"), 2 * area("circle 0 0 10"),
               1e-8);
    CHECK_NEAR(area("union (circle 0 0 10 circle 0 0 10)"), area("circle 0 0 10"), 1e-8);
    CHECK_NEAR(area("union (circle 0 0 10 circle 5 0 2)"), area("circle 0 0 10"), 1e-8);
    CHECK_NEAR(area("intersection (circle 0 0 10 circle 30 0 10)"), 0, 1e-9);
    CHECK_NEAR(area("difference (circle 0 0 10 circle 0 0 5)"),
               area("circle 0 0 10") - area("circle 0 0 5"), 1e-8);
    /* Two halves of a square, which share an edge. */
    CHECK_NEAR(area("polygon 0 0 5 0 5 10 0 10 polygon 5 0 10 0 10 10 5 10"),
               area("polygon 0 0 5 0 5 10 0 10") + area("polygon 5 0 10 0 10 10 5 10"),
               1e-8);
    double lens = area("intersection (circle 0 0 10 circle 10 0 10)");
    double both = area("union (circle 0 0 10 circle 10 0 10)");
    CHECK_NEAR(lens + both, 2 * area("circle 0 0 10"), 1e-8);
    CHECK_NEAR(area("intersection (circle 0 0 90 circle 90 0 90)"), SPHERE / 4, 1e-8);
    CHECK_NEAR(area("intersection (range 0 90 -90 90 circle 0 90 90)"), SPHERE / 8, 1e-8);
    CHECK_NEAR(area("union (range 0 180 0 90 range 180 360 -90 0)"), SPHERE / 2, 1e-8);
    CHECK_NEAR(area("intersection (circle 3 3 1e-4 circle 3 3 2e-4)") /
                   area("circle 3 3 1e-4"),
               1, 1e-6);
    /* With a MOC it is counted. */
    const struct sky_region *part[2] = {region("moc 0/0-11"), region("circle 0 45 10")};
    const struct sky_region *cut = sky_region_combine(arena, SKY_INTERSECTION, part, 2, &e);
    double counted;
    CHECK(sky_region_area_deg2(cut, &counted, &e));
    CHECK_NEAR(counted / area("circle 0 45 10"), 1, 1e-4);
}

TEST(circles_within_circles)
{
    begin();
    CHECK(within("circle 10 0 1", "circle 10 0 1"));
    CHECK(within("circle 10 0 1", "circle 10 1 2"));
    CHECK(!within("circle 10 0 1", "circle 10 1.000001 2"));
    CHECK(!within("circle 10 0 2", "circle 10 0 1")); /* ADQL-36 */
    CHECK(within("circle 10 0 179", "circle 0 0 180"));
    CHECK(within("circle 0 90 10", "circle 180 85 15.0000001"));
    CHECK(within("point 5 5", "circle 5 5 0"));
    CHECK(within("point 5 5", "point 5 5"));
    CHECK(!within("point 5 5", "point 5 5.0001"));
    CHECK(!within("circle 5 5 1", "point 5 5"));
    CHECK(within("circle 5 5 0", "point 5 5"));
}

TEST(circles_across_circles)
{
    begin();
    CHECK(intersects("circle 0 0 1", "circle 2 0 1")); /* they touch */
    CHECK(!intersects("circle 0 0 1", "circle 2.0000001 0 1"));
    CHECK(intersects("circle 359.5 0 1", "circle 0.5 0 0.1"));
    CHECK(intersects("circle 0 0 0", "circle 0 1 1"));
    CHECK(intersects("point 0 2", "circle 0 1 1"));
    CHECK(intersects("circle 0 0 170", "circle 180 0 11"));
    CHECK(!intersects("circle 0 0 170", "circle 180 0 9"));
}

TEST(circles_and_polygons)
{
    const char *square = "polygon 0 0 10 0 10 10 0 10";
    begin();
    CHECK(within("circle 5 5 4.9", square));
    CHECK(!within("circle 5 5 5", square)); /* sides are meridians: less than 5 away */
    CHECK(within("circle 5 1 1", square));  /* touches the equator from inside */
    CHECK(!within("circle 5 1 1.0000001", square));
    CHECK(within(square, "circle 5 5 8"));
    CHECK(!within(square, "circle 5 5 7"));
    CHECK(intersects(square, "circle 5 -1 1")); /* touches */
    CHECK(!intersects(square, "circle 5 -1 0.9999999"));
    CHECK(intersects(square, "circle 5 5 1"));
    CHECK(intersects(square, "circle 5 5 60"));
    CHECK(!intersects(square, "circle 190 0 100"));
    CHECK(intersects(square, "point 10 10"));
    CHECK(!within(square, "point 10 10"));
}

TEST(polygons_and_polygons)
{
    const char *square = "polygon 0 0 10 0 10 10 0 10";
    begin();
    CHECK(within(square, square));
    CHECK(within("polygon 2 2 8 2 8 8 2 8", square));
    CHECK(within("polygon 0 0 10 0 5 5", square)); /* shares an edge */
    CHECK(!within("polygon 0 0 10 0 5 11", square));
    CHECK(!within(square, "polygon 2 2 8 2 8 8 2 8"));
    CHECK(intersects(square, "polygon 2 2 8 2 8 8 2 8"));
    CHECK(intersects(square, "polygon 10 0 20 0 20 10 10 10"));   /* shares an edge */
    CHECK(intersects(square, "polygon 10 10 20 10 20 20 10 20")); /* a corner */
    CHECK(!intersects(square, "polygon 10.0001 0 20 0 20 10 10.0001 10"));
    CHECK(intersects(square, "polygon 5 -5 6 -5 6 15 5 15")); /* a cross */
    CHECK(!intersects(square, "polygon 180 0 190 0 190 10 180 10"));
    CHECK(intersects("polygon 0 80 90 80 180 80 270 80", "polygon 10 85 20 85 15 89"));
}

TEST(ranges_and_others)
{
    begin();
    CHECK(holds("range 359 1 -1 1", 0, 0)); /* DALI-1.2 range */
    CHECK(holds("range 359 1 -1 1", 359, -1));
    CHECK(holds("range 359 1 -1 1", 1, 1));
    CHECK(!holds("range 359 1 -1 1", 1.0000001, 0));
    CHECK(!holds("range 359 1 -1 1", 180, 0));
    CHECK(holds("range 10 20 80 90", 200, 90)); /* every longitude is at the pole */
    CHECK(holds("range 0 360 0 10", 0, 5));
    CHECK(holds("range -180 180 0 10", 180, 5));
    CHECK(holds("range 359.9 0.1 0 10", 0.1, 5));
    CHECK(within("range 359 1 -1 1", "circle 0 0 1.5"));
    CHECK(!within("range 359 1 -1 1", "circle 0 0 1.4"));
    CHECK(within("circle 5 5 1", "range 0 10 4 6"));
    CHECK(!within("circle 5 5 1.000001", "range 0 10 4 6"));
    CHECK(within("range 350 10 40 50", "range 340 20 40 50"));
    CHECK(!within("range 340 20 40 50", "range 350 10 40 50"));
    CHECK(within("range 0 360 80 90", "circle 0 90 10"));
    CHECK(within("circle 0 90 10", "range 0 360 80 90"));
    CHECK(within("range 0 360 -10 10", "range 0 360 -20 20"));
    CHECK(!within("circle 0 0 50", "range 0 360 -20 20"));
    CHECK(intersects("range 0 10 0 10", "range 10 20 10 20"));
    CHECK(!intersects("range 0 10 0 10", "range 10.001 20 0 20"));
    CHECK(intersects("range 0 360 10 20", "polygon 5 0 6 0 6 30 5 30"));
    CHECK(!intersects("range 0 360 10 20", "circle 0 90 69.9"));
    CHECK(!within("range 5 5 0 20", "circle 5 10 9"));
    CHECK(within("range 5 5 0 20", "circle 5 10 10"));
}

TEST(combinations_and_others)
{
    begin();
    /* Neither of the two halves contains the circle, both together do. */
    const char *halves = "union (polygon 0 0 5 0 5 10 0 10 polygon 5 0 10 0 10 10 5 10)";
    CHECK(within("circle 5 5 2", halves));
    CHECK(!within("circle 5 5 2", "polygon 0 0 5 0 5 10 0 10"));
    CHECK(within("polygon 2 2 8 2 8 8 2 8", halves));
    CHECK(!within("circle 0 0 10", "difference (circle 0 0 20 circle 3 0 1)"));
    CHECK(within("circle 10 0 2", "difference (circle 0 0 20 circle 3 0 1)"));
    CHECK(intersects("circle 3 0 2", "difference (circle 0 0 20 circle 3 0 1)"));
    CHECK(!intersects("circle 3 0 0.9", "difference (circle 0 0 20 circle 3 0 1)"));
    CHECK(within("circle 0 0 5", "not (circle 180 0 5)"));
    CHECK(!within("circle 0 0 5", "not (circle 4 0 5)"));
    CHECK(within("circle 0 0 5", "allsky"));
    CHECK(!within("allsky", "circle 0 0 179"));
    CHECK(within("allsky", "union (circle 0 0 90 circle 180 0 90)"));
    CHECK(intersects("allsky", "circle 0 0 1"));
    CHECK(!intersects("circle 1 1 1", "not allsky"));
    CHECK(within("union (position 1 1 position 2 2)", "circle 1 1 2"));
    CHECK(!within("union (position 1 1 position 5 5)", "circle 1 1 2"));
    CHECK(within("ellipse 0 0 2 1 0", "circle 0 0 2"));
    CHECK(!within("ellipse 0 0 2 1 0", "circle 0 0 1.9"));
    CHECK(within("ellipse 0 0 2 1 0", "ellipse 0 0 2 1 0"));
    CHECK(holds("ellipse 0 0 2 1 0", 0, 1.9999)); /* the major axis goes north */
    CHECK(!holds("ellipse 0 0 2 1 90", 0, 1.9999));
    CHECK(holds("ellipse 0 0 1 2 90", 0, 1.9999)); /* axes in the wrong order */
}

TEST(mocs_and_others)
{
    begin();
    CHECK(within("moc 3/0-3", "moc 2/0"));
    CHECK(!within("moc 2/0", "moc 3/0-2"));
    CHECK(intersects("moc 2/0", "moc 3/1"));
    CHECK(!intersects("moc 2/0", "moc 3/4"));
    /* Cell 4 of order 0 is centred at (0, 0) and 45 degrees wide to each corner. */
    CHECK(within("circle 0 0 20", "moc 0/4"));
    CHECK(!within("circle 0 0 60", "moc 0/4"));
    CHECK(within("moc 0/4", "circle 0 0 50"));
    CHECK(intersects("circle 50 0 10", "moc 0/4"));
    CHECK(!intersects("circle 60 0 10", "moc 0/4"));
    CHECK(holds("moc 0/4", 0, 0));
    CHECK(!holds("moc 0/4", 180, 0));
    CHECK(within("point 0 0", "moc 0/4"));
    CHECK(intersects("moc 0/4", "polygon 40 0 60 -5 60 5"));
    CHECK(!intersects("moc 0/4", "polygon 50 0 60 -5 60 5"));
}

/* ADQL.md section 5: CENTROID */
TEST(centroids)
{
    static const struct {
        const char *text;
        double lon, lat;
    } want[] = {
        {"point 12 34", 12, 34},
        {"circle 12 34 56", 12, 34},
        {"circle 12 34 120", 12, 34},
        {"ellipse 12 -34 5 1 77", 12, -34},
        {"range 350 30 -10 10", 10, 0},
        {"polygon 350 -10 10 -10 10 10 350 10", 0, 0},
        {"polygon 0 80 90 80 180 80 270 80", 0, 90},
        {"union (circle 10 0 5 circle 30 0 5)", 20, 0},
        {"difference (circle 40 50 20 circle 40 50 5)", 40, 50},
        {"polygon 100 20 100.000002 20 100.000002 20.000002 100 20.000002", 100.000001,
         20.000001},
        {"moc 0/4", 0, 0},
    };
    begin();
    for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
        struct sky_point p;
        CHECK(sky_region_centroid(region(want[i].text), &p, &e));
        if (!(sky_distance_deg(p.lon_deg, p.lat_deg, want[i].lon, want[i].lat) < 2e-10))
            TEST_FAIL("%s: %.15g %.15g", want[i].text, p.lon_deg, p.lat_deg);
    }
    struct sky_point p;
    CHECK(!sky_region_centroid(region("allsky"), &p, &e));
    e = (struct err){0};
    CHECK(!sky_region_centroid(region("range 0 360 -10 10"), &p, &e));
    e = (struct err){0};
    CHECK(!sky_region_centroid(region("intersection (circle 0 0 1 circle 9 9 1)"), &p, &e));
}

/* ADQL.md section 5: BOX as a polygon of great circles */
TEST(box_is_square_to_its_arms)
{
    begin();
    const struct sky_region *box = region("box 30 40 10 6");
    CHECK_INT(box->shape, SKY_POLYGON);
    CHECK(sky_region_contains_point(box, 30, 43));
    CHECK(!sky_region_contains_point(box, 30, 43.0000001));
    CHECK(sky_region_contains_point(box, 30, 37));
    struct sky_point east = sky_offset(30, 40, 90, 5),
                     past = sky_offset(30, 40, 90, 5.00001);
    CHECK(sky_region_contains_point(box, east.lon_deg, east.lat_deg));
    CHECK(!sky_region_contains_point(box, past.lon_deg, past.lat_deg));
    /* A side is square to the arm: the same distance to both its ends. */
    const struct sky_point *v = box->vertex;
    CHECK_NEAR(sky_distance_deg(v[0].lon_deg, v[0].lat_deg, east.lon_deg, east.lat_deg),
               sky_distance_deg(v[1].lon_deg, v[1].lat_deg, east.lon_deg, east.lat_deg),
               1e-12);
    double side =
        sky_position_angle_deg(east.lon_deg, east.lat_deg, v[0].lon_deg, v[0].lat_deg);
    double arm = sky_position_angle_deg(east.lon_deg, east.lat_deg, 30, 40);
    CHECK_NEAR(fabs(remainder(side - arm, 360)), 90, 1e-9);
    CHECK(holds("box 0 90 2 2", 123, 89.5)); /* at a pole */
    CHECK(holds("box 0 0 179 1", 89, 0));
}

TEST(bounds_hold_the_region)
{
    static const char *const text[] = {
        "circle 10 20 30",
        "polygon 0 80 90 80 180 80 270 80",
        "range 350 20 -10 85",
        "range 0 360 70 90",
        "ellipse 10 10 5 1 30",
        "moc 0/4",
        "circle 0 0 3 circle 20 0 1",
        "range 0 200 0 10",
    };
    begin();
    for (size_t i = 0; i < sizeof text / sizeof *text; i++) {
        const struct sky_region *r = region(text[i]);
        struct sky_point center;
        double radius;
        CHECK(sky_region_bounds(r, &center, &radius));
        for (int k = 0; k < 20000; k++) {
            double lat = asin(-1 + (k + 0.5) / 10000) * 57.29577951308232;
            double lon = fmod(k * 137.50776405003785, 360);
            if (sky_region_contains_point(r, lon, lat))
                CHECK(sky_distance_deg(center.lon_deg, center.lat_deg, lon, lat) <=
                      radius + 1e-9);
        }
    }
    struct sky_point center;
    double radius;
    CHECK(!sky_region_bounds(region("not allsky"), &center, &radius));
}

/* Arcs decide the same as thousands of positions do. */
TEST(relations_as_by_sampling)
{
    uint64_t seed = 99;
    int yes_within = 0, yes_across = 0;
    for (int i = 0; i < 400; i++) {
        double v[12];
        begin();
        for (int k = 0; k < 12; k++) {
            seed = seed * 6364136223846793005u + 1442695040888963407u;
            v[k] = 40 * (double)(seed >> 40) / (1 << 24) - 20;
        }
        const struct sky_region *a = sky_region_polygon(arena, v, 3, &e);
        const struct sky_region *b =
            sky_region_range(arena, fmin(v[6], v[8]), fmax(v[6], v[8]), fmin(v[7], v[9]),
                             fmax(v[7], v[9]), &e);
        CHECK(a && b);
        bool across, inside, sampled_across = false, sampled_inside = true;
        CHECK(sky_region_intersects(a, b, &across, &e));
        CHECK(sky_region_is_within(a, b, &inside, &e));
        for (int k = 0; k < 3000; k++) {
            double lon = -20 + 40 * fmod(k * 0.7548776662466927, 1);
            double lat = -20 + 40 * fmod(k * 0.5698402909980532, 1);
            bool in_a = sky_region_contains_point(a, lon, lat);
            bool in_b = sky_region_contains_point(b, lon, lat);
            sampled_across = sampled_across || (in_a && in_b);
            sampled_inside = sampled_inside && (!in_a || in_b);
        }
        CHECK(across || !sampled_across);
        CHECK(!inside || sampled_inside);
        CHECK(inside == (sampled_inside && inside));
        yes_across += across == sampled_across;
        yes_within += inside == sampled_inside;
    }
    /* Slivers between the samples are few. */
    CHECK(yes_across > 370);
    CHECK(yes_within > 370);
}

RUN_TESTS(T(polygon_has_its_boundary), T(polygon_around_a_pole),
          T(orientation_does_not_matter), T(concave_polygon), T(polygon_as_winding_number),
          T(bad_polygons), T(area_of_known_shapes), T(area_of_combinations),
          T(circles_within_circles), T(circles_across_circles), T(circles_and_polygons),
          T(polygons_and_polygons), T(ranges_and_others), T(combinations_and_others),
          T(mocs_and_others), T(centroids), T(box_is_square_to_its_arms),
          T(bounds_hold_the_region), T(relations_as_by_sampling))
