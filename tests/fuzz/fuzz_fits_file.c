/* fuzz_fits_file.c -- any bytes as a FITS file: its frame, its cards, its WCS. What does
 * not begin as a FITS file is taken as the lines of one image's header. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/fits/fits_wcs.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

enum { MOST_CARDS = 400 };

static void try_wcs(const struct fits_file *file, const char *card, uint32_t ncard,
                    int naxis, const int64_t *size, struct arena *arena)
{
    struct fits_wcs w;
    struct err e = {0};
    struct sky_point sky[3] = {{10, 20}, {0, 90}, {359.9, -45}};
    double xy[3][2] = {{1, 1}, {0, 0}, {0, 0}};
    if (!fits_wcs_read(&w, file, card, ncard, naxis, size, arena, &e))
        return;
    if (fits_wcs_pixels(&w, sky, 3, xy, &e))
        fits_wcs_positions(&w, (const double(*)[2])xy, 3, sky, &e);
    if (w.spectral >= 0 && w.size[w.spectral] < 1000)
        fits_wcs_edges(&w, &e);
    if (w.time >= 0 && w.time < w.naxis)
        fits_wcs_mjd(&w, 1);
    if (w.stokes >= 0 && w.stokes < w.naxis)
        fits_wcs_linear(&w, w.stokes, 1);
}

static void try_file(const uint8_t *data, size_t len, struct arena *arena)
{
    struct err e = {0};
    int fd = memfd_create("fuzz", MFD_CLOEXEC);
    if (fd < 0 || write(fd, data, len) != (ssize_t)len)
        abort();
    struct fits_file *f = fits_file_open(fd, -1, arena, &e);
    for (int i = 0; f && i < f->nhdu; i++) {
        const struct fits_hdu *h = &f->hdu[i];
        char text[72];
        int64_t number;
        double value;
        if (h->end_at < h->data_at || h->data_at + h->bytes > f->bytes)
            abort(); /* nothing is believed that the file's size contradicts */
        fits_text(h, "OBJECT", text);
        fits_int(h, "BLANK", &number);
        fits_double(h, "EXPTIME", &value);
        if (h->kind == FITS_IMAGE || h->kind == FITS_COMPRESSED)
            try_wcs(f, h->card, h->ncard, h->naxis, h->size, arena);
    }
}

static void try_cards(const uint8_t *data, size_t len, struct arena *arena)
{
    static const int64_t SIZE[4] = {100, 100, 20, 4};
    char *card = arena_alloc(arena, MOST_CARDS, FITS_CARD);
    uint32_t n = 0;
    memset(card, ' ', (size_t)MOST_CARDS * FITS_CARD);
    for (size_t i = 0, at = 0; i < len && n < MOST_CARDS; i++) {
        if (data[i] == '\n' || at == FITS_CARD) {
            n++, at = 0;
            if (data[i] == '\n')
                continue;
            if (n == MOST_CARDS)
                break;
        }
        card[(size_t)n * FITS_CARD + at++] =
            data[i] < ' ' || data[i] > '~' ? '?' : (char)data[i];
    }
    try_wcs(NULL, card, n, 4, SIZE, arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct arena *arena = arena_new(256 << 20);
    if (len >= 8 && memcmp(data, "SIMPLE  ", 8) == 0)
        try_file(data, len, arena);
    else
        try_cards(data, len, arena);
    arena_free(arena);
    return 0;
}
