/* upload.c -- an uploaded table as the binder sees it (its own names) and as the store
 * receives it (names that cannot clash). */
#include "core/query/plan.h"

static bool is_ucd(const char *ucd, const char *word)
{
    size_t n = strlen(word);
    return ucd && str_starts_fold(str_of(ucd), str_of(word)) &&
           (ucd[n] == '\0' || ucd[n] == ';');
}

static bool is_degrees(const struct store_column *c)
{
    return c->length == 1 && (c->type == STORE_F64 || c->type == STORE_F32) &&
           (!c->unit || !*c->unit || str_eq_fold(str_of(c->unit), STR("deg")) ||
            str_eq_fold(str_of(c->unit), STR("degree")) ||
            str_eq_fold(str_of(c->unit), STR("degrees")));
}

static int32_t find_ucd(const struct rowsource *r, const char *word, bool main_only)
{
    for (uint32_t i = 0; i < r->ncolumn; i++) {
        const struct store_column *c = r->column[i];
        if (is_degrees(c) && is_ucd(c->ucd, word) &&
            (!main_only || strstr(c->ucd, "meta.main")))
            return (int32_t)i;
    }
    return -1;
}

static int32_t find_name(const struct rowsource *r, const char *const *name)
{
    for (; *name; name++)
        for (uint32_t i = 0; i < r->ncolumn; i++)
            if (is_degrees(r->column[i]) &&
                str_eq_fold(str_of(r->column[i]->name), str_of(*name)))
                return (int32_t)i;
    return -1;
}

static int32_t find_coordinate(const struct rowsource *r, const char *word,
                               const char *const *name)
{
    int32_t i = find_ucd(r, word, true);
    if (i < 0)
        i = find_ucd(r, word, false);
    return i < 0 ? find_name(r, name) : i;
}

/* The main position of a table, by UCD or by the usual names; -1 both: none. */
static void find_position(const struct rowsource *r, int32_t *lon, int32_t *lat)
{
    static const char *const LON[] = {"ra",    "raj2000", "ra_icrs", "ra_deg",
                                      "radeg", "lon",     NULL};
    static const char *const LAT[] = {"dec",     "dej2000",  "decj2000",
                                      "de_icrs", "dec_icrs", "dec_deg",
                                      "decdeg",  "lat",      NULL};
    *lon = find_coordinate(r, "pos.eq.ra", LON);
    *lat = find_coordinate(r, "pos.eq.dec", LAT);
    if (*lon < 0 || *lat < 0)
        *lon = *lat = -1;
}

/* The column as received: the same layout under a plain name. */
static const struct store_column *received_column(struct query *q,
                                                  const struct store_column *c, uint32_t i)
{
    struct store_column *copy = arena_new_one(q->arena, struct store_column);
    if (!copy)
        return NULL;
    *copy = *c;
    copy->name = arena_format(q->arena, "c%u", i);
    return copy->name ? copy : NULL;
}

static bool fill_received(struct query *q, struct plan_upload *u, uint32_t iupload)
{
    struct rowsource *r = u->rows;
    const struct store_column **column =
        arena_new_array(q->arena, const struct store_column *, r->ncolumn + 1);
    if (!column)
        return false;
    for (uint32_t i = 0; i < r->ncolumn; i++)
        if (!(column[i] = received_column(q, r->column[i], i)))
            return false;
    u->received = (struct store_table){.size = sizeof u->received,
                                       .ncolumn = r->ncolumn,
                                       .column = column,
                                       .name = plan_temporary(q, "up", iupload),
                                       .hpx_column = -1,
                                       .hpx_order = 29,
                                       .row_estimate = -1};
    find_position(r, &u->received.lon_column, &u->received.lat_column);
    return u->received.name != NULL;
}

static bool fill_columns(struct query *q, const struct plan_upload *u,
                         struct catalog_column *column)
{
    for (uint32_t i = 0; i < u->rows->ncolumn; i++) {
        column[i].meta = *u->rows->column[i];
        column[i].native = u->received.column[i]->name;
        column[i].index = i;
        struct bytes name;
        bytes_init(&name, 4096);
        adql_add_name(&name, str_of(column[i].meta.name));
        column[i].adql_name = arena_text(q->arena, bytes_str(&name));
        bytes_free(&name);
        if (!column[i].adql_name)
            return false;
    }
    return true;
}

static void add_index_column(const struct plan_upload *u, struct catalog_table *t,
                             struct catalog_column *column)
{
    if (u->received.lon_column < 0)
        return;
    struct catalog_column *hpx = &column[t->ncolumn];
    *hpx = (struct catalog_column){.adql_name = "_hpx", .native = "_hpx"};
    hpx->meta = (struct store_column){.size = sizeof hpx->meta,
                                      .type = STORE_I64,
                                      .length = 1,
                                      .flags = STORE_HIDDEN | STORE_NULLABLE,
                                      .name = "_hpx"};
    hpx->index = t->ncolumn;
    t->hpx_column = (int32_t)t->ncolumn++;
    t->hpx_order = 29;
}

static bool fill_table(struct query *q, uint32_t i, struct catalog_table *t)
{
    struct plan_upload *u = &q->upload[i];
    struct catalog_column *column = arena_new_array(q->arena, struct catalog_column,
                                                    u->rows->ncolumn + 1 + 2 * PLAN_RANGES);
    if (!column || !fill_received(q, u, i) || !fill_columns(q, u, column))
        return false;
    *t = (struct catalog_table){.schema = "tap_upload",
                                .name = q->request.upload[i].name,
                                .ncolumn = u->rows->ncolumn,
                                .column = column,
                                .lon_column = u->received.lon_column,
                                .lat_column = u->received.lat_column,
                                .hpx_column = -1,
                                .row_estimate = -1,
                                .native = u->received.name};
    add_index_column(u, t, column);
    plan_ranges_columns(u, t, column);
    t->full_name = arena_format(q->arena, "TAP_UPLOAD.%s", t->name);
    return t->full_name != NULL;
}

struct catalog_table *plan_upload_tables(struct query *q, struct err *e)
{
    struct catalog_table *table =
        arena_new_array(q->arena, struct catalog_table, q->nupload + 1);
    for (uint32_t i = 0; table && i < q->nupload; i++)
        if (!fill_table(q, i, &table[i]))
            table = NULL;
    if (!table)
        err_set(e, ERR_LIMIT, "the uploaded tables have too many columns to plan");
    return table;
}
