/* config.h -- the node's configuration file. Errors name file, line, column, and what may
 * stand there. */
#ifndef CORE_NODE_CONFIG_H
#define CORE_NODE_CONFIG_H

#include "core/base/arena.h"
#include "core/base/err.h"
#include "core/base/log.h"
#include "core/dali/dali.h"
#include "core/products/products.h"
#include "stores/store.h"

struct config_store {
    const char *name, *adapter;
    struct store_option *option;
    size_t noption;
};

struct config_schema {
    const char *file;  /* the description, as a path */
    const char *store; /* name of the store that holds its tables */
    const char *native_prefix;
    uint32_t istore; /* index in config.store */
};

struct config {
    const char *path, *folder; /* of the file; relative paths are relative to folder */
    const char *title, *publisher, *contact, *ivoid, *base_url, *address;
    const char *vocabularies;  /* a folder of IVOA vocabularies; NULL: none */
    const char *resolver;      /* where names of objects are asked for; NULL: nowhere */
    const char *state_folder;  /* jobs, spool, node state */
    const char *secret_folder; /* a file for each secret; NULL: environment only */
    int64_t port;
    int64_t workers; /* async jobs at a time */
    int64_t max_connections, max_connections_per_ip;
    double drain_s;
    double health_s; /* stores are asked this often whether they are there */
    const char *const *trusted_proxies; /* NULL-terminated */
    enum log_level log_level;
    const char *log_level_word;
    bool log_json, access_log, allow_private_uploads;
    struct dali_limits limits;
    /* Jobs that several nodes share: libpq's address of their database (NULL: this node's
     * own list, in SQLite), the name of the secret that is its password, the folder that
     * all nodes see (NULL: in state_folder), and when a silent node counts as dead (0:
     * default).
     */
    const char *job_database, *job_secret, *job_folder;
    double job_lease_s;
    const char *assets; /* folder of the pages' scripts; NULL: beside the program */
    uint64_t spool_bytes;
    const char *engine_memory;
    int64_t engine_threads;
    struct config_store *store;
    uint32_t nstore;
    struct config_schema *schema;
    uint32_t nschema;
    const char *registry;       /* of data products; NULL: none */
    const char *product_tables; /* the store file that a scan makes; NULL: none */
    const char *instruments;    /* a folder of templates for scans; NULL: none */
    struct product_root *root;
    uint32_t nroot;
};

/* Everything lives in the arena. NULL with *e: "FILE:LINE:COLUMN: ...". */
struct config *config_read(const char *path, struct arena *, struct err *);

/* The first key that differs and takes effect at the start only; NULL: none. */
const char *config_difference(const struct config *, const struct config *);

#endif
