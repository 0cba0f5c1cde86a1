/* gather.c -- tables of stores that do not run the statement: their rows come to the engine
 * as temporary tables. Only the columns that the query reads are asked for. */
#include "core/query/plan.h"

bool plan_is_gathered(const struct query *q, const struct catalog_table *t)
{
    for (uint32_t i = 0; i < q->ngather; i++)
        if (q->gather[i].used->table == t)
            return true;
    return false;
}

static bool fill_gather(struct query *q, struct plan_gather *g, uint32_t i)
{
    const struct catalog_table *t = g->used->table;
    uint32_t n = g->used->ncolumn ? g->used->ncolumn : 1; /* COUNT(*): any column will do */
    const struct store_column **column =
        arena_new_array(q->arena, const struct store_column *, n);
    g->column = arena_new_array(q->arena, uint32_t, n);
    if (!column || !g->column)
        return false;
    g->received = (struct store_table){.size = sizeof g->received,
                                       .ncolumn = n,
                                       .column = column,
                                       .name = plan_temporary(q, "in", i),
                                       .lon_column = -1,
                                       .lat_column = -1,
                                       .hpx_column = -1,
                                       .row_estimate = t->row_estimate};
    for (uint32_t k = 0; k < n; k++) {
        uint32_t icolumn = g->used->ncolumn ? g->used->column[k] : 0;
        struct store_column *copy = arena_new_one(q->arena, struct store_column);
        if (!copy)
            return false;
        *copy = t->column[icolumn].meta;
        copy->name = t->column[icolumn].native;
        column[k] = copy;
    }
    return g->received.name != NULL;
}

bool plan_gather_tables(struct query *q, struct err *e)
{
    q->gather = arena_new_array(q->arena, struct plan_gather, q->tree->ntable + 1);
    if (!q->gather)
        return err_set(e, ERR_LIMIT, "the query needs too much memory to plan");
    for (uint32_t i = 0; i < q->tree->ntable; i++) {
        const struct adql_used_table *used = &q->tree->table[i];
        if (used->is_upload || used->table->store == q->store)
            continue;
        struct plan_gather *g = &q->gather[q->ngather];
        g->used = used;
        if (!fill_gather(q, g, q->ngather++) || !plan_gather_filters(q, g))
            return err_set(e, ERR_LIMIT, "the query needs too much memory to plan");
    }
    return true;
}

struct gather_feed {        /* a scan of one store that feeds another */
    struct store_feed feed; /* must be first */
    const struct store_plugin *plugin;
    struct store_scan *scan;
};

static enum store_status feed_next(struct store_feed *feed, struct store_batch *batch,
                                   struct store_error *e)
{
    struct gather_feed *g = (struct gather_feed *)feed;
    return g->plugin->next(g->scan, batch, e);
}

/* *i: the number of a column in the store's own table. False: there is none. */
static bool find_column(const struct store_table *t, const char *name, uint32_t *i)
{
    for (*i = 0; *i < t->ncolumn; ++*i)
        if (strcmp(t->column[*i]->name, name) == 0)
            return true;
    return false;
}

static enum store_status find_columns(const struct query_store *s, struct plan_gather *g,
                                      struct store_error *e)
{
    const struct store_table *table;
    enum store_status status =
        s->plugin->describe(s->store, g->used->table->store_name, &table, e);
    for (uint32_t k = 0; status == STORE_OK && k < g->received.ncolumn; k++)
        if (!find_column(table, g->received.column[k]->name, &g->column[k]))
            status = STORE_NOT_FOUND;
    for (struct plan_column *k = g->named; status == STORE_OK && k; k = k->next)
        if (!find_column(table, k->native, &k->expr.column))
            g->nfilter = 0; /* all rows will do as well */
    return status;
}

static enum store_status gather_one(struct query *q, struct plan_gather *g,
                                    struct store_error *e)
{
    const struct query_store *from = &q->env->store[g->used->table->store];
    const struct query_store *to = plan_store(q);
    enum store_status status = find_columns(from, g, e);
    if (status != STORE_OK)
        return status;
    struct store_request request = {.size = sizeof request,
                                    .table = g->used->table->store_name,
                                    .ncolumn = g->received.ncolumn,
                                    .column = g->column,
                                    .nfilter = g->nfilter,
                                    .filter = g->filter,
                                    .limit = -1};
    struct store_offer offer = {.size = sizeof offer, .claim = g->claim};
    struct store_plan *plan = NULL;
    struct gather_feed feed = {.feed = {sizeof feed.feed, feed_next},
                               .plugin = from->plugin};
    status = from->plugin->plan(from->store, &q->call, &request, &offer, &plan, e);
    if (status == STORE_OK)
        status = from->plugin->start(plan, &q->call, &feed.scan, e);
    if (status == STORE_OK) {
        status = to->plugin->receive(q->session, &q->call, &g->received, &feed.feed, e);
        from->plugin->finish(feed.scan);
    }
    if (plan)
        from->plugin->drop_plan(plan);
    return status;
}

bool plan_gather_rows(struct query *q, struct err *e)
{
    for (uint32_t i = 0; i < q->ngather; i++) {
        struct store_error se = {.size = sizeof se};
        enum store_status status = gather_one(q, &q->gather[i], &se);
        if (status != STORE_OK)
            return query_store_error(status, &se, &q->request, e);
    }
    return true;
}
