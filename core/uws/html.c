/* html.c -- the same for people: plain pages with forms, no script. */
#include <inttypes.h>
#include <stdio.h>

#include "core/base/clock.h"
#include "core/base/page.h"
#include "core/uws/uws_int.h"

/* A job that moves is looked at again. */
static void begin(const struct page *page, unsigned refresh_s)
{
    page_begin(page->out, &(struct page_head){.title = page->uws->options.title,
                                              .base = page->base,
                                              .here = "/jobs",
                                              .refresh_s = refresh_s});
}

static void row(struct bytes *out, const char *name, const char *value)
{
    bytes_add_literal(out, "<tr><th>");
    bytes_add_xml(out, str_of(name));
    bytes_add_literal(out, "</th><td>");
    bytes_add_xml(out, str_of(value));
    bytes_add_literal(out, "</td></tr>\n");
}

/* Lines as they are. */
static void text_row(struct bytes *out, const char *name, const char *value)
{
    bytes_add_literal(out, "<tr><th>");
    bytes_add_xml(out, str_of(name));
    bytes_add_literal(out, "</th><td><pre>");
    bytes_add_xml(out, str_of(value));
    bytes_add_literal(out, "</pre></td></tr>\n");
}

static void time_row(struct bytes *out, const char *name, int64_t us)
{
    char text[CLOCK_TEXT_BYTES];
    if (!us)
        return;
    clock_print_utc(us, text);
    row(out, name, text);
}

/* One button that posts one field to the job or to a child of it. */
static void button(const struct page *page, const struct uws_job *job, const char *child,
                   const char *field, const char *value, const char *label)
{
    struct bytes *out = page->out;
    bytes_add_literal(out, "<form class=\"line\" method=\"post\" action=\"");
    bytes_add_xml(out, str_of(page->list_url));
    bytes_add_format(out,
                     "/%s%s\"><input type=\"hidden\" name=\"%s\" value=\"%s\">"
                     "<button>%s</button></form>\n",
                     job->id, child, field, value, label);
}

static void link_to(const struct page *page, const struct uws_job *job, const char *child,
                    const char *name)
{
    struct bytes *out = page->out;
    bytes_add_literal(out, "<a href=\"");
    bytes_add_xml(out, str_of(page->list_url));
    bytes_add_format(out, "/%s%s", job->id, child);
    bytes_add_url(out, str_of(name));
    bytes_add_literal(out, "\">");
}

static void add_state(struct bytes *out, const struct uws_job *job)
{
    char duration[32];
    bytes_add_literal(out, "<table>\n");
    row(out, "Phase", uws_phase_word(job->phase));
    if (job->run_id)
        row(out, "Run id", job->run_id);
    if (job->owner)
        row(out, "Owner", job->owner);
    time_row(out, "Created", job->created_us);
    time_row(out, "Started", job->start_us);
    time_row(out, "Ended", job->end_us);
    time_row(out, "Kept until", job->destruction_us);
    int n = snprintf(duration, sizeof duration, "%" PRId64 " s", job->duration_s);
    if (n > 0 && job->duration_s > 0)
        row(out, "Longest duration", duration);
    if (job->error.kind != ERR_NONE)
        text_row(out, "Error", job->error.message);
    bytes_add_literal(out, "</table>\n");
}

static void add_results(const struct page *page, const struct uws_job *job)
{
    struct bytes *out = page->out;
    if (job->nresult == 0)
        return;
    bytes_add_literal(out, "<h2>Results</h2>\n<ul>\n");
    for (size_t i = 0; i < job->nresult; i++) {
        bytes_add_literal(out, "<li>");
        link_to(page, job, "/results/", job->results[i].id);
        bytes_add_xml(out, str_of(job->results[i].id));
        bytes_add_format(out, "</a> (%" PRIu64 " bytes, ", job->results[i].bytes);
        bytes_add_xml(out, str_of(job->results[i].content_type));
        bytes_add_literal(out, ")</li>\n");
    }
    bytes_add_literal(out, "</ul>\n");
}

static void add_parameters(const struct page *page, const struct uws_job *job)
{
    struct bytes *out = page->out;
    bytes_add_literal(out, "<h2>Parameters</h2>\n<table>\n");
    for (size_t i = 0; i < job->nparam; i++) {
        const struct uws_param *p = &job->params[i];
        if (!param_is_by_reference(p)) {
            text_row(out, p->name, p->value);
            continue;
        }
        bytes_add_literal(out, "<tr><th>");
        bytes_add_xml(out, str_of(p->name));
        bytes_add_literal(out, "</th><td>");
        link_to(page, job, "/parameters/", p->name);
        bytes_add_literal(out, "as it was sent</a></td></tr>\n");
    }
    bytes_add_literal(out, "</table>\n");
}

void html_job(const struct page *page, const struct uws_job *job)
{
    struct bytes *out = page->out;
    char progress[PROGRESS_BYTES];
    bool moves = job->phase == UWS_QUEUED || job->phase == UWS_EXECUTING;
    begin(page, moves ? 3 : 0);
    bytes_add_format(out, "<p>Job %s</p>\n", job->id);
    add_state(out, job);
    if (job->phase == UWS_EXECUTING && work_progress(page->uws, job, progress)) {
        bytes_add_literal(out, "<p>");
        bytes_add_xml(out, str_of(progress));
        if (preview_exists(page->uws, job->id)) {
            bytes_add_literal(out, "; ");
            link_to(page, job, "/preview", "");
            bytes_add_literal(out, "the first of it</a>");
        }
        bytes_add_literal(out, "</p>\n");
    }
    bytes_add_literal(out, "<div>");
    if (job->phase == UWS_PENDING || job->phase == UWS_HELD)
        button(page, job, "/phase", "PHASE", "RUN", "Run");
    if (!job_is_finished(job))
        button(page, job, "/phase", "PHASE", "ABORT", "Abort");
    button(page, job, "", "ACTION", "DELETE", "Delete");
    bytes_add_literal(out, "</div>\n");
    add_results(page, job);
    add_parameters(page, job);
    page_end(out);
}

void html_jobs(const struct page *page, const struct uws_job *jobs, size_t n)
{
    struct bytes *out = page->out;
    char created[CLOCK_TEXT_BYTES];
    begin(page, 0);
    if (n == 0)
        bytes_add_literal(out, "<p>No jobs to show. Jobs made without logging in are not "
                               "listed; keep their addresses.</p>\n");
    bytes_add_literal(out, "<table>\n");
    for (size_t i = 0; i < n; i++) {
        clock_print_utc(jobs[i].created_us, created);
        bytes_add_literal(out, "<tr><td>");
        link_to(page, &jobs[i], "", "");
        bytes_add_format(out, "%s</a></td><td>%s</td><td>%s</td><td>", jobs[i].id, created,
                         uws_phase_word(jobs[i].phase));
        bytes_add_xml(out, str_of(jobs[i].run_id));
        bytes_add_literal(out, "</td></tr>\n");
    }
    bytes_add_literal(out, "</table>\n");
    page_end(out);
}
