/* words.h -- the parameters of a cut-out, as SODA names them, as a table: what the service
 * reads is what its descriptors offer. */
#ifndef DATALINK_WORDS_H
#define DATALINK_WORDS_H

#include "datalink/cutout.h"

/* One for each parameter; the order is that of descriptors. */
struct cutout_word {
    const char *name, *datatype, *arraysize, *xtype, *unit, *ucd, *description;
    /* Takes one value; *e says what is wrong with it. */
    bool (*read)(struct cutout_request *, str value, struct arena *, struct err *e);
    bool may_repeat; /* all values form one condition */
};

uint32_t cutout_word_count(void);
const struct cutout_word *cutout_word_at(uint32_t);
/* In any case; NULL: no such parameter. */
const struct cutout_word *cutout_word_find(str name);

/* What a request needs beyond single values: CENTER and SIZE come together, and not with a
 * region. To be called once, when all values were read. */
bool cutout_request_check(const struct cutout_request *, struct err *e);

#endif
