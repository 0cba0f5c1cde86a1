/* sqlite.c -- connections and statements; durability. */
#include "core/base/sqlite.h"

#include <stdarg.h>
#include <string.h>

enum { BUSY_MS = 10000 };

static bool failed(struct db *db, struct err *e)
{
    int code = sqlite3_errcode(db->handle);
    return err_set(
        e, code == SQLITE_FULL || code == SQLITE_BUSY ? ERR_UNAVAILABLE : ERR_INTERNAL,
        "%s failed: %s", db->what, sqlite3_errmsg(db->handle));
}

bool db_script(struct db *db, const char *sql, struct err *e)
{
    return sqlite3_exec(db->handle, sql, NULL, NULL, NULL) == SQLITE_OK || failed(db, e);
}

bool db_open(struct db *db, const char *what, const char *path, const char *const *texts,
             struct err *e)
{
    *db = (struct db){.what = what, .texts = texts};
    pthread_mutex_init(&db->lock, NULL);
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
    if (sqlite3_open_v2(path, &db->handle, flags, NULL) != SQLITE_OK)
        return err_set(e, ERR_UNAVAILABLE, "cannot open %s %s: %s", what, path,
                       db->handle ? sqlite3_errmsg(db->handle) : "out of memory");
    sqlite3_busy_timeout(db->handle, BUSY_MS);
    /* FULL: a job that was acknowledged survives a power failure too. */
    return db_script(db,
                     "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; "
                     "PRAGMA foreign_keys=ON; PRAGMA trusted_schema=OFF;",
                     e);
}

void db_close(struct db *db)
{
    if (!db->handle)
        return;
    for (int i = 0; i < MAX_STATEMENTS; i++)
        sqlite3_finalize(db->statements[i]);
    sqlite3_close(db->handle);
    db->handle = NULL;
    pthread_mutex_destroy(&db->lock);
}

bool db_begin(struct db *db, bool writes, struct err *e)
{
    pthread_mutex_lock(&db->lock);
    if (db_script(db, writes ? "BEGIN IMMEDIATE" : "BEGIN", e))
        return true;
    pthread_mutex_unlock(&db->lock);
    return false;
}

bool db_end(struct db *db, bool ok, struct err *e)
{
    for (int i = 0; i < MAX_STATEMENTS; i++) /* a pending SELECT would hold the snapshot */
        if (db->statements[i])
            sqlite3_reset(db->statements[i]);
    if (ok)
        ok = db_script(db, "COMMIT", e);
    if (!ok)
        sqlite3_exec(db->handle, "ROLLBACK", NULL, NULL, NULL);
    pthread_mutex_unlock(&db->lock);
    return ok;
}

sqlite3_stmt *db_bind(struct db *db, int statement, struct err *e, const char *form, ...)
{
    sqlite3_stmt **s = &db->statements[statement];
    if (!*s && sqlite3_prepare_v3(db->handle, db->texts[statement], -1,
                                  SQLITE_PREPARE_PERSISTENT, s, NULL) != SQLITE_OK) {
        failed(db, e);
        return NULL;
    }
    sqlite3_reset(*s);
    sqlite3_clear_bindings(*s);
    va_list args;
    va_start(args, form);
    int rc = SQLITE_OK;
    for (int i = 0; form[i] && rc == SQLITE_OK; i++) {
        if (form[i] == 't') /* the caller's text outlives the step */
            rc =
                sqlite3_bind_text(*s, i + 1, va_arg(args, const char *), -1, SQLITE_STATIC);
        else if (form[i] == 'd')
            rc = sqlite3_bind_double(*s, i + 1, va_arg(args, double));
        else
            rc = sqlite3_bind_int64(*s, i + 1, va_arg(args, int64_t));
    }
    va_end(args);
    if (rc == SQLITE_OK)
        return *s;
    failed(db, e);
    return NULL;
}

int db_step(struct db *db, sqlite3_stmt *s, struct err *e)
{
    int rc = s ? sqlite3_step(s) : SQLITE_ERROR;
    if (rc == SQLITE_ROW)
        return 1;
    if (rc == SQLITE_DONE)
        return 0;
    failed(db, e);
    return -1;
}

bool db_run(struct db *db, sqlite3_stmt *s, int *changed, struct err *e)
{
    int rc = db_step(db, s, e);
    if (changed)
        *changed = sqlite3_changes(db->handle);
    return rc >= 0;
}

const char *db_text(struct arena *arena, sqlite3_stmt *s, int column)
{
    const char *text = (const char *)sqlite3_column_text(s, column);
    return text ? arena_text(arena, (str){text, (size_t)sqlite3_column_bytes(s, column)})
                : NULL;
}
