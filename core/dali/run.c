/* run.c -- rows on their way out, measured: stages, limits of rows, bytes and time. */
#include "core/dali/run.h"

#include <arpa/inet.h>
#include <stdio.h>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/dali/dali.h"

const char *dali_stage_name(enum dali_stage stage)
{
    static const char *const NAME[] = {
#define X(name) #name,
        DALI_STAGES(X)
#undef X
    };
    return NAME[stage];
}

const char *dali_client_key(const struct http_request *request)
{
    struct in6_addr v6;
    char network[INET6_ADDRSTRLEN];
    if (request->user)
        return arena_format(request->arena, "user %s", request->user);
    if (!request->client || inet_pton(AF_INET6, request->client, &v6) != 1 ||
        IN6_IS_ADDR_V4MAPPED(&v6))
        return request->client;
    memset(v6.s6_addr + 8, 0, 8);
    inet_ntop(AF_INET6, &v6, network, sizeof network);
    return arena_format(request->arena, "%s/64", network);
}

/* ---- stages ---- */

/* The stage is over: `at` is its end. */
static void end_stage(struct dali_run *r, enum dali_stage stage, int64_t at)
{
    r->stage_ns[stage] = at - r->now_ns;
    r->now_ns = at;
    histogram_add(&r->dali->stats.stage[stage], r->stage_ns[stage]);
}

void dali_run_begin(struct dali_run *r)
{
    r->begun_ns = r->now_ns = clock_monotonic_ns();
    for (int i = 0; i < DALI_STAGE_COUNT; i++)
        r->stage_ns[i] = -1;
}

/* Milliseconds, with two decimals. */
static void add_ms(struct bytes *b, int64_t ns)
{
    int64_t hundredths = (ns + 5000) / 10000;
    bytes_add_int(b, hundredths / 100);
    bytes_add_char(b, '.');
    bytes_add_char(b, (char)('0' + hundredths / 10 % 10));
    bytes_add_char(b, (char)('0' + hundredths % 10));
}

const char *dali_run_timing(const struct dali_run *r, struct arena *arena)
{
    struct bytes all;
    bytes_init(&all, 4096);
    for (int i = 0; i < DALI_STAGE_COUNT; i++) {
        if (r->stage_ns[i] < 0)
            continue;
        bytes_add(&all, all.len ? STR(", ") : STR(""));
        bytes_add(&all, str_of(dali_stage_name((enum dali_stage)i)));
        bytes_add_literal(&all, ";dur=");
        add_ms(&all, r->stage_ns[i]);
    }
    const char *text = all.len ? arena_text(arena, bytes_str(&all)) : "";
    bytes_free(&all);
    return text ? text : "";
}

/* ---- rows ---- */

static uint64_t batch_bytes(const struct rowsource *s, const struct store_batch *b)
{
    uint64_t all = 0;
    for (uint32_t i = 0; i < s->ncolumn; i++)
        all += store_vector_bytes(s->column[i], &b->column[i], b->nrow);
    return all;
}

/* A limit says its name, its value and what to do. */
static void explain_limit(const struct dali_run *r, struct err *e)
{
    enum cancel_reason why = cancel_reason(r->cancel);
    if (e->kind == ERR_TIMEOUT && r->limit_s > 0) {
        *e = (struct err){0};
        err_set(e, ERR_TIMEOUT,
                r->request
                    ? "the query was ended after %g s, the limit for synchronous queries; "
                      "use an async job, which may run longer, or narrow the query (TOP, "
                      "MAXREC, a smaller region, an indexed column)"
                    : "the query was ended after %g s, its execution duration; raise "
                      "EXECUTIONDURATION, or narrow the query (TOP, MAXREC, a smaller "
                      "region, an indexed column)",
                r->limit_s);
    } else if (e->kind == ERR_CANCELLED && why == CANCEL_SHUTDOWN && r->request) {
        *e = (struct err){0};
        err_set(e, ERR_UNAVAILABLE,
                "the node is stopping and could not finish this query; ask again in a "
                "moment");
    }
}

static enum step cut(struct dali_run *r)
{
    r->overflow = true;
    snprintf(
        r->overflow_text, sizeof r->overflow_text,
        "only the first %llu rows: their values have %llu bytes, and no answer here may "
        "have more than %llu; ask for fewer columns or rows%s",
        (unsigned long long)r->nrow, (unsigned long long)r->nbyte,
        (unsigned long long)r->max_bytes,
        r->request ? ", or use an async job, which may give more" : "");
    return STEP_END;
}

static void say_overflow(struct dali_run *r)
{
    r->overflow = true;
    snprintf(r->overflow_text, sizeof r->overflow_text,
             "only the first %lld rows; raise MAXREC (at most %lld)",
             (long long)r->max_rows, (long long)dali_limits(r->dali)->max_rows);
}

static enum step run_next(struct rowsource *source, struct store_batch *batch,
                          struct err *e)
{
    struct dali_run *r =
        (struct dali_run *)((char *)source - offsetof(struct dali_run, source));
    if (r->max_bytes && r->nbyte >= r->max_bytes)
        return cut(r);
    enum step step = r->inner->next(r->inner, batch, e);
    if (!r->has_first) {
        r->has_first = true;
        end_stage(r, DALI_STAGE_first, clock_monotonic_ns());
    }
    if (step == STEP_FAILED)
        explain_limit(r, e);
    if (step == STEP_END && *query_overflow(r->query))
        say_overflow(r);
    if (step != STEP_ROWS)
        return step;
    r->nrow += batch->nrow;
    r->nbyte += batch_bytes(source, batch);
    gate_rows(r->dali->gate, &r->pass, r->nrow);
    return STEP_ROWS;
}

static void run_close(struct rowsource *source)
{
    struct dali_run *r =
        (struct dali_run *)((char *)source - offsetof(struct dali_run, source));
    r->inner->close(r->inner);
}

/* ---- the way in ---- */

enum gate_pool dali_pool(const struct dali *d, const struct query *q)
{
    const struct dali_limits *l = dali_limits(d);
    struct query_cost c = query_cost(q);
    return c.rows_read <= (double)l->short_rows_read && c.rows_out <= (double)l->short_rows
               ? GATE_SHORT
               : GATE_LONG;
}

static bool enter(struct dali_run *r, struct err *e)
{
    struct gate_ask ask = {.pool = r->pool,
                           .client = r->client,
                           .deadline_ns = r->deadline_ns,
                           .is_patient = r->request == NULL,
                           .cancel = r->cancel,
                           .waits = r->waits,
                           .what = r->what};
    r->is_inside = gate_enter(r->dali->gate, &r->pass, &ask, e);
    end_stage(r, DALI_STAGE_wait, clock_monotonic_ns());
    if (r->is_inside)
        atomic_fetch_add(&r->dali->store[query_store_index(r->query)].running, 1);
    return r->is_inside;
}

struct query *dali_run_prepare(const struct dali_run *r, const struct query_request *wanted,
                               struct arena *arena, struct err *e)
{
    struct query_request q = *wanted;
    q.deadline_ns = r->deadline_ns;
    q.request_id = r->request_id;
    q.cancel = r->cancel;
    const struct catalog *catalog = r->dali->catalog(r->dali->node);
    struct query *query = query_prepare(&r->dali->env, catalog, &q, arena, e);
    catalog_drop(catalog);
    return query;
}

struct rowsource *dali_run_open(struct dali_run *r, struct query *q, int64_t max_rows,
                                struct err *e)
{
    const struct dali_limits *l = dali_limits(r->dali);
    r->query = q;
    r->max_bytes = r->request ? l->answer_bytes : l->result_bytes;
    r->max_rows = max_rows;
    end_stage(r, DALI_STAGE_parse, query_bound_ns(q));
    r->pool = r->is_background ? GATE_LONG : dali_pool(r->dali, q);
    end_stage(r, DALI_STAGE_plan, clock_monotonic_ns());
    if (!enter(r, e))
        return NULL;
    r->inner = query_open(q, e);
    end_stage(r, DALI_STAGE_open, clock_monotonic_ns());
    if (!r->inner) {
        explain_limit(r, e);
        return NULL;
    }
    r->source = (struct rowsource){.column = r->inner->column,
                                   .ncolumn = r->inner->ncolumn,
                                   .next = run_next,
                                   .close = run_close};
    return &r->source;
}

/* ---- the end ---- */

static void count_store(struct dali_run *r, const struct err *e)
{
    struct dali_store *s = &r->dali->store[query_store_index(r->query)];
    atomic_fetch_sub(&s->running, 1);
    atomic_fetch_add(&s->queries, 1);
    bool is_stopping = cancel_reason(r->cancel) == CANCEL_SHUTDOWN;
    if (e->kind == ERR_UNAVAILABLE && !is_stopping) {
        atomic_fetch_add(&s->failures, 1);
        atomic_store(&s->is_doubtful, true);
    }
}

static void count(struct dali_run *r, const struct err *e)
{
    struct dali_stats *s = &r->dali->stats;
    enum cancel_reason why = cancel_reason(r->cancel);
    atomic_fetch_add(&s->ended[!r->request][e->kind % DALI_KINDS], 1);
    atomic_fetch_add(&s->overflows, r->overflow);
    atomic_fetch_add(&s->rows, r->nrow);
    atomic_fetch_add(&s->bytes, r->nbyte);
    if (e->kind == ERR_CANCELLED || e->kind == ERR_TIMEOUT ||
        (e->kind == ERR_UNAVAILABLE && why == CANCEL_SHUTDOWN))
        atomic_fetch_add(&s->cancelled[e->kind == ERR_TIMEOUT ? 0 : why], 1);
}

/* What the request's access line says of it. */
static void leave_notes(struct dali_run *r)
{
    static const char *const NAME[] = {
#define X(name) #name "_ms",
        DALI_STAGES(X)
#undef X
    };
    http_request_note(r->request, "rows", (double)r->nrow);
    for (int i = 0; i < DALI_STAGE_COUNT; i++)
        if (r->stage_ns[i] >= 0)
            http_request_note(r->request, NAME[i], (double)r->stage_ns[i] * 1e-6);
}

void dali_run_end(struct dali_run *r, const struct err *e)
{
    if (r->has_first)
        end_stage(r, DALI_STAGE_stream, clock_monotonic_ns());
    if (r->is_inside) {
        gate_leave(r->dali->gate, &r->pass);
        count_store(r, e);
    }
    r->is_inside = false;
    count(r, e);
    if (r->request)
        leave_notes(r);
    /* who is to blame for a failure of the node or a store looks here */
    if (e->kind == ERR_INTERNAL || e->kind == ERR_UNAVAILABLE)
        log_line(LOG_WARN, r->request_id, "query ended badly after %llu rows: %s",
                 (unsigned long long)r->nrow, e->message);
}
