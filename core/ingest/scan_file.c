/* scan_file.c -- one file: opened, summed, read, made into products, or refused. */
#include <math.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/num.h"
#include "core/base/sha256.h"
#include "core/fits/fits_word.h"
#include "core/ingest/scan_inside.h"

enum { MAX_PACKET = 4 << 20 };

static const struct scan_rule ANY_DATA = {0};

static void refuse(struct scanned *f, const char *why)
{
    f->refusal = arena_text(f->arena, str_of(why));
    if (!f->refusal)
        f->refusal = "no memory";
    f->nproduct = f->nlink = 0;
    f->alert = NULL;
}

/* --- physical: size, time, checksum -------------------------------------------------- */

static int64_t modified_us(const struct stat *st)
{
    return (int64_t)st->st_mtim.tv_sec * 1000000 + st->st_mtim.tv_nsec / 1000;
}

static bool take_stat(struct scanned *f, int fd)
{
    struct stat st;
    if (fstat(fd, &st) != 0)
        return false;
    f->bytes = st.st_size;
    f->modified_us = modified_us(&st);
    return true;
}

static bool take_checksum(struct scanned *f, int fd)
{
    unsigned char digest[SHA256_BYTES];
    char text[SHA256_HEX + 1];
    if (!sha256_file(fd, digest))
        return false;
    sha256_print(digest, text);
    f->checksum = arena_format(f->arena, "sha256:%s", text);
    return f->checksum != NULL;
}

static bool has_changed(const struct scanned *f, int fd)
{
    struct stat st;
    return fstat(fd, &st) != 0 || st.st_size != f->bytes ||
           modified_us(&st) != f->modified_us;
}

/* --- finishing a product ------------------------------------------------------------- */

/* How sure the standard is of its words: none other are allowed. */
static bool is_type(const char *text)
{
    static const char *const TYPES[] = {"image", "cube",        "spectrum",
                                        "sed",   "timeseries",  "visibility",
                                        "event", "measurements"};
    for (size_t i = 0; i < sizeof TYPES / sizeof *TYPES; i++)
        if (strcmp(TYPES[i], text) == 0)
            return true;
    return false;
}

static void order(double *least, double *most)
{
    if (isnan(*least) || isnan(*most) || *least <= *most)
        return;
    double kept = *least;
    *least = *most, *most = kept;
}

static void drop_infinities(struct product *p)
{
#define T(name)
#define D(name) p->name = isfinite(p->name) ? p->name : NAN;
#define I(name)
    PRODUCT_COLUMNS(T, D, I)
#undef T
#undef D
#undef I
}

static bool is_utf8(const struct product *p)
{
    size_t bad;
#define T(name)                                                                            \
    if (p->name && !str_is_utf8(str_of(p->name), &bad))                                    \
        return false;
#define D(name)
#define I(name)
    PRODUCT_COLUMNS(T, D, I)
#undef T
#undef D
#undef I
    return true;
}

/* What must not be unknown, and what must hold. NULL: all is well; else what is wrong. */
static const char *finish(const struct scan_subject *s, struct product *p)
{
    char stem[512];
    drop_infinities(p);
    if (!p->obs_collection)
        p->obs_collection = s->out->root;
    if (!p->obs_id && scan_word(s, "stem", stem))
        p->obs_id = arena_text(s->arena, str_of(stem));
    if (p->calib_level == PRODUCT_NONE)
        p->calib_level = 2;
    if (p->pol_xel == PRODUCT_NONE)
        p->pol_xel = 0;
    order(&p->em_min, &p->em_max);
    order(&p->t_min, &p->t_max);
    order(&p->energy_min, &p->energy_max);
    p->checksum = s->out->checksum;
    if (!p->obs_id)
        return "its obs_id is empty";
    if (p->calib_level < 0 || p->calib_level > 4)
        return "its calib_level is not between 0 and 4";
    if (p->dataproduct_type && !is_type(p->dataproduct_type))
        return "its dataproduct_type is none of image, cube, spectrum, sed, timeseries, "
               "visibility, event, measurements";
    if (!isnan(p->s_dec) && fabs(p->s_dec) > 90)
        return "its s_dec is not between -90 and 90";
    return is_utf8(p) ? NULL : "a word of its header is no UTF-8";
}

/* --- FITS ---------------------------------------------------------------------------- */

/* Extensions that go with another one and are no data by themselves. */
static bool is_companion(const struct fits_hdu *h)
{
    static const char *const NAMES[] = {
        "STAT",   "DQ",    "ERR",  "ERROR", "VAR", "VARIANCE",   "IVAR", "MASK",  "WHT",
        "WEIGHT", "NOISE", "QUAL", "SIGMA", "BPM", "RESOLUTION", "CONF", "UNCERT"};
    char name[FITS_WORD_BYTES];
    fits_name(h, name);
    str n = str_of(name);
    for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++) {
        str end = str_of(NAMES[i]);
        if (n.len >= end.len && str_eq_fold((str){n.at + n.len - end.len, end.len}, end) &&
            (n.len == end.len || n.at[n.len - end.len - 1] == '_'))
            return true;
    }
    return false;
}

static struct product *new_product(struct scanned *f)
{
    if ((f->nproduct & (f->nproduct + 1)) == 0) {
        struct product *more =
            arena_new_array(f->arena, struct product, 2 * (size_t)f->nproduct + 2);
        if (!more)
            return NULL;
        if (f->nproduct)
            memcpy(more, f->product, f->nproduct * sizeof *more);
        f->product = more;
    }
    scan_product_clear(&f->product[f->nproduct]);
    return &f->product[f->nproduct];
}

/* One product of the HDU at hand (NULL: the whole file). *why: it is none. False: an error
 * that ends the file. */
static bool take_product(struct scan_subject *s, const struct scan_rule *rule,
                         const char **why)
{
    struct scanned *f = s->out;
    struct product *p = new_product(f);
    *why = NULL;
    if (!p)
        return err_set(s->e, ERR_LIMIT, "no memory for products");
    bool is_data = true;
    if (s->hdu)
        is_data = scan_hdu(s, p, why);
    else
        scan_words(s, p);
    p->hdu = s->hdu ? s->hdu->number : PRODUCT_NONE;
    if (s->e->kind || !scan_rule_apply(rule, s, p))
        return false;
    /* A template that names the HDU and says what it is knows better. */
    if (!is_data && !(rule->hdu && p->dataproduct_type))
        return true;
    *why = finish(s, p);
    if (*why)
        return true;
    return scan_rule_links(rule, s, f->nproduct++);
}

static const char *about_hdu(const struct scan_subject *s, const char *why)
{
    return s->hdu ? arena_format(s->arena, "HDU %d: %s", s->hdu->number, why) : why;
}

/* *why: of the first HDU with data that gave nothing. */
static bool take_hdus(struct scan_subject *s, const struct scan_rule *rule,
                      const char **first_why)
{
    const char *why;
    if (rule->is_file) {
        s->hdu = NULL;
        bool ok = take_product(s, rule, &why);
        *first_why = why ? why : *first_why;
        return ok;
    }
    for (int i = 0; i < s->file->nhdu; i++) {
        s->hdu = &s->file->hdu[i];
        if (!scan_rule_takes(rule, s->hdu) || (!rule->hdu && is_companion(s->hdu)))
            continue;
        if (!take_product(s, rule, &why))
            return false;
        if (why && !*first_why && s->hdu->naxis > 0)
            *first_why = about_hdu(s, why);
    }
    return true;
}

static bool is_same_name(const struct scanned *f, uint32_t i, const char *name)
{
    for (uint32_t k = 0; k < i; k++)
        if (strcmp(f->product[k].local, name) == 0)
            return true;
    return false;
}

/* One product is the file; of many each has the name of its HDU, or its number. */
static bool name_products(struct scan_subject *s)
{
    struct scanned *f = s->out;
    for (uint32_t i = 0; i < f->nproduct; i++) {
        struct product *p = &f->product[i];
        char name[FITS_WORD_BYTES] = "";
        bool is_part = s->file && f->nproduct > 1 && p->hdu != PRODUCT_NONE;
        if (is_part)
            fits_name(&s->file->hdu[p->hdu], name);
        p->local = products_local(f->arena, f->path, name[0] ? name : NULL);
        if (p->local && is_part && (!name[0] || is_same_name(f, i, p->local))) {
            snprintf(name, sizeof name, "%d", (int)p->hdu);
            p->local = products_local(f->arena, f->path, name);
        }
        if (!p->local)
            return err_set(s->e, ERR_LIMIT, "no memory for names");
        if (is_same_name(f, i, p->local))
            return err_set(s->e, ERR_USAGE, "two of its products have the name %.200s",
                           p->local);
    }
    return true;
}

/* --- kinds of files ------------------------------------------------------------------ */

enum kind { FITS, HDF5, XML, OTHER };

static bool ends_with(const char *path, const char *end)
{
    size_t n = strlen(path), k = strlen(end);
    return n >= k && str_eq_fold((str){path + n - k, k}, str_of(end));
}

static enum kind kind_of(int fd, const char *path)
{
    static const char *const ENDS[] = {".fits.gz", ".fit.gz", ".fts.gz", ".fits",
                                       ".fit",     ".fts",    ".fits.fz"};
    char begin[9] = {0};
    if (pread(fd, begin, 8, 0) == 8 && memcmp(begin, "SIMPLE  ", 8) == 0)
        return FITS;
    if (memcmp(begin, "\x89HDF\r\n\x1a\n", 8) == 0)
        return HDF5;
    for (size_t i = 0; i < sizeof ENDS / sizeof *ENDS; i++)
        if (ends_with(path, ENDS[i]))
            return FITS;
    return ends_with(path, ".xml") || begin[0] == '<' ? XML : OTHER;
}

static bool take_rules(struct scan_subject *s, const struct scan_template *t,
                       bool is_opaque)
{
    const struct scan_rule *rule = t ? t->rule : &ANY_DATA;
    uint32_t nrule = t ? t->nrule : 1;
    const char *why = NULL, *one;
    for (uint32_t i = 0; i < nrule; i++) {
        bool is_missing = false;
        s->hdu = NULL;
        s->object = s->hdf5 ? scan_rule_object(&rule[i], s->hdf5, &is_missing) : NULL;
        if (is_missing) {
            why = "it has no object that the template names";
            continue;
        }
        bool ok =
            is_opaque ? take_product(s, &rule[i], &one) : take_hdus(s, &rule[i], &why);
        if (!ok)
            return false;
        why = is_opaque && one ? one : why;
    }
    if (s->out->nproduct > 0)
        return name_products(s);
    return err_set(s->e, ERR_USAGE, "nothing in it is a data product%s%.600s%s%s",
                   why ? ": " : "", why ? why : "", t ? "; template " : "",
                   t ? t->name : "");
}

static bool take_fits(struct scan_subject *s, const struct scan_templates *all, int fd)
{
    fd = dup(fd); /* the reader takes it over */
    s->file = fd >= 0 ? fits_file_open(fd, -1, s->arena, s->e) : NULL;
    if (!s->file)
        return fd >= 0 ? false : err_set(s->e, ERR_BUSY, "too many open files");
    const struct scan_template *t = scan_template_find(all, s);
    s->out->template_name = t ? t->name : NULL;
    return take_rules(s, t, false);
}

static bool take_opaque(struct scan_subject *s, const struct scan_templates *all,
                        enum kind kind, int fd)
{
    if (kind == HDF5 && !(s->hdf5 = hdf5_open(fd, s->arena, s->e)))
        return false;
    const struct scan_template *t = scan_template_find(all, s);
    s->out->template_name = t ? t->name : NULL;
    if (!t && kind != HDF5)
        return err_set(s->e, ERR_USAGE,
                       "it is neither FITS nor HDF5, and no template takes "
                       "files of that name");
    if (t && t->records && kind == OTHER) {
        s->records = t->records;
        s->fd = fd;
        if (!scan_records_check(t->records, fd, s->out->bytes, &s->nrecord, s->e))
            return false;
    }
    if (!take_rules(s, t, true))
        return false;
    for (uint32_t i = 0; kind == HDF5 && i < s->out->nproduct; i++)
        if (!s->out->product[i].content_type)
            s->out->product[i].content_type = "application/x-hdf5";
    return true;
}

/* Is VOEvent the first word of the document's element? Other XML is no alert. */
static bool is_voevent(str xml)
{
    for (size_t i = 0; i + 1 < xml.len; i++) {
        if (xml.at[i] != '<' || xml.at[i + 1] == '?' || xml.at[i + 1] == '!')
            continue;
        str name = {xml.at + i + 1, 0};
        while (i + 1 + name.len < xml.len && !strchr(" \t\r\n/>", name.at[name.len]))
            name.len++;
        return str_eq(name, STR("VOEvent")) ||
               (name.len > 8 && str_eq((str){name.at + name.len - 8, 8}, STR(":VOEvent")));
    }
    return false;
}

static bool take_xml(struct scan_subject *s, const struct scan_templates *all, int fd)
{
    size_t n = s->out->bytes <= MAX_PACKET ? (size_t)s->out->bytes : 0;
    char *text = n ? arena_alloc(s->arena, n + 1, 1) : NULL;
    if (text && pread(fd, text, n, 0) == (ssize_t)n && is_voevent((str){text, n}))
        return scan_voevent(s, (str){text, n});
    return take_opaque(s, all, OTHER, fd);
}

static bool take_content(struct scan_subject *s, const struct scan_templates *all, int fd)
{
    if (s->out->bytes == 0)
        return err_set(s->e, ERR_USAGE, "it is empty");
    enum kind kind = kind_of(fd, s->out->path);
    if (kind == XML)
        return take_xml(s, all, fd);
    return kind == FITS ? take_fits(s, all, fd) : take_opaque(s, all, kind, fd);
}

void scan_file(struct products *registry, const struct scan_templates *all,
               struct scanned *f)
{
    struct err e = {0};
    const struct product where = {.root = f->root, .path = f->path};
    struct scan_subject s = {.registry = registry, .out = f, .arena = f->arena, .e = &e};
    int fd = products_open_file(registry, &where, &e);
    if (fd < 0) {
        refuse(f, e.message);
        f->is_again = true;
        return;
    }
    if (!take_stat(f, fd) || !take_checksum(f, fd))
        refuse(f, "it cannot be read"), f->is_again = true;
    else if (!take_content(&s, all, fd)) {
        f->is_again = e.kind == ERR_BUSY || e.kind == ERR_UNAVAILABLE;
        refuse(f, e.message);
    }
    if (has_changed(f, fd)) {
        refuse(f, "it changed while it was read; the next scan takes it");
        f->is_again = true;
    }
    close(fd);
}
