/* inside.h -- shared by the files of the service. */
#ifndef DATALINK_INSIDE_H
#define DATALINK_INSIDE_H

#include "datalink/cutout.h"
#include "datalink/datalink.h"

struct datalink {
    struct dali *dali;
    struct products *products;
    struct uws *uws;                /* /soda/async */
    struct cache *lists, *previews; /* see cache.h */
};

enum { PRODUCT_ARENA_BYTES = 64 << 20 };

/* Route handlers; context: struct datalink. */
struct http_response *datalink_links(void *datalink, struct http_request *);
struct http_response *datalink_file(void *datalink, struct http_request *);
struct http_response *datalink_preview(void *datalink, struct http_request *);
struct http_response *datalink_capabilities(void *datalink, struct http_request *);
struct http_response *soda_capabilities(void *datalink, struct http_request *);
struct http_response *soda_sync(void *datalink, struct http_request *);
struct http_response *soda_async(void *datalink, struct http_request *);
/* http_error_renderer of SODA: text that begins with a label (SODA-10). */
struct http_response *soda_render_error(void *datalink, struct http_request *,
                                        const struct err *);
/* uws_runner of /soda/async. */
bool soda_run_job(void *datalink, struct uws_run *, struct err *);

/* product.c: by ID as it came, or with blanks taken for the "+" that a client left
 * unencoded. */
bool datalink_find(struct datalink *, str id, struct arena *, struct product *,
                   struct err *);
/* Media type of the file as it is served. */
const char *product_media_type(const struct product *);
bool product_is_fits(const struct product *);
/* One HDU of a file that holds other products too. */
static inline bool product_shares_file(const struct product *p)
{
    return p->hdu != PRODUCT_NONE && p->nhdu_product > 1;
}
/* BASE PATH COLLECTION/LOCAL, with PATH one of these; and the product that such an address
 * (what follows PATH, decoded) means. */
#define PRODUCT_FILE_PATH "/datalink/file/"
#define PRODUCT_PREVIEW_PATH "/datalink/preview/"
void product_add_url(struct bytes *, const char *base, const char *path,
                     const struct product *);
bool datalink_find_path(struct datalink *, str path, struct arena *, struct product *,
                        struct err *);
/* "name.fits" of ".../name.fits.gz" and the like; in the arena. */
const char *product_file_name(struct arena *, const struct product *);

/* preview.c: is there a picture of it, or can one be made; and its media type. */
bool product_has_preview(const struct product *);
const char *preview_media_type(const struct product *);

/* descriptor.c: what SODA can do with the product (NULL: with any), as an adhoc:service. */
void descriptor_add(struct bytes *, const char *xml_id, const char *base, bool is_async,
                    const struct product *, const char *ref);
/* Can anything be cut out of it? */
bool product_is_cuttable(const struct product *);
/* Does the parameter mean anything to it? */
struct cutout_word;
bool product_takes(const struct product *, const struct cutout_word *);

/* soda.c: the label that an error's text begins with. */
const char *soda_label(const struct err *);

#endif
