/* fits_header.c -- see fits_header.h. */
#include "core/formats/fits_header.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "core/base/num.h"

enum { CARD = 80, BLOCK = 2880, BLOCKS_MAX = 4000, AXES_MAX = 999 };

bool fits_read_at(int fd, uint64_t at, void *to, size_t len, struct err *e)
{
    for (size_t done = 0; done < len;) {
        ssize_t n = pread(fd, (char *)to + done, len - done, (off_t)(at + done));
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return err_set(e, ERR_UNAVAILABLE, "the file cannot be read: %s",
                           strerror(errno));
        if (n == 0)
            return err_set(e, ERR_USAGE, "the FITS file ends too early");
        done += (size_t)n;
    }
    return true;
}

/* --- cards ------------------------------------------------------------------------------
 */

/* "KEYWORD" and a number as the eight bytes of a card's name; 0: does not fit. */
static uint64_t name_of(const char *keyword, uint32_t n)
{
    char text[24];
    uint64_t name;
    int len = n ? snprintf(text, sizeof text, "%s%u", keyword, n)
                : snprintf(text, sizeof text, "%s", keyword);
    if (len > 8)
        return 0;
    memset(text + len, ' ', 8 - (size_t)len);
    memcpy(&name, text, 8);
    return name;
}

static str trim_right(str s)
{
    while (s.len && (s.at[s.len - 1] == ' ' || s.at[s.len - 1] == '\0'))
        s.len--;
    return s;
}

/* A quoted string at the front of s, doubled quotes made single, in the arena. */
static bool take_string(str s, struct arena *a, str *out)
{
    char *to = arena_alloc(a, CARD, 1);
    size_t n = 0;
    for (size_t i = 1; to && i < s.len; i++) {
        if (s.at[i] == '\'' && (i + 1 == s.len || s.at[i + 1] != '\'')) {
            *out = trim_right((str){to, n});
            return true;
        }
        i += s.at[i] == '\'';
        to[n++] = s.at[i];
    }
    return false;
}

static bool take_value(const char *card, struct arena *a, struct fits_card *out)
{
    str s = str_trim((str){card + 10, CARD - 10});
    memcpy(&out->name, card, 8);
    out->is_string = s.len && s.at[0] == '\'';
    if (out->is_string)
        return take_string(s, a, &out->value);
    str word = str_trim((str){s.at, str_find(s, '/')});
    char *kept = arena_text(a, word);
    out->value = (str){kept, word.len};
    return kept != NULL;
}

/* A CONTINUE card goes on with a string that ended in '&'. */
static void go_on(struct fits_header *h, const char *card)
{
    struct fits_card *last = h->ncard ? &h->card[h->ncard - 1] : NULL;
    str s = str_trim((str){card + 10, CARD - 10}), more;
    if (!last || !last->is_string || last->value.len == 0 ||
        last->value.at[last->value.len - 1] != '&' || s.len == 0 || s.at[0] != '\'' ||
        !take_string(s, h->arena, &more))
        return;
    char *both = arena_alloc(h->arena, last->value.len + more.len + 1, 1);
    if (!both)
        return;
    memcpy(both, last->value.at, last->value.len - 1);
    if (more.len)
        memcpy(both + last->value.len - 1, more.at, more.len);
    last->value = (str){both, last->value.len - 1 + more.len};
}

static bool is_end_card(const char *card)
{
    return memcmp(card, "END     ", 8) == 0;
}

/* Cards of a block; *is_last at END. */
static void take_block(struct fits_header *h, const char *block, bool *is_last)
{
    for (size_t at = 0; at < BLOCK && !*is_last; at += CARD) {
        const char *card = block + at;
        *is_last = is_end_card(card);
        if (memcmp(card, "CONTINUE", 8) == 0)
            go_on(h, card);
        else if (memcmp(card + 8, "= ", 2) == 0 &&
                 take_value(card, h->arena, &h->card[h->ncard]))
            h->ncard++;
    }
}

static bool make_index(struct fits_header *h)
{
    h->nslot = 64;
    while (h->nslot < 2 * h->ncard)
        h->nslot *= 2;
    h->slot = arena_new_array(h->arena, uint32_t, h->nslot);
    for (uint32_t i = 0; h->slot && i < h->ncard; i++) {
        uint64_t hash = h->card[i].name * 0x9E3779B97F4A7C15u >> 32;
        while (h->slot[hash % h->nslot] &&
               h->card[h->slot[hash % h->nslot] - 1].name != h->card[i].name)
            hash++;
        if (h->slot[hash % h->nslot] == 0) /* the first of equal names counts */
            h->slot[hash % h->nslot] = i + 1;
    }
    return h->slot != NULL;
}

static const struct fits_card *find_card(const struct fits_header *h, const char *keyword,
                                         uint32_t n)
{
    uint64_t name = name_of(keyword, n), hash = name * 0x9E3779B97F4A7C15u >> 32;
    for (; name && h->slot[hash % h->nslot]; hash++) {
        const struct fits_card *card = &h->card[h->slot[hash % h->nslot] - 1];
        if (card->name == name)
            return card;
    }
    return NULL;
}

str fits_header_text(const struct fits_header *h, const char *keyword, uint32_t n)
{
    const struct fits_card *card = find_card(h, keyword, n);
    return card ? card->value : (str){NULL, 0};
}

bool fits_header_int(const struct fits_header *h, const char *keyword, uint32_t n,
                     int64_t *out)
{
    str s = fits_header_text(h, keyword, n);
    return s.at && num_parse_int(str_trim(s), out);
}

bool fits_header_double(const struct fits_header *h, const char *keyword, uint32_t n,
                        double *out)
{
    str s = str_trim(fits_header_text(h, keyword, n));
    char text[72];
    if (!s.at || s.len >= sizeof text)
        return false;
    for (size_t i = 0; i < s.len; i++) /* FORTRAN's exponent of doubles */
        text[i] = s.at[i] == 'D' || s.at[i] == 'd' ? 'E' : s.at[i];
    return num_parse_double((str){text, s.len}, out);
}

/* --- sizes ------------------------------------------------------------------------------
 */

/* |BITPIX| / 8 * GCOUNT * (PCOUNT + product of axes), without overflow. */
static bool find_size(struct fits_header *h)
{
    int64_t bitpix = 8, naxis = 0, pcount = 0, gcount = 1, axis;
    uint64_t product = 1;
    fits_header_int(h, "BITPIX", 0, &bitpix);
    fits_header_int(h, "NAXIS", 0, &naxis);
    fits_header_int(h, "PCOUNT", 0, &pcount);
    fits_header_int(h, "GCOUNT", 0, &gcount);
    bool is_groups = str_eq(fits_header_text(h, "GROUPS", 0), STR("T"));
    if (naxis < 0 || naxis > AXES_MAX || pcount < 0 || gcount < 0 || bitpix > 64 ||
        bitpix < -64 || bitpix % 8)
        return false;
    for (int64_t i = 1; i <= naxis; i++) {
        if (!fits_header_int(h, "NAXIS", (uint32_t)i, &axis) || axis < 0)
            return false;
        if (i == 1 && axis == 0 && is_groups)
            continue;
        if (__builtin_mul_overflow(product, (uint64_t)axis, &product))
            return false;
    }
    product = naxis ? product : 0;
    uint64_t bytes = (uint64_t)(bitpix < 0 ? -bitpix : bitpix) / 8;
    return !__builtin_add_overflow(product, (uint64_t)pcount, &product) &&
           !__builtin_mul_overflow(product, bytes, &product) &&
           !__builtin_mul_overflow(product, (uint64_t)gcount, &h->data_bytes) &&
           h->data_bytes < (uint64_t)INT64_MAX / 4;
}

uint64_t fits_header_next(const struct fits_header *h)
{
    return h->data_at + (h->data_bytes + BLOCK - 1) / BLOCK * BLOCK;
}

/* Room for the cards of one more block. */
static bool make_room(struct fits_header *h, uint32_t *capacity)
{
    if (h->ncard + BLOCK / CARD <= *capacity)
        return true;
    uint32_t larger = *capacity ? 2 * *capacity : 8 * (BLOCK / CARD);
    struct fits_card *card = arena_new_array(h->arena, struct fits_card, larger);
    if (!card)
        return false;
    if (h->ncard)
        memcpy(card, h->card, h->ncard * sizeof *card);
    h->card = card;
    *capacity = larger;
    return true;
}

bool fits_header_read(int fd, uint64_t at, struct arena *arena, struct fits_header *h,
                      bool *is_end, struct err *e)
{
    char block[BLOCK];
    bool is_last = false;
    uint32_t capacity = 0;
    *h = (struct fits_header){.arena = arena};
    *is_end = lseek(fd, 0, SEEK_END) < (off_t)(at + BLOCK);
    if (*is_end)
        return true;
    for (uint32_t nblock = 0; !is_last; nblock++, at += BLOCK) {
        if (nblock == BLOCKS_MAX || !make_room(h, &capacity))
            return err_set(e, ERR_LIMIT, "a FITS header is too long");
        if (!fits_read_at(fd, at, block, BLOCK, e))
            return false;
        take_block(h, block, &is_last);
    }
    h->data_at = at;
    if (!make_index(h))
        return err_set(e, ERR_BUSY, "the node is out of memory; try again later");
    return find_size(h) || err_set(e, ERR_USAGE, "a FITS header has impossible sizes");
}
