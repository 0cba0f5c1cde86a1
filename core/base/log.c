/* log.c -- builds the whole line, then writes it with one call. */
#include "core/base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "core/base/bytes.h"
#include "core/base/clock.h"

static enum log_level least_level = LOG_INFO;
static bool as_json;

static const char *const LEVEL[] = {"debug", "info", "warn", "error"};

void log_setup(enum log_level least, bool json)
{
    least_level = least;
    as_json = json;
}

static void add_json(struct bytes *line, enum log_level level, const char *request_id,
                     const char *time, const char *message)
{
    bytes_add_format(line, "{\"time\":\"%s\",\"level\":\"%s\"", time, LEVEL[level]);
    if (request_id) {
        bytes_add_literal(line, ",\"request\":\"");
        bytes_add_json(line, str_of(request_id));
        bytes_add_char(line, '"');
    }
    bytes_add_literal(line, ",\"message\":\"");
    bytes_add_json(line, str_of(message));
    bytes_add_literal(line, "\"}\n");
}

static void add_text(struct bytes *line, enum log_level level, const char *request_id,
                     const char *time, const char *message)
{
    size_t from = line->len;
    bytes_add_format(line, "%s %-5s %s%s%s", time, LEVEL[level], request_id ? "[" : "",
                     request_id ? request_id : "", request_id ? "] " : "");
    bytes_add(line, str_of(message));
    for (size_t i = from; i < line->len; i++)
        if ((unsigned char)line->at[i] < 0x20)
            line->at[i] = ' ';
    bytes_add_char(line, '\n');
}

void log_line(enum log_level level, const char *request_id, const char *format, ...)
{
    if (level < least_level)
        return;
    char message[4096], time[CLOCK_TEXT_BYTES];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    clock_print_utc(clock_now_us(), time);
    struct bytes line;
    bytes_init(&line, 64 * 1024);
    (as_json ? add_json : add_text)(&line, level, request_id, time, message);
    if (write(STDERR_FILENO, line.at, line.len) < 0) {
        /* nowhere left to say so */
    }
    bytes_free(&line);
}
