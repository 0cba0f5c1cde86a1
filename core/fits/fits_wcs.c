/* fits_wcs.c -- pixels and what they mean, by WCSLIB. Positions come and go as ICRS. */
#include "core/fits/fits_wcs.h"

#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include <wcslib/spx.h>
#include <wcslib/wcs.h>
#include <wcslib/wcsfix.h>
#include <wcslib/wcshdr.h>
#include <wcslib/wcsmath.h>
#include <wcslib/wcsunits.h>

#include "core/fits/fits_sound.h"
#include "core/fits/fits_time.h"

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
    fits_hide_plate(card, ncard);
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
    str rest = str_of(type), name = str_trim(str_cut(&rest, '-'));
    const char *word = fits_scale_word(name);
    if (word)
        *scale = word;
    return word || str_eq(name, STR("TIME"));
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
    }
}

static bool is_spectral(const char *type)
{
    static const char *const TYPES[] = {"WAVE", "AWAV", "FREQ", "ENER", "WAVN",
                                        "VRAD", "VOPT", "VELO", "ZOPT", "BETA"};
    for (size_t i = 0; i < sizeof TYPES / sizeof *TYPES; i++)
        if (strcmp(type, TYPES[i]) == 0)
            return true;
    return false;
}

/* The axis of a lookup table, or what is wrong with it. */
static void find_tab(struct fits_wcs *w, const struct fits_hdu *image, int axis,
                     const struct fits_file *file)
{
    const char *why = NULL;
    char type[72] = "", keyword[24];
    snprintf(keyword, sizeof keyword, "CTYPE%d", axis + 1);
    fits_text(image, keyword, type);
    type[4] = '\0'; /* fits_tab_is() has seen "-TAB" there */
    for (int i = 3; i >= 0 && type[i] == '-'; i--)
        type[i] = '\0';
    w->tab[axis] = fits_tab_read(image, axis, file, w->arena, &why);
    if (is_spectral(type)) {
        w->spectral = axis;
        w->why_not_bands = why;
    } else if (is_time(type, &w->own_scale))
        w->time = w->tab[axis] ? axis : -1;
    else
        w->why_not_sky = "an axis of positions is kept as a lookup table (-TAB), which is "
                         "not read here; ask for pixels instead";
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

bool fits_wcs_read(struct fits_wcs *w, const struct fits_file *file, const char *card,
                   uint32_t ncard, int naxis, const int64_t *size, struct arena *arena,
                   struct err *e)
{
    const struct fits_hdu image = {.card = card, .ncard = ncard};
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
    char *sound = fits_sound_cards(card, &nsound, arena);
    if (!sound)
        return err_set(e, ERR_LIMIT, "the header needs too much memory");
    fits_hide_tabs(sound, nsound);
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
    for (int i = 0; i < w->naxis; i++)
        if (fits_tab_is(&image, i))
            find_tab(w, &image, i, file);
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
    const struct fits_tab *tab = w->tab[w->time];
    const char *unit = tab ? tab->unit : w->wcs->cunit[w->time];
    double value = fits_wcs_linear(w, w->time, pixel), scale;
    unit = unit[0] ? unit : w->wcs->timeunit[0] ? w->wcs->timeunit : "s";
    if (!fits_unit_factor(unit, "d", &scale))
        return NAN;
    double reference = w->wcs->mjdref[0] == UNDEFINED ? 0 : w->wcs->mjdref[0];
    reference += w->wcs->mjdref[1] == UNDEFINED ? 0 : w->wcs->mjdref[1];
    return reference + scale * (tab ? fits_tab_value(tab, value) : value);
}

/* A table's entries are in its unit; WCSLIB's are SI. */
static double in_si(const struct fits_tab *tab, double value)
{
    static const char *const UNITS[] = {"m", "Hz", "J", "/m", "m/s"};
    double factor;
    for (size_t i = 0; tab->unit[0] && i < sizeof UNITS / sizeof *UNITS; i++)
        if (fits_unit_factor(tab->unit, UNITS[i], &factor))
            return value * factor;
    return value;
}

static double wave_of(const struct fits_wcs *w, double value)
{
    struct spxprm s;
    const struct fits_tab *tab = w->tab[w->spectral];
    memset(&s, 0, sizeof s);
    if (w->to_metres > 0)
        return value * w->to_metres;
    char type[5] = "";
    memcpy(type, tab ? tab->type : w->wcs->ctype[w->spectral], 4);
    value = tab ? in_si(tab, fits_tab_value(tab, value)) : value;
    if (!isfinite(value) || specx(type, value, w->wcs->restfrq, w->wcs->restwav, &s) != 0)
        return NAN;
    return s.wave > 0 ? s.wave : NAN;
}

double fits_wcs_wavelength(struct fits_wcs *w, double at)
{
    double world[AXES], pixel[AXES], image[AXES], phi, theta;
    int stat = 0, k = w->spectral, naxis = w->wcs ? w->wcs->naxis : 0;
    if (!w->wcs || k < 0 || w->why_not_bands || naxis > AXES)
        return NAN;
    for (int j = 0; j < naxis; j++)
        pixel[j] = w->wcs->crpix[j];
    pixel[k] = at;
    int status = wcsp2s(w->wcs, 1, naxis, pixel, image, &phi, &theta, world, &stat);
    return status == 0 ? wave_of(w, world[k]) : NAN;
}

const double *fits_wcs_edges(struct fits_wcs *w, struct err *e)
{
    enum { MOST = 10000000 };
    int k = w->spectral, naxis = w->wcs ? w->wcs->naxis : 0;
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
    for (int64_t i = 0; i <= w->size[k]; i++)
        edge[i] = fits_wcs_wavelength(w, (double)i + 0.5);
    w->edge_m = edge;
    return edge;
}

const char *fits_stokes_name(int number)
{
    static const char *const NAME[] = {"YX", "XY", "YY", "XX", "LR", "RL", "LL",
                                       "RR", NULL, "I",  "Q",  "U",  "V"};
    return number >= -8 && number <= 4 ? NAME[number + 8] : NULL;
}
