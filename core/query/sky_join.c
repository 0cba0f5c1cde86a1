/* sky_join.c -- positions of two tables within a radius: each row of one table stands once
 * for each HEALPix cell that its cone touches, and meets the rows of the other whose
 * position lies in that cell. A position lies in one cell only, so that every pair meets
 * once; the exact test follows. */
#include <math.h>

#include "core/query/join.h"
#include "core/sky/sky.h"

enum { ORDER_MAX = 18, ORDER_VARYING = 5, ORDER_LEAST = 2 };

struct position {
    struct adql_from *from;
    struct adql_node *lon, *lat;
};

struct match { /* a condition that two positions are within a radius */
    struct position side[2];
    struct adql_node *radius;
    struct adql_from *radius_from; /* NULL: it is a constant */
    double radius_deg;             /* the constant */
    bool is_circle;                /* CIRCLE, not DISTANCE: bad radii are errors */
};

/* How the cells stand beside the cones. */
enum way { WAY_NONE, WAY_TABLE, WAY_LATERAL, WAY_SELECT };

/* --- recognising ------------------------------------------------------------------ */

static bool set_position(struct position *p, struct adql_node *lon, struct adql_node *lat)
{
    *p = (struct position){join_about((struct adql_node *[]){lon, lat}, 2).from, lon, lat};
    return p->from != NULL;
}

static bool find_match(struct arena *a, struct adql_node *condition, struct match *m)
{
    struct adql_sky sky;
    if (!adql_sky_condition(condition, 0, a, &sky) || sky.shape != ADQL_SKY_CIRCLE ||
        !sky.lon || !set_position(&m->side[0], sky.lon, sky.lat) ||
        !set_position(&m->side[1], sky.arg[0], sky.arg[1]) ||
        m->side[0].from == m->side[1].from)
        return false;
    m->radius = sky.arg[2];
    m->is_circle = sky.geometry != NULL;
    if (adql_constant_number(m->radius, &m->radius_deg)) {
        m->radius_from = NULL;
        return m->radius_deg >= 0 && m->radius_deg <= 90; /* beyond, cells save little */
    }
    m->radius_from = join_about(&m->radius, 1).from;
    return m->radius_from &&
           (m->radius_from == m->side[0].from || m->radius_from == m->side[1].from);
}

/* Tables that meet by cells already need no second set of them. */
static bool is_joined(const struct query *q, const struct match *m)
{
    for (const struct plan_note *n = q->note; n; n = n->next)
        if ((n->pair[0] == m->side[0].from && n->pair[1] == m->side[1].from) ||
            (n->pair[0] == m->side[1].from && n->pair[1] == m->side[0].from))
            return true;
    return false;
}

/* --- which way -------------------------------------------------------------------- */

static enum way way_of(const struct query *q, const struct join_site *site,
                       const struct match *m)
{
    const struct adql_from *one = m->side[0].from, *other = m->side[1].from;
    int here = join_select_has(site->select, one) + join_select_has(site->select, other);
    if (!site->join && here == 1)
        return site->select->cells ? WAY_NONE : WAY_SELECT;
    if (here != 2)
        return WAY_NONE;
    if (!site->join || site->join->join == ADQL_INNER)
        return WAY_TABLE;
    const struct adql_from *optional = join_optional(site->join);
    bool is_fit = optional && (optional == one || optional == other) &&
                  !site->join->cells && join_can_be_lateral(q, site->join);
    return is_fit ? WAY_LATERAL : WAY_NONE;
}

/* Whether this side's rows can be cones. */
static bool can_be_cone(enum way way, const struct join_site *site, const struct match *m,
                        int side)
{
    const struct adql_from *from = m->side[side].from;
    const struct adql_select *select = site->select;
    if (m->radius_from && m->radius_from != from)
        return false;
    if (way == WAY_TABLE)
        return !from->cells;
    if (way == WAY_SELECT)
        return !join_select_has(select, from) ||
               (select->nfrom == 1 && select->from[0] == from);
    return true;
}

/* The side with fewer rows; -1: neither can. */
static int cone_side(enum way way, const struct join_site *site, const struct match *m)
{
    bool can[2] = {can_be_cone(way, site, m, 0), can_be_cone(way, site, m, 1)};
    if (can[0] && can[1])
        return join_rows(site->select, m->side[1].from) <
               join_rows(site->select, m->side[0].from);
    return can[0] ? 0 : can[1] ? 1 : -1;
}

/* --- which order ------------------------------------------------------------------ */

static double cells_at(int order, double radius_deg)
{
    double side_deg = ldexp(58.6, -order);
    double across = 2.2 * radius_deg / side_deg + 1;
    return fmin(across * across, (double)sky_healpix_count(order));
}

/* The order that costs least, if the other table's rows lie all over the sky. */
static int best_order(double radius_deg, double other_rows)
{
    const double cell_cost = 8; /* of a cell of a cone, in pairs tested: measured */
    int best = ORDER_LEAST;
    double least = INFINITY;
    for (int order = ORDER_LEAST; order <= ORDER_MAX; order++) {
        double pairs = other_rows / (double)sky_healpix_count(order);
        double cost = cells_at(order, radius_deg) * (cell_cost + pairs);
        if (cost < least) {
            least = cost;
            best = order;
        }
    }
    return best;
}

/* Not so many cells in all that the store has no room for them. */
static int bounded_order(int order, double radius_deg, double cone_rows)
{
    const double cells_max = 1e7;
    while (order > ORDER_LEAST && cone_rows * cells_at(order, radius_deg) > cells_max)
        order--;
    return order;
}

/* The greatest value of a column, of a column by a constant; NaN: not known. */
static double greatest(const struct adql_node *n)
{
    double factor;
    if (n->kind == ADQL_COLUMN)
        return n->meta ? n->meta->maximum : NAN;
    if (n->kind != ADQL_CALL || n->nchild != 2)
        return NAN;
    if (n->op == ADQL_OP_mul && adql_constant_number(n->child[0], &factor))
        return factor * greatest(n->child[1]);
    if (n->op == ADQL_OP_mul && adql_constant_number(n->child[1], &factor))
        return factor * greatest(n->child[0]);
    if (n->op == ADQL_OP_div_float && adql_constant_number(n->child[1], &factor))
        return greatest(n->child[0]) / factor;
    return NAN;
}

/* Radii that vary: many are far smaller than the greatest, which may have long lists. */
static int varying_order(double most_deg, double cone_rows, double other_rows)
{
    if (!(most_deg >= 0))
        return ORDER_VARYING;
    double typical_deg = fmin(most_deg, 180) / 2;
    int order = best_order(typical_deg, other_rows);
    order = order > ORDER_VARYING ? order : ORDER_VARYING;
    return bounded_order(order, typical_deg, cone_rows);
}

static int choose_order(const struct join_site *site, const struct match *m, int cone)
{
    double other_rows = join_rows(site->select, m->side[1 - cone].from);
    double cone_rows = join_rows(site->select, m->side[cone].from);
    if (!m->radius_from)
        return bounded_order(best_order(m->radius_deg, other_rows), m->radius_deg,
                             cone_rows);
    return varying_order(greatest(m->radius), cone_rows, other_rows);
}

/* --- making ----------------------------------------------------------------------- */

/* The index column that holds this very position at `order` or deeper, or -1. */
static int32_t index_column(const struct query *q, const struct position *p, int order)
{
    const struct catalog_table *t = p->from->table;
    bool is_main = t && t->hpx_column >= 0 && t->hpx_order >= order &&
                   !plan_is_gathered(q, t) && p->lon->kind == ADQL_COLUMN &&
                   p->lat->kind == ADQL_COLUMN &&
                   (int32_t)p->lon->icolumn == t->lon_column &&
                   (int32_t)p->lat->icolumn == t->lat_column;
    return is_main ? t->hpx_column : -1;
}

static struct adql_node *new_call(struct arena *a, enum adql_op op, enum adql_type type,
                                  struct adql_node *x, struct adql_node *y)
{
    return x && y ? adql_new_call(a, op, type, (struct adql_node *[]){x, y}, 2) : NULL;
}

/* The cell of a position. */
static struct adql_node *cell_of(struct query *q, const struct position *p, int order)
{
    struct arena *a = q->arena;
    int32_t icolumn = index_column(q, p, order);
    if (icolumn >= 0) {
        int shift = 2 * (p->from->table->hpx_order - order);
        struct adql_node *column = adql_new_column(a, p->from, (uint32_t)icolumn);
        return shift == 0 ? column
                          : new_call(a, ADQL_OP_shift_right, ADQL_BIGINT, column,
                                     adql_new_integer(a, shift));
    }
    struct adql_node *number = adql_new_integer(a, order);
    struct adql_node *child[] = {number, p->lon, p->lat};
    return number ? adql_new_call(a, ADQL_OP_healpix_index, ADQL_BIGINT, child, 3) : NULL;
}

static struct adql_cells *new_cells(struct query *q, const struct match *m,
                                    const struct position *cone, int order)
{
    struct arena *a = q->arena;
    struct adql_cells *cells = arena_new_one(a, struct adql_cells);
    struct adql_node *number = adql_new_integer(a, order);
    if (!cells || !number)
        return NULL;
    struct adql_node *child[] = {number, cone->lon, cone->lat, m->radius};
    bool is_cone = m->is_circle || !m->radius_from; /* constants have been checked */
    enum adql_op op = is_cone ? ADQL_OP_cone_cells : ADQL_OP_near_cells;
    cells->list = adql_new_call(a, op, ADQL_ARRAY, child, 4);
    cells->sql_name = arena_format(a, "_sky_cell_%u", ++q->ncells);
    return cells->list && cells->sql_name ? cells : NULL;
}

static void put_cells(const struct join_site *site, enum way way, struct adql_from *cone,
                      const struct adql_cells *cells)
{
    if (way == WAY_TABLE)
        cone->cells = cells;
    else if (way == WAY_LATERAL) {
        site->join->is_lateral = true;
        site->join->cells = cells;
    } else
        site->select->cells = cells;
}

static bool join_by_cells(struct query *q, const struct join_site *site,
                          const struct match *m, enum way way, int cone)
{
    const struct position *from = &m->side[cone], *to = &m->side[1 - cone];
    int order = choose_order(site, m, cone);
    struct adql_cells *cells = new_cells(q, m, from, order);
    struct adql_node *left = cells ? cell_of(q, to, order) : NULL;
    struct adql_node *right = cells ? adql_new_cell(q->arena, cells) : NULL;
    if (!left || !right ||
        !join_add(q, site, adql_new_compare(q->arena, ADQL_EQ, left, right)))
        return false;
    put_cells(site, way, from->from, cells);
    struct plan_note *note = join_note(
        q,
        "%s and %s are joined by HEALPix cells of order %d: a row of %s meets the rows in "
        "the cells that its circle touches",
        m->side[0].from->sql_name, m->side[1].from->sql_name, order, from->from->sql_name);
    if (!note)
        return false;
    note->pair[0] = from->from;
    note->pair[1] = to->from;
    return true;
}

/* --- by the store's own index ----------------------------------------------------- */

/* The side whose very position the store has an index on, of two the longer table; -1. */
static int near_side(const struct query *q, const struct join_site *site,
                     const struct match *m)
{
    int best = -1;
    double most = 0;
    for (int i = 0; i < 2; i++) {
        const struct position *p = &m->side[i];
        const struct catalog_table *t = p->from->table;
        bool has_index =
            t && t->near_join && !plan_is_gathered(q, t) && p->lon->kind == ADQL_COLUMN &&
            p->lat->kind == ADQL_COLUMN && (int32_t)p->lon->icolumn == t->lon_column &&
            (int32_t)p->lat->icolumn == t->lat_column && m->radius_deg <= t->near_most_deg;
        double rows = has_index ? join_rows(site->select, p->from) : 0;
        if (rows > most) {
            most = rows;
            best = i;
        }
    }
    return m->radius_from ? -1 : best;
}

static bool join_by_index(struct query *q, const struct join_site *site,
                          const struct match *m, int side)
{
    struct adql_from *from = m->side[side].from;
    const struct position *cone = &m->side[1 - side];
    struct adql_node *radius =
        adql_new_double(q->arena, plan_near_radius_deg(m->radius_deg));
    struct adql_node *arg[] = {cone->lon, cone->lat, radius};
    struct adql_node *n = adql_new_near(q->arena, from, from->table->near_join, arg);
    if (!join_add(q, site, n))
        return false;
    struct plan_note *note =
        join_note(q, "%s and %s are joined by the store's own index on the sky of %s",
                  m->side[0].from->sql_name, m->side[1].from->sql_name, from->sql_name);
    if (!note)
        return false;
    note->pair[0] = m->side[0].from;
    note->pair[1] = m->side[1].from;
    return true;
}

/* --- by an index column of HEALPix, and the ranges of uploaded cones --------------- */

enum {
    RANGES_RADIUS_MAX = 20
}; /* degrees: beyond, few ranges hold far more than the cone */

static bool is_upload_and_index(const struct query *q, const struct match *m, int cone)
{
    const struct position *large = &m->side[1 - cone];
    return m->side[cone].from->is_upload && !large->from->is_upload &&
           index_column(q, large, 0) >= 0 && !m->radius_from &&
           m->radius_deg <= RANGES_RADIUS_MAX;
}

static bool join_by_ranges(struct query *q, const struct join_site *site,
                           const struct match *m)
{
    for (int cone = 0; cone < 2; cone++) {
        const struct position *from = &m->side[cone], *to = &m->side[1 - cone];
        struct adql_node *n =
            is_upload_and_index(q, m, cone)
                ? plan_ranges_condition(q, to->from, from->from, from->lon, from->lat,
                                        m->radius_deg)
                : NULL;
        if (!n)
            continue;
        struct plan_note *note = join_note(
            q,
            "%s and %s are joined by the HEALPix column of %s: a row of %s has the ranges "
            "that its circle touches",
            m->side[0].from->sql_name, m->side[1].from->sql_name, to->from->sql_name,
            from->from->sql_name);
        if (!note || !join_add(q, site, n))
            return false;
        note->pair[0] = from->from;
        note->pair[1] = to->from;
        return true;
    }
    return true;
}

/* People learn why it is slow. */
static bool warn_of_pairs(struct query *q, const struct match *m)
{
    if (is_joined(q, m))
        return true;
    return join_note(q,
                     "warning: %s and %s are joined by trying all pairs: the store has no "
                     "index that fits (q3c, pg_sphere; a HEALPix column for uploads)",
                     m->side[0].from->sql_name, m->side[1].from->sql_name) != NULL;
}

static bool store_can(const struct query *q)
{
    static const enum adql_op NEEDED[] = {ADQL_OP_cone_cells, ADQL_OP_near_cells,
                                          ADQL_OP_shift_right, ADQL_OP_healpix_index};
    for (size_t i = 0; i < sizeof NEEDED / sizeof *NEEDED; i++)
        if (!adql_dialect_can(plan_store(q)->dialect, NEEDED[i]))
            return false;
    return true;
}

bool plan_sky_join(struct query *q, const struct join_site *site,
                   struct adql_node *condition)
{
    struct match m;
    if (!find_match(q->arena, condition, &m) || is_joined(q, &m) ||
        join_has_equality(site->select, m.side[0].from, m.side[1].from))
        return true;
    int side = near_side(q, site, &m);
    if (side >= 0)
        return join_by_index(q, site, &m, side);
    if (!store_can(q))
        return join_by_ranges(q, site, &m) && warn_of_pairs(q, &m);
    enum way way = way_of(q, site, &m);
    int cone = way == WAY_NONE ? -1 : cone_side(way, site, &m);
    return cone < 0 || join_by_cells(q, site, &m, way, cone);
}
