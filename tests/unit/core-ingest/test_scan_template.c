/* Templates of `colure scan`: what they say is read, and what is wrong is said with its
 * place. */
#include "core/ingest/scan_inside.h"
#include "tests/test.h"

static struct arena *arena;
static struct err err;
static struct scan_template t;

static bool parse(const char *text)
{
    arena_free(arena);
    arena = arena_new(4 << 20);
    err = (struct err){0};
    return scan_template_parse(str_of(text), "t.yaml", arena, &t, &err);
}

TEST(one_product)
{
    CHECK(parse(
        "name: n\n"
        "match: {path: 'a*', header: {TELESCOP: [X, Y]}}\n"
        "hdu: [SCI, '2']\n"
        "set: {obs_id: '${A}', t_min: {column: MJD, hdu: E, take: mean, offset: -0.5}}\n"
        "links: [{semantics: '#progenitor', target: 'C?${P#}'}]\n"));
    CHECK_TEXT(t.name, "n");
    CHECK_TEXT(t.path[0], "a*");
    CHECK(!t.path[1] && !t.root);
    CHECK_INT(t.ncondition, 1);
    CHECK_TEXT(t.condition[0].glob[1], "Y");
    CHECK_INT(t.nrule, 1);
    const struct scan_rule *r = &t.rule[0];
    CHECK_TEXT(r->hdu[1], "2");
    CHECK_INT(r->nvalue, 2);
    CHECK_TEXT(r->value[0].field->name, "obs_id");
    CHECK_TEXT(r->value[1].column, "MJD");
    CHECK_INT(r->value[1].take, SCAN_MEAN);
    CHECK(r->value[1].offset == -0.5 && r->value[1].factor == 1);
    CHECK_INT(r->nlink, 1);
    CHECK_TEXT(r->link[0].target, "C?${P#}");
}

TEST(several_products)
{
    CHECK(parse("products:\n"
                "- {hdu: A, set: {calib_level: '1'}}\n"
                "- {hdu: file, set: {em_min: {word: [B, C], unit: nm, map: {x: '1', '*': "
                "'2'}}}}\n"));
    CHECK_TEXT(t.name, "t.yaml");
    CHECK_INT(t.nrule, 2);
    CHECK(!t.rule[0].is_file && t.rule[1].is_file);
    CHECK_INT(t.rule[1].value[0].npair, 2);
    CHECK_TEXT(t.rule[1].value[0].word[1], "C");
}

TEST(wrong_ones)
{
    static const char *const WRONG[][2] = {
        {"- 1", "t.yaml:1:1: a template must be a map"},
        {"what: x", "t.yaml:1:1: what is not known here"},
        {"match: x", "t.yaml:1:8: match must be a map"},
        {"match: {where: x}", "t.yaml:1:9: where is not known here"},
        {"set: {s_rah: '1'}", "t.yaml:1:7: s_rah is no column"},
        {"set: {s_ra: [1]}", "t.yaml:1:13: s_ra must be a value"},
        {"set: {s_ra: {unit: deg}}", "needs one of value, word, column, data"},
        {"set: {s_ra: {word: A, take: some}}", "t.yaml:1:29: take must be"},
        {"set: {s_ra: {word: A, factor: x}}", "factor must be a number"},
        {"products: {}", "products must be a list"},
        {"products: []\nset: {}", "products must be a list, without set"},
        {"products: [{hd: x}]", "hd is not known here; there are: hdu set links"},
        {"links: [{semantics: x, target: a, url: b}]", "a link needs semantics"},
        {"a: [", "t.yaml:"},
    };
    for (size_t i = 0; i < sizeof WRONG / sizeof *WRONG; i++) {
        CHECK(!parse(WRONG[i][0]));
        if (!strstr(err.message, WRONG[i][1]))
            CHECK_TEXT(err.message, WRONG[i][1]);
    }
}

TEST(dates)
{
    CHECK(scan_mjd("2000-01-01T12:00:00", FITS_UTC) == 51544.5);
    CHECK(scan_mjd("51544.5", FITS_UTC) == 51544.5);
    CHECK(scan_mjd("2451545.0", FITS_UTC) == 51544.5);
    CHECK(scan_mjd("31/12/99", FITS_UTC) == 51543);
    CHECK(!(scan_mjd("yesterday", FITS_UTC) == scan_mjd("yesterday", FITS_UTC))); /* NaN */
    arena_free(arena);
    arena = NULL;
}

RUN_TESTS(T(one_product), T(several_products), T(wrong_ones), T(dates))
