/* field.c -- columns as VOTable fields, and their cells as text. */
#include "core/formats/field.h"

#include <stdio.h>

#include "core/base/clock.h"
#include "core/base/column.h"
#include "core/base/num.h"

/* clang-format off */
const struct datatype_info DATATYPES[] = {
    {"boolean",       STORE_BOOL, 1, 1, 0, 0},
    {"bit",           STORE_U8,   0, 1, 0, 0},
    {"unsignedByte",  STORE_U8,   1, 1, 0, UINT8_MAX},
    {"short",         STORE_I16,  2, 1, INT16_MIN, INT16_MAX},
    {"int",           STORE_I32,  4, 1, INT32_MIN, INT32_MAX},
    {"long",          STORE_I64,  8, 1, INT64_MIN, INT64_MAX},
    {"char",          STORE_TEXT, 1, 1, 0, 0},
    {"unicodeChar",   STORE_TEXT, 2, 1, 0, 0},
    {"float",         STORE_F32,  4, 1, 0, 0},
    {"double",        STORE_F64,  8, 1, 0, 0},
    {"floatComplex",  STORE_F32,  8, 2, 0, 0},
    {"doubleComplex", STORE_F64, 16, 2, 0, 0},
};
/* clang-format on */

enum { NDATATYPE = sizeof DATATYPES / sizeof *DATATYPES };

bool datatype_find(str name, enum datatype *out)
{
    for (int i = 0; i < NDATATYPE; i++)
        if (name.len && name.at[0] == DATATYPES[i].name[0] &&
            str_eq(name, str_of(DATATYPES[i].name))) {
            *out = (enum datatype)i;
            return true;
        }
    return false;
}

static enum datatype implied_datatype(enum store_type type)
{
    enum datatype datatype = DATATYPE_CHAR;
    datatype_find(str_of(column_implied_datatype(type)), &datatype);
    return datatype;
}

/* The declared datatype if values kept like that can be it. */
static enum datatype kept_datatype(const struct store_column *c)
{
    enum datatype declared;
    enum store_type type = c->type == STORE_TIME_US ? STORE_TEXT : c->type;
    if (!c->datatype || !datatype_find(str_of(c->datatype), &declared) ||
        DATATYPES[declared].type != type ||
        (c->length >= 0 && c->length % DATATYPES[declared].parts))
        return implied_datatype(c->type);
    return declared;
}

bool field_shape(str s, uint32_t *nelement, bool *is_variable)
{
    uint64_t n = 1;
    *is_variable = s.len && s.at[s.len - 1] == '*';
    if (*is_variable)
        s.len--;
    /* "*" and "3x*" leave the last number out; "16*" gives a bound that is no element count
     */
    while (s.len) {
        str number = str_cut(&s, 'x');
        int64_t value;
        bool is_bound = *is_variable && s.at == NULL;
        if (!num_parse_int(number, &value) || value < 0 || number.at[0] == '+')
            return false;
        if (!is_bound)
            n *= (uint64_t)value;
        if (n > INT32_MAX)
            return false;
        if (s.at && s.len == 0 && !*is_variable)
            return false;
    }
    *nelement = (uint32_t)n;
    return true;
}

/* Shape of a text column: what is declared, "*" without; a single char is scalar. */
static void shape_text(struct field *f)
{
    const char *declared = f->column->arraysize;
    if (!declared || !*declared ||
        !field_shape(str_of(declared), &f->nelement, &f->is_variable) ||
        (!f->is_variable && f->nelement == 0))
        declared = "*";
    f->arraysize = declared;
    field_shape(str_of(declared), &f->nelement, &f->is_variable);
    f->is_scalar = !f->is_variable && f->nelement == 1;
}

/* Shape of numbers: what is declared, if it agrees with the length of the values. */
static void shape_numbers(struct field *f, struct arena *a)
{
    const struct store_column *c = f->column;
    uint32_t parts = DATATYPES[f->datatype].parts, n;
    bool open;
    uint32_t kept = c->length < 0 ? 0 : (uint32_t)c->length / parts;
    bool declared = c->arraysize && *c->arraysize &&
                    field_shape(str_of(c->arraysize), &n, &open) &&
                    (open || c->length < 0 || n == kept);
    f->is_variable = declared ? open : c->length < 0;
    f->nelement = f->is_variable ? 0 : declared ? n : kept;
    f->is_scalar = !f->is_variable && f->nelement == 1;
    f->arraysize = declared        ? c->arraysize
                   : c->length < 0 ? "*"
                   : f->is_scalar  ? "1"
                                   : arena_format(a, "%u", kept);
}

static bool is_integer(enum datatype d)
{
    return d >= DATATYPE_UBYTE && d <= DATATYPE_LONG;
}

static bool make_field(const struct store_column *c, struct arena *a, struct field *f)
{
    *f = (struct field){.column = c, .datatype = kept_datatype(c), .xtype = c->xtype};
    f->is_text = DATATYPES[f->datatype].type == STORE_TEXT;
    f->is_time = c->type == STORE_TIME_US;
    if (f->is_time && !f->xtype)
        f->xtype = "timestamp";
    if (f->is_text)
        shape_text(f);
    else
        shape_numbers(f, a);
    if (!f->arraysize)
        return false;
    if (f->is_scalar)
        f->arraysize = NULL;
    f->has_null = c->null_literal && is_integer(f->datatype) &&
                  num_parse_int(str_of(c->null_literal), &f->null);
    return true;
}

struct field *field_list(const struct store_column *const *column, uint32_t n,
                         struct arena *a)
{
    struct field *list = arena_new_array(a, struct field, n ? n : 1);
    for (uint32_t i = 0; list && i < n; i++)
        if (!make_field(column[i], a, &list[i]))
            return NULL;
    return list;
}

int64_t field_integer(const struct field *f, struct cell cell)
{
    int16_t i16;
    int32_t i32;
    int64_t i64;
    switch (store_type_bytes(f->column->type)) {
    case 1:
        return (uint8_t)*cell.at;
    case 2:
        memcpy(&i16, cell.at, sizeof i16);
        return i16;
    case 4:
        memcpy(&i32, cell.at, sizeof i32);
        return i32;
    default:
        memcpy(&i64, cell.at, sizeof i64);
        return i64;
    }
}

/* --- cells as text -------------------------------------------------------------------- */

_Static_assert((int)FIELD_ELEMENT_BYTES > (int)CLOCK_TEXT_BYTES &&
                   (int)FIELD_ELEMENT_BYTES > (int)NUM_TEXT_BYTES,
               "an element fits");

size_t field_print_bytes(const struct field *f, const struct store_vector *v, uint32_t irow)
{
    return (size_t)field_cell(f, v, irow).count * FIELD_ELEMENT_BYTES + FIELD_ELEMENT_BYTES;
}

static inline char *print_element(enum store_type type, const char *at, char *to)
{
    switch (type) {
    case STORE_BOOL:
        memcpy(to, *at ? "true" : "false", 5);
        return to + (*at ? 4 : 5);
    case STORE_U8:
        return to + num_print_int((uint8_t)*at, to);
    case STORE_I16:;
        int16_t i16;
        memcpy(&i16, at, sizeof i16);
        return to + num_print_int(i16, to);
    case STORE_I32:;
        int32_t i32;
        memcpy(&i32, at, sizeof i32);
        return to + num_print_int(i32, to);
    case STORE_I64:;
        int64_t i64;
        memcpy(&i64, at, sizeof i64);
        return to + num_print_int(i64, to);
    case STORE_F32:;
        float f32;
        memcpy(&f32, at, sizeof f32);
        return to + num_print_float(f32, to);
    case STORE_F64:;
        double f64;
        memcpy(&f64, at, sizeof f64);
        return to + num_print_double(f64, to);
    case STORE_TIME_US:;
        int64_t us;
        memcpy(&us, at, sizeof us);
        return to + clock_print_us(us, to);
    case STORE_TEXT:
        break;
    }
    return to;
}

char *field_print(const struct field *f, const struct store_vector *v, uint32_t irow,
                  char *to)
{
    uint32_t size = store_type_bytes(f->column->type);
    if (f->column->length == 1)
        return print_element(f->column->type, (const char *)v->data + (size_t)irow * size,
                             to);
    struct cell cell = field_cell(f, v, irow);
    for (uint32_t i = 0; i < cell.count; i++) {
        if (i)
            *to++ = ' ';
        to = print_element(f->column->type, cell.at + (size_t)i * size, to);
    }
    return to;
}
