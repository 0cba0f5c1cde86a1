/* lex.h -- text to tokens, one at a time; the state is small and may be copied to look
 * ahead. */
#ifndef ADQL_LEX_H
#define ADQL_LEX_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/err.h"
#include "core/base/str.h"
#include "core/catalog/words.h"

/* clang-format off */
enum token_kind {
    TOKEN_END, TOKEN_BAD, /* BAD: the error says why */
    TOKEN_NAME, TOKEN_WORD, TOKEN_QUOTED, TOKEN_TEXT,
    TOKEN_INTEGER, TOKEN_NUMBER, /* digits alone; anything with a point or exponent */
    TOKEN_LEFT, TOKEN_RIGHT, TOKEN_LEFT_SQUARE, TOKEN_RIGHT_SQUARE,
    TOKEN_COMMA, TOKEN_DOT, TOKEN_SEMICOLON,
    TOKEN_EQ, TOKEN_NE, TOKEN_LT, TOKEN_LE, TOKEN_GT, TOKEN_GE, /* as enum adql_compare */
    TOKEN_PLUS, TOKEN_MINUS, TOKEN_STAR, TOKEN_SLASH, TOKEN_CONCAT,
    TOKEN_AND, TOKEN_OR, TOKEN_XOR, TOKEN_TILDE, TOKEN_SHIFT_LEFT, TOKEN_SHIFT_RIGHT,
    NTOKEN
};
/* clang-format on */

struct token {
    uint8_t kind;                 /* enum token_kind */
    bool has_doubled;             /* QUOTED, TEXT: quotes are doubled in it */
    uint16_t word;                /* WORD: enum word */
    int32_t line, column, length; /* from 1; characters */
    str text;                     /* as written; QUOTED, TEXT: what is between the quotes */
};

struct lexer {
    const char *at, *end;
    const char *token_at;   /* first byte of the token that lexer_next gave last */
    const char *line_start; /* moved by the bytes that continue a character */
    int32_t line;
    struct err *err;
};

/* The text must be UTF-8; a byte order mark is skipped. */
void lexer_init(struct lexer *, str text, struct err *);
struct token lexer_next(struct lexer *);

#endif
