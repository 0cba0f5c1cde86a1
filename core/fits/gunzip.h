/* gunzip.h -- a gzip file as a plain one in memory, within a limit. */
#ifndef CORE_FITS_GUNZIP_H
#define CORE_FITS_GUNZIP_H

#include "core/base/err.h"

enum { GUNZIP_MAX_BYTES = 512 << 20 };

/* Given a descriptor (taken over): itself when it is no gzip file, else one of a nameless
 * file with its content. -1 with *e: ERR_LIMIT past GUNZIP_MAX_BYTES, ERR_USAGE damaged. */
int gunzip_open(int fd, struct err *);

#endif
