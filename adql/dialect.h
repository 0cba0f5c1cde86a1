/* dialect.h -- a store's templates, cut into pieces. */
#ifndef ADQL_DIALECT_H
#define ADQL_DIALECT_H

#include "adql/adql.h"

enum { PIECE_TEXT = -1, PIECE_ALL = 0, PIECE_OVER = 10 }; /* 1 to 9: that argument */

struct piece {
    int argument;
    str text; /* of PIECE_TEXT */
};

struct spelling {
    uint32_t npiece; /* 0: the store cannot */
    const struct piece *piece;
    bool has_over;
};

struct adql_dialect {
    const struct store_dialect *store;
    struct arena *arena;
    struct spelling op[ADQL_NOP];
    struct spelling fixed_array, variable_array;
    str parameter_before, parameter_after; /* round the number */
    bool parameter_is_numbered;
};

const char *op_name(unsigned op);

#endif
