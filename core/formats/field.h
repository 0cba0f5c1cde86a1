/* field.h -- a column as VOTable sees it: its datatype, its shape, its cells in a batch. */
#ifndef CORE_FORMATS_FIELD_H
#define CORE_FORMATS_FIELD_H

#include "core/base/arena.h"
#include "core/base/rows.h"

enum datatype {
    DATATYPE_BOOLEAN,
    DATATYPE_BIT,
    DATATYPE_UBYTE,
    DATATYPE_SHORT,
    DATATYPE_INT,
    DATATYPE_LONG,
    DATATYPE_CHAR,
    DATATYPE_UNICODE,
    DATATYPE_FLOAT,
    DATATYPE_DOUBLE,
    DATATYPE_FLOAT_COMPLEX,
    DATATYPE_DOUBLE_COMPLEX
};

struct datatype_info {
    const char *name;     /* "unsignedByte" */
    enum store_type type; /* how its elements are kept */
    uint8_t bytes;        /* of an element in BINARY; bit: 0 */
    uint8_t parts;        /* stored elements in one of it: 2 for complex numbers */
    int64_t least, most;  /* of integers */
};

extern const struct datatype_info DATATYPES[];
bool datatype_find(str name, enum datatype *);

struct field {
    const struct store_column *column;
    enum datatype datatype;
    bool is_text;          /* char or unicodeChar, times among them */
    bool is_time;          /* kept as STORE_TIME_US, written as text */
    bool is_scalar;        /* has no arraysize */
    bool is_variable;      /* its last dimension is open */
    uint32_t nelement;     /* of a cell that is not variable */
    const char *arraysize; /* as declared; NULL when scalar */
    const char *xtype;     /* NULL: none */
    bool has_null; /* an integer that stands for null, from the column's null_literal */
    int64_t null;
};

/* Fields of columns, in the arena. What a column says of its datatype and arraysize is
 * taken if it agrees with how its values are kept, else what is implied. NULL: no memory.
 */
struct field *field_list(const struct store_column *const *, uint32_t ncolumn,
                         struct arena *);

/* Elements of an arraysize ("3x4" 12, "3x*" 3 and *is_variable). False: it is none, or
 * over 2^31. An empty text is scalar: 1. */
bool field_shape(str arraysize, uint32_t *nelement, bool *is_variable);

/* Stored elements of a cell, and where they begin; text is bytes. */
struct cell {
    const char *at;
    uint32_t count;
};

static inline struct cell field_cell(const struct field *f, const struct store_vector *v,
                                     uint32_t irow)
{
    uint32_t size = store_type_bytes(f->column->type);
    if (f->column->length >= 0) {
        uint32_t n = (uint32_t)f->column->length;
        return (struct cell){(const char *)v->data + (size_t)irow * n * size, n};
    }
    uint32_t from = v->offset[irow];
    return (struct cell){(const char *)v->data + (size_t)from * size,
                         v->offset[irow + 1] - from};
}

/* The first element of a cell of unsignedByte, short, int or long. */
int64_t field_integer(const struct field *, struct cell);

/* --- cells as text -------------------------------------------------------------------- */

/* An element as text and the blank before the next; a time takes one. */
enum { FIELD_ELEMENT_BYTES = 44 };

/* Room that field_print() may want for this cell of a field that is not kept as text. */
size_t field_print_bytes(const struct field *, const struct store_vector *, uint32_t irow);

/* Writes a valid cell of a field not kept as text (STORE_TEXT), as VOTable and DALI print
 * it: elements of arrays with a blank between (of bits too: a run of them is read wrongly
 * by clients), times in ISO 8601, true and false. Returns the end. */
char *field_print(const struct field *, const struct store_vector *, uint32_t irow,
                  char *to);

/* "column NAME" for errors: the name cut at 60 bytes. */
#define FIELD_NAME "column %.60s"

#endif
