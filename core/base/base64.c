/* base64.c -- portable loops by tables, and AVX2 kernels after Mula and Lemire ("Faster
 * Base64 Encoding and Decoding Using AVX2 Instructions") where the machine has them. */
#include "core/base/base64.h"

#if defined(__x86_64__)
#include <immintrin.h>
#define HAVE_AVX2_KERNELS 1
#else
#define HAVE_AVX2_KERNELS 0
#endif

static const char LETTERS[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

#if HAVE_AVX2_KERNELS

#define AVX2 __attribute__((target("avx2")))

static bool have_avx2(void)
{
    return __builtin_cpu_supports("avx2");
}

/* 24 bytes become 32 characters a turn; reads 28. Returns the bytes taken. */
AVX2 static size_t encode_avx2(const unsigned char *in, size_t n, char *out)
{
    const __m256i spread =
        _mm256_setr_epi8(1, 0, 2, 1, 4, 3, 5, 4, 7, 6, 8, 7, 10, 9, 11, 10, 1, 0, 2, 1, 4,
                         3, 5, 4, 7, 6, 8, 7, 10, 9, 11, 10);
    const __m256i offset = _mm256_setr_epi8(
        'a' - 26, '0' - 52, '0' - 52, '0' - 52, '0' - 52, '0' - 52, '0' - 52, '0' - 52,
        '0' - 52, '0' - 52, '0' - 52, '+' - 62, '/' - 63, 'A', 0, 0, 'a' - 26, '0' - 52,
        '0' - 52, '0' - 52, '0' - 52, '0' - 52, '0' - 52, '0' - 52, '0' - 52, '0' - 52,
        '0' - 52, '+' - 62, '/' - 63, 'A', 0, 0);
    size_t at = 0;
    for (; n - at >= 28; at += 24, out += 32) {
        __m256i v = _mm256_inserti128_si256(
            _mm256_castsi128_si256(
                _mm_loadu_si128((const __m128i *)(const void *)(in + at))),
            _mm_loadu_si128((const __m128i *)(const void *)(in + at + 12)), 1);
        v = _mm256_shuffle_epi8(v, spread);
        __m256i high =
            _mm256_mulhi_epu16(_mm256_and_si256(v, _mm256_set1_epi32(0x0FC0FC00)),
                               _mm256_set1_epi32(0x04000040));
        __m256i low = _mm256_mullo_epi16(_mm256_and_si256(v, _mm256_set1_epi32(0x003F03F0)),
                                         _mm256_set1_epi32(0x01000010));
        __m256i six = _mm256_or_si256(high, low);
        __m256i range = _mm256_subs_epu8(six, _mm256_set1_epi8(51));
        __m256i upper = _mm256_cmpgt_epi8(_mm256_set1_epi8(26), six);
        range = _mm256_or_si256(range, _mm256_and_si256(upper, _mm256_set1_epi8(13)));
        _mm256_storeu_si256((__m256i *)(void *)out,
                            _mm256_add_epi8(six, _mm256_shuffle_epi8(offset, range)));
    }
    return at;
}

/* 32 characters become 24 bytes a turn, writing 32; stops before anything that is not one
 * of the 64 letters. Returns the characters taken. */
AVX2 static size_t decode_avx2(const char *in, size_t n, unsigned char *out)
{
    const __m256i low_class =
        _mm256_setr_epi8(0x15, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x13,
                         0x1A, 0x1B, 0x1B, 0x1B, 0x1A, 0x15, 0x11, 0x11, 0x11, 0x11, 0x11,
                         0x11, 0x11, 0x11, 0x11, 0x13, 0x1A, 0x1B, 0x1B, 0x1B, 0x1A);
    const __m256i high_class =
        _mm256_setr_epi8(0x10, 0x10, 0x01, 0x02, 0x04, 0x08, 0x04, 0x08, 0x10, 0x10, 0x10,
                         0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x01, 0x02, 0x04, 0x08,
                         0x04, 0x08, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10);
    const __m256i roll =
        _mm256_setr_epi8(0, 16, 19, 4, -65, -65, -71, -71, 0, 0, 0, 0, 0, 0, 0, 0, 0, 16,
                         19, 4, -65, -65, -71, -71, 0, 0, 0, 0, 0, 0, 0, 0);
    const __m256i gather =
        _mm256_setr_epi8(2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, -1, -1, -1, -1, 2, 1, 0, 6,
                         5, 4, 10, 9, 8, 14, 13, 12, -1, -1, -1, -1);
    const __m256i slash = _mm256_set1_epi8('/');
    size_t at = 0;
    for (; n - at >= 32; at += 32, out += 24) {
        __m256i v = _mm256_loadu_si256((const __m256i *)(const void *)(in + at));
        __m256i high = _mm256_and_si256(_mm256_srli_epi32(v, 4), slash);
        __m256i low = _mm256_and_si256(v, slash);
        if (!_mm256_testz_si256(_mm256_shuffle_epi8(low_class, low),
                                _mm256_shuffle_epi8(high_class, high)))
            break;
        __m256i is_slash = _mm256_cmpeq_epi8(v, slash);
        v = _mm256_add_epi8(v, _mm256_shuffle_epi8(roll, _mm256_add_epi8(is_slash, high)));
        v = _mm256_maddubs_epi16(v, _mm256_set1_epi32(0x01400140));
        v = _mm256_madd_epi16(v, _mm256_set1_epi32(0x00011000));
        v = _mm256_shuffle_epi8(v, gather);
        v = _mm256_permutevar8x32_epi32(v, _mm256_setr_epi32(0, 1, 2, 4, 5, 6, 3, 7));
        _mm256_storeu_si256((__m256i *)(void *)out, v);
    }
    return at;
}

#else

static bool have_avx2(void)
{
    return false;
}
static size_t encode_avx2(const unsigned char *in, size_t n, char *out)
{
    (void)in, (void)n, (void)out;
    return 0;
}
static size_t decode_avx2(const char *in, size_t n, unsigned char *out)
{
    (void)in, (void)n, (void)out;
    return 0;
}

#endif

static void encode_group(const unsigned char *in, char *out)
{
    uint32_t v = (uint32_t)in[0] << 16 | (uint32_t)in[1] << 8 | in[2];
    out[0] = LETTERS[v >> 18];
    out[1] = LETTERS[v >> 12 & 63];
    out[2] = LETTERS[v >> 6 & 63];
    out[3] = LETTERS[v & 63];
}

size_t base64_encode(const void *data, size_t n, char *out)
{
    const unsigned char *in = data;
    size_t at = have_avx2() ? encode_avx2(in, n, out) : 0;
    char *to = out + at / 3 * 4;
    for (; n - at >= 3; at += 3, to += 4)
        encode_group(in + at, to);
    if (at < n) {
        unsigned char last[3] = {in[at], n - at > 1 ? in[at + 1] : 0, 0};
        encode_group(last, to);
        to[3] = '=';
        if (n - at == 1)
            to[2] = '=';
    }
    return base64_encoded_bytes(n);
}

enum { BLANK = 64, PADDING = 65, WRONG = 255 };

/* clang-format off */
#define W4 WRONG, WRONG, WRONG, WRONG
#define W16 W4, W4, W4, W4
static const uint8_t VALUE[256] = {
    W4, W4, WRONG, BLANK, BLANK, WRONG, WRONG, BLANK, WRONG, WRONG, W16,
    BLANK, WRONG, WRONG, WRONG, W4, WRONG, WRONG, WRONG, 62, WRONG, WRONG, WRONG, 63,
    52, 53, 54, 55, 56, 57, 58, 59, 60, 61, WRONG, WRONG, WRONG, PADDING, WRONG, WRONG,
    WRONG, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14,
    15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, WRONG, WRONG, WRONG, WRONG, WRONG,
    WRONG, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40,
    41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, WRONG, WRONG, WRONG, WRONG, WRONG,
    W16, W16, W16, W16, W16, W16, W16, W16};
/* clang-format on */

/* Whole groups of four letters. Returns the characters taken. */
static size_t decode_groups(const char *in, size_t n, unsigned char *out)
{
    size_t at = 0;
    for (; n - at >= 4; at += 4, out += 3) {
        uint32_t a = VALUE[(uint8_t)in[at]], b = VALUE[(uint8_t)in[at + 1]],
                 c = VALUE[(uint8_t)in[at + 2]], d = VALUE[(uint8_t)in[at + 3]];
        if ((a | b | c | d) >= BLANK)
            break;
        uint32_t v = a << 18 | b << 12 | c << 6 | d;
        out[0] = (unsigned char)(v >> 16);
        out[1] = (unsigned char)(v >> 8);
        out[2] = (unsigned char)v;
    }
    return at;
}

/* One character; writes the bytes of a group that it ends. False: it may not stand here. */
static bool decode_one(struct base64_decoder *d, uint8_t value, unsigned char **out)
{
    if (value == BLANK)
        return true;
    if (value == WRONG || (value != PADDING && d->padding) ||
        (value == PADDING && (d->count < 2 || d->count + d->padding > 3)))
        return false;
    if (value == PADDING) {
        d->padding++;
        if (d->padding == 1) {
            *(*out)++ = (unsigned char)(d->bits >> (d->count == 2 ? 4 : 10));
            if (d->count == 3)
                *(*out)++ = (unsigned char)(d->bits >> 2);
        }
        return true;
    }
    d->bits = d->bits << 6 | value;
    if (++d->count == 4) {
        *(*out)++ = (unsigned char)(d->bits >> 16);
        *(*out)++ = (unsigned char)(d->bits >> 8);
        *(*out)++ = (unsigned char)d->bits;
        d->bits = d->count = 0;
    }
    return true;
}

bool base64_decode(struct base64_decoder *d, str in, unsigned char *out, size_t *nout,
                   size_t *bad)
{
    unsigned char *to = out;
    bool wide = have_avx2();
    size_t at = 0;
    while (at < in.len) {
        if (d->count == 0 && d->padding == 0) {
            size_t n = wide ? decode_avx2(in.at + at, in.len - at, to) : 0;
            n += decode_groups(in.at + at + n, in.len - at - n, to + n / 4 * 3);
            at += n;
            to += n / 4 * 3;
            if (at == in.len)
                break;
        }
        if (!decode_one(d, VALUE[(uint8_t)in.at[at]], &to)) {
            *bad = at;
            *nout = (size_t)(to - out);
            return false;
        }
        at++;
    }
    *nout = (size_t)(to - out);
    return true;
}

bool base64_decode_end(const struct base64_decoder *d)
{
    return d->padding ? d->count + d->padding == 4 : d->count == 0;
}
