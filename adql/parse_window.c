/* parse_window.c -- OVER (...) of a call: partitions, order, frame. An extension. */
#include "adql/parse.h"

/* PARTITION BY value {"," value} */
static bool partition(struct parser *p, struct adql_node *n)
{
    uint32_t mark = parser_list_begin(p);
    if (!parser_at_plain(p, "partition"))
        return true;
    parser_take(p);
    if (!parser_expect_word(p, WORD_BY))
        return false;
    do {
        struct adql_node *by = parse_value(p);
        if (!parser_list_add(p, by) ||
            !parser_grow(p, &n->height, by->height + 1u, &p->token))
            return false;
    } while (parser_accept(p, TOKEN_COMMA));
    n->window->partition = parser_list_end(p, mark, &n->window->npartition);
    return true;
}

static bool order(struct parser *p, struct adql_node *n)
{
    struct adql_window *w = n->window;
    if (!parser_accept_word(p, WORD_ORDER))
        return true;
    if (!parser_expect_word(p, WORD_BY) || !parse_order_list(p, &w->order, &w->norder))
        return false;
    for (uint32_t i = 0; i < w->norder; i++)
        if (!parser_grow(p, &n->height, w->order[i].node->height + 1u, &p->token))
            return false;
    return true;
}

/* --- frames --- */

static bool accept_plain(struct parser *p, const char *word)
{
    if (!parser_at_plain(p, word))
        return false;
    parser_take(p);
    return true;
}

/* PRECEDING | FOLLOWING; is_unbounded: of UNBOUNDED */
static bool direction(struct parser *p, struct adql_bound *b, bool is_unbounded)
{
    if (accept_plain(p, "preceding"))
        b->kind = is_unbounded ? ADQL_UNBOUNDED_PRECEDING : ADQL_PRECEDING;
    else if (accept_plain(p, "following"))
        b->kind = is_unbounded ? ADQL_UNBOUNDED_FOLLOWING : ADQL_FOLLOWING;
    else
        return parser_unexpected(p, "PRECEDING or FOLLOWING");
    return true;
}

/* bound ::= UNBOUNDED PRECEDING | number PRECEDING | CURRENT ROW | number FOLLOWING
 *         | UNBOUNDED FOLLOWING; of ROWS a whole number */
static bool bound(struct parser *p, const struct adql_window *w, struct adql_bound *b)
{
    if (parser_accept_word(p, WORD_CURRENT)) {
        b->kind = ADQL_CURRENT_ROW;
        return accept_plain(p, "row") || parser_unexpected(p, "ROW after CURRENT");
    }
    if (accept_plain(p, "unbounded"))
        return direction(p, b, true);
    bool is_number = p->token.kind == TOKEN_INTEGER ||
                     (p->token.kind == TOKEN_NUMBER && w->unit == ADQL_FRAME_RANGE);
    if (!is_number)
        return parser_unexpected(p, w->unit == ADQL_FRAME_ROWS
                                        ? "UNBOUNDED, CURRENT ROW or a number of rows"
                                        : "UNBOUNDED, CURRENT ROW or a number");
    b->distance = parse_primary(p);
    return b->distance && direction(p, b, false);
}

/* frame ::= (ROWS | RANGE) (bound | BETWEEN bound AND bound); one bound: up to the current
 * row */
static bool frame(struct parser *p, struct adql_window *w)
{
    struct token at = p->token;
    if (parser_accept_word(p, WORD_ROWS))
        w->unit = ADQL_FRAME_ROWS;
    else if (accept_plain(p, "range"))
        w->unit = ADQL_FRAME_RANGE;
    else
        return true;
    bool has_both = parser_accept_word(p, WORD_BETWEEN);
    w->last.kind = ADQL_CURRENT_ROW;
    if (!bound(p, w, &w->first))
        return false;
    if (has_both && (!parser_expect_word(p, WORD_AND) || !bound(p, w, &w->last)))
        return false;
    if (w->first.kind > w->last.kind || w->first.kind == ADQL_UNBOUNDED_FOLLOWING ||
        w->last.kind == ADQL_UNBOUNDED_PRECEDING)
        return parser_fail(p, &at, "this frame ends before it begins");
    return true;
}

/* window ::= OVER "(" [PARTITION BY ...] [ORDER BY order {, order}] [frame] ")" */
bool parse_window(struct parser *p, struct adql_node *n)
{
    if (!parser_at_plain(p, "over") || parser_peek(p).kind != TOKEN_LEFT)
        return true;
    n->window = arena_new_one(p->arena, struct adql_window);
    if (!n->window)
        return parser_no_memory(p);
    parser_take(p);
    parser_take(p);
    return partition(p, n) && order(p, n) && frame(p, n->window) &&
           parser_expect(p, TOKEN_RIGHT, "`)` at the end of OVER (...)");
}
