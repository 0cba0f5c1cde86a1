/* count.c -- requests by route and status. */
#include <stdlib.h>

#include "core/http/http_int.h"

struct row {
    struct row *next;
    struct http_count count;
};

struct counters {
    pthread_mutex_t lock;
    size_t nroute;
    struct route_counters {
        struct row *rows;
        struct histogram seconds;
    } route[]; /* the last is for unknown paths */
};

struct counters *counters_new(size_t nroute)
{
    struct counters *c = calloc(1, sizeof *c + (nroute + 1) * sizeof *c->route);
    if (!c)
        return NULL;
    c->nroute = nroute;
    pthread_mutex_init(&c->lock, NULL);
    return c;
}

void counters_free(struct counters *c)
{
    if (!c)
        return;
    for (size_t i = 0; i <= c->nroute; i++)
        while (c->route[i].rows) {
            struct row *next = c->route[i].rows->next;
            free(c->route[i].rows);
            c->route[i].rows = next;
        }
    pthread_mutex_destroy(&c->lock);
    free(c);
}

static struct row *row_of(struct counters *c, size_t iroute, int status)
{
    for (struct row *row = c->route[iroute].rows; row; row = row->next)
        if (row->count.status == status)
            return row;
    struct row *row = calloc(1, sizeof *row);
    if (row) {
        row->count.status = status;
        row->next = c->route[iroute].rows;
        c->route[iroute].rows = row;
    }
    return row;
}

void counters_add(struct counters *c, size_t iroute, int status, uint64_t bytes,
                  double seconds)
{
    if (iroute > c->nroute)
        iroute = c->nroute;
    histogram_add(&c->route[iroute].seconds, (int64_t)(seconds * 1e9));
    pthread_mutex_lock(&c->lock);
    struct row *row = row_of(c, iroute, status);
    if (row) {
        row->count.requests++;
        row->count.bytes_out += bytes;
    }
    pthread_mutex_unlock(&c->lock);
}

void counters_visit(struct counters *c, const struct route_table *routes,
                    void (*visit)(void *, const struct http_count *), void *context)
{
    pthread_mutex_lock(&c->lock);
    for (size_t i = 0; i <= c->nroute; i++)
        for (struct row *row = c->route[i].rows; row; row = row->next) {
            struct http_count count = row->count;
            count.seconds = &c->route[i].seconds;
            count.pattern = i < c->nroute ? routes_pattern(routes, i) : "";
            visit(context, &count);
        }
    pthread_mutex_unlock(&c->lock);
}
