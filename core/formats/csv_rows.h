/* csv_rows.h -- the records of separated text, one at a time. Private to this folder. */
#ifndef CORE_FORMATS_CSV_ROWS_H
#define CORE_FORMATS_CSV_ROWS_H

#include "core/base/bytes.h"
#include "core/formats/input.h"

struct csv_cell {
    str text;
    bool is_quoted;
};

struct csv_rows {
    struct input *input;
    char separator; /* ' ': any run of blanks */
    uint32_t max_cells;
    struct csv_cell *cell; /* of the record at hand, valid until the next */
    uint32_t ncell, capacity;
    struct bytes unquoted;    /* cells in which quotes were doubled */
    uint64_t line, next_line; /* where the record begins; where the next one does */
};

void csv_rows_init(struct csv_rows *, struct input *, char separator, uint32_t max_cells);
void csv_rows_free(struct csv_rows *);

/* The next record that is not an empty line; *is_end when there is none. RFC 4180: quotes
 * around a cell may hold separators, line ends and doubled quotes. */
bool csv_rows_next(struct csv_rows *, bool *is_end, struct err *);

/* The separator that splits the first lines most evenly: one of , ; tab |. */
char csv_guess_separator(str head);

#endif
