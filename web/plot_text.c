/* plot_text.c -- the ADQL of a plot: which types its columns have, from where to where they
 * go, how many rows fall into each cell. */
#include <math.h>
#include <string.h>

#include "web/plot.h"

#define FINITE "BETWEEN -1.7976931348623157e308 AND 1.7976931348623157e308"
#define GREATEST "1.7976931348623157e308"

/* Always as a DOUBLE literal: 2 would make a division of integers one that cuts. */
static void add_number(struct bytes *b, double value)
{
    size_t start = b->len;
    if (value < 0)
        bytes_add_char(b, '(');
    bytes_add_double(b, value);
    bool is_whole = true;
    for (size_t i = start; i < b->len; i++)
        is_whole = is_whole && !strchr(".eE", b->at[i]);
    if (is_whole)
        bytes_add_literal(b, ".0");
    if (value < 0)
        bytes_add_char(b, ')');
}

static const char *finished(struct bytes *b, struct arena *arena, struct err *e)
{
    const char *text = b->failed ? NULL : arena_text(arena, bytes_str(b));
    bytes_free(b);
    if (!text)
        err_set(e, ERR_LIMIT, "the plot's query needs too much memory");
    return text;
}

static void begin(struct bytes *b, const struct plot_ask *a)
{
    size_t len = strlen(a->with);
    bytes_init(b, 1u << 20);
    if (len > 2) { /* "a AS (...), " */
        bytes_add_literal(b, "WITH ");
        bytes_add(b, (str){a->with, len - 2});
        bytes_add_char(b, ' ');
    }
}

static bool has_y(const struct plot_ask *a)
{
    return PLOT_KIND[a->kind].naxis == 2;
}

static void add_value(struct bytes *b, const struct plot_ask *a, const struct plot_data *d,
                      int which)
{
    const char *text = a->axis[which].expression;
    if (d && d->axis[which].scale == PLOT_TIME) {
        bytes_add_literal(b, "ivo_to_mjd(");
        bytes_add(b, str_of(text));
        bytes_add_char(b, ')');
    } else {
        bytes_add(b, str_of(text));
    }
}

/* SELECT the values of each row, by the names x, y and v. d == NULL: types are not known
 * yet. */
static void add_rows(struct bytes *b, const struct plot_ask *a, const struct plot_data *d)
{
    bytes_add_literal(b, "SELECT ");
    add_value(b, a, d, 0);
    bytes_add_literal(b, " AS x");
    if (has_y(a)) {
        bytes_add_literal(b, ", ");
        add_value(b, a, d, 1);
        bytes_add_literal(b, " AS y");
    }
    if (a->weight) {
        bytes_add_literal(b, ", ");
        bytes_add(b, str_of(a->weight));
        bytes_add_literal(b, " AS v");
    }
    bytes_add_literal(b, " FROM ");
    bytes_add(b, str_of(a->from));
    if (a->condition) {
        bytes_add_literal(b, " WHERE ");
        bytes_add(b, str_of(a->condition));
    }
}

const char *plot_probe_text(const struct plot_ask *a, struct arena *arena, struct err *e)
{
    struct bytes b;
    begin(&b, a);
    add_rows(&b, a, NULL);
    return finished(&b, arena, e);
}

/* x is a number that the axis can show. */
static void add_possible(struct bytes *b, const struct plot_ask *a,
                         const struct plot_data *d, int which)
{
    char name = (char)('x' + which);
    const struct plot_axis_ask *axis = &a->axis[which];
    if (d->axis[which].scale == PLOT_LOG)
        bytes_add_format(b, "%c > 0 AND %c <= " GREATEST, name, name);
    else
        bytes_add_format(b, "%c " FINITE, name);
    if (isfinite(axis->lo)) {
        bytes_add_format(b, " AND %c >= ", name);
        add_number(b, axis->lo);
    }
    if (isfinite(axis->hi)) {
        bytes_add_format(b, " AND %c <= ", name);
        add_number(b, axis->hi);
    }
}

const char *plot_range_text(const struct plot_ask *a, const struct plot_data *d,
                            struct err *e)
{
    struct bytes b;
    begin(&b, a);
    bytes_add_literal(&b, "SELECT COUNT(*) AS n_rows");
    if (a->kind != PLOT_facets) {
        bytes_add(&b, has_y(a) ? STR(", COUNT(CASE WHEN x IS NULL OR y IS NULL THEN 1 END) "
                                     "AS n_null")
                               : STR(", COUNT(CASE WHEN x IS NULL THEN 1 END) AS n_null"));
        for (int i = 0; i < (has_y(a) && a->kind != PLOT_series ? 2 : 1); i++)
            for (int end = 0; end < 2; end++) {
                bytes_add_format(&b, ", %s(CASE WHEN ", end ? "MAX" : "MIN");
                add_possible(&b, a, d, i);
                bytes_add_format(&b, " THEN %c END) AS %c_%s", 'x' + i, 'x' + i,
                                 end ? "max" : "min");
            }
    } else {
        bytes_add_literal(&b, ", COUNT(CASE WHEN x IS NULL THEN 1 END) AS n_null");
    }
    bytes_add_literal(&b, " FROM (");
    add_rows(&b, a, d);
    bytes_add_literal(&b, ") AS plotted");
    return finished(&b, d->arena, e);
}

/* The rows' part that lies within the axes. */
static void add_inside(struct bytes *b, const struct plot_ask *a, const struct plot_data *d)
{
    bool has_both = has_y(a) && a->kind != PLOT_series;
    bytes_add_literal(b, " WHERE ");
    for (int i = 0; i < (has_both ? 2 : 1); i++) {
        const struct plot_axis *axis = &d->axis[i];
        bool is_log = axis->scale == PLOT_LOG;
        double lo = is_log ? pow(10, axis->lo) : axis->lo;
        double hi = axis->lo + axis->nbin * axis->width;
        bytes_add_format(b, "%s%c >= ", i ? " AND " : "", 'x' + i);
        /* rounding must not lose the ends that the data themselves gave */
        add_number(b,
                   isfinite(a->axis[i].lo) ? a->axis[i].lo : lo * (is_log ? 1 - 1e-12 : 1));
        bytes_add_format(b, " AND %c <= ", 'x' + i);
        hi = is_log                          ? pow(10, axis->hi) * (1 + 1e-12)
             : hi > axis->hi && isfinite(hi) ? hi
                                             : axis->hi;
        add_number(b, isfinite(a->axis[i].hi) ? a->axis[i].hi : hi);
    }
    if (a->kind == PLOT_series)
        bytes_add_literal(b, " AND y " FINITE);
}

static void add_bin(struct bytes *b, const struct plot_data *d, int which)
{
    const struct plot_axis *axis = &d->axis[which];
    bytes_add(b, axis->scale == PLOT_LOG ? STR("FLOOR((LOG10(") : STR("FLOOR(("));
    bytes_add_char(b, (char)('x' + which));
    bytes_add(b, axis->scale == PLOT_LOG ? STR(") - ") : STR(" - "));
    add_number(b, axis->lo);
    bytes_add_literal(b, ") / ");
    add_number(b, axis->width);
    bytes_add_format(b, ") AS %cbin", 'x' + which);
}

static void add_aggregates(struct bytes *b, const struct plot_ask *a)
{
    bytes_add_literal(b, ", COUNT(*) AS n");
    if (a->kind == PLOT_series)
        bytes_add_literal(b, ", AVG(v) AS y_mean, MIN(v) AS y_min, MAX(v) AS y_max");
    else if (a->weight)
        bytes_add_format(b, ", %s(CASE WHEN v " FINITE " THEN v END) AS %s_v",
                         PLOT_AGGREGATE[a->aggregate].text,
                         PLOT_AGGREGATE[a->aggregate].word);
}

static void add_facets(struct bytes *b, const struct plot_ask *a, const struct plot_data *d)
{
    bytes_add_format(b, "SELECT TOP %u x", a->nfacet);
    add_aggregates(b, a);
    bytes_add_literal(b, " FROM (");
    add_rows(b, a, d);
    bytes_add_literal(b, ") AS plotted GROUP BY x ORDER BY n DESC, x");
}

static void add_sky(struct bytes *b, const struct plot_ask *a, const struct plot_data *d)
{
    bytes_add_literal(b, "SELECT cell");
    add_aggregates(b, a);
    bytes_add_format(b, " FROM (SELECT ivo_healpix_index(%u, x, y) AS cell%s FROM (",
                     a->order, a->weight ? ", v" : "");
    add_rows(b, a, d);
    bytes_add_literal(b, ") AS plotted) AS cells GROUP BY cell");
}

static void add_bins(struct bytes *b, const struct plot_ask *a, const struct plot_data *d)
{
    bool has_both = has_y(a) && a->kind != PLOT_series;
    bytes_add(b, has_both ? STR("SELECT xbin, ybin") : STR("SELECT xbin"));
    add_aggregates(b, a);
    bytes_add_literal(b, " FROM (SELECT ");
    add_bin(b, d, 0);
    if (has_both) {
        bytes_add_literal(b, ", ");
        add_bin(b, d, 1);
    } else if (a->kind == PLOT_series) {
        bytes_add_literal(b, ", y AS v");
    }
    if (a->weight)
        bytes_add_literal(b, ", v");
    bytes_add_literal(b, " FROM (");
    add_rows(b, a, d);
    bytes_add_literal(b, ") AS plotted");
    add_inside(b, a, d);
    bytes_add_literal(b, ") AS binned GROUP BY xbin");
    bytes_add(b, has_both ? STR(", ybin ORDER BY ybin, xbin") : STR(" ORDER BY xbin"));
}

const char *plot_count_text(const struct plot_ask *a, const struct plot_data *d,
                            struct err *e)
{
    struct bytes b;
    begin(&b, a);
    if (a->kind == PLOT_facets)
        add_facets(&b, a, d);
    else if (a->kind == PLOT_sky)
        add_sky(&b, a, d);
    else
        add_bins(&b, a, d);
    return finished(&b, d->arena, e);
}

const char *plot_points_text(const struct plot_ask *a, const struct plot_data *d,
                             struct err *e)
{
    struct bytes b;
    begin(&b, a);
    bytes_add_format(&b, "SELECT TOP %u x, y FROM (", PLOT_MAX_POINTS);
    add_rows(&b, a, d);
    bytes_add_literal(&b, ") AS plotted");
    add_inside(&b, a, d);
    return finished(&b, d->arena, e);
}
