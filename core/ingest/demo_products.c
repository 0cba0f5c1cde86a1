/* demo_products.c -- the files of the demonstration: images of the first sources of
 * sources.catalogue in the stages of a reduction, a cube, spectra, event lists. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <sys/stat.h>

#include "core/base/clock.h"
#include "core/ingest/demo.h"
#include "core/ingest/demo_fits.h"
#include "core/ingest/random.h"

enum {
    FIELDS = 12,
    SPECTRA = 8,
    LISTS = 4,
    ALERTS = 8,
    SIDE = 64,
    PLANES = 12,
    EVENTS = 800
};

static const int64_t BEGIN_US = 1325376000000000; /* 2012-01-01 */
static const double PIXEL_DEG = 0.002;

/* What every header has. The night is the field's. */
static void put_words(struct demo_fits *f, const struct demo_source *source, uint32_t night,
                      const char *kind, double exposure_s)
{
    char text[CLOCK_TEXT_BYTES];
    clock_print_us(BEGIN_US + (int64_t)night * 86400000000 * 7 + 72000000000, text);
    demo_fits_text(f, "ORIGIN", "Colure demo");
    demo_fits_text(f, "TELESCOP", "Demo telescope");
    demo_fits_text(f, "INSTRUME", kind);
    demo_fits_text(f, "OBJECT", source->name);
    demo_fits_text(f, "DATE-OBS", text);
    demo_fits_number(f, "EXPTIME", exposure_s);
    demo_fits_number(f, "RA", source->place.ra_deg);
    demo_fits_number(f, "DEC", source->place.dec_deg);
}

/* --- images -------------------------------------------------------------------------- */

static void put_pixels(struct demo_fits *f, struct random *r, int planes, double noise)
{
    for (int k = 0; k < planes; k++)
        for (int y = 0; y < SIDE; y++)
            for (int x = 0; x < SIDE; x++) {
                double dx = x - (SIDE - 1) / 2.0, dy = y - (SIDE - 1) / 2.0;
                double peak = exp(-(dx * dx + dy * dy) / 18) * (1 + 0.1 * k);
                double value = 100 + 400 * peak + noise * random_normal(r);
                demo_fits_float(f, (float)random_rounded(value, 3));
            }
    demo_fits_end_data(f);
}

/* Stage 1: raw; 2: reduced, with an error plane; 3: the sum of several. */
static bool write_image(const struct demo_world *world, const char *folder, uint32_t field,
                        int stage, struct err *e)
{
    static const char *const PROJECTION[] = {"TAN", "SIN", "ZEA", "CAR"};
    static const char *const KIND[] = {"raw", "reduced", "stack"};
    const struct demo_source *source = &world->source[field];
    struct random r = random_at(DEMO_PRODUCT, field * 4 + (uint32_t)stage);
    struct demo_fits f;
    char name[64], other[64];
    int size[] = {SIDE, SIDE};
    demo_fits_begin(&f);
    demo_fits_image(&f, NULL, 2, size);
    put_words(&f, source, field, "Demo camera", stage == 3 ? 1800 : 600);
    snprintf(other, sizeof other, "field-%02u", (unsigned)field);
    demo_fits_text(&f, "OBS_ID", other);
    demo_fits_text(&f, "STAGE", KIND[stage - 1]);
    demo_fits_text(&f, "FILTER", field % 2 ? "r" : "g");
    demo_fits_text(&f, "BUNIT", stage == 1 ? "adu" : "Jy");
    snprintf(other, sizeof other, "images/%s-%02u.fits", KIND[stage > 1 ? stage - 2 : 0],
             (unsigned)field);
    if (stage > 1)
        demo_fits_text(&f, "PROGEN1", other);
    if (stage == 2)
        demo_fits_text(&f, "CALIB1", "calib/flat.fits");
    demo_fits_wcs(&f, stage == 3 ? "TAN" : PROJECTION[field % 4], source->place.ra_deg,
                  source->place.dec_deg, PIXEL_DEG, SIDE, SIDE,
                  stage == 3 ? 0 : 17 * field);
    demo_fits_end_header(&f);
    put_pixels(&f, &r, 1, 10.0 / stage);
    snprintf(name, sizeof name, "images/%s-%02u.fits", KIND[stage - 1], (unsigned)field);
    return demo_fits_write(&f, folder, name, e);
}

/* The second was made later, and nothing was made with it yet. */
static bool write_flat(const struct demo_world *world, const char *folder, uint32_t which,
                       struct err *e)
{
    static const char *const NAME[] = {"calib/flat.fits", "calib/flat-2.fits"};
    struct random r = random_at(DEMO_PRODUCT, 1000 + which);
    struct demo_fits f;
    char made[CLOCK_TEXT_BYTES];
    int size[] = {SIDE, SIDE};
    demo_fits_begin(&f);
    demo_fits_image(&f, NULL, 2, size);
    put_words(&f, &world->source[0], 0, "Demo camera", 5);
    demo_fits_text(&f, "STAGE", "flat");
    clock_print_us(BEGIN_US + (int64_t)(1 + which * 200) * 86400000000, made);
    demo_fits_text(&f, "DATE", made);
    demo_fits_text(&f, "BUNIT", "adu");
    demo_fits_end_header(&f);
    put_pixels(&f, &r, 1, 1);
    return demo_fits_write(&f, folder, NAME[which], e);
}

static bool write_cube(const struct demo_world *world, const char *folder, struct err *e)
{
    const struct demo_source *source = &world->source[0];
    struct random r = random_at(DEMO_PRODUCT, 1001);
    struct demo_fits f;
    int size[] = {SIDE, SIDE, PLANES};
    demo_fits_begin(&f);
    demo_fits_image(&f, NULL, 3, size);
    put_words(&f, source, 3, "Demo spectrograph", 3600);
    demo_fits_text(&f, "STAGE", "reduced");
    demo_fits_text(&f, "BUNIT", "Jy");
    demo_fits_wcs(&f, "TAN", source->place.ra_deg, source->place.dec_deg, PIXEL_DEG, SIDE,
                  SIDE, 0);
    demo_fits_text(&f, "CTYPE3", "WAVE");
    demo_fits_text(&f, "CUNIT3", "nm");
    demo_fits_number(&f, "CRVAL3", 500);
    demo_fits_number(&f, "CRPIX3", 1);
    demo_fits_number(&f, "CD3_3", 2);
    demo_fits_end_header(&f);
    put_pixels(&f, &r, PLANES, 5);
    return demo_fits_write(&f, folder, "cubes/cube-00.fits", e);
}

/* --- spectra ------------------------------------------------------------------------- */

enum { BINS = 1000 };

static double flux_at(struct random *r, double wave_nm)
{
    double line = exp(-pow((wave_nm - 656.3) / 1.5, 2));
    return random_rounded(1 + 0.5 * line + 0.02 * random_normal(r), 5);
}

static bool write_spectrum(const struct demo_world *world, const char *folder, uint32_t i,
                           struct err *e)
{
    static const struct demo_fits_column COLUMN[] = {{"WAVELENGTH", "D", "nm"},
                                                     {"FLUX", "E", "Jy"}};
    const struct demo_source *source = &world->source[i];
    struct random r = random_at(DEMO_PRODUCT, 2000 + i);
    struct demo_fits f;
    char name[64];
    bool is_table = i % 2;
    int size[] = {BINS};
    demo_fits_begin(&f);
    demo_fits_image(&f, NULL, is_table ? 0 : 1, size);
    put_words(&f, source, 20 + i, "Demo spectrograph", 900);
    demo_fits_text(&f, "STAGE", "reduced");
    demo_fits_number(&f, "APERTURE", 2.0 / 3600);
    if (!is_table) {
        demo_fits_text(&f, "BUNIT", "Jy");
        demo_fits_text(&f, "CTYPE1", "WAVE");
        demo_fits_text(&f, "CUNIT1", "nm");
        demo_fits_number(&f, "CRVAL1", 400);
        demo_fits_number(&f, "CRPIX1", 1);
        demo_fits_number(&f, "CDELT1", 0.4);
    }
    demo_fits_end_header(&f);
    if (is_table) {
        demo_fits_table(&f, "SPECTRUM", COLUMN, 2, 12, BINS);
        demo_fits_end_header(&f);
    }
    for (int k = 0; k < BINS; k++) {
        if (is_table)
            demo_fits_double(&f, 400 + 0.4 * k);
        demo_fits_float(&f, (float)flux_at(&r, 400 + 0.4 * k));
    }
    demo_fits_end_data(&f);
    snprintf(name, sizeof name, "spectra/spectrum-%02u.fits", (unsigned)i);
    return demo_fits_write(&f, folder, name, e);
}

/* --- event lists --------------------------------------------------------------------- */

static void put_event(struct demo_fits *f, struct random *r, int i,
                      const struct demo_source *source, double span_s)
{
    double energy = random_power(r, 2.6, 0.5, 50), angle = random_between(r, 0, 360);
    double distance = i % 4 ? 1.5 * sqrt(random_unit(r)) : 0.08 * fabs(random_normal(r));
    struct demo_place at = demo_place_near(source->place, distance, angle);
    demo_fits_long(f, i + 1);
    demo_fits_double(f, random_rounded((i + random_unit(r)) * span_s / EVENTS, 6));
    demo_fits_float(f, (float)random_rounded(at.ra_deg, 5));
    demo_fits_float(f, (float)random_rounded(at.dec_deg, 5));
    demo_fits_float(f, (float)random_rounded(energy, 4));
}

static bool write_events(const struct demo_world *world, const char *folder, uint32_t i,
                         struct err *e)
{
    static const struct demo_fits_column COLUMN[] = {{"EVENT_ID", "K", NULL},
                                                     {"TIME", "D", "s"},
                                                     {"RA", "E", "deg"},
                                                     {"DEC", "E", "deg"},
                                                     {"ENERGY", "E", "TeV"}};
    const struct demo_source *source = &world->source[30 + i];
    struct random r = random_at(DEMO_PRODUCT, 3000 + i);
    const double span_s = 1680;
    struct demo_fits f;
    char name[64];
    demo_fits_begin(&f);
    demo_fits_image(&f, NULL, 0, NULL);
    demo_fits_text(&f, "ORIGIN", "Colure demo");
    demo_fits_end_header(&f);
    demo_fits_table(&f, "EVENTS", COLUMN, 5, 28, EVENTS);
    put_words(&f, source, 40 + i, "Demo gamma telescopes", span_s);
    demo_fits_text(&f, "HDUCLASS", "GADF");
    demo_fits_text(&f, "HDUCLAS1", "EVENTS");
    demo_fits_text(&f, "STAGE", "reduced");
    demo_fits_whole(&f, "OBS_ID", 5001 + i);
    demo_fits_number(&f, "RA_PNT", source->place.ra_deg);
    demo_fits_number(&f, "DEC_PNT", source->place.dec_deg);
    demo_fits_whole(&f, "MJDREFI", 55927 + 7 * (40 + (int)i));
    demo_fits_number(&f, "MJDREFF", 20.0 / 24);
    demo_fits_text(&f, "TIMEUNIT", "s");
    demo_fits_text(&f, "TIMESYS", "UTC");
    demo_fits_number(&f, "LIVETIME", span_s * 0.94);
    demo_fits_end_header(&f);
    for (int k = 0; k < EVENTS; k++)
        put_event(&f, &r, k, source, span_s);
    demo_fits_end_data(&f);
    snprintf(name, sizeof name, "events/run-%u.fits", (unsigned)(5001 + i));
    return demo_fits_write(&f, folder, name, e);
}

/* --- alert packets ------------------------------------------------------------------- */

static bool write_alert(const struct demo_world *world, const char *folder, uint32_t i,
                        struct err *e)
{
    const struct demo_alert *alert = &world->alert[i * 40];
    struct demo_fits f;
    char time[CLOCK_TEXT_BYTES], name[64];
    clock_print_us(alert->t_ns / 1000, time);
    demo_fits_begin(&f);
    bytes_add_format(
        &f.out,
        "<?xml version=\"1.0\"?>\n"
        "<voe:VOEvent xmlns:voe=\"http://www.ivoa.net/xml/VOEvent/v2.0\" version=\"2.0\"\n"
        " role=\"test\" ivorn=\"ivo://colure.invalid/demo-alerts#%u\">\n"
        "<Who><AuthorIVORN>ivo://colure.invalid/demo</AuthorIVORN><Date>%s</Date></Who>\n"
        "<What><Param name=\"event_id\" value=\"%u\"/></What>\n"
        "<WhereWhen><ObsDataLocation><ObservationLocation>"
        "<AstroCoords coord_system_id=\"UTC-ICRS-TOPO\">\n"
        "<Time unit=\"s\"><TimeInstant><ISOTime>%s</ISOTime></TimeInstant></Time>\n"
        "<Position2D unit=\"deg\"><Value2><C1>%.4f</C1><C2>%.4f</C2></Value2>"
        "<Error2Radius>0.5</Error2Radius></Position2D>\n"
        "</AstroCoords></ObservationLocation></ObsDataLocation></WhereWhen>\n"
        "<Why importance=\"0.5\"><Concept>phys.particle.neutrino</Concept></Why>\n"
        "<Description>Made up by a program: no measurement.</Description>\n"
        "</voe:VOEvent>\n",
        (unsigned)i + 1, time, (unsigned)i + 1, time, alert->place.ra_deg,
        alert->place.dec_deg);
    snprintf(name, sizeof name, "alerts/alert-%u.xml", (unsigned)i + 1);
    return demo_fits_write(&f, folder, name, e);
}

/* --- all ----------------------------------------------------------------------------- */

static bool make_folders(const char *folder, struct err *e)
{
    static const char *const NAMES[] = {"images",  "calib",  "cubes",
                                        "spectra", "events", "alerts"};
    char path[4096];
    for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, NAMES[i]);
        if (mkdir(path, 0777) != 0 && errno != EEXIST)
            return err_set(e, ERR_UNAVAILABLE, "the folder %s cannot be made", path);
    }
    return true;
}

bool demo_products(const char *folder, struct err *e)
{
    struct demo_world *world = demo_world_new(1000, e);
    bool ok = world && make_folders(folder, e) && write_flat(world, folder, 0, e) &&
              write_flat(world, folder, 1, e) && write_cube(world, folder, e);
    for (uint32_t i = 0; ok && i < FIELDS; i++)
        for (int stage = 1; ok && stage <= 3; stage++)
            ok = write_image(world, folder, i, stage, e);
    for (uint32_t i = 0; ok && i < SPECTRA; i++)
        ok = write_spectrum(world, folder, i, e);
    for (uint32_t i = 0; ok && i < LISTS; i++)
        ok = write_events(world, folder, i, e);
    for (uint32_t i = 0; ok && i < ALERTS; i++)
        ok = write_alert(world, folder, i, e);
    demo_world_free(world);
    return ok;
}
