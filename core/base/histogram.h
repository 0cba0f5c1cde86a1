/* histogram.h -- durations counted in buckets, from any thread without a lock. */
#ifndef CORE_BASE_HISTOGRAM_H
#define CORE_BASE_HISTOGRAM_H

#include <stdatomic.h>
#include <stdint.h>

enum { HISTOGRAM_BUCKETS = 17 };

/* Upper limits of the buckets in seconds, rising; one bucket more is for what is longer. */
extern const double HISTOGRAM_LIMIT_S[HISTOGRAM_BUCKETS];

struct histogram { /* zeros: empty */
    atomic_uint_fast64_t bucket[HISTOGRAM_BUCKETS + 1], sum_ns;
};

void histogram_add(struct histogram *, int64_t ns);

#endif
