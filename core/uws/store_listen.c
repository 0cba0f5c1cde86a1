/* store_listen.c -- a connection that listens: when any node changes a job's phase, the
 * others hear of it at once instead of at their next look. */
#include <poll.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <pthread.h>

#include "core/uws/store_postgres.h"

enum { RETRY_MS = 2000, CHECK_MS = 15000 };

struct listener {
    const struct pg_pool *pool;
    void (*changed)(void *context, const char *id);
    void *context;
    int stop; /* eventfd */
    pthread_t thread;
};

static bool is_stopped_within(struct listener *l, int ms)
{
    struct pollfd p = {.fd = l->stop, .events = POLLIN};
    return poll(&p, 1, ms) > 0;
}

/* False: the connection is lost. */
static bool hear(struct listener *l, PGconn *handle)
{
    PGnotify *note;
    if (!PQconsumeInput(handle))
        return false;
    while ((note = PQnotifies(handle))) {
        l->changed(l->context, note->extra);
        PQfreemem(note);
    }
    return true;
}

/* Now and then a question of our own, so that a dead peer is noticed. */
static bool is_alive(PGconn *handle)
{
    PGresult *r = PQexec(handle, "SELECT 1");
    bool ok = PQresultStatus(r) == PGRES_TUPLES_OK;
    PQclear(r);
    return ok;
}

static void listen_until_lost(struct listener *l, PGconn *handle)
{
    PGresult *r = PQexec(handle, "LISTEN colure_jobs");
    bool ok = PQresultStatus(r) == PGRES_COMMAND_OK;
    PQclear(r);
    l->changed(l->context, NULL); /* what happened while nobody listened */
    while (ok) {
        struct pollfd p[2] = {{.fd = l->stop, .events = POLLIN},
                              {.fd = PQsocket(handle), .events = POLLIN}};
        int n = poll(p, 2, CHECK_MS);
        if (p[0].revents)
            return;
        ok = (n != 0 || is_alive(handle)) && hear(l, handle);
    }
}

static void *listener(void *context)
{
    struct listener *l = context;
    int wait_ms = 0;
    while (!is_stopped_within(l, wait_ms)) {
        struct err e = {0};
        PGconn *handle = pg_connect(l->pool, &e);
        if (handle)
            listen_until_lost(l, handle);
        PQfinish(handle);
        wait_ms = RETRY_MS;
    }
    return NULL;
}

struct listener *listener_start(const struct pg_pool *pool,
                                void (*changed)(void *context, const char *id),
                                void *context, struct err *e)
{
    struct listener *l = calloc(1, sizeof *l);
    if (l)
        *l = (struct listener){pool, changed, context, eventfd(0, EFD_CLOEXEC), 0};
    if (l && l->stop >= 0 && pthread_create(&l->thread, NULL, listener, l) == 0)
        return l;
    if (l && l->stop >= 0)
        close(l->stop);
    free(l);
    err_set(e, ERR_INTERNAL, "cannot start listening for jobs");
    return NULL;
}

void listener_stop(struct listener *l)
{
    if (!l)
        return;
    eventfd_write(l->stop, 1);
    pthread_join(l->thread, NULL);
    close(l->stop);
    free(l);
}
