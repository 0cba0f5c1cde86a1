/* store.h -- what a job is, and the interface of whatever keeps jobs: SQLite for a node of
 * its own (store_sqlite.c), PostgreSQL for nodes that share one list (store_postgres.c).
 *
 * Every change is one transaction and durable when the call returns. All functions may be
 * called from any thread. Texts that go out live in the arena given. */
#ifndef CORE_UWS_STORE_H
#define CORE_UWS_STORE_H

#include "core/uws/uws.h"

struct uws_result {
    const char *id, *content_type;
    uint64_t bytes;
};

/* Times in microseconds since 1970 UTC; 0: nil. */
struct uws_job {
    const char *id;
    enum uws_phase phase;
    const char *owner;    /* NULL: anonymous */
    const char *fair_key; /* for whom it counts */
    const char *run_id;   /* NULL: none */
    const char *base_url; /* of the node, as its creator saw it */
    int64_t created_us, start_us, end_us, destruction_us, quote_us;
    int64_t duration_s; /* 0: no limit */
    unsigned attempt;
    int64_t version; /* of the parameters, where several nodes may change them; else 0 */
    const char *progress; /* last said by the node that runs it; NULL: nothing or unknown */
    struct err error;     /* kind ERR_NONE: it did not fail */
    /* path of a parameter is here the name of its file within the job's directory */
    struct uws_param *params;
    size_t nparam;
    struct uws_result *results;
    size_t nresult;
};

struct uws_quota { /* per fair_key; 0: no limit */
    unsigned max_jobs, max_queued;
};

struct uws_filter {
    const char *owner;
    unsigned phases; /* bits 1 << phase; 0: all but ARCHIVED */
    int64_t after_us;
    int64_t last; /* the newest so many; 0: all */
};

#define PHASE_BIT(phase) (1u << (phase))

/* A change of phase: done only when the job is in one of `from`. */
struct uws_move {
    const char *id;
    unsigned from;    /* bits */
    unsigned attempt; /* 0: any; else only this execution of it */
    enum uws_phase to;
    int64_t now_us;
    const struct err *error; /* NULL: none */
    const struct uws_result *results;
    size_t nresult;
    struct uws_quota quota; /* looked at when `to` is QUEUED */
};

/* A job that this process runs now. */
struct uws_beat {
    const char *id;
    unsigned attempt;
    const char *progress; /* "": nothing said */
    bool lost;            /* set: aborted, deleted, or taken over by another node */
};

struct uws_store {
    void (*close)(struct uws_store *);

    /* FORBIDDEN or BUSY when over the quota; counted in the same transaction. */
    bool (*create)(struct uws_store *, const struct uws_job *, struct uws_quota,
                   struct err *);

    /* All of a job; NOT_FOUND. */
    bool (*load)(struct uws_store *, struct arena *, const char *id, struct uws_job *,
                 struct err *);

    /* Without parameters, results and errors; newest first. */
    bool (*list)(struct uws_store *, struct arena *, const struct uws_filter *,
                 struct uws_job **, size_t *n, struct err *);

    /* Replaces parameters and runId while PENDING or HELD, else FORBIDDEN; BUSY when
     * another node changed them since they were loaded. */
    bool (*set_params)(struct uws_store *, const struct uws_job *, struct err *);

    /* Sets duration_s and destruction_us as in the job given; NOT_FOUND. */
    bool (*set_limits)(struct uws_store *, const struct uws_job *, struct err *);

    /* *moved: whether the job was there and in one of the phases. End times and results are
     * set with the phase (UWS pitfall 12: never one without the other). */
    bool (*move)(struct uws_store *, const struct uws_move *, bool *moved, struct err *);

    /* The QUEUED job whose turn it is becomes EXECUTING: of the keys with fewest jobs
     * running (and less than max_running, unless 0) the one that waits longest. *found:
     * false, none. */
    bool (*claim)(struct uws_store *, struct arena *, unsigned max_running, int64_t now_us,
                  struct uws_job *, bool *found, struct err *);

    bool (*remove)(struct uws_store *, const char *id, bool *existed, struct err *);

    /* One job whose destruction is due; *id NULL: none, and *next_us is when the next is
     * due (INT64_MAX: none ever). */
    bool (*expired)(struct uws_store *, struct arena *, int64_t now_us, const char **id,
                    int64_t *next_us, struct err *);

    /* After a crash: jobs left EXECUTING are QUEUED when `again` and it was their first
     * attempt, else ERROR. */
    bool (*recover)(struct uws_store *, bool again, int64_t now_us, struct err *);

    bool (*count)(struct uws_store *, uint64_t phases[UWS_ARCHIVED + 1], struct err *);

    /* How many QUEUED jobs have waited longer than this one. */
    bool (*ahead)(struct uws_store *, const char *id, uint64_t *n, struct err *);

    /* Only of a list that several nodes share; NULL else. To be called at least three times
     * in lease_s: says that this node lives, tells its jobs' progress, and deals with
     * EXECUTING jobs that nobody runs any more (a node died) as recover does. `running` are
     * all jobs that this process runs: none may be claimed meanwhile. */
    bool (*beat)(struct uws_store *, struct uws_beat *running, size_t n, bool again,
                 int64_t now_us, struct err *);
    double lease_s;
};

struct uws_store *store_sqlite_open(const char *path, struct err *e);

struct uws_sharing {
    const char *database; /* libpq connection string or URI */
    const char *password; /* NULL: as libpq finds it */
    const char *list;     /* name of the job list in the database: options.path */
    double lease_s;       /* after this long without a beat a node counts as dead */
    /* Called from a thread of the store's own when another node (or this one) changed the
     * phase of a job; id NULL: perhaps of any. Must not block for long. */
    void (*changed)(void *context, const char *id);
    void *context;
};

/* Makes the schema "colure" when it is not there. */
struct uws_store *store_postgres_open(const struct uws_sharing *, struct err *e);

/* ---- store.c: common to both ---- */

#define STORE_INTERRUPTED                                                                  \
    "the node stopped while this job was running; please run it again as a new job"

const char *store_kind_word(enum err_kind); /* NULL for none */
enum err_kind store_kind(const char *word);
/* Of a client with so many jobs, so many of them QUEUED or EXECUTING. */
bool store_check_quota(struct uws_quota, int64_t jobs, int64_t queued, bool is_new,
                       bool queues, struct err *e);
bool store_check_editable(enum uws_phase, struct err *e);
bool store_no_job(const char *id, struct err *e); /* false */
bool store_no_room(struct err *e);                /* false */
bool store_move_ends(const struct uws_move *);

#endif
