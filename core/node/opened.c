/* opened.c -- the stores that a catalog snapshot was made of. A store is shared by all
 * snapshots that were made while its files were in their places; it is closed with the last
 * of them (why: docs/decisions/014-stores-of-a-snapshot.md). */
#include <stdlib.h>

#include "core/node/inside.h"

struct shared_store { /* an opened store, counted */
    atomic_uint count;
    struct stores *stores;
    struct store *store;
};

struct opened {
    uint32_t n;
    struct shared_store **shared;
    struct query_store store[]; /* what a catalog is given */
};

static void drop(struct shared_store *s)
{
    if (!s || atomic_fetch_sub(&s->count, 1) != 1)
        return;
    stores_close(s->stores, s->store);
    free(s);
}

static struct opened *of_array(const void *array)
{
    char *at = (char *)(uintptr_t)array;
    return (struct opened *)(void *)(at - offsetof(struct opened, store));
}

void opened_release(void *array)
{
    if (!array)
        return;
    struct opened *o = of_array(array);
    for (uint32_t i = 0; i < o->n; i++)
        drop(o->shared[i]);
    free((void *)o->shared);
    free(o);
}

static struct shared_store *open_one(struct node *n, uint32_t i, struct err *e)
{
    const struct config_store *c = n->store_config[i];
    struct err why = {0};
    struct query_store *q = &n->store[i];
    struct shared_store *s = calloc(1, sizeof *s);
    if (!s) {
        err_set(e, ERR_BUSY, "out of memory");
        return NULL;
    }
    atomic_init(&s->count, 1);
    s->stores = n->stores;
    if (stores_open(n->stores, c->adapter, c->option, c->noption, &q->plugin, &s->store,
                    &why))
        return s;
    err_set(e, why.kind, "store %s: %s", c->name, why.message);
    free(s);
    return NULL;
}

static struct shared_store *share(struct node *n, uint32_t i, const struct opened *old,
                                  struct err *e)
{
    if (!old || stores_is_outdated(old->store[i].plugin, old->store[i].store)) {
        struct shared_store *s = open_one(n, i, e);
        atomic_fetch_add(&n->reopened, s && old);
        return s;
    }
    atomic_fetch_add(&old->shared[i]->count, 1);
    return old->shared[i];
}

const struct query_store *opened_stores(struct node *n, const struct catalog *before,
                                        struct err *e)
{
    const struct opened *old = before ? of_array(catalog_stores(before)) : NULL;
    struct opened *o = calloc(1, sizeof *o + n->nstore * sizeof *o->store);
    if (!o || !(o->shared = calloc(n->nstore + 1, sizeof(void *)))) {
        free(o);
        err_set(e, ERR_BUSY, "out of memory");
        return NULL;
    }
    for (; o->n < n->nstore; o->n++) {
        struct shared_store *s = share(n, o->n, old, e);
        if (!s) {
            opened_release(o->store);
            return NULL;
        }
        o->shared[o->n] = s;
        o->store[o->n] = n->store[o->n];
        o->store[o->n].store = s->store;
    }
    return o->store;
}

bool opened_is_outdated(const struct node *n, const struct catalog *catalog)
{
    const struct query_store *store = catalog_stores(catalog);
    for (uint32_t i = 0; i < n->nstore; i++)
        if (stores_is_outdated(store[i].plugin, store[i].store))
            return true;
    return false;
}
