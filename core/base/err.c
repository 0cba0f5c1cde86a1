/* err.c -- the error object, and the one table of what its kinds mean elsewhere. */
#include "core/base/err.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

struct kind_words {
    int http;
    const char *uws, *fault;
};

static const struct kind_words KINDS[] = {{200, "fatal", "DefaultFault"},
#define X(kind, http, uws, fault) {http, uws, fault},
                                          ERR_KINDS(X)
#undef X
};

static void set(struct err *e, enum err_kind kind, int line, int column, const char *format,
                va_list args)
{
    if (!e || e->kind != ERR_NONE)
        return;
    e->kind = kind;
    e->line = line;
    e->column = column;
    vsnprintf(e->message, sizeof e->message, format, args);
}

bool err_set(struct err *e, enum err_kind kind, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    set(e, kind, 0, 0, format, args);
    va_end(args);
    return false;
}

bool err_set_at(struct err *e, enum err_kind kind, int line, int column, const char *format,
                ...)
{
    va_list args;
    va_start(args, format);
    set(e, kind, line, column, format, args);
    va_end(args);
    return false;
}

int err_http_status(enum err_kind kind)
{
    return KINDS[kind].http;
}

const char *err_uws_type(enum err_kind kind)
{
    return KINDS[kind].uws;
}

const char *err_datalink_fault(enum err_kind kind)
{
    return KINDS[kind].fault;
}
