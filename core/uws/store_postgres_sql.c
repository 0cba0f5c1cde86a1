/* store_postgres_sql.c -- the tables of shared jobs and the statements on them. Times are
 * microseconds since 1970 as in SQLite; only leases are measured by the database's clock,
 * so that the nodes' clocks need not agree. */
#include "core/uws/store_postgres.h"

/* Two nodes that start at once would both make the tables: the lock lets one do it. */
const char store_postgres_schema[] =
    "SELECT pg_advisory_xact_lock(4201726473);"
    "DO $make$ BEGIN IF to_regclass('colure.job') IS NULL THEN "
    "CREATE SCHEMA IF NOT EXISTS colure;"
    "CREATE TABLE colure.node(name text PRIMARY KEY, seen timestamptz NOT NULL);"
    "CREATE TABLE colure.job("
    " seq bigserial PRIMARY KEY, list text NOT NULL, id text NOT NULL UNIQUE,"
    " phase smallint NOT NULL, owner text, fair text NOT NULL, run_id text,"
    " base_url text NOT NULL, created bigint NOT NULL, queued bigint NOT NULL,"
    " started bigint NOT NULL DEFAULT 0, ended bigint NOT NULL DEFAULT 0,"
    " destruction bigint NOT NULL, quote bigint NOT NULL, duration bigint NOT NULL,"
    " attempt integer NOT NULL DEFAULT 0, error text, line integer NOT NULL DEFAULT 0,"
    " col integer NOT NULL DEFAULT 0, message text, version bigint NOT NULL DEFAULT 0,"
    " node text, progress text);"
    "CREATE INDEX job_phase ON colure.job(list, phase, queued);"
    "CREATE INDEX job_owner ON colure.job(list, owner, created);"
    "CREATE INDEX job_fair ON colure.job(list, fair, phase);"
    "CREATE INDEX job_destruction ON colure.job(list, destruction);"
    "CREATE TABLE colure.param("
    " job text NOT NULL REFERENCES colure.job(id) ON DELETE CASCADE, ordinal integer,"
    " name text NOT NULL, value text NOT NULL, file text, type text, bytes bigint NOT NULL,"
    " PRIMARY KEY(job, ordinal));"
    "CREATE TABLE colure.result("
    " job text NOT NULL REFERENCES colure.job(id) ON DELETE CASCADE, ordinal integer,"
    " id text NOT NULL, type text NOT NULL, bytes bigint NOT NULL,"
    " PRIMARY KEY(job, ordinal));"
    "END IF; END $make$";

/* The numbers in the statements below. */
_Static_assert(UWS_QUEUED == 1 && UWS_EXECUTING == 2 && UWS_ERROR == 4, "phases in SQL");

#define JOB_COLUMNS                                                                        \
    "id, phase, owner, fair, run_id, base_url, created, started, ended, destruction, "     \
    "quote, duration, attempt, error, line, col, message, version, progress"

const char *const store_postgres_texts[] = {
    [PG_INSERT_JOB] = "INSERT INTO colure.job(list, id, phase, owner, fair, run_id,"
                      " base_url, created, queued, destruction, quote, duration)"
                      " VALUES($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12)",
    [PG_INSERT_PARAM] = "INSERT INTO colure.param VALUES($1,$2,$3,$4,$5,$6,$7)",
    [PG_INSERT_RESULT] = "INSERT INTO colure.result VALUES($1,$2,$3,$4,$5)",
    [PG_COUNT_FAIR] = "SELECT count(*), count(*) FILTER (WHERE phase IN (1,2))"
                      " FROM colure.job WHERE list=$1 AND fair=$2",
    [PG_LOAD] = "SELECT " JOB_COLUMNS " FROM colure.job WHERE list=$1 AND id=$2",
    [PG_PARAMS] = "SELECT name, value, file, type, bytes FROM colure.param WHERE job=$1"
                  " ORDER BY ordinal",
    [PG_RESULTS] =
        "SELECT id, type, bytes FROM colure.result WHERE job=$1 ORDER BY ordinal",
    [PG_LIST] = "SELECT " JOB_COLUMNS " FROM colure.job WHERE list=$1 AND owner=$2"
                " AND ((1<<phase) & $3::int) != 0 AND created > $4"
                " ORDER BY created DESC, seq DESC LIMIT $5",
    [PG_PHASE] = "SELECT phase, attempt, fair, version FROM colure.job"
                 " WHERE list=$1 AND id=$2 FOR UPDATE",
    [PG_SET_RUN_ID] = "UPDATE colure.job SET run_id=$3, version=version+1"
                      " WHERE list=$1 AND id=$2",
    [PG_DELETE_PARAMS] = "DELETE FROM colure.param WHERE job=$1",
    [PG_SET_LIMITS] =
        "UPDATE colure.job SET duration=$3, destruction=$4 WHERE list=$1 AND id=$2",
    /* $3 phase, $4 now, $5 queued now, $6 ended now, $7-$10 error */
    [PG_MOVE] = "UPDATE colure.job SET phase=$3,"
                " queued=CASE WHEN $5::bool THEN $4 ELSE queued END,"
                " started=CASE WHEN $5::bool THEN 0 ELSE started END,"
                " ended=CASE WHEN $6::bool THEN $4 ELSE ended END,"
                " error=$7, line=$8, col=$9, message=$10, progress=NULL"
                " WHERE list=$1 AND id=$2",
    [PG_NEXT] = "SELECT j.id, j.fair FROM colure.job j LEFT JOIN"
                " (SELECT fair, count(*) AS n FROM colure.job WHERE list=$1 AND phase=2"
                " GROUP BY fair) r ON r.fair=j.fair"
                " WHERE j.list=$1 AND j.phase=1 AND ($2::bigint=0 OR coalesce(r.n,0) < $2)"
                " ORDER BY coalesce(r.n,0), j.queued, j.seq LIMIT 1"
                " FOR UPDATE OF j SKIP LOCKED",
    [PG_LOCK_FAIR] = "SELECT pg_advisory_xact_lock(hashtext($1), hashtext($2))",
    [PG_COUNT_RUNNING] =
        "SELECT count(*) FROM colure.job WHERE list=$1 AND fair=$2 AND phase=2",
    [PG_CLAIM] = "UPDATE colure.job SET phase=2, started=$3, attempt=attempt+1, node=$4,"
                 " progress=NULL WHERE list=$1 AND id=$2",
    [PG_DELETE] = "DELETE FROM colure.job WHERE list=$1 AND id=$2",
    [PG_EXPIRED] = "SELECT id, destruction FROM colure.job WHERE list=$1 AND destruction>0"
                   " ORDER BY destruction LIMIT 1",
    [PG_COUNT] = "SELECT phase, count(*) FROM colure.job WHERE list=$1 GROUP BY phase",
    [PG_AHEAD] = "SELECT count(*) FROM colure.job WHERE list=$1 AND phase=1 AND"
                 " (queued, seq) < (SELECT queued, seq FROM colure.job"
                 " WHERE list=$1 AND id=$2)",
    [PG_NOTIFY] = "SELECT pg_notify('colure_jobs', $1)",
    [PG_SEEN] = "INSERT INTO colure.node VALUES($1, now())"
                " ON CONFLICT (name) DO UPDATE SET seen=now()",
    [PG_PROGRESS] = "UPDATE colure.job SET progress=$5 WHERE list=$1 AND id=$2 AND"
                    " attempt=$3 AND phase=2 AND node=$4",
    /* $2 this node, $3 its running jobs, $4 lease in ms, $5 run again, $6 now, $7 kind and
     * $8 words of the error */
    [PG_RESCUE] = "UPDATE colure.job j SET"
                  " phase=CASE WHEN $5::bool AND attempt<2 THEN 1 ELSE 4 END,"
                  " started=CASE WHEN $5::bool AND attempt<2 THEN 0 ELSE started END,"
                  " ended=CASE WHEN $5::bool AND attempt<2 THEN 0 ELSE $6::bigint END,"
                  " error=CASE WHEN $5::bool AND attempt<2 THEN NULL ELSE $7::text END,"
                  " message=CASE WHEN $5::bool AND attempt<2 THEN NULL ELSE $8::text END,"
                  " progress=NULL"
                  " WHERE list=$1 AND phase=2 AND CASE WHEN node=$2"
                  " THEN id <> ALL ($3::text[])"
                  " ELSE NOT EXISTS (SELECT 1 FROM colure.node n WHERE n.name=j.node AND"
                  " n.seen > now() - $4::bigint * interval '1 millisecond') END"
                  " RETURNING id",
    [PG_FORGET_NODES] = "DELETE FROM colure.node WHERE seen < now() - interval '1 day'",
    [PG_LEAVE] = "DELETE FROM colure.node WHERE name=$1",
};
