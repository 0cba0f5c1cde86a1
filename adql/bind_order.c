/* bind_order.c -- ORDER BY: positions, names of result columns, expressions (ADQL-19). */
#include "adql/bind.h"

#include <assert.h>

static bool is_named(const struct adql_item *item)
{
    return item->alias.text.at || item->node->kind == ADQL_COLUMN ||
           (item->node->op == ADQL_OP_coalesce && item->node->meta);
}

/* ORDER BY 2 */
static bool order_position(struct binder *b, struct adql_set *s, struct adql_order *order)
{
    const struct adql_node *n = order->node;
    if (n->type == ADQL_DOUBLE || n->integer < 1 || n->integer > s->noutput)
        return FAIL_AT(b, n, "ORDER BY %.*s: the result has columns 1 to %u",
                       STR_FMT(n->text), s->noutput);
    order->iitem = (int32_t)n->integer - 1;
    return true;
}

/* ORDER BY name: a result column of this name comes before a table's (pitfall 4). */
static bool order_name(struct binder *b, struct adql_set *s, struct adql_order *order)
{
    const struct adql_name *name = &order->node->path->part[0];
    const struct adql_select *q = s->select;
    int32_t found = -1;
    for (uint32_t i = 0; i < s->noutput; i++) {
        const struct adql_output *o = &s->output[i];
        if ((q && !is_named(&q->item[i])) || !name_matches(&o->name, o->is_published, name))
            continue;
        bool is_same =
            found >= 0 && q && adql_same_node(q->item[found].node, q->item[i].node);
        if (found >= 0 && !is_same)
            return FAIL_AT(b, order->node,
                           "ORDER BY `%.*s` is ambiguous: several result columns "
                           "have this name",
                           STR_FMT(name->text));
        if (found < 0)
            found = (int32_t)i;
    }
    order->iitem = found;
    return true;
}

static bool order_expression(struct binder *b, struct adql_set *s, struct adql_order *order)
{
    const struct adql_select *q = s->select;
    if (!bind_node(b, order->node))
        return false;
    for (uint32_t i = 0; i < q->nitem && order->iitem < 0; i++)
        if (adql_same_node(q->item[i].node, order->node))
            order->iitem = (int32_t)i;
    if (order->iitem < 0 && q->is_distinct)
        return FAIL_AT(b, order->node,
                       "a SELECT DISTINCT can be sorted only by what it selects");
    return true;
}

static bool check_sortable(struct binder *b, struct adql_set *s, struct adql_order *order)
{
    const struct adql_node *n =
        order->iitem >= 0 && s->select ? s->select->item[order->iitem].node : order->node;
    enum adql_type type = order->iitem >= 0 ? (enum adql_type)s->output[order->iitem].type
                                            : (enum adql_type)n->type;
    if (adql_is_geometry(type) || type == ADQL_ARRAY)
        return FAIL_AT(b, order->node, "ORDER BY cannot sort by this: %s has no order",
                       type_phrase(type));
    return !(order->iitem >= 0 && s->select) || check_searchable(b, order->node, n);
}

/* A set operation sorted by an expression: SELECT * FROM (it) ORDER BY the expression. */
static bool wrap(struct binder *b, struct adql_set *s)
{
    struct adql_set *inner = arena_new_one(b->arena, struct adql_set);
    struct adql_select *q = arena_new_one(b->arena, struct adql_select);
    struct adql_from *from = arena_new_one(b->arena, struct adql_from);
    if (!inner || !q || !from || !(q->from = arena_new_one(b->arena, struct adql_from *)) ||
        !(q->item = arena_new_array(b->arena, struct adql_item, s->noutput)))
        return bind_no_memory(b);
    *inner = *s;
    inner->norder = 0;
    inner->order = NULL;
    inner->offset = 0;
    *from = (struct adql_from){.kind = ADQL_FROM_QUERY,
                               .line = s->line,
                               .column = s->column,
                               .query = inner,
                               .alias = {STR("q"), false},
                               .level = ++b->nlevel,
                               .sql_name = bind_sql_name(b, STR("q"))};
    q->line = s->line;
    q->column = s->column;
    q->top = -1;
    q->from[0] = from;
    q->nfrom = 1;
    q->nitem = s->noutput;
    for (uint32_t i = 0; i < q->nitem; i++)
        if (!(q->item[i].node = adql_new_column(b->arena, from, i)))
            return bind_no_memory(b);
    s->select = q;
    s->nterm = 0;
    return from->sql_name != NULL;
}

static bool bind_terms(struct binder *b, struct adql_set *s)
{
    for (uint32_t i = 0; i < s->norder; i++) {
        struct adql_order *order = &s->order[i];
        if (order->iitem < 0 && !order_expression(b, s, order))
            return false;
        if (!check_sortable(b, s, order))
            return false;
    }
    return true;
}

static bool no_such_output(struct binder *b, const struct adql_set *s,
                           const struct adql_node *n)
{
    return FAIL_AT(b, n,
                   "ORDER BY `%.*s`: a set operation is sorted by the columns of its first "
                   "SELECT, and none has this name (the first is `%s`)",
                   (int)(n->path->part[0].text.len < 80 ? n->path->part[0].text.len : 80),
                   n->path->part[0].text.at, s->output[0].meta.name);
}

/* Sorted by expressions, a set operation gets a SELECT of its own. */
static bool bind_set_terms(struct binder *b, struct adql_set *s)
{
    if (!wrap(b, s))
        return false;
    assert(s->select);
    struct level level = {.outer = NULL,
                          .select = s->select,
                          .from = s->select->from,
                          .nfrom = 1,
                          .number = b->nlevel,
                          .clause = CLAUSE_ORDER};
    struct level *was = b->level;
    b->level = &level;
    bool ok = bind_terms(b, s);
    b->level = was;
    return ok;
}

bool bind_order(struct binder *b, struct adql_set *s)
{
    bool needs_select = false;
    for (uint32_t i = 0; i < s->norder; i++) {
        struct adql_order *order = &s->order[i];
        const struct adql_node *n = order->node;
        if (n->kind == ADQL_LITERAL && adql_is_number((enum adql_type)n->type)) {
            if (!order_position(b, s, order))
                return false;
        } else if (n->kind == ADQL_COLUMN && n->path->npart == 1 &&
                   !order_name(b, s, order))
            return false;
        if (!s->select && order->iitem < 0 && n->kind == ADQL_COLUMN && n->path->npart == 1)
            return no_such_output(b, s, n);
        needs_select |= order->iitem < 0;
    }
    if (!s->select && needs_select)
        return bind_set_terms(b, s);
    if (b->level)
        b->level->clause = CLAUSE_ORDER;
    return bind_terms(b, s);
}
