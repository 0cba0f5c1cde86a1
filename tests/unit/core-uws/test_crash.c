/* test_crash.c -- kill -9 at any moment loses no job that was acknowledged, shows no half
 * result, and leaves no file of nobody. */
#include <signal.h>
#include <sys/wait.h>

#include "tests/unit/core-uws/jobs.h"

enum { ROUNDS = 8, JOBS_EACH = 500, MAX_JOBS = ROUNDS * JOBS_EACH };
enum { PIECES = 20, PIECE_BYTES = 1000 };

/* Writes PIECES times the letter in QUERY, slowly enough to be hit in the middle. */
static bool write_slowly(void *context, struct uws_run *run, struct err *e)
{
    (void)context;
    char piece[PIECE_BYTES];
    memset(piece, uws_run_param(run, "QUERY", NULL)->value[0], sizeof piece);
    int fd = uws_result_open(run, "result", "text/plain", e);
    for (int i = 0; fd >= 0 && i < PIECES; i++) {
        if (write(fd, piece, sizeof piece) != (ssize_t)sizeof piece)
            return err_set(e, ERR_INTERNAL, "cannot write");
        cancel_sleep(run->cancel, 0.0005);
    }
    return fd >= 0 && uws_result_commit(run, "result", e);
}

static const struct uws_options OPTIONS = {
    .run = write_slowly, .restartable = true, .workers = 3, .max_queued_per_owner = 100000};

struct made {
    char id[27];
    char letter;
    bool runs;
};

static struct made made[MAX_JOBS];
static size_t nmade;

/* The child: makes jobs, telling each one after it was acknowledged, until it is killed. */
static void make_jobs(int pipe)
{
    jobs_open(OPTIONS);
    for (unsigned i = 0; i < JOBS_EACH; i++) {
        struct made job = {.letter = (char)('a' + i % 26), .runs = i % 3 != 0};
        char form[100];
        snprintf(form, sizeof form, "QUERY=%c&RUNID=r%u%s", job.letter, i,
                 job.runs ? "&PHASE=RUN" : "");
        if (i % 5 == 0) /* with an upload */
            jobs_file = (struct http_param){
                .name = STR("f"), .value = STR("upload"), .is_file = true, .bytes = 6};
        memcpy(job.id, create(form), sizeof job.id);
        jobs_file = (struct http_param){0};
        if (write(pipe, &job, sizeof job) != (ssize_t)sizeof job)
            _exit(1);
    }
    for (;;) /* they run on */
        pause();
}

static void kill_in_the_middle(int ms)
{
    int pipes[2];
    CHECK_INT(pipe(pipes), 0);
    pid_t child = fork();
    if (child == 0) {
        close(pipes[0]);
        make_jobs(pipes[1]);
    }
    close(pipes[1]);
    int64_t until = clock_monotonic_ns() + ms * 1000000LL;
    struct pollfd p = {pipes[0], POLLIN, 0};
    while (clock_monotonic_ns() < until && poll(&p, 1, 5) >= 0)
        if ((p.revents & POLLIN) && nmade < MAX_JOBS &&
            read(pipes[0], &made[nmade], sizeof *made) == (ssize_t)sizeof *made)
            nmade++;
    kill(child, SIGKILL);
    while (nmade < MAX_JOBS &&
           read(pipes[0], &made[nmade], sizeof *made) == (ssize_t)sizeof *made)
        nmade++;
    close(pipes[0]);
    int status;
    waitpid(child, &status, 0);
    CHECK(WIFSIGNALED(status));
}

static void settle(void)
{
    struct uws_counts counts;
    struct err e = {0};
    int64_t until = clock_deadline_ns(40);
    do {
        memset(&counts, 0, sizeof counts);
        CHECK(uws_count(jobs, &counts, &e));
        poll(NULL, 0, 20);
    } while (counts.phase[UWS_QUEUED] + counts.phase[UWS_EXECUTING] > 0 &&
             clock_monotonic_ns() < until);
    CHECK_INT(counts.phase[UWS_QUEUED] + counts.phase[UWS_EXECUTING], 0);
    CHECK(counts.phase[UWS_PENDING] + counts.phase[UWS_COMPLETED] +
              counts.phase[UWS_ERROR] >=
          nmade);
}

/* A result is whole or it is none. */
static void check_result(const struct made *job)
{
    CHECK_INT(look(job->id, "results/result"), 200);
    CHECK_INT(strlen(reply.body), PIECES * PIECE_BYTES);
    CHECK_INT(strspn(reply.body, (char[]){job->letter, '\0'}), PIECES * PIECE_BYTES);
}

static int twice_interrupted;

static void check_job(const struct made *job)
{
    if (look(job->id, "phase") != 200)
        TEST_FAIL("the job %.26s is lost", job->id);
    char phase[20];
    snprintf(phase, sizeof phase, "%.15s", reply.body);
    if (!job->runs)
        CHECK_TEXT(phase, "PENDING");
    else if (strcmp(phase, "COMPLETED") == 0)
        check_result(job);
    else { /* the second crash on the same job ends it, and it says so */
        CHECK_TEXT(phase, "ERROR");
        CHECK_INT(look(job->id, "error"), 200);
        CHECK(strstr(reply.body, "the node stopped while this job was running"));
        twice_interrupted++;
    }
    char query[2] = {job->letter, '\0'};
    look(job->id, "parameters/QUERY");
    CHECK_TEXT(reply.body, query);
    if (look(job->id, "parameters/f") == 200)
        CHECK_TEXT(reply.body, "upload");
}

static size_t directories(void)
{
    DIR *dir = opendir(jobs_dir);
    struct dirent *entry;
    size_t n = 0;
    while ((entry = readdir(dir)))
        n += strlen(entry->d_name) == 26;
    closedir(dir);
    return n;
}

TEST(kill_9_loses_nothing)
{
    snprintf(jobs_dir, sizeof jobs_dir, "/tmp/colure-jobs-XXXXXX");
    CHECK(mkdtemp(jobs_dir));
    for (int round = 0; round < ROUNDS; round++)
        kill_in_the_middle(150 + 37 * round);
    CHECK(nmade > ROUNDS);
    jobs_open(OPTIONS);
    settle();
    for (size_t i = 0; i < nmade; i++)
        check_job(&made[i]);
    printf("# %zu jobs over %d crashes, %d interrupted twice\n", nmade, ROUNDS,
           twice_interrupted);
    for (size_t i = 0; i < nmade; i++)
        CHECK_INT(ask(HTTP_DELETE, made[i].id, NULL), 303);
    /* Left are only jobs made in the moment of a crash, never acknowledged. */
    CHECK(directories() <= ROUNDS);
    jobs_close();
}

/* The child: runs what there is (and makes the first job) until it is killed. */
static void run_forever(int pipe, bool restartable)
{
    char id[27] = "";
    jobs_open((struct uws_options){.restartable = restartable});
    if (nmade == 0)
        memcpy(id, create("SLEEP=30&PHASE=RUN"), sizeof id);
    else
        memcpy(id, made[0].id, sizeof id);
    if (!reaches(id, "EXECUTING") || write(pipe, id, sizeof id) < 0)
        _exit(1);
    pause();
}

static void kill_while_it_runs(bool restartable)
{
    int pipes[2], status;
    CHECK_INT(pipe(pipes), 0);
    pid_t child = fork();
    if (child == 0)
        run_forever(pipes[1], restartable);
    close(pipes[1]);
    CHECK_INT(read(pipes[0], made[0].id, sizeof made[0].id), sizeof made[0].id);
    nmade = 1;
    close(pipes[0]);
    kill(child, SIGKILL);
    waitpid(child, &status, 0);
}

/* A job that brings the node down would do so for ever. */
TEST(an_interrupted_job_runs_once_more_at_most)
{
    static const struct {
        bool restartable;
        int kills;
        const char *phase;
    } CASES[] = {{false, 1, "ERROR"}, {true, 1, "EXECUTING"}, {true, 2, "ERROR"}};
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        nmade = 0;
        snprintf(jobs_dir, sizeof jobs_dir, "/tmp/colure-jobs-XXXXXX");
        CHECK(mkdtemp(jobs_dir));
        for (int k = 0; k < CASES[i].kills; k++)
            kill_while_it_runs(CASES[i].restartable);
        jobs_open((struct uws_options){.restartable = CASES[i].restartable});
        CHECK(reaches(made[0].id, CASES[i].phase));
        if (strcmp(CASES[i].phase, "ERROR") == 0) {
            look(made[0].id, "");
            CHECK(shows("type=\"transient\"") && shows("while this job was running"));
            CHECK(!shows("endTime xsi:nil"));
        }
        jobs_close();
    }
}

/* What is on disk without a job goes at the next start; a second process is kept out. */
TEST(orphans_are_swept_and_the_list_is_locked)
{
    struct uws_options o = OPTIONS;
    struct err e = {0};
    char path[200];
    jobs_open(OPTIONS);
    o.path = "/tap/async";
    o.directory = jobs_dir;
    CHECK(!uws_open(&o, &e));
    CHECK_INT(e.kind, ERR_UNAVAILABLE);
    uws_free(jobs);
    snprintf(path, sizeof path, "%s/abcdefghijklmnopqrstuvwxyz", jobs_dir);
    CHECK_INT(mkdir(path, 0700), 0);
    CHECK_INT(directories(), 1);
    jobs_open(OPTIONS);
    CHECK_INT(directories(), 0);
    jobs_close();
}

RUN_TESTS(T(kill_9_loses_nothing), T(an_interrupted_job_runs_once_more_at_most),
          T(orphans_are_swept_and_the_list_is_locked))
