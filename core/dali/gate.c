/* gate.c -- a counter, and tickets so that nobody overtakes. */
#include "core/dali/gate.h"

#include <pthread.h>
#include <stdlib.h>

#include "core/base/clock.h"

struct ticket {
    struct ticket *next;
    bool called; /* has a place */
    pthread_cond_t wake;
};

struct dali_gate {
    pthread_mutex_t lock;
    uint32_t places, running, waiting;
    struct ticket *first, **last;
};

struct dali_gate *gate_new(uint32_t places)
{
    struct dali_gate *g = calloc(1, sizeof *g);
    if (!g)
        return NULL;
    pthread_mutex_init(&g->lock, NULL);
    g->places = places ? places : 1;
    g->last = &g->first;
    return g;
}

void gate_free(struct dali_gate *g)
{
    if (!g)
        return;
    pthread_mutex_destroy(&g->lock);
    free(g);
}

/* Gives free places to those who wait longest. */
static void call_next(struct dali_gate *g)
{
    while (g->first && g->running < g->places) {
        struct ticket *t = g->first;
        g->first = t->next;
        if (!g->first)
            g->last = &g->first;
        g->running++;
        g->waiting--;
        t->called = true;
        pthread_cond_signal(&t->wake);
    }
}

static void leave_line(struct dali_gate *g, struct ticket *t)
{
    struct ticket **link = &g->first;
    while (*link != t)
        link = &(*link)->next;
    *link = t->next;
    if (!*link)
        g->last = link;
    g->waiting--;
}

/* Wakes at least every 200 ms, to see whether the client has left. */
static void wait_a_little(struct dali_gate *g, struct ticket *t)
{
    clock_condition_wait(&t->wake, &g->lock, clock_deadline_ns(0.2));
}

static void ticket_init(struct ticket *t)
{
    *t = (struct ticket){.called = false};
    clock_condition_init(&t->wake);
}

bool gate_enter(struct dali_gate *g, int64_t deadline_ns, struct cancel *cancel,
                struct err *e)
{
    struct ticket t;
    ticket_init(&t);
    pthread_mutex_lock(&g->lock);
    *g->last = &t;
    g->last = &t.next;
    g->waiting++;
    call_next(g);
    while (!t.called && cancel_reason(cancel) == CANCEL_NOT &&
           clock_monotonic_ns() < deadline_ns)
        wait_a_little(g, &t);
    if (!t.called)
        leave_line(g, &t);
    uint32_t running = g->running;
    pthread_mutex_unlock(&g->lock);
    pthread_cond_destroy(&t.wake);
    if (t.called)
        return true;
    if (cancel_reason(cancel) != CANCEL_NOT)
        return err_set(e, ERR_CANCELLED, "the request was cancelled while it waited");
    return err_set(
        e, ERR_BUSY,
        "the node is busy: %u queries are running and this one waited in vain for "
        "its turn; try again later, or use an async job, which waits longer",
        running);
}

void gate_leave(struct dali_gate *g)
{
    pthread_mutex_lock(&g->lock);
    g->running--;
    call_next(g);
    pthread_mutex_unlock(&g->lock);
}

uint32_t gate_running(struct dali_gate *g)
{
    pthread_mutex_lock(&g->lock);
    uint32_t n = g->running;
    pthread_mutex_unlock(&g->lock);
    return n;
}

uint32_t gate_waiting(struct dali_gate *g)
{
    pthread_mutex_lock(&g->lock);
    uint32_t n = g->waiting;
    pthread_mutex_unlock(&g->lock);
    return n;
}
