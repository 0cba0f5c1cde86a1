/* view.c -- images thinned out for a picture; spectra as rows. */
#include "datalink/view.h"

#include <math.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/formats/formats.h"

enum { MOST_POINTS = 4 << 20, MOST_ROW = 4 << 20 };

/* ---- images ---- */

/* The two axes of a picture: the first that are longer than one pixel. */
static bool choose_axes(const struct cutout_box *b, int axis[2])
{
    int n = 0;
    for (int k = 0; k < b->naxis && n < 2; k++)
        if (cutout_box_count(b, k) > 1)
            axis[n++] = k;
    for (int k = 0; k < b->naxis && n < 2; k++) /* a picture one pixel high */
        if (cutout_box_count(b, k) == 1 && (n == 0 || k != axis[0]))
            axis[n++] = k;
    if (n == 2 && axis[0] > axis[1]) {
        int first = axis[0];
        axis[0] = axis[1], axis[1] = first;
    }
    return n == 2;
}

/* How many pixels one of the picture stands for, along both sides. */
static int64_t step_of(const struct cutout_box *b, const int axis[2], uint32_t side)
{
    int64_t step = 1;
    for (int k = 0; k < 2; k++) {
        int64_t n = cutout_box_count(b, axis[k]), need = (n + side - 1) / side;
        step = need > step ? need : step;
    }
    return step;
}

/* The mean of what there is. */
static double mean_of(const double *value, int64_t n)
{
    double sum = 0;
    int64_t count = 0;
    for (int64_t i = 0; i < n; i++)
        if (isfinite(value[i]))
            sum += value[i], count++;
    return count ? sum / (double)count : NAN;
}

struct thin { /* an image made small */
    int64_t step, width, height;
    int axis[2];
    double *value, *row;
};

/* The middle one of each `step` rows, averaged along it. */
static bool read_thin(struct cutout_file *f, const struct cutout_box *whole, struct thin *t,
                      struct err *e)
{
    int64_t n = cutout_box_count(whole, t->axis[0]),
            rows = cutout_box_count(whole, t->axis[1]);
    struct cutout_box b = *whole;
    for (int64_t y = 0; y < t->height; y++) {
        int64_t middle = y * t->step + t->step / 2;
        middle = middle < rows ? middle : rows - 1;
        b.first[t->axis[1]] = b.last[t->axis[1]] =
            whole->first[t->axis[1]] + middle * whole->step[t->axis[1]];
        if (!cutout_values(f, &b, t->row, e))
            return false;
        for (int64_t x = 0; x < t->width; x++) {
            int64_t left = n - x * t->step;
            t->value[y * t->width + x] =
                mean_of(t->row + x * t->step, left < t->step ? left : t->step);
        }
    }
    return true;
}

static bool draw(struct cutout_file *f, const struct cutout_box *b, struct thin *t,
                 const struct picture_options *o, struct arena *arena, struct picture *p,
                 struct err *e)
{
    int64_t n = cutout_box_count(b, t->axis[0]);
    t->width = (n + t->step - 1) / t->step;
    t->height = (cutout_box_count(b, t->axis[1]) + t->step - 1) / t->step;
    t->value = calloc((size_t)(t->width * t->height), sizeof *t->value);
    t->row = n <= MOST_ROW ? calloc((size_t)n, sizeof *t->row) : NULL;
    if (!t->value || !t->row)
        return err_set(e, n <= MOST_ROW ? ERR_BUSY : ERR_LIMIT,
                       n <= MOST_ROW ? "out of memory"
                                     : "the image is too wide to be drawn");
    return read_thin(f, b, t, e) &&
           (picture_from_values(t->value, (uint32_t)t->width, (uint32_t)t->height, o, arena,
                                p) ||
            err_set(e, ERR_BUSY, "out of memory"));
}

enum cutout_result view_image(struct cutout_file *f, const struct cutout_request *r,
                              uint32_t side, const struct picture_options *o,
                              struct arena *arena, struct picture *p, struct err *e)
{
    struct cutout_box b;
    struct thin t = {0};
    enum cutout_result found = cutout_find(f, r, &b, e);
    if (found != CUTOUT_DONE)
        return found;
    if (!choose_axes(&b, t.axis)) {
        err_set(e, ERR_USAGE, "the data are no image of two axes");
        return CUTOUT_FAILED;
    }
    for (int k = 0; k < b.naxis; k++) /* of a cube the first plane */
        if (k != t.axis[0] && k != t.axis[1])
            b.last[k] = b.first[k];
    t.step = step_of(&b, t.axis, side);
    bool ok = draw(f, &b, &t, o, arena, p, e);
    free(t.value);
    free(t.row);
    return ok ? CUTOUT_DONE : CUTOUT_FAILED;
}

/* ---- an image of one axis as rows ---- */

struct line {
    struct rowsource source;
    const struct store_column *column[2];
    struct store_column own[2];
    struct store_vector vector[2];
    double *value[2];
    uint32_t n;
    bool done;
    char unit[72];
};

static enum step next_line(struct rowsource *source, struct store_batch *b, struct err *e)
{
    struct line *l = (struct line *)source;
    (void)e;
    if (l->done || l->n == 0)
        return STEP_END;
    l->done = true;
    *b = (struct store_batch){.size = sizeof *b, .nrow = l->n, .column = l->vector};
    return STEP_ROWS;
}

static void close_line(struct rowsource *source)
{
    struct line *l = (struct line *)source;
    free(l->value[0]);
    free(l->value[1]);
    l->value[0] = l->value[1] = NULL;
}

static void describe_line(struct line *l, struct cutout_file *f, const struct cutout_box *b,
                          bool has_wavelengths)
{
    const struct store_column plain = {.size = sizeof plain,
                                       .type = STORE_F64,
                                       .length = 1,
                                       .flags = STORE_NULLABLE,
                                       .minimum = NAN,
                                       .maximum = NAN,
                                       .null_fraction = NAN};
    l->own[0] = l->own[1] = plain;
    l->own[0].name = has_wavelengths ? "wavelength" : "pixel";
    l->own[0].description =
        has_wavelengths ? "Wavelength in vacuum" : "Number of the pixel, from 1";
    l->own[0].unit = has_wavelengths ? "m" : NULL;
    l->own[0].ucd = has_wavelengths ? "em.wl" : "instr.pixel";
    l->own[0].utype = has_wavelengths ? "spec:Spectrum.Data.SpectralAxis.Value" : NULL;
    l->own[1].name = "flux";
    l->own[1].description = "Value of the pixel";
    l->own[1].unit = cutout_text(f, b, "BUNIT", l->unit) && l->unit[0] ? l->unit : NULL;
    l->own[1].ucd = "phot.flux.density";
    l->own[1].utype = "spec:Spectrum.Data.FluxAxis.Value";
    for (int k = 0; k < 2; k++) {
        l->column[k] = &l->own[k];
        l->vector[k] = (struct store_vector){.data = l->value[k]};
    }
    l->source = (struct rowsource){l->column, 2, next_line, close_line};
}

/* The longest axis of an image all others of which are one pixel long; -1: there is none.
 */
static int only_axis(const struct cutout_box *b)
{
    int found = -1;
    for (int k = 0; k < b->naxis; k++)
        if (cutout_box_count(b, k) > 1) {
            if (found >= 0)
                return -1;
            found = k;
        }
    return found < 0 && b->naxis > 0 ? 0 : found;
}

static bool fill_line(struct line *l, struct cutout_file *f, const struct cutout_box *b,
                      int axis, struct err *e)
{
    struct err no_axis = {0};
    int spectral = -1;
    l->n = (uint32_t)cutout_box_count(b, axis);
    for (int k = 0; k < 2; k++)
        if (!(l->value[k] = calloc((size_t)l->n + 1, sizeof(double))))
            return err_set(e, ERR_BUSY, "out of memory");
    if (!cutout_values(f, b, l->value[1], e))
        return false;
    double *wave = calloc((size_t)l->n + 1, sizeof *wave);
    bool has = wave && b->naxis == 1 && cutout_wavelengths(f, b, &spectral, wave, &no_axis);
    for (uint32_t i = 0; i < l->n; i++)
        l->value[0][i] = has ? wave[i] : (double)(b->first[axis] + i);
    free(wave);
    describe_line(l, f, b, has);
    return true;
}

static struct rowsource *line_rows(struct cutout_file *f, struct arena *arena,
                                   struct err *e)
{
    const struct cutout_request everything = {0};
    struct cutout_box b;
    struct line *l = arena_new_one(arena, struct line);
    enum cutout_result found = l ? cutout_find(f, &everything, &b, e) : CUTOUT_FAILED;
    if (found == CUTOUT_DONE) {
        int axis = only_axis(&b);
        if (axis < 0 || cutout_box_count(&b, axis) > MOST_POINTS)
            err_set(e, ERR_USAGE,
                    "the data are neither a table nor an image of one axis; as rows there "
                    "are spectra");
        else if (fill_line(l, f, &b, axis, e))
            return &l->source;
    } else if (!e->kind)
        err_set(e, l ? ERR_USAGE : ERR_BUSY, l ? "there are no data" : "out of memory");
    if (l)
        close_line(&l->source);
    return NULL;
}

struct rowsource *view_rows(int fd, int hdu, struct arena *arena, struct err *e)
{
    int own = dup(fd);
    struct cutout_file *f = own >= 0 ? cutout_open(own, hdu, arena, e) : NULL;
    if (!f) {
        if (own < 0)
            err_set(e, ERR_BUSY, "too many open files");
        return NULL;
    }
    int table = cutout_table_hdu(f);
    if (table < 0)
        return line_rows(f, arena, e);
    const struct read_options o = {.kind = TABLE_FITS, .hdu = table};
    const char *path = arena_format(arena, "/proc/self/fd/%d", fd);
    return path ? table_read(path, &o, e) : NULL;
}

/* ---- rows as a curve ---- */

struct points {
    double *x, *y;
    size_t n, room;
};

/* How much a column looks like the spectral axis, or the flux. */
static int rank(const struct store_column *c, bool is_axis)
{
    static const char *const AXIS[] = {"wavelength", "wave",      "lambda", "loglam",
                                       "freq",       "frequency", "energy"};
    static const char *const FLUX[] = {"flux", "flux_reduced", "flux_bgsub",
                                       "data", "intensity",    "spec"};
    const char *const *name = is_axis ? AXIS : FLUX;
    size_t n = is_axis ? sizeof AXIS / sizeof *AXIS : sizeof FLUX / sizeof *FLUX;
    bool is_number = c->type == STORE_F32 || c->type == STORE_F64;
    if (!is_number)
        return -1;
    for (size_t i = 0; i < n; i++)
        if (str_eq_fold(str_of(c->name), str_of(name[i])))
            return 100 - (int)i;
    for (size_t i = 0; i < n; i++)
        if (str_starts_fold(str_of(c->name), str_of(name[i])))
            return 50 - (int)i;
    return is_axis ? -1 : 1;
}

static int best_column(const struct rowsource *rows, bool is_axis, int not_this)
{
    int best = -1, best_rank = 0;
    for (uint32_t i = 0; i < rows->ncolumn; i++) {
        int r = (int)i == not_this ? -1 : rank(rows->column[i], is_axis);
        if (r > best_rank)
            best = (int)i, best_rank = r;
    }
    return best;
}

/* The elements of a cell. */
static size_t cell(const struct store_column *c, const struct store_vector *v, uint32_t i,
                   size_t *first)
{
    if (c->length >= 0) {
        *first = (size_t)i * (size_t)c->length;
        return (size_t)c->length;
    }
    *first = v->offset[i];
    return v->offset[i + 1] - v->offset[i];
}

static double element(const struct store_column *c, const struct store_vector *v, size_t i)
{
    return c->type == STORE_F32 ? (double)((const float *)v->data)[i]
                                : ((const double *)v->data)[i];
}

static bool add_point(struct points *p, double x, double y)
{
    if (p->n == p->room) {
        size_t room = p->room ? 2 * p->room : 4096;
        double *more_x = realloc(p->x, room * sizeof *more_x);
        if (more_x)
            p->x = more_x;
        double *more_y = realloc(p->y, room * sizeof *more_y);
        if (more_y)
            p->y = more_y;
        if (!more_x || !more_y)
            return false;
        p->room = room;
    }
    p->x[p->n] = x, p->y[p->n++] = y;
    return true;
}

static bool add_row(struct points *p, const struct rowsource *rows,
                    const struct store_batch *b, uint32_t i, int axis, int flux)
{
    size_t at = 0, x_at = 0, nx = 0;
    size_t n = cell(rows->column[flux], &b->column[flux], i, &at);
    if (axis >= 0)
        nx = cell(rows->column[axis], &b->column[axis], i, &x_at);
    for (size_t k = 0; k < n && p->n < MOST_POINTS; k++) {
        double x =
            k < nx ? element(rows->column[axis], &b->column[axis], x_at + k) : (double)p->n;
        if (!add_point(p, x, element(rows->column[flux], &b->column[flux], at + k)))
            return false;
    }
    return true;
}

static bool take_points(struct points *p, struct rowsource *rows, struct err *e)
{
    int axis = best_column(rows, true, -1), flux = best_column(rows, false, axis);
    struct store_batch b;
    enum step step = STEP_END;
    if (flux < 0)
        return err_set(e, ERR_USAGE, "the table has no column to draw");
    while (p->n < MOST_POINTS && (step = rows->next(rows, &b, e)) == STEP_ROWS)
        for (uint32_t i = 0; i < b.nrow; i++)
            if (!add_row(p, rows, &b, i, axis, flux))
                return err_set(e, ERR_BUSY, "out of memory");
    return step != STEP_FAILED;
}

bool view_curve(struct rowsource *rows, uint32_t width, uint32_t height,
                struct arena *arena, struct picture *p, struct err *e)
{
    struct points points = {0};
    bool ok = take_points(&points, rows, e);
    rows->close(rows);
    if (ok && !picture_from_curve(points.x, points.y, points.n, width, height, arena, p))
        ok = err_set(e, ERR_BUSY, "out of memory");
    free(points.x);
    free(points.y);
    return ok;
}
