/* preview.c -- /datalink/preview: small pictures of products, made when they are asked for
 * the first time and kept within a quota; or those that were registered. */
#include <math.h>
#include <openssl/evp.h>

#include "core/base/clock.h"
#include "core/base/sha256.h"
#include "datalink/cache.h"
#include "datalink/soda_output.h"

enum { SIDE = 256, PICTURE_BYTES = 1 << 20 };

/* What can be drawn: images and cubes of two axes, spectra, events on the sky. */
static bool is_drawable(const struct product *p)
{
    static const struct {
        const char *type;
        bool has_pixels;
    } TYPES[] = {{"image", true}, {"cube", true}, {"spectrum", false}, {"sed", false}};
    if (p->dataproduct_type && strcmp(p->dataproduct_type, "event") == 0)
        return isfinite(p->s_ra) && isfinite(p->s_dec);
    for (size_t i = 0; p->dataproduct_type && i < sizeof TYPES / sizeof *TYPES; i++)
        if (strcmp(p->dataproduct_type, TYPES[i].type) == 0)
            return !TYPES[i].has_pixels || (p->s_xel1 > 1 && p->s_xel2 > 1);
    return false;
}

bool product_has_preview(const struct product *p)
{
    return p->preview || (product_is_fits(p) && is_drawable(p));
}

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

static bool draw(struct datalink *d, struct http_request *request, const struct product *p,
                 struct bytes *out, struct err *e)
{
    const struct cutout_request everything = {0};
    struct picture picture;
    struct gate_pass pass;
    const struct soda_call c = {.service = d,
                                .id = str_of(p->did),
                                .request = &everything,
                                .arena = request->arena,
                                .cancel = request->cancel,
                                .deadline_ns =
                                    clock_deadline_ns(dali_limits(d->dali)->sync_seconds)};
    const struct gate_ask ask = {.pool = GATE_SHORT,
                                 .client = dali_client_key(request),
                                 .deadline_ns = c.deadline_ns,
                                 .cancel = request->cancel};
    if (!gate_enter(d->dali->gate, &pass, &ask, e))
        return false;
    enum cutout_result result = soda_draw(d, p, &c, SIDE, &picture_defaults, &picture, e);
    gate_leave(d->dali->gate, &pass);
    if (result == CUTOUT_EMPTY)
        err_set(e, ERR_NOT_FOUND, "there is nothing to see in it");
    return result == CUTOUT_DONE && picture_png(&picture, out, e);
}

/* Registered with the product: a file beside it. NULL with no error: there is none. */
static struct http_response *registered(struct datalink *d, struct http_request *request,
                                        const struct product *p, struct err *e)
{
    if (!p->preview)
        return NULL;
    int fd = products_open_beside(d->products, p, p->preview, e);
    struct http_response *r = fd >= 0 ? http_reply(request, 200) : NULL;
    return r && http_reply_file(r, preview_media_type(p), fd, e) ? r : NULL;
}

static struct http_response *answer(struct datalink *d, struct http_request *request,
                                    struct err *e)
{
    char name[SHA256_HEX + 5];
    struct product p;
    struct bytes png;
    struct err no_room = {0};
    if (!datalink_find_path(d, request->rest, request->arena, &p, e))
        return NULL;
    struct http_response *r = registered(d, request, &p, e);
    if (r || e->kind)
        return r;
    if (!product_has_preview(&p)) {
        err_set(e, ERR_NOT_FOUND, "there is no preview of it");
        return NULL;
    }
    bool is_named = name_of(&p, name);
    int fd = is_named ? cache_find(d->previews, name) : -1;
    if (fd >= 0) {
        r = http_reply(request, 200);
        return http_reply_file(r, "image/png", fd, e) ? r : NULL;
    }
    bytes_init(&png, PICTURE_BYTES);
    if (!draw(d, request, &p, &png, e)) {
        bytes_free(&png);
        return NULL;
    }
    if (is_named) /* a full disk makes previews slow, no more */
        cache_put(d->previews, name, bytes_str(&png), &no_room);
    r = http_reply(request, 200);
    http_reply_buffer(r, "image/png", &png);
    return r;
}

struct http_response *datalink_preview(void *context, struct http_request *request)
{
    struct err e = {0};
    struct http_response *r = answer(context, request, &e);
    return r ? r : http_reply_error(request, &e);
}
