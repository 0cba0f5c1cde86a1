/* decode.c -- percent-decoding: query strings, urlencoded bodies, paths. Everything that
 * leaves here is UTF-8 without NUL. */
#include "core/http/http_int.h"

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = ascii_lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* One escape at text.at[i]; its byte, or -1. */
static int escape_at(str text, size_t i)
{
    if (text.len - i < 3)
        return -1;
    int high = hex_digit(text.at[i + 1]), low = hex_digit(text.at[i + 2]);
    return high < 0 || low < 0 ? -1 : high * 16 + low;
}

static bool bad_escape(str text, size_t i, const char *what, struct err *e)
{
    str shown = {text.at + i, text.len - i < 3 ? text.len - i : 3};
    for (size_t k = 0; k < shown.len; k++)
        if ((unsigned char)shown.at[k] < 0x20 || (unsigned char)shown.at[k] > 0x7E)
            shown.len = k;
    return err_set(
        e, ERR_USAGE,
        "bad percent escape '%.*s' at byte %zu of %s: '%%' must be followed by two "
        "hexadecimal digits; write '%%25' for the character '%%' itself",
        STR_FMT(shown), i + 1, what);
}

static bool check_text(str text, const char *what, struct err *e)
{
    size_t bad;
    if (!str_is_utf8(text, &bad))
        return err_set(e, ERR_USAGE,
                       "%s is not UTF-8 text: byte %zu (0x%02X) after decoding", what,
                       bad + 1, (unsigned char)text.at[bad]);
    if (memchr(text.at, '\0', text.len))
        return err_set(e, ERR_USAGE, "%s holds a NUL character", what);
    return true;
}

bool decode_text(struct arena *arena, str text, bool plus_is_blank, const char *what,
                 str *out, struct err *e)
{
    char *to = arena_alloc(arena, text.len + 1, 1);
    if (!to)
        return err_set(e, ERR_LIMIT, "%s is too large", what);
    size_t n = 0;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];
        if (c == '%') {
            int byte = escape_at(text, i);
            if (byte < 0)
                return bad_escape(text, i, what, e);
            c = (char)byte;
            i += 2;
        } else if (c == '+' && plus_is_blank)
            c = ' ';
        to[n++] = c;
    }
    *out = (str){to, n};
    return check_text(*out, what, e);
}

struct http_param *params_add(struct arena *arena, size_t limit, struct http_param **params,
                              size_t *count, struct err *e)
{
    size_t n = *count;
    if (n >= limit) {
        err_set(e, ERR_LIMIT, "more than %zu parameters in one request", limit);
        return NULL;
    }
    /* The capacity is the next power of two: no need to remember it. */
    if (n == 0 || (n >= 8 && (n & (n - 1)) == 0)) {
        struct http_param *more =
            arena_new_array(arena, struct http_param, n < 8 ? 8 : 2 * n);
        if (!more) {
            err_set(e, ERR_LIMIT, "the request's parameters take too much memory");
            return NULL;
        }
        if (n)
            memcpy(more, *params, n * sizeof *more);
        *params = more;
    }
    *count = n + 1;
    return &(*params)[n];
}

bool http_params_parse(struct arena *arena, str text, enum http_origin origin, size_t limit,
                       struct http_param **out, size_t *count, struct err *e)
{
    const char *what = origin == HTTP_FROM_QUERY ? "the query string" : "the request body";
    while (text.at && text.len) {
        str value = str_cut(&text, '&');
        if (value.len == 0)
            continue;
        str name = str_cut(&value, '=');
        struct http_param *param = params_add(arena, limit, out, count, e);
        if (!param || !decode_text(arena, name, true, what, &param->name, e) ||
            !decode_text(arena, value.at ? value : STR(""), true, what, &param->value, e))
            return false;
        param->origin = origin;
        param->bytes = param->value.len;
    }
    return true;
}

/* "..", also between slashes that came encoded: never of use to an honest client. */
static bool is_dangerous(str segment)
{
    while (segment.at) {
        size_t slash = 0;
        while (slash < segment.len && segment.at[slash] != '/' && segment.at[slash] != '\\')
            slash++;
        str piece = {segment.at, slash};
        if (str_eq(piece, STR("..")) || str_eq(piece, STR(".")))
            return true;
        segment = slash < segment.len
                      ? (str){segment.at + slash + 1, segment.len - slash - 1}
                      : (str){NULL, 0};
    }
    return false;
}

static bool join_segments(struct arena *arena, struct path *path, struct err *e)
{
    size_t bytes = 2;
    for (size_t i = 0; i < path->n; i++)
        bytes += path->segments[i].len + 1;
    char *text = arena_alloc(arena, bytes, 1);
    if (!text)
        return err_set(e, ERR_LIMIT, "the path is too long");
    size_t n = 0;
    for (size_t i = 0; i < path->n; i++) {
        text[n++] = '/';
        memcpy(text + n, path->segments[i].at, path->segments[i].len);
        n += path->segments[i].len;
    }
    if (n == 0)
        text[n++] = '/';
    path->text = (str){text, n};
    return true;
}

enum { MAX_SEGMENTS = 64 };

bool path_parse(struct arena *arena, str raw, struct path *path, struct err *e)
{
    *path = (struct path){.segments = arena_new_array(arena, str, MAX_SEGMENTS)};
    if (!path->segments)
        return err_set(e, ERR_INTERNAL, "out of memory");
    if (raw.len == 0 || raw.at[0] != '/')
        return err_set(e, ERR_USAGE, "the request's path does not begin with a slash");
    while (raw.at) {
        str segment = str_cut(&raw, '/');
        if (segment.len == 0)
            continue;
        if (path->n == MAX_SEGMENTS)
            return err_set(e, ERR_USAGE, "more than %d segments in the path", MAX_SEGMENTS);
        str *decoded = &path->segments[path->n];
        if (!decode_text(arena, segment, false, "the path", decoded, e))
            return false;
        if (is_dangerous(*decoded))
            return err_set(e, ERR_USAGE, "'.' and '..' are not allowed in a path");
        path->n++;
    }
    return join_segments(arena, path, e);
}
