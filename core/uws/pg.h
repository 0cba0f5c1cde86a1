/* pg.h -- a few connections to the PostgreSQL database of shared jobs, with their prepared
 * statements; used by store_postgres.c and its listener. */
#ifndef CORE_UWS_PG_H
#define CORE_UWS_PG_H

#include <libpq-fe.h>

#include "core/base/arena.h"
#include "core/base/err.h"

enum { PG_MAX_STATEMENTS = 40 };

struct pg_pool;

/* One connection; belongs to one thread between pg_begin() and pg_end(). */
struct pg {
    PGconn *handle;
    const char *const *texts; /* SQL of each statement, $1 ...; prepared at first use */
    bool prepared[PG_MAX_STATEMENTS];
    bool busy, broken;
    struct pg_pool *pool;
};

/* conninfo: a libpq connection string or URI; password (NULL: as libpq finds it) is never
 * logged. Nothing is opened yet. Both texts are copied. NULL: no memory. */
struct pg_pool *pg_pool_new(const char *conninfo, const char *password,
                            const char *const *texts, unsigned max);
void pg_pool_free(struct pg_pool *);

/* A connection of its own, outside the pool (the listener's). NULL and *e on failure. */
PGconn *pg_connect(const struct pg_pool *, struct err *e);

/* Takes a connection (waits for a free one, opens or re-opens it) and begins a transaction,
 * read committed. NULL and *e: UNAVAILABLE. */
struct pg *pg_begin(struct pg_pool *, struct err *e);
/* Commits when ok, else rolls back; gives the connection back. Returns whether all is well.
 */
bool pg_end(struct pg *, bool ok, struct err *e);

/* Runs a statement, its arguments by `form`, one letter each: t const char * (NULL is
 * null), i int64_t, b int (boolean). Rows as text; the caller clears them. NULL and *e on
 * failure.
 */
PGresult *pg_run(struct pg *, int statement, struct err *e, const char *form, ...);
/* The same for its effect; *changed (or NULL): rows. */
bool pg_do(struct pg *, int statement, int *changed, struct err *e, const char *form, ...);
/* Plain SQL without arguments. */
bool pg_script(struct pg *, const char *sql, struct err *e);

/* Values of a result. Text in the arena; NULL for null. */
const char *pg_text(struct arena *, const PGresult *, int row, int column);
int64_t pg_int(const PGresult *, int row, int column);

#endif
