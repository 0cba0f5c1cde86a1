/* text_write.c -- aligned columns for terminals. Widths are those of the names and of the
 * first batch; a longer cell later pushes its row. Control characters become blanks, so
 * that no value moves the cursor. */
#include "core/formats/sinks.h"

enum { WIDTH_MAX = 60 };

struct text {
    struct writer w;
    uint32_t *width; /* characters */
    bool has_widths;
    uint64_t nrow;
    struct bytes cell;
};

/* Characters of UTF-8: bytes that continue one are not counted. */
static uint32_t characters(str s)
{
    uint32_t n = 0;
    for (size_t i = 0; i < s.len; i++)
        n += ((unsigned char)s.at[i] & 0xC0) != 0x80;
    return n;
}

/* The cell as it is shown, in w->cell. */
static str cell_text(struct text *w, const struct field *f, const struct store_vector *v,
                     uint32_t irow)
{
    bytes_clear(&w->cell);
    if (!store_is_valid(v, irow))
        return STR("");
    if (f->column->type == STORE_TEXT) {
        struct cell cell = field_cell(f, v, irow);
        bytes_add(&w->cell, (str){cell.at, cell.count});
        for (size_t i = 0; i < w->cell.len; i++)
            if ((unsigned char)w->cell.at[i] < 0x20 || w->cell.at[i] == 0x7F)
                w->cell.at[i] = ' ';
    } else {
        char *to = bytes_reserve(&w->cell, field_print_bytes(f, v, irow));
        if (to)
            w->cell.len = (size_t)(field_print(f, v, irow, to) - to);
    }
    return bytes_str(&w->cell);
}

static bool begin(struct sink *sink, const struct result_head *head, struct bytes *out,
                  struct err *e)
{
    struct text *w = (struct text *)sink;
    (void)out;
    if (!writer_begin(&w->w, head, e))
        return false;
    w->width = arena_new_array(w->w.arena, uint32_t, head->ncolumn + 1);
    return w->width || writer_no_memory(e);
}

static void widen(uint32_t *width, str s)
{
    uint32_t n = characters(s);
    n = n < WIDTH_MAX ? n : WIDTH_MAX;
    if (n > *width)
        *width = n;
}

static void find_widths(struct text *w, const struct store_batch *b)
{
    for (uint32_t i = 0; i < w->w.head->ncolumn; i++) {
        widen(&w->width[i], str_of(w->w.head->column[i]->name));
        widen(&w->width[i], str_of(w->w.head->column[i]->unit));
        for (uint32_t irow = 0; b && irow < b->nrow; irow++)
            widen(&w->width[i], cell_text(w, &w->w.field[i], &b->column[i], irow));
    }
}

static void add_blanks(struct bytes *out, uint32_t n)
{
    char *to = bytes_reserve(out, n);
    if (!to)
        return;
    memset(to, ' ', n);
    out->len += n;
}

/* A cell in its column; numbers stand right. The last column has no blanks behind it. */
static void add_padded(struct text *w, uint32_t i, str s, bool is_right, struct bytes *out)
{
    uint32_t n = characters(s), fill = n < w->width[i] ? w->width[i] - n : 0;
    bool is_last = i + 1 == w->w.head->ncolumn;
    if (i)
        bytes_add_literal(out, "  ");
    if (is_right)
        add_blanks(out, fill);
    bytes_add(out, s);
    if (!is_right && !is_last)
        add_blanks(out, fill);
    if (is_last)
        bytes_add_char(out, '\n');
}

static bool is_number(const struct field *f)
{
    return !f->is_text && f->is_scalar;
}

static void add_heading(struct text *w, struct bytes *out)
{
    const struct result_head *head = w->w.head;
    bool any_unit = false;
    for (uint32_t i = 0; i < head->ncolumn; i++) {
        add_padded(w, i, str_of(head->column[i]->name), is_number(&w->w.field[i]), out);
        any_unit |= head->column[i]->unit && *head->column[i]->unit;
    }
    for (uint32_t i = 0; any_unit && i < head->ncolumn; i++)
        add_padded(w, i, str_of(head->column[i]->unit), is_number(&w->w.field[i]), out);
    for (uint32_t i = 0; i < head->ncolumn; i++) {
        char line[WIDTH_MAX + 1];
        memset(line, '-', sizeof line);
        add_padded(w, i, (str){line, w->width[i]}, false, out);
    }
}

static void start_table(struct text *w, const struct store_batch *first, struct bytes *out)
{
    if (w->has_widths)
        return;
    w->has_widths = true;
    find_widths(w, first);
    add_heading(w, out);
}

static bool rows(struct sink *sink, const struct store_batch *b, struct bytes *out,
                 struct err *e)
{
    struct text *w = (struct text *)sink;
    start_table(w, b, out);
    for (uint32_t irow = 0; irow < b->nrow; irow++) {
        size_t start = out->len;
        for (uint32_t i = 0; i < w->w.head->ncolumn; i++)
            add_padded(w, i, cell_text(w, &w->w.field[i], &b->column[i], irow),
                       is_number(&w->w.field[i]), out);
        if (out->failed || w->cell.failed) {
            out->len = start;
            return writer_too_long(e);
        }
        w->nrow++;
    }
    return true;
}

static bool end(struct sink *sink, enum ending ending, const struct err *why,
                struct bytes *out, struct err *e)
{
    struct text *w = (struct text *)sink;
    (void)why;
    if (ending == ENDING_FAILED)
        return false;
    start_table(w, NULL, out);
    bytes_add_format(out, "(%llu row%s", (unsigned long long)w->nrow,
                     w->nrow == 1 ? "" : "s");
    if (ending == ENDING_OVERFLOW) {
        const char *text = w->w.head->overflow_text;
        bytes_add_literal(out, "; there are more: ");
        bytes_add(out, str_of(text ? text : "the row limit was reached"));
    }
    bytes_add_literal(out, ")\n");
    return !out->failed || writer_too_long(e);
}

static void close_sink(struct sink *sink)
{
    bytes_free(&((struct text *)sink)->cell);
    writer_free((struct writer *)sink);
}

struct sink *sink_text(const struct format_options *options, struct err *e)
{
    static const struct sink CALLS = {false, -1, begin, rows, end, close_sink};
    enum { CELL_MAX_BYTES = 256 << 20 };
    struct text *w = writer_new(sizeof *w, &CALLS, options, e);
    if (!w)
        return NULL;
    bytes_init(&w->cell, CELL_MAX_BYTES);
    return &w->w.sink;
}
