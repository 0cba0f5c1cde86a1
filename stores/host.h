/* host.h -- the functions of the host table (private to stores). */
#ifndef STORES_HOST_H
#define STORES_HOST_H

#include "stores/store.h"

struct host_state {
    const char *secret_dir; /* NULL: environment only */
};

/* The host table; `state` lives as long as it. */
struct store_host host_table(struct host_state *state);

#endif
