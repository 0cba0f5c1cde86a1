/* write_adql_expr.c -- expressions as ADQL text, with no more parentheses than needed. */
#include <math.h>

#include "adql/bind.h"
#include "adql/functions.h"
#include "adql/write.h"
#include "adql/write_adql.h"
#include "core/base/clock.h"
#include "core/base/num.h"

/* --- strengths: an operand weaker than its place stands in parentheses --- */

enum strength {
    WEAK_OR,
    WEAK_AND,
    WEAK_NOT,
    WEAK_PREDICATE,
    OPERATOR = 10,
    SIGN = 20,
    PRIMARY
};

static const struct operator_sign {
    const char *sign;
    uint8_t strength;
} SIGNS[ADQL_NOP] = {
    [ADQL_OP_bit_or] = {" | ", OPERATOR + 1},
    [ADQL_OP_bit_xor] = {" ^ ", OPERATOR + 2},
    [ADQL_OP_bit_and] = {" & ", OPERATOR + 3},
    [ADQL_OP_shift_left] = {" << ", OPERATOR + 4},
    [ADQL_OP_shift_right] = {" >> ", OPERATOR + 4},
    [ADQL_OP_concat] = {" || ", OPERATOR + 5},
    [ADQL_OP_add] = {" + ", OPERATOR + 6},
    [ADQL_OP_sub] = {" - ", OPERATOR + 6},
    [ADQL_OP_mul] = {" * ", OPERATOR + 7},
    [ADQL_OP_div_float] = {" / ", OPERATOR + 7},
    [ADQL_OP_div_int] = {" / ", OPERATOR + 7},
    [ADQL_OP_neg] = {"-", SIGN},
    [ADQL_OP_pos] = {"+", SIGN},
    [ADQL_OP_bit_not] = {"~", SIGN},
};

static unsigned strength_of(const struct adql_node *n)
{
    bool is_negative = n->kind == ADQL_LITERAL && !n->text.len &&
                       ((n->type == ADQL_DOUBLE && signbit(n->number)) ||
                        (adql_is_integer((enum adql_type)n->type) && n->integer < 0));
    switch (n->kind) {
    case ADQL_OR:
        return WEAK_OR;
    case ADQL_AND:
        return WEAK_AND;
    case ADQL_NOT:
        return WEAK_NOT;
    case ADQL_CALL:
        return !n->text.len && SIGNS[n->op].sign ? SIGNS[n->op].strength : PRIMARY;
    case ADQL_LITERAL:
        return is_negative ? SIGN : PRIMARY;
    case ADQL_COLUMN:
    case ADQL_CASE:
    case ADQL_SUBQUERY:
    case ADQL_STAR:
        return PRIMARY;
    default:
        return WEAK_PREDICATE;
    }
}

static void print_within(struct printer *p, const struct adql_node *n, unsigned least)
{
    bool needs = strength_of(n) < least;
    if (needs)
        bytes_add_char(p->out, '(');
    print_node(p, n);
    if (needs)
        bytes_add_char(p->out, ')');
}

/* --- leaves --- */

static void print_number(struct printer *p, const struct adql_node *n)
{
    char text[NUM_TEXT_BYTES];
    if (n->text.len)
        bytes_add(p->out, n->text);
    else if (n->type == ADQL_DOUBLE)
        bytes_add(p->out, (str){text, num_print_double(n->number, text)});
    else
        bytes_add(p->out, (str){text, num_print_int(n->integer, text)});
}

static void print_literal(struct printer *p, const struct adql_node *n)
{
    char time[CLOCK_TEXT_BYTES];
    switch (n->type) {
    case ADQL_NULL:
        bytes_add_literal(p->out, "NULL");
        break;
    case ADQL_BOOLEAN:
        bytes_add(p->out, n->integer ? STR("TRUE") : STR("FALSE"));
        break;
    case ADQL_TEXT:
        adql_add_text(p->out, n->text);
        break;
    case ADQL_TIMESTAMP:
        bytes_add_literal(p->out, "CAST('");
        bytes_add(p->out, (str){time, clock_print_us(n->integer, time)});
        bytes_add_literal(p->out, "' AS TIMESTAMP)");
        break;
    default:
        print_number(p, n);
    }
}

static void print_column(struct printer *p, const struct adql_node *n)
{
    if (!p->is_bound) {
        print_path(p, n->path);
        return;
    }
    adql_add_name(p->out, str_of(n->from->sql_name));
    bytes_add_char(p->out, '.');
    if (n->from->table)
        bytes_add(p->out, str_of(n->from->table->column[n->icolumn].adql_name));
    else
        adql_add_name(p->out, str_of(n->from->query->output[n->icolumn].sql_name));
}

static void print_star(struct printer *p, const struct adql_node *n)
{
    if (n->path) {
        print_path(p, n->path);
        bytes_add_char(p->out, '.');
    }
    bytes_add_char(p->out, '*');
}

/* --- calls --- */

static void print_list(struct printer *p, struct adql_node *const *node, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        if (i)
            bytes_add_literal(p->out, ", ");
        print_node(p, node[i]);
    }
}

static const char *cast_target(const struct adql_node *n)
{
    switch (n->op) {
    case ADQL_OP_cast_char_n:
        return "CHAR";
    case ADQL_OP_cast_varchar:
    case ADQL_OP_cast_varchar_n:
    case ADQL_OP_cast_timestamp_text:
        return "VARCHAR";
    case ADQL_OP_cast_double:
        return "DOUBLE PRECISION";
    default:
        return adql_type_name((enum adql_type)n->type);
    }
}

static void print_cast(struct printer *p, const struct adql_node *n)
{
    bytes_add_literal(p->out, "CAST(");
    print_node(p, n->child[0]);
    bytes_add_literal(p->out, " AS ");
    bytes_add(p->out, str_of(cast_target(n)));
    if (n->cast_length)
        bytes_add_format(p->out, "(%d)", n->cast_length);
    bytes_add_char(p->out, ')');
}

static void print_operator(struct printer *p, const struct adql_node *n)
{
    const struct operator_sign *s = &SIGNS[n->op];
    if (n->op == ADQL_OP_element) {
        print_within(p, n->child[0], PRIMARY);
        bytes_add_char(p->out, '[');
        print_node(p, n->child[1]);
        bytes_add_char(p->out, ']');
    } else if (!s->sign)
        p->failed = true;
    else if (n->nchild == 1) {
        bytes_add(p->out, str_of(s->sign));
        print_within(p, n->child[0], PRIMARY);
    } else {
        print_within(p, n->child[0], s->strength);
        bytes_add(p->out, str_of(s->sign));
        print_within(p, n->child[1], s->strength + 1u);
    }
}

static void print_window(struct printer *p, const struct adql_window *w)
{
    bytes_add_literal(p->out, " OVER (");
    if (w->npartition) {
        bytes_add_literal(p->out, "PARTITION BY ");
        print_list(p, w->partition, w->npartition);
        if (w->norder)
            bytes_add_char(p->out, ' ');
    }
    print_order(p, w->order, w->norder);
    if (w->unit && (w->npartition || w->norder))
        bytes_add_char(p->out, ' ');
    write_frame(p->out, w);
    bytes_add_char(p->out, ')');
}

static void print_function_name(struct printer *p, const struct adql_node *n)
{
    uint32_t noverload;
    const struct adql_function *f = function_find(n->text, &noverload);
    if (f) {
        bytes_add(p->out, str_of(f->name));
        return;
    }
    for (size_t i = 0; i < n->text.len; i++)
        bytes_add_char(p->out, ascii_lower(n->text.at[i]));
}

static void print_function(struct printer *p, const struct adql_node *n)
{
    print_function_name(p, n);
    bytes_add_char(p->out, '(');
    if (n->is_distinct)
        bytes_add_literal(p->out, "DISTINCT ");
    if (n->op == ADQL_OP_count_star)
        bytes_add_char(p->out, '*');
    else if (n->op == ADQL_OP_in_unit && p->is_bound) {
        print_node(p, n->child[0]);
        bytes_add_literal(p->out, ", ");
        adql_add_text(p->out, str_of(n->meta->unit));
    } else
        print_list(p, n->child, n->nchild);
    bytes_add_char(p->out, ')');
    if (n->window)
        print_window(p, n->window);
}

static void print_call(struct printer *p, const struct adql_node *n)
{
    if (op_is_cast(n->op) && !n->text.len)
        print_cast(p, n);
    else if (n->text.len)
        print_function(p, n);
    else
        print_operator(p, n);
}

/* --- conditions --- */

/* Nodes that planners made say nothing that the query does not say. */
bool is_planners(const struct adql_node *n)
{
    if (n->is_planned)
        return true;
    if (n->kind != ADQL_AND)
        return false;
    for (uint32_t i = 0; i < n->nchild; i++)
        if (!is_planners(n->child[i]))
            return false;
    return true;
}

static void print_junction(struct printer *p, const struct adql_node *n)
{
    unsigned strength = n->kind == ADQL_AND ? WEAK_NOT : WEAK_AND;
    uint32_t nprinted = 0, nleft = 0;
    for (uint32_t i = 0; i < n->nchild; i++)
        nleft += !is_planners(n->child[i]);
    for (uint32_t i = 0; i < n->nchild; i++) {
        if (is_planners(n->child[i]))
            continue;
        if (nprinted++)
            bytes_add(p->out, n->kind == ADQL_AND ? STR(" AND ") : STR(" OR "));
        print_within(p, n->child[i], nleft == 1 ? WEAK_PREDICATE : strength);
    }
}

static void print_predicate(struct printer *p, const struct adql_node *n, const char *word)
{
    print_within(p, n->child[0], OPERATOR);
    if (n->is_not)
        bytes_add_literal(p->out, " NOT");
    bytes_add(p->out, str_of(word));
}

static void print_compare(struct printer *p, const struct adql_node *n)
{
    static const char *const WORDS[] = {" = ", " <> ", " < ", " <= ", " > ", " >= "};
    print_predicate(p, n, WORDS[n->compare]);
    print_within(p, n->child[1], OPERATOR);
}

static void print_in(struct printer *p, const struct adql_node *n)
{
    print_predicate(p, n, " IN ");
    if (n->kind == ADQL_IN_QUERY) {
        print_subquery(p, n->query);
        return;
    }
    bytes_add_char(p->out, '(');
    print_list(p, n->child + 1, n->nchild - 1);
    bytes_add_char(p->out, ')');
}

static void print_case(struct printer *p, const struct adql_node *n)
{
    uint32_t i = 0, end = n->nchild - n->has_else;
    bytes_add_literal(p->out, "CASE ");
    if (n->has_value) {
        print_node(p, n->child[i++]);
        bytes_add_char(p->out, ' ');
    }
    for (; i + 1 < end; i += 2) {
        bytes_add_literal(p->out, "WHEN ");
        print_node(p, n->child[i]);
        bytes_add_literal(p->out, " THEN ");
        print_node(p, n->child[i + 1]);
        bytes_add_char(p->out, ' ');
    }
    if (n->has_else) {
        bytes_add_literal(p->out, "ELSE ");
        print_node(p, n->child[end]);
        bytes_add_char(p->out, ' ');
    }
    bytes_add_literal(p->out, "END");
}

void print_node(struct printer *p, const struct adql_node *n)
{
    switch (n->kind) {
    case ADQL_LITERAL:
        print_literal(p, n);
        break;
    case ADQL_COLUMN:
        print_column(p, n);
        break;
    case ADQL_STAR:
        print_star(p, n);
        break;
    case ADQL_CALL:
        print_call(p, n);
        break;
    case ADQL_COMPARE:
        print_compare(p, n);
        break;
    case ADQL_BETWEEN:
        print_predicate(p, n, " BETWEEN ");
        print_within(p, n->child[1], OPERATOR);
        bytes_add_literal(p->out, " AND ");
        print_within(p, n->child[2], OPERATOR);
        break;
    case ADQL_IN:
    case ADQL_IN_QUERY:
        print_in(p, n);
        break;
    case ADQL_LIKE:
        print_predicate(p, n, n->is_fold ? " ILIKE " : " LIKE ");
        print_within(p, n->child[1], OPERATOR);
        break;
    case ADQL_IS_NULL:
        print_within(p, n->child[0], OPERATOR);
        bytes_add(p->out, n->is_not ? STR(" IS NOT NULL") : STR(" IS NULL"));
        break;
    case ADQL_EXISTS:
        bytes_add_literal(p->out, "EXISTS ");
        print_subquery(p, n->query);
        break;
    case ADQL_AND:
    case ADQL_OR:
        print_junction(p, n);
        break;
    case ADQL_NOT:
        bytes_add_literal(p->out, "NOT ");
        print_within(p, n->child[0], WEAK_PREDICATE);
        break;
    case ADQL_CASE:
        print_case(p, n);
        break;
    case ADQL_SUBQUERY:
        print_subquery(p, n->query);
        break;
    default:
        p->failed = true;
    }
}
