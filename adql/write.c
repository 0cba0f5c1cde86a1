/* write.c -- a bound query as one SQL statement of a dialect. */
#include "adql/write.h"
#include "adql/bind.h"

/* --- FROM --- */

static void write_table(struct writer *w, const struct adql_from *from)
{
    const struct adql_write_options *o = w->options;
    const char *name = o->table_name
                           ? o->table_name(o->context, from->table, from->is_upload)
                           : from->table->native;
    if (!name) {
        w->failed = true;
        err_set_at(w->err, ERR_INTERNAL, from->line, from->column,
                   "the store has no name for table %s", from->table->full_name);
        return;
    }
    bytes_add(w->out, str_of(name));
}

static void write_from(struct writer *, const struct adql_from *);

static void write_join(struct writer *w, const struct adql_from *join)
{
    static const char *const WORDS[] = {" JOIN ", " LEFT JOIN ", " RIGHT JOIN ",
                                        " FULL JOIN ", " CROSS JOIN "};
    bool is_product = join->join == ADQL_CROSS || (join->join == ADQL_INNER && !join->on);
    bool is_nested = join->right->kind == ADQL_FROM_JOIN;
    write_from(w, join->left);
    bytes_add(w->out, str_of(WORDS[is_product ? ADQL_CROSS : join->join]));
    if (is_nested)
        bytes_add_char(w->out, '(');
    write_from(w, join->right);
    if (is_nested)
        bytes_add_char(w->out, ')');
    if (is_product)
        return;
    bytes_add_literal(w->out, " ON (");
    if (join->on)
        write_node(w, join->on);
    else
        bytes_add_literal(w->out, "1 = 1");
    bytes_add_char(w->out, ')');
}

/* A table of one column, with a row for each cell. */
static void write_cells(struct writer *w, const struct adql_cells *cells)
{
    bytes_add_literal(w->out, ", UNNEST(");
    write_node(w, cells->list);
    bytes_add_literal(w->out, ") AS ");
    write_name(w, cells->sql_name);
    bytes_add_char(w->out, '(');
    write_name(w, cells->sql_name);
    bytes_add_char(w->out, ')');
}

/* The optional side of an outer join as a query about each row of the other side: there the
 * conditions are those of an inner join, which stores can do in more ways. */
static void write_lateral(struct writer *w, const struct adql_from *join)
{
    const struct adql_node word = {.kind = ADQL_CALL, .op = ADQL_OP_lateral};
    bool is_left = join->join == ADQL_LEFT;
    const struct adql_from *optional = is_left ? join->right : join->left;
    write_from(w, is_left ? join->left : join->right);
    bytes_add_literal(w->out, " LEFT JOIN ");
    write_call(w, &word);
    bytes_add_literal(w->out, " (SELECT ");
    write_name(w, optional->sql_name);
    bytes_add_literal(w->out, ".* FROM ");
    write_from(w, optional);
    if (join->cells)
        write_cells(w, join->cells);
    bytes_add_literal(w->out, " WHERE ");
    write_node(w, join->on);
    bytes_add_literal(w->out, ") AS ");
    write_name(w, optional->sql_name);
    bytes_add_literal(w->out, " ON (1 = 1)");
}

static void write_plain(struct writer *w, const struct adql_from *from)
{
    if (from->kind == ADQL_FROM_TABLE)
        write_table(w, from);
    else if (from->kind == ADQL_FROM_CTE)
        write_name(w, from->cte->sql_name);
    else
        write_subquery(w, from->query);
    bytes_add_literal(w->out, " AS ");
    write_name(w, from->sql_name);
    if (from->sample_percent > 0)
        write_sample(w, from);
}

static void write_from(struct writer *w, const struct adql_from *from)
{
    if (from->kind == ADQL_FROM_JOIN) {
        if (from->is_lateral)
            write_lateral(w, from);
        else
            write_join(w, from);
        return;
    }
    if (!from->cells) {
        write_plain(w, from);
        return;
    }
    bytes_add_literal(w->out, "(SELECT ");
    write_name(w, from->sql_name);
    bytes_add_literal(w->out, ".*, UNNEST(");
    write_node(w, from->cells->list);
    bytes_add_literal(w->out, ") AS ");
    write_name(w, from->cells->sql_name);
    bytes_add_literal(w->out, " FROM ");
    write_plain(w, from);
    bytes_add_literal(w->out, ") AS ");
    write_name(w, from->sql_name);
}

/* --- SELECT --- */

/* Columns of the result are always cast, those in between where the store might think
 * otherwise about their type. */
static void write_item(struct writer *w, const struct adql_item *item,
                       const struct adql_output *output, bool is_result)
{
    const struct adql_node *n = item->node;
    bool is_plain = n->kind == ADQL_COLUMN && n->type == output->type;
    bool is_ordered = output->type == ADQL_TEXT && w->dialect->store->collate &&
                      (is_result || w->is_ordered);
    if (!is_result && is_plain)
        write_node(w, n);
    else {
        bytes_add_literal(w->out, "CAST(");
        write_node(w, n);
        bytes_add_literal(w->out, " AS ");
        write_type(w, output->meta.type, output->meta.length);
        bytes_add_char(w->out, ')');
    }
    if (is_ordered)
        bytes_add(w->out, str_of(w->dialect->store->collate));
    bytes_add_literal(w->out, " AS ");
    write_name(w, output->sql_name);
}

static void write_clause(struct writer *w, const char *word, const struct adql_node *n)
{
    if (!n)
        return;
    bytes_add(w->out, str_of(word));
    write_node(w, n);
}

/* A key of GROUP BY or ORDER BY: a literal is cast, lest a store takes it for a position.
 */
static void write_key(struct writer *w, const struct adql_node *n)
{
    struct store_column c = type_store_column((enum adql_type)n->type);
    if (n->kind != ADQL_LITERAL) {
        write_node(w, n);
        return;
    }
    bytes_add_literal(w->out, "CAST(");
    write_node(w, n);
    bytes_add_literal(w->out, " AS ");
    write_type(w, c.type, c.length);
    bytes_add_char(w->out, ')');
}

static void write_select(struct writer *w, const struct adql_select *q,
                         const struct adql_output *output, bool is_result)
{
    bool was = w->is_inline;
    w->is_inline |= q->is_grouped;
    bytes_add(w->out, q->is_distinct ? STR("SELECT DISTINCT ") : STR("SELECT "));
    for (uint32_t i = 0; i < q->nitem; i++) {
        if (i)
            bytes_add_literal(w->out, ", ");
        write_item(w, &q->item[i], &output[i], is_result);
    }
    for (uint32_t i = 0; i < q->nfrom; i++) {
        bytes_add(w->out, i ? STR(", ") : STR(" FROM "));
        write_from(w, q->from[i]);
    }
    if (q->cells)
        write_cells(w, q->cells);
    if (is_result && w->options->where_at)
        *w->options->where_at = w->out->len + (q->where ? sizeof " WHERE " - 1 : 0);
    write_clause(w, " WHERE ", q->where);
    for (uint32_t i = 0; i < q->ngroup; i++) {
        bytes_add(w->out, i ? STR(", ") : STR(" GROUP BY "));
        write_key(w, q->group[i]);
    }
    write_clause(w, " HAVING ", q->having);
    w->is_inline = was;
}

/* --- query expressions --- */

/* NULL counts as greater than every value, in every store. */
void write_order(struct writer *w, const struct adql_order *order, uint32_t norder)
{
    for (uint32_t i = 0; i < norder; i++) {
        bytes_add(w->out, i ? STR(", ") : STR("ORDER BY "));
        if (order[i].iitem >= 0)
            write_int(w->out, order[i].iitem + 1);
        else
            write_ordered(w, order[i].node);
        bytes_add(w->out, order[i].is_descending ? STR(" DESC NULLS FIRST")
                                                 : STR(" ASC NULLS LAST"));
    }
}

static void write_tail(struct writer *w, const struct adql_set *s, int64_t limit)
{
    bool was = w->is_inline;
    w->is_inline |= s->select && s->select->is_grouped;
    if (s->norder) {
        bytes_add_char(w->out, ' ');
        write_order(w, s->order, s->norder);
    }
    w->is_inline = was;
    if (limit >= 0) {
        bytes_add_literal(w->out, " LIMIT ");
        write_limit(w, limit);
    }
    if (s->offset > 0) {
        bytes_add_literal(w->out, " OFFSET ");
        write_int(w->out, s->offset);
    }
}

static void write_term(struct writer *w, const struct adql_set *term,
                       const struct adql_output *output, bool is_result)
{
    bool is_bare =
        term->select && term->select->top < 0 && term->norder == 0 && term->offset == 0;
    if (!is_bare)
        bytes_add_char(w->out, '(');
    write_set(w, term, output, -1, is_result);
    if (!is_bare)
        bytes_add_char(w->out, ')');
}

/* Parentheses whose own LIMIT or order counts before what follows them. */
static void write_single(struct writer *w, const struct adql_set *term,
                         const struct adql_output *output, bool is_result)
{
    bytes_add_literal(w->out, "SELECT * FROM (");
    write_set(w, term, output, -1, is_result);
    bytes_add_literal(w->out, ") AS \"q\"");
}

void write_set(struct writer *w, const struct adql_set *s, const struct adql_output *output,
               int64_t limit, bool is_result)
{
    static const char *const WORDS[] = {" UNION ", " EXCEPT ", " INTERSECT "};
    bool was = w->is_ordered;
    w->is_ordered = (w->is_ordered && !s->select) || s->norder > 0;
    if (s->select) {
        int64_t top = s->select->top;
        write_select(w, s->select, output, is_result);
        w->is_ordered = was;
        write_tail(w, s, top >= 0 && (limit < 0 || top < limit) ? top : limit);
        return;
    }
    if (s->nterm == 1)
        write_single(w, s->term[0], output, is_result);
    for (uint32_t i = 0; s->nterm > 1 && i < s->nterm; i++) {
        if (i) {
            bytes_add(w->out, str_of(WORDS[s->op[i]]));
            if (s->is_all[i])
                bytes_add_literal(w->out, "ALL ");
        }
        write_term(w, s->term[i], output, is_result);
    }
    w->is_ordered = was;
    write_tail(w, s, limit);
}

void write_subquery(struct writer *w, const struct adql_set *s)
{
    bytes_add_char(w->out, '(');
    write_set(w, s, s->output, -1, false);
    bytes_add_char(w->out, ')');
}

static void write_with(struct writer *w, const struct adql_query *q)
{
    for (uint32_t i = 0; i < q->ncte; i++) {
        bytes_add(w->out, i ? STR(", ") : STR("WITH "));
        write_name(w, q->cte[i].sql_name);
        bytes_add_literal(w->out, " AS ");
        write_subquery(w, q->cte[i].query);
    }
    if (q->ncte)
        bytes_add_char(w->out, ' ');
}

static bool finish(struct writer *w)
{
    if (w->out->failed)
        return err_set(w->err, ERR_LIMIT, "the statement for the store grows too long");
    if (w->failed)
        err_set(w->err, ERR_LIMIT, "the query needs too much memory to write");
    return !w->failed;
}

static const struct adql_write_options NO_OPTIONS = {.row_limit = -1};

bool adql_write(const struct adql_query *q, const struct adql_dialect *dialect,
                const struct adql_write_options *options, struct bytes *sql,
                struct adql_parameters *parameters, struct err *e)
{
    struct writer w = {.dialect = dialect, .out = sql, .err = e, .parameters = parameters};
    w.options = options ? options : &NO_OPTIONS;
    if (parameters)
        *parameters = (struct adql_parameters){0, NULL};
    if (w.options->use_parameters && parameters)
        w.arena = q->arena;
    write_with(&w, q);
    write_set(&w, q->body, q->body->output, w.options->row_limit, true);
    return finish(&w);
}

bool adql_write_node(const struct adql_node *n, const struct adql_dialect *dialect,
                     const struct adql_write_options *options, struct bytes *sql,
                     struct err *e)
{
    struct writer w = {.dialect = dialect, .out = sql, .err = e};
    w.options = options ? options : &NO_OPTIONS;
    write_node(&w, n);
    return finish(&w);
}
