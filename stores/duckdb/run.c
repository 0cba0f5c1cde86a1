/* run.c -- a statement that runs, and its rows as batches. DuckDB computes a chunk (up to
 * 2048 rows) when one is asked for, so that memory stays flat. */
#include "stores/duckdb/scan.h"

#include <stdlib.h>

#include "core/base/clock.h"

/* Small chunks are gathered only while fetching them costs less than this: a slow query's
 * rows are not held back. */
#define GATHER_NS INT64_C(2000000)
enum { GATHER_ROWS = 4096 };

/* --- starting --------------------------------------------------------------------- */

static struct store_scan *scan_new(struct store_session *x, size_t ncolumn)
{
    if (ncolumn > 100000)
        return NULL;
    struct store_scan *s =
        calloc(1, sizeof *s + ncolumn * (sizeof *s->column + sizeof *s->vector));
    if (!s)
        return NULL;
    s->session = x;
    s->ncolumn = (uint32_t)ncolumn;
    s->vector = (struct store_vector *)(void *)&s->column[ncolumn];
    return s;
}

static enum store_status execute(struct store_scan *s, struct store_error *e)
{
    struct store_session *x = s->session;
    if (duck.pending_prepared_streaming(s->prepared, &s->pending) != DUCK_OK)
        return guard_fail(x, duck.pending_error(s->pending), e);
    /* An interrupt that came before is forgotten by DuckDB: look again. */
    enum store_status status = guard_check(x, e);
    if (status != STORE_OK)
        return status;
    duck_pending_state state = DUCK_NOT_READY;
    while (!x->has_help && state == DUCK_NOT_READY) { /* task by task: is it long? */
        state = duck.pending_execute_task(s->pending);
        session_get_help(x);
    }
    if (state == DUCK_PENDING_ERROR)
        return guard_fail(x, duck.pending_error(s->pending), e);
    s->has_result = true;
    if (duck.execute_pending(s->pending, &s->result) != DUCK_OK)
        return guard_fail(x, duck.result_error(&s->result), e);
    return STORE_OK;
}

static enum store_status bind_columns(struct store_scan *s,
                                      const struct store_column *const *column,
                                      struct store_error *e)
{
    duck_idx n = duck.column_count(&s->result);
    if (n != s->ncolumn)
        return fail(e, STORE_FAILED, "the statement gives %llu columns, not %u",
                    (unsigned long long)n, s->ncolumn);
    enum store_status status = STORE_OK;
    for (uint32_t i = 0; i < s->ncolumn && status == STORE_OK; i++) {
        duck_logical type = duck.column_logical_type(&s->result, i);
        status = column_bind(&s->column[i], type, column[i], e);
        duck.destroy_logical_type(&type);
    }
    return status;
}

enum store_status session_run(struct store_session *x, const struct store_call *call,
                              const char *sql, const struct store_parameter *parameter,
                              size_t nparameter, const struct store_column *const *column,
                              size_t ncolumn, struct store_scan **out,
                              struct store_error *e)
{
    *out = NULL;
    scan_finish(x->scan);
    struct store_scan *s = scan_new(x, ncolumn);
    if (!s)
        return fail(e, STORE_LIMIT, "no memory for a statement of %zu columns", ncolumn);
    x->scan = s;
    session_count_progress(x, call);
    enum store_status status = guard_on(x, call, e);
    if (status == STORE_OK)
        status = statement_prepare(x, sql, nparameter, &s->prepared, &s->is_kept, e);
    if (status == STORE_OK)
        status = statement_bind(x, s->prepared, parameter, nparameter, e);
    if (status == STORE_OK)
        status = execute(s, e);
    if (status == STORE_OK)
        status = bind_columns(s, column, e);
    if (status == STORE_OK)
        *out = s;
    else
        scan_finish(s);
    return status;
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
    guard_off(x);
    duck.destroy_data_chunk(&s->chunk);
    if (s->has_result)
        duck.destroy_result(&s->result);
    duck.destroy_pending(&s->pending);
    if (!s->is_kept)
        duck.destroy_prepare(&s->prepared);
    for (uint32_t i = 0; i < s->ncolumn; i++)
        column_free(&s->column[i]);
    x->scan = NULL;
    bool owns_session = s->owns_session;
    free(s);
    if (owns_session)
        session_end(x);
}

/* --- fetching --------------------------------------------------------------------- */

static bool has_rows(const struct store_scan *s)
{
    return s->chunk && s->row < s->nrow;
}

/* The next chunk with rows. STORE_END: there is none. */
static enum store_status fetch(struct store_scan *s, struct store_error *e)
{
    int64_t begin = clock_monotonic_ns();
    enum store_status status = guard_check(s->session, e);
    s->row = s->nrow = 0;
    while (status == STORE_OK && s->nrow == 0) {
        duck.destroy_data_chunk(&s->chunk);
        session_get_help(s->session);
        s->chunk = duck.fetch_chunk(s->result);
        if (!s->chunk) {
            const char *message = duck.result_error(&s->result);
            bool has_failed = message && message[0];
            status = has_failed ? guard_fail(s->session, message, e) : STORE_END;
        } else
            s->nrow = duck.data_chunk_get_size(s->chunk);
    }
    if (status != STORE_OK) {
        s->has_ended = true;
        guard_off(s->session);
    }
    s->fetch_ns = clock_monotonic_ns() - begin;
    return status;
}

static size_t rows_bytes(struct store_scan *s, size_t first, size_t n)
{
    size_t total = 0;
    for (uint32_t k = 0; k < s->ncolumn; k++)
        total +=
            column_bytes(&s->column[k], duck.data_chunk_get_vector(s->chunk, k), first, n);
    return total;
}

/* How many of the chunk's rows fit into `budget` bytes; at least one if `is_first`. Mostly
 * all do; rows are counted one by one only when they do not. */
static size_t rows_that_fit(struct store_scan *s, size_t *budget, bool is_first)
{
    size_t left = s->nrow - s->row, n = 0;
    size_t all = rows_bytes(s, s->row, left);
    if (all <= *budget) {
        *budget -= all;
        return left;
    }
    for (; n < left; n++) {
        size_t bytes = rows_bytes(s, s->row + n, 1);
        if (bytes > *budget && !(is_first && n == 0))
            break;
        *budget -= bytes < *budget ? bytes : *budget;
    }
    return n;
}

static enum store_status append(struct store_scan *s, size_t n, size_t nrow,
                                struct store_error *e)
{
    for (uint32_t k = 0; k < s->ncolumn; k++) {
        duck_vector v = duck.data_chunk_get_vector(s->chunk, k);
        enum store_status status = column_append(&s->column[k], v, s->row, n, nrow, e);
        if (status != STORE_OK)
            return status;
    }
    return STORE_OK;
}

/* One batch from the chunk at hand, lent where possible. */
static enum store_status give_chunk(struct store_scan *s, size_t *nrow,
                                    struct store_error *e)
{
    size_t budget = BATCH_BYTES;
    size_t n = rows_that_fit(s, &budget, true);
    for (uint32_t k = 0; k < s->ncolumn; k++) {
        struct scan_column *c = &s->column[k];
        duck_vector v = duck.data_chunk_get_vector(s->chunk, k);
        column_clear(c);
        if (column_lend(c, v, s->row, n, &s->vector[k]))
            continue;
        column_clear(c);
        enum store_status status = column_append(c, v, s->row, n, 0, e);
        if (status != STORE_OK)
            return status;
        s->vector[k] = column_vector(c);
    }
    s->row += n;
    *nrow = n;
    return STORE_OK;
}

/* One batch of several small chunks. */
static enum store_status give_gathered(struct store_scan *s, size_t *nrow,
                                       struct store_error *e)
{
    size_t budget = BATCH_BYTES, total = 0;
    enum store_status status = STORE_OK;
    for (uint32_t k = 0; k < s->ncolumn; k++)
        column_clear(&s->column[k]);
    while (status == STORE_OK) {
        size_t n = rows_that_fit(s, &budget, total == 0);
        status = append(s, n, total, e);
        s->row += n;
        total += n;
        if (status != STORE_OK || has_rows(s) || total >= GATHER_ROWS ||
            s->fetch_ns > GATHER_NS)
            break;
        status = fetch(s, e);
        if (status == STORE_OK && s->nrow >= MERGE_ROWS)
            break;
    }
    for (uint32_t k = 0; k < s->ncolumn; k++)
        s->vector[k] = column_vector(&s->column[k]);
    *nrow = total;
    return status == STORE_END ? STORE_OK : status;
}

enum store_status scan_next(struct store_scan *s, struct store_batch *batch,
                            struct store_error *e)
{
    size_t nrow = 0;
    if (s->has_ended && !has_rows(s))
        return STORE_END;
    enum store_status status = has_rows(s) ? guard_check(s->session, e) : fetch(s, e);
    if (status != STORE_OK)
        return status;
    /* The first batch is not delayed: it makes the client's first byte. */
    bool is_small = s->nrow < MERGE_ROWS && s->nbatch > 0;
    status = is_small ? give_gathered(s, &nrow, e) : give_chunk(s, &nrow, e);
    if (status != STORE_OK)
        return status;
    s->nbatch++;
    *batch = (struct store_batch){
        .size = sizeof *batch, .nrow = (uint32_t)nrow, .column = s->vector};
    return STORE_OK;
}
