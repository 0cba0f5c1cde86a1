/* plan.c -- a request of the planner as one SELECT. What can be written in the meaning of
 * docs/decisions/003-meaning.md is claimed EXACT; regions other than circles are not. */
#include "stores/postgres/plan.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/rows.h"

enum {
    PLAN_BYTES = 64 << 20,
    SQL_BYTES = 16 << 20,
    DEPTH_MAX = 64,
    PARAMETERS_MAX = 1 << 16
};

/* --- expressions ------------------------------------------------------------------ */

static enum value_class class_of_type(enum store_type type)
{
    return type == STORE_TEXT      ? CLASS_TEXT
           : type == STORE_TIME_US ? CLASS_TIME
           : type == STORE_BOOL    ? CLASS_BOOL
                                   : CLASS_NUMBER;
}

enum value_class plan_class(const struct store_plan *p, const struct store_expr *x)
{
    if (x->op == STORE_LITERAL) {
        if (!x->value)
            return CLASS_NULL;
        return x->type == STORE_TEXT || x->count == 1 ? class_of_type(x->type)
                                                      : CLASS_OTHER;
    }
    if (x->op != STORE_COLUMN || x->column >= p->table->ncolumn)
        return CLASS_OTHER;
    const struct store_column *c = p->table->column[x->column];
    return c->type == STORE_TEXT || c->length == 1 ? class_of_type(c->type) : CLASS_OTHER;
}

static bool are_comparable(const struct store_plan *p, const struct store_expr *x)
{
    enum value_class first = CLASS_NULL;
    for (uint32_t i = 0; i < x->narg; i++) {
        enum value_class class = plan_class(p, x->arg[i]);
        if (class == CLASS_OTHER ||
            (first != CLASS_NULL && class != CLASS_NULL && class != first))
            return false;
        first = first == CLASS_NULL ? class : first;
    }
    return x->narg > 0;
}

static bool make_room(struct store_plan *p)
{
    if (p->nparameter < p->capacity)
        return true;
    size_t wanted = p->capacity ? p->capacity * 2 : 16;
    struct store_parameter *longer =
        wanted <= PARAMETERS_MAX ? arena_new_array(p->arena, struct store_parameter, wanted)
                                 : NULL;
    if (!longer)
        return false;
    if (p->nparameter > 0)
        memcpy(longer, p->parameter, p->nparameter * sizeof *longer);
    p->parameter = longer;
    p->capacity = wanted;
    return true;
}

bool plan_add_parameter(struct store_plan *p, enum store_type type, uint32_t count,
                        const void *value)
{
    if (!make_room(p))
        return false;
    p->parameter[p->nparameter++] = (struct store_parameter){type, count, value};
    bytes_add_format(&p->sql, "CAST($%zu AS %s)", p->nparameter,
                     postgres_dialect.type_name[type]);
    return true;
}

/* `sql` with `value` for each $1. */
static void put_around(struct bytes *out, const char *sql, str value)
{
    for (const char *at; (at = strstr(sql, "$1")); sql = at + 2) {
        bytes_add(out, (str){sql, (size_t)(at - sql)});
        bytes_add(out, value);
    }
    bytes_add(out, str_of(sql));
}

static bool put_column(struct store_plan *p, uint32_t column)
{
    if (column >= p->table->ncolumn)
        return false;
    const struct store_column *c = p->table->column[column];
    struct bytes name;
    bytes_init(&name, SQL_BYTES);
    put_name(&name, str_of(c->name));
    put_around(&p->sql, c->sql ? c->sql : "$1", bytes_str(&name));
    bytes_free(&name);
    return true;
}

/* Text is ordered by its bytes, whatever the database does. */
static void put_collation(struct store_plan *p, uint32_t column)
{
    if (p->table->column[column]->type == STORE_TEXT)
        bytes_add(&p->sql, str_of(postgres_dialect.collate));
}

static bool is_order(enum store_op op)
{
    return op == STORE_LT || op == STORE_LE || op == STORE_GT || op == STORE_GE ||
           op == STORE_BETWEEN;
}

static bool put_joined(struct store_plan *p, const struct store_expr *x,
                       const char *between, int depth)
{
    bytes_add_char(&p->sql, '(');
    for (uint32_t i = 0; i < x->narg; i++) {
        if (i)
            bytes_add(&p->sql, str_of(between));
        if (!plan_put_expr(p, x->arg[i], depth + 1))
            return false;
        if (i == 0 && is_order(x->op) && plan_class(p, x->arg[i]) == CLASS_TEXT)
            bytes_add(&p->sql, str_of(postgres_dialect.collate));
    }
    if (x->op == STORE_LIKE)
        bytes_add_literal(&p->sql, " ESCAPE ''");
    bytes_add_char(&p->sql, ')');
    return x->narg > 0;
}

/* a IN (b, c ...) and a BETWEEN b AND c. */
static bool put_in(struct store_plan *p, const struct store_expr *x, int depth)
{
    bytes_add_char(&p->sql, '(');
    if (x->narg < 2 || !plan_put_expr(p, x->arg[0], depth + 1))
        return false;
    bytes_add_literal(&p->sql, " IN ");
    struct store_expr list = {.narg = x->narg - 1, .arg = x->arg + 1};
    if (!put_joined(p, &list, ", ", depth))
        return false;
    bytes_add_char(&p->sql, ')');
    return true;
}

static bool put_between(struct store_plan *p, const struct store_expr *x, int depth)
{
    static const char *const BEFORE[] = {"(", " BETWEEN ", " AND "};
    for (uint32_t i = 0; i < x->narg; i++) {
        bytes_add(&p->sql, str_of(BEFORE[i < 3 ? i : 2]));
        if (!plan_put_expr(p, x->arg[i], depth + 1))
            return false;
        if (i == 0 && plan_class(p, x->arg[i]) == CLASS_TEXT)
            bytes_add(&p->sql, str_of(postgres_dialect.collate));
    }
    bytes_add_char(&p->sql, ')');
    return x->narg == 3;
}

/* --- regions ---------------------------------------------------------------------- */

/* --- conditions ------------------------------------------------------------------- */

static bool put_condition(struct store_plan *p, const struct store_expr *x, int depth)
{
    static const char *const BETWEEN_ARGUMENTS[] = {
        [STORE_AND] = " AND ", [STORE_OR] = " OR ", [STORE_EQ] = " = ",
        [STORE_NE] = " <> ",   [STORE_LT] = " < ",  [STORE_LE] = " <= ",
        [STORE_GT] = " > ",    [STORE_GE] = " >= ", [STORE_LIKE] = " LIKE "};
    switch (x->op) {
    case STORE_AND:
    case STORE_OR:
        return put_joined(p, x, BETWEEN_ARGUMENTS[x->op], depth);
    case STORE_NOT:
        bytes_add_literal(&p->sql, "(NOT ");
        if (x->narg != 1 || !plan_put_expr(p, x->arg[0], depth + 1))
            return false;
        bytes_add_char(&p->sql, ')');
        return true;
    case STORE_IS_NULL:
        if (x->narg != 1 || !plan_put_expr(p, x->arg[0], depth + 1))
            return false;
        bytes_add_literal(&p->sql, " IS NULL");
        return true;
    case STORE_IN:
        return are_comparable(p, x) && put_in(p, x, depth);
    case STORE_BETWEEN:
        return are_comparable(p, x) && put_between(p, x, depth);
    case STORE_LIKE:
        if (x->narg != 2 || plan_class(p, x->arg[0]) != CLASS_TEXT)
            return false;
        return are_comparable(p, x) && put_joined(p, x, " LIKE ", depth);
    case STORE_IN_REGION:
        return plan_put_region(p, x, depth);
    default:
        return x->narg == 2 && are_comparable(p, x) &&
               put_joined(p, x, BETWEEN_ARGUMENTS[x->op], depth);
    }
}

bool plan_put_expr(struct store_plan *p, const struct store_expr *x, int depth)
{
    if (depth > DEPTH_MAX)
        return false;
    if (x->op == STORE_COLUMN)
        return put_column(p, x->column);
    if (x->op != STORE_LITERAL)
        return put_condition(p, x, depth);
    if (x->value)
        return (x->type == STORE_TEXT || x->count == 1) &&
               plan_add_parameter(p, x->type, x->count, x->value);
    bytes_add_literal(&p->sql, "NULL");
    return true;
}

/* --- the statement ---------------------------------------------------------------- */

/* The keys stand in the statement: few servers let a reader make a table. */
static void put_keys(struct store_plan *p, const struct store_keys *keys)
{
    const struct store_column *c = p->table->column[keys->column];
    const struct store_vector *v = keys->values->column;
    size_t size = store_type_bytes(c->type);
    put_column(p, keys->column);
    bytes_add_literal(&p->sql, " IN (NULL");
    for (uint32_t i = 0; i < keys->values->nrow; i++) {
        if (!store_is_valid(v, i))
            continue;
        size_t at = v->offset ? v->offset[i] : i;
        uint32_t n = v->offset ? v->offset[i + 1] - v->offset[i] : 1;
        struct store_parameter key = {c->type, n, (const char *)v->data + at * size};
        bytes_add_literal(&p->sql, ", ");
        put_parameter(&p->sql, &key);
    }
    bytes_add_char(&p->sql, ')');
}

static void put_filters(struct store_plan *p, struct store_offer *offer, bool *all_exact)
{
    const char *before = " WHERE ";
    for (uint32_t i = 0; i < p->request->nfilter; i++) {
        size_t len = p->sql.len, nparameter = p->nparameter;
        bytes_add(&p->sql, str_of(before));
        if (plan_put_expr(p, p->request->filter[i], 0)) {
            offer->claim[i] = STORE_CLAIM_EXACT;
            before = " AND ";
            continue;
        }
        p->sql.len = len; /* what was begun is taken back */
        p->nparameter = nparameter;
        offer->claim[i] = STORE_CLAIM_NONE;
        *all_exact = false;
    }
    if (p->request->keys) {
        bytes_add(&p->sql, str_of(before));
        put_keys(p, p->request->keys);
        offer->keys = STORE_CLAIM_EXACT;
    }
}

static bool is_in_group(const struct store_request *r, uint32_t column)
{
    for (uint32_t i = 0; i < r->ngroup_column; i++)
        if (r->group_column[i] == column)
            return true;
    return false;
}

static void put_order(struct store_plan *p, struct store_offer *offer)
{
    const struct store_request *r = p->request;
    for (uint32_t i = 0; i < r->nsort; i++) {
        const struct store_column *c = p->table->column[r->sort[i].column];
        bool is_array = c->type != STORE_TEXT && c->length != 1;
        if (is_array || (offer->grouped && !is_in_group(r, r->sort[i].column)))
            return;
        bytes_add(&p->sql, i ? STR(", ") : STR(" ORDER BY "));
        put_column(p, r->sort[i].column);
        put_collation(p, r->sort[i].column);
        bytes_add(&p->sql, r->sort[i].descending ? STR(" DESC") : STR(" ASC"));
        bytes_add(&p->sql,
                  r->sort[i].nulls_first ? STR(" NULLS FIRST") : STR(" NULLS LAST"));
        offer->sorted++;
    }
}

static const struct store_column *aggregate_column(struct store_plan *p,
                                                   const struct store_group *g)
{
    struct store_column *c = arena_new_one(p->arena, struct store_column);
    if (!c)
        return NULL;
    *c = (struct store_column){.size = sizeof *c, .type = STORE_I64, .length = 1};
    c->name = "aggregate";
    c->minimum = c->maximum = c->null_fraction = NAN;
    if (g->aggregate == STORE_COUNT_ROWS || g->aggregate == STORE_COUNT)
        return c;
    const struct store_column *of = p->table->column[g->column];
    if (g->aggregate == STORE_SUM)
        c->type = of->type == STORE_F32 || of->type == STORE_F64 ? STORE_F64 : STORE_I64;
    else {
        c->type = of->type;
        c->length = of->length;
    }
    return c;
}

static bool put_aggregate(struct store_plan *p, const struct store_group *g)
{
    static const char *const NAME[] = {"count(*)", "count(", "sum(", "min(", "max("};
    bytes_add(&p->sql, str_of(NAME[g->aggregate]));
    if (g->aggregate == STORE_COUNT_ROWS)
        return true;
    if (!put_column(p, g->column))
        return false;
    if (g->aggregate == STORE_MIN || g->aggregate == STORE_MAX)
        put_collation(p, g->column);
    bytes_add_char(&p->sql, ')');
    return true;
}

static void put_type(struct store_plan *p, const struct store_column *c)
{
    if (c->type == STORE_U8 && c->length != 1) {
        bytes_add(&p->sql, str_of(postgres_dialect.bytes_type));
        return;
    }
    bytes_add(&p->sql, str_of(postgres_dialect.type_name[c->type]));
    if (c->type != STORE_TEXT && c->length != 1)
        bytes_add_literal(&p->sql, "[]");
}

/* schema.table, each quoted: a schema's name has no dot, or the first is its own. */
/* The select list; its columns are remembered for run(). */
static bool put_columns(struct store_plan *p, bool is_grouped)
{
    const struct store_request *r = p->request;
    uint32_t n = is_grouped ? r->ngroup_column : r->ncolumn;
    const uint32_t *column = is_grouped ? r->group_column : r->column;
    bytes_add_literal(&p->sql, "SELECT ");
    for (uint32_t i = 0; i < n; i++) {
        if (i)
            bytes_add_literal(&p->sql, ", ");
        bytes_add_literal(&p->sql, "CAST(");
        if (!put_column(p, column[i]))
            return false;
        p->column[p->ncolumn++] = p->table->column[column[i]];
        bytes_add_literal(&p->sql, " AS ");
        put_type(p, p->table->column[column[i]]);
        bytes_add_char(&p->sql, ')');
    }
    for (uint32_t i = 0; is_grouped && i < r->naggregate; i++) {
        if (p->ncolumn)
            bytes_add_literal(&p->sql, ", ");
        const struct store_column *c = aggregate_column(p, &r->aggregate[i]);
        bytes_add_literal(&p->sql, "CAST(");
        if (!c || !put_aggregate(p, &r->aggregate[i]))
            return false;
        p->column[p->ncolumn++] = c;
        bytes_add_literal(&p->sql, " AS ");
        put_type(p, c);
        bytes_add_char(&p->sql, ')');
    }
    if (p->ncolumn == 0) { /* rows without columns: they are counted */
        static const struct store_column ONE = {
            .size = sizeof ONE, .type = STORE_BOOL, .length = 1, .name = "one"};
        bytes_add_literal(&p->sql, "true");
        p->column[p->ncolumn++] = &ONE;
    }
    bytes_add_literal(&p->sql, " FROM ");
    plan_put_table(p);
    return true;
}

static void put_group(struct store_plan *p)
{
    for (uint32_t i = 0; i < p->request->ngroup_column; i++) {
        bytes_add(&p->sql, i ? STR(", ") : STR(" GROUP BY "));
        put_column(p, p->request->group_column[i]);
    }
}

static bool columns_exist(const struct store_plan *p)
{
    const struct store_request *r = p->request;
    uint32_t n = p->table->ncolumn;
    bool ok = !r->keys || r->keys->column < n;
    for (uint32_t i = 0; i < r->ncolumn; i++)
        ok = ok && r->column[i] < n;
    for (uint32_t i = 0; i < r->nsort; i++)
        ok = ok && r->sort[i].column < n;
    for (uint32_t i = 0; i < r->ngroup_column; i++)
        ok = ok && r->group_column[i] < n;
    for (uint32_t i = 0; i < r->naggregate; i++)
        ok = ok &&
             (r->aggregate[i].aggregate == STORE_COUNT_ROWS || r->aggregate[i].column < n);
    return ok;
}

/* The filters decide whether groups can be made here, and stand after the select list: so
 * the statement is written a second time when they cannot. */
static bool write(struct store_plan *p, struct store_offer *offer, bool may_group)
{
    const struct store_request *r = p->request;
    bool all_exact = true;
    bytes_clear(&p->sql);
    p->nparameter = 0;
    p->ncolumn = 0;
    offer->sorted = 0;
    offer->grouped = may_group && r->ngroup_column + r->naggregate > 0;
    if (!put_columns(p, offer->grouped))
        return false;
    put_filters(p, offer, &all_exact);
    if (offer->grouped && !all_exact)
        return write(p, offer, false);
    if (offer->grouped)
        put_group(p);
    put_order(p, offer);
    bool wants_group = r->ngroup_column + r->naggregate > 0;
    offer->limited = r->limit >= 0 && all_exact && offer->sorted == r->nsort &&
                     offer->grouped == wants_group;
    if (offer->limited)
        bytes_add_format(&p->sql, " LIMIT %lld", (long long)r->limit);
    return !p->sql.failed;
}

enum store_status plan_make(struct store *s, const struct store_call *call,
                            const struct store_request *request, struct store_offer *offer,
                            struct store_plan **out, struct store_error *e)
{
    *out = NULL;
    if (s->host->is_cancelled(s->host, call))
        return fail(e, STORE_CANCELLED, "the query was stopped before it began");
    struct store_plan *p = calloc(1, sizeof *p);
    if (!p)
        return fail(e, STORE_LIMIT, "no memory for a plan");
    p->store = s;
    p->request = request;
    bytes_init(&p->sql, SQL_BYTES);
    enum store_status status = listing_find(s, request->table, &p->listing, &p->table, e);
    if (status == STORE_OK && !columns_exist(p))
        status = fail(e, STORE_INVALID, "table \"%s\" has no such column", request->table);
    if (status == STORE_OK) {
        p->arena = arena_new(PLAN_BYTES);
        p->column = p->arena ? arena_new_array(p->arena, const struct store_column *,
                                               request->ncolumn + request->ngroup_column +
                                                   request->naggregate + 1)
                             : NULL;
        if (!p->column || !write(p, offer, true))
            status = fail(e, STORE_LIMIT, "the request is too long for a statement");
    }
    offer->row_estimate = offer->cost_ms = NAN;
    if (status != STORE_OK) {
        plan_drop(p);
        return status;
    }
    if (request->nfilter == 0 && !request->keys && !offer->grouped)
        offer->row_estimate = (double)p->table->row_estimate;
    *out = p;
    return STORE_OK;
}

void plan_drop(struct store_plan *p)
{
    if (!p)
        return;
    listing_drop(p->listing);
    bytes_free(&p->sql);
    arena_free(p->arena);
    free(p);
}

/* --- running ---------------------------------------------------------------------- */

enum store_status plan_start(struct store_plan *p, const struct store_call *call,
                             struct store_scan **out, struct store_error *e)
{
    struct store_session *x = NULL;
    *out = NULL;
    enum store_status status = session_begin(p->store, call, &x, e);
    const char *sql = bytes_text(&p->sql);
    if (status == STORE_OK && !sql)
        status = fail(e, STORE_LIMIT, "no memory for a statement");
    if (status == STORE_OK)
        status = session_run(x, call, sql, p->parameter, p->nparameter, p->column,
                             p->ncolumn, out, e);
    if (status == STORE_OK)
        scan_own_session(*out);
    else
        session_end(x);
    return status;
}

size_t plan_explain(struct store_plan *p, char *out, size_t len)
{
    return (size_t)snprintf(out, len, "%.*s", STR_FMT(bytes_str(&p->sql)));
}
