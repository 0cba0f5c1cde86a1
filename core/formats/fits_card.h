/* fits_card.h -- FITS header cards (FITS 4.0, "Headers"): 80 ASCII characters each, in
 * blocks of 2880 bytes. */
#ifndef CORE_FORMATS_FITS_CARD_H
#define CORE_FORMATS_FITS_CARD_H

#include "core/base/bytes.h"

enum { FITS_BLOCK = 2880 };

/* `index` is added to the keyword: ("TTYPE", 3); 0: none. Text that is too long for a card
 * goes on in CONTINUE cards; what is not printable ASCII becomes '?'. */
void fits_card_text(struct bytes *, const char *keyword, uint32_t index, str value);
void fits_card_int(struct bytes *, const char *keyword, uint32_t index, int64_t value);
void fits_card_true(struct bytes *, const char *keyword);
/* As many COMMENT cards as it takes. */
void fits_card_comment(struct bytes *, str text);
/* END, and blanks to the end of the block. */
void fits_card_end(struct bytes *);

/* The character at the front of a UTF-8 text as a printable ASCII one: controls become
 * blanks, what is not ASCII '?'. *used gets its bytes. */
char fits_ascii(str, size_t *used);

#endif
