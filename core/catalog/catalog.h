/* catalog.h -- which schemas, tables, columns and keys exist and what they mean.
 *
 * A catalog is an immutable snapshot, counted, replaced whole. It is made from description
 * files (Felis vocabulary, one per experiment) laid over what the stores themselves report.
 */
#ifndef CORE_CATALOG_CATALOG_H
#define CORE_CATALOG_CATALOG_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/arena.h"
#include "core/base/err.h"
#include "core/base/rows.h"
#include "core/base/str.h"

struct catalog;
struct catalog_names; /* a hash of names */

struct catalog_column {
    struct store_column meta; /* what clients see; meta.name as used in queries, unquoted */
    const char *adql_name;    /* as published: quoted where it must be; NULL: not quoted */
    const char *native;       /* the store's own name */
    uint32_t index;           /* position in its table */
};

struct catalog_key { /* a foreign key */
    const char *id, *description, *utype;
    const char *target; /* full name of the target table */
    uint32_t ncolumn;
    const char *const *from_column, *const *to_column;
};

struct catalog_table {
    const char *schema, *name; /* unquoted: "kascade", "events" */
    const char *full_name; /* as used in queries: schema.table, quoted where it must be */
    const char *title, *description, *utype;
    bool is_view;
    uint32_t index; /* position in its schema */
    uint32_t ncolumn;
    const struct catalog_column *column; /* hidden ones included, at the end */
    uint32_t nkey;
    const struct catalog_key *key;
    int32_t lon_column, lat_column, hpx_column, hpx_order; /* as in struct store_table */
    const char *near_cone, *near_join;                     /* the same */
    double near_most_deg;
    const char *coverage_moc; /* ASCII MOC, or NULL: could be anywhere */
    int64_t row_estimate;     /* -1: unknown */
    uint32_t store;           /* index into the node's list of stores */
    const char *native;     /* for SQL: prefix and the store's name, quoted where needed */
    const char *store_name; /* as the store lists it (struct store_request) */
    /* Of the columns. NULL in a table made by hand (an upload): they are then compared one
     * by one. */
    const struct catalog_names *names;
};

struct catalog_origin { /* DataOrigin and front-page words of one experiment */
    const char *title, *publisher, *creator, *contact, *reference_url, *citation, *bibcode;
    const char *doi; /* "10.1000/abc" */
    const char *licence, *licence_url, *ivoid, *version, *release_date;
    const char *what, *where, *when; /* free text for people */
    const char *caveats;             /* what to beware of, the same */
};

struct catalog_schema {
    const char *name;      /* unquoted */
    const char *adql_name; /* as published: quoted where it must be */
    const char *title, *description, *utype;
    uint32_t index;
    struct catalog_origin origin; /* NULLs: unknown */
    uint32_t ntable;
    const struct catalog_table *table;
};

struct catalog_example { /* one example query of /examples */
    const char *id, *name, *description, *query;
    uint32_t ntable;
    const char *const *table;
};

/* Counted. Safe from any thread. */
const struct catalog *catalog_keep(const struct catalog *);
void catalog_drop(const struct catalog *);
/* The same for whoever keeps a snapshot for long and only for its words: the stores behind
 * it may be closed meanwhile. */
const struct catalog *catalog_keep_words(const struct catalog *);
void catalog_drop_words(const struct catalog *);

/* The opened stores that a snapshot was made of, as an array by catalog_table.store;
 * release(stores) is called when nobody holds the snapshot any more. Once, before it is
 * shared. NULL from catalog_stores(): it has none. */
void catalog_own_stores(struct catalog *, const void *stores, void (*release)(void *));
const void *catalog_stores(const struct catalog *);

uint32_t catalog_nschema(const struct catalog *);
const struct catalog_schema *catalog_schema_at(const struct catalog *, uint32_t i);
uint32_t catalog_nexample(const struct catalog *);
const struct catalog_example *catalog_example_at(const struct catalog *, uint32_t i);

/* Names are folded: an unquoted name is lower-cased by the caller's rules (ADQL-4):
 * is_quoted tells which. schema.at == NULL: any schema; then a table name that several
 * schemas have is not found and *is_ambiguous is set. NULL: no such table. Constant time.
 */
struct catalog_name {
    str text;
    bool is_quoted;
};
const struct catalog_table *catalog_find_table(const struct catalog *,
                                               struct catalog_name schema,
                                               struct catalog_name table,
                                               bool *is_ambiguous);
/* The table whose full_name this is, else one that differs by case. NULL: none. */
const struct catalog_table *catalog_find_full_name(const struct catalog *, str name);
/* NULL: no such column, or a hidden one. Two columns that differ only by case are told
 * apart by quoting. In a table made by hand a name that is not quoted matches in any case.
 * Constant time. */
const struct catalog_column *catalog_find_column(const struct catalog_table *,
                                                 struct catalog_name column);

/* The nearest published names, as a query writes them (full_name, adql_name), for "did you
 * mean"; NULL if none is near. An empty schema: any. Hidden columns are not proposed. */
const char *catalog_near_table(const struct catalog *, str schema, str table);
const char *catalog_near_column(const struct catalog_table *, str column);

/* True if the published name (unquoted, case as published) equals what the query wrote: a
 * regular identifier after lower-casing, a delimited one byte by byte (ADQL-2, 3, 4). */
bool catalog_name_matches(const char *published, struct catalog_name);

/* True if a name needs quotes in a query: not regular, not lower-case, or a reserved word
 * (ADQL-2, "Reserved words"). */
bool catalog_name_needs_quotes(str name);
bool catalog_word_is_reserved(str word); /* in any case */
/* True of a regular identifier that is no reserved word: in any case it needs no quotes. */
bool catalog_name_is_regular(str name);

/* --- building ------------------------------------------------------------------------- */

/* One description file with the stores' own tables. `store` is the index that its tables
 * get; `table`/`ntable` are what the store described (native names). A described table that
 * the store lacks, or a column, is an error; a table of the store that is not described is
 * left out. */
struct catalog_source {
    const char *path; /* description file; named in errors with line and column */
    uint32_t store;
    const struct store_table *const *table;
    uint32_t ntable;
    /* Put before native table names ("demo."); NULL: nothing. */
    const char *native_prefix;
    char quote; /* put around a native table name that needs it: '"', '`'; 0: never */
};

/* NULL and the first error (ERR_USAGE, "FILE:LINE:COL: ..."); all errors, and warnings
 * ("FILE:LINE:COL: warning: ..."), one a line, go to `report` when it is not NULL. The
 * strings of the stores are copied. Several sources may add tables to one schema; the first
 * describes it. docs/descriptions.md is the format. TAP_SCHEMA is always part of the
 * catalog: its tables get store `tap_schema_store` and native names "tap_schema.NAME". */
struct catalog *catalog_build(const struct catalog_source *, uint32_t nsource,
                              uint32_t tap_schema_store, struct bytes *report,
                              struct err *);

/* What the tables of a store hold beyond what is described (columns, tables of the same
 * schemas) and where they are looser (NULLs): "note: ..." lines for whoever keeps the
 * descriptions. */
void catalog_differences(const struct catalog *, uint32_t store,
                         const struct store_table *const *table, uint32_t ntable,
                         struct bytes *out);

/* Rows of a TAP_SCHEMA table ("schemas", "tables", "columns", "keys", "key_columns") made
 * from the snapshot, in the column order of TAP.md section 5. NULL: no such table. The
 * source keeps the catalog. */
struct rowsource *catalog_tap_schema_rows(const struct catalog *, const char *table,
                                          struct err *);

/* Drafts a description file from what a store reports: every table and column, guessed
 * units and UCDs marked "# guess", row counts and ranges as comments. It is valid input for
 * catalog_build with the same tables. False: `out` is full. */
bool catalog_write_felis(const char *schema, const struct store_table *const *table,
                         uint32_t ntable, struct bytes *out);

/* --- vocabularies of the IVOA -----------------------------------------------------------
 */

/* Adds every FOLDER/NAME.json: a vocabulary in desise form, as http://www.ivoa.net/rdf/NAME
 * gives it to a client that accepts application/x-desise+json. Before the catalog is
 * shared. False with *e: "FILE:LINE:COL: ...". */
bool catalog_read_vocabularies(struct catalog *, const char *folder, struct err *e);

bool catalog_has_vocabularies(const struct catalog *);

/* A term and all that is narrower, by any number of steps: names in *found (in `arena`).
 * False with *e (ERR_USAGE): no such vocabulary here, or no such term in it. */
bool catalog_narrower(const struct catalog *, str vocabulary, str term, struct arena *,
                      const char *const **found, uint32_t *nfound, struct err *e);

/* --- words of the field ----------------------------------------------------------------
 */

/* UCD1+ (word list 1.6): NULL when valid; else what is wrong, and what to write instead, in
 * words, living in `scratch`. A deprecated word is a problem that names its successor. */
const char *ucd_problem(str ucd, char scratch[160]);
/* The meaning of a UCD in words ("right ascension; main value"), or NULL. */
const char *ucd_meaning(str ucd, struct arena *);

/* VOUnits 1.1. The problem as above; unknown units are problems for us unless they are
 * quoted on purpose ('Crab'). "unknown" and "UNKNOWN" are none. */
const char *unit_problem(str unit, char scratch[160]);
/* Factor f with value_in_to = f * value_in_from; false with *e (ERR_USAGE): bad or unknown
 * unit, units of different dimensions, or a function of a unit (log, ln, exp), unless both
 * are the same text (ADQL-41). Both empty: 1; one empty: an error. */
bool unit_factor(str from, str to, double *factor, struct err *e);

#endif
