/* cutout_tabs.c -- images with axes that are lookup tables (-TAB): a cut-out keeps counting
 * into the same table, which comes along. */
#include <fcntl.h>
#include <unistd.h>

#include "datalink/cutout_inside.h"

static bool has_tabs(const struct fits_hdu *h)
{
    for (int i = 0; i < h->naxis && i < FITS_MAX_AXES; i++)
        if (fits_tab_is(h, i))
            return true;
    return false;
}

/* Tables may stand behind the HDU up to which the file was read. */
struct fits_file *cutout_tabs_file(struct cutout_file *f, const struct fits_hdu *image,
                                   struct err *e)
{
    if (f->wanted < 0 || !has_tabs(image))
        return f->fits;
    if (f->whole)
        return f->whole;
    int fd = fcntl(f->fits->fd, F_DUPFD_CLOEXEC, 0);
    if (fd < 0) {
        err_set(e, ERR_BUSY, "too many open files");
        return NULL;
    }
    f->whole = fits_file_open(fd, -1, f->arena, e);
    return f->whole;
}

static bool is_of(const struct cutout_image *image, const struct fits_hdu *table)
{
    for (int i = 0; i < image->wcs.naxis; i++)
        if (image->wcs.tab[i] && image->wcs.tab[i]->hdu->number == table->number)
            return true;
    return false;
}

/* Most files have none: they are looked through once. */
static bool file_has_tabs(struct cutout_file *f)
{
    if (f->tabs == TABS_UNKNOWN)
        f->tabs = TABS_NONE;
    else
        return f->tabs == TABS_SOME;
    for (int i = 0; i < f->fits->nhdu && f->tabs == TABS_NONE; i++)
        if (has_tabs(&f->fits->hdu[i]))
            f->tabs = TABS_SOME;
    return f->tabs == TABS_SOME;
}

bool cutout_tabs_has(struct cutout_file *f, const struct fits_hdu *table)
{
    struct err ignored = {0};
    if (!file_has_tabs(f))
        return false;
    for (int i = 0; table->kind == FITS_TABLE && i < f->fits->nhdu; i++) {
        const struct fits_hdu *h = &f->fits->hdu[i];
        bool is_image = h->kind == FITS_IMAGE || h->kind == FITS_COMPRESSED;
        struct cutout_image *image =
            is_image && has_tabs(h) ? cutout_image_of(f, h, &ignored) : NULL;
        if (image && is_of(image, table))
            return true;
    }
    return false;
}

bool cutout_tabs_copy(struct cutout_file *f, const struct cutout_image *image,
                      const struct cutout_sink *sink, uint64_t *at, struct err *e)
{
    const struct fits_file *file = f->whole ? f->whole : f->fits;
    for (int i = 0; i < file->nhdu; i++)
        if (is_of(image, &file->hdu[i]) && !cutout_copy_hdu(f, &file->hdu[i], sink, at, e))
            return false;
    return true;
}
