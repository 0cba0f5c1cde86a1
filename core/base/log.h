/* log.h -- one line an event, to standard error: text or JSON. Safe from any thread. */
#ifndef CORE_BASE_LOG_H
#define CORE_BASE_LOG_H

#include <stdbool.h>

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

/* Set once at start, before threads. */
void log_setup(enum log_level least, bool json);

/* request_id may be NULL. The message is one line: line ends in it become blanks. */
void log_line(enum log_level, const char *request_id, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
