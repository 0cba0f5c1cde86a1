/* inner.c -- see inner.h. */
#include "web/inner.h"

#include <math.h>

static bool take_all(struct rowsource *rows, struct arena *arena,
                     bool (*take)(void *what, const struct inner_rows *), void *what,
                     struct err *e)
{
    struct store_batch batch = {.size = sizeof batch};
    const struct field *field = field_list(rows->column, rows->ncolumn, arena);
    if (!field)
        return err_set(e, ERR_LIMIT, "there is no memory for a query of the node's own");
    for (;;) {
        enum step step = rows->next(rows, &batch, e);
        if (step != STEP_ROWS)
            return step == STEP_END;
        const struct inner_rows r = {field, batch.column, batch.nrow};
        if (!take(what, &r))
            return true;
    }
}

bool inner_query(const struct inner *i, str text, int64_t max_rows,
                 bool (*take)(void *what, const struct inner_rows *), void *what,
                 struct err *e)
{
    struct dali_run run = {.dali = i->dali,
                           .client = i->name,
                           .request_id = i->name,
                           .cancel = i->cancel,
                           .deadline_ns = i->deadline_ns,
                           .limit_s = i->limit_s,
                           .is_background = true};
    const struct query_request request = {.text = text,
                                          .lang = ADQL_COLURE,
                                          .max_rows = max_rows,
                                          .deadline_ns = i->deadline_ns,
                                          .request_id = i->name,
                                          .cancel = i->cancel};
    dali_run_begin(&run);
    struct query *q = query_prepare(&i->dali->env, i->catalog, &request, i->arena, e);
    struct rowsource *rows = q ? dali_run_open(&run, q, max_rows, e) : NULL;
    bool ok = rows && take_all(rows, i->arena, take, what, e);
    if (rows)
        rows->close(rows);
    dali_run_end(&run, e);
    return ok;
}

double inner_number(const struct inner_rows *r, uint32_t icolumn, uint32_t irow)
{
    const struct field *f = &r->field[icolumn];
    const struct store_vector *v = &r->column[icolumn];
    if (!store_is_valid(v, irow) || f->column->length != 1)
        return NAN;
    const char *at = field_cell(f, v, irow).at;
    double f64;
    float f32;
    switch (f->column->type) {
    case STORE_F64:
        memcpy(&f64, at, sizeof f64);
        return f64;
    case STORE_F32:
        memcpy(&f32, at, sizeof f32);
        return f32;
    case STORE_TEXT:
        return NAN;
    default:
        return (double)field_integer(f, (struct cell){at, 1});
    }
}

/* Cut between characters. */
static str cut(str text, size_t most)
{
    if (text.len <= most)
        return text;
    for (text.len = most; text.len && ((unsigned char)text.at[text.len] & 0xC0) == 0x80;
         text.len--) {
    }
    return text;
}

const char *inner_text(const struct inner_rows *r, uint32_t icolumn, uint32_t irow,
                       size_t most, struct arena *arena)
{
    enum { ELEMENTS = 8 };
    const struct field *f = &r->field[icolumn];
    const struct store_vector *v = &r->column[icolumn];
    char text[ELEMENTS * FIELD_ELEMENT_BYTES + FIELD_ELEMENT_BYTES];
    if (!store_is_valid(v, irow))
        return NULL;
    struct cell cell = field_cell(f, v, irow);
    if (f->column->type == STORE_TEXT) {
        str all = {cell.at, cell.count}, part = cut(all, most);
        return arena_format(arena, "%.*s%s", STR_FMT(part),
                            part.len < all.len ? "\xE2\x80\xA6" : "");
    }
    if (cell.count > ELEMENTS)
        return arena_format(arena, "%u values", cell.count);
    char *end = field_print(f, v, irow, text);
    return arena_text(arena, (str){text, (size_t)(end - text)});
}
