/* head.c -- the head of a request (headers, host, client, route, query) and of its answer
 * (CORS and the like); and the answer that interrupts a body. */
#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/num.h"
#include "core/http/exchange.h"

enum { MAX_HEADERS = 200, LINGER_S = 5 };

static const struct {
    const char *name;
    unsigned method;
} METHODS[] = {
    {"GET", HTTP_GET}, {"HEAD", HTTP_GET},      {"POST", HTTP_POST},
    {"PUT", HTTP_PUT}, {"DELETE", HTTP_DELETE},
};

void exchange_methods(unsigned methods, char *out, size_t max)
{
    size_t n = 0;
    out[0] = '\0';
    for (size_t i = 0; i < sizeof METHODS / sizeof *METHODS && n < max; i++)
        if (METHODS[i].method & methods)
            n += (size_t)snprintf(out + n, max - n, "%s, ", METHODS[i].name);
    if (n < max)
        snprintf(out + n, max - n, "OPTIONS");
}

/* ---- headers ---- */

struct header_list {
    struct http_header *headers;
    size_t n;
};

static enum MHD_Result add_header(void *context, enum MHD_ValueKind kind, const char *name,
                                  const char *value)
{
    struct header_list *list = context;
    (void)kind;
    if (list->n == MAX_HEADERS)
        return MHD_NO;
    list->headers[list->n++] = (struct http_header){str_of(name), str_of(value)};
    return MHD_YES;
}

static bool read_headers(struct exchange *x)
{
    int count = MHD_get_connection_values(x->connection, MHD_HEADER_KIND, NULL, NULL);
    size_t n = count < 0 ? 0 : count > MAX_HEADERS ? MAX_HEADERS : (size_t)count;
    struct header_list list = {arena_new_array(x->request.arena, struct http_header, n + 1),
                               0};
    if (!list.headers)
        return err_set(&x->error, ERR_INTERNAL, "out of memory");
    MHD_get_connection_values(x->connection, MHD_HEADER_KIND, add_header, &list);
    x->request.headers = list.headers;
    x->request.nheader = list.n;
    return count <= MAX_HEADERS ||
           err_set(&x->error, ERR_LIMIT, "more than %d request headers", MAX_HEADERS);
}

static size_t count_header(const struct http_request *request, const char *name)
{
    size_t n = 0;
    for (size_t i = 0; i < request->nheader; i++)
        n += str_eq_fold(request->headers[i].name, str_of(name));
    return n;
}

/* Whatever two programs could read as two different lengths (request smuggling). */
static bool read_framing(struct exchange *x)
{
    const struct http_request *request = &x->request;
    str coding = http_request_header(request, "Transfer-Encoding");
    str length = http_request_header(request, "Content-Length");
    x->expects_continue = http_request_header(request, "Expect").at != NULL;
    x->has_body = coding.at || length.at;
    x->must_close = true;
    if (coding.at && (length.at || count_header(request, "Transfer-Encoding") > 1 ||
                      !str_eq_fold(str_trim(coding), STR("chunked"))))
        return err_set(&x->error, ERR_USAGE,
                       "the body's framing is ambiguous: use either Content-Length or "
                       "Transfer-Encoding: chunked");
    int64_t n = 0;
    if (length.at && (count_header(request, "Content-Length") > 1 ||
                      !num_parse_int(str_trim(length), &n) || n < 0 || length.at[0] == '+'))
        return err_set(&x->error, ERR_USAGE, "the Content-Length header is ambiguous");
    x->content_length = (uint64_t)n;
    x->has_body = coding.at || n > 0;
    x->must_close = false;
    return true;
}

/* ---- who and where ---- */

static void read_client(struct exchange *x)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(x->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    char text[INET6_ADDRSTRLEN] = "unknown";
    if (info && info->client_addr)
        address_print(info->client_addr, text, sizeof text);
    x->is_proxied = proxies_have(x->server->proxies, str_of(text));
    str client = proxies_client(x->server->proxies, &x->request, str_of(text));
    const char *copy = arena_text(x->request.arena, client);
    x->request.client = copy ? copy : "unknown";
}

static bool is_host(str host)
{
    if (host.len == 0 || host.len > 260)
        return false;
    for (size_t i = 0; i < host.len; i++) {
        char c = ascii_lower(host.at[i]);
        if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && !strchr(".-_:[]", c))
            return false;
    }
    return true;
}

static bool read_base_url(struct exchange *x)
{
    struct http_request *request = &x->request;
    const struct http_options *o = &x->server->options;
    str host = str_trim(http_request_header(request, "Host")), scheme = STR("http");
    if (count_header(request, "Host") > 1 || (host.len && !is_host(host)))
        return err_set(&x->error, ERR_USAGE, "the Host header is no host name");
    request->base_url = o->base_url;
    if (o->base_url)
        return true;
    if (x->is_proxied) {
        str outer = str_trim(http_request_header(request, "X-Forwarded-Host"));
        if (is_host(outer))
            host = outer;
        if (str_eq_fold(http_request_header(request, "X-Forwarded-Proto"), STR("https")))
            scheme = STR("https");
    }
    if (host.len == 0)
        host = str_of(x->server->local);
    request->base_url =
        arena_format(request->arena, "%.*s://%.*s", STR_FMT(scheme), STR_FMT(host));
    return request->base_url || err_set(&x->error, ERR_INTERNAL, "out of memory");
}

/* ---- the route ---- */

static bool find_route(struct exchange *x)
{
    struct http_request *request = &x->request;
    struct path path;
    if (!path_parse(request->arena, request->raw_path, &path, &x->error))
        return false;
    request->path = path.text;
    if (!routes_match(x->server->routes, request, &path, request->method, &x->match,
                      &x->error))
        return false;
    request->route = x->match.route;
    if (x->match.route || x->is_options)
        return true;
    if (x->match.allowed == 0)
        return err_set(&x->error, ERR_NOT_FOUND, "there is nothing at %.300s",
                       request->path.at);
    char allow[64];
    exchange_methods(x->match.allowed, allow, sizeof allow);
    return err_set(&x->error, ERR_METHOD, "%.20s is not possible here, only %s",
                   x->method_name, allow);
}

static void read_method(struct exchange *x, const char *method)
{
    /* The text is libmicrohttpd's and is gone when the request is logged as broken. */
    const char *copy = arena_text(x->request.arena, str_of(method));
    x->method_name = copy ? copy : "?";
    x->is_options = strcmp(method, "OPTIONS") == 0;
    x->request.is_head = strcmp(method, "HEAD") == 0;
    for (size_t i = 0; i < sizeof METHODS / sizeof *METHODS; i++)
        if (strcmp(METHODS[i].name, method) == 0)
            x->request.method = (enum http_method)METHODS[i].method;
}

static bool read_query(struct exchange *x)
{
    struct http_request *request = &x->request;
    struct http_param *params = NULL;
    bool ok = http_params_parse(request->arena, request->query, HTTP_FROM_QUERY,
                                x->server->options.max_params, &params, &request->nparam,
                                &x->error);
    request->params = params;
    if (!ok)
        request->nparam = 0;
    return ok;
}

static bool read_type(struct exchange *x)
{
    str type = http_request_header(&x->request, "Content-Type");
    if (!type.at) {
        x->request.content_type = STR("");
        return true;
    }
    char *copy = arena_text(x->request.arena, str_trim(str_cut(&type, ';')));
    if (!copy)
        return err_set(&x->error, ERR_INTERNAL, "out of memory");
    for (char *c = copy; *c; c++)
        *c = ascii_lower(*c);
    x->request.content_type = str_of(copy);
    return true;
}

static bool admit(struct exchange *x)
{
    const struct http_options *o = &x->server->options;
    if (x->is_options || !o->admit)
        return true;
    return o->admit(o->admit_context, &x->request, &x->error) ||
           err_set(&x->error, ERR_FORBIDDEN, "you may not do this");
}

/* Above the limit: one refusal, and the connection is free again. */
static bool check_load(struct exchange *x)
{
    enum { RETRY_S = 5 };
    const struct http_options *o = &x->server->options;
    if (watch_connections(x->server->watch) > o->max_connections)
        err_set(&x->error, ERR_BUSY,
                "the node has %u connections open, which is its limit; try again soon",
                o->max_connections);
    else if (watch_is_over(x->server->watch, x->place))
        err_set(&x->error, ERR_BUSY,
                "your address has %u connections open, which is the limit for one client; "
                "close some of them, or try again soon",
                o->max_connections_per_ip);
    else
        return true;
    x->error.retry_after_s = RETRY_S;
    x->must_close = true;
    return false;
}

/* A client's own name of the request goes through logs and stores: letters, digits and a
 * few signs. Anything else is as if it had sent none. */
static void take_request_id(struct exchange *x)
{
    enum { MOST = 64 };
    str id = str_trim(http_request_header(&x->request, "X-Request-Id"));
    bool ok = id.len > 0 && id.len <= MOST;
    for (size_t i = 0; ok && i < id.len; i++) {
        char c = ascii_lower(id.at[i]);
        ok = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
             c == '.';
    }
    const char *copy = ok ? arena_text(x->request.arena, id) : NULL;
    if (copy)
        x->request.id = copy;
}

void exchange_read_head(struct exchange *x, const char *method)
{
    read_method(x, method);
    x->match.iroute = routes_count(x->server->routes);
    bool ok = read_headers(x);
    take_request_id(x);
    read_client(x);
    ok = ok && read_framing(x) && check_load(x) && read_base_url(x) && read_type(x) &&
         find_route(x) && read_query(x) && admit(x);
    (void)ok; /* x->error tells */
}

/* ---- the answer's head ---- */

static const char EXPOSED[] =
    "Location, Content-Length, Content-Range, Content-Disposition, ETag, WWW-Authenticate, "
    "X-VO-Authenticated, Retry-After, X-Request-Id, "
    "Server-Timing";

static void put(struct head *head, const char *name, const char *value)
{
    if (head->n < sizeof head->headers / sizeof *head->headers) {
        head->headers[head->n].name = name;
        head->headers[head->n++].value = value;
    }
}

void exchange_head(const struct exchange *x, struct head *head)
{
    head->n = 0;
    put(head, "Server", x->server->options.product);
    put(head, "X-Request-Id", x->request.id);
    put(head, "Access-Control-Allow-Origin", "*");
    put(head, "Access-Control-Expose-Headers", EXPOSED);
    put(head, "X-Content-Type-Options", "nosniff");
    for (const struct reply_header *h = x->response->headers; h; h = h->next)
        put(head, h->name, h->value);
}

static bool is_header_list(str text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = ascii_lower(text.at[i]);
        if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && !strchr("-_, ", c))
            return false;
    }
    return text.len > 0 && text.len < 1000;
}

struct http_response *exchange_preflight(struct exchange *x)
{
    struct http_response *r = http_reply(&x->request, 204);
    char methods[64];
    exchange_methods(x->match.allowed ? x->match.allowed : HTTP_GET | HTTP_POST, methods,
                     sizeof methods);
    str asked = http_request_header(&x->request, "Access-Control-Request-Headers");
    const char *headers = is_header_list(asked) ? asked.at
                                                : "Authorization, Content-Type, Range, "
                                                  "If-Range, If-None-Match, Accept";
    http_reply_header(r, "Allow", methods);
    http_reply_header(r, "Access-Control-Allow-Methods", methods);
    http_reply_header(r, "Access-Control-Allow-Headers", headers);
    http_reply_header(r, "Access-Control-Max-Age", "86400");
    return r;
}

/* ---- an answer in the middle of the body ---- */

static bool send_all(int fd, str bytes, int64_t until_ns)
{
    while (bytes.len) {
        ssize_t n = send(fd, bytes.at, bytes.len, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n > 0)
            bytes = (str){bytes.at + n, bytes.len - (size_t)n};
        else {
            struct pollfd p = {fd, POLLOUT, 0};
            if (clock_monotonic_ns() > until_ns || poll(&p, 1, 500) < 0 ||
                (p.revents & (POLLERR | POLLHUP)))
                return false;
        }
    }
    return true;
}

static void linger(int fd, int64_t until_ns)
{
    char *buffer = malloc(BLOCK_BYTES);
    shutdown(fd, SHUT_WR);
    while (buffer && clock_monotonic_ns() < until_ns) {
        struct pollfd p = {fd, POLLIN, 0};
        if (poll(&p, 1, 500) > 0 && recv(fd, buffer, BLOCK_BYTES, MSG_DONTWAIT) <= 0)
            break;
    }
    free(buffer);
}

static void print_answer(struct exchange *x, struct bytes *out)
{
    struct http_response *r = x->response;
    struct bytes body;
    bytes_init(&body, 1 << 20);
    bytes_add_format(out, "HTTP/1.1 %d %s\r\nConnection: close\r\n", r->status,
                     MHD_get_reason_phrase_for((unsigned)r->status));
    struct head head;
    exchange_head(x, &head);
    for (size_t i = 0; i < head.n; i++)
        bytes_add_format(out, "%s: %s\r\n", head.headers[i].name, head.headers[i].value);
    if (x->request.is_head)
        bytes_add_literal(out, "\r\n");
    else {
        http_response_read(r, &body);
        x->bytes_out = body.len;
        bytes_add_format(out, "Content-Length: %zu\r\n\r\n", body.len);
        bytes_add(out, bytes_str(&body));
    }
    bytes_free(&body);
}

void exchange_answer_and_close(struct exchange *x)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(x->connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    struct bytes out;
    bytes_init(&out, 2 << 20);
    print_answer(x, &out);
    int64_t until_ns = clock_deadline_ns(LINGER_S);
    if (info && !out.failed && send_all(info->connect_fd, bytes_str(&out), until_ns)) {
        x->is_closed_by_us = true;
        if (!x->is_complete)
            linger(info->connect_fd, until_ns);
    }
    bytes_free(&out);
}
