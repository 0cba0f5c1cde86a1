/* fits_tab.c -- see fits_tab.h. */
#include "core/fits/fits_tab.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/fits/fits_word.h"

enum { MOST_ENTRIES = 10000000 };

static bool text_of(const struct fits_hdu *h, const char *begin, int axis, int m,
                    char out[72])
{
    char keyword[24];
    snprintf(keyword, sizeof keyword, "%s%d_%d", begin, axis + 1, m);
    return fits_text(h, keyword, out) && out[0];
}

/* PVi_m, which is 1 when it is absent. */
static double number_of(const struct fits_hdu *h, int axis, int m)
{
    char keyword[24];
    double value = 1;
    snprintf(keyword, sizeof keyword, "PV%d_%d", axis + 1, m);
    fits_double(h, keyword, &value);
    return value;
}

static bool type_of(const struct fits_hdu *image, int axis, char out[72])
{
    char keyword[24];
    snprintf(keyword, sizeof keyword, "CTYPE%d", axis + 1);
    return fits_text(image, keyword, out);
}

bool fits_tab_is(const struct fits_hdu *image, int axis)
{
    char type[72];
    return type_of(image, axis, type) && strlen(type) >= 8 &&
           memcmp(type + 4, "-TAB", 4) == 0;
}

/* An extension whose words leave out their number is the first. */
static bool has_number(const struct fits_hdu *h, const char *keyword, double wanted)
{
    int64_t number = 1;
    fits_int(h, keyword, &number);
    return (double)number == wanted;
}

static const struct fits_hdu *find_table(const struct fits_hdu *image, int axis,
                                         const struct fits_file *file)
{
    char name[72], own[FITS_WORD_BYTES];
    if (!file || !text_of(image, "PS", axis, 0, name))
        return NULL;
    for (int i = 0; i < file->nhdu; i++) {
        const struct fits_hdu *h = &file->hdu[i];
        fits_name(h, own);
        if (h->kind == FITS_TABLE && str_eq_fold(str_of(own), str_of(name)) &&
            has_number(h, "EXTVER", number_of(image, axis, 1)) &&
            has_number(h, "EXTLEVEL", number_of(image, axis, 2)))
            return h;
    }
    return NULL;
}

/* The first row's cell as numbers; NULL: *why. */
static double *read_cell(const struct fits_file *file, const struct fits_hdu *h,
                         const char *name, int64_t *n, struct arena *arena,
                         const char **why)
{
    uint32_t ncolumn;
    struct err ignored = {0};
    struct fits_column *all = fits_columns(h, &ncolumn, arena, &ignored);
    const struct fits_column *c = all ? fits_column_find(all, ncolumn, name) : NULL;
    if (!c || h->size[1] < 1) {
        *why = "the lookup table (-TAB) has no column of numbers of the name that is given";
        return NULL;
    }
    if (c->repeat > MOST_ENTRIES) {
        *why = "the lookup table (-TAB) has more than 10000000 entries";
        return NULL;
    }
    size_t bytes = (size_t)c->repeat * (size_t)fits_type_bytes(c->type);
    unsigned char *raw = malloc(bytes);
    double *value = arena_new_array(arena, double, (size_t)c->repeat);
    bool ok = raw && value &&
              fits_file_read(file, h->data_at + (uint64_t)c->offset, raw, bytes, &ignored);
    struct fits_column cell = *c;
    cell.offset = 0;
    *n = c->repeat;
    *why = ok ? NULL : "the lookup table (-TAB) cannot be read";
    for (int64_t i = 0; ok && i < *n; i++) {
        value[i] = fits_column_value(&cell, raw, i);
        if (!isfinite(value[i]))
            *why = "the lookup table (-TAB) has entries that are no numbers", ok = false;
    }
    free(raw);
    return ok ? value : NULL;
}

/* One coordinate in an entry: TDIM is (1,n), or absent. */
static bool is_of_one(const struct fits_hdu *h, const char *name)
{
    char keyword[24], text[72];
    for (int i = 1; i <= FITS_MAX_COLUMNS; i++) {
        snprintf(keyword, sizeof keyword, "TTYPE%d", i);
        if (!fits_text(h, keyword, text))
            return true;
        if (!str_eq_fold(str_of(text), str_of(name)))
            continue;
        snprintf(keyword, sizeof keyword, "TDIM%d", i);
        return !fits_text(h, keyword, text) || !strchr(text, ',') ||
               strncmp(text, "(1,", 3) == 0;
    }
    return true;
}

static bool is_monotonic(const double *index, int64_t n)
{
    bool rises = true, falls = true;
    for (int64_t i = 1; i < n; i++) {
        rises &= index[i] >= index[i - 1];
        falls &= index[i] <= index[i - 1];
    }
    return rises || falls;
}

static bool read_arrays(const struct fits_hdu *image, int axis,
                        const struct fits_file *file, struct fits_tab *t,
                        struct arena *arena, const char **why)
{
    char values[72], index[72];
    int64_t n;
    if (number_of(image, axis, 3) != 1) {
        *why = "several axes share one lookup table (-TAB), which is not read here";
        return false;
    }
    t->hdu = find_table(image, axis, file);
    if (!t->hdu || !text_of(image, "PS", axis, 1, values)) {
        *why = "the lookup table (-TAB) of an axis is not in the file";
        return false;
    }
    if (!is_of_one(t->hdu, values)) {
        *why = "several axes share one lookup table (-TAB), which is not read here";
        return false;
    }
    if (!(t->value = read_cell(file, t->hdu, values, &t->n, arena, why)))
        return false;
    if (!text_of(image, "PS", axis, 2, index))
        return true;
    t->index = read_cell(file, t->hdu, index, &n, arena, why);
    if (!t->index)
        return false;
    if (n != t->n)
        *why = "the index of a lookup table (-TAB) is not as long as the table";
    else if (!is_monotonic(t->index, n))
        *why = "the index of a lookup table (-TAB) neither rises nor falls throughout";
    return !*why;
}

struct fits_tab *fits_tab_read(const struct fits_hdu *image, int axis,
                               const struct fits_file *file, struct arena *arena,
                               const char **why)
{
    char type[72], keyword[24];
    struct fits_tab *t = arena_new_one(arena, struct fits_tab);
    *why = "out of memory";
    if (!t || !type_of(image, axis, type))
        return NULL;
    *t = (struct fits_tab){.n = 0};
    for (int i = 0; i < 4 && type[i] != '-'; i++)
        t->type[i] = type[i];
    snprintf(keyword, sizeof keyword, "CUNIT%d", axis + 1);
    fits_text(image, keyword, t->unit);
    *why = NULL;
    return read_arrays(image, axis, file, t, arena, why) ? t : NULL;
}

/* ---- looking up ---- */

/* The entry, from 1 and between two, at which the index has that value; beyond its ends as
 * its outermost steps go on. */
static double entry_of(const struct fits_tab *t, double psi)
{
    if (!t->index)
        return psi;
    if (t->n == 1)
        return 1 + (psi - t->index[0]);
    bool rises = t->index[t->n - 1] >= t->index[0];
    int64_t lo = 0, hi = t->n - 1;
    while (hi - lo > 1) {
        int64_t middle = lo + (hi - lo) / 2;
        if (rises ? t->index[middle] <= psi : t->index[middle] >= psi)
            lo = middle;
        else
            hi = middle;
    }
    double step = t->index[hi] - t->index[lo];
    if (step == 0)
        return psi == t->index[lo] ? (double)lo + 1 : NAN;
    return (double)lo + 1 + (psi - t->index[lo]) / step;
}

double fits_tab_value(const struct fits_tab *t, double psi)
{
    double at = entry_of(t, psi);
    if (!(at >= 0.5 && at <= (double)t->n + 0.5))
        return NAN;
    if (t->n == 1)
        return t->value[0];
    int64_t k = (int64_t)floor(at);
    k = k < 1 ? 1 : k > t->n - 1 ? t->n - 1 : k;
    return t->value[k - 1] + (at - (double)k) * (t->value[k] - t->value[k - 1]);
}
