/* demo_fits.h -- small FITS files for the demonstration, written card by card. */
#ifndef CORE_INGEST_DEMO_FITS_H
#define CORE_INGEST_DEMO_FITS_H

#include "core/base/bytes.h"
#include "core/base/err.h"

struct demo_fits {
    struct bytes out;
};

void demo_fits_begin(struct demo_fits *);
/* An HDU: its mandatory cards, then more cards, then data of as many bytes as they say. */
void demo_fits_image(struct demo_fits *, const char *name, int naxis, const int *size);
/* A table's columns: names, TFORM, unit. */
struct demo_fits_column {
    const char *name, *form, *unit;
};
void demo_fits_table(struct demo_fits *, const char *name, const struct demo_fits_column *,
                     int ncolumn, int row_bytes, int nrow);
void demo_fits_text(struct demo_fits *, const char *keyword, const char *value);
void demo_fits_number(struct demo_fits *, const char *keyword, double value);
void demo_fits_whole(struct demo_fits *, const char *keyword, int64_t value);
/* RA and Dec through a tangent plane, `turn_deg` from north through east. */
void demo_fits_wcs(struct demo_fits *, const char *projection, double ra_deg,
                   double dec_deg, double pixel_deg, int width, int height,
                   double turn_deg);
void demo_fits_end_header(struct demo_fits *);
void demo_fits_float(struct demo_fits *, float);
void demo_fits_double(struct demo_fits *, double);
void demo_fits_long(struct demo_fits *, int64_t);
void demo_fits_end_data(struct demo_fits *);
/* Writes the file and frees what is held. */
bool demo_fits_write(struct demo_fits *, const char *folder, const char *name,
                     struct err *);

#endif
