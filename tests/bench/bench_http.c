/* bench_http.c -- the node over loopback: key look-ups against the engine alone, whole
 * answers against the engine's own fetch loop, memory, start-up. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "stores/stores.h"
#include "tests/bench/load.h"

static const char CONF[] = "conf/demo.yaml";
#define SYNC "/tap/sync?LANG=ADQL&MAXREC=20000000&"

static const char KEY_PATH[] =
    SYNC "QUERY=SELECT+name,ra,dec,mjd+FROM+alerts.neutrino+WHERE+run_id=119000";
/* What the node makes of it: `colure adql --sql`, with the limit that MAXREC adds. */
static const char KEY_SQL[] =
    "SELECT CAST(\"neutrino\".\"name\" AS VARCHAR) AS \"name\", CAST(\"neutrino\".\"ra\" "
    "AS "
    "DOUBLE) AS \"ra\", CAST(\"neutrino\".\"dec\" AS DOUBLE) AS \"dec\", "
    "CAST(\"neutrino\".\"mjd\" AS DOUBLE) AS \"mjd\" FROM demo.alerts.\"neutrino\" AS "
    "\"neutrino\" WHERE \"neutrino\".\"run_id\" = 119000 LIMIT 20000001";
static const char BULK_PATH[] =
    SYNC "QUERY=SELECT+uuid,ra,dec,xc,yc,ne,nmu,age,nhad,r+FROM+kascade.events";

/* The engine alone, through the same adapter: statements a second. */
struct bare {
    struct stores *stores;
    const struct store_plugin *plugin;
    struct store *store;
};

static bool bare_open(struct bare *b)
{
    const struct store_option o[] = {{"attach.demo", "build/demo/demo.duckdb"}};
    struct err e = {0};
    b->stores = stores_new("build/stores", NULL, &e);
    if (b->stores && stores_open(b->stores, "duckdb", o, 1, &b->plugin, &b->store, &e))
        return true;
    fprintf(stderr, "bench_http: %s\n", e.message);
    return false;
}

static const struct store_column NAME = {
    .size = sizeof NAME, .type = STORE_TEXT, .length = -1, .name = "name"};
static const struct store_column NUMBER = {
    .size = sizeof NUMBER, .type = STORE_F64, .length = 1, .name = "x"};

static bool bare_once(struct bare *b)
{
    const struct store_column *const column[] = {&NAME, &NUMBER, &NUMBER, &NUMBER};
    struct store_call call = {.size = sizeof call, .deadline_ns = INT64_MAX};
    struct store_error e = {.size = sizeof e};
    struct store_session *session;
    struct store_scan *scan;
    struct store_batch batch = {.size = sizeof batch};
    if (b->plugin->begin(b->store, &call, &session, &e) != STORE_OK)
        return false;
    enum store_status status =
        b->plugin->run(session, &call, KEY_SQL, NULL, 0, column, 4, &scan, &e);
    if (status == STORE_OK) {
        while ((status = b->plugin->next(scan, &batch, &e)) == STORE_OK)
            continue;
        b->plugin->finish(scan);
    }
    b->plugin->end(session);
    return status == STORE_END;
}

static double bare_rate(struct bare *b, double seconds)
{
    double begin = load_now_s();
    uint64_t n = 0;
    while (load_now_s() - begin < seconds && bare_once(b))
        n++;
    return (double)n / (load_now_s() - begin);
}

static const struct store_column REAL = {
    .size = sizeof REAL, .type = STORE_F32, .length = 1, .name = "x"};
static const struct store_column SMALL = {
    .size = sizeof SMALL, .type = STORE_I16, .length = 1, .name = "nhad"};
static const struct store_column WHOLE = {
    .size = sizeof WHOLE, .type = STORE_I32, .length = 1, .name = "r"};

/* Seconds for a million rows out of the engine, every batch fetched, nothing done with it.
 */
static double bare_fetch_s(struct bare *b)
{
    static const char SQL[] = "SELECT \"uuid\", \"ra\", \"dec\", \"xc\", \"yc\", \"ne\", "
                              "\"nmu\", \"age\", \"nhad\", "
                              "\"r\" FROM \"demo\".\"kascade\".\"events\"";
    const struct store_column *const column[] = {&NAME, &NUMBER, &NUMBER, &REAL,  &REAL,
                                                 &REAL, &REAL,   &REAL,   &SMALL, &WHOLE};
    struct store_call call = {.size = sizeof call, .deadline_ns = INT64_MAX};
    struct store_error e = {.size = sizeof e};
    struct store_session *session;
    struct store_scan *scan;
    struct store_batch batch = {.size = sizeof batch};
    double begin = load_now_s();
    if (b->plugin->begin(b->store, &call, &session, &e) != STORE_OK)
        return 0;
    if (b->plugin->run(session, &call, SQL, NULL, 0, column, 10, &scan, &e) == STORE_OK) {
        while (b->plugin->next(scan, &batch, &e) == STORE_OK)
            continue;
        b->plugin->finish(scan);
    }
    b->plugin->end(session);
    return load_now_s() - begin;
}

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

enum { PAIRS = 5 };

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

/* Whole answers over HTTP against the engine's fetch loop, rows a second. */
static void measure_bulk(const struct load_node *node, struct bare *bare)
{
    double ours[PAIRS], other[PAIRS];
    for (int i = 0; i < PAIRS; i++) {
        int fd = load_connect(node);
        double begin = load_now_s();
        int64_t len = load_get(fd, BULK_PATH, NULL);
        ours[i] = len > 0 ? 1 / (load_now_s() - begin) : 0;
        close(fd);
        other[i] = 1 / bare_fetch_s(bare);
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

int main(void)
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
        measure_keys(&node, &bare);
        measure_bulk(&node, &bare);
        measure_stream_memory(&node, idle);
        measure_slow_memory(&node, idle);
    }
    load_node_stop(&node);
    stores_free(bare.stores);
    return 0;
}
