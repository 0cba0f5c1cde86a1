/* moc_fits.c -- MOCs as FITS binary tables (MOC 2.0, "FITS serialization"). */
#include "core/sky/sky.h"

#include <fitsio.h>
#include <stdlib.h>

#include "core/sky/private.h"

static bool fits_error(int status, struct err *e)
{
    char text[FLEN_STATUS] = "";
    fits_get_errstatus(status, text);
    fits_clear_errmsg();
    return err_set(e, ERR_USAGE, "this is no readable FITS MOC: %s", text);
}

/* Without blanks at its end; empty if the keyword is absent. */
static void read_keyword(fitsfile *fits, const char *name, char value[FLEN_VALUE])
{
    int status = 0;
    value[0] = '\0';
    fits_read_key(fits, TSTRING, name, value, NULL, &status);
    if (status)
        value[0] = '\0';
}

static bool is_word(const char *value, const char *word)
{
    return str_eq_fold(str_trim(str_of(value)), str_of(word));
}

/* MOCORD_S of version 2, MOCORDER of 1.1; -1: neither. */
static int read_order(fitsfile *fits)
{
    static const char *const name[] = {"MOCORD_S", "MOCORDER"};
    for (size_t i = 0; i < 2; i++) {
        int status = 0, order = -1;
        fits_read_key(fits, TINT, name[i], &order, NULL, &status);
        if (status == 0 && order >= 0 && order <= SKY_HEALPIX_ORDER_MAX)
            return order;
    }
    fits_clear_errmsg();
    return -1;
}

static bool add_uniq(struct spans *spans, int64_t uniq, int *deepest, struct err *e)
{
    int order = uniq >= 4 ? (63 - __builtin_clzll((unsigned long long)uniq)) / 2 - 1 : -1;
    int64_t cell = order >= 0 ? uniq - ((int64_t)4 << (2 * order)) : -1;
    if (order < 0 || order > SKY_HEALPIX_ORDER_MAX || cell >= sky_healpix_count(order))
        return err_set(e, ERR_USAGE, "FITS MOC: %lld is no NUNIQ cell number",
                       (long long)uniq);
    int shift = 2 * (SKY_HEALPIX_ORDER_MAX - order);
    if (order > *deepest)
        *deepest = order;
    sky_spans_add(spans, cell << shift, ((cell + 1) << shift) - 1);
    return true;
}

/* The deepest order that a range's bounds need. */
static int order_of_range(int64_t lo, int64_t end)
{
    int zeros = __builtin_ctzll((unsigned long long)(lo | end));
    int order = SKY_HEALPIX_ORDER_MAX - zeros / 2;
    return order < 0 ? 0 : order;
}

static bool add_range(struct spans *spans, int64_t lo, int64_t end, int *deepest,
                      struct err *e)
{
    if (lo < 0 || end <= lo || end > sky_healpix_count(SKY_HEALPIX_ORDER_MAX))
        return err_set(e, ERR_USAGE, "FITS MOC: %lld to %lld is no range of cells",
                       (long long)lo, (long long)end);
    int order = order_of_range(lo, end);
    if (order > *deepest)
        *deepest = order;
    sky_spans_add(spans, lo, end - 1);
    return true;
}

struct table {
    fitsfile *fits;
    long nrow;
    int column;
    bool is_range;
    int order; /* as declared; -1: unknown */
};

/* The first table with a column of cells. */
static bool find_table(struct table *t, struct err *e)
{
    int status = 0, nhdu = 0, type = 0;
    char ordering[FLEN_VALUE], dimension[FLEN_VALUE];
    fits_get_num_hdus(t->fits, &nhdu, &status);
    for (int i = 2; i <= nhdu && status == 0; i++) {
        fits_movabs_hdu(t->fits, i, &type, &status);
        if (status == 0 && type == BINARY_TBL)
            break;
    }
    if (status)
        return fits_error(status, e);
    if (type != BINARY_TBL)
        return err_set(e, ERR_USAGE, "this FITS file has no binary table, so it is no MOC");
    read_keyword(t->fits, "ORDERING", ordering);
    read_keyword(t->fits, "MOCDIM", dimension);
    if (dimension[0] && !is_word(dimension, "SPACE"))
        return err_set(e, ERR_USAGE, "this MOC's dimension is %s: only SPACE is read",
                       dimension);
    t->is_range = is_word(ordering, "RANGE");
    if (!t->is_range && ordering[0] && !is_word(ordering, "NUNIQ"))
        return err_set(e, ERR_USAGE, "FITS MOC: ORDERING is %s, not NUNIQ or RANGE",
                       ordering);
    fits_get_num_rows(t->fits, &t->nrow, &status);
    t->column = 1;
    char uniq[] = "UNIQ";
    int no_uniq = 0; /* a MOC has but one column, a sky map more */
    if (!t->is_range && fits_get_colnum(t->fits, CASEINSEN, uniq, &t->column, &no_uniq))
        t->column = 1;
    fits_clear_errmsg();
    t->order = read_order(t->fits);
    return status == 0 || fits_error(status, e);
}

static bool read_rows(struct table *t, struct spans *spans, int *deepest, struct err *e)
{
    enum { CHUNK = 4096 }; /* even: a range is two rows */
    LONGLONG value[CHUNK];
    for (long row = 0; row < t->nrow && !spans->failed; row += CHUNK) {
        int status = 0;
        long n = t->nrow - row < CHUNK ? t->nrow - row : CHUNK;
        if (fits_read_col(t->fits, TLONGLONG, t->column, row + 1, 1, n, NULL, value, NULL,
                          &status))
            return fits_error(status, e);
        if (t->is_range && n % 2)
            return err_set(e, ERR_USAGE, "FITS MOC: a range without its end");
        for (long i = 0; i < n; i += t->is_range ? 2 : 1)
            if (t->is_range ? !add_range(spans, value[i], value[i + 1], deepest, e)
                            : !add_uniq(spans, value[i], deepest, e))
                return false;
    }
    return true;
}

const struct sky_moc *sky_moc_of_fits(struct arena *arena, str file_bytes, struct err *e)
{
    struct table table = {0};
    struct spans spans = {0};
    const struct sky_moc *moc = NULL;
    void *memory = (void *)(uintptr_t)file_bytes.at; /* read only, whatever its type says */
    size_t size = file_bytes.len;
    int status = 0, deepest = 0;
    if (size < 2880 || memcmp(file_bytes.at, "SIMPLE  =", 9) != 0) {
        err_set(e, ERR_USAGE, "this is no FITS file: it does not begin with SIMPLE");
        return NULL;
    }
    if (fits_open_memfile(&table.fits, "moc", READONLY, &memory, &size, 0, NULL, &status)) {
        fits_error(status, e);
        return NULL;
    }
    if (!find_table(&table, e))
        goto out;
    if ((size_t)table.nrow > file_bytes.len / 4) {
        err_set(e, ERR_USAGE, "FITS MOC: %ld rows are announced, but the file is too short",
                table.nrow);
        goto out;
    }
    if (read_rows(&table, &spans, &deepest, e))
        moc =
            sky_moc_finish(arena, &spans, table.order > deepest ? table.order : deepest, e);
out:
    sky_spans_free(&spans);
    status = 0;
    fits_close_file(table.fits, &status);
    fits_clear_errmsg();
    return moc;
}

/* --- writing
 * ---------------------------------------------------------------------------------- */

/* NUNIQ: like the canonical text, cells of each order in turn, so ascending. */
static void collect_uniq(const struct sky_moc *moc, struct spans *cells)
{
    for (int order = 0; order <= moc->order; order++) {
        int shift = 2 * (SKY_HEALPIX_ORDER_MAX - order);
        int64_t size = (int64_t)1 << shift, base = (int64_t)4 << (2 * order);
        for (size_t i = 0; i < moc->nspan; i++) {
            int64_t lo = (moc->span[i].lo + size - 1) >> shift;
            int64_t end = (moc->span[i].hi + 1) >> shift;
            int64_t taken = (lo + 3) & ~(int64_t)3, taken_end = end & ~(int64_t)3;
            if (order == 0 || taken >= taken_end)
                taken = taken_end = end;
            if (lo < taken)
                sky_spans_add(cells, base + lo, base + taken - 1);
            if (taken_end < end)
                sky_spans_add(cells, base + taken_end, base + end - 1);
        }
    }
}

struct writer {
    fitsfile *fits;
    LONGLONG value[1024];
    long n, row;
    int status;
};

static void writer_flush(struct writer *w)
{
    if (w->n)
        fits_write_col(w->fits, TLONGLONG, 1, w->row + 1, 1, w->n, w->value, &w->status);
    w->row += w->n;
    w->n = 0;
}

static void writer_add(struct writer *w, int64_t value)
{
    w->value[w->n++] = value;
    if (w->n == 1024)
        writer_flush(w);
}

static void write_header(struct writer *w, const struct sky_moc *moc, bool is_range)
{
    static char uniq[] = "UNIQ", range[] = "RANGE", short_form[] = "1J", long_form[] = "1K";
    char *name[] = {is_range ? range : uniq};
    char *form[] = {!is_range && moc->order < 14 ? short_form : long_form};
    int order = moc->order;
    fits_create_img(w->fits, BYTE_IMG, 0, NULL, &w->status);
    fits_create_tbl(w->fits, BINARY_TBL, 0, 1, name, form, NULL, "MOC", &w->status);
    fits_write_key_str(w->fits, "MOCVERS", "2.0", "MOC version", &w->status);
    fits_write_key_str(w->fits, "MOCDIM", "SPACE", "physical dimension", &w->status);
    fits_write_key_str(w->fits, "ORDERING", is_range ? "RANGE" : "NUNIQ", "packing",
                       &w->status);
    fits_write_key_str(w->fits, "COORDSYS", "C", "ICRS", &w->status);
    fits_write_key(w->fits, TINT, "MOCORD_S", &order, "MOC order", &w->status);
    fits_write_key(w->fits, TINT, "MOCORDER", &order, "the same for MOC 1.1", &w->status);
}

static void write_rows(struct writer *w, const struct sky_moc *moc, bool is_range,
                       const struct spans *cells)
{
    if (is_range)
        for (size_t i = 0; i < moc->nspan; i++) {
            writer_add(w, moc->span[i].lo);
            writer_add(w, moc->span[i].hi + 1);
        }
    for (size_t i = 0; i < cells->n && w->status == 0; i++)
        for (int64_t cell = cells->at[i].lo; cell <= cells->at[i].hi && w->status == 0;
             cell++)
            writer_add(w, cell);
    writer_flush(w);
}

bool sky_moc_print_fits(struct bytes *out, const struct sky_moc *moc,
                        enum sky_moc_packing packing, struct err *e)
{
    struct writer w = {0};
    struct spans cells = {0};
    bool is_range = packing == SKY_MOC_RANGE;
    size_t size = 2880;
    void *memory = malloc(size); /* cfitsio makes it grow */
    if (!memory)
        return err_set(e, ERR_LIMIT, "no memory for a FITS file");
    if (!is_range)
        collect_uniq(moc, &cells);
    fits_create_memfile(&w.fits, &memory, &size, 0, realloc, &w.status);
    write_header(&w, moc, is_range);
    write_rows(&w, moc, is_range, &cells);
    LONGLONG end = 0;
    fits_flush_file(w.fits, &w.status);
    fits_get_hduaddrll(w.fits, NULL, NULL, &end, &w.status);
    int status = w.status, closing = 0;
    if (w.fits)
        fits_close_file(w.fits, &closing);
    if (status == 0 && closing == 0)
        bytes_add(out, (str){memory, (size_t)end});
    fits_clear_errmsg();
    free(memory);
    bool failed = cells.failed;
    sky_spans_free(&cells);
    if (status || closing || failed)
        return err_set(e, ERR_INTERNAL, "the FITS MOC could not be written (cfitsio %d)",
                       status ? status : closing);
    return !out->failed || err_set(e, ERR_LIMIT, "the FITS MOC is too large");
}
