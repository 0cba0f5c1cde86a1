/* svg.h -- private: small pictures as SVG: colours come from the page's styles, words for
 * those who cannot see them from the caller. */
#ifndef WEB_SVG_H
#define WEB_SVG_H

#include "core/base/bytes.h"

/* Bars of equal width, the highest as high as the picture; for `label` NULL: decoration. */
void svg_bars(struct bytes *, const int64_t *bin, uint32_t nbin, int width, int height,
              const char *label);

enum { SVG_SKY_ORDER = 4, SVG_SKY_CELLS = 3072, SVG_SKY_LEVELS = 4 };

/* The whole sky in Mollweide's projection, ICRS, longitude 0 in the middle and growing to
 * the left: level of each HEALPix NESTED cell, 0: nothing. */
void svg_sky(struct bytes *, const uint8_t level[SVG_SKY_CELLS], bool is_small,
             const char *label);

/* Levels from the counts of statistics (STATISTICS_CELLS characters). False: no cell has
 * anything. */
bool svg_sky_of_density(const char *density, uint8_t level[SVG_SKY_CELLS]);
/* Where there are rows, as an ASCII MOC of order STATISTICS_ORDER. */
void svg_moc_of_density(struct bytes *, const char *density);
/* Level 1 where an ASCII MOC covers anything of the cell. False: nothing, or no MOC. */
bool svg_sky_of_moc(const char *moc, uint8_t level[SVG_SKY_CELLS]);
/* Of the whole sky, 0 to 1. */
double svg_sky_fraction(const uint8_t level[SVG_SKY_CELLS]);

/* A table among those it joins: boxes with links, arrows from each key to what it names. */
struct svg_box {
    const char *name, *url; /* url NULL: no link */
    const char *by;         /* columns of the key, for people */
};
void svg_keys(struct bytes *, const char *name, const struct svg_box *left, uint32_t nleft,
              const struct svg_box *right, uint32_t nright);

#endif
