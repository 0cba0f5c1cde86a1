/* fits_word.c -- see fits_word.h. */
#include "core/fits/fits_word.h"

/* A text in quotes, a doubled one is one; trailing blanks do not count. */
static void unquote(str value, char out[FITS_WORD_BYTES])
{
    size_t n = 0;
    for (size_t i = 1; i < value.len && n < FITS_WORD_BYTES - 1; i++) {
        if (value.at[i] == '\'' && !(i + 1 < value.len && value.at[++i] == '\''))
            break;
        out[n++] = value.at[i];
    }
    while (n > 0 && out[n - 1] == ' ')
        n--;
    out[n] = '\0';
}

static bool take_value(str value, char out[FITS_WORD_BYTES])
{
    value = str_trim(value);
    if (value.len > 0 && value.at[0] == '\'')
        unquote(value, out);
    else {
        value = str_trim(str_cut(&value, '/'));
        size_t n = value.len < FITS_WORD_BYTES - 1 ? value.len : FITS_WORD_BYTES - 1;
        memcpy(out, value.at, n);
        out[n] = '\0';
    }
    return out[0] != '\0';
}

/* What stands behind the "=" of "HIERARCH NAME = ...", if that is its name. */
static bool is_long_word(const char *card, str name, str *value)
{
    static const char BEGIN[] = "HIERARCH ";
    str rest = {card, FITS_CARD};
    if (memcmp(card, BEGIN, sizeof BEGIN - 1) != 0)
        return false;
    rest.at += sizeof BEGIN - 1, rest.len -= sizeof BEGIN - 1;
    str is = str_trim(str_cut(&rest, '='));
    *value = rest;
    return rest.at && str_eq(is, name);
}

bool fits_word(const struct fits_hdu *h, const char *name, char out[FITS_WORD_BYTES])
{
    str word = str_of(name), value;
    bool is_long = word.len > 8 || str_find(word, ' ') < word.len;
    out[0] = '\0';
    if (!is_long) {
        const char *card = fits_card_find(h, name);
        return card && card[8] == '=' && take_value((str){card + 9, FITS_CARD - 9}, out);
    }
    for (uint32_t i = 0; i < h->ncard; i++)
        if (is_long_word(h->card + (size_t)i * FITS_CARD, word, &value))
            return take_value(value, out);
    return false;
}

void fits_name(const struct fits_hdu *h, char out[FITS_WORD_BYTES])
{
    fits_word(h, "EXTNAME", out);
}
