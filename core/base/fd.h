/* fd.h -- bytes into a descriptor, all of them. */
#ifndef CORE_BASE_FD_H
#define CORE_BASE_FD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Writes n bytes where the descriptor stands: what a signal interrupts or the system takes
 * in part goes on, and waits where the descriptor does not. False: errno says why, and some
 * of the bytes may be written. */
bool fd_write(int fd, const void *data, size_t n);
/* The same at a place of a file; where the descriptor stands does not change. */
bool fd_write_at(int fd, uint64_t at, const void *data, size_t n);

#endif
