/* uws.c -- opening and closing a job list. */
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/uws/uws_int.h"

enum { DAY_S = 86400 };

static const char *keep_text(struct arena *arena, const char *text, const char *otherwise)
{
    return text ? arena_text(arena, str_of(text)) : otherwise;
}

static const char *const *keep_list(struct arena *arena, const char *const *list)
{
    size_t n = 0;
    while (list && list[n])
        n++;
    const char **copy = arena_new_array(arena, const char *, n + 1);
    for (size_t i = 0; copy && i < n; i++)
        copy[i] = arena_text(arena, str_of(list[i]));
    return copy;
}

#define DEFAULT(field, value)                                                              \
    do {                                                                                   \
        if ((field) == 0)                                                                  \
            (field) = (value);                                                             \
    } while (0)

static bool fill_options(struct uws_options *o, struct arena *arena, struct err *e)
{
    if (!o->path || !o->directory || !o->run)
        return err_set(e, ERR_INTERNAL,
                       "a job list needs a path, a directory and a runner");
    o->path = keep_text(arena, o->path, NULL);
    o->base_url = keep_text(arena, o->base_url, NULL);
    o->title = keep_text(arena, o->title, "Jobs");
    o->directory = keep_text(arena, o->directory, NULL);
    o->store = o->store ? arena_text(arena, str_of(o->store))
                        : arena_format(arena, "%s/jobs.sqlite", o->directory);
    o->database = keep_text(arena, o->database, NULL);
    o->database_password = keep_text(arena, o->database_password, NULL);
    o->repeatable = keep_list(arena, o->repeatable);
    DEFAULT(o->lease_s, 30);
    DEFAULT(o->workers, 2);
    DEFAULT(o->max_queued_per_owner, 100);
    DEFAULT(o->max_jobs_per_owner, 10000);
    DEFAULT(o->max_waiters, 256);
    DEFAULT(o->max_wait_s, 50);
    DEFAULT(o->duration_s, 3600);
    DEFAULT(o->max_duration_s, DAY_S);
    DEFAULT(o->destruction_s, 7 * DAY_S);
    DEFAULT(o->max_destruction_s, 60 * DAY_S);
    if (o->workers > MAX_WORKERS)
        o->workers = MAX_WORKERS;
    return (o->path && o->directory && o->store && o->repeatable) ||
           err_set(e, ERR_INTERNAL, "out of memory");
}

static struct uws *new_uws(const struct uws_options *options)
{
    struct uws *uws = calloc(1, sizeof *uws);
    if (!uws)
        return NULL;
    uws->options = *options;
    uws->arena = arena_new(1 << 20);
    uws->directory_lock = -1;
    pthread_mutex_init(&uws->edit_lock, NULL);
    pthread_mutex_init(&uws->claim_lock, NULL);
    pthread_mutex_init(&uws->lock, NULL);
    clock_condition_init(&uws->work);
    clock_condition_init(&uws->keep);
    return uws;
}

static struct uws_store *open_store(struct uws *uws, struct err *e)
{
    const struct uws_options *o = &uws->options;
    struct uws_sharing sharing = {.database = o->database,
                                  .password = o->database_password,
                                  .list = o->path,
                                  .lease_s = o->lease_s,
                                  .changed = share_changed,
                                  .context = uws};
    if (o->database)
        return store_postgres_open(&sharing, e);
    return files_lock(uws, e) ? store_sqlite_open(o->store, e) : NULL;
}

struct uws *uws_open(const struct uws_options *options, struct err *e)
{
    struct uws *uws = new_uws(options);
    if (!uws || !uws->arena) {
        err_set(e, ERR_INTERNAL, "out of memory");
        uws_free(uws);
        return NULL;
    }
    if (fill_options(&uws->options, uws->arena, e) && files_top(uws, e) &&
        (uws->store = open_store(uws, e)) != NULL &&
        uws->store->recover(uws->store, uws->options.restartable, clock_now_us(), e) &&
        files_sweep(uws, e))
        return uws;
    uws_free(uws);
    return NULL;
}

bool uws_start(struct uws *uws, struct err *e)
{
    return work_start(uws, e);
}

void uws_quiesce(struct uws *uws)
{
    if (uws->threads)
        work_quiesce(uws);
}

void uws_stop(struct uws *uws, double drain_s)
{
    if (uws && uws->threads)
        work_stop(uws, drain_s);
}

void uws_free(struct uws *uws)
{
    if (!uws)
        return;
    uws_stop(uws, 0);
    if (uws->store)
        uws->store->close(uws->store);
    if (uws->directory_lock >= 0)
        close(uws->directory_lock);
    pthread_cond_destroy(&uws->work);
    pthread_cond_destroy(&uws->keep);
    pthread_mutex_destroy(&uws->edit_lock);
    pthread_mutex_destroy(&uws->claim_lock);
    pthread_mutex_destroy(&uws->lock);
    arena_free(uws->arena);
    free(uws);
}

bool uws_count(struct uws *uws, struct uws_counts *counts, struct err *e)
{
    *counts = (struct uws_counts){.workers = uws->options.workers};
    pthread_mutex_lock(&uws->lock);
    counts->running = uws->nrunning;
    counts->waiters = uws->nwaiter;
    pthread_mutex_unlock(&uws->lock);
    return uws->store->count(uws->store, counts->phase, e);
}
