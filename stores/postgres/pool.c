/* pool.c -- connections are kept for the next session; more than `most` are never open: who
 * comes later waits for its turn, its token and its deadline. */
#include "stores/postgres/internal.h"

#include <poll.h>
#include <string.h>

#include "core/base/clock.h"

#define MOMENT_NS INT64_C(50000000)

static void wake_waiting(void *what) /* in the thread that raises the token */
{
    struct store *s = what;
    pthread_mutex_lock(&s->lock);
    pthread_cond_broadcast(&s->changed);
    pthread_mutex_unlock(&s->lock);
}

/* False: the server closed it. One that ran a statement a moment ago is believed to be
 * there: if it is not, the next statement says so, and goes to another one. */
static bool is_healthy(struct store_session *x)
{
    struct pollfd fd = {.fd = PQsocket(x->pg), .events = POLLIN};
    if (PQstatus(x->pg) != CONNECTION_OK)
        return false;
    if (clock_monotonic_ns() - x->idle_ns < MOMENT_NS || poll(&fd, 1, 0) == 0)
        return true;
    return PQconsumeInput(x->pg) && PQstatus(x->pg) == CONNECTION_OK &&
           PQtransactionStatus(x->pg) == PQTRANS_IDLE;
}

/* With the lock, until there is a place or the call has to end. Whoever waits watches the
 * token: the lock is left for that, as a token that is raised takes it. What is returned
 * ends without the lock (NULL: nothing). */
static void *wait_for_place(struct store *s, const struct store_call *call)
{
    const struct store_host *host = s->host;
    bool is_watched = !call || !call->cancel;
    void *watch = NULL;
    s->nwaiting++;
    while (!s->idle && s->nopen >= s->most && !host->is_cancelled(host, call)) {
        if (is_watched) {
            clock_condition_wait(&s->changed, &s->lock,
                                 call ? call->deadline_ns : INT64_MAX);
            continue;
        }
        pthread_mutex_unlock(&s->lock);
        watch = host->watch(host, call, wake_waiting, s);
        pthread_mutex_lock(&s->lock);
        is_watched = true;
    }
    s->nwaiting--;
    return watch;
}

/* An idle connection, or leave to open one (*x stays NULL). */
static enum store_status take_place(struct store *s, const struct store_call *call,
                                    struct store_session **x, struct store_error *e)
{
    enum store_status status = STORE_OK;
    *x = NULL;
    pthread_mutex_lock(&s->lock);
    void *watch = wait_for_place(s, call);
    if (s->idle) {
        *x = s->idle;
        s->idle = (*x)->next;
        (*x)->next = NULL;
    } else if (s->nopen < s->most)
        s->nopen++;
    else
        status = fail(e, STORE_CANCELLED, "the query was stopped before it began");
    pthread_mutex_unlock(&s->lock);
    if (watch)
        s->host->unwatch(s->host, watch);
    return status;
}

static void give_place(struct store *s)
{
    pthread_mutex_lock(&s->lock);
    s->nopen--;
    pthread_cond_signal(&s->changed);
    pthread_mutex_unlock(&s->lock);
}

bool session_spare(struct store *s, struct store_session **x)
{
    uint32_t nidle = 0;
    *x = NULL;
    pthread_mutex_lock(&s->lock);
    for (const struct store_session *i = s->idle; i; i = i->next)
        nidle++;
    bool is_spare = s->nwaiting == 0 && s->nspare < s->most / 4 &&
                    s->nopen - nidle < s->most / 2 && (s->idle || s->nopen < s->most);
    s->nspare += is_spare;
    if (is_spare && s->idle) {
        *x = s->idle;
        s->idle = (*x)->next;
        (*x)->next = NULL;
        (*x)->is_spare = true;
    } else
        s->nopen += is_spare;
    pthread_mutex_unlock(&s->lock);
    if (*x && !is_healthy(*x)) {
        session_free(*x); /* its place stays taken */
        *x = NULL;
    }
    return is_spare;
}

static void end_spare(struct store *s)
{
    pthread_mutex_lock(&s->lock);
    s->nspare--;
    pthread_mutex_unlock(&s->lock);
}

void session_spare_unused(struct store *s)
{
    end_spare(s);
    give_place(s);
}

bool session_is_wanted(struct store *s)
{
    pthread_mutex_lock(&s->lock);
    bool is_wanted = s->nwaiting > 0;
    pthread_mutex_unlock(&s->lock);
    return is_wanted;
}

/* What explain says of the statement that comes. */
static void session_is_for(struct store_session *x, const struct store_call *call)
{
    const struct store_plain *plain = call_plain(call);
    x->is_plain = plain != NULL;
    x->plain_limit = plain ? plain->limit : -1;
}

enum store_status session_begin(struct store *s, const struct store_call *call,
                                struct store_session **out, struct store_error *e)
{
    struct store_session *x;
    *out = NULL;
    if (s->host->is_cancelled(s->host, call))
        return fail(e, STORE_CANCELLED, "the query was stopped before it began");
    for (;;) {
        enum store_status status = take_place(s, call, &x, e);
        if (status != STORE_OK)
            return status;
        if (x && is_healthy(x)) {
            session_is_for(x, call);
            *out = x;
            return STORE_OK;
        }
        if (!x)
            break;
        session_free(x); /* the others that the server closed go the same way */
        give_place(s);
    }
    enum store_status status = session_connect(s, call, out, e);
    if (status == STORE_OK)
        session_is_for(*out, call);
    else
        give_place(s);
    return status;
}

enum store_status session_renew(struct store_session *x, struct store_error *e)
{
    struct store_session *fresh;
    enum store_status status = session_connect(x->store, x->call, &fresh, e);
    if (status != STORE_OK)
        return status;
    PGconn *lost = x->pg;
    statements_free(x);
    x->pg = fresh->pg;
    fresh->pg = lost;
    x->is_text_checked = fresh->is_text_checked;
    x->name[0] = '\0';
    x->timeout_ms = -1;
    x->has_setter = false;
    x->is_broken = false;
    session_free(fresh);
    return STORE_OK;
}

/* Temporary tables end with the session; only the connection goes on. */
static void drop_temporary(struct store_session *x)
{
    x->call = NULL;
    guard_clear(x);
    if (x->has_temporary && !x->is_broken &&
        session_query(x, "DISCARD TEMP", NULL, NULL) == STORE_OK)
        x->has_temporary = false;
}

void session_end(struct store_session *x)
{
    if (!x)
        return;
    struct store *s = x->store;
    scan_finish(x->scan);
    session_drain(x);
    guard_off(x);
    received_free(x);
    drop_temporary(x);
    if (x->is_spare)
        end_spare(s);
    x->is_spare = false;
    bool is_kept =
        !x->is_broken && !x->has_temporary && PQtransactionStatus(x->pg) == PQTRANS_IDLE;
    if (!is_kept) {
        session_free(x);
        give_place(s);
        return;
    }
    x->idle_ns = clock_monotonic_ns();
    pthread_mutex_lock(&s->lock);
    x->next = s->idle;
    s->idle = x;
    pthread_cond_signal(&s->changed);
    pthread_mutex_unlock(&s->lock);
}
