/* pg.c -- connections and statements of the shared job database. */
#include "core/uws/pg.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/base/num.h"

enum { MAX_CONNECTIONS = 16, MAX_ARGUMENTS = 20, WAIT_S = 10, INT_BYTES = 24 };

struct pg_pool {
    char *conninfo, *password;
    const char *const *texts;
    unsigned max;
    pthread_mutex_t lock;
    pthread_cond_t free;
    struct pg connection[MAX_CONNECTIONS];
};

/* The database's own words go to the operator's log: they may name hosts and tables. */
static bool failed(PGconn *handle, const PGresult *result, struct err *e)
{
    const char *why = result ? PQresultErrorMessage(result) : PQerrorMessage(handle);
    log_line(LOG_ERROR, NULL, "the job database: %.*s", (int)strcspn(why, "\n"), why);
    return err_set(e, ERR_UNAVAILABLE,
                   "the database of jobs does not answer as it should; please try again in "
                   "a minute");
}

struct pg_pool *pg_pool_new(const char *conninfo, const char *password,
                            const char *const *texts, unsigned max)
{
    struct pg_pool *pool = calloc(1, sizeof *pool);
    if (!pool)
        return NULL;
    pool->conninfo = strdup(conninfo);
    pool->password = password ? strdup(password) : NULL;
    pool->texts = texts;
    pool->max = max < MAX_CONNECTIONS ? max : MAX_CONNECTIONS;
    pthread_mutex_init(&pool->lock, NULL);
    clock_condition_init(&pool->free);
    if (pool->conninfo && (pool->password || !password))
        return pool;
    pg_pool_free(pool);
    return NULL;
}

void pg_pool_free(struct pg_pool *pool)
{
    if (!pool)
        return;
    for (unsigned i = 0; i < pool->max; i++)
        PQfinish(pool->connection[i].handle);
    pthread_cond_destroy(&pool->free);
    pthread_mutex_destroy(&pool->lock);
    free(pool->conninfo);
    free(pool->password);
    free(pool);
}

PGconn *pg_connect(const struct pg_pool *pool, struct err *e)
{
    const char *const names[] = {"dbname",
                                 "application_name",
                                 "client_encoding",
                                 "connect_timeout",
                                 "tcp_user_timeout",
                                 "password",
                                 NULL};
    const char *const values[] = {pool->conninfo, "colure jobs",  "UTF8", "5",
                                  "20000",        pool->password, NULL};
    PGconn *handle = PQconnectdbParams(names, values, 1);
    if (handle && PQstatus(handle) == CONNECTION_OK) {
        PQclear(PQexec(handle, "SET statement_timeout='30s'; SET lock_timeout='10s'; "
                               "SET default_transaction_read_only=off"));
        return handle;
    }
    err_set(e, ERR_UNAVAILABLE, "the database of jobs cannot be reached");
    failed(handle, NULL, e); /* for the log: the first error stays */
    PQfinish(handle);
    return NULL;
}

/* ---- the pool ---- */

static struct pg *take(struct pg_pool *pool, struct err *e)
{
    int64_t until = clock_deadline_ns(WAIT_S);
    struct pg *found = NULL;
    pthread_mutex_lock(&pool->lock);
    while (!found) {
        for (unsigned i = 0; i < pool->max && !found; i++)
            if (!pool->connection[i].busy)
                found = &pool->connection[i];
        if (found || clock_monotonic_ns() >= until)
            break;
        clock_condition_wait(&pool->free, &pool->lock, until);
    }
    if (found)
        found->busy = true;
    pthread_mutex_unlock(&pool->lock);
    if (!found)
        err_set(e, ERR_BUSY, "the database of jobs is busy; please try again in a minute");
    return found;
}

static void give(struct pg *pg)
{
    struct pg_pool *pool = pg->pool;
    pthread_mutex_lock(&pool->lock);
    pg->busy = false;
    pthread_cond_signal(&pool->free);
    pthread_mutex_unlock(&pool->lock);
}

static void hang_up(struct pg *pg)
{
    PQfinish(pg->handle);
    pg->handle = NULL;
    pg->broken = false;
    memset(pg->prepared, 0, sizeof pg->prepared);
}

static bool begin(struct pg *pg)
{
    PGresult *r = pg->handle ? PQexec(pg->handle, "BEGIN") : NULL;
    bool ok = r && PQresultStatus(r) == PGRES_COMMAND_OK;
    PQclear(r);
    return ok;
}

struct pg *pg_begin(struct pg_pool *pool, struct err *e)
{
    struct pg *pg = take(pool, e);
    if (!pg)
        return NULL;
    pg->pool = pool;
    pg->texts = pool->texts;
    if (begin(pg)) /* the database was perhaps restarted since: then once more */
        return pg;
    hang_up(pg);
    pg->handle = pg_connect(pool, e);
    if (begin(pg))
        return pg;
    err_set(e, ERR_UNAVAILABLE, "the database of jobs cannot be reached"); /* if new */
    hang_up(pg);
    give(pg);
    return NULL;
}

bool pg_end(struct pg *pg, bool ok, struct err *e)
{
    if (ok) {
        PGresult *r = PQexec(pg->handle, "COMMIT");
        /* A failed transaction answers COMMIT with ROLLBACK. */
        ok = PQresultStatus(r) == PGRES_COMMAND_OK && strcmp(PQcmdStatus(r), "COMMIT") == 0;
        if (!ok)
            failed(pg->handle, r, e);
        PQclear(r);
    } else
        PQclear(PQexec(pg->handle, "ROLLBACK"));
    if (PQstatus(pg->handle) != CONNECTION_OK ||
        PQtransactionStatus(pg->handle) != PQTRANS_IDLE)
        hang_up(pg);
    give(pg);
    return ok;
}

/* ---- statements ---- */

static bool prepare(struct pg *pg, int statement, const char *name, struct err *e)
{
    if (pg->prepared[statement])
        return true;
    PGresult *r = PQprepare(pg->handle, name, pg->texts[statement], 0, NULL);
    bool ok = PQresultStatus(r) == PGRES_COMMAND_OK || failed(pg->handle, r, e);
    pg->prepared[statement] = ok;
    PQclear(r);
    return ok;
}

static PGresult *run(struct pg *pg, int statement, struct err *e, const char *form,
                     va_list args)
{
    const char *values[MAX_ARGUMENTS];
    char numbers[MAX_ARGUMENTS][INT_BYTES], name[16];
    int n = 0;
    for (; form[n]; n++) {
        values[n] = numbers[n];
        if (form[n] == 't')
            values[n] = va_arg(args, const char *);
        else if (form[n] == 'b')
            values[n] = va_arg(args, int) ? "t" : "f";
        else
            snprintf(numbers[n], INT_BYTES, "%" PRId64, va_arg(args, int64_t));
    }
    snprintf(name, sizeof name, "j%d", statement);
    if (!prepare(pg, statement, name, e))
        return NULL;
    PGresult *r = PQexecPrepared(pg->handle, name, n, values, NULL, NULL, 0);
    ExecStatusType status = PQresultStatus(r);
    if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK)
        return r;
    failed(pg->handle, r, e);
    PQclear(r);
    return NULL;
}

PGresult *pg_run(struct pg *pg, int statement, struct err *e, const char *form, ...)
{
    va_list args;
    va_start(args, form);
    PGresult *r = run(pg, statement, e, form, args);
    va_end(args);
    return r;
}

bool pg_do(struct pg *pg, int statement, int *changed, struct err *e, const char *form, ...)
{
    va_list args;
    va_start(args, form);
    PGresult *r = run(pg, statement, e, form, args);
    va_end(args);
    int64_t n = 0;
    if (r && changed) {
        num_parse_int(str_of(PQcmdTuples(r)), &n);
        *changed = (int)n;
    }
    PQclear(r);
    return r != NULL;
}

bool pg_script(struct pg *pg, const char *sql, struct err *e)
{
    PGresult *r = PQexec(pg->handle, sql);
    bool ok = PQresultStatus(r) == PGRES_COMMAND_OK || failed(pg->handle, r, e);
    PQclear(r);
    return ok;
}

const char *pg_text(struct arena *arena, const PGresult *r, int row, int column)
{
    if (PQgetisnull(r, row, column))
        return NULL;
    return arena_text(
        arena, (str){PQgetvalue(r, row, column), (size_t)PQgetlength(r, row, column)});
}

int64_t pg_int(const PGresult *r, int row, int column)
{
    int64_t value = 0;
    if (!PQgetisnull(r, row, column))
        num_parse_int(str_of(PQgetvalue(r, row, column)), &value);
    return value;
}
