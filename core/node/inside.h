/* inside.h -- the node's parts, for the files of this folder. */
#ifndef CORE_NODE_INSIDE_H
#define CORE_NODE_INSIDE_H

#include <pthread.h>
#include <stdatomic.h>

#include "core/node/node.h"
#include "core/node/resolver.h"
#include "datalink/datalink.h"
#include "tap/tap.h"
#include "web/web.h"

struct node {
    struct arena *arena;
    struct stores *stores;
    /* Names, adapters, dialects, for good; the opened stores are the catalog's. */
    struct query_store *store;
    const struct config_store **store_config; /* as they are opened */
    struct adql_dialect **dialect;
    uint32_t nstore, engine;
    pthread_mutex_t lock; /* of catalog */
    const struct catalog *catalog;
    pthread_mutex_t describe_lock; /* list() and describe(), and what they returned */
    struct parquet_engine *parquet;
    struct dali_gate *gate;
    struct resolver *resolver;      /* NULL: none */
    struct dali_store *store_state; /* of each store */
    struct dali_limits limits;      /* at the start */
    const char *spool_folder, *temporary_folder, *job_folder, *cutout_folder, *cache_folder;
    struct tap *tap; /* while it serves */
    struct web *web; /* while it serves */
    struct products *products;
    struct datalink *datalink;     /* NULL: no products are configured */
    const struct config *config;   /* in force */
    struct arena *config_arena;    /* of that, when it was read anew */
    atomic_uint_fast64_t reopened; /* stores whose files were replaced */
    atomic_bool reload_failed;
    atomic_int_fast64_t reloaded_us;
    struct dali dali;
};

/* What the store itself says of its tables: a list in the arena, the tables the store's.
 * NULL with *e. */
const struct store_table **node_tables(struct arena *, const struct query_store *,
                                       uint32_t *ntable, struct err *e);

/* node.c: a snapshot by the configuration, with stores of its own: those of `before` (NULL:
 * none) as far as they are up to date. What is needed while it is made lives in `arena`.
 * NULL with *e. */
const struct catalog *node_build_catalog(struct node *, const struct config *,
                                         const struct catalog *before, struct arena *,
                                         struct bytes *report, struct err *e);

/* opened.c: an array for catalog_own_stores(), the stores of `before` (NULL: none) where
 * they are up to date, others opened. NULL with *e. */
const struct query_store *opened_stores(struct node *, const struct catalog *before,
                                        struct err *e);
void opened_release(void *array);
bool opened_is_outdated(const struct node *, const struct catalog *);

/* reload.c: reads the file of `first`, the configuration of the start, anew. False: it is
 * not right, all stays as it was; the log says why. One thread at a time for both. */
bool node_reload(struct node *, const struct config *first);
/* The configuration in force once more, with stores whose files were replaced. */
bool node_refresh(struct node *);

/* serve.c: has that done soon. From any thread. */
void node_refresh_soon(void);

/* health.c: a thread that asks the stores. NULL with *e. */
struct health;
struct health *health_new(struct node *, double every_s, struct err *e);
void health_free(struct health *);

#endif
