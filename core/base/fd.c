/* fd.c -- see fd.h. */
#include "core/base/fd.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

/* A pipe that does not block, and is full: until it is not. */
static bool wait_for_room(int fd)
{
    struct pollfd until = {.fd = fd, .events = POLLOUT};
    return poll(&until, 1, -1) >= 0 || errno == EINTR;
}

/* How far a call came: false when writing is at an end. A device that takes nothing, and
 * says nothing, is full. */
static bool advance(int fd, ssize_t put, const char **from, size_t *n)
{
    if (put < 0)
        return errno == EINTR || (errno == EAGAIN && wait_for_room(fd));
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
        if (!advance(fd, write(fd, from, n), &from, &n))
            return false;
    return true;
}

bool fd_write_at(int fd, uint64_t at, const void *data, size_t n)
{
    const char *from = data;
    while (n > 0) {
        ssize_t put = pwrite(fd, from, n, (off_t)at);
        if (!advance(fd, put, &from, &n))
            return false;
        at += put > 0 ? (uint64_t)put : 0;
    }
    return true;
}
