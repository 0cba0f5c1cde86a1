/* sia.h -- Simple Image Access 2.0 over ivoa.obscore. */
#ifndef SIA_SIA_H
#define SIA_SIA_H

#include "core/dali/dali.h"

/* Adds /sia2, with its capabilities and availability. */
bool sia_routes(struct dali *, struct http_server *, struct err *e);

#endif
