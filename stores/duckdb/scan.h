/* scan.h -- a running statement and its columns on their way into batches. */
#ifndef STORES_DUCKDB_SCAN_H
#define STORES_DUCKDB_SCAN_H

#include "stores/duckdb/internal.h"

/* About 1 MiB a batch; chunks under MERGE_ROWS are gathered while they come fast. */
enum { BATCH_BYTES = 1 << 20, MERGE_ROWS = 1024 };

struct scan_column;

/* Converts elements [first, first + n) of a vector's data. Those that are not valid become
 * zero, or NaN. False: *e says which value does not fit. */
typedef bool (*convert_function)(const struct scan_column *, const void *data,
                                 const uint64_t *valid, size_t first, size_t n, void *out,
                                 struct store_error *e);

/* Prints element i for a TEXT column; returns the length, or 0 for what cannot be said. */
enum { PRINT_BYTES = 64 };
typedef size_t (*print_function)(const struct scan_column *, const void *data, size_t i,
                                 char out[PRINT_BYTES]);

enum scan_shape { SHAPE_SCALAR, SHAPE_BYTES, SHAPE_PRINTED, SHAPE_LIST, SHAPE_ARRAY };

struct scan_column {
    const char *name;
    enum store_type type; /* as wanted */
    int32_t length;
    enum scan_shape shape; /* as DuckDB has it */
    int source;            /* duck_type of an element */
    duck_idx array_size;   /* of SHAPE_ARRAY */
    uint8_t scale;         /* of a DECIMAL */
    int storage;           /* of a DECIMAL or ENUM: the type that it is stored as */
    char **word;           /* of an ENUM */
    uint32_t nword;
    bool is_same_layout; /* DuckDB's elements are ours */
    size_t element_bytes;
    convert_function convert;
    print_function print;

    struct bytes data, offset, valid; /* of the batch in the making */
    bool has_null;
};

struct store_scan {
    struct store_session *session;
    bool owns_session;
    duck_prepared prepared;
    bool is_kept; /* the statement belongs to the session */
    duck_pending pending;
    duck_result result;
    bool has_result, has_ended;
    duck_chunk chunk;
    size_t row, nrow;         /* next row of the chunk, its rows */
    int64_t fetch_ns, nbatch; /* how long the last fetch took; batches so far */
    uint32_t ncolumn;
    struct store_vector *vector; /* of the batch that was given out */
    struct scan_column column[];
};

/* --- elements.c ------------------------------------------------------------------- */

static inline bool is_valid_at(const uint64_t *valid, size_t i)
{
    return !valid || (valid[i / 64] >> (i % 64) & 1);
}

/* Chooses how the elements of c->source become c->type. False: they cannot. */
bool elements_choose(struct scan_column *c);

/* --- column.c --------------------------------------------------------------------- */

/* Learns the column's shape from its DuckDB type. `want` is the bound output type. */
enum store_status column_bind(struct scan_column *, duck_logical type,
                              const struct store_column *want, struct store_error *);
void column_free(struct scan_column *);
void column_clear(struct scan_column *);

/* Bytes that rows [first, first + n) take in a batch. */
size_t column_bytes(const struct scan_column *, duck_vector, size_t first, size_t n);

/* Makes `out` point into DuckDB's own memory, where rows [first, first + n) have our
 * layout. False: they have not; nothing was done. */
bool column_lend(struct scan_column *, duck_vector, size_t first, size_t n,
                 struct store_vector *out);

/* Adds rows [first, first + n) after the `nrow` rows that the batch has. */
enum store_status column_append(struct scan_column *, duck_vector, size_t first, size_t n,
                                size_t nrow, struct store_error *);
/* What was appended, as a vector. */
struct store_vector column_vector(struct scan_column *);

#endif
