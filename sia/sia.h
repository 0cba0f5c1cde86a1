/* sia.h -- Simple Image Access 2.0 and 1.0 over ivoa.obscore. */
#ifndef SIA_SIA_H
#define SIA_SIA_H

#include "core/dali/dali.h"

/* Adds /sia2 and /sia1, with their capabilities and availability. */
bool sia_routes(struct dali *, struct http_server *, struct err *e);

#endif
