/* json_text.c -- see json_text.h. RFC 8259. */
#include "core/formats/json_text.h"

#include "core/formats/utf16.h"

const char *json_skip(const char *at, const char *end)
{
    while (at < end && (*at == ' ' || *at == '\n' || *at == '\r' || *at == '\t'))
        at++;
    return at;
}

/* Behind the string at `at`. */
static const char *string_end(const char *at, const char *end)
{
    for (at++; at < end; at++)
        if (*at == '"')
            return at + 1;
        else if (*at == '\\')
            at++;
    return NULL;
}

static bool is_plain(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           c == '+' || c == '-' || c == '.';
}

const char *json_value_end(const char *at, const char *end, uint32_t max_depth,
                           const char **problem)
{
    uint32_t depth = 0;
    while (at < end) {
        char c = *at;
        if (c == '"') {
            at = string_end(at, end);
            if (!at)
                return NULL;
        } else if (c == '{' || c == '[') {
            if (++depth > max_depth) {
                *problem = "values are nested too deeply";
                return NULL;
            }
            at++;
            continue;
        } else if (c == '}' || c == ']') {
            if (depth == 0) {
                *problem = "a value is missing";
                return NULL;
            }
            depth--;
            at++;
        } else if (is_plain(c)) {
            while (at < end && is_plain(*at))
                at++;
            if (at == end)
                return NULL;
        } else if (depth && (c == ',' || c == ':' || json_skip(at, end) != at)) {
            at++;
            continue;
        } else {
            *problem = "there is a character that is no JSON";
            return NULL;
        }
        if (depth == 0)
            return at;
    }
    return NULL;
}

static bool take_hex(str *s, uint32_t *code)
{
    *code = 0;
    if (s->len < 4)
        return false;
    for (int i = 0; i < 4; i++) {
        char c = ascii_lower(s->at[i]);
        uint32_t digit = c >= '0' && c <= '9'   ? (uint32_t)(c - '0')
                         : c >= 'a' && c <= 'f' ? (uint32_t)(c - 'a') + 10
                                                : 16;
        if (digit > 15)
            return false;
        *code = *code << 4 | digit;
    }
    *s = (str){s->at + 4, s->len - 4};
    return true;
}

/* The escape behind a backslash. */
static bool add_escape(struct bytes *b, str *s)
{
    static const char FROM[] = "\"\\/bfnrt", TO[] = "\"\\/\b\f\n\r\t";
    uint32_t code, low;
    if (s->len == 0)
        return false;
    char c = s->at[0];
    *s = (str){s->at + 1, s->len - 1};
    const char *known = c ? strchr(FROM, c) : NULL;
    if (known) {
        bytes_add_char(b, TO[known - FROM]);
        return true;
    }
    if (c != 'u' || !take_hex(s, &code))
        return false;
    if (code >= 0xD800 && code <= 0xDBFF && s->len >= 6 && s->at[0] == '\\' &&
        s->at[1] == 'u') {
        str rest = {s->at + 2, s->len - 2};
        if (take_hex(&rest, &low) && low >= 0xDC00 && low <= 0xDFFF) {
            code = 0x10000 + ((code & 0x3FF) << 10 | (low & 0x3FF));
            *s = rest;
        }
    }
    utf8_add(b, code);
    return true;
}

bool json_add_string(struct bytes *b, str quoted)
{
    if (quoted.len < 2 || quoted.at[0] != '"')
        return false;
    str s = {quoted.at + 1, quoted.len - 2};
    while (s.len) {
        size_t n = str_find(s, '\\');
        bytes_add(b, (str){s.at, n});
        s = (str){s.at + n, s.len - n};
        if (s.len == 0)
            break;
        s = (str){s.at + 1, s.len - 1};
        if (!add_escape(b, &s))
            return false;
    }
    return true;
}

/* Over a comma, to the next item; false at the closing bracket. */
static bool next_item(const char **at, const char *end, char close, const char **problem)
{
    *at = json_skip(*at, end);
    if (*at < end && **at == ',')
        *at = json_skip(*at + 1, end);
    if (*at == end) {
        *problem = "the text ends inside a value";
        return false;
    }
    if (**at != close)
        return true;
    ++*at;
    return false;
}

static bool take_value(const char **at, const char *end, uint32_t max_depth, str *value,
                       const char **problem)
{
    const char *start = json_skip(*at, end);
    const char *behind = json_value_end(start, end, max_depth, problem);
    if (!behind) {
        if (!*problem)
            *problem = "the text ends inside a value";
        return false;
    }
    *value = (str){start, (size_t)(behind - start)};
    *at = behind;
    return true;
}

bool json_next_member(const char **at, const char *end, uint32_t max_depth, str *key,
                      str *value, const char **problem)
{
    if (!next_item(at, end, '}', problem) || !take_value(at, end, 1, key, problem))
        return false;
    *at = json_skip(*at, end);
    if (*at == end || **at != ':' || key->at[0] != '"') {
        *problem = "an object has a member without a name";
        return false;
    }
    ++*at;
    return take_value(at, end, max_depth, value, problem);
}

bool json_next_element(const char **at, const char *end, uint32_t max_depth, str *value,
                       const char **problem)
{
    return next_item(at, end, ']', problem) &&
           take_value(at, end, max_depth, value, problem);
}
