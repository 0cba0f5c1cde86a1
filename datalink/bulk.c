/* bulk.c -- one cut-out after another into a tar, a FITS file or a cube. */
#include "datalink/bulk.h"

#include <math.h>
#include <stdio.h>

#include "core/base/num.h"
#include "core/fits/fits_file.h"
#include "datalink/sinks.h"
#include "datalink/tar.h"

enum { ENOUGH_BYTES = 96 << 10, FILE_BYTES = 64 << 20, SCRATCH_BYTES = 16 << 20 };
enum { CUBE_PIXELS = 4 << 20, RADIUS_MOST_DEG = 10 };
enum { BEGIN, CUTS, FILL_UP, MANIFEST, END };

/* ---- parameters ---- */

static const struct {
    const char *word;
    enum bulk_form form;
} FORMS[] = {{"", BULK_TAR},
             {"tar", BULK_TAR},
             {"application/x-tar", BULK_TAR},
             {"fits", BULK_MEF},
             {"mef", BULK_MEF},
             {"application/fits", BULK_MEF},
             {"image/fits", BULK_MEF},
             {"cube", BULK_CUBE},
             {"application/fits;content=cube", BULK_CUBE}};

static bool read_form(struct bulk *b, const struct list_ask *a, struct err *e)
{
    str value;
    if (!dali_param(a->param, a->nparam, "RESPONSEFORMAT", &value, e))
        return false;
    value = str_trim(value);
    for (size_t i = 0; i < sizeof FORMS / sizeof *FORMS; i++)
        if (str_eq_fold(value, str_of(FORMS[i].word))) {
            b->form = FORMS[i].form;
            return true;
        }
    return err_set(e, ERR_USAGE,
                   "RESPONSEFORMAT of many cut-outs is tar, fits (an extension each) or "
                   "cube (a plane each)");
}

static bool read_radius(struct bulk *b, const struct list_ask *a, struct err *e)
{
    str value;
    if (!dali_param(a->param, a->nparam, "RADIUS", &value, e))
        return false;
    if (str_trim(value).len == 0)
        return true;
    return (num_parse_double(str_trim(value), &b->radius_deg) && b->radius_deg > 0 &&
            b->radius_deg <= RADIUS_MOST_DEG) ||
           err_set(e, ERR_USAGE,
                   "RADIUS is a number of degrees, more than 0 and at most %d",
                   RADIUS_MOST_DEG);
}

/* What holds for every cut-out: BAND, TIME, POL, SIZE ...; and the IDs. */
static bool read_words(struct bulk *b, const struct list_ask *a, struct err *e)
{
    b->id = arena_new_array(b->arena, const char *, a->nparam + 1);
    if (!b->id)
        return err_set(e, ERR_LIMIT, "too many parameters");
    for (size_t i = 0; i < a->nparam; i++) {
        const struct http_param *p = &a->param[i];
        const struct cutout_word *w = cutout_word_find(p->name);
        if (w && !w->read(&b->base, p->value, b->arena, e))
            return false;
        if (str_eq_fold(p->name, STR("ID")) && str_trim(p->value).len > 0)
            b->id[b->nid++] = p->value.at;
    }
    return read_radius(b, a, e) && read_form(b, a, e);
}

static bool check_positions(struct bulk *b, struct err *e)
{
    bool has_window = b->base.width > 0;
    if (b->base.has_center || (b->base.region && b->list.has_positions))
        return err_set(e, ERR_USAGE,
                       "the table has the positions; leave POS, CIRCLE, POLYGON and CENTER "
                       "away, and send SIZE (pixels) or RADIUS (degrees)");
    if (b->list.has_positions && has_window == (b->radius_deg > 0))
        return err_set(
            e, ERR_USAGE,
            "send SIZE (pixels, \"28\" or \"28 20\") or RADIUS (degrees), one of "
            "them");
    if (!b->list.has_positions && (has_window || b->radius_deg > 0))
        return err_set(e, ERR_USAGE, "the table has no positions for SIZE or RADIUS");
    return true;
}

static bool check(struct bulk *b, struct err *e)
{
    bool names_products = b->list.n > 0 && b->list.item[0].did;
    if (b->list.n == 0)
        return err_set(e, ERR_USAGE, "the table has no rows");
    if (!names_products && b->nid == 0)
        return err_set(e, ERR_USAGE,
                       "no product is named: send ID, or a table with a column "
                       "obs_publisher_did (a QUERY can join positions with ivoa.obscore)");
    if (names_products)
        b->nid = 0;
    b->total = (uint64_t)b->list.n * (b->nid ? b->nid : 1);
    if (b->total > LIST_MAX_ITEMS)
        return err_set(e, ERR_LIMIT, "that would be more than %d cut-outs", LIST_MAX_ITEMS);
    if (b->form == BULK_CUBE &&
        (b->base.width <= 0 || b->base.width * b->base.height > CUBE_PIXELS))
        return err_set(e, ERR_USAGE,
                       "a cube needs SIZE, at most %d pixels a plane: its planes are alike",
                       CUBE_PIXELS);
    return check_positions(b, e);
}

static void drop_files(void *bulk)
{
    struct bulk *b = bulk;
    bulk_drop_ahead(b);
    for (int i = 0; i < BULK_OPEN_FILES; i++)
        arena_free(b->open[i].arena);
    arena_free(b->scratch);
}

struct bulk *bulk_new(struct datalink *d, const struct list_ask *a, struct arena *arena,
                      struct err *e)
{
    struct bulk *b = arena_new_one(arena, struct bulk);
    if (!b || !arena_defer(arena, drop_files, b)) {
        err_set(e, ERR_BUSY, "out of memory");
        return NULL;
    }
    b->service = d, b->arena = arena, b->cancel = a->cancel;
    if (!read_words(b, a, e) || !list_read(d, a, arena, &b->list, e) || !check(b, e))
        return NULL;
    b->outcome = arena_new_array(arena, struct bulk_outcome, b->total);
    b->scratch = arena_new(SCRATCH_BYTES);
    if (b->form == BULK_CUBE)
        b->stamp = arena_new_array(arena, float, (size_t)(b->base.width * b->base.height));
    if (b->outcome && b->scratch && (b->form != BULK_CUBE || b->stamp))
        return b;
    err_set(e, ERR_LIMIT, "the list needs too much memory");
    return NULL;
}

const char *bulk_media_type(const struct bulk *b)
{
    return b->form == BULK_TAR ? "application/x-tar" : "application/fits";
}

const char *bulk_extension(const struct bulk *b)
{
    return b->form == BULK_TAR ? "tar" : "fits";
}

/* ---- what each is about ---- */

const struct list_item *bulk_item(const struct bulk *b, uint64_t i)
{
    return &b->list.item[b->nid ? i / b->nid : i];
}

const char *bulk_did(const struct bulk *b, uint64_t i)
{
    return b->nid ? b->id[i % b->nid] : b->list.item[i].did;
}

const char *bulk_file_name(const struct bulk *b, uint64_t i, struct arena *arena)
{
    enum { MOST = 60 };
    const char *given = bulk_item(b, i)->name;
    char name[MOST + 2] = "";
    size_t n = 0;
    for (; given && given[n] && n < MOST; n++) {
        char c = given[n];
        bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                        (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '+';
        name[n + 1] = is_plain ? c : '_';
    }
    if (n)
        name[0] = '_';
    return arena_format(arena, "%06llu%s.fits", (unsigned long long)i + 1, name);
}

/* ---- files that are open ---- */

static void open_file(struct bulk *b, struct bulk_file *f, const char *did)
{
    struct product p;
    arena_free(f->arena);
    *f = (struct bulk_file){.did = did, .arena = arena_new(PRODUCT_ARENA_BYTES)};
    if (!f->arena) {
        err_set(&f->why, ERR_BUSY, "out of memory");
        return;
    }
    if (!datalink_find(b->service, str_of(did), f->arena, &p, &f->why))
        return;
    if (!product_is_fits(&p)) {
        err_set(&f->why, ERR_USAGE, "it is no FITS file");
        return;
    }
    int fd = products_open_file(b->service->products, &p, &f->why);
    if (fd >= 0)
        f->file =
            cutout_open(fd, p.hdu == PRODUCT_NONE ? -1 : (int)p.hdu, f->arena, &f->why);
}

bool bulk_is_packed(const char *did)
{
    size_t n = strlen(did);
    return n > 3 && strcmp(did + n - 3, ".gz") == 0;
}

/* Of packed files, which take memory, only one stays open: the first. */
struct bulk_file *bulk_file_of(struct bulk *b, const char *did)
{
    bool is_large = bulk_is_packed(did);
    struct bulk_file *oldest = is_large ? &b->open[0] : &b->open[1];
    for (int i = 0; i < BULK_OPEN_FILES; i++) {
        struct bulk_file *f = &b->open[i];
        if (f->did && (f->did == did || strcmp(f->did, did) == 0)) {
            f->used_at = ++b->uses;
            return f;
        }
        if (!is_large && i > 0 && f->used_at < oldest->used_at)
            oldest = f;
    }
    open_file(b, oldest, did);
    oldest->used_at = ++b->uses;
    return oldest;
}

/* ---- one cut-out ---- */

bool bulk_request(struct bulk *b, const struct list_item *item, struct cutout_request *r,
                  struct err *e)
{
    *r = b->base;
    if (!b->list.has_positions)
        return true;
    if (!isfinite(item->lon_deg))
        return err_set(e, ERR_USAGE, "it has no position on the sky");
    if (b->radius_deg > 0) {
        r->region =
            sky_region_circle(b->scratch, item->lon_deg, item->lat_deg, b->radius_deg, e);
        return r->region != NULL;
    }
    r->has_center = true;
    r->lon_deg = item->lon_deg, r->lat_deg = item->lat_deg;
    return true;
}

static enum cutout_result put_tar(struct bulk *b, struct cutout_file *file,
                                  const struct cutout_request *r, uint64_t i,
                                  struct bytes *out, struct err *e)
{
    struct bytes body;
    char head[TAR_HEAD_MAX];
    uint64_t n;
    bytes_init(&body, FILE_BYTES);
    const struct cutout_sink sink = {sink_bytes_write, &body};
    enum cutout_result result = cutout_write(file, r, &sink, &n, e);
    const char *name = bulk_file_name(b, i, b->scratch);
    if (result == CUTOUT_DONE) {
        bytes_add(out, (str){head, tar_head(name ? name : "cutout.fits", n, 0, head)});
        bytes_add(out, bytes_str(&body));
        size_t fill = (size_t)(tar_padded(n) - n);
        char *zeros = bytes_reserve(out, fill);
        if (zeros && fill) {
            memset(zeros, 0, fill);
            out->len += fill;
        }
    }
    bytes_free(&body);
    return result;
}

static enum cutout_result put_extension(struct cutout_file *file,
                                        const struct cutout_request *r, struct bytes *out,
                                        struct err *e)
{
    const struct cutout_sink sink = {sink_bytes_write, out};
    uint64_t at = out->len;
    size_t before = out->len;
    enum cutout_result result = cutout_extension(file, r, &sink, &at, e);
    out->len = result == CUTOUT_DONE ? (size_t)at : before;
    return result;
}

static void put_plane(struct bulk *b, bool is_there, struct bytes *out)
{
    size_t n = (size_t)(b->base.width * b->base.height);
    char *to = bytes_reserve(out, n * 4);
    for (size_t i = 0; to && i < n; i++) {
        uint32_t word;
        float value = is_there ? b->stamp[i] : NAN;
        memcpy(&word, &value, 4);
        word = __builtin_bswap32(word);
        memcpy(to + 4 * i, &word, 4);
    }
    out->len += to ? n * 4 : 0;
    b->nbyte += n * 4;
}

static enum cutout_result cut(struct bulk *b, uint64_t i, struct bytes *out, struct err *e)
{
    struct cutout_request r;
    const char *did = bulk_did(b, i);
    if (!bulk_request(b, bulk_item(b, i), &r, e))
        return CUTOUT_FAILED;
    struct bulk_file *f = bulk_file_of(b, did);
    if (!f->file) {
        *e = f->why;
        return CUTOUT_FAILED;
    }
    r.origin = did;
    bulk_offer(b, f->file);
    if (b->form == BULK_TAR)
        return put_tar(b, f->file, &r, i, out, e);
    if (b->form == BULK_MEF)
        return put_extension(f->file, &r, out, e);
    return cutout_stamp(f->file, &r, b->stamp, e);
}

/* What one position came to is told; only what concerns all of them ends the work. */
static bool do_next(struct bulk *b, struct bytes *out, struct err *e)
{
    struct err why = {0};
    uint64_t i = b->next;
    struct bulk_outcome *o = &b->outcome[i];
    if (i == b->ahead)
        bulk_look_ahead(b);
    arena_reset(b->scratch);
    enum cutout_result result = cut(b, i, out, &why);
    o->status = result == CUTOUT_DONE    ? BULK_OK
                : result == CUTOUT_EMPTY ? BULK_OUTSIDE
                                         : BULK_FAILED;
    b->ncount[o->status]++;
    if (b->form == BULK_CUBE)
        put_plane(b, result == CUTOUT_DONE, out);
    if (b->form == BULK_CUBE)
        o->place = (uint32_t)i + 1;
    else if (b->form == BULK_MEF && result == CUTOUT_DONE)
        o->place = ++b->place;
    const char *before = i ? b->outcome[i - 1].message : NULL;
    if (result == CUTOUT_FAILED) {
        why.message[240] = 0;
        o->message = before && strcmp(before, why.message) == 0
                         ? before
                         : arena_text(b->arena, str_of(why.message));
    }
    b->next++;
    return !out->failed || err_set(e, ERR_LIMIT, "the cut-outs need too much memory");
}

/* ---- the whole ---- */

static bool add_begin(struct bulk *b, struct bytes *out, struct err *e)
{
    uint64_t at = out->len;
    const struct cutout_sink sink = {sink_bytes_write, out};
    if (b->form == BULK_TAR)
        return true;
    if (b->form == BULK_MEF)
        return cutout_primary(&sink, &at, e);
    char *card = bytes_reserve(out, FITS_BLOCK);
    if (!card)
        return err_set(e, ERR_BUSY, "out of memory");
    memset(card, ' ', FITS_BLOCK);
    fits_put_card(card, "SIMPLE", "T", "the FITS standard holds");
    fits_put_int(card + 1 * FITS_CARD, "BITPIX", -32, NULL);
    fits_put_int(card + 2 * FITS_CARD, "NAXIS", 3, NULL);
    fits_put_int(card + 3 * FITS_CARD, "NAXIS1", b->base.width, NULL);
    fits_put_int(card + 4 * FITS_CARD, "NAXIS2", b->base.height, NULL);
    fits_put_int(card + 5 * FITS_CARD, "NAXIS3", (int64_t)b->total, "cut-outs");
    fits_put_card(card + 6 * FITS_CARD, "EXTEND", "T", NULL);
    memcpy(card + 7 * FITS_CARD, "END", 3);
    out->len += FITS_BLOCK;
    return true;
}

static bool add_zeros(struct bytes *out, size_t n, struct err *e)
{
    char *zeros = n ? bytes_reserve(out, n) : NULL;
    if (!n)
        return true;
    if (!zeros)
        return err_set(e, ERR_BUSY, "out of memory");
    memset(zeros, 0, n);
    out->len += n;
    return true;
}

static bool add_manifest(struct bulk *b, struct bytes *out, bool *done, struct err *e)
{
    if (b->form != BULK_TAR)
        return bulk_manifest_table(b, out, done, e);
    *done = true;
    return bulk_manifest_csv(b, out, e) && add_zeros(out, TAR_END_BYTES, e);
}

bool bulk_fill(struct bulk *b, struct bytes *out, bool *done, struct err *e)
{
    bool ok = true, has_manifest = false;
    size_t enough = out->len + ENOUGH_BYTES;
    *done = false;
    while (ok && !*done && out->len < enough) {
        if (b->state == BEGIN) {
            ok = add_begin(b, out, e);
            b->state = CUTS;
        } else if (b->state == CUTS) {
            if (b->next == b->total)
                b->state = FILL_UP;
            else
                ok = do_next(b, out, e);
        } else if (b->state == FILL_UP) {
            ok = add_zeros(out, (size_t)(fits_padded(b->nbyte) - b->nbyte), e);
            b->state = MANIFEST;
        } else if (b->state == MANIFEST) {
            ok = add_manifest(b, out, &has_manifest, e);
            b->state = has_manifest ? END : MANIFEST;
        } else
            *done = true;
    }
    return ok;
}
