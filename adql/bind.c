/* bind.c -- names and types: the order in which the clauses of a query are bound. */
#include "adql/bind.h"

#include <stdarg.h>
#include <stdio.h>

#include "adql/message.h"

bool bind_fail(struct binder *b, enum err_kind kind, int line, int column,
               const char *format, ...)
{
    char message[sizeof b->err->message];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    message_one_line(message);
    return err_set_at(b->err, kind, line, column, "%s", message);
}

bool bind_no_memory(struct binder *b)
{
    return err_set(b->err, ERR_LIMIT,
                   "the query is too large: it needs more memory than one "
                   "request may have");
}

static bool bind_clause(struct binder *b, struct adql_node *n, enum clause clause)
{
    b->level->clause = clause;
    return !n || bind_node(b, n);
}

/* Two tables of one SELECT must have different names. */
static bool check_names(struct binder *b, const struct adql_from *from,
                        const struct adql_from **seen, uint32_t *nseen)
{
    if (from->kind == ADQL_FROM_JOIN)
        return check_names(b, from->left, seen, nseen) &&
               check_names(b, from->right, seen, nseen);
    for (uint32_t i = 0; i < *nseen; i++) {
        const struct adql_from *other = seen[i];
        bool both_alias = from->alias.text.at && other->alias.text.at;
        bool is_same = both_alias
                           ? name_matches(&from->alias, false, &other->alias)
                           : !from->alias.text.at && !other->alias.text.at &&
                                 from->table == other->table && from->cte == other->cte;
        if (is_same)
            return FAIL_AT(b, from,
                           "two tables of this FROM have the same name: give them "
                           "aliases, as in t AS a");
    }
    seen[(*nseen)++] = from;
    return true;
}

static bool bind_tables(struct binder *b, struct adql_select *q)
{
    uint32_t nseen = 0;
    b->level->clause = CLAUSE_FROM;
    for (uint32_t i = 0; i < q->nfrom; i++)
        if (!bind_from(b, q->from[i]))
            return false;
    b->level->from = q->from;
    b->level->nfrom = q->nfrom;
    if (q->nfrom == 1 && q->from[0]->kind != ADQL_FROM_JOIN)
        return true;
    const struct adql_from **seen =
        arena_new_array(b->arena, const struct adql_from *, b->q->nreference + 1);
    if (!seen)
        return bind_no_memory(b);
    for (uint32_t i = 0; i < q->nfrom; i++)
        if (!check_names(b, q->from[i], seen, &nseen))
            return false;
    return true;
}

static bool bind_items(struct binder *b, struct adql_select *q)
{
    b->level->clause = CLAUSE_SELECT;
    if (!bind_stars(b, q))
        return false;
    for (uint32_t i = 0; i < q->nitem; i++) {
        struct adql_node *n = q->item[i].node;
        bool is_of_star = n->kind == ADQL_COLUMN && n->meta;
        bool is_merged = n->kind == ADQL_CALL && n->meta;
        if (!is_of_star && !is_merged && !bind_node(b, n))
            return false;
    }
    return true;
}

/* FROM, then the list, then what may refer to both. */
static bool bind_select(struct binder *b, struct adql_set *s)
{
    struct adql_select *q = s->select;
    if (!bind_tables(b, q) || !bind_items(b, q) ||
        !bind_clause(b, q->where, CLAUSE_WHERE) || !bind_group(b, q) ||
        !bind_clause(b, q->having, CLAUSE_HAVING) || !bind_outputs(b, s) ||
        !bind_order(b, s))
        return false;
    q->is_grouped = q->ngroup || q->having || b->level->has_aggregate;
    return !q->is_grouped || check_grouped(b, s);
}

static bool bind_terms(struct binder *b, struct adql_set *s, struct level *outer)
{
    for (uint32_t i = 0; i < s->nterm; i++)
        if (!bind_set(b, s->term[i], outer))
            return false;
    return bind_set_outputs(b, s) && bind_order(b, s);
}

bool bind_set(struct binder *b, struct adql_set *s, struct level *outer)
{
    struct level *was = b->level;
    struct level level = {.outer = outer, .select = s->select, .number = ++b->nlevel};
    b->level = s->select ? &level : NULL;
    bool ok = s->select ? bind_select(b, s) : bind_terms(b, s, outer);
    b->level = was;
    return ok;
}

/* A later query of WITH may use earlier ones (ADQL-18). */
static bool bind_ctes(struct binder *b)
{
    for (uint32_t i = 0; i < b->q->ncte; i++) {
        struct adql_cte *cte = &b->q->cte[i];
        for (uint32_t k = 0; k < i; k++)
            if (name_matches(&b->q->cte[k].name, false, &cte->name))
                return FAIL_AT(b, cte, "WITH names `%.*s` twice", STR_FMT(cte->name.text));
        if (!bind_set(b, cte->query, NULL))
            return false;
        cte->sql_name = bind_sql_name(b, cte->name.text);
        if (!cte->sql_name)
            return false;
        b->ncte++;
    }
    return true;
}

bool adql_bind(struct adql_query *q, const struct adql_scope *scope, struct arena *arena,
               struct err *e)
{
    struct binder b = {.q = q, .scope = scope, .arena = arena, .err = e};
    /* each table reference may take a name; each name of WITH and each sorted UNION, which
     * have tables of their own, one more */
    size_t ntable = (size_t)q->nreference + 1, nname = 3 * ntable;
    b.used = arena_new_array(arena, struct used, ntable);
    b.sql_name = arena_new_array(arena, const char *, nname);
    if (!b.used || !b.sql_name)
        return bind_no_memory(&b);
    return bind_ctes(&b) && bind_set(&b, q->body, NULL) && bind_result(&b);
}
