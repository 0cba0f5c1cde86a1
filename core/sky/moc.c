/* moc.c -- sets of cells as sorted spans of order 29, and their algebra. */
#include "core/sky/sky.h"

#include <stdlib.h>

#include "core/sky/private.h"

static const int64_t all_cells = (int64_t)12 << (2 * SKY_HEALPIX_ORDER_MAX);

static bool spans_grow(struct spans *spans)
{
    size_t capacity = spans->capacity ? 2 * spans->capacity : 64;
    struct sky_span *at = NULL;
    if (!spans->failed && capacity <= 2 * SKY_SPANS_MAX)
        at = realloc(spans->at, capacity * sizeof *at);
    if (!at) {
        spans->failed = true;
        return false;
    }
    spans->at = at;
    spans->capacity = capacity;
    return true;
}

void sky_spans_add(struct spans *spans, int64_t lo, int64_t hi)
{
    struct sky_span *last = spans->n ? &spans->at[spans->n - 1] : NULL;
    if (last && lo >= last->lo && lo <= last->hi + 1) {
        if (hi > last->hi)
            last->hi = hi;
        return;
    }
    if (spans->n == spans->capacity && !spans_grow(spans))
        return;
    spans->at[spans->n++] = (struct sky_span){lo, hi};
}

void sky_spans_free(struct spans *spans)
{
    free(spans->at);
    *spans = (struct spans){0};
}

static int span_compare(const void *a, const void *b)
{
    const struct sky_span *x = a, *y = b;
    return x->lo < y->lo ? -1 : x->lo > y->lo;
}

/* Rounded outward to whole cells, sorted, joined. */
static void spans_normalise(struct spans *spans, int moc_order)
{
    int64_t below = ((int64_t)1 << (2 * (SKY_HEALPIX_ORDER_MAX - moc_order))) - 1;
    bool is_sorted = true;
    for (size_t i = 0; i < spans->n; i++) {
        spans->at[i].lo &= ~below;
        spans->at[i].hi |= below;
        is_sorted = is_sorted && (i == 0 || spans->at[i - 1].lo <= spans->at[i].lo);
    }
    if (!is_sorted)
        qsort(spans->at, spans->n, sizeof *spans->at, span_compare);
    size_t n = 0;
    for (size_t i = 0; i < spans->n; i++) {
        struct sky_span span = spans->at[i];
        if (n && span.lo <= spans->at[n - 1].hi + 1) {
            if (span.hi > spans->at[n - 1].hi)
                spans->at[n - 1].hi = span.hi;
        } else
            spans->at[n++] = span;
    }
    spans->n = n;
}

const struct sky_moc *sky_moc_finish(struct arena *arena, struct spans *spans,
                                     int moc_order, struct err *e)
{
    struct sky_moc *moc = NULL;
    if (spans->failed) {
        err_set(e, ERR_LIMIT, "a MOC of more than %d ranges: use a lower order",
                SKY_SPANS_MAX);
        goto out;
    }
    spans_normalise(spans, moc_order);
    moc = arena_new_one(arena, struct sky_moc);
    struct sky_span *copy = arena_new_array(arena, struct sky_span, spans->n + 1);
    if (!moc || !copy) {
        moc = NULL;
        err_set(e, ERR_LIMIT, "no memory for a MOC of %zu ranges", spans->n);
        goto out;
    }
    if (spans->n)
        memcpy(copy, spans->at, spans->n * sizeof *copy);
    *moc = (struct sky_moc){moc_order, spans->n, copy};
out:
    sky_spans_free(spans);
    return moc;
}

const struct sky_moc *sky_moc_of_spans(struct arena *arena, int moc_order, int span_order,
                                       const struct sky_span *span, size_t nspan,
                                       struct err *e)
{
    struct spans spans = {0};
    if (moc_order < 0 || moc_order > SKY_HEALPIX_ORDER_MAX || span_order < 0 ||
        span_order > SKY_HEALPIX_ORDER_MAX) {
        err_set(e, ERR_USAGE, "HEALPix order %d is outside of 0 to 29",
                moc_order < 0 || moc_order > SKY_HEALPIX_ORDER_MAX ? moc_order
                                                                   : span_order);
        return NULL;
    }
    int shift = 2 * (SKY_HEALPIX_ORDER_MAX - span_order);
    for (size_t i = 0; i < nspan; i++) {
        if (span[i].lo < 0 || span[i].hi < span[i].lo ||
            span[i].hi >= sky_healpix_count(span_order)) {
            err_set(e, ERR_USAGE, "cells %lld to %lld are no range of HEALPix order %d",
                    (long long)span[i].lo, (long long)span[i].hi, span_order);
            sky_spans_free(&spans);
            return NULL;
        }
        sky_spans_add(&spans, span[i].lo << shift, ((span[i].hi + 1) << shift) - 1);
    }
    return sky_moc_finish(arena, &spans, moc_order, e);
}

static int deeper(const struct sky_moc *a, const struct sky_moc *b)
{
    return a->order > b->order ? a->order : b->order;
}

const struct sky_moc *sky_moc_union(struct arena *arena, const struct sky_moc *a,
                                    const struct sky_moc *b, struct err *e)
{
    struct spans spans = {0};
    size_t i = 0, j = 0;
    while (i < a->nspan || j < b->nspan) {
        bool take_a = j == b->nspan || (i < a->nspan && a->span[i].lo <= b->span[j].lo);
        const struct sky_span *next = take_a ? &a->span[i++] : &b->span[j++];
        sky_spans_add(&spans, next->lo, next->hi);
    }
    return sky_moc_finish(arena, &spans, deeper(a, b), e);
}

const struct sky_moc *sky_moc_intersection(struct arena *arena, const struct sky_moc *a,
                                           const struct sky_moc *b, struct err *e)
{
    struct spans spans = {0};
    for (size_t i = 0, j = 0; i < a->nspan && j < b->nspan;) {
        int64_t lo = a->span[i].lo > b->span[j].lo ? a->span[i].lo : b->span[j].lo;
        int64_t hi = a->span[i].hi < b->span[j].hi ? a->span[i].hi : b->span[j].hi;
        if (lo <= hi)
            sky_spans_add(&spans, lo, hi);
        if (a->span[i].hi < b->span[j].hi)
            i++;
        else
            j++;
    }
    return sky_moc_finish(arena, &spans, deeper(a, b), e);
}

static void subtract(struct spans *out, const struct sky_moc *a, const struct sky_moc *b)
{
    size_t j = 0;
    for (size_t i = 0; i < a->nspan; i++) {
        int64_t lo = a->span[i].lo, hi = a->span[i].hi;
        while (j < b->nspan && b->span[j].hi < lo)
            j++;
        for (size_t k = j; k < b->nspan && b->span[k].lo <= hi && lo <= hi; k++) {
            if (b->span[k].lo > lo)
                sky_spans_add(out, lo, b->span[k].lo - 1);
            lo = b->span[k].hi + 1;
        }
        if (lo <= hi)
            sky_spans_add(out, lo, hi);
    }
}

const struct sky_moc *sky_moc_difference(struct arena *arena, const struct sky_moc *a,
                                         const struct sky_moc *b, struct err *e)
{
    struct spans spans = {0};
    subtract(&spans, a, b);
    return sky_moc_finish(arena, &spans, deeper(a, b), e);
}

const struct sky_moc *sky_moc_complement(struct arena *arena, const struct sky_moc *moc,
                                         struct err *e)
{
    struct sky_span whole = {0, all_cells - 1};
    struct sky_moc sky = {moc->order, 1, &whole};
    return sky_moc_difference(arena, &sky, moc, e);
}

const struct sky_moc *sky_moc_degrade(struct arena *arena, const struct sky_moc *moc,
                                      int order, struct err *e)
{
    if (order > moc->order)
        order = moc->order;
    return sky_moc_of_spans(arena, order, SKY_HEALPIX_ORDER_MAX, moc->span, moc->nspan, e);
}

/* The first span that ends at or after a cell. */
static size_t span_from(const struct sky_moc *moc, int64_t cell)
{
    size_t low = 0, high = moc->nspan;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (moc->span[middle].hi < cell)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

enum where sky_moc_where(const struct sky_moc *moc, int64_t lo, int64_t hi)
{
    size_t i = span_from(moc, lo);
    if (i == moc->nspan || moc->span[i].lo > hi)
        return WHERE_OUT;
    return moc->span[i].lo <= lo && moc->span[i].hi >= hi ? WHERE_IN : WHERE_MAYBE;
}

bool sky_moc_contains_point(const struct sky_moc *moc, double lon_deg, double lat_deg)
{
    int64_t cell = sky_healpix_of(SKY_HEALPIX_ORDER_MAX, lon_deg, lat_deg);
    return cell >= 0 && sky_moc_where(moc, cell, cell) == WHERE_IN;
}

bool sky_moc_contains_cell(const struct sky_moc *moc, int order, int64_t cell)
{
    if (order < 0 || order > SKY_HEALPIX_ORDER_MAX || cell < 0 ||
        cell >= sky_healpix_count(order))
        return false;
    int shift = 2 * (SKY_HEALPIX_ORDER_MAX - order);
    return sky_moc_where(moc, cell << shift, ((cell + 1) << shift) - 1) == WHERE_IN;
}

bool sky_moc_is_within(const struct sky_moc *inner, const struct sky_moc *outer)
{
    for (size_t i = 0; i < inner->nspan; i++)
        if (sky_moc_where(outer, inner->span[i].lo, inner->span[i].hi) != WHERE_IN)
            return false;
    return true;
}

bool sky_moc_intersects(const struct sky_moc *a, const struct sky_moc *b)
{
    const struct sky_moc *few = a->nspan < b->nspan ? a : b, *many = few == a ? b : a;
    for (size_t i = 0; i < few->nspan; i++)
        if (sky_moc_where(many, few->span[i].lo, few->span[i].hi) != WHERE_OUT)
            return true;
    return false;
}

double sky_moc_fraction(const struct sky_moc *moc)
{
    int64_t cells = 0;
    for (size_t i = 0; i < moc->nspan; i++)
        cells += moc->span[i].hi - moc->span[i].lo + 1;
    return (double)cells / (double)all_cells;
}
