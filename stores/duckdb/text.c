/* text.c -- names and text as SQL writes them. */
#include "stores/duckdb/internal.h"

void put_name(struct bytes *out, str name)
{
    bytes_add_quoted(out, name, '"');
}

void put_literal(struct bytes *out, str text)
{
    bytes_add_quoted(out, text, '\'');
}

void put_dotted(struct bytes *out, str name)
{
    while (name.at) {
        put_name(out, str_cut(&name, '.'));
        if (name.at)
            bytes_add_char(out, '.');
    }
}
