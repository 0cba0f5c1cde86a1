/* cutout.h -- cut-outs of FITS files: images, cubes, tile-compressed images, spectra, event
 * lists, by positions, wavelengths, times, polarization or pixels (SODA 1.0). Only what is
 * needed is read; pixels go out bit by bit as they lie in the file, with the WCS of their
 * new place. */
#ifndef DATALINK_CUTOUT_H
#define DATALINK_CUTOUT_H

#include "core/base/arena.h"
#include "core/base/cancel.h"
#include "core/base/err.h"
#include "core/sky/sky.h"

enum { CUTOUT_AXES = 9, CUTOUT_STATES = 16 };

/* What is wanted; zeros: everything. */
struct cutout_request {
    const struct sky_region *region; /* NULL: no matter where */
    /* Instead of a region: so many pixels around a position, as astropy's Cutout2D takes
     * them. */
    bool has_center;
    double lon_deg, lat_deg;
    int64_t width, height;
    bool has_band, has_time;
    double band_min_m, band_max_m; /* wavelengths in vacuum; may be infinite */
    double time_min_mjd, time_max_mjd;
    const char *state[CUTOUT_STATES]; /* "I", "RR", ... */
    uint32_t nstate;
    struct {
        int64_t first, last; /* of pixels, from 1, both within; first 0: all */
    } pixel[CUTOUT_AXES];
    uint32_t npixel;    /* axes with a say in `pixel` */
    const char *origin; /* goes into HISTORY: whose cut-out; NULL: nothing */
};

/* Is there any condition? */
static inline bool cutout_request_selects(const struct cutout_request *r)
{
    return r->region || r->has_center || r->has_band || r->has_time || r->nstate ||
           r->npixel;
}

/* Where the bytes go. Bytes may come at any offset, and again at one that was written. */
struct cutout_sink {
    bool (*write)(void *context, uint64_t at, const void *, size_t, struct err *);
    void *context;
};

enum cutout_result { CUTOUT_DONE, CUTOUT_EMPTY, CUTOUT_FAILED };

struct cutout_file;

/* Takes `fd` over. hdu: the one meant, from 0; less than 0: all that can be cut. The file
 * and all it needs live in `arena`; one thread at a time. NULL with *e: ERR_USAGE (no FITS,
 * damaged), ERR_NOT_FOUND, ERR_LIMIT, ERR_UNAVAILABLE. */
struct cutout_file *cutout_open(int fd, int hdu, struct arena *, struct err *);

/* Cuts, as a FITS file; *bytes of it. CUTOUT_EMPTY: request and data have nothing in
 * common. CUTOUT_FAILED with *e: ERR_USAGE, the file cannot be cut that way. */
enum cutout_result cutout_write(struct cutout_file *, const struct cutout_request *,
                                const struct cutout_sink *, uint64_t *bytes, struct err *);

/* The same as an extension of the file that the sink is, behind its *at bytes; of an image
 * alone. *at is moved on when it was done. */
enum cutout_result cutout_extension(struct cutout_file *, const struct cutout_request *,
                                    const struct cutout_sink *, uint64_t *at, struct err *);
/* The primary header of a file that has extensions only; FITS_BLOCK bytes. */
bool cutout_primary(const struct cutout_sink *, uint64_t *at, struct err *);

/* The pixels that a request means, in the image it means. */
struct cutout_box {
    int hdu, naxis, bitpix;
    int64_t first[CUTOUT_AXES], last[CUTOUT_AXES], step[CUTOUT_AXES]; /* from 1 */
    double scale, zero; /* physical value = zero + scale * kept one */
    bool has_blank;
    int64_t blank;
};
enum cutout_result cutout_find(struct cutout_file *, const struct cutout_request *,
                               struct cutout_box *, struct err *);
/* The box's pixels as physical values, first axis fastest, NaN where there is none. `out`
 * has room for them all. */
bool cutout_values(struct cutout_file *, const struct cutout_box *, double *out,
                   struct err *);
/* Wavelengths in vacuum, metres, of the box's pixels along its spectral axis: *axis, from
 * 0; `out` has room for them. False with *e: there is no such axis. */
bool cutout_wavelengths(struct cutout_file *, const struct cutout_box *, int *axis,
                        double *out, struct err *);
/* A text of the header of the box's image; false: there is none. */
bool cutout_text(struct cutout_file *, const struct cutout_box *, const char *keyword,
                 char out[72]);
/* The number of the first HDU that is a table, when no image with data stands before it;
 * -1: there is none. Of the one HDU that the file was opened for, likewise. */
int cutout_table_hdu(const struct cutout_file *);

static inline int64_t cutout_box_count(const struct cutout_box *b, int axis)
{
    return (b->last[axis] - b->first[axis]) / b->step[axis] + 1;
}

/* The window of so many pixels around a position, also where it reaches past the image: NaN
 * there. CUTOUT_EMPTY: no pixel of it is within. */
enum cutout_result cutout_stamp(struct cutout_file *, const struct cutout_request *,
                                float *out, struct err *);

/* Many boxes of tile-compressed images, whose tiles are then unpacked once for all of them:
 * what each cut-out wants is asked first, all of it is brought, and a cut-out made
 * while it is offered finds its pixels there. */
struct cutout_want {
    struct cutout_file *file;
    struct cutout_image *image;
    struct cutout_box box;
    char *data; /* big-endian, as in a file; NULL: not brought */
    size_t bytes;
    uint64_t effort; /* pixels to unpack, had it its tiles for itself */
    uint64_t item;   /* the caller's own */
};
/* False: nothing is gained that way; the file is not compressed, or the box is large. */
bool cutout_want(struct cutout_file *, const struct cutout_request *, struct cutout_want *);
/* What cannot be brought, or not before the cancel, stays away: cutting it tells why. The
 * wants are put into another order; the data of each are the caller's to free. The files
 * must not be used meanwhile. */
void cutout_bring(struct cutout_want *, size_t n, struct cancel *);
/* From now on for the image of the want; want NULL: no more, for this file. */
void cutout_offer(struct cutout_file *, const struct cutout_want *);

#endif
