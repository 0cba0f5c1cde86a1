/* sia2.c -- the parameters of SIA 2.0 as conditions on ObsCore. Values of one parameter are
 * joined by OR, parameters by AND (SIA2-3); what is NULL matches nothing (SIA2-4). */
#include <math.h>

#include "core/base/num.h"
#include "core/dali/ask.h"
#include "core/dali/simple.h"
#include "core/sky/sky.h"
#include "sia/inside.h"

enum { MAX_VALUES = 1000 };

struct param {
    const char *name;
    bool (*put)(struct bytes *, const struct param *, str value, struct arena *,
                struct err *);
    const char *column, *other; /* other: the upper end of an interval, or the same */
};

/* --- positions -------------------------------------------------------------------------
 */

static bool put_position(struct bytes *b, const struct param *p, str value,
                         struct arena *arena, struct err *e)
{
    static const char *const SHAPES[] = {"CIRCLE ", "RANGE ", "POLYGON "};
    struct err why = {0};
    bool is_known = false;
    for (size_t i = 0; i < sizeof SHAPES / sizeof *SHAPES; i++)
        is_known |= str_starts_fold(value, str_of(SHAPES[i]));
    if (!is_known)
        return dali_bad_value(
            p->name, value,
            "CIRCLE lon lat radius, RANGE lon1 lon2 lat1 lat2, or POLYGON "
            "lon1 lat1 lon2 lat2 lon3 lat3 ..., in degrees (ICRS)",
            e);
    if (!sky_region_parse(arena, SKY_XTYPE_SHAPE, value, &why))
        return err_set(e, ERR_USAGE, "%s is \"%.*s\": %s", p->name,
                       (int)(value.len < 100 ? value.len : 100), value.at, why.message);
    bytes_add_literal(b, "1 = INTERSECTS(REGION(");
    adql_add_text(b, value);
    bytes_add_literal(b, "), s_region)");
    return true;
}

/* --- intervals -------------------------------------------------------------------------
 */

static bool read_interval(const struct param *p, str value, double *lo, double *hi,
                          struct err *e)
{
    str rest = value, first = str_cut(&rest, ' ');
    rest = str_trim(rest);
    bool is_pair = rest.at && rest.len > 0;
    bool ok = num_parse_double(first, lo) && (!is_pair || num_parse_double(rest, hi));
    if (!is_pair)
        *hi = *lo;
    if (!ok || isnan(*lo) || isnan(*hi) || *lo > *hi || (!is_pair && isinf(*lo)))
        return dali_bad_value(p->name, value,
                              "a number, or two with a blank between, the lower one first; "
                              "-Inf and +Inf leave an end open",
                              e);
    return true;
}

/* The interval of the product, which may be one value, meets this one. */
static bool put_overlap(struct bytes *b, const struct param *p, str value,
                        struct arena *arena, struct err *e)
{
    double lo = 0, hi = 0;
    (void)arena;
    if (!read_interval(p, value, &lo, &hi, e))
        return false;
    dali_put_overlap(b, p->column, p->other, lo, hi);
    return true;
}

/* --- texts and numbers -----------------------------------------------------------------
 */

static bool put_equal(struct bytes *b, const struct param *p, str value,
                      struct arena *arena, struct err *e)
{
    (void)arena, (void)e;
    bytes_add(b, str_of(p->column));
    bytes_add_literal(b, " = ");
    adql_add_text(b, value);
    return true;
}

/* IVOA identifiers are the same in any case (SIA2-6). */
static bool put_identifier(struct bytes *b, const struct param *p, str value,
                           struct arena *arena, struct err *e)
{
    (void)arena, (void)e;
    bytes_add_literal(b, "LOWER(");
    bytes_add(b, str_of(p->column));
    bytes_add_literal(b, ") = LOWER(");
    adql_add_text(b, value);
    bytes_add_char(b, ')');
    return true;
}

static bool put_level(struct bytes *b, const struct param *p, str value,
                      struct arena *arena, struct err *e)
{
    int64_t level;
    (void)arena;
    if (!num_parse_int(value, &level) || level < 0 || level > 4)
        return dali_bad_value(p->name, value, "a level of calibration, 0 to 4", e);
    bytes_add(b, str_of(p->column));
    bytes_add_literal(b, " = ");
    bytes_add_int(b, level);
    return true;
}

/* pol_states is "/I/Q/U/V/". */
static bool put_state(struct bytes *b, const struct param *p, str value,
                      struct arena *arena, struct err *e)
{
    str rest = STR(SIA2_STATES);
    bool is_known = false;
    while (rest.at && !is_known)
        is_known = str_eq(value, str_cut(&rest, ' '));
    if (!is_known)
        return dali_bad_value(p->name, value, "one of " SIA2_STATES, e);
    const char *pattern = arena_format(arena, "%%/%.*s/%%", STR_FMT(value));
    bytes_add(b, str_of(p->column));
    bytes_add_literal(b, " LIKE ");
    adql_add_text(b, str_of(pattern ? pattern : ""));
    return true;
}

/* --- all of them -----------------------------------------------------------------------
 */

/* clang-format off */
static const struct param PARAMS[] = {
    {"POS",        put_position,   "s_region",          NULL},
    {"BAND",       put_overlap,    "em_min",            "em_max"},
    {"TIME",       put_overlap,    "t_min",             "t_max"},
    {"POL",        put_state,      "pol_states",        NULL},
    {"FOV",        put_overlap,    "s_fov",             "s_fov"},
    {"SPATRES",    put_overlap,    "s_resolution",      "s_resolution"},
    {"SPECRP",     put_overlap,    "em_res_power",      "em_res_power"},
    {"EXPTIME",    put_overlap,    "t_exptime",         "t_exptime"},
    {"TIMERES",    put_overlap,    "t_resolution",      "t_resolution"},
    {"ID",         put_identifier, "obs_publisher_did", NULL},
    {"COLLECTION", put_equal,      "obs_collection",    NULL},
    {"FACILITY",   put_equal,      "facility_name",     NULL},
    {"INSTRUMENT", put_equal,      "instrument_name",   NULL},
    {"DPTYPE",     put_equal,      "dataproduct_type",  NULL},
    {"CALIB",      put_level,      "calib_level",       NULL},
    {"TARGET",     put_equal,      "target_name",       NULL},
    {"FORMAT",     put_equal,      "access_format",     NULL},
};
/* clang-format on */

static bool put_values(struct bytes *b, const struct param *p,
                       const struct http_request *request, struct arena *arena,
                       struct err *e)
{
    uint32_t n = 0;
    for (const struct http_param *v = http_request_param(request, p->name, NULL); v;
         v = http_request_param(request, p->name, v)) {
        str value = str_trim(v->value);
        if (value.len == 0)
            continue; /* as if it were not there */
        if (v->path || n == MAX_VALUES)
            return err_set(e, ERR_LIMIT,
                           "%s is given too often, or is too long; %d values "
                           "at most",
                           p->name, MAX_VALUES);
        bytes_add(b, n++ ? STR(" OR ") : STR(" AND ("));
        if (!p->put(b, p, value, arena, e))
            return false;
    }
    if (n)
        bytes_add_char(b, ')');
    return true;
}

bool sia2_conditions(struct bytes *b, const struct http_request *request,
                     struct arena *arena, struct err *e)
{
    for (size_t i = 0; i < sizeof PARAMS / sizeof *PARAMS; i++)
        if (!put_values(b, &PARAMS[i], request, arena, e))
            return false;
    return true;
}
