/* csv_rows.c -- see csv_rows.h. */
#include "core/formats/csv_rows.h"

#include <stdlib.h>

enum { UNQUOTED_MAX_BYTES = 1 << 30 };

void csv_rows_init(struct csv_rows *r, struct input *in, char separator, uint32_t max_cells)
{
    *r = (struct csv_rows){
        .input = in, .separator = separator, .max_cells = max_cells, .next_line = 1};
    bytes_init(&r->unquoted, UNQUOTED_MAX_BYTES);
}

void csv_rows_free(struct csv_rows *r)
{
    bytes_free(&r->unquoted);
    free(r->cell);
    r->cell = NULL;
}

/* Behind the quoted cell that begins at `at`; NULL: its end is not in the window. */
static const char *behind_quotes(const char *at, const char *end)
{
    for (at++;; at += 2) {
        at = memchr(at, '"', (size_t)(end - at));
        if (!at || at + 1 == end)
            return NULL;
        if (at[1] != '"')
            return at + 1;
    }
}

/* The end of the line that begins at `at`; NULL: not in the window. Quotes count only where
 * a cell begins: 5" is a size. */
static const char *find_end(const struct csv_rows *r, const char *at)
{
    const char *end = r->input->end;
    bool is_start = true;
    while (at < end) {
        if (is_start && *at == '"') {
            at = behind_quotes(at, end);
            if (!at)
                return NULL;
            is_start = false;
            continue;
        }
        if (*at == '\n')
            return at;
        is_start = *at == r->separator;
        at++;
    }
    return NULL;
}

/* The whole next line is in the window: *line, without its end. False with *is_end: there
 * is none. */
static bool take_line(struct csv_rows *r, str *line, bool *is_end, struct err *e)
{
    struct input *in = r->input;
    for (;;) {
        const char *end = find_end(r, in->at);
        if (!end && !in->is_end) {
            if (!input_more(in, e))
                return false;
            continue;
        }
        *is_end = !end && in->at == in->end;
        *line = (str){in->at, (size_t)((end ? end : in->end) - in->at)};
        if (line->len && line->at[line->len - 1] == '\r')
            line->len--;
        return !*is_end;
    }
}

static bool add_cell(struct csv_rows *r, str text, bool is_quoted, struct err *e)
{
    if (r->ncell == r->max_cells)
        return err_set(e, ERR_LIMIT, "line %llu: more than %u cells, the limit",
                       (unsigned long long)r->line, r->max_cells);
    if (r->ncell == r->capacity) {
        uint32_t capacity = r->capacity ? 2 * r->capacity : 64;
        struct csv_cell *larger = realloc(r->cell, capacity * sizeof *larger);
        if (!larger)
            return err_set(e, ERR_BUSY, "the node is out of memory; try again later");
        r->cell = larger;
        r->capacity = capacity;
    }
    r->cell[r->ncell++] = (struct csv_cell){text, is_quoted};
    return true;
}

/* A quoted cell at the front of *s, its quotes taken off; *s is left behind it. */
static bool take_quoted(struct csv_rows *r, str *s, str *cell, struct err *e)
{
    size_t from = 1, at = 1;
    bool has_doubled = false;
    for (; at < s->len; at++) {
        if (s->at[at] != '"')
            continue;
        if (at + 1 == s->len || s->at[at + 1] != '"')
            break;
        has_doubled = true;
        at++;
    }
    if (at >= s->len)
        return err_set_at(e, ERR_USAGE, (int)r->line, 0, "line %llu: a quote is not closed",
                          (unsigned long long)r->line);
    *cell = (str){s->at + from, at - from};
    *s = (str){s->at + at + 1, s->len - at - 1};
    if (!has_doubled)
        return true;
    char *to = bytes_reserve(&r->unquoted, cell->len), *start = to;
    if (!to)
        return err_set(e, ERR_LIMIT, "line %llu is too long", (unsigned long long)r->line);
    for (size_t i = 0; i < cell->len; i++) {
        *to++ = cell->at[i];
        i += cell->at[i] == '"';
    }
    *cell = (str){start, (size_t)(to - start)};
    r->unquoted.len += cell->len;
    return true;
}

/* Text between closing quote and separator belongs to nobody. */
static bool take_separator(struct csv_rows *r, str *s, bool *more, struct err *e)
{
    size_t n = 0;
    while (n < s->len && s->at[n] == ' ' && s->at[n] != r->separator)
        n++;
    *more = n < s->len;
    if (*more && s->at[n] != r->separator)
        return err_set_at(e, ERR_USAGE, (int)r->line, 0,
                          "line %llu: there is text behind a closing quote",
                          (unsigned long long)r->line);
    n += *more;
    *s = (str){s->at + n, s->len - n};
    return true;
}

static bool split_line(struct csv_rows *r, str s, struct err *e)
{
    bool more = true, is_blank = r->separator == ' ';
    while (more) {
        str cell = {"", 0};
        while (is_blank && s.len && (s.at[0] == ' ' || s.at[0] == '\t'))
            s = (str){s.at + 1, s.len - 1};
        if (is_blank && s.len == 0)
            return true;
        bool is_quoted = s.len && s.at[0] == '"';
        if (is_quoted) {
            if (!take_quoted(r, &s, &cell, e) || !take_separator(r, &s, &more, e))
                return false;
        } else {
            size_t at = str_find(s, r->separator);
            cell = (str){s.at, at};
            more = at < s.len;
            s = (str){s.at + at + more, s.len - at - more};
        }
        if (!add_cell(r, cell, is_quoted, e))
            return false;
    }
    return true;
}

/* The input stands behind the line, and knows which one it is. */
static void step_over(struct csv_rows *r, str line)
{
    struct input *in = r->input;
    r->line = r->next_line++;
    for (size_t i = 0; i < line.len; i++)
        r->next_line += line.at[i] == '\n';
    in->at = line.at + line.len;
    if (in->at < in->end && *in->at == '\r')
        in->at++;
    if (in->at < in->end)
        in->at++;
}

bool csv_rows_next(struct csv_rows *r, bool *is_end, struct err *e)
{
    str line;
    do {
        r->ncell = 0;
        bytes_clear(&r->unquoted);
        if (!take_line(r, &line, is_end, e))
            return *is_end && e->kind == ERR_NONE;
        step_over(r, line);
    } while (line.len == 0);
    /* Room for all of the line at once: the cells point into it. */
    if (!bytes_reserve(&r->unquoted, line.len))
        return err_set(e, ERR_LIMIT, "a line is too long");
    return split_line(r, line, e);
}

char csv_guess_separator(str head)
{
    static const char CANDIDATES[] = {',', ';', '\t', '|'};
    enum { LINES = 5 };
    size_t best = 0;
    char separator = ',';
    for (size_t c = 0; c < sizeof CANDIDATES; c++) {
        size_t count = 0, least = SIZE_MAX, lines = 0;
        bool in_quotes = false;
        for (size_t i = 0; i < head.len && lines < LINES; i++) {
            in_quotes ^= head.at[i] == '"';
            count += !in_quotes && head.at[i] == CANDIDATES[c];
            if (head.at[i] == '\n' && !in_quotes) {
                least = count < least ? count : least;
                count = 0;
                lines++;
            }
        }
        if (lines == 0)
            least = count;
        if (least > best) {
            best = least;
            separator = CANDIDATES[c];
        }
    }
    return separator;
}
