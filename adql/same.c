/* same.c -- whether two bound expressions are written alike: for GROUP BY and ORDER BY. */
#include "adql/adql.h"

/* -0.0 is not written like 0.0. */
static uint64_t bits(double number)
{
    uint64_t all;
    memcpy(&all, &number, sizeof all);
    return all;
}

static bool same_literal(const struct adql_node *a, const struct adql_node *b)
{
    if (a->type != b->type)
        return false;
    switch (a->type) {
    case ADQL_NULL:
        return true;
    case ADQL_TEXT:
        return str_eq(a->text, b->text);
    case ADQL_DOUBLE:
        return bits(a->number) == bits(b->number);
    default:
        return a->integer == b->integer;
    }
}

static bool same_children(const struct adql_node *a, const struct adql_node *b)
{
    if (a->nchild != b->nchild)
        return false;
    for (uint32_t i = 0; i < a->nchild; i++)
        if (!adql_same_node(a->child[i], b->child[i]))
            return false;
    return true;
}

/* Subqueries and window calls are the same only as themselves; random numbers never are
 * called the same by the binder's rules, which is harmless here. */
bool adql_same_node(const struct adql_node *a, const struct adql_node *b)
{
    if (a == b)
        return true;
    if (a->kind != b->kind || a->is_not != b->is_not)
        return false;
    switch (a->kind) {
    case ADQL_LITERAL:
        return same_literal(a, b);
    case ADQL_COLUMN:
        return a->from == b->from && a->icolumn == b->icolumn;
    case ADQL_CALL:
        return a->op == b->op && !a->window && !b->window &&
               a->is_distinct == b->is_distinct && a->cast_length == b->cast_length &&
               same_children(a, b);
    case ADQL_COMPARE:
        return a->compare == b->compare && same_children(a, b);
    case ADQL_LIKE:
        return a->is_fold == b->is_fold && same_children(a, b);
    case ADQL_CASE:
        return a->has_value == b->has_value && a->has_else == b->has_else &&
               same_children(a, b);
    case ADQL_BETWEEN:
    case ADQL_IN:
    case ADQL_IS_NULL:
    case ADQL_AND:
    case ADQL_OR:
    case ADQL_NOT:
        return same_children(a, b);
    default:
        return false;
    }
}
