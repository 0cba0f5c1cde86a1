/* soda_job.c -- /soda/async: each combination of the values is a result (SODA-5, 12). */
#include <stdio.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "datalink/bulk.h"
#include "datalink/sinks.h"
#include "datalink/soda_output.h"

struct http_response *soda_async(void *context, struct http_request *request)
{
    struct datalink *d = context;
    return uws_handle(d->uws, request, request->rest);
}

enum { PICTURE_BYTES = 32 << 20 };

static struct http_param *params_of(const struct uws_run *run)
{
    struct http_param *p = arena_new_array(run->arena, struct http_param, run->nparam + 1);
    for (size_t i = 0; p && i < run->nparam; i++)
        p[i] = (struct http_param){.name = str_of(run->params[i].name),
                                   .value = str_of(run->params[i].value),
                                   .is_file = run->params[i].path != NULL,
                                   .path = run->params[i].path,
                                   .bytes = run->params[i].bytes};
    return p;
}

struct job_sink {
    struct uws_run *run;
    int fd;
    bool failed; /* it is the result that cannot be written, not the data read */
};

static bool write_result(void *what, uint64_t at, const void *data, size_t n, struct err *e)
{
    struct job_sink *s = what;
    if (cancel_reason(s->run->cancel) != CANCEL_NOT)
        return err_set(e, ERR_CANCELLED, "the job was stopped");
    if (clock_monotonic_ns() > s->run->deadline_ns)
        return err_set(e, ERR_TIMEOUT, "the job took longer than its %lld s",
                       (long long)s->run->duration_s);
    s->failed = !sink_file_write(&s->fd, at, data, n, e);
    return !s->failed;
}

/* A combination without data, or one that cannot be made, is a text with a label. */
static bool write_reason(int fd, const struct err *why, struct err *e)
{
    char text[1400];
    const char *label = why->kind ? soda_label(why) : "Error";
    int n = snprintf(text, sizeof text, "%s%s%s\n", label ? label : "", label ? ": " : "",
                     why->kind ? why->message : "request and data have nothing in common");
    return ftruncate(fd, 0) == 0
               ? sink_file_write(&fd, 0, text, (size_t)n, e)
               : err_set(e, ERR_UNAVAILABLE, "the result cannot be written");
}

static bool is_final(const struct err *e)
{
    return e->kind == ERR_CANCELLED || e->kind == ERR_TIMEOUT || e->kind == ERR_BUSY ||
           e->kind == ERR_INTERNAL;
}

static enum cutout_result put_picture(const struct soda_call *c,
                                      const struct soda_output *o, struct job_sink *sink,
                                      struct err *e)
{
    struct bytes out;
    bytes_init(&out, PICTURE_BYTES);
    enum cutout_result result = soda_picture(c, o, &out, e);
    if (result == CUTOUT_DONE && !write_result(sink, 0, out.at, out.len, e))
        result = CUTOUT_FAILED;
    bytes_free(&out);
    return result;
}

static enum cutout_result put_rows(const struct soda_call *c, const struct soda_output *o,
                                   struct job_sink *sink, struct err *e)
{
    struct rowsource *rows;
    struct dali_answer a;
    uint64_t nrow;
    enum cutout_result result = soda_rows(c, &rows, e);
    if (result != CUTOUT_DONE)
        return result;
    soda_answer(o, rows, &a);
    a.request_id = sink->run->id;
    return dali_write(c->service->dali, &a, sink->fd, &nrow, e) ? CUTOUT_DONE
                                                                : CUTOUT_FAILED;
}

static enum cutout_result put_one(const struct soda_call *c, const struct soda_output *o,
                                  struct job_sink *sink, struct err *e)
{
    uint64_t bytes;
    const char *name;
    const struct cutout_sink out = {write_result, sink};
    if (o->form == SODA_ROWS)
        return put_rows(c, o, sink, e);
    if (o->form != SODA_FITS)
        return put_picture(c, o, sink, e);
    return soda_cut(c->service, c->id, c->request, &out, c->arena, &bytes, &name, e);
}

static bool run_one(struct datalink *d, struct uws_run *run, const struct soda_params *s,
                    const struct soda_output *o, uint64_t i, bool is_only, struct err *e)
{
    char id_text[32];
    str id;
    struct cutout_request r;
    struct err why = {0};
    struct arena *arena = arena_new(PRODUCT_ARENA_BYTES);
    if (!arena)
        return err_set(e, ERR_BUSY, "out of memory");
    snprintf(id_text, sizeof id_text, is_only ? "result" : "result-%llu",
             (unsigned long long)i + 1);
    struct job_sink sink = {.run = run,
                            .fd = uws_result_open(run, id_text, o->content_type, e)};
    bool ok = sink.fd >= 0 && soda_combination(s, i, &id, &r, arena, e);
    if (ok) {
        const struct soda_call c = {d, id, &r, arena, run->cancel, run->deadline_ns};
        enum cutout_result result = put_one(&c, o, &sink, &why);
        if (result != CUTOUT_DONE && (sink.failed || is_final(&why)))
            *e = why, ok = false;
        else if (result != CUTOUT_DONE && is_only && why.kind)
            *e = why, ok = false;
        else if (result != CUTOUT_DONE) {
            sink.fd = uws_result_open(run, id_text, "text/plain", e);
            ok = sink.fd >= 0 && write_reason(sink.fd, &why, e);
        }
    }
    ok = ok && uws_result_commit(run, id_text, e);
    arena_free(arena);
    return ok;
}

bool soda_run_job(void *context, struct uws_run *run, struct err *e)
{
    struct datalink *d = context;
    struct soda_params s;
    struct soda_output o;
    struct http_param *param = params_of(run);
    if (!param)
        return err_set(e, ERR_BUSY, "out of memory");
    if (list_has_table(param, run->nparam))
        return bulk_run_job(d, run, param, e);
    if (!soda_output_read(param, run->nparam, run->arena, &o, e) ||
        !soda_read(&s, param, run->nparam, false, run->arena, e))
        return false;
    uint64_t n = soda_combinations(&s);
    for (uint64_t i = 0; i < n; i++) {
        char text[64];
        if (!run_one(d, run, &s, &o, i, n == 1, e))
            return false;
        snprintf(text, sizeof text, "%llu of %llu cut-outs", (unsigned long long)i + 1,
                 (unsigned long long)n);
        uws_run_progress(run, text);
    }
    return true;
}
