/* sia.c -- routes, the query, errors, capabilities. */
#include <stdio.h>

#include "core/dali/ask.h"
#include "core/dali/xml.h"
#include "sia/inside.h"

static bool has_obscore(struct dali *d)
{
    const struct catalog *c = d->catalog(d->node);
    bool has = catalog_find_full_name(c, STR("ivoa.obscore")) != NULL;
    catalog_drop(c);
    return has;
}

struct http_response *sia2_query(void *dali, struct http_request *request)
{
    enum { TEXT_BYTES = 4 << 20 };
    struct err e = {0};
    struct bytes text;
    struct dali_ask ask = {.dali = dali,
                           .request = request,
                           .protocol = "ivo://ivoa.net/std/SIA#query-2.0",
                           .file_name = "images",
                           .text = &text};
    if (!has_obscore(dali)) {
        err_set(&e, ERR_NOT_FOUND,
                "this node has no data products (ivoa.obscore) to be searched");
        return http_reply_error(request, &e);
    }
    bytes_init(&text, TEXT_BYTES);
    bytes_add_literal(&text, "SELECT * FROM ivoa.obscore WHERE dataproduct_type IN "
                             "('image', 'cube')");
    if (sia2_conditions(&text, request, request->arena, &e))
        return dali_ask(&ask);
    bytes_free(&text);
    return http_reply_error(request, &e);
}

/* --- errors ----------------------------------------------------------------------------
 */

static const char *fault_of(enum err_kind kind)
{
    switch (kind) {
    case ERR_USAGE:
    case ERR_LIMIT:
    case ERR_NOT_FOUND:
    case ERR_METHOD:
        return "UsageFault";
    case ERR_BUSY:
    case ERR_UNAVAILABLE:
    case ERR_TIMEOUT:
        return "TransientFault";
    case ERR_INTERNAL:
        return "FatalFault";
    default:
        return "DefaultFault";
    }
}

struct http_response *sia_render_error(void *dali, struct http_request *request,
                                       const struct err *e)
{
    struct err labelled = *e;
    snprintf(labelled.message, sizeof labelled.message, "%s: %.1100s", fault_of(e->kind),
             e->message);
    return dali_render_error(dali, request, &labelled);
}

/* --- capabilities ----------------------------------------------------------------------
 */

struct http_response *sia_capabilities(void *dali, struct http_request *request)
{
    struct dali *d = dali;
    const char *base = dali_base_url(d, request);
    struct bytes b;
    bytes_init(&b, 64 * 1024);
    xml_capabilities_begin(&b);
    xml_capability(&b, "ivo://ivoa.net/std/VOSI#capabilities", "vs:ParamHTTP", "1.0",
                   "full", base, "/sia2/capabilities");
    xml_capability(&b, "ivo://ivoa.net/std/VOSI#availability", "vs:ParamHTTP", "1.0",
                   "full", base, "/sia2/availability");
    if (has_obscore(d))
        xml_capability(&b, "ivo://ivoa.net/std/SIA#query-2.0", "vs:ParamHTTP", "2.0",
                       "base", base, "/sia2");
    xml_capabilities_end(&b);
    struct http_response *r = http_reply(request, 200);
    http_reply_last_modified(r, d->up_since_us / 1000000);
    http_reply_buffer(r, "text/xml", &b);
    return r;
}

bool sia_routes(struct dali *d, struct http_server *server, struct err *e)
{
    const struct http_route route[] = {
        {.methods = HTTP_GET | HTTP_POST,
         .pattern = "/sia2",
         .handle = sia2_query,
         .context = d,
         .render_error = sia_render_error,
         .render_context = d},
        {.methods = HTTP_GET,
         .pattern = "/sia2/capabilities",
         .handle = sia_capabilities,
         .context = d},
        {.methods = HTTP_GET,
         .pattern = "/sia2/availability",
         .handle = dali_availability,
         .context = d},
    };
    return http_server_route(server, route, sizeof route / sizeof *route, e);
}
