/* open.c -- plan to rows: a session, the uploads, the statement, and its scan as a source
 * that stops at the row limit. */
#include "core/base/clock.h"
#include "core/query/plan.h"

bool query_store_error(enum store_status status, const struct store_error *se,
                       const struct query_request *r, struct err *e)
{
    static const enum err_kind KIND[] = {
        [STORE_REFUSED] = ERR_USAGE,       [STORE_NOT_FOUND] = ERR_INTERNAL,
        [STORE_INVALID] = ERR_USAGE,       [STORE_LIMIT] = ERR_LIMIT,
        [STORE_CANCELLED] = ERR_CANCELLED, [STORE_UNAVAILABLE] = ERR_UNAVAILABLE,
        [STORE_FAILED] = ERR_INTERNAL,
    };
    if (status != STORE_CANCELLED)
        return err_set(e, KIND[status], "%s", se->message);
    if (cancel_reason(r->cancel) == CANCEL_NOT)
        return err_set(e, ERR_TIMEOUT,
                       "the query ran longer than it may; use an async job, which may run "
                       "longer, or narrow it (TOP, a smaller region, fewer tables)");
    return err_set(e, ERR_CANCELLED, "the query was cancelled");
}

/* The rows stay open until the query is freed: the FIELDs of the answer use their words. */
static bool send_upload(struct query *q, struct plan_upload *u, struct err *e)
{
    bool has_ranges = u->ranges.radius_deg > 0;
    struct rowsource *rows = has_ranges ? plan_ranges_rows(u) : u->rows;
    struct store_error se = {.size = sizeof se};
    if (!rows)
        return err_set(e, ERR_LIMIT, "the uploaded table needs too much memory");
    struct plan_feed feed = plan_feed_of(rows);
    enum store_status status =
        plan_store(q)->plugin->receive(q->session, &q->call, &u->received, &feed.feed, &se);
    if (has_ranges)
        rows->close(rows);
    if (feed.err.kind != ERR_NONE)
        return err_set(e, feed.err.kind, "the uploaded table %s cannot be read: %s",
                       q->request.upload[u - q->upload].name, feed.err.message);
    return status == STORE_OK || query_store_error(status, &se, &q->request, e);
}

static void end_session(struct query *q)
{
    pthread_mutex_lock(&q->lock);
    struct store_session *session = q->session;
    q->session = NULL;
    pthread_mutex_unlock(&q->lock);
    if (session)
        plan_store(q)->plugin->end(session);
}

struct scan_source {
    struct rowsource source; /* must be first */
    struct query *q;
    struct store_scan *scan;
    int64_t left; /* rows that may still pass; -1: any number */
};

/* Cuts the batch at the row limit; rows beyond are what OVERFLOW means. */
static enum step cut(struct scan_source *s, struct store_batch *batch)
{
    if (s->left < 0)
        return STEP_ROWS;
    if (s->left == 0) {
        s->q->overflow = true;
        return STEP_END;
    }
    if (batch->nrow > s->left) {
        batch->nrow = (uint32_t)s->left;
        s->q->overflow = true;
    }
    s->left -= batch->nrow;
    return STEP_ROWS;
}

static enum step scan_next(struct rowsource *source, struct store_batch *batch,
                           struct err *e)
{
    struct scan_source *s = (struct scan_source *)source;
    struct store_error se = {.size = sizeof se};
    if (s->q->overflow || !s->scan)
        return STEP_END;
    enum store_status status = plan_store(s->q)->plugin->next(s->scan, batch, &se);
    if (status == STORE_OK)
        return cut(s, batch);
    if (status == STORE_END)
        return STEP_END;
    query_store_error(status, &se, &s->q->request, e);
    return STEP_FAILED;
}

static void scan_close(struct rowsource *source)
{
    struct scan_source *s = (struct scan_source *)source;
    if (s->scan)
        plan_store(s->q)->plugin->finish(s->scan);
    s->scan = NULL;
    end_session(s->q);
}

static bool begin_session(struct query *q, struct err *e)
{
    struct store_error se = {.size = sizeof se};
    struct store_session *session = NULL;
    const struct query_store *s = plan_store(q);
    enum store_status status = s->plugin->begin(s->store, &q->call, &session, &se);
    if (status != STORE_OK)
        return query_store_error(status, &se, &q->request, e);
    pthread_mutex_lock(&q->lock);
    q->session = session;
    pthread_mutex_unlock(&q->lock);
    return true;
}

static bool start(struct query *q, struct scan_source *source, bool *is_refused,
                  struct err *e)
{
    struct store_error se = {.size = sizeof se};
    const struct query_store *s = plan_store(q);
    if (q->request.max_rows == 0) { /* metadata only: OVERFLOW by definition (TAP-14) */
        q->overflow = true;
        return true;
    }
    enum store_status status = s->plugin->run(
        q->session, &q->call, q->sql.at, q->parameters.value, q->parameters.count,
        q->tree->column, q->tree->ncolumn, &source->scan, &se);
    *is_refused = status == STORE_REFUSED && q->store != q->env->engine;
    return status == STORE_OK || query_store_error(status, &se, &q->request, e);
}

static bool attempt(struct query *q, struct scan_source *source, bool *is_refused,
                    struct err *e)
{
    bool ok = begin_session(q, e);
    for (uint32_t i = 0; ok && i < q->nupload; i++)
        ok = send_upload(q, &q->upload[i], e);
    return ok && plan_gather_rows(q, e) && start(q, source, is_refused, e);
}

struct rowsource *query_open(struct query *q, struct err *e)
{
    struct err scratch = {0};
    struct scan_source *s = arena_new_one(q->arena, struct scan_source);
    e = e ? e : &scratch;
    if (!s) {
        err_set(e, ERR_LIMIT, "the request needs too much memory");
        return NULL;
    }
    *s = (struct scan_source){.source = {.column = q->tree->column,
                                         .ncolumn = q->tree->ncolumn,
                                         .next = scan_next,
                                         .close = scan_close},
                              .q = q,
                              .left = q->request.max_rows};
    bool is_refused = false;
    struct err why = {0};
    bool ok = attempt(q, s, &is_refused, &why);
    if (is_refused) {
        end_session(q);
        struct err refusal = why;
        why = (struct err){0};
        ok = plan_again(q, refusal.message, &why) && attempt(q, s, &is_refused, &why);
    }
    if (ok)
        return &s->source;
    err_set_at(e, why.kind, why.line, why.column, "%s", why.message);
    end_session(q);
    return NULL;
}

double query_progress(struct query *q)
{
    double progress = -1;
    pthread_mutex_lock(&q->lock);
    if (q->session && plan_store(q)->plugin->progress)
        progress = plan_store(q)->plugin->progress(q->session);
    pthread_mutex_unlock(&q->lock);
    return progress;
}
