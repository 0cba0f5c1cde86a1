/* scan_fits.c -- what an HDU says about itself by the words of the standard and by its
 * data, without any template. */
#include <math.h>
#include <stddef.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/num.h"
#include "core/fits/fits_wcs.h"
#include "core/fits/fits_word.h"
#include "core/ingest/scan_inside.h"
#include "core/sky/sky.h"

void scan_product_clear(struct product *p)
{
    *p = (struct product){.hdu = PRODUCT_NONE};
#define T(name)
#define D(name) p->name = NAN;
#define I(name) p->name = PRODUCT_NONE;
    PRODUCT_COLUMNS(T, D, I)
#undef T
#undef D
#undef I
}

/* The first of these words; NULL: none is there. */
static const char *word_of(const struct scan_subject *s, const char *const *name)
{
    char word[512];
    for (; *name; name++)
        if (scan_word(s, *name, word))
            return arena_text(s->arena, str_of(word));
    return NULL;
}

static double number_of(const struct scan_subject *s, const char *const *name)
{
    const char *text = word_of(s, name);
    double value;
    return text && num_parse_double(str_of(text), &value) ? value : NAN;
}

/* --- time ---------------------------------------------------------------------------- */

enum fits_scale scan_scale(const struct scan_subject *s)
{
    char word[512];
    return fits_scale_of(scan_word(s, "TIMESYS", word) ? word : "");
}

/* Times on a clock that is not on Earth: the light's way to there is not taken off. */
static const char *far_clock(const struct scan_subject *s)
{
    static const char *const PLACE[] = {"TREFPOS", "TIMEREF", NULL};
    static const char *const FAR[] = {"BARYCENT", "HELIOCEN", "SOLARSYS", "EMBARYCE"};
    const char *place = word_of(s, PLACE);
    for (size_t i = 0; place && i < sizeof FAR / sizeof *FAR; i++)
        if (str_starts_fold(str_of(place), str_of(FAR[i])))
            return arena_format(s->arena,
                                "; they are of a clock at the %s: the light's way "
                                "from there is not taken off",
                                place);
    return "";
}

double scan_utc(const struct scan_subject *s, enum fits_scale scale, double mjd)
{
    static const char *const SYSTEM[] = {"TIMESYS", NULL};
    if (!isfinite(mjd) || s->out->note)
        return fits_scale_utc(scale, mjd);
    const char *far = far_clock(s), *named = word_of(s, SYSTEM);
    if (scale == FITS_LOCAL)
        s->out->note = arena_format(s->arena,
                                    "times are in a scale that is not known, %s: their "
                                    "numbers stand as they are%s",
                                    named ? named : "local", far ? far : "");
    else if (scale != FITS_UTC || (far && far[0]))
        s->out->note = arena_format(s->arena, "times are converted from %s to UTC%s",
                                    fits_scale_name(scale), far ? far : "");
    return fits_scale_utc(scale, mjd);
}

/* UTC of a day of DATE-OBS alone and the time of another word; UTSTART is UTC by its name.
 */
static double date_of(const struct scan_subject *s)
{
    static const char *const DATE[] = {"DATE-OBS", "DATE_OBS", "DATE-BEG", NULL};
    static const char *const TIME[] = {"TIME-OBS", "TIME_OBS", NULL};
    static const char *const UT[] = {"UTSTART", NULL};
    enum fits_scale scale = scan_scale(s);
    const char *date = word_of(s, DATE), *time = NULL;
    if (!date)
        return NAN;
    if (!strchr(date, 'T') && !strchr(date, '/') && !(time = word_of(s, TIME)) &&
        (time = word_of(s, UT)))
        scale = FITS_UTC;
    double whole =
        time ? scan_mjd(arena_format(s->arena, "%sT%s", date, time), scale) : NAN;
    return scan_utc(s, scale, isfinite(whole) ? whole : scan_mjd(date, scale));
}

/* UTC of a time since a reference, of event lists. */
static double since_of(const struct scan_subject *s, const char *word)
{
    const char *const name[] = {word, NULL};
    static const char *const WHOLE[] = {"MJDREFI", "MJDREF", NULL};
    static const char *const PART[] = {"MJDREFF", NULL};
    static const char *const OFFSET[] = {"TIMEOFFS", NULL};
    static const char *const UNIT[] = {"TIMEUNIT", NULL};
    const char *unit = word_of(s, UNIT);
    double part = number_of(s, PART), offset = number_of(s, OFFSET), day;
    if (!fits_unit_factor(unit ? unit : "s", "d", &day))
        return NAN;
    double mjd = number_of(s, WHOLE) + (isfinite(part) ? part : 0) +
                 (number_of(s, name) + (isfinite(offset) ? offset : 0)) * day;
    return scan_utc(s, scan_scale(s), mjd);
}

static void put_time(const struct scan_subject *s, struct product *p)
{
    static const char *const BEGIN[] = {"MJD-OBS", "MJD_OBS", "MJD-BEG", NULL};
    static const char *const END[] = {"MJD-END", "DATE-END", "DATE_END", NULL};
    static const char *const SPAN[] = {"EXPTIME",  "EXPOSURE", "ONTIME",
                                       "LIVETIME", "TEXPTIME", NULL};
    enum fits_scale scale = scan_scale(s);
    double begin = number_of(s, BEGIN);
    p->t_min = isfinite(begin) ? scan_utc(s, scale, begin) : since_of(s, "TSTART");
    if (!isfinite(p->t_min))
        p->t_min = date_of(s);
    double span = number_of(s, SPAN);
    if (span > 0)
        p->t_exptime = span;
    const char *end = word_of(s, END);
    p->t_max = end ? scan_utc(s, scale, scan_mjd(end, scale)) : since_of(s, "TSTOP");
    if (!(p->t_max >= p->t_min) && isfinite(p->t_min))
        p->t_max = p->t_min + (span > 0 ? span / 86400 : 0);
}

/* --- what was looked at, by whom ----------------------------------------------------- */

static void put_place(const struct scan_subject *s, struct product *p)
{
    static const char *const RA[] = {"RA_TARG", "RA_OBJ", "OBJCTRA", "RA", NULL};
    static const char *const DEC[] = {"DEC_TARG", "DEC_OBJ", "OBJCTDEC", "DEC", NULL};
    const char *ra = word_of(s, RA), *dec = word_of(s, DEC);
    struct err ignored = {0};
    double lon, lat;
    if (!ra || !dec)
        return;
    bool is_number = num_parse_double(str_of(ra), &lon) || sky_hms_parse(str_of(ra), &lon);
    is_number = is_number &&
                (num_parse_double(str_of(dec), &lat) || sky_dms_parse(str_of(dec), &lat));
    if (!is_number || !sky_position_check(lon, lat, &ignored) || (lon == 0 && lat == 0))
        return;
    p->s_ra = sky_lon_reduce(lon);
    p->s_dec = lat;
}

static void put_observable(const struct scan_subject *s, struct product *p)
{
    static const char *const UNIT[] = {"BUNIT", NULL};
    static const struct {
        const char *part, *ucd;
    } KINDS[] = {{"adu", "phot.count"},        {"count", "phot.count"},
                 {"electron", "phot.count"},   {"jy", "phot.flux.density"},
                 {"erg", "phot.flux.density"}, {"w/m", "phot.flux.density"},
                 {"mag", "phot.mag"}};
    p->o_unit = word_of(s, UNIT);
    for (size_t i = 0; p->o_unit && i < sizeof KINDS / sizeof *KINDS; i++)
        if (strcasestr(p->o_unit, KINDS[i].part)) {
            p->o_ucd = KINDS[i].ucd;
            return;
        }
}

static bool is_time(const char *text)
{
    int64_t us;
    return text && clock_parse_us(str_of(text), &us);
}

void scan_words(struct scan_subject *s, struct product *p)
{
    static const struct {
        size_t at;
        const char *word[3];
    } WORDS[] = {{offsetof(struct product, target_name), {"OBJECT"}},
                 {offsetof(struct product, facility_name), {"TELESCOP"}},
                 {offsetof(struct product, instrument_name), {"INSTRUME"}},
                 {offsetof(struct product, proposal_id), {"PROP_ID", "PROPOSID"}},
                 {offsetof(struct product, obs_creator_name), {"AUTHOR", "ORIGIN"}},
                 {offsetof(struct product, bib_reference), {"REFERENC"}},
                 {offsetof(struct product, obs_title), {"TITLE"}}};
    static const char *const DATE[] = {"DATE", NULL};
    for (size_t i = 0; i < sizeof WORDS / sizeof *WORDS; i++)
        *(const char **)(void *)((char *)p + WORDS[i].at) = word_of(s, WORDS[i].word);
    const char *date = word_of(s, DATE);
    p->obs_creation_date = is_time(date) ? date : NULL;
    put_time(s, p);
    put_place(s, p);
    put_observable(s, p);
}

/* --- what kind of data --------------------------------------------------------------- */

static const char *no_data(const struct fits_hdu *h)
{
    if (h->naxis == 0)
        return "it has no data";
    for (int i = 0; i < h->naxis; i++)
        if (h->size[i] == 0)
            return "it has no data";
    return NULL;
}

static bool has_more(int64_t n)
{
    return n != PRODUCT_NONE && n > 1;
}

static bool put_image(struct scan_subject *s, struct product *p, const char **why)
{
    bool has_sky, has_bands;
    if (!scan_image(s, p, &has_sky, &has_bands)) {
        *why = s->e->message;
        return false;
    }
    if (has_sky)
        p->dataproduct_type =
            (has_bands && has_more(p->em_xel)) || has_more(p->t_xel) ? "cube" : "image";
    else if (has_bands && has_more(p->em_xel))
        p->dataproduct_type = "spectrum";
    else
        *why = s->why_not_bands ? s->why_not_bands : "it is an image without a usable WCS";
    return p->dataproduct_type != NULL;
}

bool scan_hdu(struct scan_subject *s, struct product *p, const char **why)
{
    const struct fits_hdu *h = s->hdu;
    scan_words(s, p);
    *why = no_data(h);
    if (*why)
        return false;
    if (h->kind == FITS_IMAGE || h->kind == FITS_COMPRESSED)
        return put_image(s, p, why);
    *why = h->kind == FITS_TABLE ? "it is a table, neither an event list nor a spectrum"
                                 : "it is of a kind that is not known here";
    return h->kind == FITS_TABLE && scan_table(s, p);
}
