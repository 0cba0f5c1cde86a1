/* store.h -- the contract between the node and a store adapter (a plug-in).
 *
 * An adapter is a shared object that exports store_plugin_entry(). It knows the node only
 * through this header and the host table. The batch and the column described here are the
 * one batch and the one column of the whole program.
 *
 *   life      open > list > describe > plan > start > next ... next > finish > close
 *             SQL stores also: begin > receive ... > run > next ... > finish > end
 *   threads   a store is shared between threads; a session, plan or scan belongs to one.
 *   memory    the callee owns what it returns; each call says how long it lives.
 *   cancel    a token in every call (struct store_call); it covers plan and start as well
 *             as next, is raised from another thread, never blocks.
 *   change    structs that may grow begin with their size: a reader ignores fields beyond
 *             it. store_expr, store_sort, store_vector, store_option are frozen.
 *   meaning   docs/decisions/003-meaning.md: one table for all stores. A store that differs
 *             must claim less, never approximate.
 */
#ifndef STORES_STORE_H
#define STORES_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STORE_ABI 1u

/* --- outcomes ------------------------------------------------------------------------ */

enum store_status {
    STORE_OK,
    STORE_END,     /* next(): no more rows */
    STORE_REFUSED, /* cannot do this one; the node does it itself */
    STORE_NOT_FOUND,
    STORE_INVALID,     /* the query's own fault: overflow, a text that is no number ... */
    STORE_LIMIT,       /* over a limit of memory, disk or rows */
    STORE_CANCELLED,   /* the cancel token or the deadline */
    STORE_UNAVAILABLE, /* try again later */
    STORE_FAILED       /* trying again will not help */
};

struct store_error {
    uint32_t size;
    int32_t native_code; /* the store's own number, for the log */
    char message[1016];  /* UTF-8, for a person; no secrets, no SQL with values */
};

/* --- columns ------------------------------------------------------------------------- */

/* How the elements of a value lie in memory. VOTable datatypes that share a layout are told
 * apart by store_column.datatype: bit is U8 (0 or 1 an element), floatComplex is F32 with
 * twice the elements, doubleComplex F64 with twice, unicodeChar is TEXT. */
/* clang-format off */
enum store_type {
    STORE_BOOL,    /* one byte an element, 0 or 1 */
    STORE_U8, STORE_I16, STORE_I32, STORE_I64, STORE_F32, STORE_F64,
    STORE_TEXT,    /* UTF-8 bytes; length is always -1, offsets count bytes */
    STORE_TIME_US  /* int64, microseconds since 1970-01-01T00:00:00 UTC */
};
/* clang-format on */

enum {
    STORE_NULLABLE = 1,
    STORE_INDEXED = 2,
    STORE_KEY = 4,
    STORE_PRINCIPAL = 8,
    STORE_STD = 16,
    STORE_HIDDEN = 32,    /* for the planner only (a HEALPix column): never shown */
    STORE_NO_SEARCH = 64, /* may be selected, not searched */
    STORE_SORTED = 128
};

struct store_coosys { /* VOTable COOSYS */
    const char *system, *equinox, *epoch, *refposition;
};

struct store_timesys { /* VOTable TIMESYS */
    const char *timescale, *refposition, *timeorigin;
};

struct store_column {
    uint32_t size;
    enum store_type type;
    int32_t length; /* elements in a value: 1, n, or -1 for as many as it has */
    uint32_t flags;
    const char *name, *description;
    const char *unit, *ucd, *utype, *xtype; /* NULL: unknown */
    const char *datatype;  /* VOTable datatype; NULL: the one implied by type */
    const char *arraysize; /* VOTable arraysize ("16*", "3x4*"); NULL: implied by length */
    const struct store_coosys *coosys;
    const struct store_timesys *timesys;
    double minimum, maximum;  /* NaN: unknown */
    double null_fraction;     /* NaN: unknown */
    const char *null_literal; /* VALUES/null to echo for an uploaded integer column */
    /* SQL stores: how the column is read as its type: a template, $1 the column ("CAST($1
     * AS float8)"). NULL: as it is. */
    const char *sql;
};

struct store_foreign_key {
    const char *name, *target; /* the table, as it is listed */
    uint32_t ncolumn;
    const char *const *column, *const *target_column;
};

struct store_table {
    uint32_t size;
    uint32_t ncolumn;
    const struct store_column *const *column;
    const char *name, *description;
    int32_t lon_column, lat_column; /* ICRS position in degrees, or -1 */
    int32_t hpx_column;             /* I64 HEALPix NESTED index of that position, or -1 */
    int32_t hpx_order;              /* its order, 0..29 */
    const char *coverage_moc;       /* ASCII MOC, or NULL: could be anywhere */
    int64_t row_estimate;           /* -1: unknown */
    uint64_t generation;            /* changes whenever this description does */
    /* SQL stores with an index on the position that is no HEALPix column: templates of a
     * condition that keeps every row within $4 degrees of longitude $2 and latitude $3; $1
     * is what the statement calls the table. near_cone is for one constant cone, near_join
     * for the cones of another table's rows. The exact test stands beside it. NULL: none.
     */
    const char *near_cone, *near_join;
    double near_most_deg; /* greater radii are not looked up so */
    uint32_t nforeign;
    const struct store_foreign_key *foreign;
};

/* --- negotiation with stores that scan: who does what ----------------------------------
 */

enum store_shape { STORE_CIRCLE, STORE_RANGE, STORE_POLYGON };

struct store_region {
    enum store_shape shape;
    uint32_t ncoord;
    const double *coord_deg; /* ICRS; in the order of a DALI circle, range or polygon */
};

/* clang-format off */
enum store_op {
    STORE_AND, STORE_OR, STORE_NOT,
    STORE_EQ, STORE_NE, STORE_LT, STORE_LE, STORE_GT, STORE_GE,
    STORE_IS_NULL, STORE_IN, STORE_LIKE, STORE_BETWEEN,
    STORE_IN_REGION, /* arg 0: longitude, arg 1: latitude; both degrees ICRS */
    STORE_COLUMN, STORE_LITERAL
};
/* clang-format on */

struct store_expr {
    enum store_op op;
    uint32_t narg;
    const struct store_expr *const *arg;
    uint32_t column;                   /* STORE_COLUMN: index in store_table */
    enum store_type type;              /* STORE_LITERAL */
    uint32_t count;                    /*   elements in value */
    const void *value;                 /*   NULL: SQL NULL */
    const struct store_region *region; /* STORE_IN_REGION */
};

enum store_claim {
    STORE_CLAIM_NONE,     /* filter ignored: the node applies it */
    STORE_CLAIM_SUPERSET, /* no wanted row is missing: the node applies it too */
    STORE_CLAIM_EXACT     /* applied in full: the node does not look again */
};

struct store_sort {
    uint32_t column;
    bool descending, nulls_first;
};

enum store_aggregate { STORE_COUNT_ROWS, STORE_COUNT, STORE_SUM, STORE_MIN, STORE_MAX };

struct store_group { /* one aggregate of a grouped request */
    enum store_aggregate aggregate;
    uint32_t column; /* not for STORE_COUNT_ROWS */
};

struct store_batch;

struct store_keys { /* a bind join: keep rows whose column is among these values */
    uint32_t column;
    const struct store_batch *values; /* one column */
};

struct store_request {
    uint32_t size;
    const char *table;
    uint32_t ncolumn, nfilter, nsort;
    const uint32_t *column;                 /* wanted columns, in output order */
    const struct store_expr *const *filter; /* all must hold */
    const struct store_sort *sort;
    int64_t limit; /* -1: all rows */
    uint32_t ngroup_column, naggregate;
    const uint32_t *group_column;
    const struct store_group *aggregate;
    const struct store_keys *keys; /* NULL: none */
};

struct store_offer {
    uint32_t size;
    enum store_claim *claim; /* one per filter; the node sets them to NONE */
    enum store_claim keys;   /* of the key list */
    uint32_t sorted;         /* leading sort keys that the rows will follow */
    bool limited;            /* stops at the limit; only with all EXACT and all sorted */
    bool grouped;            /* gives groups and aggregates instead of rows */
    double row_estimate, cost_ms; /* NaN: unknown */
};

/* A statement whose rows are made of those of one table of the store, each of one and by
 * itself, in any order: what a store needs to run it in parts. */
struct store_plain {
    uint32_t size;
    const char *table; /* as it stands in the statement */
    const char *alias; /* what the statement calls it; not quoted */
    size_t at;         /* in the statement: "condition AND " may be put here ... */
    bool has_where;    /* ... false: " WHERE condition" */
    int64_t limit;     /* of the rows; -1: none */
};

struct store_call {
    uint32_t size;
    int64_t deadline_ns;    /* CLOCK_MONOTONIC; INT64_MAX: none */
    const char *request_id; /* for logs and for SQL comments */
    const char *user;       /* who asks; NULL: anonymous */
    void *cancel;           /* the node's token, for the host's functions; NULL: none */
    bool wants_progress;    /* progress() will be asked: counting it may cost something */
    const struct store_plain *plain; /* begin(), run(): what the statement is; NULL: more */
};

/* --- rows: typed column batches ------------------------------------------------------- */

/* Layout. Fixed length n: element k of row i is data[i * n + k]. Length -1: the elements of
 * row i are data[offset[i] .. offset[i + 1]). A null row still has its place (fixed: any
 * bytes; variable: empty). Native byte order, data 8-byte aligned. */
struct store_vector { /* never grows */
    const void *data;
    const uint32_t *offset; /* length -1 only: nrow + 1 element offsets into data */
    const uint8_t *valid;   /* bit i % 8 of byte i / 8: row i has a value; NULL: all have */
};

/* Bounded by bytes as well as rows: about 1 MiB, or one row. */
struct store_batch {
    uint32_t size;
    uint32_t nrow;                     /* at least 1 when returned by next() */
    const struct store_vector *column; /* as many as the request wanted */
};

static inline bool store_is_valid(const struct store_vector *v, uint32_t irow)
{
    return !v->valid || (v->valid[irow >> 3] >> (irow & 7) & 1);
}

/* Where batches come from when a store receives a table. Returns STORE_OK with a batch that
 * lives until the next call, STORE_END, or a failure with its error. */
struct store_feed {
    uint32_t size;
    enum store_status (*next)(struct store_feed *, struct store_batch *,
                              struct store_error *);
};

/* --- SQL stores ----------------------------------------------------------------------- */

/* How a dialect spells one operation. `op` is a name of adql/ops.h ("abs", "contains_pc");
 * `sql` is a template in which $1 ... $9 stand for the printed arguments and $* for all of
 * them, comma separated. An op without a spelling is one that the store cannot do. */
struct store_spelling {
    const char *op, *sql;
};

struct store_dialect {
    uint32_t size;
    const char *name;           /* "duckdb", "postgres" */
    const char *type_name[9];   /* by store_type: "BOOLEAN", "DOUBLE" ... */
    const char *fixed_array;    /* template of a type: "$1[$2]"; NULL: no arrays */
    const char *variable_array; /* "$1[]" */
    const char *parameter;      /* "$%u" or "?" */
    const struct store_spelling *spelling;
    size_t nspelling;
    /* How many BETWEEN ranges joined by OR still reach an index on a HEALPix column: beside
     * an exact sky test the planner writes at most so many. 0: 75. */
    uint32_t hpx_ranges;
    /* Literals and limits come as parameters of run(), cast to their type in the text, so
     * that statements which differ in them only are one text, whose plan can be kept.
     * Ranges of HEALPix cells stay in the text. False: all is in the text. */
    bool wants_parameters;
    const char *bytes_type;   /* of arrays of U8; NULL: as of other arrays */
    const char *collate;      /* put behind a text that is ordered; NULL: nothing */
    const char *real_literal; /* "CAST($1 AS DOUBLE)"; NULL: 1.5e0 is a DOUBLE already */
};

struct store_parameter { /* one value of a statement's parameter list */
    enum store_type type;
    uint32_t count;    /* elements; TEXT: bytes */
    const void *value; /* NULL: SQL NULL */
};

/* --- the two tables ------------------------------------------------------------------- */

struct store_host { /* what the node gives an adapter */
    uint32_t abi, size;
    void (*log)(const struct store_host *, int level, const char *message);
    bool (*secret)(const struct store_host *, const char *name, char *out, size_t len);
    /* True once the call's token is raised or its deadline has passed. */
    bool (*is_cancelled)(const struct store_host *, const struct store_call *);
    /* Calls raise(what) from another thread when the token is raised; at once if it already
     * is. raise() must not block. After unwatch() returns, raise() is not running and will
     * not be called. NULL from watch(): no token, nothing to unwatch. */
    void *(*watch)(const struct store_host *, const struct store_call *,
                   void (*raise)(void *), void *what);
    void (*unwatch)(const struct store_host *, void *watch);
    void *node; /* the node's own */
};

struct store;
struct store_plan;
struct store_scan;
struct store_session;
struct store_object; /* the adapter's */

struct store_option {
    const char *name, *value;
};

enum { STORE_NEEDS_FILES = 1, STORE_NEEDS_NETWORK = 2 };

struct store_plugin { /* what an adapter gives the node */
    uint32_t abi, size;
    const char *name, *version;
    uint32_t needs;

    enum store_status (*open)(const struct store_host *, const struct store_option *,
                              size_t noption, struct store **, struct store_error *);
    void (*close)(struct store *);

    /* Called by one thread at a time; what they return lives until the next list(). */
    enum store_status (*list)(struct store *, const char *const **name, size_t *n,
                              struct store_error *);
    enum store_status (*describe)(struct store *, const char *name,
                                  const struct store_table **, struct store_error *);

    /* plan() reads no rows and may be called many times for one query. The host, request
     * and call live until the plan is dropped. */
    enum store_status (*plan)(struct store *, const struct store_call *,
                              const struct store_request *, struct store_offer *,
                              struct store_plan **, struct store_error *);
    void (*drop_plan)(struct store_plan *);
    enum store_status (*start)(struct store_plan *, const struct store_call *,
                               struct store_scan **, struct store_error *);

    /* A batch lives until the next next() or finish() of its scan. */
    enum store_status (*next)(struct store_scan *, struct store_batch *,
                              struct store_error *);
    void (*finish)(struct store_scan *); /* also of a scan that has not ended */

    /* Optional from here on: NULL says that the store cannot. */
    size_t (*explain)(struct store_plan *, char *out, size_t len);

    /* SQL stores. A session is one connection's worth of state: temporary tables live in
     * it. */
    const struct store_dialect *dialect;
    enum store_status (*begin)(struct store *, const struct store_call *,
                               struct store_session **, struct store_error *);
    void (*end)(struct store_session *); /* drops its temporary tables; ends its scans */
    /* Makes a temporary table `name` (already safe: the node chose it) of the feed's rows.
     * `table` gives columns, position and HEALPix columns as in store_table. */
    enum store_status (*receive)(struct store_session *, const struct store_call *,
                                 const struct store_table *table, struct store_feed *,
                                 struct store_error *);
    /* Runs one statement that the node wrote. `column` are the bound output types: the rows
     * come exactly so. A session runs one statement at a time. All that is given lives
     * until the scan is finished: a store may send the statement and say at the first
     * next() what became of it; but what it refuses (STORE_REFUSED) it refuses here. */
    enum store_status (*run)(struct store_session *, const struct store_call *,
                             const char *sql, const struct store_parameter *parameter,
                             size_t nparameter, const struct store_column *const *column,
                             size_t ncolumn, struct store_scan **, struct store_error *);
    /* Runs statements for their effect (node start-up: TAP_SCHEMA; Parquet export). */
    enum store_status (*execute)(struct store_session *, const struct store_call *,
                                 const char *sql, struct store_error *);
    /* The store's own plan of a statement, as text for a person. Returns the full length.
     */
    size_t (*explain_sql)(struct store_session *, const char *sql, char *out, size_t len);
    /* 0..1 of the running statement, or -1. From any thread while the session lives. */
    double (*progress)(struct store_session *);

    enum store_status (*open_object)(struct store *, const struct store_call *,
                                     const char *id, struct store_object **,
                                     uint64_t *nbyte, struct store_error *);
    enum store_status (*read_object)(struct store_object *, uint64_t at, void *out,
                                     size_t len, size_t *got, struct store_error *);
    void (*close_object)(struct store_object *);

    /* True: what the store holds open is no longer what its options name, because another
     * file was put in its place; opened anew it would show what is there now. Cheap: asked
     * every second. From any thread. */
    bool (*is_outdated)(struct store *);
};

/* Returns NULL if the host's ABI is not one the adapter knows. */
const struct store_plugin *store_plugin_entry(const struct store_host *);

#endif
