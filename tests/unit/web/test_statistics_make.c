/* test_statistics_make.c -- statistics of the demo's tables, in the calling thread: all
 * rows, samples of large tables, no time at all, breaking off. */
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/node/node.h"
#include "tests/test.h"
#include "web/statistics.h"

static const char CONF[] = "conf/demo.yaml";

static struct arena *arena;
static struct node *node;
static const struct catalog *catalog;

static char state[] = "/tmp/colure-make-XXXXXX";

static void open_node(void)
{
    static struct err e;
    if (!node && e.kind == ERR_NONE) {
        setenv("COLURE_STORES", "build/stores", 0);
        arena = arena_new(64u << 20);
        struct config *c = mkdtemp(state) ? config_read(CONF, arena, &e) : NULL;
        if (c) {
            c->state_folder = state;
            node = node_open(c, NULL, &e);
        }
        catalog = node ? node_catalog(node) : NULL;
    }
    if (!node)
        TEST_FAIL("%.900s", e.message);
}

static const struct catalog_table *table(const char *name)
{
    struct stat s;
    if (stat("build/demo/demo.duckdb", &s) != 0)
        TEST_SKIP("the demo's data are not made (tools/setup/demo-data)");
    open_node();
    const struct catalog_table *t = catalog_find_full_name(catalog, str_of(name));
    CHECK(t);
    return t;
}

static struct statistics_table *make(const char *name, struct statistics_options o,
                                     struct cancel *cancel)
{
    const struct catalog_table *t = table(name);
    o.dali = node_dali(node);
    struct statistics_table *s = statistics_make(&o, catalog, t, cancel);
    CHECK(s);
    return s;
}

static void check_bins(const struct statistics_table *s)
{
    for (uint32_t i = 0; i < s->ncolumn; i++) {
        const struct statistics_column *c = &s->column[i];
        int64_t sum = 0;
        for (uint32_t k = 0; k < c->nbin; k++)
            sum += c->bin[k];
        if (c->nbin && sum != c->filled)
            TEST_FAIL("column %u: %lld in bins, %lld filled", i, (long long)sum,
                      (long long)c->filled);
    }
}

TEST(all_rows_of_a_table)
{
    struct statistics_table *s = make(
        "alerts.neutrino",
        (struct statistics_options){.table_s = 60, .exact_rows = 1000000, .sample_rows = 5},
        NULL);
    CHECK(!s->problem);
    CHECK_INT(s->nrow, 400);
    CHECK_INT(s->sampled, 0);
    CHECK_INT(s->nsample, 5);
    CHECK(s->density && s->made_us > 0);
    check_bins(s);
    statistics_drop(s);
}

TEST(a_large_table_is_sampled_and_says_so)
{
    struct statistics_table *s = make(
        "kascade.events",
        (struct statistics_options){.table_s = 60, .exact_rows = 1000, .sample_rows = 5000},
        NULL);
    CHECK(!s->problem);
    CHECK_INT(s->nrow, 1000000);
    CHECK_INT(s->sampled, 5000);
    for (uint32_t i = 0; i < s->ncolumn; i++)
        CHECK(s->column[i].filled <= 5000);
    check_bins(s);
    statistics_drop(s);
}

TEST(who_has_no_time_says_why)
{
    struct statistics_table *s =
        make("kascade.events",
             (struct statistics_options){
                 .table_s = 1e-6, .exact_rows = 1 << 30, .sample_rows = 1},
             NULL);
    CHECK(s->problem && *s->problem);
    statistics_drop(s);
}

/* However little time there is: all, nothing with a reason, or what was ready. */
TEST(what_is_late_is_left_out)
{
    static const double TIME_S[] = {0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 60};
    for (size_t i = 0; i < sizeof TIME_S / sizeof *TIME_S; i++) {
        struct statistics_table *s =
            make("kascade.events",
                 (struct statistics_options){
                     .table_s = TIME_S[i], .exact_rows = 1 << 30, .sample_rows = 1},
                 NULL);
        CHECK(!(s->problem && s->is_partial));
        CHECK(s->problem || (s->nrow == 1000000 && s->column[0].filled >= 0));
        if (!s->problem)
            check_bins(s);
        CHECK(TIME_S[i] < 60 || (!s->problem && !s->is_partial));
        statistics_drop(s);
    }
}

TEST(it_is_broken_off)
{
    struct cancel *cancel = cancel_new();
    cancel_raise(cancel, CANCEL_SHUTDOWN);
    int64_t begun = clock_monotonic_ns();
    struct statistics_table *s = make(
        "kascade.events",
        (struct statistics_options){.table_s = 60, .exact_rows = 1 << 30, .sample_rows = 1},
        cancel);
    CHECK(s->problem && clock_monotonic_ns() - begun < 10000000000);
    statistics_drop(s);
    cancel_drop(cancel);
}

TEST(the_node_ends)
{
    if (!node)
        TEST_SKIP("there was none");
    catalog_drop(catalog);
    node_close(node);
    arena_free(arena);
    static const char *const FOLDER[] = {"/spool", "/engine", "/jobs", ""};
    for (size_t i = 0; i < sizeof FOLDER / sizeof *FOLDER; i++) {
        char path[80];
        snprintf(path, sizeof path, "%s%s", state, FOLDER[i]);
        rmdir(path);
    }
}

RUN_TESTS(T(all_rows_of_a_table), T(a_large_table_is_sampled_and_says_so),
          T(who_has_no_time_says_why), T(what_is_late_is_left_out), T(it_is_broken_off),
          T(the_node_ends))
