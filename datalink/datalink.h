/* datalink.h -- what belongs to a data product and what can be cut out of it: DataLink 1.1
 * links, the files themselves, SODA 1.0 cut-outs, packages, previews. */
#ifndef DATALINK_DATALINK_H
#define DATALINK_DATALINK_H

#include "core/dali/dali.h"
#include "core/http/http.h"
#include "core/products/products.h"
#include "core/uws/uws.h"

struct datalink;

struct datalink_options {
    struct dali *dali;         /* outlives the service */
    struct products *products; /* likewise */
    const char *job_folder;    /* of cut-outs made in the background */
    const char *cache_folder;  /* of what can be made again: previews, lists of packages */
    uint64_t cache_bytes;      /* for each of the two; 0: 1 GiB */
    unsigned workers;
    /* As in tap_options: jobs that several nodes share. */
    const char *job_database, *job_password;
    double job_lease_s;
};

/* NULL with *e. */
struct datalink *datalink_new(const struct datalink_options *, struct err *e);
/* Adds /datalink and /soda and everything below them. */
bool datalink_routes(struct datalink *, struct http_server *, struct err *e);
bool datalink_start(struct datalink *, struct err *e); /* jobs run from now on */
bool datalink_count(struct datalink *, struct uws_counts *, struct err *e);
void datalink_quiesce(struct datalink *);
void datalink_stop(struct datalink *, double drain_s);
void datalink_free(struct datalink *);

/* `colure cutout FILE --out FILE [--hdu N] [--pos SHAPE] [--band "A B"] ...`: a cut-out of
 * a local file. argv: what follows the command's word. Returns the exit status: 0, 1
 * failed, 2 misused, 3 request and data have nothing in common. */
int datalink_cutout_command(int argc, char **argv);

#endif
