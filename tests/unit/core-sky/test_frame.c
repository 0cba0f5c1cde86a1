/* Frames, proper motion, the horizon, sexagesimal text. */
#include "reference.h"

static enum sky_frame frame_of(str name)
{
    enum sky_frame frame = SKY_ICRS;
    CHECK(sky_frame_parse(name, false, &frame));
    return frame;
}

/* ADQL.md section 8: ivo_geom_transform */
TEST(transform_of_the_udf_catalogue)
{
    struct sky_point p = sky_frame_transform(SKY_ICRS, SKY_GALACTIC, 120, -23);
    CHECK_NEAR(p.lon_deg, 241.121831182, 1e-9);
    CHECK_NEAR(p.lat_deg, 3.62785788087, 1e-9);
}

TEST(frames_as_astropy)
{
    struct reference r = {0};
    while (reference_next(&r, "frame")) {
        enum sky_frame frame = frame_of(r.word[1]);
        double lon = reference_double(&r, 2), lat = reference_double(&r, 3);
        double x = reference_double(&r, 4), y = reference_double(&r, 5);
        struct sky_point p = sky_frame_transform(SKY_ICRS, frame, lon, lat);
        /* FK4: astropy lets the fictitious motion of the old system run differently. */
        double tolerance = frame == SKY_FK4 ? 1e-6 : 1e-12;
        double off = sky_distance_deg(p.lon_deg, p.lat_deg, x, y);
        if (!(off < tolerance))
            TEST_FAIL("%.*s %g %g: %g off", STR_FMT(r.word[1]), lon, lat, off);
        struct sky_point q = sky_frame_transform(frame, SKY_ICRS, p.lon_deg, p.lat_deg);
        CHECK_NEAR(sky_distance_deg(q.lon_deg, q.lat_deg, lon, lat), 0,
                   frame == SKY_FK4 ? 1e-8 : 1e-12);
    }
}

TEST(matrices_are_rotations_that_agree)
{
    for (int f = SKY_ICRS; f <= SKY_ECLIPTIC; f++)
        for (int i = 0; i < 50; i++) {
            double lon = i * 77.7, lat = -88 + 3.5 * i;
            struct sky_point p =
                sky_frame_transform((enum sky_frame)f, SKY_GALACTIC, lon, lat);
            struct sky_point q =
                sky_frame_transform(SKY_GALACTIC, (enum sky_frame)f, p.lon_deg, p.lat_deg);
            CHECK_NEAR(sky_distance_deg(q.lon_deg, q.lat_deg, lon, lat), 0,
                       f == SKY_FK4 ? 1e-8 : 1e-12);
        }
}

TEST(regions_are_transformed)
{
    struct arena *arena = arena_new(1 << 20);
    struct err e = {0};
    const struct sky_region *r =
        sky_region_parse(arena, SKY_XTYPE_REGION, STR("circle 120 -23 2"), &e);
    const struct sky_region *g = sky_region_transform(arena, SKY_ICRS, SKY_GALACTIC, r, &e);
    CHECK_NEAR(g->center.lon_deg, 241.121831182, 1e-9);
    CHECK_NEAR(g->radius_deg, 2, 0);
    r = sky_region_parse(arena, SKY_XTYPE_REGION, STR("polygon 120 -23 121 -23 121 -22"),
                         &e);
    g = sky_region_transform(arena, SKY_ICRS, SKY_GALACTIC, r, &e);
    CHECK_NEAR(g->vertex[0].lat_deg, 3.62785788087, 1e-9);
    double before, after;
    CHECK(sky_region_area_deg2(r, &before, &e) && sky_region_area_deg2(g, &after, &e));
    CHECK_NEAR(before, after, 1e-10);
    CHECK(sky_region_transform(arena, SKY_FK5, SKY_FK5, r, &e) == r);
    r = sky_region_parse(arena, SKY_XTYPE_MOC, STR("0/1"), &e);
    CHECK(!sky_region_transform(arena, SKY_ICRS, SKY_FK5, r, &e));
    CHECK_INT(e.kind, ERR_USAGE);
    e = (struct err){0};
    r = sky_region_parse(arena, SKY_XTYPE_RANGE, STR("0 1 2 3"), &e);
    CHECK(!sky_region_transform(arena, SKY_ICRS, SKY_FK5, r, &e));
    arena_free(arena);
}

/* ADQL.md section 8: the refframe vocabulary is case-sensitive */
TEST(frame_names)
{
    enum sky_frame frame;
    CHECK(sky_frame_parse(STR("GALACTIC"), false, &frame) && frame == SKY_GALACTIC);
    CHECK(!sky_frame_parse(STR("galactic"), false, &frame));
    CHECK(!sky_frame_parse(STR("J2000"), false, &frame));
    CHECK(sky_frame_parse(STR("galactic"), true, &frame));
    CHECK(sky_frame_parse(STR("j2000"), true, &frame) && frame == SKY_FK5);
    CHECK(!sky_frame_parse(STR(""), true, &frame));
    CHECK_TEXT(sky_frame_name(SKY_ECLIPTIC), "ECLIPTIC");
}

/* ADQL.md section 8: ivo_epoch_prop_pos */
TEST(epochs_of_the_udf_catalogue)
{
    struct sky_motion star = {7.606083572, 11.79044105, 125, 300, -428.8, 52.51};
    struct sky_point p = sky_epoch_propagate(&star, 2016.0, 1992.25);
    CHECK_NEAR(p.lon_deg, 7.604061404627978, 1e-13);
    CHECK_NEAR(p.lat_deg, 11.7932703828279, 1e-13);
    p = sky_epoch_propagate(&star, 2016.0, 1875.0);
    CHECK_NEAR(p.lon_deg, 7.594068213694308, 1e-13);
    CHECK_NEAR(p.lat_deg, 11.807251375203935, 1e-13);
    star.rv_km_s = NAN;
    p = sky_epoch_propagate(&star, 2016.0, 1875.0);
    CHECK_NEAR(p.lon_deg, 7.594079587029898, 1e-13);
    CHECK_NEAR(p.lat_deg, 11.807235464326332, 1e-13);
}

TEST(epochs_without_data)
{
    struct sky_motion star = {10, 89.9999, NAN, NAN, 3600e3, 5000};
    struct sky_point p = sky_epoch_propagate(&star, 2000, 2001); /* over the pole */
    CHECK_NEAR(p.lon_deg, 190, 1e-9);
    star = (struct sky_motion){10, 20, 0, 100, 0, 5000};
    struct sky_motion still = star;
    still.rv_km_s = 0;
    p = sky_epoch_propagate(&star, 2000, 2100);
    CHECK_NEAR(p.lon_deg, sky_epoch_propagate(&still, 2000, 2100).lon_deg, 0);
    CHECK(isnan(sky_epoch_propagate(&star, NAN, 2000).lon_deg));
}

TEST(horizon_as_astropy)
{
    struct reference r = {0};
    while (reference_next(&r, "horizon")) {
        struct sky_point p = sky_horizontal_to_icrs(
            reference_double(&r, 1), reference_double(&r, 2), reference_double(&r, 3),
            reference_double(&r, 4), reference_double(&r, 5), reference_double(&r, 6));
        /* astropy knows UT1, which is up to 0.9 s or 14 arcseconds away. */
        CHECK_NEAR(sky_distance_deg(p.lon_deg, p.lat_deg, reference_double(&r, 7),
                                    reference_double(&r, 8)),
                   0, 15 / 3600.0);
    }
}

TEST(horizon_of_known_directions)
{
    /* At the pole the zenith is the celestial pole but for aberration and precession. */
    struct sky_point p = sky_horizontal_to_icrs(0, 0, 946728000, 0, 90, 0);
    CHECK(sky_distance_deg(p.lon_deg, p.lat_deg, 0, 90) < 0.01);
    p = sky_horizontal_to_icrs(90, 0, 1.5e9, 8.4, 49.1, 110); /* north: below the pole */
    CHECK_NEAR(p.lat_deg, 90 - 49.1, 0.2);
    p = sky_horizontal_to_icrs(90, 180, 1.5e9, 8.4, 49.1, 110);
    CHECK_NEAR(p.lat_deg, 49.1 - 90, 0.2);
    CHECK(isnan(sky_horizontal_to_icrs(90, NAN, 1.5e9, 8.4, 49.1, 110).lon_deg));
    CHECK(isnan(sky_horizontal_to_icrs(181, 0, 1.5e9, 8.4, 49.1, 110).lon_deg));
    CHECK(isnan(sky_horizontal_to_icrs(0, 0, 1e12, 8.4, 49.1, 110).lon_deg));
}

/* ADQL.md section 8: ivo_hms_to_degrees, ivo_dms_to_degrees */
TEST(sexagesimal_of_the_udf_catalogue)
{
    double x;
    CHECK(sky_hms_parse(STR("3:34:45.4"), &x));
    CHECK_NEAR(x, 53.6891667, 5e-8);
    CHECK(sky_dms_parse(STR("42:9:6.768"), &x));
    CHECK_NEAR(x, 42.15188, 1e-12);
    CHECK(sky_dms_parse(STR("-00:15:00"), &x));
    CHECK_NEAR(x, -0.25, 0);
}

TEST(sexagesimal_forms)
{
    static const struct {
        const char *text;
        bool is_hms;
        double want; /* NAN: refused */
    } form[] = {
        {"033445.4", true, 53.689166666666667},
        {"3h34m45.4s", true, 53.689166666666667},
        {"3H 34M 45.4S", true, 53.689166666666667},
        {"03 34 45.4", true, 53.689166666666667},
        {" 3: 34 :45.4 ", true, 53.689166666666667},
        {"24:00:00", true, 360},
        {"12:00:00", true, 180},
        {"420906.768", false, 42.15188},
        {"-42d09m06.768s", false, -42.15188},
        {"+42 9 6.768", false, 42.15188},
        {"-90:00:00", false, -90},
        {"24:00:01", true, NAN},
        {"1:60:00", true, NAN},
        {"1:00:60", true, NAN},
        {"-1:00:00", true, NAN},
        {"90:00:01", false, NAN},
        {"1:00", false, NAN},
        {"1:2:3:4", false, NAN},
        {"", true, NAN},
        {"1:2:", true, NAN},
        {"1::2", true, NAN},
        {"1:2.5:3", true, NAN},
        {"12345", true, NAN},
        {"1e1:2:3", true, NAN},
        {"3d34m45.4s", true, NAN},
        {"3h34m", true, NAN},
        {"--1:2:3", false, NAN},
        {"1:2:.", false, NAN},
        {"nan", true, NAN},
    };
    for (size_t i = 0; i < sizeof form / sizeof *form; i++) {
        double x = NAN;
        str text = str_of(form[i].text);
        bool is_read = form[i].is_hms ? sky_hms_parse(text, &x) : sky_dms_parse(text, &x);
        if (is_read == isnan(form[i].want) ||
            (is_read && !(fabs(x - form[i].want) < 1e-12)))
            TEST_FAIL("%s: %.17g", form[i].text, x);
    }
}

TEST(sexagesimal_printing)
{
    char text[SKY_SEXAGESIMAL_BYTES];
    CHECK_INT(sky_hms_print(53.689166666666667, 2, text), 11);
    CHECK_TEXT(text, "03:34:45.40");
    sky_hms_print(359.9999999999, 3, text);
    CHECK_TEXT(text, "00:00:00.000");
    sky_hms_print(-15, 0, text);
    CHECK_TEXT(text, "23:00:00");
    sky_dms_print(-0.25, 1, text);
    CHECK_TEXT(text, "-00:15:00.0");
    sky_dms_print(89.99999999, 3, text);
    CHECK_TEXT(text, "+90:00:00.000");
    sky_dms_print(42.15188, 9, text);
    CHECK_TEXT(text, "+42:09:06.768000000");
    sky_dms_print(NAN, 2, text);
    CHECK_TEXT(text, "NaN");
    sky_hms_print(INFINITY, 2, text);
    CHECK_TEXT(text, "NaN");
    for (int i = 0; i < 1000; i++) {
        double x, degrees = -90 + 0.18 * i + 1e-7 * i;
        size_t n = sky_dms_print(degrees, 6, text);
        CHECK(sky_dms_parse((str){text, n}, &x));
        CHECK_NEAR(x, degrees, 2e-10);
        n = sky_hms_print(degrees + 90, 6, text);
        CHECK(sky_hms_parse((str){text, n}, &x));
        CHECK_NEAR(x, degrees + 90, 3e-9);
    }
}

RUN_TESTS(T(transform_of_the_udf_catalogue), T(frames_as_astropy),
          T(matrices_are_rotations_that_agree), T(regions_are_transformed), T(frame_names),
          T(epochs_of_the_udf_catalogue), T(epochs_without_data), T(horizon_as_astropy),
          T(horizon_of_known_directions), T(sexagesimal_of_the_udf_catalogue),
          T(sexagesimal_forms), T(sexagesimal_printing))
