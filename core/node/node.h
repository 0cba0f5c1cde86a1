/* node.h -- the node as a whole: opens what the configuration names, joins the folders,
 * runs, and ends in order. The only folder with state of the process. */
#ifndef CORE_NODE_NODE_H
#define CORE_NODE_NODE_H

#include "core/dali/dali.h"
#include "core/node/config.h"
#include "stores/stores.h"

struct node;

#define NODE_VERSION "0.1.0"

/* Opens stores and reads descriptions; no port is opened, no job touched. `report` gets all
 * findings about the descriptions, may be NULL. NULL with *e. */
struct node *node_open(const struct config *, struct bytes *report, struct err *);
void node_close(struct node *);

struct dali *node_dali(struct node *);

/* A snapshot, to be dropped. */
const struct catalog *node_catalog(void *node);

/* Serves until node_stop() is called from a signal handler or another thread. port 0: the
 * configuration's; `ready` is called with the port once requests are answered. */
bool node_serve(struct node *, const struct config *, uint16_t port,
                void (*ready)(const struct config *, uint16_t port), struct err *);
void node_stop(void);

/* The embedded engine writes and reads Parquet for core/formats. spool_folder: the one
 * folder whose files the engine may open ("/": any). */
struct parquet_node {
    const struct query_store *engine; /* NULL: that of the node's snapshot of the moment */
    struct node *node;
    const char *spool_folder;
};
struct parquet_engine *node_parquet_new(const struct query_store *engine, struct node *,
                                        const char *spool_folder);
/* The engine to be used now; *held is what keeps it open, to be dropped. */
const struct query_store *node_parquet_engine(const struct parquet_node *,
                                              const struct catalog **held);
void node_parquet_free(struct parquet_engine *);
/* Rows of a Parquet file anywhere: a copy of it goes to the spool while it is read. */
struct rowsource *node_parquet_read(void *parquet_node, const char *path, struct err *);

/* One folder up from the executable's, where adapters lie ("stores" beside it). In `arena`.
 */
const char *node_program_folder(struct arena *);
/* Where adapters lie: $COLURE_STORES, or beside the program. In `arena`. */
const char *node_plugin_folder(struct arena *);

/* Where the pages' scripts lie: $COLURE_WEB, beside the program or its folder, or where
 * they are installed. NULL: nowhere. In `arena`. */
const char *node_assets_folder(struct arena *);

/* Subcommands: `argv` begins behind the command's name. They return exit statuses. */
int command_serve(int argc, char **argv);
int command_check(int argc, char **argv);
int command_adql(int argc, char **argv);
int command_load(int argc, char **argv);
int command_scan(int argc, char **argv);
int command_describe(int argc, char **argv);
int command_samp(int argc, char **argv);
int command_demo_data(int argc, char **argv);

#endif
