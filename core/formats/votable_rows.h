/* votable_rows.h -- readers of the rows of a VOTable. Private to this folder. */
#ifndef CORE_FORMATS_VOTABLE_ROWS_H
#define CORE_FORMATS_VOTABLE_ROWS_H

#include "core/formats/cell_parse.h"
#include "core/formats/input.h"

struct votable_column {
    const char *name;
    struct cell_kind kind;
    bool is_variable;
    uint32_t nelement;      /* of a fixed cell, in elements of the datatype */
    uint32_t string_length; /* of text of two dimensions: of one string; else 0 */
};

struct votable_layout {
    const struct votable_column *column;
    uint32_t ncolumn;
    uint64_t nrow, max_rows; /* read so far; limit */
};

/* --- TABLEDATA --------------------------------------------------------------------------
 */

struct tabledata;
/* The input stands behind <TABLEDATA>. NULL: no memory. */
struct tabledata *tabledata_new(struct votable_layout *, struct input *, struct err *);
void tabledata_free(struct tabledata *);
/* Rows until the batch is full or the table ends; then the input stands at </TABLEDATA>.
 * Line, row and column of what is wrong are in the error. */
bool tabledata_read(struct tabledata *, struct rows_build *, bool *is_end, struct err *);

/* --- BINARY, BINARY2 --------------------------------------------------------------------
 */

struct binary_stream;
/* The input stands behind <STREAM>. */
struct binary_stream *binary_stream_new(struct votable_layout *, bool has_flags,
                                        struct input *, struct err *);
void binary_stream_free(struct binary_stream *);
bool binary_stream_read(struct binary_stream *, struct rows_build *, bool *is_end,
                        struct err *);

/* Decodes the whole stream into a file (FITS). The input then stands at </STREAM>. */
bool binary_stream_to_file(struct input *, int fd, struct err *);

#endif
