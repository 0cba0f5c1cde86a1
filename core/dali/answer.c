/* answer.c -- a query's rows become a response, or a job's result file. */
#include <stdlib.h>
#include <unistd.h>

#include "core/dali/dali.h"

void dali_drop(const struct dali_answer *a, const struct err *why)
{
    a->rows->close(a->rows);
    if (a->finished)
        a->finished(a->what, 0, why);
}

static struct pump *answer_pump(struct dali *d, const struct dali_answer *a, struct err *e)
{
    struct sink *sink = format_sink(a->format, &d->formats, e);
    if (!sink) {
        dali_drop(a, e);
        return NULL;
    }
    struct pump_options o = {.source = a->rows,
                             .sink = sink,
                             .head = a->head,
                             .overflow = a->overflow,
                             .spool = &d->spool,
                             .request_id = a->request_id,
                             .finished = a->finished,
                             .what = a->what};
    struct pump *p = pump_new(&o, e);
    if (p && !pump_begin(p, e)) {
        pump_free(p);
        return NULL;
    }
    return p;
}

static ssize_t pull(void *pump, char *to, size_t max)
{
    return pump_read(pump, to, max);
}

static void close_pump(void *pump)
{
    pump_free(pump);
}

static void name_file(struct http_response *r, struct http_request *request,
                      const struct dali_answer *a)
{
    const char *text =
        arena_format(request->arena, "inline; filename=\"%s%s\"",
                     a->file_name ? a->file_name : "result", a->format->extension);
    if (text)
        http_reply_header(r, "Content-Disposition", text);
}

struct http_response *dali_reply(struct dali *d, struct http_request *request,
                                 const struct dali_answer *a)
{
    struct err e = {0};
    struct pump *p = answer_pump(d, a, &e);
    if (!p)
        return http_reply_error(request, &e);
    struct http_response *r = http_reply(request, 200);
    int fd = pump_file(p);
    if (fd >= 0) {
        fd = dup(fd);
        bool overflow = a->overflow && *a->overflow;
        pump_free(p);
        if (overflow && !a->format->says_overflow)
            http_reply_header(r, "X-Colure-Overflow", "true");
        if (fd < 0 || !http_reply_file(r, a->content_type, fd, &e)) {
            err_set(&e, ERR_INTERNAL, "the answer's file cannot be sent");
            return http_reply_error(request, &e);
        }
    } else
        http_reply_pull(r, a->content_type, pull, close_pump, p);
    name_file(r, request, a);
    return r;
}

bool dali_write(struct dali *d, const struct dali_answer *a, int fd, uint64_t *nrow,
                struct err *e)
{
    struct pump *p = answer_pump(d, a, e);
    if (!p)
        return false;
    bool ok = pump_to_file(p, fd, e);
    *nrow = pump_rows(p);
    pump_free(p);
    return ok;
}
