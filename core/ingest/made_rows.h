/* made_rows.h -- rows that a program makes one after another, as a row source. */
#ifndef CORE_INGEST_MADE_ROWS_H
#define CORE_INGEST_MADE_ROWS_H

#include "core/base/rows.h"

struct made_column {
    const char *name;
    enum store_type type;
    int32_t length; /* elements; texts: 1 */
    bool is_nullable;
};

struct made_row; /* takes the values of one row, column after column */

/* Puts the next column. Numbers are converted to the column's type; NaN is null. */
void made_put(struct made_row *, double);
void made_put_integer(struct made_row *, int64_t);
void made_put_text(struct made_row *, str);
void made_put_null(struct made_row *);
/* As many numbers as the column's length says. */
void made_put_array(struct made_row *, const double *);

/* Puts all columns of the next row: STEP_ROWS; or says that there is none. */
typedef enum step made_next(void *what, struct made_row *, struct err *);

/* The columns and `what` outlive the source. NULL: no memory. */
struct rowsource *made_rows_new(const struct made_column *, uint32_t ncolumn,
                                made_next *next, void *what, struct err *);

#endif
