/* sinks.c -- cut-outs into memory or a file, at any place. */
#include "datalink/sinks.h"

#include <errno.h>
#include <unistd.h>

bool sink_file_write(void *fd, uint64_t at, const void *data, size_t n, struct err *e)
{
    const char *from = data;
    while (n > 0) {
        ssize_t put = pwrite(*(int *)fd, from, n, (off_t)at);
        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0)
            return err_set(e, ERR_UNAVAILABLE, "the result cannot be written: %s",
                           put < 0 ? strerrordesc_np(errno) : "no room");
        from += put, at += (uint64_t)put, n -= (size_t)put;
    }
    return true;
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
