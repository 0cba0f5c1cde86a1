/* capabilities.c -- VOSI capabilities of a cone search. */
#include "core/dali/xml.h"
#include "scs/inside.h"

static void add_cone(struct bytes *b, const struct dali *d, const char *base,
                     const char *path)
{
    bytes_add_literal(b, " <capability standardID=\"ivo://ivoa.net/std/ConeSearch\" "
                         "xsi:type=\"cs:ConeSearch\" "
                         "xmlns:cs=\"http://www.ivoa.net/xml/ConeSearch/v1.0\">\n"
                         "  <interface xsi:type=\"vs:ParamHTTP\" role=\"std\" "
                         "version=\"1.03\">\n   <accessURL use=\"base\">");
    bytes_add_xml(b, str_of(base));
    bytes_add_xml(b, str_of(path));
    bytes_add_literal(b, "?</accessURL>\n   <queryType>GET</queryType>\n"
                         "   <resultType>application/x-votable+xml</resultType>\n"
                         "  </interface>\n  <maxSR>180</maxSR>\n  <maxRecords>");
    bytes_add_int(b, dali_limits(d)->max_rows);
    bytes_add_literal(b, "</maxRecords>\n  <verbosity>true</verbosity>\n"
                         "  <testQuery><ra>0</ra><dec>0</dec><sr>180</sr></testQuery>\n"
                         " </capability>\n");
}

struct http_response *scs_capabilities(void *dali, struct http_request *request)
{
    struct dali *d = dali;
    struct err e = {0};
    struct bytes b;
    uint32_t id;
    const struct catalog_table *t = scs_table(d, request, &id, &e);
    const char *base = dali_base_url(d, request);
    struct bytes path;
    if (!t)
        return http_reply_error(request, &e);
    bytes_init(&path, 4096);
    bytes_add_literal(&path, "/scs/");
    bytes_add_url(&path, str_of(t->full_name));
    const char *of_table = arena_text(request->arena, bytes_str(&path));
    bytes_free(&path);
    if (!of_table)
        of_table = "";
    bytes_init(&b, 64 * 1024);
    xml_capabilities_begin(&b);
    xml_capability(&b, "ivo://ivoa.net/std/VOSI#capabilities", "vs:ParamHTTP", "1.0",
                   "full", base, arena_format(request->arena, "%s/capabilities", of_table));
    xml_capability(&b, "ivo://ivoa.net/std/VOSI#availability", "vs:ParamHTTP", "1.0",
                   "full", base, arena_format(request->arena, "%s/availability", of_table));
    add_cone(&b, d, base, of_table);
    xml_capabilities_end(&b);
    struct http_response *r = http_reply(request, 200);
    http_reply_last_modified(r, d->up_since_us / 1000000);
    http_reply_buffer(r, "text/xml", &b);
    return r;
}
