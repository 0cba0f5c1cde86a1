/* uws_int.h -- what the files of this folder share; nobody else includes it.
 *
 * Locks, in the order in which they may be taken: edit_lock or claim_lock, then the store's
 * own, then lock. Tokens are raised with none of them held. */
#ifndef CORE_UWS_UWS_INT_H
#define CORE_UWS_UWS_INT_H

#include <pthread.h>

#include "core/uws/store.h"

enum {
    ID_BYTES = 32, /* of text, NUL included */
    PROGRESS_BYTES = 256,
    MAX_PARAMS = 10000, /* of one job */
    MAX_WORKERS = 200,
};

/* An execution that goes on now. */
struct running {
    struct running *next;
    char id[ID_BYTES];
    unsigned attempt;
    struct cancel *cancel;
    int64_t deadline_ns, duration_s;
    char progress[PROGRESS_BYTES];
};

struct waiter;

struct uws {
    struct uws_options options; /* with the defaults filled in */
    struct arena *arena;        /* of the texts in options */
    struct uws_store *store;
    int directory_lock;

    pthread_mutex_t edit_lock;  /* parameters: load, merge, store */
    pthread_mutex_t claim_lock; /* a job becomes EXECUTING and enters `running` */

    pthread_mutex_t lock; /* of everything below */
    pthread_cond_t work, keep;
    struct running *running;
    struct waiter *waiters;
    unsigned nrunning, nwaiter, nthread;
    uint64_t work_number; /* grows when there may be work: no wake-up is lost */
    bool draining;        /* no job is claimed any more */
    bool stopping, keep_asked;
    bool beat_asked;   /* share.c: another node changed a job that runs here */
    int64_t beaten_ns; /* monotonic: the last beat that the store took */
    int64_t beat_due_ns;
    pthread_t *threads; /* workers, then the keeper */
};

/* ---- job.c: what may happen to a job ---- */

bool job_id_is_valid(str);
bool job_run(struct uws *, const char *id, struct err *e);
/* `error` NULL: the client's wish. */
bool job_abort(struct uws *, const char *id, const struct err *error, struct err *e);
bool job_delete(struct uws *, const char *id, struct err *e);
/* Adds the request's parameters to those of a PENDING job. */
bool job_edit(struct uws *, struct http_request *, const char *id, struct err *e);
bool job_set_duration(struct uws *, struct uws_job *, int64_t seconds, struct err *e);
bool job_set_destruction(struct uws *, struct uws_job *, int64_t us, struct err *e);

/* ---- files.c: the directories of jobs ---- */

/* Path of a file of the job, or of its directory (file NULL), in the arena. */
const char *files_path(const struct uws *, struct arena *, const char *id,
                       const char *file);
bool files_make(const struct uws *, const char *id, struct err *e);
void files_remove(const struct uws *, const char *id);
/* Removes files of the job whose names begin so: "result-". */
void files_remove_some(const struct uws *, const char *id, const char *prefix);
/* Removes directories that belong to no job. */
bool files_sweep(const struct uws *, struct err *e);
bool files_top(const struct uws *, struct err *e); /* makes the directory of all jobs */
bool files_lock(struct uws *, struct err *e);
/* Name of a result's file. */
const char *files_result(struct arena *, const char *result);

/* ---- result.c ---- */

/* Of one run: results opened and committed. */
struct results;
struct results *results_new(struct uws *, struct uws_run *);
/* Closes and removes what was not committed. */
void results_close(struct results *);
size_t results_list(const struct results *, const struct uws_result **);

/* digest.c: the checksum of a committed result, kept beside it, and told in headers. */
void digest_write(struct arena *, int fd, const char *path);
void digest_reply(struct arena *, const char *path, struct http_response *);

/* ---- preview.c ---- */

#define PREVIEW_FILE "preview"
bool preview_exists(const struct uws *, const char *id);

/* ---- work.c ---- */

bool work_start(struct uws *, struct err *e);
void work_quiesce(struct uws *);
void work_stop(struct uws *, double drain_s);
void work_wake(struct uws *); /* there may be a job to claim */
void work_keep(struct uws *); /* a deadline or destruction has changed */
/* Raises the token of the job if it runs. Waits for a claim in progress. */
void work_cancel(struct uws *, const char *id, enum cancel_reason);
/* Copies the progress line; false: it does not run or has said nothing. */
bool work_progress(struct uws *, const struct uws_job *, char out[PROGRESS_BYTES]);
/* Raises the tokens of all running jobs. */
void work_cancel_all(struct uws *, enum cancel_reason);

/* ---- share.c: a list that several nodes share ---- */

/* Does what is due; returns when it wants to be called again, CLOCK_NEVER for a list of our
 * own. By the keeper alone. */
int64_t share_beat(struct uws *);
/* Another node changed a job (NULL: perhaps any). From the store's thread. */
void share_changed(void *uws, const char *id);

/* ---- wait.c ---- */

/* Returns when the job's phase is no longer `phase` as far as anybody said so, when
 * `seconds` are over, or when the client left. The caller must look at the job again. */
void wait_for_change(struct uws *, struct http_request *, const char *id,
                     enum uws_phase phase, double seconds);
void wait_wake(struct uws *, const char *id); /* its phase has changed; NULL: all jobs */

/* ---- xml.c, html.c: documents ---- */

struct page {
    struct uws *uws;
    const char *list_url; /* absolute */
    const char *base;     /* of the node; NULL: unknown */
    struct bytes *out;
};

void xml_job(const struct page *, const struct uws_job *);
/* info.c: jobInfo, or nothing. */
void xml_info(const struct page *, const struct uws_job *);
void xml_jobs(const struct page *, const struct uws_job *, size_t n);
void xml_parameters(const struct page *, const struct uws_job *);
void xml_results(const struct page *, const struct uws_job *);
void html_job(const struct page *, const struct uws_job *);
void html_jobs(const struct page *, const struct uws_job *, size_t n);

/* True if the parameter's value cannot stand in an XML document. */
bool param_is_by_reference(const struct uws_param *);
bool job_is_finished(const struct uws_job *);

#endif
