/* gather_filter.c -- what the query says of a gathered table's own rows goes along to its
 * store, so that fewer come. The engine tests every row again: a filter may let too many
 * pass, never too few. */
#include <math.h>

#include "core/query/plan.h"
#include "core/sky/sky.h"

enum { RANGES_MAX = 64 };

struct context {
    struct query *q;
    struct plan_gather *g;
    const struct adql_from *from; /* the one place where the table stands */
    struct adql_select *select;   /* and the SELECT of it */
    uint32_t nplace;
    bool failed; /* no memory */
};

/* --- expressions of stores -------------------------------------------------------------
 */

static struct store_expr *new_expr(struct context *c, enum store_op op, uint32_t narg)
{
    struct store_expr *x = arena_new_one(c->q->arena, struct store_expr);
    const struct store_expr **arg =
        arena_new_array(c->q->arena, const struct store_expr *, narg + 1);
    c->failed |= !x || !arg;
    if (c->failed)
        return NULL;
    *x = (struct store_expr){.op = op, .narg = narg, .arg = arg};
    return x;
}

static bool set_arg(struct store_expr *x, uint32_t i, const struct store_expr *arg)
{
    if (x && arg)
        ((const struct store_expr **)(uintptr_t)x->arg)[i] = arg;
    return x && arg;
}

static struct store_expr *column_expr(struct context *c, uint32_t icolumn)
{
    struct plan_column *k = arena_new_one(c->q->arena, struct plan_column);
    c->failed |= !k;
    if (!k)
        return NULL;
    *k = (struct plan_column){.expr = {.op = STORE_COLUMN},
                              .native = c->from->table->column[icolumn].native,
                              .next = c->g->named};
    c->g->named = k;
    return &k->expr;
}

static struct store_expr *literal(struct context *c, enum store_type type,
                                  const void *value, uint32_t count, size_t size)
{
    struct store_expr *x = new_expr(c, STORE_LITERAL, 0);
    void *copy = arena_alloc(c->q->arena, size + 1, 1);
    c->failed |= !copy;
    if (!x || !copy)
        return NULL;
    memcpy(copy, value, size);
    x->type = type;
    x->value = copy;
    x->count = count;
    return x;
}

static struct store_expr *integer(struct context *c, int64_t value)
{
    return literal(c, STORE_I64, &value, 1, sizeof value);
}

static struct store_expr *number(struct context *c, const struct adql_node *n, int sign)
{
    double value = sign * n->number;
    return n->type == ADQL_DOUBLE ? literal(c, STORE_F64, &value, 1, sizeof value)
                                  : integer(c, sign * n->integer);
}

/* A column of the table, or a literal. NULL: neither. */
static struct store_expr *value_expr(struct context *c, const struct adql_node *n)
{
    if (n->kind == ADQL_COLUMN)
        return n->from == c->from ? column_expr(c, n->icolumn) : NULL;
    bool is_negative = n->kind == ADQL_CALL && n->op == ADQL_OP_neg && n->nchild == 1;
    const struct adql_node *l = is_negative ? n->child[0] : n;
    if (l->kind != ADQL_LITERAL)
        return NULL;
    if (adql_is_number((enum adql_type)l->type))
        return number(c, l, is_negative ? -1 : 1);
    if (l->type == ADQL_TIMESTAMP && !is_negative)
        return literal(c, STORE_TIME_US, &l->integer, 1, sizeof l->integer);
    if (l->type == ADQL_TEXT && !is_negative && l->text.len < UINT32_MAX)
        return literal(c, STORE_TEXT, l->text.at, (uint32_t)l->text.len, l->text.len);
    return NULL;
}

/* The node's children as arguments of one operation. */
static struct store_expr *values_expr(struct context *c, enum store_op op,
                                      const struct adql_node *n)
{
    struct store_expr *x = new_expr(c, op, n->nchild);
    for (uint32_t i = 0; i < n->nchild; i++)
        if (!set_arg(x, i, value_expr(c, n->child[i])))
            return NULL;
    return x;
}

/* --- positions -------------------------------------------------------------------------
 */

static const struct sky_region *region_of(struct context *c, const struct adql_sky *sky)
{
    struct err ignored = {0}; /* the engine will say what is wrong */
    struct arena *a = c->q->arena;
    const double *v = sky->arg_deg;
    if (!sky->is_constant)
        return NULL;
    switch (sky->shape) {
    case ADQL_SKY_CIRCLE:
        return sky_region_circle(a, v[0], v[1], v[2], &ignored);
    case ADQL_SKY_BOX:
        return sky_region_box(a, v[0], v[1], v[2], v[3], &ignored);
    case ADQL_SKY_POLYGON:
        return sky_region_polygon(a, v, sky->narg / 2, &ignored);
    default:
        return NULL;
    }
}

static struct store_expr *ranges_expr(struct context *c, const struct sky_region *region)
{
    const struct catalog_table *t = c->from->table;
    struct sky_span span[RANGES_MAX];
    size_t n = sky_region_cover(region, t->hpx_order, span, RANGES_MAX);
    struct store_expr *any = new_expr(c, STORE_OR, (uint32_t)n);
    for (uint32_t i = 0; i < n; i++) {
        struct store_expr *one = new_expr(c, STORE_BETWEEN, 3);
        if (!set_arg(one, 0, column_expr(c, (uint32_t)t->hpx_column)) ||
            !set_arg(one, 1, integer(c, span[i].lo)) ||
            !set_arg(one, 2, integer(c, span[i].hi)) || !set_arg(any, i, one))
            return NULL;
    }
    return n ? any : NULL;
}

static struct store_expr *circle_expr(struct context *c, const struct adql_sky *sky,
                                      struct sky_point center, double radius_deg)
{
    double coord[] = {center.lon_deg, center.lat_deg, plan_near_radius_deg(radius_deg)};
    struct store_expr *x = new_expr(c, STORE_IN_REGION, 2);
    struct store_region *r = arena_new_one(c->q->arena, struct store_region);
    double *copy = arena_new_array(c->q->arena, double, 3);
    c->failed |= !r || !copy;
    if (c->failed || coord[2] > 180 || !set_arg(x, 0, value_expr(c, sky->lon)) ||
        !set_arg(x, 1, value_expr(c, sky->lat)))
        return NULL;
    memcpy(copy, coord, sizeof coord);
    *r = (struct store_region){STORE_CIRCLE, 3, copy};
    x->region = r;
    return x;
}

/* The part of the sky within so many degrees. */
static double share_of(double radius_deg)
{
    return radius_deg >= 180 ? 1 : (1 - cos(radius_deg * acos(-1) / 180)) / 2;
}

/* A position in a constant shape: by the index column, or within a circle around it. */
static struct store_expr *sky_expr(struct context *c, struct adql_node *condition)
{
    struct adql_sky sky;
    struct sky_point center;
    double radius_deg;
    if (!adql_sky_condition(condition, 0, c->q->arena, &sky) || !sky.lon || !sky.lat ||
        sky.lon->kind != ADQL_COLUMN || sky.lat->kind != ADQL_COLUMN ||
        sky.lon->from != c->from || sky.lat->from != c->from)
        return NULL;
    const struct catalog_table *t = c->from->table;
    const struct sky_region *region = region_of(c, &sky);
    if (!region || !sky_region_bounds(region, &center, &radius_deg))
        return NULL;
    bool is_position = (int32_t)sky.lon->icolumn == t->lon_column &&
                       (int32_t)sky.lat->icolumn == t->lat_column;
    bool has_index = is_position && (t->hpx_column >= 0 ||
                                     (t->near_cone && radius_deg < t->near_most_deg));
    if (has_index)
        c->g->share = fmin(c->g->share, share_of(radius_deg));
    return is_position && t->hpx_column >= 0 ? ranges_expr(c, region)
                                             : circle_expr(c, &sky, center, radius_deg);
}

/* --- conditions ------------------------------------------------------------------------
 */

static struct store_expr *condition_expr(struct context *c, struct adql_node *n);

/* All of them: only what can be said in full. */
static struct store_expr *or_expr(struct context *c, struct adql_node *n)
{
    double share = c->g->share;
    struct store_expr *x = new_expr(c, STORE_OR, n->nchild);
    bool ok = x != NULL;
    for (uint32_t i = 0; i < n->nchild && ok; i++)
        ok = set_arg(x, i, condition_expr(c, n->child[i]));
    c->g->share = share; /* what one of several does is no promise */
    return ok ? x : NULL;
}

static struct store_expr *and_expr(struct context *c, struct adql_node *n)
{
    struct store_expr *x = new_expr(c, STORE_AND, n->nchild);
    uint32_t narg = 0;
    for (uint32_t i = 0; i < n->nchild && x; i++)
        narg += set_arg(x, narg, condition_expr(c, n->child[i]));
    if (x)
        x->narg = narg;
    return narg ? x : NULL;
}

static struct store_expr *null_expr(struct context *c, const struct adql_node *n)
{
    struct store_expr *x = values_expr(c, STORE_IS_NULL, n);
    if (!x || !n->is_not)
        return x;
    struct store_expr *not = new_expr(c, STORE_NOT, 1);
    return set_arg(not, 0, x) ? not : NULL;
}

/* A condition that holds wherever the node holds; NULL: none that this table's store
 * could test. */
static struct store_expr *condition_expr(struct context *c, struct adql_node *n)
{
    static const enum store_op OPS[] = {
        [ADQL_EQ] = STORE_EQ, [ADQL_NE] = STORE_NE, [ADQL_LT] = STORE_LT,
        [ADQL_LE] = STORE_LE, [ADQL_GT] = STORE_GT, [ADQL_GE] = STORE_GE};
    struct store_expr *sky = sky_expr(c, n);
    if (sky)
        return sky;
    switch (n->kind) {
    case ADQL_AND:
        return and_expr(c, n);
    case ADQL_OR:
        return or_expr(c, n);
    case ADQL_COMPARE:
        return values_expr(c, OPS[n->compare], n);
    case ADQL_BETWEEN:
        return n->is_not ? NULL : values_expr(c, STORE_BETWEEN, n);
    case ADQL_IN:
        return n->is_not ? NULL : values_expr(c, STORE_IN, n);
    case ADQL_IS_NULL:
        return null_expr(c, n);
    default:
        return NULL;
    }
}

/* --- the table's place in the query ----------------------------------------------------
 */

struct place {
    struct context *c;
    struct adql_select *select;
};

static void visit_from(struct adql_from *from, void *context)
{
    struct place *p = context;
    if (from->kind != ADQL_FROM_TABLE || from->is_upload ||
        from->table != p->c->g->used->table)
        return;
    p->c->nplace++;
    p->c->from = from;
    p->c->select = p->select;
}

static void visit_select(struct adql_select *select, void *context)
{
    struct place p = {context, select};
    adql_walk_from(select, visit_from, &p);
}

static void add_filter(struct context *c, struct adql_node *n)
{
    const struct store_expr *x = condition_expr(c, n);
    if (x)
        c->g->filter[c->g->nfilter++] = x;
}

/* A table that stands in several places, or whose rows an outer join keeps in any case,
 * comes whole. */
bool plan_gather_filters(struct query *q, struct plan_gather *g)
{
    struct context c = {.q = q, .g = g};
    g->share = 1;
    adql_walk_selects(q->tree, visit_select, &c);
    if (c.nplace != 1 || c.from->is_nullable || c.from->sample_percent > 0 ||
        !c.select->where)
        return true;
    struct adql_node *where = c.select->where;
    uint32_t n = where->kind == ADQL_AND ? where->nchild : 1;
    g->filter = arena_new_array(q->arena, const struct store_expr *, n);
    g->claim = arena_new_array(q->arena, enum store_claim, n);
    if (!g->filter || !g->claim)
        return false;
    for (uint32_t i = 0; i < n; i++)
        add_filter(&c, where->kind == ADQL_AND ? where->child[i] : where);
    return !c.failed;
}
