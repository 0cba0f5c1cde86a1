/* test_sessions.c -- sessions of the duckdb store: parameters, reuse, cancel, deadline. */
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#include "tests/unit/stores/duck.h"

static const struct store_column I64 = {
    .size = sizeof I64, .type = STORE_I64, .length = 1, .name = "n"};
static const struct store_column *const ONE_I64[] = {&I64};

/* The number that the statement gives; -1 and d->error on a failure. */
static int64_t ask(struct duck_store *d, const struct store_call *call, const char *sql,
                   const struct store_parameter *p, size_t np, enum store_status *status)
{
    struct store_scan *scan = NULL;
    struct store_batch batch;
    int64_t answer = -1;
    *status = d->plugin->run(d->session, call, sql, p, np, ONE_I64, 1, &scan, &d->error);
    if (*status == STORE_OK)
        *status = d->plugin->next(scan, &batch, &d->error);
    if (*status == STORE_OK)
        answer = *(const int64_t *)batch.column[0].data;
    if (scan)
        d->plugin->finish(scan);
    return answer;
}

TEST(parameters_of_every_type)
{
    struct duck_store d;
    enum store_status status;
    const uint8_t yes = 1, u8 = 200;
    const int16_t i16 = -3;
    const int32_t i32 = -4;
    const int64_t i64 = INT64_C(1) << 40, us = 1000000;
    const float f32 = 0.5F;
    const double f64 = 0.1, list[] = {1, 2, 3};
    const struct store_parameter p[] = {
        {STORE_BOOL, 1, &yes}, {STORE_U8, 1, &u8},      {STORE_I16, 1, &i16},
        {STORE_I32, 1, &i32},  {STORE_I64, 1, &i64},    {STORE_F32, 1, &f32},
        {STORE_F64, 1, &f64},  {STORE_TEXT, 4, "it's"}, {STORE_TIME_US, 1, &us},
        {STORE_F64, 3, list},  {STORE_TEXT, 0, NULL},
    };
    duck_open(&d, NULL, 0);
    int64_t n = ask(&d, &DUCK_CALL,
                    "SELECT CAST(($1 = true)::INT + ($2 = 200)::INT + ($3 = -3)::INT + "
                    "($4 = -4)::INT + ($5 = 1099511627776)::INT + ($6 = 0.5)::INT + "
                    "($7 = 0.1::DOUBLE)::INT + ($8 = 'it''s')::INT + "
                    "($9 = TIMESTAMP '1970-01-01 00:00:01')::INT + (len($10) = 3)::INT + "
                    "($11 IS NULL)::INT AS BIGINT)",
                    p, 11, &status);
    duck_close(&d);
    CHECK_INT(status, STORE_OK);
    CHECK_INT(n, 11);
}

TEST(statements_with_parameters_are_kept)
{
    struct duck_store d;
    enum store_status status;
    char sql[100];
    duck_open(&d, NULL, 0);
    for (int64_t i = 0; i < 200; i++) {
        struct store_parameter p = {STORE_I64, 1, &i};
        CHECK_INT(ask(&d, &DUCK_CALL, "SELECT $1::BIGINT + 1", &p, 1, &status), i + 1);
        snprintf(sql, sizeof sql, "SELECT $1::BIGINT * %d",
                 (int)(i % 50)); /* more than fit */
        CHECK_INT(ask(&d, &DUCK_CALL, sql, &p, 1, &status), i * (i % 50));
    }
    struct store_parameter two[2] = {{STORE_I64, 0, NULL}, {STORE_I64, 0, NULL}};
    CHECK_INT(ask(&d, &DUCK_CALL, "SELECT $1::BIGINT", two, 2, &status), -1);
    CHECK_INT(status, STORE_FAILED);
    duck_close(&d);
}

/* A kept statement sees a table that was replaced, with another type. */
TEST(kept_statements_follow_changes)
{
    struct duck_store d;
    enum store_status status;
    int64_t key = 1;
    struct store_parameter p = {STORE_I64, 1, &key};
    const char *sql = "SELECT CAST(v AS BIGINT) FROM c WHERE k = $1";
    duck_open(&d, NULL, 0);
    DUCK_DO(&d, "CREATE TABLE c AS SELECT 1 AS k, 10 AS v");
    CHECK_INT(ask(&d, &DUCK_CALL, sql, &p, 1, &status), 10);
    DUCK_DO(&d, "CREATE OR REPLACE TABLE c AS SELECT 1::BIGINT AS k, '20' AS v");
    CHECK_INT(ask(&d, &DUCK_CALL, sql, &p, 1, &status), 20);
    duck_close(&d);
}

/* The plan of a text that comes again is kept: what it rested on may change meanwhile, in
 * kind, in rows, in the statistics by which filters are left out. */
TEST(kept_plans_follow_changes)
{
    static const char *const SQL[] = {"SELECT count(*) FROM world.t",
                                      "SELECT count(*) FROM world.t WHERE n > 100",
                                      "SELECT CAST(max(n) AS BIGINT) FROM world.t"};
    static const struct {
        const char *change;
        int64_t answer[3];
    } STEPS[] = {
        {"CREATE SCHEMA world; CREATE TABLE world.t AS SELECT 7::BIGINT AS n", {1, 0, 7}},
        {"INSERT INTO world.t VALUES (200), (300)", {3, 2, 300}},
        {"DELETE FROM world.t WHERE n = 300", {2, 1, 200}},
        {"CREATE OR REPLACE TABLE world.t AS SELECT 101::INT AS n FROM range(5000)",
         {5000, 5000, 101}},
        {"DROP TABLE world.t", {-1, -1, -1}},
        {"CREATE VIEW world.t AS SELECT 1000 AS n", {1, 1, 1000}},
    };
    struct duck_store d;
    duck_open(&d, NULL, 0);
    struct store_session *writer = d.session;
    CHECK_INT(d.plugin->begin(d.store, &DUCK_CALL, &d.session, &d.error), STORE_OK);
    struct store_session *reader = d.session;
    for (size_t i = 0; i < sizeof STEPS / sizeof *STEPS; i++) {
        d.session = writer;
        DUCK_DO(&d, STEPS[i].change);
        d.session = reader;
        for (size_t k = 0; k < 9; k++) {
            enum store_status status;
            CHECK_INT(ask(&d, &DUCK_CALL, SQL[k % 3], NULL, 0, &status),
                      STEPS[i].answer[k % 3]);
        }
    }
    d.plugin->end(writer);
    duck_close(&d);
}

TEST(temporary_tables_end_with_their_session)
{
    struct duck_store d;
    struct store_session *other = NULL, *first;
    duck_open(&d, NULL, 0);
    DUCK_DO(&d, "CREATE TEMP TABLE mine AS SELECT 1 AS x");
    CHECK_TEXT(duck_text(&d, "SELECT x FROM mine"), "1");
    first = d.session;
    CHECK_INT(d.plugin->begin(d.store, &DUCK_CALL, &other, &d.error), STORE_OK);
    d.session = other; /* a second session does not see it */
    CHECK(strncmp(duck_text(&d, "SELECT x FROM mine"), "failed", 6) == 0);
    d.plugin->end(first);
    CHECK_INT(d.plugin->begin(d.store, &DUCK_CALL, &first, &d.error), STORE_OK);
    d.session = first; /* nor does whoever gets the connection next */
    CHECK(strncmp(duck_text(&d, "SELECT x FROM mine"), "failed", 6) == 0);
    d.plugin->end(other);
    duck_close(&d);
}

TEST(a_new_statement_ends_the_old_rows)
{
    struct duck_store d;
    struct store_scan *scan = NULL;
    struct store_batch batch;
    duck_open(&d, NULL, 0);
    CHECK_INT(d.plugin->run(d.session, &DUCK_CALL, "SELECT i FROM range(1000000) AS r(i)",
                            NULL, 0, ONE_I64, 1, &scan, &d.error),
              STORE_OK);
    CHECK_INT(d.plugin->next(scan, &batch, &d.error), STORE_OK);
    d.plugin->finish(scan); /* a scan that has not ended */
    CHECK_TEXT(duck_text(&d, "SELECT 5"), "5");
    CHECK_INT(d.plugin->run(d.session, &DUCK_CALL, "SELECT i FROM range(1000000) AS r(i)",
                            NULL, 0, ONE_I64, 1, &scan, &d.error),
              STORE_OK);
    duck_close(&d); /* and one that is left open */
}

/* --- stopping ----------------------------------------------------------------------------
 */

#define ENDLESS                                                                            \
    "SELECT sum(hash(a.i + b.i) % 7)::BIGINT FROM range(1000000) AS a(i), range(1000000) " \
    "AS b(i)"
#define ENDLESS_ROWS "SELECT i FROM range(1000000000000) AS r(i) WHERE hash(i) = 1"

static double seconds_since(int64_t begin_ns)
{
    return (double)(clock_monotonic_ns() - begin_ns) / 1e9;
}

static void check_deadline(const char *sql)
{
    struct duck_store d;
    enum store_status status;
    duck_open(&d, NULL, 0);
    int64_t begin = clock_monotonic_ns();
    struct store_call call = {.size = sizeof call, .deadline_ns = clock_deadline_ns(0.2)};
    ask(&d, &call, sql, NULL, 0, &status);
    double took = seconds_since(begin);
    CHECK_INT(status, STORE_CANCELLED);
    CHECK(strstr(d.error.message, "longer") != NULL);
    CHECK(took >= 0.19 && took < 2);
    CHECK_TEXT(duck_text(&d, "SELECT 5"), "5"); /* the connection is good again */
    duck_close(&d);
}

TEST(deadline_ends_a_long_computation)
{
    check_deadline(ENDLESS);
}

TEST(deadline_ends_a_long_wait_for_rows)
{
    check_deadline(ENDLESS_ROWS);
}

static void *raise_soon(void *token)
{
    usleep(150000);
    cancel_raise(token, CANCEL_ABORTED);
    return NULL;
}

static void check_cancel(const char *sql)
{
    struct duck_store d;
    enum store_status status;
    pthread_t thread;
    duck_open(&d, NULL, 0);
    struct cancel *token = cancel_new();
    struct store_call call = {
        .size = sizeof call, .deadline_ns = INT64_MAX, .cancel = token};
    pthread_create(&thread, NULL, raise_soon, token);
    int64_t begin = clock_monotonic_ns();
    ask(&d, &call, sql, NULL, 0, &status);
    double took = seconds_since(begin);
    pthread_join(thread, NULL);
    struct store_session *none = NULL;
    enum store_status late = d.plugin->begin(d.store, &call, &none, &d.error);
    CHECK_TEXT(duck_text(&d, "SELECT 5"), "5");
    duck_close(&d);
    cancel_drop(token);
    CHECK_INT(status, STORE_CANCELLED);
    CHECK_INT(late, STORE_CANCELLED);
    CHECK(took < 2);
}

TEST(cancel_ends_a_long_computation)
{
    check_cancel(ENDLESS);
}

TEST(cancel_ends_a_long_wait_for_rows)
{
    check_cancel(ENDLESS_ROWS);
}

TEST(cancel_between_batches)
{
    struct duck_store d;
    struct store_scan *scan = NULL;
    struct store_batch batch;
    duck_open(&d, NULL, 0);
    struct cancel *token = cancel_new();
    struct store_call call = {
        .size = sizeof call, .deadline_ns = INT64_MAX, .cancel = token};
    CHECK_INT(d.plugin->run(d.session, &call, "SELECT i FROM range(100000000) AS r(i)",
                            NULL, 0, ONE_I64, 1, &scan, &d.error),
              STORE_OK);
    CHECK_INT(d.plugin->next(scan, &batch, &d.error), STORE_OK);
    cancel_raise(token, CANCEL_CLIENT_LEFT);
    CHECK_INT(d.plugin->next(scan, &batch, &d.error), STORE_CANCELLED);
    d.plugin->finish(scan);
    CHECK_INT(d.plugin->execute(d.session, &call, "SELECT 1", &d.error), STORE_CANCELLED);
    duck_close(&d);
    cancel_drop(token);
}

/* --- what else a session tells ---------------------------------------------------- */

struct watcher {
    struct duck_store *d;
    struct cancel *token;
    double seen;
    atomic_bool is_done;
};

/* Stops the statement once some progress was seen. */
static void *watch_progress(void *what)
{
    struct watcher *w = what;
    for (int i = 0; i < 2000 && !(w->seen > 0); i++) {
        w->seen = w->d->plugin->progress(w->d->session);
        usleep(5000);
    }
    atomic_store(&w->is_done, true);
    cancel_raise(w->token, CANCEL_ABORTED);
    return NULL;
}

TEST(progress_is_told)
{
    struct duck_store d;
    enum store_status status;
    pthread_t thread;
    duck_open(&d, NULL, 0);
    DUCK_DO(&d, "CREATE TABLE p AS SELECT i FROM range(1000000) AS r(i)");
    struct watcher w = {.d = &d, .token = cancel_new(), .seen = -1};
    struct store_call call = {.size = sizeof call,
                              .deadline_ns = INT64_MAX,
                              .cancel = w.token,
                              .wants_progress = true};
    pthread_create(&thread, NULL, watch_progress, &w);
    while (!atomic_load(
        &w.is_done)) /* a crowded machine may not let the watcher look in time */
        ask(&d, &call, "SELECT sum(length(repeat('x', 1 + i % 3000)))::BIGINT FROM p", NULL,
            0, &status);
    pthread_join(thread, NULL);
    duck_close(&d);
    cancel_drop(w.token);
    CHECK(w.seen > 0 && w.seen <= 1);
}

TEST(explain_shows_the_plan)
{
    struct duck_store d;
    char text[4000];
    duck_open(&d, NULL, 0);
    size_t n = d.plugin->explain_sql(d.session, "SELECT 1 + i FROM range(10) AS r(i)", text,
                                     sizeof text);
    CHECK(n > 20 && n < sizeof text && strstr(text, "RANGE") != NULL);
    n = d.plugin->explain_sql(d.session, "SELECT nothing", text, 20);
    CHECK(n > 0 && strlen(text) == (n < 19 ? n : 19));
    duck_close(&d);
}

TEST(memory_limit_is_an_outcome)
{
    struct duck_store d;
    enum store_status status;
    struct store_option option[] = {{"memory_limit", "40MB"}};
    duck_open(&d, option, 1);
    ask(&d, &DUCK_CALL,
        "SELECT count(DISTINCT s)::BIGINT FROM (SELECT repeat(i::VARCHAR, 20) AS s FROM "
        "range(5000000) AS r(i))",
        NULL, 0, &status);
    CHECK_INT(status, STORE_LIMIT);
    CHECK(strstr(d.error.message, "memory") != NULL);
    duck_close(&d);
}

struct worker {
    struct duck_store *d;
    int failures;
};

static void *work(void *what)
{
    struct worker *w = what;
    for (int i = 0; i < 40; i++) {
        struct duck_store mine = *w->d;
        enum store_status status;
        int64_t n = i;
        struct store_parameter p = {STORE_I64, 1, &n};
        struct store_call call = {.size = sizeof call,
                                  .deadline_ns = clock_deadline_ns(30)};
        if (mine.plugin->begin(mine.store, &call, &mine.session, &mine.error) != STORE_OK) {
            w->failures++;
            continue;
        }
        if (ask(&mine, &call, "SELECT count(*) + $1::BIGINT FROM range(1000)", &p, 1,
                &status) != 1000 + i)
            w->failures++;
        mine.plugin->end(mine.session);
    }
    return NULL;
}

TEST(many_threads_share_a_store)
{
    struct duck_store d;
    pthread_t thread[6];
    struct worker w[6];
    duck_open(&d, NULL, 0);
    for (int i = 0; i < 6; i++) {
        w[i] = (struct worker){&d, 0};
        pthread_create(&thread[i], NULL, work, &w[i]);
    }
    for (int i = 0; i < 6; i++)
        pthread_join(thread[i], NULL);
    duck_close(&d);
    for (int i = 0; i < 6; i++)
        CHECK_INT(w[i].failures, 0);
}

RUN_TESTS(T(parameters_of_every_type), T(statements_with_parameters_are_kept),
          T(kept_statements_follow_changes), T(kept_plans_follow_changes),
          T(temporary_tables_end_with_their_session), T(a_new_statement_ends_the_old_rows),
          T(deadline_ends_a_long_computation), T(deadline_ends_a_long_wait_for_rows),
          T(cancel_ends_a_long_computation), T(cancel_ends_a_long_wait_for_rows),
          T(cancel_between_batches), T(progress_is_told), T(explain_shows_the_plan),
          T(memory_limit_is_an_outcome), T(many_threads_share_a_store))
