/* cache.c -- a folder of files within a quota. */
#include "datalink/cache.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "datalink/sinks.h"

struct cache {
    int folder;
    uint64_t max_bytes, bytes;
    unsigned count; /* of temporary names */
    pthread_mutex_t lock;
};

struct kept {
    char name[96];
    uint64_t bytes;
    int64_t used_ns;
};

static bool failed(struct err *e)
{
    return err_set(e, ERR_UNAVAILABLE, "the cache cannot be written: %s",
                   strerrordesc_np(errno));
}

static int by_age(const void *left, const void *right)
{
    const struct kept *a = left, *b = right;
    return a->used_ns < b->used_ns ? -1 : a->used_ns > b->used_ns;
}

static bool is_name(const char *name)
{
    size_t n = strlen(name);
    if (n == 0 || n >= sizeof((struct kept *)0)->name || name[0] == '.')
        return false;
    for (size_t i = 0; i < n; i++) {
        char c = ascii_lower(name[i]);
        if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '-' && c != '.')
            return false;
    }
    return true;
}

/* All files, oldest first; the caller frees. Counts their bytes anew. */
static struct kept *list(struct cache *c, size_t *n)
{
    struct kept *all = NULL;
    size_t room = 0;
    int fd = openat(c->folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *d = fd >= 0 ? fdopendir(fd) : NULL;
    const struct dirent *entry;
    *n = 0, c->bytes = 0;
    if (!d && fd >= 0)
        close(fd);
    while (d && (entry = readdir(d)) != NULL) {
        struct stat s;
        if (!is_name(entry->d_name) ||
            fstatat(c->folder, entry->d_name, &s, AT_SYMLINK_NOFOLLOW) != 0 ||
            !S_ISREG(s.st_mode))
            continue;
        if (*n == room) {
            struct kept *more = realloc(all, (room = room ? 2 * room : 64) * sizeof *more);
            if (!more)
                break;
            all = more;
        }
        struct kept *k = &all[(*n)++];
        snprintf(k->name, sizeof k->name, "%.95s", entry->d_name);
        k->bytes = (uint64_t)s.st_size;
        k->used_ns = (int64_t)s.st_mtim.tv_sec * 1000000000 + s.st_mtim.tv_nsec;
        c->bytes += k->bytes;
    }
    if (d)
        closedir(d);
    if (*n)
        qsort(all, *n, sizeof *all, by_age);
    return all;
}

/* Down to three quarters of the quota, so that it is not done for each file. */
static void make_room(struct cache *c, uint64_t more)
{
    size_t n;
    if (c->bytes + more <= c->max_bytes)
        return;
    struct kept *all = list(c, &n);
    for (size_t i = 0; i < n && c->bytes + more > c->max_bytes / 4 * 3; i++)
        if (unlinkat(c->folder, all[i].name, 0) == 0)
            c->bytes -= all[i].bytes;
    free(all);
}

struct cache *cache_new(const char *folder, uint64_t max_bytes, struct err *e)
{
    size_t n;
    struct cache *c = calloc(1, sizeof *c);
    if (!c) {
        err_set(e, ERR_BUSY, "out of memory");
        return NULL;
    }
    *c = (struct cache){.folder = -1, .max_bytes = max_bytes};
    pthread_mutex_init(&c->lock, NULL);
    if (mkdir(folder, 0700) == 0 || errno == EEXIST)
        c->folder = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (c->folder < 0) {
        err_set(e, ERR_UNAVAILABLE, "the folder %s cannot be made: %s", folder,
                strerrordesc_np(errno));
        cache_free(c);
        return NULL;
    }
    free(list(c, &n));
    make_room(c, 0);
    return c;
}

void cache_free(struct cache *c)
{
    if (!c)
        return;
    if (c->folder >= 0)
        close(c->folder);
    pthread_mutex_destroy(&c->lock);
    free(c);
}

int cache_find(struct cache *c, const char *name)
{
    const struct timespec now[2] = {{.tv_nsec = UTIME_NOW}, {.tv_nsec = UTIME_NOW}};
    int fd =
        is_name(name) ? openat(c->folder, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC) : -1;
    if (fd >= 0)
        futimens(fd, now);
    return fd;
}

static bool write_new(struct cache *c, const char *temporary, str content, struct err *e)
{
    int fd = openat(c->folder, temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return failed(e);
    bool ok = sink_file_write(&fd, 0, content.at, content.len, e);
    close(fd);
    return ok;
}

bool cache_put(struct cache *c, const char *name, str content, struct err *e)
{
    char temporary[64];
    struct stat old;
    if (!is_name(name) || content.len > c->max_bytes / 2)
        return err_set(e, ERR_LIMIT, "the file is too large for the cache");
    pthread_mutex_lock(&c->lock);
    make_room(c, content.len);
    snprintf(temporary, sizeof temporary, ".new-%d-%u", (int)getpid(), c->count++);
    pthread_mutex_unlock(&c->lock);
    bool ok = write_new(c, temporary, content, e);
    bool is_new = fstatat(c->folder, name, &old, AT_SYMLINK_NOFOLLOW) != 0;
    if (ok && renameat(c->folder, temporary, c->folder, name) != 0)
        ok = failed(e);
    if (!ok)
        unlinkat(c->folder, temporary, 0);
    pthread_mutex_lock(&c->lock);
    if (ok)
        c->bytes += content.len - (is_new ? 0 : (uint64_t)old.st_size);
    pthread_mutex_unlock(&c->lock);
    return ok;
}
