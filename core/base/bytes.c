/* bytes.c -- the bounded buffer and the escapes of text formats. */
#include "core/base/bytes.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/base/num.h"

enum { FIRST_BYTES = 256 };

void bytes_init(struct bytes *b, size_t limit)
{
    *b = (struct bytes){.limit = limit};
}

void bytes_free(struct bytes *b)
{
    free(b->at);
    *b = (struct bytes){.limit = b->limit};
}

char *bytes_grow(struct bytes *b, size_t extra)
{
    size_t capacity = b->capacity ? b->capacity : FIRST_BYTES;
    if (b->failed || extra > b->limit || b->len > b->limit - extra) {
        b->failed = true;
        return NULL;
    }
    while (capacity < b->len + extra)
        capacity *= 2;
    if (capacity > b->limit)
        capacity = b->limit;
    char *at = realloc(b->at, capacity ? capacity : 1);
    if (!at) {
        b->failed = true;
        return NULL;
    }
    b->at = at;
    b->capacity = capacity;
    return at + b->len;
}

void bytes_add_format(struct bytes *b, const char *format, ...)
{
    char small[512];
    va_list args;
    va_start(args, format);
    va_list again;
    va_copy(again, args);
    int len = vsnprintf(small, sizeof small, format, args);
    va_end(args);
    if (len < 0)
        b->failed = true;
    else if ((size_t)len < sizeof small)
        bytes_add(b, (str){small, (size_t)len});
    else {
        char *to = bytes_reserve(b, (size_t)len + 1);
        if (to) {
            vsnprintf(to, (size_t)len + 1, format, again);
            b->len += (size_t)len;
        }
    }
    va_end(again);
}

void bytes_add_int(struct bytes *b, int64_t value)
{
    char text[NUM_TEXT_BYTES];
    bytes_add(b, (str){text, num_print_int(value, text)});
}

/* 0.051 of 51 thousandths: as short as any text can be that reads back as their double. */
static void add_thousandths(struct bytes *b, int64_t n)
{
    int64_t fraction = n % 1000;
    char digits[] = {(char)('0' + fraction / 100), (char)('0' + fraction / 10 % 10),
                     (char)('0' + fraction % 10)};
    bytes_add_int(b, n / 1000);
    bytes_add_char(b, '.');
    bytes_add(b, (str){digits, digits[2] != '0' ? 3 : digits[1] != '0' ? 2 : 1});
}

void bytes_add_double(struct bytes *b, double value)
{
    const double exact = 1e15; /* up to here an integer says the same */
    const double small = 0.001, large = 1e9;
    char text[NUM_TEXT_BYTES];
    int64_t thousandths =
        value >= small && value < large ? (int64_t)(value * 1000 + 0.5) : 0;
    if (value > -exact && value < exact && value == (double)(int64_t)value)
        bytes_add_int(b, (int64_t)value);
    else if (thousandths && value == (double)thousandths / 1000)
        add_thousandths(b, thousandths);
    else
        bytes_add(b, (str){text, num_print_double(value, text)});
}

void bytes_add_quoted(struct bytes *b, str s, char quote)
{
    bytes_add_char(b, quote);
    while (s.len > 0) {
        size_t n = str_find(s, quote);
        bytes_add(b, (str){s.at, n});
        if (n < s.len) {
            bytes_add_char(b, quote);
            bytes_add_char(b, quote);
            n++;
        }
        s = (str){s.at + n, s.len - n};
    }
    bytes_add_char(b, quote);
}

static const char *xml_escape(unsigned char c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return c < 0x20 && c != '\t' && c != '\n' && c != '\r' ? "" : NULL;
    }
}

static void add_xml_valid(struct bytes *b, str s)
{
    size_t from = 0;
    for (size_t i = 0; i < s.len; i++) {
        const char *escape = xml_escape((unsigned char)s.at[i]);
        if (!escape)
            continue;
        bytes_add(b, (str){s.at + from, i - from});
        bytes_add(b, str_of(escape));
        from = i + 1;
    }
    bytes_add(b, (str){s.at + from, s.len - from});
}

/* Bytes that are no UTF-8 become U+FFFD, the rest goes through `add`. */
static void add_repaired(struct bytes *b, str s, void (*add)(struct bytes *, str))
{
    size_t bad;
    while (!str_is_utf8(s, &bad)) {
        add(b, (str){s.at, bad});
        bytes_add_literal(b, "\xEF\xBF\xBD");
        s = (str){s.at + bad + 1, s.len - bad - 1};
    }
    add(b, s);
}

/* So many bytes at the beginning stand for themselves: most texts as a whole. */
static size_t plain_length(str s)
{
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.at[i];
        if (c < ' ' || c >= 0x80 || xml_escape(c))
            return i;
    }
    return s.len;
}

void bytes_add_xml(struct bytes *b, str s)
{
    size_t plain = plain_length(s);
    bytes_add(b, (str){s.at, plain});
    if (plain < s.len)
        add_repaired(b, (str){s.at + plain, s.len - plain}, add_xml_valid);
}

static void add_json_valid(struct bytes *b, str s)
{
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.at[i];
        if (c == '"' || c == '\\') {
            bytes_add_char(b, '\\');
            bytes_add_char(b, (char)c);
        } else if (c == '\n')
            bytes_add_literal(b, "\\n");
        else if (c < 0x20)
            bytes_add_format(b, "\\u%04x", c);
        else
            bytes_add_char(b, (char)c);
    }
}

void bytes_add_json(struct bytes *b, str s)
{
    add_repaired(b, s, add_json_valid);
}

static bool is_unreserved(unsigned char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           c == '-' || c == '.' || c == '_' || c == '~';
}

void bytes_add_url(struct bytes *b, str s)
{
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.at[i];
        if (is_unreserved(c))
            bytes_add_char(b, (char)c);
        else
            bytes_add_format(b, "%%%02X", c);
    }
}

const char *bytes_text(struct bytes *b)
{
    char *end = bytes_reserve(b, 1);
    if (!end)
        return NULL;
    *end = '\0';
    return b->at;
}
