/* scan_table.c -- event lists and spectra that are tables: what their columns reach over.
 */
#include <math.h>

#include "core/fits/fits_column.h"
#include "core/fits/fits_wcs.h"
#include "core/fits/fits_word.h"
#include "core/ingest/scan_inside.h"

static const double LIGHT = 299792458.0, PLANCK = 6.62607015e-34, EV = 1.602176634e-19;

struct table {
    struct scan_subject *s;
    struct fits_column *column;
    uint32_t ncolumn;
};

/* Names in the order in which they are believed; NULL-terminated. */
static const char *const RA[] = {"RA", "RA_ICRS", "RAJ2000", NULL};
static const char *const DEC[] = {"DEC", "DE_ICRS", "DEJ2000", NULL};
static const char *const TIME[] = {"TIME", "MJD", "JD", NULL};
static const char *const ENERGY[] = {"ENERGY", NULL};
static const char *const WAVE[] = {"WAVELENGTH", "WAVE",      "LAMBDA", "SPECTRAL",
                                   "ENERGY",     "FREQUENCY", "FREQ",   NULL};
static const char *const FLUX[] = {"FLUX",     "FLUX_DENSITY", "INTENSITY", "FLUXDENSITY",
                                   "SPECTRUM", "COUNTS",       "FLAM",      NULL};

static const struct fits_column *find(const struct table *t, const char *const *name)
{
    const struct fits_column *c = NULL;
    for (; *name && !c; name++)
        c = fits_column_find(t->column, t->ncolumn, *name);
    return c;
}

static bool range_of(const struct table *t, const struct fits_column *c,
                     struct fits_range *r)
{
    struct err ignored = {0};
    return c && fits_column_range(t->s->file, t->s->hdu, c, r, &ignored) && r->n > 0;
}

/* --- times --------------------------------------------------------------------------- */

static void put_times(const struct table *t, struct product *p)
{
    const struct fits_column *c = find(t, TIME);
    struct fits_range r;
    struct fits_times in;
    if (!c ||
        !fits_times_read(t->s->hdu, &t->s->file->hdu[0], c->name, c->unit,
                         (int)(c - t->column) + 1, &in) ||
        !range_of(t, c, &r))
        return;
    p->t_min = scan_utc(t->s, in.scale, in.zero_mjd + in.day * r.least);
    p->t_max = scan_utc(t->s, in.scale, in.zero_mjd + in.day * r.most);
}

/* --- places of events ---------------------------------------------------------------- */

struct places {
    const struct fits_column *ra, *dec;
    int64_t row_bytes;
    struct sky_vec sum;
    struct sky_vec centre;
    double widest_deg;
};

static bool sum_rows(void *what, const unsigned char *rows, int64_t nrow)
{
    struct places *w = what;
    for (int64_t i = 0; i < nrow; i++, rows += w->row_bytes) {
        double ra = fits_column_value(w->ra, rows, 0),
               dec = fits_column_value(w->dec, rows, 0);
        struct sky_vec v = sky_vec_of(ra, dec);
        if (isfinite(v.x))
            w->sum = (struct sky_vec){w->sum.x + v.x, w->sum.y + v.y, w->sum.z + v.z};
    }
    return true;
}

static bool widen_rows(void *what, const unsigned char *rows, int64_t nrow)
{
    struct places *w = what;
    for (int64_t i = 0; i < nrow; i++, rows += w->row_bytes) {
        double ra = fits_column_value(w->ra, rows, 0),
               dec = fits_column_value(w->dec, rows, 0);
        double d = sky_vec_distance_deg(w->centre, sky_vec_of(ra, dec));
        if (d > w->widest_deg)
            w->widest_deg = d;
    }
    return true;
}

/* The pointing if it is told, else the middle of the events; all of them around it. */
static void put_places(const struct table *t, struct product *p)
{
    struct places w = {.ra = find(t, RA), .dec = find(t, DEC)};
    const struct fits_hdu *h = t->s->hdu;
    struct err ignored = {0};
    struct sky_point at;
    if (!w.ra || !w.dec)
        return;
    w.row_bytes = h->size[0];
    if (!fits_double(h, "RA_PNT", &at.lon_deg) || !fits_double(h, "DEC_PNT", &at.lat_deg) ||
        !sky_position_check(at.lon_deg, at.lat_deg, &ignored)) {
        if (!fits_rows(t->s->file, h, sum_rows, &w, &ignored) ||
            w.sum.x * w.sum.x + w.sum.y * w.sum.y + w.sum.z * w.sum.z < 1e-12)
            return;
        at = sky_point_of(w.sum);
    }
    w.centre = sky_vec_of(at.lon_deg, at.lat_deg);
    if (!fits_rows(t->s->file, h, widen_rows, &w, &ignored))
        return;
    p->s_ra = sky_lon_reduce(at.lon_deg);
    p->s_dec = at.lat_deg;
    p->s_fov = 2 * w.widest_deg;
}

/* --- events -------------------------------------------------------------------------- */

static const char *unit_of_energies(const struct table *t, const struct fits_column *c,
                                    char unit[FITS_WORD_BYTES])
{
    if (c->unit[0])
        return c->unit;
    return fits_text(t->s->hdu, "EUNIT", unit) ? unit : "";
}

static void put_energies(const struct table *t, struct product *p)
{
    const struct fits_column *c = find(t, ENERGY);
    struct fits_range r;
    char unit[FITS_WORD_BYTES] = "";
    double joule;
    if (!c || !fits_unit_factor(unit_of_energies(t, c, unit), "J", &joule) ||
        !range_of(t, c, &r) || !(r.least > 0))
        return;
    p->energy_min = r.least * joule / EV;
    p->energy_max = r.most * joule / EV;
    p->em_min = LIGHT * PLANCK / (r.most * joule);
    p->em_max = LIGHT * PLANCK / (r.least * joule);
}

static bool is_event_list(const struct table *t)
{
    char name[FITS_WORD_BYTES], class[FITS_WORD_BYTES];
    fits_name(t->s->hdu, name);
    bool is_named = str_eq_fold(str_of(name), STR("EVENTS")) ||
                    (fits_word(t->s->hdu, "HDUCLAS1", class) &&
                     str_eq_fold(str_of(class), STR("EVENTS")));
    return is_named && (find(t, TIME) || find(t, ENERGY) || find(t, RA));
}

static void put_events(const struct table *t, struct product *p)
{
    double seconds;
    p->dataproduct_type = "event";
    p->ev_xel = t->s->hdu->size[1];
    p->s_xel1 = p->s_xel2 = p->t_xel = p->em_xel = -1;
    put_places(t, p);
    put_times(t, p);
    put_energies(t, p);
    if (fits_double(t->s->hdu, "LIVETIME", &seconds) && seconds > 0)
        p->t_exptime = seconds;
}

/* --- spectra ------------------------------------------------------------------------- */

static bool put_waves(const struct table *t, struct product *p)
{
    const struct fits_column *c = find(t, WAVE);
    struct fits_range r;
    double factor;
    if (!c || !find(t, FLUX) || !range_of(t, c, &r) || !(r.least > 0))
        return false;
    if (fits_unit_factor(c->unit, "m", &factor))
        p->em_min = r.least * factor, p->em_max = r.most * factor;
    else if (fits_unit_factor(c->unit, "J", &factor))
        p->em_min = LIGHT * PLANCK / (r.most * factor),
        p->em_max = LIGHT * PLANCK / (r.least * factor);
    else if (fits_unit_factor(c->unit, "Hz", &factor))
        p->em_min = LIGHT / (r.most * factor), p->em_max = LIGHT / (r.least * factor);
    else
        return false;
    p->em_xel = c->repeat > 1 ? c->repeat : t->s->hdu->size[1];
    p->dataproduct_type = "spectrum";
    return true;
}

bool scan_table(struct scan_subject *s, struct product *p)
{
    struct table t = {.s = s};
    struct err ignored = {0};
    t.column = fits_columns(s->hdu, &t.ncolumn, s->arena, &ignored);
    if (!t.column)
        return false;
    if (!is_event_list(&t))
        return put_waves(&t, p);
    put_events(&t, p);
    return true;
}
