/* hdf5_wire.h -- private: messages between the reading process and the asking one. Each has
 * a kind and a text of several parts, which end with NUL. */
#ifndef CORE_HDF5_HDF5_WIRE_H
#define CORE_HDF5_HDF5_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { WIRE_BYTES = 16 * 1024, WIRE_PARTS = 4 };

enum wire_kind {
    WIRE_WORD = 'W',   /* object, name, text */
    WIRE_COLUMN = 'C', /* dataset, member, shape, "number" or "" */
    WIRE_END = '.',    /* of the list */
    WIRE_ERROR = 'E',  /* why it ended */
    WIRE_ASK = 'A',    /* dataset, member */
    WIRE_RANGE = 'R'   /* a struct hdf5_range as it lies in memory */
};

struct wire_head {
    uint32_t kind, len;
};

/* Waits until all is there or the time is over. `text` has room for WIRE_BYTES and a NUL
 * more. False: the other side is gone, late, or says what no message is. */
bool wire_receive(int fd, struct wire_head *, char *text, int64_t deadline_ns);
bool wire_send(int fd, enum wire_kind, const void *text, size_t len);
/* Texts, each with its NUL; NULL is an empty one. What is too long is left out whole. */
bool wire_send_parts(int fd, enum wire_kind, const char *const *part, int npart);

/* The parts of a message; false: it has not so many. */
bool wire_parts(const struct wire_head *, const char *text, const char **part, int npart);

#endif
