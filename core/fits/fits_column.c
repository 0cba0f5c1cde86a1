/* fits_column.c -- see fits_column.h. */
#include "core/fits/fits_column.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/base/num.h"

enum { BUFFER_BYTES = 1 << 18, MAX_ROW_BYTES = 64 << 20 };

int fits_type_bytes(char type)
{
    static const char TYPES[] = "LBIJKAEDCMPQ";
    static const int WIDTH[] = {1, 1, 2, 4, 8, 1, 4, 8, 8, 16, 8, 16};
    const char *at = type ? strchr(TYPES, type) : NULL;
    return at ? WIDTH[at - TYPES] : -1;
}

/* Bytes that the field takes; -1: no such form. */
static int64_t read_form(const char *form, struct fits_column *c)
{
    size_t n = 0;
    c->repeat = 1;
    while (form[n] >= '0' && form[n] <= '9')
        n++;
    if (n && (!num_parse_int((str){form, n}, &c->repeat) || c->repeat > (int64_t)1 << 32))
        return -1;
    c->type = form[n];
    if (c->type == 'X')
        return (c->repeat + 7) / 8;
    int width = fits_type_bytes(c->type);
    return width < 0 ? -1 : c->repeat * width;
}

static const char *key_of(char out[24], const char *word, uint32_t i)
{
    snprintf(out, 24, "%s%u", word, (unsigned)i);
    return out;
}

static int64_t read_column(const struct fits_hdu *h, uint32_t i, struct fits_column *c)
{
    char key[24], form[72];
    *c = (struct fits_column){.scale = 1};
    int64_t n = fits_text(h, key_of(key, "TFORM", i), form) ? read_form(form, c) : -1;
    fits_text(h, key_of(key, "TTYPE", i), c->name);
    fits_text(h, key_of(key, "TUNIT", i), c->unit);
    fits_double(h, key_of(key, "TSCAL", i), &c->scale);
    fits_double(h, key_of(key, "TZERO", i), &c->zero);
    c->has_null = fits_int(h, key_of(key, "TNULL", i), &c->null);
    return n;
}

struct fits_column *fits_columns(const struct fits_hdu *h, uint32_t *n, struct arena *arena,
                                 struct err *e)
{
    int64_t nfield = 0, offset = 0;
    *n = 0;
    bool is_table = h->kind == FITS_TABLE && h->naxis == 2 &&
                    fits_int(h, "TFIELDS", &nfield) && nfield >= 0 &&
                    nfield <= FITS_MAX_COLUMNS;
    struct fits_column *all =
        is_table ? arena_new_array(arena, struct fits_column, (size_t)nfield + 1) : NULL;
    if (is_table && !all)
        err_set(e, ERR_LIMIT, "the columns need too much memory");
    for (uint32_t i = 1; all && i <= nfield; i++) {
        int64_t bytes = read_column(h, i, &all[*n]);
        is_table = bytes >= 0 && offset + bytes <= h->size[0];
        if (!is_table)
            break;
        all[(*n)++].offset = offset;
        offset += bytes;
    }
    if (is_table && all)
        return all;
    err_set(e, ERR_USAGE, "HDU %d of the file is damaged: its columns do not fit",
            h->number);
    return NULL;
}

const struct fits_column *fits_column_find(const struct fits_column *c, uint32_t n,
                                           const char *name)
{
    for (uint32_t i = 0; i < n; i++)
        if (str_eq_fold(str_of(c[i].name), str_of(name)) && c[i].repeat > 0 &&
            strchr("BIJKED", c[i].type))
            return &c[i];
    return NULL;
}

static uint64_t big_endian(const unsigned char *at, int n)
{
    uint64_t bits = 0;
    for (int i = 0; i < n; i++)
        bits = bits << 8 | at[i];
    return bits;
}

static double real_of(uint64_t bits, int n)
{
    float f;
    double d;
    uint32_t four = (uint32_t)bits;
    if (n == 4) {
        memcpy(&f, &four, sizeof f);
        return (double)f;
    }
    memcpy(&d, &bits, sizeof d);
    return d;
}

static int64_t whole_of(uint64_t bits, int n)
{
    return n == 1   ? (int64_t)bits
           : n == 2 ? (int16_t)(uint16_t)bits
           : n == 4 ? (int32_t)(uint32_t)bits
                    : (int64_t)bits;
}

double fits_column_value(const struct fits_column *c, const unsigned char *row,
                         int64_t element)
{
    int n = fits_type_bytes(c->type);
    if (!c->type || !strchr("BIJKED", c->type) || element < 0 || element >= c->repeat)
        return NAN;
    uint64_t bits = big_endian(row + c->offset + element * n, n);
    if (c->type == 'E' || c->type == 'D')
        return c->zero + c->scale * real_of(bits, n);
    int64_t whole = whole_of(bits, n);
    return c->has_null && whole == c->null ? NAN : c->zero + c->scale * (double)whole;
}

static void widen(struct fits_range *r, double value)
{
    if (!isfinite(value))
        return;
    if (r->n++ == 0)
        *r = (struct fits_range){1, value, value, 0, value};
    r->least = fmin(r->least, value);
    r->most = fmax(r->most, value);
    r->sum += value;
}

bool fits_rows(const struct fits_file *f, const struct fits_hdu *h, fits_take_rows *take,
               void *what, struct err *e)
{
    int64_t row = h->size[0], nrow = h->size[1];
    if (h->naxis != 2 || row <= 0 || nrow == 0)
        return true;
    if (row > MAX_ROW_BYTES)
        return err_set(e, ERR_LIMIT, "HDU %d has rows of more than %d MB", h->number,
                       MAX_ROW_BYTES >> 20);
    int64_t most = row > BUFFER_BYTES ? 1 : BUFFER_BYTES / row;
    unsigned char *buffer = malloc((size_t)(most * row));
    bool ok = true;
    if (!buffer)
        return err_set(e, ERR_LIMIT, "no memory for rows of a table");
    for (int64_t i = 0; ok && i < nrow; i += most) {
        int64_t n = nrow - i < most ? nrow - i : most;
        ok = fits_file_read(f, h->data_at + (uint64_t)(i * row), buffer, (size_t)(n * row),
                            e);
        if (ok && !take(what, buffer, n))
            break;
    }
    free(buffer);
    return ok;
}

struct ranging {
    const struct fits_column *column;
    struct fits_range *range;
    int64_t row_bytes;
};

static bool range_rows(void *what, const unsigned char *rows, int64_t nrow)
{
    struct ranging *r = what;
    for (int64_t i = 0; i < nrow; i++)
        for (int64_t k = 0; k < r->column->repeat; k++)
            widen(r->range, fits_column_value(r->column, rows + i * r->row_bytes, k));
    return true;
}

bool fits_column_range(const struct fits_file *f, const struct fits_hdu *h,
                       const struct fits_column *c, struct fits_range *range, struct err *e)
{
    struct ranging r = {c, range, h->size[0]};
    *range = (struct fits_range){0};
    return fits_rows(f, h, range_rows, &r, e);
}

/* An image is a column of one wide table. */
bool fits_image_range(const struct fits_file *f, const struct fits_hdu *h,
                      struct fits_range *range, struct err *e)
{
    static const char TYPE[] = {
        [8 / 8] = 'B', [16 / 8] = 'I', [32 / 8] = 'J', [64 / 8] = 'K'};
    int width = abs(h->bitpix) / 8;
    struct fits_column c = {.scale = 1, .repeat = 1};
    c.type = h->bitpix == -32 ? 'E' : h->bitpix == -64 ? 'D' : TYPE[width];
    fits_double(h, "BSCALE", &c.scale);
    fits_double(h, "BZERO", &c.zero);
    c.has_null = h->bitpix > 0 && fits_int(h, "BLANK", &c.null);
    struct fits_hdu pixels = *h;
    pixels.naxis = 2;
    pixels.size[0] = width;
    pixels.size[1] = (int64_t)h->bytes / width;
    *range = (struct fits_range){0};
    struct ranging r = {&c, range, width};
    return h->kind != FITS_IMAGE || fits_rows(f, &pixels, range_rows, &r, e);
}
