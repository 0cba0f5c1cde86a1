/* test_helpers.c -- the threads that help queries: they come and go, and all have gone when
 * the store is closed. */
#include <unistd.h>

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

RUN_TESTS(T(helpers_have_gone_when_a_store_closes))
