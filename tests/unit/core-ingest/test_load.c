/* Files through `load` into a store file and back: needs the DuckDB adapter and library,
 * and says so where they are missing. */
#include "core/ingest/ingest.h"

#include <dirent.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/catalog/catalog.h"
#include "tests/test.h"

#define DATA "tests/data/ingest/"

static struct stores *stores;
static char folder[64], file[96];

static void begin(void)
{
    const char *plugins = getenv("COLURE_STORES");
    struct err e = {0};
    char path[512];
    snprintf(path, sizeof path, "%s/duckdb.so", plugins ? plugins : "build/stores");
    if (access(path, R_OK) != 0)
        TEST_SKIP("no adapter at %s", path);
    if (!stores)
        stores = stores_new(plugins ? plugins : "build/stores", NULL, &e);
    CHECK(stores != NULL);
    snprintf(folder, sizeof folder, "/tmp/colure-load-XXXXXX");
    CHECK(mkdtemp(folder) != NULL);
    snprintf(file, sizeof file, "%s/t.duckdb", folder);
}

static void end(void)
{
    DIR *d = opendir(folder);
    for (struct dirent *entry; d && (entry = readdir(d));) {
        char path[400];
        snprintf(path, sizeof path, "%s/%.255s", folder, entry->d_name);
        if (entry->d_name[0] != '.')
            unlink(path);
    }
    if (d)
        closedir(d);
    rmdir(folder);
}

/* Files are named in the data folder; ends with NULL. */
static bool load_into(struct ingest_options *o, const char *table, const char *const *name,
                      struct ingest_report *r, struct err *e)
{
    static char text[4][128];
    static const char *path[4];
    o->npath = 0;
    for (; name[o->npath]; o->npath++) {
        snprintf(text[o->npath], sizeof *text, DATA "%s", name[o->npath]);
        path[o->npath] = text[o->npath];
    }
    o->path = path;
    o->schema = "test";
    o->table = table;
    o->target = (struct ingest_target){stores, NULL, file, NULL};
    return ingest_load(o, r, e);
}

/* One number that a statement gives. */
static double ask(const char *sql)
{
    const struct store_option option[] = {{"attach.t", file}};
    const struct store_column column = {
        .size = sizeof column, .type = STORE_F64, .length = 1, .name = "x"};
    const struct store_column *list[] = {&column};
    const struct store_plugin *plugin;
    struct store *store;
    struct store_session *session;
    struct store_scan *scan;
    struct store_batch batch = {.size = sizeof batch};
    struct store_error why = {.size = sizeof why};
    struct store_call call = {.size = sizeof call, .deadline_ns = CLOCK_NEVER};
    struct err e = {0};
    if (!stores_open(stores, "duckdb", option, 1, &plugin, &store, &e))
        TEST_FAIL("%.500s", e.message);
    CHECK_INT(plugin->begin(store, &call, &session, &why), STORE_OK);
    if (plugin->run(session, &call, sql, NULL, 0, list, 1, &scan, &why) != STORE_OK)
        TEST_FAIL("%.500s", why.message);
    CHECK_INT(plugin->next(scan, &batch, &why), STORE_OK);
    double x = store_is_valid(&batch.column[0], 0)
                   ? ((const double *)batch.column[0].data)[0]
                   : NAN;
    plugin->finish(scan);
    plugin->end(session);
    stores_close(stores, store);
    return x;
}

TEST(sexagesimal_table)
{
    struct ingest_options o = {.separator = 0};
    struct ingest_report r;
    struct err e = {0};
    begin();
    static const char *const NAME[] = {"sexagesimal.csv", NULL};
    if (!load_into(&o, NULL, NAME, &r, &e))
        TEST_FAIL("%.500s", e.message);
    CHECK_TEXT(r.table, "test.sexagesimal");
    CHECK_INT(r.nrow, 4);
    CHECK_TEXT(r.ra, "ra");
    CHECK_NEAR(ask("SELECT ra FROM t.test.sexagesimal WHERE name = 'A 1'"), 2.779125, 1e-9);
    CHECK_NEAR(ask("SELECT dec FROM t.test.sexagesimal WHERE name = 'A 3'"), 12.3911111,
               1e-6);
    CHECK_NEAR(ask("SELECT count(*) FROM t.test.sexagesimal WHERE _hpx IS NULL AND ra IS "
                   "NULL AND ra_text IS NULL"),
               1, 0); /* A 4 */
    CHECK_NEAR(ask("SELECT count(*) FROM t.test.sexagesimal WHERE v_mag IS NULL"), 2, 0);
    CHECK_NEAR(ask("SELECT count(*) FROM t.test.sexagesimal WHERE where_ IS NULL"), 1, 0);
    end();
}

TEST(rows_lie_sorted_by_place)
{
    struct ingest_options o = {.angle = INGEST_ANGLE_RAD, .row_number = "nr"};
    const struct ingest_null null[] = {{"mass", "-999"}};
    struct ingest_report r;
    struct err e = {0};
    begin();
    o.null = null;
    o.nnull = 1;
    static const char *const NAME[] = {"radians_1.csv", "radians_2.csv", NULL};
    if (!load_into(&o, "pair", NAME, &r, &e))
        TEST_FAIL("%.500s", e.message);
    CHECK_INT(r.nrow, 3);
    CHECK_NEAR(
        ask("SELECT count(*) FROM (SELECT _hpx - lag(_hpx) OVER (ORDER BY rowid) AS d "
            "FROM t.test.pair) WHERE d < 0"),
        0, 0);
    CHECK_NEAR(ask("SELECT ra FROM t.test.pair WHERE event = 'E1'"), 185.4177, 1e-3);
    CHECK_NEAR(ask("SELECT nr FROM t.test.pair WHERE event = 'E3'"), 3, 0);
    CHECK(isnan(ask("SELECT mass FROM t.test.pair WHERE event = 'E2'")));
    end();
}

TEST(radians_taken_for_degrees_are_noticed)
{
    struct ingest_options o = {.row_number = NULL};
    struct ingest_report r;
    struct err e = {0};
    begin();
    char path[96], many[4096] = "ra,dec\n";
    snprintf(path, sizeof path, "%s/many.csv", folder);
    for (int i = 0; i < 25; i++)
        snprintf(many + strlen(many), 32, "%.2f,%.2f\n", i * 0.25, i * 0.05);
    FILE *f = fopen(path, "w");
    CHECK(f && fputs(many, f) >= 0 && fclose(f) == 0);
    const char *const paths[] = {path};
    o.path = paths;
    o.npath = 1;
    o.schema = "test";
    o.target = (struct ingest_target){stores, NULL, file, NULL};
    CHECK(ingest_load(&o, &r, &e));
    CHECK(r.looks_like_radians);
    o.angle = INGEST_ANGLE_RAD;
    CHECK(ingest_load(&o, &r, &e) && !r.looks_like_radians);
    end();
}

/* A load that fails says where, and leaves the table that was there. */
TEST(failed_loads_change_nothing)
{
    struct ingest_options o = {.angle = INGEST_ANGLE_RAD};
    struct ingest_report r;
    struct err e = {0};
    begin();
    static const char *const GOOD[] = {"radians_1.csv", NULL};
    static const char *const BAD[][3] = {{"broken.csv", NULL},
                                         {"radians_1.csv", "other_columns.csv", NULL},
                                         {"nosuch.csv", NULL}};
    static const char *const SAYS[] = {"broken.csv", "weight", "nosuch.csv"};
    CHECK(load_into(&o, "kept", GOOD, &r, &e));
    for (int i = 0; i < 3; i++) {
        struct err why = {0};
        CHECK(!load_into(&o, "kept", BAD[i], &r, &why));
        if (!strstr(why.message, SAYS[i]))
            TEST_FAIL("no %s in: %.300s", SAYS[i], why.message);
        CHECK_NEAR(ask("SELECT count(*) FROM t.test.kept"), 2, 0);
    }
    end();
}

/* The draft that load writes keeps what the file says of its columns. */
TEST(drafts_keep_the_words_of_the_file)
{
    struct ingest_options o = {.row_number = NULL};
    struct ingest_report r;
    struct err e = {0};
    begin();
    char path[96];
    snprintf(path, sizeof path, "%s/units.yaml", folder);
    o.description_path = path;
    static const char *const NAME[] = {"units.ecsv", NULL};
    if (!load_into(&o, "units", NAME, &r, &e))
        TEST_FAIL("%.500s", e.message);
    CHECK_NEAR(
        ask("SELECT count(*) FROM t.test.units WHERE source IS NULL AND flux IS NULL"), 1,
        0);
    static char draft[8192];
    FILE *f = fopen(path, "r");
    size_t n = f ? fread(draft, 1, sizeof draft - 1, f) : 0;
    CHECK(f && n > 200 && fclose(f) == 0);
    CHECK(strstr(draft, "raj2000") && strstr(draft, "Flux above 1 TeV"));
    CHECK(strstr(draft, "pos.eq.ra;meta.main") != NULL);
    end();
}

TEST(small_demo_world_is_stored)
{
    begin();
    struct err e = {0};
    struct ingest_demo_options o = {.target = {stores, NULL, file, NULL}, .nevent = 5000};
    if (!ingest_demo(&o, &e))
        TEST_FAIL("%.500s", e.message);
    CHECK_NEAR(ask("SELECT count(*) FROM t.kascade.events"), 5000, 0);
    CHECK_NEAR(ask("SELECT count(*) FROM t.tunkarex.events r JOIN t.tunka133.events t ON "
                   "r.time_ns BETWEEN t.time_ns - 1000 AND t.time_ns + 1000"),
               1200, 0);
    CHECK_NEAR(ask("SELECT count(*) FROM t.kascade.events WHERE _hpx IS NULL"), 0, 0);
    CHECK_NEAR(
        ask("SELECT count(*) FROM (SELECT _hpx - lag(_hpx) OVER (ORDER BY rowid) AS d "
            "FROM t.taiga.hillas) WHERE d < 0"),
        0, 0);
    CHECK_NEAR(ask("SELECT count(*) FROM t.tunkarex.traces WHERE len(adc) = 1024"), 360, 0);
    end();
}

TEST(stores_are_closed)
{
    stores_free(stores);
    stores = NULL;
}

RUN_TESTS(T(sexagesimal_table), T(rows_lie_sorted_by_place),
          T(radians_taken_for_degrees_are_noticed), T(failed_loads_change_nothing),
          T(drafts_keep_the_words_of_the_file), T(small_demo_world_is_stored),
          T(stores_are_closed))
