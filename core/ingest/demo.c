/* demo.c -- `colure demo-data`: every table of the made-up world into a store file. */
#include "core/ingest/demo.h"

#include <stdio.h>

#include "core/ingest/ingest.h"
#include "core/ingest/store_file.h"

static bool load_table(struct store_file *file, const struct demo_world *world,
                       const struct demo_table *table, uint64_t *nrow, struct err *e)
{
    /* Tables without columns ra and dec get no index and stay in their order. */
    struct ingest_options options = {.is_clean = true};
    struct ingest_derived derived;
    struct rowsource *rows = demo_table_rows(world, table, e);
    if (!rows || !ingest_derive(rows, &options, 0, &derived, e))
        return false;
    bool is_loaded = store_file_receive(file, &derived, e);
    *nrow = *derived.nrow;
    derived.rows->close(derived.rows);
    return is_loaded && store_file_make_table(file, table->schema, table->name, e);
}

static bool load_tables(struct store_file *file, const struct demo_world *world,
                        const struct ingest_demo_options *options, struct err *e)
{
    for (uint32_t i = 0; demo_table_at(i); i++) {
        const struct demo_table *table = demo_table_at(i);
        uint64_t nrow = 0;
        if (!load_table(file, world, table, &nrow, e))
            return false;
        char name[64];
        snprintf(name, sizeof name, "%s.%s", table->schema, table->name);
        if (options->progress)
            options->progress(options->what, name, nrow);
    }
    return store_file_finish(file, e);
}

bool ingest_demo(const struct ingest_demo_options *options, struct err *e)
{
    if (options->product_folder && !demo_products(options->product_folder, e))
        return false;
    if (!options->target.path)
        return true;
    uint32_t nevent = options->nevent ? options->nevent : DEMO_EVENTS;
    struct store_file *file = store_file_open(&options->target, e);
    struct demo_world *world = file ? demo_world_new(nevent, e) : NULL;
    bool is_loaded = world && load_tables(file, world, options, e);
    demo_world_free(world);
    store_file_close(file);
    return is_loaded;
}
