/* Real files through tools/setup/real into a store, and conf/real/ against what is in it.
 * Runs where $COLURE_DATA is and the program is built; says so where not. */
#include <dirent.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/catalog/catalog.h"
#include "stores/stores.h"
#include "tests/test.h"

extern char **environ;

static const char *const SCHEMA[] = {"kcdc",  "fermi",   "icecat", "gw",      "grb",
                                     "uhecr", "openngc", "ngc188", "gammacat"};

enum { NSCHEMA = sizeof SCHEMA / sizeof *SCHEMA, TABLES_MAX = 32 };

static char folder[64], file[96];
static struct stores *stores;
static const struct store_plugin *plugin;
static struct store *store;

/* tools/setup/real into the folder; its exit status. */
static int load_all(void)
{
    char script[] = "tools/setup/real";
    char *argv[] = {script, folder, NULL};
    pid_t pid;
    int status;
    if (posix_spawn(&pid, script, NULL, NULL, argv, environ) != 0 ||
        waitpid(pid, &status, 0) != pid)
        return -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void open_store(void)
{
    const char *plugins = getenv("COLURE_STORES");
    const struct store_option option[] = {{"attach.real", file}};
    struct err e = {0};
    stores = stores_new(plugins ? plugins : "build/stores", NULL, &e);
    if (!stores || !stores_open(stores, "duckdb", option, 1, &plugin, &store, &e))
        TEST_FAIL("%.500s", e.message);
}

TEST(all_files_load)
{
    const char *program = getenv("COLURE");
    if (!getenv("COLURE_DATA"))
        TEST_SKIP("no COLURE_DATA");
    if (access(program ? program : "build/colure", X_OK) != 0)
        TEST_SKIP("colure is not built");
    snprintf(folder, sizeof folder, "/tmp/colure-real-XXXXXX");
    CHECK(mkdtemp(folder) != NULL);
    snprintf(file, sizeof file, "%s/real.duckdb", folder);
    CHECK_INT(load_all(), 0);
    CHECK(access(file, R_OK) == 0);
    CHECK_INT(load_all(), 0); /* nothing has changed: nothing is done */
    open_store();
}

static double ask(const char *sql)
{
    const struct store_column column = {
        .size = sizeof column, .type = STORE_F64, .length = 1, .name = "x"};
    const struct store_column *list[] = {&column};
    struct store_session *session;
    struct store_scan *scan;
    struct store_batch batch = {.size = sizeof batch};
    struct store_error why = {.size = sizeof why};
    struct store_call call = {.size = sizeof call, .deadline_ns = CLOCK_NEVER};
    CHECK_INT(plugin->begin(store, &call, &session, &why), STORE_OK);
    if (plugin->run(session, &call, sql, NULL, 0, list, 1, &scan, &why) != STORE_OK)
        TEST_FAIL("%.500s", why.message);
    CHECK_INT(plugin->next(scan, &batch, &why), STORE_OK);
    double x = ((const double *)batch.column[0].data)[0];
    plugin->finish(scan);
    plugin->end(session);
    return x;
}

/* Numbers that the files' own documents give, or that were counted in the files. */
TEST(values_are_those_of_the_files)
{
    static const struct {
        const char *sql;
        double want, tolerance;
    } FACT[] = {
        {"SELECT count(*) FROM real.kcdc.events", 5150, 0},
        {"SELECT count(DISTINCT event_no) FROM real.kcdc.events", 5150, 0},
        {"SELECT count(*) FROM real.fermi.fgl4_dr3", 6659, 0},
        {"SELECT count(*) FROM real.fermi.fhl3", 1556, 0},
        {"SELECT count(*) FROM real.icecat.tracks WHERE eventmjd < 56307.4", 36, 0},
        {"SELECT count(*) FROM real.icecat.tracks WHERE other_i3types = 'None'", 0, 0},
        {"SELECT count(*) FROM real.uhecr.five_observatories WHERE elevation IS NULL", 435,
         0}, /* all of HiRes and AGASA */
        {"SELECT count(*) FROM real.uhecr.five_observatories WHERE epoch_mjd = 0", 0, 0},
        {"SELECT ra FROM real.openngc.objects WHERE name = 'NGC4486'", 187.705917, 1e-5},
        {"SELECT count(*) FROM real.openngc.objects WHERE _hpx IS NULL AND type <> 'NonEx'",
         0, 0},
        {"SELECT max(ra) FROM real.gw.gwtc_pe_sky", 360, 30},
        {"SELECT max(abs(ra - degrees(ra_rad))) FROM real.gw.gwtc_pe_sky", 0, 1e-9},
        {"SELECT count(*) FROM real.ngc188.twomass", 5014, 0},
        {"SELECT count(*) FROM real.gammacat.sources WHERE tgevcat_id IS NULL", 11, 0},
        {"SELECT count(*) FROM real.fermi.fgl4_dr3 WHERE isinf(uncu_flux1)", 0, 0},
    };
    if (!store)
        TEST_SKIP("nothing was loaded");
    for (size_t i = 0; i < sizeof FACT / sizeof *FACT; i++) {
        double got = ask(FACT[i].sql);
        if (!(fabs(got - FACT[i].want) <= FACT[i].tolerance))
            TEST_FAIL("%s: %.10g", FACT[i].sql, got);
    }
}

/* The table's own name if "SCHEMA.NAME" or "real.SCHEMA.NAME" is of this schema. */
static const char *name_in(const char *name, const char *schema)
{
    size_t n = strlen(schema);
    if (strncmp(name, "real.", 5) == 0)
        name += 5;
    return strncmp(name, schema, n) == 0 && name[n] == '.' ? name + n + 1 : NULL;
}

/* conf/real/ describes the tables as they are, without a warning. */
TEST(descriptions_fit_the_store)
{
    static const struct store_table *table[TABLES_MAX];
    static struct store_table own[TABLES_MAX];
    static char path[NSCHEMA][64], prefix[NSCHEMA][32];
    struct catalog_source source[NSCHEMA];
    const char *const *name;
    size_t nname;
    uint32_t n = 0;
    struct store_error why = {.size = sizeof why};
    struct err e = {0};
    struct bytes report;
    if (!store)
        TEST_SKIP("nothing was loaded");
    CHECK_INT(plugin->list(store, &name, &nname, &why), STORE_OK);
    for (size_t s = 0; s < NSCHEMA; s++) {
        uint32_t first = n;
        snprintf(path[s], sizeof path[s], "conf/real/%s.yaml", SCHEMA[s]);
        snprintf(prefix[s], sizeof prefix[s], "real.%s.", SCHEMA[s]);
        for (size_t i = 0; i < nname && n < TABLES_MAX; i++) {
            const struct store_table *from;
            const char *rest = name_in(name[i], SCHEMA[s]);
            if (!rest)
                continue;
            CHECK_INT(plugin->describe(store, name[i], &from, &why), STORE_OK);
            own[n] = *from;
            own[n].name = rest;
            table[n] = &own[n];
            n++;
        }
        CHECK(n > first);
        source[s] = (struct catalog_source){.path = path[s],
                                            .table = table + first,
                                            .ntable = n - first,
                                            .native_prefix = prefix[s]};
    }
    bytes_init(&report, 1 << 20);
    struct catalog *catalog = catalog_build(source, NSCHEMA, 0, &report, &e);
    if (!catalog || report.len > 0)
        TEST_FAIL("%.800s", bytes_text(&report));
    CHECK_INT(n, 13);
    catalog_drop(catalog);
    bytes_free(&report);
}

TEST(end)
{
    stores_free(stores);
    DIR *d = folder[0] ? opendir(folder) : NULL;
    for (struct dirent *entry; d && (entry = readdir(d));) {
        char path[400];
        snprintf(path, sizeof path, "%s/%.255s", folder, entry->d_name);
        if (entry->d_name[0] != '.')
            unlink(path);
    }
    if (d)
        closedir(d);
    if (folder[0])
        rmdir(folder);
}

RUN_TESTS(T(all_files_load), T(values_are_those_of_the_files),
          T(descriptions_fit_the_store), T(end))
