/* soda.c -- /soda/sync: a cut-out while the client waits; errors as SODA wants them. */
#include "datalink/soda.h"

#include <stdio.h>

#include "core/base/clock.h"
#include "datalink/bulk.h"
#include "datalink/soda_output.h"
#include "datalink/spill.h"

enum { PICTURE_BYTES = 32 << 20 };

/* ---- errors ---- */

const char *soda_label(const struct err *e)
{
    /* clang-format off */
    static const struct { enum err_kind kind; const char *label; } LABELS[] = {
        {ERR_USAGE, "UsageError"}, {ERR_NOT_FOUND, "UsageError"}, {ERR_METHOD, "UsageError"},
        {ERR_LIMIT, "UsageError"}, {ERR_LOGIN, "AuthenticationError"},
        {ERR_FORBIDDEN, "AuthorizationError"}, {ERR_BUSY, "ServiceUnavailable"},
        {ERR_UNAVAILABLE, "ServiceUnavailable"}, {ERR_TIMEOUT, "ServiceUnavailable"}};
    /* clang-format on */
    if (strncmp(e->message, "MultiValuedParamNotSupported", 28) == 0)
        return NULL; /* says it itself */
    for (size_t i = 0; i < sizeof LABELS / sizeof *LABELS; i++)
        if (LABELS[i].kind == e->kind)
            return LABELS[i].label;
    return "Error";
}

struct http_response *soda_render_error(void *context, struct http_request *request,
                                        const struct err *e)
{
    (void)context;
    const char *label = soda_label(e);
    const char *text = arena_format(request->arena, "%s%s%s\n", label ? label : "",
                                    label ? ": " : "", e->message);
    struct http_response *r = http_reply(request, err_http_status(e->kind));
    if (e->retry_after_s > 0)
        http_reply_header(r, "Retry-After",
                          arena_format(request->arena, "%d", e->retry_after_s));
    http_reply_bytes(r, "text/plain; charset=utf-8", str_of(text ? text : "Error\n"));
    return r;
}

/* ---- cutting ---- */

/* "name_cutout.fits" */
static const char *result_name(struct arena *arena, const struct product *p)
{
    const char *name = product_file_name(arena, p);
    str stem = str_of(name ? name : "data");
    for (size_t i = 1; i + 3 < stem.len; i++)
        if (str_starts_fold((str){stem.at + i, stem.len - i}, STR(".fit"))) {
            stem.len = i;
            break;
        }
    return arena_format(arena, "%.*s_cutout.fits", STR_FMT(stem));
}

enum cutout_result soda_cut(struct datalink *d, str id, const struct cutout_request *wanted,
                            const struct cutout_sink *sink, struct arena *arena,
                            uint64_t *bytes, const char **name, struct err *e)
{
    struct product p;
    struct cutout_request r = *wanted;
    if (!datalink_find(d, id, arena, &p, e))
        return CUTOUT_FAILED;
    *name = result_name(arena, &p);
    if (!product_is_fits(&p)) {
        err_set(e, ERR_USAGE, "%.200s is no FITS file; nothing can be cut out of it",
                p.did);
        return CUTOUT_FAILED;
    }
    int fd = products_open_file(d->products, &p, e);
    bool is_whole = !cutout_request_selects(&r) && !product_shares_file(&p);
    int hdu = p.hdu == PRODUCT_NONE || is_whole ? -1 : (int)p.hdu;
    struct cutout_file *file = fd >= 0 ? cutout_open(fd, hdu, arena, e) : NULL;
    r.origin = p.did;
    return file ? cutout_write(file, &r, sink, bytes, e) : CUTOUT_FAILED;
}

/* No filter: the data as they are (SODA pitfall 8). NULL: an HDU of several, to be cut. */
static struct http_response *whole_file(struct datalink *d, struct http_request *request,
                                        str id, struct err *e)
{
    struct product p;
    if (!datalink_find(d, id, request->arena, &p, e))
        return NULL;
    if (product_shares_file(&p))
        return NULL;
    int fd = products_open_file(d->products, &p, e);
    struct http_response *r = fd >= 0 ? http_reply(request, 200) : NULL;
    return r && http_reply_file(r, product_media_type(&p), fd, e) ? r : NULL;
}

/* A cut-out takes its turn among the short queries. */
static bool enter(struct datalink *d, struct http_request *request, int64_t deadline_ns,
                  struct gate_pass *pass, struct err *e)
{
    const struct gate_ask ask = {.pool = GATE_SHORT,
                                 .client = dali_client_key(request),
                                 .deadline_ns = deadline_ns,
                                 .cancel = request->cancel};
    return gate_enter(d->dali->gate, pass, &ask, e);
}

static struct http_response *picture(const struct soda_call *c, const struct soda_output *o,
                                     struct http_request *request, struct err *e)
{
    struct bytes out;
    bytes_init(&out, PICTURE_BYTES);
    enum cutout_result result = soda_picture(c, o, &out, e);
    struct http_response *r = NULL;
    if (result == CUTOUT_DONE) {
        r = http_reply(request, 200);
        http_reply_buffer(r, o->content_type, &out);
    } else if (result == CUTOUT_EMPTY)
        r = http_reply(request, 204);
    bytes_free(&out);
    return r;
}

static struct http_response *rows(const struct soda_call *c, const struct soda_output *o,
                                  struct http_request *request, struct err *e)
{
    struct rowsource *source;
    struct dali_answer a;
    enum cutout_result result = soda_rows(c, &source, e);
    if (result != CUTOUT_DONE)
        return result == CUTOUT_EMPTY ? http_reply(request, 204) : NULL;
    soda_answer(o, source, &a);
    a.request_id = request->id;
    return dali_reply(c->service->dali, request, &a);
}

/* What is no FITS file. */
static struct http_response *other_form(struct datalink *d, struct http_request *request,
                                        const struct soda_output *o, str id,
                                        const struct cutout_request *r, struct err *e)
{
    struct gate_pass pass;
    const struct soda_call c = {.service = d,
                                .id = id,
                                .request = r,
                                .arena = request->arena,
                                .cancel = request->cancel,
                                .deadline_ns =
                                    clock_deadline_ns(dali_limits(d->dali)->sync_seconds)};
    if (!enter(d, request, c.deadline_ns, &pass, e))
        return NULL;
    struct http_response *made =
        o->form == SODA_ROWS ? rows(&c, o, request, e) : picture(&c, o, request, e);
    gate_leave(d->dali->gate, &pass);
    return made;
}

static struct http_response *answer(struct datalink *d, struct http_request *request,
                                    const struct soda_params *s,
                                    const struct soda_output *o, struct err *e)
{
    str id;
    struct cutout_request r;
    uint64_t bytes;
    const char *name;
    if (!soda_combination(s, 0, &id, &r, request->arena, e))
        return NULL;
    if (o->form != SODA_FITS)
        return other_form(d, request, o, id, &r, e);
    if (!cutout_request_selects(&r)) {
        struct http_response *whole = whole_file(d, request, id, e);
        if (whole || e->kind)
            return whole;
    }
    struct spill *spill = spill_new(request->arena, &d->dali->spool, request->cancel,
                                    clock_deadline_ns(dali_limits(d->dali)->sync_seconds));
    if (!spill) {
        err_set(e, ERR_BUSY, "out of memory");
        return NULL;
    }
    struct gate_pass pass;
    if (!enter(d, request, spill->deadline_ns, &pass, e))
        return NULL;
    struct cutout_sink sink = spill_sink(spill);
    enum cutout_result result =
        soda_cut(d, id, &r, &sink, request->arena, &bytes, &name, e);
    gate_leave(d->dali->gate, &pass);
    if (result == CUTOUT_EMPTY)
        return http_reply(request, 204);
    if (result == CUTOUT_FAILED)
        return NULL;
    struct http_response *reply = http_reply(request, 200);
    const char *file = arena_format(request->arena, "attachment; filename=\"%s\"", name);
    if (file)
        http_reply_header(reply, "Content-Disposition", file);
    return spill_reply(spill, reply, o->content_type, e) ? reply : NULL;
}

struct http_response *soda_sync(void *context, struct http_request *request)
{
    struct datalink *d = context;
    struct err e = {0};
    struct soda_params s;
    struct soda_output o;
    struct http_response *r = NULL;
    if (list_has_table(request->params, request->nparam))
        return bulk_reply(d, request);
    if (soda_output_read(request->params, request->nparam, request->arena, &o, &e) &&
        soda_read(&s, request->params, request->nparam, true, request->arena, &e))
        r = answer(d, request, &s, &o, &e);
    return r ? r : http_reply_error(request, &e);
}
