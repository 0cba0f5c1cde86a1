/* column.c -- a column of a chunk into a column of a batch: lent where DuckDB's memory has
 * our layout, else copied. */
#include "stores/duckdb/scan.h"

#include <stdlib.h>
#include <string.h>

/* A batch is bounded by BATCH_BYTES or one row; a row's text or array by DuckDB's 4 GiB. */
#define COLUMN_BYTES ((size_t)1 << 33)

/* --- binding ---------------------------------------------------------------------- */

static bool read_enum(struct scan_column *c, duck_logical type)
{
    c->nword = duck.enum_dictionary_size(type);
    c->storage = duck.enum_internal_type(type);
    c->word = calloc(c->nword ? c->nword : 1, sizeof *c->word);
    for (uint32_t i = 0; c->word && i < c->nword; i++)
        c->word[i] = duck.enum_dictionary_value(type, i);
    return c->word != NULL;
}

static bool read_element_type(struct scan_column *c, duck_logical type)
{
    c->source = duck.get_type_id(type);
    if (c->source == DUCK_DECIMAL) {
        c->scale = duck.decimal_scale(type);
        c->storage = duck.decimal_internal_type(type);
    }
    return c->source != DUCK_ENUM || read_enum(c, type);
}

static bool read_shape(struct scan_column *c, duck_logical type)
{
    int id = duck.get_type_id(type);
    duck_logical child = NULL;
    if (id == DUCK_LIST) {
        c->shape = SHAPE_LIST;
        child = duck.list_type_child_type(type);
    } else if (id == DUCK_ARRAY) {
        c->shape = SHAPE_ARRAY;
        c->array_size = duck.array_type_array_size(type);
        child = duck.array_type_child_type(type);
    } else if (id == DUCK_VARCHAR || id == DUCK_BLOB)
        c->shape = SHAPE_BYTES;
    bool ok = read_element_type(c, child ? child : type);
    duck.destroy_logical_type(&child);
    return ok;
}

/* May this shape become that type and length? */
static bool shape_fits(struct scan_column *c)
{
    switch (c->shape) {
    case SHAPE_BYTES:
        c->element_bytes = 1;
        return c->source == DUCK_VARCHAR ? c->type == STORE_TEXT
                                         : c->type == STORE_U8 && c->length == -1;
    case SHAPE_ARRAY:
        return c->type != STORE_TEXT && elements_choose(c) &&
               (c->length < 0 || (duck_idx)c->length == c->array_size);
    case SHAPE_LIST:
        return c->type != STORE_TEXT && elements_choose(c);
    default:
        if (c->type == STORE_TEXT)
            c->shape = SHAPE_PRINTED;
        return (c->type == STORE_TEXT || c->length == 1) && elements_choose(c);
    }
}

enum store_status column_bind(struct scan_column *c, duck_logical type,
                              const struct store_column *want, struct store_error *e)
{
    *c = (struct scan_column){
        .name = want->name ? want->name : "?", .type = want->type, .length = want->length};
    bytes_init(&c->data, COLUMN_BYTES);
    bytes_init(&c->offset, COLUMN_BYTES);
    bytes_init(&c->valid, COLUMN_BYTES);
    if (!read_shape(c, type))
        return fail(e, STORE_LIMIT, "no memory for column \"%s\"", c->name);
    if (!shape_fits(c))
        return fail(
            e, STORE_FAILED,
            "column \"%s\" comes as DuckDB type %d, which cannot be sent as the type "
            "that the query was bound to",
            c->name, c->source);
    return STORE_OK;
}

void column_free(struct scan_column *c)
{
    for (uint32_t i = 0; c->word && i < c->nword; i++)
        duck.free(c->word[i]);
    free(c->word);
    bytes_free(&c->data);
    bytes_free(&c->offset);
    bytes_free(&c->valid);
}

void column_clear(struct scan_column *c)
{
    bytes_clear(&c->data);
    bytes_clear(&c->offset);
    bytes_clear(&c->valid);
    c->has_null = false;
}

static bool is_variable(const struct scan_column *c)
{
    return c->type == STORE_TEXT || c->length < 0;
}

size_t column_bytes(const struct scan_column *c, duck_vector v, size_t first, size_t n)
{
    if (!is_variable(c))
        return n * c->element_bytes * (size_t)c->length;
    const uint64_t *valid = duck.vector_get_validity(v);
    const void *data = duck.vector_get_data(v);
    size_t total = n * sizeof(uint32_t);
    for (size_t i = first; i < first + n; i++) {
        if (!is_valid_at(valid, i))
            continue;
        if (c->shape == SHAPE_BYTES)
            total += ((const duck_string *)data)[i].value.near.length;
        else if (c->shape == SHAPE_LIST)
            total += ((const duck_list_entry *)data)[i].length * c->element_bytes;
        else
            total +=
                c->shape == SHAPE_ARRAY ? c->array_size * c->element_bytes : PRINT_BYTES;
    }
    return total;
}

/* --- lending ---------------------------------------------------------------------- */

static bool all_valid(const uint64_t *valid, size_t first, size_t n)
{
    size_t i = first, end = first + n;
    for (; i < end && i % 64; i++)
        if (!is_valid_at(valid, i))
            return false;
    for (; i + 64 <= end; i += 64)
        if (valid[i / 64] != UINT64_MAX)
            return false;
    for (; i < end; i++)
        if (!is_valid_at(valid, i))
            return false;
    return true;
}

/* The vector's validity as ours: NULL when all are valid. */
static bool lend_valid(const uint64_t *valid, size_t first, size_t n, const uint8_t **out)
{
    *out = NULL;
    if (!valid || all_valid(valid, first, n))
        return true;
    *out = (const uint8_t *)valid + first / 8; /* little-endian words are a bitmap */
    return first % 8 == 0;
}

static bool lend_elements(const struct scan_column *c, duck_vector v, size_t at,
                          const void **data)
{
    const char *from = (const char *)duck.vector_get_data(v) + at * c->element_bytes;
    *data = from;
    return (uintptr_t)from % 8 == 0;
}

/* Lists that follow one another in their child vector need offsets only. */
static bool lend_list(struct scan_column *c, duck_vector v, size_t first, size_t n,
                      struct store_vector *out)
{
    const duck_list_entry *entry = duck.vector_get_data(v);
    const uint64_t *valid = duck.vector_get_validity(v);
    duck_vector child = duck.list_vector_get_child(v);
    if (duck.vector_get_validity(child))
        return false;
    bytes_clear(&c->offset);
    uint32_t *offset = (uint32_t *)(void *)bytes_reserve(&c->offset, (n + 1) * 4);
    uint64_t base = 0, next = 0;
    bool has_base = false;
    for (size_t i = 0; offset && i < n; i++) {
        offset[i] = (uint32_t)(next - base);
        if (!is_valid_at(valid, first + i) || entry[first + i].length == 0)
            continue;
        if (!has_base)
            base = next = entry[first + i].offset;
        else if (entry[first + i].offset != next)
            return false;
        has_base = true;
        next += entry[first + i].length;
    }
    if (!offset || next - base > UINT32_MAX)
        return false;
    offset[n] = (uint32_t)(next - base);
    out->offset = offset;
    return lend_elements(c, child, base, &out->data);
}

bool column_lend(struct scan_column *c, duck_vector v, size_t first, size_t n,
                 struct store_vector *out)
{
    *out = (struct store_vector){0};
    if (!c->is_same_layout ||
        !lend_valid(duck.vector_get_validity(v), first, n, &out->valid))
        return false;
    if (c->shape == SHAPE_SCALAR)
        return lend_elements(c, v, first, &out->data);
    if (c->shape == SHAPE_LIST && c->length < 0)
        return lend_list(c, v, first, n, out);
    if (c->shape == SHAPE_ARRAY && c->length > 0) {
        duck_vector child = duck.array_vector_get_child(v);
        return !duck.vector_get_validity(child) &&
               lend_elements(c, child, first * c->array_size, &out->data);
    }
    return false;
}

/* --- copying ---------------------------------------------------------------------- */

static enum store_status no_memory(const struct scan_column *c, struct store_error *e)
{
    return fail(e, STORE_LIMIT, "no memory for the values of column \"%s\"", c->name);
}

static enum store_status append_valid(struct scan_column *c, const uint64_t *valid,
                                      size_t first, size_t n, size_t nrow,
                                      struct store_error *e)
{
    size_t need = (nrow + n + 7) / 8 - c->valid.len;
    char *at = bytes_reserve(&c->valid, need);
    if (!at)
        return no_memory(c, e);
    memset(at, 0, need);
    c->valid.len += need;
    uint8_t *bits = (uint8_t *)c->valid.at;
    for (size_t i = 0; i < n; i++) {
        bool is_there = is_valid_at(valid, first + i);
        bits[(nrow + i) / 8] =
            (uint8_t)(bits[(nrow + i) / 8] | (unsigned)is_there << ((nrow + i) % 8));
        c->has_null |= !is_there;
    }
    return STORE_OK;
}

static bool append_offset(struct scan_column *c)
{
    size_t n = c->data.len / c->element_bytes;
    char *at = n <= UINT32_MAX ? bytes_reserve(&c->offset, 4) : NULL;
    if (!at)
        return false;
    uint32_t offset = (uint32_t)n;
    memcpy(at, &offset, 4);
    c->offset.len += 4;
    return true;
}

static enum store_status append_bytes(struct scan_column *c, duck_vector v, size_t first,
                                      size_t n, struct store_error *e)
{
    const duck_string *s = (const duck_string *)duck.vector_get_data(v) + first;
    const uint64_t *valid = duck.vector_get_validity(v);
    size_t total = 0;
    for (size_t i = 0; i < n; i++)
        if (is_valid_at(valid, first + i))
            total += s[i].value.near.length;
    char *to = bytes_reserve(&c->data, total + 1);
    char *offsets = bytes_reserve(&c->offset, n * 4);
    if (!to || !offsets || c->data.len + total > UINT32_MAX)
        return no_memory(c, e);
    size_t at = c->data.len;
    for (size_t i = 0; i < n; i++) {
        if (is_valid_at(valid, first + i)) {
            size_t len = s[i].value.near.length;
            memcpy(c->data.at + at, duck_string_at(&s[i]), len);
            at += len;
        }
        uint32_t end = (uint32_t)at;
        memcpy(offsets + i * 4, &end, 4);
    }
    c->data.len = at;
    c->offset.len += n * 4;
    return STORE_OK;
}

static enum store_status append_printed(struct scan_column *c, duck_vector v, size_t first,
                                        size_t n, struct store_error *e)
{
    const void *data = duck.vector_get_data(v);
    const uint64_t *valid = duck.vector_get_validity(v);
    char text[PRINT_BYTES];
    for (size_t i = 0; i < n; i++) {
        if (is_valid_at(valid, first + i)) {
            size_t len = c->print(c, data, first + i, text);
            bytes_add(&c->data, c->word ? str_of(c->word[len]) : (str){text, len});
        }
        if (c->data.failed || !append_offset(c))
            return no_memory(c, e);
    }
    return STORE_OK;
}

static enum store_status append_elements(struct scan_column *c, duck_vector v, size_t first,
                                         size_t n, struct store_error *e)
{
    char *to = bytes_reserve(&c->data, n * c->element_bytes + 1);
    if (!to)
        return no_memory(c, e);
    if (!c->convert(c, duck.vector_get_data(v), duck.vector_get_validity(v), first, n, to,
                    e))
        return STORE_INVALID;
    c->data.len += n * c->element_bytes;
    return STORE_OK;
}

/* An array of integers has no element that could stand for "none". */
static bool has_lost_element(const struct scan_column *c, duck_vector child, size_t first,
                             size_t n)
{
    const uint64_t *valid = duck.vector_get_validity(child);
    bool has_nan = c->type == STORE_F32 || c->type == STORE_F64;
    return valid && !has_nan && !all_valid(valid, first, n);
}

static enum store_status append_array_row(struct scan_column *c, duck_vector child,
                                          size_t first, size_t n, struct store_error *e)
{
    if (c->length > 0 && n != (size_t)c->length)
        return fail(e, STORE_INVALID, "column \"%s\": an array has %zu elements, not %d",
                    c->name, n, (int)c->length);
    if (has_lost_element(c, child, first, n))
        return fail(e, STORE_INVALID,
                    "column \"%s\": an array of integers has an element that is NULL",
                    c->name);
    return append_elements(c, child, first, n, e);
}

static enum store_status append_null_row(struct scan_column *c, struct store_error *e)
{
    size_t n = c->length > 0 ? (size_t)c->length * c->element_bytes : 0;
    char *to = bytes_reserve(&c->data, n + 1);
    if (!to)
        return no_memory(c, e);
    memset(to, 0, n);
    c->data.len += n;
    return STORE_OK;
}

static enum store_status append_arrays(struct scan_column *c, duck_vector v, size_t first,
                                       size_t n, struct store_error *e)
{
    bool is_list = c->shape == SHAPE_LIST;
    const duck_list_entry *entry = is_list ? duck.vector_get_data(v) : NULL;
    const uint64_t *valid = duck.vector_get_validity(v);
    duck_vector child =
        is_list ? duck.list_vector_get_child(v) : duck.array_vector_get_child(v);
    for (size_t i = first; i < first + n; i++) {
        size_t at = is_list ? entry[i].offset : i * c->array_size;
        size_t len = is_list ? entry[i].length : c->array_size;
        enum store_status status = is_valid_at(valid, i)
                                       ? append_array_row(c, child, at, len, e)
                                       : append_null_row(c, e);
        if (status != STORE_OK)
            return status;
        if (c->length < 0 && !append_offset(c))
            return no_memory(c, e);
    }
    return STORE_OK;
}

enum store_status column_append(struct scan_column *c, duck_vector v, size_t first,
                                size_t n, size_t nrow, struct store_error *e)
{
    enum store_status status =
        append_valid(c, duck.vector_get_validity(v), first, n, nrow, e);
    if (status != STORE_OK)
        return status;
    if (is_variable(c) && nrow == 0 && !append_offset(c))
        return no_memory(c, e);
    switch (c->shape) {
    case SHAPE_BYTES:
        return append_bytes(c, v, first, n, e);
    case SHAPE_PRINTED:
        return append_printed(c, v, first, n, e);
    case SHAPE_SCALAR:
        return append_elements(c, v, first, n, e);
    default:
        return append_arrays(c, v, first, n, e);
    }
}

struct store_vector column_vector(struct scan_column *c)
{
    static const uint64_t NOTHING; /* all rows are empty or NULL */
    return (struct store_vector){
        .data = c->data.at ? (const void *)c->data.at : &NOTHING,
        .offset = is_variable(c) ? (const uint32_t *)(const void *)c->offset.at : NULL,
        .valid = c->has_null ? (const uint8_t *)c->valid.at : NULL,
    };
}
