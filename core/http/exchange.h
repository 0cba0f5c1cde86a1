/* exchange.h -- a request while it is answered; shared by exchange.c and head.c only. */
#ifndef CORE_HTTP_EXCHANGE_H
#define CORE_HTTP_EXCHANGE_H

#include "core/http/http_int.h"

struct exchange {
    struct http_request request;
    struct http_server *server;
    struct MHD_Connection *connection;
    int place; /* of the connection in the watch */
    int64_t begun_ns;
    const char *method_name;
    struct route_match match;
    struct err error; /* the first thing that went wrong before the handler */
    struct body *body;
    struct http_response *response;
    uint64_t content_length, bytes_in, bytes_out, discarded;
    bool is_begun, is_complete, is_options, has_body, expects_continue;
    bool is_proxied; /* by one whose word counts */
    bool must_close; /* where the next request begins is unsure */
    bool broken, is_closed_by_us;
};

/* Reads the request's head into x->request; finds the route. Errors are in x->error. */
void exchange_read_head(struct exchange *, const char *method);

/* All headers of the answer but those the library writes. */
struct head {
    struct {
        const char *name, *value;
    } headers[64];
    size_t n;
};
void exchange_head(const struct exchange *, struct head *);

/* "GET, HEAD, POST, OPTIONS" of a set of methods. */
void exchange_methods(unsigned methods, char *out, size_t max);

struct http_response *exchange_preflight(struct exchange *);

/* Writes x->response to the socket by hand while the body is still coming in, and reads the
 * client's bytes for some seconds, so that it is not reset before it has read the answer.
 */
void exchange_answer_and_close(struct exchange *);

#endif
