/* statistics_file.c -- statistics in SQLite, so that a restart keeps them. */
#include <math.h>
#include <stdlib.h>

#include "core/base/num.h"
#include "core/base/sqlite.h"
#include "web/statistics.h"

static const char SCHEMA[] =
    "CREATE TABLE IF NOT EXISTS tables(name TEXT PRIMARY KEY, signature INTEGER NOT NULL,"
    " made INTEGER NOT NULL, nrow INTEGER NOT NULL, sampled INTEGER NOT NULL,"
    " nsample INTEGER NOT NULL, density TEXT) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS columns(name TEXT NOT NULL, i INTEGER NOT NULL,"
    " filled INTEGER NOT NULL, low REAL, high REAL, low_text TEXT, high_text TEXT,"
    " flags INTEGER NOT NULL, bin_low REAL, bin_width REAL, bins TEXT NOT NULL,"
    " nvalue INTEGER NOT NULL, PRIMARY KEY(name, i)) WITHOUT ROWID;"
    /* irow -1: a frequent value of the column, n rows have it; else a cell of a row */
    "CREATE TABLE IF NOT EXISTS cells(name TEXT NOT NULL, icolumn INTEGER NOT NULL,"
    " irow INTEGER NOT NULL, i INTEGER NOT NULL, text TEXT, n INTEGER NOT NULL,"
    " PRIMARY KEY(name, icolumn, irow, i)) WITHOUT ROWID;";

enum statement {
    SQL_FORGET_TABLE,
    SQL_FORGET_COLUMNS,
    SQL_FORGET_CELLS,
    SQL_ADD_TABLE,
    SQL_ADD_COLUMN,
    SQL_ADD_CELL,
    SQL_TABLE,
    SQL_COLUMNS,
    SQL_CELLS
};

static const char *const TEXTS[] = {
    [SQL_FORGET_TABLE] = "DELETE FROM tables WHERE name = ?",
    [SQL_FORGET_COLUMNS] = "DELETE FROM columns WHERE name = ?",
    [SQL_FORGET_CELLS] = "DELETE FROM cells WHERE name = ?",
    [SQL_ADD_TABLE] = "INSERT INTO tables VALUES(?, ?, ?, ?, ?, ?, ?)",
    [SQL_ADD_COLUMN] = "INSERT INTO columns VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    [SQL_ADD_CELL] = "INSERT INTO cells VALUES(?, ?, ?, ?, ?, ?)",
    [SQL_TABLE] = "SELECT made, nrow, sampled, nsample, density FROM tables"
                  " WHERE name = ? AND signature = ?",
    [SQL_COLUMNS] = "SELECT i, filled, low, high, low_text, high_text, flags, bin_low,"
                    " bin_width, bins, nvalue FROM columns WHERE name = ?",
    [SQL_CELLS] = "SELECT icolumn, irow, i, text, n FROM cells WHERE name = ?"};

enum { IS_LOG = 1, IS_TIME = 2, IS_ALL = 4, SAMPLE_MOST = 100, VALUES_MOST = 100 };

struct statistics_file {
    struct db db;
};

struct statistics_file *statistics_file_open(const char *path, struct err *e)
{
    struct statistics_file *f = calloc(1, sizeof *f);
    if (f && db_open(&f->db, "the file of statistics", path, TEXTS, e) &&
        db_script(&f->db, SCHEMA, e) && db_script(&f->db, "PRAGMA synchronous=NORMAL", e))
        return f;
    if (f)
        db_close(&f->db);
    free(f);
    return NULL;
}

void statistics_file_close(struct statistics_file *f)
{
    if (f)
        db_close(&f->db);
    free(f);
}

/* ---- writing ---- */

static bool run(struct db *db, sqlite3_stmt *s, struct err *e)
{
    return s && db_run(db, s, NULL, e);
}

static bool add_cell(struct db *db, const char *name, int64_t icolumn, int64_t irow,
                     int64_t i, const char *text, int64_t n, struct err *e)
{
    return run(db, db_bind(db, SQL_ADD_CELL, e, "tiiiti", name, icolumn, irow, i, text, n),
               e);
}

static bool add_column(struct db *db, const struct statistics_table *t, uint32_t i,
                       struct err *e)
{
    const struct statistics_column *c = &t->column[i];
    int64_t flags = (c->is_log ? IS_LOG : 0) | (c->is_time ? IS_TIME : 0) |
                    (c->values_are_all ? IS_ALL : 0);
    struct bytes bins;
    bytes_init(&bins, 1u << 16);
    for (uint32_t k = 0; k < c->nbin; k++) {
        bytes_add_int(&bins, c->bin[k]);
        bytes_add_char(&bins, ' ');
    }
    const char *text = bytes_text(&bins);
    bool ok =
        text && run(db,
                    db_bind(db, SQL_ADD_COLUMN, e, "tiiddttiddti", t->name, (int64_t)i,
                            c->filled, c->low, c->high, c->low_text, c->high_text, flags,
                            c->bin_low, c->bin_width, text, (int64_t)c->nvalue),
                    e);
    bytes_free(&bins);
    for (uint32_t k = 0; ok && k < c->nvalue; k++)
        ok = add_cell(db, t->name, i, -1, k, c->value[k].text, c->value[k].n, e);
    return ok;
}

static bool forget(struct db *db, const char *name, struct err *e)
{
    for (int i = SQL_FORGET_TABLE; i <= SQL_FORGET_CELLS; i++)
        if (!run(db, db_bind(db, i, e, "t", name), e))
            return false;
    return true;
}

static bool write_all(struct db *db, const struct statistics_table *t, struct err *e)
{
    if (!forget(db, t->name, e) ||
        !run(db,
             db_bind(db, SQL_ADD_TABLE, e, "tiiiiit", t->name, (int64_t)t->signature,
                     t->made_us, t->nrow, t->sampled, (int64_t)t->nsample, t->density),
             e))
        return false;
    for (uint32_t i = 0; i < t->ncolumn; i++)
        if (!add_column(db, t, i, e))
            return false;
    for (uint32_t k = 0; k < t->nsample * t->ncolumn; k++)
        if (t->sample[k] &&
            !add_cell(db, t->name, k % t->ncolumn, k / t->ncolumn, 0, t->sample[k], 0, e))
            return false;
    return true;
}

bool statistics_file_write(struct statistics_file *f, const struct statistics_table *t,
                           struct err *e)
{
    if (!db_begin(&f->db, true, e))
        return false;
    return db_end(&f->db, write_all(&f->db, t, e), e);
}

/* ---- reading: the file may be anything ---- */

struct reading {
    struct statistics_table *t;
    struct statistics_column *column;
    struct statistics_value **value; /* of each column */
    const char **sample;
};

static double number(sqlite3_stmt *s, int column)
{
    return sqlite3_column_type(s, column) == SQLITE_NULL ? NAN
                                                         : sqlite3_column_double(s, column);
}

static uint32_t read_bins(struct arena *arena, str text, const int64_t **out)
{
    int64_t *bin = arena_new_array(arena, int64_t, STATISTICS_BINS);
    uint32_t n = 0;
    while (bin && text.at && n < STATISTICS_BINS) {
        str word = str_cut(&text, ' ');
        if (!num_parse_int(word, &bin[n]) || bin[n] < 0)
            break;
        n++;
    }
    *out = bin;
    return n;
}

static void read_column(struct reading *r, sqlite3_stmt *s)
{
    struct arena *arena = r->t->arena;
    int64_t i = sqlite3_column_int64(s, 0), flags = sqlite3_column_int64(s, 6);
    int64_t nvalue = sqlite3_column_int64(s, 10);
    if (i < 0 || i >= r->t->ncolumn)
        return;
    struct statistics_column *c = &r->column[i];
    c->filled = sqlite3_column_int64(s, 1);
    c->low = number(s, 2);
    c->high = number(s, 3);
    c->low_text = db_text(arena, s, 4);
    c->high_text = db_text(arena, s, 5);
    c->is_log = flags & IS_LOG;
    c->is_time = flags & IS_TIME;
    c->values_are_all = flags & IS_ALL;
    c->bin_low = sqlite3_column_double(s, 7);
    c->bin_width = sqlite3_column_double(s, 8);
    c->nbin = read_bins(arena, str_of(db_text(arena, s, 9)), &c->bin);
    if (nvalue <= 0 || nvalue > VALUES_MOST)
        return;
    r->value[i] = arena_new_array(arena, struct statistics_value, (size_t)nvalue);
    c->value = r->value[i];
    c->nvalue = r->value[i] ? (uint32_t)nvalue : 0;
}

static void read_cell(struct reading *r, sqlite3_stmt *s)
{
    int64_t icolumn = sqlite3_column_int64(s, 0), irow = sqlite3_column_int64(s, 1),
            i = sqlite3_column_int64(s, 2);
    if (icolumn < 0 || icolumn >= r->t->ncolumn)
        return;
    const char *text = db_text(r->t->arena, s, 3);
    if (irow == -1 && i >= 0 && i < r->column[icolumn].nvalue)
        r->value[icolumn][i] = (struct statistics_value){text, sqlite3_column_int64(s, 4)};
    else if (irow >= 0 && irow < r->t->nsample)
        r->sample[irow * r->t->ncolumn + icolumn] = text;
}

static bool read_rows(struct db *db, int statement, struct reading *r,
                      void (*take)(struct reading *, sqlite3_stmt *), struct err *e)
{
    sqlite3_stmt *s = db_bind(db, statement, e, "t", r->t->name);
    int step = s ? db_step(db, s, e) : -1;
    for (; step == 1; step = db_step(db, s, e))
        take(r, s);
    return step == 0;
}

static bool read_all(struct db *db, struct statistics_table *t, struct err *e)
{
    sqlite3_stmt *s = db_bind(db, SQL_TABLE, e, "ti", t->name, (int64_t)t->signature);
    if (!s || db_step(db, s, e) != 1)
        return false;
    t->made_us = sqlite3_column_int64(s, 0);
    t->nrow = sqlite3_column_int64(s, 1);
    t->sampled = sqlite3_column_int64(s, 2);
    int64_t nsample = sqlite3_column_int64(s, 3);
    t->nsample = nsample > 0 && nsample <= SAMPLE_MOST ? (uint32_t)nsample : 0;
    t->density = db_text(t->arena, s, 4);
    if (t->density && strlen(t->density) != STATISTICS_CELLS)
        t->density = NULL;
    struct reading r = {
        .t = t,
        .column = (struct statistics_column *)(uintptr_t)t->column,
        .value = arena_new_array(t->arena, struct statistics_value *, t->ncolumn + 1),
        .sample =
            arena_new_array(t->arena, const char *, (size_t)t->nsample * t->ncolumn + 1)};
    if (!r.value || !r.sample)
        return err_set(e, ERR_LIMIT, "there is no memory for statistics");
    t->sample = r.sample;
    return read_rows(db, SQL_COLUMNS, &r, read_column, e) &&
           read_rows(db, SQL_CELLS, &r, read_cell, e);
}

struct statistics_table *statistics_file_read(struct statistics_file *f,
                                              const struct catalog_table *table,
                                              struct err *e)
{
    struct statistics_table *t = statistics_blank(table);
    if (!t || !db_begin(&f->db, false, e)) {
        statistics_drop(t);
        return NULL;
    }
    if (db_end(&f->db, read_all(&f->db, t, e), e))
        return t;
    statistics_drop(t);
    return NULL;
}
