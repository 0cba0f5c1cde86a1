/* votable_head.h -- what stands around the rows of a VOTable: INFOs, systems, FIELDs. */
#ifndef CORE_FORMATS_VOTABLE_HEAD_H
#define CORE_FORMATS_VOTABLE_HEAD_H

#include "core/formats/field.h"

/* 1.4 is the newest that all validators and clients in use accept without a warning; 1.5 is
 * written for who asks for it. */
enum votable_version { VOTABLE_1_4, VOTABLE_1_5 };

/* From the XML declaration to the last FIELD; the TABLE is open. The namespace is that of
 * 1.3, as both versions want it. What 1.4 cannot say (the refposition of COOSYS, frames
 * without a 1.4 term) is left out there. Scratch memory comes from the arena. */
void votable_add_head(struct bytes *, const struct result_head *, const struct field *,
                      enum votable_version, struct arena *);

/* From behind </TABLE> to the end: OVERFLOW or ERROR as an INFO behind the table (DALI-22).
 */
void votable_add_tail(struct bytes *, const struct result_head *, enum ending,
                      const struct err *why);

#endif
