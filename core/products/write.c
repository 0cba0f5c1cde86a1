/* write.c -- what a scan changes. */
#include <math.h>
#include <stdio.h>

#include "core/products/inside.h"

int products_tables_made(struct products *p)
{
    sqlite3_stmt *s = NULL;
    int layout = 0;
    if (sqlite3_prepare_v2(p->writer.handle, "PRAGMA user_version", -1, &s, NULL) ==
            SQLITE_OK &&
        sqlite3_step(s) == SQLITE_ROW)
        layout = sqlite3_column_int(s, 0);
    sqlite3_finalize(s);
    return layout;
}

bool products_set_tables_made(struct products *p, int layout, struct err *e)
{
    char sql[64];
    snprintf(sql, sizeof sql, "PRAGMA user_version = %d", layout);
    return db_script(&p->writer, sql, e);
}

static bool is_same(const char *a, const char *b)
{
    return a && b && str_eq(str_of(a), str_of(b));
}

bool products_set_identity(struct products *p, const char *authority, const char *base_url,
                           struct err *e)
{
    if (is_same(p->authority, authority) && is_same(p->base_url, base_url))
        return true;
    if (!products_begin(p, e))
        return false;
    bool ok = products_set_tables_made(p, 0, e) &&
              db_run(&p->writer,
                     db_bind(&p->writer, SQL_SET_IDENTITY, e, "tt", authority, base_url),
                     NULL, e);
    if (ok) {
        p->authority = arena_text(p->arena, str_of(authority));
        p->base_url = arena_text(p->arena, str_of(base_url));
    }
    return products_end(p, ok, e);
}

bool products_begin(struct products *p, struct err *e)
{
    return db_begin(&p->writer, true, e);
}

bool products_end(struct products *p, bool ok, struct err *e)
{
    return db_end(&p->writer, ok, e);
}

static void read_file(struct arena *arena, sqlite3_stmt *s, struct product_file *file)
{
    *file = (struct product_file){
        .id = sqlite3_column_int64(s, 0),
        .root = db_text(arena, s, 1),
        .path = db_text(arena, s, 2),
        .bytes = sqlite3_column_int64(s, 3),
        .modified_us = sqlite3_column_int64(s, 4),
        .checksum = db_text(arena, s, 5),
        .refusal = db_text(arena, s, 6),
        .mapping = db_text(arena, s, 7),
        .scanned_us = sqlite3_column_int64(s, 8),
    };
}

bool products_file(struct products *p, const char *root, const char *path,
                   struct arena *arena, struct product_file *file, bool *found,
                   struct err *e)
{
    sqlite3_stmt *s = db_bind(&p->writer, SQL_FILE, e, "tt", root, path);
    int step = db_step(&p->writer, s, e);
    *found = step == 1;
    if (*found)
        read_file(arena, s, file);
    if (s)
        sqlite3_reset(s);
    return step >= 0;
}

bool products_put_file(struct products *p, const struct product_file *file,
                       int64_t *file_id, struct err *e)
{
    struct db *db = &p->writer;
    bool ok = db_run(db, db_bind(db, SQL_DELETE_FILE, e, "tt", file->root, file->path),
                     NULL, e) &&
              db_run(db,
                     db_bind(db, SQL_PUT_FILE, e, "ttiittti", file->root, file->path,
                             file->bytes, file->modified_us, file->checksum, file->refusal,
                             file->mapping, file->scanned_us),
                     NULL, e);
    *file_id = ok ? sqlite3_last_insert_rowid(db->handle) : 0;
    return ok;
}

static void bind_whole(sqlite3_stmt *s, int i, int64_t value)
{
    if (value == PRODUCT_NONE)
        sqlite3_bind_null(s, i);
    else
        sqlite3_bind_int64(s, i, value);
}

bool products_put(struct products *p, int64_t file_id, const struct product *product,
                  int64_t *product_id, struct err *e)
{
    struct arena *arena = arena_new(1 << 16);
    const char *key =
        arena ? product_key(arena, product->obs_collection, product->local) : NULL;
    if (!key) {
        arena_free(arena);
        return err_set(e, ERR_INTERNAL, "out of memory");
    }
    sqlite3_stmt *s = db_bind(&p->writer, SQL_PUT, e, "itt", file_id, key, product->local);
    int i = 4;
    if (s) {
        bind_whole(s, i++, product->hdu);
#define T(name) sqlite3_bind_text(s, i++, product->name, -1, SQLITE_STATIC);
#define D(name) sqlite3_bind_double(s, i++, product->name);
#define I(name) bind_whole(s, i++, product->name);
        PRODUCT_COLUMNS(T, D, I)
#undef T
#undef D
#undef I
    }
    bool ok = db_run(&p->writer, s, NULL, e);
    *product_id = ok ? sqlite3_last_insert_rowid(p->writer.handle) : 0;
    arena_free(arena);
    return ok;
}

/* The key in a DID of this registry, or NULL. */
static const char *target_key(struct products *p, const char *did)
{
    str prefix = str_of(p->authority);
    if (!did || prefix.len == 0 || !str_starts_fold(str_of(did), prefix) ||
        did[prefix.len] != '/')
        return NULL;
    return did + prefix.len + 1;
}

bool products_put_link(struct products *p, int64_t product_id,
                       const struct product_link *link, struct err *e)
{
    sqlite3_stmt *s =
        db_bind(&p->writer, SQL_PUT_LINK, e, "itttttttt", product_id, link->semantics,
                target_key(p, link->target), link->url, link->description,
                link->content_type, link->content_qualifier, link->local_semantics, NULL);
    if (s)
        bind_whole(s, 9, link->bytes);
    return db_run(&p->writer, s, NULL, e);
}

bool products_mark(struct products *p, int64_t file_id, int64_t scan, struct err *e)
{
    return db_run(&p->writer, db_bind(&p->writer, SQL_MARK, e, "ii", file_id, scan), NULL,
                  e);
}

bool products_forget(struct products *p, const char *root, const char *folder, int64_t scan,
                     int64_t *nforgotten, struct err *e)
{
    int changed = 0;
    bool ok =
        db_run(&p->writer, db_bind(&p->writer, SQL_FORGET, e, "tit", root, scan, folder),
               &changed, e);
    *nforgotten = changed;
    return ok;
}

/* --- names --------------------------------------------------------------------------- */

/* Characters that stand for themselves in the path and query of an IVOA identifier. */
static bool is_plain(char c, const char *also)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c && strchr(also, c));
}

static char *encode(char *out, str text, const char *also)
{
    static const char HEX[] = "0123456789ABCDEF";
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.at[i];
        if (is_plain(text.at[i], also)) {
            *out++ = text.at[i];
            continue;
        }
        *out++ = '%';
        *out++ = HEX[c >> 4];
        *out++ = HEX[c & 15];
    }
    return out;
}

const char *products_local(struct arena *arena, const char *path, const char *ext)
{
    str p = str_of(path), x = str_of(ext);
    char *text = arena_alloc(arena, 3 * (p.len + x.len) + 2, 1);
    if (!text)
        return NULL;
    char *end = encode(text, p, "-_.~/!$'()*,;=:@+");
    if (ext) {
        *end++ = '#';
        encode(end, x, "-_.~!$'()*,;=:@+");
    }
    return text;
}

const char *product_key(struct arena *arena, const char *collection, const char *local)
{
    str name = str_of(collection);
    char *text = arena_alloc(arena, 3 * name.len + 1, 1);
    if (!text || !collection || !local)
        return NULL;
    encode(text, name, "-_.~/");
    return arena_format(arena, "%s?%s", text, local);
}
