/* wait.c -- long polls: a request sleeps until its job's phase changes (UWS-17). */
#include <time.h>

#include "core/base/clock.h"
#include "core/uws/uws_int.h"

struct waiter {
    struct waiter *next;
    struct uws *uws;
    const char *id;
    bool woken;
    pthread_cond_t wake;
};

static void client_left(void *context)
{
    struct waiter *w = context;
    pthread_mutex_lock(&w->uws->lock);
    w->woken = true;
    pthread_cond_signal(&w->wake);
    pthread_mutex_unlock(&w->uws->lock);
}

void wait_wake(struct uws *uws, const char *id)
{
    pthread_mutex_lock(&uws->lock);
    for (struct waiter *w = uws->waiters; w; w = w->next)
        if (!id || strcmp(w->id, id) == 0) {
            w->woken = true;
            pthread_cond_signal(&w->wake);
        }
    pthread_mutex_unlock(&uws->lock);
}

static bool enter(struct waiter *w)
{
    struct uws *uws = w->uws;
    pthread_mutex_lock(&uws->lock);
    bool ok = uws->nwaiter < uws->options.max_waiters && !uws->draining;
    if (ok) {
        uws->nwaiter++;
        w->next = uws->waiters;
        uws->waiters = w;
    }
    pthread_mutex_unlock(&uws->lock);
    return ok;
}

static void leave(struct waiter *w)
{
    pthread_mutex_lock(&w->uws->lock);
    struct waiter **link = &w->uws->waiters;
    while (*link != w)
        link = &(*link)->next;
    *link = w->next;
    w->uws->nwaiter--;
    pthread_mutex_unlock(&w->uws->lock);
}

static void sleep_until(struct waiter *w, int64_t until_ns)
{
    struct timespec until = {until_ns / 1000000000, until_ns % 1000000000};
    pthread_mutex_lock(&w->uws->lock);
    int rc = 0;
    while (!w->woken && rc == 0)
        rc = pthread_cond_timedwait(&w->wake, &w->uws->lock, &until);
    pthread_mutex_unlock(&w->uws->lock);
}

/* After entering, so that a change between the caller's look and now is not slept through.
 */
static bool phase_is(struct waiter *w, struct http_request *request, enum uws_phase phase)
{
    struct uws_job job;
    struct err e = {0};
    return w->uws->store->load(w->uws->store, request->arena, w->id, &job, &e) &&
           job.phase == phase;
}

void wait_for_change(struct uws *uws, struct http_request *request, const char *id,
                     enum uws_phase phase, double seconds)
{
    struct waiter w = {.uws = uws, .id = id};
    int64_t until_ns = clock_deadline_ns(seconds);
    if (seconds <= 0)
        return;
    clock_condition_init(&w.wake);
    if (enter(&w)) {
        struct cancel_watch *watch = cancel_watch(request->cancel, client_left, &w);
        if (phase_is(&w, request, phase))
            sleep_until(&w, until_ns);
        cancel_unwatch(watch);
        leave(&w);
    }
    pthread_cond_destroy(&w.wake);
}
