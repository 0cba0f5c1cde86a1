/* wait.c -- waiting for the server: every wait ends at the cancel token and the deadline
 * too. The token's thread only writes to an eventfd; the query's own thread sends PQcancel
 * (which blocks for a moment), and so the connection is idle again before it is reused. */
#include "stores/postgres/internal.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include "core/base/clock.h"

/* How long a query that is left gets to end by itself, and how long after PQcancel. */
#define GRACE_NS INT64_C(5000000)
#define PATIENCE_NS INT64_C(10000000000)

/* --- the call's token ------------------------------------------------------------- */

static void stop(void *what) /* in the thread that raises the token */
{
    struct store_session *x = what;
    uint64_t one = 1;
    ssize_t n =
        write(x->wake, &one, sizeof one); /* fails only when it is written already */
    (void)n;
    atomic_store(&x->is_stopped, true);
}

void guard_clear(struct store_session *x)
{
    uint64_t count;
    if (!atomic_exchange(&x->is_stopped, false))
        return; /* nothing was written */
    ssize_t n = read(x->wake, &count, sizeof count);
    (void)n;
}

static bool is_late(const struct store_session *x)
{
    return x->call && x->call->deadline_ns != INT64_MAX &&
           clock_monotonic_ns() >= x->call->deadline_ns;
}

enum store_status guard_check(struct store_session *x, struct store_error *e)
{
    if (atomic_load(&x->is_stopped))
        return fail(e, STORE_CANCELLED, "the query was stopped");
    if (is_late(x))
        return fail(e, STORE_CANCELLED,
                    "the query took longer than it may and was stopped");
    return STORE_OK;
}

enum store_status guard_on(struct store_session *x, const struct store_call *call,
                           struct store_error *e)
{
    static const struct store_call UNBOUND = {.size = sizeof UNBOUND,
                                              .deadline_ns = INT64_MAX};
    const struct store_host *host = x->store->host;
    guard_off(x);
    x->call = call ? call : &UNBOUND;
    guard_clear(x);
    if (host->is_cancelled(host, x->call) && !is_late(x))
        atomic_store(&x->is_stopped, true);
    enum store_status status = guard_check(x, e);
    if (status != STORE_OK || !x->call->cancel)
        return status;
    x->watch = host->watch(host, x->call, stop, x);
    return x->watch ? STORE_OK : fail(e, STORE_LIMIT, "no memory to watch for a cancel");
}

void guard_off(struct store_session *x)
{
    if (x->watch)
        x->store->host->unwatch(x->store->host, x->watch);
    x->watch = NULL;
}

/* --- the socket ------------------------------------------------------------------- */

/* Milliseconds until the instant, at least 0; -1: none. */
static int ms_until(int64_t until_ns)
{
    if (until_ns == INT64_MAX)
        return -1;
    int64_t ms = (until_ns - clock_monotonic_ns() + 999999) / 1000000;
    return ms < 0 ? 0 : ms > 1000000 ? 1000000 : (int)ms;
}

enum store_status session_wait(struct store_session *x, bool to_write,
                               struct store_error *e)
{
    struct pollfd fd[2] = {
        {.fd = PQsocket(x->pg), .events = (short)(to_write ? POLLIN | POLLOUT : POLLIN)},
        {.fd = x->wake, .events = POLLIN}};
    for (;;) {
        enum store_status status = guard_check(x, e);
        if (status != STORE_OK)
            return status;
        int n = poll(fd, 2, ms_until(x->call ? x->call->deadline_ns : INT64_MAX));
        if (n < 0 && errno != EINTR)
            return fail_result(x, NULL, e);
        if (n > 0 && fd[0].revents)
            return STORE_OK;
    }
}

enum store_status session_wait_any(struct store_session *x, struct pollfd *fd, size_t n,
                                   int64_t until_ns, struct store_error *e)
{
    int64_t deadline_ns = x->call ? x->call->deadline_ns : INT64_MAX;
    enum store_status status = guard_check(x, e);
    if (status != STORE_OK)
        return status;
    if (clock_monotonic_ns() >= until_ns)
        return fail_slow(e);
    fd[n] = (struct pollfd){.fd = x->wake, .events = POLLIN};
    int found = poll(fd, n + 1, ms_until(until_ns < deadline_ns ? until_ns : deadline_ns));
    return found < 0 && errno != EINTR ? fail_result(x, NULL, e) : STORE_OK;
}

enum store_status session_flush(struct store_session *x, struct store_error *e)
{
    for (;;) {
        int left = PQflush(x->pg);
        if (left < 0)
            return fail_result(x, NULL, e);
        if (left == 0)
            return STORE_OK;
        enum store_status status = session_wait(x, true, e);
        if (status != STORE_OK)
            return status;
        if (!PQconsumeInput(x->pg))
            return fail_result(x, NULL, e);
    }
}

enum store_status session_result(struct store_session *x, PGresult **result,
                                 struct store_error *e)
{
    *result = NULL;
    while (PQisBusy(x->pg)) {
        enum store_status status = session_wait(x, false, e);
        if (status != STORE_OK)
            return status;
        if (!PQconsumeInput(x->pg))
            return fail_result(x, NULL, e);
    }
    *result = PQgetResult(x->pg);
    return STORE_OK;
}

/* --- leaving a query -------------------------------------------------------------- */

/* Waits for input until the instant. False: there was none, or the connection is lost. */
static bool wait_until(struct store_session *x, int64_t until_ns)
{
    struct pollfd fd = {.fd = PQsocket(x->pg), .events = POLLIN};
    int n;
    do
        n = poll(&fd, 1, ms_until(until_ns));
    while (n < 0 && errno == EINTR);
    return n > 0 && PQconsumeInput(x->pg);
}

static bool drop_rows(struct store_session *x, int64_t until_ns)
{
    char *row;
    int n;
    while ((n = PQgetCopyData(x->pg, &row, 1)) >= 0) {
        if (n > 0)
            PQfreemem(row);
        else if (!wait_until(x, until_ns))
            return false;
    }
    return true;
}

/* Reads and drops what still comes. True: the connection is idle. */
static bool read_away(struct store_session *x, int64_t until_ns)
{
    bool is_pipeline = PQpipelineStatus(x->pg) != PQ_PIPELINE_OFF, goes_on = true;
    while (goes_on) {
        while (PQisBusy(x->pg))
            if (!wait_until(x, until_ns))
                return false;
        PGresult *r = PQgetResult(x->pg);
        ExecStatusType kind = r ? PQresultStatus(r) : PGRES_EMPTY_QUERY;
        PQclear(r);
        goes_on = r || (is_pipeline && x->nsync > 0 && PQstatus(x->pg) == CONNECTION_OK);
        if (kind == PGRES_COPY_OUT && !drop_rows(x, until_ns))
            return false;
        if (kind == PGRES_COPY_IN)
            PQputCopyEnd(x->pg, "left");
        if (kind == PGRES_PIPELINE_SYNC && x->nsync > 0)
            goes_on = --x->nsync > 0;
    }
    if (is_pipeline && !PQexitPipelineMode(x->pg))
        return false;
    return PQstatus(x->pg) == CONNECTION_OK && PQtransactionStatus(x->pg) != PQTRANS_ACTIVE;
}

static void send_cancel(struct store_session *x)
{
    char why[256];
    PGcancel *cancel = PQgetCancel(x->pg);
    if (!cancel || !PQcancel(cancel, why, sizeof why))
        tell_operator(x->store->host, x->call, LEVEL_WARN,
                      "a query could not be cancelled; its connection is closed");
    PQfreeCancel(cancel);
}

void session_drain(struct store_session *x)
{
    if (x->is_broken)
        return;
    bool is_busy = PQtransactionStatus(x->pg) == PQTRANS_ACTIVE ||
                   PQpipelineStatus(x->pg) != PQ_PIPELINE_OFF;
    if (!is_busy)
        return;
    while (PQflush(x->pg) > 0)
        if (!wait_until(x, clock_monotonic_ns() + GRACE_NS))
            break;
    bool is_idle =
        !atomic_load(&x->is_stopped) && read_away(x, clock_monotonic_ns() + GRACE_NS);
    if (!is_idle && PQstatus(x->pg) == CONNECTION_OK) {
        send_cancel(x);
        is_idle = read_away(x, clock_monotonic_ns() + PATIENCE_NS);
    }
    x->is_broken = !is_idle;
}
