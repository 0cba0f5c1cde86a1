/* datalink.c -- the service as a whole: its jobs and its routes. */
#include "datalink/datalink.h"

#include <stdio.h>
#include <stdlib.h>

#include "datalink/cache.h"
#include "datalink/inside.h"
#include "datalink/package.h"

static const char *fair_key(void *context, const struct http_request *request)
{
    (void)context;
    return dali_client_key(request);
}

static struct uws_options job_options(const struct datalink_options *o, struct datalink *d)
{
    static const char *const REPEATABLE[] = {"ID",   "POS",  "CIRCLE", "POLYGON", "CENTER",
                                             "BAND", "TIME", "POL",    "UPLOAD",  NULL};
    const struct dali_limits *l = dali_limits(o->dali);
    return (struct uws_options){.path = "/soda/async",
                                .base_url = o->dali->base_url,
                                .title = "Cut-outs",
                                .directory = o->job_folder,
                                .database = o->job_database,
                                .database_password = o->job_password,
                                .lease_s = o->job_lease_s,
                                .run = soda_run_job,
                                .run_context = d,
                                .restartable = true,
                                .workers = o->workers,
                                .duration_s = (int64_t)l->async_seconds,
                                .max_duration_s = (int64_t)l->max_async_seconds,
                                .destruction_s = (int64_t)l->default_lifetime_s,
                                .max_destruction_s = (int64_t)l->max_lifetime_s,
                                .repeatable = REPEATABLE,
                                .fair_key = fair_key,
                                .error_document = soda_render_error,
                                .error_context = d};
}

static bool open_caches(struct datalink *d, const struct datalink_options *o, struct err *e)
{
    char lists[4096], previews[4096];
    uint64_t bytes = o->cache_bytes ? o->cache_bytes : (uint64_t)1 << 30;
    snprintf(lists, sizeof lists, "%s-lists", o->cache_folder);
    snprintf(previews, sizeof previews, "%s-previews", o->cache_folder);
    d->lists = cache_new(lists, bytes, e);
    d->previews = d->lists ? cache_new(previews, bytes, e) : NULL;
    return d->previews != NULL;
}

struct datalink *datalink_new(const struct datalink_options *o, struct err *e)
{
    struct datalink *d = calloc(1, sizeof *d);
    if (!d) {
        err_set(e, ERR_BUSY, "out of memory");
        return NULL;
    }
    *d = (struct datalink){.dali = o->dali, .products = o->products};
    struct uws_options u = job_options(o, d);
    if (open_caches(d, o, e) && (d->uws = uws_open(&u, e)) != NULL)
        return d;
    datalink_free(d);
    return NULL;
}

bool datalink_routes(struct datalink *d, struct http_server *server, struct err *e)
{
    const unsigned get = HTTP_GET, both = HTTP_GET | HTTP_POST;
    const unsigned all = HTTP_GET | HTTP_POST | HTTP_PUT | HTTP_DELETE;
    const struct http_route routes[] = {
        {.methods = both,
         .pattern = "/datalink/links",
         .handle = datalink_links,
         .context = d},
        {.methods = get,
         .pattern = "/datalink/file/{...}",
         .handle = datalink_file,
         .context = d},
        {.methods = get,
         .pattern = "/datalink/preview/{...}",
         .handle = datalink_preview,
         .context = d},
        {.methods = both,
         .pattern = "/datalink/package/{...}",
         .handle = datalink_package,
         .context = d},
        {.methods = get,
         .pattern = "/datalink/capabilities",
         .handle = datalink_capabilities,
         .context = d},
        {.methods = get,
         .pattern = "/datalink/availability",
         .handle = dali_availability,
         .context = d->dali},
        {.methods = both,
         .pattern = "/soda/sync",
         .handle = soda_sync,
         .context = d,
         .render_error = soda_render_error,
         .render_context = d},
        {.methods = all,
         .pattern = "/soda/async/{...}",
         .handle = soda_async,
         .context = d,
         .render_error = soda_render_error,
         .render_context = d},
        {.methods = get,
         .pattern = "/soda/capabilities",
         .handle = soda_capabilities,
         .context = d},
        {.methods = get,
         .pattern = "/soda/availability",
         .handle = dali_availability,
         .context = d->dali},
    };
    return http_server_route(server, routes, sizeof routes / sizeof *routes, e);
}

bool datalink_start(struct datalink *d, struct err *e)
{
    return uws_start(d->uws, e);
}

bool datalink_count(struct datalink *d, struct uws_counts *counts, struct err *e)
{
    return uws_count(d->uws, counts, e);
}

void datalink_quiesce(struct datalink *d)
{
    if (d)
        uws_quiesce(d->uws);
}

void datalink_stop(struct datalink *d, double drain_s)
{
    if (d)
        uws_stop(d->uws, drain_s);
}

void datalink_free(struct datalink *d)
{
    if (!d)
        return;
    uws_free(d->uws);
    cache_free(d->lists);
    cache_free(d->previews);
    free(d);
}
