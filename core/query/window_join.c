/* window_join.c -- ABS(a.t - b.t) <= c, and what is like it, says that a.t lies between
 * limits that b gives. Stores look those up but do not find them themselves. The limits are
 * a little wider than c, for roundings: the condition itself stays. */
#include <math.h>

#include "core/query/join.h"

struct difference { /* x - y, or its absolute value */
    struct adql_node *x, *y;
    struct adql_node *limit;
    double slack; /* of a comparison, relative to what is compared */
    bool is_absolute;
};

static struct adql_node *call(struct arena *a, enum adql_op op, struct adql_node *x,
                              struct adql_node *y)
{
    struct adql_node *child[] = {x, y};
    bool is_binary = op != ADQL_OP_neg && op != ADQL_OP_abs && op != ADQL_OP_cast_double;
    if (!x || (is_binary && !y))
        return NULL;
    return adql_new_call(a, op, ADQL_DOUBLE, child, is_binary ? 2 : 1);
}

static bool is_call(const struct adql_node *n, enum adql_op op)
{
    return n->kind == ADQL_CALL && n->op == op;
}

/* n = f * value, by a constant f > 0: 86400 * ABS(x - y). */
static struct adql_node *without_factor(struct adql_node *n, double *factor)
{
    double value;
    *factor = 1;
    if (!is_call(n, ADQL_OP_mul) && !is_call(n, ADQL_OP_div_float))
        return n;
    for (uint32_t i = is_call(n, ADQL_OP_mul) ? 0 : 1; i < 2; i++)
        if (adql_constant_number(n->child[i], &value)) {
            *factor = is_call(n, ADQL_OP_mul) ? value : 1 / value;
            return n->child[1 - i];
        }
    return n;
}

static bool is_real(const struct adql_node *n)
{
    return n->type == ADQL_REAL;
}

/* value <= limit, where value is a difference. */
static bool find_difference(struct arena *a, struct adql_node *value,
                            struct adql_node *limit, struct difference *d)
{
    double factor;
    struct adql_node *n = without_factor(value, &factor);
    *d = (struct difference){.is_absolute = is_call(n, ADQL_OP_abs)};
    const struct adql_node *sub = d->is_absolute ? n->child[0] : n;
    if (!is_call(sub, ADQL_OP_sub) || !(factor > 0) || 1 / factor <= 0 ||
        !adql_is_number((enum adql_type)limit->type))
        return false;
    d->x = sub->child[0];
    d->y = sub->child[1];
    d->slack = is_real(value) || is_real(sub) || is_real(limit) ? 1e-6 : 2e-15;
    d->limit = limit;
    if (factor != 1)
        d->limit = call(a, ADQL_OP_mul, limit, adql_new_double(a, 1 / factor));
    return d->limit && adql_is_number((enum adql_type)d->x->type) &&
           adql_is_number((enum adql_type)d->y->type);
}

/* limit + slack * |limit| */
static struct adql_node *wider(struct arena *a, struct adql_node *limit, double slack)
{
    double value;
    if (adql_constant_number(limit, &value))
        return adql_new_double(a, value + slack * fabs(value));
    struct adql_node *more =
        call(a, ADQL_OP_mul, call(a, ADQL_OP_abs, limit, NULL), adql_new_double(a, slack));
    return call(a, ADQL_OP_add, limit, more);
}

/* x <= y + (limit + slack * (|y| + |limit|)), the right side about one table; all is
 * DOUBLE, which cannot overflow. NaN as a limit lets all pass, as it does in the condition
 * itself, where NaN is greater than numbers. */
static struct adql_node *new_limit(struct arena *a, struct adql_node *x,
                                   struct adql_node *y, struct adql_node *limit,
                                   double slack)
{
    struct adql_node *more =
        call(a, ADQL_OP_mul, call(a, ADQL_OP_abs, y, NULL), adql_new_double(a, slack));
    struct adql_node *reach = call(a, ADQL_OP_add, wider(a, limit, slack), more);
    struct adql_node *right = call(a, ADQL_OP_add, y, reach);
    return right && x ? adql_new_compare(a, ADQL_LE, x, right) : NULL;
}

/* x - y <= limit. A limit about x's table goes with x: -y <= -x + limit. */
static bool add_limit(struct query *q, const struct join_site *site, struct adql_node *x,
                      struct adql_node *y, struct adql_node *limit, double slack)
{
    struct arena *a = q->arena;
    const struct adql_from *by = join_about(&limit, 1).from;
    bool goes_with_x = by && by == join_about(&x, 1).from;
    x = call(a, ADQL_OP_cast_double, x, NULL);
    y = call(a, ADQL_OP_cast_double, y, NULL);
    double value;
    limit = adql_constant_number(limit, &value) ? adql_new_double(a, value)
                                                : call(a, ADQL_OP_cast_double, limit, NULL);
    if (!limit)
        return false;
    struct adql_node *n = goes_with_x
                              ? new_limit(a, call(a, ADQL_OP_neg, y, NULL),
                                          call(a, ADQL_OP_neg, x, NULL), limit, slack)
                              : new_limit(a, x, y, limit, slack);
    return join_add(q, site, n);
}

/* Two tables, at least one of this SELECT, that no equality joins; the limit is about one
 * of them, or constant. */
static bool is_fit(const struct join_site *site, const struct difference *d)
{
    struct join_about limit = join_about((struct adql_node *const *)&d->limit, 1);
    const struct adql_from *x = join_about((struct adql_node *const *)&d->x, 1).from;
    const struct adql_from *y = join_about((struct adql_node *const *)&d->y, 1).from;
    return x && y && x != y && limit.is_plain &&
           (!limit.from || limit.from == x || limit.from == y) &&
           (join_select_has(site->select, x) || join_select_has(site->select, y)) &&
           !join_has_equality(site->select, x, y);
}

/* x - y >= c holds for NaN, which the limit would not let pass. */
static bool has_no_nan(const struct difference *d)
{
    return adql_is_integer((enum adql_type)d->x->type) &&
           adql_is_integer((enum adql_type)d->y->type);
}

/* less <= more: limits by whichever of them is a difference. */
static bool plan_order(struct query *q, const struct join_site *site,
                       struct adql_node *less, struct adql_node *more, bool nan_is_out)
{
    struct difference d;
    struct arena *a = q->arena;
    bool is_found = false, ok = true;
    if (find_difference(a, less, more, &d) && is_fit(site, &d)) {
        is_found = true;
        ok = add_limit(q, site, d.x, d.y, d.limit, d.slack) &&
             (!d.is_absolute || add_limit(q, site, d.y, d.x, d.limit, d.slack));
    } else if (find_difference(a, more, less, &d) && !d.is_absolute && is_fit(site, &d) &&
               (nan_is_out || has_no_nan(&d))) {
        is_found = true; /* x - y >= c: y - x <= -c */
        ok = add_limit(q, site, d.y, d.x, call(a, ADQL_OP_neg, d.limit, NULL), d.slack);
    }
    if (!is_found || !ok)
        return ok;
    return join_note(q, "%s and %s: a difference within a limit is looked up as limits",
                     join_about(&d.x, 1).from->sql_name,
                     join_about(&d.y, 1).from->sql_name) != NULL;
}

static bool store_can(const struct query *q)
{
    static const enum adql_op NEEDED[] = {ADQL_OP_cast_double, ADQL_OP_neg, ADQL_OP_abs,
                                          ADQL_OP_add, ADQL_OP_mul};
    for (size_t i = 0; i < sizeof NEEDED / sizeof *NEEDED; i++)
        if (!adql_dialect_can(plan_store(q)->dialect, NEEDED[i]))
            return false;
    return true;
}

bool plan_window_join(struct query *q, const struct join_site *site, struct adql_node *n)
{
    if (!store_can(q))
        return true;
    double high;
    if (n->kind == ADQL_BETWEEN && !n->is_not)
        return plan_order(q, site, n->child[1], n->child[0],
                          adql_constant_number(n->child[2], &high) && !isnan(high)) &&
               plan_order(q, site, n->child[0], n->child[2], false);
    if (n->kind != ADQL_COMPARE)
        return true;
    switch (n->compare) {
    case ADQL_LT:
    case ADQL_LE:
        return plan_order(q, site, n->child[0], n->child[1], false);
    case ADQL_GT:
    case ADQL_GE:
        return plan_order(q, site, n->child[1], n->child[0], false);
    default:
        return true;
    }
}
