/* prepared.c -- a prepared statement and its rows: settings, statement and execution go in
 * one pipeline, and rows come one by one, so that memory is bounded. A statement that the
 * connection knows is only sent at first: the node works while the server does. */
#include <endian.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stores/postgres/scan.h"

/* --- arguments -------------------------------------------------------------------- */

struct arguments {    /* of PQsendQueryPrepared, and the bytes that they point to */
    void *block;      /* in which the arrays lie */
    uint64_t *number; /* values of fixed size, as the server wants them */
    const char **value;
    size_t *text_at; /* where in `text` the others begin; SIZE_MAX: not there */
    Oid *type;
    int *length, *format;
    struct bytes text;
};

static void arguments_free(struct arguments *a)
{
    free(a->block);
    bytes_free(&a->text);
}

/* A number in the server's binary form; returns its length. */
static int put_number(uint64_t *to, const struct store_parameter *p)
{
    uint16_t v16 = 0;
    uint32_t v32;
    uint64_t v64;
    switch (p->type) {
    case STORE_BOOL:
        *(char *)to = *(const char *)p->value;
        return 1;
    case STORE_U8:
        v16 = *(const uint8_t *)p->value;
        v16 = htobe16(v16);
        memcpy(to, &v16, 2);
        return 2;
    case STORE_I16:
        memcpy(&v16, p->value, 2);
        v16 = htobe16(v16);
        memcpy(to, &v16, 2);
        return 2;
    case STORE_I32:
    case STORE_F32:
        memcpy(&v32, p->value, 4);
        v32 = htobe32(v32);
        memcpy(to, &v32, 4);
        return 4;
    default:
        memcpy(&v64, p->value, 8);
        if (p->type == STORE_TIME_US)
            v64 = (uint64_t)time_for_server((int64_t)v64);
        v64 = htobe64(v64);
        memcpy(to, &v64, 8);
        return 8;
    }
}

static void set_argument(struct arguments *a, size_t i, const struct store_parameter *p)
{
    const struct store_column as = {.type = p->type,
                                    .length = p->count == 1 || !p->value ? 1 : -1};
    a->type[i] = column_oid(&as);
    a->format[i] = 1;
    a->text_at[i] = SIZE_MAX;
    if (!p->value)
        return;
    if (p->type == STORE_TEXT || as.length != 1) {
        a->text_at[i] = a->text.len;
        a->length[i] = p->type == STORE_TEXT ? (int)p->count : 0;
        a->format[i] = p->type == STORE_TEXT;
        if (p->type == STORE_TEXT)
            bytes_add(&a->text, (str){p->value, p->count});
        else
            put_array(&a->text, p->type, p->value, 0, p->count);
        bytes_add_char(&a->text, '\0');
        return;
    }
    a->length[i] = put_number(&a->number[i], p);
    a->value[i] = (const char *)&a->number[i];
}

/* One piece of memory for all arrays, those of the widest elements first. */
static bool arguments_room(struct arguments *a, size_t n)
{
    size_t each = sizeof *a->number + sizeof *a->value + sizeof *a->text_at +
                  sizeof *a->type + sizeof *a->length + sizeof *a->format;
    *a = (struct arguments){.block = calloc(n + 1, each)};
    bytes_init(&a->text, STATEMENT_BYTES);
    if (!a->block)
        return false;
    a->number = a->block;
    a->value = (const char **)(void *)(a->number + n);
    a->text_at = (size_t *)(void *)(a->value + n);
    a->type = (Oid *)(void *)(a->text_at + n);
    a->length = (int *)(void *)(a->type + n);
    a->format = a->length + n;
    return true;
}

static bool arguments_make(struct arguments *a, const struct store_parameter *p, size_t n)
{
    if (!arguments_room(a, n))
        return false;
    for (size_t i = 0; i < n; i++)
        set_argument(a, i, &p[i]);
    for (size_t i = 0; i < n && !a->text.failed; i++)
        if (a->text_at[i] != SIZE_MAX)
            a->value[i] = a->text.at + a->text_at[i];
    return !a->text.failed;
}

/* --- sending ---------------------------------------------------------------------- */

/* The name is another at each call: the statement that sets it is prepared once. */
static bool send_name(struct store_scan *s)
{
    static const char SETTER[] = "set_name";
    struct store_session *x = s->session;
    const char *value[] = {x->wanted_name};
    if (!x->has_setter) {
        if (!PQsendPrepare(x->pg, SETTER,
                           "SELECT set_config('application_name', $1, false)", 1, NULL))
            return false;
        s->makes_setter = true;
        s->nskip++;
    }
    s->nskip++;
    return PQsendQueryPrepared(x->pg, SETTER, 1, value, NULL, NULL, 1);
}

static bool send_plain(struct store_scan *s, const char *sql)
{
    s->nskip++;
    return sql && PQsendQueryParams(s->session->pg, sql, 0, NULL, NULL, NULL, NULL, 1);
}

static bool send_settings(struct store_scan *s)
{
    struct store_session *x = s->session;
    struct bytes settings;
    bytes_init(&settings, 4096);
    s->has_settings = put_settings(x, &settings);
    bool ok = true;
    if (s->has_settings)
        ok = x->wanted_ms == x->timeout_ms ? send_name(s)
                                           : send_plain(s, bytes_text(&settings));
    bytes_free(&settings);
    return ok;
}

/* Settings, preparation and execution in one pipeline and one transaction: one trip to the
 * server, one answer. s->nskip results come before the rows. */
static bool send_pipeline(struct store_scan *s, const char *sql, const char *name,
                          bool is_new, uint64_t victim, const struct arguments *a, int n)
{
    struct store_session *x = s->session;
    char drop[32 + STATEMENT_NAME_BYTES];
    s->nskip = 0;
    bool ok = PQenterPipelineMode(x->pg) && send_settings(s);
    if (ok && victim) {
        snprintf(drop, sizeof drop, "DEALLOCATE s%llu", (unsigned long long)victim);
        ok = send_plain(s, drop);
    }
    if (ok && is_new) {
        ok = PQsendPrepare(x->pg, name, sql, n, a->type);
        s->nskip++;
    }
    ok = ok && PQsendQueryPrepared(x->pg, name, n, a->value, a->length, a->format, 1) &&
         PQpipelineSync(x->pg);
    x->nsync += ok;
    return ok;
}

/* --- the answer ------------------------------------------------------------------- */

static enum store_status check_columns(struct store_scan *s, const PGresult *r,
                                       struct store_error *e)
{
    const struct store_column *const *column = s->given.column;
    if (PQnfields(r) != (int)s->ncolumn)
        return fail(e, STORE_FAILED, "the statement gives %d columns, not %u", PQnfields(r),
                    s->ncolumn);
    for (uint32_t i = 0; i < s->ncolumn; i++)
        if (PQftype(r, (int)i) != column_oid(column[i]))
            return fail(e, STORE_FAILED,
                        "column \"%s\" does not come as the type that was described; the "
                        "operator must describe the store anew",
                        s->column[i].name);
    return STORE_OK;
}

/* Passes over what comes before the rows. */
static enum store_status skip_results(struct store_scan *s, struct store_error *e)
{
    while (s->nskip > 0) {
        PGresult *r;
        enum store_status status = session_result(s->session, &r, e);
        if (status != STORE_OK)
            return status;
        ExecStatusType kind = r ? PQresultStatus(r) : PGRES_EMPTY_QUERY;
        if (!r)
            s->nskip--; /* the end of one command's results */
        else if (kind != PGRES_COMMAND_OK && kind != PGRES_TUPLES_OK)
            status = fail_result(s->session, r, e);
        PQclear(r);
        if (status != STORE_OK)
            return status;
        if (s->makes_setter) /* its result comes first */
            s->session->has_setter = true;
        s->makes_setter = false;
    }
    s->is_prepared = true;
    PQsetSingleRowMode(s->session->pg);
    return STORE_OK;
}

/* The next row of the prepared statement, as a result of its own in s->first; STORE_END
 * after the last. */
static enum store_status next_row(struct store_scan *s, struct store_error *e)
{
    PQclear(s->first);
    enum store_status status = session_result(s->session, &s->first, e);
    if (status != STORE_OK)
        return status;
    switch (s->first ? PQresultStatus(s->first) : PGRES_EMPTY_QUERY) {
    case PGRES_SINGLE_TUPLE:
        return STORE_OK;
    case PGRES_TUPLES_OK:  /* of no rows: after the last */
    case PGRES_COMMAND_OK: /* a statement without rows */
        if (s->has_settings)
            settings_made(s->session);
        return STORE_END;
    default:
        return fail_result(s->session, s->first, e);
    }
}

enum store_status prepared_answer(struct store_scan *s, struct store_error *e)
{
    s->is_sent = false;
    enum store_status status = skip_results(s, e);
    if (status == STORE_OK)
        status = next_row(s, e);
    if (status != STORE_OK && status != STORE_END)
        return status;
    enum store_status fits = check_columns(s, s->first, e);
    s->has_ended = status == STORE_END && fits == STORE_OK;
    return fits;
}

static enum store_status send(struct store_scan *s, const char *sql, const char *name,
                              bool is_new, uint64_t victim, const struct arguments *a,
                              struct store_error *e)
{
    struct store_session *x = s->session;
    x->nsync = 0;
    /* they may have been true, on a connection that was lost */
    s->is_prepared = s->makes_setter = false;
    if (!send_pipeline(s, sql, name, is_new, victim, a, (int)s->given.nparameter))
        return fail_result(x, NULL, e);
    enum store_status status = session_flush(x, e);
    s->is_sent = status == STORE_OK;
    return status;
}

enum store_status prepared_start(struct store_scan *s, const char *sql,
                                 struct store_error *e)
{
    struct store_session *x = s->session;
    struct arguments a;
    char name[STATEMENT_NAME_BYTES] = "";
    bool is_new = true;
    uint64_t victim = 0;
    bool keep = s->given.nparameter > 0 && !x->has_temporary && !x->received;
    if (!arguments_make(&a, s->given.parameter, s->given.nparameter) ||
        (keep && !statement_name(x, sql, s->hash, name, &is_new, &victim))) {
        arguments_free(&a);
        return fail(e, STORE_LIMIT, "no memory for the statement's parameters");
    }
    enum store_status status = send(s, sql, name, is_new, victim, &a, e);
    arguments_free(&a);
    if (status == STORE_OK && is_new)
        status = prepared_answer(s, e);
    if (status != STORE_OK && keep && is_new && !s->is_prepared)
        statement_forget(x, sql, s->hash);
    return status;
}

/* --- rows ------------------------------------------------------------------------- */

static enum store_status put_row(struct store_scan *s, uint32_t irow, size_t *bytes,
                                 struct store_error *e)
{
    for (uint32_t k = 0; k < s->ncolumn; k++) {
        bool is_null = PQgetisnull(s->first, 0, (int)k);
        int len = is_null ? -1 : PQgetlength(s->first, 0, (int)k);
        enum store_status status =
            column_put(&s->column[k], irow, PQgetvalue(s->first, 0, (int)k), len, e);
        if (status != STORE_OK)
            return status;
        *bytes += len > 0 ? (size_t)len : 0;
    }
    return STORE_OK;
}

enum store_status prepared_fill(struct store_scan *s, uint32_t *nrow, struct store_error *e)
{
    size_t bytes = 0;
    *nrow = 0;
    while (*nrow < s->limit && bytes < BATCH_BYTES) {
        enum store_status status = put_row(s, *nrow, &bytes, e);
        if (status != STORE_OK)
            return status;
        ++*nrow;
        status = next_row(s, e);
        s->has_ended = status == STORE_END;
        if (status != STORE_OK)
            return status == STORE_END ? STORE_OK : status;
    }
    return STORE_OK;
}
