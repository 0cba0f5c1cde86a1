/* products.h -- the registry of data products: which file (or HDU of a file) is which
 * publisher DID, where it lies, what it covers, what belongs to it.
 *
 * `colure scan` writes it; services look products up by DID and open their files. Searching
 * is not done here but over ivoa.obscore, which is made from the same rows. */
#ifndef CORE_PRODUCTS_PRODUCTS_H
#define CORE_PRODUCTS_PRODUCTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/arena.h"
#include "core/base/err.h"
#include "core/base/str.h"

/* What a product holds, column by column: ObsCore 1.1 without what is made of the identity
 * (obs_publisher_did, access_*), and what services need besides. Kind T: text, NULL
 * unknown; D: double, NaN unknown; I: int64_t, PRODUCT_NONE unknown. The order is that of
 * the registry's table; a new column goes to the end. */
/* clang-format off */
#define PRODUCT_COLUMNS(T, D, I) \
    T(dataproduct_type) I(calib_level) T(obs_collection) T(obs_id) T(target_name) \
    D(s_ra) D(s_dec) D(s_fov) D(s_resolution) I(s_xel1) I(s_xel2) \
    D(t_min) D(t_max) D(t_exptime) D(t_resolution) I(t_xel) \
    D(em_min) D(em_max) D(em_res_power) I(em_xel) T(o_ucd) T(pol_states) I(pol_xel) \
    T(facility_name) T(instrument_name) \
    T(dataproduct_subtype) T(target_class) T(obs_creation_date) T(obs_creator_name) \
    T(obs_title) T(bib_reference) T(data_rights) T(obs_release_date) D(s_pixel_scale) \
    T(em_ucd) T(o_unit) T(proposal_id) \
    T(s_region)     /* vertices "ra dec ra dec ..." in degrees ICRS, counter-clockwise */ \
    T(content_type) /* media type of the file as it is served */ \
    T(checksum)     /* "sha256:" and 64 hexadecimal digits, of the whole file */ \
    T(preview)      /* path of a preview below the same root */ \
    I(ev_xel)       /* events in it */ \
    D(energy_min) D(energy_max) /* of the events, eV */
/* clang-format on */

#define PRODUCT_NONE INT64_MIN

struct product {
    int64_t id;           /* in the registry; changes when the product does */
    const char *did;      /* ivo://AUTHORITY/COLLECTION?LOCAL */
    const char *local;    /* what stands behind the "?", as in the DID */
    const char *root;     /* name of the registered root */
    const char *path;     /* below the root, no "..", as the file system has it */
    int64_t hdu;          /* 0: the primary; PRODUCT_NONE: the whole file */
    int64_t bytes;        /* of the file */
    int64_t modified_us;  /* of the file, since 1970 */
    int64_t nhdu_product; /* products that share the file, this one included */
    int64_t nlink;        /* that were put for it */
    int64_t scanned_us;   /* when the file was read, since 1970 */
    const char *mapping; /* fingerprint of the templates that were used, and the template */
#define T(name) const char *name;
#define D(name) double name;
#define I(name) int64_t name;
    PRODUCT_COLUMNS(T, D, I)
#undef T
#undef D
#undef I
};

/* Another resource that belongs to a product: a row of its DataLink answer beside what
 * services make themselves (#this, #preview, #cutout). */
struct product_link {
    const char *semantics; /* "#progenitor", "#calibration", ... */
    const char *target;    /* DID of a product of this registry, or NULL */
    const char *url;       /* absolute, when target is NULL */
    const char *description, *content_type, *content_qualifier, *local_semantics;
    int64_t bytes; /* PRODUCT_NONE: unknown */
};

struct product_root {
    const char *name, *path; /* path: a directory */
};

struct products;

/* Opens the registry (made when it is not there). Files are opened only below `roots`,
 * whose directories are opened now; one that is missing makes its files unavailable, no
 * more. Any thread may use it. NULL with *e. */
struct products *products_open(const char *path, const struct product_root *roots,
                               size_t nroot, struct err *);
void products_close(struct products *);

/* The product of a publisher DID, as it stands or percent-encoded once; the scheme and the
 * authority are compared without case. Texts live in the arena. False: ERR_USAGE (no IVOA
 * identifier), ERR_NOT_FOUND (not of this registry), or a failure of the file. */
bool products_find(struct products *, str did, struct arena *, struct product *,
                   struct err *);

/* What was registered as belonging to a product, in the order of registration; forward
 * links ("what was made from this") as #derivation. */
bool products_links(struct products *, const struct product *, struct arena *,
                    struct product_link **, size_t *n, struct err *);

/* Opens the product's file for reading, component by component without following symbolic
 * links, so that nothing outside the root can be reached. A file that changed since it was
 * scanned is opened all the same: compare with product.bytes. -1: ERR_NOT_FOUND (it is
 * gone, or is no plain file), ERR_FORBIDDEN, ERR_UNAVAILABLE (its root is not there). */
int products_open_file(struct products *, const struct product *, struct err *);
/* The same for another path below the product's root (a preview). */
int products_open_beside(struct products *, const struct product *, const char *path,
                         struct err *);

/* --- writing (colure scan) ----------------------------------------------------------- */

/* "ivo://AUTHORITY" of the DIDs and the address that access URLs begin with; kept in the
 * registry. NULL where none was set. */
const char *products_authority(struct products *);
const char *products_base_url(struct products *);
bool products_set_identity(struct products *, const char *authority, const char *base_url,
                           struct err *);

/* A transaction. Between begin and end one thread writes; `ok` false rolls back. */
bool products_begin(struct products *, struct err *);
bool products_end(struct products *, bool ok, struct err *);

/* Which tables were last made of the registry, as a number of the caller's for their
 * columns; 0: none, or something has changed since. Setting it takes part in a transaction
 * if there is one; a new identity sets it to 0. */
int products_tables_made(struct products *);
bool products_set_tables_made(struct products *, int layout, struct err *);

/* A file as it was last scanned, whether it gave products or was refused. */
struct product_file {
    int64_t id;
    const char *root, *path, *checksum;
    int64_t bytes, modified_us;
    const char *refusal; /* why it gave nothing; NULL: it gave products */
    const char *mapping; /* fingerprint of the templates that were used */
    int64_t scanned_us;  /* when it was read, since 1970 */
};

/* The file at a path, with *found; forgets nothing. */
bool products_file(struct products *, const char *root, const char *path, struct arena *,
                   struct product_file *, bool *found, struct err *);
/* Replaces the file and all its products; *file_id is what products_put wants. */
bool products_put_file(struct products *, const struct product_file *, int64_t *file_id,
                       struct err *);
/* Adds a product of a file: obs_collection, local, hdu and the columns are taken. */
bool products_put(struct products *, int64_t file_id, const struct product *,
                  int64_t *product_id, struct err *);
bool products_put_link(struct products *, int64_t product_id, const struct product_link *,
                       struct err *);
/* Marks a file as seen in this scan; what is left unmarked below a root's folder ("" for
 * all) is forgotten. */
bool products_mark(struct products *, int64_t file_id, int64_t scan, struct err *);
bool products_forget(struct products *, const char *root, const char *folder, int64_t scan,
                     int64_t *nforgotten, struct err *);

/* Every product in turn, as they were when it began, by id; one walk at a time. False with
 * no error: no more. Other calls may come between. */
bool products_walk_begin(struct products *, struct err *);
bool products_walk_next(struct products *, struct arena *, struct product *, struct err *);
void products_walk_end(struct products *);

/* An alert that a file holds (VOEvent): its fields as the packet has them. Texts NULL,
 * numbers NaN, times PRODUCT_NONE: not told. */
struct product_alert {
    const char *ivorn, *role, *author, *concept, *name, *description, *cites, *what;
    int64_t date_us, event_us; /* of the packet, of the event; since 1970 UTC */
    double ra_deg, dec_deg, error_deg, importance;
};

/* Adds the alert of a file; false too when another file has that identifier. */
bool products_put_alert(struct products *, int64_t file_id, const struct product_alert *,
                        struct err *);
/* As products_walk_... for alerts. */
bool products_walk_alerts(struct products *, struct err *);
bool products_next_alert(struct products *, struct arena *, struct product_alert *,
                         struct err *);

/* LOCAL of a path: percent-encoded where an IVOA identifier needs it; ext NULL: the whole
 * file. NULL: no memory. */
const char *products_local(struct arena *, const char *path, const char *ext);

#endif
