/* cover.c -- regions as a few ranges of HEALPix cells for an index, and as MOCs (Reinecke &
 * Hivon 2015, A&A 580, A132, describe such descents). */
#include "core/sky/sky.h"

#include "core/sky/private.h"

enum { MAX_SPANS = 256, MAX_PIECES = 4 * MAX_SPANS + 16, FINER_ORDERS = 3 };

/* Cells in ascending order; neighbours that are surely inside are one piece. */
struct piece {
    int64_t lo, hi;
    bool is_open; /* one cell of the present order, undecided */
};

struct pieces {
    struct piece at[MAX_PIECES];
    size_t n, nopen, nrun; /* runs: of pieces that touch */
};

static void add_piece(struct pieces *pieces, struct piece piece)
{
    struct piece *last = pieces->n ? &pieces->at[pieces->n - 1] : NULL;
    bool touches = last && last->hi + 1 == piece.lo;
    pieces->nopen += piece.is_open;
    pieces->nrun += !touches;
    if (touches && !last->is_open && !piece.is_open)
        last->hi = piece.hi;
    else
        pieces->at[pieces->n++] = piece;
}

static void add_cell(struct pieces *pieces, const struct sky_region *region,
                     const struct level *level, int64_t lo)
{
    struct cell cell;
    sky_cell_set(&cell, level, lo);
    enum where where = sky_cell_where(region, &cell, level);
    if (where != WHERE_OUT)
        add_piece(pieces, (struct piece){cell.lo, cell.hi, where == WHERE_MAYBE});
}

static void divide(struct pieces *out, const struct pieces *in,
                   const struct sky_region *region, const struct level *level)
{
    out->n = out->nopen = out->nrun = 0;
    for (size_t i = 0; i < in->n; i++) {
        if (!in->at[i].is_open) {
            add_piece(out, in->at[i]);
            continue;
        }
        for (int64_t k = 0; k < 4; k++)
            add_cell(out, region, level, in->at[i].lo + (k << level->shift));
    }
}

/* Whether any part of an undecided cell still touches the region when it is divided a few
 * times more. */
static bool touches_below(const struct sky_region *region, int order, int64_t lo, int finer)
{
    struct level level;
    if (finer == 0 || order >= SKY_HEALPIX_ORDER_MAX)
        return true;
    sky_level_set(&level, order + 1);
    for (int64_t k = 0; k < 4; k++) {
        struct cell cell;
        sky_cell_set(&cell, &level, lo + (k << level.shift));
        enum where where = sky_cell_where(region, &cell, &level);
        if (where == WHERE_IN)
            return true;
        if (where == WHERE_MAYBE && touches_below(region, order + 1, cell.lo, finer - 1))
            return true;
    }
    return false;
}

/* The value that would stand at `rank` if the array were sorted. */
static int64_t select_rank(int64_t *value, size_t n, size_t rank)
{
    size_t low = 0, high = n - 1;
    while (low < high) {
        int64_t pivot = value[low + (high - low) / 2];
        size_t i = low, j = high;
        for (;;) {
            while (value[i] < pivot)
                i++;
            while (value[j] > pivot)
                j--;
            if (i >= j)
                break;
            int64_t swap = value[i];
            value[i++] = value[j];
            value[j--] = swap;
        }
        if (rank <= j)
            high = j;
        else
            low = j + 1;
    }
    return value[low];
}

/* Closes the smallest gaps until at most `max` spans are left. */
static size_t close_gaps(struct sky_span *span, size_t n, size_t max)
{
    int64_t gap[MAX_PIECES] = {0};
    if (n <= max)
        return n;
    for (size_t i = 1; i < n; i++)
        gap[i - 1] = span[i].lo - span[i - 1].hi;
    size_t to_close = n - max;
    int64_t widest = select_rank(gap, n - 1, to_close - 1);
    size_t narrower = 0;
    for (size_t i = 1; i < n; i++)
        narrower += span[i].lo - span[i - 1].hi < widest;
    size_t ties = to_close - narrower; /* of gaps exactly that wide, so many are closed */
    size_t m = 0;
    for (size_t i = 1; i < n; i++) {
        int64_t width = span[i].lo - span[m].hi;
        bool close = width < widest || (width == widest && ties > 0);
        if (close) {
            ties -= width == widest;
            span[m].hi = span[i].hi;
        } else
            span[++m] = span[i];
    }
    return m + 1;
}

static size_t to_spans(const struct pieces *pieces, const struct sky_region *region,
                       const struct level *level, int order, struct sky_span *span)
{
    int shift = 2 * (SKY_HEALPIX_ORDER_MAX - order);
    bool is_last = level->order == order;
    size_t n = 0;
    for (size_t i = 0; i < pieces->n; i++) {
        const struct piece *piece = &pieces->at[i];
        if (is_last && piece->is_open &&
            !touches_below(region, order, piece->lo, FINER_ORDERS))
            continue;
        int64_t lo = piece->lo >> shift, hi = piece->hi >> shift;
        if (n && lo <= span[n - 1].hi + 1)
            span[n - 1].hi = hi;
        else
            span[n++] = (struct sky_span){lo, hi};
    }
    return n;
}

size_t sky_region_cover(const struct sky_region *region, int order, struct sky_span *out,
                        size_t max)
{
    if (order < 0 || order > SKY_HEALPIX_ORDER_MAX || max < 1)
        return 0;
    if (max > MAX_SPANS)
        max = MAX_SPANS;
    struct pieces buffer[2], *now = &buffer[0], *then = &buffer[1];
    struct level level;
    sky_level_set(&level, 0);
    now->n = now->nopen = now->nrun = 0;
    for (int64_t i = 0; i < 12; i++)
        add_cell(now, region, &level, i << level.shift);
    /* Each division about doubles the runs of a region that is large against its cells; the
     * last one may make too many, and the smallest gaps are closed then. */
    while (level.order < order && now->nopen > 0 &&
           (now->nrun <= (max + 1) / 2 || now->nopen <= 8) &&
           now->n + 3 * now->nopen <= MAX_PIECES) {
        sky_level_set(&level, level.order + 1);
        divide(then, now, region, &level);
        struct pieces *swap = now;
        now = then;
        then = swap;
    }
    struct sky_span span[MAX_PIECES];
    size_t n = to_spans(now, region, &level, order, span);
    n = close_gaps(span, n, max);
    memcpy(out, span, n * sizeof *out);
    return n;
}

size_t sky_cone_cover(double lon_deg, double lat_deg, double radius_deg, int order,
                      struct sky_span *out, size_t max)
{
    if (!isfinite(lon_deg) || !(fabs(lat_deg) <= 90) || !(radius_deg >= 0))
        return 0;
    struct sky_prepared prepared = {0};
    struct sky_region region = {.shape = SKY_CIRCLE, .prepared = &prepared};
    sky_circle_prepare(&region, &prepared, lon_deg, lat_deg, fmin(radius_deg, 180));
    return sky_region_cover(&region, order, out, max);
}

/* --- MOCs
 * ------------------------------------------------------------------------------------ */

enum { VISITS_MAX = 1 << 25 };

struct trace {
    const struct sky_region *region;
    struct level level[SKY_HEALPIX_ORDER_MAX + 1];
    int order;
    int64_t visits;
    struct spans spans;
};

/* As deep as there are orders. */
static void trace_cell(struct trace *t, int order, int64_t lo)
{
    struct cell cell;
    if (++t->visits > VISITS_MAX || t->spans.failed)
        return;
    sky_cell_set(&cell, &t->level[order], lo);
    enum where where = sky_cell_where(t->region, &cell, &t->level[order]);
    if (where == WHERE_OUT)
        return;
    if (where == WHERE_MAYBE && order < t->order) {
        for (int64_t k = 0; k < 4; k++)
            trace_cell(t, order + 1, lo + (k << t->level[order + 1].shift));
        return;
    }
    if (where == WHERE_IN || touches_below(t->region, order, lo, FINER_ORDERS))
        sky_spans_add(&t->spans, cell.lo, cell.hi);
}

const struct sky_moc *sky_moc_of_region(struct arena *arena,
                                        const struct sky_region *region, int order,
                                        struct err *e)
{
    if (order < 0 || order > SKY_HEALPIX_ORDER_MAX) {
        err_set(e, ERR_USAGE, "HEALPix order %d is outside of 0 to 29", order);
        return NULL;
    }
    struct trace t = {.region = region, .order = order};
    for (int i = 0; i <= order; i++)
        sky_level_set(&t.level[i], i);
    for (int64_t i = 0; i < 12; i++)
        trace_cell(&t, 0, i << t.level[0].shift);
    if (t.visits > VISITS_MAX) {
        sky_spans_free(&t.spans);
        err_set(e, ERR_LIMIT,
                "a MOC of order %d of this region has too many cells: use a "
                "lower order",
                order);
        return NULL;
    }
    return sky_moc_finish(arena, &t.spans, order, e);
}
