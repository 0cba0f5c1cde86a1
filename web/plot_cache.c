/* plot_cache.c -- plots that were made, for those who ask again: as long as the catalog is
 * the same, for some minutes, within a bound of bytes; the least used goes first. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/clock.h"
#include "web/plot.h"

enum { ENTRIES = 512, KEEP_S = 600 };

struct entry {
    uint64_t hash, used; /* when, as a count of uses */
    char *key;
    struct plot_data *data;
    size_t bytes;
};

struct plot_cache {
    pthread_mutex_t lock;
    const struct catalog *catalog; /* that the entries are of; its words are kept */
    struct entry entry[ENTRIES];
    uint32_t n;
    uint64_t uses;
    size_t bytes, max_bytes;
};

struct plot_cache *plot_cache_new(size_t max_bytes)
{
    struct plot_cache *c = calloc(1, sizeof *c);
    if (!c)
        return NULL;
    c->max_bytes = max_bytes;
    pthread_mutex_init(&c->lock, NULL);
    return c;
}

void plot_drop(const struct plot_data *data)
{
    struct plot_data *d = (struct plot_data *)(uintptr_t)data;
    if (d && atomic_fetch_sub(&d->count, 1) == 1)
        arena_free(d->arena);
}

static void forget(struct plot_cache *c, uint32_t i)
{
    plot_drop(c->entry[i].data);
    free(c->entry[i].key);
    c->bytes -= c->entry[i].bytes;
    c->entry[i] = c->entry[--c->n];
}

static void forget_all(struct plot_cache *c)
{
    while (c->n)
        forget(c, c->n - 1);
    catalog_drop_words(c->catalog);
    c->catalog = NULL;
}

void plot_cache_free(struct plot_cache *c)
{
    if (!c)
        return;
    forget_all(c);
    pthread_mutex_destroy(&c->lock);
    free(c);
}

/* What one user may see another may not. */
static const char *key_of(struct http_request *request, const struct plot_ask *a)
{
    return arena_format(request->arena, "%s\n%s", request->user ? request->user : "",
                        a->key);
}

static const struct plot_data *find(struct plot_cache *c, const struct catalog *catalog,
                                    const char *key)
{
    const struct plot_data *found = NULL;
    uint64_t hash = str_hash(str_of(key));
    int64_t oldest = clock_now_us() - (int64_t)KEEP_S * 1000000;
    pthread_mutex_lock(&c->lock);
    if (c->catalog != catalog)
        forget_all(c);
    for (uint32_t i = 0; i < c->n && !found; i++) {
        struct entry *entry = &c->entry[i];
        if (entry->hash != hash || strcmp(entry->key, key) != 0)
            continue;
        if (entry->data->made_us < oldest) {
            forget(c, i);
            break;
        }
        entry->used = ++c->uses;
        atomic_fetch_add(&entry->data->count, 1);
        found = entry->data;
    }
    pthread_mutex_unlock(&c->lock);
    return found;
}

static void make_room(struct plot_cache *c, size_t bytes)
{
    while (c->n && (c->n == ENTRIES || c->bytes + bytes > c->max_bytes)) {
        uint32_t least = 0;
        for (uint32_t i = 1; i < c->n; i++)
            if (c->entry[i].used < c->entry[least].used)
                least = i;
        forget(c, least);
    }
}

static void keep(struct plot_cache *c, const struct catalog *catalog, const char *key,
                 struct plot_data *data)
{
    size_t bytes = arena_used_bytes(data->arena) + strlen(key);
    char *copy = bytes <= c->max_bytes / 2 ? strdup(key) : NULL;
    if (!copy)
        return;
    pthread_mutex_lock(&c->lock);
    if (c->catalog != catalog) {
        forget_all(c);
        c->catalog = catalog_keep_words(catalog);
    }
    make_room(c, bytes);
    atomic_fetch_add(&data->count, 1);
    c->entry[c->n++] = (struct entry){.hash = str_hash(str_of(key)),
                                      .used = ++c->uses,
                                      .key = copy,
                                      .data = data,
                                      .bytes = bytes};
    c->bytes += bytes;
    pthread_mutex_unlock(&c->lock);
}

const struct plot_data *plot_get(struct plot_cache *c, struct dali *d,
                                 struct http_request *request,
                                 const struct catalog *catalog, const struct plot_ask *a,
                                 bool *was_kept, struct err *e)
{
    const char *key = key_of(request, a);
    const struct plot_data *found = key ? find(c, catalog, key) : NULL;
    struct plot_call call = {.dali = d,
                             .request = request,
                             .deadline_ns =
                                 clock_deadline_ns(dali_limits(d)->sync_seconds)};
    *was_kept = found != NULL;
    if (found)
        return found;
    struct plot_data *made = plot_make(&call, a, e);
    if (made && key)
        keep(c, catalog, key, made);
    return made;
}
