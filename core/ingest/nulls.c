/* nulls.c -- see nulls.h. */
#include "core/ingest/nulls.h"

#include <math.h>

#include "core/base/clock.h"
#include "core/base/num.h"
#include "core/base/rows.h"

struct rule { /* one value of one column */
    uint32_t column;
    str text;
    double number;
    int64_t time_us;
    const struct rule *next; /* of the same column */
};

struct ingest_nulls {
    struct arena *arena;
    const struct store_column *const *column;
    uint32_t ncolumn;
    const struct rule **rule; /* by column */
    uint8_t **valid;          /* by column; made when first needed */
    uint32_t capacity;
    bool is_clean;
};

static bool is_number(enum store_type type)
{
    return type != STORE_TEXT && type != STORE_BOOL && type != STORE_TIME_US;
}

/* True if the rule's value can be one of the column's. */
static bool read_rule(const struct store_column *column, const char *value,
                      struct rule *rule)
{
    rule->text = str_of(value);
    if (column->type == STORE_TEXT)
        return true;
    if (column->type == STORE_TIME_US)
        return clock_parse_us(rule->text, &rule->time_us);
    return is_number(column->type) && num_parse_double(rule->text, &rule->number);
}

static bool add_rule(struct ingest_nulls *n, uint32_t icolumn, const char *value)
{
    struct rule rule = {.column = icolumn, .next = n->rule[icolumn]};
    if (!read_rule(n->column[icolumn], value, &rule))
        return true;
    struct rule *kept = arena_new_one(n->arena, struct rule);
    if (!kept)
        return false;
    *kept = rule;
    n->rule[icolumn] = kept;
    return true;
}

/* A rule for a column that cannot hold the value is a mistake; one for all columns goes to
 * those that can. */
static bool add_rules(struct ingest_nulls *n, const struct ingest_null *null, struct err *e)
{
    for (uint32_t i = 0; i < n->ncolumn; i++) {
        struct rule scratch;
        if (null->column && !str_eq_fold(str_of(n->column[i]->name), str_of(null->column)))
            continue;
        if (null->column && !read_rule(n->column[i], null->value, &scratch))
            return err_set(e, ERR_USAGE, "\"%s\" cannot be a value of column \"%s\"",
                           null->value, null->column);
        if (!add_rule(n, i, null->value))
            return err_set(e, ERR_LIMIT, "no memory for the rules of null values");
        if (null->column)
            return true;
    }
    if (null->column)
        return err_set(e, ERR_USAGE, "there is no column \"%s\" to have nulls in",
                       null->column);
    return true;
}

struct ingest_nulls *ingest_nulls_new(struct arena *arena,
                                      const struct store_column *const *column,
                                      uint32_t ncolumn, const struct ingest_options *o,
                                      struct err *e)
{
    struct ingest_nulls *n = arena_new_one(arena, struct ingest_nulls);
    if (!n)
        return NULL;
    n->arena = arena;
    n->column = column;
    n->ncolumn = ncolumn;
    n->rule = arena_new_array(arena, const struct rule *, ncolumn + 1);
    n->valid = arena_new_array(arena, uint8_t *, ncolumn + 1);
    if (!n->rule || !n->valid)
        return NULL;
    n->is_clean = o->is_clean;
    for (uint32_t i = 0; i < o->nnull; i++)
        if (!add_rules(n, &o->null[i], e))
            return NULL;
    return n;
}

/* --- applying ---------------------------------------------------------------------- */

static double number_at(enum store_type type, const void *data, uint32_t i)
{
    switch (type) {
    case STORE_U8:
        return ((const uint8_t *)data)[i];
    case STORE_I16:
        return ((const int16_t *)data)[i];
    case STORE_I32:
        return ((const int32_t *)data)[i];
    case STORE_I64:
        return (double)((const int64_t *)data)[i];
    case STORE_F32:
        return (double)((const float *)data)[i];
    default:
        return ((const double *)data)[i];
    }
}

/* A float column's value equals what the rule's number becomes as a float. */
static bool is_same_number(enum store_type type, double value, double wanted)
{
    return value == (type == STORE_F32 ? (double)(float)wanted : wanted);
}

static bool is_null_text(const struct rule *rule, const struct store_vector *v, uint32_t i)
{
    str text = {(const char *)v->data + v->offset[i], v->offset[i + 1] - v->offset[i]};
    if (text.len == 0)
        return true;
    for (; rule; rule = rule->next)
        if (str_eq(text, rule->text))
            return true;
    return false;
}

static bool is_null_value(const struct rule *rule, const struct store_column *column,
                          const struct store_vector *v, uint32_t i)
{
    if (column->type == STORE_TEXT)
        return is_null_text(rule, v, i);
    if (column->type == STORE_TIME_US) {
        for (; rule; rule = rule->next)
            if (((const int64_t *)v->data)[i] == rule->time_us)
                return true;
        return false;
    }
    double value = number_at(column->type, v->data, i);
    if (isnan(value))
        return true;
    for (; rule; rule = rule->next)
        if (is_same_number(column->type, value, rule->number))
            return true;
    return false;
}

static bool may_hold_nulls(const struct ingest_nulls *n, uint32_t icolumn)
{
    const struct store_column *column = n->column[icolumn];
    if (n->is_clean && !n->rule[icolumn])
        return false;
    if (column->type == STORE_TEXT)
        return true;
    if (column->length != 1 || column->type == STORE_BOOL)
        return false;
    return n->rule[icolumn] || column->type == STORE_F32 || column->type == STORE_F64;
}

static bool grow(struct ingest_nulls *n, uint32_t nrow)
{
    if (nrow <= n->capacity)
        return true;
    n->capacity = ((nrow > 2 * n->capacity ? nrow : 2 * n->capacity) + 1023u) & ~1023u;
    for (uint32_t i = 0; i < n->ncolumn; i++) {
        if (may_hold_nulls(n, i))
            n->valid[i] = arena_new_array(n->arena, uint8_t, n->capacity / 8);
        if (may_hold_nulls(n, i) && !n->valid[i])
            return false;
    }
    return true;
}

static void apply_to_column(const struct ingest_nulls *n, uint32_t icolumn,
                            const struct store_vector *in, uint32_t nrow,
                            struct store_vector *out)
{
    uint8_t *valid = n->valid[icolumn];
    bool has_null = in->valid != NULL;
    memset(valid, 0, (nrow + 7) / 8);
    for (uint32_t i = 0; i < nrow; i++) {
        if (store_is_valid(in, i) &&
            !is_null_value(n->rule[icolumn], n->column[icolumn], in, i))
            valid[i >> 3] |= (uint8_t)(1u << (i & 7));
        else
            has_null = true;
    }
    if (has_null)
        out->valid = valid;
}

bool ingest_nulls_apply(struct ingest_nulls *n, const struct store_batch *batch,
                        struct store_vector *out)
{
    if (!grow(n, batch->nrow))
        return false;
    for (uint32_t i = 0; i < n->ncolumn; i++) {
        out[i] = batch->column[i];
        if (may_hold_nulls(n, i))
            apply_to_column(n, i, &batch->column[i], batch->nrow, &out[i]);
    }
    return true;
}
