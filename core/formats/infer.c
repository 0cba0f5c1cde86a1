/* infer.c -- see infer.h. */
#include "core/formats/infer.h"

#include "core/base/clock.h"
#include "core/base/num.h"

/* An integer that 64 bits do not hold would lose digits as a double: it is a name. */
static bool is_digits(str s)
{
    for (size_t i = 0; i < s.len; i++)
        if ((s.at[i] < '0' || s.at[i] > '9') && (i || (s.at[i] != '-' && s.at[i] != '+')))
            return false;
    return true;
}

/* A date, perhaps with a time in no more than microseconds. */
static bool is_time(str s)
{
    int64_t us;
    size_t point = str_find(s, '.'), digits = 0;
    while (point + 1 + digits < s.len && s.at[point + 1 + digits] >= '0' &&
           s.at[point + 1 + digits] <= '9')
        digits++;
    return digits <= 6 && clock_parse_us(s, &us);
}

void infer_see(struct infer *f, str value)
{
    int64_t integer;
    double number;
    str s = str_trim(value);
    if (s.len == 0) {
        f->not_long |= value.len > 0 && f->not_double; /* blanks say nothing of numbers */
        return;
    }
    f->any = true;
    f->not_ascii = f->not_ascii || !cell_is_ascii(s);
    if (!f->not_long && !num_parse_int(s, &integer)) {
        f->not_long = true;
        f->not_double |= is_digits(s);
    }
    if (f->not_long && !f->not_double && !num_parse_double(s, &number))
        f->not_double = true;
    if (!f->not_time && !is_time(s))
        f->not_time = true;
}

enum store_type infer_type(const struct infer *f)
{
    if (!f->any)
        return STORE_TEXT;
    if (!f->not_long)
        return STORE_I64;
    if (!f->not_double)
        return STORE_F64;
    return f->not_time ? STORE_TEXT : STORE_TIME_US;
}

const char *infer_datatype(const struct infer *f, enum store_type type)
{
    return type == STORE_TEXT && f->not_ascii ? "unicodeChar" : NULL;
}

struct cell_kind infer_kind(enum store_type type)
{
    struct cell_kind k = {.type = type, .length = type == STORE_TEXT ? -1 : 1};
    k.datatype = type == STORE_I64   ? DATATYPE_LONG
                 : type == STORE_F64 ? DATATYPE_DOUBLE
                                     : DATATYPE_CHAR;
    return k;
}
