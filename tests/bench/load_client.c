/* load_client.c -- HTTP/1.1 clients that read answers to their end and time them. */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/base/num.h"
#include "core/base/str.h"
#include "tests/bench/load.h"

int load_connect(const struct load_node *n)
{
    struct sockaddr_in a = {.sin_family = AF_INET,
                            .sin_port = htons((uint16_t)n->port),
                            .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int one = 1;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (connect(fd, (struct sockaddr *)&a, sizeof a) == 0)
        return fd;
    close(fd);
    return -1;
}

static bool send_get(int fd, const char *path)
{
    char request[4096];
    int len = snprintf(
        request, sizeof request,
        "GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: keep-alive\r\n\r\n", path);
    return len > 0 && write(fd, request, (size_t)len) == len;
}

struct reader {
    int fd;
    bool drops; /* bytes of bodies need not be looked at */
    char buffer[256 * 1024];
    size_t at, len;
};

static int next_byte(struct reader *r)
{
    if (r->at == r->len) {
        ssize_t n = read(r->fd, r->buffer, sizeof r->buffer);
        if (n <= 0)
            return -1;
        r->at = 0;
        r->len = (size_t)n;
    }
    return (unsigned char)r->buffer[r->at++];
}

/* A line without its end; false at the end of the stream. */
static bool next_line(struct reader *r, char *line, size_t max)
{
    size_t n = 0;
    for (int c; (c = next_byte(r)) >= 0;) {
        if (c == '\n') {
            line[n && line[n - 1] == '\r' ? n - 1 : n] = '\0';
            return true;
        }
        if (n + 1 < max)
            line[n++] = (char)c;
    }
    return false;
}

static bool skip_bytes(struct reader *r, int64_t n)
{
    while (n > 0) {
        if (r->at == r->len) {
            size_t max = sizeof r->buffer;
            if (r->drops && n < (int64_t)max)
                max = (size_t)n;
            ssize_t got = recv(r->fd, r->buffer, max, r->drops ? MSG_TRUNC : 0);
            if (got <= 0)
                return false;
            r->at = 0;
            r->len = (size_t)got;
        }
        int64_t have = (int64_t)(r->len - r->at);
        int64_t take = have < n ? have : n;
        r->at += (size_t)take;
        n -= take;
    }
    return true;
}

static int64_t hex_of(const char *line)
{
    int64_t value = 0;
    for (; *line; line++) {
        char c = ascii_lower(*line);
        int digit = c >= '0' && c <= '9'   ? c - '0'
                    : c >= 'a' && c <= 'f' ? c - 'a' + 10
                                           : -1;
        if (digit < 0)
            break;
        value = value * 16 + digit;
    }
    return value;
}

static int64_t skip_chunks(struct reader *r)
{
    char line[256];
    int64_t total = 0;
    for (;;) {
        if (!next_line(r, line, sizeof line))
            return -1;
        int64_t size = hex_of(line);
        if (!skip_bytes(r, size) || !next_line(r, line, sizeof line))
            return -1;
        if (size == 0)
            return total;
        total += size;
    }
}

static int64_t get(int fd, const char *path, double *first_byte_s, bool drops)
{
    static _Thread_local struct reader r;
    r.drops = drops;
    char line[4096];
    int64_t length = -1;
    bool chunked = false, good = false;
    r.fd = fd;
    r.at = r.len = 0;
    double begin = load_now_s();
    if (!send_get(fd, path) || !next_line(&r, line, sizeof line))
        return -1;
    if (first_byte_s)
        *first_byte_s = load_now_s() - begin;
    good = strstr(line, " 200") != NULL;
    while (next_line(&r, line, sizeof line) && line[0]) {
        str rest = str_of(line);
        str name = str_cut(&rest, ':');
        if (str_eq_fold(name, STR("Content-Length")))
            num_parse_int(str_trim(rest), &length);
        chunked |= str_eq_fold(name, STR("Transfer-Encoding"));
    }
    if (chunked)
        length = skip_chunks(&r);
    else if (length < 0 || !skip_bytes(&r, length))
        return -1;
    return good ? length : -1;
}

int64_t load_get(int fd, const char *path, double *first_byte_s)
{
    return get(fd, path, first_byte_s, false);
}

int64_t load_drop(int fd, const char *path)
{
    return get(fd, path, NULL, true);
}

void load_get_slowly(int fd, const char *path, size_t slow_bytes, double slow_s)
{
    char buffer[64 * 1024];
    double end = load_now_s() + slow_s;
    if (!send_get(fd, path))
        return;
    while (load_now_s() < end && read(fd, buffer, slow_bytes) > 0)
        usleep(20000);
}

struct client {
    const struct load_node *node;
    const char *path;
    double seconds;
    pthread_t thread;
    double *latency;
    uint64_t n, capacity, failures;
};

static void note(struct client *c, double latency)
{
    if (c->n == c->capacity) {
        c->capacity = c->capacity ? c->capacity * 2 : 4096;
        c->latency = realloc(c->latency, c->capacity * sizeof *c->latency);
    }
    c->latency[c->n++] = latency;
}

/* The path, with a number of the client's own in the place of '@'. */
static void number_path(const struct client *c, char *path, size_t max)
{
    str rest = str_of(c->path);
    str before = str_cut(&rest, '@');
    uint64_t number = 118000 + (c->n + c->failures) % 13600;
    if (!rest.at)
        snprintf(path, max, "%s", c->path);
    else
        snprintf(path, max, "%.*s%llu%.*s", STR_FMT(before), (unsigned long long)number,
                 STR_FMT(rest));
}

static void *run_client(void *what)
{
    struct client *c = what;
    char path[4096];
    int fd = load_connect(c->node);
    double end = load_now_s() + c->seconds;
    while (fd >= 0 && load_now_s() < end) {
        number_path(c, path, sizeof path);
        double begin = load_now_s();
        if (load_get(fd, path, NULL) < 0) {
            c->failures++;
            close(fd);
            fd = load_connect(c->node);
        } else
            note(c, load_now_s() - begin);
    }
    if (fd >= 0)
        close(fd);
    return NULL;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static struct load_result sum_up(struct client *clients, int nclient, double elapsed)
{
    struct load_result r = {0};
    for (int i = 0; i < nclient; i++) {
        r.requests += clients[i].n;
        r.failures += clients[i].failures;
    }
    double *all = malloc((r.requests + 1) * sizeof *all);
    uint64_t at = 0;
    for (int i = 0; i < nclient; i++) {
        memcpy(all + at, clients[i].latency, clients[i].n * sizeof *all);
        at += clients[i].n;
    }
    qsort(all, r.requests, sizeof *all, compare);
    if (r.requests) {
        r.p50_ms = all[r.requests / 2] * 1e3;
        r.p99_ms = all[r.requests * 99 / 100] * 1e3;
    }
    r.per_second = (double)r.requests / elapsed;
    free(all);
    return r;
}

struct load_result load_run(const struct load_node *node, const char *path, int nclient,
                            double seconds)
{
    struct client *clients = calloc((size_t)nclient, sizeof *clients);
    double begin = load_now_s();
    for (int i = 0; i < nclient; i++) {
        clients[i] = (struct client){.node = node, .path = path, .seconds = seconds};
        pthread_create(&clients[i].thread, NULL, run_client, &clients[i]);
    }
    for (int i = 0; i < nclient; i++)
        pthread_join(clients[i].thread, NULL);
    struct load_result r = sum_up(clients, nclient, load_now_s() - begin);
    for (int i = 0; i < nclient; i++)
        free(clients[i].latency);
    free(clients);
    return r;
}
