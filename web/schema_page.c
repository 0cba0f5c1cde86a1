/* schema_page.c -- /schema/NAME: what an experiment is, and its tables. */
#include <stdio.h>

#include "core/base/json.h"
#include "web/inside.h"

enum { TABLES = 200, EXAMPLES = 6 };

static const struct catalog_schema *find(const struct web_page *p, str name)
{
    for (uint32_t i = 0; i < catalog_nschema(p->catalog); i++)
        if (str_eq_fold(str_of(catalog_schema_at(p->catalog, i)->name), name))
            return catalog_schema_at(p->catalog, i);
    return NULL;
}

static bool exists(const struct web_page *p, str name)
{
    return find(p, name) != NULL;
}

/* Of a DOI, what RFC 3986 does not allow written in percents. */
static const char *doi_url(struct web_page *p, const char *doi)
{
    struct bytes url;
    if (!web_has(doi))
        return NULL;
    bytes_init(&url, 1u << 16);
    bytes_add_literal(&url, "https://doi.org/");
    str rest = str_of(doi);
    do {
        bytes_add_url(&url, str_cut(&rest, '/'));
        if (rest.at)
            bytes_add_char(&url, '/');
    } while (rest.at);
    const char *text = arena_text(p->arena, bytes_str(&url));
    bytes_free(&url);
    return text;
}

void web_origin_facts(struct web_page *p, const struct catalog_schema *s)
{
    const struct catalog_origin *o = &s->origin;
    web_fact(p, "Licence", o->licence, o->licence_url);
    web_fact(p, "Cite", o->citation, NULL);
    web_fact(p, "Reference", o->bibcode, NULL);
    web_fact(p, "DOI", o->doi, doi_url(p, o->doi));
    web_fact(p, "More", o->reference_url, o->reference_url);
    web_fact(p, "Made by", o->creator, NULL);
    web_fact(p, "Published by", o->publisher, NULL);
    web_fact(p, "Contact", o->contact, NULL);
    web_fact(p, "Version", o->version, NULL);
    web_fact(p, "Released", o->release_date, NULL);
    web_fact(p, "Identifier", o->ivoid, NULL);
}

static void add_facts(struct web_page *p, const struct catalog_schema *s)
{
    const struct catalog_origin *o = &s->origin;
    web_text(p, "<p class=\"lead\" dir=\"auto\">", s->description, "</p>\n");
    bytes_add_literal(&p->b, "<dl>\n");
    web_fact(p, "What", o->what, NULL);
    web_fact(p, "Where", o->where, NULL);
    web_fact(p, "When", o->when, NULL);
    web_origin_facts(p, s);
    bytes_add_literal(&p->b, "</dl>\n<p><a href=\"");
    bytes_add_xml(&p->b, str_of(p->base));
    bytes_add_literal(&p->b, "/docs/experiment/");
    bytes_add_url(&p->b, str_of(s->name));
    bytes_add_literal(&p->b, "\">More about it</a></p>\n");
}

static void add_table_row(struct web_page *p, const struct catalog_table *t)
{
    bytes_add_literal(&p->b, "<tr><td>");
    web_table_link(p, t);
    web_add_down_badge(p, t);
    bytes_add_literal(&p->b, "</td><td class=\"n\">");
    if (t->row_estimate >= 0)
        web_count(&p->b, t->row_estimate);
    bytes_add_format(&p->b, "</td><td class=\"n\">%u</td><td dir=\"auto\">",
                     web_ncolumn(t));
    web_text(p, "<strong>", t->title, "</strong> ");
    if (web_has(t->description))
        web_clip(p, t->description, 240);
    if (t->lon_column >= 0)
        bytes_add_literal(&p->b, " <span class=\"badge\">positions</span>");
    bytes_add_literal(&p->b, "</td></tr>\n");
}

static void add_tables(struct web_page *p, const struct catalog_schema *s)
{
    uint32_t npage = (s->ntable + TABLES - 1) / TABLES, page = web_page_number(p, npage);
    bytes_add_format(&p->b, "<section id=\"tables\"><h2>%u %s</h2>\n", s->ntable,
                     s->ntable == 1 ? "table" : "tables");
    if (s->ntable == 0) {
        bytes_add_literal(&p->b, "<p>This schema has no tables yet: there is "
                                 "nothing to query in it.</p></section>\n");
        return;
    }
    bytes_add_literal(&p->b,
                      "<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
                      "aria-label=\"Tables\"><table><thead><tr><th>Table</th><th "
                      "class=\"n\">Rows</th><th class=\"n\">Columns</th><th>What a row is"
                      "</th></tr></thead>\n<tbody>");
    for (uint32_t i = (page - 1) * TABLES; i < s->ntable && i < page * TABLES; i++)
        add_table_row(p, &s->table[i]);
    bytes_add_literal(&p->b, "</tbody></table></div>\n");
    const char *path = arena_format(p->arena, "/schema/%s", s->name);
    web_pager(p, path ? path : "/", "", page, npage);
    bytes_add_literal(&p->b, "</section>\n");
}

static bool is_of_schema(const struct catalog_example *x, const struct catalog_schema *s)
{
    str prefix = str_of(s->name);
    for (uint32_t i = 0; i < x->ntable; i++) {
        str name = str_of(x->table[i]);
        if (str_starts_fold(name, prefix) && name.len > prefix.len &&
            name.at[prefix.len] == '.')
            return true;
    }
    return false;
}

static void add_examples(struct web_page *p, const struct catalog_schema *s)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < catalog_nexample(p->catalog) && n < EXAMPLES; i++) {
        const struct catalog_example *x = catalog_example_at(p->catalog, i);
        if (!is_of_schema(x, s))
            continue;
        if (n++ == 0)
            bytes_add_literal(&p->b, "<section id=\"examples\"><h2>Questions to start with"
                                     "</h2>\n");
        web_text(p, "<details><summary><bdi>", x->name, "</bdi></summary>\n");
        web_query(p, x->description, x->query);
        bytes_add_literal(&p->b, "</details>\n");
    }
    if (n)
        bytes_add_literal(&p->b, "</section>\n");
}

struct http_response *web_schema_page(void *web, struct http_request *request)
{
    struct err e = {0};
    struct web_page p;
    if (!web_page_open(&p, web, request, &e))
        return web_page_fail(&p, &e);
    str name = web_page_name(&p, 0, exists);
    const struct catalog_schema *s = find(&p, name);
    if (!s) {
        err_set(&e, ERR_NOT_FOUND,
                "there is no schema %.*s here; the front page lists them",
                (int)(name.len < 200 ? name.len : 200), name.at);
        return web_page_fail(&p, &e);
    }
    if (p.wants_json) {
        web_json_schema(&p, NULL, s);
        return web_page_reply(&p);
    }
    web_page_head(&p, web_schema_title(s));
    web_crumbs(&p, s, NULL);
    add_facts(&p, s);
    add_tables(&p, s);
    add_examples(&p, s);
    return web_page_reply(&p);
}
