/* cancel.c -- a lock, a reason and a list of watchers. */
#include "core/base/cancel.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include "core/base/clock.h"

struct cancel_watch {
    struct cancel *token;
    struct cancel_watch *next;
    void (*raise)(void *);
    void *what;
};

struct cancel {
    atomic_int references;
    atomic_int reason;
    pthread_mutex_t lock;
    pthread_cond_t raised;
    struct cancel_watch *watches;
};

struct cancel *cancel_new(void)
{
    struct cancel *c = calloc(1, sizeof *c);
    if (!c)
        return NULL;
    atomic_init(&c->references, 1);
    atomic_init(&c->reason, CANCEL_NOT);
    pthread_mutex_init(&c->lock, NULL);
    clock_condition_init(&c->raised);
    return c;
}

struct cancel *cancel_keep(struct cancel *c)
{
    if (c)
        atomic_fetch_add(&c->references, 1);
    return c;
}

void cancel_drop(struct cancel *c)
{
    if (!c || atomic_fetch_sub(&c->references, 1) != 1)
        return;
    pthread_cond_destroy(&c->raised);
    pthread_mutex_destroy(&c->lock);
    free(c);
}

void cancel_raise(struct cancel *c, enum cancel_reason reason)
{
    if (!c)
        return;
    pthread_mutex_lock(&c->lock);
    if (atomic_load(&c->reason) == CANCEL_NOT) {
        atomic_store(&c->reason, (int)reason);
        for (struct cancel_watch *w = c->watches; w; w = w->next)
            w->raise(w->what);
        pthread_cond_broadcast(&c->raised);
    }
    pthread_mutex_unlock(&c->lock);
}

enum cancel_reason cancel_reason(const struct cancel *c)
{
    return c ? (enum cancel_reason)atomic_load(&c->reason) : CANCEL_NOT;
}

struct cancel_watch *cancel_watch(struct cancel *c, void (*raise)(void *), void *what)
{
    struct cancel_watch *w = c ? calloc(1, sizeof *w) : NULL;
    if (!w)
        return NULL;
    *w = (struct cancel_watch){cancel_keep(c), NULL, raise, what};
    pthread_mutex_lock(&c->lock);
    w->next = c->watches;
    c->watches = w;
    if (atomic_load(&c->reason) != CANCEL_NOT)
        raise(what);
    pthread_mutex_unlock(&c->lock);
    return w;
}

void cancel_unwatch(struct cancel_watch *w)
{
    if (!w)
        return;
    pthread_mutex_lock(&w->token->lock);
    struct cancel_watch **link = &w->token->watches;
    while (*link != w)
        link = &(*link)->next;
    *link = w->next;
    pthread_mutex_unlock(&w->token->lock);
    cancel_drop(w->token);
    free(w);
}

bool cancel_sleep(struct cancel *c, double seconds)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    int64_t ns = until.tv_nsec + (int64_t)(seconds * 1e9);
    until.tv_sec += ns / 1000000000;
    until.tv_nsec = ns % 1000000000;
    pthread_mutex_lock(&c->lock);
    int rc = 0;
    while (atomic_load(&c->reason) == CANCEL_NOT && rc != ETIMEDOUT)
        rc = pthread_cond_timedwait(&c->raised, &c->lock, &until);
    pthread_mutex_unlock(&c->lock);
    return cancel_reason(c) != CANCEL_NOT;
}
