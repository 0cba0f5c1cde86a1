/* binary_cell.h -- columns to big-endian cells: the inner loops of BINARY, BINARY2, FITS.
 */
#ifndef CORE_FORMATS_BINARY_CELL_H
#define CORE_FORMATS_BINARY_CELL_H

#include "core/formats/field.h"

/* Fields here have no times: see binary_rows.c, which turns those to text first. */

/* Bytes of a cell that is not variable. */
size_t binary_fixed_bytes(const struct field *);

/* How a null cell that is not variable is filled. */
struct binary_null {
    char boolean; /* VOTable '?', FITS NUL */
};

/* Writes rows 0 .. n - 1 of a field that is not variable: the cell of row i at to + at[i].
 * False: a value does not fit its declared size. */
bool binary_put_fixed(const struct field *, const struct store_vector *, uint32_t n,
                      struct binary_null, char *to, const size_t *at, struct err *);

/* A cell of a variable field: its elements as they count in the format, and its bytes. */
struct binary_size {
    uint32_t count;
    size_t bytes;
};
struct binary_size binary_variable_size(const struct field *, struct cell);
/* Writes those bytes. */
void binary_put_elements(const struct field *, struct cell, uint32_t count, char *to);

#endif
