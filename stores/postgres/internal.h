/* internal.h -- what the files of this adapter share: the store, its connections, and the
 * small helpers around libpq. */
#ifndef STORES_POSTGRES_INTERNAL_H
#define STORES_POSTGRES_INTERNAL_H

#include <libpq-fe.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/base/arena.h"
#include "core/base/bytes.h"
#include "core/base/str.h"
#include "stores/store.h"

enum {
    STATEMENTS_MAX = 64, /* prepared statements kept in each connection */
    CHOICES_MAX = 1024,  /* statements whose way is remembered */
    NAME_BYTES = 64,     /* of an application_name, as the server cuts it */
    STATEMENT_NAME_BYTES = 24
};

#define HPX_COLUMN "_hpx" /* HEALPix NESTED index of a received table's position */
enum { HPX_ORDER = 29 };

/* --- times: the server counts microseconds from 2000-01-01 ------------------------- */

#define EPOCH_US INT64_C(946684800000000)

/* Infinite times are the greatest and the least of ours: so they compare as they do there.
 */
static inline int64_t time_of_server(int64_t us)
{
    if (us == INT64_MIN)
        return INT64_MIN;
    return us > INT64_MAX - EPOCH_US ? INT64_MAX : us + EPOCH_US;
}

static inline int64_t time_for_server(int64_t us)
{
    if (us == INT64_MAX)
        return INT64_MAX;
    return us < INT64_MIN + EPOCH_US ? INT64_MIN : us - EPOCH_US;
}

/* --- errors (errors.c) ------------------------------------------------------------ */

/* Records a message and returns `status`. e may be NULL. */
enum store_status fail(struct store_error *e, enum store_status status, const char *format,
                       ...) __attribute__((format(printf, 3, 4)));

/* store_error.native_code of a SQLSTATE. */
int32_t error_code(const char *state);

struct store_session;

/* The same for a failed result (NULL: the connection failed). What the client cannot act
 * on goes to the host's log, with the request's id; people get words without SQL, host
 * names and values of others. */
enum store_status fail_result(struct store_session *, const PGresult *,
                              struct store_error *);
/* For a query that took longer than statement_timeout. */
enum store_status fail_slow(struct store_error *);
/* For a connection that was not made. */
enum store_status fail_connect(const struct store_host *, PGconn *, struct store_error *);
/* A line for the operator: "postgres: request ID: text", without line ends. */
void tell_operator(const struct store_host *, const struct store_call *, int level,
                   const char *text);
enum { LEVEL_INFO = 1, LEVEL_WARN = 2 };

/* --- names and literals (literal.c) ----------------------------------------------- */

void put_name(struct bytes *, str name);    /* "name", quotes doubled */
void put_literal(struct bytes *, str text); /* 'text', quotes doubled */
/* A dotted name, each part quoted. */
void put_dotted(struct bytes *, str name);
/* Element i of a value's data in the server's text form, without quotes. */
void put_plain(struct bytes *, enum store_type, const void *data, size_t i);
/* A whole value as a typed literal: CAST('...' AS type). */
void put_parameter(struct bytes *, const struct store_parameter *);
/* The elements of row i, or of the whole value, as an array's text: {1,2,NaN}. */
void put_array(struct bytes *, enum store_type, const void *data, size_t first, size_t n);
/* The statement with every $N outside of quotes replaced by the literal. */
bool put_inlined(struct bytes *, const char *sql, const struct store_parameter *,
                 size_t nparameter);

/* --- the store (open.c) ----------------------------------------------------------- */

struct listing; /* what list() and describe() show; counted */

enum sky_kind { SKY_BY_NOTHING, SKY_BY_SPHERE, SKY_BY_Q3C };

struct choice { /* how a statement's rows come best: learnt from the planner and from rows
                 */
    uint64_t hash; /* 0: empty */
    bool is_large;
    bool is_scan; /* it may be worth reading in parts: the planner is asked each time */
};

struct store {
    const struct store_host *host;
    struct arena *arena;                       /* of the options; ends with the store */
    const char *const *keyword, *const *value; /* of the connection, for libpq */
    const char *const *schema;                 /* to list; nschema 0: all */
    size_t nschema;
    uint32_t most;          /* connections at a time */
    uint32_t readers;       /* connections of one scan */
    int64_t statement_ms;   /* statement_timeout; 0: none but the call's deadline */
    int64_t reconnect_ms;   /* how long a server that restarts is waited for */
    const char *extensions; /* schemas of extensions, for search_path; "" none */
    bool has_q3c, has_sphere;
    bool has_citus; /* tables may lie on many servers: no temporary tables beside them */

    pthread_mutex_t lock; /* of what follows */
    pthread_cond_t changed;
    struct store_session *idle;
    uint32_t nopen, nwaiting;
    uint32_t nspare; /* of the open ones: partners of scans */
    struct listing *listing;
    struct choice choice[CHOICES_MAX];
};

enum store_status store_open(const struct store_host *, const struct store_option *,
                             size_t noption, struct store **, struct store_error *);
void store_close(struct store *);

enum store_status store_list(struct store *, const char *const **name, size_t *n,
                             struct store_error *);
enum store_status store_describe(struct store *, const char *name,
                                 const struct store_table **, struct store_error *);
/* Counted access for plan(): *table lives until listing_drop(). */
enum store_status listing_find(struct store *, const char *name, struct listing **,
                               const struct store_table **, struct store_error *);
void listing_drop(struct listing *);

extern const struct store_dialect postgres_dialect;

/* --- sessions --------------------------------------------------------------------- */

struct statement { /* a prepared statement of one connection */
    char *sql;     /* NULL: empty */
    uint64_t hash, used, number;
    char name[STATEMENT_NAME_BYTES]; /* of the number */
};

struct received; /* a table that is no temporary one: values in the statement */

struct store_session { /* one connection */
    struct store *store;
    PGconn *pg;
    int wake;                   /* an eventfd: written when the call is cancelled */
    struct store_session *next; /* among the idle ones */
    struct statement statement[STATEMENTS_MAX];
    uint64_t tick;
    char name[NAME_BYTES]; /* application_name, as the server has it */
    int64_t timeout_ms;    /* statement_timeout, as the server has it; -1: not known */
    char wanted_name[NAME_BYTES]; /* both, while they are being changed */
    int64_t wanted_ms;
    bool has_setter;      /* the statement that sets the name is prepared there */
    bool is_text_checked; /* the server sends text that may not be UTF-8 */
    bool has_temporary;   /* tables: the connection is not reused */
    bool is_broken;
    bool is_spare;       /* the partner of a scan */
    bool is_plain;       /* the statement that comes is a plain scan ... */
    int64_t plain_limit; /* ... of so many rows at most */
    int nsync;           /* ends of pipelines that have not come yet */
    int64_t idle_ns;     /* since when, among the idle ones */
    struct received *received;
    struct store_scan *scan;

    const struct store_call *call; /* of what runs now */
    atomic_bool is_stopped;        /* by the token */
    void *watch;
};

/* --- connections (connect.c) ------------------------------------------------------ */

/* A new connection, its settings made. Waits for a server that is starting. */
enum store_status session_connect(struct store *, const struct store_call *,
                                  struct store_session **, struct store_error *);
void session_free(struct store_session *); /* disconnects */
/* Begins to connect, without waiting and without another try: PQconnectPoll() goes on, then
 * the statements of session_put_fixed() make it like the others. *out may be there on
 * failure: the caller frees it. */
enum store_status session_connect_begin(struct store *, struct store_session **out,
                                        struct store_error *);
void session_put_fixed(const struct store *, struct bytes *sql);

/* --- the pool (pool.c) ------------------------------------------------------------ */

enum store_status session_begin(struct store *, const struct store_call *,
                                struct store_session **, struct store_error *);
void session_end(struct store_session *);
/* One more connection for a scan, if the others do not need it: at most a quarter of the
 * pool is given so, and half stays free. Never waits. *x NULL: there is leave to make a new
 * one (session_end() it, or session_spare_unused()). */
bool session_spare(struct store *, struct store_session **x);
void session_spare_unused(struct store *);
/* Somebody waits for a connection. */
bool session_is_wanted(struct store *);
/* Puts a new connection into the session's place after the old one was lost. */
enum store_status session_renew(struct store_session *, struct store_error *);

/* --- waiting (wait.c) ------------------------------------------------------------- */

/* Watches the call's token. guard_off() ends that; it may be called twice. */
enum store_status guard_on(struct store_session *, const struct store_call *,
                           struct store_error *);
void guard_off(struct store_session *);
/* What the token did is forgotten. */
void guard_clear(struct store_session *);
/* STORE_OK, or STORE_CANCELLED with its message. */
enum store_status guard_check(struct store_session *, struct store_error *);

/* Waits until the socket is readable (or writable), the token is raised, or the deadline.
 */
enum store_status session_wait(struct store_session *, bool to_write, struct store_error *);
/* The same for n sockets; fd has room for one more. STORE_OK: something may have come.
 * until_ns: statement_timeout. */
enum store_status session_wait_any(struct store_session *, struct pollfd *fd, size_t n,
                                   int64_t until_ns, struct store_error *);
/* Sends what libpq has buffered. */
enum store_status session_flush(struct store_session *, struct store_error *);
/* The next result; *result NULL: there is none left. */
enum store_status session_result(struct store_session *, PGresult **, struct store_error *);
/* Ends what runs, by PQcancel if it does not end by itself: the connection is idle then, or
 * is_broken. */
void session_drain(struct store_session *);

/* --- statements ------------------------------------------------------------------- */

/* Statements for their effect or a small answer, as one simple query; the last result goes
 * to *result (the caller clears it) unless that is NULL. */
enum store_status session_query(struct store_session *, const char *sql, PGresult **result,
                                struct store_error *);
enum store_status session_execute(struct store_session *, const struct store_call *,
                                  const char *sql, struct store_error *);
size_t session_explain(struct store_session *, const char *sql, char *out, size_t len);
enum store_status session_receive(struct store_session *, const struct store_call *,
                                  const struct store_table *, struct store_feed *,
                                  struct store_error *);
enum store_status session_run(struct store_session *, const struct store_call *,
                              const char *sql, const struct store_parameter *,
                              size_t nparameter, const struct store_column *const *,
                              size_t ncolumn, struct store_scan **, struct store_error *);

/* application_name and statement_timeout as the call wants them. put_settings: a SELECT
 * that makes them so; false: they are so already. settings_made: they are so now. */
bool put_settings(struct store_session *, struct bytes *);
void settings_made(struct store_session *);

/* The prepared statement of this text, whose choose_hash() is `hash`: its name. *is_new: it
 * must be prepared first; *victim: the number of one to be deallocated before that, or 0.
 * False: no memory. */
bool statement_name(struct store_session *, const char *sql, uint64_t hash,
                    char name[STATEMENT_NAME_BYTES], bool *is_new, uint64_t *victim);
/* The statement was not prepared after all. */
void statement_forget(struct store_session *, const char *sql, uint64_t hash);

void statements_free(struct store_session *);

/* --- which way rows come (choose.c) ----------------------------------------------- */

struct way {
    bool is_large; /* by COPY */
    double nscan;  /* rows, if the server's plan is to read a table through; else 0 */
};

/* Asks the server's planner once for each shape (hash) of a statement; for scans that may
 * be read in parts each time. */
enum store_status choose_way(struct store_session *, const char *sql, uint64_t hash,
                             const struct store_parameter *, size_t nparameter,
                             struct way *, struct store_error *);
/* Of EXPLAIN's answer: the rows of a scan through one table (its partitions) with nothing
 * but a LIMIT above it. 0: it is something else. */
double choose_scan_rows(const PGresult *plan);
/* Statements of this shape are not worth it after all. */
void choose_not_split(struct store *, uint64_t hash);
/* What the answer was: for the next statement of this shape. */
void choose_learn(struct store *, uint64_t hash, uint64_t nrow, bool was_large);
uint64_t choose_hash(const char *sql);

/* --- reading in parts (split.c) ----------------------------------------------------- */

/* What the statement of the call is, or NULL. */
static inline const struct store_plain *call_plain(const struct store_call *call)
{
    return call && call->size >= sizeof *call ? call->plain : NULL;
}

/* A scan of so many rows should be read in parts, by what is known without the table. */
bool split_is_worth(const struct store_session *, int64_t limit, double nrow);

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

/* --- received tables -------------------------------------------------------------- */

/* The statement with the values of received tables before it (WITH name AS ...), for
 * servers on which temporary tables cannot be made. Unchanged if there are none. */
bool received_put(const struct store_session *, const char *sql, struct bytes *out);
void received_free(struct store_session *);

#endif
