/* inside.h -- the node's parts, for the files of this folder. */
#ifndef CORE_NODE_INSIDE_H
#define CORE_NODE_INSIDE_H

#include <pthread.h>

#include "core/node/node.h"
#include "core/node/resolver.h"

struct node {
    struct arena *arena;
    struct stores *stores;
    struct query_store *store;
    struct adql_dialect **dialect;
    uint32_t nstore, engine;
    pthread_mutex_t lock; /* of catalog */
    struct catalog const *catalog;
    struct parquet_engine *parquet;
    struct dali_gate *gate;
    struct resolver *resolver; /* NULL: none */
    const char *spool_folder, *temporary_folder, *job_folder;
    struct dali dali;
};

/* What the store itself says of its tables: a list in the arena, the tables the store's.
 * NULL with *e. */
const struct store_table **node_tables(struct arena *, const struct query_store *,
                                       uint32_t *ntable, struct err *e);

#endif
