/* describe.c -- one description file: the schema's own words, its tables, its examples. */
#include "core/catalog/build.h"

/* --- origin -----------------------------------------------------------------------------
 */

/* Field by field of struct catalog_origin; texts of several lines stay so. */
/* clang-format off */
static const struct {
    const char *key;
    size_t offset;
    bool has_lines;
} ORIGIN[] = {
#define FIELD(name, has_lines) {#name, offsetof(struct catalog_origin, name), has_lines}
    FIELD(title, false), FIELD(publisher, false), FIELD(contact, false),
    FIELD(reference_url, false), FIELD(citation, false), FIELD(bibcode, false), FIELD(doi, false),
    FIELD(licence, false), FIELD(licence_url, false), FIELD(ivoid, false),
    FIELD(version, false), FIELD(release_date, false), FIELD(what, true),
    FIELD(where, true), FIELD(when, true), FIELD(caveats, true)
#undef FIELD
};
/* clang-format on */

static const char *joined(struct build *b, const struct yaml_node *map, const char *key)
{
    struct bytes text;
    bytes_init(&text, 1 << 16);
    for (uint32_t i = 0; i < key_count(map, key); i++) {
        bytes_add(&text, i ? STR("; ") : STR(""));
        bytes_add(&text, key_item(map, key, i)->text);
    }
    const char *copy = bytes_text(&text);
    copy = copy && *copy ? build_copy(b, copy) : NULL;
    bytes_free(&text);
    return copy;
}

static void read_origin(struct build *b, const struct yaml_node *map,
                        struct catalog_origin *origin)
{
    if (!keys_check(b, map, KEYS_ORIGIN))
        return;
    for (size_t i = 0; i < sizeof ORIGIN / sizeof *ORIGIN; i++) {
        const char **field = (const char **)((char *)origin + ORIGIN[i].offset);
        *field = ORIGIN[i].has_lines ? build_copy(b, key_text(map, ORIGIN[i].key))
                                     : key_prose(b, map, ORIGIN[i].key);
    }
    origin->creator = joined(b, map, "creator");
    const char *ivoid = origin->ivoid;
    if (ivoid && !str_starts_fold(str_of(ivoid), STR("ivo://")))
        build_error(b, yaml_find(map, "ivoid"), "an ivoid begins with ivo://");
    str doi = str_of(origin->doi);
    if (origin->doi && (!str_starts_fold(doi, STR("10.")) || !memchr(doi.at, '/', doi.len)))
        build_error(b, yaml_find(map, "doi"), "a doi is written like 10.1000/abc");
}

static const char *read_version(struct build *b, const struct yaml_node *root)
{
    const struct yaml_node *version = yaml_find(root, "version");
    if (yaml_is_null(version))
        return NULL;
    if (version->kind == YAML_MAP && keys_check(b, version, KEYS_VERSION))
        return build_copy(b, key_text(version, "current"));
    if (version->kind == YAML_LIST)
        build_error(b, version, "'version' is a text or a map with 'current'");
    return build_copy(b, yaml_text(version));
}

/* --- schema -----------------------------------------------------------------------------
 */

static void read_schema(struct build *b, const struct yaml_node *root,
                        struct catalog_schema *schema)
{
    const struct yaml_node *origin = yaml_find(root, "colure:origin");
    schema->title = key_prose(b, root, "colure:title");
    schema->description = key_prose(b, root, "description");
    schema->utype = build_copy(b, key_text(root, "votable:utype"));
    if (!yaml_is_null(origin))
        read_origin(b, origin, &schema->origin);
    const char *version = read_version(b, root);
    if (!schema->origin.version)
        schema->origin.version = version;
    if (!schema->title)
        schema->title = schema->origin.title;
}

static bool is_reserved_schema(const char *name)
{
    return str_eq_fold(str_of(name), STR("tap_schema")) ||
           str_eq_fold(str_of(name), STR("tap_upload"));
}

/* The schema of that name, a new one if there is none; NULL: reported. */
static struct draft_schema *open_schema(struct build *b, const struct yaml_node *root)
{
    const char *name, *adql;
    const struct yaml_node *at = yaml_find(root, "name");
    if (!at || !key_name(b, at, "a schema", &name, &adql))
        return NULL;
    if (is_reserved_schema(name)) {
        build_error(b, at, "the schema '%s' is the node's own: choose another name", name);
        return NULL;
    }
    for (uint32_t i = 0; i < b->nschema; i++) {
        struct draft_schema *schema = &b->schema[i];
        if (strcmp(schema->schema.name, name) != 0)
            continue;
        static const char *const OWN[] = {"description", "version", "votable:utype",
                                          "colure:title", "colure:origin"};
        for (size_t k = 0; k < sizeof OWN / sizeof *OWN; k++)
            if (yaml_find(root, OWN[k]))
                build_warning(b, yaml_find(root, OWN[k]),
                              "'%s' of the schema '%s' is passed over: %.200s describes it",
                              OWN[k], name, schema->path);
        return schema;
    }
    struct draft_schema *schema = &b->schema[b->nschema];
    *schema = (struct draft_schema){.path = b->path, .node = root};
    schema->last = &schema->first;
    schema->schema.name = name;
    schema->schema.adql_name = adql;
    schema->schema.index = b->nschema++;
    read_schema(b, root, &schema->schema);
    return schema;
}

/* A second table of one name in the schema, of this file or an earlier one. */
static bool is_repeated(struct build *b, const struct draft_schema *schema,
                        const struct draft_table *table)
{
    for (const struct draft_table *t = schema->first; t; t = t->next)
        if (strcmp(t->table.name, table->table.name) == 0) {
            build_error(
                b, yaml_find(table->node, "name"),
                "a second table '%s' in the schema '%s' (the first is in %.200s, line "
                "%d)",
                table->table.name, schema->schema.name, t->path, t->node->line);
            return true;
        }
    return false;
}

static void add_tables(struct build *b, const struct catalog_source *source,
                       struct draft_schema *schema, const struct yaml_node *root)
{
    struct frames frames = {0};
    const struct yaml_node *list = yaml_find(root, "tables");
    frames_read(b, root, &frames);
    if (!list || list->kind != YAML_LIST)
        return;
    if (list->nitem > BUILD_MAX_TABLES) {
        build_error(b, list, "more than %d tables", BUILD_MAX_TABLES);
        return;
    }
    if (list->nitem == 0)
        build_warning(b, list, "the file describes no table yet");
    for (uint32_t i = 0; i < list->nitem && !b->is_full; i++) {
        struct draft_table *t =
            table_build(b, source, &schema->schema, &list->item[i], frames);
        if (!t || is_repeated(b, schema, t))
            continue;
        *schema->last = t;
        schema->last = &t->next;
        schema->ntable++;
    }
}

/* --- examples ---------------------------------------------------------------------------
 */

/* The id becomes an XML name in the examples document (DALI, "examples"). */
static bool is_id(str id)
{
    bool is_good = id.len > 0 && id.len <= 64;
    for (size_t i = 0; i < id.len; i++) {
        char c = ascii_lower(id.at[i]);
        bool is_letter = c >= 'a' && c <= 'z';
        bool is_more = (c >= '0' && c <= '9') || c == '-' || c == '_';
        is_good = is_good && (is_letter || (is_more && i > 0));
    }
    return is_good;
}

static void add_example(struct build *b, const struct yaml_node *node)
{
    if (!keys_check(b, node, KEYS_EXAMPLE))
        return;
    struct catalog_example *example = &b->example[b->nexample];
    const char *id = key_text(node, "id"), *query = key_text(node, "query");
    *example = (struct catalog_example){.id = build_copy(b, id),
                                        .name = key_prose(b, node, "name"),
                                        .description = key_prose(b, node, "description"),
                                        .query = build_copy(b, query)};
    if (!id || !query || !example->name)
        return;
    if (!is_id(str_of(id)))
        build_error(
            b, yaml_find(node, "id"),
            "an example's id is a letter, then letters, digits, '-', '_' (64 at most)");
    for (uint32_t i = 0; i < b->nexample; i++)
        if (strcmp(b->example[i].id, id) == 0)
            build_error(b, yaml_find(node, "id"),
                        "a second example '%.64s': ids are unique in the node", id);
    b->example_node[b->nexample] = node;
    b->example_path[b->nexample++] = b->path;
}

static void add_examples(struct build *b, const struct yaml_node *list)
{
    if (!list || list->kind != YAML_LIST)
        return;
    for (uint32_t i = 0; i < list->nitem; i++) {
        if (b->nexample == BUILD_MAX_EXAMPLES) {
            build_error(b, &list->item[i], "more than %d examples in the node",
                        BUILD_MAX_EXAMPLES);
            return;
        }
        add_example(b, &list->item[i]);
    }
}

static bool is_name_char(char c)
{
    char lower = ascii_lower(c);
    return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '"' || c == '.';
}

/* True if the text holds the name as a word of its own. */
static bool mentions(const char *query, const char *name)
{
    size_t len = strlen(name), n = strlen(query);
    for (size_t i = 0; i + len <= n; i++) {
        bool is_start = i == 0 || !is_name_char(query[i - 1]);
        bool is_end =
            i + len == n || query[i + len] == '.' || !is_name_char(query[i + len]);
        if (is_start && is_end && str_eq_fold((str){query + i, len}, str_of(name)))
            return true;
    }
    return false;
}

static const char *full_name(const struct catalog *catalog, str name)
{
    for (uint32_t i = 0; i < catalog->ntable; i++)
        if (str_eq_fold(name, str_of(catalog->table[i]->full_name)))
            return catalog->table[i]->full_name;
    return NULL;
}

static void set_named_tables(struct build *b, struct catalog_example *example,
                             const struct yaml_node *node, const char **table)
{
    for (uint32_t i = 0; i < key_count(node, "tables"); i++) {
        const struct yaml_node *at = key_item(node, "tables", i);
        const char *name = full_name(b->catalog, at->text);
        if (name)
            table[example->ntable++] = name;
        else
            build_error(b, at, "no table '%.80s' in the node (write schema.table)",
                        at->text.at);
    }
}

void describe_examples(struct build *b)
{
    for (uint32_t k = 0; k < b->nexample; k++) {
        struct catalog_example *example = &b->example[k];
        const struct yaml_node *node = b->example_node[k];
        uint32_t nnamed = key_count(node, "tables"), ntable = b->catalog->ntable;
        const char **table =
            build_new_array(b, b->arena, const char *, nnamed > ntable ? nnamed : ntable);
        if (!table)
            return;
        b->path = b->example_path[k];
        set_named_tables(b, example, node, table);
        for (uint32_t i = 0; nnamed == 0 && i < ntable; i++)
            if (mentions(example->query, b->catalog->table[i]->full_name))
                table[example->ntable++] = b->catalog->table[i]->full_name;
        example->table = table;
    }
}

/* --- the file ---------------------------------------------------------------------------
 */

void describe_source(struct build *b, const struct catalog_source *source)
{
    struct err e = {0};
    const struct yaml_node *root =
        yaml_parse_file(source->path, &YAML_LIMITS, b->scratch, &e);
    b->path = source->path;
    if (!root) {
        struct yaml_node at = {.line = e.line, .column = e.column};
        build_error(b, &at, "%s", e.message);
        return;
    }
    if (!keys_check(b, root, KEYS_SCHEMA))
        return;
    struct draft_schema *schema = open_schema(b, root);
    if (!schema)
        return;
    add_tables(b, source, schema, root);
    add_examples(b, yaml_find(root, "colure:examples"));
}
