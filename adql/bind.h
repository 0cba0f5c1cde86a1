/* bind.h -- what the binder's files share. Every function returns false (or NULL) after an
 * error; the first error stays. */
#ifndef ADQL_BIND_H
#define ADQL_BIND_H

#include "adql/adql.h"

/* Which clause is being bound: what may stand there differs. */
enum clause {
    CLAUSE_SELECT,
    CLAUSE_FROM,
    CLAUSE_WHERE,
    CLAUSE_GROUP,
    CLAUSE_HAVING,
    CLAUSE_ORDER
};

struct level { /* one SELECT; names not found in it are looked for further out */
    struct level *outer;
    struct adql_select *select;
    struct adql_from **from; /* what is visible at the moment */
    uint32_t nfrom, number;
    enum clause clause;
    bool in_aggregate, in_window;
    bool has_aggregate;
};

struct used { /* a table of the catalog, and which columns are read */
    const struct catalog_table *table;
    bool is_upload;
    uint64_t *column; /* bits */
};

struct binder {
    struct adql_query *q;
    const struct adql_scope *scope;
    struct arena *arena;
    struct err *err;
    struct level *level; /* the innermost */
    uint32_t nlevel;
    uint32_t ncte; /* how many of q->cte are visible */
    struct used *used;
    uint32_t nused;
    const char **sql_name; /* of tables: all that are taken */
    uint32_t nsql_name;
    uint32_t nresolved; /* names of objects asked for */
    uint32_t nvalue;    /* subqueries used as values around the place */
    uint32_t nmerged;   /* by USING and NATURAL, in the whole query */
};

/* An error at a place of the query; returns false. */
bool bind_fail(struct binder *, enum err_kind, int line, int column, const char *format,
               ...) __attribute__((format(printf, 5, 6)));
#define FAIL_AT(b, place, ...)                                                             \
    bind_fail(b, ERR_USAGE, (place)->line, (place)->column, __VA_ARGS__)

bool bind_no_memory(struct binder *);

/* --- types (type.c) --- */

/* The type that values of both have in common (numbers: the wider); UNTYPED: none. */
enum adql_type type_common(enum adql_type, enum adql_type);
/* "a DOUBLE", "an INTEGER", "text": for messages. */
const char *type_phrase(unsigned type);
/* What an expression is called in messages: "`ra`", "SQRT(...)". */
const char *node_words(const struct adql_node *, char out[96]);
/* The store column of a computed value; name and metadata are the caller's. */
struct store_column type_store_column(enum adql_type);

/* --- queries (bind.c) --- */

bool bind_set(struct binder *, struct adql_set *, struct level *outer);

/* --- FROM (bind_from.c, bind_join.c) --- */

bool bind_from(struct binder *, struct adql_from *);
bool bind_join_names(struct binder *, struct adql_from *join); /* USING, NATURAL */
/* A name not yet taken by a table of the query, whatever the case. */
const char *bind_sql_name(struct binder *, str wanted);

/* --- names (bind_name.c) --- */

struct found {  /* what a name means among some tables */
    uint32_t n; /* how many columns have it */
    struct adql_from *from;
    uint32_t icolumn;
    const struct adql_merged *merged; /* instead of the two */
};

void find_column(struct adql_from *, const struct adql_name *, struct found *);
bool name_matches(const struct adql_name *declared, bool is_published,
                  const struct adql_name *wanted);
bool bind_column(struct binder *, struct adql_node *);
/* Makes the node mean this column. */
bool bind_to_column(struct binder *, struct adql_node *, struct adql_from *,
                    uint32_t icolumn);
uint32_t from_ncolumn(const struct adql_from *); /* TABLE, CTE, QUERY; hidden ones too */
const struct store_column *from_column(const struct adql_from *, uint32_t icolumn);
struct adql_name from_column_name(const struct adql_from *, uint32_t icolumn,
                                  bool *is_published);
/* True if the tables named by the path are this one's. */
bool from_is_called(const struct adql_from *, const struct adql_name *part, uint32_t npart);

/* --- stars (bind_star.c) --- */

struct visible { /* a column as `*` gives it */
    struct adql_from *from;
    uint32_t icolumn;
    const struct adql_merged *merged;
};
struct visible_list {
    struct visible *at;
    uint32_t n, capacity;
};
bool list_visible(struct binder *, struct adql_from *, struct visible_list *);
bool bind_stars(struct binder *, struct adql_select *);

/* --- expressions (bind_expr.c, bind_call.c, bind_cast.c, bind_geometry.c) --- */

bool bind_node(struct binder *, struct adql_node *);
/* Makes *slot a value of the type, as the language allows without CAST: NULL, DALI text as
 * a timestamp, 0 and 1 as booleans, numbers among each other. */
bool bind_coerce(struct binder *, struct adql_node **slot, enum adql_type);
/* Both become comparable; where: the sign or word, for messages. */
bool bind_comparable(struct binder *, struct adql_node **, struct adql_node **,
                     const char *where);
bool bind_call(struct binder *, struct adql_node *);
bool bind_operator(struct binder *, struct adql_node *);
bool bind_cast(struct binder *, struct adql_node *);
bool op_is_cast(unsigned op);
bool bind_special(struct binder *,
                  struct adql_node *); /* functions with rules of their own */
bool bind_spectral(struct binder *, struct adql_node *);   /* bind_spectral.c */
bool bind_vocabulary(struct binder *, struct adql_node *); /* bind_vocabulary.c */
/* A text literal as a timestamp literal, in place. */
bool bind_timestamp(struct binder *, struct adql_node *);

/* --- the rest --- */

/* False with the error if the node is a column that cannot be searched; said at `place`. */
bool check_searchable(struct binder *, const struct adql_node *place,
                      const struct adql_node *);
bool bind_order(struct binder *, struct adql_set *);       /* bind_order.c */
bool bind_group(struct binder *, struct adql_select *);    /* bind_group.c: the terms */
bool check_grouped(struct binder *, struct adql_set *);    /* bind_group.c: the rule */
bool bind_outputs(struct binder *, struct adql_set *);     /* bind_output.c: of a SELECT */
bool bind_set_outputs(struct binder *, struct adql_set *); /* of UNION ... */
bool bind_result(struct binder *);                         /* the query's columns, tables */

#endif
