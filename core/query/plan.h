/* plan.h -- what a prepared query is, for the files of this folder. */
#ifndef CORE_QUERY_PLAN_H
#define CORE_QUERY_PLAN_H

#include <pthread.h>

#include "core/query/query.h"

enum { PLAN_RANGES = 4 };

struct plan_ranges { /* upload_ranges.c: the cones of an upload's rows as HEALPix ranges */
    double radius_deg; /* 0: nobody asked for them */
    uint32_t lon, lat; /* columns of the upload */
    int order;
    uint32_t first_column; /* hidden, of the catalog table: lo, hi, lo, hi ... */
};

struct plan_upload { /* an uploaded table, and what the store receives */
    struct rowsource *rows;
    struct store_table received;
    struct plan_ranges ranges;
};

struct plan_feed {          /* rows of ours that a store receives */
    struct store_feed feed; /* must be first */
    struct rowsource *rows; /* the caller's */
    struct err err;         /* why the rows ended badly; else ERR_NONE */
};

/* feed.c */
struct plan_feed plan_feed_of(struct rowsource *);

struct plan_column { /* in a filter: its number in the store's table is known at the end */
    struct store_expr expr;
    const char *native;
    struct plan_column *next;
};

struct plan_gather { /* a table of another store: its rows come to the engine first */
    const struct adql_used_table *used;
    struct store_table received;
    uint32_t *column;                 /* of the store's table: what is asked for */
    const struct store_expr **filter; /* rows that fail one of them are not wanted */
    enum store_claim *claim; /* what the store makes of each: nothing that counts here */
    uint32_t nfilter;
    struct plan_column *named; /* the columns in the filters */
    double share;              /* of the table that an index lets pass, at most */
};

struct plan_note { /* what a planner did to a join, in words */
    struct plan_note *next;
    const char *text;
    const struct adql_from *pair[2]; /* tables that meet by cells now */
};

struct query {
    const struct query_env *env; /* around */
    struct query_env around;
    const struct catalog *catalog;
    struct query_request request;
    struct arena *arena;
    struct adql_query *tree;
    uint32_t store; /* that runs the statement */
    struct bytes sql;
    struct adql_parameters parameters;
    struct plan_upload *upload;
    uint32_t nupload;
    struct plan_gather *gather;
    uint32_t ngather;
    struct plan_note *note; /* the first */
    uint32_t ncells;        /* lists of cells that planners made */
    const struct catalog_table **table;
    uint32_t ntable;
    bool overflow;
    int64_t bound_ns;
    struct store_call call;
    struct store_plain plain; /* of the call */
    pthread_mutex_t lock;     /* of session: progress is asked from other threads */
    struct store_session *session;
};

/* prepare.c: the statement of the plan. parameters NULL: all values in its text. */
bool plan_write(struct query *, struct bytes *sql, struct adql_parameters *, struct err *);

/* plain.c: the statement that was written is a plain scan: q->plain says of what. */
bool plan_is_plain(struct query *);

/* prepare.c: the store refused the statement: a new plan, for the engine. False with *e:
 * why that cannot be, in the store's words. */
bool plan_again(struct query *, const char *why, struct err *);

/* upload.c: the catalog tables that uploads are, for binding. NULL with *e. */
struct catalog_table *plan_upload_tables(struct query *, struct err *);

/* upload_ranges.c: hidden columns for the ranges, behind those of the catalog table (room
 * for 2 * PLAN_RANGES); the condition that a row of `large` lies in the ranges of a row of
 * the upload `cone` (NULL: not for these, or no memory); the rows with their ranges (free
 * by close; the upload's own rows stay open; NULL: no memory). */
void plan_ranges_columns(struct plan_upload *, struct catalog_table *,
                         struct catalog_column *);
struct adql_node *plan_ranges_condition(struct query *, struct adql_from *large,
                                        struct adql_from *cone, const struct adql_node *lon,
                                        const struct adql_node *lat, double radius_deg);
struct rowsource *plan_ranges_rows(const struct plan_upload *);

/* sky_index.c: conditions on positions get ranges of the index column beside them. */
bool plan_sky_index(struct query *, struct err *);
/* footprint_index.c: what goes beside a condition on footprints; NULL: nothing. */
struct adql_node *plan_footprint(struct query *, struct adql_node *condition, bool *failed);
/* A little wider, for what an index of a store's own is asked. */
double plan_near_radius_deg(double radius_deg);

/* join.c: conditions between two tables that stores can look up. */
bool plan_joins(struct query *, struct err *e);

/* gather.c: which tables must come to the engine; and bringing them. */
bool plan_gather_tables(struct query *, struct err *);
bool plan_gather_rows(struct query *, struct err *);
/* gather_filter.c: filters of `used`, the table's alone. False: no memory. */
bool plan_gather_filters(struct query *, struct plan_gather *);
/* Only the columns that the query reads are there: no index. */
bool plan_is_gathered(const struct query *, const struct catalog_table *);

/* Names of the temporary tables, in the arena: "up_0", "in_3". */
const char *plan_temporary(struct query *, const char *prefix, uint32_t i);

static inline const struct query_store *plan_store(const struct query *q)
{
    return &q->env->store[q->store];
}

#endif
