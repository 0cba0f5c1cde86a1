/* work.c -- workers that run jobs, and the keeper that ends them in time and sweeps those
 * whose destruction is due. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/uws/uws_int.h"

enum {
    RUN_MEMORY_BYTES = 256 << 20,
    IDLE_S = 30,           /* a worker looks for work this often even when nobody calls */
    RETRY_S = 2,           /* after a failure of the store */
    STACK_BYTES = 2 << 20, /* as in core/http: the engine recurses */
};

static struct timespec monotonic(int64_t ns)
{
    return (struct timespec){ns / 1000000000, ns % 1000000000};
}

static bool is_stopping(struct uws *uws)
{
    pthread_mutex_lock(&uws->lock);
    bool stopping = uws->stopping;
    pthread_mutex_unlock(&uws->lock);
    return stopping;
}

static bool is_draining(struct uws *uws)
{
    pthread_mutex_lock(&uws->lock);
    bool draining = uws->draining;
    pthread_mutex_unlock(&uws->lock);
    return draining;
}

void work_wake(struct uws *uws)
{
    pthread_mutex_lock(&uws->lock);
    uws->work_number++;
    pthread_cond_broadcast(&uws->work);
    pthread_mutex_unlock(&uws->lock);
}

void work_keep(struct uws *uws)
{
    pthread_mutex_lock(&uws->lock);
    uws->keep_asked = true;
    pthread_cond_signal(&uws->keep);
    pthread_mutex_unlock(&uws->lock);
}

/* ---- the list of running jobs ---- */

static void enter(struct uws *uws, struct running *r)
{
    pthread_mutex_lock(&uws->lock);
    r->next = uws->running;
    uws->running = r;
    uws->nrunning++;
    pthread_mutex_unlock(&uws->lock);
}

static void leave(struct uws *uws, struct running *r)
{
    pthread_mutex_lock(&uws->lock);
    struct running **link = &uws->running;
    while (*link != r)
        link = &(*link)->next;
    *link = r->next;
    uws->nrunning--;
    pthread_mutex_unlock(&uws->lock);
}

static struct cancel *token_of(struct uws *uws, const char *id)
{
    struct cancel *token = NULL;
    pthread_mutex_lock(&uws->lock);
    for (struct running *r = uws->running; r; r = r->next)
        if (strcmp(r->id, id) == 0)
            token = cancel_keep(r->cancel);
    pthread_mutex_unlock(&uws->lock);
    return token;
}

void work_cancel(struct uws *uws, const char *id, enum cancel_reason reason)
{
    /* A worker that has just claimed the job has not entered it yet: wait for that. */
    pthread_mutex_lock(&uws->claim_lock);
    struct cancel *token = token_of(uws, id);
    pthread_mutex_unlock(&uws->claim_lock);
    cancel_raise(token, reason);
    cancel_drop(token);
}

bool work_progress(struct uws *uws, const struct uws_job *job, char out[PROGRESS_BYTES])
{
    bool found = false;
    pthread_mutex_lock(&uws->lock);
    for (struct running *r = uws->running; r; r = r->next)
        if (strcmp(r->id, job->id) == 0 && r->progress[0]) {
            memcpy(out, r->progress, PROGRESS_BYTES);
            found = true;
        }
    pthread_mutex_unlock(&uws->lock);
    if (!found && job->progress) { /* it runs on another node */
        snprintf(out, PROGRESS_BYTES, "%s", job->progress);
        found = true;
    }
    return found;
}

/* ---- one run ---- */

struct execution {
    struct uws *uws;
    struct arena *arena;
    struct uws_job job;
    struct uws_run run;
    struct results *results;
    struct running running;
};

void uws_run_progress(struct uws_run *run, const char *text)
{
    /* results are the run's private part; the list of running jobs is found by id */
    struct execution *x =
        (struct execution *)((char *)run - offsetof(struct execution, run));
    pthread_mutex_lock(&x->uws->lock);
    snprintf(x->running.progress, sizeof x->running.progress, "%s", text);
    pthread_mutex_unlock(&x->uws->lock);
}

const struct uws_param *uws_run_param(const struct uws_run *run, const char *name,
                                      const struct uws_param *after)
{
    size_t from = after ? (size_t)(after - run->params) + 1 : 0;
    for (size_t i = from; i < run->nparam; i++)
        if (str_eq_fold(str_of(run->params[i].name), str_of(name)))
            return &run->params[i];
    return NULL;
}

/* Claims a job and lists it as running, as one act for work_cancel. */
static bool claim(struct execution *x, bool *found)
{
    struct uws *uws = x->uws;
    struct err e = {0};
    pthread_mutex_lock(&uws->claim_lock);
    bool ok = is_draining(uws) ||
              uws->store->claim(uws->store, x->arena, uws->options.max_running_per_owner,
                                clock_now_us(), &x->job, found, &e);
    if (ok && *found) {
        snprintf(x->running.id, sizeof x->running.id, "%s", x->job.id);
        x->running.attempt = x->job.attempt;
        x->running.duration_s = x->job.duration_s;
        x->running.deadline_ns = x->job.duration_s > 0
                                     ? clock_deadline_ns((double)x->job.duration_s)
                                     : CLOCK_NEVER;
        enter(uws, &x->running);
    }
    pthread_mutex_unlock(&uws->claim_lock);
    if (!ok)
        log_line(LOG_ERROR, NULL, "jobs: cannot claim: %s", e.message);
    return ok;
}

static bool prepare(struct execution *x, struct err *e)
{
    struct uws *uws = x->uws;
    const char *id = x->job.id;
    if (!files_make(uws, id, e))
        return false;
    files_remove_some(uws, id, "result-"); /* of an attempt that a crash ended */
    files_remove_some(uws, id, PREVIEW_FILE);
    x->run = (struct uws_run){
        .arena = x->arena,
        .id = id,
        .directory = files_path(uws, x->arena, id, NULL),
        .owner = x->job.owner,
        .fair_key = x->job.fair_key,
        .run_id = x->job.run_id,
        .job_url =
            arena_format(x->arena, "%s%s/%s", x->job.base_url, uws->options.path, id),
        .params = x->job.params,
        .nparam = x->job.nparam,
        .cancel = x->running.cancel,
        .deadline_ns = x->running.deadline_ns,
        .duration_s = x->running.duration_s,
        .attempt = x->job.attempt,
    };
    x->run.private = x->results = results_new(uws, &x->run);
    if (!x->results || !x->run.directory || !x->run.job_url)
        return err_set(e, ERR_INTERNAL, "out of memory");
    for (size_t i = 0; i < x->job.nparam; i++)
        if (x->job.params[i].path) {
            x->job.params[i].path = files_path(uws, x->arena, id, x->job.params[i].path);
            if (!x->job.params[i].path)
                return err_set(e, ERR_INTERNAL, "out of memory");
        }
    return true;
}

/* How the run ended becomes the job's phase. */
static struct uws_move verdict(struct execution *x, bool ok, struct err *e)
{
    struct uws_move move = {.id = x->job.id,
                            .from = PHASE_BIT(UWS_EXECUTING),
                            .attempt = x->job.attempt,
                            .to = UWS_COMPLETED,
                            .now_us = clock_now_us()};
    if (ok) {
        move.nresult = results_list(x->results, &move.results);
        return move;
    }
    enum cancel_reason why = cancel_reason(x->running.cancel);
    bool interrupted = e->kind == ERR_CANCELLED || e->kind == ERR_TIMEOUT;
    bool late = e->kind == ERR_TIMEOUT && clock_monotonic_ns() >= x->run.deadline_ns;
    move.to = late || (interrupted && why == CANCEL_ABORTED) ? UWS_ABORTED : UWS_ERROR;
    move.error = e;
    if (interrupted && why == CANCEL_SHUTDOWN) {
        *e = (struct err){0};
        err_set(e, ERR_UNAVAILABLE, "the node was stopped while this job was running");
        if (x->uws->options.restartable)
            move.to = UWS_QUEUED;
    }
    return move;
}

/* What a run that did not complete leaves; another node's run of the same job keeps its
 * own.
 */
static void clear_away(struct execution *x, bool moved)
{
    struct uws *uws = x->uws;
    struct uws_job now;
    struct err e = {0};
    bool found = moved || uws->store->load(uws->store, x->arena, x->job.id, &now, &e);
    if (!found && e.kind == ERR_NOT_FOUND)
        files_remove(uws, x->job.id); /* deleted while it ran */
    else if (found && (moved || now.attempt == x->job.attempt)) {
        files_remove_some(uws, x->job.id, "result-");
        files_remove_some(uws, x->job.id, PREVIEW_FILE);
    }
}

static void finish(struct execution *x, bool ok, struct err *e)
{
    struct uws *uws = x->uws;
    if (!ok)
        err_set(e, ERR_INTERNAL, "the job failed without saying why");
    struct uws_move move = verdict(x, ok, e);
    struct err problem = {0};
    bool moved = false;
    if (x->results)
        results_close(x->results);
    if (move.to == UWS_QUEUED)
        move.error = NULL;
    if (!uws->store->move(uws->store, &move, &moved, &problem))
        log_line(LOG_ERROR, NULL, "job %s: its end cannot be stored: %s", x->job.id,
                 problem.message);
    leave(uws, &x->running);
    if (moved && move.to == UWS_COMPLETED)
        files_remove_some(uws, x->job.id, PREVIEW_FILE);
    else if (!moved || move.to != UWS_QUEUED) /* that may run already; it clears away */
        clear_away(x, moved);
    log_line(LOG_INFO, NULL, "job %s %s%s%s", x->job.id,
             moved ? uws_phase_word(move.to) : "was ended by others",
             move.error && moved ? ": " : "",
             move.error && moved ? move.error->message : "");
    wait_wake(uws, x->job.id);
    work_wake(uws); /* its owner may have a place free now */
}

static void execute(struct execution *x)
{
    struct err e = {0};
    wait_wake(x->uws, x->job.id);
    work_keep(x->uws);
    bool ok =
        prepare(x, &e) && x->uws->options.run(x->uws->options.run_context, &x->run, &e);
    finish(x, ok, &e);
}

/* Runs one job if there is one; false when there is none. */
static bool work_once(struct uws *uws, bool *failed)
{
    struct execution *x = calloc(1, sizeof *x);
    bool found = false;
    *failed = true;
    if (x) {
        x->uws = uws;
        x->arena = arena_new(RUN_MEMORY_BYTES);
        x->running.cancel = cancel_new();
        *failed = !x->arena || !x->running.cancel || !claim(x, &found);
        if (!*failed && found)
            execute(x);
        cancel_drop(x->running.cancel);
        arena_free(x->arena);
    }
    free(x);
    return found;
}

static void sleep_for_work(struct uws *uws, uint64_t seen, double seconds)
{
    struct timespec until = monotonic(clock_deadline_ns(seconds));
    int rc = 0;
    pthread_mutex_lock(&uws->lock);
    while (!uws->draining && uws->work_number == seen && rc == 0)
        rc = pthread_cond_timedwait(&uws->work, &uws->lock, &until);
    pthread_mutex_unlock(&uws->lock);
}

static void *worker(void *context)
{
    struct uws *uws = context;
    while (!is_draining(uws)) {
        pthread_mutex_lock(&uws->lock);
        uint64_t seen = uws->work_number;
        pthread_mutex_unlock(&uws->lock);
        bool failed;
        if (!work_once(uws, &failed))
            sleep_for_work(uws, seen, failed ? RETRY_S : IDLE_S);
    }
    return NULL;
}

/* ---- the keeper ---- */

/* A running job that is over its time; its next deadline is put in *next_ns. */
static bool find_late(struct uws *uws, struct running *late, int64_t *next_ns)
{
    int64_t now = clock_monotonic_ns();
    bool found = false;
    *next_ns = CLOCK_NEVER;
    pthread_mutex_lock(&uws->lock);
    for (struct running *r = uws->running; r; r = r->next) {
        if (r->deadline_ns == CLOCK_NEVER)
            continue;
        if (r->deadline_ns <= now && !found) {
            *late = *r;
            r->deadline_ns = CLOCK_NEVER; /* once is enough */
            found = true;
        } else if (r->deadline_ns < *next_ns)
            *next_ns = r->deadline_ns;
    }
    pthread_mutex_unlock(&uws->lock);
    return found;
}

static int64_t end_late_jobs(struct uws *uws)
{
    struct running late;
    int64_t next_ns;
    while (find_late(uws, &late, &next_ns)) {
        struct err why = {0}, e = {0};
        err_set(&why, ERR_TIMEOUT, "the job was ended after its %lld seconds were over",
                (long long)late.duration_s);
        if (job_abort(uws, late.id, &why, &e))
            continue;
        log_line(LOG_ERROR, NULL, "job %s: its end cannot be stored: %s", late.id,
                 e.message);
        work_cancel(uws, late.id, CANCEL_ABORTED); /* its worker tries once more */
    }
    return next_ns;
}

static int64_t sweep(struct uws *uws)
{
    struct arena *arena = arena_new(1 << 20);
    int64_t next_us = INT64_MAX;
    while (arena && !is_stopping(uws)) {
        const char *id = NULL;
        struct err e = {0};
        arena_reset(arena);
        bool ok = uws->store->expired(uws->store, arena, clock_now_us(), &id, &next_us, &e);
        if (ok && id)
            log_line(LOG_INFO, NULL, "job %s: its time is over, deleted", id);
        if (!ok || !id || (!job_delete(uws, id, &e) && e.kind != ERR_NOT_FOUND))
            break;
    }
    arena_free(arena);
    return next_us;
}

static void sleep_for_keeper(struct uws *uws, int64_t next_ns, int64_t next_us)
{
    int64_t wait_us = next_us == INT64_MAX ? INT64_MAX : next_us - clock_now_us();
    int64_t until_ns = clock_deadline_ns(IDLE_S); /* civil clocks may be set */
    if (next_ns < until_ns)
        until_ns = next_ns;
    if (wait_us < IDLE_S * 1000000LL) {
        int64_t due_ns = clock_monotonic_ns() + (wait_us > 1000 ? wait_us : 1000) * 1000;
        until_ns = due_ns < until_ns ? due_ns : until_ns;
    }
    struct timespec until = monotonic(until_ns);
    int rc = 0;
    pthread_mutex_lock(&uws->lock);
    while (!uws->stopping && !uws->keep_asked && rc == 0)
        rc = pthread_cond_timedwait(&uws->keep, &uws->lock, &until);
    uws->keep_asked = false;
    pthread_mutex_unlock(&uws->lock);
}

static void *keeper(void *context)
{
    struct uws *uws = context;
    while (!is_stopping(uws)) {
        int64_t next_ns = end_late_jobs(uws);
        int64_t beat_ns = share_beat(uws);
        int64_t next_us = sweep(uws);
        sleep_for_keeper(uws, beat_ns < next_ns ? beat_ns : next_ns, next_us);
    }
    return NULL;
}

/* ---- start and stop ---- */

bool work_start(struct uws *uws, struct err *e)
{
    unsigned n = uws->options.workers + 1;
    uws->threads = calloc(n, sizeof *uws->threads);
    if (!uws->threads)
        return err_set(e, ERR_INTERNAL, "out of memory");
    pthread_attr_t attr;
    pthread_attr_init(&attr);
    pthread_attr_setstacksize(&attr, STACK_BYTES);
    for (; uws->nthread < n; uws->nthread++)
        if (pthread_create(&uws->threads[uws->nthread], &attr,
                           uws->nthread + 1 < n ? worker : keeper, uws) != 0)
            break;
    pthread_attr_destroy(&attr);
    return uws->nthread == n ||
           err_set(e, ERR_INTERNAL, "cannot start the workers of jobs");
}

void work_cancel_all(struct uws *uws, enum cancel_reason reason)
{
    struct cancel *tokens[MAX_WORKERS];
    size_t n = 0;
    pthread_mutex_lock(&uws->lock);
    for (struct running *r = uws->running; r && n < MAX_WORKERS; r = r->next)
        tokens[n++] = cancel_keep(r->cancel);
    pthread_mutex_unlock(&uws->lock);
    for (size_t i = 0; i < n; i++) {
        cancel_raise(tokens[i], reason);
        cancel_drop(tokens[i]);
    }
}

static bool wait_idle(struct uws *uws, double seconds)
{
    int64_t until = clock_monotonic_ns() + (int64_t)(seconds * 1e9);
    for (;;) {
        pthread_mutex_lock(&uws->lock);
        bool idle = uws->nrunning == 0;
        pthread_mutex_unlock(&uws->lock);
        if (idle || clock_monotonic_ns() >= until)
            return idle;
        nanosleep(&(struct timespec){0, 10000000}, NULL);
    }
}

void work_quiesce(struct uws *uws)
{
    pthread_mutex_lock(&uws->lock);
    uws->draining = true;
    pthread_cond_broadcast(&uws->work);
    pthread_mutex_unlock(&uws->lock);
    pthread_mutex_lock(&uws->claim_lock); /* after this nobody claims any more */
    pthread_mutex_unlock(&uws->claim_lock);
    wait_wake(uws, NULL);
}

/* It goes on while jobs run: it ends late ones, and tells other nodes that this one lives.
 */
static void stop_keeper(struct uws *uws)
{
    pthread_mutex_lock(&uws->lock);
    uws->stopping = true;
    pthread_cond_broadcast(&uws->keep);
    pthread_mutex_unlock(&uws->lock);
}

void work_stop(struct uws *uws, double drain_s)
{
    work_quiesce(uws);
    wait_idle(uws, drain_s);
    while (!wait_idle(uws, 0.05))
        work_cancel_all(uws, CANCEL_SHUTDOWN);
    stop_keeper(uws);
    for (unsigned i = 0; i < uws->nthread; i++)
        pthread_join(uws->threads[i], NULL);
    uws->nthread = 0;
    free(uws->threads);
    uws->threads = NULL;
}
