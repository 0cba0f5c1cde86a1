/* position.c -- see position.h. */
#include "core/ingest/position.h"

#include <math.h>

#include "core/base/column.h"
#include "core/base/num.h"
#include "core/sky/sky.h"

#define DEG_PER_RAD (180 / M_PI)

/* Names as they stand in catalogues, best first. */
static const struct {
    const char *ra, *dec;
} NAMES[] = {
    {"ra", "dec"},
    {"raj2000", "dej2000"},
    {"raj2000", "decj2000"},
    {"_raj2000", "_dej2000"},
    {"ra_j2000", "dec_j2000"},
    {"alpha_j2000", "delta_j2000"},
    {"ra_icrs", "de_icrs"},
    {"ra_deg", "dec_deg"},
    {"radeg", "dedeg"},
    {"radeg", "decdeg"},
    {"right_ascension", "declination"},
    {"ra", "de"},
    {"rajdeg", "dejdeg"},
    {"ra_obj", "dec_obj"},
};

static int32_t find_name(const struct store_column *const *column, uint32_t ncolumn,
                         const char *name)
{
    for (uint32_t i = 0; i < ncolumn; i++)
        if (str_eq_fold(str_of(column[i]->name), str_of(name)))
            return (int32_t)i;
    return -1;
}

static int32_t find_ucd(const struct store_column *const *column, uint32_t ncolumn,
                        const char *ucd)
{
    for (uint32_t i = 0; i < ncolumn; i++)
        if (str_eq_fold(str_of(column[i]->ucd), str_of(ucd)))
            return (int32_t)i;
    return -1;
}

static bool is_angle(const struct store_column *column)
{
    return column->type == STORE_TEXT ||
           (column->length == 1 && column->type != STORE_BOOL &&
            column->type != STORE_TIME_US);
}

static bool find_pair(const struct store_column *const *column, uint32_t ncolumn,
                      struct ingest_position *p)
{
    static const char *const UCD[][2] = {
        {"pos.eq.ra;meta.main", "pos.eq.dec;meta.main"},
        {"POS_EQ_RA_MAIN", "POS_EQ_DEC_MAIN"},
    };
    for (size_t i = 0; i < 2; i++) {
        p->ra = find_ucd(column, ncolumn, UCD[i][0]);
        p->dec = find_ucd(column, ncolumn, UCD[i][1]);
        if (p->ra >= 0 && p->dec >= 0)
            return true;
    }
    for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++) {
        p->ra = find_name(column, ncolumn, NAMES[i].ra);
        p->dec = find_name(column, ncolumn, NAMES[i].dec);
        if (p->ra >= 0 && p->dec >= 0)
            return true;
    }
    p->ra = find_ucd(column, ncolumn, "pos.eq.ra");
    p->dec = find_ucd(column, ncolumn, "pos.eq.dec");
    return p->ra >= 0 && p->dec >= 0;
}

static enum ingest_angle guess_angle(const struct store_column *ra)
{
    static const struct {
        const char *unit;
        enum ingest_angle angle;
    } UNITS[] = {
        {"rad", INGEST_ANGLE_RAD},     {"radian", INGEST_ANGLE_RAD},
        {"radians", INGEST_ANGLE_RAD}, {"h", INGEST_ANGLE_HOUR},
        {"hour", INGEST_ANGLE_HOUR},   {"hours", INGEST_ANGLE_HOUR},
        {"hr", INGEST_ANGLE_HOUR},     {"hourangle", INGEST_ANGLE_HOUR},
    };
    if (ra->type == STORE_TEXT)
        return INGEST_ANGLE_SEXAGESIMAL;
    for (size_t i = 0; i < sizeof UNITS / sizeof *UNITS; i++)
        if (str_eq_fold(str_of(ra->unit), str_of(UNITS[i].unit)))
            return UNITS[i].angle;
    return INGEST_ANGLE_DEG;
}

bool ingest_position_find(const struct ingest_options *o,
                          const struct store_column *const *column, uint32_t ncolumn,
                          struct ingest_position *p, struct err *e)
{
    *p = (struct ingest_position){-1, -1, INGEST_ANGLE_GUESS};
    if (o->has_no_position)
        return true;
    bool is_named = o->ra_column && o->dec_column;
    if (is_named) {
        p->ra = find_name(column, ncolumn, o->ra_column);
        p->dec = find_name(column, ncolumn, o->dec_column);
        if (p->ra < 0 || p->dec < 0)
            return err_set(e, ERR_USAGE, "the file has no column \"%s\"",
                           p->ra < 0 ? o->ra_column : o->dec_column);
    } else if (!find_pair(column, ncolumn, p)) {
        p->ra = p->dec = -1;
        return true;
    }
    if (!is_angle(column[p->ra]) || !is_angle(column[p->dec])) {
        if (is_named)
            return err_set(e, ERR_USAGE, "columns \"%s\" and \"%s\" cannot be a position",
                           o->ra_column, o->dec_column);
        p->ra = p->dec = -1;
        return true;
    }
    p->angle = o->angle != INGEST_ANGLE_GUESS ? o->angle : guess_angle(column[p->ra]);
    return true;
}

/* A text may also hold plain degrees. */
static double text_deg(str text, bool is_dec)
{
    double deg;
    text = str_trim(text);
    if (is_dec ? sky_dms_parse(text, &deg) : sky_hms_parse(text, &deg))
        return deg;
    return num_parse_double(text, &deg) ? deg : NAN;
}

double ingest_position_deg(const struct store_column *column, const struct store_vector *v,
                           uint32_t irow, enum ingest_angle angle, bool is_dec)
{
    if (!store_is_valid(v, irow))
        return NAN;
    double deg;
    if (column->type == STORE_TEXT) {
        const char *text = v->data;
        deg = text_deg((str){text + v->offset[irow], v->offset[irow + 1] - v->offset[irow]},
                       is_dec);
    } else
        deg = column_number(column, v, irow);
    if (angle == INGEST_ANGLE_RAD)
        deg *= DEG_PER_RAD;
    if (angle == INGEST_ANGLE_HOUR && !is_dec)
        deg *= 15;
    if (!isfinite(deg))
        return NAN;
    if (is_dec)
        return fabs(deg) <= 90 ? deg : NAN;
    return sky_lon_reduce(deg);
}
