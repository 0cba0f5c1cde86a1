/* metrics.c -- /metrics: counters of the node in the text format of Prometheus. */
#include "core/node/metrics.h"
#include "core/base/clock.h"
#include "core/dali/gate.h"
#include "core/node/inside.h"

enum { METRICS_MAX_BYTES = 1 << 20 };

static void add_label(struct bytes *b, const char *text)
{
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            bytes_add_char(b, '\\');
        bytes_add_char(b, *text);
    }
}

static void add_head(struct bytes *b, const char *name, const char *type, const char *help)
{
    bytes_add_format(b, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void add_gauge(struct bytes *b, const char *name, const char *help, double value)
{
    add_head(b, name, "gauge", help);
    bytes_add_format(b, "%s %.17g\n", name, value);
}

struct counting {
    struct bytes *b;
    const char *name;
    int field; /* 0 requests, 1 bytes, 2 seconds */
};

static void add_count(void *context, const struct http_count *c)
{
    const struct counting *counting = context;
    struct bytes *b = counting->b;
    double value = counting->field == 0   ? (double)c->requests
                   : counting->field == 1 ? (double)c->bytes_out
                                          : c->seconds;
    bytes_add_format(b, "%s{route=\"", counting->name);
    add_label(b, *c->pattern ? c->pattern : "(none)");
    bytes_add_format(b, "\",status=\"%d\"} %.17g\n", c->status, value);
}

static void add_requests(struct bytes *b, struct http_server *server)
{
    static const char *const NAME[][2] = {
        {"colure_http_requests_total", "requests answered"},
        {"colure_http_response_bytes_total", "bytes of bodies sent"},
        {"colure_http_request_seconds_total",
         "seconds from headers read to last byte sent"}};
    for (int i = 0; i < 3; i++) {
        struct counting c = {b, NAME[i][0], i};
        add_head(b, NAME[i][0], "counter", NAME[i][1]);
        http_server_counts(server, add_count, &c);
    }
}

struct http_response *node_metrics(void *context, struct http_request *request)
{
    struct node *n = context;
    struct bytes b;
    bytes_init(&b, METRICS_MAX_BYTES);
    add_requests(&b, request->server);
    add_gauge(&b, "colure_http_connections", "open connections",
              http_server_connections(request->server));
    add_gauge(&b, "colure_http_active", "requests being answered",
              http_server_active(request->server));
    add_gauge(&b, "colure_queries_running", "queries that hold a store",
              gate_running(n->gate));
    add_gauge(&b, "colure_queries_waiting", "queries that wait for their turn",
              gate_waiting(n->gate));
    add_gauge(&b, "colure_spool_bytes", "bytes spooled for slow clients",
              (double)atomic_load(&n->dali.spool.in_use));
    add_gauge(&b, "colure_up_seconds", "seconds since the start",
              (double)(clock_now_us() - n->dali.up_since_us) / 1e6);
    struct http_response *r = http_reply(request, 200);
    http_reply_buffer(r, "text/plain; version=0.0.4; charset=utf-8", &b);
    return r;
}
