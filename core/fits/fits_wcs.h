/* fits_wcs.h -- what the pixels of an image mean, by WCSLIB: positions on the sky,
 * wavelengths, Stokes parameters, times. One thread at a time. */
#ifndef CORE_FITS_WCS_H
#define CORE_FITS_WCS_H

#include "core/fits/fits_file.h"
#include "core/fits/fits_tab.h"
#include "core/sky/sky.h"

struct wcsprm;

struct fits_wcs {
    struct wcsprm *wcs; /* NULL: the header has none */
    int naxis;
    int64_t size[FITS_MAX_AXES];
    int lng, lat, spectral, stokes, time; /* axes from 0; -1: none */
    enum sky_frame frame;                 /* of lng and lat */
    const char *own_scale; /* of time: the axis is called after it; NULL: see TIMESYS */
    double to_metres;      /* of a spectral axis that is plain length; 0: ask WCSLIB */
    double *edge_m; /* wavelength at the edges of the pixels, size + 1; NULL: not yet */
    const struct fits_tab *tab[FITS_MAX_AXES]; /* axes that are lookup tables; NULL: not */
    const char *why_not_sky;   /* why positions cannot be used, NULL: they can */
    const char *why_not_bands; /* likewise */
    struct arena *arena;
};

/* `card`: ncard cards of the image's header; `file`: where its lookup tables are (NULL:
 * they are not read). False with *e only without memory: an image without a usable WCS says
 * so in why_not_... */
bool fits_wcs_read(struct fits_wcs *, const struct fits_file *file, const char *card,
                   uint32_t ncard, int naxis, const int64_t *size, struct arena *,
                   struct err *);

/* n positions (ICRS) to pixels, as FITS counts them: the first is 1, its middle 1.0. What
 * has no pixel becomes NaN. */
bool fits_wcs_pixels(struct fits_wcs *, const struct sky_point *, int n, double (*xy)[2],
                     struct err *);
/* And back; lon_deg NaN: there is no such position. */
bool fits_wcs_positions(struct fits_wcs *, const double (*xy)[2], int n, struct sky_point *,
                        struct err *);
/* Wavelengths in vacuum, metres, at the edges of the pixels along the spectral axis; NULL
 * with *e. */
const double *fits_wcs_edges(struct fits_wcs *, struct err *);
/* The same at any place along it; NaN: there is none. */
double fits_wcs_wavelength(struct fits_wcs *, double pixel);
/* The value along an axis that no other takes part in, at a pixel: Stokes number, MJD in
 * the scale of the axis. */
double fits_wcs_linear(const struct fits_wcs *, int axis, double pixel);
double fits_wcs_mjd(const struct fits_wcs *, double pixel);

/* What a value in one unit is to be multiplied by to be in the other; false: they do not
 * measure the same. Any thread. */
bool fits_unit_factor(const char *from, const char *to, double *factor);

/* "I", "Q", ... of a Stokes number; NULL: none. */
const char *fits_stokes_name(int);

#endif
