/* inside.h -- what the files of spectral access share. */
#ifndef SSA_INSIDE_H
#define SSA_INSIDE_H

#include "core/dali/ask.h"
#include "core/dali/simple.h"
#include "ssa/ssa.h"

/* One field of a range-list: "a", "a/b", "a/", "/b", "/" (SSA, "Range-list syntax"). */
struct ssa_range {
    double lo, hi; /* infinite: open */
};
enum ssa_kind { SSA_NUMBERS, SSA_TIMES }; /* times are ISO 8601, given as MJD */

/* Cuts the next field off `list` (commas between); the qualifier after ';' is cut off
 * before. False with *e: it is no range, or its ends are in the wrong order. */
bool ssa_next_range(str *list, enum ssa_kind, const char *name, struct ssa_range *,
                    struct err *e);
/* "1998", "1998-05", "1998-05-21", "1998-05-21T03:04:05": the period that the text denotes,
 * as MJD. */
bool ssa_read_period(str text, double *from_mjd, double *to_mjd);

/* Appends what the request's parameters ask for, each ` AND (... OR ...)`. */
bool ssa_conditions(struct bytes *, const struct dali *, const struct http_request *,
                    struct err *);

/* FORMAT=METADATA: no query is meant. */
bool ssa_is_metadata(const struct http_request *);

/* The media type of the data that a row's address gives, in ADQL. */
#define SSA_DATA_FORMAT                                                                    \
    "CASE WHEN access_format = 'application/x-votable+xml;content=datalink' THEN "         \
    "'application/fits' ELSE access_format END"

/* Appends the answer's columns; the words that they are shown in. NULL: no memory. */
const struct dali_shown *ssa_columns(struct bytes *, const struct dali *, struct arena *,
                                     uint32_t *n);
/* PARAMs of a metadata answer; NULL: no memory. */
const char *ssa_inputs(struct arena *);

#endif
