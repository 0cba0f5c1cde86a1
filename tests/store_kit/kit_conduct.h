/* kit_conduct.h -- how a store behaves: stopping, errors, threads, leaks. */
#ifndef TESTS_STORE_KIT_KIT_CONDUCT_H
#define TESTS_STORE_KIT_KIT_CONDUCT_H

#include <malloc.h>
#include <pthread.h>

#include "tests/store_kit/kit_checks.h"

/* --- stopping --------------------------------------------------------------------- */

static inline void kit_check_stopped(struct kit *k, const struct store_table *t)
{
    struct cancel *token = cancel_new();
    struct store_call raised = KIT_CALL, late = KIT_CALL;
    struct store_request r = kit_request(t);
    struct kit_answer a;
    raised.cancel = token;
    cancel_raise(token, CANCEL_ABORTED);
    late.deadline_ns = clock_monotonic_ns() - 1;
    kit_ask(k, &raised, &r, t->column, t->ncolumn, UINT64_MAX, &a);
    CHECK_INT(a.status, STORE_CANCELLED);
    CHECK(k->error.message[0]);
    kit_rows_free(&a.rows);
    kit_ask(k, &late, &r, t->column, t->ncolumn, UINT64_MAX, &a);
    CHECK_INT(a.status, STORE_CANCELLED);
    kit_rows_free(&a.rows);
    cancel_drop(token);
}

TEST(a_stopped_call_gives_no_rows)
{
    KIT_FOR_TABLES(kit_check_stopped);
}

/* Raised between two batches: the next one is not given, unless there is none. */
static inline void kit_check_stopping(struct kit *k, const struct store_table *t)
{
    struct cancel *token = cancel_new();
    struct store_call call = KIT_CALL;
    struct store_request r = kit_request(t);
    struct store_offer offer = {.size = sizeof offer};
    struct store_plan *plan = NULL;
    struct store_scan *scan = NULL;
    struct store_batch batch;
    call.cancel = token;
    CHECK_INT(k->plugin->plan(k->store, &call, &r, &offer, &plan, &k->error), STORE_OK);
    CHECK_INT(k->plugin->start(plan, &call, &scan, &k->error), STORE_OK);
    enum store_status status = k->plugin->next(scan, &batch, &k->error);
    cancel_raise(token, CANCEL_CLIENT_LEFT);
    if (status == STORE_OK)
        status = k->plugin->next(scan, &batch, &k->error);
    CHECK(status == STORE_CANCELLED || status == STORE_END);
    k->plugin->finish(scan);
    k->plugin->drop_plan(plan);
    cancel_drop(token);
}

TEST(a_call_is_stopped_between_batches)
{
    KIT_FOR_TABLES(kit_check_stopping);
}

/* --- errors, threads, leaks ------------------------------------------------------- */

static inline void kit_check_errors(struct kit *k, const struct store_table *t)
{
    struct kit_answer a;
    struct store_request r = kit_request(t);
    uint32_t beyond = t->ncolumn + 5;
    r.table = "no such table";
    kit_ask(k, &KIT_CALL, &r, t->column, t->ncolumn, UINT64_MAX, &a);
    CHECK_INT(a.status, STORE_NOT_FOUND);
    kit_rows_free(&a.rows);
    r = kit_request(t);
    r.column = &beyond;
    r.ncolumn = 1;
    k->error.message[0] = '\0';
    kit_ask(k, &KIT_CALL, &r, t->column, 1, UINT64_MAX, &a);
    CHECK(a.status > STORE_END && k->error.message[0]);
    kit_rows_free(&a.rows);
}

TEST(errors_come_as_errors)
{
    KIT_FOR_TABLES(kit_check_errors);
}

struct kit_reader {
    struct kit kit;
    struct store_request request;
    uint64_t nrow;
    bool failed;
};

/* Runs in a thread, so it must not leave by a failed CHECK. */
static void *kit_read(void *what)
{
    struct kit_reader *w = what;
    struct kit k = w->kit;
    for (int round = 0; round < 3; round++) {
        struct store_offer offer = {.size = sizeof offer};
        struct store_plan *plan = NULL;
        struct store_scan *scan = NULL;
        struct store_batch batch;
        enum store_status status =
            k.plugin->plan(k.store, &KIT_CALL, &w->request, &offer, &plan, &k.error);
        if (status == STORE_OK)
            status = k.plugin->start(plan, &KIT_CALL, &scan, &k.error);
        while (status == STORE_OK) {
            status = k.plugin->next(scan, &batch, &k.error);
            w->nrow += status == STORE_OK ? batch.nrow : 0;
        }
        w->failed |= status != STORE_END;
        if (scan)
            k.plugin->finish(scan);
        if (plan)
            k.plugin->drop_plan(plan);
    }
    return NULL;
}

static inline void kit_check_threads(struct kit *k, const struct store_table *t)
{
    enum { NTHREAD = 4 };
    struct kit_rows all;
    struct kit_reader reader[NTHREAD];
    pthread_t thread[NTHREAD];
    kit_all(k, t, &all);
    for (int i = 0; i < NTHREAD; i++)
        reader[i] = (struct kit_reader){.kit = *k, .request = kit_request(t)};
    for (int i = 0; i < NTHREAD; i++)
        CHECK(pthread_create(&thread[i], NULL, kit_read, &reader[i]) == 0);
    for (int i = 0; i < NTHREAD; i++)
        pthread_join(thread[i], NULL);
    for (int i = 0; i < NTHREAD; i++) {
        CHECK(!reader[i].failed);
        CHECK_INT(reader[i].nrow, 3 * all.nrow);
    }
    kit_rows_free(&all);
}

TEST(threads_share_a_store)
{
    KIT_FOR_TABLES(kit_check_threads);
}

/* Scans left early, plans dropped unused: what they held is given back. */
static inline void kit_check_leaks(struct kit *k, const struct store_table *t)
{
    size_t before = 0;
    for (int round = 0; round < 220; round++) {
        struct store_request r = kit_request(t);
        struct kit_answer a;
        struct store_offer offer = {.size = sizeof offer};
        struct store_plan *plan = NULL;
        if (round == 20) /* warmed up */
            before = mallinfo2().uordblks;
        kit_ask(k, &KIT_CALL, &r, t->column, t->ncolumn, 1, &a);
        kit_rows_free(&a.rows);
        CHECK_INT(k->plugin->plan(k->store, &KIT_CALL, &r, &offer, &plan, &k->error),
                  STORE_OK);
        k->plugin->drop_plan(plan);
    }
    size_t after = mallinfo2().uordblks;
    if (after > before + 200 * 1024)
        TEST_FAIL("%s: 200 rounds kept %zu bytes", t->name, after - before);
}

TEST(nothing_is_kept)
{
    KIT_FOR_TABLES(kit_check_leaks);
}

#define KIT_SCAN_CHECKS                                                                    \
    T(discovery_is_consistent), T(values_are_as_described), T(columns_come_as_wanted),     \
        T(claims_are_honest), T(order_and_limit_are_kept),                                 \
        T(groups_are_right_where_given), T(key_lists_lose_nothing),                        \
        T(a_stopped_call_gives_no_rows), T(a_call_is_stopped_between_batches),             \
        T(errors_come_as_errors), T(threads_share_a_store), T(nothing_is_kept)

#endif
