/* test_search.c -- what a search finds, and in which order. */
#include "tests/unit/web/made_catalog.h"

#include "tests/test.h"
#include "web/search.h"

static const struct made_column SHOWER[] = {
    {"e", "log(eV)", "phys.energy", "Common logarithm of the energy in eV"},
    {"ze", "deg", "pos.az.zd", "Angle between shower axis and the vertical"},
    {"ev", NULL, "meta.id", "Event number in the run"},
    {"ra", "deg", "pos.eq.ra;meta.main", "Longitude of the arrival direction"},
    {"nmu", NULL, "meta.number;phys.particle", "Number of muons"},
};
static const struct made_column SOURCE[] = {
    {"name", NULL, "meta.id;meta.main", "Designation"},
    {"flux", "erg/s/cm**2", "phot.flux", "Energy flux above 1 GeV"},
    {"ra", "deg", "pos.eq.ra", "Right ascension"},
};

static struct catalog *world(void)
{
    struct catalog *c = snapshot_new();
    struct catalog_schema *s = arena_new_array(c->arena, struct catalog_schema, 3);
    struct catalog_table *t = arena_new_array(c->arena, struct catalog_table, 2);
    made_table(&t[0], c->arena, "kascade", "events", "One row for each shower", SHOWER,
               sizeof SHOWER / sizeof *SHOWER);
    made_table(&t[1], c->arena, "fermi", "sources", "Gamma-ray sources", SOURCE,
               sizeof SOURCE / sizeof *SOURCE);
    s[0] = (struct catalog_schema){
        .name = "kascade", .title = "Air showers", .ntable = 1, .table = &t[0]};
    s[1] = (struct catalog_schema){
        .name = "fermi", .title = "Sky survey", .index = 1, .ntable = 1, .table = &t[1]};
    s[2] = (struct catalog_schema){.name = "empty", .title = "Nothing yet", .index = 2};
    c->nschema = 3;
    c->schema = s;
    snapshot_index(c);
    return c;
}

static struct search_answer answer;
static struct arena *arena;

static void search(const char *query)
{
    static struct search_index *index; /* hits point into its catalog */
    if (!index) {
        struct catalog *c = world();
        index = search_index_new(c);
        catalog_drop(c);
        arena = arena_new(16u << 20);
    }
    CHECK(index);
    CHECK(search_run(index, str_of(query), arena, &answer));
}

/* "kascade.events/e", "kascade.events", "kascade"; "" when there is no such hit. */
static const char *hit(uint32_t i)
{
    static char text[200];
    *text = '\0';
    if (i >= answer.nhit)
        return text;
    const struct search_hit *h = &answer.hit[i];
    snprintf(text, sizeof text, "%s%s%s", h->table ? h->table->full_name : h->schema->name,
             h->column ? "/" : "", h->column ? h->column->meta.name : "");
    return text;
}

static bool finds(const char *name)
{
    for (uint32_t i = 0; i < answer.nhit; i++)
        if (strcmp(hit(i), name) == 0)
            return true;
    return false;
}

TEST(a_ucd_comes_before_a_word_of_a_description)
{
    search("energy");
    CHECK_TEXT(hit(0), "kascade.events/e");
    CHECK(finds("fermi.sources/flux"));
    search("phys.energy");
    CHECK_TEXT(hit(0), "kascade.events/e");
    CHECK_INT(answer.total, 1);
}

TEST(a_word_finds_the_ucd_that_means_it)
{
    search("zenith");
    CHECK_TEXT(hit(0), "kascade.events/ze");
}

TEST(a_unit_is_found_as_people_write_it)
{
    search("log10 eV");
    CHECK_TEXT(hit(0), "kascade.events/e");
    search("log(eV)");
    CHECK_TEXT(hit(0), "kascade.events/e");
    search("unit:deg");
    CHECK(finds("kascade.events/ze") && finds("fermi.sources/ra"));
    CHECK(!finds("kascade.events/e"));
}

TEST(the_name_itself_comes_first)
{
    search("ra");
    CHECK(answer.nhit >= 2 && answer.hit[0].column && answer.hit[1].column);
    CHECK_TEXT(answer.hit[0].column->meta.name, "ra");
    CHECK_TEXT(answer.hit[1].column->meta.name, "ra");
    search("kascade");
    CHECK_TEXT(hit(0), "kascade");
    CHECK(finds("kascade.events"));
}

TEST(all_words_must_be_found)
{
    search("energy kascade");
    CHECK_TEXT(hit(0), "kascade.events/e");
    CHECK(!finds("fermi.sources/flux"));
    search("energy nonsense");
    CHECK_INT(answer.nhit, 0);
    search("the energy of the shower");
    CHECK(finds("kascade.events/e"));
}

TEST(tables_are_found_by_words_of_several_columns)
{
    search("ucd:phys.energy ucd:pos.eq.ra");
    CHECK_TEXT(hit(0), "kascade.events");
    CHECK_INT(answer.total, 1);
}

TEST(beginnings_plurals_and_slips_are_found)
{
    search("ener");
    CHECK(finds("kascade.events/e"));
    search("energies");
    CHECK(finds("kascade.events/e"));
    search("enrgy");
    CHECK(finds("kascade.events/e"));
    search("muon");
    CHECK(finds("kascade.events/nmu"));
}

TEST(odd_questions_find_nothing_and_break_nothing)
{
    static const char *const ODD[] = {
        "",      "   ", "\"", "()", "ucd:", "unit:", "'-", "%s%n%n", "\xF0\x9F\x98\x80",
        "a\xFF", ",,,"};
    for (size_t i = 0; i < sizeof ODD / sizeof *ODD; i++) {
        search(ODD[i]);
        CHECK(answer.nhit <= SEARCH_HITS);
    }
    char longest[5001];
    memset(longest, 'x', 5000);
    longest[5000] = '\0';
    search(longest);
    CHECK_INT(answer.nhit, 0);
    for (int i = 1; i < 5000; i += 2)
        longest[i] = ' ';
    search(longest);
    CHECK(answer.nneedle <= SEARCH_NEEDLES);
}

TEST(words_of_texts)
{
    char word[SEARCH_WORD_BYTES];
    size_t at = 0;
    str text = STR("Core_X (10^15 eV)");
    CHECK_INT(search_next_word(text, &at, word), 4);
    CHECK(memcmp(word, "core", 4) == 0);
    CHECK_INT(search_next_word(text, &at, word), 1);
    CHECK_INT(search_next_word(text, &at, word), 2);
    CHECK_INT(search_next_word(text, &at, word), 2);
    CHECK(memcmp(word, "15", 2) == 0);
    CHECK_INT(search_next_word(text, &at, word), 2);
    CHECK_INT(search_next_word(text, &at, word), 0);
}

TEST(a_large_catalog_gives_its_best)
{
    struct catalog *c = made_catalog(10, 20, 20);
    struct search_index *x = search_index_new(c);
    CHECK(x);
    CHECK(search_run(x, STR("energy"), arena, &answer));
    CHECK_INT(answer.nhit, SEARCH_HITS);
    CHECK(answer.total >= 400);
    for (uint32_t i = 1; i < answer.nhit; i++)
        CHECK(answer.hit[i - 1].score >= answer.hit[i].score);
    CHECK_TEXT(answer.hit[0].column->meta.name, "energy");
    search_index_drop(x);
    catalog_drop(c);
}

RUN_TESTS(T(a_ucd_comes_before_a_word_of_a_description),
          T(a_word_finds_the_ucd_that_means_it), T(a_unit_is_found_as_people_write_it),
          T(the_name_itself_comes_first), T(all_words_must_be_found),
          T(tables_are_found_by_words_of_several_columns),
          T(beginnings_plurals_and_slips_are_found),
          T(odd_questions_find_nothing_and_break_nothing), T(words_of_texts),
          T(a_large_catalog_gives_its_best))
