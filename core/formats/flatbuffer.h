/* flatbuffer.h -- just enough of FlatBuffers to write Arrow's messages: parents first,
 * their offsets patched when the child is written. Everything little-endian. */
#ifndef CORE_FORMATS_FLATBUFFER_H
#define CORE_FORMATS_FLATBUFFER_H

#include "core/base/bytes.h"

enum { FLAT_FIELDS_MAX = 8 };

struct flat_table {
    size_t at;                     /* in the buffer */
    size_t field[FLAT_FIELDS_MAX]; /* positions of fields; 0: absent */
};

/* A table whose field i has size[i] bytes (1, 2, 4, 8; 0: absent), all zero. An offset is a
 * field of 4 bytes. Positions count from the buffer's start, which is the message's. */
struct flat_table flat_table(struct bytes *, const char *sizes);

/* Number fields. */
void flat_put(struct bytes *, size_t at, uint64_t value, uint32_t size);
/* Lets the offset at `at` point to the end of the buffer, aligned for what comes. */
void flat_point(struct bytes *, size_t at);
/* A string, and the offset at `at` to it. */
void flat_string(struct bytes *, size_t at, str);
/* A vector of n offsets, and the offset at `at` to it. Returns the place of the first. */
size_t flat_offsets(struct bytes *, size_t at, uint32_t n);
/* A vector of n structs of 64-bit numbers, aligned; the caller appends them. */
void flat_structs(struct bytes *, size_t at, uint32_t n);
/* Zeros up to a multiple. */
void flat_align(struct bytes *, size_t multiple);

#endif
