/* files.c -- a directory for each job: its uploads and results. A name in the store always
 * has its file; files without a name in the store are removed at the next start. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "core/base/log.h"
#include "core/uws/uws_int.h"

enum { YOUNG_S = 3600 };

const char *files_path(const struct uws *uws, struct arena *arena, const char *id,
                       const char *file)
{
    return arena_format(arena, "%s/%s%s%s", uws->options.directory, id, file ? "/" : "",
                        file ? file : "");
}

const char *files_result(struct arena *arena, const char *result)
{
    return arena_format(arena, "result-%s", result);
}

/* Opens the jobs' directory, or that of one job; -1 if there is none. */
static int open_directory(const struct uws *uws, const char *id)
{
    int top = open(uws->options.directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (top < 0 || !id)
        return top;
    int fd = openat(top, id, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    close(top);
    return fd;
}

bool files_make(const struct uws *uws, const char *id, struct err *e)
{
    int top = open_directory(uws, NULL);
    bool ok = top >= 0 && (mkdirat(top, id, 0700) == 0 || errno == EEXIST);
    if (!ok)
        err_set(e, ERR_INTERNAL, "cannot make the job's directory: %s", strerror(errno));
    if (top >= 0) {
        fsync(top);
        close(top);
    }
    return ok;
}

static void empty(int fd, const char *prefix)
{
    DIR *dir = fdopendir(fd); /* takes fd over */
    if (!dir) {
        close(fd);
        return;
    }
    struct dirent *entry;
    while ((entry = readdir(dir)))
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
            strncmp(entry->d_name, prefix, strlen(prefix)) == 0)
            unlinkat(dirfd(dir), entry->d_name, 0);
    closedir(dir);
}

void files_remove_some(const struct uws *uws, const char *id, const char *prefix)
{
    int fd = open_directory(uws, id);
    if (fd >= 0)
        empty(fd, prefix);
}

/* A runner may have made directories of its own: one level of them is emptied too. */
static void empty_below(int fd)
{
    DIR *dir = fdopendir(dup(fd));
    struct dirent *entry;
    while (dir && (entry = readdir(dir))) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        int below =
            openat(fd, entry->d_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
        if (below < 0)
            continue;
        empty(below, "");
        unlinkat(fd, entry->d_name, AT_REMOVEDIR);
    }
    if (dir)
        closedir(dir);
}

void files_remove(const struct uws *uws, const char *id)
{
    int fd = open_directory(uws, id);
    if (fd < 0)
        return;
    empty_below(fd);
    lseek(fd, 0, SEEK_SET);
    empty(fd, "");
    int top = open_directory(uws, NULL);
    if (top < 0)
        return;
    if (unlinkat(top, id, AT_REMOVEDIR) != 0 && errno != ENOENT)
        log_line(LOG_WARN, NULL, "cannot remove the directory of the job %s: %s", id,
                 strerror(errno));
    close(top);
}

/* Another node may be making this job: its directory comes before its row. */
static bool is_young(const struct uws *uws, int top, const char *name)
{
    struct stat st;
    return uws->store->beat && fstatat(top, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
           time(NULL) - st.st_mtime < YOUNG_S;
}

static bool is_orphan(const struct uws *uws, struct arena *arena, const char *name)
{
    struct uws_job job;
    struct err e = {0};
    return job_id_is_valid(str_of(name)) &&
           !uws->store->load(uws->store, arena, name, &job, &e) && e.kind == ERR_NOT_FOUND;
}

bool files_sweep(const struct uws *uws, struct err *e)
{
    struct arena *arena = arena_new(64 << 20);
    int fd = open_directory(uws, NULL);
    DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
    if (!arena || !dir) {
        if (dir)
            closedir(dir);
        else if (fd >= 0)
            close(fd);
        arena_free(arena);
        return err_set(e, ERR_UNAVAILABLE, "cannot read the directory of jobs %s: %s",
                       uws->options.directory, strerror(errno));
    }
    struct dirent *entry;
    while ((entry = readdir(dir))) {
        arena_reset(arena);
        if (!is_young(uws, dirfd(dir), entry->d_name) &&
            is_orphan(uws, arena, entry->d_name))
            files_remove(uws, entry->d_name);
    }
    closedir(dir);
    arena_free(arena);
    return true;
}

bool files_top(const struct uws *uws, struct err *e)
{
    return mkdir(uws->options.directory, 0700) == 0 || errno == EEXIST ||
           err_set(e, ERR_UNAVAILABLE, "cannot make the directory of jobs %s: %s",
                   uws->options.directory, strerror(errno));
}

/* Two programs on one store would run the same jobs. */
bool files_lock(struct uws *uws, struct err *e)
{
    char name[4096];
    int n = snprintf(name, sizeof name, "%s/lock", uws->options.directory);
    if (n < 0 || (size_t)n >= sizeof name)
        return err_set(e, ERR_UNAVAILABLE, "the name of the directory of jobs is too long");
    uws->directory_lock = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (uws->directory_lock < 0)
        return err_set(e, ERR_UNAVAILABLE, "cannot open %s: %s", name, strerror(errno));
    return flock(uws->directory_lock, LOCK_EX | LOCK_NB) == 0 ||
           err_set(e, ERR_UNAVAILABLE, "the jobs in %s are in use by another process",
                   uws->options.directory);
}
