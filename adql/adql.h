/* adql.h -- the query language: text to a tree (parse), names and types (bind), the tree to
 * SQL of a store, to ADQL, or to canonical text (write).
 *
 *   memory   Everything lives in the arena given to adql_parse; the tree never points into
 *            the caller's text. The tree points into the catalog: keep that as long.
 *   errors   ERR_USAGE with the place in e->line and e->column (from 1; columns count
 *            characters); the message is one line and does not repeat the place.
 *            adql_explain_error() renders place, message and the line with a caret.
 *   threads  Functions, features and dialects are immutable; a query belongs to one thread.
 *   stack    Depth is bounded by struct adql_limits: 256 kB of stack are enough.
 *
 * Rule numbers (ADQL-n) are those of docs/standards.md; standard: ADQL 2.1. */
#ifndef ADQL_ADQL_H
#define ADQL_ADQL_H

#include <stdbool.h>
#include <stdint.h>

#include "adql/ops.h"
#include "core/base/arena.h"
#include "core/base/bytes.h"
#include "core/base/err.h"
#include "core/base/str.h"
#include "core/catalog/catalog.h"
#include "stores/store.h"

enum adql_lang {
    ADQL_20,    /* LANG=ADQL-2.0: words reserved only since 2.1 may be names */
    ADQL_21,    /* LANG=ADQL-2.1 */
    ADQL_COLURE /* LANG=ADQL: the same as 2.1; extensions are accepted in all three */
};

struct adql_limits {
    uint32_t max_query_bytes;
    uint32_t max_depth;  /* nested parentheses, calls and subqueries */
    uint32_t max_height; /* of an expression: a + b + c ... has as many levels as signs */
    uint32_t max_tables; /* table references in the whole query */
};

/* 1 MiB, 128, 400, 200. */
extern const struct adql_limits ADQL_DEFAULT_LIMITS;

/* --- types ------------------------------------------------------------------------------
 */

/* clang-format off */
enum adql_type {
    ADQL_UNTYPED,   /* before binding */
    ADQL_NULL,      /* the literal NULL: fits everywhere */
    ADQL_CONDITION, /* a predicate: not a value (ADQL-14) */
    ADQL_BOOLEAN,   /* of columns only */
    ADQL_BYTE,      /* unsignedByte and bit columns; a number */
    ADQL_SMALLINT, ADQL_INTEGER, ADQL_BIGINT, ADQL_REAL, ADQL_DOUBLE,
    ADQL_TEXT, ADQL_TIMESTAMP,
    ADQL_POINT, ADQL_CIRCLE, ADQL_POLYGON, ADQL_REGION, ADQL_MOC,
    ADQL_ARRAY      /* any other array column: only selected, IS NULL, element access */
};
/* clang-format on */

/* "DOUBLE", "TEXT" ...: for messages. */
const char *adql_type_name(enum adql_type);
static inline bool adql_is_number(enum adql_type type)
{
    return type >= ADQL_BYTE && type <= ADQL_DOUBLE;
}
static inline bool adql_is_integer(enum adql_type type)
{
    return type >= ADQL_BYTE && type <= ADQL_BIGINT;
}
static inline bool adql_is_geometry(enum adql_type type)
{
    return type >= ADQL_POINT && type <= ADQL_MOC;
}
/* The type that a column of these metadata has in a query. */
enum adql_type adql_type_of_column(const struct store_column *);

/* --- the tree ---------------------------------------------------------------------------
 */

struct adql_name {
    str text;       /* without quotes, as written */
    bool is_quoted; /* delimited identifier: case counts (ADQL-3, 4) */
};

struct adql_path { /* [[catalog.]schema.]table.column as written; of a table likewise */
    uint32_t npart;
    struct adql_name part[4]; /* the last is the innermost */
};

/* clang-format off */
enum adql_kind {
    ADQL_LITERAL,  /* type tells: NULL, BOOLEAN, INTEGER, BIGINT, TIMESTAMP: integer;
                      DOUBLE: number; TEXT: text */
    ADQL_COLUMN,   /* as written: path; bound: from, icolumn */
    ADQL_STAR,     /* `*` or `t.*` of a select list; binding replaces it by columns */
    ADQL_CALL,     /* an op on the children: operators, functions, aggregates, casts */
    ADQL_COMPARE,  /* compare; two children */
    ADQL_BETWEEN,  /* value, low, high; is_not */
    ADQL_IN,       /* value, members ...; is_not */
    ADQL_IN_QUERY, /* value; query; is_not */
    ADQL_LIKE,     /* value, pattern; is_not, is_fold (ILIKE) */
    ADQL_IS_NULL,  /* value; is_not */
    ADQL_EXISTS,   /* query */
    ADQL_AND, ADQL_OR, /* two children or more */
    ADQL_NOT,
    ADQL_CASE,     /* [value,] when, then, when, then ..., [else]: has_value, has_else */
    ADQL_SUBQUERY, /* query of one column, one row at most, as a value */
    ADQL_HPX_RANGES, /* an index column (child) within one of the ranges; made by planners */
    ADQL_NEAR,     /* an index of the store's own on the position of a table (from): children
                    * lon, lat, radius; text: its template; made by planners */
    ADQL_CELL      /* the number of the cell that a row of `cells` is of; made by planners */
};
/* clang-format on */

enum adql_compare { ADQL_EQ, ADQL_NE, ADQL_LT, ADQL_LE, ADQL_GT, ADQL_GE };

struct adql_ranges { /* closed intervals lo[0], hi[0], lo[1], hi[1] ... */
    uint32_t nrange;
    const int64_t *bound; /* 2 * nrange */
};

struct adql_node;
struct adql_from;
struct adql_set;
struct adql_function;

/* HEALPix cells that stand for a cone in a join: a row of the cone's table meets those rows
 * whose cell is in the list, each of them once, for a position lies in one cell only. Made
 * by planners; see adql_from.cells and adql_select.cells. */
struct adql_cells {
    const char *sql_name;   /* of the column, unique in the query; unquoted */
    struct adql_node *list; /* CALL of cone_cells */
};

struct adql_order {         /* one ORDER BY term */
    struct adql_node *node; /* what is sorted by; bound position and alias: see iitem */
    int32_t iitem;          /* index in the select list, or -1: the expression itself */
    bool is_descending;     /* NULL counts as greater than all values (decision: meaning) */
};

/* clang-format off */
enum adql_frame { ADQL_FRAME_NONE, ADQL_FRAME_ROWS, ADQL_FRAME_RANGE };
enum adql_bound_kind { /* from the first row on */
    ADQL_UNBOUNDED_PRECEDING, ADQL_PRECEDING, ADQL_CURRENT_ROW, ADQL_FOLLOWING,
    ADQL_UNBOUNDED_FOLLOWING
};
/* clang-format on */

struct adql_bound { /* where a frame begins or ends */
    uint8_t kind;   /* enum adql_bound_kind */
    struct adql_node
        *distance; /* PRECEDING, FOLLOWING: a number in digits; of ROWS whole */
};

struct adql_window { /* OVER (...) of a call: extension */
    uint32_t npartition, norder;
    struct adql_node **partition;
    struct adql_order *order;
    uint8_t unit; /* enum adql_frame */
    struct adql_bound first, last;
};

struct adql_node {
    uint8_t kind;    /* enum adql_kind */
    uint8_t type;    /* enum adql_type; bound */
    uint8_t compare; /* COMPARE: enum adql_compare */
    bool is_not, is_fold, is_distinct, is_aggregate;
    bool has_value, has_else; /* CASE */
    bool is_planned; /* a condition that says nothing which the query does not say */
    uint16_t op;     /* CALL: enum adql_op; functions: after binding */
    uint16_t height; /* of the tree below: at most max_height */
    int32_t line, column, length;
    uint32_t nchild;
    struct adql_node **child;
    str text; /* LITERAL: the value, or digits as written; CALL: the name as written */
    union {
        int64_t integer;
        double number;
        struct adql_path *path;         /* COLUMN, STAR before binding */
        struct adql_from *from;         /* COLUMN bound; with icolumn; NEAR */
        struct adql_set *query;         /* SUBQUERY, IN_QUERY, EXISTS */
        struct adql_ranges *range;      /* HPX_RANGES */
        const struct adql_cells *cells; /* CELL */
        struct adql_window *window;     /* CALL with OVER; else NULL */
    };
    uint32_t icolumn;                     /* COLUMN: in the columns of `from` */
    int32_t cast_length;                  /* CALL of CAST to CHAR(n), VARCHAR(n); else 0 */
    const struct store_column *meta;      /* a column reference's metadata; arrays always */
    const struct adql_function *function; /* CALL of a function; NULL: an operator */
};

enum adql_from_kind {
    ADQL_FROM_TABLE, /* of the catalog, or uploaded */
    ADQL_FROM_CTE,   /* a name of the WITH list */
    ADQL_FROM_QUERY, /* derived table */
    ADQL_FROM_JOIN
};

enum adql_join { ADQL_INNER, ADQL_LEFT, ADQL_RIGHT, ADQL_FULL, ADQL_CROSS };

struct adql_from {
    uint8_t kind; /* enum adql_from_kind; CTE only after binding */
    uint8_t join; /* JOIN: enum adql_join */
    bool is_natural;
    bool is_nullable; /* bound: on the optional side of an outer join */
    int32_t line, column, length;
    struct adql_path path;          /* TABLE, CTE: as written */
    struct adql_name alias;         /* text.at == NULL: none */
    double sample_percent;          /* TABLESAMPLE; 0: none */
    struct adql_set *query;         /* QUERY; CTE: bound, shared by all references */
    struct adql_from *left, *right; /* JOIN */
    struct adql_node *on;           /* JOIN; binding turns USING and NATURAL into it */
    uint32_t nusing;
    struct adql_name *using_name;
    uint16_t height; /* as of nodes */
    /* bound: */
    const struct catalog_table *table; /* TABLE */
    const struct adql_cte *cte;        /* CTE */
    bool is_upload;
    uint32_t itable;  /* TABLE: its entry in adql_query.table */
    uint32_t level;   /* number of the SELECT that it belongs to */
    uint32_t nmerged; /* JOIN: columns that USING or NATURAL made one */
    struct adql_merged *merged;
    const char *sql_name; /* unique in the query, whatever the case; unquoted */
    /* by planners: */
    bool is_lateral; /* LEFT, RIGHT, the optional side no join: it is asked, with ON as its
                        WHERE, for each row of the other */
    const struct adql_cells *cells; /* TABLE, CTE, QUERY: each row stands once for each
                                       cell; lateral JOIN: the cells stand beside its
                                       optional side */
};

struct adql_merged {
    struct adql_name name;
    struct adql_node *left, *right; /* what was merged */
    struct adql_node *value;        /* what a reference means: left, right or COALESCE */
};

struct adql_item { /* one column of a select list */
    struct adql_node *node;
    struct adql_name alias; /* text.at == NULL: none */
};

struct adql_select {
    int32_t line, column;
    bool is_distinct;
    bool is_grouped; /* bound: GROUP BY, HAVING or an aggregate */
    int64_t top;     /* -1: none */
    uint32_t nitem, nfrom, ngroup;
    struct adql_item *item; /* binding expands the stars */
    struct adql_from **from;
    struct adql_node *where; /* NULL: none */
    struct adql_node **group;
    struct adql_node *having;
    const struct adql_cells *cells; /* by planners: one term more in FROM; NULL: none */
};

enum adql_set_op { ADQL_UNION, ADQL_EXCEPT, ADQL_INTERSECT };

struct adql_output {          /* a column that a query expression gives */
    struct store_column meta; /* meta.name: unique in the list */
    struct adql_name name;    /* for references from outside */
    bool is_published;        /* name is a catalog column's: case counts for nobody */
    uint8_t type;             /* enum adql_type */
    const char *sql_name;     /* unique whatever the case; unquoted */
};

/* A query expression. Exactly one of `select` and `term` is used: a plain SELECT, or
 * operands joined left to right (UNION and EXCEPT mixed, or INTERSECT alone; binding
 * strength is in the nesting). One operand alone: parentheses whose own ORDER BY, OFFSET or
 * TOP counts before those of this one. */
struct adql_set {
    int32_t line, column;
    struct adql_select *select;
    uint32_t nterm;
    struct adql_set **term;
    uint8_t *op;  /* enum adql_set_op; op[i] stands before term[i], i >= 1 */
    bool *is_all; /* likewise */
    uint32_t norder;
    struct adql_order *order;
    int64_t offset;  /* 0: none */
    uint16_t height; /* as of nodes */
    /* bound: */
    uint32_t noutput;
    struct adql_output *output;
};

struct adql_cte {
    struct adql_name name;
    int32_t line, column;
    struct adql_set *query;
    const char *sql_name;
};

struct adql_used_table {
    const struct catalog_table *table;
    bool is_upload;
    uint32_t ncolumn;
    const uint32_t *column; /* indexes in the table, rising: all that the query reads */
};

struct adql_query {
    struct arena *arena;
    str text; /* a copy of the query */
    enum adql_lang lang;
    struct adql_limits limits;
    uint32_t ncte;
    struct adql_cte *cte;
    struct adql_set *body;
    uint32_t nreference; /* tables, derived tables and joins in the text */
    /* bound: */
    uint32_t ncolumn;
    const struct store_column *const *column; /* the result's columns; types are final */
    uint32_t ntable;
    const struct adql_used_table *table; /* each once */
};

/* Reads a query (ADQL-1 ... 29). One trailing `;`, a byte order mark and U+00A0 are
 * tolerated. limits NULL: the defaults. NULL with *e. */
struct adql_query *adql_parse(str text, enum adql_lang, const struct adql_limits *,
                              struct arena *, struct err *);

/* Reads a condition, as after WHERE, or a value, as in a select list, and nothing behind
 * it: for services whose parameters are parts of a query. NULL with *e. */
struct adql_node *adql_parse_condition(str text, const struct adql_limits *, struct arena *,
                                       struct err *);
struct adql_node *adql_parse_value(str text, const struct adql_limits *, struct arena *,
                                   struct err *);

/* The value of a LANG parameter: ADQL, ADQL-2.0, ADQL-2.1, any case. */
bool adql_lang_of(str parameter, enum adql_lang *);

/* --- names and types --------------------------------------------------------------------
 */

struct adql_scope {
    const struct catalog *catalog;
    const struct catalog_table *upload; /* referred to as TAP_UPLOAD.name */
    uint32_t nupload;
    /* Answers ivo_simbadpoint: ICRS degrees. False with *e: unknown, or no resolver. NULL:
     * the function is refused. */
    bool (*resolve)(void *context, str identifier, double *lon_deg, double *lat_deg,
                    struct err *e);
    void *context;
};

/* Finds every name, types every expression, checks the rules of ADQL.md sections 3 to 6,
 * expands stars, turns USING and NATURAL into ON. Once per query. False with *e. */
bool adql_bind(struct adql_query *, const struct adql_scope *, struct arena *,
               struct err *);

/* --- the tree, for planners -------------------------------------------------------------
 */

/* Calls visit for every expression node (parents first), in subqueries, derived tables and
 * WITH too; a false from visit leaves out the node's children. */
typedef bool adql_visit(struct adql_node *, void *context);
void adql_walk(struct adql_query *, adql_visit *, void *context);
void adql_walk_node(struct adql_node *, adql_visit *, void *context);
/* Calls visit for every SELECT of the query, outer ones first. */
void adql_walk_selects(struct adql_query *,
                       void (*visit)(struct adql_select *, void *context), void *context);
/* Calls visit for each table, derived table and join of a FROM list, outer joins first. */
void adql_walk_from(struct adql_select *, void (*visit)(struct adql_from *, void *context),
                    void *context);

/* Constructors of bound nodes. NULL: no memory. */
struct adql_node *adql_new_column(struct arena *, struct adql_from *, uint32_t icolumn);
struct adql_node *adql_new_double(struct arena *, double);
struct adql_node *adql_new_integer(struct arena *, int64_t);
struct adql_node *adql_new_text(struct arena *, str);
struct adql_node *adql_new_call(struct arena *, enum adql_op, enum adql_type,
                                struct adql_node *const *child, uint32_t nchild);
struct adql_node *adql_new_compare(struct arena *, enum adql_compare, struct adql_node *,
                                   struct adql_node *);
struct adql_node *adql_new_and(struct arena *, struct adql_node *, struct adql_node *);
struct adql_node *adql_new_or(struct arena *, struct adql_node *, struct adql_node *);
/* column within one of the closed ranges; bound holds 2 * nrange numbers, copied. No range
 * at all: never true. */
struct adql_node *adql_new_hpx_ranges(struct arena *, struct adql_node *column,
                                      const int64_t *bound, uint32_t nrange);
struct adql_node *adql_new_cell(struct arena *, const struct adql_cells *);
/* Rows of the table within a radius (degrees) of a position, by the store's template
 * (store_table.near_cone). */
struct adql_node *adql_new_near(struct arena *, struct adql_from *, const char *sql,
                                struct adql_node *const arg[3]);

/* ANDs a condition to a WHERE, or to a join's ON. False: no memory. */
bool adql_select_and(struct arena *, struct adql_select *, struct adql_node *);
bool adql_join_and(struct arena *, struct adql_from *join, struct adql_node *);

/* True if the node is a number that no row changes (5/3600., -RADIANS(3)); its value. */
bool adql_constant_number(const struct adql_node *, double *value);

/* Two bound expressions that mean the same, term by term. */
bool adql_same_node(const struct adql_node *, const struct adql_node *);

enum adql_sky_shape { ADQL_SKY_CIRCLE, ADQL_SKY_BOX, ADQL_SKY_POLYGON, ADQL_SKY_OTHER };

/* A condition that can hold only for positions inside (on the edge of) a shape. */
struct adql_sky {
    struct adql_node *lon, *lat; /* of the position; NULL when it is `point` */
    struct adql_node *point;     /* a POINT value that is no POINT(): else NULL */
    enum adql_sky_shape shape;
    struct adql_node *geometry; /* the shape as an expression; NULL: of DISTANCE */
    uint32_t narg;              /* CIRCLE: lon, lat, r; BOX: lon, lat, w, h; POLYGON: the
                                   vertices; OTHER: none. Degrees. */
    struct adql_node **arg;
    bool is_constant; /* all arguments are: their values in arg_deg */
    double *arg_deg;
};

/* Recognises every spelling of ADQL-34: CONTAINS and INTERSECTS = 1 in both orders,
 * DISTANCE in both forms with < and <= and the mirrored signs. `which` chooses the point
 * when both sides are positions (DISTANCE between two tables): 0 the first, 1 the second.
 * False: it is no such condition (or there is no memory). */
bool adql_sky_condition(struct adql_node *condition, int which, struct arena *,
                        struct adql_sky *);

/* The shape of a geometry by itself; a POINT is a CIRCLE of radius 0. False: no memory. */
bool adql_sky_geometry(struct adql_node *geometry, struct arena *, struct adql_sky *);

/* --- writing ----------------------------------------------------------------------------
 */

struct adql_dialect; /* a store's spellings by op: immutable, shared */

/* Compiles the templates; the store_dialect must live as long. NULL with *e (ERR_INTERNAL):
 * an unknown op, a bad template. */
struct adql_dialect *adql_dialect_new(const struct store_dialect *, struct err *);
void adql_dialect_free(struct adql_dialect *);
bool adql_dialect_can(const struct adql_dialect *, enum adql_op);

struct adql_write_options {
    int64_t row_limit;   /* at most so many rows (MAXREC + 1); -1: no limit */
    bool use_parameters; /* literals and limits as parameters, cast to their type */
    /* The store's name of a table, already quoted. NULL: catalog_table.native. */
    const char *(*table_name)(void *context, const struct catalog_table *, bool is_upload);
    void *context;
    /* Where the result's own SELECT takes a condition more: behind its " WHERE ", or behind
     * FROM where it has none. NULL: nobody asks. */
    size_t *where_at;
};

struct adql_parameters { /* in the order of their first marks; values live in the query's
                            arena, and one that a spelling repeats has one number */
    uint32_t count;
    struct store_parameter *value;
};

/* Appends one statement: every name quoted, every output cast to its bound type and named
 * output.sql_name, NULL order written out. options NULL: no limit, inline, native names.
 * parameters may be NULL unless use_parameters. False with *e: ERR_USAGE when the store
 * lacks an op (with its place), ERR_LIMIT when `sql` is full. */
bool adql_write(const struct adql_query *, const struct adql_dialect *,
                const struct adql_write_options *, struct bytes *sql,
                struct adql_parameters *, struct err *);

/* Appends one expression in the dialect, literals inline. */
bool adql_write_node(const struct adql_node *, const struct adql_dialect *,
                     const struct adql_write_options *, struct bytes *sql, struct err *);

/* Appends ADQL 2.1 text of the tree, bound or not. Bound: names are complete (schema.table
 * or alias.column), planner's nodes are left out: for partners. Not bound: canonical text,
 * regular names in lower case, keywords in upper case, one blank between tokens. */
bool adql_write_adql(const struct adql_query *, struct bytes *, struct err *);

/* The same of one expression that is not bound. */
bool adql_write_adql_node(const struct adql_node *, struct bytes *, struct err *);
/* The same of a whole query that is not bound, as one term of a FROM list: its WITH list
 * goes to `with` ("a AS (...), "), its body in parentheses to `from`. */
bool adql_write_adql_from(const struct adql_query *, struct bytes *with, struct bytes *from,
                          struct err *);

/* Appends the query laid out for people: a clause a line, keywords in upper case, all other
 * words, literals and comments as they are. False with *e: the query does not parse. */
bool adql_layout(str query, enum adql_lang, struct arena *, struct bytes *, struct err *);

/* Appends the bound tree as indented text for a person: one line a node, with types and
 * where names come from. */
bool adql_explain_tree(const struct adql_query *, struct bytes *, struct err *);

/* Appends a name, quoted if it must be; a text literal. For those who write ADQL. */
void adql_add_name(struct bytes *, str name);
void adql_add_text(struct bytes *, str text);
/* Appends [schema.]name. */
void adql_add_path(struct bytes *, const struct adql_path *);

/* --- functions and features --------------------------------------------------------------
 */

enum adql_feature { /* TAPRegExt languageFeatures types of ADQL.md section 6 */
                    ADQL_FEATURE_CORE, /* compulsory functions: not declared */
                    ADQL_FEATURE_UDF,
                    ADQL_FEATURE_GEO,
                    ADQL_FEATURE_STRING,
                    ADQL_FEATURE_COMMON_TABLE,
                    ADQL_FEATURE_SETS,
                    ADQL_FEATURE_TYPE,
                    ADQL_FEATURE_CONDITIONAL,
                    ADQL_FEATURE_UNIT,
                    ADQL_FEATURE_OFFSET,
                    ADQL_FEATURE_EXTENSION, /* ours: documented, no TAPRegExt type */
                    ADQL_NFEATURE
};

/* "ivo://ivoa.net/std/tapregext#features-udf" ...; NULL for CORE and EXTENSION. */
const char *adql_feature_type(enum adql_feature);

enum adql_needs { /* what a function wants of the node */
                  ADQL_NEEDS_NOTHING,
                  ADQL_NEEDS_RESOLVER,    /* adql_scope.resolve */
                  ADQL_NEEDS_VOCABULARIES /* catalog_has_vocabularies() */
};

struct adql_function {     /* one overload */
    const char *name;      /* "ivo_hasword", "CONTAINS" */
    const char *form;      /* UDF: signature as TAPRegExt wants it (ADQL-38); else the bare
                              upper-case word (ADQL-37) */
    const char *signature; /* for people: "CONTAINS(g1 GEOMETRY, g2 GEOMETRY) -> INTEGER" */
    enum adql_feature feature;
    const char *description;
    const char *example; /* an expression over tap_schema.tables; NULL: it needs a column
                            with a unit, or something of the node */
    uint16_t op;         /* enum adql_op; ADQL_OP_NONE: worked out by the binder */
    uint8_t result;      /* enum adql_type; ADQL_UNTYPED: follows the arguments */
    bool is_aggregate, is_window;
    const char *pattern; /* argument types: see functions.c */
    uint8_t needs;       /* enum adql_needs */
};

uint32_t adql_function_count(void);
const struct adql_function *adql_function_at(uint32_t i);

/* Everything that /capabilities declares, words that are no functions (WITH, UNION, CAST,
 * OFFSET ...) included: one form each (ADQL-37). */
struct adql_declared {
    enum adql_feature feature;
    const char *form, *description;
    uint8_t needs; /* enum adql_needs */
};
uint32_t adql_declared_count(void);
const struct adql_declared *adql_declared_at(uint32_t i); /* NULL: past the end */

/* --- messages ----------------------------------------------------------------------------
 */

/* Parses, and binds when there is a catalog; nothing is kept. For colure adql --lines. */
bool adql_check_line(str query, const struct catalog *, struct err *);

/* Appends "LINE:COLUMN: message", the line of the query, and a caret under the place, each
 * ended by a line end. Long lines are cut around the place. Without a place: the message.
 */
void adql_explain_error(str query, const struct err *, struct bytes *);

#endif
