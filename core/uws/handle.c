/* handle.c -- the resources of a job list over HTTP (UWS 1.1, "Resources"). */
#include <inttypes.h>
#include <stdio.h>

#include "core/base/clock.h"
#include "core/base/num.h"
#include "core/base/page.h"
#include "core/uws/uws_int.h"

enum { DOCUMENT_BYTES = 64 << 20, MAX_LISTED_PHASES = 10 };

/* One request on its way through this file. */
struct call {
    struct uws *uws;
    struct http_request *request;
    const char *list_url;  /* absolute */
    const char *id, *name; /* of the job, of its result or parameter */
    struct uws_job job;
    struct err error;
};

typedef struct http_response *resource_function(struct call *);

/* ---- answers ---- */

static struct http_response *failed(struct call *call)
{
    return http_reply_error(call->request, &call->error);
}

static struct http_response *fail(struct call *call, enum err_kind kind, const char *why)
{
    err_set(&call->error, kind, "%s", why);
    return failed(call);
}

/* Nothing but results may be kept by caches: everything else moves. */
static struct http_response *no_store(struct http_response *r)
{
    http_reply_header(r, "Cache-Control", "no-store");
    return r;
}

static struct http_response *text(struct call *call, const char *value)
{
    struct http_response *r = no_store(http_reply(call->request, 200));
    http_reply_bytes(r, "text/plain; charset=utf-8", str_of(value));
    return r;
}

static struct http_response *time_text(struct call *call, int64_t us)
{
    char *value = arena_alloc(call->request->arena, CLOCK_TEXT_BYTES, 1);
    if (us && value)
        clock_print_utc(us, value);
    return text(call, value);
}

static struct http_response *see_job(struct call *call)
{
    const char *url =
        arena_format(call->request->arena, "%s/%s", call->list_url, call->job.id);
    return no_store(http_reply_redirect(call->request, url ? url : ""));
}

static struct http_response *done(struct call *call, bool ok)
{
    return ok ? see_job(call) : failed(call);
}

static void protect(struct http_response *r)
{
    char policy[PAGE_POLICY_BYTES];
    page_policy(&(struct page_head){0}, policy);
    http_reply_header(r, "Content-Security-Policy", policy);
}

static struct http_response *
document(struct call *call, void (*xml)(const struct page *, const struct uws_job *),
         void (*html)(const struct page *, const struct uws_job *))
{
    struct bytes out;
    struct page page = {call->uws, call->list_url, call->request->base_url, &out};
    struct http_response *r = no_store(http_reply(call->request, 200));
    bool as_html = html && http_request_is_browser(call->request);
    bytes_init(&out, DOCUMENT_BYTES);
    (as_html ? html : xml)(&page, &call->job);
    if (html)
        http_reply_header(r, "Vary", "Accept");
    if (as_html)
        protect(r);
    http_reply_buffer(r, as_html ? "text/html; charset=utf-8" : "text/xml; charset=utf-8",
                      &out);
    return r;
}

/* ---- parameters of the requests here ---- */

static const struct http_param *param(const struct call *call, const char *name)
{
    return http_request_param(call->request, name, NULL);
}

static bool read_int(struct call *call, const char *name, int64_t *value)
{
    const struct http_param *p = param(call, name);
    return (p && num_parse_int(str_trim(p->value), value)) ||
           err_set(&call->error, ERR_USAGE, "%s must be given as an integer number", name);
}

static bool read_phase(struct call *call, const struct http_param *p, enum uws_phase *phase)
{
    return uws_phase_parse(p->value, phase) ||
           err_set(&call->error, ERR_USAGE, "'%.20s' is no UWS phase", p->value.at);
}

/* ---- the list ---- */

/* UWS-18. */
static bool read_filter(struct call *call, struct uws_filter *filter)
{
    const struct http_param *p = NULL;
    while ((p = http_request_param(call->request, "PHASE", p))) {
        enum uws_phase phase;
        if (!read_phase(call, p, &phase))
            return false;
        filter->phases |= PHASE_BIT(phase);
    }
    p = param(call, "AFTER");
    if (p && !clock_parse_us(str_trim(p->value), &filter->after_us))
        return err_set(&call->error, ERR_USAGE, "AFTER must be an ISO 8601 time in UTC");
    if (param(call, "LAST") && (!read_int(call, "LAST", &filter->last) || filter->last < 1))
        return err_set(&call->error, ERR_USAGE, "LAST must be a number of jobs, 1 or more");
    return true;
}

/* Of the caller's own jobs; whoever is nobody has none to list, but may open any anonymous
 * job whose address was told. */
static struct http_response *get_list(struct call *call)
{
    struct uws_filter filter = {.owner = call->request->user};
    struct uws_job *jobs = NULL;
    size_t n = 0;
    struct uws_store *store = call->uws->store;
    if (!read_filter(call, &filter) ||
        (filter.owner &&
         !store->list(store, call->request->arena, &filter, &jobs, &n, &call->error)))
        return failed(call);
    struct bytes out;
    struct page page = {call->uws, call->list_url, call->request->base_url, &out};
    struct http_response *r = no_store(http_reply(call->request, 200));
    bool html = http_request_is_browser(call->request);
    bytes_init(&out, DOCUMENT_BYTES);
    (html ? html_jobs : xml_jobs)(&page, jobs, n);
    http_reply_header(r, "Vary", "Accept");
    if (html)
        protect(r);
    http_reply_buffer(r, html ? "text/html; charset=utf-8" : "text/xml; charset=utf-8",
                      &out);
    return r;
}

static struct http_response *post_list(struct call *call)
{
    if (!uws_job_create(call->uws, call->request, &call->job.id, &call->error))
        return failed(call);
    return see_job(call);
}

/* ---- the job ---- */

/* UWS-17: waits while the job is in a phase that will change by itself or by its owner. */
static bool wait_if_asked(struct call *call)
{
    struct uws *uws = call->uws;
    const struct http_param *wanted = param(call, "PHASE");
    enum uws_phase phase = call->job.phase;
    int64_t seconds = 0;
    if (!param(call, "WAIT"))
        return true;
    if (!read_int(call, "WAIT", &seconds))
        return false;
    if (wanted && !read_phase(call, wanted, &phase))
        return false;
    bool moves = call->job.phase == UWS_PENDING || call->job.phase == UWS_QUEUED ||
                 call->job.phase == UWS_EXECUTING;
    if (!moves || phase != call->job.phase)
        return true;
    double longest = uws->options.max_wait_s;
    wait_for_change(uws, call->request, call->job.id, call->job.phase,
                    seconds < 0 || (double)seconds > longest ? longest : (double)seconds);
    return uws->store->load(uws->store, call->request->arena, call->id, &call->job,
                            &call->error);
}

static struct http_response *get_job(struct call *call)
{
    return wait_if_asked(call) ? document(call, xml_job, html_job) : failed(call);
}

static struct http_response *delete_job(struct call *call)
{
    if (!job_delete(call->uws, call->job.id, &call->error))
        return failed(call);
    /* An owner with thousands of jobs does not want them all back (UWS, "SHOULD"). */
    const char *url = call->request->user
                          ? arena_format(call->request->arena, "%s?LAST=10", call->list_url)
                          : call->list_url;
    return no_store(http_reply_redirect(call->request, url ? url : call->list_url));
}

static struct http_response *post_job(struct call *call)
{
    const struct http_param *action = param(call, "ACTION");
    if (action && str_eq(action->value, STR("DELETE")))
        return delete_job(call);
    return fail(call, ERR_USAGE,
                "a job takes only ACTION=DELETE; post parameters to {job}/parameters and "
                "PHASE to {job}/phase");
}

static struct http_response *get_phase(struct call *call)
{
    return wait_if_asked(call) ? text(call, uws_phase_word(call->job.phase)) : failed(call);
}

static struct http_response *post_phase(struct call *call)
{
    const struct http_param *p = param(call, "PHASE");
    if (p && str_eq(p->value, STR("RUN")))
        return done(call, job_run(call->uws, call->job.id, &call->error));
    if (p && str_eq(p->value, STR("ABORT")))
        return done(call, job_abort(call->uws, call->job.id, NULL, &call->error));
    return fail(call, ERR_USAGE, "PHASE must be RUN or ABORT");
}

static struct http_response *get_duration(struct call *call)
{
    const char *value =
        arena_format(call->request->arena, "%" PRId64, call->job.duration_s);
    return text(call, value);
}

static struct http_response *post_duration(struct call *call)
{
    int64_t seconds = 0;
    if (!read_int(call, "EXECUTIONDURATION", &seconds))
        return failed(call);
    if (seconds < 0)
        return fail(call, ERR_USAGE, "EXECUTIONDURATION must be seconds, 0 for no limit");
    return done(call, job_set_duration(call->uws, &call->job, seconds, &call->error));
}

static struct http_response *get_destruction(struct call *call)
{
    return time_text(call, call->job.destruction_us);
}

static struct http_response *post_destruction(struct call *call)
{
    const struct http_param *p = param(call, "DESTRUCTION");
    int64_t us = 0;
    if (!p || !clock_parse_us(str_trim(p->value), &us))
        return fail(call, ERR_USAGE, "DESTRUCTION must be an ISO 8601 time in UTC");
    return done(call, job_set_destruction(call->uws, &call->job, us, &call->error));
}

static struct http_response *get_quote(struct call *call)
{
    return time_text(call, call->job.quote_us);
}

static struct http_response *get_owner(struct call *call)
{
    return text(call, call->job.owner);
}

/* The error as a document is an ordinary answer here (DALI-18). */
static struct http_response *error_document(struct call *call)
{
    const struct uws_options *o = &call->uws->options;
    struct http_response *r =
        o->error_document
            ? o->error_document(o->error_context, call->request, &call->job.error)
            : NULL;
    if (!r) {
        r = http_reply(call->request, 200);
        http_reply_bytes(
            r, "text/plain; charset=utf-8",
            str_of(arena_text(call->request->arena, str_of(call->job.error.message))));
    }
    http_response_set_status(r, 200);
    return no_store(r);
}

static struct http_response *get_error(struct call *call)
{
    if (call->job.error.kind == ERR_NONE)
        return fail(call, ERR_NOT_FOUND, "this job has no error");
    return error_document(call);
}

/* ---- results and parameters ---- */

static struct http_response *get_results(struct call *call)
{
    return document(call, xml_results, NULL);
}

static const struct uws_result *find_result(const struct call *call)
{
    for (size_t i = 0; i < call->job.nresult; i++)
        if (strcmp(call->job.results[i].id, call->name) == 0)
            return &call->job.results[i];
    return NULL;
}

static struct http_response *get_result(struct call *call)
{
    struct arena *arena = call->request->arena;
    const struct uws_result *result = find_result(call);
    /* Some clients fetch the result without a look at the phase and show what they get. */
    if (!result && call->job.error.kind != ERR_NONE && strcmp(call->name, "result") == 0)
        return error_document(call);
    if (!result)
        return fail(call, ERR_NOT_FOUND, "this job has no such result");
    const char *file = files_result(arena, result->id);
    const char *path = file ? files_path(call->uws, arena, call->job.id, file) : NULL;
    struct http_response *r = http_reply(call->request, 200);
    if (!path || !http_reply_file_path(r, result->content_type, path, &call->error))
        return failed(call);
    digest_reply(call->request->arena, path, r);
    return r;
}

/* Only while the job runs: later there are its results, or its error. */
static struct http_response *get_preview(struct call *call)
{
    const char *path =
        files_path(call->uws, call->request->arena, call->job.id, PREVIEW_FILE);
    if (call->job.phase != UWS_EXECUTING)
        return fail(call, ERR_NOT_FOUND,
                    "a job has a preview only while it runs; look at its phase");
    if (!path || !preview_exists(call->uws, call->job.id))
        return fail(call, ERR_NOT_FOUND, "this job has nothing to show yet");
    struct http_response *r = no_store(http_reply(call->request, 200));
    return http_reply_file_path(r, "application/json", path, &call->error) ? r
                                                                           : failed(call);
}

static struct http_response *get_parameters(struct call *call)
{
    return document(call, xml_parameters, NULL);
}

static struct http_response *post_parameters(struct call *call)
{
    return done(call, job_edit(call->uws, call->request, call->job.id, &call->error));
}

static struct http_response *get_parameter(struct call *call)
{
    struct arena *arena = call->request->arena;
    const struct uws_param *p = NULL;
    for (size_t i = 0; !p && i < call->job.nparam; i++)
        if (str_eq_fold(str_of(call->job.params[i].name), str_of(call->name)))
            p = &call->job.params[i];
    if (!p)
        return fail(call, ERR_NOT_FOUND, "this job has no such parameter");
    if (!p->path)
        return text(call, p->value);
    const char *path = files_path(call->uws, arena, call->job.id, p->path);
    const char *type = p->content_type ? p->content_type : "application/octet-stream";
    struct http_response *r = no_store(http_reply(call->request, 200));
    if (!path || !http_reply_file_path(r, type, path, &call->error))
        return failed(call);
    /* What somebody uploaded is for downloading, never for running in our name. */
    http_reply_header(r, "Content-Disposition", "attachment");
    http_reply_header(r, "Content-Security-Policy", "sandbox");
    return r;
}

/* The body is the value. */
static struct http_response *put_parameter(struct call *call)
{
    struct http_request *request = call->request;
    struct http_param *p = arena_new_one(request->arena, struct http_param);
    if (!p)
        return fail(call, ERR_INTERNAL, "out of memory");
    *p = (struct http_param){.name = str_of(call->name),
                             .value = request->body,
                             .origin = HTTP_FROM_BODY,
                             .is_file = request->body_path != NULL,
                             .path = request->body_path,
                             .bytes = request->body_bytes};
    if (!p->is_file && (!str_is_utf8(p->value, NULL) ||
                        (p->value.len && memchr(p->value.at, '\0', p->value.len))))
        return fail(call, ERR_USAGE, "the value is not UTF-8 text");
    if (p->value.len == 0)
        p->value = STR("");
    request->params = p;
    request->nparam = 1;
    return post_parameters(call);
}

/* ---- dispatch ---- */

enum shape { SHAPE_LIST, SHAPE_JOB, SHAPE_CHILD, SHAPE_GRANDCHILD };

static const struct resource {
    enum shape shape;
    const char *child;
    resource_function *get, *post, *put, *delete;
} RESOURCES[] = {
    {SHAPE_LIST, "", get_list, post_list, NULL, NULL},
    {SHAPE_JOB, "", get_job, post_job, NULL, delete_job},
    {SHAPE_CHILD, "phase", get_phase, post_phase, NULL, NULL},
    {SHAPE_CHILD, "executionduration", get_duration, post_duration, NULL, NULL},
    {SHAPE_CHILD, "destruction", get_destruction, post_destruction, NULL, NULL},
    {SHAPE_CHILD, "quote", get_quote, NULL, NULL, NULL},
    {SHAPE_CHILD, "error", get_error, NULL, NULL, NULL},
    {SHAPE_CHILD, "owner", get_owner, NULL, NULL, NULL},
    {SHAPE_CHILD, "results", get_results, NULL, NULL, NULL},
    {SHAPE_CHILD, "preview", get_preview, NULL, NULL, NULL},
    {SHAPE_CHILD, "parameters", get_parameters, post_parameters, NULL, NULL},
    {SHAPE_GRANDCHILD, "results", get_result, NULL, NULL, NULL},
    {SHAPE_GRANDCHILD, "parameters", get_parameter, NULL, put_parameter, NULL},
};

/* Cuts "{id}/{child}/{name}"; the name may hold slashes (a parameter's name may). */
static const struct resource *find_resource(struct call *call, str path)
{
    str id = path, child, name;
    enum shape shape = SHAPE_LIST;
    child = name = (str){NULL, 0};
    if (path.len) {
        child = path;
        id = str_cut(&child, '/');
        name = child;
        if (child.at)
            child = str_cut(&name, '/');
        shape = name.at ? SHAPE_GRANDCHILD : child.at ? SHAPE_CHILD : SHAPE_JOB;
    }
    call->id = arena_text(call->request->arena, id);
    call->name = arena_text(call->request->arena, name);
    for (size_t i = 0; i < sizeof RESOURCES / sizeof *RESOURCES; i++)
        if (RESOURCES[i].shape == shape &&
            (shape < SHAPE_CHILD || str_eq(child, str_of(RESOURCES[i].child))))
            return &RESOURCES[i];
    return NULL;
}

static resource_function *function_of(const struct resource *resource,
                                      enum http_method method)
{
    switch (method) {
    case HTTP_GET:
        return resource->get;
    case HTTP_POST:
        return resource->post;
    case HTTP_PUT:
        return resource->put;
    default:
        return resource->delete;
    }
}

static struct http_response *wrong_method(struct call *call,
                                          const struct resource *resource)
{
    char allow[64];
    snprintf(allow, sizeof allow, "GET, HEAD%s%s%s, OPTIONS",
             resource->post ? ", POST" : "", resource->put ? ", PUT" : "",
             resource->delete ? ", DELETE" : "");
    err_set(&call->error, ERR_METHOD, "this is not possible here, only %s", allow);
    struct http_response *r = failed(call);
    http_reply_header(r, "Allow", allow);
    return r;
}

/* UWS-5, UWS-21: jobs of others are refused; what nobody owns is for whoever knows its id.
 */
static bool load_job(struct call *call)
{
    struct uws_store *store = call->uws->store;
    if (!job_id_is_valid(str_of(call->id)))
        return err_set(&call->error, ERR_NOT_FOUND, "there is no such job");
    if (!store->load(store, call->request->arena, call->id, &call->job, &call->error))
        return false;
    const char *user = call->request->user;
    return !call->job.owner || (user && strcmp(user, call->job.owner) == 0) ||
           err_set(&call->error, ERR_FORBIDDEN, "this job belongs to somebody else");
}

struct http_response *uws_handle(struct uws *uws, struct http_request *request, str subpath)
{
    struct call call = {.uws = uws, .request = request};
    call.list_url =
        arena_format(request->arena, "%s%s", request->base_url ? request->base_url : "",
                     uws->options.path);
    const struct resource *resource = find_resource(&call, subpath);
    if (!call.list_url || !call.id || !call.name)
        return fail(&call, ERR_INTERNAL, "out of memory");
    if (!resource)
        return fail(&call, ERR_NOT_FOUND, "a job has no such part");
    if (resource->shape != SHAPE_LIST && !load_job(&call))
        return failed(&call);
    resource_function *answer = function_of(resource, request->method);
    return answer ? answer(&call) : wrong_method(&call, resource);
}

struct http_response *uws_handler(void *uws, struct http_request *request)
{
    return uws_handle(uws, request, request->rest);
}
