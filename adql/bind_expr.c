/* bind_expr.c -- types of literals, operators and predicates; what may be compared. */
#include <stdio.h>

#include "adql/bind.h"
#include "core/base/clock.h"

/* --- conversions that need no CAST --- */

static struct adql_node *cast_of(struct binder *b, struct adql_node *n, enum adql_op op,
                                 enum adql_type type)
{
    struct adql_node *cast = adql_new_call(b->arena, op, type, &n, 1);
    if (!cast)
        bind_no_memory(b);
    return cast;
}

bool bind_timestamp(struct binder *b, struct adql_node *n)
{
    int64_t us;
    if (!clock_parse_us(n->text, &us))
        return FAIL_AT(
            b, n, "'%.*s' is no timestamp: write YYYY-MM-DD or YYYY-MM-DDThh:mm:ss[.sss]",
            (int)(n->text.len < 60 ? n->text.len : 60), n->text.at);
    n->type = ADQL_TIMESTAMP;
    n->integer = us;
    return true;
}

/* 0, 1, 'true', 'false' ... as a truth value, in place; false: it is none of them. */
static bool boolean_literal(struct adql_node *n)
{
    static const char *const TRUES[] = {"true", "t", "1", "yes"};
    static const char *const FALSES[] = {"false", "f", "0", "no"};
    int value = -1;
    if (n->kind != ADQL_LITERAL)
        return false;
    if (adql_is_integer((enum adql_type)n->type) && (n->integer == 0 || n->integer == 1))
        value = (int)n->integer;
    for (int i = 0; n->type == ADQL_TEXT && i < 4; i++)
        value = str_eq_fold(n->text, str_of(TRUES[i]))    ? 1
                : str_eq_fold(n->text, str_of(FALSES[i])) ? 0
                                                          : value;
    if (value < 0)
        return false;
    n->type = ADQL_BOOLEAN;
    n->integer = value;
    return true;
}

bool bind_coerce(struct binder *b, struct adql_node **slot, enum adql_type type)
{
    struct adql_node *n = *slot;
    if (type != ADQL_TIMESTAMP || n->type != ADQL_TEXT)
        return true;
    if (n->kind == ADQL_LITERAL)
        return bind_timestamp(b, n);
    *slot = cast_of(b, n, ADQL_OP_cast_timestamp, ADQL_TIMESTAMP);
    return *slot != NULL;
}

/* A boolean column against a literal or a number; true: settled. */
static bool settle_boolean(struct binder *b, struct adql_node **x, struct adql_node **y)
{
    struct adql_node **boolean = (*x)->type == ADQL_BOOLEAN ? x : y;
    struct adql_node **other = boolean == x ? y : x;
    if ((*boolean)->type != ADQL_BOOLEAN)
        return false;
    if ((*other)->type == ADQL_BOOLEAN || boolean_literal(*other))
        return true;
    if (!adql_is_integer((enum adql_type)(*other)->type))
        return false;
    *boolean = cast_of(b, *boolean, ADQL_OP_cast_integer, ADQL_INTEGER);
    return *boolean != NULL;
}

static bool is_comparable(enum adql_type type)
{
    return adql_is_number(type) || type == ADQL_TEXT || type == ADQL_TIMESTAMP ||
           type == ADQL_BOOLEAN || type == ADQL_NULL;
}

static bool cannot_compare(struct binder *b, const struct adql_node *x,
                           const struct adql_node *y, const char *where)
{
    char words[2][96];
    const struct adql_node *geometry = !is_comparable((enum adql_type)x->type) ? x : y;
    if (!is_comparable((enum adql_type)geometry->type))
        return FAIL_AT(b, geometry, "%s cannot compare %s, which is %s%s", where,
                       node_words(geometry, words[0]), type_phrase(geometry->type),
                       adql_is_geometry((enum adql_type)geometry->type)
                           ? ": use CONTAINS, INTERSECTS or DISTANCE"
                           : "");
    const struct adql_node *text = x->type == ADQL_TEXT ? x : y;
    bool quoted = text->kind == ADQL_LITERAL && text->type == ADQL_TEXT &&
                  adql_is_number((enum adql_type)(text == x ? y : x)->type);
    return FAIL_AT(b, y, "%s cannot compare %s (%s) with %s (%s)%s", where,
                   node_words(x, words[0]), adql_type_name((enum adql_type)x->type),
                   node_words(y, words[1]), adql_type_name((enum adql_type)y->type),
                   quoted ? ": a number stands without quotes" : "");
}

bool bind_comparable(struct binder *b, struct adql_node **x, struct adql_node **y,
                     const char *where)
{
    enum adql_type tx = (enum adql_type)(*x)->type, ty = (enum adql_type)(*y)->type;
    if (tx == ADQL_BOOLEAN || ty == ADQL_BOOLEAN) {
        if (tx == ADQL_NULL || ty == ADQL_NULL || settle_boolean(b, x, y))
            return *x && *y;
        if (!*x || !*y)
            return false; /* out of memory, and said so */
        return cannot_compare(b, *x, *y, where);
    }
    enum adql_type common = type_common(tx, ty);
    if (common == ADQL_UNTYPED || !is_comparable(common))
        return cannot_compare(b, *x, *y, where);
    return bind_coerce(b, x, common) && bind_coerce(b, y, common);
}

/* --- predicates --- */

static bool bind_children(struct binder *b, struct adql_node *n)
{
    for (uint32_t i = 0; i < n->nchild; i++)
        if (!bind_node(b, n->child[i]))
            return false;
    n->type = ADQL_CONDITION;
    return true;
}

static bool bind_compare(struct binder *b, struct adql_node *n)
{
    static const char *const SIGNS[] = {"=", "<>", "<", "<=", ">", ">="};
    return bind_children(b, n) &&
           bind_comparable(b, &n->child[0], &n->child[1], SIGNS[n->compare]);
}

/* BETWEEN and IN: the value against each of the others; again, if one of them made a
 * timestamp of the value. */
static bool bind_members(struct binder *b, struct adql_node *n, const char *where)
{
    if (!bind_children(b, n))
        return false;
    for (int round = 0; round < 2; round++) {
        uint8_t type = n->child[0]->type;
        for (uint32_t i = 1; i < n->nchild; i++)
            if (!bind_comparable(b, &n->child[0], &n->child[i], where))
                return false;
        if (n->child[0]->type == type)
            break;
    }
    return true;
}

static bool bind_like(struct binder *b, struct adql_node *n)
{
    char words[96];
    const char *word = n->is_fold ? "ILIKE" : "LIKE";
    if (!bind_children(b, n))
        return false;
    for (int i = 0; i < 2; i++)
        if (n->child[i]->type != ADQL_TEXT && n->child[i]->type != ADQL_NULL)
            return FAIL_AT(b, n->child[i], "%s needs text, but %s is %s", word,
                           node_words(n->child[i], words), type_phrase(n->child[i]->type));
    return true;
}

static bool bind_query(struct binder *b, struct adql_node *n, bool one_column)
{
    if (!bind_set(b, n->query, b->level))
        return false;
    return !one_column || n->query->noutput == 1 ||
           FAIL_AT(b, n, "a subquery in this place must have one column, this one has %u",
                   n->query->noutput);
}

static bool bind_in_query(struct binder *b, struct adql_node *n)
{
    if (!bind_children(b, n) || !bind_query(b, n, true))
        return false;
    struct adql_node other = {.kind = ADQL_SUBQUERY, .line = n->line, .column = n->column};
    struct adql_node *slot = &other;
    other.type = n->query->output[0].type;
    if (!bind_comparable(b, &n->child[0], &slot, "IN"))
        return false;
    return slot == &other ||
           FAIL_AT(b, n, "IN needs a subquery of the value's own type, %s: use CAST inside",
                   adql_type_name((enum adql_type)n->child[0]->type));
}

/* Each level of them multiplies what engines need to plan a query. */
enum { MAX_VALUE_SUBQUERIES = 6 };

static bool bind_subquery(struct binder *b, struct adql_node *n)
{
    if (++b->nvalue > MAX_VALUE_SUBQUERIES)
        return FAIL_AT(b, n, "subqueries as values are nested too deeply here: at most %d",
                       MAX_VALUE_SUBQUERIES);
    if (!bind_query(b, n, true))
        return false;
    b->nvalue--;
    n->type = n->query->output[0].type;
    n->meta = &n->query->output[0].meta;
    return true;
}

/* --- CASE: our extension --- */

static bool case_results(struct binder *b, struct adql_node *n)
{
    enum adql_type common = ADQL_NULL;
    uint32_t first = n->has_value ? 2 : 1, npair = (n->nchild - n->has_value) / 2;
    for (uint32_t i = 0; i < npair + n->has_else; i++) {
        struct adql_node *result =
            i < npair ? n->child[first + 2 * i] : n->child[n->nchild - 1];
        enum adql_type next = type_common(common, (enum adql_type)result->type);
        if (next == ADQL_UNTYPED)
            return FAIL_AT(
                b, result, "the results of CASE must have one type: here %s, before %s",
                adql_type_name((enum adql_type)result->type), adql_type_name(common));
        common = next;
    }
    for (uint32_t i = 0; i < npair; i++)
        if (!bind_coerce(b, &n->child[first + 2 * i], common))
            return false;
    n->type = (uint8_t)common;
    return !n->has_else || bind_coerce(b, &n->child[n->nchild - 1], common);
}

static bool bind_case(struct binder *b, struct adql_node *n)
{
    uint32_t npair = (n->nchild - n->has_value) / 2;
    if (!bind_children(b, n))
        return false;
    for (uint32_t i = 0; n->has_value && i < npair; i++)
        if (!bind_comparable(b, &n->child[0], &n->child[1 + 2 * i], "CASE"))
            return false;
    return case_results(b, n);
}

/* --- all kinds --- */

bool bind_node(struct binder *b, struct adql_node *n)
{
    switch (n->kind) {
    case ADQL_LITERAL:
        return true;
    case ADQL_COLUMN:
        return bind_column(b, n);
    case ADQL_STAR:
        return FAIL_AT(b, n, "`*` may stand only in a select list and in COUNT(*)");
    case ADQL_CALL:
        return n->text.len ? bind_call(b, n) : bind_operator(b, n);
    case ADQL_COMPARE:
        return bind_compare(b, n);
    case ADQL_BETWEEN:
        return bind_members(b, n, "BETWEEN");
    case ADQL_IN:
        return bind_members(b, n, "IN");
    case ADQL_IN_QUERY:
        return bind_in_query(b, n);
    case ADQL_LIKE:
        return bind_like(b, n);
    case ADQL_EXISTS:
        n->type = ADQL_CONDITION;
        return bind_query(b, n, false);
    case ADQL_CASE:
        return bind_case(b, n);
    case ADQL_SUBQUERY:
        return bind_subquery(b, n);
    default:
        return bind_children(b, n);
    }
}
