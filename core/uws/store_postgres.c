/* store_postgres.c -- jobs in PostgreSQL, for nodes that share one list: any node answers
 * for any job, each job runs on one, and the jobs of a node that died are run by another.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <uuid/uuid.h>

#include "core/base/bytes.h"
#include "core/base/log.h"
#include "core/uws/store_postgres.h"

enum { CONNECTIONS = 4, CLAIM_TRIES = 8, NAME_BYTES = 40 };

struct store {
    struct uws_store interface; /* must be first */
    struct pg_pool *pool;
    struct listener *listener;
    char *list;
    char node[NAME_BYTES]; /* of this process: a new one at every start */
};

static struct store *of(struct uws_store *s)
{
    return (struct store *)s;
}

static const char *list_of(struct uws_store *s)
{
    return of(s)->list;
}

/* ---- creation ---- */

static bool notify(struct pg *pg, const char *id, struct err *e)
{
    return pg_do(pg, PG_NOTIFY, NULL, e, "t", id);
}

static bool insert_params(struct pg *pg, const struct uws_job *job, struct err *e)
{
    for (size_t i = 0; i < job->nparam; i++) {
        const struct uws_param *p = &job->params[i];
        if (!pg_do(pg, PG_INSERT_PARAM, NULL, e, "titttti", job->id, (int64_t)i, p->name,
                   p->value, p->path, p->content_type, (int64_t)p->bytes))
            return false;
    }
    return true;
}

static bool check_quota(struct pg *pg, const char *list, const char *fair,
                        struct uws_quota quota, bool is_new, bool queues, struct err *e)
{
    /* One after another for a client, so that two requests cannot both find room. */
    if (!pg_do(pg, PG_LOCK_FAIR, NULL, e, "tt", list, fair))
        return false;
    PGresult *r = pg_run(pg, PG_COUNT_FAIR, e, "tt", list, fair);
    bool ok =
        r && store_check_quota(quota, pg_int(r, 0, 0), pg_int(r, 0, 1), is_new, queues, e);
    PQclear(r);
    return ok;
}

static bool store_create(struct uws_store *s, const struct uws_job *job,
                         struct uws_quota quota, struct err *e)
{
    struct pg *pg = pg_begin(of(s)->pool, e);
    if (!pg)
        return false;
    bool queues = job->phase == UWS_QUEUED;
    bool ok = check_quota(pg, list_of(s), job->fair_key, quota, true, queues, e) &&
              pg_do(pg, PG_INSERT_JOB, NULL, e, "ttittttiiiii", list_of(s), job->id,
                    (int64_t)job->phase, job->owner, job->fair_key, job->run_id,
                    job->base_url, job->created_us, job->created_us, job->destruction_us,
                    job->quote_us, job->duration_s) &&
              insert_params(pg, job, e) && (!queues || notify(pg, job->id, e));
    return pg_end(pg, ok, e);
}

/* ---- reading ---- */

static void read_job(struct arena *arena, const PGresult *r, int row, struct uws_job *job)
{
    const char *base_url = pg_text(arena, r, row, 5), *message = pg_text(arena, r, row, 16);
    *job = (struct uws_job){
        .id = pg_text(arena, r, row, 0),
        .phase = (enum uws_phase)pg_int(r, row, 1),
        .owner = pg_text(arena, r, row, 2),
        .fair_key = pg_text(arena, r, row, 3),
        .run_id = pg_text(arena, r, row, 4),
        .base_url = base_url ? base_url : "",
        .created_us = pg_int(r, row, 6),
        .start_us = pg_int(r, row, 7),
        .end_us = pg_int(r, row, 8),
        .destruction_us = pg_int(r, row, 9),
        .quote_us = pg_int(r, row, 10),
        .duration_s = pg_int(r, row, 11),
        .attempt = (unsigned)pg_int(r, row, 12),
        .version = pg_int(r, row, 17),
        .progress = pg_text(arena, r, row, 18),
    };
    enum err_kind kind = store_kind(pg_text(arena, r, row, 13));
    if (kind != ERR_NONE)
        err_set_at(&job->error, kind, (int)pg_int(r, row, 14), (int)pg_int(r, row, 15),
                   "%s", message ? message : "");
}

static bool read_params(struct pg *pg, struct arena *arena, struct uws_job *job,
                        struct err *e)
{
    PGresult *r = pg_run(pg, PG_PARAMS, e, "t", job->id);
    if (!r)
        return false;
    bool ok = true;
    int n = PQntuples(r);
    job->params = arena_new_array(arena, struct uws_param, (size_t)n + 1);
    for (int i = 0; job->params && ok && i < n; i++) {
        job->params[i] = (struct uws_param){.name = pg_text(arena, r, i, 0),
                                            .value = pg_text(arena, r, i, 1),
                                            .path = pg_text(arena, r, i, 2),
                                            .content_type = pg_text(arena, r, i, 3),
                                            .bytes = (uint64_t)pg_int(r, i, 4)};
        ok = job->params[i].name && job->params[i].value;
    }
    job->nparam = (size_t)n;
    PQclear(r);
    return (ok && job->params) || store_no_room(e);
}

static bool read_results(struct pg *pg, struct arena *arena, struct uws_job *job,
                         struct err *e)
{
    PGresult *r = pg_run(pg, PG_RESULTS, e, "t", job->id);
    if (!r)
        return false;
    int n = PQntuples(r);
    job->results = arena_new_array(arena, struct uws_result, (size_t)n + 1);
    for (int i = 0; job->results && i < n; i++)
        job->results[i] = (struct uws_result){.id = pg_text(arena, r, i, 0),
                                              .content_type = pg_text(arena, r, i, 1),
                                              .bytes = (uint64_t)pg_int(r, i, 2)};
    job->nresult = (size_t)n;
    PQclear(r);
    return job->results || store_no_room(e);
}

static bool load_from(struct pg *pg, const char *list, struct arena *arena, const char *id,
                      struct uws_job *job, struct err *e)
{
    PGresult *r = pg_run(pg, PG_LOAD, e, "tt", list, id);
    if (!r)
        return false;
    bool found = PQntuples(r) == 1;
    if (found)
        read_job(arena, r, 0, job);
    PQclear(r);
    if (!found)
        return store_no_job(id, e);
    return job->id ? read_params(pg, arena, job, e) && read_results(pg, arena, job, e)
                   : store_no_room(e);
}

static bool store_load(struct uws_store *s, struct arena *arena, const char *id,
                       struct uws_job *job, struct err *e)
{
    struct pg *pg = pg_begin(of(s)->pool, e);
    return pg && pg_end(pg, load_from(pg, list_of(s), arena, id, job, e), e);
}

static bool store_list(struct uws_store *s, struct arena *arena,
                       const struct uws_filter *filter, struct uws_job **jobs, size_t *n,
                       struct err *e)
{
    int64_t phases = filter->phases ? filter->phases : ~PHASE_BIT(UWS_ARCHIVED) & 0x3FF;
    struct pg *pg = pg_begin(of(s)->pool, e);
    *jobs = NULL;
    *n = 0;
    if (!pg)
        return false;
    PGresult *r = pg_run(pg, PG_LIST, e, "ttiii", list_of(s), filter->owner, phases,
                         filter->after_us, filter->last ? filter->last : INT64_MAX);
    size_t count = r ? (size_t)PQntuples(r) : 0;
    *jobs = arena_new_array(arena, struct uws_job, count + 1);
    for (size_t i = 0; *jobs && i < count; i++)
        read_job(arena, r, (int)i, &(*jobs)[i]);
    *n = *jobs ? count : 0;
    PQclear(r);
    return pg_end(pg, r && (*jobs || store_no_room(e)), e);
}

/* ---- changes ---- */

/* A job as it is now, locked until the transaction ends. */
struct now {
    enum uws_phase phase;
    unsigned attempt;
    int64_t version;
    char fair[256];
};

/* 1 found, 0 not there, -1 failure. */
static int lock_job(struct pg *pg, const char *list, const char *id, struct now *now,
                    struct err *e)
{
    PGresult *r = pg_run(pg, PG_PHASE, e, "tt", list, id);
    int found = r ? PQntuples(r) : -1;
    if (found == 1) {
        now->phase = (enum uws_phase)pg_int(r, 0, 0);
        now->attempt = (unsigned)pg_int(r, 0, 1);
        now->version = pg_int(r, 0, 3);
        snprintf(now->fair, sizeof now->fair, "%s", PQgetvalue(r, 0, 2));
    }
    PQclear(r);
    return found;
}

static bool check_editable(struct pg *pg, const char *list, const struct uws_job *job,
                           struct err *e)
{
    struct now now;
    int found = lock_job(pg, list, job->id, &now, e);
    if (found == 0)
        return store_no_job(job->id, e);
    if (found != 1 || !store_check_editable(now.phase, e))
        return false;
    return now.version == job->version ||
           err_set(e, ERR_BUSY, "the job was changed by another request; please try again");
}

static bool store_set_params(struct uws_store *s, const struct uws_job *job, struct err *e)
{
    struct pg *pg = pg_begin(of(s)->pool, e);
    if (!pg)
        return false;
    bool ok = check_editable(pg, list_of(s), job, e) &&
              pg_do(pg, PG_SET_RUN_ID, NULL, e, "ttt", list_of(s), job->id, job->run_id) &&
              pg_do(pg, PG_DELETE_PARAMS, NULL, e, "t", job->id) &&
              insert_params(pg, job, e);
    return pg_end(pg, ok, e);
}

static bool store_set_limits(struct uws_store *s, const struct uws_job *job, struct err *e)
{
    struct pg *pg = pg_begin(of(s)->pool, e);
    int changed = 0;
    if (!pg)
        return false;
    bool ok = pg_do(pg, PG_SET_LIMITS, &changed, e, "ttii", list_of(s), job->id,
                    job->duration_s, job->destruction_us);
    return pg_end(pg, ok && (changed || store_no_job(job->id, e)), e);
}

static bool insert_results(struct pg *pg, const struct uws_move *move, struct err *e)
{
    for (size_t i = 0; i < move->nresult; i++) {
        const struct uws_result *r = &move->results[i];
        if (!pg_do(pg, PG_INSERT_RESULT, NULL, e, "titti", move->id, (int64_t)i, r->id,
                   r->content_type, (int64_t)r->bytes))
            return false;
    }
    return true;
}

static bool apply(struct pg *pg, const char *list, const struct uws_move *move,
                  struct err *e)
{
    static const struct err NONE;
    const struct err *error = move->error ? move->error : &NONE;
    return pg_do(pg, PG_MOVE, NULL, e, "ttiibbtiit", list, move->id, (int64_t)move->to,
                 move->now_us, move->to == UWS_QUEUED, store_move_ends(move),
                 store_kind_word(error->kind), (int64_t)error->line, (int64_t)error->column,
                 error->kind ? error->message : NULL) &&
           insert_results(pg, move, e) && notify(pg, move->id, e);
}

static bool store_move(struct uws_store *s, const struct uws_move *move, bool *moved,
                       struct err *e)
{
    const char *list = list_of(s);
    struct now now = {0};
    *moved = false;
    struct pg *pg = pg_begin(of(s)->pool, e);
    if (!pg)
        return false;
    int found = lock_job(pg, list, move->id, &now, e);
    bool ok = found >= 0;
    if (found == 1 && (PHASE_BIT(now.phase) & move->from) &&
        (move->attempt == 0 || move->attempt == now.attempt)) {
        if (move->to == UWS_QUEUED)
            ok = check_quota(pg, list, now.fair, move->quota, false, true, e);
        *moved = ok = ok && apply(pg, list, move, e);
    }
    ok = pg_end(pg, ok, e);
    *moved = *moved && ok;
    return ok;
}

/* Whether the client of a job that was chosen still has a place free: another node may have
 * taken one since. 1 yes, 0 no, -1 failure. */
static int has_place(struct pg *pg, const char *list, const char *fair,
                     unsigned max_running, struct err *e)
{
    if (max_running == 0)
        return 1;
    if (!pg_do(pg, PG_LOCK_FAIR, NULL, e, "tt", list, fair))
        return -1;
    PGresult *r = pg_run(pg, PG_COUNT_RUNNING, e, "tt", list, fair);
    int free = r ? pg_int(r, 0, 0) < (int64_t)max_running : -1;
    PQclear(r);
    return free;
}

/* 1 claimed, 0 none waits, 2 another node was faster: look again, -1 failure. */
static int claim_next(struct store *s, struct pg *pg, struct arena *arena,
                      unsigned max_running, int64_t now_us, struct uws_job *job,
                      struct err *e)
{
    PGresult *r = pg_run(pg, PG_NEXT, e, "ti", s->list, (int64_t)max_running);
    int found = r ? PQntuples(r) : -1;
    const char *id = found == 1 ? pg_text(arena, r, 0, 0) : NULL;
    const char *fair = found == 1 ? pg_text(arena, r, 0, 1) : NULL;
    PQclear(r);
    if (found != 1)
        return found;
    if (!id || !fair)
        store_no_room(e);
    int place = id && fair ? has_place(pg, s->list, fair, max_running, e) : -1;
    if (place != 1)
        return place == 0 ? 2 : -1;
    bool ok = pg_do(pg, PG_CLAIM, NULL, e, "ttit", s->list, id, now_us, s->node) &&
              load_from(pg, s->list, arena, id, job, e) && notify(pg, id, e);
    return ok ? 1 : -1;
}

static bool store_claim(struct uws_store *s, struct arena *arena, unsigned max_running,
                        int64_t now_us, struct uws_job *job, bool *found, struct err *e)
{
    int outcome = 2;
    for (int i = 0; outcome == 2 && i < CLAIM_TRIES; i++) {
        struct pg *pg = pg_begin(of(s)->pool, e);
        if (!pg)
            return false;
        outcome = claim_next(of(s), pg, arena, max_running, now_us, job, e);
        if (!pg_end(pg, outcome >= 0, e))
            return false;
    }
    *found = outcome == 1;
    return true;
}

static bool store_remove(struct uws_store *s, const char *id, bool *existed, struct err *e)
{
    int changed = 0;
    *existed = false;
    struct pg *pg = pg_begin(of(s)->pool, e);
    if (!pg)
        return false;
    bool ok = pg_do(pg, PG_DELETE, &changed, e, "tt", list_of(s), id) && notify(pg, id, e);
    ok = pg_end(pg, ok, e);
    *existed = ok && changed > 0;
    return ok;
}

static bool store_expired(struct uws_store *s, struct arena *arena, int64_t now_us,
                          const char **id, int64_t *next_us, struct err *e)
{
    *id = NULL;
    *next_us = INT64_MAX;
    struct pg *pg = pg_begin(of(s)->pool, e);
    if (!pg)
        return false;
    PGresult *r = pg_run(pg, PG_EXPIRED, e, "t", list_of(s));
    if (r && PQntuples(r) == 1) {
        *next_us = pg_int(r, 0, 1);
        if (*next_us <= now_us)
            *id = pg_text(arena, r, 0, 0);
    }
    bool ok = r != NULL;
    PQclear(r);
    return pg_end(pg, ok, e);
}

static bool store_count(struct uws_store *s, uint64_t phases[UWS_ARCHIVED + 1],
                        struct err *e)
{
    struct pg *pg = pg_begin(of(s)->pool, e);
    if (!pg)
        return false;
    PGresult *r = pg_run(pg, PG_COUNT, e, "t", list_of(s));
    for (int i = 0; r && i < PQntuples(r); i++) {
        int64_t phase = pg_int(r, i, 0);
        if (phase >= 0 && phase <= UWS_ARCHIVED)
            phases[phase] = (uint64_t)pg_int(r, i, 1);
    }
    bool ok = r != NULL;
    PQclear(r);
    return pg_end(pg, ok, e);
}

static bool store_ahead(struct uws_store *s, const char *id, uint64_t *n, struct err *e)
{
    struct pg *pg = pg_begin(of(s)->pool, e);
    if (!pg)
        return false;
    PGresult *r = pg_run(pg, PG_AHEAD, e, "tt", list_of(s), id);
    bool ok = r && PQntuples(r) == 1;
    if (ok)
        *n = (uint64_t)pg_int(r, 0, 0);
    PQclear(r);
    return pg_end(pg, ok, e);
}

/* ---- several nodes ---- */

static bool tell_progress(struct store *s, struct pg *pg, struct uws_beat *job,
                          struct err *e)
{
    int changed = 0;
    bool ok =
        pg_do(pg, PG_PROGRESS, &changed, e, "ttitt", s->list, job->id,
              (int64_t)job->attempt, s->node, job->progress[0] ? job->progress : NULL);
    job->lost = ok && changed == 0;
    return ok;
}

/* The ids as an array of PostgreSQL; they are letters and digits. */
static bool print_ids(struct bytes *out, const struct uws_beat *running, size_t n)
{
    bytes_add_char(out, '{');
    for (size_t i = 0; i < n; i++)
        bytes_add_format(out, "%s%s", i ? "," : "", running[i].id);
    bytes_add_char(out, '}');
    return bytes_text(out) != NULL;
}

static bool rescue(struct store *s, struct pg *pg, const char *ids, bool again,
                   int64_t now_us, struct err *e)
{
    PGresult *r = pg_run(pg, PG_RESCUE, e, "tttibitt", s->list, s->node, ids,
                         (int64_t)(s->interface.lease_s * 1000), (int)again, now_us,
                         store_kind_word(ERR_UNAVAILABLE), STORE_INTERRUPTED);
    bool ok = r != NULL;
    for (int i = 0; ok && i < PQntuples(r); i++) {
        const char *id = PQgetvalue(r, i, 0);
        log_line(LOG_WARN, NULL, "job %s: the node that ran it is gone", id);
        ok = notify(pg, id, e);
    }
    PQclear(r);
    return ok;
}

static bool store_beat(struct uws_store *store, struct uws_beat *running, size_t n,
                       bool again, int64_t now_us, struct err *e)
{
    struct store *s = of(store);
    struct bytes ids;
    bytes_init(&ids, 1 << 20);
    struct pg *pg = pg_begin(s->pool, e);
    bool ok = pg != NULL && pg_do(pg, PG_SEEN, NULL, e, "t", s->node);
    for (size_t i = 0; ok && i < n; i++)
        ok = tell_progress(s, pg, &running[i], e);
    ok = ok && (print_ids(&ids, running, n) || store_no_room(e)) &&
         rescue(s, pg, bytes_text(&ids), again, now_us, e) &&
         pg_do(pg, PG_FORGET_NODES, NULL, e, "");
    bytes_free(&ids);
    return pg && pg_end(pg, ok, e);
}

static bool store_recover(struct uws_store *s, bool again, int64_t now_us, struct err *e)
{
    return store_beat(s, NULL, 0, again, now_us, e);
}

/* ---- opening, closing ---- */

static bool make_schema(struct store *s, struct err *e)
{
    struct pg *pg = pg_begin(s->pool, e);
    return pg && pg_end(pg, pg_script(pg, store_postgres_schema, e), e);
}

static void leave(struct store *s)
{
    struct err e = {0};
    struct pg *pg = s->node[0] ? pg_begin(s->pool, &e) : NULL;
    if (pg)
        pg_end(pg, pg_do(pg, PG_LEAVE, NULL, &e, "t", s->node), &e);
}

static void store_close(struct uws_store *store)
{
    if (!store)
        return;
    struct store *s = of(store);
    listener_stop(s->listener);
    if (s->pool)
        leave(s);
    pg_pool_free(s->pool);
    free(s->list);
    free(s);
}

static const struct uws_store INTERFACE = {
    .close = store_close,
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
    .ahead = store_ahead,
    .beat = store_beat,
};

struct uws_store *store_postgres_open(const struct uws_sharing *sharing, struct err *e)
{
    struct store *s = calloc(1, sizeof *s);
    uuid_t uuid;
    if (!s) {
        err_set(e, ERR_INTERNAL, "out of memory");
        return NULL;
    }
    s->interface = INTERFACE;
    s->interface.lease_s = sharing->lease_s;
    s->list = strdup(sharing->list);
    s->pool = pg_pool_new(sharing->database, sharing->password, store_postgres_texts,
                          CONNECTIONS);
    bool ok =
        s->list && s->pool ? make_schema(s, e) : err_set(e, ERR_INTERNAL, "out of memory");
    if (ok) {
        uuid_generate(uuid);
        uuid_unparse_lower(uuid, s->node);
        s->listener = listener_start(s->pool, sharing->changed, sharing->context, e);
    }
    if (ok && s->listener)
        return &s->interface;
    store_close(&s->interface);
    return NULL;
}
