/* docs_files.c -- the documents of the node, read from its folder at the start: Markdown
 * and pictures, in it and one folder below. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "adql/adql.h"
#include "web/docs.h"
#include "web/markdown.h"

enum { MAX_FILES = 300, MAX_BYTES = 1 << 20 };

struct docs {
    struct arena *arena;
    uint32_t n;
    struct doc doc[MAX_FILES];
};

static bool ends_in(str name, str end)
{
    return name.len > end.len && str_eq((str){name.at + name.len - end.len, end.len}, end);
}

static bool is_plain(const char *name)
{
    for (const char *c = name; *c; c++)
        if (!((*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') ||
              (*c >= '0' && *c <= '9') || *c == '-' || *c == '_' || *c == '.'))
            return false;
    return name[0] != '.';
}

static bool read_all(int fd, char *to, size_t n)
{
    size_t have = 0;
    while (have < n) {
        ssize_t got = read(fd, to + have, n - have);
        if (got <= 0)
            return false;
        have += (size_t)got;
    }
    return true;
}

static bool read_file(struct docs *d, int folder, const char *file, str *content,
                      struct err *e)
{
    struct stat info;
    int fd = openat(folder, file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    char *bytes = NULL;
    bool ok = fd >= 0 && fstat(fd, &info) == 0 && S_ISREG(info.st_mode) &&
              info.st_size <= MAX_BYTES;
    if (ok)
        bytes = arena_alloc(d->arena, (size_t)info.st_size + 1, 1);
    ok = bytes && read_all(fd, bytes, (size_t)info.st_size);
    if (ok)
        *content = (str){bytes, (size_t)info.st_size};
    if (fd >= 0)
        close(fd);
    return ok || err_set(e, ERR_UNAVAILABLE,
                         "the document %.200s cannot be read (1 MiB is the most)", file);
}

static bool add_file(struct docs *d, int folder, const char *prefix, const char *file,
                     struct err *e)
{
    str name = str_of(file);
    bool is_text = ends_in(name, STR(".md")), is_picture = ends_in(name, STR(".png"));
    if ((!is_text && !is_picture) || !is_plain(file))
        return true;
    if (d->n == MAX_FILES)
        return err_set(e, ERR_LIMIT, "there are more than %d documents", MAX_FILES);
    struct doc *doc = &d->doc[d->n];
    name.len -= is_text ? 3 : 0;
    doc->name = arena_format(d->arena, "%s%.*s", prefix, STR_FMT(name));
    doc->is_picture = is_picture;
    if (!doc->name || !read_file(d, folder, file, &doc->content, e))
        return err_set(e, ERR_LIMIT, "there is no memory for the documents");
    d->n++;
    return true;
}

static bool read_folder(struct docs *d, int at, const char *path, const char *prefix,
                        struct err *e)
{
    int fd = openat(at, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *folder = fd >= 0 ? fdopendir(fd) : NULL;
    if (!folder) {
        if (fd >= 0)
            close(fd);
        return true; /* none is no error */
    }
    bool ok = true;
    for (const struct dirent *entry; ok && (entry = readdir(folder));) {
        struct stat info;
        if (!is_plain(entry->d_name) || fstatat(fd, entry->d_name, &info, 0) != 0)
            continue;
        if (!S_ISDIR(info.st_mode))
            ok = add_file(d, fd, prefix, entry->d_name, e);
        else if (!*prefix) {
            const char *below = arena_format(d->arena, "%s/", entry->d_name);
            ok = below && read_folder(d, fd, entry->d_name, below, e);
        }
    }
    closedir(folder);
    return ok || err_set(e, ERR_LIMIT, "there is no memory for the documents");
}

struct docs *docs_read(const char *assets, struct err *e)
{
    struct docs *d = calloc(1, sizeof *d);
    if (d)
        d->arena = arena_new(64 << 20);
    if (!d || !d->arena) {
        docs_free(d);
        err_set(e, ERR_LIMIT, "there is no memory for the documents");
        return NULL;
    }
    const char *folder = assets ? arena_format(d->arena, "%s/docs", assets) : NULL;
    if (folder && !read_folder(d, AT_FDCWD, folder, "", e)) {
        docs_free(d);
        return NULL;
    }
    return d;
}

void docs_free(struct docs *d)
{
    if (d)
        arena_free(d->arena);
    free(d);
}

uint32_t docs_count(const struct docs *d)
{
    return d->n;
}

const struct doc *docs_find(const struct docs *d, str name)
{
    for (uint32_t i = 0; i < d->n; i++)
        if (str_eq(str_of(d->doc[i].name), name))
            return &d->doc[i];
    return NULL;
}

struct here { /* what a document is rendered with */
    const struct docs *docs;
    const struct catalog *catalog;
};

static bool has(const void *here, const char *name)
{
    return docs_find(((const struct here *)here)->docs, str_of(name)) != NULL;
}

/* Its tables are published on this node. */
static bool can_answer(const void *here, str query)
{
    struct err e = {0};
    return adql_check_line(query, ((const struct here *)here)->catalog, &e);
}

bool docs_render(struct web_page *p, const struct docs *docs, const struct doc *doc,
                 const char **title, struct err *e)
{
    const char *slash = strchr(doc->name, '/');
    str folder = {doc->name, slash ? (size_t)(slash - doc->name) + 1 : 0};
    const struct here here = {docs, p->catalog};
    struct markdown_place place = {.base = p->base,
                                   .folder = arena_text(p->arena, folder),
                                   .has = has,
                                   .can_answer = can_answer,
                                   .context = &here};
    if (!place.folder)
        return err_set(e, ERR_LIMIT, "the request needs too much memory");
    return markdown_render(doc->content, &place, p->arena, &p->b, title, e);
}
