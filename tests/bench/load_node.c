/* load_node.c -- the child process and its memory. */
#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "core/base/num.h"
#include "tests/bench/load.h"

double load_now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static int free_port(void)
{
    struct sockaddr_in a = {.sin_family = AF_INET,
                            .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof a;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    int port = -1;
    if (bind(fd, (struct sockaddr *)&a, len) == 0 &&
        getsockname(fd, (struct sockaddr *)&a, &len) == 0)
        port = ntohs(a.sin_port);
    close(fd);
    return port;
}

bool load_node_start(struct load_node *n, const char *conf)
{
    char port[16];
    n->port = free_port();
    snprintf(port, sizeof port, "%d", n->port);
    double begin = load_now_s();
    n->pid = fork();
    if (n->pid == 0) {
        if (!freopen("/dev/null", "w", stderr))
            _exit(126);
        execl("build/colure", "colure", "serve", "--conf", conf, "--port", port,
              (char *)NULL);
        _exit(127);
    }
    const char *path = "/tap/sync?LANG=ADQL&RESPONSEFORMAT=csv&QUERY=SELECT+COUNT(*)+FROM+"
                       "tap_schema.tables";
    while (load_now_s() - begin < 30) {
        int fd = load_connect(n);
        int64_t len = fd < 0 ? -1 : load_get(fd, path, NULL);
        if (fd >= 0)
            close(fd);
        if (len > 0) {
            n->start_s = load_now_s() - begin;
            return true;
        }
        usleep(2000);
    }
    return false;
}

void load_node_stop(struct load_node *n)
{
    kill(n->pid, SIGINT);
    waitpid(n->pid, NULL, 0);
}

static double status_mb(const struct load_node *n, const char *key)
{
    char path[64], line[256];
    double mb = -1;
    snprintf(path, sizeof path, "/proc/%d/status", (int)n->pid);
    FILE *f = fopen(path, "r");
    while (f && fgets(line, sizeof line, f)) {
        str rest = str_of(line);
        str name = str_cut(&rest, ':');
        rest = str_trim(rest);
        int64_t kb;
        if (str_eq(name, str_of(key)) && num_parse_int(str_cut(&rest, ' '), &kb))
            mb = (double)kb / 1024;
    }
    if (f)
        fclose(f);
    return mb;
}

double load_resident_mb(const struct load_node *n)
{
    return status_mb(n, "VmRSS");
}

double load_peak_mb(const struct load_node *n)
{
    return status_mb(n, "VmHWM");
}

void load_reset_peak(const struct load_node *n)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/clear_refs", (int)n->pid);
    FILE *f = fopen(path, "w");
    if (f) {
        fputs("5", f);
        fclose(f);
    }
}
