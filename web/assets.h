/* assets.h -- private: scripts, styles and bundles, read into memory at the start. */
#ifndef WEB_ASSETS_H
#define WEB_ASSETS_H

#include "core/http/http.h"

struct assets;

/* Reads the folder with its folder vendor/. Never NULL without *e; a folder that is not
 * there, or lacks the bundles, is no error: assets_missing() says so. */
struct assets *assets_read(const char *folder, struct err *);
void assets_free(struct assets *);

/* Changes with any byte of any file; NULL: there are no files. */
const char *assets_version(const struct assets *);
bool assets_have(const struct assets *, const char *name);
/* What people will miss, and why, in a sentence; NULL: nothing. */
const char *assets_missing(const struct assets *);

/* Handler of /assets/{...}: NAME, vendor/NAME, or either behind @VERSION, which may be kept
 * for ever. Context: the assets. */
http_handler assets_answer;

#endif
