/* utf16.h -- UTF-8 to and from the UTF-16 of unicodeChar. Bytes that are no UTF-8, and lone
 * surrogates, become U+FFFD. */
#ifndef CORE_FORMATS_UTF16_H
#define CORE_FORMATS_UTF16_H

#include "core/base/bytes.h"

/* Code units of a text. */
uint32_t utf16_units(str);

/* Writes at most `room` whole units, big-endian; returns how many. */
uint32_t utf16_put(str, uint32_t room, char *to);

/* Appends n big-endian units as UTF-8. */
void utf16_add_utf8(const char *units, uint32_t n, struct bytes *);

/* Appends one character. */
void utf8_add(struct bytes *, uint32_t code);

#endif
