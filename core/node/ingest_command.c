/* ingest_command.c -- `colure load`, `colure describe`, `colure demo-data`: what they need
 * of the node (adapters, the Parquet engine), then over to core/ingest and core/catalog. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/ingest/ingest.h"
#include "core/node/node.h"

/* The adapters' folder: $COLURE_STORES, or beside the program. */
static const char *plugin_folder(struct arena *arena)
{
    const char *folder = getenv("COLURE_STORES");
    if (!arena)
        return ".";
    return folder ? folder : arena_format(arena, "%s/stores", node_program_folder(arena));
}

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
        r->parquet = node_parquet_new(&r->engine, "/");
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
    const char *folder = plugin_folder(arena);
    open_reader(&r, folder);
    int status = ingest_main_load(argc, argv, folder, r.parquet);
    close_reader(&r);
    arena_free(arena);
    return status;
}

int command_demo_data(int argc, char **argv)
{
    struct arena *arena = arena_new(1 << 20);
    int status = ingest_main_demo(argc, argv, plugin_folder(arena));
    arena_free(arena);
    return status;
}

struct describe_arguments {
    const char *conf, *store, *schema;
};

static bool read_arguments(int argc, char **argv, struct describe_arguments *a)
{
    *a = (struct describe_arguments){0};
    for (int i = 0; i + 1 < argc; i += 2) {
        if (str_eq(str_of(argv[i]), STR("--conf")))
            a->conf = argv[i + 1];
        else if (str_eq(str_of(argv[i]), STR("--store")))
            a->store = argv[i + 1];
        else if (str_eq(str_of(argv[i]), STR("--schema")))
            a->schema = argv[i + 1];
        else
            return false;
    }
    return argc % 2 == 0 && a->conf && a->store && a->schema;
}

int command_describe(int argc, char **argv)
{
    struct describe_arguments a;
    struct err e = {0};
    struct bytes out;
    if (!read_arguments(argc, argv, &a)) {
        fprintf(stderr, "usage: colure describe --conf FILE --store NAME --schema NAME\n"
                        "Prints a draft of the description of the store's tables in that "
                        "schema.\n");
        return 2;
    }
    struct arena *arena = arena_new(64 << 20);
    struct config *c = config_read(a.conf, arena, &e);
    bytes_init(&out, 64 << 20);
    if (c)
        c->nschema = 0; /* descriptions may be missing: they are what is being made */
    struct node *n = c ? node_open(c, NULL, &e) : NULL;
    bool ok = n && node_describe(n, a.store, a.schema, &out, &e);
    if (ok)
        fwrite(out.at, 1, out.len, stdout);
    else
        fprintf(stderr, "colure: %s\n", e.message);
    node_close(n);
    bytes_free(&out);
    arena_free(arena);
    return ok ? 0 : 1;
}
