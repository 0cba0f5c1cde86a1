/* metrics.c -- /metrics: the node's counters in the text format of Prometheus. Names end in
 * their unit, counters in _total. */
#include "core/node/metrics.h"

#include <ctype.h>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/node/inside.h"

enum { METRICS_MAX_BYTES = 4 << 20 };

/* ---- the format ---- */

static void add_escaped(struct bytes *b, const char *text)
{
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            bytes_add_char(b, '\\');
        if (*text == '\n')
            bytes_add_literal(b, "\\n");
        else
            bytes_add_char(b, *text);
    }
}

static void add_head(struct bytes *b, const char *name, const char *type, const char *help)
{
    bytes_add_format(b, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

/* One line; key NULL: without a label. */
static void add_line(struct bytes *b, const char *name, const char *key, const char *label,
                     double value)
{
    bytes_add(b, str_of(name));
    if (key) {
        bytes_add_format(b, "{%s=\"", key);
        add_escaped(b, label);
        bytes_add_literal(b, "\"}");
    }
    bytes_add_format(b, " %.17g\n", value);
}

static void add_gauge(struct bytes *b, const char *name, const char *help, double value)
{
    add_head(b, name, "gauge", help);
    add_line(b, name, NULL, NULL, value);
}

static void add_counter(struct bytes *b, const char *name, const char *help, double value)
{
    add_head(b, name, "counter", help);
    add_line(b, name, NULL, NULL, value);
}

/* The lines of one histogram of a family with one label. */
static void add_histogram(struct bytes *b, const char *name, const char *key,
                          const char *label, const struct histogram *from)
{
    struct histogram *h = (struct histogram *)(uintptr_t)from;
    double all = 0;
    for (int i = 0; i <= HISTOGRAM_BUCKETS; i++) {
        all += (double)atomic_load(&h->bucket[i]);
        bytes_add_format(b, "%s_bucket{%s=\"", name, key);
        add_escaped(b, label);
        if (i < HISTOGRAM_BUCKETS)
            bytes_add_format(b, "\",le=\"%g\"} %.17g\n", HISTOGRAM_LIMIT_S[i], all);
        else
            bytes_add_format(b, "\",le=\"+Inf\"} %.17g\n", all);
    }
    bytes_add_format(b, "%s_sum{%s=\"", name, key);
    add_escaped(b, label);
    bytes_add_format(b, "\"} %.17g\n%s_count{%s=\"", (double)atomic_load(&h->sum_ns) * 1e-9,
                     name, key);
    add_escaped(b, label);
    bytes_add_format(b, "\"} %.17g\n", all);
}

/* ---- requests ---- */

struct counting {
    struct bytes *b;
    const char *name;
    enum { REQUESTS, BYTES, SECONDS } what;
    const struct histogram *last; /* a route's statuses come one after another */
};

static void add_count(void *context, const struct http_count *c)
{
    struct counting *counting = context;
    struct bytes *b = counting->b;
    const char *route = *c->pattern ? c->pattern : "(none)";
    if (counting->what == SECONDS) {
        if (c->seconds != counting->last)
            add_histogram(b, counting->name, "route", route, c->seconds);
        counting->last = c->seconds;
        return;
    }
    bytes_add_format(b, "%s{route=\"", counting->name);
    add_escaped(b, route);
    bytes_add_format(b, "\",status=\"%d\"} %.17g\n", c->status,
                     counting->what == REQUESTS ? (double)c->requests
                                                : (double)c->bytes_out);
}

static void add_requests(struct bytes *b, struct http_server *server)
{
    static const char *const NAME[][3] = {
        {"colure_http_requests_total", "counter", "requests answered"},
        {"colure_http_response_bytes_total", "counter", "bytes of bodies sent"},
        {"colure_http_request_duration_seconds", "histogram",
         "from headers read to last byte sent"}};
    for (int i = 0; i < 3; i++) {
        struct counting c = {b, NAME[i][0], i, NULL};
        add_head(b, NAME[i][0], NAME[i][1], NAME[i][2]);
        http_server_counts(server, add_count, &c);
    }
    add_gauge(b, "colure_http_connections", "open connections",
              http_server_connections(server));
    add_gauge(b, "colure_http_requests_active", "requests being answered",
              http_server_active(server));
}

/* ---- queries ---- */

static void add_gate(struct bytes *b, struct dali_gate *gate)
{
    static const char *const REFUSED[] = {"queue_full", "client_queue_full", "waited"};
    struct gate_counts c;
    gate_count(gate, &c);
    const struct {
        const char *name, *type, *help;
        const uint32_t *now;
        const uint64_t *ever;
    } of_pool[] = {
        {"colure_query_places", "gauge", "queries that may run at a time", c.places, NULL},
        {"colure_queries_running", "gauge", "queries that hold a place", c.running, NULL},
        {"colure_queries_waiting", "gauge", "queries that wait for a place", c.waiting,
         NULL},
        {"colure_queries_admitted_total", "counter", "queries that got a place", NULL,
         c.entered},
    };
    for (size_t i = 0; i < sizeof of_pool / sizeof *of_pool; i++) {
        add_head(b, of_pool[i].name, of_pool[i].type, of_pool[i].help);
        for (int pool = 0; pool < GATE_POOLS; pool++)
            add_line(b, of_pool[i].name, "pool", gate_pool_name((enum gate_pool)pool),
                     of_pool[i].now ? of_pool[i].now[pool] : (double)of_pool[i].ever[pool]);
    }
    add_head(b, "colure_queries_refused_total", "counter", "queries that got no place");
    for (int i = 0; i < GATE_REFUSALS; i++)
        add_line(b, "colure_queries_refused_total", "reason", REFUSED[i],
                 (double)c.refused[i]);
    add_counter(b, "colure_queries_demoted_total",
                "queries expected to be short that turned out long", (double)c.demoted);
    add_gauge(b, "colure_query_clients", "clients whose queries run or wait", c.clients);
}

static void add_outcomes(struct bytes *b, struct dali_stats *s)
{
    static const char *const OUTCOME[] = {"ok",
#define X(kind, http, uws, fault) #kind,
                                          ERR_KINDS(X)
#undef X
    };
    static const char *const MODE[] = {"sync", "async"};
    static const char NAME[] = "colure_queries_total";
    add_head(b, NAME, "counter", "queries that ended, by how");
    for (int mode = 0; mode < 2; mode++)
        for (size_t kind = 0; kind < sizeof OUTCOME / sizeof *OUTCOME; kind++) {
            bytes_add_format(b, "%s{mode=\"%s\",outcome=\"", NAME, MODE[mode]);
            for (const char *c = OUTCOME[kind]; *c; c++)
                bytes_add_char(b, (char)tolower((unsigned char)*c));
            bytes_add_format(b, "\"} %.17g\n", (double)atomic_load(&s->ended[mode][kind]));
        }
}

static void add_queries(struct bytes *b, struct dali_stats *s)
{
    static const char *const WHY[] = {"time_limit", "client_left", "aborted", "shutdown"};
    add_outcomes(b, s);
    add_head(b, "colure_queries_cancelled_total", "counter",
             "queries ended early, by whom");
    for (int i = 0; i < 4; i++)
        add_line(b, "colure_queries_cancelled_total", "reason", WHY[i],
                 (double)atomic_load(&s->cancelled[i]));
    add_counter(b, "colure_queries_overflowed_total", "answers cut by a limit",
                (double)atomic_load(&s->overflows));
    add_counter(b, "colure_query_rows_total", "rows that stores gave",
                (double)atomic_load(&s->rows));
    add_counter(b, "colure_query_value_bytes_total", "bytes of the values of those rows",
                (double)atomic_load(&s->bytes));
    add_head(b, "colure_query_stage_duration_seconds", "histogram",
             "how long queries were in each stage");
    for (int i = 0; i < DALI_STAGE_COUNT; i++)
        add_histogram(b, "colure_query_stage_duration_seconds", "stage",
                      dali_stage_name((enum dali_stage)i), &s->stage[i]);
}

/* ---- stores, jobs ---- */

static double store_value(struct dali_store *s, int what)
{
    switch (what) {
    case 0:
        return !atomic_load(&s->is_down);
    case 1:
        return atomic_load(&s->running);
    case 2:
        return (double)atomic_load(&s->queries);
    default:
        return (double)atomic_load(&s->failures);
    }
}

static void add_stores(struct bytes *b, struct node *n)
{
    static const char *const NAME[][3] = {
        {"colure_store_up", "gauge", "1: the store answers"},
        {"colure_store_queries_running", "gauge", "queries that use the store now"},
        {"colure_store_queries_total", "counter", "queries that the store was given"},
        {"colure_store_failures_total", "counter",
         "queries and checks that found the store unavailable"}};
    for (int what = 0; what < 4; what++) {
        add_head(b, NAME[what][0], NAME[what][1], NAME[what][2]);
        for (uint32_t i = 0; i < n->nstore; i++)
            add_line(b, NAME[what][0], "store", n->store[i].name,
                     store_value(&n->store_state[i], what));
    }
    add_counter(b, "colure_stores_reopened_total", "stores whose files were replaced",
                (double)atomic_load(&n->reopened));
}

static void add_jobs(struct bytes *b, struct node *n)
{
    struct uws_counts c;
    struct err e = {0};
    if (!n->tap || !tap_count(n->tap, &c, &e))
        return;
    add_head(b, "colure_jobs", "gauge", "async jobs by phase");
    for (int i = 0; i <= UWS_ARCHIVED; i++)
        add_line(b, "colure_jobs", "phase", uws_phase_word((enum uws_phase)i),
                 (double)c.phase[i]);
    add_gauge(b, "colure_job_workers", "async jobs that may run at a time", c.workers);
    add_gauge(b, "colure_jobs_running", "async jobs that have a worker", c.running);
    add_gauge(b, "colure_job_waiters", "long polls", c.waiters);
}

/* ---- the node ---- */

static void add_node(struct bytes *b, struct node *n)
{
    static const char *const LEVEL[] = {"debug", "info", "warn", "error"};
    add_head(b, "colure_build_info", "gauge", "the version, as a label");
    add_line(b, "colure_build_info", "version", NODE_VERSION, 1);
    add_gauge(b, "colure_stopping", "1: no new query is taken",
              atomic_load(&n->dali.is_stopping));
    add_gauge(b, "colure_up_seconds", "seconds since the start",
              (double)(clock_now_us() - n->dali.up_since_us) / 1e6);
    add_gauge(b, "colure_spool_bytes", "bytes spooled for slow clients",
              (double)atomic_load(&n->dali.spool.in_use));
    add_gauge(b, "colure_spool_limit_bytes", "bytes that may be spooled",
              (double)n->dali.spool.max_bytes);
    add_gauge(b, "colure_config_last_reload_successful",
              "1: the configuration and descriptions on disk are in force",
              !atomic_load(&n->reload_failed));
    add_gauge(b, "colure_config_last_reload_success_timestamp_seconds",
              "when they were last read", (double)atomic_load(&n->reloaded_us) / 1e6);
    add_head(b, "colure_log_lines_total", "counter", "lines of the log");
    for (int i = LOG_DEBUG; i <= LOG_ERROR; i++)
        add_line(b, "colure_log_lines_total", "level", LEVEL[i],
                 (double)log_count((enum log_level)i));
    add_counter(b, "colure_log_suppressed_total", "lines left out as repeats",
                (double)log_suppressed());
}

struct http_response *node_metrics(void *context, struct http_request *request)
{
    struct node *n = context;
    struct bytes b;
    bytes_init(&b, METRICS_MAX_BYTES);
    add_requests(&b, request->server);
    add_gate(&b, n->dali.gate);
    add_queries(&b, &n->dali.stats);
    add_stores(&b, n);
    add_jobs(&b, n);
    add_node(&b, n);
    metrics_process(&b);
    struct http_response *r = http_reply(request, 200);
    http_reply_buffer(r, "text/plain; version=0.0.4; charset=utf-8", &b);
    http_reply_header(r, "Cache-Control", "no-cache");
    return r;
}
