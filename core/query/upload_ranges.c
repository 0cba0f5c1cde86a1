/* upload_ranges.c -- the rows of an uploaded table with the HEALPix ranges that the cone of
 * each touches beside them: a store with an index column, but no word for cells, finds the
 * rows of a large table within a radius of small ones by them. The exact test follows. */
#include <stdlib.h>

#include "core/base/column.h"
#include "core/query/plan.h"
#include "core/sky/sky.h"

enum { LO, HI, ENDS };

static const char *const NAME[PLAN_RANGES][ENDS] = {
    {"_lo0", "_hi0"}, {"_lo1", "_hi1"}, {"_lo2", "_hi2"}, {"_lo3", "_hi3"}};
_Static_assert(PLAN_RANGES == 4, "names above");

static void range_column(struct store_column *c, uint32_t i)
{
    *c = (struct store_column){.size = sizeof *c,
                               .type = STORE_I64,
                               .length = 1,
                               .flags = STORE_HIDDEN | STORE_NULLABLE,
                               .name = NAME[i / ENDS][i % ENDS]};
}

void plan_ranges_columns(struct plan_upload *u, struct catalog_table *t,
                         struct catalog_column *column)
{
    u->ranges = (struct plan_ranges){.first_column = t->ncolumn};
    for (uint32_t i = 0; i < PLAN_RANGES * ENDS; i++) {
        struct catalog_column *c = &column[t->ncolumn];
        *c = (struct catalog_column){.index = t->ncolumn++};
        range_column(&c->meta, i);
        c->adql_name = c->native = c->meta.name;
    }
}

struct ranges_source {
    struct rowsource source; /* must be first */
    const struct plan_upload *u;
    struct store_column meta[PLAN_RANGES * ENDS];
    const struct store_column **column;
    struct store_vector *vector;
    int64_t *value[PLAN_RANGES * ENDS];
    uint8_t *valid[PLAN_RANGES]; /* both ends of a range are there, or neither */
    uint32_t capacity;           /* rows */
};

static void ranges_close(struct rowsource *source)
{
    struct ranges_source *s = (struct ranges_source *)source;
    for (int i = 0; i < PLAN_RANGES * ENDS; i++)
        free(s->value[i]);
    for (int i = 0; i < PLAN_RANGES; i++)
        free(s->valid[i]);
    free(s->column);
    free(s->vector);
    free(s);
}

static bool make_room(struct ranges_source *s, uint32_t nrow)
{
    bool ok = true;
    if (nrow <= s->capacity)
        return true;
    for (int i = 0; i < PLAN_RANGES * ENDS; i++) {
        free(s->value[i]);
        s->value[i] = calloc(nrow, sizeof(int64_t));
        ok = ok && s->value[i];
    }
    for (int i = 0; i < PLAN_RANGES; i++) {
        free(s->valid[i]);
        s->valid[i] = calloc(nrow / 8 + 1, 1);
        ok = ok && s->valid[i];
    }
    s->capacity = ok ? nrow : 0;
    return ok;
}

static void fill_row(struct ranges_source *s, const struct store_batch *batch,
                     uint32_t irow)
{
    const struct plan_ranges *r = &s->u->ranges;
    const struct store_column *const *column = s->u->rows->column;
    struct sky_span span[PLAN_RANGES];
    double lon = column_number(column[r->lon], &batch->column[r->lon], irow);
    double lat = column_number(column[r->lat], &batch->column[r->lat], irow);
    size_t n = sky_cone_cover(lon, lat, r->radius_deg, r->order, span, PLAN_RANGES);
    uint8_t bit = (uint8_t)(1u << (irow & 7));
    for (size_t i = 0; i < PLAN_RANGES; i++) {
        if (i >= n) {
            s->valid[i][irow >> 3] &= (uint8_t)~bit;
            continue;
        }
        s->valid[i][irow >> 3] |= bit;
        s->value[i * ENDS + LO][irow] = span[i].lo;
        s->value[i * ENDS + HI][irow] = span[i].hi;
    }
}

static enum step ranges_next(struct rowsource *source, struct store_batch *batch,
                             struct err *e)
{
    struct ranges_source *s = (struct ranges_source *)source;
    struct rowsource *rows = s->u->rows;
    enum step step = rows->next(rows, batch, e);
    if (step != STEP_ROWS)
        return step;
    if (!make_room(s, batch->nrow)) {
        err_set(e, ERR_LIMIT, "the uploaded table needs too much memory");
        return STEP_FAILED;
    }
    for (uint32_t i = 0; i < batch->nrow; i++)
        fill_row(s, batch, i);
    for (uint32_t i = 0; i < rows->ncolumn; i++)
        s->vector[i] = batch->column[i];
    for (uint32_t i = 0; i < PLAN_RANGES * ENDS; i++)
        s->vector[rows->ncolumn + i] =
            (struct store_vector){.data = s->value[i], .valid = s->valid[i / ENDS]};
    batch->column = s->vector;
    return STEP_ROWS;
}

struct rowsource *plan_ranges_rows(const struct plan_upload *u)
{
    uint32_t n = u->rows->ncolumn + PLAN_RANGES * ENDS;
    struct ranges_source *s = calloc(1, sizeof *s);
    if (!s)
        return NULL;
    s->u = u;
    s->column = calloc(n, sizeof *s->column);
    s->vector = calloc(n, sizeof *s->vector);
    s->source = (struct rowsource){s->column, n, ranges_next, ranges_close};
    if (!s->column || !s->vector) {
        ranges_close(&s->source);
        return NULL;
    }
    for (uint32_t i = 0; i < u->rows->ncolumn; i++)
        s->column[i] = u->rows->column[i];
    for (uint32_t i = 0; i < PLAN_RANGES * ENDS; i++) {
        range_column(&s->meta[i], i);
        s->column[u->rows->ncolumn + i] = &s->meta[i];
    }
    return &s->source;
}

static bool add_received(struct query *q, struct plan_upload *u)
{
    uint32_t n = u->received.ncolumn;
    const struct store_column **column =
        arena_new_array(q->arena, const struct store_column *, n + PLAN_RANGES * ENDS);
    struct store_column *own =
        arena_new_array(q->arena, struct store_column, PLAN_RANGES * ENDS);
    if (!column || !own)
        return false;
    for (uint32_t i = 0; i < n; i++)
        column[i] = u->received.column[i];
    for (uint32_t i = 0; i < PLAN_RANGES * ENDS; i++) {
        range_column(&own[i], i);
        column[n + i] = &own[i];
    }
    u->received.column = column;
    u->received.ncolumn = n + PLAN_RANGES * ENDS;
    return true;
}

/* --- the condition ---------------------------------------------------------------- */

static bool is_number(const struct plan_upload *u, const struct adql_node *n)
{
    if (n->kind != ADQL_COLUMN || n->icolumn >= u->rows->ncolumn)
        return false;
    const struct store_column *c = u->rows->column[n->icolumn];
    return c->length == 1 && (c->type == STORE_F64 || c->type == STORE_F32);
}

static bool take(struct query *q, struct plan_upload *u, const struct plan_ranges *wanted)
{
    struct plan_ranges *r = &u->ranges;
    if (r->radius_deg > 0) { /* another condition of the query has them already */
        bool is_same =
            r->lon == wanted->lon && r->lat == wanted->lat && r->order == wanted->order;
        if (is_same && wanted->radius_deg > r->radius_deg)
            r->radius_deg = wanted->radius_deg;
        return is_same;
    }
    uint32_t first = r->first_column;
    *r = *wanted;
    r->first_column = first;
    return add_received(q, u);
}

static struct adql_node *within(struct arena *a, struct adql_from *large, uint32_t hpx,
                                struct adql_from *cone, uint32_t lo)
{
    struct adql_node *above = adql_new_compare(a, ADQL_GE, adql_new_column(a, large, hpx),
                                               adql_new_column(a, cone, lo));
    struct adql_node *below = adql_new_compare(a, ADQL_LE, adql_new_column(a, large, hpx),
                                               adql_new_column(a, cone, lo + 1));
    return above && below ? adql_new_and(a, above, below) : NULL;
}

struct adql_node *plan_ranges_condition(struct query *q, struct adql_from *large,
                                        struct adql_from *cone, const struct adql_node *lon,
                                        const struct adql_node *lat, double radius_deg)
{
    struct plan_upload *u = NULL;
    for (uint32_t i = 0; i < q->nupload; i++)
        if (cone->is_upload && cone->table && cone->table->native &&
            strcmp(cone->table->native, q->upload[i].received.name) == 0)
            u = &q->upload[i];
    if (!u || !is_number(u, lon) || !is_number(u, lat))
        return NULL;
    struct plan_ranges wanted = {.lon = lon->icolumn,
                                 .lat = lat->icolumn,
                                 .order = large->table->hpx_order,
                                 .radius_deg = plan_near_radius_deg(radius_deg)};
    if (!take(q, u, &wanted))
        return NULL;
    struct adql_node *any = NULL;
    for (uint32_t i = 0; i < PLAN_RANGES; i++) {
        struct adql_node *one = within(q->arena, large, (uint32_t)large->table->hpx_column,
                                       cone, u->ranges.first_column + i * ENDS);
        any = !one || (i && !any) ? NULL : i ? adql_new_or(q->arena, any, one) : one;
    }
    return any;
}
