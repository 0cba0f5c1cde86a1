/* bytes.h -- a growing, bounded buffer; it remembers its first failure, so that a run of
 * appends needs one check. */
#ifndef CORE_BASE_BYTES_H
#define CORE_BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "core/base/str.h"

struct bytes {
    char *at;
    size_t len, capacity, limit; /* len <= capacity <= limit */
    bool
        failed; /* over the limit, or no memory: content is whole up to the failed append */
};

void bytes_init(struct bytes *, size_t limit);
void bytes_free(struct bytes *); /* leaves an empty buffer that may be used again */
static inline void bytes_clear(struct bytes *b)
{
    b->len = 0;
}

char *bytes_grow(struct bytes *, size_t extra); /* of bytes_reserve() alone */

/* Room for `extra` more bytes: a pointer to write at, or NULL. Follow it by b->len += n. */
static inline char *bytes_reserve(struct bytes *b, size_t extra)
{
    bool has_room = extra <= b->capacity - b->len && !b->failed && b->at;
    return has_room ? b->at + b->len : bytes_grow(b, extra);
}

static inline void bytes_add(struct bytes *b, str s)
{
    char *to = s.len ? bytes_reserve(b, s.len) : NULL;
    if (!to)
        return;
    memcpy(to, s.at, s.len);
    b->len += s.len;
}

static inline void bytes_add_char(struct bytes *b, char c)
{
    char *to = bytes_reserve(b, 1);
    if (!to)
        return;
    *to = c;
    b->len++;
}

void bytes_add_format(struct bytes *, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
#define bytes_add_literal(b, literal) bytes_add((b), STR(literal))
void bytes_add_int(struct bytes *, int64_t);
/* The shortest text that reads back as the same number; whole ones without an exponent. */
void bytes_add_double(struct bytes *, double);

/* XML text: & < > " ' escaped, control characters that XML 1.0 forbids left out (VOT-12),
 * bytes that are not UTF-8 replaced by U+FFFD. */
void bytes_add_xml(struct bytes *, str);
/* Between quotes, the quotes inside doubled: SQL, ADQL. */
void bytes_add_quoted(struct bytes *, str, char quote);
/* Inside a JSON string, without the quotes. */
void bytes_add_json(struct bytes *, str);
/* Percent-encoded for one URL path segment or query value. */
void bytes_add_url(struct bytes *, str);

static inline str bytes_str(const struct bytes *b)
{
    return (str){b->at, b->len};
}

/* The content ended by NUL (not counted in len), or NULL. */
const char *bytes_text(struct bytes *);

#endif
