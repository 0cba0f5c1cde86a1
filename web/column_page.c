/* column_page.c -- /table/SCHEMA.TABLE/COLUMN: one quantity. */
#include <math.h>
#include <stdio.h>

#include "core/base/column.h"
#include "web/inside.h"

static const struct catalog_column *find(const struct catalog_table *t, str name)
{
    for (uint32_t i = 0; t && i < t->ncolumn; i++)
        if (str_eq(str_of(t->column[i].meta.name), name) &&
            !(t->column[i].meta.flags & STORE_HIDDEN))
            return &t->column[i];
    for (uint32_t i = 0; t && i < t->ncolumn; i++)
        if (str_eq_fold(str_of(t->column[i].meta.name), name) &&
            !(t->column[i].meta.flags & STORE_HIDDEN))
            return &t->column[i];
    return NULL;
}

static bool exists(const struct web_page *p, str name)
{
    return find(catalog_find_full_name(p->catalog, p->request->captures[0].value), name) !=
           NULL;
}

static const struct catalog_column *
find_column(struct web_page *p, const struct catalog_table *t, struct err *e)
{
    str name = web_page_name(p, 1, exists);
    const struct catalog_column *c = find(t, name);
    if (c || !t)
        return c;
    const char *near = catalog_near_column(t, name);
    err_set(e, ERR_NOT_FOUND, "%s has no column %.*s%s%s%s", t->full_name,
            (int)(name.len < 200 ? name.len : 200), name.at, near ? "; did you mean " : "",
            near ? near : "", near ? "?" : "");
    return NULL;
}

static void add_unit(struct web_page *p, const struct store_column *c)
{
    if (web_has(c->unit))
        web_text(p, "<dt>Unit</dt><dd><code>", c->unit, "</code></dd>\n");
    else if (web_is_number(c))
        bytes_add_literal(&p->b, "<dt>Unit</dt><dd class=\"soft\">none: a pure number"
                                 "</dd>\n");
}

static void add_ucd(struct web_page *p, const struct store_column *c)
{
    if (!web_has(c->ucd))
        return;
    const char *words = web_ucd_words(p, c);
    bytes_add_literal(&p->b, "<dt>Measures (UCD)</dt><dd>");
    web_text(p, "", words, "<br/>");
    bytes_add_literal(&p->b, "<a href=\"");
    bytes_add_xml(&p->b, str_of(p->base));
    bytes_add_literal(&p->b, "/search?q=");
    bytes_add_url(&p->b, str_of(c->ucd));
    web_text(p, "\" title=\"columns that measure the same\"><code>", c->ucd,
             "</code></a></dd>\n");
}

static void add_type(struct web_page *p, const struct store_column *c)
{
    char scratch[COLUMN_ARRAYSIZE_BYTES];
    const char *arraysize = column_arraysize(c, scratch);
    bytes_add_literal(&p->b, "<dt>Kind</dt><dd>");
    web_type_words(&p->b, c);
    web_text(p, " <span class=\"soft\">(<code>", column_datatype(c), "");
    web_text(p, "[", arraysize, "]");
    bytes_add_literal(&p->b, "</code>");
    web_text(p, ", xtype <code>", c->xtype, "</code>");
    bytes_add_literal(&p->b, ")</span></dd>\n");
}

static void add_time(struct web_page *p, const struct store_column *c)
{
    if (c->timesys)
        web_fact(p, "Time scale", c->timesys->timescale, NULL);
    if (c->coosys)
        web_fact(p, "Coordinate system", c->coosys->system, NULL);
}

static void add_facts(struct web_page *p, const struct catalog_table *t,
                      const struct catalog_column *column)
{
    const struct store_column *c = &column->meta;
    bytes_add_literal(&p->b, "<dl class=\"facts\"><dt>Name in queries</dt><dd><code>");
    bytes_add_xml(&p->b, str_of(web_adql(column)));
    bytes_add_literal(&p->b, "</code> in ");
    web_table_link(p, t);
    web_add_badges(p, c);
    bytes_add_literal(&p->b, "</dd>\n");
    add_unit(p, c);
    add_ucd(p, c);
    add_type(p, c);
    web_fact(p, "Data model (utype)", c->utype, NULL);
    add_time(p, c);
    bytes_add_format(&p->b, "<dt>Empty values</dt><dd>%s</dd>\n",
                     c->flags & STORE_NULLABLE ? "may occur" : "none: every row has one");
    bytes_add_format(&p->b, "<dt>Searching by it</dt><dd>%s</dd>\n",
                     c->flags & STORE_NO_SEARCH ? "not possible: it can only be selected"
                     : c->flags & STORE_INDEXED ? "fast: it is indexed"
                     : c->flags & STORE_SORTED  ? "fast: the table is sorted by it"
                                                : "possible; the whole table is read");
    bytes_add_literal(&p->b, "</dl>\n");
}

static void add_queries(struct web_page *p, const struct catalog_table *t,
                        const struct catalog_column *c)
{
    const char *name = web_adql(c);
    bytes_add_literal(&p->b, "<section id=\"queries\"><h2>Questions to ask it</h2>\n");
    const char *query = NULL;
    if (web_is_number(&c->meta) && !(c->meta.flags & STORE_NO_SEARCH))
        query = arena_format(p->arena,
                             "SELECT COUNT(%s) AS n, MIN(%s) AS least, AVG(%s) AS mean, "
                             "MAX(%s) AS greatest\nFROM %s",
                             name, name, name, name, t->full_name);
    if (query)
        web_query(p, "How many values are there, and in which range?", query);
    query = arena_format(p->arena, "SELECT TOP 20 %s\nFROM %s\nWHERE %s IS NOT NULL", name,
                         t->full_name, name);
    if (query && !(c->meta.flags & STORE_NO_SEARCH))
        web_query(p, "What do values look like?", query);
    bytes_add_literal(&p->b, "</section>\n");
}

static void add_page(struct web_page *p, const struct catalog_table *t,
                     const struct catalog_column *c)
{
    const char *title = arena_format(p->arena, "%s \xC2\xB7 %s", c->meta.name,
                                     web_has(t->title) ? t->title : t->full_name);
    web_page_head(p, title ? title : c->meta.name);
    web_crumbs(p, web_schema_of(p->catalog, t), t);
    web_add_down(p, t);
    web_text(p, "<p class=\"lead\" dir=\"auto\">", c->meta.description, "</p>\n");
    add_facts(p, t, c);
    web_add_distribution(p, t, c);
    add_queries(p, t, c);
}

struct http_response *web_column_page(void *web, struct http_request *request)
{
    struct err e = {0};
    struct web_page p;
    const struct catalog_table *t = NULL;
    const struct catalog_column *c = NULL;
    if (web_page_open(&p, web, request, &e))
        t = web_find_table(&p, &e);
    if (t)
        c = find_column(&p, t, &e);
    if (!c)
        return web_page_fail(&p, &e);
    web_get_statistics(&p, t);
    if (p.wants_json)
        web_json_column(&p, NULL, t, c);
    else
        add_page(&p, t, c);
    return web_page_reply(&p);
}
