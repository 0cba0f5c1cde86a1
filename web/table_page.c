/* table_page.c -- /table/SCHEMA.TABLE: one table, from what it is to questions to ask it.
 */
#include <stdio.h>

#include "core/base/clock.h"
#include "web/inside.h"
#include "web/svg.h"

static bool exists(const struct web_page *p, str name)
{
    return catalog_find_full_name(p->catalog, name) != NULL;
}

const struct catalog_table *web_find_table(struct web_page *p, struct err *e)
{
    str name = web_page_name(p, 0, exists);
    const struct catalog_table *t = catalog_find_full_name(p->catalog, name);
    if (t)
        return t;
    str rest = name, schema = str_cut(&rest, '.');
    const char *near = rest.at ? catalog_near_table(p->catalog, schema, rest)
                               : catalog_near_table(p->catalog, (str){"", 0}, schema);
    err_set(e, ERR_NOT_FOUND, "there is no table %.*s here%s%s%s",
            (int)(name.len < 200 ? name.len : 200), name.at, near ? "; did you mean " : "",
            near ? near : "", near ? "?" : "; search for it, or look at the front page");
    return NULL;
}

void web_crumbs(struct web_page *p, const struct catalog_schema *s,
                const struct catalog_table *t)
{
    bytes_add_literal(&p->b, "<nav class=\"crumbs\" aria-label=\"Where this is\"><a "
                             "href=\"");
    bytes_add_xml(&p->b, str_of(p->base));
    bytes_add_literal(&p->b, "/\">All collections</a>");
    if (s && t) {
        bytes_add_literal(&p->b, " \xE2\x80\xBA ");
        web_schema_link(p, s);
    }
    if (t && p->request->ncapture > 1) {
        bytes_add_literal(&p->b, " \xE2\x80\xBA ");
        web_table_link(p, t);
    }
    bytes_add_literal(&p->b, "</nav>\n");
}

static void add_primary_key(struct web_page *p, const struct catalog_table *t)
{
    bool is_first = true;
    for (uint32_t i = 0; i < t->ncolumn; i++) {
        if (!(t->column[i].meta.flags & STORE_KEY))
            continue;
        bytes_add(&p->b, str_of(is_first ? "<dt>Primary key</dt><dd>" : ", "));
        web_column_link(p, t, &t->column[i]);
        is_first = false;
    }
    if (!is_first)
        bytes_add_literal(&p->b, "</dd>\n");
}

static void add_indexed(struct web_page *p, const struct catalog_table *t)
{
    bool is_first = true;
    for (uint32_t i = 0; i < t->ncolumn; i++) {
        if (!(t->column[i].meta.flags & (STORE_INDEXED | STORE_SORTED)) ||
            (t->column[i].meta.flags & STORE_HIDDEN))
            continue;
        bytes_add(&p->b, str_of(is_first ? "<dt>Fast to search by</dt><dd>" : ", "));
        web_column_link(p, t, &t->column[i]);
        is_first = false;
    }
    if (!is_first)
        bytes_add_literal(&p->b, "</dd>\n");
}

static void add_facts(struct web_page *p, const struct catalog_table *t)
{
    int64_t since_us = 0;
    bytes_add_literal(&p->b, "<dl class=\"facts\"><dt>Name in queries</dt><dd><code>");
    bytes_add_xml(&p->b, str_of(t->full_name));
    bytes_add_literal(&p->b, "</code></dd>\n");
    int64_t nrow = t->row_estimate;
    if (p->statistics && !p->statistics->sampled && p->statistics->nrow >= 0)
        nrow = p->statistics->nrow;
    if (nrow >= 0) {
        bytes_add_literal(&p->b, "<dt>Rows</dt><dd>");
        web_count(&p->b, nrow);
        bytes_add_literal(&p->b, "</dd>\n");
    }
    bytes_add_format(&p->b, "<dt>Columns</dt><dd>%u</dd>\n", web_ncolumn(t));
    add_primary_key(p, t);
    add_indexed(p, t);
    web_add_newest(p, t);
    if (t->store < p->dali->env.nstore) {
        web_text(p, "<dt>Lives in</dt><dd>store <code>", p->dali->env.store[t->store].name,
                 "</code>");
        bytes_add(&p->b, str_of(t->is_view ? ", as a view" : ""));
        bytes_add(&p->b,
                  str_of(web_store_is_down(p, t, &since_us) ? ", which does not answer now"
                                                            : ", which answers"));
        bytes_add_literal(&p->b, "</dd>\n");
    }
    bytes_add_literal(&p->b, "</dl>\n");
}

static void add_contents(struct web_page *p, bool has_keys)
{
    bytes_add_literal(&p->b,
                      "<nav class=\"contents\" aria-label=\"On this page\"><a "
                      "href=\"#glance\">At a glance</a> <a href=\"#columns\">Columns</a>");
    if (p->statistics && p->statistics->nsample)
        bytes_add_literal(&p->b, " <a href=\"#sample\">Rows</a>");
    if (has_keys)
        bytes_add_literal(&p->b, " <a href=\"#keys\">Joins</a>");
    bytes_add_literal(&p->b, " <a href=\"#queries\">Questions</a> <a "
                             "href=\"#services\">Services</a> <a href=\"#cite\">Cite</a> "
                             "<a href=\"");
    bytes_add_xml(&p->b, str_of(p->base));
    bytes_add_literal(&p->b, "/plot?table=");
    bytes_add_url(&p->b, p->request->captures[0].value);
    bytes_add_literal(&p->b, "\">Plot</a></nav>\n");
}

static void add_link(struct web_page *p, const struct catalog_table *t,
                     const struct web_link *l)
{
    bool is_own = l->from == t;
    const struct catalog_table *other = is_own ? l->to : l->from;
    bytes_add_literal(&p->b, "<details><summary>");
    bytes_add(&p->b, str_of(is_own ? "Each row belongs to one of " : "Has rows in "));
    web_text(p, "<code>", other ? other->full_name : l->key->target, "</code>");
    bytes_add_literal(&p->b, " <span class=\"soft\">by ");
    for (uint32_t i = 0; i < l->key->ncolumn; i++) {
        web_text(p, i ? ", <code>" : "<code>", l->key->from_column[i], "</code>");
        if (!str_eq(str_of(l->key->from_column[i]), str_of(l->key->to_column[i])))
            web_text(p, " = <code>", l->key->to_column[i], "</code>");
    }
    bytes_add_literal(&p->b, "</span></summary>\n");
    if (other) {
        bytes_add_literal(&p->b, "<p>");
        web_table_link(p, other);
        web_text(p, " <span dir=\"auto\">", other->description, "</span>");
        bytes_add_literal(&p->b, "</p>\n");
    }
    const char *join = web_join(p, l);
    if (join)
        web_query(p, l->key->description, join);
    bytes_add_literal(&p->b, "</details>\n");
}

/* The address of a table's page, in the arena. */
static const char *url_of(struct web_page *p, const struct catalog_table *t)
{
    struct bytes b;
    bytes_init(&b, 1u << 16);
    bytes_add(&b, str_of(p->base));
    bytes_add_literal(&b, "/table/");
    bytes_add_url(&b, str_of(t->full_name));
    const char *url = arena_text(p->arena, bytes_str(&b));
    bytes_free(&b);
    return url;
}

/* Those that point at it stand on the left, those that it points at on the right. */
static void add_diagram(struct web_page *p, const struct catalog_table *t,
                        const struct web_link *link, uint32_t n)
{
    enum { ROWS = 12 };
    struct svg_box left[ROWS], right[ROWS];
    uint32_t nleft = 0, nright = 0;
    for (uint32_t i = 0; i < n; i++) {
        bool is_own = link[i].from == t;
        const struct catalog_table *other = is_own ? link[i].to : link[i].from;
        uint32_t *count = is_own ? &nright : &nleft;
        const struct catalog_key *k = link[i].key;
        if (*count == ROWS)
            continue;
        (is_own ? right : left)[(*count)++] = (struct svg_box){
            .name = other ? other->full_name : k->target,
            .url = other ? url_of(p, other) : NULL,
            .by = arena_format(p->arena, "by %.60s%s", k->ncolumn ? k->from_column[0] : "",
                               k->ncolumn > 1 ? ", ..." : "")};
    }
    bytes_add_literal(&p->b, "<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
                             "aria-label=\"Diagram of keys\">");
    svg_keys(&p->b, t->full_name, left, nleft, right, nright);
    bytes_add_literal(&p->b, "</div>\n");
}

static void add_keys(struct web_page *p, const struct catalog_table *t,
                     const struct web_link *link, uint32_t n)
{
    if (n == 0)
        return;
    bytes_add_literal(&p->b, "<section id=\"keys\"><h2>How it joins other tables</h2>\n");
    add_diagram(p, t, link, n);
    for (uint32_t i = 0; i < n; i++)
        add_link(p, t, &link[i]);
    bytes_add_literal(&p->b, "</section>\n");
}

static void add_service(struct web_page *p, const char *path, const char *table,
                        const char *words)
{
    bytes_add_literal(&p->b, "<dt><a href=\"");
    for (int i = 0; i < 2; i++) {
        bytes_add_xml(&p->b, str_of(p->base));
        bytes_add(&p->b, str_of(path));
        bytes_add_url(&p->b, str_of(table));
        bytes_add(&p->b, str_of(i == 0 ? "\">" : "</a></dt><dd>"));
    }
    bytes_add(&p->b, str_of(words));
    bytes_add_literal(&p->b, "</dd>\n");
}

static void add_services(struct web_page *p, const struct catalog_table *t)
{
    bytes_add_literal(&p->b, "<section id=\"services\"><h2>Services on it</h2><dl>\n");
    add_service(p, "/tap", "", "any question in ADQL (TAP): TOPCAT, STILTS, pyvo, Aladin");
    add_service(p, "/tap/tables/", t->full_name, "its metadata as XML (VOSI)");
    if (t->lon_column >= 0 && t->lat_column >= 0)
        add_service(p, "/scs/", t->full_name, "rows around a position (cone search)");
    if (str_eq_fold(str_of(t->full_name), STR("ivoa.obscore"))) {
        add_service(p, "/sia2", "", "images and cubes (SIA 2)");
        add_service(p, "/sia1", "", "images (SIA 1)");
        add_service(p, "/ssa", "", "spectra (SSA)");
        if (p->dali->links_path) {
            add_service(p, "/datalink/capabilities", "", "files of a row (DataLink)");
            add_service(p, "/soda/capabilities", "", "cut-outs (SODA)");
        }
    }
    bytes_add_literal(&p->b, "</dl></section>\n");
}

static void add_cite(struct web_page *p, const struct catalog_schema *s)
{
    if (!s)
        return;
    bytes_add_literal(&p->b, "<section id=\"cite\"><h2>Use and cite</h2><dl>\n");
    web_origin_facts(p, s);
    bytes_add_literal(&p->b, "</dl></section>\n");
}

static void add_page(struct web_page *p, const struct catalog_table *t)
{
    struct web_link link[WEB_LINKS];
    uint32_t nlink = web_links(p->catalog, t, link);
    const struct catalog_schema *s = web_schema_of(p->catalog, t);
    static const char *const SCRIPT[] = {"browse.js", "send.js", NULL};
    p->head.script = SCRIPT;
    web_page_head(p, web_has(t->title) ? t->title : t->full_name);
    web_crumbs(p, s, t);
    web_add_down(p, t);
    web_text(p, "<p class=\"lead\" dir=\"auto\">", t->description, "</p>\n");
    add_facts(p, t);
    add_contents(p, nlink > 0);
    web_add_glance(p, t);
    web_add_columns(p, t);
    web_add_sample(p, t);
    web_add_send(p, t);
    add_keys(p, t, link, nlink);
    web_add_queries(p, t);
    add_services(p, t);
    add_cite(p, s);
}

/* The table in the words of VOSI: another service's document. */
static const char *vosi_url(struct web_page *p, const struct catalog_table *t)
{
    struct bytes b;
    bytes_init(&b, 1u << 16);
    bytes_add(&b, str_of(p->base));
    bytes_add_literal(&b, "/tap/tables/");
    bytes_add_url(&b, str_of(t->full_name));
    const char *url = arena_text(p->arena, bytes_str(&b));
    bytes_free(&b);
    bytes_free(&p->b);
    return url ? url : p->base;
}

struct http_response *web_table_page(void *web, struct http_request *request)
{
    struct err e = {0};
    struct web_page p;
    const struct catalog_table *t = NULL;
    if (web_page_open(&p, web, request, &e))
        t = web_find_table(&p, &e);
    if (!t)
        return web_page_fail(&p, &e);
    web_get_statistics(&p, t);
    if (p.wants_xml)
        return http_reply_redirect(request, vosi_url(&p, t));
    if (p.wants_json)
        web_json_table(&p, t);
    else
        add_page(&p, t);
    return web_page_reply(&p);
}
