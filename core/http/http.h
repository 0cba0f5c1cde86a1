/* http.h -- requests in, responses out, and the client for uploads by URL. The only folder
 * that knows libmicrohttpd and libcurl.
 *
 * A request is handled in its connection's own thread, which may block: routes say who
 * answers, a handler reads `struct http_request` and returns a response made with
 * http_reply(). Strings of a request and whatever is in request->arena live until the last
 * byte of the response is sent or the connection is lost. */
#ifndef CORE_HTTP_HTTP_H
#define CORE_HTTP_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "core/base/arena.h"
#include "core/base/bytes.h"
#include "core/base/cancel.h"
#include "core/base/err.h"
#include "core/base/histogram.h"
#include "core/base/str.h"

/* ---- requests ------------------------------------------------------------------------ */

enum http_method {
    HTTP_GET = 1, /* also HEAD: the handler does the same, is_head is set */
    HTTP_POST = 2,
    HTTP_PUT = 4,
    HTTP_DELETE = 8
};

struct http_header {
    str name, value;
};

enum http_origin { HTTP_FROM_QUERY, HTTP_FROM_BODY };

/* One name=value pair of the query string or the body, or one part of multipart/form-data.
 * Names and values are valid UTF-8 without NUL (unless the value is in a file). */
struct http_param {
    str name;  /* as the client wrote it; compare with str_eq_fold (DALI-9) */
    str value; /* ends in NUL; empty when the value is in a file */
    enum http_origin origin;
    bool is_file;             /* a part with a file name, or too large for a value */
    const char *file_name;    /* what the client calls it, never a path here; or NULL */
    const char *content_type; /* of the part; or NULL */
    const char *path; /* file with the value, ends with the request; NULL: in `value` */
    uint64_t bytes;   /* size of the value, wherever it is */
};

enum { HTTP_MAX_CAPTURES = 4, HTTP_MAX_NOTES = 12 };

/* Handlers read it; only `user` and `identity` are theirs (or admit's) to set. Tests of
 * other folders may fill one by hand: zeros are valid in every field but arena, path and
 * id. */
struct http_request {
    struct arena *arena;
    struct cancel *cancel; /* raised with CANCEL_CLIENT_LEFT when the client goes away */
    const char *id; /* in the log and in X-Request-Id; the client's own if it sent one */
    enum http_method method;
    bool is_head;
    str path;     /* decoded, without double or trailing slashes: "/tap/async" */
    str raw_path; /* as sent, before any '?' */
    str rest; /* what "{...}" at the end of the pattern stands for, decoded: "a7f3/phase" */
    struct {
        const char *name;
        str value; /* decoded: may hold any character but NUL, a slash too */
    } captures[HTTP_MAX_CAPTURES];
    size_t ncapture;
    const struct http_header *headers;
    size_t nheader;
    const struct http_param *params; /* query string first, then body, in the order sent */
    size_t nparam;
    str query;             /* the query string as sent, without '?' */
    str content_type;      /* of the body, without parameters, lower case; empty: none */
    str body;              /* of another type than forms, when it is small */
    const char *body_path; /* ... or its file, when it is large; NULL: in `body` */
    uint64_t body_bytes;
    const char *client; /* address of the peer, "127.0.0.1" or "::1"; see trusted_proxies */
    const char *base_url;       /* public URL of the node, without a slash at its end */
    const char *user;           /* who asks; NULL: anonymous. Set by http_options.admit */
    void *identity;             /* what auth knows of the user; opaque here */
    struct http_server *server; /* NULL in tests made by hand */
    const struct http_route *route;
    struct {
        const char *name;
        double value;
    } notes[HTTP_MAX_NOTES]; /* see http_request_note */
    size_t nnote;
};

/* A number for the request's line in the log ("rows", 12). The name lives as long as the
 * request. From one thread at a time; notes beyond HTTP_MAX_NOTES are dropped. */
void http_request_note(struct http_request *, const char *name, double value);

/* Value of the first header of that name (any case), or the empty view with at == NULL. */
str http_request_header(const struct http_request *, const char *name);

/* First parameter of that name (any case), or NULL; `after` continues behind one found. */
const struct http_param *http_request_param(const struct http_request *, const char *name,
                                            const struct http_param *after);

/* Value of a path capture, or the empty view with at == NULL. */
str http_request_capture(const struct http_request *, const char *name);

/* Quality 0..1 that the Accept header gives `media_type` ("text/html"), by its most
 * specific range; 1 without an Accept header. */
double http_request_accepts(const struct http_request *, const char *media_type);

/* A browser, which should get HTML: its Accept header names XHTML. (Java's default header
 * puts text/html first, and its programs cannot read HTML.) */
bool http_request_is_browser(const struct http_request *);

/* The parameter's content as a file to read, wherever it lies: a new file descriptor at its
 * start, to be closed by the caller; -1 and *e on failure. */
int http_param_open(const struct http_param *, struct err *e);

/* Makes the content the file `path` (a name that is not there yet), durably: temporary
 * name, fsync, rename. A spooled file is moved when it lies on the same file system. */
bool http_param_save(const struct http_param *, const char *path, struct err *e);

/* Parses a query string or urlencoded body into `out` (allocated in the arena): '+' is a
 * blank, "%hh" a byte; a name without '=' has an empty value; empty pairs are skipped.
 * Adds to what an earlier call put there (begin with *count = 0); *out is moved when
 * needed. At most `limit` parameters in all. Errors: USAGE for a bad %-escape, NUL or text
 * that is not UTF-8; LIMIT. */
bool http_params_parse(struct arena *, str text, enum http_origin, size_t limit,
                       struct http_param **out, size_t *count, struct err *e);

/* ---- responses ----------------------------------------------------------------------- */

struct http_response;

/* A new, empty response in the request's arena. Never NULL: without memory it is a constant
 * 500 that ignores what is set on it. */
struct http_response *http_reply(struct http_request *, int status);

/* Adds a header; replaces one of the same name unless it is one that may repeat (Link,
 * Vary, WWW-Authenticate, Set-Cookie, X-...). Line ends and control characters in the value
 * become blanks. Content-Length, Date, Connection, CORS and X-Request-Id are set for you.
 */
void http_reply_header(struct http_response *, const char *name, const char *value);

/* Last-Modified: seconds since 1970, UTC. */
void http_reply_last_modified(struct http_response *, int64_t seconds);

/* A body of bytes that live as long as the request (arena or static). */
void http_reply_bytes(struct http_response *, const char *content_type, str body);

/* Takes the buffer over (*b is empty afterwards); a failed buffer makes the response a 500.
 */
void http_reply_buffer(struct http_response *, const char *content_type, struct bytes *b);

/* A whole regular file: with Content-Length, ETag, Last-Modified, Accept-Ranges; answers
 * Range, If-Range, If-None-Match and If-Modified-Since itself (206, 304, 416). `fd` is
 * closed by the response. False (and *e set, response unchanged, fd closed) if it is no
 * regular file. */
bool http_reply_file(struct http_response *, const char *content_type, int fd,
                     struct err *e);

/* The same by path; NOT_FOUND if there is none. Symbolic links at the end are refused. */
bool http_reply_file_path(struct http_response *, const char *content_type,
                          const char *path, struct err *e);

/* Gives 1..max bytes of the body into `buffer` and returns how many; 0: the body is
 * complete; -1: it failed, the connection is cut so that no client takes the part for the
 * whole. Called in the connection's thread only; may block as long as it likes, but should
 * watch request->cancel. max is about 100 kB. */
typedef ssize_t http_pull(void *context, char *buffer, size_t max);

/* A body of unknown length (chunked). `close` (or NULL) is called exactly once, after the
 * last pull, also when the client left, the request was a HEAD, or the response was dropped
 * for another. */
void http_reply_pull(struct http_response *, const char *content_type, http_pull *pull,
                     void (*close)(void *context), void *context);

/* A body of known length that can be read anywhere: ranges and conditions are answered as
 * those of a file. */
struct http_body {
    uint64_t bytes;
    const char *etag; /* with its quotes; of the very bytes */
    int64_t modified; /* seconds since 1970 */
    /* Gives 1..max bytes from `at` on (never past the end); -1: it failed, the connection
     * is cut. In the connection's thread, from a place onwards without gaps. */
    ssize_t (*read)(void *context, uint64_t at, char *buffer, size_t max);
    void (*close)(void *context); /* exactly once, as of http_reply_pull; or NULL */
    void *context;
};
void http_reply_body(struct http_response *, const char *content_type,
                     const struct http_body *);

/* 303 See Other to an absolute URL, with an empty body. */
struct http_response *http_reply_redirect(struct http_request *, const char *url);

/* The error as a document: by the route's render_error, else the server's, else plain text.
 * Status from err_http_status; 401 needs its WWW-Authenticate from the renderer. */
struct http_response *http_reply_error(struct http_request *, const struct err *);

/* What is set so far, for tests and for layers that wrap others. body: only of bytes and
 * buffers, else empty. */
int http_response_status(const struct http_response *);
void http_response_set_status(struct http_response *, int status);
const char *http_response_header(const struct http_response *,
                                 const char *name); /* or NULL */
str http_response_body(const struct http_response *);
/* Runs a pull body or reads a file body to its end into `out`; for tests. False: it failed.
 */
bool http_response_read(struct http_response *, struct bytes *out);
/* Ends a response that no server sends (tests): closes its file, calls its close. */
void http_response_drop(struct http_response *);

/* ---- routes and the server ----------------------------------------------------------- */

/* Answers a request. NULL counts as an internal error. */
typedef struct http_response *http_handler(void *context, struct http_request *);

/* Makes the document of an error (any content type); it sets the status itself, normally
 * http_reply(request, err_http_status(error->kind)). Called also for requests whose body
 * was not read to its end: then params are those read so far. */
typedef struct http_response *http_error_renderer(void *context, struct http_request *,
                                                  const struct err *error);

/* pattern: segments of literal text (compared byte by byte after decoding), "{name}" (one
 * segment), and at the end "{...}" (no, one or more segments, see request->rest):
 * "/tap/tables/{table}", "/tap/async/{...}". A trailing or doubled slash in a request's
 * path does not matter. The most literal pattern wins. The pattern must outlive the server.
 */
struct http_route {
    unsigned methods; /* of enum http_method; HEAD comes with GET, OPTIONS with all */
    const char *pattern;
    http_handler *handle;
    void *context;
    http_error_renderer *render_error; /* NULL: the server's */
    void *render_context;
    uint64_t max_body_bytes; /* 0: the server's max_body_bytes */
};

/* Zero in any field takes the default in brackets. Texts are copied. */
struct http_options {
    const char *address;   /* to listen on ["127.0.0.1"]; "::" for all */
    uint16_t port;         /* 0: any free one, see http_server_port */
    const char *product;   /* Server header ["Colure"] */
    const char *base_url;  /* public URL [from the request's Host header] */
    const char *spool_dir; /* for uploads ["/tmp"]; files are removed with their request */
    unsigned max_connections;        /* [512] more are answered 503 with Retry-After */
    unsigned max_connections_per_ip; /* [0: no limit] likewise; proxies are not counted */
    double idle_s;                   /* keep-alive without a request [30] */
    double header_s; /* for a request's headers, from the last response [60] */
    double stall_s;  /* slowest client: 64 kB read or one block taken in this time [120] */
    size_t max_header_bytes; /* request line and headers together [96 KiB] */
    size_t max_params;       /* [100000] */
    size_t max_value_bytes;  /* values kept in memory, of all parameters [16 MiB] */
    uint64_t max_part_bytes; /* one uploaded file [1 GiB] */
    uint64_t max_body_bytes; /* a whole body [2 GiB] */
    /* Addresses and networks ("127.0.0.1", "10.0.0.0/8"), NULL-terminated, whose
     * X-Forwarded-For, -Host and -Proto are believed; NULL: nobody's. */
    const char *const *trusted_proxies;
    bool no_access_log;
    /* Called when the headers are in, before the body: may set user and identity, or refuse
     * by filling *e (LOGIN, FORBIDDEN, BUSY, ...), which render_error then answers. */
    bool (*admit)(void *context, struct http_request *, struct err *e);
    void *admit_context;
    http_error_renderer *render_error;
    void *render_context;
};

/* Are they all addresses or networks? USAGE names the first that is not. */
bool http_proxies_check(const char *const *trusted_proxies, struct err *e);

struct http_server;

struct http_server *http_server_new(const struct http_options *, struct err *e);

/* Adds routes; before start only. The array is copied. USAGE for a pattern that is none or
 * that is there already with one of the methods. */
bool http_server_route(struct http_server *, const struct http_route *, size_t n,
                       struct err *e);

/* Listens. UNAVAILABLE if the address is taken. */
bool http_server_start(struct http_server *, struct err *e);
uint16_t http_server_port(const struct http_server *);

/* Stops listening at once, waits up to drain_s for running requests, then raises their
 * tokens with CANCEL_SHUTDOWN, cuts what is left after two seconds more, and returns when
 * all threads have ended. */
void http_server_stop(struct http_server *, double drain_s);
void http_server_free(struct http_server *); /* stops too */

/* ---- counters ------------------------------------------------------------------------ */

/* Of one route and status since the start. pattern "" stands for unknown paths. */
struct http_count {
    const char *pattern;
    int status;
    uint64_t requests, bytes_out;
    const struct histogram *seconds; /* of the route, whatever the status: from headers read
                                        to last byte sent */
};

void http_server_counts(struct http_server *,
                        void (*visit)(void *context, const struct http_count *),
                        void *context);
unsigned http_server_connections(struct http_server *);
unsigned http_server_active(struct http_server *); /* requests being answered now */

/* ---- client -------------------------------------------------------------------------- */

/* Zero takes the default in brackets. */
struct http_fetch_limits {
    uint64_t bytes;     /* of the body, after decoding [100 MiB] */
    double seconds;     /* all together [60] */
    unsigned redirects; /* [5]; each target is vetted like the first */
    bool no_redirects;
    bool allow_private; /* also loopback, private and link-local addresses */
};

struct http_fetched {
    int status;
    uint64_t bytes;
    char content_type[128]; /* empty: none given */
    char url[2048];         /* where the redirects ended */
};

/* GETs an http or https URL into `fd`. Names are resolved once and only vetted addresses
 * are connected to: unless allow_private, only global unicast addresses (no loopback,
 * private, shared, link-local, multicast, reserved ones, nor IPv4 inside IPv6). User names
 * in the URL and other schemes are refused, environment proxies are ignored. `cancel` may
 * be NULL. Errors: USAGE (URL refused, or the far side answered 4xx), LIMIT, TIMEOUT,
 * CANCELLED, UNAVAILABLE (no connection, 5xx, broken off). */
bool http_fetch(const char *url, const struct http_fetch_limits *, struct cancel *, int fd,
                struct http_fetched *, struct err *e);

/* A call to another service. `take` gets the body as it comes (false breaks off, then the
 * call fails with CANCELLED unless *e is set by it). Same vetting as http_fetch. Any status
 * is a success of the call. */
struct http_call {
    const char *url;
    const char *method;                /* NULL: GET, or POST when there is a body */
    const struct http_header *headers; /* extra ones; not sent on to another host */
    size_t nheader;
    str body;
    const char *content_type; /* of the body */
    bool (*take)(void *context, const char *bytes, size_t n, struct err *e);
    void *context;
    struct http_fetch_limits limits;
    struct cancel *cancel;
};

bool http_client_call(const struct http_call *, struct http_fetched *, struct err *e);

#endif
