/* watch.c -- one thread over all connections: it raises a request's token when its client
 * leaves, and cuts clients that are too slow to send headers, body, or to take the answer.
 * libmicrohttpd itself notices neither while a handler works. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/http/http_int.h"

enum {
    TICK_MS = 500,
    STEP_BYTES = 64 * 1024, /* what a client must take or send in stall_s */
    CROWDED_PERCENT = 90,   /* of the connections: then idle ones are closed soon */
    CROWDED_IDLE_S = 1,
};

struct place {
    int fd;
    uint32_t generation; /* tells a late event from one of the place's next connection */
    enum watch_phase phase;
    bool left, is_over;
    char peer[INET6_ADDRSTRLEN]; /* empty: not counted */
    int64_t since_ns;
    uint64_t bytes;
    struct cancel *cancel;
    int next_free;
};

struct watch {
    struct watch_limits limits;
    pthread_mutex_t lock; /* of everything below */
    struct place *places;
    int nplace, first_free;
    unsigned connections, active;
    int epoll, wake;
    bool stop;
    pthread_t thread;
    bool has_thread;
};

static void *watch_run(void *);

static bool open_fds(struct watch *w)
{
    w->epoll = epoll_create1(EPOLL_CLOEXEC);
    w->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    struct epoll_event event = {.events = EPOLLIN, .data.u64 = UINT64_MAX};
    return w->epoll >= 0 && w->wake >= 0 &&
           epoll_ctl(w->epoll, EPOLL_CTL_ADD, w->wake, &event) == 0;
}

struct watch *watch_new(struct watch_limits limits, struct err *e)
{
    struct watch *w = calloc(1, sizeof *w);
    if (w) {
        *w = (struct watch){.limits = limits, .epoll = -1, .wake = -1};
        pthread_mutex_init(&w->lock, NULL);
        w->nplace = (int)(limits.max_connections + limits.overflow);
        w->places = calloc((size_t)w->nplace, sizeof *w->places);
    }
    if (!w || !w->places || !open_fds(w)) {
        err_set(e, ERR_INTERNAL, "cannot watch connections: %s", strerror(errno));
        watch_free(w);
        return NULL;
    }
    for (int i = 0; i < w->nplace; i++)
        w->places[i] =
            (struct place){.fd = -1, .next_free = i + 1 < w->nplace ? i + 1 : -1};
    w->has_thread = pthread_create(&w->thread, NULL, watch_run, w) == 0;
    if (!w->has_thread) {
        err_set(e, ERR_INTERNAL, "cannot start the thread that watches connections");
        watch_free(w);
        return NULL;
    }
    return w;
}

void watch_free(struct watch *w)
{
    if (!w)
        return;
    if (w->has_thread) {
        pthread_mutex_lock(&w->lock);
        w->stop = true;
        pthread_mutex_unlock(&w->lock);
        uint64_t one = 1;
        ssize_t n = write(w->wake, &one, sizeof one);
        (void)n; /* the tick ends the thread too */
        pthread_join(w->thread, NULL);
    }
    if (w->epoll >= 0)
        close(w->epoll);
    if (w->wake >= 0)
        close(w->wake);
    free(w->places);
    pthread_mutex_destroy(&w->lock);
    free(w);
}

/* ---- called by the connections ---- */

/* Only when there is a limit: it looks at all places. */
static unsigned count_peer(const struct watch *w, const char *peer)
{
    unsigned n = 0;
    for (int i = 0; i < w->nplace; i++)
        n += w->places[i].phase != WATCH_FREE && strcmp(w->places[i].peer, peer) == 0;
    return n;
}

bool watch_is_over(struct watch *w, int place)
{
    if (place < 0)
        return false;
    pthread_mutex_lock(&w->lock);
    bool is_over = w->places[place].is_over;
    pthread_mutex_unlock(&w->lock);
    return is_over;
}

int watch_add(struct watch *w, int fd, const char *peer)
{
    pthread_mutex_lock(&w->lock);
    int i = w->first_free;
    if (i >= 0) {
        struct place *p = &w->places[i];
        unsigned limit = w->limits.per_client;
        bool is_over = limit && peer && count_peer(w, peer) >= limit;
        w->first_free = p->next_free;
        *p = (struct place){.fd = fd,
                            .generation = p->generation + 1,
                            .phase = WATCH_IDLE,
                            .is_over = is_over,
                            .since_ns = clock_monotonic_ns()};
        snprintf(p->peer, sizeof p->peer, "%s", limit && peer ? peer : "");
        w->connections++;
        struct epoll_event event = {.events = EPOLLRDHUP | EPOLLONESHOT,
                                    .data.u64 =
                                        (uint64_t)p->generation << 32 | (uint32_t)i};
        epoll_ctl(w->epoll, EPOLL_CTL_ADD, fd, &event);
    }
    pthread_mutex_unlock(&w->lock);
    return i;
}

void watch_remove(struct watch *w, int place)
{
    if (place < 0)
        return;
    pthread_mutex_lock(&w->lock);
    struct place *p = &w->places[place];
    epoll_ctl(w->epoll, EPOLL_CTL_DEL, p->fd, NULL);
    p->fd = -1;
    p->phase = WATCH_FREE;
    p->next_free = w->first_free;
    w->first_free = place;
    w->connections--;
    pthread_mutex_unlock(&w->lock);
}

void watch_begin(struct watch *w, int place, struct cancel *cancel)
{
    if (place < 0)
        return;
    pthread_mutex_lock(&w->lock);
    struct place *p = &w->places[place];
    p->cancel = cancel;
    p->phase = WATCH_WORK;
    p->since_ns = clock_monotonic_ns();
    w->active++;
    bool left = p->left;
    pthread_mutex_unlock(&w->lock);
    if (left)
        cancel_raise(cancel, CANCEL_CLIENT_LEFT);
}

void watch_end(struct watch *w, int place)
{
    if (place < 0)
        return;
    pthread_mutex_lock(&w->lock);
    struct place *p = &w->places[place];
    p->cancel = NULL;
    p->phase = WATCH_IDLE;
    p->since_ns = clock_monotonic_ns();
    w->active--;
    pthread_mutex_unlock(&w->lock);
}

void watch_phase(struct watch *w, int place, enum watch_phase phase, uint64_t bytes)
{
    if (place < 0)
        return;
    pthread_mutex_lock(&w->lock);
    struct place *p = &w->places[place];
    if (p->phase != phase) {
        p->phase = phase;
        p->since_ns = clock_monotonic_ns();
    }
    p->bytes = bytes;
    pthread_mutex_unlock(&w->lock);
}

unsigned watch_connections(struct watch *w)
{
    pthread_mutex_lock(&w->lock);
    unsigned n = w->connections;
    pthread_mutex_unlock(&w->lock);
    return n;
}

unsigned watch_active(struct watch *w)
{
    pthread_mutex_lock(&w->lock);
    unsigned n = w->active;
    pthread_mutex_unlock(&w->lock);
    return n;
}

/* ---- raising tokens: outside the lock, for a watcher of a token may take others ---- */

static void raise_token(struct watch *w, int i, enum cancel_reason reason)
{
    pthread_mutex_lock(&w->lock);
    struct cancel *cancel = cancel_keep(w->places[i].cancel);
    pthread_mutex_unlock(&w->lock);
    cancel_raise(cancel, reason);
    cancel_drop(cancel);
}

void watch_cancel_all(struct watch *w, enum cancel_reason reason)
{
    for (int i = 0; i < w->nplace; i++)
        raise_token(w, i, reason);
}

void watch_cut_all(struct watch *w)
{
    pthread_mutex_lock(&w->lock);
    for (int i = 0; i < w->nplace; i++)
        if (w->places[i].phase != WATCH_FREE)
            shutdown(w->places[i].fd, SHUT_RDWR);
    pthread_mutex_unlock(&w->lock);
}

static void client_left(struct watch *w, uint64_t data)
{
    int i = (int)(uint32_t)data;
    uint32_t generation = (uint32_t)(data >> 32);
    pthread_mutex_lock(&w->lock);
    bool current = i < w->nplace && w->places[i].generation == generation &&
                   w->places[i].phase != WATCH_FREE;
    if (current)
        w->places[i].left = true;
    struct cancel *cancel = current ? cancel_keep(w->places[i].cancel) : NULL;
    pthread_mutex_unlock(&w->lock);
    cancel_raise(cancel, CANCEL_CLIENT_LEFT);
    cancel_drop(cancel);
}

/* ---- the thread ---- */

/* Seconds that the place's phase may last; 0: for ever. */
static double patience(const struct watch *w, const struct place *p)
{
    bool crowded =
        w->connections * 100 >= w->limits.max_connections * (unsigned)CROWDED_PERCENT;
    switch (p->phase) {
    case WATCH_IDLE:
        return crowded || p->is_over ? CROWDED_IDLE_S : w->limits.header_s;
    case WATCH_BODY:
    case WATCH_SEND:
        return w->limits.stall_s * (1 + (double)p->bytes / STEP_BYTES);
    default:
        return 0;
    }
}

static void cut_slow(struct watch *w)
{
    int64_t now = clock_monotonic_ns();
    pthread_mutex_lock(&w->lock);
    for (int i = 0; i < w->nplace; i++) {
        struct place *p = &w->places[i];
        double limit_s = p->phase == WATCH_FREE ? 0 : patience(w, p);
        if (limit_s > 0 && (double)(now - p->since_ns) > limit_s * 1e9)
            shutdown(p->fd, SHUT_RDWR);
    }
    pthread_mutex_unlock(&w->lock);
}

static bool is_stopped(struct watch *w)
{
    pthread_mutex_lock(&w->lock);
    bool stop = w->stop;
    pthread_mutex_unlock(&w->lock);
    return stop;
}

static void *watch_run(void *context)
{
    struct watch *w = context;
    struct epoll_event events[64];
    int64_t next_ns = 0;
    while (!is_stopped(w)) {
        int n = epoll_wait(w->epoll, events, sizeof events / sizeof *events, TICK_MS);
        for (int i = 0; i < n; i++)
            if (events[i].data.u64 != UINT64_MAX)
                client_left(w, events[i].data.u64);
        if (clock_monotonic_ns() < next_ns)
            continue;
        cut_slow(w);
        next_ns = clock_monotonic_ns() + (int64_t)TICK_MS * 1000000;
    }
    return NULL;
}
