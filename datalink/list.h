/* list.h -- what a bulk request is about: products, positions, or positions on products, as
 * parameters, an uploaded table, or the result of a query. Private to datalink. */
#ifndef DATALINK_LIST_H
#define DATALINK_LIST_H

#include "datalink/inside.h"

enum { LIST_MAX_ITEMS = 1000000 };

struct list_item {
    double lon_deg, lat_deg; /* ICRS; NaN: none, or not on the sky */
    const char *did;         /* NULL: none */
    const char *name;        /* what the asker calls it; NULL: nothing */
};

struct list {
    struct list_item *item;
    uint32_t n, room;
    bool has_positions; /* the table has such columns */
    struct arena *arena;
};

/* Who asks: a request, or a job. */
struct list_ask {
    const struct http_param *param;
    size_t nparam;
    struct http_request *request; /* NULL: a job */
    const char *client, *request_id, *user;
    struct cancel *cancel;
    int64_t deadline_ns;
    double limit_s;
};

/* Reads QUERY (which may use tables of UPLOAD), else the one table of UPLOAD, else IDs: as
 * values, or files with one a line. Everything lives in the arena. False with *e: ERR_USAGE
 * (nothing listed, columns missing), ERR_LIMIT, what the query failed with. */
bool list_read(struct datalink *, const struct list_ask *, struct arena *, struct list *,
               struct err *);

/* Is there a table in the request: bulk work rather than a single cut-out? */
bool list_has_table(const struct http_param *, size_t n);

#endif
