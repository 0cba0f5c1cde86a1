/* names.h -- names from files made into names that queries can write without quotes. */
#ifndef CORE_INGEST_NAMES_H
#define CORE_INGEST_NAMES_H

#include <stdint.h>

#include "core/base/arena.h"
#include "core/base/str.h"

/* Lower case; other characters than letters, digits and _ become _; begins with a letter;
 * words of ADQL get a _ at the end; at most 60 bytes. "x" if nothing is left. NULL: no
 * memory. */
const char *ingest_name_clean(struct arena *, str name);

/* The same, then made different from the `n` names in `taken` by _2, _3 ... */
const char *ingest_name_unique(struct arena *, str name, const char *const *taken,
                               uint32_t n);

/* The name of a file without folders and endings: "a/ngc.csv.gz" gives "ngc". */
str ingest_name_of_path(const char *path);

#endif
