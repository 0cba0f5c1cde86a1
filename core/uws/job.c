/* job.c -- what may happen to a job: creation, change, run, abort, deletion. */
#include <stdio.h>
#include <sys/random.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/num.h"
#include "core/uws/uws_int.h"

#define UNFINISHED                                                                         \
    (PHASE_BIT(UWS_PENDING) | PHASE_BIT(UWS_QUEUED) | PHASE_BIT(UWS_EXECUTING) |           \
     PHASE_BIT(UWS_HELD) | PHASE_BIT(UWS_SUSPENDED))

bool job_is_finished(const struct uws_job *job)
{
    return !(PHASE_BIT(job->phase) & UNFINISHED);
}

bool job_id_is_valid(str id)
{
    if (id.len == 0 || id.len >= ID_BYTES)
        return false;
    for (size_t i = 0; i < id.len; i++)
        if (!(id.at[i] >= 'a' && id.at[i] <= 'z') && !(id.at[i] >= '2' && id.at[i] <= '7'))
            return false;
    return true;
}

/* 130 random bits: whoever knows the id was told it. */
static const char *new_id(struct arena *arena, struct err *e)
{
    static const char DIGITS[] = "abcdefghijklmnopqrstuvwxyz234567";
    unsigned char random[26];
    char *id = arena_alloc(arena, sizeof random + 1, 1);
    if (!id || getrandom(random, sizeof random, 0) != (ssize_t)sizeof random) {
        err_set(e, ERR_INTERNAL, "no random numbers for a job's id");
        return NULL;
    }
    for (size_t i = 0; i < sizeof random; i++)
        id[i] = DIGITS[random[i] & 31];
    return id;
}

/* ---- limits (UWS-9, UWS-10): the wish, capped ---- */

static int64_t cap_duration(const struct uws *uws, int64_t seconds)
{
    int64_t max = uws->options.max_duration_s;
    if (max > 0 && (seconds == 0 || seconds > max))
        return max;
    return seconds;
}

static int64_t cap_destruction(const struct uws *uws, int64_t created_us, int64_t us)
{
    int64_t max = uws->options.max_destruction_s;
    int64_t latest = created_us + max * 1000000;
    if (max > 0 && (us == 0 || us > latest))
        return latest;
    return us < 0 ? 1 : us;
}

/* ---- parameters ---- */

/* A form being turned into job parameters. */
struct edit {
    struct uws *uws;
    struct http_request *request;
    struct uws_job *job;
    size_t capacity;
    bool wants_run, has_directory;
    int64_t number; /* makes names of files */
    const char *new_files[64];
    size_t nfile;
};

static bool is_word(str name, const char *word)
{
    return str_eq_fold(name, str_of(word));
}

static bool is_repeatable(const struct uws *uws, str name)
{
    const char *const *word = uws->options.repeatable;
    for (; word && *word; word++)
        if (is_word(name, *word))
            return true;
    return false;
}

/* Parameters that are wishes about the job, not part of its work. */
static bool take_wish(struct edit *edit, const struct http_param *param)
{
    int64_t value;
    if (is_word(param->name, "PHASE")) {
        edit->wants_run |= str_eq(param->value, STR("RUN"));
        return true;
    }
    if (is_word(param->name, "EXECUTIONDURATION")) {
        if (num_parse_int(str_trim(param->value), &value) && value >= 0)
            edit->job->duration_s = cap_duration(edit->uws, value);
        return true;
    }
    if (is_word(param->name, "DESTRUCTION")) {
        if (clock_parse_us(str_trim(param->value), &value))
            edit->job->destruction_us =
                cap_destruction(edit->uws, edit->job->created_us, value);
        return true;
    }
    return is_word(param->name, "ACTION") || is_word(param->name, "WAIT");
}

/* Moves an upload into the job's directory, under a name of ours. */
static bool take_file(struct edit *edit, const struct http_param *param,
                      struct uws_param *out, struct err *e)
{
    struct arena *arena = edit->request->arena;
    if (edit->nfile == sizeof edit->new_files / sizeof *edit->new_files)
        return err_set(e, ERR_LIMIT, "more than %zu uploads in one request", edit->nfile);
    if (!edit->has_directory && !files_make(edit->uws, edit->job->id, e))
        return false;
    edit->has_directory = true;
    out->path =
        arena_format(arena, "upload-%lld-%zu", (long long)edit->number, edit->nfile);
    const char *path =
        out->path ? files_path(edit->uws, arena, edit->job->id, out->path) : NULL;
    if (!path)
        return err_set(e, ERR_INTERNAL, "out of memory");
    out->value = "";
    out->content_type = param->content_type;
    out->bytes = param->bytes;
    edit->new_files[edit->nfile++] = path;
    return http_param_save(param, path, e);
}

static bool add_param(struct edit *edit, const struct http_param *param, struct err *e)
{
    struct uws_job *job = edit->job;
    if (job->nparam == edit->capacity)
        return err_set(e, ERR_LIMIT, "more than %d parameters in one job", MAX_PARAMS);
    struct uws_param *out = &job->params[job->nparam];
    *out = (struct uws_param){.name = param->name.at, .value = param->value.at};
    if (param->is_file && !take_file(edit, param, out, e))
        return false;
    if (!param->is_file && is_word(param->name, "RUNID"))
        job->run_id = out->value;
    job->nparam++;
    return true;
}

static bool was_in_request(const struct http_request *request, const char *name)
{
    return http_request_param(request, name, NULL) != NULL;
}

/* Drops what the request replaces: its single-valued names, in any case (pitfall 5). */
static void drop_replaced(struct edit *edit)
{
    struct uws_job *job = edit->job;
    size_t kept = 0;
    for (size_t i = 0; i < job->nparam; i++) {
        const char *name = job->params[i].name;
        if (is_repeatable(edit->uws, str_of(name)) || !was_in_request(edit->request, name))
            job->params[kept++] = job->params[i];
    }
    job->nparam = kept;
}

/* Adds the request's parameters to edit->job. */
static bool merge(struct edit *edit, struct err *e)
{
    struct http_request *request = edit->request;
    size_t capacity = edit->job->nparam + request->nparam;
    edit->capacity = capacity < MAX_PARAMS ? capacity : MAX_PARAMS;
    struct uws_param *params =
        arena_new_array(request->arena, struct uws_param, capacity + 1);
    if (!params)
        return err_set(e, ERR_LIMIT, "the job's parameters take too much memory");
    if (edit->job->nparam)
        memcpy(params, edit->job->params, edit->job->nparam * sizeof *params);
    edit->job->params = params;
    drop_replaced(edit);
    for (size_t i = 0; i < request->nparam; i++)
        if (!take_wish(edit, &request->params[i]) &&
            !add_param(edit, &request->params[i], e))
            return false;
    return true;
}

static void forget_new_files(const struct edit *edit)
{
    for (size_t i = 0; i < edit->nfile; i++)
        unlink(edit->new_files[i]);
}

/* ---- creation ---- */

static const char *fair_key(struct uws *uws, const struct http_request *request)
{
    const char *key = NULL;
    if (uws->options.fair_key)
        key = uws->options.fair_key(uws->options.fair_context, request);
    if (!key)
        key = request->user ? request->user : request->client;
    return key ? key : "";
}

static void fill_job(struct uws *uws, struct http_request *request, struct uws_job *job)
{
    const struct uws_options *o = &uws->options;
    const char *base = o->base_url ? o->base_url : request->base_url;
    job->owner = request->user;
    job->fair_key = fair_key(uws, request);
    job->base_url = base ? base : "";
    job->created_us = clock_now_us() / 1000 * 1000; /* as exact as it is shown */
    job->duration_s = cap_duration(uws, o->duration_s > 0 ? o->duration_s : 0);
    job->destruction_us = cap_destruction(
        uws, job->created_us,
        o->destruction_s > 0 ? job->created_us + o->destruction_s * 1000000 : 0);
}

static void fill_quote(struct uws *uws, struct uws_job *job)
{
    if (!uws->options.quote)
        return;
    double seconds =
        uws->options.quote(uws->options.quote_context, job->params, job->nparam);
    if (seconds >= 0 && seconds < 1e9)
        job->quote_us = job->created_us + (int64_t)(seconds * 1e6) / 1000 * 1000;
}

bool uws_job_create(struct uws *uws, struct http_request *request, const char **id,
                    struct err *e)
{
    struct uws_job job = {.id = new_id(request->arena, e)};
    if (!job.id)
        return false;
    fill_job(uws, request, &job);
    struct edit edit = {.uws = uws, .request = request, .job = &job};
    struct uws_quota quota = {uws->options.max_jobs_per_owner,
                              uws->options.max_queued_per_owner};
    bool ok = merge(&edit, e);
    if (ok) {
        fill_quote(uws, &job);
        job.phase = edit.wants_run ? UWS_QUEUED : UWS_PENDING;
        ok = uws->store->create(uws->store, &job, quota, e);
    }
    if (!ok) {
        if (edit.has_directory)
            files_remove(uws, job.id);
        return false;
    }
    if (edit.wants_run)
        work_wake(uws);
    work_keep(uws);
    *id = job.id;
    return true;
}

/* ---- change ---- */

/* Removes the files of parameters that the change replaced. */
static void drop_old_files(struct uws *uws, struct arena *arena, const struct uws_job *old,
                           const struct uws_job *now)
{
    for (size_t i = 0; i < old->nparam; i++) {
        bool kept = !old->params[i].path;
        for (size_t k = 0; !kept && k < now->nparam; k++)
            kept = now->params[k].path &&
                   strcmp(now->params[k].path, old->params[i].path) == 0;
        const char *path =
            kept ? NULL : files_path(uws, arena, old->id, old->params[i].path);
        if (path)
            unlink(path);
    }
}

static bool edit_locked(struct uws *uws, struct http_request *request, const char *id,
                        bool *wants_run, struct err *e)
{
    struct uws_job old, job;
    if (!uws->store->load(uws->store, request->arena, id, &old, e))
        return false;
    if (old.phase != UWS_PENDING && old.phase != UWS_HELD)
        return err_set(
            e, ERR_FORBIDDEN,
            "the parameters of a job can be changed while it is PENDING, not when it "
            "is %s",
            uws_phase_word(old.phase));
    job = old;
    struct edit edit = {
        .uws = uws, .request = request, .job = &job, .number = clock_now_us()};
    /* The parameters last: with them the new files are the job's. */
    bool ok = merge(&edit, e) && uws->store->set_limits(uws->store, &job, e) &&
              uws->store->set_params(uws->store, &job, e);
    if (ok)
        drop_old_files(uws, request->arena, &old, &job);
    else
        forget_new_files(&edit);
    *wants_run = edit.wants_run;
    return ok;
}

bool job_edit(struct uws *uws, struct http_request *request, const char *id, struct err *e)
{
    bool wants_run = false;
    pthread_mutex_lock(&uws->edit_lock);
    bool ok = edit_locked(uws, request, id, &wants_run, e);
    pthread_mutex_unlock(&uws->edit_lock);
    work_keep(uws);
    return ok && (!wants_run || job_run(uws, id, e));
}

bool job_set_duration(struct uws *uws, struct uws_job *job, int64_t seconds, struct err *e)
{
    /* A running job keeps its deadline: the service may ignore the wish (UWS-9). */
    if (job->phase == UWS_EXECUTING || job_is_finished(job))
        return true;
    job->duration_s = cap_duration(uws, seconds);
    return uws->store->set_limits(uws->store, job, e);
}

bool job_set_destruction(struct uws *uws, struct uws_job *job, int64_t us, struct err *e)
{
    job->destruction_us = cap_destruction(uws, job->created_us, us);
    bool ok = uws->store->set_limits(uws->store, job, e);
    work_keep(uws);
    return ok;
}

/* ---- run, abort, delete ---- */

bool job_run(struct uws *uws, const char *id, struct err *e)
{
    struct uws_move move = {
        .id = id,
        .from = PHASE_BIT(UWS_PENDING) | PHASE_BIT(UWS_HELD),
        .to = UWS_QUEUED,
        .now_us = clock_now_us(),
        .quota = {uws->options.max_jobs_per_owner, uws->options.max_queued_per_owner},
    };
    bool moved;
    if (!uws->store->move(uws->store, &move, &moved, e))
        return false;
    if (moved) {
        wait_wake(uws, id);
        work_wake(uws);
        return true;
    }
    struct arena *arena = arena_new(64 << 20);
    struct uws_job job;
    bool ok = arena && uws->store->load(uws->store, arena, id, &job, e);
    if (ok && job_is_finished(&job))
        ok = err_set(e, ERR_FORBIDDEN, "the job is %s and cannot run again",
                     uws_phase_word(job.phase));
    arena_free(arena);
    return ok;
}

bool job_abort(struct uws *uws, const char *id, const struct err *error, struct err *e)
{
    struct uws_move move = {.id = id,
                            .from = UNFINISHED,
                            .to = UWS_ABORTED,
                            .now_us = clock_now_us(),
                            .error = error};
    bool moved;
    if (!uws->store->move(uws->store, &move, &moved, e))
        return false;
    work_cancel(uws, id, CANCEL_ABORTED);
    if (moved)
        wait_wake(uws, id);
    return true;
}

bool job_delete(struct uws *uws, const char *id, struct err *e)
{
    bool existed;
    if (!uws->store->remove(uws->store, id, &existed, e))
        return false;
    if (!existed)
        return err_set(e, ERR_NOT_FOUND, "there is no job %.64s", id);
    work_cancel(uws, id, CANCEL_ABORTED);
    files_remove(uws, id);
    wait_wake(uws, id);
    return true;
}
