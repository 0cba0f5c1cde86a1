/* scan_inside.h -- what the files of `colure scan` share. */
#ifndef CORE_INGEST_SCAN_INSIDE_H
#define CORE_INGEST_SCAN_INSIDE_H

#include "core/fits/fits_file.h"
#include "core/fits/fits_time.h"
#include "core/hdf5/hdf5.h"
#include "core/ingest/scan.h"
#include "core/ingest/scan_records.h"

/* --- columns of a product that a template may set ------------------------------------ */

struct scan_field {
    const char *name;
    enum { SCAN_TEXT, SCAN_NUMBER, SCAN_WHOLE } kind;
    size_t at; /* in struct product */
};
extern const struct scan_field SCAN_FIELDS[];
extern const uint32_t SCAN_NFIELDS;

/* --- templates ----------------------------------------------------------------------- */

enum scan_take { SCAN_LEAST, SCAN_MOST, SCAN_MEAN, SCAN_SUM, SCAN_FIRST, SCAN_COUNT };

struct scan_pair {
    const char *from, *to;
};

/* Where the value of one field comes from: a text with ${words}, the first of several
 * header words, a column of a table, the pixels of an image. */
struct scan_value {
    const struct scan_field *field;
    const char *text;
    const char *const *word; /* NULL-terminated */
    const char *column;
    bool is_data;
    const char *hdu; /* name or number (of HDF5 the path of an object); NULL: the product's
                        own, then the primary */
    enum scan_take take;
    const char *unit;      /* the value's; NULL: what its column says, else the field's */
    double factor, offset; /* the value times this, plus that */
    const char *since; /* of times: a text with ${words} whose day is added; NULL: none */
    const char *scale; /* of times, as TIMESYS names it; NULL: what the file says */
    const struct scan_pair *pair; /* texts that stand for others */
    uint32_t npair;
};

/* Texts may have ${words}; with ${WORD#} the link is made for 1, 2, ... as long as the
 * words are there. */
struct scan_link {
    const char *semantics;
    const char *target; /* DID, or what stands behind the authority: COLLECTION?LOCAL */
    const char *url;
    const char *description, *content_type, *content_qualifier, *local_semantics;
};

struct scan_rule {          /* one kind of product in a file */
    const char *const *hdu; /* globs of names, or numbers; NULL: whatever is data */
    bool is_file;           /* the file as a whole, whatever is in it */
    struct scan_value *value;
    uint32_t nvalue;
    struct scan_link *link;
    uint32_t nlink;
};

struct scan_condition {
    const char *word;
    const char *const *glob; /* one of them */
};

struct scan_template {
    const char *name;
    const char *const *path, *const *root;  /* globs, NULL: any */
    const struct scan_condition *condition; /* all must hold in one HDU or another */
    uint32_t ncondition;
    struct scan_rule *rule;
    uint32_t nrule;
    const struct scan_records *records; /* of files of neither format; NULL: not known */
};

struct scan_templates {
    const struct scan_template *template; /* the first that fits is taken */
    uint32_t n;
    char fingerprint[32]; /* of their texts and the program's version */
};

/* All NAME.yaml of a folder, by name; NULL folder: none. In the arena. NULL with *e, which
 * names file, line and column. */
struct scan_templates *scan_templates_read(const char *folder, const char *version,
                                           struct arena *, struct err *);
/* One template's text; `name` is for errors and in place of a missing name. */
bool scan_template_parse(str text, const char *name, struct arena *, struct scan_template *,
                         struct err *);

/* --- one file ------------------------------------------------------------------------ */

struct scanned_link {
    uint32_t iproduct;
    struct product_link link;
};

struct scanned { /* what one file gave; lives in its arena */
    struct arena *arena;
    const char *root, *path, *checksum, *template_name;
    const char *refusal; /* NULL: products */
    const char *note;    /* what a dry run says of its times; NULL: nothing */
    bool is_again;       /* refused for now: not to be remembered as read */
    int64_t bytes, modified_us;
    struct product *product;
    uint32_t nproduct;
    struct scanned_link *link;
    uint32_t nlink;
    struct product_alert *alert; /* NULL: the file is none */
};

/* Opens the file below its root and fills all of the above but arena, root and path. Any
 * thread; `fits` with its own memory beside the arena. */
void scan_file(struct products *, const struct scan_templates *, struct scanned *);

/* The file at hand, for templates: */
struct scan_subject {
    struct products *registry;
    struct scanned *out;
    const struct fits_file *file;       /* NULL: no FITS file */
    const struct fits_hdu *hdu;         /* of the product at hand; NULL: none */
    const struct hdf5_file *hdf5;       /* NULL: no HDF5 file */
    const char *object;                 /* in that, of the product at hand; NULL: none */
    const struct scan_records *records; /* NULL: no file of records */
    int64_t nrecord;
    int fd; /* of such a file */
    const char
        *why_not_bands; /* of an image with an axis of wavelengths that cannot be read */
    struct arena *arena;
    struct err *e;
};

/* The first template that fits; NULL: none does. */
const struct scan_template *scan_template_find(const struct scan_templates *,
                                               const struct scan_subject *);
/* Of an HDF5 file the first object that the rule names; NULL: the rule names none, or
 * (*is_missing) none of them is there. */
const char *scan_rule_object(const struct scan_rule *, const struct hdf5_file *,
                             bool *is_missing);
/* Is the HDU one of those that the rule names? */
bool scan_rule_takes(const struct scan_rule *, const struct fits_hdu *);
/* Sets what the rule says, over what is there. False only without memory or file. */
bool scan_rule_apply(const struct scan_rule *, struct scan_subject *, struct product *);
/* Adds the rule's links to the file's. */
bool scan_rule_links(const struct scan_rule *, struct scan_subject *, uint32_t iproduct);

/* A word of the subject's HDU, or of the primary; or path, file, stem, folder, parent,
 * root, hdu, records. */
bool scan_word(const struct scan_subject *, const char *name, char out[512]);
/* MJD of a date or a (modified) Julian date, in the scale that it is in; NaN: neither. */
double scan_mjd(const char *text, enum fits_scale);
/* The scale that the subject's words and columns say they are in. */
enum fits_scale scan_scale(const struct scan_subject *);
/* MJD of that scale as products have it, in UTC; notes for a dry run what was done. */
double scan_utc(const struct scan_subject *, enum fits_scale, double mjd);

/* Everything unknown. */
void scan_product_clear(struct product *);
/* All that headers and data say by themselves. False: the HDU is no data product; *why says
 * so in the arena. */
bool scan_hdu(struct scan_subject *, struct product *, const char **why);
/* What words of the standard say about any HDU: time, target, telescope, ... */
void scan_words(struct scan_subject *, struct product *);
/* Footprint, field, pixels, bands of an image with a WCS. *has_sky, *has_bands: found. */
bool scan_image(struct scan_subject *, struct product *, bool *has_sky, bool *has_bands);
/* Event lists and spectra in tables; false: neither. */
bool scan_table(struct scan_subject *, struct product *);

/* A VOEvent packet, from the text of a whole file. Sets out->alert. */
bool scan_voevent(struct scan_subject *, str xml);

/* --- around it ----------------------------------------------------------------------- */

/* Plain files below a folder, in the order of their names, as "folder/file"; what cannot be
 * taken comes with a reason. */
struct scan_walk;
struct scan_found {
    const char *path;   /* below the root; with \xHH where it is no UTF-8 */
    const char *reason; /* NULL: a plain file */
    int64_t bytes, modified_us;
};
/* `only`: a folder or file below the root; "": all. NULL: it cannot be read. */
struct scan_walk *scan_walk_new(const char *root_path, const char *only, struct err *);
/* False at the end. What it gives lives until the next call. */
bool scan_walk_next(struct scan_walk *, struct scan_found *);
/* Was every folder read? If not, files may be there that were not seen. */
bool scan_walk_is_whole(const struct scan_walk *);
void scan_walk_free(struct scan_walk *);

/* Threads that read files. */
struct scan_pool;
struct scan_pool *scan_pool_new(unsigned threads, struct products *,
                                const struct scan_templates *, struct err *);
/* Hands a file over; false: all places are taken, take() first. */
bool scan_pool_give(struct scan_pool *, const char *root, const char *path);
/* What a file gave; waits for one. NULL: none is under way. To be ended by put_back(). */
struct scanned *scan_pool_take(struct scan_pool *);
void scan_pool_put_back(struct scan_pool *, struct scanned *);
void scan_pool_free(struct scan_pool *);

/* The tables of the store, made of the registry. */
bool scan_make_tables(const struct scan_options *, struct err *);
/* A number of all their names and columns, never 0. */
int scan_tables_layout(void);

#endif
