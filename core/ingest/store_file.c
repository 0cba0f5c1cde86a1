/* store_file.c -- see store_file.h. The store is known only through its contract: rows go
 * in by receive(), tables are made by statements. */
#include "core/ingest/store_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/bytes.h"
#include "core/base/clock.h"

#define CATALOG "target" /* the name under which the file is attached */

enum { SQL_BYTES = 1 << 20, NAME_BYTES = 24, PARTS_MAX = 4096 };

struct store_file {
    const struct store_plugin *plugin;
    struct stores *stores;
    struct store *store;
    struct store_session *session;
    struct store_call call;
    struct bytes sql;
    uint32_t npart;
    bool has_hpx;       /* of the parts */
    char position[160]; /* the names of its columns: "ra" "dec" */
};

/* --- opening ----------------------------------------------------------------------- */

static bool begin_session(struct store_file *file, struct err *e)
{
    struct store_error why = {.size = sizeof why};
    file->call = (struct store_call){
        .size = sizeof file->call, .deadline_ns = CLOCK_NEVER, .request_id = "load"};
    if (!file->plugin->begin || !file->plugin->receive || !file->plugin->execute)
        return err_set(e, ERR_USAGE, "a store of adapter %s takes no tables",
                       file->plugin->name);
    enum store_status status =
        file->plugin->begin(file->store, &file->call, &file->session, &why);
    return status == STORE_OK || stores_error(status, &why, e);
}

struct store_file *store_file_open(const struct ingest_target *target, struct err *e)
{
    struct store_file *file = calloc(1, sizeof *file);
    if (!file) {
        err_set(e, ERR_LIMIT, "no memory");
        return NULL;
    }
    struct store_option option[] = {
        {"attach." CATALOG, target->path},
        {"writable", "true"},
        {"memory_limit", target->memory},
    };
    bytes_init(&file->sql, SQL_BYTES);
    file->stores = target->stores;
    size_t noption = target->memory ? 3 : 2;
    if (!stores_open(target->stores, target->adapter ? target->adapter : "duckdb", option,
                     noption, &file->plugin, &file->store, e) ||
        !begin_session(file, e)) {
        store_file_close(file);
        return NULL;
    }
    return file;
}

void store_file_close(struct store_file *file)
{
    if (!file)
        return;
    if (file->session)
        file->plugin->end(file->session);
    if (file->store)
        stores_close(file->stores, file->store);
    bytes_free(&file->sql);
    free(file);
}

/* --- receiving --------------------------------------------------------------------- */

struct row_feed {
    struct store_feed feed; /* first: it is a feed */
    struct rowsource *rows;
    struct err *err;
};

static enum store_status feed_next(struct store_feed *feed, struct store_batch *batch,
                                   struct store_error *why)
{
    struct row_feed *f = (struct row_feed *)feed;
    enum step step = f->rows->next(f->rows, batch, f->err);
    if (step == STEP_ROWS)
        return STORE_OK;
    if (step == STEP_END)
        return STORE_END;
    if (why)
        snprintf(why->message, sizeof why->message, "%.1000s", f->err->message);
    return STORE_INVALID;
}

static void part_name(char out[NAME_BYTES], uint32_t i)
{
    snprintf(out, NAME_BYTES, "load_part_%u", (unsigned)i);
}

/* Names of another length or with quotes are not kept: then there is no index. */
static void keep_position(struct store_file *file, const struct ingest_derived *d)
{
    file->position[0] = '\0';
    if (d->hpx < 0 || d->lon < 0 || d->lat < 0)
        return;
    const char *lon = d->rows->column[d->lon]->name, *lat = d->rows->column[d->lat]->name;
    bool is_plain = !strpbrk(lon, "\"'") && !strpbrk(lat, "\"'");
    if (is_plain && strlen(lon) + strlen(lat) + 6 <= sizeof file->position)
        snprintf(file->position, sizeof file->position, "\"%s\" \"%s\"", lon, lat);
}

bool store_file_receive(struct store_file *file, const struct ingest_derived *derived,
                        struct err *e)
{
    if (file->npart == PARTS_MAX)
        return err_set(e, ERR_LIMIT, "more than %d files for one table", PARTS_MAX);
    char name[NAME_BYTES];
    part_name(name, file->npart);
    struct store_table table = {
        .size = sizeof table,
        .ncolumn = derived->rows->ncolumn,
        .column = derived->rows->column,
        .name = name,
        .lon_column = derived->lon,
        .lat_column = derived->lat,
        .hpx_column = -1, /* it is among the columns: the store need not add one */
        .hpx_order = INGEST_HPX_ORDER,
        .row_estimate = -1,
    };
    table.hpx_column = derived->hpx;
    struct row_feed feed = {{sizeof feed.feed, feed_next}, derived->rows, e};
    struct store_error why = {.size = sizeof why};
    file->npart++;
    file->has_hpx = derived->hpx >= 0;
    keep_position(file, derived);
    enum store_status status =
        file->plugin->receive(file->session, &file->call, &table, &feed.feed, &why);
    return status == STORE_OK || stores_error(status, &why, e);
}

/* --- making ------------------------------------------------------------------------ */

static bool run(struct store_file *file, struct err *e)
{
    struct store_error why = {.size = sizeof why};
    const char *sql = bytes_text(&file->sql);
    if (!sql)
        return err_set(e, ERR_LIMIT, "too many files or columns for one statement");
    enum store_status status = file->plugin->execute(file->session, &file->call, sql, &why);
    return status == STORE_OK || stores_error(status, &why, e);
}

static void put_name(struct bytes *sql, const char *name)
{
    bytes_add_char(sql, '"');
    for (; *name; name++) {
        if (*name == '"')
            bytes_add_char(sql, '"');
        bytes_add_char(sql, *name);
    }
    bytes_add_char(sql, '"');
}

static void put_table(struct bytes *sql, const char *schema, const char *table)
{
    bytes_add_literal(sql, CATALOG ".");
    put_name(sql, schema);
    bytes_add_char(sql, '.');
    put_name(sql, table);
}

static void put_select(struct store_file *file)
{
    for (uint32_t i = 0; i < file->npart; i++) {
        char name[NAME_BYTES];
        part_name(name, i);
        bytes_add_format(&file->sql, "%sSELECT * FROM \"%s\"",
                         i > 0 ? " UNION ALL BY NAME " : "", name);
    }
}

static bool drop_parts(struct store_file *file, struct err *e)
{
    bool is_done = true;
    for (uint32_t i = 0; i < file->npart; i++) {
        char name[NAME_BYTES];
        part_name(name, i);
        bytes_clear(&file->sql);
        bytes_add_format(&file->sql, "DROP TABLE IF EXISTS \"%s\"", name);
        is_done = run(file, e) && is_done;
    }
    file->npart = 0;
    return is_done;
}

/* Which position the index is of: in the words of the store's own comments. */
static bool comment_position(struct store_file *file, const char *schema, const char *table,
                             struct err *e)
{
    if (!file->position[0])
        return true;
    bytes_clear(&file->sql);
    bytes_add_literal(&file->sql, "COMMENT ON COLUMN ");
    put_table(&file->sql, schema, table);
    bytes_add_format(&file->sql,
                     ".\"" INGEST_HPX_NAME "\" IS 'HEALPix NESTED index, order %d, "
                     "of %s'",
                     INGEST_HPX_ORDER, file->position);
    return run(file, e);
}

bool store_file_make_table(struct store_file *file, const char *schema, const char *table,
                           struct err *e)
{
    bytes_clear(&file->sql);
    bytes_add_literal(&file->sql, "CREATE SCHEMA IF NOT EXISTS " CATALOG ".");
    put_name(&file->sql, schema);
    bool is_made = run(file, e);
    bytes_clear(&file->sql);
    bytes_add_literal(&file->sql, "CREATE OR REPLACE TABLE ");
    put_table(&file->sql, schema, table);
    bytes_add_literal(&file->sql, " AS SELECT * FROM (");
    put_select(file);
    bytes_add_literal(&file->sql, ")");
    if (file->has_hpx)
        bytes_add_literal(&file->sql, " ORDER BY \"" INGEST_HPX_NAME "\" ASC NULLS LAST");
    is_made = is_made && run(file, e) && comment_position(file, schema, table, e);
    struct err ignored = {0};
    return drop_parts(file, is_made ? e : &ignored) && is_made;
}

bool store_file_finish(struct store_file *file, struct err *e)
{
    bytes_clear(&file->sql);
    bytes_add_literal(&file->sql, "CHECKPOINT " CATALOG);
    return run(file, e);
}
