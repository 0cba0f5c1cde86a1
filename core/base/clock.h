/* clock.h -- monotonic deadlines and civil times in UTC. */
#ifndef CORE_BASE_CLOCK_H
#define CORE_BASE_CLOCK_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/base/str.h"

#define CLOCK_NEVER INT64_MAX

int64_t clock_monotonic_ns(void);
int64_t clock_now_us(void); /* microseconds since 1970-01-01 UTC */

/* The monotonic instant `seconds` from now; 0 or less: CLOCK_NEVER. */
int64_t clock_deadline_ns(double seconds);

/* A condition that is waited for by the monotonic clock, so that a step of the civil one
 * wakes nobody late. */
void clock_condition_init(pthread_cond_t *);
/* Waits until it is signalled or the instant has come, whichever is first; also wakes for
 * no reason, as conditions do. The mutex is held by the caller. */
void clock_condition_wait(pthread_cond_t *, pthread_mutex_t *, int64_t until_ns);

enum { CLOCK_TEXT_BYTES = 40 };

/* Writes YYYY-MM-DDThh:mm:ss[.fff[fff]] and NUL; returns its length. The fraction is left
 * out when zero, has 3 digits when that is exact, else 6. Years outside 0..9999 are written
 * with a sign and as many digits as they have. */
size_t clock_print_us(int64_t us, char out[CLOCK_TEXT_BYTES]);
/* YYYY-MM-DDThh:mm:ss.fffZ, as UWS wants it. */
size_t clock_print_utc(int64_t us, char out[CLOCK_TEXT_BYTES]);

/* Reads DALI timestamps: YYYY-MM-DD[(T| )hh:mm[:ss[.f...]]][Z|+00:00]. Digits past the
 * microsecond are cut. False if the text is no such thing or no such date. */
bool clock_parse_us(str text, int64_t *us);

#endif
