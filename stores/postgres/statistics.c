/* statistics.c -- what ANALYZE found out about the columns, and the foreign keys. */
#include <math.h>
#include <string.h>

#include "core/base/num.h"
#include "stores/postgres/listing.h"

/* Of numbers the least and greatest that the sample saw: near the truth, not it. */
static const char STATISTICS[] =
    "SELECT s.schemaname, s.tablename, s.attname, s.null_frac, "
    "CASE WHEN t.typcategory = 'N' THEN (SELECT min(v) FROM unnest("
    "s.histogram_bounds::text::float8[] || s.most_common_vals::text::float8[]) v) END, "
    "CASE WHEN t.typcategory = 'N' THEN (SELECT max(v) FROM unnest("
    "s.histogram_bounds::text::float8[] || s.most_common_vals::text::float8[]) v) END "
    "FROM pg_stats s JOIN pg_namespace n ON n.nspname = s.schemaname "
    "JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = s.tablename "
    "JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = s.attname "
    "JOIN pg_type t ON t.oid = a.atttypid "
    "WHERE s.schemaname NOT IN ('pg_catalog', 'information_schema')";

enum { S_SCHEMA, S_TABLE, S_COLUMN, S_NULLS, S_LEAST, S_MOST };

static const char FOREIGN_KEYS[] =
    "SELECT n.nspname, c.relname, k.conname, fn.nspname || '.' || fc.relname, a.attname, "
    "fa.attname FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid "
    "JOIN pg_namespace n ON n.oid = c.relnamespace "
    "JOIN pg_class fc ON fc.oid = k.confrelid "
    "JOIN pg_namespace fn ON fn.oid = fc.relnamespace "
    "CROSS JOIN unnest(k.conkey, k.confkey) WITH ORDINALITY u(own, theirs, place) "
    "JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = u.own "
    "JOIN pg_attribute fa ON fa.attrelid = fc.oid AND fa.attnum = u.theirs "
    "WHERE k.contype = 'f' AND k.conparentid = 0 ORDER BY 1, 2, 3, u.place";

enum { F_SCHEMA, F_TABLE, F_NAME, F_TARGET, F_OWN, F_THEIRS };

static double number_at(const PGresult *r, int row, int field)
{
    double value = NAN;
    if (!PQgetisnull(r, row, field))
        (void)num_parse_double(str_of(PQgetvalue(r, row, field)), &value);
    return value;
}

static struct store_table *table_at(const struct listing *l, const PGresult *r, int row)
{
    const char *schema = PQgetvalue(r, row, 0), *table = PQgetvalue(r, row, 1);
    size_t n = strlen(schema);
    for (size_t i = 0; i < l->n; i++) {
        const char *name = l->table[i].name;
        if (strncmp(name, schema, n) == 0 && name[n] == '.' &&
            strcmp(name + n + 1, table) == 0)
            return &l->table[i];
    }
    return NULL;
}

/* The shortest text of a float is not its double's. Volatile: gcc 12's vectorizer leaves
 * out two narrowings side by side that are widened again. */
static double as_real(double x)
{
    volatile float f = (float)x;
    return (double)f;
}

static void set_statistics(struct store_table *t, const PGresult *r, int row)
{
    const char *name = PQgetvalue(r, row, S_COLUMN);
    for (uint32_t i = 0; i < t->ncolumn; i++) {
        struct store_column *c =
            (struct store_column *)t->column[i]; /* the listing's own */
        if (strcmp(c->name, name) != 0)
            continue;
        double nulls = number_at(r, row, S_NULLS), least = number_at(r, row, S_LEAST),
               most = number_at(r, row, S_MOST);
        if (nulls > 0)
            c->null_fraction = nulls; /* none in the sample: perhaps some elsewhere */
        if (c->type == STORE_F32) {
            most = as_real(most);
            least = as_real(least);
        }
        if (isfinite(least) && isfinite(most)) {
            c->minimum = least;
            c->maximum = most;
        }
    }
}

static enum store_status add_statistics(struct listing *l, struct store_session *x,
                                        struct store_error *e)
{
    PGresult *r;
    enum store_status status = session_query(x, STATISTICS, &r, e);
    if (status != STORE_OK)
        return status;
    struct store_table *t = NULL;
    for (int i = 0; i < PQntuples(r); i++) {
        bool is_same = i > 0 && strcmp(PQgetvalue(r, i, 1), PQgetvalue(r, i - 1, 1)) == 0 &&
                       strcmp(PQgetvalue(r, i, 0), PQgetvalue(r, i - 1, 0)) == 0;
        if (!is_same)
            t = table_at(l, r, i);
        if (t)
            set_statistics(t, r, i);
    }
    PQclear(r);
    return STORE_OK;
}

static const char *keep(struct listing *l, const PGresult *r, int row, int field)
{
    return arena_text(l->arena, str_of(PQgetvalue(r, row, field)));
}

/* Rows [first, first + n) are the columns of one key. */
static bool add_key(struct listing *l, struct store_table *t, const PGresult *r, int first,
                    int n)
{
    struct store_foreign_key *keys =
        arena_new_array(l->arena, struct store_foreign_key, t->nforeign + 1);
    const char **own = arena_new_array(l->arena, const char *, (size_t)n);
    const char **theirs = arena_new_array(l->arena, const char *, (size_t)n);
    if (!keys || !own || !theirs)
        return false;
    if (t->nforeign)
        memcpy(keys, t->foreign, t->nforeign * sizeof *keys);
    for (int i = 0; i < n; i++) {
        own[i] = keep(l, r, first + i, F_OWN);
        theirs[i] = keep(l, r, first + i, F_THEIRS);
        if (!own[i] || !theirs[i])
            return false;
    }
    keys[t->nforeign++] = (struct store_foreign_key){.name = keep(l, r, first, F_NAME),
                                                     .target = keep(l, r, first, F_TARGET),
                                                     .ncolumn = (uint32_t)n,
                                                     .column = own,
                                                     .target_column = theirs};
    t->foreign = keys;
    return keys[t->nforeign - 1].name && keys[t->nforeign - 1].target;
}

static bool is_same_key(const PGresult *r, int a, int b)
{
    for (int field = F_SCHEMA; field <= F_NAME; field++)
        if (strcmp(PQgetvalue(r, a, field), PQgetvalue(r, b, field)) != 0)
            return false;
    return true;
}

static enum store_status add_keys(struct listing *l, struct store_session *x,
                                  struct store_error *e)
{
    PGresult *r;
    bool ok = true;
    enum store_status status = session_query(x, FOREIGN_KEYS, &r, e);
    if (status != STORE_OK)
        return status;
    for (int first = 0, next; ok && first < PQntuples(r); first = next) {
        for (next = first + 1; next < PQntuples(r) && is_same_key(r, first, next);)
            next++;
        struct store_table *t = table_at(l, r, first);
        ok = !t || add_key(l, t, r, first, next - first);
    }
    PQclear(r);
    return ok ? STORE_OK : fail(e, STORE_LIMIT, "too many foreign keys to list");
}

enum store_status statistics_read(struct listing *l, struct store_session *x,
                                  struct store_error *e)
{
    enum store_status status = add_statistics(l, x, e);
    return status == STORE_OK ? add_keys(l, x, e) : status;
}
