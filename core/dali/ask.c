/* ask.c -- see ask.h: the same way that TAP's queries go, in the connection's thread. */
#include "core/dali/ask.h"

#include "core/base/clock.h"

struct call {
    struct dali_run run;
    struct query *query;
    int64_t max_rows;
};

bool dali_head(struct dali *d, struct query *q, const char *base, const char *protocol,
               str text, struct arena *arena, struct result_head *head, struct err *e)
{
    uint32_t ntable;
    const struct catalog_table *const *table = query_tables(q, &ntable);
    head->column = query_columns(q, &head->ncolumn);
    head->nrow = -1;
    head->page_base = base;
    head->page_version = d->assets_version;
    head->page_site = d->title;
    head->table_name = ntable == 1 ? table[0]->full_name : NULL;
    dali_add_links(d, base, arena, head);
    return dali_infos(d, query_catalog(q), protocol, text, table, ntable, arena, head) ||
           err_set(e, ERR_LIMIT, "the request needs too much memory");
}

static void begin(const struct dali_ask *a, struct call *c)
{
    double limit_s = dali_limits(a->dali)->sync_seconds;
    c->run = (struct dali_run){.dali = a->dali,
                               .request = a->request,
                               .client = dali_client_key(a->request),
                               .request_id = a->request->id,
                               .cancel = a->request->cancel,
                               .deadline_ns = clock_deadline_ns(limit_s),
                               .limit_s = limit_s,
                               .what = c};
    dali_run_begin(&c->run);
}

static bool prepare(const struct dali_ask *a, struct call *c, str text, struct err *e)
{
    const struct http_request *request = a->request;
    if (!dali_maxrec(request->params, request->nparam, dali_limits(a->dali), &c->max_rows,
                     e))
        return false;
    if (a->is_metadata)
        c->max_rows = 0;
    const struct query_request q = {
        .text = text, .lang = ADQL_COLURE, .max_rows = c->max_rows, .user = request->user};
    c->query = dali_run_prepare(&c->run, &q, request->arena, e);
    if (!c->query)
        e->line = 0; /* the place is in a text that nobody wrote */
    return c->query != NULL;
}

/* TABLEDATA when nothing is said: clients of these protocols may be old. */
static const struct format *format_of(const struct dali_ask *a, const char **content_type,
                                      struct err *e)
{
    const struct http_request *request = a->request;
    const struct http_param *wanted = http_request_param(request, "RESPONSEFORMAT", NULL);
    if (wanted && str_trim(wanted->value).len && !a->has_own_format)
        return dali_format(request->params, request->nparam, false, request->arena,
                           content_type, e);
    const struct format *f =
        format_find(STR("votable/td"), request->arena, content_type, e);
    *content_type = "application/x-votable+xml";
    return f;
}

/* The service's own INFOs stand before the others. */
static bool add_infos(const struct dali_ask *a, struct result_head *head, struct err *e)
{
    if (a->ninfo == 0)
        return true;
    struct result_info *info = arena_new_array(a->request->arena, struct result_info,
                                               (size_t)a->ninfo + head->ninfo);
    if (!info)
        return err_set(e, ERR_LIMIT, "the request needs too much memory");
    memcpy(info, a->info, a->ninfo * sizeof *info);
    memcpy(info + a->ninfo, head->info, head->ninfo * sizeof *info);
    head->info = info;
    head->ninfo += a->ninfo;
    return true;
}

static bool fill_head(const struct dali_ask *a, struct call *c, str text,
                      struct result_head *head, struct err *e)
{
    struct arena *arena = a->request->arena;
    if (!dali_head(a->dali, c->query, dali_base_url(a->dali, a->request), a->protocol, text,
                   arena, head, e) ||
        !add_infos(a, head, e))
        return false;
    if (a->services)
        head->services =
            arena_format(arena, "%s%s", a->services, head->services ? head->services : "");
    head->params = a->params;
    head->overflow_text = c->run.overflow_text;
    return true;
}

/* What stands before the rows is made while the store works. */
static bool open_rows(const struct dali_ask *a, struct call *c, struct dali_answer *answer,
                      struct err *e)
{
    const char *copy = arena_text(a->request->arena, bytes_str(a->text));
    str text = str_of(copy ? copy : "");
    answer->format = format_of(a, &answer->content_type, e);
    if (!answer->format || !prepare(a, c, text, e))
        return false;
    if (a->is_metadata)
        answer->overflow = NULL;
    answer->max_rows = c->max_rows;
    answer->rows = dali_run_open(&c->run, c->query, c->max_rows, e);
    if (!answer->rows || fill_head(a, c, text, &answer->head, e))
        return answer->rows != NULL;
    answer->rows->close(answer->rows);
    return false;
}

static void leave(void *what, uint64_t nrow, const struct err *e)
{
    struct call *c = what;
    (void)nrow;
    dali_run_end(&c->run, e);
}

struct http_response *dali_ask(const struct dali_ask *a)
{
    struct err e = {0};
    struct call *c = arena_new_one(a->request->arena, struct call);
    if (!c || a->text->failed) {
        bytes_free(a->text);
        err_set(&e, ERR_LIMIT, "the request needs too much memory");
        return http_reply_error(a->request, &e);
    }
    *c = (struct call){0};
    begin(a, c);
    struct dali_answer answer = {.request_id = a->request->id,
                                 .file_name = a->file_name,
                                 .finished = leave,
                                 .what = c,
                                 .overflow = &c->run.overflow,
                                 .run = &c->run};
    bool ok = open_rows(a, c, &answer, &e);
    bytes_free(a->text);
    if (ok && dali_dress(&answer, a->shown, a->nshown, a->request->arena, &e))
        return dali_reply(a->dali, a->request, &answer);
    if (ok)
        dali_drop(&answer, &e);
    else
        dali_run_end(&c->run, &e);
    return http_reply_error(a->request, &e);
}
