/* footprint_index.c -- conditions on footprints reach the engine's own statistics: beside
 * CONTAINS or INTERSECTS of a region column and a constant shape go comparisons of the
 * hidden columns NAME_xmin ... NAME_zmax, the box around each footprint on the unit
 * sphere. They leave no row out that the exact test, which stays, would take. */
#include <math.h>
#include <stdio.h>

#include "core/query/join.h"
#include "core/query/plan.h"
#include "core/sky/sky.h"

enum { AXES = 3 };

/* Rounding of cosines, far below any footprint. */
static const double MARGIN = 1e-9;

struct box {
    const struct catalog_column *low[AXES], *high[AXES];
};

static const struct catalog_column *
hidden_column(const struct catalog_table *t, const char *region, char axis, const char *end)
{
    char name[128];
    snprintf(name, sizeof name, "%.100s_%c%s", region, axis, end);
    for (uint32_t i = t->ncolumn; i > 0; i--) /* hidden ones are at the end */
        if (strcmp(t->column[i - 1].meta.name, name) == 0)
            return &t->column[i - 1];
    return NULL;
}

/* The columns of the box of a footprint, which must all be there. */
static bool find_box(const struct query *q, const struct adql_node *n, struct box *box)
{
    if (n->kind != ADQL_COLUMN || !n->from || n->from->kind != ADQL_FROM_TABLE ||
        !n->from->table || plan_is_gathered(q, n->from->table))
        return false;
    const struct catalog_table *t = n->from->table;
    if (n->icolumn >= t->ncolumn)
        return false;
    for (int k = 0; k < AXES; k++) {
        const char *name = t->column[n->icolumn].meta.name;
        box->low[k] = hidden_column(t, name, (char)('x' + k), "min");
        box->high[k] = hidden_column(t, name, (char)('x' + k), "max");
        if (!box->low[k] || !box->high[k])
            return false;
    }
    return true;
}

/* A circle around a constant geometry; false: it is none. */
static bool bounds_of(struct arena *a, struct adql_node *geometry, struct sky_point *centre,
                      double *radius_deg)
{
    struct err ignored = {0};
    struct adql_sky sky;
    const struct sky_region *r = NULL;
    if (!adql_sky_geometry(geometry, a, &sky) || !sky.is_constant)
        return false;
    const double *v = sky.arg_deg;
    if (sky.shape == ADQL_SKY_CIRCLE)
        r = sky_region_circle(a, v[0], v[1], v[2], &ignored);
    else if (sky.shape == ADQL_SKY_BOX)
        r = sky_region_box(a, v[0], v[1], v[2], v[3], &ignored);
    else if (sky.shape == ADQL_SKY_POLYGON)
        r = sky_region_polygon(a, v, sky.narg / 2, &ignored);
    return r && sky_region_bounds(r, centre, radius_deg);
}

static struct adql_node *compare(struct arena *a, struct adql_from *from,
                                 const struct catalog_column *column,
                                 enum adql_compare sign, double value)
{
    struct adql_node *left = adql_new_column(a, from, column->index);
    struct adql_node *right = adql_new_double(a, value);
    struct adql_node *n = left && right ? adql_new_compare(a, sign, left, right) : NULL;
    if (n)
        n->is_planned = true;
    return n;
}

static struct adql_node *both(struct arena *a, struct adql_node *x, struct adql_node *y)
{
    return !x ? y : y ? adql_new_and(a, x, y) : NULL;
}

/* How far a cap reaches along an axis that its centre is `along` on. */
static void reach(double along, double radius_deg, double *low, double *high)
{
    double angle = acos(fmin(fmax(along, -1), 1)), radius = radius_deg * M_PI / 180;
    *low = cos(fmin(angle + radius, M_PI)) - MARGIN;
    *high = cos(fmax(angle - radius, 0)) + MARGIN;
}

static struct adql_node *box_condition(struct arena *a, struct adql_from *from,
                                       const struct box *box, struct sky_point centre,
                                       double radius_deg)
{
    struct sky_vec v = sky_vec_of(centre.lon_deg, centre.lat_deg);
    const double along[AXES] = {v.x, v.y, v.z};
    struct adql_node *all = NULL;
    for (int k = 0; k < AXES; k++) {
        double low, high;
        reach(along[k], radius_deg, &low, &high);
        struct adql_node *under = compare(a, from, box->low[k], ADQL_LE, high);
        struct adql_node *over = compare(a, from, box->high[k], ADQL_GE, low);
        if (!under || !over)
            return NULL;
        all = both(a, both(a, all, under), over);
        if (!all)
            return NULL;
    }
    return all;
}

/* The call of CONTAINS or INTERSECTS that the condition wants to be 1; NULL: none. */
static struct adql_node *relation_of(struct adql_node *n)
{
    for (int i = 0; i < 2 && n->kind == ADQL_COMPARE && n->compare == ADQL_EQ; i++) {
        struct adql_node *call = n->child[i];
        double one;
        if (call->kind == ADQL_CALL &&
            (call->op == ADQL_OP_contains || call->op == ADQL_OP_intersects) &&
            call->nchild == 2 && adql_constant_number(n->child[1 - i], &one) && one == 1)
            return call;
    }
    return NULL;
}

struct adql_node *plan_footprint(struct query *q, struct adql_node *condition, bool *failed)
{
    struct adql_node *call = relation_of(condition);
    for (int i = 0; call && i < 2; i++) {
        struct box box;
        struct sky_point centre;
        double radius_deg;
        if (!find_box(q, call->child[i], &box) ||
            !bounds_of(q->arena, call->child[1 - i], &centre, &radius_deg))
            continue;
        struct adql_node *n =
            box_condition(q->arena, call->child[i]->from, &box, centre, radius_deg);
        *failed |= !n;
        return n;
    }
    return NULL;
}
