/* product.c -- products as the web sees them: identifiers, addresses, media types. */
#include "datalink/inside.h"

bool datalink_find(struct datalink *d, str id, struct arena *arena, struct product *p,
                   struct err *e)
{
    struct err first = {0};
    if (products_find(d->products, id, arena, p, &first))
        return true;
    char *plus = first.kind == ERR_NOT_FOUND && str_find(id, ' ') < id.len
                     ? arena_text(arena, id)
                     : NULL;
    for (char *c = plus; c && *c; c++)
        if (*c == ' ')
            *c = '+';
    if (plus && products_find(d->products, str_of(plus), arena, p, e))
        return true;
    *e = first;
    return false;
}

static bool ends_with(const char *text, const char *end)
{
    size_t n = strlen(text), m = strlen(end);
    return n >= m && str_eq_fold(str_of(text + n - m), str_of(end));
}

/* clang-format off */
static const struct { const char *end, *type; } TYPES[] = {
    {".fits", "application/fits"}, {".fit", "application/fits"}, {".fts", "application/fits"},
    {".fits.gz", "application/fits"}, {".fits.fz", "application/fits"},
    {".fit.gz", "application/fits"},
    {".h5", "application/x-hdf5"}, {".hdf5", "application/x-hdf5"},
    {".vot", "application/x-votable+xml"}, {".xml", "text/xml"}, {".csv", "text/csv"},
    {".png", "image/png"}, {".jpg", "image/jpeg"}, {".jpeg", "image/jpeg"},
    {".txt", "text/plain"}, {".pdf", "application/pdf"}};
/* clang-format on */

static const char *type_of_path(const char *path)
{
    for (size_t i = 0; i < sizeof TYPES / sizeof *TYPES; i++)
        if (ends_with(path, TYPES[i].end))
            return TYPES[i].type;
    return "application/octet-stream";
}

const char *product_media_type(const struct product *p)
{
    return p->content_type ? p->content_type : type_of_path(p->path);
}

const char *preview_media_type(const struct product *p)
{
    return p->preview ? type_of_path(p->preview) : "image/png";
}

bool product_is_fits(const struct product *p)
{
    const char *type = product_media_type(p);
    return str_starts_fold(str_of(type), STR("application/fits")) ||
           str_starts_fold(str_of(type), STR("image/fits")) ||
           ends_with(p->path, ".fits.gz") || ends_with(p->path, ".fits");
}

/* ---- addresses of files: .../datalink/file/COLLECTION/LOCAL ---- */

void product_add_url(struct bytes *b, const char *base, const char *path,
                     const struct product *p)
{
    str key = str_of(p->did);
    for (int i = 0; i < 3; i++) /* "ivo:", "", authority */
        str_cut(&key, '/');
    str collection = str_cut(&key, '?');
    bytes_add(b, str_of(base));
    bytes_add(b, str_of(path));
    bytes_add(b, collection);
    bytes_add_char(b, '/');
    for (size_t i = 0; i < key.len; i++) /* encoded already, but for what marks the HDU */
        if (key.at[i] == '#')
            bytes_add_literal(b, "%23");
        else
            bytes_add_char(b, key.at[i]);
}

/* Slashes stay. */
static void add_path(struct bytes *b, str path)
{
    for (bool first = true; path.at; first = false) {
        if (!first)
            bytes_add_char(b, '/');
        bytes_add_url(b, str_cut(&path, '/'));
    }
}

static bool find_local(struct datalink *d, str collection, const char *path,
                       const char *extension, struct arena *arena, struct product *p,
                       struct err *e)
{
    const char *authority = products_authority(d->products);
    const char *local = products_local(arena, path, extension);
    struct bytes did;
    bytes_init(&did, 64 * 1024);
    bytes_add(&did, str_of(authority ? authority : "ivo://colure.invalid"));
    bytes_add_char(&did, '/');
    add_path(&did, collection);
    bytes_add_format(&did, "?%s", local ? local : "");
    bool ok = local && !did.failed
                  ? products_find(d->products, bytes_str(&did), arena, p, e)
                  : err_set(e, ERR_LIMIT, "the path is too long");
    bytes_free(&did);
    return ok;
}

bool datalink_find_path(struct datalink *d, str path, struct arena *arena,
                        struct product *p, struct err *e)
{
    enum { MOST_SLASHES = 8 }; /* names of collections may have some */
    struct err why = {0};
    str rest = path;
    for (int i = 0; i < MOST_SLASHES; i++) {
        str_cut(&rest, '/');
        if (!rest.at)
            break;
        str collection = {path.at, (size_t)(rest.at - path.at) - 1};
        char *name = arena_text(arena, rest);
        if (!name)
            return err_set(e, ERR_LIMIT, "the path is too long");
        why = (struct err){0};
        if (find_local(d, collection, name, NULL, arena, p, &why))
            return true;
        char *mark = why.kind == ERR_NOT_FOUND ? strrchr(name, '#') : NULL;
        if (mark) {
            *mark = 0;
            why = (struct err){0};
            if (find_local(d, collection, name, mark + 1, arena, p, &why))
                return true;
        }
        if (why.kind != ERR_NOT_FOUND)
            break;
    }
    if (why.kind == ERR_NONE || why.kind == ERR_NOT_FOUND) {
        why = (struct err){0};
        err_set(&why, ERR_NOT_FOUND, "there is no file of that name; see /datalink/links");
    }
    *e = why;
    return false;
}

const char *product_file_name(struct arena *arena, const struct product *p)
{
    const char *slash = strrchr(p->path, '/');
    char *name = arena_text(arena, str_of(slash ? slash + 1 : p->path));
    for (char *c = name; c && *c; c++) /* for a header's quoted text */
        if (*c == '"' || *c == '\\' || (unsigned char)*c < 32 || (unsigned char)*c > 126)
            *c = '_';
    return name;
}
