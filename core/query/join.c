/* join.c -- joins that stores would do by trying all pairs: conditions are put beside
 * theirs that a store can look up (equal cells of the sky, limits of a value). */
#include "core/query/join.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>

/* --- conditions ------------------------------------------------------------------- */

typedef bool term_visit(struct adql_node *, void *context);

/* Calls visit for the parts of an AND, but those that planners added. Ends when visit
 * returns false, and returns that. */
static bool each_term(struct adql_node *n, term_visit *visit, void *context)
{
    if (n->is_planned)
        return true;
    if (n->kind != ADQL_AND)
        return visit(n, context);
    for (uint32_t i = 0; i < n->nchild; i++)
        if (!each_term(n->child[i], visit, context))
            return false;
    return true;
}

struct select_terms {
    term_visit *visit;
    void *context;
    bool goes_on;
};

static void visit_on(struct adql_from *from, void *context)
{
    struct select_terms *s = context;
    if (s->goes_on && from->kind == ADQL_FROM_JOIN && from->on)
        s->goes_on = each_term(from->on, s->visit, s->context);
}

/* The parts of WHERE and of every ON. */
static void each_term_of(struct adql_select *select, term_visit *visit, void *context)
{
    struct select_terms s = {visit, context, true};
    if (select->where)
        s.goes_on = each_term(select->where, visit, context);
    adql_walk_from(select, visit_on, &s);
}

static bool is_random(const struct adql_node *n)
{
    return n->op == ADQL_OP_rand || n->op == ADQL_OP_rand_seed ||
           n->op == ADQL_OP_normal_random;
}

static bool see_node(struct adql_node *n, void *context)
{
    struct join_about *about = context;
    switch (n->kind) {
    case ADQL_COLUMN:
        about->is_plain &= !about->from || about->from == n->from;
        about->from = n->from;
        break;
    case ADQL_CALL:
        about->is_plain &= !n->window && !n->is_aggregate && !is_random(n);
        break;
    case ADQL_SUBQUERY:
    case ADQL_IN_QUERY:
    case ADQL_EXISTS:
    case ADQL_CELL:
        about->is_plain = false;
        break;
    default:
        break;
    }
    return about->is_plain;
}

struct join_about join_about(struct adql_node *const *node, uint32_t n)
{
    struct join_about about = {.is_plain = true};
    for (uint32_t i = 0; i < n && about.is_plain; i++)
        adql_walk_node(node[i], see_node, &about);
    if (!about.is_plain)
        about.from = NULL;
    return about;
}

/* --- tables ----------------------------------------------------------------------- */

bool join_tree_has(const struct adql_from *tree, const struct adql_from *table)
{
    if (tree->kind != ADQL_FROM_JOIN)
        return tree == table;
    return join_tree_has(tree->left, table) || join_tree_has(tree->right, table);
}

bool join_select_has(const struct adql_select *select, const struct adql_from *table)
{
    for (uint32_t i = 0; i < select->nfrom; i++)
        if (join_tree_has(select->from[i], table))
            return true;
    return false;
}

struct equality {
    const struct adql_from *one, *other;
};

/* Ends the search when it is what is searched. */
static bool is_no_equality(struct adql_node *n, void *context)
{
    const struct equality *q = context;
    if (n->kind != ADQL_COMPARE || n->compare != ADQL_EQ)
        return true;
    const struct adql_from *left = join_about(&n->child[0], 1).from;
    const struct adql_from *right = join_about(&n->child[1], 1).from;
    return !((left == q->one && right == q->other) ||
             (left == q->other && right == q->one));
}

bool join_has_equality(struct adql_select *select, const struct adql_from *one,
                       const struct adql_from *other)
{
    struct equality q = {one, other};
    struct select_terms s = {is_no_equality, &q, true};
    if (select->where)
        s.goes_on = each_term(select->where, is_no_equality, &q);
    adql_walk_from(select, visit_on, &s);
    return !s.goes_on;
}

struct filters {
    const struct adql_from *table;
    int n;
};

static bool count_filter(struct adql_node *n, void *context)
{
    struct filters *f = context;
    f->n += join_about(&n, 1).from == f->table;
    return true;
}

double join_rows(struct adql_select *select, const struct adql_from *table)
{
    const double upload = 1e4, query = 1e5, unknown = 1e6, kept = 0.1;
    struct filters f = {.table = table};
    double rows = table->is_upload ? upload : table->table ? unknown : query;
    if (table->table && table->table->row_estimate >= 0)
        rows = (double)table->table->row_estimate;
    else if (table->query && table->query->select && table->query->select->top >= 0)
        rows = (double)table->query->select->top;
    each_term_of(select, count_filter, &f);
    return fmax(1, rows * pow(kept, f.n));
}

/* --- changes ---------------------------------------------------------------------- */

bool join_add(struct query *q, const struct join_site *site, struct adql_node *n)
{
    if (!n)
        return false;
    n->is_planned = true;
    return site->join ? adql_join_and(q->arena, site->join, n)
                      : adql_select_and(q->arena, site->select, n);
}

struct plan_note *join_note(struct query *q, const char *format, ...)
{
    char text[400];
    va_list ap;
    struct plan_note *note = arena_new_one(q->arena, struct plan_note);
    va_start(ap, format);
    vsnprintf(text, sizeof text, format, ap);
    va_end(ap);
    if (!note || !(note->text = arena_text(q->arena, str_of(text))))
        return NULL;
    struct plan_note **end = &q->note;
    while (*end)
        end = &(*end)->next;
    *end = note;
    return note;
}

/* --- all of a query --------------------------------------------------------------- */

struct terms { /* collected first: planners change the trees around them */
    struct adql_node **node;
    uint32_t n;
};

static bool collect(struct adql_node *n, void *context)
{
    struct terms *t = context;
    if (t->node)
        t->node[t->n] = n;
    t->n++;
    return true;
}

struct context {
    struct query *q;
    struct adql_select *select;
    bool failed;
};

static void plan_site(struct context *c, struct adql_from *join, struct adql_node *all)
{
    struct join_site site = {c->select, join};
    struct terms t = {0};
    each_term(all, collect, &t);
    t.node = arena_new_array(c->q->arena, struct adql_node *, t.n + 1);
    c->failed |= !t.node;
    if (c->failed)
        return;
    t.n = 0;
    each_term(all, collect, &t);
    for (uint32_t i = 0; i < t.n && !c->failed; i++)
        c->failed = !plan_sky_join(c->q, &site, t.node[i]) ||
                    !plan_window_join(c->q, &site, t.node[i]);
}

static void visit_join(struct adql_from *from, void *context)
{
    struct context *c = context;
    if (from->kind != ADQL_FROM_JOIN || !from->on || from->join == ADQL_FULL)
        return;
    plan_site(c, from, from->on);
    c->failed = c->failed || !plan_outer_join(c->q, from);
}

static void visit_select(struct adql_select *select, void *context)
{
    struct context *c = context;
    c->select = select;
    if (select->where)
        plan_site(c, NULL, select->where);
    adql_walk_from(select, visit_join, c);
}

bool plan_joins(struct query *q, struct err *e)
{
    struct context c = {.q = q};
    if (!q->request.plain_joins)
        adql_walk_selects(q->tree, visit_select, &c);
    return !c.failed || err_set(e, ERR_LIMIT, "the query needs too much memory to plan");
}
