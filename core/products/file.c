/* file.c -- files of products, opened so that nothing outside of a root can be reached. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/products/inside.h"

static int failed(enum err_kind kind, const char *path, const char *why, struct err *e)
{
    err_set(e, kind, "the file %s %s", path, why);
    return -1;
}

static int complain(const char *path, int code, struct err *e)
{
    if (code == ENOENT || code == ENOTDIR)
        return failed(ERR_NOT_FOUND, path, "is not there any more", e);
    if (code == ELOOP)
        return failed(ERR_FORBIDDEN, path,
                      "is behind a symbolic link, which is not followed", e);
    if (code == EACCES || code == EPERM)
        return failed(ERR_FORBIDDEN, path, "may not be read by the node", e);
    return failed(ERR_UNAVAILABLE, path, "cannot be opened now", e);
}

static bool is_step(str part)
{
    return part.len > 0 && part.len < 256 && !str_eq(part, STR(".")) &&
           !str_eq(part, STR(".."));
}

/* One component further; closes `folder` when it is not the root itself. */
static int step_into(int folder, int root, str part, int flags)
{
    char name[256];
    snprintf(name, sizeof name, "%.*s", STR_FMT(part));
    int next = openat(folder, name, flags | O_NOFOLLOW | O_CLOEXEC);
    int code = errno;
    if (folder != root)
        close(folder);
    errno = code;
    return next;
}

static int open_below(int root, const char *path, struct err *e)
{
    str rest = str_of(path);
    int folder = root;
    for (int depth = 0; depth < MAX_PATH_DEPTH; depth++) {
        str part = str_cut(&rest, '/');
        if (!is_step(part)) {
            if (folder != root)
                close(folder);
            return failed(ERR_FORBIDDEN, path, "has a name that leads elsewhere", e);
        }
        bool is_last = !rest.at;
        /* Not blocking: a pipe put there must not hold the thread. */
        folder = step_into(folder, root, part,
                           is_last ? O_RDONLY | O_NONBLOCK : O_PATH | O_DIRECTORY);
        if (folder < 0)
            return complain(path, errno, e);
        if (is_last)
            return folder;
    }
    if (folder != root)
        close(folder);
    return failed(ERR_FORBIDDEN, path, "lies too deep", e);
}

static int open_plain(int root, const char *path, struct err *e)
{
    int fd = open_below(root, path, e);
    struct stat st;
    if (fd < 0)
        return -1;
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
        close(fd);
        return failed(ERR_NOT_FOUND, path, "is no plain file", e);
    }
    return fd;
}

int products_open_beside(struct products *p, const struct product *product,
                         const char *path, struct err *e)
{
    for (size_t i = 0; i < p->nroot; i++)
        if (str_eq(str_of(p->root[i].name), str_of(product->root))) {
            if (p->root[i].fd < 0)
                break;
            return open_plain(p->root[i].fd, path, e);
        }
    err_set(e, ERR_UNAVAILABLE, "the files of \"%s\" are not at hand on this node",
            product->root);
    return -1;
}

int products_open_file(struct products *p, const struct product *product, struct err *e)
{
    return products_open_beside(p, product, product->path, e);
}
