/* table.c -- one table of a description file and its counterpart in the store. */
#include "core/catalog/build.h"
#include "core/catalog/near.h"

struct draft_table *draft_find(const struct draft_schema *schema, str name)
{
    for (struct draft_table *t = schema->first; t; t = t->next) {
        const char *written = key_text(t->node, "name");
        if (str_eq_fold(name, str_of(t->table.name)) ||
            (written && str_eq(name, str_of(written))))
            return t;
    }
    return NULL;
}

/* --- the store's table ------------------------------------------------------------------
 */

static const struct store_table *find_exact(const struct catalog_source *source, str name)
{
    for (uint32_t i = 0; i < source->ntable; i++)
        if (str_eq(name, str_of(source->table[i]->name)))
            return source->table[i];
    return NULL;
}

static const struct store_table *find_fold(const struct catalog_source *source, str name)
{
    const struct store_table *found = NULL;
    for (uint32_t i = 0; i < source->ntable; i++)
        if (str_eq_fold(name, str_of(source->table[i]->name))) {
            if (found)
                return NULL;
            found = source->table[i];
        }
    return found;
}

static const char *near_native(const struct catalog_source *source, str name)
{
    const char *best = NULL;
    uint32_t least = 1000;
    for (uint32_t i = 0; i < source->ntable; i++) {
        uint32_t score = near_score(name, str_of(source->table[i]->name));
        if (score < least) {
            least = score;
            best = source->table[i]->name;
        }
    }
    return best;
}

static const struct store_table *find_native(struct build *b,
                                             const struct catalog_source *source,
                                             const struct yaml_node *node,
                                             const char *published)
{
    const struct yaml_node *at = yaml_find(node, "colure:native");
    const char *native = yaml_text(at), *written = key_text(node, "name");
    str name = str_of(native ? native : *written == '"' ? published : written);
    if (!native)
        at = yaml_find(node, "name");
    const struct store_table *found = find_exact(source, name);
    if (!found)
        found = find_fold(source, name);
    if (found)
        return found;
    const char *near = near_native(source, name);
    build_error(b, at,
                "the store has no table '%.60s'%s%s%s (put the store's name into "
                "colure:native, or take the table out)",
                name.at, near ? "; the nearest is '" : "", near ? near : "",
                near             ? "'"
                : source->ntable ? ""
                                 : ": it has none at all");
    return NULL;
}

/* The table as the store describes it, whatever the size it declares. */
static struct store_table *copy_store_table(struct build *b, const struct store_table *from)
{
    struct store_table *table = build_new_array(b, b->scratch, struct store_table, 1);
    if (!table)
        return NULL;
    *table = (struct store_table){.lon_column = -1,
                                  .lat_column = -1,
                                  .hpx_column = -1,
                                  .hpx_order = -1,
                                  .row_estimate = -1};
    size_t size = from->size && from->size < sizeof *table ? from->size : sizeof *table;
    memcpy(table, from, size);
    if (table->hpx_order < 0 || table->hpx_order > 29)
        table->hpx_column = -1;
    return table;
}

/* Prefix and name, in the store's quotes, as SQL wants it. */
static const char *native_for_sql(struct build *b, const struct catalog_source *source,
                                  const char *name)
{
    size_t len = strlen(name),
           at = source->native_prefix ? strlen(source->native_prefix) : 0;
    char *text = build_new_array(b, b->arena, char, at + 2 * len + 3);
    if (!text)
        return "";
    if (at)
        memcpy(text, source->native_prefix, at);
    if (source->quote)
        text[at++] = source->quote;
    for (size_t i = 0; i < len; i++) {
        if (source->quote && name[i] == source->quote)
            text[at++] = source->quote;
        text[at++] = name[i];
    }
    if (source->quote)
        text[at] = source->quote;
    return text;
}

/* --- one table --------------------------------------------------------------------------
 */

static void set_names(struct build *b, const struct catalog_source *source,
                      const struct catalog_schema *schema, struct draft_table *t)
{
    struct catalog_table *table = &t->table;
    const char *native = t->store ? t->store->name : table->name;
    table->schema = schema->name;
    const char *schema_adql = name_in_adql(b->arena, str_of(schema->name));
    const char *own_adql = name_in_adql(b->arena, str_of(table->name));
    if (schema_adql && own_adql)
        table->full_name = arena_format(b->arena, "%s.%s", schema_adql, own_adql);
    b->is_full = b->is_full || !table->full_name;
    table->store = source->store;
    table->store_name = build_copy(b, native);
    table->native = native_for_sql(b, source, native);
}

static void set_words(struct build *b, struct draft_table *t)
{
    struct catalog_table *table = &t->table;
    table->title = key_prose(b, t->node, "colure:title");
    table->description = key_prose(b, t->node, "description");
    if (!table->description && t->store)
        table->description = build_copy(b, t->store->description);
    table->utype = build_copy(b, key_text(t->node, "votable:utype"));
    table->is_view = key_flag(t->node, "colure:view", false);
    table->row_estimate =
        key_int(t->node, "colure:rows", t->store ? t->store->row_estimate : -1);
    if (table->row_estimate < 0)
        table->row_estimate = -1;
    t->order = key_int(t->node, "tap:table_index", INT64_MAX);
}

struct draft_table *table_build(struct build *b, const struct catalog_source *source,
                                const struct catalog_schema *schema,
                                const struct yaml_node *node, struct frames frames)
{
    const char *adql;
    if (!keys_check(b, node, KEYS_TABLE))
        return NULL;
    struct draft_table *t = build_new_array(b, b->scratch, struct draft_table, 1);
    const struct yaml_node *name = yaml_find(node, "name");
    if (!t || !name || !key_name(b, name, "a table", &t->table.name, &adql))
        return NULL;
    t->source = source;
    t->path = b->path;
    t->node = node;
    const struct store_table *native = find_native(b, source, node, t->table.name);
    t->store = native ? copy_store_table(b, native) : NULL;
    set_names(b, source, schema, t);
    set_words(b, t);
    columns_build(b, t);
    if (b->is_full)
        return NULL;
    relations_flags(b, t);
    frames_set(b, t, frames);
    return t;
}
