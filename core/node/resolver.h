/* resolver.h -- names of objects to positions (ivo_simbadpoint). Safe from any thread. */
#ifndef CORE_NODE_RESOLVER_H
#define CORE_NODE_RESOLVER_H

#include <stdbool.h>

#include "core/base/err.h"
#include "core/base/str.h"

struct resolver;

/* url: of a service, to which the name is appended; kept. NULL: no memory. */
struct resolver *resolver_new(const char *url);
void resolver_free(struct resolver *);

/* ICRS degrees of a name. False with *e: USAGE (nobody knows it), UNAVAILABLE (no answer).
 * Waits for the service, 8 seconds at most. */
bool resolver_find(void *resolver, str name, double *lon_deg, double *lat_deg,
                   struct err *e);

#endif
