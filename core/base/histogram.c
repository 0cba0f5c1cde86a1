/* histogram.c -- buckets from half a millisecond to five minutes. */
#include "core/base/histogram.h"

const double HISTOGRAM_LIMIT_S[HISTOGRAM_BUCKETS] = {
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25,
    0.5,    1,     2.5,    5,     10,   30,    60,   300};

void histogram_add(struct histogram *h, int64_t ns)
{
    int i = 0;
    if (ns < 0)
        ns = 0;
    while (i < HISTOGRAM_BUCKETS && (double)ns * 1e-9 > HISTOGRAM_LIMIT_S[i])
        i++;
    atomic_fetch_add_explicit(&h->bucket[i], 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&h->sum_ns, (uint_fast64_t)ns, memory_order_relaxed);
}
