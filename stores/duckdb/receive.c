/* receive.c -- a stream of batches becomes a table: temporary in the session (uploads, bind
 * joins), or, for a dotted name, one that stays (colure load, TAP_SCHEMA). A table with a
 * position gets its HEALPix column here; one that stays is sorted by it. */
#include "stores/duckdb/internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/rows.h"
#include "core/sky/sky.h"

enum { SQL_BYTES = 16 << 20, COLUMNS_MAX = 10000 };
#define STAGE "_colure_stage"

struct receiver {
    struct store_session *session;
    const struct store_table *table;
    const struct store_host *host;
    bool adds_hpx;
    str database, schema, name; /* database.at == NULL: temporary */
    const char *made;           /* the temporary table that is filled */
    duck_idx ncolumn;
    duck_logical *type;
    duck_appender appender;
    struct bytes sql;
};

/* --- names ------------------------------------------------------------------------ */

static bool may_write(const struct store *s, str database)
{
    if (str_eq(database, STR("memory")))
        return true;
    for (size_t i = 0; i < s->nattached; i++)
        if (s->is_writable && str_eq(database, str_of(s->attached[i])))
            return true;
    return false;
}

/* name ::= table | schema "." table | database "." schema "." table */
static enum store_status split_name(struct receiver *r, struct store_error *e)
{
    const struct store *s = r->session->store;
    str rest = str_of(r->table->name);
    str part[3] = {{NULL, 0}, {NULL, 0}, {NULL, 0}};
    size_t n = 0;
    while (rest.at && n < 3)
        part[n++] = str_cut(&rest, '.');
    if (rest.at)
        return fail(e, STORE_INVALID, "\"%s\" has too many dots for a table name",
                    r->table->name);
    r->name = part[n - 1];
    if (n == 1)
        return STORE_OK;
    bool has_main = s->is_writable && s->nattached > 0;
    r->database = n == 3 ? part[0] : str_of(has_main ? s->attached[0] : "memory");
    r->schema = part[n - 2];
    if (!may_write(s, r->database))
        return fail(e, STORE_INVALID,
                    "database \"%.*s\" is not open for writing (option writable=1)",
                    STR_FMT(r->database));
    return STORE_OK;
}

static void put_target(struct receiver *r)
{
    put_name(&r->sql, r->database);
    bytes_add_char(&r->sql, '.');
    put_name(&r->sql, r->schema);
    bytes_add_char(&r->sql, '.');
    put_name(&r->sql, r->name);
}

static enum store_status run_sql(struct receiver *r, struct store_error *e)
{
    const char *text = bytes_text(&r->sql);
    enum store_status status =
        text ? statement_run(r->host, r->session->connection, text, e)
             : fail(e, STORE_LIMIT, "the description of table \"%s\" is too long",
                    r->table->name);
    bytes_clear(&r->sql);
    return status;
}

/* --- the table -------------------------------------------------------------------- */

static bool is_real_column(const struct store_table *t, int32_t i)
{
    if (i < 0 || (uint32_t)i >= t->ncolumn)
        return false;
    const struct store_column *c = t->column[i];
    return (c->type == STORE_F64 || c->type == STORE_F32) && c->length == 1;
}

static bool wants_hpx(const struct store_table *t)
{
    if (t->hpx_column >= 0 || !is_real_column(t, t->lon_column) ||
        !is_real_column(t, t->lat_column))
        return false;
    for (uint32_t i = 0; i < t->ncolumn; i++)
        if (str_eq_fold(str_of(t->column[i]->name), STR(HPX_COLUMN)))
            return false;
    return true;
}

static enum store_status create(struct receiver *r, struct store_error *e)
{
    const struct store_table *t = r->table;
    bytes_add_literal(&r->sql, "CREATE TEMP TABLE ");
    put_name(&r->sql, str_of(r->made));
    for (uint32_t i = 0; i < t->ncolumn; i++) {
        bytes_add(&r->sql, i ? STR(", ") : STR(" ("));
        put_name(&r->sql, str_of(t->column[i]->name));
        bytes_add_char(&r->sql, ' ');
        put_type(&r->sql, t->column[i]);
        r->type[i] = logical_type_of(t->column[i]->type, t->column[i]->length);
    }
    if (r->adds_hpx) {
        bytes_add_literal(&r->sql, ", " HPX_COLUMN " BIGINT");
        r->type[t->ncolumn] = duck.create_logical_type(DUCK_BIGINT);
    }
    bytes_add_char(&r->sql, ')');
    enum store_status status = run_sql(r, e);
    if (status != STORE_OK)
        return status;
    if (duck.appender_create_ext(r->session->connection, "temp", "main", r->made,
                                 &r->appender) != DUCK_OK)
        return fail_duck(r->host, duck.appender_error(r->appender), e);
    return STORE_OK;
}

/* --- rows ------------------------------------------------------------------------- */

static void fill_valid(duck_vector v, const struct store_vector *from, uint32_t first,
                       duck_idx n)
{
    if (!from->valid)
        return;
    duck.vector_ensure_validity_writable(v);
    uint64_t *valid = duck.vector_get_validity(v);
    for (duck_idx i = 0; i < n; i++)
        if (!store_is_valid(from, first + (uint32_t)i))
            valid[i / 64] &= ~(UINT64_C(1) << (i % 64));
}

static void copy_elements(enum store_type type, void *to, const void *from, size_t first,
                          size_t n)
{
    size_t size = store_type_bytes(type);
    memcpy(to, (const char *)from + first * size, n * size);
    for (size_t i = 0; type == STORE_BOOL && i < n;
         i++) /* DuckDB trusts that it is 0 or 1 */
        ((uint8_t *)to)[i] = ((uint8_t *)to)[i] != 0;
}

static void fill_text(duck_vector v, const struct store_vector *from, uint32_t first,
                      duck_idx n)
{
    for (duck_idx i = 0; i < n; i++) {
        uint32_t row = first + (uint32_t)i;
        if (store_is_valid(from, row))
            duck.vector_assign_string_element_len(
                v, i, (const char *)from->data + from->offset[row],
                from->offset[row + 1] - from->offset[row]);
    }
}

static bool fill_list(duck_vector v, enum store_type type, const struct store_vector *from,
                      uint32_t first, duck_idx n)
{
    uint32_t base = from->offset[first];
    duck_idx total = from->offset[first + n] - base;
    if (duck.list_vector_reserve(v, total) != DUCK_OK ||
        duck.list_vector_set_size(v, total) != DUCK_OK)
        return false;
    duck_list_entry *entry = duck.vector_get_data(v);
    for (duck_idx i = 0; i < n; i++) {
        entry[i].offset = from->offset[first + i] - base;
        entry[i].length = from->offset[first + i + 1] - from->offset[first + i];
    }
    if (total > 0)
        copy_elements(type, duck.vector_get_data(duck.list_vector_get_child(v)), from->data,
                      base, total);
    return true;
}

static bool fill_column(duck_vector v, const struct store_column *c,
                        const struct store_vector *from, uint32_t first, duck_idx n)
{
    fill_valid(v, from, first, n);
    if (c->type == STORE_TEXT)
        fill_text(v, from, first, n);
    else if (c->length == 1)
        copy_elements(c->type, duck.vector_get_data(v), from->data, first, n);
    else if (c->length > 0) {
        size_t length = (size_t)c->length;
        duck_vector child = duck.array_vector_get_child(v);
        copy_elements(c->type, duck.vector_get_data(child), from->data, first * length,
                      n * length);
    } else
        return fill_list(v, c->type, from, first, n);
    return true;
}

static double real_at(const struct store_column *c, const struct store_vector *v,
                      uint32_t i)
{
    return c->type == STORE_F32 ? (double)((const float *)v->data)[i]
                                : ((const double *)v->data)[i];
}

static void fill_hpx(struct receiver *r, duck_vector out, const struct store_batch *batch,
                     uint32_t first, duck_idx n)
{
    const struct store_table *t = r->table;
    const struct store_vector *lon = &batch->column[t->lon_column];
    const struct store_vector *lat = &batch->column[t->lat_column];
    int64_t *cell = duck.vector_get_data(out);
    duck.vector_ensure_validity_writable(out);
    uint64_t *valid = duck.vector_get_validity(out);
    for (duck_idx i = 0; i < n; i++) {
        uint32_t row = first + (uint32_t)i;
        bool has_position = store_is_valid(lon, row) && store_is_valid(lat, row);
        cell[i] = has_position ? sky_healpix_of(HPX_ORDER,
                                                real_at(t->column[t->lon_column], lon, row),
                                                real_at(t->column[t->lat_column], lat, row))
                               : -1;
        if (cell[i] < 0)
            valid[i / 64] &= ~(UINT64_C(1) << (i % 64));
    }
}

static enum store_status append_rows(struct receiver *r, const struct store_batch *batch,
                                     uint32_t first, duck_idx n, struct store_error *e)
{
    const struct store_table *t = r->table;
    duck_chunk chunk = duck.create_data_chunk(r->type, r->ncolumn);
    bool ok = chunk != NULL;
    for (uint32_t i = 0; ok && i < t->ncolumn; i++)
        ok = fill_column(duck.data_chunk_get_vector(chunk, i), t->column[i],
                         &batch->column[i], first, n);
    if (ok && r->adds_hpx)
        fill_hpx(r, duck.data_chunk_get_vector(chunk, t->ncolumn), batch, first, n);
    enum store_status status = STORE_OK;
    if (!ok)
        status = fail(e, STORE_LIMIT, "no memory for the rows of \"%s\"", t->name);
    else {
        duck.data_chunk_set_size(chunk, n);
        if (duck.append_data_chunk(r->appender, chunk) != DUCK_OK)
            status = fail_duck(r->host, duck.appender_error(r->appender), e);
    }
    duck.destroy_data_chunk(&chunk);
    return status;
}

static enum store_status append_batch(struct receiver *r, const struct store_batch *batch,
                                      struct store_error *e)
{
    duck_idx most = duck.vector_size();
    enum store_status status = guard_check(r->session, e);
    for (uint32_t first = 0; first < batch->nrow && status == STORE_OK;) {
        duck_idx n = batch->nrow - first < most ? batch->nrow - first : most;
        status = append_rows(r, batch, first, n, e);
        first += (uint32_t)n;
    }
    return status;
}

static enum store_status append_all(struct receiver *r, struct store_feed *feed,
                                    struct store_error *e)
{
    struct store_batch batch;
    enum store_status status;
    while ((status = feed->next(feed, &batch, e)) == STORE_OK) {
        status = append_batch(r, &batch, e);
        if (status != STORE_OK)
            return status;
    }
    if (status != STORE_END)
        return status;
    if (duck.appender_close(r->appender) != DUCK_OK)
        return guard_fail(r->session, duck.appender_error(r->appender), e);
    return STORE_OK;
}

/* --- tables that stay ------------------------------------------------------------- */

static enum store_status comment(struct receiver *r, const char *column, const char *text,
                                 struct store_error *e)
{
    if (!text)
        return STORE_OK;
    bytes_add(&r->sql, column ? STR("COMMENT ON COLUMN ") : STR("COMMENT ON TABLE "));
    put_target(r);
    if (column) {
        bytes_add_char(&r->sql, '.');
        put_name(&r->sql, str_of(column));
    }
    bytes_add_literal(&r->sql, " IS ");
    put_literal(&r->sql, str_of(text));
    return run_sql(r, e);
}

/* The words in which listing.c finds the position again. */
static enum store_status comment_hpx(struct receiver *r, struct store_error *e)
{
    const struct store_table *t = r->table;
    struct bytes text;
    bytes_init(&text, 4096);
    bytes_add_literal(&text, "HEALPix NESTED index, order 29, of ");
    put_name(&text, str_of(t->column[t->lon_column]->name));
    bytes_add_char(&text, ' ');
    put_name(&text, str_of(t->column[t->lat_column]->name));
    const char *words = bytes_text(&text);
    enum store_status status = words ? comment(r, HPX_COLUMN, words, e) : STORE_OK;
    bytes_free(&text);
    return status;
}

static enum store_status comment_all(struct receiver *r, struct store_error *e)
{
    enum store_status status = comment(r, NULL, r->table->description, e);
    for (uint32_t i = 0; i < r->table->ncolumn && status == STORE_OK; i++)
        status = comment(r, r->table->column[i]->name, r->table->column[i]->description, e);
    if (status == STORE_OK && r->adds_hpx)
        status = comment_hpx(r, e);
    return status;
}

/* Look-ups by a key column find its rows without a scan (44 ms of 10 M rows). */
static enum store_status index_keys(struct receiver *r, struct store_error *e)
{
    enum store_status status = STORE_OK;
    for (uint32_t i = 0; i < r->table->ncolumn && status == STORE_OK; i++) {
        const struct store_column *c = r->table->column[i];
        if (!(c->flags & STORE_KEY) || (c->type != STORE_TEXT && c->length != 1))
            continue;
        char name[256]; /* one in its schema */
        int n = snprintf(name, sizeof name, "%.*s_%s_key", STR_FMT(r->name), c->name);
        bytes_add_literal(&r->sql, "CREATE INDEX ");
        put_name(&r->sql, (str){name, n < 256 ? (size_t)n : sizeof name - 1});
        bytes_add_literal(&r->sql, " ON ");
        put_target(r);
        bytes_add_literal(&r->sql, " (");
        put_name(&r->sql, str_of(c->name));
        bytes_add_char(&r->sql, ')');
        status = run_sql(r, e);
    }
    return status;
}

/* One statement makes the table, so that no half of it is ever seen. */
static enum store_status move_to_target(struct receiver *r, struct store_error *e)
{
    bytes_add_literal(&r->sql, "CREATE SCHEMA IF NOT EXISTS ");
    put_name(&r->sql, r->database);
    bytes_add_char(&r->sql, '.');
    put_name(&r->sql, r->schema);
    enum store_status status = run_sql(r, e);
    if (status != STORE_OK)
        return status;
    bytes_add_literal(&r->sql, "CREATE OR REPLACE TABLE ");
    put_target(r);
    bytes_add_literal(&r->sql, " AS SELECT * FROM temp.main." STAGE);
    if (r->adds_hpx)
        bytes_add_literal(&r->sql, " ORDER BY " HPX_COLUMN " NULLS LAST");
    status = run_sql(r, e);
    if (status == STORE_OK)
        status = index_keys(r, e);
    return status == STORE_OK ? comment_all(r, e) : status;
}

static void drop_made(struct receiver *r)
{
    bytes_clear(&r->sql);
    bytes_add_literal(&r->sql, "DROP TABLE IF EXISTS temp.main.");
    put_name(&r->sql, str_of(r->made));
    (void)run_sql(r, NULL); /* the connection is not used again in any case */
}

/* --- the whole -------------------------------------------------------------------- */

static enum store_status receive(struct receiver *r, struct store_feed *feed,
                                 struct store_error *e)
{
    enum store_status status = split_name(r, e);
    if (status != STORE_OK)
        return status;
    r->made = r->database.at ? STAGE : r->table->name;
    r->adds_hpx = wants_hpx(r->table);
    r->ncolumn = r->table->ncolumn + r->adds_hpx;
    status = create(r, e);
    if (status != STORE_OK)
        return status;
    status = append_all(r, feed, e);
    duck.appender_destroy(&r->appender);
    if (status == STORE_OK && r->database.at) {
        atomic_fetch_add(&r->session->store->generation, 1);
        status = move_to_target(r, e);
        atomic_fetch_add(&r->session->store->generation, 1);
    }
    if (status != STORE_OK || r->database.at)
        drop_made(r);
    return status;
}

enum store_status session_receive(struct store_session *x, const struct store_call *call,
                                  const struct store_table *table, struct store_feed *feed,
                                  struct store_error *e)
{
    struct receiver r = {.session = x, .table = table, .host = x->store->host};
    scan_finish(x->scan);
    x->is_dirty = true;
    if (table->ncolumn == 0 || table->ncolumn > COLUMNS_MAX)
        return fail(e, STORE_INVALID, "table \"%s\" has %u columns; 1 to %d are possible",
                    table->name, table->ncolumn, COLUMNS_MAX);
    enum store_status status = guard_on(x, call, e);
    if (status != STORE_OK)
        return status;
    bytes_init(&r.sql, SQL_BYTES);
    r.type = calloc(table->ncolumn + 1, sizeof(duck_logical));
    status = r.type ? receive(&r, feed, e) : fail(e, STORE_LIMIT, "no memory for a table");
    for (uint32_t i = 0; r.type && i < table->ncolumn + 1; i++)
        duck.destroy_logical_type(&r.type[i]);
    free(r.type);
    if (r.appender)
        duck.appender_destroy(&r.appender);
    bytes_free(&r.sql);
    guard_off(x);
    return status;
}
