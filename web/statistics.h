/* statistics.h -- what the values of a table are like: computed from the data by queries of
 * the node's own, one at a time, behind all others; kept in memory and in a file. */
#ifndef WEB_STATISTICS_H
#define WEB_STATISTICS_H

#include "core/dali/dali.h"

struct statistics;

enum { STATISTICS_ORDER = 5, STATISTICS_CELLS = 12288, STATISTICS_BINS = 24 };

struct statistics_value { /* NULL text: an empty value */
    const char *text;
    int64_t n;
};

struct statistics_column {
    int64_t filled;                   /* rows with a value; -1: not known */
    double low, high;                 /* NaN: unknown; of times: MJD */
    const char *low_text, *high_text; /* as the node prints them; NULL: unknown */
    bool is_log;                      /* bins are equal in the logarithm */
    bool is_time;                     /* low, high and bins are MJD */
    double bin_low, bin_width;        /* of the value, or of its decimal logarithm */
    uint32_t nbin;                    /* 0: no histogram */
    const int64_t *bin;
    uint32_t nvalue; /* the most frequent values, that first; or a few examples */
    const struct statistics_value *value;
    bool values_are_all; /* no other values occur */
};

/* Immutable, counted. Columns are those of the catalog's table, in its order. */
struct statistics_table {
    _Atomic uint32_t count;
    struct arena *arena;
    const char *name;
    uint64_t signature;  /* of the table's description */
    int64_t made_us;     /* 0: not made yet */
    int64_t nrow;        /* counted, or as the store estimates; -1: unknown */
    int64_t sampled;     /* only the first so many rows were looked at; 0: all */
    const char *problem; /* why there is nothing, for people; NULL: there is */
    bool is_partial;     /* some of it took too long; not kept in the file */
    uint32_t ncolumn;
    const struct statistics_column *column;
    uint32_t nsample;          /* first rows: cell i of row r is sample[r * ncolumn + i] */
    const char *const *sample; /* NULL: an empty value, or a column left out */
    /* Rows in each HEALPix cell of STATISTICS_ORDER: '0' none, 'a' 1, 'b' 2 or 3, 'c' 4 to
     * 7, ...; NULL: no positions. */
    const char *density;
};

struct statistics_options {
    struct dali *dali;
    const char *state_folder; /* of statistics.sqlite; NULL: memory only */
    double table_s;           /* longest for one table; 0: 120 */
    /* Larger tables are sampled; 0: 20 million. Of stores that are not embedded a
     * twentieth. */
    int64_t exact_rows;
    int64_t sample_rows; /* so many are looked at then; 0: a million */
};

/* NULL with *e. */
struct statistics *statistics_new(const struct statistics_options *, struct err *e);
void statistics_free(struct statistics *); /* breaks off what is being computed */

/* What is known of the table, to be dropped; NULL: not yet, it is being computed from now
 * on. Never waits for a query. */
const struct statistics_table *statistics_get(struct statistics *,
                                              const struct catalog_table *);
void statistics_drop(const struct statistics_table *);

/* Of the description that statistics belong to. */
uint64_t statistics_signature(const struct catalog_table *);

/* --- the parts; for this folder and tests --- */

/* Computes them, in the calling thread. Never NULL but for lack of memory: problem says
 * what went wrong. */
struct statistics_table *statistics_make(const struct statistics_options *,
                                         const struct catalog *,
                                         const struct catalog_table *, struct cancel *);
/* Empty ones, counted once. NULL: no memory. */
struct statistics_table *statistics_blank(const struct catalog_table *);

struct statistics_file;
/* NULL with *e. */
struct statistics_file *statistics_file_open(const char *path, struct err *e);
void statistics_file_close(struct statistics_file *);
bool statistics_file_write(struct statistics_file *, const struct statistics_table *,
                           struct err *e);
/* NULL: not there, of another description, or *e. */
struct statistics_table *statistics_file_read(struct statistics_file *,
                                              const struct catalog_table *, struct err *e);

#endif
