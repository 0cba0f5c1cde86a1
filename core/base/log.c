/* log.c -- builds the whole line, then gives it to log_writer as one piece. */
#include "core/base/log.h"

#include <math.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>

#include "core/base/bytes.h"
#include "core/base/clock.h"
#include "core/base/log_writer.h"

enum { LINE_BYTES = 64 * 1024, SITES = 64, REPEATS = 20, WINDOW_S = 10 };

static _Atomic enum log_level least_level = LOG_INFO;
static atomic_bool as_json;
static atomic_uint_fast64_t counts[4], suppressed;

static const char *const LEVEL[] = {"debug", "info", "warn", "error"};

void log_setup(enum log_level least, bool json)
{
    atomic_store(&least_level, least);
    atomic_store(&as_json, json);
}

bool log_level_parse(const char *word, enum log_level *level)
{
    for (int i = LOG_DEBUG; i <= LOG_ERROR; i++)
        if (str_eq_fold(str_of(word), str_of(LEVEL[i]))) {
            *level = (enum log_level)i;
            return true;
        }
    return false;
}

uint64_t log_count(enum log_level level)
{
    return atomic_load(&counts[level]);
}

uint64_t log_suppressed(void)
{
    return atomic_load(&suppressed);
}

/* ---- repeats ---- */

/* A place that logs, known by its format's address. Two that share a slot take turns. */
static struct site {
    const char *format;
    int64_t since_ns;
    uint32_t n;
} sites[SITES];
static pthread_mutex_t sites_lock = PTHREAD_MUTEX_INITIALIZER;

/* False: too many of late. *missed: lines left out before this one. */
static bool may_say(const char *format, uint32_t *missed)
{
    int64_t now = clock_monotonic_ns();
    struct site *s = &sites[((uintptr_t)format >> 3) % SITES];
    *missed = 0;
    pthread_mutex_lock(&sites_lock);
    bool is_new = s->format != format || now - s->since_ns > INT64_C(1000000000) * WINDOW_S;
    if (is_new) {
        *missed = s->format == format && s->n > REPEATS ? s->n - REPEATS : 0;
        *s = (struct site){format, now, 0};
    }
    bool may = s->n++ < REPEATS;
    pthread_mutex_unlock(&sites_lock);
    if (!may)
        atomic_fetch_add(&suppressed, 1);
    return may;
}

/* ---- lines ---- */

static void add_name(struct bytes *line, const char *before, const char *name,
                     const char *after)
{
    bytes_add(line, str_of(before));
    bytes_add(line, str_of(name));
    bytes_add(line, str_of(after));
}

static void add_json_text(struct bytes *line, const char *name, const char *value)
{
    add_name(line, ",\"", name, "\":\"");
    bytes_add_json(line, str_of(value));
    bytes_add_char(line, '"');
}

static void add_json(struct bytes *line, enum log_level level, const char *request_id,
                     const char *time, const char *message)
{
    add_name(line, "{\"time\":\"", time, "\"");
    add_name(line, ",\"level\":\"", LEVEL[level], "\"");
    if (request_id)
        add_json_text(line, "request", request_id);
    add_json_text(line, "message", message);
}

static void add_text(struct bytes *line, enum log_level level, const char *request_id,
                     const char *time, const char *message)
{
    add_name(line, time, " ", LEVEL[level]);
    bytes_add(line, strlen(LEVEL[level]) < 5 ? STR("  ") : STR(" "));
    if (request_id)
        add_name(line, "[", request_id, "] ");
    bytes_add(line, str_of(message));
}

static void add_number(struct bytes *line, double number)
{
    if (isfinite(number))
        bytes_add_double(line, number);
    else
        bytes_add_literal(line, "null");
}

static void add_field(struct bytes *line, bool json, const struct log_field *f)
{
    if (json && f->text) {
        add_json_text(line, f->name, f->text);
        return;
    }
    add_name(line, json ? ",\"" : " ", f->name, json ? "\":" : "=");
    if (f->text)
        bytes_add(line, str_of(f->text));
    else
        add_number(line, f->number);
}

static void end_line(struct bytes *line, bool json)
{
    if (json)
        bytes_add_char(line, '}');
    for (size_t i = 0; i < line->len; i++)
        if ((unsigned char)line->at[i] < 0x20 || line->at[i] == 0x7F)
            line->at[i] = ' ';
    bytes_add_char(line, '\n');
}

static void say(enum log_level level, const char *request_id, const char *message,
                const struct log_field *field, size_t n, bool may_wait)
{
    char time[CLOCK_TEXT_BYTES];
    bool json = atomic_load(&as_json);
    struct bytes line;
    if (level < atomic_load(&least_level))
        return;
    atomic_fetch_add(&counts[level], 1);
    clock_print_utc(clock_now_us(), time);
    bytes_init(&line, LINE_BYTES);
    (json ? add_json : add_text)(&line, level, request_id, time, message);
    for (size_t i = 0; i < n; i++)
        add_field(&line, json, &field[i]);
    end_line(&line, json);
    if (!line.failed)
        (may_wait ? log_write_later : log_write_now)(bytes_str(&line));
    bytes_free(&line);
}

void log_event(enum log_level level, const char *request_id, const char *message,
               const struct log_field *field, size_t n)
{
    say(level, request_id, message, field, n, level < LOG_WARN);
}

void log_line(enum log_level level, const char *request_id, const char *format, ...)
{
    char message[4096];
    uint32_t missed = 0;
    if (level < atomic_load(&least_level) ||
        (level >= LOG_WARN && !may_say(format, &missed)))
        return;
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    const struct log_field repeats = {"repeats_left_out", NULL, missed};
    say(level, request_id, message, &repeats, missed > 0, false);
}
