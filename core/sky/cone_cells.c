/* cone_cells.c -- the HEALPix cells of one order that a cone touches, fast: for joins on
 * cells, which ask for every row. Where the cone lies within one of the twelve faces it
 * lies within a square of the face plane, because no step on the sky moves far there. */
#include "core/sky/sky.h"

#include "core/sky/private.h"

enum { SQUARE_MAX = 128, FACE_ORDER = SKY_HEALPIX_ORDER_MAX };

/* How far x or y of the face plane (a side is 1) move at most on a step of one radian: in
 * the belt sqrt((2 / (pi cos lat))^2 + (3/4 cos lat)^2) with cos^2 lat >= 5/9, in the caps
 * sqrt(3/2 u + 6 / (pi^2 u)) with u = cos^2 of half the polar distance in [5/6, 1]. */
static double steepest(double lat_deg, double radius_deg)
{
    const double belt_end_deg = 41.8103148957786;
    return fabs(lat_deg) + radius_deg > belt_end_deg ? 1.4519 : 1.0209;
}

struct square { /* of cells of one face, ends included */
    int face;
    int64_t x0, x1, y0, y1;
};

/* False: the cone may reach over an edge of the face. */
static bool square_of(double lon_deg, double lat_deg, double radius_deg, int order,
                      struct square *s)
{
    const int64_t side = (int64_t)1 << FACE_ORDER;
    double reach = steepest(lat_deg, radius_deg) * radius_deg * SKY_RAD_PER_DEG;
    if (!(reach < 0.5))
        return false;
    int64_t cell = sky_healpix_of(FACE_ORDER, lon_deg, lat_deg);
    struct face_cell c = sky_face_cell(FACE_ORDER, cell);
    int64_t more = (int64_t)(reach * (double)side) + 4; /* roundings, and the end of it */
    int shift = FACE_ORDER - order;
    *s = (struct square){.face = c.face,
                         .x0 = c.x - more,
                         .x1 = c.x + more,
                         .y0 = c.y - more,
                         .y1 = c.y + more};
    if (s->x0 < 0 || s->y0 < 0 || s->x1 >= side || s->y1 >= side)
        return false;
    s->x0 >>= shift;
    s->x1 >>= shift;
    s->y0 >>= shift;
    s->y1 >>= shift;
    return (s->x1 - s->x0 + 1) * (s->y1 - s->y0 + 1) <= SQUARE_MAX;
}

static size_t square_cells(const struct square *s, int order, int64_t *out, size_t max)
{
    size_t n = (size_t)((s->x1 - s->x0 + 1) * (s->y1 - s->y0 + 1));
    if (n > max)
        return n;
    for (int64_t y = s->y0; y <= s->y1; y++)
        for (int64_t x = s->x0; x <= s->x1; x++)
            *out++ = sky_face_cell_index(order, (struct face_cell){s->face, x, y});
    return n;
}

static size_t spans_cells(const struct sky_span *span, size_t nspan, int64_t *out,
                          size_t max)
{
    size_t n = 0;
    for (size_t i = 0; i < nspan; i++)
        n += (size_t)(span[i].hi - span[i].lo + 1);
    if (n > max)
        return n;
    for (size_t i = 0; i < nspan; i++)
        for (int64_t cell = span[i].lo; cell <= span[i].hi; cell++)
            *out++ = cell;
    return n;
}

size_t sky_cone_cells(double lon_deg, double lat_deg, double radius_deg, int order,
                      int64_t *out, size_t max)
{
    enum { SPANS_MAX = 256 };
    struct square square;
    struct sky_span span[SPANS_MAX];
    if (order < 0 || order > SKY_HEALPIX_ORDER_MAX || !isfinite(lon_deg) ||
        !(fabs(lat_deg) <= 90) || !(radius_deg >= 0))
        return 0;
    double radius = fmin(radius_deg * (1 + 1e-9) + 1e-11, 180); /* a distance's rounding */
    if (square_of(lon_deg, lat_deg, radius, order, &square))
        return square_cells(&square, order, out, max);
    size_t n = sky_cone_cover(lon_deg, lat_deg, radius, order, span, SPANS_MAX);
    return spans_cells(span, n, out, max);
}
