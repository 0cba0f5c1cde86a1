/* fits_read.c -- binary and ASCII tables of FITS files as rows. Our own reader: cfitsio 4.2
 * ends the process on headers that it does not expect, and uploads are nobody's friends. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/formats/big_endian.h"
#include "core/formats/fits_column.h"
#include "core/formats/input.h"
#include "core/formats/readers.h"

enum { COLUMNS_MAX = 999, CELL_MAX_BYTES = 256 << 20, STEP_BYTES = 1 << 20 };

struct fits {
    struct reader r;
    int fd;
    struct fits_header header;
    struct fits_column *column;
    uint32_t ncolumn;
    uint64_t nrow, row; /* all, next */
    size_t row_bytes;
    uint64_t heap_at, heap_bytes;
    char *rows, *cell; /* scratch */
    size_t rows_bytes, cell_bytes;
};

static char *scratch(char **at, size_t *have, size_t n, struct err *e)
{
    if (n <= *have)
        return *at;
    char *larger = realloc(*at, n);
    if (!larger) {
        reader_no_memory(e);
        return NULL;
    }
    *at = larger;
    *have = n;
    return larger;
}

/* --- variable cells ----------------------------------------------------------------------
 */

/* Count and place of a cell in the heap; false: outside of it. */
static bool find_cell(const struct fits *f, const struct fits_column *c, const char *at,
                      uint64_t *count, uint64_t *place)
{
    if (c->bytes == 0) {
        *count = *place = 0;
        return true;
    }
    *count = c->is_wide ? load_be64(at) : load_be32(at);
    *place = c->is_wide ? load_be64(at + 8) : load_be32(at + 4);
    return *count <= CELL_MAX_BYTES && *place <= f->heap_bytes &&
           fits_column_bytes(c, *count) <= f->heap_bytes - *place;
}

static bool take_variable_cell(struct fits *f, uint32_t i, uint32_t irow, const char *at,
                               struct err *e)
{
    const struct fits_column *c = &f->column[i];
    struct column_build *column = &f->r.rows.column[i];
    uint64_t count, place;
    if (!find_cell(f, c, at, &count, &place))
        return err_set(e, ERR_USAGE,
                       "row %llu, " FIELD_NAME ": the cell is outside the heap",
                       (unsigned long long)f->row + irow + 1, c->name);
    size_t bytes = fits_column_bytes(c, count);
    char *raw = scratch(&f->cell, &f->cell_bytes, bytes + 1, e);
    if (!raw || !fits_read_at(f->fd, f->heap_at + place, raw, bytes, e))
        return false;
    if (c->kind.type == STORE_TEXT) {
        fits_column_take_text(c, &f->r.rows, i, irow, (str){raw, bytes});
        return true;
    }
    size_t kept = (size_t)count * DATATYPES[c->kind.datatype].parts;
    char *to = rows_build_room(&f->r.rows, i, kept * column->element_bytes);
    if (!to)
        return reader_no_memory(e);
    if (count && !fits_column_convert(c, raw, (size_t)count, to, e))
        return false;
    column->used += kept * column->element_bytes;
    column->offset[irow + 1] = (uint32_t)(column->used / column->element_bytes);
    return true;
}

/* --- rows --------------------------------------------------------------------------------
 */

static bool take_column(struct fits *f, uint32_t i, uint32_t n, struct err *e)
{
    const struct fits_column *c = &f->column[i];
    if (!c->is_variable && c->kind.type != STORE_TEXT)
        return fits_column_take(c, &f->r.rows, i, f->rows, f->row_bytes, n, e);
    for (uint32_t irow = 0; irow < n; irow++) {
        const char *at = f->rows + irow * f->row_bytes + c->at;
        if (!c->is_variable)
            fits_column_take_text(c, &f->r.rows, i, irow, (str){at, c->bytes});
        else if (!take_variable_cell(f, i, irow, at, e))
            return false;
    }
    return true;
}

/* Rows of the next batch. */
static uint32_t rows_wanted(const struct fits *f)
{
    uint64_t n = f->row_bytes ? STEP_BYTES / f->row_bytes + 1 : STEP_BYTES;
    n = n < f->r.rows.capacity ? n : f->r.rows.capacity;
    return (uint32_t)(n < f->nrow - f->row ? n : f->nrow - f->row);
}

static enum step next(struct rowsource *source, struct store_batch *batch, struct err *e)
{
    struct fits *f = (struct fits *)source;
    struct rows_build *b = &f->r.rows;
    uint32_t n = rows_wanted(f);
    size_t bytes = n * f->row_bytes;
    if (n == 0)
        return STEP_END;
    rows_build_clear(b);
    if (!scratch(&f->rows, &f->rows_bytes, bytes + 1, e) ||
        !fits_read_at(f->fd, f->header.data_at + f->row * f->row_bytes, f->rows, bytes, e))
        return STEP_FAILED;
    for (uint32_t i = 0; i < f->ncolumn; i++)
        if (!take_column(f, i, n, e))
            return STEP_FAILED;
    if (b->failed) {
        reader_no_memory(e);
        return STEP_FAILED;
    }
    b->nrow = n;
    f->row += n;
    rows_build_batch(b, batch);
    return STEP_ROWS;
}

static void close_source(struct rowsource *source)
{
    struct fits *f = (struct fits *)source;
    if (f->fd >= 0)
        close(f->fd);
    free(f->rows);
    free(f->cell);
    reader_free(&f->r);
}

/* --- opening -----------------------------------------------------------------------------
 */

static bool is_table(const struct fits_header *h)
{
    str kind = fits_header_text(h, "XTENSION", 0);
    return str_eq(kind, STR("BINTABLE")) || str_eq(kind, STR("TABLE")) ||
           str_eq(kind, STR("A3DTABLE"));
}

/* The first table, or extension `hdu`. */
static bool find_table(struct fits *f, int hdu, struct err *e)
{
    enum { EXTENSIONS_MAX = 10000 };
    char mark[10];
    bool is_end;
    uint64_t at = 0;
    struct err ignored = {0};
    if (!fits_read_at(f->fd, 0, mark, sizeof mark, &ignored) ||
        memcmp(mark, "SIMPLE  = ", 10) != 0)
        return err_set(e, ERR_USAGE, "this is no FITS file");
    for (int k = 0; k < EXTENSIONS_MAX; k++) {
        if (!fits_header_read(f->fd, at, f->r.arena, &f->header, &is_end, e))
            return false;
        if (is_end)
            break;
        if (k && is_table(&f->header) && (hdu == 0 || hdu == k))
            return true;
        if (k && hdu == k)
            break;
        at = fits_header_next(&f->header);
    }
    return hdu ? err_set(e, ERR_USAGE, "extension %d of the FITS file is no table", hdu)
               : err_set(e, ERR_USAGE, "the FITS file has no table");
}

/* Sizes of the table; nothing may lie outside of the file. */
static bool measure(struct fits *f, const struct read_limits *limits, struct err *e)
{
    int64_t bitpix = 0, naxis = 0, row_bytes = 0, nrow = 0, nfield = 0, heap = 0;
    fits_header_int(&f->header, "BITPIX", 0, &bitpix);
    fits_header_int(&f->header, "NAXIS", 0, &naxis);
    fits_header_int(&f->header, "NAXIS", 1, &row_bytes);
    fits_header_int(&f->header, "NAXIS", 2, &nrow);
    fits_header_int(&f->header, "TFIELDS", 0, &nfield);
    uint64_t table =
        (uint64_t)row_bytes * (uint64_t)nrow; /* checked by fits_header_read() */
    if (bitpix != 8 || naxis != 2 || row_bytes < 0 || row_bytes > CELL_MAX_BYTES)
        return err_set(e, ERR_USAGE, "the header of the FITS table is not that of a table");
    if (nfield < 1 || nfield > COLUMNS_MAX || nfield > limits->max_columns)
        return err_set(e, ERR_LIMIT, "the FITS table has %lld columns; 1 to %u are read",
                       (long long)nfield,
                       limits->max_columns < COLUMNS_MAX ? limits->max_columns
                                                         : COLUMNS_MAX);
    if ((uint64_t)nrow > limits->max_rows)
        return err_set(e, ERR_LIMIT, "the FITS table has %lld rows; the limit is %llu",
                       (long long)nrow, (unsigned long long)limits->max_rows);
    off_t size = lseek(f->fd, 0, SEEK_END);
    if (size < 0 || f->header.data_at + f->header.data_bytes > (uint64_t)size)
        return err_set(e, ERR_USAGE, "the FITS file ends inside the table");
    if (!fits_header_int(&f->header, "THEAP", 0, &heap) || heap < (int64_t)table ||
        (uint64_t)heap > f->header.data_bytes)
        heap = (int64_t)table;
    f->row_bytes = (size_t)row_bytes;
    f->nrow = (uint64_t)nrow;
    f->ncolumn = (uint32_t)nfield;
    f->heap_at = f->header.data_at + (uint64_t)heap;
    f->heap_bytes = f->header.data_bytes - (uint64_t)heap;
    return true;
}

static bool make_columns(struct fits *f, struct err *e)
{
    bool is_ascii = str_eq(fits_header_text(&f->header, "XTENSION", 0), STR("TABLE"));
    size_t at = 0;
    f->r.column = arena_new_array(f->r.arena, struct store_column *, f->ncolumn);
    f->column = arena_new_array(f->r.arena, struct fits_column, f->ncolumn);
    if (!f->r.column || !f->column)
        return reader_no_memory(e);
    if (str_eq(fits_header_text(&f->header, "ZTABLE", 0), STR("T")))
        return err_set(e, ERR_USAGE, "the table is compressed by tiles; funpack it first");
    for (uint32_t i = 0; i < f->ncolumn; i++) {
        f->r.column[i] = reader_column(f->r.arena, NULL, STORE_I64, 1);
        if (!f->r.column[i])
            return reader_no_memory(e);
        if (!fits_column_read(&f->header, i + 1, is_ascii, &at, &f->column[i],
                              f->r.column[i], f->r.arena, e))
            return false;
        if (at > f->row_bytes)
            return err_set(e, ERR_USAGE,
                           "column %u of the FITS table is outside of its row", i + 1);
    }
    if (!reader_unique_names(f->r.column, f->ncolumn, f->r.arena))
        return reader_no_memory(e);
    for (uint32_t i = 0; i < f->ncolumn; i++)
        f->column[i].name = f->r.column[i]->name;
    return true;
}

struct rowsource *fits_read_fd(int fd, int hdu, const struct read_limits *limits,
                               struct err *e)
{
    struct fits *f = reader_new(sizeof *f, e);
    if (!f) {
        close(fd);
        return NULL;
    }
    f->fd = fd;
    if (find_table(f, hdu, e) && measure(f, limits, e) && make_columns(f, e) &&
        reader_begin(&f->r, f->ncolumn, next, close_source, e))
        return &f->r.source;
    close_source(&f->r.source);
    return NULL;
}

struct rowsource *fits_read(const char *path, const struct read_options *o, struct err *e)
{
    int fd = input_plain_file(path, o->limits.max_bytes, e);
    return fd < 0 ? NULL : fits_read_fd(fd, o->hdu, &o->limits, e);
}
