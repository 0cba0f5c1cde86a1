/* soda_output.h -- cut-outs as something else than FITS: pictures, and rows of spectra.
 * Private to datalink. */
#ifndef DATALINK_SODA_OUTPUT_H
#define DATALINK_SODA_OUTPUT_H

#include "core/base/rows.h"
#include "datalink/picture.h"
#include "datalink/soda.h"

enum soda_form { SODA_FITS, SODA_PNG, SODA_JPEG, SODA_ROWS };

struct soda_output {
    enum soda_form form;
    const char *content_type;
    const struct format *format; /* of SODA_ROWS */
    struct picture_options picture;
};

/* RESPONSEFORMAT, STRETCH, PERCENT. */
bool soda_output_read(const struct http_param *, size_t n, struct arena *,
                      struct soda_output *, struct err *);

/* One cut-out, for whoever asks. */
struct soda_call {
    struct datalink *service;
    str id;
    const struct cutout_request *request;
    struct arena *arena;
    struct cancel *cancel;
    int64_t deadline_ns;
};

/* The picture's file at the end of `out`: of an image, or the curve of a spectrum. */
enum cutout_result soda_picture(const struct soda_call *, const struct soda_output *,
                                struct bytes *out, struct err *);
/* The rows of a spectrum; the caller's to close before the arena ends. */
enum cutout_result soda_rows(const struct soda_call *, struct rowsource **, struct err *);
/* The answer that such rows make. */
void soda_answer(const struct soda_output *, struct rowsource *, struct dali_answer *);

/* Any product's picture, at most so many pixels wide and high. */
enum cutout_result soda_draw(struct datalink *, const struct product *,
                             const struct soda_call *, uint32_t side,
                             const struct picture_options *, struct picture *,
                             struct err *);

#endif
