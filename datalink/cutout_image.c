/* cutout_image.c -- the pixels of one image: plain ones as they lie in the file, those of
 * tiles through cfitsio, which unpacks the tiles needed and no others. */
#include "datalink/cutout_inside.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/base/bytes.h"

enum { RUN_BYTES = 1 << 20 };

static bool fits_failed(struct err *e, int status)
{
    char text[FLEN_STATUS];
    fits_get_errstatus(status, text);
    fits_clear_errmsg();
    return err_set(e, ERR_UNAVAILABLE, "the compressed image cannot be read: %s", text);
}

static void close_fits(void *file)
{
    int status = 0;
    fits_close_file(file, &status);
}

/* By its descriptor, so that it is the very file that was checked. */
static bool open_tiles(struct cutout_file *f, struct cutout_image *image, struct err *e)
{
    char path[40];
    int status = 0;
    fitsfile *tiles = NULL;
    snprintf(path, sizeof path, "/proc/self/fd/%d", f->fits->fd);
    if (fits_open_diskfile(&tiles, path, READONLY, &status))
        return fits_failed(e, status);
    if (!arena_defer(f->arena, close_fits, tiles))
        return err_set(e, ERR_BUSY, "out of memory");
    if (fits_movabs_hdu(tiles, image->hdu->number + 1, NULL, &status) ||
        fits_set_bscale(tiles, 1, 0, &status))
        return fits_failed(e, status);
    image->tiles = tiles;
    return true;
}

/* The header as it is once the tiles are unpacked. */
static bool plain_header(struct cutout_file *f, struct cutout_image *image, struct err *e)
{
    int status = 0, ncard = 0;
    fitsfile *plain = NULL;
    char *text = NULL;
    if (!fits_create_file(&plain, "mem://", &status) &&
        !fits_img_decompress_header(image->tiles, plain, &status))
        fits_hdr2str(plain, 0, NULL, 0, &text, &ncard, &status);
    const char *copy =
        text ? arena_text(f->arena, (str){text, (size_t)ncard * FITS_CARD}) : NULL;
    int ignored = 0;
    if (text)
        fits_free_memory(text, &ignored);
    if (plain)
        fits_close_file(plain, &ignored);
    if (!copy)
        return fits_failed(e, status ? status : MEMORY_ALLOCATION);
    image->card = copy, image->ncard = (uint32_t)ncard;
    if (image->ncard && memcmp(copy + (size_t)(ncard - 1) * FITS_CARD, "END     ", 8) == 0)
        image->ncard--;
    return true;
}

static bool fill_image(struct cutout_file *f, struct cutout_image *image, struct err *e)
{
    const struct fits_hdu *h = image->hdu;
    if (h->kind == FITS_COMPRESSED) {
        if (!open_tiles(f, image, e) || !plain_header(f, image, e))
            return false;
    } else
        image->card = h->card, image->ncard = h->ncard;
    struct fits_hdu head = {.card = image->card, .ncard = image->ncard};
    image->scale = 1, image->zero = 0;
    fits_double(&head, "BSCALE", &image->scale);
    fits_double(&head, "BZERO", &image->zero);
    image->has_blank = h->bitpix > 0 && fits_int(&head, "BLANK", &image->blank);
    head.naxis = h->naxis;
    const struct fits_file *file = cutout_tabs_file(f, &head, e);
    return file && fits_wcs_read(&image->wcs, file, image->card, image->ncard, h->naxis,
                                 h->size, f->arena, e);
}

struct cutout_image *cutout_image_of(struct cutout_file *f, const struct fits_hdu *h,
                                     struct err *e)
{
    for (struct cutout_image *i = f->image; i; i = i->next)
        if (i->hdu == h)
            return i;
    struct cutout_image *image = arena_new_one(f->arena, struct cutout_image);
    if (!image) {
        err_set(e, ERR_LIMIT, "the image needs too much memory");
        return NULL;
    }
    image->hdu = h, image->primary = &f->fits->hdu[0];
    if (!fill_image(f, image, e))
        return NULL;
    image->next = f->image;
    f->image = image;
    return image;
}

/* ---- plain pixels ---- */

/* Axes that are taken whole are one run with the part of the next. How many axes the run
 * has; *count: its pixels. */
static int run_axes(const struct cutout_box *b, const struct fits_hdu *h, int64_t *count)
{
    *count = 1;
    for (int k = 0; k < b->naxis; k++) {
        if (b->step[k] != 1)
            return k;
        *count *= cutout_box_count(b, k);
        if (cutout_box_count(b, k) != h->size[k])
            return k + 1;
    }
    return b->naxis;
}

static bool read_run(struct cutout_file *f, uint64_t at, uint64_t n, char *buffer,
                     image_put *put, void *context, struct err *e)
{
    while (n > 0) {
        size_t part = n < RUN_BYTES ? (size_t)n : RUN_BYTES;
        if (!fits_file_read(f->fits, at, buffer, part, e) || !put(context, buffer, part, e))
            return false;
        at += part, n -= part;
    }
    return true;
}

/* The next place above axis `low`; false: there is none. */
static bool advance(const struct cutout_box *b, int low, int64_t *place)
{
    for (int k = low; k < b->naxis; k++) {
        if ((place[k] += b->step[k]) <= b->last[k])
            return true;
        place[k] = b->first[k];
    }
    return false;
}

static bool read_plain(struct cutout_file *f, struct cutout_image *image,
                       const struct cutout_box *b, char *buffer, image_put *put,
                       void *context, struct err *e)
{
    const struct fits_hdu *h = image->hdu;
    int64_t count, place[CUTOUT_AXES];
    int low = run_axes(b, h, &count);
    memcpy(place, b->first, sizeof place);
    do {
        uint64_t at = 0, stride = 1;
        for (int k = 0; k < b->naxis; k++) {
            at += (uint64_t)(place[k] - 1) * stride;
            stride *= (uint64_t)h->size[k];
        }
        if (!read_run(f, h->data_at + at * cutout_pixel_bytes(h),
                      (uint64_t)count * cutout_pixel_bytes(h), buffer, put, context, e))
            return false;
    } while (advance(b, low, place));
    return true;
}

/* ---- tiles ---- */

/* clang-format off */
static const struct { int bitpix, type; } TYPES[] = {
    {8, TBYTE}, {16, TSHORT}, {32, TINT}, {64, TLONGLONG}, {-32, TFLOAT}, {-64, TDOUBLE}};
/* clang-format on */

static int type_of(int bitpix)
{
    for (size_t i = 0; i < sizeof TYPES / sizeof *TYPES; i++)
        if (TYPES[i].bitpix == bitpix)
            return TYPES[i].type;
    return TBYTE;
}

static void swap(void *data, size_t n, size_t width)
{
    if (width == 2)
        for (uint16_t *p = data; n-- > 0; p++)
            *p = __builtin_bswap16(*p);
    else if (width == 4)
        for (uint32_t *p = data; n-- > 0; p++)
            *p = __builtin_bswap32(*p);
    else if (width == 8)
        for (uint64_t *p = data; n-- > 0; p++)
            *p = __builtin_bswap64(*p);
}

/* As many planes of the lower axes at a time as fit the buffer. */
static int slab_axes(const struct cutout_box *b, size_t width, int64_t *count)
{
    int k = 0;
    *count = 1;
    while (k < b->naxis &&
           (k == 0 || *count * cutout_box_count(b, k) * (int64_t)width <= RUN_BYTES))
        *count *= cutout_box_count(b, k++);
    return k;
}

bool cutout_tiles_read(struct cutout_image *image, const struct cutout_box *b, void *buffer,
                       size_t n, struct err *e)
{
    long from[CUTOUT_AXES], to[CUTOUT_AXES], step[CUTOUT_AXES];
    int status = 0, bitpix = image->hdu->bitpix;
    float none_f = NAN;
    double none_d = NAN;
    void *none = bitpix == -32 ? (void *)&none_f : bitpix == -64 ? &none_d : NULL;
    for (int k = 0; k < b->naxis; k++) {
        from[k] = (long)b->first[k];
        to[k] = (long)b->last[k];
        step[k] = (long)b->step[k];
    }
    if (fits_read_subset(image->tiles, type_of(bitpix), from, to, step, none, buffer, NULL,
                         &status))
        return fits_failed(e, status);
    swap(buffer, n, cutout_pixel_bytes(image->hdu));
    return true;
}

static bool read_tiles(struct cutout_image *image, const struct cutout_box *b,
                       image_put *put, void *context, struct err *e)
{
    size_t width = cutout_pixel_bytes(image->hdu);
    int64_t count;
    int low = slab_axes(b, width, &count);
    struct cutout_box part = *b;
    if (count > (int64_t)1 << 28)
        return err_set(e, ERR_LIMIT, "a row of the image is too long");
    char *buffer = malloc((size_t)count * width);
    bool ok = true;
    if (!buffer) {
        err_set(e, ERR_BUSY, "out of memory");
        return false;
    }
    do {
        for (int k = low; k < b->naxis; k++)
            part.last[k] = part.first[k], part.step[k] = 1;
        ok = cutout_tiles_read(image, &part, buffer, (size_t)count, e) &&
             put(context, buffer, (size_t)count * width, e);
    } while (ok && advance(b, low, part.first));
    free(buffer);
    return ok;
}

bool cutout_image_read(struct cutout_file *f, struct cutout_image *image,
                       const struct cutout_box *b, image_put *put, void *context,
                       struct err *e)
{
    if (image->brought && cutout_box_is(&image->brought->box, b))
        return put(context, image->brought->data, image->brought->bytes, e);
    if (image->hdu->kind == FITS_COMPRESSED)
        return read_tiles(image, b, put, context, e);
    int64_t count;
    run_axes(b, image->hdu, &count);
    uint64_t most = (uint64_t)count * cutout_pixel_bytes(image->hdu);
    char small[4096];
    char *buffer =
        most <= sizeof small ? small : malloc(most < RUN_BYTES ? most : RUN_BYTES);
    if (!buffer) {
        err_set(e, ERR_BUSY, "out of memory");
        return false;
    }
    bool ok = read_plain(f, image, b, buffer, put, context, e);
    if (buffer != small)
        free(buffer);
    return ok;
}

/* ---- values ---- */

struct reader {
    const struct cutout_box *box;
    double *out;
};

static double value_at(const struct cutout_box *b, const char *at)
{
    uint64_t eight;
    uint32_t four;
    uint16_t two;
    float f;
    double d;
    int64_t i;
    switch (b->bitpix) {
    case -32:
        memcpy(&four, at, 4), four = __builtin_bswap32(four), memcpy(&f, &four, 4);
        return b->zero + b->scale * (double)f;
    case -64:
        memcpy(&eight, at, 8), eight = __builtin_bswap64(eight), memcpy(&d, &eight, 8);
        return b->zero + b->scale * d;
    case 16:
        memcpy(&two, at, 2), i = (int16_t)__builtin_bswap16(two);
        break;
    case 32:
        memcpy(&four, at, 4), i = (int32_t)__builtin_bswap32(four);
        break;
    case 64:
        memcpy(&eight, at, 8), i = (int64_t)__builtin_bswap64(eight);
        break;
    default:
        i = (unsigned char)*at;
    }
    return b->has_blank && i == b->blank ? NAN : b->zero + b->scale * (double)i;
}

static bool take_values(void *context, const void *data, size_t n, struct err *e)
{
    struct reader *r = context;
    size_t width = (size_t)(r->box->bitpix < 0 ? -r->box->bitpix : r->box->bitpix) / 8;
    (void)e;
    for (size_t i = 0; i + width <= n; i += width)
        *r->out++ = value_at(r->box, (const char *)data + i);
    return true;
}

bool cutout_values(struct cutout_file *f, const struct cutout_box *b, double *out,
                   struct err *e)
{
    struct reader r = {b, out};
    struct cutout_image *image = cutout_image_of(f, &f->fits->hdu[b->hdu], e);
    return image && cutout_image_read(f, image, b, take_values, &r, e);
}
