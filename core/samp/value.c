/* value.c -- the values of SAMP: texts, lists, maps. */
#include "core/samp/samp.h"

static struct samp_value *new_value(struct arena *arena, enum samp_kind kind)
{
    struct samp_value *v = arena_new_one(arena, struct samp_value);
    if (v)
        v->kind = kind;
    return v;
}

struct samp_value *samp_text(struct arena *arena, const char *text)
{
    struct samp_value *v = text ? new_value(arena, SAMP_TEXT) : NULL;
    if (v)
        v->text = text;
    return v;
}

struct samp_value *samp_list(struct arena *arena)
{
    return new_value(arena, SAMP_LIST);
}

struct samp_value *samp_map(struct arena *arena)
{
    return new_value(arena, SAMP_MAP);
}

bool samp_add(struct samp_value *parent, const char *name, struct samp_value *child)
{
    if (!parent || !child)
        return false;
    child->name = name;
    if (parent->last)
        parent->last->next = child;
    else
        parent->first = child;
    parent->last = child;
    return true;
}

bool samp_add_text(struct arena *arena, struct samp_value *map, const char *name,
                   const char *text)
{
    return samp_add(map, name, samp_text(arena, text));
}

const struct samp_value *samp_get(const struct samp_value *map, const char *name)
{
    if (!map || map->kind != SAMP_MAP)
        return NULL;
    for (const struct samp_value *v = map->first; v; v = v->next)
        if (v->name && strcmp(v->name, name) == 0)
            return v;
    return NULL;
}

const char *samp_get_text(const struct samp_value *map, const char *name)
{
    const struct samp_value *v = samp_get(map, name);
    return v && v->text ? v->text : "";
}

static bool is_allowed(unsigned char c)
{
    return (c >= 0x20 && c < 0x7f) || c == '\t' || c == '\n' || c == '\r';
}

const char *samp_ascii(struct arena *arena, const char *text)
{
    char *out = arena_text(arena, str_of(text));
    size_t n = 0;
    for (const char *c = out; c && *c; c++) {
        if (is_allowed((unsigned char)*c))
            out[n++] = *c;
        else if (((unsigned char)*c & 0xC0) != 0x80) /* once for all bytes of a character */
            out[n++] = '?';
    }
    if (out)
        out[n] = '\0';
    return out;
}

const char *samp_url(struct arena *arena, const char *url)
{
    static const char HEX[] = "0123456789ABCDEF";
    char *out = arena_alloc(arena, strlen(url) * 3 + 1, 1), *to = out;
    if (!out)
        return NULL;
    for (const char *c = url; *c; c++) {
        unsigned char byte = (unsigned char)*c;
        if (byte > 0x20 && byte < 0x7f) {
            *to++ = *c;
            continue;
        }
        *to++ = '%';
        *to++ = HEX[byte >> 4];
        *to++ = HEX[byte & 15];
    }
    return out;
}
