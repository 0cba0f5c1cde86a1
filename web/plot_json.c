/* plot_json.c -- the data of a plot as JSON. */
#include <math.h>

#include "core/base/json.h"
#include "web/plot.h"

static const char *const SCALE[] = {"linear", "log", "time"};

static void add_axis(struct bytes *b, const char *key, const struct plot_axis *axis,
                     bool has_bins)
{
    json_open(b, key, '{');
    json_text(b, "expression", axis->expression);
    json_text(b, "unit", axis->unit);
    json_text(b, "ucd", axis->ucd);
    json_text(b, "scale", SCALE[axis->scale]);
    if (has_bins && axis->nbin) {
        json_int(b, "bins", axis->nbin);
        json_open(b, "edges", '[');
        for (uint32_t i = 0; i <= axis->nbin; i++)
            json_double(b, NULL, plot_edge(axis, i));
        json_close(b, ']');
    }
    json_close(b, '}');
}

static void add_column(struct bytes *b, const struct plot_data *d, const char *key, int k)
{
    json_open(b, key, '[');
    for (uint32_t i = 0; i < d->ncell; i++)
        json_double(b, NULL, d->cell[i].value[k]);
    json_close(b, ']');
}

/* One bin after the other, empty ones too. */
static void add_dense(struct bytes *b, const struct plot_data *d)
{
    uint32_t k = 0;
    json_open(b, "counts", '[');
    for (uint32_t i = 0; i < d->axis[0].nbin; i++) {
        bool is_here = k < d->ncell && d->cell[k].x == i;
        json_int(b, NULL, is_here ? d->cell[k].n : 0);
        k += is_here;
    }
    json_close(b, ']');
    static const char *const SERIES[] = {"mean", "min", "max"}, *const ONE[] = {"values"};
    bool is_series = d->kind == PLOT_series;
    for (int v = 0; v < (is_series ? 3 : d->weight ? 1 : 0); v++) {
        json_open(b, is_series ? SERIES[v] : ONE[v], '[');
        k = 0;
        for (uint32_t i = 0; i < d->axis[0].nbin; i++) {
            bool is_here = k < d->ncell && d->cell[k].x == i;
            json_double(b, NULL, is_here ? d->cell[k].value[v] : (double)NAN);
            k += is_here;
        }
        json_close(b, ']');
    }
}

/* Only cells that hold rows: three lists of the same length. */
static void add_sparse(struct bytes *b, const struct plot_data *d)
{
    json_open(b, d->kind == PLOT_sky ? "cell" : "ix", '[');
    for (uint32_t i = 0; i < d->ncell; i++)
        json_int(b, NULL, d->cell[i].x);
    json_close(b, ']');
    if (d->kind != PLOT_sky) {
        json_open(b, "iy", '[');
        for (uint32_t i = 0; i < d->ncell; i++)
            json_int(b, NULL, d->cell[i].y);
        json_close(b, ']');
    }
    json_open(b, "counts", '[');
    for (uint32_t i = 0; i < d->ncell; i++)
        json_int(b, NULL, d->cell[i].n);
    json_close(b, ']');
    if (d->weight)
        add_column(b, d, "values", 0);
}

static void add_facets(struct bytes *b, const struct plot_data *d)
{
    json_open(b, "facets", '[');
    for (uint32_t i = 0; i < d->ncell; i++) {
        json_open(b, NULL, '{');
        if (d->label[d->cell[i].x])
            json_text(b, "value", d->label[d->cell[i].x]);
        else
            json_raw(b, "value", STR("null"));
        json_int(b, "count", d->cell[i].n);
        if (d->weight)
            json_double(b, "weight", d->cell[i].value[0]);
        json_close(b, '}');
    }
    json_close(b, ']');
}

static void add_points(struct bytes *b, const struct plot_data *d)
{
    json_open(b, "points", '[');
    for (uint32_t i = 0; i < d->npoint; i++) {
        json_open(b, NULL, '[');
        json_double(b, NULL, d->point[i].x);
        json_double(b, NULL, d->point[i].y);
        json_close(b, ']');
    }
    json_close(b, ']');
}

void plot_write_json(struct bytes *b, const struct plot_data *d)
{
    bool has_both = PLOT_KIND[d->kind].naxis == 2;
    json_open(b, NULL, '{');
    json_text(b, "kind", PLOT_KIND[d->kind].word);
    json_text(b, "source", *d->source ? d->source : NULL);
    json_text(b, "where", d->condition);
    json_text(b, "aggregate", PLOT_AGGREGATE[d->aggregate].word);
    json_text(b, "weight", d->weight);
    json_int(b, "rows", d->nrow);
    json_int(b, "inside", d->nin);
    json_int(b, "nulls", d->nnull);
    json_int(b, "outside",
             d->kind == PLOT_facets ? d->nrow - d->nin : d->nrow - d->nnull - d->nin);
    add_axis(b, "x", &d->axis[0], true);
    if (has_both)
        add_axis(b, "y", &d->axis[1], d->kind != PLOT_series);
    if (d->kind == PLOT_sky)
        json_int(b, "order", d->order);
    if (d->kind == PLOT_facets)
        add_facets(b, d);
    else if (d->kind == PLOT_histogram || d->kind == PLOT_series)
        add_dense(b, d);
    else
        add_sparse(b, d);
    if (d->npoint)
        add_points(b, d);
    json_text(b, "adql", d->adql);
    json_text(b, "range_adql", d->range_adql);
    json_text(b, "points_adql", d->points_adql);
    json_double(b, "seconds", d->seconds);
    json_close(b, '}');
}
