/* cells.c -- regions against HEALPix cells, from coarse to fine: surely outside, surely
 * inside, or to be divided. The circle around a cell stands for the cell, so that "outside"
 * and "inside" are never wrong. */
#include "core/sky/sky.h"

#include <stdlib.h>

#include "core/sky/private.h"

void sky_level_set(struct level *level, int order)
{
    level->order = order;
    level->shift = 2 * (SKY_HEALPIX_ORDER_MAX - order);
    level->size = ldexp(1, -order);
    level->radius_rad = sky_healpix_radius_deg(order) * SKY_RAD_PER_DEG * 1.000001 + 1e-15;
    level->sine = sin(level->radius_rad);
    level->chord = 2 * sin(level->radius_rad / 2);
}

/* Of an angle in units of 45 degrees, from -2 to 10: Taylor's series within 45 degrees of a
 * multiple of 90, to the last bit but one. The library's function takes twice as long, and
 * this one line is most of what a descent does. */
static void sincos_45(double lon45, double *sine, double *cosine)
{
    int quarter = (int)(lon45 / 2 + 1.5) - 1;
    double x = (lon45 - 2 * quarter) * (SKY_PI / 4), q = x * x;
    double s =
        x * (1 + q * (-1. / 6 +
                      q * (1. / 120 +
                           q * (-1. / 5040 +
                                q * (1. / 362880 +
                                     q * (-1. / 39916800 +
                                          q * (1. / 6227020800 - q / 1307674368000)))))));
    double c =
        1 + q * (-1. / 2 +
                 q * (1. / 24 +
                      q * (-1. / 720 +
                           q * (1. / 40320 +
                                q * (-1. / 3628800 +
                                     q * (1. / 479001600 -
                                          q * (1. / 87178291200 - q / 20922789888000)))))));
    bool is_odd = quarter & 1;
    *sine = (is_odd ? c : s) * (quarter & 2 ? -1 : 1);
    *cosine = (is_odd ? s : c) * ((quarter + 1) & 2 ? -1 : 1);
}

void sky_cell_set(struct cell *cell, const struct level *level, int64_t lo)
{
    struct face_cell c = sky_face_cell(level->order, lo >> level->shift);
    double size = level->size;
    double z, s, lon45, sine, cosine;
    sky_face_position(c.face, ((double)c.x + 0.5) * size, ((double)c.y + 0.5) * size, &z,
                      &s, &lon45);
    sincos_45(lon45, &sine, &cosine);
    cell->center = (struct sky_vec){s * cosine, s * sine, z};
    cell->lo = lo;
    cell->hi = lo + ((int64_t)1 << level->shift) - 1;
}

/* Chords obey the triangle inequality, so they bound sums and differences of angles. */
static enum where circle_where(struct sky_vec center, double chord, const struct cell *cell,
                               const struct level *level)
{
    double chord2 = vec_chord2(center, cell->center);
    double out = chord + level->chord + 1e-15, in = chord - level->chord - 1e-15;
    if (chord2 > out * out)
        return WHERE_OUT;
    return in > 0 && chord2 < in * in ? WHERE_IN : WHERE_MAYBE;
}

static enum where invert(enum where where)
{
    return where == WHERE_OUT ? WHERE_IN : where == WHERE_IN ? WHERE_OUT : WHERE_MAYBE;
}

static enum where range_where(const struct sky_region *region, const struct cell *cell,
                              const struct level *level)
{
    struct sky_vec v = cell->center;
    if (region->frame != SKY_ICRS)
        v = vec_turn(region->prepared->matrix[0], v);
    struct sky_point p = sky_point_of(v);
    double reach = level->radius_rad * SKY_DEG_PER_RAD + 1e-12;
    if (p.lat_deg - reach > region->lat_max || p.lat_deg + reach < region->lat_min)
        return WHERE_OUT;
    bool lat_in = (p.lat_deg - reach >= region->lat_min || region->lat_min <= -90) &&
                  (p.lat_deg + reach <= region->lat_max || region->lat_max >= 90);
    double span = region->lon_max - region->lon_min;
    if (span >= 360)
        return lat_in ? WHERE_IN : WHERE_MAYBE;
    double across = cos(p.lat_deg * SKY_RAD_PER_DEG);
    if (fabs(p.lat_deg) + reach >= 90)
        return WHERE_MAYBE;
    double reach_lon = asin(fmin(1, level->sine / across)) * SKY_DEG_PER_RAD + 1e-12;
    double from = sky_lon_reduce(p.lon_deg - region->lon_min);
    if (from > span + reach_lon && from < 360 - reach_lon)
        return WHERE_OUT;
    return lat_in && from >= reach_lon && from <= span - reach_lon ? WHERE_IN : WHERE_MAYBE;
}

/* Between the two circles that the axes draw, its polygon decides; the border lies less
 * than a five-thousandth of the major axis outside of that. */
static enum where ellipse_where(const struct sky_region *region, const struct cell *cell,
                                const struct level *level)
{
    const struct sky_prepared *prepared = region->prepared;
    double distance = vec_angle(prepared->center, cell->center);
    if (distance > prepared->radius_rad + level->radius_rad)
        return WHERE_OUT;
    double minor = region->minor_deg * SKY_RAD_PER_DEG;
    if (distance + level->radius_rad < minor)
        return WHERE_IN;
    const struct polygon *polygon = &prepared->as_polygon->prepared->polygon;
    double reach = level->radius_rad + prepared->radius_rad * 5e-4;
    if (sky_polygon_edge_is_near(polygon, cell->center, sin(fmin(reach, SKY_PI / 2)),
                                 4 * sin(reach / 2) * sin(reach / 2)))
        return WHERE_MAYBE;
    return sky_polygon_holds(polygon, cell->center, 0) ? WHERE_IN : WHERE_OUT;
}

static enum where polygon_where(const struct sky_prepared *prepared,
                                const struct cell *cell, const struct level *level)
{
    if (prepared->bound_chord < 1.9 &&
        circle_where(prepared->center, prepared->bound_chord, cell, level) == WHERE_OUT)
        return WHERE_OUT;
    double sine = level->radius_rad < SKY_PI / 2 ? level->sine : 1;
    if (sky_polygon_edge_is_near(&prepared->polygon, cell->center, sine,
                                 level->chord * level->chord))
        return WHERE_MAYBE;
    return sky_polygon_holds(&prepared->polygon, cell->center, 0) ? WHERE_IN : WHERE_OUT;
}

/* Of a union; an intersection is the same with in and out exchanged. */
static enum where children_where(const struct sky_region *region, const struct cell *cell,
                                 const struct level *level, enum where deciding)
{
    enum where where = invert(deciding);
    for (size_t i = 0; i < region->nchild; i++) {
        enum where child = sky_cell_where(region->child[i], cell, level);
        if (child == deciding)
            return deciding;
        if (child == WHERE_MAYBE)
            where = WHERE_MAYBE;
    }
    return where;
}

enum where sky_cell_where(const struct sky_region *region, const struct cell *cell,
                          const struct level *level)
{
    const struct sky_prepared *prepared = region->prepared;
    switch (region->shape) {
    case SKY_POINT:
    case SKY_CIRCLE:
        if (!prepared->is_large)
            return circle_where(prepared->center, prepared->chord, cell, level);
        return invert(
            circle_where(vec_scale(prepared->center, -1), prepared->chord, cell, level));
    case SKY_POLYGON:
        return polygon_where(prepared, cell, level);
    case SKY_RANGE:
        return range_where(region, cell, level);
    case SKY_ELLIPSE:
        return ellipse_where(region, cell, level);
    case SKY_MOC:
        return sky_moc_where(region->moc, cell->lo, cell->hi);
    case SKY_ALL:
        return WHERE_IN;
    case SKY_NOT:
        return invert(sky_cell_where(region->child[0], cell, level));
    case SKY_UNION:
        return children_where(region, cell, level, WHERE_IN);
    case SKY_INTERSECTION:
        return children_where(region, cell, level, WHERE_OUT);
    }
    return WHERE_MAYBE;
}

/* --- relations and areas by cells, where boundary arcs cannot be had
 * -------------------------- */

enum { CELLS_MAX = 40000, DEEPEST_ORDER = 20 };

struct descent {
    int64_t *lo, *next; /* undecided cells of this order and the next */
    size_t n, nnext;
    struct level level;
};

static bool descent_begin(struct descent *d, struct err *e)
{
    *d = (struct descent){.n = 12};
    d->lo = malloc(2 * (CELLS_MAX + 4) * sizeof *d->lo);
    if (!d->lo)
        return err_set(e, ERR_LIMIT, "no memory to compare regions");
    d->next = d->lo + CELLS_MAX + 4;
    sky_level_set(&d->level, 0);
    for (int i = 0; i < 12; i++)
        d->lo[i] = (int64_t)i << d->level.shift;
    return true;
}

static void keep(struct descent *d, int64_t lo)
{
    d->next[d->nnext++] = lo;
}

/* The quarters of what was kept; false when there are too many or nothing is left. */
static bool descent_divide(struct descent *d)
{
    size_t n = d->nnext;
    if (n == 0 || 4 * n > CELLS_MAX || d->level.order >= DEEPEST_ORDER)
        return false;
    sky_level_set(&d->level, d->level.order + 1);
    for (size_t i = 0; i < n; i++)
        for (int64_t k = 0; k < 4; k++)
            d->lo[4 * i + (size_t)k] = d->next[i] + (k << d->level.shift);
    d->n = 4 * n;
    d->nnext = 0;
    return true;
}

static void descent_end(struct descent *d)
{
    free(d->lo); /* next is its second half */
}

/* True: this cell decides that the regions do touch, or that a is not within b. */
static bool cell_decides(enum sky_relation relation, enum where a, enum where b,
                         bool *is_open)
{
    if (relation == SKY_IS_WITHIN)
        b = invert(b);
    *is_open = a != WHERE_OUT && b != WHERE_OUT;
    return a == WHERE_IN && b == WHERE_IN;
}

bool sky_cells_relate(enum sky_relation relation, const struct sky_region *a,
                      const struct sky_region *b, bool *yes, struct err *e)
{
    struct descent d;
    bool decided = false;
    if (!descent_begin(&d, e))
        return false;
    do {
        for (size_t i = 0; i < d.n && !decided; i++) {
            struct cell cell;
            bool is_open;
            sky_cell_set(&cell, &d.level, d.lo[i]);
            enum where in_a = sky_cell_where(a, &cell, &d.level);
            enum where in_b =
                in_a == WHERE_OUT ? WHERE_MAYBE : sky_cell_where(b, &cell, &d.level);
            decided = cell_decides(relation, in_a, in_b, &is_open);
            if (is_open)
                keep(&d, d.lo[i]);
        }
    } while (!decided && descent_divide(&d));
    bool undecided = d.nnext > 0;
    *yes = relation == SKY_TOUCHES ? decided || undecided : !decided;
    descent_end(&d);
    return true;
}

static void add_cell(const struct cell *cell, const struct level *level, double part,
                     double *area_sr, struct sky_vec *integral)
{
    double size = 4 * SKY_PI / 12 * ldexp(1, -2 * level->order) * part;
    *area_sr += size;
    *integral = vec_add(*integral, vec_scale(cell->center, size));
}

/* The part of a cell that is inside, by its 16 grandchildren's centres. */
static double sampled_part(const struct sky_region *region, const struct level *level,
                           int64_t lo)
{
    struct level finer;
    int inside = 0;
    if (level->order + 2 > SKY_HEALPIX_ORDER_MAX)
        return 0.5;
    sky_level_set(&finer, level->order + 2);
    for (int64_t k = 0; k < 16; k++) {
        struct cell cell;
        sky_cell_set(&cell, &finer, lo + (k << finer.shift));
        inside += sky_region_holds(region, cell.center, 0, false);
    }
    return inside / 16.0;
}

bool sky_cells_measure(const struct sky_region *region, double *area_sr,
                       struct sky_vec *integral, struct err *e)
{
    struct descent d;
    *area_sr = 0;
    *integral = (struct sky_vec){0};
    if (!descent_begin(&d, e))
        return false;
    do {
        for (size_t i = 0; i < d.n; i++) {
            struct cell cell;
            sky_cell_set(&cell, &d.level, d.lo[i]);
            enum where where = sky_cell_where(region, &cell, &d.level);
            if (where == WHERE_IN)
                add_cell(&cell, &d.level, 1, area_sr, integral);
            else if (where == WHERE_MAYBE)
                keep(&d, d.lo[i]);
        }
    } while (descent_divide(&d));
    for (size_t i = 0; i < d.nnext; i++) {
        struct cell cell;
        sky_cell_set(&cell, &d.level, d.next[i]);
        add_cell(&cell, &d.level, sampled_part(region, &d.level, d.next[i]), area_sr,
                 integral);
    }
    descent_end(&d);
    return true;
}
