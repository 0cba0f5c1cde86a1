/* sql.c -- the registry's tables and statements. */
#include "core/products/inside.h"

#define T(name) ", " #name " TEXT"
#define D(name) ", " #name " REAL"
#define I(name) ", " #name " INTEGER"
const char PRODUCTS_SCHEMA[] =
    "CREATE TABLE IF NOT EXISTS identity("
    " one INTEGER PRIMARY KEY CHECK(one = 1), authority TEXT, base_url TEXT);"
    "CREATE TABLE IF NOT EXISTS file("
    " id INTEGER PRIMARY KEY AUTOINCREMENT, root TEXT NOT NULL, path TEXT NOT NULL,"
    " bytes INTEGER NOT NULL, modified INTEGER NOT NULL, checksum TEXT, refusal TEXT,"
    " mapping TEXT, scan INTEGER NOT NULL DEFAULT 0, scanned INTEGER, UNIQUE(root, path));"
    "CREATE TABLE IF NOT EXISTS product("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " file INTEGER NOT NULL REFERENCES file(id) ON DELETE CASCADE,"
    " key TEXT NOT NULL UNIQUE, local TEXT NOT NULL, hdu INTEGER" PRODUCT_COLUMNS(
        T, D, I) ");"
                 "CREATE INDEX IF NOT EXISTS product_file ON product(file);"
                 "CREATE TABLE IF NOT EXISTS link("
                 " id INTEGER PRIMARY KEY AUTOINCREMENT,"
                 " product INTEGER NOT NULL REFERENCES product(id) ON DELETE CASCADE,"
                 " semantics TEXT NOT NULL, target TEXT, url TEXT, description TEXT,"
                 " content_type TEXT, content_qualifier TEXT, local_semantics TEXT,"
                 " bytes INTEGER);"
                 "CREATE TABLE IF NOT EXISTS alert("
                 " id INTEGER PRIMARY KEY AUTOINCREMENT,"
                 " file INTEGER NOT NULL REFERENCES file(id) ON DELETE CASCADE,"
                 " ivorn TEXT NOT NULL UNIQUE, role TEXT, author TEXT, concept TEXT,"
                 " name TEXT, description TEXT, cites TEXT, what TEXT, packet_date INTEGER,"
                 " event INTEGER, ra REAL, dec REAL, error REAL, importance REAL);"
                 "CREATE INDEX IF NOT EXISTS alert_file ON alert(file);"
                 "CREATE INDEX IF NOT EXISTS link_product ON link(product);"
                 "CREATE INDEX IF NOT EXISTS link_target ON link(target);";
#undef T
#undef D
#undef I

#define T(name) ", p." #name
#define PRODUCT_SELECT                                                                     \
    "SELECT p.id, p.key, p.local, f.root, f.path, p.hdu, f.bytes, f.modified,"             \
    " (SELECT count(*) FROM product q WHERE q.file = p.file),"                             \
    " (SELECT count(*) FROM link l WHERE l.product = p.id), f.scanned, "                   \
    "f.mapping" PRODUCT_COLUMNS(T, T,                                                      \
                                T) " FROM product p CROSS JOIN file f ON f.id = p.file "

#define N(name) ", " #name
#define Q(name) ", ?"

const char *const PRODUCTS_SQL[] = {
    [SQL_IDENTITY] = "SELECT authority, base_url FROM identity",
    [SQL_SET_IDENTITY] = "INSERT INTO identity VALUES(1, ?, ?) ON CONFLICT(one) DO UPDATE "
                         "SET authority = excluded.authority, base_url = excluded.base_url",
    [SQL_FIND] = PRODUCT_SELECT "WHERE p.key = ?",
    [SQL_WALK] = PRODUCT_SELECT "ORDER BY p.id",
    /* What a product was made from is told backwards too. */
    [SQL_LINKS] =
        "SELECT semantics, target, url, description, content_type, content_qualifier,"
        " local_semantics, bytes FROM link WHERE product = ?1 "
        "UNION ALL "
        "SELECT '#derivation', p.key, NULL, 'made from this', p.content_type, NULL, NULL,"
        " f.bytes FROM link l JOIN product p ON p.id = l.product JOIN file f ON f.id = "
        "p.file "
        "WHERE l.target = ?2 AND l.semantics IN ('#progenitor', '#calibration')",
    [SQL_FILE] = "SELECT id, root, path, bytes, modified, checksum, refusal, mapping, "
                 "scanned FROM file WHERE root = ? AND path = ?",
    [SQL_DELETE_FILE] = "DELETE FROM file WHERE root = ? AND path = ?",
    [SQL_PUT_FILE] = "INSERT INTO file(root, path, bytes, modified, checksum, refusal, "
                     "mapping, scanned) VALUES(?, ?, ?, ?, ?, ?, ?, ?)",
    [SQL_PUT] = "INSERT INTO product(file, key, local, hdu" PRODUCT_COLUMNS(
        N, N, N) ") VALUES(?, ?, ?, ?" PRODUCT_COLUMNS(Q, Q, Q) ")",
    [SQL_PUT_LINK] =
        "INSERT INTO link(product, semantics, target, url, description, content_type,"
        " content_qualifier, local_semantics, bytes) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)",
    [SQL_MARK] = "UPDATE file SET scan = ?2 WHERE id = ?1",
    [SQL_FORGET] = "DELETE FROM file WHERE root = ?1 AND scan <> ?2 AND "
                   "(?3 = '' OR path = ?3 OR substr(path, 1, length(?3) + 1) = ?3 || '/')",
    [SQL_PUT_ALERT] =
        "INSERT INTO alert(file, ivorn, role, author, concept, name, description, cites,"
        " what, packet_date, event, ra, dec, error, importance)"
        " VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    [SQL_ALERTS] = "SELECT ivorn, role, author, concept, name, description, cites, what,"
                   " packet_date, event, ra, dec, error, importance FROM alert ORDER BY id",
};
