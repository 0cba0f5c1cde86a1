/* load.c -- files to one table of a store file: open, derive, receive, sort, describe. */
#include <stdio.h>

#include "core/base/bytes.h"
#include "core/catalog/catalog.h"
#include "core/ingest/ingest.h"
#include "core/ingest/names.h"
#include "core/ingest/store_file.h"

enum {
    ARENA_BYTES = 64 << 20,
    DESCRIPTION_BYTES = 16 << 20,
    COLUMNS_MAX = 5000,
    DEPTH_MAX = 64,
    RADIANS_LEAST_ROWS = 20
};

struct load {
    const struct ingest_options *options;
    struct arena *arena;
    struct store_file *file;
    const char *schema, *table;
    struct store_table described; /* of the first file */
    struct ingest_report *report;
    double ra_max_deg, dec_max_deg;
};

/* --- reading ----------------------------------------------------------------------- */

static struct rowsource *open_file(const struct ingest_options *o, const char *path,
                                   struct err *e)
{
    struct read_options read = {
        .kind = o->kind,
        .limits = o->limits,
        .hdu = o->hdu,
        .separator = o->separator,
        .parquet = o->parquet,
    };
    if (read.limits.max_rows == 0)
        read.limits.max_rows = INT64_MAX;
    if (read.limits.max_bytes == 0)
        read.limits.max_bytes = (uint64_t)64 << 30;
    if (read.limits.max_columns == 0)
        read.limits.max_columns = COLUMNS_MAX;
    if (read.limits.max_depth == 0)
        read.limits.max_depth = DEPTH_MAX;
    struct err why = {0};
    struct rowsource *rows = table_read(path, &read, &why);
    if (!rows)
        err_set(e, why.kind, "%s: %.1000s", path, why.message);
    return rows;
}

static const char *copy_text(struct load *load, const char *text)
{
    return text ? arena_text(load->arena, str_of(text)) : NULL;
}

/* The columns as the first file has them outlive the file. */
static bool keep_description(struct load *load, const struct ingest_derived *derived)
{
    uint32_t n = derived->rows->ncolumn;
    struct store_column *column = arena_new_array(load->arena, struct store_column, n);
    const struct store_column **list =
        arena_new_array(load->arena, const struct store_column *, n);
    if (!column || !list)
        return false;
    for (uint32_t i = 0; i < n; i++) {
        const struct store_column *from = derived->rows->column[i];
        column[i] = *from;
        column[i].name = copy_text(load, from->name);
        column[i].description = copy_text(load, from->description);
        column[i].unit = copy_text(load, from->unit);
        column[i].ucd = copy_text(load, from->ucd);
        column[i].utype = copy_text(load, from->utype);
        column[i].xtype = copy_text(load, from->xtype);
        column[i].datatype = copy_text(load, from->datatype);
        column[i].arraysize = copy_text(load, from->arraysize);
        column[i].null_literal = NULL;
        column[i].coosys = NULL;
        column[i].timesys = NULL;
        list[i] = &column[i];
    }
    load->described = (struct store_table){
        .size = sizeof load->described,
        .ncolumn = n,
        .column = list,
        .name = load->table,
        .lon_column = derived->lon,
        .lat_column = derived->lat,
        .hpx_column = derived->hpx,
        .hpx_order = INGEST_HPX_ORDER,
        .row_estimate = -1,
    };
    return true;
}

static bool is_same_shape(const struct load *load, const struct ingest_derived *derived,
                          const char *path, struct err *e)
{
    if (derived->rows->ncolumn != load->described.ncolumn)
        return err_set(e, ERR_USAGE, "%s: %u columns, but the first file has %u", path,
                       (unsigned)derived->rows->ncolumn, (unsigned)load->described.ncolumn);
    for (uint32_t i = 0; i < load->described.ncolumn; i++) {
        const char *name = derived->rows->column[i]->name;
        if (!str_eq(str_of(name), str_of(load->described.column[i]->name)))
            return err_set(e, ERR_USAGE,
                           "%s: column %u is \"%s\", but \"%s\" in the first file", path,
                           (unsigned)i + 1, name, load->described.column[i]->name);
    }
    return true;
}

static bool take_rows(struct load *load, const struct ingest_derived *derived,
                      const char *path, struct err *e)
{
    if (!load->described.column && !keep_description(load, derived))
        return err_set(e, ERR_LIMIT, "no memory for %u columns",
                       (unsigned)derived->rows->ncolumn);
    if (!is_same_shape(load, derived, path, e))
        return false;
    struct err why = {0};
    if (!store_file_receive(load->file, derived, &why))
        return err_set_at(e, why.kind, why.line, why.column, "%s: %.1000s", path,
                          why.message);
    load->report->nrow += *derived->nrow;
    if (*derived->ra_max_deg > load->ra_max_deg)
        load->ra_max_deg = *derived->ra_max_deg;
    if (*derived->dec_max_deg > load->dec_max_deg)
        load->dec_max_deg = *derived->dec_max_deg;
    return true;
}

static bool load_file(struct load *load, const char *path, struct err *e)
{
    struct ingest_derived derived;
    struct rowsource *rows = open_file(load->options, path, e);
    if (!rows || !ingest_derive(rows, load->options, load->report->nrow, &derived, e))
        return false;
    bool is_loaded = take_rows(load, &derived, path, e);
    derived.rows->close(derived.rows);
    return is_loaded;
}

/* --- describing -------------------------------------------------------------------- */

static bool write_text(const char *path, str text, struct err *e)
{
    FILE *f = fopen(path, "wx");
    if (!f)
        return err_set(e, ERR_USAGE,
                       "%s cannot be written: it exists already, or its folder does not",
                       path);
    bool is_written = fwrite(text.at, 1, text.len, f) == text.len;
    if (fclose(f) != 0 || !is_written)
        return err_set(e, ERR_LIMIT, "%s: the disk is full", path);
    return true;
}

static bool describe(const struct load *load, struct err *e)
{
    struct bytes out;
    const struct store_table *table = &load->described;
    bytes_init(&out, DESCRIPTION_BYTES);
    bool is_written = catalog_write_felis(load->schema, &table, 1, &out)
                          ? write_text(load->options->description_path, bytes_str(&out), e)
                          : err_set(e, ERR_LIMIT, "a description of %u columns is too long",
                                    (unsigned)table->ncolumn);
    bytes_free(&out);
    return is_written;
}

/* --- all of it --------------------------------------------------------------------- */

static void fill_report(const struct load *load)
{
    struct ingest_report *r = load->report;
    const struct store_table *t = &load->described;
    snprintf(r->table, sizeof r->table, "%.60s.%.60s", load->schema, load->table);
    r->ncolumn = t->ncolumn;
    if (t->column && t->lon_column >= 0) {
        snprintf(r->ra, sizeof r->ra, "%.63s", t->column[t->lon_column]->name);
        snprintf(r->dec, sizeof r->dec, "%.63s", t->column[t->lat_column]->name);
        r->looks_like_radians = r->nrow >= RADIANS_LEAST_ROWS &&
                                load->ra_max_deg <= 6.2832 && load->dec_max_deg <= 1.5708;
    }
}

static bool load_files(struct load *load, struct err *e)
{
    const struct ingest_options *o = load->options;
    for (uint32_t i = 0; i < o->npath; i++)
        if (!load_file(load, o->path[i], e))
            return false;
    load->described.row_estimate = (int64_t)load->report->nrow;
    if (!store_file_make_table(load->file, load->schema, load->table, e) ||
        !store_file_finish(load->file, e))
        return false;
    fill_report(load);
    return !o->description_path || describe(load, e);
}

static bool prepare(struct load *load, struct err *e)
{
    const struct ingest_options *o = load->options;
    if (o->npath == 0 || !o->schema)
        return err_set(e, ERR_USAGE, "nothing to load: name a file and a schema");
    str table = o->table ? str_of(o->table) : ingest_name_of_path(o->path[0]);
    load->schema = ingest_name_clean(load->arena, str_of(o->schema));
    load->table = ingest_name_clean(load->arena, table);
    if (!load->schema || !load->table)
        return err_set(e, ERR_LIMIT, "no memory");
    load->file = store_file_open(&o->target, e);
    return load->file != NULL;
}

bool ingest_load(const struct ingest_options *options, struct ingest_report *report,
                 struct err *e)
{
    struct load load = {.options = options, .report = report};
    *report = (struct ingest_report){0};
    load.arena = arena_new(ARENA_BYTES);
    if (!load.arena)
        return err_set(e, ERR_LIMIT, "no memory");
    bool is_loaded = prepare(&load, e) && load_files(&load, e);
    store_file_close(load.file);
    arena_free(load.arena);
    return is_loaded;
}
