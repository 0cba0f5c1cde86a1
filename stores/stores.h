/* stores.h -- the node's side of the contract: finds adapters, checks that they speak our
 * version, keeps them, opens stores, and closes all at the end. */
#ifndef STORES_STORES_H
#define STORES_STORES_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/err.h"
#include "stores/store.h"

struct stores;

/* plugin_dir holds NAME.so files. secret_dir holds one file a secret, or is NULL: then
 * secrets come from the environment only (COLURE_SECRET_NAME). NULL: no memory, *e is set.
 */
struct stores *stores_new(const char *plugin_dir, const char *secret_dir, struct err *e);

/* Closes the stores that are still open, newest first. Adapters stay in memory: their
 * threads may outlive a dlclose(). NULL is accepted. */
void stores_free(struct stores *);

/* The host table that adapters of this set are given. Lives as long as the set. */
const struct store_host *stores_host(const struct stores *);

/* The adapter NAME (letters, digits, "_", "-"), loaded at its first use. It lives as long
 * as the process. NULL: *e says which file was tried, and what to do. Safe from any thread.
 */
const struct store_plugin *stores_plugin(struct stores *, const char *name, struct err *e);

/* Opens a store; stores_free() closes it. `option` is read during the call only. Safe from
 * any thread. */
bool stores_open(struct stores *, const char *adapter, const struct store_option *option,
                 size_t noption, const struct store_plugin **, struct store **,
                 struct err *e);

/* Closes one store before its time. */
void stores_close(struct stores *, struct store *);

/* What the adapter says of it; false where it cannot tell. */
bool stores_is_outdated(const struct store_plugin *, struct store *);

/* A store's outcome as an error of ours; returns false. The message is the store's own, or
 * one that fits the status when it gave none. */
bool stores_error(enum store_status, const struct store_error *, struct err *e);

#endif
