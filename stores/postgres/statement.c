/* statement.c -- prepared statements of a connection by their text, simple queries, and the
 * settings that differ from call to call. */
#include "stores/postgres/internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/clock.h"

enum { TEXT_BYTES = 1 << 20 };

/* --- prepared --------------------------------------------------------------------- */

static void forget(struct statement *s)
{
    free(s->sql);
    *s = (struct statement){0};
}

void statements_free(struct store_session *x)
{
    for (size_t i = 0; i < STATEMENTS_MAX; i++)
        forget(&x->statement[i]);
}

/* The slot of this text, else a free one or the one that was not used for longest. */
static struct statement *slot_of(struct store_session *x, const char *sql, uint64_t hash)
{
    struct statement *oldest = &x->statement[0];
    for (size_t i = 0; i < STATEMENTS_MAX; i++) {
        struct statement *s = &x->statement[i];
        if (s->sql && s->hash == hash && strcmp(s->sql, sql) == 0)
            return s;
        if (s->used < oldest->used)
            oldest = s;
    }
    return oldest;
}

bool statement_name(struct store_session *x, const char *sql, uint64_t hash,
                    char name[STATEMENT_NAME_BYTES], bool *is_new, uint64_t *victim)
{
    struct statement *s = slot_of(x, sql, hash);
    *is_new = !s->sql || s->hash != hash || strcmp(s->sql, sql) != 0;
    *victim = *is_new ? s->number : 0;
    if (*is_new) {
        size_t n = strlen(sql) + 1;
        char *copy = malloc(n);
        if (!copy)
            return false;
        memcpy(copy, sql, n);
        free(s->sql);
        *s = (struct statement){.sql = copy, .hash = hash, .number = x->tick + 1};
        snprintf(s->name, sizeof s->name, "s%llu", (unsigned long long)s->number);
    }
    s->used = ++x->tick;
    memcpy(name, s->name, STATEMENT_NAME_BYTES);
    return true;
}

void statement_forget(struct store_session *x, const char *sql, uint64_t hash)
{
    struct statement *s = slot_of(x, sql, hash);
    if (s->sql && s->hash == hash && strcmp(s->sql, sql) == 0)
        forget(s);
}

/* --- settings --------------------------------------------------------------------- */

enum { STEP_MS = 10000, MARGIN_MS = 2000 };

/* The node stops a call itself, in time; the server does so only when the node is gone:
 * in steps, so that the setting seldom changes. */
static int64_t timeout_wanted(const struct store_session *x)
{
    int64_t most = x->store->statement_ms;
    if (!x->call || x->call->deadline_ns == INT64_MAX)
        return most;
    int64_t left_ms = (x->call->deadline_ns - clock_monotonic_ns()) / 1000000 + MARGIN_MS;
    int64_t ms = (left_ms < 0 ? 0 : left_ms / STEP_MS + 1) * STEP_MS;
    if (ms > INT32_MAX)
        ms = INT32_MAX;
    return most > 0 && most < ms ? most : ms;
}

/* The request's id, of plain characters: it stands in the server's process list. */
static void name_wanted(const struct store_session *x, char name[NAME_BYTES])
{
    const char *id = x->call && x->call->request_id ? x->call->request_id : "colure";
    size_t n = 0;
    for (; id[n] && n < NAME_BYTES - 1; n++)
        name[n] = id[n] > ' ' && id[n] < 127 ? id[n] : '?';
    name[n] = '\0';
}

bool put_settings(struct store_session *x, struct bytes *sql)
{
    char name[NAME_BYTES];
    int64_t ms = timeout_wanted(x);
    name_wanted(x, name);
    bool has_name = strcmp(name, x->name) == 0, has_timeout = ms == x->timeout_ms;
    if (has_name && has_timeout)
        return false;
    bytes_add_literal(sql, "SELECT ");
    if (!has_name) {
        bytes_add_literal(sql, "set_config('application_name', ");
        put_literal(sql, str_of(name));
        bytes_add(sql, has_timeout ? STR(", false)") : STR(", false), "));
    }
    if (!has_timeout)
        bytes_add_format(sql, "set_config('statement_timeout', '%lld', false)",
                         (long long)ms);
    memcpy(x->wanted_name, name, NAME_BYTES);
    x->wanted_ms = ms;
    return true;
}

void settings_made(struct store_session *x)
{
    memcpy(x->name, x->wanted_name, NAME_BYTES);
    x->timeout_ms = x->wanted_ms;
}

/* --- simple queries --------------------------------------------------------------- */

static bool is_good(const PGresult *r)
{
    ExecStatusType kind = PQresultStatus(r);
    return kind == PGRES_COMMAND_OK || kind == PGRES_TUPLES_OK || kind == PGRES_COPY_OUT ||
           kind == PGRES_COPY_IN;
}

enum store_status session_query(struct store_session *x, const char *sql, PGresult **result,
                                struct store_error *e)
{
    PGresult *r, *last = NULL;
    if (result)
        *result = NULL;
    if (!PQsendQuery(x->pg, sql))
        return fail_result(x, NULL, e);
    enum store_status status = session_flush(x, e);
    while (status == STORE_OK) {
        status = session_result(x, &r, e);
        if (status != STORE_OK || !r)
            break;
        if (!is_good(r))
            status = fail_result(x, r, e);
        PQclear(last);
        last = r;
        if (PQresultStatus(r) == PGRES_COPY_OUT || PQresultStatus(r) == PGRES_COPY_IN)
            break;
    }
    if (status != STORE_OK)
        session_drain(x);
    else if (!last)
        status = fail_result(x, NULL, e);
    if (status == STORE_OK && result)
        *result = last;
    else
        PQclear(last);
    return status;
}

enum store_status session_execute(struct store_session *x, const struct store_call *call,
                                  const char *sql, struct store_error *e)
{
    scan_finish(x->scan);
    enum store_status status = guard_on(x, call, e);
    if (status == STORE_OK)
        status = session_query(x, sql, NULL, e);
    guard_off(x);
    return status;
}

/* A plan of the server as text: a line a row. */
static void add_plan(struct store_session *x, const char *sql, struct bytes *out)
{
    struct bytes text;
    struct store_error e = {.size = sizeof e};
    PGresult *plan = NULL;
    bytes_init(&text, TEXT_BYTES * 64);
    bytes_add_literal(&text, "EXPLAIN ");
    bool ok = received_put(x, sql, &text) && bytes_text(&text);
    if (!ok)
        bytes_add_literal(out, "no memory for the plan");
    else if (session_query(x, text.at, &plan, &e) != STORE_OK)
        bytes_add(out, str_of(e.message));
    for (int i = 0; i < PQntuples(plan); i++) {
        bytes_add(out, str_of(PQgetvalue(plan, i, 0)));
        bytes_add_char(out, '\n');
    }
    if (x->is_plain && split_is_worth(x, x->plain_limit, choose_scan_rows(plan)))
        bytes_add_format(out,
                         "Read in parts over up to %u connections that share one snapshot; "
                         "the rows come in any order\n",
                         x->store->readers);
    PQclear(plan);
    bytes_free(&text);
}

size_t session_explain(struct store_session *x, const char *sql, char *out, size_t len)
{
    struct bytes plan;
    bytes_init(&plan, TEXT_BYTES);
    scan_finish(x->scan);
    add_plan(x, sql, &plan);
    size_t n = plan.len < len ? plan.len : len ? len - 1 : 0;
    if (len > 0) {
        memcpy(out, plan.len ? plan.at : "", n);
        out[n] = '\0';
    }
    n = plan.len;
    bytes_free(&plan);
    return n;
}
