/* reload.c -- configuration and descriptions read anew while the node runs: all of it is
 * right and in force, or none of it is. Queries that run keep the snapshot they have. */
#include <stdio.h>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/node/inside.h"

enum { RELOAD_BYTES = 256 << 20, REPORT_BYTES = 16 << 20, REPORT_LINES = 50 };

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

static void put_in_force(struct node *n, const struct config *c,
                         const struct catalog *catalog, const struct dali_limits *limits)
{
    pthread_mutex_lock(&n->lock);
    const struct catalog *old = n->catalog;
    n->catalog = catalog;
    pthread_mutex_unlock(&n->lock);
    catalog_drop(old);
    atomic_store(&n->dali.limits, limits);
    gate_set_limits(n->gate, &limits->gate);
    log_setup(c->log_level, c->log_json);
}

static bool reload(struct node *n, const struct config *old, struct arena *arena,
                   struct bytes *report, struct err *e)
{
    const struct config *c = config_read(old->path, arena, e);
    if (!c || !check_stores(old, c, e))
        return false;
    struct dali_limits *limits = arena_new_one(n->arena, struct dali_limits);
    if (!limits)
        return err_set(e, ERR_LIMIT,
                       "the configuration has been read anew too often; restart the node");
    *limits = c->limits;
    const struct catalog *catalog = node_build_catalog(n, c, arena, report, e);
    if (!catalog)
        return false;
    if (!query_load_tap_schema(&n->dali.env, catalog, e)) {
        catalog_drop(catalog);
        return false;
    }
    const char *late = config_difference(old, c);
    if (late)
        log_line(LOG_WARN, NULL, "%s has changed: that takes effect at the next start",
                 late);
    put_in_force(n, c, catalog, limits);
    return true;
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

bool node_reload(struct node *n, const struct config *old)
{
    struct err e = {0};
    struct bytes report;
    struct arena *arena = arena_new(RELOAD_BYTES);
    bytes_init(&report, REPORT_BYTES);
    bool ok = arena && reload(n, old, arena, &report, &e);
    log_report(&report, ok);
    atomic_store(&n->reload_failed, !ok);
    if (ok) {
        atomic_store(&n->reloaded_us, clock_now_us());
        log_line(LOG_INFO, NULL, "reloaded %s", old->path);
    } else
        log_line(LOG_ERROR, NULL, "reload failed, what was in force stays: %s",
                 arena ? e.message : "out of memory");
    bytes_free(&report);
    arena_free(arena);
    return ok;
}
