/* scan.h -- `colure scan`: files of data become products of the registry and rows of
 * ivoa.obscore. Each file is read once, by one of several threads; what is unchanged since
 * the last scan is not read again. */
#ifndef CORE_INGEST_SCAN_H
#define CORE_INGEST_SCAN_H

#include "core/ingest/ingest.h"
#include "core/products/products.h"

struct scan_counts {
    uint64_t seen;      /* plain files and what stands in their place */
    uint64_t read;      /* in this scan */
    uint64_t unchanged; /* since the last one, refused ones included */
    uint64_t refused;   /* in this scan */
    uint64_t products;  /* in this scan */
    uint64_t forgotten; /* files that are gone */
    uint64_t bytes;     /* read */
};

enum scan_event { SCAN_TAKEN, SCAN_REFUSED, SCAN_WARNING, SCAN_PROGRESS };

struct scan_options {
    struct products *registry; /* its identity is set; a dry run changes nothing in it */
    const struct product_root *root; /* as the registry was opened with */
    size_t nroot;
    const char *only;            /* a root's name, or NAME/folder or file; NULL: all */
    const char *template_folder; /* of the instruments' templates; NULL: none */
    const char *version;         /* of the program: its rows are made anew by another */
    struct ingest_target target; /* path NULL: no tables are made */
    unsigned threads;            /* 0: as many as there are processors, at most 8 */
    bool is_dry;                 /* only says what each file would give */
    bool is_full;                /* reads unchanged files too */
    bool is_tables_only;         /* reads no files: the tables anew, of what is known */
    /* Called by the thread that called ingest_scan(). TAKEN: `text` is one line of what a
     * product holds (dry runs only). REFUSED, WARNING: why. PROGRESS: path, text NULL. */
    void (*say)(void *what, enum scan_event, const char *path, const char *text,
                const struct scan_counts *);
    void *what;
};

/* Walks the roots, fills the registry, makes the tables. False: nothing could be walked,
 * the templates are wrong, the registry or the store cannot be written; what was committed
 * before stays and is not read again. Bad files are no failure. */
bool ingest_scan(const struct scan_options *, struct scan_counts *, struct err *);

#endif
