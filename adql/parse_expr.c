/* parse_expr.c -- conditions and values down to the operators. Conditions and values share
 * one descent, because an opening parenthesis does not tell which it holds; what a place
 * needs is checked afterwards. */
#include "adql/parse.h"

static struct adql_node *predicate(struct parser *);

bool node_is_condition(const struct adql_node *n)
{
    return (n->kind >= ADQL_COMPARE && n->kind <= ADQL_NOT) || n->kind == ADQL_HPX_RANGES;
}

static bool require_value(struct parser *p, const struct adql_node *n)
{
    if (!node_is_condition(n))
        return true;
    return err_set_at(
        p->err, ERR_USAGE, n->line, n->column,
        "a condition is not a value in ADQL: it may stand only after WHERE, ON, "
        "HAVING, NOT, AND, OR, WHEN");
}

static bool require_condition(struct parser *p, const struct adql_node *n)
{
    if (node_is_condition(n))
        return true;
    if (n->kind == ADQL_CALL && n->text.len)
        return err_set_at(p->err, ERR_USAGE, n->line, n->column,
                          "expected a condition, but %.*s(...) is a value: compare it, for "
                          "example %.*s(...) = 1",
                          STR_FMT(n->text), STR_FMT(n->text));
    return err_set_at(
        p->err, ERR_USAGE, n->line, n->column,
        "expected a condition here, such as a comparison, but this is a value");
}

/* One or more operands joined by a word, as one node however many there are. */
static struct adql_node *junction(struct parser *p, enum word word,
                                  struct adql_node *(*operand)(struct parser *))
{
    struct adql_node *first = operand(p);
    if (!first || !parser_at_word(p, word))
        return first;

    struct adql_node *n = parser_node(p, word == WORD_OR ? ADQL_OR : ADQL_AND, &p->token);
    uint32_t mark = parser_list_begin(p);
    if (!n || !require_condition(p, first) || !parser_list_add(p, first))
        return NULL;
    while (parser_accept_word(p, word)) {
        struct adql_node *next = operand(p);
        if (!next || !require_condition(p, next) || !parser_list_add(p, next))
            return NULL;
    }
    return parser_parent(p, n, mark);
}

static struct adql_node *parent_of(struct parser *p, struct adql_node *n,
                                   struct adql_node *a, struct adql_node *b)
{
    if (!n || !a)
        return NULL;
    n->nchild = b ? 2 : 1;
    n->child = arena_new_array(p->arena, struct adql_node *, 2);
    if (!n->child)
        return parser_no_memory(p);
    n->child[0] = a;
    n->child[1] = b;
    return parser_finish(p, n);
}

/* boolean_factor ::= [NOT] boolean_primary */
static struct adql_node *boolean_factor(struct parser *p)
{
    if (!parser_at_word(p, WORD_NOT))
        return predicate(p);
    struct adql_node *n = parser_node(p, ADQL_NOT, &p->token);
    parser_take(p);
    struct adql_node *operand = predicate(p);
    if (!operand || !require_condition(p, operand))
        return NULL;
    return parent_of(p, n, operand, NULL);
}

/* boolean_term ::= boolean_factor { AND boolean_factor } */
static struct adql_node *boolean_term(struct parser *p)
{
    return junction(p, WORD_AND, boolean_factor);
}

/* search_condition ::= boolean_term { OR boolean_term } */
struct adql_node *parse_any(struct parser *p)
{
    return junction(p, WORD_OR, boolean_term);
}

struct adql_node *parse_condition(struct parser *p)
{
    struct adql_node *n = parse_any(p);
    return n && require_condition(p, n) ? n : NULL;
}

struct adql_node *parse_value(struct parser *p)
{
    struct adql_node *n = parse_any(p);
    return n && require_value(p, n) ? n : NULL;
}

/* comparison_predicate ::= value comp_op value */
static struct adql_node *comparison(struct parser *p, struct adql_node *left)
{
    struct adql_node *n = parser_node(p, ADQL_COMPARE, &p->token);
    if (!n)
        return NULL;
    n->compare = (uint8_t)(p->token.kind - TOKEN_EQ);
    parser_take(p);
    struct adql_node *right = parse_operand(p, 0);
    if (!right || !require_value(p, right))
        return NULL;
    if (p->token.kind >= TOKEN_EQ && p->token.kind <= TOKEN_GE)
        return parser_fail(p, &p->token,
                           "comparisons cannot be chained: write a < b AND b < c");
    return parent_of(p, n, left, right);
}

/* between_predicate ::= value [NOT] BETWEEN value AND value */
static struct adql_node *between(struct parser *p, struct adql_node *n,
                                 struct adql_node *left)
{
    uint32_t mark = parser_list_begin(p);
    struct adql_node *low = parse_operand(p, 0);
    if (!low || !require_value(p, low) || !parser_expect_word(p, WORD_AND))
        return NULL;
    struct adql_node *high = parse_operand(p, 0);
    if (!high || !require_value(p, high))
        return NULL;
    if (!parser_list_add(p, left) || !parser_list_add(p, low) || !parser_list_add(p, high))
        return NULL;
    return parser_parent(p, n, mark);
}

/* in_predicate ::= value [NOT] IN ( "(" value {"," value} ")" | subquery ) */
static struct adql_node *in(struct parser *p, struct adql_node *n, struct adql_node *left)
{
    uint32_t mark = parser_list_begin(p);
    if (!parser_list_add(p, left) || !parse_in(p, n))
        return NULL;
    return parser_parent(p, n, mark);
}

/* like_predicate ::= value [NOT] (LIKE | ILIKE) value */
static struct adql_node *like(struct parser *p, struct adql_node *n, struct adql_node *left)
{
    struct adql_node *pattern = parse_operand(p, 0);
    if (!pattern || !require_value(p, pattern))
        return NULL;
    if (parser_at_word(p, WORD_ESCAPE))
        return parser_fail(p, &p->token,
                           "ADQL has no ESCAPE: %% and _ are always wildcards");
    return parent_of(p, n, left, pattern);
}

/* null_predicate ::= value IS [NOT] NULL */
static struct adql_node *is_null(struct parser *p, struct adql_node *left)
{
    struct adql_node *n = parser_node(p, ADQL_IS_NULL, &p->token);
    parser_take(p);
    if (!n)
        return NULL;
    n->is_not = parser_accept_word(p, WORD_NOT);
    if (!parser_expect_word(p, WORD_NULL))
        return NULL;
    return parent_of(p, n, left, NULL);
}

/* What may follow a value and [NOT]. */
static struct adql_node *worded(struct parser *p, struct adql_node *left)
{
    struct token at = p->token;
    bool is_not = parser_accept_word(p, WORD_NOT);
    enum word w = p->token.kind == TOKEN_WORD ? (enum word)p->token.word : WORD_NONE;
    enum adql_kind kind = w == WORD_BETWEEN                   ? ADQL_BETWEEN
                          : w == WORD_IN                      ? ADQL_IN
                          : w == WORD_LIKE || w == WORD_ILIKE ? ADQL_LIKE
                                                              : ADQL_LITERAL;
    if (kind == ADQL_LITERAL)
        return is_not ? parser_unexpected(p, "BETWEEN, IN, LIKE or ILIKE after NOT") : left;
    struct adql_node *n = parser_node(p, kind, is_not ? &at : &p->token);
    if (!n)
        return NULL;
    n->is_not = is_not;
    n->is_fold = w == WORD_ILIKE;
    parser_take(p);
    return kind == ADQL_BETWEEN ? between(p, n, left)
           : kind == ADQL_IN    ? in(p, n, left)
                                : like(p, n, left);
}

/* exists_predicate ::= EXISTS subquery */
static struct adql_node *exists(struct parser *p)
{
    struct adql_node *n = parser_node(p, ADQL_EXISTS, &p->token);
    struct token at = p->token;
    parser_take(p);
    if (!n)
        return NULL;
    n->query = parse_subquery(p);
    return n->query && parser_grow(p, &n->height, n->query->height + 1u, &at) ? n : NULL;
}

/* predicate ::= comparison | between | in | like | null | exists; without any of their
 * signs it is just a value, or a condition in parentheses */
static struct adql_node *predicate(struct parser *p)
{
    if (parser_at_word(p, WORD_EXISTS))
        return exists(p);
    struct adql_node *left = parse_operand(p, 0);
    if (!left)
        return NULL;
    const struct token *t = &p->token;
    bool is_comparison = t->kind >= TOKEN_EQ && t->kind <= TOKEN_GE;
    bool is_worded =
        t->kind == TOKEN_WORD &&
        (t->word == WORD_NOT || t->word == WORD_BETWEEN || t->word == WORD_IN ||
         t->word == WORD_LIKE || t->word == WORD_ILIKE || t->word == WORD_IS);
    if (!is_comparison && !is_worded)
        return left;
    if (!require_value(p, left))
        return NULL;
    if (is_comparison)
        return comparison(p, left);
    return t->word == WORD_IS ? is_null(p, left) : worded(p, left);
}

/* --- operators by strength (ADQL-13) --- */

/* clang-format off */
static const struct binary {
    uint8_t strength; /* 0: no operator */
    uint16_t op;
} BINARY[NTOKEN] = {
    [TOKEN_OR] = {1, ADQL_OP_bit_or},          [TOKEN_XOR] = {2, ADQL_OP_bit_xor},
    [TOKEN_AND] = {3, ADQL_OP_bit_and},        [TOKEN_SHIFT_LEFT] = {4, ADQL_OP_shift_left},
    [TOKEN_SHIFT_RIGHT] = {4, ADQL_OP_shift_right}, [TOKEN_CONCAT] = {5, ADQL_OP_concat},
    [TOKEN_PLUS] = {6, ADQL_OP_add},           [TOKEN_MINUS] = {6, ADQL_OP_sub},
    [TOKEN_STAR] = {7, ADQL_OP_mul},           [TOKEN_SLASH] = {7, ADQL_OP_div_float},
};
/* clang-format on */

/* factor ::= [sign] primary; ~ is our extension */
static struct adql_node *factor(struct parser *p)
{
    enum adql_op op = p->token.kind == TOKEN_MINUS   ? ADQL_OP_neg
                      : p->token.kind == TOKEN_PLUS  ? ADQL_OP_pos
                      : p->token.kind == TOKEN_TILDE ? ADQL_OP_bit_not
                                                     : ADQL_OP_NONE;
    if (op == ADQL_OP_NONE)
        return parse_primary(p);
    struct adql_node *n = parser_node(p, ADQL_CALL, &p->token);
    parser_take(p);
    struct adql_node *operand = parse_primary(p);
    if (!n || !operand || !require_value(p, operand))
        return NULL;
    n->op = (uint16_t)op;
    return parent_of(p, n, operand, NULL);
}

/* operand ::= factor { operator operand-of-more-strength }, left to right. Division is
 * div_float until binding knows the types. */
struct adql_node *parse_operand(struct parser *p, int least)
{
    struct adql_node *left = factor(p);
    while (left) {
        const struct binary *b = &BINARY[p->token.kind];
        if (b->strength == 0 || b->strength < least)
            return left;
        if (!require_value(p, left))
            return NULL;
        struct adql_node *n = parser_node(p, ADQL_CALL, &p->token);
        parser_take(p);
        struct adql_node *right = parse_operand(p, b->strength + 1);
        if (!n || !right || !require_value(p, right))
            return NULL;
        n->op = b->op;
        left = parent_of(p, n, left, right);
    }
    return NULL;
}
