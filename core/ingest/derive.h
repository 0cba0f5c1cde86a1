/* derive.h -- a row source over another one: clean names, nulls where a file writes numbers
 * instead, positions in degrees, the HEALPix index, a row counter. */
#ifndef CORE_INGEST_DERIVE_H
#define CORE_INGEST_DERIVE_H

#include "core/base/rows.h"
#include "core/ingest/ingest.h"
#include "core/ingest/position.h"

enum { INGEST_HPX_ORDER = 29 };
#define INGEST_HPX_NAME "_hpx" /* what adapters know as the index of a position */

struct ingest_derived {
    struct rowsource *rows;          /* owned by the caller */
    int32_t lon, lat, hpx;           /* its columns, or -1 */
    struct ingest_position position; /* in the input */
    const uint64_t *nrow;            /* rows so far; lives as long as the source */
    /* So far: the widest |ra| and |dec| seen, degrees. */
    const double *ra_max_deg, *dec_max_deg;
};

/* Takes over `input`, also when it fails. Options give nulls, the position, the row
 * counter. `first_row` is what the counter starts from, less one. */
bool ingest_derive(struct rowsource *input, const struct ingest_options *,
                   uint64_t first_row, struct ingest_derived *, struct err *e);

#endif
