/* words.c -- SODA's parameters and two of our own (windows of pixels), read into a request.
 */
#include "datalink/words.h"

#include <math.h>

#include "core/base/num.h"

enum { MAX_WINDOW = 20000 };

static bool next_word(str *text, str *word)
{
    *text = str_trim(*text);
    size_t n = 0;
    while (n < text->len && !strchr(" \t\r\n,", text->at[n]))
        n++;
    *word = (str){text->at, n};
    *text = str_trim((str){text->at + n, text->len - n});
    return n > 0;
}

/* Exactly n numbers between blanks. */
static bool read_numbers(str value, const char *name, int n, double *out, struct err *e)
{
    str word, rest = value;
    for (int i = 0; i < n; i++)
        if (!next_word(&rest, &word) || !num_parse_double(word, &out[i]) || isnan(out[i]))
            return err_set(e, ERR_USAGE, "%s needs %d numbers with blanks between them",
                           name, n);
    return rest.len == 0 ||
           err_set(e, ERR_USAGE, "%s needs %d numbers, there are more", name, n);
}

static bool set_region(struct cutout_request *r, const struct sky_region *region,
                       struct err *e)
{
    if (!region)
        return false;
    if (r->region)
        return err_set(e, ERR_USAGE, "give one region only: POS, CIRCLE or POLYGON, once");
    r->region = region;
    return true;
}

static bool read_pos(struct cutout_request *r, str value, struct arena *arena,
                     struct err *e)
{
    return set_region(r, sky_region_parse(arena, SKY_XTYPE_SHAPE, value, e), e);
}

static bool read_circle(struct cutout_request *r, str value, struct arena *arena,
                        struct err *e)
{
    double n[3] = {0};
    return read_numbers(value, "CIRCLE", 3, n, e) &&
           set_region(r, sky_region_circle(arena, n[0], n[1], n[2], e), e);
}

static bool read_polygon(struct cutout_request *r, str value, struct arena *arena,
                         struct err *e)
{
    return set_region(r, sky_region_parse(arena, SKY_XTYPE_POLYGON, value, e), e);
}

static bool read_interval(str value, const char *name, double *min, double *max,
                          struct err *e)
{
    double n[2] = {0};
    if (!read_numbers(value, name, 2, n, e))
        return false;
    *min = n[0], *max = n[1];
    return n[0] <= n[1] ||
           err_set(e, ERR_USAGE, "%s: its first number must not exceed its second", name);
}

static bool read_band(struct cutout_request *r, str value, struct arena *arena,
                      struct err *e)
{
    (void)arena;
    r->has_band = true;
    return read_interval(value, "BAND", &r->band_min_m, &r->band_max_m, e);
}

static bool read_time(struct cutout_request *r, str value, struct arena *arena,
                      struct err *e)
{
    (void)arena;
    r->has_time = true;
    return read_interval(value, "TIME", &r->time_min_mjd, &r->time_max_mjd, e);
}

static bool read_pol(struct cutout_request *r, str value, struct arena *arena,
                     struct err *e)
{
    static const char *const STATES[] = {"I",  "Q",  "U",  "V",  "RR", "LL",
                                         "RL", "LR", "XX", "YY", "XY", "YX"};
    (void)arena;
    value = str_trim(value);
    for (size_t i = 0; i < sizeof STATES / sizeof *STATES; i++)
        if (str_eq_fold(value, str_of(STATES[i]))) {
            if (r->nstate == CUTOUT_STATES)
                return err_set(e, ERR_LIMIT, "too many values of POL");
            r->state[r->nstate++] = STATES[i];
            return true;
        }
    return err_set(e, ERR_USAGE,
                   "POL is one of I, Q, U, V, RR, LL, RL, LR, XX, YY, XY, YX");
}

/* "3:10,1:20,5": ranges of the axes in their order, from 1; "*" all of one. */
static bool read_pixels(struct cutout_request *r, str value, struct arena *arena,
                        struct err *e)
{
    (void)arena;
    for (r->npixel = 0; value.at && r->npixel < CUTOUT_AXES; r->npixel++) {
        str part = str_trim(str_cut(&value, ',')), from = str_cut(&part, ':');
        int64_t *first = &r->pixel[r->npixel].first, *last = &r->pixel[r->npixel].last;
        *first = 0;
        if (str_eq(from, STR("*")) && !part.at)
            continue;
        bool ok = num_parse_int(from, first) && *first >= 1;
        *last = *first;
        ok = ok && (!part.at || num_parse_int(part, last)) && *last >= *first;
        if (!ok)
            return err_set(
                e, ERR_USAGE,
                "PIXELS is a range FIRST:LAST for each axis, from 1, with commas "
                "between them; * is all of an axis");
    }
    return !value.at || err_set(e, ERR_USAGE, "PIXELS has more than %d axes", CUTOUT_AXES);
}

static bool read_center(struct cutout_request *r, str value, struct arena *arena,
                        struct err *e)
{
    double n[2] = {0};
    (void)arena;
    if (!read_numbers(value, "CENTER", 2, n, e) || !sky_position_check(n[0], n[1], e))
        return false;
    r->has_center = true, r->lon_deg = n[0], r->lat_deg = n[1];
    return true;
}

static bool read_size(struct cutout_request *r, str value, struct arena *arena,
                      struct err *e)
{
    str word;
    int64_t n[2] = {0};
    (void)arena;
    for (int i = 0; i < 2; i++) {
        if (i == 1 && value.len == 0)
            n[1] = n[0];
        else if (!next_word(&value, &word) || !num_parse_int(word, &n[i]) || n[i] < 1 ||
                 n[i] > MAX_WINDOW)
            return err_set(e, ERR_USAGE,
                           "SIZE is one or two whole numbers of pixels, 1 to %d",
                           MAX_WINDOW);
    }
    r->width = n[0], r->height = n[1];
    return value.len == 0 || err_set(e, ERR_USAGE, "SIZE has more than two numbers");
}

/* clang-format off */
static const struct cutout_word WORDS[] = {
    {"POS", "char", "*", NULL, NULL, "pos.outline;obs",
     "CIRCLE lon lat radius, RANGE lon1 lon2 lat1 lat2, or POLYGON lon1 lat1 ...; ICRS, degrees; "
     "optional", read_pos, false},
    {"CIRCLE", "double", "3", "circle", "deg", "pos.outline;obs",
     "centre and radius; ICRS; optional", read_circle, false},
    {"POLYGON", "double", "*", "polygon", "deg", "pos.outline;obs",
     "vertices; ICRS; optional", read_polygon, false},
    {"BAND", "double", "2", "interval", "m", "em.wl;stat.interval",
     "wavelengths in vacuum; optional", read_band, false},
    {"TIME", "double", "2", "interval", "d", "time.interval;obs.exposure",
     "times, MJD in UTC; optional", read_time, false},
    {"POL", "char", "*", NULL, NULL, "meta.code;phys.polarization",
     "polarization states; may be repeated; optional", read_pol, true},
    {"PIXELS", "char", "*", NULL, NULL, "instr.pixel",
     "pixels FIRST:LAST of each axis from 1, with commas; * is all of one; optional",
     read_pixels, false},
    {"CENTER", "double", "2", "point", "deg", "pos.eq",
     "a position, ICRS, around which SIZE pixels are taken; optional", read_center, false},
    {"SIZE", "char", "*", NULL, NULL, "pos.angDistance;instr.pixel",
     "width and height in pixels, with CENTER; optional", read_size, false}};
/* clang-format on */

uint32_t cutout_word_count(void)
{
    return sizeof WORDS / sizeof *WORDS;
}

const struct cutout_word *cutout_word_at(uint32_t i)
{
    return &WORDS[i];
}

const struct cutout_word *cutout_word_find(str name)
{
    for (uint32_t i = 0; i < cutout_word_count(); i++)
        if (str_eq_fold(name, str_of(WORDS[i].name)))
            return &WORDS[i];
    return NULL;
}

bool cutout_request_check(const struct cutout_request *r, struct err *e)
{
    if (r->has_center != (r->width > 0))
        return err_set(e, ERR_USAGE, "CENTER and SIZE come together");
    if (r->has_center && r->region)
        return err_set(e, ERR_USAGE,
                       "give a region or CENTER with SIZE, not both at a time");
    return true;
}
