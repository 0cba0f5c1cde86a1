/* params.c -- the parameters of SSA 1.1 as conditions on ObsCore (SSA-4). What is NULL
 * there matches nothing (SSA-6). */
#include <math.h>

#include "core/base/num.h"
#include "ssa/inside.h"

enum { MAX_VALUES = 1000 };

struct param {
    const char *name;
    bool (*put)(struct bytes *, const struct param *, str value, struct err *);
    const char *column, *other;
    double factor;     /* from the parameter's unit to the column's */
    const char *needs; /* a column that ObsCore may lack: then nothing matches */
};

/* --- ranges ----------------------------------------------------------------------------
 */

/* Names of bands (SSA: "or band name"), in metres, as the registry's waveband words. */
static const struct {
    const char *name;
    double lo, hi;
} BANDS[] = {{"radio", 0.01, INFINITY}, {"millimeter", 1e-4, 0.01},
             {"infrared", 1e-6, 1e-4},  {"optical", 3e-7, 1e-6},
             {"uv", 1e-8, 3e-7},        {"euv", 1e-8, 1e-7},
             {"x-ray", 6e-12, 1e-8},    {"gamma-ray", 0, 6e-12}};

static bool find_band(str name, struct ssa_range *r)
{
    for (size_t i = 0; i < sizeof BANDS / sizeof *BANDS; i++)
        if (str_eq_fold(name, str_of(BANDS[i].name))) {
            *r = (struct ssa_range){BANDS[i].lo, BANDS[i].hi};
            return true;
        }
    return false;
}

static bool cut_qualifier(const struct param *p, str *value, struct err *e)
{
    str rest = *value, list = str_cut(&rest, ';'), word = str_trim(rest);
    *value = list;
    return !rest.at || str_eq_fold(word, STR("observer")) || word.len == 0 ||
           dali_bad_value(p->name, word,
                          "in the observer's frame (;observer, or no qualifier)", e);
}

static bool put_ranges(struct bytes *b, const struct param *p, str value,
                       enum ssa_kind kind, struct err *e)
{
    uint32_t n = 0;
    str list = value;
    if (!cut_qualifier(p, &list, e))
        return false;
    while (list.at) {
        struct ssa_range r;
        str ahead = list, word = str_trim(str_cut(&ahead, ','));
        if (n == MAX_VALUES)
            return err_set(e, ERR_LIMIT, "%s has more than %d values", p->name, MAX_VALUES);
        if (kind == SSA_NUMBERS && find_band(word, &r))
            list = ahead;
        else if (!ssa_next_range(&list, kind, p->name, &r, e))
            return false;
        bytes_add(b, n++ ? STR(" OR ") : STR(""));
        dali_put_overlap(b, p->column, p->other, r.lo, r.hi);
    }
    return true;
}

static bool put_band(struct bytes *b, const struct param *p, str value, struct err *e)
{
    return put_ranges(b, p, value, SSA_NUMBERS, e);
}

static bool put_time(struct bytes *b, const struct param *p, str value, struct err *e)
{
    return put_ranges(b, p, value, SSA_TIMES, e);
}

/* --- limits ----------------------------------------------------------------------------
 */

static bool put_number(struct bytes *b, const struct param *p, str value, const char *op,
                       struct err *e)
{
    double limit;
    if (!num_parse_double(value, &limit) || !isfinite(limit) || limit < 0)
        return dali_bad_value(p->name, value, "a number, 0 or more", e);
    dali_put_limit(b, p->column, op, limit * p->factor);
    return true;
}

/* The power is at least this. */
static bool put_at_least(struct bytes *b, const struct param *p, str value, struct err *e)
{
    return put_number(b, p, value, " >= ", e);
}

/* The resolution is at least this good: the number at most so large. */
static bool put_at_most(struct bytes *b, const struct param *p, str value, struct err *e)
{
    return put_number(b, p, value, " <= ", e);
}

/* --- texts -----------------------------------------------------------------------------
 */

static bool put_equal(struct bytes *b, const struct param *p, str value, struct err *e)
{
    (void)e;
    bytes_add_format(b, "LOWER(%s) = LOWER(", p->column);
    adql_add_text(b, value);
    bytes_add_char(b, ')');
    return true;
}

/* A part of the name, in any case; what means something to LIKE cannot be asked for. */
static bool put_part(struct bytes *b, const struct param *p, str value, struct err *e)
{
    if (str_find(value, '%') < value.len)
        return dali_bad_value(p->name, value, "a name, or a part of one, without %", e);
    bytes_add_format(b, "LOWER(%s) LIKE '%%' || LOWER(", p->column);
    adql_add_text(b, value);
    bytes_add_literal(b, ") || '%'");
    return true;
}

/* A list of classes, each equal in any case. */
static bool put_list(struct bytes *b, const struct param *p, str value, struct err *e)
{
    uint32_t n = 0;
    for (str list = value; list.at;) {
        str word = str_trim(str_cut(&list, ','));
        if (n == MAX_VALUES)
            return err_set(e, ERR_LIMIT, "%s has more than %d values", p->name, MAX_VALUES);
        bytes_add(b, n++ ? STR(" OR ") : STR(""));
        put_equal(b, p, word, e);
    }
    return true;
}

/* FORMAT: media types of the data, or words for several of them. */
static bool put_format(struct bytes *b, const struct param *p, str value, struct err *e)
{
    static const struct {
        const char *word, *condition;
    } WORDS[] = {{"all", "1 = 1"},
                 {"native", "1 = 1"},
                 {"compliant", "LOWER(%) LIKE '%votable%'"},
                 {"votable", "LOWER(%) LIKE '%votable%'"},
                 {"fits", "LOWER(%) LIKE '%/fits'"},
                 {"xml", "LOWER(%) LIKE '%xml%'"},
                 {"graphic", "LOWER(%) LIKE 'image/%'"}};
    (void)p, (void)e;
    uint32_t n = 0;
    for (str list = value; list.at && n < MAX_VALUES; n++) {
        str word = str_trim(str_cut(&list, ','));
        const char *condition = NULL;
        for (size_t i = 0; i < sizeof WORDS / sizeof *WORDS; i++)
            if (str_eq_fold(word, str_of(WORDS[i].word)))
                condition = WORDS[i].condition;
        bytes_add(b, n ? STR(" OR ") : STR(""));
        if (!condition) {
            bytes_add_literal(b, "LOWER(" SSA_DATA_FORMAT ") = LOWER(");
            adql_add_text(b, word);
            bytes_add_char(b, ')');
        } else if (str_starts_fold(str_of(condition), STR("LOWER(%)"))) {
            bytes_add_literal(b, "LOWER(" SSA_DATA_FORMAT ")");
            bytes_add(b, str_of(condition + sizeof "LOWER(%)" - 1));
        } else
            bytes_add(b, str_of(condition));
    }
    return true;
}

/* --- position --------------------------------------------------------------------------
 */

static bool read_position(const struct param *p, str value, double *ra, double *dec,
                          struct err *e)
{
    static const char WANT[] = "ra,dec in degrees (ICRS), dec between -90 and 90";
    str frame = value, text = str_cut(&frame, ';'), rest = text;
    str first = str_trim(str_cut(&rest, ','));
    frame = str_trim(frame);
    if (frame.len && !str_eq_fold(frame, STR("ICRS")))
        return dali_bad_value(p->name, value, "in ICRS: no other frame is known here", e);
    if (!num_parse_double(first, ra) || !isfinite(*ra) || fabs(*ra) > 360 ||
        !num_parse_double(str_trim(rest), dec) || !(fabs(*dec) <= 90))
        return dali_bad_value(p->name, value, WANT, e);
    return true;
}

/* POS and SIZE, a diameter (SSA, pitfall of many clients): spectra are points or small
 * apertures, whose footprint or centre lies in the circle. */
static bool put_place(struct bytes *b, const struct http_request *r, struct err *e)
{
    static const struct param POS = {.name = "POS"}, SIZE = {.name = "SIZE"};
    const double usual_deg = 0.1;
    double ra = 0, dec = 0, size = usual_deg;
    str pos, text;
    if (!dali_param(r->params, r->nparam, "POS", &pos, e) ||
        !dali_param(r->params, r->nparam, "SIZE", &text, e))
        return false;
    text = str_trim(text);
    if (text.len && (!num_parse_double(text, &size) || !(size >= 0 && size <= 360)))
        return dali_bad_value(SIZE.name, text, "a diameter in degrees, 0 to 360", e);
    if (str_trim(pos).len == 0)
        return true;
    if (!read_position(&POS, str_trim(pos), &ra, &dec, e))
        return false;
    bytes_add_literal(b, " AND 1 = INTERSECTS(CIRCLE(");
    bytes_add_double(b, ra);
    bytes_add_literal(b, ", ");
    bytes_add_double(b, dec);
    bytes_add_literal(b, ", ");
    bytes_add_double(b, size / 2);
    bytes_add_literal(b, "), s_region)");
    return true;
}

/* --- all of them -----------------------------------------------------------------------
 */

#define ARCSEC 3600.0

/* clang-format off */
static const struct param PARAMS[] = {
    {"BAND",        put_band,     "em_min",            "em_max", 1,      NULL},
    {"TIME",        put_time,     "t_min",             "t_max",  1,      NULL},
    {"FORMAT",      put_format,   NULL,                NULL,     1,      NULL},
    {"SPECRP",      put_at_least, "em_res_power",      NULL,     1,      NULL},
    {"SPATRES",     put_at_most,  "s_resolution",      NULL,     ARCSEC, NULL},
    {"TIMERES",     put_at_most,  "t_resolution",      NULL,     1,      NULL},
    {"TARGETNAME",  put_equal,    "target_name",       NULL,     1,      NULL},
    {"TARGETCLASS", put_list,     "target_class",      NULL,     1,      "target_class"},
    {"COLLECTION",  put_part,     "obs_collection",    NULL,     1,      NULL},
    {"PUBDID",      put_equal,    "obs_publisher_did", NULL,     1,      NULL},
};
/* clang-format on */

bool ssa_conditions(struct bytes *b, const struct dali *d, const struct http_request *r,
                    struct err *e)
{
    if (!put_place(b, r, e))
        return false;
    for (size_t i = 0; i < sizeof PARAMS / sizeof *PARAMS; i++) {
        const struct param *p = &PARAMS[i];
        str value;
        if (!dali_param(r->params, r->nparam, p->name, &value, e))
            return false;
        value = str_trim(value);
        if (value.len == 0)
            continue;
        bytes_add_literal(b, " AND (");
        if (p->needs && !dali_has_obscore(d, p->needs))
            bytes_add_literal(b, "1 = 0");
        else if (!p->put(b, p, value, e))
            return false;
        bytes_add_char(b, ')');
    }
    return true;
}

bool ssa_is_metadata(const struct http_request *r)
{
    const struct http_param *p = http_request_param(r, "FORMAT", NULL);
    return p && str_eq_fold(str_trim(p->value), STR("METADATA"));
}
