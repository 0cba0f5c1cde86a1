/* run.c -- TAP parameters to a running query. */
#include "tap/run.h"

#include "core/dali/ask.h"

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
                              .cancel = c->cancel,
                              .wants_progress = c->job != NULL};
    if (!read_lang(c, &r.lang, e) || !read_query(c, &c->text, e) ||
        !dali_maxrec(c->param, c->nparam, dali_limits(c->dali), &c->max_rows, e) ||
        !tap_uploads(c, &r.upload, &r.nupload, e))
        return false;
    r.text = c->text;
    r.max_rows = c->max_rows;
    const struct catalog *catalog = c->dali->catalog(c->dali->node);
    c->query = query_prepare(c->env ? c->env : &c->dali->env, catalog, &r, c->arena, e);
    catalog_drop(catalog);
    return c->query != NULL;
}

void tap_call_fill(struct tap_call *c, struct http_request *request, const char *client,
                   double limit_s)
{
    c->run = (struct dali_run){.dali = c->dali,
                               .request = request,
                               .client = client,
                               .request_id = c->request_id,
                               .cancel = c->cancel,
                               .deadline_ns = c->deadline_ns,
                               .limit_s = limit_s,
                               .what = c};
    dali_run_begin(&c->run);
}

static void end_run(struct tap_call *c, const struct err *e)
{
    struct uws_stage stage[DALI_STAGE_COUNT];
    size_t n = 0;
    dali_run_end(&c->run, e);
    for (int i = 0; c->job && i < DALI_STAGE_COUNT; i++)
        if (c->run.stage_ns[i] >= 0)
            stage[n++] = (struct uws_stage){dali_stage_name((enum dali_stage)i),
                                            (double)c->run.stage_ns[i] * 1e-9};
    if (n)
        uws_run_stages(c->job, stage, n);
}

/* The store is free again: the next query may run. */
static void leave(void *what, uint64_t nrow, const struct err *e)
{
    (void)nrow;
    end_run(what, e);
}

/* The node's address as the client knows it; a job's URL begins with it. */
static const char *base_of(const struct tap_call *c)
{
    if (!c->job)
        return dali_base_url(c->dali, c->run.request);
    str url = str_of(c->job->job_url);
    for (size_t i = 0; i + 11 <= url.len; i++)
        if (memcmp(url.at + i, "/tap/async/", 11) == 0)
            return arena_text(c->arena, (str){url.at, i});
    return c->dali->base_url;
}

static bool fill_head(struct tap_call *c, struct dali_answer *a, struct err *e)
{
    a->head.overflow_text = c->run.overflow_text;
    a->max_rows = c->max_rows;
    return dali_head(c->dali, c->query, base_of(c), "ivo://ivoa.net/std/TAP", c->text,
                     c->arena, &a->head, e);
}

/* What stands before the rows is made while the store works. */
static bool run(struct tap_call *c, struct dali_answer *a, struct err *e)
{
    a->format = dali_format(c->param, c->nparam, true, c->arena, &a->content_type, e);
    if (!a->format || !tap_prepare(c, e))
        return false;
    a->rows = dali_run_open(&c->run, c->query, c->max_rows, e);
    if (!a->rows || fill_head(c, a, e))
        return a->rows != NULL;
    a->rows->close(a->rows);
    return false;
}

bool tap_run(struct tap_call *c, struct dali_answer *a, struct err *e)
{
    *a = (struct dali_answer){.request_id = c->request_id,
                              .finished = leave,
                              .what = c,
                              .overflow = &c->run.overflow,
                              .run = &c->run};
    if (run(c, a, e))
        return true;
    end_run(c, e);
    return false;
}
