/* big_endian.h -- numbers as VOTable and FITS lay them: big-endian, unaligned. */
#ifndef CORE_FORMATS_BIG_ENDIAN_H
#define CORE_FORMATS_BIG_ENDIAN_H

#include <endian.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define DEFINE_BIG_ENDIAN(bits)                                                            \
    static inline uint##bits##_t load_be##bits(const void *at)                             \
    {                                                                                      \
        uint##bits##_t v;                                                                  \
        memcpy(&v, at, sizeof v);                                                          \
        return be##bits##toh(v);                                                           \
    }                                                                                      \
    static inline void store_be##bits(void *at, uint##bits##_t v)                          \
    {                                                                                      \
        v = htobe##bits(v);                                                                \
        memcpy(at, &v, sizeof v);                                                          \
    }                                                                                      \
    /* n elements of native order become big-endian, or the other way round. */            \
    static inline void swap_be##bits(const void *from, void *to, size_t n)                 \
    {                                                                                      \
        for (size_t i = 0; i < n; i++) {                                                   \
            uint##bits##_t v;                                                              \
            memcpy(&v, (const char *)from + i * sizeof v, sizeof v);                       \
            store_be##bits((char *)to + i * sizeof v, v);                                  \
        }                                                                                  \
    }

DEFINE_BIG_ENDIAN(16)
DEFINE_BIG_ENDIAN(32)
DEFINE_BIG_ENDIAN(64)

/* n elements of 1, 2, 4 or 8 bytes. */
static inline void swap_be(const void *from, void *to, size_t n, uint32_t size)
{
    if (n == 0)
        return;
    switch (size) {
    case 2:
        swap_be16(from, to, n);
        return;
    case 4:
        swap_be32(from, to, n);
        return;
    case 8:
        swap_be64(from, to, n);
        return;
    default:
        memcpy(to, from, n);
    }
}

#endif
