/* guess.c -- names of columns that catalogues and experiments use, and what they mean. */
#include "core/catalog/guess.h"

#include <stdio.h>

#include "core/catalog/catalog.h"

enum { NUMBER = 1, TEXT = 2, TIME = 4, ALL = 7 };

/* Names without '_' in lower case; the first that fits counts. */
/* clang-format off */
static const struct known {
    const char *name;
    unsigned type;
    const char *ucd, *unit;
} KNOWN[] = {
    {"ra", NUMBER, "pos.eq.ra", "deg"}, {"raj2000", NUMBER, "pos.eq.ra", "deg"},
    {"raicrs", NUMBER, "pos.eq.ra", "deg"}, {"radeg", NUMBER, "pos.eq.ra", "deg"},
    {"alphaj2000", NUMBER, "pos.eq.ra", "deg"}, {"rightascension", NUMBER, "pos.eq.ra", "deg"},
    {"dec", NUMBER, "pos.eq.dec", "deg"}, {"de", NUMBER, "pos.eq.dec", "deg"},
    {"dej2000", NUMBER, "pos.eq.dec", "deg"}, {"decj2000", NUMBER, "pos.eq.dec", "deg"},
    {"deicrs", NUMBER, "pos.eq.dec", "deg"}, {"decdeg", NUMBER, "pos.eq.dec", "deg"},
    {"deltaj2000", NUMBER, "pos.eq.dec", "deg"}, {"declination", NUMBER, "pos.eq.dec", "deg"},
    {"glon", NUMBER, "pos.galactic.lon", "deg"}, {"gall", NUMBER, "pos.galactic.lon", "deg"},
    {"glat", NUMBER, "pos.galactic.lat", "deg"}, {"galb", NUMBER, "pos.galactic.lat", "deg"},
    {"elon", NUMBER, "pos.ecliptic.lon", "deg"}, {"elat", NUMBER, "pos.ecliptic.lat", "deg"},
    {"pmra", NUMBER, "pos.pm;pos.eq.ra", "mas/yr"}, {"pmdec", NUMBER, "pos.pm;pos.eq.dec", "mas/yr"},
    {"pmde", NUMBER, "pos.pm;pos.eq.dec", "mas/yr"}, {"parallax", NUMBER, "pos.parallax.trig", "mas"},
    {"plx", NUMBER, "pos.parallax.trig", "mas"}, {"distance", NUMBER, "pos.distance", NULL},
    {"redshift", NUMBER, "src.redshift", NULL}, {"rv", NUMBER, "spect.dopplerVeloc", "km/s"},
    {"radialvelocity", NUMBER, "spect.dopplerVeloc", "km/s"}, {"zenith", NUMBER, "pos.az.zd", "deg"},
    {"ze", NUMBER, "pos.az.zd", "deg"}, {"zd", NUMBER, "pos.az.zd", "deg"},
    {"theta", NUMBER, "pos.az.zd", "deg"}, {"azimuth", NUMBER, "pos.az.azi", "deg"},
    {"az", NUMBER, "pos.az.azi", "deg"}, {"phi", NUMBER, "pos.az.azi", "deg"},
    {"elevation", NUMBER, "pos.az.alt", "deg"}, {"altitude", NUMBER, "pos.az.alt", "deg"},
    {"corex", NUMBER, "pos.cartesian.x", "m"}, {"xc", NUMBER, "pos.cartesian.x", "m"},
    {"corey", NUMBER, "pos.cartesian.y", "m"}, {"yc", NUMBER, "pos.cartesian.y", "m"},
    {"energy", NUMBER, "phys.energy", NULL}, {"lge", NUMBER, "phys.energy", "log(eV)"},
    {"loge", NUMBER, "phys.energy", "log(eV)"}, {"xmax", NUMBER, "phys.columnDensity", "g/cm**2"},
    {"temperature", NUMBER, "phys.temperature", NULL}, {"pressure", NUMBER, "phys.pressure", "hPa"},
    {"mass", NUMBER, "phys.mass", NULL}, {"flux", NUMBER, "phot.flux", NULL},
    {"fluxdensity", NUMBER, "phot.flux.density", "Jy"}, {"mag", NUMBER, "phot.mag", "mag"},
    {"mjd", NUMBER, "time.epoch", "d"}, {"jd", NUMBER, "time.epoch", "d"},
    {"epoch", NUMBER, "time.epoch", "yr"}, {"unixtime", NUMBER, "time.epoch", "s"},
    {"gt", NUMBER, "time.epoch", "s"}, {"ts", NUMBER, "time.epoch", "s"},
    {"datetime", ALL, "time.epoch", NULL}, {"timestamp", ALL, "time.epoch", NULL},
    {"time", TIME, "time.epoch", NULL}, {"date", TIME, "time.epoch", NULL},
    {"tmin", ALL, "time.start", NULL}, {"starttime", ALL, "time.start", NULL},
    {"timestart", ALL, "time.start", NULL}, {"start", TIME, "time.start", NULL},
    {"tmax", ALL, "time.end", NULL}, {"endtime", ALL, "time.end", NULL},
    {"timeend", ALL, "time.end", NULL}, {"end", TIME, "time.end", NULL},
    {"exptime", NUMBER, "time.duration;obs.exposure", "s"},
    {"exposure", NUMBER, "time.duration;obs.exposure", "s"}, {"livetime", NUMBER, "time.duration", "s"},
    {"duration", NUMBER, "time.duration", "s"}, {"snr", NUMBER, "stat.snr", NULL},
    {"frequency", NUMBER, "em.freq", NULL}, {"freq", NUMBER, "em.freq", NULL},
    {"wavelength", NUMBER, "em.wl", NULL}, {"healpix", NUMBER, "pos.healpix", NULL},
    {"id", ALL, "meta.id", NULL}, {"uuid", ALL, "meta.id", NULL}, {"name", TEXT, "meta.id", NULL},
    {"sourceid", ALL, "meta.id", NULL}, {"objectid", ALL, "meta.id", NULL},
    {"eventid", ALL, "meta.id", NULL}, {"obsid", ALL, "meta.id;obs", NULL},
    {"run", NUMBER, "meta.id.part", NULL}, {"runid", ALL, "meta.id.part", NULL},
    {"runnumber", NUMBER, "meta.id.part", NULL}, {"url", TEXT, "meta.ref.url", NULL},
    {"bibcode", TEXT, "meta.bib.bibcode", NULL}, {"doi", TEXT, "meta.ref.doi", NULL},
    {"title", TEXT, "meta.title", NULL}, {"author", TEXT, "meta.bib.author", NULL},
    {"note", TEXT, "meta.note", NULL}, {"notes", TEXT, "meta.note", NULL},
    {"comment", TEXT, "meta.note", NULL}, {"flag", ALL, "meta.code", NULL},
    {"flags", ALL, "meta.code", NULL}, {"quality", ALL, "meta.code.qual", NULL},
    {"class", ALL, "src.class", NULL}, {"version", ALL, "meta.version", NULL},
    {"objecttype", TEXT, "src.class", NULL}, {"filter", TEXT, "meta.id;instr.filter", NULL},
    {"telescope", TEXT, "meta.id;instr.tel", NULL}, {"instrument", TEXT, "meta.id;instr", NULL},
    {"detector", ALL, "meta.id;instr.det", NULL}, {"station", ALL, "meta.id;instr.det", NULL},
};
/* clang-format on */

static unsigned class_of(const struct store_column *column)
{
    if (column->type == STORE_TEXT)
        return TEXT;
    if (column->type == STORE_TIME_US)
        return TIME;
    return column->type == STORE_BOOL ? 0 : NUMBER;
}

/* Lower case, without '_' and blanks. */
static str squeeze(const char *name, char out[64])
{
    size_t n = 0;
    for (; *name && n < 63; name++)
        if (*name != '_' && *name != ' ' && *name != '-')
            out[n++] = ascii_lower(*name);
    return (str){out, n};
}

/* Cuts what says "error of" at either end off: e_ra, ra_err, ra_error, sigma_ra. */
static bool cut_error(str *name)
{
    static const char *const END[] = {"error", "err", "sigma", "unc"};
    static const char *const START[] = {"error", "err", "sigma"};
    for (size_t i = 0; i < 4; i++) {
        size_t len = strlen(END[i]);
        if (name->len > len &&
            str_eq((str){name->at + name->len - len, len}, str_of(END[i]))) {
            name->len -= len;
            return true;
        }
    }
    for (size_t i = 0; i < 3; i++) {
        size_t len = strlen(START[i]);
        if (name->len > len && str_eq((str){name->at, len}, str_of(START[i]))) {
            *name = (str){name->at + len, name->len - len};
            return true;
        }
    }
    return false;
}

static const struct known *find_exact(str name, unsigned class)
{
    for (size_t i = 0; i < sizeof KNOWN / sizeof *KNOWN; i++)
        if (str_eq(name, str_of(KNOWN[i].name)) && (KNOWN[i].type & class))
            return &KNOWN[i];
    return NULL;
}

/* Magnitudes have the name of their band before or after "mag". */
static const struct known *find_known(str name, unsigned class)
{
    const struct known *known = find_exact(name, class);
    if (known || class != NUMBER || name.len < 4)
        return known;
    bool is_mag = str_eq((str){name.at, 3}, STR("mag")) ||
                  str_eq((str){name.at + name.len - 3, 3}, STR("mag"));
    return is_mag ? find_exact(STR("mag"), NUMBER) : NULL;
}

struct guess guess_column(const struct store_column *column)
{
    char text[64], scratch[160];
    struct guess guess = {.ucd = ""};
    str name = squeeze(column->name, text);
    unsigned class = class_of(column);
    const struct known *known = find_exact(name, class);
    bool is_error = !known && class == NUMBER && cut_error(&name);
    if (!known && !is_error && class == NUMBER && column->name[0] == 'e' &&
        column->name[1] == '_') {
        name = (str){name.at + 1, name.len - 1};
        is_error = true;
    }
    if (!known)
        known = find_known(name, class);
    if (known) {
        snprintf(guess.ucd, sizeof guess.ucd, "%s%s", is_error ? "stat.error;" : "",
                 known->ucd);
        guess.unit = known->unit;
    } else if (is_error)
        snprintf(guess.ucd, sizeof guess.ucd, "stat.error");
    if (*guess.ucd && ucd_problem(str_of(guess.ucd), scratch))
        guess.ucd[0] = '\0';
    return guess;
}

bool guess_unit(const char *text, char out[96])
{
    char scratch[160];
    size_t n = 0;
    for (; *text; text++) {
        bool is_sign = (*text == '-' || *text == '+') && text[1] >= '0' && text[1] <= '9';
        bool is_digit = *text >= '0' && *text <= '9';
        bool is_after_letter =
            n > 0 && ascii_lower(out[n - 1]) >= 'a' && ascii_lower(out[n - 1]) <= 'z';
        if (n + 4 >= 96)
            return false;
        if ((is_sign || is_digit) && is_after_letter) {
            out[n++] = '*';
            out[n++] = '*';
        }
        if (*text == ' ') {
            if (n > 0 && out[n - 1] != '.' && out[n - 1] != '/' && text[1] != '/' &&
                text[1])
                out[n++] = '.';
        } else if (*text != '+')
            out[n++] = *text;
    }
    out[n] = '\0';
    return n > 0 && unit_problem((str){out, n}, scratch) == NULL;
}
