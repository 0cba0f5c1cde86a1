/* preview.c -- /datalink/preview: images, made small, as PNG; made on demand, kept within a
 * quota. Of a cube the first plane. */
#include <math.h>
#include <openssl/evp.h>
#include <png.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/sha256.h"
#include "datalink/cache.h"
#include "datalink/inside.h"

enum { SIDE = 256, PNG_MAX_BYTES = 1 << 20, ROW_MAX = 1 << 20 };

bool product_has_preview(const struct product *p)
{
    return product_is_fits(p) && p->s_xel1 > 1 && p->s_xel2 > 1 && p->dataproduct_type &&
           (strcmp(p->dataproduct_type, "image") == 0 ||
            strcmp(p->dataproduct_type, "cube") == 0);
}

/* --- pixels ----------------------------------------------------------------------------
 */

struct small { /* first row at the bottom */
    int64_t width, height;
    double *value; /* NaN: none */
};

/* How many pixels of the image one of the preview stands for, along both sides. */
static int64_t step_of(const struct cutout_box *b)
{
    int64_t longest = 1;
    for (int i = 0; i < 2; i++)
        longest = b->last[i] > longest ? b->last[i] : longest;
    return (longest + SIDE - 1) / SIDE;
}

/* The mean of what there is. */
static double mean_of(const double *value, int64_t n)
{
    double sum = 0;
    int64_t count = 0;
    for (int64_t i = 0; i < n; i++)
        if (isfinite(value[i])) {
            sum += value[i];
            count++;
        }
    return count ? sum / (double)count : NAN;
}

/* One row of the image in `step`, averaged along it. */
static bool read_row(struct cutout_file *f, struct cutout_box box, int64_t y, int64_t step,
                     double *row, const struct small *s, struct err *e)
{
    int64_t n = box.last[0];
    box.first[1] = box.last[1] =
        y * step + step / 2 + 1 < box.last[1] ? y * step + step / 2 + 1 : box.last[1];
    if (!cutout_values(f, &box, row, e))
        return false;
    for (int64_t x = 0; x < s->width; x++) {
        int64_t left = n - x * step;
        s->value[y * s->width + x] = mean_of(row + x * step, left < step ? left : step);
    }
    return true;
}

static bool read_small(struct cutout_file *f, struct small *s, struct err *e)
{
    const struct cutout_request everything = {0};
    struct cutout_box box;
    enum cutout_result found = cutout_find(f, &everything, &box, e);
    if (found == CUTOUT_FAILED)
        return false;
    if (found == CUTOUT_EMPTY || box.naxis < 2 || box.last[0] > ROW_MAX)
        return err_set(e, ERR_NOT_FOUND, "it has no image of two axes to be shown");
    for (int i = 2; i < box.naxis; i++)
        box.last[i] = box.first[i];
    int64_t step = step_of(&box);
    s->width = (box.last[0] + step - 1) / step;
    s->height = (box.last[1] + step - 1) / step;
    s->value = calloc((size_t)(s->width * s->height), sizeof *s->value);
    double *row = calloc((size_t)box.last[0], sizeof *row);
    if (!s->value || !row) {
        free(row);
        return err_set(e, ERR_BUSY, "out of memory");
    }
    bool ok = true;
    for (int64_t y = 0; ok && y < s->height; y++)
        ok = read_row(f, box, y, step, row, s, e);
    free(row);
    return ok;
}

/* --- the picture -----------------------------------------------------------------------
 */

static int compare(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

/* The values that become black and white: 1 % and 99.5 % of the pixels lie below. */
static void find_cuts(const struct small *s, double *sorted, double *lo, double *hi)
{
    size_t n = 0, all = (size_t)(s->width * s->height);
    for (size_t i = 0; i < all; i++)
        if (isfinite(s->value[i]))
            sorted[n++] = s->value[i];
    if (n)
        qsort(sorted, n, sizeof *sorted, compare);
    *lo = n ? sorted[n / 100] : 0;
    *hi = n ? sorted[n - 1 - n / 200] : 0;
}

/* asinh stretch: faint things show, bright ones keep their shape; what has no value is
 * black. */
static unsigned char shade(double value, double lo, double hi)
{
    const double bend = 10;
    if (!isfinite(value) || hi <= lo)
        return 0;
    double t = fmin(fmax((value - lo) / (hi - lo), 0), 1);
    return (unsigned char)lrint(255 * asinh(bend * t) / asinh(bend));
}

static bool write_png(const struct small *s, const unsigned char *gray, struct bytes *out)
{
    png_image image = {.version = PNG_IMAGE_VERSION,
                       .width = (png_uint_32)s->width,
                       .height = (png_uint_32)s->height,
                       .format = PNG_FORMAT_GRAY};
    png_alloc_size_t size = PNG_MAX_BYTES;
    char *to = bytes_reserve(out, size);
    /* A negative stride turns it upside down: FITS counts rows from the bottom. */
    bool ok = to && png_image_write_to_memory(&image, to, &size, 0, gray,
                                              -(png_int_32)s->width, NULL);
    out->len = ok ? size : 0;
    return ok;
}

static bool draw(const struct small *s, struct bytes *out, struct err *e)
{
    double lo, hi;
    size_t n = (size_t)(s->width * s->height);
    double *sorted = malloc((n + 1) * sizeof *sorted);
    unsigned char *gray = malloc(n + 1);
    bool ok = sorted && gray;
    if (ok) {
        find_cuts(s, sorted, &lo, &hi);
        for (size_t i = 0; i < n; i++)
            gray[i] = shade(s->value[i], lo, hi);
        ok = write_png(s, gray, out);
    }
    free(sorted);
    free(gray);
    return ok || err_set(e, ERR_INTERNAL, "the preview could not be drawn");
}

static bool make(struct datalink *d, const struct product *p, struct bytes *out,
                 struct err *e)
{
    struct small s = {0};
    int fd = products_open_file(d->products, p, e);
    struct arena *arena = fd >= 0 ? arena_new(PRODUCT_ARENA_BYTES) : NULL;
    int hdu = p->hdu == PRODUCT_NONE ? -1 : (int)p->hdu;
    struct cutout_file *f = arena ? cutout_open(fd, hdu, arena, e) : NULL;
    bool ok = f && read_small(f, &s, e) && draw(&s, out, e);
    free(s.value);
    if (fd >= 0 && !arena) {
        close(fd);
        err_set(e, ERR_BUSY, "out of memory");
    }
    arena_free(arena);
    return ok;
}

/* --- the service -----------------------------------------------------------------------
 */

/* Another file at the same place has another name. */
static bool name_of(const struct product *p, char name[SHA256_HEX + 5])
{
    unsigned char digest[SHA256_BYTES];
    EVP_MD_CTX *hash = EVP_MD_CTX_new();
    bool ok = hash && EVP_DigestInit_ex(hash, EVP_sha256(), NULL) &&
              EVP_DigestUpdate(hash, p->did, strlen(p->did) + 1) &&
              EVP_DigestUpdate(hash, &p->modified_us, sizeof p->modified_us) &&
              EVP_DigestUpdate(hash, &p->bytes, sizeof p->bytes) &&
              EVP_DigestFinal_ex(hash, digest, NULL);
    EVP_MD_CTX_free(hash);
    if (ok) {
        sha256_print(digest, name);
        memcpy(name + SHA256_HEX, ".png", 5);
    }
    return ok;
}

struct http_response *datalink_preview(void *context, struct http_request *request)
{
    struct datalink *d = context;
    struct product p = {0};
    struct err e = {0};
    char name[SHA256_HEX + 5];
    struct bytes png;
    if (!datalink_find_path(d, request->rest, request->arena, &p, &e))
        return http_reply_error(request, &e);
    bool is_named = name_of(&p, name);
    struct http_response *r = http_reply(request, 200);
    int fd = is_named ? cache_find(d->previews, name) : -1;
    if (fd >= 0 && http_reply_file(r, "image/png", fd, &e))
        return r;
    bytes_init(&png, PNG_MAX_BYTES + 1);
    e = (struct err){0};
    if (!product_has_preview(&p))
        err_set(&e, ERR_NOT_FOUND, "there are previews of images and cubes only");
    if (e.kind != ERR_NONE || !make(d, &p, &png, &e)) {
        bytes_free(&png);
        return http_reply_error(request, &e);
    }
    struct err unkept = {0}; /* a full disk makes previews slow, no more */
    if (is_named)
        cache_put(d->previews, name, bytes_str(&png), &unkept);
    http_reply_buffer(r, "image/png", &png);
    return r;
}
