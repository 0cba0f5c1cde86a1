/* fuzz_samp.c -- any bytes as a hub's answer, and as its lock file: a value within its
 * limits that can be written as a call again, or an error. */
#include <stdlib.h>

#include "core/samp/samp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static uint32_t count(const struct samp_value *v, int depth)
{
    uint32_t n = 1;
    if (depth > 16 || (v->kind == SAMP_TEXT) != (v->text != NULL))
        abort();
    for (const struct samp_value *m = v->first; m; m = m->next)
        n += count(m, depth + 1);
    return n;
}

static void write_again(const struct samp_value *v)
{
    struct err e = {0};
    struct bytes b;
    bytes_init(&b, 4 << 20);
    if (!samp_write_call(&b, "m", v, &e) && e.kind != ERR_USAGE && e.kind != ERR_LIMIT)
        abort();
    bytes_free(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct arena *arena = arena_new(32 << 20);
    struct err e = {0}, none = {0};
    struct samp_lock lock;
    str input = {(const char *)data, len};
    const struct samp_value *v = samp_read_answer(input, arena, &e);
    if (v ? count(v, 0) > 20000 : e.kind == ERR_NONE)
        abort();
    if (v)
        write_again(v);
    if (samp_lock_read(input, "p", arena, &lock, &none) != (none.kind == ERR_NONE))
        abort();
    arena_free(arena);
    return 0;
}
