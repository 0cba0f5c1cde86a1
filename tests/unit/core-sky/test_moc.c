/* MOCs: text, FITS and algebra. */
#include "reference.h"

static struct arena *arena;
static struct err e;
static struct bytes out;

static void begin(void)
{
    arena_free(arena);
    arena = arena_new(256 << 20);
    e = (struct err){0};
    bytes_free(&out);
    bytes_init(&out, 64 << 20);
}

static const struct sky_moc *moc(const char *text)
{
    const struct sky_moc *m = sky_moc_parse(arena, str_of(text), &e);
    if (!m)
        TEST_FAIL("%s: %.600s", text, e.message);
    return m;
}

static const char *text_of(const struct sky_moc *m)
{
    bytes_clear(&out);
    CHECK(m != NULL);
    sky_moc_print(&out, m);
    return bytes_text(&out);
}

static bool same(const struct sky_moc *a, const struct sky_moc *b)
{
    return a && b && a->order == b->order && a->nspan == b->nspan &&
           (a->nspan == 0 || memcmp(a->span, b->span, a->nspan * sizeof *a->span) == 0);
}

/* MOC-5, MOC-6, MOC-7 */
TEST(text_of_the_standard)
{
    begin();
    CHECK_TEXT(text_of(moc("0/3 1/17-18 40 4/1024-1030 7/")),
               "0/3 1/17-18 40 3/256 4/1028-1030 7/");
    CHECK_TEXT(text_of(moc("5/")), "5/");
    CHECK_TEXT(text_of(moc("0/3,1/17-18,40,7/")), "0/3 1/17-18 40 7/");
    CHECK_TEXT(text_of(moc("s0/3\n1/17\r\n 7/")), "0/3 1/17 7/");
    CHECK_TEXT(text_of(moc(" s 0/ 3 , 5 ")), "0/3 5");
    CHECK_TEXT(text_of(moc("29/123456789")), "29/123456789");
    CHECK_TEXT(text_of(moc("0/0-11")), "0/0-11");
}

/* MOC-1, MOC-2: siblings become their parent, what is inside another goes */
TEST(text_becomes_canonical)
{
    begin();
    CHECK_TEXT(text_of(moc("1/0 1 2 3")), "0/0 1/");
    CHECK_TEXT(text_of(moc("2/5 1/1 2/9 2/8 2/5 0/0")), "0/0 2/");
    CHECK_TEXT(text_of(moc("3/7 6 5")), "3/5-7");
    CHECK_TEXT(text_of(moc("2/16-31 1/0")), "0/1 1/0 2/");
}

TEST(bad_text)
{
    static const struct {
        const char *text;
        int line, column;
        const char *word;
    } bad[] = {
        {"", 1, 1, "empty"},          {"17", 1, 3, "order"},
        {"0/12", 1, 5, "no cell"},    {"30/1", 1, 4, "29"},
        {"1/3-2", 1, 6, "backward"},  {"0/1 x", 1, 5, "number"},
        {"0/1\n1/y", 2, 3, "number"}, {"t61/1 s3/4", 1, 1, "time"},
        {"s0/1 t3/4", 1, 6, "time"},  {"0/99999999999999999999", 1, 3, "too large"},
        {"0/1-", 1, 5, "number"},     {"0/1;2", 1, 4, "blank"},
        {"0/-1", 1, 3, "number"},     {"/1", 1, 1, "number"},
    };
    begin();
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        e = (struct err){0};
        CHECK(!sky_moc_parse(arena, str_of(bad[i].text), &e));
        CHECK_INT(e.kind, ERR_USAGE);
        if (e.line != bad[i].line || e.column != bad[i].column ||
            !strstr(e.message, bad[i].word))
            TEST_FAIL("%s: %d:%d %.600s", bad[i].text, e.line, e.column, e.message);
    }
}

TEST(json)
{
    begin();
    sky_moc_print_json(&out, moc("0/3 1/17-18 40 7/"));
    CHECK_TEXT(bytes_text(&out), "{\"0\":[3],\"1\":[17,18,40],\"7\":[]}");
    bytes_clear(&out);
    sky_moc_print_json(&out, moc("4/"));
    CHECK_TEXT(bytes_text(&out), "{\"4\":[]}");
}

/* MOC-4: as of regions, at the deeper of the two orders. */
TEST(algebra_as_mocpy)
{
    struct reference r = {0};
    begin();
    while (reference_next(&r, "moc")) {
        const struct sky_moc *m[6];
        for (int i = 1; i <= 5; i++)
            CHECK((m[i] = sky_moc_parse(arena, r.word[i], &e)) != NULL);
        CHECK(same(sky_moc_union(arena, m[1], m[2], &e), m[3]));
        CHECK(same(sky_moc_intersection(arena, m[1], m[2], &e), m[4]));
        CHECK(same(sky_moc_difference(arena, m[1], m[2], &e), m[5]));
        CHECK_NEAR(sky_moc_fraction(m[1]), reference_double(&r, 6), 1e-12);
        CHECK(same(moc(text_of(m[1])), m[1]));
        const struct sky_moc *rest = sky_moc_complement(arena, m[1], &e);
        CHECK_NEAR(sky_moc_fraction(rest), 1 - sky_moc_fraction(m[1]), 1e-12);
        CHECK(!sky_moc_intersects(rest, m[1]));
        CHECK(sky_moc_is_within(m[4], m[1]) && sky_moc_is_within(m[1], m[3]));
    }
}

TEST(cells_and_positions)
{
    begin();
    const struct sky_moc *m = moc("3/100-103 5/7");
    CHECK(sky_moc_contains_cell(m, 2, 25));
    CHECK(sky_moc_contains_cell(m, 5, 1600));
    CHECK(!sky_moc_contains_cell(m, 1, 6));
    CHECK(!sky_moc_contains_cell(m, 3, 104));
    CHECK(!sky_moc_contains_cell(m, 30, 0));
    struct sky_point p;
    CHECK(sky_healpix_center(3, 102, &p));
    CHECK(sky_moc_contains_point(m, p.lon_deg, p.lat_deg));
    CHECK(sky_healpix_center(3, 104, &p));
    CHECK(!sky_moc_contains_point(m, p.lon_deg, p.lat_deg));
    CHECK(!sky_moc_contains_point(m, NAN, 0));
    CHECK_TEXT(text_of(sky_moc_degrade(arena, m, 3, &e)), "2/25 3/0");
    CHECK_TEXT(text_of(sky_moc_degrade(arena, m, 9, &e)), "2/25 5/7");
    struct sky_span span[] = {{8, 11}, {0, 3}, {2, 5}};
    CHECK_TEXT(text_of(sky_moc_of_spans(arena, 3, 3, span, 3, &e)), "2/0 2 3/4-5");
    CHECK_TEXT(text_of(sky_moc_of_spans(arena, 2, 3, span, 3, &e)), "2/0-2");
    span[0].hi = 768;
    CHECK(!sky_moc_of_spans(arena, 3, 3, span, 3, &e));
    CHECK_INT(e.kind, ERR_USAGE);
}

static void fits_round(const char *text, enum sky_moc_packing packing)
{
    begin();
    const struct sky_moc *before = moc(text);
    CHECK(sky_moc_print_fits(&out, before, packing, &e));
    CHECK(out.len > 0 && out.len % 2880 == 0);
    const struct sky_moc *after = sky_moc_of_fits(arena, bytes_str(&out), &e);
    if (!after)
        TEST_FAIL("%.600s", e.message);
    CHECK(same(before, after));
}

/* MOC.md B.3: NUNIQ and RANGE; MOC-3 */
TEST(fits_and_back)
{
    static const char *const text[] = {
        "0/3 1/17-18 40 7/", "29/0 5 3458764513820540927", "6/", "0/0-11", "13/12345-20000",
        "14/12345-20000"};
    for (size_t i = 0; i < sizeof text / sizeof *text; i++) {
        fits_round(text[i], SKY_MOC_NUNIQ);
        fits_round(text[i], SKY_MOC_RANGE);
    }
    CHECK(memmem(out.at, out.len, "MOCORD_S=                   14", 30) != NULL);
    CHECK(memmem(out.at, out.len, "MOCVERS = '2.0", 14) != NULL);
    CHECK(memmem(out.at, out.len, "COORDSYS= 'C", 12) != NULL);
}

TEST(bad_fits)
{
    begin();
    CHECK(!sky_moc_of_fits(arena, STR("not FITS at all"), &e));
    CHECK_INT(e.kind, ERR_USAGE);
    CHECK(sky_moc_print_fits(&out, moc("3/1-700"), SKY_MOC_NUNIQ, &e));
    int refused = 0;
    for (size_t i = 0; i < out.len; i += 97) { /* damaged anywhere: an error or a MOC */
        char old = out.at[i];
        struct err inner = {0};
        out.at[i] = (char)(old ^ 0x15);
        const struct sky_moc *m = sky_moc_of_fits(arena, bytes_str(&out), &inner);
        CHECK(m || inner.kind != ERR_NONE);
        refused += !m;
        out.at[i] = old;
    }
    CHECK(refused > 0);
    for (size_t n = 0; n < out.len; n += 500) {
        struct err inner = {0};
        const struct sky_moc *m = sky_moc_of_fits(arena, (str){out.at, n}, &inner);
        CHECK(m || inner.kind != ERR_NONE);
    }
}

/* --- real files
 * ---------------------------------------------------------------------------- */

static str read_file(const char *name)
{
    static char *content;
    char path[600];
    const char *folder = getenv("COLURE_DATA");
    snprintf(path, sizeof path, "%s/moc/%s", folder ? folder : "../shared/data", name);
    FILE *file = fopen(path, "rb");
    if (!file)
        TEST_SKIP("no data: %s", path);
    free(content);
    content = malloc(1 << 21);
    size_t n = content ? fread(content, 1, 1 << 21, file) : 0;
    fclose(file);
    return (str){content, n};
}

static void check_file(const char *name, int order, double fraction)
{
    begin();
    const struct sky_moc *m = sky_moc_of_fits(arena, read_file(name), &e);
    if (!m)
        TEST_FAIL("%s: %.600s", name, e.message);
    CHECK_INT(m->order, order);
    CHECK_NEAR(sky_moc_fraction(m), fraction, 1e-9);
    CHECK(same(moc(text_of(m)), m));
    bytes_clear(&out);
    CHECK(sky_moc_print_fits(&out, m, SKY_MOC_NUNIQ, &e));
    CHECK(same(sky_moc_of_fits(arena, bytes_str(&out), &e), m));
}

/* Fractions as mocpy gives them, orders as the headers do. */
TEST(file_cds_i_125a_catalog_moc)
{
    check_file("CDS-I-125A-catalog_MOC.fits", 8, 0.016234079996744793);
}

TEST(file_p_galexgr6_ais_fuv)
{
    check_file("P-GALEXGR6-AIS-FUV.fits", 29, 0.682103474934896);
}

TEST(file_p_sdss9_r)
{
    check_file("P-SDSS9-r.fits", 29, 0.3624379634857178);
}

TEST(file_moc2_0_smoc)
{
    check_file("MOC2.0_SMOC.fits", 29, 0.004069010421517305);
}

TEST(file_of_a_sky_map)
{
    begin();
    const struct sky_moc *m =
        sky_moc_of_fits(arena, read_file("bayestar.multiorder.fits"), &e);
    CHECK(m != NULL);
    CHECK_NEAR(sky_moc_fraction(m), 1, 0);
}

TEST(file_of_another_dimension)
{
    begin();
    CHECK(!sky_moc_of_fits(arena, read_file("MOC2.0_STMOC.fits"), &e));
    CHECK(strstr(e.message, "TIME.SPACE") != NULL);
    e = (struct err){0};
    CHECK(!sky_moc_of_fits(arena, read_file("MOC2.0_TMOC.fits"), &e));
    CHECK_INT(e.kind, ERR_USAGE);
}

TEST(file_as_text_and_fits)
{
    begin();
    str text = read_file("MOC2.0_smoc.ascii.txt");
    const struct sky_moc *a = sky_moc_parse(arena, text, &e);
    CHECK(a != NULL);
    CHECK(same(a, sky_moc_of_fits(arena, read_file("MOC2.0_SMOC.fits"), &e)));
}

RUN_TESTS(T(text_of_the_standard), T(text_becomes_canonical), T(bad_text), T(json),
          T(algebra_as_mocpy), T(cells_and_positions), T(fits_and_back), T(bad_fits),
          T(file_cds_i_125a_catalog_moc), T(file_p_galexgr6_ais_fuv), T(file_p_sdss9_r),
          T(file_moc2_0_smoc), T(file_of_a_sky_map), T(file_of_another_dimension),
          T(file_as_text_and_fits))
