/* catalog.c -- the snapshot: its life, and finding tables and columns by name. */
#include "core/catalog/catalog.h"

#include <stdlib.h>

#include "core/catalog/snapshot.h"

enum { CATALOG_MAX_BYTES = 1u << 30 };

struct catalog *snapshot_new(void)
{
    struct catalog *catalog = calloc(1, sizeof *catalog);
    if (!catalog)
        return NULL;
    atomic_init(&catalog->count, 1);
    atomic_init(&catalog->words, 1);
    catalog->arena = arena_new(CATALOG_MAX_BYTES);
    if (!catalog->arena) {
        free(catalog);
        return NULL;
    }
    return catalog;
}

const struct catalog *catalog_keep(const struct catalog *catalog)
{
    if (catalog)
        atomic_fetch_add_explicit(&((struct catalog *)catalog)->count, 1,
                                  memory_order_relaxed);
    return catalog;
}

void catalog_drop(const struct catalog *catalog)
{
    if (!catalog)
        return;
    struct catalog *own = (struct catalog *)catalog;
    if (atomic_fetch_sub_explicit(&own->count, 1, memory_order_acq_rel) > 1)
        return;
    if (own->release)
        own->release((void *)(uintptr_t)own->stores);
    catalog_drop_words(own);
}

const struct catalog *catalog_keep_words(const struct catalog *catalog)
{
    atomic_fetch_add_explicit(&((struct catalog *)catalog)->words, 1, memory_order_relaxed);
    return catalog;
}

void catalog_drop_words(const struct catalog *catalog)
{
    struct catalog *own = (struct catalog *)catalog;
    if (!own || atomic_fetch_sub_explicit(&own->words, 1, memory_order_acq_rel) > 1)
        return;
    arena_free(own->arena);
    free(own);
}

void catalog_own_stores(struct catalog *catalog, const void *stores,
                        void (*release)(void *))
{
    catalog->stores = stores;
    catalog->release = release;
}

const void *catalog_stores(const struct catalog *catalog)
{
    return catalog->stores;
}

uint32_t catalog_nschema(const struct catalog *catalog)
{
    return catalog->nschema;
}

const struct catalog_schema *catalog_schema_at(const struct catalog *catalog, uint32_t i)
{
    return i < catalog->nschema ? &catalog->schema[i] : NULL;
}

uint32_t catalog_nexample(const struct catalog *catalog)
{
    return catalog->nexample;
}

const struct catalog_example *catalog_example_at(const struct catalog *catalog, uint32_t i)
{
    return i < catalog->nexample ? &catalog->example[i] : NULL;
}

/* --- names ------------------------------------------------------------------------------
 */

bool catalog_name_matches(const char *published, struct catalog_name name)
{
    str other = str_of(published);
    if (name.is_quoted)
        return str_eq(other, name.text);
    if (other.len != name.text.len)
        return false;
    for (size_t i = 0; i < other.len; i++)
        if (other.at[i] != ascii_lower(name.text.at[i]))
            return false;
    return true;
}

/* A column that is published without quotes is the same in any case; only one that was
 * made by hand can have another than lower case. */
static bool column_matches(const struct catalog_column *column, struct catalog_name name)
{
    if (column->meta.flags & STORE_HIDDEN)
        return false;
    if (catalog_name_matches(column->meta.name, name))
        return true;
    bool is_delimited = column->adql_name && column->adql_name[0] == '"';
    return !is_delimited && !name.is_quoted &&
           str_eq_fold(str_of(column->meta.name), name.text);
}

const struct catalog_names *snapshot_column_names(struct arena *arena, uint32_t ncolumn,
                                                  const struct catalog_column *column)
{
    struct catalog_names *names = names_new(arena, ncolumn);
    for (uint32_t i = 0; names && i < ncolumn; i++)
        names_put(names, str_hash_fold(str_of(column[i].meta.name)), i);
    return names;
}

bool snapshot_index(struct catalog *catalog)
{
    uint32_t ntable = 0;
    for (uint32_t i = 0; i < catalog->nschema; i++)
        ntable += catalog->schema[i].ntable;
    catalog->table = arena_new_array(catalog->arena, const struct catalog_table *, ntable);
    catalog->names = names_new(catalog->arena, 2 * ntable);
    if (!catalog->table || !catalog->names)
        return false;
    for (uint32_t i = 0; i < catalog->nschema; i++)
        for (uint32_t k = 0; k < catalog->schema[i].ntable; k++) {
            const struct catalog_table *table = &catalog->schema[i].table[k];
            uint32_t number = catalog->ntable++;
            catalog->table[number] = table;
            names_put(catalog->names,
                      names_hash_pair(str_of(table->schema), str_of(table->name)), number);
            names_put(catalog->names, str_hash_fold(str_of(table->name)), number);
        }
    return true;
}

static const struct catalog_table *
find_anywhere(const struct catalog *catalog, struct catalog_name name, bool *is_ambiguous)
{
    const struct catalog_table *found = NULL;
    uint64_t at = str_hash_fold(name.text);
    uint32_t i;
    while ((i = names_next(catalog->names, &at)) != UINT32_MAX) {
        const struct catalog_table *table = catalog->table[i];
        if (table == found || !catalog_name_matches(table->name, name))
            continue;
        if (found) {
            *is_ambiguous = true;
            return NULL;
        }
        found = table;
    }
    return found;
}

const struct catalog_table *catalog_find_table(const struct catalog *catalog,
                                               struct catalog_name schema,
                                               struct catalog_name table,
                                               bool *is_ambiguous)
{
    bool dummy;
    if (!is_ambiguous)
        is_ambiguous = &dummy;
    *is_ambiguous = false;
    if (!schema.text.at)
        return find_anywhere(catalog, table, is_ambiguous);
    uint64_t at = names_hash_pair(schema.text, table.text);
    uint32_t i;
    while ((i = names_next(catalog->names, &at)) != UINT32_MAX)
        if (catalog_name_matches(catalog->table[i]->schema, schema) &&
            catalog_name_matches(catalog->table[i]->name, table))
            return catalog->table[i];
    return NULL;
}

const struct catalog_column *catalog_find_column(const struct catalog_table *table,
                                                 struct catalog_name name)
{
    if (!table->names) {
        for (uint32_t i = 0; i < table->ncolumn; i++)
            if (column_matches(&table->column[i], name))
                return &table->column[i];
        return NULL;
    }
    uint64_t at = str_hash_fold(name.text);
    uint32_t i;
    while ((i = names_next(table->names, &at)) != UINT32_MAX)
        if (column_matches(&table->column[i], name))
            return &table->column[i];
    return NULL;
}

const struct catalog_table *catalog_find_full_name(const struct catalog *c, str name)
{
    const struct catalog_table *near = NULL;
    for (uint32_t i = 0; i < catalog_nschema(c); i++) {
        const struct catalog_schema *s = catalog_schema_at(c, i);
        for (uint32_t j = 0; s && j < s->ntable; j++) {
            if (str_eq(str_of(s->table[j].full_name), name))
                return &s->table[j];
            if (str_eq_fold(str_of(s->table[j].full_name), name))
                near = &s->table[j];
        }
    }
    return near;
}
