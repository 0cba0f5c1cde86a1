/* join.h -- what the planners of joins share: conditions one by one, and which table
 * reference an expression is about. "Table" here is any reference in FROM but a join. */
#ifndef CORE_QUERY_JOIN_H
#define CORE_QUERY_JOIN_H

#include "core/query/plan.h"

/* A place where conditions stand that all must hold. */
struct join_site {
    struct adql_select *select;
    struct adql_from *join; /* whose ON it is; NULL: WHERE */
};

/* What an expression is about. */
struct join_about {
    struct adql_from *from; /* the only table; NULL: a constant, or !is_plain */
    bool is_plain;          /* always the same for the same row of one table at most */
};
struct join_about join_about(struct adql_node *const *node, uint32_t n);

/* Whether a table is among those of the tree, of the SELECT. */
bool join_tree_has(const struct adql_from *tree, const struct adql_from *table);
bool join_select_has(const struct adql_select *, const struct adql_from *table);

/* Whether the two tables meet by an equality in this SELECT: stores do that best. */
bool join_has_equality(struct adql_select *, const struct adql_from *,
                       const struct adql_from *);

/* How many rows of a table the SELECT looks at, as a guess: at least 1. */
double join_rows(struct adql_select *, const struct adql_from *);

/* ANDs a condition that follows from those of the site. False: no memory, or n is NULL. */
bool join_add(struct query *, const struct join_site *, struct adql_node *n);

/* Remembers for query_explain() what was done. NULL: no memory. */
struct plan_note *join_note(struct query *, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* --- the planners, one condition of one site each; false: no memory ---------------- */

/* sky_join.c: positions of two tables within a radius meet by HEALPix cells. */
bool plan_sky_join(struct query *, const struct join_site *, struct adql_node *);

/* window_join.c: a difference of two tables' values within a limit becomes limits of the
 * one by the other. */
bool plan_window_join(struct query *, const struct join_site *, struct adql_node *);

/* --- outer_join.c ------------------------------------------------------------------ */

/* The table on the side of a LEFT or RIGHT join that may be missing; NULL: it is a join
 * itself, or `join` is another kind. */
struct adql_from *join_optional(const struct adql_from *join);

/* Whether the optional side can be asked for each row of the other (is_lateral), and the
 * store has a word for it. */
bool join_can_be_lateral(const struct query *, const struct adql_from *join);

/* Makes an outer join lateral if stores would try all pairs else. False: no memory. */
bool plan_outer_join(struct query *, struct adql_from *join);

#endif
