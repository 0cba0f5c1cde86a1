/* fits_write.c -- FITS binary tables. Rows go to a first spool file as BINARY2, while
 * widths of text, counts of arrays and ranges of integers are taken; at the end the header
 * is known and the rows are rewritten once, in order, into the file that is sent. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/formats/big_endian.h"
#include "core/formats/binary_cell.h"
#include "core/formats/binary_rows.h"
#include "core/formats/fits_card.h"
#include "core/formats/sinks.h"

enum { COLUMNS_MAX = 999, RAW_MAX_BYTES = 1 << 30, STEP_BYTES = 1 << 20 };

/* What the rows have told of a column, and how it is written. */
struct fits_column {
    uint32_t width;   /* text: most characters */
    uint32_t longest; /* variable arrays: most elements */
    int64_t least, most;
    bool has_value, has_null;
    char code;   /* of TFORM */
    size_t from; /* bytes of the cell in BINARY2; 0: variable */
    size_t to;   /* bytes in the FITS row */
    int64_t null;
    bool is_widened; /* unsigned bytes that need 16 bits because all values are taken */
};

struct fits {
    struct writer w;
    struct binary_rows *rows;
    struct fits_column *column;
    struct spool_file spool; /* BINARY2 rows */
    struct spool_file heap, file;
    struct bytes raw, heap_raw; /* of a chunk; of the heap, not yet in its file */
    uint64_t nrow, heap_bytes;
    bool is_wide; /* 64-bit descriptors */
};

static const char CODES[] = {
    [DATATYPE_BOOLEAN] = 'L',       [DATATYPE_BIT] = 'X',
    [DATATYPE_UBYTE] = 'B',         [DATATYPE_SHORT] = 'I',
    [DATATYPE_INT] = 'J',           [DATATYPE_LONG] = 'K',
    [DATATYPE_CHAR] = 'A',          [DATATYPE_UNICODE] = 'A',
    [DATATYPE_FLOAT] = 'E',         [DATATYPE_DOUBLE] = 'D',
    [DATATYPE_FLOAT_COMPLEX] = 'C', [DATATYPE_DOUBLE_COMPLEX] = 'M'};

static bool is_integer(const struct field *f)
{
    return f->datatype >= DATATYPE_UBYTE && f->datatype <= DATATYPE_LONG;
}

static bool open_spools(struct fits *w, struct err *e)
{
    const struct format_options *o = w->w.options;
    struct spool_file *files[] = {&w->spool, &w->heap, &w->file};
    for (int i = 0; i < 3; i++) {
        files[i]->fd = format_spool_open(o->spool_dir, e);
        files[i]->limit = o->spool_max_bytes;
        if (files[i]->fd < 0)
            return false;
    }
    return true;
}

static bool begin(struct sink *sink, const struct result_head *head, struct bytes *out,
                  struct err *e)
{
    struct fits *w = (struct fits *)sink;
    (void)out;
    if (head->ncolumn > COLUMNS_MAX)
        return err_set(e, ERR_USAGE, "FITS tables have at most %d columns, this one has %u",
                       COLUMNS_MAX, head->ncolumn);
    if (!writer_begin(&w->w, head, e) || !open_spools(w, e))
        return false;
    w->column = arena_new_array(w->w.arena, struct fits_column, head->ncolumn + 1);
    for (uint32_t i = 0; w->column && i < head->ncolumn; i++) {
        struct field *f = &w->w.field[i];
        if (f->is_text) { /* whatever is declared: its width is that of its longest value */
            f->datatype = DATATYPE_CHAR;
            f->is_variable = true;
        }
        f->has_null = false;
        w->column[i].code = CODES[f->datatype];
        w->column[i].from = f->is_variable ? 0 : binary_fixed_bytes(f);
    }
    w->rows = binary_rows_new(w->w.field, head->ncolumn, true, w->w.arena);
    w->is_wide = w->w.options->spool_max_bytes > INT32_MAX;
    return (w->column && w->rows) || writer_no_memory(e);
}

/* --- what the rows tell ------------------------------------------------------------------
 */

static uint32_t characters(struct cell cell)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < cell.count; i++)
        n += ((unsigned char)cell.at[i] & 0xC0) != 0x80;
    return n;
}

static void watch_cell(struct fits_column *c, const struct field *f, struct cell cell,
                       uint64_t *heap_bytes)
{
    if (f->is_text) {
        uint32_t n = f->is_time ? 0 : cell.count > c->width ? characters(cell) : 0;
        c->width = n > c->width ? n : c->width;
    } else if (f->is_variable) {
        struct binary_size size = binary_variable_size(f, cell);
        c->longest = size.count > c->longest ? size.count : c->longest;
        *heap_bytes += size.bytes;
    } else {
        int64_t value = field_integer(f, cell);
        c->least = !c->has_value || value < c->least ? value : c->least;
        c->most = !c->has_value || value > c->most ? value : c->most;
        c->has_value = true;
    }
}

static void watch_time(struct fits_column *c, const struct field *f,
                       const struct store_vector *v, uint32_t irow)
{
    char text[128];
    uint32_t n = (uint32_t)(field_print(f, v, irow, text) - text);
    c->width = n > c->width ? n : c->width;
}

static void watch_column(struct fits *w, uint32_t i, const struct store_vector *v,
                         uint32_t nrow)
{
    struct fits_column *c = &w->column[i];
    const struct field *f = &w->w.field[i];
    bool is_watched = f->is_variable || is_integer(f);
    for (uint32_t irow = 0; irow < nrow; irow++) {
        if (!store_is_valid(v, irow))
            c->has_null = true;
        else if (f->is_time)
            watch_time(c, f, v, irow);
        else if (is_watched)
            watch_cell(c, f, field_cell(f, v, irow), &w->heap_bytes);
    }
}

static bool rows(struct sink *sink, const struct store_batch *b, struct bytes *out,
                 struct err *e)
{
    struct fits *w = (struct fits *)sink;
    (void)out;
    for (uint32_t i = 0; i < w->w.head->ncolumn; i++)
        watch_column(w, i, &b->column[i], b->nrow);
    for (uint32_t from = 0; from < b->nrow; from += BINARY_ROWS_MAX) {
        uint32_t n = b->nrow - from < BINARY_ROWS_MAX ? b->nrow - from : BINARY_ROWS_MAX;
        bytes_clear(&w->raw);
        if (!binary_rows_add(w->rows, b, from, n, &w->raw, e) ||
            !format_spool_add(&w->spool, w->raw.at, w->raw.len, e))
            return false;
    }
    w->nrow += b->nrow;
    return true;
}

/* --- the header --------------------------------------------------------------------------
 */

/* A value that no row has stands for null. */
static bool choose_null(struct fits_column *c, const struct field *f, struct err *e)
{
    if (!c->has_null || !is_integer(f) || !f->is_scalar)
        return true;
    c->null = DATATYPES[f->datatype].least;
    if (!c->has_value || c->least > DATATYPES[f->datatype].least)
        return true;
    c->null = DATATYPES[f->datatype].most;
    if (c->most < DATATYPES[f->datatype].most)
        return true;
    if (f->datatype != DATATYPE_UBYTE)
        return err_set(e, ERR_USAGE,
                       FIELD_NAME " has both the least and the greatest %s, which leaves "
                                  "FITS no value for null; ask for VOTable",
                       f->column->name, DATATYPES[f->datatype].name);
    c->null = -1;
    c->is_widened = true;
    c->code = 'I';
    return true;
}

/* "(3,4)" of "3x4". */
static void add_dimensions(struct bytes *b, uint32_t index, const char *arraysize)
{
    char text[80];
    size_t n = 0, len = strlen(arraysize);
    if (!strchr(arraysize, 'x') || strchr(arraysize, '*') || len + 3 > sizeof text)
        return;
    text[n++] = '(';
    for (size_t i = 0; i < len; i++)
        text[n++] = arraysize[i] == 'x' ? ',' : arraysize[i];
    text[n++] = ')';
    fits_card_text(b, "TDIM", index, (str){text, n});
}

static void add_optional(struct bytes *b, const char *keyword, uint32_t index,
                         const char *value)
{
    if (value && *value)
        fits_card_text(b, keyword, index, str_of(value));
}

static void add_form(struct fits *w, struct bytes *b, uint32_t i)
{
    const struct field *f = &w->w.field[i];
    struct fits_column *c = &w->column[i];
    char form[40];
    int n;
    if (f->is_text) {
        c->to = c->width ? c->width : 1;
        n = snprintf(form, sizeof form, "%zuA", c->to);
    } else if (f->is_variable) {
        c->to = w->is_wide ? 16 : 8;
        n = snprintf(form, sizeof form, "1%c%c(%u)", w->is_wide ? 'Q' : 'P', c->code,
                     c->longest);
    } else {
        c->to = c->from * (c->is_widened ? 2 : 1);
        n = snprintf(form, sizeof form, "%u%c", f->nelement, c->code);
    }
    fits_card_text(b, "TFORM", i + 1, (str){form, (size_t)n});
}

static void add_column(struct fits *w, struct bytes *b, uint32_t i)
{
    const struct field *f = &w->w.field[i];
    const struct store_column *column = f->column;
    fits_card_text(b, "TTYPE", i + 1, str_of(column->name));
    add_form(w, b, i);
    if (f->arraysize && !f->is_text)
        add_dimensions(b, i + 1, f->arraysize);
    if (w->column[i].has_null && is_integer(f) && f->is_scalar)
        fits_card_int(b, "TNULL", i + 1, w->column[i].null);
    add_optional(b, "TUNIT", i + 1, column->unit);
    add_optional(b, "TUCD", i + 1, column->ucd);
    add_optional(b, "TUTYP", i + 1, column->utype);
    add_optional(b, "TXTYP", i + 1, f->xtype);
    add_optional(b, "TCOMM", i + 1, column->description);
}

static void add_comments(struct bytes *b, const struct result_head *head,
                         enum ending ending)
{
    for (uint32_t i = 0; i < head->ninfo; i++) {
        struct bytes line;
        bytes_init(&line, 4096);
        bytes_add_format(&line, "%s = %.2000s", head->info[i].name, head->info[i].value);
        fits_card_comment(b, bytes_str(&line));
        bytes_free(&line);
    }
    if (ending == ENDING_OVERFLOW) {
        fits_card_comment(b, STR("QUERY_STATUS = OVERFLOW: there are more rows"));
        fits_card_comment(b, str_of(head->overflow_text));
    }
}

static bool write_header(struct fits *w, enum ending ending, struct err *e)
{
    const struct result_head *head = w->w.head;
    struct bytes cards, columns;
    size_t row_bytes = 0;
    bytes_init(&cards, 64 << 20);
    bytes_init(&columns, 64 << 20);
    fits_card_true(&cards, "SIMPLE");
    fits_card_int(&cards, "BITPIX", 0, 8);
    fits_card_int(&cards, "NAXIS", 0, 0);
    fits_card_true(&cards, "EXTEND");
    fits_card_end(&cards);
    for (uint32_t i = 0; i < head->ncolumn; i++) {
        add_column(w, &columns, i);
        row_bytes += w->column[i].to;
    }
    fits_card_text(&cards, "XTENSION", 0, STR("BINTABLE"));
    fits_card_int(&cards, "BITPIX", 0, 8);
    fits_card_int(&cards, "NAXIS", 0, 2);
    fits_card_int(&cards, "NAXIS", 1, (int64_t)row_bytes);
    fits_card_int(&cards, "NAXIS", 2, (int64_t)w->nrow);
    fits_card_int(&cards, "PCOUNT", 0, (int64_t)w->heap_bytes);
    fits_card_int(&cards, "GCOUNT", 0, 1);
    fits_card_int(&cards, "TFIELDS", 0, head->ncolumn);
    add_optional(&cards, "EXTNAME", 0, head->table_name);
    bytes_add(&cards, bytes_str(&columns));
    add_comments(&cards, head, ending);
    fits_card_end(&cards);
    bool ok = !cards.failed && !columns.failed
                  ? format_spool_add(&w->file, cards.at, cards.len, e)
                  : writer_no_memory(e);
    bytes_free(&cards);
    bytes_free(&columns);
    return ok;
}

/* --- the second pass ---------------------------------------------------------------------
 */

/* The spooled rows, read in order. */
struct rereader {
    int fd;
    char *buffer;
    size_t capacity, at, end;
};

/* The next n bytes, or NULL. */
static const char *reread(struct rereader *r, size_t n)
{
    if (r->end - r->at < n) {
        memmove(r->buffer, r->buffer + r->at, r->end - r->at);
        r->end -= r->at;
        r->at = 0;
        if (n > r->capacity) {
            char *larger = realloc(r->buffer, n + STEP_BYTES);
            if (!larger)
                return NULL;
            r->buffer = larger;
            r->capacity = n + STEP_BYTES;
        }
        while (r->end < n) {
            ssize_t got = read(r->fd, r->buffer + r->end, r->capacity - r->end);
            if (got < 0 && errno == EINTR)
                continue;
            if (got <= 0)
                return NULL;
            r->end += (size_t)got;
        }
    }
    r->at += n;
    return r->buffer + r->at - n;
}

static void put_fixed(const struct fits_column *c, const struct field *f, bool is_null,
                      const char *from, char *to)
{
    char null[8];
    if (is_null && f->datatype == DATATYPE_BOOLEAN)
        memset(to, 0, c->to);
    else if (is_null && is_integer(f) && f->is_scalar) {
        store_be64(null, (uint64_t)c->null);
        memcpy(to, null + 8 - c->to, c->to);
    } else if (c->is_widened) {
        to[0] = 0;
        to[1] = *from;
    } else
        memcpy(to, from, c->to);
}

static void put_text(str s, size_t width, char *to)
{
    size_t n = 0;
    while (s.len && n < width) {
        size_t used;
        to[n++] = fits_ascii(s, &used);
        s = (str){s.at + used, s.len - used};
    }
    memset(to + n, ' ', width - n);
}

static void put_descriptor(const struct fits *w, uint64_t count, uint64_t at, char *to)
{
    if (w->is_wide) {
        store_be64(to, count);
        store_be64(to + 8, at);
    } else {
        store_be32(to, (uint32_t)count);
        store_be32(to + 4, (uint32_t)at);
    }
}

static bool flush_heap(struct fits *w, struct err *e)
{
    bool ok = !w->heap_raw.failed || writer_too_long(e);
    ok = ok && format_spool_add(&w->heap, w->heap_raw.at, w->heap_raw.len, e);
    bytes_clear(&w->heap_raw);
    return ok;
}

/* A variable cell of the spool: text into its width, elements into the heap. */
static bool put_variable(struct fits *w, uint32_t i, struct rereader *r, char *to,
                         struct err *e)
{
    const struct field *f = &w->w.field[i];
    const char *at = reread(r, 4);
    if (!at)
        return false;
    uint32_t count = load_be32(at);
    size_t bytes = f->datatype == DATATYPE_BIT
                       ? ((size_t)count + 7) / 8
                       : (size_t)count * DATATYPES[f->datatype].bytes;
    at = reread(r, bytes);
    if (!at)
        return false;
    if (f->is_text) {
        put_text((str){at, bytes}, w->column[i].to, to);
        return true;
    }
    put_descriptor(w, count, w->heap.size + w->heap_raw.len, to);
    bytes_add(&w->heap_raw, (str){at, bytes});
    return w->heap_raw.len < STEP_BYTES || flush_heap(w, e);
}

static bool put_row(struct fits *w, struct rereader *r, char *to, struct err *e)
{
    char flags[(COLUMNS_MAX + 7) / 8] = {0};
    size_t nflag = ((size_t)w->w.head->ncolumn + 7) / 8;
    const char *at = reread(r, nflag);
    if (!at)
        return false;
    memcpy(flags, at, nflag);
    for (uint32_t i = 0; i < w->w.head->ncolumn; i++) {
        const struct field *f = &w->w.field[i];
        if (f->is_variable) {
            if (!put_variable(w, i, r, to, e))
                return false;
        } else {
            at = reread(r, w->column[i].from);
            if (!at)
                return false;
            put_fixed(&w->column[i], f, (uint8_t)flags[i / 8] << (i % 8) & 0x80, at, to);
        }
        to += w->column[i].to;
    }
    return true;
}

/* All rows into w->file. */
static bool rewrite_rows(struct fits *w, struct rereader *r, struct err *e)
{
    size_t row_bytes = 0;
    struct bytes out;
    bytes_init(&out, RAW_MAX_BYTES);
    for (uint32_t i = 0; i < w->w.head->ncolumn; i++)
        row_bytes += w->column[i].to;
    bool ok = true;
    for (uint64_t irow = 0; ok && irow < w->nrow; irow++) {
        char *to = bytes_reserve(&out, row_bytes);
        ok = to ? put_row(w, r, to, e) || err_set(e, ERR_INTERNAL, "the spool was cut")
                : writer_too_long(e);
        if (ok)
            out.len += row_bytes;
        if (ok && (out.len >= STEP_BYTES || irow + 1 == w->nrow)) {
            ok = format_spool_add(&w->file, out.at, out.len, e);
            bytes_clear(&out);
        }
    }
    bytes_free(&out);
    return ok;
}

static bool pad_file(struct fits *w, struct err *e)
{
    static const char ZEROS[FITS_BLOCK];
    return format_spool_add(&w->file, ZEROS,
                            (FITS_BLOCK - w->file.size % FITS_BLOCK) % FITS_BLOCK, e);
}

static bool end(struct sink *sink, enum ending ending, const struct err *why,
                struct bytes *out, struct err *e)
{
    struct fits *w = (struct fits *)sink;
    (void)why, (void)out;
    if (ending == ENDING_FAILED)
        return false;
    for (uint32_t i = 0; i < w->w.head->ncolumn; i++)
        if (!choose_null(&w->column[i], &w->w.field[i], e))
            return false;
    struct rereader r = {.fd = w->spool.fd, .capacity = STEP_BYTES};
    r.buffer = calloc(1, STEP_BYTES);
    bool ok = r.buffer != NULL;
    if (!ok)
        writer_no_memory(e);
    ok = ok && (lseek(w->spool.fd, 0, SEEK_SET) == 0 ||
                err_set(e, ERR_INTERNAL, "the spool file cannot be read"));
    ok = ok && write_header(w, ending, e) && rewrite_rows(w, &r, e) && flush_heap(w, e) &&
         format_spool_add_file(&w->file, &w->heap, e) && pad_file(w, e);
    free(r.buffer);
    w->w.sink.spool_fd = ok ? w->file.fd : -1;
    return ok;
}

static void close_sink(struct sink *sink)
{
    struct fits *w = (struct fits *)sink;
    binary_rows_free(w->rows);
    bytes_free(&w->raw);
    bytes_free(&w->heap_raw);
    format_spool_close(&w->spool);
    format_spool_close(&w->heap);
    format_spool_close(&w->file);
    writer_free(&w->w);
}

struct sink *sink_fits(const struct format_options *options, struct err *e)
{
    static const struct sink CALLS = {true, -1, begin, rows, end, close_sink};
    struct fits *w = writer_new(sizeof *w, &CALLS, options, e);
    if (!w)
        return NULL;
    w->spool.fd = w->heap.fd = w->file.fd = -1;
    bytes_init(&w->raw, RAW_MAX_BYTES);
    bytes_init(&w->heap_raw, RAW_MAX_BYTES);
    return &w->w.sink;
}
