/* lex.c -- the lexical rules of ADQL 2.1 (ADQL-1 ... 11): names, literals, signs, comments.
 */
#include "adql/lex.h"

/* clang-format off */
enum char_class { OTHER, BLANK, LETTER, DIGIT, QUOTE, SIGN, UNDERSCORE, HIGH };

#define LETTERS_16 LETTER, LETTER, LETTER, LETTER, LETTER, LETTER, LETTER, LETTER, \
                   LETTER, LETTER, LETTER, LETTER, LETTER, LETTER, LETTER, LETTER
#define HIGH_16 HIGH, HIGH, HIGH, HIGH, HIGH, HIGH, HIGH, HIGH, \
                HIGH, HIGH, HIGH, HIGH, HIGH, HIGH, HIGH, HIGH

static const uint8_t CLASS[256] = {
    ['\t'] = BLANK, ['\n'] = BLANK, ['\v'] = BLANK, ['\f'] = BLANK, ['\r'] = BLANK,
    [' '] = BLANK,
    ['0'] = DIGIT, DIGIT, DIGIT, DIGIT, DIGIT, DIGIT, DIGIT, DIGIT, DIGIT, DIGIT,
    ['A'] = LETTERS_16, LETTER, LETTER, LETTER, LETTER, LETTER, LETTER, LETTER, LETTER,
            LETTER, LETTER,
    ['a'] = LETTERS_16, LETTER, LETTER, LETTER, LETTER, LETTER, LETTER, LETTER, LETTER,
            LETTER, LETTER,
    ['_'] = UNDERSCORE,
    ['\''] = QUOTE, ['"'] = QUOTE,
    ['('] = SIGN, [')'] = SIGN, ['['] = SIGN, [']'] = SIGN, [','] = SIGN, ['.'] = SIGN,
    [';'] = SIGN, ['='] = SIGN, ['!'] = SIGN, ['<'] = SIGN, ['>'] = SIGN, ['+'] = SIGN,
    ['-'] = SIGN, ['*'] = SIGN, ['/'] = SIGN, ['|'] = SIGN, ['&'] = SIGN, ['^'] = SIGN,
    ['~'] = SIGN,
    [0x80] = HIGH_16, HIGH_16, HIGH_16, HIGH_16, HIGH_16, HIGH_16, HIGH_16, HIGH_16
};

/* Longer signs first. */
static const struct sign {
    char text[3];
    uint8_t kind;
} SIGNS[] = {
    {"<>", TOKEN_NE}, {"!=", TOKEN_NE}, {"<=", TOKEN_LE}, {">=", TOKEN_GE},
    {"||", TOKEN_CONCAT}, {"<<", TOKEN_SHIFT_LEFT}, {">>", TOKEN_SHIFT_RIGHT},
    {"=", TOKEN_EQ}, {"<", TOKEN_LT}, {">", TOKEN_GT}, {"(", TOKEN_LEFT},
    {")", TOKEN_RIGHT}, {",", TOKEN_COMMA}, {".", TOKEN_DOT}, {"*", TOKEN_STAR},
    {"+", TOKEN_PLUS}, {"-", TOKEN_MINUS}, {"/", TOKEN_SLASH}, {";", TOKEN_SEMICOLON},
    {"[", TOKEN_LEFT_SQUARE}, {"]", TOKEN_RIGHT_SQUARE}, {"&", TOKEN_AND},
    {"|", TOKEN_OR}, {"^", TOKEN_XOR}, {"~", TOKEN_TILDE},
};

/* What people paste, and what they meant. */
static const struct { const char *text, *hint; } LOOKALIKES[] = {
    {"\xE2\x80\x98", "a straight single quote '"}, {"\xE2\x80\x99", "a straight single quote '"},
    {"\xE2\x80\x9C", "a straight double quote \""}, {"\xE2\x80\x9D", "a straight double quote \""},
    {"\xE2\x88\x92", "a plain minus -"}, {"\xE2\x80\x93", "a plain minus -"},
    {"\xE2\x80\x94", "a plain minus -"}, {"\xE2\x89\xA4", "<="}, {"\xE2\x89\xA5", ">="},
    {"\xE2\x89\xA0", "<>"}, {"\xC3\x97", "*"}, {"\xEF\xBC\x8C", "a plain comma ,"},
};
/* clang-format on */

static unsigned class_at(const struct lexer *x, size_t i)
{
    return i < (size_t)(x->end - x->at) ? CLASS[(unsigned char)x->at[i]] : OTHER;
}

static bool is_at(const struct lexer *x, const char *text, size_t len)
{
    return (size_t)(x->end - x->at) >= len && memcmp(x->at, text, len) == 0;
}

void lexer_init(struct lexer *x, str text, struct err *e)
{
    *x = (struct lexer){text.at, text.at + text.len, text.at, text.at, 1, e};
    if (is_at(x, "\xEF\xBB\xBF", 3)) {
        x->at += 3;
        x->line_start += 3;
    }
}

/* Steps over one byte; keeps lines and columns. A lone CR ends a line too. */
static void step(struct lexer *x)
{
    unsigned char c = (unsigned char)*x->at++;
    if (c == '\n' || (c == '\r' && !(x->at < x->end && *x->at == '\n'))) {
        x->line++;
        x->line_start = x->at;
    } else if ((c & 0xC0) == 0x80)
        x->line_start++;
}

/* Blanks, no-break spaces (pitfall 7), stray byte order marks and comments (ADQL-7, 8). */
static void skip_blanks(struct lexer *x)
{
    while (x->at < x->end) {
        unsigned c = class_at(x, 0);
        size_t n = 0;
        if (c == BLANK)
            n = 1;
        else if (c == HIGH && is_at(x, "\xC2\xA0", 2))
            n = 2;
        else if (c == HIGH && (is_at(x, "\xEF\xBB\xBF", 3) || is_at(x, "\xE2\x80\xAF", 3)))
            n = 3;
        else if (*x->at == '-' && is_at(x, "--", 2))
            while (x->at < x->end && *x->at != '\n' && *x->at != '\r')
                step(x);
        else
            return;
        while (n--)
            step(x);
    }
}

static struct token bad(struct token t)
{
    t.kind = TOKEN_BAD;
    return t;
}

/* regular_identifier ::= letter { letter | digit | _ }; a reserved word is none */
static struct token name(struct lexer *x, struct token t)
{
    size_t n = 1;
    for (unsigned c = class_at(x, n); c == LETTER || c == DIGIT || c == UNDERSCORE;)
        c = class_at(x, ++n);
    t.text = (str){x->at, n};
    t.word = (uint16_t)word_of(t.text);
    t.kind = t.word ? TOKEN_WORD : TOKEN_NAME;
    t.length = (int32_t)n;
    x->at += n;
    return t;
}

static size_t digits(const struct lexer *x, size_t from)
{
    while (class_at(x, from) == DIGIT)
        from++;
    return from;
}

/* number ::= (digits [. [digits]] | . digits) [E [sign] digits] */
static struct token number(struct lexer *x, struct token t)
{
    size_t n = digits(x, 0);
    t.kind = TOKEN_INTEGER;
    if (n < (size_t)(x->end - x->at) && x->at[n] == '.') {
        t.kind = TOKEN_NUMBER;
        n = digits(x, n + 1);
    }
    if (n < (size_t)(x->end - x->at) && ascii_lower(x->at[n]) == 'e') {
        size_t first = n + 1;
        if (first < (size_t)(x->end - x->at) &&
            (x->at[first] == '+' || x->at[first] == '-'))
            first++;
        if (class_at(x, first) == DIGIT) {
            t.kind = TOKEN_NUMBER;
            n = digits(x, first);
        }
    }
    t.length = (int32_t)n;
    unsigned after = class_at(x, n);
    if (after == LETTER || after == UNDERSCORE) {
        err_set_at(
            x->err, ERR_USAGE, t.line, t.column,
            "`%.*s%c` is neither a number nor a name: a name begins with a letter, or "
            "stands in double quotes",
            (int)(n < 40 ? n : 40), x->at, x->at[n]);
        return bad(t);
    }
    t.text = (str){x->at, n};
    x->at += n;
    return t;
}

/* 'text' and "name": the quote itself is doubled inside (ADQL-3, 5) */
static struct token quoted(struct lexer *x, struct token t)
{
    char quote = *x->at;
    const char *open = x->at;
    step(x);
    for (;;) {
        if (x->at >= x->end) {
            err_set_at(x->err, ERR_USAGE, t.line, t.column,
                       quote == '"' ? "the name that begins here has no closing quote \""
                                    : "the text that begins here has no closing quote '");
            return bad(t);
        }
        char c = *x->at;
        step(x);
        if (c != quote)
            continue;
        if (x->at >= x->end || *x->at != quote)
            break;
        t.has_doubled = true;
        step(x);
    }
    t.kind = quote == '"' ? TOKEN_QUOTED : TOKEN_TEXT;
    t.text = (str){open + 1, (size_t)(x->at - open) - 2};
    if (t.line == x->line)
        t.length = (int32_t)(x->at - x->line_start) + 1 - t.column;
    if (t.kind == TOKEN_QUOTED && t.text.len == 0) {
        err_set_at(x->err, ERR_USAGE, t.line, t.column,
                   "a name in double quotes may not be empty; an empty text is ''");
        return bad(t);
    }
    return t;
}

static struct token sign(struct lexer *x, struct token t)
{
    if (is_at(x, "/*", 2)) {
        err_set_at(x->err, ERR_USAGE, t.line, t.column,
                   "ADQL has no /* comments */: a comment begins with -- and ends with its "
                   "line");
        return bad(t);
    }
    for (size_t i = 0; i < sizeof SIGNS / sizeof *SIGNS; i++) {
        size_t n = SIGNS[i].text[1] ? 2 : 1;
        if (*x->at == SIGNS[i].text[0] && is_at(x, SIGNS[i].text, n)) {
            t.kind = SIGNS[i].kind;
            t.length = (int32_t)n;
            t.text = (str){x->at, n};
            x->at += n;
            return t;
        }
    }
    err_set_at(x->err, ERR_USAGE, t.line, t.column, "`%c` has no meaning here", *x->at);
    return bad(t);
}

static struct token strange(struct lexer *x, struct token t)
{
    unsigned char c = (unsigned char)*x->at;
    for (size_t i = 0; i < sizeof LOOKALIKES / sizeof *LOOKALIKES; i++) {
        size_t n = strlen(LOOKALIKES[i].text);
        if (is_at(x, LOOKALIKES[i].text, n)) {
            err_set_at(x->err, ERR_USAGE, t.line, t.column,
                       "`%s` is no sign of ADQL: write %s instead", LOOKALIKES[i].text,
                       LOOKALIKES[i].hint);
            return bad(t);
        }
    }
    if (c == '_')
        err_set_at(x->err, ERR_USAGE, t.line, t.column,
                   "a name begins with a letter; any other name stands in double quotes");
    else if (c >= 0x80)
        err_set_at(x->err, ERR_USAGE, t.line, t.column,
                   "characters beyond ASCII may stand only in texts, comments and names in "
                   "double quotes (ADQL-11)");
    else if (c < 0x20 || c == 0x7F)
        err_set_at(x->err, ERR_USAGE, t.line, t.column,
                   "the control character 0x%02X may not stand in a query", c);
    else
        err_set_at(x->err, ERR_USAGE, t.line, t.column, "`%c` has no meaning in ADQL", c);
    return bad(t);
}

struct token lexer_next(struct lexer *x)
{
    skip_blanks(x);
    x->token_at = x->at;
    struct token t = {.line = x->line, .column = (int32_t)(x->at - x->line_start) + 1};
    if (x->at >= x->end) {
        t.text = (str){x->end, 0};
        return t;
    }
    t.length = 1;
    switch (class_at(x, 0)) {
    case LETTER:
        return name(x, t);
    case DIGIT:
        return number(x, t);
    case QUOTE:
        return quoted(x, t);
    case SIGN:
        if (*x->at == '.' && class_at(x, 1) == DIGIT)
            return number(x, t);
        return *x->at == '!' && !is_at(x, "!=", 2) ? strange(x, t) : sign(x, t);
    default:
        return strange(x, t);
    }
}
