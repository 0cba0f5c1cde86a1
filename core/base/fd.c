/* fd.c -- see fd.h. */
#include "core/base/fd.h"

#include <errno.h>
#include <unistd.h>

/* How far a call came: false when writing is at an end. A device that takes nothing, and
 * says nothing, is full. */
static bool advance(ssize_t put, const char **from, size_t *n)
{
    if (put < 0)
        return errno == EINTR;
    if (put == 0)
        errno = ENOSPC;
    *from += put;
    *n -= (size_t)put;
    return put > 0;
}

bool fd_write(int fd, const void *data, size_t n)
{
    const char *from = data;
    while (n > 0)
        if (!advance(write(fd, from, n), &from, &n))
            return false;
    return true;
}

bool fd_write_at(int fd, uint64_t at, const void *data, size_t n)
{
    const char *from = data;
    while (n > 0) {
        ssize_t put = pwrite(fd, from, n, (off_t)at);
        if (!advance(put, &from, &n))
            return false;
        at += put > 0 ? (uint64_t)put : 0;
    }
    return true;
}
