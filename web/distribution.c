/* distribution.c -- the values of one column: how many are empty, in which range, how they
 * are distributed; as HTML and as JSON. */
#include <math.h>
#include <stdio.h>

#include "core/base/clock.h"
#include "core/base/json.h"
#include "web/inside.h"
#include "web/svg.h"

static int64_t rows_looked_at(const struct statistics_table *t)
{
    return t->sampled ? t->sampled : t->nrow;
}

static void add_filled(struct web_page *p, const struct statistics_column *s)
{
    int64_t n = rows_looked_at(p->statistics);
    if (s->filled < 0 || n <= 0)
        return;
    bytes_add_literal(&p->b, "<dt>Rows with a value</dt><dd>");
    web_count(&p->b, s->filled);
    bytes_add_literal(&p->b, " of ");
    web_count(&p->b, n);
    if (s->filled < n)
        bytes_add_format(&p->b, " <span class=\"soft\">(%.3g %% are empty)</span>",
                         100.0 * (double)(n - s->filled) / (double)n);
    bytes_add_literal(&p->b, "</dd>\n");
}

static void add_large_bars(struct web_page *p, const struct catalog_column *c,
                           const struct statistics_column *s)
{
    enum { WIDTH = 640, HEIGHT = 180 };
    int64_t most = 0;
    for (uint32_t i = 0; i < s->nbin; i++)
        most = s->bin[i] > most ? s->bin[i] : most;
    bytes_add_literal(&p->b, "<figure class=\"large\">\n<p class=\"axis\"><span>");
    web_count(&p->b, most);
    bytes_add_literal(&p->b, " rows in the fullest bin</span></p>");
    svg_bars(&p->b, s->bin, s->nbin, WIDTH, HEIGHT, web_bars_label(p, c, s));
    bytes_add_literal(&p->b, "<p class=\"axis\"><span>");
    bytes_add_xml(&p->b, str_of(s->low_text));
    bytes_add_literal(&p->b, "</span><span>");
    web_text(p, "", s->is_time ? NULL : c->meta.unit, "");
    bytes_add(&p->b, str_of(s->is_log ? " (logarithmic axis)" : ""));
    bytes_add_literal(&p->b, "</span><span>");
    bytes_add_xml(&p->b, str_of(s->high_text));
    bytes_add_literal(&p->b, "</span></p></figure>\n");
}

static void add_plot_link(struct web_page *p, const struct catalog_table *t,
                          const struct catalog_column *c)
{
    bytes_add_literal(&p->b, "<p><a class=\"do\" href=\"");
    bytes_add_xml(&p->b, str_of(p->base));
    bytes_add_literal(&p->b, "/plot?kind=histogram&amp;table=");
    bytes_add_url(&p->b, str_of(t->full_name));
    bytes_add_literal(&p->b, "&amp;x=");
    bytes_add_url(&p->b, str_of(web_adql(c)));
    bytes_add_literal(&p->b, "\">Plot it in detail</a></p>\n");
}

static void add_frequent(struct web_page *p, const struct statistics_column *s)
{
    int64_t n = rows_looked_at(p->statistics);
    bool is_counted = s->nvalue > 0 && s->value[0].n > 0;
    bytes_add_literal(&p->b, "<table class=\"values\"><thead><tr><th scope=\"col\">");
    bytes_add(&p->b, str_of(!is_counted         ? "Examples"
                            : s->values_are_all ? "All values"
                                                : "Most frequent values"));
    bytes_add_literal(&p->b, "</th>");
    bytes_add(&p->b, str_of(is_counted ? "<th class=\"n\" scope=\"col\">Rows</th><th "
                                         "class=\"n\" scope=\"col\">Part</th>"
                                       : ""));
    bytes_add_literal(&p->b, "</tr></thead><tbody>\n");
    for (uint32_t i = 0; i < s->nvalue; i++) {
        bytes_add_literal(&p->b, "<tr><td><bdi>");
        bytes_add_xml(&p->b, str_of(s->value[i].text));
        bytes_add_literal(&p->b, "</bdi></td>");
        if (is_counted) {
            bytes_add_literal(&p->b, "<td class=\"n\">");
            web_count(&p->b, s->value[i].n);
            bytes_add_format(&p->b, "</td><td class=\"n\">%.3g %%</td>",
                             n > 0 ? 100.0 * (double)s->value[i].n / (double)n : 0);
        }
        bytes_add_literal(&p->b, "</tr>\n");
    }
    bytes_add_literal(&p->b, "</tbody></table>\n");
}

void web_add_distribution(struct web_page *p, const struct catalog_table *t,
                          const struct catalog_column *c)
{
    const struct statistics_column *s = web_column_statistics(p, c);
    bytes_add_literal(&p->b, "<section id=\"values\"><h2>Its values</h2>\n");
    if (!s) {
        web_add_pending(p, t);
        bytes_add_literal(&p->b, "</section>\n");
        return;
    }
    bytes_add_literal(&p->b, "<dl class=\"facts\">");
    if (s->low_text) {
        bytes_add_literal(&p->b, "<dt>Range</dt><dd>");
        web_add_range(p, s, &c->meta, false);
        bytes_add_literal(&p->b, "</dd>\n");
    }
    add_filled(p, s);
    if (p->statistics->sampled) {
        bytes_add_literal(&p->b, "<dt>Sample</dt><dd>only the first ");
        web_count(&p->b, p->statistics->sampled);
        bytes_add_literal(&p->b, " rows were looked at</dd>\n");
    }
    bytes_add_literal(&p->b, "</dl>\n");
    if (s->nbin && s->low_text && s->high_text)
        add_large_bars(p, c, s);
    if (s->nbin)
        add_plot_link(p, t, c);
    if (s->nvalue)
        add_frequent(p, s);
    bytes_add_literal(&p->b, "</section>\n");
}

/* ---- JSON ---- */

static void add_json_bins(struct bytes *b, const struct statistics_column *s)
{
    json_open(b, "histogram", '{');
    json_text(b, "axis", s->is_log ? "log10" : s->is_time ? "mjd" : "linear");
    json_double(b, "low", s->bin_low);
    json_double(b, "width", s->bin_width);
    json_open(b, "counts", '[');
    for (uint32_t i = 0; i < s->nbin; i++)
        json_int(b, NULL, s->bin[i]);
    json_close(b, ']');
    json_close(b, '}');
}

void web_json_statistics(struct web_page *p, const struct catalog_column *c)
{
    struct bytes *b = &p->b;
    const struct statistics_column *s = web_column_statistics(p, c);
    if (!s)
        return;
    json_open(b, "statistics", '{');
    json_count(b, "filled", s->filled);
    json_double(b, "low", s->low);
    json_double(b, "high", s->high);
    json_text(b, "low_text", s->low_text);
    json_text(b, "high_text", s->high_text);
    if (s->nbin)
        add_json_bins(b, s);
    if (s->nvalue)
        json_open(b, "values", '[');
    for (uint32_t i = 0; i < s->nvalue; i++) {
        json_open(b, NULL, '{');
        json_text(b, "value", s->value[i].text);
        if (s->value[i].n > 0)
            json_int(b, "rows", s->value[i].n);
        json_close(b, '}');
    }
    if (s->nvalue)
        json_close(b, ']');
    json_bool(b, "values_are_all", s->values_are_all);
    json_close(b, '}');
}

static void add_json_moc(struct bytes *b, const struct statistics_table *s)
{
    struct bytes moc;
    if (!s->density)
        return;
    bytes_init(&moc, 1u << 20);
    svg_moc_of_density(&moc, s->density);
    json_str(b, "coverage_moc", bytes_str(&moc));
    bytes_free(&moc);
}

void web_json_table_statistics(struct web_page *p)
{
    struct bytes *b = &p->b;
    const struct statistics_table *s = p->statistics;
    char when[CLOCK_TEXT_BYTES];
    json_open(b, "statistics", '{');
    json_text(b, "state", s ? "ready" : p->statistics_problem ? "failed" : "pending");
    json_text(b, "problem", p->statistics_problem);
    if (s) {
        clock_print_utc(s->made_us, when);
        json_text(b, "made", when);
        json_count(b, "rows", s->nrow);
        json_bool(b, "is_sample", s->sampled > 0);
        json_bool(b, "is_partial", s->is_partial);
        if (s->sampled)
            json_int(b, "sampled_rows", s->sampled);
        json_text(b, "density_order_5", s->density);
        add_json_moc(b, s);
    }
    json_close(b, '}');
}
