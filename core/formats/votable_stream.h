/* votable_stream.h -- the stream under votable_binary.c and votable_cells.c. */
#ifndef CORE_FORMATS_VOTABLE_STREAM_H
#define CORE_FORMATS_VOTABLE_STREAM_H

#include "core/base/base64.h"
#include "core/formats/votable_rows.h"

enum { PIECE_BYTES = 128 * 1024, CHUNK_ROWS = 256, CELL_MAX_BYTES = 256 << 20 };

struct binary_stream {
    struct votable_layout *layout;
    struct input *input;
    bool has_flags, is_ended;
    struct base64_decoder decoder;
    struct bytes raw; /* decoded; read up to `at` */
    size_t at, flag_bytes;
    uint32_t nvariable;
    /* [segment][row of the chunk]: where in raw the row begins (segment 0), or where its
     * n-th variable cell ends (segment n). What follows up to the next one is fixed. */
    size_t *place;
    struct bytes text;
};

/* Bytes of a cell that is not variable. */
size_t binary_stream_fixed_bytes(const struct votable_column *);

/* Bytes of a variable cell behind its count; false: no such cell can be. */
bool binary_stream_variable_bytes(const struct votable_column *, uint32_t count,
                                  size_t *bytes);

/* Moves n placed rows into the batch. False: a time is none. */
bool binary_stream_take_rows(struct binary_stream *, struct rows_build *, uint32_t n,
                             struct err *);

#endif
