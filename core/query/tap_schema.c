/* tap_schema.c -- the engine's copy of TAP_SCHEMA, made anew from each catalog snapshot, so
 * that metadata are queried like any table (TAP-40, 41). */
#include <stdio.h>

#include "core/query/plan.h"

static bool load_table(const struct query_store *engine, struct store_session *session,
                       const struct catalog *catalog, const char *name, struct err *e)
{
    struct store_call call = {.size = sizeof call, .deadline_ns = INT64_MAX};
    struct store_error se = {.size = sizeof se};
    struct query_request nobody = {0};
    char target[64];
    struct rowsource *rows = catalog_tap_schema_rows(catalog, name, e);
    if (!rows)
        return false;
    struct plan_feed feed = plan_feed_of(rows);
    snprintf(target, sizeof target, "load_%s", name);
    struct store_table table = {.size = sizeof table,
                                .ncolumn = rows->ncolumn,
                                .column = rows->column,
                                .name = target,
                                .lon_column = -1,
                                .lat_column = -1,
                                .hpx_column = -1,
                                .row_estimate = -1};
    enum store_status status =
        engine->plugin->receive(session, &call, &table, &feed.feed, &se);
    rows->close(rows);
    if (feed.err.kind != ERR_NONE)
        return err_set(e, feed.err.kind, "%s", feed.err.message);
    return status == STORE_OK || query_store_error(status, &se, &nobody, e);
}

/* All tables at once, so that nobody sees some of the one snapshot and some of the other.
 */
static bool replace_tables(const struct query_store *engine, struct store_session *session,
                           const char *const *name, size_t n, struct err *e)
{
    struct store_call call = {.size = sizeof call, .deadline_ns = INT64_MAX};
    struct store_error se = {.size = sizeof se}, ignored = {.size = sizeof ignored};
    struct query_request nobody = {0};
    struct bytes sql;
    bytes_init(&sql, 16 * 1024);
    bytes_add_literal(&sql, "BEGIN; CREATE SCHEMA IF NOT EXISTS tap_schema; ");
    for (size_t i = 0; i < n; i++)
        bytes_add_format(&sql,
                         "CREATE OR REPLACE TABLE tap_schema.%s AS SELECT * FROM load_%s; ",
                         name[i], name[i]);
    bytes_add_literal(&sql, "COMMIT");
    const char *text = bytes_text(&sql);
    enum store_status status =
        text ? engine->plugin->execute(session, &call, text, &se) : STORE_LIMIT;
    bytes_free(&sql);
    if (status != STORE_OK)
        engine->plugin->execute(session, &call, "ROLLBACK", &ignored);
    return status == STORE_OK || query_store_error(status, &se, &nobody, e);
}

bool query_load_tap_schema(const struct query_env *node, const struct catalog *catalog,
                           struct err *e)
{
    static const char *const TABLE[] = {"schemas", "tables", "columns", "keys",
                                        "key_columns"};
    const struct query_env env = query_env_of(node, catalog);
    const struct query_store *engine = &env.store[env.engine];
    struct store_call call = {.size = sizeof call, .deadline_ns = INT64_MAX};
    struct store_error se = {.size = sizeof se};
    struct query_request nobody = {0};
    struct store_session *session;
    enum store_status status = engine->plugin->begin(engine->store, &call, &session, &se);
    if (status != STORE_OK)
        return query_store_error(status, &se, &nobody, e);
    bool ok = true;
    for (size_t i = 0; ok && i < sizeof TABLE / sizeof *TABLE; i++)
        ok = load_table(engine, session, catalog, TABLE[i], e);
    ok = ok && replace_tables(engine, session, TABLE, sizeof TABLE / sizeof *TABLE, e);
    engine->plugin->end(session);
    return ok;
}
