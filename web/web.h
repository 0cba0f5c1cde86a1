/* web.h -- the pages for people. */
#ifndef WEB_WEB_H
#define WEB_WEB_H

#include "core/dali/dali.h"
#include "core/http/http.h"

struct web;

struct web_options {
    struct dali *dali;
    const char *assets; /* the folder of scripts, styles, documents; NULL: there is none */
    const char *state_folder; /* of what is computed for the pages; NULL: memory only */
};

/* NULL with *e. Everything lives until web_free(). */
struct web *web_new(const struct web_options *, struct err *);
void web_free(struct web *);

/* Adds the front page at / and all that belongs to it. */
bool web_routes(struct web *, struct http_server *, struct err *);

#endif
