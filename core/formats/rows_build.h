/* rows_build.h -- batches are built here by the readers: columns that grow by a row at a
 * time. Private to this folder. */
#ifndef CORE_FORMATS_ROWS_BUILD_H
#define CORE_FORMATS_ROWS_BUILD_H

#include "core/base/arena.h"
#include "core/base/rows.h"

struct column_build {
    uint32_t element_bytes;
    uint32_t cell_bytes; /* of a fixed length; 0: variable */
    char *data;
    size_t used, capacity; /* bytes of a variable column */
    uint32_t *offset;      /* variable only */
    uint8_t *valid;
    bool has_null;
};

struct rows_build {
    struct column_build *column;
    struct store_vector *vector;
    uint32_t ncolumn;
    uint32_t nrow, capacity; /* rows whole, rows at most */
    size_t variable_bytes;   /* in all variable columns; a batch is full at BATCH_BYTES */
    bool failed;             /* no memory, or over 4 GiB in a column */
    struct arena *arena;
};

/* For these columns. False: ERR_BUSY, or ERR_LIMIT when a row is over 64 MiB. */
bool rows_build_begin(struct rows_build *, const struct store_column *const *, uint32_t n,
                      struct arena *, struct err *);
void rows_build_free(struct rows_build *);

/* Forgets all rows. */
void rows_build_clear(struct rows_build *);
/* Forgets the row that is not whole yet. */
void rows_build_undo(struct rows_build *);

bool rows_build_is_full(const struct rows_build *);

/* The place of a fixed cell in the row at hand. */
static inline char *rows_build_cell(struct rows_build *b, uint32_t i)
{
    return b->column[i].data + (size_t)b->nrow * b->column[i].cell_bytes;
}

/* Room for bytes of a variable cell in the row at hand; NULL: failed. They count when
 * column[i].used moves on, by rows_build_add() or by hand. */
char *rows_build_room(struct rows_build *, uint32_t i, size_t bytes);

static inline void rows_build_add(struct rows_build *b, uint32_t i, str bytes)
{
    char *to = rows_build_room(b, i, bytes.len);
    if (!to || bytes.len == 0)
        return;
    memcpy(to, bytes.at, bytes.len);
    b->column[i].used += bytes.len;
}

/* A null in row irow, which may be a whole one; fixed cells become zero. */
void rows_build_null_at(struct rows_build *, uint32_t i, uint32_t irow);
static inline void rows_build_null(struct rows_build *b, uint32_t i)
{
    rows_build_null_at(b, i, b->nrow);
}

/* The row at hand is whole. */
void rows_build_end_row(struct rows_build *);

/* The batch; valid until the next clear. */
void rows_build_batch(struct rows_build *, struct store_batch *);

#endif
