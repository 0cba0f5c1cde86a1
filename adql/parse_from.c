/* parse_from.c -- table references: tables, derived tables, joins. A parenthesis may hold
 * either a query or a joined table, and only its content tells. */
#include "adql/parse.h"
#include "core/base/num.h"

static struct adql_from *from_new(struct parser *p, enum adql_from_kind kind,
                                  const struct token *at)
{
    struct adql_from *from = arena_new_one(p->arena, struct adql_from);
    if (!from)
        return parser_no_memory(p);
    if (++p->ntable > p->limits.max_tables)
        return parser_fail(p, at, "the query names too many tables: at most %u are allowed",
                           p->limits.max_tables);
    from->kind = (uint8_t)kind;
    from->line = at->line;
    from->column = at->column;
    from->length = at->length;
    from->height = 1;
    return from;
}

/* [[AS] name]: an alias may not be a reserved word, so LEFT JOIN and the like are none */
static bool alias(struct parser *p, struct adql_name *name)
{
    if (parser_accept_word(p, WORD_AS))
        return parse_name(p, name, "a name after AS");
    if (!parser_at_name(p))
        return true;
    if (parser_at_word(p, WORD_OFFSET) && parser_peek(p).kind == TOKEN_INTEGER)
        return true;
    return !parser_at_foreign_clause(p) && parse_name(p, name, "a name");
}

/* TABLESAMPLE "(" percent ")": our extension */
static bool sample(struct parser *p, struct adql_from *from)
{
    if (!parser_at_plain(p, "tablesample") || parser_peek(p).kind != TOKEN_LEFT)
        return true;
    parser_take(p);
    parser_take(p);
    struct token t = p->token;
    bool is_number = t.kind == TOKEN_INTEGER || t.kind == TOKEN_NUMBER;
    if (!is_number || !num_parse_double(t.text, &from->sample_percent) ||
        !(from->sample_percent > 0) || from->sample_percent > 100)
        return parser_fail(p, &t, "TABLESAMPLE needs a percentage over 0 and up to 100");
    parser_take(p);
    return parser_expect(p, TOKEN_RIGHT, "`)` after the percentage");
}

/* table ::= [[catalog "."] schema "."] name [sample] [[AS] name] [sample] */
static struct adql_from *table(struct parser *p)
{
    struct token at = p->token;
    if (!parser_at_name(p))
        return parser_unexpected(p, "a table name or a parenthesis");
    struct adql_from *from = from_new(p, ADQL_FROM_TABLE, &at);
    if (!from || !parse_path(p, &from->path, 3))
        return NULL;
    if (p->token.kind == TOKEN_LEFT)
        return parser_fail(p, &at, "functions cannot be used as tables");
    if (!sample(p, from) || !alias(p, &from->alias) || !sample(p, from))
        return NULL;
    return from;
}

static struct adql_from *derived(struct parser *p, struct adql_set *query,
                                 const struct token *at)
{
    struct adql_from *from = from_new(p, ADQL_FROM_QUERY, at);
    if (!from || !parser_grow(p, &from->height, query->height + 1u, at) ||
        !alias(p, &from->alias))
        return NULL;
    if (!from->alias.text.at)
        return parser_unexpected(p,
                                 "a name for the query in parentheses, as in (SELECT ...) "
                                 "AS x");
    from->query = query;
    return from;
}

bool parser_at_join(const struct parser *p)
{
    switch (p->token.kind == TOKEN_WORD ? p->token.word : WORD_NONE) {
    case WORD_NATURAL:
    case WORD_INNER:
    case WORD_LEFT:
    case WORD_RIGHT:
    case WORD_FULL:
    case WORD_CROSS:
    case WORD_JOIN:
        return true;
    default:
        return false;
    }
}

/* [NATURAL] [INNER | (LEFT | RIGHT | FULL) [OUTER]] JOIN; CROSS JOIN: extension */
static bool join_type(struct parser *p, struct adql_from *join)
{
    join->is_natural = parser_accept_word(p, WORD_NATURAL);
    join->join = ADQL_INNER;
    if (!join->is_natural && parser_accept_word(p, WORD_CROSS))
        join->join = ADQL_CROSS;
    else if (!parser_accept_word(p, WORD_INNER)) {
        join->join = parser_accept_word(p, WORD_LEFT)    ? ADQL_LEFT
                     : parser_accept_word(p, WORD_RIGHT) ? ADQL_RIGHT
                     : parser_accept_word(p, WORD_FULL)  ? ADQL_FULL
                                                         : ADQL_INNER;
        if (join->join != ADQL_INNER)
            parser_accept_word(p, WORD_OUTER);
    }
    return parser_expect_word(p, WORD_JOIN);
}

/* USING "(" name {"," name} ")" */
static bool using(struct parser *p, struct adql_from *join)
{
    uint32_t mark = parser_list_begin(p);
    if (!parser_expect(p, TOKEN_LEFT, "`(` after USING"))
        return false;
    do {
        struct adql_name *name = arena_new_one(p->arena, struct adql_name);
        if (!name)
            return parser_no_memory(p);
        if (!parse_name(p, name, "a column name") || !parser_list_add(p, name))
            return false;
    } while (parser_accept(p, TOKEN_COMMA));
    join->using_name = parser_list_values(p, mark, sizeof(struct adql_name), &join->nusing);
    return join->using_name &&
           parser_expect(p, TOKEN_RIGHT, "a comma or `)` in the list of USING");
}

/* ON condition | USING (...), for those joins that need one (ADQL-17) */
static bool join_specification(struct parser *p, struct adql_from *join)
{
    bool is_given = parser_at_word(p, WORD_ON) || parser_at_word(p, WORD_USING);
    if (join->is_natural || join->join == ADQL_CROSS)
        return !is_given ||
               parser_fail(p, &p->token, "%s has neither ON nor USING",
                           join->is_natural ? "a NATURAL JOIN" : "a CROSS JOIN");
    if (parser_accept_word(p, WORD_USING))
        return using(p, join);
    if (!parser_accept_word(p, WORD_ON))
        return parser_unexpected(p, "ON or USING: a JOIN needs one of them");
    join->on = parse_condition(p);
    struct token at = {.line = join->line, .column = join->column};
    return join->on && parser_grow(p, &join->height, join->on->height + 1u, &at);
}

static struct adql_from *table_primary(struct parser *p);
static struct adql_from *join_tail(struct parser *p, struct adql_from *left);

/* A join's right side; further joins are read first if its ON or USING comes after them:
 * a JOIN b JOIN c ON ... ON ... */
static struct adql_from *right_side(struct parser *p, const struct adql_from *join)
{
    bool needs_condition = !join->is_natural && join->join != ADQL_CROSS;
    struct adql_from *right = table_primary(p);
    if (!right || !needs_condition || !parser_at_join(p))
        return right;
    if (!parser_enter(p))
        return NULL;
    right = join_tail(p, right);
    parser_leave(p);
    return right;
}

/* joined ::= table_reference {[NATURAL] [type] JOIN table_reference [specification]} */
static struct adql_from *join_tail(struct parser *p, struct adql_from *left)
{
    while (left && parser_at_join(p)) {
        struct token at = p->token;
        struct adql_from *join = from_new(p, ADQL_FROM_JOIN, &at);
        if (!join || !join_type(p, join) || !(join->right = right_side(p, join)))
            return NULL;
        join->left = left;
        if (!parser_grow(p, &join->height, left->height + 1u, &at) ||
            !parser_grow(p, &join->height, join->right->height + 1u, &at) ||
            !join_specification(p, join))
            return NULL;
        left = join;
    }
    return left;
}

/* What a parenthesis of FROM holds: exactly one of the two is set. */
struct content {
    struct adql_set *query;
    struct adql_from *from;
};

static bool parenthesis(struct parser *, struct content *);

/* The name after ")" of a joined table makes it a derived table. */
static struct adql_from *named(struct parser *p, struct adql_from *from,
                               const struct token *at)
{
    if (!parser_at_word(p, WORD_AS) && !parser_at_name(p))
        return from;
    if (parser_at_plain(p, "tablesample") || parser_at_foreign_clause(p))
        return parser_unexpected(p, "JOIN, a comma or WHERE");
    struct adql_set *query = parser_star_of(p, from);
    return query ? derived(p, query, at) : NULL;
}

static struct adql_from *from_content(struct parser *p, const struct content *c,
                                      const struct token *at)
{
    return c->query ? derived(p, c->query, at) : named(p, c->from, at);
}

/* "((" ...: the inner parenthesis decides, and what follows it. */
static bool nested(struct parser *p, struct content *c)
{
    struct token at = p->token;
    struct content inner = {NULL, NULL};
    if (!parenthesis(p, &inner))
        return false;
    if (inner.query && (p->token.kind == TOKEN_RIGHT || parser_at_set_tail(p))) {
        c->query = parse_set(p, inner.query);
        return c->query != NULL;
    }
    c->from = join_tail(p, from_content(p, &inner, &at));
    return c->from != NULL;
}

/* "(" (select_expr | joined) ")" */
static bool parenthesis(struct parser *p, struct content *c)
{
    if (!parser_enter(p))
        return false;
    parser_take(p);
    if (p->token.kind == TOKEN_LEFT) {
        if (!nested(p, c))
            return false;
    } else if (parser_at_word(p, WORD_SELECT) || parser_at_word(p, WORD_WITH))
        c->query = parse_set(p, NULL);
    else
        c->from = parse_table_reference(p);
    if ((!c->query && !c->from) || !parser_expect(p, TOKEN_RIGHT, "`)`"))
        return false;
    parser_leave(p);
    return true;
}

static struct adql_from *table_primary(struct parser *p)
{
    struct token at = p->token;
    struct content content = {NULL, NULL};
    if (at.kind != TOKEN_LEFT)
        return table(p);
    if (!parenthesis(p, &content))
        return NULL;
    return from_content(p, &content, &at);
}

/* table_reference ::= table | derived | joined | "(" joined ")" */
struct adql_from *parse_table_reference(struct parser *p)
{
    return join_tail(p, table_primary(p));
}
