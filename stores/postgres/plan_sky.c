/* plan_sky.c -- positions within a region, for requests of the planner: the exact test, and
 * what the index of the position wants beside it. */
#include "stores/postgres/plan.h"

#include <string.h>

enum { SQL_BYTES = 16 << 20 };

static const char *spelling(const char *op)
{
    for (size_t i = 0; i < postgres_dialect.nspelling; i++)
        if (strcmp(postgres_dialect.spelling[i].op, op) == 0)
            return postgres_dialect.spelling[i].sql;
    return "";
}

/* A template with its arguments, which stand one after another in `text`. */
static void put_template(struct bytes *out, const char *sql, const struct bytes *text,
                         const size_t *end)
{
    for (size_t n; *sql; sql += n) {
        n = strcspn(sql, "$");
        bytes_add(out, (str){sql, n});
        if (!sql[n])
            return;
        size_t i = (size_t)(sql[n + 1] - '1'), begin = i ? end[i - 1] : 0;
        bytes_add(out, (str){text->at + begin, end[i] - begin});
        n += 2;
    }
}

/* Position within a circle, by the dialect's own exact test. */
static bool put_in_circle(struct store_plan *p, const struct store_expr *x, int depth)
{
    struct bytes text, sql = p->sql;
    size_t end[5];
    bool ok = true;
    bytes_init(&text, SQL_BYTES);
    p->sql = text; /* the arguments are written apart, as the template repeats them */
    for (int i = 0; i < 5 && ok; i++) {
        if (i < 2)
            ok = plan_class(p, x->arg[i]) == CLASS_NUMBER &&
                 plan_put_expr(p, x->arg[i], depth + 1);
        else
            ok = plan_add_parameter(p, STORE_F64, 1, &x->region->coord_deg[i - 2]);
        end[i] = p->sql.len;
    }
    text = p->sql;
    p->sql = sql;
    bytes_add_char(&p->sql, '(');
    if (ok)
        put_template(&p->sql, spelling("contains_pc"), &text, end);
    bytes_add_literal(&p->sql, " = 1)");
    bytes_free(&text);
    return ok;
}

void plan_put_table(struct store_plan *p)
{
    str rest = str_of(p->table->name), schema = str_cut(&rest, '.');
    put_name(&p->sql, schema);
    bytes_add_char(&p->sql, '.');
    put_name(&p->sql, rest);
}

static bool is_column(const struct store_expr *x, int32_t column)
{
    return x->op == STORE_COLUMN && (int32_t)x->column == column;
}

/* Beside the exact test what the index of the position wants, when there is one. */
static bool put_near(struct store_plan *p, const struct store_expr *x)
{
    const struct store_table *t = p->table;
    const double *coord_deg = x->region->coord_deg;
    struct bytes text, sql = p->sql;
    size_t end[4];
    bool ok = true;
    if (!t->near_cone || coord_deg[2] > t->near_most_deg ||
        !is_column(x->arg[0], t->lon_column) || !is_column(x->arg[1], t->lat_column))
        return true;
    bytes_init(&text, SQL_BYTES);
    p->sql = text; /* the arguments are written apart, as in put_in_circle() */
    plan_put_table(p);
    end[0] = p->sql.len;
    for (int i = 1; i < 4 && ok; i++) {
        ok = plan_add_parameter(p, STORE_F64, 1, &coord_deg[i - 1]);
        end[i] = p->sql.len;
    }
    text = p->sql;
    p->sql = sql;
    if (ok)
        put_template(&p->sql, t->near_cone, &text, end);
    bytes_add_literal(&p->sql, " AND ");
    bytes_free(&text);
    return ok;
}

bool plan_put_region(struct store_plan *p, const struct store_expr *x, int depth)
{
    const struct store_region *r = x->region;
    bool is_circle = r && r->shape == STORE_CIRCLE && r->ncoord == 3 && x->narg == 2 &&
                     r->coord_deg[2] >= 0 && r->coord_deg[2] <= 180;
    bytes_add_char(&p->sql, '(');
    bool ok = is_circle && put_near(p, x) && put_in_circle(p, x, depth);
    bytes_add_char(&p->sql, ')');
    return ok;
}
