/* web.c -- the pages for people: what they share, and their routes. */
#include "web/web.h"

#include <stdlib.h>

#include "core/base/log.h"
#include "web/docs.h"
#include "web/inside.h"
#include "web/plot.h"

enum { PLOT_CACHE_BYTES = 64 << 20 };

struct web *web_new(const struct web_options *o, struct err *e)
{
    struct web *web = calloc(1, sizeof *web);
    if (!web) {
        err_set(e, ERR_LIMIT, "there is no memory for the pages");
        return NULL;
    }
    web->dali = o->dali;
    web_search_init(&web->search);
    web->assets = assets_read(o->assets, e);
    if (!web->assets) {
        web_free(web);
        return NULL;
    }
    if (assets_missing(web->assets))
        log_line(LOG_WARN, NULL, "pages: %s", assets_missing(web->assets));
    o->dali->assets_version =
        assets_have(web->assets, "send.js") ? assets_version(web->assets) : NULL;
    web->plots = plot_cache_new(PLOT_CACHE_BYTES);
    if (!web->plots) {
        web_free(web);
        err_set(e, ERR_LIMIT, "there is no memory for the pages");
        return NULL;
    }
    web->docs = docs_read(o->assets, e);
    if (!web->docs) {
        web_free(web);
        return NULL;
    }
    web->statistics = statistics_new(
        &(struct statistics_options){.dali = o->dali, .state_folder = o->state_folder}, e);
    if (web->statistics)
        return web;
    web_free(web);
    return NULL;
}

void web_free(struct web *web)
{
    if (!web)
        return;
    statistics_free(web->statistics);
    web->dali->assets_version = NULL;
    web_search_free(&web->search);
    assets_free(web->assets);
    plot_cache_free(web->plots);
    docs_free(web->docs);
    free(web);
}

bool web_routes(struct web *web, struct http_server *server, struct err *e)
{
    static const struct {
        const char *pattern;
        http_handler *handle;
    } PAGE[] = {{"/", web_front_page},
                {"/schema/{name}", web_schema_page},
                {"/search", web_search_page},
                {"/search.json", web_search_page},
                {"/table/{table}", web_table_page},
                {"/table/{table}/{column}", web_column_page},
                {"/query", web_query_page},
                {"/query/words.json", web_query_words},
                {"/query/tables.json", web_query_tables},
                {"/jobs", web_jobs_page},
                {"/plot", web_plot_page},
                {"/kascade", web_kascade_page},
                {"/plot/data", web_plot_data},
                {"/docs", docs_index_page},
                {"/docs/{name}", docs_document_page},
                {"/docs/{folder}/{name}", docs_document_page},
                {"/docs/adql-functions", docs_functions_page},
                {"/docs/experiment/{schema}", docs_experiment_page}};
    for (size_t i = 0; i < sizeof PAGE / sizeof *PAGE; i++) {
        const struct http_route route = {.methods = HTTP_GET,
                                         .pattern = PAGE[i].pattern,
                                         .handle = PAGE[i].handle,
                                         .context = web};
        if (!http_server_route(server, &route, 1, e))
            return false;
    }
    const struct http_route assets = {.methods = HTTP_GET,
                                      .pattern = "/assets/{...}",
                                      .handle = assets_answer,
                                      .context = web->assets};
    return http_server_route(server, &assets, 1, e);
}
