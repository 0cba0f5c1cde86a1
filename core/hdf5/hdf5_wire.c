/* hdf5_wire.c -- see hdf5_wire.h. */
#include "core/hdf5/hdf5_wire.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/base/clock.h"

static bool wait_for(int fd, int64_t deadline_ns)
{
    while (deadline_ns != CLOCK_NEVER) {
        int64_t left_ns = deadline_ns - clock_monotonic_ns();
        struct pollfd p = {.fd = fd, .events = POLLIN};
        if (left_ns <= 0)
            return false;
        int64_t ms = left_ns / 1000000 + 1;
        int n = poll(&p, 1, ms > 60000 ? 60000 : (int)ms);
        if (n > 0)
            return true;
        if (n < 0 && errno != EINTR)
            return false;
    }
    return true; /* recv() waits: poll() is not allowed to who may open nothing */
}

static bool receive_all(int fd, void *out, size_t n, int64_t deadline_ns)
{
    for (char *at = out; n > 0;) {
        if (!wait_for(fd, deadline_ns))
            return false;
        ssize_t got = recv(fd, at, n, 0);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        at += got;
        n -= (size_t)got;
    }
    return true;
}

bool wire_receive(int fd, struct wire_head *head, char *text, int64_t deadline_ns)
{
    if (!receive_all(fd, head, sizeof *head, deadline_ns) || head->len > WIRE_BYTES ||
        !receive_all(fd, text, head->len, deadline_ns))
        return false;
    text[head->len] = '\0';
    return true;
}

static bool send_all(int fd, const void *data, size_t n)
{
    for (const char *at = data; n > 0;) {
        ssize_t sent = send(fd, at, n, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent <= 0)
            return false;
        at += sent;
        n -= (size_t)sent;
    }
    return true;
}

bool wire_send(int fd, enum wire_kind kind, const void *text, size_t len)
{
    struct wire_head head = {(uint32_t)kind, (uint32_t)len};
    return send_all(fd, &head, sizeof head) && send_all(fd, text, len);
}

bool wire_send_parts(int fd, enum wire_kind kind, const char *const *part, int npart)
{
    char text[WIRE_BYTES];
    size_t n = 0;
    for (int i = 0; i < npart; i++) {
        const char *one = part[i] ? part[i] : "";
        size_t len = strlen(one) + 1;
        if (len > sizeof text - n)
            return true;
        memcpy(text + n, one, len);
        n += len;
    }
    return wire_send(fd, kind, text, n);
}

bool wire_parts(const struct wire_head *head, const char *text, const char **part,
                int npart)
{
    size_t at = 0;
    for (int i = 0; i < npart; i++) {
        if (at >= head->len)
            return false;
        part[i] = text + at; /* text ends with a NUL of its own */
        at += strlen(part[i]) + 1;
    }
    return true;
}
