/* bind_vocabulary.c -- gavo_vocmatch: a term of an IVOA vocabulary and all narrower ones
 * are looked up while binding; every store understands what is left. */
#include "adql/bind.h"

static struct adql_node *new_node(struct binder *b, const struct adql_node *at,
                                  enum adql_kind kind, uint32_t nchild)
{
    struct adql_node *n = arena_new_one(b->arena, struct adql_node);
    struct adql_node **child = arena_new_array(b->arena, struct adql_node *, nchild);
    if (!n || !child)
        return NULL;
    *n = (struct adql_node){.kind = (uint8_t)kind,
                            .type = ADQL_CONDITION,
                            .height = (uint16_t)(at->child[2]->height + 1),
                            .line = at->line,
                            .column = at->column,
                            .length = at->length,
                            .child = child,
                            .nchild = nchild};
    return n;
}

/* value IN (terms) */
static struct adql_node *is_one_of(struct binder *b, const struct adql_node *call,
                                   const char *const *term, uint32_t nterm)
{
    struct adql_node *in = new_node(b, call, ADQL_IN, nterm + 1);
    if (!in)
        return NULL;
    in->child[0] = call->child[2];
    for (uint32_t i = 0; i < nterm; i++)
        if (!(in->child[i + 1] = adql_new_text(b->arena, str_of(term[i]))))
            return NULL;
    return in;
}

/* The value once more: planners may change one place and not the other. */
static struct adql_node *is_there(struct binder *b, const struct adql_node *call)
{
    struct adql_node *test = new_node(b, call, ADQL_IS_NULL, 1);
    struct adql_node *value = arena_new_one(b->arena, struct adql_node);
    if (!test || !value)
        return NULL;
    *value = *call->child[2];
    test->child[0] = value;
    test->is_not = true;
    return test;
}

/* CASE WHEN value IN (terms) THEN 1 WHEN value IS NOT NULL THEN 0 END */
bool bind_vocabulary(struct binder *b, struct adql_node *n)
{
    struct err e = {0};
    const char *const *term;
    uint32_t nterm;
    if (!catalog_narrower(b->scope->catalog, n->child[0]->text, n->child[1]->text, b->arena,
                          &term, &nterm, &e))
        return FAIL_AT(b, n, "%s: %.800s", n->function->name, e.message);
    struct adql_node **child = arena_new_array(b->arena, struct adql_node *, 4);
    if (!child || !(child[0] = is_one_of(b, n, term, nterm)) ||
        !(child[1] = adql_new_integer(b->arena, 1)) || !(child[2] = is_there(b, n)) ||
        !(child[3] = adql_new_integer(b->arena, 0)))
        return bind_no_memory(b);
    n->kind = ADQL_CASE;
    n->child = child;
    n->nchild = 4;
    n->height = (uint16_t)(child[0]->height + 1);
    n->text = (str){NULL, 0};
    n->function = NULL;
    return true;
}
