/* table.c -- one table of a description file and its counterpart in the store. */
#include <stdio.h>

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

static bool is_same(str a, str b, bool is_fold)
{
    return is_fold ? str_eq_fold(a, b) : str_eq(a, b);
}

/* True if `listed` is before + name, or ends in "." + before + name. */
static bool is_tail(str listed, str before, str name, bool is_fold)
{
    size_t len = before.len + name.len;
    if (listed.len < len)
        return false;
    str tail = {listed.at + listed.len - len, len};
    bool is_whole = listed.len == len;
    return (is_whole || (before.len && listed.at[listed.len - len - 1] == '.')) &&
           is_same((str){tail.at, before.len}, before, is_fold) &&
           is_same((str){tail.at + before.len, name.len}, name, is_fold);
}

/* The one table of the store that is before + name, in the case written if possible. */
static const struct store_table *find_one(const struct catalog_source *source, str before,
                                          str name)
{
    for (int is_fold = 0; is_fold < 2; is_fold++) {
        const struct store_table *found = NULL;
        uint32_t n = 0;
        for (uint32_t i = 0; i < source->ntable; i++)
            if (is_tail(str_of(source->table[i]->name), before, name, is_fold)) {
                found = source->table[i];
                n++;
            }
        if (n > 0)
            return n == 1 ? found : NULL;
    }
    return NULL;
}

/* Stores list "table", "schema.table" or "database.schema.table". The prefix says where to
 * look, as much of its end as the store writes; without one it is the schema's name. */
static const struct store_table *find_listed(const struct catalog_source *source,
                                             const char *schema, str name)
{
    char own[BUILD_MAX_NAME + 2];
    str before = str_of(source->native_prefix);
    const struct store_table *found;
    while (before.len > 0) {
        if ((found = find_one(source, before, name)))
            return found;
        size_t dot = str_find(before, '.');
        if (dot == before.len)
            break;
        before = (str){before.at + dot + 1, before.len - dot - 1};
    }
    if ((found = find_one(source, STR(""), name)))
        return found;
    if (source->native_prefix && *source->native_prefix)
        return NULL;
    snprintf(own, sizeof own, "%s.", schema);
    return find_one(source, str_of(own), name);
}

static str last_part(str name)
{
    for (size_t dot; (dot = str_find(name, '.')) < name.len;)
        name = (str){name.at + dot + 1, name.len - dot - 1};
    return name;
}

static const char *near_native(const struct catalog_source *source, str name)
{
    const char *best = NULL;
    uint32_t least = 1000;
    for (uint32_t i = 0; i < source->ntable; i++) {
        uint32_t score =
            near_score(last_part(name), last_part(str_of(source->table[i]->name)));
        if (score < least) {
            least = score;
            best = source->table[i]->name;
        }
    }
    return best;
}

static const struct store_table *
find_native(struct build *b, const struct catalog_source *source, const char *schema,
            const struct yaml_node *node, const char *published)
{
    const struct yaml_node *at = yaml_find(node, "colure:native");
    const char *native = yaml_text(at), *written = key_text(node, "name");
    str name = str_of(native ? native : *written == '"' ? published : written);
    if (!native)
        at = yaml_find(node, "name");
    const struct store_table *found = find_listed(source, schema, name);
    if (found)
        return found;
    const char *near = near_native(source, name);
    build_error(b, at,
                "the store has no table '%.30s%.60s'%s%s%s (put the store's name into "
                "colure:native, or take the table out)",
                source->native_prefix ? source->native_prefix : "", name.at,
                near ? "; the nearest is '" : "", near ? near : "",
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

static void add_quoted(struct bytes *out, str name, char quote)
{
    if (!quote) {
        bytes_add(out, name);
        return;
    }
    bytes_add_char(out, quote);
    for (size_t i = 0; i < name.len; i++) {
        if (name.at[i] == quote)
            bytes_add_char(out, quote);
        bytes_add_char(out, name.at[i]);
    }
    bytes_add_char(out, quote);
}

/* What the store lists, for SQL: behind a prefix the rest of the name in quotes, without
 * one each part in quotes. */
static const char *native_for_sql(struct build *b, const struct catalog_source *source,
                                  str listed)
{
    struct bytes out;
    str before = str_of(source->native_prefix);
    bytes_init(&out, 4096);
    bytes_add(&out, before);
    while (before.len > 0 && !str_starts_fold(listed, before)) {
        size_t dot = str_find(before, '.');
        before.at += dot + (dot < before.len);
        before.len -= dot + (dot < before.len);
    }
    bool has_prefix = out.len > 0;
    str rest = {listed.at + before.len, listed.len - before.len};
    if (has_prefix)
        add_quoted(&out, rest, source->quote);
    while (!has_prefix && rest.at) {
        add_quoted(&out, str_cut(&rest, '.'), source->quote);
        bytes_add(&out, rest.at ? STR(".") : STR(""));
    }
    const char *text = bytes_text(&out);
    text = build_copy(b, text ? text : "");
    bytes_free(&out);
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
    table->native = native_for_sql(b, source, str_of(native));
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
    const struct store_table *native =
        find_native(b, source, schema->name, node, t->table.name);
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
