/* load.h -- a node as a child process, and clients over loopback, for measurements. */
#ifndef TESTS_BENCH_LOAD_H
#define TESTS_BENCH_LOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct load_node {
    pid_t pid;
    int port;
    double start_s; /* from exec to the first answer */
};

double load_now_s(void);

/* Starts build/colure with the demo configuration and waits for its first answer. */
bool load_node_start(struct load_node *, const char *conf);
void load_node_stop(struct load_node *);

/* Resident memory of the node in MB: now, and the most since load_reset_peak(). */
double load_resident_mb(const struct load_node *);
double load_peak_mb(const struct load_node *);
void load_reset_peak(const struct load_node *);

/* One GET over an open connection; returns the body's length, -1 on failure. `slow_bytes`
 * over 0: reads so many bytes each 20 ms, for `slow_s` seconds, then leaves. */
int load_connect(const struct load_node *);
int64_t load_get(int fd, const char *path, double *first_byte_s);
/* The same, but the kernel throws the body away (MSG_TRUNC): a client that costs next to
 * nothing where it shares the cores with the node. */
int64_t load_drop(int fd, const char *path);
void load_get_slowly(int fd, const char *path, size_t slow_bytes, double slow_s);

struct load_result {
    double per_second, p50_ms, p99_ms;
    uint64_t requests, failures;
};

/* `nclient` connections, one thread each, for `seconds`; path is asked again and again,
 * with another number in the place of '@' each time. */
struct load_result load_run(const struct load_node *, const char *path, int nclient,
                            double seconds);

#endif
