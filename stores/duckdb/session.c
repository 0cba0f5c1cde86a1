/* session.c -- a session is one connection; connections without leftovers are kept for the
 * next session. */
#include "stores/duckdb/internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Progress is counted only with the bar on; it must not be drawn. */
void session_count_progress(struct store_session *x, const struct store_call *call)
{
    duck_result result;
    bool is_wanted = call && call->size > offsetof(struct store_call, wants_progress) &&
                     call->wants_progress;
    if (!is_wanted || x->has_progress)
        return;
    x->has_progress = true;
    static const char *const STATEMENTS[] = {"PRAGMA disable_print_progress_bar",
                                             "PRAGMA enable_progress_bar"};
    for (size_t i = 0; i < 2; i++) {
        (void)duck.query(x->connection, STATEMENTS[i],
                         &result); /* without it: no progress */
        duck.destroy_result(&result);
    }
}

static struct store_session *session_new(struct store *s)
{
    struct store_session *x = calloc(1, sizeof *x);
    if (!x)
        return NULL;
    x->store = s;
    atomic_init(&x->is_stopped, false);
    if (duck.connect(s->database, &x->connection) != DUCK_OK) {
        free(x);
        return NULL;
    }
    return x;
}

void session_free(struct store_session *x)
{
    if (!x)
        return;
    statements_free(x);
    duck.disconnect(&x->connection);
    free(x);
}

enum store_status session_begin(struct store *s, const struct store_call *call,
                                struct store_session **out, struct store_error *e)
{
    *out = NULL;
    if (s->host->is_cancelled(s->host, call))
        return fail(e, STORE_CANCELLED, "the query was stopped before it began");
    pthread_mutex_lock(&s->lock);
    struct store_session *x = s->idle;
    if (x) {
        s->idle = x->next;
        s->nidle--;
    }
    pthread_mutex_unlock(&s->lock);
    if (!x)
        x = session_new(s);
    if (!x)
        return fail(e, STORE_LIMIT, "no memory for a connection to DuckDB");
    x->next = NULL;
    *out = x;
    return STORE_OK;
}

void session_end(struct store_session *x)
{
    if (!x)
        return;
    scan_finish(x->scan);
    guard_off(x);
    struct store *s = x->store;
    bool is_kept = false;
    if (!x->is_dirty) {
        pthread_mutex_lock(&s->lock);
        is_kept = s->nidle < IDLE_MAX;
        if (is_kept) {
            x->next = s->idle;
            s->idle = x;
            s->nidle++;
        }
        pthread_mutex_unlock(&s->lock);
    }
    if (!is_kept)
        session_free(x);
}

double session_progress(struct store_session *x)
{
    double percent = duck.query_progress(x->connection).percentage;
    return percent < 0 ? -1 : percent > 100 ? 1 : percent / 100;
}

enum store_status session_execute(struct store_session *x, const struct store_call *call,
                                  const char *sql, struct store_error *e)
{
    duck_result result;
    scan_finish(x->scan);
    x->is_dirty = true;
    enum store_status status = guard_on(x, call, e);
    if (status != STORE_OK)
        return status;
    atomic_fetch_add(&x->store->generation, 1);
    x->has_help = workers_call(x->store->workers);
    if (duck.query(x->connection, sql, &result) != DUCK_OK)
        status = guard_fail(x, duck.result_error(&result), e);
    duck.destroy_result(&result);
    atomic_fetch_add(&x->store->generation, 1);
    guard_off(x);
    return status;
}

size_t session_explain(struct store_session *x, const char *sql, char *out, size_t len)
{
    struct bytes text;
    struct answer answer;
    struct store_error error = {.size = sizeof error};
    scan_finish(x->scan);
    bytes_init(&text, 1 << 20);
    bytes_add_literal(&text, "EXPLAIN ");
    bytes_add(&text, str_of(sql));
    const char *explain = bytes_text(&text);
    str plan = STR("no memory for the plan");
    if (explain) {
        if (answer_open(&answer, x->store->host, x->connection, explain, &error) ==
                STORE_OK &&
            answer_next(&answer))
            plan = answer_text(&answer, 1);
        else
            plan = str_of(error.message);
    }
    if (len > 0) {
        size_t n = plan.len < len - 1 ? plan.len : len - 1;
        memcpy(out, plan.at, n);
        out[n] = '\0';
    }
    if (explain)
        answer_close(&answer);
    bytes_free(&text);
    return plan.len;
}
