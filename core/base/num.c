/* num.c -- text to numbers, correctly rounded: exact products for short decimals, Eisel and
 * Lemire's 128-bit product for most others, the C library for the few left over. */
#include "core/base/num.h"

#include <float.h>
#include <locale.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>

#include "core/base/num_pow10.h"

bool num_parse_int(str s, int64_t *out)
{
    bool negative = s.len && s.at[0] == '-';
    if (s.len && (negative || s.at[0] == '+'))
        s = (str){s.at + 1, s.len - 1};
    if (s.len == 0)
        return false;
    uint64_t limit = (uint64_t)INT64_MAX + negative, value = 0;
    for (size_t i = 0; i < s.len; i++) {
        unsigned digit = (unsigned char)s.at[i] - (unsigned)'0';
        if (digit > 9 || value > (limit - digit) / 10)
            return false;
        value = value * 10 + digit;
    }
    *out = negative ? (int64_t)(0 - value) : (int64_t)value;
    return true;
}

/* A decimal number as written: digits * 10^exponent. */
struct decimal {
    uint64_t digits; /* the first 19 significant ones */
    int64_t exponent;
    bool negative, truncated; /* more than 19 significant digits */
};

struct cursor {
    const char *at, *end;
};

static bool is_digit(char c)
{
    return (unsigned char)(c - '0') <= 9;
}

/* Eight bytes that are all digits become their value (SWAR: pairs, fours, eight). */
static bool take_eight(const char *at, uint64_t *value)
{
    uint64_t v;
    memcpy(&v, at, 8);
    if ((((v & 0xF0F0F0F0F0F0F0F0u) |
          (((v + 0x0606060606060606u) & 0xF0F0F0F0F0F0F0F0u) >> 4)) != 0x3333333333333333u))
        return false;
    v -= 0x3030303030303030u;
    v = v * 10 + (v >> 8);
    v = ((v & 0x000000FF000000FFu) * 0x000F424000000064u +
         (v >> 16 & 0x000000FF000000FFu) * 0x0000271000000001u) >>
        32;
    *value = *value * 100000000 + v;
    return true;
}

static void take_digits(struct cursor *c, uint64_t *value)
{
    while (c->end - c->at >= 8 && take_eight(c->at, value))
        c->at += 8;
    for (; c->at < c->end && is_digit(*c->at); c->at++)
        *value = *value * 10 + (uint64_t)(*c->at - '0');
}

/* The first 19 significant digits of `from` .. `to` (digits and at most one point), and how
 * far the exponent moves because of those that are left away. */
static void take_first_digits(const char *from, const char *to, struct decimal *d)
{
    int count = 0;
    bool after_point = false;
    d->digits = 0;
    d->exponent = 0;
    for (; from < to; from++) {
        if (*from == '.') {
            after_point = true;
            continue;
        }
        if (count == 19) {
            d->truncated |= *from != '0';
            d->exponent += !after_point;
            continue;
        }
        d->digits = d->digits * 10 + (uint64_t)(*from - '0');
        count += d->digits != 0;
        d->exponent -= after_point;
    }
}

static bool take_exponent(struct cursor *c, int64_t *exponent)
{
    c->at++;
    bool negative = c->at < c->end && *c->at == '-';
    if (c->at < c->end && (negative || *c->at == '+'))
        c->at++;
    if (c->at == c->end)
        return false;
    int64_t value = 0;
    for (; c->at < c->end && is_digit(*c->at); c->at++)
        if (value < 100000000)
            value = value * 10 + (*c->at - '0');
    *exponent += negative ? -value : value;
    return true;
}

/* number ::= [+-] digits [. digits] [(e|E) [+-] digits], digits on one side at least */
static bool take_decimal(str s, struct decimal *d)
{
    if (!s.at)
        s = STR("");
    struct cursor c = {s.at, s.at + s.len};
    *d = (struct decimal){.negative = s.len && s.at[0] == '-'};
    if (s.len && (d->negative || s.at[0] == '+'))
        c.at++;
    const char *start = c.at;
    take_digits(&c, &d->digits);
    ptrdiff_t ndigit = c.at - start;
    if (c.at < c.end && *c.at == '.') {
        const char *point = c.at++;
        take_digits(&c, &d->digits);
        d->exponent = point + 1 - c.at;
        ndigit += c.at - point - 1;
    }
    if (ndigit == 0)
        return false;
    if (ndigit > 19)
        take_first_digits(start, c.at, d);
    if (c.at < c.end && (*c.at == 'e' || *c.at == 'E') && !take_exponent(&c, &d->exponent))
        return false;
    return c.at == c.end;
}

/* What differs between double and float in Eisel and Lemire's method. */
struct binary_format {
    int mantissa_bits, least_exponent, infinite_power;
    int even_from, even_to;        /* powers of ten for which a tie can be exact */
    int smallest_ten, largest_ten; /* outside: zero, infinity */
};

static const struct binary_format BINARY64 = {52, -1023, 0x7FF, -4, 23, -342, 308};
static const struct binary_format BINARY32 = {23, -127, 0xFF, -17, 10, -64, 38};

struct product {
    uint64_t hi, lo;
};

/* The upper 128 bits of w * 10^q, good to the bits that rounding looks at. */
static struct product multiply(uint64_t w, int q, int mantissa_bits)
{
    struct num_pow10 t = NUM_POW10[q - NUM_POW10_MIN];
    t.lo -= q < -27 || q > 55; /* the method wants the floor there */
    num_u128 first = (num_u128)w * t.hi;
    struct product p = {(uint64_t)(first >> 64), (uint64_t)first};
    uint64_t mask = UINT64_MAX >> (mantissa_bits + 3);
    if ((p.hi & mask) == mask) {
        uint64_t more = (uint64_t)((num_u128)w * t.lo >> 64);
        p.lo += more;
        p.hi += p.lo < more;
    }
    return p;
}

static uint64_t subnormal_bits(uint64_t mantissa, int power)
{
    if (1 - power >= 64)
        return 0;
    mantissa >>= 1 - power;
    return (mantissa + (mantissa & 1)) >> 1; /* may become the least normal number */
}

/* Bits of the value nearest to w * 10^q. False: the product cannot tell. */
static bool nearest_bits(uint64_t w, int64_t q64, const struct binary_format *f,
                         uint64_t *bits)
{
    *bits = 0;
    if (w == 0 || q64 < f->smallest_ten)
        return true;
    *bits = (uint64_t)f->infinite_power << f->mantissa_bits;
    if (q64 > f->largest_ten)
        return true;
    int q = (int)q64, zeros = __builtin_clzll(w);
    struct product p = multiply(w << zeros, q, f->mantissa_bits);
    if (p.lo == UINT64_MAX && (q < -27 || q > 55))
        return false;
    int upper = (int)(p.hi >> 63), shift = upper + 64 - f->mantissa_bits - 3;
    uint64_t mantissa = p.hi >> shift;
    int power = ((217706 * q) >> 16) + 63 + upper - zeros - f->least_exponent;
    if (power <= 0) {
        *bits = subnormal_bits(mantissa, power);
        return true;
    }
    if (p.lo <= 1 && q >= f->even_from && q <= f->even_to && (mantissa & 3) == 1 &&
        mantissa << shift == p.hi)
        mantissa &= ~(uint64_t)1;
    mantissa = (mantissa + (mantissa & 1)) >> 1;
    if (mantissa >> (f->mantissa_bits + 1)) {
        mantissa >>= 1;
        power++;
    }
    if (power < f->infinite_power)
        *bits = ((uint64_t)power << f->mantissa_bits) +
                (mantissa & (((uint64_t)1 << f->mantissa_bits) - 1));
    return true;
}

static bool decimal_bits(const struct decimal *d, const struct binary_format *f,
                         uint64_t *bits)
{
    uint64_t above;
    if (!nearest_bits(d->digits, d->exponent, f, bits))
        return false;
    return !d->truncated ||
           (nearest_bits(d->digits + 1, d->exponent, f, &above) && above == *bits);
}

/* NaN, Inf, Infinity with a sign, in any case. */
static bool take_word(str s, double *out)
{
    if (s.len == 0)
        return false;
    bool negative = s.at[0] == '-', sign = negative || s.at[0] == '+';
    str word = {s.at + sign, s.len - sign};
    if (!sign && str_eq_fold(word, STR("nan"))) {
        *out = (double)NAN;
        return true;
    }
    if (!str_eq_fold(word, STR("inf")) && !str_eq_fold(word, STR("infinity")))
        return false;
    *out = negative ? -(double)INFINITY : (double)INFINITY;
    return true;
}

static locale_t c_locale;

static void make_c_locale(void)
{
    c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
}

/* The C library's own conversion, for a text that take_decimal() has accepted. */
static bool library_value(str s, bool is_float, double *out)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    char small[512], *text = small, *large = NULL;
    pthread_once(&once, make_c_locale);
    if (s.len >= sizeof small) {
        text = large = malloc(s.len + 1);
        if (!large)
            return false;
    }
    memcpy(text, s.at, s.len);
    text[s.len] = '\0';
    if (is_float)
        *out = (double)(c_locale ? strtof_l(text, NULL, c_locale) : strtof(text, NULL));
    else
        *out = c_locale ? strtod_l(text, NULL, c_locale) : strtod(text, NULL);
    free(large);
    return true;
}

bool num_parse_double(str s, double *out)
{
    static const double TEN[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                 1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    struct decimal d;
    if (!take_decimal(s, &d))
        return take_word(s, out);
    if (!d.truncated && d.digits >> 53 == 0 && d.exponent >= -22 && d.exponent <= 22) {
        double value = (double)d.digits; /* both operands exact: one rounding */
        value = d.exponent < 0 ? value / TEN[-d.exponent] : value * TEN[d.exponent];
        *out = d.negative ? -value : value;
        return true;
    }
    uint64_t bits;
    if (!decimal_bits(&d, &BINARY64, &bits))
        return library_value(s, false, out);
    bits |= (uint64_t)d.negative << 63;
    memcpy(out, &bits, sizeof *out);
    return true;
}

bool num_parse_float(str s, float *out)
{
    struct decimal d;
    double word;
    uint64_t bits;
    if (!take_decimal(s, &d)) {
        bool is_word = take_word(s, &word);
        if (is_word)
            *out = (float)word;
        return is_word;
    }
    if (!decimal_bits(&d, &BINARY32, &bits)) {
        bool is_done = library_value(s, true, &word);
        *out = is_done ? (float)word : 0;
        return is_done;
    }
    uint32_t single = (uint32_t)bits | (uint32_t)d.negative << 31;
    memcpy(out, &single, sizeof *out);
    return true;
}
