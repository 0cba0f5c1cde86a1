/* fits_file.h -- the frame of a FITS file, read without trust: where each HDU begins, which
 * cards it has, how many bytes its data take. Nothing is believed that the file's size
 * contradicts. */
#ifndef CORE_FITS_FILE_H
#define CORE_FITS_FILE_H

#include "core/base/arena.h"
#include "core/base/err.h"
#include "core/base/str.h"

enum { FITS_CARD = 80, FITS_BLOCK = 2880, FITS_MAX_AXES = 9, FITS_MAX_HDUS = 2000 };
enum { FITS_MAX_HEADER = 4 << 20 };

enum fits_kind { FITS_IMAGE, FITS_COMPRESSED, FITS_TABLE, FITS_OTHER };

struct fits_hdu {
    enum fits_kind kind;
    int number;        /* 0: the primary */
    uint64_t begin_at; /* of the header, in the file */
    uint64_t data_at;  /* of the data */
    uint64_t bytes;    /* of the data, without what fills the last block */
    uint64_t end_at;   /* where the next HDU begins */
    const char *card;  /* ncard times 80 characters, END not among them */
    uint32_t ncard;
    int bitpix, naxis;           /* of the image, also of a compressed one */
    int64_t size[FITS_MAX_AXES]; /* likewise; of a table bytes in a row, rows */
    int64_t heap_bytes;          /* PCOUNT */
};

struct fits_file {
    int fd;
    uint64_t bytes;
    struct fits_hdu *hdu;
    int nhdu;
};

/* Takes `fd` over (closed with the arena, also on failure) and reads headers up to HDU
 * `last`, or all (last < 0; at most FITS_MAX_HDUS). NULL: ERR_USAGE, it is no FITS file or
 * a damaged one; ERR_LIMIT; ERR_NOT_FOUND, there is no such HDU. */
struct fits_file *fits_file_open(int fd, int last, struct arena *, struct err *);

/* The card of that keyword, or NULL; `from` is where to begin. */
const char *fits_card_find(const struct fits_hdu *, const char *keyword);
/* A value of the header. False: absent, or of another kind. Texts come without quotes and
 * trailing blanks, in `out` (of 72 bytes). */
bool fits_int(const struct fits_hdu *, const char *keyword, int64_t *);
bool fits_double(const struct fits_hdu *, const char *keyword, double *);
bool fits_logical(const struct fits_hdu *, const char *keyword);
bool fits_text(const struct fits_hdu *, const char *keyword, char out[72]);

/* Reads all of `n` bytes. False with ERR_UNAVAILABLE: the file ended or cannot be read. */
bool fits_file_read(const struct fits_file *, uint64_t at, void *out, size_t n,
                    struct err *);

/* Cards are written, never assumed: each function fills 80 characters. */
void fits_put_card(char card[FITS_CARD], const char *keyword, const char *value,
                   const char *comment);
void fits_put_int(char card[FITS_CARD], const char *keyword, int64_t, const char *comment);
void fits_put_double(char card[FITS_CARD], const char *keyword, double,
                     const char *comment);

/* The checksum of the FITS standard over whole words (n a multiple of 4), and its text. */
uint32_t fits_sum(uint32_t sum, const void *, size_t n);
void fits_sum_text(uint32_t complement_of, char out[17]);

static inline uint64_t fits_padded(uint64_t bytes)
{
    return (bytes + FITS_BLOCK - 1) / FITS_BLOCK * FITS_BLOCK;
}

#endif
