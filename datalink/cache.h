/* cache.h -- files that can be made again (previews, lists of packages), kept within a
 * quota: the ones not used for longest go first. Private to datalink. Any thread. */
#ifndef DATALINK_CACHE_H
#define DATALINK_CACHE_H

#include <stdint.h>

#include "core/base/err.h"
#include "core/base/str.h"

struct cache;

/* The folder is made when it is not there. NULL with *e. */
struct cache *cache_new(const char *folder, uint64_t max_bytes, struct err *);
void cache_free(struct cache *);

/* `name`: of letters, digits, '-' and '.'. A descriptor at the file's start, -1: it is not
 * there. It counts as used now. */
int cache_find(struct cache *, const char *name);
/* Keeps the content, whole or not at all; a file of that name is replaced. */
bool cache_put(struct cache *, const char *name, str content, struct err *);

#endif
