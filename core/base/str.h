/* str.h -- text is a view: a pointer and a length, never assumed to end in NUL. */
#ifndef CORE_BASE_STR_H
#define CORE_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef struct {
    const char *at;
    size_t len;
} str;

/* Only of literals: anything else does not compile. */
#define STR(literal) ((str){("" literal), sizeof(literal) - 1})
#define STR_FMT(s) (int)(s).len, (s).at /* printf("%.*s", STR_FMT(s)) */

/* Of a NUL-terminated text; NULL gives the empty view. */
static inline str str_of(const char *text)
{
    return (str){text ? text : "", text ? strlen(text) : 0};
}

static inline bool str_eq(str a, str b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

static inline char ascii_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static inline char ascii_upper(char c)
{
    return c >= 'a' && c <= 'z' ? (char)(c - 32) : c;
}

/* ASCII case folded away. */
bool str_eq_fold(str a, str b);
bool str_starts_fold(str text, str prefix);
uint64_t str_hash(str);      /* FNV-1a */
uint64_t str_hash_fold(str); /* of the lower-cased text */

/* Without ASCII blanks (space, tab, CR, LF) at both ends. */
str str_trim(str);

/* Cuts `text` at the first `separator`: returns what is before it, leaves what is after;
 * without one returns all and leaves the empty view with at == NULL. */
str str_cut(str *text, char separator);

/* Position of the first `c`, or len. */
size_t str_find(str text, char c);

/* Optimal string alignment distance of ASCII-folded texts, for "did you mean"; gives up
 * (and returns a value over it) past `limit`. */
size_t str_edit_distance(str a, str b, size_t limit);

/* True if the bytes are well-formed UTF-8 (no surrogates, no overlong forms); else *bad is
 * the position of the first bad byte. bad may be NULL. */
bool str_is_utf8(str, size_t *bad);

#endif
