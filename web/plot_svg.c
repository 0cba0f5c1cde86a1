/* plot_svg.c -- a plot as a drawing: complete without scripts, in print, in the dark (its
 * colours are those of the page). */
#include <math.h>

#include "web/plot_draw.h"
#include "web/svg.h"

enum { WIDTH = 720, HEIGHT = 430, LEFT = 74, RIGHT = 16, TOP = 14, BOTTOM = 56 };
enum { LEVELS = 12 };

struct drawing {
    struct bytes *b;
    const struct plot_data *d;
    struct plot_scaling x, y;
};

static void add_words(struct bytes *b, const struct plot_axis *axis)
{
    bytes_add_xml(b, str_of(axis->expression));
    if (axis->unit) {
        bytes_add_literal(b, " [");
        bytes_add_xml(b, str_of(axis->unit));
        bytes_add_char(b, ']');
    }
    if (axis->scale == PLOT_TIME)
        bytes_add_literal(b, " (UTC)");
}

static void add_x_axis(const struct drawing *g)
{
    struct plot_marks m;
    plot_find_marks(&g->x, 7, &m);
    for (int i = 0; i < m.n; i++) {
        double x = plot_place(&g->x, m.at[i]);
        bytes_add_format(g->b,
                         "<path class=\"grid\" d=\"M%.1f %dV%d\"/><text class=\"mark\" "
                         "x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">",
                         x, TOP, HEIGHT - BOTTOM, x, HEIGHT - BOTTOM + 18);
        bytes_add_xml(g->b, str_of(m.text[i]));
        bytes_add_literal(g->b, "</text>");
    }
    bytes_add_format(g->b, "<text class=\"name\" x=\"%d\" y=\"%d\" text-anchor=\"middle\">",
                     (LEFT + WIDTH - RIGHT) / 2, HEIGHT - 12);
    add_words(g->b, &g->d->axis[0]);
    bytes_add_literal(g->b, "</text>");
}

static void add_y_axis(const struct drawing *g, const char *name)
{
    struct plot_marks m;
    plot_find_marks(&g->y, 6, &m);
    for (int i = 0; i < m.n; i++) {
        double y = plot_place(&g->y, m.at[i]);
        bytes_add_format(g->b,
                         "<path class=\"grid\" d=\"M%d %.1fH%d\"/><text class=\"mark\" "
                         "x=\"%d\" y=\"%.1f\" text-anchor=\"end\">",
                         LEFT, y, WIDTH - RIGHT, LEFT - 6, y + 4);
        bytes_add_xml(g->b, str_of(m.text[i]));
        bytes_add_literal(g->b, "</text>");
    }
    bytes_add_format(g->b,
                     "<text class=\"name\" text-anchor=\"middle\" "
                     "transform=\"translate(16 %d) rotate(-90)\">",
                     (TOP + HEIGHT - BOTTOM) / 2);
    if (name)
        bytes_add_xml(g->b, str_of(name));
    else
        add_words(g->b, &g->d->axis[1]);
    bytes_add_literal(g->b, "</text>");
}

static void begin(const struct drawing *g, const char *title)
{
    bytes_add_format(g->b,
                     "<svg class=\"plot\" viewBox=\"0 0 %d %d\" role=\"img\" "
                     "aria-label=\"",
                     WIDTH, HEIGHT);
    bytes_add_xml(g->b, str_of(title));
    bytes_add_literal(g->b, "\">");
}

static void end(const struct drawing *g)
{
    bytes_add_format(g->b, "<path class=\"edge\" d=\"M%d %dV%dH%d\"/></svg>\n", LEFT, TOP,
                     HEIGHT - BOTTOM, WIDTH - RIGHT);
}

static struct plot_scaling across(const struct plot_axis *axis)
{
    return (struct plot_scaling){axis->scale, axis->lo, axis->lo + axis->nbin * axis->width,
                                 LEFT, WIDTH - RIGHT};
}

static struct plot_scaling upward(enum plot_scale scale, double lo, double hi)
{
    return (struct plot_scaling){scale, lo, hi, HEIGHT - BOTTOM, TOP};
}

/* ---- one dimension ---- */

static double height_of(const struct plot_data *d, const struct plot_cell *c)
{
    return d->weight ? c->value[0] : (double)c->n;
}

static void scale_heights(struct drawing *g, bool is_log)
{
    double lo = INFINITY, hi = -INFINITY;
    for (uint32_t i = 0; i < g->d->ncell; i++) {
        double h = height_of(g->d, &g->d->cell[i]);
        if (isnan(h) || (is_log && h <= 0))
            continue;
        lo = h < lo ? h : lo;
        hi = h > hi ? h : hi;
    }
    if (!(hi >= lo))
        lo = 0, hi = 1;
    if (is_log && lo > 0) {
        double low = floor(log10(lo) - 0.01);
        g->y = upward(PLOT_LOG, low, fmax(log10(hi) + 0.1, low + 1));
        return;
    }
    lo = lo > 0 ? 0 : lo;
    hi = hi < 0 ? 0 : hi;
    g->y = upward(PLOT_LINEAR, lo, hi + (hi > lo ? (hi - lo) * 0.05 : 1));
}

static void draw_histogram(struct drawing *g, bool is_log)
{
    const struct plot_data *d = g->d;
    scale_heights(g, is_log);
    add_x_axis(g);
    add_y_axis(g, d->weight ? PLOT_AGGREGATE[d->aggregate].text : "rows");
    double floor_y = g->y.scale == PLOT_LOG ? g->y.from : plot_place(&g->y, 0);
    bytes_add_literal(g->b, "<path class=\"bar\" d=\"");
    for (uint32_t i = 0; i < d->ncell; i++) {
        double h = height_of(d, &d->cell[i]);
        if (isnan(h) || (g->y.scale == PLOT_LOG && h <= 0))
            continue;
        double step = (g->x.to - g->x.from) / (d->axis[0].nbin ? d->axis[0].nbin : 1);
        bytes_add_format(g->b, "M%.1f %.1fV%.1fh%.2fV%.1fz",
                         g->x.from + d->cell[i].x * step, floor_y, plot_place(&g->y, h),
                         step > 3 ? step - 0.8 : step, floor_y);
    }
    bytes_add_literal(g->b, "\"/>");
}

static void draw_series(struct drawing *g)
{
    const struct plot_data *d = g->d;
    double lo = INFINITY, hi = -INFINITY;
    double step = (g->x.to - g->x.from) / (d->axis[0].nbin ? d->axis[0].nbin : 1);
    for (uint32_t i = 0; i < d->ncell; i++) {
        lo = fmin(lo, d->cell[i].value[1]);
        hi = fmax(hi, d->cell[i].value[2]);
    }
    if (!(hi >= lo))
        lo = 0, hi = 1;
    double pad = hi > lo ? (hi - lo) * 0.05 : 0.5;
    g->y = upward(d->axis[1].scale, lo - pad, hi + pad);
    add_x_axis(g);
    add_y_axis(g, NULL);
    bytes_add_literal(g->b, "<path class=\"band\" d=\"");
    for (uint32_t i = 0; i < d->ncell; i++)
        bytes_add_format(g->b, "M%.1f %.1fV%.1fh%.2fV%.1fz",
                         g->x.from + d->cell[i].x * step,
                         plot_place(&g->y, d->cell[i].value[1]) + 0.5,
                         plot_place(&g->y, d->cell[i].value[2]) - 0.5, step,
                         plot_place(&g->y, d->cell[i].value[1]) + 0.5);
    bytes_add_literal(g->b, "\"/><path class=\"line\" d=\"");
    for (uint32_t i = 0; i < d->ncell; i++)
        bytes_add_format(g->b, "%c%.1f %.1f",
                         i && d->cell[i].x == d->cell[i - 1].x + 1 ? 'L' : 'M',
                         g->x.from + (d->cell[i].x + 0.5) * step,
                         plot_place(&g->y, d->cell[i].value[0]));
    bytes_add_literal(g->b, "\"/>");
    for (uint32_t i = 0; d->ncell < 40 && i < d->ncell; i++)
        bytes_add_format(g->b, "<circle class=\"dot\" r=\"3\" cx=\"%.1f\" cy=\"%.1f\"/>",
                         g->x.from + (d->cell[i].x + 0.5) * step,
                         plot_place(&g->y, d->cell[i].value[0]));
}

/* ---- two dimensions ---- */

/* Shades by the logarithm of what a cell holds; 0: too little to be seen. */
static int level_of(const struct plot_data *d, const struct plot_cell *c, double lo,
                    double hi)
{
    double h = height_of(d, c);
    if (isnan(h))
        return 0;
    double part = d->weight ? (hi > lo ? (h - lo) / (hi - lo) : 1)
                  : hi > 1  ? log(h) / log(hi)
                            : 1;
    return 1 + (int)(part * (LEVELS - 1) + 0.5);
}

/* Neighbours of one shade are one stretch. */
static void add_cells(const struct drawing *g, int level, double lo, double hi)
{
    const struct plot_data *d = g->d;
    double wide = (g->x.to - g->x.from) / d->axis[0].nbin;
    double high = (g->y.from - g->y.to) / d->axis[1].nbin;
    bool any = false;
    for (uint32_t i = 0; i < d->ncell; i++) {
        const struct plot_cell *c = &d->cell[i];
        if (level_of(d, c, lo, hi) != level)
            continue;
        uint32_t n = 1;
        while (i + 1 < d->ncell && d->cell[i + 1].y == c->y &&
               d->cell[i + 1].x == c->x + n &&
               level_of(d, &d->cell[i + 1], lo, hi) == level) {
            n++;
            i++;
        }
        if (!any)
            bytes_add_format(g->b,
                             "<path class=\"cell\" shape-rendering=\"crispEdges\" "
                             "fill-opacity=\"%.2f\" d=\"",
                             0.12 + 0.88 * level / LEVELS);
        any = true;
        bytes_add_format(g->b, "M%.1f %.1fh%.1fv%.1fh%.1fz", g->x.from + c->x * wide,
                         g->y.from - (c->y + 1) * high, n * wide, high, -(n * wide));
    }
    if (any)
        bytes_add_literal(g->b, "\"/>");
}

static void draw_cells(struct drawing *g)
{
    const struct plot_data *d = g->d;
    double lo = INFINITY, hi = -INFINITY;
    const struct plot_axis *y = &d->axis[1];
    g->y = upward(y->scale, y->lo, y->lo + y->nbin * y->width);
    for (uint32_t i = 0; i < d->ncell; i++) {
        lo = fmin(lo, height_of(d, &d->cell[i]));
        hi = fmax(hi, height_of(d, &d->cell[i]));
    }
    add_x_axis(g);
    add_y_axis(g, NULL);
    if (d->npoint == 0)
        for (int level = 1; level <= LEVELS; level++)
            add_cells(g, level, lo, hi);
    for (uint32_t i = 0; i < d->npoint; i++)
        bytes_add_format(g->b, "<circle class=\"point\" r=\"2\" cx=\"%.1f\" cy=\"%.1f\"/>",
                         plot_place(&g->x, d->point[i].x),
                         plot_place(&g->y, d->point[i].y));
}

/* ---- the sky, and values ---- */

static void draw_sky(struct bytes *b, const struct plot_data *d, const char *title)
{
    static const uint32_t CELLS = SVG_SKY_CELLS;
    double sum[SVG_SKY_CELLS] = {0};
    uint8_t level[SVG_SKY_CELLS] = {0};
    double most = 0;
    int shift = 2 * ((int)d->order - SVG_SKY_ORDER);
    for (uint32_t i = 0; i < d->ncell; i++) {
        uint32_t from = shift >= 0 ? d->cell[i].x >> shift : d->cell[i].x << -shift;
        uint32_t n = shift >= 0 ? 1 : 1u << -shift;
        for (uint32_t k = from; k < from + n && k < CELLS; k++)
            sum[k] += (double)d->cell[i].n / n;
    }
    for (uint32_t k = 0; k < CELLS; k++)
        most = fmax(most, sum[k]);
    for (uint32_t k = 0; k < CELLS; k++)
        if (sum[k] > 0)
            level[k] = (uint8_t)(1 + (most > 1 ? log1p(sum[k]) / log1p(most) : 1) *
                                         (SVG_SKY_LEVELS - 1));
    svg_sky(b, level, false, title);
}

static void draw_facets(struct bytes *b, const struct plot_data *d, const char *title)
{
    enum { ROW = 26, BAR = 230, MOST_WORD = 26 };
    int64_t most = 1;
    for (uint32_t i = 0; i < d->ncell; i++)
        most = d->cell[i].n > most ? d->cell[i].n : most;
    bytes_add_format(b,
                     "<svg class=\"plot\" viewBox=\"0 0 %d %u\" role=\"img\" "
                     "aria-label=\"",
                     WIDTH, d->ncell * ROW + 8);
    bytes_add_xml(b, str_of(title));
    bytes_add_literal(b, "\">");
    for (uint32_t i = 0; i < d->ncell; i++) {
        const char *label = d->label[d->cell[i].x];
        str word = str_of(label ? label : "(NULL)");
        if (word.len > MOST_WORD)
            for (word.len = MOST_WORD;
                 word.len && ((unsigned char)word.at[word.len] & 0xC0) == 0x80;
                 word.len--) {
            }
        double wide = (double)d->cell[i].n / (double)most * (WIDTH - BAR - 90);
        bytes_add_format(b, "<text class=\"mark\" x=\"%d\" y=\"%u\" text-anchor=\"end\">",
                         BAR - 8, i * ROW + 18);
        bytes_add_xml(b, word);
        bytes_add_format(b,
                         "</text><path class=\"bar\" d=\"M%d %uh%.1fv18h-%.1fz\"/><text "
                         "class=\"mark\" x=\"%.1f\" y=\"%u\">%lld</text>",
                         BAR, i * ROW + 4, wide, wide, BAR + wide + 6, i * ROW + 18,
                         (long long)d->cell[i].n);
    }
    bytes_add_literal(b, "</svg>\n");
}

void plot_write_svg(struct bytes *b, const struct plot_data *d, bool is_log,
                    const char *title)
{
    struct drawing g = {.b = b, .d = d};
    if (d->kind == PLOT_sky) {
        draw_sky(b, d, title);
        return;
    }
    if (d->kind == PLOT_facets) {
        draw_facets(b, d, title);
        return;
    }
    begin(&g, title);
    g.x = across(&d->axis[0]);
    if (d->kind == PLOT_histogram)
        draw_histogram(&g, is_log);
    else if (d->kind == PLOT_series)
        draw_series(&g);
    else
        draw_cells(&g);
    end(&g);
}

const char PLOT_STYLE[] =
    ".plot{width:100%;max-width:60rem;height:auto;font:13px system-ui,'DejaVu Sans',"
    "sans-serif}.plot text{fill:var(--ink)}.plot .mark{fill:var(--soft);font-size:12px}"
    ".plot .grid{stroke:var(--line);fill:none;stroke-width:1}"
    ".plot .edge{stroke:var(--soft);fill:none}.plot .bar{fill:var(--bar)}"
    ".plot .band{fill:var(--bar);fill-opacity:.35}.plot .cell{fill:var(--link)}"
    ".plot .line{stroke:var(--link);fill:none;stroke-width:2}"
    ".plot .dot,.plot .point{fill:var(--link)}.plot .point{fill-opacity:.6}"
    ".plot .brush{fill:var(--link);fill-opacity:.18;stroke:var(--link)}"
    ".plot .plot-area{cursor:crosshair;touch-action:pan-y}"
    ".plot-sky .sky-edge{fill:var(--tint);stroke:var(--soft)}"
    ".plot.plot-sky .mark{fill:var(--ink);stroke:var(--paper);stroke-width:3px;"
    "paint-order:stroke}"
    ".plot-sky .sky-grid{fill:none;stroke:var(--soft);stroke-width:.5;stroke-opacity:.6}"
    ".plot-said{min-height:1.5em;margin:.1rem 0;font-variant-numeric:tabular-nums}"
    ".plotted[aria-busy] .plot-place{opacity:.55}"
    "button[aria-pressed=true]{background:var(--link)!important;"
    "color:var(--paper)!important}"
    ".aladin-place{height:26rem;margin:.6rem 0;position:relative}"
    ".slice0{fill:#3f7fbf}.slice1{fill:#d08a2e}.slice2{fill:#4d9a5b}.slice3{fill:#a15bb0}"
    ".slice4{fill:#c0504d}.slice5{fill:#7b8896}.slice{stroke:var(--paper);stroke-width:1}"
    ".plot-form{display:grid;gap:.5rem 1rem;grid-template-columns:"
    "repeat(auto-fill,minmax(min(100%,13rem),1fr));align-items:end;margin:.8rem 0}"
    ".plot-form label{display:grid;gap:.15rem;margin:0;font-size:.92rem}"
    ".plot-form label.check{display:flex;gap:.5rem;align-items:center}"
    ".plot-form .all{grid-column:1/-1}.plot-form input,.plot-form select{width:100%;"
    "min-width:0}.plot-form .check input{width:auto}"
    ".plot-tools{display:flex;flex-wrap:wrap;gap:.4rem;margin:.4rem 0}"
    "@media(max-width:40rem){.plot{font-size:20px}.plot .mark{font-size:19px}"
    ".plot.plot-live,.plot.plot-live .mark{font-size:12px}}"
    ".plotted{width:100%;max-width:none}figure{margin:.8rem "
    "0}figcaption{color:var(--soft);font-size:.92rem}";
