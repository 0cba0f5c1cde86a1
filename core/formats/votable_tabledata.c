/* votable_tabledata.c -- the rows of TABLEDATA, straight from the input: a tag or a cell
 * without references needs no copy. It takes the XML that may stand there (comments, CDATA,
 * character references, any prefix) and nothing else. */
#include <stdlib.h>

#include "core/base/num.h"
#include "core/formats/utf16.h"
#include "core/formats/votable_rows.h"
#include "core/formats/xml_scan.h"

enum { CELL_MAX_BYTES = 1 << 30 };

struct tabledata {
    struct votable_layout *layout;
    struct input *input;
    struct bytes scratch; /* a cell that is not plain */
};

enum got { GOT, MORE, END, WRONG };

struct tabledata *tabledata_new(struct votable_layout *layout, struct input *input,
                                struct err *e)
{
    struct tabledata *t = calloc(1, sizeof *t);
    if (!t) {
        err_set(e, ERR_BUSY, "the node is out of memory; try again later");
        return NULL;
    }
    t->layout = layout;
    t->input = input;
    bytes_init(&t->scratch, CELL_MAX_BYTES);
    return t;
}

void tabledata_free(struct tabledata *t)
{
    if (!t)
        return;
    bytes_free(&t->scratch);
    free(t);
}

static enum got wrong(const struct tabledata *t, const char *at, struct err *e,
                      const char *what)
{
    t->input->at = at;
    uint64_t line = input_line(t->input);
    err_set_at(e, ERR_USAGE, (int)line, 0, "line %llu, row %llu: %s",
               (unsigned long long)line, (unsigned long long)t->layout->nrow + 1, what);
    return WRONG;
}

static enum got wrong_cell(const struct tabledata *t, const char *at, uint32_t i, str text,
                           struct err *e, const char *what)
{
    t->input->at = at;
    uint64_t line = input_line(t->input);
    err_set_at(e, ERR_USAGE, (int)line, 0,
               "line %llu, row %llu, " FIELD_NAME ": \"%.*s\" %s", (unsigned long long)line,
               (unsigned long long)t->layout->nrow + 1, t->layout->column[i].name,
               (int)(text.len < 40 ? text.len : 40), text.at, what);
    return WRONG;
}

/* --- markup -----------------------------------------------------------------------------
 */

struct tag {
    str name; /* without its prefix */
    bool is_end, is_empty;
};

/* Reads the tag at *p, which moves behind it. */
static enum got take_tag(const char **p, const char *end, struct tag *tag)
{
    const char *at = *p, *behind = xml_scan_markup(at, end);
    if (!behind)
        return MORE;
    tag->is_end = at[1] == '/';
    tag->is_empty = behind[-2] == '/';
    at += tag->is_end ? 2 : 1;
    tag->name = (str){at, 0};
    for (; at < behind && !strchr(" \t\r\n/>", *at); at++)
        if (*at == ':')
            tag->name = (str){at + 1, 0};
    tag->name.len = (size_t)(at - tag->name.at);
    *p = behind;
    return GOT;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

/* Over blanks, comments and processing instructions, to a '<'. */
static enum got skip(const struct tabledata *t, const char **p, const char *end,
                     struct err *e)
{
    for (;;) {
        while (*p < end && is_blank(**p))
            ++*p;
        if (end - *p < 2)
            return MORE;
        if (**p != '<')
            return wrong(t, *p, e, "there is text between the cells");
        if ((*p)[1] != '!' && (*p)[1] != '?')
            return GOT;
        const char *behind = xml_scan_markup(*p, end);
        if (!behind)
            return MORE;
        *p = behind;
    }
}

/* --- cells ------------------------------------------------------------------------------
 */

/* The code of "amp", "#38", "#x26"; 0: none. */
static uint32_t reference_code(str name)
{
    static const struct {
        str name;
        char code;
    } KNOWN[] = {{{"amp", 3}, '&'},
                 {{"lt", 2}, '<'},
                 {{"gt", 2}, '>'},
                 {{"quot", 4}, '"'},
                 {{"apos", 4}, '\''}};
    for (size_t i = 0; i < sizeof KNOWN / sizeof *KNOWN; i++)
        if (str_eq(name, KNOWN[i].name))
            return (uint32_t)KNOWN[i].code;
    if (name.len < 2 || name.at[0] != '#')
        return 0;
    bool is_hex = name.at[1] == 'x';
    uint32_t code = 0;
    for (size_t i = is_hex ? 2 : 1; i < name.len; i++) {
        char c = ascii_lower(name.at[i]);
        uint32_t digit = c >= '0' && c <= '9'   ? (uint32_t)(c - '0')
                         : c >= 'a' && c <= 'f' ? (uint32_t)(c - 'a') + 10
                                                : 16;
        if (digit >= (is_hex ? 16u : 10u) || code > 0x10FFFF)
            return 0;
        code = code * (is_hex ? 16 : 10) + digit;
    }
    return code;
}

/* Appends character data: references resolved, line ends as XML has them. */
static bool add_characters(struct bytes *b, str s)
{
    while (s.len) {
        size_t n = 0;
        while (n < s.len && s.at[n] != '&' && s.at[n] != '\r')
            n++;
        bytes_add(b, (str){s.at, n});
        s = (str){s.at + n, s.len - n};
        if (s.len == 0)
            return true;
        if (s.at[0] == '\r') {
            if (s.len == 1 || s.at[1] != '\n')
                bytes_add_char(b, '\n');
            s = (str){s.at + 1, s.len - 1};
            continue;
        }
        size_t semicolon = str_find(s, ';');
        uint32_t code =
            semicolon < s.len ? reference_code((str){s.at + 1, semicolon - 1}) : 0;
        if (code == 0)
            return false;
        utf8_add(b, code);
        s = (str){s.at + semicolon + 1, s.len - semicolon - 1};
    }
    return true;
}

/* A cell that holds references, CDATA or comments, collected in scratch up to </TD>. */
static enum got take_mixed(struct tabledata *t, const char **p, const char *end, str *cell,
                           struct err *e)
{
    bytes_clear(&t->scratch);
    for (;;) {
        const char *open = memchr(*p, '<', (size_t)(end - *p));
        if (!open || end - open < 2)
            return MORE;
        if (!add_characters(&t->scratch, (str){*p, (size_t)(open - *p)}))
            return wrong(t, *p, e, "a cell has an unknown entity");
        *p = open;
        if (open[1] == '/')
            break;
        const char *behind = xml_scan_markup(open, end);
        if (!behind)
            return MORE;
        if (str_starts_fold((str){open, (size_t)(behind - open)}, STR("<![CDATA[")))
            bytes_add(&t->scratch, (str){open + 9, (size_t)(behind - open) - 12});
        else if (open[1] != '!' && open[1] != '?')
            return wrong(t, open, e, "a cell has an element inside");
        *p = behind;
    }
    *cell = bytes_str(&t->scratch);
    return t->scratch.failed ? wrong(t, *p, e, "a cell is too long") : GOT;
}

/* The content of a cell whose start tag is read, and its end tag. */
static enum got take_content(struct tabledata *t, const char **p, const char *end,
                             bool is_text, str *cell, struct err *e)
{
    const char *start = *p, *open = memchr(start, '<', (size_t)(end - start));
    if (!open || end - open < 5)
        return MORE;
    *cell = (str){start, (size_t)(open - start)};
    bool is_plain = open[1] == '/' && !memchr(start, '&', cell->len) &&
                    !(is_text && memchr(start, '\r', cell->len));
    if (is_plain)
        *p = open;
    else {
        enum got got = take_mixed(t, p, end, cell, e);
        if (got != GOT)
            return got;
        if (end - *p < 5)
            return MORE;
    }
    if (memcmp(*p, "</TD>", 5) == 0) {
        *p += 5;
        return GOT;
    }
    struct tag tag;
    enum got got = take_tag(p, end, &tag);
    if (got != GOT)
        return got;
    return str_eq(tag.name, STR("TD")) ? GOT : wrong(t, *p, e, "a cell is not closed");
}

static enum got take_cell(struct tabledata *t, const char **p, const char *end,
                          struct rows_build *b, uint32_t i, struct err *e)
{
    const struct cell_kind *kind = &t->layout->column[i].kind;
    const char *start = *p;
    struct tag tag = {.is_empty = false};
    str cell = {"", 0};
    if (end - *p >= 5 && memcmp(*p, "<TD>", 4) == 0)
        *p += 4;
    else if (take_tag(p, end, &tag) == MORE)
        return MORE;
    else if (!str_eq(tag.name, STR("TD")))
        return wrong(t, start, e, "a row has an element that is no TD");
    if (!tag.is_empty) {
        enum got got = take_content(t, p, end, kind->type == STORE_TEXT, &cell, e);
        if (got != GOT)
            return got;
    }
    const char *problem = cell_parse(b, i, kind, cell);
    if (problem)
        return wrong_cell(t, start, i, cell, e, problem);
    if (!b->failed)
        return GOT;
    err_set(e, ERR_BUSY, "the node is out of memory; try again later");
    return WRONG;
}

/* --- rows -------------------------------------------------------------------------------
 */

static enum got wrong_count(const struct tabledata *t, const char *at, uint32_t ncell,
                            struct err *e)
{
    t->input->at = at;
    uint64_t line = input_line(t->input);
    err_set_at(e, ERR_USAGE, (int)line, 0,
               "line %llu: row %llu has %s%u cells, the table has %u columns",
               (unsigned long long)line, (unsigned long long)t->layout->nrow + 1,
               ncell > t->layout->ncolumn ? "more than " : "",
               ncell > t->layout->ncolumn ? ncell - 1 : ncell, t->layout->ncolumn);
    return WRONG;
}

static enum got take_cells(struct tabledata *t, const char **p, const char *end,
                           struct rows_build *b, struct err *e)
{
    for (uint32_t i = 0;; i++) {
        const char *start;
        enum got got = skip(t, p, end, e);
        if (got != GOT)
            return got;
        start = *p;
        if (start[1] == '/') {
            struct tag tag;
            if (take_tag(p, end, &tag) == MORE)
                return MORE;
            if (!str_eq(tag.name, STR("TR")))
                return wrong(t, start, e, "a row is not closed");
            return i == t->layout->ncolumn ? GOT : wrong_count(t, start, i, e);
        }
        if (i == t->layout->ncolumn)
            return wrong_count(t, start, i + 1, e);
        got = take_cell(t, p, end, b, i, e);
        if (got != GOT)
            return got;
    }
}

/* The row in front of the input, or the end of the table. */
static enum got take_row(struct tabledata *t, struct rows_build *b, struct err *e)
{
    const char *p = t->input->at, *end = t->input->end;
    struct tag tag;
    enum got got = skip(t, &p, end, e);
    if (got != GOT)
        return got;
    const char *start = p;
    got = take_tag(&p, end, &tag);
    if (got != GOT)
        return got;
    if (tag.is_end && str_eq(tag.name, STR("TABLEDATA"))) {
        t->input->at = start;
        return END;
    }
    if (tag.is_end || !str_eq(tag.name, STR("TR")))
        return wrong(t, start, e, "TABLEDATA holds something that is no TR");
    if (tag.is_empty)
        return wrong_count(t, start, 0, e);
    got = take_cells(t, &p, end, b, e);
    if (got == GOT)
        t->input->at = p;
    return got;
}

static bool too_many_rows(const struct votable_layout *layout, struct err *e)
{
    return err_set(e, ERR_LIMIT, "the table has more than %llu rows, the limit",
                   (unsigned long long)layout->max_rows);
}

bool tabledata_read(struct tabledata *t, struct rows_build *b, bool *is_end, struct err *e)
{
    *is_end = false;
    while (!rows_build_is_full(b)) {
        enum got got = take_row(t, b, e);
        if (got == WRONG)
            return false;
        if (got == END) {
            *is_end = true;
            return true;
        }
        if (got == GOT) {
            if (t->layout->nrow == t->layout->max_rows)
                return too_many_rows(t->layout, e);
            t->layout->nrow++;
            rows_build_end_row(b);
            continue;
        }
        rows_build_undo(b);
        if (t->input->is_end)
            return err_set(e, ERR_USAGE, "the document ends inside row %llu",
                           (unsigned long long)t->layout->nrow + 1);
        if (!input_more(t->input, e))
            return false;
    }
    return true;
}
