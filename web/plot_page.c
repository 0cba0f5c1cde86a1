/* plot_page.c -- GET /plot: a table, its columns, a form, and the plot that it asks for.
 * Whole without scripts. */
#include <stdio.h>

#include "web/inside.h"
#include "web/plot_page.h"

enum { MOST_PARAMS = 24, MOST_OPTIONS = 2000 };

struct form {
    struct web_page *p;
    const struct catalog_table *table; /* NULL: none is chosen, or a query is plotted */
    struct http_param param[MOST_PARAMS];
    size_t nparam;
};

/* What the form and the links know of; `nlog` is of the drawing alone. */
static const char *const NAMES[] = {"table",     "query", "kind", "x",     "y",
                                    "bins",      "ybins", "xmin", "xmax",  "ymin",
                                    "ymax",      "xlog",  "ylog", "where", "weight",
                                    "aggregate", "order", "n",    "nlog"};

static str value_of(const struct form *f, const char *name)
{
    for (size_t i = 0; i < f->nparam; i++)
        if (str_eq_fold(f->param[i].name, str_of(name)))
            return f->param[i].value;
    return (str){"", 0};
}

static bool is(const struct form *f, const char *name, const char *value)
{
    return str_eq_fold(value_of(f, name), str_of(value));
}

static void set(struct form *f, const char *name, const char *value)
{
    if (f->nparam < MOST_PARAMS)
        f->param[f->nparam++] =
            (struct http_param){.name = str_of(name), .value = str_of(value)};
}

/* What was asked; a table without a column shows its energies, or its first number. */
static void read(struct form *f)
{
    struct web_page *p = f->p;
    for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++) {
        str value = web_param(p, NAMES[i]);
        if (value.len)
            f->param[f->nparam++] =
                (struct http_param){.name = str_of(NAMES[i]), .value = value};
    }
    str table = value_of(f, "table");
    f->table = table.len ? catalog_find_full_name(p->catalog, table) : NULL;
    if (!f->table || value_of(f, "x").len || is(f, "kind", "sky"))
        return;
    const struct catalog_column *c = web_find_ucd(f->table, "phys.energy", true);
    for (uint32_t i = 0; !c && i < f->table->ncolumn; i++)
        if (web_is_number(&f->table->column[i].meta) &&
            !(f->table->column[i].meta.flags & STORE_HIDDEN))
            c = &f->table->column[i];
    if (c)
        set(f, "x", web_adql(c));
}

static void add_tables(const struct form *f)
{
    struct web_page *p = f->p;
    uint32_t n = 0;
    bytes_add_literal(&p->b, "<label>Table <select name=\"table\" id=\"plot-table\">\n");
    if (!f->table)
        web_option(p, "", "choose a table", true);
    for (uint32_t i = 0; i < catalog_nschema(p->catalog); i++) {
        const struct catalog_schema *s = catalog_schema_at(p->catalog, i);
        web_text(p, "<optgroup label=\"", web_schema_title(s), "\">\n");
        for (uint32_t k = 0; k < s->ntable && n < MOST_OPTIONS; k++, n++)
            web_option(p, s->table[k].full_name, s->table[k].full_name,
                       f->table == &s->table[k]);
        bytes_add_literal(&p->b, "</optgroup>\n");
    }
    bytes_add_literal(&p->b, "</select></label>\n");
}

static void add_kinds(const struct form *f)
{
    bytes_add_literal(&f->p->b, "<label>Kind <select name=\"kind\" id=\"plot-kind\">\n");
    for (int i = 0; i < PLOT_NKIND; i++)
        web_option(f->p, PLOT_KIND[i].word, PLOT_KIND[i].text,
                   is(f, "kind", PLOT_KIND[i].word));
    bytes_add_literal(&f->p->b, "</select></label>\n");
}

/* A field that proposes columns and takes any expression. */
static void add_expression(const struct form *f, const char *label, const char *name)
{
    struct web_page *p = f->p;
    bytes_add_format(&p->b,
                     "<label>%s <input name=\"%s\" id=\"plot-%s\" list=\"plot-columns\" "
                     "autocomplete=\"off\" spellcheck=\"false\" value=\"",
                     label, name, name);
    bytes_add_xml(&p->b, value_of(f, name));
    bytes_add_literal(&p->b, "\"/></label>\n");
}

static void add_text(const struct form *f, const char *label, const char *name,
                     const char *more)
{
    bytes_add_format(&f->p->b, "<label>%s <input name=\"%s\" id=\"plot-%s\" %s value=\"",
                     label, name, name, more);
    bytes_add_xml(&f->p->b, value_of(f, name));
    bytes_add_literal(&f->p->b, "\"/></label>\n");
}

static void add_check(const struct form *f, const char *label, const char *name)
{
    bytes_add_format(&f->p->b,
                     "<label class=\"check\"><input type=\"checkbox\" name=\"%s\" "
                     "id=\"plot-%s\" value=\"1\"%s/> %s</label>\n",
                     name, name, value_of(f, name).len ? " checked=\"checked\"" : "",
                     label);
}

static void add_columns(const struct form *f)
{
    struct web_page *p = f->p;
    bytes_add_literal(&p->b, "<datalist id=\"plot-columns\">\n");
    for (uint32_t i = 0; f->table && i < f->table->ncolumn; i++) {
        const struct catalog_column *c = &f->table->column[i];
        if (c->meta.flags & STORE_HIDDEN)
            continue;
        web_text(p, "<option value=\"", web_adql(c), "\">");
        web_clip(p, c->meta.description, 60);
        bytes_add_literal(&p->b, "</option>\n");
    }
    bytes_add_literal(&p->b, "</datalist>\n");
}

static void add_more(const struct form *f)
{
    bytes_add_literal(&f->p->b, "<details class=\"all\"><summary>Ranges, bins, "
                                "weights</summary><div class=\"plot-form\">\n");
    add_text(f, "x from", "xmin", "inputmode=\"decimal\"");
    add_text(f, "x to", "xmax", "inputmode=\"decimal\"");
    add_text(f, "y from", "ymin", "inputmode=\"decimal\"");
    add_text(f, "y to", "ymax", "inputmode=\"decimal\"");
    add_text(f, "Bins of x", "bins", "inputmode=\"numeric\"");
    add_text(f, "Bins of y", "ybins", "inputmode=\"numeric\"");
    bytes_add_literal(&f->p->b, "<label>In each bin <select name=\"aggregate\">\n");
    static const char *const WORDS[] = {"count the rows", "sum of the weight",
                                        "mean of the weight", "least weight",
                                        "greatest weight"};
    for (int i = 0; i < PLOT_NAGGREGATE; i++)
        web_option(f->p, i ? PLOT_AGGREGATE[i].word : "", WORDS[i],
                   i && is(f, "aggregate", PLOT_AGGREGATE[i].word));
    bytes_add_literal(&f->p->b, "</select></label>\n");
    add_expression(f, "Weight", "weight");
    bytes_add_literal(&f->p->b, "</div></details>\n");
}

static void add_form(const struct form *f)
{
    struct web_page *p = f->p;
    bytes_add_literal(&p->b, "<form class=\"plot-form\" method=\"get\" action=\"");
    bytes_add_xml(&p->b, str_of(p->base));
    bytes_add_literal(&p->b, "/plot\" id=\"plot-form\">\n");
    if (value_of(f, "query").len) {
        bytes_add_literal(&p->b, "<label class=\"all\">Query <textarea name=\"query\" "
                                 "spellcheck=\"false\">");
        bytes_add_xml(&p->b, value_of(f, "query"));
        bytes_add_literal(&p->b, "</textarea></label>\n");
    } else {
        add_tables(f);
    }
    add_kinds(f);
    add_expression(f, "x: column or expression", "x");
    add_expression(f, "y", "y");
    add_text(f, "Only rows where (ADQL)", "where",
             "spellcheck=\"false\" placeholder=\"ze &lt; 18\" autocomplete=\"off\"");
    add_check(f, "x logarithmic", "xlog");
    add_check(f, "y logarithmic", "ylog");
    add_check(f, "counts logarithmic", "nlog");
    add_more(f);
    add_columns(f);
    bytes_add_literal(&p->b, "<p><button>Plot</button></p></form>\n");
}

/* What the axes are, in the words of the columns' descriptions. */
static void add_meaning(const struct form *f)
{
    static const char *const AXIS[] = {"x", "y"};
    struct web_page *p = f->p;
    bool is_first = true;
    for (int i = 0; f->table && i < 2; i++) {
        str name = value_of(f, AXIS[i]);
        const struct catalog_column *c = NULL;
        for (uint32_t k = 0; name.len && !c && k < f->table->ncolumn; k++)
            if (!(f->table->column[k].meta.flags & STORE_HIDDEN) &&
                str_eq_fold(name, str_of(web_adql(&f->table->column[k]))))
                c = &f->table->column[k];
        if (!c || !web_has(c->meta.description))
            continue;
        bytes_add(&p->b,
                  is_first ? STR("<dl class=\"facts\" id=\"plot-meaning\">") : STR(""));
        is_first = false;
        bytes_add_format(&p->b, "<dt>%s</dt><dd dir=\"auto\">", AXIS[i]);
        web_column_link(p, f->table, c);
        bytes_add_literal(&p->b, ": ");
        web_clip(p, c->meta.description, 240);
        web_text(p, " <span class=\"soft\">[", c->meta.unit, "]</span>");
        bytes_add_literal(&p->b, "</dd>");
    }
    bytes_add(&p->b, is_first ? STR("") : STR("</dl>\n"));
}

static const char *title_of(const struct form *f)
{
    int kind = 0;
    for (int i = 0; i < PLOT_NKIND; i++)
        kind = is(f, "kind", PLOT_KIND[i].word) ? i : kind;
    str x = value_of(f, "x"), y = value_of(f, "y");
    const char *title =
        arena_format(f->p->arena, "%s: %.*s%s%.*s%s%s", PLOT_KIND[kind].text, STR_FMT(x),
                     y.len ? " and " : "", STR_FMT(y), f->table ? " of " : "",
                     f->table ? f->table->full_name : "");
    return title ? title : PLOT_KIND[kind].text;
}

struct http_response *web_plot_page(void *context, struct http_request *request)
{
    static const char *const SCRIPT[] = {"plot-page.js", NULL};
    struct web_page p;
    struct err e = {0};
    if (!web_page_open(&p, context, request, &e))
        return web_page_fail(&p, &e);
    struct form f = {.p = &p};
    p.wants_json = false;
    p.head.here = "/plot";
    p.head.script = SCRIPT;
    p.head.style = web_plot_style(&p);
    read(&f);
    if (is(&f, "kind", "sky"))
        p.head.allow |= PAGE_SKY;
    web_page_head(&p, "Plot");
    if (f.nparam == 0)
        bytes_add_literal(&p.b, "<p class=\"lead\">Choose a table: the node counts all of "
                                "its rows and draws them.</p>\n");
    add_form(&f);
    if (!is(&f, "kind", "sky"))
        add_meaning(&f);
    if (value_of(&f, "table").len || value_of(&f, "query").len)
        web_figure(&p, &(struct web_figure){.param = f.param,
                                            .nparam = f.nparam,
                                            .title = title_of(&f),
                                            .is_log = value_of(&f, "nlog").len > 0});
    if (f.table) {
        bytes_add_literal(&p.b, "<p>The table: ");
        web_table_link(&p, f.table);
        bytes_add_literal(&p.b, "</p>\n");
    }
    return web_page_reply(&p);
}
