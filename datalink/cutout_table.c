/* cutout_table.c -- event lists and spectra kept as tables: the rows that a request means,
 * as they lie in the file, with what hangs on them (variable-length arrays). */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/base/bytes.h"
#include "core/base/num.h"
#include "core/fits/fits_time.h"
#include "datalink/cutout_inside.h"

enum { MAX_FIELDS = 999, ROWS_BYTES = 1 << 20, HEADER_LIMIT = 8 << 20 };

struct cell { /* a column that decides; offset -1: there is none */
    int64_t offset;
    char type; /* letter of TFORM */
    double scale, zero;
    double factor,
        shift; /* to degrees, MJD, metres, joules, hertz: value * factor + shift */
    char unit[72];
};

enum what { RA, DEC, TIME, SPECTRAL, NWHAT };
enum spectral { WAVELENGTH, ENERGY, FREQUENCY };

struct table {
    const struct fits_hdu *hdu, *primary;
    struct cell cell[NWHAT];
    enum spectral spectral;
    enum fits_scale scale;   /* of TIME */
    double time_lo, time_hi; /* what is asked for, in that scale */
    bool is_array[NWHAT];
};

/* Names in the order in which they are believed. */
/* clang-format off */
static const struct { enum what what; const char *name; } NAMES[] = {
    {RA, "RA"}, {RA, "RA_ICRS"}, {RA, "RAJ2000"}, {RA, "_RAJ2000"}, {RA, "ALPHA_J2000"},
    {DEC, "DEC"}, {DEC, "DE_ICRS"}, {DEC, "DEJ2000"}, {DEC, "_DEJ2000"}, {DEC, "DELTA_J2000"},
    {TIME, "TIME"}, {TIME, "MJD"}, {TIME, "JD"},
    {SPECTRAL, "WAVELENGTH"}, {SPECTRAL, "WAVE"}, {SPECTRAL, "LAMBDA"}, {SPECTRAL, "SPECTRAL"},
    {SPECTRAL, "ENERGY"}, {SPECTRAL, "FREQUENCY"}, {SPECTRAL, "FREQ"}};
/* clang-format on */

/* TFORM: how many bytes the field takes; -1: no such form. */
static int64_t field_bytes(const char *form, char *type, int64_t *repeat)
{
    size_t n = 0;
    *repeat = 1;
    while (form[n] >= '0' && form[n] <= '9')
        n++;
    if (n && (!num_parse_int((str){form, n}, repeat) || *repeat > (int64_t)1 << 40))
        return -1;
    *type = form[n];
    if (*type == 'X')
        return (*repeat + 7) / 8;
    int bytes = fits_type_bytes(*type);
    return bytes < 0 ? -1 : *repeat * bytes;
}

/* How well the name stands for one of the four; -1: for none. */
static int rank_of(const char *name, enum what *what)
{
    for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++)
        if (str_eq_fold(str_of(NAMES[i].name), str_of(name))) {
            *what = NAMES[i].what;
            return (int)i;
        }
    return -1;
}

static bool time_unit(struct table *t, struct cell *c, const char *name, int number)
{
    struct fits_times in;
    if (!fits_times_read(t->hdu, t->primary, name, c->unit, number, &in))
        return false;
    c->factor = in.day, c->shift = in.zero_mjd;
    t->scale = in.scale;
    return true;
}

static bool spectral_unit(struct table *t, struct cell *c)
{
    static const char *const UNIT[] = {"m", "J", "Hz"};
    for (int i = 0; i < 3; i++)
        if (fits_unit_factor(c->unit, UNIT[i], &c->factor)) {
            t->spectral = (enum spectral)i;
            return true;
        }
    return false;
}

static bool set_unit(struct table *t, enum what what, const char *name, int number)
{
    struct cell *c = &t->cell[what];
    if (what == TIME)
        return time_unit(t, c, name, number);
    if (what == SPECTRAL)
        return spectral_unit(t, c);
    c->factor = 1;
    return !c->unit[0] || fits_unit_factor(c->unit, "deg", &c->factor);
}

static bool bad_table(const struct fits_hdu *h, struct err *e)
{
    return err_set(e, ERR_USAGE, "HDU %d of the file is damaged: its columns do not fit",
                   h->number);
}

static bool read_columns(struct table *t, struct err *e)
{
    int64_t nfield = 0, offset = 0, repeat;
    int best[NWHAT] = {1000, 1000, 1000, 1000};
    for (int i = 0; i < NWHAT; i++)
        t->cell[i].offset = -1;
    if (!fits_int(t->hdu, "TFIELDS", &nfield) || nfield < 0 || nfield > MAX_FIELDS ||
        t->hdu->naxis != 2)
        return bad_table(t->hdu, e);
    for (int i = 1; i <= nfield; i++) {
        char key[24], form[72], name[72] = "", type;
        enum what what;
        snprintf(key, sizeof key, "TFORM%d", i);
        int64_t n = fits_text(t->hdu, key, form) ? field_bytes(form, &type, &repeat) : -1;
        if (n < 0 || offset + n > t->hdu->size[0])
            return bad_table(t->hdu, e);
        snprintf(key, sizeof key, "TTYPE%d", i);
        int rank = fits_text(t->hdu, key, name) ? rank_of(name, &what) : -1;
        if (rank >= 0 && rank < best[what] && repeat > 0 && strchr("BIJKED", type)) {
            struct cell c = {.offset = offset, .type = type, .scale = 1},
                        old = t->cell[what];
            snprintf(key, sizeof key, "TUNIT%d", i);
            fits_text(t->hdu, key, c.unit);
            snprintf(key, sizeof key, "TSCAL%d", i);
            fits_double(t->hdu, key, &c.scale);
            snprintf(key, sizeof key, "TZERO%d", i);
            fits_double(t->hdu, key, &c.zero);
            t->cell[what] = c;
            if (set_unit(t, what, name, i))
                best[what] = rank, t->is_array[what] = repeat > 1;
            else
                t->cell[what] = old;
        }
        offset += n;
    }
    return true;
}

/* ---- rows ---- */

static double cell_value(const struct cell *c, const unsigned char *row)
{
    const unsigned char *at = row + c->offset;
    uint64_t bits = 0;
    int n = fits_type_bytes(c->type);
    float f;
    double d;
    for (int i = 0; i < n; i++)
        bits = bits << 8 | at[i];
    uint32_t four = (uint32_t)bits;
    switch (c->type) {
    case 'I':
        d = (int16_t)bits;
        break;
    case 'J':
        d = (int32_t)four;
        break;
    case 'K':
        d = (double)(int64_t)bits;
        break;
    case 'E':
        memcpy(&f, &four, 4), d = (double)f;
        break;
    case 'D':
        memcpy(&d, &bits, 8);
        break;
    default:
        d = (double)bits;
    }
    return (c->zero + c->scale * d) * c->factor + c->shift;
}

static double wavelength(const struct table *t, double value)
{
    const double light = 299792458.0, planck = 6.62607015e-34;
    if (t->spectral == WAVELENGTH)
        return value;
    return t->spectral == ENERGY ? planck * light / value : light / value;
}

/* Requests speak UTC, rows the scale of the file. A bound that was a row's time in UTC
 * (t_min) is to take that row: close to a bound the row is converted, as the scan did. */
static bool is_in_time(const struct table *t, const struct cutout_request *r, double mjd)
{
    const double close = 1e-8; /* 0.9 ms */
    if (mjd > t->time_lo + close && mjd < t->time_hi - close)
        return true;
    if (!(mjd >= t->time_lo - close && mjd <= t->time_hi + close))
        return false;
    double utc = fits_scale_utc(t->scale, mjd);
    return utc >= r->time_min_mjd && utc <= r->time_max_mjd;
}

static bool is_wanted(const struct table *t, const struct cutout_request *r,
                      const unsigned char *row)
{
    if (r->region && !sky_region_contains_point(r->region, cell_value(&t->cell[RA], row),
                                                cell_value(&t->cell[DEC], row)))
        return false;
    if (r->has_time) {
        if (!is_in_time(t, r, cell_value(&t->cell[TIME], row)))
            return false;
    }
    if (r->has_band) {
        double m = wavelength(t, cell_value(&t->cell[SPECTRAL], row));
        if (!(m >= r->band_min_m && m <= r->band_max_m))
            return false;
    }
    return true;
}

static bool cannot(const struct table *t, const char *what, struct err *e)
{
    return err_set(e, ERR_USAGE, "the table of HDU %d cannot be cut by %s", t->hdu->number,
                   what);
}

static bool check_request(const struct table *t, const struct cutout_request *r,
                          struct err *e)
{
    if (r->has_center || r->npixel)
        return cannot(t, "pixels: it has none", e);
    if (r->nstate)
        return cannot(t, "polarization: it has none", e);
    if (r->region && (t->cell[RA].offset < 0 || t->cell[DEC].offset < 0 || t->is_array[RA]))
        return cannot(t, "positions: it has no columns RA and DEC", e);
    if (r->has_time && (t->cell[TIME].offset < 0 || t->is_array[TIME]))
        return cannot(t, "time: it has no column of times with a reference", e);
    if (r->has_band && t->is_array[SPECTRAL])
        return cannot(t, "wavelengths: its cells are arrays", e);
    if (r->has_band && t->cell[SPECTRAL].offset < 0)
        return cannot(t,
                      "wavelengths: it has no column of wavelengths, energies or "
                      "frequencies with a unit",
                      e);
    return true;
}

/* ---- the header ---- */

static bool make_header(const struct table *t, const struct cutout_request *r,
                        struct bytes *out, struct err *e)
{
    static const char *const LEFT_OUT[] = {"CHECKSUM", "DATASUM ", "THEAP   ", "END     "};
    const struct fits_hdu *h = t->hdu;
    size_t most = fits_padded((size_t)(h->ncard + 8) * FITS_CARD), n = 0;
    char *to = bytes_reserve(out, most);
    if (!to)
        return err_set(e, ERR_LIMIT, "the header needs too much memory");
    memset(to, ' ', most);
    for (uint32_t i = 0; i < h->ncard; i++) {
        const char *card = h->card + (size_t)i * FITS_CARD;
        bool is_out = false;
        for (size_t k = 0; k < sizeof LEFT_OUT / sizeof *LEFT_OUT; k++)
            is_out |= memcmp(card, LEFT_OUT[k], 8) == 0;
        if (!is_out)
            memcpy(to + FITS_CARD * n++, card, FITS_CARD);
    }
    if (h->heap_bytes > 0)
        fits_put_int(to + FITS_CARD * n++, "THEAP", 0, NULL);
    fits_put_card(to + FITS_CARD * n++, "DATASUM", "'0         '", "of the data");
    fits_put_card(to + FITS_CARD * n++, "CHECKSUM", "'0000000000000000'", "of the data");
    char *history = to + FITS_CARD * n++;
    int len =
        snprintf(history, FITS_CARD, "HISTORY rows of HDU %d that a request chose; %.40s",
                 h->number, r->origin ? r->origin : "");
    history[len < FITS_CARD ? len : FITS_CARD - 1] = ' ';
    memcpy(to + FITS_CARD * n++, "END", 3);
    out->len += (size_t)fits_padded(n * FITS_CARD);
    return true;
}

static void set_int(struct bytes *head, const char *keyword, int64_t value)
{
    struct fits_hdu h = {.card = head->at, .ncard = (uint32_t)(head->len / FITS_CARD)};
    char *card = (char *)(uintptr_t)fits_card_find(&h, keyword);
    if (card)
        fits_put_int(card, keyword, value, NULL);
}

/* ---- writing ---- */

struct rows {
    const struct table *table;
    const struct cutout_request *request;
    const struct cutout_sink *sink;
    uint64_t at;
    uint32_t sum;
    unsigned char rest[4];
    size_t nrest;
    uint64_t nrow;
};

static bool put(struct rows *w, const void *data, size_t n, struct err *e)
{
    const unsigned char *at = data;
    if (!w->sink->write(w->sink->context, w->at, data, n, e))
        return false;
    w->at += n;
    for (size_t i = 0; i < n; i++) {
        if (w->nrest == 0 && n - i >= 4) {
            size_t whole = (n - i) / 4 * 4;
            w->sum = fits_sum(w->sum, at + i, whole);
            if ((i += whole) >= n)
                break;
        }
        w->rest[w->nrest++] = at[i];
        if (w->nrest == 4)
            w->sum = fits_sum(w->sum, w->rest, 4), w->nrest = 0;
    }
    return true;
}

static bool put_rows(struct cutout_file *f, struct rows *w, struct err *e)
{
    const struct fits_hdu *h = w->table->hdu;
    size_t width = (size_t)h->size[0];
    if (width == 0 || width > (size_t)64 << 20)
        return bad_table(h, e);
    size_t most = width > ROWS_BYTES ? 1 : ROWS_BYTES / width;
    unsigned char *in = malloc(most * width), *out = malloc(most * width);
    bool ok = true;
    if (!in || !out) {
        err_set(e, ERR_BUSY, "out of memory");
        free(in);
        free(out);
        return false;
    }
    for (int64_t row = 0; ok && row < h->size[1];) {
        size_t n = (uint64_t)(h->size[1] - row) < most ? (size_t)(h->size[1] - row) : most;
        size_t kept = 0;
        ok = fits_file_read(f->fits, h->data_at + (uint64_t)row * width, in, n * width, e);
        for (size_t i = 0; ok && i < n; i++)
            if (is_wanted(w->table, w->request, in + i * width))
                memcpy(out + width * kept++, in + i * width, width);
        ok = ok && put(w, out, kept * width, e);
        w->nrow += kept, row += (int64_t)n;
    }
    free(in);
    free(out);
    return ok;
}

/* Descriptors of arrays count from the heap's begin: it is taken whole. */
static bool put_heap(struct cutout_file *f, struct rows *w, uint64_t begin,
                     struct bytes *head, struct err *e)
{
    static const char ZERO[FITS_BLOCK];
    const struct fits_hdu *h = w->table->hdu;
    int64_t rows = h->size[0] * h->size[1], heap_at = rows;
    char buffer[8192];
    fits_int(h, "THEAP", &heap_at);
    if (heap_at < rows || heap_at > rows + h->heap_bytes)
        return bad_table(h, e);
    int64_t left = h->heap_bytes ? rows + h->heap_bytes - heap_at : 0;
    set_int(head, "THEAP", (int64_t)(w->at - begin));
    set_int(head, "PCOUNT", left);
    while (left > 0) {
        size_t n = left < (int64_t)sizeof buffer ? (size_t)left : sizeof buffer;
        if (!fits_file_read(f->fits, h->data_at + (uint64_t)heap_at, buffer, n, e) ||
            !put(w, buffer, n, e))
            return false;
        heap_at += (int64_t)n, left -= (int64_t)n;
    }
    uint64_t n = w->at - begin;
    return put(w, ZERO, (size_t)(fits_padded(n) - n), e);
}

enum cutout_result cutout_table_write(struct cutout_file *f, const struct fits_hdu *h,
                                      const struct cutout_request *r,
                                      const struct cutout_sink *sink, uint64_t *at,
                                      struct err *e)
{
    struct table t = {.hdu = h, .primary = &f->fits->hdu[0]};
    struct bytes head;
    enum cutout_result result = CUTOUT_FAILED;
    bytes_init(&head, HEADER_LIMIT);
    if (!read_columns(&t, e) || !check_request(&t, r, e) || !make_header(&t, r, &head, e))
        goto out;
    t.time_lo = fits_scale_from_utc(t.scale, r->time_min_mjd);
    t.time_hi = fits_scale_from_utc(t.scale, r->time_max_mjd);
    struct rows w = {.table = &t, .request = r, .sink = sink, .at = *at + head.len};
    if (!put_rows(f, &w, e) || !put_heap(f, &w, *at + head.len, &head, e))
        goto out;
    set_int(&head, "NAXIS2", (int64_t)w.nrow);
    cutout_checksum(head.at, head.len, w.sum);
    result = CUTOUT_EMPTY;
    if (w.nrow == 0 && cutout_request_selects(r))
        goto out;
    result = CUTOUT_FAILED;
    if (!sink->write(sink->context, *at, head.at, head.len, e))
        goto out;
    *at = w.at;
    result = CUTOUT_DONE;

out:
    bytes_free(&head);
    return result;
}
