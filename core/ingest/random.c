/* random.c -- distributions over the seekable generator of random.h. */
#include "core/ingest/random.h"

#include <math.h>

struct random random_at(uint64_t stream, uint64_t row)
{
    struct random r = {.state = 0xC01BEu ^ (stream << 48)};
    uint64_t key = random_bits(&r);
    r.state = key ^ (row * 0xD1342543DE82EF95u);
    r.state = random_bits(&r);
    return r;
}

double random_normal(struct random *r)
{
    double radius = sqrt(-2 * log(random_unit(r)));
    return radius * cos(2 * 3.14159265358979323846 * random_unit(r));
}

double random_normal_in(struct random *r, double mean, double sd, double low, double high)
{
    for (int i = 0; i < 100; i++) {
        double x = mean + sd * random_normal(r);
        if (x >= low && x <= high)
            return x;
    }
    return mean < low ? low : mean > high ? high : mean;
}

double random_exponential(struct random *r)
{
    return -log(random_unit(r));
}

double random_power(struct random *r, double index, double low, double high)
{
    double k = 1 - index;
    double a = pow(low, k), b = pow(high, k);
    return pow(a + (b - a) * random_unit(r), 1 / k);
}

void random_uuid(struct random *r, char out[RANDOM_UUID_BYTES])
{
    static const char HEX[] = "0123456789abcdef";
    uint64_t half[2] = {random_bits(r), random_bits(r)};
    half[0] = (half[0] & ~0xF000ull) | 0x4000ull;             /* version 4 */
    half[1] = (half[1] & 0x3FFFFFFFFFFFFFFFull) | 1ull << 63; /* variant of RFC 4122 */
    char *p = out;
    for (int digit = 0; digit < 32; digit++) {
        if (digit == 8 || digit == 12 || digit == 16 || digit == 20)
            *p++ = '-';
        *p++ = HEX[half[digit / 16] >> (60 - 4 * (digit % 16)) & 15];
    }
}

double random_rounded(double x, int decimals)
{
    static const double SCALE[] = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9};
    return nearbyint(x * SCALE[decimals]) / SCALE[decimals];
}
