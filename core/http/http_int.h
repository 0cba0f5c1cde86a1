/* http_int.h -- what the files of this folder share; nobody else includes it. */
#ifndef CORE_HTTP_HTTP_INT_H
#define CORE_HTTP_HTTP_INT_H

#include <microhttpd.h>
#include <pthread.h>
#include <stdatomic.h>

#include "core/http/http.h"

enum {
    HELD_BYTES = 256 << 20,         /* values in memory of all requests together */
    VALUE_MEMORY_BYTES = 64 * 1024, /* parts and bodies that are no text: above, a file */
    PART_HEADER_BYTES = 16 * 1024,  /* all headers of one part */
    MAX_BOUNDARY_BYTES = 200,       /* RFC 2046 says 70; clients know no shame */
    MAX_FILES = 100,          /* spooled parts of one request: each holds a descriptor */
    DISCARD_BYTES = 1 << 20,  /* of a refused body that are read for the peace */
    BLOCK_BYTES = 128 * 1024, /* of a file or of a body of known length */
};

/* ---- decode.c ---- */

/* Percent-decodes into the arena, ending in NUL. `what` names the text in errors. */
bool decode_text(struct arena *, str text, bool plus_is_blank, const char *what, str *out,
                 struct err *e);

/* Appends to a growing array of parameters; NULL: limit or memory, *e is set. */
struct http_param *params_add(struct arena *, size_t limit, struct http_param **params,
                              size_t *count, struct err *e);

/* Decodes a path into normal form and finds what is dangerous in it. */
struct path {
    str text;      /* "/a/b" */
    str *segments; /* decoded: may hold '/' */
    size_t n;
};
bool path_parse(struct arena *, str raw, struct path *, struct err *e);

/* ---- spool.c: files without a name ---- */

struct spool {
    int fd; /* -1: not open */
    uint64_t bytes;
};

/* A file in `dir` that vanishes with its descriptor. */
int spool_open(const char *dir, struct err *e);
bool spool_write(int fd, const char *bytes, size_t n, struct err *e);
/* The file's name for as long as fd is open. Ties fd to the arena's end. */
const char *spool_keep(struct arena *, int fd, struct err *e);

/* ---- multipart.c ---- */

/* Of one part, until the next. Strings live in the arena given to multipart_new. */
struct part {
    str name;
    const char *file_name, *content_type; /* or NULL */
};

/* What the parser calls; false with *e set ends the parse. */
struct part_sink {
    void *context;
    bool (*begin)(void *context, const struct part *, struct err *e);
    bool (*data)(void *context, const char *bytes, size_t n, struct err *e);
    bool (*end)(void *context, struct err *e);
};

struct multipart;

/* `content_type` is the whole header value; USAGE without a usable boundary. */
struct multipart *multipart_new(struct arena *, str content_type, struct part_sink,
                                struct err *e);
bool multipart_feed(struct multipart *, const char *bytes, size_t n, struct err *e);
bool multipart_finish(struct multipart *, struct err *e);
void multipart_free(struct multipart *);

/* Value of `name` in a header such as 'form-data; name="a"; x=1': unquoted, in the arena;
 * at == NULL if there is none. */
str header_parameter(struct arena *, str header, const char *name);

/* ---- body.c: a body as it comes in ---- */

struct body_limits {
    const char *spool_dir;
    size_t max_params, max_value_bytes;
    uint64_t max_part_bytes, max_body_bytes;
    atomic_size_t *held; /* bytes in memory of all requests; NULL: not counted */
    size_t max_held;
};

struct body;

/* For the request's Content-Type. The parameters are added to those the request has. */
struct body *body_new(struct http_request *, struct body_limits, struct err *e);
bool body_feed(struct body *, const char *bytes, size_t n, struct err *e);
bool body_finish(struct body *, struct err *e);
void body_free(struct body *);

/* ---- response.c, file.c ---- */

enum body_kind { BODY_BYTES, BODY_FILE, BODY_PULL, BODY_RANDOM };

struct reply_header {
    struct reply_header *next;
    const char *name, *value;
};

struct http_response {
    struct http_request *request; /* NULL: the constant of http_reply */
    int status;
    struct reply_header *headers;
    enum body_kind kind;
    str bytes;
    struct bytes buffer; /* owns bytes, or empty */
    int fd;
    uint64_t offset, length; /* of the file's part, or of a BODY_RANDOM's */
    http_pull *pull;
    ssize_t (*read)(void *, uint64_t, char *, size_t);
    void (*close)(void *);
    void *context;
};

void response_close_body(struct http_response *);
/* Reads the next bytes of a body that is none of bytes; `at` counts from its beginning. */
ssize_t response_read(struct http_response *, uint64_t at, char *buffer, size_t max);

enum { HTTP_DATE_BYTES = 48 };
void http_date_print(int64_t seconds, char out[HTTP_DATE_BYTES]);
bool http_date_parse(str, int64_t *seconds);

/* ---- route.c ---- */

struct route_table;

struct route_table *routes_new(void);
void routes_free(struct route_table *);
bool routes_add(struct route_table *, const struct http_route *, struct err *e);

/* What a path leads to. */
struct route_match {
    const struct http_route *route; /* NULL: unknown path or wrong method */
    size_t iroute;                  /* its number, for the counters */
    unsigned allowed;               /* methods of all routes of the path; 0: unknown */
};

/* Sets captures and rest of the request from its path. */
bool routes_match(const struct route_table *, struct http_request *, const struct path *,
                  unsigned method, struct route_match *, struct err *e);
size_t routes_count(const struct route_table *);
const char *routes_pattern(const struct route_table *, size_t iroute);

/* ---- count.c ---- */

struct counters;

struct counters *counters_new(size_t nroute);
void counters_free(struct counters *);
void counters_add(struct counters *, size_t iroute, int status, uint64_t bytes,
                  double seconds);
void counters_visit(struct counters *, const struct route_table *,
                    void (*visit)(void *, const struct http_count *), void *context);

/* ---- watch.c: one thread that sees clients leave and dawdle ---- */

enum watch_phase { WATCH_FREE, WATCH_IDLE, WATCH_BODY, WATCH_WORK, WATCH_SEND };

struct watch;

struct watch_limits {
    unsigned max_connections, overflow, per_client; /* per_client 0: no limit */
    double header_s, stall_s;
};

struct watch *watch_new(struct watch_limits, struct err *e);
void watch_free(struct watch *);
/* A place for the socket, or -1. peer: its address, or NULL when nobody counts it. */
int watch_add(struct watch *, int fd, const char *peer);
/* Was it over the limit of its client when it came? */
bool watch_is_over(struct watch *, int place);
void watch_remove(struct watch *, int place);
/* The request that now uses the connection; raised at once if its client has left. */
void watch_begin(struct watch *, int place, struct cancel *);
void watch_end(struct watch *, int place);
/* `bytes` came or go since the phase began; resets the clock when the phase is new. */
void watch_phase(struct watch *, int place, enum watch_phase, uint64_t bytes);
unsigned watch_connections(struct watch *);
unsigned watch_active(struct watch *);
void watch_cancel_all(struct watch *, enum cancel_reason);
void watch_cut_all(struct watch *);

/* ---- proxy.c ---- */

struct proxies;

/* Of a NULL-terminated list of "ADDRESS[/BITS]"; NULL: none. */
struct proxies *proxies_new(const char *const *text, struct err *e);
void proxies_free(struct proxies *);
bool proxies_have(const struct proxies *, str address);
/* The client's address: the peer's, or the nearest in X-Forwarded-For that is no proxy. */
str proxies_client(const struct proxies *, const struct http_request *, str peer);

/* ---- server.c, exchange.c ---- */

struct http_server {
    struct http_options options; /* with the defaults filled in */
    struct arena *arena;         /* of the texts in options */
    struct route_table *routes;
    struct counters *counters;
    struct watch *watch;
    struct proxies *proxies;
    struct MHD_Daemon *daemon;
    uint16_t port;
    atomic_bool stopping;
    atomic_size_t held;
    atomic_ullong next_id;
    uint64_t id_key;
    char local[64]; /* "127.0.0.1:8080", for requests without Host */
};

/* libmicrohttpd's callbacks; the closure is the server. */
void *exchange_begin(void *server, const char *uri, struct MHD_Connection *);
enum MHD_Result exchange_handle(void *server, struct MHD_Connection *, const char *url,
                                const char *method, const char *version, const char *data,
                                size_t *size, void **exchange);
void exchange_end(void *server, struct MHD_Connection *, void **exchange,
                  enum MHD_RequestTerminationCode);

/* ---- address.c ---- */

struct sockaddr;

/* True for addresses of the open internet. */
bool address_is_public(const struct sockaddr *);
/* Writes the address without its port; `max` of INET6_ADDRSTRLEN is enough. */
void address_print(const struct sockaddr *, char *out, size_t max);

/* Refuses URLs that are not plain http(s), carry a user name, or name a port that is no web
 * port (below 1024 other than 80 and 443) unless allow_private. */
bool url_vet(const char *url, bool allow_private, struct err *e);

#endif
