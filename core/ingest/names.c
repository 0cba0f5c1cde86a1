/* names.c -- see names.h. */
#include "core/ingest/names.h"

#include "core/catalog/catalog.h"

enum { NAME_BYTES = 60 };

static bool is_letter(char c)
{
    return c >= 'a' && c <= 'z';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Runs of other characters give one _; none stands at the ends. */
static size_t clean_into(str name, char *out)
{
    size_t n = 0;
    bool is_gap = false;
    for (size_t i = 0; i < name.len && n < NAME_BYTES - 2; i++) {
        char c = ascii_lower(name.at[i]);
        if (!is_letter(c) && !is_digit(c)) {
            is_gap = true;
            continue;
        }
        if (is_gap && n > 0)
            out[n++] = '_';
        if (n == 0 && is_digit(c))
            out[n++] = 'n';
        is_gap = false;
        out[n++] = c;
    }
    return n;
}

const char *ingest_name_clean(struct arena *arena, str name)
{
    char text[NAME_BYTES + 4];
    size_t n = clean_into(name, text);
    if (n == 0)
        text[n++] = 'x';
    if (catalog_word_is_reserved((str){text, n}))
        text[n++] = '_';
    return arena_text(arena, (str){text, n});
}

static bool is_taken(const char *name, const char *const *taken, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        if (str_eq(str_of(name), str_of(taken[i])))
            return true;
    return false;
}

const char *ingest_name_unique(struct arena *arena, str name, const char *const *taken,
                               uint32_t n)
{
    const char *clean = ingest_name_clean(arena, name), *out = clean;
    for (unsigned k = 2; out && is_taken(out, taken, n); k++)
        out = arena_format(arena, "%s_%u", clean, k);
    return out;
}

str ingest_name_of_path(const char *path)
{
    str name = str_of(path);
    for (size_t i = name.len; i-- > 0;)
        if (name.at[i] == '/') {
            name = (str){name.at + i + 1, name.len - i - 1};
            break;
        }
    name.len = str_find(name, '.');
    return name;
}
