/* binary_rows.h -- batches to the rows of BINARY and BINARY2, before base64. */
#ifndef CORE_FORMATS_BINARY_ROWS_H
#define CORE_FORMATS_BINARY_ROWS_H

#include "core/formats/field.h"

struct binary_rows;

/* With flags: BINARY2. Without: BINARY, where integers must have a null value to be null.
 * The fields live as long as the result. NULL: no memory. */
struct binary_rows *binary_rows_new(const struct field *, uint32_t nfield, bool has_flags,
                                    struct arena *);
void binary_rows_free(struct binary_rows *);

/* True if text of column i had characters outside ASCII, which `char` cannot hold: each was
 * written as '?'. */
bool binary_rows_replaced(const struct binary_rows *, uint32_t i);

/* How many rows to encode at once so that they stay in cache. */
enum { BINARY_ROWS_MAX = 512 };

/* Appends rows from .. from + n - 1; `from` is a multiple of 8, n at most BINARY_ROWS_MAX.
 * On false (a value that
 * cannot be written, ERR_INTERNAL; no room, ERR_LIMIT) nothing was appended. */
bool binary_rows_add(struct binary_rows *, const struct store_batch *, uint32_t from,
                     uint32_t n, struct bytes *out, struct err *);

#endif
