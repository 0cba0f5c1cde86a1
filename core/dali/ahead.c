/* ahead.c -- a ring of copied batches between the thread that pulls and the one that takes.
 * Wake-ups are what passing costs: the puller is woken when half of the ring is free, the
 * taker when there is something to do for a while. */
#include "core/dali/ahead.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/clock.h"

enum { SLOTS = 16, SLOT_MAX_BYTES = 512 << 20 };
enum { RING_BYTES = 4 << 20, WAKE_BYTES = 512 << 10 };

/* A store that needs longer for WAKE_BYTES is slow: each of its batches goes on at once. */
#define PATIENCE_NS INT64_C(2000000)

struct slot {
    struct store_vector *vector;
    uint32_t nrow;
    struct bytes copy; /* what the vectors point into */
};

struct ahead {
    struct rowsource source; /* must be first */
    struct rowsource *inner;
    pthread_t thread;
    pthread_mutex_t lock; /* of what follows */
    pthread_cond_t changed;
    uint64_t put, taken; /* batches so far; those between are in the ring */
    bool is_held;        /* the last one taken is still being read */
    size_t nbyte;        /* of those between */
    bool puller_waits, is_ending;
    size_t wanted; /* bytes that the taker waits for; 0: it does not wait */
    enum step end; /* STEP_ROWS: more may come */
    struct err error;
    struct slot slot[SLOTS];
};

/* --- copies ----------------------------------------------------------------------------
 */

static size_t padded(size_t n)
{
    return (n + 7) / 8 * 8;
}

static size_t copy_bytes(const struct ahead *a, const struct store_batch *b)
{
    size_t all = 0;
    for (uint32_t i = 0; i < a->source.ncolumn; i++) {
        const struct store_vector *v = &b->column[i];
        all += padded(store_vector_bytes(a->source.column[i], v, b->nrow));
        all += a->source.column[i]->length < 0
                   ? padded((b->nrow + (size_t)1) * sizeof *v->offset)
                   : 0;
        all += v->valid ? padded(((size_t)b->nrow + 7) / 8) : 0;
    }
    return all;
}

static const void *put_copy(struct bytes *to, const void *from, size_t n)
{
    char *at = to->at + to->len;
    if (n)
        memcpy(at, from, n);
    to->len += padded(n);
    return at;
}

static void copy_vector(struct slot *s, const struct store_column *c,
                        const struct store_vector *from, struct store_vector *to)
{
    bool is_variable = c->length < 0;
    uint32_t first = is_variable ? from->offset[0] : 0;
    const char *data = from->data;
    if (first)
        data += (size_t)first * store_type_bytes(c->type);
    *to = (struct store_vector){0};
    to->data = put_copy(&s->copy, data, store_vector_bytes(c, from, s->nrow));
    if (from->valid)
        to->valid = put_copy(&s->copy, from->valid, ((size_t)s->nrow + 7) / 8);
    if (!is_variable)
        return;
    uint32_t *offset = (uint32_t *)(void *)(s->copy.at + s->copy.len);
    s->copy.len += padded((s->nrow + (size_t)1) * sizeof *offset);
    for (uint32_t k = 0; k <= s->nrow; k++)
        offset[k] = from->offset[k] - first;
    to->offset = offset;
}

static bool copy_batch(const struct ahead *a, struct slot *s, const struct store_batch *b)
{
    bytes_clear(&s->copy);
    if (!bytes_reserve(&s->copy, copy_bytes(a, b) + 8))
        return false;
    s->nrow = b->nrow;
    for (uint32_t i = 0; i < a->source.ncolumn; i++)
        copy_vector(s, a->source.column[i], &b->column[i], &s->vector[i]);
    return true;
}

/* --- the thread that pulls -------------------------------------------------------------
 */

/* One batch into a slot that nobody reads. */
static enum step pull(struct ahead *a, struct slot *s, struct err *e)
{
    struct store_batch batch = {.size = sizeof batch};
    enum step step = a->inner->next(a->inner, &batch, e);
    if (step != STEP_ROWS || copy_batch(a, s, &batch))
        return step;
    err_set(e, ERR_BUSY, "the node is out of memory; try again later");
    return STEP_FAILED;
}

/* How full the ring is: in batches, or in bytes. */
static bool is_filled(const struct ahead *a, unsigned nth)
{
    return (a->put - a->taken + a->is_held) * nth >= SLOTS || a->nbyte * nth >= RING_BYTES;
}

/* False: no more are wanted. */
static bool wait_for_room(struct ahead *a)
{
    while (is_filled(a, 1) && !a->is_ending) {
        a->puller_waits = true;
        pthread_cond_wait(&a->changed, &a->lock);
    }
    a->puller_waits = false;
    return !a->is_ending;
}

/* What was pulled is there to be taken. */
static void put_slot(struct ahead *a, const struct slot *s, enum step step,
                     const struct err *e)
{
    if (step == STEP_ROWS) {
        a->put++;
        a->nbyte += s->copy.len;
    } else {
        a->end = step;
        a->error = *e;
    }
    if (a->wanted && (a->nbyte >= a->wanted || step != STEP_ROWS))
        pthread_cond_signal(&a->changed);
}

static void *run_puller(void *arg)
{
    struct ahead *a = arg;
    bool is_wanted = true;
    while (is_wanted) {
        struct err e = {0};
        struct slot *s = &a->slot[a->put % SLOTS];
        enum step step = pull(a, s, &e);
        pthread_mutex_lock(&a->lock);
        put_slot(a, s, step, &e);
        is_wanted = step == STEP_ROWS && wait_for_room(a);
        pthread_mutex_unlock(&a->lock);
    }
    return NULL;
}

/* --- the thread that takes -------------------------------------------------------------
 */

static bool has_more(const struct ahead *a)
{
    return a->put != a->taken || a->end != STEP_ROWS;
}

static void wait_for_rows(struct ahead *a)
{
    if (has_more(a))
        return;
    a->wanted = WAKE_BYTES;
    clock_condition_wait(&a->changed, &a->lock, clock_monotonic_ns() + PATIENCE_NS);
    a->wanted = 1;
    while (!has_more(a))
        pthread_cond_wait(&a->changed, &a->lock);
    a->wanted = 0;
}

static void take_slot(struct ahead *a, struct store_batch *batch)
{
    const struct slot *s = &a->slot[a->taken++ % SLOTS];
    *batch = (struct store_batch){sizeof *batch, s->nrow, s->vector};
    a->nbyte -= s->copy.len;
    a->is_held = true;
}

static enum step ahead_next(struct rowsource *source, struct store_batch *batch,
                            struct err *e)
{
    struct ahead *a = (struct ahead *)source;
    pthread_mutex_lock(&a->lock);
    a->is_held = false;
    if (a->puller_waits && !is_filled(a, 2))
        pthread_cond_signal(&a->changed);
    wait_for_rows(a);
    enum step step = a->put != a->taken ? STEP_ROWS : a->end;
    if (step == STEP_ROWS)
        take_slot(a, batch);
    else if (e)
        *e = a->error;
    pthread_mutex_unlock(&a->lock);
    return step;
}

static void ahead_free(struct ahead *a)
{
    for (int i = 0; i < SLOTS; i++) {
        bytes_free(&a->slot[i].copy);
        free(a->slot[i].vector);
    }
    pthread_cond_destroy(&a->changed);
    pthread_mutex_destroy(&a->lock);
    free(a);
}

static void ahead_close(struct rowsource *source)
{
    struct ahead *a = (struct ahead *)source;
    pthread_mutex_lock(&a->lock);
    a->is_ending = true;
    pthread_cond_signal(&a->changed);
    pthread_mutex_unlock(&a->lock);
    pthread_join(a->thread, NULL);
    a->inner->close(a->inner);
    ahead_free(a);
}

struct rowsource *rows_ahead(struct rowsource *inner)
{
    struct ahead *a = calloc(1, sizeof *a);
    if (!a)
        return NULL;
    a->source = (struct rowsource){inner->column, inner->ncolumn, ahead_next, ahead_close};
    a->inner = inner;
    a->end = STEP_ROWS;
    pthread_mutex_init(&a->lock, NULL);
    clock_condition_init(&a->changed);
    bool ok = true;
    for (int i = 0; i < SLOTS; i++) {
        bytes_init(&a->slot[i].copy, SLOT_MAX_BYTES);
        a->slot[i].vector = calloc(inner->ncolumn + 1, sizeof *a->slot[i].vector);
        ok = ok && a->slot[i].vector;
    }
    if (ok && pthread_create(&a->thread, NULL, run_puller, a) == 0)
        return &a->source;
    ahead_free(a);
    return NULL;
}
