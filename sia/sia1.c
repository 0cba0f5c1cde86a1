/* sia1.c -- Simple Image Access 1.0: POS, SIZE, INTERSECT and FORMAT as a query of ObsCore,
 * its rows in the words that this standard has for them (SIA1-7). */
#include <math.h>

#include "core/base/num.h"
#include "core/dali/ask.h"
#include "core/dali/simple.h"
#include "sia/inside.h"

enum { MAX_FORMATS = 100 };

struct search {
    double ra_deg, dec_deg, width_deg, height_deg;
    const char *condition; /* of INTERSECT */
    str format;
    bool is_metadata;
};

/* --- parameters ------------------------------------------------------------------------
 */

/* "a,b", or "a" for both where `one_will_do`. */
static bool read_pair(str text, bool one_will_do, double *a, double *b)
{
    str rest = text, first = str_trim(str_cut(&rest, ','));
    if (!num_parse_double(first, a) || !isfinite(*a))
        return false;
    *b = *a;
    if (!rest.at)
        return one_will_do;
    return num_parse_double(str_trim(rest), b) && isfinite(*b);
}

static bool read_place(const struct http_request *r, struct search *s, struct err *e)
{
    str pos, size;
    if (!dali_param(r->params, r->nparam, "POS", &pos, e) ||
        !dali_param(r->params, r->nparam, "SIZE", &size, e))
        return false;
    if (s->is_metadata)
        return true;
    if (str_trim(pos).len == 0 || str_trim(size).len == 0)
        return err_set(e, ERR_USAGE,
                       "%s is missing: SIA 1 needs POS=ra,dec and SIZE=width[,height], in "
                       "degrees (ICRS); FORMAT=METADATA describes the service",
                       str_trim(pos).len == 0 ? "POS" : "SIZE");
    if (!read_pair(pos, false, &s->ra_deg, &s->dec_deg) || fabs(s->dec_deg) > 90 ||
        fabs(s->ra_deg) > 360)
        return dali_bad_value("POS", pos,
                              "ra,dec in degrees (ICRS), dec between -90 and 90", e);
    if (!read_pair(size, true, &s->width_deg, &s->height_deg) || s->width_deg < 0 ||
        s->height_deg < 0 || s->width_deg > 360 || s->height_deg > 360)
        return dali_bad_value("SIZE", size, "width[,height] in degrees, 0 to 360", e);
    return true;
}

/* How the image and the region of interest must lie; $ stands for the region. */
static bool read_intersect(const struct http_request *r, struct search *s, struct err *e)
{
    static const struct {
        const char *name, *condition;
    } WAYS[] = {{"OVERLAPS", "1 = INTERSECTS($, s_region)"},
                {"COVERS", "1 = CONTAINS($, s_region)"},
                {"ENCLOSED", "1 = CONTAINS(s_region, $)"},
                {"CENTER", "1 = CONTAINS(@, s_region)"}};
    str value;
    if (!dali_param(r->params, r->nparam, "INTERSECT", &value, e))
        return false;
    s->condition = WAYS[0].condition;
    if (str_trim(value).len == 0)
        return true;
    for (size_t i = 0; i < sizeof WAYS / sizeof *WAYS; i++)
        if (str_eq_fold(str_trim(value), str_of(WAYS[i].name))) {
            s->condition = WAYS[i].condition;
            return true;
        }
    return dali_bad_value("INTERSECT", value, "COVERS, ENCLOSED, CENTER or OVERLAPS", e);
}

static bool read_search(const struct http_request *r, struct search *s, struct err *e)
{
    if (!dali_param(r->params, r->nparam, "FORMAT", &s->format, e))
        return false;
    s->format = str_trim(s->format);
    s->is_metadata = str_eq_fold(s->format, STR("METADATA"));
    return read_place(r, s, e) && read_intersect(r, s, e);
}

/* --- the region ------------------------------------------------------------------------
 */

static void add_point(struct bytes *b, const struct search *s)
{
    bytes_add_literal(b, "POINT(");
    bytes_add_double(b, s->ra_deg);
    bytes_add_literal(b, ", ");
    bytes_add_double(b, s->dec_deg);
    bytes_add_char(b, ')');
}

/* A band of declinations, all around or as wide as asked. */
static void add_band(struct bytes *b, const struct search *s)
{
    bool is_all = s->width_deg >= 180;
    bytes_add_literal(b, "REGION('range ");
    bytes_add_double(b, is_all ? 0 : s->ra_deg - s->width_deg / 2);
    bytes_add_char(b, ' ');
    bytes_add_double(b, is_all ? 360 : s->ra_deg + s->width_deg / 2);
    bytes_add_char(b, ' ');
    bytes_add_double(b, fmax(-90, s->dec_deg - s->height_deg / 2));
    bytes_add_char(b, ' ');
    bytes_add_double(b, fmin(90, s->dec_deg + s->height_deg / 2));
    bytes_add_literal(b, "')");
}

/* Degrees on the sky, as images have them: a box; what is too large for one is a band. */
static void add_region(struct bytes *b, const struct search *s)
{
    if (s->width_deg == 0 && s->height_deg == 0) {
        add_point(b, s);
        return;
    }
    if (s->width_deg == 0 || s->height_deg == 0 || s->width_deg >= 180 ||
        s->height_deg >= 180) {
        add_band(b, s);
        return;
    }
    bytes_add_literal(b, "BOX(");
    bytes_add_double(b, s->ra_deg);
    bytes_add_literal(b, ", ");
    bytes_add_double(b, s->dec_deg);
    bytes_add_literal(b, ", ");
    bytes_add_double(b, s->width_deg);
    bytes_add_literal(b, ", ");
    bytes_add_double(b, s->height_deg);
    bytes_add_char(b, ')');
}

static void add_condition(struct bytes *b, const struct search *s)
{
    bytes_add_literal(b, " AND ");
    for (const char *c = s->condition; *c; c++)
        if (*c == '$')
            add_region(b, s);
        else if (*c == '@')
            add_point(b, s);
        else
            bytes_add_char(b, *c);
}

/* --- formats ---------------------------------------------------------------------------
 */

/* What the address gives: the data of a product, not its links. */
#define DATA_FORMAT                                                                        \
    "CASE WHEN access_format = 'application/x-votable+xml;content=datalink' THEN "         \
    "'image/fits' ELSE access_format END"

static void add_format(struct bytes *b, str format)
{
    bytes_add_literal(b, "LOWER(" DATA_FORMAT ") ");
    if (str_starts_fold(format, STR("GRAPHIC"))) {
        bytes_add_literal(b, "IN ('image/jpeg', 'image/png', 'image/gif')");
        return;
    }
    bool is_fits = str_eq_fold(format, STR("image/fits")) ||
                   str_eq_fold(format, STR("application/fits"));
    bytes_add_literal(b, "IN (");
    if (is_fits)
        bytes_add_literal(b, "'image/fits', 'application/fits'");
    else {
        bytes_add_literal(b, "LOWER(");
        adql_add_text(b, format);
        bytes_add_char(b, ')');
    }
    bytes_add_char(b, ')');
}

/* FORMAT (SIA1-3): a list of media types, GRAPHIC, ALL. */
static bool add_formats(struct bytes *b, str list, struct err *e)
{
    uint32_t n = 0;
    if (list.len == 0 || str_eq_fold(list, STR("ALL")))
        return true;
    for (str rest = list; rest.at;) {
        str format = str_trim(str_cut(&rest, ','));
        if (format.len == 0)
            continue;
        if (n == MAX_FORMATS)
            return err_set(e, ERR_LIMIT, "FORMAT has more than %d values", MAX_FORMATS);
        bytes_add(b, n++ ? STR(" OR ") : STR(" AND ("));
        add_format(b, format);
    }
    if (n)
        bytes_add_char(b, ')');
    return true;
}

/* --- the answer ------------------------------------------------------------------------
 */

struct output {
    const char *value; /* ADQL */
    const char *needs; /* a column that ObsCore may lack; NULL: none */
    const char *instead;
    struct dali_shown shown;
};

#define PIXEL "s_fov / SQRT(POWER(s_xel1, 2) + POWER(s_xel2, 2))"

/* clang-format off */
static const struct output OUTPUT[] = {
    {"COALESCE(obs_title, obs_id)", "obs_title", "obs_id",
     {.name = "title", .ucd = "VOX:Image_Title", .utype = "", .description = "Title."}},
    {"instrument_name", NULL, NULL, {.ucd = "INST_ID", .utype = ""}},
    {"(t_min + t_max) / 2", NULL, NULL,
     {.name = "mjd_obs", .ucd = "VOX:Image_MJDateObs", .unit = "d", .description = "Middle of the observation."}},
    {"s_ra", NULL, NULL, {.ucd = "POS_EQ_RA_MAIN", .utype = ""}},
    {"s_dec", NULL, NULL, {.ucd = "POS_EQ_DEC_MAIN", .utype = ""}},
    {"CAST(2 AS INTEGER)", NULL, NULL,
     {.name = "naxes", .ucd = "VOX:Image_Naxes", .description = "Number of axes on the sky."}},
    {DATA_FORMAT, NULL, NULL,
     {.name = "format", .ucd = "VOX:Image_Format", .utype = "", .description = "Media type of the image."}},
    {"'ICRS'", NULL, NULL, {.name = "frame", .ucd = "VOX:STC_CoordRefFrame", .description = "Frame of the position."}},
    {"'m'", NULL, NULL, {.name = "band_unit", .ucd = "VOX:BandPass_Unit", .description = "Unit of the band's limits."}},
    {"(em_min + em_max) / 2", NULL, NULL,
     {.name = "band_ref", .ucd = "VOX:BandPass_RefValue", .unit = "m", .description = "Middle of the band."}},
    {"em_max", NULL, NULL, {.name = "band_hi", .ucd = "VOX:BandPass_HiLimit", .utype = ""}},
    {"em_min", NULL, NULL, {.name = "band_lo", .ucd = "VOX:BandPass_LoLimit", .utype = ""}},
    {"'C'", NULL, NULL, {.name = "pixflags", .ucd = "VOX:Image_PixFlags", .description = "C: the pixels as they are archived."}},
    {"access_url", NULL, NULL,
     {.make = DALI_DATA_URL, .name = "url", .ucd = "VOX:Image_AccessReference", .utype = "", .description = "Address of the image."}},
    {"1000 * access_estsize", NULL, NULL,
     {.name = "filesize", .ucd = "VOX:Image_FileSize", .unit = "byte", .description = "Size of the image, estimated."}},
    {"obs_publisher_did", NULL, NULL, {0}},
    {"obs_collection", NULL, NULL, {0}},
    {"s_xel1, s_xel2", NULL, NULL,
     {.make = DALI_INT_PAIR, .name = "naxis", .ucd = "VOX:Image_Naxis", .utype = "", .description = "Length of each axis in pixels."}},
    {"-COALESCE(s_pixel_scale / 3600, " PIXEL "), COALESCE(s_pixel_scale / 3600, " PIXEL ") AS scale_2", "s_pixel_scale",
     "-" PIXEL ", " PIXEL " AS scale_2",
     {.make = DALI_PAIR, .name = "scale", .ucd = "VOX:Image_Scale", .utype = "", .unit = "deg/pix", .description = "Size of a pixel on each axis."}},
};

static const struct dali_input INPUT[] = {
    {"POS", "deg", "", "Centre of the region of interest: ra,dec (ICRS).", NULL},
    {"SIZE", "deg", "0.1", "Width and height of it: width[,height].", NULL},
    {"INTERSECT", NULL, "OVERLAPS", "How an image must lie to the region.", "COVERS,ENCLOSED,CENTER,OVERLAPS"},
    {"FORMAT", NULL, "ALL", "Media types of images, with commas between.", "ALL,GRAPHIC,METADATA,image/fits"},
};
/* clang-format on */

enum { OUTPUTS = sizeof OUTPUT / sizeof *OUTPUT, INPUTS = sizeof INPUT / sizeof *INPUT };

static const struct dali_shown *add_columns(struct bytes *b, const struct dali *d,
                                            struct arena *arena)
{
    struct dali_shown *shown = arena_new_array(arena, struct dali_shown, OUTPUTS);
    for (uint32_t i = 0; shown && i < OUTPUTS; i++) {
        const struct output *o = &OUTPUT[i];
        bool has = !o->needs || dali_has_obscore(d, o->needs);
        bytes_add(b, i ? STR(", ") : STR("SELECT "));
        bytes_add(b, str_of(has ? o->value : o->instead));
        shown[i] = o->shown;
    }
    return shown;
}

struct http_response *sia1_query(void *dali, struct http_request *request)
{
    enum { TEXT_BYTES = 1 << 20 };
    static const struct result_info PROTOCOL = {
        .name = "SERVICE_PROTOCOL", .value = "1.0", .text = "SIA"};
    struct err e = {0};
    struct search s = {0};
    struct bytes text;
    if (!sia_check_obscore(dali, &e) || !read_search(request, &s, &e))
        return http_reply_error(request, &e);
    bytes_init(&text, TEXT_BYTES);
    struct dali_ask ask = {.dali = dali,
                           .request = request,
                           .protocol = "ivo://ivoa.net/std/SIA",
                           .file_name = "images",
                           .has_own_format = true,
                           .info = &PROTOCOL,
                           .ninfo = 1,
                           .shown = add_columns(&text, dali, request->arena),
                           .nshown = OUTPUTS,
                           .is_metadata = s.is_metadata,
                           .text = &text};
    text.failed |= !ask.shown;
    bytes_add_literal(&text, " FROM ivoa.obscore WHERE dataproduct_type IN ('image', "
                             "'cube')");
    if (s.is_metadata)
        ask.params = dali_input_params(INPUT, INPUTS, request->arena);
    else {
        add_condition(&text, &s);
        if (!add_formats(&text, s.format, &e)) {
            bytes_free(&text);
            return http_reply_error(request, &e);
        }
    }
    return dali_ask(&ask);
}
