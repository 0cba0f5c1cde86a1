/* test_proxy.c -- whose word counts about who asks; and the name that a request goes by. */
#include "core/http/http_int.h"
#include "tests/unit/core-http/talk.h"

static str client_of(const char *const *proxies, const char *peer, const char *one,
                     const char *two)
{
    struct err e = {0};
    struct http_header header[] = {{STR("X-Forwarded-For"), str_of(one ? one : "")},
                                   {STR("x-forwarded-for"), str_of(two ? two : "")}};
    struct http_request request = {.headers = header, .nheader = two ? 2 : one ? 1 : 0};
    struct proxies *p = proxies_new(proxies, &e);
    CHECK(p != NULL);
    str client = proxies_client(p, &request, str_of(peer));
    proxies_free(p);
    return client;
}

static const char *const NONE[] = {NULL};
static const char *const LOCAL[] = {"127.0.0.1", "10.0.0.0/8", "fd00::/8", NULL};

#define CHECK_CLIENT(want, proxies, peer, one, two)                                        \
    CHECK(str_eq(client_of(proxies, peer, one, two), STR(want)))

TEST(only_named_proxies_are_believed)
{
    CHECK_CLIENT("192.0.2.1", NONE, "192.0.2.1", "203.0.113.9", NULL);
    CHECK_CLIENT("127.0.0.1", NONE, "127.0.0.1", "203.0.113.9", NULL);
    CHECK_CLIENT("192.0.2.1", LOCAL, "192.0.2.1", "203.0.113.9", NULL);
    CHECK_CLIENT("203.0.113.9", LOCAL, "127.0.0.1", "203.0.113.9", NULL);
    CHECK_CLIENT("203.0.113.9", LOCAL, "10.255.0.7", "203.0.113.9", NULL);
    CHECK_CLIENT("2001:db8::5", LOCAL, "fd12::1", "2001:db8::5", NULL);
    CHECK_CLIENT("11.0.0.1", LOCAL, "11.0.0.1", "203.0.113.9", NULL);
}

TEST(the_nearest_that_is_no_proxy_is_the_client)
{
    /* what the client wrote itself stands to the left, and is not believed */
    CHECK_CLIENT("203.0.113.9", LOCAL, "127.0.0.1", "6.6.6.6, 203.0.113.9, 10.1.1.1", NULL);
    CHECK_CLIENT("203.0.113.9", LOCAL, "127.0.0.1", "6.6.6.6", "203.0.113.9 ,10.1.1.1");
    CHECK_CLIENT("10.2.2.2", LOCAL, "127.0.0.1", "10.2.2.2", NULL);
    CHECK_CLIENT("127.0.0.1", LOCAL, "127.0.0.1", "unknown", NULL);
    CHECK_CLIENT("10.1.1.1", LOCAL, "127.0.0.1", "<script>, 10.1.1.1", NULL);
    CHECK_CLIENT("127.0.0.1", LOCAL, "127.0.0.1", "", NULL);
    CHECK_CLIENT("203.0.113.40", LOCAL, "127.0.0.1",
                 "1.1.1.1,1.1.1.2,1.1.1.3,1.1.1.4,1.1.1.5,1.1.1.6,1.1.1.7,1.1.1.8,1.1.1.9,"
                 "1.1.1.1,1.1.1.2,1.1.1.3,1.1.1.4,1.1.1.5,1.1.1.6,1.1.1.7,1.1.1.8,1.1.1.9,"
                 "1.1.1.1,1.1.1.2,1.1.1.3,1.1.1.4,1.1.1.5,1.1.1.6,1.1.1.7,1.1.1.8,1.1.1.9,"
                 "1.1.1.1,1.1.1.2,1.1.1.3,1.1.1.4,1.1.1.5,1.1.1.6,203.0.113.40",
                 NULL);
}

TEST(what_is_no_network_is_refused)
{
    static const char *const BAD[] = {"localhost",  "10.0.0.0/33", "10.0.0.0/-1",
                                      "10/8",       "::1/129",     "",
                                      "1.2.3.4:80", "10.0.0.0/x"};
    for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++) {
        const char *const list[] = {BAD[i], NULL};
        struct err e = {0};
        CHECK(!http_proxies_check(list, &e));
        CHECK_INT(e.kind, ERR_USAGE);
    }
    CHECK(http_proxies_check(NULL, NULL));
}

/* ---- request ids ---- */

static struct http_response *say_id(void *context, struct http_request *request)
{
    (void)context;
    struct http_response *r = http_reply(request, 200);
    http_reply_bytes(r, "text/plain", str_of(request->id));
    return r;
}

static const struct http_route ROUTES[] = {
    {.methods = HTTP_GET, .pattern = "/id", .handle = say_id}};

static char reply[4096];

static const char *ask(const char *header)
{
    char request[512];
    size_t n;
    int fd = talk_connect();
    snprintf(request, sizeof request,
             "GET /id HTTP/1.1\r\nHost: x\r\nConnection: close\r\n%s\r\n", header);
    talk_say(fd, request);
    char *text = talk_hear(fd, &n);
    snprintf(reply, sizeof reply, "%s", text);
    free(text);
    close(fd);
    return reply;
}

TEST(a_clients_id_is_taken_when_it_is_well_formed)
{
    static const char *const BAD[] = {
        "X-Request-Id: a b\r\n", "X-Request-Id: a\"b\r\n", "X-Request-Id: \r\n",
        "X-Request-Id: a;b'--\r\n",
        "X-Request-Id: 0123456789012345678901234567890123456789"
        "0123456789012345678901234\r\n"};
    talk_start((struct http_options){.no_access_log = true}, ROUTES, 1);
    CHECK(strstr(ask("X-Request-Id: my-id_1.2\r\n"), "\r\nX-Request-Id: my-id_1.2\r\n"));
    CHECK(strstr(reply, "\r\n\r\nmy-id_1.2"));
    for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++) {
        const char *id = strstr(ask(BAD[i]), "\r\nX-Request-Id: ");
        CHECK(id && strspn(id + 16, "0123456789abcdef") == 16);
    }
    talk_stop();
}

RUN_TESTS(T(only_named_proxies_are_believed), T(the_nearest_that_is_no_proxy_is_the_client),
          T(what_is_no_network_is_refused), T(a_clients_id_is_taken_when_it_is_well_formed))
