/* functions.c -- the function table: what may be called, with what, what it gives and how
 * it is declared. Sorted by name without case (a test checks), overloads together.
 *
 * Pattern, one letter an argument: n number, i integer, s text, l text literal, t timestamp
 * or text, p point, m MOC, g geometry, a array, x anything; a leading c: an optional
 * coordinate system literal (ADQL-30); a trailing +: the last one may be repeated. */
#include "adql/functions.h"

#include <stdio.h>

/* clang-format off */
#define CORE(name, args, returns, pattern, op, result, description, example) \
    {name, name, name args " -> " returns, ADQL_FEATURE_CORE, description, example, \
     ADQL_OP_##op, ADQL_##result, false, false, pattern, ADQL_NEEDS_NOTHING}
#define MATH(name, op, description, example) \
    CORE(name, "(x DOUBLE)", "DOUBLE", "n", op, DOUBLE, description, example)
#define SET_FUNCTION(name, returns, pattern, op, result, description, example) \
    {name, name, name "([DISTINCT] x) -> " returns, ADQL_FEATURE_CORE, description, example, \
     ADQL_OP_##op, ADQL_##result, true, false, pattern, ADQL_NEEDS_NOTHING}
#define GEO(name, args, returns, pattern, op, result, description, example) \
    {name, name, name args " -> " returns, ADQL_FEATURE_GEO, description, example, \
     ADQL_OP_##op, ADQL_##result, false, false, pattern, ADQL_NEEDS_NOTHING}
#define OPTIONAL(feature, name, args, returns, pattern, op, result, description, example) \
    {name, name, name args " -> " returns, ADQL_FEATURE_##feature, description, example, \
     ADQL_OP_##op, ADQL_##result, false, false, pattern, ADQL_NEEDS_NOTHING}
#define UDF(name, args, returns, pattern, op, result, description, example) \
    {name, name args " -> " returns, name args " -> " returns, ADQL_FEATURE_UDF, \
     description, example, ADQL_OP_##op, ADQL_##result, false, false, pattern, ADQL_NEEDS_NOTHING}
#define UDF_OF_NODE(name, args, returns, pattern, result, needs, description) \
    {name, name args " -> " returns, name args " -> " returns, ADQL_FEATURE_UDF, \
     description, NULL, ADQL_OP_NONE, ADQL_##result, false, false, pattern, ADQL_NEEDS_##needs}
#define UDF_SET(name, args, returns, pattern, op, result, description, example) \
    {name, name args " -> " returns, name args " -> " returns, ADQL_FEATURE_UDF, \
     description, example, ADQL_OP_##op, ADQL_##result, true, false, pattern, ADQL_NEEDS_NOTHING}
#define WINDOW(name, args, returns, pattern, op, result, description, example) \
    {name, name, name args " OVER (...) -> " returns, ADQL_FEATURE_EXTENSION, description, \
     example, ADQL_OP_##op, ADQL_##result, false, true, pattern, ADQL_NEEDS_NOTHING}

#define EPOCH_ARGS "(ra REAL, dec REAL, parallax REAL, pmra REAL, pmdec REAL, " \
                   "radial_velocity REAL, ref_epoch REAL, out_epoch REAL)"
#define EPOCH_TEXT "Position at out_epoch of a star in linear space motion. Degrees, mas, " \
                   "mas/yr (pmra with cos(dec)), km/s, Julian years. A NULL parallax means " \
                   "infinitely far, a NULL motion 0."

static const struct adql_function FUNCTIONS[] = {
    CORE("ABS", "(x NUMERIC)", "NUMERIC", "n", abs, UNTYPED,
         "Absolute value.", "ABS(-3.5)"),
    MATH("ACOS", acos, "Arc cosine, 0 to pi radians; NULL outside -1..1.", "ACOS(0.5)"),
    GEO("AREA", "(g GEOMETRY)", "DOUBLE", "g", area, DOUBLE,
        "Area in square degrees; 0 for a point.", "AREA(CIRCLE(10, 20, 1))"),
    {"ARRAY_LENGTH", "ARRAY_LENGTH", "ARRAY_LENGTH(values ARRAY) -> INTEGER",
     ADQL_FEATURE_EXTENSION, "Number of elements of an array.",
     "ARRAY_LENGTH(ivo_histogram(table_index, 0, 10, 5))",
     ADQL_OP_array_length, ADQL_INTEGER, false, false, "a", ADQL_NEEDS_NOTHING},
    MATH("ASIN", asin, "Arc sine, -pi/2 to pi/2 radians; NULL outside -1..1.", "ASIN(0.5)"),
    MATH("ATAN", atan, "Arc tangent, -pi/2 to pi/2 radians.", "ATAN(1)"),
    CORE("ATAN2", "(y DOUBLE, x DOUBLE)", "DOUBLE", "nn", atan2, DOUBLE,
         "Angle of the vector (x, y), -pi to pi radians.", "ATAN2(1, -1)"),
    SET_FUNCTION("AVG", "DOUBLE", "n", avg, DOUBLE, "Mean of the values that are not NULL.",
                 "AVG(table_index)"),
    GEO("BOX", "([csys,] lon DOUBLE, lat DOUBLE, width DOUBLE, height DOUBLE)", "POLYGON",
        "cnnnn", box, POLYGON, "Box of great circles round a centre, degrees (deprecated).",
        "BOX(10, 20, 2, 1)"),
    GEO("BOX", "([csys,] centre POINT, width DOUBLE, height DOUBLE)", "POLYGON", "cpnn",
        box_p, POLYGON, "Box round a point, degrees (deprecated).",
        "BOX(POINT(10, 20), 2, 1)"),
    MATH("CEILING", ceiling, "Least whole number not below x.", "CEILING(2.1)"),
    GEO("CENTROID", "(g GEOMETRY)", "POINT", "g", centroid, POINT,
        "Centre of mass on the sphere.", "CENTROID(CIRCLE(10, 20, 1))"),
    GEO("CIRCLE", "([csys,] lon DOUBLE, lat DOUBLE, radius DOUBLE)", "CIRCLE", "cnnn",
        circle, CIRCLE, "Circle round a position, degrees.", "CIRCLE(10, 20, 1)"),
    GEO("CIRCLE", "([csys,] centre POINT, radius DOUBLE)", "CIRCLE", "cpn", circle_p,
        CIRCLE, "Circle round a point, degrees.", "CIRCLE(POINT(10, 20), 1)"),
    OPTIONAL(CONDITIONAL, "COALESCE", "(x ANY, ...)", "ANY", "x+", coalesce, UNTYPED,
             "The first argument that is not NULL; all of one type.", "COALESCE(NULL, 1)"),
    GEO("CONTAINS", "(inner GEOMETRY, outer GEOMETRY)", "INTEGER", "gg", contains, INTEGER,
        "1 if the first lies wholly within the second, edge included; else 0.",
        "CONTAINS(POINT(10, 20), CIRCLE(10, 20, 1))"),
    GEO("COORD1", "(p POINT)", "DOUBLE", "p", coord1, DOUBLE, "Longitude of a point, degrees.",
        "COORD1(POINT(10, 20))"),
    GEO("COORD2", "(p POINT)", "DOUBLE", "p", coord2, DOUBLE, "Latitude of a point, degrees.",
        "COORD2(POINT(10, 20))"),
    GEO("COORDSYS", "(g GEOMETRY)", "TEXT", "g", coordsys, TEXT,
        "Coordinate system of a geometry (deprecated).", "COORDSYS(POINT(10, 20))"),
    MATH("COS", cos, "Cosine of x radians.", "COS(1)"),
    MATH("COT", cot, "Cotangent of x radians.", "COT(1)"),
    SET_FUNCTION("COUNT", "BIGINT", "x", count, BIGINT,
                 "Number of values that are not NULL; COUNT(*): of rows.", "COUNT(*)"),
    MATH("DEGREES", degrees, "Radians to degrees.", "DEGREES(PI())"),
    WINDOW("DENSE_RANK", "()", "BIGINT", "", dense_rank, BIGINT, "Rank without gaps.", "DENSE_RANK() OVER (ORDER BY schema_name)"),
    GEO("DISTANCE", "(p1 POINT, p2 POINT)", "DOUBLE", "pp", distance_p, DOUBLE,
        "Angular distance in degrees.", "DISTANCE(POINT(10, 20), POINT(11, 20))"),
    GEO("DISTANCE", "(lon1 DOUBLE, lat1 DOUBLE, lon2 DOUBLE, lat2 DOUBLE)", "DOUBLE", "nnnn",
        distance, DOUBLE, "Angular distance in degrees.", "DISTANCE(10, 20, 11, 20)"),
    UDF("esdc_epoch_prop_pos", EPOCH_ARGS, "POINT", "nnnnnnnn", epoch_prop_pos, POINT,
        EPOCH_TEXT " The same as ivo_epoch_prop_pos.",
        "esdc_epoch_prop_pos(7.6, 11.79, 125, 300, -428.8, 52.51, 2016.0, 1992.25)"),
    MATH("EXP", exp, "e to the power x.", "EXP(1)"),
    WINDOW("FIRST_VALUE", "(x ANY)", "ANY", "x", first_value, UNTYPED,
           "Value of the window's first row.", "FIRST_VALUE(table_name) OVER (ORDER BY table_name)"),
    MATH("FLOOR", floor, "Greatest whole number not above x.", "FLOOR(2.9)"),
    UDF("gaia_healpix_index", "(hpxOrder INTEGER, source_id BIGINT)", "BIGINT", "ii", NONE,
        BIGINT, "HEALPix NESTED cell of a Gaia source, from its source_id; order 0 to 12.",
        "gaia_healpix_index(6, 4472832130942575872)"),
    UDF_SET("gavo_histogram", "(val REAL, lower REAL, upper REAL, nbins INTEGER)",
            "INTEGER[]", "nnni", histogram, ARRAY, "The same as ivo_histogram.", "gavo_histogram(table_index, 0, 10, 5)"),
    UDF("gavo_ipix", "(long REAL, lat REAL)", "BIGINT", "nn", ipix, BIGINT,
        "Number of the Q3C cell (2^30 cells along each side of a cube) of a position in "
        "degrees.", "gavo_ipix(12.3, 45.6)"),
    UDF("gavo_match", "(pattern TEXT, string TEXT)", "INTEGER", "ss", gavo_match, INTEGER,
        "1 if the POSIX regular expression occurs in the string, else 0.",
        "gavo_match('^b', 'abc')"),
    UDF("gavo_mocintersect", "(moc1 MOC, moc2 MOC)", "MOC", "mm", moc_intersection, MOC,
        "The coverage that both have in common.",
        "gavo_mocintersect(MOC('1/4-9'), MOC('0/1'))"),
    UDF("gavo_mocunion", "(moc1 MOC, moc2 MOC)", "MOC", "mm", moc_union, MOC,
        "The coverage of one or the other.", "gavo_mocunion(MOC('1/4-9'), MOC('0/1'))"),
    UDF_OF_NODE("gavo_simbadpoint", "(identifier TEXT)", "POINT", "l", POINT, RESOLVER,
                "The same as ivo_simbadpoint."),
    UDF("gavo_specconv", "(expr REAL, to_unit TEXT)", "REAL", "nl", NONE, DOUBLE,
        "A column's wavelength, frequency or photon energy in another spectral unit.", NULL),
    UDF("gavo_specconv", "(expr REAL, from_unit TEXT, to_unit TEXT)", "REAL", "nll", NONE,
        DOUBLE, "A wavelength, frequency or photon energy in another spectral unit; units are literals.",
        "gavo_specconv(21.1, 'cm', 'GHz')"),
    UDF("gavo_to_jd", "(d TIMESTAMP)", "REAL", "t", to_jd, DOUBLE, "The same as ivo_to_jd.",
        "gavo_to_jd('2000-01-02T12:00:00')"),
    UDF("gavo_to_mjd", "(d TIMESTAMP)", "REAL", "t", to_mjd, DOUBLE,
        "The same as ivo_to_mjd.", "gavo_to_mjd('2000-01-02T12:00:00')"),
    UDF("gavo_transform", "(from_sys TEXT, to_sys TEXT, geo GEOMETRY)", "GEOMETRY", "llg",
        geom_transform, UNTYPED, "The same as ivo_geom_transform.",
        "gavo_transform('ICRS', 'GALACTIC', POINT(120, -23))"),
    UDF_OF_NODE("gavo_vocmatch", "(vocname TEXT, term TEXT, matchagainst TEXT)", "INTEGER",
                "lls", INTEGER, VOCABULARIES,
                "1 if the text is the term of an IVOA vocabulary or a narrower one, else 0; "
                "vocabulary and term are literals."),
    OPTIONAL(UNIT, "IN_UNIT", "(x NUMERIC, unit 'literal')", "DOUBLE", "nl", in_unit, DOUBLE,
             "A column's value in another unit (VOUnits).", NULL),
    GEO("INTERSECTS", "(g1 GEOMETRY, g2 GEOMETRY)", "INTEGER", "gg", intersects, INTEGER,
        "1 if the two have a position in common, else 0.",
        "INTERSECTS(CIRCLE(10, 20, 1), CIRCLE(11, 20, 1))"),
    UDF("ivo_dms_to_degrees", "(dms TEXT)", "REAL", "s", dms_to_degrees, DOUBLE,
        "Degrees of d:m:s, ddmmss or dDmMsS; NULL for any other text.",
        "ivo_dms_to_degrees('42:9:6.768')"),
    UDF("ivo_epoch_prop_pos", EPOCH_ARGS, "POINT", "nnnnnnnn", epoch_prop_pos, POINT,
        EPOCH_TEXT,
        "ivo_epoch_prop_pos(7.606083572, 11.79044105, 125, 300, -428.8, 52.51, 2016.0, "
        "1992.25)"),
    UDF("ivo_geom_transform", "(from_sys TEXT, to_sys TEXT, geo GEOMETRY)", "GEOMETRY",
        "llg", geom_transform, UNTYPED,
        "A geometry in another frame: ICRS, FK5, FK4, GALACTIC, ECLIPTIC (literals, case "
        "counts).",
        "ivo_geom_transform('ICRS', 'GALACTIC', POINT(120, -23))"),
    UDF("ivo_hashlist_has", "(hashlist TEXT, item TEXT)", "INTEGER", "ss", hashlist_has,
        INTEGER, "1 if item is among the #-separated words of hashlist, whatever the case; "
        "else 0.", "ivo_hashlist_has('bork#nork#gaob', 'Nork')"),
    UDF("ivo_hasword", "(haystack TEXT, needle TEXT)", "INTEGER", "ss", hasword, INTEGER,
        "1 if all words of needle occur in haystack, whatever the case; else 0.",
        "ivo_hasword('The Crab nebula', 'crab')"),
    UDF("ivo_healpix_center", "(hpxOrder INTEGER, hpxIndex BIGINT)", "POINT", "ii",
        healpix_center, POINT, "Centre of a HEALPix NESTED cell.",
        "ivo_healpix_center(0, 6)"),
    UDF("ivo_healpix_index", "(hpxOrder INTEGER, long REAL, lat REAL)", "BIGINT", "inn",
        healpix_index, BIGINT, "HEALPix NESTED cell of a position in degrees.",
        "ivo_healpix_index(17, 1, 1)"),
    UDF("ivo_healpix_index", "(hpxOrder INTEGER, point POINT)", "BIGINT", "ip",
        healpix_index_p, BIGINT, "HEALPix NESTED cell of a point.",
        "ivo_healpix_index(17, POINT(1, 1))"),
    UDF_SET("ivo_histogram", "(val REAL, lower REAL, upper REAL, nbins INTEGER)",
            "INTEGER[]", "nnni", histogram, ARRAY,
            "Aggregate: counts in nbins equal bins from lower to upper, with an underflow "
            "cell before (NULL counts there) and an overflow cell after.", "ivo_histogram(table_index, 0, 10, 5)"),
    UDF("ivo_hms_to_degrees", "(hms TEXT)", "REAL", "s", hms_to_degrees, DOUBLE,
        "Degrees of h:m:s, hhmmss or hHmMsS; NULL for any other text.",
        "ivo_hms_to_degrees('3:34:45.4')"),
    UDF("ivo_interval_overlaps", "(a1 NUMERIC, b1 NUMERIC, a2 NUMERIC, b2 NUMERIC)",
        "INTEGER", "nnnn", interval_overlaps, INTEGER,
        "1 if [a1, b1] and [a2, b2] overlap or touch, else 0.",
        "ivo_interval_overlaps(1, 3, 2, 4)"),
    UDF("ivo_nocasematch", "(value TEXT, pattern TEXT)", "INTEGER", "ss", nocasematch,
        INTEGER, "1 if value matches the LIKE pattern, whatever the case; else 0.",
        "ivo_nocasematch('Crab', 'crab%')"),
    UDF("ivo_normal_random", "(mu REAL, sigma REAL)", "REAL", "nn", normal_random, DOUBLE,
        "A random number of the normal distribution.", "ivo_normal_random(0, 1)"),
    UDF_OF_NODE("ivo_simbadpoint", "(identifier TEXT)", "POINT", "l", POINT, RESOLVER,
                "Position of an object by its name (a literal), ICRS; an error if nobody knows "
                "it."),
    UDF("ivo_specconv", "(expr REAL, to_unit TEXT)", "REAL", "nl", NONE, DOUBLE,
        "The same as gavo_specconv.", NULL),
    UDF("ivo_specconv", "(expr REAL, from_unit TEXT, to_unit TEXT)", "REAL", "nll", NONE,
        DOUBLE, "The same as gavo_specconv.",
        "ivo_specconv(21.1, 'cm', 'GHz')"),
    UDF_SET("ivo_string_agg", "(expression TEXT, delimiter TEXT)", "TEXT", "ss", string_agg,
            TEXT, "Aggregate: the values joined by the delimiter; NULL leaves no trace.",
            "ivo_string_agg(table_name, ', ')"),
    UDF("ivo_to_jd", "(d TIMESTAMP)", "REAL", "t", to_jd, DOUBLE,
        "Julian date of a timestamp, no time scale handling.",
        "ivo_to_jd('2000-01-02T12:00:00')"),
    UDF("ivo_to_mjd", "(d TIMESTAMP)", "REAL", "t", to_mjd, DOUBLE,
        "Modified Julian date of a timestamp, no time scale handling.",
        "ivo_to_mjd('2000-01-02T12:00:00')"),
    WINDOW("LAG", "(x ANY)", "ANY", "x", lag, UNTYPED, "Value of the row before.", "LAG(table_name) OVER (ORDER BY table_name)"),
    WINDOW("LAG", "(x ANY, n INTEGER)", "ANY", "xi", lag, UNTYPED,
           "Value of the n-th row before.", "LAG(table_name, 2) OVER (ORDER BY table_name)"),
    WINDOW("LAST_VALUE", "(x ANY)", "ANY", "x", last_value, UNTYPED,
           "Value of the window's last row.", "LAST_VALUE(table_name) OVER (ORDER BY table_name)"),
    WINDOW("LEAD", "(x ANY)", "ANY", "x", lead, UNTYPED, "Value of the row after.", "LEAD(table_name) OVER (ORDER BY table_name)"),
    WINDOW("LEAD", "(x ANY, n INTEGER)", "ANY", "xi", lead, UNTYPED,
           "Value of the n-th row after.", "LEAD(table_name, 2) OVER (ORDER BY table_name)"),
    MATH("LOG", log, "Natural logarithm; NULL for 0 and below.", "LOG(10)"),
    MATH("LOG10", log10, "Logarithm to base 10; NULL for 0 and below.", "LOG10(10)"),
    OPTIONAL(STRING, "LOWER", "(s TEXT)", "TEXT", "s", lower, TEXT,
             "The text in lower case (Unicode).", "LOWER('Crab')"),
    SET_FUNCTION("MAX", "ANY", "x", max, UNTYPED, "The greatest value.", "MAX(table_index)"),
    SET_FUNCTION("MIN", "ANY", "x", min, UNTYPED, "The least value.", "MIN(table_index)"),
    UDF("MOC", "(moc TEXT)", "MOC", "s", moc, MOC, "A coverage from an ASCII MOC.",
        "MOC('0/0-3 1/44')"),
    UDF("MOC", "(hpxOrder INTEGER, geo GEOMETRY)", "MOC", "ig", moc_of, MOC,
        "The coverage of a geometry by HEALPix cells of an order.",
        "MOC(4, CIRCLE(10, 20, 1))"),
    CORE("MOD", "(x NUMERIC, y NUMERIC)", "NUMERIC", "nn", mod, UNTYPED,
         "Remainder of x / y with the sign of x.", "MOD(7, 3)"),
    WINDOW("NTILE", "(n INTEGER)", "BIGINT", "i", ntile, BIGINT,
           "Number of the n-th part that the row is in.", "NTILE(4) OVER (ORDER BY table_name)"),
    {"NULLIF", "NULLIF", "NULLIF(x ANY, y ANY) -> ANY", ADQL_FEATURE_EXTENSION,
     "NULL where x equals y, else x.", "NULLIF(1, 2)", ADQL_OP_nullif, ADQL_UNTYPED, false,
     false, "xx", ADQL_NEEDS_NOTHING},
    CORE("PI", "()", "DOUBLE", "", pi, DOUBLE, "The number pi.", "PI()"),
    GEO("POINT", "([csys,] lon DOUBLE, lat DOUBLE)", "POINT", "cnn", point, POINT,
        "A position, degrees.", "POINT(10, 20)"),
    GEO("POLYGON", "([csys,] lon1 DOUBLE, lat1 DOUBLE, lon2, lat2, lon3, lat3, ...)",
        "POLYGON", "cnnnnnn+", polygon, POLYGON,
        "Polygon of great circles with at least three corners, degrees.",
        "POLYGON(10, 20, 11, 20, 11, 21)"),
    GEO("POLYGON", "([csys,] p1 POINT, p2 POINT, p3 POINT, ...)", "POLYGON", "cppp+",
        polygon_p, POLYGON, "Polygon of great circles with at least three corners.",
        "POLYGON(POINT(10, 20), POINT(11, 20), POINT(11, 21))"),
    CORE("POWER", "(x DOUBLE, y DOUBLE)", "DOUBLE", "nn", power, DOUBLE,
         "x to the power y.", "POWER(2, 10)"),
    MATH("RADIANS", radians, "Degrees to radians.", "RADIANS(180)"),
    CORE("RAND", "()", "DOUBLE", "", rand, DOUBLE, "A random number, 0 <= r < 1.", "RAND()"),
    CORE("RAND", "(seed INTEGER)", "DOUBLE", "n", rand_seed, DOUBLE,
         "A random number, 0 <= r < 1.", "RAND(5)"),
    WINDOW("RANK", "()", "BIGINT", "", rank, BIGINT, "Rank with gaps.", "RANK() OVER (ORDER BY schema_name)"),
    GEO("REGION", "('literal')", "REGION", "l", region, REGION,
        "A region in STC-S or DALI text.", "REGION('Circle ICRS 10 20 1')"),
    CORE("ROUND", "(x DOUBLE)", "DOUBLE", "n", round, DOUBLE, "The nearest whole number.",
         "ROUND(2.5)"),
    CORE("ROUND", "(x DOUBLE, n INTEGER)", "DOUBLE", "ni", round_n, DOUBLE,
         "x rounded to n decimals; negative n: left of the point.", "ROUND(2.567, 1)"),
    WINDOW("ROW_NUMBER", "()", "BIGINT", "", row_number, BIGINT,
           "Number of the row in its window.", "ROW_NUMBER() OVER (ORDER BY table_name)"),
    MATH("SIN", sin, "Sine of x radians.", "SIN(1)"),
    MATH("SQRT", sqrt, "Square root; NULL below 0.", "SQRT(2)"),
    SET_FUNCTION("SUM", "NUMERIC", "n", sum, UNTYPED, "Sum of the values that are not NULL.",
                 "SUM(table_index)"),
    MATH("TAN", tan, "Tangent of x radians.", "TAN(1)"),
    CORE("TRUNCATE", "(x DOUBLE)", "DOUBLE", "n", truncate, DOUBLE, "x cut toward zero.",
         "TRUNCATE(2.9)"),
    CORE("TRUNCATE", "(x DOUBLE, n INTEGER)", "DOUBLE", "ni", truncate_n, DOUBLE,
         "x cut to n decimals toward zero.", "TRUNCATE(2.567, 1)"),
    OPTIONAL(STRING, "UPPER", "(s TEXT)", "TEXT", "s", upper, TEXT,
             "The text in upper case (Unicode).", "UPPER('Crab')"),
};
/* clang-format on */

enum { NFUNCTION = sizeof FUNCTIONS / sizeof *FUNCTIONS };

uint32_t adql_function_count(void)
{
    return NFUNCTION;
}

const struct adql_function *adql_function_at(uint32_t i)
{
    return i < NFUNCTION ? &FUNCTIONS[i] : NULL;
}

static int compare(str name, const char *with)
{
    for (size_t i = 0; i < name.len; i++) {
        int difference = ascii_lower(name.at[i]) - ascii_lower(with[i]);
        if (difference != 0)
            return difference;
    }
    return with[name.len] ? -1 : 0;
}

const struct adql_function *function_find(str name, uint32_t *noverload)
{
    uint32_t low = 0, high = NFUNCTION;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (compare(name, FUNCTIONS[middle].name) > 0)
            low = middle + 1;
        else
            high = middle;
    }
    *noverload = 0;
    while (low + *noverload < NFUNCTION &&
           compare(name, FUNCTIONS[low + *noverload].name) == 0)
        ++*noverload;
    return *noverload ? &FUNCTIONS[low] : NULL;
}

const struct adql_function *function_near(str name)
{
    size_t limit = name.len < 6 ? 1 : 3;
    const struct adql_function *best = NULL;
    for (uint32_t i = 0; i < NFUNCTION; i++) {
        size_t d = str_edit_distance(name, str_of(FUNCTIONS[i].name), limit);
        if (d <= limit && (!best || d < limit)) {
            best = &FUNCTIONS[i];
            limit = d;
        }
    }
    return best;
}

bool function_takes(const struct adql_function *f, uint32_t n)
{
    bool has_system = f->pattern[0] == 'c';
    size_t len = strlen(f->pattern);
    bool is_open = len > 0 && f->pattern[len - 1] == '+';
    size_t least = len - (is_open ? 1 : 0) - (has_system ? 1 : 0);
    return n >= least && (is_open || n <= least + (has_system ? 1 : 0));
}

void function_signatures(const struct adql_function *f, uint32_t noverload, char *out,
                         size_t len)
{
    size_t used = 0;
    for (uint32_t i = 0; i < noverload && used < len; i++)
        used += (size_t)snprintf(out + used, len - used, "%s%s", i ? " or " : "",
                                 f[i].signature);
}
