/* bind_group.c -- GROUP BY: its terms, and the rule that everything outside of aggregates
 * must be grouped (ADQL-20). */
#include "adql/bind.h"

/* --- terms --- */

static bool has_aggregate(struct adql_node *n, void *context)
{
    bool *found = context;
    if (n->kind == ADQL_CALL && n->is_aggregate)
        *found = true;
    return n->kind != ADQL_SUBQUERY && n->kind != ADQL_EXISTS && n->kind != ADQL_IN_QUERY;
}

static bool is_plain(struct adql_node *n)
{
    bool found = false;
    adql_walk_node(n, has_aggregate, &found);
    return !found;
}

/* GROUP BY 2 means the second item, where it can: a constant would group nothing. */
static struct adql_node *item_at(const struct adql_select *q, const struct adql_node *n)
{
    bool is_position = n->kind == ADQL_LITERAL && n->type == ADQL_INTEGER &&
                       n->integer >= 1 && n->integer <= q->nitem;
    struct adql_node *item = is_position ? q->item[n->integer - 1].node : NULL;
    return item && is_plain(item) ? item : NULL;
}

/* The item with this alias, if no column has the name. */
static struct adql_node *item_called(struct binder *b, const struct adql_select *q,
                                     const struct adql_node *n)
{
    struct found found = {0};
    if (n->kind != ADQL_COLUMN || n->path->npart != 1)
        return NULL;
    for (uint32_t i = 0; i < b->level->nfrom; i++)
        find_column(b->level->from[i], &n->path->part[0], &found);
    for (uint32_t i = 0; found.n == 0 && i < q->nitem; i++)
        if (q->item[i].alias.text.at &&
            name_matches(&q->item[i].alias, false, &n->path->part[0]) &&
            is_plain(q->item[i].node))
            return q->item[i].node;
    return NULL;
}

bool check_searchable(struct binder *b, const struct adql_node *place,
                      const struct adql_node *n)
{
    if (n->kind != ADQL_COLUMN || !(n->meta->flags & STORE_NO_SEARCH))
        return true;
    return FAIL_AT(b, place,
                   "column `%s` can only be selected: this service does not search, "
                   "join, group or sort by it",
                   n->meta->name);
}

bool bind_group(struct binder *b, struct adql_select *q)
{
    b->level->clause = CLAUSE_GROUP;
    for (uint32_t i = 0; i < q->ngroup; i++) {
        struct adql_node *n = q->group[i];
        struct adql_node *item = item_at(q, n);
        if (!item)
            item = item_called(b, q, n);
        if (item) {
            if (!check_searchable(b, n, item))
                return false;
            q->group[i] = item;
        } else if (!bind_node(b, n))
            return false;
    }
    return true;
}

/* --- the rule --- */

struct check {
    struct binder *b;
    const struct adql_select *q;
    uint32_t level;
    bool ok;
};

static bool is_group_term(const struct check *c, const struct adql_node *n)
{
    for (uint32_t i = 0; i < c->q->ngroup; i++)
        if (adql_same_node(c->q->group[i], n))
            return true;
    return false;
}

/* Called for every node, in subqueries too; false: its children need no look. */
static bool check_node(struct adql_node *n, void *context)
{
    struct check *c = context;
    if (!c->ok || is_group_term(c, n))
        return false;
    if (n->kind == ADQL_CALL && n->is_aggregate)
        return false;
    if (n->kind != ADQL_COLUMN || n->from->level != c->level)
        return true;
    c->ok = FAIL_AT(
        c->b, n,
        "column `%s` must stand in GROUP BY or inside an aggregate function such as "
        "COUNT, AVG or MAX",
        n->meta->name);
    return false;
}

bool check_grouped(struct binder *b, struct adql_set *s)
{
    struct adql_select *q = s->select;
    struct check c = {b, q, b->level->number, true};
    for (uint32_t i = 0; i < q->nitem && c.ok; i++)
        adql_walk_node(q->item[i].node, check_node, &c);
    if (q->having && c.ok)
        adql_walk_node(q->having, check_node, &c);
    for (uint32_t i = 0; i < s->norder && c.ok; i++)
        if (s->order[i].iitem < 0)
            adql_walk_node(s->order[i].node, check_node, &c);
    return c.ok;
}
