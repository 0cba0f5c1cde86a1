/* glance.c -- what the values of a table are like, for people: pictures, ranges, a few
 * rows. The pages are whole without it: what is not known yet is said. */
#include <math.h>
#include <stdio.h>

#include "core/base/clock.h"
#include "core/base/json.h"
#include "web/inside.h"
#include "web/svg.h"

static void drop(void *statistics)
{
    statistics_drop(statistics);
}

void web_get_statistics(struct web_page *p, const struct catalog_table *t)
{
    const struct statistics_table *s = statistics_get(p->web->statistics, t);
    p->statistics = NULL;
    p->statistics_problem = NULL;
    if (s && arena_defer(p->arena, drop, (void *)(uintptr_t)s) && !s->problem)
        p->statistics = s;
    else if (s && s->problem)
        p->statistics_problem = s->problem;
}

const struct statistics_column *web_column_statistics(const struct web_page *p,
                                                      const struct catalog_column *c)
{
    if (!p->statistics || c->index >= p->statistics->ncolumn)
        return NULL;
    return &p->statistics->column[c->index];
}

/* "2010-03-04" of a text that begins so and goes on with a time. */
static str without_time(const char *text)
{
    enum { DATE = 10 };
    str s = str_of(text);
    return s.len > DATE && s.at[DATE] == 'T' ? (str){s.at, DATE} : s;
}

/* Days in which only a modified Julian date of our time can lie. */
static bool is_mjd(const struct statistics_column *s, const struct store_column *c)
{
    const double FIRST = 15020, LAST = 88069; /* 1900 to 2100 */
    return web_has(c->ucd) && str_starts_fold(str_of(c->ucd), STR("time.")) &&
           str_eq(str_of(c->unit), STR("d")) && s->low > FIRST && s->high < LAST;
}

static void add_day(struct web_page *p, double mjd)
{
    enum { MJD_1970 = 40587 };
    char text[CLOCK_TEXT_BYTES];
    clock_print_us((int64_t)(floor(mjd) - MJD_1970) * 86400 * 1000000, text);
    bytes_add(&p->b, without_time(text));
}

static void add_end(struct web_page *p, const struct statistics_column *s, bool is_high,
                    bool is_short)
{
    const char *text = is_high ? s->high_text : s->low_text;
    double value = is_high ? s->high : s->low;
    if (text && (s->is_time || !isfinite(value)))
        bytes_add_xml(&p->b, is_short ? without_time(text) : str_of(text));
    else if (is_short)
        web_number(&p->b, value);
    else if (text)
        bytes_add_xml(&p->b, str_of(text));
}

void web_add_range(struct web_page *p, const struct statistics_column *s,
                   const struct store_column *c, bool is_short)
{
    if (!s->low_text || !s->high_text)
        return;
    add_end(p, s, false, is_short);
    if (strcmp(s->low_text, s->high_text) != 0) {
        bytes_add_literal(&p->b, " to ");
        add_end(p, s, true, is_short);
    }
    if (web_has(c->unit) && !s->is_time) {
        bytes_add_char(&p->b, ' ');
        web_clip(p, c->unit, 30);
    }
}

const char *web_bars_label(struct web_page *p, const struct catalog_column *c,
                           const struct statistics_column *s)
{
    uint32_t best = 0;
    for (uint32_t i = 1; i < s->nbin; i++)
        best = s->bin[i] > s->bin[best] ? i : best;
    double low = s->bin_low + best * s->bin_width, high = low + s->bin_width;
    const char *label = arena_format(
        p->arena,
        "Histogram of %.80s from %.60s to %.60s; most rows lie from %.4g to %.4g%s",
        c->meta.name, s->low_text ? s->low_text : "?", s->high_text ? s->high_text : "?",
        s->is_log ? pow(10, low) : low, s->is_log ? pow(10, high) : high,
        s->is_time ? " (MJD)" : "");
    return label ? label : "Histogram";
}

static void add_bars(struct web_page *p, const struct catalog_table *t, const char *title,
                     const struct catalog_column *c)
{
    enum { WIDTH = 320, HEIGHT = 120 };
    const struct statistics_column *s = c ? web_column_statistics(p, c) : NULL;
    if (!s || s->nbin == 0)
        return;
    bytes_add_format(&p->b, "<figure><figcaption><strong>%s</strong> ", title);
    web_column_link(p, t, c);
    bytes_add_literal(&p->b, "</figcaption>\n");
    svg_bars(&p->b, s->bin, s->nbin, WIDTH, HEIGHT, web_bars_label(p, c, s));
    bool has_days = is_mjd(s, &c->meta);
    bytes_add_literal(&p->b, "<p class=\"axis\"><span>");
    if (has_days)
        add_day(p, s->low);
    else
        add_end(p, s, false, true);
    bytes_add_literal(&p->b, "</span><span>");
    web_text(p, "", s->is_time || has_days ? NULL : c->meta.unit, "");
    bytes_add(&p->b, str_of(s->is_log ? ", logarithmic" : ""));
    bytes_add_literal(&p->b, "</span><span>");
    if (has_days)
        add_day(p, s->high);
    else
        add_end(p, s, true, true);
    bytes_add_literal(&p->b, "</span></p></figure>\n");
}

bool web_sky_levels(const struct catalog_table *t, const struct statistics_table *s,
                    uint8_t *level)
{
    if (s && s->density)
        return svg_sky_of_density(s->density, level);
    return web_has(t->coverage_moc) && svg_sky_of_moc(t->coverage_moc, level);
}

static void add_sky(struct web_page *p, const struct catalog_table *t)
{
    uint8_t level[SVG_SKY_CELLS];
    if (!web_sky_levels(t, p->statistics, level))
        return;
    double percent = svg_sky_fraction(level) * 100;
    const char *label =
        arena_format(p->arena, "Map of the sky: rows lie in %.2g percent of it", percent);
    bytes_add_literal(&p->b,
                      "<figure class=\"wide\"><figcaption><strong>On the sky</strong>"
                      " ");
    bytes_add_format(&p->b, percent < 1 ? "%.2g" : "%.0f", percent);
    bytes_add_literal(&p->b, " % of it</figcaption>\n");
    svg_sky(&p->b, level, false, label ? label : "Map of the sky");
    bytes_add_literal(&p->b,
                      "<p class=\"axis\"><span>180\xC2\xB0</span><span>right ascension "
                      "0\xC2\xB0; stronger: more rows</span><span>180\xC2\xB0</span></p>"
                      "</figure>\n");
}

/* Of the columns with one of these UCDs the one with the most values; of equals the first.
 */
static const struct catalog_column *fullest(const struct web_page *p,
                                            const struct catalog_table *t,
                                            const char *const *ucd, size_t n)
{
    const struct catalog_column *best = NULL;
    int64_t most = 0;
    for (size_t i = 0; i < n; i++) {
        const struct catalog_column *c = web_find_ucd(t, ucd[i], false);
        const struct statistics_column *s = c ? web_column_statistics(p, c) : NULL;
        bool is_scale = c && (web_is_number(&c->meta) || c->meta.type == STORE_TIME_US);
        if (is_scale && s && s->filled > most) {
            most = s->filled;
            best = c;
        }
    }
    return best;
}

static const struct catalog_column *energy_column(const struct web_page *p,
                                                  const struct catalog_table *t)
{
    static const char *const UCD[] = {"phys.energy", "em.energy", "em.wl", "em.freq"};
    return fullest(p, t, UCD, sizeof UCD / sizeof *UCD);
}

static const char *energy_title(const struct catalog_column *c)
{
    const char *ucd = c && c->meta.ucd ? c->meta.ucd : "";
    return str_starts_fold(str_of(ucd), STR("em.wl"))     ? "In wavelength"
           : str_starts_fold(str_of(ucd), STR("em.freq")) ? "In frequency"
                                                          : "In energy";
}

const struct catalog_column *web_time_column(const struct web_page *p,
                                             const struct catalog_table *t)
{
    static const char *const UCD[] = {"time.epoch", "time.start", "time.end"};
    return fullest(p, t, UCD, sizeof UCD / sizeof *UCD);
}

void web_add_newest(struct web_page *p, const struct catalog_table *t)
{
    const struct catalog_column *c = web_time_column(p, t);
    const struct statistics_column *s = c ? web_column_statistics(p, c) : NULL;
    if (!s || !s->high_text || p->statistics->sampled)
        return;
    bytes_add_literal(&p->b, "<dt>Newest row</dt><dd>");
    if (is_mjd(s, &c->meta)) {
        add_day(p, s->high);
    } else {
        web_text(p, "", s->high_text, "");
        web_text(p, " ", s->is_time ? NULL : c->meta.unit, "");
    }
    bytes_add_literal(&p->b, "</dd>\n");
}

static void add_made(struct web_page *p)
{
    char when[CLOCK_TEXT_BYTES];
    const struct statistics_table *s = p->statistics;
    clock_print_us(s->made_us / 60000000 * 60000000, when);
    bytes_add_literal(&p->b, "<p class=\"soft\">Computed from ");
    bytes_add(&p->b, str_of(s->sampled ? "the first " : "all "));
    web_count(&p->b, s->sampled ? s->sampled : s->nrow);
    bytes_add_literal(&p->b, " rows");
    bytes_add(&p->b, str_of(s->sampled ? " as a sample" : ""));
    bytes_add_format(&p->b, ", %.10s %.5s UTC.%s</p>\n", when, when + 11,
                     s->is_partial ? " Some of it took too long and is left out." : "");
}

void web_add_pending(struct web_page *p, const struct catalog_table *t)
{
    int64_t since_us;
    if (web_store_is_down(p, t, &since_us)) {
        bytes_add_literal(&p->b,
                          "<p class=\"soft\">Ranges, histograms and sample rows can be "
                          "computed when the store is back.</p>\n");
        return;
    }
    if (p->statistics_problem) {
        web_text(p,
                 "<p class=\"soft\" role=\"status\">Ranges and histograms cannot be "
                 "computed at the moment: ",
                 p->statistics_problem, "</p>\n");
        return;
    }
    bytes_add_literal(&p->b, "<p class=\"soft\" role=\"status\" data-pending=\"1\">Ranges, "
                             "histograms and sample rows are being computed from the data: "
                             "<a href=\"\">look again</a> in a moment.</p>\n");
}

void web_add_glance(struct web_page *p, const struct catalog_table *t)
{
    bytes_add_literal(&p->b, "<section id=\"glance\"><h2>At a glance</h2>\n");
    if (p->statistics) {
        bytes_add_literal(&p->b, "<div class=\"figures\">\n");
        add_sky(p, t);
        add_bars(p, t, "In time", web_time_column(p, t));
        const struct catalog_column *energy = energy_column(p, t);
        add_bars(p, t, energy_title(energy), energy);
        bytes_add_literal(&p->b, "</div>\n");
        add_made(p);
    } else {
        uint8_t level[SVG_SKY_CELLS];
        if (web_sky_levels(t, NULL, level)) {
            bytes_add_literal(&p->b, "<div class=\"figures\">\n");
            add_sky(p, t);
            bytes_add_literal(&p->b, "</div>\n");
        }
        web_add_pending(p, t);
    }
    bytes_add_literal(&p->b, "</section>\n");
}

static void add_sample_row(struct web_page *p, const struct catalog_table *t, uint32_t r)
{
    const struct statistics_table *s = p->statistics;
    bytes_add_literal(&p->b, "<tr>");
    for (uint32_t i = 0; i < t->ncolumn; i++) {
        const struct store_column *c = &t->column[i].meta;
        if (c->flags & STORE_HIDDEN || i >= WEB_SAMPLE_COLUMNS)
            continue;
        bytes_add(&p->b, str_of(web_is_number(c) ? "<td class=\"n\">" : "<td>"));
        if (s->sample[r * s->ncolumn + i])
            web_clip(p, s->sample[r * s->ncolumn + i], 60);
        bytes_add_literal(&p->b, "</td>");
    }
    bytes_add_literal(&p->b, "</tr>\n");
}

void web_add_sample(struct web_page *p, const struct catalog_table *t)
{
    const struct statistics_table *s = p->statistics;
    if (!s || s->nsample == 0)
        return;
    bytes_add_literal(&p->b,
                      "<section id=\"sample\"><h2>A few rows</h2>\n<div "
                      "class=\"scroll\" tabindex=\"0\" role=\"region\" "
                      "aria-label=\"A few rows\"><table class=\"sample\"><thead><tr>");
    for (uint32_t i = 0; i < t->ncolumn && i < WEB_SAMPLE_COLUMNS; i++) {
        if (t->column[i].meta.flags & STORE_HIDDEN)
            continue;
        bytes_add(&p->b, web_is_number(&t->column[i].meta)
                             ? STR("<th class=\"n\" scope=\"col\">")
                             : STR("<th scope=\"col\">"));
        web_column_link(p, t, &t->column[i]);
        web_text(p, "<br/><span class=\"soft\">", t->column[i].meta.unit, "</span>");
        bytes_add_literal(&p->b, "</th>");
    }
    bytes_add_literal(&p->b, "</tr></thead>\n<tbody>");
    for (uint32_t r = 0; r < s->nsample; r++)
        add_sample_row(p, t, r);
    bytes_add_literal(&p->b, "</tbody></table></div></section>\n");
}

/* In a list of columns: a small histogram with its range, or the frequent values. */
void web_add_values(struct web_page *p, const struct catalog_column *column)
{
    enum { WIDTH = 96, HEIGHT = 24, SHOWN = 3 };
    const struct statistics_column *s = web_column_statistics(p, column);
    if (!s)
        return;
    if (s->nbin)
        svg_bars(&p->b, s->bin, s->nbin, WIDTH, HEIGHT, web_bars_label(p, column, s));
    bytes_add_literal(&p->b, "<div class=\"range\">");
    if (s->low_text) {
        web_add_range(p, s, &column->meta, true);
    } else {
        for (uint32_t i = 0; i < s->nvalue && i < SHOWN; i++) {
            bytes_add(&p->b, str_of(i ? ", <q>" : "<q>"));
            web_clip(p, s->value[i].text ? s->value[i].text : "", 28);
            bytes_add_literal(&p->b, "</q>");
        }
        bytes_add(&p->b, str_of(s->nvalue > SHOWN ? ", \xE2\x80\xA6" : ""));
    }
    bytes_add_literal(&p->b, "</div>");
}
