/* write_expr.c -- expressions as SQL: what is the same in every dialect. */
#include <math.h>

#include "adql/write.h"
#include "core/base/clock.h"
#include "core/base/num.h"

/* --- names and literals --- */

void write_name(struct writer *w, const char *name)
{
    bytes_add_quoted(w->out, str_of(name), '"');
}

void write_int(struct bytes *b, int64_t value)
{
    char *to = bytes_reserve(b, NUM_TEXT_BYTES);
    if (to)
        b->len += num_print_int(value, to);
}

/* With an exponent, so that no store takes it for a decimal. */
void write_double(struct bytes *b, double value)
{
    char text[NUM_TEXT_BYTES];
    size_t n = num_print_double(value, text);
    bytes_add(b, (str){text, n});
    if (!memchr(text, 'e', n) && !memchr(text, 'E', n))
        bytes_add_literal(b, "e0");
}

/* `text` with what `write` writes for each $1. */
static void write_around(struct writer *w, const char *text,
                         void write(struct writer *, const void *), const void *what)
{
    for (const char *at; (at = strstr(text, "$1")); text = at + 2) {
        bytes_add(w->out, (str){text, (size_t)(at - text)});
        write(w, what);
    }
    bytes_add(w->out, str_of(text));
}

static void write_bracketed_double(struct writer *w, const void *what)
{
    bytes_add_char(w->out, '(');
    write_double(w->out, *(const double *)what);
    bytes_add_char(w->out, ')');
}

/* In stores that take 1.5e0 for a decimal number. */
static void write_real(struct writer *w, double value)
{
    write_around(w, w->dialect->store->real_literal, write_bracketed_double, &value);
}

static void write_inline(struct writer *w, const struct adql_node *n)
{
    struct bytes *b = w->out;
    char time[CLOCK_TEXT_BYTES];
    bool is_negative = n->type == ADQL_DOUBLE ? signbit(n->number) : n->integer < 0;
    switch (n->type) {
    case ADQL_NULL:
        bytes_add_literal(b, "NULL");
        return;
    case ADQL_BOOLEAN:
        bytes_add(b, n->integer ? STR("TRUE") : STR("FALSE"));
        return;
    case ADQL_TEXT:
        bytes_add_quoted(b, n->text, '\'');
        return;
    case ADQL_TIMESTAMP:
        bytes_add_literal(b, "CAST('");
        bytes_add(b, (str){time, clock_print_us(n->integer, time)});
        bytes_add_literal(b, "' AS ");
        write_type(w, STORE_TIME_US, 1);
        bytes_add_char(b, ')');
        return;
    case ADQL_DOUBLE:
        if (!isfinite(n->number)) {
            bytes_add(b, isnan(n->number) ? STR("CAST('NaN' AS ")
                         : is_negative    ? STR("CAST('-Infinity' AS ")
                                          : STR("CAST('Infinity' AS "));
            write_type(w, STORE_F64, 1);
            bytes_add_char(b, ')');
            return;
        }
        break;
    default:
        break;
    }
    if (n->type == ADQL_DOUBLE && w->dialect->store->real_literal) {
        write_real(w, n->number);
        return;
    }
    if (is_negative)
        bytes_add_char(b, '(');
    if (n->type == ADQL_DOUBLE)
        write_double(b, n->number);
    else
        write_int(b, n->integer);
    if (is_negative)
        bytes_add_char(b, ')');
}

/* --- parameters --- */

static bool parameter_room(struct writer *w)
{
    struct adql_parameters *p = w->parameters;
    if (p->count < w->parameter_capacity)
        return true;
    uint32_t capacity = w->parameter_capacity ? w->parameter_capacity * 2 : 16;
    struct store_parameter *value =
        arena_new_array(w->arena, struct store_parameter, capacity);
    if (!value)
        return false;
    if (p->count)
        memcpy(value, p->value, p->count * sizeof *value);
    p->value = value;
    w->parameter_capacity = capacity;
    return true;
}

static bool integer_parameter(struct writer *w, const struct adql_node *n,
                              struct store_parameter *p)
{
    if (n->type != ADQL_INTEGER) {
        *p = (struct store_parameter){STORE_I64, 1, &n->integer};
        return true;
    }
    int32_t *value = arena_new_one(w->arena, int32_t);
    if (!value)
        return false;
    *value = (int32_t)n->integer;
    *p = (struct store_parameter){STORE_I32, 1, value};
    return true;
}

static bool parameter_of(struct writer *w, const struct adql_node *n,
                         struct store_parameter *p)
{
    switch (n->type) {
    case ADQL_TEXT:
        *p = (struct store_parameter){STORE_TEXT, (uint32_t)n->text.len, n->text.at};
        return true;
    case ADQL_DOUBLE:
        *p = (struct store_parameter){STORE_F64, 1, &n->number};
        return true;
    case ADQL_TIMESTAMP:
        *p = (struct store_parameter){STORE_TIME_US, 1, &n->integer};
        return true;
    default:
        return integer_parameter(w, n, p);
    }
}

/* The number, from 1, of a literal's parameter; 0: no memory. A literal that a spelling
 * repeats is one parameter where marks are numbered. */
static uint32_t parameter_number(struct writer *w, const struct adql_node *n)
{
    struct adql_parameters *p = w->parameters;
    if (!parameter_room(w) || !parameter_of(w, n, &p->value[p->count]))
        return 0;
    const struct store_parameter *new = &p->value[p->count];
    for (uint32_t i = 0; w->dialect->parameter_is_numbered && i < p->count; i++)
        if (p->value[i].value == new->value && p->value[i].type == new->type &&
            p->value[i].count == new->count)
            return i + 1;
    return ++p->count;
}

/* With its type written out: a store must not guess it from what stands beside. */
static void write_parameter(struct writer *w, const struct adql_node *n)
{
    const struct adql_dialect *d = w->dialect;
    uint32_t number = parameter_number(w, n);
    if (!number) {
        w->failed = true;
        return;
    }
    enum store_type type = w->parameters->value[number - 1].type;
    bytes_add_literal(w->out, "CAST(");
    bytes_add(w->out, d->parameter_before);
    if (d->parameter_is_numbered)
        write_int(w->out, number);
    bytes_add(w->out, d->parameter_after);
    bytes_add_literal(w->out, " AS ");
    write_type(w, type, type == STORE_TEXT ? -1 : 1);
    bytes_add_char(w->out, ')');
}

void write_literal(struct writer *w, const struct adql_node *n)
{
    bool is_plain = n->type == ADQL_NULL || n->type == ADQL_BOOLEAN;
    if (w->arena && !w->is_inline && !is_plain)
        write_parameter(w, n);
    else
        write_inline(w, n);
}

void write_limit(struct writer *w, int64_t limit)
{
    struct adql_node *n = w->arena ? arena_new_one(w->arena, struct adql_node) : NULL;
    if (!n) {
        write_int(w->out, limit);
        return;
    }
    *n = (struct adql_node){.kind = ADQL_LITERAL, .type = ADQL_BIGINT, .integer = limit};
    write_parameter(w, n);
}

/* --- types --- */

static void write_array_type(struct writer *w, const struct spelling *s,
                             const char *element, int32_t length)
{
    for (uint32_t i = 0; i < s->npiece; i++) {
        if (s->piece[i].argument == 1)
            bytes_add(w->out, str_of(element));
        else if (s->piece[i].argument == 2)
            write_int(w->out, length);
        else
            bytes_add(w->out, s->piece[i].text);
    }
}

void write_type(struct writer *w, enum store_type type, int32_t length)
{
    const char *name = w->dialect->store->type_name[type];
    if (type == STORE_U8 && length != 1 && w->dialect->store->bytes_type) {
        bytes_add(w->out, str_of(w->dialect->store->bytes_type));
        return;
    }
    const struct spelling *array =
        length < 0 ? &w->dialect->variable_array : &w->dialect->fixed_array;
    bool is_scalar = type == STORE_TEXT || length == 1;
    if (!name || (!is_scalar && array->npiece == 0)) {
        w->failed = true;
        err_set(w->err, ERR_USAGE, "the store %s has no type for %s of the result",
                w->dialect->store->name, is_scalar ? "a column" : "an array column");
    } else if (is_scalar)
        bytes_add(w->out, str_of(name));
    else
        write_array_type(w, array, name, length);
}

static enum store_type store_type_of(enum adql_type type)
{
    static const uint8_t TYPES[] = {
        [ADQL_BYTE] = STORE_U8,    [ADQL_SMALLINT] = STORE_I16, [ADQL_INTEGER] = STORE_I32,
        [ADQL_BIGINT] = STORE_I64, [ADQL_REAL] = STORE_F32,     [ADQL_DOUBLE] = STORE_F64};
    return (enum store_type)TYPES[type];
}

void write_operand_as(struct writer *w, const struct adql_node *n, enum adql_type type)
{
    bytes_add_literal(w->out, "CAST(");
    write_node(w, n);
    bytes_add_literal(w->out, " AS ");
    write_type(w, store_type_of(type), 1);
    bytes_add_char(w->out, ')');
}

/* --- columns and predicates --- */

static void write_column_name(struct writer *w, const void *what)
{
    const struct adql_node *n = what;
    const struct adql_from *from = n->from;
    write_name(w, from->sql_name);
    bytes_add_char(w->out, '.');
    write_name(w, from->table ? from->table->column[n->icolumn].native
                              : from->query->output[n->icolumn].sql_name);
}

/* A store's own column is read as the store says; its copy elsewhere is as it should be. */
static void write_column(struct writer *w, const struct adql_node *n)
{
    const struct adql_from *from = n->from;
    const struct adql_write_options *o = w->options;
    const char *sql = from->table ? from->table->column[n->icolumn].meta.sql : NULL;
    bool is_own =
        sql && (!o->table_name || o->table_name(o->context, from->table, from->is_upload) ==
                                      from->table->native);
    if (is_own)
        write_around(w, sql, write_column_name, n);
    else
        write_column_name(w, n);
}

void write_ordered(struct writer *w, const struct adql_node *n)
{
    write_node(w, n);
    if (n->type == ADQL_TEXT && w->dialect->store->collate)
        bytes_add(w->out, str_of(w->dialect->store->collate));
}

static void write_list(struct writer *w, struct adql_node *const *node, uint32_t n,
                       const char *separator)
{
    for (uint32_t i = 0; i < n; i++) {
        if (i)
            bytes_add(w->out, str_of(separator));
        write_node(w, node[i]);
    }
}

static void write_compare(struct writer *w, const struct adql_node *n)
{
    static const char *const SIGNS[] = {" = ", " <> ", " < ", " <= ", " > ", " >= "};
    if (n->compare == ADQL_EQ || n->compare == ADQL_NE)
        write_node(w, n->child[0]);
    else
        write_ordered(w, n->child[0]);
    bytes_add(w->out, str_of(SIGNS[n->compare]));
    write_node(w, n->child[1]);
}

static void write_between(struct writer *w, const struct adql_node *n)
{
    write_ordered(w, n->child[0]);
    bytes_add(w->out, n->is_not ? STR(" NOT BETWEEN ") : STR(" BETWEEN "));
    write_list(w, n->child + 1, 2, " AND ");
}

static void write_in(struct writer *w, const struct adql_node *n)
{
    write_node(w, n->child[0]);
    bytes_add(w->out, n->is_not ? STR(" NOT IN ") : STR(" IN "));
    if (n->kind == ADQL_IN_QUERY) {
        write_subquery(w, n->query);
        return;
    }
    bytes_add_char(w->out, '(');
    write_list(w, n->child + 1, n->nchild - 1, ", ");
    bytes_add_char(w->out, ')');
}

static void write_case(struct writer *w, const struct adql_node *n)
{
    uint32_t i = 0, end = n->nchild - n->has_else;
    bytes_add_literal(w->out, "CASE");
    if (n->has_value) {
        bytes_add_char(w->out, ' ');
        write_node(w, n->child[i++]);
    }
    for (; i + 1 < end; i += 2) {
        bytes_add_literal(w->out, " WHEN ");
        write_node(w, n->child[i]);
        bytes_add_literal(w->out, " THEN ");
        write_node(w, n->child[i + 1]);
    }
    if (n->has_else) {
        bytes_add_literal(w->out, " ELSE ");
        write_node(w, n->child[end]);
    }
    bytes_add_literal(w->out, " END");
}

static void write_ranges(struct writer *w, const struct adql_node *n)
{
    const struct adql_ranges *r = n->range;
    if (r->nrange == 0) {
        bytes_add_literal(w->out, "(1 = 0)");
        return;
    }
    bytes_add_char(w->out, '(');
    for (uint32_t i = 0; i < r->nrange; i++) {
        if (i)
            bytes_add_literal(w->out, " OR ");
        write_node(w, n->child[0]);
        bytes_add_literal(w->out, " BETWEEN ");
        write_int(w->out, r->bound[2 * i]);
        bytes_add_literal(w->out, " AND ");
        write_int(w->out, r->bound[2 * i + 1]);
    }
    bytes_add_char(w->out, ')');
}

/* $1: what the statement calls the table; $2 to $4: lon, lat, radius. */
static void write_near(struct writer *w, const struct adql_node *n)
{
    str rest = n->text;
    while (rest.len > 0) {
        size_t at = str_find(rest, '$');
        bytes_add(w->out, (str){rest.at, at});
        if (at + 1 >= rest.len)
            break;
        int i = rest.at[at + 1] - '1';
        if (i == 0)
            write_name(w, n->from->sql_name);
        else if (i >= 1 && i <= 3)
            write_node(w, n->child[i - 1]);
        rest = (str){rest.at + at + 2, rest.len - at - 2};
    }
}

static void write_bracketed(struct writer *w, const struct adql_node *n, const char *before,
                            const char *separator)
{
    bytes_add(w->out, str_of(before));
    write_list(w, n->child, n->nchild, separator);
    bytes_add_char(w->out, ')');
}

/* Operands are columns, literals, calls (which bring their own parentheses) and the like;
 * conditions get parentheses where they stand inside stronger ones. */
void write_node(struct writer *w, const struct adql_node *n)
{
    switch (n->kind) {
    case ADQL_LITERAL:
        write_literal(w, n);
        break;
    case ADQL_COLUMN:
        write_column(w, n);
        break;
    case ADQL_CALL:
        write_call(w, n);
        break;
    case ADQL_COMPARE:
        write_compare(w, n);
        break;
    case ADQL_BETWEEN:
        write_between(w, n);
        break;
    case ADQL_IN:
    case ADQL_IN_QUERY:
        write_in(w, n);
        break;
    case ADQL_LIKE:
        write_like(w, n);
        break;
    case ADQL_IS_NULL:
        write_node(w, n->child[0]);
        bytes_add(w->out, n->is_not ? STR(" IS NOT NULL") : STR(" IS NULL"));
        break;
    case ADQL_EXISTS:
        bytes_add_literal(w->out, "EXISTS ");
        write_subquery(w, n->query);
        break;
    case ADQL_AND:
        write_list(w, n->child, n->nchild, " AND ");
        break;
    case ADQL_OR:
        write_bracketed(w, n, "(", " OR ");
        break;
    case ADQL_NOT:
        write_bracketed(w, n, "NOT (", "");
        break;
    case ADQL_CASE:
        write_case(w, n);
        break;
    case ADQL_SUBQUERY:
        write_subquery(w, n->query);
        break;
    case ADQL_HPX_RANGES:
        write_ranges(w, n);
        break;
    case ADQL_NEAR:
        write_near(w, n);
        break;
    case ADQL_CELL:
        write_name(w, n->cells->sql_name);
        break;
    default:
        w->failed = true;
    }
}
