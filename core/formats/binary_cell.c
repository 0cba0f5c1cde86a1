/* binary_cell.c -- see binary_cell.h. Scalars go column by column through loops without a
 * branch; nulls are painted over afterwards, so that nothing of what lies under them leaks.
 */
#include "core/formats/binary_cell.h"

#include <math.h>

#include "core/formats/big_endian.h"
#include "core/formats/utf16.h"

size_t binary_fixed_bytes(const struct field *f)
{
    if (f->datatype == DATATYPE_BIT)
        return ((size_t)f->nelement + 7) / 8;
    return (size_t)f->nelement * DATATYPES[f->datatype].bytes;
}

static void put_bits(const char *bit, uint32_t n, char *to)
{
    memset(to, 0, ((size_t)n + 7) / 8);
    for (uint32_t i = 0; i < n; i++)
        if (bit[i])
            to[i >> 3] = (char)(to[i >> 3] | 0x80 >> (i & 7));
}

struct binary_size binary_variable_size(const struct field *f, struct cell cell)
{
    struct binary_size size;
    if (f->datatype == DATATYPE_UNICODE)
        size.count = utf16_units((str){cell.at, cell.count});
    else
        size.count = cell.count / DATATYPES[f->datatype].parts;
    size.bytes = f->datatype == DATATYPE_BIT
                     ? ((size_t)size.count + 7) / 8
                     : (size_t)size.count * DATATYPES[f->datatype].bytes;
    return size;
}

void binary_put_elements(const struct field *f, struct cell cell, uint32_t count, char *to)
{
    if (count == 0)
        return;
    switch (f->datatype) {
    case DATATYPE_BIT:
        put_bits(cell.at, count, to);
        return;
    case DATATYPE_UNICODE:
        utf16_put((str){cell.at, cell.count}, count, to);
        return;
    case DATATYPE_BOOLEAN:
        for (uint32_t i = 0; i < count; i++)
            to[i] = cell.at[i] ? 'T' : 'F';
        return;
    default:
        swap_be(cell.at, to, (size_t)count * DATATYPES[f->datatype].parts,
                store_type_bytes(f->column->type));
    }
}

/* --- scalars -------------------------------------------------------------------------- */

#define DEFINE_SCATTER(bits)                                                               \
    static void scatter##bits(const void *data, uint32_t n, char *to, const size_t *at)    \
    {                                                                                      \
        const uint##bits##_t *value = data;                                                \
        for (uint32_t i = 0; i < n; i++)                                                   \
            store_be##bits(to + at[i], value[i]);                                          \
    }

DEFINE_SCATTER(16)
DEFINE_SCATTER(32)
DEFINE_SCATTER(64)

static void scatter_bytes(const char *data, uint32_t n, char *to, const size_t *at)
{
    for (uint32_t i = 0; i < n; i++)
        to[at[i]] = data[i];
}

static void scatter_booleans(const char *data, uint32_t n, char *to, const size_t *at)
{
    for (uint32_t i = 0; i < n; i++)
        to[at[i]] = data[i] ? 'T' : 'F';
}

/* The first bit counts (VOTable, "Bit Array"), the rest is padding; astropy looks at bit 3
 * of a single bit's byte, so that one is set along. */
static void scatter_bits(const char *data, uint32_t n, char *to, const size_t *at)
{
    for (uint32_t i = 0; i < n; i++)
        to[at[i]] = data[i] ? (char)0x88 : 0;
}

static void put_scalars(const struct field *f, const struct store_vector *v, uint32_t n,
                        char *to, const size_t *at)
{
    const char *bytes = v->data;
    switch (f->datatype) {
    case DATATYPE_BOOLEAN:
        scatter_booleans(bytes, n, to, at);
        return;
    case DATATYPE_BIT:
        scatter_bits(bytes, n, to, at);
        return;
    default:
        break;
    }
    switch (store_type_bytes(f->column->type)) {
    case 2:
        scatter16(v->data, n, to, at);
        return;
    case 4:
        scatter32(v->data, n, to, at);
        return;
    case 8:
        scatter64(v->data, n, to, at);
        return;
    default:
        scatter_bytes(bytes, n, to, at);
    }
}

/* --- arrays and text ------------------------------------------------------------------ */

/* Fixed text: filled up by NULs to its size. */
static bool put_fixed_unicode(const struct field *f, struct cell cell, char *to)
{
    str text = {cell.at, cell.count};
    memset(to, 0, binary_fixed_bytes(f));
    return utf16_put(text, f->nelement, to) == utf16_units(text);
}

static bool put_fixed_char(const struct field *f, struct cell cell, char *to)
{
    size_t room = f->nelement, len = cell.count;
    if (len > room)
        return false;
    if (len)
        memcpy(to, cell.at, len);
    if (len < room)
        memset(to + len, 0, room - len);
    return true;
}

static bool put_fixed_array(const struct field *f, struct cell cell, char *to)
{
    struct binary_size size = binary_variable_size(f, cell);
    if (size.count != f->nelement)
        return false;
    binary_put_elements(f, cell, size.count, to);
    return true;
}

typedef bool put_cell(const struct field *, struct cell, char *to);

static bool does_not_fit(const struct field *f, struct cell cell, struct err *e)
{
    return err_set(e, ERR_INTERNAL,
                   FIELD_NAME " is declared as %s[%u], but a value has %u; the table's "
                              "description should say arraysize %s",
                   f->column->name, DATATYPES[f->datatype].name, f->nelement,
                   binary_variable_size(f, cell).count,
                   f->is_text ? "\"*\"" : "with a star");
}

/* --- nulls ---------------------------------------------------------------------------- */

/* One element of a null cell; parts of complex numbers count alone. */
static uint32_t null_element(const struct field *f, struct binary_null how, char out[8])
{
    uint32_t size = store_type_bytes(f->column->type);
    memset(out, 0, 8);
    switch (f->datatype) {
    case DATATYPE_BOOLEAN:
        out[0] = how.boolean;
        break;
    case DATATYPE_FLOAT:
    case DATATYPE_FLOAT_COMPLEX:
        store_be32(out, 0x7FC00000);
        break;
    case DATATYPE_DOUBLE:
    case DATATYPE_DOUBLE_COMPLEX:
        store_be64(out, 0x7FF8000000000000);
        break;
    case DATATYPE_UBYTE:
    case DATATYPE_SHORT:
    case DATATYPE_INT:
    case DATATYPE_LONG:;
        char whole[8];
        store_be64(whole, (uint64_t)(f->has_null ? f->null : 0));
        memcpy(out, whole + 8 - size, size);
        break;
    default:
        break;
    }
    return size;
}

static void fill_null(const char *element, uint32_t size, size_t bytes, char *to)
{
    for (size_t i = 0; i + size <= bytes; i += size)
        memcpy(to + i, element, size);
}

static void put_nulls(const struct field *f, const struct store_vector *v, uint32_t n,
                      struct binary_null how, char *to, const size_t *at)
{
    char element[8];
    uint32_t size = null_element(f, how, element);
    size_t bytes = binary_fixed_bytes(f);
    for (uint32_t i = 0; i < n; i++)
        if (!store_is_valid(v, i))
            fill_null(element, size, bytes, to + at[i]);
}

static bool put_cells(const struct field *f, const struct store_vector *v, uint32_t n,
                      char *to, const size_t *at, struct err *e)
{
    put_cell *put = !f->is_text                       ? put_fixed_array
                    : f->datatype == DATATYPE_UNICODE ? put_fixed_unicode
                                                      : put_fixed_char;
    for (uint32_t i = 0; i < n; i++) {
        if (!store_is_valid(v, i))
            continue;
        struct cell cell = field_cell(f, v, i);
        if (!put(f, cell, to + at[i]))
            return does_not_fit(f, cell, e);
    }
    return true;
}

bool binary_put_fixed(const struct field *f, const struct store_vector *v, uint32_t n,
                      struct binary_null how, char *to, const size_t *at, struct err *e)
{
    if (f->is_scalar && !f->is_text && f->column->length == 1)
        put_scalars(f, v, n, to, at);
    else if (!put_cells(f, v, n, to, at, e))
        return false;
    if (v->valid)
        put_nulls(f, v, n, how, to, at);
    return true;
}
