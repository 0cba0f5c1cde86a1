/* test_server.c -- requests over loopback: routes, forms, errors, CORS, limits, streaming.
 */
#include <fcntl.h>
#include <sys/stat.h>

#include "core/base/num.h"
#include "tests/unit/core-http/talk.h"

/* ---- handlers ---- */

static struct http_response *show_params(void *context, struct http_request *request)
{
    (void)context;
    struct bytes out;
    bytes_init(&out, 32 << 20);
    bytes_add_format(&out, "%d %.*s|%.*s|%.*s|%s|", (int)request->method,
                     STR_FMT(request->path), STR_FMT(request->rest),
                     STR_FMT(http_request_capture(request, "table")), request->base_url);
    for (size_t i = 0; i < request->nparam; i++) {
        const struct http_param *p = &request->params[i];
        bytes_add_format(&out, "%.*s=", STR_FMT(p->name));
        bytes_add(&out, p->value);
        bytes_add_format(&out, "%s:%llu;", p->origin == HTTP_FROM_BODY ? "b" : "q",
                         (unsigned long long)p->bytes);
    }
    if (request->body_bytes)
        bytes_add_format(&out, "raw %llu %s", (unsigned long long)request->body_bytes,
                         request->body_path ? "file" : request->body.at);
    struct http_response *r = http_reply(request, 200);
    http_reply_buffer(r, "text/plain", &out);
    return r;
}

struct count_down {
    uint64_t left;
    bool fails;
};

static int closes;

static void closed(void *context)
{
    (void)context;
    __atomic_add_fetch(&closes, 1, __ATOMIC_SEQ_CST);
}

/* A request ends a moment after its client has read the answer. */
static bool closes_are(int wanted)
{
    for (int i = 0; i < 300; i++) {
        if (__atomic_load_n(&closes, __ATOMIC_SEQ_CST) == wanted)
            return true;
        poll(NULL, 0, 10);
    }
    return false;
}

static ssize_t pull_bytes(void *context, char *buffer, size_t max)
{
    struct count_down *c = context;
    size_t n = c->left < max ? (size_t)c->left : max;
    if (n == 0)
        return c->fails ? -1 : 0;
    memset(buffer, 'a', n);
    c->left -= n;
    return (ssize_t)n;
}

static struct http_response *stream(void *context, struct http_request *request)
{
    struct count_down *c = arena_new_one(request->arena, struct count_down);
    const struct http_param *n = http_request_param(request, "n", NULL);
    int64_t bytes = 10;
    if (n)
        num_parse_int(n->value, &bytes);
    c->left = (uint64_t)bytes;
    c->fails = context != NULL;
    struct http_response *r = http_reply(request, 200);
    http_reply_pull(r, "text/plain", pull_bytes, closed, c);
    return r;
}

static struct http_response *hidden(void *context, struct http_request *request)
{
    (void)context;
    http_reply_header(http_reply(request, 200), "X", "dropped");
    struct http_response *r =
        http_reply_redirect(request, "http://node/a\r\nSet-Cookie: x=1");
    return r;
}

static struct http_response *nothing(void *context, struct http_request *request)
{
    (void)context, (void)request;
    return NULL;
}

static struct http_response *xml_error(void *context, struct http_request *request,
                                       const struct err *error)
{
    (void)context;
    struct http_response *r = http_reply(request, err_http_status(error->kind));
    char *text = arena_format(request->arena, "<error>%s</error>", error->message);
    http_reply_bytes(r, "text/xml", str_of(text));
    return r;
}

static bool admit(void *context, struct http_request *request, struct err *e)
{
    (void)context;
    if (str_eq(http_request_header(request, "Authorization"), STR("bad")))
        return err_set(e, ERR_LOGIN, "who are you?");
    request->user = "someone";
    return true;
}

static char file_path[] = "/tmp/colure-test-XXXXXX";

static struct http_response *file(void *context, struct http_request *request)
{
    (void)context;
    struct err e = {0};
    struct http_response *r = http_reply(request, 200);
    return http_reply_file_path(r, "application/fits", file_path, &e)
               ? r
               : http_reply_error(request, &e);
}

static const struct http_route ROUTES[] = {
    {.methods = HTTP_GET | HTTP_POST, .pattern = "/tap/sync", .handle = show_params},
    {.methods = HTTP_GET, .pattern = "/tap/tables/{table}", .handle = show_params},
    {.methods = HTTP_GET | HTTP_POST | HTTP_PUT | HTTP_DELETE,
     .pattern = "/tap/async/{...}",
     .handle = show_params},
    {.methods = HTTP_POST,
     .pattern = "/small",
     .handle = show_params,
     .max_body_bytes = 1000,
     .render_error = xml_error},
    {.methods = HTTP_GET, .pattern = "/stream", .handle = stream},
    {.methods = HTTP_GET, .pattern = "/broken", .handle = stream, .context = file_path},
    {.methods = HTTP_GET, .pattern = "/hidden", .handle = hidden},
    {.methods = HTTP_GET, .pattern = "/nothing", .handle = nothing},
    {.methods = HTTP_GET, .pattern = "/file", .handle = file},
};

static void start(void)
{
    if (!talk_server)
        talk_start((struct http_options){.no_access_log = true,
                                         .product = "Colure/1",
                                         .admit = admit,
                                         .max_value_bytes = 4 << 20},
                   ROUTES, sizeof ROUTES / sizeof *ROUTES);
}

/* ---- routes ---- */

TEST(routes_and_captures)
{
    start();
    CHECK_TEXT(talk_body(talk_line("GET /tap/sync?A=1&a=2", "")),
               "1 /tap/sync|||http://node|A=1q:1;a=2q:1;");
    CHECK_TEXT(talk_body(talk_line("GET //tap/sync/", "")), "1 /tap/sync|||http://node|");
    CHECK_TEXT(talk_body(talk_line("GET /tap/tables/ivoa%2EObs%2Fx%20y", "")),
               "1 /tap/tables/ivoa.Obs/x y||ivoa.Obs/x y|http://node|");
    CHECK_TEXT(talk_body(talk_line("GET /tap/async", "")), "1 /tap/async|||http://node|");
    CHECK_TEXT(talk_body(talk_line("DELETE /tap/async/a7f3/phase/", "")),
               "8 /tap/async/a7f3/phase|a7f3/phase||http://node|");
}

TEST(routes_refused)
{
    start();
    CHECK_INT(talk_status(talk_line("GET /nowhere", "")), 404);
    CHECK(talk_has(talk_reply, "Access-Control-Allow-Origin: *"));
    CHECK_INT(talk_status(talk_line("GET /tap/tables", "")), 404);
    CHECK_INT(talk_status(talk_line("PUT /tap/sync", "Content-Length: 0\r\n")), 405);
    CHECK(talk_has(talk_reply, "Allow: GET, HEAD, POST, OPTIONS"));
    CHECK_INT(talk_status(talk_line("BREW /tap/sync", "")), 405);
    CHECK_INT(talk_status(talk_line("GET /tap/%2e%2e/etc", "")), 400);
    CHECK_INT(talk_status(talk_line("GET /tap/sync?a=%zz", "")), 400);
    CHECK(talk_has(talk_reply, "bad percent escape '%zz'"));
    CHECK_INT(talk_status(talk_line("GET /nothing", "")), 500);
}

TEST(head_wherever_get)
{
    start();
    CHECK_INT(talk_status(talk_line("HEAD /tap/sync?A=1", "")), 200);
    CHECK_TEXT(talk_body(talk_reply), "");
    CHECK(talk_has(talk_reply, "Content-Length: 33\r\n"));
    int before = __atomic_load_n(&closes, __ATOMIC_SEQ_CST);
    CHECK_INT(talk_status(talk_line("HEAD /stream", "")), 200);
    CHECK_TEXT(talk_body(talk_reply), "");
    CHECK(closes_are(before + 1));
}

/* clients.md 4.4: browsers need CORS on everything. */
TEST(cors_preflight_and_exposed_headers)
{
    start();
    CHECK_INT(talk_status(talk_line("OPTIONS /tap/sync",
                                    "Origin: https://x\r\nAccess-Control-Request-Headers: "
                                    "range, x-foo\r\n")),
              204);
    CHECK(talk_has(talk_reply, "Access-Control-Allow-Methods: GET, HEAD, POST, OPTIONS"));
    CHECK(talk_has(talk_reply, "Access-Control-Allow-Headers: range, x-foo"));
    CHECK_INT(talk_status(talk_line("OPTIONS /nowhere", "")), 204);
    talk_line("GET /tap/sync", "");
    CHECK(talk_has(talk_reply, "Access-Control-Expose-Headers: Location, Content-Length"));
    CHECK(talk_has(talk_reply, "Server: Colure/1\r\n"));
    CHECK(talk_has(talk_reply, "X-Request-Id: "));
}

TEST(header_values_cannot_split)
{
    start();
    CHECK_INT(talk_status(talk_line("GET /hidden", "")), 303);
    CHECK(talk_has(talk_reply, "Location: http://node/a  Set-Cookie: x=1\r\n"));
    CHECK(!talk_has(talk_reply, "\nSet-Cookie"));
}

/* ---- parameters ---- */

TEST(long_query_strings)
{
    start();
    static char line[100100];
    int n = snprintf(line, sizeof line, "GET /tap/sync?QUERY=");
    memset(line + n, 'x', 100000);
    CHECK_INT(talk_status(talk_line(line, "")), 200);
    CHECK(talk_has(talk_reply, "xxxq:100000;"));
    /* many small parameters are ours to count, not the library's */
    for (int i = 0; i < 99000; i += 4)
        memcpy(line + n + i, "&a=1", 4);
    line[n + 99000] = '\0';
    CHECK_INT(talk_status(talk_line(line, "")), 200);
    CHECK(talk_has(talk_reply, "a=1q:1;a=1q:1;"));
}

static const char *post(const char *target, const char *type, const char *body, size_t n)
{
    char *request = malloc(n + 500);
    int head = snprintf(request, 500,
                        "POST %s HTTP/1.1\r\nHost: node\r\nConnection: close\r\n"
                        "Content-Type: %s\r\nContent-Length: %zu\r\n\r\n",
                        target, type, n);
    memcpy(request + head, body, n);
    const char *reply = talk_bytes(request, (size_t)head + n);
    free(request);
    return reply;
}

#define FORM_TYPE "application/x-www-form-urlencoded"

/* DALI pitfall 9: query string and body both count. */
TEST(form_and_query_are_merged)
{
    start();
    CHECK_TEXT(talk_body(post("/tap/sync?LANG=ADQL",
                              "Application/X-WWW-Form-Urlencoded; charset=UTF-8",
                              "lang=PQL&QUERY=SELECT+1", 23)),
               "2 /tap/sync|||http://node|LANG=ADQLq:4;lang=PQLb:3;QUERY=SELECT 1b:8;");
    CHECK_INT(talk_status(post("/tap/sync", FORM_TYPE, "a=%C3%28", 8)), 400);
    CHECK(talk_has(talk_reply, "not UTF-8"));
    CHECK_TEXT(talk_body(post("/tap/sync", "text/plain", "hello", 5)),
               "2 /tap/sync|||http://node|raw 5 hello");
}

static const char CHUNKED[] =
    "POST /tap/sync HTTP/1.1\r\nHost: node\r\nConnection: close\r\n"
    "Transfer-Encoding: chunked\r\nContent-Type: " FORM_TYPE "\r\n\r\n"
    "5;ext=1\r\nA=1&B\r\n1\r\n=\r\n2\r\n%4\r\n1\r\n1\r\n0\r\n\r\n";

/* STILTS sends chunked bodies (clients.md 3.3). */
TEST(chunked_bodies)
{
    start();
    CHECK_TEXT(talk_body(talk(CHUNKED)), "2 /tap/sync|||http://node|A=1b:1;B=Ab:1;");
}

TEST(large_raw_body_is_a_file)
{
    start();
    size_t n = 3 << 20;
    char *body = malloc(n);
    memset(body, 'z', n);
    CHECK_TEXT(talk_body(post("/tap/sync", "application/x-tar", body, n)),
               "2 /tap/sync|||http://node|raw 3145728 file");
    free(body);
}

TEST(limits_are_told)
{
    start();
    size_t n = 5 << 20;
    char *body = malloc(n);
    memset(body, 'a', n);
    /* announced too large: refused before it is read, in the words of the route */
    CHECK_INT(talk_status(post("/small", FORM_TYPE, body, n)), 413);
    CHECK(talk_has(talk_reply, "<error>the request's body of 5242880 bytes"));
    CHECK(talk_has(talk_reply, "Access-Control-Allow-Origin: *"));
    CHECK_INT(talk_status(post("/small", FORM_TYPE, body, 1001)), 413);
    /* found out while reading */
    CHECK_INT(talk_status(post("/tap/sync", FORM_TYPE, body, n)), 413);
    CHECK(talk_has(talk_reply, "the form is larger"));
    for (size_t i = 0; i + 2 < n; i += 2)
        memcpy(body + i, "a&", 2);
    CHECK_INT(talk_status(post("/tap/sync", FORM_TYPE, body, 300000)), 413);
    CHECK(talk_has(talk_reply, "more than 100000 parameters"));
    CHECK_INT(talk_status(post("/tap/sync", "multipart/form-data", body, 100)), 400);
    free(body);
}

TEST(header_floods_end)
{
    start();
    static char headers[300000];
    size_t n = 0;
    for (int i = 0; i < 250; i++)
        n += (size_t)snprintf(headers + n, sizeof headers - n, "X-%d: y\r\n", i);
    CHECK_INT(talk_status(talk_line("GET /tap/sync", headers)), 413);
    memset(headers, 'y', sizeof headers - 1);
    memcpy(headers, "X: ", 3);
    memcpy(headers + sizeof headers - 3, "\r\n", 3);
    int status = talk_status(talk_line("GET /tap/sync", headers));
    CHECK(status == 431 || status == 413);
}

/* Two programs must not see two different requests. */
TEST(smuggling_is_refused)
{
    start();
    static const char *const BAD[] = {
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        "Content-Length: 5\r\nContent-Length: 6\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
        "Transfer-Encoding: gzip, chunked\r\n",
        "Content-Length: +5\r\n",
        "Content-Length: 5, 5\r\n",
        "Host: other\r\n",
    };
    for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++) {
        char request[500];
        snprintf(request, sizeof request,
                 "POST /tap/sync HTTP/1.1\r\nHost: node\r\n%s\r\n0\r\n\r\nGET /hidden "
                 "HTTP/1.1\r\n"
                 "Host: node\r\nConnection: close\r\n\r\n",
                 BAD[i]);
        talk(request);
        if (talk_status(talk_reply) != 400 || talk_has(talk_reply, "HTTP/1.1 303"))
            TEST_FAIL("%s gave %.80s", BAD[i], talk_reply);
    }
    CHECK_INT(talk_status(talk("GET /tap/sync HTTP/1.1\r\n\r\n")), 400);
    CHECK_INT(talk_status(talk_line("POST /tap/sync", "Content-Encoding: gzip\r\n"
                                                      "Content-Length: 0\r\n")),
              200);
    CHECK_INT(
        talk_status(post("/tap/sync", FORM_TYPE "\r\nContent-Encoding: gzip", "a=1", 3)),
        400);
    CHECK(talk_has(talk_reply, "Content-Encoding gzip is not read"));
    CHECK_INT(talk_status(talk_line("GET /tap/sync", "Host: a b\r\n")), 400);
}

TEST(expect_100_continue)
{
    start();
    int fd = talk_connect();
    char reply[600] = {0};
    talk_say(fd, "POST /tap/sync HTTP/1.1\r\nHost: n\r\nExpect: "
                 "100-continue\r\nContent-Length: 3\r\n"
                 "Content-Type: " FORM_TYPE "\r\nConnection: close\r\n\r\n");
    CHECK(recv(fd, reply, sizeof reply - 1, 0) > 0);
    CHECK_TEXT(reply, "HTTP/1.1 100 Continue\r\n\r\n");
    talk_say(fd, "A=1");
    char *rest = talk_hear(fd, NULL);
    CHECK_TEXT(talk_body(rest), "2 /tap/sync|||http://n|A=1b:1;");
    free(rest);
    close(fd);
    /* a body that will be refused is not asked for */
    CHECK_INT(talk_status(talk_line("POST /small",
                                    "Expect: 100-continue\r\nContent-Length: 5000\r\n")),
              413);
    CHECK_INT(talk_status(talk_line("POST /tap/sync",
                                    "Authorization: bad\r\nExpect: 100-continue\r\n"
                                    "Content-Length: 5000\r\n")),
              401);
}

TEST(admit_refuses)
{
    start();
    CHECK_INT(talk_status(talk_line("GET /tap/sync", "Authorization: bad\r\n")), 401);
    CHECK(talk_has(talk_reply, "who are you?"));
}

TEST(keep_alive_serves_several)
{
    start();
    int fd = talk_connect();
    talk_say(fd, "POST /nowhere HTTP/1.1\r\nHost: n\r\nContent-Length: 5\r\n\r\nhello"
                 "GET /tap/sync?a=1 HTTP/1.1\r\nHost: n\r\n\r\n"
                 "GET /tap/sync?a=2 HTTP/1.1\r\nHost: n\r\nConnection: close\r\n\r\n");
    char *all = talk_hear(fd, NULL);
    CHECK(talk_has(all, "404 Not Found") && talk_has(all, "a=1q:1;") &&
          talk_has(all, "a=2q:1;"));
    free(all);
    close(fd);
}

/* ---- streams and files ---- */

TEST(streams_are_chunked_and_closed)
{
    start();
    int before = __atomic_load_n(&closes, __ATOMIC_SEQ_CST);
    talk_line("GET /stream?n=300000", "");
    CHECK(talk_has(talk_reply, "Transfer-Encoding: chunked"));
    CHECK(strcmp(talk_reply + strlen(talk_reply) - 5, "0\r\n\r\n") == 0);
    CHECK(closes_are(before + 1));
    CHECK_TEXT(talk_body(talk("GET /stream?n=5 HTTP/1.0\r\n\r\n")), "aaaaa");
}

/* A late failure must not look like a complete answer. */
TEST(failed_streams_are_cut)
{
    start();
    int before = __atomic_load_n(&closes, __ATOMIC_SEQ_CST);
    talk_line("GET /broken?n=300000", "");
    CHECK_INT(talk_status(talk_reply), 200);
    CHECK(strcmp(talk_reply + strlen(talk_reply) - 5, "0\r\n\r\n") != 0);
    CHECK(closes_are(before + 1));
}

static void header_of(const char *reply, const char *name, char out[100])
{
    char start_of[50];
    snprintf(start_of, sizeof start_of, "\r\n%s: ", name);
    const char *at = strstr(reply, start_of);
    CHECK(at);
    str rest = str_of(at + strlen(start_of)), value = str_cut(&rest, '\r');
    snprintf(out, 100, "%.*s", STR_FMT(value));
}

TEST(files_with_ranges_and_conditions)
{
    start();
    int fd = mkstemp(file_path);
    CHECK(write(fd, "0123456789", 10) == 10);
    close(fd);
    char etag[100], date[100], headers[400];
    talk_line("GET /file", "");
    CHECK_TEXT(talk_body(talk_reply), "0123456789");
    CHECK(talk_has(talk_reply, "Accept-Ranges: bytes\r\n"));
    CHECK(talk_has(talk_reply, "Content-Length: 10\r\n"));
    header_of(talk_reply, "ETag", etag);
    header_of(talk_reply, "Last-Modified", date);
    static const struct {
        const char *range, *content, *body;
        int status;
    } RANGES[] = {
        {"bytes=2-4", "Content-Range: bytes 2-4/10\r\n", "234", 206},
        {"bytes=7-", "Content-Range: bytes 7-9/10\r\n", "789", 206},
        {"bytes=-2", "Content-Range: bytes 8-9/10\r\n", "89", 206},
        {"bytes=8-100", "Content-Range: bytes 8-9/10\r\n", "89", 206},
        {"bytes=-100", "Content-Range: bytes 0-9/10\r\n", "0123456789", 206},
        {"bytes=10-", "Content-Range: bytes */10\r\n", "", 416},
        {"bytes=-0", "Content-Range: bytes */10\r\n", "", 416},
        {"bytes=0-1,4-5", "", "0123456789", 200},
        {"bytes=4-2", "", "0123456789", 200},
        {"bytes=x-", "", "0123456789", 200},
        {"rows=1-2", "", "0123456789", 200},
    };
    for (size_t i = 0; i < sizeof RANGES / sizeof *RANGES; i++) {
        snprintf(headers, sizeof headers, "Range: %s\r\n", RANGES[i].range);
        talk_line("GET /file", headers);
        if (talk_status(talk_reply) != RANGES[i].status ||
            !talk_has(talk_reply, RANGES[i].content) ||
            strcmp(talk_body(talk_reply), RANGES[i].body) != 0)
            TEST_FAIL("%s: %.500s", RANGES[i].range, talk_reply);
    }
    snprintf(headers, sizeof headers, "If-None-Match: \"x\", W/%s\r\n", etag);
    CHECK_INT(talk_status(talk_line("GET /file", headers)), 304);
    CHECK_TEXT(talk_body(talk_reply), "");
    snprintf(headers, sizeof headers, "If-Modified-Since: %s\r\n", date);
    CHECK_INT(talk_status(talk_line("GET /file", headers)), 304);
    snprintf(headers, sizeof headers, "Range: bytes=0-1\r\nIf-Range: \"other\"\r\n");
    CHECK_INT(talk_status(talk_line("GET /file", headers)), 200);
    snprintf(headers, sizeof headers, "Range: bytes=0-1\r\nIf-Range: %s\r\n", etag);
    CHECK_INT(talk_status(talk_line("GET /file", headers)), 206);
    CHECK_INT(talk_status(talk_line("HEAD /file", "")), 200);
    CHECK(talk_has(talk_reply, "Content-Length: 10\r\n"));
    CHECK_TEXT(talk_body(talk_reply), "");
    unlink(file_path);
    CHECK_INT(talk_status(talk_line("GET /file", "")), 404);
    CHECK_INT(symlink("/etc/passwd", file_path), 0);
    CHECK_INT(talk_status(talk_line("GET /file", "")), 404);
    unlink(file_path);
}

static uint64_t counted;

static void count(void *context, const struct http_count *c)
{
    (void)context;
    if (strcmp(c->pattern, "/file") == 0 && c->status == 304)
        counted = c->requests;
}

TEST(counters_know_route_and_status)
{
    start();
    for (int i = 0; i < 300 && counted != 2; i++, poll(NULL, 0, 10))
        http_server_counts(talk_server, count, NULL);
    CHECK_INT(counted, 2);
    struct err e = {0};
    struct http_server *other = http_server_new(&(struct http_options){0}, &e);
    CHECK(!http_server_route(
        other,
        (struct http_route[]){{HTTP_GET, "/a/{b}/{...}/c", stream, NULL, NULL, NULL, 0}}, 1,
        &e));
    e = (struct err){0};
    CHECK(http_server_route(
        other, (struct http_route[]){{HTTP_GET, "/a/{b}", stream, NULL, NULL, NULL, 0}}, 1,
        &e));
    CHECK(!http_server_route(other,
                             (struct http_route[]){{HTTP_GET | HTTP_POST, "/a/{c}", stream,
                                                    NULL, NULL, NULL, 0}},
                             1, &e));
    http_server_free(other);
    talk_stop();
    free(talk_reply);
    talk_reply = NULL;
}

RUN_TESTS(T(routes_and_captures), T(routes_refused), T(head_wherever_get),
          T(cors_preflight_and_exposed_headers), T(header_values_cannot_split),
          T(long_query_strings), T(form_and_query_are_merged), T(chunked_bodies),
          T(large_raw_body_is_a_file), T(limits_are_told), T(header_floods_end),
          T(smuggling_is_refused), T(expect_100_continue), T(admit_refuses),
          T(keep_alive_serves_several), T(streams_are_chunked_and_closed),
          T(failed_streams_are_cut), T(files_with_ranges_and_conditions),
          T(counters_know_route_and_status))
