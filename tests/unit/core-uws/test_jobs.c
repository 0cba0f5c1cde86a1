/* test_jobs.c -- the UWS rules, one after another, without a network. */
#include <libxml/parser.h>
#include <pthread.h>

#include "tests/unit/core-uws/jobs.h"

static char id[64];

static void make(const char *form)
{
    snprintf(id, sizeof id, "%s", create(form));
}

/* Order and nil rules of the schema; names without their prefix. */
static bool children_are(const char *wanted)
{
    xmlDocPtr doc =
        xmlReadMemory(reply.body, (int)strlen(reply.body), NULL, NULL, XML_PARSE_NONET);
    char got[400] = "";
    size_t n = 0;
    for (xmlNodePtr node = doc ? xmlDocGetRootElement(doc)->children : NULL; node;
         node = node->next) {
        if (node->type != XML_ELEMENT_NODE)
            continue;
        xmlChar *nil = xmlGetNsProp(node, BAD_CAST "nil",
                                    BAD_CAST "http://www.w3.org/2001/XMLSchema-instance");
        n += (size_t)snprintf(got + n, sizeof got - n, "%s%s ", (const char *)node->name,
                              nil ? "!" : "");
        xmlFree(nil);
        if (strcmp((const char *)node->ns->href, "http://www.ivoa.net/xml/UWS/v1.0") != 0)
            n = 0;
    }
    xmlFreeDoc(doc);
    if (strcmp(got, wanted) != 0)
        fprintf(stderr, "got  %s\nwant %s\n", got, wanted);
    return strcmp(got, wanted) == 0;
}

/* UWS-1, UWS-2, UWS-3, UWS-6, UWS-12. */
TEST(a_new_job_is_pending)
{
    jobs_open((struct uws_options){0});
    make("LANG=ADQL&query=SELECT+1+%3C+2&RUNID=batch-9");
    CHECK_INT(look(id, ""), 200);
    CHECK_TEXT(reply.type, "text/xml; charset=utf-8");
    CHECK_TEXT(reply.cache, "no-store");
    CHECK(children_are("jobId runId ownerId! phase quote! creationTime startTime! endTime! "
                       "executionDuration destruction parameters results "));
    CHECK(shows("version=\"1.1\""));
    CHECK(shows("<uws:phase>PENDING</uws:phase>"));
    CHECK(shows("<uws:parameter id=\"query\">SELECT 1 &lt; 2</uws:parameter>"));
    CHECK(shows("<uws:runId>batch-9</uws:runId>")); /* UWS-16 */
    CHECK(strlen(id) >= 22);                        /* unguessable */
    char time[100];
    snprintf(time, sizeof time, "%.24s", strstr(reply.body, "<uws:creationTime>") + 18);
    CHECK(time[10] == 'T' && time[23] == 'Z');
}

/* taplint's UWS stage: text children equal what the document says. */
TEST(text_children_equal_the_document)
{
    char element[200], body[100];
    static const char *const CHILDREN[][2] = {{"phase", "phase"},
                                              {"executionduration", "executionDuration"},
                                              {"destruction", "destruction"}};
    for (size_t i = 0; i < 3; i++) {
        CHECK_INT(look(id, CHILDREN[i][0]), 200);
        CHECK_TEXT(reply.type, "text/plain; charset=utf-8");
        snprintf(body, sizeof body, "%.90s", reply.body);
        look(id, "");
        snprintf(element, sizeof element, "<uws:%s>%s</uws:%s>", CHILDREN[i][1], body,
                 CHILDREN[i][1]);
        CHECK(shows(element));
    }
    CHECK_INT(look(id, "quote"), 200);
    CHECK_TEXT(reply.body, ""); /* UWS-11 */
    CHECK_INT(look(id, "owner"), 200);
    CHECK_TEXT(reply.body, "");
}

/* UWS-4, pitfall 5: a single-valued name replaces, in any case; UPLOAD adds. */
TEST(parameters_are_replaced_or_added)
{
    CHECK_INT(post(id, "parameters", "RUNID=other&Lang=ADQL-2.1&UPLOAD=a,http://x/a"), 303);
    CHECK_TEXT(reply.location + sizeof "https://example.org/tap/async/" - 1, id);
    CHECK_INT(post(id, "parameters", "UPLOAD=b,http://x/b"), 303);
    CHECK_INT(look(id, "parameters"), 200);
    CHECK(shows("id=\"Lang\">ADQL-2.1<") && !shows("\"LANG\""));
    CHECK(shows(">a,http://x/a<") && shows(">b,http://x/b<"));
    CHECK(shows("id=\"RUNID\">other<") && !shows("batch-9"));
    look(id, "");
    CHECK(shows("<uws:runId>other</uws:runId>"));
    jobs_body = "SELECT 2";
    char path[100];
    snprintf(path, sizeof path, "%s/parameters/QUERY", id);
    CHECK_INT(ask(HTTP_PUT, path, NULL), 303);
    jobs_body = NULL;
    CHECK_INT(ask(HTTP_GET, path, NULL), 200);
    CHECK_TEXT(reply.body, "SELECT 2");
}

/* UWS-9, UWS-10: wishes are capped, the answer is 303 all the same. */
TEST(limits_are_capped)
{
    CHECK_INT(post(id, "executionduration", "EXECUTIONDURATION=60"), 303);
    look(id, "executionduration");
    CHECK_TEXT(reply.body, "60");
    CHECK_INT(post(id, "executionduration", "executionduration=0"), 303);
    look(id, "executionduration");
    CHECK_TEXT(reply.body, "86400");
    CHECK_INT(post(id, "executionduration", "EXECUTIONDURATION=soon"), 400);
    CHECK_INT(post(id, "destruction", "DESTRUCTION=2999-01-01T00:00:00Z"), 303);
    look(id, "destruction");
    CHECK(strcmp(reply.body, "2999") < 0 && strlen(reply.body) == 24);
    char later[CLOCK_TEXT_BYTES], form[100];
    clock_print_utc(clock_now_us() / 1000000 * 1000000 + 1000000000LL, later);
    snprintf(form, sizeof form, "DESTRUCTION=%s", later);
    CHECK_INT(post(id, "destruction", form), 303);
    look(id, "destruction");
    CHECK_TEXT(reply.body, later);
    CHECK_INT(post(id, "destruction", "DESTRUCTION=tomorrow"), 400);
}

TEST(a_job_runs_to_completion)
{
    CHECK_INT(post(id, "phase", "PHASE=RUN"), 303);
    CHECK(reaches(id, "COMPLETED"));
    CHECK_INT(look(id, ""), 200);
    CHECK(children_are("jobId runId ownerId! phase quote! creationTime startTime endTime "
                       "executionDuration destruction parameters results "));
    char href[300];
    snprintf(href, sizeof href,
             "<uws:result id=\"result\" xlink:type=\"simple\" size=\"8\" "
             "mime-type=\"text/plain\" "
             "xlink:href=\"https://example.org/tap/async/%s/results/result\"/>",
             id);
    CHECK(shows(href)); /* UWS-13 */
    CHECK_INT(look(id, "results"), 200);
    CHECK(shows(href));
    CHECK_INT(look(id, "results/result"), 200);
    CHECK_TEXT(reply.body, "SELECT 2");
    CHECK_TEXT(reply.type, "text/plain");
    CHECK_TEXT(reply.cache, "");
    CHECK_INT(look(id, "results/other"), 404);
    CHECK_INT(look(id, "error"), 404); /* DALI-19 */
    /* DALI-5, UWS-20: too late to change; RUN again is illegal; ABORT does nothing */
    CHECK_INT(post(id, "parameters", "QUERY=x"), 403);
    CHECK_INT(post(id, "phase", "PHASE=RUN"), 403);
    CHECK_INT(post(id, "phase", "PHASE=ABORT"), 303);
    CHECK_INT(post(id, "executionduration", "EXECUTIONDURATION=5"), 303);
    look(id, "phase");
    CHECK_TEXT(reply.body, "COMPLETED");
}

static int files_of(const char *job)
{
    char path[200];
    int n = 0;
    snprintf(path, sizeof path, "%s/%s", jobs_dir, job);
    DIR *dir = opendir(path);
    while (dir && readdir(dir))
        n++;
    if (dir)
        closedir(dir);
    return dir ? n - 2 : -1;
}

/* UWS-7: by DELETE, and by POST ACTION=DELETE. */
TEST(deletion_leaves_nothing)
{
    CHECK_INT(files_of(id), 2); /* the result and its checksum */
    CHECK_INT(ask(HTTP_DELETE, id, NULL), 303);
    CHECK_TEXT(reply.location, "https://example.org/tap/async");
    CHECK_INT(files_of(id), -1);
    CHECK_INT(look(id, ""), 404);
    CHECK_INT(look(id, "results/result"), 404);
    CHECK_INT(ask(HTTP_DELETE, id, NULL), 404);
    make("QUERY=a");
    CHECK_INT(post(id, "", "QUERY=b"), 400); /* DALI-4 */
    CHECK_INT(post(id, "", "ACTION=DELETE"), 303);
    CHECK_INT(look(id, "phase"), 404);
}

/* PHASE=RUN in the creating request (pitfall 8); a bad query makes a job all the same. */
TEST(a_failed_job_says_why)
{
    make("QUERY=bad&MODE=fail&PHASE=RUN&EXECUTIONDURATION=nonsense");
    CHECK(reaches(id, "ERROR"));
    CHECK_INT(look(id, ""), 200); /* UWS-5 */
    CHECK(children_are("jobId ownerId! phase quote! creationTime startTime endTime "
                       "executionDuration destruction parameters results errorSummary "));
    CHECK(shows("<uws:errorSummary type=\"fatal\" hasDetail=\"true\">")); /* UWS-15 */
    CHECK(shows("<uws:message>no column &#39;x&#39; &amp; &lt;y&gt;</uws:message>"));
    CHECK(!shows("\"PHASE\""));
    CHECK_INT(look(id, "error"), 200); /* DALI-18 */
    CHECK_TEXT(reply.body, "<VOTABLE>no column 'x' & <y></VOTABLE>");
    CHECK_TEXT(reply.type, "application/x-votable+xml");
    CHECK_INT(look(id, "results/result"), 200); /* clients.md 4.3 */
    CHECK_TEXT(reply.body, "<VOTABLE>no column 'x' & <y></VOTABLE>");
}

TEST(a_result_that_is_not_committed_is_none)
{
    make("MODE=forget&PHASE=RUN");
    CHECK(reaches(id, "COMPLETED"));
    CHECK_INT(look(id, "results/result"), 404);
    CHECK_INT(files_of(id), 0);
}

/* UWS-8: from PENDING, and the token of a running job is raised. */
TEST(abort_ends_a_job)
{
    make("QUERY=a");
    CHECK_INT(post(id, "phase", "PHASE=ABORT"), 303);
    look(id, "phase");
    CHECK_TEXT(reply.body, "ABORTED");
    CHECK_INT(post(id, "phase", "PHASE=RUN"), 403);
    make("SLEEP=20&PHASE=RUN");
    CHECK(reaches(id, "EXECUTING"));
    for (int i = 0; i < 500 && (look(id, ""), !shows("half &lt; done")); i++)
        poll(NULL, 0, 5);
    CHECK(shows("<uws:jobInfo>\n<progress>half &lt; done</progress>"));
    int before = __atomic_load_n(&jobs_stopped, __ATOMIC_SEQ_CST);
    CHECK_INT(post(id, "phase", "PHASE=ABORT"), 303);
    look(id, "");
    CHECK(shows("ABORTED") && !shows("endTime xsi:nil")); /* pitfall 12 */
    for (int i = 0; i < 500 && __atomic_load_n(&jobs_stopped, __ATOMIC_SEQ_CST) == before;
         i++)
        poll(NULL, 0, 5);
    CHECK_INT(__atomic_load_n(&jobs_stopped, __ATOMIC_SEQ_CST), before + 1);
    CHECK_INT(post(id, "phase", "PHASE=STOP"), 400);
    CHECK_INT(post(id, "phase", ""), 400);
}

/* UWS-9: a job that runs too long is ABORTED. */
TEST(too_long_a_run_is_aborted)
{
    make("SLEEP=20&PHASE=RUN&EXECUTIONDURATION=1");
    int64_t from = clock_monotonic_ns();
    CHECK(reaches(id, "ABORTED"));
    CHECK((double)(clock_monotonic_ns() - from) < 4e9);
    look(id, "");
    CHECK(shows("1 seconds were over"));
}

/* UWS-7: also while it runs. */
TEST(deletion_of_a_running_job)
{
    make("SLEEP=20&PHASE=RUN");
    CHECK(reaches(id, "EXECUTING"));
    int before = __atomic_load_n(&jobs_stopped, __ATOMIC_SEQ_CST);
    CHECK_INT(ask(HTTP_DELETE, id, NULL), 303);
    CHECK_INT(look(id, ""), 404);
    for (int i = 0; i < 500 && __atomic_load_n(&jobs_stopped, __ATOMIC_SEQ_CST) == before;
         i++)
        poll(NULL, 0, 5);
    CHECK_INT(__atomic_load_n(&jobs_stopped, __ATOMIC_SEQ_CST), before + 1);
    for (int i = 0; i < 500 && files_of(id) >= 0; i++)
        poll(NULL, 0, 5);
    CHECK_INT(files_of(id), -1);
}

/* UWS-10: at destruction the job goes. */
TEST(destruction_sweeps)
{
    char form[100], now[CLOCK_TEXT_BYTES];
    make("QUERY=a");
    clock_print_utc(clock_now_us() + 300000, now);
    snprintf(form, sizeof form, "DESTRUCTION=%s", now);
    CHECK_INT(post(id, "destruction", form), 303);
    for (int i = 0; i < 1000 && look(id, "") == 200; i++)
        poll(NULL, 0, 5);
    CHECK_INT(look(id, ""), 404);
}

/* UWS-14: what is no XML text is given by reference; uploads are files. */
TEST(uploads_and_odd_values_by_reference)
{
    char file[] = "/tmp/colure-upload-XXXXXX", url[200];
    int fd = mkstemp(file);
    CHECK(write(fd, "<VOTABLE/>\0\1", 12) == 12);
    close(fd);
    jobs_file = (struct http_param){.name = STR("t1"),
                                    .value = STR(""),
                                    .is_file = true,
                                    .content_type = "application/x-votable+xml",
                                    .path = file,
                                    .bytes = 12};
    make("UPLOAD=t1,param:t1&ODD=a%01b");
    jobs_file = (struct http_param){0};
    unlink(file);
    look(id, "");
    snprintf(
        url, sizeof url,
        "id=\"t1\" byReference=\"true\">https://example.org/tap/async/%s/parameters/t1<",
        id);
    CHECK(shows(url));
    CHECK(shows("id=\"ODD\" byReference=\"true\">"));
    CHECK_INT(look(id, "parameters/t1"), 200);
    CHECK_TEXT(reply.type, "application/x-votable+xml");
    CHECK(strncmp(reply.body, "<VOTABLE/>", 10) == 0);
    CHECK_INT(look(id, "parameters/odd"), 200);
    CHECK_TEXT(reply.body, "a\001b");
    CHECK_INT(files_of(id), 1);
    ask(HTTP_DELETE, id, NULL);
    CHECK_INT(files_of(id), -1);
}

/* UWS-18, UWS-19, UWS-21. */
TEST(lists_show_what_is_ones_own)
{
    char first[64], url[300];
    make("QUERY=nobody");
    snprintf(first, sizeof first, "%s", id);
    jobs_user = "ada";
    make("QUERY=hers&RUNID=r1");
    make("QUERY=hers");
    CHECK_INT(post(id, "phase", "PHASE=ABORT"), 303);
    CHECK_INT(ask(HTTP_GET, "", NULL), 200);
    CHECK(shows("<uws:jobs ") && shows("version=\"1.1\"") && shows("<uws:runId>r1<"));
    CHECK(!shows(first));
    snprintf(url, sizeof url,
             "<uws:jobref id=\"%s\" xlink:type=\"simple\" "
             "xlink:href=\"https://example.org/tap/async/%s\">",
             id, id);
    CHECK(shows(url));
    CHECK(strstr(reply.body, "ABORTED") < strstr(reply.body, "PENDING")); /* newest first */
    ask(HTTP_GET, "", "PHASE=PENDING");
    CHECK(shows("PENDING") && !shows("ABORTED"));
    ask(HTTP_GET, "", "PHASE=PENDING&PHASE=ABORTED&LAST=1");
    CHECK(!shows("PENDING") && shows("ABORTED"));
    ask(HTTP_GET, "", "AFTER=2999-01-01T00:00:00Z");
    CHECK(!shows("jobref"));
    ask(HTTP_GET, "", "PHASE=ARCHIVED");
    CHECK(!shows("jobref"));
    CHECK_INT(ask(HTTP_GET, "", "PHASE=LAZY"), 400);
    CHECK_INT(ask(HTTP_GET, "", "LAST=0"), 400);
    CHECK_INT(ask(HTTP_GET, "", "AFTER=x"), 400);
    look(id, "owner");
    CHECK_TEXT(reply.body, "ada");
    jobs_user = "bob";
    CHECK_INT(look(id, ""), 403);
    CHECK_INT(ask(HTTP_DELETE, id, NULL), 403);
    CHECK_INT(look(first, ""), 200); /* nobody's: for whoever has the URL */
    ask(HTTP_GET, "", NULL);
    CHECK(!shows("jobref"));
    jobs_user = NULL;
    CHECK_INT(look(id, "phase"), 403);
    CHECK_INT(ask(HTTP_GET, "", NULL), 200);
    CHECK(!shows("jobref"));
}

TEST(unknown_things)
{
    CHECK_INT(look("nosuchjob", ""), 404);
    CHECK_INT(look("NO/../such", "phase"), 404);
    make("QUERY=a");
    CHECK_INT(look(id, "nothing"), 404);
    CHECK_INT(look(id, "results/a/b"), 404);
    CHECK_INT(look(id, "phase/x"), 404);
    CHECK_INT(ask(HTTP_DELETE, "", NULL), 405);
    CHECK_INT(post(id, "results", "a=b"), 405);
    CHECK_INT(post(id, "quote", "a=b"), 405);
}

TEST(html_for_browsers)
{
    make("QUERY=%3Cscript%3E");
    jobs_accept = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
    CHECK_INT(look(id, ""), 200);
    CHECK_TEXT(reply.type, "text/html; charset=utf-8");
    CHECK(shows("&lt;script&gt;") && !shows("<script>"));
    CHECK(shows("value=\"ABORT\"") && shows("value=\"DELETE\"") && shows("value=\"RUN\""));
    CHECK_INT(ask(HTTP_GET, "", NULL), 200);
    CHECK_TEXT(reply.type, "text/html; charset=utf-8");
    jobs_accept = "text/html, text/xml"; /* XML wins when both are as good */
    look(id, "");
    CHECK_TEXT(reply.type, "text/xml; charset=utf-8");
    jobs_accept = NULL;
    jobs_close();
}

TEST(quotas_hold)
{
    jobs_open((struct uws_options){.max_jobs_per_owner = 3, .max_queued_per_owner = 1});
    make("SLEEP=10&PHASE=RUN");
    CHECK_INT(ask(HTTP_POST, "", "QUERY=a&PHASE=RUN"), 503);
    make("QUERY=a");
    CHECK_INT(post(id, "phase", "PHASE=RUN"), 503);
    make("QUERY=b");
    CHECK_INT(ask(HTTP_POST, "", "QUERY=c"), 403); /* UWS-1 */
    jobs_user = "ada";
    make("QUERY=hers");
    jobs_user = NULL;
    struct uws_counts counts;
    struct err e = {0};
    CHECK(uws_count(jobs, &counts, &e));
    CHECK_INT(counts.phase[UWS_PENDING], 3);
    jobs_close();
}

/* First come first served, but nobody takes all workers. */
static char order[200];

static bool note_order(void *context, struct uws_run *run, struct err *e)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    (void)context, (void)e;
    pthread_mutex_lock(&lock);
    order[strlen(order)] = uws_run_param(run, "N", NULL)->value[0];
    pthread_mutex_unlock(&lock);
    cancel_sleep(run->cancel, 0.15);
    return true;
}

static const char *key_of(void *context, const struct http_request *request)
{
    (void)context;
    return http_request_param(request, "KEY", NULL)->value.at;
}

TEST(queue_is_fair)
{
    jobs_open((struct uws_options){.run = note_order, .fair_key = key_of, .workers = 1});
    make("N=0&KEY=x&PHASE=RUN");
    CHECK(reaches(id, "EXECUTING"));
    uws_stop(jobs, 5); /* the rest waits for a restart, all at once */
    CHECK_TEXT(order, "0");
    make("N=1&KEY=x&PHASE=RUN");
    make("N=2&KEY=x&PHASE=RUN");
    make("N=3&KEY=y&PHASE=RUN");
    make("N=4&KEY=x&PHASE=RUN");
    uws_free(jobs);
    order[0] = '\0';
    jobs_open((struct uws_options){
        .run = note_order, .fair_key = key_of, .workers = 2, .max_running_per_owner = 1});
    CHECK(reaches(id, "COMPLETED"));
    CHECK(strcmp(order, "1324") == 0 || strcmp(order, "3124") == 0);
    jobs_close();
}

RUN_TESTS(T(a_new_job_is_pending), T(text_children_equal_the_document),
          T(parameters_are_replaced_or_added), T(limits_are_capped),
          T(a_job_runs_to_completion), T(deletion_leaves_nothing), T(a_failed_job_says_why),
          T(a_result_that_is_not_committed_is_none), T(abort_ends_a_job),
          T(too_long_a_run_is_aborted), T(deletion_of_a_running_job), T(destruction_sweeps),
          T(uploads_and_odd_values_by_reference), T(lists_show_what_is_ones_own),
          T(unknown_things), T(html_for_browsers), T(quotas_hold), T(queue_is_fair))
