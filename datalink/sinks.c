/* sinks.c -- cut-outs into memory or a file, at any place. */
#include "datalink/sinks.h"

#include <errno.h>

#include "core/base/fd.h"

bool sink_file_write(void *fd, uint64_t at, const void *data, size_t n, struct err *e)
{
    return fd_write_at(*(int *)fd, at, data, n) ||
           err_set(e, ERR_UNAVAILABLE, "the result cannot be written: %s",
                   strerrordesc_np(errno));
}

bool sink_bytes_write(void *bytes, uint64_t at, const void *data, size_t n, struct err *e)
{
    static const char MESSAGE[] = "the cut-out is larger than %zu bytes";
    struct bytes *b = bytes;
    if (n == 0)
        return true;
    if (at > b->limit || n > b->limit - at)
        return err_set(e, ERR_LIMIT, MESSAGE, b->limit);
    if (at + n > b->len) {
        size_t more = (size_t)at + n - b->len;
        char *room = bytes_reserve(b, more);
        if (!room)
            return err_set(e, ERR_LIMIT, MESSAGE, b->limit);
        memset(room, 0, more); /* what is skipped is written later, or a hole */
        b->len += more;
    }
    memcpy(b->at + at, data, n);
    return true;
}
