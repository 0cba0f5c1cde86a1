/* run.h -- what sync and async share: TAP parameters become a running query. */
#ifndef TAP_RUN_H
#define TAP_RUN_H

#include "core/dali/dali.h"
#include "core/uws/uws.h"
#include "tap/tap.h"

struct tap {
    struct dali *dali;
    struct uws *uws;
};

struct tap_call { /* one execution, whoever asked */
    struct dali *dali;
    const struct http_param *param;
    size_t nparam;
    struct arena *arena;
    struct cancel *cancel;
    int64_t deadline_ns;
    const char *request_id, *user;
    struct uws_run *job;         /* NULL: sync */
    struct dali_run run;         /* what the caller sets of it is set */
    const struct query_env *env; /* NULL: the node's */
    int64_t told_ns;             /* when the job last heard of its progress */
    /* set by tap_prepare: */
    str text;         /* QUERY */
    int64_t max_rows; /* MAXREC in force */
    struct query *query;
};

/* The part of it that sync and async set alike. */
void tap_call_fill(struct tap_call *, struct http_request *request, const char *client,
                   double limit_s);

/* A call that is answered while the client waits, in the request's arena. NULL: no memory.
 */
struct tap_call *tap_call_of(struct tap *, struct http_request *);

/* Reads the parameters (TAP-8 to 25), prepares the query, waits for its turn, opens it. On
 * true the answer's rows are the caller's to pass on, whole, to dali_reply or dali_write.
 */
bool tap_run(struct tap_call *, struct dali_answer *, struct err *);

/* The same without opening anything: for explain. */
bool tap_prepare(struct tap_call *, struct err *);

/* UPLOAD (TAP-19 to 25): opens every named table. On true the sources are the caller's. */
bool tap_uploads(struct tap_call *, struct query_upload **, uint32_t *n, struct err *);

/* Route handlers; context: struct tap. */
struct http_response *tap_sync(void *tap, struct http_request *);
struct http_response *tap_async(void *tap, struct http_request *);
struct http_response *tap_explain(void *tap, struct http_request *);
struct http_response *tap_check(void *tap, struct http_request *);
struct http_response *tap_tables(void *tap, struct http_request *);
struct http_response *tap_capabilities(void *tap, struct http_request *);
struct http_response *tap_examples(void *tap, struct http_request *);
struct http_response *tap_page(void *tap, struct http_request *);

/* uws_runner; context: struct tap. */
bool tap_run_job(void *tap, struct uws_run *, struct err *);

#endif
