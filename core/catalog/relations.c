/* relations.c -- primary keys, indexes and foreign keys of a description file. */
#include "core/catalog/build.h"

/* A column in a file, and the table it is in. */
struct place {
    const struct draft_table *table;
    uint32_t column;
};

static bool find_column(const struct draft_table *t, str name, uint32_t *column)
{
    for (uint32_t i = 0; i < t->table.ncolumn; i++) {
        const char *written = key_text(t->column_node[i], "name");
        if (str_eq_fold(name, str_of(t->column[i].meta.name)) ||
            (written && str_eq(name, str_of(written)))) {
            *column = i;
            return true;
        }
    }
    return false;
}

static bool find_id(const struct draft_table *t, str id, uint32_t *column)
{
    for (uint32_t i = 0; i < t->table.ncolumn; i++) {
        const char *own = key_text(t->column_node[i], "@id");
        if (own && str_eq(id, str_of(own))) {
            *column = i;
            return true;
        }
    }
    return false;
}

static const struct draft_schema *find_schema(const struct build *b, str name)
{
    for (uint32_t i = 0; i < b->nschema; i++)
        if (str_eq_fold(name, str_of(b->schema[i].schema.name)))
            return &b->schema[i];
    return NULL;
}

/* "column", "table.column", "schema.table.column" */
static bool find_path(const struct build *b, const struct draft_schema *schema,
                      const struct draft_table *own, str path, struct place *place)
{
    str part[3];
    size_t n = 0;
    while (path.at && n < 3)
        part[n++] = str_cut(&path, '.');
    if (path.at)
        return false;
    place->table = own;
    if (n == 3)
        schema = find_schema(b, part[0]);
    if (n >= 2)
        place->table = schema ? draft_find(schema, part[n - 2]) : NULL;
    return place->table && find_column(place->table, part[n - 1], &place->column);
}

/* An "@id" of the file, or a name; "#" before a name is passed over. */
static bool find_place(const struct build *b, const struct draft_schema *schema,
                       const struct draft_table *own, const char *text, struct place *place)
{
    for (const struct draft_table *t = schema->first; t; t = t->next)
        if (find_id(t, str_of(text), &place->column)) {
            place->table = t;
            return true;
        }
    return find_path(b, schema, own, str_of(*text == '#' ? text + 1 : text), place);
}

/* A column of the table itself, for keys and indexes; schema is not looked at. */
static bool find_own(struct build *b, const struct draft_table *t,
                     const struct yaml_node *at, uint32_t *column)
{
    str name = at->text;
    if (find_id(t, name, column))
        return true;
    if (name.len && name.at[0] == '#') { /* "#table.column" without its "@id" */
        name = (str){name.at + 1, name.len - 1};
        for (size_t dot; (dot = str_find(name, '.')) < name.len;)
            name = (str){name.at + dot + 1, name.len - dot - 1};
    }
    if (find_column(t, name, column))
        return true;
    const char *near = catalog_near_column(&t->table, name);
    build_error(b, at, "the table '%s' has no column '%.60s'%s%s%s", t->table.name,
                at->text.at, near ? ": did you mean '" : "", near ? near : "",
                near ? "'?" : "");
    return false;
}

static void flag_index(struct build *b, struct draft_table *t,
                       const struct yaml_node *index)
{
    uint32_t column;
    if (!keys_check(b, index, KEYS_INDEX))
        return;
    for (uint32_t i = 0; i < key_count(index, "columns"); i++)
        if (find_own(b, t, key_item(index, "columns", i), &column) && i == 0)
            t->column[column].meta.flags |= STORE_INDEXED;
}

/* A key always has a value, whether the store has said so or not. */
static void flag_key(struct build *b, struct store_column *c, const struct yaml_node *at)
{
    if (c->null_fraction > 0)
        build_error(b, at,
                    "'%s' cannot be a primary key: %.3g %% of the store's values are NULL",
                    c->name, 100 * c->null_fraction);
    c->flags |= STORE_KEY;
    c->flags &= ~(uint32_t)STORE_NULLABLE;
}

void relations_flags(struct build *b, struct draft_table *t)
{
    uint32_t column;
    for (uint32_t i = 0; i < key_count(t->node, "primaryKey"); i++)
        if (find_own(b, t, key_item(t->node, "primaryKey", i), &column))
            flag_key(b, &t->column[column].meta, key_item(t->node, "primaryKey", i));
    const struct yaml_node *list = yaml_find(t->node, "indexes");
    for (uint32_t i = 0; list && list->kind == YAML_LIST && i < list->nitem; i++)
        flag_index(b, t, &list->item[i]);
}

/* --- foreign keys -----------------------------------------------------------------------
 */

static bool is_same_type(const struct catalog_column *a, const struct catalog_column *b)
{
    return a->meta.type == b->meta.type;
}

static bool fill_pair(struct build *b, const struct draft_schema *schema,
                      const struct draft_table *t, const struct yaml_node *from,
                      const struct yaml_node *to, struct place *target,
                      const char **from_name, const char **to_name)
{
    uint32_t column;
    if (!find_own(b, t, from, &column))
        return false;
    if (!find_place(b, schema, t, to->text.at, target)) {
        build_error(b, to,
                    "'%.80s' is no column: write column, table.column, schema.table.column "
                    "or its \"@id\"",
                    to->text.at);
        return false;
    }
    const struct catalog_column *a = &t->column[column];
    const struct catalog_column *c = &target->table->column[target->column];
    if ((a->meta.flags | c->meta.flags) & STORE_HIDDEN) {
        build_error(b, from, "a hidden column is part of a foreign key");
        return false;
    }
    if (!is_same_type(a, c))
        build_warning(b, from, "the columns of a foreign key differ in type (%s and %s)",
                      type_felis_name(&a->meta), type_felis_name(&c->meta));
    *from_name = a->adql_name;
    *to_name = c->adql_name;
    return true;
}

static bool build_key(struct build *b, const struct draft_schema *schema,
                      const struct draft_table *t, const struct yaml_node *node,
                      struct catalog_key *key)
{
    uint32_t n = key_count(node, "columns"),
             nreferenced = key_count(node, "referencedColumns");
    const char *name = key_text(node, "name");
    if (!name)
        return false;
    if (n == 0 || n != nreferenced) {
        build_error(b, node,
                    "a foreign key needs 'columns' and as many 'referencedColumns'");
        return false;
    }
    const char **from = build_new_array(b, b->arena, const char *, n);
    const char **to = build_new_array(b, b->arena, const char *, n);
    struct place target = {0}, first = {0};
    if (!from || !to)
        return false;
    for (uint32_t i = 0; i < n; i++) {
        const struct yaml_node *at = key_item(node, "referencedColumns", i);
        if (!fill_pair(b, schema, t, key_item(node, "columns", i), at, &target, &from[i],
                       &to[i]))
            return false;
        if (i == 0)
            first = target;
        if (target.table != first.table) {
            build_error(b, at, "the referenced columns of a foreign key are in one table");
            return false;
        }
    }
    const char *utype = key_text(node, "votable:utype");
    *key = (struct catalog_key){
        .id = arena_format(b->arena, "%s.%s", schema->schema.name, name),
        .description = key_prose(b, node, "description"),
        .utype = build_copy(b, utype),
        .target = target.table->table.full_name,
        .ncolumn = n,
        .from_column = from,
        .to_column = to};
    b->is_full = b->is_full || !key->id;
    return key->id != NULL;
}

/* TAP_SCHEMA.keys.key_id is unique. */
static void check_id(struct build *b, const struct draft_schema *schema,
                     const struct draft_table *own, const struct yaml_node *node,
                     const char *id)
{
    for (const struct draft_table *t = schema->first; t; t = t->next) {
        for (uint32_t i = 0; i < t->table.nkey; i++)
            if (str_eq_fold(str_of(t->table.key[i].id), str_of(id)))
                build_error(b, yaml_find(node, "name"),
                            "a second foreign key of this name in the schema (the first is "
                            "of the table '%s')",
                            t->table.name);
        if (t == own)
            return;
    }
}

static void check_columns(struct build *b, const struct draft_table *t,
                          const struct yaml_node *node)
{
    uint32_t column;
    for (uint32_t i = 0; i < key_count(node, "columns"); i++)
        (void)find_own(b, t, key_item(node, "columns", i), &column);
}

void relations_keys(struct build *b, struct draft_schema *schema, struct draft_table *t)
{
    const struct yaml_node *list = yaml_find(t->node, "constraints");
    if (!list || list->kind != YAML_LIST)
        return;
    b->path = t->path;
    struct catalog_key *key =
        build_new_array(b, b->arena, struct catalog_key, list->nitem + 1);
    if (!key)
        return;
    t->table.key = key;
    for (uint32_t i = 0; i < list->nitem; i++) {
        const struct yaml_node *node = &list->item[i];
        if (!keys_check(b, node, KEYS_CONSTRAINT))
            continue;
        const char *type = key_text(node, "@type");
        if (type && strcmp(type, "ForeignKey") == 0) {
            if (!build_key(b, schema, t, node, &key[t->table.nkey]))
                continue;
            check_id(b, schema, t, node, key[t->table.nkey].id);
            t->table.nkey++;
        } else if (type && strcmp(type, "Unique") == 0)
            check_columns(b, t, node);
        else if (type && strcmp(type, "Check") != 0)
            build_error(b, yaml_find(node, "@type"),
                        "'%.60s' is not a constraint: ForeignKey, Unique or Check", type);
    }
}
