/* str.c -- views of text. */
#include "core/base/str.h"

bool str_eq_fold(str a, str b)
{
    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++)
        if (ascii_lower(a.at[i]) != ascii_lower(b.at[i]))
            return false;
    return true;
}

bool str_starts_fold(str text, str prefix)
{
    return text.len >= prefix.len && str_eq_fold((str){text.at, prefix.len}, prefix);
}

uint64_t str_hash(str s)
{
    uint64_t h = 14695981039346656037u;
    for (size_t i = 0; i < s.len; i++)
        h = (h ^ (unsigned char)s.at[i]) * 1099511628211u;
    return h;
}

uint64_t str_hash_fold(str s)
{
    uint64_t h = 14695981039346656037u;
    for (size_t i = 0; i < s.len; i++)
        h = (h ^ (unsigned char)ascii_lower(s.at[i])) * 1099511628211u;
    return h;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

str str_trim(str s)
{
    while (s.len && is_blank(s.at[0]))
        s.at++, s.len--;
    while (s.len && is_blank(s.at[s.len - 1]))
        s.len--;
    return s;
}

size_t str_find(str text, char c)
{
    const char *hit = text.len ? memchr(text.at, c, text.len) : NULL;
    return hit ? (size_t)(hit - text.at) : text.len;
}

str str_cut(str *text, char separator)
{
    size_t at = str_find(*text, separator);
    str head = {text->at, at};
    if (at == text->len)
        *text = (str){NULL, 0};
    else
        *text = (str){text->at + at + 1, text->len - at - 1};
    return head;
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

enum { EDIT_MAX = 64 };

size_t str_edit_distance(str a, str b, size_t limit)
{
    size_t rows[3][EDIT_MAX + 1];
    size_t *before = rows[0], *above = rows[1], *row = rows[2];

    if (a.len > EDIT_MAX || b.len > EDIT_MAX)
        return limit + 1;
    for (size_t j = 0; j <= b.len; j++)
        above[j] = j;
    for (size_t i = 1; i <= a.len; i++) {
        row[0] = i;
        size_t best = i;
        for (size_t j = 1; j <= b.len; j++) {
            char ca = ascii_lower(a.at[i - 1]), cb = ascii_lower(b.at[j - 1]);
            row[j] = least(least(above[j], row[j - 1]) + 1, above[j - 1] + (ca != cb));
            if (i > 1 && j > 1 && ca == ascii_lower(b.at[j - 2]) &&
                cb == ascii_lower(a.at[i - 2]))
                row[j] = least(row[j], before[j - 2] + 1);
            best = least(best, row[j]);
        }
        if (best > limit)
            return limit + 1;
        size_t *oldest = before;
        before = above;
        above = row;
        row = oldest;
    }
    return above[b.len];
}

/* Length of the well-formed sequence at p (n bytes left), or 0. */
static size_t utf8_length(const unsigned char *p, size_t n)
{
    if (p[0] < 0x80)
        return 1;
    size_t len = p[0] >= 0xF0 ? 4 : p[0] >= 0xE0 ? 3 : 2;
    if (p[0] < 0xC2 || p[0] > 0xF4 || n < len)
        return 0;
    for (size_t i = 1; i < len; i++)
        if ((p[i] & 0xC0) != 0x80)
            return 0;
    bool overlong = (p[0] == 0xE0 && p[1] < 0xA0) || (p[0] == 0xF0 && p[1] < 0x90);
    bool outside = (p[0] == 0xED && p[1] > 0x9F) || (p[0] == 0xF4 && p[1] > 0x8F);
    return overlong || outside ? 0 : len;
}

bool str_is_utf8(str s, size_t *bad)
{
    const unsigned char *p = (const unsigned char *)s.at;
    for (size_t i = 0; i < s.len;) {
        uint64_t eight = 0x80;
        if (s.len - i >= sizeof eight)
            memcpy(&eight, p + i, sizeof eight);
        if (!(eight & 0x8080808080808080u)) { /* ASCII, as nearly all */
            i += sizeof eight;
            continue;
        }
        size_t n = utf8_length(p + i, s.len - i);
        if (n == 0) {
            if (bad)
                *bad = i;
            return false;
        }
        i += n;
    }
    return true;
}
