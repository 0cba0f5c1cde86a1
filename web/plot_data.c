/* plot_data.c -- GET /plot/data: the counts behind a plot as JSON. */
#include <stdio.h>

#include "core/base/json.h"
#include "web/inside.h"
#include "web/plot.h"

enum { JSON_BYTES = 32 << 20, RETRY_S = 10 };

/* Programs read it: {"message": ..., "status": 400}. */
static struct http_response *fail(struct web_page *p, const struct err *e)
{
    struct bytes b;
    bytes_free(&p->b);
    bytes_init(&b, 64 * 1024);
    json_open(&b, NULL, '{');
    json_text(&b, "message", e->message);
    json_int(&b, "status", err_http_status(e->kind));
    json_close(&b, '}');
    struct http_response *r = http_reply(p->request, err_http_status(e->kind));
    http_reply_buffer(r, "application/json; charset=utf-8", &b);
    if (e->kind == ERR_BUSY || e->kind == ERR_UNAVAILABLE) {
        const char *seconds =
            arena_format(p->arena, "%d", e->retry_after_s > 0 ? e->retry_after_s : RETRY_S);
        if (seconds)
            http_reply_header(r, "Retry-After", seconds);
    }
    return r;
}

/* `tag` is among those that the client has. */
static bool has_tag(const struct http_request *request, const char *tag)
{
    str rest = http_request_header(request, "If-None-Match");
    while (rest.at) {
        str one = str_trim(str_cut(&rest, ','));
        if (str_starts_fold(one, STR("W/")))
            one = (str){one.at + 2, one.len - 2};
        if (str_eq(one, str_of(tag)) || str_eq(one, STR("*")))
            return true;
    }
    return false;
}

static struct http_response *reply(struct web_page *p, const struct plot_data *d,
                                   bool was_kept)
{
    struct bytes b;
    char tag[24];
    bytes_free(&p->b);
    bytes_init(&b, JSON_BYTES);
    plot_write_json(&b, d);
    snprintf(tag, sizeof tag, "\"%016llx\"", (unsigned long long)str_hash(bytes_str(&b)));
    bool is_known = !b.failed && has_tag(p->request, tag);
    struct http_response *r = http_reply(p->request, is_known ? 304 : 200);
    http_reply_header(r, "ETag", tag);
    http_reply_header(r, "Cache-Control", "no-cache");
    http_reply_header(r, "X-Colure-Plot", was_kept ? "kept" : "made");
    if (is_known)
        bytes_free(&b);
    else
        http_reply_buffer(r, "application/json; charset=utf-8", &b);
    return r;
}

struct http_response *web_plot_data(void *context, struct http_request *request)
{
    struct web *web = context;
    struct web_page p;
    struct err e = {0};
    struct plot_ask ask;
    bool was_kept;
    if (!web_page_open(&p, web, request, &e) || !plot_read(request, p.catalog, &ask, &e))
        return fail(&p, &e);
    const struct plot_data *d =
        plot_get(web->plots, web->dali, request, p.catalog, &ask, &was_kept, &e);
    if (!d)
        return fail(&p, &e);
    struct http_response *r = reply(&p, d, was_kept);
    plot_drop(d);
    return r;
}
