/* readers.c -- what the readers share. */
#include "core/formats/readers.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

struct store_column *reader_column(struct arena *a, const char *name, enum store_type type,
                                   int32_t length)
{
    struct store_column *c = arena_new_one(a, struct store_column);
    if (c)
        *c = (struct store_column){.size = sizeof *c,
                                   .type = type,
                                   .length = length,
                                   .flags = STORE_NULLABLE,
                                   .name = name,
                                   .minimum = (double)NAN,
                                   .maximum = (double)NAN,
                                   .null_fraction = (double)NAN};
    return c;
}

/* --- names ------------------------------------------------------------------------------
 */

/* A hash set of names; at most half full. */
struct names {
    const char **slot;
    uint64_t mask;
};

/* False: it is there already. */
static bool names_add(struct names *n, const char *name)
{
    str s = str_of(name);
    for (uint64_t i = str_hash_fold(s) & n->mask;; i = (i + 1) & n->mask) {
        if (!n->slot[i]) {
            n->slot[i] = name;
            return true;
        }
        if (str_eq_fold(str_of(n->slot[i]), s))
            return false;
    }
}

bool reader_unique_names(struct store_column **column, uint32_t n, struct arena *a)
{
    struct names names = {.mask = 15};
    while (names.mask + 1 < 4 * (uint64_t)n)
        names.mask = names.mask * 2 + 1;
    names.slot = arena_new_array(a, const char *, names.mask + 1);
    if (!names.slot)
        return false;
    for (uint32_t i = 0; i < n; i++) {
        const char *name = column[i]->name;
        if (!name || !*name)
            name = arena_format(a, "col%u", i + 1);
        const char *unique = name;
        for (uint32_t k = 2; unique && !names_add(&names, unique); k++)
            unique = arena_format(a, "%s_%u", name, k < 1000 ? k : k + i);
        if (!unique)
            return false;
        column[i]->name = unique;
    }
    return true;
}

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

const char *reader_clean_name(str s, struct arena *a)
{
    char *name = arena_alloc(a, s.len + 3, 1), *to = name;
    for (size_t i = 0; name && i < s.len; i++)
        if (is_word(s.at[i])) {
            if (to == name && s.at[i] >= '0' && s.at[i] <= '9')
                *to++ = 'c';
            *to++ = s.at[i];
        } else if (to > name && to[-1] != '_')
            *to++ = '_';
    while (name && to > name && to[-1] == '_')
        to--;
    if (!name || to == name)
        return NULL;
    *to = '\0';
    return name;
}

/* --- life -------------------------------------------------------------------------------
 */

bool reader_no_memory(struct err *e)
{
    return err_set(e, ERR_BUSY, "the node is out of memory; try again later");
}

void *reader_new(size_t size, struct err *e)
{
    struct reader *r = calloc(1, size);
    if (r)
        r->arena = arena_new(READER_MAX_BYTES);
    if (r && r->arena)
        return r;
    free(r);
    reader_no_memory(e);
    return NULL;
}

bool reader_begin(struct reader *r, uint32_t ncolumn,
                  enum step (*next)(struct rowsource *, struct store_batch *, struct err *),
                  void (*close)(struct rowsource *), struct err *e)
{
    r->source = (struct rowsource){(const struct store_column *const *)r->column, ncolumn,
                                   next, close};
    return rows_build_begin(&r->rows, r->source.column, ncolumn, r->arena, e);
}

void reader_free(struct reader *r)
{
    rows_build_free(&r->rows);
    arena_free(r->arena);
    free(r);
}
