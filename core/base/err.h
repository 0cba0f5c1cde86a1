/* err.h -- what went wrong, said once, where it happened. */
#ifndef CORE_BASE_ERR_H
#define CORE_BASE_ERR_H

#include <stdbool.h>

/* clang-format off */
#define ERR_KINDS(X) /* kind, HTTP status, UWS error type, DataLink fault */ \
    X(USAGE,       400, "fatal",     "UsageFault")     \
    X(LOGIN,       401, "fatal",     "DefaultFault")   \
    X(FORBIDDEN,   403, "fatal",     "DefaultFault")   \
    X(NOT_FOUND,   404, "fatal",     "NotFoundFault")  \
    X(METHOD,      405, "fatal",     "UsageFault")     \
    X(LIMIT,       413, "fatal",     "DefaultFault")   \
    X(TIMEOUT,     504, "transient", "TransientFault") \
    X(CANCELLED,   499, "transient", "TransientFault") \
    X(BUSY,        503, "transient", "TransientFault") \
    X(UNAVAILABLE, 503, "transient", "TransientFault") \
    X(INTERNAL,    500, "fatal",     "FatalFault")
/* clang-format on */

enum err_kind {
    ERR_NONE,
#define X(kind, http, uws, fault) ERR_##kind,
    ERR_KINDS(X)
#undef X
};

struct err {
    enum err_kind kind;
    int line, column;  /* in the user's own text, from 1; 0: not about a place in it */
    int retry_after_s; /* BUSY, UNAVAILABLE: when to ask again; 0: not said */
    char message[1200];
};

/* Records an error and returns false, so that `return err_set(e, ...)` reads as one act.
 * The first error stays: a later call on the same object changes nothing. */
bool err_set(struct err *e, enum err_kind kind, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The same, about a place in the user's text. */
bool err_set_at(struct err *e, enum err_kind kind, int line, int column, const char *format,
                ...) __attribute__((format(printf, 5, 6)));

int err_http_status(enum err_kind kind);
const char *err_uws_type(enum err_kind kind);
const char *err_datalink_fault(enum err_kind kind);

#endif
