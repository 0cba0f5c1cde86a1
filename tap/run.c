/* run.c -- TAP parameters to a running query. */
#include "tap/run.h"

#include "core/base/clock.h"
#include "core/base/log.h"

static bool read_lang(const struct tap_call *c, enum adql_lang *lang, struct err *e)
{
    str value;
    *lang = ADQL_COLURE;
    if (!dali_param(c->param, c->nparam, "LANG", &value, e))
        return false;
    value = str_trim(value);
    if (value.len == 0 || adql_lang_of(value, lang))
        return true;
    return err_set(
        e, ERR_USAGE,
        "unknown query language \"%.*s\"; LANG is one of ADQL, ADQL-2.0, ADQL-2.1",
        (int)(value.len < 60 ? value.len : 60), value.at);
}

static bool read_query(const struct tap_call *c, str *query, struct err *e)
{
    if (!dali_param(c->param, c->nparam, "QUERY", query, e))
        return false;
    if (str_trim(*query).len == 0)
        return err_set(e, ERR_USAGE,
                       "there is no QUERY; send LANG=ADQL and QUERY=SELECT ... FROM ...");
    return true;
}

bool tap_prepare(struct tap_call *c, struct err *e)
{
    struct query_request r = {.deadline_ns = c->deadline_ns,
                              .request_id = c->request_id,
                              .user = c->user,
                              .cancel = c->cancel};
    if (!read_lang(c, &r.lang, e) || !read_query(c, &c->text, e) ||
        !dali_maxrec(c->param, c->nparam, &c->dali->limits, &c->max_rows, e) ||
        !tap_uploads(c, &r.upload, &r.nupload, e))
        return false;
    r.text = c->text;
    r.max_rows = c->max_rows;
    const struct catalog *catalog = c->dali->catalog(c->dali->node);
    c->query = query_prepare(&c->dali->env, catalog, &r, c->arena, e);
    catalog_drop(catalog);
    return c->query != NULL;
}

/* The store is free again: the next query may run. */
static void leave(void *what, uint64_t nrow, const struct err *e)
{
    struct tap_call *c = what;
    gate_leave(c->dali->gate);
    log_line(LOG_INFO, c->request_id, "%llu rows%s%s", (unsigned long long)nrow,
             e->kind ? ", ended badly: " : "", e->kind ? e->message : "");
}

static bool fill_head(struct tap_call *c, struct dali_answer *a, struct err *e)
{
    uint32_t ntable;
    const struct catalog_table *const *table = query_tables(c->query, &ntable);
    a->head.column = query_columns(c->query, &a->head.ncolumn);
    a->head.nrow = -1;
    a->head.table_name = ntable == 1 ? table[0]->full_name : NULL;
    a->head.overflow_text =
        arena_format(c->arena, "only the first %lld rows; raise MAXREC (at most %lld)",
                     (long long)c->max_rows, (long long)c->dali->limits.max_rows);
    a->max_rows = c->max_rows;
    return dali_infos(c->dali, query_catalog(c->query), "ivo://ivoa.net/std/TAP", c->text,
                      table, ntable, c->arena, &a->head) ||
           err_set(e, ERR_LIMIT, "the request needs too much memory");
}

bool tap_run(struct tap_call *c, struct dali_answer *a, struct err *e)
{
    *a = (struct dali_answer){.request_id = c->request_id, .finished = leave, .what = c};
    a->format = dali_format(c->param, c->nparam, true, c->arena, &a->content_type, e);
    if (!a->format || !tap_prepare(c, e) || !fill_head(c, a, e))
        return false;
    a->overflow = query_overflow(c->query);
    if (!gate_enter(c->dali->gate, c->deadline_ns, c->cancel, e))
        return false;
    a->rows = query_open(c->query, e);
    if (!a->rows)
        gate_leave(c->dali->gate);
    return a->rows != NULL;
}
