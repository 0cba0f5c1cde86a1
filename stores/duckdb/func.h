/* func.h -- functions that DuckDB lacks, or whose meaning differs from ours, given to it as
 * vectorised scalar functions: tables of signatures and of functions of one row. */
#ifndef STORES_DUCKDB_FUNC_H
#define STORES_DUCKDB_FUNC_H

#include "core/base/err.h"
#include "core/sky/sky.h"
#include "stores/duckdb/internal.h"

/* One value. Of an argument only the member of its type is set. */
struct cell {
    bool is_null;
    double d;
    int64_t i; /* also booleans and timestamps (microseconds) */
    str text;  /* also packed shapes */
    const double *list;
    size_t nlist;
};

/* A shape that was built from its packed form and is kept while the next row has the same:
 * a constant circle or polygon is prepared once for each thread. */
struct kept_shape {
    struct arena *arena;
    struct bytes packed;
    const struct sky_region *region; /* NULL: not a shape, or none yet */
    bool is_made;
};

/* What one thread keeps between the chunks of one call of a function in a query. */
struct func_state {
    struct kept_shape shape[2];
    struct sky_cone cone;
    bool has_cone;
};

struct func_run {
    struct func_state *state;
    struct bytes text;   /* for a text result, empty at the start of a row */
    struct bytes number; /* for a list result: doubles */
    struct err err;
};

/* One row. False: run->err says what is wrong, and the query fails. */
typedef bool (*func_row)(struct func_run *, const struct cell *argument,
                         struct cell *result);

/* One column: out[i] of in[i]; NaN from what is no NaN is NULL (a domain error). */
typedef double (*func_real)(double);

/* A whole chunk, for the functions that queries call for millions of rows. */
typedef void (*func_chunk)(duck_call, duck_chunk, duck_vector);

/* signature ::= { type } ">" type, with d double, i integer, l bigint, h hugeint, t text,
 * b packed shape (BLOB), v list of doubles, w list of bigints (results of chunks only),
 * s timestamp. One of row, real and chunk. */
struct func {
    const char *name, *signature;
    func_row row;
    func_real real;
    func_chunk chunk;
    bool takes_null; /* else a NULL argument makes a NULL result */
};

extern const struct func func_math[], func_text[], func_sky[], func_cells[];
extern const size_t func_math_n, func_text_n, func_sky_n, func_cells_n;

enum store_status histogram_register(const struct store_host *, duck_connection,
                                     struct store_error *);

/* Memory for the length of one row; NULL without it (the error is set). */
struct arena *row_arena(struct func_run *);

/* --- for functions of a chunk ----------------------------------------------------- */

struct doubles { /* a column of doubles */
    const double *at;
    const uint64_t *valid;
};
struct doubles doubles_of(duck_chunk, duck_idx column);

static inline bool has_value(const uint64_t *valid, duck_idx i)
{
    return !valid || (valid[i / 64] >> (i % 64) & 1);
}

/* The writable validity of a result. */
uint64_t *valid_of(duck_vector);

static inline void set_null(uint64_t *valid, duck_idx i)
{
    valid[i / 64] &= ~(UINT64_C(1) << (i % 64));
}

/* The thread's state, or NULL without memory (the error is set). */
struct func_state *state_of(duck_call);

/* The region of a packed shape; *region NULL: it is no place (NaN, a latitude beyond a
 * pole), which makes a NULL result. False: an error. */
bool shape_of(struct func_state *, int slot, str packed, const struct sky_region **region,
              struct err *);

#endif
