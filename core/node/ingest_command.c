/* ingest_command.c -- `colure load`, `colure demo-data`: what they need
 * of the node (adapters, the Parquet engine), then over to core/ingest. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/ingest/ingest.h"
#include "core/node/node.h"

/* An engine of its own for reading Parquet files anywhere on this machine. */
struct reader {
    struct stores *stores;
    struct query_store engine;
    struct parquet_engine *parquet;
};

static void open_reader(struct reader *r, const char *folder)
{
    const struct store_option anywhere = {"spool_directory", "/"};
    struct err ignored = {0}; /* without it only Parquet cannot be read */
    *r = (struct reader){.stores = stores_new(folder, NULL, &ignored)};
    if (r->stores && stores_open(r->stores, "duckdb", &anywhere, 1, &r->engine.plugin,
                                 &r->engine.store, &ignored))
        r->parquet = node_parquet_new(&r->engine, NULL, "/");
}

static void close_reader(struct reader *r)
{
    node_parquet_free(r->parquet);
    stores_free(r->stores);
}

int command_load(int argc, char **argv)
{
    struct arena *arena = arena_new(1 << 20);
    struct reader r;
    const char *folder = node_plugin_folder(arena);
    open_reader(&r, folder);
    int status = ingest_main_load(argc, argv, folder, r.parquet);
    close_reader(&r);
    arena_free(arena);
    return status;
}

int command_demo_data(int argc, char **argv)
{
    struct arena *arena = arena_new(1 << 20);
    int status = ingest_main_demo(argc, argv, node_plugin_folder(arena));
    arena_free(arena);
    return status;
}
