/* sinks.h -- where cut-outs are written: memory, or a file. Private to datalink. */
#ifndef DATALINK_SINKS_H
#define DATALINK_SINKS_H

#include "core/base/bytes.h"
#include "core/base/err.h"

/* context: int *, a descriptor */
bool sink_file_write(void *fd, uint64_t at, const void *, size_t, struct err *);
/* context: struct bytes *, whose limit holds: ERR_LIMIT past it */
bool sink_bytes_write(void *bytes, uint64_t at, const void *, size_t, struct err *);

#endif
