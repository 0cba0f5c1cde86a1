/* picture.c -- stretches and curves: values become shades of grey. */
#include "datalink/picture.h"

#include <math.h>
#include <stdlib.h>

#include "core/base/num.h"
#include "core/dali/dali.h"

enum { SAMPLES = 40000 };

const struct picture_options picture_defaults = {STRETCH_ASINH, 0.5, 99.5};

/* clang-format off */
static const struct { const char *word; enum picture_stretch stretch; } STRETCHES[] = {
    {"asinh", STRETCH_ASINH}, {"linear", STRETCH_LINEAR}, {"sqrt", STRETCH_SQRT},
    {"log", STRETCH_LOG}};
/* clang-format on */

static bool read_percent(str text, struct picture_options *o, struct err *e)
{
    str high = str_trim(text), low = str_cut(&high, ' ');
    bool ok = high.at && num_parse_double(low, &o->low_percent) &&
              num_parse_double(str_trim(high), &o->high_percent);
    return (ok && o->low_percent >= 0 && o->low_percent < o->high_percent &&
            o->high_percent <= 100) ||
           err_set(e, ERR_USAGE, "PERCENT is two numbers from 0 to 100, as in 0.5 99.5");
}

bool picture_options_read(const struct http_param *p, size_t n, struct picture_options *o,
                          struct err *e)
{
    str stretch, percent;
    *o = picture_defaults;
    if (!dali_param(p, n, "STRETCH", &stretch, e) ||
        !dali_param(p, n, "PERCENT", &percent, e))
        return false;
    if (str_trim(percent).len > 0 && !read_percent(percent, o, e))
        return false;
    if (str_trim(stretch).len == 0)
        return true;
    for (size_t i = 0; i < sizeof STRETCHES / sizeof *STRETCHES; i++)
        if (str_eq_fold(str_trim(stretch), str_of(STRETCHES[i].word))) {
            o->stretch = STRETCHES[i].stretch;
            return true;
        }
    return err_set(e, ERR_USAGE, "STRETCH is asinh, linear, sqrt or log");
}

static int by_value(const void *left, const void *right)
{
    const double *a = left, *b = right;
    return *a < *b ? -1 : *a > *b;
}

/* Percentiles of a sample of the values. False: no value is finite. */
static bool find_limits(const double *value, size_t n, const struct picture_options *o,
                        double sample[SAMPLES], double *low, double *high)
{
    size_t step = n / SAMPLES + 1, m = 0;
    for (size_t i = 0; i < n && m < SAMPLES; i += step)
        if (isfinite(value[i]))
            sample[m++] = value[i];
    for (size_t i = 0; m == 0 && i < n; i++) /* a sample of nothing but holes */
        if (isfinite(value[i]))
            sample[m++] = value[i];
    if (m == 0)
        return false;
    qsort(sample, m, sizeof *sample, by_value);
    *low = sample[(size_t)(o->low_percent / 100 * (double)(m - 1))];
    *high = sample[(size_t)ceil(o->high_percent / 100 * (double)(m - 1))];
    return true;
}

/* 0..1 to 0..1 */
static double curve(double t, enum picture_stretch stretch)
{
    switch (stretch) {
    case STRETCH_LINEAR:
        return t;
    case STRETCH_SQRT:
        return sqrt(t);
    case STRETCH_LOG:
        return log1p(1000 * t) / log1p(1000);
    default:
        return asinh(10 * t) / asinh(10);
    }
}

static unsigned char shade(double value, double low, double high,
                           enum picture_stretch stretch)
{
    if (!(high > low))
        return isfinite(value) ? 128 : 0;
    double t = (value - low) / (high - low);
    if (!(t > 0))
        return 0;
    return (unsigned char)lround(255 * curve(t < 1 ? t : 1, stretch));
}

static bool make(struct picture *p, uint32_t width, uint32_t height, struct arena *arena)
{
    *p = (struct picture){arena_alloc(arena, (size_t)width * height + 1, 1), width, height};
    return p->gray != NULL;
}

bool picture_from_values(const double *value, uint32_t width, uint32_t height,
                         const struct picture_options *o, struct arena *arena,
                         struct picture *p)
{
    double low = 0, high = 0;
    double *sample = arena_new_array(arena, double, SAMPLES);
    if (!sample || !make(p, width, height, arena))
        return false;
    if (!find_limits(value, (size_t)width * height, o, sample, &low, &high))
        return true; /* nothing but holes: black */
    for (uint32_t y = 0; y < height; y++)
        for (uint32_t x = 0; x < width; x++)
            p->gray[(size_t)(height - 1 - y) * width + x] =
                shade(value[(size_t)y * width + x], low, high, o->stretch);
    return true;
}

/* ---- curves ---- */

struct axis {
    double low, high;
};

static struct axis range_of(const double *value, size_t n)
{
    struct axis a = {INFINITY, -INFINITY};
    for (size_t i = 0; i < n; i++)
        if (isfinite(value[i]))
            a.low = fmin(a.low, value[i]), a.high = fmax(a.high, value[i]);
    return a;
}

static int place(struct axis a, double value, uint32_t size)
{
    enum { MARGIN = 4 };
    double t = a.high > a.low ? (value - a.low) / (a.high - a.low) : 0.5;
    return MARGIN + (int)lround(t * (double)(size - 2 * MARGIN - 1));
}

/* Darkens from y0 to y1 at x: a curve has no holes where it is steep. */
static void stroke(struct picture *p, int x, int y0, int y1)
{
    int from = y0 < y1 ? y0 : y1, to = y0 < y1 ? y1 : y0;
    if (x < 0 || x >= (int)p->width)
        return;
    for (int y = from < 0 ? 0 : from; y <= to && y < (int)p->height; y++)
        p->gray[((size_t)p->height - 1 - (size_t)y) * p->width + (size_t)x] = 40;
}

bool picture_from_curve(const double *x, const double *y, size_t n, uint32_t width,
                        uint32_t height, struct arena *arena, struct picture *p)
{
    struct axis ax = range_of(x, n), ay = range_of(y, n);
    int last_x = -1, last_y = 0;
    if (!make(p, width, height, arena))
        return false;
    memset(p->gray, 255, (size_t)width * height);
    for (size_t i = 0; i < n; i++) {
        if (!isfinite(x[i]) || !isfinite(y[i])) {
            last_x = -1;
            continue;
        }
        int px = place(ax, x[i], width), py = place(ay, y[i], height);
        int steps = last_x < 0 ? 0 : abs(px - last_x);
        for (int s = 1; s < steps; s++) {
            int at = last_x + (px > last_x ? s : -s),
                level = last_y + (py - last_y) * s / steps;
            stroke(p, at, level, level);
        }
        stroke(p, px,
               last_x < 0 ? py : last_y + (steps ? (py - last_y) * (steps - 1) / steps : 0),
               py);
        last_x = px, last_y = py;
    }
    return true;
}
