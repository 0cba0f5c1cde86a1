/* func_sky.c -- geometry (ADQL 2.1, "Geometrical functions") and the sky functions of the
 * catalogue, on top of core/sky.
 *
 * A geometry reaches a test as a packed shape: its kind, then its numbers or its text. Of a
 * constant DuckDB makes that once; the thread builds the region once (shape_of). What is no
 * position (NaN, a latitude beyond a pole) is NULL; what is no shape is an error. */
#include "stores/duckdb/func.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum kind { KIND_POINT = 1, KIND_CIRCLE, KIND_POLYGON, KIND_REGION, KIND_MOC };

/* Of one region in the making. */
#define REGION_BYTES ((size_t)256 << 20)

/* --- making geometries ------------------------------------------------------------ */

static bool is_position(double lon, double lat)
{
    return isfinite(lon) && lat >= -90 && lat <= 90;
}

static bool add_numbers(struct func_run *run, const double *number, size_t n)
{
    bytes_add(&run->number, (str){(const char *)number, n * sizeof *number});
    return !run->number.failed;
}

static void give_numbers(struct func_run *run, struct cell *result)
{
    result->list = (const double *)(const void *)run->number.at;
    result->nlist = run->number.len / sizeof(double);
}

static bool give(struct func_run *run, const double *number, size_t n, struct cell *result)
{
    if (!add_numbers(run, number, n))
        return false;
    give_numbers(run, result);
    return true;
}

static bool point(struct func_run *run, const struct cell *x, struct cell *result)
{
    double number[2] = {x[0].d, x[1].d};
    result->is_null = !is_position(number[0], number[1]);
    return result->is_null || give(run, number, 2, result);
}

static bool give_circle(struct func_run *run, double lon, double lat, double radius,
                        struct cell *result)
{
    double number[3] = {lon, lat, radius};
    result->is_null = !is_position(lon, lat) || isnan(radius);
    if (!result->is_null && !(radius >= 0 && radius <= 180))
        return err_set(&run->err, ERR_USAGE,
                       "the radius of a circle must be 0 to 180 degrees, not %.9g", radius);
    return result->is_null || give(run, number, 3, result);
}

static bool circle(struct func_run *run, const struct cell *x, struct cell *result)
{
    return give_circle(run, x[0].d, x[1].d, x[2].d, result);
}

static bool is_point_list(struct func_run *run, const struct cell *x)
{
    return x->nlist == 2 ||
           err_set(&run->err, ERR_USAGE,
                   "a point has 2 numbers, longitude and latitude, not %zu", x->nlist);
}

static bool circle_of_point(struct func_run *run, const struct cell *x, struct cell *result)
{
    return is_point_list(run, &x[0]) &&
           give_circle(run, x[0].list[0], x[0].list[1], x[1].d, result);
}

static bool give_vertices(struct func_run *run, const struct sky_region *r,
                          struct cell *result)
{
    for (size_t i = 0; i < r->nvertex; i++) {
        double pair[2] = {r->vertex[i].lon_deg, r->vertex[i].lat_deg};
        if (!add_numbers(run, pair, 2))
            return false;
    }
    give_numbers(run, result);
    return true;
}

struct arena *row_arena(struct func_run *run)
{
    struct kept_shape *k = &run->state->shape[1];
    if (!k->arena)
        k->arena = arena_new(REGION_BYTES);
    else
        arena_reset(k->arena);
    k->is_made = false;
    if (!k->arena)
        err_set(&run->err, ERR_LIMIT, "no memory for a region");
    return k->arena;
}

static bool give_box(struct func_run *run, double lon, double lat, double width,
                     double height, struct cell *result)
{
    struct arena *arena = row_arena(run);
    result->is_null = !is_position(lon, lat) || isnan(width) || isnan(height);
    if (result->is_null || !arena)
        return result->is_null;
    const struct sky_region *r = sky_region_box(arena, lon, lat, width, height, &run->err);
    return r && give_vertices(run, r, result);
}

static bool box(struct func_run *run, const struct cell *x, struct cell *result)
{
    return give_box(run, x[0].d, x[1].d, x[2].d, x[3].d, result);
}

static bool box_of_point(struct func_run *run, const struct cell *x, struct cell *result)
{
    return is_point_list(run, &x[0]) &&
           give_box(run, x[0].list[0], x[0].list[1], x[1].d, x[2].d, result);
}

/* The numbers of a polygon, as they are: shape_of() builds and judges it. */
static bool polygon(struct func_run *run, const struct cell *x, struct cell *result)
{
    if (x[0].nlist < 6 || x[0].nlist % 2 != 0)
        return err_set(&run->err, ERR_USAGE,
                       "a polygon needs at least 3 pairs of longitude and latitude");
    for (size_t i = 0; i < x[0].nlist; i += 2)
        result->is_null |= !is_position(x[0].list[i], x[0].list[i + 1]);
    result->list = x[0].list;
    result->nlist = x[0].nlist;
    return true;
}

/* From the DALI text of a point, circle or polygon (ADQL 2.1, "CAST"). */
static bool numbers_of_text(struct func_run *run, enum sky_xtype xtype, str text,
                            struct cell *result)
{
    struct arena *arena = row_arena(run);
    const struct sky_region *r =
        arena ? sky_region_parse(arena, xtype, text, &run->err) : NULL;
    if (!r)
        return false;
    double circle_numbers[3] = {r->center.lon_deg, r->center.lat_deg, r->radius_deg};
    if (r->shape == SKY_POLYGON)
        return give_vertices(run, r, result);
    return give(run, circle_numbers, r->shape == SKY_CIRCLE ? 3 : 2, result);
}

static bool point_of_text(struct func_run *run, const struct cell *x, struct cell *result)
{
    return numbers_of_text(run, SKY_XTYPE_POINT, x[0].text, result);
}

static bool circle_of_text(struct func_run *run, const struct cell *x, struct cell *result)
{
    return numbers_of_text(run, SKY_XTYPE_CIRCLE, x[0].text, result);
}

static bool polygon_of_text(struct func_run *run, const struct cell *x, struct cell *result)
{
    return numbers_of_text(run, SKY_XTYPE_POLYGON, x[0].text, result);
}

/* --- packed shapes ---------------------------------------------------------------- */

static bool check_kind(struct func_run *run, int64_t kind, bool is_text)
{
    bool fits = is_text ? kind == KIND_REGION || kind == KIND_MOC
                        : kind >= KIND_POINT && kind <= KIND_POLYGON;
    return fits || err_set(&run->err, ERR_INTERNAL,
                           "geometry kind %lld does not fit its value", (long long)kind);
}

/* kind byte, then the numbers (unaligned) or the text. */
static bool pack(struct func_run *run, int64_t kind, str content, struct cell *result)
{
    bytes_add_char(&run->text, (char)kind);
    bytes_add(&run->text, content);
    result->text = bytes_str(&run->text);
    return !run->text.failed;
}

static bool pack_numbers(struct func_run *run, const struct cell *x, struct cell *result)
{
    str content = {(const char *)x[1].list, x[1].nlist * sizeof(double)};
    return check_kind(run, x[0].i, false) && pack(run, x[0].i, content, result);
}

static bool pack_text(struct func_run *run, const struct cell *x, struct cell *result)
{
    return check_kind(run, x[0].i, true) && pack(run, x[0].i, x[1].text, result);
}

static const struct sky_region *build_moc(struct arena *arena, str text, struct err *e)
{
    const struct sky_moc *moc = sky_moc_parse(arena, text, e);
    return moc ? sky_region_of_moc(arena, moc, e) : NULL;
}

/* NULL without an error: no place. */
static const struct sky_region *build_numbers(struct arena *arena, char kind, str content,
                                              struct err *e)
{
    size_t n = content.len / sizeof(double);
    double *number = arena_new_array(arena, double, n + 1);
    if (!number) {
        err_set(e, ERR_LIMIT, "no memory for a region");
        return NULL;
    }
    memcpy(number, content.at, n * sizeof *number);
    for (size_t i = 0; i + 1 < n; i += 2)
        if (!is_position(number[i], number[i + 1]))
            return NULL;
    if (n == 3 && isnan(number[2]))
        return NULL;
    static const enum sky_xtype XTYPE[] = {
        [KIND_POINT] = SKY_XTYPE_POINT,
        [KIND_CIRCLE] = SKY_XTYPE_CIRCLE,
        [KIND_POLYGON] = SKY_XTYPE_POLYGON,
    };
    return sky_region_of_numbers(arena, XTYPE[(unsigned char)kind], number, n, e);
}

static const struct sky_region *build(struct arena *arena, str packed, struct err *e)
{
    char kind = packed.at[0];
    str content = {packed.at + 1, packed.len - 1};
    if (kind == KIND_MOC)
        return build_moc(arena, content, e);
    if (kind == KIND_REGION)
        return sky_region_parse(arena, SKY_XTYPE_REGION, content, e);
    return build_numbers(arena, kind, content, e);
}

bool shape_of(struct func_state *state, int slot, str packed,
              const struct sky_region **region, struct err *e)
{
    struct kept_shape *k = &state->shape[slot];
    *region = NULL;
    if (k->is_made && str_eq(bytes_str(&k->packed), packed)) {
        *region = k->region;
        return true;
    }
    k->is_made = false;
    if (!k->arena)
        k->arena = arena_new(REGION_BYTES);
    else
        arena_reset(k->arena);
    bytes_clear(&k->packed);
    bytes_add(&k->packed, packed);
    if (!k->arena || k->packed.failed || packed.len == 0)
        return err_set(e, ERR_LIMIT, "no memory for a region");
    k->region = build(k->arena, packed, e);
    k->is_made = e->kind == ERR_NONE;
    *region = k->region;
    return k->is_made;
}

/* --- tests ------------------------------------------------------------------------ */

static bool shapes_of(struct func_run *run, const struct cell *x,
                      const struct sky_region *region[2], struct cell *result)
{
    for (int i = 0; i < 2; i++)
        if (!shape_of(run->state, i, x[i].text, &region[i], &run->err))
            return false;
    result->is_null = !region[0] || !region[1];
    return true;
}

static bool contains(struct func_run *run, const struct cell *x, struct cell *result)
{
    const struct sky_region *r[2];
    bool yes = false;
    if (!shapes_of(run, x, r, result))
        return false;
    if (!result->is_null && !sky_region_is_within(r[0], r[1], &yes, &run->err))
        return false;
    result->i = yes;
    return true;
}

static bool intersects(struct func_run *run, const struct cell *x, struct cell *result)
{
    const struct sky_region *r[2];
    bool yes = false;
    if (!shapes_of(run, x, r, result))
        return false;
    if (!result->is_null && !sky_region_intersects(r[0], r[1], &yes, &run->err))
        return false;
    result->i = yes;
    return true;
}

/* CONTAINS(POINT, a constant POLYGON): longitude, latitude, packed shape. */
static bool contains_position(struct func_run *run, const struct cell *x,
                              struct cell *result)
{
    const struct sky_region *r;
    if (!shape_of(run->state, 0, x[2].text, &r, &run->err))
        return false;
    result->is_null = !r || !is_position(x[0].d, x[1].d);
    if (!result->is_null)
        result->i = sky_region_contains_point(r, x[0].d, x[1].d);
    return true;
}

/* --- properties ------------------------------------------------------------------- */

static bool area(struct func_run *run, const struct cell *x, struct cell *result)
{
    const struct sky_region *r;
    if (!shape_of(run->state, 0, x[0].text, &r, &run->err))
        return false;
    result->is_null = !r;
    return !r || sky_region_area_deg2(r, &result->d, &run->err);
}

/* A region without a mean position (all the sky) has no centroid: NULL. */
static bool centroid(struct func_run *run, const struct cell *x, struct cell *result)
{
    const struct sky_region *r;
    struct sky_point p;
    struct err none = {0};
    if (!shape_of(run->state, 0, x[0].text, &r, &run->err))
        return false;
    result->is_null = !r || !sky_region_centroid(r, &p, &none);
    double number[2] = {0};
    if (!result->is_null) {
        number[0] = p.lon_deg;
        number[1] = p.lat_deg;
    }
    return result->is_null || give(run, number, 2, result);
}

static bool moc_of(struct func_run *run, const struct cell *x, struct cell *result)
{
    const struct sky_region *r;
    if (!shape_of(run->state, 0, x[1].text, &r, &run->err))
        return false;
    struct arena *arena = row_arena(run);
    result->is_null = !r;
    if (!r || !arena)
        return arena != NULL;
    const struct sky_moc *moc = sky_moc_of_region(arena, r, (int)x[0].i, &run->err);
    if (!moc)
        return false;
    sky_moc_print(&run->text, moc);
    result->text = bytes_str(&run->text);
    return true;
}

/* --- HEALPix, motion, frames ------------------------------------------------------ */

static bool check_order(struct func_run *run, int64_t order)
{
    return (order >= 0 && order <= SKY_HEALPIX_ORDER_MAX) ||
           err_set(&run->err, ERR_USAGE, "a HEALPix order is 0 to 29, not %lld",
                   (long long)order);
}

static bool healpix_index(struct func_run *run, const struct cell *x, struct cell *result)
{
    if (!check_order(run, x[0].i))
        return false;
    result->i = sky_healpix_of((int)x[0].i, x[1].d, x[2].d);
    result->is_null = result->i < 0;
    return true;
}

static bool healpix_index_of_point(struct func_run *run, const struct cell *x,
                                   struct cell *result)
{
    struct cell flat[3] = {x[0], {.d = 0}, {.d = 0}};
    if (!is_point_list(run, &x[1]))
        return false;
    flat[1].d = x[1].list[0];
    flat[2].d = x[1].list[1];
    return healpix_index(run, flat, result);
}

static bool healpix_center(struct func_run *run, const struct cell *x, struct cell *result)
{
    struct sky_point p;
    if (!check_order(run, x[0].i))
        return false;
    if (!sky_healpix_center((int)x[0].i, x[1].i, &p))
        return err_set(&run->err, ERR_USAGE, "HEALPix order %lld has no cell %lld",
                       (long long)x[0].i, (long long)x[1].i);
    double number[2] = {p.lon_deg, p.lat_deg};
    return give(run, number, 2, result);
}

/* ivo_epoch_prop_pos: ra, dec, parallax, pmra, pmdec, rv, ref_epoch, out_epoch. */
static bool epoch_prop_pos(struct func_run *run, const struct cell *x, struct cell *result)
{
    if (x[0].is_null || x[1].is_null || x[6].is_null || x[7].is_null)
        return err_set(
            &run->err, ERR_USAGE,
            "a position or an epoch is NULL; leave such rows out with IS NOT NULL");
    struct sky_motion m = {
        .ra_deg = x[0].d,
        .dec_deg = x[1].d,
        .parallax_mas = x[2].is_null ? 0 : x[2].d,
        .pm_ra_mas_yr = x[3].is_null ? 0 : x[3].d,
        .pm_dec_mas_yr = x[4].is_null ? 0 : x[4].d,
        .rv_km_s = x[5].is_null ? 0 : x[5].d,
    };
    struct sky_point p = sky_epoch_propagate(&m, x[6].d, x[7].d);
    double number[2] = {p.lon_deg, p.lat_deg};
    result->is_null = !is_position(p.lon_deg, p.lat_deg);
    return result->is_null || give(run, number, 2, result);
}

static bool parse_frames(struct func_run *run, const struct cell *x,
                         enum sky_frame frame[2])
{
    for (int i = 0; i < 2; i++)
        if (!sky_frame_parse(x[i].text, false, &frame[i]))
            return err_set(&run->err, ERR_USAGE,
                           "\"%.*s\" is no frame; there are ICRS, FK5, FK4, GALACTIC and "
                           "ECLIPTIC",
                           x[i].text.len < 40 ? (int)x[i].text.len : 40, x[i].text.at);
    return true;
}

/* ivo_geom_transform of a point, circle or polygon: from, to, kind, numbers. The radius of
 * a circle stays. */
static bool transform_numbers(struct func_run *run, const struct cell *x,
                              struct cell *result)
{
    enum sky_frame frame[2];
    if (!check_kind(run, x[2].i, false) || !parse_frames(run, x, frame))
        return false;
    size_t npair = x[2].i == KIND_POLYGON ? x[3].nlist / 2 : x[3].nlist >= 2;
    for (size_t i = 0; i < npair; i++) {
        struct sky_point p =
            sky_frame_transform(frame[0], frame[1], x[3].list[2 * i], x[3].list[2 * i + 1]);
        double pair[2] = {p.lon_deg, p.lat_deg};
        result->is_null |= !is_position(pair[0], pair[1]);
        if (!add_numbers(run, pair, 2))
            return false;
    }
    if (x[2].i == KIND_CIRCLE && x[3].nlist == 3 && !add_numbers(run, &x[3].list[2], 1))
        return false;
    give_numbers(run, result);
    return true;
}

/* The same of a REGION, which comes back as STC-S. */
static bool transform_text(struct func_run *run, const struct cell *x, struct cell *result)
{
    enum sky_frame frame[2];
    struct arena *arena = row_arena(run);
    if (!arena || !check_kind(run, x[2].i, true) || !parse_frames(run, x, frame))
        return false;
    const struct sky_region *r =
        sky_region_parse(arena, SKY_XTYPE_REGION, x[3].text, &run->err);
    if (r)
        r = sky_region_transform(arena, frame[0], frame[1], r, &run->err);
    if (!r || !sky_region_print_stcs(&run->text, r, &run->err))
        return false;
    result->text = bytes_str(&run->text);
    return true;
}

/* --- chunks: what cone searches and cross-matches call for each row --------------- */

struct five {
    struct doubles column[5];
};

static bool five_valid(const struct five *x, size_t n, duck_idx i)
{
    for (size_t k = 0; k < n; k++)
        if (!has_value(x->column[k].valid, i))
            return false;
    return true;
}

static bool set_cone(struct func_state *s, double lon, double lat, double radius)
{
    if (s->has_cone && s->cone.lon_deg == lon && s->cone.lat_deg == lat &&
        s->cone.radius_deg == radius)
        return true;
    s->has_cone = is_position(lon, lat) && radius >= 0 && radius <= 180;
    if (s->has_cone)
        sky_cone_prepare(&s->cone, lon, lat, radius);
    return s->has_cone;
}

/* CONTAINS(POINT(lon, lat), CIRCLE(lon, lat, radius)). */
static void contains_cone(duck_call call, duck_chunk input, duck_vector output)
{
    struct func_state *s = state_of(call);
    struct five x;
    int32_t *out = duck.vector_get_data(output);
    uint64_t *valid = NULL;
    duck_idx n = duck.data_chunk_get_size(input);
    for (duck_idx k = 0; k < 5; k++)
        x.column[k] = doubles_of(input, k);
    for (duck_idx i = 0; s && i < n; i++) {
        double lon = x.column[0].at[i], lat = x.column[1].at[i];
        double radius = x.column[4].at[i];
        bool is_there = five_valid(&x, 5, i);
        if (is_there && !(isnan(radius) || (radius >= 0 && radius <= 180))) {
            duck.scalar_function_set_error(
                call, "the radius of a circle must be 0 to 180 degrees");
            return;
        }
        if (is_there && is_position(lon, lat) &&
            set_cone(s, x.column[2].at[i], x.column[3].at[i], radius))
            out[i] = sky_cone_contains(&s->cone, lon, lat);
        else
            set_null(valid = valid ? valid : valid_of(output), i);
    }
}

static void distance(duck_call call, duck_chunk input, duck_vector output)
{
    (void)call;
    struct five x;
    double *out = duck.vector_get_data(output);
    uint64_t *valid = NULL;
    duck_idx n = duck.data_chunk_get_size(input);
    for (duck_idx k = 0; k < 4; k++)
        x.column[k] = doubles_of(input, k);
    for (duck_idx i = 0; i < n; i++) {
        double a = x.column[0].at[i], b = x.column[1].at[i];
        double c = x.column[2].at[i], d = x.column[3].at[i];
        if (five_valid(&x, 4, i) && is_position(a, b) && is_position(c, d))
            out[i] = sky_distance_deg(a, b, c, d);
        else
            set_null(valid = valid ? valid : valid_of(output), i);
    }
}

const struct func func_sky[] = {
    {.name = "sky_point", .signature = "dd>v", .row = point},
    {.name = "sky_circle", .signature = "ddd>v", .row = circle},
    {.name = "sky_circle", .signature = "vd>v", .row = circle_of_point},
    {.name = "sky_box", .signature = "dddd>v", .row = box},
    {.name = "sky_box", .signature = "vdd>v", .row = box_of_point},
    {.name = "sky_polygon", .signature = "v>v", .row = polygon},
    {.name = "sky_point_of_text", .signature = "t>v", .row = point_of_text},
    {.name = "sky_circle_of_text", .signature = "t>v", .row = circle_of_text},
    {.name = "sky_polygon_of_text", .signature = "t>v", .row = polygon_of_text},
    {.name = "sky_shape", .signature = "iv>b", .row = pack_numbers},
    {.name = "sky_shape", .signature = "it>b", .row = pack_text},
    {.name = "sky_contains", .signature = "bb>i", .row = contains},
    {.name = "sky_intersects", .signature = "bb>i", .row = intersects},
    {.name = "sky_contains_position", .signature = "ddb>i", .row = contains_position},
    {.name = "sky_contains_cone", .signature = "ddddd>i", .chunk = contains_cone},
    {.name = "sky_distance", .signature = "dddd>d", .chunk = distance},
    {.name = "sky_area", .signature = "b>d", .row = area},
    {.name = "sky_centroid", .signature = "b>v", .row = centroid},
    {.name = "sky_moc_of", .signature = "ib>t", .row = moc_of},
    {.name = "sky_healpix_index", .signature = "idd>l", .row = healpix_index},
    {.name = "sky_healpix_index", .signature = "iv>l", .row = healpix_index_of_point},
    {.name = "sky_healpix_center", .signature = "il>v", .row = healpix_center},
    {.name = "sky_epoch_prop_pos",
     .signature = "dddddddd>v",
     .row = epoch_prop_pos,
     .takes_null = true},
    {.name = "sky_geom_transform", .signature = "ttiv>v", .row = transform_numbers},
    {.name = "sky_geom_transform", .signature = "ttit>t", .row = transform_text},
};
const size_t func_sky_n = sizeof func_sky / sizeof *func_sky;
