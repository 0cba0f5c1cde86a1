/* test_pump.c -- rows to bytes through the pump: short and long bodies, slow and leaving
 * readers, and late failures. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/dali/pump.h"
#include "tests/test.h"

/* --- a source of counted rows, and a sink that writes them as lines --- */

enum { BATCH_ROWS = 5000, FAIL_AT_ONCE = UINT16_MAX };

struct counter {
    struct rowsource source;
    uint32_t next, nrow, fail_at; /* fail_at 0: never */
    int64_t value[BATCH_ROWS];
    struct store_vector vector;
};

static _Atomic int sources_open, sinks_open;

static const struct store_column NUMBER = {
    .size = sizeof NUMBER, .type = STORE_I64, .length = 1, .name = "n"};
static const struct store_column *const COLUMNS[] = {&NUMBER};

static enum step counter_next(struct rowsource *source, struct store_batch *batch,
                              struct err *e)
{
    struct counter *c = (struct counter *)source;
    if (c->fail_at == FAIL_AT_ONCE || (c->fail_at && c->next >= c->fail_at)) {
        err_set(e, ERR_INTERNAL, "the store broke");
        return STEP_FAILED;
    }
    uint32_t n = c->nrow - c->next < BATCH_ROWS ? c->nrow - c->next : BATCH_ROWS;
    if (n == 0)
        return STEP_END;
    for (uint32_t i = 0; i < n; i++)
        c->value[i] = c->next++;
    c->vector = (struct store_vector){.data = c->value};
    *batch = (struct store_batch){sizeof *batch, n, &c->vector};
    return STEP_ROWS;
}

static void counter_close(struct rowsource *source)
{
    sources_open -= 1;
    free(source);
}

static struct rowsource *counter_new(uint32_t nrow, uint32_t fail_at)
{
    struct counter *c = calloc(1, sizeof *c);
    c->source = (struct rowsource){COLUMNS, 1, counter_next, counter_close};
    c->nrow = nrow;
    c->fail_at = fail_at;
    sources_open += 1;
    return &c->source;
}

static bool lines_begin(struct sink *s, const struct result_head *head, struct bytes *out,
                        struct err *e)
{
    (void)s, (void)head, (void)e;
    bytes_add_literal(out, "begin\n");
    return true;
}

static bool lines_rows(struct sink *s, const struct store_batch *batch, struct bytes *out,
                       struct err *e)
{
    const int64_t *value = batch->column[0].data;
    (void)s, (void)e;
    for (uint32_t i = 0; i < batch->nrow; i++)
        bytes_add_format(out, "%lld\n", (long long)value[i]);
    return true;
}

static bool lines_end(struct sink *s, enum ending ending, const struct err *why,
                      struct bytes *out, struct err *e)
{
    (void)s, (void)why, (void)e;
    if (ending == ENDING_FAILED)
        return false;
    bytes_add(out, ending == ENDING_OVERFLOW ? STR("more\n") : STR("end\n"));
    return true;
}

static void lines_close(struct sink *s)
{
    sinks_open -= 1;
    free(s);
}

static struct sink *lines_new(void)
{
    struct sink *s = calloc(1, sizeof *s);
    *s = (struct sink){false, -1, lines_begin, lines_rows, lines_end, lines_close};
    sinks_open += 1;
    return s;
}

static struct spool spool = {.folder = "/tmp", .max_bytes = 256 << 20};
static uint64_t told_rows;
static enum err_kind told_kind;

static void finished(void *what, uint64_t nrow, const struct err *e)
{
    (void)what;
    told_rows = nrow;
    told_kind = e->kind;
}

static struct pump *pump_of(uint32_t nrow, uint32_t fail_at)
{
    struct err e = {0};
    struct pump_options o = {.source = counter_new(nrow, fail_at),
                             .sink = lines_new(),
                             .head = {.column = COLUMNS, .ncolumn = 1, .nrow = -1},
                             .spool = &spool,
                             .finished = finished};
    return pump_new(&o, &e);
}

struct pace {
    useconds_t each;   /* a pause after each piece */
    size_t stop_every; /* after so many bytes the reader stops for a while; 0: never */
};

static void keep_pace(const struct pace *pace, size_t before, size_t after)
{
    if (pace->each)
        usleep(pace->each);
    if (pace->stop_every && before / pace->stop_every != after / pace->stop_every)
        usleep(400 * 1000);
}

/* Reads to the end, in pieces; checks every number. */
static ssize_t read_all(struct pump *p, uint32_t *nrow, const struct pace *pace)
{
    struct bytes all;
    char piece[32 * 1024];
    ssize_t n;
    bytes_init(&all, SIZE_MAX);
    while ((n = pump_read(p, piece, sizeof piece)) > 0) {
        bytes_add(&all, (str){piece, (size_t)n});
        keep_pace(pace, all.len - (size_t)n, all.len);
    }
    str text = bytes_str(&all);
    bool right = str_eq(str_cut(&text, '\n'), STR("begin"));
    for (*nrow = 0; right && text.len; (*nrow)++) {
        char want[32];
        str line = str_cut(&text, '\n');
        if (str_eq(line, STR("end")))
            break;
        snprintf(want, sizeof want, "%u", *nrow);
        right = str_eq(line, str_of(want));
    }
    bytes_free(&all);
    return right ? n : -2;
}

static void check_body(uint32_t rows, struct pace pace)
{
    struct err e = {0};
    uint32_t nrow;
    struct pump *p = pump_of(rows, 0);
    CHECK(pump_begin(p, &e));
    CHECK_INT(read_all(p, &nrow, &pace), 0);
    CHECK_INT(nrow, rows);
    pump_free(p);
    CHECK_INT(told_rows, rows);
    CHECK_INT(told_kind, ERR_NONE);
    CHECK_INT(sources_open + sinks_open, 0);
    CHECK_INT(atomic_load(&spool.in_use), 0);
}

TEST(bodies_of_every_length_are_whole)
{
    check_body(0, (struct pace){0});
    check_body(1, (struct pace){0});
    check_body(5001, (struct pace){0});
    check_body(2000000, (struct pace){0});
}

TEST(a_slow_reader_gets_all_of_it)
{
    check_body(600000, (struct pace){.each = 2000});
}

TEST(a_full_spool_only_slows_the_writer)
{
    spool.max_bytes = 300000;
    check_body(400000, (struct pace){.each = 1500});
    spool.max_bytes = 256 << 20;
}

/* What was read of the file makes room again, or the writer would wait for ever. */
TEST(a_spool_that_was_full_is_used_again)
{
    spool.max_bytes = 300000;
    check_body(600000, (struct pace){.stop_every = 1000000});
    spool.max_bytes = 256 << 20;
}

/* DALI-22: what cannot say that it failed is broken off, never ended. */
TEST(a_late_failure_breaks_the_body)
{
    struct err e = {0};
    uint32_t nrow;
    struct pump *p = pump_of(2000000, 1000000);
    CHECK(pump_begin(p, &e));
    CHECK_INT(read_all(p, &nrow, &(struct pace){0}), -1);
    CHECK_INT(told_kind, ERR_INTERNAL);
    pump_free(p);
    CHECK_INT(sources_open + sinks_open, 0);
}

/* Up to pump_begin() a failure is still a clean error document. */
TEST(an_early_failure_is_an_error)
{
    struct err e = {0};
    struct pump *p = pump_of(20000, FAIL_AT_ONCE);
    CHECK(!pump_begin(p, &e));
    CHECK_TEXT(e.message, "the store broke");
    pump_free(p);
    CHECK_INT(sources_open + sinks_open, 0);
}

TEST(a_reader_that_leaves_frees_everything)
{
    struct err e = {0};
    char piece[1024];
    for (int i = 0; i < 20; i++) {
        struct pump *p = pump_of(3000000, 0);
        CHECK(pump_begin(p, &e));
        for (int k = 0; k < 40 * i; k++)
            CHECK(pump_read(p, piece, sizeof piece) > 0);
        pump_free(p);
    }
    CHECK_INT(sources_open + sinks_open, 0);
    CHECK_INT(atomic_load(&spool.in_use), 0);
}

/* The store is free again although nobody reads: the helper has taken over. */
TEST(a_reader_that_stops_does_not_hold_the_store)
{
    struct err e = {0};
    char piece[32 * 1024];
    struct pump *p = pump_of(1000000, 0);
    CHECK(pump_begin(p, &e));
    uint64_t nbyte = 0;
    ssize_t n = 1;
    for (int i = 0; i < 30 && n > 0; i++)
        nbyte += (uint64_t)(n = pump_read(p, piece, sizeof piece));
    for (int i = 0; i < 3000 && sources_open; i++)
        usleep(10000);
    int still_open = sources_open;
    while ((n = pump_read(p, piece, sizeof piece)) > 0)
        nbyte += (uint64_t)n;
    pump_free(p);
    CHECK_INT(still_open, 0);
    CHECK_INT(n, 0);
    CHECK_INT(nbyte, 6888890 + 6 + 4); /* digits and line ends; the frame */
    CHECK_INT(atomic_load(&spool.in_use), 0);
}

RUN_TESTS(T(bodies_of_every_length_are_whole), T(a_slow_reader_gets_all_of_it),
          T(a_full_spool_only_slows_the_writer), T(a_spool_that_was_full_is_used_again),
          T(a_late_failure_breaks_the_body), T(an_early_failure_is_an_error),
          T(a_reader_that_leaves_frees_everything),
          T(a_reader_that_stops_does_not_hold_the_store))
