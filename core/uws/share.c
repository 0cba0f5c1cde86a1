/* share.c -- a list that several nodes share: this one says that it lives, hears what the
 * others did to its jobs, and stops its jobs when it can no longer say so. */
#include <stdio.h>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/uws/uws_int.h"

enum { BEATS_PER_LEASE = 4 };

struct copy { /* of the running jobs, for the store */
    struct uws_beat beats[MAX_WORKERS];
    char ids[MAX_WORKERS][ID_BYTES], progress[MAX_WORKERS][PROGRESS_BYTES];
    size_t n;
};

static void copy_running(struct uws *uws, struct copy *copy)
{
    pthread_mutex_lock(&uws->lock);
    for (struct running *r = uws->running; r && copy->n < MAX_WORKERS; r = r->next) {
        size_t i = copy->n++;
        snprintf(copy->ids[i], ID_BYTES, "%s", r->id);
        snprintf(copy->progress[i], PROGRESS_BYTES, "%s", r->progress);
        copy->beats[i] =
            (struct uws_beat){copy->ids[i], r->attempt, copy->progress[i], false};
    }
    uws->beat_asked = false;
    pthread_mutex_unlock(&uws->lock);
}

/* No job is claimed meanwhile: one that is claimed but not yet in the list of running jobs
 * would pass for one that nobody runs. */
static bool tell(struct uws *uws, struct copy *copy, struct err *e)
{
    pthread_mutex_lock(&uws->claim_lock);
    copy_running(uws, copy);
    bool ok = uws->store->beat(uws->store, copy->beats, copy->n, uws->options.restartable,
                               clock_now_us(), e);
    pthread_mutex_unlock(&uws->claim_lock);
    return ok;
}

/* Without a word from us for a lease, other nodes run our jobs: before that we must stop.
 */
static void stop_in_time(struct uws *uws, int64_t now_ns)
{
    int64_t longest_ns = (int64_t)(uws->store->lease_s * 1e9) * (BEATS_PER_LEASE - 1);
    if (now_ns - uws->beaten_ns < longest_ns / BEATS_PER_LEASE)
        return;
    log_line(LOG_ERROR, NULL,
             "jobs: the shared database has been away too long: this node stops its jobs, "
             "others may run them");
    work_cancel_all(uws, CANCEL_SHUTDOWN);
}

static void beat(struct uws *uws, int64_t now_ns)
{
    struct copy copy;
    struct err e = {0};
    copy.n = 0;
    if (!tell(uws, &copy, &e)) {
        stop_in_time(uws, now_ns);
        return;
    }
    uws->beaten_ns = now_ns;
    for (size_t i = 0; i < copy.n; i++)
        if (copy.beats[i].lost)
            work_cancel(uws, copy.ids[i], CANCEL_ABORTED);
}

int64_t share_beat(struct uws *uws)
{
    if (!uws->store->beat)
        return CLOCK_NEVER;
    int64_t now_ns = clock_monotonic_ns();
    pthread_mutex_lock(&uws->lock);
    bool due = uws->beat_asked || now_ns >= uws->beat_due_ns;
    pthread_mutex_unlock(&uws->lock);
    if (uws->beaten_ns == 0)
        uws->beaten_ns = now_ns; /* opening the list was the first */
    if (due) {
        beat(uws, now_ns);
        uws->beat_due_ns = now_ns + (int64_t)(uws->store->lease_s * 1e9 / BEATS_PER_LEASE);
    }
    return uws->beat_due_ns;
}

void share_changed(void *context, const char *id)
{
    struct uws *uws = context;
    bool ours = false;
    pthread_mutex_lock(&uws->lock);
    for (struct running *r = uws->running; r; r = r->next)
        ours = ours || !id || strcmp(r->id, id) == 0;
    uws->beat_asked = uws->beat_asked || ours;
    pthread_mutex_unlock(&uws->lock);
    wait_wake(uws, id);
    work_wake(uws);
    work_keep(uws); /* destructions may have moved too */
}
