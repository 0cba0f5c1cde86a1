/* guess.h -- private: what a column's name says of its UCD and unit. */
#ifndef CORE_CATALOG_GUESS_H
#define CORE_CATALOG_GUESS_H

#include "stores/store.h"

struct guess {
    char ucd[96]; /* empty: no idea */
    const char *unit;
};

/* A guess, to be checked by a person; the UCD is a valid one. */
struct guess guess_column(const struct store_column *);

/* A unit in the FITS or CDS manner ("km s-1") in that of VOUnits ("km.s**-1"): true if that
 * is one. */
bool guess_unit(const char *text, char out[96]);

#endif
