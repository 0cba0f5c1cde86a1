/* page.h -- the frame of every HTML page that the node renders: head, style, foot. Plain
 * HTML, readable without scripts, in print and in the dark. */
#ifndef CORE_BASE_PAGE_H
#define CORE_BASE_PAGE_H

#include "core/base/bytes.h"

struct page_head {
    const char *title;  /* plain text; the page's heading too */
    const char *style;  /* CSS beside that of all pages; NULL: none */
    unsigned refresh_s; /* the page is asked for again after so many seconds; 0: not */
};
void page_begin(struct bytes *, const struct page_head *);
void page_end(struct bytes *);

/* For the header Content-Security-Policy: nothing but what the page itself holds. */
#define PAGE_POLICY                                                                        \
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; "                  \
    "img-src 'self' data:; base-uri 'none'; frame-ancestors 'none'"

#endif
