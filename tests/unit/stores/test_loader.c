/* test_loader.c -- adapters by name, the host table, and what the errors say. */
#include <sys/stat.h>

#include "tests/unit/stores/duck.h"

static struct stores *new_stores(const char *secrets)
{
    struct err e = {0};
    struct stores *s = stores_new(duck_plugins(), secrets, &e);
    CHECK(s != NULL);
    return s;
}

#define CHECK_SAYS(message, part)                                                          \
    do {                                                                                   \
        if (!strstr((message), (part)))                                                    \
            TEST_FAIL("\"%.400s\" does not say \"%s\"", (message), (part));                \
    } while (0)

TEST(missing_adapter_says_which_file)
{
    struct err e = {0};
    struct stores *s = new_stores(NULL);
    CHECK(stores_plugin(s, "nosuch", &e) == NULL);
    CHECK_SAYS(e.message, "nosuch.so");
    CHECK_SAYS(e.message, "make");
    e = (struct err){0};
    CHECK(stores_plugin(s, "../evil", &e) == NULL);
    CHECK(e.kind == ERR_USAGE);
    stores_free(s);
}

TEST(adapter_is_loaded_once)
{
    struct err e = {0};
    struct stores *s = new_stores(NULL);
    const struct store_plugin *p = stores_plugin(s, "example", &e);
    if (!p)
        TEST_FAIL("%.700s", e.message);
    CHECK(p == stores_plugin(s, "example", &e));
    CHECK_TEXT(p->name, "example");
    stores_free(s);
}

/* The store's own words reach the error; the status decides its kind. */
TEST(open_fails_with_the_adapters_words)
{
    struct err e = {0};
    struct stores *s = new_stores(NULL);
    const struct store_plugin *p;
    struct store *store;
    struct store_option bad = {"colour", "blue"};
    CHECK(!stores_open(s, "duckdb", &bad, 1, &p, &store, &e));
    CHECK(e.kind == ERR_USAGE && store == NULL);
    CHECK_SAYS(e.message, "colour");
    CHECK_SAYS(e.message, "memory_limit");
    stores_free(s);
}

TEST(missing_library_says_what_to_do)
{
    struct err e = {0};
    struct stores *s = new_stores(NULL);
    const struct store_plugin *p;
    struct store *store;
    const char *before = getenv("DUCKDB_LIB");
    char keep[1024];
    snprintf(keep, sizeof keep, "%s", before ? before : "");
    setenv("DUCKDB_LIB", "/nonexistent/libduckdb.so", 1);
    bool ok = stores_open(s, "duckdb", NULL, 0, &p, &store, &e);
    if (before)
        setenv("DUCKDB_LIB", keep, 1);
    else
        unsetenv("DUCKDB_LIB");
    stores_free(s);
    CHECK(!ok);
    CHECK_SAYS(e.message, "/nonexistent/libduckdb.so");
    CHECK_SAYS(e.message, "tools/setup/duckdb");
}

TEST(stores_close_before_their_time)
{
    struct err e = {0};
    struct stores *s = new_stores(NULL);
    const struct store_plugin *p;
    struct store *a, *b;
    CHECK(stores_open(s, "example", NULL, 0, &p, &a, &e));
    CHECK(stores_open(s, "example", NULL, 0, &p, &b, &e));
    stores_close(s, a);
    stores_free(s); /* closes b */
}

TEST(secrets_from_environment_and_file)
{
    char dir[] = "/tmp/colure-secrets-XXXXXX", path[64], out[32];
    CHECK(mkdtemp(dir) != NULL);
    snprintf(path, sizeof path, "%s/db.password", dir);
    FILE *f = fopen(path, "w");
    CHECK(f != NULL);
    fputs("from file\n", f);
    fclose(f);
    chmod(path, 0600);
    struct stores *s = new_stores(dir);
    const struct store_host *host = stores_host(s);
    bool has_file = host->secret(host, "db.password", out, sizeof out);
    CHECK(has_file);
    CHECK_TEXT(out, "from file");
    CHECK(!host->secret(host, "db.password", out, 4)); /* too long for the place */
    setenv("COLURE_SECRET_DB_PASSWORD", "from environment", 1);
    CHECK(host->secret(host, "db.password", out, sizeof out));
    CHECK_TEXT(out, "from environment");
    unsetenv("COLURE_SECRET_DB_PASSWORD");
    CHECK(!host->secret(host, "../loader", out, sizeof out));
    CHECK(!host->secret(host, "absent", out, sizeof out));
    stores_free(s);
    unlink(path);
    rmdir(dir);
}

static void count(void *what)
{
    ++*(int *)what;
}

TEST(cancel_reaches_the_adapter)
{
    struct stores *s = new_stores(NULL);
    const struct store_host *host = stores_host(s);
    struct cancel *token = cancel_new();
    struct store_call call = {
        .size = sizeof call, .deadline_ns = INT64_MAX, .cancel = token};
    int raised = 0;
    CHECK(!host->is_cancelled(host, &call));
    void *watch = host->watch(host, &call, count, &raised);
    CHECK(watch != NULL);
    cancel_raise(token, CANCEL_ABORTED);
    CHECK_INT(raised, 1);
    CHECK(host->is_cancelled(host, &call));
    host->unwatch(host, watch);
    struct store_call late = {.size = sizeof late, .deadline_ns = clock_monotonic_ns() - 1};
    CHECK(host->is_cancelled(host, &late));
    CHECK(host->watch(host, &late, count, &raised) == NULL);
    cancel_drop(token);
    stores_free(s);
}

TEST(every_status_has_words)
{
    for (int status = STORE_OK; status <= STORE_FAILED; status++) {
        struct err e = {0};
        CHECK(!stores_error((enum store_status)status, NULL, &e));
        CHECK(e.kind != ERR_NONE && e.message[0]);
    }
    struct store_error error = {.size = sizeof error, .message = "no ink"};
    struct err e = {0};
    stores_error(STORE_UNAVAILABLE, &error, &e);
    CHECK(e.kind == ERR_UNAVAILABLE);
    CHECK(strcmp(e.message, "no ink") == 0);
}

RUN_TESTS(T(missing_adapter_says_which_file), T(missing_library_says_what_to_do),
          T(adapter_is_loaded_once), T(open_fails_with_the_adapters_words),
          T(stores_close_before_their_time), T(secrets_from_environment_and_file),
          T(cancel_reaches_the_adapter), T(every_status_has_words))
