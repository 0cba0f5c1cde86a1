/* explain.c -- what would happen with a query: /tap/explain (text, or JSON with estimate
 * and tree), and /tap/check, which editors ask while somebody types. No row is read. */
#include "core/base/json.h"
#include "tap/run.h"

enum { EXPLAIN_BYTES = 4 << 20, NEAR_BYTES = 300 };

static struct http_response *reply_json(struct http_request *request, struct bytes *b)
{
    struct http_response *r = http_reply(request, 200);
    http_reply_buffer(r, "application/json; charset=utf-8", b);
    http_reply_header(r, "Cache-Control", "no-store");
    return r;
}

static bool wants_json(const struct http_request *request)
{
    static const char *const NAME[] = {"RESPONSEFORMAT", "FORMAT"};
    for (int i = 0; i < 2; i++) {
        const struct http_param *p = http_request_param(request, NAME[i], NULL);
        if (p)
            return str_eq_fold(p->value, STR("json")) ||
                   str_eq_fold(p->value, STR("application/json"));
    }
    return http_request_accepts(request, "application/json") >
           http_request_accepts(request, "text/plain");
}

/* A guess, and what follows from it. */
static void add_estimate(const struct tap_call *c, struct bytes *b)
{
    const struct query_cost cost = query_cost(c->query);
    const struct dali_limits *l = dali_limits(c->dali);
    bool is_long = dali_pool(c->dali, c->query) == GATE_LONG;
    json_open(b, "estimate", '{');
    json_count(b, "rows_read", (int64_t)cost.rows_read);
    json_count(b, "rows_out", (int64_t)cost.rows_out);
    json_text(b, "cost", is_long ? "long" : "short");
    json_text(b, "mode", is_long ? "async" : "sync");
    json_count(b, "maxrec", c->max_rows);
    json_count(b, "max_rows", l->max_rows);
    json_double(b, "sync_seconds", l->sync_seconds);
    json_double(b, "async_seconds", l->async_seconds);
    json_text(b, "store", c->dali->env.store[query_store_index(c->query)].name);
    json_close(b, '}');
}

static void add_warnings(const struct tap_call *c, struct bytes *b)
{
    const struct catalog_table *t = query_whole_table(c->query);
    json_open(b, "warnings", '[');
    if (t && t->row_estimate > dali_limits(c->dali)->short_rows) {
        const char *text = arena_format(
            c->arena,
            "all %lld rows of %s: without TOP and without WHERE you get the first %lld; "
            "begin with SELECT TOP 100",
            (long long)t->row_estimate, t->full_name, (long long)c->max_rows);
        if (text)
            json_text(b, NULL, text);
    }
    json_close(b, ']');
}

static void add_tables(const struct tap_call *c, struct bytes *b)
{
    uint32_t n;
    const struct catalog_table *const *table = query_tables(c->query, &n);
    json_open(b, "tables", '[');
    for (uint32_t i = 0; i < n; i++)
        json_text(b, NULL, table[i]->full_name);
    json_close(b, ']');
    json_open(b, "columns", '[');
    const struct store_column *const *column = query_columns(c->query, &n);
    for (uint32_t i = 0; i < n; i++) {
        json_open(b, NULL, '{');
        json_text(b, "name", column[i]->name);
        json_text(b, "unit", column[i]->unit);
        json_text(b, "ucd", column[i]->ucd);
        json_close(b, '}');
    }
    json_close(b, ']');
}

/* `x` behind "did you mean": what an editor may put in its place. */
static void add_suggestion(const struct err *e, struct bytes *b)
{
    static const str BEFORE = {"did you mean `", 14};
    str m = str_of(e->message);
    for (size_t i = 0; i + BEFORE.len < m.len; i++) {
        if (memcmp(m.at + i, BEFORE.at, BEFORE.len) != 0)
            continue;
        str name = {m.at + i + BEFORE.len, m.len - i - BEFORE.len};
        size_t end = str_find(name, '`');
        if (end < name.len && end < NEAR_BYTES)
            json_str(b, "suggestion", (str){name.at, end});
        return;
    }
}

static void add_error(const struct err *e, struct bytes *b)
{
    json_bool(b, "ok", false);
    json_text(b, "message", e->message);
    json_int(b, "line", e->line);
    json_int(b, "column", e->column);
    add_suggestion(e, b);
}

/* LAYOUT=1: the query laid out, or why it cannot be. */
static void add_layout(const struct tap_call *c, struct bytes *b)
{
    const struct http_param *wanted = http_request_param(c->run.request, "LAYOUT", NULL);
    const struct http_param *query = http_request_param(c->run.request, "QUERY", NULL);
    struct bytes text;
    struct err e = {0};
    if (!wanted || !query || str_eq(wanted->value, STR("0")))
        return;
    bytes_init(&text, EXPLAIN_BYTES);
    if (adql_layout(query->value, ADQL_COLURE, c->arena, &text, &e))
        json_str(b, "layout", bytes_str(&text));
    else
        json_text(b, "layout_error", e.message);
    bytes_free(&text);
}

/* Half-typed names of objects are nobody else's business: any is taken. */
static bool resolve_any(void *what, str name, double *lon, double *lat, struct err *e)
{
    (void)what;
    (void)name;
    (void)e;
    *lon = *lat = 0;
    return true;
}

/* The node's stores, but nobody outside is asked. */
static const struct query_env *silent_env(const struct tap_call *c)
{
    struct query_env *env = arena_new_one(c->arena, struct query_env);
    if (!env)
        return NULL;
    *env = c->dali->env;
    if (env->resolve)
        env->resolve = resolve_any;
    return env;
}

struct http_response *tap_check(void *context, struct http_request *request)
{
    struct err e = {0};
    struct bytes b;
    struct tap_call *c = tap_call_of(context, request);
    if (!c || !(c->env = silent_env(c))) {
        err_set(&e, ERR_BUSY, "the node is out of memory; try again later");
        return http_reply_error(request, &e);
    }
    bytes_init(&b, EXPLAIN_BYTES * 2);
    json_open(&b, NULL, '{');
    if (tap_prepare(c, &e)) {
        json_bool(&b, "ok", true);
        add_estimate(c, &b);
        add_warnings(c, &b);
        add_tables(c, &b);
    } else
        add_error(&e, &b);
    add_layout(c, &b);
    json_close(&b, '}');
    return reply_json(request, &b);
}

static bool explain_json(struct tap_call *c, struct bytes *b, struct err *e)
{
    struct bytes text;
    bool ok;
    bytes_init(&text, EXPLAIN_BYTES);
    json_open(b, NULL, '{');
    add_estimate(c, b);
    add_warnings(c, b);
    query_explain_steps(c->query, &text);
    json_raw(b, "steps", bytes_str(&text));
    json_str(b, "statement", query_statement(c->query));
    bytes_clear(&text);
    query_explain_store(c->query, &text);
    if (text.len)
        json_str(b, "store_plan", bytes_str(&text));
    bytes_clear(&text);
    ok = query_explain(c->query, false, &text, e);
    json_str(b, "text", bytes_str(&text));
    json_close(b, '}');
    bytes_free(&text);
    return ok;
}

struct http_response *tap_explain(void *context, struct http_request *request)
{
    struct err e = {0};
    struct bytes text;
    bool json = wants_json(request);
    struct tap_call *c = tap_call_of(context, request);
    bytes_init(&text, EXPLAIN_BYTES * 4);
    if (!c)
        err_set(&e, ERR_BUSY, "the node is out of memory; try again later");
    if (!c || !tap_prepare(c, &e) ||
        !(json ? explain_json(c, &text, &e) : query_explain(c->query, true, &text, &e))) {
        bytes_free(&text);
        return http_reply_error(request, &e);
    }
    if (json)
        return reply_json(request, &text);
    struct http_response *r = http_reply(request, 200);
    http_reply_buffer(r, "text/plain; charset=utf-8", &text);
    return r;
}
