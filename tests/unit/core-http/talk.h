/* talk.h -- a server on a free loopback port and raw sockets to it, for the tests here. */
#ifndef TESTS_UNIT_CORE_HTTP_TALK_H
#define TESTS_UNIT_CORE_HTTP_TALK_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/http/http.h"
#include "tests/test.h"

static struct http_server *talk_server;

/* Routes must live as long as the server. */
static void talk_start(struct http_options options, const struct http_route *routes,
                       size_t n)
{
    struct err e = {0};
    log_setup(LOG_WARN, false);
    talk_server = http_server_new(&options, &e);
    if (!talk_server || !http_server_route(talk_server, routes, n, &e) ||
        !http_server_start(talk_server, &e))
        TEST_FAIL("server: %.200s", e.message);
}

static void talk_stop(void)
{
    http_server_free(talk_server);
    talk_server = NULL;
}

static int talk_connect(void)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons(http_server_port(talk_server)),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct timeval patience = {10, 0};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    if (connect(fd, (struct sockaddr *)&to, sizeof to) != 0)
        TEST_FAIL("cannot connect");
    return fd;
}

static inline bool talk_send(int fd, const char *bytes, size_t n)
{
    while (n) {
        ssize_t done = send(fd, bytes, n, MSG_NOSIGNAL);
        if (done <= 0)
            return false;
        bytes += done;
        n -= (size_t)done;
    }
    return true;
}

static inline bool talk_say(int fd, const char *text)
{
    return talk_send(fd, text, strlen(text));
}

/* Everything until the far side closes; free it. */
static inline char *talk_hear(int fd, size_t *length)
{
    size_t n = 0, capacity = 64 * 1024;
    char *text = malloc(capacity);
    for (;;) {
        if (n + 1 == capacity)
            text = realloc(text, capacity *= 2);
        ssize_t got = recv(fd, text + n, capacity - n - 1, 0);
        if (got <= 0)
            break;
        n += (size_t)got;
    }
    text[n] = '\0';
    if (length)
        *length = n;
    return text;
}

/* One request with "Connection: close" in it; the whole reply, kept until the next call. */
static char *talk_reply;

static inline const char *talk_bytes(const char *request, size_t n)
{
    free(talk_reply);
    int fd = talk_connect();
    talk_send(fd, request, n);
    talk_reply = talk_hear(fd, NULL);
    close(fd);
    return talk_reply;
}

static inline const char *talk(const char *request)
{
    return talk_bytes(request, strlen(request));
}

/* "GET /x" -> a whole request. */
static inline const char *talk_line(const char *line, const char *headers)
{
    char *request = malloc(strlen(line) + strlen(headers) + 200);
    size_t n = (size_t)snprintf(request, strlen(line) + strlen(headers) + 200,
                                "%s HTTP/1.1\r\nHost: node\r\nConnection: close\r\n%s\r\n",
                                line, headers);
    const char *reply = talk_bytes(request, n);
    free(request);
    return reply;
}

static inline int talk_status(const char *reply)
{
    return strncmp(reply, "HTTP/1.1 ", 9) == 0
               ? (reply[9] - '0') * 100 + (reply[10] - '0') * 10 + reply[11] - '0'
               : 0;
}

static inline const char *talk_body(const char *reply)
{
    const char *end = strstr(reply, "\r\n\r\n");
    return end ? end + 4 : "";
}

static inline bool talk_has(const char *reply, const char *part)
{
    return strstr(reply, part) != NULL;
}

#endif
