/* words.c -- reserved words: which one is it? Found by first letter, then length. */
#include "core/catalog/words.h"

struct entry {
    uint8_t len;
    uint16_t word;
    const char *text;
};

/* One table a letter, each ended by a length of 0. */
#define X(w) {sizeof #w - 1, WORD_##w, #w},
#define L(letter)                                                                          \
    static const struct entry WORDS_##letter[] = {ADQL_WORDS_IN_##letter(X){0, 0, NULL}};
ADQL_LETTERS(L)
#undef L

static const struct entry *const BY_LETTER[26] = {
    /* clang-format off */
    WORDS_A, WORDS_B, WORDS_C, WORDS_D, WORDS_E, WORDS_F, WORDS_G, WORDS_H, WORDS_I,
    WORDS_J, WORDS_K, WORDS_L, WORDS_M, WORDS_N, WORDS_O, WORDS_P, NULL, WORDS_R, WORDS_S,
    WORDS_T, WORDS_U, WORDS_V, WORDS_W, NULL, WORDS_Y, WORDS_Z
    /* clang-format on */
};
#undef X

static const char *const TEXTS[NWORD] = {[WORD_NONE] = "",
#define X(w) [WORD_##w] = #w,
#define L(letter) ADQL_WORDS_IN_##letter(X)
                                         ADQL_LETTERS(L)
#undef L
#undef X
};

static bool is_word(str s, const struct entry *e)
{
    for (size_t i = 1; i < s.len; i++)
        if (ascii_upper(s.at[i]) != e->text[i])
            return false;
    return true;
}

enum word word_of(str s)
{
    unsigned letter = s.len ? (unsigned)(unsigned char)ascii_upper(s.at[0]) - 'A' : 26;
    if (letter >= 26 || !BY_LETTER[letter])
        return WORD_NONE;
    for (const struct entry *e = BY_LETTER[letter]; e->len; e++)
        if (e->len == s.len && is_word(s, e))
            return (enum word)e->word;
    return WORD_NONE;
}

const char *word_text(enum word w)
{
    return TEXTS[w];
}

bool word_is_new(enum word w)
{
    return w == WORD_OFFSET || w == WORD_ILIKE || w == WORD_IN_UNIT || w == WORD_BIGINT ||
           w == WORD_COT;
}
