/* cutout_box.c -- a request becomes pixels: along each axis the smallest range that covers
 * what was asked for, clipped to the image. */
#include <math.h>

#include "core/fits/fits_time.h"
#include "datalink/cutout_inside.h"

enum { CIRCLE_POINTS = 180, EDGE_POINTS = 24, GRID = 400 };

/* Pixels between two coordinates: all that share more than an edge with the interval.
 * False: none. */
static bool clip(double lo, double hi, int64_t size, int64_t *first, int64_t *last)
{
    const double tiny = 1e-7;
    double from = floor(lo + 0.5 + tiny), to = ceil(hi - 0.5 - tiny);
    if (to < from)
        to = from;
    if (!(from <= (double)size && to >= 1))
        return false;
    *first = from < 1 ? 1 : (int64_t)from;
    *last = to > (double)size ? size : (int64_t)to;
    return true;
}

/* ---- the outline of a region ---- */

struct outline {
    struct sky_point *point;
    uint32_t n, room;
    uint32_t *begin; /* of each smooth stretch; nstretch + 1 of them */
    uint32_t nstretch;
};

static void outline_begin(struct outline *o)
{
    o->begin[o->nstretch++] = o->n;
}

static void add_point(struct outline *o, double lon, double lat)
{
    if (o->n < o->room)
        o->point[o->n++] = (struct sky_point){lon, lat};
}

static void add_circle(struct outline *o, const struct sky_region *r)
{
    outline_begin(o);
    for (int i = 0; i <= CIRCLE_POINTS; i++) {
        struct sky_point p = sky_offset(r->center.lon_deg, r->center.lat_deg,
                                        i * 360.0 / CIRCLE_POINTS, r->radius_deg);
        add_point(o, p.lon_deg, p.lat_deg);
    }
}

static void add_arc(struct outline *o, struct sky_point a, struct sky_point b)
{
    struct sky_vec u = sky_vec_of(a.lon_deg, a.lat_deg),
                   v = sky_vec_of(b.lon_deg, b.lat_deg);
    outline_begin(o);
    double angle = sky_vec_distance_deg(u, v) * M_PI / 180, s = sin(angle);
    for (int i = 0; i <= EDGE_POINTS; i++) {
        double t = (double)i / EDGE_POINTS;
        double f = s > 1e-12 ? sin((1 - t) * angle) / s : 1 - t;
        double g = s > 1e-12 ? sin(t * angle) / s : t;
        struct sky_point p = sky_point_of(
            (struct sky_vec){f * u.x + g * v.x, f * u.y + g * v.y, f * u.z + g * v.z});
        add_point(o, p.lon_deg, p.lat_deg);
    }
}

static void add_range(struct outline *o, const struct sky_region *r)
{
    double lon[2] = {r->lon_min, r->lon_max}, lat[2] = {r->lat_min, r->lat_max};
    for (int side = 0; side < 2; side++) {
        outline_begin(o);
        for (int i = 0; i <= EDGE_POINTS; i++)
            add_point(o, lon[side], lat[0] + (lat[1] - lat[0]) * i / EDGE_POINTS);
        outline_begin(o);
        for (int i = 0; i <= CIRCLE_POINTS; i++)
            add_point(o, lon[0] + (lon[1] - lon[0]) * i / CIRCLE_POINTS, lat[side]);
    }
}

static bool outline_of(const struct sky_region *r, struct outline *o, struct arena *arena)
{
    size_t stretches = r->shape == SKY_POLYGON ? r->nvertex : 4;
    o->room = (uint32_t)(stretches + 1) * (CIRCLE_POINTS + 2);
    o->point = arena_new_array(arena, struct sky_point, o->room);
    o->begin = arena_new_array(arena, uint32_t, stretches + 2);
    if (!o->point || !o->begin)
        return false;
    if (r->shape == SKY_CIRCLE)
        add_circle(o, r);
    else if (r->shape == SKY_RANGE && r->frame == SKY_ICRS)
        add_range(o, r);
    else if (r->shape == SKY_POLYGON)
        for (size_t i = 0; i < r->nvertex; i++)
            add_arc(o, r->vertex[i], r->vertex[(i + 1) % r->nvertex]);
    else if (r->shape == SKY_POINT) {
        outline_begin(o);
        add_point(o, r->center.lon_deg, r->center.lat_deg);
    }
    o->begin[o->nstretch] = o->n;
    return true;
}

/* ---- on the image ---- */

struct found {
    double lo[2], hi[2]; /* pixel coordinates */
    bool is_within;      /* some of the outline lies on the image */
    bool is_whole;       /* every point of the outline has a pixel coordinate */
};

static void widen(struct found *f, int k, double value)
{
    f->lo[k] = fmin(f->lo[k], value);
    f->hi[k] = fmax(f->hi[k], value);
}

/* Between the samples lies the true extreme: that of the parabola through three of them. */
static void widen_between(struct found *f, int k, double a, double b, double c)
{
    bool is_extreme = (b >= a && b >= c) || (b <= a && b <= c);
    double bend = a - 2 * b + c;
    if (is_extreme && bend != 0)
        widen(f, k, b - (c - a) * (c - a) / (8 * bend));
}

static void measure(const struct outline *o, const double (*xy)[2], const int64_t size[2],
                    struct found *f)
{
    *f = (struct found){{INFINITY, INFINITY}, {-INFINITY, -INFINITY}, false, true};
    for (uint32_t s = 0; s < o->nstretch; s++)
        for (uint32_t i = o->begin[s]; i < o->begin[s + 1]; i++) {
            if (!isfinite(xy[i][0] + xy[i][1])) {
                f->is_whole = false;
                continue;
            }
            bool in[2];
            for (int k = 0; k < 2; k++) {
                in[k] = xy[i][k] >= 0.5 && xy[i][k] <= (double)size[k] + 0.5;
                widen(f, k, xy[i][k]);
                if (i > o->begin[s] && i + 1 < o->begin[s + 1])
                    widen_between(f, k, xy[i - 1][k], xy[i][k], xy[i + 1][k]);
            }
            f->is_within |= in[0] && in[1];
        }
}

/* Looks at a grid of pixels instead: for regions without an outline here, and images on
 * which an outline falls to pieces. One grid step is added around what was found. */
static bool measure_grid(struct fits_wcs *w, const struct sky_region *region,
                         const int64_t from[2], const int64_t to[2], struct found *f,
                         struct err *e)
{
    enum { ROW = 256 };
    int64_t step[2];
    double xy[ROW][2];
    struct sky_point at[ROW];
    bool any = false;
    for (int k = 0; k < 2; k++)
        step[k] = (to[k] - from[k]) / GRID + 1;
    *f = (struct found){{INFINITY, INFINITY}, {-INFINITY, -INFINITY}, false, true};
    for (int64_t y = from[1]; y <= to[1]; y += step[1])
        for (int64_t x = from[0]; x <= to[0];) {
            int n = 0;
            for (; n < ROW && x <= to[0]; n++, x += step[0])
                xy[n][0] = (double)x, xy[n][1] = (double)y;
            if (!fits_wcs_positions(w, (const double(*)[2])xy, n, at, e))
                return false;
            for (int i = 0; i < n; i++)
                if (isfinite(at[i].lon_deg) &&
                    sky_region_contains_point(region, at[i].lon_deg, at[i].lat_deg)) {
                    any = true;
                    for (int k = 0; k < 2; k++) {
                        double more = step[k] > 1 ? (double)step[k] : 0;
                        widen(f, k, xy[i][k] - more);
                        widen(f, k, xy[i][k] + more);
                    }
                }
        }
    f->is_within = any;
    return true;
}

/* Does the image go round the sky, so that a region may lie at both of its ends? */
static bool wraps(struct fits_wcs *w, const int64_t size[2], struct err *e)
{
    double xy[5][2] = {{1, ((double)size[1] + 1) / 2},
                       {(double)size[0], ((double)size[1] + 1) / 2},
                       {((double)size[0] + 1) / 2, ((double)size[1] + 1) / 2},
                       {((double)size[0] + 3) / 2, ((double)size[1] + 1) / 2},
                       {((double)size[0] + 1) / 2, ((double)size[1] + 3) / 2}};
    struct sky_point p[5];
    if (!fits_wcs_positions(w, (const double(*)[2])xy, 5, p, e))
        return true;
    for (int i = 0; i < 5; i++)
        if (!isfinite(p[i].lon_deg))
            return true;
    double pixel =
        fmax(sky_distance_deg(p[2].lon_deg, p[2].lat_deg, p[3].lon_deg, p[3].lat_deg),
             sky_distance_deg(p[2].lon_deg, p[2].lat_deg, p[4].lon_deg, p[4].lat_deg));
    return pixel * (double)(size[0] > size[1] ? size[0] : size[1]) > 120;
}

/* The outline lies beside the image or around it: does the region reach into it? Looks at
 * what was clipped, a grid of it. */
static bool reaches(struct fits_wcs *w, const struct sky_region *region,
                    const struct found *f, const int64_t size[2], bool *yes, struct err *e)
{
    int64_t from[2], to[2];
    struct found inside;
    *yes = false;
    for (int k = 0; k < 2; k++)
        if (!clip(f->lo[k], f->hi[k], size[k], &from[k], &to[k]))
            return true;
    if (!measure_grid(w, region, from, to, &inside, e))
        return false;
    *yes = inside.is_within;
    return true;
}

static enum cutout_result set_box(const struct found *f, struct fits_wcs *w,
                                  struct cutout_box *box)
{
    int axis[2] = {w->lng, w->lat};
    for (int k = 0; k < 2; k++)
        if (!clip(f->lo[k], f->hi[k], w->size[axis[k]], &box->first[axis[k]],
                  &box->last[axis[k]]))
            return CUTOUT_EMPTY;
    return CUTOUT_DONE;
}

static enum cutout_result find_region(struct fits_wcs *w, const struct sky_region *region,
                                      struct cutout_box *box, struct err *e)
{
    struct outline o = {0};
    struct found f;
    struct err no_wrap = {0};
    int64_t size[2] = {w->size[w->lng], w->size[w->lat]}, one[2] = {1, 1};
    enum cutout_result result = CUTOUT_FAILED;
    struct arena *arena = arena_new(64 << 20);
    if (!arena || !outline_of(region, &o, arena)) {
        err_set(e, ERR_LIMIT, "the region needs too much memory");
        goto out;
    }
    double(*xy)[2] = arena_alloc(arena, o.n + 1, sizeof *xy);
    if (!xy || !fits_wcs_pixels(w, o.point, (int)o.n, xy, e))
        goto out;
    measure(&o, (const double(*)[2])xy, size, &f);
    bool yes = f.is_within;
    if (o.n == 0 || !f.is_whole || wraps(w, size, &no_wrap)) {
        struct found outline = f;
        if (!measure_grid(w, region, one, size, &f, e))
            goto out;
        for (int k = 0; outline.is_within && k < 2; k++) {
            /* a region smaller than the grid is found by its outline alone */
            widen(&f, k, fmax(outline.lo[k], 0.5));
            widen(&f, k, fmin(outline.hi[k], (double)size[k] + 0.5));
        }
        yes = f.is_within || outline.is_within;
    } else if (!yes && !reaches(w, region, &f, size, &yes, e))
        goto out;
    result = yes ? set_box(&f, w, box) : CUTOUT_EMPTY;

out:
    arena_free(arena);
    return result;
}

/* As Cutout2D counts: the window begins at the ceiling of (position - half its size), where
 * the first pixel is 0. */
static enum cutout_result find_center(struct fits_wcs *w, const struct cutout_request *r,
                                      struct cutout_box *box, bool clipped, struct err *e)
{
    struct sky_point at = {r->lon_deg, r->lat_deg};
    int64_t want[2] = {r->width, r->height};
    int axis[2] = {w->lng, w->lat};
    double xy[1][2];
    if (!fits_wcs_pixels(w, &at, 1, xy, e))
        return CUTOUT_FAILED;
    for (int k = 0; k < 2; k++) {
        double first = ceil(xy[0][k] - 1 - (double)want[k] / 2);
        double size = (double)w->size[axis[k]], last = first + (double)want[k] - 1;
        if (!(first < size && last >= 0))
            return CUTOUT_EMPTY;
        box->first[axis[k]] = (int64_t)(clipped ? fmax(first, 0) : first) + 1;
        box->last[axis[k]] = (int64_t)(clipped ? fmin(last, size - 1) : last) + 1;
    }
    return CUTOUT_DONE;
}

/* ---- other axes ---- */

/* The pixels that an interval touches, by the values at their edges, in whatever order
 * these are. A scalar means one. False: none. */
static bool touched(const double *edge, int64_t n, double least, double most,
                    int64_t *first, int64_t *last)
{
    *first = 0;
    for (int64_t i = 1; i <= n; i++) {
        double lo = fmin(edge[i - 1], edge[i]), hi = fmax(edge[i - 1], edge[i]);
        double tiny = (hi - lo) * 1e-7;
        bool touches = least == most ? *first == 0 && least >= lo && least <= hi
                                     : least < hi - tiny && most > lo + tiny;
        if (!touches)
            continue;
        *first = *first ? *first : i;
        *last = i;
    }
    return *first != 0;
}

static enum cutout_result find_band(struct fits_wcs *w, const struct cutout_request *r,
                                    struct cutout_box *box, struct err *e)
{
    const double *edge = fits_wcs_edges(w, e);
    if (!edge)
        return CUTOUT_FAILED;
    return touched(edge, w->size[w->spectral], r->band_min_m, r->band_max_m,
                   &box->first[w->spectral], &box->last[w->spectral])
               ? CUTOUT_DONE
               : CUTOUT_EMPTY;
}

static bool number_of(const struct cutout_image *image, const char *keyword, double *out)
{
    struct fits_hdu own = {.card = image->card, .ncard = image->ncard};
    return fits_double(&own, keyword, out) || fits_double(image->primary, keyword, out);
}

/* Without an axis of time the whole image is of one time: that of its header. In its scale.
 */
static bool header_time(const struct cutout_image *image, enum fits_scale scale,
                        double *from, double *to)
{
    struct fits_hdu own = {.card = image->card, .ncard = image->ncard};
    char text[72];
    double exposure = 0;
    if (!number_of(image, "MJD-OBS", from)) {
        if (!fits_text(&own, "DATE-OBS", text) &&
            !fits_text(image->primary, "DATE-OBS", text))
            return false;
        *from = fits_date_mjd(text, scale);
        if (!isfinite(*from))
            return false;
    }
    if (!number_of(image, "EXPTIME", &exposure))
        number_of(image, "EXPOSURE", &exposure);
    if (!number_of(image, "MJD-END", to))
        *to = *from + (exposure > 0 ? exposure : 0) / 86400;
    return true;
}

static enum fits_scale scale_of(const struct cutout_image *image)
{
    struct fits_hdu own = {.card = image->card, .ncard = image->ncard};
    return image->wcs.own_scale ? fits_scale_of(image->wcs.own_scale)
                                : fits_scale_read(&own, image->primary);
}

/* Times that a lookup table has, which need not be even. */
static enum cutout_result find_time_of_table(struct fits_wcs *w, double least, double most,
                                             struct cutout_box *box, struct err *e)
{
    enum { MOST_TIMES = 10000000 };
    int64_t n = w->size[w->time];
    double *edge =
        n <= MOST_TIMES ? arena_new_array(w->arena, double, (size_t)n + 1) : NULL;
    if (!edge) {
        err_set(e, ERR_LIMIT, "the axis of time is too long");
        return CUTOUT_FAILED;
    }
    for (int64_t i = 0; i <= n; i++)
        edge[i] = fits_wcs_mjd(w, (double)i + 0.5);
    return touched(edge, n, least, most, &box->first[w->time], &box->last[w->time])
               ? CUTOUT_DONE
               : CUTOUT_EMPTY;
}

/* Requests speak UTC, an axis its own scale. */
static enum cutout_result find_time(struct cutout_image *image,
                                    const struct cutout_request *r, struct cutout_box *box,
                                    struct err *e)
{
    struct fits_wcs *w = &image->wcs;
    enum fits_scale scale = scale_of(image);
    double from, to;
    if (w->time < 0 || w->time >= w->naxis) {
        if (!header_time(image, scale, &from, &to)) {
            err_set(e, ERR_USAGE, "the data have neither an axis of time nor a date");
            return CUTOUT_FAILED;
        }
        return r->time_min_mjd <= fits_scale_utc(scale, to) &&
                       r->time_max_mjd >= fits_scale_utc(scale, from)
                   ? CUTOUT_DONE
                   : CUTOUT_EMPTY;
    }
    double least = fits_scale_from_utc(scale, r->time_min_mjd),
           most = fits_scale_from_utc(scale, r->time_max_mjd);
    if (w->tab[w->time])
        return find_time_of_table(w, least, most, box, e);
    double a = fits_wcs_mjd(w, 0), step = fits_wcs_mjd(w, 1) - a;
    if (!isfinite(a) || !isfinite(step) || step == 0) {
        err_set(e, ERR_USAGE, "the axis of time cannot be read");
        return CUTOUT_FAILED;
    }
    double p = (least - a) / step, q = (most - a) / step;
    return clip(fmin(p, q), fmax(p, q), w->size[w->time], &box->first[w->time],
                &box->last[w->time])
               ? CUTOUT_DONE
               : CUTOUT_EMPTY;
}

static bool wants_state(const struct cutout_request *r, const char *name)
{
    for (uint32_t i = 0; name && i < r->nstate; i++)
        if (str_eq_fold(str_of(name), str_of(r->state[i])))
            return true;
    return false;
}

/* Planes at equal steps are taken alone; otherwise all between the first and the last. */
static enum cutout_result find_states(struct fits_wcs *w, const struct cutout_request *r,
                                      struct cutout_box *box, struct err *e)
{
    int64_t plane[CUTOUT_STATES];
    int n = 0, k = w->stokes;
    if (k < 0 || k >= w->naxis) {
        err_set(e, ERR_USAGE, "the data have no axis of polarization");
        return CUTOUT_FAILED;
    }
    for (int64_t i = 1; i <= w->size[k] && n < CUTOUT_STATES; i++)
        if (wants_state(r, fits_stokes_name((int)lround(fits_wcs_linear(w, k, (double)i)))))
            plane[n++] = i;
    if (n == 0)
        return CUTOUT_EMPTY;
    int64_t step = n > 1 ? plane[1] - plane[0] : 1;
    for (int i = 1; i < n; i++)
        step = plane[i] - plane[i - 1] == step ? step : 1;
    box->first[k] = plane[0], box->last[k] = plane[n - 1], box->step[k] = step;
    return CUTOUT_DONE;
}

static enum cutout_result find_pixels(const struct cutout_request *r,
                                      struct cutout_box *box, struct err *e)
{
    for (uint32_t k = 0; k < r->npixel; k++) {
        if (r->pixel[k].first == 0)
            continue;
        if ((int)k >= box->naxis) {
            err_set(e, ERR_USAGE, "the image has %d axes, none of number %u", box->naxis,
                    k + 1);
            return CUTOUT_FAILED;
        }
        if (r->pixel[k].first > box->first[k])
            box->first[k] = r->pixel[k].first;
        if (r->pixel[k].last < box->last[k])
            box->last[k] = r->pixel[k].last;
        if (box->first[k] > box->last[k])
            return CUTOUT_EMPTY;
    }
    return CUTOUT_DONE;
}

enum cutout_result cutout_box_find(struct cutout_image *image,
                                   const struct cutout_request *r, struct cutout_box *box,
                                   struct err *e)
{
    const struct fits_hdu *h = image->hdu;
    enum cutout_result result = CUTOUT_DONE;
    *box = (struct cutout_box){.hdu = h->number,
                               .naxis = h->naxis,
                               .bitpix = h->bitpix,
                               .scale = image->scale,
                               .zero = image->zero,
                               .has_blank = image->has_blank,
                               .blank = image->blank};
    for (int i = 0; i < h->naxis; i++) {
        box->first[i] = box->step[i] = 1, box->last[i] = h->size[i];
        if (h->size[i] == 0)
            return CUTOUT_EMPTY;
    }
    if (r->region || r->has_center) {
        if (image->wcs.lng < 0) {
            err_set(e, ERR_USAGE, "the image cannot be cut by positions: %s",
                    image->wcs.why_not_sky);
            return CUTOUT_FAILED;
        }
        result = r->region ? find_region(&image->wcs, r->region, box, e)
                           : find_center(&image->wcs, r, box, true, e);
    }
    if (result == CUTOUT_DONE && r->has_band)
        result = find_band(&image->wcs, r, box, e);
    if (result == CUTOUT_DONE && r->has_time)
        result = find_time(image, r, box, e);
    if (result == CUTOUT_DONE && r->nstate)
        result = find_states(&image->wcs, r, box, e);
    return result == CUTOUT_DONE ? find_pixels(r, box, e) : result;
}

bool cutout_box_is(const struct cutout_box *a, const struct cutout_box *b)
{
    bool same = a->hdu == b->hdu && a->naxis == b->naxis;
    for (int k = 0; same && k < a->naxis; k++)
        same = a->first[k] == b->first[k] && a->last[k] == b->last[k] &&
               a->step[k] == b->step[k];
    return same;
}

enum cutout_result cutout_window(struct cutout_image *image, const struct cutout_request *r,
                                 struct cutout_box *box, struct err *e)
{
    return find_center(&image->wcs, r, box, false, e);
}
