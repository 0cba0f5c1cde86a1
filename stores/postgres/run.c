/* run.c -- a statement and its batches: by COPY, in parts, or prepared. */
#include <stdlib.h>

#include "stores/postgres/scan.h"

enum { PARAMETERS_MAX = 65535 };

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
    x->is_broken |= s->makes_setter; /* who knows whether it is prepared there */
    if (!s->has_ended) {             /* settings go with a transaction that fails */
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
                                    struct store_error *e)
{
    struct bytes text;
    enum store_status status = copy_settings(s->session, e);
    bytes_init(&text, STATEMENT_BYTES);
    bytes_add_literal(&text, "COPY (");
    if (status == STORE_OK &&
        !put_inlined(&text, sql, s->given.parameter, s->given.nparameter))
        status = fail(e, STORE_FAILED, "the statement is too long or lacks a parameter");
    bytes_add_literal(&text, ") TO STDOUT (FORMAT binary)");
    if (status == STORE_OK)
        status = bytes_text(&text) ? copy_start(s, text.at, e)
                                   : fail(e, STORE_LIMIT, "the statement is too long");
    bytes_free(&text);
    return status;
}

/* --- by COPY in parts, or whole --------------------------------------------------- */

static enum store_status start_large(struct store_scan *s, const char *sql, double nscan,
                                     struct store_error *e)
{
    const struct store_plain *plain = call_plain(s->session->call);
    bool is_split = false;
    enum store_status status = STORE_OK;
    if (plain && split_is_worth(s->session, plain->limit, nscan))
        status = split_start(s, sql, s->given.parameter, s->given.nparameter, &is_split, e);
    return status == STORE_OK && !is_split ? start_copy(s, sql, e) : status;
}

/* --- run -------------------------------------------------------------------------- */

static enum store_status start(struct store_scan *s, struct store_error *e)
{
    struct store_session *x = s->session;
    struct bytes text;
    struct way way = {.is_large = x->received != NULL}; /* values in the statement */
    enum store_status status = guard_on(x, s->given.call, e);
    if (status != STORE_OK)
        return status;
    bytes_init(&text, STATEMENT_BYTES);
    split_free(s);
    if (!received_put(x, s->given.sql, &text) || !bytes_text(&text))
        status = fail(e, STORE_LIMIT, "the statement is too long");
    if (status == STORE_OK) {
        s->hash = choose_hash(text.at);
        if (!x->received)
            status = choose_way(x, text.at, s->hash, s->given.parameter,
                                s->given.nparameter, &way, e);
    }
    s->is_copy = way.is_large;
    if (status == STORE_OK)
        status = s->is_copy ? start_large(s, text.at, way.nscan, e)
                            : prepared_start(s, text.at, e);
    bytes_free(&text);
    return status;
}

/* A connection that was lost while nobody looked (the server was restarted) is made anew,
 * and the statement, of which no row came yet, is sent once more. */
static enum store_status or_again(struct store_scan *s, enum store_status status,
                                  struct store_error *e)
{
    struct store_session *x = s->session;
    bool may_be = status == STORE_UNAVAILABLE && x->is_broken && !x->has_temporary;
    return may_be && session_renew(x, e) == STORE_OK ? start(s, e) : status;
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
    s->given = (struct scan_given){call, sql, parameter, nparameter, column};
    x->scan = s;
    enum store_status status = or_again(s, start(s, e), e);
    if (status == STORE_OK)
        *out = s;
    else
        scan_finish(s);
    return status;
}

/* --- fetching --------------------------------------------------------------------- */

/* What became of a statement that was only sent. */
static enum store_status answer(struct store_scan *s, struct store_error *e)
{
    enum store_status status = guard_check(s->session, e);
    if (status == STORE_OK && s->is_sent)
        status = or_again(s, prepared_answer(s, e), e);
    return status;
}

enum store_status scan_next(struct store_scan *s, struct store_batch *batch,
                            struct store_error *e)
{
    uint32_t nrow = 0;
    enum store_status status = STORE_OK;
    uint32_t ncolumn = s->has_ended ? 0 : s->ncolumn; /* the server works meanwhile */
    for (uint32_t k = 0; k < ncolumn && status == STORE_OK; k++)
        status = column_begin(&s->column[k], s->limit, e);
    if (status == STORE_OK)
        status = answer(s, e);
    if (status == STORE_OK && s->has_ended)
        status = STORE_END;
    if (status == STORE_OK)
        status = s->split     ? split_fill(s, &nrow, e)
                 : s->is_copy ? copy_fill(s, &nrow, e)
                              : prepared_fill(s, &nrow, e);
    if (status != STORE_OK)
        return status;
    if (nrow == 0)
        return STORE_END;
    s->nrow += nrow;
    s->limit = s->limit < s->capacity / GROWTH ? s->limit * GROWTH : s->capacity;
    for (uint32_t k = 0; k < s->ncolumn; k++)
        s->vector[k] = column_vector(&s->column[k]);
    *batch = (struct store_batch){.size = sizeof *batch, .nrow = nrow, .column = s->vector};
    return STORE_OK;
}
