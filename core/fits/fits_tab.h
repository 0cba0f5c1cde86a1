/* fits_tab.h -- axes of images that are kept as lookup tables (the standard's -TAB, WCS
 * paper III section 6) of one dimension, which a binary table of the same file holds. Our
 * own and not WCSLIB's, which believes the sizes that a header claims. */
#ifndef CORE_FITS_TAB_H
#define CORE_FITS_TAB_H

#include "core/fits/fits_column.h"

struct fits_tab {
    char type[9], unit[72];     /* "WAVE"; CUNIT */
    const struct fits_hdu *hdu; /* the table's, in the file that was given */
    int64_t n;
    const double *value, *index; /* index NULL: 1, 2, 3 ... */
};

/* Is the axis (from 0) one of these, by its CTYPE? */
bool fits_tab_is(const struct fits_hdu *image, int axis);
/* The table of that axis; `file` (NULL: none) is where it stands. NULL: *why says what is
 * wrong with it. */
struct fits_tab *fits_tab_read(const struct fits_hdu *image, int axis,
                               const struct fits_file *, struct arena *, const char **why);
/* What stands at an intermediate coordinate, half an entry beyond both ends too; NaN: it
 * lies outside. */
double fits_tab_value(const struct fits_tab *, double psi);

#endif
