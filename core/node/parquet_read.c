/* parquet_read.c -- rows of a Parquet file, read by the embedded engine. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/base/fd.h"
#include "core/node/node.h"

enum { READ_ARENA_BYTES = 64 << 20 };

struct parquet_rows {
    struct rowsource source; /* must be first */
    struct arena *arena;
    const struct query_store *engine;
    const struct catalog *held; /* for as long as the engine is used */
    struct store_call call;
    struct store_session *session;
    struct store_scan *scan;
    char *copy; /* of the file, in the spool; NULL: read where it lies */
};

static enum step rows_next(struct rowsource *source, struct store_batch *batch,
                           struct err *e)
{
    struct parquet_rows *r = (struct parquet_rows *)source;
    struct store_error se = {.size = sizeof se};
    enum store_status status = r->engine->plugin->next(r->scan, batch, &se);
    if (status == STORE_OK)
        return STEP_ROWS;
    if (status == STORE_END)
        return STEP_END;
    stores_error(status, &se, e);
    return STEP_FAILED;
}

static void rows_close(struct rowsource *source)
{
    struct parquet_rows *r = (struct parquet_rows *)source;
    if (r->scan)
        r->engine->plugin->finish(r->scan);
    if (r->session)
        r->engine->plugin->end(r->session);
    catalog_drop(r->held);
    if (r->copy)
        unlink(r->copy);
    arena_free(r->arena);
}

struct type_name {
    const char *sql; /* the engine's name, without array marks */
    enum store_type type;
    const char *as; /* what it is cast to */
    const char *xtype;
};

static const struct type_name TYPES[] = {
    {"BOOLEAN", STORE_BOOL, "BOOLEAN", NULL},
    {"UTINYINT", STORE_U8, "UTINYINT", NULL},
    {"TINYINT", STORE_I16, "SMALLINT", NULL},
    {"SMALLINT", STORE_I16, "SMALLINT", NULL},
    {"USMALLINT", STORE_I32, "INTEGER", NULL},
    {"INTEGER", STORE_I32, "INTEGER", NULL},
    {"UINTEGER", STORE_I64, "BIGINT", NULL},
    {"BIGINT", STORE_I64, "BIGINT", NULL},
    {"UBIGINT", STORE_I64, "BIGINT", NULL},
    {"FLOAT", STORE_F32, "FLOAT", NULL},
    {"DOUBLE", STORE_F64, "DOUBLE", NULL},
    {"HUGEINT", STORE_F64, "DOUBLE", NULL},
    {"TIMESTAMP", STORE_TIME_US, "TIMESTAMP", "timestamp"},
    {"TIMESTAMP_NS", STORE_TIME_US, "TIMESTAMP", "timestamp"},
    {"TIMESTAMP_MS", STORE_TIME_US, "TIMESTAMP", "timestamp"},
    {"TIMESTAMP_S", STORE_TIME_US, "TIMESTAMP", "timestamp"},
    {"TIMESTAMP WITH TIME ZONE", STORE_TIME_US, "TIMESTAMP", "timestamp"},
    {"DATE", STORE_TIME_US, "TIMESTAMP", "timestamp"},
    {"VARCHAR", STORE_TEXT, "VARCHAR", NULL},
};

/* Anything else becomes a number when it is a DECIMAL, else text. */
static struct type_name type_of(str sql)
{
    for (size_t i = 0; i < sizeof TYPES / sizeof *TYPES; i++)
        if (str_eq(sql, str_of(TYPES[i].sql)))
            return TYPES[i];
    if (str_starts_fold(sql, STR("DECIMAL")))
        return (struct type_name){NULL, STORE_F64, "DOUBLE", NULL};
    return (struct type_name){NULL, STORE_TEXT, "VARCHAR", NULL};
}

static void add_quoted(struct bytes *sql, char quote, str text)
{
    bytes_add_char(sql, quote);
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] == quote)
            bytes_add_char(sql, quote);
        bytes_add_char(sql, text.at[i]);
    }
    bytes_add_char(sql, quote);
}

static str cell(const struct store_batch *b, uint32_t column, uint32_t irow)
{
    const struct store_vector *v = &b->column[column];
    return (str){(const char *)v->data + v->offset[irow],
                 v->offset[irow + 1] - v->offset[irow]};
}

/* One column: its description, and its term of the select list. */
static bool add_column(struct parquet_rows *r, str name, str sql_type, struct bytes *select,
                       const struct store_column **out)
{
    struct store_column *c = arena_new_one(r->arena, struct store_column);
    bool is_array = sql_type.len > 2 && sql_type.at[sql_type.len - 1] == ']';
    str element = is_array ? (str){sql_type.at, str_find(sql_type, '[')} : sql_type;
    struct type_name t = type_of(element);
    is_array = is_array && t.type != STORE_TEXT && t.type != STORE_TIME_US;
    if (!is_array)
        t = type_of(sql_type);
    if (!c)
        return false;
    *c = (struct store_column){.size = sizeof *c,
                               .type = t.type,
                               .length = is_array || t.type == STORE_TEXT ? -1 : 1,
                               .flags = STORE_NULLABLE,
                               .name = arena_text(r->arena, name),
                               .xtype = t.xtype};
    bytes_add(select, select->len ? STR(", CAST(") : STR("SELECT CAST("));
    add_quoted(select, '"', name);
    bytes_add_format(select, " AS %s%s) AS ", t.as, is_array ? "[]" : "");
    add_quoted(select, '"', name);
    *out = c;
    return c->name != NULL;
}

static const struct store_column TEXT_COLUMN = {
    .size = sizeof TEXT_COLUMN, .type = STORE_TEXT, .length = -1, .name = "text"};

/* Asks the engine for names and types; leaves the statement that reads them in `select`. */
static enum store_status describe(struct parquet_rows *r, const char *path,
                                  struct bytes *select, struct store_error *se)
{
    const struct store_column *const two[] = {&TEXT_COLUMN, &TEXT_COLUMN};
    const struct store_plugin *p = r->engine->plugin;
    struct bytes sql;
    struct store_batch batch = {.size = sizeof batch};
    struct store_scan *scan = NULL;
    bytes_init(&sql, 1 << 20);
    bytes_add_literal(&sql, "SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM "
                            "read_parquet(");
    add_quoted(&sql, '\'', str_of(path));
    bytes_add_literal(&sql, "))");
    enum store_status status =
        p->run(r->session, &r->call, bytes_text(&sql), NULL, 0, two, 2, &scan, se);
    const struct store_column **column = NULL;
    uint32_t capacity = 0;
    while (status == STORE_OK && (status = p->next(scan, &batch, se)) == STORE_OK)
        for (uint32_t i = 0; i < batch.nrow && status == STORE_OK; i++) {
            if (r->source.ncolumn >= capacity) {
                capacity = capacity ? capacity * 2 : 64;
                void *more = realloc((void *)column, capacity * sizeof *column);
                status = more ? STORE_OK : STORE_LIMIT;
                column = more ? more : column;
            }
            if (status == STORE_OK && !add_column(r, cell(&batch, 0, i), cell(&batch, 1, i),
                                                  select, &column[r->source.ncolumn++]))
                status = STORE_LIMIT;
        }
    if (scan)
        p->finish(scan);
    bytes_free(&sql);
    const struct store_column **kept =
        arena_new_array(r->arena, const struct store_column *, r->source.ncolumn + 1);
    if (kept && column)
        memcpy((void *)kept, (void *)column, r->source.ncolumn * sizeof *kept);
    free((void *)column);
    r->source.column = kept;
    return status == STORE_END && kept ? STORE_OK
           : status == STORE_END       ? STORE_LIMIT
                                       : status;
}

static enum store_status start(struct parquet_rows *r, const char *path,
                               struct store_error *se)
{
    const struct store_plugin *p = r->engine->plugin;
    struct bytes select;
    bytes_init(&select, 16 << 20);
    enum store_status status = p->begin(r->engine->store, &r->call, &r->session, se);
    if (status == STORE_OK)
        status = describe(r, path, &select, se);
    if (status == STORE_OK) {
        bytes_add_literal(&select, " FROM read_parquet(");
        add_quoted(&select, '\'', str_of(path));
        bytes_add_literal(&select, ")");
        const char *sql = bytes_text(&select);
        status = sql ? p->run(r->session, &r->call, sql, NULL, 0, r->source.column,
                              r->source.ncolumn, &r->scan, se)
                     : STORE_LIMIT;
    }
    bytes_free(&select);
    return status;
}

static bool copy_bytes(int from, int to, struct err *e)
{
    char buffer[64 * 1024];
    ssize_t n;
    while ((n = read(from, buffer, sizeof buffer)) > 0)
        if (!fd_write(to, buffer, (size_t)n))
            return err_set(e, ERR_LIMIT, "there is no room for the Parquet file: %s",
                           strerrordesc_np(errno));
    return n == 0 ||
           err_set(e, ERR_INTERNAL, "the Parquet file cannot be read: %s", strerror(errno));
}

/* The engine opens files of its spool folder only. */
static bool copy_to_spool(struct parquet_rows *r, const char *folder, const char *path,
                          struct err *e)
{
    r->copy = arena_format(r->arena, "%s/parquet-XXXXXX", folder);
    int from = open(path, O_RDONLY | O_CLOEXEC);
    int to = from >= 0 && r->copy ? mkstemp(r->copy) : -1;
    bool ok = to >= 0 ? copy_bytes(from, to, e)
                      : err_set(e, ERR_UNAVAILABLE, "the Parquet file cannot be copied: %s",
                                strerror(errno));
    if (to >= 0)
        close(to);
    else
        r->copy = NULL;
    if (from >= 0)
        close(from);
    return ok;
}

struct rowsource *node_parquet_read(void *parquet_node, const char *path, struct err *e)
{
    const struct parquet_node *node = parquet_node;
    struct arena *arena = arena_new(READ_ARENA_BYTES);
    struct parquet_rows *r = arena ? arena_new_one(arena, struct parquet_rows) : NULL;
    if (!r) {
        arena_free(arena);
        err_set(e, ERR_BUSY, "out of memory");
        return NULL;
    }
    r->arena = arena;
    r->engine = node_parquet_engine(node, &r->held);
    r->call = (struct store_call){.size = sizeof r->call, .deadline_ns = INT64_MAX};
    r->source.next = rows_next;
    r->source.close = rows_close;
    struct store_error se = {.size = sizeof se};
    bool in_place = strcmp(node->spool_folder, "/") == 0;
    if (!in_place && !copy_to_spool(r, node->spool_folder, path, e)) {
        rows_close(&r->source);
        return NULL;
    }
    enum store_status status = start(r, in_place ? path : r->copy, &se);
    if (status == STORE_OK)
        return &r->source;
    if (status == STORE_FAILED || status == STORE_INVALID)
        err_set(e, ERR_USAGE, "it is no Parquet file that can be read: %s", se.message);
    else
        stores_error(status, &se, e);
    rows_close(&r->source);
    return NULL;
}
