/* test_race.c -- many clients on the same jobs at once: run, abort, delete, change, wait.
 * Whatever the order, a job ends in one piece and nothing is left behind (run it under the
 * thread sanitizer). */
#include <pthread.h>

#include "tests/unit/core-uws/jobs.h"

enum { CLIENTS = 6, JOBS_EACH = 25, SHARED = 8 };

static char shared[SHARED][64];
static int strange; /* answers that no rule allows */

/* As ask(), but with nothing shared; the job's id of a Location goes to `made`. */
static int call(enum http_method method, const char *path, const char *form, char made[64],
                char body[40])
{
    struct err e = {0};
    struct http_param *params = NULL;
    size_t n = 0;
    struct arena *arena = arena_new(64 << 20);
    http_params_parse(arena, str_of(form), HTTP_FROM_BODY, 100, &params, &n, &e);
    struct http_request request = {.arena = arena,
                                   .id = "1",
                                   .method = method,
                                   .params = params,
                                   .nparam = n,
                                   .client = "192.0.2.1",
                                   .base_url = "http://n"};
    struct http_response *r = uws_handle(jobs, &request, str_of(path));
    const char *location = http_response_header(r, "Location");
    if (made && location && strlen(location) > 19)
        snprintf(made, 64, "%.60s", location + strlen("http://n/tap/async/"));
    if (body)
        snprintf(body, 40, "%.*s", (int)(http_response_body(r).len % 40),
                 http_response_body(r).at);
    int status = http_response_status(r);
    arena_free(arena);
    return status;
}

static int child(enum http_method method, const char *id, const char *name,
                 const char *form)
{
    char path[150];
    snprintf(path, sizeof path, "%.60s%s%.60s", id, name[0] ? "/" : "", name);
    return call(method, path, form, NULL, NULL);
}

static int act(unsigned what, const char *id)
{
    switch (what % 6) {
    case 0:
        return child(HTTP_POST, id, "phase", "PHASE=RUN");
    case 1:
        return child(HTTP_POST, id, "phase", "PHASE=ABORT");
    case 2:
        return child(HTTP_POST, id, "parameters", "QUERY=b&X=y");
    case 3:
        return child(HTTP_GET, id, "", "WAIT=1");
    case 4:
        return child(HTTP_POST, id, "destruction", "DESTRUCTION=2999-01-01");
    default:
        return what % 60 == 5 ? child(HTTP_DELETE, id, "", NULL)
                              : child(HTTP_GET, id, "results", NULL);
    }
}

static void *client(void *context)
{
    unsigned seed = (unsigned)(uintptr_t)context * 7919 + 1;
    for (int i = 0; i < JOBS_EACH; i++) {
        char own[64] = "";
        seed = seed * 1103515245 + 12345;
        if (call(HTTP_POST, "", seed & 0x10000 ? "SLEEP=0.02&PHASE=RUN" : "QUERY=a", own,
                 NULL) != 303)
            __atomic_add_fetch(&strange, 1, __ATOMIC_SEQ_CST);
        for (int k = 0; k < 6; k++) {
            seed = seed * 1103515245 + 12345;
            const char *id = k % 2 ? own : shared[seed >> 20 & (SHARED - 1)];
            int status = act(seed >> 16, id);
            if (status != 200 && status != 303 && status != 403 && status != 404)
                __atomic_add_fetch(&strange, 1, __ATOMIC_SEQ_CST);
        }
        if (child(HTTP_DELETE, own, "", NULL) >= 405)
            __atomic_add_fetch(&strange, 1, __ATOMIC_SEQ_CST);
    }
    return NULL;
}

static size_t directories(void)
{
    DIR *dir = opendir(jobs_dir);
    struct dirent *entry;
    size_t n = 0;
    while (dir && (entry = readdir(dir)))
        n += strlen(entry->d_name) == 26;
    if (dir)
        closedir(dir);
    return n;
}

TEST(races_end_well)
{
    pthread_t threads[CLIENTS];
    jobs_open((struct uws_options){.workers = 4, .max_queued_per_owner = 10000});
    for (int i = 0; i < SHARED; i++)
        CHECK_INT(call(HTTP_POST, "", "SLEEP=0.01", shared[i], NULL), 303);
    for (int i = 0; i < CLIENTS; i++)
        pthread_create(&threads[i], NULL, client, (void *)(uintptr_t)i);
    for (int i = 0; i < CLIENTS; i++)
        pthread_join(threads[i], NULL);
    CHECK_INT(strange, 0);
    for (int i = 0; i < SHARED; i++) {
        char phase[40] = "", path[100];
        int64_t until = clock_deadline_ns(10);
        snprintf(path, sizeof path, "%.60s/phase", shared[i]);
        while (call(HTTP_GET, path, NULL, NULL, phase) == 200 &&
               (strcmp(phase, "QUEUED") == 0 || strcmp(phase, "EXECUTING") == 0) &&
               clock_monotonic_ns() < until)
            poll(NULL, 0, 10);
        CHECK(strcmp(phase, "QUEUED") != 0 && strcmp(phase, "EXECUTING") != 0);
        child(HTTP_DELETE, shared[i], "", NULL);
    }
    for (int i = 0; i < 500 && directories() > 0; i++)
        poll(NULL, 0, 10);
    CHECK_INT(directories(), 0);
    jobs_close();
}

/* Parallel submits do not slip past a quota. */
static int accepted;

static void *submit(void *context)
{
    (void)context;
    for (int i = 0; i < 20; i++)
        if (call(HTTP_POST, "", "QUERY=a", NULL, NULL) == 303)
            __atomic_add_fetch(&accepted, 1, __ATOMIC_SEQ_CST);
    return NULL;
}

TEST(quotas_hold_against_parallel_submits)
{
    pthread_t threads[CLIENTS];
    jobs_open((struct uws_options){.max_jobs_per_owner = 30});
    for (int i = 0; i < CLIENTS; i++)
        pthread_create(&threads[i], NULL, submit, NULL);
    for (int i = 0; i < CLIENTS; i++)
        pthread_join(threads[i], NULL);
    CHECK_INT(accepted, 30);
    jobs_close();
}

static void *wait_long(void *id)
{
    child(HTTP_GET, id, "", "WAIT=-1");
    return NULL;
}

/* More waiters than are allowed get their answer at once (UWS-17 lets a server do that). */
TEST(waiters_are_bounded_and_released)
{
    pthread_t threads[4];
    struct uws_counts counts;
    struct err e = {0};
    char id[64];
    jobs_open((struct uws_options){.max_waiters = 3, .max_wait_s = 30});
    CHECK_INT(call(HTTP_POST, "", "QUERY=a", id, NULL), 303);
    for (int i = 0; i < 3; i++)
        pthread_create(&threads[i], NULL, wait_long, id);
    for (int i = 0; i < 500 && (uws_count(jobs, &counts, &e), counts.waiters < 3); i++)
        poll(NULL, 0, 5);
    CHECK_INT(counts.waiters, 3);
    int64_t from = clock_monotonic_ns();
    wait_long(id);
    child(HTTP_DELETE, id, "", NULL); /* releases the others */
    for (int i = 0; i < 3; i++)
        pthread_join(threads[i], NULL);
    CHECK((double)(clock_monotonic_ns() - from) < 5e9);
    jobs_close();
}

RUN_TESTS(T(races_end_well), T(quotas_hold_against_parallel_submits),
          T(waiters_are_bounded_and_released))
