/* ssa.h -- Simple Spectral Access 1.1 over ivoa.obscore. */
#ifndef SSA_SSA_H
#define SSA_SSA_H

#include "core/dali/dali.h"
#include "core/http/http.h"

/* Adds /ssa, with its capabilities and availability. `dali` outlives the server. */
bool ssa_routes(struct dali *, struct http_server *, struct err *);

#endif
