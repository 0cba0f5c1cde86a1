/* async.c -- /tap/async: the same query as a UWS job (TAP-28 to 31). */
#include <stdio.h>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/dali/first.h"
#include "tap/run.h"

static const char FIRST_TEXT[] =
    "these are the first rows of a job that still runs; its result will have all of them";

struct http_response *tap_async(void *context, struct http_request *request)
{
    struct tap *tap = context;
    return uws_handle(tap->uws, request, request->rest);
}

static struct http_param *params_of(const struct uws_run *run)
{
    struct http_param *p = arena_new_array(run->arena, struct http_param, run->nparam + 1);
    for (size_t i = 0; p && i < run->nparam; i++) {
        const struct uws_param *from = &run->params[i];
        p[i] = (struct http_param){.name = str_of(from->name),
                                   .value = str_of(from->value),
                                   .is_file = from->path != NULL,
                                   .content_type = from->content_type,
                                   .path = from->path,
                                   .bytes = from->path ? from->bytes : strlen(from->value)};
    }
    return p;
}

/* The place in the query goes into the message: an errorSummary has nothing else. */
static bool with_place(const struct err *why, struct err *e)
{
    if (why->line == 0)
        return err_set(e, why->kind, "%s", why->message);
    return err_set(e, why->kind, "line %d, column %d: %s", why->line, why->column,
                   why->message);
}

/* At most twice a second, for the reader of the job document. */
static void tell_progress(void *what, uint64_t nrow)
{
    struct tap_call *c = what;
    int64_t now = clock_monotonic_ns();
    char text[96], share[40] = "";
    if (now - c->told_ns < 500000000)
        return;
    c->told_ns = now;
    double done = c->query ? query_progress(c->query) : -1;
    if (done > 0)
        snprintf(share, sizeof share, ", %.0f %% of the store's work", 100 * done);
    snprintf(text, sizeof text, "%llu rows so far%s", (unsigned long long)nrow, share);
    uws_run_progress(c->job, text);
}

static void tell_place(void *what, const struct gate_place *place)
{
    struct tap_call *c = what;
    char text[100];
    snprintf(text, sizeof text, "waits for its turn: position %u of %u %s queries",
             place->position, place->waiting, gate_pool_name(place->pool));
    uws_run_progress(c->job, text);
}

static void show_first(void *what, str json, uint32_t nrow)
{
    (void)nrow;
    struct tap_call *c = what;
    if (!uws_run_preview(c->job, json))
        log_line(LOG_WARN, c->job->id, "the first rows could not be kept");
}

static bool run_job(struct tap *tap, struct uws_run *run, struct err *e)
{
    struct dali_answer answer;
    struct tap_call c = {.dali = tap->dali,
                         .param = params_of(run),
                         .nparam = run->nparam,
                         .arena = run->arena,
                         .cancel = run->cancel,
                         .deadline_ns = run->deadline_ns,
                         .request_id = run->id,
                         .user = run->owner,
                         .job = run};
    tap_call_fill(&c, NULL, run->fair_key, (double)run->duration_s);
    c.run.waits = tell_place;
    uint64_t nrow = 0;
    if (!c.param)
        return err_set(e, ERR_BUSY, "the node is out of memory; try again later");
    if (!tap_run(&c, &answer, e))
        return false;
    answer.progress = tell_progress;
    answer.rows = rows_first(answer.rows, &answer.head, FIRST_TEXT, &tap->dali->formats,
                             show_first, &c);
    uws_run_progress(run, "the store has the query");
    int fd = uws_result_open(run, "result", answer.content_type, e);
    if (fd < 0) {
        dali_drop(&answer, e);
        return false;
    }
    return dali_write(tap->dali, &answer, fd, &nrow, e) &&
           uws_result_commit(run, "result", e);
}

bool tap_run_job(void *context, struct uws_run *run, struct err *e)
{
    struct err why = {0};
    return run_job(context, run, &why) || with_place(&why, e);
}
