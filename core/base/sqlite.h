/* sqlite.h -- a connection to a SQLite file with its prepared statements and the durability
 * that jobs need. */
#ifndef CORE_BASE_SQLITE_H
#define CORE_BASE_SQLITE_H

#include <pthread.h>
#include <sqlite3.h>

#include "core/base/arena.h"
#include "core/base/err.h"

enum { MAX_STATEMENTS = 40 };

/* One thread at a time, between lock and unlock. */
struct db {
    sqlite3 *handle;
    pthread_mutex_t lock;
    const char *what;         /* how errors name it: "the job store" */
    const char *const *texts; /* SQL of each statement; prepared at first use */
    sqlite3_stmt *statements[MAX_STATEMENTS];
};

/* Makes the file when it is not there. `what` and `texts` outlive the connection. */
bool db_open(struct db *, const char *what, const char *path, const char *const *texts,
             struct err *e);
void db_close(struct db *);

/* Locks and begins a transaction ("BEGIN IMMEDIATE" when it writes). */
bool db_begin(struct db *, bool writes, struct err *e);
/* Commits when ok, else rolls back; unlocks. Returns whether all is well. */
bool db_end(struct db *, bool ok, struct err *e);

bool db_script(struct db *, const char *sql, struct err *e);

/* The statement, reset and bound by `form`, one letter an argument: t const char * (NULL is
 * null), i int64_t, d double (NaN is null). NULL and *e on failure. */
sqlite3_stmt *db_bind(struct db *, int statement, struct err *e, const char *form, ...);
/* Next row: 1, none: 0, failure: -1 and *e. */
int db_step(struct db *, sqlite3_stmt *, struct err *e);
/* Runs a statement that gives no row; *changed (or NULL) rows. */
bool db_run(struct db *, sqlite3_stmt *, int *changed, struct err *e);

/* Column as text in the arena; NULL for null. */
const char *db_text(struct arena *, sqlite3_stmt *, int column);

#endif
