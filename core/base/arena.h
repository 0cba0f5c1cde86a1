/* arena.h -- memory that ends with its owner: the process, a request, or a batch. */
#ifndef CORE_BASE_ARENA_H
#define CORE_BASE_ARENA_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/str.h"

struct arena;

/* limit_bytes bounds what the arena may ever hold. NULL if there is no memory at all. */
struct arena *arena_new(size_t limit_bytes);
void arena_free(struct arena *);  /* runs the cleanups, newest first, then frees all */
void arena_reset(struct arena *); /* the same, but keeps the largest block for reuse */

/* Zeroed memory, 16-byte aligned; NULL past the limit. It is never freed by itself. */
void *arena_alloc(struct arena *, size_t count, size_t size)
    __attribute__((warn_unused_result));
#define arena_new_array(a, type, n) ((type *)arena_alloc((a), (n), sizeof(type)))
#define arena_new_one(a, type) ((type *)arena_alloc((a), 1, sizeof(type)))

/* Copies that end in NUL. NULL past the limit. */
char *arena_text(struct arena *, str);
char *arena_format(struct arena *, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Ties something that is not memory (a file, a PGresult) to the arena's end. When it cannot
 * (no memory), it closes `what` at once and returns false. */
bool arena_defer(struct arena *, void (*close)(void *), void *what)
    __attribute__((warn_unused_result));

size_t arena_used_bytes(const struct arena *);

#endif
