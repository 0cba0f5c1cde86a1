/* bind_name.c -- which column a name means (ADQL-2, 3, 4, 25), and what to say when it
 * means none or several. */
#include <stdio.h>

#include "adql/bind.h"

/* --- columns of tables --- */

uint32_t from_ncolumn(const struct adql_from *from)
{
    return from->table ? from->table->ncolumn : from->query->noutput;
}

const struct store_column *from_column(const struct adql_from *from, uint32_t icolumn)
{
    return from->table ? &from->table->column[icolumn].meta
                       : &from->query->output[icolumn].meta;
}

struct adql_name from_column_name(const struct adql_from *from, uint32_t icolumn,
                                  bool *is_published)
{
    const struct store_column *meta = from_column(from, icolumn);
    *is_published = from->table || from->query->output[icolumn].is_published;
    bool is_quoted = !from->table && from->query->output[icolumn].name.is_quoted;
    return (struct adql_name){str_of(meta->name), is_quoted};
}

static bool is_lower_of(str plain, str name)
{
    if (plain.len != name.len)
        return false;
    for (size_t i = 0; i < plain.len; i++)
        if (ascii_lower(plain.at[i]) != name.at[i])
            return false;
    return true;
}

/* A name of the catalog is the same in any case; of two names in the query the regular one
 * counts as lower case against the delimited one (ADQL-4). */
bool name_matches(const struct adql_name *declared, bool is_published,
                  const struct adql_name *wanted)
{
    if (!wanted->is_quoted && (is_published || !declared->is_quoted))
        return str_eq_fold(declared->text, wanted->text);
    if (!wanted->is_quoted)
        return is_lower_of(wanted->text, declared->text);
    if (is_published || declared->is_quoted)
        return str_eq(declared->text, wanted->text);
    return is_lower_of(declared->text, wanted->text);
}

/* --- looking for a column --- */

static void find_in_table(struct adql_from *from, const struct adql_name *name,
                          struct found *found)
{
    const struct catalog_column *c = catalog_find_column(
        from->table, (struct catalog_name){name->text, name->is_quoted});
    if (!c || (c->meta.flags & STORE_HIDDEN))
        return;
    found->n++;
    found->from = from;
    found->icolumn = c->index;
}

static void find_in_outputs(struct adql_from *from, const struct adql_name *name,
                            struct found *found)
{
    for (uint32_t i = 0; i < from->query->noutput; i++) {
        const struct adql_output *o = &from->query->output[i];
        if (!name_matches(&o->name, o->is_published, name))
            continue;
        found->n++;
        found->from = from;
        found->icolumn = i;
    }
}

void find_column(struct adql_from *from, const struct adql_name *name, struct found *found)
{
    if (from->kind != ADQL_FROM_JOIN) {
        if (from->table)
            find_in_table(from, name, found);
        else
            find_in_outputs(from, name, found);
        return;
    }
    for (uint32_t i = 0; i < from->nmerged; i++)
        if (name_matches(&from->merged[i].name, true, name)) {
            found->n++;
            found->merged = &from->merged[i];
            return;
        }
    find_column(from->left, name, found);
    find_column(from->right, name, found);
}

/* An alias hides the table's name (ADQL-25). */
bool from_is_called(const struct adql_from *from, const struct adql_name *part,
                    uint32_t npart)
{
    const struct adql_path *path = &from->path;
    if (from->alias.text.at)
        return npart == 1 && name_matches(&from->alias, false, part);
    if (from->kind == ADQL_FROM_JOIN || npart == 0)
        return false;
    if (!from->table)
        return npart == 1 && name_matches(&path->part[path->npart - 1], false, part);
    const struct adql_name *table = &part[npart - 1];
    struct adql_name name = {str_of(from->table->name), false};
    struct adql_name schema = {str_of(from->table->schema), false};
    if (!name_matches(&name, true, table))
        return false;
    if (npart >= 2 && !name_matches(&schema, true, &part[npart - 2]))
        return false;
    return npart < 3 || (path->npart == 3 && name_matches(&path->part[0], false, &part[0]));
}

static void find_qualified(struct adql_from *from, const struct adql_path *path,
                           struct found *found, uint32_t *ntable, struct adql_from **table)
{
    if (from->kind == ADQL_FROM_JOIN) {
        find_qualified(from->left, path, found, ntable, table);
        find_qualified(from->right, path, found, ntable, table);
    } else if (from_is_called(from, path->part, path->npart - 1)) {
        ++*ntable;
        *table = from;
        find_column(from, &path->part[path->npart - 1], found);
    }
}

/* --- messages --- */

static const char *near_output(const struct adql_set *query, str name)
{
    const char *best = NULL;
    size_t limit = name.len < 5 ? 1 : 3;
    for (uint32_t i = 0; i < query->noutput; i++) {
        const char *other = query->output[i].meta.name;
        size_t d = str_edit_distance(name, str_of(other), limit);
        if (d <= limit && (!best || d < limit)) {
            best = other;
            limit = d;
        }
    }
    return best;
}

static const char *near_column(const struct adql_from *from, str name)
{
    if (from->kind == ADQL_FROM_JOIN) {
        const char *left = near_column(from->left, name);
        return left ? left : near_column(from->right, name);
    }
    return from->table ? catalog_near_column(from->table, name)
                       : near_output(from->query, name);
}

static void from_words(const struct adql_from *from, char *out, size_t len)
{
    size_t used = strlen(out);
    if (from->kind == ADQL_FROM_JOIN) {
        from_words(from->left, out, len);
        from_words(from->right, out, len);
        return;
    }
    const char *comma = used ? ", " : "";
    if (from->table && !from->alias.text.at)
        snprintf(out + used, len - used, "%s`%s`", comma, from->table->full_name);
    else {
        str name = from->alias.text.at ? from->alias.text
                                       : from->path.part[from->path.npart - 1].text;
        snprintf(out + used, len - used, "%s`%.*s`", comma,
                 (int)(name.len < 60 ? name.len : 60), name.at);
    }
}

/* The tables that can be seen from here, for a message. */
static void tables_words(const struct binder *b, char *out, size_t len)
{
    out[0] = '\0';
    for (const struct level *l = b->level; l; l = l->outer)
        for (uint32_t i = 0; i < l->nfrom; i++)
            from_words(l->from[i], out, len);
    if (!out[0])
        snprintf(out, len, "none");
}

static bool is_alias_of_item(const struct binder *b, const struct adql_name *name)
{
    const struct adql_select *q = b->level ? b->level->select : NULL;
    for (uint32_t i = 0; q && i < q->nitem; i++)
        if (q->item[i].alias.text.at && name_matches(&q->item[i].alias, false, name))
            return true;
    return false;
}

static bool no_such_column(struct binder *b, const struct adql_node *n,
                           const struct adql_name *name, const struct adql_from *table)
{
    char tables[300];
    const char *near = table ? near_column(table, name->text) : NULL;
    for (const struct level *l = b->level; !table && l && !near; l = l->outer)
        for (uint32_t i = 0; i < l->nfrom && !near; i++)
            near = near_column(l->from[i], name->text);
    tables[0] = '\0';
    if (table)
        from_words(table, tables, sizeof tables);
    else
        tables_words(b, tables, sizeof tables);
    int len = (int)(name->text.len < 100 ? name->text.len : 100);
    if (is_alias_of_item(b, name))
        return FAIL_AT(
            b, n,
            "`%.*s` is the name of a result column: it can be used in ORDER BY only; "
            "repeat its expression here",
            len, name->text.at);
    if (near)
        return FAIL_AT(b, n, "no column `%.*s` in %s; did you mean `%s`?", len,
                       name->text.at, tables, near);
    return FAIL_AT(b, n, "no column `%.*s` in %s", len, name->text.at, tables);
}

static bool no_such_qualifier(struct binder *b, const struct adql_node *n,
                              const struct adql_path *path)
{
    char tables[300];
    str name = path->part[path->npart - 2].text;
    tables_words(b, tables, sizeof tables);
    return FAIL_AT(b, n,
                   "`%.*s` is no table or alias of this query (an alias hides the table's "
                   "name); there are: %s",
                   (int)(name.len < 100 ? name.len : 100), name.at, tables);
}

/* --- binding --- */

static void mark_used(struct binder *b, const struct adql_from *from, uint32_t icolumn)
{
    if (from->table)
        b->used[from->itable].column[icolumn / 64] |= (uint64_t)1 << (icolumn % 64);
}

bool bind_to_column(struct binder *b, struct adql_node *n, struct adql_from *from,
                    uint32_t icolumn)
{
    const struct store_column *meta = from_column(from, icolumn);
    bool is_listed = !b->level || b->level->clause == CLAUSE_SELECT;
    if ((meta->flags & STORE_NO_SEARCH) && !is_listed)
        return FAIL_AT(
            b, n,
            "column `%s` can only be selected: this service does not search, join, "
            "group or sort by it",
            meta->name);
    n->kind = ADQL_COLUMN;
    n->from = from;
    n->icolumn = icolumn;
    n->meta = meta;
    n->type = from->table ? (uint8_t)adql_type_of_column(meta)
                          : from->query->output[icolumn].type;
    mark_used(b, from, icolumn);
    return true;
}

/* A merged column's meaning, at the place where it is named. */
static bool bind_to_merged(struct binder *b, struct adql_node *n,
                           const struct adql_merged *merged)
{
    const struct adql_node *value = merged->value;
    if (value->kind == ADQL_COLUMN)
        return bind_to_column(b, n, value->from, value->icolumn);
    int32_t line = n->line, column = n->column, length = n->length;
    *n = *value;
    n->line = line;
    n->column = column;
    n->length = length;
    return true;
}

static bool bind_qualified(struct binder *b, struct adql_node *n,
                           const struct adql_path *path)
{
    const struct adql_name *name = &path->part[path->npart - 1];
    for (struct level *l = b->level; l; l = l->outer) {
        struct found found = {0};
        struct adql_from *table = NULL;
        uint32_t ntable = 0;
        for (uint32_t i = 0; i < l->nfrom; i++)
            find_qualified(l->from[i], path, &found, &ntable, &table);
        if (ntable > 1 || found.n > 1)
            return FAIL_AT(b, n,
                           "`%.*s.%.*s` is ambiguous: more than one %s here has this name",
                           STR_FMT(path->part[path->npart - 2].text), STR_FMT(name->text),
                           ntable > 1 ? "table" : "column");
        if (found.n == 1)
            return bind_to_column(b, n, found.from, found.icolumn);
        if (ntable == 1)
            return no_such_column(b, n, name, table);
    }
    return no_such_qualifier(b, n, path);
}

bool bind_column(struct binder *b, struct adql_node *n)
{
    const struct adql_path *path = n->path;
    if (path->npart > 1)
        return bind_qualified(b, n, path);
    for (struct level *l = b->level; l; l = l->outer) {
        struct found found = {0};
        for (uint32_t i = 0; i < l->nfrom; i++)
            find_column(l->from[i], &path->part[0], &found);
        if (found.n > 1)
            return FAIL_AT(
                b, n,
                "column `%.*s` is ambiguous: more than one table here has it; write "
                "its table or alias before it, as in t.%.*s",
                STR_FMT(path->part[0].text), STR_FMT(path->part[0].text));
        if (found.n == 1)
            return found.merged ? bind_to_merged(b, n, found.merged)
                                : bind_to_column(b, n, found.from, found.icolumn);
    }
    return no_such_column(b, n, &path->part[0], NULL);
}
