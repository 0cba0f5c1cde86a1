/* test_unit.c -- VOUnits: which texts are units, and factors between them. */
#include "core/catalog/catalog.h"
#include "core/catalog/unit_table.h"
#include "tests/test.h"

static void check_good(const char *unit)
{
    char scratch[160];
    const char *problem = unit_problem(str_of(unit), scratch);
    if (problem)
        TEST_FAIL("%s: %s", unit, problem);
}

static void check_bad(const char *unit, const char *part)
{
    char scratch[160];
    const char *problem = unit_problem(str_of(unit), scratch);
    if (!problem || !strstr(problem, part))
        TEST_FAIL("%s: %s", unit, problem ? problem : "(no problem)");
}

/* Misc.md A.4, left side; UNIT-4, UNIT-5, UNIT-6 */
TEST(valid_examples)
{
    static const char *const GOOD[] = {"km/s",
                                       "km.s**-1",
                                       "erg/(s.cm**2.Angstrom)",
                                       "mJy",
                                       "uarcsec",
                                       "m**(1/2)",
                                       "m**(0.5)",
                                       "m**-2",
                                       "log(Hz)",
                                       "log(10**6Hz)",
                                       "'jupiterMass'",
                                       "0.1nm",
                                       "1e3m",
                                       "25.4mm",
                                       "1.898E27kg",
                                       "10**3m",
                                       "10m",
                                       "10**-3m",
                                       "10**(3/2)m",
                                       "m'furlong'",
                                       "%",
                                       "1",
                                       "1eV",
                                       "sqrt(Jy)",
                                       "ln(K)",
                                       "exp(s)",
                                       "m**+2",
                                       "m**(-1)",
                                       "m**(-1/2)",
                                       "uV/(m.MHz)",
                                       "kg.(m/s)",
                                       "photon/(s.m**2.sr)"};
    for (size_t i = 0; i < sizeof GOOD / sizeof *GOOD; i++)
        check_good(GOOD[i]);
}

/* Misc.md A.4, right side; UNIT-1, UNIT-2 */
TEST(invalid_examples)
{
    check_bad("km s-1", "no blanks");
    check_bad("erg/s/cm**2", "one '/'");
    check_bad("m*s", "product is written with '.'");
    check_bad("m**0.5", "parentheses");
    check_bad("log(Hz", "')' is missing");
    check_bad("jupiter mass", "no blanks");
    check_bad(".1nm", "'.' stands");
    check_bad("01m", "leading zero");
    check_bad("0m", "leading zero");
    check_bad("", "leave it out");
    check_bad("m^2", "'**'");
    check_bad("cm2", "'**'");
    check_bad("m.", "ends where");
    check_bad("/s", "'/' stands");
    check_bad("a/s.m", "parentheses around more");
    check_bad("(m", "')' is missing");
    check_bad("m)", "wrong place");
    check_bad("\xC2\xB5m", "ASCII");
    check_bad("10", "ends where");
    check_bad("10*3m", "10**3");
    check_bad("m**(1/0)", "m**(1/2)");
    check_bad("''", "quoted");
    check_bad("'x", "quoted");
    check_bad("x'y'", "prefix");
    check_bad("(km/s)**2", "wrong place");
    check_bad("10**999m", "out of range");
    check_bad("mag(AB)", "not a function");
}

/* UNIT-3 */
TEST(unknown_is_reserved)
{
    double factor;
    check_good("unknown");
    check_good("UNKNOWN");
    CHECK(!unit_factor(STR("unknown"), STR("m"), &factor, &(struct err){0}));
}

/* UNIT-7, UNIT-8, UNIT-9 and "Symbol resolution" */
TEST(symbols_and_prefixes)
{
    char text[16];
    for (size_t i = 0; i < UNIT_NKNOWN; i++) {
        check_good(UNIT_KNOWN[i].symbol);
        snprintf(text, sizeof text, "y%s", UNIT_KNOWN[i].symbol);
        if (UNIT_KNOWN[i].flags & UNIT_DECIMAL)
            check_good(text);
    }
    check_good("Pyr");
    check_good("Mibyte");
    check_good("kbyte");
    check_bad("KB", "not a VOUnit");
    check_bad("kAU", "does not take this prefix");
    check_bad("mmas", "does not take this prefix");
    check_bad("Kim", "does not take this prefix");
    check_bad("kkm", "not a VOUnit");
    check_bad("furlong", "not a VOUnit (quote it on purpose");
}

TEST(proposals)
{
    check_bad("sec", "write s");
    check_bad("km/sec", "write s");
    check_bad("uas", "write uarcsec");
    check_bad("DEG", "write deg (case counts)");
    check_bad("angstroms", "not a VOUnit");
    check_bad("micron", "write um");
    check_bad("MJD", "write d");
}

static void check_factor(const char *from, const char *to, double want)
{
    double factor = 0;
    struct err e = {0};
    if (!unit_factor(str_of(from), str_of(to), &factor, &e))
        TEST_FAIL("%s to %s: %.600s", from, to, e.message);
    if (!(fabs(factor - want) <= 4e-16 * fabs(want)))
        TEST_FAIL("%s to %s is %.17g, want %.17g", from, to, factor, want);
}

/* ADQL-41 */
TEST(factors)
{
    check_factor("deg", "arcsec", 3600);
    check_factor("deg", "rad", 0.017453292519943295);
    check_factor("mas", "deg", 1 / 3.6e6);
    check_factor("MeV", "eV", 1e6);
    check_factor("GeV", "TeV", 1e-3);
    check_factor("eV", "J", 1.602176634e-19);
    check_factor("J", "erg", 1e7);
    check_factor("km/s", "m.s**-1", 1000);
    check_factor("nm", "Angstrom", 10);
    check_factor("Angstrom", "m", 1e-10);
    check_factor("d", "s", 86400);
    check_factor("yr", "d", 365.25);
    check_factor("Jy", "W/(m**2.Hz)", 1e-26);
    check_factor("pc", "AU", 648000 / 3.14159265358979323846);
    check_factor("25.4mm", "m", 0.0254);
    check_factor("10**3m", "km", 1);
    check_factor("Kibyte", "bit", 8192);
    check_factor("kbyte", "byte", 1000);
    check_factor("%", "1", 0.01);
    check_factor("count/s", "ct/min", 60);
    check_factor("sqrt(m**4)", "km**2", 1e-6);
    check_factor("Hz**(1/2)", "s**(-0.5)", 1);
    check_factor("hPa", "Pa", 100);
    check_factor("G", "T", 1e-4);
    check_factor("ha", "yr", 100);
    check_factor("", "", 1);
}

TEST(factors_of_solid_angles)
{
    double factor;
    CHECK(unit_factor(STR("sr"), STR("deg**2"), &factor, &(struct err){0}));
    CHECK_NEAR(factor, 3282.806350011744, 1e-9);
    CHECK(unit_factor(STR("R"), STR("photon/(s.m**2.sr)"), &factor, &(struct err){0}));
    CHECK_NEAR(factor, 1e10 / (4 * 3.14159265358979323846), 1e-3);
}

static void check_no_factor(const char *from, const char *to, const char *part)
{
    double factor = 7;
    struct err e = {0};
    if (unit_factor(str_of(from), str_of(to), &factor, &e))
        TEST_FAIL("%s to %s is %g", from, to, factor);
    CHECK_INT(e.kind, ERR_USAGE);
    if (!strstr(e.message, part))
        TEST_FAIL("%s to %s: %.600s", from, to, e.message);
}

/* ADQL-41: conversions that do not exist */
TEST(no_factors)
{
    check_no_factor("m", "s", "different things");
    check_no_factor("count/s", "Hz", "different things");
    check_no_factor("rad", "1", "different things");
    check_no_factor("", "m", "has no unit");
    check_no_factor("m", "", "unit wanted is empty");
    check_no_factor("m", "km s", "no blanks");
    check_no_factor("log(eV)", "eV", "function of a unit");
    check_no_factor("log(eV)", "log(GeV)", "function of a unit");
    check_no_factor("'x'", "'y'", "quoted unit");
    check_no_factor("sec", "s", "not a VOUnit");
    check_factor("log(eV)", "log(eV)", 1);
    check_factor("'x'", "'x'", 1);
}

TEST(limits)
{
    char text[300];
    memset(text, '(', 40);
    text[40] = '\0';
    check_bad(text, "too deep");
    memset(text, 'm', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    check_bad(text, "too long");
}

RUN_TESTS(T(valid_examples), T(invalid_examples), T(unknown_is_reserved),
          T(symbols_and_prefixes), T(proposals), T(factors), T(factors_of_solid_angles),
          T(no_factors), T(limits))
