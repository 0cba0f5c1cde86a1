/* scan_rule.c -- templates at work: which one fits a file, and what it says of a product.
 */
#include <fnmatch.h>
#include <math.h>
#include <stdio.h>

#include "core/base/num.h"
#include "core/fits/fits_column.h"
#include "core/fits/fits_wcs.h"
#include "core/fits/fits_word.h"
#include "core/ingest/scan_inside.h"

enum { MAX_TEXT = 4096, MAX_REPEATED_LINKS = 999 };

static bool is_among(const char *const *glob, const char *text)
{
    for (; *glob; glob++)
        if (fnmatch(*glob, text, 0) == 0)
            return true;
    return false;
}

/* --- words --------------------------------------------------------------------------- */

static str file_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return str_of(slash ? slash + 1 : path);
}

/* Without .gz and the extension before it. */
static str stem_of(const char *path)
{
    str file = file_of(path);
    if (file.len > 3 && str_eq_fold((str){file.at + file.len - 3, 3}, STR(".gz")))
        file.len -= 3;
    for (size_t i = file.len; i > 1; i--)
        if (file.at[i - 1] == '.')
            return (str){file.at, i - 1};
    return file;
}

/* The name of the folder that the file lies in. */
static str parent_of(const char *path)
{
    const char *end = strrchr(path, '/'), *begin = end;
    while (begin && begin > path && begin[-1] != '/')
        begin--;
    return end ? (str){begin, (size_t)(end - begin)} : (str){path, 0};
}

static str own_word(const struct scan_subject *s, const char *name, char buffer[80])
{
    const char *path = s->out->path;
    if (strcmp(name, "path") == 0)
        return str_of(path);
    if (strcmp(name, "file") == 0)
        return file_of(path);
    if (strcmp(name, "stem") == 0)
        return stem_of(path);
    if (strcmp(name, "folder") == 0)
        return (str){path, strrchr(path, '/') ? (size_t)(strrchr(path, '/') - path) : 0};
    if (strcmp(name, "parent") == 0)
        return parent_of(path);
    if (strcmp(name, "root") == 0)
        return str_of(s->out->root);
    if (strcmp(name, "records") == 0 && s->records) {
        snprintf(buffer, 80, "%lld", (long long)s->nrecord);
        return str_of(buffer);
    }
    if (strcmp(name, "hdu") != 0 || !s->hdu)
        return (str){NULL, 0};
    fits_name(s->hdu, buffer);
    if (!buffer[0])
        snprintf(buffer, 80, "%d", s->hdu->number);
    return str_of(buffer);
}

bool scan_word(const struct scan_subject *s, const char *name, char out[512])
{
    char buffer[80];
    str own = own_word(s, name, buffer);
    if (own.at) {
        size_t n = own.len < 511 ? own.len : 511;
        memcpy(out, own.at, n);
        out[n] = '\0';
        return n > 0;
    }
    if (s->hdf5)
        return hdf5_word(s->hdf5, s->object, name, out);
    if (s->hdu && fits_word(s->hdu, name, out))
        return true;
    return s->file && s->file->nhdu > 0 && s->hdu != &s->file->hdu[0] &&
           fits_word(&s->file->hdu[0], name, out);
}

/* Puts words in place of ${WORD}, the number in place of # in one. NULL: one is not there,
 * or the text is too long. */
static const char *fill_words(const struct scan_subject *s, const char *text, int number)
{
    char out[MAX_TEXT], name[128], word[512];
    size_t n = 0;
    for (const char *at = text; *at;) {
        const char *end = at[0] == '$' && at[1] == '{' ? strchr(at, '}') : NULL;
        if (!end) {
            if (n + 1 >= sizeof out)
                return NULL;
            out[n++] = *at++;
            continue;
        }
        size_t k = 0;
        for (at += 2; at < end && k < sizeof name - 8; at++)
            if (*at == '#')
                k += (size_t)snprintf(name + k, 8, "%d", number);
            else
                name[k++] = *at;
        name[k] = '\0';
        at = end + 1;
        if (!scan_word(s, name, word) || n + strlen(word) >= sizeof out)
            return NULL;
        memcpy(out + n, word, strlen(word));
        n += strlen(word);
    }
    return arena_text(s->arena, (str){out, n});
}

/* --- which template, which HDU ------------------------------------------------------- */

/* An attribute of any object, unless its path is named. */
static bool holds_in_hdf5(const struct scan_condition *c, const struct hdf5_file *f)
{
    char word[HDF5_WORD_BYTES];
    if (c->word[0] == '/')
        return hdf5_word(f, NULL, c->word, word) && is_among(c->glob, word);
    for (uint32_t i = 0; i < f->nword; i++)
        if (strcmp(f->word[i].name, c->word) == 0 && is_among(c->glob, f->word[i].text))
            return true;
    return false;
}

const char *scan_rule_object(const struct scan_rule *rule, const struct hdf5_file *f,
                             bool *is_missing)
{
    *is_missing = false;
    for (uint32_t i = 0; rule->hdu && i < f->ncolumn; i++)
        if (is_among(rule->hdu, f->column[i].dataset))
            return f->column[i].dataset;
    for (uint32_t i = 0; rule->hdu && i < f->nword; i++)
        if (is_among(rule->hdu, f->word[i].object))
            return f->word[i].object;
    *is_missing = rule->hdu != NULL;
    return NULL;
}

static bool holds_somewhere(const struct scan_condition *c, const struct scan_subject *s)
{
    char word[FITS_WORD_BYTES];
    if (s->hdf5)
        return holds_in_hdf5(c, s->hdf5);
    for (int i = 0; s->file && i < s->file->nhdu; i++)
        if (fits_word(&s->file->hdu[i], c->word, word) && is_among(c->glob, word))
            return true;
    return false;
}

static bool fits(const struct scan_template *t, const struct scan_subject *s)
{
    if ((t->path && !is_among(t->path, s->out->path)) ||
        (t->root && !is_among(t->root, s->out->root)))
        return false;
    for (uint32_t i = 0; i < t->ncondition; i++)
        if (!holds_somewhere(&t->condition[i], s))
            return false;
    return true;
}

const struct scan_template *scan_template_find(const struct scan_templates *all,
                                               const struct scan_subject *s)
{
    for (uint32_t i = 0; i < all->n; i++)
        if (fits(&all->template[i], s))
            return &all->template[i];
    return NULL;
}

static bool is_called(const char *const *glob, const struct fits_hdu *h)
{
    char name[FITS_WORD_BYTES], number[16];
    fits_name(h, name);
    snprintf(number, sizeof number, "%d", h->number);
    return (name[0] && is_among(glob, name)) || is_among(glob, number);
}

bool scan_rule_takes(const struct scan_rule *rule, const struct fits_hdu *h)
{
    return !rule->hdu || is_called(rule->hdu, h);
}

/* --- numbers ------------------------------------------------------------------------- */

double scan_mjd(const char *text, enum fits_scale scale)
{
    double value;
    if (!num_parse_double(str_trim(str_of(text)), &value))
        value = fits_date_mjd(text, scale);
    else if (value >= 2400000.5)
        value -= 2400000.5;
    return value;
}

static bool is_field(const struct scan_field *f, const char *name)
{
    return strcmp(f->name, name) == 0;
}

static bool is_time_field(const struct scan_field *f)
{
    return is_field(f, "t_min") || is_field(f, "t_max");
}

static bool is_band(const struct scan_field *f)
{
    return is_field(f, "em_min") || is_field(f, "em_max");
}

/* The unit that a field is kept in. */
static const char *unit_of(const struct scan_field *f)
{
    static const char *const UNITS[][2] = {{"s_ra", "deg"},
                                           {"s_dec", "deg"},
                                           {"s_fov", "deg"},
                                           {"s_resolution", "arcsec"},
                                           {"s_pixel_scale", "arcsec"},
                                           {"t_min", "d"},
                                           {"t_max", "d"},
                                           {"t_exptime", "s"},
                                           {"t_resolution", "s"},
                                           {"em_min", "m"},
                                           {"em_max", "m"},
                                           {"energy_min", "eV"},
                                           {"energy_max", "eV"}};
    for (size_t i = 0; i < sizeof UNITS / sizeof *UNITS; i++)
        if (is_field(f, UNITS[i][0]))
            return UNITS[i][1];
    return NULL;
}

/* Wavelengths may be given as energies and frequencies. */
static double convert(const struct scan_field *f, double value, const char *unit)
{
    const char *to = unit_of(f);
    double factor;
    if (!unit || !to || !unit[0])
        return value;
    if (fits_unit_factor(unit, to, &factor))
        return value * factor;
    if (is_band(f) && fits_unit_factor(unit, "J", &factor))
        return 299792458.0 * 6.62607015e-34 / (value * factor);
    if (is_band(f) && fits_unit_factor(unit, "Hz", &factor))
        return 299792458.0 / (value * factor);
    return NAN;
}

static double number_of(const struct scan_field *f, const char *text, enum fits_scale scale)
{
    double value, deg;
    str t = str_trim(str_of(text));
    if (is_time_field(f))
        return scan_mjd(text, scale);
    if (num_parse_double(t, &value))
        return value;
    if (is_field(f, "s_ra") && sky_hms_parse(t, &deg))
        return deg;
    return is_field(f, "s_dec") && sky_dms_parse(t, &deg) ? deg : NAN;
}

static double taken(const struct fits_range *r, enum scan_take take)
{
    if (take == SCAN_COUNT)
        return (double)r->n;
    if (r->n == 0)
        return NAN;
    const double of[] = {r->least, r->most, r->sum / (double)r->n, r->sum, r->first};
    return of[take];
}

/* --- values -------------------------------------------------------------------------- */

static const struct fits_hdu *hdu_of(const struct scan_value *v,
                                     const struct scan_subject *s)
{
    const char *const name[] = {v->hdu, NULL};
    for (int i = 0; v->hdu && s->file && i < s->file->nhdu; i++)
        if (is_called(name, &s->file->hdu[i]))
            return &s->file->hdu[i];
    return v->hdu ? NULL : s->hdu;
}

/* What is there to be measured: n is 0 where there is nothing. */
struct measured {
    struct fits_range range;
    const char *unit; /* NULL: it says none */
};

/* Of a column or of pixels; false: the file cannot be read. */
static bool measure_fits(const struct scan_value *v, struct scan_subject *s,
                         struct measured *m)
{
    const struct fits_hdu *h = hdu_of(v, s);
    struct err ignored = {0};
    uint32_t n;
    if (!h)
        return true;
    if (v->is_data)
        return fits_image_range(s->file, h, &m->range, s->e);
    struct fits_column *all = fits_columns(h, &n, s->arena, &ignored);
    const struct fits_column *c = all ? fits_column_find(all, n, v->column) : NULL;
    if (!c)
        return true;
    m->unit = c->unit;
    return fits_column_range(s->file, h, c, &m->range, s->e);
}

static bool measure_hdf5(const struct scan_value *v, struct scan_subject *s,
                         struct measured *m)
{
    const char *object = v->hdu ? v->hdu : s->object;
    const char *name = v->is_data ? object : v->column;
    const struct hdf5_column *c =
        name ? hdf5_column(s->hdf5, v->is_data ? NULL : object, name) : NULL;
    struct hdf5_range r;
    if (!c)
        return true;
    if (!hdf5_range(s->hdf5, c, &r, s->e))
        return false;
    if (!c->is_number && v->take != SCAN_COUNT)
        r.n = 0;
    m->unit = hdf5_unit(s->hdf5, c);
    m->range = (struct fits_range){r.n, r.least, r.most, r.sum, r.first};
    return true;
}

static bool measure_records(const struct scan_value *v, struct scan_subject *s,
                            struct measured *m)
{
    const struct scan_record_field *f =
        v->column ? scan_records_field(s->records, v->column) : NULL;
    if (!f)
        return true;
    m->unit = f->unit;
    return scan_records_range(s->records, s->fd, s->nrecord, f, &m->range, s->e);
}

/* Of a value that is a time: as the template says, else as the file does. What a template
 * says without a word of the file is UTC. */
static enum fits_scale scale_of(const struct scan_value *v, const struct scan_subject *s)
{
    struct scan_subject other = *s;
    if (!is_time_field(v->field) || (v->text && !v->scale && !strstr(v->text, "${")))
        return FITS_UTC;
    if (v->scale)
        return fits_scale_of(v->scale);
    other.hdu = hdu_of(v, s);
    other.object = v->hdu ? v->hdu : s->object;
    return scan_scale(&other);
}

/* Days of a clock that begins at a date which stands elsewhere. */
static double since(const struct scan_value *v, const struct scan_subject *s)
{
    const char *text = v->since ? fill_words(s, v->since, 0) : NULL;
    return !v->since ? 0 : text ? scan_mjd(text, scale_of(v, s)) : NAN;
}

static bool measure(const struct scan_value *v, struct scan_subject *s, double *out)
{
    struct measured m = {0};
    *out = NAN;
    if (!(s->records ? measure_records(v, s, &m)
          : s->hdf5  ? measure_hdf5(v, s, &m)
                     : measure_fits(v, s, &m)))
        return false;
    if (m.range.n == 0)
        return true;
    const char *unit = v->unit ? v->unit : m.unit;
    double value = taken(&m.range, v->take) * v->factor + v->offset;
    if (is_time_field(v->field) && !v->since)
        value = value >= 2400000.5 ? value - 2400000.5 : value;
    *out = v->take == SCAN_COUNT ? value : convert(v->field, value, unit);
    if (is_time_field(v->field))
        *out = scan_utc(s, scale_of(v, s), *out + since(v, s));
    return true;
}

static const char *first_word(const struct scan_value *v, const struct scan_subject *s)
{
    char word[512];
    struct scan_subject other = *s;
    other.hdu = hdu_of(v, s);
    other.object = v->hdu ? v->hdu : s->object;
    for (const char *const *w = v->word; *w; w++)
        if (scan_word(&other, *w, word))
            return arena_text(s->arena, str_of(word));
    return NULL;
}

static const char *mapped(const struct scan_value *v, const char *text)
{
    for (uint32_t i = 0; text && i < v->npair; i++)
        if (fnmatch(v->pair[i].from, text, 0) == 0)
            return v->pair[i].to;
    return text;
}

static bool is_unknown(const char *text)
{
    static const char *const WORDS[] = {"UNKNOWN", "N/A", "NONE", "NULL", "UNDEFINED"};
    for (size_t i = 0; i < sizeof WORDS / sizeof *WORDS; i++)
        if (str_eq_fold(str_of(text), str_of(WORDS[i])))
            return true;
    return !text[0];
}

static void put_number(const struct scan_field *f, struct product *p, double value)
{
    char *at = (char *)p + f->at;
    if (f->kind == SCAN_NUMBER)
        *(double *)(void *)at = value;
    else if (isfinite(value) && fabs(value) < 9e18)
        *(int64_t *)(void *)at = (int64_t)llround(value);
    else
        *(int64_t *)(void *)at = PRODUCT_NONE;
}

/* What cannot be found out leaves what the data said; an empty constant clears it. */
static bool set_value(const struct scan_value *v, struct scan_subject *s, struct product *p)
{
    double value;
    if (v->column || v->is_data) {
        if (!measure(v, s, &value))
            return false;
        if (isfinite(value))
            put_number(v->field, p, value);
        return true;
    }
    const char *text = v->word ? first_word(v, s) : fill_words(s, v->text, 0);
    text = mapped(v, text);
    if (!text || (v->word && is_unknown(text)))
        return true;
    if (v->field->kind == SCAN_TEXT) {
        *(const char **)(void *)((char *)p + v->field->at) = text[0] ? text : NULL;
        return true;
    }
    value = number_of(v->field, text, scale_of(v, s)) * v->factor + v->offset;
    value = convert(v->field, value, v->unit);
    if (is_time_field(v->field))
        value = scan_utc(s, scale_of(v, s), value);
    if (isfinite(value) || !text[0])
        put_number(v->field, p, value);
    return true;
}

bool scan_rule_apply(const struct scan_rule *rule, struct scan_subject *s,
                     struct product *p)
{
    for (uint32_t i = 0; i < rule->nvalue; i++)
        if (!set_value(&rule->value[i], s, p))
            return false;
    return true;
}

/* --- links --------------------------------------------------------------------------- */

static bool add_link(struct scan_subject *s, uint32_t iproduct, struct product_link link)
{
    struct scanned *out = s->out;
    if ((out->nlink & (out->nlink + 1)) == 0) { /* full at 0, 1, 3, 7, ... */
        struct scanned_link *more =
            arena_new_array(s->arena, struct scanned_link, 2 * (size_t)out->nlink + 2);
        if (!more)
            return false;
        if (out->nlink)
            memcpy(more, out->link, out->nlink * sizeof *more);
        out->link = more;
    }
    out->link[out->nlink++] = (struct scanned_link){iproduct, link};
    return true;
}

/* False: a word is missing. */
static bool make_link(const struct scan_link *l, struct scan_subject *s, int number,
                      struct product_link *out)
{
    *out = (struct product_link){.semantics = l->semantics,
                                 .content_type = l->content_type,
                                 .content_qualifier = l->content_qualifier,
                                 .local_semantics = l->local_semantics,
                                 .bytes = PRODUCT_NONE};
    out->description = l->description ? fill_words(s, l->description, number) : NULL;
    out->url = l->url ? fill_words(s, l->url, number) : NULL;
    const char *target = l->target ? fill_words(s, l->target, number) : NULL;
    const char *authority = products_authority(s->registry);
    if (target && !str_starts_fold(str_of(target), STR("ivo://")))
        target = arena_format(s->arena, "%s/%s", authority ? authority : "", target);
    out->target = target;
    return out->url || out->target;
}

/* A # within ${...}. */
static bool is_repeated(const char *text)
{
    const char *mark = strchr(text, '#'), *end = strrchr(text, '}');
    return mark && end && mark < end;
}

bool scan_rule_links(const struct scan_rule *rule, struct scan_subject *s,
                     uint32_t iproduct)
{
    for (uint32_t i = 0; i < rule->nlink; i++) {
        const struct scan_link *l = &rule->link[i];
        int most = is_repeated(l->target ? l->target : l->url) ? MAX_REPEATED_LINKS : 1;
        struct product_link link;
        for (int k = 1; k <= most && make_link(l, s, k, &link); k++)
            if (!add_link(s, iproduct, link))
                return err_set(s->e, ERR_LIMIT, "no memory for links");
    }
    return true;
}
