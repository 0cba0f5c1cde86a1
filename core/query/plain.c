/* plain.c -- is a query a plain scan: rows of one table, each by itself, in any order? Then
 * the store may read the table in parts. */
#include "adql/ops.h"
#include "core/query/plan.h"

/* A window looks at other rows, a subquery may; random numbers follow one another. */
static bool is_by_itself(struct adql_node *n, void *context)
{
    bool *is_plain = context;
    bool is_query =
        n->kind == ADQL_SUBQUERY || n->kind == ADQL_IN_QUERY || n->kind == ADQL_EXISTS;
    bool is_random =
        n->kind == ADQL_CALL && (n->op == ADQL_OP_rand || n->op == ADQL_OP_rand_seed ||
                                 n->op == ADQL_OP_normal_random);
    if (is_query || is_random || (n->kind == ADQL_CALL && n->window))
        *is_plain = false;
    return *is_plain;
}

/* The table of a SELECT of one table without more; else NULL. */
static const struct adql_from *only_table(const struct adql_query *tree)
{
    const struct adql_set *body = tree->body;
    const struct adql_select *s = body->select;
    if (tree->ncte || !s || body->norder || body->offset > 0 || s->is_distinct ||
        s->is_grouped || s->having || s->cells || s->nfrom != 1)
        return NULL;
    const struct adql_from *f = s->from[0];
    bool is_whole = f->kind == ADQL_FROM_TABLE && f->table && !f->is_upload && !f->cells &&
                    f->sample_percent <= 0;
    return is_whole ? f : NULL;
}

static int64_t limit_of(const struct query *q)
{
    int64_t most = q->request.max_rows, top = q->tree->body->select->top;
    int64_t limit = most >= 0 ? most + 1 : -1;
    return top >= 0 && (limit < 0 || top < limit) ? top : limit;
}

bool plan_is_plain(struct query *q)
{
    const struct adql_from *from = only_table(q->tree);
    bool is_plain = from && from->table->native && q->ngather == 0;
    if (is_plain)
        adql_walk(q->tree, is_by_itself, &is_plain);
    if (!is_plain)
        return false;
    q->plain = (struct store_plain){.size = sizeof q->plain,
                                    .table = from->table->native,
                                    .alias = from->sql_name,
                                    .at = q->plain.at,
                                    .has_where = q->tree->body->select->where != NULL,
                                    .limit = limit_of(q)};
    return true;
}
