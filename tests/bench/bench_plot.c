/* bench_plot.c -- plots of 10^7 rows in the embedded store, as a browser asks for them:
 * seconds from the request to the last byte, made and kept. */
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "stores/stores.h"
#include "tests/bench/load.h"

enum { ROUNDS = 5 };

static char directory[] = "/tmp/bench-plot-XXXXXX";
static char database[64], description[64], conf[64];

static void die(const char *what, const char *why)
{
    fprintf(stderr, "bench_plot: %s: %s\n", what, why);
    exit(1);
}

static void fill_database(void)
{
    static const char SQL[] =
        "CREATE TABLE b.showers AS SELECT 14 - log10(1 - random()) / 1.7 AS e, 2 + 5 * "
        "random() * random() AS ne, (2 + 4 * random() * random())::FLOAT AS nmu, random() "
        "* "
        "360 AS ra, degrees(asin(2 * random() - 1)) AS \"dec\", (i % 6541)::INTEGER AS r, "
        "TIMESTAMP '1998-05-08' + to_seconds(46 * i) AS t FROM range(10000000) AS r(i)";
    const char *dir = getenv("COLURE_STORES"), *library = getenv("DUCKDB_LIB");
    const struct store_option option[] = {
        {"library", library && library[0] ? library : "build/lib/libduckdb.so"},
        {"database", database},
        {"attach", "b"},
        {"memory_limit", "1GB"},
        {"writable", "1"}};
    const struct store_call call = {.size = sizeof call, .deadline_ns = INT64_MAX};
    struct err e = {0};
    struct store_error error = {.size = sizeof error};
    const struct store_plugin *plugin;
    struct store *store;
    struct store_session *x;
    struct stores *stores = stores_new(dir ? dir : "build/stores", NULL, &e);
    if (!stores || !stores_open(stores, "duckdb", option, 5, &plugin, &store, &e))
        die("open", e.message);
    if (plugin->begin(store, &call, &x, &error) != STORE_OK ||
        plugin->execute(x, &call, SQL, &error) != STORE_OK)
        die("fill", error.message);
    plugin->end(x);
    stores_free(stores);
}

static void write_file(const char *path, const char *format, const char *a, const char *b)
{
    FILE *f = fopen(path, "w");
    if (!f)
        die(path, "cannot be written");
    fputs(format, f);
    fputs(a, f);
    fputs(b, f);
    fclose(f);
}

static void write_files(void)
{
    char text[1024];
    write_file(description,
               "name: big\ndescription: Made-up showers.\ntables:\n- name: showers\n"
               "  description: One row for each.\n  columns:\n"
               "  - {name: e, datatype: double, ivoa:ucd: phys.energy}\n"
               "  - {name: ne, datatype: double}\n  - {name: nmu, datatype: float}\n"
               "  - {name: ra, datatype: double, ivoa:unit: deg, ivoa:ucd: "
               "pos.eq.ra;meta.main}\n"
               "  - {name: dec, datatype: double, ivoa:unit: deg, ivoa:ucd: "
               "pos.eq.dec;meta.main}\n"
               "  - {name: r, datatype: int}\n  - {name: t, datatype: timestamp}\n",
               "", "");
    snprintf(text, sizeof text, "    attach.b: %s\n", database);
    write_file(conf,
               "node:\n  title: bench\n  state_dir: state\nlimits: {}\nstores:\n- name: b\n"
               "  adapter: duckdb\n  options:\n    memory_limit: 1GB\n",
               text,
               "schemas:\n- {file: big.yaml, store: b, native_prefix: \"b.main.\"}\n");
}

static double once(const struct load_node *node, const char *path)
{
    int fd = load_connect(node);
    double begun = load_now_s();
    int64_t len = load_get(fd, path, NULL);
    double took = load_now_s() - begun;
    close(fd);
    if (len < 200)
        die(path, "no answer");
    return took;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Each round asks for other rows, so that none is kept from the last. */
static void measure(const struct load_node *node, const char *name, const char *query)
{
    double made[ROUNDS], kept[ROUNDS];
    char path[512];
    for (int i = 0; i < ROUNDS; i++) {
        snprintf(path, sizeof path, "/plot/data?table=big.showers&%s&where=r+%%3C+%d",
                 query, 7000 + i);
        made[i] = once(node, path);
        kept[i] = once(node, path);
    }
    qsort(made, ROUNDS, sizeof *made, by_value);
    qsort(kept, ROUNDS, sizeof *kept, by_value);
    printf("plot %s of 10^7 rows\t%.3f\t\ts\t<=1\n", name, made[ROUNDS / 2]);
    printf("plot %s, asked again\t%.4f\t\ts\t<=0.05\n", name, kept[ROUNDS / 2]);
    fflush(stdout);
}

static int remove_one(const char *path, const struct stat *status, int type,
                      struct FTW *place)
{
    (void)status;
    (void)type;
    (void)place;
    return remove(path);
}

int main(void)
{
    static const char *const PLOT[][2] = {
        {"histogram", "x=e"},
        {"histogram, log axis", "x=ne&xlog=1"},
        {"histogram2d", "kind=histogram2d&x=ne&y=nmu&bins=100&ybins=100"},
        {"series", "kind=series&x=t&y=e"},
        {"sky", "kind=sky&order=4"},
        {"facets", "kind=facets&x=r"},
    };
    struct load_node node;
    if (!mkdtemp(directory))
        die("mkdtemp", directory);
    snprintf(database, sizeof database, "%s/b.duckdb", directory);
    snprintf(description, sizeof description, "%s/big.yaml", directory);
    snprintf(conf, sizeof conf, "%s/node.yaml", directory);
    fill_database();
    write_files();
    if (!load_node_start(&node, conf))
        die("the node", "did not start");
    for (size_t i = 0; i < sizeof PLOT / sizeof *PLOT; i++)
        measure(&node, PLOT[i][0], PLOT[i][1]);
    load_node_stop(&node);
    return nftw(directory, remove_one, 16, FTW_DEPTH | FTW_PHYS) == 0 ? 0 : 1;
}
