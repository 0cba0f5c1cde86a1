/* simple.c -- see simple.h. */
#include "core/dali/simple.h"

#include <math.h>

static void add_document(struct bytes *b, const struct err *e)
{
    bytes_add_literal(b, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                         "<VOTABLE version=\"1.4\" "
                         "xmlns=\"http://www.ivoa.net/xml/VOTable/v1.3\">\n"
                         "<INFO ID=\"Error\" name=\"Error\" value=\"");
    bytes_add_xml(b, str_of(e->message));
    bytes_add_literal(b, "\"/>\n<RESOURCE type=\"results\">\n"
                         "<INFO name=\"QUERY_STATUS\" value=\"ERROR\">");
    bytes_add_xml(b, str_of(e->message));
    bytes_add_literal(b, "</INFO>\n</RESOURCE>\n</VOTABLE>\n");
}

struct http_response *dali_simple_error(void *dali, struct http_request *request,
                                        const struct err *e)
{
    enum { DOCUMENT_BYTES = 64 * 1024 };
    bool is_answer = e->kind == ERR_USAGE || e->kind == ERR_LIMIT;
    if (http_request_is_browser(request))
        return dali_render_error(dali, request, e);
    struct http_response *r = dali_render_error(dali, request, e); /* its headers */
    struct bytes b;
    bytes_init(&b, DOCUMENT_BYTES);
    add_document(&b, e);
    if (is_answer)
        http_response_set_status(r, 200);
    http_reply_buffer(r, "text/xml;content=x-votable", &b);
    return r;
}

bool dali_has_obscore(const struct dali *d, const char *column)
{
    const struct catalog *c = d->catalog(d->node);
    const struct catalog_table *t = catalog_find_full_name(c, STR("ivoa.obscore"));
    bool has = t && (!column ||
                     catalog_find_column(t, (struct catalog_name){str_of(column), false}));
    catalog_drop(c);
    return has;
}

bool dali_bad_value(const char *name, str value, const char *want, struct err *e)
{
    enum { SHOWN_BYTES = 100 };
    return err_set(e, ERR_USAGE, "%s is \"%.*s\", but must be %s", name,
                   (int)(value.len < SHOWN_BYTES ? value.len : SHOWN_BYTES),
                   value.len ? value.at : "", want);
}

void dali_put_limit(struct bytes *b, const char *column, const char *op, double limit)
{
    bytes_add(b, str_of(column));
    if (isinf(limit)) {
        bytes_add_literal(b, " IS NOT NULL");
        return;
    }
    bytes_add(b, str_of(op));
    bytes_add_double(b, limit);
}

void dali_put_overlap(struct bytes *b, const char *from_column, const char *to_column,
                      double lo, double hi)
{
    bytes_add_char(b, '(');
    dali_put_limit(b, from_column, " <= ", hi);
    bytes_add_literal(b, " AND ");
    dali_put_limit(b, to_column, " >= ", lo);
    bytes_add_char(b, ')');
}

static void add_options(struct bytes *b, const char *options)
{
    str rest = str_of(options);
    bytes_add_literal(b, "<VALUES>\n");
    while (rest.at) {
        bytes_add_literal(b, "<OPTION value=\"");
        bytes_add_xml(b, str_cut(&rest, ','));
        bytes_add_literal(b, "\"/>\n");
    }
    bytes_add_literal(b, "</VALUES>\n");
}

const char *dali_input_params(const struct dali_input *input, uint32_t n,
                              struct arena *arena)
{
    struct bytes b;
    bytes_init(&b, 64 * 1024);
    for (uint32_t i = 0; i < n; i++) {
        const struct dali_input *p = &input[i];
        bytes_add_format(&b,
                         "<PARAM name=\"INPUT:%s\" datatype=\"char\" arraysize=\"*\" "
                         "value=\"%s\"",
                         p->name, p->value);
        if (p->unit)
            bytes_add_format(&b, " unit=\"%s\"", p->unit);
        bytes_add_literal(&b, ">\n<DESCRIPTION>");
        bytes_add_xml(&b, str_of(p->description));
        bytes_add_literal(&b, "</DESCRIPTION>\n");
        if (p->options)
            add_options(&b, p->options);
        bytes_add_literal(&b, "</PARAM>\n");
    }
    const char *text = b.failed ? NULL : arena_text(arena, bytes_str(&b));
    bytes_free(&b);
    return text;
}
