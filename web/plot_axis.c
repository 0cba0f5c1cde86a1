/* plot_axis.c -- where an axis has its marks, and what they say. */
#include <math.h>
#include <stdio.h>

#include "core/base/clock.h"
#include "core/base/num.h"
#include "web/plot_draw.h"

static const double DAY_US = 86400e6;
enum { MJD_1970 = 40587 };

static double round_step(double least)
{
    double power = pow(10, floor(log10(least)));
    double part = least / power;
    return (part <= 1 ? 1 : part <= 2 ? 2 : part <= 5 ? 5 : 10) * power;
}

double plot_place(const struct plot_scaling *s, double value)
{
    double at = s->scale == PLOT_LOG ? log10(value) : value;
    double part = s->hi > s->lo ? (at - s->lo) / (s->hi - s->lo) : 0.5;
    return s->from + part * (s->to - s->from);
}

static void add_mark(struct plot_marks *m, double at, const char *text)
{
    if (m->n == PLOT_MARKS)
        return;
    m->at[m->n] = at;
    snprintf(m->text[m->n++], PLOT_MARK_BYTES, "%s", text);
}

/* 0.00001, 12, 1.5e9: short, and no more digits than the step tells. */
static void number_text(double value, double step, char out[PLOT_MARK_BYTES])
{
    if (fabs(value) < step * 1e-6)
        value = 0;
    double most = fabs(value) > step ? fabs(value) : step;
    int digits = (int)fmax(1, fmin(12, floor(log10(most)) - floor(log10(step)) + 1.0));
    if (value != 0 && (most >= 1e6 || most < 1e-4))
        snprintf(out, PLOT_MARK_BYTES, "%.*e", digits - 1, value);
    else
        snprintf(out, PLOT_MARK_BYTES, "%.*g", digits < 7 && most >= 10 ? 7 : digits,
                 value);
}

static void linear_marks(const struct plot_scaling *s, int about, struct plot_marks *m)
{
    double step = round_step((s->hi - s->lo) / about);
    char text[PLOT_MARK_BYTES];
    double first = ceil(s->lo / step - 1e-9);
    for (int i = 0; i < PLOT_MARKS && (first + i) * step <= s->hi + step * 1e-9; i++) {
        number_text((first + i) * step, step, text);
        add_mark(m, (first + i) * step, text);
    }
}

/* Powers of ten; within less than two of them their 1, 2, 5. */
static void log_marks(const struct plot_scaling *s, int about, struct plot_marks *m)
{
    double span = s->hi - s->lo;
    int step = (int)fmax(1, ceil(span / about));
    char text[PLOT_MARK_BYTES];
    for (int power = (int)floor(s->lo); power <= (int)ceil(s->hi); power++) {
        static const int PART[] = {1, 2, 5};
        for (int i = 0; i < (span < 2.5 ? 3 : 1); i++) {
            double at = power + log10(PART[i]);
            if (at < s->lo - 1e-9 || at > s->hi + 1e-9 || (step > 1 && power % step != 0))
                continue;
            if (power >= -3 && power <= 4)
                snprintf(text, sizeof text, "%g", PART[i] * pow(10, power));
            else
                snprintf(text, sizeof text, "%de%d", PART[i], power);
            add_mark(m, pow(10, at), text);
        }
    }
}

static void time_text(double mjd, int len, char out[PLOT_MARK_BYTES])
{
    char all[CLOCK_TEXT_BYTES];
    clock_print_us((int64_t)llround((mjd - MJD_1970) * DAY_US), all);
    snprintf(out, PLOT_MARK_BYTES, "%.*s", len, all);
}

/* Begins of years or months; else steps of days, hours, minutes. */
static void time_marks(const struct plot_scaling *s, int about, struct plot_marks *m)
{
    static const double STEP[] = {1.0 / 1440, 5.0 / 1440, 15.0 / 1440, 1.0 / 24, 3.0 / 24,
                                  6.0 / 24,   1,          2,           5,        10};
    double span = s->hi - s->lo;
    char text[PLOT_MARK_BYTES];
    if (span > 60) {
        int months = (int)fmax(1, ceil(span / 30.4 / about));
        static const int ROUND[] = {1, 2, 3, 6, 12, 24, 60, 120, 240, 600};
        for (size_t i = 0; i < sizeof ROUND / sizeof *ROUND; i++)
            if (ROUND[i] >= months || i == sizeof ROUND / sizeof *ROUND - 1) {
                months = ROUND[i];
                break;
            }
        time_text(s->lo, 4, text);
        int64_t year = 0;
        if (!num_parse_int(str_of(text), &year))
            return;
        for (int k = 0; k < 4000 && m->n < PLOT_MARKS; k += months) {
            int64_t us;
            int64_t first = months > 12 ? year - year % (months / 12) : year;
            snprintf(text, sizeof text, "%04d-%02d-01", (int)(first + k / 12), k % 12 + 1);
            if (!clock_parse_us(str_of(text), &us))
                return;
            double at = (double)us / DAY_US + MJD_1970;
            if (at > s->hi)
                return;
            text[months >= 12 ? 4 : 7] = '\0';
            if (at >= s->lo)
                add_mark(m, at, text);
        }
        return;
    }
    double step = STEP[0];
    for (size_t i = 0; i < sizeof STEP / sizeof *STEP; i++) {
        step = STEP[i];
        if (span / step <= about)
            break;
    }
    for (double k = ceil(s->lo / step); k * step <= s->hi && m->n < PLOT_MARKS; k++) {
        time_text(k * step, step >= 1 ? 10 : 16, text);
        add_mark(m, k * step, text);
    }
}

void plot_find_marks(const struct plot_scaling *s, int about, struct plot_marks *m)
{
    m->n = 0;
    if (!(s->hi > s->lo) || !isfinite(s->hi - s->lo))
        return;
    if (s->scale == PLOT_LOG)
        log_marks(s, about, m);
    else if (s->scale == PLOT_TIME)
        time_marks(s, about, m);
    else
        linear_marks(s, about, m);
}
