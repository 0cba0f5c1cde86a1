/* json.c -- see json.h. */
#include "core/base/json.h"

#include <math.h>

static void begin(struct bytes *b, const char *key)
{
    char last = b->len ? b->at[b->len - 1] : '{';
    if (last != '{' && last != '[')
        bytes_add_char(b, ',');
    if (!key)
        return;
    bytes_add_char(b, '"');
    bytes_add_json(b, str_of(key));
    bytes_add_literal(b, "\":");
}

void json_raw(struct bytes *b, const char *key, str text)
{
    begin(b, key);
    bytes_add(b, text);
}

void json_open(struct bytes *b, const char *key, char bracket)
{
    begin(b, key);
    bytes_add_char(b, bracket);
}

void json_close(struct bytes *b, char bracket)
{
    bytes_add_char(b, bracket);
}

void json_str(struct bytes *b, const char *key, str text)
{
    begin(b, key);
    bytes_add_char(b, '"');
    bytes_add_json(b, text);
    bytes_add_char(b, '"');
}

void json_text(struct bytes *b, const char *key, const char *text)
{
    if (text)
        json_str(b, key, str_of(text));
    else if (!key)
        json_raw(b, NULL, STR("null"));
}

void json_int(struct bytes *b, const char *key, int64_t n)
{
    begin(b, key);
    bytes_add_int(b, n);
}

void json_count(struct bytes *b, const char *key, int64_t n)
{
    if (n >= 0)
        json_int(b, key, n);
    else if (!key)
        json_raw(b, NULL, STR("null"));
}

void json_double(struct bytes *b, const char *key, double value)
{
    if (!isfinite(value)) {
        if (!key)
            json_raw(b, NULL, STR("null"));
        return;
    }
    begin(b, key);
    bytes_add_double(b, value);
}

void json_bool(struct bytes *b, const char *key, bool yes)
{
    json_raw(b, key, yes ? STR("true") : STR("false"));
}
