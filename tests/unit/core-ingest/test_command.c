/* Wrong command lines end with 2 before any store is touched; failures with 1. */
#include "core/ingest/ingest.h"
#include "tests/test.h"

enum { ARGUMENTS_MAX = 12 };

static int run(int (*command)(int, char **), const char *const *argument)
{
    static char text[ARGUMENTS_MAX][64];
    char *argv[ARGUMENTS_MAX];
    int argc = 0;
    for (; argument[argc]; argc++) {
        snprintf(text[argc], sizeof text[argc], "%s", argument[argc]);
        argv[argc] = text[argc];
    }
    return command(argc, argv);
}

static int load(int argc, char **argv)
{
    return ingest_main_load(argc, argv, "/nonexistent", NULL);
}

static int demo(int argc, char **argv)
{
    return ingest_main_demo(argc, argv, "/nonexistent");
}

TEST(load_refuses_wrong_lines)
{
    static const char *const LINE[][ARGUMENTS_MAX] = {
        {NULL},
        {"a.csv", NULL},
        {"--into", "f", "a.csv", NULL},
        {"--into", "f", "--schema", "s", NULL},
        {"--into", "f", "--schema", NULL},
        {"--nosuch", "f", "--schema", "s", "a.csv", NULL},
        {"--into", "f", "--schema", "s", "--hdu", "-1", "a.csv", NULL},
        {"--into", "f", "--schema", "s", "--hdu", "two", "a.csv", NULL},
        {"--into", "f", "--schema", "s", "--angle", "grad", "a.csv", NULL},
        {"--into", "f", "--schema", "s", "--separator", "::", "a.csv", NULL},
    };
    for (size_t i = 0; i < sizeof LINE / sizeof *LINE; i++)
        if (run(load, LINE[i]) != 2)
            TEST_FAIL("line %zu was taken", i);
}

TEST(demo_refuses_wrong_lines)
{
    static const char *const LINE[][ARGUMENTS_MAX] = {
        {NULL},
        {"--out", NULL},
        {"--out", "f", "extra", NULL},
        {"--out", "f", "--events", "999", NULL},
        {"--out", "f", "--events", "10000001", NULL},
        {"--out", "f", "--hdu", "1", NULL},
    };
    for (size_t i = 0; i < sizeof LINE / sizeof *LINE; i++)
        if (run(demo, LINE[i]) != 2)
            TEST_FAIL("line %zu was taken", i);
}

TEST(help_is_no_error)
{
    static const char *const HELP[] = {"--help", NULL};
    CHECK_INT(run(load, HELP), 0);
    CHECK_INT(run(demo, HELP), 0);
}

/* Right lines go on to the adapter, which is not there. */
TEST(a_missing_adapter_is_a_failure)
{
    static const char *const LOAD[] = {"a.csv",  "--into", "f",      "--schema", "s",
                                       "--null", "x=-999", "--null", "None",     NULL};
    static const char *const DEMO[] = {"--out", "f", "--events", "1000", NULL};
    CHECK_INT(run(load, LOAD), 1);
    CHECK_INT(run(demo, DEMO), 1);
}

RUN_TESTS(T(load_refuses_wrong_lines), T(demo_refuses_wrong_lines), T(help_is_no_error),
          T(a_missing_adapter_is_a_failure))
