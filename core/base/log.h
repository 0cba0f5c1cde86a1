/* log.h -- one line an event, to standard error: text or JSON. Safe from any thread.
 *
 * Warnings and errors that repeat are rate limited: of one place in the program, so many
 * lines in ten seconds; how many were left out is said with the next one. */
#ifndef CORE_BASE_LOG_H
#define CORE_BASE_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

/* May be called again at any time. */
void log_setup(enum log_level least, bool json);
/* "debug", "info", "warn", "error" in any case. */
bool log_level_parse(const char *word, enum log_level *);

/* request_id may be NULL. The message is one line: line ends in it become blanks. `format`
 * is a literal: it tells repeats. */
void log_line(enum log_level, const char *request_id, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* A fact of an event: a text, or a number when `text` is NULL. */
struct log_field {
    const char *name, *text;
    double number;
};
/* The same with facts: members in JSON, "name=value" behind the message in text. Never rate
 * limited. Below LOG_WARN it may wait for a tenth of a second, to be written with others: a
 * line a request would else cost each request a system call. The order of all lines is
 * kept. */
void log_event(enum log_level, const char *request_id, const char *message,
               const struct log_field *, size_t n);
/* Writes what waits; the end of the program does too. */
void log_flush(void);

/* Since the start. */
uint64_t log_count(enum log_level);
uint64_t log_suppressed(void);

#endif
