/* products.c -- the registry: opened, looked up. */
#include "core/products/products.h"

#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/products/inside.h"

enum { REGISTRY_BYTES = 64 << 20 };

static bool no_memory(struct err *e)
{
    return err_set(e, ERR_INTERNAL, "out of memory");
}

static bool read_identity(struct products *p, struct err *e)
{
    sqlite3_stmt *s = db_bind(&p->writer, SQL_IDENTITY, e, "");
    int step = db_step(&p->writer, s, e);
    if (step == 1) {
        p->authority = db_text(p->arena, s, 0);
        p->base_url = db_text(p->arena, s, 1);
    }
    if (s)
        sqlite3_reset(s);
    return step >= 0;
}

static bool open_roots(struct products *p, const struct product_root *roots, size_t n)
{
    p->root = arena_new_array(p->arena, struct open_root, n + 1);
    for (size_t i = 0; p->root && i < n; i++) {
        p->root[p->nroot++] = (struct open_root){
            .name = arena_text(p->arena, str_of(roots[i].name)),
            .path = arena_text(p->arena, str_of(roots[i].path)),
            .fd = open(roots[i].path, O_PATH | O_DIRECTORY | O_CLOEXEC),
        };
        if (!p->root[i].name || !p->root[i].path)
            return false;
    }
    return p->root != NULL;
}

/* Columns that a registry of an older version does not have yet. */
static bool add_columns(struct products *p, struct err *e)
{
    static const char *const COLUMN[][3] = {
        {"product", "ev_xel", "INTEGER"},
        {"product", "energy_min", "REAL"},
        {"product", "energy_max", "REAL"},
        {"file", "scanned", "INTEGER"},
    };
    for (size_t i = 0; i < sizeof COLUMN / sizeof *COLUMN; i++) {
        const char *const *c = COLUMN[i];
        if (sqlite3_table_column_metadata(p->writer.handle, NULL, c[0], c[1], NULL, NULL,
                                          NULL, NULL, NULL) == SQLITE_OK)
            continue;
        const char *sql =
            arena_format(p->arena, "ALTER TABLE %s ADD COLUMN %s %s", c[0], c[1], c[2]);
        if (!sql || !db_script(&p->writer, sql, e))
            return false;
    }
    return true;
}

struct products *products_open(const char *path, const struct product_root *roots,
                               size_t nroot, struct err *e)
{
    struct products *p = calloc(1, sizeof *p);
    if (!p) {
        no_memory(e);
        return NULL;
    }
    p->arena = arena_new(REGISTRY_BYTES);
    if (!p->arena || !open_roots(p, roots, nroot)) {
        no_memory(e);
        goto failed;
    }
    const char *what = "the registry of products";
    p->path = arena_text(p->arena, str_of(path));
    if (db_open(&p->writer, what, path, PRODUCTS_SQL, e) &&
        db_script(&p->writer, PRODUCTS_SCHEMA, e) && add_columns(p, e) &&
        read_identity(p, e) && db_open(&p->reader, what, path, PRODUCTS_SQL, e))
        return p;
failed:
    products_close(p);
    return NULL;
}

void products_close(struct products *p)
{
    if (!p)
        return;
    products_walk_end(p);
    db_close(&p->reader);
    db_close(&p->writer);
    for (size_t i = 0; i < p->nroot; i++)
        if (p->root[i].fd >= 0)
            close(p->root[i].fd);
    arena_free(p->arena);
    free(p);
}

const char *products_authority(struct products *p)
{
    return p->authority;
}

const char *products_base_url(struct products *p)
{
    return p->base_url;
}

/* --- reading ------------------------------------------------------------------------- */

double product_number(sqlite3_stmt *s, int i)
{
    return sqlite3_column_type(s, i) == SQLITE_NULL ? NAN : sqlite3_column_double(s, i);
}

int64_t product_whole(sqlite3_stmt *s, int i)
{
    return sqlite3_column_type(s, i) == SQLITE_NULL ? PRODUCT_NONE
                                                    : sqlite3_column_int64(s, i);
}

static const char *did_of(struct products *p, struct arena *arena, const char *key)
{
    return arena_format(arena, "%s/%s",
                        p->authority ? p->authority : "ivo://colure.invalid", key);
}

void product_read(struct products *p, struct arena *arena, sqlite3_stmt *s,
                  struct product *out)
{
    int i = 12;
    *out = (struct product){
        .id = sqlite3_column_int64(s, 0),
        .did = did_of(p, arena, (const char *)sqlite3_column_text(s, 1)),
        .local = db_text(arena, s, 2),
        .root = db_text(arena, s, 3),
        .path = db_text(arena, s, 4),
        .hdu = product_whole(s, 5),
        .bytes = sqlite3_column_int64(s, 6),
        .modified_us = sqlite3_column_int64(s, 7),
        .nhdu_product = sqlite3_column_int64(s, 8),
        .nlink = sqlite3_column_int64(s, 9),
        .scanned_us = sqlite3_column_int64(s, 10),
        .mapping = db_text(arena, s, 11),
    };
#define T(name) out->name = db_text(arena, s, i++);
#define D(name) out->name = product_number(s, i++);
#define I(name) out->name = product_whole(s, i++);
    PRODUCT_COLUMNS(T, D, I)
#undef T
#undef D
#undef I
}

/* One product by key: 1, none: 0, failure: -1. */
static int find_key(struct products *p, const char *key, struct arena *arena,
                    struct product *out, struct err *e)
{
    if (!db_begin(&p->reader, false, e))
        return -1;
    sqlite3_stmt *s = db_bind(&p->reader, SQL_FIND, e, "t", key);
    int step = db_step(&p->reader, s, e);
    if (step == 1) {
        product_read(p, arena, s, out);
        if (!out->did || !out->local || !out->root || !out->path)
            step = no_memory(e) ? 1 : -1;
    }
    return db_end(&p->reader, step >= 0, e) ? step : -1;
}

/* What stands behind "AUTHORITY/": NULL when the authority is another one. */
static const char *key_of(struct products *p, struct arena *arena, str did)
{
    str prefix = str_of(p->authority ? p->authority : "ivo://colure.invalid");
    if (did.len <= prefix.len + 1 || did.at[prefix.len] != '/' ||
        !str_eq_fold((str){did.at, prefix.len}, prefix))
        return NULL;
    return arena_text(arena, (str){did.at + prefix.len + 1, did.len - prefix.len - 1});
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = ascii_lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* NULL: nothing to decode, a NUL among it, or no memory. */
static const char *decode(struct arena *arena, str text)
{
    char *out = arena_alloc(arena, text.len + 1, 1);
    size_t n = 0;
    for (size_t i = 0; out && i < text.len; i++) {
        bool is_escape = text.at[i] == '%' && text.len - i > 2;
        int high = is_escape ? hex_digit(text.at[i + 1]) : -1;
        int low = is_escape ? hex_digit(text.at[i + 2]) : -1;
        if (high >= 0 && low >= 0) {
            out[n] = (char)(high * 16 + low);
            if (out[n++] == '\0')
                return NULL;
            i += 2;
        } else
            out[n++] = text.at[i];
    }
    return n < text.len ? out : NULL;
}

static bool not_found(str did, struct err *e)
{
    return err_set(e, ERR_NOT_FOUND, "no product with the identifier %.*s",
                   (int)(did.len < 300 ? did.len : 300), did.at);
}

bool products_find(struct products *p, str did, struct arena *arena, struct product *out,
                   struct err *e)
{
    if (did.len > MAX_DID_BYTES)
        return err_set(e, ERR_USAGE, "an identifier longer than %d bytes", MAX_DID_BYTES);
    const char *decoded = decode(arena, did);
    if (!str_starts_fold(did, STR("ivo://")) &&
        !(decoded && str_starts_fold(str_of(decoded), STR("ivo://"))))
        return err_set(e, ERR_USAGE, "\"%.*s\" is no IVOA identifier (ivo://...)",
                       (int)(did.len < 300 ? did.len : 300), did.at);
    const char *form[] = {key_of(p, arena, did),
                          decoded ? key_of(p, arena, str_of(decoded)) : NULL};
    for (size_t i = 0; i < 2; i++) {
        int found = form[i] ? find_key(p, form[i], arena, out, e) : 0;
        if (found != 0)
            return found == 1;
    }
    return not_found(did, e);
}

bool products_walk_begin(struct products *p, struct err *e)
{
    products_walk_end(p);
    return db_open(&p->walker, "the registry of products", p->path, PRODUCTS_SQL, e) &&
           db_bind(&p->walker, SQL_WALK, e, "") != NULL;
}

bool products_walk_next(struct products *p, struct arena *arena, struct product *out,
                        struct err *e)
{
    sqlite3_stmt *s = p->walker.statements[SQL_WALK];
    if (db_step(&p->walker, s, e) != 1)
        return false;
    product_read(p, arena, s, out);
    return (out->did && out->local && out->root && out->path) || no_memory(e);
}

void products_walk_end(struct products *p)
{
    db_close(&p->walker);
    p->walker = (struct db){0};
}

static bool read_link(struct products *p, struct arena *arena, sqlite3_stmt *s,
                      struct product_link *link)
{
    const char *target = (const char *)sqlite3_column_text(s, 1);
    *link = (struct product_link){
        .semantics = db_text(arena, s, 0),
        .target = target ? did_of(p, arena, target) : NULL,
        .url = db_text(arena, s, 2),
        .description = db_text(arena, s, 3),
        .content_type = db_text(arena, s, 4),
        .content_qualifier = db_text(arena, s, 5),
        .local_semantics = db_text(arena, s, 6),
        .bytes = product_whole(s, 7),
    };
    return link->semantics && (!target || link->target);
}

bool products_links(struct products *p, const struct product *product, struct arena *arena,
                    struct product_link **links, size_t *n, struct err *e)
{
    const char *key = key_of(p, arena, str_of(product->did));
    size_t capacity = 0;
    *links = NULL;
    *n = 0;
    if (!db_begin(&p->reader, false, e))
        return false;
    sqlite3_stmt *s = db_bind(&p->reader, SQL_LINKS, e, "it", product->id, key);
    int step;
    while ((step = db_step(&p->reader, s, e)) == 1) {
        if (*n == capacity) {
            size_t more = capacity ? 2 * capacity : 8;
            struct product_link *all = arena_new_array(arena, struct product_link, more);
            if (all && capacity)
                memcpy(all, *links, capacity * sizeof *all);
            *links = all;
            capacity = more;
        }
        if (!*links || !read_link(p, arena, s, &(*links)[(*n)++]))
            return db_end(&p->reader, no_memory(e), e);
    }
    return db_end(&p->reader, step == 0, e);
}
