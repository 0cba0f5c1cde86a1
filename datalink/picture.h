/* picture.h -- values as pictures: a stretch between two percentiles, grey, as PNG or JPEG;
 * and curves. Private to datalink. */
#ifndef DATALINK_PICTURE_H
#define DATALINK_PICTURE_H

#include "core/base/arena.h"
#include "core/base/bytes.h"
#include "core/base/err.h"
#include "core/http/http.h"

enum picture_stretch { STRETCH_ASINH, STRETCH_LINEAR, STRETCH_SQRT, STRETCH_LOG };

struct picture_options { /* zeros are no valid ones: see picture_defaults */
    enum picture_stretch stretch;
    double low_percent, high_percent; /* become black and white */
};
extern const struct picture_options picture_defaults;

/* STRETCH (asinh, linear, sqrt, log) and PERCENT ("0.5 99.5") of a request. */
bool picture_options_read(const struct http_param *, size_t n, struct picture_options *,
                          struct err *);

/* One byte a pixel, the first row at the top. */
struct picture {
    unsigned char *gray;
    uint32_t width, height;
};

/* From values whose first row is at the bottom, as FITS has them; NaN is black. In the
 * arena. False: no memory. */
bool picture_from_values(const double *, uint32_t width, uint32_t height,
                         const struct picture_options *, struct arena *, struct picture *);
/* A curve on white; y may have NaN, x rises or falls. */
bool picture_from_curve(const double *x, const double *y, size_t n, uint32_t width,
                        uint32_t height, struct arena *, struct picture *);

bool picture_png(const struct picture *, struct bytes *out, struct err *);
bool picture_jpeg(const struct picture *, struct bytes *out, struct err *);

#endif
