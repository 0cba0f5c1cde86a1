/* web.h -- the pages for people. */
#ifndef WEB_WEB_H
#define WEB_WEB_H

#include "core/dali/dali.h"
#include "core/http/http.h"

/* Adds the front page at / and what belongs to it. Context lives as long as the server. */
bool web_routes(struct dali *, struct http_server *, struct err *);

#endif
