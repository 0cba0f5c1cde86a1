/* bind_special.c -- functions with rules of their own: positions on the sky, units, times,
 * names of objects, HEALPix. */
#include <math.h>
#include <stdio.h>

#include "adql/bind.h"
#include "adql/functions.h"
#include "core/sky/sky.h"

/* --- positions: constants that can be no coordinates (ADQL-32) --- */

static bool check_latitude(struct binder *b, const struct adql_node *n)
{
    double lat;
    if (!adql_constant_number(n, &lat) || (lat >= -90 && lat <= 90))
        return true;
    return FAIL_AT(b, n, "a latitude of %.10g degrees: it must lie between -90 and 90",
                   lat);
}

static bool check_size(struct binder *b, const struct adql_node *n, double most)
{
    double size;
    if (!adql_constant_number(n, &size) || (size >= 0 && size <= most))
        return true;
    return FAIL_AT(b, n, "a size of %.10g degrees: it must lie between 0 and %.10g", size,
                   most);
}

static bool special_polygon(struct binder *b, struct adql_node *n)
{
    if (n->nchild % 2 != 0)
        return FAIL_AT(b, n,
                       "POLYGON needs a longitude and a latitude for each corner, but has "
                       "%u numbers",
                       n->nchild);
    for (uint32_t i = 1; i < n->nchild; i += 2)
        if (!check_latitude(b, n->child[i]))
            return false;
    return true;
}

static bool special_position(struct binder *b, struct adql_node *n)
{
    struct adql_node **arg = n->child;
    switch (n->op) {
    case ADQL_OP_point:
        return check_latitude(b, arg[1]);
    case ADQL_OP_circle:
        return check_latitude(b, arg[1]) && check_size(b, arg[2], 180);
    case ADQL_OP_circle_p:
        return check_size(b, arg[1], 180);
    case ADQL_OP_box:
        return check_latitude(b, arg[1]) && check_size(b, arg[2], 360) &&
               check_size(b, arg[3], 180);
    case ADQL_OP_box_p:
        return check_size(b, arg[1], 360) && check_size(b, arg[2], 180);
    case ADQL_OP_polygon:
        return special_polygon(b, n);
    case ADQL_OP_distance:
        return check_latitude(b, arg[1]) && check_latitude(b, arg[3]);
    default:
        return true;
    }
}

/* --- texts that describe places: told now rather than by the store --- */

static bool special_region(struct binder *b, struct adql_node *n)
{
    struct err e = {0};
    const struct adql_node *text = n->child[0];
    if (text->kind != ADQL_LITERAL || text->type != ADQL_TEXT)
        return true;
    bool ok = n->op == ADQL_OP_moc
                  ? sky_moc_parse(b->arena, text->text, &e) != NULL
                  : sky_region_parse(b->arena, SKY_XTYPE_REGION, text->text, &e) != NULL;
    return ok || FAIL_AT(b, text, "%s: %.800s", n->function->name, e.message);
}

static bool special_transform(struct binder *b, struct adql_node *n)
{
    enum sky_frame frame;
    for (int i = 0; i < 2; i++)
        if (!sky_frame_parse(n->child[i]->text, false, &frame))
            return FAIL_AT(
                b, n->child[i],
                "'%.*s' is no frame known here: ICRS, FK5, FK4, GALACTIC, ECLIPTIC "
                "(case counts)",
                (int)(n->child[i]->text.len < 60 ? n->child[i]->text.len : 60),
                n->child[i]->text.at);
    return true;
}

/* --- HEALPix --- */

static bool check_order(struct binder *b, const struct adql_node *n, int most)
{
    double order;
    if (!adql_constant_number(n, &order) || (order >= 0 && order <= most))
        return true;
    return FAIL_AT(b, n, "a HEALPix order of %.10g: it must lie between 0 and %d", order,
                   most);
}

static bool special_healpix(struct binder *b, struct adql_node *n)
{
    bool has_lat = n->op == ADQL_OP_healpix_index;
    return check_order(b, n->child[0], SKY_HEALPIX_ORDER_MAX) &&
           (!has_lat || check_latitude(b, n->child[2]));
}

/* A Gaia source_id holds its cell of order 12 above 35 other bits. */
static bool special_gaia(struct binder *b, struct adql_node *n)
{
    const struct adql_node *order = n->child[0];
    if (order->kind != ADQL_LITERAL || order->type == ADQL_NULL)
        return FAIL_AT(b, order,
                       "the order of gaia_healpix_index must be a number in digits");
    if (!check_order(b, order, 12))
        return false;
    int shift = 35 + 2 * (12 - (int)order->integer);
    struct adql_node *cells = adql_new_integer(b->arena, (int64_t)1 << shift);
    if (!cells)
        return bind_no_memory(b);
    n->op = ADQL_OP_div_int;
    n->text = (str){NULL, 0};
    n->function = NULL;
    n->child[0] = n->child[1];
    n->child[1] = cells;
    return true;
}

/* --- times, units, names --- */

/* DALI text where a timestamp is wanted: a literal is read now, a column by the store. */
static bool special_julian(struct binder *b, struct adql_node *n)
{
    struct adql_node *arg = n->child[0];
    if (arg->type != ADQL_TEXT)
        return true;
    if (arg->kind == ADQL_LITERAL)
        return bind_timestamp(b, arg);
    n->op = n->op == ADQL_OP_to_jd ? ADQL_OP_to_jd_text : ADQL_OP_to_mjd_text;
    return true;
}

/* The result's metadata: those of the source, in the new unit. */
static bool set_unit(struct binder *b, struct adql_node *n, str unit)
{
    struct store_column *meta = arena_new_one(b->arena, struct store_column);
    char *text = arena_text(b->arena, unit);
    if (!meta || !text)
        return bind_no_memory(b);
    *meta = *n->child[0]->meta;
    meta->unit = text;
    n->meta = meta;
    return true;
}

static bool special_unit(struct binder *b, struct adql_node *n)
{
    char words[96];
    struct err e = {0};
    double factor;
    const struct adql_node *source = n->child[0];
    const struct adql_node *target = n->child[1];
    if (!source->meta)
        return FAIL_AT(b, source, "IN_UNIT needs a column: %s has no unit",
                       node_words(source, words));
    if (!unit_factor(str_of(source->meta->unit), target->text, &factor, &e))
        return FAIL_AT(b, target, "IN_UNIT of %s: %.800s", node_words(source, words),
                       e.message);
    struct adql_node *number = adql_new_double(b->arena, factor);
    if (!number)
        return bind_no_memory(b);
    n->child[1] = number;
    return set_unit(b, n, target->text);
}

enum { MAX_RESOLVED = 20 }; /* each may wait for a service elsewhere */

/* ivo_simbadpoint: the node asks now; the store sees a POINT. */
static bool special_resolve(struct binder *b, struct adql_node *n)
{
    double lon, lat;
    uint32_t noverload;
    struct err e = {0};
    const struct adql_node *name = n->child[0];
    int len = (int)(name->text.len < 80 ? name->text.len : 80);
    if (!b->scope->resolve)
        return FAIL_AT(b, n, "this service has no name resolver: %s cannot be used",
                       n->function->name);
    if (++b->nresolved > MAX_RESOLVED)
        return FAIL_AT(b, n, "a query may name at most %d objects with %s", MAX_RESOLVED,
                       n->function->name);
    if (!b->scope->resolve(b->scope->context, name->text, &lon, &lat, &e))
        return bind_fail(b, e.kind ? e.kind : ERR_USAGE, name->line, name->column,
                         "the name '%.*s' could not be resolved: %.600s", len,
                         name->text.at, e.message);
    struct adql_node **child = arena_new_array(b->arena, struct adql_node *, 2);
    if (!child || !(child[0] = adql_new_double(b->arena, lon)) ||
        !(child[1] = adql_new_double(b->arena, lat)))
        return bind_no_memory(b);
    n->child = child;
    n->nchild = 2;
    n->op = ADQL_OP_point;
    n->text = STR("POINT");
    n->function = function_find(n->text, &noverload);
    return true;
}

static bool special_coalesce(struct binder *b, struct adql_node *n)
{
    enum adql_type common = ADQL_NULL;
    for (uint32_t i = 0; i < n->nchild; i++) {
        enum adql_type next = type_common(common, (enum adql_type)n->child[i]->type);
        if (next == ADQL_UNTYPED || next == ADQL_ARRAY)
            return FAIL_AT(
                b, n->child[i],
                "the arguments of COALESCE must have one type: here %s, before %s",
                adql_type_name((enum adql_type)n->child[i]->type), adql_type_name(common));
        common = next;
    }
    for (uint32_t i = 0; i < n->nchild; i++)
        if (!bind_coerce(b, &n->child[i], common))
            return false;
    n->type = (uint8_t)common;
    return true;
}

/* Both become comparable; what comes out is the first, or nothing. */
static bool special_nullif(struct binder *b, struct adql_node *n)
{
    if (!bind_comparable(b, &n->child[0], &n->child[1], "NULLIF"))
        return false;
    n->type = n->child[0]->type;
    return true;
}

static bool special_histogram(struct binder *b, struct adql_node *n)
{
    static const struct store_column COUNTS = {
        .size = sizeof COUNTS, .type = STORE_I32, .length = -1, .flags = STORE_NULLABLE};
    double nbin;
    if (adql_constant_number(n->child[3], &nbin) && !(nbin >= 1 && nbin <= 100000))
        return FAIL_AT(b, n->child[3], "a histogram has 1 to 100000 bins");
    n->meta = &COUNTS;
    return true;
}

static bool special_by_name(struct binder *b, struct adql_node *n)
{
    if (str_eq_fold(n->text, STR("gaia_healpix_index")))
        return special_gaia(b, n);
    if (str_eq_fold(n->text, STR("gavo_specconv")) ||
        str_eq_fold(n->text, STR("ivo_specconv")))
        return bind_spectral(b, n);
    if (str_eq_fold(n->text, STR("gavo_vocmatch")))
        return bind_vocabulary(b, n);
    return special_resolve(b, n);
}

bool bind_special(struct binder *b, struct adql_node *n)
{
    switch (n->op) {
    case ADQL_OP_NONE:
        return special_by_name(b, n);
    case ADQL_OP_region:
    case ADQL_OP_moc:
        return special_region(b, n);
    case ADQL_OP_moc_of:
        return check_order(b, n->child[0], SKY_HEALPIX_ORDER_MAX);
    case ADQL_OP_geom_transform:
        return special_transform(b, n);
    case ADQL_OP_healpix_index:
    case ADQL_OP_healpix_index_p:
    case ADQL_OP_healpix_center:
        return special_healpix(b, n);
    case ADQL_OP_to_jd:
    case ADQL_OP_to_mjd:
        return special_julian(b, n);
    case ADQL_OP_in_unit:
        return special_unit(b, n);
    case ADQL_OP_coalesce:
        return special_coalesce(b, n);
    case ADQL_OP_nullif:
        return special_nullif(b, n);
    case ADQL_OP_histogram:
        return special_histogram(b, n);
    default:
        return special_position(b, n);
    }
}
