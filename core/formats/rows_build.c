/* rows_build.c -- see rows_build.h. */
#include "core/formats/rows_build.h"

#include <stdlib.h>

enum { ROWS_MAX = 4096, BATCH_BYTES = 1 << 20, ROW_MAX_BYTES = 64 << 20 };

static bool begin_column(struct rows_build *b, uint32_t i, const struct store_column *c)
{
    struct column_build *k = &b->column[i];
    size_t bits = ((size_t)b->capacity + 7) / 8;
    k->valid = arena_new_array(b->arena, uint8_t, bits);
    if (!k->valid)
        return false;
    memset(k->valid, 0xFF, bits);
    k->element_bytes = store_type_bytes(c->type);
    if (c->length >= 0) {
        k->cell_bytes = (uint32_t)c->length * k->element_bytes;
        k->data = arena_alloc(b->arena, b->capacity, k->cell_bytes ? k->cell_bytes : 1);
        return k->data != NULL;
    }
    k->offset = arena_new_array(b->arena, uint32_t, (size_t)b->capacity + 1);
    k->capacity = 1024;
    k->data = malloc(k->capacity);
    return k->offset && k->data;
}

bool rows_build_begin(struct rows_build *b, const struct store_column *const *column,
                      uint32_t n, struct arena *arena, struct err *e)
{
    uint64_t row_bytes = 1;
    *b = (struct rows_build){.ncolumn = n, .arena = arena};
    for (uint32_t i = 0; i < n; i++) {
        uint64_t length = column[i]->length < 0 ? 1 : (uint32_t)column[i]->length;
        row_bytes += length * store_type_bytes(column[i]->type);
    }
    if (row_bytes > ROW_MAX_BYTES)
        return err_set(e, ERR_LIMIT, "a row takes %llu bytes; at most %d are read",
                       (unsigned long long)row_bytes, ROW_MAX_BYTES);
    b->capacity = (uint32_t)(BATCH_BYTES / row_bytes) / 8 * 8;
    b->capacity = b->capacity < 8 ? 8 : b->capacity > ROWS_MAX ? ROWS_MAX : b->capacity;
    b->column = arena_new_array(arena, struct column_build, n + 1);
    b->vector = arena_new_array(arena, struct store_vector, n + 1);
    bool ok = b->column && b->vector;
    for (uint32_t i = 0; ok && i < n; i++)
        ok = begin_column(b, i, column[i]);
    if (ok)
        return true;
    rows_build_free(b);
    return err_set(e, ERR_BUSY, "the node has no memory for %u columns", n);
}

void rows_build_free(struct rows_build *b)
{
    for (uint32_t i = 0; b->column && i < b->ncolumn; i++)
        if (b->column[i].offset) {
            free(b->column[i].data);
            b->column[i].data = NULL;
        }
}

void rows_build_clear(struct rows_build *b)
{
    b->nrow = 0;
    b->variable_bytes = 0;
    for (uint32_t i = 0; i < b->ncolumn; i++) {
        struct column_build *k = &b->column[i];
        k->used = 0;
        if (k->has_null)
            memset(k->valid, 0xFF, ((size_t)b->capacity + 7) / 8);
        k->has_null = false;
    }
}

void rows_build_undo(struct rows_build *b)
{
    for (uint32_t i = 0; i < b->ncolumn; i++) {
        struct column_build *k = &b->column[i];
        k->valid[b->nrow / 8] = (uint8_t)(k->valid[b->nrow / 8] | 1u << b->nrow % 8);
        if (k->offset)
            k->used = (size_t)k->offset[b->nrow] * k->element_bytes;
    }
}

bool rows_build_is_full(const struct rows_build *b)
{
    return b->nrow == b->capacity || b->variable_bytes >= BATCH_BYTES;
}

char *rows_build_room(struct rows_build *b, uint32_t i, size_t bytes)
{
    struct column_build *k = &b->column[i];
    if (k->capacity - k->used >= bytes)
        return k->data + k->used;
    size_t capacity = k->capacity;
    while (capacity - k->used < bytes && capacity <= UINT32_MAX)
        capacity *= 2;
    char *larger = capacity > UINT32_MAX ? NULL : realloc(k->data, capacity);
    if (!larger) {
        b->failed = true;
        return NULL;
    }
    k->data = larger;
    k->capacity = capacity;
    return larger + k->used;
}

void rows_build_null_at(struct rows_build *b, uint32_t i, uint32_t irow)
{
    struct column_build *k = &b->column[i];
    k->has_null = true;
    k->valid[irow / 8] = (uint8_t)(k->valid[irow / 8] & ~(1u << irow % 8));
    if (k->cell_bytes)
        memset(k->data + (size_t)irow * k->cell_bytes, 0, k->cell_bytes);
}

void rows_build_end_row(struct rows_build *b)
{
    b->nrow++;
    for (uint32_t i = 0; i < b->ncolumn; i++) {
        struct column_build *k = &b->column[i];
        if (!k->offset)
            continue;
        uint32_t before = k->offset[b->nrow - 1];
        k->offset[b->nrow] = (uint32_t)(k->used / k->element_bytes);
        b->variable_bytes += (size_t)(k->offset[b->nrow] - before) * k->element_bytes;
    }
}

void rows_build_batch(struct rows_build *b, struct store_batch *out)
{
    for (uint32_t i = 0; i < b->ncolumn; i++) {
        const struct column_build *k = &b->column[i];
        b->vector[i] =
            (struct store_vector){k->data, k->offset, k->has_null ? k->valid : NULL};
    }
    *out = (struct store_batch){sizeof *out, b->nrow, b->vector};
}
