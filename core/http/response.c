/* response.c -- a response as its handler makes it: status, headers, one body. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/http/http_int.h"

enum { READ_BYTES = 64 * 1024 };

static struct http_response out_of_memory = {.status = 500, .fd = -1};

static void drop_response(void *response)
{
    http_response_drop(response);
}

struct http_response *http_reply(struct http_request *request, int status)
{
    struct http_response *r = arena_new_one(request->arena, struct http_response);
    if (!r)
        return &out_of_memory;
    *r = (struct http_response){
        .request = request, .status = status, .bytes = STR(""), .fd = -1};
    return arena_defer(request->arena, drop_response, r) ? r : &out_of_memory;
}

/* ---- headers ---- */

static const char *const REPEATABLE[] = {"Link", "Vary", "WWW-Authenticate", "Set-Cookie"};

static bool may_repeat(str name)
{
    for (size_t i = 0; i < sizeof REPEATABLE / sizeof *REPEATABLE; i++)
        if (str_eq_fold(name, str_of(REPEATABLE[i])))
            return true;
    return str_starts_fold(name, STR("X-"));
}

/* A line end in a value would begin a header of the client's choice. */
static char *safe_value(struct arena *arena, const char *value)
{
    char *copy = arena_text(arena, str_of(value));
    for (char *c = copy; c && *c; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7F)
            *c = ' ';
    return copy;
}

static struct reply_header *find_header(const struct http_response *r, const char *name)
{
    for (struct reply_header *h = r->headers; h; h = h->next)
        if (str_eq_fold(str_of(h->name), str_of(name)))
            return h;
    return NULL;
}

void http_reply_header(struct http_response *r, const char *name, const char *value)
{
    if (!r->request)
        return;
    struct arena *arena = r->request->arena;
    struct reply_header *h = may_repeat(str_of(name)) ? NULL : find_header(r, name);
    char *copy = safe_value(arena, value);
    if (!h && copy) {
        h = arena_new_one(arena, struct reply_header);
        if (!h)
            return;
        h->name = arena_text(arena, str_of(name));
        if (!h->name)
            return;
        struct reply_header **last = &r->headers;
        while (*last)
            last = &(*last)->next;
        *last = h;
    }
    if (copy)
        h->value = copy;
}

const char *http_response_header(const struct http_response *r, const char *name)
{
    struct reply_header *h = find_header(r, name);
    return h ? h->value : NULL;
}

int http_response_status(const struct http_response *r)
{
    return r->status;
}

void http_response_set_status(struct http_response *r, int status)
{
    if (r->request)
        r->status = status;
}

/* ---- bodies ---- */

void response_close_body(struct http_response *r)
{
    if (!r->request)
        return;
    if (r->kind == BODY_FILE && r->fd >= 0)
        close(r->fd);
    r->fd = -1;
    if ((r->kind == BODY_PULL || r->kind == BODY_RANDOM) && r->close)
        r->close(r->context);
    r->close = NULL;
    r->pull = NULL;
    bytes_free(&r->buffer);
    r->kind = BODY_BYTES;
    r->bytes = STR("");
}

void http_response_drop(struct http_response *r)
{
    response_close_body(r);
}

static void set_type(struct http_response *r, const char *content_type)
{
    if (content_type)
        http_reply_header(r, "Content-Type", content_type);
}

void http_reply_bytes(struct http_response *r, const char *content_type, str body)
{
    if (!r->request)
        return;
    response_close_body(r);
    r->bytes = body;
    set_type(r, content_type);
}

void http_reply_buffer(struct http_response *r, const char *content_type, struct bytes *b)
{
    if (!r->request || b->failed) {
        bytes_free(b);
        http_response_set_status(r, 500);
        http_reply_bytes(r, "text/plain", STR("the answer is too large to be made\n"));
        return;
    }
    response_close_body(r);
    r->buffer = *b;
    r->bytes = b->at ? bytes_str(b) : STR("");
    bytes_init(b, b->limit);
    set_type(r, content_type);
}

void http_reply_pull(struct http_response *r, const char *content_type, http_pull *pull,
                     void (*close_it)(void *), void *context)
{
    if (!r->request) {
        if (close_it)
            close_it(context);
        return;
    }
    response_close_body(r);
    r->kind = BODY_PULL;
    r->pull = pull;
    r->close = close_it;
    r->context = context;
    set_type(r, content_type);
}

struct http_response *http_reply_redirect(struct http_request *request, const char *url)
{
    struct http_response *r = http_reply(request, 303);
    http_reply_header(r, "Location", url);
    return r;
}

/* ---- errors ---- */

static struct http_response *plain_error(struct http_request *request,
                                         const struct err *error)
{
    struct http_response *r = http_reply(request, err_http_status(error->kind));
    char *text = error->line > 0 ? arena_format(request->arena, "%s (line %d, column %d)\n",
                                                error->message, error->line, error->column)
                                 : arena_format(request->arena, "%s\n", error->message);
    http_reply_bytes(r, "text/plain; charset=utf-8", text ? str_of(text) : STR(""));
    return r;
}

struct http_response *http_reply_error(struct http_request *request,
                                       const struct err *error)
{
    const struct http_route *route = request->route;
    struct http_response *r = NULL;
    if (route && route->render_error)
        r = route->render_error(route->render_context, request, error);
    else if (request->server && request->server->options.render_error)
        r = request->server->options.render_error(request->server->options.render_context,
                                                  request, error);
    if (!r)
        r = plain_error(request, error);
    if (error->kind == ERR_BUSY && !http_response_header(r, "Retry-After"))
        http_reply_header(r, "Retry-After", "5");
    return r;
}

/* ---- for tests and wrappers ---- */

str http_response_body(const struct http_response *r)
{
    return r->kind == BODY_BYTES ? r->bytes : STR("");
}

bool http_response_read(struct http_response *r, struct bytes *out)
{
    if (r->kind == BODY_BYTES) {
        bytes_add(out, r->bytes);
        return !out->failed;
    }
    uint64_t done = 0;
    for (;;) {
        char probe; /* a full buffer is no failure when the body ends there */
        size_t room = out->limit - out->len, max = room < READ_BYTES ? room : READ_BYTES;
        char *to = max ? bytes_reserve(out, max) : &probe;
        ssize_t n = to ? response_read(r, done, to, max ? max : 1) : -1;
        if (n <= 0 || max == 0)
            return n == 0;
        out->len += (size_t)n;
        done += (uint64_t)n;
    }
}
