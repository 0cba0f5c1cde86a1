/* test_store_fails.c -- the store of jobs fails, or another node is quick, at the moment
 * when that is worst: no job loses its files, or its time limit, by that. */
#include <stdatomic.h>

#include "core/uws/uws_int.h"
#include "tests/unit/core-uws/jobs.h"

static struct uws_store real; /* the store's own calls */
static atomic_int nfailed;
static char foreign[300]; /* another node's file */

static bool fail_limits(struct uws_store *s, const struct uws_job *job, struct err *e)
{
    (void)s, (void)job;
    nfailed++;
    return err_set(e, ERR_UNAVAILABLE, "the disk is full");
}

static bool fail_abort(struct uws_store *s, const struct uws_move *move, bool *moved,
                       struct err *e)
{
    if (move->to != UWS_ABORTED || nfailed > 0)
        return real.move(s, move, moved, e);
    nfailed++;
    return err_set(e, ERR_UNAVAILABLE, "the database is away");
}

/* As soon as the job waits again another node has it, and writes. */
static bool move_and_write(struct uws_store *s, const struct uws_move *move, bool *moved,
                           struct err *e)
{
    bool ok = real.move(s, move, moved, e);
    if (ok && move->to == UWS_QUEUED && move->attempt > 0) {
        snprintf(foreign, sizeof foreign, "%.60s/%.30s/result-result.part2", jobs_dir,
                 move->id);
        FILE *f = fopen(foreign, "w");
        if (f)
            fclose(f);
    }
    return ok;
}

static void begin(struct uws_options o)
{
    jobs_open(o);
    real = *jobs->store;
    nfailed = 0;
}

/* Sends a file of this text with the next requests; it may be linked into the job. */
static void give_file(const char *text)
{
    static char file[40];
    if (file[0])
        unlink(file);
    file[0] = '\0';
    jobs_file = (struct http_param){0};
    if (!text)
        return;
    snprintf(file, sizeof file, "/tmp/colure-upload-XXXXXX");
    int fd = mkstemp(file);
    CHECK(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
    close(fd);
    jobs_file = (struct http_param){.name = STR("t1"),
                                    .value = STR(""),
                                    .is_file = true,
                                    .content_type = "text/plain",
                                    .path = file,
                                    .bytes = strlen(text)};
}

/* UWS-14: what is made available is there, whether the change came through or not. */
TEST(a_change_that_fails_keeps_the_files)
{
    begin((struct uws_options){0});
    give_file("old");
    const char *id = create(NULL);
    give_file("new");
    jobs->store->set_limits = fail_limits;
    CHECK_INT(post(id, "parameters", "EXECUTIONDURATION=5"), 503);
    CHECK_INT(nfailed, 1);
    give_file(NULL);
    CHECK_INT(look(id, "parameters/t1"), 200);
    CHECK_TEXT(reply.body, "old");
    jobs_close();
}

/* UWS-9. The runner sleeps for longer than the test waits. */
TEST(a_late_job_ends_without_the_store)
{
    begin((struct uws_options){0});
    jobs->store->move = fail_abort;
    const char *id = create("SLEEP=60&EXECUTIONDURATION=1&PHASE=RUN");
    CHECK(reaches(id, "ABORTED"));
    CHECK_INT(nfailed, 1);
    jobs_close();
}

TEST(a_job_handed_on_is_the_next_nodes)
{
    begin((struct uws_options){.restartable = true});
    jobs->store->move = move_and_write;
    const char *id = create("SLEEP=60&PHASE=RUN");
    CHECK(reaches(id, "EXECUTING"));
    uws_stop(jobs, 0.1);
    CHECK(foreign[0]);
    CHECK_INT(access(foreign, F_OK), 0);
    jobs_close();
}

RUN_TESTS(T(a_change_that_fails_keeps_the_files), T(a_late_job_ends_without_the_store),
          T(a_job_handed_on_is_the_next_nodes))
