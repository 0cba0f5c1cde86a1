/* result.c -- results while they are written: a temporary file until they are complete. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/uws/uws_int.h"

enum { MAX_RESULTS = 10000, MAX_ID = 64 };

struct open_result {
    const char *id, *content_type, *temporary, *path;
    int fd; /* -1: committed */
};

struct results {
    struct uws *uws;
    struct arena *arena;
    struct open_result *open;
    struct uws_result *done; /* both have room for so many */
    size_t nopen, ndone, room;
};

struct results *results_new(struct uws *uws, struct uws_run *run)
{
    struct results *r = arena_new_one(run->arena, struct results);
    if (r) {
        r->uws = uws;
        r->arena = run->arena;
    }
    return r;
}

void results_close(struct results *r)
{
    for (size_t i = 0; i < r->nopen; i++)
        if (r->open[i].fd >= 0) {
            close(r->open[i].fd);
            unlink(r->open[i].temporary);
            r->open[i].fd = -1;
        }
}

size_t results_list(const struct results *r, const struct uws_result **list)
{
    *list = r->done;
    return r->ndone;
}

static bool is_result_id(const char *id)
{
    size_t n = strlen(id);
    if (n == 0 || n > MAX_ID || id[0] == '.')
        return false;
    for (size_t i = 0; i < n; i++) {
        char c = ascii_lower(id[i]);
        if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && !strchr("_-.", c))
            return false;
    }
    return true;
}

static struct open_result *find(struct results *r, const char *id)
{
    for (size_t i = 0; i < r->nopen; i++)
        if (strcmp(r->open[i].id, id) == 0)
            return &r->open[i];
    return NULL;
}

static bool make_room(struct results *r)
{
    if (r->nopen < r->room)
        return true;
    size_t room = r->room ? 2 * r->room : 16;
    struct open_result *open = arena_new_array(r->arena, struct open_result, room);
    struct uws_result *done = arena_new_array(r->arena, struct uws_result, room);
    if (!open || !done)
        return false;
    if (r->nopen)
        memcpy(open, r->open, r->nopen * sizeof *open);
    if (r->ndone)
        memcpy(done, r->done, r->ndone * sizeof *done);
    r->open = open, r->done = done, r->room = room;
    return true;
}

/* Its content is another than was thought. */
static int begin_again(struct results *r, struct open_result *result,
                       const char *content_type, struct err *e)
{
    result->content_type = arena_text(r->arena, str_of(content_type));
    if (result->content_type && ftruncate(result->fd, 0) == 0 &&
        lseek(result->fd, 0, SEEK_SET) == 0)
        return result->fd;
    err_set(e, ERR_INTERNAL, "the result %.70s cannot be made", result->id);
    return -1;
}

static bool name_files(struct results *r, struct uws_run *run, const char *id,
                       struct open_result *open)
{
    const char *file = files_result(r->arena, id);
    open->id = arena_text(r->arena, str_of(id));
    open->path = file ? files_path(r->uws, r->arena, run->id, file) : NULL;
    /* Another node may run the same job once more when this one seems dead. */
    open->temporary =
        open->path ? arena_format(r->arena, "%s.part%u", open->path, run->attempt) : NULL;
    return open->id && open->temporary && open->content_type;
}

int uws_result_open(struct uws_run *run, const char *id, const char *content_type,
                    struct err *e)
{
    struct results *r = run->private;
    struct open_result *before = find(r, id);
    if (before && before->fd >= 0)
        return begin_again(r, before, content_type, e);
    if (!is_result_id(id) || before || r->nopen == MAX_RESULTS || !make_room(r)) {
        err_set(e, ERR_INTERNAL, "the result %.70s cannot be made", id);
        return -1;
    }
    struct open_result *result = &r->open[r->nopen];
    result->content_type = arena_text(r->arena, str_of(content_type));
    if (!name_files(r, run, id, result)) {
        err_set(e, ERR_INTERNAL, "out of memory");
        return -1;
    }
    result->fd = open(result->temporary, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (result->fd < 0) {
        err_set(e, ERR_INTERNAL, "cannot write the result: %s", strerror(errno));
        return -1;
    }
    r->nopen++;
    return result->fd;
}

static void sync_directory(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        fsync(fd);
        close(fd);
    }
}

bool uws_result_commit(struct uws_run *run, const char *id, struct err *e)
{
    struct results *r = run->private;
    struct open_result *result = find(r, id);
    struct stat st;
    if (!result || result->fd < 0)
        return err_set(e, ERR_INTERNAL, "the result %.70s is not open", id);
    bool ok = fsync(result->fd) == 0 && fstat(result->fd, &st) == 0 &&
              rename(result->temporary, result->path) == 0;
    if (!ok)
        return err_set(e,
                       errno == ENOSPC || errno == EDQUOT ? ERR_UNAVAILABLE : ERR_INTERNAL,
                       "cannot write the result: %s", strerror(errno));
    digest_write(r->arena, result->fd, result->path);
    sync_directory(run->directory);
    close(result->fd);
    result->fd = -1;
    r->done[r->ndone++] =
        (struct uws_result){result->id, result->content_type, (uint64_t)st.st_size};
    return true;
}
