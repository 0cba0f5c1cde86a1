/* test_store_kit.c -- the kit over an adapter: test_store_kit ADAPTER [OPTION=VALUE ...].
 * Without arguments: over `example`, and over `duckdb` with a database made for it.
 * Adapters are found in COLURE_STORES (build/stores). */
#include <unistd.h>

#include "tests/store_kit/kit_conduct.h"
#include "tests/store_kit/kit_sql.h"

static const struct test_case CHECKS[] = {KIT_SCAN_CHECKS, KIT_SQL_CHECKS};

/* SQL checks are left out for a store that only scans: there is nothing to skip. */
static size_t check_count(const char *adapter)
{
    struct err e = {0};
    static const struct test_case SCAN[] = {KIT_SCAN_CHECKS};
    const char *dir = getenv("COLURE_STORES");
    struct stores *stores = stores_new(dir ? dir : "build/stores", NULL, &e);
    const struct store_plugin *p = stores ? stores_plugin(stores, adapter, &e) : NULL;
    bool is_sql = p && p->begin && p->receive && p->run;
    stores_free(stores);
    return (is_sql ? sizeof CHECKS : sizeof SCAN) / sizeof *CHECKS;
}

static int run_kit(const char *adapter)
{
    kit_adapter = adapter;
    kit_nfilter = kit_nexact = kit_nwanted = 0;
    printf("# %s\n", adapter);
    int failed = test_run_all(CHECKS, check_count(adapter));
    printf("# %s: %llu of %llu filters claimed exact, %llu rows wanted\n", adapter,
           (unsigned long long)kit_nexact, (unsigned long long)kit_nfilter,
           (unsigned long long)kit_nwanted);
    return failed;
}

/* --- duckdb --------------------------------------------------------------------------- */

static char duck_directory[32], duck_file[64];

static const char *duck_library(void)
{
    const char *path = getenv("DUCKDB_LIB");
    return path && path[0] ? path : "build/lib/libduckdb.so";
}

/* A table of every type, and one of plain numbers and words. */
static void make_tables(void)
{
    static const char NUMBERS[] =
        "CREATE TABLE kit.sky.numbers AS SELECT i AS id, i % 17 AS part, i / 7.0::DOUBLE "
        "AS x, "
        "CASE WHEN i % 5 = 0 THEN NULL ELSE 'n' || (i % 40) END AS name, i % 2 = 0 AS even "
        "FROM range(4000) AS r(i)";
    struct kit k;
    struct store_session *x = kit_begin(&k);
    kit_send(&k, x, "sky.every", 1000);
    if (k.plugin->execute(x, &KIT_CALL, NUMBERS, &k.error) != STORE_OK)
        TEST_FAIL("%.600s", k.error.message);
    k.plugin->end(x);
    kit_close(&k);
}

struct copy_feed { /* the rows of a scan of another store */
    struct store_feed feed;
    const struct store_plugin *plugin;
    struct store_scan *scan;
};

static enum store_status copy_next(struct store_feed *base, struct store_batch *b,
                                   struct store_error *e)
{
    struct copy_feed *f = (struct copy_feed *)base;
    return f->plugin->next(f->scan, b, e);
}

/* The example's stars: a table with a position, and so with a HEALPix column. */
static void copy_stars(void)
{
    struct kit k;
    struct store_session *x = kit_begin(&k);
    struct err e = {0};
    const struct store_plugin *p;
    struct store *from;
    const struct store_table *t;
    struct store_plan *plan = NULL;
    struct store_offer offer = {.size = sizeof offer};
    struct copy_feed feed = {.feed = {sizeof feed.feed, copy_next}};
    CHECK(stores_open(k.stores, "example", NULL, 0, &p, &from, &e));
    CHECK_INT(p->describe(from, "stars", &t, &k.error), STORE_OK);
    struct store_request r = kit_request(t);
    CHECK_INT(p->plan(from, &KIT_CALL, &r, &offer, &plan, &k.error), STORE_OK);
    CHECK_INT(p->start(plan, &KIT_CALL, &feed.scan, &k.error), STORE_OK);
    feed.plugin = p;
    struct store_table table = *t;
    table.name = "sky.stars";
    if (k.plugin->receive(x, &KIT_CALL, &table, &feed.feed, &k.error) != STORE_OK)
        TEST_FAIL("%.600s", k.error.message);
    p->finish(feed.scan);
    p->drop_plan(plan);
    k.plugin->end(x);
    kit_close(&k);
}

TEST(duckdb_is_made)
{
    kit_noption = 0;
    if (access(duck_library(), R_OK) != 0)
        TEST_SKIP("no libduckdb.so: run tools/setup/duckdb");
    snprintf(duck_directory, sizeof duck_directory, "/tmp/colure-kit-XXXXXX");
    CHECK(mkdtemp(duck_directory) != NULL);
    snprintf(duck_file, sizeof duck_file, "%s/kit.duckdb", duck_directory);
    kit_adapter = "duckdb";
    kit_option[0] = (struct store_option){"library", duck_library()};
    kit_option[1] = (struct store_option){"database", duck_file};
    kit_option[2] = (struct store_option){"attach", "kit"};
    kit_option[3] = (struct store_option){"threads", DUCK_THREADS};
    kit_option[4] = (struct store_option){"writable", "1"};
    kit_noption = 5;
    make_tables();
    copy_stars();
    kit_noption = 4;
}

static int run_duckdb(void)
{
    static const struct test_case MAKE[] = {T(duckdb_is_made)};
    int failed = test_run_all(MAKE, 1);
    if (!failed && kit_noption > 0)
        failed = run_kit("duckdb");
    unlink(duck_file);
    rmdir(duck_directory);
    return failed;
}

/* --- arguments ------------------------------------------------------------------------ */

static bool add_option(char *argument)
{
    char *equals = strchr(argument, '=');
    if (!equals || kit_noption == KIT_OPTIONS_MAX)
        return false;
    *equals = '\0';
    kit_option[kit_noption++] = (struct store_option){argument, equals + 1};
    return true;
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        int failed = run_kit("example");
        return run_duckdb() || failed;
    }
    for (int i = 2; i < argc; i++)
        if (!add_option(argv[i])) {
            fprintf(stderr, "usage: test_store_kit ADAPTER [OPTION=VALUE ...]\n");
            return 2;
        }
    return run_kit(argv[1]);
}
