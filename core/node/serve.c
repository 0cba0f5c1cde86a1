/* serve.c -- `colure serve`: the services on a port, until a signal says stop. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/base/num.h"
#include "core/node/inside.h"
#include "core/node/metrics.h"
#include "scs/scs.h"
#include "sia/sia.h"
#include "ssa/ssa.h"
#include "stores/stores.h"
#include "tap/tap.h"
#include "web/web.h"

enum { SECRET_BYTES = 1024 };

static int signal_pipe[2] = {-1, -1};
enum { STOP = 1, RELOAD = 2, REFRESH = 3 };

static void tell(char byte)
{
    int saved = errno;
    if (write(signal_pipe[1], &byte, 1) < 0) {
        /* the pipe is full: it has been told often enough */
    }
    errno = saved;
}

void node_stop(void)
{
    tell(STOP);
}

void node_refresh_soon(void)
{
    tell(REFRESH);
}

static void on_signal(int number)
{
    tell(number == SIGHUP ? RELOAD : STOP);
}

static bool catch_signals(struct err *e)
{
    struct sigaction own = {.sa_handler = on_signal}, ignore = {.sa_handler = SIG_IGN};
    if (pipe2(signal_pipe, O_NONBLOCK | O_CLOEXEC) != 0)
        return err_set(e, ERR_BUSY, "no pipe can be made");
    sigaction(SIGINT, &own, NULL);
    sigaction(SIGTERM, &own, NULL);
    sigaction(SIGHUP, &own, NULL);
    sigaction(SIGPIPE, &ignore, NULL);
    sigaction(SIGXFSZ, &ignore, NULL); /* a full disk is an error like any other */
    return true;
}

/* The next signal; 0: none came in `ms` (-1: for ever). */
static int wait_for_signal(int ms)
{
    struct pollfd p = {.fd = signal_pipe[0], .events = POLLIN};
    char byte = 0;
    if (poll(&p, 1, ms) > 0 && read(signal_pipe[0], &byte, 1) == 1)
        return byte;
    return 0;
}

static void work_until_stop(struct node *n, const struct config *c)
{
    for (;;) {
        int what = wait_for_signal(-1);
        if (what == STOP)
            return;
        if (what == RELOAD)
            node_reload(n, c);
        if (what == REFRESH)
            node_refresh(n);
    }
}

static bool ends_in_availability(str path)
{
    static const str END = {"/availability", sizeof "/availability" - 1};
    return path.len >= END.len && str_eq((str){path.at + path.len - END.len, END.len}, END);
}

/* While it stops, the node still says so, and is measured; it takes nothing else. */
static bool admit(void *node, struct http_request *request, struct err *e)
{
    enum { RETRY_S = 30 };
    struct node *n = node;
    if (!atomic_load(&n->dali.is_stopping) || str_eq(request->path, STR("/metrics")) ||
        ends_in_availability(request->path))
        return true;
    err_set(e, ERR_UNAVAILABLE, "the node is stopping; ask again in a moment");
    e->retry_after_s = RETRY_S;
    return false;
}

static struct http_server *new_server(struct node *n, const struct config *c, uint16_t port,
                                      struct err *e)
{
    struct http_options o = {.address = c->address,
                             .port = port ? port : (uint16_t)c->port,
                             .product = n->dali.software,
                             .base_url = c->base_url,
                             .spool_dir = n->spool_folder,
                             .max_connections = (unsigned)c->max_connections,
                             .max_connections_per_ip = (unsigned)c->max_connections_per_ip,
                             .max_header_bytes = 72 * 1024, /* GET queries of 64 kB */
                             .max_part_bytes = c->limits.upload_bytes,
                             .max_body_bytes = c->limits.upload_bytes * 2 + (16 << 20),
                             .trusted_proxies = c->trusted_proxies,
                             .no_access_log = !c->access_log,
                             .admit = admit,
                             .admit_context = n,
                             .render_error = dali_render_error,
                             .render_context = &n->dali};
    return http_server_new(&o, e);
}

static bool add_routes(struct node *n, struct tap *tap, struct http_server *server,
                       struct err *e)
{
    const struct http_route metrics = {
        .methods = HTTP_GET, .pattern = "/metrics", .handle = node_metrics, .context = n};
    if (n->datalink && !datalink_routes(n->datalink, server, e))
        return false;
    return tap_routes(tap, server, e) && scs_routes(&n->dali, server, e) &&
           sia_routes(&n->dali, server, e) && ssa_routes(&n->dali, server, e) &&
           web_routes(n->web, server, e) && http_server_route(server, &metrics, 1, e);
}

static bool job_password(struct node *n, const struct config *c, char out[SECRET_BYTES],
                         struct err *e)
{
    const struct store_host *host = stores_host(n->stores);
    return host->secret(host, c->job_secret, out, SECRET_BYTES) ||
           err_set(
               e, ERR_UNAVAILABLE,
               "%s: jobs: there is no secret %s; set COLURE_SECRET_%s or a file of that "
               "name in the folder of secrets",
               c->path, c->job_secret, c->job_secret);
}

static bool is_idle(struct node *n, struct tap *tap, struct http_server *server)
{
    struct uws_counts jobs = {0}, cutouts = {0};
    struct err e = {0};
    tap_count(tap, &jobs, &e);
    if (n->datalink)
        datalink_count(n->datalink, &cutouts, &e);
    return jobs.running == 0 && cutouts.running == 0 && http_server_active(server) == 0;
}

/* What runs may end, for so long; a second signal is impatience. */
static void drain(struct node *n, const struct config *c, struct tap *tap,
                  struct http_server *server)
{
    enum { LOOK_MS = 20 };
    int64_t until = clock_monotonic_ns() + (int64_t)(c->drain_s * 1e9);
    atomic_store(&n->dali.is_stopping, true);
    log_line(LOG_INFO, NULL, "stopping; what runs may end within %g s", c->drain_s);
    tap_quiesce(tap);
    datalink_quiesce(n->datalink);
    while (!is_idle(n, tap, server) && clock_monotonic_ns() < until)
        if (wait_for_signal(LOOK_MS) == STOP) {
            log_line(LOG_WARN, NULL, "stopping at once");
            break;
        }
    tap_stop(tap, 0);
    datalink_stop(n->datalink, 0);
    http_server_stop(server, 0);
}

/* Data products and what is made of them, when there are some. */
static bool open_datalink(struct node *n, const struct config *c,
                          const struct tap_options *t, struct err *e)
{
    if (!c->registry)
        return true;
    n->products = products_open(c->registry, c->root, c->nroot, e);
    struct datalink_options o = {.dali = &n->dali,
                                 .products = n->products,
                                 .job_folder = n->cutout_folder,
                                 .cache_folder = n->cache_folder,
                                 .workers = t->workers,
                                 .job_database = t->job_database,
                                 .job_password = t->job_password,
                                 .job_lease_s = t->job_lease_s};
    n->datalink = n->products ? datalink_new(&o, e) : NULL;
    n->dali.links_path = "/datalink/links";
    return n->datalink != NULL;
}

static void close_datalink(struct node *n)
{
    datalink_free(n->datalink);
    products_close(n->products);
    n->datalink = NULL;
    n->products = NULL;
}

bool node_serve(struct node *n, const struct config *c, uint16_t port,
                void (*ready)(const struct config *, uint16_t), struct err *e)
{
    char password[SECRET_BYTES];
    struct tap_options t = {.dali = &n->dali,
                            .job_folder = n->job_folder,
                            .workers = (unsigned)c->workers,
                            .job_database = c->job_database,
                            .job_lease_s = c->job_lease_s};
    if (c->job_secret) {
        if (!job_password(n, c, password, e))
            return false;
        t.job_password = password;
    }
    struct http_server *server = NULL;
    struct health *health = NULL;
    struct tap *tap = tap_new(&t, e);
    bool ok = false;
    n->tap = tap;
    if (!tap || !open_datalink(n, c, &t, e) || !catch_signals(e))
        goto out;
    n->web =
        web_new(&(struct web_options){.dali = &n->dali,
                                      .state_folder = c->state_folder,
                                      .assets = c->assets ? c->assets
                                                          : node_assets_folder(n->arena)},
                e);
    server = n->web ? new_server(n, c, port, e) : NULL;
    health = server ? health_new(n, c->health_s, e) : NULL;
    if (!health || !add_routes(n, tap, server, e) || !tap_start(tap, e) ||
        (n->datalink && !datalink_start(n->datalink, e)) || !http_server_start(server, e))
        goto out;
    ok = true;
    ready(c, http_server_port(server));
    work_until_stop(n, c);
    drain(n, c, tap, server);
    log_line(LOG_INFO, NULL, "stopped");

out:
    http_server_free(server);
    health_free(health);
    web_free(n->web);
    n->web = NULL;
    close_datalink(n);
    tap_free(tap);
    n->tap = NULL;
    return ok;
}

static void say_ready(const struct config *c, uint16_t port)
{
    if (c->base_url)
        log_line(LOG_INFO, NULL, "Colure %s serves \"%s\" on port %u as %s", NODE_VERSION,
                 c->title, port, c->base_url);
    else
        log_line(LOG_INFO, NULL, "Colure %s serves \"%s\" on http://localhost:%u/",
                 NODE_VERSION, c->title, port);
}

static int usage(void)
{
    fprintf(stderr, "usage: colure serve --conf FILE [--port N] [--state FOLDER]\n");
    return 2;
}

struct serve_arguments {
    const char *conf, *state;
    int64_t port; /* 0: the configuration's */
};

static bool read_arguments(int argc, char **argv, struct serve_arguments *a)
{
    *a = (struct serve_arguments){0};
    for (int i = 0; i + 1 < argc; i += 2) {
        str word = str_of(argv[i]);
        if (str_eq(word, STR("--conf")))
            a->conf = argv[i + 1];
        else if (str_eq(word, STR("--state")))
            a->state = argv[i + 1];
        else if (!str_eq(word, STR("--port")) ||
                 !num_parse_int(str_of(argv[i + 1]), &a->port) || a->port < 1 ||
                 a->port > 65535)
            return false;
    }
    return a->conf && argc % 2 == 0;
}

int command_serve(int argc, char **argv)
{
    struct serve_arguments a;
    struct err e = {0};
    if (!read_arguments(argc, argv, &a))
        return usage();
    struct arena *arena = arena_new(64 << 20);
    struct config *c = config_read(a.conf, arena, &e);
    struct node *n = NULL;
    if (c) {
        c->state_folder = a.state ? a.state : c->state_folder;
        log_setup(c->log_level, c->log_json);
        n = node_open(c, NULL, &e);
    }
    bool ok = n && node_serve(n, c, (uint16_t)a.port, say_ready, &e);
    if (!ok)
        fprintf(stderr, "colure: %s\n", e.message);
    node_close(n);
    arena_free(arena);
    return ok ? 0 : 1;
}
