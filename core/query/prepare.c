/* prepare.c -- text to plan: parse, bind, choose the store, write its statement. */
#include <stdlib.h>

#include "core/base/clock.h"
#include "core/query/join.h"

enum { SQL_MAX_BYTES = 64 * 1024 * 1024 };

const char *plan_temporary(struct query *q, const char *prefix, uint32_t i)
{
    return arena_format(q->arena, "%s_%u", prefix, i);
}

struct query_env query_env_of(const struct query_env *env, const struct catalog *catalog)
{
    struct query_env around = *env;
    const struct query_store *own = catalog_stores(catalog);
    if (own)
        around.store = own;
    return around;
}

static void free_query(void *what)
{
    struct query *q = what;
    for (uint32_t i = 0; i < q->nupload; i++)
        if (q->upload && q->upload[i].rows)
            q->upload[i].rows->close(q->upload[i].rows);
    bytes_free(&q->sql);
    pthread_mutex_destroy(&q->lock);
    catalog_drop(q->catalog);
}

static bool take_uploads(struct query *q, const struct query_request *r)
{
    q->upload = arena_new_array(q->arena, struct plan_upload, r->nupload + 1);
    for (uint32_t i = 0; i < r->nupload; i++) {
        if (q->upload)
            q->upload[i].rows = r->upload[i].rows;
        else
            r->upload[i].rows->close(r->upload[i].rows);
    }
    q->nupload = q->upload ? r->nupload : 0;
    return q->upload != NULL;
}

static struct query *new_query(const struct query_env *env, const struct catalog *catalog,
                               const struct query_request *r, struct arena *arena)
{
    struct query *q = arena_new_one(arena, struct query);
    if (!q) {
        for (uint32_t i = 0; i < r->nupload; i++)
            r->upload[i].rows->close(r->upload[i].rows);
        return NULL;
    }
    q->around = query_env_of(env, catalog);
    q->env = &q->around;
    q->catalog = catalog_keep(catalog);
    q->request = *r;
    q->arena = arena;
    q->store = env->engine;
    bytes_init(&q->sql, SQL_MAX_BYTES);
    pthread_mutex_init(&q->lock, NULL);
    q->call = (struct store_call){.size = sizeof q->call,
                                  .deadline_ns = r->deadline_ns,
                                  .request_id = r->request_id,
                                  .user = r->user,
                                  .cancel = r->cancel,
                                  .wants_progress = r->wants_progress};
    bool uploads = take_uploads(q, r);
    return arena_defer(arena, free_query, q) && uploads ? q : NULL;
}

static bool bind(struct query *q, struct err *e)
{
    struct adql_scope scope = {.catalog = q->catalog, .nupload = q->nupload};
    q->tree = adql_parse(q->request.text, q->request.lang, NULL, q->arena, e);
    if (!q->tree)
        return false;
    scope.upload = plan_upload_tables(q, e);
    if (!scope.upload)
        return false;
    scope.resolve = q->env->resolve;
    scope.context = q->env->resolve_what;
    return adql_bind(q->tree, &scope, q->arena, e);
}

static bool list_tables(struct query *q, struct err *e)
{
    q->table = arena_new_array(q->arena, const struct catalog_table *, q->tree->ntable + 1);
    if (!q->table)
        return err_set(e, ERR_LIMIT, "the query needs too much memory to plan");
    for (uint32_t i = 0; i < q->tree->ntable; i++)
        if (!q->tree->table[i].is_upload)
            q->table[q->ntable++] = q->tree->table[i].table;
    return true;
}

static bool list_tables_again(struct query *q, struct err *e)
{
    q->ntable = q->ngather = 0;
    return list_tables(q, e);
}

/* One SQL store that holds every table runs the whole query; else the engine does, with the
 * other stores' tables brought to it. */
static void choose_store(struct query *q)
{
    uint32_t store = q->ntable ? q->table[0]->store : q->env->engine;
    for (uint32_t i = 1; i < q->ntable; i++)
        if (q->table[i]->store != store)
            store = q->env->engine;
    const struct query_store *s = &q->env->store[store];
    bool can_upload = q->nupload == 0 || s->plugin->receive;
    q->store = s->dialect && can_upload ? store : q->env->engine;
}

/* A table of so many rows can still be brought to the engine while people wait. */
enum { GATHER_ROWS_MAX = 5000000 };

static bool is_too_long(struct query *q, const struct adql_used_table *used)
{
    struct plan_gather g = {.used = used};
    return !used->is_upload && plan_gather_filters(q, &g) &&
           (double)used->table->row_estimate * g.share > GATHER_ROWS_MAX;
}

/* What the store cannot do the engine does, with the tables brought to it. */
static bool use_engine(struct query *q, const struct err *why, struct err *e)
{
    for (uint32_t i = 0; i < q->tree->ntable; i++)
        if (is_too_long(q, &q->tree->table[i]))
            return err_set_at(e, ERR_USAGE, why->line, why->column,
                              "%s, and table %s is too long to be brought to the engine "
                              "that can; add a condition on its position",
                              why->message, q->tree->table[i].table->full_name);
    q->store = q->env->engine;
    return join_note(q, "%s: the tables come to the engine", why->message) != NULL ||
           err_set(e, ERR_LIMIT, "the query needs too much memory to plan");
}

/* The name under which the statement finds a table: gathered ones have a temporary one. */
static const char *table_name(void *context, const struct catalog_table *t, bool is_upload)
{
    struct query *q = context;
    for (uint32_t i = 0; !is_upload && i < q->ngather; i++)
        if (q->gather[i].used->table == t)
            return q->gather[i].received.name;
    return t->native;
}

bool plan_write(struct query *q, struct bytes *sql, struct adql_parameters *parameters,
                struct err *e)
{
    struct adql_write_options o = {.row_limit = q->request.max_rows,
                                   .use_parameters = parameters != NULL,
                                   .table_name = table_name,
                                   .context = q,
                                   .where_at = parameters ? &q->plain.at : NULL};
    if (o.row_limit >= 0)
        o.row_limit++;
    if (!adql_write(q->tree, plan_store(q)->dialect, &o, sql, parameters, e))
        return false;
    return bytes_text(sql) || err_set(e, ERR_LIMIT, "the query is too long for the store");
}

static bool write_statement(struct query *q, struct err *e)
{
    const struct store_dialect *d = plan_store(q)->plugin->dialect;
    bool wants_parameters =
        d->size > offsetof(struct store_dialect, wants_parameters) && d->wants_parameters;
    if (!plan_write(q, &q->sql, wants_parameters ? &q->parameters : NULL, e))
        return false;
    q->call.plain = wants_parameters && plan_is_plain(q) ? &q->plain : NULL;
    return true;
}

/* Planners change the tree for the store that was chosen. */
static bool plan(struct query *q, struct err *e)
{
    return plan_gather_tables(q, e) && plan_sky_index(q, e) && plan_joins(q, e) &&
           write_statement(q, e);
}

/* The tree is bound anew, as the client wrote it. */
static bool plan_for_engine(struct query *q, const struct err *why, struct err *e)
{
    bytes_clear(&q->sql);
    q->parameters = (struct adql_parameters){0};
    q->note = NULL;
    q->ncells = 0;
    return bind(q, e) && list_tables_again(q, e) && use_engine(q, why, e) && plan(q, e);
}

/* That the store cannot do the query (it lacks an operation) is seen when the statement is
 * written. */
static bool plan_somewhere(struct query *q, struct err *e)
{
    struct err why = {0};
    choose_store(q);
    if (plan(q, &why))
        return true;
    if (why.kind == ERR_USAGE && q->store != q->env->engine)
        return plan_for_engine(q, &why, e);
    return err_set_at(e, why.kind, why.line, why.column, "%s", why.message);
}

struct query *query_prepare(const struct query_env *env, const struct catalog *catalog,
                            const struct query_request *r, struct arena *arena,
                            struct err *e)
{
    struct query *q = new_query(env, catalog, r, arena);
    if (!q) {
        err_set(e, ERR_LIMIT, "the request needs too much memory");
        return NULL;
    }
    bool ok = bind(q, e) && list_tables(q, e);
    q->bound_ns = clock_monotonic_ns();
    if (ok && plan_somewhere(q, e))
        return q;
    err_set(e, ERR_LIMIT, "the query needs too much memory to plan");
    return NULL;
}

bool plan_again(struct query *q, const char *why, struct err *e)
{
    struct err refusal = {0};
    err_set(&refusal, ERR_USAGE, "%s", why);
    if (q->nupload > 0) /* their rows are spent */
        return err_set(e, ERR_USAGE, "%s", why);
    return plan_for_engine(q, &refusal, e);
}

const struct store_column *const *query_columns(const struct query *q, uint32_t *ncolumn)
{
    *ncolumn = q->tree->ncolumn;
    return q->tree->column;
}

const struct catalog *query_catalog(const struct query *q)
{
    return q->catalog;
}

const struct catalog_table *const *query_tables(const struct query *q, uint32_t *ntable)
{
    *ntable = q->ntable;
    return q->table;
}

const bool *query_overflow(const struct query *q)
{
    return &q->overflow;
}

uint32_t query_store_index(const struct query *q)
{
    return q->store;
}

int64_t query_bound_ns(const struct query *q)
{
    return q->bound_ns;
}

str query_statement(const struct query *q)
{
    return bytes_str(&q->sql);
}
