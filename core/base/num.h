/* num.h -- text to numbers and back: one function each, exact both ways. */
#ifndef CORE_BASE_NUM_H
#define CORE_BASE_NUM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/str.h"

/* The whole text must be the number (no blanks): optional sign and decimal digits.
 * False: not a number, or outside int64. */
bool num_parse_int(str, int64_t *);

/* VOTable forms too: 12, 12., .5, 1e5, NaN, [+-]Inf, [+-]Infinity (any case). Correctly
 * rounded. False: not a number. Overflow gives infinity. */
bool num_parse_double(str, double *);
bool num_parse_float(str, float *);

enum { NUM_TEXT_BYTES = 32 };

/* Shortest text that reads back as the same value; NaN, +Inf, -Inf as VOTable has them.
 * No NUL is written. Returns the length, at most NUM_TEXT_BYTES. */
size_t num_print_double(double, char out[NUM_TEXT_BYTES]);
size_t num_print_float(float, char out[NUM_TEXT_BYTES]);
size_t num_print_int(int64_t, char out[NUM_TEXT_BYTES]);

#endif
