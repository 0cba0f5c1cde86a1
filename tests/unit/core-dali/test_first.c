/* test_first.c -- the first rows of an answer: told after each batch until they are enough;
 * all rows pass as they were; what does not fit is left out. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/dali/first.h"
#include "tests/test.h"

enum { BATCH = 40 };

struct feed {
    struct rowsource source;
    uint32_t nbatch, ibatch;
    int64_t number[BATCH];
    struct store_vector vector;
};

static const struct store_column NUMBER = {
    .size = sizeof NUMBER, .type = STORE_I64, .length = 1, .name = "n"};
static const struct store_column *const COLUMNS[] = {&NUMBER};
static const struct result_head HEAD = {.column = COLUMNS, .ncolumn = 1, .nrow = -1};
static int nclosed;

static enum step feed_next(struct rowsource *source, struct store_batch *b, struct err *e)
{
    struct feed *f = (struct feed *)source;
    (void)e;
    if (f->ibatch == f->nbatch)
        return STEP_END;
    for (uint32_t k = 0; k < BATCH; k++)
        f->number[k] = f->ibatch * BATCH + k;
    f->ibatch++;
    f->vector = (struct store_vector){f->number, NULL, NULL};
    *b = (struct store_batch){sizeof *b, BATCH, &f->vector};
    return STEP_ROWS;
}

static void feed_close(struct rowsource *source)
{
    nclosed++;
    free(source);
}

struct told {
    uint32_t ntime, nrow;
    char text[4096];
};

static void take(void *what, str json, uint32_t nrow)
{
    struct told *t = what;
    t->ntime++;
    t->nrow = nrow;
    snprintf(t->text, sizeof t->text, "%.*s", STR_FMT(json));
}

static struct rowsource *begin(uint32_t nbatch, struct told *told)
{
    static const struct format_options OPTIONS = {0};
    struct feed *f = calloc(1, sizeof *f);
    f->source = (struct rowsource){COLUMNS, 1, feed_next, feed_close};
    f->nbatch = nbatch;
    *told = (struct told){0};
    struct rowsource *rows =
        rows_first(&f->source, &HEAD, "first ones", &OPTIONS, take, told);
    CHECK(rows != &f->source);
    return rows;
}

static uint32_t run(struct rowsource *rows)
{
    struct store_batch b;
    struct err e = {0};
    uint32_t n = 0;
    while (rows->next(rows, &b, &e) == STEP_ROWS) {
        CHECK_INT(((const int64_t *)b.column[0].data)[0], n);
        n += b.nrow;
    }
    rows->close(rows);
    return n;
}

TEST(few_rows)
{
    struct told told;
    CHECK_INT(run(begin(1, &told)), BATCH);
    CHECK_INT(told.ntime, 1);
    CHECK_INT(told.nrow, BATCH);
    CHECK(strstr(told.text, "\"data\":[\n[0],\n[1],\n"));
    CHECK(strstr(told.text, "[39]\n],\n\"query_status\":\"OVERFLOW\",\"message\":\"first "
                            "ones\"}"));
}

TEST(no_more_than_enough)
{
    struct told told;
    CHECK_INT(run(begin(10, &told)), 10 * BATCH);
    CHECK_INT(told.ntime, 3); /* 40, 80, 100 */
    CHECK_INT(told.nrow, FIRST_ROWS);
    CHECK(strstr(told.text, "\n[99]\n],\n\"query_status\""));
}

TEST(no_rows)
{
    struct told told;
    nclosed = 0;
    CHECK_INT(run(begin(0, &told)), 0);
    CHECK_INT(told.ntime, 0);
    CHECK_INT(nclosed, 1);
}

RUN_TESTS(T(few_rows), T(no_more_than_enough), T(no_rows))
