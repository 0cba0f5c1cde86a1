/* scan.h -- a running statement and its columns on their way into batches. */
#ifndef STORES_POSTGRES_SCAN_H
#define STORES_POSTGRES_SCAN_H

#include "stores/postgres/internal.h"

/* The first batch is small, for most answers are and its memory is asked for at each of
 * them; each further one may be so many times greater. */
enum { BATCH_BYTES = 1 << 20, BATCH_ROWS = 1 << 16, FIRST_ROWS = 128, GROWTH = 16 };
enum { STATEMENT_BYTES = 128 << 20 }; /* at most, values included */

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

struct copy_stream { /* rows of COPY, as one connection gives them */
    struct store_session *session;
    char *row;      /* the message at hand */
    const char *at; /* what is left of it */
    size_t left;
    bool has_header;
};

struct batch_fill { /* of the batch that is being made */
    uint32_t nrow;
    size_t bytes; /* as the server sent them */
};

struct split;

struct scan_given { /* the caller's, until the first rows have come */
    const struct store_call *call;
    const char *sql;
    const struct store_parameter *parameter;
    size_t nparameter;
    const struct store_column *const *column;
};

struct store_scan {
    struct store_session *session;
    struct scan_given given;
    bool owns_session;
    bool is_copy, has_ended, has_settings, is_prepared;
    bool makes_setter; /* the statement of has_setter was sent, its result is not seen */
    bool is_sent;      /* of a prepared statement: what became of it is not known yet */
    uint32_t nskip;    /* results of other commands that come before the rows */
    PGresult *first;   /* of a prepared statement: the row that came while it was started */
    struct copy_stream stream;
    struct split *split; /* rows come over several connections; else NULL */
    uint32_t nflow;      /* rows since the server was waited for */
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

enum copy_step { COPY_WAITS, COPY_IS_FULL, COPY_IS_OVER };
/* Rows that have come already, until the batch is full, without waiting. COPY_IS_OVER: what
 * the statement's result is must be asked. */
enum store_status copy_take(struct store_scan *, struct copy_stream *, struct batch_fill *,
                            enum copy_step *, struct store_error *);
/* Lets rows that come fast gather for a moment. False: they do not, wait. */
bool copy_gathers(struct store_scan *, int ntry);
void copy_drop_message(struct copy_stream *);

/* --- run.c ------------------------------------------------------------------------ */

/* The call's settings, and COPY of the statement; `text` is whole but for its settings. */
enum store_status copy_settings(struct store_session *, struct store_error *);
enum store_status copy_start(struct store_scan *, const char *text, struct store_error *);

/* --- prepared.c ------------------------------------------------------------------- */

/* Sends the statement. One that the connection has not prepared yet is waited for, so that
 * a refusal is known; of another only is_sent is: prepared_answer() tells. */
enum store_status prepared_start(struct store_scan *, const char *sql,
                                 struct store_error *);
/* Waits for the first row; has_ended: there is none. */
enum store_status prepared_answer(struct store_scan *, struct store_error *);
/* Rows until the batch is full; the first waits in s->first. */
enum store_status prepared_fill(struct store_scan *, uint32_t *nrow, struct store_error *);

/* --- split.c ---------------------------------------------------------------------- */

/* Reads a plain scan in parts, over several connections, where that can be. *is_split
 * false with STORE_OK: it cannot, or none is free; the connection is as it was. */
enum store_status split_start(struct store_scan *, const char *sql,
                              const struct store_parameter *, size_t nparameter,
                              bool *is_split, struct store_error *);
/* As copy_fill(). */
enum store_status split_fill(struct store_scan *, uint32_t *nrow, struct store_error *);
/* Ends what runs; the other connections go back. */
void split_free(struct store_scan *);

#endif
