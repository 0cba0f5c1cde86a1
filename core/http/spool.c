/* spool.c -- uploads on disk: files that have no name, so that neither a crash nor a lost
 * request leaves one behind. A reader opens them by /proc/self/fd. */
#include "core/http/http_int.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/fd.h"

/* For file systems without O_TMPFILE. */
static int open_unlinked(const char *dir)
{
    char name[4096];
    int n = snprintf(name, sizeof name, "%s/upload-XXXXXX", dir);
    if (n < 0 || (size_t)n >= sizeof name)
        return -1;
    int fd = mkostemp(name, O_CLOEXEC);
    if (fd >= 0)
        unlink(name);
    return fd;
}

int spool_open(const char *dir, struct err *e)
{
    int fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL))
        fd = open_unlinked(dir);
    if (fd < 0)
        err_set(e, ERR_INTERNAL, "cannot store the upload: %s", strerror(errno));
    return fd;
}

bool spool_write(int fd, const char *bytes, size_t n, struct err *e)
{
    return fd_write(fd, bytes, n) ||
           err_set(e, errno == ENOSPC || errno == EDQUOT ? ERR_UNAVAILABLE : ERR_INTERNAL,
                   "cannot store the upload: %s", strerror(errno));
}

static void close_spool(void *fd)
{
    close((int)(intptr_t)fd);
}

const char *spool_keep(struct arena *arena, int fd, struct err *e)
{
    if (!arena_defer(arena, close_spool, (void *)(intptr_t)fd)) {
        err_set(e, ERR_LIMIT, "the request takes too much memory");
        return NULL;
    }
    const char *name = arena_format(arena, "/proc/self/fd/%d", fd);
    if (!name)
        err_set(e, ERR_LIMIT, "the request takes too much memory");
    return name;
}

int http_param_open(const struct http_param *param, struct err *e)
{
    int fd = param->path ? open(param->path, O_RDONLY | O_CLOEXEC)
                         : memfd_create("parameter", MFD_CLOEXEC);
    if (fd < 0) {
        err_set(e, ERR_INTERNAL, "cannot open the uploaded parameter: %s", strerror(errno));
        return -1;
    }
    if (!param->path && (!spool_write(fd, param->value.at, param->value.len, e) ||
                         lseek(fd, 0, SEEK_SET) < 0)) {
        err_set(e, ERR_INTERNAL, "cannot store the uploaded parameter: %s",
                strerror(errno));
        close(fd);
        return -1;
    }
    return fd;
}

/* A spooled file gets a name when the file system can do that; no byte is copied then. */
static bool link_file(const char *from, const char *to)
{
    int fd = open(from, O_RDONLY | O_CLOEXEC);
    bool ok = fd >= 0 && fsync(fd) == 0 &&
              linkat(AT_FDCWD, from, AT_FDCWD, to, AT_SYMLINK_FOLLOW) == 0;
    if (fd >= 0)
        close(fd);
    return ok;
}

static bool copy_bytes(int from, int to, struct err *e)
{
    char *buffer = malloc(BLOCK_BYTES);
    if (!buffer)
        return err_set(e, ERR_INTERNAL, "out of memory");
    bool ok = true;
    for (;;) {
        ssize_t n = read(from, buffer, BLOCK_BYTES);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            ok = err_set(e, ERR_INTERNAL, "cannot read the upload: %s", strerror(errno));
        if (n <= 0 || !(ok = spool_write(to, buffer, (size_t)n, e)))
            break;
    }
    free(buffer);
    return ok;
}

static bool copy_param(const struct http_param *param, const char *path, struct err *e)
{
    int from = -1;
    int to = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (to < 0)
        return err_set(e, ERR_INTERNAL, "cannot store the upload: %s", strerror(errno));
    bool ok = (from = http_param_open(param, e)) >= 0 && copy_bytes(from, to, e);
    if (ok && fsync(to) != 0)
        ok = err_set(e, ERR_INTERNAL, "cannot store the upload: %s", strerror(errno));
    if (from >= 0)
        close(from);
    if (close(to) != 0 && ok)
        ok = err_set(e, ERR_INTERNAL, "cannot store the upload: %s", strerror(errno));
    if (!ok)
        unlink(path);
    return ok;
}

static void sync_directory_of(const char *path)
{
    char dir[4096];
    const char *slash = strrchr(path, '/');
    size_t n = slash ? (size_t)(slash - path) : 0;
    if (n >= sizeof dir)
        return;
    memcpy(dir, path, n);
    dir[n] = '\0';
    int fd = open(n ? dir : slash ? "/" : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        fsync(fd);
        close(fd);
    }
}

bool http_param_save(const struct http_param *param, const char *path, struct err *e)
{
    if (param->path && link_file(param->path, path)) {
        sync_directory_of(path);
        return true;
    }
    char temporary[4096];
    int n = snprintf(temporary, sizeof temporary, "%s.part", path);
    if (n < 0 || (size_t)n >= sizeof temporary)
        return err_set(e, ERR_INTERNAL, "the name of the upload's file is too long");
    if (!copy_param(param, temporary, e))
        return false;
    if (link(temporary, path) != 0) { /* unlike rename, never over another file */
        err_set(e, ERR_INTERNAL, "cannot store the upload: %s", strerror(errno));
        unlink(temporary);
        return false;
    }
    unlink(temporary);
    sync_directory_of(path);
    return true;
}
