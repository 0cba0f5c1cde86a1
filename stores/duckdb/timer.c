/* timer.c -- one thread that rings at deadlines, so that a call which blocks inside DuckDB
 * ends in time. It rings again and again until the alarm is cleared: DuckDB forgets an
 * interrupt that comes while a statement is being started. */
#include "stores/duckdb/internal.h"

#include <signal.h>
#include <stdlib.h>
#include <time.h>

#include "core/base/clock.h"

#define AGAIN_NS INT64_C(100000000)

struct timer {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    pthread_t thread;
    bool is_running, is_ending;
    int64_t wakes_ns;     /* when the thread looks again */
    struct alarm *alarms; /* in no order: they are few */
};

struct timer *timer_new(void)
{
    struct timer *t = calloc(1, sizeof *t);
    if (!t)
        return NULL;
    pthread_mutex_init(&t->lock, NULL);
    clock_condition_init(&t->changed);
    return t;
}

void timer_free(struct timer *t)
{
    if (!t)
        return;
    pthread_mutex_lock(&t->lock);
    t->is_ending = true;
    bool is_running = t->is_running;
    pthread_cond_signal(&t->changed);
    pthread_mutex_unlock(&t->lock);
    if (is_running)
        pthread_join(t->thread, NULL);
    pthread_cond_destroy(&t->changed);
    pthread_mutex_destroy(&t->lock);
    free(t);
}

static void unlink_alarm(struct timer *t, struct alarm *a)
{
    if (a->previous)
        a->previous->next = a->next;
    else
        t->alarms = a->next;
    if (a->next)
        a->next->previous = a->previous;
    a->is_set = false;
}

/* Rings what is due; returns the next deadline. */
static int64_t ring_due(struct timer *t, int64_t now_ns)
{
    int64_t next_ns = CLOCK_NEVER;
    for (struct alarm *a = t->alarms; a; a = a->next) {
        if (a->deadline_ns <= now_ns) {
            a->ring(a->what);
            a->deadline_ns = now_ns + AGAIN_NS;
        }
        if (a->deadline_ns < next_ns)
            next_ns = a->deadline_ns;
    }
    return next_ns;
}

static void *timer_main(void *argument)
{
    struct timer *t = argument;
    pthread_mutex_lock(&t->lock);
    while (!t->is_ending) {
        t->wakes_ns = ring_due(t, clock_monotonic_ns());
        if (t->wakes_ns == CLOCK_NEVER)
            pthread_cond_wait(&t->changed, &t->lock);
        else {
            struct timespec until = {.tv_sec = t->wakes_ns / 1000000000,
                                     .tv_nsec = t->wakes_ns % 1000000000};
            pthread_cond_timedwait(&t->changed, &t->lock, &until);
        }
    }
    pthread_mutex_unlock(&t->lock);
    return NULL;
}

bool thread_start(pthread_t *thread, void *(*run)(void *), void *what)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    bool ok = pthread_create(thread, NULL, run, what) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return ok;
}

static void link_alarm(struct timer *t, struct alarm *a)
{
    a->is_set = true;
    a->previous = NULL;
    a->next = t->alarms;
    if (t->alarms)
        t->alarms->previous = a;
    t->alarms = a;
}

bool timer_set(struct timer *t, struct alarm *a, int64_t deadline_ns)
{
    pthread_mutex_lock(&t->lock);
    if (!t->is_running)
        t->is_running = thread_start(&t->thread, timer_main, t);
    bool ok = t->is_running;
    if (ok && (!a->is_set || deadline_ns < a->deadline_ns)) {
        a->deadline_ns = deadline_ns;
        if (!a->is_set)
            link_alarm(t, a);
        if (deadline_ns < t->wakes_ns)
            pthread_cond_signal(&t->changed);
    }
    pthread_mutex_unlock(&t->lock);
    return ok;
}

void timer_clear(struct timer *t, struct alarm *a)
{
    pthread_mutex_lock(&t->lock);
    if (a->is_set)
        unlink_alarm(t, a);
    pthread_mutex_unlock(&t->lock);
}
