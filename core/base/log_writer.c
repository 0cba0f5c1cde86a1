/* log_writer.c -- two buffers, one that is filled and one that is written, and a thread
 * that wakes up when the first is no longer empty. */
#include "core/base/log_writer.h"

#include <limits.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/base/fd.h"
#include "core/base/log.h"

enum { HELD_BYTES = 128 * 1024, WAIT_NS = 100 * 1000 * 1000 };

static struct {
    pthread_mutex_t turn; /* to write; taken before `lock` */
    pthread_mutex_t lock; /* of what follows, but for the buffer that is written */
    pthread_cond_t not_empty;
    char buffer[2][HELD_BYTES];
    int filling; /* which of the two; the other one is written */
    size_t len;  /* of that */
    bool has_thread;
} w = {.turn = PTHREAD_MUTEX_INITIALIZER,
       .lock = PTHREAD_MUTEX_INITIALIZER,
       .not_empty = PTHREAD_COND_INITIALIZER};

/* Bytes of the next whole lines that a pipe takes at once, whoever else writes to it; of
 * one line, when it is longer than that. */
static size_t piece(const char *text, size_t n)
{
    const char *end = n > PIPE_BUF ? memrchr(text, '\n', PIPE_BUF) : text + n - 1;
    if (!end)
        end = memchr(text, '\n', n);
    return end ? (size_t)(end - text) + 1 : n;
}

/* Nowhere is left to say that standard error takes no more. */
static void put(const char *text, size_t n)
{
    for (size_t at = 0, len; text && at < n; at += len) {
        len = piece(text + at, n - at);
        if (!fd_write(STDERR_FILENO, text + at, len))
            return;
    }
}

/* With the turn to write. */
static void write_held(void)
{
    pthread_mutex_lock(&w.lock);
    const char *held = w.buffer[w.filling];
    size_t n = w.len;
    w.filling = !w.filling;
    w.len = 0;
    pthread_mutex_unlock(&w.lock);
    put(held, n);
}

void log_flush(void)
{
    pthread_mutex_lock(&w.turn);
    write_held();
    pthread_mutex_unlock(&w.turn);
}

void log_write_now(str line)
{
    pthread_mutex_lock(&w.turn);
    write_held();
    put(line.at, line.len);
    pthread_mutex_unlock(&w.turn);
}

static void *flush_for_ever(void *unused)
{
    (void)unused;
    for (;;) {
        pthread_mutex_lock(&w.lock);
        while (w.len == 0)
            pthread_cond_wait(&w.not_empty, &w.lock);
        pthread_mutex_unlock(&w.lock);
        nanosleep(&(struct timespec){.tv_nsec = WAIT_NS}, NULL);
        log_flush();
    }
    return NULL;
}

/* With the lock. False: what waits would wait for ever. */
static bool has_thread(void)
{
    pthread_t thread;
    if (w.has_thread)
        return true;
    w.has_thread = pthread_create(&thread, NULL, flush_for_ever, NULL) == 0;
    if (w.has_thread) {
        pthread_detach(thread);
        atexit(log_flush);
    }
    return w.has_thread;
}

static bool hold(str line)
{
    pthread_mutex_lock(&w.lock);
    bool ok = line.len <= HELD_BYTES - w.len && has_thread();
    if (ok) {
        memcpy(w.buffer[w.filling] + w.len, line.at, line.len);
        if (w.len == 0)
            pthread_cond_signal(&w.not_empty);
        w.len += line.len;
    }
    pthread_mutex_unlock(&w.lock);
    return ok;
}

void log_write_later(str line)
{
    if (!hold(line))
        log_write_now(line);
}
