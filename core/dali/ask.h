/* ask.h -- a service that is a query: its parameters were made into ADQL, and the answer is
 * that query's. Cone search, SIA and SSA are made so. */
#ifndef CORE_DALI_ASK_H
#define CORE_DALI_ASK_H

#include "core/dali/dali.h"

struct dali_ask {
    struct dali *dali;
    struct http_request *request;
    const char *protocol;  /* for the INFO service_protocol: an IVOA identifier */
    const char *file_name; /* see struct dali_answer */
    bool has_own_format;   /* FORMAT is a parameter of the service, no RESPONSEFORMAT */
    /* What the answer's columns are to be called; as many as the query gives, of the same
     * types. NULL: as the query has them. */
    const struct store_column *const *column;
    uint32_t ncolumn;
    struct bytes *text; /* the query, ADQL; freed by dali_ask */
};

/* Runs the query and streams the answer, MAXREC and RESPONSEFORMAT as DALI has them; errors
 * by the route's own way. */
struct http_response *dali_ask(const struct dali_ask *);

/* What every answer of a query says of itself: its columns, INFOs, descriptors. base: of
 * the node, as the client sees it. */
bool dali_head(struct dali *, struct query *, const char *base, const char *protocol,
               str text, struct arena *, struct result_head *, struct err *);

#endif
