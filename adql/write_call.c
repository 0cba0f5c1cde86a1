/* write_call.c -- operations in a store's spelling: templates filled in, and the choice of
 * the op where geometry allows a simpler one. */
#include "adql/write.h"

enum { MAX_ARGUMENTS = 9 };

/* The arguments of a template: nodes, or small integers (kinds, lengths). */
struct arguments {
    uint32_t n;
    const struct adql_node *node[MAX_ARGUMENTS]; /* NULL: the number */
    int64_t number[MAX_ARGUMENTS];
    const struct adql_node *call; /* where; all its children are `$*` */
    enum adql_type widen;         /* the first argument is cast to it; UNTYPED: not */
};

static void add_node(struct arguments *a, const struct adql_node *n)
{
    a->node[a->n++] = n;
}

static void add_number(struct arguments *a, int64_t number)
{
    a->number[a->n++] = number;
}

static void write_argument(struct writer *w, const struct arguments *a, uint32_t i)
{
    if (!a->node[i])
        write_int(w->out, a->number[i]);
    else if (i == 0 && a->widen != ADQL_UNTYPED)
        write_operand_as(w, a->node[i], a->widen);
    else if (a->call->op == ADQL_OP_min || a->call->op == ADQL_OP_max)
        write_ordered(w, a->node[i]);
    else
        write_node(w, a->node[i]);
}

static void write_over(struct writer *w, const struct adql_window *window)
{
    struct bytes *b = w->out;
    bytes_add_literal(b, " OVER (");
    for (uint32_t i = 0; i < window->npartition; i++) {
        bytes_add(b, i ? STR(", ") : STR("PARTITION BY "));
        write_node(w, window->partition[i]);
    }
    if (window->norder) {
        if (window->npartition)
            bytes_add_char(b, ' ');
        write_order(w, window->order, window->norder);
    }
    if (window->unit && (window->npartition || window->norder))
        bytes_add_char(b, ' ');
    write_frame(b, window);
    bytes_add_char(b, ')');
}

static bool no_such_op(struct writer *w, const struct adql_node *call, unsigned op)
{
    w->failed = true;
    const char *store = w->dialect->store->name;
    if (call->text.len)
        return err_set_at(w->err, ERR_USAGE, call->line, call->column,
                          "the store %s cannot do %.*s", store,
                          (int)(call->text.len < 60 ? call->text.len : 60), call->text.at);
    return err_set_at(w->err, ERR_USAGE, call->line, call->column,
                      "the store %s cannot do this operation (%s)", store, op_name(op));
}

static void write_all(struct writer *w, const struct adql_node *call)
{
    for (uint32_t i = 0; i < call->nchild; i++) {
        if (i)
            bytes_add_literal(w->out, ", ");
        write_node(w, call->child[i]);
    }
}

static void expand(struct writer *w, unsigned op, const struct arguments *a)
{
    const struct spelling *s = &w->dialect->op[op];
    const struct adql_window *window = a->call->kind == ADQL_CALL ? a->call->window : NULL;
    if (s->npiece == 0) {
        no_such_op(w, a->call, op);
        return;
    }
    for (uint32_t i = 0; i < s->npiece; i++) {
        const struct piece *p = &s->piece[i];
        if (p->argument == PIECE_TEXT)
            bytes_add(w->out, p->text);
        else if (p->argument == PIECE_ALL)
            write_all(w, a->call);
        else if (p->argument == PIECE_OVER) {
            if (window)
                write_over(w, window);
        } else if ((uint32_t)p->argument <= a->n)
            write_argument(w, a, (uint32_t)p->argument - 1);
    }
    if (window && !s->has_over)
        write_over(w, window);
}

/* --- geometry --- */

static int64_t kind_of(const struct adql_node *g)
{
    static const uint8_t KINDS[] = {[ADQL_POINT] = ADQL_GEOMETRY_POINT,
                                    [ADQL_CIRCLE] = ADQL_GEOMETRY_CIRCLE,
                                    [ADQL_POLYGON] = ADQL_GEOMETRY_POLYGON,
                                    [ADQL_REGION] = ADQL_GEOMETRY_REGION,
                                    [ADQL_MOC] = ADQL_GEOMETRY_MOC};
    return g->type >= ADQL_POINT && g->type <= ADQL_MOC ? KINDS[g->type]
                                                        : ADQL_GEOMETRY_REGION;
}

static void add_geometry(struct arguments *a, const struct adql_node *g)
{
    add_number(a, kind_of(g));
    add_node(a, g);
}

static bool is_point_call(const struct adql_node *n)
{
    return n->kind == ADQL_CALL && n->op == ADQL_OP_point;
}

static void add_point(struct arguments *a, const struct adql_node *point)
{
    add_node(a, point->child[0]);
    add_node(a, point->child[1]);
}

/* CONTAINS(POINT(a, b), circle or polygon) by plain numbers; false: it is not so. */
static bool write_flat(struct writer *w, const struct adql_node *call,
                       const struct adql_node *point, const struct adql_node *shape)
{
    struct arguments a = {.call = call};
    if (!is_point_call(point))
        return false;
    bool is_circle = shape->kind == ADQL_CALL && shape->op == ADQL_OP_circle;
    bool is_circle_p = shape->kind == ADQL_CALL && shape->op == ADQL_OP_circle_p &&
                       is_point_call(shape->child[0]);
    add_point(&a, point);
    if (is_circle || is_circle_p) {
        if (is_circle)
            add_point(&a, shape);
        else
            add_point(&a, shape->child[0]);
        add_node(&a, shape->child[shape->nchild - 1]);
        if (!adql_dialect_can(w->dialect, ADQL_OP_contains_pc))
            return false;
        expand(w, ADQL_OP_contains_pc, &a);
        return true;
    }
    if (shape->type != ADQL_POLYGON || !adql_dialect_can(w->dialect, ADQL_OP_contains_pg))
        return false;
    add_node(&a, shape);
    expand(w, ADQL_OP_contains_pg, &a);
    return true;
}

/* What is not inlined here keeps its arguments off the stack of write_call(), which is
 * there once for each level of a deep expression. */
__attribute__((noinline)) static void write_relation(struct writer *w,
                                                     const struct adql_node *n)
{
    struct arguments a = {.call = n};
    const struct adql_node *x = n->child[0], *y = n->child[1];
    bool is_contains = n->op == ADQL_OP_contains;
    if (write_flat(w, n, x, y) || (!is_contains && write_flat(w, n, y, x)))
        return;
    add_geometry(&a, x);
    add_geometry(&a, y);
    expand(w, n->op, &a);
}

/* Ops of points, spelled by plain numbers when the points are POINT(). */
__attribute__((noinline)) static bool write_by_numbers(struct writer *w,
                                                       const struct adql_node *n)
{
    struct arguments a = {.call = n};
    enum adql_op op = n->op == ADQL_OP_distance_p        ? ADQL_OP_distance
                      : n->op == ADQL_OP_circle_p        ? ADQL_OP_circle
                      : n->op == ADQL_OP_box_p           ? ADQL_OP_box
                      : n->op == ADQL_OP_healpix_index_p ? ADQL_OP_healpix_index
                                                         : ADQL_OP_NONE;
    if (op == ADQL_OP_NONE || !adql_dialect_can(w->dialect, op))
        return false;
    for (uint32_t i = 0; i < n->nchild; i++) {
        const struct adql_node *child = n->child[i];
        if (child->type == ADQL_POINT && !is_point_call(child))
            return false;
        if (child->type == ADQL_POINT)
            add_point(&a, child);
        else
            add_node(&a, child);
    }
    expand(w, op, &a);
    return true;
}

/* POLYGON of POINT()s: one list of numbers. */
static bool write_corners(struct writer *w, const struct adql_node *n)
{
    const struct spelling *s = &w->dialect->op[ADQL_OP_polygon];
    for (uint32_t i = 0; i < n->nchild; i++)
        if (!is_point_call(n->child[i]))
            return false;
    if (n->op != ADQL_OP_polygon_p || s->npiece == 0)
        return false;
    for (uint32_t i = 0; i < s->npiece; i++) {
        if (s->piece[i].argument != PIECE_ALL) {
            bytes_add(w->out, s->piece[i].text);
            continue;
        }
        for (uint32_t k = 0; k < n->nchild; k++) {
            if (k)
                bytes_add_literal(w->out, ", ");
            write_all(w, n->child[k]);
        }
    }
    return true;
}

/* --- calls --- */

static bool is_arithmetic(unsigned op)
{
    return op == ADQL_OP_add || op == ADQL_OP_sub || op == ADQL_OP_mul ||
           op == ADQL_OP_div_float || op == ADQL_OP_div_int || op == ADQL_OP_mod;
}

/* Where no operand has the result's type, the first is made so: a product of two SMALLINT
 * must not overflow, REAL and INTEGER must not lose digits. */
static enum adql_type widening(const struct adql_node *n)
{
    if (!is_arithmetic(n->op) || n->nchild != 2 ||
        !adql_is_number((enum adql_type)n->type) || n->child[0]->type == n->type ||
        n->child[1]->type == n->type)
        return ADQL_UNTYPED;
    return (enum adql_type)n->type;
}

static void add_children(struct arguments *a, const struct adql_node *n)
{
    for (uint32_t i = 0; i < n->nchild && i < MAX_ARGUMENTS; i++)
        add_node(a, n->child[i]);
}

void write_call(struct writer *w, const struct adql_node *n)
{
    struct arguments a = {.call = n};
    switch (n->op) {
    case ADQL_OP_contains:
    case ADQL_OP_intersects:
        write_relation(w, n);
        return;
    case ADQL_OP_area:
    case ADQL_OP_centroid:
        add_geometry(&a, n->child[0]);
        break;
    case ADQL_OP_moc_of:
        add_node(&a, n->child[0]);
        add_geometry(&a, n->child[1]);
        break;
    case ADQL_OP_geom_transform:
        add_node(&a, n->child[0]);
        add_node(&a, n->child[1]);
        add_geometry(&a, n->child[2]);
        break;
    case ADQL_OP_cast_varchar_n:
    case ADQL_OP_cast_char_n:
        add_node(&a, n->child[0]);
        add_number(&a, n->cast_length);
        break;
    default:
        if (write_by_numbers(w, n) || write_corners(w, n))
            return;
        a.widen = widening(n);
        add_children(&a, n);
    }
    bool is_real = n->op == ADQL_OP_mod && !adql_is_integer((enum adql_type)n->type);
    expand(w, is_real ? ADQL_OP_mod_real : n->op, &a);
}

void write_like(struct writer *w, const struct adql_node *n)
{
    struct arguments a = {.call = n};
    unsigned op = n->is_fold ? (n->is_not ? ADQL_OP_not_ilike : ADQL_OP_ilike)
                             : (n->is_not ? ADQL_OP_not_like : ADQL_OP_like);
    add_children(&a, n);
    expand(w, op, &a);
}

void write_sample(struct writer *w, const struct adql_from *from)
{
    struct adql_node percent = {.kind = ADQL_LITERAL,
                                .type = ADQL_DOUBLE,
                                .line = from->line,
                                .column = from->column,
                                .number = from->sample_percent};
    struct adql_node call = {.kind = ADQL_CALL,
                             .line = from->line,
                             .column = from->column,
                             .op = ADQL_OP_tablesample,
                             .text = STR("TABLESAMPLE")};
    struct arguments a = {.call = &call};
    bool was = w->is_inline;
    w->is_inline = true;
    bytes_add_char(w->out, ' ');
    add_node(&a, &percent);
    expand(w, ADQL_OP_tablesample, &a);
    w->is_inline = was;
}
