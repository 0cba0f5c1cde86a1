/* ssa.c -- routes, the query, capabilities. */
#include "core/base/num.h"
#include "core/dali/xml.h"
#include "ssa/inside.h"

/* REQUEST=queryData, which may be left out (SSA-2); VERSION of 1.0 and 1.1 (SSA-3). */
static bool check_request(const struct http_request *r, struct err *e)
{
    str request, version;
    if (!dali_param(r->params, r->nparam, "REQUEST", &request, e) ||
        !dali_param(r->params, r->nparam, "VERSION", &version, e))
        return false;
    request = str_trim(request);
    version = str_trim(version);
    if (request.len && !str_eq_fold(request, STR("queryData")))
        return err_set(e, ERR_USAGE,
                       "REQUEST is \"%.*s\", but only queryData is known here",
                       (int)(request.len < 60 ? request.len : 60), request.at);
    return version.len == 0 || str_eq(version, STR("1")) ||
           str_starts_fold(version, STR("1.0")) || str_starts_fold(version, STR("1.1")) ||
           err_set(e, ERR_USAGE, "VERSION is \"%.*s\", but this is 1.1",
                   (int)(version.len < 60 ? version.len : 60), version.at);
}

static bool put_top(struct bytes *b, const struct http_request *r, struct err *e)
{
    str text;
    int64_t top;
    if (!dali_param(r->params, r->nparam, "TOP", &text, e))
        return false;
    text = str_trim(text);
    if (text.len == 0)
        return true;
    if (!num_parse_int(text, &top) || top < 0 || top > INT32_MAX)
        return dali_bad_value("TOP", text, "a whole number of spectra", e);
    bytes_add_literal(b, "TOP ");
    bytes_add_int(b, top);
    bytes_add_char(b, ' ');
    return true;
}

static bool write_query(struct bytes *b, struct dali *d, const struct http_request *r,
                        struct dali_ask *ask, struct err *e)
{
    if (!dali_has_obscore(d, NULL))
        return err_set(e, ERR_NOT_FOUND,
                       "this node has no data products (ivoa.obscore) to be searched");
    if (!check_request(r, e))
        return false;
    ask->is_metadata = ssa_is_metadata(r);
    bytes_add_literal(b, "SELECT ");
    if (!put_top(b, r, e))
        return false;
    ask->shown = ssa_columns(b, d, r->arena, &ask->nshown);
    b->failed |= !ask->shown;
    bytes_add_literal(b, " FROM ivoa.obscore WHERE dataproduct_type IN ('spectrum', "
                         "'sed')");
    if (!ask->is_metadata)
        return ssa_conditions(b, d, r, e);
    ask->params = ssa_inputs(r->arena);
    return true;
}

static struct http_response *ssa_query(void *dali, struct http_request *request)
{
    enum { TEXT_BYTES = 4 << 20 };
    static const struct result_info PROTOCOL = {
        .name = "SERVICE_PROTOCOL", .value = "1.1", .text = "SSAP"};
    struct err e = {0};
    struct bytes text;
    struct dali_ask ask = {.dali = dali,
                           .request = request,
                           .protocol = "ivo://ivoa.net/std/SSA",
                           .file_name = "spectra",
                           .has_own_format = true,
                           .info = &PROTOCOL,
                           .ninfo = 1,
                           .text = &text};
    bytes_init(&text, TEXT_BYTES);
    if (write_query(&text, dali, request, &ask, &e))
        return dali_ask(&ask);
    bytes_free(&text);
    return http_reply_error(request, &e);
}

static void add_ssa(struct bytes *b, const struct dali *d, const char *base)
{
    bytes_add_literal(b, " <capability standardID=\"ivo://ivoa.net/std/SSA\" "
                         "xsi:type=\"ssap:SimpleSpectralAccess\" "
                         "xmlns:ssap=\"http://www.ivoa.net/xml/SSA/v1.1\">\n"
                         "  <interface xsi:type=\"vs:ParamHTTP\" role=\"std\" "
                         "version=\"1.1\">\n   <accessURL use=\"base\">");
    bytes_add_xml(b, str_of(base));
    bytes_add_literal(b, "/ssa?</accessURL>\n   <queryType>GET</queryType>\n"
                         "   <resultType>application/x-votable+xml</resultType>\n"
                         "  </interface>\n  <complianceLevel>query</complianceLevel>\n"
                         "  <dataSource>survey</dataSource>\n"
                         "  <creationType>archival</creationType>\n"
                         "  <supportedFrame>ICRS</supportedFrame>\n"
                         "  <maxSearchRadius>180</maxSearchRadius>\n  <maxRecords>");
    bytes_add_int(b, dali_limits(d)->max_rows);
    bytes_add_literal(b, "</maxRecords>\n  <defaultMaxRecords>");
    bytes_add_int(b, dali_limits(d)->default_rows);
    bytes_add_literal(b, "</defaultMaxRecords>\n </capability>\n");
}

static struct http_response *ssa_capabilities(void *dali, struct http_request *request)
{
    struct dali *d = dali;
    const char *base = dali_base_url(d, request);
    struct bytes b;
    bytes_init(&b, 64 * 1024);
    xml_capabilities_begin(&b);
    xml_capability(&b, "ivo://ivoa.net/std/VOSI#capabilities", "vs:ParamHTTP", "1.0",
                   "full", base, "/ssa/capabilities");
    xml_capability(&b, "ivo://ivoa.net/std/VOSI#availability", "vs:ParamHTTP", "1.0",
                   "full", base, "/ssa/availability");
    if (dali_has_obscore(d, NULL))
        add_ssa(&b, d, base);
    else
        bytes_add_literal(&b, " <!-- no data products (ivoa.obscore) on this node -->\n");
    xml_capabilities_end(&b);
    struct http_response *r = http_reply(request, 200);
    http_reply_last_modified(r, d->up_since_us / 1000000);
    http_reply_buffer(r, "text/xml", &b);
    return r;
}

bool ssa_routes(struct dali *d, struct http_server *server, struct err *e)
{
    const struct http_route route[] = {
        {.methods = HTTP_GET | HTTP_POST,
         .pattern = "/ssa",
         .handle = ssa_query,
         .context = d,
         .render_error = dali_simple_error,
         .render_context = d},
        {.methods = HTTP_GET,
         .pattern = "/ssa/capabilities",
         .handle = ssa_capabilities,
         .context = d},
        {.methods = HTTP_GET,
         .pattern = "/ssa/availability",
         .handle = dali_availability,
         .context = d},
    };
    return http_server_route(server, route, sizeof route / sizeof *route, e);
}
