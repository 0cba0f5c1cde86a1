/* layout.c -- a query laid out for people, from its tokens, so that comments, names and
 * literals stay as they were written. What comes out is read again: it must mean the same.
 */
#include "adql/adql.h"
#include "adql/lex.h"

enum { MOST_DEPTH = 300, LINE_FULL = 76, LAYOUT_BYTES = 8 << 20 };

struct layout {
    struct bytes *out;
    struct token last;         /* END: none yet */
    size_t line_at;            /* where the line began in out */
    bool in_query[MOST_DEPTH]; /* for each open parenthesis: SELECT stands in it */
    uint32_t depth, indent;    /* open parentheses; those of them with a query */
    bool is_between;           /* the next AND belongs to BETWEEN */
    bool must_break;           /* a comment ended the line */
    bool was_join;             /* LEFT, OUTER ... stand before JOIN */
    bool is_sign;              /* the last token was a sign of a number, not between two */
};

static bool is_word(const struct token *t, enum word word)
{
    return t->kind == TOKEN_WORD && t->word == word;
}

static bool is_one_of(const struct token *t, const uint16_t *word)
{
    for (; t->kind == TOKEN_WORD && *word; word++)
        if (t->word == *word)
            return true;
    return false;
}

static bool begins_clause(const struct token *t)
{
    static const uint16_t CLAUSE[] = {WORD_SELECT, WORD_FROM,  WORD_WHERE,     WORD_GROUP,
                                      WORD_HAVING, WORD_ORDER, WORD_OFFSET,    WORD_UNION,
                                      WORD_EXCEPT, WORD_WITH,  WORD_INTERSECT, WORD_NONE};
    return is_one_of(t, CLAUSE);
}

static bool is_of_join(const struct token *t)
{
    static const uint16_t JOIN[] = {WORD_NATURAL, WORD_INNER, WORD_LEFT,
                                    WORD_RIGHT,   WORD_FULL,  WORD_CROSS,
                                    WORD_OUTER,   WORD_JOIN,  WORD_NONE};
    return is_one_of(t, JOIN);
}

/* Words that a blank follows even where a parenthesis comes next. */
static bool is_apart(const struct token *t)
{
    static const uint16_t APART[] = {
        WORD_AND,    WORD_OR,     WORD_NOT,   WORD_IN,        WORD_ON,    WORD_AS,
        WORD_FROM,   WORD_WHERE,  WORD_BY,    WORD_HAVING,    WORD_USING, WORD_BETWEEN,
        WORD_SELECT, WORD_LIKE,   WORD_ILIKE, WORD_WHEN,      WORD_THEN,  WORD_ELSE,
        WORD_CASE,   WORD_UNION,  WORD_ALL,   WORD_DISTINCT,  WORD_TOP,   WORD_JOIN,
        WORD_EXCEPT, WORD_EXISTS, WORD_WITH,  WORD_INTERSECT, WORD_NONE};
    return is_one_of(t, APART) ||
           (t->kind == TOKEN_NAME && str_eq_fold(t->text, STR("OVER")));
}

static bool is_operand(const struct token *t)
{
    switch (t->kind) {
    case TOKEN_NAME:
    case TOKEN_QUOTED:
    case TOKEN_TEXT:
    case TOKEN_INTEGER:
    case TOKEN_NUMBER:
    case TOKEN_RIGHT:
    case TOKEN_RIGHT_SQUARE:
    case TOKEN_STAR:
        return true;
    case TOKEN_WORD:
        return !is_apart(t) && !begins_clause(t);
    default:
        return false;
    }
}

static bool is_in_query(const struct layout *l)
{
    return l->depth == 0 || l->in_query[l->depth - 1];
}

static void break_line(struct layout *l, uint32_t more)
{
    bytes_add_char(l->out, '\n');
    l->line_at = l->out->len;
    for (uint32_t i = 0; i < 2 * l->indent + more; i++)
        bytes_add_char(l->out, ' ');
    l->must_break = false;
}

/* Does the token stand at the beginning of a line, and how far in? -1: it does not. */
static int line_for(const struct layout *l, const struct token *t)
{
    if (l->last.kind == TOKEN_END || !is_in_query(l))
        return -1;
    if (begins_clause(t) && l->last.kind != TOKEN_LEFT)
        return 0;
    if (is_of_join(t))
        return l->was_join ? -1 : 0;
    if ((is_word(t, WORD_AND) && !l->is_between) || is_word(t, WORD_OR))
        return 2;
    if (l->last.kind == TOKEN_COMMA && l->out->len - l->line_at > LINE_FULL)
        return 4;
    return -1;
}

static bool has_blank_before(const struct layout *l, const struct token *t)
{
    const struct token *last = &l->last;
    if (last->kind == TOKEN_END || last->kind == TOKEN_LEFT || last->kind == TOKEN_DOT ||
        last->kind == TOKEN_LEFT_SQUARE || l->is_sign)
        return false;
    switch (t->kind) {
    case TOKEN_COMMA:
    case TOKEN_DOT:
    case TOKEN_RIGHT:
    case TOKEN_SEMICOLON:
    case TOKEN_LEFT_SQUARE:
    case TOKEN_RIGHT_SQUARE:
        return false;
    case TOKEN_LEFT:
        return !is_operand(last) || is_apart(last) || last->kind == TOKEN_STAR;
    default:
        return true;
    }
}

static void add_blank(struct layout *l, const struct token *t)
{
    int more = line_for(l, t);
    if (more < 0 && l->must_break)
        more = 2;
    if (more >= 0)
        break_line(l, (uint32_t)more);
    else if (has_blank_before(l, t))
        bytes_add_char(l->out, ' ');
}

static void add_text(struct layout *l, const struct token *t, str raw)
{
    for (size_t i = 0; i < raw.len; i++)
        bytes_add_char(l->out, t->kind == TOKEN_WORD && raw.at[i] >= 'a' && raw.at[i] <= 'z'
                                   ? (char)(raw.at[i] - 'a' + 'A')
                                   : raw.at[i]);
}

static void remember(struct layout *l, const struct token *t)
{
    l->is_sign =
        (t->kind == TOKEN_MINUS || t->kind == TOKEN_PLUS || t->kind == TOKEN_TILDE) &&
        !is_operand(&l->last);
    if (is_word(t, WORD_BETWEEN))
        l->is_between = true;
    else if (is_word(t, WORD_AND))
        l->is_between = false;
    l->was_join = is_of_join(t) && !is_word(t, WORD_JOIN);
    l->last = *t;
}

/* `next` tells whether a parenthesis holds a query. */
static bool count_parentheses(struct layout *l, const struct token *t,
                              const struct token *next)
{
    if (t->kind == TOKEN_LEFT) {
        if (l->depth == MOST_DEPTH)
            return false;
        bool query = is_word(next, WORD_SELECT) || is_word(next, WORD_WITH);
        l->in_query[l->depth++] = query;
        l->indent += query ? 1 : 0;
    } else if (t->kind == TOKEN_RIGHT && l->depth) {
        l->depth--;
        l->indent -= l->in_query[l->depth] ? 1 : 0;
    }
    return true;
}

/* Comments between two tokens, each to its line's end. */
static void add_comments(struct layout *l, str gap)
{
    bool same_line = l->last.kind != TOKEN_END;
    for (size_t i = 0; i < gap.len; i++) {
        if (gap.at[i] == '\n' || gap.at[i] == '\r')
            same_line = false;
        if (gap.at[i] != '-')
            continue;
        size_t end = i;
        while (end < gap.len && gap.at[end] != '\n' && gap.at[end] != '\r')
            end++;
        if (same_line)
            bytes_add_char(l->out, ' ');
        else if (l->out->len)
            break_line(l, 0);
        bytes_add(l->out, str_trim((str){gap.at + i, end - i}));
        l->must_break = true;
        same_line = false;
        i = end - 1;
    }
}

static bool lay_out(struct layout *l, str query, struct err *e)
{
    struct lexer x;
    lexer_init(&x, query, e);
    const char *from = x.at;
    struct token t = lexer_next(&x);
    const char *at = x.token_at;
    for (;;) {
        const char *after = x.at;
        add_comments(l, (str){from, (size_t)(at - from)});
        if (t.kind == TOKEN_END || t.kind == TOKEN_BAD)
            return t.kind == TOKEN_END;
        struct token next = lexer_next(&x);
        if (l->must_break && l->last.kind == TOKEN_END)
            break_line(l, 0);
        else if (t.kind != TOKEN_SEMICOLON || l->must_break)
            add_blank(l, &t);
        add_text(l, &t, (str){at, (size_t)(after - at)});
        remember(l, &t);
        if (!count_parentheses(l, &t, &next))
            return err_set(e, ERR_LIMIT, "the query is nested too deeply to be laid out");
        from = after;
        at = x.token_at;
        t = next;
    }
}

static bool canonical(str query, enum adql_lang lang, struct arena *arena,
                      struct bytes *out, struct err *e)
{
    struct adql_query *q = adql_parse(query, lang, NULL, arena, e);
    bytes_init(out, LAYOUT_BYTES);
    return q && adql_write_adql(q, out, e);
}

bool adql_layout(str query, enum adql_lang lang, struct arena *arena, struct bytes *out,
                 struct err *e)
{
    struct layout l = {.out = out};
    struct bytes before, after = {0};
    size_t start = out->len;
    l.line_at = start;
    bool ok =
        canonical(query, lang, arena, &before, e) && lay_out(&l, query, e) && !out->failed;
    if (ok) {
        str made = {out->at + start, out->len - start};
        ok = (canonical(made, lang, arena, &after, e) &&
              str_eq(bytes_str(&before), bytes_str(&after))) ||
             err_set(e, ERR_INTERNAL, "this query cannot be laid out; it stays as it is");
    }
    bytes_free(&before);
    bytes_free(&after);
    if (!ok)
        out->len = start;
    return ok || err_set(e, ERR_LIMIT, "the query is too long to be laid out");
}
