/* test_ahead.c -- batches that another thread pulls: all of them, in order, as they were;
 * ends and failures in their place; leaving early. */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/dali/ahead.h"
#include "tests/test.h"

/* --- a source whose batch is overwritten by the next one --- */

enum { ROWS = 100, TEXT_BYTES = 8, FAILS = 1 << 20 };

struct feed {
    struct rowsource source;
    uint32_t nbatch, ibatch, fail_at;
    useconds_t pause_us;
    int64_t number[ROWS];
    char text[ROWS * TEXT_BYTES + 24];
    uint32_t offset[ROWS + 1];
    uint8_t valid[(ROWS + 7) / 8];
    struct store_vector vector[2];
};

static _Atomic int feeds_open;

static const struct store_column NUMBER = {
    .size = sizeof NUMBER, .type = STORE_I64, .length = 1, .name = "n"};
static const struct store_column TEXT = {
    .size = sizeof TEXT, .type = STORE_TEXT, .length = -1, .name = "t"};
static const struct store_column *const COLUMNS[] = {&NUMBER, &TEXT};

/* Row k of batch i: number i * ROWS + k, null for each seventh; its digits as text, which
 * begin behind 24 bytes that belong to no row. */
static void fill(struct feed *f)
{
    uint32_t at = 24;
    memset(f->valid, 0, sizeof f->valid);
    for (uint32_t k = 0; k < ROWS; k++) {
        f->number[k] = f->ibatch * ROWS + k;
        f->valid[k / 8] = (uint8_t)(f->valid[k / 8] | (k % 7 != 0) << k % 8);
        f->offset[k] = at;
        at += (uint32_t)snprintf(f->text + at, TEXT_BYTES, "%u", f->ibatch * ROWS + k);
    }
    f->offset[ROWS] = at;
    f->vector[0] = (struct store_vector){f->number, NULL, f->valid};
    f->vector[1] = (struct store_vector){f->text, f->offset, NULL};
}

static enum step feed_next(struct rowsource *source, struct store_batch *b, struct err *e)
{
    struct feed *f = (struct feed *)source;
    if (f->pause_us)
        usleep(f->pause_us);
    if (f->ibatch == f->fail_at) {
        err_set(e, ERR_UNAVAILABLE, "the store broke");
        return STEP_FAILED;
    }
    if (f->ibatch == f->nbatch)
        return STEP_END;
    fill(f);
    f->ibatch++;
    *b = (struct store_batch){sizeof *b, ROWS, f->vector};
    return STEP_ROWS;
}

static void feed_close(struct rowsource *source)
{
    atomic_fetch_sub(&feeds_open, 1);
    free(source);
}

static struct rowsource *feed_ahead(uint32_t nbatch, uint32_t fail_at, useconds_t pause_us)
{
    struct feed *f = calloc(1, sizeof *f);
    f->source = (struct rowsource){COLUMNS, 2, feed_next, feed_close};
    f->nbatch = nbatch;
    f->fail_at = fail_at;
    f->pause_us = pause_us;
    atomic_fetch_add(&feeds_open, 1);
    struct rowsource *ahead = rows_ahead(&f->source);
    CHECK(ahead != NULL);
    return ahead;
}

static bool is_right(const struct store_batch *b, uint32_t ibatch)
{
    const struct store_vector *n = &b->column[0], *t = &b->column[1];
    bool ok = b->nrow == ROWS && t->offset[0] == 0;
    for (uint32_t k = 0; k < ROWS && ok; k++) {
        char text[24];
        size_t len = (size_t)snprintf(text, sizeof text, "%u", ibatch * ROWS + k);
        ok = ((const int64_t *)n->data)[k] == (int64_t)ibatch * ROWS + k &&
             store_is_valid(n, k) == (k % 7 != 0) &&
             t->offset[k + 1] - t->offset[k] == len &&
             memcmp((const char *)t->data + t->offset[k], text, len) == 0;
    }
    return ok;
}

static uint32_t take_all(struct rowsource *ahead, useconds_t pause_us, enum step *end,
                         struct err *e)
{
    struct store_batch b;
    uint32_t n = 0;
    while ((*end = ahead->next(ahead, &b, e)) == STEP_ROWS) {
        if (pause_us)
            usleep(pause_us);
        if (!is_right(&b, n))
            break;
        n++;
    }
    return n;
}

static void check_all(uint32_t nbatch, useconds_t feed_us, useconds_t take_us)
{
    struct err e = {0};
    enum step end;
    struct rowsource *ahead = feed_ahead(nbatch, FAILS, feed_us);
    CHECK_INT(take_all(ahead, take_us, &end, &e), nbatch);
    CHECK_INT(end, STEP_END);
    CHECK_INT(ahead->next(ahead, &(struct store_batch){0}, &e), STEP_END);
    ahead->close(ahead);
    CHECK_INT(atomic_load(&feeds_open), 0);
}

TEST(batches_come_whole_and_in_order)
{
    check_all(0, 0, 0);
    check_all(1, 0, 0);
    check_all(5000, 0, 0);
}

TEST(a_slow_store_and_a_slow_taker_lose_nothing)
{
    check_all(30, 5000, 0);
    check_all(200, 0, 200);
}

TEST(a_failure_comes_after_the_rows_before_it)
{
    struct err e = {0};
    enum step end;
    struct rowsource *ahead = feed_ahead(100, 40, 0);
    CHECK_INT(take_all(ahead, 0, &end, &e), 40);
    CHECK_INT(end, STEP_FAILED);
    CHECK_INT(e.kind, ERR_UNAVAILABLE);
    CHECK_TEXT(e.message, "the store broke");
    ahead->close(ahead);
}

TEST(leaving_early_closes_the_store)
{
    for (int i = 0; i < 50; i++) {
        struct err e = {0};
        struct store_batch b;
        struct rowsource *ahead = feed_ahead(5000, FAILS, 0);
        for (int k = 0; k < i; k++)
            CHECK_INT(ahead->next(ahead, &b, &e), STEP_ROWS);
        ahead->close(ahead);
        CHECK_INT(atomic_load(&feeds_open), 0);
    }
}

RUN_TESTS(T(batches_come_whole_and_in_order), T(a_slow_store_and_a_slow_taker_lose_nothing),
          T(a_failure_comes_after_the_rows_before_it), T(leaving_early_closes_the_store))
