/* ecsv.h -- the header of an ECSV file (Astropy APE 6). Private to this folder. */
#ifndef CORE_FORMATS_ECSV_H
#define CORE_FORMATS_ECSV_H

#include "core/formats/cell_parse.h"
#include "core/formats/csv_rows.h"
#include "core/formats/readers.h"

struct ecsv_column {
    struct cell_kind kind;
    bool is_json; /* an array, written as JSON */
};

/* True if a file begins so. */
bool ecsv_is_header(str head);

/* Reads the lines with '#', makes columns with units, descriptions and types, and leaves
 * the input at the line of names. In the arena. ERR_USAGE with the line. */
bool ecsv_read_header(struct input *, const struct read_limits *, struct arena *,
                      struct store_column ***, struct ecsv_column **, uint32_t *ncolumn,
                      char *separator, struct err *);

/* "[1, [2, null]]" as "1 2 NaN", written over it. */
void ecsv_flatten(char *text, size_t *len);

#endif
