/* snapshot.h -- private: what a catalog is made of. */
#ifndef CORE_CATALOG_SNAPSHOT_H
#define CORE_CATALOG_SNAPSHOT_H

#include <stdatomic.h>

#include "core/catalog/catalog.h"
#include "core/catalog/names.h"

struct catalog {
    _Atomic uint32_t count; /* of holders */
    _Atomic uint32_t words; /* of those who hold its words; all holders together are one */
    const void *stores;     /* let go with the last holder */
    void (*release)(void *);
    struct arena *arena; /* holds everything, this struct excepted */
    uint32_t nschema, nexample, ntable;
    const struct catalog_schema *schema;
    const struct catalog_example *example;
    const struct catalog_table **table; /* all tables */
    uint32_t nvocabulary;
    struct catalog_vocabulary *vocabulary;
    struct catalog_names *names; /* of tables: by schema and name, and by name alone */
};

/* Counted once. NULL: no memory. */
struct catalog *snapshot_new(void);

/* Fills table and names from the schemas, when these are final. False: no memory. */
bool snapshot_index(struct catalog *);

/* The hash of a table's columns. NULL: no memory. */
const struct catalog_names *snapshot_column_names(struct arena *, uint32_t ncolumn,
                                                  const struct catalog_column *);

#endif
