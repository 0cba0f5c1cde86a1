/* docs.c -- /docs: the documents of docs/ as pages, and where to find which. */
#include "web/docs.h"

#include <stdio.h>

#include "web/inside.h"

static void add_crumbs(struct web_page *p, bool is_below)
{
    bytes_add_literal(&p->b, "<nav class=\"crumbs\" aria-label=\"Way here\"><a href=\"");
    bytes_add_xml(&p->b, str_of(p->base));
    bytes_add_literal(&p->b, "/\">Home</a>");
    if (is_below) {
        bytes_add_literal(&p->b, "<a href=\"");
        bytes_add_xml(&p->b, str_of(p->base));
        bytes_add_literal(&p->b, "/docs\">Documentation</a>");
    }
    bytes_add_literal(&p->b, "</nav>\n");
}

void docs_begin(struct web_page *p, const char *title)
{
    p->head.here = "/docs";
    web_page_head(p, title);
    add_crumbs(p, true);
}

void docs_run_link(struct web_page *p, const char *query)
{
    bytes_add_literal(&p->b, "<a class=\"do\" href=\"");
    bytes_add_xml(&p->b, str_of(p->base));
    bytes_add_literal(&p->b, "/query?QUERY=");
    bytes_add_url(&p->b, str_trim(str_of(query)));
    bytes_add_literal(&p->b, "\">Run it</a>");
}

/* ---- the index ---- */

static void add_experiments(struct web_page *p)
{
    bytes_add_literal(&p->b, "<h2 id=\"experiments\">The data of this node</h2>\n<ul>\n");
    for (uint32_t i = 0; i < catalog_nschema(p->catalog); i++) {
        const struct catalog_schema *s = catalog_schema_at(p->catalog, i);
        if (web_is_tap_schema(s->name))
            continue;
        bytes_add_literal(&p->b, "<li><a href=\"");
        bytes_add_xml(&p->b, str_of(p->base));
        bytes_add_literal(&p->b, "/docs/experiment/");
        bytes_add_url(&p->b, str_of(s->name));
        web_text(p, "\"><bdi>", web_schema_title(s), "</bdi></a>");
        if (web_has(s->description)) {
            bytes_add_literal(&p->b, ": <span dir=\"auto\">");
            web_clip(p, s->description, 160);
            bytes_add_literal(&p->b, "</span>");
        }
        bytes_add_literal(&p->b, "</li>\n");
    }
    bytes_add_literal(&p->b, "</ul>\n");
}

struct http_response *docs_index_page(void *context, struct http_request *request)
{
    struct web *web = context;
    struct err e = {0};
    struct web_page p;
    if (!web_page_open(&p, web, request, &e))
        return web_page_fail(&p, &e);
    p.wants_json = false;
    const struct doc *doc = docs_find(web->docs, STR("README"));
    const char *title;
    p.head.here = "/docs";
    web_page_head(&p, "Documentation");
    add_crumbs(&p, false);
    if (!doc) {
        bytes_add_literal(&p.b, "<p>The documents are not installed beside this node; what "
                                "it can tell by itself is here: its data, and <a href=\"");
        bytes_add_xml(&p.b, str_of(p.base));
        bytes_add_literal(&p.b, "/docs/adql-functions\">the functions of ADQL</a>.</p>\n");
    } else if (!docs_render(&p, web->docs, doc, &title, &e))
        return web_page_fail(&p, &e);
    add_experiments(&p);
    return web_page_reply(&p);
}

/* ---- one document ---- */

static struct http_response *picture(struct http_request *request, const struct doc *doc)
{
    struct http_response *r = http_reply(request, 200);
    http_reply_bytes(r, "image/png", doc->content);
    http_reply_header(r, "Cache-Control", "public, max-age=3600");
    return r;
}

/* The document's text comes after its title, which stands in it: it is rendered apart. */
static bool add_document(struct web_page *p, const struct doc *doc, struct err *e)
{
    const char *title = NULL;
    struct bytes page = p->b;
    bytes_init(&p->b, 4 << 20);
    bool ok = docs_render(p, p->web->docs, doc, &title, e);
    struct bytes text = p->b;
    p->b = page;
    if (ok) {
        docs_begin(p, title ? title : doc->name);
        bytes_add_literal(&p->b, "<article>\n");
        bytes_add(&p->b, bytes_str(&text));
        bytes_add_literal(&p->b, "</article>\n");
    }
    bytes_free(&text);
    return ok;
}

struct http_response *docs_document_page(void *context, struct http_request *request)
{
    struct web *web = context;
    struct err e = {0};
    struct web_page p;
    if (!web_page_open(&p, web, request, &e))
        return web_page_fail(&p, &e);
    p.wants_json = false;
    str first = request->captures[0].value,
        second = request->ncapture > 1 ? request->captures[1].value : STR("");
    const char *name = arena_format(p.arena, "%.*s%s%.*s", STR_FMT(first),
                                    second.len ? "/" : "", STR_FMT(second));
    const struct doc *doc = name ? docs_find(web->docs, str_of(name)) : NULL;
    if (doc && doc->is_picture) {
        bytes_free(&p.b);
        return picture(request, doc);
    }
    if (!doc)
        err_set(&e, ERR_NOT_FOUND, "there is no document %.200s here; /docs lists them",
                name ? name : "of that name");
    if (!doc || !add_document(&p, doc, &e))
        return web_page_fail(&p, &e);
    return web_page_reply(&p);
}
