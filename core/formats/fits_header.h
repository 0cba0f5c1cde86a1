/* fits_header.h -- the headers of a FITS file (FITS 4.0, "Headers"), read with distrust: no
 * size, count or length is believed before it is checked. Private to this folder. */
#ifndef CORE_FORMATS_FITS_HEADER_H
#define CORE_FORMATS_FITS_HEADER_H

#include "core/base/arena.h"
#include "core/base/err.h"

struct fits_card {
    uint64_t name; /* eight bytes */
    str value;     /* of a string without quotes and padding; else the word */
    bool is_string;
};

struct fits_header {
    struct fits_card *card;
    uint32_t ncard;
    uint32_t *slot; /* hash of names: index + 1 */
    uint32_t nslot;
    struct arena *arena;
    uint64_t data_at, data_bytes; /* where the data are; without padding */
};

/* Reads the header at `at`. False: ERR_USAGE. *is_end: the file ends there. */
bool fits_header_read(int fd, uint64_t at, struct arena *, struct fits_header *,
                      bool *is_end, struct err *);

/* Value of KEYWORDn (n 0: no number); at == NULL: absent. */
str fits_header_text(const struct fits_header *, const char *keyword, uint32_t n);
/* False: absent, or no such number. */
bool fits_header_int(const struct fits_header *, const char *keyword, uint32_t n,
                     int64_t *);
bool fits_header_double(const struct fits_header *, const char *keyword, uint32_t n,
                        double *);

/* Where the next header begins. */
uint64_t fits_header_next(const struct fits_header *);

/* Exactly len bytes at a place. False: ERR_USAGE, the file ends before. */
bool fits_read_at(int fd, uint64_t at, void *to, size_t len, struct err *);

#endif
