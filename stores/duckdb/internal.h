/* internal.h -- what the files of this adapter share: the store, its sessions, and the
 * small helpers around DuckDB's C API. */
#ifndef STORES_DUCKDB_INTERNAL_H
#define STORES_DUCKDB_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/base/arena.h"
#include "core/base/bytes.h"
#include "core/base/str.h"
#include "stores/duckdb/duckdb_api.h"
#include "stores/store.h"

enum {
    ATTACH_MAX = 32,
    IDLE_MAX = 32,               /* connections kept for the next session */
    STATEMENTS_MAX = 16,         /* prepared statements kept in each */
    STATEMENT_BYTES = 16 * 1024, /* longer ones are not kept */
    SEEN_MAX = 256               /* texts that are remembered */
};

#define HPX_COLUMN "_hpx" /* HEALPix NESTED index of a table's position */
enum { HPX_ORDER = 29 };

/* --- errors (errors.c) ------------------------------------------------------------------
 */

/* Records a message and returns `status`. e may be NULL. */
enum store_status fail(struct store_error *e, enum store_status status, const char *format,
                       ...) __attribute__((format(printf, 3, 4)));

/* The same for a message of DuckDB's: its class becomes the status; SQL text, hints for
 * programmers and paths are left out. What people cannot act on goes to the host's log. */
enum store_status fail_duck(const struct store_host *, const char *message,
                            struct store_error *e);

/* --- names and literals (text.c) ---------------------------------------------------------
 */

void put_name(struct bytes *, str name);    /* "name", quotes doubled */
void put_literal(struct bytes *, str text); /* 'text', quotes doubled */
/* A dotted name, each part quoted. */
void put_dotted(struct bytes *, str name);

/* --- answers (answer.c): small results as text, for this adapter's own questions -- */

struct answer {
    duck_result result;
    duck_chunk chunk;
    duck_idx row, nrow;
    bool is_open;
};

/* Every column must be a VARCHAR. */
enum store_status answer_open(struct answer *, const struct store_host *, duck_connection,
                              const char *sql, struct store_error *);
bool answer_next(struct answer *); /* to the first, then the next row; false: no more */
/* Lives until the next row; at == NULL for NULL. */
str answer_text(const struct answer *, duck_idx column);
void answer_close(struct answer *);

/* Runs a statement for its effect. */
enum store_status statement_run(const struct store_host *, duck_connection, const char *sql,
                                struct store_error *);

/* --- the deadline clock (timer.c) ------------------------------------------------- */

struct timer;

struct alarm { /* lies in its user; all zero: not set */
    int64_t deadline_ns;
    void (*ring)(void *);
    void *what;
    struct alarm *previous, *next;
    bool is_set;
};

struct timer *timer_new(void); /* starts its thread at the first alarm; NULL: no memory */
void timer_free(struct timer *);
/* ring(what) is called from the timer's thread at the deadline, and every 100 ms from then
 * on until the alarm is cleared. It must not block. An alarm that is set already rings at
 * the earlier of both. False: the thread cannot be started. */
bool timer_set(struct timer *, struct alarm *, int64_t deadline_ns);
/* After it returns, ring() is not running and will not be called. */
void timer_clear(struct timer *, struct alarm *);

/* Starts a thread that gets none of the node's signals. */
bool thread_start(pthread_t *, void *(*run)(void *), void *);

/* --- helping threads (workers.c) -------------------------------------------------- */

struct workers;

/* NULL: no memory. */
struct workers *workers_new(duck_database, uint32_t nthread);
void workers_free(struct workers *); /* before the database is closed */
/* A query wants help from now on, until workers_dismiss(). False: there is no memory, and
 * nothing to dismiss. */
bool workers_call(struct workers *);
void workers_dismiss(struct workers *);

/* --- the store -------------------------------------------------------------------- */

/* A file as it was when it was attached: held open, so that nobody writes to it and no
 * other file can take its number. */
struct attached_file {
    const char *path;
    int fd; /* -1: not held */
};

struct listing; /* what list() and describe() show; counted */

struct store {
    const struct store_host *host;
    struct arena *arena; /* of the options; ends with the store */
    duck_database database;
    duck_connection control; /* for discovery */
    struct timer *timer;
    struct workers *workers;
    const char *attached[ATTACH_MAX]; /* names of the attached databases, main one first */
    struct attached_file file[ATTACH_MAX]; /* of each */
    size_t nattached;
    bool is_writable;
    /* Hashes of the texts that ran last, each at its place: a text that comes again is
     * kept. */
    atomic_uint_fast64_t seen[SEEN_MAX];
    /* Changes before and after each statement that may change a table. DuckDB leaves
     * filters out by the statistics of the day and would keep such a plan when rows come
     * in. */
    atomic_uint_fast64_t generation;

    pthread_mutex_t lock; /* of what follows */
    struct store_session *idle;
    size_t nidle;
    struct listing *listing;
};

enum store_status store_open(const struct store_host *, const struct store_option *,
                             size_t noption, struct store **, struct store_error *);
void store_close(struct store *);
bool store_is_outdated(struct store *);

enum store_status store_list(struct store *, const char *const **name, size_t *n,
                             struct store_error *);
enum store_status store_describe(struct store *, const char *name,
                                 const struct store_table **, struct store_error *);
/* Counted access for plan(): *table lives until listing_drop(). */
enum store_status listing_find(struct store *, const char *name, struct listing **,
                               const struct store_table **, const char **sql_name,
                               struct store_error *);
void listing_drop(struct listing *);

/* Registers the functions of the dialect; called once for a database. */
enum store_status functions_register(const struct store_host *, duck_connection,
                                     struct store_error *);

extern const struct store_dialect duckdb_dialect;

/* --- sessions --------------------------------------------------------------------- */

struct statement { /* a prepared statement, kept for the next time */
    char *sql;
    uint64_t hash, used, generation;
    duck_prepared prepared;
};

struct store_session {
    struct store *store;
    duck_connection connection;
    struct store_session *next; /* among the idle ones */
    struct statement statement[STATEMENTS_MAX];
    uint64_t tick;
    bool has_progress; /* it is counted, from the first call on that wants it */
    bool is_dirty; /* has temporary tables or other state: the connection is not reused */
    struct store_scan *scan;

    const struct store_call *call; /* of what runs now */
    atomic_bool is_stopped;        /* the token or the deadline of `call` */
    int64_t begun_ns;              /* since when it runs */
    bool has_help;                 /* of the workers */
    void *watch;
    struct alarm alarm;
};

enum store_status session_begin(struct store *, const struct store_call *,
                                struct store_session **, struct store_error *);
void session_end(struct store_session *);
void session_free(struct store_session *); /* disconnects */
enum store_status session_execute(struct store_session *, const struct store_call *,
                                  const char *sql, struct store_error *);
/* What runs for long is helped; called now and then while it does. */
void session_get_help(struct store_session *);
size_t session_explain(struct store_session *, const char *sql, char *out, size_t len);
double session_progress(struct store_session *);
/* Counting costs each chunk some microseconds: only for calls that want it. */
void session_count_progress(struct store_session *, const struct store_call *);
enum store_status session_receive(struct store_session *, const struct store_call *,
                                  const struct store_table *, struct store_feed *,
                                  struct store_error *);
enum store_status session_run(struct store_session *, const struct store_call *,
                              const char *sql, const struct store_parameter *,
                              size_t nparameter, const struct store_column *const *,
                              size_t ncolumn, struct store_scan **, struct store_error *);

/* Watches the call's token and deadline: they interrupt the connection. guard_off() ends
 * that; it may be called twice. */
enum store_status guard_on(struct store_session *, const struct store_call *,
                           struct store_error *);
void guard_off(struct store_session *);
/* STORE_CANCELLED if the call was stopped, else what fail_duck() says. */
enum store_status guard_fail(struct store_session *, const char *message,
                             struct store_error *);
/* STORE_OK, or STORE_CANCELLED with its message. */
enum store_status guard_check(struct store_session *, struct store_error *);

/* A prepared statement. It is kept in the session (then *is_kept) when it has parameters or
 * its text has run before: without parameters DuckDB keeps the plan too, a tenth of the
 * time of a small query; with some it plans anew at each run. */
enum store_status statement_prepare(struct store_session *, const char *sql,
                                    size_t nparameter, duck_prepared *, bool *is_kept,
                                    struct store_error *);
enum store_status statement_bind(struct store_session *, duck_prepared,
                                 const struct store_parameter *, size_t nparameter,
                                 struct store_error *);
void statements_free(struct store_session *);

/* --- scans ------------------------------------------------------------------------ */

enum store_status scan_next(struct store_scan *, struct store_batch *,
                            struct store_error *);
void scan_finish(struct store_scan *);
/* A scan that also ends its session when it is finished (for plans). */
void scan_own_session(struct store_scan *);

enum store_status plan_make(struct store *, const struct store_call *,
                            const struct store_request *, struct store_offer *,
                            struct store_plan **, struct store_error *);
void plan_drop(struct store_plan *);
enum store_status plan_start(struct store_plan *, const struct store_call *,
                             struct store_scan **, struct store_error *);
size_t plan_explain(struct store_plan *, char *out, size_t len);

/* --- types (types.c) -------------------------------------------------------------- */

/* The DuckDB type of one element; TEXT is VARCHAR. */
int duck_type_of(enum store_type);
/* What a column becomes: by the text of its DuckDB type ("DOUBLE[2]"). False: it cannot be
 * sent (STRUCT, MAP, lists of lists or of text). */
bool store_type_of(str duckdb_type, enum store_type *, int32_t *length, const char **xtype);
/* The SQL type of a column of a received table, e.g. DOUBLE[2]. */
void put_type(struct bytes *, const struct store_column *);
/* The same as a logical type; the caller destroys it. */
duck_logical logical_type_of(enum store_type, int32_t length);

#endif
