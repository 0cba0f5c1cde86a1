/* fits_read.c -- binary and ASCII tables of FITS files, by cfitsio. Only plain local files
 * are opened, by descriptor: no name of a user's reaches cfitsio, which would interpret it.
 */
#include <fitsio.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/base/num.h"
#include "core/formats/cell_parse.h"
#include "core/formats/input.h"
#include "core/formats/readers.h"

enum { CELL_MAX_BYTES = 256 << 20, STEP_BYTES = 4 << 20 };

struct fits_column {
    enum datatype datatype;
    int cfitsio_type; /* to read as */
    bool is_variable, is_text, is_bit;
    bool is_float;     /* kept as floats in the file: NaN is null, nothing else */
    long repeat;       /* elements of a fixed cell; of text: bytes */
    long width, count; /* of text: bytes of a string, strings in a cell */
    bool has_shape; /* of text: the cell keeps its blanks, for strings have their places */
    bool has_null;
    LONGLONG null;
};

struct fits {
    struct reader r;
    fitsfile *file;
    int fd;
    struct fits_column *fits_column;
    LONGLONG row, nrow; /* next, from 1; all */
    LONGLONG row_bytes;
    int ncolumn;
    char *nulls; /* scratch: flags of nulls for the elements of a chunk */
    size_t null_bytes;
    char *text; /* scratch: strings of a chunk, and pointers to them */
    char **strings;
    size_t text_bytes, string_bytes;
};

/* cfitsio's own words for the last thing that went wrong. */
static bool fits_fail(struct err *e, enum err_kind kind, const char *what, int status)
{
    char text[FLEN_STATUS] = "", detail[FLEN_ERRMSG] = "";
    fits_get_errstatus(status, text);
    fits_read_errmsg(detail);
    fits_clear_errmsg();
    return err_set(e, kind, "%s: %s%s%s", what, text, *detail ? "; " : "", detail);
}

/* --- columns ----------------------------------------------------------------------------
 */

struct type_row {
    int fits;               /* cfitsio's code of the column, after scaling */
    enum datatype datatype; /* ours */
    int read_as;
};

static const struct type_row TYPES[] = {
    {TBIT, DATATYPE_BIT, TBIT},
    {TLOGICAL, DATATYPE_BOOLEAN, TLOGICAL},
    {TBYTE, DATATYPE_UBYTE, TBYTE},
    {TSBYTE, DATATYPE_SHORT, TSHORT},
    {TSHORT, DATATYPE_SHORT, TSHORT},
    {TUSHORT, DATATYPE_INT, TINT},
    {TINT, DATATYPE_INT, TINT},
    {TUINT, DATATYPE_LONG, TLONGLONG},
    {TLONG, DATATYPE_INT, TINT},
    {TULONG, DATATYPE_LONG, TLONGLONG},
    {TLONGLONG, DATATYPE_LONG, TLONGLONG},
    {TULONGLONG, DATATYPE_LONG, TLONGLONG},
    {TFLOAT, DATATYPE_FLOAT, TFLOAT},
    {TDOUBLE, DATATYPE_DOUBLE, TDOUBLE},
    {TCOMPLEX, DATATYPE_FLOAT_COMPLEX, TCOMPLEX},
    {TDBLCOMPLEX, DATATYPE_DOUBLE_COMPLEX, TDBLCOMPLEX},
    {TSTRING, DATATYPE_CHAR, TSTRING},
};

/* A keyword of column i as kept text; NULL: absent or empty. */
static const char *keyword(struct fits *f, const char *name, int i)
{
    char key[FLEN_KEYWORD], *value = NULL;
    int status = 0;
    snprintf(key, sizeof key, "%s%d", name, i);
    fits_read_key_longstr(f->file, key, &value, NULL, &status);
    fits_clear_errmsg();
    if (status || !value)
        return NULL;
    str s = str_trim(str_of(value));
    char *kept = s.len ? arena_text(f->r.arena, s) : NULL;
    fits_free_memory(value, &status);
    return kept;
}

/* TDIM "(3,4)" as arraysize "3x4", or "n"; NULL for scalars. */
static const char *shape_of(struct fits *f, int i, long repeat)
{
    long axes[16];
    int naxis = 0, status = 0;
    char text[200];
    size_t n = 0;
    fits_read_tdim(f->file, i, 16, &naxis, axes, &status);
    fits_clear_errmsg();
    if (status || naxis < 2 || naxis > 9)
        return repeat == 1 ? NULL : arena_format(f->r.arena, "%ld", repeat);
    for (int k = 0; k < naxis; k++)
        n += (size_t)snprintf(text + n, sizeof text - n, k ? "x%ld" : "%ld", axes[k]);
    return arena_text(f->r.arena, (str){text, n});
}

static const struct type_row *find_type(int code)
{
    for (size_t k = 0; k < sizeof TYPES / sizeof *TYPES; k++)
        if (TYPES[k].fits == code)
            return &TYPES[k];
    return NULL;
}

static void take_null(struct fits *f, struct fits_column *k, struct store_column *c, int i)
{
    int64_t value;
    const char *text = keyword(f, "TNULL", i);
    if (!text || !num_parse_int(str_of(text), &value))
        return;
    k->has_null = true;
    k->null = value;
    if (k->datatype >= DATATYPE_UBYTE && k->datatype <= DATATYPE_LONG)
        c->null_literal = text;
}

/* "20A5" is four strings of five, and so is 20A with TDIM (5,4). In ASCII tables the width
 * is that of the field. */
static void shape_text(struct fits *f, int i, struct fits_column *k, struct store_column *c,
                       long width)
{
    const char *shape = shape_of(f, i, 1);
    k->width = width > 0 && (k->repeat <= 1 || width < k->repeat) ? width : k->repeat;
    k->count = k->width > 0 && k->repeat > k->width ? k->repeat / k->width : 1;
    k->has_shape = k->count > 1 || (shape && k->repeat > 1);
    if (k->count > 1)
        c->arraysize = arena_format(f->r.arena, "%ldx%ld", k->width, k->count);
    else if (k->has_shape)
        c->arraysize = shape;
}

/* Type and shape of column i (from 1). */
static bool shape_column(struct fits *f, int i, struct store_column *c, struct err *e)
{
    struct fits_column *k = &f->fits_column[i - 1];
    int code = 0, raw_code = 0, hdu_type = 0, status = 0;
    long repeat = 0, width = 0;
    fits_get_hdu_type(f->file, &hdu_type, &status);
    fits_get_coltype(f->file, i, &raw_code, &repeat, &width, &status);
    raw_code = abs(raw_code);
    k->is_float =
        hdu_type == BINARY_TBL && (raw_code == TFLOAT || raw_code == TDOUBLE ||
                                   raw_code == TCOMPLEX || raw_code == TDBLCOMPLEX);
    fits_get_eqcoltype(f->file, i, &code, &repeat, &width, &status);
    k->is_variable = code < 0;
    const struct type_row *type = status ? NULL : find_type(abs(code));
    if (!type || repeat < 0 || repeat > INT32_MAX / 32)
        return err_set(e, ERR_USAGE, "column %d (%.60s) has a TFORM that cannot be read", i,
                       c->name ? c->name : "");
    k->datatype = type->datatype;
    k->cfitsio_type = type->read_as;
    k->repeat = repeat;
    k->is_text = type->fits == TSTRING;
    k->is_bit = type->fits == TBIT;
    c->type = DATATYPES[k->datatype].type;
    c->datatype = DATATYPES[k->datatype].name;
    if (k->is_text && !k->is_variable)
        shape_text(f, i, k, c, width);
    if (k->is_text || k->is_variable) {
        c->length = -1;
        if (!c->arraysize)
            c->arraysize = "*";
        return true;
    }
    c->length = (int32_t)repeat * DATATYPES[k->datatype].parts;
    c->arraysize = shape_of(f, i, repeat);
    return true;
}

static bool make_columns(struct fits *f, int n, struct err *e)
{
    f->r.column = arena_new_array(f->r.arena, struct store_column *, (size_t)n + 1);
    f->fits_column = arena_new_array(f->r.arena, struct fits_column, (size_t)n + 1);
    if (!f->r.column || !f->fits_column)
        return reader_no_memory(e);
    for (int i = 1; i <= n; i++) {
        struct store_column *c =
            reader_column(f->r.arena, keyword(f, "TTYPE", i), STORE_I64, 1);
        if (!c)
            return reader_no_memory(e);
        f->r.column[i - 1] = c;
        if (!shape_column(f, i, c, e))
            return false;
        take_null(f, &f->fits_column[i - 1], c, i);
        c->unit = keyword(f, "TUNIT", i);
        c->ucd = keyword(f, "TUCD", i);
        c->utype = keyword(f, "TUTYP", i);
        c->xtype = keyword(f, "TXTYP", i);
        c->description = keyword(f, "TCOMM", i);
    }
    return reader_unique_names(f->r.column, (uint32_t)n, f->r.arena) || reader_no_memory(e);
}

/* --- cells ------------------------------------------------------------------------------
 */

/* Scratch of n bytes. */
static char *scratch(char **at, size_t *have, size_t n)
{
    if (n <= *have)
        return *at;
    char *larger = realloc(*at, n);
    if (larger) {
        *at = larger;
        *have = n;
    }
    return larger;
}

static bool read_failed(const struct fits *f, int i, int status, struct err *e)
{
    char what[120];
    snprintf(what, sizeof what, "row %lld, column %.60s", (long long)f->row,
             f->r.column[i - 1]->name);
    return fits_fail(e, ERR_USAGE, what, status);
}

/* n elements at row `row` into `to`; flags of nulls into f->nulls. */
static bool read_elements(struct fits *f, int i, LONGLONG row, LONGLONG n, void *to,
                          struct err *e)
{
    const struct fits_column *k = &f->fits_column[i - 1];
    int status = 0, any = 0;
    LONGLONG parts = DATATYPES[k->datatype].parts;
    if (!scratch(&f->nulls, &f->null_bytes, (size_t)(n * parts)))
        return reader_no_memory(e);
    memset(f->nulls, 0, (size_t)(n * parts));
    if (k->is_bit)
        fits_read_col_bit(f->file, i, row, 1, (long)n, to, &status);
    else if (k->is_float) /* without a null value NaNs stay as they are */
        fits_read_col(f->file, k->cfitsio_type, i, row, 1, n, NULL, to, &any, &status);
    else
        fits_read_colnull(f->file, k->cfitsio_type, i, row, 1, n, to, f->nulls, &any,
                          &status);
    return status == 0 || read_failed(f, i, status, e);
}

static bool is_nan(const char *at, uint32_t size)
{
    float f32;
    double f64;
    if (size == 4) {
        memcpy(&f32, at, sizeof f32);
        return isnan(f32);
    }
    memcpy(&f64, at, sizeof f64);
    return isnan(f64);
}

/* Null scalars: TNULL, undefined logicals, blank numbers of ASCII tables, and NaN
 * (FITS 4.0: a float that is not defined). */
static void take_nulls(struct fits *f, int i, uint32_t n)
{
    const struct fits_column *k = &f->fits_column[i - 1];
    struct column_build *c = &f->r.rows.column[i - 1];
    for (uint32_t irow = 0; irow < n; irow++) {
        const char *at = c->data + (size_t)irow * c->cell_bytes;
        if (k->is_float ? is_nan(at, c->element_bytes) : f->nulls[irow])
            rows_build_null_at(&f->r.rows, (uint32_t)i - 1, irow);
    }
}

static bool read_fixed(struct fits *f, int i, uint32_t n, struct err *e)
{
    const struct fits_column *k = &f->fits_column[i - 1];
    struct column_build *c = &f->r.rows.column[i - 1];
    LONGLONG all = (LONGLONG)n * k->repeat;
    if (all == 0)
        return true;
    /* cfitsio reads bits of one row at a time */
    for (uint32_t irow = 0; k->is_bit && irow < n; irow++)
        if (!read_elements(f, i, f->row + irow, k->repeat,
                           c->data + (size_t)irow * c->cell_bytes, e))
            return false;
    if (!k->is_bit && !read_elements(f, i, f->row, all, c->data, e))
        return false;
    if (!k->is_bit && k->repeat == 1 && DATATYPES[k->datatype].parts == 1)
        take_nulls(f, i, n);
    return true;
}

/* Text ends at a NUL; FITS pads it with blanks. */
static str trim_text(const char *at, size_t max)
{
    size_t n = strnlen(at, max);
    while (n && at[n - 1] == ' ')
        n--;
    return (str){at, n};
}

/* Strings of n cells, `width` bytes and a NUL each, into f->strings. */
static bool read_strings(struct fits *f, int i, LONGLONG row, size_t n, size_t width,
                         struct err *e)
{
    int status = 0, any = 0;
    char empty[] = "";
    if (!scratch(&f->text, &f->text_bytes, n * (width + 1) + 1) ||
        !scratch((char **)&f->strings, &f->string_bytes, n * sizeof *f->strings))
        return reader_no_memory(e);
    memset(f->text, 0, n * (width + 1) + 1);
    for (size_t x = 0; x < n; x++)
        f->strings[x] = f->text + x * (width + 1);
    fits_read_col_str(f->file, i, row, 1, (LONGLONG)n, empty, f->strings, &any, &status);
    return status == 0 || read_failed(f, i, status, e);
}

static void add_text(struct fits *f, int i, uint32_t irow, size_t width, size_t count)
{
    const struct fits_column *k = &f->fits_column[i - 1];
    struct rows_build *b = &f->r.rows;
    struct column_build *c = &b->column[i - 1];
    size_t start = c->used;
    for (size_t x = 0; x < count; x++) {
        char *at = f->strings[irow * count + x];
        size_t n = strnlen(at, width);
        if (k->has_shape)
            memset(at + n, ' ', width - n);
        cell_add_text(b, (uint32_t)i - 1,
                      k->has_shape ? (str){at, width} : trim_text(at, width));
    }
    c->offset[irow + 1] = (uint32_t)c->used;
    if (c->used == start)
        rows_build_null_at(b, (uint32_t)i - 1, irow);
}

static bool read_text(struct fits *f, int i, uint32_t n, struct err *e)
{
    const struct fits_column *k = &f->fits_column[i - 1];
    size_t width = (size_t)k->width, count = (size_t)k->count;
    if (!read_strings(f, i, f->row, n * count, width, e))
        return false;
    for (uint32_t irow = 0; irow < n; irow++)
        add_text(f, i, irow, width, count);
    return true;
}

static bool read_variable_text(struct fits *f, int i, uint32_t n, struct err *e)
{
    for (uint32_t irow = 0; irow < n; irow++) {
        LONGLONG length = 0, offset = 0;
        int status = 0;
        fits_read_descriptll(f->file, i, f->row + irow, &length, &offset, &status);
        if (status || length < 0 || length > CELL_MAX_BYTES)
            return read_failed(f, i, status ? status : BAD_HEAP_PTR, e);
        if (length && !read_strings(f, i, f->row + irow, 1, (size_t)length + 1, e))
            return false;
        struct column_build *c = &f->r.rows.column[i - 1];
        str text = trim_text(length ? f->strings[0] : "", (size_t)length);
        cell_add_text(&f->r.rows, (uint32_t)i - 1, text);
        c->offset[irow + 1] = (uint32_t)c->used;
        if (text.len == 0)
            rows_build_null_at(&f->r.rows, (uint32_t)i - 1, irow);
    }
    return true;
}

static bool read_variable(struct fits *f, int i, uint32_t n, struct err *e)
{
    const struct fits_column *k = &f->fits_column[i - 1];
    struct rows_build *b = &f->r.rows;
    struct column_build *c = &b->column[i - 1];
    size_t size = (size_t)c->element_bytes * DATATYPES[k->datatype].parts;
    for (uint32_t irow = 0; irow < n; irow++) {
        LONGLONG count = 0, offset = 0;
        int status = 0;
        fits_read_descriptll(f->file, i, f->row + irow, &count, &offset, &status);
        if (status || count < 0 || (uint64_t)count * size > CELL_MAX_BYTES)
            return read_failed(f, i, status ? status : BAD_HEAP_PTR, e);
        char *to = rows_build_room(b, (uint32_t)i - 1, (size_t)count * size);
        if (!to)
            return reader_no_memory(e);
        if (count && !read_elements(f, i, f->row + irow, count, to, e))
            return false;
        c->used += (size_t)count * size;
        c->offset[irow + 1] = (uint32_t)(c->used / c->element_bytes);
    }
    return true;
}

static enum step next(struct rowsource *source, struct store_batch *batch, struct err *e)
{
    struct fits *f = (struct fits *)source;
    struct rows_build *b = &f->r.rows;
    LONGLONG left = f->nrow - f->row + 1;
    LONGLONG most = f->row_bytes > 0 ? STEP_BYTES / f->row_bytes + 1 : b->capacity;
    most = most < b->capacity ? most : b->capacity;
    uint32_t n = (uint32_t)(left < most ? left : most);
    if (n == 0)
        return STEP_END;
    rows_build_clear(b);
    for (int i = 1; i <= (int)b->ncolumn; i++) {
        const struct fits_column *k = &f->fits_column[i - 1];
        bool ok = k->is_text && k->is_variable ? read_variable_text(f, i, n, e)
                  : k->is_text                 ? read_text(f, i, n, e)
                  : k->is_variable             ? read_variable(f, i, n, e)
                                               : read_fixed(f, i, n, e);
        if (!ok)
            return STEP_FAILED;
    }
    if (b->failed) {
        reader_no_memory(e);
        return STEP_FAILED;
    }
    b->nrow = n;
    f->row += n;
    rows_build_batch(b, batch);
    return STEP_ROWS;
}

/* --- life -------------------------------------------------------------------------------
 */

static void close_source(struct rowsource *source)
{
    struct fits *f = (struct fits *)source;
    int status = 0;
    if (f->file)
        fits_close_file(f->file, &status);
    fits_clear_errmsg();
    if (f->fd >= 0)
        close(f->fd);
    free(f->nulls);
    free(f->text);
    free(f->strings);
    reader_free(&f->r);
}

/* Moves to the wanted extension, or to the first table. */
static bool find_table(struct fits *f, int hdu, struct err *e)
{
    int status = 0, type = 0, count = 0;
    fits_get_num_hdus(f->file, &count, &status);
    for (int k = 2; !status && hdu == 0 && k <= count; k++) {
        fits_movabs_hdu(f->file, k, &type, &status);
        if (!status && type != IMAGE_HDU)
            return true;
    }
    if (status == 0 && hdu > 0 && hdu < count)
        fits_movabs_hdu(f->file, hdu + 1, &type, &status);
    if (status)
        return fits_fail(e, ERR_USAGE, "the FITS file cannot be read", status);
    if (hdu > 0 && hdu < count && type != IMAGE_HDU)
        return true;
    return hdu ? err_set(e, ERR_USAGE, "extension %d of the FITS file is no table", hdu)
               : err_set(e, ERR_USAGE, "the FITS file has no table");
}

static bool open_file(struct fits *f, int hdu, const struct read_limits *limits,
                      struct err *e)
{
    char path[64];
    int status = 0;
    snprintf(path, sizeof path, "/proc/self/fd/%d", f->fd);
    fits_open_diskfile(&f->file, path, READONLY, &status);
    if (status)
        return fits_fail(e, ERR_USAGE, "this is no FITS file", status);
    if (!find_table(f, hdu, e))
        return false;
    fits_get_num_cols(f->file, &f->ncolumn, &status);
    fits_get_num_rowsll(f->file, &f->nrow, &status);
    fits_read_key(f->file, TLONGLONG, "NAXIS1", &f->row_bytes, NULL, &status);
    if (status)
        return fits_fail(e, ERR_USAGE, "the table cannot be read", status);
    if (f->ncolumn < 1 || (uint32_t)f->ncolumn > limits->max_columns)
        return err_set(e, ERR_LIMIT, "the table has %d columns; 1 to %u are read",
                       f->ncolumn, limits->max_columns);
    if ((uint64_t)f->nrow > limits->max_rows)
        return err_set(e, ERR_LIMIT, "the table has %lld rows; the limit is %llu",
                       (long long)f->nrow, (unsigned long long)limits->max_rows);
    f->row = 1;
    return make_columns(f, f->ncolumn, e);
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
    if (open_file(f, hdu, limits, e) &&
        reader_begin(&f->r, (uint32_t)f->ncolumn, next, close_source, e))
        return &f->r.source;
    close_source(&f->r.source);
    return NULL;
}

struct rowsource *fits_read(const char *path, const struct read_options *o, struct err *e)
{
    int fd = input_plain_file(path, o->limits.max_bytes, e);
    return fd < 0 ? NULL : fits_read_fd(fd, o->hdu, &o->limits, e);
}
