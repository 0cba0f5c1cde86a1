/* utf16.c -- see utf16.h. */
#include "core/formats/utf16.h"

#include "core/formats/big_endian.h"

enum { REPLACEMENT = 0xFFFD };

/* The character at the front of *s, which moves on. */
static uint32_t take_character(str *s)
{
    static const uint8_t LENGTH[16] = {1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 2, 2, 3, 4};
    const unsigned char *p = (const unsigned char *)s->at;
    uint32_t n = LENGTH[p[0] >> 4];
    if (n == 0 || n > s->len || !str_is_utf8((str){s->at, n}, NULL)) {
        *s = (str){s->at + 1, s->len - 1};
        return REPLACEMENT;
    }
    uint32_t code = n == 1 ? p[0] : p[0] & (0x7Fu >> n);
    for (uint32_t i = 1; i < n; i++)
        code = code << 6 | (p[i] & 0x3F);
    *s = (str){s->at + n, s->len - n};
    return code;
}

uint32_t utf16_units(str s)
{
    uint32_t n = 0;
    while (s.len)
        n += take_character(&s) > 0xFFFF ? 2 : 1;
    return n;
}

uint32_t utf16_put(str s, uint32_t room, char *to)
{
    uint32_t n = 0;
    while (s.len) {
        uint32_t code = take_character(&s);
        uint32_t units = code > 0xFFFF ? 2 : 1;
        if (n + units > room)
            break;
        if (units == 2) {
            store_be16(to + 2 * (size_t)n, (uint16_t)(0xD7C0 + (code >> 10)));
            store_be16(to + 2 * (size_t)n + 2, (uint16_t)(0xDC00 | (code & 0x3FF)));
        } else
            store_be16(to + 2 * (size_t)n, (uint16_t)code);
        n += units;
    }
    return n;
}

void utf8_add(struct bytes *b, uint32_t c)
{
    char *to = bytes_reserve(b, 4);
    if (!to)
        return;
    if (c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF))
        c = REPLACEMENT;
    static const uint8_t MARK[] = {0, 0, 0xC0, 0xE0, 0xF0};
    uint32_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    for (uint32_t i = n; i-- > 1; c >>= 6)
        to[i] = (char)(0x80 | (c & 0x3F));
    to[0] = (char)(n == 1 ? c : MARK[n] | c);
    b->len += n;
}

void utf16_add_utf8(const char *units, uint32_t n, struct bytes *b)
{
    for (uint32_t i = 0; i < n; i++) {
        uint32_t code = load_be16(units + 2 * (size_t)i);
        bool is_high = code >= 0xD800 && code <= 0xDBFF;
        if (is_high && i + 1 < n) {
            uint32_t low = load_be16(units + 2 * (size_t)i + 2);
            if (low >= 0xDC00 && low <= 0xDFFF) {
                code = 0x10000 + ((code & 0x3FF) << 10 | (low & 0x3FF));
                i++;
            }
        }
        utf8_add(b, code);
    }
}
