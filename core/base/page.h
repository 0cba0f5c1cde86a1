/* page.h -- the frame of every HTML page that the node renders: head, style, navigation,
 * search, foot. Plain HTML, readable without scripts, on a phone, in print and in the dark.
 */
#ifndef CORE_BASE_PAGE_H
#define CORE_BASE_PAGE_H

#include "core/base/bytes.h"

/* What a page may do beyond its own scripts and styles (page_policy). */
enum page_allow {
    PAGE_SKY = 1 /* a sky view: compiled code, its styles, images of https addresses */
};

struct page_head {
    const char *title;  /* plain text; the page's heading too */
    const char *style;  /* CSS beside that of all pages; NULL: none */
    unsigned refresh_s; /* the page is asked for again after so many seconds; 0: not */
    const char *base;   /* URL of the node, no slash at its end; NULL: no navigation */
    const char *site;   /* name of the node; NULL: "Colure" */
    const char *here;   /* path of the entry of the navigation: "/query"; NULL: none */
    const char *search; /* what stands in the search box; NULL: nothing */
    const char
        *version; /* of the assets; NULL: there are none, script and sheet fall away */
    const char *const *script; /* names under /assets of modules; NULL-ended, or NULL */
    const char *const *sheet;  /* the same of style sheets */
    const char *nonce; /* of this answer: scripts may add styles that carry it; or NULL */
    unsigned allow;    /* of enum page_allow */
    bool is_wide;      /* the whole width, for tables */
    bool has_own_heading; /* the page writes its <h1> itself */
};
void page_begin(struct bytes *, const struct page_head *);
void page_end(struct bytes *);

/* For the header Content-Security-Policy of that page: nothing but what the node itself
 * serves, and SAMP hubs on the reader's own machine. */
enum { PAGE_POLICY_BYTES = 1024, PAGE_NONCE_BYTES = 25 };
void page_policy(const struct page_head *, char out[PAGE_POLICY_BYTES]);

/* A nonce nobody can guess, with NUL. False: no random numbers are to be had. */
bool page_nonce(char out[PAGE_NONCE_BYTES]);

#endif
