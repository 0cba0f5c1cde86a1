/* rows.h -- rows are pulled, a batch at a time; bytes are pushed. Nothing holds a whole
 * result. Columns and batches are those of stores/store.h. */
#ifndef CORE_BASE_ROWS_H
#define CORE_BASE_ROWS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/bytes.h"
#include "core/base/err.h"
#include "stores/store.h"

enum step { STEP_ROWS, STEP_END, STEP_FAILED };

struct rowsource {
    const struct store_column *const *column;
    uint32_t ncolumn;
    /* STEP_ROWS: a batch of at least one row, valid until the next pull or close. */
    enum step (*next)(struct rowsource *, struct store_batch *, struct err *);
    void (*close)(struct rowsource *); /* ends it and frees it */
};

enum ending { ENDING_COMPLETE, ENDING_OVERFLOW, ENDING_FAILED };

struct result_info { /* one INFO of a result: DALI and DataOrigin words */
    const char *name, *value;
    const char *ucd, *text; /* NULL: none */
};

/* What a format may say about a result besides its rows. Lives as long as the sink. */
struct result_head {
    const struct store_column *const *column;
    uint32_t ncolumn;
    const char *table_name;  /* NULL: none */
    const char *description; /* NULL: none */
    const struct result_info *info;
    uint32_t ninfo;
    const char *params;        /* elements before the table, text of VOTable; NULL: none */
    int64_t nrow;              /* -1: not known beforehand */
    const char *overflow_text; /* says which limit was met; NULL: none */
    const char *page_base;    /* URL of the node, for the navigation of pages; NULL: none */
    const char *page_site;    /* name of the node; NULL: none */
    const char *page_version; /* of what pages load; NULL: there is nothing */
    /* What else can be done with the rows (DataLink, "Service Descriptors"): elements
     * behind the table's RESOURCE, as text of VOTable; NULL: none. They refer to one
     * column, which bears the XML ID that stands here. */
    const char *services, *service_ref;
    uint32_t service_column;
};

/* A sink turns batches into bytes of one format. Calls: begin, rows ..., end, close. Each
 * appends to `out`, which the caller empties between calls. After a false only close() may
 * follow. A sink with `is_spooled` writes nothing to `out`: after end() its whole body is
 * the file spool_fd from position 0; a late failure is then an error, not a body. */
struct sink {
    bool is_spooled;
    int spool_fd; /* -1 until end(); owned by the sink */
    bool (*begin)(struct sink *, const struct result_head *, struct bytes *out,
                  struct err *);
    bool (*rows)(struct sink *, const struct store_batch *, struct bytes *out,
                 struct err *);
    /* `why` is set for ENDING_FAILED. Returns false where the format cannot say that it
     * failed: the caller then breaks the transfer, so that no half table passes for one. */
    bool (*end)(struct sink *, enum ending, const struct err *why, struct bytes *out,
                struct err *);
    void (*close)(struct sink *);
};

/* Bytes of one element. */
static inline uint32_t store_type_bytes(enum store_type type)
{
    static const uint8_t SIZE[] = {1, 1, 2, 4, 8, 4, 8, 1, 8};
    return SIZE[type];
}

/* Bytes of the elements of nrow rows. */
static inline uint64_t store_vector_bytes(const struct store_column *c,
                                          const struct store_vector *v, uint32_t nrow)
{
    uint64_t n = c->length < 0 ? v->offset[nrow] - v->offset[0]
                               : (uint64_t)nrow * (uint32_t)c->length;
    return n * store_type_bytes(c->type);
}

#endif
