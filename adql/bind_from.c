/* bind_from.c -- tables: of the catalog, uploaded, of WITH, derived; and joins of them. */
#include <stdio.h>

#include "adql/bind.h"

enum { SQL_NAME_BYTES = 48 };

/* --- names in the statement --- */

static bool is_taken(const struct binder *b, const char *name)
{
    for (uint32_t i = 0; i < b->nsql_name; i++)
        if (str_eq_fold(str_of(b->sql_name[i]), str_of(name)))
            return true;
    return false;
}

const char *bind_sql_name(struct binder *b, str wanted)
{
    size_t len = wanted.len < SQL_NAME_BYTES ? wanted.len : SQL_NAME_BYTES;
    while (len > 0 && len < wanted.len && ((unsigned char)wanted.at[len] & 0xC0) == 0x80)
        len--;
    char *name = arena_text(b->arena, (str){wanted.at, len});
    for (unsigned i = 2; name && is_taken(b, name); i++)
        name = arena_format(b->arena, "%.*s_%u", (int)len, wanted.at, i);
    if (!name) {
        bind_no_memory(b);
        return NULL;
    }
    b->sql_name[b->nsql_name++] = name;
    return name;
}

/* --- tables --- */

static const struct catalog_table *find_upload(const struct binder *b,
                                               const struct adql_path *path)
{
    const struct adql_name *name = &path->part[path->npart - 1];
    for (uint32_t i = 0; i < b->scope->nupload; i++) {
        struct adql_name other = {str_of(b->scope->upload[i].name), false};
        if (name_matches(&other, true, name))
            return &b->scope->upload[i];
    }
    return NULL;
}

static bool is_upload_path(const struct adql_path *path)
{
    return path->npart >= 2 &&
           str_eq_fold(path->part[path->npart - 2].text, STR("tap_upload"));
}

static void path_words(const struct adql_path *path, char *out, size_t len)
{
    size_t used = 0;
    out[0] = '\0';
    for (uint32_t i = 0; i < path->npart && used < len; i++)
        used += (size_t)snprintf(
            out + used, len - used, "%s%.*s", i ? "." : "",
            (int)(path->part[i].text.len < 80 ? path->part[i].text.len : 80),
            path->part[i].text.at);
}

static bool no_such_table(struct binder *b, const struct adql_from *from, bool is_ambiguous)
{
    char name[300];
    const struct adql_path *path = &from->path;
    str schema = path->npart >= 2 ? path->part[path->npart - 2].text : (str){NULL, 0};
    path_words(path, name, sizeof name);
    if (is_ambiguous)
        return FAIL_AT(b, from,
                       "table `%s` is ambiguous: several schemas have one; write schema.%s",
                       name, name);
    if (is_upload_path(path))
        return FAIL_AT(b, from, "no uploaded table `%s`; %s", name,
                       b->scope->nupload ? "check the names in UPLOAD"
                                         : "this request has no UPLOAD");
    if (find_upload(b, path))
        return FAIL_AT(b, from, "no table `%s`; did you mean `TAP_UPLOAD.%s`?", name, name);
    const struct catalog *catalog = b->scope->catalog;
    const char *near =
        !catalog ? NULL
                 : catalog_near_table(catalog, schema, path->part[path->npart - 1].text);
    if (near)
        return FAIL_AT(b, from, "no table `%s`; did you mean `%s`?", name, near);
    return FAIL_AT(b, from, "no table `%s`; TAP_SCHEMA.tables lists all tables", name);
}

/* The table's entry among those that the query uses. */
static bool use_table(struct binder *b, struct adql_from *from)
{
    const struct catalog_table *table = from->table;
    for (uint32_t i = 0; i < b->nused; i++)
        if (b->used[i].table == table) {
            from->itable = i;
            return true;
        }
    struct used *used = &b->used[b->nused];
    *used = (struct used){table, from->is_upload,
                          arena_new_array(b->arena, uint64_t, table->ncolumn / 64 + 1)};
    from->itable = b->nused++;
    return used->column || bind_no_memory(b);
}

static bool bind_cte_reference(struct binder *b, struct adql_from *from)
{
    for (uint32_t i = 0; i < b->ncte; i++) {
        const struct adql_cte *cte = &b->q->cte[i];
        if (!name_matches(&cte->name, false, &from->path.part[0]))
            continue;
        from->kind = ADQL_FROM_CTE;
        from->cte = cte;
        from->query = cte->query;
        return true;
    }
    return false;
}

static bool bind_table(struct binder *b, struct adql_from *from)
{
    const struct adql_path *path = &from->path;
    struct adql_name name = path->part[path->npart - 1], schema = {{NULL, 0}, false};
    bool is_ambiguous = false;
    if (path->npart == 1 && bind_cte_reference(b, from))
        return true;
    if (path->npart >= 2)
        schema = path->part[path->npart - 2];
    from->is_upload = is_upload_path(path);
    if (from->is_upload)
        from->table = find_upload(b, path);
    else if (b->scope->catalog)
        from->table = catalog_find_table(
            b->scope->catalog, (struct catalog_name){schema.text, schema.is_quoted},
            (struct catalog_name){name.text, name.is_quoted}, &is_ambiguous);
    return from->table ? use_table(b, from) : no_such_table(b, from, is_ambiguous);
}

/* --- joins --- */

static void set_nullable(struct adql_from *from)
{
    from->is_nullable = true;
    if (from->kind == ADQL_FROM_JOIN) {
        set_nullable(from->left);
        set_nullable(from->right);
    }
}

/* ON sees the tables of its own join only, not those before a comma (pitfall 1). */
static bool bind_on(struct binder *b, struct adql_from *join)
{
    struct level *level = b->level;
    struct adql_from **from = level->from;
    uint32_t nfrom = level->nfrom;
    level->from = &join;
    level->nfrom = 1;
    level->clause = CLAUSE_FROM;
    bool ok = bind_node(b, join->on);
    level->from = from;
    level->nfrom = nfrom;
    return ok;
}

static bool bind_join(struct binder *b, struct adql_from *join)
{
    if (!bind_from(b, join->left) || !bind_from(b, join->right))
        return false;
    if (join->join == ADQL_LEFT || join->join == ADQL_FULL)
        set_nullable(join->right);
    if (join->join == ADQL_RIGHT || join->join == ADQL_FULL)
        set_nullable(join->left);
    if (join->is_natural || join->nusing)
        return bind_join_names(b, join);
    return !join->on || bind_on(b, join);
}

bool bind_from(struct binder *b, struct adql_from *from)
{
    from->level = b->level->number;
    if (from->kind == ADQL_FROM_JOIN)
        return bind_join(b, from);
    if (from->kind == ADQL_FROM_QUERY) {
        /* Tables beside it are not seen from inside; those of outer queries are. */
        if (!bind_set(b, from->query, b->level->outer))
            return false;
    } else if (!bind_table(b, from))
        return false;
    if (from->sample_percent > 0 && from->kind != ADQL_FROM_TABLE)
        return FAIL_AT(b, from, "TABLESAMPLE works on tables of the catalog only");
    str name =
        from->alias.text.at ? from->alias.text : from->path.part[from->path.npart - 1].text;
    from->sql_name = bind_sql_name(b, name);
    return from->sql_name != NULL;
}
