/* package_reply.c -- /datalink/package: a tar of products, or where each of them is. */
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "datalink/cache.h"
#include "datalink/package.h"

enum { LIST_BYTES = 256 << 20, NAME_BYTES = 32 };

enum form { FORM_TAR, FORM_URLS, FORM_ARIA2 };

static const struct {
    const char *word;
    enum form form;
} FORMS[] = {{"", FORM_TAR},       {"tar", FORM_TAR},   {"application/x-tar", FORM_TAR},
             {"urls", FORM_URLS},  {"text", FORM_URLS}, {"text/plain", FORM_URLS},
             {"aria2", FORM_ARIA2}};

static bool read_form(struct http_request *request, enum form *form, struct err *e)
{
    str value;
    if (!dali_param(request->params, request->nparam, "RESPONSEFORMAT", &value, e))
        return false;
    for (size_t i = 0; i < sizeof FORMS / sizeof *FORMS; i++)
        if (str_eq_fold(str_trim(value), str_of(FORMS[i].word))) {
            *form = FORMS[i].form;
            return true;
        }
    return err_set(e, ERR_USAGE,
                   "RESPONSEFORMAT is tar, urls (an address a line, for wget) or aria2");
}

/* ---- lists that were sent, kept under a name made of their content ---- */

static bool name_list(str text, char name[2 * NAME_BYTES + 1])
{
    static const char HEX[] = "0123456789abcdef";
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned n = 0;
    if (!EVP_Digest(text.at, text.len, digest, &n, EVP_sha256(), NULL) || n < NAME_BYTES)
        return false;
    for (int i = 0; i < NAME_BYTES; i++) {
        name[2 * i] = HEX[digest[i] >> 4];
        name[2 * i + 1] = HEX[digest[i] & 15];
    }
    name[2 * NAME_BYTES] = 0;
    return true;
}

static struct http_response *keep_list(struct datalink *d, struct http_request *request,
                                       const struct list *l, struct err *e)
{
    char name[2 * NAME_BYTES + 1];
    struct bytes text;
    bytes_init(&text, LIST_BYTES);
    for (uint32_t i = 0; i < l->n; i++) {
        bytes_add(&text, str_of(l->item[i].did));
        bytes_add_char(&text, '\n');
    }
    bool ok = !text.failed || err_set(e, ERR_LIMIT, "the list is too long");
    ok = ok && (name_list(bytes_str(&text), name) ||
                err_set(e, ERR_INTERNAL, "the list cannot be named"));
    ok = ok && cache_put(d->lists, name, bytes_str(&text), e);
    bytes_free(&text);
    const char *url = ok ? arena_format(request->arena, "%s/datalink/package/%s",
                                        dali_base_url(d->dali, request), name)
                         : NULL;
    return url ? http_reply_redirect(request, url) : NULL;
}

static bool find_list(struct datalink *d, str name, struct arena *arena, struct list *l,
                      struct err *e)
{
    const char *text = arena_text(arena, name);
    int fd = text ? cache_find(d->lists, text) : -1;
    if (fd < 0)
        return err_set(e, ERR_NOT_FOUND,
                       "there is no such list (any more); send it once more");
    const char *path = arena_format(arena, "/proc/self/fd/%d", fd);
    const struct http_param id = {.name = STR("ID"), .is_file = true, .path = path};
    const struct list_ask ask = {.param = &id, .nparam = 1};
    bool ok = path && list_read(d, &ask, arena, l, e);
    close(fd);
    return ok;
}

static int by_did(const void *left, const void *right)
{
    const struct list_item *a = left, *b = right;
    return strcmp(a->did, b->did);
}

static bool read_list(struct datalink *d, struct http_request *request, struct arena *arena,
                      struct list *l, struct err *e)
{
    if (request->rest.len > 0)
        return find_list(d, request->rest, arena, l, e);
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
    if (!list_read(d, &ask, arena, l, e))
        return false;
    if (l->n > 0 && !l->item[0].did)
        return err_set(e, ERR_USAGE, "the table has no column obs_publisher_did");
    /* A query may give its rows in another order each time; its package must not. */
    if (l->n > 0 && list_has_table(request->params, request->nparam))
        qsort(l->item, l->n, sizeof *l->item, by_did);
    return true;
}

/* ---- addresses ---- */

struct urls {
    struct datalink *service;
    const char *base;
    struct list list;
    uint32_t next;
    bool is_aria2;
    struct arena *scratch;
    struct bytes out;
    size_t sent;
};

static void add_url(struct urls *u, const char *did)
{
    struct product p;
    struct err e = {0};
    arena_reset(u->scratch);
    if (!datalink_find(u->service, str_of(did), u->scratch, &p, &e)) {
        bytes_add_format(&u->out, "# %s: %.200s\n", err_datalink_fault(e.kind), e.message);
        return;
    }
    product_add_url(&u->out, u->base, PRODUCT_FILE_PATH, &p);
    bytes_add_char(&u->out, '\n');
    if (!u->is_aria2)
        return;
    bytes_add_format(&u->out, "  out=%s/%s\n", p.obs_collection ? p.obs_collection : ".",
                     p.path);
    if (p.checksum && str_starts_fold(str_of(p.checksum), STR("sha256:")))
        bytes_add_format(&u->out, "  checksum=sha-256=%s\n", p.checksum + 7);
}

static ssize_t pull_urls(void *context, char *to, size_t max)
{
    struct urls *u = context;
    if (u->sent == u->out.len) {
        bytes_clear(&u->out);
        u->sent = 0;
        while (u->next < u->list.n && u->out.len < max)
            add_url(u, u->list.item[u->next++].did);
    }
    if (u->out.failed)
        return -1;
    size_t n = u->out.len - u->sent < max ? u->out.len - u->sent : max;
    if (n)
        memcpy(to, u->out.at + u->sent, n);
    u->sent += n;
    return (ssize_t)n;
}

static void end_urls(void *context)
{
    struct urls *u = context;
    bytes_free(&u->out);
    arena_free(u->scratch);
}

static struct http_response *reply_urls(struct datalink *d, struct http_request *request,
                                        const struct list *l, bool is_aria2, struct err *e)
{
    struct urls *u = arena_new_one(request->arena, struct urls);
    struct arena *scratch = u ? arena_new(PRODUCT_ARENA_BYTES) : NULL;
    if (!scratch) {
        err_set(e, ERR_BUSY, "out of memory");
        return NULL;
    }
    *u = (struct urls){.service = d,
                       .base = dali_base_url(d->dali, request),
                       .list = *l,
                       .is_aria2 = is_aria2,
                       .scratch = scratch};
    bytes_init(&u->out, 16 << 20);
    struct http_response *r = http_reply(request, 200);
    http_reply_pull(r, "text/plain; charset=utf-8", pull_urls, end_urls, u);
    return r;
}

/* ---- the tar ---- */

static struct http_response *reply_tar(struct datalink *d, struct http_request *request,
                                       const struct list *l, struct arena *arena,
                                       struct err *e)
{
    struct package *p = package_new(d, l, &d->dali->spool, request->cancel, arena, e);
    if (!p)
        return NULL;
    const struct http_body body = {.bytes = p->bytes,
                                   .etag = p->etag,
                                   .modified = p->modified_s,
                                   .read = package_read,
                                   .close = package_close,
                                   .context = p};
    struct http_response *r = http_reply(request, 200);
    http_reply_header(r, "Content-Disposition", "attachment; filename=\"package.tar\"");
    http_request_note(request, "files", p->n);
    http_reply_body(r, "application/x-tar", &body);
    return r;
}

static void drop_arena(void *arena)
{
    arena_free(arena);
}

static struct http_response *answer(struct datalink *d, struct http_request *request,
                                    struct err *e)
{
    enum form form = FORM_TAR;
    struct list l = {0};
    struct arena *arena = arena_new((size_t)1 << 30);
    if (!arena || !arena_defer(request->arena, drop_arena, arena)) {
        err_set(e, ERR_BUSY, "out of memory");
        return NULL;
    }
    if (!read_form(request, &form, e) || !read_list(d, request, arena, &l, e))
        return NULL;
    if (form != FORM_TAR)
        return reply_urls(d, request, &l, form == FORM_ARIA2, e);
    /* Ranges are for GET: a list that was posted gets an address of its own. */
    if (request->method == HTTP_POST)
        return keep_list(d, request, &l, e);
    return reply_tar(d, request, &l, arena, e);
}

struct http_response *datalink_package(void *context, struct http_request *request)
{
    struct err e = {0};
    struct http_response *r = answer(context, request, &e);
    if (r)
        return r;
    if (!e.kind)
        err_set(&e, ERR_BUSY, "out of memory");
    return http_reply_error(request, &e);
}
