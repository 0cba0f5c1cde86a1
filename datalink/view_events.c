/* view_events.c -- an event list as a picture: how many events came from where on the sky.
 */
#include <math.h>
#include <stdlib.h>

#include "core/base/column.h"
#include "core/sky/sky.h"
#include "datalink/view.h"

enum { MOST_EVENTS = 4 << 20 };

struct events {
    float *x, *y; /* degrees from the first event, east and north, on the tangent plane */
    size_t n, room;
    double lon_deg, lat_deg; /* of the first one */
};

/* ---- where they are ---- */

static int find_column(const struct rowsource *rows, const char *const *name, size_t n)
{
    for (size_t k = 0; k < n; k++)
        for (uint32_t i = 0; i < rows->ncolumn; i++) {
            const struct store_column *c = rows->column[i];
            bool is_number = c->type == STORE_F32 || c->type == STORE_F64;
            if (is_number && c->length == 1 &&
                str_eq_fold(str_of(c->name), str_of(name[k])))
                return (int)i;
        }
    return -1;
}

/* Gnomonic projection about the first event (Calabretta & Greisen 2002, TAN); what lies on
 * the other side of the sky has no place. */
static bool project(const struct events *s, double lon_deg, double lat_deg, double *x,
                    double *y)
{
    const double rad = M_PI / 180;
    double d = (lon_deg - s->lon_deg) * rad, b = lat_deg * rad, b0 = s->lat_deg * rad;
    double down = sin(b0) * sin(b) + cos(b0) * cos(b) * cos(d);
    if (!(down > 0.01))
        return false;
    *x = cos(b) * sin(d) / down / rad;
    *y = (cos(b0) * sin(b) - sin(b0) * cos(b) * cos(d)) / down / rad;
    return true;
}

static bool make_room(struct events *s)
{
    if (s->n < s->room)
        return true;
    size_t room = s->room ? 2 * s->room : 4096;
    float *x = realloc(s->x, room * sizeof *x);
    if (x)
        s->x = x;
    float *y = realloc(s->y, room * sizeof *y);
    if (y)
        s->y = y;
    s->room = x && y ? room : s->room;
    return x && y;
}

static bool add_event(struct events *s, double lon_deg, double lat_deg)
{
    double x, y;
    if (!isfinite(lon_deg) || !(fabs(lat_deg) <= 90))
        return true;
    if (s->n == 0)
        s->lon_deg = lon_deg, s->lat_deg = lat_deg;
    if (!project(s, lon_deg, lat_deg, &x, &y))
        return true;
    if (!make_room(s))
        return false;
    s->x[s->n] = (float)x, s->y[s->n++] = (float)y;
    return true;
}

static bool take_events(struct events *s, struct rowsource *rows, struct err *e)
{
    static const char *const LON[] = {"RA", "ra_deg", "RAJ2000", "GLON"};
    static const char *const LAT[] = {"DEC", "dec_deg", "DEJ2000", "GLAT"};
    int lon = find_column(rows, LON, sizeof LON / sizeof *LON);
    int lat = find_column(rows, LAT, sizeof LAT / sizeof *LAT);
    struct store_batch b;
    enum step step = STEP_END;
    if (lon < 0 || lat < 0)
        return err_set(e, ERR_USAGE, "the events have no positions to be drawn");
    while (s->n < MOST_EVENTS && (step = rows->next(rows, &b, e)) == STEP_ROWS)
        for (uint32_t i = 0; i < b.nrow && s->n < MOST_EVENTS; i++)
            if (!add_event(s, column_number(rows->column[lon], &b.column[lon], i),
                           column_number(rows->column[lat], &b.column[lat], i)))
                return err_set(e, ERR_BUSY, "out of memory");
    if (step != STEP_FAILED && s->n == 0)
        return err_set(e, ERR_NOT_FOUND, "there is no event to be drawn");
    return step != STEP_FAILED;
}

/* ---- how many ---- */

static int compare_floats(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

/* The middle, and half the width of what holds 98 of 100: a few that are far away make no
 * dot of the rest. */
static bool spread(const float *value, size_t n, double *middle, double *half)
{
    float *sorted = n ? calloc(n, sizeof *sorted) : NULL;
    if (!sorted)
        return false;
    memcpy(sorted, value, n * sizeof *sorted);
    qsort(sorted, n, sizeof *sorted, compare_floats);
    double low = (double)sorted[n / 100], high = (double)sorted[n - 1 - n / 100];
    *middle = (low + high) / 2;
    *half = (high - low) / 2;
    free(sorted);
    return true;
}

/* As many cells along a side as make a few events for each where they lie thick. */
static uint32_t cells_of(const struct events *s, uint32_t side)
{
    double n = sqrt((double)s->n) * 1.5;
    uint32_t cells = n < 16 ? 16 : n > side ? side : (uint32_t)n;
    return cells < side ? cells : side;
}

/* East is to the left, and the first row at the bottom. */
static bool count(const struct events *s, uint32_t cells, double *value)
{
    double x0, y0, half_x, half_y;
    if (!spread(s->x, s->n, &x0, &half_x) || !spread(s->y, s->n, &y0, &half_y))
        return false;
    double half = 1.1 * fmax(fmax(half_x, half_y), 1e-6);
    for (size_t i = 0; i < s->n; i++) {
        double u = (1 - ((double)s->x[i] - x0) / half) / 2 * cells;
        double v = (1 + ((double)s->y[i] - y0) / half) / 2 * cells;
        if (u >= 0 && v >= 0 && u < cells && v < cells)
            value[(size_t)v * cells + (size_t)u] += 1;
    }
    return true;
}

/* Each cell as a square of pixels. */
static void enlarge(const double *cell, uint32_t cells, double *value, uint32_t side)
{
    for (uint32_t y = 0; y < side; y++)
        for (uint32_t x = 0; x < side; x++)
            value[(size_t)y * side + x] =
                cell[(size_t)(y * cells / side) * cells + x * cells / side];
}

static bool draw(const struct events *s, uint32_t side, const struct picture_options *o,
                 struct arena *arena, struct picture *p)
{
    /* counts have a zero, and no bad pixels to be cut off */
    static const struct picture_options COUNTS = {STRETCH_SQRT, 0, 100};
    bool is_default = o->stretch == picture_defaults.stretch &&
                      !(o->low_percent > picture_defaults.low_percent ||
                        o->low_percent < picture_defaults.low_percent) &&
                      !(o->high_percent > picture_defaults.high_percent ||
                        o->high_percent < picture_defaults.high_percent);
    uint32_t cells = cells_of(s, side);
    double *cell = calloc((size_t)cells * cells, sizeof *cell);
    double *value = calloc((size_t)side * side, sizeof *value);
    bool ok = cell && value && count(s, cells, cell);
    if (ok) {
        enlarge(cell, cells, value, side);
        ok = picture_from_values(value, side, side, is_default ? &COUNTS : o, arena, p);
    }
    free(cell);
    free(value);
    return ok;
}

bool view_events(struct rowsource *rows, uint32_t side, const struct picture_options *o,
                 struct arena *arena, struct picture *p, struct err *e)
{
    struct events s = {0};
    bool ok = take_events(&s, rows, e);
    rows->close(rows);
    if (ok && !draw(&s, side, o, arena, p))
        ok = err_set(e, ERR_BUSY, "out of memory");
    free(s.x);
    free(s.y);
    return ok;
}
