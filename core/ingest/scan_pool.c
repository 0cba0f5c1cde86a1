/* scan_pool.c -- threads that read files: a fixed number of places, each with its own
 * memory, so that nothing grows with the number of files. */
#include <libxml/parser.h>
#include <pthread.h>
#include <stdlib.h>

#include "core/ingest/scan_inside.h"

enum { PLACES_EACH = 4, MOST_THREADS = 64 };

/* What one file may take: headers of thousands of HDUs, and columns. */
#define FILE_BYTES ((size_t)256 << 20)

enum state { FREE, WAITING, RUNNING, DONE, TAKEN };

struct place {
    struct scanned file;
    enum state state;
};

struct scan_pool {
    struct products *registry;
    const struct scan_templates *templates;
    pthread_mutex_t lock;
    pthread_cond_t has_work, has_result;
    struct place *place;
    unsigned nplace, nthread;
    pthread_t thread[MOST_THREADS];
    bool is_ending;
};

static struct place *find(struct scan_pool *p, enum state state)
{
    for (unsigned i = 0; i < p->nplace; i++)
        if (p->place[i].state == state)
            return &p->place[i];
    return NULL;
}

static void *work(void *pool)
{
    struct scan_pool *p = pool;
    pthread_mutex_lock(&p->lock);
    for (;;) {
        struct place *at = find(p, WAITING);
        if (!at) {
            if (p->is_ending)
                break;
            pthread_cond_wait(&p->has_work, &p->lock);
            continue;
        }
        at->state = RUNNING;
        pthread_mutex_unlock(&p->lock);
        scan_file(p->registry, p->templates, &at->file);
        pthread_mutex_lock(&p->lock);
        at->state = DONE;
        pthread_cond_signal(&p->has_result);
    }
    pthread_mutex_unlock(&p->lock);
    return NULL;
}

static bool make_places(struct scan_pool *p, unsigned threads)
{
    p->nplace = threads * PLACES_EACH;
    p->place = calloc(p->nplace, sizeof *p->place);
    for (unsigned i = 0; p->place && i < p->nplace; i++)
        if (!(p->place[i].file.arena = arena_new(FILE_BYTES)))
            return false;
    return p->place != NULL;
}

struct scan_pool *scan_pool_new(unsigned threads, struct products *registry,
                                const struct scan_templates *templates, struct err *e)
{
    struct scan_pool *p = calloc(1, sizeof *p);
    threads = threads > MOST_THREADS ? MOST_THREADS : threads;
    if (!p || !make_places(p, threads)) {
        err_set(e, ERR_LIMIT, "no memory for threads");
        if (p)
            free(p->place);
        free(p);
        return NULL;
    }
    xmlInitParser(); /* before there are threads that read packets */
    p->registry = registry;
    p->templates = templates;
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->has_work, NULL);
    pthread_cond_init(&p->has_result, NULL);
    while (p->nthread < threads &&
           pthread_create(&p->thread[p->nthread], NULL, work, p) == 0)
        p->nthread++;
    if (p->nthread > 0)
        return p;
    err_set(e, ERR_BUSY, "no thread can be started");
    scan_pool_free(p);
    return NULL;
}

bool scan_pool_give(struct scan_pool *p, const char *root, const char *path)
{
    pthread_mutex_lock(&p->lock);
    struct place *at = find(p, FREE);
    if (at) {
        struct arena *arena = at->file.arena;
        arena_reset(arena);
        at->file = (struct scanned){.arena = arena, .root = root};
        at->file.path = arena_text(arena, str_of(path));
        if (!at->file.path)
            at->file.path = "";
        at->state = WAITING;
        pthread_cond_signal(&p->has_work);
    }
    pthread_mutex_unlock(&p->lock);
    return at != NULL;
}

struct scanned *scan_pool_take(struct scan_pool *p)
{
    pthread_mutex_lock(&p->lock);
    struct place *at = find(p, DONE);
    while (!at && (find(p, WAITING) || find(p, RUNNING))) {
        pthread_cond_wait(&p->has_result, &p->lock);
        at = find(p, DONE);
    }
    if (at)
        at->state = TAKEN;
    pthread_mutex_unlock(&p->lock);
    return at ? &at->file : NULL;
}

void scan_pool_put_back(struct scan_pool *p, struct scanned *file)
{
    pthread_mutex_lock(&p->lock);
    arena_reset(file->arena); /* closes the file's descriptors too */
    ((struct place *)(void *)file)->state = FREE;
    pthread_mutex_unlock(&p->lock);
}

void scan_pool_free(struct scan_pool *p)
{
    if (!p)
        return;
    pthread_mutex_lock(&p->lock);
    p->is_ending = true;
    pthread_cond_broadcast(&p->has_work);
    pthread_mutex_unlock(&p->lock);
    for (unsigned i = 0; i < p->nthread; i++)
        pthread_join(p->thread[i], NULL);
    for (unsigned i = 0; i < p->nplace; i++)
        arena_free(p->place[i].file.arena);
    pthread_cond_destroy(&p->has_result);
    pthread_cond_destroy(&p->has_work);
    pthread_mutex_destroy(&p->lock);
    free(p->place);
    free(p);
}
