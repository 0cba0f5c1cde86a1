/* bind_output.c -- the columns that a query gives: names (TAP-33), types, metadata
 * (TAP-34); and the list of the tables that it reads. */
#include <math.h>
#include <stdio.h>

#include "adql/bind.h"

/* --- sets of names --- */

struct name_slot {
    const char *name;
    unsigned next; /* number to try when the name comes again */
};

struct names { /* open addressing; texts compared with or without case */
    struct name_slot *slot;
    uint32_t mask;
    bool fold;
};

static bool names_init(struct binder *b, struct names *names, uint32_t n, bool fold)
{
    uint32_t size = 8;
    while (size < 2 * n + 2)
        size *= 2;
    names->slot = arena_new_array(b->arena, struct name_slot, size);
    names->mask = size - 1;
    names->fold = fold;
    return names->slot || bind_no_memory(b);
}

/* Where the name is, or where it may be put. */
static struct name_slot *names_find(const struct names *names, const char *name)
{
    str s = str_of(name);
    uint32_t i = (uint32_t)str_hash_fold(s) & names->mask;
    for (; names->slot[i].name; i = (i + 1) & names->mask) {
        str other = str_of(names->slot[i].name);
        if (names->fold ? str_eq_fold(other, s) : str_eq(other, s))
            break;
    }
    return &names->slot[i];
}

/* The name, or name_2, name_3 ... */
static const char *names_unique(struct binder *b, struct names *names, const char *name)
{
    struct name_slot *first = names_find(names, name), *slot = first;
    const char *unique = name;
    while (slot->name) {
        first->next = first->next ? first->next + 1 : 2;
        unique = arena_format(b->arena, "%s_%u", name, first->next);
        if (!unique) {
            bind_no_memory(b);
            return NULL;
        }
        slot = names_find(names, unique);
    }
    slot->name = unique;
    return unique;
}

/* --- names of expressions --- */

/* A regular name for what has none: avg_flux, count_all, col3. */
static const char *made_name(struct binder *b, const struct adql_node *n, uint32_t i)
{
    char name[80];
    size_t len = 0;
    const struct adql_node *first = n->nchild ? n->child[0] : NULL;
    for (; n->kind == ADQL_CALL && len < n->text.len && len < 40; len++)
        name[len] = ascii_lower(n->text.at[len]);
    name[len] = '\0';
    if (n->op == ADQL_OP_count_star)
        snprintf(name + len, sizeof name - len, "_all");
    else if (len && first && first->kind == ADQL_COLUMN)
        snprintf(name + len, sizeof name - len, "_%.30s", first->meta->name);
    if (!catalog_name_is_regular(str_of(name)))
        snprintf(name, sizeof name, "col%u", i + 1);
    return arena_text(b->arena, str_of(name));
}

/* True if the item is a column, merged or not: it keeps its name and metadata. */
static bool is_column(const struct adql_node *n)
{
    return n->kind == ADQL_COLUMN || (n->op == ADQL_OP_coalesce && n->meta);
}

static bool name_output(struct binder *b, const struct adql_item *item, uint32_t i,
                        struct adql_output *o)
{
    const struct adql_node *n = item->node;
    if (item->alias.text.at) {
        o->name = item->alias;
        o->meta.name = arena_text(b->arena, item->alias.text);
    } else if (is_column(n)) {
        const struct adql_from *from = n->kind == ADQL_COLUMN ? n->from : NULL;
        o->is_published = true;
        if (from)
            o->name = from_column_name(from, n->icolumn, &o->is_published);
        else
            o->name.text = str_of(n->meta->name);
        o->meta.name = n->meta->name;
    } else {
        o->meta.name = made_name(b, n, i);
        o->name.text = str_of(o->meta.name);
    }
    return o->meta.name || bind_no_memory(b);
}

/* --- types and metadata --- */

enum { LASTING_FLAGS = STORE_NULLABLE | STORE_PRINCIPAL | STORE_STD | STORE_NO_SEARCH };

static bool keeps_unit(unsigned op)
{
    switch (op) {
    case ADQL_OP_min:
    case ADQL_OP_max:
    case ADQL_OP_avg:
    case ADQL_OP_avg_distinct:
    case ADQL_OP_sum:
    case ADQL_OP_sum_distinct:
    case ADQL_OP_abs:
    case ADQL_OP_neg:
    case ADQL_OP_pos:
    case ADQL_OP_round:
    case ADQL_OP_round_n:
    case ADQL_OP_in_unit:
        return true;
    default:
        return false;
    }
}

static bool is_degrees(unsigned op)
{
    return op == ADQL_OP_distance || op == ADQL_OP_distance_p || op == ADQL_OP_coord1 ||
           op == ADQL_OP_coord2;
}

static void computed_meta(const struct adql_node *n, struct store_column *meta)
{
    *meta = type_store_column((enum adql_type)n->type);
    if (n->kind == ADQL_SUBQUERY && n->meta)
        *meta = *n->meta;
    meta->flags = (meta->flags & LASTING_FLAGS) | STORE_NULLABLE;
    if (n->kind != ADQL_CALL)
        return;
    if (n->type == ADQL_ARRAY && n->meta) {
        meta->type = n->meta->type;
        meta->length = n->meta->length;
        meta->datatype = n->meta->datatype;
        meta->arraysize = n->meta->arraysize;
    }
    if (n->op == ADQL_OP_in_unit && n->meta)
        meta->unit = n->meta->unit;
    else if (keeps_unit(n->op) && n->child[0]->meta)
        meta->unit = n->child[0]->meta->unit;
    else if (is_degrees(n->op))
        meta->unit = "deg";
}

static void column_meta(const struct adql_node *n, struct store_column *meta)
{
    *meta = *n->meta;
    meta->size = sizeof *meta;
    meta->flags &= LASTING_FLAGS;
    if (n->kind != ADQL_COLUMN && adql_type_of_column(n->meta) != n->type)
        meta->type = type_store_column((enum adql_type)n->type).type;
    if (n->kind != ADQL_COLUMN || n->from->is_nullable)
        meta->flags |= STORE_NULLABLE;
}

bool bind_outputs(struct binder *b, struct adql_set *s)
{
    const struct adql_select *q = s->select;
    struct names names, sql_names;
    s->output = arena_new_array(b->arena, struct adql_output, q->nitem);
    if (!s->output || !names_init(b, &names, q->nitem, false) ||
        !names_init(b, &sql_names, q->nitem, true))
        return bind_no_memory(b);
    s->noutput = q->nitem;
    for (uint32_t i = 0; i < q->nitem; i++) {
        const struct adql_node *n = q->item[i].node;
        struct adql_output *o = &s->output[i];
        if (is_column(n))
            column_meta(n, &o->meta);
        else
            computed_meta(n, &o->meta);
        o->type = n->type;
        if (!name_output(b, &q->item[i], i, o) ||
            !(o->meta.name = names_unique(b, &names, o->meta.name)) ||
            !(o->sql_name = names_unique(b, &sql_names, o->meta.name)))
            return false;
    }
    return true;
}

/* --- set operations: names and metadata of the left, the wider type (ADQL-22) --- */

static bool widen(struct binder *b, struct adql_set *s, const struct adql_set *term,
                  uint32_t i)
{
    struct adql_output *o = &s->output[i];
    const struct adql_output *other = &term->output[i];
    enum adql_type type = type_common((enum adql_type)o->type, (enum adql_type)other->type);
    bool is_mixed = type == ADQL_TIMESTAMP && o->type != other->type;
    bool is_null = o->type == ADQL_NULL || other->type == ADQL_NULL;
    if (type == ADQL_UNTYPED || (is_mixed && !is_null))
        return FAIL_AT(b, term,
                       "column %u of this SELECT is %s, but that of the first SELECT is %s",
                       i + 1, type_phrase(other->type), type_phrase(o->type));
    o->meta.flags |= other->meta.flags & STORE_NULLABLE;
    if (type == o->type)
        return true;
    struct store_column wide = type == other->type ? other->meta : type_store_column(type);
    o->meta.type = wide.type;
    o->meta.length = wide.length;
    o->meta.datatype = wide.datatype;
    o->meta.arraysize = wide.arraysize;
    if (!o->meta.xtype)
        o->meta.xtype = wide.xtype;
    o->type = (uint8_t)type;
    return true;
}

bool bind_set_outputs(struct binder *b, struct adql_set *s)
{
    s->noutput = s->term[0]->noutput;
    s->output = arena_new_array(b->arena, struct adql_output, s->noutput);
    if (!s->output)
        return bind_no_memory(b);
    memcpy(s->output, s->term[0]->output, s->noutput * sizeof *s->output);
    for (uint32_t k = 1; k < s->nterm; k++) {
        if (s->term[k]->noutput != s->noutput)
            return FAIL_AT(
                b, s->term[k], "this SELECT has %u column%s, but the first has %u",
                s->term[k]->noutput, s->term[k]->noutput == 1 ? "" : "s", s->noutput);
        for (uint32_t i = 0; i < s->noutput; i++)
            if (!widen(b, s, s->term[k], i))
                return false;
    }
    return true;
}

/* --- the whole query --- */

static bool list_used(struct binder *b, const struct used *used,
                      struct adql_used_table *out)
{
    uint32_t n = 0, nword = used->table->ncolumn / 64 + 1;
    for (uint32_t w = 0; w < nword; w++)
        n += (uint32_t)__builtin_popcountll(used->column[w]);
    uint32_t *column = arena_new_array(b->arena, uint32_t, n + 1);
    if (!column)
        return bind_no_memory(b);
    *out = (struct adql_used_table){used->table, used->is_upload, n, column};
    n = 0;
    for (uint32_t w = 0; w < nword; w++)
        for (uint64_t bits = used->column[w]; bits; bits &= bits - 1)
            column[n++] = w * 64 + (uint32_t)__builtin_ctzll(bits);
    return true;
}

bool bind_result(struct binder *b)
{
    struct adql_query *q = b->q;
    const struct store_column **column =
        arena_new_array(b->arena, const struct store_column *, q->body->noutput);
    struct adql_used_table *table =
        arena_new_array(b->arena, struct adql_used_table, b->nused + 1);
    if (!column || !table)
        return bind_no_memory(b);
    for (uint32_t i = 0; i < q->body->noutput; i++)
        column[i] = &q->body->output[i].meta;
    for (uint32_t i = 0; i < b->nused; i++)
        if (!list_used(b, &b->used[i], &table[i]))
            return false;
    q->column = column;
    q->ncolumn = q->body->noutput;
    q->table = table;
    q->ntable = b->nused;
    return true;
}
