/* scan_walk.c -- the files below a root: folder by folder, in the order of names, without
 * following symbolic links. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/ingest/scan_inside.h"

enum { MAX_DEPTH = 60, MAX_PATH_BYTES = 4096 };

struct folder { /* being walked */
    int fd;
    struct dirent **entry;
    int n, next;
    size_t path_len; /* of its path in walk.path */
};

struct scan_walk {
    struct folder folder[MAX_DEPTH];
    int depth;
    char path[MAX_PATH_BYTES + 256 + 2]; /* below the root */
    char shown[4 * (MAX_PATH_BYTES + 256 + 2)];
    char reason[256];
    char file[256]; /* only this one of the first folder; empty: all */
    bool is_whole;
};

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static int is_entry(const struct dirent *d)
{
    return strcmp(d->d_name, ".") != 0 && strcmp(d->d_name, "..") != 0;
}

/* Takes the descriptor over. False with errno. */
static bool enter(struct scan_walk *w, int fd, size_t path_len)
{
    struct folder *f = &w->folder[w->depth];
    *f = (struct folder){.fd = fd, .path_len = path_len};
    f->n = fd < 0 ? -1 : scandirat(fd, ".", &f->entry, is_entry, by_name);
    if (f->n >= 0) {
        w->depth++;
        return true;
    }
    int code = errno;
    if (fd >= 0)
        close(fd);
    errno = code;
    return false;
}

static void leave(struct scan_walk *w)
{
    struct folder *f = &w->folder[--w->depth];
    for (; f->next < f->n; f->next++)
        free(f->entry[f->next]);
    free(f->entry);
    close(f->fd);
}

/* Down to a folder below the root, a name at a time; its last name may be a file. */
static bool go_to(struct scan_walk *w, int fd, const char *only, struct err *e)
{
    str rest = str_of(only);
    size_t len = 0;
    while (rest.at && rest.len > 0) {
        char name[256];
        struct stat st;
        str part = str_cut(&rest, '/');
        snprintf(name, sizeof name, "%.*s", (int)(part.len < 255 ? part.len : 255),
                 part.at);
        bool is_there = part.len > 0 && part.len < 256 && strcmp(name, "..") != 0 &&
                        strcmp(name, ".") != 0 && len + part.len + 2 < MAX_PATH_BYTES &&
                        fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0;
        if (is_there && !S_ISDIR(st.st_mode) && (!rest.at || rest.len == 0)) {
            memcpy(w->file, name, sizeof name);
            break;
        }
        int next = is_there
                       ? openat(fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
                       : -1;
        close(fd);
        if (next < 0)
            return err_set(e, ERR_NOT_FOUND, "there is no %.300s below the root", only);
        fd = next;
        len += (size_t)snprintf(w->path + len, MAX_PATH_BYTES - len, "%s%s", len ? "/" : "",
                                name);
    }
    return enter(w, fd, len) ||
           err_set(e, ERR_UNAVAILABLE, "the folder %.300s cannot be read", only);
}

struct scan_walk *scan_walk_new(const char *root_path, const char *only, struct err *e)
{
    struct scan_walk *w = calloc(1, sizeof *w);
    int fd = open(root_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (!w || fd < 0) {
        err_set(e, w ? ERR_UNAVAILABLE : ERR_LIMIT,
                w ? "the folder %s cannot be read" : "no memory for %s", root_path);
        if (fd >= 0)
            close(fd);
        free(w);
        return NULL;
    }
    w->is_whole = true;
    if (go_to(w, fd, only, e))
        return w;
    free(w);
    return NULL;
}

void scan_walk_free(struct scan_walk *w)
{
    while (w && w->depth > 0)
        leave(w);
    free(w);
}

bool scan_walk_is_whole(const struct scan_walk *w)
{
    return w->is_whole;
}

/* As text that any program may print and keep: what is no UTF-8, and control characters,
 * as \xHH. True: it was text already. */
static bool show_path(struct scan_walk *w)
{
    str rest = str_of(w->path);
    size_t n = 0, bad;
    bool is_text = str_is_utf8(rest, &bad);
    for (size_t i = 0; i < rest.len; i++) {
        unsigned char c = (unsigned char)rest.at[i];
        if (c < ' ' || c == 127 || (!is_text && c > 127)) {
            n += (size_t)snprintf(w->shown + n, 5, "\\x%02X", c);
            is_text = false;
        } else
            w->shown[n++] = (char)c;
    }
    w->shown[n] = '\0';
    return is_text;
}

static const char *refuse(struct scan_walk *w, const char *why)
{
    snprintf(w->reason, sizeof w->reason, "%s", why);
    return w->reason;
}

/* A folder below this one; a reason: it cannot be walked. */
static const char *go_down(struct scan_walk *w, struct folder *f, const char *name,
                           size_t path_len)
{
    w->is_whole = false; /* until it is open */
    if (w->depth == MAX_DEPTH || path_len > MAX_PATH_BYTES)
        return refuse(w, "the folder lies too deep");
    int fd = openat(f->fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    return enter(w, fd, path_len)
               ? NULL
               : refuse(w, errno == EACCES ? "the folder may not be read"
                                           : "the folder cannot be read");
}

/* What the entry is. *is_folder: nothing to give, go on. */
static void look_at(struct scan_walk *w, struct folder *f, const char *name,
                    size_t path_len, struct scan_found *out, bool *is_folder)
{
    struct stat st;
    bool was_whole = w->is_whole;
    bool is_text = show_path(w);
    *is_folder = false;
    *out = (struct scan_found){.path = w->shown};
    if (fstatat(f->fd, name, &st, AT_SYMLINK_NOFOLLOW) != 0) {
        out->reason = refuse(w, "it was gone before it could be read");
        return;
    }
    out->bytes = st.st_size;
    out->modified_us = (int64_t)st.st_mtim.tv_sec * 1000000 + st.st_mtim.tv_nsec / 1000;
    if (S_ISLNK(st.st_mode))
        out->reason = refuse(w, "it is a symbolic link, which is not followed");
    else if (!is_text)
        out->reason = refuse(w, "its name is no plain UTF-8 text; rename it");
    else if (S_ISDIR(st.st_mode)) {
        out->reason = go_down(w, f, name, path_len);
        *is_folder = out->reason == NULL;
        w->is_whole = was_whole && *is_folder;
    } else if (!S_ISREG(st.st_mode))
        out->reason = refuse(w, "it is no plain file");
}

bool scan_walk_next(struct scan_walk *w, struct scan_found *out)
{
    while (w->depth > 0) {
        struct folder *f = &w->folder[w->depth - 1];
        if (f->next == f->n) {
            leave(w);
            continue;
        }
        struct dirent *entry = f->entry[f->next++];
        char name[256];
        snprintf(name, sizeof name, "%s", entry->d_name);
        free(entry);
        if (w->file[0] && w->depth == 1 && strcmp(name, w->file) != 0)
            continue;
        size_t len = f->path_len;
        len += (size_t)snprintf(w->path + len, sizeof w->path - len, "%s%s", len ? "/" : "",
                                name);
        bool is_folder;
        look_at(w, f, name, len, out, &is_folder);
        if (!is_folder)
            return true;
    }
    return false;
}
