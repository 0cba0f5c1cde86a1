/* parse.h -- what the parser's files share: the parser's state and its small steps.
 * A function that returns a pointer returns NULL after an error; the first error stays. */
#ifndef ADQL_PARSE_H
#define ADQL_PARSE_H

#include "adql/adql.h"
#include "adql/lex.h"

struct parser {
    struct lexer lexer;
    struct token token; /* the next one, not yet taken */
    struct arena *arena;
    struct err *err;
    enum adql_lang lang;
    struct adql_limits limits;
    uint32_t depth, ntable;
    void **list; /* lists being gathered, as a stack */
    uint32_t nlist, list_capacity;
    const char *item_start; /* where a select item begins: the only place of `t.*` */
};

/* --- steps (parse_step.c) --- */

void parser_take(struct parser *); /* on to the next token */
bool parser_at_word(const struct parser *, enum word);
bool parser_accept(struct parser *, enum token_kind);
bool parser_accept_word(struct parser *, enum word);
bool parser_expect(struct parser *, enum token_kind, const char *what);
bool parser_expect_word(struct parser *, enum word);
struct token parser_peek(const struct parser *); /* the one after the next */
/* The next token is this plain word, which ADQL does not reserve. */
bool parser_at_plain(const struct parser *, const char *word);

/* "expected WHAT, but found ..." at the next token; returns NULL. */
void *parser_unexpected(struct parser *, const char *what);
void *parser_fail(struct parser *, const struct token *, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void *parser_no_memory(struct parser *);

bool parser_enter(struct parser *); /* one level deeper; false past the limit */
void parser_leave(struct parser *);

uint32_t parser_list_begin(struct parser *);
bool parser_list_add(struct parser *, void *); /* NULL: false */
/* The pointers added since begin(), as an array in the arena. */
void *parser_list_end(struct parser *, uint32_t mark, uint32_t *n);
/* The things they point to, each of this size, one behind the other. At least one. */
void *parser_list_values(struct parser *, uint32_t mark, size_t size, uint32_t *n);

bool parser_at_name(const struct parser *);
/* ident; what: "a column name". */
bool parse_name(struct parser *, struct adql_name *, const char *what);
/* digits alone, into [0, INT64_MAX]; clause: "TOP". */
bool parse_count(struct parser *, int64_t *, const char *clause);
/* What is between the quotes, doubled quotes made one. */
str parser_content(struct parser *, const struct token *);
/* LIMIT n, and the like: words of other dialects, with advice. True: failed so. */
bool parser_at_foreign_clause(struct parser *);

/* --- nodes (parse_step.c) --- */

struct adql_node *parser_node(struct parser *, enum adql_kind, const struct token *at);
/* Children of the list since mark; sets the height. */
struct adql_node *parser_parent(struct parser *, struct adql_node *, uint32_t mark);
/* Height from the children (and a query); NULL past the limit. */
struct adql_node *parser_finish(struct parser *, struct adql_node *);
bool parser_grow(struct parser *, uint16_t *height, uint32_t below, const struct token *);

/* --- expressions (parse_expr.c, parse_primary.c) --- */

bool node_is_condition(const struct adql_node *);
struct adql_node *parse_any(struct parser *);       /* condition or value */
struct adql_node *parse_condition(struct parser *); /* WHERE, ON, HAVING */
struct adql_node *parse_value(struct parser *);     /* no condition */
struct adql_node *parse_primary(struct parser *);
struct adql_node *parse_operand(struct parser *, int least); /* below comparisons */
struct adql_node *parse_call(struct parser *, const struct token *name);
bool parse_window(struct parser *, struct adql_node *call); /* parse_window.c */
bool parse_path(struct parser *, struct adql_path *, uint32_t most);
/* "(" ... of IN: members, or a subquery. */
bool parse_in(struct parser *, struct adql_node *);
struct adql_set *parse_subquery(struct parser *); /* with its parentheses */

/* --- queries (parse.c, parse_from.c) --- */

/* select_expr; first: an operand already read (in its parentheses), or NULL. */
struct adql_set *parse_set(struct parser *, struct adql_set *first);
bool parser_at_set_tail(const struct parser *); /* UNION ... ORDER, OFFSET */
bool parser_at_join(const struct parser *);
struct adql_from *parse_table_reference(struct parser *);
/* SELECT * FROM joined: a joined table in the place of a query. */
struct adql_set *parser_star_of(struct parser *, struct adql_from *);
bool parse_order_list(struct parser *, struct adql_order **, uint32_t *n);

#endif
