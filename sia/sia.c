/* sia.c -- routes, the query, errors, capabilities. */
#include <stdio.h>

#include "core/dali/ask.h"
#include "core/dali/simple.h"
#include "core/dali/xml.h"
#include "sia/inside.h"

bool sia_check_obscore(const struct dali *d, struct err *e)
{
    return dali_has_obscore(d, NULL) ||
           err_set(e, ERR_NOT_FOUND,
                   "this node has no data products (ivoa.obscore) to be searched");
}

struct http_response *sia2_query(void *dali, struct http_request *request)
{
    enum { TEXT_BYTES = 4 << 20 };
    struct err e = {0};
    struct bytes text;
    struct dali_ask ask = {
        .dali = dali,
        .request = request,
        .protocol = "ivo://ivoa.net/std/SIA#query-2.0",
        .file_name = "images",
        .services = sia2_description(dali_base_url(dali, request), request->arena),
        .text = &text};
    if (!sia_check_obscore(dali, &e))
        return http_reply_error(request, &e);
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

static void add_sia1(struct bytes *b, const struct dali *d, const char *base)
{
    bytes_add_literal(b, " <capability standardID=\"ivo://ivoa.net/std/SIA\" "
                         "xsi:type=\"sia:SimpleImageAccess\" "
                         "xmlns:sia=\"http://www.ivoa.net/xml/SIA/v1.1\">\n"
                         "  <interface xsi:type=\"vs:ParamHTTP\" role=\"std\" "
                         "version=\"1.0\">\n   <accessURL use=\"base\">");
    bytes_add_xml(b, str_of(base));
    bytes_add_literal(b, "/sia1?</accessURL>\n   <queryType>GET</queryType>\n"
                         "   <resultType>application/x-votable+xml</resultType>\n"
                         "  </interface>\n  <imageServiceType>Pointed</imageServiceType>\n"
                         "  <maxQueryRegionSize><long>360</long><lat>360</lat>"
                         "</maxQueryRegionSize>\n  <maxRecords>");
    bytes_add_int(b, dali_limits(d)->max_rows);
    bytes_add_literal(b, "</maxRecords>\n </capability>\n");
}

static struct http_response *capabilities(struct dali *d, struct http_request *request,
                                          bool is_sia1)
{
    const char *base = dali_base_url(d, request);
    struct bytes b;
    bytes_init(&b, 64 * 1024);
    xml_capabilities_begin(&b);
    xml_capability(&b, "ivo://ivoa.net/std/VOSI#capabilities", "vs:ParamHTTP", "1.0",
                   "full", base, is_sia1 ? "/sia1/capabilities" : "/sia2/capabilities");
    xml_capability(&b, "ivo://ivoa.net/std/VOSI#availability", "vs:ParamHTTP", "1.0",
                   "full", base, is_sia1 ? "/sia1/availability" : "/sia2/availability");
    if (!dali_has_obscore(d, NULL))
        bytes_add_literal(&b, " <!-- no data products (ivoa.obscore) on this node -->\n");
    else if (is_sia1)
        add_sia1(&b, d, base);
    else
        xml_capability(&b, "ivo://ivoa.net/std/SIA#query-2.0", "vs:ParamHTTP", "2.0",
                       "base", base, "/sia2");
    xml_capabilities_end(&b);
    struct http_response *r = http_reply(request, 200);
    http_reply_last_modified(r, d->up_since_us / 1000000);
    http_reply_buffer(r, "text/xml", &b);
    return r;
}

struct http_response *sia2_capabilities(void *dali, struct http_request *request)
{
    return capabilities(dali, request, false);
}

struct http_response *sia1_capabilities(void *dali, struct http_request *request)
{
    return capabilities(dali, request, true);
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
         .handle = sia2_capabilities,
         .context = d},
        {.methods = HTTP_GET,
         .pattern = "/sia2/availability",
         .handle = dali_availability,
         .context = d},
        {.methods = HTTP_GET | HTTP_POST,
         .pattern = "/sia1",
         .handle = sia1_query,
         .context = d,
         .render_error = dali_simple_error,
         .render_context = d},
        {.methods = HTTP_GET,
         .pattern = "/sia1/capabilities",
         .handle = sia1_capabilities,
         .context = d},
        {.methods = HTTP_GET,
         .pattern = "/sia1/availability",
         .handle = dali_availability,
         .context = d},
    };
    return http_server_route(server, route, sizeof route / sizeof *route, e);
}
