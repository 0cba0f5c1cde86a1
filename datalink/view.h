/* view.h -- what is in a file, for people and for programs that read no FITS: images
 * and event lists as pictures, spectra as curves and as rows. Private to datalink. */
#ifndef DATALINK_VIEW_H
#define DATALINK_VIEW_H

#include "core/base/rows.h"
#include "datalink/cutout.h"
#include "datalink/picture.h"

/* The image that a request means, the first plane of a cube, at most `side` pixels wide and
 * high: beyond, pixels are averaged along rows, and rows left out. */
enum cutout_result view_image(struct cutout_file *, const struct cutout_request *,
                              uint32_t side, const struct picture_options *, struct arena *,
                              struct picture *, struct err *);

/* Rows of a spectrum: of the first table in the FITS file that `fd` is (kept open by the
 * caller until the rows are closed), or of its image of one axis. `hdu` less than 0: the
 * first with data. NULL with *e. */
struct rowsource *view_rows(int fd, int hdu, struct arena *, struct err *);

/* An event list as a picture, from such rows (closed by it): how many came from where,
 * north up, east to the left, about where most of them are. */
bool view_events(struct rowsource *, uint32_t side, const struct picture_options *,
                 struct arena *, struct picture *, struct err *);

/* The spectrum as a curve, from such rows (closed by it). */
bool view_curve(struct rowsource *, uint32_t width, uint32_t height, struct arena *,
                struct picture *, struct err *);

#endif
