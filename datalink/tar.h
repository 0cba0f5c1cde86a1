/* tar.h -- headers of tar archives (POSIX ustar; pax where a name or a size needs it), with
 * nothing in them that changes from one making to the next. Private to datalink. */
#ifndef DATALINK_TAR_H
#define DATALINK_TAR_H

#include <stddef.h>
#include <stdint.h>

enum { TAR_BLOCK = 512, TAR_HEAD_MAX = 8 * TAR_BLOCK, TAR_NAME_MAX = 2000 };
enum { TAR_END_BYTES = 2 * TAR_BLOCK }; /* of zeros, at the end of an archive */

/* Writes the header of a plain file; its bytes, a multiple of TAR_BLOCK. Longer names than
 * TAR_NAME_MAX are cut. */
size_t tar_head(const char *name, uint64_t bytes, int64_t modified_s,
                char out[TAR_HEAD_MAX]);

static inline uint64_t tar_padded(uint64_t bytes)
{
    return (bytes + TAR_BLOCK - 1) / TAR_BLOCK * TAR_BLOCK;
}

#endif
