/* capabilities.c -- VOSI capabilities of /datalink and /soda. */
#include "core/dali/xml.h"
#include "datalink/inside.h"
#include "datalink/words.h"

static void add_param(struct bytes *b, const char *name, const char *ucd, const char *unit,
                      const char *type, const char *description, bool required)
{
    bytes_add_format(b, "   <param std=\"true\" use=\"%s\">\n",
                     required ? "required" : "optional");
    xml_element(b, "    ", "name", name);
    xml_element(b, "    ", "description", description);
    xml_element(b, "    ", "unit", unit);
    xml_element(b, "    ", "ucd", ucd);
    xml_element(b, "    ", "dataType", type);
    bytes_add_literal(b, "   </param>\n");
}

static void begin(struct bytes *b, const char *standard, const char *version,
                  const char *base, const char *path, const char *result)
{
    bytes_add_format(b,
                     " <capability standardID=\"%s\">\n"
                     "  <interface xsi:type=\"vs:ParamHTTP\" role=\"std\" version=\"%s\">\n"
                     "   <accessURL use=\"base\">",
                     standard, version);
    bytes_add_xml(b, str_of(base));
    bytes_add_format(b, "%s</accessURL>\n", path);
    bytes_add_literal(b, "   <queryType>GET</queryType>\n   <queryType>POST</queryType>\n");
    xml_element(b, "   ", "resultType", result);
}

static void end(struct bytes *b)
{
    bytes_add_literal(b, "  </interface>\n </capability>\n");
}

static void add_vosi(struct bytes *b, const char *base, bool is_soda)
{
    xml_capability(b, "ivo://ivoa.net/std/VOSI#capabilities", "vs:ParamHTTP", "1.0", "full",
                   base, is_soda ? "/soda/capabilities" : "/datalink/capabilities");
    xml_capability(b, "ivo://ivoa.net/std/VOSI#availability", "vs:ParamHTTP", "1.0", "full",
                   base, is_soda ? "/soda/availability" : "/datalink/availability");
}

static struct http_response *reply(struct datalink *d, struct http_request *request,
                                   struct bytes *b)
{
    xml_capabilities_end(b);
    struct http_response *r = http_reply(request, 200);
    http_reply_last_modified(r, d->dali->up_since_us / 1000000);
    http_reply_buffer(r, "text/xml", b);
    return r;
}

struct http_response *datalink_capabilities(void *context, struct http_request *request)
{
    struct datalink *d = context;
    const char *base = dali_base_url(d->dali, request);
    struct bytes b;
    bytes_init(&b, 256 * 1024);
    xml_capabilities_begin(&b);
    add_vosi(&b, base, false);
    begin(&b, "ivo://ivoa.net/std/DataLink#links-1.1", "1.1", base, "/datalink/links",
          "application/x-votable+xml;content=datalink");
    add_param(&b, "ID", "meta.id;meta.main", NULL, "string",
              "publisher identifiers of data products; may be repeated", true);
    end(&b);
    return reply(d, request, &b);
}

static void add_soda(struct bytes *b, const char *base, bool is_async)
{
    begin(b,
          is_async ? "ivo://ivoa.net/std/SODA#async-1.0"
                   : "ivo://ivoa.net/std/SODA#sync-1.0",
          "1.0", base, is_async ? "/soda/async" : "/soda/sync", "application/fits");
    add_param(b, "ID", "meta.id;meta.main", NULL, "string",
              "publisher identifier of a data product", true);
    for (uint32_t i = 0; i < cutout_word_count(); i++) {
        const struct cutout_word *w = cutout_word_at(i);
        add_param(b, w->name, w->ucd, w->unit,
                  strcmp(w->datatype, "double") == 0 ? "real" : "string", w->description,
                  false);
    }
    end(b);
}

struct http_response *soda_capabilities(void *context, struct http_request *request)
{
    struct datalink *d = context;
    const char *base = dali_base_url(d->dali, request);
    struct bytes b;
    bytes_init(&b, 256 * 1024);
    xml_capabilities_begin(&b);
    add_vosi(&b, base, true);
    add_soda(&b, base, false);
    add_soda(&b, base, true);
    return reply(d, request, &b);
}
