/* tool_load.c -- a load for other programs to put on a server:
 *     tool_load PORT CLIENTS SECONDS RATE <paths
 * CLIENTS connections ask for the paths (one a line) in turn. RATE 0: each as soon as it
 * has its answer. Else requests arrive RATE times a second whatever the answers do, and a
 * latency counts from the arrival. Prints: per second, p50 ms, p99 ms, requests, failures.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/num.h"
#include "core/base/str.h"
#include "tests/bench/load.h"

enum { MAX_PATHS = 100000, LINE_BYTES = 4096 };

static struct {
    struct load_node node;
    char *path[MAX_PATHS];
    size_t npath;
    double seconds, rate, begin;
    atomic_size_t next; /* index of the next request */
} load;

struct client {
    pthread_t thread;
    double *latency;
    size_t n, capacity, failures;
};

static void note(struct client *c, double latency)
{
    if (c->n == c->capacity) {
        c->capacity = c->capacity ? c->capacity * 2 : 4096;
        c->latency = realloc(c->latency, c->capacity * sizeof *c->latency);
    }
    c->latency[c->n++] = latency;
}

/* When the request begins to count; false: the load is over. */
static bool wait_turn(size_t i, double *from)
{
    *from = load.rate > 0 ? load.begin + (double)i / load.rate : load_now_s();
    if (*from - load.begin >= load.seconds)
        return false;
    double wait = *from - load_now_s();
    if (wait > 0)
        usleep((useconds_t)(wait * 1e6));
    return true;
}

static void *run(void *what)
{
    struct client *c = what;
    int fd = load_connect(&load.node);
    double from;
    for (;;) {
        size_t i = atomic_fetch_add(&load.next, 1);
        if (!wait_turn(i, &from))
            break;
        if (fd >= 0 && load_get(fd, load.path[i % load.npath], NULL) >= 0) {
            note(c, load_now_s() - from);
            continue;
        }
        c->failures++;
        if (fd >= 0)
            close(fd);
        fd = load_connect(&load.node);
    }
    if (fd >= 0)
        close(fd);
    return NULL;
}

static void read_paths(void)
{
    char line[LINE_BYTES];
    while (load.npath < MAX_PATHS && fgets(line, sizeof line, stdin)) {
        line[strcspn(line, "\r\n")] = '\0';
        if (line[0])
            load.path[load.npath++] = strdup(line);
    }
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void report(const struct client *clients, size_t nclient, double elapsed)
{
    size_t n = 0, failures = 0;
    for (size_t i = 0; i < nclient; i++) {
        n += clients[i].n;
        failures += clients[i].failures;
    }
    double *all = calloc(n + 1, sizeof *all);
    for (size_t i = 0, at = 0; i < nclient; at += clients[i++].n)
        if (clients[i].n)
            memcpy(all + at, clients[i].latency, clients[i].n * sizeof *all);
    qsort(all, n, sizeof *all, compare);
    printf("%.6g\t%.6g\t%.6g\t%zu\t%zu\n", (double)n / elapsed, all[n / 2] * 1e3,
           all[n * 99 / 100] * 1e3, n, failures);
    free(all);
}

int main(int argc, char **argv)
{
    int64_t port = 0, nclient = 0;
    if (argc != 5 || !num_parse_int(str_of(argv[1]), &port) ||
        !num_parse_int(str_of(argv[2]), &nclient) || nclient < 1 || nclient > 10000 ||
        !num_parse_double(str_of(argv[3]), &load.seconds) ||
        !num_parse_double(str_of(argv[4]), &load.rate)) {
        fprintf(stderr, "usage: tool_load PORT CLIENTS SECONDS RATE <paths\n");
        return 2;
    }
    load.node.port = (int)port;
    read_paths();
    if (load.npath == 0)
        return 2;
    struct client *clients = calloc((size_t)nclient, sizeof *clients);
    load.begin = load_now_s();
    for (int64_t i = 0; i < nclient; i++)
        pthread_create(&clients[i].thread, NULL, run, &clients[i]);
    for (int64_t i = 0; i < nclient; i++)
        pthread_join(clients[i].thread, NULL);
    report(clients, (size_t)nclient, load_now_s() - load.begin);
    return 0;
}
