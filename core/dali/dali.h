/* dali.h -- what all services share above http: parameters, error documents, limits, and
 * the way from a query to a response or a result file. Source: DALI 1.1 and 1.2 draft. */
#ifndef CORE_DALI_DALI_H
#define CORE_DALI_DALI_H

#include "core/base/arena.h"
#include "core/base/rows.h"
#include "core/catalog/catalog.h"
#include "core/dali/gate.h"
#include "core/dali/pump.h"
#include "core/dali/run.h"
#include "core/formats/formats.h"
#include "core/http/http.h"
#include "core/query/query.h"

struct dali_limits {
    int64_t default_rows, max_rows;     /* MAXREC when absent; the most it may be */
    double sync_seconds, async_seconds; /* longest run; async: default and most */
    double max_async_seconds;
    double default_lifetime_s, max_lifetime_s; /* of jobs */
    uint64_t upload_bytes, upload_rows;        /* one uploaded table */
    uint32_t upload_columns;
    struct gate_limits gate;             /* queries at a time; more wait their turn */
    int64_t short_rows_read;             /* a query expected to look at more rows is long */
    int64_t short_rows;                  /* ... or to give more */
    uint64_t answer_bytes, result_bytes; /* values of one answer, sync and async; 0: any */
};

/* The node, as its services see it. Immutable after start but for the catalog, the limits,
 * and what is atomic. */
struct dali {
    const char *title, *publisher, *contact, *ivoid; /* NULL: unknown */
    const char *software;                            /* "Colure/0.1" */
    const char *base_url; /* without a slash at its end; NULL: what the client used */
    struct query_env env;
    _Atomic(const struct dali_limits *) limits; /* see dali_limits */
    struct format_options formats;
    struct spool spool;
    struct http_fetch_limits fetch;               /* of UPLOAD by URL */
    const struct catalog *(*catalog)(void *node); /* a snapshot to drop after use */
    void *node;
    int64_t up_since_us;
    const char *assets_version; /* of what pages load; NULL: there is nothing */
    const char *links_path;     /* of {links}, "/datalink/links"; NULL: there is none */
    struct dali_gate *gate;     /* see gate.h */
    struct dali_store *store;   /* one for each of env.store */
    struct dali_stats stats;
    atomic_bool is_stopping; /* no new query is taken */
};

/* The limits in force. They may be others at the next call; these stay as they are. */
static inline const struct dali_limits *dali_limits(const struct dali *d)
{
    return atomic_load(&((struct dali *)(uintptr_t)d)->limits);
}

/* --- parameters: names without case, single ones once (DALI-9, 10)
 * -------------------------- */

/* The value, trimmed of nothing; at == NULL when absent. ERR_USAGE when given twice with
 * different values (a client that repeats itself is forgiven). */
bool dali_param(const struct http_param *, size_t n, const char *name, str *value,
                struct err *);

/* MAXREC (DALI-13): the limit in force, and whether the client's own was capped. */
bool dali_maxrec(const struct http_param *, size_t n, const struct dali_limits *,
                 int64_t *rows, struct err *);

/* RESPONSEFORMAT, or FORMAT as its synonym where `format_too` (TAP-11). */
const struct format *dali_format(const struct http_param *, size_t n, bool format_too,
                                 struct arena *, const char **content_type, struct err *);

/* --- answers
 * ------------------------------------------------------------------------------ */

struct dali_answer {
    struct rowsource *rows; /* taken over */
    struct result_head head;
    const bool *overflow; /* see pump.h */
    int64_t max_rows;     /* the MAXREC in force; -1: none */
    const struct format *format;
    const char *content_type;
    const char *file_name; /* without extension, for Content-Disposition; NULL: "result" */
    const char *request_id;
    const struct dali_run *run; /* its stages become Server-Timing; NULL: none known */
    void (*finished)(void *what, uint64_t nrow, const struct err *); /* see pump.h */
    void (*progress)(void *what, uint64_t nrow);
    void *what;
};

/* Streams the answer (gzip when the client accepts it and asks for a text format). */
struct http_response *dali_reply(struct dali *, struct http_request *,
                                 const struct dali_answer *);

/* Writes the answer into a file; *nrow rows. */
bool dali_write(struct dali *, const struct dali_answer *, int fd, uint64_t *nrow,
                struct err *);

/* Ends an answer that is not sent after all. */
void dali_drop(const struct dali_answer *, const struct err *why);

/* INFOs of DataOrigin and DALI for a result made of these tables, in the arena. */
bool dali_infos(const struct dali *, const struct catalog *, const char *protocol,
                str query_text, const struct catalog_table *const *table, uint32_t ntable,
                struct arena *, struct result_head *);

/* XML ID of the column that {links} is asked about. */
#define DALI_LINKS_REF "obs_publisher_did"
/* Where a column is ObsCore's obs_publisher_did and the node has {links}: a descriptor of
 * it into the result (DataLink 1.1), so that clients offer the links by themselves. base:
 * of the node, as the client sees it; NULL: nothing. */
void dali_add_links(const struct dali *, const char *base, struct arena *,
                    struct result_head *);

/* http_error_renderer: VOTable by default, text or HTML when the client prefers it; with
 * the place in the query and a caret. Context: struct dali. */
struct http_response *dali_render_error(void *dali, struct http_request *,
                                        const struct err *);

/* The policy of a page without scripts and styles of its own. */
void dali_protect_page(struct http_response *);

/* Base URL of the node for this request. */
const char *dali_base_url(const struct dali *, const struct http_request *);

/* --- VOSI
 * ----------------------------------------------------------------------------------- */

/* Route handlers; context: struct dali. */
struct http_response *dali_availability(void *dali, struct http_request *);

#endif
