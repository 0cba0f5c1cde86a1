/* scan.h -- a running statement and its columns on their way into batches. */
#ifndef STORES_POSTGRES_SCAN_H
#define STORES_POSTGRES_SCAN_H

#include "stores/postgres/internal.h"

enum { BATCH_BYTES = 1 << 20, BATCH_ROWS = 1 << 16, FIRST_ROWS = 2048 };

struct scan_column;

/* Puts one value, in the server's binary form, into row `irow`. False: it is none of this
 * type. */
typedef bool (*read_function)(struct scan_column *, uint32_t irow, const char *at,
                              uint32_t len);

struct scan_column {
    const char *name;
    enum store_type type; /* as bound */
    int32_t length;
    uint32_t size, wire_size; /* of an element: ours, the server's */
    read_function read;
    char *data;
    size_t used, capacity; /* of data, in bytes; used: of variable lengths */
    uint32_t *offset;      /* variable lengths only */
    uint8_t *valid;        /* set from the first NULL of a batch on */
    uint32_t capacity_rows;
    bool has_null;
};

struct store_scan {
    struct store_session *session;
    bool owns_session;
    bool is_copy, has_ended, has_header, has_settings, is_prepared;
    uint32_t nskip;  /* results of other commands that come before the rows */
    PGresult *first; /* of a prepared statement: the row that came while it was started */
    char *row;       /* of COPY: the message at hand */
    const char *at;  /* what is left of it */
    size_t left;
    uint32_t nflow; /* rows since the server was waited for */
    uint64_t hash, nrow;
    uint32_t capacity; /* rows of a batch */
    uint32_t limit;    /* rows of the next one */
    uint32_t ncolumn;
    struct store_vector *vector;
    struct scan_column column[];
};

/* --- column.c --------------------------------------------------------------------- */

void column_init(struct scan_column *, const struct store_column *);
void column_free(struct scan_column *);
/* A batch of up to nrow rows begins; the one before it is gone. */
enum store_status column_begin(struct scan_column *, uint32_t nrow, struct store_error *);
/* len -1: NULL. */
enum store_status column_put(struct scan_column *, uint32_t irow, const char *at,
                             int32_t len, struct store_error *);
struct store_vector column_vector(const struct scan_column *);
/* Bytes of a row in a batch, of variable values the offset alone. */
size_t column_row_bytes(const struct store_column *);
/* The type that the server sends a column of ours as. */
Oid column_oid(const struct store_column *);

/* --- copy.c ----------------------------------------------------------------------- */

/* Rows of COPY until the batch is full. *nrow 0: the end. */
enum store_status copy_fill(struct store_scan *, uint32_t *nrow, struct store_error *);

#endif
