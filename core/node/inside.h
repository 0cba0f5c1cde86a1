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
    struct query_store *store;
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
    struct datalink *datalink; /* NULL: no products are configured */
    atomic_bool reload_failed;
    atomic_int_fast64_t reloaded_us;
    struct dali dali;
};

/* What the store itself says of its tables: a list in the arena, the tables the store's.
 * NULL with *e. */
const struct store_table **node_tables(struct arena *, const struct query_store *,
                                       uint32_t *ntable, struct err *e);

/* node.c: a snapshot by the configuration. What is needed while it is made lives in
 * `arena`. NULL with *e. */
const struct catalog *node_build_catalog(struct node *, const struct config *,
                                         struct arena *, struct bytes *report,
                                         struct err *e);

/* reload.c: reads the file of `old` anew. False: it is not right, all stays as it was; the
 * log says why. One thread at a time. */
bool node_reload(struct node *, const struct config *old);

/* health.c: a thread that asks the stores. NULL with *e. */
struct health;
struct health *health_new(struct node *, double every_s, struct err *e);
void health_free(struct health *);

#endif
