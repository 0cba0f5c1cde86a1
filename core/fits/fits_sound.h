/* fits_sound.h -- which cards of a header WCSLIB may see. Private to this folder. */
#ifndef CORE_FITS_SOUND_H
#define CORE_FITS_SOUND_H

#include <stdint.h>

#include "core/base/arena.h"

/* Copies of those of *ncard cards that have sound values, mended where others read them
 * too; sets *ncard to their number. NULL: no memory. */
char *fits_sound_cards(const char *card, uint32_t *ncard, struct arena *);

/* Axes that are lookup tables become linear ones, in all versions of the WCS: what they
 * count is looked up by fits_tab.h. WCSLIB 7.12 believes what their words claim, up to
 * freeing memory twice. */
void fits_hide_tabs(char *card, uint32_t ncard);

/* The plate solution of the Digitized Sky Survey is of two axes: WCSLIB 7.12 writes it
 * behind the arrays of a header that has one. It goes where there is no second. */
void fits_hide_plate(char *card, uint32_t ncard);

#endif
