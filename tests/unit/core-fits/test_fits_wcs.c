/* Headers as hostile as they come: WCSLIB is to see sound cards only. */
#include <math.h>
#include <string.h>

#include "core/fits/fits_wcs.h"
#include "tests/test.h"

enum { MOST = 40 };

struct header {
    char card[MOST * FITS_CARD];
    uint32_t n;
};

static void add(struct header *h, const char *text)
{
    char *card = h->card + (size_t)h->n++ * FITS_CARD;
    memset(card, ' ', FITS_CARD);
    memcpy(card, text, strlen(text));
}

static void plain(struct header *h, const char *instead_of, const char *line)
{
    static const char *const LINES[] = {"CTYPE1  = 'RA---TAN'",
                                        "CTYPE2  = 'DEC--TAN'",
                                        "CRVAL1  =                 10.0",
                                        "CRVAL2  =                 20.0",
                                        "CRPIX1  =                 50.5 / middle",
                                        "CRPIX2  =               5.05D1",
                                        "CD1_1   =               -0.001",
                                        "CD2_2   =                0.001"};
    *h = (struct header){.n = 0};
    for (size_t i = 0; i < sizeof LINES / sizeof *LINES; i++)
        if (!instead_of || strncmp(LINES[i], instead_of, strlen(instead_of)) != 0)
            add(h, LINES[i]);
    if (line)
        add(h, line);
}

/* Where the middle of the image lies; NaN: the header gives no positions. */
static struct sky_point middle(const struct header *h, struct arena *arena)
{
    static const int64_t SIZE[] = {100, 100};
    const double xy[1][2] = {{50.5, 50.5}};
    struct sky_point at = {NAN, NAN};
    struct fits_wcs w;
    struct err e = {0};
    if (!fits_wcs_read(&w, NULL, h->card, h->n, 2, SIZE, arena, &e) || w.lng < 0 ||
        !fits_wcs_positions(&w, xy, 1, &at, &e))
        return (struct sky_point){NAN, NAN};
    return at;
}

TEST(sound_header_has_positions)
{
    struct arena *arena = arena_new(1 << 20);
    struct header h;
    plain(&h, NULL, NULL);
    struct sky_point at = middle(&h, arena);
    CHECK_NEAR(at.lon_deg, 10, 1e-9);
    CHECK_NEAR(at.lat_deg, 20, 1e-9);
    arena_free(arena);
}

TEST(bad_cards_are_not_seen)
{
    static const char *const BAD[] = {"CUNIT1  = 'deg",
                                      "A_2_0   =",
                                      "A_2_0   = 'DEC--SIN'",
                                      "A_2_0   = -TAB 20.0",
                                      "RESTFRQ = 1420\xff\xff\xff",
                                      "EQUINOX = 200).0",
                                      "CRVAL\x01 = 3",
                                      "LONPOLE = 'x'",
                                      "crval1  = 5.0",
                                      "EQUINOX = NaN",
                                      "LATPOLE = 1e999",
                                      "DATE-OBS= '2001-01-01T00:00:00"};
    struct arena *arena = arena_new(1 << 20);
    for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++) {
        struct header h;
        plain(&h, NULL, BAD[i]);
        struct sky_point at = middle(&h, arena);
        CHECK_NEAR(at.lon_deg, 10, 1e-9);
        CHECK_NEAR(at.lat_deg, 20, 1e-9);
    }
    arena_free(arena);
}

TEST(what_has_no_inverse_has_no_positions)
{
    static const char *const LINES[][2] = {{"CD2_2", "CD2_2   =                  0.0"},
                                           {"CD1_1", "CD1_2   =                0.001"},
                                           {"CD1_1", "WCSAXES =                   90"}};
    struct arena *arena = arena_new(1 << 20);
    for (size_t i = 0; i < sizeof LINES / sizeof *LINES; i++) {
        struct header h;
        plain(&h, LINES[i][0], LINES[i][1]);
        CHECK(isnan(middle(&h, arena).lon_deg));
    }
    arena_free(arena);
}

TEST(distortion_tables_are_not_passed_over)
{
    struct arena *arena = arena_new(1 << 20);
    struct header h;
    plain(&h, NULL, "CPDIS1  = 'LOOKUP  '");
    CHECK(isnan(middle(&h, arena).lon_deg));
    arena_free(arena);
}

TEST(numbers_in_quotes_are_numbers)
{
    struct arena *arena = arena_new(1 << 20);
    struct header h;
    plain(&h, "CRVAL1", "CRVAL1  = '12.5    '           / a text");
    CHECK_NEAR(middle(&h, arena).lon_deg, 12.5, 1e-9);
    arena_free(arena);
}

TEST(words_of_an_axis_that_is_gone)
{
    struct arena *arena = arena_new(1 << 20);
    struct header h;
    plain(&h, NULL, "CUNIT3  = 'pixel   '");
    CHECK_NEAR(middle(&h, arena).lon_deg, 10, 1e-9);
    arena_free(arena);
}

/* WCSLIB 7.12 frees twice or allocates for hours over these: it never sees them. */
TEST(words_of_lookup_tables_are_not_seen)
{
    static const char *const WORDS[][3] = {
        {"CTYPE3  = 'WAVE-TAB'", "PS3_0   = 'T'", "PV3_3   = 2.0"},
        {"CTYPE3  = 'WAVE-TAB'", "PS3_0   = 'T'", "PV3_3   = 1000000000.0"},
        {"CTYPE3  = 'WAVE-TAB'", "PS3_1   = 'T'", "PV3_3   = -5.0"},
        {"CTYPE3A = 'WAVE-TAB'", "PS3_0A  = 'T'", "PV3_3A  = 2.0"},
        {"CTYPE3A = 'WAVE-TAB'", "PS3_0A  = 'T'", "PV3_3A  = 1E9"},
        {"CTYPE3Z = 'TT---TAB'", "PS3_0Z  = 'T'", "PV3_3Z  = 1000000000.0"}};
    struct arena *arena = arena_new(1 << 20);
    for (size_t i = 0; i < sizeof WORDS / sizeof *WORDS; i++) {
        struct header h;
        plain(&h, NULL, WORDS[i][0]);
        add(&h, WORDS[i][1]);
        add(&h, WORDS[i][2]);
        struct sky_point at = middle(&h, arena);
        CHECK_NEAR(at.lon_deg, 10, 1e-9);
        CHECK_NEAR(at.lat_deg, 20, 1e-9);
    }
    arena_free(arena);
}

/* WCSLIB 7.12 takes it that there are two, and writes behind the arrays of the one. */
TEST(plate_solution_of_one_axis)
{
    static const int64_t SIZE[] = {100};
    struct arena *arena = arena_new(1 << 20);
    struct header h = {.n = 0};
    struct fits_wcs w;
    struct err e = {0};
    add(&h, "CTYPE1  = 'RA---AIT'");
    add(&h, "CNPIX1  =                 50.0");
    CHECK(fits_wcs_read(&w, NULL, h.card, h.n, 1, SIZE, arena, &e));
    CHECK(w.lng < 0 || w.lat < 0);
    arena_free(arena);
}

RUN_TESTS(T(plate_solution_of_one_axis), T(words_of_lookup_tables_are_not_seen),
          T(sound_header_has_positions), T(bad_cards_are_not_seen),
          T(what_has_no_inverse_has_no_positions), T(distortion_tables_are_not_passed_over),
          T(numbers_in_quotes_are_numbers), T(words_of_an_axis_that_is_gone))
