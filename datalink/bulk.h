/* bulk.h -- cut-outs for a table of positions, as one tar, FITS file or cube, written while
 * they are made, with a manifest that says for each position what came. Private to
 * datalink.
 */
#ifndef DATALINK_BULK_H
#define DATALINK_BULK_H

#include "datalink/list.h"
#include "datalink/soda.h"

enum bulk_form { BULK_TAR, BULK_MEF, BULK_CUBE };
enum bulk_status { BULK_OK, BULK_OUTSIDE, BULK_FAILED };

struct bulk_outcome { /* of one position on one product */
    enum bulk_status status;
    uint32_t place;      /* extension or plane, from 1; 0: none */
    const char *message; /* NULL: nothing to say */
};

enum { BULK_OPEN_FILES = 32 };

struct bulk {
    struct datalink *service;
    struct arena *arena;
    struct list list;
    const char **id; /* products for every position; n 0: the list names its own */
    uint32_t nid;
    struct cutout_request base; /* what holds for all of them */
    double radius_deg;          /* of a circle around each position; 0: a window */
    enum bulk_form form;
    uint64_t next, total;
    struct bulk_outcome *outcome;
    uint64_t ncount[3]; /* by status */
    uint32_t place;     /* extensions so far */
    struct bulk_file {
        const char *did;
        struct arena *arena;
        struct cutout_file *file; /* NULL: `why` says why */
        struct err why;
        uint64_t used_at, stretch; /* uses, stretches: which was its last */
    } open[BULK_OPEN_FILES];
    uint64_t uses; /* of files so far */
    struct cancel *cancel;
    struct cutout_want *want; /* pixels that were brought for those before `ahead` */
    size_t nwant, want_at;
    uint64_t ahead, stretch; /* their number, from 1 */
    struct arena *scratch;   /* of one position */
    float *stamp;            /* of a cube's plane */
    uint64_t nbyte;          /* of the data unit that is being written */
    int state;
    uint64_t manifest_next;
    uint32_t name_bytes, did_bytes, message_bytes; /* widths of the manifest's columns */
};

/* Reads the parameters of a request that has a table (see list_has_table). Everything lives
 * in the arena, and ends with it. NULL with *e. */
struct bulk *bulk_new(struct datalink *, const struct list_ask *, struct arena *,
                      struct err *);
/* Media type, and the end of a file's name. */
const char *bulk_media_type(const struct bulk *);
const char *bulk_extension(const struct bulk *);

/* Adds the next bytes, some 100 kB of them or one cut-out; false with *e: the whole cannot
 * go on. *done: that was the end. */
bool bulk_fill(struct bulk *, struct bytes *out, bool *done, struct err *);

/* bulk_reply.c: such a request answered, at once or as a job. */
struct http_response *bulk_reply(struct datalink *, struct http_request *);
bool bulk_run_job(struct datalink *, struct uws_run *, const struct http_param *,
                  struct err *);

/* Unpacked into memory as a whole, when it is opened. */
bool bulk_is_packed(const char *did);

/* bulk.c: the file, open or not; where to cut; false: not at all. */
struct bulk_file *bulk_file_of(struct bulk *, const char *did);
bool bulk_request(struct bulk *, const struct list_item *, struct cutout_request *,
                  struct err *);

/* bulk_ahead.c: before the next one is cut: the pixels of a stretch of them, where they lie
 * in compressed tiles, and what of them the next one needs to its file. */
void bulk_look_ahead(struct bulk *);
void bulk_offer(struct bulk *, struct cutout_file *);
void bulk_drop_ahead(struct bulk *);

/* bulk_manifest.c: the manifest's part that fits, *done at its end. */
bool bulk_manifest_csv(struct bulk *, struct bytes *out, struct err *);
bool bulk_manifest_table(struct bulk *, struct bytes *out, bool *done, struct err *);

/* The item and the product of one outcome. */
const struct list_item *bulk_item(const struct bulk *, uint64_t i);
const char *bulk_did(const struct bulk *, uint64_t i);
/* "000012_name.fits" */
const char *bulk_file_name(const struct bulk *, uint64_t i, struct arena *);

#endif
