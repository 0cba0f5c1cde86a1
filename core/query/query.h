/* query.h -- tree to plan to rows: who does what, and the embedded engine for the rest.
 *
 *   prepare   text > bound tree > plan; touches no store
 *   open      takes a session of a store, sends it uploads and the statement; rows follow
 */
#ifndef CORE_QUERY_QUERY_H
#define CORE_QUERY_QUERY_H

#include "adql/adql.h"
#include "core/base/arena.h"
#include "core/base/cancel.h"
#include "core/base/rows.h"
#include "core/catalog/catalog.h"

/* The stores of the node. `engine` is the index of the embedded engine, which also holds
 * TAP_SCHEMA. A catalog that has stores of its own (catalog_stores: an array of these, as
 * many, of the same names) is asked there. */
struct query_store {
    const char *name;
    const struct store_plugin *plugin;
    struct store *store;
    const struct adql_dialect *dialect; /* NULL: not an SQL store */
};

struct query_env {
    const struct query_store *store;
    uint32_t nstore, engine;
    /* Resolves an object name to ICRS degrees (ivo_simbadpoint); NULL: none. */
    bool (*resolve)(void *what, str name, double *lon, double *lat, struct err *);
    void *resolve_what;
};

/* The environment for what is asked of one snapshot. */
struct query_env query_env_of(const struct query_env *, const struct catalog *);

struct query_upload {       /* TAP_UPLOAD.name */
    const char *name;       /* a regular identifier */
    struct rowsource *rows; /* the query's own once query_prepare() was called */
};

struct query_request {
    str text;
    enum adql_lang lang;
    int64_t max_rows; /* rows beyond are cut and flagged; -1: none; 0: no row wanted */
    int64_t deadline_ns;
    const char *request_id, *user;
    struct cancel *cancel;
    struct query_upload *upload;
    uint32_t nupload;
    bool wants_progress; /* query_progress() will be asked */
    bool plain_joins;    /* for tests: joins as they are written */
};

struct query;

/* Everything lives in the arena, which must outlive the rows. The catalog is kept. NULL:
 * ERR_USAGE with the place in the text, or what the planner cannot do. */
struct query *query_prepare(const struct query_env *, const struct catalog *,
                            const struct query_request *, struct arena *, struct err *);

const struct store_column *const *query_columns(const struct query *, uint32_t *ncolumn);

/* The snapshot that it was bound to; lives as long as the query. */
const struct catalog *query_catalog(const struct query *);

/* The catalog's tables that the query reads (not uploads), each once. */
const struct catalog_table *const *query_tables(const struct query *, uint32_t *ntable);

/* How much work it is, as a guess from the catalog and the text: no store is asked. */
struct query_cost {
    double rows_read, rows_out;
};
struct query_cost query_cost(const struct query *);

/* Index of the store that runs the statement, in query_env.store. */
uint32_t query_store_index(const struct query *);
/* When its names and types were known, and the planners began (monotonic). */
int64_t query_bound_ns(const struct query *);

/* What the store is told, as text. */
str query_statement(const struct query *);

/* Rows follow; closing them gives the session back. May be called once. */
struct rowsource *query_open(struct query *, struct err *);

/* After the rows have ended: were some cut by max_rows? Lives as long as the query. */
const bool *query_overflow(const struct query *);

/* 0..1 while rows are open, or -1. From any thread. */
double query_progress(struct query *);

/* For people: the bound tree, which store gets which text, and (when `with_store`) the
 * store's own plan. */
bool query_explain(struct query *, bool with_store, struct bytes *, struct err *);

/* The same as a tree in JSON: {"what", "detail", "rows", "children"}, each left out where
 * there is none; the root is the answer. */
void query_explain_steps(const struct query *, struct bytes *);
/* The store's own plan as text; nothing where it has none. */
void query_explain_store(struct query *, struct bytes *);

/* A table of which all rows would come: no TOP, no condition, no grouping. The largest of
 * the query; NULL: none. */
const struct catalog_table *query_whole_table(const struct query *);

/* The words of a store's failure as an error of ours. */
bool query_store_error(enum store_status, const struct store_error *,
                       const struct query_request *, struct err *);

/* --- at start-up ------------------------------------------------------------------------
 */

/* (Re)makes the engine's tap_schema tables from the catalog. */
bool query_load_tap_schema(const struct query_env *, const struct catalog *, struct err *);

#endif
