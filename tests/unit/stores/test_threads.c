/* test_threads.c -- the threads of the duckdb store: those that help queries come and go,
 * and all have gone when the store is closed; the one that rings at deadlines goes on until
 * it is heard. */
#include <stdatomic.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "stores/duckdb/timer.c" /* of a plugin: it shows nothing but its table */
#include "tests/unit/stores/duck.h"

enum { STORES = 25, QUERIES = 12 };

/* Long enough that help is called, many times in a row: who leaves one query late meets the
 * helpers of the next. A helper that nobody wakes would keep the store from closing. */
TEST(helpers_have_gone_when_a_store_closes)
{
    static const struct store_option EIGHT[] = {{"threads", "8"}};
    alarm(120); /* instead of waiting for ever */
    for (int i = 0; i < STORES; i++) {
        struct duck_store d;
        duck_open(&d, EIGHT, 1);
        for (int k = 0; k < QUERIES; k++)
            CHECK_TEXT(duck_text(&d, "SELECT count(DISTINCT i % 1000) FROM range(200000) "
                                     "AS r(i)"),
                       "1000");
        duck_close(&d);
    }
    alarm(0);
}

static void count(void *what)
{
    atomic_fetch_add((atomic_int *)what, 1);
}

/* DuckDB forgets an interrupt that comes while a statement is being started. */
TEST(an_alarm_rings_until_it_is_cleared)
{
    atomic_int early = 0, late = 0;
    struct timer *t = timer_new();
    struct alarm a = {.ring = count, .what = &early}, b = {.ring = count, .what = &late};
    alarm(120);
    CHECK(t && timer_set(t, &a, clock_deadline_ns(3600)));
    CHECK(timer_set(t, &b, clock_deadline_ns(3600)));
    CHECK(timer_set(t, &a, 0)); /* set already: the earlier counts */
    while (atomic_load(&early) < 3)
        usleep(1000);
    timer_clear(t, &a);
    int rung = atomic_load(&early);
    usleep(250000);
    CHECK_INT(atomic_load(&early), rung);
    CHECK_INT(atomic_load(&late), 0);
    CHECK(timer_set(t, &a, 0)); /* may be set again */
    while (atomic_load(&early) == rung)
        usleep(1000);
    timer_clear(t, &a);
    timer_clear(t, &b);
    timer_free(t);
    alarm(0);
}

RUN_TESTS(T(helpers_have_gone_when_a_store_closes), T(an_alarm_rings_until_it_is_cleared))
