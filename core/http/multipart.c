/* multipart.c -- multipart/form-data as it streams in (RFC 7578, RFC 2046).
 *
 * What clients really send is read: quoted and unquoted boundaries of any characters, a
 * line end before the first boundary, part headers in any order and case, no Content-Type,
 * no file name, bare line feeds. Bytes are kept back only while they may begin a boundary.
 */
#include <stdlib.h>

#include "core/http/http_int.h"

enum { MAX_PADDING = 64 }; /* blanks between a boundary and its line end */

enum state { STATE_PREAMBLE, STATE_HEADERS, STATE_DATA, STATE_EPILOGUE };

struct multipart {
    struct arena *arena;
    struct part_sink sink;
    enum state state;
    struct bytes held; /* from `from` on: not yet understood */
    size_t from;
    bool skip_feed;  /* the first byte held is the line feed before a part's data */
    char *delimiter; /* "\n--boundary" */
    size_t delimiter_len;
    size_t npart;
};

/* ---- header values ---- */

/* Skips to behind the value that starts at *rest; gives it raw, quotes included. */
static str take_value(str *rest)
{
    size_t i = 0;
    bool quoted = false;
    for (; i < rest->len && (quoted || rest->at[i] != ';'); i++) {
        if (rest->at[i] == '"')
            quoted = !quoted;
        else if (quoted && rest->at[i] == '\\' && i + 1 < rest->len)
            i++;
    }
    str value = {rest->at, i};
    *rest = i < rest->len ? (str){rest->at + i + 1, rest->len - i - 1} : (str){NULL, 0};
    return str_trim(value);
}

/* Only \" and \\ are escapes: old browsers send C:\path\file as it is. */
static str unquote(struct arena *arena, str value)
{
    if (value.len < 2 || value.at[0] != '"' || value.at[value.len - 1] != '"') {
        char *copy = arena_text(arena, value);
        return (str){copy, copy ? value.len : 0};
    }
    value = (str){value.at + 1, value.len - 2};
    char *to = arena_alloc(arena, value.len + 1, 1);
    size_t n = 0;
    for (size_t i = 0; to && i < value.len; i++) {
        if (value.at[i] == '\\' && i + 1 < value.len &&
            (value.at[i + 1] == '"' || value.at[i + 1] == '\\'))
            i++;
        to[n++] = value.at[i];
    }
    return (str){to, n};
}

str header_parameter(struct arena *arena, str header, const char *name)
{
    str rest = header;
    take_value(&rest); /* the value proper: form-data, multipart/form-data */
    while (rest.at && rest.len) {
        size_t equals = 0;
        while (equals < rest.len && rest.at[equals] != '=' && rest.at[equals] != ';')
            equals++;
        str key = str_trim((str){rest.at, equals});
        bool has_value = equals < rest.len && rest.at[equals] == '=';
        rest = equals < rest.len ? (str){rest.at + equals + 1, rest.len - equals - 1}
                                 : (str){NULL, 0};
        if (!has_value)
            continue;
        str value = take_value(&rest);
        if (str_eq_fold(key, str_of(name)))
            return unquote(arena, value);
    }
    return (str){NULL, 0};
}

/* RFC 5987: charset'language'percent-encoded; only UTF-8 is taken. */
static str extended_parameter(struct arena *arena, str header, const char *name)
{
    str value = header_parameter(arena, header, name), out;
    if (!value.at)
        return value;
    str charset = str_cut(&value, '\'');
    str_cut(&value, '\'');
    if (!value.at || !str_eq_fold(charset, STR("utf-8")))
        return (str){NULL, 0};
    return decode_text(arena, value, false, "a part header", &out, NULL) ? out
                                                                         : (str){NULL, 0};
}

/* ---- construction ---- */

struct multipart *multipart_new(struct arena *arena, str content_type,
                                struct part_sink sink, struct err *e)
{
    str boundary = header_parameter(arena, content_type, "boundary");
    if (!boundary.at || boundary.len == 0 || boundary.len > MAX_BOUNDARY_BYTES) {
        err_set(e, ERR_USAGE,
                "multipart/form-data needs a boundary of 1 to %d characters in its "
                "Content-Type header",
                MAX_BOUNDARY_BYTES);
        return NULL;
    }
    struct multipart *m = arena_new_one(arena, struct multipart);
    char *delimiter = m ? arena_alloc(arena, boundary.len + 4, 1) : NULL;
    if (!delimiter) {
        err_set(e, ERR_LIMIT, "the request takes too much memory");
        return NULL;
    }
    memcpy(delimiter, "\n--", 3);
    memcpy(delimiter + 3, boundary.at, boundary.len);
    *m = (struct multipart){.arena = arena,
                            .sink = sink,
                            .delimiter = delimiter,
                            .delimiter_len = boundary.len + 3};
    bytes_init(&m->held, SIZE_MAX / 2); /* bounded by what one feed brings */
    bytes_add_char(&m->held, '\n');     /* so that the first boundary is like the others */
    return m;
}

void multipart_free(struct multipart *m)
{
    if (m)
        bytes_free(&m->held);
}

static str held(const struct multipart *m)
{
    return (str){m->held.at + m->from, m->held.len - m->from};
}

static void compact(struct multipart *m)
{
    m->held.len -= m->from;
    memmove(m->held.at, m->held.at + m->from, m->held.len);
    m->from = 0;
}

/* ---- boundaries ---- */

enum found { FOUND_NOTHING, FOUND_MAYBE, FOUND_NEXT, FOUND_LAST };

/* What follows the delimiter at `at`: a line end, "--", or it was no delimiter after all.
 * *end is behind the whole line. */
static enum found look_behind_delimiter(str text, size_t i, size_t *end)
{
    size_t left = text.len - i, stop = i + MAX_PADDING;
    if (left >= 2 && text.at[i] == '-' && text.at[i + 1] == '-') {
        *end = i + 2;
        return FOUND_LAST;
    }
    if (left == 0 || (left == 1 && text.at[i] == '-'))
        return FOUND_MAYBE;
    while (i < text.len && i < stop && (text.at[i] == ' ' || text.at[i] == '\t'))
        i++;
    if (i < text.len && text.at[i] == '\r')
        i++;
    if (i == text.len)
        return FOUND_MAYBE;
    *end = i + 1;
    return text.at[i] == '\n' ? FOUND_NEXT : FOUND_NOTHING;
}

/* The first boundary in `text`. *at: where the data before it end (its line end excluded),
 * or up to where there is surely none. */
static enum found find_boundary(const struct multipart *m, str text, size_t *at,
                                size_t *end)
{
    size_t from = 0;
    while (from < text.len) {
        const char *hit =
            memmem(text.at + from, text.len - from, m->delimiter, m->delimiter_len);
        if (!hit)
            break;
        size_t place = (size_t)(hit - text.at);
        enum found found = look_behind_delimiter(text, place + m->delimiter_len, end);
        if (found != FOUND_NOTHING) {
            *at = place > 0 && text.at[place - 1] == '\r' ? place - 1 : place;
            return found;
        }
        from = place + 1;
    }
    size_t keep =
        m->delimiter_len; /* all of a delimiter but a byte, and the CR before it */
    *at = text.len > keep ? text.len - keep : 0;
    return FOUND_NOTHING;
}

/* ---- part headers ---- */

static void read_header(struct multipart *m, str line, struct part *part)
{
    str value = line;
    str name = str_trim(str_cut(&value, ':'));
    value = str_trim(value);
    if (str_eq_fold(name, STR("Content-Disposition"))) {
        str field = extended_parameter(m->arena, value, "name*");
        part->name = field.at ? field : header_parameter(m->arena, value, "name");
        str file = extended_parameter(m->arena, value, "filename*");
        part->file_name =
            (file.at ? file : header_parameter(m->arena, value, "filename")).at;
    } else if (str_eq_fold(name, STR("Content-Type")))
        part->content_type = arena_text(m->arena, value);
}

/* Joins lines that continue with a blank (RFC 5322 folding), in place. */
static void unfold(char *text, size_t len)
{
    for (size_t i = 0; i + 1 < len; i++)
        if (text[i] == '\n' && (text[i + 1] == ' ' || text[i + 1] == '\t')) {
            text[i] = ' ';
            if (i > 0 && text[i - 1] == '\r')
                text[i - 1] = ' ';
        }
}

static bool check_part(const struct multipart *m, const struct part *part, struct err *e)
{
    if (!part->name.at || part->name.len == 0)
        return err_set(e, ERR_USAGE,
                       "part %zu of the form has no name in a Content-Disposition header",
                       m->npart);
    if (!str_is_utf8(part->name, NULL) || strlen(part->name.at) != part->name.len)
        return err_set(e, ERR_USAGE, "the name of part %zu of the form is not UTF-8 text",
                       m->npart);
    return true;
}

static bool begin_part(struct multipart *m, size_t header_len, struct err *e)
{
    struct part part = {.name = {NULL, 0}};
    unfold(m->held.at + m->from, header_len);
    str rest = {m->held.at + m->from, header_len};
    while (rest.at && rest.len) {
        str line = str_trim(str_cut(&rest, '\n'));
        if (line.len)
            read_header(m, line, &part);
    }
    m->npart++;
    return check_part(m, &part, e) && m->sink.begin(m->sink.context, &part, e);
}

/* Where the blank line that ends the headers begins and ends; false: not there yet. */
static bool find_blank_line(str text, size_t *begin, size_t *end)
{
    size_t line = 0;
    while (line < text.len) {
        const char *feed = memchr(text.at + line, '\n', text.len - line);
        if (!feed)
            return false;
        size_t stop = (size_t)(feed - text.at);
        if (stop == line || (stop == line + 1 && text.at[line] == '\r')) {
            *begin = line;
            *end = stop + 1;
            return true;
        }
        line = stop + 1;
    }
    return false;
}

/* ---- the states; each returns false when it needs more bytes or has failed ---- */

static bool in_headers(struct multipart *m, struct err *e)
{
    size_t begin = 0, end = 0;
    bool complete = find_blank_line(held(m), &begin, &end);
    if ((complete ? end : held(m).len) > PART_HEADER_BYTES)
        return err_set(e, ERR_LIMIT, "the headers of a part are longer than %d bytes",
                       PART_HEADER_BYTES);
    if (!complete || !begin_part(m, begin, e))
        return false;
    /* The line feed stays in front of the data: the boundary may follow at once. */
    m->from += end - 1;
    m->skip_feed = true;
    m->state = STATE_DATA;
    return true;
}

static bool give_data(struct multipart *m, size_t n, struct err *e)
{
    if (n == 0)
        return true;
    size_t skip = m->skip_feed ? 1 : 0;
    m->skip_feed = false;
    const char *bytes = m->held.at + m->from + skip;
    m->from += n;
    return m->state != STATE_DATA || n == skip ||
           m->sink.data(m->sink.context, bytes, n - skip, e);
}

/* The preamble is data that nobody wants. */
static bool in_data(struct multipart *m, struct err *e)
{
    size_t at, end = 0;
    enum found found = find_boundary(m, held(m), &at, &end);
    if (!give_data(m, at, e) || found == FOUND_NOTHING || found == FOUND_MAYBE)
        return false;
    if (m->state == STATE_DATA && !m->sink.end(m->sink.context, e))
        return false;
    m->from += end - at;
    m->skip_feed = false;
    m->state = found == FOUND_LAST ? STATE_EPILOGUE : STATE_HEADERS;
    return true;
}

static bool in_epilogue(struct multipart *m, struct err *e)
{
    (void)e;
    m->from = m->held.len;
    return false;
}

bool multipart_feed(struct multipart *m, const char *bytes, size_t n, struct err *e)
{
    static bool (*const STEP[])(struct multipart *, struct err *) = {
        [STATE_PREAMBLE] = in_data,
        [STATE_HEADERS] = in_headers,
        [STATE_DATA] = in_data,
        [STATE_EPILOGUE] = in_epilogue,
    };
    struct err local = {0};
    bytes_add(&m->held, (str){bytes, n});
    if (m->held.failed)
        return err_set(e, ERR_INTERNAL, "out of memory");
    while (STEP[m->state](m, &local)) {
    }
    compact(m);
    return local.kind == ERR_NONE || err_set(e, local.kind, "%s", local.message);
}

bool multipart_finish(struct multipart *m, struct err *e)
{
    if (m->state == STATE_EPILOGUE)
        return true;
    if (m->npart == 0 && m->state == STATE_PREAMBLE)
        return err_set(e, ERR_USAGE,
                       "the multipart body does not contain the boundary that its "
                       "Content-Type header announces");
    return err_set(
        e, ERR_USAGE,
        "the multipart body ends in the middle of part %zu: its last boundary is "
        "missing",
        m->npart);
}
