/* scan_image.c -- what the WCS of an image says: footprint, field, pixels, wavelengths,
 * polarization, time. */
#include <math.h>

#include "core/fits/fits_wcs.h"
#include "core/ingest/scan_inside.h"

enum { STEPS = 16, GRID = 33, SKY_ORDER = 2 };

/* How far from a great circle the edge of an image may run and still be one, in pixels. */
static const double STRAIGHT = 0.1;

struct frame { /* an image and its sky */
    struct scan_subject *s;
    struct fits_wcs *wcs;
    double width, height; /* pixels */
    struct sky_point centre;
    double pixel_deg;
};

static bool is_there(struct sky_point p)
{
    return isfinite(p.lon_deg) && isfinite(p.lat_deg);
}

static bool positions(struct frame *f, const double (*xy)[2], int n, struct sky_point *out)
{
    struct err ignored = {0};
    return fits_wcs_positions(f->wcs, xy, n, out, &ignored);
}

/* The middle and the size of a pixel there; false: the middle is not on the sky. */
static bool find_centre(struct frame *f)
{
    double x = (f->width + 1) / 2, y = (f->height + 1) / 2;
    const double xy[3][2] = {{x, y}, {x + 1, y}, {x, y + 1}};
    struct sky_point at[3];
    if (!positions(f, xy, 3, at) || !is_there(at[0]))
        return false;
    f->centre = (struct sky_point){sky_lon_reduce(at[0].lon_deg), at[0].lat_deg};
    double a = sky_distance_deg(at[0].lon_deg, at[0].lat_deg, at[1].lon_deg, at[1].lat_deg);
    double b = sky_distance_deg(at[0].lon_deg, at[0].lat_deg, at[2].lon_deg, at[2].lat_deg);
    f->pixel_deg = sqrt(a * b);
    return true;
}

/* --- the outline --------------------------------------------------------------------- */

static double off_circle_deg(struct sky_vec a, struct sky_vec b, struct sky_point p)
{
    struct sky_vec q = sky_vec_of(p.lon_deg, p.lat_deg);
    double x = a.y * b.z - a.z * b.y, y = a.z * b.x - a.x * b.z, z = a.x * b.y - a.y * b.x;
    double length = sqrt(x * x + y * y + z * z);
    return length > 0 ? fabs(asin((x * q.x + y * q.y + z * q.z) / length)) * 180 / M_PI
                      : 180;
}

/* Corners, and what lies between them where the edge is no great circle. */
static size_t outline(struct frame *f, double *lonlat)
{
    double xy[4 * STEPS][2];
    struct sky_point at[4 * STEPS];
    const double corner[5][2] = {{0.5, 0.5},
                                 {f->width + 0.5, 0.5},
                                 {f->width + 0.5, f->height + 0.5},
                                 {0.5, f->height + 0.5},
                                 {0.5, 0.5}};
    for (int i = 0; i < 4 * STEPS; i++) {
        double t = (double)(i % STEPS) / STEPS;
        const double *a = corner[i / STEPS], *b = corner[i / STEPS + 1];
        xy[i][0] = a[0] + t * (b[0] - a[0]);
        xy[i][1] = a[1] + t * (b[1] - a[1]);
    }
    if (!positions(f, (const double(*)[2])xy, 4 * STEPS, at))
        return 0;
    for (int i = 0; i < 4 * STEPS; i++)
        if (!is_there(at[i]))
            return 0;
    size_t n = 0;
    for (int side = 0; side < 4; side++) {
        const struct sky_point *p = &at[side * STEPS], *end = &at[(side + 1) % 4 * STEPS];
        struct sky_vec a = sky_vec_of(p->lon_deg, p->lat_deg);
        struct sky_vec b = sky_vec_of(end->lon_deg, end->lat_deg);
        bool is_straight = true;
        for (int k = 1; k < STEPS; k++)
            is_straight &= off_circle_deg(a, b, p[k]) < STRAIGHT * f->pixel_deg;
        for (int k = 0; k < (is_straight ? 1 : STEPS); k++) {
            lonlat[2 * n] = p[k].lon_deg;
            lonlat[2 * n++ + 1] = p[k].lat_deg;
        }
    }
    return n;
}

static void measure_outline(const struct frame *f, const double *lonlat, size_t n,
                            struct product *p)
{
    p->s_fov = 0;
    for (size_t i = 0; i < n; i++)
        p->s_fov = fmax(p->s_fov, 2 * sky_distance_deg(f->centre.lon_deg, f->centre.lat_deg,
                                                       lonlat[2 * i], lonlat[2 * i + 1]));
}

/* A polygon around the middle, or false: the image has no such outline. */
static bool put_polygon(struct frame *f, struct product *p)
{
    double lonlat[2 * 4 * STEPS];
    struct err ignored = {0};
    struct bytes text;
    size_t n = outline(f, lonlat);
    const struct sky_region *r =
        n ? sky_region_polygon(f->s->arena, lonlat, n, &ignored) : NULL;
    if (!r || !sky_region_contains_point(r, f->centre.lon_deg, f->centre.lat_deg))
        return false;
    bytes_init(&text, 1 << 16);
    if (sky_region_print_numbers(&text, r, &ignored))
        p->s_region = arena_text(f->s->arena, bytes_str(&text));
    bytes_free(&text);
    measure_outline(f, lonlat, n, p);
    return p->s_region && p->s_fov <= 180;
}

/* --- images with an edge that is not on the sky -------------------------------------- */

static bool is_all_sky(struct frame *f)
{
    struct err ignored = {0};
    for (int64_t i = 0; i < sky_healpix_count(SKY_ORDER); i++) {
        struct sky_point at;
        double xy[1][2];
        if (!sky_healpix_center(SKY_ORDER, i, &at) ||
            !fits_wcs_pixels(f->wcs, &at, 1, xy, &ignored) ||
            !(xy[0][0] >= 0.5 && xy[0][0] <= f->width + 0.5 && xy[0][1] >= 0.5 &&
              xy[0][1] <= f->height + 0.5))
            return false;
    }
    return true;
}

/* A circle around whatever part of a grid of pixels is on the sky. */
static bool put_circle(struct frame *f, struct product *p)
{
    double xy[GRID * GRID][2];
    struct sky_point at[GRID * GRID];
    struct sky_vec sum = {0, 0, 0};
    for (int i = 0; i < GRID * GRID; i++) {
        int column = i % GRID, row = i / GRID;
        xy[i][0] = 0.5 + f->width * column / (GRID - 1);
        xy[i][1] = 0.5 + f->height * row / (GRID - 1);
    }
    if (!positions(f, (const double(*)[2])xy, GRID * GRID, at))
        return false;
    for (int i = 0; i < GRID * GRID; i++)
        if (is_there(at[i])) {
            struct sky_vec v = sky_vec_of(at[i].lon_deg, at[i].lat_deg);
            sum = (struct sky_vec){sum.x + v.x, sum.y + v.y, sum.z + v.z};
        }
    if (sum.x * sum.x + sum.y * sum.y + sum.z * sum.z < 1e-12)
        return false;
    f->centre = sky_point_of(sum);
    p->s_fov = 0;
    for (int i = 0; i < GRID * GRID; i++)
        if (is_there(at[i]))
            p->s_fov =
                fmax(p->s_fov, 2 * sky_distance_deg(f->centre.lon_deg, f->centre.lat_deg,
                                                    at[i].lon_deg, at[i].lat_deg));
    return true;
}

static bool put_footprint(struct frame *f, struct product *p)
{
    bool has_centre = find_centre(f);
    if (has_centre && put_polygon(f, p)) {
        /* done */
    } else if (has_centre && is_all_sky(f)) {
        p->s_region = NULL;
        p->s_fov = 360;
    } else {
        p->s_region = NULL;
        if (!put_circle(f, p))
            return false;
    }
    p->s_ra = f->centre.lon_deg;
    p->s_dec = f->centre.lat_deg;
    if (has_centre && f->pixel_deg > 0)
        p->s_pixel_scale = f->pixel_deg * 3600;
    return true;
}

/* --- other axes ---------------------------------------------------------------------- */

static bool put_bands(struct fits_wcs *w, struct product *p)
{
    struct err ignored = {0};
    const double *edge = w->spectral >= 0 ? fits_wcs_edges(w, &ignored) : NULL;
    if (!edge)
        return false;
    int64_t n = w->size[w->spectral];
    p->em_xel = n;
    p->em_min = fmin(edge[0], edge[n]);
    p->em_max = fmax(edge[0], edge[n]);
    for (int64_t i = 0; w->tab[w->spectral] && i <= n; i++) { /* in any order, with gaps */
        p->em_min = fmin(p->em_min, edge[i]);
        p->em_max = fmax(p->em_max, edge[i]);
    }
    return isfinite(p->em_min) && isfinite(p->em_max);
}

/* In the order that ObsCore wants, whatever that of the pixels is. */
static void put_polarization(const struct scan_subject *s, const struct fits_wcs *w,
                             struct product *p)
{
    static const char *const ORDER[] = {"I",  "Q",  "U",  "V",  "RR", "LL",
                                        "RL", "LR", "XX", "YY", "XY", "YX"};
    const char *all = "/";
    int64_t found = 0;
    if (w->stokes < 0 || w->stokes >= w->naxis || w->size[w->stokes] > 12)
        return;
    for (size_t k = 0; k < sizeof ORDER / sizeof *ORDER && all; k++)
        for (int64_t i = 1; i <= w->size[w->stokes] && all; i++) {
            double number = fits_wcs_linear(w, w->stokes, (double)i);
            const char *name =
                fabs(number) < 100 ? fits_stokes_name((int)lround(number)) : NULL;
            if (name && strcmp(name, ORDER[k]) == 0) {
                all = arena_format(s->arena, "%s%s/", all, name);
                found++;
            }
        }
    if (found == 0)
        return;
    p->pol_states = all;
    p->pol_xel = found;
}

static void put_time(const struct scan_subject *s, const struct fits_wcs *w,
                     struct product *p)
{
    if (w->time < 0 || w->time >= w->naxis)
        return;
    double n = (double)w->size[w->time];
    double a = fits_wcs_mjd(w, 0.5), b = fits_wcs_mjd(w, n + 0.5);
    if (!isfinite(a) || !isfinite(b))
        return;
    enum fits_scale scale = w->own_scale ? fits_scale_of(w->own_scale) : scan_scale(s);
    p->t_min = scan_utc(s, scale, fmin(a, b));
    p->t_max = scan_utc(s, scale, fmax(a, b));
    p->t_xel = w->size[w->time];
    p->t_resolution = fabs(b - a) * 86400 / n;
}

/* A beam, if it is told: its mean width. */
static void put_beam(const struct fits_hdu *h, struct product *p)
{
    double major, minor;
    if (fits_double(h, "BMAJ", &major) && major > 0) {
        if (!fits_double(h, "BMIN", &minor) || !(minor > 0))
            minor = major;
        p->s_resolution = sqrt(major * minor) * 3600;
    }
}

bool scan_image(struct scan_subject *s, struct product *p, bool *has_sky, bool *has_bands)
{
    struct fits_wcs w;
    const struct fits_hdu *h = s->hdu;
    *has_sky = *has_bands = false;
    s->why_not_bands = NULL;
    if (!fits_wcs_read(&w, s->file, h->card, h->ncard, h->naxis, h->size, s->arena, s->e))
        return false;
    if (w.lng >= 0 && w.lat >= 0) {
        struct frame f = {.s = s,
                          .wcs = &w,
                          .width = (double)h->size[w.lng],
                          .height = (double)h->size[w.lat]};
        *has_sky = h->size[w.lng] > 0 && h->size[w.lat] > 0 && put_footprint(&f, p);
        p->s_xel1 = h->size[w.lng];
        p->s_xel2 = h->size[w.lat];
    }
    if (!w.wcs)
        return true;
    *has_bands = put_bands(&w, p);
    if (w.spectral >= 0 && w.why_not_bands) {
        s->why_not_bands = w.why_not_bands;
        s->out->note =
            arena_format(s->arena, "wavelengths are not known: %s", w.why_not_bands);
    }
    put_polarization(s, &w, p);
    put_time(s, &w, p);
    put_beam(h, p);
    return true;
}
