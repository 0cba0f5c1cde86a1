/* inside.h -- what the files of the cone search share. */
#ifndef SCS_INSIDE_H
#define SCS_INSIDE_H

#include "scs/scs.h"

/* Route handlers; context: struct dali. */
struct http_response *scs_search(void *dali, struct http_request *);
struct http_response *scs_capabilities(void *dali, struct http_request *);
/* The table that the request's address names; the catalog lives as long as the request.
 * NULL with *e: there is none, or it cannot be searched so. */
const struct catalog_table *scs_table(struct dali *, struct http_request *, uint32_t *id,
                                      struct err *);

#endif
