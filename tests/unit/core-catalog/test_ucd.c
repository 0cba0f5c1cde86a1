/* test_ucd.c -- UCD1+: words of the list, and where they may stand. */
#include "core/catalog/catalog.h"
#include "core/catalog/ucd_table.h"
#include "tests/test.h"

static void check_good(const char *ucd)
{
    char scratch[160];
    const char *problem = ucd_problem(str_of(ucd), scratch);
    if (problem)
        TEST_FAIL("%s: %s", ucd, problem);
}

static void check_bad(const char *ucd, const char *part)
{
    char scratch[160];
    const char *problem = ucd_problem(str_of(ucd), scratch);
    if (!problem || !strstr(problem, part))
        TEST_FAIL("%s: %s", ucd, problem ? problem : "(no problem)");
}

/* UCD-3: the list has 568 words and 211 deprecated ones, in order. */
TEST(the_whole_list)
{
    CHECK_INT(UCD_NWORD, 568);
    CHECK_INT(UCD_NOLD, 211);
    for (size_t i = 0; i < UCD_NWORD; i++) {
        char pair[200];
        bool is_second = UCD_WORD[i].code == 'S';
        snprintf(pair, sizeof pair, "%s%s", is_second ? "obs.param;" : "",
                 UCD_WORD[i].word);
        check_good(pair);
        CHECK(UCD_WORD[i].meaning[0] != '\0');
    }
    for (size_t i = 0; i < UCD_NOLD; i++)
        check_bad(UCD_OLD[i].word, "is a deprecated UCD word: write '");
}

/* The combinations that UCD.md recommends. */
/* UCD-5, UCD-6 */
TEST(frequent_choices)
{
    static const char *const GOOD[] = {"meta.id;meta.main",
                                       "pos.eq.ra;meta.main",
                                       "pos.galactic.lon",
                                       "pos.pm;pos.eq.dec",
                                       "stat.error;pos.parallax.trig",
                                       "phot.mag;em.opt.V",
                                       "stat.error;phot.mag;em.opt.V",
                                       "phot.color;em.opt.B;em.opt.V",
                                       "spect.dopplerVeloc",
                                       "time.epoch",
                                       "meta.ref.url",
                                       "phys.size;meta.file",
                                       "meta.code.mime",
                                       "pos.outline;obs.field",
                                       "meta.record",
                                       "time.duration;obs.exposure;stat.min",
                                       "phys.electField;em.radio"};
    for (size_t i = 0; i < sizeof GOOD / sizeof *GOOD; i++)
        check_good(GOOD[i]);
}

/* UCD-1, UCD-2, UCD-3: case does not count, the namespace of the list may be written. */
TEST(spelling)
{
    check_good("POS.EQ.RA;meta.MAIN");
    check_good("phot.flux;em.x-RAY");
    check_good("ivoa:pos.eq.ra");
    check_bad("vox:image", "form of a UCD word");
    check_bad("", "leave it out");
    check_bad("pos.eq.ra; meta.main", "no blanks");
    check_bad("pos.eq.ra;", "empty");
    check_bad("pos..eq", "form");
    check_bad("pos.eq.ra,meta.main", "form");
}

/* UCD-3, code P and S; UCD-4 */
TEST(positions)
{
    check_bad("meta.main;pos.eq.ra", "'meta.main' cannot come first");
    check_bad("em.opt.V", "cannot come first");
    check_bad("phot.mag;stat.error", "'stat.error' can only come first");
    check_bad("meta.id;meta.note", "can only come first");
    check_bad("pos;POS", "twice");
}

/* UCD-8: the old ones are no words. */
TEST(unknown_words_get_a_proposal)
{
    check_bad("stat.err", "did you mean 'stat.error'?");
    check_bad("pos.eq.rra", "did you mean 'pos.eq.ra'?");
    check_bad("phys.temprature", "did you mean 'phys.temperature'?");
    check_bad("time.obs.start", "write 'time.start;obs'");
    check_bad("phys.at", "write 'phys.atmol'");
    check_bad("POS_EQ_RA_MAIN", "not a word");
    check_bad("zzzzzzzzz", "not a word of UCD1+");
}

TEST(long_ones)
{
    char text[700];
    memset(text, 'a', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    check_bad(text, "too long");
    text[400] = '\0';
    check_bad(text, "not a word");
    char many[200] = "pos";
    for (size_t n = 3; n + 2 < sizeof many; n += 2) {
        many[n] = ';';
        many[n + 1] = 'a';
    }
    check_bad(many, "'a' is not a word");
}

TEST(meanings)
{
    struct arena *arena = arena_new(1 << 16);
    CHECK_TEXT(ucd_meaning(STR("pos.eq.ra;meta.main"), arena),
               "right ascension; main value");
    CHECK_TEXT(ucd_meaning(STR("PHOT.MAG;em.opt.V"), arena),
               "magnitude; visible light, V band");
    CHECK(!ucd_meaning(STR("nonsense"), arena));
    CHECK(!ucd_meaning(STR(""), arena));
    arena_free(arena);
}

RUN_TESTS(T(the_whole_list), T(frequent_choices), T(spelling), T(positions),
          T(unknown_words_get_a_proposal), T(long_ones), T(meanings))
