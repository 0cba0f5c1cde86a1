/* ucd.c -- UCD1+: are the words on the list, and does each stand where it may? */
#include <stdio.h>
#include <stdlib.h>

#include "core/base/bytes.h"
#include "core/catalog/catalog.h"
#include "core/catalog/near.h"
#include "core/catalog/ucd_table.h"

enum { SCRATCH = 160, MAX_WORDS = 16, MAX_UCD_BYTES = 512 };

static int compare_fold(str a, str b)
{
    for (size_t i = 0; i < a.len && i < b.len; i++) {
        int order =
            (unsigned char)ascii_lower(a.at[i]) - (unsigned char)ascii_lower(b.at[i]);
        if (order != 0)
            return order;
    }
    return a.len == b.len ? 0 : a.len < b.len ? -1 : 1;
}

static int compare_word(const void *key, const void *entry)
{
    return compare_fold(*(const str *)key, str_of(((const struct ucd_word *)entry)->word));
}

static int compare_old(const void *key, const void *entry)
{
    return compare_fold(*(const str *)key, str_of(((const struct ucd_old *)entry)->word));
}

static const struct ucd_word *find_word(str word)
{
    return bsearch(&word, UCD_WORD, UCD_NWORD, sizeof *UCD_WORD, compare_word);
}

static const char *near_ucd(str word)
{
    const char *best = NULL;
    uint32_t least = 500; /* nothing vaguer than an edit or a part of it */
    for (size_t i = 0; i < UCD_NWORD; i++) {
        uint32_t score = near_score(word, str_of(UCD_WORD[i].word));
        if (score < least) {
            least = score;
            best = UCD_WORD[i].word;
        }
    }
    return best;
}

static const char *unknown_word(str word, char scratch[SCRATCH])
{
    const struct ucd_old *old =
        bsearch(&word, UCD_OLD, UCD_NOLD, sizeof *UCD_OLD, compare_old);
    if (old) {
        snprintf(scratch, SCRATCH, "'%s' is a deprecated UCD word: write '%s'", old->word,
                 old->instead);
        return scratch;
    }
    const char *near = near_ucd(word);
    snprintf(scratch, SCRATCH, "'%.*s' is not a word of UCD1+%s%s%s",
             (int)(word.len < 60 ? word.len : 60), word.at, near ? ": did you mean '" : "",
             near ? near : "", near ? "'?" : "");
    return scratch;
}

static bool is_form_ok(str word)
{
    for (size_t i = 0; i < word.len; i++) {
        char c = ascii_lower(word.at[i]);
        bool is_alnum = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        bool is_start = i == 0 || word.at[i - 1] == '.';
        if (!is_alnum && (is_start || (c != '.' && c != '_' && c != '-')))
            return false;
    }
    return word.len > 0 && word.at[word.len - 1] != '.';
}

/* Without the namespace of the list itself. */
static str without_namespace(str word)
{
    if (str_starts_fold(word, STR("ivoa:")))
        return (str){word.at + 5, word.len - 5};
    return word;
}

static const char *word_problem(str word, bool is_first, const struct ucd_word **known,
                                char scratch[SCRATCH])
{
    int len = (int)(word.len < 60 ? word.len : 60);
    if (!is_form_ok(word)) {
        if (word.len == 0)
            return "a UCD word is empty: words are joined by ';' alone, none at the end";
        snprintf(
            scratch, SCRATCH,
            "'%.*s' is not the form of a UCD word (letters and digits joined by '.', no "
            "blanks)",
            len, word.at);
        return scratch;
    }
    *known = find_word(word);
    if (!*known)
        return unknown_word(word, scratch);
    if (is_first && (*known)->code == 'S') {
        snprintf(scratch, SCRATCH,
                 "'%s' cannot come first in a UCD: put the quantity itself before it",
                 (*known)->word);
        return scratch;
    }
    if (!is_first && (*known)->code == 'P') {
        snprintf(scratch, SCRATCH, "'%s' can only come first in a UCD", (*known)->word);
        return scratch;
    }
    return NULL;
}

const char *ucd_problem(str ucd, char scratch[SCRATCH])
{
    const struct ucd_word *seen[MAX_WORDS] = {NULL};
    if (ucd.len == 0)
        return "the UCD is empty: leave it out";
    if (ucd.len > MAX_UCD_BYTES)
        return "the UCD is too long";
    for (size_t n = 0; ucd.at; n++) {
        if (n == MAX_WORDS)
            return "the UCD has too many words";
        str word = without_namespace(str_cut(&ucd, ';'));
        const char *problem = word_problem(word, n == 0, &seen[n], scratch);
        if (problem || !seen[n])
            return problem;
        for (size_t i = 0; i < n; i++)
            if (seen[i] == seen[n]) {
                snprintf(scratch, SCRATCH, "'%s' is twice in the UCD", seen[n]->word);
                return scratch;
            }
    }
    return NULL;
}

const char *ucd_meaning(str ucd, struct arena *arena)
{
    struct bytes out;
    bytes_init(&out, 4096);
    if (ucd.len == 0 || ucd.len > MAX_UCD_BYTES)
        return NULL;
    while (ucd.at) {
        const struct ucd_word *word = find_word(without_namespace(str_cut(&ucd, ';')));
        if (!word) {
            bytes_free(&out);
            return NULL;
        }
        bytes_add(&out, out.len ? STR("; ") : STR(""));
        bytes_add(&out, str_of(word->meaning));
    }
    const char *text = out.failed ? NULL : arena_text(arena, bytes_str(&out));
    bytes_free(&out);
    return text;
}
