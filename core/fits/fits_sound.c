/* fits_sound.c -- see fits_sound.h. */
#include "core/fits/fits_sound.h"

#include <math.h>

#include "core/base/num.h"
#include "core/fits/fits_file.h"

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* A keyword, left justified, of the letters that the standard allows. */
static bool is_keyword(const char *card)
{
    int n = 0;
    while (n < 8 && ((card[n] >= 'A' && card[n] <= 'Z') || is_digit(card[n]) ||
                     card[n] == '_' || card[n] == '-'))
        n++;
    for (int i = n; i < 8; i++)
        if (card[i] != ' ')
            return false;
    return n > 0 && memcmp(card + 8, "= ", 2) == 0;
}

/* Behind a text's closing quote; NULL: it has none. */
static const char *skip_text(const char *at, const char *end)
{
    for (at++; at < end; at++) {
        if (*at != '\'')
            continue;
        if (at + 1 == end || at[1] != '\'')
            return at + 1;
        at++; /* two quotes mean one */
    }
    return NULL;
}

/* Behind a number; NULL: it is none. */
static const char *skip_number(const char *at, const char *end)
{
    char text[FITS_CARD];
    size_t n = 0;
    double value;
    while (at + n < end && at[n] != ' ' && at[n] != '/') {
        text[n] = at[n] == 'D' ? 'E' : at[n]; /* FORTRAN's exponent */
        n++;
    }
    return n > 0 && (is_digit(text[n - 1]) || text[n - 1] == '.') &&
                   num_parse_double((str){text, n}, &value) && isfinite(value)
               ? at + n
               : NULL;
}

static bool is_for_text(const char *card)
{
    static const char *const BEGIN[] = {"CTYPE",    "CUNIT",   "CNAME",   "RADESYS",
                                        "RADECSYS", "SPECSYS", "SSYSOBS", "SSYSSRC",
                                        "WCSNAME",  "DATE",    "TIMESYS", "TIMEUNIT",
                                        "TREFPOS",  "TREFDIR", "PS"};
    for (size_t i = 0; i < sizeof BEGIN / sizeof *BEGIN; i++)
        if (memcmp(card, BEGIN[i], strlen(BEGIN[i])) == 0)
            return true;
    return false;
}

/* WCSLIB 7.12 crashes on values that are none, absent, or text in place of numbers, and
 * writes past its buffers when a text has no closing quote: it sees cards with a keyword, a
 * value of its kind, and a comment. No keyword of a WCS has a logical value. */
static bool is_sound_card(const char *card)
{
    const char *at = card + 10, *end = card + FITS_CARD;
    if (!is_keyword(card))
        return false;
    while (at < end && *at == ' ')
        at++;
    if (at == end || *at == '/')
        return false;
    if ((*at == '\'') != is_for_text(card))
        return false;
    at = *at == '\'' ? skip_text(at, end) : skip_number(at, end);
    while (at && at < end && *at == ' ')
        at++;
    return at && (at == end || *at == '/');
}

/* WCSLIB reads FORTRAN's exponent (5.0D1) as none. */
static void mend_exponent(char *card)
{
    if (is_for_text(card))
        return;
    for (int i = 10; i < FITS_CARD && card[i] != '/'; i++)
        card[i] = card[i] == 'D' ? 'E' : card[i];
}

/* Some programs write numbers between quotes: they mean the number. */
static void mend_quotes(char *card)
{
    const char *end = card + FITS_CARD;
    char *at = card + 10;
    double value;
    while (at < end && *at == ' ')
        at++;
    const char *behind = at < end && *at == '\'' ? skip_text(at, end) : NULL;
    if (!behind || !is_keyword(card) || is_for_text(card) ||
        !num_parse_double(str_trim((str){at + 1, (size_t)(behind - at) - 2}), &value))
        return;
    at[0] = ' ';
    at[behind - at - 1] = ' ';
}

char *fits_sound_cards(const char *card, uint32_t *ncard, struct arena *arena)
{
    char *out = arena_alloc(arena, (size_t)*ncard + 1, FITS_CARD), *to = out;
    uint32_t n = 0;
    for (uint32_t i = 0; out && i < *ncard; i++, card += FITS_CARD) {
        memcpy(to, card, FITS_CARD);
        mend_quotes(to);
        if (is_sound_card(to)) {
            mend_exponent(to);
            to += FITS_CARD, n++;
        }
    }
    *ncard = n;
    return out;
}

/* "CTYPE" or "PV": the axis behind it and, at the end of the keyword, the version's letter
 * or a blank. 0: no such keyword. */
static int axis_of(const char *card, const char *begin, char *version)
{
    size_t n = strlen(begin), last = 7;
    int axis = 0;
    if (memcmp(card, begin, n) != 0)
        return 0;
    for (; n < 8 && is_digit(card[n]) && axis < 100; n++)
        axis = axis * 10 + (card[n] - '0');
    while (last > n && card[last] == ' ')
        last--;
    *version = card[last] >= 'A' && card[last] <= 'Z' ? card[last] : ' ';
    return axis;
}

static void hide_parameters(char *card, uint32_t ncard, int axis, char version)
{
    char own = ' ';
    for (; ncard > 0; ncard--, card += FITS_CARD)
        if ((axis_of(card, "PV", &own) == axis || axis_of(card, "PS", &own) == axis) &&
            own == version)
            memset(card, ' ', FITS_CARD);
}

void fits_hide_tabs(char *card, uint32_t ncard)
{
    for (uint32_t i = 0; i < ncard; i++) {
        char *at = card + (size_t)i * FITS_CARD, version, keyword[9] = "";
        const char *quote = memchr(at + 10, '\'', FITS_CARD - 20);
        int axis = axis_of(at, "CTYPE", &version);
        if (axis == 0 || !quote || memcmp(quote + 5, "-TAB", 4) != 0)
            continue;
        memcpy(keyword, at, 8);
        fits_put_card(at, keyword, "'INDEX   '", NULL);
        hide_parameters(card, ncard, axis, version);
    }
}

static bool is_plate(const char *card)
{
    static const char *const BEGIN[] = {"CNPIX", "PPO",  "XPIXELSZ", "YPIXELSZ",
                                        "PLTRA", "PLTD", "AMDX",     "AMDY"};
    for (size_t i = 0; i < sizeof BEGIN / sizeof *BEGIN; i++)
        if (memcmp(card, BEGIN[i], strlen(BEGIN[i])) == 0)
            return true;
    return false;
}

void fits_hide_plate(char *card, uint32_t ncard)
{
    char version = ' ';
    for (uint32_t i = 0; i < ncard; i++)
        if (axis_of(card + (size_t)i * FITS_CARD, "CTYPE", &version) == 2 && version == ' ')
            return;
    for (uint32_t i = 0; i < ncard; i++)
        if (is_plate(card + (size_t)i * FITS_CARD))
            memset(card + (size_t)i * FITS_CARD, ' ', FITS_CARD);
}
