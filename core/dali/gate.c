/* gate.c -- places, a line for each pool, and the clients whom they count for. */
#include "core/dali/gate.h"

#include <assert.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/clock.h"

enum { BUCKETS = 256, CLIENT_BYTES = 64, LEAST_RETRY_S = 1, MOST_RETRY_S = 120 };
static const double LOOK_S = 0.2; /* how often who waits looks around */

struct gate_client { /* there as long as it runs or waits */
    struct gate_client *next;
    char name[CLIENT_BYTES];
    uint32_t running, waiting;
};

struct ticket {
    struct ticket *next;
    struct gate_client *client; /* NULL: nobody's */
    struct gate_pass *pass;
    bool called; /* has a place */
    pthread_cond_t wake;
};

struct line {
    struct ticket *first, **last;
    uint32_t length;
};

struct dali_gate {
    pthread_mutex_t lock;
    struct gate_limits limits;
    struct line line[GATE_POOLS];
    uint32_t running[GATE_POOLS];
    struct gate_pass *pass; /* that hold a short place */
    struct gate_client *client[BUCKETS];
    uint32_t nclient;
    uint64_t entered[GATE_POOLS], refused[GATE_REFUSALS], demoted;
    double mean_s[GATE_POOLS]; /* how long a place is held, of late */
};

const char *gate_pool_name(enum gate_pool pool)
{
    return pool == GATE_SHORT ? "short" : "long";
}

struct dali_gate *gate_new(const struct gate_limits *limits)
{
    struct dali_gate *g = calloc(1, sizeof *g);
    if (!g)
        return NULL;
    pthread_mutex_init(&g->lock, NULL);
    for (int i = 0; i < GATE_POOLS; i++)
        g->line[i].last = &g->line[i].first;
    gate_set_limits(g, limits);
    return g;
}

void gate_free(struct dali_gate *g)
{
    if (!g)
        return;
    pthread_mutex_destroy(&g->lock);
    free(g);
}

/* ---- clients ---- */

static struct gate_client **client_link(struct dali_gate *g, const char *name)
{
    uint32_t hash = 2166136261u;
    for (const char *c = name; *c; c++)
        hash = (hash ^ (unsigned char)*c) * 16777619u;
    struct gate_client **link = &g->client[hash % BUCKETS];
    while (*link && strcmp((*link)->name, name) != 0)
        link = &(*link)->next;
    return link;
}

/* NULL: nobody's, or no memory; it is let in all the same, in its turn. */
static struct gate_client *client_find(struct dali_gate *g, const char *name)
{
    char key[CLIENT_BYTES];
    if (!name)
        return NULL;
    memset(key, 0, sizeof key);
    snprintf(key, sizeof key, "%s", name);
    struct gate_client **link = client_link(g, key);
    if (*link)
        return *link;
    struct gate_client *c = calloc(1, sizeof *c);
    if (!c)
        return NULL;
    memcpy(c->name, key, sizeof key);
    *link = c;
    g->nclient++;
    return c;
}

static void client_drop(struct dali_gate *g, struct gate_client *c)
{
    if (!c || c->running || c->waiting)
        return;
    *client_link(g, c->name) = c->next;
    g->nclient--;
    free(c);
}

/* ---- places ---- */

static bool has_place(const struct dali_gate *g, enum gate_pool pool)
{
    return g->running[pool] < g->limits.places[pool];
}

static bool may_run(const struct dali_gate *g, const struct ticket *t)
{
    return !t->client || !g->limits.client_places ||
           t->client->running < g->limits.client_places;
}

static uint32_t runs(const struct ticket *t)
{
    return t->client ? t->client->running : 0;
}

/* Whose turn it is: NULL when nobody may. */
static struct ticket *next_of(const struct dali_gate *g, enum gate_pool pool)
{
    struct ticket *best = NULL;
    for (struct ticket *t = g->line[pool].first; t; t = t->next)
        if (may_run(g, t) && (!best || runs(t) < runs(best)))
            best = t;
    return best;
}

static void leave_line(struct line *line, struct ticket *t)
{
    struct ticket **link = &line->first;
    while (*link != t) {
        assert(*link); /* it stands in this line */
        link = &(*link)->next;
    }
    *link = t->next;
    if (!*link)
        line->last = link;
    line->length--;
    if (t->client)
        t->client->waiting--;
}

static void list_short(struct dali_gate *g, struct gate_pass *p)
{
    p->next = g->pass;
    p->link = &g->pass;
    if (p->next)
        p->next->link = &p->next;
    g->pass = p;
}

static void unlist_short(struct gate_pass *p)
{
    if (p->next)
        p->next->link = p->link;
    *p->link = p->next;
}

static void give_place(struct dali_gate *g, enum gate_pool pool, struct ticket *t)
{
    struct gate_pass *p = t->pass;
    p->pool = pool;
    p->client = t->client;
    p->entered_ns = clock_monotonic_ns();
    g->running[pool]++;
    g->entered[p->is_short ? GATE_SHORT : GATE_LONG]++;
    if (p->client)
        p->client->running++;
    if (pool == GATE_SHORT)
        list_short(g, p);
    t->called = true;
    pthread_cond_signal(&t->wake);
}

/* From the line of a pool to the places of a pool. */
static bool call_one(struct dali_gate *g, enum gate_pool line, enum gate_pool place)
{
    struct ticket *t = has_place(g, place) ? next_of(g, line) : NULL;
    if (!t)
        return false;
    leave_line(&g->line[line], t);
    give_place(g, place, t);
    return true;
}

/* At most as many as there are short places: what runs is bounded. */
static bool may_demote(const struct dali_gate *g)
{
    return g->running[GATE_LONG] <
           g->limits.places[GATE_LONG] + g->limits.places[GATE_SHORT];
}

static void demote(struct dali_gate *g, struct gate_pass *p)
{
    unlist_short(p);
    p->pool = GATE_LONG;
    g->running[GATE_SHORT]--;
    g->running[GATE_LONG]++;
    g->demoted++;
}

static void demote_late(struct dali_gate *g)
{
    int64_t longest_ns = (int64_t)(g->limits.short_s * 1e9);
    int64_t now = clock_monotonic_ns();
    for (struct gate_pass *p = g->pass, *next; p; p = next) {
        next = p->next;
        if (now - p->entered_ns > longest_ns && may_demote(g))
            demote(g, p);
    }
}

/* Gives free places to those whose turn it is. */
static void call_next(struct dali_gate *g)
{
    if (g->line[GATE_SHORT].first && !has_place(g, GATE_SHORT) && g->limits.short_s > 0)
        demote_late(g);
    while (call_one(g, GATE_SHORT, GATE_SHORT) || call_one(g, GATE_LONG, GATE_LONG) ||
           (!next_of(g, GATE_LONG) && call_one(g, GATE_SHORT, GATE_LONG)))
        continue;
}

void gate_set_limits(struct dali_gate *g, const struct gate_limits *limits)
{
    pthread_mutex_lock(&g->lock);
    g->limits = *limits;
    for (int i = 0; i < GATE_POOLS; i++)
        if (g->limits.places[i] == 0)
            g->limits.places[i] = 1;
    call_next(g);
    pthread_mutex_unlock(&g->lock);
}

/* ---- refusals ---- */

static int retry_after(const struct dali_gate *g, enum gate_pool pool, uint32_t ahead)
{
    double s = g->mean_s[pool] * (ahead + 1) / g->limits.places[pool];
    return s < LEAST_RETRY_S ? LEAST_RETRY_S : s > MOST_RETRY_S ? MOST_RETRY_S : (int)s + 1;
}

/* Is the line too long for one more? */
static bool check_line(struct dali_gate *g, const struct gate_ask *ask,
                       const struct gate_client *client, struct err *e)
{
    const struct gate_limits *l = &g->limits;
    const struct line *line = &g->line[ask->pool];
    if (ask->is_patient)
        return true;
    if (l->client_line && client && client->waiting >= l->client_line) {
        g->refused[GATE_CLIENT_LINE_FULL]++;
        err_set(e, ERR_BUSY,
                "you have %u queries waiting and %u running, and no more than %u of one "
                "client may wait; let some of them end first, or use an async job, which "
                "waits as long as it takes",
                client->waiting, client->running, l->client_line);
    } else if (l->line && line->length >= l->line) {
        g->refused[GATE_LINE_FULL]++;
        err_set(e, ERR_BUSY,
                "the node is busy: %u %s queries are running and %u wait already, which is "
                "the limit; try again later, or use an async job, which waits as long as "
                "it takes",
                g->running[ask->pool], gate_pool_name(ask->pool), line->length);
    } else
        return true;
    if (e)
        e->retry_after_s = retry_after(g, ask->pool, line->length);
    return false;
}

/* How many of the line go before this one, itself included. */
static uint32_t position_of(const struct line *line, const struct ticket *t)
{
    uint32_t n = 1;
    bool behind = false;
    for (const struct ticket *o = line->first; o; o = o->next) {
        behind |= o == t;
        if (o != t && (runs(o) < runs(t) || (runs(o) == runs(t) && !behind)))
            n++;
    }
    return n;
}

static bool give_up(struct dali_gate *g, const struct gate_ask *ask, struct ticket *t,
                    struct err *e)
{
    struct line *line = &g->line[ask->pool];
    uint32_t position = position_of(line, t), length = line->length;
    leave_line(line, t);
    enum cancel_reason why = cancel_reason(ask->cancel);
    if (why == CANCEL_SHUTDOWN)
        return err_set(e, ERR_UNAVAILABLE, "the node is stopping; ask again in a moment");
    if (why != CANCEL_NOT)
        return err_set(e, ERR_CANCELLED, "the request was cancelled while it waited");
    g->refused[GATE_WAITED]++;
    err_set(e, ERR_BUSY,
            "the node is busy: %u %s queries are running, and this one waited in vain for "
            "its turn, now at position %u of %u; try again later, or use an async job, "
            "which waits longer",
            g->running[ask->pool], gate_pool_name(ask->pool), position, length);
    if (e)
        e->retry_after_s = retry_after(g, ask->pool, position);
    return false;
}

/* ---- entering ---- */

static void tell_place(struct dali_gate *g, const struct gate_ask *ask,
                       const struct ticket *t)
{
    const struct line *line = &g->line[ask->pool];
    struct gate_place place = {position_of(line, t), line->length, ask->pool};
    if (!ask->waits)
        return;
    pthread_mutex_unlock(&g->lock); /* who is told may take locks of their own */
    ask->waits(ask->what, &place);
    pthread_mutex_lock(&g->lock);
}

static int64_t last_moment(const struct dali_gate *g, const struct gate_ask *ask)
{
    if (ask->is_patient || g->limits.wait_s <= 0)
        return ask->deadline_ns;
    int64_t until = clock_deadline_ns(g->limits.wait_s);
    return until < ask->deadline_ns ? until : ask->deadline_ns;
}

static void wait_for_call(struct dali_gate *g, const struct gate_ask *ask, struct ticket *t)
{
    int64_t until = last_moment(g, ask);
    while (!t->called && cancel_reason(ask->cancel) == CANCEL_NOT) {
        int64_t look = clock_deadline_ns(LOOK_S), now = clock_monotonic_ns();
        if (now >= until)
            return;
        tell_place(g, ask, t);
        if (t->called)
            return;
        clock_condition_wait(&t->wake, &g->lock, look < until ? look : until);
        if (!t->called)
            call_next(g); /* short ones may have become long */
    }
}

static void stand_in_line(struct dali_gate *g, const struct gate_ask *ask, struct ticket *t)
{
    struct line *line = &g->line[ask->pool];
    *line->last = t;
    line->last = &t->next;
    line->length++;
    if (t->client)
        t->client->waiting++;
    call_next(g);
}

bool gate_enter(struct dali_gate *g, struct gate_pass *pass, const struct gate_ask *ask,
                struct err *e)
{
    *pass = (struct gate_pass){.is_short = ask->pool == GATE_SHORT};
    struct ticket t = {.pass = pass};
    clock_condition_init(&t.wake);
    pthread_mutex_lock(&g->lock);
    t.client = client_find(g, ask->client);
    bool in = false;
    /* a free place is asked for before the line is counted */
    if (g->line[ask->pool].length == 0 && has_place(g, ask->pool) && may_run(g, &t)) {
        give_place(g, ask->pool, &t);
        in = true;
    } else if (check_line(g, ask, t.client, e)) {
        stand_in_line(g, ask, &t);
        wait_for_call(g, ask, &t);
        in = t.called || give_up(g, ask, &t, e);
    }
    if (!in)
        client_drop(g, t.client);
    pthread_mutex_unlock(&g->lock);
    pthread_cond_destroy(&t.wake);
    return in;
}

void gate_rows(struct dali_gate *g, struct gate_pass *p, uint64_t nrow)
{
    if (!p->is_short)
        return;
    pthread_mutex_lock(&g->lock);
    if (p->pool == GATE_SHORT && g->limits.short_rows && nrow > g->limits.short_rows &&
        may_demote(g)) {
        demote(g, p);
        call_next(g);
    }
    pthread_mutex_unlock(&g->lock);
}

void gate_leave(struct dali_gate *g, struct gate_pass *p)
{
    const double weight = 0.1;
    pthread_mutex_lock(&g->lock);
    double held_s = (double)(clock_monotonic_ns() - p->entered_ns) * 1e-9;
    g->mean_s[p->pool] += weight * (held_s - g->mean_s[p->pool]);
    g->running[p->pool]--;
    if (p->pool == GATE_SHORT)
        unlist_short(p);
    if (p->client) {
        p->client->running--;
        client_drop(g, p->client);
    }
    call_next(g);
    pthread_mutex_unlock(&g->lock);
}

void gate_count(struct dali_gate *g, struct gate_counts *c)
{
    *c = (struct gate_counts){0};
    pthread_mutex_lock(&g->lock);
    for (int i = 0; i < GATE_POOLS; i++) {
        c->places[i] = g->limits.places[i];
        c->running[i] = g->running[i];
        c->waiting[i] = g->line[i].length;
        c->entered[i] = g->entered[i];
    }
    memcpy(c->refused, g->refused, sizeof c->refused);
    c->demoted = g->demoted;
    c->clients = g->nclient;
    pthread_mutex_unlock(&g->lock);
}
