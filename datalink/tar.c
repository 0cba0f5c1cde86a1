/* tar.c -- headers of tar archives: ustar, and pax records before it when it is too small.
 */
#include "datalink/tar.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { NAME_AT = 0, NAME_BYTES = 100, PREFIX_AT = 345, PREFIX_BYTES = 155 };
#define USTAR_MAX_BYTES ((uint64_t)1 << 33) /* eleven octal digits */

static void put_octal(char *at, size_t n, uint64_t value)
{
    for (size_t i = n - 1; i-- > 0; value >>= 3)
        at[i] = (char)('0' + (value & 7));
    at[n - 1] = 0;
}

/* Name and prefix meet at a slash. False: they do not fit so. */
static bool put_name(char *block, const char *name)
{
    size_t n = strlen(name);
    if (n <= NAME_BYTES) {
        memcpy(block + NAME_AT, name, n);
        return true;
    }
    for (size_t i = n - 1; i > 0; i--)
        if (name[i] == '/' && i <= PREFIX_BYTES && n - i - 1 <= NAME_BYTES && n - i > 1) {
            memcpy(block + PREFIX_AT, name, i);
            memcpy(block + NAME_AT, name + i + 1, n - i - 1);
            return true;
        }
    memcpy(block + NAME_AT, name, NAME_BYTES);
    return false;
}

static bool put_block(char block[TAR_BLOCK], const char *name, uint64_t bytes,
                      int64_t modified_s, char type)
{
    unsigned sum = 0;
    memset(block, 0, TAR_BLOCK);
    bool fits = put_name(block, name);
    put_octal(block + 100, 8, 0644);
    put_octal(block + 108, 8, 0);
    put_octal(block + 116, 8, 0);
    put_octal(block + 124, 12, bytes < USTAR_MAX_BYTES ? bytes : 0);
    put_octal(block + 136, 12, modified_s > 0 ? (uint64_t)modified_s : 0);
    memset(block + 148, ' ', 8);
    block[156] = type;
    memcpy(block + 257, "ustar\00000", 8);
    for (int i = 0; i < TAR_BLOCK; i++)
        sum += (unsigned char)block[i];
    put_octal(block + 148, 7, sum);
    return fits && bytes < USTAR_MAX_BYTES;
}

/* "LENGTH KEY=VALUE\n", where the length counts itself. */
static size_t put_record(char *at, size_t room, const char *key, const char *value)
{
    size_t rest = strlen(key) + strlen(value) + 3, n = rest + 1;
    char digits[24];
    while (rest + (size_t)snprintf(digits, sizeof digits, "%zu", n) != n)
        n = rest + strlen(digits);
    return (size_t)snprintf(at, room, "%zu %s=%s\n", n, key, value);
}

size_t tar_head(const char *given, uint64_t bytes, int64_t modified_s,
                char out[TAR_HEAD_MAX])
{
    char name[TAR_NAME_MAX + 1], size[24], record[TAR_HEAD_MAX - 2 * TAR_BLOCK];
    snprintf(name, sizeof name, "%s", given);
    if (put_block(out, name, bytes, modified_s, '0'))
        return TAR_BLOCK;
    snprintf(size, sizeof size, "%llu", (unsigned long long)bytes);
    size_t n = put_record(record, sizeof record, "path", name);
    n += put_record(record + n, sizeof record - n, "size", size);
    size_t padded = (size_t)tar_padded(n);
    put_block(out, "pax", n, 0, 'x');
    memset(out + TAR_BLOCK, 0, padded);
    memcpy(out + TAR_BLOCK, record, n);
    put_block(out + TAR_BLOCK + padded, name, bytes, modified_s, '0');
    return 2 * TAR_BLOCK + padded;
}
