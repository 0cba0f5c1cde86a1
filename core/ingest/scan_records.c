/* scan_records.c -- records at work: a file checked against its layout, fields measured. */
#include "core/ingest/scan_records.h"

#include <math.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/base/str.h"

enum { BUFFER_BYTES = 1 << 20 };

/* --- reading -------------------------------------------------------------------------- */

/* False ends the reading, with *e. */
typedef bool take_records(void *what, const unsigned char *record, int64_t first, int64_t n,
                          struct err *e);

static bool read_all(int fd, unsigned char *out, size_t n, int64_t at)
{
    while (n > 0) {
        ssize_t got = pread(fd, out, n, (off_t)at);
        if (got <= 0)
            return false;
        out += got;
        n -= (size_t)got;
        at += got;
    }
    return true;
}

static bool walk(const struct scan_records *r, int fd, int64_t nrecord, take_records *take,
                 void *what, struct err *e)
{
    int64_t most = r->size < BUFFER_BYTES ? BUFFER_BYTES / r->size : 1;
    unsigned char *buffer = malloc((size_t)(most * r->size));
    bool ok = true;
    if (!buffer)
        return err_set(e, ERR_LIMIT, "no memory for records");
    for (int64_t i = 0; ok && i < nrecord; i += most) {
        int64_t n = nrecord - i < most ? nrecord - i : most;
        ok = read_all(fd, buffer, (size_t)(n * r->size), r->header + i * r->size) ||
             err_set(e, ERR_UNAVAILABLE, "the file ended while it was read");
        ok = ok && take(what, buffer, i, n, e);
    }
    free(buffer);
    return ok;
}

/* --- the layout ----------------------------------------------------------------------- */

static bool check_marks(void *what, const unsigned char *record, int64_t first, int64_t n,
                        struct err *e)
{
    const struct scan_records *r = what;
    int64_t number = first + 1;
    for (int64_t end = first + n; number <= end; number++, record += r->size)
        for (uint32_t k = 0; k < r->nmark; k++)
            if (memcmp(record + r->mark[k].at, r->mark[k].byte, r->mark[k].n) != 0)
                return err_set(
                    e, ERR_USAGE,
                    "its record %lld lacks the bytes that stand at %lld in each: "
                    "the file is damaged, or of another layout",
                    (long long)number, (long long)r->mark[k].at);
    return true;
}

bool scan_records_check(const struct scan_records *r, int fd, int64_t bytes,
                        int64_t *nrecord, struct err *e)
{
    int64_t body = bytes - r->header;
    if (body < 0)
        return err_set(e, ERR_USAGE, "it is shorter than the header of %lld bytes",
                       (long long)r->header);
    *nrecord = body / r->size;
    if (body % r->size != 0)
        return err_set(e, ERR_USAGE,
                       "its last record is cut: %lld of %lld bytes, after %lld whole ones",
                       (long long)(body % r->size), (long long)r->size,
                       (long long)*nrecord);
    return r->nmark == 0 || walk(r, fd, *nrecord, check_marks, (void *)(uintptr_t)r, e);
}

const struct scan_record_field *scan_records_field(const struct scan_records *r,
                                                   const char *name)
{
    for (uint32_t i = 0; i < r->nfield; i++)
        if (strcmp(r->field[i].name, name) == 0)
            return &r->field[i];
    return NULL;
}

/* --- values --------------------------------------------------------------------------- */

static uint64_t bits_of(const unsigned char *at, int width, bool is_big)
{
    uint64_t bits = 0;
    for (int i = 0; i < width; i++)
        bits |= (uint64_t)at[i] << 8 * (is_big ? width - 1 - i : i);
    return bits;
}

static double real_of(uint64_t bits, int width)
{
    float f;
    double d;
    uint32_t four = (uint32_t)bits;
    memcpy(&f, &four, sizeof f);
    memcpy(&d, &bits, sizeof d);
    return width == 4 ? (double)f : d;
}

static double part_value(const struct scan_part *p, const unsigned char *at, bool is_big)
{
    uint64_t bits = bits_of(at + p->at, p->width, is_big);
    if (p->kind == 'f')
        return real_of(bits, p->width);
    if (p->nbit > 0 && p->nbit < 64)
        bits = bits >> p->first_bit & (((uint64_t)1 << p->nbit) - 1);
    if (p->kind != 'i' || p->nbit > 0)
        return (double)bits;
    int unused = p->width < 1 || p->width > 8 ? 0 : 64 - 8 * p->width;
    return (double)((int64_t)(bits << unused) >> unused);
}

struct measuring {
    const struct scan_records *records;
    const struct scan_record_field *field;
    struct fits_range *range;
};

static void add(struct fits_range *r, double v)
{
    if (!isfinite(v))
        return;
    if (r->n++ == 0)
        r->first = r->least = r->most = v;
    r->least = v < r->least ? v : r->least;
    r->most = v > r->most ? v : r->most;
    r->sum += v;
}

static bool measure_records(void *what, const unsigned char *record, int64_t first,
                            int64_t n, struct err *e)
{
    const struct measuring *m = what;
    const struct scan_record_field *f = m->field;
    (void)first, (void)e;
    for (int64_t i = 0; i < n; i++, record += m->records->size)
        for (int64_t k = 0; k < f->count; k++) {
            double value = f->offset;
            for (uint32_t j = 0; j < f->npart; j++)
                value += f->part[j].factor *
                         part_value(&f->part[j], record + k * f->step, m->records->is_big);
            add(m->range, value);
        }
    return true;
}

bool scan_records_range(const struct scan_records *r, int fd, int64_t nrecord,
                        const struct scan_record_field *f, struct fits_range *range,
                        struct err *e)
{
    struct measuring m = {r, f, range};
    *range = (struct fits_range){.least = NAN, .most = NAN, .first = NAN};
    return walk(r, fd, nrecord, measure_records, &m, e);
}
