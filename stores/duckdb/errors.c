/* errors.c -- DuckDB's messages as outcomes of ours, in words for people. */
#include "stores/duckdb/internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { LOG_LEVEL_WARN = 2 };

enum store_status fail(struct store_error *e, enum store_status status, const char *format,
                       ...)
{
    if (e) {
        va_list list;
        va_start(list, format);
        vsnprintf(e->message, sizeof e->message, format, list);
        va_end(list);
    }
    return status;
}

/* The class of an error stands before the first ": ". With `words` the message of DuckDB is
 * for its programmers or names paths: people get the words, the log gets the message. */
static const struct error_class {
    const char *prefix;
    enum store_status status;
    const char *words;
} CLASSES[] = {
    {"INTERRUPT", STORE_CANCELLED, "the query was stopped"},
    {"Out of Memory", STORE_LIMIT,
     "the query needs more memory or temporary disk than this store may use; ask for fewer "
     "rows, or sort and group less at once"},
    {"Out of Range", STORE_INVALID, NULL},
    {"Conversion", STORE_INVALID, NULL},
    {"Divide by Zero", STORE_INVALID, NULL},
    {"Decimal", STORE_INVALID, NULL},
    {"Invalid Input", STORE_INVALID, NULL},
    {"Invalid type", STORE_INVALID, NULL},
    {"Mismatch Type", STORE_INVALID, NULL},
    {"Object Size", STORE_INVALID, NULL},
    {"Sequence", STORE_INVALID, NULL},
    {"Constraint", STORE_INVALID, NULL},
    {"Parser", STORE_FAILED, NULL},
    {"Syntax", STORE_FAILED, NULL},
    {"Binder", STORE_FAILED, NULL},
    {"Catalog", STORE_FAILED, NULL},
    {"Not implemented", STORE_FAILED, NULL},
    {"Permission", STORE_FAILED, "the store does not allow that"},
    {"TransactionContext", STORE_UNAVAILABLE, "the store is being changed; try again"},
    {"Connection", STORE_UNAVAILABLE, "the store cannot be reached now"},
    {"IO", STORE_FAILED, "the store could not read or write its file"},
    {"Data Corruption", STORE_FAILED, "the store's file is damaged"},
    {"FATAL", STORE_FAILED, "the store must be started again"},
    {"INTERNAL", STORE_FAILED, "the store met an error of its own"},
};

static const struct error_class *class_of(str prefix)
{
    static const struct error_class UNKNOWN = {"", STORE_FAILED, NULL};
    str word = STR(" Error");
    if (prefix.len > word.len &&
        memcmp(prefix.at + prefix.len - word.len, word.at, word.len) == 0)
        prefix.len -= word.len;
    for (size_t i = 0; i < sizeof CLASSES / sizeof *CLASSES; i++)
        if (str_eq_fold(prefix, str_of(CLASSES[i].prefix)))
            return &CLASSES[i];
    return &UNKNOWN;
}

static bool is_disk_full(const char *message)
{
    return strstr(message, "No space left") || strstr(message, "max_temp_directory_size");
}

enum store_status fail_duck(const struct store_host *host, const char *message,
                            struct store_error *e)
{
    if (!message || !message[0])
        return fail(e, STORE_FAILED, "the store failed without a reason");
    const char *colon = strstr(message, ": ");
    size_t line = strcspn(message, "\n"); /* what follows quotes the SQL */
    bool has_prefix = colon && (size_t)(colon - message) < line;
    str prefix = {message, has_prefix ? (size_t)(colon - message) : 0};
    str rest = {message, line};
    if (has_prefix)
        rest = (str){colon + 2, line - prefix.len - 2};
    const struct error_class *class = class_of(prefix);
    if (is_disk_full(message))
        class = class_of(STR("Out of Memory"));
    if (e)
        e->native_code = (int32_t)(class - CLASSES);
    if (!class->words)
        return fail(e, class->status, "%.*s", STR_FMT(rest));
    if (class->status != STORE_CANCELLED && host->log) {
        char entry[1200];
        snprintf(entry, sizeof entry, "duckdb: %.*s", (int)line, message);
        host->log(host, LOG_LEVEL_WARN, entry);
    }
    return fail(e, class->status, "%s", class->words);
}
