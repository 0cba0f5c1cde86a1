/* column.c -- the server's binary values into a column of a batch. */
#include "stores/postgres/scan.h"

#include <endian.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define DATA_BYTES_MAX ((size_t)UINT32_MAX)
enum { TEXT_BYTES = 4096 }; /* of a column of variable lengths at first */

/* --- elements --------------------------------------------------------------------- */

static uint16_t get16(const char *at)
{
    uint16_t v;
    memcpy(&v, at, sizeof v);
    return be16toh(v);
}

static uint32_t get32(const char *at)
{
    uint32_t v;
    memcpy(&v, at, sizeof v);
    return be32toh(v);
}

static uint64_t get64(const char *at)
{
    uint64_t v;
    memcpy(&v, at, sizeof v);
    return be64toh(v);
}

/* One element of wire_size bytes into `out`. False: out of range. */
static bool get_element(enum store_type type, const char *at, char *out)
{
    uint16_t v16;
    uint32_t v32;
    uint64_t v64;
    switch (type) {
    case STORE_BOOL:
        out[0] = at[0] != 0;
        return true;
    case STORE_U8:
        v16 = get16(at);
        out[0] = (char)(uint8_t)v16;
        return v16 <= 255;
    case STORE_I16:
        v16 = get16(at);
        memcpy(out, &v16, sizeof v16);
        return true;
    case STORE_I32:
    case STORE_F32:
        v32 = get32(at);
        memcpy(out, &v32, sizeof v32);
        return true;
    case STORE_TIME_US:
        v64 = (uint64_t)time_of_server((int64_t)get64(at));
        memcpy(out, &v64, sizeof v64);
        return true;
    default:
        v64 = get64(at);
        memcpy(out, &v64, sizeof v64);
        return true;
    }
}

static void put_nan(enum store_type type, char *out)
{
    float f = NAN;
    double d = NAN;
    if (type == STORE_F32)
        memcpy(out, &f, sizeof f);
    else
        memcpy(out, &d, sizeof d);
}

/* --- readers ---------------------------------------------------------------------- */

static bool reserve(struct scan_column *c, size_t extra)
{
    if (c->used + extra <= c->capacity)
        return true;
    size_t wanted = c->capacity * 2 > c->used + extra ? c->capacity * 2 : c->used + extra;
    char *longer = wanted <= DATA_BYTES_MAX * c->size ? realloc(c->data, wanted) : NULL;
    if (!longer)
        return false;
    c->data = longer;
    c->capacity = wanted;
    return true;
}

static bool read_bool(struct scan_column *c, uint32_t irow, const char *at, uint32_t len)
{
    c->data[irow] = len == 1 && at[0] != 0;
    return len == 1;
}

static bool read_2(struct scan_column *c, uint32_t irow, const char *at, uint32_t len)
{
    if (len != 2)
        return false;
    uint16_t v = get16(at);
    memcpy(c->data + (size_t)irow * 2, &v, 2);
    return true;
}

static bool read_4(struct scan_column *c, uint32_t irow, const char *at, uint32_t len)
{
    if (len != 4)
        return false;
    uint32_t v = get32(at);
    memcpy(c->data + (size_t)irow * 4, &v, 4);
    return true;
}

static bool read_8(struct scan_column *c, uint32_t irow, const char *at, uint32_t len)
{
    if (len != 8)
        return false;
    uint64_t v = get64(at);
    memcpy(c->data + (size_t)irow * 8, &v, 8);
    return true;
}

static bool read_byte(struct scan_column *c, uint32_t irow, const char *at, uint32_t len)
{
    return len == 2 && get_element(STORE_U8, at, c->data + irow);
}

static void set_null(struct scan_column *c, uint32_t irow)
{
    if (!c->has_null)
        memset(c->valid, 0xff, c->capacity_rows / 8 + 1);
    c->valid[irow >> 3] = (uint8_t)(c->valid[irow >> 3] & ~(1u << (irow & 7)));
    c->has_null = true;
}

static bool read_time(struct scan_column *c, uint32_t irow, const char *at, uint32_t len)
{
    if (len != 8)
        return false;
    int64_t us = time_of_server((int64_t)get64(at));
    memcpy(c->data + (size_t)irow * 8, &us, 8);
    return true;
}

static bool read_text(struct scan_column *c, uint32_t irow, const char *at, uint32_t len)
{
    (void)irow;
    if (!reserve(c, len))
        return false;
    memcpy(c->data + c->used, at, len);
    c->used += len;
    return true;
}

/* bytea of a fixed length */
static bool read_bytes(struct scan_column *c, uint32_t irow, const char *at, uint32_t len)
{
    if (len != (uint32_t)c->length)
        return false;
    memcpy(c->data + (size_t)irow * len, at, len);
    return true;
}

/* The elements of an array of any number of dimensions, one after another. */
static bool read_elements(struct scan_column *c, const char *at, uint32_t len, char *out,
                          uint32_t n)
{
    for (uint32_t i = 0; i < n; i++, out += c->size) {
        if (len < 4)
            return false;
        uint32_t size = get32(at);
        at += 4;
        len -= 4;
        if (size == UINT32_MAX) {
            if (c->type != STORE_F32 && c->type != STORE_F64)
                return false; /* integers have no value that says "none" */
            put_nan(c->type, out);
            continue;
        }
        if (size != c->wire_size || len < size || !get_element(c->type, at, out))
            return false;
        at += size;
        len -= size;
    }
    return len == 0;
}

/* array ::= ndim flags oid { size lower } { len element } */
static bool read_array(struct scan_column *c, uint32_t irow, const char *at, uint32_t len)
{
    if (len < 12)
        return false;
    uint32_t ndim = get32(at);
    uint64_t n = ndim > 0;
    at += 12;
    len -= 12;
    if (ndim > 6 || len < 8 * ndim)
        return false;
    for (uint32_t i = 0; i < ndim; i++) {
        n *= get32(at);
        at += 8;
        len -= 8;
        if (n > len)
            return false;
    }
    if (c->length > 0)
        return n == (uint64_t)c->length &&
               read_elements(c, at, len,
                             c->data + (size_t)irow * c->size * (size_t)c->length,
                             (uint32_t)n);
    if (!reserve(c, n * c->size) ||
        !read_elements(c, at, len, c->data + c->used, (uint32_t)n))
        return false;
    c->used += n * c->size;
    return true;
}

/* --- types ------------------------------------------------------------------------ */

static const struct wire {
    uint32_t size, wire_size;
    Oid scalar, array;
    read_function read;
} WIRES[] = {
    [STORE_BOOL] = {1, 1, 16, 1000, read_bool},
    [STORE_U8] = {1, 2, 21, 17, read_byte}, /* arrays are bytea */
    [STORE_I16] = {2, 2, 21, 1005, read_2},
    [STORE_I32] = {4, 4, 23, 1007, read_4},
    [STORE_I64] = {8, 8, 20, 1016, read_8},
    [STORE_F32] = {4, 4, 700, 1021, read_4},
    [STORE_F64] = {8, 8, 701, 1022, read_8},
    [STORE_TEXT] = {1, 1, 25, 25, read_text},
    [STORE_TIME_US] = {8, 8, 1114, 1115, read_time},
};

Oid column_oid(const struct store_column *c)
{
    return c->length == 1 ? WIRES[c->type].scalar : WIRES[c->type].array;
}

static bool is_variable(const struct scan_column *c)
{
    return c->type == STORE_TEXT || c->length < 0;
}

size_t column_row_bytes(const struct store_column *c)
{
    bool is_fixed = c->type != STORE_TEXT && c->length > 0;
    return is_fixed ? WIRES[c->type].size * (size_t)c->length : sizeof(uint32_t);
}

void column_init(struct scan_column *c, const struct store_column *want)
{
    const struct wire *w = &WIRES[want->type];
    *c = (struct scan_column){.name = want->name ? want->name : "?",
                              .type = want->type,
                              .length = want->length,
                              .size = w->size,
                              .wire_size = w->wire_size,
                              .read = w->read};
    if (c->type == STORE_U8 && c->length != 1)
        c->read = is_variable(c) ? read_text : read_bytes;
    else if (c->type != STORE_TEXT && c->length != 1)
        c->read = read_array;
}

void column_free(struct scan_column *c)
{
    free(c->data);
    free(c->valid);
    free(c->offset);
    c->data = NULL;
    c->valid = NULL;
    c->offset = NULL;
    c->capacity_rows = 0;
}

static bool make_room(struct scan_column *c, uint32_t nrow)
{
    bool is_fixed = !is_variable(c);
    size_t least = is_fixed ? (size_t)c->size * (uint32_t)c->length * nrow : TEXT_BYTES;
    column_free(c);
    if (c->capacity < least)
        c->capacity = least;
    c->data = malloc(c->capacity + 8);
    c->valid = malloc((size_t)nrow / 8 + 1);
    c->offset = is_fixed ? NULL : malloc(((size_t)nrow + 1) * sizeof *c->offset);
    c->capacity_rows = nrow;
    return c->data && c->valid && (is_fixed || c->offset);
}

enum store_status column_begin(struct scan_column *c, uint32_t nrow, struct store_error *e)
{
    if (c->capacity_rows < nrow && !make_room(c, nrow))
        return fail(e, STORE_LIMIT, "no memory for column \"%s\"", c->name);
    c->used = 0;
    c->has_null = false;
    if (c->offset)
        c->offset[0] = 0;
    return STORE_OK;
}

enum store_status column_put(struct scan_column *c, uint32_t irow, const char *at,
                             int32_t len, struct store_error *e)
{
    if (len < 0)
        set_null(c, irow);
    else if (!c->read(c, irow, at, (uint32_t)len))
        return fail(e, STORE_FAILED,
                    "column \"%s\": the database sends a value that does not fit the type "
                    "that was described (an array of another length, a NULL in an array of "
                    "integers, a byte over 255, or a text too long)",
                    c->name);
    if (c->offset)
        c->offset[irow + 1] = (uint32_t)(c->used / c->size);
    return STORE_OK;
}

struct store_vector column_vector(const struct scan_column *c)
{
    return (struct store_vector){
        .data = c->data, .offset = c->offset, .valid = c->has_null ? c->valid : NULL};
}
