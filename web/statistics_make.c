/* statistics_make.c -- statistics from the data: rows and ranges of all columns in a few
 * scans, then a histogram or the frequent values of each, positions, and a few rows. */
#include <math.h>
#include <stdio.h>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "web/inner.h"
#include "web/inside.h"
#include "web/statistics.h"

enum {
    AT_ONCE = 16,    /* columns of one scan */
    VALUES = 8,      /* most frequent ones that are kept */
    SAMPLE_ROWS = 5, /* rows shown */
    SAMPLE_COLUMNS = 60,
    TEXT_BYTES = 90, /* of a value that is shown */
    WORK_BYTES = 256u << 20
};

struct maker {
    const struct statistics_options *o;
    const struct catalog_table *t;
    struct statistics_table *out;
    struct statistics_column *column; /* of out */
    struct inner inner;
    struct bytes text;       /* of the query at hand */
    int64_t top;             /* only so many rows are looked at; 0: all */
    uint32_t at[AT_ONCE], n; /* columns of the query at hand */
    bool failed;             /* a store did not answer: no more is asked */
};

static bool ask(struct maker *m, int64_t max_rows,
                bool (*take)(void *, const struct inner_rows *), struct err *e)
{
    *e = (struct err){0};
    arena_reset(m->inner.arena);
    bool ok = !m->text.failed &&
              inner_query(&m->inner, bytes_str(&m->text), max_rows, take, m, e);
    if (!ok && (e->kind == ERR_UNAVAILABLE || e->kind == ERR_CANCELLED ||
                e->kind == ERR_TIMEOUT || e->kind == ERR_BUSY)) {
        m->failed = true;
        m->out->is_partial = e->kind == ERR_TIMEOUT && m->out->made_us > 0;
        if (!m->out->is_partial)
            m->out->problem = arena_text(m->out->arena, str_of(e->message));
    }
    return ok;
}

static const struct store_column *meta(const struct maker *m, uint32_t i)
{
    return &m->t->column[i].meta;
}

/* What can be ordered: numbers, times, texts that are times. */
static bool has_range(const struct store_column *c)
{
    return web_is_number(c) || c->type == STORE_TIME_US ||
           (c->type == STORE_TEXT && web_has(c->xtype) &&
            str_eq_fold(str_of(c->xtype), STR("timestamp")));
}

static bool is_searchable(const struct store_column *c)
{
    return !(c->flags & (STORE_HIDDEN | STORE_NO_SEARCH));
}

static void add_from(struct maker *m, const uint32_t *column, uint32_t n)
{
    bytes_add_format(&m->text, " FROM ");
    if (m->top == 0) {
        bytes_add(&m->text, str_of(m->t->full_name));
        return;
    }
    bytes_add_format(&m->text, "(SELECT TOP %lld ", (long long)m->top);
    for (uint32_t i = 0; i < n; i++)
        bytes_add_format(&m->text, "%s%s", i ? ", " : "",
                         web_adql(&m->t->column[column[i]]));
    bytes_add_format(&m->text, " FROM %s) AS part", m->t->full_name);
}

/* ---- ranges ---- */

static bool take_ranges(void *what, const struct inner_rows *r)
{
    struct maker *m = what;
    struct arena *arena = m->out->arena;
    uint32_t at = 0;
    double n = inner_number(r, at++, 0);
    if (m->top && n >= 0)
        m->out->sampled = (int64_t)n;
    else if (m->out->nrow < 0 && n >= 0)
        m->out->nrow = (int64_t)n;
    for (uint32_t i = 0; i < m->n; i++) {
        struct statistics_column *c = &m->column[m->at[i]];
        double filled = inner_number(r, at++, 0);
        c->filled = filled >= 0 ? (int64_t)filled : -1;
        if (!has_range(meta(m, m->at[i])))
            continue;
        c->low = inner_number(r, at, 0);
        c->low_text = inner_text(r, at++, 0, TEXT_BYTES, arena);
        c->high = inner_number(r, at, 0);
        c->high_text = inner_text(r, at++, 0, TEXT_BYTES, arena);
    }
    return false;
}

static void add_range(struct maker *m, uint32_t i)
{
    const char *name = web_adql(&m->t->column[i]);
    bytes_add_format(&m->text, ", COUNT(%s)", name);
    if (has_range(meta(m, i)))
        bytes_add_format(&m->text, ", MIN(%s), MAX(%s)", name, name);
}

static bool ask_ranges(struct maker *m, struct err *e)
{
    bytes_clear(&m->text);
    bytes_add_literal(&m->text, "SELECT COUNT(*)");
    for (uint32_t i = 0; i < m->n; i++)
        add_range(m, m->at[i]);
    add_from(m, m->at, m->n);
    return ask(m, 1, take_ranges, e);
}

/* A store may refuse one of them: then each is asked by itself. */
static void find_some_ranges(struct maker *m)
{
    struct err e;
    uint32_t all[AT_ONCE], n = m->n;
    if (ask_ranges(m, &e) || m->failed)
        return;
    memcpy(all, m->at, sizeof all);
    for (uint32_t i = 0; i < n && !m->failed; i++) {
        m->at[0] = all[i];
        m->n = 1;
        ask_ranges(m, &e);
    }
}

static bool is_infinite(const struct statistics_column *c, const struct store_column *meta)
{
    return web_is_number(meta) && c->filled > 0 && !(isfinite(c->low) && isfinite(c->high));
}

/* NaN and infinity are left out of the range. */
static void mend_range(struct maker *m, uint32_t i)
{
    struct err e;
    const char *name = web_adql(&m->t->column[i]);
    m->at[0] = i;
    m->n = 1;
    int64_t filled = m->column[i].filled;
    bytes_clear(&m->text);
    bytes_add_format(&m->text, "SELECT COUNT(*)");
    add_range(m, i);
    add_from(m, m->at, 1);
    bytes_add_format(&m->text, " WHERE %s > -1E300 AND %s < 1E300", name, name);
    ask(m, 1, take_ranges, &e);
    m->column[i].filled = filled;
}

static void find_ranges(struct maker *m)
{
    m->n = 0;
    for (uint32_t i = 0; i <= m->t->ncolumn && !m->failed; i++) {
        bool is_last = i == m->t->ncolumn;
        if (!is_last && is_searchable(meta(m, i)))
            m->at[m->n++] = i;
        if (m->n && (m->n == AT_ONCE || is_last)) {
            find_some_ranges(m);
            m->n = 0;
        }
    }
    for (uint32_t i = 0; i < m->t->ncolumn && !m->failed; i++)
        if (is_searchable(meta(m, i)) && is_infinite(&m->column[i], meta(m, i)))
            mend_range(m, i);
}

/* ---- histograms ---- */

static bool is_integer(const struct store_column *c)
{
    return c->type >= STORE_U8 && c->type <= STORE_I64;
}

/* How the axis is cut. False: there is nothing to cut. */
static bool choose_bins(struct maker *m, uint32_t i, bool is_log)
{
    struct statistics_column *c = &m->column[i];
    if (!isfinite(c->low) || !isfinite(c->high) || !(c->high > c->low))
        return false;
    c->is_log = is_log;
    double low = c->is_log ? log10(c->low) : c->low;
    double high = c->is_log ? log10(c->high) : c->high;
    c->nbin = STATISTICS_BINS;
    c->bin_low = low;
    c->bin_width = (high - low) / STATISTICS_BINS;
    if (is_integer(meta(m, i)) && !c->is_log) {
        c->bin_width = ceil((high - low + 1) / STATISTICS_BINS);
        c->nbin = (uint32_t)ceil((high - low + 1) / c->bin_width);
    }
    return c->bin_width > 0 && c->nbin > 0 && c->nbin <= STATISTICS_BINS;
}

static bool take_bins(void *what, const struct inner_rows *r)
{
    struct maker *m = what;
    struct statistics_column *c = &m->column[m->at[0]];
    int64_t *bin = (int64_t *)(uintptr_t)c->bin;
    for (uint32_t k = 0; k < r->nrow; k++) {
        double at = inner_number(r, 0, k), n = inner_number(r, 1, k);
        if (!isfinite(at) || !(n > 0))
            continue;
        double last = c->nbin - 1; /* the greatest value is at the end of the last bin */
        bin[(uint32_t)fmin(fmax(at, 0), last)] += (int64_t)n;
    }
    return true;
}

static void add_decimal(struct bytes *b, double value)
{
    bytes_add_format(b, "(%.17g", value);
    if (value == trunc(value) && fabs(value) < 1e15)
        bytes_add_literal(b, ".0");
    bytes_add_char(b, ')');
}

static void find_bins(struct maker *m, uint32_t i)
{
    struct err e;
    struct statistics_column *c = &m->column[i];
    const char *name = web_adql(&m->t->column[i]);
    int64_t *bin = arena_new_array(m->out->arena, int64_t, STATISTICS_BINS);
    const char *form = c->is_log ? "LOG10(%s)" : c->is_time ? "ivo_to_mjd(%s)" : "%s";
    struct bytes b;
    bytes_init(&b, 4096);
    bytes_add_literal(&b, "FLOOR((");
    bytes_add(&b, (str){form, (size_t)(strchr(form, '%') - form)});
    bytes_add(&b, str_of(name));
    bytes_add(&b, str_of(strchr(form, '%') + 2));
    bytes_add_literal(&b, " - ");
    add_decimal(&b, c->bin_low);
    bytes_add_literal(&b, ") / ");
    add_decimal(&b, c->bin_width);
    bytes_add_literal(&b, ")");
    m->at[0] = i;
    bytes_clear(&m->text);
    bytes_add_format(&m->text, "SELECT %.*s AS bin, COUNT(*) AS n", (int)b.len, b.at);
    add_from(m, m->at, 1);
    if (c->is_time)
        bytes_add_format(&m->text, " WHERE %s IS NOT NULL", name);
    else
        bytes_add_format(&m->text, " WHERE %s >= %.17g AND %s <= %.17g", name, c->low, name,
                         c->high);
    bytes_add_format(&m->text, " GROUP BY %.*s", (int)b.len, b.at);
    bytes_free(&b);
    c->bin = bin;
    if (!bin || !ask(m, STATISTICS_BINS * 4, take_bins, &e))
        c->nbin = 0;
}

static void to_mjd(struct statistics_column *c)
{
    const double US_A_DAY = 86400e6, MJD_1970 = 40587;
    c->is_time = true;
    c->low = c->low / US_A_DAY + MJD_1970;
    c->high = c->high / US_A_DAY + MJD_1970;
}

/* Nearly all rows in the first bin: a plain axis shows nothing of them. */
static bool wants_log(const struct statistics_column *c)
{
    const double DECADES = 1e3, NEARLY_ALL = 0.7;
    return c->nbin && !c->is_time && c->low > 0 && c->high / c->low > DECADES &&
           (double)c->bin[0] > NEARLY_ALL * (double)c->filled;
}

static void find_histogram(struct maker *m, uint32_t i)
{
    struct statistics_column *c = &m->column[i];
    if (meta(m, i)->type == STORE_TIME_US)
        to_mjd(c);
    if (choose_bins(m, i, false))
        find_bins(m, i);
    else
        c->nbin = 0;
    if (wants_log(c) && choose_bins(m, i, true))
        find_bins(m, i);
}

/* ---- frequent values ---- */

static bool take_values(void *what, const struct inner_rows *r)
{
    struct maker *m = what;
    struct statistics_column *c = &m->column[m->at[0]];
    struct statistics_value *value = (struct statistics_value *)(uintptr_t)c->value;
    for (uint32_t k = 0; k < r->nrow && c->nvalue <= VALUES; k++)
        value[c->nvalue++] = (struct statistics_value){
            inner_text(r, 0, k, TEXT_BYTES, m->out->arena), (int64_t)inner_number(r, 1, k)};
    return c->nvalue <= VALUES;
}

static void find_values(struct maker *m, uint32_t i)
{
    struct err e;
    struct statistics_column *c = &m->column[i];
    const char *name = web_adql(&m->t->column[i]);
    c->value = arena_new_array(m->out->arena, struct statistics_value, VALUES + 1);
    m->at[0] = i;
    bytes_clear(&m->text);
    bytes_add_format(&m->text, "SELECT TOP %d %s AS v, COUNT(*) AS n", VALUES + 1, name);
    add_from(m, m->at, 1);
    bytes_add_format(&m->text, " WHERE %s IS NOT NULL GROUP BY %s ORDER BY n DESC", name,
                     name);
    if (!c->value || !ask(m, VALUES + 1, take_values, &e))
        c->nvalue = 0;
    c->values_are_all = c->nvalue > 0 && c->nvalue <= VALUES;
    if (c->nvalue > VALUES)
        c->nvalue = VALUES;
}

/* ---- what each column is asked ---- */

/* Names of single rows are not counted: all are different. */
static bool has_values(const struct maker *m, uint32_t i)
{
    const struct store_column *c = meta(m, i);
    bool is_only_key = c->flags & STORE_KEY && c->type == STORE_TEXT;
    return (c->type == STORE_TEXT || (c->type == STORE_BOOL && c->length == 1)) &&
           !is_only_key && !(web_has(c->xtype) && c->type == STORE_TEXT);
}

static bool has_few_values(const struct maker *m, uint32_t i)
{
    enum { FEW = VALUES };
    const struct statistics_column *c = &m->column[i];
    return is_integer(meta(m, i)) && c->high - c->low < FEW;
}

static void find_distribution(struct maker *m, uint32_t i)
{
    const struct store_column *c = meta(m, i);
    if (!is_searchable(c) || m->column[i].filled <= 0)
        return;
    if (has_values(m, i) || (web_is_number(c) && has_few_values(m, i)))
        find_values(m, i);
    if ((web_is_number(c) || c->type == STORE_TIME_US) && c->length == 1) {
        find_histogram(m, i);
    }
}

/* ---- positions ---- */

static bool take_cells(void *what, const struct inner_rows *r)
{
    struct maker *m = what;
    char *density = (char *)(uintptr_t)m->out->density;
    for (uint32_t k = 0; k < r->nrow; k++) {
        double cell = inner_number(r, 0, k), n = inner_number(r, 1, k);
        if (cell >= 0 && cell < STATISTICS_CELLS && n >= 1)
            density[(uint32_t)cell] = (char)('a' + (int)fmin(floor(log2(n)), 25));
    }
    return true;
}

static void find_density(struct maker *m)
{
    struct err e;
    const struct catalog_table *t = m->t;
    if (t->lon_column < 0 || t->lat_column < 0 || m->failed)
        return;
    char *density = arena_new_array(m->out->arena, char, STATISTICS_CELLS + 1);
    if (!density)
        return;
    memset(density, '0', STATISTICS_CELLS);
    m->at[0] = (uint32_t)t->lon_column;
    m->at[1] = (uint32_t)t->lat_column;
    const char *lon = web_adql(&t->column[t->lon_column]);
    const char *lat = web_adql(&t->column[t->lat_column]);
    bytes_clear(&m->text);
    bytes_add_format(&m->text,
                     "SELECT ivo_healpix_index(%d, %s, %s) AS cell, COUNT(*) AS n",
                     STATISTICS_ORDER, lon, lat);
    add_from(m, m->at, 2);
    bytes_add_format(&m->text,
                     " WHERE %s IS NOT NULL AND %s IS NOT NULL GROUP BY "
                     "ivo_healpix_index(%d, %s, %s)",
                     lon, lat, STATISTICS_ORDER, lon, lat);
    m->out->density = density;
    if (!ask(m, STATISTICS_CELLS * 2, take_cells, &e))
        m->out->density = NULL;
}

/* ---- a few rows ---- */

static uint32_t shown_columns(const struct catalog_table *t, uint32_t list[SAMPLE_COLUMNS])
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < t->ncolumn && n < SAMPLE_COLUMNS; i++)
        if (!(t->column[i].meta.flags & STORE_HIDDEN))
            list[n++] = i;
    return n;
}

static bool take_sample(void *what, const struct inner_rows *r)
{
    struct maker *m = what;
    uint32_t list[SAMPLE_COLUMNS], n = shown_columns(m->t, list);
    const char **cell = (const char **)(uintptr_t)m->out->sample;
    for (uint32_t k = 0; k < r->nrow && m->out->nsample < SAMPLE_ROWS; k++) {
        for (uint32_t i = 0; i < n; i++)
            cell[(size_t)m->out->nsample * m->t->ncolumn + list[i]] =
                inner_text(r, i, k, TEXT_BYTES, m->out->arena);
        m->out->nsample++;
    }
    return m->out->nsample < SAMPLE_ROWS;
}

static void find_sample(struct maker *m)
{
    struct err e;
    uint32_t list[SAMPLE_COLUMNS], n = shown_columns(m->t, list);
    m->out->sample = arena_new_array(m->out->arena, const char *,
                                     (size_t)SAMPLE_ROWS * m->t->ncolumn + 1);
    if (n == 0 || !m->out->sample)
        return;
    bytes_clear(&m->text);
    bytes_add_format(&m->text, "SELECT TOP %d ", SAMPLE_ROWS);
    for (uint32_t i = 0; i < n; i++)
        bytes_add_format(&m->text, "%s%s", i ? ", " : "", web_adql(&m->t->column[list[i]]));
    bytes_add_format(&m->text, " FROM %s", m->t->full_name);
    ask(m, SAMPLE_ROWS, take_sample, &e);
}

/* Values to show of columns that are not counted. */
static void take_examples(struct maker *m)
{
    enum { EXAMPLES = 3 };
    for (uint32_t i = 0; i < m->t->ncolumn; i++) {
        struct statistics_column *c = &m->column[i];
        if (c->nvalue || c->nbin || m->out->nsample == 0)
            continue;
        struct statistics_value *value =
            arena_new_array(m->out->arena, struct statistics_value, EXAMPLES);
        for (uint32_t r = 0; value && r < m->out->nsample && c->nvalue < EXAMPLES; r++) {
            const char *text = m->out->sample[(size_t)r * m->t->ncolumn + i];
            if (text)
                value[c->nvalue++] = (struct statistics_value){text, 0};
        }
        c->value = value;
    }
}

static void make_all(struct maker *m)
{
    find_sample(m);
    if (!m->failed)
        find_ranges(m);
    if (!m->failed)
        m->out->made_us = clock_now_us(); /* from here on it is worth showing */
    find_density(m);
    for (uint32_t i = 0; i < m->t->ncolumn && !m->failed; i++)
        find_distribution(m, i);
    take_examples(m);
}

/* Who scans in a server that others use too is asked for less. */
static int64_t most_exact(const struct statistics_options *o, const struct catalog_table *t)
{
    enum { LESS = 20 };
    const struct query_env *env = &o->dali->env;
    bool is_own = t->store < env->nstore &&
                  env->store[t->store].plugin == env->store[env->engine].plugin;
    return is_own ? o->exact_rows : o->exact_rows / LESS;
}

struct statistics_table *statistics_make(const struct statistics_options *o,
                                         const struct catalog *catalog,
                                         const struct catalog_table *t,
                                         struct cancel *cancel)
{
    struct statistics_table *out = statistics_blank(t);
    struct arena *work = arena_new(WORK_BYTES);
    if (!out || !work) {
        statistics_drop(out);
        arena_free(work);
        return NULL;
    }
    struct maker m = {.o = o,
                      .t = t,
                      .out = out,
                      .column = (struct statistics_column *)(uintptr_t)out->column,
                      .inner = {.dali = o->dali,
                                .catalog = catalog,
                                .cancel = cancel,
                                .deadline_ns = clock_deadline_ns(o->table_s),
                                .limit_s = o->table_s,
                                .arena = work,
                                .name = "statistics"}};
    bytes_init(&m.text, 1u << 20);
    if (t->row_estimate > most_exact(o, t)) {
        m.top = o->sample_rows;
        out->nrow = t->row_estimate;
    }
    make_all(&m);
    out->made_us = clock_now_us();
    bytes_free(&m.text);
    arena_free(work);
    return out;
}
