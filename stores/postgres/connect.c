/* connect.c -- one connection to the server: made without blocking past the call's
 * deadline, its settings made once. */
#include "stores/postgres/internal.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "core/base/clock.h"

enum { SQL_BYTES = 1 << 16, RETRY_MS = 200 };

static struct store_session *session_new(struct store *s)
{
    struct store_session *x = calloc(1, sizeof *x);
    if (!x)
        return NULL;
    x->store = s;
    x->timeout_ms = -1;
    atomic_init(&x->is_stopped, false);
    x->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (x->wake < 0) {
        free(x);
        return NULL;
    }
    return x;
}

void session_free(struct store_session *x)
{
    if (!x)
        return;
    guard_off(x);
    statements_free(x);
    received_free(x);
    if (x->pg)
        PQfinish(x->pg);
    close(x->wake);
    free(x);
}

/* What every statement relies on: nothing is changed but temporary tables, times are UTC,
 * numbers are printed exactly, names are found where we mean them. */
void session_put_fixed(const struct store *s, struct bytes *sql)
{
    bytes_add_literal(
        sql, "SET default_transaction_read_only = on; SET TimeZone = 'UTC'; "
             "SET DateStyle = 'ISO, YMD'; SET IntervalStyle = 'iso_8601'; "
             "SET extra_float_digits = 1; SET bytea_output = 'hex'; "
             "SET standard_conforming_strings = on; "
             "SET xmlbinary = 'base64'; SET jit = off; SET search_path = pg_catalog");
    bytes_add(sql, str_of(s->extensions));
}

static enum store_status make_settings(struct store_session *x, struct store_error *e)
{
    struct bytes sql;
    bytes_init(&sql, SQL_BYTES);
    session_put_fixed(x->store, &sql);
    bytes_add_literal(&sql, "; SHOW server_encoding");
    const char *text = bytes_text(&sql);
    PGresult *r = NULL;
    enum store_status status = text ? session_query(x, text, &r, e)
                                    : fail(e, STORE_LIMIT, "too many extension schemas");
    if (status == STORE_OK && PQntuples(r) == 1)
        x->is_text_checked = strcmp(PQgetvalue(r, 0, 0), "SQL_ASCII") == 0;
    PQclear(r);
    bytes_free(&sql);
    return status;
}

/* PQconnectPoll() to its end, or to the token or the deadline. */
static enum store_status poll_connection(struct store_session *x, struct store_error *e)
{
    PostgresPollingStatusType way = PGRES_POLLING_WRITING;
    while (way != PGRES_POLLING_OK) {
        if (way == PGRES_POLLING_FAILED || PQstatus(x->pg) == CONNECTION_BAD)
            return fail_connect(x->store->host, x->pg, e);
        enum store_status status = session_wait(x, way == PGRES_POLLING_WRITING, e);
        if (status != STORE_OK)
            return status;
        way = PQconnectPoll(x->pg);
    }
    return STORE_OK;
}

static enum store_status connect_once(struct store_session *x, struct store_error *e)
{
    if (x->pg)
        PQfinish(x->pg);
    x->is_broken = false;
    x->pg = PQconnectStartParams(x->store->keyword, x->store->value, 0);
    if (!x->pg)
        return fail_connect(x->store->host, NULL, e);
    enum store_status status = poll_connection(x, e);
    if (status != STORE_OK)
        return status;
    if (PQsetnonblocking(x->pg, 1) != 0)
        return fail_connect(x->store->host, x->pg, e);
    return make_settings(x, e);
}

enum store_status session_connect_begin(struct store *s, struct store_session **out,
                                        struct store_error *e)
{
    struct store_session *x = *out = session_new(s);
    if (!x)
        return fail(e, STORE_LIMIT, "no memory for a connection");
    x->pg = PQconnectStartParams(s->keyword, s->value, 0);
    return x->pg && PQstatus(x->pg) != CONNECTION_BAD ? STORE_OK
                                                      : fail_connect(s->host, x->pg, e);
}

/* A server that starts, stops or has its hands full may be there in a moment. */
static bool may_come_back(const struct store_session *x)
{
    const char *message = x->pg ? PQerrorMessage(x->pg) : "";
    return strstr(message, "starting up") || strstr(message, "shutting down") ||
           strstr(message, "refused") || strstr(message, "No such file") ||
           strstr(message, "closed the connection") || strstr(message, "too many") ||
           strstr(message, "recovery mode") || strstr(message, "reset by peer");
}

static enum store_status pause_before_retry(struct store_session *x, struct store_error *e)
{
    struct pollfd fd = {.fd = x->wake, .events = POLLIN};
    poll(&fd, 1, RETRY_MS);
    return guard_check(x, e);
}

enum store_status session_connect(struct store *s, const struct store_call *call,
                                  struct store_session **out, struct store_error *e)
{
    struct store_session *x = session_new(s);
    *out = NULL;
    if (!x)
        return fail(e, STORE_LIMIT, "no memory for a connection");
    enum store_status status = guard_on(x, call, e);
    int64_t until_ns = clock_monotonic_ns() + s->reconnect_ms * 1000000;
    while (status == STORE_OK) {
        status = connect_once(x, e);
        if (status != STORE_UNAVAILABLE || !may_come_back(x) ||
            clock_monotonic_ns() >= until_ns)
            break;
        status = pause_before_retry(x, e);
    }
    guard_off(x);
    if (status == STORE_OK)
        *out = x;
    else
        session_free(x);
    return status;
}
