/* xml_text.c -- see xml_text.h. */
#include "core/formats/xml_text.h"

/* Not copied as they are: 1 escaped or left out, 2 first byte of a longer character. */
static uint8_t special(unsigned char c)
{
    if (c >= 0x80)
        return 2;
    return c < 0x20 || c == '&' || c == '<' || c == '>';
}

/* True if any of eight bytes is special. */
static bool any_special(uint64_t v)
{
    const uint64_t ONES = 0x0101010101010101u, HIGH = 0x8080808080808080u;
#define HAS(c) (((v ^ (ONES * (c))) - ONES) & ~(v ^ (ONES * (c))))
    return ((v | ((v - ONES * 0x20) & ~v) | HAS('&') | HAS('<') | HAS('>')) & HIGH) != 0;
#undef HAS
}

static size_t utf8_bytes(str s)
{
    unsigned char c = (unsigned char)s.at[0];
    size_t n = c >= 0xF0 ? 4 : c >= 0xE0 ? 3 : 2;
    return n <= s.len && str_is_utf8((str){s.at, n}, NULL) ? n : 0;
}

static char *put(const char *escape, char *to)
{
    size_t n = strlen(escape);
    memcpy(to, escape, n);
    return to + n;
}

/* One special character; *used gets its bytes. */
static char *put_special(str s, size_t *used, char *to)
{
    *used = 1;
    switch (s.at[0]) {
    case '&':
        return put("&amp;", to);
    case '<':
        return put("&lt;", to);
    case '>':
        return put("&gt;", to);
    case '\r':
        return put("&#13;", to);
    case '\t':
    case '\n':
        *to = s.at[0];
        return to + 1;
    default:
        break;
    }
    if ((unsigned char)s.at[0] < 0x20)
        return to;
    size_t n = utf8_bytes(s);
    /* U+FFFE and U+FFFF are no characters of XML */
    if (n == 0 || (n == 3 && (unsigned char)s.at[0] == 0xEF &&
                   (unsigned char)s.at[1] == 0xBF && (unsigned char)s.at[2] >= 0xBE)) {
        *used = n ? n : 1;
        return put("\xEF\xBF\xBD", to);
    }
    memcpy(to, s.at, n);
    *used = n;
    return to + n;
}

char *xml_text_put(str s, char *to)
{
    while (s.len) {
        uint64_t eight;
        for (; s.len >= 8; s.at += 8, s.len -= 8, to += 8) {
            memcpy(&eight, s.at, 8);
            if (any_special(eight))
                break;
            memcpy(to, &eight, 8);
        }
        for (; s.len && !special((unsigned char)*s.at); s.at++, s.len--)
            *to++ = *s.at;
        if (s.len) {
            size_t used;
            to = put_special(s, &used, to);
            s = (str){s.at + used, s.len - used};
        }
    }
    return to;
}
