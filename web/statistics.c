/* statistics.c -- see statistics.h: the cache, and the one thread that fills it. */
#include "web/statistics.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>

#include "core/base/clock.h"
#include "core/base/log.h"

enum { ENTRIES = 1000, LINE = 6000, NAME_BYTES = 256 };
static const int64_t FRESH_US = 24 * 3600 * INT64_C(1000000),
                     RETRY_US = 60 * INT64_C(1000000);

struct statistics {
    struct statistics_options options;
    struct statistics_file *file; /* NULL: none */
    struct cancel *cancel;
    pthread_t thread;
    bool has_thread;
    pthread_mutex_t lock; /* of all below */
    pthread_cond_t wake;
    bool stop;
    const struct statistics_table *entry[ENTRIES];
    int64_t used[ENTRIES], tick;
    char *
        line[LINE]; /* names of tables that wait; a stack: the last asked for comes first */
    uint32_t nline;
    const char *at; /* the table at hand; NULL: none */
};

void statistics_drop(const struct statistics_table *t)
{
    struct statistics_table *own = (struct statistics_table *)(uintptr_t)t;
    if (own && atomic_fetch_sub(&own->count, 1) == 1)
        arena_free(own->arena);
}

static const struct statistics_table *keep(const struct statistics_table *t)
{
    if (t)
        atomic_fetch_add(&((struct statistics_table *)(uintptr_t)t)->count, 1);
    return t;
}

uint64_t statistics_signature(const struct catalog_table *t)
{
    uint64_t hash = str_hash(str_of(t->full_name)) * 31 + str_hash(str_of(t->native));
    hash = hash * 31 + (uint64_t)t->row_estimate;
    for (uint32_t i = 0; i < t->ncolumn; i++) {
        const struct store_column *c = &t->column[i].meta;
        hash = hash * 31 + str_hash(str_of(c->name));
        hash = hash * 31 + (uint64_t)c->type * 64 + (uint64_t)c->length;
    }
    return hash & INT64_MAX;
}

struct statistics_table *statistics_blank(const struct catalog_table *t)
{
    struct arena *arena = arena_new(64u << 20);
    struct statistics_table *s =
        arena ? arena_new_one(arena, struct statistics_table) : NULL;
    struct statistics_column *column =
        s ? arena_new_array(arena, struct statistics_column, t->ncolumn + 1) : NULL;
    const char *name = column ? arena_text(arena, str_of(t->full_name)) : NULL;
    if (!name) {
        arena_free(arena);
        return NULL;
    }
    for (uint32_t i = 0; i < t->ncolumn; i++)
        column[i] = (struct statistics_column){.filled = -1, .low = NAN, .high = NAN};
    *s = (struct statistics_table){.arena = arena,
                                   .name = name,
                                   .signature = statistics_signature(t),
                                   .nrow = -1,
                                   .ncolumn = t->ncolumn,
                                   .column = column};
    atomic_store(&s->count, 1);
    return s;
}

/* ---- the cache; the lock is held ---- */

static uint32_t find(const struct statistics *s, const char *name)
{
    uint32_t i = 0;
    while (i < ENTRIES && !(s->entry[i] && str_eq(str_of(s->entry[i]->name), str_of(name))))
        i++;
    return i;
}

/* An empty place, or the one that was not used for the longest time. */
static uint32_t oldest(const struct statistics *s)
{
    uint32_t best = 0;
    for (uint32_t i = 0; i < ENTRIES; i++) {
        if (!s->entry[i])
            return i;
        if (s->used[i] < s->used[best])
            best = i;
    }
    return best;
}

static void put(struct statistics *s, const struct statistics_table *t)
{
    uint32_t i = find(s, t->name);
    if (i == ENTRIES)
        i = oldest(s);
    statistics_drop(s->entry[i]);
    s->entry[i] = t;
    s->used[i] = ++s->tick;
}

static void enqueue(struct statistics *s, const char *name)
{
    for (uint32_t i = 0; i < s->nline; i++)
        if (str_eq(str_of(s->line[i]), str_of(name)))
            return;
    if (s->at && str_eq(str_of(s->at), str_of(name)))
        return;
    char *copy = s->nline < LINE ? strdup(name) : NULL;
    if (!copy)
        return;
    s->line[s->nline++] = copy;
    pthread_cond_signal(&s->wake);
}

static bool is_due(const struct statistics_table *t)
{
    return clock_now_us() - t->made_us > (t->problem ? RETRY_US : FRESH_US);
}

static const struct statistics_table *look(struct statistics *s,
                                           const struct catalog_table *t)
{
    uint32_t i = find(s, t->full_name);
    if (i == ENTRIES || s->entry[i]->signature != statistics_signature(t))
        return NULL;
    s->used[i] = ++s->tick;
    return s->entry[i];
}

const struct statistics_table *statistics_get(struct statistics *s,
                                              const struct catalog_table *t)
{
    struct err e = {0};
    pthread_mutex_lock(&s->lock);
    const struct statistics_table *found = look(s, t);
    if (!found && s->file) {
        found = statistics_file_read(s->file, t, &e);
        if (found)
            put(s, found);
    }
    if (!found || is_due(found))
        enqueue(s, t->full_name);
    keep(found);
    pthread_mutex_unlock(&s->lock);
    return found;
}

/* ---- the thread ---- */

/* The next name, to be freed; NULL: it is to stop. */
static char *next_name(struct statistics *s)
{
    pthread_mutex_lock(&s->lock);
    while (!s->stop && s->nline == 0)
        pthread_cond_wait(&s->wake, &s->lock);
    char *name = s->stop ? NULL : s->line[--s->nline];
    s->at = name;
    pthread_mutex_unlock(&s->lock);
    return name;
}

static void store(struct statistics *s, struct statistics_table *made)
{
    struct err e = {0};
    pthread_mutex_lock(&s->lock);
    if (s->file && !made->problem && !made->is_partial &&
        !statistics_file_write(s->file, made, &e))
        log_line(LOG_WARN, NULL, "statistics of %s are not kept: %s", made->name,
                 e.message);
    put(s, made);
    pthread_mutex_unlock(&s->lock);
}

static void make(struct statistics *s, const char *name)
{
    struct dali *d = s->options.dali;
    const struct catalog *c = d->catalog(d->node);
    const struct catalog_table *t = catalog_find_full_name(c, str_of(name));
    struct statistics_table *made =
        t ? statistics_make(&s->options, c, t, s->cancel) : NULL;
    if (made && cancel_reason(s->cancel) == CANCEL_NOT)
        store(s, made);
    else
        statistics_drop(made);
    catalog_drop(c);
}

static void *work(void *statistics)
{
    struct statistics *s = statistics;
    for (;;) {
        char *name = next_name(s);
        if (!name)
            return NULL;
        make(s, name);
        pthread_mutex_lock(&s->lock);
        s->at = NULL;
        pthread_mutex_unlock(&s->lock);
        free(name);
    }
}

/* ---- life ---- */

static void set_defaults(struct statistics_options *o)
{
    enum { TABLE_S = 120, EXACT_ROWS = 20000000, SAMPLE_ROWS = 1000000 };
    o->table_s = o->table_s > 0 ? o->table_s : TABLE_S;
    o->exact_rows = o->exact_rows > 0 ? o->exact_rows : EXACT_ROWS;
    o->sample_rows = o->sample_rows > 0 ? o->sample_rows : SAMPLE_ROWS;
}

/* Without its file it works too, and begins anew after a restart. */
static void open_file(struct statistics *s, const char *folder)
{
    struct err e = {0};
    struct arena *arena = arena_new(1u << 16);
    const char *path =
        folder && arena ? arena_format(arena, "%s/statistics.sqlite", folder) : NULL;
    if (path)
        s->file = statistics_file_open(path, &e);
    if (path && !s->file)
        log_line(LOG_WARN, NULL, "statistics of tables are not kept: %s", e.message);
    arena_free(arena);
}

struct statistics *statistics_new(const struct statistics_options *o, struct err *e)
{
    struct statistics *s = calloc(1, sizeof *s);
    if (!s) {
        err_set(e, ERR_LIMIT, "there is no memory for statistics");
        return NULL;
    }
    s->options = *o;
    set_defaults(&s->options);
    s->cancel = cancel_new();
    pthread_mutex_init(&s->lock, NULL);
    pthread_cond_init(&s->wake, NULL);
    open_file(s, o->state_folder);
    s->has_thread = s->cancel && pthread_create(&s->thread, NULL, work, s) == 0;
    if (s->has_thread)
        return s;
    err_set(e, ERR_LIMIT, "no thread for statistics can be started");
    statistics_free(s);
    return NULL;
}

void statistics_free(struct statistics *s)
{
    if (!s)
        return;
    pthread_mutex_lock(&s->lock);
    s->stop = true;
    pthread_cond_signal(&s->wake);
    pthread_mutex_unlock(&s->lock);
    if (s->cancel)
        cancel_raise(s->cancel, CANCEL_SHUTDOWN);
    if (s->has_thread)
        pthread_join(s->thread, NULL);
    for (uint32_t i = 0; i < ENTRIES; i++)
        statistics_drop(s->entry[i]);
    for (uint32_t i = 0; i < s->nline; i++)
        free(s->line[i]);
    statistics_file_close(s->file);
    cancel_drop(s->cancel);
    pthread_cond_destroy(&s->wake);
    pthread_mutex_destroy(&s->lock);
    free(s);
}
