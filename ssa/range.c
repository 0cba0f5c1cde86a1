/* range.c -- the range-lists of SSA: numbers, and periods of time as people write them. */
#include <math.h>

#include "core/base/clock.h"
#include "core/base/num.h"
#include "ssa/inside.h"

enum { SHOWN_BYTES = 60 };

static double mjd_of(int64_t us)
{
    return (double)us / 86400e6 + 40587;
}

static bool parse_mjd(str text, double *mjd)
{
    int64_t us;
    if (!clock_parse_us(text, &us))
        return false;
    *mjd = mjd_of(us);
    return true;
}

/* The first day of a month, which may be the 13th. */
static bool month_mjd(int64_t year, int64_t month, double *mjd)
{
    char text[CLOCK_TEXT_BYTES] = "0000-00-01";
    if (month == 13) {
        month = 1;
        year++;
    }
    for (int i = 3; i >= 0; i--, year /= 10)
        text[i] = (char)('0' + year % 10);
    text[5] = (char)('0' + month / 10);
    text[6] = (char)('0' + month % 10);
    return parse_mjd(str_of(text), mjd);
}

bool ssa_read_period(str text, double *from_mjd, double *to_mjd)
{
    const double second = 1.0 / 86400;
    int64_t year = 0, month = 0;
    str rest = text, first = str_cut(&rest, '-');
    if (first.len == 4 && num_parse_int(first, &year) && year >= 0 && year < 9999) {
        if (!rest.at)
            return month_mjd(year, 1, from_mjd) && month_mjd(year + 1, 1, to_mjd);
        if (rest.len == 2)
            return num_parse_int(rest, &month) && month >= 1 && month <= 12 &&
                   month_mjd(year, month, from_mjd) && month_mjd(year, month + 1, to_mjd);
    }
    if (!parse_mjd(text, from_mjd))
        return false;
    bool has_time = str_find(text, 'T') < text.len || str_find(text, ' ') < text.len;
    bool has_part = str_find(text, '.') < text.len;
    *to_mjd = *from_mjd + (!has_time ? 1 : has_part ? 0 : second);
    return true;
}

/* One end of a range; from and to differ for periods only. */
static bool read_end(str text, enum ssa_kind kind, double *from, double *to)
{
    if (kind == SSA_TIMES)
        return ssa_read_period(text, from, to);
    if (!num_parse_double(text, from) || isnan(*from))
        return false;
    *to = *from;
    return true;
}

bool ssa_next_range(str *list, enum ssa_kind kind, const char *name, struct ssa_range *r,
                    struct err *e)
{
    str field = str_trim(str_cut(list, ',')), rest = field;
    str lo = str_trim(str_cut(&rest, '/'));
    bool has_slash = rest.at != NULL;
    str hi = str_trim(str_cut(&rest, '/')); /* a step behind it is of no use here */
    double ignored, hi_from = INFINITY;
    *r = (struct ssa_range){-INFINITY, INFINITY};
    bool ok = field.len > 0;
    if (ok && lo.len)
        ok = read_end(lo, kind, &r->lo, has_slash ? &ignored : &r->hi);
    if (ok && has_slash && hi.len)
        ok = read_end(hi, kind, &hi_from, &r->hi);
    if (ok && r->lo <= hi_from)
        return true;
    return err_set(e, ERR_USAGE, "%s has \"%.*s\", but must be %s", name,
                   (int)(field.len < SHOWN_BYTES ? field.len : SHOWN_BYTES),
                   field.at ? field.at : "",
                   kind == SSA_TIMES
                       ? "a date or times as 1998-05-21/1999-06-01T12:00:00, the earlier "
                         "one first; an end may be left out"
                       : "a number or a range as 1E-7/3E-6, the smaller one first; an end "
                         "may be left out");
}
