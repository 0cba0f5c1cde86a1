/* reload.c -- configuration and descriptions read anew while the node runs, stores whose
 * files were replaced opened anew: all of it is right and in force, or none of it is.
 * Queries that run keep the snapshot they have, with its stores. */
#include <stdio.h>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/node/inside.h"

enum {
    RELOAD_BYTES = 256 << 20,
    CONFIG_BYTES = 64 << 20,
    REPORT_BYTES = 16 << 20,
    REPORT_LINES = 50
};

static bool same_text(const char *a, const char *b)
{
    return a == b || (a && b && str_eq(str_of(a), str_of(b)));
}

static bool same_store(const struct config_store *a, const struct config_store *b)
{
    if (!same_text(a->name, b->name) || !same_text(a->adapter, b->adapter) ||
        a->noption != b->noption)
        return false;
    for (size_t i = 0; i < a->noption; i++)
        if (!same_text(a->option[i].name, b->option[i].name) ||
            !same_text(a->option[i].value, b->option[i].value))
            return false;
    return true;
}

/* Stores are opened at the start only. */
static bool check_stores(const struct config *old, const struct config *now, struct err *e)
{
    for (uint32_t i = 0; i < now->nstore || i < old->nstore; i++)
        if (i >= now->nstore || i >= old->nstore ||
            !same_store(&old->store[i], &now->store[i]))
            return err_set(
                e, ERR_USAGE, "%s: the stores have changed (%s); restart the node for that",
                now->path, i < now->nstore ? now->store[i].name : old->store[i].name);
    return true;
}

/* A snapshot with all that belongs to it; nobody sees it yet. */
static const struct catalog *make_snapshot(struct node *n, const struct config *c,
                                           struct arena *arena, struct bytes *report,
                                           struct err *e)
{
    const struct catalog *catalog = node_build_catalog(n, c, n->catalog, arena, report, e);
    if (catalog && query_load_tap_schema(&n->dali.env, catalog, e))
        return catalog;
    catalog_drop(catalog);
    return NULL;
}

static void show(struct node *n, const struct catalog *catalog)
{
    pthread_mutex_lock(&n->lock);
    const struct catalog *old = n->catalog;
    n->catalog = catalog;
    pthread_mutex_unlock(&n->lock);
    catalog_drop(old);
}

/* The arena goes with the configuration. */
static void put_in_force(struct node *n, const struct config *c, struct arena *arena,
                         const struct dali_limits *limits)
{
    arena_free(n->config_arena);
    n->config_arena = arena;
    n->config = c;
    atomic_store(&n->dali.limits, limits);
    gate_set_limits(n->gate, &limits->gate);
    log_setup(c->log_level, c->log_json);
}

static bool reload(struct node *n, const struct config *first, struct arena *arena,
                   struct bytes *report, struct err *e)
{
    struct arena *own = arena_new(CONFIG_BYTES);
    const struct config *c = own ? config_read(first->path, own, e) : NULL;
    struct dali_limits *limits = c ? arena_new_one(n->arena, struct dali_limits) : NULL;
    bool ok = c && check_stores(first, c, e);
    if (ok && !limits)
        ok = err_set(e, ERR_LIMIT,
                     "the configuration has been read anew too often; restart the node");
    const struct catalog *catalog = ok ? make_snapshot(n, c, arena, report, e) : NULL;
    if (!catalog || !limits) {
        catalog_drop(catalog);
        arena_free(own);
        return false;
    }
    const char *late = config_difference(first, c);
    if (late)
        log_line(LOG_WARN, NULL, "%s has changed: that takes effect at the next start",
                 late);
    *limits = c->limits;
    show(n, catalog);
    put_in_force(n, c, own, limits);
    return true;
}

static bool refresh(struct node *n, struct arena *arena, struct bytes *report,
                    struct err *e)
{
    const struct catalog *catalog = make_snapshot(n, n->config, arena, report, e);
    if (catalog)
        show(n, catalog);
    return catalog != NULL;
}

static void log_report(const struct bytes *report, bool ok)
{
    str rest = bytes_str(report);
    for (int i = 0; rest.at && rest.len && i < REPORT_LINES; i++) {
        struct log_field finding = {0};
        char text[1000];
        str line = str_cut(&rest, '\n');
        snprintf(text, sizeof text, "%.*s", STR_FMT(line));
        finding = (struct log_field){"finding", text, 0};
        log_event(ok ? LOG_WARN : LOG_ERROR, NULL, "reload", &finding, 1);
    }
}

/* `first`: the configuration of the start, whose file is read anew; NULL: it is not. */
static bool renew(struct node *n, const struct config *first)
{
    struct err e = {0};
    struct bytes report;
    struct arena *arena = arena_new(RELOAD_BYTES);
    bytes_init(&report, REPORT_BYTES);
    uint64_t reopened = atomic_load(&n->reopened);
    bool ok = arena && (first ? reload(n, first, arena, &report, &e)
                              : refresh(n, arena, &report, &e));
    log_report(&report, ok);
    atomic_store(&n->reload_failed, !ok);
    if (ok) {
        atomic_store(&n->reloaded_us, clock_now_us());
        log_line(LOG_INFO, NULL, "%s %s; stores opened anew: %llu",
                 first ? "reloaded" : "files were replaced below", n->config->path,
                 (unsigned long long)(atomic_load(&n->reopened) - reopened));
    } else
        log_line(LOG_ERROR, NULL, "reload failed, what was in force stays: %s",
                 arena ? e.message : "out of memory");
    bytes_free(&report);
    arena_free(arena);
    return ok;
}

bool node_reload(struct node *n, const struct config *first)
{
    return renew(n, first);
}

bool node_refresh(struct node *n)
{
    return !opened_is_outdated(n, n->catalog) || renew(n, NULL);
}
