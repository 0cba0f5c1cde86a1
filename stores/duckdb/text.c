/* text.c -- names and text as SQL writes them. */
#include "stores/duckdb/internal.h"

static void put_quoted(struct bytes *out, str text, char quote)
{
    bytes_add_char(out, quote);
    while (text.len > 0) {
        size_t n = str_find(text, quote);
        bytes_add(out, (str){text.at, n});
        if (n < text.len) {
            bytes_add_char(out, quote);
            bytes_add_char(out, quote);
            n++;
        }
        text = (str){text.at + n, text.len - n};
    }
    bytes_add_char(out, quote);
}

void put_name(struct bytes *out, str name)
{
    put_quoted(out, name, '"');
}

void put_literal(struct bytes *out, str text)
{
    put_quoted(out, text, '\'');
}

void put_dotted(struct bytes *out, str name)
{
    while (name.at) {
        put_name(out, str_cut(&name, '.'));
        if (name.at)
            bytes_add_char(out, '.');
    }
}
