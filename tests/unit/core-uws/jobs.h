/* jobs.h -- a job list in a temporary directory, asked without a server. */
#ifndef TESTS_UNIT_CORE_UWS_JOBS_H
#define TESTS_UNIT_CORE_UWS_JOBS_H

#include <dirent.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/base/num.h"
#include "core/uws/uws.h"
#include "tests/test.h"

static char jobs_dir[64];
static struct uws *jobs;
static int jobs_runs, jobs_stopped; /* runs begun; tokens seen raised */

/* MODE=fail, crash (endless), sleep=SECONDS of work; else writes QUERY as the result. */
static bool jobs_runner(void *context, struct uws_run *run, struct err *e)
{
    (void)context;
    __atomic_add_fetch(&jobs_runs, 1, __ATOMIC_SEQ_CST);
    const struct uws_param *mode = uws_run_param(run, "mode", NULL);
    const struct uws_param *query = uws_run_param(run, "QUERY", NULL);
    const struct uws_param *seconds = uws_run_param(run, "SLEEP", NULL);
    double s = 0;
    if (mode && strcmp(mode->value, "fail") == 0)
        return err_set_at(e, ERR_USAGE, 1, 8, "no column 'x' & <y>");
    uws_run_progress(run, "half < done");
    if (seconds && num_parse_double(str_of(seconds->value), &s) &&
        cancel_sleep(run->cancel, s)) {
        __atomic_add_fetch(&jobs_stopped, 1, __ATOMIC_SEQ_CST);
        return err_set(e, ERR_CANCELLED, "cancelled");
    }
    int fd = uws_result_open(run, "result", "text/plain", e);
    const char *text = query ? query->value : "nothing";
    if (fd < 0 || write(fd, text, strlen(text)) < 0)
        return err_set(e, ERR_INTERNAL, "cannot write");
    if (mode && strcmp(mode->value, "forget") == 0)
        return true;
    return uws_result_commit(run, "result", e);
}

static struct http_response *jobs_error(void *context, struct http_request *request,
                                        const struct err *error)
{
    (void)context;
    struct http_response *r = http_reply(request, err_http_status(error->kind));
    http_reply_bytes(
        r, "application/x-votable+xml",
        str_of(arena_format(request->arena, "<VOTABLE>%s</VOTABLE>", error->message)));
    return r;
}

static void jobs_open(struct uws_options o)
{
    static const char *const REPEATABLE[] = {"UPLOAD", NULL};
    struct err e = {0};
    log_setup(LOG_ERROR, false);
    if (!jobs_dir[0]) {
        snprintf(jobs_dir, sizeof jobs_dir, "/tmp/colure-jobs-XXXXXX");
        if (!mkdtemp(jobs_dir))
            TEST_FAIL("no directory");
    }
    o.path = "/tap/async";
    o.directory = jobs_dir;
    o.repeatable = REPEATABLE;
    o.error_document = jobs_error;
    if (!o.run)
        o.run = jobs_runner;
    jobs = uws_open(&o, &e);
    if (!jobs || !uws_start(jobs, &e))
        TEST_FAIL("uws: %.200s", e.message);
}

static inline void jobs_remove_directory(const char *path)
{
    DIR *dir = opendir(path);
    struct dirent *entry;
    char name[1000];
    while (dir && (entry = readdir(dir))) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        snprintf(name, sizeof name, "%.700s/%s", path, entry->d_name);
        if (unlink(name) != 0)
            jobs_remove_directory(name);
    }
    if (dir)
        closedir(dir);
    rmdir(path);
}

static struct {
    int status;
    char *location, *type, *cache, *body; /* never NULL after ask() */
} reply;

static inline void keep(char **to, const char *text)
{
    free(*to);
    *to = strdup(text ? text : "");
}

static void jobs_close(void)
{
    uws_free(jobs);
    jobs = NULL;
    char **kept[] = {&reply.location, &reply.type, &reply.cache, &reply.body};
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
        free(*kept[i]);
        *kept[i] = NULL;
    }
    jobs_remove_directory(jobs_dir);
    jobs_dir[0] = '\0';
}

/* ---- one request ---- */

static const char *jobs_user, *jobs_accept, *jobs_body;
static struct http_param jobs_file; /* sent along when it has a name */

/* form: "NAME=value&...", or NULL. */
static inline int ask(enum http_method method, const char *subpath, const char *form)
{
    struct err e = {0};
    struct http_param *params = NULL;
    size_t n = 0;
    struct arena *arena = arena_new(64 << 20);
    http_params_parse(arena, str_of(form), HTTP_FROM_BODY, 100, &params, &n, &e);
    if (jobs_file.name.at) {
        struct http_param *more = arena_new_array(arena, struct http_param, n + 1);
        if (n)
            memcpy(more, params, n * sizeof *more);
        more[n++] = jobs_file;
        params = more;
    }
    struct http_header accept = {STR("Accept"), str_of(jobs_accept)};
    struct http_request request = {.arena = arena,
                                   .id = "1",
                                   .method = method,
                                   .path = STR("/tap/async"),
                                   .headers = &accept,
                                   .nheader = jobs_accept ? 1 : 0,
                                   .params = params,
                                   .nparam = n,
                                   .body = str_of(jobs_body),
                                   .body_bytes = str_of(jobs_body).len,
                                   .client = "192.0.2.1",
                                   .base_url = "https://example.org",
                                   .user = jobs_user};
    struct http_response *r = uws_handle(jobs, &request, str_of(subpath));
    struct bytes body;
    bytes_init(&body, 1 << 20);
    http_response_read(r, &body);
    reply.status = http_response_status(r);
    keep(&reply.location, http_response_header(r, "Location"));
    keep(&reply.type, http_response_header(r, "Content-Type"));
    keep(&reply.cache, http_response_header(r, "Cache-Control"));
    keep(&reply.body, bytes_text(&body));
    bytes_free(&body);
    arena_free(arena);
    return reply.status;
}

/* Creates a job; its id, until the next call. */
static inline const char *create(const char *form)
{
    static char id[64];
    static const char URL[] = "https://example.org/tap/async/";
    if (ask(HTTP_POST, "", form) != 303 ||
        strncmp(reply.location, URL, sizeof URL - 1) != 0)
        TEST_FAIL("creation: %d %.300s %.300s", reply.status, reply.location, reply.body);
    snprintf(id, sizeof id, "%.60s", reply.location + sizeof URL - 1);
    return id;
}

/* GETs {job}/{child}. */
static inline int look(const char *id, const char *child)
{
    char path[200];
    snprintf(path, sizeof path, "%.64s%s%.64s", id, child[0] ? "/" : "", child);
    return ask(HTTP_GET, path, NULL);
}

static inline int post(const char *id, const char *child, const char *form)
{
    char path[200];
    snprintf(path, sizeof path, "%.64s%s%.64s", id, child[0] ? "/" : "", child);
    return ask(HTTP_POST, path, form);
}

static inline bool shows(const char *part)
{
    return strstr(reply.body, part) != NULL;
}

static inline bool reaches(const char *id, const char *phase)
{
    int64_t until = clock_deadline_ns(8);
    do {
        if (look(id, "phase") == 200 && strcmp(reply.body, phase) == 0)
            return true;
        poll(NULL, 0, 5);
    } while (clock_monotonic_ns() < until);
    return false;
}

#endif
