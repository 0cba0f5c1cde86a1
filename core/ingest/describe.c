/* describe.c -- drafts a description file from the tables in a store's file. */
#include "core/catalog/catalog.h"
#include "core/ingest/ingest.h"

#define CATALOG "target" /* the name under which the file is attached */

enum { ARENA_BYTES = 256 << 20 };

/* "target.schema.table" of this schema gives the table's own name, else NULL. */
static const char *table_in_schema(const char *name, const char *schema)
{
    str rest = str_of(name);
    str first = str_cut(&rest, '.');
    if (str_eq(first, STR(CATALOG)))
        first = str_cut(&rest, '.');
    bool is_ours = rest.at && str_eq_fold(first, str_of(schema));
    return is_ours ? rest.at : NULL;
}

static struct store_column *copy_column(struct arena *arena,
                                        const struct store_column *from)
{
    struct store_column *column = arena_new_one(arena, struct store_column);
    if (!column)
        return NULL;
    *column = *from;
    const char **text[] = {&column->name,     &column->description, &column->unit,
                           &column->ucd,      &column->utype,       &column->xtype,
                           &column->datatype, &column->arraysize};
    for (size_t i = 0; i < sizeof text / sizeof *text; i++)
        if (*text[i])
            *text[i] = arena_text(arena, str_of(*text[i]));
    return column->name ? column : NULL;
}

/* A store's description lives until its next list(); ours as long as the arena. */
static const struct store_table *
copy_table(struct arena *arena, const struct store_table *from, const char *name)
{
    struct store_table *table = arena_new_one(arena, struct store_table);
    const struct store_column **column =
        arena_new_array(arena, const struct store_column *, from->ncolumn);
    if (!table || !column)
        return NULL;
    *table = *from;
    table->name = arena_text(arena, str_of(name));
    table->column = column;
    for (uint32_t i = 0; i < from->ncolumn; i++)
        if (!(column[i] = copy_column(arena, from->column[i])))
            return NULL;
    return table->name ? table : NULL;
}

static bool take_tables(const struct store_plugin *plugin, struct store *store,
                        const char *schema, struct arena *arena,
                        const struct store_table ***out, uint32_t *nout, struct err *e)
{
    struct store_error why = {.size = sizeof why};
    const char *const *name;
    size_t n;
    enum store_status status = plugin->list(store, &name, &n, &why);
    if (status != STORE_OK)
        return stores_error(status, &why, e);
    const struct store_table **table =
        arena_new_array(arena, const struct store_table *, n + 1);
    for (size_t i = 0; table && i < n; i++) {
        const char *own = table_in_schema(name[i], schema);
        const struct store_table *from;
        if (!own)
            continue;
        status = plugin->describe(store, name[i], &from, &why);
        if (status != STORE_OK)
            return stores_error(status, &why, e);
        if (!(table[(*nout)++] = copy_table(arena, from, own)))
            return err_set(e, ERR_LIMIT, "no memory for the description of %s", own);
    }
    *out = table;
    return table ? true : err_set(e, ERR_LIMIT, "no memory for %zu tables", n);
}

bool ingest_describe(const struct ingest_target *target, const char *schema,
                     struct bytes *out, struct err *e)
{
    struct store_option option[] = {{"attach." CATALOG, target->path}};
    const struct store_plugin *plugin;
    struct store *store;
    const struct store_table **table = NULL;
    uint32_t ntable = 0;
    if (!stores_open(target->stores, target->adapter ? target->adapter : "duckdb", option,
                     1, &plugin, &store, e))
        return false;
    struct arena *arena = arena_new(ARENA_BYTES);
    bool is_described =
        arena && take_tables(plugin, store, schema, arena, &table, &ntable, e);
    if (is_described && ntable == 0)
        is_described = err_set(e, ERR_NOT_FOUND, "%s has no tables in schema %s",
                               target->path, schema);
    if (is_described && !catalog_write_felis(schema, table, ntable, out))
        is_described = err_set(e, ERR_LIMIT, "the description is too long");
    if (!arena)
        err_set(e, ERR_LIMIT, "no memory");
    stores_close(target->stores, store);
    arena_free(arena);
    return is_described;
}
