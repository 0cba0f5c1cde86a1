/* base64.h -- RFC 4648 base64, fast both ways; decoding in pieces, blanks between. */
#ifndef CORE_BASE_BASE64_H
#define CORE_BASE_BASE64_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/str.h"

static inline size_t base64_encoded_bytes(size_t n)
{
    return (n + 2) / 3 * 4;
}

/* Encodes n bytes in one line, padded by '='. `out` has room for base64_encoded_bytes(n),
 * which is also what it returns. To encode in pieces, give multiples of 3 bytes but at the
 * end. */
size_t base64_encode(const void *in, size_t n, char *out);

/* A decoder's memory between pieces; begin with all zero. */
struct base64_decoder {
    uint32_t bits;  /* of an unfinished group of four */
    uint32_t count; /* characters in it, 0..3 */
    uint32_t padding;
};

/* Room that base64_decode() wants for a piece of n characters. */
static inline size_t base64_decoded_bytes(size_t n)
{
    return (n + 3) / 4 * 3 + 32;
}

/* Decodes a piece: blanks (space, tab, CR, LF) may stand anywhere. Writes *nout bytes.
 * False: a character that is no base64, or text after the padding; *bad is its position. */
bool base64_decode(struct base64_decoder *, str in, unsigned char *out, size_t *nout,
                   size_t *bad);

/* True if the text may end here: its last group of four is whole. */
bool base64_decode_end(const struct base64_decoder *);

#endif
