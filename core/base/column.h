/* column.h -- what a column is in VOTable's words: the same for TAP_SCHEMA, /tables and the
 * FIELDs of results (they must agree to the letter). */
#ifndef CORE_BASE_COLUMN_H
#define CORE_BASE_COLUMN_H

#include "stores/store.h"

/* VOTable datatype: the column's own, or the one that its type implies. */
const char *column_datatype(const struct store_column *);

/* The datatype of values that are kept like this and say nothing else. */
const char *column_implied_datatype(enum store_type);

enum { COLUMN_ARRAYSIZE_BYTES = 32 };

/* VOTable arraysize, or NULL for a scalar. May be written into `scratch`. Texts and times
 * always have one ("*" unless the column says otherwise). */
const char *column_arraysize(const struct store_column *,
                             char scratch[COLUMN_ARRAYSIZE_BYTES]);

/* The value of a row in a column of one element a row; NaN: NULL, or no number. */
double column_number(const struct store_column *, const struct store_vector *,
                     uint32_t irow);

#endif
