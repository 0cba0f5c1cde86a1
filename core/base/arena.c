/* arena.c -- blocks in a list, bump allocation in the newest, cleanups in a list. */
#include "core/base/arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { FIRST_BLOCK_BYTES = 16 * 1024, ALIGN = 16 };

struct block {
    struct block *older;
    size_t size, used; /* of data */
    _Alignas(16) unsigned char data[];
};

struct cleanup {
    struct cleanup *older;
    void (*close)(void *);
    void *what;
};

struct arena {
    struct block *newest;
    struct cleanup *cleanups;
    size_t limit, held; /* bytes: allowed, taken from the system */
};

struct arena *arena_new(size_t limit_bytes)
{
    struct arena *a = calloc(1, sizeof *a);
    if (a)
        a->limit = limit_bytes;
    return a;
}

static void run_cleanups(struct arena *a)
{
    while (a->cleanups) {
        struct cleanup *c = a->cleanups;
        a->cleanups = c->older;
        c->close(c->what);
    }
}

static void free_blocks(struct block *b)
{
    while (b) {
        struct block *older = b->older;
        free(b);
        b = older;
    }
}

void arena_free(struct arena *a)
{
    if (!a)
        return;
    run_cleanups(a);
    free_blocks(a->newest);
    free(a);
}

void arena_reset(struct arena *a)
{
    run_cleanups(a);
    struct block *keep = a->newest;
    if (!keep)
        return;
    free_blocks(keep->older);
    keep->older = NULL;
    keep->used = 0;
    a->held = keep->size;
}

static bool add_block(struct arena *a, size_t need)
{
    size_t size = a->newest ? a->newest->size * 2 : FIRST_BLOCK_BYTES;
    if (size > a->limit - a->held)
        size = a->limit - a->held;
    if (size < need)
        size = need;
    if (size > a->limit - a->held)
        return false;
    struct block *b = malloc(sizeof *b + size);
    if (!b)
        return false;
    b->older = a->newest;
    b->size = size;
    b->used = 0;
    a->newest = b;
    a->held += size;
    return true;
}

void *arena_alloc(struct arena *a, size_t count, size_t size)
{
    size_t need;
    if (__builtin_mul_overflow(count, size, &need) || need > SIZE_MAX - ALIGN)
        return NULL;
    need = (need + ALIGN - 1) & ~(size_t)(ALIGN - 1);
    if (!a->newest || a->newest->size - a->newest->used < need)
        if (!add_block(a, need))
            return NULL;
    void *p = a->newest->data + a->newest->used;
    a->newest->used += need;
    return memset(p, 0, need);
}

char *arena_text(struct arena *a, str s)
{
    char *copy = arena_alloc(a, s.len + 1, 1);
    if (copy && s.len)
        memcpy(copy, s.at, s.len);
    return copy;
}

/* Most fit where they will stand. */
char *arena_format(struct arena *a, const char *format, ...)
{
    struct block *b = a->newest;
    size_t room = b ? b->size - b->used : 0;
    va_list args;
    va_start(args, format);
    va_list again;
    va_copy(again, args);
    int len = vsnprintf(room ? (char *)b->data + b->used : NULL, room, format, args);
    va_end(args);
    bool fits = len >= 0 && (size_t)len + ALIGN <= room;
    char *text = NULL;
    if (fits) {
        text = (char *)b->data + b->used;
        b->used += ((size_t)len + ALIGN) & ~(size_t)(ALIGN - 1);
    } else if (len >= 0 && (text = arena_alloc(a, (size_t)len + 1, 1)))
        vsnprintf(text, (size_t)len + 1, format, again);
    va_end(again);
    return text;
}

bool arena_defer(struct arena *a, void (*close)(void *), void *what)
{
    struct cleanup *c = arena_alloc(a, 1, sizeof *c);
    if (!c) {
        close(what);
        return false;
    }
    *c = (struct cleanup){a->cleanups, close, what};
    a->cleanups = c;
    return true;
}

size_t arena_used_bytes(const struct arena *a)
{
    return a->held;
}
