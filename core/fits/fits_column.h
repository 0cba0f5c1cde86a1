/* fits_column.h -- columns of binary tables and pixels of images, as numbers: where they
 * lie, what they are, and how far they reach. */
#ifndef CORE_FITS_COLUMN_H
#define CORE_FITS_COLUMN_H

#include "core/fits/fits_file.h"

enum { FITS_MAX_COLUMNS = 999 };

struct fits_column {
    char name[72], unit[72]; /* empty: none */
    char type;               /* letter of TFORM */
    int64_t offset, repeat;  /* in the row: bytes, elements */
    double scale, zero;
    bool has_null;
    int64_t null; /* of integers, before scaling */
};

/* Bytes of an element of that letter of TFORM; -1: no such letter, or X, whose elements are
 * bits. */
int fits_type_bytes(char type);
/* All columns of a table, checked against the length of its rows. NULL: ERR_USAGE, they do
 * not fit; ERR_LIMIT. */
struct fits_column *fits_columns(const struct fits_hdu *, uint32_t *n, struct arena *,
                                 struct err *);
/* The one of that name in any case; NULL: none that holds numbers. */
const struct fits_column *fits_column_find(const struct fits_column *, uint32_t n,
                                           const char *name);
/* An element of a row; NaN where it is null or of a type that is no number. */
double fits_column_value(const struct fits_column *, const unsigned char *row,
                         int64_t element);

struct fits_range { /* of the finite values */
    uint64_t n;
    double least, most, sum, first; /* n == 0: undefined */
};

/* All elements of a column in all rows; every pixel of a plain image. False: the file
 * cannot be read. */
bool fits_column_range(const struct fits_file *, const struct fits_hdu *,
                       const struct fits_column *, struct fits_range *, struct err *);
bool fits_image_range(const struct fits_file *, const struct fits_hdu *,
                      struct fits_range *, struct err *);

/* Calls `take` for the rows of a table, many at a time; false from it ends the reading. */
typedef bool fits_take_rows(void *what, const unsigned char *rows, int64_t nrow);
bool fits_rows(const struct fits_file *, const struct fits_hdu *, fits_take_rows *take,
               void *what, struct err *);

#endif
