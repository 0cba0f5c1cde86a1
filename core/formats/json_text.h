/* json_text.h -- pieces of JSON text: where a value ends, what a string says. Private to
 * this folder. */
#ifndef CORE_FORMATS_JSON_TEXT_H
#define CORE_FORMATS_JSON_TEXT_H

#include "core/base/bytes.h"

/* Over blanks. */
const char *json_skip(const char *at, const char *end);

/* Behind the value at `at` (no blanks before it). NULL: it does not end before `end`, or,
 * with *problem set, it is none (or nested deeper than max_depth). Contents of numbers and
 * words are for their readers to judge. */
const char *json_value_end(const char *at, const char *end, uint32_t max_depth,
                           const char **problem);

/* Appends what a string (with its quotes) says, as UTF-8. False: a bad escape. */
bool json_add_string(struct bytes *, str quoted);

/* Takes the next member of an object from *at, which stands behind '{' or the last member:
 * its key (with quotes) and value. False: at the '}' (then *at is behind it), or *problem.
 */
bool json_next_member(const char **at, const char *end, uint32_t max_depth, str *key,
                      str *value, const char **problem);

/* The same for the elements of an array. */
bool json_next_element(const char **at, const char *end, uint32_t max_depth, str *value,
                       const char **problem);

#endif
