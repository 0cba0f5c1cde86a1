/* server.c -- starting and stopping: options, the listening socket, libmicrohttpd. */
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/http/http_int.h"

/* The engine recurses into expressions on the caller's stack: 512 kB were too few for legal
 * queries. Only what is touched takes memory. */
enum { STACK_BYTES = 2 * 1024 * 1024 };

/* Connections above the limit are few and short: they are told to come back later. Without
 * them the library would close the socket without a word. */
enum { OVERFLOW_CONNECTIONS = 64, LISTEN_BACKLOG = 1024, CUT_AFTER_S = 2 };
enum { POOL_EXTRA_BYTES = 12 * 1024 }; /* for the answer's head and a block of its body */

/* ---- options ---- */

static const char *keep_text(struct arena *arena, const char *text, const char *otherwise)
{
    return text ? arena_text(arena, str_of(text)) : otherwise;
}

#define DEFAULT(field, value)                                                              \
    do {                                                                                   \
        if ((field) == 0)                                                                  \
            (field) = (value);                                                             \
    } while (0)

static void fill_options(struct http_options *o, struct arena *arena)
{
    o->address = keep_text(arena, o->address, "127.0.0.1");
    o->product = keep_text(arena, o->product, "Colure");
    o->spool_dir = keep_text(arena, o->spool_dir, "/tmp");
    o->base_url = keep_text(arena, o->base_url, NULL);
    if (o->base_url) { /* no slash at the end: paths begin with one */
        char *url = (char *)o->base_url;
        for (size_t n = strlen(url); n && url[n - 1] == '/'; n--)
            url[n - 1] = '\0';
    }
    DEFAULT(o->max_connections, 512);
    DEFAULT(o->idle_s, 30);
    DEFAULT(o->header_s, 60);
    DEFAULT(o->stall_s, 120);
    DEFAULT(o->max_header_bytes, (size_t)96 * 1024);
    DEFAULT(o->max_params, 100000);
    DEFAULT(o->max_value_bytes, (size_t)16 << 20);
    DEFAULT(o->max_part_bytes, (uint64_t)1 << 30);
    DEFAULT(o->max_body_bytes, (uint64_t)2 << 30);
}

struct http_server *http_server_new(const struct http_options *options, struct err *e)
{
    struct http_server *s = calloc(1, sizeof *s);
    if (s) {
        s->options = *options;
        s->arena = arena_new(1 << 20);
        s->routes = routes_new();
    }
    if (!s || !s->arena || !s->routes) {
        err_set(e, ERR_INTERNAL, "out of memory");
        http_server_free(s);
        return NULL;
    }
    fill_options(&s->options, s->arena);
    s->proxies = proxies_new(options->trusted_proxies, e);
    s->options.trusted_proxies = NULL; /* the caller's */
    if (!s->proxies) {
        http_server_free(s);
        return NULL;
    }
    if (getrandom(&s->id_key, sizeof s->id_key, 0) != (ssize_t)sizeof s->id_key)
        s->id_key = (uint64_t)clock_now_us();
    return s;
}

bool http_server_route(struct http_server *s, const struct http_route *routes, size_t n,
                       struct err *e)
{
    if (s->daemon)
        return err_set(e, ERR_INTERNAL, "routes must be added before the server starts");
    for (size_t i = 0; i < n; i++)
        if (!routes_add(s->routes, &routes[i], e))
            return false;
    return true;
}

/* ---- the listening socket ---- */

static bool listen_failed(const struct http_server *s, const char *why, struct err *e)
{
    return err_set(e, ERR_UNAVAILABLE, "cannot listen on %s port %u: %s",
                   s->options.address, s->options.port, why);
}

static int open_socket(const struct addrinfo *address)
{
    int fd = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -1;
    int on = 1, off = 0;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (address->ai_family == AF_INET6) /* "::" takes IPv4 too */
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
    if (bind(fd, address->ai_addr, address->ai_addrlen) == 0 &&
        listen(fd, LISTEN_BACKLOG) == 0)
        return fd;
    int saved = errno;
    close(fd);
    errno = saved;
    return -1;
}

static bool remember_port(struct http_server *s, int fd)
{
    union {
        struct sockaddr_storage storage;
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } where = {0};
    socklen_t size = sizeof where;
    char host[NI_MAXHOST], port[NI_MAXSERV];
    if (getsockname(fd, &where.any, &size) != 0 ||
        getnameinfo(&where.any, size, host, sizeof host, port, sizeof port,
                    NI_NUMERICHOST | NI_NUMERICSERV) != 0)
        return false;
    bool is_v6 = where.any.sa_family == AF_INET6;
    s->port = ntohs(is_v6 ? where.v6.sin6_port : where.v4.sin_port);
    snprintf(s->local, sizeof s->local, "%s%.45s%s:%u", is_v6 ? "[" : "", host,
             is_v6 ? "]" : "", s->port);
    return true;
}

static int listen_socket(struct http_server *s, struct err *e)
{
    char port[16];
    snprintf(port, sizeof port, "%u", s->options.port);
    struct addrinfo hints = {.ai_flags = AI_PASSIVE | AI_NUMERICSERV,
                             .ai_socktype = SOCK_STREAM};
    struct addrinfo *found = NULL;
    int rc = getaddrinfo(s->options.address, port, &hints, &found);
    if (rc != 0) {
        listen_failed(s, gai_strerror(rc), e);
        return -1;
    }
    int fd = open_socket(found);
    freeaddrinfo(found);
    if (fd < 0 || !remember_port(s, fd)) {
        listen_failed(s, strerror(errno), e);
        if (fd >= 0)
            close(fd);
        return -1;
    }
    return fd;
}

/* ---- libmicrohttpd ---- */

static void connection_changed(void *context, struct MHD_Connection *connection,
                               void **socket_context,
                               enum MHD_ConnectionNotificationCode code)
{
    struct http_server *s = context;
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        const union MHD_ConnectionInfo *info =
            MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
        const union MHD_ConnectionInfo *from =
            MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
        char peer[INET6_ADDRSTRLEN] = "";
        if (from && from->client_addr)
            address_print(from->client_addr, peer, sizeof peer);
        bool counts = *peer && !proxies_have(s->proxies, str_of(peer));
        int place = info ? watch_add(s->watch, info->connect_fd, counts ? peer : NULL) : -1;
        *socket_context = (void *)(intptr_t)(place + 1); /* 0: none */
    } else
        watch_remove(s->watch, (int)(intptr_t)*socket_context - 1);
}

/* Paths are decoded by path_parse, which knows what to refuse. */
static size_t leave_escaped(void *context, struct MHD_Connection *connection, char *text)
{
    (void)context, (void)connection;
    return strlen(text);
}

static bool start_daemon(struct http_server *s, int fd, struct err *e)
{
    const struct http_options *o = &s->options;
    /* The pool holds the request's head and the buffers. It is cleared after each request
     * of a connection, so a large one costs time and, times connections, memory. */
    intptr_t pool_bytes = (intptr_t)(o->max_header_bytes + POOL_EXTRA_BYTES);
    unsigned flags = MHD_USE_THREAD_PER_CONNECTION | MHD_USE_INTERNAL_POLLING_THREAD |
                     MHD_USE_POLL | MHD_USE_ITC;
    /* clang-format off */
    struct MHD_OptionItem options[] = {
        {MHD_OPTION_NOTIFY_COMPLETED,            (intptr_t)exchange_end, s},
        {MHD_OPTION_NOTIFY_CONNECTION,           (intptr_t)connection_changed, s},
        {MHD_OPTION_URI_LOG_CALLBACK,            (intptr_t)exchange_begin, s},
        {MHD_OPTION_UNESCAPE_CALLBACK,           (intptr_t)leave_escaped, NULL},
        {MHD_OPTION_LISTEN_SOCKET,               fd, NULL},
        {MHD_OPTION_CONNECTION_LIMIT,            o->max_connections + OVERFLOW_CONNECTIONS, NULL},
        {MHD_OPTION_CONNECTION_TIMEOUT,          o->idle_s < 1 ? 1 : (intptr_t)o->idle_s, NULL},
        {MHD_OPTION_CONNECTION_MEMORY_LIMIT,     pool_bytes, NULL},
        {MHD_OPTION_CONNECTION_MEMORY_INCREMENT, 16 * 1024, NULL},
        {MHD_OPTION_THREAD_STACK_SIZE,           STACK_BYTES, NULL},
        {MHD_OPTION_STRICT_FOR_CLIENT,           1, NULL},
        {MHD_OPTION_END,                         0, NULL},
    };
    /* clang-format on */
    s->daemon = MHD_start_daemon(flags, 0, NULL, NULL, exchange_handle, s, MHD_OPTION_ARRAY,
                                 options, MHD_OPTION_END);
    return s->daemon || listen_failed(s, "the HTTP library refuses", e);
}

bool http_server_start(struct http_server *s, struct err *e)
{
    if (s->daemon)
        return err_set(e, ERR_INTERNAL, "the server runs already");
    struct watch_limits limits = {s->options.max_connections, OVERFLOW_CONNECTIONS,
                                  s->options.max_connections_per_ip, s->options.header_s,
                                  s->options.stall_s};
    s->counters = counters_new(routes_count(s->routes));
    if (!s->counters)
        return err_set(e, ERR_INTERNAL, "out of memory");
    s->watch = watch_new(limits, e);
    int fd = s->watch ? listen_socket(s, e) : -1;
    if (fd >= 0 && start_daemon(s, fd, e))
        return true;
    if (fd >= 0)
        close(fd);
    return false;
}

uint16_t http_server_port(const struct http_server *s)
{
    return s->port;
}

static void pause_ms(long ms)
{
    nanosleep(&(struct timespec){ms / 1000, ms % 1000 * 1000000}, NULL);
}

/* True when nothing is being answered any more. */
static bool wait_idle(struct http_server *s, double seconds)
{
    int64_t until = clock_monotonic_ns() + (int64_t)(seconds * 1e9);
    while (watch_active(s->watch) > 0) {
        if (clock_monotonic_ns() >= until)
            return false;
        pause_ms(10);
    }
    return true;
}

void http_server_stop(struct http_server *s, double drain_s)
{
    if (!s->daemon)
        return;
    atomic_store(&s->stopping, true);
    MHD_socket listening = MHD_quiesce_daemon(s->daemon);
    if (listening != MHD_INVALID_SOCKET)
        close(listening);
    if (!wait_idle(s, drain_s)) {
        watch_cancel_all(s->watch, CANCEL_SHUTDOWN);
        if (!wait_idle(s, CUT_AFTER_S))
            watch_cut_all(s->watch);
    }
    MHD_stop_daemon(s->daemon);
    s->daemon = NULL;
}

void http_server_free(struct http_server *s)
{
    if (!s)
        return;
    http_server_stop(s, 0);
    watch_free(s->watch);
    proxies_free(s->proxies);
    counters_free(s->counters);
    routes_free(s->routes);
    arena_free(s->arena);
    free(s);
}

/* ---- counters ---- */

void http_server_counts(struct http_server *s,
                        void (*visit)(void *, const struct http_count *), void *context)
{
    if (s->counters)
        counters_visit(s->counters, s->routes, visit, context);
}

unsigned http_server_connections(struct http_server *s)
{
    return s->watch ? watch_connections(s->watch) : 0;
}

unsigned http_server_active(struct http_server *s)
{
    return s->watch ? watch_active(s->watch) : 0;
}
