/* test_service.c -- jobs behind a server: waiting, leaving, ranges, uploads, stopping. */
#include <pthread.h>

#include "tests/unit/core-http/talk.h"
#include "tests/unit/core-uws/jobs.h"

static struct http_route routes[1];

static void start(struct uws_options options)
{
    jobs_open(options);
    routes[0] = (struct http_route){
        .methods = HTTP_GET | HTTP_POST | HTTP_PUT | HTTP_DELETE,
        .pattern = "/tap/async/{...}",
        .handle = uws_handler,
        .context = jobs,
    };
    talk_start((struct http_options){.no_access_log = true}, routes, 1);
}

static void stop(void)
{
    talk_stop();
    jobs_close();
    free(talk_reply);
    talk_reply = NULL;
}

static char id[64];

static void print_request(char out[700], const char *line, const char *form)
{
    snprintf(out, 700,
             "%s HTTP/1.1\r\nHost: node\r\nConnection: close\r\nContent-Type: "
             "application/x-www-form-urlencoded\r\nContent-Length: %zu\r\n\r\n%s",
             line, strlen(form), form);
}

static const char *form_post(const char *path, const char *form)
{
    char line[200], request[700];
    snprintf(line, sizeof line, "POST /tap/async%s", path);
    print_request(request, line, form);
    return talk(request);
}

static void make(const char *form)
{
    CHECK_INT(talk_status(form_post("", form)), 303);
    const char *at = strstr(talk_reply, "\r\nLocation: http://node/tap/async/");
    CHECK(at);
    snprintf(id, sizeof id, "%.26s", at + strlen("\r\nLocation: http://node/tap/async/"));
}

static const char *get(const char *child, const char *headers)
{
    char line[200];
    snprintf(line, sizeof line, "GET /tap/async/%s%s", id, child);
    return talk_line(line, headers);
}

static bool comes_to(const char *phase)
{
    int64_t until = clock_deadline_ns(8);
    do {
        if (strcmp(talk_body(get("/phase", "")), phase) == 0)
            return true;
        poll(NULL, 0, 5);
    } while (clock_monotonic_ns() < until);
    return false;
}

static double seconds_of(const char *child)
{
    int64_t from = clock_monotonic_ns();
    get(child, "");
    return (double)(clock_monotonic_ns() - from) * 1e-9;
}

static void *post_later(void *form)
{
    /* its own socket: talk_reply belongs to the waiting thread */
    char request[700], line[100];
    snprintf(line, sizeof line, "POST /tap/async/%s/phase", id);
    poll(NULL, 0, 300);
    print_request(request, line, form);
    int fd = talk_connect();
    talk_say(fd, request);
    free(talk_hear(fd, NULL));
    close(fd);
    return NULL;
}

/* UWS-17. */
TEST(waiting_ends_with_the_phase)
{
    start((struct uws_options){.max_wait_s = 2});
    make("QUERY=SELECT+1&SLEEP=0.5");
    CHECK(seconds_of("?WAIT=1") > 0.9); /* nothing happens */
    CHECK(talk_has(talk_reply, "<uws:phase>PENDING<"));
    CHECK(seconds_of("?WAIT=20&PHASE=QUEUED") < 0.5); /* it is not QUEUED */
    CHECK(seconds_of("?WAIT=0") < 0.5);
    double cap = seconds_of("?WAIT=-1"); /* as long as the server likes */
    CHECK(cap > 1.9 && cap < 3);
    CHECK_INT(talk_status(get("?WAIT=long", "")), 400);
    pthread_t thread;
    pthread_create(&thread, NULL, post_later, (void *)"PHASE=RUN");
    double seconds = seconds_of("?WAIT=20");
    pthread_join(thread, NULL);
    CHECK(seconds > 0.2 && seconds < 1.5);
    CHECK(!talk_has(talk_reply, "PENDING"));
    while (talk_has(get("?WAIT=-1", ""), "<uws:phase>QUEUED<")) {
    }
    while (talk_has(get("?WAIT=-1&PHASE=EXECUTING", ""), "<uws:phase>EXECUTING<")) {
    }
    CHECK(talk_has(talk_reply, "<uws:phase>COMPLETED<"));
    CHECK(seconds_of("?WAIT=20") < 0.5); /* finished: at once */
}

/* Pitfall 9: a waiter that leaves is released; the number of waiters is bounded. */
TEST(waiting_ends_when_the_client_leaves)
{
    struct uws_counts counts;
    struct err e = {0};
    make("QUERY=x");
    char request[200];
    snprintf(request, sizeof request,
             "GET /tap/async/%s?WAIT=-1 HTTP/1.1\r\nHost: node\r\n\r\n", id);
    int fd = talk_connect();
    talk_say(fd, request);
    for (int i = 0; i < 300 && (uws_count(jobs, &counts, &e), counts.waiters == 0); i++)
        poll(NULL, 0, 5);
    CHECK_INT(counts.waiters, 1);
    int64_t from = clock_monotonic_ns();
    close(fd);
    for (int i = 0; i < 300 && (uws_count(jobs, &counts, &e), counts.waiters > 0); i++)
        poll(NULL, 0, 5);
    CHECK_INT(counts.waiters, 0);
    CHECK((double)(clock_monotonic_ns() - from) < 1e9);
}

/* UWS pitfall 13. */
TEST(results_by_head_and_range)
{
    make("QUERY=0123456789&PHASE=RUN");
    CHECK(comes_to("COMPLETED"));
    CHECK_TEXT(talk_body(get("/results/result", "Range: bytes=3-5\r\n")), "345");
    CHECK_INT(talk_status(talk_reply), 206);
    char line[100];
    snprintf(line, sizeof line, "HEAD /tap/async/%s/results/result", id);
    CHECK_INT(talk_status(talk_line(line, "")), 200);
    CHECK(talk_has(talk_reply, "Content-Length: 10\r\n"));
    CHECK(talk_has(talk_line("GET /tap/async/", ""), "<uws:jobs "));
}

/* DALI-14: the file comes with the creating request. */
TEST(uploads_in_the_creating_request)
{
    static const char BODY[] =
        "\r\n--<<b>>\r\nContent-Type: text/plain; charset=UTF-8\r\n"
        "Content-Disposition: form-data; name=\"PHASE\"\r\n\r\nRUN\r\n--<<b>>\r\n"
        "Content-Disposition: form-data; name=\"UPLOAD\"\r\n\r\nt1,param:f1\r\n--<<b>>\r\n"
        "Content-Type: application/x-votable+xml\r\n"
        "Content-Disposition: form-data; name=\"f1\"; "
        "filename=\"x.vot\"\r\n\r\n<VOTABLE/>\r\n"
        "--<<b>>--\r\n";
    char request[2000];
    snprintf(request, sizeof request,
             "POST /tap/async HTTP/1.1\r\nHost: node\r\nConnection: close\r\nContent-Type: "
             "multipart/form-data; boundary=\"<<b>>\"\r\nTransfer-Encoding: chunked\r\n\r\n"
             "%zx\r\n%s\r\n0\r\n\r\n",
             sizeof BODY - 1, BODY);
    talk(request);
    CHECK_INT(talk_status(talk_reply), 303);
    snprintf(id, sizeof id, "%.26s", strstr(talk_reply, "/tap/async/") + 11);
    CHECK(comes_to("COMPLETED"));
    CHECK_TEXT(talk_body(get("/parameters/f1", "")), "<VOTABLE/>");
    CHECK(talk_has(talk_reply, "Content-Disposition: attachment"));
    CHECK(talk_has(get("/parameters", ""), "t1,param:f1"));
    stop();
}

/* A stop interrupts the job; it runs again after the start, because its runner can. */
TEST(stopping_keeps_running_jobs)
{
    for (int again = 0; again < 2; again++) {
        start((struct uws_options){.restartable = again == 1});
        make("QUERY=x&SLEEP=3&PHASE=RUN");
        CHECK(comes_to("EXECUTING"));
        int64_t from = clock_monotonic_ns();
        uws_stop(jobs, 0.1);
        CHECK((double)(clock_monotonic_ns() - from) < 2e9);
        CHECK_TEXT(talk_body(get("/phase", "")), again ? "QUEUED" : "ERROR");
        if (!again)
            CHECK(talk_has(get("", ""), "errorSummary type=\"transient\""));
        talk_stop();
        uws_free(jobs);
        jobs_open((struct uws_options){.restartable = again == 1});
        if (again)
            CHECK(reaches(id, "COMPLETED"));
        CHECK_INT(look(id, "phase"), 200);
        jobs_close();
    }
    free(talk_reply);
    talk_reply = NULL;
}

RUN_TESTS(T(waiting_ends_with_the_phase), T(waiting_ends_when_the_client_leaves),
          T(results_by_head_and_range), T(uploads_in_the_creating_request),
          T(stopping_keeps_running_jobs))
