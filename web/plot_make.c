/* plot_make.c -- makes the data of a plot: types, then ranges, then counts. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/clock.h"
#include "web/plot.h"

enum { DATA_BYTES = 48 << 20, MJD_1970 = 40587 };

static bool no_memory(struct err *e)
{
    return err_set(e, ERR_LIMIT, "the plot needs too much memory");
}

static bool is_number(const struct store_column *c)
{
    return c->length == 1 && c->type <= STORE_F64 && c->type != STORE_TEXT &&
           !(c->xtype && *c->xtype);
}

static const char *copied(struct arena *arena, const char *text)
{
    return text && *text ? arena_text(arena, str_of(text)) : NULL;
}

static bool take_column(const struct plot_ask *a, struct plot_data *d, int which,
                        const struct store_column *c, struct err *e)
{
    struct plot_axis *axis = &d->axis[which];
    axis->expression = arena_text(d->arena, str_of(a->axis[which].expression));
    axis->unit = copied(d->arena, c->unit);
    axis->ucd = copied(d->arena, c->ucd);
    axis->is_text = c->type == STORE_TEXT;
    axis->scale = c->type == STORE_TIME_US ? PLOT_TIME
                  : a->axis[which].is_log  ? PLOT_LOG
                                           : PLOT_LINEAR;
    if (!axis->expression)
        return no_memory(e);
    if (c->length != 1 && c->type != STORE_TEXT)
        return err_set(e, ERR_USAGE,
                       "%c=%s is an array; choose one element of it or a "
                       "column of single values",
                       'x' + which, axis->expression);
    if (a->kind == PLOT_facets || axis->scale == PLOT_TIME || is_number(c))
        return true;
    return err_set(e, ERR_USAGE,
                   "%c=%s is no number, so it has no axis; kind=facets counts its values",
                   'x' + which, axis->expression);
}

/* What the columns are: decides how they are asked. */
static bool look(const struct plot_call *c, const struct plot_ask *a, struct plot_data *d,
                 bool is_integer[2], struct err *e)
{
    const struct store_column *const *column = NULL;
    uint32_t ncolumn = 0, naxis = PLOT_KIND[a->kind].naxis;
    const char *text = plot_probe_text(a, d->arena, e);
    if (!text || !plot_columns(c, text, &column, &ncolumn, e))
        return false;
    for (uint32_t i = 0; i < naxis && i < ncolumn; i++) {
        if (!take_column(a, d, (int)i, column[i], e))
            return false;
        is_integer[i] = column[i]->type >= STORE_U8 && column[i]->type <= STORE_I64;
    }
    if (a->weight && ncolumn > naxis && !is_number(column[naxis]))
        return err_set(e, ERR_USAGE, "weight=%s is no number", a->weight);
    return true;
}

/* ---- axes ---- */

/* The next of 1, 2, 5, 10, 20 ... that is no less. */
static double round_step(double least)
{
    double power = pow(10, floor(log10(least)));
    double part = least / power;
    double step = part <= 1 ? 1 : part <= 2 ? 2 : part <= 5 ? 5 : 10;
    return step * power;
}

static void set_bins(struct plot_axis *axis, double lo, double hi, double width, double n)
{
    axis->lo = lo;
    axis->hi = hi;
    axis->width = width;
    axis->nbin = !(n >= 1) ? 1 : n > PLOT_MAX_BINS ? PLOT_MAX_BINS : (uint32_t)n;
}

/* Every bin holds as many whole numbers. */
static void set_integer(struct plot_axis *axis, double lo, double hi, uint32_t most)
{
    double width = ceil((hi - lo + 1) / most);
    double n = ceil((hi - lo + 1) / width);
    set_bins(axis, lo - 0.5, lo - 0.5 + n * width, width, n);
}

static void set_round(struct plot_axis *axis, double lo, double hi, uint32_t most)
{
    double step = round_step((hi - lo) / most);
    double first = floor(lo / step), last = floor(hi / step) + 1;
    set_bins(axis, first * step, last * step, step, last - first);
}

static void set_axis(struct plot_axis *axis, const struct plot_axis_ask *ask, double lo,
                     double hi, bool is_integer, uint32_t usual)
{
    bool is_free = isnan(ask->lo) && isnan(ask->hi);
    uint32_t most = ask->nbin ? ask->nbin : usual;
    if (isnan(lo) || isnan(hi)) { /* no row at all: any axis will do */
        lo = isnan(ask->lo) ? (isnan(ask->hi) ? 0 : ask->hi - 1) : ask->lo;
        hi = isnan(ask->hi) ? lo + 1 : ask->hi;
    }
    lo = isnan(ask->lo) ? lo : ask->lo;
    hi = isnan(ask->hi) ? hi : ask->hi;
    if (axis->scale == PLOT_LOG) {
        lo = log10(lo > 0 ? lo : 1);
        hi = log10(hi > 0 ? hi : 10);
    }
    if (is_integer && is_free && axis->scale == PLOT_LINEAR) {
        set_integer(axis, lo, hi, most);
        return;
    }
    if (!(lo + (hi - lo) / most > lo)) { /* as good as one value: it stands in the middle */
        double half = fabs(lo) < 1e-300 ? 0.5 : fabs(lo) * 0.05;
        lo -= half;
        hi += half;
    }
    if (ask->nbin == 0 && is_free && isfinite(hi - lo))
        set_round(axis, lo, hi, most);
    else
        set_bins(axis, lo, hi, hi / most - lo / most, most);
}

static bool make_axes(const struct plot_call *c, const struct plot_ask *a,
                      struct plot_data *d, const bool is_integer[2], struct err *e)
{
    struct plot_rows r = {0};
    uint32_t usual = a->kind == PLOT_histogram2d ? 60 : a->kind == PLOT_series ? 100 : 60;
    d->range_adql = plot_range_text(a, d, e);
    if (!d->range_adql || !plot_run(c, d->range_adql, d->arena, &r, e))
        return false;
    if (r.nrow != 1)
        return err_set(e, ERR_INTERNAL, "the plot's range came as %u rows", r.nrow);
    d->nrow = (int64_t)r.number[0][0];
    d->nnull = (int64_t)r.number[1][0];
    if (a->kind == PLOT_scatter)
        usual = 120;
    for (uint32_t i = 0; i < 2 && 2 * i + 3 < r.ncolumn; i++)
        set_axis(&d->axis[i], &a->axis[i], r.number[2 * i + 2][0], r.number[2 * i + 3][0],
                 is_integer[i], usual);
    return true;
}

double plot_edge(const struct plot_axis *axis, uint32_t i)
{
    double at =
        i == axis->nbin && axis->hi > axis->lo ? axis->hi : axis->lo + i * axis->width;
    if (!isfinite(at)) /* as wide as numbers go */
        at = axis->lo * (1 - (double)i / axis->nbin) + axis->hi * ((double)i / axis->nbin);
    return axis->scale == PLOT_LOG ? pow(10, at) : at;
}

/* ---- counts ---- */

static uint32_t bin_of(double number, const struct plot_axis *axis)
{
    if (!(number > 0))
        return 0;
    return number >= axis->nbin ? axis->nbin - 1 : (uint32_t)number;
}

static int by_place(const void *a, const void *b)
{
    const struct plot_cell *p = a, *q = b;
    if (p->y != q->y)
        return p->y < q->y ? -1 : 1;
    return (p->x > q->x) - (p->x < q->x);
}

/* Rows at the very end of an axis belong to the last cell, whatever was rounded. */
static void join_cells(const struct plot_data *d, struct plot_cell *to,
                       const struct plot_cell *from)
{
    int64_t n = to->n + from->n;
    double both = to->value[0] + from->value[0];
    bool is_mean = d->kind == PLOT_series || d->aggregate == PLOT_avg;
    if (isnan(to->value[0]))
        memcpy(to->value, from->value, sizeof to->value);
    else if (!isnan(from->value[0])) {
        to->value[0] =
            is_mean ? (to->value[0] * (double)to->n + from->value[0] * (double)from->n) /
                          (double)n
            : d->aggregate == PLOT_min ? fmin(to->value[0], from->value[0])
            : d->aggregate == PLOT_max ? fmax(to->value[0], from->value[0])
                                       : both;
        to->value[1] = fmin(to->value[1], from->value[1]);
        to->value[2] = fmax(to->value[2], from->value[2]);
    }
    to->n = n;
}

static void sort_cells(struct plot_data *d)
{
    uint32_t n = 0;
    qsort(d->cell, d->ncell, sizeof *d->cell, by_place);
    for (uint32_t i = 0; i < d->ncell; i++)
        if (n && by_place(&d->cell[n - 1], &d->cell[i]) == 0)
            join_cells(d, &d->cell[n - 1], &d->cell[i]);
        else
            d->cell[n++] = d->cell[i];
    d->ncell = n;
}

static void take_cell(const struct plot_ask *a, struct plot_data *d,
                      const struct plot_rows *r, uint32_t i)
{
    bool has_both =
        PLOT_KIND[a->kind].naxis == 2 && a->kind != PLOT_series && a->kind != PLOT_sky;
    uint32_t at = has_both ? 2 : 1;
    struct plot_cell *cell = &d->cell[d->ncell];
    *cell = (struct plot_cell){.n = (int64_t)r->number[at][i], .value = {NAN, NAN, NAN}};
    for (uint32_t k = 0; k < 3 && at + 1 + k < r->ncolumn; k++)
        cell->value[k] = r->number[at + 1 + k][i];
    if (a->kind == PLOT_sky && isnan(r->number[0][i])) {
        d->nnull += cell->n;
        d->nrow += cell->n;
        return;
    }
    if (a->kind == PLOT_facets)
        cell->x = i;
    else if (a->kind == PLOT_sky)
        cell->x = (uint32_t)r->number[0][i];
    else
        cell->x = bin_of(r->number[0][i], &d->axis[0]);
    cell->y = has_both ? bin_of(r->number[1][i], &d->axis[1]) : 0;
    d->ncell++;
    d->nin += cell->n;
    d->nrow += a->kind == PLOT_sky ? cell->n : 0;
}

/* Facets: what stands for each value, as text; times came as MJD. */
static bool take_labels(struct plot_data *d, const struct plot_rows *r, struct err *e)
{
    const char **label = arena_new_array(d->arena, const char *, r->nrow + 1);
    char time[CLOCK_TEXT_BYTES];
    for (uint32_t i = 0; label && i < r->nrow; i++) {
        double mjd = r->number[0][i];
        label[i] = r->text[0][i];
        if (d->axis[0].scale != PLOT_TIME || isnan(mjd))
            continue;
        clock_print_us((int64_t)llround((mjd - MJD_1970) * 86400e6), time);
        label[i] = arena_text(d->arena, str_of(time));
        if (!label[i])
            return no_memory(e);
    }
    d->label = label;
    return label || no_memory(e);
}

static bool take_points(const struct plot_call *c, const struct plot_ask *a,
                        struct plot_data *d, struct err *e)
{
    struct plot_rows r = {0};
    d->points_adql = plot_points_text(a, d, e);
    if (!d->points_adql || !plot_run(c, d->points_adql, d->arena, &r, e))
        return false;
    d->point = arena_new_array(d->arena, struct plot_point, r.nrow + 1);
    if (!d->point)
        return no_memory(e);
    for (uint32_t i = 0; i < r.nrow; i++)
        d->point[d->npoint++] = (struct plot_point){r.number[0][i], r.number[1][i]};
    return true;
}

static bool count(const struct plot_call *c, const struct plot_ask *a, struct plot_data *d,
                  struct err *e)
{
    struct plot_rows r = {0};
    struct plot_call call = *c;
    call.wants_text = a->kind == PLOT_facets;
    d->adql = plot_count_text(a, d, e);
    if (!d->adql || !plot_run(&call, d->adql, d->arena, &r, e))
        return false;
    d->cell = arena_new_array(d->arena, struct plot_cell, r.nrow + 1);
    if (!d->cell)
        return no_memory(e);
    for (uint32_t i = 0; i < r.nrow; i++)
        take_cell(a, d, &r, i);
    sort_cells(d);
    if (a->kind == PLOT_facets)
        return take_labels(d, &r, e);
    return a->kind != PLOT_scatter || d->nin > PLOT_MAX_POINTS || take_points(c, a, d, e);
}

static bool fill(const struct plot_call *c, const struct plot_ask *a, struct plot_data *d,
                 struct err *e)
{
    bool is_integer[2] = {false, false};
    d->kind = a->kind;
    d->aggregate = a->aggregate;
    d->order = a->order;
    d->source = arena_format(d->arena, "%s", a->table ? a->from : "");
    d->condition = copied(d->arena, a->condition);
    d->weight = copied(d->arena, a->weight);
    if (!d->source)
        return no_memory(e);
    return look(c, a, d, is_integer, e) &&
           (a->kind == PLOT_sky || make_axes(c, a, d, is_integer, e)) && count(c, a, d, e);
}

struct plot_data *plot_make(const struct plot_call *c, const struct plot_ask *a,
                            struct err *e)
{
    int64_t begun = clock_monotonic_ns();
    struct arena *arena = arena_new(DATA_BYTES);
    struct plot_data *d = arena ? arena_new_one(arena, struct plot_data) : NULL;
    if (!d) {
        arena_free(arena);
        no_memory(e);
        return NULL;
    }
    d->arena = arena;
    d->count = 1;
    if (!fill(c, a, d, e)) {
        arena_free(arena);
        return NULL;
    }
    d->made_us = clock_now_us();
    d->seconds = (double)(clock_monotonic_ns() - begun) * 1e-9;
    return d;
}
