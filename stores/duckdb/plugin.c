/* plugin.c -- the adapter's one exported name. */
#include "stores/duckdb/internal.h"

static const struct store_plugin PLUGIN = {
    .abi = STORE_ABI,
    .size = sizeof PLUGIN,
    .name = "duckdb",
    .version = "1",
    .needs = STORE_NEEDS_FILES,
    .open = store_open,
    .close = store_close,
    .list = store_list,
    .describe = store_describe,
    .plan = plan_make,
    .drop_plan = plan_drop,
    .start = plan_start,
    .next = scan_next,
    .finish = scan_finish,
    .explain = plan_explain,
    .dialect = &duckdb_dialect,
    .begin = session_begin,
    .end = session_end,
    .receive = session_receive,
    .run = session_run,
    .execute = session_execute,
    .explain_sql = session_explain,
    .progress = session_progress,
    .is_outdated = store_is_outdated,
};

const struct store_plugin *store_plugin_entry(const struct store_host *host)
{
    return host && host->abi == STORE_ABI ? &PLUGIN : NULL;
}
