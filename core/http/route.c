/* route.c -- which handler answers a path. Patterns are few: they are tried one by one. */
#include <stdio.h>
#include <stdlib.h>

#include "core/http/http_int.h"

enum { MAX_PATTERN_SEGMENTS = 16 };

enum segment_kind { SEGMENT_LITERAL, SEGMENT_CAPTURE, SEGMENT_REST };

struct segment {
    enum segment_kind kind;
    char *text; /* literal, or name of the capture */
    size_t len;
};

struct entry {
    size_t n, shape; /* shape: index of the first entry of the same */
    struct segment segments[MAX_PATTERN_SEGMENTS];
    struct http_route route;
};

struct route_table {
    struct entry *entries;
    size_t n, capacity;
};

struct route_table *routes_new(void)
{
    return calloc(1, sizeof(struct route_table));
}

static void entry_clear(struct entry *entry)
{
    for (size_t i = 0; i < entry->n; i++)
        free(entry->segments[i].text);
}

void routes_free(struct route_table *t)
{
    if (!t)
        return;
    for (size_t i = 0; i < t->n; i++)
        entry_clear(&t->entries[i]);
    free(t->entries);
    free(t);
}

size_t routes_count(const struct route_table *t)
{
    return t->n;
}

const char *routes_pattern(const struct route_table *t, size_t iroute)
{
    return t->entries[iroute].route.pattern;
}

/* ---- patterns ---- */

static bool bad_pattern(const char *pattern, const char *why, struct err *e)
{
    return err_set(e, ERR_USAGE, "route %s: %s", pattern, why);
}

static bool parse_segment(struct entry *entry, str text, const char *pattern, struct err *e)
{
    if (entry->n == MAX_PATTERN_SEGMENTS)
        return bad_pattern(pattern, "too many segments", e);
    if (entry->n && entry->segments[entry->n - 1].kind == SEGMENT_REST)
        return bad_pattern(pattern, "{...} must be the last segment", e);
    struct segment *segment = &entry->segments[entry->n];
    segment->kind = SEGMENT_LITERAL;
    if (str_eq(text, STR("{...}")))
        segment->kind = SEGMENT_REST;
    else if (text.len > 2 && text.at[0] == '{' && text.at[text.len - 1] == '}') {
        segment->kind = SEGMENT_CAPTURE;
        text = (str){text.at + 1, text.len - 2};
    } else if (str_find(text, '{') < text.len)
        return bad_pattern(pattern, "a '{' within a segment", e);
    segment->text = strndup(text.at, text.len);
    segment->len = text.len;
    if (!segment->text)
        return err_set(e, ERR_INTERNAL, "out of memory");
    entry->n++;
    return true;
}

static bool parse_pattern(struct entry *entry, const char *pattern, struct err *e)
{
    if (!pattern || pattern[0] != '/')
        return bad_pattern(pattern ? pattern : "(none)", "it must begin with a slash", e);
    str rest = str_of(pattern);
    size_t ncapture = 0;
    while (rest.at) {
        str text = str_cut(&rest, '/');
        if (text.len == 0)
            continue;
        if (!parse_segment(entry, text, pattern, e))
            return false;
        ncapture += entry->segments[entry->n - 1].kind == SEGMENT_CAPTURE;
    }
    return ncapture <= HTTP_MAX_CAPTURES || bad_pattern(pattern, "too many captures", e);
}

static bool same_shape(const struct entry *a, const struct entry *b)
{
    if (a->n != b->n)
        return false;
    for (size_t i = 0; i < a->n; i++)
        if (a->segments[i].kind != b->segments[i].kind ||
            (a->segments[i].kind == SEGMENT_LITERAL &&
             strcmp(a->segments[i].text, b->segments[i].text) != 0))
            return false;
    return true;
}

static bool check_new(const struct route_table *t, struct entry *entry, struct err *e)
{
    if (!entry->route.handle || !entry->route.methods)
        return bad_pattern(entry->route.pattern, "no handler or no method", e);
    entry->shape = t->n;
    for (size_t i = t->n; i-- > 0;)
        if (same_shape(&t->entries[i], entry)) {
            entry->shape = i;
            if (t->entries[i].route.methods & entry->route.methods)
                return bad_pattern(entry->route.pattern, "it is there already", e);
        }
    return true;
}

static bool grow(struct route_table *t)
{
    if (t->n < t->capacity)
        return true;
    size_t capacity = t->capacity ? 2 * t->capacity : 32;
    struct entry *more = realloc(t->entries, capacity * sizeof *more);
    if (!more)
        return false;
    t->entries = more;
    t->capacity = capacity;
    return true;
}

bool routes_add(struct route_table *t, const struct http_route *route, struct err *e)
{
    struct entry entry = {.route = *route};
    if (!parse_pattern(&entry, route->pattern, e) || !check_new(t, &entry, e)) {
        entry_clear(&entry);
        return false;
    }
    if (!grow(t)) {
        entry_clear(&entry);
        return err_set(e, ERR_INTERNAL, "out of memory");
    }
    t->entries[t->n++] = entry;
    return true;
}

/* ---- matching ---- */

static bool fits(const struct entry *entry, const struct path *path)
{
    for (size_t i = 0; i < entry->n; i++) {
        const struct segment *segment = &entry->segments[i];
        if (segment->kind == SEGMENT_REST)
            return true;
        if (i >= path->n ||
            (segment->kind == SEGMENT_LITERAL &&
             !str_eq(path->segments[i], (str){segment->text, segment->len})))
            return false;
    }
    return entry->n == path->n;
}

/* True if a is the more literal of two patterns that fit the same path. */
static bool is_closer(const struct entry *a, const struct entry *b)
{
    for (size_t i = 0; i < a->n && i < b->n; i++)
        if (a->segments[i].kind != b->segments[i].kind)
            return a->segments[i].kind < b->segments[i].kind;
    return a->n < b->n; /* "/a" before "/a/{...}" */
}

static const struct entry *find_entry(const struct route_table *t, const struct path *path,
                                      unsigned method, unsigned *allowed)
{
    const struct entry *closest = NULL, *best = NULL;
    for (size_t i = 0; i < t->n; i++)
        if (fits(&t->entries[i], path) && (!closest || is_closer(&t->entries[i], closest)))
            closest = &t->entries[i];
    *allowed = 0;
    for (size_t i = closest ? closest->shape : t->n; i < t->n; i++)
        if (t->entries[i].shape == closest->shape) {
            *allowed |= t->entries[i].route.methods;
            if (t->entries[i].route.methods & method)
                best = &t->entries[i];
        }
    return best;
}

static bool set_rest(struct http_request *request, const struct path *path, size_t from,
                     struct err *e)
{
    size_t bytes = 1;
    for (size_t i = from; i < path->n; i++)
        bytes += path->segments[i].len + 1;
    char *text = arena_alloc(request->arena, bytes, 1);
    if (!text)
        return err_set(e, ERR_INTERNAL, "out of memory");
    size_t n = 0;
    for (size_t i = from; i < path->n; i++) {
        if (i > from)
            text[n++] = '/';
        memcpy(text + n, path->segments[i].at, path->segments[i].len);
        n += path->segments[i].len;
    }
    request->rest = (str){text, n};
    return true;
}

bool routes_match(const struct route_table *t, struct http_request *request,
                  const struct path *path, unsigned method, struct route_match *match,
                  struct err *e)
{
    *match = (struct route_match){.iroute = t->n};
    const struct entry *entry = find_entry(t, path, method, &match->allowed);
    if (!entry)
        return true;
    match->route = &entry->route;
    match->iroute = (size_t)(entry - t->entries);
    for (size_t i = 0; i < entry->n; i++) {
        if (entry->segments[i].kind == SEGMENT_REST)
            return set_rest(request, path, i, e);
        if (entry->segments[i].kind == SEGMENT_CAPTURE) {
            request->captures[request->ncapture].name = entry->segments[i].text;
            request->captures[request->ncapture++].value = path->segments[i];
        }
    }
    return true;
}
