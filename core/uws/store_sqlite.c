/* store_sqlite.c -- jobs in SQLite: one connection writes, another reads, so that a reader
 * never waits for a writer's disk. */
#include <stdlib.h>

#include "core/base/sqlite.h"
#include "core/uws/store.h"

static const char SCHEMA[] =
    "CREATE TABLE IF NOT EXISTS job("
    " seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, phase INTEGER NOT "
    "NULL,"
    " owner TEXT, fair TEXT NOT NULL, run_id TEXT, base_url TEXT NOT NULL,"
    " created INTEGER NOT NULL, queued INTEGER NOT NULL, start INTEGER NOT NULL,"
    " end INTEGER NOT NULL, destruction INTEGER NOT NULL, quote INTEGER NOT NULL,"
    " duration INTEGER NOT NULL, attempt INTEGER NOT NULL, error TEXT,"
    " line INTEGER NOT NULL, col INTEGER NOT NULL, message TEXT);"
    "CREATE INDEX IF NOT EXISTS job_phase ON job(phase, queued);"
    "CREATE INDEX IF NOT EXISTS job_owner ON job(owner, created);"
    "CREATE INDEX IF NOT EXISTS job_fair ON job(fair, phase);"
    "CREATE INDEX IF NOT EXISTS job_destruction ON job(destruction);"
    "CREATE TABLE IF NOT EXISTS param("
    " job TEXT NOT NULL REFERENCES job(id) ON DELETE CASCADE, ordinal INTEGER NOT NULL,"
    " name TEXT NOT NULL, value TEXT NOT NULL, file TEXT, type TEXT, bytes INTEGER NOT "
    "NULL,"
    " PRIMARY KEY(job, ordinal)) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS result("
    " job TEXT NOT NULL REFERENCES job(id) ON DELETE CASCADE, ordinal INTEGER NOT NULL,"
    " id TEXT NOT NULL, type TEXT NOT NULL, bytes INTEGER NOT NULL,"
    " PRIMARY KEY(job, ordinal)) WITHOUT ROWID;";

enum statement {
    SQL_INSERT_JOB,
    SQL_INSERT_PARAM,
    SQL_INSERT_RESULT,
    SQL_COUNT_FAIR,
    SQL_LOAD,
    SQL_PARAMS,
    SQL_RESULTS,
    SQL_LIST,
    SQL_PHASE,
    SQL_SET_RUN_ID,
    SQL_DELETE_PARAMS,
    SQL_SET_LIMITS,
    SQL_MOVE,
    SQL_NEXT,
    SQL_CLAIM,
    SQL_DELETE,
    SQL_EXPIRED,
    SQL_REQUEUE_ALL,
    SQL_FAIL_ALL,
    SQL_COUNT,
    SQL_AHEAD,
};

#define JOB_COLUMNS                                                                        \
    "id, phase, owner, fair, run_id, base_url, created, start, end, destruction, quote, "  \
    "duration, attempt, error, line, col, message"

static const char *const TEXTS[] = {
    [SQL_INSERT_JOB] =
        "INSERT INTO job(id, phase, owner, fair, run_id, base_url, created,"
        " queued, start, end, destruction, quote, duration, attempt, line, col)"
        " VALUES(?,?,?,?,?,?,?,?,0,0,?,?,?,0,0,0)",
    [SQL_INSERT_PARAM] = "INSERT INTO param VALUES(?,?,?,?,?,?,?)",
    [SQL_INSERT_RESULT] = "INSERT INTO result VALUES(?,?,?,?,?)",
    [SQL_COUNT_FAIR] =
        "SELECT count(*), coalesce(sum(phase IN (1,2)),0) FROM job WHERE fair=?",
    [SQL_LOAD] = "SELECT " JOB_COLUMNS " FROM job WHERE id=?",
    [SQL_PARAMS] =
        "SELECT name, value, file, type, bytes FROM param WHERE job=? ORDER BY ordinal",
    [SQL_RESULTS] = "SELECT id, type, bytes FROM result WHERE job=? ORDER BY ordinal",
    [SQL_LIST] = "SELECT " JOB_COLUMNS " FROM job WHERE owner=?1 AND ((1<<phase) & ?2) != 0"
                 " AND created > ?3 ORDER BY created DESC, seq DESC LIMIT ?4",
    [SQL_PHASE] = "SELECT phase, attempt, fair FROM job WHERE id=?",
    [SQL_SET_RUN_ID] = "UPDATE job SET run_id=?2 WHERE id=?1",
    [SQL_DELETE_PARAMS] = "DELETE FROM param WHERE job=?",
    [SQL_SET_LIMITS] = "UPDATE job SET duration=?2, destruction=?3 WHERE id=?1",
    /* ?2 phase, ?3 now, ?4 queued now, ?5 ended now, ?6-?9 error */
    [SQL_MOVE] = "UPDATE job SET phase=?2, queued=iif(?4, ?3, queued),"
                 " start=iif(?4, 0, start), end=iif(?5, ?3, end),"
                 " error=?6, line=?7, col=?8, message=?9 WHERE id=?1",
    [SQL_NEXT] = "SELECT j.id FROM job j LEFT JOIN (SELECT fair, count(*) AS n FROM job"
                 " WHERE phase=2 GROUP BY fair) r ON r.fair=j.fair"
                 " WHERE j.phase=1 AND (?1=0 OR coalesce(r.n,0) < ?1)"
                 " ORDER BY coalesce(r.n,0), j.queued, j.seq LIMIT 1",
    [SQL_CLAIM] = "UPDATE job SET phase=2, start=?2, attempt=attempt+1 WHERE id=?1",
    [SQL_DELETE] = "DELETE FROM job WHERE id=?",
    [SQL_EXPIRED] = ("SELECT id, destruction FROM job WHERE destruction>0"
                     " ORDER BY destruction LIMIT 1"),
    [SQL_REQUEUE_ALL] = "UPDATE job SET phase=1, start=0 WHERE phase=2 AND attempt<2",
    [SQL_FAIL_ALL] = "UPDATE job SET phase=4, end=?1, error=?2, message=?3 WHERE phase=2",
    [SQL_COUNT] = "SELECT phase, count(*) FROM job GROUP BY phase",
    [SQL_AHEAD] = "SELECT count(*) FROM job WHERE phase=1 AND (queued, seq) <"
                  " (SELECT queued, seq FROM job WHERE id=?)",
};

/* The numbers in the statements above. */
_Static_assert(UWS_QUEUED == 1 && UWS_EXECUTING == 2 && UWS_ERROR == 4, "phases in SQL");

struct store {
    struct uws_store interface; /* must be first */
    struct db writer, reader;
};

static struct store *of(struct uws_store *s)
{
    return (struct store *)s;
}

static void store_close(struct uws_store *s)
{
    if (!s)
        return;
    db_close(&of(s)->reader);
    db_close(&of(s)->writer);
    free(s);
}

/* ---- creation ---- */

static bool insert_params(struct db *db, const struct uws_job *job, struct err *e)
{
    for (size_t i = 0; i < job->nparam; i++) {
        const struct uws_param *p = &job->params[i];
        if (!db_run(db,
                    db_bind(db, SQL_INSERT_PARAM, e, "titttti", job->id, (int64_t)i,
                            p->name, p->value, p->path, p->content_type, (int64_t)p->bytes),
                    NULL, e))
            return false;
    }
    return true;
}

static bool check_quota(struct db *db, const char *fair, struct uws_quota quota,
                        bool is_new, bool queues, struct err *e)
{
    sqlite3_stmt *s = db_bind(db, SQL_COUNT_FAIR, e, "t", fair);
    if (db_step(db, s, e) != 1)
        return false;
    return store_check_quota(quota, sqlite3_column_int64(s, 0), sqlite3_column_int64(s, 1),
                             is_new, queues, e);
}

static bool insert_job(struct db *db, const struct uws_job *job, struct err *e)
{
    return db_run(db,
                  db_bind(db, SQL_INSERT_JOB, e,
                          "titttt"
                          "iiiii",
                          job->id, (int64_t)job->phase, job->owner, job->fair_key,
                          job->run_id, job->base_url, job->created_us, job->created_us,
                          job->destruction_us, job->quote_us, job->duration_s),
                  NULL, e);
}

static bool store_create(struct uws_store *store, const struct uws_job *job,
                         struct uws_quota quota, struct err *e)
{
    struct db *db = &of(store)->writer;
    if (!db_begin(db, true, e))
        return false;
    bool ok = check_quota(db, job->fair_key, quota, true, job->phase == UWS_QUEUED, e) &&
              insert_job(db, job, e) && insert_params(db, job, e);
    return db_end(db, ok, e);
}

/* ---- reading ---- */

static void read_job(struct arena *arena, sqlite3_stmt *s, struct uws_job *job)
{
    const char *base_url = db_text(arena, s, 5), *message = db_text(arena, s, 16);
    *job = (struct uws_job){
        .id = db_text(arena, s, 0),
        .phase = (enum uws_phase)sqlite3_column_int(s, 1),
        .owner = db_text(arena, s, 2),
        .fair_key = db_text(arena, s, 3),
        .run_id = db_text(arena, s, 4),
        .base_url = base_url ? base_url : "",
        .created_us = sqlite3_column_int64(s, 6),
        .start_us = sqlite3_column_int64(s, 7),
        .end_us = sqlite3_column_int64(s, 8),
        .destruction_us = sqlite3_column_int64(s, 9),
        .quote_us = sqlite3_column_int64(s, 10),
        .duration_s = sqlite3_column_int64(s, 11),
        .attempt = (unsigned)sqlite3_column_int(s, 12),
    };
    enum err_kind kind = store_kind((const char *)sqlite3_column_text(s, 13));
    if (kind != ERR_NONE)
        err_set_at(&job->error, kind, sqlite3_column_int(s, 14), sqlite3_column_int(s, 15),
                   "%s", message ? message : "");
}

/* Doubles an arena array when it is full; NULL without memory. */
static void *room(struct arena *arena, void *array, size_t n, size_t size)
{
    if (n != 0 && (n < 8 || (n & (n - 1)) != 0))
        return array;
    void *more = arena_alloc(arena, n ? 2 * n : 8, size);
    if (more && n)
        memcpy(more, array, n * size);
    return more;
}

static bool read_params(struct db *db, struct arena *arena, struct uws_job *job,
                        struct err *e)
{
    sqlite3_stmt *s = db_bind(db, SQL_PARAMS, e, "t", job->id);
    int step;
    while ((step = db_step(db, s, e)) == 1) {
        job->params = room(arena, job->params, job->nparam, sizeof *job->params);
        if (!job->params)
            return store_no_room(e);
        job->params[job->nparam++] = (struct uws_param){
            .name = db_text(arena, s, 0),
            .value = db_text(arena, s, 1),
            .path = db_text(arena, s, 2),
            .content_type = db_text(arena, s, 3),
            .bytes = (uint64_t)sqlite3_column_int64(s, 4),
        };
        if (!job->params[job->nparam - 1].name || !job->params[job->nparam - 1].value)
            return store_no_room(e);
    }
    return step == 0;
}

static bool read_results(struct db *db, struct arena *arena, struct uws_job *job,
                         struct err *e)
{
    sqlite3_stmt *s = db_bind(db, SQL_RESULTS, e, "t", job->id);
    int step;
    while ((step = db_step(db, s, e)) == 1) {
        job->results = room(arena, job->results, job->nresult, sizeof *job->results);
        if (!job->results)
            return store_no_room(e);
        job->results[job->nresult++] = (struct uws_result){
            .id = db_text(arena, s, 0),
            .content_type = db_text(arena, s, 1),
            .bytes = (uint64_t)sqlite3_column_int64(s, 2),
        };
    }
    return step == 0;
}

static bool load_from(struct db *db, struct arena *arena, const char *id,
                      struct uws_job *job, struct err *e)
{
    sqlite3_stmt *s = db_bind(db, SQL_LOAD, e, "t", id);
    int step = db_step(db, s, e);
    if (step < 0)
        return false;
    if (step == 0)
        return store_no_job(id, e);
    read_job(arena, s, job);
    return job->id ? read_params(db, arena, job, e) && read_results(db, arena, job, e)
                   : store_no_room(e);
}

static bool store_load(struct uws_store *store, struct arena *arena, const char *id,
                       struct uws_job *job, struct err *e)
{
    struct db *db = &of(store)->reader;
    if (!db_begin(db, false, e))
        return false;
    return db_end(db, load_from(db, arena, id, job, e), e);
}

static bool store_list(struct uws_store *store, struct arena *arena,
                       const struct uws_filter *filter, struct uws_job **jobs, size_t *n,
                       struct err *e)
{
    struct db *db = &of(store)->reader;
    int64_t phases = filter->phases ? filter->phases : ~PHASE_BIT(UWS_ARCHIVED) & 0x3FF;
    *jobs = NULL;
    *n = 0;
    if (!db_begin(db, false, e))
        return false;
    sqlite3_stmt *s = db_bind(db, SQL_LIST, e, "tiii", filter->owner, phases,
                              filter->after_us, filter->last ? filter->last : (int64_t)-1);
    int step;
    while ((step = db_step(db, s, e)) == 1) {
        *jobs = room(arena, *jobs, *n, sizeof **jobs);
        if (!*jobs)
            return db_end(db, store_no_room(e), e);
        read_job(arena, s, &(*jobs)[(*n)++]);
    }
    return db_end(db, step == 0, e);
}

/* ---- changes ---- */

/* The job's phase now: 1 found, 0 not there, -1 failure. */
static int read_phase(struct db *db, const char *id, enum uws_phase *phase,
                      unsigned *attempt, const char **fair, struct err *e)
{
    sqlite3_stmt *s = db_bind(db, SQL_PHASE, e, "t", id);
    int step = db_step(db, s, e);
    if (step == 1) {
        *phase = (enum uws_phase)sqlite3_column_int(s, 0);
        *attempt = (unsigned)sqlite3_column_int(s, 1);
        *fair = (const char *)sqlite3_column_text(s, 2); /* until the next reset */
    }
    return step;
}

static bool check_pending(struct db *db, const char *id, struct err *e)
{
    enum uws_phase phase;
    unsigned attempt;
    const char *fair;
    int found = read_phase(db, id, &phase, &attempt, &fair, e);
    if (found == 0)
        return store_no_job(id, e);
    return found == 1 && store_check_editable(phase, e);
}

static bool store_set_params(struct uws_store *store, const struct uws_job *job,
                             struct err *e)
{
    struct db *db = &of(store)->writer;
    if (!db_begin(db, true, e))
        return false;
    bool ok =
        check_pending(db, job->id, e) &&
        db_run(db, db_bind(db, SQL_SET_RUN_ID, e, "tt", job->id, job->run_id), NULL, e) &&
        db_run(db, db_bind(db, SQL_DELETE_PARAMS, e, "t", job->id), NULL, e) &&
        insert_params(db, job, e);
    return db_end(db, ok, e);
}

static bool store_set_limits(struct uws_store *store, const struct uws_job *job,
                             struct err *e)
{
    struct db *db = &of(store)->writer;
    int changed = 0;
    if (!db_begin(db, true, e))
        return false;
    bool ok = db_run(db,
                     db_bind(db, SQL_SET_LIMITS, e, "tii", job->id, job->duration_s,
                             job->destruction_us),
                     &changed, e);
    if (ok && changed == 0)
        ok = store_no_job(job->id, e);
    return db_end(db, ok, e);
}

static bool insert_results(struct db *db, const struct uws_move *move, struct err *e)
{
    for (size_t i = 0; i < move->nresult; i++) {
        const struct uws_result *r = &move->results[i];
        if (!db_run(db,
                    db_bind(db, SQL_INSERT_RESULT, e, "titti", move->id, (int64_t)i, r->id,
                            r->content_type, (int64_t)r->bytes),
                    NULL, e))
            return false;
    }
    return true;
}

static bool apply(struct db *db, const struct uws_move *move, struct err *e)
{
    static const struct err NONE;
    const struct err *error = move->error ? move->error : &NONE;
    return db_run(db,
                  db_bind(db, SQL_MOVE, e, "tiiiitiit", move->id, (int64_t)move->to,
                          move->now_us, (int64_t)(move->to == UWS_QUEUED),
                          (int64_t)store_move_ends(move), store_kind_word(error->kind),
                          (int64_t)error->line, (int64_t)error->column,
                          error->kind ? error->message : NULL),
                  NULL, e) &&
           insert_results(db, move, e);
}

static bool store_move(struct uws_store *store, const struct uws_move *move, bool *moved,
                       struct err *e)
{
    struct db *db = &of(store)->writer;
    enum uws_phase phase = UWS_UNKNOWN;
    unsigned attempt = 0;
    const char *fair = NULL;
    *moved = false;
    if (!db_begin(db, true, e))
        return false;
    int found = read_phase(db, move->id, &phase, &attempt, &fair, e);
    bool ok = found >= 0;
    if (found == 1 && (PHASE_BIT(phase) & move->from) &&
        (move->attempt == 0 || move->attempt == attempt)) {
        if (move->to == UWS_QUEUED)
            ok = check_quota(db, fair, move->quota, false, true, e);
        *moved = ok = ok && apply(db, move, e);
    }
    ok = db_end(db, ok, e);
    *moved = *moved && ok;
    return ok;
}

static bool claim_next(struct db *db, struct arena *arena, unsigned max_running,
                       int64_t now_us, struct uws_job *job, bool *found, struct err *e)
{
    sqlite3_stmt *s = db_bind(db, SQL_NEXT, e, "i", (int64_t)max_running);
    int step = db_step(db, s, e);
    if (step != 1)
        return step == 0;
    const char *id = db_text(arena, s, 0);
    if (!id)
        return store_no_room(e);
    *found = true;
    return db_run(db, db_bind(db, SQL_CLAIM, e, "ti", id, now_us), NULL, e) &&
           load_from(db, arena, id, job, e);
}

static bool store_claim(struct uws_store *store, struct arena *arena, unsigned max_running,
                        int64_t now_us, struct uws_job *job, bool *found, struct err *e)
{
    struct db *db = &of(store)->writer;
    *found = false;
    if (!db_begin(db, true, e))
        return false;
    return db_end(db, claim_next(db, arena, max_running, now_us, job, found, e), e);
}

static bool store_remove(struct uws_store *store, const char *id, bool *existed,
                         struct err *e)
{
    struct db *db = &of(store)->writer;
    int changed = 0;
    if (!db_begin(db, true, e))
        return false;
    bool ok = db_end(db, db_run(db, db_bind(db, SQL_DELETE, e, "t", id), &changed, e), e);
    *existed = ok && changed > 0;
    return ok;
}

static bool store_expired(struct uws_store *store, struct arena *arena, int64_t now_us,
                          const char **id, int64_t *next_us, struct err *e)
{
    struct db *db = &of(store)->reader;
    *id = NULL;
    *next_us = INT64_MAX;
    if (!db_begin(db, false, e))
        return false;
    sqlite3_stmt *s = db_bind(db, SQL_EXPIRED, e, "");
    int step = db_step(db, s, e);
    if (step == 1) {
        *next_us = sqlite3_column_int64(s, 1);
        if (*next_us <= now_us)
            *id = db_text(arena, s, 0);
    }
    return db_end(db, step >= 0, e);
}

static bool store_recover(struct uws_store *store, bool again, int64_t now_us,
                          struct err *e)
{
    struct db *db = &of(store)->writer;
    if (!db_begin(db, true, e))
        return false;
    bool ok = !again || db_run(db, db_bind(db, SQL_REQUEUE_ALL, e, ""), NULL, e);
    ok = ok && db_run(db,
                      db_bind(db, SQL_FAIL_ALL, e, "itt", now_us,
                              store_kind_word(ERR_UNAVAILABLE), STORE_INTERRUPTED),
                      NULL, e);
    return db_end(db, ok, e);
}

static bool store_count(struct uws_store *store, uint64_t phases[UWS_ARCHIVED + 1],
                        struct err *e)
{
    struct db *db = &of(store)->reader;
    if (!db_begin(db, false, e))
        return false;
    sqlite3_stmt *s = db_bind(db, SQL_COUNT, e, "");
    int step;
    while ((step = db_step(db, s, e)) == 1) {
        int phase = sqlite3_column_int(s, 0);
        if (phase >= 0 && phase <= UWS_ARCHIVED)
            phases[phase] = (uint64_t)sqlite3_column_int64(s, 1);
    }
    return db_end(db, step == 0, e);
}

static bool store_ahead(struct uws_store *store, const char *id, uint64_t *n, struct err *e)
{
    struct db *db = &of(store)->reader;
    if (!db_begin(db, false, e))
        return false;
    sqlite3_stmt *s = db_bind(db, SQL_AHEAD, e, "t", id);
    bool ok = db_step(db, s, e) == 1;
    if (ok)
        *n = (uint64_t)sqlite3_column_int64(s, 0);
    return db_end(db, ok, e);
}

struct uws_store *store_sqlite_open(const char *path, struct err *e)
{
    struct store *s = calloc(1, sizeof *s);
    if (!s) {
        err_set(e, ERR_INTERNAL, "out of memory");
        return NULL;
    }
    s->interface = (struct uws_store){.close = store_close,
                                      .create = store_create,
                                      .load = store_load,
                                      .list = store_list,
                                      .set_params = store_set_params,
                                      .set_limits = store_set_limits,
                                      .move = store_move,
                                      .claim = store_claim,
                                      .remove = store_remove,
                                      .expired = store_expired,
                                      .recover = store_recover,
                                      .count = store_count,
                                      .ahead = store_ahead};
    if (db_open(&s->writer, "the job store", path, TEXTS, e) &&
        db_script(&s->writer, SCHEMA, e) &&
        db_open(&s->reader, "the job store", path, TEXTS, e))
        return &s->interface;
    store_close(&s->interface);
    return NULL;
}
