/* ask.h -- a service that is a query: its parameters were made into ADQL, and the answer is
 * that query's. Cone search, SIA and SSA are made so. */
#ifndef CORE_DALI_ASK_H
#define CORE_DALI_ASK_H

#include "core/dali/dali.h"

/* How a column of the answer is made of those of the query. */
enum dali_make {
    DALI_AS_IS,
    DALI_PAIR,     /* of this column and the next: an array of two doubles */
    DALI_INT_PAIR, /* ... of two ints; what is none is 0 */
    DALI_DATA_URL  /* the address of {links} becomes that of the data themselves */
};

/* In which words a column is shown; NULL: the query's own, "": none. */
struct dali_shown {
    enum dali_make make;
    const char *name, *ucd, *utype, *unit, *xtype, *description;
};

struct dali_ask {
    struct dali *dali;
    struct http_request *request;
    const char *protocol;  /* for the INFO service_protocol: an IVOA identifier */
    const char *file_name; /* see struct dali_answer */
    bool has_own_format;   /* FORMAT is a parameter of the service, no RESPONSEFORMAT */
    const struct dali_shown *shown; /* of the answer's first columns; NULL: as they are */
    uint32_t nshown;
    const struct result_info *info; /* besides the usual ones */
    uint32_t ninfo;
    const char *params;   /* see struct result_head */
    const char *services; /* RESOURCEs about the service itself, XML; NULL: none */
    bool is_metadata;     /* no rows, and that is no overflow */
    struct bytes *text;   /* the query, ADQL; freed by dali_ask */
};

/* Runs the query and streams the answer, MAXREC and RESPONSEFORMAT as DALI has them; errors
 * by the route's own way. */
struct http_response *dali_ask(const struct dali_ask *);

/* What every answer of a query says of itself: its columns, INFOs, descriptors. base: of
 * the node, as the client sees it. */
bool dali_head(struct dali *, struct query *, const char *base, const char *protocol,
               str text, struct arena *, struct result_head *, struct err *);

/* The answer's columns in these words, its rows changed where that needs it: *rows is then
 * wrapped, and closed with the wrapper. dress.c. */
bool dali_dress(struct dali_answer *, const struct dali_shown *, uint32_t nshown,
                struct arena *, struct err *);

#endif
