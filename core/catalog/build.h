/* build.h -- private: making a catalog from description files and stores. Each file of the
 * folder that includes this does one part: keys, types, frames, columns, tables, relations.
 */
#ifndef CORE_CATALOG_BUILD_H
#define CORE_CATALOG_BUILD_H

#include "core/base/bytes.h"
#include "core/base/yaml.h"
#include "core/catalog/catalog.h"
#include "core/catalog/snapshot.h"

enum {
    BUILD_MAX_TABLES = 5000,  /* of a file */
    BUILD_MAX_COLUMNS = 5000, /* of a table */
    BUILD_MAX_NAME = 128,     /* bytes */
    BUILD_MAX_REPORTED = 200, /* errors that are written out */
    BUILD_MAX_EXAMPLES = 500
};

struct frames { /* what a file says of the places and times of a schema or a table */
    const struct store_coosys *coosys;
    const struct store_timesys *timesys;  /* as written */
    const struct store_timesys *calendar; /* without its origin (VOTable, TIMESYS) */
};

struct draft_table {
    struct draft_table *next; /* of the schema */
    const struct catalog_source *source;
    const struct store_table *store; /* NULL: the store has no such table */
    const char *path;
    const struct yaml_node *node;
    struct catalog_table table; /* the strings are the catalog's */
    struct catalog_column *column;
    const struct yaml_node **column_node; /* NULL: a column that the file does not name */
    int64_t order;
};

struct draft_schema {
    const char *path;             /* of the file that describes it first */
    const struct yaml_node *node; /* NULL: TAP_SCHEMA */
    struct catalog_schema schema;
    struct draft_table *first, **last;
    uint32_t ntable;
    struct catalog_names *table_names; /* by name, numbers of draft tables */
};

struct build {
    struct catalog *catalog;
    struct arena *arena;   /* the catalog's */
    struct arena *scratch; /* trees and drafts */
    struct bytes *report;
    struct err *e;
    const char *path; /* of the file at hand */
    uint32_t nerror;
    bool is_full; /* out of memory: the rest does not count */
    struct draft_schema *schema;
    uint32_t nschema;
    struct catalog_example *example;
    const struct yaml_node **example_node;
    const char **example_path;
    uint32_t nexample;
};

/* --- build.c ----------------------------------------------------------------------------
 */

/* An error or a warning about a place in the file at hand. */
void build_error(struct build *, const struct yaml_node *at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void build_warning(struct build *, const struct yaml_node *at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Copies into the catalog. Never NULL: out of memory sets is_full. NULL stays NULL. */
const char *build_copy(struct build *, const char *text);
/* `count` elements of scratch or catalog memory; NULL sets is_full. */
void *build_alloc(struct build *, struct arena *, size_t count, size_t size);
#define build_new_array(b, a, type, n) ((type *)build_alloc((b), (a), (n), sizeof(type)))

/* --- keys.c: the shape of maps ----------------------------------------------------------
 */

enum key_level {
    KEYS_SCHEMA,
    KEYS_TABLE,
    KEYS_COLUMN,
    KEYS_CONSTRAINT,
    KEYS_INDEX,
    KEYS_ORIGIN,
    KEYS_COOSYS,
    KEYS_TIMESYS,
    KEYS_POSITION,
    KEYS_EXAMPLE,
    KEYS_VERSION
};

/* Reports keys that are unknown, missing or of the wrong shape. False if it is no map. */
bool keys_check(struct build *, const struct yaml_node *map, enum key_level);

/* Values of checked maps; the wrong shape counts as absent. */
const char *key_text(const struct yaml_node *map, const char *key);
bool key_flag(const struct yaml_node *map, const char *key, bool otherwise);
int64_t key_int(const struct yaml_node *map, const char *key, int64_t otherwise);
/* A text or a list of texts. */
uint32_t key_count(const struct yaml_node *map, const char *key);
const struct yaml_node *key_item(const struct yaml_node *map, const char *key, uint32_t i);
/* Words for people: trimmed, each run of blanks and line ends one blank. */
const char *key_prose(struct build *, const struct yaml_node *map, const char *key);

/* The published name: *name unquoted, *adql as a query writes it. False: reported. */
bool key_name(struct build *, const struct yaml_node *at, const char *what,
              const char **name, const char **adql);

/* --- type.c -----------------------------------------------------------------------------
 */

/* Checks datatype, length, arraysize and xtype against the store's column (in *meta; not if
 * !has_store) and completes *meta. */
void type_set(struct build *, const struct yaml_node *column, struct store_column *meta,
              bool has_store);

/* datatype of a description for a store's column: "double", "string", "binary". */
const char *type_felis_name(const struct store_column *);

/* The store's own VOTable datatype where it is not the usual one of its type ("bit"), or
 * NULL. */
const char *type_of_layout(const struct store_column *);

/* True if the xtype is one of DALI's that fits, or has a prefix of its own. */
bool type_fits_xtype(const struct store_column *, const char *xtype);

/* --- column.c ---------------------------------------------------------------------------
 */

/* Fills table->column from the list of columns: described ones in their order, then hidden
 * ones. */
void columns_build(struct build *, struct draft_table *);

/* The column as the store describes it, whatever the size it declares. */
struct store_column column_of_store(const struct store_column *);

/* --- frames.c ---------------------------------------------------------------------------
 */

/* colure:coosys and colure:timesys of a map, over what is in *frames already. */
void frames_read(struct build *, const struct yaml_node *map, struct frames *);
/* Position columns, coosys and timesys of a table whose columns are in place; `frames` are
 * its schema's. */
void frames_set(struct build *, struct draft_table *, struct frames);

/* --- relations.c ------------------------------------------------------------------------
 */

/* Flags of primary keys and indexes. */
void relations_flags(struct build *, struct draft_table *);
/* Foreign keys; when all tables of all files are there. */
void relations_keys(struct build *, struct draft_schema *, struct draft_table *);

/* --- table.c ----------------------------------------------------------------------------
 */

/* The table, or NULL if it cannot be read at all. */
struct draft_table *table_build(struct build *, const struct catalog_source *,
                                const struct catalog_schema *, const struct yaml_node *,
                                struct frames);

struct draft_table *draft_find(const struct draft_schema *, str name);

/* --- describe.c -------------------------------------------------------------------------
 */

/* Reads one description file into a schema, a new one or an earlier one. */
void describe_source(struct build *, const struct catalog_source *);
/* Checks the examples against the finished catalog. */
void describe_examples(struct build *);

/* --- tap_schema.c -----------------------------------------------------------------------
 */

/* Adds TAP_SCHEMA as a draft. */
void tap_schema_add(struct build *, uint32_t store);

#endif
