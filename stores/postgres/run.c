/* run.c -- a statement and its batches: by COPY, or prepared, in one pipeline with the
 * settings of the call and row by row, so that memory is bounded. */
#include <endian.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stores/postgres/scan.h"

enum { SQL_BYTES = 128 << 20, PARAMETERS_MAX = 65535 };

/* --- starting --------------------------------------------------------------------- */

static struct store_scan *scan_new(struct store_session *x,
                                   const struct store_column *const *column, size_t ncolumn,
                                   struct store_error *e)
{
    size_t row = 1;
    struct store_scan *s = NULL;
    if (ncolumn <= 100000)
        s = calloc(1, sizeof *s + ncolumn * (sizeof *s->column + sizeof *s->vector));
    if (!s) {
        fail(e, STORE_LIMIT, "no memory for a statement of %zu columns", ncolumn);
        return NULL;
    }
    s->session = s->stream.session = x;
    s->vector = (struct store_vector *)(void *)&s->column[ncolumn];
    for (size_t i = 0; i < ncolumn; i++)
        row += column_row_bytes(column[i]);
    s->capacity = (uint32_t)(row < BATCH_BYTES ? BATCH_BYTES / row : 1);
    if (s->capacity > BATCH_ROWS)
        s->capacity = BATCH_ROWS;
    s->limit = s->capacity < FIRST_ROWS ? s->capacity : FIRST_ROWS;
    for (; s->ncolumn < ncolumn; s->ncolumn++)
        column_init(&s->column[s->ncolumn], column[s->ncolumn]);
    return s;
}

void scan_own_session(struct store_scan *s)
{
    s->owns_session = true;
}

void scan_finish(struct store_scan *s)
{
    if (!s)
        return;
    struct store_session *x = s->session;
    split_free(s);
    if (s->has_ended)
        choose_learn(x->store, s->hash, s->nrow, s->is_copy);
    session_drain(x);
    guard_off(x);
    if (!s->has_ended) { /* settings go with a transaction that fails */
        x->name[0] = '\0';
        x->timeout_ms = -1;
    }
    PQclear(s->first);
    copy_drop_message(&s->stream);
    for (uint32_t i = 0; i < s->ncolumn; i++)
        column_free(&s->column[i]);
    x->scan = NULL;
    bool owns_session = s->owns_session;
    free(s);
    if (owns_session)
        session_end(x);
}

/* --- by COPY ---------------------------------------------------------------------- */

enum store_status copy_settings(struct store_session *x, struct store_error *e)
{
    struct bytes text;
    enum store_status status = STORE_OK;
    bytes_init(&text, 4096);
    if (put_settings(x, &text)) {
        status = bytes_text(&text) ? session_query(x, text.at, NULL, e) : STORE_LIMIT;
        if (status == STORE_OK)
            settings_made(x);
    }
    bytes_free(&text);
    return status;
}

enum store_status copy_start(struct store_scan *s, const char *text, struct store_error *e)
{
    PGresult *r = NULL;
    enum store_status status = session_query(s->session, text, &r, e);
    if (status == STORE_OK &&
        (PQresultStatus(r) != PGRES_COPY_OUT || PQnfields(r) != (int)s->ncolumn))
        status = fail(e, STORE_FAILED, "the statement gives %d columns, not %u",
                      PQnfields(r), s->ncolumn);
    PQclear(r);
    return status;
}

static enum store_status start_copy(struct store_scan *s, const char *sql,
                                    const struct store_parameter *p, size_t nparameter,
                                    struct store_error *e)
{
    struct bytes text;
    enum store_status status = copy_settings(s->session, e);
    bytes_init(&text, SQL_BYTES);
    bytes_add_literal(&text, "COPY (");
    if (status == STORE_OK && !put_inlined(&text, sql, p, nparameter))
        status = fail(e, STORE_FAILED, "the statement is too long or lacks a parameter");
    bytes_add_literal(&text, ") TO STDOUT (FORMAT binary)");
    if (status == STORE_OK)
        status = bytes_text(&text) ? copy_start(s, text.at, e)
                                   : fail(e, STORE_LIMIT, "the statement is too long");
    bytes_free(&text);
    return status;
}

/* --- prepared --------------------------------------------------------------------- */

struct arguments { /* of PQsendQueryPrepared, and the bytes that they point to */
    Oid *type;
    const char **value;
    int *length, *format;
    uint64_t *number;
    struct bytes text;
};

static void arguments_free(struct arguments *a)
{
    free(a->type);
    free(a->value);
    free(a->length);
    free(a->format);
    free(a->number);
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

static void set_argument(struct arguments *a, size_t i, const struct store_parameter *p,
                         size_t *text_at)
{
    const struct store_column as = {.type = p->type,
                                    .length = p->count == 1 || !p->value ? 1 : -1};
    a->type[i] = column_oid(&as);
    a->format[i] = 1;
    text_at[i] = SIZE_MAX;
    if (!p->value)
        return;
    if (p->type == STORE_TEXT || as.length != 1) {
        text_at[i] = a->text.len;
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

static bool arguments_make(struct arguments *a, const struct store_parameter *p, size_t n)
{
    size_t *text_at = calloc(n + 1, sizeof *text_at);
    *a = (struct arguments){.type = calloc(n + 1, sizeof *a->type),
                            .value = calloc(n + 1, sizeof *a->value),
                            .length = calloc(n + 1, sizeof *a->length),
                            .format = calloc(n + 1, sizeof *a->format),
                            .number = calloc(n + 1, sizeof *a->number)};
    bytes_init(&a->text, SQL_BYTES);
    bool ok = text_at && a->type && a->value && a->length && a->format && a->number;
    for (size_t i = 0; ok && i < n; i++)
        set_argument(a, i, &p[i], text_at);
    ok = ok && !a->text.failed;
    for (size_t i = 0; ok && i < n; i++)
        if (text_at[i] != SIZE_MAX)
            a->value[i] = a->text.at + text_at[i];
    free(text_at);
    return ok;
}

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
        x->has_setter = true;
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

static enum store_status check_columns(struct store_scan *s, const PGresult *r,
                                       const struct store_column *const *column,
                                       struct store_error *e)
{
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

static enum store_status start_prepared(struct store_scan *s, const char *sql,
                                        const struct store_parameter *p, size_t nparameter,
                                        const struct store_column *const *column,
                                        struct store_error *e)
{
    struct store_session *x = s->session;
    struct arguments a;
    char name[STATEMENT_NAME_BYTES] = "";
    bool is_new = true;
    uint64_t victim = 0;
    bool keep = nparameter > 0 && !x->has_temporary && !x->received;
    if (!arguments_make(&a, p, nparameter) ||
        (keep && !statement_name(x, sql, s->hash, name, &is_new, &victim))) {
        arguments_free(&a);
        return fail(e, STORE_LIMIT, "no memory for the statement's parameters");
    }
    x->nsync = 0;
    enum store_status status =
        send_pipeline(s, sql, name, is_new, victim, &a, (int)nparameter)
            ? session_flush(x, e)
            : fail_result(x, NULL, e);
    arguments_free(&a);
    if (status == STORE_OK)
        status = skip_results(s, e);
    if (status == STORE_OK)
        status = next_row(s, e);
    if (status == STORE_OK || status == STORE_END) {
        enum store_status fits = check_columns(s, s->first, column, e);
        s->has_ended = status == STORE_END && fits == STORE_OK;
        status = fits;
    }
    if (status != STORE_OK && keep && is_new && !s->is_prepared)
        statement_forget(x, sql, s->hash);
    return status;
}

/* --- by COPY in parts, or whole --------------------------------------------------- */

static enum store_status start_large(struct store_scan *s, const char *sql,
                                     const struct store_parameter *p, size_t nparameter,
                                     double nscan, struct store_error *e)
{
    const struct store_plain *plain = call_plain(s->session->call);
    bool is_split = false;
    enum store_status status = STORE_OK;
    if (plain && split_is_worth(s->session, plain->limit, nscan))
        status = split_start(s, sql, p, nparameter, &is_split, e);
    return status == STORE_OK && !is_split ? start_copy(s, sql, p, nparameter, e) : status;
}

/* --- run -------------------------------------------------------------------------- */

static enum store_status start(struct store_scan *s, const char *sql,
                               const struct store_parameter *p, size_t nparameter,
                               const struct store_column *const *column,
                               struct store_error *e)
{
    struct store_session *x = s->session;
    struct bytes text;
    struct way way = {.is_large = x->received != NULL}; /* values in the statement */
    bytes_init(&text, SQL_BYTES);
    split_free(s);
    enum store_status status = STORE_OK;
    if (!received_put(x, sql, &text) || !bytes_text(&text))
        status = fail(e, STORE_LIMIT, "the statement is too long");
    if (status == STORE_OK) {
        s->hash = choose_hash(text.at);
        if (!x->received)
            status = choose_way(x, text.at, s->hash, p, nparameter, &way, e);
    }
    s->is_copy = way.is_large;
    if (status == STORE_OK)
        status = s->is_copy ? start_large(s, text.at, p, nparameter, way.nscan, e)
                            : start_prepared(s, text.at, p, nparameter, column, e);
    bytes_free(&text);
    return status;
}

/* A connection that was lost while nobody looked (the server was restarted) is made anew,
 * and the statement, of which no row came yet, is sent once more. */
static bool may_try_again(const struct store_session *x, enum store_status status)
{
    return status == STORE_UNAVAILABLE && x->is_broken && !x->has_temporary;
}

enum store_status session_run(struct store_session *x, const struct store_call *call,
                              const char *sql, const struct store_parameter *parameter,
                              size_t nparameter, const struct store_column *const *column,
                              size_t ncolumn, struct store_scan **out,
                              struct store_error *e)
{
    *out = NULL;
    scan_finish(x->scan);
    if (nparameter > PARAMETERS_MAX)
        return fail(e, STORE_LIMIT, "the statement has more than %d parameters",
                    PARAMETERS_MAX);
    struct store_scan *s = scan_new(x, column, ncolumn, e);
    if (!s)
        return STORE_LIMIT;
    x->scan = s;
    enum store_status status = guard_on(x, call, e);
    if (status == STORE_OK)
        status = start(s, sql, parameter, nparameter, column, e);
    if (may_try_again(x, status) && session_renew(x, e) == STORE_OK) {
        status = guard_on(x, call, e);
        if (status == STORE_OK)
            status = start(s, sql, parameter, nparameter, column, e);
    }
    if (status == STORE_OK)
        *out = s;
    else
        scan_finish(s);
    return status;
}

/* --- fetching --------------------------------------------------------------------- */

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

/* Rows of a prepared statement until the batch is full; the first waits in s->first. */
static enum store_status prepared_fill(struct store_scan *s, uint32_t *nrow,
                                       struct store_error *e)
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

enum store_status scan_next(struct store_scan *s, struct store_batch *batch,
                            struct store_error *e)
{
    uint32_t nrow = 0;
    enum store_status status = s->has_ended ? STORE_END : guard_check(s->session, e);
    if (status != STORE_OK)
        return status;
    for (uint32_t k = 0; k < s->ncolumn && status == STORE_OK; k++)
        status = column_begin(&s->column[k], s->limit, e);
    if (status == STORE_OK)
        status = s->split     ? split_fill(s, &nrow, e)
                 : s->is_copy ? copy_fill(s, &nrow, e)
                              : prepared_fill(s, &nrow, e);
    if (status != STORE_OK)
        return status;
    if (nrow == 0)
        return STORE_END;
    s->nrow += nrow;
    s->limit = s->capacity;
    for (uint32_t k = 0; k < s->ncolumn; k++)
        s->vector[k] = column_vector(&s->column[k]);
    *batch = (struct store_batch){.size = sizeof *batch, .nrow = nrow, .column = s->vector};
    return STORE_OK;
}
