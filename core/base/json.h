/* json.h -- JSON written piece by piece; commas come by themselves. */
#ifndef CORE_BASE_JSON_H
#define CORE_BASE_JSON_H

#include "core/base/bytes.h"

/* key == NULL: an element of an array. A NULL text, a NaN and a negative count are left
 * out in objects and null in arrays. */
void json_open(struct bytes *, const char *key, char bracket);
void json_close(struct bytes *, char bracket);
void json_text(struct bytes *, const char *key, const char *text);
void json_str(struct bytes *, const char *key, str text);
void json_int(struct bytes *, const char *key, int64_t);
void json_count(struct bytes *, const char *key, int64_t n);
void json_double(struct bytes *, const char *key, double);
void json_bool(struct bytes *, const char *key, bool);
/* Text that is JSON already. */
void json_raw(struct bytes *, const char *key, str);

#endif
