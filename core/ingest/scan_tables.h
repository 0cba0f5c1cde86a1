/* scan_tables.h -- tables made of the registry, row by row: what their makers share. */
#ifndef CORE_INGEST_SCAN_TABLES_H
#define CORE_INGEST_SCAN_TABLES_H

#include "core/base/bytes.h"
#include "core/ingest/made_rows.h"
#include "core/ingest/scan_inside.h"

struct scan_source { /* products, one after another */
    struct products *registry;
    struct arena *arena; /* of the product at hand */
    struct bytes text;
    uint64_t *seen; /* names that are in the table already, as numbers */
    size_t nseen, nslot;
    /* Where a product gives several rows: */
    const char *version; /* of the program */
    struct product product;
    struct product_link *link;
    size_t nlink;
    size_t isub; /* the next row of the product */
    bool has_product;
};

struct scan_table {
    const char *schema, *name;
    const struct made_column *column;
    uint32_t ncolumn;
    const char *lon, *lat; /* its columns of the position; NULL: none */
    bool is_of_alerts;     /* walks alerts, not products */
    made_next *next;       /* its `what` is a struct scan_source */
};

/* Lineage, as tables of the Provenance Data Model. */
extern const struct scan_table SCAN_PROVENANCE[];
extern const size_t SCAN_NPROVENANCE;
extern const struct scan_table SCAN_ALERTS;

/* False: no more, or *e. */
bool scan_next_product(struct scan_source *, struct product *, struct err *);
bool scan_is_new(struct scan_source *, uint64_t hash, bool *is_new);

/* NULL and "" are null; a time that is none is null. */
void scan_put_text(struct made_row *, const char *);
void scan_put_time(struct made_row *, const char *);
/* Of the document of links of a product. */
void scan_put_url(struct made_row *, struct scan_source *, const struct product *);

#endif
