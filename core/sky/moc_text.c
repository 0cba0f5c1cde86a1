/* moc_text.c -- MOCs as ASCII and JSON (MOC 2.0, "ASCII serialization"). */
#include "core/sky/sky.h"

#include "core/base/num.h"
#include "core/sky/private.h"

struct reader {
    str text;
    size_t at;
    int order;   /* -1 before the first */
    int deepest; /* of all orders seen */
    struct spans spans;
    struct err *e;
};

static bool moc_error(struct reader *r, const char *what)
{
    int line = 1, column = 1;
    for (size_t i = 0; i < r->at && i < r->text.len; i++) {
        column = r->text.at[i] == '\n' ? 1 : column + 1;
        line += r->text.at[i] == '\n';
    }
    return err_set_at(r->e, ERR_USAGE, line, column, "MOC text, character %zu: %s",
                      r->at + 1, what);
}

static bool is_separator(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == ',';
}

static void skip_separators(struct reader *r)
{
    while (r->at < r->text.len && is_separator(r->text.at[r->at]))
        r->at++;
}

static bool is_digit_next(const struct reader *r)
{
    return r->at < r->text.len && r->text.at[r->at] >= '0' && r->text.at[r->at] <= '9';
}

static bool is_next(const struct reader *r, char c)
{
    return r->at < r->text.len && r->text.at[r->at] == c;
}

/* int := [0-9]+ */
static bool read_number(struct reader *r, int64_t *value)
{
    size_t start = r->at;
    while (is_digit_next(r))
        r->at++;
    if (start == r->at)
        return moc_error(r, "expected a number (the form is order/cell cell-cell ...)");
    if (num_parse_int((str){r->text.at + start, r->at - start}, value))
        return true;
    r->at = start;
    return moc_error(r, "this number is too large");
}

static bool set_order(struct reader *r, int64_t order)
{
    r->at++; /* the slash */
    if (order > SKY_HEALPIX_ORDER_MAX)
        return moc_error(r, "the order before the slash is over 29");
    r->order = (int)order;
    if (r->order > r->deepest)
        r->deepest = r->order;
    return true;
}

/* val := int | int '-' int, or an order if a slash follows. */
static bool read_value(struct reader *r)
{
    int64_t lo = 0, hi = 0;
    if (!read_number(r, &lo))
        return false;
    if (is_next(r, '/'))
        return set_order(r, lo);
    if (r->order < 0)
        return moc_error(r, "expected an order and a slash before the first cell");
    hi = lo;
    if (is_next(r, '-')) {
        r->at++;
        if (!read_number(r, &hi))
            return false;
    }
    if (hi < lo)
        return moc_error(r, "this range of cells runs backward");
    if (hi >= sky_healpix_count(r->order))
        return moc_error(r, "there is no cell of this number in this order");
    int shift = 2 * (SKY_HEALPIX_ORDER_MAX - r->order);
    sky_spans_add(&r->spans, lo << shift, ((hi + 1) << shift) - 1);
    if (r->at < r->text.len && !is_separator(r->text.at[r->at]))
        return moc_error(r, "expected a blank, a comma, a digit, '-' or '/' here");
    return true;
}

static bool read_all(struct reader *r)
{
    skip_separators(r);
    if (is_next(r, 's') || is_next(r, 'S')) {
        r->at++;
        skip_separators(r);
    }
    while (r->at < r->text.len && !r->spans.failed) {
        if (is_next(r, 't') || is_next(r, 'T'))
            return moc_error(r,
                             "time MOCs are no part of the sky: give the space part only");
        if (!read_value(r))
            return false;
        skip_separators(r);
    }
    if (r->order < 0)
        return moc_error(r, "an empty MOC is written as its order and a slash, like 6/");
    return true;
}

const struct sky_moc *sky_moc_parse(struct arena *arena, str text, struct err *e)
{
    struct reader r = {.text = text, .order = -1, .e = e};
    if (!read_all(&r)) {
        sky_spans_free(&r.spans);
        return NULL;
    }
    return sky_moc_finish(arena, &r.spans, r.deepest, e);
}

/* --- printing
 * ------------------------------------------------------------------------------ */

struct printer {
    struct bytes *out;
    int order;
    bool is_json, has_order; /* this order has been opened */
    int deepest;             /* order opened last; -1: none */
};

static void open_order(struct printer *p, int order)
{
    bool is_first = p->deepest < 0;
    if (p->is_json)
        bytes_add_format(p->out, "%s\"%d\":[", is_first ? "" : "],", order);
    else
        bytes_add_format(p->out, "%s%d/", is_first ? "" : " ", order);
    p->deepest = order;
    p->has_order = false;
}

/* Cells lo up to, without, end. */
static void print_cells(struct printer *p, int order, int64_t lo, int64_t end)
{
    if (lo >= end)
        return;
    if (p->deepest != order)
        open_order(p, order);
    if (!p->is_json) {
        bytes_add_format(p->out, end - lo > 1 ? "%s%lld-%lld" : "%s%lld",
                         p->has_order ? " " : "", (long long)lo, (long long)(end - 1));
        p->has_order = true;
        return;
    }
    for (int64_t cell = lo; cell < end && !p->out->failed; cell++) {
        bytes_add_format(p->out, "%s%lld", p->has_order ? "," : "", (long long)cell);
        p->has_order = true;
    }
}

/* Of each span, what of whole cells of `order` is left when whole cells of the order above
 * have been taken: a piece at its beginning and one at its end (MOC-2). */
static void print_order(struct printer *p, const struct sky_moc *moc, int order)
{
    int shift = 2 * (SKY_HEALPIX_ORDER_MAX - order);
    for (size_t i = 0; i < moc->nspan; i++) {
        int64_t size = (int64_t)1 << shift;
        int64_t lo = (moc->span[i].lo + size - 1) >> shift;
        int64_t end = (moc->span[i].hi + 1) >> shift;
        int64_t taken_lo = (lo + 3) & ~(int64_t)3, taken_end = end & ~(int64_t)3;
        if (order == 0 || taken_lo >= taken_end) {
            print_cells(p, order, lo, end);
            continue;
        }
        print_cells(p, order, lo, taken_lo);
        print_cells(p, order, taken_end, end);
    }
}

static void print_all(struct printer *p, const struct sky_moc *moc)
{
    for (int order = 0; order <= moc->order; order++)
        print_order(p, moc, order);
    if (p->deepest < moc->order)
        open_order(p, moc->order); /* MOC-6, MOC-7 */
}

void sky_moc_print(struct bytes *out, const struct sky_moc *moc)
{
    print_all(&(struct printer){.out = out, .deepest = -1}, moc);
}

void sky_moc_print_json(struct bytes *out, const struct sky_moc *moc)
{
    bytes_add_char(out, '{');
    print_all(&(struct printer){.out = out, .is_json = true, .deepest = -1}, moc);
    bytes_add_literal(out, "]}");
}
