/* names.c -- the hash of names, and what ADQL allows as an identifier. */
#include "core/catalog/names.h"

#include "core/catalog/catalog.h"
#include "core/catalog/words.h"

struct catalog_names *names_new(struct arena *arena, uint32_t n)
{
    uint32_t size = 4;
    while (size < 1u << 30 && size < 2 * (uint64_t)n)
        size *= 2;
    struct catalog_names *names = arena_new_one(arena, struct catalog_names);
    if (!names)
        return NULL;
    names->mask = size - 1;
    names->slot = arena_new_array(arena, uint32_t, size);
    return names->slot ? names : NULL;
}

void names_put(struct catalog_names *names, uint64_t hash, uint32_t number)
{
    uint32_t i = (uint32_t)(hash ^ hash >> 32) & names->mask;
    while (names->slot[i] != 0)
        i = (i + 1) & names->mask;
    names->slot[i] = number + 1;
}

uint32_t names_next(const struct catalog_names *names, uint64_t *at)
{
    uint32_t i = (uint32_t)(*at ^ *at >> 32) & names->mask;
    uint32_t found = names->slot[i];
    *at = (i + 1) & names->mask; /* below 2^32: the fold above leaves it alone */
    return found - 1;
}

bool name_is_regular(str name)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = ascii_lower(name.at[i]);
        bool is_letter = c >= 'a' && c <= 'z';
        bool is_more = (c >= '0' && c <= '9') || c == '_';
        if (!is_letter && !(is_more && i > 0))
            return false;
    }
    return name.len > 0;
}

/* END-EXEC is one word of SQL; END alone covers all that a lexer sees of it. */
bool catalog_word_is_reserved(str word)
{
    return word_of(word) != WORD_NONE || str_eq_fold(word, STR("END-EXEC"));
}

bool catalog_name_is_regular(str name)
{
    return name_is_regular(name) && !catalog_word_is_reserved(name);
}

bool catalog_name_needs_quotes(str name)
{
    if (!catalog_name_is_regular(name))
        return true;
    for (size_t i = 0; i < name.len; i++)
        if (name.at[i] != ascii_lower(name.at[i]))
            return true;
    return false;
}

const char *name_in_adql(struct arena *arena, str name)
{
    if (!catalog_name_needs_quotes(name))
        return arena_text(arena, name);
    char *text = arena_alloc(arena, 2 * name.len + 3, 1);
    if (!text)
        return NULL;
    size_t n = 0;
    text[n++] = '"';
    for (size_t i = 0; i < name.len; i++) {
        if (name.at[i] == '"')
            text[n++] = '"';
        text[n++] = name.at[i];
    }
    text[n] = '"';
    return text;
}
