/* message.c -- errors for people: the place, the line, a caret under it. */
#include <stdio.h>

#include "adql/adql.h"
#include "adql/message.h"

enum { WIDTH = 100, BEFORE = 60 }; /* characters shown of a long line; before the place */

void message_one_line(char *message)
{
    for (; *message; message++)
        if ((unsigned char)*message < 0x20)
            *message = ' ';
}

/* Line number `line` of the text, without its end. A lone CR ends a line too. */
static str line_of(str text, int line)
{
    size_t from = 0;
    for (int n = 1; n < line && from < text.len; from++)
        if (text.at[from] == '\n' ||
            (text.at[from] == '\r' && !(from + 1 < text.len && text.at[from + 1] == '\n')))
            n++;
    size_t to = from;
    while (to < text.len && text.at[to] != '\n' && text.at[to] != '\r')
        to++;
    return (str){text.at + from, to - from};
}

static bool continues(char c)
{
    return ((unsigned char)c & 0xC0) == 0x80;
}

/* Bytes of the first n characters. */
static size_t bytes_of(str s, size_t n)
{
    size_t i = 0;
    while (i < s.len && n > 0) {
        i++;
        while (i < s.len && continues(s.at[i]))
            i++;
        n--;
    }
    return i;
}

static void add_source(struct bytes *b, str line, size_t column)
{
    size_t skip = column > BEFORE ? column - BEFORE : 0;
    size_t from = bytes_of(line, skip);
    str shown = {line.at + from, line.len - from};
    size_t len = bytes_of(shown, WIDTH);
    if (skip)
        bytes_add_literal(b, "...");
    for (size_t i = 0; i < len; i++)
        bytes_add_char(b, (unsigned char)shown.at[i] < 0x20 ? ' ' : shown.at[i]);
    if (len < shown.len)
        bytes_add_literal(b, "...");
    bytes_add_char(b, '\n');
    for (size_t i = 0; i + 1 < column - skip + (skip ? 3 : 0); i++)
        bytes_add_char(b, ' ');
    bytes_add_literal(b, "^\n");
}

void adql_explain_error(str query, const struct err *e, struct bytes *b)
{
    if (e->line <= 0 || e->column <= 0) {
        bytes_add(b, str_of(e->message));
        bytes_add_char(b, '\n');
        return;
    }
    bytes_add_format(b, "%d:%d: ", e->line, e->column);
    bytes_add(b, str_of(e->message));
    bytes_add_char(b, '\n');
    str bom = STR("\xEF\xBB\xBF");
    if (query.len >= bom.len && memcmp(query.at, bom.at, bom.len) == 0)
        query = (str){query.at + bom.len, query.len - bom.len};
    str line = line_of(query, e->line);
    size_t most = line.len + 1, column = (size_t)e->column;
    add_source(b, line, column < most ? column : most);
}
