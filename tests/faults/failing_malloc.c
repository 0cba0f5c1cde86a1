/* failing_malloc.c -- a library to preload: one allocation of the program's own code fails,
 * the FAIL_AT-th. Those of libraries are left alone. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);

static atomic_long count;
static _Thread_local int inside;

static long fail_at(void)
{
    static long at = -1;
    if (at < 0) {
        const char *text = getenv("FAIL_AT");
        at = 0;
        while (text && *text >= '0' && *text <= '9')
            at = at * 10 + (*text++ - '0');
    }
    return at;
}

/* The caller is the program itself (its name has no ".so"). */
static int is_ours(const void *caller)
{
    Dl_info info;
    if (inside)
        return 0;
    inside = 1;
    int ours = dladdr(caller, &info) && info.dli_fname && !strstr(info.dli_fname, ".so");
    inside = 0;
    return ours;
}

static int must_fail(const void *caller)
{
    if (fail_at() == 0 || !is_ours(caller) || atomic_fetch_add(&count, 1) + 1 != fail_at())
        return 0;
    errno = ENOMEM;
    return 1;
}

void *malloc(size_t size)
{
    return must_fail(__builtin_return_address(0)) ? NULL : __libc_malloc(size);
}

void *calloc(size_t n, size_t size)
{
    return must_fail(__builtin_return_address(0)) ? NULL : __libc_calloc(n, size);
}

void *realloc(void *p, size_t size)
{
    return must_fail(__builtin_return_address(0)) ? NULL : __libc_realloc(p, size);
}
