/* explain.c -- a bound query as an indented tree for people. */
#include "adql/bind.h"
#include "adql/dialect.h"
#include "adql/write.h"
#include "adql/write_adql.h"
#include "core/base/num.h"

struct teller {
    struct bytes *out;
    unsigned depth;
};

static void tell_set(struct teller *, const struct adql_set *);
static void tell_node(struct teller *, const char *label, const struct adql_node *);

static void begin_line(struct teller *t)
{
    for (unsigned i = 0; i < t->depth; i++)
        bytes_add_literal(t->out, "  ");
}

/* --- expressions --- */

static const char *kind_words(const struct adql_node *n)
{
    static const char *const COMPARES[] = {"=", "<>", "<", "<=", ">", ">="};
    static const char *const WORDS[] = {
        [ADQL_BETWEEN] = "BETWEEN", [ADQL_IN] = "IN",
        [ADQL_IN_QUERY] = "IN",     [ADQL_IS_NULL] = "IS NULL",
        [ADQL_EXISTS] = "EXISTS",   [ADQL_AND] = "AND",
        [ADQL_OR] = "OR",           [ADQL_NOT] = "NOT",
        [ADQL_CASE] = "CASE",       [ADQL_SUBQUERY] = "subquery"};
    if (n->kind == ADQL_COMPARE)
        return COMPARES[n->compare];
    if (n->kind == ADQL_LIKE)
        return n->is_fold ? "ILIKE" : "LIKE";
    return WORDS[n->kind];
}

static void tell_column(struct teller *t, const struct adql_node *n)
{
    const struct adql_from *from = n->from;
    bytes_add_format(t->out, "column %s.%s", from->sql_name, n->meta->name);
    if (n->meta->unit && *n->meta->unit)
        bytes_add_format(t->out, " [%s]", n->meta->unit);
}

static void tell_ranges(struct teller *t, const struct adql_node *n)
{
    bytes_add_format(t->out, "index column %s in %u range%s (made by the planner)",
                     n->child[0]->meta->name, n->range->nrange,
                     n->range->nrange == 1 ? "" : "s");
}

static void tell_what(struct teller *t, const struct adql_node *n)
{
    struct printer literal = {.out = t->out, .is_bound = true};
    switch (n->kind) {
    case ADQL_LITERAL:
        print_node(&literal, n);
        break;
    case ADQL_COLUMN:
        tell_column(t, n);
        break;
    case ADQL_CALL:
        if (n->text.len)
            bytes_add(t->out, n->text);
        else
            bytes_add(t->out, str_of(op_name(n->op)));
        if (n->is_distinct)
            bytes_add_literal(t->out, " DISTINCT");
        break;
    case ADQL_HPX_RANGES:
        tell_ranges(t, n);
        break;
    case ADQL_NEAR:
        bytes_add_format(t->out, "index of the store on the position of %s",
                         n->from->sql_name);
        break;
    case ADQL_CELL:
        bytes_add_format(t->out, "cell %s", n->cells->sql_name);
        break;
    default:
        if (n->is_not)
            bytes_add_literal(t->out, "NOT ");
        bytes_add(t->out, str_of(kind_words(n)));
    }
}

/* A constant sum is told by its value too. */
static void tell_value(struct teller *t, const struct adql_node *n)
{
    char text[NUM_TEXT_BYTES];
    double value;
    if (n->type != ADQL_CONDITION)
        bytes_add_format(t->out, " : %s", adql_type_name((enum adql_type)n->type));
    if (n->kind == ADQL_CALL && adql_constant_number(n, &value)) {
        bytes_add_literal(t->out, " = ");
        bytes_add(t->out, (str){text, num_print_double(value, text)});
    }
}

enum { MEMBERS_SHOWN = 20 };

static void tell_window(struct teller *t, const struct adql_window *w)
{
    for (uint32_t i = 0; i < w->npartition; i++)
        tell_node(t, "partition by ", w->partition[i]);
    for (uint32_t i = 0; i < w->norder; i++)
        tell_node(t, w->order[i].is_descending ? "order descending by " : "order by ",
                  w->order[i].node);
    if (w->unit) {
        begin_line(t);
        write_frame(t->out, w);
        bytes_add_char(t->out, '\n');
    }
}

static void tell_node(struct teller *t, const char *label, const struct adql_node *n)
{
    begin_line(t);
    bytes_add(t->out, str_of(label));
    tell_what(t, n);
    tell_value(t, n);
    bytes_add_char(t->out, '\n');
    if (n->kind == ADQL_HPX_RANGES)
        return;
    t->depth++;
    for (uint32_t i = 0; i < n->nchild && i < MEMBERS_SHOWN; i++)
        tell_node(t, "", n->child[i]);
    if (n->nchild > MEMBERS_SHOWN) {
        begin_line(t);
        bytes_add_format(t->out, "... and %u more\n", n->nchild - MEMBERS_SHOWN);
    }
    if (n->kind == ADQL_SUBQUERY || n->kind == ADQL_IN_QUERY || n->kind == ADQL_EXISTS)
        tell_set(t, n->query);
    if (n->kind == ADQL_CALL && n->window)
        tell_window(t, n->window);
    t->depth--;
}

/* --- tables --- */

static void tell_from(struct teller *t, const struct adql_from *from)
{
    static const char *const JOINS[] = {"inner join", "left join", "right join",
                                        "full join", "product"};
    begin_line(t);
    if (from->kind == ADQL_FROM_JOIN)
        bytes_add_format(t->out, "from %s\n", JOINS[from->join]);
    else if (from->kind == ADQL_FROM_TABLE)
        bytes_add_format(t->out, "from %s AS %s\n", from->table->full_name, from->sql_name);
    else if (from->kind == ADQL_FROM_CTE)
        bytes_add_format(t->out, "from WITH %s AS %s\n", from->cte->sql_name,
                         from->sql_name);
    else
        bytes_add_format(t->out, "from query AS %s\n", from->sql_name);
    t->depth++;
    if (from->kind == ADQL_FROM_QUERY)
        tell_set(t, from->query);
    if (from->kind == ADQL_FROM_JOIN) {
        tell_from(t, from->left);
        tell_from(t, from->right);
        if (from->on)
            tell_node(t, "on ", from->on);
    }
    t->depth--;
}

/* --- queries --- */

static void tell_outputs(struct teller *t, const struct adql_set *s)
{
    for (uint32_t i = 0; i < s->noutput; i++) {
        const struct adql_output *o = &s->output[i];
        begin_line(t);
        bytes_add_format(t->out, "column %u: %s %s", i + 1, o->meta.name,
                         adql_type_name((enum adql_type)o->type));
        if (o->meta.unit && *o->meta.unit)
            bytes_add_format(t->out, " [%s]", o->meta.unit);
        bytes_add_char(t->out, '\n');
        if (s->select) {
            t->depth++;
            tell_node(t, "", s->select->item[i].node);
            t->depth--;
        }
    }
}

static void tell_select(struct teller *t, const struct adql_select *q)
{
    for (uint32_t i = 0; i < q->nfrom; i++)
        tell_from(t, q->from[i]);
    if (q->where)
        tell_node(t, "where ", q->where);
    for (uint32_t i = 0; i < q->ngroup; i++)
        tell_node(t, "group by ", q->group[i]);
    if (q->having)
        tell_node(t, "having ", q->having);
}

static void tell_terms(struct teller *t, const struct adql_set *s)
{
    static const char *const WORDS[] = {"union", "except", "intersect"};
    for (uint32_t i = 0; i < s->nterm; i++) {
        if (i) {
            begin_line(t);
            bytes_add_format(t->out, "%s%s\n", WORDS[s->op[i]], s->is_all[i] ? " all" : "");
        }
        tell_set(t, s->term[i]);
    }
}

static void tell_tail(struct teller *t, const struct adql_set *s)
{
    for (uint32_t i = 0; i < s->norder; i++) {
        const struct adql_order *o = &s->order[i];
        const char *how = o->is_descending ? ", descending" : "";
        begin_line(t);
        if (o->iitem >= 0)
            bytes_add_format(t->out, "order by column %d%s\n", o->iitem + 1, how);
        else
            bytes_add_format(t->out, "order by expression%s\n", how);
        t->depth++;
        if (o->iitem < 0)
            tell_node(t, "", o->node);
        t->depth--;
    }
    if (s->offset > 0) {
        begin_line(t);
        bytes_add_format(t->out, "offset %lld\n", (long long)s->offset);
    }
}

static void tell_set(struct teller *t, const struct adql_set *s)
{
    const struct adql_select *q = s->select;
    begin_line(t);
    bytes_add(t->out, q ? STR("select") : STR("set"));
    if (q && q->is_distinct)
        bytes_add_literal(t->out, " distinct");
    if (q && q->top >= 0)
        bytes_add_format(t->out, " top %lld", (long long)q->top);
    bytes_add_char(t->out, '\n');
    t->depth++;
    tell_outputs(t, s);
    if (q)
        tell_select(t, q);
    tell_terms(t, s);
    tell_tail(t, s);
    t->depth--;
}

static void tell_tables(struct teller *t, const struct adql_query *q)
{
    for (uint32_t i = 0; i < q->ntable; i++) {
        const struct adql_used_table *used = &q->table[i];
        begin_line(t);
        bytes_add_format(t->out, "reads %s:", used->table->full_name);
        for (uint32_t k = 0; k < used->ncolumn; k++)
            bytes_add_format(t->out, " %s", used->table->column[used->column[k]].meta.name);
        bytes_add_char(t->out, '\n');
    }
}

bool adql_explain_tree(const struct adql_query *q, struct bytes *out, struct err *e)
{
    struct teller t = {.out = out};
    if (!q->column)
        return err_set(e, ERR_INTERNAL, "only a bound query can be explained");
    tell_tables(&t, q);
    for (uint32_t i = 0; i < q->ncte; i++) {
        begin_line(&t);
        bytes_add_format(out, "with %s\n", q->cte[i].sql_name);
        t.depth++;
        tell_set(&t, q->cte[i].query);
        t.depth--;
    }
    tell_set(&t, q->body);
    return !out->failed || err_set(e, ERR_LIMIT, "the explanation grows too long");
}
