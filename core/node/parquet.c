/* parquet.c -- the embedded engine writes Parquet files for core/formats (and reads them):
 * rows go into a temporary table through receive(), which pulls, so a thread of its own
 * pulls what the sink pushes. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/node/inside.h"

enum turn { TURN_PUSHER, TURN_PULLER };

struct parquet_session {
    struct store_feed feed; /* must be first */
    const struct query_store *engine;
    const struct catalog *held; /* for as long as the engine is used */
    struct store_call call;
    struct store_table table;
    struct store_session *session;
    pthread_t thread;
    bool has_thread, ended, abandoned;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    enum turn turn;
    const struct store_batch *batch; /* handed over; NULL: no more */
    enum store_status status;        /* of receive(), when it has come back */
    bool is_back;
    struct store_error error;
};

/* The puller's side: gives the turn back and waits for the next batch. */
static enum store_status pull(struct store_feed *feed, struct store_batch *batch,
                              struct store_error *e)
{
    struct parquet_session *s = (struct parquet_session *)feed;
    (void)e;
    pthread_mutex_lock(&s->lock);
    s->turn = TURN_PUSHER;
    pthread_cond_broadcast(&s->changed);
    while (s->turn != TURN_PULLER)
        pthread_cond_wait(&s->changed, &s->lock);
    const struct store_batch *next = s->batch;
    bool abandoned = s->abandoned;
    pthread_mutex_unlock(&s->lock);
    if (next)
        *batch = *next;
    return next ? STORE_OK : abandoned ? STORE_CANCELLED : STORE_END;
}

static void *receive(void *what)
{
    struct parquet_session *s = what;
    const struct store_plugin *p = s->engine->plugin;
    enum store_status status =
        p->receive(s->session, &s->call, &s->table, &s->feed, &s->error);
    pthread_mutex_lock(&s->lock);
    s->status = status;
    s->is_back = true;
    s->turn = TURN_PUSHER;
    pthread_cond_broadcast(&s->changed);
    pthread_mutex_unlock(&s->lock);
    return NULL;
}

/* The pusher's side: hands a batch over (NULL: the end) and waits until it is used up. */
static bool push(struct parquet_session *s, const struct store_batch *batch, struct err *e)
{
    pthread_mutex_lock(&s->lock);
    while (s->turn != TURN_PUSHER)
        pthread_cond_wait(&s->changed, &s->lock);
    if (!s->is_back) {
        s->batch = batch;
        s->turn = TURN_PULLER;
        pthread_cond_broadcast(&s->changed);
        while (s->turn != TURN_PUSHER)
            pthread_cond_wait(&s->changed, &s->lock);
    }
    bool back = s->is_back;
    pthread_mutex_unlock(&s->lock);
    if (!back || (!batch && s->status == STORE_OK))
        return true;
    return stores_error(s->status, &s->error, e);
}

static void finish_thread(struct parquet_session *s)
{
    struct err ignored = {0};
    if (!s->has_thread || s->ended)
        return;
    s->ended = true;
    push(s, NULL, &ignored);
    pthread_join(s->thread, NULL);
}

static void session_close(void *session)
{
    struct parquet_session *s = session;
    if (!s)
        return;
    pthread_mutex_lock(&s->lock);
    s->abandoned = true;
    pthread_mutex_unlock(&s->lock);
    finish_thread(s);
    if (s->session)
        s->engine->plugin->end(s->session);
    catalog_drop(s->held);
    pthread_cond_destroy(&s->changed);
    pthread_mutex_destroy(&s->lock);
    free(s);
}

const struct query_store *node_parquet_engine(const struct parquet_node *p,
                                              const struct catalog **held)
{
    if (p->engine)
        return p->engine;
    *held = node_catalog(p->node);
    const struct query_store *store = catalog_stores(*held);
    return &store[p->node->engine];
}

static void *session_begin(void *node, const struct result_head *head, struct err *e)
{
    struct parquet_session *s = calloc(1, sizeof *s);
    if (!s) {
        err_set(e, ERR_BUSY, "out of memory");
        return NULL;
    }
    pthread_mutex_init(&s->lock, NULL);
    pthread_cond_init(&s->changed, NULL);
    s->feed = (struct store_feed){sizeof s->feed, pull};
    s->engine = node_parquet_engine(node, &s->held);
    s->call = (struct store_call){.size = sizeof s->call, .deadline_ns = INT64_MAX};
    s->error.size = sizeof s->error;
    s->turn = TURN_PULLER;
    s->table = (struct store_table){.size = sizeof s->table,
                                    .ncolumn = head->ncolumn,
                                    .column = head->column,
                                    .name = "parquet_rows",
                                    .lon_column = -1,
                                    .lat_column = -1,
                                    .hpx_column = -1,
                                    .row_estimate = -1};
    enum store_status status =
        s->engine->plugin->begin(s->engine->store, &s->call, &s->session, &s->error);
    if (status != STORE_OK)
        stores_error(status, &s->error, e);
    else if (pthread_create(&s->thread, NULL, receive, s) == 0) {
        s->has_thread = true;
        return s;
    } else
        err_set(e, ERR_BUSY, "no thread can be started");
    session_close(s);
    return NULL;
}

static bool session_rows(void *session, const struct store_batch *batch, struct err *e)
{
    return push(session, batch, e);
}

static void add_literal(struct bytes *sql, str text)
{
    bytes_add_char(sql, '\'');
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] == '\'')
            bytes_add_char(sql, '\'');
        bytes_add_char(sql, text.at[i]);
    }
    bytes_add_char(sql, '\'');
}

static bool copy_to_file(struct parquet_session *s, const char *path,
                         const struct parquet_pair *pair, uint32_t npair, struct err *e)
{
    struct bytes sql;
    bytes_init(&sql, 64 << 20);
    bytes_add_literal(&sql, "COPY parquet_rows TO ");
    add_literal(&sql, str_of(path));
    bytes_add_literal(&sql, " (FORMAT parquet, COMPRESSION zstd");
    for (uint32_t i = 0; i < npair; i++) {
        bytes_add(&sql, i ? STR(", ") : STR(", KV_METADATA {"));
        add_literal(&sql, str_of(pair[i].key));
        bytes_add_literal(&sql, ": ");
        add_literal(&sql, pair[i].value);
    }
    bytes_add(&sql, npair ? STR("}") : STR(""));
    bytes_add_char(&sql, ')');
    const char *text = bytes_text(&sql);
    struct store_error se = {.size = sizeof se};
    enum store_status status =
        text ? s->engine->plugin->execute(s->session, &s->call, text, &se) : STORE_LIMIT;
    bytes_free(&sql);
    return status == STORE_OK || stores_error(status, &se, e);
}

static bool session_end(void *session, const char *path, const struct parquet_pair *pair,
                        uint32_t npair, struct err *e)
{
    struct parquet_session *s = session;
    s->ended = true;
    bool ok = push(s, NULL, e);
    pthread_join(s->thread, NULL);
    return ok && copy_to_file(s, path, pair, npair, e);
}

struct parquet_both {            /* what is handed out, with what it stands on */
    struct parquet_engine hooks; /* must be first */
    struct parquet_node node;
};

struct parquet_engine *node_parquet_new(const struct query_store *engine, struct node *node,
                                        const char *spool_folder)
{
    struct parquet_both *p = calloc(1, sizeof *p);
    if (!p)
        return NULL;
    p->node = (struct parquet_node){engine, node, spool_folder};
    p->hooks = (struct parquet_engine){.begin = session_begin,
                                       .rows = session_rows,
                                       .end = session_end,
                                       .close = session_close,
                                       .read = node_parquet_read,
                                       .node = &p->node};
    return &p->hooks;
}

void node_parquet_free(struct parquet_engine *p)
{
    free(p);
}
