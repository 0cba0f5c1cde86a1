/* plot_figure.c -- a plot within a page: the drawing, what it counts, the ADQL that made
 * it. Scripts (assets/plot-page.js) find it by data-plot and do the rest. */
#include <stdio.h>

#include "web/inside.h"
#include "web/plot_page.h"

const char *web_plot_style(struct web_page *p)
{
    return arena_format(p->arena, "%s%s", WEB_STYLE, PLOT_STYLE);
}

void web_option(struct web_page *p, const char *value, const char *text, bool is_chosen)
{
    bytes_add_literal(&p->b, "<option value=\"");
    bytes_add_xml(&p->b, str_of(value));
    bytes_add(&p->b, is_chosen ? STR("\" selected>") : STR("\">"));
    bytes_add_xml(&p->b, str_of(text));
    bytes_add_literal(&p->b, "</option>\n");
}

void web_plot_params(struct bytes *b, const struct http_param *param, size_t nparam)
{
    bool is_first = true;
    for (size_t i = 0; i < nparam; i++) {
        if (param[i].value.len == 0)
            continue;
        bytes_add(b, is_first ? STR("") : STR("&"));
        is_first = false;
        bytes_add_url(b, param[i].name);
        bytes_add_char(b, '=');
        bytes_add_url(b, param[i].value);
    }
}

static void add_address(struct web_page *p, const char *path,
                        const struct http_param *param, size_t nparam)
{
    struct bytes b;
    bytes_init(&b, 1u << 20);
    web_plot_params(&b, param, nparam);
    bytes_add_xml(&p->b, str_of(p->base));
    bytes_add(&p->b, str_of(path));
    bytes_add_char(&p->b, '?');
    bytes_add_xml(&p->b, bytes_str(&b));
    bytes_free(&b);
}

/* What the strongest colour of cells means; the page's script says the same. */
static void add_fullest(struct web_page *p, const struct plot_data *d)
{
    bool is_cells =
        d->kind == PLOT_histogram2d || d->kind == PLOT_scatter || d->kind == PLOT_sky;
    int64_t most = 0;
    if (!is_cells || d->weight || d->npoint || d->ncell == 0)
        return;
    for (uint32_t i = 0; i < d->ncell; i++)
        most = d->cell[i].n > most ? d->cell[i].n : most;
    bytes_add_literal(&p->b, "; ");
    web_count(&p->b, most);
    bytes_add(&p->b, most == 1 ? STR(" row") : STR(" rows"));
    bytes_add_literal(&p->b, " in the fullest cell, colour by the logarithm");
}

static void add_counts(struct web_page *p, const struct plot_data *d)
{
    int64_t outside = d->nrow - d->nnull - d->nin;
    web_count(&p->b, d->nrow);
    bytes_add(&p->b, d->nrow == 1 ? STR(" row") : STR(" rows"));
    if (d->condition)
        web_text(p, " where <code>", d->condition, "</code>");
    if (d->kind == PLOT_facets)
        outside = d->nrow - d->nin;
    else if (d->nnull > 0) {
        bytes_add_literal(&p->b, "; ");
        web_count(&p->b, d->nnull);
        bytes_add_literal(&p->b, " without a value");
    }
    if (outside > 0) {
        bytes_add_literal(&p->b, "; ");
        web_count(&p->b, outside);
        bytes_add(&p->b, d->kind == PLOT_facets ? STR(" with other values")
                                                : STR(" outside of the axes"));
    }
    if (d->nrow == 0)
        bytes_add_literal(&p->b, ": nothing to plot");
    add_fullest(p, d);
}

static void add_numbers(struct web_page *p, const struct plot_data *d)
{
    enum { MOST = 120 };
    if ((d->kind != PLOT_histogram && d->kind != PLOT_facets) || d->ncell == 0)
        return;
    bytes_add_literal(&p->b, "<details><summary>Numbers</summary><div class=\"scroll\" "
                             "tabindex=\"0\"><table><tr><th scope=\"col\">");
    bytes_add_xml(&p->b, str_of(d->axis[0].expression));
    bytes_add_literal(&p->b, "</th><th scope=\"col\" class=\"n\">rows</th></tr>\n");
    for (uint32_t i = 0; i < d->ncell && i < MOST; i++) {
        const struct plot_cell *c = &d->cell[i];
        bytes_add_literal(&p->b, "<tr><td>");
        if (d->kind == PLOT_facets) {
            const char *label = d->label[c->x];
            bytes_add_xml(&p->b, str_of(label ? label : "NULL"));
        } else {
            web_number(&p->b, plot_edge(&d->axis[0], c->x));
            bytes_add_literal(&p->b, " to ");
            web_number(&p->b, plot_edge(&d->axis[0], c->x + 1));
        }
        bytes_add_literal(&p->b, "</td><td class=\"n\">");
        web_count(&p->b, c->n);
        bytes_add_literal(&p->b, "</td></tr>\n");
    }
    bytes_add_literal(&p->b, "</table></div></details>\n");
}

static void add_figure(struct web_page *p, const struct web_figure *f,
                       const struct plot_data *d)
{
    if (f->is_pie)
        plot_write_pie(&p->b, d, f->title);
    else
        plot_write_svg(&p->b, d, f->is_log, f->title);
    bytes_add_literal(&p->b, "<figcaption>");
    add_counts(p, d);
    bytes_add_literal(&p->b, ". <a href=\"");
    add_address(p, "/plot/data", f->param, f->nparam);
    bytes_add_literal(&p->b, "\">JSON</a>");
    if (f->links) {
        bytes_add_literal(&p->b, " <a href=\"");
        add_address(p, "/plot", f->param, f->nparam);
        bytes_add_literal(&p->b, "\">Plot page</a>");
    }
    bytes_add_literal(&p->b, "</figcaption>\n");
}

bool web_figure(struct web_page *p, const struct web_figure *f)
{
    struct err e = {0};
    struct plot_ask ask;
    bool was_kept;
    struct bytes b;
    const struct plot_data *d =
        plot_read_params(f->param, f->nparam, p->catalog, p->arena, &ask, &e)
            ? plot_get(p->web->plots, p->dali, p->request, p->catalog, &ask, &was_kept, &e)
            : NULL;
    bytes_init(&b, 1u << 20);
    web_plot_params(&b, f->param, f->nparam);
    bytes_add_literal(&p->b, "<figure class=\"plotted\" data-plot=\"");
    bytes_add_xml(&p->b, bytes_str(&b));
    bytes_free(&b);
    web_text(p, "\" data-title=\"", f->title, "");
    bytes_add(&p->b, f->is_pie ? STR("\" data-shape=\"pie") : STR(""));
    bytes_add(&p->b, f->is_log ? STR("\" data-log=\"1\">\n") : STR("\">\n"));
    if (d) {
        add_figure(p, f, d);
        add_numbers(p, d);
        bytes_add_literal(&p->b, "<details class=\"adql\"><summary>The ADQL that made "
                                 "it</summary>\n");
        web_query(p, NULL, d->adql);
        bytes_add_literal(&p->b, "</details>\n");
    } else {
        web_text(p, "<p class=\"warning\" role=\"alert\">", e.message, "</p>\n");
    }
    bytes_add_literal(&p->b, "</figure>\n");
    plot_drop(d);
    return d != NULL;
}
