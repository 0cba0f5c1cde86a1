/* write_adql.c -- queries as ADQL text: canonical before binding, complete after it. */
#include "adql/write_adql.h"

#include "adql/bind.h"

/* --- names --- */

void adql_add_name(struct bytes *b, str name)
{
    if (catalog_name_is_regular(name)) {
        bytes_add(b, name);
        return;
    }
    bytes_add_quoted(b, name, '"');
}

void adql_add_text(struct bytes *b, str text)
{
    bytes_add_quoted(b, text, '\'');
}

static bool is_lower(str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.at[i] >= 'A' && s.at[i] <= 'Z')
            return false;
    return true;
}

/* Regular names in lower case; delimited ones lose needless quotes. */
static void add_canonical(struct bytes *b, const struct adql_name *name)
{
    if (name->is_quoted &&
        (!is_lower(name->text) || !catalog_name_is_regular(name->text))) {
        bytes_add_char(b, '"');
        for (size_t i = 0; i < name->text.len; i++) {
            if (name->text.at[i] == '"')
                bytes_add_char(b, '"');
            bytes_add_char(b, name->text.at[i]);
        }
        bytes_add_char(b, '"');
        return;
    }
    for (size_t i = 0; i < name->text.len; i++)
        bytes_add_char(b, ascii_lower(name->text.at[i]));
}

void adql_add_path(struct bytes *b, const struct adql_path *path)
{
    for (uint32_t i = 0; i < path->npart; i++) {
        if (i)
            bytes_add_char(b, '.');
        add_canonical(b, &path->part[i]);
    }
}

void print_name(struct printer *p, const struct adql_name *name)
{
    add_canonical(p->out, name);
}

void print_path(struct printer *p, const struct adql_path *path)
{
    adql_add_path(p->out, path);
}

/* --- FROM --- */

static void print_from(struct printer *, const struct adql_from *);

static void print_join_condition(struct printer *p, const struct adql_from *join)
{
    if (!p->is_bound && join->nusing) {
        bytes_add_literal(p->out, " USING (");
        for (uint32_t i = 0; i < join->nusing; i++) {
            if (i)
                bytes_add_literal(p->out, ", ");
            print_name(p, &join->using_name[i]);
        }
        bytes_add_char(p->out, ')');
    } else if (join->on && !is_planners(join->on)) {
        bytes_add_literal(p->out, " ON ");
        print_node(p, join->on);
    } else if (!join->is_natural || p->is_bound)
        bytes_add_literal(p->out, " ON 1 = 1");
}

static void print_join(struct printer *p, const struct adql_from *join)
{
    static const char *const WORDS[] = {"JOIN ", "LEFT JOIN ", "RIGHT JOIN ", "FULL JOIN ",
                                        "CROSS JOIN "};
    bool is_nested = join->right->kind == ADQL_FROM_JOIN;
    print_from(p, join->left);
    bytes_add_char(p->out, ' ');
    if (join->is_natural && !p->is_bound)
        bytes_add_literal(p->out, "NATURAL ");
    bytes_add(p->out, str_of(WORDS[join->join]));
    if (is_nested)
        bytes_add_char(p->out, '(');
    print_from(p, join->right);
    if (is_nested)
        bytes_add_char(p->out, ')');
    if (join->join != ADQL_CROSS)
        print_join_condition(p, join);
}

static void print_from(struct printer *p, const struct adql_from *from)
{
    if (from->kind == ADQL_FROM_JOIN) {
        print_join(p, from);
        return;
    }
    if (from->kind == ADQL_FROM_QUERY)
        print_subquery(p, from->query);
    else if (p->is_bound && from->table)
        bytes_add(p->out, str_of(from->table->full_name));
    else if (p->is_bound && from->cte)
        adql_add_name(p->out, str_of(from->cte->sql_name));
    else
        print_path(p, &from->path);
    if (from->sample_percent > 0)
        bytes_add_format(p->out, " TABLESAMPLE(%.17g)", from->sample_percent);
    if (p->is_bound) {
        bytes_add_literal(p->out, " AS ");
        adql_add_name(p->out, str_of(from->sql_name));
    } else if (from->alias.text.at) {
        bytes_add_literal(p->out, " AS ");
        print_name(p, &from->alias);
    }
}

/* --- SELECT --- */

static void print_item(struct printer *p, const struct adql_item *item,
                       const struct adql_output *output)
{
    print_node(p, item->node);
    if (output) {
        bytes_add_literal(p->out, " AS ");
        adql_add_name(p->out, str_of(output->sql_name));
    } else if (item->alias.text.at) {
        bytes_add_literal(p->out, " AS ");
        print_name(p, &item->alias);
    }
}

static void print_condition(struct printer *p, const char *word, const struct adql_node *n)
{
    if (!n || is_planners(n))
        return;
    bytes_add(p->out, str_of(word));
    print_node(p, n);
}

static void print_select(struct printer *p, const struct adql_set *s)
{
    const struct adql_select *q = s->select;
    bytes_add(p->out, q->is_distinct ? STR("SELECT DISTINCT ") : STR("SELECT "));
    if (q->top >= 0)
        bytes_add_format(p->out, "TOP %lld ", (long long)q->top);
    for (uint32_t i = 0; i < q->nitem; i++) {
        if (i)
            bytes_add_literal(p->out, ", ");
        print_item(p, &q->item[i], p->is_bound ? &s->output[i] : NULL);
    }
    for (uint32_t i = 0; i < q->nfrom; i++) {
        bytes_add(p->out, i ? STR(", ") : STR(" FROM "));
        print_from(p, q->from[i]);
    }
    print_condition(p, " WHERE ", q->where);
    for (uint32_t i = 0; i < q->ngroup; i++) {
        bytes_add(p->out, i ? STR(", ") : STR(" GROUP BY "));
        print_node(p, q->group[i]);
    }
    print_condition(p, " HAVING ", q->having);
}

/* --- query expressions --- */

void print_order(struct printer *p, const struct adql_order *order, uint32_t norder)
{
    for (uint32_t i = 0; i < norder; i++) {
        bytes_add(p->out, i ? STR(", ") : STR("ORDER BY "));
        if (p->is_bound && order[i].iitem >= 0)
            bytes_add_format(p->out, "%d", order[i].iitem + 1);
        else
            print_node(p, order[i].node);
        if (order[i].is_descending)
            bytes_add_literal(p->out, " DESC");
    }
}

static void print_term(struct printer *p, const struct adql_set *term, bool alone)
{
    bool is_bare = !alone && term->select && term->norder == 0 && term->offset == 0;
    if (is_bare)
        print_set(p, term);
    else
        print_subquery(p, term);
}

void print_set(struct printer *p, const struct adql_set *s)
{
    static const char *const WORDS[] = {" UNION ", " EXCEPT ", " INTERSECT "};
    if (s->select)
        print_select(p, s);
    for (uint32_t i = 0; !s->select && i < s->nterm; i++) {
        if (i) {
            bytes_add(p->out, str_of(WORDS[s->op[i]]));
            if (s->is_all[i])
                bytes_add_literal(p->out, "ALL ");
        }
        print_term(p, s->term[i], s->nterm == 1);
    }
    if (s->norder) {
        bytes_add_char(p->out, ' ');
        print_order(p, s->order, s->norder);
    }
    if (s->offset > 0)
        bytes_add_format(p->out, " OFFSET %lld", (long long)s->offset);
}

void print_subquery(struct printer *p, const struct adql_set *s)
{
    bytes_add_char(p->out, '(');
    print_set(p, s);
    bytes_add_char(p->out, ')');
}

bool adql_write_adql(const struct adql_query *q, struct bytes *out, struct err *e)
{
    struct printer p = {.out = out, .is_bound = q->column != NULL};
    for (uint32_t i = 0; i < q->ncte; i++) {
        bytes_add(out, i ? STR(", ") : STR("WITH "));
        if (p.is_bound)
            adql_add_name(out, str_of(q->cte[i].sql_name));
        else
            print_name(&p, &q->cte[i].name);
        bytes_add_literal(out, " AS ");
        print_subquery(&p, q->cte[i].query);
    }
    if (q->ncte)
        bytes_add_char(out, ' ');
    print_set(&p, q->body);
    return !out->failed || err_set(e, ERR_LIMIT, "the query grows too long to write");
}

bool adql_write_adql_node(const struct adql_node *n, struct bytes *out, struct err *e)
{
    struct printer p = {.out = out};
    print_node(&p, n);
    return !out->failed || err_set(e, ERR_LIMIT, "the query grows too long to write");
}

bool adql_write_adql_from(const struct adql_query *q, struct bytes *with,
                          struct bytes *from, struct err *e)
{
    struct printer p = {.out = with};
    for (uint32_t i = 0; i < q->ncte; i++) {
        print_name(&p, &q->cte[i].name);
        bytes_add_literal(with, " AS ");
        print_subquery(&p, q->cte[i].query);
        bytes_add_literal(with, ", ");
    }
    p.out = from;
    print_subquery(&p, q->body);
    return (!with->failed && !from->failed) ||
           err_set(e, ERR_LIMIT, "the query grows too long to write");
}
