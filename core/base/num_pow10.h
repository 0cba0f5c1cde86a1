/* num_pow10.h -- the table of powers of ten behind num.c and num_print.c. */
#ifndef CORE_BASE_NUM_POW10_H
#define CORE_BASE_NUM_POW10_H

#include <stdint.h>

/* Entry k is ceil(10^k * 2^-s) with s such that it has exactly 128 bits: exact for k in
 * 0..55, else one unit above the floor. */
struct num_pow10 {
    uint64_t hi, lo;
};

/* ISO C has no 128-bit integer; both compilers do. */
__extension__ typedef unsigned __int128 num_u128;

enum { NUM_POW10_MIN = -342, NUM_POW10_MAX = 324 };

extern const struct num_pow10 NUM_POW10[NUM_POW10_MAX - NUM_POW10_MIN + 1];

#endif
