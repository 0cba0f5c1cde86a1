/* node.c -- the tree for those who change it after binding: constructors, walks. */
#include "adql/adql.h"

/* --- constructors --- */

static struct adql_node *node_new(struct arena *a, enum adql_kind kind, enum adql_type type)
{
    struct adql_node *n = arena_new_one(a, struct adql_node);
    if (n) {
        n->kind = (uint8_t)kind;
        n->type = (uint8_t)type;
        n->height = 1;
    }
    return n;
}

static bool set_children(struct arena *a, struct adql_node *n,
                         struct adql_node *const *child, uint32_t nchild)
{
    uint32_t height = 0;
    n->child = arena_new_array(a, struct adql_node *, nchild + 1);
    if (!n->child)
        return false;
    for (uint32_t i = 0; i < nchild; i++) {
        if (!child[i])
            return false;
        n->child[i] = child[i];
        if (child[i]->height > height)
            height = child[i]->height;
    }
    n->nchild = nchild;
    n->height = (uint16_t)(height < UINT16_MAX ? height + 1 : height);
    if (nchild) {
        n->line = child[0]->line;
        n->column = child[0]->column;
        n->length = child[0]->length;
    }
    return true;
}

static const struct store_column *from_meta(const struct adql_from *from, uint32_t icolumn)
{
    return from->table ? &from->table->column[icolumn].meta
                       : &from->query->output[icolumn].meta;
}

struct adql_node *adql_new_column(struct arena *a, struct adql_from *from, uint32_t icolumn)
{
    const struct store_column *meta = from_meta(from, icolumn);
    enum adql_type type = from->table ? adql_type_of_column(meta)
                                      : (enum adql_type)from->query->output[icolumn].type;
    struct adql_node *n = node_new(a, ADQL_COLUMN, type);
    if (n) {
        n->from = from;
        n->icolumn = icolumn;
        n->meta = meta;
        n->line = from->line;
        n->column = from->column;
    }
    return n;
}

struct adql_node *adql_new_double(struct arena *a, double value)
{
    struct adql_node *n = node_new(a, ADQL_LITERAL, ADQL_DOUBLE);
    if (n)
        n->number = value;
    return n;
}

struct adql_node *adql_new_integer(struct arena *a, int64_t value)
{
    bool is_small = value >= INT32_MIN && value <= INT32_MAX;
    struct adql_node *n = node_new(a, ADQL_LITERAL, is_small ? ADQL_INTEGER : ADQL_BIGINT);
    if (n)
        n->integer = value;
    return n;
}

struct adql_node *adql_new_text(struct arena *a, str value)
{
    struct adql_node *n = node_new(a, ADQL_LITERAL, ADQL_TEXT);
    char *copy = arena_text(a, value);
    if (!n || !copy)
        return NULL;
    n->text = (str){copy, value.len};
    return n;
}

struct adql_node *adql_new_call(struct arena *a, enum adql_op op, enum adql_type type,
                                struct adql_node *const *child, uint32_t nchild)
{
    struct adql_node *n = node_new(a, ADQL_CALL, type);
    if (!n || !set_children(a, n, child, nchild))
        return NULL;
    n->op = (uint16_t)op;
    return n;
}

struct adql_node *adql_new_compare(struct arena *a, enum adql_compare compare,
                                   struct adql_node *left, struct adql_node *right)
{
    struct adql_node *n = node_new(a, ADQL_COMPARE, ADQL_CONDITION);
    if (!n || !set_children(a, n, (struct adql_node *[]){left, right}, 2))
        return NULL;
    n->compare = (uint8_t)compare;
    return n;
}

static struct adql_node *junction(struct arena *a, enum adql_kind kind, struct adql_node *x,
                                  struct adql_node *y)
{
    struct adql_node *n = node_new(a, kind, ADQL_CONDITION);
    return n && set_children(a, n, (struct adql_node *[]){x, y}, 2) ? n : NULL;
}

struct adql_node *adql_new_and(struct arena *a, struct adql_node *x, struct adql_node *y)
{
    return junction(a, ADQL_AND, x, y);
}

struct adql_node *adql_new_or(struct arena *a, struct adql_node *x, struct adql_node *y)
{
    return junction(a, ADQL_OR, x, y);
}

struct adql_node *adql_new_hpx_ranges(struct arena *a, struct adql_node *column,
                                      const int64_t *bound, uint32_t nrange)
{
    struct adql_node *n = node_new(a, ADQL_HPX_RANGES, ADQL_CONDITION);
    struct adql_ranges *ranges = arena_new_one(a, struct adql_ranges);
    int64_t *copy = arena_new_array(a, int64_t, 2 * (size_t)nrange + 1);
    if (!n || !ranges || !copy || !set_children(a, n, &column, 1))
        return NULL;
    if (nrange)
        memcpy(copy, bound, 2 * (size_t)nrange * sizeof *copy);
    *ranges = (struct adql_ranges){nrange, copy};
    n->range = ranges;
    n->is_planned = true;
    return n;
}

struct adql_node *adql_new_near(struct arena *a, struct adql_from *from, const char *sql,
                                struct adql_node *const arg[3])
{
    struct adql_node *n = node_new(a, ADQL_NEAR, ADQL_CONDITION);
    if (!n || !arg[0] || !arg[1] || !arg[2] || !set_children(a, n, arg, 3))
        return NULL;
    n->from = from;
    n->text = str_of(sql);
    n->is_planned = true;
    return n;
}

struct adql_node *adql_new_cell(struct arena *a, const struct adql_cells *cells)
{
    struct adql_node *n = node_new(a, ADQL_CELL, ADQL_BIGINT);
    if (n)
        n->cells = cells;
    return n;
}

static bool and_to(struct arena *a, struct adql_node **condition, struct adql_node *more)
{
    struct adql_node *both = *condition ? adql_new_and(a, *condition, more) : more;
    if (both)
        *condition = both;
    return both != NULL;
}

bool adql_select_and(struct arena *a, struct adql_select *select, struct adql_node *more)
{
    return and_to(a, &select->where, more);
}

bool adql_join_and(struct arena *a, struct adql_from *join, struct adql_node *more)
{
    return and_to(a, &join->on, more);
}

/* --- walks --- */

struct walk {
    adql_visit *visit; /* NULL: selects only */
    void (*select)(struct adql_select *, void *);
    void *context;
};

static void walk_set(struct adql_set *, const struct walk *);

static void walk_node(struct adql_node *n, const struct walk *w)
{
    if (w->visit && !w->visit(n, w->context))
        return;
    for (uint32_t i = 0; i < n->nchild; i++)
        walk_node(n->child[i], w);
    if (n->kind == ADQL_SUBQUERY || n->kind == ADQL_IN_QUERY || n->kind == ADQL_EXISTS)
        walk_set(n->query, w);
    if (n->kind == ADQL_CALL && n->window) {
        for (uint32_t i = 0; i < n->window->npartition; i++)
            walk_node(n->window->partition[i], w);
        for (uint32_t i = 0; i < n->window->norder; i++)
            walk_node(n->window->order[i].node, w);
    }
}

static void walk_from(struct adql_from *from, const struct walk *w)
{
    if (from->kind == ADQL_FROM_QUERY)
        walk_set(from->query, w);
    if (from->kind != ADQL_FROM_JOIN)
        return;
    walk_from(from->left, w);
    walk_from(from->right, w);
    if (from->on)
        walk_node(from->on, w);
}

static void walk_select(struct adql_select *q, const struct walk *w)
{
    if (w->select)
        w->select(q, w->context);
    for (uint32_t i = 0; i < q->nitem; i++)
        walk_node(q->item[i].node, w);
    for (uint32_t i = 0; i < q->nfrom; i++)
        walk_from(q->from[i], w);
    if (q->where)
        walk_node(q->where, w);
    for (uint32_t i = 0; i < q->ngroup; i++)
        walk_node(q->group[i], w);
    if (q->having)
        walk_node(q->having, w);
}

static void walk_set(struct adql_set *s, const struct walk *w)
{
    if (s->select)
        walk_select(s->select, w);
    for (uint32_t i = 0; i < s->nterm; i++)
        walk_set(s->term[i], w);
    for (uint32_t i = 0; i < s->norder; i++)
        walk_node(s->order[i].node, w);
}

static void walk_query(struct adql_query *q, const struct walk *w)
{
    for (uint32_t i = 0; i < q->ncte; i++)
        walk_set(q->cte[i].query, w);
    walk_set(q->body, w);
}

void adql_walk(struct adql_query *q, adql_visit *visit, void *context)
{
    walk_query(q, &(struct walk){.visit = visit, .context = context});
}

void adql_walk_node(struct adql_node *n, adql_visit *visit, void *context)
{
    walk_node(n, &(struct walk){.visit = visit, .context = context});
}

void adql_walk_selects(struct adql_query *q,
                       void (*visit)(struct adql_select *, void *context), void *context)
{
    walk_query(q, &(struct walk){.select = visit, .context = context});
}

static void visit_from(struct adql_from *from,
                       void (*visit)(struct adql_from *, void *context), void *context)
{
    visit(from, context);
    if (from->kind != ADQL_FROM_JOIN)
        return;
    visit_from(from->left, visit, context);
    visit_from(from->right, visit, context);
}

void adql_walk_from(struct adql_select *q, void (*visit)(struct adql_from *, void *context),
                    void *context)
{
    for (uint32_t i = 0; i < q->nfrom; i++)
        visit_from(q->from[i], visit, context);
}
