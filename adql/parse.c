/* parse.c -- queries: WITH, set operations, SELECT and its clauses, ORDER BY, OFFSET.
 * Each rule of the grammar (ADQL 2.1, "The language", condensed in ADQL.md section 3) is a
 * function; the rule stands over it. */
#include "adql/parse.h"

const struct adql_limits ADQL_DEFAULT_LIMITS = {1u << 20, 128, 400, 200};

/* How many levels of the C stack a SELECT costs, in levels of an expression. */
enum { SELECT_HEIGHT = 6 };

static struct adql_set *set_new(struct parser *p)
{
    struct adql_set *s = arena_new_one(p->arena, struct adql_set);
    if (!s)
        return parser_no_memory(p);
    s->line = p->token.line;
    s->column = p->token.column;
    s->height = 1;
    return s;
}

/* --- SELECT --- */

/* The select's own height, into its set. */
static bool add_height(struct parser *p, struct adql_set *s, uint32_t height)
{
    struct token at = {.line = s->line, .column = s->column};
    return parser_grow(p, &s->height, height + SELECT_HEIGHT, &at);
}

/* item ::= value [[AS] name] | [qualifier "."] "*"; a bare * beside others: extension */
static struct adql_item *select_item(struct parser *p, struct adql_set *s)
{
    struct adql_item *item = arena_new_one(p->arena, struct adql_item);
    p->item_start = p->token.text.at;
    if (!item)
        return parser_no_memory(p);
    if (p->token.kind == TOKEN_STAR) {
        item->node = parser_node(p, ADQL_STAR, &p->token);
        parser_take(p);
        return item->node ? item : NULL;
    }
    item->node = parse_value(p);
    p->item_start = NULL;
    if (!item->node || !add_height(p, s, item->node->height))
        return NULL;
    if (item->node->kind == ADQL_STAR)
        return item;
    bool has_as = parser_accept_word(p, WORD_AS);
    if ((has_as || parser_at_name(p)) && !parser_at_foreign_clause(p) &&
        !parse_name(p, &item->alias, "a column name after AS"))
        return NULL;
    return item;
}

/* list ::= "*" | item {"," item} */
static bool select_list(struct parser *p, struct adql_set *s)
{
    struct adql_select *q = s->select;
    uint32_t mark = parser_list_begin(p);
    do {
        if (!parser_list_add(p, select_item(p, s)))
            return false;
    } while (parser_accept(p, TOKEN_COMMA));

    q->item = parser_list_values(p, mark, sizeof *q->item, &q->nitem);
    return q->item != NULL;
}

/* from ::= FROM table_reference {"," table_reference} */
static bool from_clause(struct parser *p, struct adql_set *s)
{
    uint32_t mark = parser_list_begin(p);
    if (!parser_accept_word(p, WORD_FROM))
        return parser_unexpected(p, "a comma or FROM after the select list");
    do {
        struct adql_from *from = parse_table_reference(p);
        if (!parser_list_add(p, from) || !add_height(p, s, from->height))
            return false;
    } while (parser_accept(p, TOKEN_COMMA));
    s->select->from = parser_list_end(p, mark, &s->select->nfrom);
    return s->select->from != NULL;
}

static bool condition_clause(struct parser *p, struct adql_set *s, enum word word,
                             struct adql_node **condition)
{
    if (!parser_accept_word(p, word))
        return true;
    *condition = parse_condition(p);
    return *condition && add_height(p, s, (*condition)->height);
}

/* [GROUP BY value {"," value}] */
static bool group_clause(struct parser *p, struct adql_set *s)
{
    uint32_t mark = parser_list_begin(p);
    if (!parser_accept_word(p, WORD_GROUP))
        return true;
    if (!parser_expect_word(p, WORD_BY))
        return false;
    do {
        struct adql_node *by = parse_value(p);
        if (!parser_list_add(p, by) || !add_height(p, s, by->height))
            return false;
    } while (parser_accept(p, TOKEN_COMMA));
    s->select->group = parser_list_end(p, mark, &s->select->ngroup);
    return s->select->group != NULL;
}

/* [DISTINCT | ALL] [TOP n] */
static bool quantifiers(struct parser *p, struct adql_select *q)
{
    q->is_distinct = parser_accept_word(p, WORD_DISTINCT);
    if (!q->is_distinct)
        parser_accept_word(p, WORD_ALL);
    if (!parser_accept_word(p, WORD_TOP))
        return true;
    if (!parse_count(p, &q->top, "TOP"))
        return false;
    if (parser_at_word(p, WORD_DISTINCT) || parser_at_word(p, WORD_ALL))
        return parser_fail(p, &p->token, "%s stands before TOP: SELECT %s TOP n ...",
                           word_text((enum word)p->token.word),
                           word_text((enum word)p->token.word));
    return true;
}

/* select ::= SELECT [DISTINCT|ALL] [TOP n] list from [WHERE condition]
 *            [GROUP BY value {"," value}] [HAVING condition] */
static struct adql_set *select_query(struct parser *p)
{
    struct adql_set *s = set_new(p);
    if (!s)
        return NULL;
    struct adql_select *q = s->select = arena_new_one(p->arena, struct adql_select);
    if (!q)
        return parser_no_memory(p);
    q->line = s->line;
    q->column = s->column;
    q->top = -1;
    parser_take(p);
    if (!quantifiers(p, q) || !select_list(p, s) || !from_clause(p, s) ||
        !condition_clause(p, s, WORD_WHERE, &q->where) || !group_clause(p, s) ||
        !condition_clause(p, s, WORD_HAVING, &q->having))
        return NULL;
    return s;
}

struct adql_set *parser_star_of(struct parser *p, struct adql_from *from)
{
    struct adql_set *s = set_new(p);
    struct adql_select *q = arena_new_one(p->arena, struct adql_select);
    struct token at = {.line = from->line, .column = from->column, .length = 1};
    if (!s || !q)
        return parser_no_memory(p);
    s->select = q;
    q->line = from->line;
    q->column = from->column;
    q->top = -1;
    q->nitem = q->nfrom = 1;
    q->item = arena_new_one(p->arena, struct adql_item);
    q->from = arena_new_one(p->arena, struct adql_from *);
    if (!q->item || !q->from || !(q->item->node = parser_node(p, ADQL_STAR, &at)))
        return parser_no_memory(p);
    q->from[0] = from;
    return add_height(p, s, from->height) ? s : NULL;
}

/* --- set operations --- */

static bool is_set_operator(const struct parser *p, bool intersect)
{
    return intersect ? parser_at_word(p, WORD_INTERSECT)
                     : parser_at_word(p, WORD_UNION) || parser_at_word(p, WORD_EXCEPT);
}

bool parser_at_set_tail(const struct parser *p)
{
    return is_set_operator(p, true) || is_set_operator(p, false) ||
           parser_at_word(p, WORD_ORDER) || parser_at_word(p, WORD_OFFSET);
}

static bool has_tail(const struct adql_set *s)
{
    return s->norder > 0 || s->offset > 0 || (s->select && s->select->top >= 0);
}

static struct adql_set *wrap(struct parser *p, struct adql_set *inner)
{
    struct adql_set *s = set_new(p);
    if (!s || !(s->term = arena_new_one(p->arena, struct adql_set *)) ||
        !(s->op = arena_new_one(p->arena, uint8_t)) ||
        !(s->is_all = arena_new_one(p->arena, bool)))
        return parser_no_memory(p);
    s->line = inner->line;
    s->column = inner->column;
    s->nterm = 1;
    s->term[0] = inner;
    return add_height(p, s, inner->height) ? s : NULL;
}

/* set_prim ::= select | "(" select_expr ")" */
static struct adql_set *set_primary(struct parser *p)
{
    if (parser_at_word(p, WORD_SELECT))
        return select_query(p);
    if (parser_at_word(p, WORD_WITH))
        return parser_fail(p, &p->token,
                           "WITH may stand only at the beginning of the whole "
                           "query");
    if (p->token.kind != TOKEN_LEFT)
        return parser_unexpected(p, "SELECT");
    if (!parser_enter(p))
        return NULL;
    parser_take(p);
    struct adql_set *s = parse_set(p, NULL);
    if (!s || !parser_expect(p, TOKEN_RIGHT, "`)` at the end of the query"))
        return NULL;
    parser_leave(p);
    return s;
}

/* What the operands gathered since mark make, with their operators. */
static struct adql_set *set_of(struct parser *p, uint32_t mark, const uint8_t *op,
                               const bool *is_all)
{
    struct adql_set *s = set_new(p);
    if (!s || !(s->term = parser_list_end(p, mark, &s->nterm)) ||
        !(s->op = arena_new_array(p->arena, uint8_t, s->nterm)) ||
        !(s->is_all = arena_new_array(p->arena, bool, s->nterm)))
        return parser_no_memory(p);
    memcpy(s->op, op, s->nterm);
    memcpy(s->is_all, is_all, s->nterm);
    s->line = s->term[0]->line;
    s->column = s->term[0]->column;
    for (uint32_t i = 0; i < s->nterm; i++)
        if (!add_height(p, s, s->term[i]->height))
            return NULL;
    return s;
}

enum { MAX_OPERANDS = 250 };

/* The operators between the operands, while they are being read. */
struct operators {
    uint32_t n;
    uint8_t op[MAX_OPERANDS];
    bool is_all[MAX_OPERANDS];
};

static bool set_operator(struct parser *p, struct operators *operators)
{
    if (operators->n == MAX_OPERANDS)
        return parser_fail(p, &p->token,
                           "at most %d queries can be joined by UNION, EXCEPT, INTERSECT",
                           MAX_OPERANDS);
    operators->op[operators->n] = parser_at_word(p, WORD_UNION)    ? ADQL_UNION
                                  : parser_at_word(p, WORD_EXCEPT) ? ADQL_EXCEPT
                                                                   : ADQL_INTERSECT;
    parser_take(p);
    operators->is_all[operators->n++] = parser_accept_word(p, WORD_ALL);
    return true;
}

/* set_term ::= set_prim {INTERSECT [ALL] set_prim}
 * set_expr ::= set_term {(UNION | EXCEPT) [ALL] set_term} */
static struct adql_set *set_operands(struct parser *p, struct adql_set *first,
                                     bool intersect)
{
    uint32_t mark = parser_list_begin(p);
    struct adql_set *term = !intersect ? set_operands(p, first, true)
                            : first    ? first
                                       : set_primary(p);
    if (!term || !is_set_operator(p, intersect))
        return term;
    struct operators *operators = arena_new_one(p->arena, struct operators);
    if (!operators)
        return parser_no_memory(p);
    operators->n = 1;
    if (!parser_list_add(p, term))
        return NULL;
    while (is_set_operator(p, intersect))
        if (!set_operator(p, operators) ||
            !parser_list_add(p, intersect ? set_primary(p) : set_operands(p, NULL, true)))
            return NULL;
    return set_of(p, mark, operators->op, operators->is_all);
}

/* --- ORDER BY, OFFSET --- */

/* order ::= value [ASC | DESC] */
static struct adql_order *order_term(struct parser *p)
{
    struct adql_order *order = arena_new_one(p->arena, struct adql_order);
    if (!order)
        return parser_no_memory(p);
    order->iitem = -1;
    order->node = parse_value(p);
    if (!order->node)
        return NULL;
    order->is_descending = parser_accept_word(p, WORD_DESC);
    if (!order->is_descending)
        parser_accept_word(p, WORD_ASC);
    return order;
}

bool parse_order_list(struct parser *p, struct adql_order **order, uint32_t *n)
{
    uint32_t mark = parser_list_begin(p);
    do {
        if (!parser_list_add(p, order_term(p)))
            return false;
    } while (parser_accept(p, TOKEN_COMMA));
    *order = parser_list_values(p, mark, sizeof **order, n);
    return *order != NULL;
}

/* [ORDER BY order {"," order}] [OFFSET n] */
static bool tail(struct parser *p, struct adql_set *s)
{
    if (parser_accept_word(p, WORD_ORDER)) {
        if (!parser_expect_word(p, WORD_BY) || !parse_order_list(p, &s->order, &s->norder))
            return false;
        for (uint32_t i = 0; i < s->norder; i++)
            if (!add_height(p, s, s->order[i].node->height))
                return false;
    }
    if (parser_accept_word(p, WORD_OFFSET) && !parse_count(p, &s->offset, "OFFSET"))
        return false;
    if (is_set_operator(p, true) || is_set_operator(p, false))
        return parser_fail(
            p, &p->token,
            "a SELECT with its own ORDER BY or OFFSET needs parentheses before "
            "%s",
            word_text((enum word)p->token.word));
    return true;
}

/* select_expr ::= set_expr [ORDER BY order {"," order}] [OFFSET n] */
struct adql_set *parse_set(struct parser *p, struct adql_set *first)
{
    bool is_bare = !first && parser_at_word(p, WORD_SELECT);
    struct adql_set *s = set_operands(p, first, false);
    if (!s)
        return NULL;
    bool is_followed = parser_at_word(p, WORD_ORDER) || parser_at_word(p, WORD_OFFSET);
    if (is_followed && has_tail(s) && !(is_bare && s->norder == 0 && s->offset == 0))
        s = wrap(p, s);
    return s && tail(p, s) ? s : NULL;
}

/* --- WITH and the whole --- */

/* cte ::= name AS "(" select_expr ")" */
static struct adql_cte *common_table(struct parser *p)
{
    struct adql_cte *cte = arena_new_one(p->arena, struct adql_cte);
    if (!cte)
        return parser_no_memory(p);
    cte->line = p->token.line;
    cte->column = p->token.column;
    if (!parse_name(p, &cte->name, "a name for the query of WITH") ||
        !parser_expect_word(p, WORD_AS) || !parser_expect(p, TOKEN_LEFT, "`(` after AS") ||
        !parser_enter(p) || !(cte->query = parse_set(p, NULL)) ||
        !parser_expect(p, TOKEN_RIGHT, "`)` at the end of the query of WITH"))
        return NULL;
    parser_leave(p);
    return cte;
}

/* with ::= WITH cte {"," cte} */
static bool with(struct parser *p, struct adql_query *q)
{
    uint32_t mark = parser_list_begin(p);
    if (!parser_accept_word(p, WORD_WITH))
        return true;
    if (parser_at_plain(p, "recursive") && parser_peek(p).kind == TOKEN_NAME)
        return parser_fail(p, &p->token, "ADQL has no recursive WITH");
    do {
        if (!parser_list_add(p, common_table(p)))
            return false;
    } while (parser_accept(p, TOKEN_COMMA));
    q->cte = parser_list_values(p, mark, sizeof *q->cte, &q->ncte);
    return q->cte != NULL;
}

/* Says in its own words why a query that is none is refused (ADQL-28). */
static bool begins_well(struct parser *p)
{
    const struct token *t = &p->token;
    static const char *const OTHERS[] = {
        "INSERT", "UPDATE", "DELETE", "CREATE", "DROP",   "ALTER",   "TRUNCATE", "GRANT",
        "REVOKE", "MERGE",  "COPY",   "SET",    "PRAGMA", "ATTACH",  "CALL",     "EXECUTE",
        "BEGIN",  "COMMIT", "EXEC",   "USE",    "LOAD",   "INSTALL", "EXPLAIN",  "VALUES"};
    if (t->kind == TOKEN_BAD || parser_at_word(p, WORD_SELECT) ||
        parser_at_word(p, WORD_WITH) || t->kind == TOKEN_LEFT)
        return true;
    if (t->kind == TOKEN_END)
        return parser_fail(p, t, "the query is empty: it should begin with SELECT");
    for (size_t i = 0; i < sizeof OTHERS / sizeof *OTHERS; i++)
        if (str_eq_fold(t->text, str_of(OTHERS[i])))
            return parser_fail(p, t,
                               "%s is not allowed: ADQL only reads, a query begins with "
                               "SELECT",
                               OTHERS[i]);
    return parser_unexpected(p, "SELECT at the beginning of the query");
}

/* query ::= [with] select_expr [";"] */
static bool query(struct parser *p, struct adql_query *q)
{
    if (!begins_well(p) || !with(p, q) || !(q->body = parse_set(p, NULL)))
        return false;
    if (parser_accept(p, TOKEN_SEMICOLON) && p->token.kind != TOKEN_END)
        return p->token.kind == TOKEN_BAD
                   ? false
                   : parser_fail(p, &p->token,
                                 "one query at a time: nothing may follow `;`");
    return p->token.kind == TOKEN_END || parser_unexpected(p, "the end of the query");
}

/* The bytes must be text: UTF-8 without NUL (ADQL-11), which no store takes either. */
static bool check_text(str text, const struct adql_limits *limits, struct err *e)
{
    size_t bad;
    if (text.len > limits->max_query_bytes)
        return err_set(e, ERR_LIMIT, "the query has %zu bytes, more than the %u allowed",
                       text.len, limits->max_query_bytes);
    if (!str_is_utf8(text, &bad))
        return err_set(e, ERR_USAGE, "the query is not UTF-8 text: byte %zu is 0x%02X",
                       bad + 1, (unsigned char)text.at[bad]);
    const char *nul = text.len ? memchr(text.at, '\0', text.len) : NULL;
    if (nul)
        return err_set(e, ERR_USAGE, "the query is no text: byte %zu is 0",
                       (size_t)(nul - text.at) + 1);
    return true;
}

struct adql_query *adql_parse(str text, enum adql_lang lang,
                              const struct adql_limits *limits, struct arena *arena,
                              struct err *e)
{
    struct parser p = {.arena = arena, .err = e, .lang = lang};
    struct adql_query *q;
    p.limits = limits ? *limits : ADQL_DEFAULT_LIMITS;
    if (!check_text(text, &p.limits, e))
        return NULL;
    char *copy = arena_text(arena, text);
    if (!copy || !(q = arena_new_one(arena, struct adql_query)))
        return parser_no_memory(&p);
    q->arena = arena;
    q->text = (str){copy, text.len};
    q->lang = lang;
    q->limits = p.limits;
    lexer_init(&p.lexer, q->text, e);
    p.token = lexer_next(&p.lexer);
    if (!query(&p, q))
        return NULL;
    q->nreference = p.ntable;
    return q;
}

/* A value or a condition alone, to its last character. */
static struct adql_node *alone(str text, bool is_condition,
                               const struct adql_limits *limits, struct arena *arena,
                               struct err *e)
{
    struct parser p = {.arena = arena, .err = e, .lang = ADQL_COLURE};
    p.limits = limits ? *limits : ADQL_DEFAULT_LIMITS;
    if (!check_text(text, &p.limits, e))
        return NULL;
    char *copy = arena_text(arena, text);
    if (!copy)
        return parser_no_memory(&p);
    lexer_init(&p.lexer, (str){copy, text.len}, e);
    p.token = lexer_next(&p.lexer);
    struct adql_node *node = is_condition ? parse_condition(&p) : parse_value(&p);
    if (!node || p.token.kind == TOKEN_END)
        return node;
    return parser_unexpected(&p, is_condition ? "the end of the condition"
                                              : "the end of the expression");
}

struct adql_node *adql_parse_condition(str text, const struct adql_limits *limits,
                                       struct arena *arena, struct err *e)
{
    return alone(text, true, limits, arena, e);
}

struct adql_node *adql_parse_value(str text, const struct adql_limits *limits,
                                   struct arena *arena, struct err *e)
{
    return alone(text, false, limits, arena, e);
}

bool adql_lang_of(str parameter, enum adql_lang *lang)
{
    static const struct {
        const char *name;
        enum adql_lang lang;
    } LANGS[] = {{"ADQL", ADQL_COLURE}, {"ADQL-2.0", ADQL_20}, {"ADQL-2.1", ADQL_21}};
    for (size_t i = 0; i < sizeof LANGS / sizeof *LANGS; i++)
        if (str_eq_fold(parameter, str_of(LANGS[i].name))) {
            *lang = LANGS[i].lang;
            return true;
        }
    return false;
}
