/* sky_index.c -- conditions on positions reach an index: beside CONTAINS(position, constant
 * shape) goes "index column within these HEALPix ranges", or what the store's own index
 * wants. The exact test stays. */
#include "core/query/join.h"
#include "core/sky/sky.h"

enum { RANGES_MAX = 75 }; /* more BETWEENs joined by OR cost more than they save */

struct context {
    struct query *q;
    bool failed;
};

/* The table of the store whose position is (lon, lat), or NULL. */
static struct adql_from *positioned_table(const struct query *q, const struct adql_sky *sky)
{
    if (!sky->lon || !sky->lat || sky->lon->kind != ADQL_COLUMN ||
        sky->lat->kind != ADQL_COLUMN || sky->lon->from != sky->lat->from)
        return NULL;
    struct adql_from *from = sky->lon->from;
    if (from->kind != ADQL_FROM_TABLE || !from->table || plan_is_gathered(q, from->table))
        return NULL;
    const struct catalog_table *t = from->table;
    bool is_position = (int32_t)sky->lon->icolumn == t->lon_column &&
                       (int32_t)sky->lat->icolumn == t->lat_column;
    return is_position ? from : NULL;
}

static const struct sky_region *region_of(struct arena *a, const struct adql_sky *sky,
                                          struct err *e)
{
    const double *v = sky->arg_deg;
    switch (sky->shape) {
    case ADQL_SKY_CIRCLE:
        return sky_region_circle(a, v[0], v[1], v[2], e);
    case ADQL_SKY_BOX:
        return sky_region_box(a, v[0], v[1], v[2], v[3], e);
    case ADQL_SKY_POLYGON:
        return sky_region_polygon(a, v, sky->narg / 2, e);
    default:
        return NULL;
    }
}

static size_t cover(struct arena *a, const struct adql_sky *sky, int order,
                    struct sky_span span[RANGES_MAX], size_t max)
{
    struct err ignored = {0}; /* a shape that is none is the store's to complain about */
    const struct sky_region *region = sky->is_constant ? region_of(a, sky, &ignored) : NULL;
    return region ? sky_region_cover(region, order, span, max) : 0;
}

/* How many ranges the store's index likes (stores/store.h, hpx_ranges). */
static size_t ranges_wanted(const struct query *q)
{
    uint32_t n = plan_store(q)->plugin->dialect->hpx_ranges;
    return n == 0 || n > RANGES_MAX ? RANGES_MAX : n;
}

static struct adql_node *ranges_of(struct context *c, const struct adql_sky *sky,
                                   struct adql_from *from)
{
    struct arena *a = c->q->arena;
    struct sky_span span[RANGES_MAX];
    int64_t bound[2 * RANGES_MAX];
    size_t n = cover(a, sky, from->table->hpx_order, span, ranges_wanted(c->q));
    if (n == 0)
        return NULL;
    for (size_t i = 0; i < n; i++) {
        bound[2 * i] = span[i].lo;
        bound[2 * i + 1] = span[i].hi;
    }
    struct adql_node *column = adql_new_column(a, from, (uint32_t)from->table->hpx_column);
    struct adql_node *node =
        column ? adql_new_hpx_ranges(a, column, bound, (uint32_t)n) : NULL;
    c->failed |= !node;
    return node;
}

double plan_near_radius_deg(double radius_deg)
{
    /* Roundings of indexes: some cells of q3c, which are 8e-8 wide. The exact test follows.
     */
    return radius_deg * (1 + 1e-9) + 1e-6;
}

/* The store's own index; NULL: it has none for this. */
static struct adql_node *near_of(struct context *c, const struct adql_sky *sky,
                                 struct adql_from *from)
{
    struct arena *a = c->q->arena;
    const struct catalog_table *t = from->table;
    const double *v = sky->arg_deg;
    struct err ignored = {0};
    if (!t->near_cone || sky->shape != ADQL_SKY_CIRCLE || !(v[2] >= 0) ||
        v[2] > t->near_most_deg || !sky_position_check(v[0], v[1], &ignored))
        return NULL;
    struct adql_node *arg[] = {adql_new_double(a, sky_lon_reduce(v[0])),
                               adql_new_double(a, v[1]),
                               adql_new_double(a, plan_near_radius_deg(v[2]))};
    struct adql_node *node = adql_new_near(a, from, t->near_cone, arg);
    c->failed |= !node;
    return node;
}

/* Where there is no index people learn why it is slow; the engine's tables say so
 * themselves. */
static void warn(struct context *c, const struct adql_from *from)
{
    const struct catalog_table *t = from->table;
    if (from->is_upload || c->q->store == c->q->env->engine || t->hpx_column >= 0 ||
        t->near_cone)
        return;
    c->failed |= !join_note(c->q,
                            "warning: %s has no index on its position: each row is tested; "
                            "a HEALPix column, q3c or pg_sphere would help",
                            t->full_name);
}

/* The condition that goes beside `condition`, or NULL when there is none. */
static struct adql_node *index_for(struct context *c, struct adql_node *condition)
{
    for (int which = 0; which < 2; which++) {
        struct adql_sky sky;
        if (!adql_sky_condition(condition, which, c->q->arena, &sky))
            return NULL;
        struct adql_from *from = positioned_table(c->q, &sky);
        if (!from || !sky.is_constant)
            continue;
        warn(c, from);
        return from->table->hpx_column >= 0 ? ranges_of(c, &sky, from)
                                            : near_of(c, &sky, from);
    }
    return NULL;
}

/* `node` with ranges beside every sky condition in it that must hold or may hold: ANDs and
 * ORs are entered, everything else is left as it is. */
static struct adql_node *add_ranges(struct context *c, struct adql_node *node)
{
    if (node->kind == ADQL_AND || node->kind == ADQL_OR) {
        for (uint32_t i = 0; i < node->nchild; i++)
            node->child[i] = add_ranges(c, node->child[i]);
        return node;
    }
    struct adql_node *ranges = index_for(c, node);
    ranges = ranges ? ranges : plan_footprint(c->q, node, &c->failed);
    struct adql_node *both = ranges ? adql_new_and(c->q->arena, ranges, node) : node;
    c->failed |= !both;
    return both ? both : node;
}

static void visit_from(struct adql_from *from, void *context)
{
    if (from->kind == ADQL_FROM_JOIN && from->on)
        from->on = add_ranges(context, from->on);
}

static void visit_select(struct adql_select *select, void *context)
{
    if (select->where)
        select->where = add_ranges(context, select->where);
    adql_walk_from(select, visit_from, context);
}

bool plan_sky_index(struct query *q, struct err *e)
{
    struct context c = {.q = q};
    adql_walk_selects(q->tree, visit_select, &c);
    if (c.failed)
        return err_set(e, ERR_LIMIT, "the query needs too much memory to plan");
    return true;
}
