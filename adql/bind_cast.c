/* bind_cast.c -- CAST: which type may become which (ADQL-40). */
#include <stdio.h>

#include "adql/bind.h"

static const struct cast {
    uint16_t op;  /* enum adql_op */
    uint8_t type; /* enum adql_type: the result */
} CASTS[] = {
    {ADQL_OP_cast_smallint, ADQL_SMALLINT},   {ADQL_OP_cast_integer, ADQL_INTEGER},
    {ADQL_OP_cast_bigint, ADQL_BIGINT},       {ADQL_OP_cast_real, ADQL_REAL},
    {ADQL_OP_cast_double, ADQL_DOUBLE},       {ADQL_OP_cast_varchar, ADQL_TEXT},
    {ADQL_OP_cast_varchar_n, ADQL_TEXT},      {ADQL_OP_cast_char_n, ADQL_TEXT},
    {ADQL_OP_cast_timestamp, ADQL_TIMESTAMP}, {ADQL_OP_cast_timestamp_text, ADQL_TEXT},
    {ADQL_OP_cast_point, ADQL_POINT},         {ADQL_OP_cast_circle, ADQL_CIRCLE},
    {ADQL_OP_cast_polygon, ADQL_POLYGON},
};
enum { NCAST = sizeof CASTS / sizeof *CASTS };

bool op_is_cast(unsigned op)
{
    for (size_t i = 0; i < NCAST; i++)
        if (CASTS[i].op == op)
            return true;
    return false;
}

static enum adql_type target_of(unsigned op)
{
    for (size_t i = 0; i < NCAST; i++)
        if (CASTS[i].op == op)
            return (enum adql_type)CASTS[i].type;
    return ADQL_UNTYPED;
}

static bool may_cast(enum adql_type from, enum adql_type to)
{
    if (from == ADQL_NULL || from == to)
        return true;
    if (adql_is_number(from))
        return adql_is_number(to) || to == ADQL_TEXT;
    if (from == ADQL_TEXT)
        return adql_is_number(to) || to == ADQL_TIMESTAMP ||
               (to >= ADQL_POINT && to <= ADQL_POLYGON);
    if (from == ADQL_BOOLEAN)
        return adql_is_integer(to) || to == ADQL_TEXT;
    return to == ADQL_TEXT &&
           (from == ADQL_TIMESTAMP || from == ADQL_REGION || from == ADQL_MOC);
}

/* A timestamp becomes text in DALI form; a length then applies to that text. */
static bool timestamp_to_text(struct binder *b, struct adql_node *n)
{
    if (n->op == ADQL_OP_cast_varchar) {
        n->op = ADQL_OP_cast_timestamp_text;
        return true;
    }
    n->child[0] =
        adql_new_call(b->arena, ADQL_OP_cast_timestamp_text, ADQL_TEXT, n->child, 1);
    return n->child[0] || bind_no_memory(b);
}

bool bind_cast(struct binder *b, struct adql_node *n)
{
    char words[96];
    struct adql_node *value = n->child[0];
    enum adql_type to = target_of(n->op);
    if (!bind_node(b, value))
        return false;
    enum adql_type from = (enum adql_type)value->type;
    if (!may_cast(from, to))
        return FAIL_AT(b, n, "%s (%s) cannot be cast to %s", node_words(value, words),
                       adql_type_name(from), adql_type_name(to));
    n->type = (uint8_t)to;
    if (to == ADQL_TIMESTAMP && from == ADQL_TEXT && value->kind == ADQL_LITERAL) {
        if (!bind_timestamp(b, value))
            return false;
        int32_t line = n->line, column = n->column, length = n->length;
        *n = *value;
        n->line = line;
        n->column = column;
        n->length = length;
        return true;
    }
    return from != ADQL_TIMESTAMP || to != ADQL_TEXT || timestamp_to_text(b, n);
}
