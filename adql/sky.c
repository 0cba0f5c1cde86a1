/* sky.c -- recognises conditions on positions in all their spellings (ADQL-34), so that
 * planners see one: this position lies within that shape. */
#include <math.h>

#include "adql/adql.h"

static bool is_call(const struct adql_node *n, enum adql_op op)
{
    return n->kind == ADQL_CALL && n->op == op;
}

/* --- the position and the shape --- */

static void set_position(struct adql_sky *sky, struct adql_node *point)
{
    if (is_call(point, ADQL_OP_point)) {
        sky->lon = point->child[0];
        sky->lat = point->child[1];
    } else
        sky->point = point;
}

static bool set_constants(struct arena *a, struct adql_sky *sky)
{
    if (sky->shape == ADQL_SKY_OTHER)
        return true;
    sky->arg_deg = arena_new_array(a, double, sky->narg + 1);
    if (!sky->arg_deg)
        return false;
    sky->is_constant = true;
    for (uint32_t i = 0; i < sky->narg; i++)
        if (!adql_constant_number(sky->arg[i], &sky->arg_deg[i]) || isnan(sky->arg_deg[i]))
            sky->is_constant = false;
    return true;
}

/* A shape by a point (if it is a POINT()) and `n` more numbers. */
static bool set_round(struct arena *a, struct adql_sky *sky, enum adql_sky_shape shape,
                      struct adql_node *point, struct adql_node *const *more, uint32_t n)
{
    if (!is_call(point, ADQL_OP_point)) {
        sky->shape = ADQL_SKY_OTHER;
        return true;
    }
    sky->shape = shape;
    sky->narg = 2 + n;
    sky->arg = arena_new_array(a, struct adql_node *, sky->narg);
    if (!sky->arg)
        return false;
    sky->arg[0] = point->child[0];
    sky->arg[1] = point->child[1];
    for (uint32_t i = 0; i < n; i++)
        sky->arg[2 + i] = more[i];
    return set_constants(a, sky);
}

static bool set_corners(struct arena *a, struct adql_sky *sky, struct adql_node *polygon)
{
    for (uint32_t i = 0; i < polygon->nchild; i++)
        if (!is_call(polygon->child[i], ADQL_OP_point)) {
            sky->shape = ADQL_SKY_OTHER;
            return true;
        }
    sky->shape = ADQL_SKY_POLYGON;
    sky->narg = 2 * polygon->nchild;
    sky->arg = arena_new_array(a, struct adql_node *, sky->narg);
    if (!sky->arg)
        return false;
    for (uint32_t i = 0; i < polygon->nchild; i++) {
        sky->arg[2 * i] = polygon->child[i]->child[0];
        sky->arg[2 * i + 1] = polygon->child[i]->child[1];
    }
    return set_constants(a, sky);
}

static bool set_plain(struct arena *a, struct adql_sky *sky, enum adql_sky_shape shape,
                      struct adql_node *geometry)
{
    sky->shape = shape;
    sky->narg = geometry->nchild;
    sky->arg = geometry->child;
    return set_constants(a, sky);
}

static bool set_shape(struct arena *a, struct adql_sky *sky, struct adql_node *geometry)
{
    sky->geometry = geometry;
    switch (geometry->kind == ADQL_CALL ? geometry->op : ADQL_OP_NONE) {
    case ADQL_OP_circle:
        return set_plain(a, sky, ADQL_SKY_CIRCLE, geometry);
    case ADQL_OP_circle_p:
        return set_round(a, sky, ADQL_SKY_CIRCLE, geometry->child[0], &geometry->child[1],
                         1);
    case ADQL_OP_box:
        return set_plain(a, sky, ADQL_SKY_BOX, geometry);
    case ADQL_OP_box_p:
        return set_round(a, sky, ADQL_SKY_BOX, geometry->child[0], &geometry->child[1], 2);
    case ADQL_OP_polygon:
        return set_plain(a, sky, ADQL_SKY_POLYGON, geometry);
    case ADQL_OP_polygon_p:
        return set_corners(a, sky, geometry);
    default:
        sky->shape = ADQL_SKY_OTHER;
        return true;
    }
}

/* A circle and a position on it may change places: the distance is the same. */
static bool swap_centre(struct arena *a, struct adql_sky *sky)
{
    if (sky->shape != ADQL_SKY_CIRCLE || !sky->lon)
        return false;
    struct adql_node **arg = arena_new_array(a, struct adql_node *, 3);
    if (!arg)
        return false;
    arg[0] = sky->lon;
    arg[1] = sky->lat;
    arg[2] = sky->arg[2];
    sky->lon = sky->arg[0];
    sky->lat = sky->arg[1];
    sky->arg = arg;
    sky->geometry = NULL;
    return set_constants(a, sky);
}

/* --- CONTAINS and INTERSECTS --- */

static bool holds(enum adql_compare compare, double x, double y)
{
    switch (compare) {
    case ADQL_EQ:
        return x == y;
    case ADQL_NE:
        return x != y;
    case ADQL_LT:
        return x < y;
    case ADQL_LE:
        return x <= y;
    case ADQL_GT:
        return x > y;
    default:
        return x >= y;
    }
}

static enum adql_compare mirrored(enum adql_compare compare)
{
    static const uint8_t MIRROR[] = {ADQL_EQ, ADQL_NE, ADQL_GT, ADQL_GE, ADQL_LT, ADQL_LE};
    return (enum adql_compare)MIRROR[compare];
}

static bool relation(struct arena *a, struct adql_sky *sky, const struct adql_node *call,
                     int which)
{
    struct adql_node *first = call->child[0], *second = call->child[1];
    if (call->op == ADQL_OP_intersects && first->type != ADQL_POINT) {
        first = call->child[1];
        second = call->child[0];
    }
    if (first->type != ADQL_POINT)
        return false;
    set_position(sky, first);
    return set_shape(a, sky, second) && (which == 0 || swap_centre(a, sky));
}

/* --- DISTANCE --- */

/* The call behind a positive constant factor: 3600 * DISTANCE(...); *scale: the factor. */
static const struct adql_node *scaled_distance(const struct adql_node *n, double *scale)
{
    double factor;
    *scale = 1;
    if (n->kind == ADQL_CALL && (n->op == ADQL_OP_mul || n->op == ADQL_OP_div_float)) {
        bool is_first = adql_constant_number(n->child[0], &factor);
        if (n->op == ADQL_OP_div_float &&
            (is_first || !adql_constant_number(n->child[1], &factor)))
            return NULL;
        if (n->op == ADQL_OP_mul && !is_first &&
            !adql_constant_number(n->child[1], &factor))
            return NULL;
        if (!(factor > 0))
            return NULL;
        *scale = n->op == ADQL_OP_mul ? factor : 1 / factor;
        n = n->child[is_first ? 1 : 0];
    }
    bool is_distance = is_call(n, ADQL_OP_distance) || is_call(n, ADQL_OP_distance_p);
    return is_distance ? n : NULL;
}

static struct adql_node *unscaled(struct arena *a, struct adql_node *limit, double scale)
{
    double value;
    if (scale == 1)
        return limit;
    if (adql_constant_number(limit, &value))
        return adql_new_double(a, value / scale);
    struct adql_node *factor = adql_new_double(a, 1 / scale);
    return factor ? adql_new_call(a, ADQL_OP_mul, ADQL_DOUBLE,
                                  (struct adql_node *[]){limit, factor}, 2)
                  : NULL;
}

static bool within(struct arena *a, struct adql_sky *sky, const struct adql_node *n,
                   struct adql_node *limit, int which)
{
    double scale;
    const struct adql_node *call = scaled_distance(n, &scale);
    struct adql_node *radius = call ? unscaled(a, limit, scale) : NULL;
    if (!radius)
        return false;
    if (call->op == ADQL_OP_distance_p) {
        set_position(sky, call->child[which]);
        return set_round(a, sky, ADQL_SKY_CIRCLE, call->child[1 - which], &radius, 1);
    }
    sky->lon = call->child[2 * which];
    sky->lat = call->child[2 * which + 1];
    sky->shape = ADQL_SKY_CIRCLE;
    sky->narg = 3;
    sky->arg = arena_new_array(a, struct adql_node *, 3);
    if (!sky->arg)
        return false;
    sky->arg[0] = call->child[2 - 2 * which];
    sky->arg[1] = call->child[3 - 2 * which];
    sky->arg[2] = radius;
    return set_constants(a, sky);
}

/* --- conditions --- */

static bool comparison(struct arena *a, struct adql_sky *sky, enum adql_compare compare,
                       struct adql_node *left, struct adql_node *right, int which)
{
    double value;
    if (is_call(left, ADQL_OP_contains) || is_call(left, ADQL_OP_intersects))
        return adql_constant_number(right, &value) && holds(compare, 1, value) &&
               !holds(compare, 0, value) && relation(a, sky, left, which);
    bool is_upper = compare == ADQL_LT || compare == ADQL_LE || compare == ADQL_EQ;
    return is_upper && within(a, sky, left, right, which);
}

bool adql_sky_condition(struct adql_node *n, int which, struct arena *a,
                        struct adql_sky *sky)
{
    *sky = (struct adql_sky){0};
    if (n->kind == ADQL_BETWEEN && !n->is_not)
        return within(a, sky, n->child[0], n->child[2], which);
    if (n->kind != ADQL_COMPARE)
        return false;
    enum adql_compare compare = (enum adql_compare)n->compare;
    if (comparison(a, sky, compare, n->child[0], n->child[1], which))
        return true;
    *sky = (struct adql_sky){0};
    return comparison(a, sky, mirrored(compare), n->child[1], n->child[0], which);
}

bool adql_sky_geometry(struct adql_node *geometry, struct arena *a, struct adql_sky *sky)
{
    *sky = (struct adql_sky){0};
    if (!is_call(geometry, ADQL_OP_point))
        return set_shape(a, sky, geometry);
    struct adql_node *radius = adql_new_double(a, 0);
    return radius && set_round(a, sky, ADQL_SKY_CIRCLE, geometry, &radius, 1);
}
