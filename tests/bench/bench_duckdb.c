/* bench_duckdb.c -- the duckdb adapter against DuckDB's C API alone, side by side in one
 * process over one database: streams, key look-ups, cones, memory. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/num.h"
#include "stores/stores.h"

/* The bare side needs the same functions of the library as the adapter. */
#include "stores/duckdb/duckdb_api.c"

enum { ROUNDS = 5, LOOKUPS = 3000 };

static struct stores *stores;
static const struct store_plugin *plugin;
static struct store *store;
static char directory[32], file[64];
static const struct store_call CALL = {.size = sizeof CALL, .deadline_ns = INT64_MAX};

static void die(const char *what, const char *why)
{
    fprintf(stderr, "bench_duckdb: %s: %s\n", what, why);
    exit(1);
}

static double now_ms(void)
{
    return (double)clock_monotonic_ns() / 1e6;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *value, size_t n)
{
    qsort(value, n, sizeof *value, by_value);
    return value[n / 2];
}

static long resident_kb(void)
{
    long pages = 0;
    char text[128] = "";
    FILE *f = fopen("/proc/self/statm", "r");
    if (!f)
        return 0;
    if (fgets(text, sizeof text, f)) {
        str rest = str_of(text);
        int64_t value = 0;
        str_cut(&rest, ' ');
        if (num_parse_int(str_cut(&rest, ' '), &value))
            pages = (long)value;
    }
    fclose(f);
    return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

/* --- the database --------------------------------------------------------------------- */

static void open_store(bool writable)
{
    struct err e = {0};
    const char *dir = getenv("COLURE_STORES"), *library = getenv("DUCKDB_LIB");
    struct store_option option[] = {
        {"library", library && library[0] ? library : "build/lib/libduckdb.so"},
        {"database", file},
        {"attach", "b"},
        {"memory_limit", "1GB"},
        {"writable", writable ? "1" : "0"},
    };
    stores = stores_new(dir ? dir : "build/stores", NULL, &e);
    if (!stores || !stores_open(stores, "duckdb", option, 5, &plugin, &store, &e))
        die("open", e.message);
}

static void fill_database(void)
{
    static const char *const SQL[] = {
        "CREATE TABLE b.wide AS SELECT i AS id, random() * 360 AS ra, random() * 180 - 90 "
        "AS "
        "\"dec\", random()::FLOAT AS f1, random()::FLOAT AS f2, random()::FLOAT AS f3, "
        "random()::FLOAT AS f4, random()::FLOAT AS f5, (i % 1000)::SMALLINT AS s, "
        "i % 7 AS seven FROM range(10000000) AS r(i)",
        "CREATE TABLE b.words AS SELECT i AS id, 'object ' || i AS name FROM "
        "range(2000000) "
        "AS r(i)",
        "CREATE TABLE b.keyed (id BIGINT PRIMARY KEY, ra DOUBLE, \"dec\" DOUBLE, name "
        "VARCHAR)",
        "INSERT INTO b.keyed SELECT i, random() * 360, random() * 180 - 90, 'n' || i FROM "
        "range(1000000) AS r(i)",
    };
    struct store_session *x;
    struct store_error error = {.size = sizeof error};
    open_store(true);
    if (plugin->begin(store, &CALL, &x, &error) != STORE_OK)
        die("begin", error.message);
    for (size_t i = 0; i < sizeof SQL / sizeof *SQL; i++)
        if (plugin->execute(x, &CALL, SQL[i], &error) != STORE_OK)
            die(SQL[i], error.message);
    plugin->end(x);
    stores_free(stores);
}

/* --- streams -------------------------------------------------------------------------- */

struct stream {
    const char *name, *sql;
    const struct store_column *column;
    size_t ncolumn;
};

#define COLUMN(t, n)                                                                       \
    {                                                                                      \
        .size = sizeof(struct store_column), .type = (t), .length = (n), .name = "c"       \
    }
static const struct store_column WIDE[] = {
    COLUMN(STORE_I64, 1), COLUMN(STORE_F64, 1), COLUMN(STORE_F64, 1), COLUMN(STORE_F32, 1),
    COLUMN(STORE_F32, 1), COLUMN(STORE_F32, 1), COLUMN(STORE_F32, 1), COLUMN(STORE_F32, 1),
    COLUMN(STORE_I16, 1), COLUMN(STORE_I64, 1)};
static const struct store_column WORDS[] = {COLUMN(STORE_I64, 1), COLUMN(STORE_TEXT, -1)};

static uint64_t run_ours(const struct stream *s, long *peak_kb)
{
    const struct store_column *columns[16];
    struct store_error error = {.size = sizeof error};
    struct store_session *x;
    struct store_scan *scan;
    struct store_batch batch;
    uint64_t nrow = 0, nbatch = 0;
    for (size_t i = 0; i < s->ncolumn; i++)
        columns[i] = &s->column[i];
    enum store_status status = plugin->begin(store, &CALL, &x, &error);
    if (status == STORE_OK)
        status = plugin->run(x, &CALL, s->sql, NULL, 0, columns, s->ncolumn, &scan, &error);
    while (status == STORE_OK) {
        status = plugin->next(scan, &batch, &error);
        nrow += status == STORE_OK ? batch.nrow : 0;
        if (++nbatch % 256 == 0 && resident_kb() > *peak_kb)
            *peak_kb = resident_kb();
    }
    if (status != STORE_END)
        die(s->name, error.message);
    plugin->finish(scan);
    plugin->end(x);
    return nrow;
}

static uint64_t run_bare(duck_connection connection, const struct stream *s)
{
    duck_prepared prepared;
    duck_pending pending;
    duck_result result;
    duck_chunk chunk;
    uint64_t nrow = 0;
    if (duck.prepare(connection, s->sql, &prepared) != DUCK_OK ||
        duck.pending_prepared_streaming(prepared, &pending) != DUCK_OK ||
        duck.execute_pending(pending, &result) != DUCK_OK)
        die(s->name, duck.prepare_error(prepared));
    while ((chunk = duck.fetch_chunk(result)) != NULL) {
        nrow += duck.data_chunk_get_size(chunk);
        duck.destroy_data_chunk(&chunk);
    }
    duck.destroy_result(&result);
    duck.destroy_pending(&pending);
    duck.destroy_prepare(&prepared);
    return nrow;
}

static void bench_stream(duck_connection connection, const struct stream *s,
                         const char *goal, bool tells_memory)
{
    double ours[ROUNDS], bare[ROUNDS];
    long idle_kb = 0, peak_kb = 0;
    run_ours(s, &peak_kb);
    for (int i = 0; i < ROUNDS; i++) {
        double begin = now_ms();
        uint64_t n = run_bare(connection, s);
        bare[i] = now_ms() - begin;
        idle_kb = peak_kb = resident_kb();
        begin = now_ms();
        if (run_ours(s, &peak_kb) != n)
            die(s->name, "the two sides gave different numbers of rows");
        ours[i] = now_ms() - begin;
    }
    printf("%s\t%.1f\t%.1f\tms\t%s\n", s->name, median(ours, ROUNDS), median(bare, ROUNDS),
           goal);
    if (tells_memory)
        printf("%s, resident over warmed idle\t%.1f\t\tMiB\t<=16\n", s->name,
               (double)(peak_kb - idle_kb) / 1024);
}

/* --- key look-ups --------------------------------------------------------------------- */

static const char LOOKUP[] = "SELECT id, ra, \"dec\", name FROM b.keyed WHERE id = $1";
static const struct store_column KEYED[] = {COLUMN(STORE_I64, 1), COLUMN(STORE_F64, 1),
                                            COLUMN(STORE_F64, 1), COLUMN(STORE_TEXT, -1)};

static double lookup_ours(int64_t key)
{
    static const struct store_column *const COLUMNS[] = {&KEYED[0], &KEYED[1], &KEYED[2],
                                                         &KEYED[3]};
    struct store_error error = {.size = sizeof error};
    struct store_parameter p = {STORE_I64, 1, &key};
    struct store_call call = {.size = sizeof call, .deadline_ns = clock_deadline_ns(60)};
    struct store_session *x;
    struct store_scan *scan;
    struct store_batch batch;
    double begin = now_ms();
    if (plugin->begin(store, &call, &x, &error) != STORE_OK ||
        plugin->run(x, &call, LOOKUP, &p, 1, COLUMNS, 4, &scan, &error) != STORE_OK ||
        plugin->next(scan, &batch, &error) != STORE_OK || batch.nrow != 1 ||
        *(const int64_t *)batch.column[0].data != key ||
        plugin->next(scan, &batch, &error) != STORE_END)
        die("look-up", error.message);
    plugin->finish(scan);
    plugin->end(x);
    return now_ms() - begin;
}

static double lookup_bare(duck_prepared prepared, int64_t key)
{
    duck_pending pending;
    duck_result result;
    double begin = now_ms();
    if (duck.bind_int64(prepared, 1, key) != DUCK_OK ||
        duck.pending_prepared_streaming(prepared, &pending) != DUCK_OK ||
        duck.execute_pending(pending, &result) != DUCK_OK)
        die("look-up", duck.prepare_error(prepared));
    duck_chunk chunk = duck.fetch_chunk(result);
    if (!chunk || duck.data_chunk_get_size(chunk) != 1)
        die("look-up", "no row");
    duck.destroy_data_chunk(&chunk);
    chunk = duck.fetch_chunk(result);
    duck.destroy_data_chunk(&chunk);
    duck.destroy_result(&result);
    duck.destroy_pending(&pending);
    return now_ms() - begin;
}

static void bench_lookup(duck_connection connection)
{
    static double ours[LOOKUPS], bare[LOOKUPS];
    duck_prepared prepared;
    if (duck.prepare(connection, LOOKUP, &prepared) != DUCK_OK)
        die("look-up", duck.prepare_error(prepared));
    for (int64_t i = 0; i < LOOKUPS; i++) {
        int64_t key = i * 7919 % 1000000;
        bare[i] = lookup_bare(prepared, key);
        ours[i] = lookup_ours(key);
    }
    duck.destroy_prepare(&prepared);
    printf("duckdb: look-up by key, p50\t%.4f\t%.4f\tms\t<=1.1\n", median(ours, LOOKUPS),
           median(bare, LOOKUPS));
}

/* --- functions ------------------------------------------------------------------------ */

static double run_once(const char *sql)
{
    static const struct store_column ONE[] = {COLUMN(STORE_I64, 1)};
    const struct stream s = {sql, sql, ONE, 1};
    long peak_kb = 0;
    double begin = now_ms();
    run_ours(&s, &peak_kb);
    return now_ms() - begin;
}

/* Our functions against the same question in DuckDB's own arithmetic. */
static void bench_functions(void)
{
    static const char CONE[] = "SELECT count(*)::BIGINT FROM b.wide WHERE "
                               "sky_contains_cone(ra, \"dec\", 80, 30, 10) = 1";
    static const char NATIVE[] =
        "SELECT count(*)::BIGINT FROM b.wide WHERE sin(radians(\"dec\")) * "
        "sin(radians(30e0)) + "
        "cos(radians(\"dec\")) * cos(radians(30e0)) * cos(radians(ra - 80)) >= "
        "cos(radians(10e0))";
    double ours[ROUNDS], native[ROUNDS];
    for (int i = 0; i < ROUNDS; i++) {
        native[i] = run_once(NATIVE);
        ours[i] = run_once(CONE);
    }
    printf("duckdb: a cone over 10 M rows, no index\t%.1f\t%.1f\tms\t<=1.0\n",
           median(ours, ROUNDS), median(native, ROUNDS));
}

/* The bare side opens the file by itself, after the adapter has closed it. */
static duck_connection open_bare(duck_database *database)
{
    duck_connection connection;
    duck_result result;
    duck_config config = NULL;
    char why[500], sql[128], *problem = NULL;
    const char *library = getenv("DUCKDB_LIB");
    if (!duck_load(library && library[0] ? library : "build/lib/libduckdb.so", why,
                   sizeof why))
        die("library", why);
    if (duck.create_config(&config) != DUCK_OK ||
        duck.set_config(config, "memory_limit", "1GB") != DUCK_OK ||
        duck.open_ext(NULL, database, config, &problem) != DUCK_OK ||
        duck.connect(*database, &connection) != DUCK_OK)
        die("bare", problem ? problem : "no connection");
    duck.destroy_config(&config);
    snprintf(sql, sizeof sql, "ATTACH '%s' AS b (READ_ONLY)", file);
    if (duck.query(connection, sql, &result) != DUCK_OK)
        die("attach", duck.result_error(&result));
    duck.destroy_result(&result);
    return connection;
}

int main(void)
{
    const struct stream wide = {"duckdb: stream 10 M rows x 10 columns",
                                "SELECT * FROM b.wide", WIDE, 10};
    const struct stream words = {"duckdb: stream 2 M rows with text",
                                 "SELECT * FROM b.words", WORDS, 2};
    duck_database database;
    snprintf(directory, sizeof directory, "/tmp/colure-bench-XXXXXX");
    if (!mkdtemp(directory))
        die("/tmp", "no folder can be made");
    snprintf(file, sizeof file, "%s/b.duckdb", directory);
    fill_database();
    open_store(false);
    duck_connection connection = open_bare(&database);
    bench_stream(connection, &wide, "<=1.1", true);
    /* The bare side leaves texts where they lie; ours are copied together. */
    bench_stream(connection, &words, "<=1.25", false);
    bench_lookup(connection);
    bench_functions();
    duck.disconnect(&connection);
    duck.close(&database);
    stores_free(stores);
    unlink(file);
    rmdir(directory);
    return 0;
}
