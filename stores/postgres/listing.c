/* listing.c -- what tables there are: one snapshot of the server's catalog, counted, so
 * that a plan may outlive the next list(). */
#include "stores/postgres/listing.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/num.h"
#include "stores/postgres/types.h"

enum { LISTING_BYTES = 256 << 20, SQL_BYTES = 1 << 20 };

void listing_drop(struct listing *l)
{
    if (!l || atomic_fetch_sub(&l->references, 1) != 1)
        return;
    arena_free(l->arena);
    free(l);
}

/* --- asking ----------------------------------------------------------------------- */

enum {
    Q_SCHEMA,
    Q_TABLE,
    Q_TABLE_COMMENT,
    Q_ROWS,
    Q_COLUMN,
    Q_TYPE,
    Q_IS_NULLABLE,
    Q_COMMENT,
    Q_IS_KEY,
    Q_IS_INDEXED
};

/* Tables that this role may read, of all schemas or of those that were named; parts of a
 * partitioned table stand behind it, tables of extensions are theirs. */
static const char COLUMNS[] =
    "SELECT n.nspname, c.relname, obj_description(c.oid, 'pg_class'), "
    "CASE WHEN c.relkind IN ('r', 'm', 'p', 'f') THEN c.reltuples::bigint ELSE -1 END, "
    "a.attname, CASE WHEN t.typtype = 'd' THEN b.typname ELSE t.typname END, "
    "NOT a.attnotnull, col_description(c.oid, a.attnum), "
    "EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary AND "
    "a.attnum = ANY (i.indkey)), EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid "
    "AND i.indisvalid AND i.indpred IS NULL AND i.indkey[0] = a.attnum) "
    "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
    "JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped "
    "JOIN pg_type t ON t.oid = a.atttypid LEFT JOIN pg_type b ON b.oid = t.typbasetype "
    "WHERE c.relkind IN ('r', 'v', 'm', 'f', 'p') AND NOT c.relispartition "
    "AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast') "
    "AND n.nspname NOT LIKE 'pg\\_temp\\_%' "
    "AND has_schema_privilege(n.oid, 'USAGE') "
    "AND has_column_privilege(c.oid, a.attnum, 'SELECT') "
    "AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND "
    "d.objid = c.oid AND d.deptype = 'e')";

/* Expressions that are indexed, or that make an indexed column. */
static const char EXPRESSIONS[] =
    "SELECT n.nspname, c.relname, pg_get_expr(i.indexprs, i.indrelid), NULL::text "
    "FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid "
    "JOIN pg_namespace n ON n.oid = c.relnamespace "
    "WHERE i.indexprs IS NOT NULL AND i.indisvalid AND i.indpred IS NULL "
    "UNION ALL SELECT n.nspname, c.relname, pg_get_expr(d.adbin, d.adrelid), "
    "quote_ident(a.attname) FROM pg_attribute a "
    "JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum "
    "JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace "
    "WHERE a.attgenerated = 's' AND EXISTS (SELECT FROM pg_index i WHERE i.indrelid = "
    "c.oid AND i.indisvalid AND i.indpred IS NULL AND i.indkey[0] = a.attnum)";

static const char *columns_query(const struct store *s, struct bytes *sql)
{
    bytes_clear(sql);
    bytes_add(sql, str_of(COLUMNS));
    for (size_t i = 0; i < s->nschema; i++) {
        bytes_add(sql, i ? STR(", ") : STR(" AND n.nspname IN ("));
        put_literal(sql, str_of(s->schema[i]));
    }
    bytes_add(sql, s->nschema ? STR(") ORDER BY 1, 2, a.attnum")
                              : STR(" ORDER BY 1, 2, a.attnum"));
    return bytes_text(sql);
}

/* --- one table -------------------------------------------------------------------- */

static const char *keep(struct listing *l, const PGresult *r, int row, int field)
{
    str text = {PQgetvalue(r, row, field), (size_t)PQgetlength(r, row, field)};
    return text.len > 0 ? arena_text(l->arena, text) : NULL;
}

static bool is_same(const PGresult *r, int a, int b)
{
    return strcmp(PQgetvalue(r, a, Q_SCHEMA), PQgetvalue(r, b, Q_SCHEMA)) == 0 &&
           strcmp(PQgetvalue(r, a, Q_TABLE), PQgetvalue(r, b, Q_TABLE)) == 0;
}

static bool is_true(const PGresult *r, int row, int field)
{
    return *PQgetvalue(r, row, field) == 't';
}

static bool fill_column(struct listing *l, struct store_column *c, const PGresult *r,
                        int row)
{
    const struct their_type *t = their_type(str_of(PQgetvalue(r, row, Q_TYPE)));
    *c = (struct store_column){.size = sizeof *c,
                               .type = t->type,
                               .length = t->length,
                               .name = keep(l, r, row, Q_COLUMN),
                               .description = keep(l, r, row, Q_COMMENT),
                               .xtype = t->xtype,
                               .sql = t->sql,
                               .minimum = NAN,
                               .maximum = NAN,
                               .null_fraction = NAN};
    if (is_true(r, row, Q_IS_NULLABLE))
        c->flags |= STORE_NULLABLE;
    else
        c->null_fraction = 0;
    if (is_true(r, row, Q_IS_KEY))
        c->flags |= STORE_KEY | STORE_INDEXED;
    if (is_true(r, row, Q_IS_INDEXED))
        c->flags |= STORE_INDEXED;
    return c->name != NULL;
}

/* Rows [first, first + n) of the answer are the columns. */
static bool fill_table(struct listing *l, struct store_table *t, const PGresult *r,
                       int first, int n)
{
    struct store_column *column = arena_new_array(l->arena, struct store_column, (size_t)n);
    const struct store_column **columns =
        arena_new_array(l->arena, const struct store_column *, (size_t)n);
    int64_t nrow = -1;
    if (!column || !columns)
        return false;
    for (int i = 0; i < n; i++) {
        columns[i] = &column[i];
        if (!fill_column(l, &column[i], r, first + i))
            return false;
    }
    (void)num_parse_int(str_of(PQgetvalue(r, first, Q_ROWS)), &nrow);
    *t = (struct store_table){.size = sizeof *t,
                              .ncolumn = (uint32_t)n,
                              .column = columns,
                              .name = arena_format(l->arena, "%s.%s",
                                                   PQgetvalue(r, first, Q_SCHEMA),
                                                   PQgetvalue(r, first, Q_TABLE)),
                              .description = keep(l, r, first, Q_TABLE_COMMENT),
                              .lon_column = -1,
                              .lat_column = -1,
                              .hpx_column = -1,
                              .row_estimate = nrow < -1 ? -1 : nrow};
    return t->name != NULL;
}

static uint64_t hash_table(const struct store_table *t)
{
    uint64_t h = str_hash(str_of(t->name)) ^ str_hash(str_of(t->description));
    h = h * 31 + (uint64_t)t->row_estimate;
    h = h * 31 + str_hash(str_of(t->near_cone)) + str_hash(str_of(t->near_join));
    for (uint32_t i = 0; i < t->ncolumn; i++) {
        const struct store_column *c = t->column[i];
        h = h * 1099511628211u + str_hash(str_of(c->name)) +
            str_hash(str_of(c->description)) + str_hash(str_of(c->sql));
        h = h * 1099511628211u + (uint64_t)c->type + ((uint64_t)c->flags << 8) +
            ((uint64_t)(uint32_t)c->length << 32);
    }
    return h;
}

/* --- the snapshot ----------------------------------------------------------------- */

static bool add_tables(struct listing *l, const PGresult *r)
{
    int nrow = PQntuples(r);
    size_t ntable = 0;
    for (int i = 0; i < nrow; i++)
        ntable += i == 0 || !is_same(r, i, i - 1);
    l->table = arena_new_array(l->arena, struct store_table, ntable + 1);
    l->name = arena_new_array(l->arena, const char *, ntable + 1);
    if (!l->table || !l->name)
        return false;
    for (int first = 0, next; first < nrow; first = next) {
        for (next = first + 1; next < nrow && is_same(r, first, next);)
            next++;
        if (!fill_table(l, &l->table[l->n], r, first, next - first))
            return false;
        l->name[l->n] = l->table[l->n].name;
        l->n++;
    }
    return true;
}

static struct store_table *find(const struct listing *l, const char *name)
{
    for (size_t i = 0; i < l->n; i++)
        if (strcmp(l->table[i].name, name) == 0)
            return &l->table[i];
    return NULL;
}

static enum store_status add_indexes(struct listing *l, struct store_session *x,
                                     struct store_error *e)
{
    PGresult *r;
    enum store_status status = session_query(x, EXPRESSIONS, &r, e);
    if (status != STORE_OK)
        return status;
    for (int i = 0; i < PQntuples(r); i++) {
        const char *name =
            arena_format(l->arena, "%s.%s", PQgetvalue(r, i, 0), PQgetvalue(r, i, 1));
        struct store_table *t = name ? find(l, name) : NULL;
        if (t)
            sky_read_index(l->arena, t, PQgetvalue(r, i, 2),
                           PQgetisnull(r, i, 3) ? NULL : PQgetvalue(r, i, 3));
    }
    PQclear(r);
    return STORE_OK;
}

static enum store_status read_tables(struct store *s, struct listing *l,
                                     struct store_error *e)
{
    struct store_session *x;
    struct bytes sql;
    PGresult *r = NULL;
    enum store_status status = session_begin(s, NULL, &x, e);
    if (status != STORE_OK)
        return status;
    bytes_init(&sql, SQL_BYTES);
    const char *query = columns_query(s, &sql);
    status = query ? session_query(x, query, &r, e)
                   : fail(e, STORE_LIMIT, "too many schemas are named");
    if (status == STORE_OK && !add_tables(l, r))
        status = fail(e, STORE_LIMIT, "too many tables to list");
    PQclear(r);
    if (status == STORE_OK)
        status = add_indexes(l, x, e);
    if (status == STORE_OK)
        status = statistics_read(l, x, e);
    bytes_free(&sql);
    session_end(x);
    for (size_t i = 0; i < l->n; i++) {
        sky_find_healpix(&l->table[i]);
        l->table[i].generation = hash_table(&l->table[i]);
    }
    return status;
}

static enum store_status listing_make(struct store *s, struct listing **out,
                                      struct store_error *e)
{
    struct listing *l = calloc(1, sizeof *l);
    struct arena *arena = arena_new(LISTING_BYTES);
    if (!l || !arena) {
        free(l);
        arena_free(arena);
        return fail(e, STORE_LIMIT, "no memory for the list of tables");
    }
    atomic_init(&l->references, 1);
    l->arena = arena;
    enum store_status status = read_tables(s, l, e);
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

static enum store_status no_such_table(const char *name, struct store_error *e)
{
    return fail(e, STORE_NOT_FOUND, "there is no table \"%s\" in the database", name);
}

enum store_status listing_find(struct store *s, const char *name, struct listing **out,
                               const struct store_table **table, struct store_error *e)
{
    pthread_mutex_lock(&s->lock);
    struct listing *l = s->listing;
    if (l)
        atomic_fetch_add(&l->references, 1);
    pthread_mutex_unlock(&s->lock);
    if (!l) {
        const char *const *names;
        size_t n;
        enum store_status status = store_list(s, &names, &n, e);
        return status == STORE_OK ? listing_find(s, name, out, table, e) : status;
    }
    *table = find(l, name);
    if (!*table) {
        listing_drop(l);
        return no_such_table(name, e);
    }
    *out = l;
    return STORE_OK;
}

enum store_status store_describe(struct store *s, const char *name,
                                 const struct store_table **table, struct store_error *e)
{
    struct listing *l = NULL;
    enum store_status status = listing_find(s, name, &l, table, e);
    if (status == STORE_OK)
        listing_drop(l); /* the store still has it, until the next list() */
    return status;
}
