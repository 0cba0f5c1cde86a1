/* random.h -- small, fast, seekable random numbers: the same on every machine. Each row of
 * each demo table has its own sequence, so that any row can be made without the others. */
#ifndef CORE_INGEST_RANDOM_H
#define CORE_INGEST_RANDOM_H

#include <stdint.h>

struct random {
    uint64_t state;
};

/* The sequence of row `row` in stream `stream` (one stream a table). */
struct random random_at(uint64_t stream, uint64_t row);

/* 64 even bits (the SplitMix64 sequence). */
static inline uint64_t random_bits(struct random *r)
{
    uint64_t z = (r->state += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

/* Even in (0, 1), both ends out. */
static inline double random_unit(struct random *r)
{
    return ((double)(random_bits(r) >> 12) + 0.5) * 0x1p-52;
}

/* Even in (low, high). */
static inline double random_between(struct random *r, double low, double high)
{
    return low + (high - low) * random_unit(r);
}

/* Even among 0 .. n-1; n is small against 2^32. */
static inline uint32_t random_below(struct random *r, uint32_t n)
{
    return (uint32_t)(((random_bits(r) >> 32) * n) >> 32);
}

/* Normal with mean 0 and standard deviation 1. */
double random_normal(struct random *r);

/* Normal, drawn again until it lies in [low, high]; at most a hundred times, then clipped.
 */
double random_normal_in(struct random *r, double mean, double sd, double low, double high);

/* Exponential with mean 1. */
double random_exponential(struct random *r);

/* Power law dN/dx ~ x^-index in [low, high]; index is not 1. */
double random_power(struct random *r, double index, double low, double high);

/* A random (version 4) UUID as 36 characters, lower case, no NUL. */
enum { RANDOM_UUID_BYTES = 36 };
void random_uuid(struct random *r, char out[RANDOM_UUID_BYTES]);

/* x rounded to so many decimals: what an instrument writes, the same on every machine even
 * where mathematical libraries differ in the last bit. */
double random_rounded(double x, int decimals);

#endif
