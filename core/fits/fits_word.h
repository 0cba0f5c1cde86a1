/* fits_word.h -- words of a header by name, also long ones (HIERARCH), as text. */
#ifndef CORE_FITS_WORD_H
#define CORE_FITS_WORD_H

#include "core/fits/fits_file.h"

enum { FITS_WORD_BYTES = 72 };

/* The value of a word: texts without their quotes, numbers and T or F as they are written.
 * Names of more than eight letters, or with blanks ("ESO OBS ID"), are those of HIERARCH
 * cards. False: absent or empty. */
bool fits_word(const struct fits_hdu *, const char *name, char out[FITS_WORD_BYTES]);

/* The HDU's name, EXTNAME; empty: none. */
void fits_name(const struct fits_hdu *, char out[FITS_WORD_BYTES]);

#endif
