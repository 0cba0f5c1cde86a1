/* fits_cells.c -- cells of FITS tables into columns; the other half of fits_column.h. */
#include <math.h>

#include "core/base/num.h"
#include "core/formats/big_endian.h"
#include "core/formats/fits_column.h"

/* An integer of the file. */
static int64_t load_integer(char code, const char *at)
{
    switch (code) {
    case 'B':
        return (uint8_t)*at;
    case 'I':
        return (int16_t)load_be16(at);
    case 'J':
        return (int32_t)load_be32(at);
    default:
        return (int64_t)load_be64(at);
    }
}

static void store_integer(enum store_type type, int64_t value, char *to)
{
    int16_t i16 = (int16_t)value;
    int32_t i32 = (int32_t)value;
    if (type == STORE_I16)
        memcpy(to, &i16, sizeof i16);
    else if (type == STORE_I32)
        memcpy(to, &i32, sizeof i32);
    else
        memcpy(to, &value, sizeof value);
}

static bool shift_elements(const struct fits_column *c, const char *from, size_t n,
                           char *to, struct err *e)
{
    size_t step = fits_column_bytes(c, 1), size = store_type_bytes(c->kind.type);
    for (size_t i = 0; i < n; i++) {
        int64_t value = load_integer(c->code, from + i * step);
        if (c->code == 'K' && value >= 0 && !(c->has_null && value == c->null))
            return err_set(e, ERR_USAGE,
                           FIELD_NAME " has an unsigned integer beyond 2^63, which has no "
                                      "place in 64 bits with a sign",
                           c->name);
        value = c->code == 'K' ? value ^ INT64_MIN : value + c->shift;
        store_integer(c->kind.type, value, to + i * size);
    }
    return true;
}

/* An element as a double, scaled; NaN for null. */
static double load_scaled(const struct fits_column *c, const char *at)
{
    uint32_t half = c->code == 'E' ? load_be32(at) : 0;
    uint64_t bits = c->code == 'D' ? load_be64(at) : 0;
    float f32;
    double value;
    if (c->code == 'E') {
        memcpy(&f32, &half, sizeof f32);
        value = (double)f32;
    } else if (c->code == 'D')
        memcpy(&value, &bits, sizeof value);
    else {
        int64_t integer = load_integer(c->code, at);
        value = c->has_null && integer == c->null ? (double)NAN : (double)integer;
    }
    return value * c->scale + c->zero;
}

static void scale_elements(const struct fits_column *c, const char *from, size_t n,
                           char *to)
{
    size_t step = fits_column_bytes(c, 1);
    for (size_t i = 0; i < n; i++) {
        double value = load_scaled(c, from + i * step);
        float single = (float)value;
        if (c->kind.type == STORE_F32)
            memcpy(to + i * sizeof single, &single, sizeof single);
        else
            memcpy(to + i * sizeof value, &value, sizeof value);
    }
}

bool fits_column_convert(const struct fits_column *c, const char *from, size_t n, char *to,
                         struct err *e)
{
    if (c->scaling == FITS_SHIFTED)
        return shift_elements(c, from, n, to, e);
    if (c->scaling == FITS_SCALED)
        scale_elements(c, from, n, to);
    else if (c->code == 'X')
        for (size_t i = 0; i < n; i++)
            to[i] = (char)((uint8_t)from[i >> 3] >> (7 - (i & 7)) & 1);
    else if (c->code == 'L')
        for (size_t i = 0; i < n; i++)
            to[i] = from[i] == 'T';
    else
        swap_be(from, to, n * DATATYPES[c->kind.datatype].parts,
                store_type_bytes(c->kind.type));
    return true;
}

/* --- nulls ------------------------------------------------------------------------------
 */

static bool is_nan(const char *at, enum store_type type)
{
    float f32;
    double f64;
    if (type == STORE_F32) {
        memcpy(&f32, at, sizeof f32);
        return isnan(f32);
    }
    memcpy(&f64, at, sizeof f64);
    return isnan(f64);
}

/* Is a scalar null? TNULL, a logical that is neither T nor F, and NaN (FITS 4.0: a float
 * that is not defined). `kept` is the value as it is kept now. */
static bool is_null(const struct fits_column *c, const char *raw, const char *kept)
{
    if (c->kind.type == STORE_F32 || c->kind.type == STORE_F64)
        return is_nan(kept, c->kind.type);
    if (c->code == 'L')
        return *raw != 'T' && *raw != 'F';
    return c->has_null && load_integer(c->code, raw) == c->null;
}

/* --- ASCII tables ------------------------------------------------------------------------
 */

/* A number of an ASCII table: FORTRAN's exponents, blanks, and a point that may be left
 * out. False: none. */
static bool parse_field(const struct fits_column *c, str s, double *value)
{
    char text[72];
    bool has_point = false;
    size_t n = 0;
    for (size_t i = 0; i < s.len && n < sizeof text; i++) {
        char ch = ascii_upper(s.at[i]);
        has_point |= ch == '.' || ch == 'E' || ch == 'D';
        if (ch != ' ')
            text[n++] = ch == 'D' ? 'E' : ch;
    }
    if (!num_parse_double((str){text, n}, value))
        return false;
    if (!has_point && c->decimals)
        *value /= pow(10, c->decimals);
    return true;
}

/* A number cell of an ASCII table; blank or TNULL is null. */
static bool take_field(const struct fits_column *c, struct rows_build *b, uint32_t i,
                       uint32_t irow, str s)
{
    struct column_build *column = &b->column[i];
    char *to = column->data + (size_t)irow * column->cell_bytes;
    int64_t integer;
    double value;
    s = str_trim(s);
    if (s.len == 0 || (c->null_text.at && str_eq(s, c->null_text))) {
        rows_build_null_at(b, i, irow);
        return true;
    }
    if (c->code == 'I' && c->scaling == FITS_PLAIN) {
        if (!cell_parse_integer(s, c->kind.datatype, &integer))
            return false;
        store_integer(c->kind.type, integer, to);
        return true;
    }
    if (!parse_field(c, s, &value))
        return false;
    value = value * c->scale + c->zero;
    memcpy(to, &value, sizeof value);
    return true;
}

static bool take_fields(const struct fits_column *c, struct rows_build *b, uint32_t i,
                        const char *row, size_t row_bytes, uint32_t n, struct err *e)
{
    for (uint32_t irow = 0; irow < n; irow++) {
        str s = {row + irow * row_bytes + c->at, c->bytes};
        if (!take_field(c, b, i, irow, s))
            return err_set(e, ERR_USAGE, FIELD_NAME ": \"%.*s\" is no number", c->name,
                           (int)(s.len < 40 ? s.len : 40), s.at);
    }
    return true;
}

/* --- columns -----------------------------------------------------------------------------
 */

bool fits_column_take(const struct fits_column *c, struct rows_build *b, uint32_t i,
                      const char *row, size_t row_bytes, uint32_t n, struct err *e)
{
    struct column_build *column = &b->column[i];
    bool is_scalar = c->kind.length == 1 && c->code != 'X';
    if (c->is_ascii)
        return take_fields(c, b, i, row, row_bytes, n, e);
    for (uint32_t irow = 0; irow < n; irow++) {
        const char *from = row + irow * row_bytes + c->at;
        char *to = column->data + (size_t)irow * column->cell_bytes;
        if (!fits_column_convert(c, from, c->repeat, to, e))
            return false;
        if (is_scalar && is_null(c, from, to))
            rows_build_null_at(b, i, irow);
    }
    return true;
}

void fits_column_take_text(const struct fits_column *c, struct rows_build *b, uint32_t i,
                           uint32_t irow, str raw)
{
    struct column_build *column = &b->column[i];
    size_t start = column->used;
    str s = {raw.at, str_find(raw, '\0')};
    while (!c->keeps_blanks && s.len && s.at[s.len - 1] == ' ')
        s.len--;
    if (c->is_ascii && c->null_text.at && str_eq(s, c->null_text))
        s.len = 0;
    cell_add_text(b, i, s);
    for (size_t k = s.len; c->keeps_blanks && k < raw.len; k++)
        rows_build_add(b, i, STR(" "));
    column->offset[irow + 1] = (uint32_t)column->used;
    if (column->used == start)
        rows_build_null_at(b, i, irow);
}
