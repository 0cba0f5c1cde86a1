/* bind_join.c -- USING and NATURAL: the common columns become one (ADQL-23), the join gets
 * an ON. Also the columns that `*` stands for. */
#include "adql/bind.h"

/* --- the columns of `*`, in order --- */

static bool visible_add(struct binder *b, struct visible_list *list, struct visible v)
{
    if (list->n == list->capacity) {
        uint32_t capacity = list->capacity ? list->capacity * 2 : 32;
        struct visible *at = arena_new_array(b->arena, struct visible, capacity);
        if (!at)
            return bind_no_memory(b);
        if (list->n)
            memcpy(at, list->at, list->n * sizeof *at);
        list->at = at;
        list->capacity = capacity;
    }
    list->at[list->n++] = v;
    return true;
}

static bool is_merged(const struct adql_from *join, const struct visible *v)
{
    for (uint32_t i = 0; i < join->nmerged; i++) {
        const struct adql_node *side[2] = {join->merged[i].left, join->merged[i].right};
        for (int k = 0; k < 2; k++) {
            if (side[k]->kind == ADQL_COLUMN && !v->merged && side[k]->from == v->from &&
                side[k]->icolumn == v->icolumn)
                return true;
            if (v->merged && v->merged->value == side[k])
                return true;
        }
    }
    return false;
}

static bool list_join(struct binder *b, struct adql_from *join, struct visible_list *list)
{
    struct visible_list sides = {0};
    if (!list_visible(b, join->left, &sides) || !list_visible(b, join->right, &sides))
        return false;
    for (uint32_t i = 0; i < join->nmerged; i++)
        if (!visible_add(b, list, (struct visible){.merged = &join->merged[i]}))
            return false;
    for (uint32_t i = 0; i < sides.n; i++)
        if (!is_merged(join, &sides.at[i]) && !visible_add(b, list, sides.at[i]))
            return false;
    return true;
}

bool list_visible(struct binder *b, struct adql_from *from, struct visible_list *list)
{
    if (from->kind == ADQL_FROM_JOIN)
        return list_join(b, from, list);
    for (uint32_t i = 0; i < from_ncolumn(from); i++)
        if (!(from_column(from, i)->flags & STORE_HIDDEN) &&
            !visible_add(b, list, (struct visible){from, i, NULL}))
            return false;
    return true;
}

/* --- merging --- */

static struct adql_node *node_at(struct binder *b, const struct adql_from *place)
{
    struct adql_node *n = arena_new_one(b->arena, struct adql_node);
    if (!n) {
        bind_no_memory(b);
        return NULL;
    }
    n->line = place->line;
    n->column = place->column;
    n->length = place->length;
    n->height = 1;
    return n;
}

/* What the name means on one side of the join. */
static struct adql_node *side_of(struct binder *b, struct adql_from *join,
                                 struct adql_from *side, const struct adql_name *name)
{
    struct found found = {0};
    find_column(side, name, &found);
    if (found.n != 1) {
        FAIL_AT(b, join,
                found.n ? "column `%.*s` of USING is ambiguous on one side of the join"
                        : "column `%.*s` of USING is not on both sides of the join",
                STR_FMT(name->text));
        return NULL;
    }
    if (found.merged)
        return found.merged->value;
    struct adql_node *n = node_at(b, join);
    return n && bind_to_column(b, n, found.from, found.icolumn) ? n : NULL;
}

/* A shared column's node is copied: the statement's nodes have one parent each. */
static struct adql_node *copy_node(struct binder *b, const struct adql_node *n)
{
    struct adql_node *copy = arena_new_one(b->arena, struct adql_node);
    if (copy)
        *copy = *n;
    else
        bind_no_memory(b);
    return copy;
}

static struct adql_node *merged_value(struct binder *b, struct adql_from *join,
                                      struct adql_node *left, struct adql_node *right)
{
    if (join->join != ADQL_FULL)
        return join->join == ADQL_RIGHT ? right : left;
    struct adql_node *n = node_at(b, join);
    if (!n || !(n->child = arena_new_array(b->arena, struct adql_node *, 2)) ||
        !(n->child[0] = copy_node(b, left)) || !(n->child[1] = copy_node(b, right))) {
        bind_no_memory(b);
        return NULL;
    }
    n->kind = ADQL_CALL;
    n->op = ADQL_OP_coalesce;
    n->text = STR("COALESCE");
    n->nchild = 2;
    n->height =
        (uint16_t)((left->height > right->height ? left->height : right->height) + 1);
    n->type = (uint8_t)type_common((enum adql_type)left->type, (enum adql_type)right->type);
    n->meta = left->meta;
    return n;
}

static struct adql_node *equality(struct binder *b, struct adql_from *join,
                                  const struct adql_node *left,
                                  const struct adql_node *right)
{
    struct adql_node *n = node_at(b, join);
    if (!n || !(n->child = arena_new_array(b->arena, struct adql_node *, 2)) ||
        !(n->child[0] = copy_node(b, left)) || !(n->child[1] = copy_node(b, right))) {
        bind_no_memory(b);
        return NULL;
    }
    n->kind = ADQL_COMPARE;
    n->compare = ADQL_EQ;
    n->type = ADQL_CONDITION;
    n->nchild = 2;
    n->height =
        (uint16_t)((left->height > right->height ? left->height : right->height) + 1);
    return bind_comparable(b, &n->child[0], &n->child[1], "USING") ? n : NULL;
}

/* The next merged column; *equal: the condition that joins its two sides. */
static bool merge(struct binder *b, struct adql_from *join, const struct adql_name *name,
                  struct adql_node **equal)
{
    struct adql_merged *m = &join->merged[join->nmerged];
    b->level->clause = CLAUSE_FROM;
    m->name = *name;
    m->left = side_of(b, join, join->left, name);
    m->right = m->left ? side_of(b, join, join->right, name) : NULL;
    if (!m->right)
        return false;
    *equal = equality(b, join, m->left, m->right);
    m->value = *equal ? merged_value(b, join, m->left, m->right) : NULL;
    if (!m->value)
        return false;
    join->nmerged++;
    return true;
}

/* As a name that finds just this one: exactly as published or delimited. */
static struct adql_name visible_name(const struct visible *v)
{
    bool is_published;
    if (v->merged)
        return v->merged->name;
    struct adql_name name = from_column_name(v->from, v->icolumn, &is_published);
    name.is_quoted |= is_published;
    return name;
}

/* The names that both sides have, in the order of the left. */
static bool natural_names(struct binder *b, struct adql_from *join)
{
    struct visible_list left = {0};
    if (!list_visible(b, join->left, &left))
        return false;
    join->using_name = arena_new_array(b->arena, struct adql_name, left.n + 1);
    if (!join->using_name)
        return bind_no_memory(b);
    for (uint32_t i = 0; i < left.n; i++) {
        struct found found = {0};
        struct adql_name name = visible_name(&left.at[i]);
        find_column(join->right, &name, &found);
        if (found.n)
            join->using_name[join->nusing++] = name;
    }
    return true;
}

enum { MAX_MERGED = 2000 };

/* No common column at all: NATURAL JOIN is the product, so there is no ON. */
static bool join_on(struct binder *b, struct adql_from *join, struct adql_node **equal)
{
    if (join->nmerged < 2) {
        join->on = join->nmerged ? equal[0] : NULL;
        return true;
    }
    struct adql_node *n = node_at(b, join);
    if (!n)
        return false;
    n->kind = ADQL_AND;
    n->type = ADQL_CONDITION;
    n->nchild = join->nmerged;
    n->child = equal;
    for (uint32_t i = 0; i < n->nchild; i++)
        if (equal[i]->height >= n->height)
            n->height = (uint16_t)(equal[i]->height + 1);
    join->on = n;
    return true;
}

bool bind_join_names(struct binder *b, struct adql_from *join)
{
    if (join->is_natural && !natural_names(b, join))
        return false;
    b->nmerged += join->nusing;
    if (b->nmerged > MAX_MERGED)
        return FAIL_AT(b, join, "the query joins by too many common columns: at most %d",
                       MAX_MERGED);
    join->merged = arena_new_array(b->arena, struct adql_merged, join->nusing + 1);
    struct adql_node **equal =
        arena_new_array(b->arena, struct adql_node *, join->nusing + 1);
    if (!join->merged || !equal)
        return bind_no_memory(b);
    for (uint32_t i = 0; i < join->nusing; i++)
        if (!merge(b, join, &join->using_name[i], &equal[i]))
            return false;
    return join_on(b, join, equal);
}

/* --- stars of a select list --- */

static bool star_item(struct binder *b, struct adql_item *item,
                      const struct adql_node *star, const struct visible *v)
{
    struct adql_node *n = copy_node(b, star);
    if (!n)
        return false;
    item->node = n;
    if (!v->merged)
        return bind_to_column(b, n, v->from, v->icolumn);
    const struct adql_node *value = v->merged->value;
    if (value->kind == ADQL_COLUMN)
        return bind_to_column(b, n, value->from, value->icolumn);
    *n = *value;
    return true;
}

static bool star_columns(struct binder *b, const struct adql_node *star,
                         struct visible_list *list)
{
    struct level *l = b->level;
    const struct adql_path *path = star->path;
    bool is_found = !path;
    for (uint32_t i = 0; i < l->nfrom && !path; i++)
        if (!list_visible(b, l->from[i], list))
            return false;
    if (is_found)
        return true;
    /* t.*: the table's own columns, merged or not */
    struct adql_from *stack[256];
    uint32_t n = 0;
    for (uint32_t i = l->nfrom; i-- > 0 && n < 256;)
        stack[n++] = l->from[i];
    while (n > 0) {
        struct adql_from *from = stack[--n];
        if (from->kind == ADQL_FROM_JOIN && n < 255) {
            stack[n++] = from->right;
            stack[n++] = from->left;
        } else if (from_is_called(from, path->part, path->npart)) {
            is_found = true;
            if (!list_visible(b, from, list))
                return false;
        }
    }
    return is_found || FAIL_AT(b, star, "`%.*s` is no table or alias of this query",
                               STR_FMT(path->part[path->npart - 1].text));
}

/* How many items the list has once the stars are columns. */
static bool count_items(struct binder *b, const struct adql_select *q,
                        struct visible_list *lists, uint32_t *nitem, uint32_t *nstar)
{
    *nitem = *nstar = 0;
    for (uint32_t i = 0; i < q->nitem; i++) {
        if (q->item[i].node->kind != ADQL_STAR) {
            ++*nitem;
            continue;
        }
        if (!star_columns(b, q->item[i].node, &lists[*nstar]))
            return false;
        *nitem += lists[(*nstar)++].n;
    }
    return true;
}

static bool has_star(const struct adql_select *q)
{
    for (uint32_t i = 0; i < q->nitem; i++)
        if (q->item[i].node->kind == ADQL_STAR)
            return true;
    return false;
}

bool bind_stars(struct binder *b, struct adql_select *q)
{
    if (!has_star(q))
        return true;
    uint32_t nitem, nstar, n = 0;
    struct visible_list *lists = arena_new_array(b->arena, struct visible_list, q->nitem);
    if (!lists || !count_items(b, q, lists, &nitem, &nstar))
        return lists ? false : bind_no_memory(b);
    struct adql_item *item = arena_new_array(b->arena, struct adql_item, nitem + 1);
    if (!item)
        return bind_no_memory(b);
    nstar = 0;
    for (uint32_t i = 0; i < q->nitem; i++) {
        const struct adql_node *node = q->item[i].node;
        if (node->kind != ADQL_STAR) {
            item[n++] = q->item[i];
            continue;
        }
        const struct visible_list *list = &lists[nstar++];
        for (uint32_t k = 0; k < list->n; k++)
            if (!star_item(b, &item[n++], node, &list->at[k]))
                return false;
    }
    q->item = item;
    q->nitem = n;
    return n > 0 || FAIL_AT(b, q, "this table has no columns to select");
}
