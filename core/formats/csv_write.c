/* csv_write.c -- comma-separated values after RFC 4180, and tab-separated ones. Null is an
 * empty cell, empty text is "" (CSV); arrays are DALI text, blanks between the elements. */
#include "core/formats/sinks.h"

struct csv {
    struct writer w;
    char separator;
    bool has_header;
};

/* True if a cell must stand in quotes: it holds what would end it, or blanks at its ends,
 * or it is empty and would be taken for null. */
static bool needs_quotes(str s, char separator)
{
    if (s.len == 0 || s.at[0] == ' ' || s.at[s.len - 1] == ' ')
        return true;
    for (size_t i = 0; i < s.len; i++)
        if (s.at[i] == separator || s.at[i] == '"' || s.at[i] == '\n' || s.at[i] == '\r')
            return true;
    return false;
}

/* NUL bytes end cells in too many readers: they are left out. */
static char *put_quoted(str s, char *to)
{
    *to++ = '"';
    for (size_t i = 0; i < s.len; i++) {
        if (s.at[i] == '"')
            *to++ = '"';
        *to = s.at[i];
        to += s.at[i] != '\0';
    }
    *to++ = '"';
    return to;
}

/* A cell of text takes at most twice its bytes and the quotes. TSV has no quotes: what
 * would end a cell becomes a blank (TAP-36). */
static char *put_text(const struct csv *w, str s, char *to)
{
    if (w->separator == ',' && needs_quotes(s, ','))
        return put_quoted(s, to);
    for (size_t i = 0; i < s.len; i++) {
        char c = s.at[i];
        *to = c;
        if (w->separator == '\t' && (c == '\t' || c == '\n' || c == '\r'))
            *to = ' ';
        to += c != '\0';
    }
    return to;
}

static char *put_line_end(const struct csv *w, char *to)
{
    if (w->separator == ',')
        *to++ = '\r';
    *to++ = '\n';
    return to;
}

static bool begin(struct sink *sink, const struct result_head *head, struct bytes *out,
                  struct err *e)
{
    struct csv *w = (struct csv *)sink;
    if (!writer_begin(&w->w, head, e))
        return false;
    for (uint32_t i = 0; w->has_header && i < head->ncolumn; i++) {
        str name = str_of(head->column[i]->name);
        char *to = bytes_reserve(out, 2 * name.len + 6), *start = to;
        if (!to)
            return writer_too_long(e);
        if (i)
            *to++ = w->separator;
        to = put_text(w, name, to);
        if (i + 1 == head->ncolumn)
            to = put_line_end(w, to);
        out->len += (size_t)(to - start);
    }
    return true;
}

static size_t row_bytes(const struct csv *w, const struct store_batch *b, uint32_t irow)
{
    size_t n = 8;
    for (uint32_t i = 0; i < w->w.head->ncolumn; i++) {
        const struct field *f = &w->w.field[i];
        if (f->column->type == STORE_TEXT)
            n += 2 * (size_t)field_cell(f, &b->column[i], irow).count + 4;
        else
            n += field_print_bytes(f, &b->column[i], irow) + 1;
    }
    return n;
}

static char *put_cell(const struct csv *w, const struct field *f,
                      const struct store_vector *v, uint32_t irow, char *to)
{
    if (!store_is_valid(v, irow))
        return to;
    if (f->column->type != STORE_TEXT)
        return field_print(f, v, irow, to);
    struct cell cell = field_cell(f, v, irow);
    return put_text(w, (str){cell.at, cell.count}, to);
}

static bool rows(struct sink *sink, const struct store_batch *b, struct bytes *out,
                 struct err *e)
{
    const struct csv *w = (struct csv *)sink;
    for (uint32_t irow = 0; irow < b->nrow; irow++) {
        char *to = bytes_reserve(out, row_bytes(w, b, irow)), *start = to;
        if (!to)
            return writer_too_long(e);
        for (uint32_t i = 0; i < w->w.head->ncolumn; i++) {
            if (i)
                *to++ = w->separator;
            to = put_cell(w, &w->w.field[i], &b->column[i], irow, to);
        }
        to = put_line_end(w, to);
        out->len += (size_t)(to - start);
    }
    return true;
}

static bool end(struct sink *sink, enum ending ending, const struct err *why,
                struct bytes *out, struct err *e)
{
    (void)sink, (void)why, (void)out, (void)e;
    return ending != ENDING_FAILED;
}

static void close_sink(struct sink *sink)
{
    writer_free((struct writer *)sink);
}

static struct sink *make(char separator, bool has_header,
                         const struct format_options *options, struct err *e)
{
    static const struct sink CALLS = {false, -1, begin, rows, end, close_sink};
    struct csv *w = writer_new(sizeof *w, &CALLS, options, e);
    if (!w)
        return NULL;
    w->separator = separator;
    w->has_header = has_header;
    return &w->w.sink;
}

struct sink *sink_csv(const struct format_options *options, struct err *e)
{
    return make(',', true, options, e);
}

struct sink *sink_csv_without_header(const struct format_options *options, struct err *e)
{
    return make(',', false, options, e);
}

struct sink *sink_tsv(const struct format_options *options, struct err *e)
{
    return make('\t', true, options, e);
}
