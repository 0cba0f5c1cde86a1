/* cost.c -- is a query a look-up or a scan? Guessed from what the catalog knows (rows,
 * keys, indexes, limits of columns) and what the query says (constants, regions, TOP); no
 * store is asked. The guess decides where a query waits, never what it answers. */
#include <math.h>

#include "core/query/join.h"

enum { TABLES_MAX = 200 };
static const double UNKNOWN_ROWS = 1e6, KEPT = 0.1, EQUAL_SHARE = 1e-3, LINKED_ROWS = 100,
                    SEARCHED_PER_HIT = 1000, GROUPS_MAX = 1000;

struct table_cost {
    struct adql_from *from;
    double rows;    /* it has */
    double read;    /* of them, as far as an index leads */
    double kept;    /* share of the read ones that conditions without an index keep */
    bool is_linked; /* an index leads to its rows from those of another table */
    bool is_joined; /* it meets another table by an equality or by a planner's condition */
};

struct select_cost {
    struct table_cost table[TABLES_MAX];
    uint32_t n;
};

static double rows_of(const struct adql_from *from)
{
    if (from->kind == ADQL_FROM_TABLE && from->table && from->table->row_estimate >= 0)
        return (double)from->table->row_estimate;
    return from->kind == ADQL_FROM_TABLE && !from->is_upload
               ? UNKNOWN_ROWS
               : UNKNOWN_ROWS / SEARCHED_PER_HIT;
}

static void add_table(struct adql_from *from, void *context)
{
    struct select_cost *s = context;
    if (from->kind == ADQL_FROM_JOIN || s->n == TABLES_MAX)
        return;
    double rows = rows_of(from);
    s->table[s->n++] = (struct table_cost){from, rows, rows, 1, false, false};
}

static struct table_cost *table_of(struct select_cost *s, const struct adql_from *from)
{
    for (uint32_t i = 0; from && i < s->n; i++)
        if (s->table[i].from == from)
            return &s->table[i];
    return NULL;
}

/* The column's catalog entry, when an index leads from its values to rows. Positions have
 * theirs by way of HEALPix ranges only. */
static const struct store_column *indexed(const struct adql_node *n)
{
    if (n->kind != ADQL_COLUMN || n->from->kind != ADQL_FROM_TABLE || !n->from->table)
        return NULL;
    const struct catalog_table *t = n->from->table;
    const struct store_column *c = &t->column[n->icolumn].meta;
    bool is_position =
        (int32_t)n->icolumn == t->lon_column || (int32_t)n->icolumn == t->lat_column;
    return !is_position && (c->flags & (STORE_INDEXED | STORE_KEY | STORE_SORTED)) ? c
                                                                                   : NULL;
}

static bool is_constant(struct adql_node *const *node, uint32_t n)
{
    struct join_about about = join_about(node, n);
    return about.is_plain && !about.from;
}

static double equal_rows(const struct store_column *c, double rows)
{
    return c->flags & STORE_KEY ? 1 : fmax(1, rows * EQUAL_SHARE);
}

/* Share of a column's values from low to high, by the limits that the catalog knows. */
static double range_share(const struct store_column *c, double low, double high)
{
    double span = c->maximum - c->minimum;
    if (!(span > 0))
        return KEPT;
    low = fmax(low, c->minimum);
    high = fmin(high, c->maximum);
    return fmin(1, fmax(EQUAL_SHARE * EQUAL_SHARE, (high - low) / span));
}

static double compare_share(const struct adql_node *n, const struct store_column *c,
                            bool is_mirrored)
{
    double value;
    bool above = n->compare == ADQL_GT || n->compare == ADQL_GE;
    if (n->compare == ADQL_NE)
        return 1;
    if (!adql_constant_number(n->child[is_mirrored ? 0 : 1], &value))
        return KEPT;
    return above != is_mirrored ? range_share(c, value, INFINITY)
                                : range_share(c, -INFINITY, value);
}

/* Two tables that meet by an equality; maybe by an index of the one. */
static void see_link(struct select_cost *s, const struct adql_node *n)
{
    struct table_cost *t[2];
    for (int i = 0; i < 2; i++)
        t[i] = table_of(s, join_about(&n->child[i], 1).from);
    if (!t[0] || !t[1] || t[0] == t[1])
        return;
    for (int i = 0; i < 2; i++) {
        t[i]->is_joined = true;
        t[i]->is_linked |= indexed(n->child[i]) != NULL;
    }
}

static bool join_column(struct adql_node *n, void *context)
{
    struct table_cost *t = n->kind == ADQL_COLUMN ? table_of(context, n->from) : NULL;
    if (t)
        t->is_joined = true;
    return true;
}

static bool see_compare(struct select_cost *s, struct adql_node *n)
{
    for (int i = 0; i < 2; i++) {
        const struct store_column *c = indexed(n->child[i]);
        struct table_cost *t = c ? table_of(s, n->child[i]->from) : NULL;
        if (!t || !is_constant(&n->child[1 - i], 1))
            continue;
        double read = n->compare == ADQL_EQ ? equal_rows(c, t->rows)
                                            : t->rows * compare_share(n, c, i == 1);
        t->read = fmin(t->read, read);
        return true;
    }
    if (n->compare == ADQL_EQ)
        see_link(s, n);
    return false;
}

static bool see_in(struct select_cost *s, struct adql_node *n)
{
    const struct store_column *c = indexed(n->child[0]);
    struct table_cost *t = c ? table_of(s, n->child[0]->from) : NULL;
    if (!t || n->is_not || !is_constant(n->child + 1, n->nchild - 1))
        return false;
    t->read = fmin(t->read, (n->nchild - 1) * equal_rows(c, t->rows));
    return true;
}

static bool see_between(struct select_cost *s, struct adql_node *n)
{
    const struct store_column *c = indexed(n->child[0]);
    struct table_cost *t = c ? table_of(s, n->child[0]->from) : NULL;
    double low, high;
    if (!t || n->is_not || !is_constant(n->child + 1, 2))
        return false;
    bool known =
        adql_constant_number(n->child[1], &low) && adql_constant_number(n->child[2], &high);
    t->read = fmin(t->read, t->rows * (known ? range_share(c, low, high) : KEPT));
    return true;
}

/* As if the rows were spread over the sky evenly. */
static bool see_ranges(struct select_cost *s, struct adql_node *n)
{
    struct table_cost *t = table_of(s, n->child[0]->from);
    if (!t || !t->from->table)
        return false;
    double cells = 12 * pow(4, t->from->table->hpx_order), inside = 0;
    for (uint32_t i = 0; i < n->range->nrange; i++)
        inside += (double)(n->range->bound[2 * i + 1] - n->range->bound[2 * i]) + 1;
    t->read = fmin(t->read, 1 + t->rows * fmin(1, inside / cells));
    return true;
}

static bool see_near(struct select_cost *s, struct adql_node *n)
{
    struct table_cost *t = table_of(s, n->from);
    double radius_deg;
    if (!t || !adql_constant_number(n->child[2], &radius_deg) || !is_constant(n->child, 2))
        return false;
    double inside = (1 - cos(radius_deg * 0.017453292519943295)) / 2;
    t->read = fmin(t->read, 1 + t->rows * inside);
    return true;
}

static bool see_indexed(struct select_cost *s, struct adql_node *n)
{
    switch (n->kind) {
    case ADQL_COMPARE:
        return see_compare(s, n);
    case ADQL_IN:
        return see_in(s, n);
    case ADQL_BETWEEN:
        return see_between(s, n);
    case ADQL_HPX_RANGES:
        return see_ranges(s, n);
    case ADQL_NEAR:
        return see_near(s, n);
    default:
        return false;
    }
}

static void see_condition(struct select_cost *s, struct adql_node *n)
{
    if (n->kind == ADQL_AND) {
        for (uint32_t i = 0; i < n->nchild; i++)
            see_condition(s, n->child[i]);
        return;
    }
    if (n->is_planned && n->kind != ADQL_HPX_RANGES && n->kind != ADQL_NEAR)
        adql_walk_node(n, join_column, s);
    struct table_cost *t =
        see_indexed(s, n) || n->is_planned ? NULL : table_of(s, join_about(&n, 1).from);
    if (t)
        t->kept *= KEPT;
}

static void see_on(struct adql_from *from, void *context)
{
    if (from->kind == ADQL_FROM_JOIN && from->on)
        see_condition(context, from->on);
}

/* Rows of the tables together: those that meet by nothing are tried pair by pair. */
static double joined_rows(const struct select_cost *s)
{
    double rows = 1;
    bool first = true;
    for (uint32_t i = 0; i < s->n; i++) {
        double own = fmax(1, s->table[i].read * s->table[i].kept);
        rows = first || s->table[i].is_joined ? fmax(rows, own) : rows * own;
        first = false;
    }
    return rows;
}

static void add_select(struct adql_select *select, void *context)
{
    struct query_cost *cost = context;
    struct select_cost s = {0};
    double read = 0, least = INFINITY;
    adql_walk_from(select, add_table, &s);
    adql_walk_from(select, see_on, &s);
    if (select->where)
        see_condition(&s, select->where);
    for (uint32_t i = 0; i < s.n; i++)
        least = fmin(least, s.table[i].read);
    for (uint32_t i = 0; i < s.n; i++) {
        struct table_cost *t = &s.table[i];
        if (t->is_linked && t->read > least)
            t->read = fmin(t->read, LINKED_ROWS * least);
        read += t->read;
    }
    double rows = joined_rows(&s);
    cost->rows_read += fmax(read, rows);
    if (select->is_grouped)
        rows = select->ngroup ? fmin(rows, GROUPS_MAX) : 1;
    cost->rows_out = fmax(cost->rows_out, rows);
}

/* A TOP that the store may stop at: nothing has to be looked at whole before. */
static void apply_top(const struct query *q, struct query_cost *cost)
{
    const struct adql_set *body = q->tree->body;
    const struct adql_select *s = body->select;
    int64_t limit = q->request.max_rows;
    if (s && s->top >= 0 && (limit < 0 || s->top < limit))
        limit = s->top;
    if (limit < 0)
        return;
    cost->rows_out = fmin(cost->rows_out, (double)limit + 1);
    bool stops = s && body->norder == 0 && !s->is_grouped && !s->is_distinct &&
                 s->nfrom == 1 && s->from[0]->kind == ADQL_FROM_TABLE && q->ngather == 0;
    if (stops)
        cost->rows_read =
            fmin(cost->rows_read,
                 s->where ? SEARCHED_PER_HIT * (1 + (double)limit) : (double)limit + 1);
    if (limit == 0)
        cost->rows_read = 0;
}

struct query_cost query_cost(const struct query *q)
{
    struct query_cost cost = {0};
    adql_walk_selects(q->tree, add_select, &cost);
    for (uint32_t i = 0; i < q->ngather; i++)
        if (q->gather[i].used->table->row_estimate < 0)
            cost.rows_read += UNKNOWN_ROWS;
    apply_top(q, &cost);
    return cost;
}
