/* run.h -- a query's way through gate and store: who it counts for, how long each stage
 * took, what it gave, which limit ended it. */
#ifndef CORE_DALI_RUN_H
#define CORE_DALI_RUN_H

#include "core/base/histogram.h"
#include "core/base/rows.h"
#include "core/dali/gate.h"
#include "core/http/http.h"
#include "core/query/query.h"

struct dali;

/* clang-format off */
#define DALI_STAGES(X) /* name, what it is */ \
    X(parse)  /* parameters read, query parsed and bound */ \
    X(plan)   /* statement written */ \
    X(wait)   /* for its turn */ \
    X(open)   /* session, uploads, statement begun */ \
    X(first)  /* until the first rows came */ \
    X(stream) /* until the last row was taken */
/* clang-format on */

enum dali_stage {
#define X(name) DALI_STAGE_##name,
    DALI_STAGES(X)
#undef X
        DALI_STAGE_COUNT
};
const char *dali_stage_name(enum dali_stage);

struct dali_run {
    /* set by the service: */
    struct dali *dali;
    struct http_request *request; /* NULL: a job */
    const char *client;           /* whom it counts for; see dali_client_key */
    const char *request_id;
    struct cancel *cancel;
    int64_t deadline_ns;
    double limit_s;     /* the time limit behind deadline_ns, for messages */
    bool is_background; /* never takes a place of short queries */
    void (*waits)(void *what, const struct gate_place *);
    void *what;
    /* set here: */
    int64_t begun_ns, now_ns;           /* of the run; of the stage that is going on */
    int64_t stage_ns[DALI_STAGE_COUNT]; /* how long each took; -1: not reached */
    uint64_t nrow, nbyte, max_bytes;
    int64_t max_rows;
    enum gate_pool pool;
    struct query *query;
    struct gate_pass pass;
    struct rowsource source, *inner;
    bool is_inside, has_first;
    bool overflow; /* rows were cut, by MAXREC or by max_bytes */
    char overflow_text[200];
};

/* Begins to count time. What the service sets must be set. */
void dali_run_begin(struct dali_run *);
/* The query of the catalog as it is now, within the run's limits: deadline, cancel token
 * and request id are the run's, the rest is the request's. NULL with *e. */
struct query *dali_run_prepare(const struct dali_run *, const struct query_request *,
                               struct arena *, struct err *);
/* The query is prepared: waits for its turn, opens it. The rows end with the run; they say
 * in run->overflow whether some were cut, and why in run->overflow_text. NULL with *e. */
struct rowsource *dali_run_open(struct dali_run *, struct query *, int64_t max_rows,
                                struct err *);
/* Once, whatever happened: frees the place, counts, logs, leaves notes for the access line.
 * `e` says how it ended. */
void dali_run_end(struct dali_run *, const struct err *e);

/* Where the query would wait for its turn: a guess (query_cost) against the limits. */
enum gate_pool dali_pool(const struct dali *, const struct query *);

/* "parse;dur=0.21, plan;dur=0.1" of the stages so far, in the arena: Server-Timing. */
const char *dali_run_timing(const struct dali_run *, struct arena *);

/* Whom a request counts for: its user, else its client's address; of IPv6 the network of 64
 * bits, which is one household's. */
const char *dali_client_key(const struct http_request *);

/* ---- what all runs did, for /metrics ---- */

enum { DALI_KINDS = 16 }; /* more than there are kinds of err */
struct dali_stats {
    struct histogram stage[DALI_STAGE_COUNT];
    atomic_uint_fast64_t ended[2][DALI_KINDS]; /* [is job][err kind] */
    atomic_uint_fast64_t overflows, rows, bytes;
    atomic_uint_fast64_t cancelled[4]; /* by enum cancel_reason */
};

/* One for each store of query_env. */
struct dali_store {
    atomic_uint running;
    atomic_uint_fast64_t queries, failures; /* failures: the store was unavailable */
    atomic_bool is_down, is_doubtful;       /* doubtful: look at once */
    atomic_int_fast64_t down_since_us;
};

#endif
