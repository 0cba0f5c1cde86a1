/* parse_step.c -- the parser's small steps: tokens, messages, lists, nodes. */
#include <stdarg.h>
#include <stdio.h>

#include "adql/message.h"
#include "adql/parse.h"
#include "core/base/num.h"

void parser_take(struct parser *p)
{
    if (p->token.kind != TOKEN_END && p->token.kind != TOKEN_BAD)
        p->token = lexer_next(&p->lexer);
}

bool parser_at_word(const struct parser *p, enum word w)
{
    return p->token.kind == TOKEN_WORD && p->token.word == w;
}

bool parser_accept(struct parser *p, enum token_kind kind)
{
    if (p->token.kind != kind)
        return false;
    parser_take(p);
    return true;
}

bool parser_accept_word(struct parser *p, enum word w)
{
    if (!parser_at_word(p, w))
        return false;
    parser_take(p);
    return true;
}

bool parser_expect(struct parser *p, enum token_kind kind, const char *what)
{
    return parser_accept(p, kind) || parser_unexpected(p, what);
}

bool parser_expect_word(struct parser *p, enum word w)
{
    return parser_accept_word(p, w) || parser_unexpected(p, word_text(w));
}

struct token parser_peek(const struct parser *p)
{
    struct lexer ahead = p->lexer;
    ahead.err = NULL;
    return lexer_next(&ahead);
}

bool parser_at_plain(const struct parser *p, const char *word)
{
    return p->token.kind == TOKEN_NAME && str_eq_fold(p->token.text, str_of(word));
}

/* --- messages --- */

void *parser_fail(struct parser *p, const struct token *at, const char *format, ...)
{
    char message[600];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    message_one_line(message);
    err_set_at(p->err, ERR_USAGE, at->line, at->column, "%s", message);
    return NULL;
}

void *parser_no_memory(struct parser *p)
{
    err_set(p->err, ERR_LIMIT,
            "the query is too large: it needs more memory than one "
            "request may have");
    return NULL;
}

/* Words that structure a query: nobody means them as names. */
static const uint16_t STRUCTURAL[] = {
    WORD_SELECT, WORD_FROM,  WORD_WHERE,   WORD_GROUP, WORD_ORDER,    WORD_HAVING,
    WORD_AND,    WORD_OR,    WORD_NOT,     WORD_UNION, WORD_EXCEPT,   WORD_INTERSECT,
    WORD_JOIN,   WORD_ON,    WORD_USING,   WORD_AS,    WORD_BY,       WORD_IN,
    WORD_IS,     WORD_LIKE,  WORD_BETWEEN, WORD_WITH,  WORD_DISTINCT, WORD_NATURAL,
    WORD_LEFT,   WORD_RIGHT, WORD_INNER,   WORD_OUTER, WORD_FULL,     WORD_NULL,
    WORD_CASE,   WORD_WHEN,  WORD_THEN,    WORD_ELSE,  WORD_END,      WORD_ASC,
    WORD_DESC};

static bool is_structural(unsigned w)
{
    for (size_t i = 0; i < sizeof STRUCTURAL / sizeof *STRUCTURAL; i++)
        if (STRUCTURAL[i] == w)
            return true;
    return false;
}

static void describe(const struct token *t, char out[160])
{
    int n = (int)(t->text.len < 40 ? t->text.len : 40);
    const char *more = t->text.len > 40 ? "..." : "";
    while (n < (int)t->text.len && n > 0 && ((unsigned char)t->text.at[n] & 0xC0) == 0x80)
        n--;
    if (t->kind == TOKEN_END)
        snprintf(out, 160, "the query ends");
    else if (t->kind == TOKEN_TEXT)
        snprintf(out, 160, "found the text '%.*s%s'", n, t->text.at, more);
    else if (t->kind == TOKEN_QUOTED)
        snprintf(out, 160, "found \"%.*s%s\"", n, t->text.at, more);
    else
        snprintf(out, 160, "found `%.*s%s`", n, t->text.at, more);
}

void *parser_unexpected(struct parser *p, const char *what)
{
    char found[160];
    const struct token *t = &p->token;
    if (t->kind == TOKEN_BAD || parser_at_foreign_clause(p))
        return NULL;
    describe(t, found);
    if (t->kind == TOKEN_WORD && !is_structural(t->word))
        return parser_fail(
            p, t,
            "expected %s, but %s; `%.*s` is a reserved word of ADQL: to use it "
            "as a name write \"%.*s\" in double quotes",
            what, found, STR_FMT(t->text), STR_FMT(t->text));
    return parser_fail(p, t, "expected %s, but %s", what, found);
}

bool parser_at_foreign_clause(struct parser *p)
{
    bool is_limit = parser_at_plain(p, "limit"), is_fetch = parser_at_word(p, WORD_FETCH);
    if (!is_limit && !is_fetch)
        return false;
    struct token next = parser_peek(p);
    bool is_all = next.kind == TOKEN_WORD && next.word == WORD_ALL;
    bool is_first =
        next.kind == TOKEN_WORD && (next.word == WORD_FIRST || next.word == WORD_NEXT);
    if (is_limit ? !is_all && next.kind != TOKEN_INTEGER : !is_first)
        return false;
    parser_fail(p, &p->token, "ADQL has no %s: write SELECT TOP n ... instead",
                is_limit ? "LIMIT" : "FETCH");
    return true;
}

/* --- depth --- */

bool parser_enter(struct parser *p)
{
    if (++p->depth <= p->limits.max_depth)
        return true;
    err_set_at(
        p->err, ERR_USAGE, p->token.line, p->token.column,
        "the query is nested too deeply here: at most %u levels of parentheses, calls "
        "and subqueries are allowed",
        p->limits.max_depth);
    return false;
}

void parser_leave(struct parser *p)
{
    p->depth--;
}

/* --- lists --- */

uint32_t parser_list_begin(struct parser *p)
{
    return p->nlist;
}

static bool list_grow(struct parser *p)
{
    uint32_t capacity = p->list_capacity ? p->list_capacity * 2 : 64;
    void **list = arena_new_array(p->arena, void *, capacity);
    if (!list)
        return parser_no_memory(p);
    if (p->nlist)
        memcpy(list, p->list, p->nlist * sizeof *list);
    p->list = list;
    p->list_capacity = capacity;
    return true;
}

bool parser_list_add(struct parser *p, void *what)
{
    if (!what || (p->nlist == p->list_capacity && !list_grow(p)))
        return false;
    p->list[p->nlist++] = what;
    return true;
}

void *parser_list_end(struct parser *p, uint32_t mark, uint32_t *n)
{
    *n = p->nlist - mark;
    void **array = arena_new_array(p->arena, void *, *n ? *n : 1);
    if (!array)
        return parser_no_memory(p);
    if (*n)
        memcpy(array, p->list + mark, *n * sizeof *array);
    p->nlist = mark;
    return array;
}

void *parser_list_values(struct parser *p, uint32_t mark, size_t size, uint32_t *n)
{
    *n = p->nlist - mark;
    char *array = arena_alloc(p->arena, *n, size);
    if (!array)
        return parser_no_memory(p);
    for (uint32_t i = 0; i < *n; i++)
        memcpy(array + i * size, p->list[mark + i], size);
    p->nlist = mark;
    return array;
}

/* --- names and numbers --- */

bool parser_at_name(const struct parser *p)
{
    const struct token *t = &p->token;
    return t->kind == TOKEN_NAME || t->kind == TOKEN_QUOTED ||
           (t->kind == TOKEN_WORD && p->lang == ADQL_20 && word_is_new((enum word)t->word));
}

str parser_content(struct parser *p, const struct token *t)
{
    if (!t->has_doubled)
        return t->text;
    char quote = t->kind == TOKEN_QUOTED ? '"' : '\'';
    char *copy = arena_alloc(p->arena, t->text.len, 1);
    size_t n = 0;
    if (!copy) {
        parser_no_memory(p);
        return (str){"", 0};
    }
    for (size_t i = 0; i < t->text.len; i++) {
        copy[n++] = t->text.at[i];
        if (t->text.at[i] == quote)
            i++;
    }
    return (str){copy, n};
}

bool parse_name(struct parser *p, struct adql_name *name, const char *what)
{
    if (!parser_at_name(p))
        return parser_unexpected(p, what);
    name->text = parser_content(p, &p->token);
    name->is_quoted = p->token.kind == TOKEN_QUOTED;
    parser_take(p);
    return name->text.len > 0;
}

bool parse_count(struct parser *p, int64_t *count, const char *clause)
{
    if (p->token.kind == TOKEN_BAD)
        return false;
    if (p->token.kind != TOKEN_INTEGER)
        return parser_fail(p, &p->token, "%s needs a whole number, 0 or more, in digits",
                           clause);
    if (!num_parse_int(p->token.text, count))
        return parser_fail(p, &p->token, "the number of %s is too large", clause);
    parser_take(p);
    return true;
}

/* --- nodes --- */

struct adql_node *parser_node(struct parser *p, enum adql_kind kind, const struct token *at)
{
    struct adql_node *n = arena_new_one(p->arena, struct adql_node);
    if (!n)
        return parser_no_memory(p);
    n->kind = (uint8_t)kind;
    n->line = at->line;
    n->column = at->column;
    n->length = at->length;
    return n;
}

bool parser_grow(struct parser *p, uint16_t *height, uint32_t below, const struct token *at)
{
    if (below > p->limits.max_height) {
        parser_fail(p, at,
                    "the expression here has too many levels (at most %u): write long sums "
                    "in parts",
                    p->limits.max_height);
        return false;
    }
    if (below > *height)
        *height = (uint16_t)below;
    return true;
}

struct adql_node *parser_finish(struct parser *p, struct adql_node *n)
{
    struct token at = {.line = n->line, .column = n->column};
    uint32_t below = 0;
    for (uint32_t i = 0; i < n->nchild; i++)
        if (n->child[i]->height > below)
            below = n->child[i]->height;
    return parser_grow(p, &n->height, below + 1, &at) ? n : NULL;
}

struct adql_node *parser_parent(struct parser *p, struct adql_node *n, uint32_t mark)
{
    n->child = parser_list_end(p, mark, &n->nchild);
    return n->child ? parser_finish(p, n) : NULL;
}
