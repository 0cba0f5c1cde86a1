/* outer_join.c -- LEFT and RIGHT joins. Stores look the optional side up as long as every
 * condition compares a value of one side with one of the other; one condition of another
 * kind, and they try all pairs. For inner joins they do better: so the optional side
 * becomes an inner query about each row of the other (LATERAL). */
#include "core/query/join.h"

struct adql_from *join_optional(const struct adql_from *join)
{
    struct adql_from *side = join->join == ADQL_LEFT    ? join->right
                             : join->join == ADQL_RIGHT ? join->left
                                                        : NULL;
    return side && side->kind != ADQL_FROM_JOIN ? side : NULL;
}

/* What an expression of ON is about. */
enum { OPTIONAL = 1, OTHER = 2, SUBQUERY = 4, OUTER = 8 };

struct sides {
    const struct adql_from *join, *optional;
    unsigned seen;
};

/* Levels grow inward: what is deeper is a subquery's own. */
static bool see_node(struct adql_node *n, void *context)
{
    struct sides *s = context;
    if (n->kind == ADQL_SUBQUERY || n->kind == ADQL_IN_QUERY || n->kind == ADQL_EXISTS)
        s->seen |= SUBQUERY;
    if (n->kind != ADQL_COLUMN || n->from->level > s->optional->level)
        return true;
    s->seen |= n->from == s->optional            ? OPTIONAL
               : join_tree_has(s->join, n->from) ? OTHER
                                                 : OUTER;
    return true;
}

static unsigned sides_of(const struct adql_from *join, struct adql_node *n)
{
    struct sides s = {join, join_optional(join), 0};
    adql_walk_node(n, see_node, &s);
    return s.seen;
}

bool join_can_be_lateral(const struct query *q, const struct adql_from *join)
{
    return adql_dialect_can(plan_store(q)->dialect, ADQL_OP_lateral) &&
           join_optional(join) && !(sides_of(join, join->on) & OUTER);
}

struct judgement {
    bool has_lookup;   /* a condition by which rows of the optional side are found */
    bool has_other;    /* one that makes stores try all pairs */
    bool has_subquery; /* one that stores refuse in outer joins */
};

static void judge_compare(const struct adql_from *join, struct adql_node *left,
                          struct adql_node *right, struct judgement *j)
{
    unsigned one = sides_of(join, left), other = sides_of(join, right);
    bool is_split =
        (one == OPTIONAL && other == OTHER) || (one == OTHER && other == OPTIONAL);
    j->has_lookup |= is_split;
    j->has_other |= !is_split && ((one | other) & OTHER);
}

static void judge(const struct adql_from *join, struct adql_node *n, struct judgement *j)
{
    unsigned sides = sides_of(join, n);
    if (n->kind == ADQL_AND)
        for (uint32_t i = 0; i < n->nchild; i++)
            judge(join, n->child[i], j);
    else if (sides & SUBQUERY)
        j->has_subquery |= sides != (OPTIONAL | SUBQUERY);
    else if (n->kind == ADQL_COMPARE && n->compare != ADQL_NE)
        judge_compare(join, n->child[0], n->child[1], j);
    else if (n->kind == ADQL_BETWEEN && !n->is_not) {
        judge_compare(join, n->child[0], n->child[1], j);
        judge_compare(join, n->child[0], n->child[2], j);
    } else
        j->has_other |= (sides & OTHER) != 0;
}

bool plan_outer_join(struct query *q, struct adql_from *join)
{
    struct judgement j = {0};
    if (join->is_lateral || !join_can_be_lateral(q, join))
        return true;
    judge(join, join->on, &j);
    if (!j.has_subquery && !(j.has_lookup && j.has_other))
        return true;
    join->is_lateral = true;
    return join_note(q, "%s is looked up for each row of the other side of its outer join",
                     join_optional(join)->sql_name) != NULL;
}
