/* test_clients.c -- clients that leave, dawdle, or crowd; stopping; and our own client. */
#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>

#include "tests/unit/core-http/talk.h"

static int reason, waiting, pulls_cut;

static void set(int *flag, int value)
{
    __atomic_store_n(flag, value, __ATOMIC_SEQ_CST);
}

static int get(int *flag)
{
    return __atomic_load_n(flag, __ATOMIC_SEQ_CST);
}

static bool becomes(int *flag, int value, double seconds)
{
    int64_t until = clock_deadline_ns(seconds);
    while (get(flag) != value && clock_monotonic_ns() < until)
        poll(NULL, 0, 5);
    return get(flag) == value;
}

/* Works until somebody stops it, at most 8 s. */
static struct http_response *work(void *context, struct http_request *request)
{
    (void)context;
    set(&waiting, 1);
    cancel_sleep(request->cancel, 8);
    set(&reason, (int)cancel_reason(request->cancel));
    set(&waiting, 0);
    struct http_response *r = http_reply(request, 200);
    http_reply_bytes(r, "text/plain", STR("late"));
    return r;
}

static ssize_t endless(void *context, char *buffer, size_t max)
{
    (void)context;
    memset(buffer, 'x', max);
    return (ssize_t)max;
}

static void cut(void *context)
{
    (void)context;
    __atomic_add_fetch(&pulls_cut, 1, __ATOMIC_SEQ_CST);
}

static struct http_response *flood(void *context, struct http_request *request)
{
    (void)context;
    struct http_response *r = http_reply(request, 200);
    http_reply_pull(r, "text/plain", endless, cut, NULL);
    return r;
}

static ssize_t slow_bytes(void *context, char *buffer, size_t max)
{
    int *left = context;
    (void)max;
    poll(NULL, 0, 1500);
    if (*left == 0)
        return 0;
    buffer[0] = (char)('0' + (*left)--);
    return 1;
}

/* Longer between two bytes than the idle time of the connection. */
static struct http_response *slow(void *context, struct http_request *request)
{
    (void)context;
    int *left = arena_new_one(request->arena, int);
    *left = 2;
    struct http_response *r = http_reply(request, 200);
    http_reply_pull(r, "text/plain", slow_bytes, NULL, left);
    return r;
}

static struct http_response *say(void *context, struct http_request *request)
{
    struct http_response *r = http_reply(request, 200);
    http_reply_bytes(r, "text/plain; charset=utf-8", str_of(context));
    (void)request;
    return r;
}

static struct http_response *redirect(void *context, struct http_request *request)
{
    const struct http_param *to = http_request_param(request, "to", NULL);
    (void)context;
    return http_reply_redirect(
        request,
        to ? to->value.at : arena_format(request->arena, "%s/loop", request->base_url));
}

static struct http_response *echo(void *context, struct http_request *request)
{
    (void)context;
    str secret = http_request_header(request, "X-Secret");
    struct http_response *r = http_reply(request, 200);
    char *text = arena_format(request->arena, "%.*s|%.*s", STR_FMT(request->body),
                              (int)secret.len, secret.at ? secret.at : "");
    http_reply_bytes(r, "text/plain", str_of(text));
    return r;
}

static const struct http_route ROUTES[] = {
    {.methods = HTTP_GET, .pattern = "/work", .handle = work},
    {.methods = HTTP_GET, .pattern = "/flood", .handle = flood},
    {.methods = HTTP_GET, .pattern = "/slow", .handle = slow},
    {.methods = HTTP_GET, .pattern = "/say", .handle = say, .context = (void *)"hello"},
    {.methods = HTTP_GET, .pattern = "/to", .handle = redirect},
    {.methods = HTTP_GET, .pattern = "/loop", .handle = redirect},
    {.methods = HTTP_GET | HTTP_POST, .pattern = "/echo", .handle = echo},
};

static void start(struct http_options options)
{
    options.no_access_log = true;
    talk_start(options, ROUTES, sizeof ROUTES / sizeof *ROUTES);
}

#define REQUEST(path) "GET " path " HTTP/1.1\r\nHost: n\r\n\r\n"

/* ---- leaving ---- */

TEST(a_client_that_leaves_raises_the_token)
{
    start((struct http_options){0});
    for (int how = 0; how < 2; how++) {
        set(&reason, -1);
        int fd = talk_connect();
        talk_say(fd, REQUEST("/work"));
        CHECK(becomes(&waiting, 1, 5));
        int64_t from = clock_monotonic_ns();
        if (how == 1) { /* a reset instead of an orderly close */
            struct linger hard = {1, 0};
            setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
        }
        close(fd);
        CHECK(becomes(&waiting, 0, 5));
        CHECK_INT(get(&reason), CANCEL_CLIENT_LEFT);
        CHECK((double)(clock_monotonic_ns() - from) < 1e9);
    }
    talk_stop();
}

TEST(a_stream_ends_when_its_client_leaves)
{
    start((struct http_options){0});
    int before = get(&pulls_cut), fd = talk_connect();
    char some[1000];
    talk_say(fd, REQUEST("/flood"));
    CHECK(recv(fd, some, sizeof some, 0) > 0);
    close(fd);
    CHECK(becomes(&pulls_cut, before + 1, 5));
    talk_stop();
}

TEST(a_long_pause_of_ours_is_not_the_clients)
{
    start((struct http_options){.idle_s = 1});
    talk_line("GET /slow", "");
    CHECK(talk_has(talk_reply, "\r\n2\r\n1\r\n1\r\n0\r\n\r\n"));
    talk_stop();
}

/* ---- dawdling ---- */

static double seconds_until_closed(int fd)
{
    int64_t from = clock_monotonic_ns();
    free(talk_hear(fd, NULL));
    close(fd);
    return (double)(clock_monotonic_ns() - from) * 1e-9;
}

TEST(slow_headers_are_cut)
{
    start((struct http_options){.header_s = 1, .idle_s = 20});
    int fd = talk_connect();
    int64_t until = clock_deadline_ns(5);
    talk_say(fd, "GET /say HTTP/1.1\r\nHost: n\r\n");
    while (clock_monotonic_ns() < until && talk_say(fd, "X: y\r\n")) /* never silent */
        poll(NULL, 0, 50);
    CHECK(clock_monotonic_ns() < until);
    close(fd);
    talk_stop();
}

TEST(slow_bodies_are_cut)
{
    start((struct http_options){.stall_s = 1, .idle_s = 20});
    int fd = talk_connect();
    int64_t until = clock_deadline_ns(6);
    talk_say(fd, "POST /echo HTTP/1.1\r\nHost: n\r\nContent-Length: 100000\r\n\r\n");
    while (clock_monotonic_ns() < until && talk_say(fd, "z"))
        poll(NULL, 0, 50);
    CHECK(clock_monotonic_ns() < until);
    close(fd);
    talk_stop();
}

TEST(slow_readers_are_cut)
{
    start((struct http_options){.stall_s = 0.5, .idle_s = 20});
    int before = get(&pulls_cut), fd = talk_connect();
    talk_say(fd, REQUEST("/flood"));
    CHECK(becomes(&pulls_cut, before + 1, 8)); /* nothing is ever read */
    close(fd);
    talk_stop();
}

TEST(idle_connections_are_closed)
{
    start((struct http_options){.idle_s = 1});
    int fd = talk_connect();
    double seconds = seconds_until_closed(fd);
    CHECK(seconds > 0.5 && seconds < 5);
    talk_stop();
}

/* ---- crowding ---- */

TEST(idle_crowds_make_room)
{
    start((struct http_options){.max_connections = 10, .idle_s = 60});
    int fds[10];
    for (int i = 0; i < 10; i++)
        fds[i] = talk_connect();
    CHECK_INT(talk_status(talk_line("GET /say", "")), 503);
    CHECK(talk_has(talk_reply, "Retry-After: "));
    int64_t until = clock_deadline_ns(5);
    while (talk_status(talk_line("GET /say", "")) == 503 && clock_monotonic_ns() < until)
        poll(NULL, 0, 100);
    CHECK_INT(talk_status(talk_reply), 200); /* some of the idle ones had to go */
    for (int i = 0; i < 10; i++)
        close(fds[i]);
    talk_stop();
}

TEST(one_address_has_its_share)
{
    start((struct http_options){.max_connections = 50, .max_connections_per_ip = 3});
    int fds[3];
    for (int i = 0; i < 3; i++) {
        fds[i] = talk_connect();
        talk_say(fds[i], REQUEST("/say"));
        char some[100];
        CHECK(recv(fds[i], some, sizeof some, 0) > 0);
    }
    CHECK_INT(talk_status(talk_line("GET /say", "")), 503);
    CHECK(talk_has(talk_reply, "Retry-After: 5"));
    CHECK(talk_has(talk_reply, "3 connections open"));
    for (int i = 0; i < 3; i++)
        close(fds[i]);
    int64_t until = clock_deadline_ns(5);
    while (talk_status(talk_line("GET /say", "")) == 503 && clock_monotonic_ns() < until)
        poll(NULL, 0, 20);
    CHECK_INT(talk_status(talk_reply), 200); /* its share is free again */
    talk_stop();
}

TEST(proxies_are_not_counted)
{
    static const char *const PROXY[] = {"127.0.0.0/8", NULL};
    start((struct http_options){
        .max_connections = 50, .max_connections_per_ip = 2, .trusted_proxies = PROXY});
    int fds[4];
    for (int i = 0; i < 4; i++)
        fds[i] = talk_connect();
    CHECK_INT(talk_status(talk_line("GET /say", "")), 200);
    for (int i = 0; i < 4; i++)
        close(fds[i]);
    talk_stop();
}

/* ---- stopping ---- */

static char *late_reply;

static void *ask_for_work(void *context)
{
    int fd = *(int *)context;
    late_reply = talk_hear(fd, NULL);
    return NULL;
}

TEST(stopping_tells_running_requests)
{
    start((struct http_options){0});
    set(&reason, -1);
    int fd = talk_connect();
    pthread_t thread;
    talk_say(fd, REQUEST("/work"));
    CHECK(becomes(&waiting, 1, 5));
    CHECK_INT(http_server_active(talk_server), 1);
    pthread_create(&thread, NULL, ask_for_work, &fd);
    int64_t from = clock_monotonic_ns();
    http_server_stop(talk_server, 0.3);
    double seconds = (double)(clock_monotonic_ns() - from) * 1e-9;
    pthread_join(thread, NULL);
    CHECK_INT(get(&reason), CANCEL_SHUTDOWN);
    CHECK(seconds > 0.25 && seconds < 4);
    CHECK(talk_has(late_reply, "late")); /* the answer still went out */
    CHECK(talk_has(late_reply, "Connection: close"));
    free(late_reply);
    close(fd);
    talk_stop();
}

/* ---- our client ---- */

static struct err problem;
static struct http_fetched got;

static char *fetched(const char *path, struct http_fetch_limits limits)
{
    static char text[200];
    char url[1200];
    problem = (struct err){0};
    snprintf(url, sizeof url, "http://127.0.0.1:%u%s", http_server_port(talk_server), path);
    FILE *file = tmpfile();
    bool ok = http_fetch(url, &limits, NULL, fileno(file), &got, &problem);
    rewind(file);
    size_t n = fread(text, 1, sizeof text - 1, file);
    text[n] = '\0';
    fclose(file);
    return ok ? text : NULL;
}

static const struct http_fetch_limits LOCAL = {.allow_private = true, .seconds = 5};

/* DALI-6: what has moved is fetched where it is now. */
TEST(fetch_into_a_file)
{
    start((struct http_options){0});
    CHECK_TEXT(fetched("/say", LOCAL), "hello");
    CHECK_TEXT(got.content_type, "text/plain; charset=utf-8");
    CHECK_INT(got.bytes, 5);
    CHECK_INT(got.status, 200);
    char path[200];
    snprintf(path, sizeof path, "/to?to=http://localhost:%u/say",
             http_server_port(talk_server));
    CHECK_TEXT(fetched(path, LOCAL), "hello");
    CHECK(strstr(got.url, "http://localhost:"));
    CHECK(!fetched("/nowhere", LOCAL));
    CHECK_INT(problem.kind, ERR_USAGE);
    CHECK(!fetched("/loop", LOCAL));
    CHECK_INT(problem.kind, ERR_UNAVAILABLE);
}

TEST(fetch_has_limits)
{
    struct http_fetch_limits few = {.allow_private = true, .bytes = 100000};
    CHECK(!fetched("/flood", few));
    CHECK_INT(problem.kind, ERR_LIMIT);
    struct http_fetch_limits brief = {.allow_private = true, .seconds = 0.5};
    int64_t from = clock_monotonic_ns();
    CHECK(!fetched("/work", brief));
    CHECK_INT(problem.kind, ERR_TIMEOUT);
    CHECK((double)(clock_monotonic_ns() - from) < 3e9);
}

static void *raise_soon(void *cancel)
{
    poll(NULL, 0, 200);
    cancel_raise(cancel, CANCEL_ABORTED);
    return NULL;
}

TEST(fetch_is_cancelled_at_once)
{
    char url[100];
    struct cancel *cancel = cancel_new();
    pthread_t thread;
    problem = (struct err){0};
    snprintf(url, sizeof url, "http://127.0.0.1:%u/work", http_server_port(talk_server));
    pthread_create(&thread, NULL, raise_soon, cancel);
    int64_t from = clock_monotonic_ns();
    CHECK(!http_fetch(url, &LOCAL, cancel, 1, &got, &problem));
    CHECK((double)(clock_monotonic_ns() - from) < 1e9);
    CHECK_INT(problem.kind, ERR_CANCELLED);
    pthread_join(thread, NULL);
    cancel_drop(cancel);
}

static bool refused(const char *url)
{
    struct http_fetch_limits limits = {.seconds = 3};
    problem = (struct err){0};
    return !http_fetch(url, &limits, NULL, 1, &got, &problem) && problem.kind == ERR_USAGE;
}

/* The attack list of the service: nothing inside is reached, whatever the spelling. */
TEST(fetch_refuses_inner_addresses)
{
    static const char *const BAD[] = {
        "http://127.0.0.1/",
        "http://localhost/",
        "http://2130706433/",
        "http://0x7f.1/",
        "http://017700000001/",
        "http://0/",
        "http://0.0.0.0/",
        "http://10.1.2.3/",
        "http://172.16.0.1/",
        "http://192.168.1.1/",
        "http://169.254.169.254/",
        "http://100.64.0.1/",
        "http://224.0.0.1/",
        "http://255.255.255.255/",
        "http://[::1]/",
        "http://[::]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[fe80::1]/",
        "http://[fc00::1]/",
        "http://[64:ff9b::7f00:1]/",
        "http://[2002:7f00:1::]/",
        "http://[ff02::1]/",
        "file:///etc/passwd",
        "gopher://example.org/",
        "ftp://example.org/x",
        "http://user:pw@example.org/",
        "http://user@example.org/",
        "http://example.org:25/",
        "//example.org/",
        "example.org",
        "",
        "dict://127.0.0.1:11211/",
    };
    for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++)
        if (!refused(BAD[i]))
            TEST_FAIL("%s: %.200s", BAD[i], problem.message);
}

TEST(fetch_vets_redirects)
{
    struct http_fetch_limits limits = {.allow_private = true, .seconds = 3};
    static const char *const BAD[] = {"/to?to=file:///etc/passwd",
                                      "/to?to=http://u:p@127.0.0.1/",
                                      "/to?to=gopher://127.0.0.1/"};
    for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++)
        if (fetched(BAD[i], limits) || problem.kind != ERR_USAGE)
            TEST_FAIL("%s: %.200s", BAD[i], problem.message);
}

static bool collect(void *context, const char *bytes, size_t n, struct err *e)
{
    (void)e;
    bytes_add(context, (str){bytes, n});
    return true;
}

TEST(calls_post_and_keep_secrets)
{
    char url[100], target[200];
    struct bytes answer;
    struct http_header secret = {STR("X-Secret"), STR("token")};
    bytes_init(&answer, 10000);
    snprintf(url, sizeof url, "http://127.0.0.1:%u/echo", http_server_port(talk_server));
    struct http_call call = {.url = url,
                             .headers = &secret,
                             .nheader = 1,
                             .body = STR("a=1"),
                             .content_type = "text/plain",
                             .take = collect,
                             .context = &answer,
                             .limits = LOCAL};
    CHECK(http_client_call(&call, &got, &problem));
    CHECK_TEXT(bytes_text(&answer), "a=1|token");
    /* another host of a redirect does not get the headers */
    snprintf(target, sizeof target, "http://127.0.0.1:%u/to?to=http://localhost:%u/echo",
             http_server_port(talk_server), http_server_port(talk_server));
    bytes_clear(&answer);
    call.url = target;
    call.body = (str){NULL, 0};
    CHECK(http_client_call(&call, &got, &problem));
    CHECK_TEXT(bytes_text(&answer), "|");
    bytes_free(&answer);
    talk_stop();
    free(talk_reply);
    talk_reply = NULL;
}

RUN_TESTS(T(a_client_that_leaves_raises_the_token), T(a_stream_ends_when_its_client_leaves),
          T(a_long_pause_of_ours_is_not_the_clients), T(slow_headers_are_cut),
          T(slow_bodies_are_cut), T(slow_readers_are_cut), T(idle_connections_are_closed),
          T(idle_crowds_make_room), T(one_address_has_its_share),
          T(proxies_are_not_counted), T(stopping_tells_running_requests),
          T(fetch_into_a_file), T(fetch_has_limits), T(fetch_is_cancelled_at_once),
          T(fetch_refuses_inner_addresses), T(fetch_vets_redirects),
          T(calls_post_and_keep_secrets))
