/* print.c -- regions as text: bare numbers, DALI shapes, STC-S. */
#include "core/sky/sky.h"

#include "core/base/num.h"
#include "core/sky/private.h"

static void add_number(struct bytes *out, double value)
{
    char text[NUM_TEXT_BYTES];
    size_t n = num_print_double(value, text);
    if (out->len && out->at[out->len - 1] != ' ')
        bytes_add_char(out, ' ');
    bytes_add(out, (str){text, n});
}

static void add_point(struct bytes *out, struct sky_point p)
{
    add_number(out, p.lon_deg);
    add_number(out, p.lat_deg);
}

/* Counter-clockwise as seen from inside the sphere: the interior to the right of the edges
 * for who looks from outside. The first vertex stays the first. */
static void add_polygon(struct bytes *out, const struct sky_region *region)
{
    bool is_reversed = region->prepared->polygon.is_left;
    for (size_t i = 0; i < region->nvertex; i++)
        add_point(out, region->vertex[is_reversed && i ? region->nvertex - i : i]);
}

/* Within the limits of DALI 1.1. */
static void range_longitudes(const struct sky_region *region, double *lo, double *hi)
{
    bool is_full = region->lon_max - region->lon_min >= 360;
    *lo = is_full ? 0 : region->lon_min;
    *hi = is_full ? 360 : region->lon_max > 360 ? region->lon_max - 360 : region->lon_max;
}

static void add_range(struct bytes *out, const struct sky_region *region)
{
    double lo, hi;
    range_longitudes(region, &lo, &hi);
    add_number(out, lo);
    add_number(out, hi);
    add_number(out, region->lat_min);
    add_number(out, region->lat_max);
}

static bool add_plain(struct bytes *out, const struct sky_region *region)
{
    switch (region->shape) {
    case SKY_CIRCLE:
        add_point(out, region->center);
        add_number(out, region->radius_deg);
        return true;
    case SKY_POLYGON:
        add_polygon(out, region);
        return true;
    case SKY_RANGE:
        add_range(out, region);
        return region->frame == SKY_ICRS;
    default:
        return false;
    }
}

static bool printed(struct bytes *out, struct err *e)
{
    return !out->failed || err_set(e, ERR_LIMIT, "the region's text is too long");
}

bool sky_region_print_numbers(struct bytes *out, const struct sky_region *region,
                              struct err *e)
{
    struct bytes text; /* of its own: it may begin amid the caller's */
    bytes_init(&text, out->limit);
    bool is_known = true;
    if (region->shape == SKY_POINT)
        add_point(&text, region->center);
    else if (region->shape == SKY_MOC)
        sky_moc_print(&text, region->moc);
    else
        is_known = add_plain(&text, region);
    if (is_known)
        bytes_add(out, bytes_str(&text));
    bool failed = text.failed;
    bytes_free(&text);
    if (!is_known)
        return err_set(e, ERR_USAGE,
                       "only points, circles, polygons, ranges and MOCs have a plain form");
    if (failed)
        return err_set(e, ERR_LIMIT, "the region's text is too long");
    return printed(out, e);
}

static bool add_dali(struct bytes *out, const struct sky_region *region)
{
    if (region->shape == SKY_UNION) {
        for (size_t i = 0; i < region->nchild; i++) {
            if (i)
                bytes_add_char(out, ' ');
            if (!add_dali(out, region->child[i]))
                return false;
        }
        return true;
    }
    if (region->shape == SKY_ELLIPSE)
        region = region->prepared->as_polygon;
    const char *word = region->shape == SKY_CIRCLE    ? "circle "
                       : region->shape == SKY_POLYGON ? "polygon "
                                                      : "range ";
    bytes_add(out, str_of(word));
    return add_plain(out, region);
}

bool sky_region_print_dali(struct bytes *out, const struct sky_region *region,
                           struct err *e)
{
    size_t start = out->len;
    if (!add_dali(out, region)) {
        out->len = start;
        return err_set(e, ERR_USAGE,
                       "DALI has circles, polygons, ranges and unions of them: this region "
                       "cannot be written so");
    }
    return printed(out, e);
}

static void add_interval(struct bytes *out, const struct sky_region *region)
{
    double lo, hi;
    range_longitudes(region, &lo, &hi);
    add_number(out, lo);
    add_number(out, region->lat_min);
    add_number(out, hi);
    add_number(out, region->lat_max);
}

static void add_ellipse(struct bytes *out, const struct sky_region *region)
{
    add_point(out, region->center);
    add_number(out, region->radius_deg);
    add_number(out, region->minor_deg);
    add_number(out, region->angle_deg);
}

/* The frame stands at the top, and where it differs. */
static bool add_stcs(struct bytes *out, const struct sky_region *region, bool is_top)
{
    static const char *const word[] = {
        [SKY_POINT] = "Position",  [SKY_CIRCLE] = "Circle",
        [SKY_POLYGON] = "Polygon", [SKY_RANGE] = "PositionInterval",
        [SKY_ELLIPSE] = "Ellipse", [SKY_ALL] = "AllSky",
        [SKY_UNION] = "Union",     [SKY_INTERSECTION] = "Intersection",
        [SKY_NOT] = "Not",
    };
    if (region->shape == SKY_MOC)
        return false;
    bytes_add(out, str_of(word[region->shape]));
    if (is_top || region->frame != SKY_ICRS)
        bytes_add_format(out, " %s", sky_frame_name(region->frame));
    if (region->nchild) {
        bytes_add_literal(out, " (");
        for (size_t i = 0; i < region->nchild; i++) {
            if (i)
                bytes_add_char(out, ' ');
            if (!add_stcs(out, region->child[i], false))
                return false;
        }
        bytes_add_char(out, ')');
    } else if (region->shape == SKY_POINT)
        add_point(out, region->center);
    else if (region->shape == SKY_RANGE)
        add_interval(out, region);
    else if (region->shape == SKY_ELLIPSE)
        add_ellipse(out, region);
    else if (region->shape != SKY_ALL)
        add_plain(out, region);
    return true;
}

bool sky_region_print_stcs(struct bytes *out, const struct sky_region *region,
                           struct err *e)
{
    size_t start = out->len;
    if (!add_stcs(out, region, true)) {
        out->len = start;
        return err_set(e, ERR_USAGE, "STC-S has no MOCs: write this region as a MOC");
    }
    return printed(out, e);
}
