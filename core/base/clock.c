/* clock.c -- deadlines, and the proleptic Gregorian calendar by day counting. */
#include "core/base/clock.h"

#include <stdio.h>
#include <time.h>

int64_t clock_monotonic_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

int64_t clock_now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

int64_t clock_deadline_ns(double seconds)
{
    if (!(seconds > 0) || seconds > 1e9)
        return CLOCK_NEVER;
    return clock_monotonic_ns() + (int64_t)(seconds * 1e9);
}

void clock_condition_init(pthread_cond_t *condition)
{
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(condition, &attr);
    pthread_condattr_destroy(&attr);
}

void clock_condition_wait(pthread_cond_t *condition, pthread_mutex_t *lock,
                          int64_t until_ns)
{
    struct timespec until = {until_ns / 1000000000, until_ns % 1000000000};
    pthread_cond_timedwait(condition, lock, &until);
}

struct civil {
    int64_t year;
    int month, day;
};

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

/* Days since 1970-01-01, by eras of 400 years that begin on 1 March. */
static int64_t days_of_civil(struct civil c)
{
    int64_t y = c.year - (c.month <= 2);
    int64_t era = floor_div(y, 400);
    int64_t yoe = y - era * 400;
    int64_t doy = (153 * (c.month + (c.month > 2 ? -3 : 9)) + 2) / 5 + c.day - 1;
    return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

static struct civil civil_of_days(int64_t days)
{
    int64_t z = days + 719468;
    int64_t era = floor_div(z, 146097);
    int64_t doe = z - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int mp = (int)((5 * doy + 2) / 153);
    int month = mp < 10 ? mp + 3 : mp - 9;
    return (struct civil){yoe + era * 400 + (month <= 2), month,
                          (int)(doy - (153 * mp + 2) / 5) + 1};
}

static void put_digits(char *at, int64_t value, int n)
{
    for (int i = n - 1; i >= 0; i--, value /= 10)
        at[i] = (char)('0' + value % 10);
}

static size_t put_seconds(int64_t us, char *out)
{
    int64_t days = floor_div(us, 86400000000);
    int64_t second = (us - days * 86400000000) / 1000000;
    struct civil c = civil_of_days(days);
    size_t n = 4;
    if (c.year >= 0 && c.year <= 9999)
        put_digits(out, c.year, 4);
    else
        n = (size_t)snprintf(out, 16, "%+05lld", (long long)c.year);
    char *p = out + n;
    memcpy(p, "-00-00T00:00:00", 16);
    put_digits(p + 1, c.month, 2);
    put_digits(p + 4, c.day, 2);
    put_digits(p + 7, second / 3600, 2);
    put_digits(p + 10, second / 60 % 60, 2);
    put_digits(p + 13, second % 60, 2);
    return n + 15;
}

size_t clock_print_us(int64_t us, char out[CLOCK_TEXT_BYTES])
{
    size_t n = put_seconds(us, out);
    int64_t fraction = us - floor_div(us, 1000000) * 1000000;
    if (fraction) {
        int digits = fraction % 1000 ? 6 : 3;
        out[n++] = '.';
        put_digits(out + n, digits == 3 ? fraction / 1000 : fraction, digits);
        n += (size_t)digits;
    }
    out[n] = '\0';
    return n;
}

size_t clock_print_utc(int64_t us, char out[CLOCK_TEXT_BYTES])
{
    size_t n = put_seconds(us, out);
    out[n++] = '.';
    put_digits(out + n, (us - floor_div(us, 1000000) * 1000000) / 1000, 3);
    n += 3;
    out[n++] = 'Z';
    out[n] = '\0';
    return n;
}

/* n digits at the front of *s; -1 if there are fewer. */
static int take_digits(str *s, size_t n)
{
    int value = 0;
    if (s->len < n)
        return -1;
    for (size_t i = 0; i < n; i++) {
        if (s->at[i] < '0' || s->at[i] > '9')
            return -1;
        value = value * 10 + (s->at[i] - '0');
    }
    *s = (str){s->at + n, s->len - n};
    return value;
}

static bool take_char(str *s, const char *any)
{
    if (s->len == 0 || !strchr(any, s->at[0]) || s->at[0] == '\0')
        return false;
    *s = (str){s->at + 1, s->len - 1};
    return true;
}

static bool take_date(str *s, int64_t *days)
{
    static const int LENGTH[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    struct civil c;
    c.year = take_digits(s, 4);
    if (c.year < 0 || !take_char(s, "-"))
        return false;
    c.month = take_digits(s, 2);
    if (c.month < 1 || c.month > 12 || !take_char(s, "-"))
        return false;
    c.day = take_digits(s, 2);
    bool leap = c.year % 4 == 0 && (c.year % 100 != 0 || c.year % 400 == 0);
    if (c.day < 1 || c.day > LENGTH[c.month - 1] + (c.month == 2 && leap))
        return false;
    *days = days_of_civil(c);
    return true;
}

static int64_t take_fraction_us(str *s)
{
    int64_t us = 0, unit = 100000;
    for (; s->len && s->at[0] >= '0' && s->at[0] <= '9'; unit /= 10) {
        us += unit * (s->at[0] - '0');
        *s = (str){s->at + 1, s->len - 1};
    }
    return us;
}

static bool take_time(str *s, int64_t *us)
{
    int hour = take_digits(s, 2);
    if (hour < 0 || hour > 24 || !take_char(s, ":"))
        return false;
    int minute = take_digits(s, 2);
    if (minute < 0 || minute > 59)
        return false;
    int second = 0;
    int64_t fraction = 0;
    if (take_char(s, ":")) {
        second = take_digits(s, 2);
        if (second < 0 || second > 60)
            return false;
        if (take_char(s, "."))
            fraction = take_fraction_us(s);
    }
    *us = (hour * 3600 + minute * 60 + second) * INT64_C(1000000) + fraction;
    return *us <= INT64_C(86401000000);
}

bool clock_parse_us(str text, int64_t *us)
{
    str s = str_trim(text);
    int64_t days, of_day = 0;
    if (!take_date(&s, &days))
        return false;
    if (take_char(&s, "T ") && !take_time(&s, &of_day))
        return false;
    if (s.len && !str_eq(s, STR("Z")) && !str_eq(s, STR("+00:00")))
        return false;
    *us = days * 86400000000 + of_day;
    return true;
}
