/* guard.c -- the call's token and deadline, turned into DuckDB's interrupt. */
#include "stores/duckdb/internal.h"

#include "core/base/clock.h"

/* A query that runs for so long is worth waking others for. */
#define LONG_NS INT64_C(500000)

/* Runs in the timer's thread. */
static void stop(void *what)
{
    struct store_session *x = what;
    atomic_store(&x->is_stopped, true);
    duck.interrupt(x->connection);
}

/* Runs in the thread that raises the token. */
static void cancel(void *what)
{
    struct store_session *x = what;
    stop(x);
    timer_set(x->store->timer, &x->alarm, 0); /* which goes on with it */
}

static enum store_status say_stopped(struct store_session *x, struct store_error *e)
{
    const struct store_host *host = x->store->host;
    struct store_call without_token = *x->call;
    without_token.cancel = NULL;
    bool is_late = host->is_cancelled(host, &without_token);
    return fail(e, STORE_CANCELLED,
                is_late ? "the query took longer than it may and was stopped"
                        : "the query was stopped");
}

enum store_status guard_on(struct store_session *x, const struct store_call *call,
                           struct store_error *e)
{
    static const struct store_call UNBOUND = {.size = sizeof UNBOUND,
                                              .deadline_ns = INT64_MAX};
    const struct store_host *host = x->store->host;
    x->call = call = call ? call : &UNBOUND;
    x->begun_ns = clock_monotonic_ns();
    atomic_store(&x->is_stopped, false);
    if (host->is_cancelled(host, call))
        return say_stopped(x, e);
    x->alarm = (struct alarm){.ring = stop, .what = x};
    x->watch = call->cancel ? host->watch(host, call, cancel, x) : NULL;
    if (call->cancel && !x->watch)
        return fail(e, STORE_LIMIT, "no memory to watch for a cancel");
    if (call->deadline_ns != INT64_MAX &&
        !timer_set(x->store->timer, &x->alarm, call->deadline_ns)) {
        guard_off(x);
        return fail(e, STORE_LIMIT, "no thread to watch the deadline");
    }
    return STORE_OK;
}

void guard_off(struct store_session *x)
{
    if (x->watch)
        x->store->host->unwatch(x->store->host, x->watch);
    x->watch = NULL;
    timer_clear(x->store->timer, &x->alarm);
    if (x->has_help)
        workers_dismiss(x->store->workers);
    x->has_help = false;
}

void session_get_help(struct store_session *x)
{
    if (!x->has_help && clock_monotonic_ns() - x->begun_ns > LONG_NS)
        x->has_help = workers_call(x->store->workers);
}

enum store_status guard_check(struct store_session *x, struct store_error *e)
{
    return atomic_load(&x->is_stopped) ? say_stopped(x, e) : STORE_OK;
}

enum store_status guard_fail(struct store_session *x, const char *message,
                             struct store_error *e)
{
    enum store_status status = fail_duck(x->store->host, message, e);
    return status == STORE_CANCELLED ? say_stopped(x, e) : status;
}
