/* svg_sky.c -- see svg.h: the sky in Mollweide's projection, drawn line by line. */
#include <math.h>
#include <stdio.h>

#include "core/sky/sky.h"
#include "web/statistics.h"
#include "web/svg.h"

static const double PI = 3.14159265358979323846;

bool svg_sky_of_density(const char *density, uint8_t level[SVG_SKY_CELLS])
{
    enum { PER_CELL = STATISTICS_CELLS / SVG_SKY_CELLS };
    char least = 'z', most = 'a';
    for (uint32_t i = 0; i < STATISTICS_CELLS; i++)
        if (density[i] != '0') {
            least = density[i] < least ? density[i] : least;
            most = density[i] > most ? density[i] : most;
        }
    bool any = false;
    memset(level, 0, SVG_SKY_CELLS);
    for (uint32_t i = 0; i < STATISTICS_CELLS; i++) {
        if (density[i] == '0')
            continue;
        int step = most > least
                       ? (density[i] - least) * (SVG_SKY_LEVELS - 1) / (most - least)
                       : SVG_SKY_LEVELS - 1;
        uint8_t *at = &level[i / PER_CELL]; /* NESTED: a cell's parts follow one another */
        *at = *at > step + 1 ? *at : (uint8_t)(step + 1);
        any = true;
    }
    return any;
}

void svg_moc_of_density(struct bytes *b, const char *density)
{
    struct err e = {0};
    struct arena *arena = arena_new(8u << 20);
    struct sky_span *span =
        arena ? arena_new_array(arena, struct sky_span, STATISTICS_CELLS) : NULL;
    size_t n = 0;
    for (int64_t i = 0; span && i < STATISTICS_CELLS; i++)
        if (density[i] != '0')
            span[n++] = (struct sky_span){i, i};
    const struct sky_moc *moc =
        n ? sky_moc_of_spans(arena, STATISTICS_ORDER, STATISTICS_ORDER, span, n, &e) : NULL;
    if (moc)
        sky_moc_print(b, moc);
    arena_free(arena);
}

bool svg_sky_of_moc(const char *text, uint8_t level[SVG_SKY_CELLS])
{
    struct err e = {0};
    struct arena *arena = arena_new(64u << 20);
    const struct sky_moc *moc =
        arena && text ? sky_moc_parse(arena, str_of(text), &e) : NULL;
    const int shift = 2 * (SKY_HEALPIX_ORDER_MAX - SVG_SKY_ORDER);
    memset(level, 0, SVG_SKY_CELLS);
    for (size_t i = 0; moc && i < moc->nspan; i++)
        for (int64_t k = moc->span[i].lo >> shift; k <= moc->span[i].hi >> shift; k++)
            level[k] = SVG_SKY_LEVELS;
    bool any = moc && moc->nspan > 0;
    arena_free(arena);
    return any;
}

double svg_sky_fraction(const uint8_t level[SVG_SKY_CELLS])
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < SVG_SKY_CELLS; i++)
        n += level[i] > 0;
    return (double)n / SVG_SKY_CELLS;
}

/* ---- drawing ---- */

enum { LARGE_ROWS = 90, SMALL_ROWS = 40 };

struct raster {
    int nrow, ncolumn;
    uint8_t at[LARGE_ROWS][2 * LARGE_ROWS];
};

/* The position at a pixel's middle; false: beside the sky. */
static bool unproject(const struct raster *r, int irow, int icolumn, double *lon,
                      double *lat)
{
    double y = 1 - (irow + 0.5) * 2 / r->nrow, x = (icolumn + 0.5) * 2 / r->ncolumn - 1;
    double theta = asin(y), edge = cos(theta);
    if (fabs(x) > edge)
        return false;
    *lat = asin((2 * theta + sin(2 * theta)) / PI) * 180 / PI;
    *lon = sky_lon_reduce(-180 * x / edge);
    return true;
}

/* Newton's way to 2t + sin 2t = pi sin(lat). */
static void project(double lon_deg, double lat_deg, double *x, double *y)
{
    double want = PI * sin(lat_deg * PI / 180), t = lat_deg * PI / 180;
    for (int i = 0; i < 40 && fabs(lat_deg) < 89.99; i++) {
        double step = (2 * t + sin(2 * t) - want) / (2 + 2 * cos(2 * t));
        t -= step;
        if (fabs(step) < 1e-9)
            break;
    }
    if (fabs(lat_deg) >= 89.99)
        t = lat_deg > 0 ? PI / 2 : -PI / 2;
    double lon = lon_deg > 180 ? lon_deg - 360 : lon_deg;
    *x = (1 - lon / 180 * cos(t)) / 2;
    *y = (1 - sin(t)) / 2;
}

/* Each cell leaves a mark, even one between the pixels' middles. */
static void fill(struct raster *r, const uint8_t level[SVG_SKY_CELLS])
{
    double lon, lat, x, y;
    struct sky_point centre;
    memset(r->at, 0, sizeof r->at);
    for (int i = 0; i < r->nrow; i++)
        for (int k = 0; k < r->ncolumn; k++)
            if (unproject(r, i, k, &lon, &lat))
                r->at[i][k] = level[sky_healpix_of(SVG_SKY_ORDER, lon, lat)];
    for (int64_t cell = 0; cell < SVG_SKY_CELLS; cell++) {
        if (!level[cell] || !sky_healpix_center(SVG_SKY_ORDER, cell, &centre))
            continue;
        project(centre.lon_deg, centre.lat_deg, &x, &y);
        int i = (int)(y * r->nrow), k = (int)(x * r->ncolumn);
        if (i >= 0 && i < r->nrow && k >= 0 && k < r->ncolumn && !r->at[i][k])
            r->at[i][k] = level[cell];
    }
}

/* Lines of one level, one pixel thick. */
static void add_lines(struct bytes *b, const struct raster *r, int level)
{
    bool any = false;
    for (int i = 0; i < r->nrow; i++)
        for (int k = 0; k < r->ncolumn; k++) {
            int from = k;
            while (k < r->ncolumn && r->at[i][k] == level)
                k++;
            if (k == from)
                continue;
            if (!any)
                bytes_add_format(b, "<path class=\"s%d\" d=\"", level);
            any = true;
            bytes_add_format(b, "M%d %d.5h%d", from, i, k - from);
        }
    if (any)
        bytes_add_literal(b, "\"/>");
}

/* Meridians and parallels, every 60 and 30 degrees. */
static void add_grid(struct bytes *b, const struct raster *r)
{
    double x, y;
    bytes_add_literal(b, "<path class=\"grid\" d=\"");
    for (int lon = 0; lon < 360; lon += 60)
        for (int lat = -90; lat <= 90; lat += 10) {
            project(lon == 180 ? 179.999 : lon, lat, &x, &y);
            bytes_add_format(b, "%c%.4g %.4g", lat == -90 ? 'M' : 'L', x * r->ncolumn,
                             y * r->nrow);
        }
    for (int lat = -60; lat <= 60; lat += 30) {
        project(180, lat, &x, &y);
        bytes_add_format(b, "M%.4g %.4gH%.4g", x * r->ncolumn, y * r->nrow,
                         (1 - x) * r->ncolumn);
    }
    bytes_add_literal(b, "\"/>");
}

void svg_sky(struct bytes *b, const uint8_t level[SVG_SKY_CELLS], bool is_small,
             const char *label)
{
    struct raster r = {.nrow = is_small ? SMALL_ROWS : LARGE_ROWS};
    r.ncolumn = 2 * r.nrow;
    fill(&r, level);
    bytes_add_format(b,
                     "<svg class=\"%s\" viewBox=\"-1 -1 %d %d\" role=\"img\" "
                     "aria-label=\"",
                     is_small ? "sky small" : "sky", r.ncolumn + 2, r.nrow + 2);
    bytes_add_xml(b, str_of(label));
    bytes_add_format(b,
                     "\"><ellipse class=\"edge\" cx=\"%d\" cy=\"%d\" rx=\"%d\" "
                     "ry=\"%d\"/>",
                     r.nrow, r.nrow / 2, r.nrow, r.nrow / 2);
    for (int i = 1; i <= SVG_SKY_LEVELS; i++)
        add_lines(b, &r, i);
    if (!is_small)
        add_grid(b, &r);
    bytes_add_literal(b, "</svg>");
}
