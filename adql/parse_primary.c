/* parse_primary.c -- what expressions are made of: literals, columns, calls, casts, CASE,
 * parentheses. */
#include <math.h>

#include "adql/functions.h"
#include "adql/parse.h"
#include "core/base/num.h"

/* --- literals --- */

static struct adql_node *literal(struct parser *p, enum adql_type type)
{
    struct adql_node *n = parser_node(p, ADQL_LITERAL, &p->token);
    if (!n)
        return NULL;
    n->type = (uint8_t)type;
    n->text = type == ADQL_TEXT ? parser_content(p, &p->token) : p->token.text;
    n->height = 1;
    parser_take(p);
    return n;
}

static struct adql_node *number(struct parser *p)
{
    struct token at = p->token;
    bool is_integer = at.kind == TOKEN_INTEGER;
    struct adql_node *n = literal(p, ADQL_DOUBLE);
    int64_t integer;
    if (!n)
        return NULL;
    if (is_integer && num_parse_int(n->text, &integer)) {
        n->type = integer > INT32_MAX ? ADQL_BIGINT : ADQL_INTEGER;
        n->integer = integer;
    } else if (!num_parse_double(n->text, &n->number) || isinf(n->number))
        return parser_fail(p, &at, "this number is too large for a DOUBLE");
    return n;
}

/* --- columns --- */

/* [[catalog.]schema.]table.column: names joined by dots */
bool parse_path(struct parser *p, struct adql_path *path, uint32_t most)
{
    do {
        if (path->npart == most)
            return parser_fail(p, &p->token, "a name has at most %u parts here", most);
        if (!parse_name(p, &path->part[path->npart],
                        path->npart ? "a name after the point" : "a name"))
            return false;
        path->npart++;
    } while (parser_accept(p, TOKEN_DOT));
    return true;
}

/* The names after the first one: `.column` ... or `.*`, of a select item only. */
static bool more_names(struct parser *p, struct adql_node *n, bool is_item_start)
{
    struct adql_path *path = n->path;
    while (parser_accept(p, TOKEN_DOT)) {
        if (p->token.kind == TOKEN_STAR) {
            if (!is_item_start)
                return parser_fail(p, &p->token,
                                   "`.*` may stand only as an item of the select list");
            n->kind = ADQL_STAR;
            parser_take(p);
            return p->token.kind == TOKEN_COMMA || parser_at_word(p, WORD_FROM) ||
                   parser_unexpected(p, "a comma or FROM after `.*`");
        }
        if (path->npart == 4)
            return parser_fail(p, &p->token,
                               "a column name has at most four parts: "
                               "catalog.schema.table.column");
        if (!parse_name(p, &path->part[path->npart++], "a column name after the point"))
            return false;
    }
    return true;
}

/* column ::= [[[catalog.]schema.]table.]name; the first name is taken already */
static struct adql_node *column(struct parser *p, const struct token *first)
{
    struct adql_node *n = parser_node(p, ADQL_COLUMN, first);
    if (!n || !(n->path = arena_new_one(p->arena, struct adql_path)))
        return parser_no_memory(p);
    n->height = 1;
    n->path->npart = 1;
    n->path->part[0].text = parser_content(p, first);
    n->path->part[0].is_quoted = first->kind == TOKEN_QUOTED;
    if (!more_names(p, n, first->text.at == p->item_start))
        return NULL;
    if (p->token.kind == TOKEN_LEFT && n->kind == ADQL_COLUMN)
        return parser_fail(p, &p->token,
                           "a function name has no quotes and no prefix with a point");
    return n;
}

/* --- calls --- */

static bool is_set_function(const struct token *name)
{
    return name->word == WORD_COUNT || name->word == WORD_SUM || name->word == WORD_AVG ||
           name->word == WORD_MIN || name->word == WORD_MAX;
}

/* POLYGON of numbers needs pairs, three or more: told without knowing column types. */
static bool polygon_is_even(struct parser *p, const struct adql_node *n)
{
    uint32_t first =
        n->nchild && n->child[0]->kind == ADQL_LITERAL && n->child[0]->type == ADQL_TEXT;
    bool has_number = false;
    for (uint32_t i = first; i < n->nchild; i++)
        if (n->child[i]->kind == ADQL_LITERAL && n->child[i]->type != ADQL_TEXT)
            has_number = true;
    if (!has_number || ((n->nchild - first) % 2 == 0 && n->nchild - first >= 6))
        return true;
    return err_set_at(p->err, ERR_USAGE, n->line, n->column,
                      "POLYGON needs a longitude and a latitude for each of three or more "
                      "corners, but has %u numbers",
                      n->nchild - first);
}

static bool check_count(struct parser *p, const struct adql_node *n)
{
    char signatures[400];
    uint32_t noverload;
    const struct adql_function *f = function_find(n->text, &noverload);
    for (uint32_t i = 0; f && i < noverload; i++)
        if (function_takes(&f[i], n->nchild))
            return !str_eq_fold(n->text, STR("POLYGON")) || polygon_is_even(p, n);
    if (!f || n->op == ADQL_OP_count_star)
        return true;
    function_signatures(f, noverload, signatures, sizeof signatures);
    return err_set_at(p->err, ERR_USAGE, n->line, n->column,
                      "%s cannot be called with %u argument%s: %s", f->name, n->nchild,
                      n->nchild == 1 ? "" : "s", signatures);
}

/* arguments ::= "*" | [DISTINCT | ALL] value {"," value} */
static bool arguments(struct parser *p, struct adql_node *n, const struct token *name)
{
    if (p->token.kind == TOKEN_STAR && name->word == WORD_COUNT) {
        parser_take(p);
        n->op = ADQL_OP_count_star;
        return true;
    }
    if (is_set_function(name)) {
        n->is_distinct = parser_accept_word(p, WORD_DISTINCT);
        if (!n->is_distinct)
            parser_accept_word(p, WORD_ALL);
    }
    if (p->token.kind == TOKEN_RIGHT)
        return true;
    do {
        if (!parser_list_add(p, parse_value(p)))
            return false;
    } while (parser_accept(p, TOKEN_COMMA));
    return true;
}

/* call ::= name "(" arguments ")" [window]; the name is taken, `(` is next */
struct adql_node *parse_call(struct parser *p, const struct token *name)
{
    struct adql_node *n = parser_node(p, ADQL_CALL, name);
    uint32_t mark = parser_list_begin(p);
    if (!n || !parser_enter(p))
        return NULL;
    n->text = name->text;
    parser_take(p);
    if (!arguments(p, n, name) ||
        !parser_expect(p, TOKEN_RIGHT, "a comma or `)` in the arguments"))
        return NULL;
    parser_leave(p);
    if (!parser_parent(p, n, mark) || !check_count(p, n) || !parse_window(p, n))
        return NULL;
    return n;
}

/* --- CAST and CASE --- */

/* clang-format off */
static const struct target {
    uint16_t word, second; /* second: a word that may (DOUBLE PRECISION) follow */
    uint16_t op;
    uint8_t type; /* enum adql_type */
} TARGETS[] = {
    {WORD_SMALLINT, 0, ADQL_OP_cast_smallint, ADQL_SMALLINT},
    {WORD_INTEGER, 0, ADQL_OP_cast_integer, ADQL_INTEGER},
    {WORD_INT, 0, ADQL_OP_cast_integer, ADQL_INTEGER},
    {WORD_BIGINT, 0, ADQL_OP_cast_bigint, ADQL_BIGINT},
    {WORD_REAL, 0, ADQL_OP_cast_real, ADQL_REAL},
    {WORD_FLOAT, 0, ADQL_OP_cast_double, ADQL_DOUBLE},
    {WORD_DOUBLE, WORD_PRECISION, ADQL_OP_cast_double, ADQL_DOUBLE},
    {WORD_CHAR, 0, ADQL_OP_cast_char_n, ADQL_TEXT},
    {WORD_CHARACTER, WORD_VARYING, ADQL_OP_cast_char_n, ADQL_TEXT},
    {WORD_VARCHAR, 0, ADQL_OP_cast_varchar_n, ADQL_TEXT},
    {WORD_TIMESTAMP, 0, ADQL_OP_cast_timestamp, ADQL_TIMESTAMP},
    {WORD_POINT, 0, ADQL_OP_cast_point, ADQL_POINT},
    {WORD_CIRCLE, 0, ADQL_OP_cast_circle, ADQL_CIRCLE},
    {WORD_POLYGON, 0, ADQL_OP_cast_polygon, ADQL_POLYGON},
};
/* clang-format on */

/* CHAR and VARCHAR without a length hold any text. */
static bool cast_length(struct parser *p, struct adql_node *n)
{
    struct token at = p->token;
    int64_t length;
    if (!parser_accept(p, TOKEN_LEFT)) {
        n->op = ADQL_OP_cast_varchar;
        return true;
    }
    at = p->token;
    if (!parse_count(p, &length, "the length of a text"))
        return false;
    if (length < 1 || length > 1000000)
        return parser_fail(p, &at, "the length of a text must be 1 to 1000000");
    n->cast_length = (int32_t)length;
    return parser_expect(p, TOKEN_RIGHT, "`)` after the length");
}

/* type ::= SMALLINT | INTEGER | BIGINT | REAL | DOUBLE PRECISION | CHAR ["(" n ")"] ... */
static bool cast_type(struct parser *p, struct adql_node *n)
{
    const struct target *target = NULL;
    for (size_t i = 0; i < sizeof TARGETS / sizeof *TARGETS; i++)
        if (parser_at_word(p, (enum word)TARGETS[i].word))
            target = &TARGETS[i];
    if (!target)
        return parser_unexpected(p, "a type (SMALLINT, INTEGER, BIGINT, REAL, DOUBLE "
                                    "PRECISION, CHAR, VARCHAR, TIMESTAMP, POINT, CIRCLE, "
                                    "POLYGON)");
    parser_take(p);
    n->op = target->op;
    n->type = target->type;
    if (target->second && parser_accept_word(p, (enum word)target->second) &&
        target->second == WORD_VARYING)
        n->op = ADQL_OP_cast_varchar_n;
    return target->type != ADQL_TEXT || cast_length(p, n);
}

/* cast ::= CAST "(" value AS type ")" */
static struct adql_node *cast(struct parser *p)
{
    struct adql_node *n = parser_node(p, ADQL_CALL, &p->token);
    uint32_t mark = parser_list_begin(p);
    parser_take(p);
    if (!n || !parser_enter(p) || !parser_expect(p, TOKEN_LEFT, "`(` after CAST") ||
        !parser_list_add(p, parse_value(p)) || !parser_expect_word(p, WORD_AS) ||
        !cast_type(p, n) || !parser_expect(p, TOKEN_RIGHT, "`)` at the end of CAST"))
        return NULL;
    parser_leave(p);
    return parser_parent(p, n, mark);
}

/* case ::= CASE [value] WHEN any THEN value {WHEN any THEN value} [ELSE value] END */
static struct adql_node *case_expression(struct parser *p)
{
    struct adql_node *n = parser_node(p, ADQL_CASE, &p->token);
    uint32_t mark = parser_list_begin(p);
    parser_take(p);
    if (!n || !parser_enter(p))
        return NULL;
    n->has_value = !parser_at_word(p, WORD_WHEN);
    if (n->has_value && !parser_list_add(p, parse_value(p)))
        return NULL;
    if (!parser_at_word(p, WORD_WHEN))
        return parser_unexpected(p, "WHEN");
    while (parser_accept_word(p, WORD_WHEN)) {
        struct adql_node *when = n->has_value ? parse_value(p) : parse_condition(p);
        if (!parser_list_add(p, when) || !parser_expect_word(p, WORD_THEN) ||
            !parser_list_add(p, parse_value(p)))
            return NULL;
    }
    n->has_else = parser_accept_word(p, WORD_ELSE);
    if (n->has_else && !parser_list_add(p, parse_value(p)))
        return NULL;
    if (!parser_expect_word(p, WORD_END))
        return NULL;
    parser_leave(p);
    return parser_parent(p, n, mark);
}

/* --- parentheses --- */

static struct adql_node *subquery_node(struct parser *p, struct adql_set *query,
                                       const struct token *at)
{
    struct adql_node *n = query ? parser_node(p, ADQL_SUBQUERY, at) : NULL;
    if (!n || !parser_grow(p, &n->height, query->height + 1u, at))
        return NULL;
    n->query = query;
    return n;
}

/* "(" any ")" | "(" select_expr ")"; the second as a value is our extension */
static struct adql_node *parenthesis(struct parser *p)
{
    struct token at = p->token;
    struct adql_node *n;
    if (!parser_enter(p))
        return NULL;
    parser_take(p);
    if (parser_at_word(p, WORD_SELECT) || parser_at_word(p, WORD_WITH))
        n = subquery_node(p, parse_set(p, NULL), &at);
    else {
        n = parse_any(p);
        if (n && n->kind == ADQL_SUBQUERY && parser_at_set_tail(p))
            n = subquery_node(p, parse_set(p, n->query), &at);
    }
    if (!n || !parser_expect(p, TOKEN_RIGHT, "`)`"))
        return NULL;
    parser_leave(p);
    return n;
}

/* A joined table where a query may stand: SELECT * FROM it. */
static struct adql_set *joined_query(struct parser *p)
{
    struct adql_from *from = parse_table_reference(p);
    if (!from)
        return NULL;
    if (from->kind != ADQL_FROM_JOIN)
        return parser_unexpected(p, "a SELECT");
    return parser_star_of(p, from);
}

/* subquery ::= "(" (select_expr | joined) ")" */
struct adql_set *parse_subquery(struct parser *p)
{
    if (!parser_enter(p) || !parser_expect(p, TOKEN_LEFT, "`(` and a subquery"))
        return NULL;
    bool is_select = parser_at_word(p, WORD_SELECT) || parser_at_word(p, WORD_WITH) ||
                     p->token.kind == TOKEN_LEFT;
    struct adql_set *query = is_select ? parse_set(p, NULL) : joined_query(p);
    if (!query || !parser_expect(p, TOKEN_RIGHT, "`)` at the end of the subquery"))
        return NULL;
    parser_leave(p);
    return query;
}

/* The members of IN, or its subquery; `(` is taken. NULL in *query: members. */
static bool in_content(struct parser *p, struct adql_set **query)
{
    if (parser_at_word(p, WORD_SELECT) || parser_at_word(p, WORD_WITH))
        return (*query = parse_set(p, NULL)) != NULL;

    struct lexer start = p->lexer;
    struct token first = p->token;
    uint32_t mark = parser_list_begin(p);
    struct adql_node *member = parse_value(p);
    if (!parser_list_add(p, member))
        return false;
    if (member->kind == ADQL_COLUMN && parser_at_join(p)) {
        p->lexer = start;
        p->token = first;
        p->nlist = mark;
        return (*query = joined_query(p)) != NULL;
    }
    bool is_query = member->kind == ADQL_SUBQUERY;
    if (is_query && (p->token.kind == TOKEN_RIGHT || parser_at_set_tail(p))) {
        p->nlist = mark;
        return (*query = parse_set(p, member->query)) != NULL;
    }
    while (parser_accept(p, TOKEN_COMMA))
        if (!parser_list_add(p, parse_value(p)))
            return false;
    return true;
}

bool parse_in(struct parser *p, struct adql_node *n)
{
    struct adql_set *query = NULL;
    struct token at = p->token;
    if (!parser_enter(p) || !parser_expect(p, TOKEN_LEFT, "`(` after IN") ||
        !in_content(p, &query) ||
        !parser_expect(p, TOKEN_RIGHT, "a comma or `)` in the list of IN"))
        return false;
    parser_leave(p);
    if (query) {
        n->kind = ADQL_IN_QUERY;
        n->query = query;
        return parser_grow(p, &n->height, query->height + 1u, &at);
    }
    return true;
}

/* --- primary --- */

static struct adql_node *reserved(struct parser *p, const struct token *t, bool is_function)
{
    if (is_function)
        return parser_fail(
            p, t,
            "`%.*s` is a reserved word of ADQL, the name of a function: to use "
            "it as a column name write \"%.*s\" in double quotes",
            STR_FMT(t->text), STR_FMT(t->text));
    if (parser_peek(p).kind == TOKEN_LEFT)
        return parser_fail(p, t, "ADQL has no function %.*s", STR_FMT(t->text));
    return parser_unexpected(p, "an expression");
}

/* An expression that begins with a reserved word. */
static struct adql_node *worded(struct parser *p)
{
    struct token t = p->token;
    struct adql_node *n;
    uint32_t noverload;
    bool is_name = parser_at_name(p);
    switch (t.word) {
    case WORD_NULL:
        return literal(p, ADQL_NULL);
    case WORD_TRUE:
    case WORD_FALSE:
        if ((n = literal(p, ADQL_BOOLEAN)))
            n->integer = t.word == WORD_TRUE;
        return n;
    case WORD_CAST:
        return cast(p);
    case WORD_CASE:
        return case_expression(p);
    default:
        break;
    }
    bool is_function = function_find(t.text, &noverload) != NULL;
    if (!is_name && !is_function)
        return reserved(p, &t, false);
    parser_take(p);
    if (is_function && p->token.kind == TOKEN_LEFT)
        return parse_call(p, &t);
    return is_name ? column(p, &t) : reserved(p, &t, true);
}

/* A[i]: our extension */
static struct adql_node *element(struct parser *p, struct adql_node *array)
{
    while (array && p->token.kind == TOKEN_LEFT_SQUARE) {
        struct adql_node *n = parser_node(p, ADQL_CALL, &p->token);
        uint32_t mark = parser_list_begin(p);
        parser_take(p);
        if (!n || !parser_enter(p) || !parser_list_add(p, array) ||
            !parser_list_add(p, parse_value(p)) ||
            !parser_expect(p, TOKEN_RIGHT_SQUARE, "`]`"))
            return NULL;
        parser_leave(p);
        n->op = ADQL_OP_element;
        array = parser_parent(p, n, mark);
    }
    return array;
}

/* primary ::= literal | column | call | cast | case | "(" any ")" */
struct adql_node *parse_primary(struct parser *p)
{
    struct token t = p->token;
    switch (t.kind) {
    case TOKEN_INTEGER:
    case TOKEN_NUMBER:
        return number(p);
    case TOKEN_TEXT:
        return literal(p, ADQL_TEXT);
    case TOKEN_LEFT:
        return element(p, parenthesis(p));
    case TOKEN_NAME:
    case TOKEN_QUOTED:
        parser_take(p);
        if (t.kind == TOKEN_NAME && p->token.kind == TOKEN_LEFT)
            return element(p, parse_call(p, &t));
        return element(p, column(p, &t));
    case TOKEN_WORD:
        return element(p, worded(p));
    default:
        return parser_unexpected(p, "an expression");
    }
}
