/* scs.h -- Simple Cone Search 1.03 for every table with an identifier and a position. */
#ifndef SCS_SCS_H
#define SCS_SCS_H

#include "core/dali/dali.h"

/* Adds /scs/{schema.table} with its capabilities and availability. */
bool scs_routes(struct dali *, struct http_server *, struct err *e);

/* What makes a cone search of a table: its identifier; *id is a column of it. False: it has
 * none, or no position. */
bool scs_identifier(const struct catalog_table *, uint32_t *id);

#endif
