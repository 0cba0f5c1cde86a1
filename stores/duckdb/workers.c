/* workers.c -- the threads that help a query. DuckDB's own are woken for every task, which
 * costs a look-up more than they can save it; ours sleep until a query has run for a while,
 * work as DuckDB's do as long as there is one, and go to sleep again. */
#include "stores/duckdb/internal.h"

#include <stdlib.h>

#include "core/base/clock.h"

enum { WORKERS_MAX = 256 };

#define AGAIN_NS INT64_C(10000000)

struct shift { /* freed by whoever leaves it last */
    duck_task_state state;
    uint32_t nworking;
    bool is_over;
    struct shift *next; /* among those that are over */
};

struct workers {
    duck_database database;
    pthread_mutex_t lock; /* of what follows */
    pthread_cond_t changed;
    uint32_t ncaller;    /* queries that want help */
    struct shift *shift; /* NULL: nobody wants any */
    struct shift *over;  /* somebody is still there */
    bool is_ending;
    uint32_t nthread;
    pthread_t thread[WORKERS_MAX];
};

static struct shift *shift_new(duck_database database)
{
    struct shift *s = calloc(1, sizeof *s);
    if (s)
        s->state = duck.create_task_state(database);
    return s;
}

static void shift_drop(struct workers *w, struct shift *s)
{
    if (s->nworking > 0 || !s->is_over)
        return;
    struct shift **at = &w->over;
    while (*at != s)
        at = &(*at)->next;
    *at = s->next;
    duck.destroy_task_state(s->state);
    free(s);
}

/* DuckDB wakes as many as work in a shift, but any of those that wait for tasks: who works
 * in a later one may take the call, and then it must be made again. */
static void send_home(struct workers *w)
{
    for (struct shift *s = w->over; s; s = s->next)
        duck.finish_execution(s->state);
}

static void *worker_main(void *argument)
{
    struct workers *w = argument;
    pthread_mutex_lock(&w->lock);
    while (!w->is_ending) {
        struct shift *s = w->shift;
        if (!s) {
            pthread_cond_wait(&w->changed, &w->lock);
            continue;
        }
        s->nworking++;
        pthread_mutex_unlock(&w->lock);
        duck.execute_tasks_state(s->state); /* until the shift is over */
        pthread_mutex_lock(&w->lock);
        s->nworking--;
        shift_drop(w, s);
        if (w->is_ending)
            pthread_cond_broadcast(&w->changed);
    }
    pthread_mutex_unlock(&w->lock);
    return NULL;
}

struct workers *workers_new(duck_database database, uint32_t nthread)
{
    struct workers *w = calloc(1, sizeof *w);
    if (!w)
        return NULL;
    w->database = database;
    pthread_mutex_init(&w->lock, NULL);
    clock_condition_init(&w->changed);
    while (w->nthread < nthread && w->nthread < WORKERS_MAX &&
           thread_start(&w->thread[w->nthread], worker_main, w))
        w->nthread++; /* fewer do as well */
    return w;
}

void workers_free(struct workers *w)
{
    if (!w)
        return;
    pthread_mutex_lock(&w->lock);
    w->is_ending = true;
    pthread_cond_broadcast(&w->changed);
    while (w->over) {
        send_home(w);
        clock_condition_wait(&w->changed, &w->lock, clock_monotonic_ns() + AGAIN_NS);
    }
    pthread_mutex_unlock(&w->lock);
    for (uint32_t i = 0; i < w->nthread; i++)
        pthread_join(w->thread[i], NULL);
    pthread_cond_destroy(&w->changed);
    pthread_mutex_destroy(&w->lock);
    free(w);
}

bool workers_call(struct workers *w)
{
    pthread_mutex_lock(&w->lock);
    if (w->ncaller == 0) {
        send_home(w);
        w->shift = shift_new(w->database);
    }
    bool has_shift = w->shift != NULL;
    w->ncaller += has_shift;
    if (w->ncaller == 1)
        pthread_cond_broadcast(&w->changed);
    pthread_mutex_unlock(&w->lock);
    return has_shift;
}

void workers_dismiss(struct workers *w)
{
    pthread_mutex_lock(&w->lock);
    if (--w->ncaller == 0) {
        struct shift *s = w->shift;
        w->shift = NULL;
        s->is_over = true;
        s->next = w->over;
        w->over = s;
        duck.finish_execution(s->state);
        shift_drop(w, s);
    }
    pthread_mutex_unlock(&w->lock);
}
