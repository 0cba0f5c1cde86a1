/* received.h -- what the two ways of receiving a table share: a temporary table, or values
 * in the statement. */
#ifndef STORES_POSTGRES_RECEIVED_H
#define STORES_POSTGRES_RECEIVED_H

#include "stores/postgres/internal.h"

/* The table gets a column of HEALPix cells. */
bool received_is_positioned(const struct store_table *);
/* The cell of a row's position; -1: it has none. */
int64_t received_cell(const struct store_table *, const struct store_batch *,
                      uint32_t irow);
void received_put_type(struct bytes *, const struct store_column *);

/* Takes the rows as text for the statements of this session. */
enum store_status received_take(struct store_session *, const struct store_table *,
                                struct store_feed *, struct store_error *);

#endif
