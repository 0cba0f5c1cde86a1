/* soda_output.c -- RESPONSEFORMAT: FITS, PNG, JPEG, or any format of tables for spectra. */
#include "datalink/soda_output.h"

#include <unistd.h>

#include "datalink/sinks.h"
#include "datalink/spill.h"
#include "datalink/view.h"

enum { PICTURE_SIDE = 2048, CURVE_WIDTH = 800, CURVE_HEIGHT = 400, EVENTS_SIDE = 192 };

/* clang-format off */
static const struct { const char *word; enum soda_form form; const char *type; } FORMS[] = {
    {"", SODA_FITS, "application/fits"}, {"fits", SODA_FITS, "application/fits"},
    {"application/fits", SODA_FITS, "application/fits"}, {"image/fits", SODA_FITS, "image/fits"},
    {"png", SODA_PNG, "image/png"}, {"image/png", SODA_PNG, "image/png"},
    {"jpeg", SODA_JPEG, "image/jpeg"}, {"jpg", SODA_JPEG, "image/jpeg"},
    {"image/jpeg", SODA_JPEG, "image/jpeg"}};
/* clang-format on */

bool soda_output_read(const struct http_param *p, size_t n, struct arena *arena,
                      struct soda_output *o, struct err *e)
{
    str value;
    struct err why = {0};
    *o = (struct soda_output){0};
    if (!dali_param(p, n, "RESPONSEFORMAT", &value, e) ||
        !picture_options_read(p, n, &o->picture, e))
        return false;
    for (size_t i = 0; i < sizeof FORMS / sizeof *FORMS; i++)
        if (str_eq_fold(str_trim(value), str_of(FORMS[i].word))) {
            o->form = FORMS[i].form, o->content_type = FORMS[i].type;
            return true;
        }
    o->form = SODA_ROWS;
    o->format = dali_format(p, n, false, arena, &o->content_type, &why);
    return o->format ||
           err_set(e, ERR_USAGE,
                   "RESPONSEFORMAT is fits, png or jpeg; for spectra also a format of "
                   "tables: %.300s",
                   why.message);
}

/* ---- rows ---- */

static void close_fd(void *fd)
{
    close((int)(intptr_t)fd);
}

enum cutout_result soda_rows(const struct soda_call *c, struct rowsource **rows,
                             struct err *e)
{
    uint64_t bytes;
    const char *name;
    struct spill *spill =
        spill_new(c->arena, &c->service->dali->spool, c->cancel, c->deadline_ns);
    *rows = NULL;
    if (!spill) {
        err_set(e, ERR_BUSY, "out of memory");
        return CUTOUT_FAILED;
    }
    const struct cutout_sink sink = spill_sink(spill);
    enum cutout_result result =
        soda_cut(c->service, c->id, c->request, &sink, c->arena, &bytes, &name, e);
    if (result != CUTOUT_DONE)
        return result;
    int fd = spill_file(spill, e);
    if (fd >= 0 && !arena_defer(c->arena, close_fd, (void *)(intptr_t)fd)) {
        err_set(e, ERR_BUSY, "out of memory");
        return CUTOUT_FAILED;
    }
    *rows = fd >= 0 ? view_rows(fd, -1, c->arena, e) : NULL;
    return *rows ? CUTOUT_DONE : CUTOUT_FAILED;
}

void soda_answer(const struct soda_output *o, struct rowsource *rows, struct dali_answer *a)
{
    *a = (struct dali_answer){.rows = rows,
                              .head = {.column = rows->column,
                                       .ncolumn = rows->ncolumn,
                                       .table_name = "spectrum",
                                       .nrow = -1},
                              .max_rows = -1,
                              .format = o->format,
                              .content_type = o->content_type,
                              .file_name = "spectrum"};
}

/* ---- pictures ---- */

static bool is_curve(const struct product *p)
{
    static const char *const TYPES[] = {"spectrum", "sed", "timeseries"};
    for (size_t i = 0; p->dataproduct_type && i < sizeof TYPES / sizeof *TYPES; i++)
        if (strcmp(p->dataproduct_type, TYPES[i]) == 0)
            return true;
    return false;
}

static enum cutout_result draw_curve(const struct soda_call *c, uint32_t side,
                                     struct picture *picture, struct err *e)
{
    struct rowsource *rows;
    uint32_t width = side < CURVE_WIDTH ? side : CURVE_WIDTH;
    enum cutout_result result = soda_rows(c, &rows, e);
    if (result != CUTOUT_DONE)
        return result;
    return view_curve(rows, width, width * CURVE_HEIGHT / CURVE_WIDTH, c->arena, picture, e)
               ? CUTOUT_DONE
               : CUTOUT_FAILED;
}

static enum cutout_result draw_events(const struct soda_call *c, uint32_t side,
                                      const struct picture_options *o,
                                      struct picture *picture, struct err *e)
{
    struct rowsource *rows;
    enum cutout_result result = soda_rows(c, &rows, e);
    if (result != CUTOUT_DONE)
        return result;
    return view_events(rows, side, o, c->arena, picture, e) ? CUTOUT_DONE : CUTOUT_FAILED;
}

enum cutout_result soda_draw(struct datalink *d, const struct product *p,
                             const struct soda_call *c, uint32_t side,
                             const struct picture_options *o, struct picture *picture,
                             struct err *e)
{
    if (is_curve(p))
        return draw_curve(c, side, picture, e);
    if (p->dataproduct_type && strcmp(p->dataproduct_type, "event") == 0)
        return draw_events(c, side < EVENTS_SIDE ? side : EVENTS_SIDE, o, picture, e);
    int fd = products_open_file(d->products, p, e);
    struct cutout_file *f =
        fd >= 0 ? cutout_open(fd, p->hdu == PRODUCT_NONE ? -1 : (int)p->hdu, c->arena, e)
                : NULL;
    return f ? view_image(f, c->request, side, o, c->arena, picture, e) : CUTOUT_FAILED;
}

enum cutout_result soda_picture(const struct soda_call *c, const struct soda_output *o,
                                struct bytes *out, struct err *e)
{
    struct product p;
    struct picture picture;
    if (!datalink_find(c->service, c->id, c->arena, &p, e))
        return CUTOUT_FAILED;
    if (!product_is_fits(&p)) {
        err_set(e, ERR_USAGE, "%.200s is no FITS file; there is no picture of it", p.did);
        return CUTOUT_FAILED;
    }
    enum cutout_result result =
        soda_draw(c->service, &p, c, PICTURE_SIDE, &o->picture, &picture, e);
    if (result != CUTOUT_DONE)
        return result;
    bool ok = o->form == SODA_PNG ? picture_png(&picture, out, e)
                                  : picture_jpeg(&picture, out, e);
    return ok ? CUTOUT_DONE : CUTOUT_FAILED;
}
