/* plot.h -- private: plots of tables. What is asked becomes ADQL that counts in the store,
 * so that a plot costs the same whatever the number of rows; the counts become JSON or
 * a drawing.
 *
 *   plot_ask.c    parameters > struct plot_ask
 *   plot_text.c   struct plot_ask > ADQL   plot_rows.c: ADQL > numbers
 *   plot_make.c   ranges, then counts > struct plot_data   plot_cache.c: kept for a while
 *   plot_json.c, plot_svg.c (plot_axis.c)    struct plot_data > bytes */
#ifndef WEB_PLOT_H
#define WEB_PLOT_H

#include "core/dali/dali.h"

/* clang-format off */
#define PLOT_KINDS(X) /* word, axes, what people read */ \
    X(histogram,   1, "Histogram") \
    X(histogram2d, 2, "Histogram in two dimensions") \
    X(scatter,     2, "Scatter plot, as density where there are many points") \
    X(series,      2, "Series: mean and range of y along x") \
    X(sky,         2, "Density on the sky") \
    X(facets,      1, "Most frequent values")
#define PLOT_AGGREGATES(X) /* word, ADQL */ \
    X(count, "COUNT") X(sum, "SUM") X(avg, "AVG") X(min, "MIN") X(max, "MAX")
/* clang-format on */

enum plot_kind {
#define X(word, naxis, text) PLOT_##word,
    PLOT_KINDS(X)
#undef X
        PLOT_NKIND
};
enum plot_aggregate {
#define X(word, adql) PLOT_##word,
    PLOT_AGGREGATES(X)
#undef X
        PLOT_NAGGREGATE
};
enum plot_scale { PLOT_LINEAR, PLOT_LOG, PLOT_TIME }; /* times are MJD */

struct plot_word {
    const char *word, *text;
    uint32_t naxis; /* of a kind */
};
extern const struct plot_word PLOT_KIND[PLOT_NKIND], PLOT_AGGREGATE[PLOT_NAGGREGATE];

enum {
    PLOT_MAX_BINS = 1000,   /* of one axis */
    PLOT_MAX_BINS_2D = 400, /* of each of two */
    PLOT_MAX_FACETS = 200,
    PLOT_MAX_ORDER = 6, /* of HEALPix: 49152 cells */
    PLOT_MAX_POINTS = 2000,
    PLOT_TEXT_BYTES = 4096,  /* of an expression or a condition */
    PLOT_QUERY_BYTES = 65536 /* of a query whose rows are plotted */
};

struct plot_axis_ask {
    const char *expression; /* canonical ADQL of one value */
    double lo, hi;          /* NaN: as the data have it */
    uint32_t nbin;          /* 0: a round width, about as many as are good to see */
    bool is_log;
};

struct plot_ask {
    enum plot_kind kind;
    enum plot_aggregate aggregate;
    const char *with, *from;           /* "a AS (...), "; a table, or a query in () */
    const struct catalog_table *table; /* NULL: a query */
    const char *condition;             /* canonical ADQL; NULL: all rows */
    const char *weight;                /* what is summed up; NULL: rows are counted */
    struct plot_axis_ask axis[2];
    uint32_t order, nfacet;
    const char *key; /* all of it as one text, for the cache */
};

/* Reads the parameters table or query, kind, x, y, bins, ybins, xmin, xmax, ymin, ymax,
 * xlog, ylog, where, weight, aggregate, order, n. Names and conditions are read by ADQL's
 * parser and written anew from its tree. False with *e: the message names the parameter. */
bool plot_read(struct http_request *, const struct catalog *, struct plot_ask *,
               struct err *);
/* The same with given parameters, for pages that make plots of their own. */
bool plot_read_params(const struct http_param *, size_t nparam, const struct catalog *,
                      struct arena *, struct plot_ask *, struct err *);

struct plot_axis {
    const char *expression, *unit, *ucd; /* unit, ucd: NULL unknown */
    enum plot_scale scale;
    bool is_text;
    double lo, hi, width; /* of a log axis: of the common logarithms */
    uint32_t nbin;
};

struct plot_cell {
    uint32_t x, y; /* sky: x is the HEALPix cell; facets: x is the value's rank */
    int64_t n;
    double value[3]; /* histogram...: aggregate; series: mean, least, greatest */
};

struct plot_point {
    double x, y;
};

/* Immutable once made, in its own arena; counted. */
struct plot_data {
    struct arena *arena;
    atomic_uint count;
    enum plot_kind kind;
    enum plot_aggregate aggregate;
    struct plot_axis axis[2];
    const char *source, *condition, *weight;
    const char *adql, *range_adql, *points_adql; /* NULL: was not asked */
    int64_t nrow, nnull, nin;                    /* all rows; no number; counted in cells */
    uint32_t order, ncell, npoint;
    struct plot_cell *cell;   /* by y, then x */
    const char *const *label; /* of facets; a NULL is NULL */
    struct plot_point *point; /* scatter: all of them, when they are few */
    int64_t made_us;
    double seconds; /* it took */
};

/* The kept answer, or a new one. To drop after use. NULL with *e. */
struct plot_cache;
struct plot_cache *plot_cache_new(size_t max_bytes);
void plot_cache_free(struct plot_cache *);
const struct plot_data *plot_get(struct plot_cache *, struct dali *, struct http_request *,
                                 const struct catalog *, const struct plot_ask *,
                                 bool *was_kept, struct err *);
void plot_drop(const struct plot_data *);

/* --- made of it --- */

/* Where bin i of an axis begins, in the axis' own values (i == nbin: where the last ends).
 */
double plot_edge(const struct plot_axis *, uint32_t i);
void plot_write_json(struct bytes *, const struct plot_data *);
/* A drawing; its page has PLOT_STYLE. is_log: heights of a histogram. title: for people
 * who do not see it. */
void plot_write_svg(struct bytes *, const struct plot_data *, bool is_log,
                    const char *title);
/* Of facets: their shares. */
void plot_write_pie(struct bytes *, const struct plot_data *, const char *title);
extern const char PLOT_STYLE[];

/* --- private steps --- */

/* ADQL of the two passes, in the data's arena; NULL with *e. */
const char *plot_probe_text(const struct plot_ask *, struct arena *, struct err *);
const char *plot_range_text(const struct plot_ask *, const struct plot_data *,
                            struct err *);
const char *plot_count_text(const struct plot_ask *, const struct plot_data *,
                            struct err *);
const char *plot_points_text(const struct plot_ask *, const struct plot_data *,
                             struct err *);

/* Rows of a query of ours: numbers (NaN: NULL or no number) or texts. */
struct plot_rows {
    uint32_t ncolumn, nrow, capacity;
    double **number;
    const char ***text; /* NULL: NULL, or no text */
};
struct plot_call { /* what the queries of one plot share */
    struct dali *dali;
    struct http_request *request;
    int64_t deadline_ns;
    bool wants_text; /* of all columns */
};
/* The columns that the query would have. They live as long as the request. */
bool plot_columns(const struct plot_call *, const char *text,
                  const struct store_column *const **column, uint32_t *ncolumn,
                  struct err *);
bool plot_run(const struct plot_call *, const char *text, struct arena *,
              struct plot_rows *, struct err *);
/* A new one, of one reference. */
struct plot_data *plot_make(const struct plot_call *, const struct plot_ask *,
                            struct err *);

#endif
