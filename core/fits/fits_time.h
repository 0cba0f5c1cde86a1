/* fits_time.h -- scales of time of FITS files (the standard's section 9, "paper IV"), and
 * UTC, which this node publishes. Any thread. */
#ifndef CORE_FITS_TIME_H
#define CORE_FITS_TIME_H

#include "core/fits/fits_file.h"

/* UT1 counts as UTC (they differ by less than 0.9 s; the tables that tell more are not
 * here). FITS_LOCAL: a scale that is not known, whose numbers stay what they are. */
enum fits_scale {
    FITS_UTC,
    FITS_TAI,
    FITS_TT,
    FITS_TDB,
    FITS_TCG,
    FITS_TCB,
    FITS_GPS,
    FITS_LOCAL
};

/* Of a word as TIMESYS has it, in any case, also with a realization behind it: "TT(TAI)",
 * "ET", "IAT". Empty: UTC, the standard's default. */
enum fits_scale fits_scale_of(const char *word);
/* A word that names a known scale, just as the standard has it; NULL: it does not. */
const char *fits_scale_word(str);
/* "UTC", "TT", ... */
const char *fits_scale_name(enum fits_scale);
/* The scale of an HDU's times: its TIMESYS, else that of the primary HDU (may be NULL). */
enum fits_scale fits_scale_read(const struct fits_hdu *, const struct fits_hdu *primary);

/* MJD of the scale as MJD of UTC, and back. Days with a leap second are 86401 s long, as
 * ERFA counts them. Before 1960 there is no UTC: ERFA's stands for it, TAI without leap
 * seconds. What is no number or no date stays what it is. */
double fits_scale_utc(enum fits_scale, double mjd);
double fits_scale_from_utc(enum fits_scale, double utc_mjd);

/* MJD in the scale of a date of that scale; dd/mm/yy of the last century too, second 60 in
 * UTC. NaN: it is none. */
double fits_date_mjd(const char *text, enum fits_scale);

/* What the numbers of a column of times mean: MJD in `scale` = zero_mjd + value * day. */
struct fits_times {
    double zero_mjd, day;
    enum fits_scale scale;
};
/* `name` and `unit` (may be empty) of the column, `number` from 1; columns JD and MJD
 * count from where their names say, others from the header's reference. False: there is no
 * reference, or a unit that is none of time. */
bool fits_times_read(const struct fits_hdu *, const struct fits_hdu *primary,
                     const char *name, const char *unit, int number, struct fits_times *);

#endif
