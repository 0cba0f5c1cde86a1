/* front.c -- the front page: what this node is, its experiments, their tables and columns,
 * a query form, and the addresses of its services. Plain HTML, complete without scripts. */
#include <stdio.h>

#include "core/base/column.h"
#include "core/base/page.h"
#include "web/web.h"

struct front {
    const struct dali *dali;
    const struct catalog *catalog;
    const char *base;
    struct bytes *b;
    struct arena *arena;
};

static void add_text(struct front *f, const char *before, const char *text,
                     const char *after)
{
    if (!text || !*text)
        return;
    bytes_add(f->b, str_of(before));
    bytes_add_xml(f->b, str_of(text));
    bytes_add(f->b, str_of(after));
}

/* 1234567 as 1 234 567, with thin blanks. */
static void add_count(struct bytes *b, int64_t n)
{
    char digits[32];
    int len = snprintf(digits, sizeof digits, "%lld", (long long)n);
    for (int i = 0; i < len; i++) {
        if (i && (len - i) % 3 == 0)
            bytes_add_literal(b, "\xE2\x80\xAF");
        bytes_add_char(b, digits[i]);
    }
}

static bool is_tap_schema(const struct catalog_schema *s)
{
    return str_eq_fold(str_of(s->name), STR("tap_schema"));
}

static void add_intro(struct front *f)
{
    uint32_t nschema = 0, ntable = 0;
    int64_t nrow = 0;
    for (uint32_t i = 0; i < catalog_nschema(f->catalog); i++) {
        const struct catalog_schema *s = catalog_schema_at(f->catalog, i);
        if (is_tap_schema(s))
            continue;
        nschema++;
        ntable += s->ntable;
        for (uint32_t j = 0; j < s->ntable; j++)
            nrow += s->table[j].row_estimate > 0 ? s->table[j].row_estimate : 0;
    }
    bytes_add_format(f->b,
                     "<p>A node of the Virtual Observatory with %u collections, %u "
                     "tables and ",
                     nschema, ntable);
    add_count(f->b, nrow);
    bytes_add_literal(f->b,
                      " rows. Ask one question across all of them, here or from TOPCAT, "
                      "STILTS, Aladin, pyvo and astroquery.</p>\n");
    add_text(f, "<p class=\"soft\">Published by ", f->dali->publisher, "</p>\n");
}

static void add_form(struct front *f)
{
    const char *query = "SELECT TOP 10 * FROM tap_schema.tables";
    if (catalog_nexample(f->catalog))
        query = catalog_example_at(f->catalog, 0)->query;
    bytes_add_literal(f->b, "<section id=\"query\"><h2>Ask in ADQL</h2>\n"
                            "<form method=\"get\" action=\"");
    bytes_add_xml(f->b, str_of(f->base));
    bytes_add_literal(
        f->b, "/tap/sync\">\n<input type=\"hidden\" name=\"LANG\" value=\"ADQL\"/>\n"
              "<p><label for=\"adql\">Query</label></p>\n"
              "<textarea id=\"adql\" name=\"QUERY\" spellcheck=\"false\">");
    bytes_add_xml(f->b, str_trim(str_of(query)));
    bytes_add_literal(f->b, "</textarea>\n<p><label>Format <select name=\"RESPONSEFORMAT\">"
                            "<option value=\"html\">table to look at</option>");
    for (uint32_t i = 0; i < format_count(); i++)
        if (format_at(i)->is_declared)
            bytes_add_format(f->b, "<option value=\"%s\">%s</option>", format_at(i)->mime,
                             format_at(i)->name);
    bytes_add_literal(f->b,
                      "</select></label>\n<label>At most <input name=\"MAXREC\" "
                      "value=\"1000\" size=\"8\" inputmode=\"numeric\"/> rows</label>\n"
                      "<button>Run</button></p>\n</form>\n");
    bytes_add_literal(f->b, "</section>\n");
}

static void add_try_link(struct front *f, const char *query)
{
    bytes_add_literal(f->b, "<a href=\"");
    bytes_add_xml(f->b, str_of(f->base));
    bytes_add_literal(f->b, "/tap/sync?LANG=ADQL&amp;RESPONSEFORMAT=html&amp;MAXREC=1000"
                            "&amp;QUERY=");
    bytes_add_url(f->b, str_trim(str_of(query)));
    bytes_add_literal(f->b, "\">run it</a>");
}

static void add_examples(struct front *f)
{
    if (!catalog_nexample(f->catalog))
        return;
    bytes_add_literal(f->b, "<section id=\"examples\"><h2>Examples</h2>\n");
    for (uint32_t i = 0; i < catalog_nexample(f->catalog); i++) {
        const struct catalog_example *x = catalog_example_at(f->catalog, i);
        add_text(f, "<details><summary>", x->name, "</summary>\n");
        add_text(f, "<p>", x->description, " ");
        add_try_link(f, x->query);
        bytes_add_literal(f->b, "</p>\n");
        bytes_add_literal(f->b, "<pre>");
        bytes_add_xml(f->b, str_trim(str_of(x->query)));
        bytes_add_literal(f->b, "</pre></details>\n");
    }
    bytes_add_literal(f->b, "</section>\n");
}

static void add_column(struct front *f, const struct catalog_column *column)
{
    const struct store_column *c = &column->meta;
    char scratch[COLUMN_ARRAYSIZE_BYTES];
    const char *arraysize = column_arraysize(c, scratch);
    add_text(f, "<tr><td><code>", column->adql_name, "</code>");
    bytes_add(f->b, str_of(c->flags & STORE_INDEXED ? " <span class=\"soft\">indexed</span>"
                                                    : ""));
    bytes_add_literal(f->b, "</td><td>");
    bytes_add(f->b, str_of(c->xtype ? c->xtype : column_datatype(c)));
    if (arraysize && !c->xtype && c->type != STORE_TEXT)
        add_text(f, "[", arraysize, "]");
    bytes_add_literal(f->b, "</td><td>");
    add_text(f, "", c->unit, "");
    bytes_add_literal(f->b, "</td><td>");
    add_text(f, "", c->description, "");
    const char *words = c->ucd ? ucd_meaning(str_of(c->ucd), f->arena) : NULL;
    if (words) {
        bytes_add_literal(f->b, "<br/><span class=\"soft\" title=\"");
        bytes_add_xml(f->b, str_of(c->ucd));
        add_text(f, "\">", words, "</span>");
    }
    bytes_add_literal(f->b, "</td></tr>\n");
}

static void add_table(struct front *f, const struct catalog_table *t)
{
    bytes_add_literal(f->b, "<details id=\"");
    bytes_add_url(f->b, str_of(t->full_name));
    add_text(f, "\"><summary><code>", t->full_name, "</code> ");
    if (t->row_estimate >= 0) {
        bytes_add_literal(f->b, "<span class=\"soft\">");
        add_count(f->b, t->row_estimate);
        bytes_add_literal(f->b, " rows</span> ");
    }
    add_text(f, "", t->description, "");
    bytes_add_literal(f->b, "</summary>\n<p>");
    const char *query = arena_format(f->arena, "SELECT TOP 20 * FROM %s", t->full_name);
    if (query) {
        add_text(f, "<code>", query, "</code> ");
        add_try_link(f, query);
    }
    bytes_add_literal(f->b, "</p>\n<div class=\"scroll\"><table><tr><th>Column</th><th>Type"
                            "</th><th>Unit</th><th>Meaning</th></tr>\n");
    for (uint32_t i = 0; i < t->ncolumn; i++)
        if (!(t->column[i].meta.flags & STORE_HIDDEN))
            add_column(f, &t->column[i]);
    bytes_add_literal(f->b, "</table></div></details>\n");
}

static void add_row(struct front *f, const char *name, const char *text)
{
    if (!text || !*text)
        return;
    bytes_add_format(f->b, "<dt>%s</dt><dd>", name);
    bytes_add_xml(f->b, str_of(text));
    bytes_add_literal(f->b, "</dd>\n");
}

static void add_schema(struct front *f, const struct catalog_schema *s)
{
    const struct catalog_origin *o = &s->origin;
    bytes_add_literal(f->b, "<section id=\"");
    bytes_add_url(f->b, str_of(s->name));
    add_text(f, "\"><h2>", s->title && *s->title ? s->title : s->name, "");
    add_text(f, " <code class=\"soft\">", s->name, "</code></h2>\n");
    add_text(f, "<p>", s->description, "</p>\n");
    bytes_add_literal(f->b, "<dl>\n");
    add_row(f, "What", o->what);
    add_row(f, "Where", o->where);
    add_row(f, "When", o->when);
    add_row(f, "Licence", o->licence);
    add_row(f, "Cite", o->citation);
    bytes_add_literal(f->b, "</dl>\n");
    for (uint32_t i = 0; i < s->ntable; i++)
        add_table(f, &s->table[i]);
    bytes_add_literal(f->b, "</section>\n");
}

static void add_services(struct front *f)
{
    static const char *const SERVICE[][2] = {
        {"/tap", "Table Access Protocol: the address for TOPCAT, STILTS and pyvo"},
        {"/tap/examples", "example queries"},
        {"/tap/tables", "metadata of all tables (VOSI)"},
        {"/tap/capabilities", "what the service can do (VOSI)"},
        {"/tap/availability", "whether it is up (VOSI)"},
        {"/tap/async", "jobs"}};
    bytes_add_literal(f->b, "<section id=\"services\"><h2>Services</h2><dl>\n");
    for (size_t i = 0; i < sizeof SERVICE / sizeof *SERVICE; i++) {
        bytes_add_literal(f->b, "<dt><a href=\"");
        bytes_add_xml(f->b, str_of(f->base));
        bytes_add_format(f->b, "%s\">", SERVICE[i][0]);
        bytes_add_xml(f->b, str_of(f->base));
        bytes_add_format(f->b, "%s</a></dt><dd>%s</dd>\n", SERVICE[i][0], SERVICE[i][1]);
    }
    bytes_add_literal(f->b, "</dl></section>\n");
}

static void add_contents(struct front *f)
{
    bytes_add_literal(f->b, "<p><a href=\"#query\">Query</a> \xC2\xB7 <a "
                            "href=\"#examples\">Examples</a> \xC2\xB7 <a "
                            "href=\"#services\">Services</a>");
    for (uint32_t i = 0; i < catalog_nschema(f->catalog); i++) {
        const struct catalog_schema *s = catalog_schema_at(f->catalog, i);
        bytes_add_literal(f->b, " \xC2\xB7 <a href=\"#");
        bytes_add_url(f->b, str_of(s->name));
        add_text(f, "\">", s->title && *s->title ? s->title : s->name, "</a>");
    }
    bytes_add_literal(f->b, "</p>\n");
}

static struct http_response *front_page(void *context, struct http_request *request)
{
    struct dali *d = context;
    struct bytes b;
    struct front f = {.dali = d,
                      .catalog = d->catalog(d->node),
                      .base = dali_base_url(d, request),
                      .b = &b,
                      .arena = request->arena};
    bytes_init(&b, 64 * 1024 * 1024);
    page_begin(&b, &(struct page_head){.title = d->title ? d->title : "Colure"});
    add_intro(&f);
    add_contents(&f);
    add_form(&f);
    for (uint32_t i = 0; i < catalog_nschema(f.catalog); i++)
        add_schema(&f, catalog_schema_at(f.catalog, i));
    add_examples(&f);
    add_services(&f);
    page_end(&b);
    catalog_drop(f.catalog);
    struct http_response *r = http_reply(request, 200);
    http_reply_buffer(r, "text/html; charset=utf-8", &b);
    http_reply_header(r, "Content-Security-Policy", PAGE_POLICY);
    return r;
}

bool web_routes(struct dali *d, struct http_server *server, struct err *e)
{
    const struct http_route routes[] = {
        {.methods = HTTP_GET, .pattern = "/", .handle = front_page, .context = d}};
    return http_server_route(server, routes, 1, e);
}
