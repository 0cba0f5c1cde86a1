/* queue.c -- one lock, two buffers that change places, and a file for slow readers. */
#include "core/dali/queue.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/fd.h"
#include "core/dali/pump.h"

enum {
    MEMORY_BYTES = 64 * 1024, /* waiting in memory before the writer pauses */
    PATIENCE_MS = 100         /* how long it pauses before it turns to the file */
};

struct queue {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct bytes waiting; /* written, not yet begun to be read */
    struct bytes reading; /* the reader's own */
    size_t reading_at;
    struct spool *spool;
    int fd;                 /* -1: nothing spooled yet */
    uint64_t written, read; /* bytes of the file */
    bool ended, whole, abandoned;
    bool moving; /* the writer is putting `waiting` into the file */
};

struct queue *queue_new(struct spool *spool)
{
    struct queue *q = calloc(1, sizeof *q);
    if (!q)
        return NULL;
    q->spool = spool;
    q->fd = -1;
    bytes_init(&q->waiting, SIZE_MAX);
    bytes_init(&q->reading, SIZE_MAX);
    pthread_mutex_init(&q->lock, NULL);
    clock_condition_init(&q->changed);
    return q;
}

void queue_free(struct queue *q)
{
    if (!q)
        return;
    if (q->fd >= 0) {
        close(q->fd);
        atomic_fetch_sub(&q->spool->in_use, q->written);
    }
    bytes_free(&q->waiting);
    bytes_free(&q->reading);
    pthread_cond_destroy(&q->changed);
    pthread_mutex_destroy(&q->lock);
    free(q);
}

static void wait_ms(struct queue *q, int ms)
{
    clock_condition_wait(&q->changed, &q->lock, clock_deadline_ns(ms / 1000.0));
}

static bool has_room(const struct queue *q)
{
    return q->waiting.len < MEMORY_BYTES;
}

/* Reserves n bytes of the node's spool; false when there is none left just now. */
static bool reserve_spool(struct spool *s, uint64_t n)
{
    if (atomic_fetch_add(&s->in_use, n) + n <= s->max_bytes)
        return true;
    atomic_fetch_sub(&s->in_use, n);
    return false;
}

/* Appends to the file, the lock released meanwhile (only the writer moves its end). */
static bool spool_bytes(struct queue *q, const struct bytes *b)
{
    if (!reserve_spool(q->spool, b->len))
        return false;
    pthread_mutex_unlock(&q->lock);
    bool ok = fd_write_at(q->fd, q->written, b->at, b->len);
    pthread_mutex_lock(&q->lock);
    if (!ok) {
        atomic_fetch_sub(&q->spool->in_use, b->len);
        return false;
    }
    q->written += b->len;
    return true;
}

/* Turns to the file: what waits in memory goes first, and its memory is given back. */
static bool open_spool(struct queue *q)
{
    if (q->fd < 0)
        q->fd = open(q->spool->folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (q->fd < 0)
        return false;
    if (q->waiting.len == 0)
        return true;
    struct bytes first = q->waiting;
    bytes_init(&q->waiting, SIZE_MAX);
    q->moving = true;
    bool ok = spool_bytes(q, &first);
    q->moving = false;
    if (ok)
        bytes_free(&first);
    else
        q->waiting = first;
    return ok;
}

static void swap(struct bytes *a, struct bytes *b)
{
    struct bytes old = *a;
    *a = *b;
    *b = old;
}

/* The reader has come to the end of the file: its room is given back, to all. (In the
 * writer, which alone knows that nothing is being written.) */
static void forget_file(struct queue *q)
{
    if (q->written == 0 || q->read < q->written || ftruncate(q->fd, 0) != 0)
        return;
    atomic_fetch_sub(&q->spool->in_use, q->written);
    q->written = q->read = 0;
}

/* Waits its turn in memory; false if the reader is too slow for that. */
static bool put_in_memory(struct queue *q, struct bytes *b)
{
    forget_file(q);
    if (q->read < q->written) /* what is in the file comes first */
        return false;
    if (!has_room(q) && !q->abandoned)
        wait_ms(q, PATIENCE_MS);
    if (!has_room(q))
        return false;
    if (q->waiting.len == 0)
        swap(&q->waiting, b);
    else
        bytes_add(&q->waiting, bytes_str(b));
    return true;
}

bool queue_put(struct queue *q, struct bytes *b)
{
    pthread_mutex_lock(&q->lock);
    while (b->len && !q->abandoned) {
        if (put_in_memory(q, b) || (open_spool(q) && spool_bytes(q, b)))
            bytes_clear(b);
        else
            wait_ms(q, PATIENCE_MS);
    }
    bool wanted = !q->abandoned;
    pthread_cond_broadcast(&q->changed);
    pthread_mutex_unlock(&q->lock);
    return wanted;
}

void queue_end(struct queue *q, bool whole)
{
    pthread_mutex_lock(&q->lock);
    q->ended = true;
    q->whole = whole;
    pthread_cond_broadcast(&q->changed);
    pthread_mutex_unlock(&q->lock);
}

void queue_abandon(struct queue *q)
{
    pthread_mutex_lock(&q->lock);
    q->abandoned = true;
    pthread_cond_broadcast(&q->changed);
    pthread_mutex_unlock(&q->lock);
}

static ssize_t take_from_memory(struct queue *q, char *to, size_t max)
{
    size_t n = q->reading.len - q->reading_at;
    if (n > max)
        n = max;
    memcpy(to, q->reading.at + q->reading_at, n);
    q->reading_at += n;
    return (ssize_t)n;
}

/* The next stretch of the file. */
static ssize_t take_from_file(struct queue *q, char *to, size_t max)
{
    uint64_t left = q->written - q->read;
    bytes_free(&q->reading); /* for a while all comes from the file */
    q->reading_at = 0;
    ssize_t n = pread(q->fd, to, left < max ? (size_t)left : max, (off_t)q->read);
    if (n <= 0)
        return -1;
    q->read += (uint64_t)n;
    if (q->read == q->written)
        pthread_cond_broadcast(&q->changed);
    return n;
}

ssize_t queue_take(struct queue *q, char *to, size_t max)
{
    if (q->reading_at < q->reading.len)
        return take_from_memory(q, to, max);
    pthread_mutex_lock(&q->lock);
    while (q->moving || (q->waiting.len == 0 && q->read == q->written && !q->ended))
        pthread_cond_wait(&q->changed, &q->lock);
    ssize_t n;
    if (q->waiting.len) {
        bytes_clear(&q->reading);
        q->reading_at = 0;
        swap(&q->reading, &q->waiting);
        pthread_cond_broadcast(&q->changed);
        n = take_from_memory(q, to, max);
    } else if (q->read < q->written)
        n = take_from_file(q, to, max);
    else
        n = q->whole ? 0 : -1;
    pthread_mutex_unlock(&q->lock);
    return n;
}
