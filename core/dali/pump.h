/* pump.h -- the one way from rows to a body: pulls batches, lets a sink make bytes of them,
 * hands the bytes to the connection or to a file.
 *
 * Answers are made in the thread that asks. Beside larger ones a helper waits: when the
 * client is slower than the store it makes the rest, through a short queue that overflows
 * into a spool file, so that the store is released however slow the client is. */
#ifndef CORE_DALI_PUMP_H
#define CORE_DALI_PUMP_H

#include <stdatomic.h>
#include <sys/types.h>

#include "core/base/rows.h"

struct pump;

struct spool { /* shared by all pumps of the node */
    const char *folder;
    uint64_t max_bytes;          /* for all spool files together */
    atomic_uint_fast64_t in_use; /* bytes */
};

struct pump_options {
    struct rowsource *source; /* both are owned by the pump from pump_new() on, */
    struct sink *sink;        /* even when it fails */
    struct result_head head;  /* lives as long as the pump */
    const bool *overflow;     /* read when the rows end: were there more? NULL: no */
    bool looks_ahead; /* pump_begin makes one step more: a short answer's end is known then
                       */
    struct spool *spool;
    const char *request_id; /* for the log */
    /* Called once, from whichever thread, when the rows have ended and the store is free
     * again: `nrow` rows, `e` set if they ended badly. NULL: nobody wants to know. */
    void (*finished)(void *what, uint64_t nrow, const struct err *e);
    /* Called now and then by pump_to_file: `nrow` rows so far. NULL: nobody looks. */
    void (*progress)(void *what, uint64_t nrow);
    void *what;
};

/* NULL: no memory. */
struct pump *pump_new(const struct pump_options *, struct err *);
void pump_free(struct pump *);

/* Makes the beginning of the body: an error up to here is still a clean error document. For
 * spooled formats this makes the whole body. */
bool pump_begin(struct pump *, struct err *);

/* After pump_begin: the file that is the whole body (spooled formats), or -1. */
int pump_file(const struct pump *);

/* The next bytes of the body, at most max. 0: the end. -1: break the transfer, so that a
 * part is never taken for the whole. May block for rows. */
ssize_t pump_read(struct pump *, char *to, size_t max);

/* The whole body into a file (an async job's result). On failure the file's content is
 * an error document only where the format has one; *e says what happened all the same. */
bool pump_to_file(struct pump *, int fd, struct err *);

uint64_t pump_rows(const struct pump *);

/* Before the first pump_read: the whole body, when it is there already and ended well; it
 * is the caller's then. */
bool pump_take_whole(struct pump *, struct bytes *body);

/* Before the first pump_read: have the rows ended already? */
bool pump_has_ended(const struct pump *);

#endif
