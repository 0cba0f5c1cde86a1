/* names.h -- private: a hash from names to numbers, and the rules of ADQL identifiers. */
#ifndef CORE_CATALOG_NAMES_H
#define CORE_CATALOG_NAMES_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/arena.h"
#include "core/base/str.h"

/* Open addressing; several numbers may have one hash. At most half full. */
struct catalog_names {
    uint32_t mask;
    uint32_t *slot; /* 0: empty, else number + 1 */
};

/* Room for `n` entries. NULL: no memory. */
struct catalog_names *names_new(struct arena *, uint32_t n);
void names_put(struct catalog_names *, uint64_t hash, uint32_t number);

/* Candidates for a hash, UINT32_MAX after the last: start with *at = hash. */
uint32_t names_next(const struct catalog_names *, uint64_t *at);

/* Of a schema and a table in it, case folded. */
static inline uint64_t names_hash_pair(str schema, str table)
{
    return str_hash_fold(schema) * 0x9E3779B97F4A7C15u ^ str_hash_fold(table);
}

/* A letter, then letters, digits and '_' (ADQL-2), reserved or not. */
bool name_is_regular(str);

/* The name between its quotes with "" for each quote inside; as it is if it needs none.
 * NULL: no memory. */
const char *name_in_adql(struct arena *, str name);

#endif
