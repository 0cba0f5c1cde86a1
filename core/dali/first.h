/* first.h -- the first rows of an answer, to be looked at while the rest is made. */
#ifndef CORE_DALI_FIRST_H
#define CORE_DALI_FIRST_H

#include "core/base/rows.h"
#include "core/formats/formats.h"

enum { FIRST_ROWS = 100, FIRST_MAX_BYTES = 2 << 20 };

/* Takes the first rows so far, a whole JSON document (core/formats, json_write.c) of nrow
 * rows; later calls have more. In the thread that pulls the rows. */
typedef void first_taker(void *what, str json, uint32_t nrow);

/* The same rows, of which the first FIRST_ROWS are told as soon as they come: after each
 * batch until so many were, or until they do not fit into FIRST_MAX_BYTES. The document
 * ends with query_status OVERFLOW and `text` as its message. `head` and `text` live as long
 * as the rows. Takes `inner` over; it is given back as it is when there is no memory. */
struct rowsource *rows_first(struct rowsource *inner, const struct result_head *head,
                             const char *text, const struct format_options *,
                             first_taker *take, void *what);

#endif
