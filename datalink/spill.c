/* spill.c -- results in memory or a file without a name. */
#include "datalink/spill.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "datalink/sinks.h"

enum { MEMORY_BYTES = 4 << 20 };

static void end(void *what)
{
    struct spill *s = what;
    bytes_free(&s->memory);
    if (s->fd >= 0)
        close(s->fd);
    atomic_fetch_sub(&s->spool->in_use, s->held);
}

struct spill *spill_new(struct arena *arena, struct spool *spool, struct cancel *cancel,
                        int64_t deadline_ns)
{
    struct spill *s = arena_new_one(arena, struct spill);
    if (!s)
        return NULL;
    *s = (struct spill){
        .fd = -1, .spool = spool, .cancel = cancel, .deadline_ns = deadline_ns};
    bytes_init(&s->memory, MEMORY_BYTES);
    return arena_defer(arena, end, s) ? s : NULL;
}

static bool hold(struct spill *s, uint64_t end_at, struct err *e)
{
    if (end_at <= s->held)
        return true;
    uint64_t more = end_at - s->held;
    uint64_t used = atomic_fetch_add(&s->spool->in_use, more) + more;
    s->held = end_at;
    if (s->spool->max_bytes && used > s->spool->max_bytes) {
        err_set(e, ERR_UNAVAILABLE,
                "the node has no room for a result of that size now; try again later, or "
                "ask for a smaller part");
        e->retry_after_s = 60;
        return false;
    }
    return true;
}

static bool to_file(struct spill *s, struct err *e)
{
    s->fd = open(s->spool->folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (s->fd < 0)
        return err_set(e, ERR_UNAVAILABLE, "no file can be made for the result");
    return hold(s, s->memory.len, e) &&
           sink_file_write(&s->fd, 0, s->memory.at, s->memory.len, e);
}

static bool write_spill(void *what, uint64_t at, const void *data, size_t n, struct err *e)
{
    struct spill *s = what;
    if (s->cancel && cancel_reason(s->cancel) != CANCEL_NOT)
        return err_set(e, ERR_CANCELLED, "cancelled");
    if (s->deadline_ns != CLOCK_NEVER && clock_monotonic_ns() > s->deadline_ns)
        return err_set(e, ERR_TIMEOUT,
                       "the cut-out takes too long at once; ask /soda/async for it");
    if (at + n > s->bytes)
        s->bytes = at + n;
    if (s->fd < 0 && at + n <= MEMORY_BYTES)
        return sink_bytes_write(&s->memory, at, data, n, e);
    return (s->fd >= 0 || to_file(s, e)) && hold(s, at + n, e) &&
           sink_file_write(&s->fd, at, data, n, e);
}

struct cutout_sink spill_sink(struct spill *s)
{
    return (struct cutout_sink){write_spill, s};
}

ssize_t spill_read(const struct spill *s, uint64_t at, char *buffer, size_t max)
{
    if (s->fd >= 0)
        return pread(s->fd, buffer, max, (off_t)at);
    size_t left = at < s->memory.len ? s->memory.len - (size_t)at : 0;
    size_t n = left < max ? left : max;
    if (n)
        memcpy(buffer, s->memory.at + at, n);
    return (ssize_t)n;
}

int spill_file(struct spill *s, struct err *e)
{
    int fd = s->fd >= 0 ? dup(s->fd) : memfd_create("cutout", MFD_CLOEXEC);
    if (fd < 0) {
        err_set(e, ERR_BUSY, "out of memory or files");
        return -1;
    }
    if (s->fd >= 0 || sink_file_write(&fd, 0, s->memory.at, s->memory.len, e))
        return fd;
    close(fd);
    return -1;
}

bool spill_reply(struct spill *s, struct http_response *r, const char *content_type,
                 struct err *e)
{
    if (s->fd < 0) {
        http_reply_bytes(r, content_type, bytes_str(&s->memory));
        return true;
    }
    int fd = s->fd;
    s->fd = -1;
    return http_reply_file(r, content_type, fd, e);
}
