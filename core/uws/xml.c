/* xml.c -- UWS documents, elements in the order of the schema (UWS 1.1, "Job description").
 */
#include <inttypes.h>

#include "core/base/clock.h"
#include "core/uws/uws_int.h"

static const char NAMESPACES[] = " xmlns:uws=\"http://www.ivoa.net/xml/UWS/v1.0\""
                                 " xmlns:xlink=\"http://www.w3.org/1999/xlink\""
                                 " xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"";

static void add_element(struct bytes *out, const char *name, const char *value)
{
    bytes_add_format(out, "<uws:%s>", name);
    bytes_add_xml(out, str_of(value));
    bytes_add_format(out, "</uws:%s>\n", name);
}

static void add_nil(struct bytes *out, const char *name)
{
    bytes_add_format(out, "<uws:%s xsi:nil=\"true\"/>\n", name);
}

static void add_text(struct bytes *out, const char *name, const char *value)
{
    if (value && value[0])
        add_element(out, name, value);
    else
        add_nil(out, name);
}

static void add_time(struct bytes *out, const char *name, int64_t us)
{
    char text[CLOCK_TEXT_BYTES];
    if (us)
        clock_print_utc(us, text);
    add_text(out, name, us ? text : NULL);
}

static void add_attribute(struct bytes *out, const char *name, const char *value)
{
    bytes_add_format(out, " %s=\"", name);
    bytes_add_xml(out, str_of(value));
    bytes_add_char(out, '"');
}

/* Control characters have no place in XML 1.0. */
bool param_is_by_reference(const struct uws_param *p)
{
    if (p->path)
        return true;
    for (const char *c = p->value; *c; c++)
        if ((unsigned char)*c < 0x20 && *c != '\t' && *c != '\n' && *c != '\r')
            return true;
    return strstr(p->value, "\xEF\xBF\xBE") || strstr(p->value, "\xEF\xBF\xBF");
}

static void add_parameters(const struct page *page, const struct uws_job *job,
                           const char *namespaces)
{
    struct bytes *out = page->out;
    bytes_add_format(out, "<uws:parameters%s>\n", namespaces);
    for (size_t i = 0; i < job->nparam; i++) {
        const struct uws_param *p = &job->params[i];
        bool by_reference = param_is_by_reference(p);
        bytes_add_literal(out, "<uws:parameter");
        add_attribute(out, "id", p->name);
        if (by_reference) {
            bytes_add_literal(out, " byReference=\"true\">");
            bytes_add_xml(out, str_of(page->list_url));
            bytes_add_format(out, "/%s/parameters/", job->id);
            bytes_add_url(out, str_of(p->name));
        } else {
            bytes_add_char(out, '>');
            bytes_add_xml(out, str_of(p->value));
        }
        bytes_add_literal(out, "</uws:parameter>\n");
    }
    bytes_add_literal(out, "</uws:parameters>\n");
}

static void add_results(const struct page *page, const struct uws_job *job,
                        const char *namespaces)
{
    struct bytes *out = page->out;
    bytes_add_format(out, "<uws:results%s>\n", namespaces);
    for (size_t i = 0; i < job->nresult; i++) {
        const struct uws_result *r = &job->results[i];
        bytes_add_literal(out, "<uws:result");
        add_attribute(out, "id", r->id);
        bytes_add_format(out, " xlink:type=\"simple\" size=\"%" PRIu64 "\"", r->bytes);
        add_attribute(out, "mime-type", r->content_type);
        bytes_add_literal(out, " xlink:href=\"");
        bytes_add_xml(out, str_of(page->list_url));
        bytes_add_format(out, "/%s/results/%s\"/>\n", job->id, r->id);
    }
    bytes_add_literal(out, "</uws:results>\n");
}

static void add_error(struct bytes *out, const struct err *error)
{
    if (error->kind == ERR_NONE)
        return;
    bytes_add_format(out, "<uws:errorSummary type=\"%s\" hasDetail=\"true\">\n",
                     err_uws_type(error->kind));
    add_element(out, "message", error->message);
    bytes_add_literal(out, "</uws:errorSummary>\n");
}

static void add_declaration(struct bytes *out)
{
    bytes_add_literal(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
}

void xml_job(const struct page *page, const struct uws_job *job)
{
    struct bytes *out = page->out;
    add_declaration(out);
    bytes_add_format(out, "<uws:job%s version=\"1.1\">\n", NAMESPACES);
    add_element(out, "jobId", job->id);
    if (job->run_id)
        add_element(out, "runId", job->run_id);
    add_text(out, "ownerId", job->owner);
    add_element(out, "phase", uws_phase_word(job->phase));
    add_time(out, "quote", job->quote_us);
    add_time(out, "creationTime", job->created_us);
    add_time(out, "startTime", job->start_us);
    add_time(out, "endTime", job->end_us);
    bytes_add_format(out, "<uws:executionDuration>%" PRId64 "</uws:executionDuration>\n",
                     job->duration_s);
    add_time(out, "destruction", job->destruction_us);
    add_parameters(page, job, "");
    add_results(page, job, "");
    add_error(out, &job->error);
    xml_info(page, job);
    bytes_add_literal(out, "</uws:job>\n");
}

void xml_jobs(const struct page *page, const struct uws_job *jobs, size_t n)
{
    struct bytes *out = page->out;
    add_declaration(out);
    bytes_add_format(out, "<uws:jobs%s version=\"1.1\">\n", NAMESPACES);
    for (size_t i = 0; i < n; i++) {
        bytes_add_literal(out, "<uws:jobref");
        add_attribute(out, "id", jobs[i].id);
        bytes_add_literal(out, " xlink:type=\"simple\" xlink:href=\"");
        bytes_add_xml(out, str_of(page->list_url));
        bytes_add_format(out, "/%s\">\n", jobs[i].id);
        add_element(out, "phase", uws_phase_word(jobs[i].phase));
        if (jobs[i].run_id)
            add_element(out, "runId", jobs[i].run_id);
        add_text(out, "ownerId", jobs[i].owner);
        add_time(out, "creationTime", jobs[i].created_us);
        bytes_add_literal(out, "</uws:jobref>\n");
    }
    bytes_add_literal(out, "</uws:jobs>\n");
}

void xml_parameters(const struct page *page, const struct uws_job *job)
{
    add_declaration(page->out);
    add_parameters(page, job, NAMESPACES);
}

void xml_results(const struct page *page, const struct uws_job *job)
{
    add_declaration(page->out);
    add_results(page, job, NAMESPACES);
}
