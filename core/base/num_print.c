/* num_print.c -- numbers to text. Shortest doubles and floats by Giulietti's Schubfach: one
 * 128-bit power of ten scales the value and both ends of its rounding interval, and the
 * nearest decimal inside with the fewest digits wins. */
#include "core/base/num.h"

#include <endian.h>

#include "core/base/num_pow10.h"

struct shortest { /* digits * 10^exponent */
    uint64_t digits;
    int exponent;
};

/* What differs between double and float. */
struct binary { /* significand * 2^exponent */
    uint64_t significand;
    int exponent;
    bool is_power_of_two; /* the gap below is half the gap above */
};

static int floor_log10_pow2(int e, bool three_quarters)
{
    return (e * 1262611 - (three_quarters ? 524031 : 0)) >> 22;
}

static int floor_log2_pow10(int e)
{
    return (e * 1741647) >> 19;
}

/* floor(g * x / 2^64) of a 128-bit g, with every lost bit kept in the last one. */
static uint64_t scale_double(struct num_pow10 g, uint64_t x)
{
    uint64_t carry = (uint64_t)((num_u128)g.lo * x >> 64);
    num_u128 y = (num_u128)g.hi * x + carry;
    return (uint64_t)(y >> 64) | ((uint64_t)y > 1);
}

/* The same for 32-bit x and 64-bit g: a float needs no more. */
static uint64_t scale_float(struct num_pow10 g, uint64_t x)
{
    num_u128 y = (num_u128)(g.hi + (g.lo != 0)) * x;
    return (uint64_t)(y >> 64) | ((uint64_t)y >> 32 > 1);
}

struct interval { /* four times value and bounds, scaled by 10^-k; bounds made inclusive */
    uint64_t below, value, above;
};

static struct shortest choose(struct interval v, int k)
{
    uint64_t s = v.value / 4;
    if (s >= 10) {
        uint64_t tens = s / 10;
        bool down = v.below <= 40 * tens, up = 40 * tens + 40 <= v.above;
        if (down != up)
            return (struct shortest){tens + up, k + 1};
    }
    bool down = v.below <= 4 * s, up = 4 * s + 4 <= v.above;
    if (down != up)
        return (struct shortest){s + up, k};
    uint64_t middle = 4 * s + 2;
    bool round_up = v.value > middle || (v.value == middle && (s & 1));
    return (struct shortest){s + round_up, k};
}

static struct shortest shortest_of(struct binary b, bool is_float)
{
    int k = floor_log10_pow2(b.exponent, b.is_power_of_two);
    int shift = b.exponent + floor_log2_pow10(-k) + 1;
    struct num_pow10 g = NUM_POW10[-k - NUM_POW10_MIN];
    uint64_t four = 4 * b.significand;
    uint64_t x[3] = {(four - 2 + b.is_power_of_two) << shift, four << shift,
                     (four + 2) << shift};
    bool odd = b.significand & 1; /* ties at the bounds read back as the even neighbour */
    struct interval v;
    if (is_float)
        v = (struct interval){scale_float(g, x[0]), scale_float(g, x[1]),
                              scale_float(g, x[2])};
    else
        v = (struct interval){scale_double(g, x[0]), scale_double(g, x[1]),
                              scale_double(g, x[2])};
    v.below += odd;
    v.above -= odd;
    return choose(v, k);
}

/* --- digits --------------------------------------------------------------------------- */

/* Eight decimal digits, one a byte, the most significant in the lowest: halves, quarters
 * and single digits are split off in all lanes at once. */
static inline uint64_t eight_digits(uint32_t v)
{
    uint64_t lanes = v / 10000 | (uint64_t)(v % 10000) << 32;
    uint64_t hundreds = (lanes * 10486 >> 20) & 0x0000007F0000007Fu;
    lanes = hundreds | (lanes - hundreds * 100) << 16;
    uint64_t tens = (lanes * 103 >> 10) & 0x000F000F000F000Fu;
    return tens | (lanes - tens * 10) << 8;
}

static const uint64_t ZEROS = 0x3030303030303030u; /* "00000000" */

/* Stores what eight_digits() gave as text. */
static inline void put_eight(char *at, uint64_t digits)
{
    digits = htole64(digits | ZEROS);
    memcpy(at, &digits, sizeof digits);
}

/* A number below 10^8 without leading zeros; writes eight bytes. Returns the end. */
static inline char *put_head(char *at, uint32_t v)
{
    uint64_t digits = eight_digits(v);
    int zeros = digits ? __builtin_ctzll(digits) / 8 : 7;
    put_eight(at, digits >> 8 * zeros);
    return at + 8 - zeros;
}

size_t num_print_int(int64_t value, char out[NUM_TEXT_BYTES])
{
    enum { EIGHT = 100000000 };
    uint64_t magnitude = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    uint64_t rest = magnitude / EIGHT;
    char *at = out;
    *at = '-';
    at += value < 0;
    if (rest == 0)
        return (size_t)(put_head(at, (uint32_t)magnitude) - out);
    if (rest < EIGHT)
        at = put_head(at, (uint32_t)rest);
    else {
        at = put_head(at, (uint32_t)(rest / EIGHT));
        put_eight(at, eight_digits((uint32_t)(rest % EIGHT)));
        at += 8;
    }
    put_eight(at, eight_digits((uint32_t)(magnitude % EIGHT)));
    return (size_t)(at + 8 - out);
}

static const uint64_t TEN[] = {1,
                               10,
                               100,
                               1000,
                               10000,
                               100000,
                               1000000,
                               10000000,
                               100000000,
                               1000000000,
                               10000000000,
                               100000000000,
                               1000000000000,
                               10000000000000,
                               100000000000000,
                               1000000000000000,
                               10000000000000000,
                               100000000000000000};

/* Of 1 .. 10^18 - 1. */
static inline int count_digits(uint64_t v)
{
    int guess = (64 - __builtin_clzll(v)) * 1233 >> 12;
    return guess + (v >= TEN[guess]);
}

/* Seventeen digits in registers, from the first that is not zero on, zeros behind them.
 * They are only ever stored: reading back what was just written would stall. */
struct digits {
    char first;
    uint64_t middle, last; /* eight characters each, as in memory */
    int count;             /* that matter */
};

enum { MOST_DIGITS = 17 };

/* Most floats, and many doubles, are short: half of the work. */
static inline struct digits split_digits(uint64_t v, int n)
{
    if (n <= 9) {
        uint32_t nine = (uint32_t)(v * TEN[9 - n]);
        uint64_t eight = eight_digits(nine % 100000000);
        return (struct digits){(char)('0' + nine / 100000000), eight | ZEROS, ZEROS,
                               eight ? 9 - __builtin_clzll(eight) / 8 : 1};
    }
    v *= TEN[MOST_DIGITS - n];
    uint64_t high = v / 100000000;
    uint64_t last = eight_digits((uint32_t)(v % 100000000));
    uint64_t middle = eight_digits((uint32_t)(high % 100000000));
    int count = last     ? MOST_DIGITS - __builtin_clzll(last) / 8
                : middle ? 9 - __builtin_clzll(middle) / 8
                         : 1;
    return (struct digits){(char)('0' + high / 100000000), middle | ZEROS, last | ZEROS,
                           count};
}

static inline void store_eight(char *at, uint64_t characters)
{
    characters = htole64(characters);
    memcpy(at, &characters, sizeof characters);
}

/* All seventeen. */
static inline void store_digits(char *at, struct digits d)
{
    at[0] = d.first;
    store_eight(at + 1, d.middle);
    store_eight(at + 9, d.last);
}

/* d.ddde-x */
static char *put_scientific(char *out, struct digits d, int power)
{
    out[0] = d.first;
    out[1] = '.';
    store_eight(out + 2, d.middle);
    store_eight(out + 10, d.last);
    out += d.count > 1 ? d.count + 1 : 1;
    *out++ = 'e';
    return out + num_print_int(power, out);
}

/* Powers of ten that are written out; beyond them the exponent form is easier to read. */
enum { LEAST_PLAIN = -5, GREATEST_PLAIN = 15 };

/* Digits with the point after `power` + 1 of them. */
static inline char *put_plain(char *out, struct digits d, int power)
{
    if (power < 0) {
        memcpy(out, "0.000000", 8);
        store_digits(out + 1 - power, d);
        return out + 1 - power + d.count;
    }
    store_digits(out, d);
    if (power + 1 >= d.count)
        return out + power + 1;
    uint64_t fraction[2]; /* the digits behind the first power + 1 */
    if (power == 0) {
        fraction[0] = d.middle;
        fraction[1] = d.last;
    } else if (power < 8) {
        fraction[0] = d.middle >> 8 * power | d.last << (64 - 8 * power);
        fraction[1] = d.last >> 8 * power;
    } else {
        fraction[0] = d.last >> 8 * (power - 8);
        fraction[1] = 0;
    }
    out[power + 1] = '.';
    store_eight(out + power + 2, fraction[0]);
    if (power < 8)
        store_eight(out + power + 10, fraction[1]);
    return out + d.count + 1;
}

static size_t put_decimal(struct shortest s, char *out, bool negative)
{
    int n = count_digits(s.digits), power = s.exponent + n - 1;
    struct digits d = split_digits(s.digits, n);
    char *at = out;
    *at = '-';
    at += negative;
    if (power < LEAST_PLAIN || power > GREATEST_PLAIN)
        at = put_scientific(at, d, power);
    else
        at = put_plain(at, d, power);
    return (size_t)(at - out);
}

static size_t put_special(char *out, bool is_nan, bool negative)
{
    const char *word = is_nan ? "NaN" : negative ? "-Inf" : "+Inf";
    size_t n = strlen(word);
    memcpy(out, word, n);
    return n;
}

static size_t put_zero(char *out, bool negative)
{
    memcpy(out, "-0", 2);
    out[0] = negative ? '-' : '0';
    return 1 + (size_t)negative;
}

/* Whole numbers below 2^(bits of the significand) are their own shortest text. */
static bool is_whole(struct binary b, struct shortest *d)
{
    if (b.exponent > 0 || b.exponent < -63 ||
        (b.significand & (((uint64_t)1 << -b.exponent) - 1)))
        return false;
    *d = (struct shortest){b.significand >> -b.exponent, 0};
    return d->digits != 0;
}

static struct binary split(uint64_t bits, int mantissa_bits, int bias)
{
    uint64_t fraction = bits & (((uint64_t)1 << mantissa_bits) - 1);
    int field = (int)(bits >> mantissa_bits);
    return (struct binary){fraction | (uint64_t)(field != 0) << mantissa_bits,
                           (field ? field : 1) - bias - mantissa_bits,
                           fraction == 0 && field > 1};
}

size_t num_print_double(double value, char out[NUM_TEXT_BYTES])
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    bool negative = bits >> 63;
    bits &= INT64_MAX;
    if (bits >= 0x7FF0000000000000)
        return put_special(out, bits > 0x7FF0000000000000, negative);
    if (bits == 0)
        return put_zero(out, negative);
    struct binary b = split(bits, 52, 1023);
    struct shortest d;
    if (!is_whole(b, &d))
        d = shortest_of(b, false);
    return put_decimal(d, out, negative);
}

size_t num_print_float(float value, char out[NUM_TEXT_BYTES])
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    bool negative = bits >> 31;
    bits &= INT32_MAX;
    if (bits >= 0x7F800000)
        return put_special(out, bits > 0x7F800000, negative);
    if (bits == 0)
        return put_zero(out, negative);
    struct binary b = split(bits, 23, 127);
    struct shortest d;
    if (!is_whole(b, &d))
        d = shortest_of(b, true);
    return put_decimal(d, out, negative);
}
