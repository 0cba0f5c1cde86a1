/* flatbuffer.c -- see flatbuffer.h. */
#include "core/formats/flatbuffer.h"

void flat_align(struct bytes *b, size_t multiple)
{
    size_t fill = (multiple - b->len % multiple) % multiple;
    char *to = bytes_reserve(b, fill);
    if (!to)
        return;
    memset(to, 0, fill);
    b->len += fill;
}

static void add(struct bytes *b, uint64_t value, uint32_t size)
{
    char *to = bytes_reserve(b, size);
    if (!to)
        return;
    b->len += size;
    flat_put(b, b->len - size, value, size);
}

void flat_put(struct bytes *b, size_t at, uint64_t value, uint32_t size)
{
    for (uint32_t i = 0; !b->failed && i < size; i++, value >>= 8)
        b->at[at + i] = (char)(uint8_t)value;
}

/* A table begins with the distance to its vtable, which tells where its fields are. */
struct flat_table flat_table(struct bytes *b, const char *sizes)
{
    struct flat_table t = {0};
    uint32_t n = (uint32_t)strlen(sizes), end = 4, place[FLAT_FIELDS_MAX] = {0};
    for (uint32_t i = 0; i < n; i++) {
        uint32_t size = (uint32_t)(sizes[i] - '0');
        if (size == 0)
            continue;
        end = (end + size - 1) / size * size;
        place[i] = end;
        end += size;
    }
    flat_align(b, 2);
    size_t vtable = b->len;
    add(b, 4 + 2 * n, 2);
    add(b, end, 2);
    for (uint32_t i = 0; i < n; i++)
        add(b, place[i], 2);
    flat_align(b, 8);
    t.at = b->len;
    add(b, t.at - vtable, 4);
    for (uint32_t i = 4; i < end; i++)
        add(b, 0, 1);
    for (uint32_t i = 0; i < n; i++)
        t.field[i] = place[i] ? t.at + place[i] : 0;
    return t;
}

void flat_point(struct bytes *b, size_t at)
{
    flat_align(b, 4);
    flat_put(b, at, b->len - at, 4);
}

void flat_string(struct bytes *b, size_t at, str s)
{
    flat_point(b, at);
    add(b, s.len, 4);
    bytes_add(b, s);
    add(b, 0, 1);
}

size_t flat_offsets(struct bytes *b, size_t at, uint32_t n)
{
    flat_point(b, at);
    add(b, n, 4);
    size_t first = b->len;
    for (uint32_t i = 0; i < n; i++)
        add(b, 0, 4);
    return first;
}

void flat_structs(struct bytes *b, size_t at, uint32_t n)
{
    flat_align(b, 4);
    if (b->len % 8 == 0)
        add(b, 0, 4);
    flat_put(b, at, b->len - at, 4);
    add(b, n, 4);
}
