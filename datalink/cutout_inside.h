/* cutout_inside.h -- shared by the files that make cut-outs. */
#ifndef DATALINK_CUTOUT_INSIDE_H
#define DATALINK_CUTOUT_INSIDE_H

#include <fitsio.h>

#include "core/fits/fits_wcs.h"
#include "datalink/cutout.h"

/* The header of cut-outs of one image, all but what differs from one to the next. */
struct image_head {
    char *card; /* ncard cards: structure first, then the image's own */
    uint32_t ncard;
    uint32_t first_own; /* the cards before say what the file's structure is */
    struct image_shift {
        uint32_t icard;
        int axis;     /* from 0 */
        double value; /* before: minus the pixels that are cut off, by step */
        bool is_step; /* CDELT: times step */
        char keyword[9];
    } * shift;
    uint32_t nshift;
};

struct cutout_grid { /* the tiles of a compressed image */
    int naxis;
    int64_t size[CUTOUT_AXES], tile[CUTOUT_AXES], count[CUTOUT_AXES];
};

struct cutout_image {
    const struct fits_hdu *hdu, *primary;
    const char *card; /* of the image as it would be without compression */
    uint32_t ncard;
    struct fits_wcs wcs;
    bool has_wcs;              /* wcs was read */
    fitsfile *tiles;           /* compressed: the image, open; NULL: not yet */
    struct image_head head[2]; /* as primary, as extension */
    bool has_head[2];
    double scale, zero;
    bool has_blank;
    int64_t blank;
    struct cutout_grid grid;           /* cutout_tiles.c */
    bool grid_is_read, has_grid;       /* has_grid: tiles that may be brought */
    const struct cutout_want *brought; /* pixels that are here already; NULL: none */
    struct cutout_image *next;
};

struct cutout_file {
    struct arena *arena;
    struct fits_file *fits;
    struct fits_file *whole; /* all HDUs, where lookup tables are; NULL: not yet */
    int wanted;
    enum { TABS_UNKNOWN, TABS_NONE, TABS_SOME } tabs; /* has it axes that are tables? */
    struct cutout_image *image;                       /* those that were asked for so far */
};

/* cutout_image.c: what is known of the image in that HDU. NULL with *e. */
struct cutout_image *cutout_image_of(struct cutout_file *, const struct fits_hdu *,
                                     struct err *);
/* Raw pixels of one run along the box: calls put with big-endian bytes, in order. */
typedef bool image_put(void *context, const void *, size_t, struct err *);
bool cutout_image_read(struct cutout_file *, struct cutout_image *,
                       const struct cutout_box *, image_put *, void *context, struct err *);

/* Of a compressed image: the box's n pixels, big-endian. */
bool cutout_tiles_read(struct cutout_image *, const struct cutout_box *, void *, size_t n,
                       struct err *);
static inline size_t cutout_pixel_bytes(const struct fits_hdu *h)
{
    return (size_t)(h->bitpix < 0 ? -h->bitpix : h->bitpix) / 8;
}

/* cutout.c: the image that a request without a number of an HDU means. */
struct cutout_image *cutout_image_meant(struct cutout_file *, struct err *);

/* cutout_box.c: which pixels of the image. */
enum cutout_result cutout_box_find(struct cutout_image *, const struct cutout_request *,
                                   struct cutout_box *, struct err *);
/* Are these the same pixels? */
bool cutout_box_is(const struct cutout_box *, const struct cutout_box *);
/* The window of has_center, also beyond the image's edges. */
enum cutout_result cutout_window(struct cutout_image *, const struct cutout_request *,
                                 struct cutout_box *, struct err *);

/* cutout_tabs.c: axes that are lookup tables (-TAB), which go with the image. */
/* The file with all of its HDUs, for an image that has such axes; fits otherwise. NULL with
 * *e. */
struct fits_file *cutout_tabs_file(struct cutout_file *, const struct fits_hdu *image,
                                   struct err *);
/* Is the HDU a lookup table of an image of the file? */
bool cutout_tabs_has(struct cutout_file *, const struct fits_hdu *);
/* Copies those of the image, each once, behind it. */
bool cutout_tabs_copy(struct cutout_file *, const struct cutout_image *,
                      const struct cutout_sink *, uint64_t *at, struct err *);

/* cutout_head.c: the header for pixels of that box, ended and filled up, at the end of
 * `out`. */
struct bytes;
bool cutout_head_write(struct cutout_file *, struct cutout_image *,
                       const struct cutout_box *, const struct cutout_request *,
                       bool is_extension, struct bytes *out, struct err *);

/* cutout_table.c: rows of a table HDU that the request means. */
enum cutout_result cutout_table_write(struct cutout_file *, const struct fits_hdu *,
                                      const struct cutout_request *,
                                      const struct cutout_sink *, uint64_t *at,
                                      struct err *);

/* cutout.c: a whole HDU as it is, at *at of the sink. */
bool cutout_copy(struct cutout_file *, uint64_t from, uint64_t bytes,
                 const struct cutout_sink *, uint64_t *at, struct err *);
/* A whole HDU, filled up to a block. */
bool cutout_copy_hdu(struct cutout_file *, const struct fits_hdu *,
                     const struct cutout_sink *, uint64_t *at, struct err *);
/* Sets CHECKSUM in a header of `n` bytes for data with this sum. */
void cutout_checksum(char *header, size_t n, uint32_t data_sum);

#endif
