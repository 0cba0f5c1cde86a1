/* exchange.c -- one request from its first line to the last byte of its answer, as
 * libmicrohttpd calls us: begin (request line), handle (headers; body pieces; complete),
 * end. */
#include "core/http/exchange.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/base/num.h"

enum { ARENA_EXTRA_BYTES = 64 << 20 };

/* ---- begin ---- */

static uint64_t mix(uint64_t x)
{
    x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9u;
    x = (x ^ x >> 27) * 0x94D049BB133111EBu;
    return x ^ x >> 31;
}

/* Sixteen digits; NULL: no memory. */
static const char *print_id(struct arena *arena, uint64_t id)
{
    char *text = arena_new_array(arena, char, 17);
    for (int i = 0; text && i < 16; i++)
        text[i] = "0123456789abcdef"[id >> (60 - 4 * i) & 15];
    if (text)
        text[16] = '\0';
    return text;
}

static bool fill_request(struct exchange *x, const char *uri)
{
    struct http_server *s = x->server;
    struct http_request *request = &x->request;
    request->server = s;
    request->arena = arena_new(4 * s->options.max_value_bytes + ARENA_EXTRA_BYTES);
    request->cancel = cancel_new();
    if (!request->arena || !request->cancel)
        return false;
    uint64_t number = atomic_fetch_add(&s->next_id, 1);
    char *target = arena_text(request->arena, str_of(uri));
    request->id = print_id(request->arena, mix(s->id_key + number));
    if (!target || !request->id)
        return false;
    str query = str_of(target);
    request->raw_path = str_cut(&query, '?');
    request->query = query.at ? query : STR("");
    request->path = request->raw_path;
    return true;
}

static void exchange_free(struct exchange *x)
{
    if (!x)
        return;
    body_free(x->body);
    arena_free(x->request.arena);
    cancel_drop(x->request.cancel);
    free(x);
}

void *exchange_begin(void *server, const char *uri, struct MHD_Connection *connection)
{
    struct exchange *x = calloc(1, sizeof *x);
    if (!x)
        return NULL;
    x->server = server;
    x->connection = connection;
    x->place = -1;
    x->begun_ns = clock_monotonic_ns();
    if (!fill_request(x, uri)) {
        exchange_free(x);
        return NULL;
    }
    /* We parse the query ourselves (order, repeats, bad escapes). The library would parse
     * it too, into its bounded pool, and answer long forms with a page of its own; ending
     * the text behind the '?' spares both. The buffer is the library's writable one. */
    char *mark = strchr(uri, '?');
    if (mark && mark[1])
        mark[1] = '\0';
    return x;
}

/* ---- the answer ---- */

static ssize_t next_bytes(void *context, uint64_t at, char *buffer, size_t max)
{
    struct exchange *x = context;
    struct http_response *r = x->response;
    struct watch *watch = x->server->watch;
    watch_phase(watch, x->place, WATCH_WORK, 0);
    ssize_t n = response_read(r, at, buffer, max);
    watch_phase(watch, x->place, WATCH_SEND, n > 0 ? (uint64_t)n : 0);
    if (n > 0)
        x->bytes_out += (uint64_t)n;
    if (n < 0 || (size_t)n > max) {
        x->broken = true;
        return MHD_CONTENT_READER_END_WITH_ERROR;
    }
    return n ? n : MHD_CONTENT_READER_END_OF_STREAM;
}

static struct MHD_Response *make_response(struct exchange *x)
{
    struct http_response *r = x->response;
    if (r->kind == BODY_PULL)
        return MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, BLOCK_BYTES, next_bytes,
                                                 x, NULL);
    bool is_sized = r->kind == BODY_FILE || r->kind == BODY_RANDOM;
    if (is_sized && r->length > 0 && !x->request.is_head)
        return MHD_create_response_from_callback(r->length, BLOCK_BYTES, next_bytes, x,
                                                 NULL);
    if (is_sized)
        return MHD_create_response_from_callback(r->length, 1, next_bytes, x, NULL);
    if (!x->request.is_head)
        x->bytes_out = r->bytes.len;
    return MHD_create_response_from_buffer(r->bytes.len, (void *)r->bytes.at,
                                           MHD_RESPMEM_PERSISTENT);
}

static enum MHD_Result queue(struct exchange *x)
{
    /* The library would end a HEAD of unknown length with a last chunk, which is a body. */
    if (x->request.is_head && x->response->kind == BODY_PULL) {
        exchange_answer_and_close(x);
        return MHD_NO;
    }
    struct MHD_Response *response = make_response(x);
    if (!response)
        return MHD_NO;
    struct head head;
    exchange_head(x, &head);
    for (size_t i = 0; i < head.n; i++)
        MHD_add_response_header(response, head.headers[i].name, head.headers[i].value);
    if (atomic_load(&x->server->stopping))
        MHD_add_response_header(response, "Connection", "close");
    watch_phase(x->server->watch, x->place, WATCH_SEND, x->bytes_out);
    enum MHD_Result ok =
        MHD_queue_response(x->connection, (unsigned)x->response->status, response);
    MHD_destroy_response(response);
    return ok;
}

static void make_error(struct exchange *x)
{
    x->response = http_reply_error(&x->request, &x->error);
    if (x->error.kind == ERR_METHOD) {
        char allow[64];
        exchange_methods(x->match.allowed, allow, sizeof allow);
        http_reply_header(x->response, "Allow", allow);
    }
}

static enum MHD_Result answer(struct exchange *x)
{
    const struct http_route *route = x->match.route;
    if (x->is_options)
        x->response = exchange_preflight(x);
    else if (x->error.kind == ERR_NONE) {
        watch_phase(x->server->watch, x->place, WATCH_WORK, 0);
        x->response = route->handle(route->context, &x->request);
        if (!x->response)
            err_set(&x->error, ERR_INTERNAL, "the service gave no answer");
    }
    if (x->error.kind != ERR_NONE)
        make_error(x);
    return queue(x);
}

/* ---- the body ---- */

static struct body_limits limits_of(const struct exchange *x)
{
    struct http_server *s = x->server;
    uint64_t of_route = x->match.route ? x->match.route->max_body_bytes : 0;
    return (struct body_limits){
        .spool_dir = s->options.spool_dir,
        .max_params = s->options.max_params,
        .max_value_bytes = s->options.max_value_bytes,
        .max_part_bytes = s->options.max_part_bytes,
        .max_body_bytes = of_route ? of_route : s->options.max_body_bytes,
        .held = &s->held,
        .max_held = HELD_BYTES,
    };
}

static bool prepare_body(struct exchange *x)
{
    struct http_request *request = &x->request;
    struct body_limits limits = limits_of(x);
    str coding = http_request_header(request, "Content-Encoding");
    if (coding.len && !str_eq_fold(str_trim(coding), STR("identity")))
        return err_set(
            &x->error, ERR_USAGE,
            "a request body with Content-Encoding %.20s is not read; send it plain",
            coding.at);
    if (x->content_length > limits.max_body_bytes)
        return err_set(
            &x->error, ERR_LIMIT,
            "the request's body of %llu bytes is larger than the limit of %llu bytes",
            (unsigned long long)x->content_length,
            (unsigned long long)limits.max_body_bytes);
    if (request->method == HTTP_POST || request->method == HTTP_PUT)
        x->body = body_new(request, limits, &x->error);
    return x->error.kind == ERR_NONE;
}

/* A body that nobody wants is read for a while, because a client that is cut while it sends
 * does not see the answer; past that, the answer is sent without waiting for the end. */
static enum MHD_Result take_piece(struct exchange *x, const char *data, size_t *size)
{
    size_t n = *size;
    *size = 0;
    x->bytes_in += n;
    watch_phase(x->server->watch, x->place, WATCH_BODY, x->bytes_in);
    if (x->body && x->error.kind == ERR_NONE) {
        body_feed(x->body, data, n, &x->error);
        return MHD_YES;
    }
    x->discarded += n;
    if (x->discarded <= DISCARD_BYTES)
        return MHD_YES;
    err_set(&x->error, ERR_USAGE, "a %s request has no use for a body", x->method_name);
    make_error(x);
    exchange_answer_and_close(x);
    return MHD_NO;
}

static enum MHD_Result complete(struct exchange *x)
{
    x->is_complete = true;
    if (x->body && x->error.kind == ERR_NONE)
        body_finish(x->body, &x->error);
    return answer(x);
}

/* ---- handle ---- */

static enum MHD_Result headers_are_in(struct exchange *x, const char *method)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(x->connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    x->place = info ? (int)(intptr_t)info->socket_context - 1 : -1;
    /* The library's timeout would count a long query as silence of the client. */
    MHD_set_connection_option(x->connection, MHD_CONNECTION_OPTION_TIMEOUT, 0U);
    watch_begin(x->server->watch, x->place, x->request.cancel);
    x->is_begun = true;
    exchange_read_head(x, method);
    if (x->must_close) /* answered before the body: the library closes then */
        return answer(x);
    if (x->has_body && !x->is_options && x->error.kind == ERR_NONE)
        prepare_body(x);
    if (x->error.kind != ERR_NONE && x->has_body && x->expects_continue)
        return answer(x);
    return MHD_YES;
}

enum MHD_Result exchange_handle(void *server, struct MHD_Connection *connection,
                                const char *url, const char *method, const char *version,
                                const char *data, size_t *size, void **exchange)
{
    (void)server, (void)url, (void)version, (void)connection;
    struct exchange *x = *exchange;
    if (!x)
        return MHD_NO; /* no memory at the beginning */
    if (!x->is_begun)
        return headers_are_in(x, method);
    return *size ? take_piece(x, data, size) : complete(x);
}

/* ---- end ---- */

enum { LOGGED_PATH_BYTES = 300, LOGGED_AGENT_BYTES = 100 };

static const char *shortened(const struct exchange *x, str text, size_t most)
{
    if (text.len > most)
        text.len = most;
    const char *copy = text.at ? arena_text(x->request.arena, text) : NULL;
    return copy ? copy : "";
}

/* One line a request; the query string stays out of it, for it may hold secrets. */
static void log_access(const struct exchange *x, double seconds, bool whole)
{
    const struct http_request *request = &x->request;
    struct log_field field[8 + HTTP_MAX_NOTES] = {
        {"method", x->method_name, 0},
        {"path", shortened(x, request->raw_path, LOGGED_PATH_BYTES), 0},
        {"status", NULL, x->response ? x->response->status : 0},
        {"bytes", NULL, (double)x->bytes_out},
        {"ms", NULL, (double)(int64_t)(seconds * 1e6) / 1e3},
        {"client", request->client, 0},
        {"agent",
         shortened(x, http_request_header(request, "User-Agent"), LOGGED_AGENT_BYTES), 0},
        {"end", whole ? "whole" : "cut", 0},
    };
    size_t n = 8;
    for (size_t i = 0; i < request->nnote; i++)
        field[n++] =
            (struct log_field){request->notes[i].name, NULL,
                               (double)(int64_t)(request->notes[i].value * 1e3) / 1e3};
    log_event(LOG_INFO, request->id, "request", field, n);
}

void exchange_end(void *server, struct MHD_Connection *connection, void **exchange,
                  enum MHD_RequestTerminationCode why)
{
    struct http_server *s = server;
    struct exchange *x = *exchange;
    *exchange = NULL;
    if (!x)
        return;
    if (x->is_begun) {
        double seconds = (double)(clock_monotonic_ns() - x->begun_ns) * 1e-9;
        if (x->response) /* its end leaves notes for the log */
            response_close_body(x->response);
        watch_end(s->watch, x->place);
        MHD_set_connection_option(
            connection, MHD_CONNECTION_OPTION_TIMEOUT,
            (unsigned)(s->options.idle_s < 1 ? 1 : s->options.idle_s));
        bool whole = why == MHD_REQUEST_TERMINATED_COMPLETED_OK || x->is_closed_by_us;
        counters_add(s->counters, x->match.iroute, x->response ? x->response->status : 0,
                     x->bytes_out, seconds);
        if (!s->options.no_access_log)
            log_access(x, seconds, whole && !x->broken);
    }
    exchange_free(x);
}
