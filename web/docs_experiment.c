/* docs_experiment.c -- /docs/experiment/SCHEMA: an experiment's page to read from top to
 * bottom, out of its description: what, where, when, tables and columns in words, how to
 * cite, what to beware of. */
#include "web/docs.h"
#include "web/inside.h"

enum { COLUMNS = 800, TABLES = 60 }; /* of which the page tells, all together */

static const struct catalog_schema *find_schema(const struct web_page *p, str name)
{
    for (uint32_t i = 0; i < catalog_nschema(p->catalog); i++)
        if (str_eq_fold(str_of(catalog_schema_at(p->catalog, i)->name), name))
            return catalog_schema_at(p->catalog, i);
    return NULL;
}

static void add_section(struct web_page *p, const char *id, const char *title,
                        const char *text)
{
    if (!web_has(text))
        return;
    bytes_add_format(&p->b, "<section><h2 id=\"%s\">%s</h2>\n", id, title);
    web_text(p, "<p dir=\"auto\">", text, "</p></section>\n");
}

/* "energy: decimal number, in GeV (unit). What it is. Its kind: ..." */
static void add_column(struct web_page *p, const struct catalog_table *t,
                       const struct catalog_column *c)
{
    const char *kind = web_ucd_words(p, &c->meta);
    bytes_add_literal(&p->b, "<dt>");
    web_column_link(p, t, c);
    bytes_add_literal(&p->b, "</dt><dd>");
    web_text(p, "<bdi>", c->meta.description, "</bdi> ");
    bytes_add_literal(&p->b, "<span class=\"soft\">A ");
    web_type_words(&p->b, &c->meta);
    web_text(p, " in <bdi>", c->meta.unit, "</bdi>");
    if (c->meta.flags & STORE_INDEXED)
        bytes_add_literal(&p->b, "; quick to search by");
    web_text(p, ". Kind: ", kind, ".");
    bytes_add_literal(&p->b, "</span></dd>\n");
}

/* Not more than *left of them. */
static void add_columns(struct web_page *p, const struct catalog_table *t, uint32_t *left)
{
    uint32_t n = 0, all = web_ncolumn(t);
    bytes_add_literal(&p->b, "<dl>\n");
    for (uint32_t i = 0; i < t->ncolumn && n < *left; i++)
        if (!(t->column[i].meta.flags & STORE_HIDDEN)) {
            add_column(p, t, &t->column[i]);
            n++;
        }
    bytes_add_literal(&p->b, "</dl>\n");
    *left -= n;
    if (all > n) {
        bytes_add_format(&p->b, "<p>%u more columns: see ", all - n);
        web_table_link(p, t);
        bytes_add_literal(&p->b, ".</p>\n");
    }
}

static void add_table(struct web_page *p, const struct catalog_table *t, uint32_t *left)
{
    bytes_add_literal(&p->b, "<h3 id=\"table-");
    bytes_add_url(&p->b, str_of(t->name));
    bytes_add_literal(&p->b, "\">");
    web_table_link(p, t);
    web_text(p, " <bdi>", t->title, "</bdi>");
    bytes_add_literal(&p->b, "</h3>\n");
    web_text(p, "<p dir=\"auto\">", t->description, "</p>\n");
    if (t->row_estimate >= 0) {
        bytes_add_literal(&p->b, "<p class=\"soft\">");
        web_count(&p->b, t->row_estimate);
        bytes_add_format(&p->b, " rows, %u columns</p>\n", web_ncolumn(t));
    }
    add_columns(p, t, left);
}

static void add_tables(struct web_page *p, const struct catalog_schema *s)
{
    if (s->ntable == 0) {
        bytes_add_literal(&p->b, "<p>It has no tables here yet.</p>\n");
        return;
    }
    bytes_add_literal(&p->b, "<section><h2 id=\"tables\">Tables and columns</h2>\n");
    uint32_t left = COLUMNS;
    for (uint32_t i = 0; i < s->ntable && i < TABLES; i++)
        add_table(p, &s->table[i], &left);
    if (s->ntable > TABLES) {
        bytes_add_format(&p->b, "<p>%u more tables: see ", s->ntable - TABLES);
        web_schema_link(p, s);
        bytes_add_literal(&p->b, ".</p>\n");
    }
    bytes_add_literal(&p->b, "</section>\n");
}

static bool asks(const struct catalog_example *x, const struct catalog_schema *s)
{
    str prefix = str_of(s->name);
    for (uint32_t i = 0; i < x->ntable; i++)
        if (str_starts_fold(str_of(x->table[i]), prefix) && x->table[i][prefix.len] == '.')
            return true;
    return false;
}

static void add_questions(struct web_page *p, const struct catalog_schema *s)
{
    bool has_title = false;
    for (uint32_t i = 0; i < catalog_nexample(p->catalog); i++) {
        const struct catalog_example *x = catalog_example_at(p->catalog, i);
        if (!asks(x, s))
            continue;
        if (!has_title)
            bytes_add_literal(&p->b, "<section><h2 id=\"questions\">Questions to start "
                                     "with</h2>\n");
        has_title = true;
        web_text(p, "<h3 dir=\"auto\">", x->name, "</h3>\n");
        web_text(p, "<p dir=\"auto\">", x->description, "</p>\n");
        web_text(p, "<pre tabindex=\"0\"><code>", x->query, "</code></pre>\n<p>");
        docs_run_link(p, x->query);
        bytes_add_literal(&p->b, "</p>\n");
    }
    if (has_title)
        bytes_add_literal(&p->b, "</section>\n");
}

static void add_citation(struct web_page *p, const struct catalog_schema *s)
{
    bytes_add_literal(&p->b, "<section><h2 id=\"cite\">How to cite, and whom to ask</h2>\n"
                             "<dl>\n");
    web_origin_facts(p, s);
    bytes_add_literal(&p->b, "</dl></section>\n");
}

struct http_response *docs_experiment_page(void *context, struct http_request *request)
{
    struct err e = {0};
    struct web_page p;
    if (!web_page_open(&p, context, request, &e))
        return web_page_fail(&p, &e);
    p.wants_json = false;
    str name = request->captures[0].value;
    const struct catalog_schema *s = find_schema(&p, name);
    if (!s) {
        err_set(&e, ERR_NOT_FOUND, "there is no schema %.*s here; /docs lists them",
                (int)(name.len < 200 ? name.len : 200), name.at);
        return web_page_fail(&p, &e);
    }
    docs_begin(&p, web_schema_title(s));
    web_text(&p, "<p class=\"lead\" dir=\"auto\">", s->description, "</p>\n");
    bytes_add_literal(&p.b, "<p>The data themselves: ");
    web_schema_link(&p, s);
    bytes_add_literal(&p.b, "</p>\n");
    add_section(&p, "what", "What it is", s->origin.what);
    add_section(&p, "where", "Where", s->origin.where);
    add_section(&p, "when", "When", s->origin.when);
    add_section(&p, "caveats", "What to beware of", s->origin.caveats);
    add_citation(&p, s);
    add_questions(&p, s);
    add_tables(&p, s);
    return web_page_reply(&p);
}
