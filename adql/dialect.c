/* dialect.c -- a store's spellings, compiled once: templates cut into pieces by op. */
#include "adql/dialect.h"

static const struct op {
    const char *name;
    int least, most;
} OPS[ADQL_NOP] = {[ADQL_OP_NONE] = {"", 0, 0},
#define X(name, least, most) [ADQL_OP_##name] = {#name, least, most},
                   ADQL_OPS(X)
#undef X
};

enum { DIALECT_BYTES = 1 << 20 };

const char *op_name(unsigned op)
{
    return OPS[op].name;
}

static unsigned op_called(const char *name)
{
    for (unsigned i = 1; i < ADQL_NOP; i++)
        if (strcmp(OPS[i].name, name) == 0)
            return i;
    return ADQL_OP_NONE;
}

/* The next piece of a template; false: a `$` that means nothing. */
static bool cut_piece(const char **at, struct piece *piece)
{
    const char *s = *at;
    if (*s != '$') {
        size_t n = strcspn(s, "$");
        *piece = (struct piece){PIECE_TEXT, {s, n}};
        *at = s + n;
        return true;
    }
    if (s[1] >= '1' && s[1] <= '9')
        piece->argument = s[1] - '0';
    else if (s[1] == '*')
        piece->argument = PIECE_ALL;
    else if (s[1] == 'o')
        piece->argument = PIECE_OVER;
    else
        return false;
    *at = s + 2;
    return true;
}

static bool compile(struct adql_dialect *d, const char *sql, int most, struct spelling *t)
{
    size_t len = strlen(sql);
    struct piece *piece = arena_new_array(d->arena, struct piece, len + 1);
    if (!piece || len == 0)
        return false;
    t->npiece = 0;
    t->piece = piece;
    for (const char *at = sql; *at; t->npiece++) {
        struct piece *p = &piece[t->npiece];
        if (!cut_piece(&at, p))
            return false;
        if (p->argument == PIECE_OVER)
            t->has_over = true;
        else if (p->argument > 0 && most >= 0 && p->argument > most)
            return false;
    }
    return true;
}

static bool compile_ops(struct adql_dialect *d, struct err *e)
{
    const struct store_dialect *s = d->store;
    for (size_t i = 0; i < s->nspelling; i++) {
        unsigned op = op_called(s->spelling[i].op);
        if (op == ADQL_OP_NONE)
            return err_set(e, ERR_INTERNAL, "dialect %s spells an unknown operation \"%s\"",
                           s->name, s->spelling[i].op);
        if (!compile(d, s->spelling[i].sql, OPS[op].most, &d->op[op]))
            return err_set(e, ERR_INTERNAL,
                           "dialect %s: the template of \"%s\" is wrong: %s", s->name,
                           s->spelling[i].op, s->spelling[i].sql);
    }
    return true;
}

static bool compile_arrays(struct adql_dialect *d, struct err *e)
{
    const struct store_dialect *s = d->store;
    if ((s->fixed_array && !compile(d, s->fixed_array, 2, &d->fixed_array)) ||
        (s->variable_array && !compile(d, s->variable_array, 1, &d->variable_array)))
        return err_set(e, ERR_INTERNAL, "dialect %s: a template of array types is wrong",
                       s->name);
    return true;
}

static void compile_parameter(struct adql_dialect *d)
{
    str text = str_of(d->store->parameter);
    d->parameter_before = text;
    for (size_t i = 0; i + 1 < text.len; i++)
        if (text.at[i] == '%' && text.at[i + 1] == 'u') {
            d->parameter_is_numbered = true;
            d->parameter_before = (str){text.at, i};
            d->parameter_after = (str){text.at + i + 2, text.len - i - 2};
            return;
        }
}

struct adql_dialect *adql_dialect_new(const struct store_dialect *store, struct err *e)
{
    struct arena *arena = arena_new(DIALECT_BYTES);
    struct adql_dialect *d = arena ? arena_new_one(arena, struct adql_dialect) : NULL;
    if (!d) {
        err_set(e, ERR_LIMIT, "no memory for a dialect");
        goto failed;
    }
    d->store = store;
    d->arena = arena;
    compile_parameter(d);
    if (compile_ops(d, e) && compile_arrays(d, e))
        return d;

failed:
    arena_free(arena);
    return NULL;
}

void adql_dialect_free(struct adql_dialect *d)
{
    if (d)
        arena_free(d->arena);
}

bool adql_dialect_can(const struct adql_dialect *d, enum adql_op op)
{
    return d->op[op].npiece > 0;
}
