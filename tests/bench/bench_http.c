/* bench_http.c -- the node over loopback: key look-ups against the engine alone, whole
 * answers against the engine's own fetch loop, memory, start-up. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/bench/load.h"

/* The engine alone: its library, opened here, without the adapter. */
#include "stores/duckdb/duckdb_api.c"

static const char CONF[] = "conf/demo.yaml";
#define SYNC "/tap/sync?LANG=ADQL&MAXREC=20000000&"

/* Each request has a key of its own ('@'): a plan that is kept for the same text would
 * measure the keeping. */
enum { KEY_FIRST = 118000, KEYS = 13600 };
static const char KEY_PATH[] =
    SYNC "QUERY=SELECT+name,ra,dec,mjd+FROM+alerts.neutrino+WHERE+run_id=@";
/* What the node makes of it: `colure adql --sql`, with the limit that MAXREC adds. */
static const char KEY_SQL[] =
    "SELECT CAST(\"neutrino\".\"name\" AS VARCHAR) AS \"name\", CAST(\"neutrino\".\"ra\" "
    "AS DOUBLE) AS \"ra\", CAST(\"neutrino\".\"dec\" AS DOUBLE) AS \"dec\", "
    "CAST(\"neutrino\".\"mjd\" AS DOUBLE) AS \"mjd\" FROM demo.alerts.\"neutrino\" AS "
    "\"neutrino\" WHERE \"neutrino\".\"run_id\" = %d LIMIT 20000001";
static const char KEY_TYPES[] = "tddd";
static const char BULK_PATH[] =
    SYNC "QUERY=SELECT+uuid,ra,dec,xc,yc,ne,nmu,age,nhad,r+FROM+kascade.events";
static const char BULK_SQL[] =
    "SELECT \"uuid\", \"ra\", \"dec\", \"xc\", \"yc\", \"ne\", \"nmu\", \"age\", \"nhad\", "
    "\"r\" FROM \"demo\".\"kascade\".\"events\"";
static const char BULK_TYPES[] = "tddfffffsi";

/* --- the engine alone -------------------------------------------------------------------
 */

struct bare {
    duck_database database;
    duck_connection connection;
};

static bool bare_open(struct bare *b)
{
    const char *library = getenv("DUCKDB_LIB");
    char why[500], *problem = NULL;
    duck_config config = NULL;
    duck_result result;
    bool ok =
        duck_load(library && library[0] ? library : "build/lib/libduckdb.so", why, 500) &&
        duck.create_config(&config) == DUCK_OK &&
        duck.set_config(config, "memory_limit", "1GB") == DUCK_OK &&
        duck.open_ext(NULL, &b->database, config, &problem) == DUCK_OK &&
        duck.connect(b->database, &b->connection) == DUCK_OK &&
        duck.query(b->connection, "ATTACH 'build/demo/demo.duckdb' AS demo (READ_ONLY)",
                   &result) == DUCK_OK;
    if (!ok)
        fprintf(stderr, "bench_http: DuckDB alone does not open the demo data\n");
    return ok;
}

static double sum_text(const duck_string *s, size_t n)
{
    uint64_t sum = 0, eight;
    for (size_t i = 0; i < n; i++) {
        const char *at = duck_string_at(&s[i]);
        for (uint32_t k = 0; k + 8 <= s[i].value.near.length; k += 8) {
            memcpy(&eight, at + k, 8);
            sum += eight;
        }
    }
    return (double)sum;
}

#define SUM(type)                                                                          \
    for (size_t i = 0; i < n; i++)                                                         \
        sum += (double)((const type *)data)[i];                                            \
    break

/* A reader looks at each value once. */
static double sum_column(char type, const void *data, size_t n)
{
    double sum = 0;
    switch (type) {
    case 'd':
        SUM(double);
    case 'f':
        SUM(float);
    case 's':
        SUM(int16_t);
    case 'i':
        SUM(int32_t);
    default:
        return sum_text(data, n);
    }
    return sum;
}

/* DuckDB's own fetch loop over a streaming result: prepare, execute, every chunk fetched
 * and each of its values added up, in this thread, with DuckDB's own threads as in the
 * node. */
static bool bare_once(const struct bare *b, const char *sql, const char *types)
{
    static volatile double seen;
    duck_prepared prepared = NULL;
    duck_pending pending = NULL;
    duck_result result;
    duck_chunk chunk;
    bool ok = duck.prepare(b->connection, sql, &prepared) == DUCK_OK &&
              duck.pending_prepared_streaming(prepared, &pending) == DUCK_OK &&
              duck.execute_pending(pending, &result) == DUCK_OK;
    while (ok && (chunk = duck.fetch_chunk(result)) != NULL) {
        size_t n = duck.data_chunk_get_size(chunk);
        for (size_t k = 0; types[k]; k++) {
            duck_vector v = duck.data_chunk_get_vector(chunk, k);
            seen += sum_column(types[k], duck.vector_get_data(v), n);
        }
        duck.destroy_data_chunk(&chunk);
    }
    if (ok)
        duck.destroy_result(&result);
    duck.destroy_pending(&pending);
    duck.destroy_prepare(&prepared);
    return ok;
}

static double bare_rate(const struct bare *b, double seconds)
{
    char sql[sizeof KEY_SQL + 16];
    double begin = load_now_s();
    uint64_t n = 0;
    do
        snprintf(sql, sizeof sql, KEY_SQL, KEY_FIRST + (int)(n++ % KEYS));
    while (load_now_s() - begin < seconds && bare_once(b, sql, KEY_TYPES));
    return (double)n / (load_now_s() - begin);
}

static double bare_fetch_s(const struct bare *b)
{
    double begin = load_now_s();
    return bare_once(b, BULK_SQL, BULK_TYPES) ? load_now_s() - begin : 0;
}

/* --- measurements -----------------------------------------------------------------------
 */

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *v, int n)
{
    qsort(v, (size_t)n, sizeof *v, compare);
    return v[n / 2];
}

enum { PAIRS = 9 };

static void measure_keys(const struct load_node *node, struct bare *bare)
{
    double ours[PAIRS], other[PAIRS];
    struct load_result one = {0};
    for (int i = 0; i < PAIRS; i++) {
        one = load_run(node, KEY_PATH, 1, 1.0);
        ours[i] = one.per_second;
        other[i] = bare_rate(bare, 1.0);
        fprintf(stderr, "  pair %d: %.0f and %.0f req/s\n", i + 1, ours[i], other[i]);
    }
    printf("sync key look-ups, 1 client\t%g\t%g\treq/s\t>=0.6\n", median(ours, PAIRS),
           median(other, PAIRS));
    printf("sync key look-ups, 1 client p50\t%g\t\tms\t\n", one.p50_ms);
    printf("sync key look-ups, 1 client p99\t%g\t\tms\t\n", one.p99_ms);
    for (int nclient = 16; nclient <= 128; nclient *= 8) {
        struct load_result r = load_run(node, KEY_PATH, nclient, 3.0);
        printf("sync key look-ups, %d clients\t%g\t\treq/s\t\n", nclient, r.per_second);
        printf("sync key look-ups, %d clients p50\t%g\t\tms\t\n", nclient, r.p50_ms);
        printf("sync key look-ups, %d clients p99\t%g\t\tms\t\n", nclient, r.p99_ms);
        printf("sync key look-ups, %d clients failed\t%llu\t\treq\t<=0\n", nclient,
               (unsigned long long)r.failures);
    }
}

/* Whole answers over HTTP against the engine's fetch loop, rows a second, in turn. The loop
 * has no client beside it, so ours is one that costs little. */
static void measure_bulk(const struct load_node *node, struct bare *bare)
{
    double ours[PAIRS], other[PAIRS];
    for (int i = 0; i < PAIRS; i++) {
        int fd = load_connect(node);
        double begin = load_now_s();
        int64_t len = load_drop(fd, BULK_PATH);
        ours[i] = len > 0 ? 1 / (load_now_s() - begin) : 0;
        close(fd);
        other[i] = 1 / bare_fetch_s(bare);
        fprintf(stderr, "  pair %d: %.1f and %.1f Mrows/s\n", i + 1, ours[i], other[i]);
    }
    printf("whole answer, 1 M rows BINARY2 over HTTP\t%g\t%g\tMrows/s\t>=0.8\n",
           median(ours, PAIRS), median(other, PAIRS));
}

static void warm(const struct load_node *node)
{
    load_run(node, KEY_PATH, 8, 1.0);
    int fd = load_connect(node);
    load_get(fd, BULK_PATH, NULL);
    close(fd);
    sleep(1);
}

static void measure_stream_memory(const struct load_node *node, double idle)
{
    static const char PATH[] =
        SYNC "QUERY=SELECT+e.uuid,e.ra,e.dec,e.ze,e.az,e.e,e.ne,e.nmu,e.age,e.r+FROM+"
             "kascade.events+AS+e,(SELECT+TOP+10+run_id+FROM+alerts.neutrino)+AS+a";
    load_reset_peak(node);
    int fd = load_connect(node);
    double begin = load_now_s();
    int64_t len = load_get(fd, PATH, NULL);
    double seconds = load_now_s() - begin;
    close(fd);
    printf("memory while 10 M rows stream\t%g\t\tMB\t<=64\n", load_peak_mb(node) - idle);
    printf("10 M rows stream, BINARY2\t%g\t\tMrows/s\t\n", len > 0 ? 10 / seconds : 0);
}

struct slow {
    const struct load_node *node;
    pthread_t thread;
};

static void *run_slow(void *what)
{
    struct slow *s = what;
    int fd = load_connect(s->node);
    if (fd < 0)
        return NULL;
    load_get_slowly(fd, BULK_PATH, 4096, 6.0);
    close(fd);
    return NULL;
}

static void measure_slow_memory(const struct load_node *node, double idle)
{
    enum { CLIENTS = 128 };
    static struct slow slow[CLIENTS];
    load_reset_peak(node);
    for (int i = 0; i < CLIENTS; i++) {
        slow[i].node = node;
        pthread_create(&slow[i].thread, NULL, run_slow, &slow[i]);
    }
    for (int i = 0; i < CLIENTS; i++)
        pthread_join(slow[i].thread, NULL);
    printf("memory with 128 slow clients\t%g\t\tMB\t<=64\n", load_peak_mb(node) - idle);
}

/* On a node of its own, whose idle memory is not that of other measurements. */
static void measure_memory(void measure(const struct load_node *, double idle))
{
    struct load_node node;
    if (!load_node_start(&node, CONF)) {
        fprintf(stderr, "bench_http: the node does not start again\n");
        return;
    }
    warm(&node);
    measure(&node, load_resident_mb(&node));
    load_node_stop(&node);
}

/* All, or the one that the command line names. */
static bool is_wanted(int argc, char **argv, const char *name)
{
    return argc < 2 || strcmp(argv[1], name) == 0;
}

int main(int argc, char **argv)
{
    struct load_node node;
    struct bare bare = {0};
    double start[3];
    for (int i = 0; i < 3; i++) {
        if (!load_node_start(&node, CONF)) {
            fprintf(stderr, "bench_http: the node does not start (make demo first)\n");
            return 1;
        }
        start[i] = node.start_s * 1e3;
        if (i < 2)
            load_node_stop(&node);
    }
    printf("start to first answer\t%g\t\tms\t<=200\n", median(start, 3));
    if (bare_open(&bare)) {
        warm(&node);
        double idle = load_resident_mb(&node);
        printf("memory, warmed idle\t%g\t\tMB\t\n", idle);
        if (is_wanted(argc, argv, "keys"))
            measure_keys(&node, &bare);
        if (is_wanted(argc, argv, "bulk"))
            measure_bulk(&node, &bare);
    }
    load_node_stop(&node);
    if (is_wanted(argc, argv, "stream"))
        measure_memory(measure_stream_memory);
    if (is_wanted(argc, argv, "slow"))
        measure_memory(measure_slow_memory);
    if (bare.connection)
        duck.disconnect(&bare.connection);
    if (bare.database)
        duck.close(&bare.database);
    return 0;
}
