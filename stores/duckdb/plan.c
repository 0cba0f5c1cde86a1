/* plan.c -- a request of the planner as one SELECT. What can be written is claimed EXACT:
 * the engine that would apply a filter again is this one. */
#include "stores/duckdb/scan.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/sky/sky.h"

enum {
    PLAN_BYTES = 64 << 20,
    SQL_BYTES = 16 << 20,
    DEPTH_MAX = 64,
    PARAMETERS_MAX = 1 << 16
};
#define KEYS_TABLE "_colure_keys"

struct store_plan {
    struct store *store;
    struct listing *listing;
    const struct store_table *table;
    const char *sql_name;
    const struct store_request *request;
    struct arena *arena;
    struct bytes sql;
    struct store_parameter *parameter;
    size_t nparameter, capacity;        /* of parameter */
    const struct store_column **column; /* of the rows that come */
    uint32_t ncolumn;
};

/* --- expressions ------------------------------------------------------------------ */

/* What may be compared with what. */
enum class { CLASS_NUMBER, CLASS_BOOL, CLASS_TEXT, CLASS_TIME, CLASS_NULL, CLASS_OTHER };

static enum class class_of_type(enum store_type type) {
    return type == STORE_TEXT      ? CLASS_TEXT
           : type == STORE_TIME_US ? CLASS_TIME
           : type == STORE_BOOL    ? CLASS_BOOL
                                   : CLASS_NUMBER;
}

static enum class class_of(const struct store_plan *p, const struct store_expr *x) {
    if (x->op == STORE_LITERAL){if (!x->value) return CLASS_NULL;
                                return x->type == STORE_TEXT || x->count == 1
                                           ? class_of_type(x->type)
                                           : CLASS_OTHER;}
if (x->op != STORE_COLUMN || x->column >= p->table->ncolumn) return CLASS_OTHER;
const struct store_column *c = p->table->column[x->column];
return c->type == STORE_TEXT || c->length == 1 ? class_of_type(c->type) : CLASS_OTHER;
}

static bool are_comparable(const struct store_plan *p, const struct store_expr *x)
{
    enum class first = CLASS_NULL;
    for (uint32_t i = 0; i < x->narg; i++) {
        enum class class = class_of(p, x->arg[i]);
        if (class == CLASS_OTHER ||
            (first != CLASS_NULL && class != CLASS_NULL && class != first))
            return false;
        first = first == CLASS_NULL ? class : first;
    }
    return x->narg > 0;
}

static bool put_expr(struct store_plan *p, const struct store_expr *x, int depth);

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

static bool put_parameter(struct store_plan *p, enum store_type type, uint32_t count,
                          const void *value)
{
    if (!make_room(p))
        return false;
    p->parameter[p->nparameter++] = (struct store_parameter){type, count, value};
    bytes_add_format(&p->sql, "CAST($%zu AS %s)", p->nparameter,
                     duckdb_dialect.type_name[type]);
    return true;
}

static bool put_double(struct store_plan *p, const double *value)
{
    return put_parameter(p, STORE_F64, 1, value);
}

static bool put_column(struct store_plan *p, uint32_t column)
{
    if (column >= p->table->ncolumn)
        return false;
    put_name(&p->sql, str_of(p->table->column[column]->name));
    return true;
}

static bool put_joined(struct store_plan *p, const struct store_expr *x,
                       const char *between, int depth)
{
    bytes_add_char(&p->sql, '(');
    for (uint32_t i = 0; i < x->narg; i++) {
        if (i)
            bytes_add(&p->sql, str_of(between));
        if (!put_expr(p, x->arg[i], depth + 1))
            return false;
    }
    bytes_add_char(&p->sql, ')');
    return x->narg > 0;
}

/* a IN (b, c ...) and a BETWEEN b AND c. */
static bool put_in(struct store_plan *p, const struct store_expr *x, int depth)
{
    bytes_add_char(&p->sql, '(');
    if (x->narg < 2 || !put_expr(p, x->arg[0], depth + 1))
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
        if (!put_expr(p, x->arg[i], depth + 1))
            return false;
    }
    bytes_add_char(&p->sql, ')');
    return x->narg == 3;
}

/* --- regions ---------------------------------------------------------------------- */

static const struct sky_region *region_of(struct store_plan *p,
                                          const struct store_region *r)
{
    static const enum sky_xtype XTYPE[] = {[STORE_CIRCLE] = SKY_XTYPE_CIRCLE,
                                           [STORE_RANGE] = SKY_XTYPE_RANGE,
                                           [STORE_POLYGON] = SKY_XTYPE_POLYGON};
    struct err e = {0};
    if ((size_t)r->shape >= sizeof XTYPE / sizeof *XTYPE)
        return NULL;
    return sky_region_of_numbers(p->arena, XTYPE[r->shape], r->coord_deg, r->ncoord, &e);
}

/* The range of the index column around the region: DuckDB skips the blocks outside. (Of
 * several ranges joined by OR it skips none.) */
static void put_cover(struct store_plan *p, const struct sky_region *region)
{
    struct sky_span span;
    const struct store_table *t = p->table;
    if (t->hpx_column < 0 || sky_region_cover(region, t->hpx_order, &span, 1) != 1)
        return;
    put_name(&p->sql, str_of(t->column[t->hpx_column]->name));
    bytes_add_format(&p->sql, " BETWEEN %lld AND %lld AND ", (long long)span.lo,
                     (long long)span.hi);
}

static bool put_position(struct store_plan *p, const struct store_expr *x, int depth)
{
    for (int i = 0; i < 2; i++) {
        if (class_of(p, x->arg[i]) != CLASS_NUMBER || !put_expr(p, x->arg[i], depth + 1))
            return false;
        bytes_add_literal(&p->sql, ", ");
    }
    return true;
}

/* The region's numbers as text of a REGION: "circle 1 2 3". */
static bool put_region_text(struct store_plan *p, const struct store_region *r)
{
    static const char *const WORD[] = {"circle", "range", "polygon"};
    struct bytes text;
    bytes_init(&text, 1 << 20);
    bytes_add(&text, str_of(WORD[r->shape]));
    for (uint32_t i = 0; i < r->ncoord; i++)
        bytes_add_format(&text, " %.17g", r->coord_deg[i]);
    bytes_add_literal(&p->sql, "sky_shape(4, ");
    put_literal(&p->sql, bytes_str(&text));
    bytes_add_char(&p->sql, ')');
    bool ok = !text.failed;
    bytes_free(&text);
    return ok;
}

static bool put_in_region(struct store_plan *p, const struct store_expr *x, int depth)
{
    const struct sky_region *region = x->region ? region_of(p, x->region) : NULL;
    if (!region || x->narg != 2)
        return false;
    bool is_circle = x->region->shape == STORE_CIRCLE;
    bool is_position = x->arg[0]->op == STORE_COLUMN && x->arg[1]->op == STORE_COLUMN &&
                       (int32_t)x->arg[0]->column == p->table->lon_column &&
                       (int32_t)x->arg[1]->column == p->table->lat_column;
    bytes_add_char(&p->sql, '(');
    if (is_position)
        put_cover(p, region);
    bytes_add(&p->sql,
              is_circle ? STR("sky_contains_cone(") : STR("sky_contains_position("));
    if (!put_position(p, x, depth))
        return false;
    const double *c = x->region->coord_deg;
    for (int i = 0; is_circle && i < 3; i++) {
        if (!put_double(p, &c[i]))
            return false;
        if (i < 2)
            bytes_add_literal(&p->sql, ", ");
    }
    if (!is_circle && !put_region_text(p, x->region))
        return false;
    bytes_add_literal(&p->sql, ") = 1)");
    return true;
}

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
        if (x->narg != 1 || !put_expr(p, x->arg[0], depth + 1))
            return false;
        bytes_add_char(&p->sql, ')');
        return true;
    case STORE_IS_NULL:
        if (x->narg != 1 || !put_expr(p, x->arg[0], depth + 1))
            return false;
        bytes_add_literal(&p->sql, " IS NULL");
        return true;
    case STORE_IN:
        return are_comparable(p, x) && put_in(p, x, depth);
    case STORE_BETWEEN:
        return are_comparable(p, x) && put_between(p, x, depth);
    case STORE_LIKE:
        if (x->narg != 2 || class_of(p, x->arg[0]) != CLASS_TEXT)
            return false;
        return are_comparable(p, x) && put_joined(p, x, " LIKE ", depth);
    case STORE_IN_REGION:
        return put_in_region(p, x, depth);
    default:
        return x->narg == 2 && are_comparable(p, x) &&
               put_joined(p, x, BETWEEN_ARGUMENTS[x->op], depth);
    }
}

static bool put_expr(struct store_plan *p, const struct store_expr *x, int depth)
{
    if (depth > DEPTH_MAX)
        return false;
    if (x->op == STORE_COLUMN)
        return put_column(p, x->column);
    if (x->op != STORE_LITERAL)
        return put_condition(p, x, depth);
    if (x->value)
        return (x->type == STORE_TEXT || x->count == 1) &&
               put_parameter(p, x->type, x->count, x->value);
    bytes_add_literal(&p->sql, "NULL");
    return true;
}

/* --- the statement ---------------------------------------------------------------- */

static void put_filters(struct store_plan *p, struct store_offer *offer, bool *all_exact)
{
    const char *before = " WHERE ";
    for (uint32_t i = 0; i < p->request->nfilter; i++) {
        size_t len = p->sql.len, nparameter = p->nparameter;
        bytes_add(&p->sql, str_of(before));
        if (put_expr(p, p->request->filter[i], 0)) {
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
        put_column(p, p->request->keys->column);
        bytes_add_literal(&p->sql, " IN (SELECT v FROM temp.main." KEYS_TABLE ")");
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
    bytes_add_char(&p->sql, ')');
    return true;
}

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
        if (!put_column(p, column[i]))
            return false;
        p->column[p->ncolumn++] = p->table->column[column[i]];
    }
    for (uint32_t i = 0; is_grouped && i < r->naggregate; i++) {
        if (p->ncolumn)
            bytes_add_literal(&p->sql, ", ");
        const struct store_column *c = aggregate_column(p, &r->aggregate[i]);
        if (!c || !put_aggregate(p, &r->aggregate[i]))
            return false;
        p->column[p->ncolumn++] = c;
    }
    if (p->ncolumn == 0) { /* rows without columns: they are counted */
        static const struct store_column ONE = {
            .size = sizeof ONE, .type = STORE_BOOL, .length = 1, .name = "one"};
        bytes_add_literal(&p->sql, "true");
        p->column[p->ncolumn++] = &ONE;
    }
    bytes_add_format(&p->sql, " FROM %s", p->sql_name);
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
    enum store_status status =
        listing_find(s, request->table, &p->listing, &p->table, &p->sql_name, e);
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

struct keys_feed {
    struct store_feed feed;
    const struct store_batch *values;
    bool is_given;
};

static enum store_status keys_next(struct store_feed *feed, struct store_batch *batch,
                                   struct store_error *e)
{
    struct keys_feed *k = (struct keys_feed *)feed;
    (void)e;
    if (k->is_given || k->values->nrow == 0)
        return STORE_END;
    k->is_given = true;
    *batch = *k->values;
    return STORE_OK;
}

static enum store_status send_keys(struct store_plan *p, struct store_session *x,
                                   const struct store_call *call, struct store_error *e)
{
    struct store_column column = *p->table->column[p->request->keys->column];
    const struct store_column *columns[] = {&column};
    struct keys_feed feed = {.feed = {.size = sizeof feed.feed, .next = keys_next},
                             .values = p->request->keys->values};
    column.name = "v";
    struct store_table table = {.size = sizeof table,
                                .ncolumn = 1,
                                .column = columns,
                                .name = KEYS_TABLE,
                                .lon_column = -1,
                                .lat_column = -1,
                                .hpx_column = -1};
    return session_receive(x, call, &table, &feed.feed, e);
}

enum store_status plan_start(struct store_plan *p, const struct store_call *call,
                             struct store_scan **out, struct store_error *e)
{
    struct store_session *x = NULL;
    *out = NULL;
    enum store_status status = session_begin(p->store, call, &x, e);
    if (status == STORE_OK && p->request->keys)
        status = send_keys(p, x, call, e);
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
