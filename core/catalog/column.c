/* column.c -- the columns of a table: the description laid over what the store reports. */
#include <math.h>
#include <stdlib.h>

#include "core/catalog/build.h"
#include "core/catalog/near.h"

enum {
    OF_STORE = STORE_NULLABLE | STORE_INDEXED | STORE_KEY | STORE_NO_SEARCH | STORE_SORTED
};

struct store_column column_of_store(const struct store_column *from)
{
    struct store_column column = {
        .minimum = NAN, .maximum = NAN, .null_fraction = NAN, .length = 1};
    size_t size = from->size && from->size < sizeof column ? from->size : sizeof column;
    memcpy(&column, from, size);
    column.size = sizeof column;
    return column;
}

/* --- the store's column -----------------------------------------------------------------
 */

static const struct store_column *find_exact(const struct store_table *table, str name)
{
    for (uint32_t i = 0; i < table->ncolumn; i++)
        if (str_eq(name, str_of(table->column[i]->name)))
            return table->column[i];
    return NULL;
}

/* Without case, if one column alone fits. */
static const struct store_column *find_fold(const struct store_table *table, str name)
{
    const struct store_column *found = NULL;
    for (uint32_t i = 0; i < table->ncolumn; i++)
        if (str_eq_fold(name, str_of(table->column[i]->name))) {
            if (found)
                return NULL;
            found = table->column[i];
        }
    return found;
}

static const char *near_native(const struct store_table *table, str name)
{
    const char *best = NULL;
    uint32_t least = 1000;
    for (uint32_t i = 0; i < table->ncolumn; i++) {
        uint32_t score = near_score(name, str_of(table->column[i]->name));
        if (score < least) {
            least = score;
            best = table->column[i]->name;
        }
    }
    return best;
}

static const struct store_column *find_native(struct build *b, const struct draft_table *t,
                                              const struct yaml_node *node,
                                              const char *published)
{
    if (!t->store)
        return NULL;
    const struct yaml_node *at = yaml_find(node, "colure:native");
    const char *native = yaml_text(at);
    str name = str_of(native ? native : published);
    if (!native)
        at = yaml_find(node, "name");
    const struct store_column *found = find_exact(t->store, name);
    if (!found)
        found = find_fold(t->store, name);
    if (found)
        return found;
    const char *near = near_native(t->store, name);
    build_error(
        b, at,
        "the table '%.60s' of the store has no column '%.60s'%s%s%s (put the store's "
        "name into colure:native, or take the column out)",
        t->store->name, name.at, near ? "; the nearest is '" : "", near ? near : "",
        near ? "'" : "");
    return NULL;
}

/* --- words ------------------------------------------------------------------------------
 */

/* A standard's own table wins over the general rules (UCD.md, "Pitfalls"). */
static void complain(struct build *b, bool is_std, const struct yaml_node *at,
                     const char *what, const char *problem)
{
    if (is_std)
        build_warning(b, at, "%s: %s", what, problem);
    else
        build_error(b, at, "%s: %s", what, problem);
}

static void set_unit(struct build *b, const struct yaml_node *node, bool is_std,
                     struct store_column *meta)
{
    char scratch[160];
    const struct yaml_node *fits = yaml_find(node, "fits:tunit");
    const struct yaml_node *ivoa = yaml_find(node, "ivoa:unit");
    if (fits && ivoa)
        build_error(b, fits, "a column has ivoa:unit or fits:tunit, not both");
    const struct yaml_node *at = ivoa ? ivoa : fits;
    if (!at) { /* what the store knows counts if it is right */
        if (meta->unit && (!*meta->unit || unit_problem(str_of(meta->unit), scratch)))
            meta->unit = NULL;
        meta->unit = build_copy(b, meta->unit);
        return;
    }
    meta->unit = NULL;
    const char *text = yaml_text(at);
    if (!text || !*text)
        return;
    const char *problem = unit_problem(str_of(text), scratch);
    if (problem)
        complain(b, is_std, at, "unit", problem);
    meta->unit = build_copy(b, text);
}

static void set_ucd(struct build *b, const struct yaml_node *node, bool is_std,
                    struct store_column *meta)
{
    char scratch[160];
    const struct yaml_node *at = yaml_find(node, "ivoa:ucd");
    if (!at) {
        if (meta->ucd && ucd_problem(str_of(meta->ucd), scratch))
            meta->ucd = NULL;
        meta->ucd = build_copy(b, meta->ucd);
        return;
    }
    meta->ucd = NULL;
    const char *text = yaml_text(at);
    if (!text || !*text)
        return;
    const char *problem = ucd_problem(str_of(text), scratch);
    if (problem)
        complain(b, is_std, at, "UCD", problem);
    meta->ucd = build_copy(b, text);
}

static void set_flags(struct build *b, const struct yaml_node *node,
                      struct store_column *meta)
{
    const struct yaml_node *at = yaml_find(node, "nullable");
    meta->flags &= OF_STORE;
    if (!yaml_is_null(at)) {
        bool is_nullable = key_flag(node, "nullable", true);
        if (!is_nullable && meta->null_fraction > 0)
            build_error(b, at,
                        "'nullable: false', but %.3g %% of the store's values are NULL",
                        100 * meta->null_fraction);
        meta->flags &= ~(uint32_t)STORE_NULLABLE;
        meta->flags |= is_nullable ? STORE_NULLABLE : 0;
    }
    if (key_flag(node, "tap:principal", false))
        meta->flags |= STORE_PRINCIPAL;
    if (key_flag(node, "tap:std", false))
        meta->flags |= STORE_STD;
    if (key_flag(node, "colure:no_search", false))
        meta->flags |= STORE_NO_SEARCH;
    if (key_flag(node, "colure:hidden", false))
        meta->flags |= STORE_HIDDEN;
}

/* What stores may say and files have other means for. */
static void copy_frames(struct build *b, struct store_column *meta)
{
    if (meta->coosys) {
        struct store_coosys *own = build_new_array(b, b->arena, struct store_coosys, 1);
        if (own)
            *own = (struct store_coosys){build_copy(b, meta->coosys->system),
                                         build_copy(b, meta->coosys->equinox),
                                         build_copy(b, meta->coosys->epoch),
                                         build_copy(b, meta->coosys->refposition)};
        meta->coosys = own;
    }
    if (meta->timesys) {
        struct store_timesys *own = build_new_array(b, b->arena, struct store_timesys, 1);
        if (own)
            *own = (struct store_timesys){build_copy(b, meta->timesys->timescale),
                                          build_copy(b, meta->timesys->refposition),
                                          build_copy(b, meta->timesys->timeorigin)};
        meta->timesys = own;
    }
}

/* --- one column -------------------------------------------------------------------------
 */

static void set_words(struct build *b, const struct yaml_node *node,
                      struct store_column *meta)
{
    bool is_std = key_flag(node, "tap:std", false);
    const char *description = key_prose(b, node, "description");
    const char *utype = key_text(node, "votable:utype");
    meta->description = description ? description : build_copy(b, meta->description);
    meta->utype = build_copy(b, utype ? utype : meta->utype);
    set_unit(b, node, is_std, meta);
    set_ucd(b, node, is_std, meta);
    set_flags(b, node, meta);
    copy_frames(b, meta);
    meta->sql = build_copy(b, meta->sql);
    meta->null_literal = NULL;
}

static bool build_column(struct build *b, const struct draft_table *t,
                         const struct yaml_node *node, struct catalog_column *column)
{
    if (!keys_check(b, node, KEYS_COLUMN))
        return false;
    const struct yaml_node *name = yaml_find(node, "name");
    if (!name || !key_name(b, name, "a column", &column->meta.name, &column->adql_name))
        return false;
    const char *published = column->meta.name;
    const char *written = yaml_text(name);
    const struct store_column *native =
        find_native(b, t, node, written[0] == '"' ? published : written);
    column->meta = native ? column_of_store(native)
                          : (struct store_column){.size = sizeof column->meta,
                                                  .type = STORE_F64,
                                                  .length = 1,
                                                  .flags = STORE_NULLABLE,
                                                  .minimum = NAN,
                                                  .maximum = NAN,
                                                  .null_fraction = NAN};
    column->meta.name = published;
    column->native = build_copy(b, native ? native->name : published);
    type_set(b, node, &column->meta, native != NULL);
    set_words(b, node, &column->meta);
    return true;
}

/* --- all of them ------------------------------------------------------------------------
 */

struct ordered {
    int64_t order;
    uint32_t index;
};

static int compare_order(const void *a, const void *b)
{
    const struct ordered *left = a, *right = b;
    if (left->order != right->order)
        return left->order < right->order ? -1 : 1;
    return left->index < right->index ? -1 : 1;
}

/* Published ones by tap:column_index, then hidden ones. */
static void sort_columns(struct build *b, struct draft_table *t)
{
    uint32_t n = t->table.ncolumn;
    struct ordered *order = build_new_array(b, b->scratch, struct ordered, n + 1);
    struct catalog_column *column =
        build_new_array(b, b->arena, struct catalog_column, n + 1);
    const struct yaml_node **node =
        build_new_array(b, b->scratch, const struct yaml_node *, n + 1);
    if (!order || !column || !node)
        return;
    for (uint32_t i = 0; i < n; i++) {
        bool is_hidden = t->column[i].meta.flags & STORE_HIDDEN;
        int64_t last = INT64_MAX - 1;
        int64_t wanted = key_int(t->column_node[i], "tap:column_index", last);
        order[i] = (struct ordered){is_hidden       ? INT64_MAX
                                    : wanted < last ? wanted
                                                    : last,
                                    i};
    }
    qsort(order, n, sizeof *order, compare_order);
    for (uint32_t i = 0; i < n; i++) {
        column[i] = t->column[order[i].index];
        column[i].index = i;
        node[i] = t->column_node[order[i].index];
    }
    t->column = column;
    t->table.column = column;
    t->column_node = node;
}

static void check_repeat(struct build *b, struct draft_table *t,
                         struct catalog_names *names, uint32_t number)
{
    const char *name = t->column[number].meta.name;
    uint64_t at = str_hash_fold(str_of(name));
    uint32_t i;
    while ((i = names_next(names, &at)) != UINT32_MAX)
        if (strcmp(t->column[i].meta.name, name) == 0) {
            build_error(b, yaml_find(t->column_node[number], "name"),
                        "a second column '%s' (the first is in line %d)", name,
                        yaml_find(t->column_node[i], "name")->line);
            return;
        }
    names_put(names, str_hash_fold(str_of(name)), number);
}

/* The store's HEALPix column is of use even if nobody described it. */
static void add_hidden(struct build *b, struct draft_table *t)
{
    const struct store_table *store = t->store;
    if (!store || store->hpx_column < 0 || (uint32_t)store->hpx_column >= store->ncolumn)
        return;
    const struct store_column *hpx = store->column[store->hpx_column];
    for (uint32_t i = 0; i < t->table.ncolumn; i++)
        if (strcmp(t->column[i].native, hpx->name) == 0)
            return;
    struct catalog_column *column = &t->column[t->table.ncolumn++];
    column->meta = column_of_store(hpx);
    column->meta.name = column->native = build_copy(b, hpx->name);
    column->adql_name = name_in_adql(b->arena, str_of(hpx->name));
    b->is_full = b->is_full || !column->adql_name;
    column->meta.description = column->meta.unit = column->meta.ucd = NULL;
    column->meta.sql = build_copy(b, column->meta.sql);
    column->meta.utype = column->meta.xtype = column->meta.null_literal = NULL;
    column->meta.coosys = NULL;
    column->meta.timesys = NULL;
    column->meta.datatype = "long";
    column->meta.arraysize = NULL;
    column->meta.flags = (column->meta.flags & OF_STORE) | STORE_HIDDEN;
}

static void set_principal(struct draft_table *t)
{
    for (uint32_t i = 0; i < t->table.ncolumn; i++)
        if (t->column[i].meta.flags & STORE_PRINCIPAL)
            return;
    for (uint32_t i = 0; i < t->table.ncolumn; i++)
        if (!(t->column[i].meta.flags & STORE_HIDDEN))
            t->column[i].meta.flags |= STORE_PRINCIPAL;
}

void columns_build(struct build *b, struct draft_table *t)
{
    const struct yaml_node *list = yaml_find(t->node, "columns");
    if (!list || list->kind != YAML_LIST)
        return;
    if (list->nitem == 0) {
        build_error(b, list, "a table needs columns");
        return;
    }
    if (list->nitem > BUILD_MAX_COLUMNS) {
        build_error(b, list, "more than %d columns", BUILD_MAX_COLUMNS);
        return;
    }
    struct catalog_names *names = names_new(b->scratch, list->nitem);
    t->column = build_new_array(b, b->scratch, struct catalog_column, list->nitem + 1);
    t->column_node =
        build_new_array(b, b->scratch, const struct yaml_node *, list->nitem + 1);
    b->is_full = b->is_full || !names;
    if (b->is_full)
        return;
    for (uint32_t i = 0; i < list->nitem; i++) {
        uint32_t n = t->table.ncolumn;
        if (!build_column(b, t, &list->item[i], &t->column[n]))
            continue;
        t->column_node[n] = &list->item[i];
        t->table.ncolumn++;
        check_repeat(b, t, names, n);
    }
    add_hidden(b, t);
    sort_columns(b, t);
    set_principal(t);
    if (!b->is_full)
        t->table.names = snapshot_column_names(b->arena, t->table.ncolumn, t->column);
    b->is_full = b->is_full || !t->table.names;
}
