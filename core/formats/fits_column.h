/* fits_column.h -- columns of FITS tables: their forms, and their cells into batches.
 * Private to this folder. */
#ifndef CORE_FORMATS_FITS_COLUMN_H
#define CORE_FORMATS_FITS_COLUMN_H

#include "core/formats/cell_parse.h"
#include "core/formats/fits_header.h"

enum fits_scaling {
    FITS_PLAIN,
    FITS_SHIFTED, /* an integer with TZERO alone: unsigned ones, signed bytes */
    FITS_SCALED   /* TSCAL and TZERO */
};

struct fits_column {
    const char *name;
    char code;         /* of TFORM: L X B I J K A E D C M; ASCII tables: A I F E D */
    bool is_ascii;     /* in an ASCII table */
    bool is_variable;  /* P or Q: elements are in the heap */
    bool is_wide;      /* Q */
    uint32_t repeat;   /* elements; of text: bytes */
    size_t at, bytes;  /* of the cell in the row */
    uint32_t decimals; /* ASCII: digits behind a point that is left out */
    enum fits_scaling scaling;
    int64_t shift;
    double scale, zero;
    bool has_null; /* TNULL */
    int64_t null;
    str null_text;     /* of ASCII tables */
    bool keeps_blanks; /* text of two dimensions */
    struct cell_kind kind;
};

/* Column n (from 1) of a table; `at` is where its cell begins when the header does not say,
 * and moves behind it. What clients see of it goes to *meta. False: ERR_USAGE. */
bool fits_column_read(const struct fits_header *, uint32_t n, bool is_ascii, size_t *at,
                      struct fits_column *, struct store_column *meta, struct arena *,
                      struct err *);

/* Bytes of n elements outside the row. */
size_t fits_column_bytes(const struct fits_column *, uint64_t n);

/* Cells of n rows, row_bytes apart, of a column that is neither variable nor text. The rows
 * of the batch begin at 0. False: a value that cannot be read. */
bool fits_column_take(const struct fits_column *, struct rows_build *, uint32_t i,
                      const char *row, size_t row_bytes, uint32_t n, struct err *);

/* Text of one cell, at the end of the column; null when empty. */
void fits_column_take_text(const struct fits_column *, struct rows_build *, uint32_t i,
                           uint32_t irow, str raw);

/* n elements (not text) as they are kept. False: a value that cannot be read. */
bool fits_column_convert(const struct fits_column *, const char *from, size_t n, char *to,
                         struct err *);

#endif
