/* store_postgres.h -- shared by the files that keep jobs in PostgreSQL. */
#ifndef CORE_UWS_STORE_POSTGRES_H
#define CORE_UWS_STORE_POSTGRES_H

#include "core/uws/pg.h"
#include "core/uws/store.h"

/* ---- store_postgres_sql.c ---- */

enum pg_statement {
    PG_INSERT_JOB,
    PG_INSERT_PARAM,
    PG_INSERT_RESULT,
    PG_COUNT_FAIR,
    PG_LOAD,
    PG_PARAMS,
    PG_RESULTS,
    PG_LIST,
    PG_PHASE,
    PG_SET_RUN_ID,
    PG_DELETE_PARAMS,
    PG_SET_LIMITS,
    PG_MOVE,
    PG_NEXT,
    PG_LOCK_FAIR,
    PG_COUNT_RUNNING,
    PG_CLAIM,
    PG_DELETE,
    PG_EXPIRED,
    PG_COUNT,
    PG_AHEAD,
    PG_NOTIFY,
    PG_SEEN,
    PG_PROGRESS,
    PG_RESCUE,
    PG_FORGET_NODES,
    PG_LEAVE,
};

extern const char *const store_postgres_texts[];
extern const char store_postgres_schema[];

/* ---- store_listen.c: hears of changes that other nodes made ---- */

struct listener;
struct listener *listener_start(const struct pg_pool *,
                                void (*changed)(void *context, const char *id),
                                void *context, struct err *e);
void listener_stop(struct listener *);

#endif
