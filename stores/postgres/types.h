/* types.h -- what a type of the server becomes. */
#ifndef STORES_POSTGRES_TYPES_H
#define STORES_POSTGRES_TYPES_H

#include "stores/postgres/internal.h"

struct their_type {
    const char *name; /* of pg_type; arrays with "_" before it */
    enum store_type type;
    int32_t length;
    const char *xtype;
    const char *sql; /* store_column.sql */
};

/* Any type has one: what is not known comes as text. */
const struct their_type *their_type(str name);

#endif
