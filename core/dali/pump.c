/* pump.c -- rows to bytes, a step at a time, in the connection's own thread while its
 * client keeps up; a helper takes over, into a queue, when the client does not. */
#include "core/dali/pump.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/fd.h"
#include "core/base/log.h"
#include "core/dali/ahead.h"
#include "core/dali/queue.h"

enum {
    OUT_MAX_BYTES =
        256 * 1024 * 1024,     /* one encoded batch; a batch is about 1 MiB of values */
    SLICE_BYTES = 64 * 1024,   /* encoded at a time: what a slow client holds */
    INLINE_BYTES = 64 * 1024,  /* longer bodies get a helper */
    AHEAD_BYTES = 1 << 20,     /* after so many the store is asked ahead */
    LAGGING_BYTES = 32 * 1024, /* taken at a time by clients that are slow, or not yet
                                  known: what they are given waits in memory of their own */
    FIRST_BYTES = 4096,        /* most small answers whole */
    SHORT_ROWS = 64, /* so few at first are likely all: then their end is looked for */
    LOOKS = 2        /* ... and so many times at most: stores begin with small batches */
};

/* A client that is away for longer than this, at once or beyond its share of the time, does
 * not keep up. A step that takes longer than SLOW_STEP_NS is slow: what is there is sent.
 */
#define PATIENCE_NS INT64_C(100000000)
#define SLOW_STEP_NS INT64_C(2000000)

enum state { RUNNING, DONE, BROKEN };

struct pump {
    struct pump_options o;
    struct bytes out; /* encoded, not yet handed on */
    size_t out_at;    /* read up to here */
    enum state state;
    uint64_t nrow, nbyte;
    struct store_batch batch; /* being encoded, from row batch_at on */
    uint32_t batch_at, nslice;
    bool is_ahead; /* the source was asked to work ahead */
    struct store_vector *slice;
    struct err error; /* why the rows ended badly */

    struct queue *queue; /* NULL: no helper yet */
    pthread_t helper;
    pthread_mutex_t lock; /* of what follows */
    pthread_cond_t changed;
    bool is_reading;  /* the connection is in pump_read(), which makes the bytes */
    bool is_handed;   /* the helper makes them now, for good */
    bool is_ending;   /* the pump goes: no helper is needed any more */
    int64_t since_ns; /* when is_reading changed */
    int64_t making_ns, away_ns; /* so long the connection was in pump_read(), and not */
};

struct pump *pump_new(const struct pump_options *o, struct err *e)
{
    struct pump *p = calloc(1, sizeof *p);
    if (p)
        p->slice = calloc(o->head.ncolumn + 1, sizeof *p->slice);
    if (!p || !p->slice) {
        free(p);
        err_set(e, ERR_BUSY, "the node is out of memory; try again later");
        o->source->close(o->source);
        o->sink->close(o->sink);
        if (o->finished)
            o->finished(o->what, 0, e);
        return NULL;
    }
    p->o = *o;
    bytes_init(&p->out, OUT_MAX_BYTES);
    pthread_mutex_init(&p->lock, NULL);
    clock_condition_init(&p->changed);
    p->since_ns = clock_monotonic_ns();
    return p;
}

/* The store's part is over: its connection goes back, and whoever waits is told. */
static void release_source(struct pump *p)
{
    if (!p->o.source)
        return;
    p->o.source->close(p->o.source);
    p->o.source = NULL;
    if (p->o.finished)
        p->o.finished(p->o.what, p->nrow, &p->error);
}

static void finish_rows(struct pump *p, enum ending ending)
{
    struct err late = {0};
    bool ok = p->o.sink->end(p->o.sink, ending, &p->error, &p->out, &late);
    if (!ok && p->error.kind == ERR_NONE)
        p->error = late.kind ? late : (struct err){.kind = ERR_INTERNAL};
    p->state = ok ? DONE : BROKEN;
    if (p->error.kind != ERR_NONE)
        log_line(LOG_WARN, p->o.request_id, "rows ended badly after %llu: %s",
                 (unsigned long long)p->nrow, p->error.message);
    release_source(p);
}

/* Rows that make about SLICE_BYTES; a multiple of 8, so that validity bits stay aligned. */
static uint32_t slice_rows(const struct pump *p, const struct store_batch *b)
{
    uint64_t nbyte = 1;
    for (uint32_t i = 0; i < p->o.head.ncolumn; i++)
        nbyte += store_vector_bytes(p->o.head.column[i], &b->column[i], b->nrow) + b->nrow;
    uint64_t n = (uint64_t)b->nrow * SLICE_BYTES / nbyte / 8 * 8;
    return n < 8 ? 8 : n > b->nrow ? b->nrow : (uint32_t)n;
}

static void slice_batch(struct pump *p, uint32_t from, struct store_batch *slice)
{
    for (uint32_t i = 0; i < p->o.head.ncolumn; i++) {
        const struct store_column *c = p->o.head.column[i];
        struct store_vector v = p->batch.column[i];
        if (v.valid)
            v.valid += from / 8;
        if (c->length < 0)
            v.offset += from;
        else
            v.data = (const char *)v.data +
                     (size_t)from * (uint32_t)c->length * store_type_bytes(c->type);
        p->slice[i] = v;
    }
    uint32_t left = p->batch.nrow - from;
    *slice =
        (struct store_batch){sizeof *slice, left < p->nslice ? left : p->nslice, p->slice};
}

/* The next slice of the batch at hand. */
static bool encode_slice(struct pump *p)
{
    struct store_batch slice;
    slice_batch(p, p->batch_at, &slice);
    p->batch_at += slice.nrow;
    p->nrow += slice.nrow;
    return p->o.sink->rows(p->o.sink, &slice, &p->out, &p->error) && !p->out.failed;
}

/* A long answer whose client takes it as it comes: the store works on while bytes are made.
 */
static void look_ahead(struct pump *p)
{
    p->is_ahead = true;
    struct rowsource *source = rows_ahead(p->o.source);
    if (source) /* else it goes on as it is */
        p->o.source = source;
}

/* One slice further, of this batch or the next. */
static void pump_step(struct pump *p)
{
    enum step step = STEP_ROWS;
    if (p->batch_at == p->batch.nrow) {
        p->batch = (struct store_batch){.size = sizeof p->batch};
        p->batch_at = 0;
        assert(p->o.source); /* there as long as the pump is RUNNING */
        if (p->nbyte >= AHEAD_BYTES && !p->is_ahead)
            look_ahead(p);
        step = p->o.source->next(p->o.source, &p->batch, &p->error);
        if (step == STEP_ROWS)
            p->nslice = slice_rows(p, &p->batch);
    }
    if (step == STEP_END) {
        bool more = p->o.overflow && *p->o.overflow;
        finish_rows(p, more ? ENDING_OVERFLOW : ENDING_COMPLETE);
        return;
    }
    if (step == STEP_ROWS) {
        if (encode_slice(p))
            return;
        err_set(&p->error, ERR_INTERNAL, "the answer could not be encoded");
    }
    finish_rows(p, ENDING_FAILED);
}

/* Whether the end of what came so far is worth looking for before the answer's head goes.
 */
static bool may_be_all(const struct pump *p)
{
    bool is_short = p->o.looks_ahead ? p->out.len < INLINE_BYTES : p->nrow <= SHORT_ROWS;
    return p->state == RUNNING && p->batch_at == p->batch.nrow && is_short;
}

bool pump_begin(struct pump *p, struct err *e)
{
    bytes_reserve(&p->out, FIRST_BYTES);
    if (!p->o.sink->begin(p->o.sink, &p->o.head, &p->out, e))
        return err_set(e, ERR_INTERNAL, "the answer could not be begun");
    do
        pump_step(p);
    while (p->o.sink->is_spooled && p->state == RUNNING);
    for (int i = 0; i < LOOKS && may_be_all(p); i++)
        pump_step(p);
    if (p->error.kind == ERR_NONE)
        return true;
    if (e && e->kind == ERR_NONE)
        *e = p->error;
    return false;
}

int pump_file(const struct pump *p)
{
    return p->o.sink->is_spooled && p->state == DONE ? p->o.sink->spool_fd : -1;
}

uint64_t pump_rows(const struct pump *p)
{
    return p->nrow;
}

bool pump_has_ended(const struct pump *p)
{
    return p->state != RUNNING;
}

bool pump_take_whole(struct pump *p, struct bytes *body)
{
    if (p->state != DONE || p->o.sink->is_spooled)
        return false;
    *body = p->out;
    bytes_init(&p->out, OUT_MAX_BYTES);
    return true;
}

/* --- the helper -------------------------------------------------------------------------
 */

/* Threads that pass bytes to each other pay for each wake-up; so the connection makes them
 * itself for as long as its client takes them as they come. */
static bool client_lags(const struct pump *p, int64_t now_ns)
{
    int64_t absent_ns = p->is_reading ? 0 : now_ns - p->since_ns;
    return absent_ns > PATIENCE_NS ||
           p->away_ns + absent_ns > PATIENCE_NS + p->making_ns / 2;
}

/* True: the bytes are the helper's to make from now on. False: the pump goes. */
static bool wait_for_work(struct pump *p)
{
    pthread_mutex_lock(&p->lock);
    while (!p->is_ending && (p->is_reading || !client_lags(p, clock_monotonic_ns())))
        clock_condition_wait(&p->changed, &p->lock, clock_monotonic_ns() + PATIENCE_NS / 2);
    p->is_handed = !p->is_ending;
    pthread_mutex_unlock(&p->lock);
    return p->is_handed;
}

/* Everything through the queue, which bounds memory. */
static void make_rest(struct pump *p)
{
    p->out.len -= p->out_at;
    if (p->out.len)
        memmove(p->out.at, p->out.at + p->out_at, p->out.len);
    bool wanted = queue_put(p->queue, &p->out);
    while (wanted && p->state == RUNNING) {
        pump_step(p);
        wanted = queue_put(p->queue, &p->out);
    }
    if (!wanted)
        p->state = BROKEN;
    release_source(p);
    bytes_free(&p->out); /* a slow client may stay for long */
    queue_end(p->queue, p->state == DONE);
}

static void *run_helper(void *arg)
{
    struct pump *p = arg;
    if (wait_for_work(p))
        make_rest(p);
    return NULL;
}

/* Without memory for one the connection goes on by itself. */
static void start_helper(struct pump *p)
{
    p->queue = queue_new(p->o.spool);
    if (!p->queue || pthread_create(&p->helper, NULL, run_helper, p) == 0)
        return;
    queue_free(p->queue);
    p->queue = NULL;
}

static void stop_helper(struct pump *p)
{
    if (!p->queue)
        return;
    pthread_mutex_lock(&p->lock);
    p->is_ending = true;
    pthread_cond_signal(&p->changed);
    pthread_mutex_unlock(&p->lock);
    queue_abandon(p->queue);
    pthread_join(p->helper, NULL);
    queue_free(p->queue);
}

/* --- reading ----------------------------------------------------------------------------
 */

static size_t take_out(struct pump *p, char *to, size_t max)
{
    size_t n = p->out.len - p->out_at;
    if (n > max)
        n = max;
    if (n)
        memcpy(to, p->out.at + p->out_at, n);
    p->out_at += n;
    p->nbyte += n;
    if (p->out_at == p->out.len) {
        bytes_clear(&p->out);
        p->out_at = 0;
    }
    return n;
}

/* Fills `to` while rows come fast. */
static ssize_t make_bytes(struct pump *p, char *to, size_t max)
{
    size_t n = take_out(p, to, max);
    bool is_slow = false;
    while (n < max && p->state == RUNNING && !(is_slow && n)) {
        int64_t begin_ns = clock_monotonic_ns();
        pump_step(p);
        is_slow = clock_monotonic_ns() - begin_ns > SLOW_STEP_NS;
        n += take_out(p, to + n, max - n);
    }
    return n || p->state == DONE ? (ssize_t)n : -1;
}

/* The connection comes or goes; false: the helper makes the bytes. */
static bool note_reader(struct pump *p, bool is_reading)
{
    pthread_mutex_lock(&p->lock);
    int64_t now_ns = clock_monotonic_ns(), passed_ns = now_ns - p->since_ns;
    *(is_reading ? &p->away_ns : &p->making_ns) += passed_ns;
    p->since_ns = now_ns;
    p->is_reading = is_reading && !p->is_handed;
    bool is_ours = !p->is_handed;
    pthread_mutex_unlock(&p->lock);
    return is_ours;
}

ssize_t pump_read(struct pump *p, char *to, size_t max)
{
    if (!p->queue && p->nbyte >= INLINE_BYTES && p->state == RUNNING)
        start_helper(p);
    bool is_ours = note_reader(p, true);
    if (max > LAGGING_BYTES && (!is_ours || p->nbyte < INLINE_BYTES))
        max = LAGGING_BYTES;
    if (!is_ours)
        return queue_take(p->queue, to, max);
    ssize_t n = make_bytes(p, to, max);
    note_reader(p, false);
    return n;
}

/* --- files ------------------------------------------------------------------------------
 */

static bool write_all(int fd, const char *at, size_t len, struct err *e)
{
    return fd_write(fd, at, len) ||
           err_set(e, ERR_LIMIT, "the result could not be written: %s",
                   strerrordesc_np(errno));
}

static bool copy_spooled(struct pump *p, int fd, struct err *e)
{
    char buffer[64 * 1024];
    int from = pump_file(p);
    for (off_t at = 0;;) {
        ssize_t n = pread(from, buffer, sizeof buffer, at);
        if (n < 0)
            return err_set(e, ERR_INTERNAL, "the spool file cannot be read: %s",
                           strerror(errno));
        if (n == 0)
            return true;
        if (!write_all(fd, buffer, (size_t)n, e))
            return false;
        at += n;
    }
}

bool pump_to_file(struct pump *p, int fd, struct err *e)
{
    if (p->o.sink->is_spooled)
        return p->state == DONE && copy_spooled(p, fd, e);
    for (;;) {
        if (!write_all(fd, p->out.at, p->out.len, e))
            return false;
        p->nbyte += p->out.len;
        bytes_clear(&p->out);
        if (p->state != RUNNING)
            break;
        pump_step(p);
        if (p->o.progress)
            p->o.progress(p->o.what, p->nrow);
    }
    if (p->error.kind != ERR_NONE && e && e->kind == ERR_NONE)
        *e = p->error;
    return p->error.kind == ERR_NONE;
}

void pump_free(struct pump *p)
{
    if (!p)
        return;
    stop_helper(p);
    if (p->o.source && p->state == RUNNING)
        err_set(&p->error, ERR_CANCELLED, "the client left before the end");
    release_source(p);
    p->o.sink->close(p->o.sink);
    bytes_free(&p->out);
    pthread_cond_destroy(&p->changed);
    pthread_mutex_destroy(&p->lock);
    free(p->slice);
    free(p);
}
