/* Scales of time against astropy.time, whose numbers stand here:
 *   Time(mjd, format="mjd", scale="tt").utc.mjd, and of GPS
 *   g = Time(s, format="gps"); 44244 + s / 86400, g.utc.mjd
 * SODA-9, SIA's TIME: MJD in UTC. */
#include <math.h>
#include <string.h>

#include "core/fits/fits_time.h"
#include "tests/test.h"

static const double TENTH_MS = 1e-4 / 86400;

TEST(scales_become_utc_and_come_back)
{
    static const struct {
        enum fits_scale scale;
        double mjd, utc;
    } CASES[] = {
        {FITS_TAI, 45000.25, 45000.249768518515},
        {FITS_TAI, 53344.0, 53343.99962962963},
        {FITS_TAI, 57754.0, 57753.999571764216},
        {FITS_TAI, 57754.0004, 57753.999971759586},
        {FITS_TAI, 60000.5, 60000.49957175926},
        {FITS_TT, 45000.25, 45000.24939601852},
        {FITS_TT, 53344.0, 53343.99925712963},
        {FITS_TT, 57754.0004, 57753.999599263894},
        {FITS_TT, 60000.5, 60000.49919925926},
        {FITS_TDB, 45000.25, 45000.249396009225},
        {FITS_TDB, 53344.0, 53343.99925713878},
        {FITS_TDB, 57754.0004, 57753.99959926447},
        {FITS_TCG, 45000.25, 45000.249394724844},
        {FITS_TCG, 60000.5, 60000.49918751147},
        {FITS_TCB, 45000.25, 45000.24936722695},
        {FITS_TCB, 60000.5, 60000.49893788018},
        {FITS_GPS, 45705.0, 45704.99996527778},
        {FITS_GPS, 55818.07407986111, 55818.07390625},
        /* the leap second at the end of 2016: before, in, after it */
        {FITS_TT, 57753.50078916667, 57753.49999421303},
        {FITS_TT, 57754.00078916667, 57753.99998842606},
        {FITS_TT, 57754.0007949537, 57753.99999421303},
        {FITS_TT, 57754.00080074074, 57754.0},
        {FITS_UTC, 57754.25, 57754.25},
        {FITS_LOCAL, 57754.25, 57754.25},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        CHECK_NEAR(fits_scale_utc(CASES[i].scale, CASES[i].mjd), CASES[i].utc, TENTH_MS);
        CHECK_NEAR(fits_scale_from_utc(CASES[i].scale, CASES[i].utc), CASES[i].mjd,
                   TENTH_MS);
    }
}

TEST(what_is_no_date_stays)
{
    static const double ODD[] = {INFINITY, -INFINITY, 1e300, -1e300, 2.5e6, -3e6};
    for (int scale = FITS_UTC; scale <= FITS_LOCAL; scale++) {
        for (size_t i = 0; i < sizeof ODD / sizeof *ODD; i++) {
            CHECK(fits_scale_utc((enum fits_scale)scale, ODD[i]) == ODD[i]);
            CHECK(fits_scale_from_utc((enum fits_scale)scale, ODD[i]) == ODD[i]);
        }
        CHECK(isnan(fits_scale_utc((enum fits_scale)scale, NAN)));
        CHECK(isfinite(fits_scale_utc((enum fits_scale)scale, -2.3e6)));
        CHECK(isfinite(fits_scale_utc((enum fits_scale)scale, 0)));
        CHECK(isfinite(fits_scale_utc((enum fits_scale)scale, 2.3e6)));
    }
}

TEST(words_name_scales)
{
    static const struct {
        const char *word;
        enum fits_scale scale;
    } CASES[] = {{"", FITS_UTC},     {"utc", FITS_UTC},     {"UTC(NIST)", FITS_UTC},
                 {"UT1", FITS_UTC},  {"GMT", FITS_UTC},     {"TT", FITS_TT},
                 {"tt", FITS_TT},    {"TT(TAI)", FITS_TT},  {"ET", FITS_TT},
                 {"TDT", FITS_TT},   {"IAT", FITS_TAI},     {"TAI", FITS_TAI},
                 {"TDB", FITS_TDB},  {"TCB", FITS_TCB},     {"TCG", FITS_TCG},
                 {"GPS", FITS_GPS},  {"LOCAL", FITS_LOCAL}, {"MJD", FITS_LOCAL},
                 {"TTT", FITS_LOCAL}};
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++)
        CHECK(fits_scale_of(CASES[i].word) == CASES[i].scale);
    CHECK_TEXT(fits_scale_name(FITS_TDB), "TDB");
    CHECK_TEXT(fits_scale_name(FITS_LOCAL), "LOCAL");
}

/* Time("2016-12-31T23:59:60.5", scale="utc").mjd */
TEST(dates_of_leap_seconds)
{
    CHECK_NEAR(fits_date_mjd("2016-12-31T12:00:00", FITS_UTC), 57753.49999421303, 1e-10);
    CHECK_NEAR(fits_date_mjd("2016-12-31T23:59:60.5", FITS_UTC), 57753.99999421303, 1e-10);
    CHECK_NEAR(fits_date_mjd("2016-12-31T12:00:00", FITS_TT), 57753.5, 1e-10);
    CHECK(fits_date_mjd("2017-01-01T00:00:00", FITS_UTC) == 57754);
    CHECK(fits_date_mjd("2017-01-01", FITS_UTC) == 57754);
    CHECK(fits_date_mjd("31/12/99", FITS_UTC) == 51543);
    CHECK(isnan(fits_date_mjd("2017-06-15T23:59:60", FITS_UTC)));
    CHECK(isnan(fits_date_mjd("2016-12-31T12:30:60", FITS_UTC)));
    CHECK(isnan(fits_date_mjd("2017-06-15T23:59:61", FITS_UTC)));
    CHECK(isnan(fits_date_mjd("yesterday", FITS_UTC)));
    CHECK(isnan(fits_date_mjd("", FITS_TT)));
}

/* ---- columns ---- */

enum { MOST = 8 };

struct header {
    char card[MOST * FITS_CARD];
    struct fits_hdu hdu;
};

static const struct fits_hdu *header(struct header *h, const char *const *line)
{
    memset(h->card, ' ', sizeof h->card);
    h->hdu = (struct fits_hdu){.card = h->card};
    for (; *line && h->hdu.ncard < MOST; line++)
        memcpy(h->card + (size_t)h->hdu.ncard++ * FITS_CARD, *line, strlen(*line));
    return &h->hdu;
}

TEST(columns_count_from_the_reference_of_the_header)
{
    static const char *const OWN[] = {"TIMESYS = 'TT'",
                                      "MJDREFI =                51910",
                                      "MJDREFF =                 0.25",
                                      "TIMEUNIT= 's'",
                                      "TIMEOFFS=                864.0",
                                      "TCTYP3  = 'TAI'",
                                      NULL};
    static const char *const PRIMARY[] = {"TIMESYS = 'TDB'", "MJDREF  = 100.5", NULL};
    static const char *const NOTHING[] = {"TFIELDS = 1", NULL};
    struct header own, primary, nothing;
    const struct fits_hdu *h = header(&own, OWN), *p = header(&primary, PRIMARY),
                          *none = header(&nothing, NOTHING);
    struct fits_times t;
    CHECK(fits_times_read(h, p, "TIME", "", 1, &t) && t.scale == FITS_TT);
    CHECK_NEAR(t.zero_mjd, 51910.26, 1e-9);
    CHECK_NEAR(t.day, 1 / 86400.0, 1e-15);
    CHECK(fits_times_read(h, p, "TIME", "d", 3, &t) && t.scale == FITS_TAI && t.day == 1);
    CHECK(fits_times_read(h, p, "mjd", "", 2, &t) && t.zero_mjd == 0 && t.day == 1);
    CHECK(fits_times_read(h, p, "JD", "d", 2, &t) && t.zero_mjd == -2400000.5);
    CHECK(!fits_times_read(h, p, "TIME", "Jy", 1, &t));
    CHECK(fits_times_read(none, p, "TIME", "", 1, &t) && t.scale == FITS_TDB);
    CHECK(t.zero_mjd == 100.5);
    CHECK(!fits_times_read(none, NULL, "TIME", "s", 1, &t));
    CHECK(fits_times_read(none, NULL, "MJD", "", 1, &t) && t.scale == FITS_UTC);
}

RUN_TESTS(T(scales_become_utc_and_come_back), T(what_is_no_date_stays),
          T(words_name_scales), T(dates_of_leap_seconds),
          T(columns_count_from_the_reference_of_the_header))
