/* position.h -- which columns of a file are a position on the sky, and how it is written.
 */
#ifndef CORE_INGEST_POSITION_H
#define CORE_INGEST_POSITION_H

#include "core/base/err.h"
#include "core/ingest/ingest.h"
#include "stores/store.h"

struct ingest_position {
    int32_t ra, dec;         /* columns of the file, or -1: none */
    enum ingest_angle angle; /* never GUESS when there is one */
};

/* By the names that the options give; else by the UCDs pos.eq.ra;meta.main and
 * pos.eq.dec;meta.main (or UCD1 POS_EQ_RA_MAIN), by the usual pairs of names, by plain
 * pos.eq.ra and pos.eq.dec. False with *e: the named column is not there, or cannot be an
 * angle of that kind. */
bool ingest_position_find(const struct ingest_options *,
                          const struct store_column *const *column, uint32_t ncolumn,
                          struct ingest_position *, struct err *e);

/* Degrees of one value of a position column; NaN: null, not such an angle, or outside of
 * the sky. */
double ingest_position_deg(const struct store_column *, const struct store_vector *,
                           uint32_t irow, enum ingest_angle, bool is_dec);

#endif
