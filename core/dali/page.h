/* page.h -- the frame of every HTML page that the node renders: head, style, foot. Plain
 * HTML, readable without scripts, in print and in the dark. */
#ifndef CORE_DALI_PAGE_H
#define CORE_DALI_PAGE_H

#include "core/base/bytes.h"

/* The title is plain text; it is the page's heading too. */
void page_begin(struct bytes *, const char *title);
void page_end(struct bytes *);

/* For the header Content-Security-Policy: nothing but what the page itself holds. */
#define PAGE_POLICY                                                                        \
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; "                  \
    "img-src 'self' data:; base-uri 'none'; frame-ancestors 'none'"

#endif
