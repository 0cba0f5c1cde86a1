/* test.h -- the whole test framework. A test program is a .c file with TEST() blocks and
 * RUN_TESTS(...) at its end; it prints one line a test, "ok NAME", "not ok NAME: why" or
 * "skip NAME: why", and exits 1 if any failed. */
#ifndef TESTS_TEST_H
#define TESTS_TEST_H

#include <math.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>

static jmp_buf test_exit;
static char test_why[4096];

#define TEST(name) static void test_##name(void)

#define TEST_FAIL(...)                                                                     \
    do {                                                                                   \
        int n_ = snprintf(test_why, sizeof test_why, "%s:%d: ", __FILE__, __LINE__);       \
        snprintf(test_why + n_, sizeof test_why - (size_t)n_, __VA_ARGS__);                \
        longjmp(test_exit, 1);                                                             \
    } while (0)

#define TEST_SKIP(...)                                                                     \
    do {                                                                                   \
        snprintf(test_why, sizeof test_why, __VA_ARGS__);                                  \
        longjmp(test_exit, 2);                                                             \
    } while (0)

#define CHECK(condition)                                                                   \
    do {                                                                                   \
        if (!(condition))                                                                  \
            TEST_FAIL("%s", #condition);                                                   \
    } while (0)

#define CHECK_INT(got, want)                                                               \
    do {                                                                                   \
        long long got_ = (long long)(got), want_ = (long long)(want);                      \
        if (got_ != want_)                                                                 \
            TEST_FAIL("%s is %lld, want %lld", #got, got_, want_);                         \
    } while (0)

#define CHECK_NEAR(got, want, tolerance)                                                   \
    do {                                                                                   \
        double got_ = (got), want_ = (want);                                               \
        if (!(fabs(got_ - want_) <= (tolerance)))                                          \
            TEST_FAIL("%s is %.17g, want %.17g", #got, got_, want_);                       \
    } while (0)

/* Texts end in NUL. */
#define CHECK_TEXT(got, want)                                                              \
    do {                                                                                   \
        const char *got_ = (got), *want_ = (want);                                         \
        if (!got_ || strcmp(got_, want_) != 0)                                             \
            TEST_FAIL("%s is \"%s\", want \"%s\"", #got, got_ ? got_ : "(null)", want_);   \
    } while (0)

struct test_case {
    const char *name;
    void (*run)(void);
};

#define T(name)                                                                            \
    {                                                                                      \
#name, test_##name                                                                 \
    }

static int test_run_all(const struct test_case *tests, size_t n)
{
    volatile int failed = 0;
    for (volatile size_t i = 0; i < n; i++) {
        int how = setjmp(test_exit);
        if (how == 0) {
            tests[i].run();
            printf("ok %s\n", tests[i].name);
        } else if (how == 1) {
            printf("not ok %s: %s\n", tests[i].name, test_why);
            failed = 1;
        } else
            printf("skip %s: %s\n", tests[i].name, test_why);
        fflush(stdout);
    }
    return failed;
}

#define RUN_TESTS(...)                                                                     \
    int main(void)                                                                         \
    {                                                                                      \
        static const struct test_case tests[] = {__VA_ARGS__};                             \
        return test_run_all(tests, sizeof tests / sizeof *tests);                          \
    }

#endif
