/* plot_rows.c -- a query of a page's own: by the gate and with the limits that TAP's
 * queries have; its few rows are kept as numbers and texts. */
#include <string.h>

#include "web/inner.h"
#include "web/plot.h"

enum { MOST_ROWS = 1 << 20 };

static struct dali_run run_of(const struct plot_call *c)
{
    return (struct dali_run){.dali = c->dali,
                             .request = c->request,
                             .client = dali_client_key(c->request),
                             .request_id = c->request->id,
                             .cancel = c->request->cancel,
                             .deadline_ns = c->deadline_ns,
                             .limit_s = dali_limits(c->dali)->sync_seconds};
}

static struct query *prepare(const struct dali_run *run, const char *text, struct err *e)
{
    const struct query_request q = {.text = str_of(text),
                                    .lang = ADQL_COLURE,
                                    .max_rows = MOST_ROWS,
                                    .user = run->request->user};
    struct query *made = dali_run_prepare(run, &q, run->request->arena, e);
    if (!made)
        e->line = e->column = 0; /* the place is in a text that nobody wrote */
    return made;
}

bool plot_columns(const struct plot_call *c, const char *text,
                  const struct store_column *const **column, uint32_t *ncolumn,
                  struct err *e)
{
    const struct dali_run run = run_of(c);
    struct query *q = prepare(&run, text, e);
    if (!q)
        return false;
    *column = query_columns(q, ncolumn);
    return true;
}

static bool grow(struct plot_rows *r, uint32_t more, struct arena *arena)
{
    uint32_t wanted = r->nrow + more, capacity = r->capacity ? r->capacity : 64;
    while (capacity < wanted)
        capacity *= 2;
    if (capacity == r->capacity)
        return true;
    for (uint32_t i = 0; i < r->ncolumn; i++) {
        double *number = arena_new_array(arena, double, capacity);
        const char **text = arena_new_array(arena, const char *, capacity);
        if (!number || !text)
            return false;
        if (r->nrow) {
            memcpy(number, r->number[i], r->nrow * sizeof *number);
            memcpy(text, r->text[i], r->nrow * sizeof *text);
        }
        r->number[i] = number;
        r->text[i] = text;
    }
    r->capacity = capacity;
    return true;
}

static bool take(struct plot_rows *r, const struct field *field, bool wants_text,
                 const struct store_batch *batch, struct arena *arena)
{
    enum { LONGEST = 1000 };
    const struct inner_rows rows = {field, batch->column, batch->nrow};
    if (!grow(r, batch->nrow, arena))
        return false;
    for (uint32_t i = 0; i < r->ncolumn; i++)
        for (uint32_t k = 0; k < batch->nrow; k++) {
            bool is_text = wants_text || field[i].column->type == STORE_TEXT;
            r->number[i][r->nrow + k] = inner_number(&rows, i, k);
            const char *text = is_text ? inner_text(&rows, i, k, LONGEST, arena) : NULL;
            if (is_text && !text && store_is_valid(&batch->column[i], k))
                return false;
            r->text[i][r->nrow + k] = text;
        }
    r->nrow += batch->nrow;
    return true;
}

static bool read_all(struct rowsource *rows, bool wants_text, struct arena *arena,
                     struct plot_rows *out, struct err *e)
{
    struct store_batch batch = {.size = sizeof batch};
    enum step step;
    const struct field *field = field_list(rows->column, rows->ncolumn, arena);
    out->ncolumn = rows->ncolumn;
    out->number = arena_new_array(arena, double *, rows->ncolumn);
    out->text = arena_new_array(arena, const char **, rows->ncolumn);
    if (!field || !out->number || !out->text)
        return err_set(e, ERR_LIMIT, "the plot needs too much memory");
    while ((step = rows->next(rows, &batch, e)) == STEP_ROWS)
        if (!take(out, field, wants_text, &batch, arena))
            return err_set(e, ERR_LIMIT, "the plot needs too much memory");
    return step == STEP_END;
}

bool plot_run(const struct plot_call *c, const char *text, struct arena *arena,
              struct plot_rows *out, struct err *e)
{
    struct dali_run run = run_of(c);
    *out = (struct plot_rows){0};
    dali_run_begin(&run);
    struct query *q = prepare(&run, text, e);
    struct rowsource *rows = q ? dali_run_open(&run, q, MOST_ROWS, e) : NULL;
    bool ok = rows && read_all(rows, c->wants_text, arena, out, e);
    if (rows)
        rows->close(rows);
    if (ok && run.overflow)
        ok = err_set(e, ERR_LIMIT, "the plot has too many cells: %s", run.overflow_text);
    dali_run_end(&run, e);
    return ok;
}
