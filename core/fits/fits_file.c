/* fits_file.c -- walking a FITS file by its headers, with limits. */
#include "core/fits/fits_file.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/num.h"
#include "core/fits/gunzip.h"

bool fits_file_read(const struct fits_file *f, uint64_t at, void *out, size_t n,
                    struct err *e)
{
    char *to = out;
    while (n > 0) {
        ssize_t got = pread(f->fd, to, n, (off_t)at);
        if (got <= 0)
            return err_set(e, ERR_UNAVAILABLE, "the file ends before its data do");
        to += got, at += (uint64_t)got, n -= (size_t)got;
    }
    return true;
}

/* ---- cards ---- */

static bool is_keyword(const char *card, const char *keyword)
{
    size_t n = strlen(keyword);
    if (n > 8 || memcmp(card, keyword, n) != 0)
        return false;
    for (; n < 8; n++)
        if (card[n] != ' ')
            return false;
    return true;
}

const char *fits_card_find(const struct fits_hdu *h, const char *keyword)
{
    for (uint32_t i = 0; i < h->ncard; i++)
        if (is_keyword(h->card + (size_t)i * FITS_CARD, keyword))
            return h->card + (size_t)i * FITS_CARD;
    return NULL;
}

/* What stands behind "= ", up to the comment. */
static str value_of(const struct fits_hdu *h, const char *keyword)
{
    const char *card = fits_card_find(h, keyword);
    if (!card || card[8] != '=')
        return (str){NULL, 0};
    str value = {card + 9, FITS_CARD - 9};
    value = str_trim(value);
    return value.len && value.at[0] == '\'' ? value : str_trim(str_cut(&value, '/'));
}

bool fits_double(const struct fits_hdu *h, const char *keyword, double *out)
{
    str value = value_of(h, keyword);
    char text[FITS_CARD];
    if (!value.at || value.len == 0 || value.at[0] == '\'')
        return false;
    memcpy(text, value.at, value.len);
    for (size_t i = 0; i < value.len; i++) /* FORTRAN's exponent */
        if (text[i] == 'D' || text[i] == 'd')
            text[i] = 'E';
    return num_parse_double((str){text, value.len}, out);
}

bool fits_int(const struct fits_hdu *h, const char *keyword, int64_t *out)
{
    str value = value_of(h, keyword);
    return value.at && num_parse_int(value, out);
}

bool fits_logical(const struct fits_hdu *h, const char *keyword)
{
    str value = value_of(h, keyword);
    return value.at && str_eq(value, STR("T"));
}

bool fits_text(const struct fits_hdu *h, const char *keyword, char out[72])
{
    str value = value_of(h, keyword);
    size_t n = 0;
    if (!value.at || value.len < 2 || value.at[0] != '\'')
        return false;
    for (size_t i = 1; i < value.len && n < 71; i++) {
        if (value.at[i] == '\'' && !(i + 1 < value.len && value.at[++i] == '\''))
            break;
        out[n++] = value.at[i];
    }
    while (n > 0 && out[n - 1] == ' ')
        n--;
    out[n] = 0;
    return true;
}

void fits_put_card(char card[FITS_CARD], const char *keyword, const char *value,
                   const char *comment)
{
    char text[160];
    int n = value[0] == '\'' || strlen(value) > 20
                ? snprintf(text, sizeof text, "%-8.8s= %-20s", keyword, value)
                : snprintf(text, sizeof text, "%-8.8s= %20s", keyword, value);
    if (comment && n < FITS_CARD - 4)
        n += snprintf(text + n, sizeof text - (size_t)n, " / %s", comment);
    memset(card, ' ', FITS_CARD);
    memcpy(card, text, n < FITS_CARD ? (size_t)n : FITS_CARD);
}

void fits_put_int(char card[FITS_CARD], const char *keyword, int64_t value,
                  const char *comment)
{
    char text[NUM_TEXT_BYTES + 1];
    text[num_print_int(value, text)] = 0;
    fits_put_card(card, keyword, text, comment);
}

void fits_put_double(char card[FITS_CARD], const char *keyword, double value,
                     const char *comment)
{
    char text[NUM_TEXT_BYTES + 3];
    size_t n = num_print_double(value, text);
    bool is_whole = true;
    for (size_t i = 0; i < n; i++) {
        text[i] = ascii_upper(text[i]);
        is_whole &= text[i] != '.' && text[i] != 'E';
    }
    if (is_whole)
        text[n++] = '.', text[n++] = '0';
    text[n] = 0;
    fits_put_card(card, keyword, text, comment);
}

/* ---- checksums ---- */

uint32_t fits_sum(uint32_t sum, const void *data, size_t n)
{
    const unsigned char *at = data;
    uint64_t total = sum;
    for (size_t i = 0; i + 4 <= n; i += 4) {
        uint32_t word;
        memcpy(&word, at + i, 4);
        total += __builtin_bswap32(word);
    }
    while (total >> 32)
        total = (total & 0xFFFFFFFFu) + (total >> 32);
    return (uint32_t)total;
}

/* FITS 4.0, "Encoding the checksum": four letters for each byte of the complement, none of
 * them punctuation, the whole rotated by one. */
void fits_sum_text(uint32_t sum, char out[17])
{
    static const char PUNCTUATION[] = ":;<=>?@[\\]^_`";
    uint32_t value = ~sum;
    char letter[16];
    for (int i = 0; i < 4; i++) {
        int byte = (int)(value >> (24 - 8 * i) & 0xFF);
        int ch[4] = {byte / 4 + byte % 4 + '0', byte / 4 + '0', byte / 4 + '0',
                     byte / 4 + '0'};
        for (bool again = true; again;) {
            again = false;
            for (int j = 0; j < 4; j += 2)
                if (memchr(PUNCTUATION, ch[j], sizeof PUNCTUATION - 1) ||
                    memchr(PUNCTUATION, ch[j + 1], sizeof PUNCTUATION - 1))
                    ch[j]++, ch[j + 1]--, again = true;
        }
        for (int j = 0; j < 4; j++)
            letter[4 * j + i] = (char)ch[j];
    }
    for (int i = 0; i < 16; i++)
        out[i] = letter[(i + 15) % 16];
    out[16] = 0;
}

/* ---- headers ---- */

static bool damaged(struct err *e, int hdu, const char *why)
{
    return err_set(e, ERR_USAGE, "HDU %d of the file is damaged: %s", hdu, why);
}

/* Only printable ASCII is text of a header, and WCSLIB crashes on other bytes. In a keyword
 * they mean that this is no header; elsewhere (letters of Latin-1 in comments) they become
 * question marks. */
static bool clean_card(char *card)
{
    for (int i = 0; i < FITS_CARD; i++)
        if (card[i] < ' ' || card[i] > '~') {
            if (i < 8)
                return false;
            card[i] = '?';
        }
    return true;
}

/* Reads blocks until END. */
static bool read_cards(struct fits_file *f, struct fits_hdu *h, struct arena *arena,
                       struct err *e)
{
    char block[FITS_BLOCK];
    char *all = NULL;
    uint32_t ncard = 0, room = 0;
    for (uint64_t at = h->begin_at;; at += FITS_BLOCK) {
        if (at + FITS_BLOCK > f->bytes)
            return damaged(e, h->number, "its header has no END");
        if (ncard * (uint64_t)FITS_CARD > FITS_MAX_HEADER)
            return err_set(e, ERR_LIMIT, "HDU %d has a header of more than %d bytes",
                           h->number, FITS_MAX_HEADER);
        if (!fits_file_read(f, at, block, FITS_BLOCK, e))
            return false;
        if (ncard + 36 > room) {
            char *more = arena_alloc(arena, room = 2 * room + 72, FITS_CARD);
            if (!more)
                return err_set(e, ERR_LIMIT, "the headers need too much memory");
            if (ncard)
                memcpy(more, all, (size_t)ncard * FITS_CARD);
            all = more;
        }
        for (int i = 0; i < FITS_BLOCK / FITS_CARD; i++) {
            if (is_keyword(block + i * FITS_CARD, "END")) {
                h->card = all, h->ncard = ncard;
                h->data_at = at + FITS_BLOCK;
                return true;
            }
            if (!clean_card(block + i * FITS_CARD))
                return damaged(e, h->number, "its header has bytes that are no text");
            memcpy(all + (size_t)ncard++ * FITS_CARD, block + i * FITS_CARD, FITS_CARD);
        }
    }
}

static bool read_axes(struct fits_hdu *h, const char *prefix, struct err *e)
{
    char keyword[20];
    int64_t bitpix, naxis;
    snprintf(keyword, sizeof keyword, "%sBITPIX", prefix);
    if (!fits_int(h, keyword, &bitpix) || (bitpix != 8 && bitpix != 16 && bitpix != 32 &&
                                           bitpix != 64 && bitpix != -32 && bitpix != -64))
        return damaged(e, h->number, "BITPIX is none");
    snprintf(keyword, sizeof keyword, "%sNAXIS", prefix);
    if (!fits_int(h, keyword, &naxis) || naxis < 0 || naxis > FITS_MAX_AXES)
        return damaged(e, h->number, "NAXIS is not between 0 and 9");
    h->bitpix = (int)bitpix, h->naxis = (int)naxis;
    for (int i = 0; i < h->naxis; i++) {
        snprintf(keyword, sizeof keyword, "%sNAXIS%d", prefix, i + 1);
        if (!fits_int(h, keyword, &h->size[i]) || h->size[i] < 0)
            return damaged(e, h->number, "an axis has no length");
    }
    return true;
}

/* Bytes of the data by the header; false past 2^62. */
static bool data_bytes(struct fits_hdu *h, int64_t pcount, int64_t gcount)
{
    int64_t n = h->naxis > 0, word = (h->bitpix < 0 ? -h->bitpix : h->bitpix) / 8;
    for (int i = 0; i < h->naxis; i++)
        if (__builtin_mul_overflow(n, h->size[i], &n))
            return false;
    if (h->naxis > 0 && __builtin_add_overflow(n, pcount, &n))
        return false;
    if (__builtin_mul_overflow(n, gcount, &n) || __builtin_mul_overflow(n, word, &n))
        return false;
    h->bytes = (uint64_t)n;
    return n < INT64_MAX / 2;
}

static enum fits_kind kind_of(const struct fits_hdu *h, bool has_groups)
{
    char extension[72];
    if (h->number == 0)
        return has_groups ? FITS_OTHER : FITS_IMAGE;
    if (!fits_text(h, "XTENSION", extension))
        return FITS_OTHER;
    if (strcmp(extension, "IMAGE") == 0)
        return FITS_IMAGE;
    if (strcmp(extension, "BINTABLE") != 0)
        return FITS_OTHER;
    return fits_logical(h, "ZIMAGE") ? FITS_COMPRESSED : FITS_TABLE;
}

static bool read_hdu(struct fits_file *f, struct fits_hdu *h, struct arena *arena,
                     struct err *e)
{
    int64_t pcount = 0, gcount = 1;
    if (!read_cards(f, h, arena, e) || !read_axes(h, "", e))
        return false;
    if (h->number > 0) {
        fits_int(h, "PCOUNT", &pcount);
        fits_int(h, "GCOUNT", &gcount);
    }
    bool has_groups = h->number == 0 && fits_logical(h, "GROUPS");
    if (pcount < 0 || gcount < 0 || has_groups || !data_bytes(h, pcount, gcount) ||
        h->bytes > f->bytes - h->data_at)
        return damaged(e, h->number,
                       has_groups ? "random groups are not read here"
                                  : "the file is shorter than its header says");
    h->heap_bytes = pcount;
    h->end_at = h->data_at + fits_padded(h->bytes);
    h->kind = kind_of(h, has_groups);
    return h->kind != FITS_COMPRESSED || read_axes(h, "Z", e);
}

static void close_fd(void *fd)
{
    close((int)(intptr_t)fd);
}

static bool begins_with(const struct fits_file *f, uint64_t at, const char keyword[9])
{
    char begin[8];
    struct err ignored = {0};
    return at + FITS_BLOCK <= f->bytes &&
           fits_file_read(f, at, begin, sizeof begin, &ignored) &&
           memcmp(begin, keyword, sizeof begin) == 0;
}

struct fits_file *fits_file_open(int fd, int last, struct arena *arena, struct err *e)
{
    struct stat s;
    if ((fd = gunzip_open(fd, e)) < 0)
        return NULL;
    if (!arena_defer(arena, close_fd, (void *)(intptr_t)fd)) {
        err_set(e, ERR_BUSY, "out of memory");
        return NULL;
    }
    struct fits_file *f = arena_new_one(arena, struct fits_file);
    struct fits_hdu *room = arena_new_array(arena, struct fits_hdu, 8);
    int nroom = 8;
    if (!f || !room || fstat(fd, &s) != 0) {
        err_set(e, ERR_BUSY, "out of memory");
        return NULL;
    }
    *f = (struct fits_file){.fd = fd, .bytes = (uint64_t)s.st_size, .hdu = room};
    if (!begins_with(f, 0, "SIMPLE  ")) {
        err_set(e, ERR_USAGE, "this is no FITS file");
        return NULL;
    }
    /* What follows the last HDU and is none is allowed by the standard, and not read. */
    for (uint64_t at = 0;
         (at == 0 || begins_with(f, at, "XTENSION")) && (last < 0 || f->nhdu <= last);) {
        if (f->nhdu == FITS_MAX_HDUS) {
            err_set(e, ERR_LIMIT, "the file has more than %d HDUs", FITS_MAX_HDUS);
            return NULL;
        }
        if (f->nhdu == nroom) {
            struct fits_hdu *more =
                arena_new_array(arena, struct fits_hdu, 2 * (size_t)nroom);
            if (!more) {
                err_set(e, ERR_LIMIT, "the headers need too much memory");
                return NULL;
            }
            memcpy(more, f->hdu, (size_t)nroom * sizeof *more);
            f->hdu = more, nroom *= 2;
        }
        struct fits_hdu *h = &f->hdu[f->nhdu];
        *h = (struct fits_hdu){.number = f->nhdu, .begin_at = at};
        if (!read_hdu(f, h, arena, e))
            return NULL;
        f->nhdu++;
        at = h->end_at;
    }
    if (last >= f->nhdu) {
        err_set(e, ERR_NOT_FOUND, "the file has no HDU %d", last);
        return NULL;
    }
    return f;
}
