/* inside.h -- what the files of image access share. */
#ifndef SIA_INSIDE_H
#define SIA_INSIDE_H

#include "sia/sia.h"

/* Route handlers; context: struct dali. */
struct http_response *sia2_query(void *dali, struct http_request *);
struct http_response *sia1_query(void *dali, struct http_request *);
struct http_response *sia2_capabilities(void *dali, struct http_request *);
struct http_response *sia1_capabilities(void *dali, struct http_request *);

/* The values of POL (ObsCore, pol_states), a blank between. */
#define SIA2_STATES "I Q U V RR LL RL LR XX YY XY YX PP PQ QP QQ POLI POLA"

/* A RESOURCE that tells the parameters, in the arena; NULL: no memory. base: of the node.
 */
const char *sia2_description(const char *base, struct arena *);

/* False with ERR_UNAVAILABLE: the node has no table of data products. */
bool sia_check_obscore(const struct dali *, struct err *);
/* "UsageFault: ..." and its like before the message (SIA2-12). */
struct http_response *sia_render_error(void *dali, struct http_request *,
                                       const struct err *);

/* Appends what the request's parameters ask for, each ` AND (... OR ...)`. */
bool sia2_conditions(struct bytes *, const struct http_request *, struct arena *,
                     struct err *);

#endif
