/* sinks.c -- what the sinks of this folder share. */
#include "core/formats/sinks.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/base/fd.h"

enum { HEAD_MAX_BYTES = 64 << 20 };

void *writer_new(size_t size, const struct sink *calls,
                 const struct format_options *options, struct err *e)
{
    struct writer *w = calloc(1, size);
    struct arena *arena = arena_new(HEAD_MAX_BYTES);
    if (!w || !arena) {
        free(w);
        arena_free(arena);
        writer_no_memory(e);
        return NULL;
    }
    w->sink = *calls;
    w->sink.spool_fd = -1;
    w->arena = arena;
    w->options = options;
    return w;
}

bool writer_begin(struct writer *w, const struct result_head *head, struct err *e)
{
    w->head = head;
    w->field = field_list(head->column, head->ncolumn, w->arena);
    return w->field || writer_no_memory(e);
}

void writer_free(struct writer *w)
{
    arena_free(w->arena);
    free(w);
}

bool writer_no_memory(struct err *e)
{
    return err_set(e, ERR_BUSY, "the node is out of memory; try again later");
}

bool writer_too_long(struct err *e)
{
    return err_set(e, ERR_LIMIT, "the rows are too long to send at once");
}

/* --- spool files ------------------------------------------------------------------------
 */

int format_spool_open(const char *dir, struct err *e)
{
    const char *where = dir ? dir : "/tmp";
    int fd = open(where, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd < 0)
        err_set(e, ERR_UNAVAILABLE, "no spool file can be made: %s", strerror(errno));
    return fd;
}

bool format_spool_add(struct spool_file *s, const void *data, size_t len, struct err *e)
{
    if (len > s->limit || s->size > s->limit - len)
        return err_set(e, ERR_LIMIT,
                       "the file grows over %llu bytes, the most that may be spooled; ask "
                       "for fewer rows, or for VOTable or CSV, which need no spool",
                       (unsigned long long)s->limit);
    if (!fd_write(s->fd, data, len))
        return err_set(e, ERR_UNAVAILABLE, "the spool file cannot be written: %s",
                       strerrordesc_np(errno));
    s->size += len;
    return true;
}

bool format_spool_add_file(struct spool_file *s, const struct spool_file *from,
                           struct err *e)
{
    char buffer[64 * 1024];
    for (uint64_t at = 0; at < from->size;) {
        ssize_t n = pread(from->fd, buffer, sizeof buffer, (off_t)at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return err_set(e, ERR_INTERNAL, "the spool file cannot be read");
        if (!format_spool_add(s, buffer, (size_t)n, e))
            return false;
        at += (uint64_t)n;
    }
    return true;
}

void format_spool_close(struct spool_file *s)
{
    if (s->fd >= 0)
        close(s->fd);
    s->fd = -1;
}
