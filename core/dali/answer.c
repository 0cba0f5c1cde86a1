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

enum { GZIP_LEVEL = 1 }; /* faster than most networks */

static struct pump *answer_pump(struct dali *d, const struct dali_answer *a, bool gzip,
                                struct err *e)
{
    struct sink *sink = format_sink(a->format, &d->formats, e);
    if (sink && gzip && !sink->is_spooled)
        sink = format_gzip(sink, GZIP_LEVEL, &d->formats, e);
    if (!sink) {
        dali_drop(a, e);
        return NULL;
    }
    struct pump_options o = {.source = a->rows,
                             .sink = sink,
                             .head = a->head,
                             .overflow = a->overflow,
                             .looks_ahead = !a->format->says_overflow,
                             .spool = &d->spool,
                             .request_id = a->request_id,
                             .finished = a->finished,
                             .progress = a->progress,
                             .what = a->what};
    struct pump *p = pump_new(&o, e);
    if (p && !pump_begin(p, e)) {
        pump_free(p);
        return NULL;
    }
    return p;
}

/* Does the Accept-Encoding header name gzip, with a quality over 0? */
static bool accepts_gzip(const struct http_request *request)
{
    str list = http_request_header(request, "Accept-Encoding");
    while (list.at && list.len) {
        str rest = str_cut(&list, ',');
        str name = str_trim(str_cut(&rest, ';'));
        str quality = str_trim(rest);
        bool refused = str_eq(quality, STR("q=0")) || str_eq(quality, STR("q=0.0")) ||
                       str_eq(quality, STR("q=0.00")) || str_eq(quality, STR("q=0.000"));
        if (str_eq_fold(name, STR("gzip")))
            return !refused;
    }
    return false;
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

/* Formats without an OVERFLOW mark of their own get a header (DALI-23): whether rows were
 * cut where that is known already, and the limit in any case. */
static void say_overflow(struct http_response *r, struct http_request *request,
                         const struct dali_answer *a, const struct pump *p)
{
    if (a->format->says_overflow)
        return;
    if (a->overflow && pump_has_ended(p))
        http_reply_header(r, "X-Colure-Overflow", *a->overflow ? "true" : "false");
    const char *limit = arena_format(request->arena, "%lld", (long long)a->max_rows);
    if (limit && a->max_rows >= 0)
        http_reply_header(r, "X-Colure-Maxrec", limit);
}

/* The body is a file already: sent with ranges and its length. */
static bool reply_file(struct http_response *r, const struct dali_answer *a, struct pump *p,
                       struct err *e)
{
    int fd = dup(pump_file(p));
    pump_free(p);
    return fd >= 0 && http_reply_file(r, a->content_type, fd, e);
}

struct http_response *dali_reply(struct dali *d, struct http_request *request,
                                 const struct dali_answer *a)
{
    struct err e = {0};
    bool gzip = accepts_gzip(request);
    struct pump *p = answer_pump(d, a, gzip, &e);
    if (!p)
        return http_reply_error(request, &e);
    struct http_response *r = http_reply(request, 200);
    if (a->run)
        http_reply_header(r, "Server-Timing", dali_run_timing(a->run, request->arena));
    say_overflow(r, request, a, p);
    name_file(r, request, a);
    if (str_starts_fold(str_of(a->content_type), STR("text/html")))
        dali_protect_page(r);
    http_reply_header(r, "Vary", "Accept-Encoding");
    if (pump_file(p) >= 0) {
        if (reply_file(r, a, p, &e))
            return r;
        err_set(&e, ERR_INTERNAL, "the answer's file cannot be sent");
        return http_reply_error(request, &e);
    }
    if (gzip)
        http_reply_header(r, "Content-Encoding", "gzip");
    struct bytes body;
    if (pump_take_whole(p, &body)) { /* its length is known, and it goes out at once */
        pump_free(p);
        http_reply_buffer(r, a->content_type, &body);
        return r;
    }
    http_reply_pull(r, a->content_type, pull, close_pump, p);
    return r;
}

bool dali_write(struct dali *d, const struct dali_answer *a, int fd, uint64_t *nrow,
                struct err *e)
{
    struct pump *p = answer_pump(d, a, false, e);
    if (!p)
        return false;
    bool ok = pump_to_file(p, fd, e);
    *nrow = pump_rows(p);
    pump_free(p);
    return ok;
}
