/* assets.c -- see assets.h. What a page loads is read once: no request opens a file, and
 * no path of a request reaches the file system. */
#include "web/assets.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/sha256.h"

enum {
    ASSETS_ARENA_BYTES = 64 << 20,
    FILE_BYTES = 16 << 20,
    MOST_FILES = 500,
    VERSION_LETTERS = 12
};

struct asset {
    const char *name; /* "base.js", "vendor/arrow.js" */
    str body, packed; /* packed: the same in gzip; empty: there is none */
    const char *etag;
};

struct assets {
    struct arena *arena;
    struct asset *asset; /* by name */
    size_t n;
    const char *version, *missing;
};

static const struct {
    const char *ending, *type;
} TYPE[] = {{".js", "text/javascript; charset=utf-8"},
            {".css", "text/css; charset=utf-8"},
            {".svg", "image/svg+xml"},
            {".json", "application/json"},
            {".txt", "text/plain; charset=utf-8"},
            {".png", "image/png"},
            {".wasm", "application/wasm"}};

static bool ends_in(const char *name, const char *ending)
{
    size_t n = strlen(name), k = strlen(ending);
    return n > k && memcmp(name + n - k, ending, k) == 0;
}

/* NULL: not a kind of file that pages load. */
static const char *type_of(const char *name)
{
    for (size_t i = 0; i < sizeof TYPE / sizeof *TYPE; i++)
        if (ends_in(name, TYPE[i].ending))
            return TYPE[i].type;
    return NULL;
}

/* Empty: no such file, or too large. */
static str read_file(struct arena *arena, const char *path)
{
    str none = {NULL, 0};
    struct stat s;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return none;
    char *to = NULL;
    ssize_t n = -1;
    if (fstat(fd, &s) == 0 && S_ISREG(s.st_mode) && s.st_size > 0 &&
        s.st_size <= FILE_BYTES && (to = arena_alloc(arena, (size_t)s.st_size, 1)))
        n = pread(fd, to, (size_t)s.st_size, 0);
    close(fd);
    return n > 0 && n == s.st_size ? (str){to, (size_t)n} : none;
}

static const char *etag_of(struct arena *arena, str body)
{
    unsigned char digest[SHA256_BYTES];
    char hex[SHA256_HEX + 1];
    if (!sha256_bytes(body, digest))
        return NULL;
    sha256_print(digest, hex);
    return arena_format(arena, "\"%.24s\"", hex);
}

static bool add_file(struct assets *a, const char *folder, const char *name)
{
    struct asset *new = &a->asset[a->n];
    if (name[0] == '.' || !type_of(name) || a->n == MOST_FILES)
        return true;
    const char *path = arena_format(a->arena, "%s/%s", folder, name);
    if (!path)
        return false;
    new->body = read_file(a->arena, path);
    if (!new->body.len)
        return true; /* an empty script is as good as none */
    path = arena_format(a->arena, "%s.gz", path);
    new->packed = path ? read_file(a->arena, path) : (str){NULL, 0};
    new->name = arena_text(a->arena, str_of(name));
    new->etag = etag_of(a->arena, new->body);
    a->n++;
    return new->name &&new->etag;
}

/* Files directly in FOLDER/UNDER, named UNDER/NAME. */
static bool add_folder(struct assets *a, const char *folder, const char *under)
{
    const char *path = arena_format(a->arena, "%s/%s", folder, under);
    DIR *list = path ? opendir(path) : NULL;
    bool ok = true;
    if (!list)
        return path != NULL;
    for (struct dirent *entry; ok && (entry = readdir(list));) {
        const char *name = arena_format(a->arena, "%s%s", under, entry->d_name);
        ok = name &&
             (ends_in(name, ".gz") || entry->d_name[0] == '.' || add_file(a, folder, name));
    }
    closedir(list);
    return ok;
}

static int by_name(const void *one, const void *other)
{
    return strcmp(((const struct asset *)one)->name, ((const struct asset *)other)->name);
}

/* Of names and contents, in the order of the names. */
static bool make_version(struct assets *a)
{
    struct bytes all;
    bytes_init(&all, MOST_FILES * 512);
    for (size_t i = 0; i < a->n; i++)
        bytes_add_format(&all, "%s %s\n", a->asset[i].name, a->asset[i].etag);
    const char *etag = all.failed ? NULL : etag_of(a->arena, bytes_str(&all));
    bytes_free(&all);
    if (etag)
        a->version = arena_text(a->arena, (str){etag + 1, VERSION_LETTERS});
    return a->version != NULL;
}

static void look_for_gaps(struct assets *a, const char *folder)
{
    if (!assets_have(a, "base.js"))
        a->missing =
            arena_format(a->arena,
                         "the scripts are not in %s: pages are plain; `make` puts "
                         "them there, or say where they are: web: {assets: FOLDER}",
                         folder ? folder : "build/web");
    else if (!assets_have(a, "vendor/codemirror.js"))
        a->missing =
            "the bundles of npm packages were not built (that needs npm and its "
            "registry: then run tools/setup/web): the query editor is plain, and there "
            "is no sky view";
}

struct assets *assets_read(const char *folder, struct err *e)
{
    struct assets *a = calloc(1, sizeof *a);
    if (a)
        a->arena = arena_new(ASSETS_ARENA_BYTES);
    if (a && a->arena)
        a->asset = arena_new_array(a->arena, struct asset, MOST_FILES + 1);
    if (!a || !a->asset ||
        (folder && !(add_folder(a, folder, "") && add_folder(a, folder, "vendor/")))) {
        err_set(e, ERR_LIMIT, "there is no memory for the scripts of the pages in %s",
                folder ? folder : "");
        assets_free(a);
        return NULL;
    }
    qsort(a->asset, a->n, sizeof *a->asset, by_name);
    if (a->n && !make_version(a)) {
        err_set(e, ERR_LIMIT, "there is no memory for the scripts of the pages");
        assets_free(a);
        return NULL;
    }
    look_for_gaps(a, folder);
    return a;
}

void assets_free(struct assets *a)
{
    if (!a)
        return;
    arena_free(a->arena);
    free(a);
}

const char *assets_version(const struct assets *a)
{
    return a->version;
}

const char *assets_missing(const struct assets *a)
{
    return a->missing;
}

static const struct asset *find(const struct assets *a, str name)
{
    for (size_t i = 0; i < a->n; i++)
        if (str_eq(str_of(a->asset[i].name), name))
            return &a->asset[i];
    return NULL;
}

bool assets_have(const struct assets *a, const char *name)
{
    return find(a, str_of(name)) != NULL;
}

/* ---- requests ----------------------------------------------------------------------- */

/* What is behind "@VERSION/"; *is_current: of this very version. */
static str without_version(const struct assets *a, str name, bool *is_current)
{
    *is_current = false;
    if (!name.len || name.at[0] != '@')
        return name;
    str version = str_cut(&name, '/');
    version.at++;
    version.len--;
    *is_current = str_eq(version, str_of(a->version));
    return name;
}

static bool accepts_gzip(const struct http_request *request)
{
    str list = http_request_header(request, "Accept-Encoding");
    while (list.at && list.len) {
        str quality = str_cut(&list, ',');
        str name = str_trim(str_cut(&quality, ';'));
        if (str_eq_fold(name, STR("gzip")))
            return !str_starts_fold(str_trim(quality), STR("q=0"));
    }
    return false;
}

struct http_response *assets_answer(void *context, struct http_request *request)
{
    const struct assets *a = context;
    bool is_current;
    str name = without_version(a, request->rest, &is_current);
    const struct asset *found = find(a, name);
    if (!found) {
        struct err e = {0};
        err_set(&e, ERR_NOT_FOUND, "there is no %.*s here%s%s", (int)name.len, name.at,
                a->missing ? ": " : "", a->missing ? a->missing : "");
        return http_reply_error(request, &e);
    }
    bool is_known =
        str_eq(http_request_header(request, "If-None-Match"), str_of(found->etag));
    struct http_response *r = http_reply(request, is_known ? 304 : 200);
    http_reply_header(r, "ETag", found->etag);
    http_reply_header(r, "Vary", "Accept-Encoding");
    http_reply_header(r, "X-Content-Type-Options", "nosniff");
    http_reply_header(r, "Cache-Control",
                      is_current ? "public, max-age=31536000, immutable" : "no-cache");
    if (is_known)
        return r;
    bool packed = found->packed.len && accepts_gzip(request);
    if (packed)
        http_reply_header(r, "Content-Encoding", "gzip");
    http_reply_bytes(r, type_of(found->name), packed ? found->packed : found->body);
    return r;
}
