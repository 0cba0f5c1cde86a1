/* uws.h -- jobs: work that takes longer than a request (Universal Worker Service 1.1).
 *
 * One `struct uws` is one job list with its own store, directory and workers. A service
 * gives it a runner and mounts uws_handle() under its list URL ("/tap/async/{...}"); the
 * rest (job documents, phases, waiting, limits, deletion, restart after a crash) is here.
 */
#ifndef CORE_UWS_UWS_H
#define CORE_UWS_UWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/arena.h"
#include "core/base/bytes.h"
#include "core/base/cancel.h"
#include "core/base/err.h"
#include "core/base/str.h"
#include "core/http/http.h"

/* Order and words of UWS 1.1, "Execution phase". */
/* clang-format off */
#define UWS_PHASES(X) \
    X(PENDING) X(QUEUED) X(EXECUTING) X(COMPLETED) X(ERROR) X(ABORTED) \
    X(UNKNOWN) X(HELD) X(SUSPENDED) X(ARCHIVED)
/* clang-format on */

enum uws_phase {
#define X(phase) UWS_##phase,
    UWS_PHASES(X)
#undef X
};

/* The phase's word; and back (exact case); false: no such word. */
const char *uws_phase_word(enum uws_phase);
bool uws_phase_parse(str, enum uws_phase *);

/* A job parameter. An inline upload is a file in the job's directory, its name that of the
 * form field ("param:t1" means the parameter "t1"). */
struct uws_param {
    const char *name;         /* as the client wrote it */
    const char *value;        /* UTF-8; "" when in a file */
    const char *path;         /* file with the content; NULL: in `value` */
    const char *content_type; /* of a file; NULL: not said */
    uint64_t bytes;           /* of a file */
};

/* ---- what a runner sees ----------------------------------------------------------------
 */

/* One execution of a job; ends when the runner returns. Use from one thread at a time, but
 * cancel may be watched from any. */
struct uws_run {
    struct arena *arena; /* ends with the run */
    const char *id;
    const char
        *directory;    /* of the job: uploads and results; a runner may make files here */
    const char *owner; /* NULL: anonymous */
    const char *fair_key; /* for whom it counts, see uws_options.fair_key */
    const char *run_id;   /* NULL: none */
    const char *job_url;  /* absolute */
    const struct uws_param *params;
    size_t nparam;
    struct cancel *cancel; /* ABORTED: by the client, its duration is over, or deletion;
                              SHUTDOWN: the node stops */
    int64_t deadline_ns;   /* monotonic; CLOCK_NEVER: no limit */
    int64_t duration_s;    /* that it comes from; 0: no limit */
    unsigned attempt;      /* 1; 2 when a crash interrupted the first */
    void *private;
};

/* First parameter of that name (any case), or NULL; `after` continues behind one found. */
const struct uws_param *uws_run_param(const struct uws_run *, const char *name,
                                      const struct uws_param *after);

/* Opens a new result for writing: a descriptor of a temporary file (the runner's to write
 * and seek, not to close); -1 and *e on failure. `id` is its last path element ("result"):
 * letters, digits, '_', '-', '.', at most 64, not beginning with '.'. Opened once more
 * before it was committed, it is empty again and of the new type. At most 10,000 a job. */
int uws_result_open(struct uws_run *, const char *id, const char *content_type,
                    struct err *e);

/* Makes it a result: fsync, rename. Results that were opened but not committed when the
 * runner returns are removed. The job shows its results when it is COMPLETED. */
bool uws_result_commit(struct uws_run *, const char *id, struct err *e);

/* A line for the reader of the job document ("12000 rows so far"). Cheap; call it freely.
 */
void uws_run_progress(struct uws_run *, const char *text);

/* What there is so far, a JSON document, for {job}/preview while the job runs; takes the
 * place of the one before. False: it could not be written, which harms nothing. From one
 * thread at a time, which may be another than the run's. */
bool uws_run_preview(struct uws_run *, str json);

/* How long the stages of the run took, for the job document once it has ended. Names are
 * lower-case letters. */
struct uws_stage {
    const char *name;
    double seconds;
};
void uws_run_stages(struct uws_run *, const struct uws_stage *, size_t n);

/* Does the job. true: COMPLETED. false and *e: ERROR with that message; kinds CANCELLED and
 * TIMEOUT count as ABORTED when the token was raised. It must come back soon after the
 * token is raised: a worker is held until then. Runs in a worker thread (1 MiB stack). */
typedef bool uws_runner(void *context, struct uws_run *, struct err *e);

/* ---- the job list ----------------------------------------------------------------------
 */

/* Zero in any field takes the default in brackets. Texts are copied. */
struct uws_options {
    const char *path; /* of the list below the node's base URL: "/tap/async" (must) */
    const char
        *base_url;     /* of the node, for job_url; NULL: as the creating request had it */
    const char *title; /* of the HTML pages ["Jobs"] */
    const char *directory; /* job files and the store; made if absent, mode 0700 (must) */
    const char *store;     /* SQLite file [jobs.sqlite in directory] */
    /* Several nodes share the list: libpq's connection string or URI of the database that
     * keeps it, instead of `store`; `directory` must then be storage that all of them see.
     * NULL: the list is this process's own. */
    const char *database;
    const char *database_password; /* NULL: as libpq finds it */
    double lease_s;  /* [30] a node silent for so long is dead: others run its jobs */
    uws_runner *run; /* must */
    void *run_context;
    bool restartable; /* a job interrupted by a crash is queued again, once; else ERROR */
    unsigned workers; /* [2] */
    unsigned max_running_per_owner; /* [0: no limit] */
    unsigned
        max_queued_per_owner;    /* QUEUED and EXECUTING [100]: more RUN are refused 503 */
    unsigned max_jobs_per_owner; /* in all phases [10000]: more creations are refused */
    unsigned max_waiters;        /* long polls at a time [256]: more answer at once */
    double max_wait_s;           /* [50] */
    int64_t duration_s, max_duration_s;       /* executionduration [3600], [86400] */
    int64_t destruction_s, max_destruction_s; /* after creation [7 days], [60 days] */
    /* Names (NULL-terminated, any case) of parameters that may repeat: a later POST adds
     * one instead of replacing it. {"UPLOAD", NULL} for TAP. NULL: none. */
    const char *const *repeatable;
    /* Whom to count a job for when workers are shared out fairly; the text is copied. NULL:
     * the user, or the client's address when anonymous. */
    const char *(*fair_key)(void *context, const struct http_request *);
    void *fair_context;
    /* The document at {job}/error and, while the job is in ERROR, at {job}/results/result.
     * NULL: plain text. Its status is set to 200 here (DALI-18). */
    http_error_renderer *error_document;
    void *error_context;
    /* May look at a job's quote: seconds a run is expected to take, or less than 0 for
     * unknown. NULL: unknown. */
    double (*quote)(void *context, const struct uws_param *params, size_t nparam);
    void *quote_context;
};

struct uws;

/* Opens the store, sets right what a crash left (UWS "SHOULD: keep job state over
 * restarts"): PENDING and QUEUED jobs stay; EXECUTING ones are queued again once when
 * restartable, else ERROR; files of no job are removed. No job runs before uws_start. */
struct uws *uws_open(const struct uws_options *, struct err *e);
bool uws_start(struct uws *, struct err *e);

/* No job begins any more, and waiters are released; those that run go on. */
void uws_quiesce(struct uws *);

/* Raises CANCEL_SHUTDOWN in running jobs after drain_s; a job so interrupted is QUEUED
 * again when restartable, else ERROR (transient). Releases waiters. Returns when all
 * workers are back. */
void uws_stop(struct uws *, double drain_s);
void uws_free(struct uws *); /* stops too */

/* Answers any request at or below the list: `subpath` is what follows the list URL,
 * decoded, without slashes at its ends ("", "a7f3", "a7f3/results/result"); usually
 * request->rest. Callers: GET, POST, PUT and DELETE must be routed here. Never NULL. */
struct http_response *uws_handle(struct uws *, struct http_request *, str subpath);

/* The same as an http_handler; the context is the struct uws. */
struct http_response *uws_handler(void *uws, struct http_request *);

/* Creates a job as POST to the list does (PHASE=RUN honoured, uploads moved into its
 * directory), for services that make jobs themselves. *id is in the request's arena. */
bool uws_job_create(struct uws *, struct http_request *, const char **id, struct err *e);

/* Numbers of jobs, for availability and metrics. */
struct uws_counts {
    uint64_t phase[UWS_ARCHIVED + 1]; /* jobs in each phase now */
    unsigned workers, running, waiters;
};
bool uws_count(struct uws *, struct uws_counts *, struct err *e);

#endif
