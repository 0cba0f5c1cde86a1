/* spill.h -- results that stay in memory while they are small and go to a file without a
 * name when they are not, within the node's quota. Private to datalink. */
#ifndef DATALINK_SPILL_H
#define DATALINK_SPILL_H

#include "core/base/bytes.h"
#include "core/base/cancel.h"
#include "core/dali/pump.h"
#include "core/http/http.h"
#include "datalink/cutout.h"

struct spill {
    struct bytes memory;
    int fd; /* -1: all is in memory */
    uint64_t bytes, held;
    struct spool *spool;
    struct cancel *cancel;
    int64_t deadline_ns;
};

/* Ends with the arena. NULL: no memory. */
struct spill *spill_new(struct arena *, struct spool *, struct cancel *,
                        int64_t deadline_ns);
/* To write cut-outs there. Errors: ERR_CANCELLED, ERR_TIMEOUT, ERR_LIMIT, ERR_UNAVAILABLE.
 */
struct cutout_sink spill_sink(struct spill *);
/* Bytes of what was written; 0 at its end, -1: it cannot be read. */
ssize_t spill_read(const struct spill *, uint64_t at, char *buffer, size_t max);
/* The result as a file; a descriptor that is the caller's to close. -1 with *e. */
int spill_file(struct spill *, struct err *);
/* Makes it the body. */
bool spill_reply(struct spill *, struct http_response *, const char *content_type,
                 struct err *);

#endif
