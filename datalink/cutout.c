/* cutout.c -- a request to a FITS file becomes another FITS file. */
#include "datalink/cutout_inside.h"

#include <math.h>
#include <stdlib.h>

#include "core/base/bytes.h"

enum { HEADER_LIMIT = 8 << 20, COPY_BYTES = 1 << 18 };

struct cutout_file *cutout_open(int fd, int hdu, struct arena *arena, struct err *e)
{
    struct fits_file *fits = fits_file_open(fd, hdu, arena, e);
    struct cutout_file *f = fits ? arena_new_one(arena, struct cutout_file) : NULL;
    if (!f) {
        if (fits)
            err_set(e, ERR_BUSY, "out of memory");
        return NULL;
    }
    *f = (struct cutout_file){.arena = arena, .fits = fits, .wanted = hdu};
    return f;
}

static bool is_image(const struct fits_hdu *h)
{
    return (h->kind == FITS_IMAGE || h->kind == FITS_COMPRESSED) && h->naxis > 0;
}

/* The one HDU that a request without a number means: the first that has data to cut. */
static int only_hdu(struct cutout_file *f)
{
    int found = -1;
    if (f->wanted >= 0)
        return f->wanted;
    for (int i = 0; i < f->fits->nhdu; i++)
        if (is_image(&f->fits->hdu[i]) ||
            (f->fits->hdu[i].kind == FITS_TABLE && !cutout_tabs_has(f, &f->fits->hdu[i]))) {
            if (found >= 0)
                return -1;
            found = i;
        }
    return found;
}

/* ---- one image ---- */

struct pixels { /* on their way to the sink */
    const struct cutout_sink *sink;
    uint64_t at;
    uint32_t sum;
    unsigned char rest[4]; /* bytes of an unfinished word of the sum */
    size_t nrest;
};

static void add_sum(struct pixels *p, const unsigned char *data, size_t n)
{
    for (; n > 0 && p->nrest > 0 && p->nrest < 4; n--)
        p->rest[p->nrest++] = *data++;
    if (p->nrest == 4)
        p->sum = fits_sum(p->sum, p->rest, 4), p->nrest = 0;
    p->sum = fits_sum(p->sum, data, n / 4 * 4);
    if (p->nrest == 0 && n % 4) {
        memcpy(p->rest, data + n / 4 * 4, n % 4);
        p->nrest = n % 4;
    }
}

static bool put_pixels(void *context, const void *data, size_t n, struct err *e)
{
    struct pixels *p = context;
    add_sum(p, data, n);
    if (!p->sink->write(p->sink->context, p->at, data, n, e))
        return false;
    p->at += n;
    return true;
}

static bool fill_block(struct pixels *p, uint64_t begin, struct err *e)
{
    static const char ZERO[FITS_BLOCK];
    uint64_t n = p->at - begin;
    return put_pixels(p, ZERO, (size_t)(fits_padded(n) - n), e);
}

static bool write_image(struct cutout_file *f, struct cutout_image *image,
                        const struct cutout_box *box, const struct cutout_request *r,
                        bool is_extension, const struct cutout_sink *sink, uint64_t *at,
                        struct err *e)
{
    struct bytes head;
    bytes_init(&head, HEADER_LIMIT);
    bool ok = cutout_head_write(f, image, box, r, is_extension, &head, e);
    if (ok) {
        struct pixels p = {.sink = sink, .at = *at + head.len};
        ok = cutout_image_read(f, image, box, put_pixels, &p, e) &&
             fill_block(&p, *at + head.len, e);
        if (ok) {
            cutout_checksum(head.at, head.len, p.sum);
            ok = sink->write(sink->context, *at, head.at, head.len, e);
            *at = p.at;
        }
    }
    bytes_free(&head);
    return ok;
}

static enum cutout_result cut_image(struct cutout_file *f, const struct fits_hdu *h,
                                    const struct cutout_request *r, bool is_extension,
                                    const struct cutout_sink *sink, uint64_t *at,
                                    struct err *e)
{
    struct cutout_box box;
    struct cutout_image *image = cutout_image_of(f, h, e);
    if (!image)
        return CUTOUT_FAILED;
    enum cutout_result found = cutout_box_find(image, r, &box, e);
    if (found != CUTOUT_DONE)
        return found;
    return write_image(f, image, &box, r, is_extension, sink, at, e) ? CUTOUT_DONE
                                                                     : CUTOUT_FAILED;
}

/* ---- whole HDUs ---- */

bool cutout_copy(struct cutout_file *f, uint64_t from, uint64_t bytes,
                 const struct cutout_sink *sink, uint64_t *at, struct err *e)
{
    char *buffer = malloc(COPY_BYTES);
    bool ok = buffer || err_set(e, ERR_BUSY, "out of memory");
    while (ok && bytes > 0) {
        size_t n = bytes < COPY_BYTES ? (size_t)bytes : COPY_BYTES;
        ok = fits_file_read(f->fits, from, buffer, n, e) &&
             sink->write(sink->context, *at, buffer, n, e);
        from += n, *at += n, bytes -= n;
    }
    free(buffer);
    return ok;
}

bool cutout_copy_hdu(struct cutout_file *f, const struct fits_hdu *h,
                     const struct cutout_sink *sink, uint64_t *at, struct err *e)
{
    static const char ZERO[FITS_BLOCK];
    uint64_t whole = h->data_at + h->bytes - h->begin_at;
    if (!cutout_copy(f, h->begin_at, whole, sink, at, e))
        return false;
    size_t fill = (size_t)(fits_padded(whole) - whole);
    *at += fill;
    return sink->write(sink->context, *at - fill, ZERO, fill, e);
}

bool cutout_primary(const struct cutout_sink *sink, uint64_t *at, struct err *e)
{
    char block[FITS_BLOCK];
    memset(block, ' ', sizeof block);
    fits_put_card(block, "SIMPLE", "T", "the FITS standard holds");
    fits_put_int(block + FITS_CARD, "BITPIX", 8, NULL);
    fits_put_int(block + 2 * FITS_CARD, "NAXIS", 0, NULL);
    fits_put_card(block + 3 * FITS_CARD, "EXTEND", "T", NULL);
    memcpy(block + 4 * FITS_CARD, "END", 3);
    *at += FITS_BLOCK;
    return sink->write(sink->context, *at - FITS_BLOCK, block, FITS_BLOCK, e);
}

/* ---- one HDU, or all ---- */

static enum cutout_result cut_one(struct cutout_file *f, const struct fits_hdu *h,
                                  const struct cutout_request *r,
                                  const struct cutout_sink *sink, uint64_t *at,
                                  struct err *e)
{
    if (is_image(h)) {
        enum cutout_result result = cut_image(f, h, r, false, sink, at, e);
        if (result != CUTOUT_DONE)
            return result;
        struct cutout_image *image = cutout_image_of(f, h, e);
        return image && cutout_tabs_copy(f, image, sink, at, e) ? CUTOUT_DONE
                                                                : CUTOUT_FAILED;
    }
    if (h->kind != FITS_TABLE) {
        err_set(e, ERR_USAGE, "HDU %d is neither an image nor a table", h->number);
        return CUTOUT_FAILED;
    }
    if (!(f->fits->hdu[0].naxis == 0 ? cutout_copy_hdu(f, &f->fits->hdu[0], sink, at, e)
                                     : cutout_primary(sink, at, e)))
        return CUTOUT_FAILED;
    return cutout_table_write(f, h, r, sink, at, e);
}

/* What cannot be cut that way belongs to what can (response tables, good time intervals)
 * and comes along; images that have nothing in common with the request do not. */
static enum cutout_result cut_all(struct cutout_file *f, const struct cutout_request *r,
                                  const struct cutout_sink *sink, uint64_t *at,
                                  struct err *e)
{
    int ncut = 0, nempty = 0;
    struct err why = {0};
    if (!(f->fits->hdu[0].naxis == 0 ? cutout_copy_hdu(f, &f->fits->hdu[0], sink, at, e)
                                     : cutout_primary(sink, at, e)))
        return CUTOUT_FAILED;
    for (int i = 0; i < f->fits->nhdu; i++) {
        const struct fits_hdu *h = &f->fits->hdu[i];
        struct err own = {0};
        enum cutout_result result = CUTOUT_FAILED;
        if (is_image(h))
            result = cut_image(f, h, r, true, sink, at, &own);
        else if (cutout_tabs_has(f, h)) {
            if (!cutout_copy_hdu(f, h, sink, at, e))
                return CUTOUT_FAILED;
            continue;
        } else if (h->kind == FITS_TABLE)
            result = cutout_table_write(f, h, r, sink, at, &own);
        else
            continue;
        ncut += result == CUTOUT_DONE;
        nempty += result == CUTOUT_EMPTY;
        if (result != CUTOUT_FAILED)
            continue;
        if (own.kind != ERR_USAGE) {
            *e = own;
            return CUTOUT_FAILED;
        }
        why = why.kind ? why : own;
        if (h->number > 0 && !cutout_copy_hdu(f, h, sink, at, e))
            return CUTOUT_FAILED;
    }
    if (ncut || nempty)
        return ncut ? CUTOUT_DONE : CUTOUT_EMPTY;
    err_set(e, ERR_USAGE, "%s", why.kind ? why.message : "the file has no data to cut");
    return CUTOUT_FAILED;
}

enum cutout_result cutout_write(struct cutout_file *f, const struct cutout_request *r,
                                const struct cutout_sink *sink, uint64_t *bytes,
                                struct err *e)
{
    int hdu = only_hdu(f);
    *bytes = 0;
    if (!cutout_request_selects(r) && f->wanted < 0)
        return cutout_copy(f, 0, f->fits->bytes, sink, bytes, e) ? CUTOUT_DONE
                                                                 : CUTOUT_FAILED;
    if (hdu >= 0 && !(f->wanted < 0 && f->fits->hdu[hdu].kind == FITS_TABLE))
        return cut_one(f, &f->fits->hdu[hdu], r, sink, bytes, e);
    return cut_all(f, r, sink, bytes, e);
}

struct cutout_image *cutout_image_meant(struct cutout_file *f, struct err *e)
{
    int hdu = f->wanted;
    for (int i = 0; hdu < 0 && i < f->fits->nhdu; i++)
        if (is_image(&f->fits->hdu[i]))
            hdu = i;
    if (hdu < 0 || !is_image(&f->fits->hdu[hdu])) {
        err_set(e, ERR_USAGE, "there is no image in it");
        return NULL;
    }
    return cutout_image_of(f, &f->fits->hdu[hdu], e);
}

enum cutout_result cutout_extension(struct cutout_file *f, const struct cutout_request *r,
                                    const struct cutout_sink *sink, uint64_t *at,
                                    struct err *e)
{
    struct cutout_image *image = cutout_image_meant(f, e);
    if (!image)
        return CUTOUT_FAILED;
    for (int i = 0; i < image->wcs.naxis; i++)
        if (image->wcs.tab[i]) {
            err_set(e, ERR_USAGE,
                    "an axis is a lookup table (-TAB), which needs a file of its own: ask "
                    "for a tar");
            return CUTOUT_FAILED;
        }
    return cut_image(f, image->hdu, r, true, sink, at, e);
}

enum cutout_result cutout_find(struct cutout_file *f, const struct cutout_request *r,
                               struct cutout_box *box, struct err *e)
{
    struct cutout_image *image = cutout_image_meant(f, e);
    return image ? cutout_box_find(image, r, box, e) : CUTOUT_FAILED;
}

bool cutout_wavelengths(struct cutout_file *f, const struct cutout_box *b, int *axis,
                        double *out, struct err *e)
{
    struct cutout_image *image = cutout_image_of(f, &f->fits->hdu[b->hdu], e);
    if (!image || !fits_wcs_edges(&image->wcs, e))
        return false;
    *axis = image->wcs.spectral;
    for (int64_t i = b->first[*axis]; i <= b->last[*axis]; i += b->step[*axis])
        *out++ = fits_wcs_wavelength(&image->wcs, (double)i);
    return true;
}

bool cutout_text(struct cutout_file *f, const struct cutout_box *b, const char *keyword,
                 char out[72])
{
    struct err ignored = {0};
    struct cutout_image *image = cutout_image_of(f, &f->fits->hdu[b->hdu], &ignored);
    struct fits_hdu head = {0};
    if (!image)
        return false;
    head.card = image->card, head.ncard = image->ncard;
    return fits_text(&head, keyword, out);
}

int cutout_table_hdu(const struct cutout_file *f)
{
    for (int i = f->wanted >= 0 ? f->wanted : 0; i < f->fits->nhdu; i++) {
        if (f->fits->hdu[i].kind == FITS_TABLE)
            return i;
        if (is_image(&f->fits->hdu[i]) || f->wanted >= 0)
            break;
    }
    return -1;
}

/* ---- stamps ---- */

static void lay(float *out, const struct cutout_request *r, const struct cutout_box *window,
                const struct cutout_box *box, const int axis[2], const double *value)
{
    int64_t n = cutout_box_count(box, axis[0]);
    for (int64_t i = 0; i < r->width * r->height; i++)
        out[i] = NAN;
    for (int64_t y = box->first[axis[1]]; y <= box->last[axis[1]]; y++)
        for (int64_t x = box->first[axis[0]]; x <= box->last[axis[0]]; x++)
            out[(y - window->first[axis[1]]) * r->width + x - window->first[axis[0]]] =
                (float)value[(y - box->first[axis[1]]) * n + x - box->first[axis[0]]];
}

enum cutout_result cutout_stamp(struct cutout_file *f, const struct cutout_request *r,
                                float *out, struct err *e)
{
    struct cutout_box box, window = {0};
    struct cutout_image *image = cutout_image_meant(f, e);
    if (!image)
        return CUTOUT_FAILED;
    enum cutout_result found = cutout_box_find(image, r, &box, e);
    if (found != CUTOUT_DONE)
        return found;
    int axis[2] = {image->wcs.lng, image->wcs.lat};
    if (cutout_window(image, r, &window, e) != CUTOUT_DONE)
        return CUTOUT_FAILED;
    for (int i = 0; i < box.naxis; i++)
        if (i != axis[0] && i != axis[1])
            box.last[i] = box.first[i]; /* the first plane of a cube */
    double *value =
        calloc((size_t)(cutout_box_count(&box, axis[0]) * cutout_box_count(&box, axis[1])),
               sizeof *value);
    bool ok = (value || err_set(e, ERR_BUSY, "out of memory")) &&
              cutout_values(f, &box, value, e);
    if (ok)
        lay(out, r, &window, &box, axis, value);
    free(value);
    return ok ? CUTOUT_DONE : CUTOUT_FAILED;
}
