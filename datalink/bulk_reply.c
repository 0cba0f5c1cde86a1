/* bulk_reply.c -- many cut-outs as the body of a response, or as a job's result. */
#include <stdio.h>

#include "core/base/clock.h"
#include "datalink/bulk.h"
#include "datalink/sinks.h"

enum { OUT_BYTES = 160 << 20 };

struct stream {
    struct bulk *bulk;
    struct http_request *request;
    struct bytes out;
    size_t sent;
    bool done;
};

/* A part at a time takes its turn among the short queries, so that a client that reads
 * slowly holds no place. */
static bool fill(struct stream *s, struct err *e)
{
    struct dali_gate *gate = s->bulk->service->dali->gate;
    struct gate_pass pass;
    const struct gate_ask ask = {.pool = GATE_SHORT,
                                 .client = dali_client_key(s->request),
                                 .deadline_ns = CLOCK_NEVER,
                                 .is_patient = true,
                                 .cancel = s->request->cancel};
    bytes_clear(&s->out);
    s->sent = 0;
    if (!gate_enter(gate, &pass, &ask, e))
        return false;
    bool ok = bulk_fill(s->bulk, &s->out, &s->done, e);
    gate_leave(gate, &pass);
    return ok;
}

static ssize_t pull(void *context, char *to, size_t max)
{
    struct stream *s = context;
    struct err e = {0};
    while (s->sent == s->out.len && !s->done)
        if (cancel_reason(s->request->cancel) != CANCEL_NOT || !fill(s, &e))
            return -1;
    size_t n = s->out.len - s->sent < max ? s->out.len - s->sent : max;
    if (n)
        memcpy(to, s->out.at + s->sent, n);
    s->sent += n;
    return (ssize_t)n;
}

static void end(void *context)
{
    struct stream *s = context;
    http_request_note(s->request, "cutouts", (double)s->bulk->ncount[BULK_OK]);
    bytes_free(&s->out);
}

static void drop_arena(void *arena)
{
    arena_free(arena);
}

static struct http_response *begin(struct datalink *d, struct http_request *request,
                                   struct stream *s, struct err *e)
{
    double limit_s = dali_limits(d->dali)->sync_seconds;
    const struct list_ask ask = {.param = request->params,
                                 .nparam = request->nparam,
                                 .request = request,
                                 .client = dali_client_key(request),
                                 .request_id = request->id,
                                 .user = request->user,
                                 .cancel = request->cancel,
                                 .deadline_ns = clock_deadline_ns(limit_s),
                                 .limit_s = limit_s};
    struct arena *arena = arena_new((size_t)1 << 30);
    if (!arena || !arena_defer(request->arena, drop_arena, arena)) {
        err_set(e, ERR_BUSY, "out of memory");
        return NULL;
    }
    *s = (struct stream){.request = request, .bulk = bulk_new(d, &ask, arena, e)};
    bytes_init(&s->out, OUT_BYTES);
    if (!s->bulk || !fill(s, e)) {
        bytes_free(&s->out);
        return NULL;
    }
    struct http_response *r = http_reply(request, 200);
    const char *name = arena_format(request->arena, "attachment; filename=\"cutouts.%s\"",
                                    bulk_extension(s->bulk));
    if (name)
        http_reply_header(r, "Content-Disposition", name);
    http_reply_pull(r, bulk_media_type(s->bulk), pull, end, s);
    return r;
}

struct http_response *bulk_reply(struct datalink *d, struct http_request *request)
{
    struct err e = {0};
    struct stream *s = arena_new_one(request->arena, struct stream);
    struct http_response *r = s ? begin(d, request, s, &e) : NULL;
    if (r)
        return r;
    if (!e.kind)
        err_set(&e, ERR_BUSY, "out of memory");
    return http_reply_error(request, &e);
}

/* ---- jobs ---- */

static void tell(struct bulk *b, struct uws_run *run, int64_t *told_ns)
{
    char text[120];
    int64_t now = clock_monotonic_ns();
    if (now - *told_ns < 500000000 && b->next < b->total)
        return;
    *told_ns = now;
    snprintf(text, sizeof text, "%llu of %llu cut-outs, %llu outside, %llu failed",
             (unsigned long long)b->next, (unsigned long long)b->total,
             (unsigned long long)b->ncount[BULK_OUTSIDE],
             (unsigned long long)b->ncount[BULK_FAILED]);
    uws_run_progress(run, text);
}

static bool write_all(struct bulk *b, struct uws_run *run, int fd, struct err *e)
{
    struct bytes out;
    uint64_t at = 0;
    int64_t told_ns = 0;
    bool done = false, ok = true;
    bytes_init(&out, OUT_BYTES);
    while (ok && !done) {
        bytes_clear(&out);
        if (cancel_reason(run->cancel) != CANCEL_NOT)
            ok = err_set(e, ERR_CANCELLED, "the job was stopped");
        else if (clock_monotonic_ns() > run->deadline_ns)
            ok = err_set(e, ERR_TIMEOUT, "the job took longer than its %lld s",
                         (long long)run->duration_s);
        ok = ok && bulk_fill(b, &out, &done, e) &&
             sink_file_write(&fd, at, out.at, out.len, e);
        at += out.len;
        tell(b, run, &told_ns);
    }
    bytes_free(&out);
    return ok;
}

bool bulk_run_job(struct datalink *d, struct uws_run *run, const struct http_param *param,
                  struct err *e)
{
    const struct list_ask ask = {.param = param,
                                 .nparam = run->nparam,
                                 .client = run->fair_key,
                                 .request_id = run->id,
                                 .user = run->owner,
                                 .cancel = run->cancel,
                                 .deadline_ns = run->deadline_ns,
                                 .limit_s = (double)run->duration_s};
    struct arena *arena = arena_new((size_t)1 << 30);
    struct bulk *b = arena ? bulk_new(d, &ask, arena, e) : NULL;
    int fd = b ? uws_result_open(run, "result", bulk_media_type(b), e) : -1;
    bool ok = fd >= 0 && write_all(b, run, fd, e) && uws_result_commit(run, "result", e);
    arena_free(arena);
    return ok;
}
