/* fits_time.c -- see fits_time.h. The conversions are ERFA's. */
#include "core/fits/fits_time.h"

#include <erfa.h>
#include <math.h>
#include <stdio.h>

#include "core/base/clock.h"
#include "core/fits/fits_wcs.h"

static const double MJD_ZERO = 2400000.5, GPS_BEHIND_TAI = 19.0 / 86400;

/* Up to here MJD_ZERO is the larger part of a date, which ERFA gives back as it is. */
static const double MOST_MJD = 2.4e6;

/* ---- names ---- */

/* The first of a scale is its name; the rest stands in the standard beside it. */
static const struct {
    const char *word;
    enum fits_scale scale;
} WORDS[] = {{"UTC", FITS_UTC}, {"TAI", FITS_TAI}, {"TT", FITS_TT},   {"TDB", FITS_TDB},
             {"TCG", FITS_TCG}, {"TCB", FITS_TCB}, {"GPS", FITS_GPS}, {"LOCAL", FITS_LOCAL},
             {"UT", FITS_UTC},  {"UT1", FITS_UTC}, {"GMT", FITS_UTC}, {"IAT", FITS_TAI},
             {"TDT", FITS_TT},  {"ET", FITS_TT}};

enum fits_scale fits_scale_of(const char *word)
{
    str name = str_of(word);
    name = str_trim(str_cut(&name, '('));
    if (name.len == 0)
        return FITS_UTC;
    for (size_t i = 0; i < sizeof WORDS / sizeof *WORDS; i++)
        if (str_eq_fold(name, str_of(WORDS[i].word)))
            return WORDS[i].scale;
    return FITS_LOCAL;
}

const char *fits_scale_word(str name)
{
    for (size_t i = 0; i < sizeof WORDS / sizeof *WORDS; i++)
        if (WORDS[i].scale != FITS_LOCAL && str_eq(name, str_of(WORDS[i].word)))
            return WORDS[i].word;
    return NULL;
}

const char *fits_scale_name(enum fits_scale scale)
{
    return WORDS[scale].word;
}

static bool text_of(const struct fits_hdu *h, const struct fits_hdu *primary,
                    const char *keyword, char out[72])
{
    out[0] = '\0';
    return fits_text(h, keyword, out) || (primary && fits_text(primary, keyword, out));
}

static bool number_of(const struct fits_hdu *h, const struct fits_hdu *primary,
                      const char *keyword, double *out)
{
    return fits_double(h, keyword, out) || (primary && fits_double(primary, keyword, out));
}

enum fits_scale fits_scale_read(const struct fits_hdu *h, const struct fits_hdu *primary)
{
    char word[72];
    text_of(h, primary, "TIMESYS", word);
    return fits_scale_of(word);
}

/* ---- from one scale to another ---- */

/* TDB - TT in seconds, at the middle of the Earth. */
static double tdb_ahead(double mjd)
{
    return eraDtdb(MJD_ZERO, mjd, mjd - floor(mjd), 0, 0, 0);
}

/* The second part of a date whose first is MJD_ZERO; false: it is no date. */
static bool to_tai(enum fits_scale scale, double mjd, double *tai)
{
    double zero, tt = mjd, tdb = mjd;
    *tai = scale == FITS_GPS ? mjd + GPS_BEHIND_TAI : mjd;
    if (scale == FITS_TAI || scale == FITS_GPS)
        return true;
    if (scale == FITS_TCB && eraTcbtdb(MJD_ZERO, mjd, &zero, &tdb) < 0)
        return false;
    if (scale == FITS_TCG && eraTcgtt(MJD_ZERO, mjd, &zero, &tt) < 0)
        return false;
    if ((scale == FITS_TDB || scale == FITS_TCB) &&
        eraTdbtt(MJD_ZERO, tdb, tdb_ahead(tdb), &zero, &tt) < 0)
        return false;
    return eraTttai(MJD_ZERO, tt, &zero, tai) >= 0;
}

static bool from_tai(enum fits_scale scale, double tai, double *out)
{
    double zero, tt;
    *out = scale == FITS_GPS ? tai - GPS_BEHIND_TAI : tai;
    if (scale == FITS_TAI || scale == FITS_GPS)
        return true;
    if (eraTaitt(MJD_ZERO, tai, &zero, &tt) < 0)
        return false;
    *out = tt;
    if (scale == FITS_TCG)
        return eraTttcg(MJD_ZERO, tt, &zero, out) >= 0;
    if (scale == FITS_TDB || scale == FITS_TCB) {
        double tdb;
        if (eraTttdb(MJD_ZERO, tt, tdb_ahead(tt), &zero, &tdb) < 0)
            return false;
        *out = tdb;
        return scale == FITS_TDB || eraTdbtcb(MJD_ZERO, tdb, &zero, out) >= 0;
    }
    return true;
}

static bool is_same(enum fits_scale scale, double mjd)
{
    return scale == FITS_UTC || scale == FITS_LOCAL || !(fabs(mjd) < MOST_MJD);
}

double fits_scale_utc(enum fits_scale scale, double mjd)
{
    double tai, zero, utc;
    if (is_same(scale, mjd) || !to_tai(scale, mjd, &tai) ||
        eraTaiutc(MJD_ZERO, tai, &zero, &utc) < 0)
        return mjd;
    return utc;
}

double fits_scale_from_utc(enum fits_scale scale, double utc_mjd)
{
    double tai, zero, out;
    if (is_same(scale, utc_mjd) || eraUtctai(MJD_ZERO, utc_mjd, &zero, &tai) < 0 ||
        !from_tai(scale, tai, &out))
        return utc_mjd;
    return out;
}

/* ---- dates ---- */

/* The old form of FITS, dd/mm/yy of the last century, as the new one. */
static bool new_form(const char *text, char out[16])
{
    if (strlen(text) != 8 || text[2] != '/' || text[5] != '/')
        return false;
    snprintf(out, 16, "19%.2s-%.2s-%.2s", text + 6, text + 3, text);
    return true;
}

/* A leap second as the second before it; false: the text has none. */
static bool without_leap(const char *text, char out[40])
{
    size_t n = strlen(text);
    bool has = n >= 19 && n < 40 && memcmp(text + 16, ":60", 3) == 0;
    if (has) {
        memcpy(out, text, n + 1);
        memcpy(out + 17, "59", 2);
    }
    return has;
}

double fits_date_mjd(const char *text, enum fits_scale scale)
{
    enum { DAY_S = 86400, UNIX_MJD = 40587 };
    int64_t us;
    int year, month, day;
    double fraction, zero, mjd;
    char iso[40];
    bool is_leap = false;
    if (new_form(text, iso) || (is_leap = without_leap(text, iso)))
        text = iso;
    if (!clock_parse_us(str_of(text), &us))
        return NAN;
    double days = floor((double)us / (DAY_S * 1e6));
    double second = (double)(us - (int64_t)days * DAY_S * 1000000) / 1e6 + is_leap;
    if (scale != FITS_UTC)
        return UNIX_MJD + days + second / DAY_S;
    if (eraJd2cal(MJD_ZERO, UNIX_MJD + days, &year, &month, &day, &fraction) < 0)
        return NAN;
    /* whole hours and minutes apart, so that second 60 is where ERFA looks for it */
    int minute = (int)(second / 60) - is_leap;
    int status = eraDtf2d("UTC", year, month, day, minute / 60, minute % 60,
                          second - 60.0 * minute, &zero, &mjd);
    if (status < 0 || (is_leap && status > 1))
        return NAN; /* that day had none */
    return mjd + (zero - MJD_ZERO);
}

/* ---- columns ---- */

static bool reference(const struct fits_hdu *h, double *zero)
{
    static const struct {
        const char *whole, *part;
        double minus;
    } PAIRS[] = {{"MJDREFI", "MJDREFF", 0},
                 {"MJDREF", NULL, 0},
                 {"JDREFI", "JDREFF", 2400000.5},
                 {"JDREF", NULL, 2400000.5}};
    char date[72];
    for (size_t i = 0; i < sizeof PAIRS / sizeof *PAIRS; i++) {
        double part = 0;
        if (!fits_double(h, PAIRS[i].whole, zero))
            continue;
        if (PAIRS[i].part)
            fits_double(h, PAIRS[i].part, &part);
        *zero = *zero - PAIRS[i].minus + part;
        return true;
    }
    *zero = fits_text(h, "DATEREF", date) ? fits_date_mjd(date, FITS_TAI) : NAN;
    return isfinite(*zero);
}

/* A column may name a scale of its own (TCTYPn). */
static enum fits_scale scale_of_column(const struct fits_hdu *h,
                                       const struct fits_hdu *primary, int number)
{
    char keyword[24], type[72];
    snprintf(keyword, sizeof keyword, "TCTYP%d", number);
    if (fits_text(h, keyword, type) && type[0] && fits_scale_of(type) != FITS_LOCAL)
        return fits_scale_of(type);
    return fits_scale_read(h, primary);
}

bool fits_times_read(const struct fits_hdu *h, const struct fits_hdu *primary,
                     const char *name, const char *unit, int number, struct fits_times *t)
{
    char word[72];
    double offset = 0, factor;
    bool is_jd = str_eq_fold(str_of(name), STR("JD"));
    bool is_date = is_jd || str_eq_fold(str_of(name), STR("MJD"));
    const char *of_header = text_of(h, primary, "TIMEUNIT", word) && word[0] ? word : "s";
    *t = (struct fits_times){.zero_mjd = is_jd ? -MJD_ZERO : 0, .day = 1};
    t->scale = scale_of_column(h, primary, number);
    if (!unit[0])
        unit = is_date ? "d" : of_header;
    if (!fits_unit_factor(unit, "d", &t->day))
        return false;
    if (is_date)
        return true;
    if (!reference(h, &t->zero_mjd) && !(primary && reference(primary, &t->zero_mjd)))
        return false;
    if (number_of(h, primary, "TIMEOFFS", &offset) &&
        fits_unit_factor(of_header, "d", &factor))
        t->zero_mjd += offset * factor;
    return true;
}
