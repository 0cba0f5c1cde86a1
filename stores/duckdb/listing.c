/* listing.c -- what tables there are: one snapshot of DuckDB's own catalog, counted, so
 * that a plan may outlive the next list(). */
#include "stores/duckdb/internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/num.h"

enum { LISTING_BYTES = 256 << 20, SQL_BYTES = 1 << 20 };

struct listed {
    struct store_table table;
    const char *sql_name;  /* quoted, with its database */
    const char *full_name; /* database.schema.table */
    const struct store_column **columns;
    size_t capacity;
};

struct listing {
    atomic_int references;
    struct arena *arena;
    struct listed *listed;
    const char **name;
    size_t n, capacity;
};

/* Room for one more element of an array in an arena: a longer copy when it is full. */
static bool make_room(struct arena *arena, void **array, size_t n, size_t *capacity,
                      size_t size)
{
    if (n < *capacity)
        return true;
    size_t wanted = *capacity ? *capacity * 2 : 16;
    void *longer = arena_alloc(arena, wanted, size);
    if (!longer)
        return false;
    if (n > 0)
        memcpy(longer, *array, n * size);
    *array = longer;
    *capacity = wanted;
    return true;
}

void listing_drop(struct listing *l)
{
    if (!l || atomic_fetch_sub(&l->references, 1) != 1)
        return;
    arena_free(l->arena);
    free(l);
}

/* --- statistics ------------------------------------------------------------------- */

/* The text between `before` and the next of `ends` in a stats() answer. */
static bool cut_between(str text, const char *before, const char *ends, str *out)
{
    size_t n = strlen(before);
    for (size_t i = 0; i + n <= text.len; i++)
        if (memcmp(text.at + i, before, n) == 0) {
            out->at = text.at + i + n;
            out->len = 0;
            while (i + n + out->len < text.len && !strchr(ends, out->at[out->len]))
                out->len++;
            return true;
        }
    return false;
}

static double statistic(str text, const char *which, enum store_type type)
{
    str value;
    double number;
    float real;
    int64_t us;
    if (!cut_between(text, which, ",]", &value))
        return NAN;
    if (type == STORE_TIME_US)
        return clock_parse_us(value, &us) ? (double)us : NAN;
    if (type == STORE_F32) /* the shortest text of a float is not that of its double */
        return num_parse_float(value, &real) ? (double)real : NAN;
    return num_parse_double(value, &number) ? number : NAN;
}

/* text ::= "[Min: 0, Max: 9][Has Null: false, Has No Null: true]..." */
static void read_statistics(struct store_column *c, str text)
{
    str has_null;
    if (c->type != STORE_TEXT && c->length != 1)
        return; /* those of the elements */
    if (c->type != STORE_TEXT && c->type != STORE_BOOL) {
        c->minimum = statistic(text, "[Min: ", c->type);
        c->maximum = statistic(text, ", Max: ", c->type);
        /* Reversed: there are no values. NaN: there are, and NaN is above all others. */
        if (!(c->minimum <= c->maximum))
            c->minimum = c->maximum = NAN;
    }
    if (cut_between(text, "[Has Null: ", ",]", &has_null) && str_eq(has_null, STR("false")))
        c->null_fraction = 0;
}

/* Statistics are kept by DuckDB: asking for them reads one row. */
static void add_statistics(struct store *s, struct listed *l, struct bytes *sql)
{
    struct answer a;
    bytes_clear(sql);
    bytes_add_literal(sql, "SELECT ");
    for (uint32_t i = 0; i < l->table.ncolumn; i++) {
        bytes_add(sql, i ? STR(", stats(") : STR("stats("));
        put_name(sql, str_of(l->columns[i]->name));
        bytes_add_char(sql, ')');
    }
    bytes_add_format(sql, " FROM %s LIMIT 1", l->sql_name);
    const char *text = bytes_text(sql);
    if (!text || answer_open(&a, s->host, s->control, text, NULL) != STORE_OK)
        return; /* statistics are a help, not a need */
    if (answer_next(&a))
        for (uint32_t i = 0; i < l->table.ncolumn; i++) {
            str value = answer_text(&a, i);
            if (value.at)
                read_statistics((struct store_column *)(uintptr_t)l->columns[i], value);
        }
    answer_close(&a);
}

/* --- columns ---------------------------------------------------------------------- */

static const char *keep(struct listing *l, str text)
{
    return text.at && text.len > 0 ? arena_text(l->arena, text) : NULL;
}

/* The position of the name that `text` quotes first ("name"), which is cut off. */
static int32_t take_quoted_column(const struct listed *l, str *text)
{
    str before = str_cut(text, '"');
    str name = str_cut(text, '"');
    (void)before;
    for (uint32_t i = 0; name.at && i < l->table.ncolumn; i++)
        if (str_eq(str_of(l->columns[i]->name), name))
            return (int32_t)i;
    return -1;
}

/* The comment that receive() gave the HEALPix column names the position: ... of "a" "b". */
static void find_position(struct listed *l)
{
    struct store_table *t = &l->table;
    t->lon_column = t->lat_column = t->hpx_column = -1;
    for (uint32_t i = 0; i < t->ncolumn; i++) {
        struct store_column *c = (struct store_column *)(uintptr_t)l->columns[i];
        if (strcmp(c->name, HPX_COLUMN) != 0 || c->type != STORE_I64)
            continue;
        str text = str_of(c->description);
        c->flags |= STORE_HIDDEN | STORE_INDEXED | STORE_SORTED;
        t->hpx_column = (int32_t)i;
        t->hpx_order = HPX_ORDER;
        t->lon_column = take_quoted_column(l, &text);
        t->lat_column = take_quoted_column(l, &text);
    }
    if (t->lon_column < 0 || t->lat_column < 0) {
        t->lon_column = t->lat_column = -1;
        return;
    }
    ((struct store_column *)(uintptr_t)l->columns[t->lon_column])->flags |= STORE_INDEXED;
    ((struct store_column *)(uintptr_t)l->columns[t->lat_column])->flags |= STORE_INDEXED;
}

enum {
    Q_DATABASE,
    Q_SCHEMA,
    Q_TABLE,
    Q_TABLE_COMMENT,
    Q_ROWS,
    Q_COLUMN,
    Q_TYPE,
    Q_NULLABLE,
    Q_COMMENT,
    Q_IS_KEY,
    Q_IS_INDEXED
};

/* Tables of the attached databases; without any, those of the instance itself. */
static const char *columns_query(struct store *s, struct bytes *sql)
{
    bytes_clear(sql);
    bytes_add_literal(
        sql,
        "SELECT c.database_name, c.schema_name, c.table_name, t.comment, t.nrow, "
        "c.column_name, c.data_type, CAST(c.is_nullable AS VARCHAR), c.comment, "
        "CAST(k.nkey > 0 AS VARCHAR), CAST(EXISTS (SELECT 1 FROM duckdb_indexes() i "
        "WHERE i.table_oid = c.table_oid AND i.database_oid = c.database_oid AND "
        "i.expressions IN ('[' || c.column_name || ']', '[''\"' || c.column_name || "
        "'\"'']')) AS VARCHAR) "
        "FROM duckdb_columns() c JOIN (SELECT table_oid AS oid, database_oid, comment, "
        "CAST(estimated_size AS VARCHAR) AS nrow FROM duckdb_tables() WHERE NOT internal "
        "UNION ALL SELECT view_oid, database_oid, comment, NULL FROM duckdb_views() "
        "WHERE NOT internal) t ON t.oid = c.table_oid AND t.database_oid = c.database_oid "
        "LEFT JOIN (SELECT table_oid, database_oid, unnest(constraint_column_names) AS "
        "name, "
        "1 AS nkey FROM duckdb_constraints() WHERE constraint_type = 'PRIMARY KEY') k "
        "ON k.table_oid = c.table_oid AND k.database_oid = c.database_oid "
        "AND k.name = c.column_name WHERE c.database_name IN (");
    for (size_t i = 0; i < s->nattached; i++) {
        if (i)
            bytes_add_literal(sql, ", ");
        put_literal(sql, str_of(s->attached[i]));
    }
    if (s->nattached == 0)
        bytes_add_literal(sql, "'memory'");
    bytes_add_literal(sql, ") ORDER BY 1, 2, 3, c.column_index");
    return bytes_text(sql);
}

static bool is_same_table(const char *full_name, const struct answer *a, struct bytes *name)
{
    bytes_clear(name);
    for (int i = Q_DATABASE; i <= Q_TABLE; i++) {
        if (i > Q_DATABASE)
            bytes_add_char(name, '.');
        bytes_add(name, answer_text(a, (duck_idx)i));
    }
    return full_name && str_eq(str_of(full_name), bytes_str(name));
}

/* With one database its name says nothing: tables are then "schema.table". */
static bool begin_table(struct store *s, struct listing *l, struct listed *t,
                        const struct answer *a, struct bytes *name)
{
    const char *full = arena_text(l->arena, bytes_str(name));
    bytes_clear(name);
    for (int i = Q_DATABASE; i <= Q_TABLE; i++) {
        if (i > Q_DATABASE)
            bytes_add_char(name, '.');
        put_name(name, answer_text(a, (duck_idx)i));
    }
    *t = (struct listed){.full_name = full};
    t->sql_name = arena_text(l->arena, bytes_str(name));
    if (!t->full_name || !t->sql_name)
        return false;
    int64_t nrow = -1;
    str rows = answer_text(a, Q_ROWS);
    bool has_nrow = rows.at && num_parse_int(rows, &nrow);
    bool is_only = s->nattached <= 1;
    t->table = (struct store_table){
        .size = sizeof t->table,
        .name = is_only ? full + answer_text(a, Q_DATABASE).len + 1 : full,
        .description = keep(l, answer_text(a, Q_TABLE_COMMENT)),
        .lon_column = -1,
        .lat_column = -1,
        .hpx_column = -1,
        .row_estimate = has_nrow ? nrow : -1,
    };
    return true;
}

static bool add_column(struct store *s, struct listing *l, struct listed *t,
                       const struct answer *a)
{
    struct store_column *c = arena_new_one(l->arena, struct store_column);
    if (!c)
        return false;
    *c = (struct store_column){.size = sizeof *c,
                               .name = arena_text(l->arena, answer_text(a, Q_COLUMN)),
                               .description = keep(l, answer_text(a, Q_COMMENT)),
                               .minimum = NAN,
                               .maximum = NAN,
                               .null_fraction = NAN};
    if (str_eq(answer_text(a, Q_NULLABLE), STR("true")))
        c->flags |= STORE_NULLABLE;
    if (str_eq(answer_text(a, Q_IS_KEY), STR("true")))
        c->flags |= STORE_KEY | STORE_INDEXED;
    if (str_eq(answer_text(a, Q_IS_INDEXED), STR("true")))
        c->flags |= STORE_INDEXED;
    str type = answer_text(a, Q_TYPE);
    if (!store_type_of(type, &c->type, &c->length, &c->xtype)) {
        const char *note = arena_format(
            l->arena, "duckdb: column %s of %s is left out: its type %.*s cannot be sent",
            c->name, t->full_name, STR_FMT(type));
        s->host->log(s->host, 1, note ? note : "duckdb: a column is left out");
        return true;
    }
    void *array = t->columns;
    if (!c->name || !make_room(l->arena, &array, t->table.ncolumn, &t->capacity, sizeof c))
        return false;
    t->columns = array;
    t->table.column = t->columns;
    t->columns[t->table.ncolumn++] = c;
    return true;
}

/* --- the snapshot ----------------------------------------------------------------- */

static uint64_t hash_table(const struct store_table *t)
{
    uint64_t h = str_hash(str_of(t->name)) ^ str_hash(str_of(t->description));
    h = h * 31 + (uint64_t)t->row_estimate;
    for (uint32_t i = 0; i < t->ncolumn; i++) {
        const struct store_column *c = t->column[i];
        h = h * 1099511628211u + str_hash(str_of(c->name)) +
            str_hash(str_of(c->description));
        h = h * 1099511628211u + (uint64_t)c->type + ((uint64_t)c->flags << 8) +
            ((uint64_t)(uint32_t)c->length << 32);
    }
    return h;
}

static bool add_row(struct store *s, struct listing *l, const struct answer *a,
                    struct bytes *name)
{
    const char *last = l->n ? l->listed[l->n - 1].full_name : NULL;
    void *array = l->listed;
    if (!is_same_table(last, a, name)) {
        if (!make_room(l->arena, &array, l->n, &l->capacity, sizeof *l->listed))
            return false;
        l->listed = array;
        if (!begin_table(s, l, &l->listed[l->n], a, name))
            return false;
        l->n++;
    }
    return add_column(s, l, &l->listed[l->n - 1], a);
}

static enum store_status read_tables(struct store *s, struct listing *l, const char *sql,
                                     struct store_error *e)
{
    struct answer a;
    struct bytes name;
    bytes_init(&name, SQL_BYTES);
    enum store_status status = answer_open(&a, s->host, s->control, sql, e);
    while (status == STORE_OK && answer_next(&a))
        if (!add_row(s, l, &a, &name))
            status = fail(e, STORE_LIMIT, "too many tables to list");
    answer_close(&a);
    bytes_free(&name);
    l->name = arena_new_array(l->arena, const char *, l->n + 1);
    if (status == STORE_OK && !l->name)
        status = fail(e, STORE_LIMIT, "too many tables to list");
    return status;
}

static enum store_status listing_make(struct store *s, struct listing **out,
                                      struct store_error *e)
{
    struct bytes sql;
    struct listing *l = calloc(1, sizeof *l);
    struct arena *arena = arena_new(LISTING_BYTES);
    if (!l || !arena) {
        free(l);
        arena_free(arena);
        return fail(e, STORE_LIMIT, "no memory for the list of tables");
    }
    atomic_init(&l->references, 1);
    l->arena = arena;
    bytes_init(&sql, SQL_BYTES);
    const char *query = columns_query(s, &sql);
    enum store_status status =
        query ? read_tables(s, l, query, e) : fail(e, STORE_LIMIT, "too many databases");
    for (size_t i = 0; i < l->n && status == STORE_OK; i++) {
        struct listed *t = &l->listed[i];
        find_position(t);
        if (t->table.row_estimate >= 0 && t->table.ncolumn > 0)
            add_statistics(s, t, &sql);
        t->table.generation = hash_table(&t->table);
        l->name[i] = t->table.name;
    }
    bytes_free(&sql);
    if (status == STORE_OK)
        *out = l;
    else
        listing_drop(l);
    return status;
}

enum store_status store_list(struct store *s, const char *const **name, size_t *n,
                             struct store_error *e)
{
    struct listing *l = NULL;
    enum store_status status = listing_make(s, &l, e);
    if (status != STORE_OK || !l)
        return status;
    pthread_mutex_lock(&s->lock);
    struct listing *old = s->listing;
    s->listing = l;
    pthread_mutex_unlock(&s->lock);
    listing_drop(old);
    *name = l->name;
    *n = l->n;
    return STORE_OK;
}

static const struct listed *find(const struct listing *l, const char *name)
{
    for (size_t i = 0; i < l->n; i++)
        if (strcmp(l->listed[i].table.name, name) == 0 ||
            strcmp(l->listed[i].full_name, name) == 0)
            return &l->listed[i];
    return NULL;
}

enum store_status listing_find(struct store *s, const char *name, struct listing **out,
                               const struct store_table **table, const char **sql_name,
                               struct store_error *e)
{
    pthread_mutex_lock(&s->lock);
    struct listing *l = s->listing;
    if (l)
        atomic_fetch_add(&l->references, 1);
    pthread_mutex_unlock(&s->lock);
    const struct listed *t = l ? find(l, name) : NULL;
    if (!t) {
        listing_drop(l);
        return fail(e, STORE_NOT_FOUND, "there is no table \"%s\" in this store", name);
    }
    *out = l;
    *table = &t->table;
    *sql_name = t->sql_name;
    return STORE_OK;
}

enum store_status store_describe(struct store *s, const char *name,
                                 const struct store_table **out, struct store_error *e)
{
    struct listing *l = NULL;
    const char *sql_name;
    const char *const *names;
    size_t n;
    pthread_mutex_lock(&s->lock);
    bool is_listed = s->listing != NULL;
    pthread_mutex_unlock(&s->lock);
    enum store_status status = is_listed ? STORE_OK : store_list(s, &names, &n, e);
    if (status == STORE_OK)
        status = listing_find(s, name, &l, out, &sql_name, e);
    listing_drop(l); /* the store keeps it until the next list() */
    return status;
}
