/* sexagesimal.c -- hours, minutes and seconds, degrees likewise, as text. */
#include "core/sky/sky.h"

#include <stdio.h>

#include "core/base/num.h"
#include "core/sky/private.h"

struct fields {
    bool is_negative, has_sign;
    double part[3]; /* hours or degrees, minutes, seconds */
};

/* Digits with at most one point: no sign, no exponent. */
static bool read_part(str text, bool may_have_point, double *value)
{
    size_t points = 0;
    if (text.len == 0 || text.len > 30)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        bool is_point = text.at[i] == '.';
        if (!is_point && (text.at[i] < '0' || text.at[i] > '9'))
            return false;
        points += is_point;
    }
    return points <= may_have_point && text.len > points && num_parse_double(text, value);
}

/* 033445.4: two digits each; seconds may go on. Degrees too, since they end at 90. */
static bool read_run(str text, struct fields *f)
{
    size_t whole = str_find(text, '.');
    if (whole != 6)
        return false;
    return read_part((str){text.at, 2}, false, &f->part[0]) &&
           read_part((str){text.at + 2, 2}, false, &f->part[1]) &&
           read_part((str){text.at + 4, text.len - 4}, true, &f->part[2]);
}

/* 3h34m45.4s: each part up to its letter. */
static bool read_lettered(str text, const char letters[3], struct fields *f)
{
    for (int i = 0; i < 3; i++) {
        size_t end = 0;
        while (end < text.len && ascii_lower(text.at[end]) != letters[i])
            end++;
        if (end == text.len ||
            !read_part(str_trim((str){text.at, end}), i == 2, &f->part[i]))
            return false;
        text = str_trim((str){text.at + end + 1, text.len - end - 1});
    }
    return text.len == 0;
}

static bool read_separated(str text, char separator, struct fields *f)
{
    for (int i = 0; i < 3; i++) {
        if (!text.at)
            return false;
        str part = str_cut(&text, separator);
        if (separator == ' ')
            text = text.at ? str_trim(text) : text;
        if (!read_part(str_trim(part), i == 2, &f->part[i]))
            return false;
    }
    return text.at == NULL;
}

static bool read_fields(str text, const char letters[3], struct fields *f)
{
    text = str_trim(text);
    if (text.len && (text.at[0] == '+' || text.at[0] == '-')) {
        f->has_sign = true;
        f->is_negative = text.at[0] == '-';
        text = (str){text.at + 1, text.len - 1};
    }
    bool is_read = str_find(text, ':') < text.len    ? read_separated(text, ':', f)
                   : read_run(text, f)               ? true
                   : read_lettered(text, letters, f) ? true
                                                     : read_separated(text, ' ', f);
    return is_read && f->part[1] < 60 && f->part[2] < 60;
}

bool sky_hms_parse(str text, double *degrees)
{
    struct fields f = {0};
    if (!read_fields(text, "hms", &f) || f.has_sign)
        return false;
    double hours = f.part[0] + (f.part[1] + f.part[2] / 60) / 60;
    if (hours > 24)
        return false;
    *degrees = f.part[0] * 15 + f.part[1] / 4 + f.part[2] / 240;
    return true;
}

bool sky_dms_parse(str text, double *degrees)
{
    struct fields f = {0};
    if (!read_fields(text, "dms", &f))
        return false;
    double size = f.part[0] + f.part[1] / 60 + f.part[2] / 3600;
    if (size > 90)
        return false;
    *degrees = f.is_negative ? -size : size;
    return true;
}

/* Rounded once, in units of the last decimal, so that no field can show 60. */
static size_t print(double value, const char *sign, int64_t turn, int decimals,
                    char out[SKY_SEXAGESIMAL_BYTES])
{
    int64_t unit = 1; /* in a second */
    if (decimals < 0 || decimals > 9)
        decimals = decimals < 0 ? 0 : 9;
    for (int i = 0; i < decimals; i++)
        unit *= 10;
    int64_t all = (int64_t)llrint(value * 3600 * (double)unit);
    if (turn && all >= turn * 3600 * unit)
        all -= turn * 3600 * unit;
    int64_t seconds = all / unit;
    int n = snprintf(out, SKY_SEXAGESIMAL_BYTES, "%s%02lld:%02lld:%02lld", sign,
                     (long long)(seconds / 3600), (long long)(seconds / 60 % 60),
                     (long long)(seconds % 60));
    if (decimals > 0)
        n += snprintf(out + n, SKY_SEXAGESIMAL_BYTES - (size_t)n, ".%0*lld", decimals,
                      (long long)(all % unit));
    return (size_t)n;
}

static size_t print_nan(char out[SKY_SEXAGESIMAL_BYTES])
{
    memcpy(out, "NaN", 4);
    return 3;
}

size_t sky_hms_print(double degrees, int decimals, char out[SKY_SEXAGESIMAL_BYTES])
{
    if (!isfinite(degrees))
        return print_nan(out);
    return print(sky_lon_reduce(degrees) / 15, "", 24, decimals, out);
}

size_t sky_dms_print(double degrees, int decimals, char out[SKY_SEXAGESIMAL_BYTES])
{
    if (!(fabs(degrees) <= 360))
        return print_nan(out);
    return print(fabs(degrees), signbit(degrees) ? "-" : "+", 0, decimals, out);
}
