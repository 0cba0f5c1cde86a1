/* sha256.h -- the checksum of a whole file, or of text. */
#ifndef CORE_BASE_SHA256_H
#define CORE_BASE_SHA256_H

#include <stdbool.h>

#include "core/base/str.h"

enum { SHA256_BYTES = 32, SHA256_HEX = 64 };

/* From its first byte to its last; where the descriptor stands does not change. False: it
 * cannot be read, or there is no memory. */
bool sha256_file(int fd, unsigned char out[SHA256_BYTES]);
/* Of text in memory. False: no memory. */
bool sha256_bytes(str, unsigned char out[SHA256_BYTES]);
/* In hexadecimal, lower case, with NUL. */
void sha256_print(const unsigned char digest[SHA256_BYTES], char out[SHA256_HEX + 1]);

#endif
