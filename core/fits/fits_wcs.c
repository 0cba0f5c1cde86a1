/* fits_wcs.c -- pixels and what they mean, by WCSLIB. Positions come and go as ICRS. */
#include "core/fits/fits_wcs.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>

#include <wcslib/spx.h>
#include <wcslib/wcs.h>
#include <wcslib/wcsfix.h>
#include <wcslib/wcshdr.h>
#include <wcslib/wcsmath.h>
#include <wcslib/wcsunits.h>

#include "core/base/num.h"

enum { AXES = 16 };

/* Some of WCSLIB's readers keep their state in static variables. */
static pthread_mutex_t reading = PTHREAD_MUTEX_INITIALIZER;

struct holder { /* what WCSLIB allocated */
    struct wcsprm *wcs;
    int n;
};

static void drop(void *what)
{
    struct holder *h = what;
    pthread_mutex_lock(&reading);
    wcsvfree(&h->n, &h->wcs);
    pthread_mutex_unlock(&reading);
}

static struct wcsprm *primary_of(struct holder *h)
{
    for (int i = 0; i < h->n; i++)
        if (h->wcs[i].alt[0] == ' ' || h->wcs[i].alt[0] == 0)
            return &h->wcs[i];
    return h->n > 0 ? &h->wcs[0] : NULL;
}

/* ---- what WCSLIB may see ---- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* A keyword, left justified, of the letters that the standard allows. */
static bool is_keyword(const char *card)
{
    int n = 0;
    while (n < 8 && ((card[n] >= 'A' && card[n] <= 'Z') || is_digit(card[n]) ||
                     card[n] == '_' || card[n] == '-'))
        n++;
    for (int i = n; i < 8; i++)
        if (card[i] != ' ')
            return false;
    return n > 0 && memcmp(card + 8, "= ", 2) == 0;
}

/* Behind a text's closing quote; NULL: it has none. */
static const char *skip_text(const char *at, const char *end)
{
    for (at++; at < end; at++) {
        if (*at != '\'')
            continue;
        if (at + 1 == end || at[1] != '\'')
            return at + 1;
        at++; /* two quotes mean one */
    }
    return NULL;
}

/* Behind a number; NULL: it is none. */
static const char *skip_number(const char *at, const char *end)
{
    char text[FITS_CARD];
    size_t n = 0;
    double value;
    while (at + n < end && at[n] != ' ' && at[n] != '/') {
        text[n] = at[n] == 'D' ? 'E' : at[n]; /* FORTRAN's exponent */
        n++;
    }
    return n > 0 && (is_digit(text[n - 1]) || text[n - 1] == '.') &&
                   num_parse_double((str){text, n}, &value) && isfinite(value)
               ? at + n
               : NULL;
}

static bool is_for_text(const char *card)
{
    static const char *const BEGIN[] = {"CTYPE",    "CUNIT",   "CNAME",   "RADESYS",
                                        "RADECSYS", "SPECSYS", "SSYSOBS", "SSYSSRC",
                                        "WCSNAME",  "DATE",    "TIMESYS", "TIMEUNIT",
                                        "TREFPOS",  "TREFDIR", "PS"};
    for (size_t i = 0; i < sizeof BEGIN / sizeof *BEGIN; i++)
        if (memcmp(card, BEGIN[i], strlen(BEGIN[i])) == 0)
            return true;
    return false;
}

/* WCSLIB 7.12 crashes on values that are none, absent, or text in place of numbers, and
 * writes past its buffers when a text has no closing quote: it sees cards with a keyword, a
 * value of its kind, and a comment. No keyword of a WCS has a logical value. */
static bool is_sound_card(const char *card)
{
    const char *at = card + 10, *end = card + FITS_CARD;
    if (!is_keyword(card))
        return false;
    while (at < end && *at == ' ')
        at++;
    if (at == end || *at == '/')
        return false;
    if ((*at == '\'') != is_for_text(card))
        return false;
    at = *at == '\'' ? skip_text(at, end) : skip_number(at, end);
    while (at && at < end && *at == ' ')
        at++;
    return at && (at == end || *at == '/');
}

/* WCSLIB reads FORTRAN's exponent (5.0D1) as none. */
static void mend_exponent(char *card)
{
    if (is_for_text(card))
        return;
    for (int i = 10; i < FITS_CARD && card[i] != '/'; i++)
        card[i] = card[i] == 'D' ? 'E' : card[i];
}

/* Some programs write numbers between quotes: they mean the number. */
static void mend_quotes(char *card)
{
    const char *end = card + FITS_CARD;
    char *at = card + 10;
    double value;
    while (at < end && *at == ' ')
        at++;
    const char *behind = at < end && *at == '\'' ? skip_text(at, end) : NULL;
    if (!behind || !is_keyword(card) || is_for_text(card) ||
        !num_parse_double(str_trim((str){at + 1, (size_t)(behind - at) - 2}), &value))
        return;
    at[0] = ' ';
    at[behind - at - 1] = ' ';
}

/* The cards that WCSLIB may see, those with sound values. NULL: no memory. */
static char *sound_cards(const char *card, uint32_t *ncard, struct arena *arena)
{
    char *out = arena_alloc(arena, (size_t)*ncard + 1, FITS_CARD), *to = out;
    uint32_t n = 0;
    for (uint32_t i = 0; out && i < *ncard; i++, card += FITS_CARD) {
        memcpy(to, card, FITS_CARD);
        mend_quotes(to);
        if (is_sound_card(to)) {
            mend_exponent(to);
            to += FITS_CARD, n++;
        }
    }
    *ncard = n;
    return out;
}

/* Gauss's elimination with pivots; a matrix of n axes whose determinant is none has no
 * inverse, and WCSLIB loses memory over it. */
static bool has_inverse(const double *matrix, const double *scale, int n)
{
    double m[AXES * AXES] = {0};
    for (int i = 0; i < n * n; i++) {
        m[i] = matrix[i] * (scale ? scale[i / n] : 1);
        if (!isfinite(m[i]))
            return false;
    }
    for (int k = 0; k < n; k++) {
        int pivot = k;
        for (int i = k + 1; i < n; i++)
            if (fabs(m[i * n + k]) > fabs(m[pivot * n + k]))
                pivot = i;
        if (m[pivot * n + k] == 0)
            return false;
        for (int j = 0; j < n && pivot != k; j++) {
            double kept = m[k * n + j];
            m[k * n + j] = m[pivot * n + j], m[pivot * n + j] = kept;
        }
        for (int i = k + 1; i < n; i++) {
            double factor = m[i * n + k] / m[k * n + k];
            for (int j = k; j < n; j++)
                m[i * n + j] -= factor * m[k * n + j];
        }
    }
    return true;
}

static bool is_sound(const struct wcsprm *wcs)
{
    if (wcs->naxis < 1 || wcs->naxis > AXES)
        return false;
    return (wcs->altlin & 3) == 2 ? has_inverse(wcs->cd, NULL, wcs->naxis)
                                  : has_inverse(wcs->pc, wcs->cdelt, wcs->naxis);
}

static struct wcsprm *parse(char *card, uint32_t ncard, struct holder *h)
{
    int nreject, stat[NWCSFIX];
    struct wcsprm *wcs = NULL;
    pthread_mutex_lock(&reading);
    if (wcspih(card, (int)ncard, WCSHDR_all, 0, &nreject, &h->n, &h->wcs) == 0)
        wcs = primary_of(h);
    if (wcs && is_sound(wcs))
        wcsfix(7, NULL, wcs, stat);
    if (wcs && (!is_sound(wcs) || wcsset(wcs) != 0))
        wcs = NULL;
    pthread_mutex_unlock(&reading);
    return wcs;
}

bool fits_unit_factor(const char *from, const char *to, double *factor)
{
    double offset = 0, power = 1;
    pthread_mutex_lock(&reading);
    int status = wcsunits(from, to, factor, &offset, &power);
    pthread_mutex_unlock(&reading);
    return status == 0 && offset == 0 && power == 1;
}

/* ---- which axis is what ---- */

static bool begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

/* The unit of an axis; some files write it behind the name: "WAVELENGTH [Ang]". */
static void unit_of(const struct wcsprm *wcs, int axis, char unit[72])
{
    const char *bracket = strchr(wcs->ctype[axis], '[');
    size_t n = 0;
    for (const char *at = bracket ? bracket + 1 : wcs->cunit[axis];
         *at && *at != ']' && n < 60; at++)
        unit[n++] = *at;
    unit[n] = 0;
    if (bracket && strcmp(unit, "Ang") == 0)
        memcpy(unit, "Angstrom", sizeof "Angstrom");
}

/* A length in some unit, along an axis that calls itself by no name of the standard. */
static bool is_plain_length(const struct fits_wcs *w, int axis, double *to_metres)
{
    static const char *const NAMES[] = {"LINEAR", "LAMBDA", "WAVELENG", "WAVE", "AWAV"};
    const char *type = w->wcs->ctype[axis];
    char unit[72];
    bool is_named = type[0] == 0 && w->naxis == 1;
    for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++)
        is_named |= begins(type, NAMES[i]) && !strchr(type, '-');
    unit_of(w->wcs, axis, unit);
    return is_named && unit[0] && fits_unit_factor(unit, "m", to_metres);
}

/* TIME, or the name of a scale, before the axis's algorithm. *scale: that name. */
static bool is_time(const char *type, const char **scale)
{
    static const char *const SCALES[] = {"UTC", "TT",  "TAI", "TDB", "TCG", "TCB", "GPS",
                                         "UT1", "TDT", "ET",  "IAT", "GMT", "UT"};
    str rest = str_of(type), name = str_trim(str_cut(&rest, '-'));
    if (str_eq(name, STR("TIME")))
        return true;
    for (size_t i = 0; i < sizeof SCALES / sizeof *SCALES; i++)
        if (str_eq(name, str_of(SCALES[i]))) {
            *scale = SCALES[i];
            return true;
        }
    return false;
}

static void find_axes(struct fits_wcs *w)
{
    w->lng = w->wcs->lng, w->lat = w->wcs->lat, w->spectral = w->wcs->spec;
    for (int i = 0; i < w->naxis; i++) {
        const char *type = w->wcs->ctype[i];
        if (begins(type, "STOKES"))
            w->stokes = i;
        else if (is_time(type, &w->own_scale))
            w->time = i;
        else if (w->spectral < 0 && is_plain_length(w, i, &w->to_metres))
            w->spectral = i;
        if (strstr(type, "-TAB")) {
            w->why_not_bands = "an axis is kept as a table (-TAB), which is not read here; "
                               "ask for pixels instead";
            w->why_not_sky = i == w->lng || i == w->lat ? w->why_not_bands : w->why_not_sky;
        }
    }
}

/* Distortions kept as tables or as records, which WCSLIB does not see here: without them
 * the positions would be wrong. */
static bool has_distortion_tables(const char *card, uint32_t ncard)
{
    for (uint32_t i = 0; i < ncard; i++, card += FITS_CARD)
        if (memcmp(card, "CPDIS", 5) == 0 || memcmp(card, "CQDIS", 5) == 0 ||
            memcmp(card, "D2IMDIS", 7) == 0)
            return true;
    return false;
}

static bool is_near(double a, double b)
{
    return fabs(a - b) < 1e-6;
}

static const char *find_frame(struct fits_wcs *w)
{
    const struct wcsprm *wcs = w->wcs;
    const char *sys = wcs->radesys;
    double equinox = wcs->equinox;
    bool has_equinox = isfinite(equinox) && equinox != UNDEFINED;
    if (begins(wcs->lngtyp, "GLON"))
        w->frame = SKY_GALACTIC;
    else if (begins(wcs->lngtyp, "ELON"))
        w->frame = SKY_ECLIPTIC;
    else if (!begins(wcs->lngtyp, "RA"))
        return "its coordinates are neither equatorial, galactic nor ecliptic";
    else if (begins(sys, "ICRS") || (!sys[0] && !has_equinox))
        w->frame = SKY_ICRS;
    else if (begins(sys, "FK5") || (!sys[0] && equinox >= 1984))
        w->frame = SKY_FK5;
    else if (begins(sys, "FK4") || !sys[0])
        w->frame = SKY_FK4;
    else
        return "RADESYS is neither ICRS, FK5 nor FK4";
    if (has_equinox && ((w->frame == SKY_FK5 && !is_near(equinox, 2000)) ||
                        (w->frame == SKY_FK4 && !is_near(equinox, 1950))))
        return "its equinox is neither J2000 nor B1950";
    return NULL;
}

/* The axis that a card of a WCS is about, the larger of two; 0: none. */
static int axis_of(const char *card)
{
    static const char *const BEGIN[] = {"CTYPE", "CUNIT", "CRPIX", "CRVAL", "CDELT",
                                        "CNAME", "CRDER", "CSYER", "CD",    "PC"};
    for (size_t i = 0; i < sizeof BEGIN / sizeof *BEGIN; i++) {
        const char *at = card + strlen(BEGIN[i]);
        if (memcmp(card, BEGIN[i], strlen(BEGIN[i])) != 0 || !is_digit(*at))
            continue;
        int axis = *at - '0';
        if (at[1] == '_' && is_digit(at[2]) && at[2] - '0' > axis)
            axis = at[2] - '0';
        return axis;
    }
    return 0;
}

/* Some files keep words of axes that were taken away, without which the rest is sound. */
static uint32_t keep_axes(char *card, uint32_t ncard, int naxis)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < ncard; i++)
        if (axis_of(card + (size_t)i * FITS_CARD) <= naxis)
            memmove(card + (size_t)n++ * FITS_CARD, card + (size_t)i * FITS_CARD,
                    FITS_CARD);
    return n;
}

bool fits_wcs_read(struct fits_wcs *w, const char *card, uint32_t ncard, int naxis,
                   const int64_t *size, struct arena *arena, struct err *e)
{
    *w = (struct fits_wcs){.naxis = naxis,
                           .lng = -1,
                           .lat = -1,
                           .spectral = -1,
                           .stokes = -1,
                           .time = -1,
                           .why_not_sky = "it has no celestial coordinates",
                           .why_not_bands = "it has no spectral axis",
                           .arena = arena};
    struct holder *h = arena_new_one(arena, struct holder);
    if (!h || !arena_defer(arena, drop, h))
        return err_set(e, ERR_BUSY, "out of memory");
    memcpy(w->size, size, (size_t)naxis * sizeof *size);
    uint32_t nsound = ncard;
    char *sound = sound_cards(card, &nsound, arena);
    if (!sound)
        return err_set(e, ERR_LIMIT, "the header needs too much memory");
    struct wcsprm *wcs = naxis > 0 ? parse(sound, nsound, h) : NULL;
    if (!wcs && naxis > 0) {
        uint32_t nkept = keep_axes(sound, nsound, naxis);
        drop(h);
        *h = (struct holder){0};
        wcs = nkept < nsound ? parse(sound, nkept, h) : NULL;
    }
    if (!wcs || wcs->naxis < 1)
        return true;
    w->wcs = wcs;
    if (wcs->naxis < naxis)
        w->naxis = wcs->naxis;
    w->why_not_bands = NULL;
    const char *table = NULL;
    w->why_not_sky = NULL;
    find_axes(w);
    table = w->why_not_sky;
    if (w->spectral < 0 || w->spectral >= naxis)
        w->spectral = -1, w->why_not_bands = "it has no spectral axis";
    if (w->lng < 0 || w->lat < 0 || w->lng >= naxis || w->lat >= naxis)
        w->why_not_sky = "it has no celestial coordinates";
    else
        w->why_not_sky = table ? table : find_frame(w);
    if (has_distortion_tables(card, ncard))
        w->why_not_sky = "its distortions are tables, which are not read here; ask for "
                         "pixels instead";
    if (w->why_not_sky)
        w->lng = w->lat = -1;
    return true;
}

/* ---- positions ---- */

enum { CHUNK = 256 };

bool fits_wcs_pixels(struct fits_wcs *w, const struct sky_point *at, int n, double (*xy)[2],
                     struct err *e)
{
    double world[CHUNK * AXES], pixel[CHUNK * AXES], image[CHUNK * AXES], phi[CHUNK],
        theta[CHUNK];
    int stat[CHUNK], naxis = w->wcs ? w->wcs->naxis : 0;
    if (w->lng < 0 || naxis > AXES)
        return err_set(e, ERR_USAGE, "the image cannot be cut by positions: %s",
                       w->why_not_sky);
    for (int done = 0; done < n; done += CHUNK) {
        int m = n - done < CHUNK ? n - done : CHUNK;
        for (int i = 0; i < m; i++) {
            struct sky_point p = at[done + i];
            if (w->frame != SKY_ICRS)
                p = sky_frame_transform(SKY_ICRS, w->frame, p.lon_deg, p.lat_deg);
            for (int k = 0; k < naxis; k++)
                world[i * naxis + k] = w->wcs->crval[k];
            world[i * naxis + w->lng] = p.lon_deg;
            world[i * naxis + w->lat] = p.lat_deg;
            stat[i] = 0;
        }
        int status = wcss2p(w->wcs, m, naxis, world, phi, theta, image, pixel, stat);
        for (int i = 0; i < m; i++) {
            bool is_bad = (status != 0 && status != 9) || stat[i] != 0;
            xy[done + i][0] = is_bad ? NAN : pixel[i * naxis + w->lng];
            xy[done + i][1] = is_bad ? NAN : pixel[i * naxis + w->lat];
        }
    }
    return true;
}

bool fits_wcs_positions(struct fits_wcs *w, const double (*xy)[2], int n,
                        struct sky_point *out, struct err *e)
{
    double world[CHUNK * AXES], pixel[CHUNK * AXES], image[CHUNK * AXES], phi[CHUNK],
        theta[CHUNK];
    int stat[CHUNK], naxis = w->wcs ? w->wcs->naxis : 0;
    if (w->lng < 0 || naxis > AXES)
        return err_set(e, ERR_USAGE, "the image cannot be cut by positions: %s",
                       w->why_not_sky);
    for (int done = 0; done < n; done += CHUNK) {
        int m = n - done < CHUNK ? n - done : CHUNK;
        for (int i = 0; i < m; i++) {
            for (int k = 0; k < naxis; k++)
                pixel[i * naxis + k] = w->wcs->crpix[k];
            pixel[i * naxis + w->lng] = xy[done + i][0];
            pixel[i * naxis + w->lat] = xy[done + i][1];
            stat[i] = 0;
        }
        int status = wcsp2s(w->wcs, m, naxis, pixel, image, phi, theta, world, stat);
        for (int i = 0; i < m; i++) {
            struct sky_point p = {world[i * naxis + w->lng], world[i * naxis + w->lat]};
            if ((status != 0 && status != 8) || stat[i] != 0)
                p = (struct sky_point){NAN, NAN};
            else if (w->frame != SKY_ICRS)
                p = sky_frame_transform(w->frame, SKY_ICRS, p.lon_deg, p.lat_deg);
            out[done + i] = p;
        }
    }
    return true;
}

/* ---- other axes ---- */

double fits_wcs_linear(const struct fits_wcs *w, int axis, double pixel)
{
    const struct wcsprm *wcs = w->wcs;
    double pc = wcs->pc ? wcs->pc[axis * wcs->naxis + axis] : 1;
    double step =
        wcs->altlin & 2 ? wcs->cd[axis * wcs->naxis + axis] : wcs->cdelt[axis] * pc;
    return wcs->crval[axis] + step * (pixel - wcs->crpix[axis]);
}

double fits_wcs_mjd(const struct fits_wcs *w, double pixel)
{
    const char *unit = w->wcs->cunit[w->time];
    double scale;
    unit = unit[0] ? unit : w->wcs->timeunit[0] ? w->wcs->timeunit : "s";
    if (!fits_unit_factor(unit, "d", &scale))
        return NAN;
    double reference = w->wcs->mjdref[0] == UNDEFINED ? 0 : w->wcs->mjdref[0];
    reference += w->wcs->mjdref[1] == UNDEFINED ? 0 : w->wcs->mjdref[1];
    return reference + scale * fits_wcs_linear(w, w->time, pixel);
}

static double wave_of(const struct fits_wcs *w, double value)
{
    struct spxprm s;
    memset(&s, 0, sizeof s);
    if (w->to_metres > 0)
        return value * w->to_metres;
    char type[5] = "";
    memcpy(type, w->wcs->ctype[w->spectral], 4);
    if (specx(type, value, w->wcs->restfrq, w->wcs->restwav, &s) != 0)
        return NAN;
    return s.wave > 0 ? s.wave : NAN;
}

const double *fits_wcs_edges(struct fits_wcs *w, struct err *e)
{
    enum { MOST = 10000000 };
    double world[AXES], pixel[AXES], image[AXES], phi, theta;
    int stat, k = w->spectral, naxis = w->wcs ? w->wcs->naxis : 0;
    if (!w->wcs || w->why_not_bands || naxis > AXES || w->size[k] > MOST) {
        err_set(e, ERR_USAGE, "the data cannot be cut by wavelengths: %s",
                w->why_not_bands ? w->why_not_bands : "the axis is too long");
        return NULL;
    }
    if (w->edge_m)
        return w->edge_m;
    double *edge = arena_new_array(w->arena, double, (size_t)w->size[k] + 1);
    if (!edge) {
        err_set(e, ERR_LIMIT, "the spectral axis needs too much memory");
        return NULL;
    }
    for (int64_t i = 0; i <= w->size[k]; i++) {
        for (int j = 0; j < naxis; j++)
            pixel[j] = w->wcs->crpix[j];
        pixel[k] = (double)i + 0.5;
        stat = 0;
        int status = wcsp2s(w->wcs, 1, naxis, pixel, image, &phi, &theta, world, &stat);
        edge[i] = status == 0 ? wave_of(w, world[k]) : NAN;
    }
    w->edge_m = edge;
    return edge;
}

const char *fits_stokes_name(int number)
{
    static const char *const NAME[] = {"YX", "XY", "YY", "XX", "LR", "RL", "LL",
                                       "RR", NULL, "I",  "Q",  "U",  "V"};
    return number >= -8 && number <= 4 ? NAME[number + 8] : NULL;
}
