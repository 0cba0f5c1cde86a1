/* tap.c -- the service as a whole: its job list and its routes. */
#include "tap/tap.h"

#include <stdlib.h>

#include "tap/run.h"

/* TAP 1.1, "Quote": at the latest when the run may take no longer. */
static double longest_run(void *dali, const struct uws_param *params, size_t n)
{
    const struct dali *d = dali;
    (void)params;
    (void)n;
    return dali_limits(d)->async_seconds;
}

static const char *fair_key(void *context, const struct http_request *request)
{
    (void)context;
    return dali_client_key(request);
}

struct tap *tap_new(const struct tap_options *o, struct err *e)
{
    static const char *const REPEATABLE[] = {"UPLOAD", NULL};
    struct tap *tap = calloc(1, sizeof *tap);
    if (!tap) {
        err_set(e, ERR_BUSY, "out of memory");
        return NULL;
    }
    const struct dali_limits *l = dali_limits(o->dali);
    struct uws_options u = {.path = "/tap/async",
                            .base_url = o->dali->base_url,
                            .title = "TAP jobs",
                            .directory = o->job_folder,
                            .database = o->job_database,
                            .database_password = o->job_password,
                            .lease_s = o->job_lease_s,
                            .run = tap_run_job,
                            .run_context = tap,
                            .restartable = true,
                            .workers = o->workers,
                            .duration_s = (int64_t)l->async_seconds,
                            .max_duration_s = (int64_t)l->max_async_seconds,
                            .destruction_s = (int64_t)l->default_lifetime_s,
                            .max_destruction_s = (int64_t)l->max_lifetime_s,
                            .repeatable = REPEATABLE,
                            .fair_key = fair_key,
                            .quote = longest_run,
                            .quote_context = o->dali,
                            .error_document = dali_render_error,
                            .error_context = o->dali};
    tap->dali = o->dali;
    tap->uws = uws_open(&u, e);
    if (!tap->uws) {
        free(tap);
        return NULL;
    }
    return tap;
}

bool tap_routes(struct tap *tap, struct http_server *server, struct err *e)
{
    const unsigned get = HTTP_GET, both = HTTP_GET | HTTP_POST;
    const unsigned all = HTTP_GET | HTTP_POST | HTTP_PUT | HTTP_DELETE;
    const struct http_route routes[] = {
        {.methods = both, .pattern = "/tap/sync", .handle = tap_sync, .context = tap},
        {.methods = all,
         .pattern = "/tap/async/{...}",
         .handle = tap_async,
         .context = tap},
        {.methods = both, .pattern = "/tap/explain", .handle = tap_explain, .context = tap},
        {.methods = both, .pattern = "/tap/check", .handle = tap_check, .context = tap},
        {.methods = get,
         .pattern = "/tap/tables/{...}",
         .handle = tap_tables,
         .context = tap},
        {.methods = get,
         .pattern = "/tap/capabilities",
         .handle = tap_capabilities,
         .context = tap},
        {.methods = get,
         .pattern = "/tap/availability",
         .handle = dali_availability,
         .context = tap->dali},
        {.methods = get,
         .pattern = "/tap/examples",
         .handle = tap_examples,
         .context = tap},
        {.methods = get, .pattern = "/tap", .handle = tap_page, .context = tap},
    };
    return http_server_route(server, routes, sizeof routes / sizeof *routes, e);
}

bool tap_start(struct tap *tap, struct err *e)
{
    return uws_start(tap->uws, e);
}

bool tap_count(struct tap *tap, struct uws_counts *counts, struct err *e)
{
    return uws_count(tap->uws, counts, e);
}

void tap_quiesce(struct tap *tap)
{
    uws_quiesce(tap->uws);
}

void tap_stop(struct tap *tap, double drain_s)
{
    if (tap)
        uws_stop(tap->uws, drain_s);
}

void tap_free(struct tap *tap)
{
    if (!tap)
        return;
    uws_free(tap->uws);
    free(tap);
}
