/* unit_table.c -- VOUnits 1.1, "Known units" and "Prefixes"; sizes from CODATA 2018 and the
 * IAU where VOUnits leaves them open. One table for all. */
#include "core/catalog/unit_table.h"

#define PI 3.14159265358979323846
#define DEG2 ((180 / PI) * (180 / PI)) /* a steradian */
#define YEAR (365.25 * 86400)
#define LENGTH(n) [UNIT_M] = (n)
#define TIME(n) [UNIT_S] = (n)
#define MASS(n) [UNIT_KG] = (n)
#define ENERGY MASS(1), LENGTH(2), TIME(-2)
#define S UNIT_DECIMAL
#define B UNIT_BINARY
#define D UNIT_DEPRECATED

/* clang-format off */
const struct unit_known UNIT_KNOWN[] = {
    /* SI, and what VOUnits has with all decimal prefixes */
    {"A",       S, 1, 0, {[UNIT_A] = 1}},
    {"C",       S, 1, 0, {[UNIT_A] = 1, TIME(1)}},
    {"cd",      S, 1, 0, {[UNIT_CD] = 1}},
    {"eV",      S, 1.602176634, -19, {ENERGY}},
    {"F",       S, 1, 0, {[UNIT_A] = 2, TIME(4), MASS(-1), LENGTH(-2)}},
    {"g",       S, 1, -3, {MASS(1)}},
    {"H",       S, 1, 0, {MASS(1), LENGTH(2), TIME(-2), [UNIT_A] = -2}},
    {"Hz",      S, 1, 0, {TIME(-1)}},
    {"J",       S, 1, 0, {ENERGY}},
    {"Jy",      S, 1, -26, {MASS(1), TIME(-2)}},
    {"K",       S, 1, 0, {[UNIT_K] = 1}},
    {"lm",      S, DEG2, 0, {[UNIT_CD] = 1, [UNIT_DEG] = 2}},
    {"lx",      S, DEG2, 0, {[UNIT_CD] = 1, [UNIT_DEG] = 2, LENGTH(-2)}},
    {"m",       S, 1, 0, {LENGTH(1)}},
    {"mag",     S, 1, 0, {[UNIT_MAG] = 1}},
    {"mol",     S, 1, 0, {[UNIT_MOL] = 1}},
    {"N",       S, 1, 0, {MASS(1), LENGTH(1), TIME(-2)}},
    {"Ohm",     S, 1, 0, {MASS(1), LENGTH(2), TIME(-3), [UNIT_A] = -2}},
    {"Pa",      S, 1, 0, {MASS(1), LENGTH(-1), TIME(-2)}},
    {"pc",      S, 648000 / PI * 1.495978707, 11, {LENGTH(1)}},
    {"rad",     S, 180 / PI, 0, {[UNIT_DEG] = 1}},
    {"s",       S, 1, 0, {TIME(1)}},
    {"S",       S, 1, 0, {MASS(-1), LENGTH(-2), TIME(3), [UNIT_A] = 2}},
    {"sr",      S, DEG2, 0, {[UNIT_DEG] = 2}},
    {"T",       S, 1, 0, {MASS(1), TIME(-2), [UNIT_A] = -1}},
    {"V",       S, 1, 0, {MASS(1), LENGTH(2), TIME(-3), [UNIT_A] = -1}},
    {"W",       S, 1, 0, {MASS(1), LENGTH(2), TIME(-3)}},
    {"Wb",      S, 1, 0, {MASS(1), LENGTH(2), TIME(-2), [UNIT_A] = -1}},
    {"a",       S, YEAR, 0, {TIME(1)}},
    {"yr",      S, YEAR, 0, {TIME(1)}},
    {"d",       S, 86400, 0, {TIME(1)}},
    {"h",       S, 3600, 0, {TIME(1)}},
    {"min",     S, 60, 0, {TIME(1)}},
    {"deg",     S, 1, 0, {[UNIT_DEG] = 1}},
    {"arcmin",  S, 1.0 / 60, 0, {[UNIT_DEG] = 1}},
    {"arcsec",  S, 1.0 / 3600, 0, {[UNIT_DEG] = 1}},
    {"lyr",     S, 9460730472580800.0, 0, {LENGTH(1)}},
    {"u",       S, 1.66053906660, -27, {MASS(1)}},
    {"Ry",      S, 2.1798723611035, -18, {ENERGY}},
    {"D",       S, 3.33564, -30, {[UNIT_A] = 1, TIME(1), LENGTH(1)}},
    {"R",       S, 1 / (4 * PI * DEG2), 10,
                {[UNIT_PHOTON] = 1, TIME(-1), LENGTH(-2), [UNIT_DEG] = -2}},
    {"solLum",  S, 3.828, 26, {MASS(1), LENGTH(2), TIME(-3)}},
    {"solMass", S, 1.98841, 30, {MASS(1)}},
    {"solRad",  S, 6.957, 8, {LENGTH(1)}},
    /* things that are counted */
    {"count",   S, 1, 0, {[UNIT_COUNT] = 1}},
    {"ct",      S, 1, 0, {[UNIT_COUNT] = 1}},
    {"photon",  S, 1, 0, {[UNIT_PHOTON] = 1}},
    {"ph",      S, 1, 0, {[UNIT_PHOTON] = 1}},
    {"pixel",   S, 1, 0, {[UNIT_PIXEL] = 1}},
    {"pix",     S, 1, 0, {[UNIT_PIXEL] = 1}},
    {"voxel",   S, 1, 0, {[UNIT_VOXEL] = 1}},
    {"adu",     S, 1, 0, {[UNIT_ADU] = 1}},
    {"beam",    S, 1, 0, {[UNIT_BEAM] = 1}},
    {"bin",     S, 1, 0, {[UNIT_BIN] = 1}},
    {"chan",    S, 1, 0, {[UNIT_CHAN] = 1}},
    {"bit",     S | B, 1, 0, {[UNIT_BIT] = 1}},
    {"byte",    S | B, 8, 0, {[UNIT_BIT] = 1}},
    {"B",       S | B, 8, 0, {[UNIT_BIT] = 1}},
    /* without prefixes */
    {"au",      0, 1.495978707, 11, {LENGTH(1)}},
    {"AU",      0, 1.495978707, 11, {LENGTH(1)}},
    {"mas",     0, 1.0 / 3600, -3, {[UNIT_DEG] = 1}},
    {"dB",      0, 1, 0, {[UNIT_DB] = 1}},
    {"%",       0, 1, -2, {0}},
    {"Sun",     0, 1, 0, {[UNIT_SUN] = 1}},
    /* deprecated */
    {"angstrom", D, 1, -10, {LENGTH(1)}},
    {"Angstrom", D, 1, -10, {LENGTH(1)}},
    {"Ba",       D, 365.2421988 * 86400, 0, {TIME(1)}},
    {"ta",       D, 365.2421897 * 86400, 0, {TIME(1)}},
    {"barn",     S | D, 1, -28, {LENGTH(2)}},
    {"erg",      S | D, 1, -7, {ENERGY}},
    {"G",        S | D, 1, -4, {MASS(1), TIME(-2), [UNIT_A] = -1}},
};
const size_t UNIT_NKNOWN = sizeof UNIT_KNOWN / sizeof *UNIT_KNOWN;

const struct unit_prefix UNIT_PREFIX_DECIMAL[] = {
    {"da", 1, 1},   {"h", 1, 2},    {"k", 1, 3},    {"M", 1, 6},    {"G", 1, 9},
    {"T", 1, 12},   {"P", 1, 15},   {"E", 1, 18},   {"Z", 1, 21},   {"Y", 1, 24},
    {"R", 1, 27},   {"Q", 1, 30},   {"d", 1, -1},   {"c", 1, -2},   {"m", 1, -3},
    {"u", 1, -6},   {"n", 1, -9},   {"p", 1, -12},  {"f", 1, -15},  {"a", 1, -18},
    {"z", 1, -21},  {"y", 1, -24},  {"r", 1, -27},  {"q", 1, -30},
};
const size_t UNIT_NPREFIX_DECIMAL = sizeof UNIT_PREFIX_DECIMAL / sizeof *UNIT_PREFIX_DECIMAL;

const struct unit_prefix UNIT_PREFIX_BINARY[] = {
    {"Ki", 0x1p10, 0}, {"Mi", 0x1p20, 0}, {"Gi", 0x1p30, 0}, {"Ti", 0x1p40, 0},
    {"Pi", 0x1p50, 0}, {"Ei", 0x1p60, 0}, {"Zi", 0x1p70, 0}, {"Yi", 0x1p80, 0},
};
const size_t UNIT_NPREFIX_BINARY = sizeof UNIT_PREFIX_BINARY / sizeof *UNIT_PREFIX_BINARY;

const struct unit_wrong UNIT_WRONG[] = {
    {"sec", "s"},          {"secs", "s"},         {"second", "s"},       {"seconds", "s"},
    {"minute", "min"},     {"minutes", "min"},    {"hour", "h"},         {"hours", "h"},
    {"hr", "h"},           {"day", "d"},          {"days", "d"},         {"MJD", "d"},
    {"JD", "d"},           {"year", "yr"},        {"years", "yr"},       {"cy", "ha"},
    {"degree", "deg"},     {"degrees", "deg"},    {"radian", "rad"},     {"radians", "rad"},
    {"as", "arcsec"},      {"uas", "uarcsec"},    {"asec", "arcsec"},    {"amin", "arcmin"},
    {"Ang", "0.1nm"},      {"A0", "0.1nm"},       {"micron", "um"},      {"microns", "um"},
    {"meter", "m"},        {"meters", "m"},       {"metre", "m"},        {"kelvin", "K"},
    {"Kelvin", "K"},       {"counts", "count"},   {"cts", "count"},      {"photons", "photon"},
    {"pixels", "pixel"},   {"mags", "mag"},       {"Crab", "'Crab'"},    {"bytes", "byte"},
    {"kB", "kbyte"},       {"parsec", "pc"},      {"gauss", "G"},        {"Gauss", "G"},
    {"ergs", "erg"},       {"jansky", "Jy"},      {"Jansky", "Jy"},      {"hertz", "Hz"},
    {"volt", "V"},         {"bar", "10**5Pa"},    {"mbar", "hPa"},       {"atm", "Pa"},
    {"Msun", "solMass"},   {"Lsun", "solLum"},    {"Rsun", "solRad"},    {"ohm", "Ohm"},
    {"electron", "'electron'"}, {"percent", "%"}, {"dex", "'dex'"},      {"degC", "K"},
    {"Celsius", "K"},
};
const size_t UNIT_NWRONG = sizeof UNIT_WRONG / sizeof *UNIT_WRONG;
/* clang-format on */
