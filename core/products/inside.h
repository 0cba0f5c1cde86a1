/* inside.h -- what the files of this folder share. */
#ifndef CORE_PRODUCTS_INSIDE_H
#define CORE_PRODUCTS_INSIDE_H

#include "core/base/sqlite.h"
#include "core/products/products.h"

enum { MAX_PATH_DEPTH = 64, MAX_DID_BYTES = 4096 };

struct open_root {
    const char *name, *path;
    int fd; /* O_PATH of the directory; -1: not there */
};

struct products {
    struct arena *arena;
    struct db writer, reader, walker; /* the walker only while one walks */
    const char *path;
    struct open_root *root;
    size_t nroot;
    const char *authority,
        *base_url; /* as they stood when the registry was opened or set */
};

enum statement {
    SQL_IDENTITY,
    SQL_SET_IDENTITY,
    SQL_FIND,
    SQL_WALK,
    SQL_LINKS,
    SQL_FILE,
    SQL_DELETE_FILE,
    SQL_PUT_FILE,
    SQL_PUT,
    SQL_PUT_LINK,
    SQL_MARK,
    SQL_FORGET,
    SQL_PUT_ALERT,
    SQL_ALERTS,
};
extern const char PRODUCTS_SCHEMA[];
extern const char *const PRODUCTS_SQL[];

/* The columns that every product is read by, in the order of read_product. */
void product_read(struct products *, struct arena *, sqlite3_stmt *, struct product *);

/* A column of the row at hand; NULL is NaN, and PRODUCT_NONE. */
double product_number(sqlite3_stmt *, int column);
int64_t product_whole(sqlite3_stmt *, int column);

/* "COLLECTION?LOCAL", the key of a product; NULL: no memory. */
const char *product_key(struct arena *, const char *collection, const char *local);

#endif
