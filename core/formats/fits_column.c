/* fits_column.c -- see fits_column.h. FITS 4.0, "ASCII table extension", "Binary table
 * extension". */
#include "core/formats/fits_column.h"

#include <math.h>

#include "core/base/num.h"
#include "core/formats/big_endian.h"

enum { REPEAT_MAX = 64 << 20 };

struct form { /* of binary tables */
    char code;
    enum datatype datatype;
    uint8_t bytes; /* of an element; X: 0 */
};

static const struct form FORMS[] = {
    {'L', DATATYPE_BOOLEAN, 1},
    {'X', DATATYPE_BIT, 0},
    {'B', DATATYPE_UBYTE, 1},
    {'I', DATATYPE_SHORT, 2},
    {'J', DATATYPE_INT, 4},
    {'K', DATATYPE_LONG, 8},
    {'A', DATATYPE_CHAR, 1},
    {'E', DATATYPE_FLOAT, 4},
    {'D', DATATYPE_DOUBLE, 8},
    {'C', DATATYPE_FLOAT_COMPLEX, 8},
    {'M', DATATYPE_DOUBLE_COMPLEX, 16},
};

static const struct form *find_form(char code)
{
    for (size_t i = 0; i < sizeof FORMS / sizeof *FORMS; i++)
        if (FORMS[i].code == ascii_upper(code))
            return &FORMS[i];
    return NULL;
}

/* Digits at the front of *s; *value stays when there are none. False: too many. */
static bool take_number(str *s, int64_t *value)
{
    size_t n = 0;
    while (n < s->len && s->at[n] >= '0' && s->at[n] <= '9')
        n++;
    bool ok = n == 0 || (num_parse_int((str){s->at, n}, value) && *value <= REPEAT_MAX);
    *s = (str){s->at + n, s->len - n};
    return ok;
}

static char take_letter(str *s)
{
    char c = s->len ? ascii_upper(s->at[0]) : '\0';
    if (s->len)
        *s = (str){s->at + 1, s->len - 1};
    return c;
}

size_t fits_column_bytes(const struct fits_column *c, uint64_t n)
{
    const struct form *f = find_form(c->code);
    return f->bytes ? (size_t)n * f->bytes : (size_t)((n + 7) / 8);
}

/* rT, or rPt(max), rQt(max) with r 0 or 1. */
static bool parse_binary_form(str s, struct fits_column *c)
{
    int64_t repeat = 1;
    if (!take_number(&s, &repeat))
        return false;
    char code = take_letter(&s);
    c->is_variable = code == 'P' || code == 'Q';
    c->is_wide = code == 'Q';
    c->code = c->is_variable ? take_letter(&s) : code;
    if (!find_form(c->code) || (c->is_variable && repeat > 1))
        return false;
    c->repeat = (uint32_t)repeat;
    if (c->is_variable)
        c->bytes = repeat ? (c->is_wide ? 16 : 8) : 0;
    else
        c->bytes = fits_column_bytes(c, (uint64_t)repeat);
    return true;
}

/* Aw, Iw, Fw.d, Ew.d, Dw.d */
static bool parse_ascii_form(str s, struct fits_column *c)
{
    int64_t width = 0, decimals = 0;
    c->code = take_letter(&s);
    if (!strchr("AIFED", c->code) || !c->code || !take_number(&s, &width) || width < 1 ||
        width > 10000)
        return false;
    if (take_letter(&s) == '.' && !take_number(&s, &decimals))
        return false;
    c->is_ascii = true;
    c->repeat = c->code == 'A' ? (uint32_t)width : 1;
    c->bytes = (size_t)width;
    c->decimals = (uint32_t)(decimals < 300 ? decimals : 300);
    return true;
}

/* --- types ------------------------------------------------------------------------------
 */

static bool is_integer(const struct fits_column *c)
{
    return strchr("BIJK", c->code) != NULL;
}

/* TSCAL and TZERO: unsigned integers are integers with a certain TZERO. */
static void take_scaling(const struct fits_header *h, uint32_t n, struct fits_column *c)
{
    static const struct {
        char code;
        double zero;
        enum datatype datatype;
    } SHIFTS[] = {{'B', -128, DATATYPE_SHORT},
                  {'I', 32768, DATATYPE_INT},
                  {'J', 2147483648.0, DATATYPE_LONG},
                  {'K', 9223372036854775808.0, DATATYPE_LONG}};
    c->scale = 1;
    fits_header_double(h, "TSCAL", n, &c->scale);
    fits_header_double(h, "TZERO", n, &c->zero);
    if ((c->scale == 1 && c->zero == 0) || strchr("LXAC", c->code) || c->code == 'M')
        return;
    c->scaling = FITS_SCALED;
    for (size_t i = 0; i < sizeof SHIFTS / sizeof *SHIFTS; i++)
        if (!c->is_ascii && c->scale == 1 && c->code == SHIFTS[i].code &&
            c->zero == SHIFTS[i].zero) {
            c->scaling = FITS_SHIFTED;
            c->shift = c->code == 'K' ? INT64_MIN : (int64_t)c->zero;
            c->kind.datatype = SHIFTS[i].datatype;
        }
    if (c->scaling == FITS_SCALED && c->code != 'E')
        c->kind.datatype = DATATYPE_DOUBLE;
}

static enum datatype ascii_datatype(const struct fits_column *c)
{
    if (c->code == 'A')
        return DATATYPE_CHAR;
    if (c->code == 'I')
        return c->bytes > 9 ? DATATYPE_LONG : DATATYPE_INT;
    return DATATYPE_DOUBLE;
}

static const char *kept(const struct fits_header *h, const char *keyword, uint32_t n,
                        struct arena *a)
{
    str s = str_trim(fits_header_text(h, keyword, n));
    size_t bad;
    if (s.len == 0 || !str_is_utf8(s, &bad))
        return NULL;
    return arena_text(a, s);
}

/* TDIM "(3,4)" as "3x4" if it makes `want` elements; else NULL. */
static const char *shape_of(const struct fits_header *h, uint32_t n, uint32_t want,
                            struct arena *a)
{
    str s = str_trim(fits_header_text(h, "TDIM", n));
    if (s.len < 3 || s.at[0] != '(' || s.at[s.len - 1] != ')')
        return NULL;
    char *text = arena_text(a, (str){s.at + 1, s.len - 2}), *to = text;
    for (const char *p = text; p && *p; p++)
        if (*p != ' ')
            *to++ = *p == ',' ? 'x' : *p;
    if (!text)
        return NULL;
    *to = '\0';
    uint32_t elements;
    bool is_variable;
    bool ok = strchr(text, 'x') && field_shape(str_of(text), &elements, &is_variable) &&
              !is_variable && elements == want;
    return ok ? text : NULL;
}

/* Text: 20A5 is four strings of five, and so is 20A with TDIM (5,4). */
static void shape_text(const struct fits_header *h, uint32_t n, struct fits_column *c,
                       struct store_column *meta, struct arena *a)
{
    int64_t width = 0;
    str form = str_trim(fits_header_text(h, "TFORM", n));
    const char *letter = c->is_ascii ? NULL : memchr(form.at, c->code, form.len);
    if (letter) {
        str rest = {letter + 1, form.len - (size_t)(letter + 1 - form.at)};
        take_number(&rest, &width);
    }
    meta->length = -1;
    meta->arraysize = shape_of(h, n, c->repeat, a);
    if (!meta->arraysize && width > 0 && width < c->repeat && c->repeat % width == 0)
        meta->arraysize =
            arena_format(a, "%lldx%lld", (long long)width, (long long)(c->repeat / width));
    c->keeps_blanks = meta->arraysize && !c->is_variable;
    if (!meta->arraysize)
        meta->arraysize = "*";
}

static void shape_numbers(const struct fits_header *h, uint32_t n, struct fits_column *c,
                          struct store_column *meta, struct arena *a)
{
    if (c->is_variable) {
        meta->length = -1;
        meta->arraysize = "*";
        return;
    }
    meta->length = (int32_t)(c->repeat * DATATYPES[c->kind.datatype].parts);
    meta->arraysize = shape_of(h, n, c->repeat, a);
    if (!meta->arraysize && c->repeat != 1)
        meta->arraysize = arena_format(a, "%u", c->repeat);
}

static void take_null(const struct fits_header *h, uint32_t n, struct fits_column *c,
                      struct store_column *meta, struct arena *a)
{
    if (c->is_ascii)
        c->null_text = str_trim(fits_header_text(h, "TNULL", n));
    else if (is_integer(c))
        c->has_null = fits_header_int(h, "TNULL", n, &c->null);
    if (c->has_null && c->scaling == FITS_PLAIN)
        meta->null_literal = kept(h, "TNULL", n, a);
}

bool fits_column_read(const struct fits_header *h, uint32_t n, bool is_ascii, size_t *at,
                      struct fits_column *c, struct store_column *meta, struct arena *a,
                      struct err *e)
{
    str form = str_trim(fits_header_text(h, "TFORM", n));
    int64_t begin;
    *c = (struct fits_column){.at = *at};
    meta->name = kept(h, "TTYPE", n, a);
    bool ok =
        form.at && (is_ascii ? parse_ascii_form(form, c) : parse_binary_form(form, c));
    if (ok && is_ascii)
        ok = fits_header_int(h, "TBCOL", n, &begin) && begin > 0 && begin < INT32_MAX;
    if (!ok)
        return err_set(e, ERR_USAGE,
                       "column %u of the FITS table has a form that cannot be "
                       "read: \"%.*s\"",
                       n, (int)(form.len < 40 ? form.len : 40), form.at ? form.at : "");
    if (is_ascii)
        c->at = (size_t)begin - 1;
    *at = c->at + c->bytes;
    c->kind.datatype = is_ascii ? ascii_datatype(c) : find_form(c->code)->datatype;
    take_scaling(h, n, c);
    if (c->kind.datatype == DATATYPE_CHAR)
        shape_text(h, n, c, meta, a);
    else
        shape_numbers(h, n, c, meta, a);
    take_null(h, n, c, meta, a);
    meta->type = c->kind.type = DATATYPES[c->kind.datatype].type;
    meta->datatype = DATATYPES[c->kind.datatype].name;
    c->kind.length = meta->length;
    meta->unit = kept(h, "TUNIT", n, a);
    meta->ucd = kept(h, "TUCD", n, a);
    meta->utype = kept(h, "TUTYP", n, a);
    meta->xtype = kept(h, "TXTYP", n, a);
    meta->description = kept(h, "TCOMM", n, a);
    return true;
}
