/* cell_parse.h -- cells from text, as VOTable's TABLEDATA writes them. Private to this
 * folder. */
#ifndef CORE_FORMATS_CELL_PARSE_H
#define CORE_FORMATS_CELL_PARSE_H

#include "core/formats/field.h"
#include "core/formats/rows_build.h"

struct cell_kind {
    enum datatype datatype;
    enum store_type type; /* STORE_TIME_US for a char that is read as a time */
    int32_t length;       /* stored elements; -1: variable */
    bool has_null;        /* a magic value of scalars */
    int64_t null_integer;
    double null_float;
    bool is_skipped; /* not wanted in this pass: null everywhere */
};

/* Adds the cell of column i to the row at hand. An empty text is null. NULL when done, or
 * what is wrong with the text ("is no int"). Memory is told by rows->failed. */
const char *cell_parse(struct rows_build *rows, uint32_t i, const struct cell_kind *,
                       str text);

/* Adds text that should be UTF-8 and is taken as Latin-1 where it is not. Empty stays
 * empty. */
void cell_add_text(struct rows_build *, uint32_t i, str text);

/* Is the scalar at `at` the column's magic null? Only if kind->has_null. */
bool cell_is_null(const struct cell_kind *, const char *at);

/* An integer as VOTable writes it, hex too; within the range of the datatype. */
bool cell_parse_integer(str text, enum datatype, int64_t *);

bool cell_is_ascii(str);

#endif
